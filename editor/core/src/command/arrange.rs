//! Places of nodes: moving, aligning, distributing, snapping, the automatic layout.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{Document, GraphAt, GraphKind, SourceDocument};
use statewright_harness::draw::{GraphPicture, Style, positions};
use statewright_harness::picture::picture_with;

use super::columns::{COLUMN, DATA, FLOW, Link, columns};
use super::graphs::head;
use super::place::GraphView;
use super::{Aside, Context, canvas};
use crate::draft::Draft;
use crate::meta::{Rect, coordinate, position_value, rect_value};
use crate::refused::Refused;
use crate::scene::Card;
use crate::scene::card::{HEADER, bare, beside};
use crate::wires::{PinId, Wire, wires};

/// A node's left top by its id.
pub type Places = Vec<(Arc<str>, (f64, f64))>;

/// Which edge or axis of nodes is brought into one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Align {
    Left,
    Right,
    Top,
    Bottom,
    /// Centres above each other.
    Column,
    /// Centres beside each other.
    Row,
}

/// New places for nodes that stand at these rectangles.
pub fn aligned(boxes: &[(Arc<str>, Rect)], how: Align) -> Places {
    let Some((_, first)) = boxes.first() else { return Vec::new() };
    let all = boxes.iter().fold(*first, |all, (_, rect)| all.with(rect));
    let place = |rect: &Rect| match how {
        Align::Left => (all.x, rect.y),
        Align::Right => (all.right() - rect.width, rect.y),
        Align::Top => (rect.x, all.y),
        Align::Bottom => (rect.x, all.bottom() - rect.height),
        Align::Column => (all.centre().0 - rect.width / 2.0, rect.y),
        Align::Row => (rect.x, all.centre().1 - rect.height / 2.0),
    };
    boxes.iter().map(|(id, rect)| (id.clone(), place(rect))).collect()
}

/// New places with equal gaps between neighbours, the outermost staying where they are.
pub fn distributed(boxes: &[(Arc<str>, Rect)], horizontally: bool) -> Places {
    let start = |rect: &Rect| if horizontally { rect.x } else { rect.y };
    let size = |rect: &Rect| if horizontally { rect.width } else { rect.height };
    let mut sorted: Vec<&(Arc<str>, Rect)> = boxes.iter().collect();
    sorted.sort_by(|a, b| start(&a.1).total_cmp(&start(&b.1)));
    let (Some((_, first)), Some((_, last))) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let taken: f64 = sorted.iter().map(|(_, rect)| size(rect)).sum();
    let gaps = sorted.len().saturating_sub(1).max(1) as f64;
    let gap = (start(last) + size(last) - start(first) - taken) / gaps;
    let mut at = start(first);
    let mut places = Vec::with_capacity(sorted.len());
    for (id, rect) in sorted {
        places.push((id.clone(), if horizontally { (at, rect.y) } else { (rect.x, at) }));
        at += size(rect) + gap;
    }
    places
}

/// The nearest point of a grid whose lines are `step` apart; the point itself for a step that is none.
pub fn snapped((x, y): (f64, f64), step: f64) -> (f64, f64) {
    let snap = |value: f64| if step > 0.0 { (value / step).round() * step } else { value };
    (snap(x), snap(y))
}

