//! Maps in the state, by ascending key.

use std::fmt;
use std::marker::PhantomData;

use statewright_runtime::state::State;
use statewright_types::{TrapCode, Type};

use super::key::{Key, MapKey};
use super::stored::{Kind, Stored};

/// A map of a state that is read.
pub struct MapRef<'a, K, V> {
    state: &'a State,
    kind: Kind,
    map: u64,
    entries: PhantomData<(K, V)>,
}

impl<K, V> Clone for MapRef<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for MapRef<'_, K, V> {}

impl<K, V> fmt::Debug for MapRef<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapRef").field("len", &self.state.map_len(self.map)).finish_non_exhaustive()
    }
}

impl<'a, K: MapKey, V: Stored> MapRef<'a, K, V> {
    pub(super) fn new(state: &'a State, kind: Kind, map: u64) -> MapRef<'a, K, V> {
        MapRef { state, kind, map, entries: PhantomData }
    }

    /// How many entries there are.
    pub fn len(self) -> usize {
        self.state.map_len(self.map) as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether there is an entry of that key. O(log n).
    pub fn contains<'k>(self, key: impl Into<Key<'k>>) -> bool {
        position(self.state, self.kind, self.map, key.into()).is_some()
    }

    /// The value under a key. O(log n).
    pub fn get<'k>(self, key: impl Into<Key<'k>>) -> Option<V::Ref<'a>> {
        let at = position(self.state, self.kind, self.map, key.into())?;
        let slot = self.state.list_slots(self.map).get(at)?;
        Some(V::view(self.state, self.kind.inside(), *slot))
    }

    /// Keys and values by ascending key.
    pub fn iter(self) -> impl Iterator<Item = (K::Ref<'a>, V::Ref<'a>)> {
        let (state, map, kind) = (self.state, self.map, self.kind);
        state.list_slots(map).iter().enumerate().filter_map(move |(at, slot)| {
            let key = state.map_key_at(map, at as i64).ok()?;
            Some((K::view(state, key_kind(kind), key), V::view(state, kind.inside(), *slot)))
        })
    }
}

fn key_kind(kind: Kind) -> Kind {
    match kind.ty.non_null() {
        Type::Map(key, _) => Kind { ty: key, ..kind },
        _ => kind,
    }
}

/// Where a key is: entries are sorted by it.
fn position(state: &State, kind: Kind, map: u64, key: Key<'_>) -> Option<usize> {
    let ty = key_kind(kind).ty;
    let (mut low, mut high) = (0, state.map_len(map) as usize);
    while low < high {
        let middle = low.midpoint(high);
        let slot = state.map_key_at(map, middle as i64).ok()?;
        let there = match ty {
            Type::Int(kind) if kind.range().0 < 0 => Key::Int(i128::from(slot as i64)),
            Type::Int(_) => Key::Int(i128::from(slot)),
            _ => Key::Text(state.str(slot)),
        };
        match there.cmp(&key) {
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// A map of a state that may be written. What leads further takes the handle; [`MapMut::reborrow`] keeps it.
pub struct MapMut<'a, K, V> {
    state: &'a mut State,
    kind: Kind,
    map: u64,
    entries: PhantomData<(K, V)>,
}

impl<K, V> fmt::Debug for MapMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapMut").field("len", &self.state.map_len(self.map)).finish_non_exhaustive()
    }
}

impl<'a, K: MapKey, V: Stored> MapMut<'a, K, V> {
    pub(super) fn new(state: &'a mut State, kind: Kind, map: u64) -> MapMut<'a, K, V> {
        MapMut { state, kind, map, entries: PhantomData }
    }

    /// The same handle, for a shorter time.
    pub fn reborrow(&mut self) -> MapMut<'_, K, V> {
        MapMut { state: self.state, kind: self.kind, map: self.map, entries: PhantomData }
    }

    /// The map for reading.
    pub fn as_ref(&self) -> MapRef<'_, K, V> {
        MapRef::new(self.state, self.kind, self.map)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is an entry of that key. O(log n).
    pub fn contains<'k>(&self, key: impl Into<Key<'k>>) -> bool {
        self.as_ref().contains(key)
    }

    /// The value under a key: of structs the handle, as [`ListMut::get`](super::ListMut::get); else an `Option`. O(log n).
    pub fn get<'k>(self, key: impl Into<Key<'k>>) -> V::Got<'a> {
        let at = position(self.state, self.kind, self.map, key.into());
        let slot = at.and_then(|at| self.state.list_slots(self.map).get(at).copied());
        V::got(self.state, self.kind.inside(), slot)
    }

    /// Keys and values by ascending key, for reading.
    pub fn iter(&self) -> impl Iterator<Item = (K::Ref<'_>, V::Ref<'_>)> {
        self.as_ref().iter()
    }

    /// Puts a value under a key; what is there is overwritten, a struct or collection in place.
    ///
    /// # Errors
    /// `bad_argument` if it is no key of this map, or out of range; `memory_limit`; `stale_reference` of a map that is not there any more.
    pub fn insert<'k>(&mut self, key: impl Into<Key<'k>>, value: V::Set<'_>) -> Result<(), TrapCode> {
        let key = key.into();
        let inside = self.kind.inside();
        let there = position(self.state, self.kind, self.map, key);
        let slot = match there.and_then(|at| self.state.list_slots(self.map).get(at).copied()) {
            Some(old) => V::put(value, self.state, inside, old)?,
            None => Some(V::make(value, self.state, inside)?),
        };
        let Some(slot) = slot else { return Ok(()) };
        let key = key.slot(self.state, key_kind(self.kind).ty).ok_or(TrapCode::BadArgument)?;
        self.state.map_put(self.map, key, slot)
    }

    /// Removes an entry; whether there was one.
    pub fn remove<'k>(&mut self, key: impl Into<Key<'k>>) -> bool {
        let at = position(self.state, self.kind, self.map, key.into());
        match at.map(|at| self.state.map_key_at(self.map, at as i64)) {
            Some(Ok(key)) => self.state.map_remove(self.map, key),
            _ => false,
        }
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.state.map_clear(self.map);
    }
}
