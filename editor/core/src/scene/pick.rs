//! Questions about places: what is under the pointer, in a rubber band, in view.

use crate::meta::Rect;
use crate::selection::Selection;
use crate::wires::{PinId, START, Wire};

use super::{Card, Item, Point, Scene, SceneWire};
use crate::meta::{Frame, Note};

/// How far from a pin counts as on it, units of the canvas.
pub const PIN_REACH: f64 = 9.0;
/// How far from a wire counts as on it.
pub const WIRE_REACH: f64 = 6.0;
/// Height of a frame's title.
pub const TITLE: f64 = 26.0;
/// How far from a frame's edge counts as on it.
const EDGE: f64 = 6.0;

/// What is under a point, the topmost of it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Hit {
    Pin(PinId),
    /// A reroute point of a wire, by position.
    Reroute(Wire, usize),
    /// A node, or the start.
    Node(std::sync::Arc<str>),
    Wire(Wire),
    Note(String),
    /// The right bottom corner of a note or frame: dragging resizes it.
    Corner {
        frame: bool,
        id: String,
    },
    /// A frame's title or edge.
    Frame(String),
}

/// What is in a rectangle, each list in the order of drawing.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct InView<'a> {
    pub frames: Vec<&'a Frame>,
    pub notes: Vec<&'a Note>,
    pub wires: Vec<&'a SceneWire>,
    pub cards: Vec<&'a Card>,
}

impl Scene {
    /// What is under a point. At a zoom below 1 reach is larger on the canvas: `scale` is units of the canvas per pixel.
    pub fn pick(&self, at: Point, scale: f64) -> Option<Hit> {
        let scale = if scale.is_finite() { scale.clamp(0.1, 20.0) } else { 1.0 };
        let reach = PIN_REACH * scale;
        let items = self.grid.at(&Rect::new(at.0, at.1, 0.0, 0.0).grown(reach));
        let cards = items.iter().rev().filter_map(|item| match item {
            Item::Card(index) => self.cards.get(*index as usize),
            _ => None,
        });
        for card in cards.clone() {
            let near = |pin: &&super::Pin| distance(card.place_of(pin), at) <= reach;
            if let Some(pin) = card.pins.iter().find(near) {
                return Some(Hit::Pin(pin.id.clone()));
            }
        }
        let wires = items.iter().rev().filter_map(|item| match item {
            Item::Wire(index) => self.wires.get(*index as usize),
            _ => None,
        });
        for wire in wires.clone() {
            if let Some(point) = wire.points.iter().position(|point| distance(*point, at) <= reach) {
                return Some(Hit::Reroute(wire.wire.clone(), point));
            }
        }
        if let Some(card) = cards.clone().find(|card| card.rect.contains(at)) {
            return Some(Hit::Node(card.id.clone()));
        }
        let near = wires.map(|wire| (wire, wire.route.distance(at))).min_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((wire, _)) = near.filter(|(_, distance)| *distance <= WIRE_REACH * scale) {
            return Some(Hit::Wire(wire.wire.clone()));
        }
        self.pick_below(&items, at, scale)
    }

    /// Notes and frames.
    fn pick_below(&self, items: &[Item], at: Point, scale: f64) -> Option<Hit> {
        let corner = |rect: &Rect| distance((rect.right(), rect.bottom()), at) <= 2.0 * PIN_REACH * scale;
        for item in items.iter().rev() {
            match item {
                Item::Note(index) => {
                    let note = self.notes.get(*index as usize)?;
                    if corner(&note.rect) {
                        return Some(Hit::Corner { frame: false, id: note.id.clone() });
                    }
                    if note.rect.contains(at) {
                        return Some(Hit::Note(note.id.clone()));
                    }
                }
                Item::Frame(index) => {
                    let Frame { id, rect, .. } = self.frames.get(*index as usize)?;
                    if corner(rect) {
                        return Some(Hit::Corner { frame: true, id: id.clone() });
                    }
                    let is_title = rect.contains(at) && at.1 <= rect.y + TITLE;
                    let inner = rect.grown(-EDGE * scale);
                    if is_title || (rect.grown(EDGE * scale).contains(at) && !inner.contains(at)) {
                        return Some(Hit::Frame(id.clone()));
                    }
                }
                Item::Wire(_) | Item::Card(_) => {}
            }
        }
        None
    }

