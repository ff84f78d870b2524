//! The canvas: one graph, drawn and edited.
//!
//! - [`camera`]: which part is seen; [`overlay`]: what is drawn over the graph by whoever runs, tests or compares it
//! - [`pen`]: what drawing needs; [`ground`], [`wires`], [`cards`], [`marks`]: what is drawn, from below; [`icons`]: shapes
//! - [`input`]: the pointer, with [`drags`]: what it drags; [`keyboard`]: everything without a pointer
//! - [`fields`]: values edited on cards; [`hover`]: what the pointer is on; [`menu`]: what can be done with it
//! - [`still`]: a graph that is only looked at; [`minimap`]: the whole graph, small; [`access`]: what a screen reader is told

pub mod access;
pub mod camera;
pub mod cards;
pub mod drags;
pub mod fields;
pub mod ground;
pub mod hover;
pub mod icons;
pub mod input;
pub mod keyboard;
pub mod marks;
pub mod menu;
pub mod minimap;
pub mod overlay;
pub mod pen;
pub mod still;
pub mod wires;

use std::rc::Rc;
use std::sync::Arc;

use egui::{Id, Rect, Response, Sense, Ui};
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::history::Gesture;
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::scene::pick::Hit;
use statewright_editor_core::scene::{Pin, Point, Route, Scene};
use statewright_editor_core::selection::Selection;
use statewright_editor_core::wires::{PinId, START, Wire};
use statewright_graph::document::GraphAt;

use crate::document::DocumentId;
use crate::editor::Editor;
use camera::Camera;
use drags::{Drag, Shift};
use pen::{Detail, Pen};

/// The canvas's id, for focus.
pub fn id() -> Id {
    Id::new("canvas")
}

/// Gestures of the canvas are numbered from here, apart from those of panels.
const GESTURES: u64 = 1 << 40;

/// What the canvas remembers of a gesture.
#[derive(Debug)]
pub struct State {
    /// Where the canvas was on the screen when it was last drawn.
    pub view: Rect,
    /// The point of the canvas that the pointer was last at; `None` while it is elsewhere.
    pub pointer: Option<Point>,
    /// What is being dragged.
    pub drag: Option<Drag>,
    /// The context menu that is open.
    pub menu: Option<menu::Menu>,
    /// The value that is being edited.
    pub editing: Option<fields::Editing>,
    /// The problems that are shown: of a node, or of one pin of it.
    pub problems: Option<Focus>,
    /// A node to bring into view with the next frame.
    pub reveal: Option<Arc<str>>,
    /// Space is held down: `true` once something was dragged with it, which moves the view. Without that it opens the palette
    /// when it is let go.
    pub space: Option<bool>,
    /// Nodes moved by keys, in one gesture as long as they are the same.
    pub(crate) keys: Option<(Gesture, Selection)>,
    gestures: u64,
}

impl Default for State {
    fn default() -> State {
        State {
            view: Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1200.0, 800.0)),
            pointer: None,
            drag: None,
            menu: None,
            editing: None,
            problems: None,
            reveal: None,
            space: None,
            keys: None,
            gestures: GESTURES,
        }
    }
}

impl State {
    /// A gesture that no other has the number of.
    pub fn gesture(&mut self) -> Gesture {
        self.gestures += 1;
        Gesture(self.gestures)
    }
}

/// The graph that is shown.
#[derive(Clone, Debug)]
pub struct Here {
    /// Of which document.
    pub document: DocumentId,
    /// Where it is.
    pub at: GraphAt,
    /// What it is called.
    pub name: GraphName,
    /// What is on it.
    pub scene: Rc<Scene>,
    /// Where it is on the screen.
    pub view: Rect,
    /// Which part of it is seen.
    pub camera: Camera,
}

impl Here {
    /// The graph of the active tab.
    pub fn of(editor: &mut Editor) -> Option<Here> {
        let view = editor.canvas.view;
        let (document, at) = editor.active_mut()?;
        let (name, scene) = (document.graph_name(at)?, document.scene(at)?);
        let camera = document.view(&name).camera;
        Some(Here { document: document.id, at, name, scene, view, camera })
    }

    /// Shows this part of it from now on.
    pub fn look(&self, editor: &mut Editor) {
        if let Some(document) = editor.documents.get_mut(&self.document) {
            document.view(&self.name).camera = self.camera;
        }
    }

