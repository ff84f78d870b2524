//! Ways around cards. A wire goes as one curve where no card is in between; else level past the cards, with a curve from one
//! level to the next in the gaps between them.
//!
//! What lies between both ends is cut upright into slabs, at the edges of cards; within a slab each height is free all along or
//! not at all. The cheapest way from slab to slab is found by one sweep (dynamic programming): what it costs is how far it goes
//! up and down, and how often. A wire that leads back turns round at both ends and is the same in between.
//!
//! A way depends on its ends and on the cards in one rectangle, on no other wire: after an edit only those are found anew that
//! looked at what changed.

use super::Route;
use super::route::{Point, level};
use crate::meta::Rect;
use crate::wires::PinId;

/// Room between a wire and the cards that it passes.
const CLEAR: f64 = 8.0;
/// Wires of different pins pass at different distances: so many, so far apart.
const TRACKS: u32 = 4;
const TRACK: f64 = 6.0;
/// How far above and below its ends a wire looks for a way: near first.
const BANDS: [f64; 2] = [160.0, 480.0];
/// What a curve costs besides its height; more where there is little room for it.
const BEND: f64 = 30.0;
const NARROW: (f64, f64) = (24.0, 60.0);
/// What it costs to turn round where a card is.
const BLOCKED: f64 = 400.0;
/// How far a wire that leads back swings out, and how far it may go on before.
const TURN: f64 = 28.0;
const AHEAD: [f64; 4] = [0.0, 60.0, 140.0, 260.0];
const SWING: f64 = 260.0 + 2.0 * TURN;
/// Width of a curve by its height, and at least and at most.
const SLOPE: (f64, f64, f64) = (1.1, 44.0, 170.0);
/// More cards than these are taken as one slab: a run past all of them, or none.
const MOST: usize = 48;

/// The rectangles of the cards that touch a rectangle.
pub type CardsIn<'a> = &'a dyn Fn(&Rect) -> Vec<Rect>;

/// A way, and where cards matter to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// How it goes.
    pub route: Route,
    /// As long as cards here stay as they are, so does the way. `None`: whatever cards do.
    pub looked: Option<Rect>,
}

/// Which of the tracks beside cards wires of a pin take.
pub fn track(pin: &PinId) -> u32 {
    let bytes = pin.node.bytes().chain(pin.name.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) % TRACKS
}

/// The way from an output or exit to an input, through points where there are any.
pub fn way(from: Point, to: Point, points: &[Point], track: u32, cards_in: CardsIn<'_>) -> Way {
    let direct = Route::new(from, to, points);
    let is_finite = [from.0, from.1, to.0, to.1].iter().all(|value| value.is_finite());
    if !points.is_empty() || !is_finite {
        return Way { route: direct, looked: None };
    }
    let near = direct.bounds().grown(CLEAR);
    let is_back = to.0 < from.0;
    let counts = |card: &Rect| if is_back { !is_inside(card, from, to) } else { !has_end(card, from, to) };
    let cards: Vec<Rect> = cards_in(&near).into_iter().filter(counts).collect();
    if !cards.iter().any(|card| direct.meets(&card.grown(if is_back { -2.0 } else { 2.0 }))) {
        return Way { route: direct, looked: Some(near) };
    }
    let (left, right) = (from.0.min(to.0) - SWING, from.0.max(to.0) + SWING);
    let mut looked = near;
    for band in BANDS {
        let (top, bottom) = (from.1.min(to.1) - band, from.1.max(to.1) + band);
        looked = looked.with(&Rect::new(left, top, right - left, bottom - top));
        let cards: Vec<Rect> = cards_in(&looked).into_iter().filter(counts).collect();
        let ends = Ends { from, to, track, band: (top, bottom) };
        let found = if is_back { ends.back(&cards) } else { ends.forth(&cards) };
        if let Some(route) = found {
            return Way { route, looked: Some(looked) };
        }
    }
    Way { route: direct, looked: Some(looked) }
}

/// Whether a wire begins or ends at a card, or within it.
fn has_end(card: &Rect, from: Point, to: Point) -> bool {
    card.grown(0.5).contains(from) || card.grown(0.5).contains(to)
}

fn is_inside(card: &Rect, from: Point, to: Point) -> bool {
    card.grown(-1.0).contains(from) || card.grown(-1.0).contains(to)
}

