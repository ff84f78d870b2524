//! Who sees what (R9): the state as one viewer sees it, as a value.
//!
//! A plain walk along types and values. Hidden fields are absent from the result; all else is there, nulls included. A
//! path that leads somewhere in the whole state but not in the projection is hidden: [`look`] tells.
//!
//! Whose a field is:
//! - **owner**: the text in the `@owner` field of the struct that declares it. Without such a field: the text in
//!   the key field of the list or map that holds the struct (`@key`, else `ID`); without that, what encloses the struct;
//!   without that, the text key of the map that holds it. Empty and null texts are nobody.
//! - **team**: the field marked `@team`, else `Team`, of the struct, or of what encloses it. The viewer's own is that of
//!   its element in the root field `Players`. Empty and null are no team.
//! - **admin** and **named** views: granted by name, or a function of the document that says so of the record that has the field
//!   ([`Seen`]); a view gives all that it includes, however far.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use statewright_types::scalar::quantise;
use statewright_types::schema::{Audience, FieldDef, StructDef};
use statewright_types::{Limits, Schema, StructId, Type, Value};

use crate::state::State;

/// The root field whose elements are the players.
pub(crate) const PLAYERS: &str = "Players";
/// The key field where none is declared.
pub(crate) const ID: &str = "ID";
/// The team field where none is marked.
const TEAM: &str = "Team";
/// The view that `@view(admin)` asks for.
pub(crate) const ADMIN: &str = "admin";

/// Who looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The player's id.
    pub id: Arc<str>,
    /// Names of the views granted to it.
    pub grants: BTreeSet<Arc<str>>,
}

impl Viewer {
    /// A viewer without grants.
    pub fn new(id: &str) -> Viewer {
        Viewer { id: id.into(), grants: BTreeSet::new() }
    }

    /// Adds a grant.
    #[must_use]
    pub fn with(mut self, view: &str) -> Viewer {
        self.grants.insert(view.into());
        self
    }
}

/// The state as `viewer` sees it: the main root's fields at the top, every other active root under its type's name
/// (unless the main root has a field of that name), as in [`State::to_value`]. Of a field with `@quantize`, the multiple of its step.
/// What nests deeper than JSON may is left out. Views that are functions say nothing here; see [`project_seen`].
pub fn project(state: &State, viewer: &Viewer) -> Value {
    project_seen(state, viewer, &Seen::default())
}

/// Records of which a view's function says that the viewer sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(HashMap<Arc<str>, HashSet<(StructId, u64)>>);

impl Seen {
    /// Notes that a view, and all that it includes, shows a record.
    pub fn add(&mut self, schema: &Schema, view: &Arc<str>, ty: StructId, record: u64) {
        for name in all_grants(schema, &BTreeSet::from([view.clone()])) {
            self.0.entry(name).or_default().insert((ty, record));
        }
    }

    pub(crate) fn shows(&self, view: &str, ty: StructId, record: u64) -> bool {
        self.0.get(view).is_some_and(|records| records.contains(&(ty, record)))
    }
}

/// As [`project`], with what the views' functions say.
pub fn project_seen(state: &State, viewer: &Viewer, seen: &Seen) -> Value {
    let schema = state.schema();
    let main_root = state.main_root();
    let root = |ty| {
        let slot = state.root(ty).ok()?;
        Some((slot, state.export(&Type::Struct(ty), slot).ok()?))
    };
    let (main_slot, main) = root(main_root).unwrap_or((0, Value::Null));
    let lens = Lens {
        state,
        seen,
        schema,
        viewer,
        team: player_team(schema, main_root, &main, &viewer.id),
        grants: all_grants(schema, &viewer.grants),
    };
    let rootless = Place { key_field: ID, held: false, entry: None };
    let see = |ty, slot, value: &Value| {
        let scope = scope_of(schema.get(ty), value, rootless, Scope { owner: None, team: None });
        lens.structure(ty, (value, slot), scope, 0)
    };
    let mut top = match see(main_root, main_slot, &main) {
        Value::Map(fields) => fields,
        _ => Vec::new(),
    };
    let shadowed = |ty| schema.get(main_root).field(&schema.get(ty).name).is_some();
    for ty in schema.roots().into_iter().filter(|ty| *ty != main_root && !shadowed(*ty)) {
        top.extend(root(ty).map(|(slot, value)| (schema.get(ty).name.clone(), see(ty, slot, &value))));
    }
    Value::Map(top)
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field of a struct, or an entry of a map.
    Entry(Arc<str>),
    /// An element of a list.
    Index(usize),
}

