//! How the elements of a list get where they are now: removals, moves and insertions, or all of them arranged; whichever takes less.

use std::ops::Range;

use crate::state::{Course, Origin, Piece};
use crate::wire::varint;

/// What has to be done, in this order. What is overwritten counts as kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether all elements are arranged at once, and nothing else done.
    pub(super) arranges: bool,
    /// Positions of what is removed, in ranges from the last on.
    pub(super) gone: Vec<Range<u32>>,
    /// Elements that are moved: from where, and to where without it, each when those before have moved.
    pub(super) moves: Vec<(u32, u32)>,
    /// Positions of what is inserted, in ranges.
    pub(super) new: Vec<Range<u32>>,
}

/// Kept elements that were next to each other, and are.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// The position of the first one among those that are kept, now.
    now: u32,
    count: u32,
    /// Which of the blocks it was before.
    rank: usize,
    /// Whether it stays where it is.
    stays: bool,
    /// How many elements of blocks before it stay.
    staying: u32,
}

impl Plan {
    /// For a course; an element by itself takes `absent` bytes more than in a run. Takes time in proportion to the pieces of the course and
    /// the elements that are moved, and a logarithm.
    pub(super) fn of(course: &Course, absent: usize) -> Plan {
        let mut plan = Plan::default();
        plan.remake(course, absent);
        plan
    }

    /// The same, in the memory of an earlier one.
    pub(super) fn remake(&mut self, course: &Course, absent: usize) {
        self.forget();
        let is_ordered = course.pieces().iter().filter_map(|piece| piece.origin.before()).is_sorted();
        self.find_gone(course, is_ordered);
        let new = course.places().filter(|(_, piece)| piece.origin == Origin::New);
        self.new.extend(new.map(|(at, piece)| at..at + piece.count));
        if is_ordered && self.gone.len() + self.new.len() <= 1 {
            return;
        }
        let arranging = arranging(course, absent as u64);
        let mut cost = self.cost(absent as u64);
        if !is_ordered {
            cost += self.find_moves(course, arranging.saturating_sub(cost));
        }
        if cost > arranging {
            self.forget();
            self.arranges = true;
        }
    }

    fn forget(&mut self) {
        self.arranges = false;
        self.gone.clear();
        self.moves.clear();
        self.new.clear();
    }

    fn find_gone(&mut self, course: &Course, is_ordered: bool) {
        let kept = |gone: &mut Vec<Range<u32>>, start: &mut u32, (from, count): (u32, u32)| {
            gone.extend((*start < from).then_some(*start..from));
            *start = from + count;
        };
        let pieces = course.pieces().iter().filter_map(|piece| Some((piece.origin.before()?, piece.count)));
        let (gone, mut start) = (&mut self.gone, 0);
        if is_ordered {
            pieces.for_each(|piece| kept(gone, &mut start, piece));
        } else {
            let mut pieces: Vec<_> = pieces.collect();
            pieces.sort_unstable();
            pieces.into_iter().for_each(|piece| kept(gone, &mut start, piece));
        }
        gone.extend((start < course.before()).then_some(start..course.before()));
        gone.reverse();
    }

    /// How many bytes removals and insertions take, without the elements.
    fn cost(&self, absent: u64) -> u64 {
        let gone = self.gone.iter().map(|range| match range.len() as u32 {
            1 => 1 + length(range.start),
            several => 1 + length(range.start) + length(several),
        });
        let new = self.new.iter().map(|range| match range.len() as u32 {
            1 => 1 + length(range.start) + absent,
            several if absent > 0 => 1 + length(range.start) + 2 * length(several) + absent,
            several => 1 + length(range.start) + length(several),
        });
        gone.sum::<u64>() + new.sum::<u64>()
    }

    /// Brings what is kept into its order, if that may be done with so many bytes: whatever has to move goes behind what comes before it.
    /// Gives the bytes, or as many as it takes at least.
    fn find_moves(&mut self, course: &Course, most: u64) -> u64 {
        let (blocks, followers) = blocks(course);
        let moved = blocks.iter().filter(|block| !block.stays);
        let least = moved.clone().map(|block| u64::from(block.count)).sum::<u64>() * MOVE_BYTES;
        if least > most {
            return least;
        }
        // Elements that have yet to move, by the ranks of their blocks.
        let mut waiting = Sums::new(blocks.len());
        moved.for_each(|block| waiting.add(block.rank, block.count));
        let mut cost = 0;
        let mut behind = None;
        for block in &blocks {
            if block.stays {
                behind = Some(block.rank);
                continue;
            }
            // What has moved already stands before the next one that stays, and all that stays is in order.
            let (next, staying) = followers.get(block.rank).copied().unwrap_or_default();
            for now in block.now..block.now + block.count {
                waiting.add(block.rank, u32::MAX);
                let to = now + behind.map_or(0, |rank| waiting.before(rank));
                let there = if next <= now { next } else { now + staying - block.staying };
                let from = there + waiting.before(block.rank);
                if from != to {
                    self.moves.push((from, to));
                    cost += 1 + length(from) + length(to);
                }
            }
        }
        cost
    }
}

