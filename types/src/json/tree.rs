//! The parsed tree: nodes in one arena, in the order of the text.

use std::sync::Arc;

use crate::interner::Interner;
use crate::name::same;
use crate::{Span, Value};

/// A node of one [`Tree`]; of no use in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Null,
    Bool(bool),
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// With its article, for messages: `a string`, `an array`.
    pub const fn noun(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool(true) => "true",
            Kind::Bool(false) => "false",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// A key of an object and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, decoded.
    pub key: Arc<str>,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// Its value.
    pub value: NodeId,
}

/// `first..first + count` are positions in `elements` or `entries`, by kind; of a string, `first` is its number among those known.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeData {
    pub kind: Kind,
    pub span: Span,
    pub first: u32,
    pub count: u32,
}

/// What an id of another tree gives.
const NOTHING: NodeData = NodeData { kind: Kind::Null, span: Span { start: 0, end: 0 }, first: 0, count: 0 };

/// A JSON text and its structure. Nodes are numbered in the order in which they begin, so a node's descendants are
/// the ids that follow it. Depth is at most `Limits::JSON_DEPTH`.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) text: Arc<str>,
    pub(super) nodes: Vec<NodeData>,
    pub(super) elements: Vec<NodeId>,
    pub(super) entries: Vec<Entry>,
    /// Keys and strings, each once but for long ones.
    pub(super) known: Interner,
}

impl Tree {
    /// The text it was read from, byte for byte.
    pub fn source(&self) -> &str {
        &self.text
    }

    /// The same text, shared with whoever needs it longer than the tree.
    pub fn shared_source(&self) -> Arc<str> {
        self.text.clone()
    }

    /// The document itself.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// What `node` is.
    pub fn kind(&self, node: NodeId) -> Kind {
        self.data(node).kind
    }

    /// Where `node` stands, brackets and quotes included.
    pub fn span(&self, node: NodeId) -> Span {
        self.data(node).span
    }

    /// `node` as it is written.
    pub fn text(&self, node: NodeId) -> &str {
        self.slice(self.span(node))
    }

    /// The part of the source at `span`; empty if it has no such part.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The decoded text of a string.
    pub fn str(&self, node: NodeId) -> Option<&Arc<str>> {
        let data = self.data(node);
        match data.kind {
            Kind::String => self.known.text(data.first),
            _ => None,
        }
    }

    /// A key or short string of the tree that is equal to `text`, whose memory can be shared.
    pub fn known(&self, text: &str) -> Option<&Arc<str>> {
        self.known.known(text)
    }

    /// A number as it is written.
    pub fn number(&self, node: NodeId) -> Option<&str> {
        matches!(self.kind(node), Kind::Number).then(|| self.text(node))
    }

    /// The elements of an array; empty for everything else.
    pub fn elements(&self, node: NodeId) -> &[NodeId] {
        let data = self.data(node);
        match data.kind {
            Kind::Array => range(&self.elements, data),
            _ => &[],
        }
    }

    /// The entries of an object, in order; empty for everything else.
    pub fn entries(&self, node: NodeId) -> &[Entry] {
        let data = self.data(node);
        match data.kind {
            Kind::Object => range(&self.entries, data),
            _ => &[],
        }
    }

    /// The entry called `key` of an object. Linear in its entries.
    pub fn entry(&self, node: NodeId, key: &str) -> Option<&Entry> {
        self.entries(node).iter().find(|entry| same(&entry.key, key))
    }

    /// The value of the entry called `key` of an object. Linear in its entries.
    pub fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.entry(node, key).map(|entry| entry.value)
    }

    /// `node` as a value. A number with a point or an exponent, or beyond 64 bits, is a float.
    pub fn value(&self, node: NodeId) -> Value {
        match self.kind(node) {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(value),
            Kind::Number => number(self.text(node)),
            Kind::String => self.str(node).map_or(Value::Null, |text| Value::Str(text.clone())),
            Kind::Array => Value::List(self.elements(node).iter().map(|&element| self.value(element)).collect()),
            Kind::Object => {
                let entries = self.entries(node).iter();
                Value::Map(entries.map(|entry| (entry.key.clone(), self.value(entry.value))).collect())
            }
        }
    }

    /// Every node, in the order in which they begin.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// `node` and everything in it, in the order in which they begin.
    pub fn descendants(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.span(node).end;
        self.nodes().skip(node.0 as usize).take_while(move |&other| self.span(other).start < end)
    }

    fn data(&self, node: NodeId) -> &NodeData {
        self.nodes.get(node.0 as usize).unwrap_or(&NOTHING)
    }
}

fn range<'a, T>(all: &'a [T], data: &NodeData) -> &'a [T] {
    let first = data.first as usize;
    all.get(first..first + data.count as usize).unwrap_or(&[])
}

/// `text` is a JSON number within binary64's range.
fn number(text: &str) -> Value {
    if !text.contains(['.', 'e', 'E']) {
        if let Ok(value) = text.parse::<i64>() {
            return Value::Int(value);
        }
        if let Ok(value) = text.parse::<u64>() {
            return Value::UInt(value);
        }
    }
    text.parse::<f64>().map_or(Value::Null, Value::Float)
}
