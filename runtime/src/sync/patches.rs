//! What an encoder makes of a window: bodies, and which of them each viewer gets.

use std::ops::Range;
use std::sync::Arc;

use crate::wire::stream::Stream;

/// What of a window one viewer gets: its message is the public body, then the private one. Nothing, if it has neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatchOf {
    /// The public body, by its index.
    pub public: Option<u32>,
    /// The private body, by its index.
    pub private: Option<u32>,
}

impl PatchOf {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.public.is_none() && self.private.is_none()
    }
}

/// The bodies of a window, for keeping.
#[derive(Clone, Debug, Default)]
pub struct Patches {
    /// What everybody sees, once for each profile that is told anything.
    pub public: Vec<Arc<[u8]>>,
    /// What some see, to be appended to the public body of their profile (or sent alone, if that is empty).
    pub private: Vec<Arc<[u8]>>,
    /// By viewer.
    pub of: Vec<PatchOf>,
}

/// The same in memory that is used again for the next window.
#[derive(Clone, Debug, Default)]
pub struct PatchBuffer {
    /// What writes the bodies, one behind the other.
    pub(super) stream: Stream,
    public: Vec<Range<usize>>,
    private: Vec<Range<usize>>,
    of: Vec<PatchOf>,
    /// What all of them get, but for the `others`: where that stays the same, nothing is written.
    common: PatchOf,
    others: Vec<u32>,
}

impl PatchBuffer {
    /// What each viewer gets.
    pub fn of(&self) -> &[PatchOf] {
        &self.of
    }

    /// A public body.
    pub fn public(&self, index: u32) -> &[u8] {
        self.public.get(index as usize).and_then(|range| self.stream.bytes.get(range.clone())).unwrap_or_default()
    }

    /// A private body.
    pub fn private(&self, index: u32) -> &[u8] {
        self.private.get(index as usize).and_then(|range| self.stream.bytes.get(range.clone())).unwrap_or_default()
    }

    /// The changes that one viewer is sent, in its two parts.
    pub fn parts(&self, viewer: usize) -> (&[u8], &[u8]) {
        let of = self.of.get(viewer).copied().unwrap_or_default();
        (of.public.map_or(&[], |index| self.public(index)), of.private.map_or(&[], |index| self.private(index)))
    }

    /// Forgets the bodies. What viewers get is told anew with [`PatchBuffer::tell_all`].
    pub(super) fn clear(&mut self) {
        self.stream.bytes.clear();
        self.public.clear();
        self.private.clear();
    }

    /// Lets all viewers have the same; who has more is told later.
    pub(super) fn tell_all(&mut self, viewers: usize, of: PatchOf) {
        if self.of.len() != viewers || self.common != of {
            self.of.clear();
            self.of.resize(viewers, of);
            self.common = of;
        } else {
            for viewer in &self.others {
                if let Some(place) = self.of.get_mut(*viewer as usize) {
                    *place = of;
                }
            }
        }
        self.others.clear();
    }

    /// What one of them gets, to be changed.
    pub(super) fn tell(&mut self, viewer: u32) -> Option<&mut PatchOf> {
        let of = self.of.get_mut(viewer as usize)?;
        self.others.push(viewer);
        Some(of)
    }

    /// Adds a public body, by where in the bytes it is; its index.
    pub(super) fn add_public(&mut self, body: Range<usize>) -> u32 {
        self.public.push(body);
        self.public.len() as u32 - 1
    }

    /// Adds a private body, likewise; its index.
    pub(super) fn add_private(&mut self, body: Range<usize>) -> u32 {
        self.private.push(body);
        self.private.len() as u32 - 1
    }

    /// The bodies apart from the buffer.
    pub(super) fn to_patches(&self) -> Patches {
        let keep = |ranges: &[Range<usize>]| {
            ranges.iter().map(|range| Arc::from(self.stream.bytes.get(range.clone()).unwrap_or_default())).collect()
        };
        Patches { public: keep(&self.public), private: keep(&self.private), of: self.of.clone() }
    }
}

/// Whom a span concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// All viewers.
    Everybody,
    /// These, by index, ascending; perhaps none.
    Some(Vec<u32>),
}
