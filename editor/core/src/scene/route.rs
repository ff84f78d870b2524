//! Curves of wires: one that leaves to the right and arrives from the left, straight pieces through reroute points, or what
//! [`super::way`] finds around cards.

use crate::meta::Rect;

/// A point of the canvas.
pub type Point = (f64, f64);

/// Into how many straight parts a curve is cut for measuring.
const PARTS: usize = 12;

/// The way of a wire: cubic Bézier pieces, each four points, end to end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// The pieces.
    pub pieces: Vec<[Point; 4]>,
}

impl Route {
    /// The way from an output or exit to an input, through `points`.
    pub fn new(from: Point, to: Point, points: &[Point]) -> Route {
        if points.is_empty() {
            return Route { pieces: vec![curve(from, to)] };
        }
        let mut all = vec![from];
        all.extend_from_slice(points);
        all.push(to);
        let straight = |pair: &[Point]| match pair {
            [a, b] => Some(level(*a, *b)),
            _ => None,
        };
        Route { pieces: all.windows(2).filter_map(straight).collect() }
    }

    /// The way as straight lines, close enough to draw small and to measure.
    pub fn line(&self) -> Vec<Point> {
        let mut line: Vec<Point> = self.pieces.first().map(|piece| piece[0]).into_iter().collect();
        for piece in &self.pieces {
            let parts = parts(piece);
            line.extend((1..=parts).map(|part| at(piece, part as f64 / parts as f64)));
        }
        line
    }

    /// The rectangle around it.
    pub fn bounds(&self) -> Rect {
        self.boxes().reduce(|all, rect| all.with(&rect)).unwrap_or(Rect::new(0.0, 0.0, 0.0, 0.0))
    }

    /// Whether it passes through a rectangle.
    pub fn meets(&self, rect: &Rect) -> bool {
        self.line().windows(2).any(|pair| matches!(pair, [a, b] if crosses(*a, *b, rect)))
    }

    /// Rectangles that cover it, one for each part.
    pub fn boxes(&self) -> impl Iterator<Item = Rect> {
        self.pieces.iter().flat_map(|piece| {
            let parts = parts(piece);
            let ends = move |part: usize| at(piece, part as f64 / parts as f64);
            (0..parts).map(move |part| Rect::between(ends(part), ends(part + 1)))
        })
    }

    /// How far a point is from it.
    pub fn distance(&self, point: Point) -> f64 {
        let line = self.line();
        let nearest = line.windows(2).map(|pair| match pair {
            [a, b] => to_segment(point, *a, *b),
            _ => f64::INFINITY,
        });
        nearest.fold(f64::INFINITY, f64::min)
    }

    /// The middle of it: where a label or value stands.
    pub fn middle(&self) -> Point {
        let line = self.line();
        let lengths: Vec<f64> = line.windows(2).map(length).collect();
        let mut left = lengths.iter().sum::<f64>() / 2.0;
        for (pair, length) in line.windows(2).zip(lengths) {
            if let ([a, b], true) = (pair, left <= length) {
                return between(*a, *b, if length > 0.0 { left / length } else { 0.0 });
            }
            left -= length;
        }
        line.last().copied().unwrap_or_default()
    }

    /// Between which of its `points` a new one belongs that is put at `point`: 0 before the first.
    pub fn place_of(&self, point: Point) -> usize {
        let distance = |piece: &[Point; 4]| Route { pieces: vec![*piece] }.distance(point);
        let nearest = self.pieces.iter().enumerate().min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)));
        nearest.map_or(0, |(index, _)| index)
    }
}

/// The points of a level or otherwise straight piece.
pub(super) fn level(from: Point, to: Point) -> [Point; 4] {
    [from, between(from, to, 1.0 / 3.0), between(from, to, 2.0 / 3.0), to]
}

/// Into how many straight parts a piece is cut: level ones are straight as they are.
fn parts(piece: &[Point; 4]) -> usize {
    let [a, b, c, d] = piece;
    let is_level = a.1 == d.1 && b.1 == a.1 && c.1 == a.1 && a.0 <= b.0.min(c.0) && b.0.max(c.0) <= d.0;
    if is_level { 1 } else { PARTS }
}

fn length(pair: &[Point]) -> f64 {
    match pair {
        [a, b] => {
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            (dx * dx + dy * dy).sqrt()
        }
        _ => 0.0,
    }
}

/// Whether a straight line has a part in a rectangle (Liang and Barsky 1984).
fn crosses(a: Point, b: Point, rect: &Rect) -> bool {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    let sides = [(-dx, a.0 - rect.x), (dx, rect.right() - a.0), (-dy, a.1 - rect.y), (dy, rect.bottom() - a.1)];
    for (towards, room) in sides {
        if towards == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if towards < 0.0 {
            enters = enters.max(room / towards);
        } else {
            leaves = leaves.min(room / towards);
        }
    }
    enters <= leaves
}

/// The plain curve between two points.
pub(super) fn curve(from: Point, to: Point) -> [Point; 4] {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    // Straight wires keep straight; those that go back swing out further.
    let reach =
        if dx >= 0.0 { (dx * 0.5).clamp(24.0, 160.0) } else { (-dx * 0.35 + dy.abs() * 0.1).clamp(60.0, 220.0) };
    [from, (from.0 + reach, from.1), (to.0 - reach, to.1), to]
}

fn between(a: Point, b: Point, part: f64) -> Point {
    (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
}

fn at(piece: &[Point; 4], part: f64) -> Point {
    let [a, b, c, d] = *piece;
    let (ab, bc, cd) = (between(a, b, part), between(b, c, part), between(c, d, part));
    between(between(ab, bc, part), between(bc, cd, part), part)
}

fn to_segment(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((point.0 - a.0) * dx + (point.1 - a.1) * dy) / length } else { 0.0 };
    let near = between(a, b, along.clamp(0.0, 1.0));
    let (dx, dy) = (point.0 - near.0, point.1 - near.1);
    (dx * dx + dy * dy).sqrt()
}
