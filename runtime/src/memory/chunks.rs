//! Long arrays of slots in pieces, so that inserting and removing in the middle moves little.

use std::sync::OnceLock;

/// A chunk of so many slots is split.
const MOST: usize = 1024;

/// Slots in order, in chunks of at most [`MOST`]. Finding one takes time in proportion to the logarithm of their number,
/// inserting and removing to its square root, about.
#[derive(Clone, Debug, Default)]
pub struct Chunks {
    chunks: Vec<Vec<u64>>,
    /// Where each chunk begins.
    starts: Vec<u32>,
    length: usize,
    /// All in one piece, if somebody asked since the last change.
    flat: OnceLock<Vec<u64>>,
}

impl Chunks {
    /// The same slots in chunks.
    pub fn new(slots: &[u64]) -> Chunks {
        let chunks: Vec<Vec<u64>> = slots.chunks(MOST / 2).map(<[u64]>::to_vec).collect();
        let starts = (0..chunks.len()).map(|chunk| (chunk * (MOST / 2)) as u32).collect();
        Chunks { chunks, starts, length: slots.len(), flat: OnceLock::new() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.length
    }

    /// The chunk that `at` is in, and where in it; behind the last slot, the end of the last chunk.
    fn place(&self, at: usize) -> (usize, usize) {
        let chunk = self.starts.partition_point(|start| *start as usize <= at).saturating_sub(1);
        (chunk, at - self.starts.get(chunk).map_or(0, |start| *start as usize))
    }

    /// The slot at `at`.
    pub fn get(&self, at: usize) -> Option<u64> {
        let (chunk, at) = self.place(at);
        self.chunks.get(chunk)?.get(at).copied()
    }

    /// All of them. Takes time in proportion to their number after a change.
    pub fn flat(&self) -> &[u64] {
        self.flat.get_or_init(|| self.chunks.concat())
    }

    /// Overwrites a slot: what was there.
    pub fn set(&mut self, at: usize, slot: u64) -> Option<u64> {
        let (chunk, at) = self.place(at);
        let entry = self.chunks.get_mut(chunk)?.get_mut(at)?;
        self.flat = OnceLock::new();
        Some(std::mem::replace(entry, slot))
    }

    /// Inserts before `at`, or at the end.
    pub fn insert(&mut self, at: usize, slot: u64) {
        self.flat = OnceLock::new();
        let (chunk, at) = self.place(at.min(self.length));
        let Some(slots) = self.chunks.get_mut(chunk) else {
            (self.chunks, self.starts, self.length) = (vec![vec![slot]], vec![0], 1);
            return;
        };
        slots.insert(at.min(slots.len()), slot);
        let rest = (slots.len() > MOST).then(|| slots.split_off(MOST / 2));
        self.length += 1;
        self.starts.iter_mut().skip(chunk + 1).for_each(|start| *start += 1);
        if let Some(rest) = rest {
            let start = self.starts.get(chunk).map_or(0, |start| start + (MOST / 2) as u32);
            self.chunks.insert(chunk + 1, rest);
            self.starts.insert(chunk + 1, start);
        }
    }

    /// Removes a slot: what was there.
    pub fn remove(&mut self, at: usize) -> Option<u64> {
        let (chunk, at) = self.place(at);
        let slots = self.chunks.get_mut(chunk).filter(|slots| at < slots.len())?;
        let slot = slots.remove(at);
        let is_empty = slots.is_empty();
        self.flat = OnceLock::new();
        self.length -= 1;
        self.starts.iter_mut().skip(chunk + 1).for_each(|start| *start -= 1);
        if is_empty {
            self.chunks.remove(chunk);
            self.starts.remove(chunk);
        }
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a plain vector, at the ends, at random places, and down to nothing.
    #[test]
    fn chunks_do_what_a_vector_does() {
        let mut streams = statewright_types::random::Streams::new(3);
        let mut plain: Vec<u64> = (0..3_000).collect();
        let mut chunks = Chunks::new(&plain);
        for step in 0..12_000u64 {
            let shrinks = step > 6_000;
            let at = match streams.int("where", 0, 3) {
                0 => 0,
                1 => plain.len(),
                _ => streams.int("at", 0, plain.len() as i64) as usize,
            };
            match streams.int("what", 0, 5) {
                0 => assert_eq!(chunks.set(at, step), plain.get_mut(at).map(|slot| std::mem::replace(slot, step))),
                1 => assert_eq!(chunks.get(at), plain.get(at).copied()),
                2 | 3 if !shrinks => {
                    chunks.insert(at, step);
                    plain.insert(at, step);
                }
                _ if at < plain.len() => assert_eq!(chunks.remove(at), Some(plain.remove(at))),
                _ => assert_eq!(chunks.remove(at), None),
            }
            assert_eq!(chunks.len(), plain.len());
            if step % 500 == 0 {
                assert_eq!(chunks.flat(), plain);
            }
        }
        while !plain.is_empty() {
            assert_eq!(chunks.remove(0), Some(plain.remove(0)));
        }
        chunks.insert(0, 7);
        assert_eq!((chunks.flat(), chunks.len()), (&[7][..], 1));
    }
}