    /// Where the keyboard is.
    pub fn focus(&self, editor: &mut Editor) -> Option<Focus> {
        editor.documents.get_mut(&self.document)?.view(&self.name).focus.clone()
    }

    /// The keyboard goes elsewhere.
    pub fn set_focus(&self, editor: &mut Editor, focus: Option<Focus>) {
        if let Some(document) = editor.documents.get_mut(&self.document) {
            document.view(&self.name).focus = focus;
        }
    }
}

/// Selects a node of the active tab's graph, and brings it into view.
pub fn go_to(editor: &mut Editor, node: &Arc<str>) {
    editor.canvas.reveal = Some(node.clone());
    let Some(mut here) = Here::of(editor) else { return };
    here.set_focus(editor, Some(Focus::Node(node.clone())));
    if let Some(card) = here.scene.card(node) {
        here.camera.reveal(here.view, &card.rect);
        here.look(editor);
    }
    let Some((document, at)) = editor.active_mut() else { return };
    document.open.select(Selection::of_nodes(at, [node.clone()]));
}

/// Draws the graph of the active tab.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let (view, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let response = ui.interact(view, id(), Sense::click_and_drag());
    editor.canvas.view = view;
    ui.painter_at(view).rect_filled(view, 0.0, editor.colours.page);
    let Some(mut here) = Here::of(editor) else {
        empty(editor, ui, view);
        return;
    };
    place(editor, &mut here);
    let map = minimap::rect(editor, &here);
    input::take(editor, ui, &response, &mut here, map);
    keyboard::take(editor, ui, &response, &mut here);
    here.look(editor);
    draw(editor, ui, &here, &response);
    access::show(editor, ui, &here, &response);
    fields::show(editor, ui, &here);
    hover::show(editor, ui, &response, &here);
    hover::problems(editor, ui, &here);
    menu::show(editor, ui, &here);
    minimap::show(editor, ui, &here, map);
}

fn empty(editor: &Editor, ui: &Ui, view: Rect) {
    let at = view.center();
    let font = egui::FontId::proportional(16.0);
    let text = if editor.documents.is_empty() {
        "Open a document with File, or drop one here"
    } else {
        "Choose a graph, or add one to the document"
    };
    ui.painter_at(view).text(at, egui::Align2::CENTER_CENTER, text, font, editor.colours.soft);
}

/// Brings everything into view when a graph is shown for the first time, and what was asked for later.
fn place(editor: &mut Editor, here: &mut Here) {
    let Some(document) = editor.documents.get_mut(&here.document) else { return };
    let state = document.view(&here.name);
    if !state.is_placed
        && let Some(bounds) = here.scene.bounds()
    {
        state.is_placed = true;
        here.camera.fit(here.view, &bounds);
        // Too small to read is no help: then the beginning is shown.
        if here.camera.zoom < 0.5
            && let Some(card) = here.scene.cards.first()
        {
            here.camera.zoom = pen::FIELDS;
            let (width, height) = (f64::from(here.view.width()), f64::from(here.view.height()));
            here.camera.centre =
                (card.rect.x + (width / 2.0 - 80.0) / pen::FIELDS, card.rect.y + (height / 2.0 - 160.0) / pen::FIELDS);
        }
    }
    if let Some(card) = editor.canvas.reveal.take().and_then(|node| here.scene.card(&node).map(|card| card.rect)) {
        here.camera.reveal(here.view, &card);
    }
}

/// The pin from which a wire is being drawn, as far as other pins have to know.
#[derive(Clone, Copy, Debug)]
struct From<'a>(&'a Pin);

impl cards::Fits for From<'_> {
    fn takes(&self, pin: &Pin) -> bool {
        pin.id == self.0.id || self.0.joins(pin).is_some()
    }
}

