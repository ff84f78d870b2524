//! Which elements of a list that has no structs are those of another one: told by their content, and where they stand.

use super::State;
use super::course::{Course, Origin};
use super::kinds::Kind;

/// What is in a slot, comparable with what is in another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content<'a> {
    Null,
    Number(u64),
    Data(&'a [u8]),
}

impl State {
    fn content(&self, kind: Kind, slot: u64) -> Content<'_> {
        let leaves = &self.heap.leaves;
        match kind {
            Kind::Text => Content::Data(leaves.text(slot).as_bytes()),
            Kind::Bytes => Content::Data(leaves.bytes(slot)),
            scalar if !scalar.is_leaf() => Content::Number(scalar.normalise(slot)),
            _ if slot == 0 => Content::Null,
            Kind::NullText => Content::Data(leaves.text(slot).as_bytes()),
            Kind::NullBytes => Content::Data(leaves.bytes(slot)),
            _ => Content::Number(leaves.boxed(slot)),
        }
    }

    /// How `old` became `new`, both of numbers or leaves; and whether anything of it stands elsewhere than at either end. Takes time in
    /// proportion to the length, and a logarithm.
    pub(super) fn course_by_content(&self, kind: Kind, old: &[u64], new: &[u64]) -> (Course, bool) {
        let of = |slots: &[u64]| slots.iter().map(|slot| self.content(kind, *slot)).collect::<Vec<_>>();
        let (old, new) = (of(old), of(new));
        matched(&old, &new)
    }
}

/// What is equal at both ends stays; of the rest, equal elements are taken for each other in their order, and what is left in the place
/// of something that is gone overwrites it.
pub(super) fn matched<T: Ord>(old: &[T], new: &[T]) -> (Course, bool) {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let sorted = |all: &[T]| {
        let mut places: Vec<usize> = (head..all.len() - tail).collect();
        places.sort_by_key(|at| (all.get(*at), *at));
        places
    };
    let mut origins: Vec<Option<usize>> = vec![None; new.len()];
    let mut gone = vec![true; old.len()];
    let mut take = |at: usize, from: usize| {
        if let (Some(origin), Some(gone)) = (origins.get_mut(at), gone.get_mut(from)) {
            (*origin, *gone) = (Some(from), false);
        }
    };
    (0..head).for_each(|at| take(at, at));
    (0..tail).for_each(|back| take(new.len() - 1 - back, old.len() - 1 - back));
    let (olds, news) = (sorted(old), sorted(new));
    let (mut olds, mut news) = (olds.iter().peekable(), news.iter().peekable());
    let mut moves = false;
    while let (Some(from), Some(at)) = (olds.peek(), news.peek()) {
        match old.get(**from).cmp(&new.get(**at)) {
            std::cmp::Ordering::Less => _ = olds.next(),
            std::cmp::Ordering::Greater => _ = news.next(),
            std::cmp::Ordering::Equal => {
                moves |= from != at;
                take(**at, **from);
                _ = olds.next();
                _ = news.next();
            }
        }
    }
    let origin = |(at, origin): (usize, Option<usize>)| match origin {
        Some(from) => Origin::Kept(from as u32),
        None if gone.get(at) == Some(&true) => Origin::Overwritten(at as u32),
        None => Origin::New,
    };
    (Course::from_origins(old.len() as u32, origins.into_iter().enumerate().map(origin)), moves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(old: &str, new: &str) -> (String, bool) {
        let bytes = |text: &str| text.bytes().collect::<Vec<_>>();
        let (course, moves) = matched(&bytes(old), &bytes(new));
        let piece = |piece: &super::super::Piece| match piece.origin {
            Origin::Kept(from) => format!("{from}+{}", piece.count),
            Origin::Overwritten(from) => format!("!{from}+{}", piece.count),
            Origin::New => format!("*{}", piece.count),
        };
        (course.pieces().iter().map(piece).collect::<Vec<_>>().join(" "), moves)
    }

    #[test]
    fn elements_are_told_by_content_and_place() {
        let of = |old, new| course(old, new);
        assert_eq!(of("abcdef", "abcdef"), ("0+6".into(), false));
        assert_eq!(of("abcdef", "abXdef"), ("0+2 !2+1 3+3".into(), false), "in its place");
        assert_eq!(of("abcdef", "abcdeXf"), ("0+5 *1 5+1".into(), false), "in between");
        assert_eq!(of("abcdef", "bcdefa"), ("1+5 0+1".into(), true));
        assert_eq!(of("abcdef", "afcdeb"), ("0+1 5+1 2+3 1+1".into(), true), "exchanged");
        assert_eq!(of("aaab", "baaa"), ("3+1 0+3".into(), true), "equal ones in their order");
        assert_eq!(of("", "ab"), ("*2".into(), false));
        assert_eq!(of("abc", ""), ("".into(), false));
    }
}
