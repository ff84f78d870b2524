//! What is on the canvas of one graph: cards with pins, wires with their ways, frames and notes, and where all of it is. Made
//! anew after an edit, from the model, the node table, and what the checker found: all of it, or what changed.
//!
//! - [`card`]: cards and pins; [`field`]: values edited on them; [`ends`]: which pins a wire may join
//! - [`route`]: curves of wires; [`way`]: how they go around cards; [`ghosts`]: those of another version
//! - [`index`]: what is where; [`pick`]: questions about places
//! - `update`: a scene made of the one before an edit
//!
//! A card's size follows from its content and fixed metrics, not from a font: layout, tests and pictures need no window.

pub mod card;
pub mod ends;
pub mod field;
pub mod ghosts;
pub mod index;
pub mod pick;
#[cfg(test)]
mod readable;
pub mod route;
#[cfg(test)]
pub(crate) mod tests;
mod update;
pub mod way;

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::check::codes;
use statewright_graph::document::{GraphAt, Head, InputKind, SourceDocument};
use statewright_graph::node;
use statewright_harness::draw::PinKind;
use statewright_types::Type;

pub use card::{Badge, Card, Pin};
pub use field::{Editor, Field};
pub use index::{Grid, Item};
pub use route::{Point, Route};

use crate::command::Context;
use crate::command::arrange::automatic;
use crate::findings::Findings;
use crate::meta::{Bookmark, Frame, Meta, Note, Rect};
use crate::paths::{Fit, Scope, fits};
use crate::wires::{PinId, Side, Wire, is_node, wires};

/// Types of outputs and variables of each graph, by `node:output` and `variable:name`, as the checker found them.
pub type Types = HashMap<Arc<str>, HashMap<String, Type>>;

/// Where nodes stand that have no place in the document: decided once, so that an edit moves none of them.
#[derive(Clone, Debug, Default)]
pub struct Placements {
    places: HashMap<Arc<str>, Point>,
    /// Whether the schema was known then: cards are of other sizes without it.
    had_schema: bool,
}

/// What a scene is made of besides the document.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// Schema, configuration, nodes of the host program, types; of an earlier revision perhaps.
    pub context: &'a Context,
    /// What is wrong; of an earlier revision perhaps.
    pub findings: Option<&'a Findings>,
}

/// A wire on the canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneWire {
    /// Which.
    pub wire: Wire,
    /// How it goes.
    pub route: Route,
    /// Points that it was given to go through.
    pub points: Vec<Point>,
    /// The kind of its type; `Any` for flow.
    pub kind: PinKind,
    /// Its type, where it is known; "" else.
    pub ty: String,
    /// Whether its ends go together.
    pub fit: Fit,
    /// Of the flow, the label; of data, how the reference goes on (`.Name[0]`).
    pub label: String,
    /// Whether it leads to the end of the flow: it ends in a mark of its own.
    pub ends: bool,
    /// Where cards matter to its way.
    looked: Option<Rect>,
}

/// Everything on the canvas of one graph.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Which graph.
    pub graph: GraphAt,
    /// The start first, then nodes in document order.
    pub cards: Vec<Card>,
    /// Data wires, then flow.
    pub wires: Vec<SceneWire>,
    /// Frames.
    pub frames: Vec<Frame>,
    /// Notes.
    pub notes: Vec<Note>,
    /// Places to come back to.
    pub bookmarks: Vec<Bookmark>,
    bounds: Option<Rect>,
    grid: Grid,
    by_id: HashMap<Arc<str>, usize>,
    basis: update::Basis,
}

impl Scene {
    /// The scene of a graph; `None` if the document has no such graph. Linear in its nodes and wires.
    pub fn new(
        source: &SourceDocument,
        graph: GraphAt,
        sight: Sight<'_>,
        placements: &mut Placements,
    ) -> Option<Scene> {
        let model = source.graph(graph)?;
        let meta = Meta::read(&source.tree, source.graph_node(graph)?);
        let all = wires(model);
        let places = placements.of(source, graph, sight.context);
        let cards = card::cards(source, model, &all, &places, sight);
        let mut by_id = HashMap::with_capacity(cards.len());
        for (index, card) in cards.iter().enumerate() {
            by_id.entry(card.id.clone()).or_insert(index);
        }
        let data = all.iter().filter(|wire| !wire.is_flow()).count();
        let basis = update::Basis::of(source, model, graph, sight, meta.reroutes.clone(), data);
        let mut scene = Scene { cards, by_id, ..Scene::empty(graph, basis) };
        scene.wires = all.into_iter().map(|wire| scene.wire(wire, &meta, source, sight)).collect();
        (scene.frames, scene.notes, scene.bookmarks) = (meta.frames, meta.notes, meta.bookmarks);
        scene.fill_cards(|_| false);
        scene.find_ways(|_| true);
        scene.fill(|_| false);
        Some(scene)
    }

