//! Strings, bytes and boxes: objects that never change and hold no other object. Each counts the places of the
//! state that hold it; one that nothing holds is freed when the transaction ends.

use std::sync::Arc;

/// What a leaf is.
#[derive(Clone, Debug)]
pub enum LeafData {
    /// UTF-8 text.
    Text(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A number or bool that may be null, as a slot.
    Boxed(u64),
}

/// A leaf with the places that hold it. Each kind has fields of its own, so that they stand beside its tag: 24 bytes.
#[derive(Clone, Debug)]
enum Leaf {
    Free(Places),
    Text(Places, Arc<str>),
    Bytes(Places, Arc<[u8]>),
    Boxed(Places, u64),
}

/// Who holds a leaf: how many places, above the lowest bit, which says whether the leaf is listed to be looked at.
#[derive(Clone, Copy, Debug)]
struct Places(u32);

impl Places {
    fn new(holders: u32, is_listed: bool) -> Places {
        Places(holders << 1 | u32::from(is_listed))
    }

    fn holders(self) -> u32 {
        self.0 >> 1
    }
}

impl Leaf {
    fn new(data: LeafData, places: Places) -> Leaf {
        match data {
            LeafData::Text(text) => Leaf::Text(places, text),
            LeafData::Bytes(bytes) => Leaf::Bytes(places, bytes),
            LeafData::Boxed(slot) => Leaf::Boxed(places, slot),
        }
    }

    #[inline]
    fn places(&mut self) -> &mut Places {
        match self {
            Leaf::Free(places) | Leaf::Text(places, _) | Leaf::Bytes(places, _) | Leaf::Boxed(places, _) => places,
        }
    }
}

/// All leaves of a state, by number. 0 is none, 1 the empty string.
#[derive(Clone, Debug)]
pub struct Leaves {
    leaves: Vec<Leaf>,
    free: Vec<u32>,
    candidates: Vec<u32>,
}

impl Default for Leaves {
    fn default() -> Leaves {
        let pinned = Places::new(1, false);
        let leaves = vec![Leaf::Free(pinned), Leaf::Text(pinned, Arc::from(""))];
        Leaves { leaves, free: Vec::new(), candidates: Vec::new() }
    }
}

impl Leaves {
    /// Number of the empty string.
    pub const EMPTY: u64 = 1;

    /// A new leaf that nothing holds yet.
    pub fn add(&mut self, data: LeafData) -> u64 {
        let leaf = Leaf::new(data, Places::new(0, true));
        let number = match self.free.pop() {
            Some(number) => {
                if let Some(entry) = self.leaves.get_mut(number as usize) {
                    *entry = leaf;
                }
                number
            }
            None => {
                self.leaves.push(leaf);
                (self.leaves.len() - 1) as u32
            }
        };
        self.candidates.push(number);
        u64::from(number)
    }

    #[inline]
    fn get(&self, number: u64) -> Option<&Leaf> {
        self.leaves.get(usize::try_from(number).ok()?)
    }

    /// The text of a string, "" for anything else.
    #[inline]
    pub fn text(&self, number: u64) -> &str {
        match self.get(number) {
            Some(Leaf::Text(_, text)) => text,
            _ => "",
        }
    }

    /// The text of a string, shared.
    pub fn shared_text(&self, number: u64) -> Arc<str> {
        self.text_object(number).cloned().unwrap_or_default()
    }

    /// The same, to look at; of anything else, that of the empty string, which always is there.
    pub fn text_object(&self, number: u64) -> Option<&Arc<str>> {
        match (self.get(number), self.get(Leaves::EMPTY)) {
            (Some(Leaf::Text(_, text)), _) | (_, Some(Leaf::Text(_, text))) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a bytes object, none for anything else.
    pub fn bytes(&self, number: u64) -> &[u8] {
        match self.get(number) {
            Some(Leaf::Bytes(_, bytes)) => bytes,
            _ => &[],
        }
    }

    /// The slot in a box, 0 for anything else.
    pub fn boxed(&self, number: u64) -> u64 {
        match self.get(number) {
            Some(Leaf::Boxed(_, slot)) => *slot,
            _ => 0,
        }
    }

    /// One more place holds it.
    #[inline]
    pub fn hold(&mut self, number: u64) {
        if number > Leaves::EMPTY
            && let Some(leaf) = self.leaves.get_mut(number as usize)
        {
            let places = leaf.places();
            // Nothing has room for so many.
            places.0 = places.0.saturating_add(2);
        }
    }

    /// One place less holds it.
    #[inline]
    pub fn unhold(&mut self, number: u64) {
        if number > Leaves::EMPTY
            && let Some(leaf) = self.leaves.get_mut(number as usize)
        {
            let places = leaf.places();
            if places.holders() > 0 {
                places.0 -= 2;
            }
            if places.0 == 0 {
                *places = Places::new(0, true);
                self.candidates.push(number as u32);
            }
        }
    }

    /// One place more or less holds it.
    #[inline]
    pub fn count(&mut self, number: u64, held: bool) {
        if held { self.hold(number) } else { self.unhold(number) }
    }

    /// Whether any may be held by nothing.
    #[inline]
    pub fn has_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// Frees what nothing holds.
    pub fn sweep(&mut self) {
        while let Some(number) = self.candidates.pop() {
            let Some(leaf) = self.leaves.get_mut(number as usize) else { continue };
            let holders = leaf.places().holders();
            *leaf.places() = Places::new(holders, false);
            if holders == 0 {
                *leaf = Leaf::Free(Places::new(0, false));
                self.free.push(number);
            }
        }
    }

    /// How many places hold it.
    #[cfg(test)]
    pub fn holders(&self, number: u64) -> u32 {
        self.leaves.get(number as usize).map_or(0, |leaf| leaf.clone().places().holders())
    }

    /// Leaves in use, the empty string aside.
    pub fn used(&self) -> usize {
        self.leaves.len() - 2 - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_holds_is_swept() {
        let mut leaves = Leaves::default();
        let (kept, dropped) = (leaves.add(LeafData::Boxed(3)), leaves.add(LeafData::Text("x".into())));
        leaves.hold(kept);
        assert_eq!((leaves.text(dropped), leaves.used()), ("x", 2));
        leaves.sweep();
        assert_eq!((leaves.boxed(kept), leaves.text(dropped), leaves.used()), (3, "", 1));
        leaves.unhold(kept);
        leaves.hold(kept);
        leaves.unhold(kept);
        assert_eq!(leaves.boxed(kept), 3, "kept until the sweep");
        leaves.sweep();
        assert_eq!(leaves.used(), 0);
        assert_eq!(leaves.add(LeafData::Boxed(1)), kept, "numbers are reused");
    }

    #[test]
    fn a_leaf_is_small() {
        assert_eq!(size_of::<Leaf>(), 24);
        assert_eq!((Places::new(3, true).holders(), Places::new(3, false).holders()), (3, 3));
    }

    #[test]
    fn numbers_that_are_none_read_as_nothing() {
        let mut leaves = Leaves::default();
        for number in [0, 99, u64::MAX] {
            leaves.hold(number);
            leaves.unhold(number);
            assert_eq!((leaves.text(number), leaves.bytes(number), leaves.boxed(number)), ("", &[][..], 0));
        }
    }
}
