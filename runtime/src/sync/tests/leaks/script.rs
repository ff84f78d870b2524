//! What happens in a pair of sessions: steps of both, and steps of one of them that the viewer sees nothing of.

use statewright_types::random::splitmix64;

use crate::sync::tests::writing::Writer;

/// In which of the two sessions a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Only(usize),
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    // In both, with other hidden writes beside.
    /// Writes in the open.
    Write,
    /// The same, in an update that fails.
    Fail,
    /// A handler that writes in the open and emits.
    Cheer,
    Tick,
    Poll,
    Peek,
    Emit,
    Ack,
    Resync,
    Leave,
    Back,
    Grant,
    Filter,
    Glow,
    /// An effect that adds structs.
    Spawn,
    Advance,
    Debounce,
    /// A filter of the document's, put to use or taken away.
    Veil,
    // In one only: hidden.
    /// Hidden writes.
    Whisper,
    /// The same, in an update that fails.
    Falter,
    /// A handler that writes something hidden, and perhaps fails.
    Curse,
    EmitToOthers,
    OthersComeAndGo,
    OthersAck,
    OthersResync,
    OthersGrants,
    OthersFilters,
    /// One of the document's for somebody else.
    Pry,
    /// An effect on something hidden.
    Shade,
    /// The host asks for what would be sent.
    Look,
}

use What::*;

const OPEN: [What; 34] = [
    Write, Write, Write, Write, Write, Write, Write, Write, Write, Write, Write, Fail, Cheer, Tick, Tick, Tick, Tick,
    Tick, Poll, Peek, Emit, Emit, Ack, Resync, Leave, Back, Back, Grant, Filter, Glow, Advance, Debounce, Veil, Spawn,
];

const HIDDEN: [What; 17] = [
    Whisper,
    Whisper,
    Whisper,
    Whisper,
    Whisper,
    Falter,
    Curse,
    EmitToOthers,
    EmitToOthers,
    OthersComeAndGo,
    OthersAck,
    OthersResync,
    OthersGrants,
    OthersFilters,
    Pry,
    Shade,
    Look,
];

/// One step. It needs none of those before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub side: Side,
    pub what: What,
    /// The host's time.
    pub at_ms: i64,
    pub seed: u64,
}

/// A pair of sessions' life.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub seed: u64,
    pub steps: Vec<Step>,
}

impl Script {
    /// What the seed says.
    pub(super) fn new(seed: u64) -> Script {
        let mut state = seed;
        let mut dice = Writer::new(splitmix64(&mut state));
        let mut at_ms = 0;
        let count = 12 + dice.roll(18);
        // Sessions in which somebody has filters take another way.
        let has_filters = dice.roll(2) == 0;
        let steps = (0..count).map(|_| {
            at_ms += [0, 0, 0, 4, 9, 30][dice.roll(6)];
            let (side, what) = match dice.roll(5) {
                0..=2 => (Side::Both, OPEN[dice.roll(OPEN.len())]),
                _ => (Side::Only(dice.roll(2)), HIDDEN[dice.roll(HIDDEN.len())]),
            };
            let what = match what {
                Filter | Veil if !has_filters => Write,
                OthersFilters | Pry if !has_filters => Whisper,
                other => other,
            };
            Step { side, what, at_ms, seed: splitmix64(&mut state) }
        });
        Script { seed, steps: steps.collect() }
    }

    /// The smallest that one gets by leaving steps out as long as it still fails.
    pub(super) fn shrink(mut self, fails: impl Fn(&Script) -> bool) -> Script {
        loop {
            let shorter = (0..self.steps.len()).find_map(|at| {
                let mut shorter = self.clone();
                shorter.steps.remove(at);
                fails(&shorter).then_some(shorter)
            });
            match shorter {
                Some(shorter) => self = shorter,
                None => return self,
            }
        }
    }
}
