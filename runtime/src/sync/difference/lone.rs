//! Changes of one number, bool or text, told as the difference of views without the views.

use statewright_types::{Schema, StructId, Type, Value};

use super::Writer;
use crate::replica::node::Node;
use crate::sync::planted::{self, Leak};
use crate::visibility::ID;
use crate::wire::codes::{list, record};
use crate::wire::describe::Profile;
use crate::wire::varint;

/// Appends what [`steps`](super::steps) makes of two views that differ in one field only: nothing, if that is the same to a client. `way`
/// leads to its struct from the main root: positions of fields, by ascending id, and of elements; `at` is that of the field. `None` if that is
/// not all that must be known; then there may be anything in `out`.
pub fn lone(
    out: &mut Vec<u8>,
    (profile, schema, main_root): (&Profile, &Schema, StructId),
    (way, at): (&[u32], u32),
    (before, now): (&Node, &Node),
) -> Option<()> {
    let mut writer = Writer { out: std::mem::take(out), compares: false, ..Writer::new(profile, schema) };
    let done = writer.lone(main_root, (way, at), (before, now));
    *out = writer.out;
    done
}

impl Writer<'_> {
    fn lone(&mut self, main_root: StructId, (way, at): (&[u32], u32), (before, now): (&Node, &Node)) -> Option<()> {
        let root = Type::Struct(main_root);
        // What the cursor is in; and by which field elements are told apart, if that is in a list.
        let (mut ty, mut key, mut in_list) = (&root, ID, false);
        if before == now {
            return Some(());
        }
        let (profile, schema) = (self.profile, self.schema);
        let field = |ty: &Type, at: u32| {
            let Type::Struct(id) = ty else { return None };
            let field = profile.fields(*id).get(at as usize)?;
            Some((field.id, field.step, schema.types().get(id.index())?.fields.get(field.position? as usize)?))
        };
        for at in way {
            if let Type::List(element) = ty {
                self.put(list::element(*at));
                (ty, in_list) = (element.non_null(), true);
            } else {
                let (id, _, declared) = field(ty, *at)?;
                self.put(record::change(id));
                (ty, key, in_list) = (declared.ty.non_null(), declared.key.as_deref().unwrap_or(ID), false);
            }
        }
        let (id, step, declared) = field(ty, at)?;
        // An element with another key is another element.
        if in_list && *declared.name == *key {
            return None;
        }
        let ty = &declared.ty;
        match (ty, now.as_text()) {
            (Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64, None) if planted::is(Leak::OtherForms) => {
                self.put(record::set(id));
                self.value(ty, &number(now)?, step);
            }
            (Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64, None) => {
                self.field(id, ty, (&number(before)?, &number(now)?), (key, step), false);
            }
            (Type::String, Some(text)) if before.as_text().is_some() => {
                self.put(record::set(id));
                varint::put_bytes(&mut self.out, text.as_bytes());
            }
            _ => return None,
        }
        Some(())
    }
}

/// A number or bool that is not quantised.
fn number(node: &Node) -> Option<Value> {
    match node {
        Node::Bool(value) => Some(Value::Bool(*value)),
        Node::Int(number) => Some(Value::Int(*number)),
        Node::UInt(number) => Some(Value::uint(*number)),
        Node::Float(number) => Some(Value::Float(*number)),
        _ => None,
    }
}