/// Between which places a way is looked for, and how far up and down.
struct Ends {
    from: Point,
    to: Point,
    track: u32,
    band: (f64, f64),
}

impl Ends {
    fn forth(&self, cards: &[Rect]) -> Option<Route> {
        let field = self.field((self.from.0, self.to.0), cards);
        let end = |at: f64| move |y: f64| if (y - at).abs() < 1e-6 { 0.0 } else { f64::INFINITY };
        let steps = field.sweep(end(self.from.1), end(self.to.1))?;
        Some(Route { pieces: field.pieces(&steps) })
    }

    /// To the left, with a turn at both ends: found in the mirror.
    fn back(&self, cards: &[Rect]) -> Option<Route> {
        let mirrored: Vec<Rect> = cards.iter().map(|card| Rect { x: -card.right(), ..*card }).collect();
        let field = self.field((-self.from.0, -self.to.0), &mirrored);
        let (begin, end) = (Turn::new(self.from, 1.0, cards), Turn::new(self.to, -1.0, cards));
        let steps = field.sweep(|y| begin.best(y).1, |y| end.best(y).1)?;
        let (first, last) = (steps.first()?.1, steps.last()?.2);
        let mut pieces = begin.pieces(first);
        pieces.extend(field.pieces(&steps).into_iter().map(|piece| piece.map(|(x, y)| (-x, y))));
        pieces.extend(end.pieces(last).into_iter().rev().map(|[a, b, c, d]| [d, c, b, a]));
        Some(Route { pieces })
    }

    fn field(&self, x: (f64, f64), cards: &[Rect]) -> Field {
        Field::new(x, [self.from.1, self.to.1], self.band, self.track, cards)
    }
}

/// The end of a wire that leads back: on for a while, out to one side, and back at another height.
struct Turn {
    at: Point,
    /// 1 to the right, -1 to the left.
    way: f64,
    /// Those that it could meet.
    cards: Vec<Rect>,
}

impl Turn {
    fn new(at: Point, way: f64, cards: &[Rect]) -> Turn {
        let (left, right) = (at.0.min(at.0 + way * SWING), at.0.max(at.0 + way * SWING));
        let is_near = |card: &&Rect| card.x <= right && left <= card.right();
        Turn { at, way, cards: cards.iter().filter(is_near).copied().collect() }
    }

    /// How far to go on before the turn to a height, and what it costs: less where no card is.
    fn best(&self, y: f64) -> (f64, f64) {
        let ((x, from), way) = (self.at, self.way);
        let costs = AHEAD.map(|ahead| {
            let (turn, out) = (x + way * ahead, x + way * (ahead + TURN));
            let parts = [
                Rect::between((x + 4.0 * way, from), (turn + 4.0 * way, from)),
                Rect::between((turn + 4.0 * way, from), (out, y)),
                Rect::between((x + 4.0 * way, y), (turn + 4.0 * way, y)),
            ];
            let is_blocked = self.cards.iter().any(|card| parts.iter().any(|part| card.grown(2.0).touches(part)));
            (ahead, (y - from).abs() + 2.0 * ahead + if is_blocked { BLOCKED } else { 0.0 })
        });
        costs.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
    }

    fn pieces(&self, y: f64) -> Vec<[Point; 4]> {
        let turn = (self.at.0 + self.way * self.best(y).0, self.at.1);
        let back = (self.at.0, y);
        let mut pieces = Vec::with_capacity(3);
        if turn != self.at {
            pieces.push(level(self.at, turn));
        }
        let reach = self.way * ((y - turn.1).abs() / 2.0).clamp(12.0, TURN) * 4.0 / 3.0;
        pieces.push([turn, (turn.0 + reach, turn.1), (turn.0 + reach, y), (turn.0, y)]);
        if turn != self.at {
            pieces.push(level((turn.0, y), back));
        }
        pieces
    }
}

/// A part of the way between two edges of cards, with the heights that are free all along, from top to bottom.
struct Slab {
    x: (f64, f64),
    free: Vec<(f64, f64)>,
}

