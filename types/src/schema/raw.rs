//! A schema as somebody wrote it, before anything is checked. Both parsers make this, and a derive macro may:
//! [`Schema::build`](super::Schema::build) turns it into a schema.

use std::sync::Arc;

use super::{Role, Writer};
use crate::{Span, Value};

/// A word and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The word.
    pub text: Arc<str>,
    /// Where.
    pub span: Span,
}

impl Name {
    /// A word at a place.
    pub fn new(text: impl Into<Arc<str>>, span: Span) -> Name {
        Name { text: text.into(), span }
    }
}

/// A whole schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawSchema {
    /// The package; empty if none was given.
    pub package: Arc<str>,
    /// In order.
    pub types: Vec<RawType>,
    /// In order.
    pub views: Vec<RawView>,
    /// `version N`; else 1. Out of 1…4294967295 is reported.
    pub version: Option<(i64, Span)>,
    /// Where a finding about the schema as a whole points.
    pub span: Span,
}

/// A struct type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawType {
    /// Its name.
    pub name: Name,
    /// `@id`; else the position from 1. Out of 1…65535 is reported.
    pub id: Option<(i64, Span)>,
    /// Root or helper.
    pub role: Role,
    /// `@owner(F)`
    pub owner: Option<Name>,
    /// `@was(…)`: what it was called before.
    pub was: Vec<Name>,
    /// In order.
    pub fields: Vec<RawField>,
    /// Comment lines.
    pub docs: String,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawField {
    /// Its name.
    pub name: Name,
    /// `@id`; else the next free one. Out of 1…65535 is reported.
    pub id: Option<(i64, Span)>,
    /// Its type's text.
    pub ty: Name,
    /// `@key(F)`
    pub key: Option<Name>,
    /// `@view(…)`: the alternatives, `none` and `all` among them.
    pub views: Vec<Name>,
    /// `@noSync`
    pub no_sync: bool,
    /// `@write(…)`
    pub writer: Writer,
    /// `@quantize(STEP)`. What is no positive finite number is reported.
    pub step: Option<(f64, Span)>,
    /// `@was(…)`: what it was called before.
    pub was: Vec<Name>,
    /// `@default(…)`, `@auto(uuid)`
    pub default: RawDefault,
    /// Where the default stands.
    pub default_span: Span,
    /// `@optional`
    pub optional: bool,
    /// `@team`
    pub team: bool,
    /// Comment lines.
    pub docs: String,
}

/// A default as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RawDefault {
    /// None given.
    #[default]
    Zero,
    /// `@auto(uuid)`
    AutoUuid,
    /// `config:GROUP.FIELD`, without the `config:`.
    Config(Arc<str>),
    /// Text that the field's type says how to read.
    Text(Arc<str>),
    /// A value as JSON has it.
    Value(Value),
}

/// A view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawView {
    /// Its name.
    pub name: Name,
    /// The views it includes.
    pub includes: Vec<Name>,
}
