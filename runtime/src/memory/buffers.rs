//! Arrays of slots that are shared and copied on write: the content of lists and maps. Freed arrays keep their
//! capacity, so that a session in its stride allocates nothing. An array is one piece until something is inserted into
//! or removed from the middle of a long one; from then on it is in chunks.

use super::chunks::Chunks;
use super::dense::KnownRun;

/// A buffer, by number. The default one is always empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BufferId(u32);

#[derive(Clone, Debug, Default)]
struct Buffer {
    /// Empty if they are in chunks.
    slots: Vec<u64>,
    chunks: Option<Box<Chunks>>,
    holders: u32,
    /// Of the slots that are in one piece.
    run: KnownRun,
}

impl Buffer {
    #[inline]
    fn len(&self) -> usize {
        if self.slots.is_empty() { self.chunked_len() } else { self.slots.len() }
    }

    #[cold]
    fn chunked_len(&self) -> usize {
        self.chunks.as_ref().map_or(0, |chunks| chunks.len())
    }

    #[inline]
    fn get(&self, at: usize) -> Option<u64> {
        self.slots.get(at).copied().or_else(|| self.chunked_get(at))
    }

    #[cold]
    fn chunked_get(&self, at: usize) -> Option<u64> {
        self.chunks.as_ref()?.get(at)
    }

    #[inline]
    fn flat(&self) -> &[u64] {
        self.chunks.as_ref().map_or(&self.slots, |chunks| chunks.flat())
    }

    /// The chunks, if they are better than one piece for moving so many slots.
    fn chunks(&mut self, moved: usize) -> Option<&mut Chunks> {
        if self.chunks.is_none() && moved > MOVED {
            self.chunks = Some(Box::new(Chunks::new(&std::mem::take(&mut self.slots))));
            self.run.cut(0);
        }
        self.chunks.as_deref_mut()
    }
}

/// Moving so many slots costs about as much as finding a chunk.
const MOVED: usize = 4096;

/// What is in a buffer, for who needs not all of it.
#[derive(Clone, Copy, Debug)]
pub struct Slots<'a>(Option<&'a Buffer>);

impl<'a> Slots<'a> {
    /// All of them, if they are in one piece.
    #[inline]
    pub fn in_one_piece(self) -> &'a [u64] {
        self.0.map_or(&[], |buffer| &buffer.slots)
    }

    /// How many.
    #[inline]
    pub fn len(self) -> usize {
        self.0.map_or(0, Buffer::len)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The slot at `at`.
    #[inline]
    pub fn get(self, at: usize) -> Option<u64> {
        self.0?.get(at)
    }
}

/// All buffers of a state.
#[derive(Clone, Debug)]
pub struct Buffers {
    buffers: Vec<Buffer>,
    free: Vec<u32>,
    /// Slots copied before writing since the count was last started.
    copied: u64,
}

impl Default for Buffers {
    fn default() -> Buffers {
        Buffers { buffers: vec![Buffer { holders: 1, ..Buffer::default() }], free: Vec::new(), copied: 0 }
    }
}

/// A freed buffer of more slots than this gives its memory back.
const KEPT_CAPACITY: usize = 4096;

impl Buffers {
    /// A buffer with these slots and one holder.
    pub fn add(&mut self, slots: &[u64]) -> BufferId {
        if slots.is_empty() {
            return BufferId::default();
        }
        let id = self.take_free();
        if let Some(buffer) = self.buffers.get_mut(id.0 as usize) {
            buffer.slots.extend_from_slice(slots);
        }
        id
    }

    fn take_free(&mut self) -> BufferId {
        let number = self.free.pop().unwrap_or_else(|| {
            self.buffers.push(Buffer::default());
            (self.buffers.len() - 1) as u32
        });
        if let Some(buffer) = self.buffers.get_mut(number as usize) {
            buffer.holders = 1;
        }
        BufferId(number)
    }

    /// How many slots were copied, because somebody else held them, since [`Buffers::start_count`].
    pub fn copied(&self) -> u64 {
        self.copied
    }

