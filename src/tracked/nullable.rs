//! `Option` and `Box`.

use statewright_runtime::state::State;
use statewright_types::TrapCode;

use super::declare::Declarations;
use super::key::Key;
use super::seen::{Place, Scope, Viewer};
use super::seen_many::SeenList;
use super::stored::{Holds, Kind, Stored};

impl<C: Stored> Stored for Option<C> {
    type Plain = Option<C::Plain>;
    type Ref<'a> = Option<C::Ref<'a>>;
    type Mut<'a> = Option<C::Mut<'a>>;
    type Set<'a> = Option<C::Set<'a>>;
    type Got<'a> = Option<Option<C::Mut<'a>>>;
    type Seen<'a> = Option<C::Seen<'a>>;
    type SeenAll<'a> = SeenList<'a, Option<C>>;

    fn schema_type(types: &mut Declarations) -> String {
        format!("*{}", C::schema_type(types))
    }

    fn view<'a>(state: &'a State, kind: Kind, slot: u64) -> Self::Ref<'a> {
        (slot != 0).then(|| C::view(state, kind.inside(), inside(state, kind, slot)))
    }

    fn edit<'a>(state: &'a mut State, kind: Kind, slot: u64) -> Self::Mut<'a> {
        let within = inside(state, kind, slot);
        (slot != 0).then(|| C::edit(state, kind.inside(), within))
    }

    fn got<'a>(state: &'a mut State, kind: Kind, slot: Option<u64>) -> Self::Got<'a> {
        slot.map(|slot| Self::edit(state, kind, slot))
    }

    fn read(state: &State, kind: Kind, slot: u64) -> Self::Plain {
        (slot != 0).then(|| C::read(state, kind.inside(), inside(state, kind, slot)))
    }

    fn set(plain: &Self::Plain) -> Self::Set<'_> {
        plain.as_ref().map(C::set)
    }

    fn make(value: Self::Set<'_>, state: &mut State, kind: Kind) -> Result<u64, TrapCode> {
        let Some(value) = value else { return Ok(0) };
        let slot = C::make(value, state, kind.inside())?;
        Ok(state.some(kind.ty, slot))
    }

    fn put(value: Self::Set<'_>, state: &mut State, kind: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
        match value {
            Some(value) if old != 0 && C::LOOKS => {
                let slot = C::put(value, state, kind.inside(), inside(state, kind, old))?;
                Ok(slot.map(|slot| state.some(kind.ty, slot)))
            }
            value => Self::make(value, state, kind).map(Some),
        }
    }

    fn key<'k>(value: Self::Set<'k>, field: u32) -> Option<Key<'k>> {
        value.and_then(|value| C::key(value, field))
    }

    fn text(plain: &Self::Plain) -> Option<&str> {
        plain.as_ref().and_then(C::text)
    }

    fn seen<'a>(plain: &'a Self::Plain, viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::Seen<'a> {
        plain.as_ref().map(|plain| C::seen(plain, viewer, place, scope))
    }

    fn seen_all<'a>(plain: &'a [Self::Plain], viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::SeenAll<'a> {
        SeenList::new(plain, viewer, place, scope)
    }

    fn copy_for(plain: &Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) -> Self::Plain {
        plain.as_ref().map(|plain| C::copy_for(plain, viewer, place, scope))
    }

    fn hide_from(plain: &mut Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) {
        if let Some(plain) = plain {
            C::hide_from(plain, viewer, place, scope);
        }
    }
}

/// What is inside of a nullable: of a number, the number that the box holds.
fn inside(state: &State, kind: Kind, slot: u64) -> u64 {
    state.unwrap(kind.ty, slot).unwrap_or(0)
}

impl<C: Holds> Holds for Option<C> {
    type Record = C::Record;
}

impl<C: Stored> Stored for Box<C> {
    type Plain = Box<C::Plain>;
    type Ref<'a> = C::Ref<'a>;
    type Mut<'a> = C::Mut<'a>;
    type Set<'a> = C::Set<'a>;
    type Got<'a> = C::Got<'a>;
    type Seen<'a> = C::Seen<'a>;
    type SeenAll<'a> = SeenList<'a, Box<C>>;

    const LOOKS: bool = C::LOOKS;

    fn schema_type(types: &mut Declarations) -> String {
        C::schema_type(types)
    }

    fn view<'a>(state: &'a State, kind: Kind, slot: u64) -> Self::Ref<'a> {
        C::view(state, kind, slot)
    }

    fn edit<'a>(state: &'a mut State, kind: Kind, slot: u64) -> Self::Mut<'a> {
        C::edit(state, kind, slot)
    }

    fn got<'a>(state: &'a mut State, kind: Kind, slot: Option<u64>) -> Self::Got<'a> {
        C::got(state, kind, slot)
    }

    fn read(state: &State, kind: Kind, slot: u64) -> Self::Plain {
        Box::new(C::read(state, kind, slot))
    }

    fn set(plain: &Self::Plain) -> Self::Set<'_> {
        C::set(plain)
    }

    fn make(value: Self::Set<'_>, state: &mut State, kind: Kind) -> Result<u64, TrapCode> {
        C::make(value, state, kind)
    }

    fn put(value: Self::Set<'_>, state: &mut State, kind: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
        C::put(value, state, kind, old)
    }

    fn key<'k>(value: Self::Set<'k>, field: u32) -> Option<Key<'k>> {
        C::key(value, field)
    }

    fn text(plain: &Self::Plain) -> Option<&str> {
        C::text(plain)
    }

    fn seen<'a>(plain: &'a Self::Plain, viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::Seen<'a> {
        C::seen(plain, viewer, place, scope)
    }

    fn seen_all<'a>(plain: &'a [Self::Plain], viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::SeenAll<'a> {
        SeenList::new(plain, viewer, place, scope)
    }

    fn copy_for(plain: &Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) -> Self::Plain {
        Box::new(C::copy_for(plain, viewer, place, scope))
    }

    fn hide_from(plain: &mut Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) {
        C::hide_from(plain, viewer, place, scope);
    }
}

impl<C: Holds> Holds for Box<C> {
    type Record = C::Record;
}
