//! A replica as bytes again: the full state that it has, in the form of docs/protocol.md.

use statewright_types::IntKind;

use super::Replica;
use super::node::{Key, Node, uuid_bytes_or_text};
use super::plan::{KeyKind, Kind, Plan};
use crate::wire::reader::narrowed;
use crate::wire::varint;

impl Replica {
    /// The full state that it has, for [`Replica::apply_full`]; `None` before the first. Equal states have equal bytes.
    pub fn full_body(&self) -> Option<Vec<u8>> {
        let mut writer = Writer { plan: &self.plan, out: Vec::new() };
        let (main, others) = self.roots.split_first().filter(|_| self.has_state())?;
        let (main_plan, other_plans) = self.plan.roots.split_first()?;
        writer.value(Kind::Struct(main_plan.ty), main);
        let there = others.iter().zip(other_plans).filter(|(node, _)| matches!(node, Node::Struct(_)));
        varint::put(&mut writer.out, there.clone().count() as u64);
        for (node, root) in there {
            varint::put(&mut writer.out, u64::from(root.id));
            writer.value(Kind::Struct(root.ty), node);
        }
        Some(writer.out)
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    out: Vec<u8>,
}

impl Writer<'_> {
    /// As deep as a replica nests.
    fn value(&mut self, kind: Kind, node: &Node) {
        match (kind, node) {
            (Kind::Nullable(_), Node::Null) => self.out.push(0),
            (Kind::Nullable(of), node) => {
                self.out.push(1);
                self.value(self.plan.kind(of), node);
            }
            (Kind::Bool, Node::Bool(value)) => self.out.push(u8::from(*value)),
            (Kind::Int(kind), Node::Int(number)) => self.int(kind, *number),
            (_, Node::UInt(number)) => varint::put(&mut self.out, *number),
            (Kind::Float32, Node::Float(number)) => self.out.extend_from_slice(&narrowed(*number).to_le_bytes()),
            (Kind::Steps(_), Node::Steps(steps)) => varint::put(&mut self.out, 1 + varint::zigzag(*steps)),
            (kind, Node::Float(number)) => {
                if matches!(kind, Kind::Steps(_)) {
                    self.out.push(0);
                }
                self.out.extend_from_slice(&number.to_le_bytes());
            }
            (Kind::Uuid, node) => match uuid_bytes_or_text(node) {
                Ok(bytes) => {
                    self.out.push(1);
                    self.out.extend_from_slice(bytes);
                }
                Err("") => self.out.push(0),
                Err(text) => {
                    self.out.push(2);
                    varint::put_bytes(&mut self.out, text.as_bytes());
                }
            },
            (_, Node::Bytes(bytes)) => varint::put_bytes(&mut self.out, bytes),
            (Kind::Struct(ty), Node::Struct(fields)) => {
                self.absent(fields);
                self.fields(ty, fields);
            }
            (Kind::List(element), Node::List(nodes)) => self.list(self.plan.kind(element), nodes),
            (Kind::Map(key, value), Node::Map(entries)) => {
                varint::put(&mut self.out, entries.keys.len() as u64);
                for (name, node) in entries.keys.iter().zip(&entries.values) {
                    self.key(key, name);
                    self.value(self.plan.kind(value), node);
                }
            }
            // A text; a replica has no node that is not of its kind.
            (_, node) => varint::put_bytes(&mut self.out, node.as_text().unwrap_or_default().as_bytes()),
        }
    }

    fn int(&mut self, kind: IntKind, number: i64) {
        match kind {
            IntKind::I8 | IntKind::U8 => self.out.push(number as u8),
            IntKind::I16 | IntKind::I32 | IntKind::I64 => varint::put_signed(&mut self.out, number),
            IntKind::U16 | IntKind::U32 | IntKind::U64 => varint::put(&mut self.out, number as u64),
        }
    }

    fn key(&mut self, kind: KeyKind, key: &Key) {
        match (kind, key) {
            (KeyKind::Int(kind), Key::Int(number)) => self.int(kind, *number),
            (_, Key::UInt(number)) => varint::put(&mut self.out, *number),
            (_, key) => varint::put_bytes(&mut self.out, key.as_str().as_bytes()),
        }
    }

    fn absent(&mut self, fields: &[Node]) {
        let hidden = fields.iter().enumerate().filter(|(_, node)| **node == Node::Hidden).map(|(at, _)| at);
        varint::put_bits(&mut self.out, hidden);
    }

    fn fields(&mut self, ty: u32, nodes: &[Node]) {
        for (field, node) in self.plan.fields(ty).iter().zip(nodes) {
            if *node != Node::Hidden {
                self.value(field.kind, node);
            }
        }
    }

    fn list(&mut self, element: Kind, nodes: &[Node]) {
        varint::put(&mut self.out, nodes.len() as u64);
        let Kind::Struct(ty) = element else {
            nodes.iter().for_each(|node| self.value(element, node));
            return;
        };
        let hides = |node: &Node, at| node.child(at) == Some(&Node::Hidden);
        let count = self.plan.fields(ty).len();
        let alike = |one: &Node, other: &Node| (0..count).all(|at| hides(one, at) == hides(other, at));
        for run in nodes.chunk_by(alike) {
            varint::put(&mut self.out, run.len() as u64);
            let elements = run.iter().filter_map(|node| match node {
                Node::Struct(fields) => Some(fields),
                _ => None,
            });
            elements.clone().take(1).for_each(|fields| self.absent(fields));
            elements.for_each(|fields| self.fields(ty, fields));
        }
    }
}
