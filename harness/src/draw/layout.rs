//! The whole layout of a graph: structure, cards, rows, lanes, order, coordinates, wires.

use super::card::{Card, cards};
use super::lanes::lanes;
use super::manual::EDGE;
use super::model::{DataFrom, FlowFrom, GraphPicture};
use super::order::{Scene, order};
use super::place::heights;
use super::route::{self, Router};
use super::rows::{Rows, arrange};
use super::structure::{START, Structure, Vertex};
use super::style::Style;
use super::text::{Font, shorten, width};

/// Letters of a value shown on a wire.
pub(super) const VALUE_LETTERS: usize = 24;
/// Size of labels and values on wires.
pub(super) const PILL_SIZE: f64 = 10.0;
/// Free space around the graph.
pub(super) const MARGIN: f64 = 28.0;

/// A wire's way.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    /// The wire, by position in its list.
    pub wire: usize,
    /// Path data.
    pub path: String,
    /// Where it begins.
    pub begin: (f64, f64),
    /// Where it ends.
    pub end: (f64, f64),
    /// Whether it ends at the right side of a card (back to a loop).
    pub back: bool,
}

/// A frame around a loop's body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// The loop's vertex.
    pub header: usize,
    /// Left, top, width, height.
    pub rect: (f64, f64, f64, f64),
    /// Whether it goes on from an earlier row.
    pub continued: bool,
}

/// A graph laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// What the wires mean.
    pub structure: Structure,
    /// A card per vertex.
    pub cards: Vec<Card>,
    /// Left top of each card.
    pub place: Vec<(f64, f64)>,
    /// Flow wires.
    pub flow: Vec<Wire>,
    /// Data wires that are drawn.
    pub data: Vec<Wire>,
    /// Loop bodies, outer ones first.
    pub frames: Vec<Frame>,
    /// How far what is written reaches beyond the left edge.
    pub overhang: f64,
    /// Width of the whole, without that.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
}

/// Lays `picture` out.
pub(super) fn layout(picture: &GraphPicture, style: &Style) -> Layout {
    let mut structure = Structure::new(picture);
    let positions: Option<Vec<(f64, f64)>> = picture.nodes.iter().map(|node| node.position).collect();
    if let Some(positions) = positions
        && style.use_positions
        && !positions.is_empty()
        && positions.iter().all(|(x, y)| x.abs() < 1e6 && y.abs() < 1e6)
    {
        return super::manual::layout(picture, structure, &positions);
    }
    let mut tagged = vec![false; picture.data.len()];
    let rough = cards(picture, &structure, &tagged);
    let room = written(picture, &structure, &rough);
    let rows = arrange(&mut structure, &rough, &room, style);
    for datum in &structure.data {
        let far = rows.layer[datum.to].abs_diff(rows.layer[datum.from]) > style.max_span.max(1);
        tagged[datum.wire] = far || rows.row[datum.from] != rows.row[datum.to];
    }
    for datum in &structure.backward {
        tagged[datum.wire] = true;
    }
    let cards = cards(picture, &structure, &tagged);
    let scene = Scene { picture, structure: &structure, rows: &rows, cards: &cards, tagged: &tagged };
    let written = written(picture, &structure, &cards);
    let mut router = Router::new(&scene);
    for row in 0..rows.count {
        let incoming = router.incoming();
        let mut ordered = order(&scene, row, lanes(&structure, &rows, row, &incoming));
        let y = heights(&scene, &mut ordered);
        let gaps = gaps(&rows, row, ordered.columns.len(), &written);
        router.row(row, &ordered, &y, &gaps);
    }
    let route::Routed { place, flow, data, frames, width, height } = router.finish();
    let overhang = overhang(&place, &written);
    Layout { structure, cards, place, flow, data, frames, overhang, width, height }
}

/// How far what is written at the cards reaches beyond the left edge.
pub(super) fn overhang(place: &[(f64, f64)], written: &[(f64, f64)]) -> f64 {
    let reach = |((x, _), (left, _)): (&(f64, f64), &(f64, f64))| if *left > 0.0 { left + EDGE - x } else { 0.0 };
    place.iter().zip(written).map(reach).fold(0.0, f64::max).ceil()
}

/// Room that each vertex needs for what is written on wires: left of it, right of it.
pub(super) fn written(picture: &GraphPicture, structure: &Structure, cards: &[Card]) -> Vec<(f64, f64)> {
    let mut written = vec![(0.0_f64, 0.0_f64); structure.vertices.len()];
    let pill = |text: &str, font: Font| width(text, font, PILL_SIZE) + 16.0;
    for link in &structure.links {
        if let Some(text) = flow_label(picture, link.wire) {
            written[link.from].1 = written[link.from].1.max(pill(&text, Font::Bold));
        }
    }
    if picture.traced() {
        for (vertex, (room, card)) in written.iter_mut().zip(cards).enumerate() {
            let values = shown_values(picture, structure, card, vertex);
            let widest = |values: &[(f64, String)]| {
                values.iter().map(|(_, value)| pill(&shorten(value, VALUE_LETTERS), Font::Mono)).fold(0.0, f64::max)
            };
            *room = (room.0.max(widest(&values.inputs)), room.1.max(widest(&values.outputs)));
        }
    }
    written
}