impl Slab {
    fn new(x: (f64, f64), band: (f64, f64), cards: &[Rect]) -> Slab {
        let inside = cards.iter().filter(|card| card.x - CLEAR < x.1 && card.right() + CLEAR > x.0);
        let mut taken: Vec<(f64, f64)> = inside.map(|card| (card.y - CLEAR, card.bottom() + CLEAR)).collect();
        taken.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut free, mut at) = (Vec::new(), band.0);
        for (top, bottom) in taken {
            if top >= at {
                free.push((at, top));
            }
            at = at.max(bottom);
        }
        if at <= band.1 {
            free.push((at, band.1));
        }
        Slab { x, free }
    }

    fn is_free(&self, a: f64, b: f64) -> bool {
        let (top, bottom) = (a.min(b), a.max(b));
        self.free.iter().any(|free| free.0 <= top && bottom <= free.1)
    }
}

/// Slabs from one end to the other, and the heights that a way may have.
struct Field {
    slabs: Vec<Slab>,
    heights: Vec<f64>,
}

/// In which slab, from which height, to which.
type Step = (usize, f64, f64);

impl Field {
    fn new(x: (f64, f64), ends: [f64; 2], band: (f64, f64), track: u32, cards: &[Rect]) -> Field {
        let margin = (x.1 - x.0).min(6.0 * CLEAR) / 2.0;
        let mut cuts = if cards.len() > MOST { vec![x.0 + margin, x.1 - margin] } else { Vec::new() };
        if cards.len() <= MOST {
            cuts.extend(cards.iter().flat_map(|card| [card.x - CLEAR, card.right() + CLEAR]));
        }
        cuts.retain(|cut| x.0 < *cut && *cut < x.1);
        cuts.extend([x.0, x.1]);
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        let slabs = cuts.windows(2).filter_map(|pair| match pair {
            [a, b] => Some(Slab::new((*a, *b), band, cards)),
            _ => None,
        });
        let further = CLEAR + TRACK * f64::from(track);
        let mut heights: Vec<f64> = ends.to_vec();
        for card in cards {
            heights.extend([card.y - further, card.bottom() + further, card.y - CLEAR, card.bottom() + CLEAR]);
        }
        let slabs: Vec<Slab> = slabs.collect();
        // Of a run past many cards only those heights matter that are free all along.
        let run = slabs.get(1).filter(|_| cards.len() > MOST);
        let counts = |y: f64| ends.contains(&y) || run.is_none_or(|run| run.is_free(y, y));
        heights.retain(|y| band.0 <= *y && *y <= band.1 && counts(*y));
        heights.sort_by(f64::total_cmp);
        heights.dedup();
        Field { slabs, heights }
    }

    /// The cheapest way, a step for each slab; `begin` and `end` say what it costs to begin and end at a height.
    fn sweep(&self, begin: impl Fn(f64) -> f64, end: impl Fn(f64) -> f64) -> Option<Vec<Step>> {
        let mut costs: Vec<f64> = self.heights.iter().map(|y| begin(*y)).collect();
        let mut came: Vec<Vec<usize>> = Vec::with_capacity(self.slabs.len());
        for slab in &self.slabs {
            let (next, from) = self.through(slab, &costs);
            costs = next;
            came.push(from);
        }
        let all = costs.iter().zip(&self.heights).map(|(cost, y)| cost + end(*y));
        let (mut at, cost) = all.enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        if !cost.is_finite() {
            return None;
        }
        let mut steps = Vec::with_capacity(self.slabs.len());
        for (slab, from) in came.iter().enumerate().rev() {
            let before = *from.get(at)?;
            steps.push((slab, *self.heights.get(before)?, *self.heights.get(at)?));
            at = before;
        }
        steps.reverse();
        Some(steps)
    }

    /// What heights cost behind a slab, and at which one the way came into it.
    fn through(&self, slab: &Slab, costs: &[f64]) -> (Vec<f64>, Vec<usize>) {
        let mut next = vec![f64::INFINITY; costs.len()];
        let mut from: Vec<usize> = (0..costs.len()).collect();
        let bend = BEND + if slab.x.1 - slab.x.0 < NARROW.0 { NARROW.1 } else { 0.0 };
        for (top, bottom) in &slab.free {
            let first = self.heights.partition_point(|y| y < top);
            let last = self.heights.partition_point(|y| y <= bottom);
            for index in first..last {
                if let (Some(next), Some(cost)) = (next.get_mut(index), costs.get(index)) {
                    *next = *cost;
                }
            }
            let mut sweep = |indices: &mut dyn Iterator<Item = usize>| {
                let mut best: Option<(f64, usize, f64)> = None;
                for index in indices {
                    let (Some(y), Some(cost)) = (self.heights.get(index), costs.get(index)) else { continue };
                    if let Some((cost, at, from_y)) = best
                        && let Some(next) = next.get_mut(index)
                        && cost + (y - from_y).abs() + bend < *next
                        && let Some(from) = from.get_mut(index)
                    {
                        (*next, *from) = (cost + (y - from_y).abs() + bend, at);
                    }
                    if best.is_none_or(|(best, _, from_y)| *cost < best + (y - from_y).abs()) {
                        best = Some((*cost, index, *y));
                    }
                }
            };
            sweep(&mut (first..last));
            sweep(&mut (first..last).rev());
        }
        (next, from)
    }

