//! What viewers were sent, for when they come back.
//!
//! Whole broadcasts are kept, once for all viewers, as long as somebody may need a message of them; then their memory is used again.

use std::collections::VecDeque;
use std::sync::Arc;

use super::broadcast::Frozen;

/// How much of what a viewer was sent is kept, so that it can resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Messages for each viewer. Default 128.
    pub messages: usize,
    /// Bytes for each viewer, as sent. Default 1 MiB. Segments that viewers share count for each of them.
    pub bytes: usize,
}

impl Default for HistoryLimits {
    fn default() -> HistoryLimits {
        HistoryLimits { messages: 128, bytes: 1 << 20 }
    }
}

/// So many broadcasts that nobody needs any more are kept for their memory.
const SPARE: usize = 4;

/// Broadcasts of which somebody may need a message.
#[derive(Debug, Default)]
pub(super) struct Archive {
    slots: Vec<Slot>,
    free: Vec<u32>,
    spare: Vec<Arc<Frozen>>,
}

#[derive(Debug, Default)]
struct Slot {
    frozen: Option<Arc<Frozen>>,
    /// How many messages of it are in histories.
    uses: u32,
}

impl Archive {
    /// Makes an unchanging broadcast of what was drafted, which gets other memory to go on.
    pub fn freeze(&mut self, draft: &mut Frozen) -> Arc<Frozen> {
        let mut frozen = self.spare.pop().unwrap_or_default();
        if Arc::get_mut(&mut frozen).is_none() {
            // The host program has it still.
            frozen = Arc::default();
        }
        if let Some(frozen) = Arc::get_mut(&mut frozen) {
            std::mem::swap(frozen, draft);
        }
        draft.clear();
        frozen
    }

    /// A place for a broadcast of which messages are about to be noted.
    pub fn open(&mut self, frozen: &Arc<Frozen>) -> u32 {
        let slot = Slot { frozen: Some(frozen.clone()), uses: 1 };
        match self.free.pop() {
            Some(at) => {
                if let Some(place) = self.slots.get_mut(at as usize) {
                    *place = slot;
                }
                at
            }
            None => {
                self.slots.push(slot);
                // Room for all of them, so that letting go asks for no memory.
                self.free.reserve(self.slots.len());
                self.slots.len() as u32 - 1
            }
        }
    }

    /// One message, or whoever opened it, needs a broadcast no more.
    pub fn release(&mut self, at: u32) {
        let Some(slot) = self.slots.get_mut(at as usize) else { return };
        slot.uses -= 1;
        if slot.uses == 0 {
            self.free.push(at);
            if self.spare.len() < SPARE {
                self.spare.extend(slot.frozen.take());
            } else {
                slot.frozen = None;
            }
        }
    }

    fn claim(&mut self, at: u32) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.uses += 1;
        }
    }

    fn get(&self, at: u32) -> Option<&Frozen> {
        self.slots.get(at as usize)?.frozen.as_deref()
    }
}

/// A message that was sent, as it was sent.
#[derive(Debug)]
struct Kept {
    number: u64,
    bytes: usize,
    /// Which broadcast it is in, and where.
    slot: u32,
    at: u32,
}

/// One viewer's messages of late, without gaps.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: VecDeque<Kept>,
    bytes: usize,
}

impl History {
    /// Notes what is sent, by its place in a broadcast; the oldest make room.
    pub fn push(
        &mut self,
        (number, bytes): (u64, usize),
        (slot, at): (u32, u32),
        limits: HistoryLimits,
        archive: &mut Archive,
    ) {
        self.bytes += bytes;
        archive.claim(slot);
        self.kept.push_back(Kept { number, bytes, slot, at });
        while self.kept.len() > limits.messages || self.bytes > limits.bytes {
            self.drop_first(archive);
        }
    }

    fn drop_first(&mut self, archive: &mut Archive) {
        if let Some(kept) = self.kept.pop_front() {
            self.bytes -= kept.bytes;
            archive.release(kept.slot);
        }
    }

    /// Forgets what came up to that number.
    pub fn forget_until(&mut self, number: u64, archive: &mut Archive) {
        while self.kept.front().is_some_and(|kept| kept.number <= number) {
            self.drop_first(archive);
        }
    }

    /// Forgets everything. To be called before a viewer goes.
    pub fn clear(&mut self, archive: &mut Archive) {
        self.forget_until(u64::MAX, archive);
    }

    /// Whether all is here that came after `number`, `last` being the one sent last.
    pub fn covers(&self, number: u64, last: u64) -> bool {
        number == last || self.kept.front().is_some_and(|kept| kept.number <= number.saturating_add(1))
    }

    /// Takes over what another history has that came after `number`, with numbers that are `base` more, but for what its own
    /// viewer has `acknowledged`. `last` is the number that was sent last there: without gaps, or what was before is of no use.
    pub fn extend(
        &mut self,
        (other, last): (&History, u64),
        (number, base, acknowledged): (u64, u64, u64),
        limits: HistoryLimits,
        archive: &mut Archive,
    ) {
        if !other.covers(number, last) {
            self.clear(archive);
        }
        for kept in other.after_number(number) {
            let own = kept.number.wrapping_add(base);
            if own > acknowledged {
                self.push((own, kept.bytes), (kept.slot, kept.at), limits, archive);
            }
        }
    }

    /// How many bytes there would be after [`History::extend`].
    pub fn extended_bytes(
        &self,
        (other, last): (&History, u64),
        (number, base, acknowledged): (u64, u64, u64),
        limits: HistoryLimits,
    ) -> usize {
        let new = other.after_number(number).filter(|kept| kept.number.wrapping_add(base) > acknowledged);
        let own = self.kept.iter().rev().filter(|_| other.covers(number, last));
        let latest = new.rev().chain(own).take(limits.messages);
        let mut bytes = 0;
        for kept in latest {
            if bytes + kept.bytes > limits.bytes {
                break;
            }
            bytes += kept.bytes;
        }
        bytes
    }

    fn after_number(&self, number: u64) -> impl DoubleEndedIterator<Item = &Kept> {
        let first = self.kept.partition_point(|kept| kept.number <= number);
        self.kept.range(first..)
    }

    /// What came after `number`, byte for byte.
    pub fn after(&self, number: u64, archive: &Archive) -> impl Iterator<Item = Vec<u8>> {
        self.after_number(number).filter_map(|kept| {
            let frozen = archive.get(kept.slot)?;
            Some(frozen.assemble_as(frozen.messages.get(kept.at as usize)?, kept.number).to_vec())
        })
    }

    /// Bytes kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