    fn empty(graph: GraphAt, basis: update::Basis) -> Scene {
        Scene {
            graph,
            cards: Vec::new(),
            wires: Vec::new(),
            frames: Vec::new(),
            notes: Vec::new(),
            bookmarks: Vec::new(),
            bounds: None,
            grid: Grid::default(),
            by_id: HashMap::new(),
            basis,
        }
    }

    /// The card of a node, or of [`crate::wires::START`].
    pub fn card(&self, id: &str) -> Option<&Card> {
        self.cards.get(*self.by_id.get(id)?)
    }

    /// A pin.
    pub fn pin(&self, id: &PinId) -> Option<&Pin> {
        self.card(&id.node)?.pin(id.side, &id.name)
    }

    /// Where a pin is.
    pub fn pin_at(&self, id: &PinId) -> Option<Point> {
        let card = self.card(&id.node)?;
        Some(card.place_of(card.pin(id.side, &id.name)?))
    }

    /// The grid, for tests of what questions cost.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// How a wire goes between two places, around the cards that count. Which track it takes follows from where it begins.
    pub fn way(&self, pin: &PinId, ends: (Point, Point), points: &[Point], counts: impl Fn(&Card) -> bool) -> way::Way {
        let cards_in = |rect: &Rect| {
            let cards = self.grid.cards(rect).into_iter().filter_map(|index| self.cards.get(index as usize));
            cards.filter(|card| card.rect.touches(rect) && counts(card)).map(|card| card.rect).collect()
        };
        way::way(ends.0, ends.1, points, way::track(pin), &cards_in)
    }

    /// Finds the ways of wires, by their position. The cards are in the grid by then.
    fn find_ways(&mut self, wanted: impl Fn(usize) -> bool) {
        let mut wires = std::mem::take(&mut self.wires);
        for (_, wire) in wires.iter_mut().enumerate().filter(|(index, _)| wanted(*index)) {
            self.find_way(wire);
        }
        self.wires = wires;
    }

    fn find_way(&self, wire: &mut SceneWire) {
        let (Some(first), Some(last)) = (wire.route.pieces.first(), wire.route.pieces.last()) else { return };
        let found = self.way(&wire.wire.from, (first[0], last[3]), &wire.points, |_| true);
        (wire.route, wire.looked) = (found.route, found.looked);
    }

    /// Puts cards into the grid that are not there yet.
    fn fill_cards(&mut self, has_card: impl Fn(usize) -> bool) {
        for (index, card) in self.cards.iter().enumerate().filter(|(index, _)| !has_card(*index)) {
            self.grid.add(Item::Card(index as u32), std::iter::once(card.rect));
        }
    }

    /// Puts into the grid what is not there yet, besides cards.
    fn fill(&mut self, has_wire: impl Fn(usize) -> bool) {
        for (index, frame) in (0..).zip(&self.frames) {
            self.grid.add(Item::Frame(index), std::iter::once(frame.rect));
        }
        for (index, note) in (0..).zip(&self.notes) {
            self.grid.add(Item::Note(index), std::iter::once(note.rect));
        }
        for (index, wire) in self.wires.iter().enumerate().filter(|(index, _)| !has_wire(*index)) {
            self.grid.add(Item::Wire(index as u32), wire.route.boxes());
        }
        let cards = self.cards.iter().map(|card| card.rect);
        let frames = self.frames.iter().map(|frame| frame.rect);
        let rects = cards.chain(frames).chain(self.notes.iter().map(|note| note.rect));
        self.bounds = rects.reduce(|all, rect| all.with(&rect));
    }

    fn wire(&self, wire: Wire, meta: &Meta, source: &SourceDocument, sight: Sight<'_>) -> SceneWire {
        let points = meta.points(&wire).to_vec();
        let (from, to) = (self.end(&wire.from), self.end(&wire.to));
        let ends = wire.is_flow() && !is_node(&wire.to.node);
        let begin = from.map(|(at, _)| at).or_else(|| to.map(|((x, y), _)| (x - card::STUB, y))).unwrap_or_default();
        let end = to.map_or((begin.0 + card::STUB, begin.1), |(at, _)| at);
        let (from_pin, to_pin) = (from.and_then(|(_, pin)| pin), to.and_then(|(_, pin)| pin));
        let is_broken = from_pin.is_none() || (to_pin.is_none() && !ends);
        let mut scene_wire = SceneWire {
            route: Route::new(begin, end, &points),
            points,
            kind: from_pin.map_or(PinKind::Any, |pin| pin.kind),
            ty: from_pin.map(|pin| pin.ty.clone()).unwrap_or_default(),
            fit: if is_broken { Fit::Broken } else { Fit::Same },
            label: if wire.is_flow() { wire.from.name.to_string() } else { String::new() },
            ends,
            looked: None,
            wire,
        };
        if let (false, Some(from), Some(to)) = (is_broken, from_pin, to_pin) {
            self.judge(&mut scene_wire, from, to, source, sight);
        }
        scene_wire
    }

