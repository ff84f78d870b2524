//! A value as a tree, with search, and what changed in it marked.

use std::collections::BTreeSet;

use egui::{Key as Button, RichText, ScrollArea, Ui};
use statewright_editor_core::run::flow::short;
use statewright_editor_core::run::timeline::{Key, path_text};
use statewright_types::Value;

use crate::theme::Colours;

/// How many rows there may be; a search that finds more says so.
const MOST: usize = 20_000;

/// Which parts are open, and what is looked for.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    open: BTreeSet<Vec<Key>>,
    search: String,
    /// The row that was clicked last.
    pub selected: Option<Vec<Key>>,
}

struct Row {
    path: Vec<Key>,
    name: String,
    value: String,
    is_open: Option<bool>,
}

impl Tree {
    /// Draws `root`; `changed` are paths that are marked.
    pub fn show(&mut self, ui: &mut Ui, title: &str, root: &Value, changed: &BTreeSet<Vec<Key>>, colours: &Colours) {
        ui.horizontal(|ui| {
            let label = ui.label(RichText::new(title).strong());
            let edit = egui::TextEdit::singleline(&mut self.search).hint_text("search").desired_width(f32::INFINITY);
            let edit = ui.add(edit).labelled_by(label.id);
            super::named(&edit, egui::WidgetType::TextEdit, &format!("Search {title}"));
        });
        let rows = self.rows(root);
        let height = ui.text_style_height(&egui::TextStyle::Body).max(18.0);
        let room = (ui.available_height() - 34.0).max(60.0);
        let scroll = ScrollArea::both().id_salt((title, "tree")).max_height(room).auto_shrink([false, false]);
        scroll.show_rows(ui, height, rows.len(), |ui, range| {
            for row in rows.get(range).unwrap_or(&[]) {
                self.row(ui, row, changed, colours);
            }
        });
        if rows.len() >= MOST {
            ui.label(RichText::new("and more: search for something narrower").color(colours.soft));
        }
    }

    fn row(&mut self, ui: &mut Ui, row: &Row, changed: &BTreeSet<Vec<Key>>, colours: &Colours) {
        let has_changed = changed.contains(&row.path) || (row.is_open == Some(false) && is_within(changed, &row.path));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add_space(12.0 * (row.path.len().saturating_sub(1)) as f32);
            match row.is_open {
                Some(is_open) => {
                    let mark = if is_open { "⏷" } else { "⏵" };
                    let button = ui.add(egui::Button::new(mark).frame(false).small());
                    let verb = if is_open { "Close" } else { "Open" };
                    super::named(&button, egui::WidgetType::Button, &format!("{verb} {}", path_text(&row.path)));
                    if button.clicked() {
                        self.toggle(&row.path);
                    }
                }
                None => ui.add_space(18.0),
            }
            let text = RichText::new(format!("{}: {}", row.name, row.value)).monospace();
            let text = if has_changed { text.color(colours.changed).strong() } else { text.color(colours.text) };
            let label = ui.selectable_label(self.selected.as_ref() == Some(&row.path), text);
            if label.clicked() {
                self.selected = Some(row.path.clone());
            }
            let wants = |ui: &Ui, key| label.has_focus() && ui.input(|input| input.key_pressed(key));
            let is_moved = wants(ui, Button::ArrowRight) && row.is_open == Some(false);
            if label.double_clicked() || is_moved || (wants(ui, Button::ArrowLeft) && row.is_open == Some(true)) {
                self.toggle(&row.path);
            }
        });
    }

    fn toggle(&mut self, path: &[Key]) {
        if !self.open.remove(path) {
            self.open.insert(path.to_vec());
        }
    }

    /// Opens everything on the way to a part, and selects it.
    pub fn reveal(&mut self, path: &[Key]) {
        for end in 1..path.len() {
            self.open.extend(path.get(..end).map(<[Key]>::to_vec));
        }
        self.selected = Some(path.to_vec());
        self.search.clear();
    }

    fn rows(&self, root: &Value) -> Vec<Row> {
        let wanted = self.search.trim().to_lowercase();
        let mut rows = Vec::new();
        let mut open: Vec<(Vec<Key>, &Value)> = children(&[], root);
        open.reverse();
        while let Some((path, value)) = open.pop() {
            if rows.len() >= MOST {
                break;
            }
            let inner = children(&path, value);
            let is_open = self.open.contains(&path) || !wanted.is_empty();
            let name = match path.last() {
                Some(Key::Field(name)) if wanted.is_empty() => name.to_string(),
                Some(Key::Index(index)) if wanted.is_empty() => format!("[{index}]"),
                _ => path_text(&path),
            };
            let shown = match value {
                Value::Map(entries) => format!("{{{}}}", entries.len()),
                Value::List(elements) => format!("[{}]", elements.len()),
                other => short(other),
            };
            let is_found = wanted.is_empty()
                || name.to_lowercase().contains(&wanted)
                || (inner.is_empty() && shown.to_lowercase().contains(&wanted));
            let has_children = !inner.is_empty();
            if is_open {
                open.extend(inner.into_iter().rev());
            }
            if is_found {
                let is_open = has_children.then_some(is_open);
                rows.push(Row { path, name, value: shown, is_open });
            }
        }
        rows
    }
}

fn is_within(changed: &BTreeSet<Vec<Key>>, path: &[Key]) -> bool {
    changed.range(path.to_vec()..).next().is_some_and(|next| next.starts_with(path))
}

fn children<'v>(path: &[Key], value: &'v Value) -> Vec<(Vec<Key>, &'v Value)> {
    let with = |key: Key| path.iter().cloned().chain([key]).collect::<Vec<_>>();
    match value {
        Value::Map(entries) => entries.iter().map(|(name, value)| (with(Key::Field(name.clone())), value)).collect(),
        Value::List(elements) => {
            elements.iter().enumerate().map(|(index, value)| (with(Key::Index(index)), value)).collect()
        }
        _ => Vec::new(),
    }
}
