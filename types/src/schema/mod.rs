//! Schemas: the types of tracked state, who may see what, and the hash that clients and servers compare.
//!
//! Two spellings, one meaning: the `.schema` language ([`text`]) and the schema JSON ([`json`]). Both are read into
//! [`raw`] definitions, which [`check`] makes a [`Schema`] of.

use std::fmt;
use std::sync::Arc;

use crate::hashing::HashMap;
use crate::ty::Type;
use crate::{Diagnostic, Span, repair};

pub mod check;
pub mod codes;
mod configured;
pub mod containment;
pub(crate) mod default;
pub mod hash;
mod ids;
pub mod json;
pub mod raw;
mod renames;
pub mod text;

#[cfg(test)]
mod tests;

/// Reads a schema in either spelling: JSON if it begins with a brace, else the schema language.
pub fn parse(text: &str) -> (Option<Arc<Schema>>, Vec<Diagnostic>) {
    let (schema, mut diagnostics) =
        if text.trim_start().starts_with('{') { json::parse(text) } else { text::parse(text) };
    repair::spell(text, &mut diagnostics);
    (schema.map(Arc::new), diagnostics)
}

/// A struct type of the schema, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StructId(pub u32);

impl StructId {
    /// The position as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a struct type is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Used by other types (`@helper`).
    #[default]
    Helper,
    /// A root of the state, there from the start (`@root(active)`).
    ActiveRoot,
    /// A root that a handler may activate (`@root(inactive)`).
    InactiveRoot,
}

/// Who may see a field, one alternative of `@view(…)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// `@view(none)`, `@noSync`
    Nobody,
    /// `@view(owner)`: the viewer whose id equals the owner field.
    Owner,
    /// `@view(team)`: viewers of the same team.
    Team,
    /// `@view(admin)`: granted by the server.
    Admin,
    /// A view granted by name, or a function of the document.
    Named(Arc<str>),
}

/// Who may set a field through an action (`@write`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Writer {
    /// No restriction.
    #[default]
    Anyone,
    /// Only while the sender is the owner.
    Owner,
    /// Only the session's own events.
    Server,
}

/// What a field is before anything is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// The zero of its type.
    Zero,
    /// A literal of its type.
    Literal(crate::Value),
    /// `config:GROUP.FIELD`
    Config(Arc<str>),
    /// `@auto(uuid)`: a fresh random uuid.
    AutoUuid,
}

/// One field of a struct type.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDef {
    /// The name, unique in its type.
    pub name: Arc<str>,
    /// The number by which it travels (`@id`), 1…65535, unique in its type; else the next free one after the field before it.
    pub id: u16,
    /// The declared type.
    pub ty: Type,
    /// `@key(F)`: which field of the elements (of a list of structs, or a map of structs) identifies them.
    pub key: Option<Arc<str>>,
    /// Who may see it; empty: all.
    pub audience: Vec<Audience>,
    /// Who may set it.
    pub writer: Writer,
    /// `@quantize(STEP)`: of a float, viewers get the nearest multiple of this; positive and finite.
    pub step: Option<f64>,
    /// Initial value.
    pub default: Initial,
    /// `@was(…)`: what it was called in earlier versions; for migrations.
    pub was: Vec<Arc<str>>,
    /// `@optional`: kept for tools that generate clients; it changes nothing here.
    pub optional: bool,
    /// `@team`: this field names the element's team.
    pub team: bool,
    /// The line comments above, for documentation.
    pub docs: String,
}

/// One struct type.
#[derive(Clone, Debug, PartialEq)]
pub struct StructDef {
    /// The name, unique in the schema.
    pub name: Arc<str>,
    /// The declared id (`@id`), 1…65535, unique; else the position from 1.
    pub id: u16,
    /// Root or helper.
    pub role: Role,
    /// `@owner(F)`: the field whose value names the owner; else the key field by which it is listed.
    pub owner_field: Option<Arc<str>>,
    /// `@was(…)`: what it was called in earlier versions; for migrations.
    pub was: Vec<Arc<str>>,
    /// The fields, in declared order.
    pub fields: Vec<FieldDef>,
    /// The comment lines above.
    pub docs: String,
}

impl StructDef {
    /// Position of the field called `name`.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| &*field.name == name)
    }

    /// Whether any field has another id than its position gives it.
    pub(crate) fn has_ids(&self) -> bool {
        self.fields.iter().zip(1..).any(|(field, position)| field.id != position)
    }
}

/// `view NAME { includes: … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewDef {
    /// The name.
    pub name: Arc<str>,
    /// Views whose fields it sees too.
    pub includes: Vec<Arc<str>>,
}

/// A checked schema: names resolve, ids are unique, defaults fit their types, layouts are computed.
#[derive(Clone, Debug)]
pub struct Schema {
    pub(crate) package: Arc<str>,
    pub(crate) version: u32,
    pub(crate) types: Vec<StructDef>,
    pub(crate) views: Vec<ViewDef>,
    pub(crate) by_name: HashMap<Arc<str>, StructId>,
    pub(crate) layouts: Vec<crate::layout::RecordLayout>,
    pub(crate) hash: [u8; 32],
    pub(crate) spans: SchemaSpans,
}

