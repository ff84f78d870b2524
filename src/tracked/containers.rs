//! `Vec`, `BTreeMap` and `HashMap`, written so that only what differs is marked.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use statewright_runtime::state::State;
use statewright_types::{TrapCode, Type};

use super::declare::Declarations;
use super::key::{MapKey, type_of_key};
use super::lists::{ListMut, ListRef};
use super::maps::{MapMut, MapRef};
use super::seen::{Place, Scope, Viewer};
use super::seen_many::{SeenList, SeenMap};
use super::stored::{Holds, Kind, Stored};

impl<C: Stored> Stored for Vec<C> {
    type Plain = Vec<C::Plain>;
    type Ref<'a> = ListRef<'a, C>;
    type Mut<'a> = ListMut<'a, C>;
    type Set<'a> = &'a [C::Plain];
    type Got<'a> = Option<ListMut<'a, C>>;
    type Seen<'a> = C::SeenAll<'a>;
    type SeenAll<'a> = SeenList<'a, Vec<C>>;

    fn schema_type(types: &mut Declarations) -> String {
        format!("[]{}", C::schema_type(types))
    }

    fn view<'a>(state: &'a State, kind: Kind, slot: u64) -> ListRef<'a, C> {
        ListRef::new(state, kind, slot)
    }

    fn edit<'a>(state: &'a mut State, kind: Kind, slot: u64) -> ListMut<'a, C> {
        ListMut::new(state, kind, slot)
    }

    fn got<'a>(state: &'a mut State, kind: Kind, slot: Option<u64>) -> Self::Got<'a> {
        slot.map(|slot| ListMut::new(state, kind, slot))
    }

    fn read(state: &State, kind: Kind, slot: u64) -> Self::Plain {
        let inside = kind.inside();
        state.list_slots(slot).iter().map(|slot| C::read(state, inside, *slot)).collect()
    }

    fn set(plain: &Self::Plain) -> &[C::Plain] {
        plain
    }

    fn make(value: &[C::Plain], state: &mut State, kind: Kind) -> Result<u64, TrapCode> {
        let inside = kind.inside();
        let slots = value.iter().map(|plain| C::make(C::set(plain), state, inside)).collect::<Result<Vec<_>, _>>()?;
        state.list_new(kind.ty, &slots)
    }

    fn put(value: &[C::Plain], state: &mut State, kind: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
        match kind.inside().ty {
            Type::Struct(_) | Type::Nullable(_) | Type::List(_) | Type::Map(..) => match type_of_key(kind) {
                Some(key) if matches!(kind.inside().ty, Type::Struct(_)) => {
                    put_by_key::<C>(value, state, kind, old, key)?;
                }
                _ => put_by_index::<C>(value, state, kind, old)?,
            },
            // The state finds out what is the same at the beginning and at the end.
            _ => {
                let source = Self::make(value, state, kind)?;
                state.list_assign(old, source)?;
            }
        }
        Ok(None)
    }

    fn seen<'a>(plain: &'a Self::Plain, viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::Seen<'a> {
        C::seen_all(plain, viewer, place.element(), scope)
    }

    fn seen_all<'a>(plain: &'a [Self::Plain], viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::SeenAll<'a> {
        SeenList::new(plain, viewer, place, scope)
    }

    fn copy_for(plain: &Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) -> Self::Plain {
        plain.iter().map(|each| C::copy_for(each, viewer, place.element(), scope)).collect()
    }

    fn hide_from(plain: &mut Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) {
        plain.iter_mut().for_each(|each| C::hide_from(each, viewer, place.element(), scope));
    }
}

