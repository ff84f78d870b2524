//! Configurations: groups of typed values that tune a document without editing it. `docs/config.md` is the description for
//! authors.
//!
//! Two spellings, one meaning: the `.config` language ([`text`]) and JSON ([`json`]). Both are read into raw definitions, which
//! [`check`] makes a [`Config`] of. What is given for it (by a file, a test, a host program) is [`Values`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::schema::default;
use crate::{Diagnostic, Help, Span, Type, Value, json as plain_json, repair, suggest};

mod check;
pub mod codes;
pub mod json;
pub mod text;
mod values;

#[cfg(test)]
mod tests;

pub use values::{groups, values};

/// Values by `GROUP.FIELD`.
pub type Values = BTreeMap<Arc<str>, Value>;

/// Reads a configuration in either spelling: JSON if it begins with a brace, else the `.config` language.
pub fn parse(text: &str) -> (Option<Arc<Config>>, Vec<Diagnostic>) {
    let (config, mut diagnostics) =
        if text.trim_start().starts_with('{') { json::parse(text) } else { text::parse(text) };
    repair::spell(text, &mut diagnostics);
    (config.map(Arc::new), diagnostics)
}

/// A checked configuration: names are unique, defaults, bounds and options fit their fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    package: Arc<str>,
    groups: Vec<Group>,
    /// Group and field by `GROUP.FIELD`.
    by_path: HashMap<Arc<str>, (usize, usize)>,
    hash: [u8; 32],
}

/// `config NAME { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The name, unique in its configuration.
    pub name: Arc<str>,
    /// In declared order.
    pub fields: Vec<Field>,
    /// The comment lines above, or the JSON's description.
    pub docs: String,
}

/// A value to be configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// `GROUP.FIELD`
    pub path: Arc<str>,
    /// The name, unique in its group.
    pub name: Arc<str>,
    /// A scalar type.
    pub ty: Type,
    /// Whether it was declared as `duration`: whole seconds, not negative.
    pub duration: bool,
    /// What it is if nothing else is given; `None` exactly if it must be given.
    pub default: Option<Value>,
    /// The least it may be, of numbers.
    pub min: Option<Value>,
    /// The most it may be, of numbers.
    pub max: Option<Value>,
    /// What it may be; empty: anything.
    pub options: Vec<Value>,
    /// The environment variable that may give it.
    pub variable: Option<Arc<str>>,
    /// The comment lines above and behind, or the JSON's description.
    pub docs: String,
    /// Where its name stands.
    pub span: Span,
}

impl Field {
    /// The type as it is written.
    pub fn type_name(&self) -> String {
        if self.duration { "duration".to_owned() } else { self.ty.display(&|_| Arc::from("")).to_string() }
    }

    /// `value` as a value of this field. `Err` says what does not fit: type, bounds, options.
    pub fn fit(&self, value: &Value) -> Result<Value, String> {
        let value = default::fit(value, &self.ty, &[])?;
        self.admit(&value).map(|()| value)
    }

    /// The same of a text, such as an environment variable has.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let value = default::from_text(text, &self.ty, &[])?;
        self.admit(&value).map(|()| value)
    }

    /// Whether a value of the field's type is within its bounds and among its options. `Err` says what is wrong.
    fn admit(&self, value: &Value) -> Result<(), String> {
        let shown = || plain_json::to_string(value);
        if let Some(min) = &self.min
            && !at_most(min, value)
        {
            return Err(format!("{} is less than {}, the least it may be", shown(), plain_json::to_string(min)));
        }
        if let Some(max) = &self.max
            && !at_most(value, max)
        {
            return Err(format!("{} is more than {}, the most it may be", shown(), plain_json::to_string(max)));
        }
        if !self.options.is_empty() && !self.options.contains(value) {
            let options = self.options.iter().map(plain_json::to_string).collect::<Vec<_>>().join(", ");
            return Err(format!("{} is none of its options: {options}", shown()));
        }
        Ok(())
    }
}

/// Whether the number `a` is at most `b`, both of one type; NaN is not.
fn at_most(a: &Value, b: &Value) -> bool {
    let int = |value: &Value| match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::UInt(number) => Some(i128::from(*number)),
        _ => None,
    };
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a <= b,
        _ => int(a).zip(int(b)).is_some_and(|(a, b)| a <= b),
    }
}

impl Config {
    /// The package name; empty if none was given.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// In declared order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// All fields, in declared order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    /// The field at `GROUP.FIELD`.
    pub fn field(&self, path: &str) -> Option<&Field> {
        let (group, field) = *self.by_path.get(path)?;
        self.groups.get(group)?.fields.get(field)
    }

    /// What to do about a path that is not there.
    pub fn help(&self, path: &str) -> Help {
        suggest::help(path, self.fields().map(|field| &*field.path))
    }

    /// SHA-256 of everything but docs: equal for configurations that mean the same.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The same, wherever it stands in a text.
    fn without_places(mut self) -> Config {
        for field in self.groups.iter_mut().flat_map(|group| &mut group.fields) {
            field.span = Span::default();
        }
        self
    }

    fn with_hash(mut self) -> Config {
        let mut hash = Sha256::new();
        for field in self.fields() {
            let values = [field.default.as_ref(), field.min.as_ref(), field.max.as_ref()];
            let values = values.map(|value| value.map(plain_json::to_string));
            let options: Vec<String> = field.options.iter().map(plain_json::to_string).collect();
            // A line of JSON texts cannot be read in two ways.
            hash.update(format!("{} {} {values:?} {options:?}\n", field.path, field.type_name()));
        }
        self.hash = hash.finalize().into();
        self
    }
}