/// Room after each column of `row`: for what is written at the beginning of wires, and at their end.
fn gaps(rows: &Rows, row: usize, columns: usize, written: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut gaps = vec![(0.0_f64, 0.0_f64); columns];
    for (vertex, (left, right)) in written.iter().enumerate().filter(|&(vertex, _)| rows.row[vertex] == row) {
        if let Some(gap) = gaps.get_mut(rows.layer[vertex]) {
            gap.0 = gap.0.max(*right);
        }
        if let Some(gap) = rows.layer[vertex].checked_sub(1).and_then(|before| gaps.get_mut(before)) {
            gap.1 = gap.1.max(*left);
        }
    }
    gaps
}

/// Values to be written at a card's pins: height of the pin and value.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Left of inputs.
    pub inputs: Vec<(f64, String)>,
    /// Right of outputs.
    pub outputs: Vec<(f64, String)>,
}

/// The traced values at a card. A value stands where it arises; at an input only if it is another one there.
pub(super) fn shown_values(picture: &GraphPicture, structure: &Structure, card: &Card, vertex: usize) -> Shown {
    let mut shown = Shown::default();
    let wires = || structure.data.iter().chain(&structure.backward);
    for (index, pin) in card.outputs.iter().enumerate() {
        let mut leaving = wires().filter(|datum| datum.from == vertex).filter_map(|datum| picture.data.get(datum.wire));
        let value = pin.value.clone().or_else(|| {
            leaving.find_map(|wire| {
                wire.value.clone().filter(|_| wire.path.is_empty() && leaves(&wire.from, index, &pin.name))
            })
        });
        shown.outputs.extend(value.map(|value| (pin.y, value)));
    }
    if !matches!(structure.vertices.get(vertex), Some(Vertex::Node(_))) {
        return shown;
    }
    for pin in &card.inputs {
        let mut value = pin.value.clone().filter(|value| pin.field.as_ref().is_none_or(|field| field.full != *value));
        for datum in wires().filter(|datum| datum.to == vertex) {
            let Some(wire) = picture.data.get(datum.wire).filter(|wire| wire.port == pin.name) else {
                continue;
            };
            let here = wire.value.clone().or(value.take());
            value = here.filter(|value| {
                !wire.path.is_empty() || source_value(picture, &wire.from).is_none_or(|other| other != value)
            });
        }
        shown.inputs.extend(value.map(|value| (pin.y, value)));
    }
    shown
}

/// Whether a wire leaves the pin.
fn leaves(from: &DataFrom, index: usize, name: &str) -> bool {
    match from {
        DataFrom::Parameter(parameter) => *parameter == index,
        DataFrom::Node { port, .. } => port == name,
    }
}

/// The value that is shown where a wire begins.
fn source_value<'a>(picture: &'a GraphPicture, from: &DataFrom) -> Option<&'a String> {
    if let DataFrom::Node { node, port } = from
        && let Some(pin) = picture.nodes.get(*node).and_then(|node| node.outputs.iter().find(|pin| pin.name == *port))
        && pin.value.is_some()
    {
        return pin.value.as_ref();
    }
    picture.data.iter().filter(|wire| wire.from == *from && wire.path.is_empty()).find_map(|wire| wire.value.as_ref())
}

/// What is written on a flow wire: its label, and how often it was passed where its node does not say that.
pub(super) fn flow_label(picture: &GraphPicture, wire: usize) -> Option<String> {
    let wire = picture.flow.get(wire)?;
    let label = wire.label.as_deref().map(|label| shorten(label, VALUE_LETTERS));
    let ran = match wire.from {
        FlowFrom::Start => Some(1),
        FlowFrom::Node(node) => picture.nodes.get(node).and_then(|node| node.visited),
    };
    match (label, wire.taken.filter(|&count| count > 1 && Some(count) != ran)) {
        (Some(label), Some(count)) => Some(format!("{label} ×{count}")),
        (None, Some(count)) => Some(format!("×{count}")),
        (label, None) => label,
    }
}

/// The left top of every node of `picture` in an automatic layout, by position.
pub(super) fn node_positions(layout: &Layout) -> Vec<(f64, f64)> {
    let nodes = layout.structure.vertices.iter().filter(|what| matches!(what, Vertex::Node(_))).count();
    layout.place.iter().skip(START + 1).take(nodes).copied().collect()
}
