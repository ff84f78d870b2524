//! A scene after an edit, made of the one before it: what did not change is taken along, so that an edit costs what it
//! changed and one look at everything else.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use statewright_graph::document::{Edge, Graph, GraphAt, Node, SourceDocument};
use statewright_types::host::HostDeclarations;
use statewright_types::{Schema, Span, Type};

use super::card::{Maker, start_at};
use super::{Card, Grid, Item, Placements, Point, Scene, SceneWire, Sight, Types};
use crate::meta::{Meta, Rect};
use crate::wires::{START, Wire, data_wires, flow_wire};

/// What a scene was made of, for the next one.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    text: Arc<str>,
    /// Where in it each node stands, in document order.
    spans: Vec<Span>,
    around: Around,
    types: Arc<Types>,
    reroutes: HashMap<String, Vec<Point>>,
    /// How many wires are of data; those of the flow come behind them.
    data: usize,
}

/// What all cards and wires depend on: where it changes, everything is made anew.
#[derive(Clone, Debug)]
struct Around {
    graph: GraphAt,
    name: Arc<str>,
    event: Option<Arc<str>>,
    parameters: Vec<(Arc<str>, Arc<str>)>,
    returns: Option<Arc<str>>,
    state_type: Option<Arc<str>>,
    functions: Vec<Signature>,
    schema: Option<Arc<Schema>>,
    hosts: Arc<HostDeclarations>,
}

/// Name, parameters with their types, and what it returns.
type Signature = (Arc<str>, Vec<(Arc<str>, Arc<str>)>, Option<Arc<str>>);

fn parameters(graph: &Graph) -> Vec<(Arc<str>, Arc<str>)> {
    graph.parameters.iter().map(|parameter| (parameter.name.text.clone(), parameter.ty.text.clone())).collect()
}

impl Around {
    fn of(source: &SourceDocument, model: &Graph, graph: GraphAt, sight: Sight<'_>) -> Around {
        let signature = |function: &Graph| {
            let returns = function.return_type.as_ref().map(|ty| ty.text.clone());
            (function.name.text.clone(), parameters(function), returns)
        };
        Around {
            graph,
            name: model.name.text.clone(),
            event: model.event.as_ref().map(|event| event.text.clone()),
            parameters: parameters(model),
            returns: model.return_type.as_ref().map(|ty| ty.text.clone()),
            state_type: source.document.state_type.as_ref().map(|name| name.text.clone()),
            functions: source.document.functions.iter().map(signature).collect(),
            schema: sight.context.schema.clone(),
            hosts: sight.context.hosts.clone(),
        }
    }

    fn is(&self, other: &Around) -> bool {
        let is_schema = match (&self.schema, &other.schema) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (None, None) => true,
            _ => false,
        };
        is_schema
            && Arc::ptr_eq(&self.hosts, &other.hosts)
            && self.graph == other.graph
            && self.name == other.name
            && self.event == other.event
            && self.parameters == other.parameters
            && self.returns == other.returns
            && self.state_type == other.state_type
            && self.functions == other.functions
    }
}

impl Basis {
    pub(super) fn of(
        source: &SourceDocument,
        model: &Graph,
        graph: GraphAt,
        sight: Sight<'_>,
        reroutes: HashMap<String, Vec<Point>>,
        data: usize,
    ) -> Basis {
        Basis {
            text: source.tree.shared_source(),
            spans: model.nodes.iter().map(|node| node.span).collect(),
            around: Around::of(source, model, graph, sight),
            types: sight.context.types.clone(),
            reroutes,
            data,
        }
    }
}

/// A wire of the new scene: one of the old one's by its position, or another.
enum Next {
    Old(usize),
    New(Wire),
}

/// What is known of a change of a graph.
struct Update<'a> {
    old: &'a Scene,
    model: &'a Graph,
    /// By position in the model: the old card's.
    kept: Vec<Option<usize>>,
    by_id: HashMap<Arc<str>, usize>,
    /// By position in the model: the card is made anew; the wires that lead to the node are found anew.
    dirty: Vec<bool>,
    rewired: Vec<bool>,
    /// Ids of nodes that came, went, or say something else.
    renewed: HashSet<Arc<str>>,
}

