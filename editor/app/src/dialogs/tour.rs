//! The first-run tour: what is where, pointed at; on the card game when nothing else is open.

use egui::{Align2, Area, Frame, Id, Key, Label, Order, RichText, Stroke, StrokeKind, Ui, pos2, vec2};
use statewright_editor_core::open::Open;
use statewright_graph::document::SourceDocument;

use super::Dialog;
use crate::editor::Editor;
use crate::panels::Panel;
use crate::regions::Region;
use crate::todo::Todo;

/// The sample that the tour is on.
const CARDS: &str = include_str!("../../../../samples/card_game/card_game.json");
/// Its schema.
const SCHEMA: &str = include_str!("../../../../samples/card_game/card_game.schema");

struct Step {
    title: &'static str,
    text: &'static str,
    region: Option<Region>,
    panel: Option<Panel>,
}

const STEPS: &[Step] = &[
    Step {
        title: "Welcome",
        text: "A document holds the rules of a game as graphs: handlers that run when an event comes in, functions that they \
               share, filters and effects. This takes a minute; Escape ends it.",
        region: None,
        panel: None,
    },
    Step {
        title: "The canvas",
        text: "One graph. Drag the background to move, turn the wheel to zoom, drag from a pin to connect or to add what fits. \
               Space adds a node anywhere.",
        region: Some(Region::Canvas),
        panel: None,
    },
    Step {
        title: "Graphs",
        text: "Everything in the document. Double-click opens a graph in a tab, F2 renames it and whatever uses it.",
        region: Some(Region::Left),
        panel: Some(Panel::Outline),
    },
    Step {
        title: "Properties",
        text: "What is selected: every input with an editor for its type, and … beside it to refer to a parameter, an output or \
               the state. With nothing selected it is the graph's event, parameters and permissions.",
        region: Some(Region::Right),
        panel: Some(Panel::Properties),
    },
    Step {
        title: "Problems",
        text: "The document is checked while you write. Click a problem to see it, or let it be fixed; F8 goes to the next.",
        region: Some(Region::Bottom),
        panel: Some(Panel::Problems),
    },
    Step {
        title: "Run and step back",
        text: "F5 runs the handler. What was run can be gone through step by step, also backwards: who wrote which field, and \
               who was told.",
        region: Some(Region::Bottom),
        panel: Some(Panel::Run),
    },
    Step {
        title: "Everything by name",
        text: "Ctrl+K finds every command and shows its keys. F1 explains the node that is selected; F6 moves the keyboard from \
               one part of the window to the next.",
        region: Some(Region::Menus),
        panel: None,
    },
];

/// Where the tour is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tour {
    at: usize,
    is_shown: bool,
}

/// The first start shows it, unless a file was asked for or something is to be recovered.
pub fn begin(editor: &mut Editor) {
    let is_first = !editor.settings.tour_seen && editor.host.settings.is_some();
    if is_first && editor.dialog.is_none() {
        start(editor);
    }
}

/// Shows it from the beginning, on the card game if nothing is open.
pub fn start(editor: &mut Editor) {
    if editor.documents.is_empty()
        && let Ok(source) = SourceDocument::parse(CARDS)
    {
        let id = editor.add(Open::new(source));
        if let Some(document) = editor.documents.get_mut(&id) {
            document.set_schema(SCHEMA);
        }
    }
    editor.dialog = Some(Dialog::Tour(Tour::default()));
}

impl Tour {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        editor.settings.tour_seen = true;
        let Some(step) = STEPS.get(self.at) else { return false };
        if !std::mem::replace(&mut self.is_shown, true)
            && let Some(panel) = step.panel
        {
            editor.push(Todo::Panel(panel));
        }
        let colours = editor.colours;
        let place = step.region.and_then(|region| editor.regions.rect(region));
        if let Some(rect) = place {
            let painter = ui.ctx().layer_painter(egui::LayerId::new(Order::Foreground, Id::new("tour-frame")));
            painter.rect_stroke(rect, 6.0, Stroke::new(3.0, colours.accent), StrokeKind::Inside);
        }
        let screen = ui.ctx().content_rect();
        let at = place.filter(|rect| rect.width() < screen.width() * 0.6).map_or(screen.center(), |rect| {
            let x = if rect.center().x < screen.center().x { rect.right() + 210.0 } else { rect.left() - 210.0 };
            pos2(x, rect.center().y.clamp(120.0, screen.bottom() - 140.0))
        });
        let (last, mut go) = (self.at + 1 == STEPS.len(), None);
        let area = Area::new(Id::new("tour")).order(Order::Foreground).pivot(Align2::CENTER_CENTER).fixed_pos(at);
        area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).stroke(Stroke::new(1.5, colours.accent)).inner_margin(16.0).show(ui, |ui| {
                ui.set_width(360.0);
                ui.heading(step.title);
                ui.add(Label::new(step.text).wrap());
                ui.add_space(10.0);
                ui.horizontal(|ui| {
                    ui.label(RichText::new(format!("{} of {}", self.at + 1, STEPS.len())).color(colours.soft));
                    ui.add_space(40.0);
                    if ui.add_enabled(self.at > 0, egui::Button::new("Back")).clicked() {
                        go = Some(self.at.saturating_sub(1));
                    }
                    if ui.add(egui::Button::new(if last { "Done" } else { "Next" }).min_size(vec2(64.0, 0.0))).clicked()
                    {
                        go = Some(self.at + 1);
                    }
                    if !last && ui.button("Skip").clicked() {
                        go = Some(STEPS.len());
                    }
                });
            });
        });
        if let Some(next) = go {
            *self = Tour { at: next, is_shown: false };
            ui.ctx().request_repaint();
        }
        self.at < STEPS.len() && !ui.input(|input| input.key_pressed(Key::Escape))
    }
}
