//! The layout that keeps the author's positions, moving only what would overlap.

use super::card::{Card, cards};
use super::layout::{Frame, Layout, MARGIN, overhang, written};
use super::model::{DataFrom, GraphPicture};
use super::route::Path;
use super::structure::{START, Structure, Vertex};

/// Least room between cards.
const ROOM: f64 = 18.0;
/// Room between a loop's frame and the cards in it, and more for each loop within.
const PAD: f64 = 8.0;
/// See [`PAD`].
const NEST: f64 = 10.0;
/// Least room between what is drawn and the picture's edge.
pub(super) const EDGE: f64 = 4.0;
/// Room for a frame's title.
const TITLE: f64 = 16.0;

/// Lays out `picture` with a position for every node; start and ends are put beside what they belong to.
pub(super) fn layout(picture: &GraphPicture, mut structure: Structure, positions: &[(f64, f64)]) -> Layout {
    let returns = std::mem::take(&mut structure.returns);
    let tagged = vec![false; picture.data.len()];
    structure.links.extend(returns.iter().copied());
    let cards = cards(picture, &structure, &tagged);
    let mut wanted = vec![(0.0, 0.0); structure.vertices.len()];
    for (vertex, what) in structure.vertices.iter().enumerate() {
        if let Vertex::Node(node) = *what {
            wanted[vertex] = positions.get(node).copied().unwrap_or_default();
        }
    }
    let first = structure.links.iter().find(|link| link.from == START).map_or((0.0, 0.0), |link| wanted[link.to]);
    let left = positions.iter().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    wanted[START] = (left - cards[START].width - 3.0 * ROOM, first.1);
    for link in structure.links.iter().filter(|link| structure.vertices[link.to] == Vertex::End) {
        let (from, to) = (&cards[link.from], &cards[link.to]);
        wanted[link.to] = (wanted[link.from].0 + from.width + 2.0 * ROOM, wanted[link.from].1 + from.lane - to.lane);
    }
    let place = separate(&wanted, &cards);
    let mut flow = Vec::new();
    for (index, link) in structure.links.iter().enumerate() {
        let mut path = Path::new(right_of(&place, &cards, link.from, cards[link.from].exit(index)));
        lead(&mut path, &place, &cards, (link.from, link.to), cards[link.to].lane);
        flow.push(path.wire(link.wire, false));
    }
    let mut data = Vec::new();
    for datum in structure.data.iter().chain(&structure.backward) {
        let Some(wire) = picture.data.get(datum.wire) else {
            continue;
        };
        let card = &cards[datum.from];
        let y = match &wire.from {
            DataFrom::Parameter(index) => card.outputs.get(*index).map_or(card.lane, |pin| pin.y),
            DataFrom::Node { port, .. } => card.output(port),
        };
        let mut path = Path::new(right_of(&place, &cards, datum.from, y));
        lead(&mut path, &place, &cards, (datum.from, datum.to), cards[datum.to].input(&wire.port));
        data.push(path.wire(datum.wire, false));
    }
    let reach = |size: fn(&Card) -> f64, at: fn(&(f64, f64)) -> f64| {
        place.iter().zip(&cards).map(|(place, card)| at(place) + size(card)).fold(0.0, f64::max) + MARGIN
    };
    let (width, height) = (reach(|card| card.width, |at| at.0), reach(|card| card.height, |at| at.1));
    let frames = frames(&structure, &cards, &place);
    let bottom = frames.iter().map(|frame| frame.rect.1 + frame.rect.3).fold(height - MARGIN, f64::max);
    let right = frames.iter().map(|frame| frame.rect.0 + frame.rect.2).fold(width - MARGIN, f64::max);
    let (width, height) = (right + MARGIN, bottom + MARGIN);
    let overhang = overhang(&place, &written(picture, &structure, &cards));
    Layout { structure, cards, place, flow, data, frames, overhang, width, height }
}

