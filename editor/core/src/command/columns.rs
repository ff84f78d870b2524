//! The automatic layout's coordinates: cards in columns, each as high as what it is wired with lets it be, none upon another.
//!
//! Which column a node is in and what stands above what is the layered layout of the pictures (Sugiyama's method, in
//! `statewright_harness::draw`); cards of the canvas are larger than those of pictures, so they get heights of their own here.
//! Heights are found by sweeps to and fro: each card wants its wires straight, and of all heights that keep the order of the
//! column those nearest to that are taken (pooling of adjacent violators: Ayer et al. 1955, linear in the column).
//! Wires that pass columns have lanes there, as high as a card of their own would be: all wires of one pin have one together.

/// Space between columns, and between cards of one column.
pub const BETWEEN: (f64, f64) = (72.0, 28.0);
/// Cards whose left edges are nearer than this are one column.
pub const COLUMN: f64 = 90.0;
/// Sweeps over all columns.
const SWEEPS: usize = 8;
/// Places are whole multiples of this.
const GRID: f64 = 10.0;

/// How much it counts that the flow is straight.
pub const FLOW: f64 = 8.0;
/// And wires of values, which are to bend no flow.
pub const DATA: f64 = 0.01;

/// A wire between two cards, by their positions, with the heights of its pins on them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The card where it begins, and how far below its top.
    pub from: (usize, f64),
    /// The card where it ends, likewise.
    pub to: (usize, f64),
    /// How much straightness of it counts.
    pub weight: f64,
}

/// How much more it counts of flow that passes columns.
const FAR: f64 = 1e3;
/// Height of the lane that a wire of the flow has between the cards of a column that it passes.
const LANE: f64 = 20.0;
/// And of the one that the wires of an output have together.
const THREAD: f64 = 6.0;
/// Space between a lane and what is next in its column.
const BESIDE: f64 = 12.0;
/// So many lanes for each card at most: beyond that wires find their way without.
const MOST_LANES: usize = 24;
/// From this sweep on lanes of values go where their wires are straightest.
const SORTED: usize = 2;

/// Left tops for cards of these sizes, in the columns and the order that `places` have.
pub fn columns(places: &[(f64, f64)], sizes: &[(f64, f64)], links: &[Link]) -> Vec<(f64, f64)> {
    let count = places.len().min(sizes.len());
    let mut all = Lanes { places: places.to_vec(), sizes: sizes.to_vec(), links: Vec::with_capacity(links.len()) };
    all.places.truncate(count);
    all.sizes.truncate(count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| all.place(*a).0.total_cmp(&all.place(*b).0));
    let mut columns: Vec<(f64, Vec<usize>)> = Vec::new();
    for index in order {
        let x = all.place(index).0;
        match columns.last_mut().filter(|(first, _)| x - *first < COLUMN) {
            Some((_, column)) => column.push(index),
            None => columns.push((x, vec![index])),
        }
    }
    all.add(&mut columns, links);
    let mut new = all.stacked(&mut columns);
    straighten(&mut new, &all, count, &mut columns);
    new.truncate(count);
    new
}

/// By card, the column that it is in.
fn column_of(columns: &[(f64, Vec<usize>)], count: usize) -> Vec<usize> {
    let mut of = vec![0; count];
    for (column, (_, cards)) in columns.iter().enumerate() {
        for card in cards {
            if let Some(of) = of.get_mut(*card) {
                *of = column;
            }
        }
    }
    of
}

/// Cards, and behind them lanes: what keeps cards away from wires that pass.
struct Lanes {
    places: Vec<(f64, f64)>,
    sizes: Vec<(f64, f64)>,
    links: Vec<Link>,
}

impl Lanes {
    fn place(&self, index: usize) -> (f64, f64) {
        self.places.get(index).copied().unwrap_or_default()
    }

    fn size(&self, index: usize) -> (f64, f64) {
        self.sizes.get(index).copied().unwrap_or_default()
    }