/// Draws everything that is seen.
fn draw(editor: &mut Editor, ui: &Ui, here: &Here, response: &Response) {
    let focus = here.focus(editor).filter(|_| response.has_focus());
    let Some((document, _)) = editor.active() else { return };
    let selection = document.open.selection();
    let is_here = selection.graph == Some(here.at);
    let overlay = editor.overlays.get(&(here.document, here.name.clone()));
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    let shift = editor.canvas.drag.as_ref().map_or_else(Shift::default, |drag| drag.shift(&here.scene));
    let hit = hover::hit(editor, ui, response, here);
    if editor.settings.grid {
        ground::grid(&pen, editor.settings.grid_step);
    }
    let seen = here.scene.in_view(&here.camera.seen(here.view));
    for frame in &seen.frames {
        let rect = pen.rect(&shift.frame(frame));
        ground::frame(&pen, frame, rect, is_here && selection.frames.contains(&frame.id));
    }
    for note in &seen.notes {
        let rect = pen.rect(&shift.note(note));
        ground::note(&pen, note, rect, is_here && selection.notes.contains(&note.id));
    }
    if pen.detail() == Detail::Boxes {
        let wires = seen.wires.iter().map(|wire| (*wire, is_here && selection.wires.contains(&wire.wire)));
        wires::straights(&pen, wires, overlay);
        let cards = seen
            .cards
            .iter()
            .map(|card| (*card, pen.rect(&shift.card(card)), is_here && selection.nodes.contains(&card.id)));
        cards::boxes(&pen, cards, overlay);
        flags(editor, &pen, here);
        if let Some(drag) = &editor.canvas.drag {
            drag.draw(&pen, &here.scene, None);
        }
        return;
    }
    let is_pointed = |wire: &Wire| {
        matches!(&hit, Some(Hit::Wire(other) | Hit::Reroute(other, _)) if other == wire)
            || matches!(&focus, Some(Focus::Wire(other)) if other == wire)
    };
    let is_selected = |wire: &Wire| is_here && selection.wires.contains(wire);
    let shown = seen.wires.iter().filter(|wire| !shift.hides(&wire.wire));
    let (strong, plain): (Vec<_>, Vec<_>) = shown.partition(|wire| is_pointed(&wire.wire) || is_selected(&wire.wire));
    // What is pointed at or selected lies above the others, which step back.
    let is_dimmed = !strong.is_empty();
    for (wires, is_dimmed) in [(plain, is_dimmed), (strong, false)] {
        for wire in wires {
            let moved = shift.wire(&here.scene, wire);
            let (route, points): (&Route, &[Point]) =
                moved.as_ref().map_or((&wire.route, &wire.points), |(route, points)| (route, points));
            let (is_selected, is_pointed) = (is_selected(&wire.wire), is_pointed(&wire.wire));
            wires::draw(&pen, wire, route, points, wires::Look { is_selected, is_pointed, is_dimmed, overlay });
        }
    }
    let drawn_from = editor.canvas.drag.as_ref().and_then(|drag| here.scene.pin(drag.pin()?));
    let from = drawn_from.map(From);
    let hovered_pin: Option<&PinId> = if let Some(Hit::Pin(pin)) = &hit { Some(pin) } else { None };
    for card in &seen.cards {
        let look = cards::Look {
            is_selected: is_here && selection.nodes.contains(&card.id),
            is_hovered: matches!(&hit, Some(Hit::Node(id)) if *id == card.id),
            focus: focus.as_ref(),
            hovered_pin,
            takes: from.as_ref().map(|from| from as &dyn cards::Fits),
            overlay,
        };
        let rect = pen.rect(&shift.card(card));
        cards::draw(&pen, card, rect, &look);
        if let Some(overlay) = overlay {
            marks::values(&pen, overlay, card, rect);
        }
    }
    if let Some(overlay) = overlay.filter(|overlay| !overlay.values.is_empty()) {
        for wire in seen.wires.iter().filter(|wire| !shift.hides(&wire.wire)) {
            let moved = shift.wire(&here.scene, wire);
            let route = moved.as_ref().map_or(&wire.route, |(route, _)| route);
            let is_pointed = matches!(&hit, Some(Hit::Wire(other)) if *other == wire.wire);
            marks::on_wire(&pen, overlay, wire, route, is_pointed);
        }
    }
    flags(editor, &pen, here);
    if let Some(drag) = &editor.canvas.drag {
        drag.draw(&pen, &here.scene, from.is_some().then_some(hit.as_ref()).flatten());
    }
}

/// The bookmarks of the graph.
fn flags(editor: &Editor, pen: &Pen<'_>, here: &Here) {
    let pointer = editor.canvas.pointer.map(|at| pen.at(at));
    for bookmark in &here.scene.bookmarks {
        let rect = marks::flag_rect(pen, bookmark);
        if here.view.intersects(rect) {
            marks::flag(pen, bookmark, pointer.is_some_and(|at| rect.contains(at)));
        }
    }
}

/// Whether a card is one of the document's: the start is not.
pub fn is_node(id: &str) -> bool {
    id != START
}
