//! Columns get their places from left to right, rows from top to bottom, and wires their paths: curves in the
//! gaps between columns, level lines along columns, and channels between rows. Nothing is routed through a card.

use std::fmt::Write as _;

use super::lanes::What;
use super::layout::{Frame, MARGIN, Wire};
use super::order::{Ordered, Scene};

/// Least room between columns.
const GAP: f64 = 58.0;
/// Room between wires that go along each other.
const TRACK: f64 = 9.0;
/// Radius of corners.
const RADIUS: f64 = 9.0;
/// Room between a frame and the cards in it.
const PAD: f64 = 16.0;

/// Room between the sides of nested frames.
const NEST: f64 = 9.0;

/// A path that grows.
#[derive(Clone, Debug)]
pub(super) struct Path {
    text: String,
    begin: (f64, f64),
    at: (f64, f64),
}

impl Path {
    /// Begins at a point.
    pub(super) fn new(begin: (f64, f64)) -> Path {
        let mut text = String::new();
        let _ = write!(text, "M{} {}", number(begin.0), number(begin.1));
        Path { text, begin, at: begin }
    }

    /// Where it is.
    pub(super) fn at(&self) -> (f64, f64) {
        self.at
    }

    /// Goes on to a point: level, or as a curve that leaves and arrives level.
    pub(super) fn curve(&mut self, to: (f64, f64)) {
        let from = self.at;
        if (from.1 - to.1).abs() < 0.05 {
            if (to.0 - from.0).abs() > 0.05 {
                let _ = write!(self.text, "H{}", number(to.0));
            }
        } else {
            let bend = (to.0 - from.0) * 0.5;
            let (out, back) = (number(from.0 + bend), number(to.0 - bend));
            let _ = write!(
                self.text,
                "C{out} {} {back} {} {} {}",
                number(from.1),
                number(to.1),
                number(to.0),
                number(to.1)
            );
        }
        self.at = to;
    }

    /// Goes on through corners, which are rounded; each leg is level or upright.
    pub(super) fn corners(&mut self, points: &[(f64, f64)]) {
        for (index, &corner) in points.iter().enumerate() {
            let Some(&next) = points.get(index + 1) else {
                let _ = write!(self.text, "L{} {}", number(corner.0), number(corner.1));
                self.at = corner;
                return;
            };
            let radius = RADIUS.min(distance(self.at, corner) / 2.0).min(distance(corner, next) / 2.0);
            let enter = towards(corner, self.at, radius);
            let leave = towards(corner, next, radius);
            let _ = write!(
                self.text,
                "L{} {}Q{} {} {} {}",
                number(enter.0),
                number(enter.1),
                number(corner.0),
                number(corner.1),
                number(leave.0),
                number(leave.1)
            );
            self.at = leave;
        }
    }

    /// The wire along it.
    pub(super) fn wire(self, wire: usize, back: bool) -> Wire {
        Wire { wire, path: self.text, begin: self.begin, end: self.at, back }
    }
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).abs() + (a.1 - b.1).abs()
}

/// The point `step` from `from` on the level or upright way to `to`.
fn towards(from: (f64, f64), to: (f64, f64), step: f64) -> (f64, f64) {
    let part = step / distance(from, to).max(0.001);
    (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
}

/// A coordinate as text, with at most one decimal.
pub(super) fn number(value: f64) -> String {
    let tenths = (value * 10.0).round();
    if (tenths / 10.0).fract() == 0.0 { format!("{}", (tenths / 10.0) as i64) } else { format!("{:.1}", tenths / 10.0) }
}

/// What routing gives.
pub(super) struct Routed {
    /// Left top of each vertex.
    pub place: Vec<(f64, f64)>,
    /// Flow wires.
    pub flow: Vec<Wire>,
    /// Data wires.
    pub data: Vec<Wire>,
    /// Frames.
    pub frames: Vec<Frame>,
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
}

/// Places rows one after the other.
pub(super) struct Router<'a> {
    scene: &'a Scene<'a>,
    routed: Routed,
    /// Links on their way to further rows, from top to bottom.
    carried: Vec<(usize, Path)>,
    top: f64,
}