/// A move takes so many bytes at least.
const MOVE_BYTES: u64 = 3;

/// How many bytes it takes to arrange all elements, without those that are new.
fn arranging(course: &Course, absent: u64) -> u64 {
    let piece = |piece: &Piece| match piece.origin.before() {
        // Positions are counted from 1.
        Some(from) => lengths_below(u64::from(from + piece.count) + 1) - lengths_below(u64::from(from) + 1),
        None => u64::from(piece.count) * (1 + absent),
    };
    1 + length(course.now()) + course.pieces().iter().map(piece).sum::<u64>()
}

/// How many bytes the varints of all numbers below `end` take.
fn lengths_below(end: u64) -> u64 {
    end + (1..5).map(|longer| end.saturating_sub(1 << (7 * longer))).sum::<u64>()
}

fn length(number: u32) -> u64 {
    varint::length(u64::from(number)) as u64
}

/// What is kept, in the order of now; as much as possible stays. And, by rank: where the next block behind it that stays is now, and how
/// many elements stay before that.
fn blocks(course: &Course) -> (Vec<Block>, Vec<(u32, u32)>) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = Vec::new();
    let mut now = 0;
    for piece in course.pieces() {
        if let Some(from) = piece.origin.before() {
            before.push((from, blocks.len()));
            blocks.push(Block { now, count: piece.count, rank: 0, stays: false, staying: 0 });
            now += piece.count;
        }
    }
    before.sort_unstable();
    for (rank, (_, at)) in before.iter().enumerate() {
        if let Some(block) = blocks.get_mut(*at) {
            block.rank = rank;
        }
    }
    stay(&mut blocks);
    let mut staying = 0;
    for block in &mut blocks {
        block.staying = staying;
        staying += if block.stays { block.count } else { 0 };
    }
    let mut next = (now, staying);
    let mut followers = vec![next; blocks.len()];
    for ((_, at), follower) in before.iter().zip(&mut followers).rev() {
        *follower = next;
        if let Some(block) = blocks.get(*at).filter(|block| block.stays) {
            next = (block.now, block.staying);
        }
    }
    (blocks, followers)
}

/// Marks what stays: an ascending sequence of blocks with most elements.
fn stay(blocks: &mut [Block]) {
    let mut best = Best(vec![None; blocks.len() + 1]);
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(blocks.len());
    let mut end: Option<(u32, usize)> = None;
    for (at, block) in blocks.iter().enumerate() {
        let before = best.before(block.rank);
        previous.push(before.map(|(_, at)| at));
        let weight = block.count + before.map_or(0, |(weight, _)| weight);
        best.offer(block.rank, (weight, at));
        if end.is_none_or(|(most, _)| most < weight) {
            end = Some((weight, at));
        }
    }
    let mut next = end.map(|(_, at)| at);
    while let Some(at) = next {
        if let Some(block) = blocks.get_mut(at) {
            block.stays = true;
        }
        next = previous.get(at).copied().flatten();
    }
}

/// Sums of what is before a place: each, and each change, takes the logarithm of their number (a Fenwick tree).
struct Sums(Vec<u32>);

impl Sums {
    fn new(length: usize) -> Sums {
        Sums(vec![0; length + 1])
    }

    /// Adds to what is at a place, wrapping, so that something can be taken away.
    fn add(&mut self, at: usize, value: u32) {
        let mut at = at + 1;
        while let Some(sum) = self.0.get_mut(at) {
            *sum = sum.wrapping_add(value);
            at += at & at.wrapping_neg();
        }
    }

    fn before(&self, mut at: usize) -> u32 {
        let mut sum = 0u32;
        while at > 0 {
            sum = sum.wrapping_add(self.0.get(at).copied().unwrap_or(0));
            at &= at - 1;
        }
        sum
    }
}

/// The same for the heaviest of what is before a place; of several the first that was offered.
struct Best(Vec<Option<(u32, usize)>>);

impl Best {
    fn offer(&mut self, at: usize, one: (u32, usize)) {
        let mut at = at + 1;
        while let Some(best) = self.0.get_mut(at) {
            if best.is_none_or(|best| best.0 < one.0) {
                *best = Some(one);
            }
            at += at & at.wrapping_neg();
        }
    }

