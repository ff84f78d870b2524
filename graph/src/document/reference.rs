//! References and state paths (LANGUAGE §2): their shape, and reading them from text.
//!
//! `node:getPlayer:player.Hand[param:i]` is the scheme `node`, the head `getPlayer` with output `player`, and the
//! steps `.Hand` and `[param:i]`. A state path (`Players[param:id:ID].Score`) is a bare name and steps.

use std::sync::Arc;

use statewright_types::name::same;
use statewright_types::{Help, Span};

mod display;
mod parse;
mod rename;
#[cfg(test)]
mod tests;

pub(super) use parse::is_spaced;
pub use parse::parse_template;
#[cfg(test)]
pub(super) use rename::rename_node;
pub(super) use rename::{Form, Renamed, rename};

/// How deep brackets may stand in brackets.
pub const BRACKET_DEPTH: usize = 8;
/// What `loop:` may name.
pub const LOOP_VALUES: [&str; 5] = ["item", "index", "key", "value", "acc"];
/// What `viewer:` may name.
pub const VIEWER_VALUES: [&str; 3] = ["id", "team", "host"];

/// What a reference begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Scheme {
    Param,
    Node,
    State,
    Base,
    Loop,
    Variable,
    Viewer,
    Config,
    /// A bare name inside brackets or a template: parameter, then variable, then alias.
    Bare,
}

impl Scheme {
    /// How references of each scheme begin; `foreach:` is an older spelling of `loop:`.
    pub const PREFIXES: [(&'static str, Scheme); 9] = [
        ("param:", Scheme::Param),
        ("node:", Scheme::Node),
        ("state:", Scheme::State),
        ("base:", Scheme::Base),
        ("loop:", Scheme::Loop),
        ("foreach:", Scheme::Loop),
        ("variable:", Scheme::Variable),
        ("viewer:", Scheme::Viewer),
        ("config:", Scheme::Config),
    ];

    /// Bytes of the longest prefix.
    const LONGEST_PREFIX: usize = "variable:".len();

    /// The scheme that `text` begins with, and the bytes of its prefix. A string without one is literal text.
    pub fn of(text: &str) -> Option<(Scheme, usize)> {
        // Most texts have no colon so near their beginning.
        let length = text.bytes().take(Scheme::LONGEST_PREFIX).position(|byte| byte == b':')? + 1;
        let prefix = text.get(..length)?;
        let found = Scheme::PREFIXES.iter().find(|(known, _)| same(known, prefix));
        found.map(|(_, scheme)| (*scheme, length))
    }

    /// How references of this scheme begin, colon included; empty for a bare name.
    pub fn prefix(self) -> &'static str {
        Scheme::PREFIXES.iter().find(|(_, scheme)| *scheme == self).map_or("", |(prefix, _)| prefix)
    }
}

/// A reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Which scheme.
    pub scheme: Scheme,
    /// What it names.
    pub head: Head,
    /// How it goes on.
    pub steps: Vec<Step>,
    /// The JSON string it was read from, quotes included.
    pub span: Span,
    /// As written.
    pub text: Arc<str>,
}

/// What a reference names, before its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// `param:NAME`, `variable:NAME`, `viewer:id`, a bare name, and the first segment of `state:` and `base:`.
    Name(Arc<str>),
    /// `node:ID:OUTPUT`
    Output {
        /// Node id.
        node: Arc<str>,
        /// Port, synonym or alias.
        output: Arc<str>,
    },
    /// `loop:item`, or `loop:NODEID:item`. `what` is item, index, key, value or acc.
    Loop {
        /// The loop node, if named.
        node: Option<Arc<str>>,
        /// Which of its values.
        what: Arc<str>,
    },
    /// `config:GROUP.FIELD`
    Config {
        /// The group.
        group: Arc<str>,
        /// The field.
        field: Arc<str>,
    },
}

/// One step of a reference or path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.Field`, also `.length`.
    Field(Arc<str>),
    /// `[…]`
    Index(Index),
}

/// What stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Index {
    /// `[3]`, `[-1]`
    Int(i64),
    /// `["key"]`
    Text(Arc<str>),
    /// `[param:x]`, `[i]` (scheme Bare)
    Reference(Box<Reference>),
    /// `[param:x:KeyField]`, `[name:KeyField]`, `["text":KeyField]`: the first element whose field equals it.
    Key {
        /// The value to look for.
        value: KeyValue,
        /// Which field of the elements.
        field: Arc<str>,
    },
}

/// The value of a keyed lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    /// `["text":ID]`
    Text(Arc<str>),
    /// `[7:ID]`
    Int(i64),
    /// `[param:x:ID]`, `[name:ID]`
    Reference(Box<Reference>),
}

/// A state path: the text of a `path` input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Root type, field of the main root, alias or variable (R2.3).
    pub head: Arc<str>,
    /// The rest.
    pub steps: Vec<Step>,
    /// As written.
    pub text: Arc<str>,
}

/// Why a text is no reference or path: what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Help,
    /// Byte offset in the text.
    pub offset: usize,
}
