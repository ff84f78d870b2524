//! Elements by the hash of their key: an open table that is searched from the hash's own place on.

/// What is known of the elements with one hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    hash: u64,
    /// One of them; 0 if it is not known which is left.
    pub(super) element: u64,
    /// How many; none in a place that is free.
    pub(super) count: u32,
}

/// Elements by the hash of their key, of which the highest bits count most.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyIndex {
    /// A power of two, at most three quarters of them taken; or none at all. Between an entry's place by its hash and where it stands none is free.
    places: Vec<Entry>,
    taken: usize,
    /// What is left of a hash when it is shifted by this is a place.
    shift: u32,
    /// Insertions and removals since all rows knew their places: no element is farther from its place than that.
    pub(super) moved: usize,
    /// Places looked at since then because rows did not know theirs.
    pub(super) searched: usize,
}

/// Places at first.
const FEWEST: usize = 32;

impl KeyIndex {
    /// Where an entry stands, unless others were there first: the highest bits of its hash.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        (hash >> (self.shift & 63)) as usize
    }

    /// Where the entry of a hash stands, or the free place where it would.
    #[inline]
    fn find(&self, hash: u64) -> usize {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = self.home(hash);
        // Ends: a quarter of the places is free, and without any there is nothing to get.
        while self.places.get(at).is_some_and(|entry| entry.hash != hash && entry.count != 0) {
            at = (at + 1) & mask;
        }
        at
    }

    /// What is known of a hash.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<Entry> {
        self.places.get(self.find(hash)).copied().filter(|entry| entry.count != 0)
    }

    /// The element with that hash, if it is known and the only one.
    #[inline]
    pub(super) fn only(&self, hash: u64) -> Option<u64> {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = self.home(hash);
        // Ends as `find` does; in one go, as most entries stand where their hash says.
        loop {
            let entry = self.places.get(at)?;
            if entry.hash == hash {
                // A free place has the hash 0, too, and no element.
                return (entry.count == 1 && entry.element != 0).then_some(entry.element);
            }
            if entry.count == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    /// One more element.
    pub(super) fn add(&mut self, hash: u64, element: u64) {
        if 4 * (self.taken + 1) > 3 * self.places.len() {
            self.grow();
        }
        let at = self.find(hash);
        let Some(entry) = self.places.get_mut(at) else { return };
        if entry.count == 0 {
            *entry = Entry { hash, element, count: 0 };
            self.taken += 1;
        }
        entry.count += 1;
    }

    /// One less.
    pub(super) fn remove(&mut self, hash: u64, element: u64) {
        let at = self.find(hash);
        let Some(entry) = self.places.get_mut(at).filter(|entry| entry.count != 0) else { return };
        entry.count -= 1;
        if entry.element == element {
            entry.element = 0;
        }
        if entry.count == 0 {
            self.taken -= 1;
            self.close_gap(at);
        }
    }

    /// The element that a search found of those with that hash, if none was known.
    pub(super) fn remember(&mut self, hash: u64, element: u64) {
        let at = self.find(hash);
        if let Some(entry) = self.places.get_mut(at).filter(|entry| entry.count != 0 && entry.element == 0) {
            entry.element = element;
        }
    }

    fn grow(&mut self) {
        let places = vec![Entry::default(); (2 * self.places.len()).max(FEWEST)];
        self.shift = 64 - places.len().trailing_zeros();
        let before = std::mem::replace(&mut self.places, places);
        for entry in before.into_iter().filter(|entry| entry.count != 0) {
            let at = self.find(entry.hash);
            if let Some(place) = self.places.get_mut(at) {
                *place = entry;
            }
        }
    }

    /// Moves what stands behind a place that has become free, and would not be found any more, nearer to its own.
    fn close_gap(&mut self, mut gap: usize) {
        let mask = self.places.len().wrapping_sub(1);
        let mut at = gap;
        // Ends at a free place, of which there always are.
        loop {
            at = (at + 1) & mask;
            let Some(entry) = self.places.get(at).copied().filter(|entry| entry.count != 0) else { break };
            let from_home = at.wrapping_sub(self.home(entry.hash)) & mask;
            if from_home >= at.wrapping_sub(gap) & mask {
                self.put(gap, entry);
                gap = at;
            }
        }
        self.put(gap, Entry::default());
    }

    fn put(&mut self, at: usize, entry: Entry) {
        if let Some(place) = self.places.get_mut(at) {
            *place = entry;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use statewright_types::random::Streams;

    use super::*;

    /// Few hashes, most of them with one home, so that they stand far from it; compared with a map.
    #[test]
    fn entries_are_found_wherever_others_came_and_went() {
        for seed in 0..40 {
            let mut streams = Streams::new(seed);
            let mut draw = |below: i64| streams.int("index", 0, below - 1) as u64;
            let (mut index, mut model) = (KeyIndex::default(), BTreeMap::<u64, (u64, u32)>::new());
            for step in 0..2_000u64 {
                let hash = draw(60) * if seed % 2 == 0 { 1 << 20 | 1 } else { 1 << 32 };
                if draw(5) < 3 {
                    index.add(hash, step + 1);
                    model.entry(hash).or_insert((step + 1, 0)).1 += 1;
                } else {
                    let known = model.get(&hash).map_or(0, |(element, _)| *element);
                    let element = if draw(2) == 0 { known } else { u64::MAX };
                    index.remove(hash, element);
                    if let Some((known, count)) = model.get_mut(&hash) {
                        *count -= 1;
                        if *known == element {
                            *known = 0;
                        }
                        if *count == 0 {
                            model.remove(&hash);
                        }
                    }
                }
                for at in 0..60u64 {
                    let hash = at * if seed % 2 == 0 { 1 << 20 | 1 } else { 1 << 32 };
                    let found = index.get(hash).map(|entry| (entry.element, entry.count));
                    assert_eq!(found, model.get(&hash).copied(), "seed {seed}, step {step}, hash {hash:x}");
                    let only = found.filter(|(element, count)| *count == 1 && *element != 0);
                    assert_eq!(index.only(hash), only.map(|(element, _)| element), "seed {seed}, step {step}");
                }
            }
        }
    }

    #[test]
    fn an_element_that_is_found_again_is_remembered() {
        let mut index = KeyIndex::default();
        index.add(7, 1);
        index.add(7, 2);
        index.remove(7, 1);
        assert_eq!((index.get(7).map(|entry| (entry.element, entry.count)), index.only(7)), (Some((0, 1)), None));
        index.remember(7, 2);
        index.remember(8, 3);
        assert_eq!((index.only(7), index.get(8)), (Some(2), None));
    }
}