/// A frame around each loop's body, outer ones first; none where the author put other nodes among those of the body.
fn frames(structure: &Structure, cards: &[Card], place: &[(f64, f64)]) -> Vec<Frame> {
    let size = |body: &[bool]| body.iter().filter(|inside| **inside).count();
    let mut frames = Vec::new();
    for each in &structure.loops {
        let nested = structure
            .loops
            .iter()
            .filter(|other| each.body.get(other.header) == Some(&true) && size(&other.body) < size(&each.body));
        let inside = |vertex: usize| each.body.get(vertex) == Some(&true);
        let pad = PAD + NEST * nested.count() as f64;
        let around = |pick: fn(f64, f64) -> f64, zero: f64, edge: &dyn Fn(usize) -> f64| {
            (0..cards.len()).filter(|vertex| inside(*vertex)).map(edge).fold(zero, pick)
        };
        let left = around(f64::min, f64::INFINITY, &|vertex| place[vertex].0) - pad;
        let left = left.max(EDGE);
        let top = around(f64::min, f64::INFINITY, &|vertex| place[vertex].1) - pad - TITLE;
        let top = top.max(EDGE);
        let right = around(f64::max, f64::NEG_INFINITY, &|vertex| place[vertex].0 + cards[vertex].width) + pad;
        let bottom = around(f64::max, f64::NEG_INFINITY, &|vertex| place[vertex].1 + cards[vertex].height) + pad;
        let crossed = (0..cards.len()).filter(|vertex| !inside(*vertex)).any(|vertex| {
            let ((x, y), card) = (place[vertex], &cards[vertex]);
            x < right && left < x + card.width && y < bottom && top < y + card.height
        });
        if left.is_finite() && !crossed {
            frames.push(Frame { header: each.header, rect: (left, top, right - left, bottom - top), continued: false });
        }
    }
    frames.sort_by(|a, b| (b.rect.2 * b.rect.3).total_cmp(&(a.rect.2 * a.rect.3)));
    frames
}

/// Leads a wire to the left of a card: as a curve, or below both cards where the way is back.
fn lead(path: &mut Path, place: &[(f64, f64)], cards: &[Card], (from, to): (usize, usize), y: f64) {
    let end = (place[to].0, place[to].1 + y);
    let begin = path.at();
    if end.0 > begin.0 {
        return path.curve(end);
    }
    let bottom = |vertex: usize| place[vertex].1 + cards[vertex].height;
    let track = bottom(from).max(bottom(to)) + ROOM / 2.0;
    let (right, left) = (begin.0 + ROOM - 2.0, end.0 - ROOM);
    path.corners(&[(right, begin.1), (right, track), (left, track), (left, end.1), end]);
}

fn right_of(place: &[(f64, f64)], cards: &[Card], vertex: usize, y: f64) -> (f64, f64) {
    (place[vertex].0 + cards[vertex].width, place[vertex].1 + y)
}

/// Moves cards down, from the topmost on, until none overlaps; the left top of all becomes the margin.
fn separate(wanted: &[(f64, f64)], cards: &[Card]) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].1.total_cmp(&wanted[b].1).then(wanted[a].0.total_cmp(&wanted[b].0)));
    let mut place = wanted.to_vec();
    let mut done: Vec<usize> = Vec::new();
    for vertex in order {
        let (x, mut y) = wanted[vertex];
        let beside = |other: &&usize| {
            let left = place[**other].0;
            left < x + cards[vertex].width + ROOM && x < left + cards[**other].width + ROOM
        };
        let mut column: Vec<(f64, f64)> =
            done.iter().filter(beside).map(|&other| (place[other].1, place[other].1 + cards[other].height)).collect();
        column.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (top, bottom) in column {
            if top < y + cards[vertex].height + ROOM && y < bottom + ROOM {
                y = bottom + ROOM;
            }
        }
        place[vertex] = (x, y);
        done.push(vertex);
    }
    let left = place.iter().map(|at| at.0).fold(f64::INFINITY, f64::min);
    let top = place.iter().map(|at| at.1).fold(f64::INFINITY, f64::min);
    place.iter().map(|&(x, y)| (x - left + MARGIN, y - top + MARGIN)).collect()
}