    fn before(&self, mut at: usize) -> Option<(u32, usize)> {
        let mut best: Option<(u32, usize)> = None;
        while at > 0 {
            let other = self.0.get(at).copied().flatten();
            if other.is_some_and(|other| best.is_none_or(|best| (best.0, other.1) < (other.0, best.1))) {
                best = other;
            }
            at &= at - 1;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use statewright_types::random::Streams;

    use super::*;

    /// A course of a list of numbers, and what it becomes; new ones are from 1,000 on.
    fn random(streams: &mut Streams) -> (u32, Vec<Option<u32>>) {
        let before = streams.int("before", 0, 30) as u32;
        let mut now: Vec<Option<u32>> = (0..before).map(Some).collect();
        for _ in 0..streams.int("steps", 0, 6) {
            let (at, to) = (streams.int("at", 0, now.len() as i64) as usize, streams.int("to", 0, now.len() as i64));
            match streams.int("kind", 0, 4) {
                0 => now.insert(at, None),
                1 if at < now.len() => _ = now.remove(at),
                2 => now.rotate_left(at),
                3 if streams.int("all", 0, 5) == 0 => now.sort_by_key(|each| each.map(|each| each * 7 % 11)),
                _ if at < now.len() => {
                    let one = now.remove(at);
                    now.insert((to as usize).min(now.len()), one);
                }
                _ => {}
            }
        }
        (before, now)
    }

    fn course(before: u32, now: &[Option<u32>]) -> Course {
        Course::from_origins(before, now.iter().map(|each| each.map_or(Origin::New, Origin::Kept)))
    }

    /// Does what the plan says; and the bytes that it takes, without elements.
    fn follow(plan: &Plan, before: u32, now: &[Option<u32>]) -> (Vec<Option<u32>>, u64) {
        let mut list: Vec<Option<u32>> = (0..before).map(Some).collect();
        if plan.arranges {
            let each = |each: &Option<u32>| length(each.map_or(0, |each| each + 1));
            return (now.to_vec(), 1 + length(now.len() as u32) + now.iter().map(each).sum::<u64>());
        }
        let mut bytes = 0;
        let several = |range: &Range<u32>| {
            1 + length(range.start) + if range.len() == 1 { 0 } else { length(range.len() as u32) }
        };
        for range in &plan.gone {
            list.drain(range.start as usize..range.end as usize);
            bytes += several(range);
        }
        for (from, to) in &plan.moves {
            let one = list.remove(*from as usize);
            list.insert(*to as usize, one);
            bytes += 1 + length(*from) + length(*to);
        }
        for range in &plan.new {
            range.clone().for_each(|at| list.insert(at as usize, None));
            bytes += several(range);
        }
        (list, bytes)
    }

    #[test]
    fn plans_lead_to_what_is() {
        let (mut arranged, mut moved) = (0, 0);
        for seed in 0..20_000 {
            let (before, now) = random(&mut Streams::new(seed));
            let course = course(before, &now);
            let plan = Plan::of(&course, 0);
            let (list, bytes) = follow(&plan, before, &now);
            assert_eq!(list, now, "seed {seed}: {plan:?}");
            let arranging = arranging(&course, 0);
            let is_one = plan.moves.is_empty() && plan.gone.len() + plan.new.len() <= 1;
            assert!(bytes <= arranging || is_one, "seed {seed}: {bytes} of {arranging}, {plan:?}");
            if plan.arranges {
                assert_eq!(bytes, arranging, "seed {seed}");
            }
            (arranged, moved) = (arranged + usize::from(plan.arranges), moved + usize::from(!plan.moves.is_empty()));
        }
        assert!(arranged > 1000 && moved > 1000, "{arranged}, {moved}");
    }

    #[test]
    fn what_moves_is_as_little_as_can_be() {
        let of =
            |now: &[u32]| Plan::of(&course(now.len() as u32, &now.iter().copied().map(Some).collect::<Vec<_>>()), 0);
        let mut sorted: Vec<u32> = (0..1000).collect();
        let one = sorted.remove(17);
        sorted.insert(800, one);
        assert_eq!(of(&sorted).moves, [(17, 800)], "one element out of place");
        sorted.swap(3, 900);
        assert_eq!(of(&sorted).moves.len(), 3, "and two exchanged");
        let half: Vec<u32> = (500..1000).chain(0..500).collect();
        assert!(of(&half).arranges);
        let backwards: Vec<u32> = (0..1000).rev().collect();
        assert!(of(&backwards).arranges);
    }

    #[test]
    fn bytes_of_numbers_add_up() {
        for end in [0, 1, 127, 128, 129, 16_384, 16_385, 40_000] {
            assert_eq!(lengths_below(end), (0..end).map(|number| varint::length(number) as u64).sum::<u64>());
        }
    }
}