impl Scene {
    /// The scene of the same graph or another, now: as [`Scene::new`] makes it, from this one as far as it goes.
    pub fn updated(
        self,
        source: &SourceDocument,
        graph: GraphAt,
        sight: Sight<'_>,
        placements: &mut Placements,
    ) -> Option<Scene> {
        let model = source.graph(graph)?;
        if !Around::of(source, model, graph, sight).is(&self.basis.around) {
            return Scene::new(source, graph, sight, placements);
        }
        let meta = Meta::read(&source.tree, source.graph_node(graph)?);
        let places = placements.of(source, graph, sight.context);
        let Some(mut update) = Update::new(&self, model) else {
            return Scene::new(source, graph, sight, placements);
        };
        update.find_changed(source, &places, sight);
        let next = update.wires();
        let Update { kept, by_id, dirty, renewed, .. } = update;
        let mut touched = renewed;
        let ids = model.nodes.iter().zip(&dirty).filter(|(_, dirty)| **dirty).map(|(node, _)| node.id.text.clone());
        touched.extend(ids);
        touched.insert(START.into());
        let wire_of = |next: &'_ Next| match next {
            Next::Old(index) => self.wires.get(*index).map(|wire| wire.wire.clone()),
            Next::New(wire) => Some(wire.clone()),
        };
        let is_touched = |wire: &Wire| touched.contains(&wire.from.node) || touched.contains(&wire.to.node);
        let has_other_points = self.basis.reroutes != meta.reroutes;
        // Of wires between cards that stay nothing is to be known.
        let near: Vec<Wire> = next
            .iter()
            .filter(|next| match next {
                Next::Old(index) => self.wires.get(*index).is_some_and(|wire| is_touched(&wire.wire)),
                Next::New(_) => true,
            })
            .filter_map(wire_of)
            .collect();
        let maker = Maker::new(source, model, near.iter(), sight);
        let start = maker.start(start_at(near.iter(), model, &places));
        let mut scene = Scene { graph, by_id, ..Scene::empty(graph, self.basis.clone()) };
        let before: HashMap<Arc<str>, Rect> = {
            let is_kept = |card: &&Card| !scene.by_id.contains_key(&card.id) || touched.contains(&card.id);
            self.cards.iter().filter(is_kept).map(|card| (card.id.clone(), card.rect)).collect()
        };
        let mut old_cards: Vec<Option<Card>> = self.cards.into_iter().map(Some).collect();
        let mut card_to: Vec<Option<u32>> = vec![None; old_cards.len()];
        scene.cards.reserve(model.nodes.len() + 1);
        scene.cards.push(start);
        for ((node, place), (old, is_dirty)) in model.nodes.iter().zip(&places).zip(kept.iter().zip(&dirty)) {
            let taken = old.filter(|_| !is_dirty).and_then(|old| Some((old, old_cards.get_mut(old)?.take()?)));
            let card = match taken {
                Some((old, card)) => {
                    if let Some(to) = card_to.get_mut(old) {
                        *to = Some(scene.cards.len() as u32);
                    }
                    card
                }
                None => maker.card(node, *place),
            };
            scene.cards.push(card);
        }
        drop(maker);
        let mut old_wires: Vec<Option<SceneWire>> = self.wires.into_iter().map(Some).collect();
        let mut wire_to: Vec<Option<u32>> = vec![None; old_wires.len()];
        let mut data = 0;
        scene.wires.reserve(next.len());
        for next in next {
            let wire = match next {
                Next::New(wire) => scene.wire(wire, &meta, source, sight),
                Next::Old(index) => {
                    let Some(old) = old_wires.get_mut(index).and_then(Option::take) else { continue };
                    if is_touched(&old.wire) || (has_other_points && meta.points(&old.wire) != old.points) {
                        scene.wire(old.wire, &meta, source, sight)
                    } else {
                        if let Some(to) = wire_to.get_mut(index) {
                            *to = Some(scene.wires.len() as u32);
                        }
                        old
                    }
                }
            };
            data += usize::from(!wire.wire.is_flow());
            scene.wires.push(wire);
        }
        let mut grid = self.grid;
        grid.renumber(|item| match item {
            Item::Card(index) => card_to.get(index as usize).copied().flatten().map(Item::Card),
            Item::Wire(index) => wire_to.get(index as usize).copied().flatten().map(Item::Wire),
            Item::Frame(_) | Item::Note(_) => None,
        });
        let stays = |kept: &[Option<u32>], count: usize| {
            let mut stays = vec![false; count];
            for index in kept.iter().flatten() {
                if let Some(stays) = stays.get_mut(*index as usize) {
                    *stays = true;
                }
            }
            stays
        };
        let (cards, wires) = (stays(&card_to, scene.cards.len()), stays(&wire_to, scene.wires.len()));
        scene.basis = Basis::of(source, model, graph, sight, meta.reroutes, data);
        (scene.frames, scene.notes, scene.bookmarks) = (meta.frames, meta.notes, meta.bookmarks);
        scene.grid = grid;
        scene.fill_cards(|index| cards.get(index) == Some(&true));
        scene.renew_ways(&Moved::new(before, &scene.cards, &touched), |index| wires.get(index) == Some(&true));
        Some(scene)
    }
}