/// What a viewer finds at a place of the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight<'a> {
    /// That value, with what is hidden inside left out.
    Value(&'a Value),
    /// Something that this viewer may not see.
    Hidden,
    /// Nothing at all, for anybody.
    Absent,
}

/// What is at the end of `steps`, given the whole state and a viewer's projection of the same moment. Lists keep all
/// their elements in a projection, so positions mean the same in both.
pub fn look<'a>(whole: &Value, projection: &'a Value, steps: &[Step]) -> Sight<'a> {
    fn walk<'v>(from: &'v Value, steps: &[Step]) -> Option<&'v Value> {
        steps.iter().try_fold(from, |value, step| match step {
            Step::Entry(name) => value.get(name),
            Step::Index(index) => value.at(*index),
        })
    }
    match (walk(projection, steps), walk(whole, steps)) {
        (Some(value), _) => Sight::Value(value),
        (None, Some(_)) => Sight::Hidden,
        (None, None) => Sight::Absent,
    }
}

/// Whose the value at hand is.
#[derive(Clone, Copy)]
struct Scope<'v> {
    owner: Option<&'v str>,
    team: Option<&'v Value>,
}

/// What surrounds a value between a struct's field and the next struct, as far as that may name an owner.
#[derive(Clone, Copy)]
struct Place<'v> {
    /// The key field of the elements, if it is a collection.
    key_field: &'v str,
    /// Whether it is an element of a collection.
    held: bool,
    /// Its text key in a map.
    entry: Option<&'v str>,
}

/// One viewer's eyes on one state.
struct Lens<'a> {
    state: &'a State,
    seen: &'a Seen,
    schema: &'a Schema,
    viewer: &'a Viewer,
    team: Option<Value>,
    grants: BTreeSet<Arc<str>>,
}

