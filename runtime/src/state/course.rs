//! How a list became another: which stretches of it were where before. Whatever the operations were, and wherever their sequence
//! was cut, the same net change is the same course.

use super::changes::{Operation, SPARE_OPERATIONS};

/// Where elements of a list were before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From that position on, and they stayed what they are.
    Kept(u32),
    /// From that position on, and something else was put in each one's place.
    Overwritten(u32),
    /// Nowhere.
    New,
}

impl Origin {
    /// The position before of the first one, if it had one.
    #[inline]
    pub fn before(self) -> Option<u32> {
        match self {
            Origin::Kept(from) | Origin::Overwritten(from) => Some(from),
            Origin::New => None,
        }
    }

    /// That of the element so far behind the first one.
    #[inline]
    pub fn ahead(self, by: u32) -> Origin {
        match self {
            Origin::Kept(from) => Origin::Kept(from + by),
            Origin::Overwritten(from) => Origin::Overwritten(from + by),
            Origin::New => Origin::New,
        }
    }
}

/// A stretch of a list as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it was before.
    pub origin: Origin,
    /// How many elements, at least 1.
    pub count: u32,
}

impl Piece {
    /// The part of it from `start` on, of at most `count` elements.
    fn part(self, start: u32, count: u32) -> Piece {
        Piece { origin: self.origin.ahead(start), count: count.min(self.count - start) }
    }

    /// Takes in the piece that follows it, if it goes on like this one.
    #[inline]
    fn take_in(&mut self, next: &Piece) -> bool {
        let goes_on = self.origin.ahead(self.count) == next.origin;
        self.count += if goes_on { next.count } else { 0 };
        goes_on
    }
}

/// How a list became another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    before: u32,
    now: u32,
    /// As long as possible each.
    pieces: Vec<Piece>,
}

/// So many operations are applied one by one; more are halved, so that their time does not grow with the square.
const FEW: usize = 32;

impl Course {
    /// Nothing happened to so many elements.
    pub fn still(length: u32) -> Course {
        let mut course = Course::default();
        course.reset(length);
        course
    }

    /// A list that had `before` elements, from where each of those now in it was. What has no origin is new.
    pub fn from_origins(before: u32, origins: impl IntoIterator<Item = Origin>) -> Course {
        let pieces: Vec<Piece> = origins.into_iter().map(|origin| Piece { origin, count: 1 }).collect();
        let mut course = Course { before, now: pieces.len() as u32, pieces };
        course.join();
        course
    }

    /// How many elements there were before.
    pub fn before(&self) -> u32 {
        self.before
    }

    /// How many there are now.
    pub fn now(&self) -> u32 {
        self.now
    }

    /// The list as it is now.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The same, each with its position.
    pub fn places(&self) -> impl Iterator<Item = (u32, Piece)> + Clone {
        self.pieces.iter().scan(0, |at, piece| {
            let start = *at;
            *at += piece.count;
            Some((start, *piece))
        })
    }

    /// Whether nothing happened.
    #[inline]
    pub fn is_still(&self) -> bool {
        let is_start = |piece: &Piece| piece.origin == Origin::Kept(0);
        self.before == self.now && self.pieces.len() <= 1 && self.pieces.iter().all(is_start)
    }

    /// Whether anything of it was not there before.
    pub fn brings(&self) -> bool {
        self.pieces.iter().any(|piece| !matches!(piece.origin, Origin::Kept(_)))
    }

    fn reset(&mut self, length: u32) {
        (self.before, self.now) = (length, length);
        self.pieces.clear();
        self.pieces.extend((length > 0).then_some(Piece { origin: Origin::Kept(0), count: length }));
    }

    /// Becomes that of no element, and keeps a little memory.
    pub(super) fn forget(&mut self) {
        self.reset(0);
        self.pieces.shrink_to(SPARE_OPERATIONS);
    }

    /// Becomes the course of these operations on a list that has `now` elements after them.
    pub(super) fn retrace(&mut self, operations: &[Operation], now: u32) {
        let before = operations.iter().rev().fold(now, |length, operation| match operation {
            Operation::Insert(_) => length.saturating_sub(1),
            Operation::Remove(_) => length + 1,
            Operation::Arrange(course) => course.before,
            _ => length,
        });
        if operations.len() <= FEW {
            self.reset(before);
            operations.iter().for_each(|operation| self.apply(operation));
            self.join();
        } else {
            *self = Course::of(operations, before);
        }
    }

