//! Menus, tabs and the line at the bottom.

use egui::{Panel as EguiPanel, RichText, ScrollArea, Ui};
use statewright_editor_core::actions::{Action, Menu};

use crate::editor::Editor;
use crate::fields;
use crate::regions::Region;
use crate::theme;
use crate::todo::Todo;
use crate::toolbar;

/// Recent files in the menu.
const RECENT: usize = 10;

/// The menus: every action.
pub fn menus(editor: &mut Editor, ui: &mut Ui) {
    let situation = editor.situation();
    egui::MenuBar::new().ui(ui, |ui| {
        for (menu, title) in [
            (Menu::File, "File"),
            (Menu::Edit, "Edit"),
            (Menu::Arrange, "Arrange"),
            (Menu::View, "View"),
            (Menu::Go, "Go"),
            (Menu::Run, "Run"),
            (Menu::Help, "Help"),
        ] {
            let shown = ui.menu_button(title, |ui| {
                ui.set_min_width(260.0);
                for action in Action::ALL.iter().copied().filter(|action| action.menu() == menu) {
                    let keys = editor.settings.keys.keys(action).first().map(ToString::to_string).unwrap_or_default();
                    let button = egui::Button::new(action.title()).shortcut_text(keys);
                    if ui.add_enabled(action.when().holds(&situation), button).clicked() {
                        editor.push(Todo::Act(action));
                        ui.close();
                    }
                    if action == Action::OpenFolder {
                        recent(editor, ui);
                    }
                }
            });
            if menu == Menu::File {
                editor.regions.first(Region::Menus, &shown.response);
            }
        }
        editor.regions.drawn(Region::Menus, ui.min_rect());
        if editor.settings.toolbar {
            ui.scope(|ui| toolbar::show(editor, ui));
        }
    });
}

fn recent(editor: &mut Editor, ui: &mut Ui) {
    let paths: Vec<_> = editor.settings.recent.iter().take(RECENT).cloned().collect();
    ui.add_enabled_ui(!paths.is_empty(), |ui| {
        ui.menu_button("Recent", |ui| {
            for path in paths {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    editor.push(Todo::Open(path));
                    ui.close();
                }
            }
            ui.separator();
            if ui.button("Clear").clicked() {
                editor.settings.recent.clear();
                ui.close();
            }
        });
    });
}

/// The tabs: one for each graph that is shown.
pub fn tabs(editor: &mut Editor, ui: &mut Ui) {
    let mut todo = None;
    let colours = editor.colours;
    let several = editor.documents.len() > 1;
    let shown = EguiPanel::top("tabs").show(ui, |ui| {
        ScrollArea::horizontal().show(ui, |ui| {
            ui.horizontal(|ui| {
                for (index, tab) in editor.tabs.iter().enumerate() {
                    let Some(document) = editor.documents.get(&tab.document) else { continue };
                    let is_modified = document.open.is_modified();
                    let name = if tab.name.name.is_empty() { "No graph" } else { &*tab.name.name };
                    let title = if several { format!("{name}  {}", document.name()) } else { name.to_owned() };
                    let (sign, colour) = theme::graph_sign(&colours, tab.name.kind());
                    fields::badge(ui, &colours, sign, colour);
                    let is_active = index == editor.active;
                    let mark = if is_modified { format!("{title} •") } else { title.clone() };
                    let text = RichText::new(mark);
                    let text = if is_active { text.strong() } else { text };
                    let saved = if is_modified { ", not saved" } else { "" };
                    let button =
                        ui.selectable_label(is_active, text).on_hover_text(format!("{}{saved}", document.name()));
                    let label = format!("Tab {title}{saved}");
                    button.widget_info(|| {
                        egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, is_active, &label)
                    });
                    if is_active {
                        editor.regions.first(Region::Tabs, &button);
                    }
                    if button.clicked() {
                        todo = Some(Todo::ShowTab(index));
                    }
                    let close = fields::cross(ui, &format!("Close tab {title}"));
                    if close.clicked() || button.middle_clicked() {
                        todo = Some(Todo::CloseTab(index));
                    }
                    ui.add_space(4.0);
                }
            });
        });
    });
    editor.regions.drawn(Region::Tabs, shown.response.rect);
    if let Some(todo) = todo {
        editor.push(todo);
    }
}

/// The line at the bottom: problems, where the document is, what its schema says.
pub fn status(editor: &mut Editor, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let colours = editor.colours;
        let Some((document, at)) = editor.active() else {
            ui.label(RichText::new("Nothing is open").color(colours.soft));
            return;
        };
        let (errors, warnings) = document.checked.findings.count();
        let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let text = match (document.is_checked(), errors, warnings) {
            (false, ..) => "checking…".to_owned(),
            (true, 0, 0) => "no problems".to_owned(),
            (true, errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
        };
        let colour = match (errors, warnings) {
            (0, 0) => colours.soft,
            (0, _) => colours.warning,
            _ => colours.error,
        };
        let path = document.open.path().map(|path| path.display().to_string());
        let nodes = document.graph(at).map(|graph| graph.nodes.len()).unwrap_or_default();
        let selected = document.open.selection().len();
        let schema = document.schema.problem.clone();
        let nodes_problem = document.nodes.problem.clone();
        let is_modified = document.open.is_modified();
        if ui.selectable_label(false, RichText::new(text).color(colour)).clicked() {
            editor.push(Todo::Act(Action::Problems));
        }
        ui.separator();
        ui.label(RichText::new(plural(nodes, "node")).color(colours.soft));
        if selected > 0 {
            ui.label(RichText::new(format!("{selected} selected")).color(colours.soft));
        }
        if let Some(problem) = schema {
            ui.separator();
            ui.label(RichText::new("schema cannot be read").color(colours.error)).on_hover_text(problem);
        }
        if let Some((said, problem)) = nodes_problem {
            ui.separator();
            ui.label(RichText::new(said).color(colours.error)).on_hover_text(problem);
        }
        ui.separator();
        let saved = if is_modified { "not saved" } else { "saved" };
        ui.label(RichText::new(saved).color(colours.soft));
        let path = path.unwrap_or_else(|| "no file yet".to_owned());
        ui.add(egui::Label::new(RichText::new(path).color(colours.soft)).truncate());
    });
}
