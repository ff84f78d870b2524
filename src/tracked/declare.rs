//! From structs to a schema.

use std::any::TypeId;
use std::fmt;

use std::sync::Arc;

use statewright_runtime::state::State;
use statewright_types::schema::raw::{RawSchema, RawType, RawView};
use statewright_types::{Schema, StructId, TrapCode, Type};

use super::stored::{Kind, Record};

/// The types of a schema, as they come to be known.
#[derive(Debug, Default)]
pub struct Declarations {
    known: Vec<TypeId>,
    open: Vec<fn(&mut Declarations) -> RawType>,
}

impl Declarations {
    /// Declares a struct, if it is not known yet, and says its name.
    pub fn declare<R: Record>(&mut self) -> String {
        let id = TypeId::of::<R>();
        if !self.known.contains(&id) {
            self.known.push(id);
            self.open.push(R::describe);
        }
        R::NAME.to_owned()
    }

    /// Describes what was declared, and what that names in turn.
    fn describe(&mut self) -> Vec<RawType> {
        let mut types = Vec::new();
        while let Some(describe) = self.open.get(types.len()).copied() {
            let described = describe(self);
            types.push(described);
        }
        types
    }
}

/// The schema that structs declare.
#[derive(Debug)]
pub struct TrackedSchema {
    schema: Arc<Schema>,
    known: Vec<TypeId>,
    types: Vec<Type>,
    main_root: StructId,
}

impl TrackedSchema {
    /// The schema of a root: the types that `declare` names in that order, the root, and what these name in turn.
    ///
    /// # Panics
    /// If the declarations contradict each other.
    pub fn of<R: Record>(
        package: &str,
        version: u32,
        views: Vec<RawView>,
        declare: fn(&mut Declarations),
    ) -> TrackedSchema {
        let mut declarations = Declarations::default();
        declare(&mut declarations);
        declarations.declare::<R>();
        let types = declarations.describe();
        let version = Some((i64::from(version), Default::default()));
        let raw = RawSchema { package: package.into(), types, views, version, ..RawSchema::default() };
        let (schema, findings) = Schema::build(&raw);
        let Some(schema) = schema else {
            let texts: Vec<String> =
                findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect();
            // A mistake in the program's text, which no input leads to; any test that asks for the schema finds it.
            panic!("the structs that `{}` declares make no schema: {}", R::NAME, texts.join("; "));
        };
        let types = (0..schema.types().len()).map(|at| Type::Struct(StructId(at as u32))).collect();
        let main_root = schema.by_name(R::NAME).unwrap_or(StructId(0));
        TrackedSchema { schema: Arc::new(schema), known: declarations.known, types, main_root }
    }

    /// The schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The position of the root that declared it.
    pub fn main_root(&self) -> StructId {
        self.main_root
    }

    /// The place of a struct in the schema, if it was declared.
    pub fn kind_of<R: Record>(&'static self) -> Option<Kind> {
        let at = self.known.iter().position(|id| *id == TypeId::of::<R>())?;
        Some(Kind { schema: &self.schema, ty: self.types.get(at)?, key: None })
    }

    /// The root of a state.
    ///
    /// # Errors
    /// If the state has another schema, or the root is not there.
    pub fn root_of(&'static self, state: &State) -> Result<(&'static Schema, StructId), SchemaMismatch> {
        let same = Arc::ptr_eq(&self.schema, state.schema()) || self.schema.hash() == state.schema().hash();
        if !same {
            return Err(SchemaMismatch { wanted: *self.schema.hash(), found: *state.schema().hash() });
        }
        if !state.root_is_active(self.main_root) {
            return Err(SchemaMismatch { wanted: *self.schema.hash(), found: *self.schema.hash() });
        }
        Ok((&self.schema, self.main_root))
    }
}

/// A state's schema is not the one that the structs declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaMismatch {
    /// The hash of what the structs declare.
    pub wanted: [u8; 32],
    /// The hash of the state's schema; the same if the schema is, and the root is not there.
    pub found: [u8; 32],
}

impl fmt::Display for SchemaMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wanted == self.found {
            return f.write_str("the root is not there; activate it");
        }
        let start = |hash: &[u8; 32]| hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
        let (wanted, found) = (start(&self.wanted), start(&self.found));
        write!(
            f,
            "the state's schema ({found}…) is not what the structs declare ({wanted}…); compare `schema()` with the state's"
        )
    }
}

impl std::error::Error for SchemaMismatch {}

/// So that one `?` serves a transaction that goes from the state to its fields: `not_found` if the root is not there, `bad_argument` if the schema is
/// another.
impl From<SchemaMismatch> for TrapCode {
    fn from(mismatch: SchemaMismatch) -> TrapCode {
        if mismatch.wanted == mismatch.found { TrapCode::NotFound } else { TrapCode::BadArgument }
    }
}