impl Lens<'_> {
    /// The visible fields of a struct that belongs to `scope`.
    fn structure(&self, ty: StructId, (value, record): (&Value, u64), scope: Scope<'_>, depth: usize) -> Value {
        let all = &self.schema.get(ty).fields;
        let fields = all.iter().enumerate();
        let fields = fields.filter(|(_, field)| self.sees(field, scope, ty, record)).filter_map(|(at, field)| {
            let place = Place { key_field: field.key.as_deref().unwrap_or(ID), held: false, entry: None };
            // Which record it is matters only where a view's function spoke of some.
            let slot = if self.seen.0.is_empty() { 0 } else { self.state.load(record, ty, at as u32).unwrap_or(0) };
            let mut seen = self.value(&field.ty, (value.get(&field.name)?, slot), place, scope, depth + 1)?;
            if let (Some(step), Value::Float(exact)) = (field.step, &mut seen) {
                *exact = quantise(*exact, step);
            }
            Some((field.name.clone(), seen))
        });
        // Most see most: no more room than that for each of many structs.
        let mut shown = Vec::with_capacity(all.len());
        shown.extend(fields);
        Value::Map(shown)
    }

    /// The visible part of any value; `None` if it nests too deep or is not of its type.
    fn value(
        &self,
        ty: &Type,
        (value, slot): (&Value, u64),
        place: Place<'_>,
        scope: Scope<'_>,
        depth: usize,
    ) -> Option<Value> {
        if depth > Limits::JSON_DEPTH {
            return None;
        }
        let next = depth + 1;
        Some(match (ty, value) {
            (Type::Nullable(_), Value::Null) => Value::Null,
            // A struct or container that is not null is the thing itself, and others hold no record.
            (Type::Nullable(inner), value) => return self.value(inner, (value, slot), place, scope, depth),
            (Type::Struct(id), Value::Map(_)) => {
                let scope = scope_of(self.schema.get(*id), value, place, scope);
                self.structure(*id, (value, slot), scope, depth)
            }
            (Type::List(element), Value::List(elements)) => {
                let place = Place { held: true, ..place };
                // Elements are never left out, so that positions stay what they are.
                let slots = self.state.list_slots(slot).iter().copied().chain(std::iter::repeat(0));
                let seen = |(each, slot)| self.value(element, (each, slot), place, scope, next).unwrap_or(Value::Null);
                Value::List(elements.iter().zip(slots).map(seen).collect())
            }
            (Type::Map(key, element), Value::Map(entries)) => {
                let slots = self.state.list_slots(slot).iter().copied().chain(std::iter::repeat(0));
                let seen = entries.iter().zip(slots).map(|((name, each), slot)| {
                    let entry = key.is_text().then_some(&**name);
                    let place = Place { held: true, entry, ..place };
                    (name.clone(), self.value(element, (each, slot), place, scope, next).unwrap_or(Value::Null))
                });
                Value::Map(seen.collect())
            }
            (Type::Struct(_) | Type::List(_) | Type::Map(..) | Type::Record(_), _) => return None,
            (_, scalar) => scalar.clone(),
        })
    }

    /// Whether any audience of the field has the viewer in it; none given: all.
    fn sees(&self, field: &FieldDef, scope: Scope<'_>, ty: StructId, record: u64) -> bool {
        let shown = |view: &str| self.grants.contains(view) || self.seen.shows(view, ty, record);
        let is_in = |audience: &Audience| match audience {
            Audience::Nobody => false,
            Audience::Owner => scope.owner.is_some_and(|owner| !owner.is_empty() && owner == &*self.viewer.id),
            Audience::Team => scope.team.is_some() && scope.team == self.team.as_ref(),
            Audience::Admin => shown(ADMIN),
            Audience::Named(name) => shown(name),
        };
        field.audience.is_empty() || field.audience.iter().any(is_in)
    }
}

/// Whose the fields of a struct at `place` are, within `outer`.
fn scope_of<'v>(def: &StructDef, value: &'v Value, place: Place<'v>, outer: Scope<'v>) -> Scope<'v> {
    let text = |field: &str| match value.get(field) {
        Some(Value::Str(text)) => Some(&**text),
        _ => None,
    };
    let owner = match &def.owner_field {
        Some(field) => text(field),
        None => {
            let key = if place.held { text(place.key_field) } else { None };
            key.or(outer.owner).or(place.entry)
        }
    };
    let team = if team_field(def).is_some() { team_of(def, value) } else { outer.team };
    Scope { owner, team }
}

/// The field that names the team of a struct's elements.
pub(crate) fn team_field(def: &StructDef) -> Option<&FieldDef> {
    let named = |field: &&FieldDef| &*field.name == TEAM && names_team(&field.ty);
    def.fields.iter().find(|field| field.team).or_else(|| def.fields.iter().find(named))
}

/// Whether values of that type can name a team: text and integers, null being none.
fn names_team(ty: &Type) -> bool {
    matches!(ty.non_null(), Type::String | Type::Uuid | Type::Int(_))
}

/// The struct that the lists and maps of a field hold at last, and the name of the key field that applies to it.
pub(crate) fn held(field: &FieldDef) -> Option<(StructId, &str)> {
    let mut ty = field.ty.non_null();
    let mut is_held = false;
    while let Type::List(element) | Type::Map(_, element) = ty {
        (ty, is_held) = (element.non_null(), true);
    }
    match ty {
        Type::Struct(id) if is_held => Some((*id, field.key.as_deref().unwrap_or(ID))),
        _ => None,
    }
}

