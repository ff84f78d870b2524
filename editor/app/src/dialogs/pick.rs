//! What an input refers to: parameters, outputs, state, configuration by group, and how a path goes on.

use std::sync::Arc;

use egui::{Key, Modifiers, RichText, ScrollArea, Ui};
use statewright_editor_core::command::Command;
use statewright_editor_core::paths::{Fit, fits};
use statewright_editor_core::references::{Group, choices, scope, search};
use statewright_graph::document::GraphAt;
use statewright_types::{Type, Value};

use super::commands::moved;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::todo::Todo;

/// A reference is being chosen.
#[derive(Debug)]
pub struct Picking {
    document: DocumentId,
    graph: GraphAt,
    nodes: Vec<Arc<str>>,
    port: String,
    wanted: Option<Type>,
    is_path: bool,
    only_fitting: bool,
    typed: String,
    chosen: usize,
    is_there: bool,
}

/// Something to choose.
struct Offer {
    group: Option<Group>,
    text: String,
    label: String,
    ty: String,
    docs: String,
    goes_on: bool,
}

impl Picking {
    /// For an input of nodes; `wanted` is its type, where that is known; a state path is one without a scheme.
    pub fn new(
        document: DocumentId,
        graph: GraphAt,
        nodes: Vec<Arc<str>>,
        port: &str,
        wanted: Option<Type>,
        is_path: bool,
        now: &str,
    ) -> Picking {
        let typed = if is_path || now.contains(':') { now.to_owned() } else { String::new() };
        let port = port.to_owned();
        let only_fitting = wanted.is_some();
        Picking { document, graph, nodes, port, wanted, is_path, only_fitting, typed, chosen: 0, is_there: false }
    }

    fn offers(&self, editor: &Editor) -> Vec<Offer> {
        let Some(document) = editor.documents.get(&self.document) else { return Vec::new() };
        let source = document.open.source();
        let scope = scope(source, self.graph, &document.context);
        let is_begun = self.typed.contains(['.', '[']);
        if self.is_path || is_begun {
            let found = match (&scope, self.is_path) {
                (Some(scope), true) => scope.complete_path(&self.typed),
                (Some(scope), false) => scope.complete_reference(&self.typed),
                (None, _) => Vec::new(),
            };
            if self.is_path || !found.is_empty() {
                let offer = |found: statewright_editor_core::paths::complete::Completion| Offer {
                    group: None,
                    goes_on: !found.label.contains("length"),
                    text: found.text,
                    label: found.label,
                    ty: found.ty,
                    docs: found.docs,
                };
                return found.into_iter().map(offer).collect();
            }
        }
        let node = self.nodes.first().map_or("", |node| node);
        let all = choices(source, self.graph, node, &document.context);
        let found = search(&all, &self.typed, self.wanted.as_ref());
        let may = |known: &Option<Type>| match (known, &self.wanted) {
            (Some(known), Some(wanted)) => fits(known, wanted) != Fit::Broken || has_parts(known),
            _ => true,
        };
        let found = found.into_iter().filter(|choice| !self.only_fitting || may(&choice.known));
        let offers = found.map(|choice| Offer {
            group: Some(choice.group),
            text: choice.text.clone(),
            label: choice.text.clone(),
            ty: choice.ty.clone(),
            docs: choice.docs.clone(),
            goes_on: choice.known.as_ref().is_some_and(has_parts),
        });
        let mut offers: Vec<Offer> = offers.collect();
        if self.typed.is_empty() {
            offers.sort_by_key(|offer| offer.group);
        }
        offers
    }

    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let colours = editor.colours;
        let offers = self.offers(editor);
        let wanted = self.wanted.as_ref().and_then(|wanted| {
            let schema = editor.documents.get(&self.document)?.context.schema.clone()?;
            Some(schema.show(wanted).to_string())
        });
        let title = format!("{} refers to", self.port);
        let (done, closes) = super::modal(ui, &title, 560.0, |ui| {
            let before = self.chosen;
            self.chosen = moved(ui, self.chosen, offers.len());
            let goes_on = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));
            let field = fields::text(ui, "Reference", &mut self.typed, f32::INFINITY);
            if !std::mem::replace(&mut self.is_there, true) {
                field.request_focus();
            }
            if field.changed() {
                self.chosen = 0;
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            ui.horizontal(|ui| {
                if let Some(wanted) = wanted {
                    ui.checkbox(&mut self.only_fitting, format!("Only what fits {wanted}"));
                }
                ui.label(RichText::new("Enter takes it, Tab goes on into it").small().color(colours.soft));
            });
            let mut done = None;
            if entered {
                let offer = offers.get(self.chosen).map(|offer| offer.text.clone());
                done = Some(offer.unwrap_or_else(|| self.typed.clone()));
            }
            if goes_on && let Some(offer) = offers.get(self.chosen) {
                self.go_on(ui, &field, offer);
            }
            ScrollArea::vertical().max_height(360.0).auto_shrink([false, false]).show(ui, |ui| {
                let mut group = None;
                for (index, offer) in offers.iter().enumerate() {
                    if offer.group != group && self.typed.is_empty() {
                        group = offer.group;
                        fields::heading(ui, group.map_or("", Group::title));
                    }
                    if self.one(ui, &colours, index, offer, before, &field) {
                        done = Some(offer.text.clone());
                    }
                }
                if offers.is_empty() {
                    fields::hint(ui, &colours, "Nothing goes with this; Enter takes it as it is written.");
                }
            });
            done
        });
        let Some(text) = done else { return !closes };
        let value = Some(Value::str(text.as_str())).filter(|_| !text.is_empty());
        let (graph, nodes, port) = (self.graph, self.nodes.clone(), self.port.clone());
        editor.push(Todo::RunIn(self.document, Command::SetInput { graph, nodes, port, value }));
        false
    }

    fn one(
        &mut self,
        ui: &mut Ui,
        colours: &crate::theme::Colours,
        index: usize,
        offer: &Offer,
        before: usize,
        field: &egui::Response,
    ) -> bool {
        let is_selected = index == self.chosen;
        ui.horizontal(|ui| {
            if offer.goes_on {
                if fields::sign(ui, "›", &format!("Into {}", offer.text)).clicked() {
                    self.go_on(ui, field, offer);
                }
            } else {
                ui.add_space(22.0);
            }
            let row = Row { text: &offer.label, soft: &offer.ty, is_selected, ..Row::default() };
            let mut shown = fields::row(ui, colours, &row);
            if is_selected && before != index {
                shown.scroll_to_me(None);
            }
            if !offer.docs.is_empty() {
                shown = shown.on_hover_text(&offer.docs);
            }
            shown.clicked()
        })
        .inner
    }

    /// The path goes on behind an offer.
    fn go_on(&mut self, ui: &Ui, field: &egui::Response, offer: &Offer) {
        self.typed = if offer.goes_on { format!("{}.", offer.text) } else { offer.text.clone() };
        self.chosen = 0;
        field.request_focus();
        let end = egui::text::CCursor::new(self.typed.chars().count());
        if let Some(mut state) = egui::TextEdit::load_state(ui.ctx(), field.id) {
            state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
            state.store(ui.ctx(), field.id);
        }
    }
}

/// Whether a reference can go on behind a value of the type.
fn has_parts(ty: &Type) -> bool {
    matches!(ty.non_null(), Type::Struct(_) | Type::Record(_) | Type::List(_) | Type::Map(..))
}