    /// The curves of a way: each as wide as its height wants, if there is room for it.
    fn pieces(&self, steps: &[Step]) -> Vec<[Point; 4]> {
        let (Some(begin), Some(end)) = (self.slabs.first(), self.slabs.last()) else { return Vec::new() };
        let mut at = (begin.x.0, steps.first().map_or(0.0, |step| step.1));
        let bends: Vec<&Step> = steps.iter().filter(|step| step.1 != step.2).collect();
        let mut pieces = Vec::with_capacity(bends.len() * 2 + 1);
        for (index, (slab, from, to)) in bends.iter().enumerate() {
            let limit = bends.get(index + 1).and_then(|next| self.slabs.get(next.0)).map_or(end.x.1, |next| next.x.0);
            let Some((left, right)) = self.room(*slab, (*from, *to), (at.0, limit)) else { continue };
            let (slope, least, most) = SLOPE;
            let width = ((to - from).abs() * slope).clamp(least, most).min(right - left);
            let middle = self.slabs.get(*slab).map_or(left, |slab| (slab.x.0 + slab.x.1) / 2.0);
            let start = (middle - width / 2.0).clamp(left, (right - width).max(left));
            let (a, d) = ((start, *from), (start + width, *to));
            pieces.extend((a.0 - at.0 > 0.5).then(|| level(at, a)));
            let a = if a.0 - at.0 > 0.5 { a } else { at };
            pieces.push([a, (a.0 + width / 2.0, a.1), (d.0 - width / 2.0, d.1), d]);
            at = d;
        }
        let to = (end.x.1, at.1);
        pieces.extend((to.0 - at.0 > 0.5 || pieces.is_empty()).then(|| level(at, to)));
        if let Some(last) = pieces.last_mut() {
            last[3] = to;
        }
        pieces
    }

    /// How far left and right of a slab a curve between two heights is free, within limits.
    fn room(&self, slab: usize, (a, b): (f64, f64), (least, most): (f64, f64)) -> Option<(f64, f64)> {
        let is_free = |slab: &&Slab| slab.is_free(a, b);
        let own = self.slabs.get(slab)?;
        let before = self.slabs.get(..slab)?.iter().rev().take_while(is_free).last();
        let after = self.slabs.get(slab + 1..)?.iter().take_while(is_free).last();
        let left = before.map_or(own.x.0, |slab| slab.x.0).max(least);
        let right = after.map_or(own.x.1, |slab| slab.x.1).min(most);
        (left < right).then_some((left, right))
    }
}

/// Whether a way of level pieces and curves may be drawn: end to end.
#[cfg(test)]
fn is_whole(route: &Route) -> bool {
    route.pieces.windows(2).all(|pair| matches!(pair, [a, b] if a[3] == b[0]))
}

#[cfg(test)]
mod tests {
    use statewright_types::random::Streams;

    use super::super::route::curve;
    use super::*;

    fn found(from: Point, to: Point, cards: &[Rect]) -> Way {
        way(from, to, &[], 0, &|rect| cards.iter().filter(|card| card.touches(rect)).copied().collect())
    }

    fn crossed(route: &Route, cards: &[Rect]) -> usize {
        cards.iter().filter(|card| route.meets(card)).count()
    }

    #[test]
    fn nothing_in_between_is_one_curve() {
        let way = found((0.0, 0.0), (400.0, 90.0), &[Rect::new(100.0, 300.0, 100.0, 100.0)]);
        assert_eq!(way.route, Route { pieces: vec![curve((0.0, 0.0), (400.0, 90.0))] });
        assert!(way.looked.unwrap().bottom() < 300.0, "what is far does not matter");
    }

