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
    /// How many viewers there are.
    viewers: u32,
    /// The public body of all of them; or, if there are several, of each.
    common: Option<u32>,
    publics: Vec<Option<u32>>,
    /// Who gets a private body, and which; ascending.
    privates: Vec<(u32, u32)>,
}

impl PatchBuffer {
    /// What a viewer gets.
    pub fn of(&self, viewer: u32) -> PatchOf {
        let place = self.privates.binary_search_by_key(&viewer, |(viewer, _)| *viewer);
        let private = place.ok().and_then(|place| self.privates.get(place)).map(|(_, body)| *body);
        PatchOf { public: self.public_of(viewer), private }
    }

    /// What each viewer gets, in their order.
    pub fn iter(&self) -> impl Iterator<Item = PatchOf> {
        let mut privates = self.privates.iter().peekable();
        (0..self.viewers).map(move |viewer| {
            let private = privates.next_if(|(with, _)| *with == viewer).map(|(_, body)| *body);
            PatchOf { public: self.public_of(viewer), private }
        })
    }

    /// The public body that the first viewer gets; all others with its profile get the same.
    pub fn common(&self) -> Option<u32> {
        self.common
    }

    /// Viewers that get a private body, ascending, with its index.
    pub fn privates(&self) -> &[(u32, u32)] {
        &self.privates
    }

    fn public_of(&self, viewer: u32) -> Option<u32> {
        self.publics.get(viewer as usize).copied().unwrap_or(self.common.filter(|_| viewer < self.viewers))
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
        let of = self.of(viewer as u32);
        (of.public.map_or(&[], |index| self.public(index)), of.private.map_or(&[], |index| self.private(index)))
    }

    /// Begins anew, with nothing for so many viewers.
    #[inline]
    pub(super) fn clear(&mut self, viewers: usize) {
        self.stream.bytes.clear();
        self.public.clear();
        self.private.clear();
        self.viewers = viewers as u32;
        self.common = None;
        self.publics.clear();
        self.privates.clear();
    }

    /// Gives all viewers the same public body.
    #[inline]
    pub(super) fn give_all(&mut self, body: Option<u32>) {
        self.common = body;
    }

    /// Gives each viewer its public body, in their order.
    pub(super) fn give_each(&mut self, bodies: impl Iterator<Item = Option<u32>>) {
        self.publics.extend(bodies);
        self.common = self.publics.first().copied().flatten();
    }

    /// Gives a viewer a private body. Viewers come in their order.
    pub(super) fn give_private(&mut self, viewer: u32, body: u32) {
        self.privates.push((viewer, body));
    }

    /// Adds a public body, by where in the bytes it is; its index.
    #[inline(always)]
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
        Patches { public: keep(&self.public), private: keep(&self.private), of: self.iter().collect() }
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
