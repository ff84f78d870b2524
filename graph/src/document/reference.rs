//! References and state paths (LANGUAGE §2): their shape, and reading them from text.
//!
//! `node:getPlayer:player.Hand[param:i]` is the scheme `node`, the head `getPlayer` with output `player`, and the
//! steps `.Hand` and `[param:i]`. A state path (`Players[param:id:ID].Score`) is a bare name and steps.

use std::sync::Arc;

use statewright_types::Span;

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
    pub help: String,
    /// Byte offset in the text.
    pub offset: usize,
}