/// Columns of a row: left edge and width.
type Columns = Vec<(f64, f64)>;

impl<'a> Router<'a> {
    /// Nothing placed yet.
    pub(super) fn new(scene: &'a Scene<'a>) -> Router<'a> {
        let place = vec![(0.0, 0.0); scene.structure.vertices.len()];
        let routed = Routed { place, flow: Vec::new(), data: Vec::new(), frames: Vec::new(), width: 0.0, height: 0.0 };
        Router { scene, routed, carried: Vec::new(), top: MARGIN }
    }

    /// The links that come into the next row from earlier ones, from top to bottom.
    pub(super) fn incoming(&self) -> Vec<usize> {
        self.carried.iter().map(|(link, _)| *link).collect()
    }

    /// Places a row. `y` has the height of each item's line, `gaps` what is written after each column.
    pub(super) fn row(&mut self, row: usize, ordered: &Ordered, y: &[f64], gaps: &[(f64, f64)]) {
        let scene = self.scene;
        let items = &ordered.lanes.items;
        let extent = |item: usize| match items[item].what {
            What::Vertex(vertex) => (scene.cards[vertex].lane, scene.cards[vertex].height - scene.cards[vertex].lane),
            _ => (4.0, 4.0),
        };
        let least = (0..items.len()).map(|item| y[item] - extent(item).0).fold(f64::INFINITY, f64::min);
        let most = (0..items.len()).map(|item| y[item] + extent(item).1).fold(f64::NEG_INFINITY, f64::max);
        let shift = if least.is_finite() { self.top - least } else { self.top };
        let y: Vec<f64> = y.iter().map(|y| y + shift).collect();
        let columns = self.columns(ordered, gaps, &self.slopes(row, ordered, &y));
        for (index, item) in items.iter().enumerate() {
            if let What::Vertex(vertex) = item.what {
                self.routed.place[vertex] = (columns[item.layer].0, y[index] - scene.cards[vertex].lane);
            }
        }
        self.frames(ordered, &columns, &y, gaps);
        self.arrive(&columns, ordered, &y);
        self.flow(row, ordered, &columns, &y);
        self.back(row, &columns);
        self.data(ordered, &columns, &y);
        let bottom = if most.is_finite() { most + shift } else { self.top };
        let right = columns.last().map_or(0.0, |column| column.0);
        self.leave(right, bottom);
    }

    /// How far the steepest flow wire rises or falls in the gap after each column, beyond what a curve takes easily.
    fn slopes(&self, row: usize, ordered: &Ordered, y: &[f64]) -> Vec<f64> {
        let scene = self.scene;
        let lanes = &ordered.lanes;
        let mut slopes = vec![0.0_f64; ordered.columns.len()];
        for (index, link) in scene.structure.links.iter().enumerate() {
            let mut way = Vec::new();
            if let (true, Some(item)) = (scene.rows.row[link.from] == row, lanes.of_vertex[link.from]) {
                let card = &scene.cards[link.from];
                way.push((lanes.items[item].layer, y[item] + card.exit(index) - card.lane));
            }
            way.extend(lanes.passes[index].iter().map(|&item| (lanes.items[item].layer, y[item])));
            way.extend(lanes.of_vertex[link.to].map(|item| (lanes.items[item].layer, y[item])));
            for pair in way.windows(2) {
                if let [from, to] = pair
                    && let Some(slope) = slopes.get_mut(from.0)
                {
                    *slope = slope.max((from.1 - to.1).abs() - 60.0);
                }
            }
        }
        slopes
    }

    /// Column places: as wide as their cards, with room for what stands between.
    fn columns(&mut self, ordered: &Ordered, gaps: &[(f64, f64)], slopes: &[f64]) -> Columns {
        let mut columns = Vec::new();
        let mut x = MARGIN;
        for (layer, column) in ordered.columns.iter().enumerate() {
            let cards = column.iter().map(|&item| match ordered.lanes.items[item].what {
                What::Vertex(vertex) => self.scene.cards[vertex].width,
                _ => 0.0,
            });
            let mut wide = cards.fold(0.0, f64::max);
            if layer == 0 && !self.carried.is_empty() {
                wide = wide.max(TRACK * self.carried.len() as f64);
            }
            columns.push((x, wide));
            let (left, right) = gaps.get(layer).copied().unwrap_or_default();
            let framed = ordered.frames.iter().any(|&(_, first, last)| last == layer || first == layer + 1);
            let steep = slopes.get(layer).map_or(0.0, |rise| (rise * 0.1).min(44.0));
            let deepest = ordered.frames.iter().filter(|&&(_, _, last)| last == layer).count();
            let edge = steep + if framed { 14.0 } else { 0.0 } + NEST * deepest.saturating_sub(1) as f64;
            x += wide + if wide == 0.0 { GAP / 2.0 } else { GAP.max(left + right + 34.0) + edge };
        }
        let right = columns.iter().rev().skip(1).map(|column| column.0 + column.1).next().unwrap_or(x);
        let written = gaps.len().checked_sub(2).and_then(|last| gaps.get(last)).map_or(0.0, |gap| gap.0);
        if let Some(last) = columns.last_mut() {
            last.0 = right + (GAP / 2.0).max(written + 14.0);
        }
        self.routed.width = self.routed.width.max(right + MARGIN.max(written + 14.0));
        columns
    }

    /// How much farther a frame reaches left and right than the frames within it that begin or end in the same column.
    fn nested(&self, ordered: &Ordered, index: usize) -> (f64, f64) {
        let loops = &self.scene.structure.loops;
        let mut count = (0.0, 0.0);
        let own = ordered.frames.iter().find(|frame| frame.0 == index);
        for &(other, first, last) in ordered.frames.iter().filter(|frame| frame.0 != index) {
            if let Some(&(_, own_first, own_last)) = own
                && loops[index].body[loops[other].header]
            {
                count.0 += if first == own_first { NEST } else { 0.0 };
                count.1 += if last == own_last { NEST } else { 0.0 };
            }
        }
        count
    }

    fn frames(&mut self, ordered: &Ordered, columns: &Columns, y: &[f64], gaps: &[(f64, f64)]) {
        for &(index, first, last) in &ordered.frames {
            let edge = |what: What| ordered.lanes.items.iter().position(|item| item.what == what).map(|item| y[item]);
            if let (Some(top), Some(bottom)) = (edge(What::Top(index)), edge(What::Bottom(index))) {
                let (around_left, around_right) = self.nested(ordered, index);
                let left = columns[first].0 - PAD - around_left;
                let written = gaps.get(last).map_or(0.0, |gap| gap.0);
                let right = columns[last].0 + columns[last].1 + PAD.max(written + 8.0) + around_right;
                let header = self.scene.structure.loops[index].header;
                let rect = (left, top, right - left, bottom - top);
                let continued = self.routed.frames.iter().any(|frame| frame.header == header);
                self.routed.frames.push(Frame { header, rect, continued });
                self.routed.width = self.routed.width.max(right + MARGIN);
            }
        }
    }

    /// Leads links that come from an earlier row down to their height at this row's left.
    fn arrive(&mut self, columns: &Columns, ordered: &Ordered, y: &[f64]) {
        let count = self.carried.len();
        for (index, (link, path)) in self.carried.iter_mut().enumerate() {
            let inner = (count - 1 - index) as f64;
            if let (Some(&item), Some(&(left, wide))) = (ordered.lanes.passes[*link].first(), columns.first()) {
                let x = left + TRACK * inner;
                let track = path.at.1;
                path.corners(&[(x, track), (x, y[item]), (left + wide, y[item])]);
            }
        }
    }

    fn flow(&mut self, row: usize, ordered: &Ordered, columns: &Columns, y: &[f64]) {
        let scene = self.scene;
        let rows = &scene.rows.row;
        let mut arrived: Vec<(usize, Path)> = std::mem::take(&mut self.carried);
        for (index, link) in scene.structure.links.iter().enumerate() {
            let known = arrived.iter().position(|(other, _)| *other == index);
            let mut path = match known {
                Some(known) => arrived.swap_remove(known).1,
                None if rows[link.from] == row => {
                    let (x, top) = self.routed.place[link.from];
                    let card = &scene.cards[link.from];
                    let mut path = Path::new((x + card.width, top + card.exit(index)));
                    path.curve((edge(columns, scene.rows.layer[link.from]), path.at.1));
                    path
                }
                None => continue,
            };
            for &item in &ordered.lanes.passes[index] {
                let layer = ordered.lanes.items[item].layer;
                path.curve((columns[layer].0.max(path.at.0), y[item]));
                path.curve((edge(columns, layer).max(path.at.0), y[item]));
            }
            if rows[link.to] == row {
                let (x, top) = self.routed.place[link.to];
                path.curve((x, top + scene.cards[link.to].lane));
                self.routed.flow.push(path.wire(link.wire, false));
            } else {
                self.carried.push((index, path));
            }
        }
    }

    /// Wires back to a loop: along the bottom of its frame into the loop's right side.
    fn back(&mut self, row: usize, columns: &Columns) {
        let scene = self.scene;
        for link in scene.structure.returns.iter().filter(|link| scene.rows.row[link.from] == row) {
            let frame = self.routed.frames.iter().rev().find(|frame| frame.header == link.to);
            let track = frame.map_or(self.top - 10.0, |frame| frame.rect.1 + frame.rect.3 - 14.0);
            let (from, to) = (&scene.cards[link.from], &scene.cards[link.to]);
            let (from_x, from_y) = self.routed.place[link.from];
            let (to_x, to_y) = self.routed.place[link.to];
            let entry = (to_x + to.width, to_y + to.height - 11.0);
            let mut path = Path::new((from_x + from.width, from_y + from.lane));
            let right = edge(columns, scene.rows.layer[link.from]) + PAD - 3.0;
            let left = edge(columns, scene.rows.layer[link.to]) + 15.0;
            path.corners(&[(right, path.at.1), (right, track), (left, track), (left, entry.1), entry]);
            self.routed.flow.push(path.wire(link.wire, true));
        }
    }

    fn data(&mut self, ordered: &Ordered, columns: &Columns, y: &[f64]) {
        let scene = self.scene;
        for net in &ordered.nets {
            let (x, top) = self.routed.place[net.from];
            let first = scene.rows.layer[net.from];
            for &(wire, to, pin) in &net.to {
                let mut path = Path::new((x + scene.cards[net.from].width, top + net.y));
                path.curve((edge(columns, first), path.at.1));
                let passed = scene.rows.layer[to].saturating_sub(first + 1);
                for &item in net.passes.iter().take(passed) {
                    let layer = ordered.lanes.items[item].layer;
                    path.curve((columns[layer].0, y[item]));
                    path.curve((edge(columns, layer), y[item]));
                }
                let (to_x, to_y) = self.routed.place[to];
                path.curve((to_x, to_y + pin));
                self.routed.data.push(path.wire(wire, false));
            }
        }
    }

    /// Ends the row: what goes on leaves at the right and comes back to the left in tracks below.
    fn leave(&mut self, right: f64, bottom: f64) {
        self.carried.sort_by(|a, b| a.1.at.1.total_cmp(&b.1.at.1));
        let count = self.carried.len();
        for (index, (_, path)) in self.carried.iter_mut().enumerate() {
            let outer = TRACK * (count - 1 - index) as f64;
            let x = right + 4.0 + outer;
            let track = bottom + 26.0 + outer;
            path.corners(&[(x, path.at.1), (x, track), (x - RADIUS - 1.0, track)]);
            self.routed.width = self.routed.width.max(x + MARGIN);
        }
        self.routed.height = bottom + MARGIN;
        self.top = bottom + 26.0 + TRACK * count as f64 + 26.0;
    }

    /// All of it.
    pub(super) fn finish(mut self) -> Routed {
        self.routed.frames.sort_by(|a, b| (b.rect.2 * b.rect.3).total_cmp(&(a.rect.2 * a.rect.3)));
        self.routed
    }
}

/// The right edge of a column.
fn edge(columns: &Columns, layer: usize) -> f64 {
    columns.get(layer).map_or(0.0, |column| column.0 + column.1)
}