/// Elements with the key that they had stay what they are and are overwritten.
fn put_by_key<C: Stored>(
    value: &[C::Plain],
    state: &mut State,
    kind: Kind,
    list: u64,
    (field, key_type): (u32, &'static Type),
) -> Result<(), TrapCode> {
    let inside = kind.inside();
    let ty = inside.struct_id();
    let mut slots = Vec::with_capacity(value.len());
    let mut taken = std::collections::HashSet::new();
    for (at, plain) in value.iter().enumerate() {
        let value = C::set(plain);
        let key = C::key(value, field);
        // Where it is in most cases, before looking for it.
        let same = |state: &State, slot: u64| {
            key.is_some_and(|key| state.load(slot, ty, field).is_ok_and(|slot| key.is(state, key_type, slot)))
        };
        let here = state.list_slots(list).get(at).copied().filter(|slot| same(state, *slot));
        let found = match (here, key.and_then(|key| key.slot(state, key_type))) {
            (Some(slot), _) => Some(slot),
            (None, Some(key)) => {
                let found = state.list_find_key(list, ty, field, key)?;
                state.list_get(list, found).ok()
            }
            (None, None) => None,
        };
        slots.push(match found.filter(|slot| taken.insert(*slot)) {
            Some(slot) => {
                C::put(value, state, inside, slot)?;
                slot
            }
            None => C::make(value, state, inside)?,
        });
    }
    if state.list_slots(list) != slots {
        let source = state.list_new(kind.ty, &slots)?;
        state.list_assign(list, source)?;
    }
    Ok(())
}

fn put_by_index<C: Stored>(value: &[C::Plain], state: &mut State, kind: Kind, list: u64) -> Result<(), TrapCode> {
    let inside = kind.inside();
    for at in (value.len() as u64..state.list_len(list)).rev() {
        state.list_remove(list, at as i64)?;
    }
    for (at, plain) in value.iter().enumerate() {
        match state.list_get(list, at as i64) {
            Ok(old) => {
                if let Some(slot) = C::put(C::set(plain), state, inside, old)? {
                    state.list_set(list, at as i64, slot)?;
                }
            }
            Err(_) => {
                let slot = C::make(C::set(plain), state, inside)?;
                state.list_push(list, slot)?;
            }
        }
    }
    Ok(())
}

impl<C: Holds> Holds for Vec<C> {
    type Record = C::Record;
}

/// What both kinds of map have in common.
macro_rules! maps {
    ($($map:ident where $($bound:ident)+;)*) => {$(
        impl<K: MapKey, V: Stored> Stored for $map<K, V>
        where
            K::Plain: $($bound +)+,
        {
            type Plain = $map<K::Plain, V::Plain>;
            type Ref<'a> = MapRef<'a, K, V>;
            type Mut<'a> = MapMut<'a, K, V>;
            type Set<'a> = &'a Self::Plain;
            type Got<'a> = Option<MapMut<'a, K, V>>;
            type Seen<'a> = SeenMap<'a, K, V, Self::Plain>;
            type SeenAll<'a> = SeenList<'a, Self>;

            fn schema_type(types: &mut Declarations) -> String {
                format!("map[{}]{}", K::schema_type(types), V::schema_type(types))
            }

            fn view<'a>(state: &'a State, kind: Kind, slot: u64) -> MapRef<'a, K, V> {
                MapRef::new(state, kind, slot)
            }

            fn edit<'a>(state: &'a mut State, kind: Kind, slot: u64) -> MapMut<'a, K, V> {
                MapMut::new(state, kind, slot)
            }

            fn got<'a>(state: &'a mut State, kind: Kind, slot: Option<u64>) -> Self::Got<'a> {
                slot.map(|slot| MapMut::new(state, kind, slot))
            }

            fn read(state: &State, kind: Kind, slot: u64) -> Self::Plain {
                let (inside, of_key) = (kind.inside(), key_kind(kind));
                let entries = state.list_slots(slot).iter().enumerate();
                let entries = entries.filter_map(|(at, value)| {
                    let key = state.map_key_at(slot, at as i64).ok()?;
                    Some((K::read(state, of_key, key), V::read(state, inside, *value)))
                });
                entries.collect()
            }

            fn set(plain: &Self::Plain) -> &Self::Plain {
                plain
            }

            fn make(value: &Self::Plain, state: &mut State, kind: Kind) -> Result<u64, TrapCode> {
                let map = state.map_new(kind.ty, &[])?;
                for (key, value) in value {
                    let key = K::make(K::set(key), state, key_kind(kind))?;
                    let value = V::make(V::set(value), state, kind.inside())?;
                    state.map_put(map, key, value)?;
                }
                Ok(map)
            }

            fn put(value: &Self::Plain, state: &mut State, kind: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
                let inside = kind.inside();
                for at in (0..state.map_len(old)).rev() {
                    let key = state.map_key_at(old, at as i64)?;
                    if !value.contains_key(&K::read(state, key_kind(kind), key)) {
                        state.map_remove(old, key);
                    }
                }
                for (key, value) in value {
                    let key = K::make(K::set(key), state, key_kind(kind))?;
                    let there = state.map_value_at(old, state.map_find(old, key));
                    let slot = match there {
                        Ok(there) => V::put(V::set(value), state, inside, there)?,
                        Err(_) => Some(V::make(V::set(value), state, inside)?),
                    };
                    if let Some(slot) = slot {
                        state.map_put(old, key, slot)?;
                    }
                }
                Ok(None)
            }

            fn seen<'a>(plain: &'a Self::Plain, viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::Seen<'a> {
                SeenMap::<'a, K, V, Self::Plain>::new(plain, viewer, place, scope)
            }

            fn seen_all<'a>(
                plain: &'a [Self::Plain],
                viewer: &'a Viewer,
                place: Place<'a>,
                scope: Scope,
            ) -> Self::SeenAll<'a> {
                SeenList::new(plain, viewer, place, scope)
            }

            fn copy_for(plain: &Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) -> Self::Plain {
                let copy = |(key, value): (&K::Plain, &V::Plain)| {
                    let value = V::copy_for(value, viewer, place.entry(K::text(key)), scope);
                    (K::copy_for(key, viewer, place, scope), value)
                };
                plain.iter().map(copy).collect()
            }

            fn hide_from(plain: &mut Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) {
                for (key, value) in plain {
                    V::hide_from(value, viewer, place.entry(K::text(key)), scope);
                }
            }
        }

        impl<K, V: Holds> Holds for $map<K, V> {
            type Record = V::Record;
        }
    )*};
}

maps! {
    BTreeMap where Ord;
    HashMap where Eq Hash;
}

/// The type of a map's keys.
fn key_kind(kind: Kind) -> Kind {
    match kind.ty.non_null() {
        Type::Map(key, _) => Kind { ty: key, ..kind },
        _ => kind,
    }
}
