//! Arrays of slots that are shared and copied on write: the content of lists and maps. Freed arrays keep their
//! capacity, so that a session in its stride allocates nothing.

/// A buffer, by number. The default one is always empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BufferId(u32);

#[derive(Clone, Debug, Default)]
struct Buffer {
    slots: Vec<u64>,
    holders: u32,
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
        Buffers { buffers: vec![Buffer { slots: Vec::new(), holders: 1 }], free: Vec::new(), copied: 0 }
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

    /// The slots.
    #[inline]
    pub fn get(&self, id: BufferId) -> &[u64] {
        self.buffers.get(id.0 as usize).map_or(&[], |buffer| &buffer.slots)
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
            buffer.slots.shrink_to(KEPT_CAPACITY);
            self.free.push(id.0);
        }
    }

    /// The slots for writing, by a holder: if there are others, `id` becomes a copy of its own first.
    pub fn edit(&mut self, id: &mut BufferId) -> &mut Vec<u64> {
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
        &mut self.buffers[index].slots
    }

    /// The slots for writing, if nobody else holds them.
    #[inline]
    pub fn alone(&mut self, id: BufferId) -> Option<&mut Vec<u64>> {
        self.buffers.get_mut(id.0 as usize).filter(|buffer| id.0 != 0 && buffer.holders == 1).map(|b| &mut b.slots)
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
        self.buffers.iter().filter(|buffer| buffer.holders > 0 && !buffer.slots.is_empty()).count()
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
    fn the_empty_buffer_stays_empty() {
        let mut buffers = Buffers::default();
        let mut id = buffers.add(&[]);
        buffers.edit(&mut id).push(5);
        assert_eq!((buffers.get(BufferId::default()), buffers.get(id)), (&[][..], &[5][..]));
        buffers.release(BufferId::default());
        assert_eq!(buffers.get(BufferId(77)), &[] as &[u64]);
    }
}
