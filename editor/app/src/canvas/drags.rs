//! What the pointer drags, and how the graph looks meanwhile. The document changes when it is dropped, by one command.

use std::sync::Arc;

use egui::{Color32, Stroke, StrokeKind};
use statewright_editor_core::command::Command;
use statewright_editor_core::command::arrange::snapped;
use statewright_editor_core::history::Gesture;
use statewright_editor_core::meta::{Frame, Note, Rect};
use statewright_editor_core::scene::pick::Hit;
use statewright_editor_core::scene::{Card, Point, Route, Scene, SceneWire};
use statewright_editor_core::selection::{Mode, Selection};
use statewright_editor_core::wires::{PinId, Wire};
use statewright_graph::document::GraphAt;

use super::pen::Pen;
use super::wires;

/// Least size of a frame or note.
const LEAST: f64 = 60.0;

/// What is dragged.
#[derive(Clone, Debug)]
pub enum Drag {
    /// The view.
    Pan,
    /// A rubber band.
    Band {
        /// Where it began.
        from: Point,
        /// Where the pointer is.
        to: Point,
        /// How the selection grows.
        mode: Mode,
    },
    /// Nodes, frames, notes.
    Move {
        /// All that moves: with a frame what is wholly in it.
        what: Selection,
        /// The left top of what was grabbed, which snaps to the grid.
        corner: Point,
        /// Where it was grabbed.
        from: Point,
        /// How far it is.
        by: (f64, f64),
    },
    /// The corner of a frame or note.
    Size {
        /// Whether it is a frame.
        is_frame: bool,
        /// Which.
        id: String,
        /// How large it is now.
        rect: Rect,
    },
    /// A wire from a pin.
    Wire {
        /// Where it begins.
        from: PinId,
        /// The wire whose end is taken elsewhere.
        moved: Option<Wire>,
        /// Where the pointer is.
        to: Point,
    },
    /// A point of a wire.
    Reroute {
        /// Of which.
        wire: Wire,
        /// All its points as they are now.
        points: Vec<Point>,
        /// Which one is dragged.
        index: usize,
    },
    /// A number, changed by dragging at its field.
    Number {
        /// Where it is.
        pin: PinId,
        /// What it was.
        before: f64,
        /// How much a point of the screen is.
        step: f64,
        /// Whole numbers stay whole.
        range: Option<(i128, i128)>,
        /// How far the pointer went to the right.
        by: f64,
        /// All of it is one step.
        gesture: Gesture,
    },
    /// The rectangle of the minimap.
    Map,
}

/// How much of a graph is elsewhere while it is dragged.
#[derive(Clone, Debug, Default)]
pub struct Shift<'a> {
    what: Option<&'a Selection>,
    by: (f64, f64),
    size: Option<(bool, &'a str, Rect)>,
    reroute: Option<(&'a Wire, &'a [Point])>,
    hidden: Option<&'a Wire>,
}

impl Drag {
    /// The pin from which a wire is drawn.
    pub fn pin(&self) -> Option<&PinId> {
        if let Drag::Wire { from, .. } = self { Some(from) } else { None }
    }

    /// The pointer is at another point. `step` is the grid's to snap to, 0 for none.
    pub fn go(&mut self, at: Point, step: f64) {
        match self {
            Drag::Band { to, .. } | Drag::Wire { to, .. } => *to = at,
            Drag::Move { corner, from, by, .. } => {
                let wanted = (corner.0 + at.0 - from.0, corner.1 + at.1 - from.1);
                let (x, y) = snapped(wanted, step);
                *by = (x - corner.0, y - corner.1);
            }
            Drag::Size { rect, .. } => {
                let (x, y) = snapped(at, step);
                rect.width = (x - rect.x).max(LEAST);
                rect.height = (y - rect.y).max(LEAST);
            }
            Drag::Reroute { points, index, .. } => {
                if let Some(point) = points.get_mut(*index) {
                    *point = snapped(at, step / 2.0);
                }
            }
            Drag::Pan | Drag::Number { .. } | Drag::Map => {}
        }
    }

    /// What dropping it does to places; nothing for what is no matter of places.
    pub fn dropped(&self, graph: GraphAt, scene: &Scene) -> Option<Command> {
        match self {
            Drag::Move { what, by, .. } if *by != (0.0, 0.0) => Some(moved(graph, scene, what, *by)),
            Drag::Size { is_frame, id, rect } => {
                let all = vec![(id.clone(), *rect)];
                let (frames, notes) = if *is_frame { (all, Vec::new()) } else { (Vec::new(), all) };
                Some(Command::Place { graph, nodes: Vec::new(), frames, notes })
            }
            Drag::Reroute { wire, points, .. } => {
                Some(Command::Reroute { graph, wire: wire.clone(), points: points.clone() })
            }
            _ => None,
        }
    }

