//! Who looks, and whose things are: the scopes of R9 for single records.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::{StructId, Value};

use super::tables::{Alternative, Kind, Tables};
use crate::state::{Changes, OldValue, RecordChange, State};
use crate::visibility::Seen;
use crate::wire::Profile;

/// What a viewer is, at a moment, to whoever encodes for it.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The player's id.
    pub id: Arc<str>,
    /// Names of the views granted to it.
    pub grants: BTreeSet<Arc<str>>,
    /// The team of its own element ([`crate::visibility`] says which that is); `None` if it has none.
    pub team: Option<Value>,
    /// What views that are functions show it.
    pub seen: Seen,
    /// What its client knows of the schema.
    pub profile: Arc<Profile>,
}

impl Sight {
    /// Of a viewer without grants, team and seen records.
    pub fn new(id: &str, profile: Arc<Profile>) -> Sight {
        Sight { id: id.into(), grants: BTreeSet::new(), team: None, seen: Seen::default(), profile }
    }

    /// Whether it is in an audience, of fields of that record, which belongs to `scope`.
    pub(super) fn is_in(&self, audience: &Alternative, scope: Scope<'_>, ty: StructId, record: u64) -> bool {
        match audience {
            Alternative::Owner => scope.owner.is_some_and(|owner| !owner.is_empty() && same_text(owner, &self.id)),
            Alternative::Team => scope.team.is_team(self.team.as_ref()),
            Alternative::View { name, grants } => {
                grants.iter().any(|grant| self.grants.contains(grant)) || self.seen.shows(name, ty, record)
            }
        }
    }

    /// Whether it differs from `other` in what decides about fields.
    pub(super) fn differs(&self, other: &Sight) -> bool {
        self.team != other.team || self.grants != other.grants || self.seen != other.seen
    }
}

/// Whether two texts are the same. Ids often have one length and begin alike: their ends tell most of them apart.
#[inline]
pub(super) fn same_text(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().last() == other.as_bytes().last() && one == other
}

/// A viewer in a window: what it was at the beginning, and is now.
#[derive(Clone, Copy, Debug)]
pub struct ViewerSights<'a> {
    /// At the beginning. `seen` and all else as the viewer was last told of.
    pub before: &'a Sight,
    /// Now. With the profile from before: another one takes a full state.
    pub now: &'a Sight,
}

impl ViewerSights<'_> {
    /// Whether any of them has changed. Most have not, and stand where they stood: those are passed by many at once.
    pub(super) fn any_changed(viewers: &[ViewerSights<'_>]) -> bool {
        let moved = |viewer: &ViewerSights<'_>| !std::ptr::eq(viewer.before, viewer.now);
        let mut groups = viewers.chunks(64);
        groups.any(|group| {
            group.iter().fold(false, |any, viewer| any | moved(viewer)) && group.iter().any(ViewerSights::changed)
        })
    }

    fn changed(&self) -> bool {
        !std::ptr::eq(self.before, self.now) && self.now.differs(self.before)
    }
}

/// The name of a team.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Team<'a> {
    #[default]
    None,
    Text(&'a str),
    Int(i128),
}

impl Team<'_> {
    /// Whether it is the team that a viewer is in.
    pub(super) fn is_team(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Team::Text(name), Some(Value::Str(other))) => name == &**other,
            (Team::Int(number), Some(Value::Int(other))) => number == i128::from(*other),
            (Team::Int(number), Some(Value::UInt(other))) => number == i128::from(*other),
            _ => false,
        }
    }

    /// Of text; empty is none.
    pub(super) fn text(name: &str) -> Team<'_> {
        if name.is_empty() { Team::None } else { Team::Text(name) }
    }

    /// Of an integer in a slot.
    pub(super) fn int(kind: Kind, slot: u64) -> Team<'static> {
        match kind {
            Kind::Int(statewright_types::IntKind::U64) => Team::Int(i128::from(slot)),
            Kind::Int(_) => Team::Int(i128::from(slot as i64)),
            _ => Team::None,
        }
    }
}

/// Whose a struct is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Scope<'a> {
    pub(super) owner: Option<&'a str>,
    pub(super) team: Team<'a>,
}

/// What surrounds a value between a struct's field and the next struct, as far as it may name an owner.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    /// The key field of the structs that the field holds, if that is text.
    pub(super) key: Option<u32>,
    /// Whether it is an element of a collection.
    pub(super) held: bool,
    /// Its text key in a map.
    pub(super) entry: Option<&'a str>,
}

/// Which moment of a record is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past<'a>(pub(super) Option<(&'a Changes, &'a RecordChange)>);

impl<'a> Past<'a> {
    /// What a field held then, if that is not what it holds now.
    fn old(self, field: u32) -> Option<OldValue<'a>> {
        self.0.and_then(|(changes, change)| changes.old_of(change, field))
    }
}

/// What the scope of a record is read from.
#[derive(Clone, Copy)]
pub(super) struct Scopes<'a> {
    pub(super) tables: &'a Tables,
    pub(super) state: &'a State,
}

impl<'a> Scopes<'a> {
    /// The text in a field; `None` of null.
    fn text_in(self, ty: StructId, record: u64, field: u32, past: Past<'a>) -> Option<&'a str> {
        match past.old(field) {
            Some(OldValue::Text(text)) => return Some(text),
            Some(_) => return None,
            None => {}
        }
        let slot = self.state.row(ty, record)?.get(field);
        match self.tables.kind(self.tables.field(ty, field)?.kind) {
            Kind::Null(_) if slot == 0 => None,
            _ => Some(self.state.str(slot)),
        }
    }

    /// The team in a field.
    fn team_in(self, ty: StructId, record: u64, field: u32, past: Past<'a>) -> Team<'a> {
        let (Some(row), Some(table)) = (self.state.row(ty, record), self.tables.field(ty, field)) else {
            return Team::None;
        };
        match past.old(field) {
            Some(OldValue::Text(text)) => return Team::text(text),
            Some(OldValue::Number(slot)) => return Team::int(self.tables.present(table.kind), slot),
            Some(OldValue::Null) => return Team::None,
            None => {}
        }
        let slot = row.get(field);
        match self.tables.kind(table.kind) {
            Kind::Text | Kind::Uuid => Team::text(self.state.str(slot)),
            Kind::Null(_) if slot != 0 => Team::text(self.state.str(slot)),
            Kind::Boxed(inner) if slot != 0 => Team::int(self.tables.kind(inner), self.state.boxed(slot)),
            kind => Team::int(kind, slot),
        }
    }

    /// Whose a struct is that stands at `place`, within `outer`.
    pub(super) fn of(
        self,
        (ty, record): (StructId, u64),
        past: Past<'a>,
        place: Place<'a>,
        outer: Scope<'a>,
    ) -> Scope<'a> {
        let Some(table) = self.tables.types.get(ty.index()) else { return outer };
        let owner = match table.owner {
            Some((field, is_text)) => is_text.then(|| self.text_in(ty, record, field, past)).flatten(),
            None => {
                let key = place.key.filter(|_| place.held).and_then(|field| self.text_in(ty, record, field, past));
                key.or(outer.owner).or(place.entry)
            }
        };
        let team = table.team.map_or(outer.team, |field| self.team_in(ty, record, field, past));
        Scope { owner, team }
    }
}
