//! A saved session under a new schema: the state converted, everything else as it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::schema::Role;
use statewright_types::{Schema, StructId, Value};

use super::records::Converter;
use super::report::Step;
use super::{Migration, MigrationError, Report};
use crate::program::Program;
use crate::session::saved::SavedSession;
use crate::session::{LoadError, Session};
use crate::state::{SavedFields, SavedRoot, State};

/// A session that was migrated.
pub struct Migrated {
    /// The session, which goes on under the new schema with an empty log and the next sequence number.
    pub session: Session,
    /// What was done.
    pub report: Report,
}

impl Session {
    /// A session that was saved under the schema `old`, under `new`: with values converted as docs/saving.md says, and as
    /// `migration` says where the schemas do not suffice. `program` is of the new schema. Players, host, grants, time, random
    /// streams, configured values, scheduled events, effects and filters stay.
    ///
    /// # Errors
    /// Everything that cannot be migrated, at once. Nothing in the data panics.
    pub fn migrate(
        mut saved: SavedSession,
        old: &Schema,
        new: Arc<Schema>,
        program: Arc<dyn Program>,
        migration: &Migration,
    ) -> Result<Migrated, MigrationError> {
        let mut converter = Converter::new(old, &new, migration);
        let mut report = converter.compare();
        if old.version() > new.version() {
            report.steps.insert(0, Step::Back { from: old.version(), to: new.version() });
        }
        if saved.state.schema_hash != *old.hash() {
            converter
                .error
                .add("the session", "it was saved with another schema than the one that is given as the old one");
        }
        give_up_waiting(&mut saved, migration, &mut report, &mut converter.error);
        unknown_names(&saved, &*program, &mut report);
        let main_root = main_root(&saved, &converter);
        let roots = std::mem::take(&mut saved.state.roots);
        let roots: Vec<SavedRoot> =
            roots.into_iter().filter_map(|root| convert_root(root, main_root, &mut converter, &mut report)).collect();
        let (draws, mut error) = (converter.draws(), converter.error);
        let Some(main_root) = main_root else {
            error.add(
                "the session",
                format!("its main root `{}` has no counterpart in the new schema", saved.state.main_root),
            );
            return Err(MigrationError { report, ..error });
        };
        if !error.problems.is_empty() {
            return Err(MigrationError { report, ..error });
        }
        saved.state.roots = roots;
        let declared = program.config().cloned();
        // The last good views are of the old schema; filters make new ones at once.
        saved.views = BTreeMap::new();
        saved.program = program.document_hash();
        let state = State::migrated(new, main_root, &saved.state, declared, saved.limits, draws);
        let begun = state.map_err(LoadError::State).and_then(|state| Session::assemble(&saved, state, program));
        match begun {
            Ok(session) => Ok(Migrated { session, report }),
            Err(why) => {
                error.add("the session", why.to_string());
                Err(MigrationError { report, ..error })
            }
        }
    }
}

fn main_root(saved: &SavedSession, converter: &Converter<'_>) -> Option<StructId> {
    let old = converter.old.by_name(&saved.state.main_root)?;
    let at = converter.types.iter().position(|counterpart| *counterpart == Some(old))?;
    Some(StructId(u32::try_from(at).ok()?))
}

fn give_up_waiting(saved: &mut SavedSession, migration: &Migration, report: &mut Report, error: &mut MigrationError) {
    for waiting in std::mem::take(&mut saved.waiting) {
        if migration.drop_waiting {
            report.steps.push(Step::NotResumed { number: waiting.number, handler: waiting.handler });
        } else {
            let about = format!("activation {} of `{}`", waiting.number, waiting.handler);
            error.add(
                about,
                "it waits, and cannot go on under another schema: let it finish first, or give up what waits",
            );
        }
    }
}

/// Effects and filters in use that the program does not have.
fn unknown_names(saved: &SavedSession, program: &dyn Program, report: &mut Report) {
    let mut note = |what, name: &Arc<str>, known: bool| {
        let step = Step::Unknown { what, name: name.clone() };
        if !known && !report.steps.contains(&step) {
            report.steps.push(step);
        }
    };
    for effect in &saved.ledger.effects {
        note("effect", &effect.effect, program.effects().iter().any(|info| info.name == effect.effect));
    }
    for filter in saved.ledger.filters.values().flat_map(BTreeMap::values) {
        note("filter", &filter.filter, program.filters().iter().any(|info| info.name == filter.filter));
    }
}

/// A root under its new name, with its fields converted; nothing if it is gone or is no root any more.
fn convert_root(
    root: SavedRoot,
    main_root: Option<StructId>,
    converter: &mut Converter<'_>,
    report: &mut Report,
) -> Option<SavedRoot> {
    let Some(from) = converter.old.by_name(&root.name) else {
        converter.error.add(format!("the root `{}`", root.name), "the old schema has no such type");
        return None;
    };
    // A type that is gone is in the report already.
    let at = converter.types.iter().position(|counterpart| *counterpart == Some(from))?;
    let new = converter.new.types().get(at)?;
    let to = StructId(u32::try_from(at).ok()?);
    if new.role == Role::Helper && Some(to) != main_root {
        report.steps.push(Step::Dropped { place: format!("the root {}", root.name), perhaps: None });
        return None;
    }
    let fields = match root.fields {
        SavedFields::Value(fields) => Ok(fields),
        SavedFields::Packed(_) => root.fields.to_value(converter.old, from),
    };
    let fields = match fields {
        Ok(Value::Map(fields)) => fields,
        Ok(_) => {
            converter.error.add(format!("the root `{}`", root.name), "it has no fields");
            return None;
        }
        Err(what) => {
            converter.error.add(format!("the root `{}`", root.name), what);
            return None;
        }
    };
    let fields = converter.record(from, to, fields)?;
    Some(SavedRoot { name: new.name.clone(), active: root.active, fields: SavedFields::Value(fields) })
}