    /// As deep as the logarithm of the number of operations.
    fn of(operations: &[Operation], before: u32) -> Course {
        if operations.len() <= FEW {
            let mut course = Course::still(before);
            operations.iter().for_each(|operation| course.apply(operation));
            course.join();
            return course;
        }
        let (first, rest) = operations.split_at(operations.len() / 2);
        let first = Course::of(first, before);
        let rest = Course::of(rest, first.now);
        first.then(&rest)
    }

    fn apply(&mut self, operation: &Operation) {
        match operation {
            Operation::Insert(at) => self.insert(*at),
            Operation::Remove(at) => self.remove(*at),
            Operation::Set(at) => self.overwrite(*at),
            Operation::Arrange(course) => *self = self.then(course),
            Operation::Put { .. } | Operation::Delete { .. } | Operation::Replace => {}
        }
    }

    /// The piece that the element at a position is in, and where in it.
    fn find(&self, at: u32) -> (usize, u32) {
        if at >= self.now {
            return (self.pieces.len(), 0);
        }
        let found = self.places().enumerate().find(|(_, (start, piece))| at - start < piece.count);
        found.map_or((self.pieces.len(), 0), |(index, (start, _))| (index, at - start))
    }

    fn insert(&mut self, at: u32) {
        let (index, inside) = self.find(at);
        let new = Piece { origin: Origin::New, count: 1 };
        match self.pieces.get(index).copied() {
            Some(piece) if inside > 0 => {
                let parts = [piece.part(0, inside), new, piece.part(inside, piece.count)];
                self.pieces.splice(index..=index, parts);
            }
            _ => self.pieces.insert(index, new),
        }
        self.now += 1;
    }

    fn remove(&mut self, at: u32) {
        if self.change(at, None) {
            self.now -= 1;
        }
    }

    fn overwrite(&mut self, at: u32) {
        let (index, inside) = self.find(at);
        let origin = self.pieces.get(index).map(|piece| piece.origin.ahead(inside));
        if let Some(Origin::Kept(from)) = origin {
            self.change(at, Some(Piece { origin: Origin::Overwritten(from), count: 1 }));
        }
    }

    /// Puts something else, or nothing, in the place of one element; whether it is there.
    fn change(&mut self, at: u32, other: Option<Piece>) -> bool {
        let (index, inside) = self.find(at);
        let Some(piece) = self.pieces.get(index).copied() else { return false };
        let head = (inside > 0).then(|| piece.part(0, inside));
        let tail = (inside + 1 < piece.count).then(|| piece.part(inside + 1, piece.count));
        self.pieces.splice(index..=index, [head, other, tail].into_iter().flatten());
        true
    }

    /// Makes one of pieces that go on like those before them.
    fn join(&mut self) {
        self.pieces.dedup_by(|next, last| last.take_in(next));
    }