pub(super) fn place(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    nodes: &[(Arc<str>, (f64, f64))],
    frames: &[(String, Rect)],
    notes: &[(String, Rect)],
) -> Result<Aside, Refused> {
    {
        let (view, source) = (GraphView::new(draft.source(), graph)?, draft.source());
        let found: Vec<_> = nodes.iter().map(|(id, at)| Ok((view.node(id)?.1, *at))).collect::<Result<_, Refused>>()?;
        let place = |(json, at): &(_, (f64, f64))| {
            let old = source.tree.get(*json, "_position");
            let axis = |key| old.and_then(|old| source.tree.get(old, key));
            (*json, *at, axis("x").zip(axis("y")))
        };
        let found: Vec<_> = found.iter().map(place).collect();
        for (json, (x, y), axes) in found {
            match axes {
                Some((old_x, old_y)) => {
                    draft.set(old_x, &coordinate(x));
                    draft.set(old_y, &coordinate(y));
                }
                None => draft.put(json, "_position", &position_value((x, y))),
            }
        }
    }
    for (key, rects) in [("frames", frames), ("notes", notes)] {
        for (id, rect) in rects {
            let Some((.., json)) = canvas::find(draft, graph, key, "id", id)? else {
                return Err(Refused::new(
                    format!("the graph has no `{id}` among its {key}"),
                    "choose one that is there",
                ));
            };
            draft.put(json, "rect", &rect_value(*rect));
        }
    }
    Ok(Aside::default())
}

/// Left tops of the nodes of a graph as the automatic layout has them, in document order: layers by the flow, as pictures have
/// them, with room for the cards of the canvas.
pub fn automatic(source: &SourceDocument, context: &Context, graph: GraphAt) -> Vec<(f64, f64)> {
    let drawn = drawn(&source.document, context, graph);
    let (cards, all) = (bare(source, graph, context), source.graph(graph).map(wires).unwrap_or_default());
    // The start comes first. It will stand left of all that it is wired with, and needs room there.
    let Some(model) = source.graph(graph) else { return Vec::new() };
    let Some((first, x)) = beside(all.iter(), model, &drawn) else { return drawn };
    let y = drawn.get(first).map_or(0.0, |(_, y)| *y);
    let before = drawn.iter().map(|(x, _)| *x).filter(|other| *other <= x - COLUMN).fold(f64::NEG_INFINITY, f64::max);
    let left = if before.is_finite() { before } else { x - 2.0 * COLUMN };
    let places: Vec<(f64, f64)> = std::iter::once((left, y)).chain(drawn).collect();
    let sizes: Vec<(f64, f64)> = cards.iter().map(|card| (card.rect.width, card.rect.height)).collect();
    let mut links = links(&cards, &all);
    links.push(Link { from: (0, 0.0), to: (first + 1, 0.0), weight: FLOW * 1e4 });
    columns(&places, &sizes, &links).split_off(1)
}

/// How much more the first exit's straightness counts than that of others.
const MAIN: f64 = 200.0;

/// Wires between cards. The flow is to be straight before values are.
fn links(cards: &[Card], wires: &[Wire]) -> Vec<Link> {
    let by_id: HashMap<&str, usize> = cards.iter().enumerate().rev().map(|(index, card)| (&*card.id, index)).collect();
    let end = |pin: &PinId| {
        let index = *by_id.get(&*pin.node)?;
        let card = cards.get(index)?;
        let found = card.pin(pin.side, &pin.name).or_else(|| card.pin(pin.side, pin.port()));
        Some((index, found.map_or(HEADER / 2.0, |pin| pin.y)))
    };
    let mut links = Vec::with_capacity(wires.len());
    // Of several exits of a node the first that leads to another goes straight on.
    let mut firsts: HashMap<usize, f64> = HashMap::new();
    for wire in wires {
        let Some((from, to)) = end(&wire.from).zip(end(&wire.to)) else { continue };
        if wire.is_flow() {
            firsts.entry(from.0).and_modify(|first| *first = first.min(from.1)).or_insert(from.1);
        }
        links.push(Link { from, to, weight: if wire.is_flow() { FLOW } else { DATA } });
    }
    for link in links.iter_mut().filter(|link| link.weight >= FLOW && firsts.get(&link.from.0) == Some(&link.from.1)) {
        link.weight *= MAIN;
    }
    links
}

