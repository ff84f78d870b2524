//! Looking into a replica: a value with its type, and the ways from there.

use std::borrow::Cow;
use std::sync::Arc;

use statewright_types::{IntKind, Value};

use super::node::{Key, Node, uuid_text};
use super::plan::{KeyKind, Kind, Plan};

/// A value of a replica.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    plan: &'a Plan,
    node: &'a Node,
    kind: Kind,
}

impl<'a> Item<'a> {
    pub(super) fn new(plan: &'a Plan, node: &'a Node, kind: Kind) -> Item<'a> {
        Item { plan, node, kind: plan.non_null(kind) }
    }

    /// What it is made of.
    pub fn node(&self) -> &'a Node {
        self.node
    }

    /// Whether the viewer may not see it, or the server does not have it.
    pub fn is_hidden(&self) -> bool {
        *self.node == Node::Hidden
    }

    /// Whether it is there, and null.
    pub fn is_null(&self) -> bool {
        *self.node == Node::Null
    }

    /// A bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self.node {
            Node::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// An integer that fits.
    pub fn as_int(&self) -> Option<i64> {
        match self.node {
            Node::Int(number) => Some(*number),
            Node::UInt(number) => i64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// An integer that is not negative.
    pub fn as_uint(&self) -> Option<u64> {
        match self.node {
            Node::Int(number) => u64::try_from(*number).ok(),
            Node::UInt(number) => Some(*number),
            _ => None,
        }
    }

    /// A float, quantised or not.
    pub fn as_float(&self) -> Option<f64> {
        match (self.node, self.kind) {
            (Node::Float(number), _) => Some(*number),
            (Node::Steps(steps), Kind::Steps(step)) => Some(*steps as f64 * step),
            _ => None,
        }
    }

    /// A text, or a uuid as one.
    pub fn as_text(&self) -> Option<Cow<'a, str>> {
        match self.node {
            Node::Uuid(bytes) => Some(Cow::Owned(uuid_text(bytes))),
            node => node.as_text().map(Cow::Borrowed),
        }
    }

    /// Bytes.
    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match self.node {
            Node::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// How many elements or entries a list or map has; 0 of anything else.
    pub fn len(&self) -> usize {
        match self.node {
            Node::List(nodes) => nodes.len(),
            Node::Map(entries) => entries.keys.len(),
            _ => 0,
        }
    }

    /// Whether it has neither elements nor entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A field of a struct, hidden or not; `None` if there is none of that name.
    pub fn field(&self, name: &str) -> Option<Item<'a>> {
        let (Kind::Struct(ty), Node::Struct(nodes)) = (self.kind, self.node) else { return None };
        let at = self.plan.fields(ty).iter().position(|field| &*field.name == name)?;
        Some(Item::new(self.plan, nodes.get(at)?, self.plan.fields(ty).get(at)?.kind))
    }

    /// An element of a list, from 0.
    pub fn at(&self, index: usize) -> Option<Item<'a>> {
        let (Kind::List(element), Node::List(nodes)) = (self.kind, self.node) else { return None };
        Some(Item::new(self.plan, nodes.get(index)?, self.plan.kind(element)))
    }

    /// The value of an entry; integer keys in decimal.
    pub fn entry(&self, key: &str) -> Option<Item<'a>> {
        let (Kind::Map(kind, value), Node::Map(entries)) = (self.kind, self.node) else { return None };
        let key = match kind {
            KeyKind::Text => Key::text(key),
            KeyKind::Int(IntKind::U64) => Key::UInt(key.parse().ok()?),
            KeyKind::Int(_) => Key::Int(key.parse().ok()?),
        };
        let at = entries.find(&key).ok()?;
        Some(Item::new(self.plan, entries.values.get(at)?, self.plan.kind(value)))
    }

    /// All elements of a list.
    pub fn elements(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let item = *self;
        (0..self.len()).map_while(move |at| item.at(at))
    }

    /// All entries of a map, by ascending key.
    pub fn entries(&self) -> impl Iterator<Item = (&'a Key, Item<'a>)> + use<'a> {
        let (plan, kind) = (self.plan, self.kind);
        let entries = match (self.node, kind) {
            (Node::Map(entries), Kind::Map(_, value)) => Some((entries, plan.kind(value))),
            _ => None,
        };
        entries.into_iter().flat_map(move |(entries, value)| {
            entries.keys.iter().zip(&entries.values).map(move |(key, node)| (key, Item::new(plan, node, value)))
        })
    }

    /// What is at a path from here: `[37].Score`, `.Stock[nails]`; nothing: itself.
    pub fn follow(self, path: &str) -> Option<Item<'a>> {
        let (mut item, mut rest) = (self, path);
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (key, after) = match inside.strip_prefix('"') {
                    Some(quoted) => quoted.split_once("\"]")?,
                    None => inside.split_once(']')?,
                };
                item = match item.kind {
                    Kind::List(_) => item.at(key.parse().ok()?)?,
                    _ => item.entry(key)?,
                };
                rest = after;
            } else {
                let named = rest.strip_prefix('.')?;
                let (name, after) = named.split_at(named.find(['.', '[']).unwrap_or(named.len()));
                item = item.field(name)?;
                rest = after;
            }
        }
        Some(item)
    }

    /// As a value of its own; hidden fields are absent, and so is what is hidden itself: null. As deep as a state nests.
    pub fn to_value(&self) -> Value {
        match (self.node, self.kind) {
            (Node::Hidden | Node::Null, _) => Value::Null,
            (Node::Bool(value), _) => Value::Bool(*value),
            (Node::Int(number), _) => Value::Int(*number),
            (Node::UInt(number), _) => Value::uint(*number),
            (Node::Float(_) | Node::Steps(_), _) => Value::Float(self.as_float().unwrap_or_default()),
            (Node::Short(_) | Node::Long(_) | Node::Uuid(_), _) => Value::str(&*self.as_text().unwrap_or_default()),
            (Node::Bytes(bytes), _) => Value::Bytes(Arc::from(&**bytes)),
            (Node::Struct(nodes), Kind::Struct(ty)) => {
                let fields = self.plan.fields(ty);
                let declared = self.plan.declared(ty).iter().filter_map(|at| {
                    let (field, node) = (fields.get(*at as usize)?, nodes.get(*at as usize)?);
                    let seen = *node != Node::Hidden;
                    seen.then(|| (field.name.clone(), Item::new(self.plan, node, field.kind).to_value()))
                });
                Value::Map(declared.collect())
            }
            (Node::List(_), _) => Value::List(self.elements().map(|item| item.to_value()).collect()),
            (Node::Map(_), _) => {
                let entries = self.entries().map(|(key, item)| (Arc::from(key.to_string()), item.to_value()));
                Value::Map(entries.collect())
            }
            (Node::Struct(_), _) => Value::Null,
        }
    }
}
