//! References and paths back to text.

use std::fmt;

use statewright_types::json::quote;

use super::{Head, Index, KeyValue, Path, Reference, ReferenceError, Step};

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme.prefix())?;
        match &self.head {
            Head::Name(name) => f.write_str(name)?,
            Head::Output { node, output } => write!(f, "{node}:{output}")?,
            Head::Loop { node: Some(node), what } => write!(f, "{node}:{what}")?,
            Head::Loop { node: None, what } => f.write_str(what)?,
            Head::Config { group, field } => write!(f, "{group}.{field}")?,
        }
        self.steps.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)?;
        self.steps.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Field(name) => write!(f, ".{name}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// What stands in the brackets, without them.
impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Index::Int(value) => write!(f, "{value}"),
            Index::Text(text) => f.write_str(&quote(text)),
            Index::Reference(reference) => write!(f, "{reference}"),
            Index::Key { value, field } => write!(f, "{value}:{field}"),
        }
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyValue::Int(value) => write!(f, "{value}"),
            KeyValue::Text(text) => f.write_str(&quote(text)),
            KeyValue::Reference(reference) => write!(f, "{reference}"),
        }
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl std::error::Error for ReferenceError {}
