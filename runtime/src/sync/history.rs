//! What a viewer was sent, for when it comes back.

use std::collections::VecDeque;

use super::broadcast::{Frozen, KeptMessage, Message};

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

/// A message that was sent, as it was sent.
#[derive(Debug)]
struct Kept {
    number: u64,
    message: KeptMessage,
    bytes: usize,
}

/// One viewer's messages of late, without gaps.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: VecDeque<Kept>,
    bytes: usize,
}

impl History {
    /// Notes what is sent; the oldest make room.
    pub fn push(&mut self, message: &Message, frozen: &Frozen, bytes: usize, limits: HistoryLimits) {
        self.bytes += bytes;
        self.kept.push_back(Kept { number: message.number, message: frozen.keep(message), bytes });
        while self.kept.len() > limits.messages || self.bytes > limits.bytes {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(kept) = self.kept.pop_front() {
            self.bytes -= kept.bytes;
        }
    }

    /// Forgets what came up to that number.
    pub fn forget_until(&mut self, number: u64) {
        while self.kept.front().is_some_and(|kept| kept.number <= number) {
            self.drop_first();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }

    /// Whether all is here that came after `number`, `last` being the one sent last.
    pub fn covers(&self, number: u64, last: u64) -> bool {
        number == last || self.kept.front().is_some_and(|kept| kept.number <= number.saturating_add(1))
    }

    /// What came after `number`, byte for byte.
    pub fn after(&self, number: u64) -> impl Iterator<Item = Vec<u8>> {
        let missed = self.kept.iter().filter(move |kept| kept.number > number);
        missed.map(|kept| kept.message.to_vec())
    }

    /// Bytes kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