/// The places that pictures have.
fn drawn(document: &Document, context: &Context, graph: GraphAt) -> Vec<(f64, f64)> {
    let Some(wanted) = document.of_kind(graph.kind).get(graph.index) else { return Vec::new() };
    // The picture of one graph needs nothing of the others but what functions are called and take.
    let mut alone = Document { functions: document.functions.iter().map(head).collect(), ..Document::default() };
    match graph.kind {
        GraphKind::Handler => alone.handlers = vec![wanted.clone()],
        GraphKind::Function => alone.functions.insert(0, wanted.clone()),
        GraphKind::Filter => alone.filters = vec![wanted.clone()],
        GraphKind::Effect => alone.effects = vec![wanted.clone()],
    }
    let picture = picture_with("", "", &alone, &context.hosts, None);
    // A canvas has room: rows do not go on below, and no wire is too long to be drawn.
    let style = Style { use_positions: false, max_width: 0.0, max_span: usize::MAX, ..Style::default() };
    let is_it = |drawn: &&GraphPicture| drawn.kind == graph.kind.noun();
    picture.graphs.iter().find(is_it).map(|drawn| positions(drawn, &style)).unwrap_or_default()
}

pub(super) fn layout(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    only: &[Arc<str>],
) -> Result<Aside, Refused> {
    let new: Places = {
        let view = GraphView::new(draft.source(), graph)?;
        let places = automatic(draft.source(), context, graph);
        let mut new: Places = view.graph.nodes.iter().map(|node| node.id.text.clone()).zip(places).collect();
        // The first of two nodes of one id is the one that has the name.
        let mut seen = std::collections::HashSet::new();
        new.retain(|(id, _)| seen.insert(id.clone()));
        if !only.is_empty() {
            let old: HashMap<&str, (f64, f64)> =
                view.graph.nodes.iter().filter_map(|node| Some((&*node.id.text, node.position?))).collect();
            new = among(&new, &old, only);
        }
        new
    };
    place(draft, graph, &new, &[], &[])
}

/// The places of some nodes only, moved so that their left top stays where it was.
fn among(new: &Places, old: &HashMap<&str, (f64, f64)>, only: &[Arc<str>]) -> Places {
    let mut chosen: Places = new.iter().filter(|(id, _)| only.contains(id)).cloned().collect();
    let left_top = |places: &mut dyn Iterator<Item = (f64, f64)>| {
        places.fold((f64::INFINITY, f64::INFINITY), |least, at| (least.0.min(at.0), least.1.min(at.1)))
    };
    let to = left_top(&mut only.iter().filter_map(|id| old.get(&**id).copied()));
    let from = left_top(&mut chosen.iter().map(|(_, at)| *at));
    let by = (to.0 - from.0, to.1 - from.1);
    if by.0.is_finite() && by.1.is_finite() {
        chosen.iter_mut().for_each(|(_, at)| *at = (at.0 + by.0, at.1 + by.1));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes() -> Vec<(Arc<str>, Rect)> {
        [("a", 0.0, 0.0, 10.0, 10.0), ("b", 50.0, 5.0, 20.0, 10.0), ("c", 20.0, 40.0, 10.0, 30.0)]
            .map(|(id, x, y, width, height)| (Arc::from(id), Rect::new(x, y, width, height)))
            .to_vec()
    }

    fn shown(places: &Places) -> String {
        places.iter().map(|(id, (x, y))| format!("{id} {x} {y}")).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn nodes_align_and_distribute() {
        assert_eq!(shown(&aligned(&boxes(), Align::Right)), "a 60 0, b 50 5, c 60 40");
        assert_eq!(shown(&aligned(&boxes(), Align::Row)), "a 0 30, b 50 30, c 20 20");
        // 70 wide, 40 taken, two gaps of 15.
        assert_eq!(shown(&distributed(&boxes(), true)), "a 0 0, c 25 40, b 50 5");
        assert_eq!(shown(&distributed(&boxes(), false)), "a 0 0, b 50 20, c 20 40");
        assert_eq!((snapped((13.0, -7.0), 10.0), snapped((1.5, 2.5), 0.0)), ((10.0, -10.0), (1.5, 2.5)));
    }
}
