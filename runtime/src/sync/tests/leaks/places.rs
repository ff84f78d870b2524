//! Where to write: places that the viewer sees, or may come to see, and places that it never sees.

use std::sync::Arc;

use statewright_types::{StructId, Type, Value};

use crate::state::State;
use crate::sync::Sight;
use crate::sync::sight::{Past, Place, Scope, Scopes};
use crate::sync::tables::{Access, Alternative, Tables};
use crate::sync::tests::writing::Writer;
use crate::visibility::{self, ID, PLAYERS};

/// What a viewer sees of which sessions may differ in the rest.
pub(super) struct Eyes {
    pub(super) tables: Tables,
    /// Who looks, if that stays the same; else what it sees may be anything that it may come to see.
    pub(super) sight: Option<Sight>,
}

/// Where to write.
pub(super) enum Target {
    /// A field, and what is in it.
    Field(StructId, u64, usize),
    /// A list's elements, which are of that type.
    List(Type, u64),
    /// A map's keys and values.
    Map(Type, Type, u64),
}

/// A struct on the way.
#[derive(Clone, Copy)]
struct Stop<'s> {
    ty: StructId,
    record: u64,
    place: Place<'s>,
    outer: Scope<'s>,
}

impl Eyes {
    /// Whether the viewer sees a field, or may come to see it.
    fn sees(&self, stop: Stop<'_>, at: usize, scope: Scope<'_>) -> bool {
        let audience = match &self.tables.types[stop.ty.index()].fields[at].access {
            Access::Public => return true,
            Access::Never => return false,
            Access::Private(audience) => audience,
        };
        let may = |alternative: &Alternative| match &self.sight {
            // What a function shows may come and go with what is in the open.
            _ if matches!(alternative, Alternative::View { name, .. } if &**name == "strong") => true,
            Some(sight) => sight.is_in(alternative, scope, stop.ty, stop.record),
            None => match alternative {
                Alternative::Owner | Alternative::Team => true,
                Alternative::View { name, .. } => &**name == "near",
            },
        };
        audience.iter().any(may)
    }

    fn is_private(&self, ty: StructId, at: usize) -> bool {
        self.tables.types[ty.index()].fields[at].access != Access::Public
    }

    /// A random place: in the open, or hidden. Which one in the open depends on nothing that is hidden.
    pub(super) fn find(&self, state: &State, dice: &mut Writer, open: bool) -> Option<Target> {
        let roots = state.schema().roots();
        let ty = if dice.roll(5) == 0 { roots[dice.roll(roots.len())] } else { state.main_root() };
        let record = state.root(ty).ok()?;
        let stop = Stop { ty, record, place: Place::default(), outer: Scope::default() };
        self.record(state, dice, stop, open)
    }

    fn record(&self, state: &State, dice: &mut Writer, stop: Stop<'_>, open: bool) -> Option<Target> {
        let Stop { ty, record, place, outer } = stop;
        let scope = Scopes { tables: &self.tables, state }.of((ty, record), Past::default(), place, outer);
        let def = state.schema().get(ty);
        let (seen, hidden): (Vec<usize>, Vec<usize>) =
            (0..def.fields.len()).partition(|at| self.sees(stop, *at, scope));
        if !open && !hidden.is_empty() && (dice.roll(2) == 0 || seen.is_empty()) {
            return Some(Target::Field(ty, record, hidden[dice.roll(hidden.len())]));
        }
        if seen.is_empty() {
            return None;
        }
        let private: Vec<usize> = seen.iter().copied().filter(|at| self.is_private(ty, *at)).collect();
        let at = match open && !private.is_empty() && dice.roll(3) == 0 {
            true => private[dice.roll(private.len())],
            false => seen[dice.roll(seen.len())],
        };
        let table = &self.tables.types[ty.index()].fields[at];
        let slot = state.load(record, ty, at as u32).ok()?;
        let place = Place { key: table.key, held: false, entry: None };
        let field = &def.fields[at];
        let goes_on = slot != 0 && (!open || dice.roll(8) > 0);
        if goes_on && let Type::Struct(_) | Type::List(_) | Type::Map(..) = field.ty.non_null() {
            return self.inside(state, dice, (&field.ty, slot), (place, scope), open);
        }
        // Whose things are stays as it is where who looks does.
        let is_fixed = table.makes_scope && self.sight.is_some();
        (open && !is_fixed).then_some(Target::Field(ty, record, at))
    }