impl Scene {
    /// Finds the ways of wires that were not taken along, and of those that cards came into the way of, or out of it.
    fn renew_ways(&mut self, moved: &Moved, is_kept: impl Fn(usize) -> bool) {
        let wires = self.wires.iter().enumerate();
        let stale: Vec<bool> = wires.map(|(index, wire)| !is_kept(index) || moved.concerns(wire)).collect();
        let is_stale = |index: usize| stale.get(index) == Some(&true);
        self.find_ways(is_stale);
        if (0..stale.len()).any(|index| is_kept(index) && is_stale(index)) {
            self.grid.renumber(|item| match item {
                Item::Wire(index) if is_stale(index as usize) => None,
                other => Some(other),
            });
        }
        self.fill(|index| !is_stale(index));
    }
}

/// Where cards were that are not there any more, and where cards are that were not.
struct Moved {
    places: Vec<Rect>,
    around: Option<Rect>,
}

/// Of more places than these only the rectangle around them is looked at.
const MOST_PLACES: usize = 64;

impl Moved {
    /// Of cards that were touched: where they were, and where they are.
    fn new(before: HashMap<Arc<str>, Rect>, cards: &[Card], touched: &HashSet<Arc<str>>) -> Moved {
        let mut left = before;
        let mut places = Vec::new();
        for card in cards.iter().filter(|card| touched.contains(&card.id)) {
            match left.remove(&card.id) {
                Some(rect) if rect == card.rect => {}
                Some(rect) => places.extend([rect, card.rect]),
                None => places.push(card.rect),
            }
        }
        places.extend(left.into_values());
        let around = places.iter().copied().reduce(|all, rect| all.with(&rect));
        Moved { places, around }
    }

    /// Whether a wire's way may be another now.
    fn concerns(&self, wire: &SceneWire) -> bool {
        let Some((looked, around)) = wire.looked.as_ref().zip(self.around.as_ref()) else { return false };
        looked.touches(around)
            && (self.places.len() > MOST_PLACES || self.places.iter().any(|place| place.touches(looked)))
    }
}