    #[test]
    fn a_card_in_the_way_is_passed_on_the_shorter_side() {
        let card = Rect::new(200.0, -80.0, 150.0, 100.0);
        let way = found((0.0, 0.0), (600.0, 0.0), &[card]);
        assert!(is_whole(&way.route) && crossed(&way.route, &[card]) == 0, "{way:?}");
        let lowest = way.route.line().iter().map(|point| point.1).fold(0.0, f64::max);
        assert_eq!(lowest, card.bottom() + CLEAR, "below, where it is nearer");
        assert_eq!((way.route.pieces[0][0], way.route.pieces.last().unwrap()[3]), ((0.0, 0.0), (600.0, 0.0)));
    }

    #[test]
    fn columns_are_passed_through_the_gaps_between_their_cards() {
        let column = |x: f64, ys: [f64; 3]| ys.map(|y| Rect::new(x, y, 160.0, 120.0));
        let cards = [column(100.0, [-200.0, -50.0, 100.0]), column(340.0, [-260.0, -110.0, 60.0])].concat();
        let way = found((0.0, 0.0), (700.0, 10.0), &cards);
        assert!(is_whole(&way.route) && crossed(&way.route, &cards) == 0, "{way:?}");
    }

    #[test]
    fn what_leads_back_goes_around_its_own_cards() {
        let (source, target) = (Rect::new(400.0, 0.0, 160.0, 120.0), Rect::new(0.0, 0.0, 160.0, 120.0));
        let cards = [source, target, Rect::new(210.0, 10.0, 150.0, 80.0)];
        let way = found((560.0, 42.0), (0.0, 42.0), &cards);
        assert!(is_whole(&way.route), "{way:?}");
        assert_eq!(crossed(&way.route, &cards.map(|card| card.grown(-1.0))), 0, "{way:?}");
        assert_eq!((way.route.pieces[0][0], way.route.pieces.last().unwrap()[3]), ((560.0, 42.0), (0.0, 42.0)));
    }

    #[test]
    fn where_there_is_no_way_it_goes_behind() {
        let wall: Vec<Rect> = (-20..20).map(|row| Rect::new(200.0, f64::from(row) * 100.0, 100.0, 98.0)).collect();
        assert_eq!(found((0.0, 0.0), (600.0, 0.0), &wall).route, Route::new((0.0, 0.0), (600.0, 0.0), &[]));
    }

    #[test]
    fn pins_of_a_card_take_their_own_track_whatever_else_there_is() {
        let all: std::collections::HashSet<u32> = ["playerID", "cardID", "index", "found", "result", "removed"]
            .map(|name| track(&PinId::new("start", crate::wires::Side::Output, name)))
            .into();
        assert!(all.len() >= 3 && all.iter().all(|track| *track < TRACKS), "{all:?}");
    }

    #[test]
    fn ways_are_whole_and_meet_no_card_wherever_cards_stand_apart() {
        let (mut forth, mut back) = (0, 0);
        for seed in 0..300 {
            let mut streams = Streams::new(seed);
            let mut draw = |most: i64| streams.int("draw", 0, most) as f64;
            let mut cards: Vec<Rect> = Vec::new();
            for _ in 0..30 {
                let card = Rect::new(draw(1800), draw(1200), 120.0 + draw(120), 60.0 + draw(160));
                if cards.iter().all(|other| !other.grown(40.0).touches(&card)) {
                    cards.push(card);
                }
            }
            let (source, target) = (cards[0], cards[1]);
            let (from, to) = ((source.right(), source.y + 42.0), (target.x, target.y + 42.0));
            let way = found(from, to, &cards);
            assert!(is_whole(&way.route), "seed {seed}: {way:?}");
            assert_eq!((way.route.pieces[0][0], way.route.pieces.last().unwrap()[3]), (from, to), "seed {seed}");
            let behind = crossed(&way.route, &cards.iter().map(|card| card.grown(-1.0)).collect::<Vec<_>>());
            *if from.0 <= to.0 { &mut forth } else { &mut back } += behind;
        }
        // Where one card is all the way between both ends, the way would have to lead back first.
        assert!(forth <= 6 && back <= 10, "of 300 wires: {forth} on their way, {back} on their way back");
    }
}