/// All fields that say whose a struct, or what is in it, is: owner, team and key fields.
pub(crate) fn scope_fields(schema: &Schema) -> Vec<(StructId, usize)> {
    let mut all = Vec::new();
    for (index, def) in schema.types().iter().enumerate() {
        let position = |name: &str| def.field(name);
        let own = def.owner_field.as_deref().and_then(position);
        let team = team_field(def).and_then(|field| position(&field.name));
        all.extend(own.into_iter().chain(team).map(|at| (StructId(index as u32), at)));
        for (ty, key) in def.fields.iter().filter_map(held) {
            let key = schema.types().get(ty.index()).and_then(|def| def.field(key));
            all.extend(key.map(|at| (ty, at)));
        }
    }
    all
}

/// The main root's field whose elements are the players, if it has one.
pub(crate) fn players_field(schema: &Schema, main_root: StructId) -> Option<usize> {
    schema.types().get(main_root.index())?.field(PLAYERS)
}

/// The team of a struct; empty and null are none.
fn team_of<'v>(def: &StructDef, value: &'v Value) -> Option<&'v Value> {
    value.get(&team_field(def)?.name).filter(|team| match team {
        Value::Null => false,
        Value::Str(name) => !name.is_empty(),
        _ => true,
    })
}

/// The team of the player called `id`: the first element of `Players` with that key.
pub(crate) fn player_team(schema: &Schema, main_root: StructId, main: &Value, id: &str) -> Option<Value> {
    let (field, ty) = player_list(schema, main_root)?;
    let players = main.get(PLAYERS)?;
    let player = keyed_players(field, players).find(|(key, _)| ***key == *id);
    team_of(schema.get(ty), player?.1).cloned()
}

/// The teams of all players, by id, given the value of `Players`; those who have none are left out.
pub(crate) fn player_teams(schema: &Schema, main_root: StructId, players: &Value) -> HashMap<Arc<str>, Value> {
    let Some((field, ty)) = player_list(schema, main_root) else { return HashMap::new() };
    let mut teams: HashMap<Arc<str>, Option<&Value>> = HashMap::new();
    for (key, player) in keyed_players(field, players) {
        // The first with a key is the one.
        teams.entry(key.clone()).or_insert_with(|| team_of(schema.get(ty), player));
    }
    teams.into_iter().filter_map(|(key, team)| Some((key, team?.clone()))).collect()
}

/// The field of the main root that holds the players, and their type.
pub(crate) fn player_list(schema: &Schema, main_root: StructId) -> Option<(&FieldDef, StructId)> {
    let field = schema.get(main_root).fields.iter().find(|field| &*field.name == PLAYERS)?;
    let (Type::List(element) | Type::Map(_, element)) = field.ty.non_null() else { return None };
    let Type::Struct(ty) = element.non_null() else { return None };
    Some((field, *ty))
}

/// Players with the texts by which they are known: their key field, else the key of the map.
fn keyed_players<'v>(field: &FieldDef, players: &'v Value) -> impl Iterator<Item = (&'v Arc<str>, &'v Value)> {
    let key_field = field.key.as_deref().unwrap_or(ID);
    let (elements, entries) = match players {
        Value::List(elements) => (&elements[..], &[][..]),
        Value::Map(entries) => (&[][..], &entries[..]),
        _ => (&[][..], &[][..]),
    };
    let of_list = elements.iter().map(|each| (None, each));
    let of_map = entries.iter().map(|(name, each)| (Some(name), each));
    of_list.chain(of_map).filter_map(move |(name, each)| match each.get(key_field) {
        Some(Value::Str(key)) => Some((key, each)),
        Some(_) => None,
        None => Some((name?, each)),
    })
}

/// Whether the grant of a view gives another one, or is that.
pub(crate) fn includes(schema: &Schema, granted: &Arc<str>, view: &Arc<str>) -> bool {
    all_grants(schema, &BTreeSet::from([granted.clone()])).contains(view)
}

/// The granted views and all that they include.
pub fn all_grants(schema: &Schema, granted: &BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
    let mut all = granted.clone();
    let mut open: Vec<_> = granted.iter().collect();
    while let Some(name) = open.pop() {
        let included = schema.views().iter().filter(|view| view.name == *name).flat_map(|view| &view.includes);
        for view in included {
            if all.insert(view.clone()) {
                open.push(view);
            }
        }
    }
    all
}