impl<'a> Update<'a> {
    /// Which node was which; `None` where two have one id: that is for a new scene.
    fn new(old: &'a Scene, model: &'a Graph) -> Option<Update<'a>> {
        if old.by_id.len() != old.cards.len() {
            return None;
        }
        let mut taken = vec![false; old.cards.len()];
        let mut kept = Vec::with_capacity(model.nodes.len());
        // The start comes first.
        let mut expected = 1;
        let mut is_in_place = true;
        for node in &model.nodes {
            let is_next = old.cards.get(expected).is_some_and(|card| card.id == node.id.text);
            let found = if is_next { Some(expected) } else { old.by_id.get(&node.id.text).copied() };
            if let Some(index) = found {
                if index == 0 || std::mem::replace(taken.get_mut(index)?, true) {
                    return None;
                }
                expected = index + 1;
            }
            kept.push(found);
            is_in_place &= found.is_none_or(|found| found == kept.len());
        }
        let all_stay = taken.iter().skip(1).all(|taken| *taken);
        let mut by_id = if is_in_place && all_stay { old.by_id.clone() } else { HashMap::new() };
        if by_id.is_empty() {
            by_id.reserve(model.nodes.len() + 1);
            by_id.insert(START.into(), 0);
            for (index, node) in model.nodes.iter().enumerate() {
                by_id.insert(node.id.text.clone(), index + 1);
            }
        } else {
            let new = model.nodes.iter().enumerate().zip(&kept).filter(|(_, kept)| kept.is_none());
            for ((index, node), _) in new {
                by_id.insert(node.id.text.clone(), index + 1);
            }
        }
        if by_id.len() != model.nodes.len() + 1 {
            return None;
        }
        let went = old.cards.iter().zip(&taken).skip(1).filter(|(_, taken)| !**taken);
        let renewed = went.map(|(card, _)| card.id.clone()).collect();
        let count = model.nodes.len();
        Some(Update { old, model, kept, by_id, dirty: vec![false; count], rewired: vec![false; count], renewed })
    }

    fn node(&self, id: &str) -> Option<&'a Node> {
        self.model.nodes.get(self.by_id.get(id)?.checked_sub(1)?)
    }

    fn mark(&mut self, id: &str) {
        let index = self.by_id.get(id).and_then(|index| index.checked_sub(1));
        if let Some(dirty) = index.and_then(|index| self.dirty.get_mut(index)) {
            *dirty = true;
        }
    }

    /// Nodes that say something else, stand elsewhere, or of which something else is known.
    fn find_changed(&mut self, source: &SourceDocument, places: &[Point], sight: Sight<'_>) {
        let basis = &self.old.basis;
        for (index, (node, place)) in self.model.nodes.iter().zip(places).enumerate() {
            let old = self.kept.get(index).copied().flatten();
            let card = old.and_then(|old| self.old.cards.get(old));
            let span = old.and_then(|old| basis.spans.get(old.checked_sub(1)?));
            let before = span.and_then(|span| basis.text.get(span.range()));
            let is_same = before == Some(source.tree.slice(node.span));
            let stays = card.is_some_and(|card| (card.rect.x, card.rect.y) == *place && card.severity.is_none());
            if let (Some(dirty), Some(rewired)) = (self.dirty.get_mut(index), self.rewired.get_mut(index)) {
                *dirty = !is_same || !stays;
                *rewired = !is_same;
            }
            if !is_same {
                self.renewed.insert(node.id.text.clone());
            }
        }
        if let Some(findings) = sight.findings {
            for node in findings.nodes(&self.model.name.text) {
                self.mark(node);
            }
        }
        if !Arc::ptr_eq(&basis.types, &sight.context.types) {
            let of = |types: &'a Types| types.get(&self.model.name.text);
            let new = sight.context.types.clone();
            for node in retyped(of(&basis.types), new.get(&self.model.name.text)) {
                self.mark(&node);
            }
        }
    }

    /// The wires as they are now. What they begin or end to be connected with is made anew.
    fn wires(&mut self) -> Vec<Next> {
        let old = self.old;
        let (data, flow) = old.wires.split_at_checked(old.basis.data).unwrap_or((&[], &[]));
        for wire in data.iter().map(|wire| &wire.wire).filter(|wire| self.renewed.contains(&wire.from.node)) {
            let index = self.by_id.get(&wire.to.node).and_then(|index| index.checked_sub(1));
            if let Some(rewired) = index.and_then(|index| self.rewired.get_mut(index)) {
                *rewired = true;
            }
        }
        // Wires to one node stand together, in the order of the nodes.
        let mut of_card: Vec<std::ops::Range<usize>> = vec![0..0; old.cards.len()];
        let mut at = 0;
        for (index, card) in old.cards.iter().enumerate().skip(1) {
            let first = at;
            while data.get(at).is_some_and(|wire| wire.wire.to.node == card.id) {
                at += 1;
            }
            if let Some(range) = of_card.get_mut(index) {
                *range = first..at;
            }
        }
        let mut next = Vec::with_capacity(old.wires.len() + 8);
        let mut ends: Vec<Arc<str>> = Vec::new();
        let mut stays = vec![false; old.cards.len()];
        for (index, node) in self.model.nodes.iter().enumerate() {
            let kept = self.kept.get(index).copied().flatten().filter(|_| self.rewired.get(index) == Some(&false));
            match kept.and_then(|kept| Some((kept, of_card.get(kept)?.clone()))) {
                Some((kept, range)) => {
                    if let Some(stays) = stays.get_mut(kept) {
                        *stays = true;
                    }
                    next.extend(range.map(Next::Old));
                }
                None => {
                    let mut found = Vec::new();
                    data_wires(node, &|id| self.node(id), self.model, &mut found);
                    ends.extend(found.iter().map(|wire| wire.from.node.clone()));
                    next.extend(found.into_iter().map(Next::New));
                }
            }
        }
        let left = of_card.iter().zip(&stays).filter(|(_, stays)| !**stays).flat_map(|(range, _)| range.clone());
        ends.extend(left.filter_map(|index| Some(data.get(index)?.wire.from.node.clone())));
        flow_between(flow, &self.model.edges, data.len(), &mut next, &mut ends);
        for id in ends {
            self.mark(&id);
        }
        next
    }
}

