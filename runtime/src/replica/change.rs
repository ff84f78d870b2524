//! What a body changed, for those who ask: places by name, and what happened there.

use std::fmt;
use std::sync::Arc;

use super::node::{Key, Node};
use super::plan::{Kind, Plan};

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum PathStep {
    /// Another root than the main one, by its type's name. Always first.
    Root(Arc<str>),
    /// A field.
    Field(Arc<str>),
    /// An element, from 0.
    Index(u32),
    /// An entry.
    Key(Key),
}

/// A place in a client's copy, from the main root: `Players[37].Score`, and `Shop.Stock["nails"]` in another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path(pub Vec<PathStep>);

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Root(name) | PathStep::Field(name) if at == 0 => f.write_str(name)?,
                PathStep::Root(name) | PathStep::Field(name) => write!(f, ".{name}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Key(key @ (Key::Int(_) | Key::UInt(_))) => write!(f, "[{key}]")?,
                PathStep::Key(key) => write!(f, "[{:?}]", key.to_string())?,
            }
        }
        Ok(())
    }
}

/// What happened at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It has a value, another one, or one for the first time. Of a whole list or map: anything in it may be another.
    Set,
    /// It is not visible any more.
    Hidden,
    /// So many elements were inserted: the path is that of the first.
    Inserted(u32),
    /// So many elements were removed: the path is where the first was.
    Removed(u32),
    /// The element was moved here, from that position.
    Moved(u32),
    /// The elements of the list have another order; some may be new, some gone.
    Arranged,
    /// The entry was deleted.
    Deleted,
    /// The root is there; it may have been there before.
    There,
    /// The root is gone.
    Gone,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where.
    pub path: Path,
    /// What.
    pub what: What,
}

/// The names of positions from a root downwards.
pub(super) fn name(plan: &Plan, roots: &[Node], positions: &[u32]) -> Path {
    let mut path = Path::default();
    let Some((first, rest)) = positions.split_first() else { return path };
    let (Some(root), Some(mut node)) = (plan.roots.get(*first as usize), roots.get(*first as usize)) else {
        return path;
    };
    if *first > 0 {
        path.0.push(PathStep::Root(root.name.clone()));
    }
    let mut kind = Kind::Struct(root.ty);
    for at in rest {
        kind = match plan.non_null(kind) {
            Kind::Struct(ty) => {
                let Some(field) = plan.fields(ty).get(*at as usize) else { return path };
                path.0.push(PathStep::Field(field.name.clone()));
                field.kind
            }
            Kind::List(element) => {
                path.0.push(PathStep::Index(*at));
                plan.kind(element)
            }
            Kind::Map(_, value) => {
                let key = match node {
                    Node::Map(entries) => entries.keys.get(*at as usize).cloned(),
                    _ => None,
                };
                path.0.extend(key.map(PathStep::Key));
                plan.kind(value)
            }
            _ => return path,
        };
        node = node.child(*at as usize).unwrap_or(&Node::Hidden);
    }
    path
}