    /// Adds links, with a lane in each column that one passes.
    fn add(&mut self, columns: &mut [(f64, Vec<usize>)], links: &[Link]) {
        let of = column_of(columns, self.places.len());
        let column = |card: usize| of.get(card).copied().unwrap_or_default();
        for link in links.iter().filter(|link| link.weight >= FLOW) {
            let between = column(link.from.0) + 1..column(link.to.0).max(column(link.from.0) + 1);
            // What goes far is straight before what is near: the eye follows that less easily.
            let weight = if between.is_empty() { link.weight } else { link.weight * FAR };
            let before = self.lanes(columns, between, link, LANE, weight);
            let from = before.last().map_or(link.from, |lane| (*lane, LANE / 2.0));
            self.links.push(Link { from, weight, ..*link });
        }
        let mut data: Vec<&Link> = links.iter().filter(|link| link.weight < FLOW).collect();
        data.sort_by(|a, b| a.from.0.cmp(&b.from.0).then(a.from.1.total_cmp(&b.from.1)));
        let most = self.places.len().saturating_mul(MOST_LANES);
        for net in data.chunk_by(|a, b| a.from == b.from) {
            let Some(first) = net.first() else { continue };
            let begin = column(first.from.0) + 1;
            let furthest = net.iter().max_by_key(|link| column(link.to.0)).unwrap_or(first);
            let between = begin..column(furthest.to.0).max(begin);
            let has_room = self.places.len() + between.len() <= most;
            let lanes = if has_room { self.lanes(columns, between, furthest, THREAD, DATA) } else { Vec::new() };
            for link in net {
                let before = column(link.to.0).checked_sub(begin + 1).and_then(|index| lanes.get(index));
                let from = before.map_or(link.from, |lane| (*lane, THREAD / 2.0));
                self.links.push(Link { from, ..**link });
            }
        }
    }

    /// Lanes for a wire in the columns between its ends, each linked with the one before.
    fn lanes(
        &mut self,
        columns: &mut [(f64, Vec<usize>)],
        between: std::ops::Range<usize>,
        link: &Link,
        height: f64,
        weight: f64,
    ) -> Vec<usize> {
        let (begin, end) = (self.place(link.from.0).1 + link.from.1, self.place(link.to.0).1 + link.to.1);
        let parts = between.len() as f64 + 1.0;
        let mut before = link.from;
        let mut lanes = Vec::with_capacity(between.len());
        for (part, (x, cards)) in (1..).zip(columns.get_mut(between).unwrap_or_default()) {
            let lane = self.places.len();
            let y = begin + (end - begin) * f64::from(part) / parts - height / 2.0;
            self.places.push((*x, y));
            self.sizes.push((0.0, height));
            cards.push(lane);
            self.links.push(Link { from: before, to: (lane, height / 2.0), weight });
            before = (lane, height / 2.0);
            lanes.push(lane);
        }
        lanes
    }

    /// Space below one of a column above the next: a lane has no width.
    fn space(&self, upper: usize, lower: usize) -> f64 {
        match (self.size(upper).0 > 0.0, self.size(lower).0 > 0.0) {
            (true, true) => BETWEEN.1,
            (false, false) => 0.0,
            _ => BESIDE,
        }
    }

    /// Columns beside each other, and in each its cards below each other, where they are wanted if there is room.
    fn stacked(&self, columns: &mut [(f64, Vec<usize>)]) -> Vec<(f64, f64)> {
        let mut new = self.places.clone();
        let mut left = columns.first().map_or(0.0, |(x, _)| *x);
        for (_, column) in columns {
            column.sort_by(|a, b| self.place(*a).1.total_cmp(&self.place(*b).1));
            let (mut widest, mut above) = (0.0f64, None);
            for index in column.iter().copied() {
                let free = above.map_or(f64::NEG_INFINITY, |(upper, bottom)| bottom + self.space(upper, index));
                let y = self.place(index).1.max(free);
                if let Some(at) = new.get_mut(index) {
                    *at = (left, y);
                }
                above = Some((index, y + self.size(index).1));
                widest = widest.max(self.size(index).0);
            }
            left += widest + BETWEEN.0;
        }
        new
    }
}

/// By card: height of the pin, the other card, height of its pin, weight.
type Wants = Vec<Vec<(f64, usize, f64, f64)>>;

