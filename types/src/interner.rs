//! Short texts that share their memory with equal ones.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use crate::hashing::Keyed;
use crate::name::same;

/// Texts up to this size share their memory with equal ones.
const SHARED_BYTES: usize = 64;
/// So many different ones at most: data with more has hardly any twice.
const MOST_SHARED: usize = 1 << 15;
/// The least table.
const LEAST: usize = 16;

/// Gives equal short texts one memory. A table with open addressing, so that a text is hashed and looked for once, whether it is known
/// or not; under the key of the process, as its other tables.
#[derive(Clone, Debug, Default)]
pub struct Interner {
    /// Half full at most: part of the hash, and the number of a text from 1; 0 is none.
    places: Vec<(u32, u32)>,
    texts: Vec<Arc<str>>,
    /// How many of them have a place: short ones.
    count: usize,
}

impl Interner {
    /// With room for so many texts.
    pub fn with_capacity(texts: usize) -> Interner {
        let texts = texts.min(MOST_SHARED);
        let places = vec![(0, 0); (2 * texts).next_power_of_two().max(LEAST)];
        Interner { places, texts: Vec::with_capacity(texts), count: 0 }
    }

    /// The text, with the memory of an equal one if there is one that is short.
    #[inline]
    pub fn shared(&mut self, text: &str) -> Arc<str> {
        if text.len() > SHARED_BYTES {
            return Arc::from(text);
        }
        let number = self.number(text);
        self.text(number).cloned().unwrap_or_default()
    }

    /// The text's number, of equal short ones the same.
    #[inline]
    pub fn number(&mut self, text: &str) -> u32 {
        if text.len() > SHARED_BYTES {
            return self.push(text);
        }
        let hash = hash(text);
        match self.find(text, hash) {
            Ok(number) => number,
            Err(place) => self.add(text, hash, place),
        }
    }

    /// The text of that number.
    #[inline]
    pub fn text(&self, number: u32) -> Option<&Arc<str>> {
        self.texts.get(number as usize)
    }

    /// A short text that is known and equal.
    #[inline]
    pub fn known(&self, text: &str) -> Option<&Arc<str>> {
        if text.len() > SHARED_BYTES { None } else { self.text(self.find(text, hash(text)).ok()?) }
    }

    /// The text's number, or the place where it would stand.
    #[inline]
    fn find(&self, text: &str, hash: u64) -> Result<u32, usize> {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        while let Some((part, number)) = self.places.get(at) {
            let number = number.wrapping_sub(1);
            let Some(known) = self.texts.get(number as usize) else { return Err(at) };
            if *part == part_of(hash) && same(known, text) {
                return Ok(number);
            }
            at = (at + 1) & mask;
        }
        Err(0)
    }

    fn push(&mut self, text: &str) -> u32 {
        self.texts.push(Arc::from(text));
        self.texts.len() as u32 - 1
    }

    fn add(&mut self, text: &str, hash: u64, place: usize) -> u32 {
        let number = self.push(text);
        if self.count >= MOST_SHARED {
            return number;
        }
        self.count += 1;
        let mut place = place;
        if 2 * self.count > self.places.len() {
            self.grow();
            place = self.find(text, hash).err().unwrap_or(0);
        }
        if let Some(empty) = self.places.get_mut(place) {
            *empty = (part_of(hash), number + 1);
        }
        number
    }

    /// Twice as many places, for the texts that have one.
    #[cold]
    fn grow(&mut self) {
        let places = vec![(0, 0); (4 * self.count).next_power_of_two().max(LEAST)];
        let before = std::mem::replace(&mut self.places, places);
        let mask = self.places.len() - 1;
        for (part, number) in before.into_iter().filter(|(_, number)| *number > 0) {
            let Some(text) = self.texts.get(number as usize - 1) else { continue };
            let mut at = hash(text) as usize & mask;
            while self.places[at].1 != 0 {
                at = (at + 1) & mask;
            }
            self.places[at] = (part, number);
        }
    }
}

#[inline]
fn hash(text: &str) -> u64 {
    let mut hasher = Keyed.build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// The half of a hash that does not choose the place.
#[inline]
fn part_of(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_short_texts_share_memory() {
        let mut interner = Interner::default();
        assert!(interner.known("").is_none());
        let texts: Vec<String> = (0..1_000).map(|number| format!("{number:b}")).collect();
        let first: Vec<Arc<str>> = texts.iter().map(|text| interner.shared(text)).collect();
        for (text, first) in texts.iter().zip(&first) {
            assert_eq!(**text, **first);
            assert!(Arc::ptr_eq(first, &interner.shared(text)), "{text}");
            assert!(interner.known(text).is_some_and(|known| Arc::ptr_eq(first, known)), "{text}");
        }
        assert!(interner.known("2").is_none());
        let long = "x".repeat(SHARED_BYTES + 1);
        assert!(!Arc::ptr_eq(&interner.shared(&long), &interner.shared(&long)));
    }

    #[test]
    fn more_texts_than_are_shared_are_texts_still() {
        let mut interner = Interner::with_capacity(4);
        for number in 0..MOST_SHARED + 100 {
            let text = number.to_string();
            assert_eq!(*interner.shared(&text), *text);
        }
        assert_eq!((interner.count, interner.texts.len()), (MOST_SHARED, MOST_SHARED + 100));
    }
}