    fn inside<'s>(
        &self,
        state: &'s State,
        dice: &mut Writer,
        (ty, slot): (&Type, u64),
        (place, scope): (Place<'s>, Scope<'s>),
        open: bool,
    ) -> Option<Target> {
        if slot == 0 {
            return None;
        }
        let place = Place { held: place.held || !matches!(ty.non_null(), Type::Struct(_)), ..place };
        let length = match ty.non_null() {
            Type::List(_) | Type::Map(..) => state.list_len(slot) as usize,
            Type::Struct(_) => 0,
            _ => return None,
        };
        let stays = open && (length == 0 || dice.roll(2) == 0);
        match ty.non_null() {
            Type::Struct(inner) => {
                self.record(state, dice, Stop { ty: *inner, record: slot, place, outer: scope }, open)
            }
            Type::List(element) if stays => Some(Target::List((**element).clone(), slot)),
            Type::Map(key, value) if stays => Some(Target::Map((**key).clone(), (**value).clone(), slot)),
            Type::List(element) if length > 0 => {
                let element_slot = state.list_get(slot, dice.roll(length) as i64).ok()?;
                self.inside(state, dice, (element, element_slot), (place, scope), open)
            }
            Type::Map(key, value) if length > 0 => {
                let at = dice.roll(length) as i64;
                let entry = state.map_key_at(slot, at).ok().filter(|_| key.is_text()).map(|key| state.str(key));
                let value_slot = state.map_value_at(slot, at).ok()?;
                self.inside(state, dice, (value, value_slot), (Place { entry, ..place }, scope), open)
            }
            _ => None,
        }
    }

    /// Writes once, in the open or not; whether there was a place.
    pub(super) fn write(&self, state: &mut State, dice: &mut Writer, open: bool) -> bool {
        if open && dice.roll(25) == 0 {
            let others: Vec<StructId> =
                state.schema().roots().into_iter().filter(|ty| *ty != state.main_root()).collect();
            let ty = others[dice.roll(others.len())];
            if !state.root_activate(ty) {
                state.root_deactivate(ty);
            }
            return true;
        }
        let Some(target) = self.find(state, dice, open) else { return false };
        dice.stays = open;
        match target {
            Target::Field(ty, record, at) => dice.field(state, (ty, record, at), 1),
            Target::List(Type::Struct(ty), list) if dice.roll(2) == 0 => self.bulk(state, dice, ty, list),
            Target::List(element, list) => {
                // Now and then so much that the list is rather sent anew.
                let times = if open && dice.roll(8) == 0 { 12 } else { 1 };
                (0..times).for_each(|_| dice.list(state, &element, list, 1));
            }
            Target::Map(key, value, map) => dice.map(state, (&key, &value), map, 1),
        }
        true
    }

    /// The same few public fields of many elements.
    fn bulk(&self, state: &mut State, dice: &mut Writer, ty: StructId, list: u64) {
        let schema = state.schema().clone();
        let table = &self.tables.types[ty.index()];
        let plain: Vec<usize> = (0..table.fields.len())
            .filter(|at| !self.is_private(ty, *at) && !table.fields[*at].makes_scope)
            .filter(|at| {
                matches!(schema.get(ty).fields[*at].ty, Type::Int(_) | Type::Float32 | Type::Float64 | Type::Bool)
            })
            .collect();
        if plain.is_empty() {
            return;
        }
        let fields: Vec<usize> = (0..1 + dice.roll(2)).map(|_| plain[dice.roll(plain.len())]).collect();
        for record in state.list_slots(list).to_vec() {
            for at in &fields {
                let slot = dice.slot(state, &schema.get(ty).fields[*at].ty, 1);
                state.store(record, ty, *at as u32, slot).expect("stored");
            }
        }
    }
}

/// The team of a player: that of the first with its id.
pub(super) fn team(state: &State, id: &str) -> Option<Value> {
    let root = state.main_root();
    let schema = state.schema();
    let at = schema.get(root).field(PLAYERS)?;
    let (_, ty) = visibility::player_list(schema, root)?;
    let list = state.load(state.root(root).ok()?, root, at as u32).ok()?;
    let key = schema.get(ty).field(ID)? as u32;
    let team = schema.get(ty).field("Team")?;
    let is_it = |record: &&u64| state.load(**record, ty, key).is_ok_and(|key| state.str(key) == id);
    let record = *state.list_slots(list).iter().find(is_it)?;
    let slot = state.load(record, ty, team as u32).ok()?;
    match state.str(slot) {
        "" => None,
        name => Some(Value::Str(Arc::from(name))),
    }
}