    /// What a rubber band takes in: nodes that it touches, frames and notes that are wholly in it, wires whose both ends are.
    pub fn band(&self, rect: &Rect) -> Selection {
        let mut selection = Selection { graph: Some(self.graph), ..Selection::default() };
        for item in self.grid.at(rect) {
            match item {
                Item::Card(index) => {
                    let card =
                        self.cards.get(index as usize).filter(|card| card.rect.touches(rect) && &*card.id != START);
                    selection.nodes.extend(card.map(|card| card.id.clone()));
                }
                Item::Frame(index) => {
                    let frame = self.frames.get(index as usize).filter(|frame| rect.holds(&frame.rect));
                    selection.frames.extend(frame.map(|frame| frame.id.clone()));
                }
                Item::Note(index) => {
                    let note = self.notes.get(index as usize).filter(|note| rect.holds(&note.rect));
                    selection.notes.extend(note.map(|note| note.id.clone()));
                }
                Item::Wire(index) => {
                    let inside = |wire: &&SceneWire| wire.route.line().iter().all(|point| rect.contains(*point));
                    let wire = self.wires.get(index as usize).filter(inside);
                    selection.wires.extend(wire.map(|wire| wire.wire.clone()));
                }
            }
        }
        selection
    }

    /// What is to be drawn of a part of the canvas.
    pub fn in_view(&self, rect: &Rect) -> InView<'_> {
        let mut view = InView::default();
        for item in self.grid.at(rect) {
            match item {
                Item::Card(index) => {
                    view.cards
                        .extend(self.cards.get(index as usize).filter(|card| card.rect.grown(PIN_REACH).touches(rect)));
                }
                Item::Frame(index) => {
                    view.frames.extend(self.frames.get(index as usize).filter(|frame| frame.rect.touches(rect)));
                }
                Item::Note(index) => {
                    view.notes.extend(self.notes.get(index as usize).filter(|note| note.rect.touches(rect)));
                }
                Item::Wire(index) => view.wires.extend(self.wires.get(index as usize)),
            }
        }
        view
    }

    /// The nodes, frames and notes that move with a frame: those wholly in it.
    pub fn in_frame(&self, id: &str) -> Selection {
        let Some(frame) = self.frames.iter().find(|frame| frame.id == id) else { return Selection::default() };
        let mut inside = Selection { graph: Some(self.graph), ..Selection::default() };
        for item in self.grid.at(&frame.rect) {
            match item {
                Item::Card(index) => {
                    let card = self.cards.get(index as usize);
                    let card = card.filter(|card| &*card.id != START && frame.rect.holds(&card.rect));
                    inside.nodes.extend(card.map(|card| card.id.clone()));
                }
                Item::Frame(index) => {
                    let other = self.frames.get(index as usize);
                    let other = other.filter(|other| other.id != id && frame.rect.holds(&other.rect));
                    inside.frames.extend(other.map(|other| other.id.clone()));
                }
                Item::Note(index) => {
                    let note = self.notes.get(index as usize).filter(|note| frame.rect.holds(&note.rect));
                    inside.notes.extend(note.map(|note| note.id.clone()));
                }
                Item::Wire(_) => {}
            }
        }
        inside
    }

    /// The rectangle around what is selected; `None` if nothing of it is on the canvas.
    pub fn around(&self, selection: &Selection) -> Option<Rect> {
        let cards = selection.nodes.iter().filter_map(|id| self.card(id)).map(|card| card.rect);
        let frames = self.frames.iter().filter(|frame| selection.frames.contains(&frame.id)).map(|frame| frame.rect);
        let notes = self.notes.iter().filter(|note| selection.notes.contains(&note.id)).map(|note| note.rect);
        cards.chain(frames).chain(notes).reduce(|all, rect| all.with(&rect))
    }
}

/// The centre and zoom (1 is 100 %) at which a rectangle fills a window of that many pixels, with a margin.
pub fn fit(rect: &Rect, window: (f64, f64)) -> (Point, f64) {
    const MARGIN: f64 = 48.0;
    let room = |window: f64, size: f64| (window - 2.0 * MARGIN).max(1.0) / size.max(1.0);
    let zoom = room(window.0, rect.width).min(room(window.1, rect.height)).clamp(0.05, 1.0);
    (rect.centre(), zoom)
}

fn distance(a: Point, b: Point) -> f64 {
    let (dx, dy) = (a.0 - b.0, a.1 - b.1);
    (dx * dx + dy * dy).sqrt()
}
