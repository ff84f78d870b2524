//! A session that was saved under one schema goes on under another (docs/saving.md has the rules).
//!
//! - `matching`: which type and field of the one is which of the other
//! - `conversion`: values of one type as values of another, where that loses nothing
//! - `scalars`: the same for numbers and texts
//! - `records`: values of a whole state, with what the host program gives
//! - [`report`]: what is done, and what cannot be done

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use statewright_types::Value;

mod conversion;
mod matching;
mod records;
pub mod report;
mod scalars;
mod session;

pub use report::{MigrationError, Problem, Report, Step};
pub use session::Migrated;

/// Makes a new value of an old one; an error says why it cannot.
pub type Convert = dyn Fn(&Value) -> Result<Value, String> + Send + Sync;

/// What only the host program knows about the way from one schema to another. Types and fields are called as in the new
/// schema. Nothing needs to be said about what the schemas say themselves.
///
/// ```
/// use statewright_runtime::persist::migration::Migration;
/// use statewright_types::Value;
///
/// let migration = Migration::new()
///     .rename_type("Unit", "Piece")
///     .rename("Player", "Points", "Score")
///     .default_value("Player", "Lives", Value::Int(3))
///     .convert("Player", "Level", |old| match old {
///         Value::Str(text) => Ok(Value::Int(text.len() as i64)),
///         other => Err(format!("{other} is no level")),
///     });
/// # drop(migration);
/// ```
#[derive(Clone, Default)]
pub struct Migration {
    /// Old names by new ones.
    types: BTreeMap<Arc<str>, Arc<str>>,
    /// Old names by type and new name.
    fields: BTreeMap<Place, Arc<str>>,
    given: BTreeMap<Place, Given>,
    drop_waiting: bool,
}

/// Type and field of the new schema.
type Place = (Arc<str>, Arc<str>);

/// What the host program says about a field.
#[derive(Clone)]
enum Given {
    /// From the old value.
    Convert(Arc<Convert>),
    /// From the old record.
    Compute(Arc<Convert>),
    /// Where there is no old value.
    Default(Value),
}

impl Migration {
    /// Without anything that the schemas do not say.
    pub fn new() -> Migration {
        Migration::default()
    }

    /// The type `new` was called `old`.
    #[must_use]
    pub fn rename_type(mut self, old: &str, new: &str) -> Migration {
        self.types.insert(new.into(), old.into());
        self
    }

    /// The field `new` of the type `ty` was called `old`.
    #[must_use]
    pub fn rename(mut self, ty: &str, old: &str, new: &str) -> Migration {
        self.fields.insert((ty.into(), new.into()), old.into());
        self
    }

    /// Values of a field are made of what the field was, as the old schema has it.
    #[must_use]
    pub fn convert(
        self,
        ty: &str,
        field: &str,
        convert: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Migration {
        self.give(ty, field, Given::Convert(Arc::new(convert)))
    }

    /// Values of a field are made of the whole record, a map of the fields that it had.
    #[must_use]
    pub fn compute(
        self,
        ty: &str,
        field: &str,
        compute: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Migration {
        self.give(ty, field, Given::Compute(Arc::new(compute)))
    }

    /// What a field is where there is no old value: a field that was added, or null where null may not be any more. By
    /// default the schema's default.
    #[must_use]
    pub fn default_value(self, ty: &str, field: &str, value: Value) -> Migration {
        self.give(ty, field, Given::Default(value))
    }

    /// Activations that wait are given up. By default they are a problem: they belong to a document of the old schema, and
    /// cannot go on under another.
    #[must_use]
    pub fn drop_waiting(mut self) -> Migration {
        self.drop_waiting = true;
        self
    }

    fn give(mut self, ty: &str, field: &str, given: Given) -> Migration {
        self.given.insert((ty.into(), field.into()), given);
        self
    }

    fn given(&self, ty: &Arc<str>, field: &Arc<str>) -> Option<&Given> {
        self.given.get(&(ty.clone(), field.clone()))
    }
}

impl fmt::Debug for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given: Vec<&Place> = self.given.keys().collect();
        f.debug_struct("Migration")
            .field("types", &self.types)
            .field("fields", &self.fields)
            .field("given", &given)
            .field("drop_waiting", &self.drop_waiting)
            .finish()
    }
}