    /// This course, and then another one. Takes time in proportion to the pieces of both, and a logarithm.
    #[must_use]
    pub fn then(&self, later: &Course) -> Course {
        debug_assert_eq!(self.now, later.before, "one follows the other");
        let starts: Vec<u32> = self.places().map(|(start, _)| start).collect();
        let mut pieces = Vec::with_capacity(self.pieces.len() + later.pieces.len());
        for piece in &later.pieces {
            let Some(from) = piece.origin.before() else {
                pieces.push(*piece);
                continue;
            };
            let first = starts.partition_point(|start| *start <= from).saturating_sub(1);
            let (mut at, end) = (from, from.saturating_add(piece.count));
            for (mine, start) in self.pieces.iter().zip(&starts).skip(first) {
                if at >= end {
                    break;
                }
                let part = mine.part(at - start, end - at);
                at += part.count;
                pieces.push(match (part.origin, piece.origin) {
                    (Origin::Kept(from), Origin::Overwritten(_)) => Piece { origin: Origin::Overwritten(from), ..part },
                    _ => part,
                });
            }
        }
        let mut course = Course { before: self.before, now: later.now, pieces };
        course.join();
        course
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use statewright_types::random::Streams;

    use super::*;

    /// An element of a list: where it was before, and whether it was overwritten.
    fn follow(list: &mut Vec<Origin>, operation: &Operation) {
        match operation {
            Operation::Insert(at) => list.insert(*at as usize, Origin::New),
            Operation::Remove(at) => _ = list.remove(*at as usize),
            Operation::Set(at) => {
                if let Origin::Kept(from) = list[*at as usize] {
                    list[*at as usize] = Origin::Overwritten(from);
                }
            }
            Operation::Arrange(course) => {
                let old = std::mem::take(list);
                for piece in course.pieces() {
                    for ahead in 0..piece.count {
                        let was = piece.origin.ahead(ahead);
                        let before = was.before().map(|from| old[from as usize]);
                        list.push(match (was, before) {
                            (Origin::Overwritten(_), Some(Origin::Kept(from))) => Origin::Overwritten(from),
                            (_, before) => before.unwrap_or(Origin::New),
                        });
                    }
                }
            }
            other => panic!("{other:?} of a list"),
        }
    }

    fn operation(streams: &mut Streams, length: usize) -> Operation {
        let at = streams.int("at", 0, length as i64) as u32;
        let is_there = (at as usize) < length;
        match streams.int("kind", 0, 6) {
            0 | 1 if is_there => Operation::Remove(at),
            2 if is_there => Operation::Set(at),
            3 if length > 1 => {
                let mut origins: Vec<Origin> = (0..length as u32).map(Origin::Kept).collect();
                origins.rotate_left(at as usize % length);
                origins.swap(0, length / 2);
                origins.truncate(length - at as usize % 2);
                origins.extend(at.is_multiple_of(3).then_some(Origin::New));
                if let (true, Some(Origin::Kept(from))) = (at.is_multiple_of(4), origins.first().copied()) {
                    origins[0] = Origin::Overwritten(from);
                }
                Operation::Arrange(Arc::new(Course::from_origins(length as u32, origins)))
            }
            _ => Operation::Insert(at),
        }
    }

    #[test]
    fn courses_are_where_each_element_was_wherever_they_are_cut() {
        for seed in 0..2000 {
            let mut streams = Streams::new(seed);
            let before = streams.int("before", 0, 12) as u32;
            let mut list: Vec<Origin> = (0..before).map(Origin::Kept).collect();
            let (mut operations, mut cuts) = (Vec::new(), vec![Course::still(before)]);
            let mut since = 0;
            for _ in 0..streams.int("steps", 0, if seed % 10 == 0 { 300 } else { 12 }) {
                let next = operation(&mut streams, list.len());
                follow(&mut list, &next);
                operations.push(next);
                if streams.int("cut", 0, 5) == 0 {
                    let mut course = Course::default();
                    course.retrace(&operations[since..], list.len() as u32);
                    (since, cuts) = (operations.len(), [cuts, vec![course]].concat());
                }
            }
            let mut rest = Course::still(77);
            rest.retrace(&operations[since..], list.len() as u32);
            let mut whole = Course::default();
            whole.retrace(&operations, list.len() as u32);
            assert_eq!(whole, Course::from_origins(before, list.iter().copied()), "seed {seed}");
            let merged = cuts.iter().fold(Course::still(before), |all, next| all.then(next)).then(&rest);
            assert_eq!(merged, whole, "seed {seed}");
            let still =
                list.len() == before as usize && list.iter().zip(0..).all(|(each, at)| *each == Origin::Kept(at));
            assert_eq!(whole.is_still(), still, "seed {seed}");
        }
    }

    #[test]
    fn courses_of_many_operations_take_no_square_of_time() {
        // A million comparisons for each of these would not end today.
        let operations: Vec<Operation> = (0..200_000).map(|at| Operation::Insert(at * 7 % (at + 1))).collect();
        let mut course = Course::still(0);
        course.retrace(&operations, 200_000 + 1_000_000);
        assert_eq!((course.before(), course.now()), (1_000_000, 1_200_000));
    }
}
