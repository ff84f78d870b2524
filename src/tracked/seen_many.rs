//! What a viewer sees of plain lists and maps: looked at element by element, nothing is copied.

use std::fmt;
use std::marker::PhantomData;

use super::key::MapKey;
use super::seen::{Place, Scope, Viewer};
use super::stored::Stored;

/// A plain list, as a viewer sees it.
pub struct SeenList<'a, C: Stored> {
    elements: &'a [C::Plain],
    viewer: &'a Viewer,
    place: Place<'a>,
    scope: Scope,
}

impl<C: Stored> Clone for SeenList<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Stored> Copy for SeenList<'_, C> {}

impl<C: Stored> fmt::Debug for SeenList<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenList").field("len", &self.elements.len()).finish_non_exhaustive()
    }
}

impl<'a, C: Stored> SeenList<'a, C> {
    /// `place` is the list's.
    pub fn new(elements: &'a [C::Plain], viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> SeenList<'a, C> {
        SeenList { elements, viewer, place, scope }
    }

    /// How many elements there are: all of them, whatever is hidden in them.
    pub fn len(self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.elements.is_empty()
    }

    /// An element, as the viewer sees it.
    pub fn at(self, index: usize) -> Option<C::Seen<'a>> {
        let SeenList { viewer, place, scope, .. } = self;
        self.elements.get(index).map(|each| C::seen(each, viewer, place, scope))
    }

    /// All elements, as the viewer sees them.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = C::Seen<'a>> + ExactSizeIterator {
        let SeenList { viewer, place, scope, .. } = self;
        self.elements.iter().map(move |each| C::seen(each, viewer, place, scope))
    }
}

/// A plain map, as a viewer sees it: all keys, and of the values what is visible.
pub struct SeenMap<'a, K, V, M> {
    map: &'a M,
    viewer: &'a Viewer,
    place: Place<'a>,
    scope: Scope,
    entries: PhantomData<(K, V)>,
}

impl<K, V, M> Clone for SeenMap<'_, K, V, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, M> Copy for SeenMap<'_, K, V, M> {}

impl<K, V, M> fmt::Debug for SeenMap<'_, K, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenMap").finish_non_exhaustive()
    }
}

impl<'a, K: MapKey, V: Stored, M> SeenMap<'a, K, V, M>
where
    &'a M: IntoIterator<Item = (&'a K::Plain, &'a V::Plain)>,
{
    /// `place` is the map's.
    pub fn new(map: &'a M, viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> SeenMap<'a, K, V, M> {
        SeenMap { map, viewer, place, scope, entries: PhantomData }
    }

    /// Keys, and values as the viewer sees them, in the map's order.
    pub fn iter(self) -> impl Iterator<Item = (&'a K::Plain, V::Seen<'a>)> {
        let SeenMap { viewer, place, scope, .. } = self;
        self.map.into_iter().map(move |(key, value)| (key, V::seen(value, viewer, place.entry(K::text(key)), scope)))
    }
}