    /// What is known of a data wire's type, and whether it fits where it leads.
    fn judge(&self, wire: &mut SceneWire, from: &Pin, to: &Pin, source: &SourceDocument, sight: Sight<'_>) {
        if wire.wire.is_flow() {
            return;
        }
        if to.badges.iter().any(|badge| badge.is_error) {
            wire.fit = Fit::Broken;
        }
        // The checker knows more of conversions than types of pins tell: of what a field takes, for one.
        if wire.fit == Fit::Same && to.badges.iter().any(|badge| badge.code == codes::CONVERSION) {
            wire.fit = Fit::Converted;
        }
        let (Some(schema), Some(graph)) = (&sight.context.schema, source.graph(self.graph)) else { return };
        let reference = self.reference(&wire.wire, source);
        let Some(reference) = reference else { return };
        wire.label = reference.steps.iter().map(|step| step.to_string()).collect();
        let ty = match (&from.known, wire.label.is_empty()) {
            (Some(ty), true) => Some(ty.clone()),
            (Some(ty), false) => {
                let scope = Scope::new(schema, source.document.state_type.as_ref(), graph);
                scope.and_then(|scope| reference.steps.iter().try_fold(ty.clone(), |ty, step| scope.step(&ty, step)))
            }
            (None, _) => None,
        };
        if let Some(ty) = ty {
            wire.ty = schema.show(&ty).to_string();
            wire.kind = field::kind(Some(schema), &ty);
            if let Some(wanted) = &to.known
                && wire.fit == Fit::Same
            {
                wire.fit = fits(&ty, wanted);
            }
        }
    }

    /// The reference that a wire is, where an input is just that.
    fn reference<'a>(
        &self,
        wire: &Wire,
        source: &'a SourceDocument,
    ) -> Option<&'a statewright_graph::document::Reference> {
        // The start's card comes first.
        let index = self.by_id.get(&wire.to.node)?.checked_sub(1)?;
        let node = source.graph(self.graph)?.nodes.get(index)?;
        let row = node::by_name(&node.ty.text);
        let canonical = |name: &str| row.and_then(|row| row.input(name)).map(|port| port.name);
        let port = wire.to.port();
        let named = |name: &str| name == port || canonical(name) == Some(port);
        let mut input = node.inputs.iter().find(|(name, _)| named(&name.text)).map(|(_, input)| input)?;
        for step in wire.to.name.split('.').skip(1) {
            input = match &input.kind {
                InputKind::Map(entries) => &entries.iter().find(|(key, _)| *key.text == *step)?.1,
                InputKind::List(elements) => elements.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        match &input.kind {
            InputKind::Reference(reference) if !matches!(reference.head, Head::Config { .. }) => Some(reference),
            _ => None,
        }
    }

    fn end(&self, pin: &PinId) -> Option<(Point, Option<&Pin>)> {
        let card = self.card(&pin.node)?;
        match card.pin(pin.side, &pin.name).or_else(|| card.pin(pin.side, pin.port())) {
            Some(found) => Some((card.place_of(found), Some(found))),
            None => {
                let x = if matches!(pin.side, Side::Output | Side::FlowOut) { card.rect.right() } else { card.rect.x };
                Some(((x, card.rect.y + card::HEADER / 2.0), None))
            }
        }
    }

    /// Everything's rectangle; `None` of an empty graph.
    pub fn bounds(&self) -> Option<Rect> {
        self.bounds
    }
}

impl Placements {
    /// Left tops of the nodes of a graph, in document order.
    fn of(&mut self, source: &SourceDocument, graph: GraphAt, context: &Context) -> Vec<Point> {
        let Some(model) = source.graph(graph) else { return Vec::new() };
        if context.schema.is_some() && !self.had_schema {
            self.places.clear();
            self.had_schema = true;
        }
        let is_placed = |id: &Arc<str>| self.places.contains_key(id);
        if model.nodes.iter().any(|node| node.position.is_none() && !is_placed(&node.id.text)) {
            let places = automatic(source, context, graph);
            for (node, place) in model.nodes.iter().zip(places) {
                self.places.entry(node.id.text.clone()).or_insert(place);
            }
        }
        let place = |node: &statewright_graph::document::Node| {
            node.position.or_else(|| self.places.get(&node.id.text).copied()).unwrap_or_default()
        };
        model.nodes.iter().map(place).collect()
    }
}