    /// Counts copies anew.
    pub fn start_count(&mut self) {
        self.copied = 0;
    }

    /// All slots. Takes time in proportion to their number if they are in chunks.
    #[inline]
    pub fn get(&self, id: BufferId) -> &[u64] {
        self.buffers.get(id.0 as usize).map_or(&[], Buffer::flat)
    }

    /// The slots one by one: at most the logarithm of their number for each.
    #[inline]
    pub fn slots(&self, id: BufferId) -> Slots<'_> {
        Slots(self.buffers.get(id.0 as usize))
    }

    /// Inserts a slot before `at`, or at the end; the buffer becomes a copy if others hold it.
    pub fn insert(&mut self, id: &mut BufferId, at: usize, slot: u64) {
        let buffer = self.own(id);
        let at = at.min(buffer.len());
        match buffer.chunks(buffer.len() - at) {
            Some(chunks) => chunks.insert(at, slot),
            None => {
                buffer.slots.insert(at, slot);
                buffer.run.cut(at);
            }
        }
    }

    /// Removes a slot, likewise: what was there.
    pub fn remove(&mut self, id: &mut BufferId, at: usize) -> Option<u64> {
        if at >= self.slots(*id).len() {
            return None;
        }
        let buffer = self.own(id);
        match buffer.chunks(buffer.len() - at) {
            Some(chunks) => chunks.remove(at),
            None => {
                buffer.run.cut(at);
                Some(buffer.slots.remove(at))
            }
        }
    }

    /// Overwrites a slot, likewise: what was there.
    pub fn set(&mut self, id: &mut BufferId, at: usize, slot: u64) -> Option<u64> {
        if at >= self.slots(*id).len() {
            return None;
        }
        let buffer = self.own(id);
        match &mut buffer.chunks {
            Some(chunks) => chunks.set(at, slot),
            None => {
                buffer.run.cut(at);
                buffer.slots.get_mut(at).map(|entry| std::mem::replace(entry, slot))
            }
        }
    }

    /// One more holder of the same buffer.
    pub fn share(&mut self, id: BufferId) -> BufferId {
        if id != BufferId::default()
            && let Some(buffer) = self.buffers.get_mut(id.0 as usize)
        {
            buffer.holders += 1;
        }
        id
    }

    /// One holder less; the last one frees it.
    pub fn release(&mut self, id: BufferId) {
        if id == BufferId::default() {
            return;
        }
        let Some(buffer) = self.buffers.get_mut(id.0 as usize) else { return };
        debug_assert!(buffer.holders > 0, "released a buffer that nobody holds");
        buffer.holders = buffer.holders.saturating_sub(1);
        if buffer.holders == 0 {
            buffer.slots.clear();
            buffer.chunks = None;
            buffer.run.cut(0);
            buffer.slots.shrink_to(KEPT_CAPACITY);
            self.free.push(id.0);
        }
    }

    /// The buffer for writing, by a holder: if there are others, `id` becomes a copy of its own first.
    fn own(&mut self, id: &mut BufferId) -> &mut Buffer {
        let alone = id.0 != 0 && self.buffers.get(id.0 as usize).is_some_and(|buffer| buffer.holders == 1);
        if !alone {
            let copy = self.take_free();
            let mut slots = self.buffers.get_mut(copy.0 as usize).map(|buffer| std::mem::take(&mut buffer.slots));
            if let Some(slots) = &mut slots {
                slots.extend_from_slice(self.get(*id));
                self.copied = self.copied.saturating_add(slots.len() as u64);
            }
            if let (Some(buffer), Some(slots)) = (self.buffers.get_mut(copy.0 as usize), slots) {
                buffer.slots = slots;
            }
            self.release(*id);
            *id = copy;
        }
        // The number is one that `take_free` gave out, or passed the test above.
        let index = (id.0 as usize).min(self.buffers.len() - 1);
        &mut self.buffers[index]
    }

    /// All slots for writing, by a holder, in one piece.
    pub fn edit(&mut self, id: &mut BufferId) -> &mut Vec<u64> {
        let buffer = self.own(id);
        if let Some(chunks) = buffer.chunks.take() {
            buffer.slots = chunks.flat().to_vec();
        }
        buffer.run.cut(0);
        &mut buffer.slots
    }

    /// The slots for writing, if nobody else holds them.
    #[inline]
    pub fn alone(&mut self, id: BufferId) -> Option<&mut Vec<u64>> {
        let buffer = self.buffers.get_mut(id.0 as usize)?;
        (id.0 != 0 && buffer.holders == 1 && buffer.chunks.is_none()).then(|| {
            buffer.run.cut(0);
            &mut buffer.slots
        })
    }

    /// All slots, if they are in one piece and refer to one row after the other. Takes time in proportion to how many were
    /// written since somebody last asked.
    #[inline]
    pub fn dense(&self, id: BufferId) -> Option<&[u64]> {
        let buffer = self.buffers.get(id.0 as usize).filter(|buffer| buffer.chunks.is_none())?;
        buffer.run.covers(&buffer.slots).then_some(&buffer.slots)
    }

    /// How many holders it has.
    #[cfg(test)]
    pub fn holders(&self, id: BufferId) -> u32 {
        self.buffers.get(id.0 as usize).map_or(0, |buffer| buffer.holders)
    }

    /// Buffers in use, the empty one aside.
    pub fn used(&self) -> usize {
        self.buffers.len() - 1 - self.free.len()
    }

    /// Buffers with slots in them.
    pub fn filled(&self) -> usize {
        self.buffers.iter().filter(|buffer| buffer.holders > 0 && buffer.len() > 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_buffer_is_copied_by_who_writes() {
        let mut buffers = Buffers::default();
        let mut first = buffers.add(&[1, 2]);
        let second = buffers.share(first);
        buffers.edit(&mut first).push(3);
        assert_eq!((buffers.get(first), buffers.get(second)), (&[1, 2, 3][..], &[1, 2][..]));
        let before = first;
        buffers.edit(&mut first).push(4);
        assert_eq!(first, before, "the only holder writes in place");
        buffers.release(first);
        buffers.release(second);
        assert_eq!(buffers.used(), 0);
    }

    #[test]
    fn a_long_buffer_that_is_changed_in_the_middle_reads_as_before() {
        let mut buffers = Buffers::default();
        let mut plain: Vec<u64> = (0..10_000).collect();
        let mut id = buffers.add(&plain);
        let before = buffers.share(id);
        buffers.insert(&mut id, 3, 77);
        plain.insert(3, 77);
        assert_eq!((buffers.set(&mut id, 9, 78), buffers.remove(&mut id, 5)), (Some(8), Some(4)));
        plain[9] = 78;
        plain.remove(5);
        let slots = buffers.slots(id);
        assert_eq!((slots.len(), slots.get(8), slots.get(20_000)), (plain.len(), Some(78), None));
        assert_eq!((buffers.get(id), buffers.get(before).len()), (&plain[..], 10_000));
        let mut copy = buffers.share(id);
        buffers.insert(&mut copy, 0, 1);
        assert_eq!((buffers.get(id), buffers.get(copy).len()), (&plain[..], plain.len() + 1));
        buffers.edit(&mut id).push(5);
        assert_eq!(buffers.slots(id).get(plain.len()), Some(5));
        for held in [id, before, copy] {
            buffers.release(held);
        }
        assert_eq!(buffers.used(), 0);
    }

    #[test]
    fn the_empty_buffer_stays_empty() {
        let mut buffers = Buffers::default();
        let mut id = buffers.add(&[]);
        buffers.edit(&mut id).push(5);
        assert_eq!((buffers.get(BufferId::default()), buffers.get(id)), (&[][..], &[5][..]));
        buffers.release(BufferId::default());
        assert_eq!(buffers.get(BufferId(77)), &[] as &[u64]);
    }
}