fn straighten(new: &mut [(f64, f64)], all: &Lanes, count: usize, columns: &mut [(f64, Vec<usize>)]) {
    let mut wants: Wants = vec![Vec::new(); new.len()];
    let of = column_of(columns, new.len());
    for link in all.links.iter().filter(|link| of.get(link.from.0) != of.get(link.to.0)) {
        for ((card, pin), (other, other_pin)) in [(link.from, link.to), (link.to, link.from)] {
            if let Some(wants) = wants.get_mut(card) {
                wants.push((pin, other, other_pin, link.weight));
            }
        }
    }
    if wants.iter().all(Vec::is_empty) {
        return;
    }
    // At last each goes on as high as the flow comes to it: one bend is read more easily than the same fall by many steps.
    let mut led = wants.clone();
    for link in all.links.iter().filter(|link| link.weight >= FLOW) {
        if let Some(led) = led.get_mut(link.to.0).filter(|_| of.get(link.from.0) < of.get(link.to.0)) {
            led.clear();
        }
    }
    for link in all.links.iter().filter(|link| link.weight >= FLOW) {
        if let Some(led) = led.get_mut(link.to.0).filter(|_| of.get(link.from.0) < of.get(link.to.0)) {
            led.push((link.to.1, link.from.0, link.from.1, link.weight));
        }
    }
    for sweep in 0..SWEEPS {
        let forward: Vec<usize> = (0..columns.len()).collect();
        let order: Vec<usize> = if sweep % 2 == 0 { forward } else { forward.into_iter().rev().collect() };
        for index in order {
            let Some((_, cards)) = columns.get_mut(index) else { continue };
            if sweep >= SORTED {
                sort_lanes(new, all, cards, count, &wants);
            }
            settle(new, all, cards, &wants);
        }
    }
    for (_, cards) in columns.iter_mut() {
        settle(new, all, cards, &led);
        sort_lanes(new, all, cards, count, &wants);
        settle(new, all, cards, &led);
    }
    for (_, cards) in columns.iter() {
        let mut above: Option<(usize, f64)> = None;
        for card in cards {
            let Some((_, y)) = new.get_mut(*card) else { continue };
            let free = above.map_or(f64::NEG_INFINITY, |(upper, bottom)| bottom + all.space(upper, *card));
            // Lanes are not seen: only cards are on the grid.
            *y =
                if *card < count { ((*y / GRID).round() * GRID).max((free / GRID).ceil() * GRID) } else { y.max(free) };
            above = Some((*card, *y + all.size(*card).1));
        }
    }
}

/// The height at which the wires of one would be straightest; `None` where it has none.
fn wish(new: &[(f64, f64)], card: usize, wants: &Wants) -> Option<(f64, f64)> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (pin, other, other_pin, part) in wants.get(card)? {
        sum += part * (new.get(*other).map_or(0.0, |(_, y)| *y) + other_pin - pin);
        weight += part;
    }
    (weight > 0.0).then(|| (sum / weight, weight))
}

/// Puts the lanes of values between those cards of a column where their wires are straightest; all else keeps its order.
fn sort_lanes(new: &mut [(f64, f64)], all: &Lanes, cards: &mut Vec<usize>, count: usize, wants: &Wants) {
    let is_thread = |index: usize| index >= count && all.size(index).1 <= THREAD;
    let mut threads: Vec<(f64, usize)> = cards
        .iter()
        .filter(|index| is_thread(**index))
        .map(|index| {
            (wish(new, *index, wants).map_or_else(|| new.get(*index).map_or(0.0, |at| at.1), |at| at.0), *index)
        })
        .collect();
    threads.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sorted = Vec::with_capacity(cards.len());
    let mut next = threads.into_iter().peekable();
    for card in cards.iter().copied().filter(|index| !is_thread(*index)) {
        let middle = new.get(card).map_or(0.0, |(_, y)| *y) + all.size(card).1 / 2.0;
        while let Some((_, thread)) = next.next_if(|(at, _)| *at + THREAD / 2.0 < middle) {
            sorted.push(thread);
        }
        sorted.push(card);
    }
    sorted.extend(next.map(|(_, thread)| thread));
    *cards = sorted;
}