/// Where the names of a schema stand in its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaSpans {
    pub types: Vec<TypeSpans>,
    pub views: Vec<Span>,
}

/// Where the names of a type and its fields stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeSpans {
    pub name: Span,
    pub fields: Vec<Span>,
}

impl PartialEq for Schema {
    /// Whether both say the same, docs included, wherever it stands.
    fn eq(&self, other: &Self) -> bool {
        self.package == other.package
            && self.version == other.version
            && self.types == other.types
            && self.views == other.views
    }
}

impl Schema {
    /// The package name; empty if none was given.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The declared version (`version N`), 1…4294967295; 1 if none was given.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// All struct types in order.
    pub fn types(&self) -> &[StructDef] {
        &self.types
    }

    /// All named views in order.
    pub fn views(&self) -> &[ViewDef] {
        &self.views
    }

    /// The type at `id`.
    pub fn get(&self, id: StructId) -> &StructDef {
        &self.types[id.index()]
    }

    /// The type called `name`.
    pub fn by_name(&self, name: &str) -> Option<StructId> {
        self.by_name.get(name).copied()
    }

    /// The record layout of the type at `id`.
    pub fn layout(&self, id: StructId) -> &crate::layout::RecordLayout {
        &self.layouts[id.index()]
    }

    /// SHA-256 over the canonical form: equal for schemas that mean the same.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Where the name of the type at `id` stands in the schema's text; empty if it was not read from one.
    pub fn type_span(&self, id: StructId) -> Span {
        self.spans.types.get(id.index()).map_or(Span::default(), |spans| spans.name)
    }

    /// Where the name of a field (by position) of the type at `id` stands.
    pub fn field_span(&self, id: StructId, field: usize) -> Span {
        let spans = self.spans.types.get(id.index());
        spans.and_then(|spans| spans.fields.get(field)).copied().unwrap_or_default()
    }

    /// Where the name of a view (by position) stands.
    pub fn view_span(&self, view: usize) -> Span {
        self.spans.views.get(view).copied().unwrap_or_default()
    }

    /// All types with a root role, or the first type if none has one (R1.2).
    pub fn roots(&self) -> Vec<StructId> {
        let ids = || (0..self.types.len()).map(|index| StructId(index as u32));
        let roots: Vec<_> = ids().filter(|id| self.get(*id).role != Role::Helper).collect();
        if roots.is_empty() { ids().take(1).collect() } else { roots }
    }

    /// The main root: `wanted` (a document's `stateType`) if it exists, else the first active root, else the
    /// first type (R1.2). `None` only for an unknown name or an empty schema.
    pub fn main_root(&self, wanted: Option<&str>) -> Option<StructId> {
        if let Some(name) = wanted {
            return self.by_name(name);
        }
        let active = self.types.iter().position(|ty| ty.role == Role::ActiveRoot).unwrap_or(0);
        (active < self.types.len()).then_some(StructId(active as u32))
    }

    /// Shows `ty` with struct names.
    pub fn show<'a>(&'a self, ty: &'a Type) -> impl fmt::Display + 'a {
        show_with(&self.types, ty)
    }

    /// Reads a type's text: `[]Player`, `map[string]int64`, `*Player`… `Err` names the part that is unknown.
    pub fn parse_type(&self, text: &str) -> Result<Type, String> {
        parse_type(text, &|name| self.by_name(name))
    }
}

/// Shows `ty` with the names of `types`.
pub(crate) fn show_with<'a>(types: &'a [StructDef], ty: &'a Type) -> impl fmt::Display + 'a {
    struct Shown<'a>(&'a [StructDef], &'a Type);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let name_of = |id: StructId| self.0.get(id.index()).map_or_else(|| Arc::from("?"), |def| def.name.clone());
            write!(f, "{}", self.1.display(&name_of))
        }
    }
    Shown(types, ty)
}

/// Reads a type's text; struct names are resolved by `lookup`. `Err` says what is wrong, for a message.
pub fn parse_type(text: &str, lookup: &dyn Fn(&str) -> Option<StructId>) -> Result<Type, String> {
    parse_nested(text.trim(), lookup, 0)
}

fn parse_nested(text: &str, lookup: &dyn Fn(&str) -> Option<StructId>, depth: usize) -> Result<Type, String> {
    if depth > 16 {
        return Err("the type nests deeper than 16 levels".into());
    }
    let next = |rest: &str| parse_nested(rest.trim(), lookup, depth + 1);
    if let Some(scalar) = Type::scalar_by_name(text) {
        return Ok(scalar);
    }
    if let Some(rest) = text.strip_prefix("[]") {
        return next(rest).map(Type::list);
    }
    if let Some(rest) = text.strip_prefix('*') {
        return next(rest).map(Type::nullable);
    }
    if let Some(rest) = text.strip_prefix("map[") {
        let (key, value) = rest.split_once(']').ok_or_else(|| format!("`{text}` lacks a `]`"))?;
        let key = next(key)?;
        if !key.is_map_key() {
            return Err(format!("a map's key must be a string or an integer, in `{text}`"));
        }
        return Ok(Type::map(key, next(value)?));
    }
    lookup(text).map(Type::Struct).ok_or_else(|| format!("there is no type `{text}`"))
}
