//! Settings: looks, canvas, autosave, keys, favourites.

use egui::{DragValue, Event, Grid, Key, RichText, ScrollArea, Ui};
use statewright_editor_core::actions::Action;
use statewright_editor_core::keys::{Bindings, Chord};
use statewright_editor_core::settings::{Settings, Theme};

use crate::editor::Editor;
use crate::{fields, keys};

/// Which page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Page {
    #[default]
    General,
    Keys,
    Favourites,
}

/// Settings are being changed.
#[derive(Clone, Debug, Default)]
pub struct Editing {
    page: Page,
    typed: String,
    /// The action that the next keys are for.
    waits: Option<Action>,
    problem: String,
}

impl Editing {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let pressed = self.waits.and_then(|action| Some((action, pressed(ui)?)));
        if let Some((action, chord)) = pressed.clone() {
            self.waits = None;
            if chord.key != "Escape" {
                self.add(&mut editor.settings.keys, action, chord);
            }
        }
        let is_taken = pressed.is_some();
        let (is_done, closes) = super::modal(ui, "Settings", 620.0, |ui| {
            ui.horizontal(|ui| {
                for (page, title) in
                    [(Page::General, "General"), (Page::Keys, "Keys"), (Page::Favourites, "Favourites")]
                {
                    if ui.selectable_label(self.page == page, title).clicked() {
                        self.page = page;
                    }
                }
            });
            ui.separator();
            match self.page {
                Page::General => general(editor, ui),
                Page::Keys => self.keys(editor, ui),
                Page::Favourites => favourites(editor, ui),
            }
            ui.add_space(10.0);
            ui.button("Done").clicked()
        });
        // Escape that ends waiting for keys is not for the dialog.
        !is_done && (!closes || is_taken)
    }

    fn add(&mut self, bindings: &mut Bindings, action: Action, chord: Chord) {
        let mut chords = bindings.keys(action).to_vec();
        if !chords.contains(&chord) {
            chords.insert(0, chord);
        }
        self.problem = bindings.set(action, chords).err().map(|refused| refused.to_string()).unwrap_or_default();
    }

    fn keys(&mut self, editor: &mut Editor, ui: &mut Ui) {
        let colours = editor.colours;
        ui.horizontal(|ui| {
            fields::text(ui, "Find an action", &mut self.typed, 260.0);
            if ui.button("Reset all keys").clicked() {
                editor.settings.keys = Bindings::default();
                self.problem.clear();
            }
        });
        if !self.problem.is_empty() {
            ui.add(egui::Label::new(RichText::new(&self.problem).color(colours.error)).wrap());
        }
        let found = Action::search(&self.typed, &editor.situation());
        let default = Bindings::default();
        ScrollArea::vertical().max_height(360.0).auto_shrink([false, false]).show(ui, |ui| {
            for action in found {
                self.of_action(editor, ui, action, &default);
            }
        });
    }

    fn of_action(&mut self, editor: &mut Editor, ui: &mut Ui, action: Action, default: &Bindings) {
        let chords = editor.settings.keys.keys(action).to_vec();
        let mut changed = None;
        ui.horizontal(|ui| {
            fields::cell(ui, action.title(), 210.0);
            for chord in &chords {
                ui.label(RichText::new(chord.to_string()).monospace());
                if fields::cross(ui, &format!("Take {chord} from {}", action.title())).clicked() {
                    changed = Some(chords.iter().filter(|other| *other != chord).cloned().collect());
                }
            }
            let waits = self.waits == Some(action);
            let add = ui.selectable_label(waits, if waits { "press keys…" } else { "+" });
            fields::name(&add, &format!("Add keys to {}", action.title()));
            if add.clicked() {
                self.waits = if waits { None } else { Some(action) };
            }
            if chords != default.keys(action) {
                let reset = ui.small_button("Reset");
                fields::name(&reset, &format!("Reset {}", action.title()));
                if reset.clicked() {
                    changed = Some(default.keys(action).to_vec());
                }
            }
        });
        if let Some(chords) = changed {
            self.problem =
                editor.settings.keys.set(action, chords).err().map(|refused| refused.to_string()).unwrap_or_default();
        }
    }
}

/// Keys that were pressed in this frame, taken from everything else.
fn pressed(ui: &Ui) -> Option<Chord> {
    ui.input_mut(|input| {
        let mut found = None;
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, modifiers, .. } if *key != Key::Tab => {
                found = Some(keys::chord(*key, *modifiers));
                false
            }
            Event::Copy | Event::Cut | Event::Paste(_) => {
                let key = match event {
                    Event::Copy => "C",
                    Event::Cut => "X",
                    _ => "V",
                };
                found = Some(Chord { command: true, alt: false, shift: false, key: key.to_owned() });
                false
            }
            _ => true,
        });
        found
    })
}

fn general(editor: &mut Editor, ui: &mut Ui) {
    let settings = &mut editor.settings;
    Grid::new("general").num_columns(2).spacing([24.0, 8.0]).show(ui, |ui| {
        ui.label("Theme");
        ui.horizontal(|ui| {
            for theme in Theme::ALL {
                if ui.selectable_label(settings.theme == theme, title(theme)).clicked() {
                    settings.theme = theme;
                }
            }
        });
        ui.end_row();
        ui.label("Size of everything");
        ui.horizontal(|ui| {
            for percent in [75, 100, 125, 150, 200] {
                let scale = f64::from(percent) / 100.0;
                let is_now = (settings.scale - scale).abs() < 0.01;
                if ui.selectable_label(is_now, format!("{percent} %")).clicked() {
                    settings.scale = scale;
                }
            }
        });
        ui.end_row();
        canvas(settings, ui);
        ui.label("Keep unsaved changes every");
        let seconds = DragValue::new(&mut settings.autosave_seconds).range(1..=600).suffix(" s");
        fields::name(&ui.add(seconds), "Seconds between autosaves");
        ui.end_row();
        ui.label("Recent files");
        if ui.button("Forget recent files").clicked() {
            settings.recent.clear();
        }
        ui.end_row();
    });
}

fn canvas(settings: &mut Settings, ui: &mut Ui) {
    for (label, value) in [
        ("Draw the grid", &mut settings.grid),
        ("Snap nodes to the grid", &mut settings.snap),
        ("Show the minimap", &mut settings.minimap),
        ("Show the toolbar", &mut settings.toolbar),
    ] {
        ui.label("");
        ui.checkbox(value, label);
        ui.end_row();
    }
    ui.label("Distance of grid lines");
    let step = ui.add(DragValue::new(&mut settings.grid_step).range(4.0..=100.0).speed(1.0).max_decimals(0));
    fields::name(&step, "Distance of grid lines");
    ui.end_row();
}

fn title(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
        Theme::HighContrast => "High contrast",
    }
}

fn favourites(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let favourites: Vec<String> = editor.settings.habits.favourites.iter().cloned().collect();
    if favourites.is_empty() {
        fields::hint(ui, &colours, "Nodes that you mark in the palette stand here and come first there.");
    }
    for favourite in favourites {
        ui.horizontal(|ui| {
            fields::cell(ui, &favourite, 260.0);
            if fields::cross(ui, &format!("Remove favourite {favourite}")).clicked() {
                editor.settings.habits.toggle(&favourite);
            }
        });
    }
}