/// Heights of a column's cards: as near to where each wants to be as their order allows.
fn settle(new: &mut [(f64, f64)], all: &Lanes, cards: &[usize], wants: &Wants) {
    // Where a card is, less all that stands above it: these numbers only have to ascend.
    let mut above = 0.0;
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(cards.len());
    let mut offsets = Vec::with_capacity(cards.len());
    let mut upper = None;
    for card in cards {
        above += upper.map_or(0.0, |upper| all.size(upper).1 + all.space(upper, *card));
        upper = Some(*card);
        // What has no wires gives way to what has.
        let stays = (new.get(*card).map_or(0.0, |(_, y)| *y), DATA / 20.0);
        let (mut wish, mut weight) = wish(new, *card, wants).unwrap_or(stays);
        wish -= above;
        offsets.push(above);
        let mut count = 1;
        while let Some((before, before_weight, before_count)) = blocks.pop_if(|(before, ..)| *before > wish) {
            wish = (before * before_weight + wish * weight) / (before_weight + weight);
            weight += before_weight;
            count += before_count;
        }
        blocks.push((wish, weight, count));
    }
    let heights = blocks.iter().flat_map(|(at, _, count)| std::iter::repeat_n(*at, *count));
    for ((card, offset), height) in cards.iter().zip(offsets).zip(heights) {
        if let Some((_, y)) = new.get_mut(*card) {
            *y = height + offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use statewright_types::random::Streams;

    use super::*;

    #[test]
    fn cards_lie_apart_in_their_columns() {
        let places = [(0.0, 0.0), (10.0, 50.0), (150.0, 0.0), (160.0, 20.0), (1000.0, 0.0)];
        let sizes = [(100.0, 80.0), (300.0, 80.0), (100.0, 40.0), (100.0, 40.0), (50.0, 50.0)];
        let new = columns(&places, &sizes, &[]);
        assert_eq!(new, [(0.0, 0.0), (0.0, 108.0), (372.0, 0.0), (372.0, 68.0), (544.0, 0.0)]);
    }

    #[test]
    fn a_chain_is_straight_and_what_feeds_it_stands_below() {
        // Three in the flow, and one below the first that the third reads.
        let places = [(0.0, 40.0), (300.0, 0.0), (600.0, 90.0), (310.0, 200.0)];
        let sizes = [(200.0, 100.0); 4];
        let flow = |from, to| Link { from: (from, 42.0), to: (to, 42.0), weight: FLOW };
        let data = Link { from: (3, 42.0), to: (2, 66.0), weight: DATA };
        let new = columns(&places, &sizes, &[flow(0, 1), flow(1, 2), data]);
        assert_eq!((new[0].1, new[1].1), (new[1].1, new[2].1), "{new:?}");
        assert_eq!(new[3], (new[1].0, ((new[1].1 + 128.0) / 10.0_f64).ceil() * 10.0), "{new:?}");
    }

    #[test]
    fn a_flow_that_passes_a_column_has_a_lane_there() {
        // From the first to the last, past a card that stood in the way.
        let places = [(0.0, 0.0), (300.0, -5.0), (600.0, 0.0)];
        let sizes = [(200.0, 100.0); 3];
        let flow = |from, to, pin| Link { from: (from, pin), to: (to, 42.0), weight: FLOW };
        let new = columns(&places, &sizes, &[flow(0, 2, 42.0), flow(0, 1, 66.0)]);
        assert_eq!((new.len(), new[0].1), (3, new[2].1), "{new:?}");
        let wire = new[0].1 + 42.0;
        assert!(new[1].1 > wire || new[1].1 + 100.0 < wire, "{new:?}");
    }

    #[test]
    fn no_cards_overlap_whatever_they_are_wired_with() {
        for seed in 0..200 {
            let mut streams = Streams::new(seed);
            let mut draw = |most: i64| streams.int("draw", 0, most) as f64;
            let count = 2 + draw(30.0 as i64) as usize;
            let places: Vec<(f64, f64)> = (0..count).map(|_| (draw(6) * 250.0, draw(900))).collect();
            let sizes: Vec<(f64, f64)> = (0..count).map(|_| (100.0 + draw(300), 40.0 + draw(260))).collect();
            let links: Vec<Link> = (0..count * 2)
                .map(|_| Link {
                    from: (draw(count as i64 - 1) as usize, draw(100)),
                    to: (draw(count as i64 - 1) as usize, draw(100)),
                    weight: 1.0 + draw(4),
                })
                .collect();
            let new = columns(&places, &sizes, &links);
            for (a, b) in (0..count).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let apart = |at: (f64, f64), size: (f64, f64), other: (f64, f64)| {
                    at.0 + size.0 <= other.0 || at.1 + size.1 <= other.1
                };
                let is_apart = apart(new[a], sizes[a], new[b]) || apart(new[b], sizes[b], new[a]);
                assert!(is_apart, "seed {seed}: {a} and {b} of {new:?}, {sizes:?}");
            }
        }
    }
}