    /// What of the graph is elsewhere.
    pub fn shift(&self, _scene: &Scene) -> Shift<'_> {
        match self {
            Drag::Move { what, by, .. } => Shift { what: Some(what), by: *by, ..Shift::default() },
            Drag::Size { is_frame, id, rect } => Shift { size: Some((*is_frame, id, *rect)), ..Shift::default() },
            Drag::Reroute { wire, points, .. } => Shift { reroute: Some((wire, points)), ..Shift::default() },
            Drag::Wire { moved, .. } => Shift { hidden: moved.as_ref(), ..Shift::default() },
            _ => Shift::default(),
        }
    }

    /// Draws what is only there while it is dragged.
    pub fn draw(&self, pen: &Pen<'_>, scene: &Scene, hit: Option<&Hit>) {
        match self {
            Drag::Band { from, to, .. } => {
                let rect = pen.rect(&Rect::between(*from, *to));
                let colour = pen.colours.accent;
                pen.painter.rect(rect, 2.0, colour.gamma_multiply(0.14), Stroke::new(1.0, colour), StrokeKind::Inside);
            }
            Drag::Wire { from, to, .. } => {
                let Some(begin) = scene.pin_at(from) else { return };
                let Some(pin) = scene.pin(from) else { return };
                // A wire that would do ends in the pin.
                let end = match hit {
                    Some(Hit::Pin(other)) if scene.pin(other).is_some_and(|other| pin.joins(other).is_some()) => {
                        scene.pin_at(other).unwrap_or(*to)
                    }
                    _ => *to,
                };
                let (a, b) = if from.is_source() { (begin, end) } else { (end, begin) };
                let colour: Color32 = if from.is_flow() { pen.colours.flow } else { pen.colours.kind(pin.kind) };
                wires::curve(pen, &Route::new(a, b, &[]), pen.width(2.6, 1.6), colour);
                pen.painter.circle_filled(pen.at(end), pen.width(4.0, 2.5), colour);
            }
            _ => {}
        }
    }
}

/// Everything that is selected, so much further.
pub fn moved(graph: GraphAt, scene: &Scene, what: &Selection, (x, y): (f64, f64)) -> Command {
    let cards = what.nodes.iter().filter_map(|id| scene.card(id));
    let nodes: Vec<(Arc<str>, Point)> =
        cards.map(|card| (card.id.clone(), (card.rect.x + x, card.rect.y + y))).collect();
    let further = |rect: Rect| Rect { x: rect.x + x, y: rect.y + y, ..rect };
    let frames = scene.frames.iter().filter(|frame| what.frames.contains(&frame.id));
    let notes = scene.notes.iter().filter(|note| what.notes.contains(&note.id));
    Command::Place {
        graph,
        nodes,
        frames: frames.map(|frame| (frame.id.clone(), further(frame.rect))).collect(),
        notes: notes.map(|note| (note.id.clone(), further(note.rect))).collect(),
    }
}

/// All that moves with a selection: what is wholly in its frames too.
pub fn with_frames(scene: &Scene, selection: &Selection) -> Selection {
    selection.frames.iter().fold(selection.clone(), |all, frame| all.with(&scene.in_frame(frame), Mode::Add))
}

impl Shift<'_> {
    fn moves(&self, node: &Arc<str>) -> bool {
        self.what.is_some_and(|what| what.nodes.contains(node))
    }

    fn rect(&self, rect: Rect, is_moved: bool) -> Rect {
        if is_moved { Rect { x: rect.x + self.by.0, y: rect.y + self.by.1, ..rect } } else { rect }
    }

    /// Where a card is.
    pub fn card(&self, card: &Card) -> Rect {
        self.rect(card.rect, self.moves(&card.id))
    }

    /// Where a frame is.
    pub fn frame(&self, frame: &Frame) -> Rect {
        if let Some((true, id, rect)) = self.size
            && *id == *frame.id
        {
            return rect;
        }
        self.rect(frame.rect, self.what.is_some_and(|what| what.frames.contains(&frame.id)))
    }

    /// Where a note is.
    pub fn note(&self, note: &Note) -> Rect {
        if let Some((false, id, rect)) = self.size
            && *id == *note.id
        {
            return rect;
        }
        self.rect(note.rect, self.what.is_some_and(|what| what.notes.contains(&note.id)))
    }

    /// Whether a wire is not drawn, as its end is being taken elsewhere.
    pub fn hides(&self, wire: &Wire) -> bool {
        self.hidden == Some(wire)
    }

    /// How a wire goes, where that is another way than the scene's.
    pub fn wire(&self, scene: &Scene, wire: &SceneWire) -> Option<(Route, Vec<Point>)> {
        let (begin, end) = (wire.route.pieces.first()?[0], wire.route.pieces.last()?[3]);
        if let Some((_, points)) = self.reroute.filter(|(other, _)| **other == wire.wire) {
            return Some((Route::new(begin, end, points), points.to_vec()));
        }
        let (from, to) = (
            self.moves(&wire.wire.from.node),
            self.moves(&wire.wire.to.node) || (wire.ends && self.moves(&wire.wire.from.node)),
        );
        if !from && !to {
            return None;
        }
        let by = |(x, y): Point, is_moved: bool| if is_moved { (x + self.by.0, y + self.by.1) } else { (x, y) };
        // Both ends of a wire whose other end is nowhere move with the one that is somewhere.
        let from = from || scene.card(&wire.wire.from.node).is_none();
        let ends = (by(begin, from), by(end, to));
        let way = scene.way(&wire.wire.from, ends, &wire.points, |card| !self.moves(&card.id));
        Some((way.route, wire.points.clone()))
    }
}