/// The wires of the flow: what is the same at the beginning and at the end stays. `ends` gets the ends of all others.
fn flow_between(old: &[SceneWire], edges: &[Edge], first: usize, next: &mut Vec<Next>, ends: &mut Vec<Arc<str>>) {
    let is_same = |(wire, edge): &(&SceneWire, &Edge)| {
        let label = edge.label.as_ref().map_or("", |label| &label.text);
        let wire = &wire.wire;
        wire.from.node == edge.from.text && wire.to.node == edge.to.text && *wire.from.name == *label
    };
    let before = old.iter().zip(edges).take_while(is_same).count();
    let (old_rest, edges_rest) = (old.get(before..).unwrap_or(&[]), edges.get(before..).unwrap_or(&[]));
    let after = old_rest.iter().rev().zip(edges_rest.iter().rev()).take_while(is_same).count();
    let gone = old_rest.get(..old_rest.len() - after).unwrap_or(&[]);
    ends.extend(gone.iter().flat_map(|wire| [wire.wire.from.node.clone(), wire.wire.to.node.clone()]));
    next.extend((first..first + before).map(Next::Old));
    for edge in edges_rest.get(..edges_rest.len() - after).unwrap_or(&[]) {
        ends.extend([edge.from.text.clone(), edge.to.text.clone()]);
        next.push(Next::New(flow_wire(edge)));
    }
    next.extend((first + old.len() - after..first + old.len()).map(Next::Old));
}

/// The nodes of which an output has another type than before.
fn retyped(old: Option<&HashMap<String, Type>>, new: Option<&HashMap<String, Type>>) -> HashSet<String> {
    let none = HashMap::new();
    let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
    let other = |(key, ty): &(&String, &Type), there: &HashMap<String, Type>| there.get(*key) != Some(*ty);
    let came = new.iter().filter(|entry| other(entry, old));
    let went = old.iter().filter(|(key, _)| !new.contains_key(*key));
    came.chain(went).filter_map(|(key, _)| Some(key.rsplit_once(':')?.0.to_owned())).collect()
}

impl Grid {
    /// Gives items other positions; `None` takes them out.
    fn renumber(&mut self, to: impl Fn(Item) -> Option<Item>) {
        let all = self.cells.values_mut().chain([&mut self.large]);
        for items in all {
            items.retain_mut(|item| to(*item).map(|new| *item = new).is_some());
        }
        self.cells.retain(|_, items| !items.is_empty());
    }
}
