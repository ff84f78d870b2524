//! Who looks at plain structs, and whose they are: the rules of `statewright_runtime::visibility`, without a state.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use statewright_runtime::visibility;
use statewright_types::{Schema, Value};

/// Who looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Viewer {
    id: Arc<str>,
    team: Option<Value>,
    grants: BTreeSet<Arc<str>>,
}

impl Viewer {
    /// A viewer without team and grants. The empty id owns nothing.
    pub fn new(id: &str) -> Viewer {
        Viewer { id: id.into(), ..Viewer::default() }
    }

    /// With a team: text or an integer. The empty text is none.
    #[must_use]
    pub fn in_team(mut self, team: impl Into<Value>) -> Viewer {
        let team = team.into();
        self.team = Some(team).filter(|team| *team != Value::Null && *team != Value::str(""));
        self
    }

    /// With a view granted, and nothing that it includes.
    #[must_use]
    pub fn with(mut self, view: &str) -> Viewer {
        self.grants.insert(view.into());
        self
    }

    /// With a view granted, and all that it includes by a schema.
    #[must_use]
    pub fn with_all(mut self, view: &str, schema: &Schema) -> Viewer {
        self.grants.extend(visibility::all_grants(schema, &BTreeSet::from([view.into()])));
        self
    }

    /// The player's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The player's team.
    pub fn team(&self) -> Option<&Value> {
        self.team.as_ref()
    }

    /// The views that were granted.
    pub(super) fn grants(&self) -> &BTreeSet<Arc<str>> {
        &self.grants
    }

    /// Whether a view was granted.
    pub fn is_granted(&self, view: &str) -> bool {
        self.grants.contains(view)
    }
}

/// Whose a struct is, as far as one viewer is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Whether anybody owns it.
    owned: bool,
    /// Whether the viewer does.
    mine: bool,
    /// Whether it is of the viewer's team.
    ours: bool,
}

impl Scope {
    /// Nobody's.
    pub const NOBODY: Scope = Scope { owned: false, mine: false, ours: false };

    /// Whether the viewer owns it.
    #[inline]
    pub fn is_mine(self) -> bool {
        self.mine
    }

    /// Whether it is of the viewer's team.
    #[inline]
    pub fn is_ours(self) -> bool {
        self.ours
    }

    /// The same with an owner, who is nobody if the text is empty or `None`.
    #[inline]
    #[must_use]
    pub fn owned_by(self, owner: Option<&str>, viewer: &Viewer) -> Scope {
        let mine = owner.is_some_and(|owner| !owner.is_empty() && is_same(owner, &viewer.id));
        Scope { owned: owner.is_some(), mine, ours: self.ours }
    }

    /// The same with an owner, if there is one; else with that of the entry of a map that it stands in, if it has none.
    #[inline]
    #[must_use]
    pub fn owned_by_key(self, key: Option<&str>, place: Place<'_>, viewer: &Viewer) -> Scope {
        match (key.filter(|_| place.held), self.owned) {
            (Some(key), _) => self.owned_by(Some(key), viewer),
            (None, true) => self,
            (None, false) => self.owned_by(place.entry, viewer),
        }
    }

    /// The same with a team.
    #[inline]
    #[must_use]
    pub fn in_team<T: Team>(self, team: &T, viewer: &Viewer) -> Scope {
        Scope { ours: viewer.team.as_ref().is_some_and(|own| team.is(own)), ..self }
    }
}

/// Whether two texts are equal. Ids are short, and for those this is faster than calling what compares memory.
#[inline]
fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    // The first and the last bytes overlap, or meet.
    match a.len() {
        length if length != b.len() => false,
        4..=8 => a.first_chunk::<4>() == b.first_chunk::<4>() && a.last_chunk::<4>() == b.last_chunk::<4>(),
        9..=16 => a.first_chunk::<8>() == b.first_chunk::<8>() && a.last_chunk::<8>() == b.last_chunk::<8>(),
        _ => a == b,
    }
}

/// What a plain team field holds: text, an integer, or an `Option` of these.
pub trait Team {
    /// Whether that is the team. The empty text and `None` are no team.
    fn is(&self, team: &Value) -> bool;
}

impl Team for String {
    #[inline]
    fn is(&self, team: &Value) -> bool {
        matches!(team, Value::Str(team) if !self.is_empty() && **team == **self)
    }
}

impl<T: Team> Team for Option<T> {
    fn is(&self, team: &Value) -> bool {
        self.as_ref().is_some_and(|own| own.is(team))
    }
}

impl<T: Team> Team for Box<T> {
    fn is(&self, team: &Value) -> bool {
        (**self).is(team)
    }
}

macro_rules! number_teams {
    ($($int:ty),*) => {$(
        impl Team for $int {
            fn is(&self, team: &Value) -> bool {
                match team {
                    Value::Int(team) => i128::from(*team) == i128::from(*self),
                    Value::UInt(team) => i128::from(*team) == i128::from(*self),
                    _ => false,
                }
            }
        }
    )*};
}

number_teams!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Where a struct stands, as far as that may name its owner.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The key field of the collection's elements.
    key: &'a str,
    /// Whether it is an element of a collection.
    held: bool,
    /// Its text key in a map.
    entry: Option<&'a str>,
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({}, {}, {:?})", self.key, self.held, self.entry)
    }
}

impl<'a> Place<'a> {
    /// The value of a field; `key` is that of its elements, if it is a collection.
    pub const fn field(key: &'a str) -> Place<'a> {
        Place { key, held: false, entry: None }
    }

    /// An element of a collection without a declared key: where a struct that is looked at alone stands.
    pub const ALONE: Place<'static> = Place { key: "ID", held: true, entry: None };

    /// Where the elements of a list stand.
    #[must_use]
    pub fn element(self) -> Place<'a> {
        Place { held: true, ..self }
    }

    /// Where an entry of a map stands.
    #[must_use]
    pub fn entry(self, key: Option<&'a str>) -> Place<'a> {
        Place { held: true, entry: key, ..self }
    }

    /// The key field of the collection's elements.
    #[inline]
    pub fn key(self) -> &'a str {
        self.key
    }

    /// Whether it is an element of a collection.
    #[inline]
    pub fn is_held(self) -> bool {
        self.held
    }
}

/// An emptied buffer for what borrows from somewhere else: its memory is used again.
pub fn recycle<A, B>(mut buffer: Vec<A>) -> Vec<B> {
    buffer.clear();
    // Collecting a vector's own iterator keeps the memory, if the sizes are the same.
    buffer.into_iter().map_while(|_| None).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_lengths_are_compared_whole() {
        let text = "abcdefghijklmnopqrstuvwxyz";
        for length in 0..text.len() {
            let one = text.get(..length).unwrap();
            // Memory of its own: the same place would be the same text without a look.
            let mut other = one.as_bytes().to_vec();
            assert!(is_same(one, std::str::from_utf8(&other).unwrap()), "{length}");
            for at in 0..length {
                other.copy_from_slice(one.as_bytes());
                other[at] = b'-';
                assert!(!is_same(one, std::str::from_utf8(&other).unwrap()), "{length}, {at}");
            }
            assert!(!is_same(one, text.get(..length + 1).unwrap()), "{length}");
        }
    }
}
