//! The canonical bytes of a schema and their SHA-256: what clients and servers compare, and replays depend on.
//!
//! Everything that changes meaning on the wire or in a replay counts: names, ids, order, types, keys, audiences,
//! writers, defaults, roles, views, ids of fields, steps. Package, version, docs, `@was` and `@optional` do not.
//!
//! The form: `statewright schema 1` and a zero byte, then types and views. A number is 4 bytes, little endian; a
//! text is its length in bytes and its UTF-8; a list is its length and its items; an option is the byte 0, or 1 and the item.
//! If any field has another id than its position gives it, or a step, a list of those fields follows at the end: position of the
//! type, position of the field, id, and the step's bits as an option.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Audience, FieldDef, Initial, Role, Schema, StructDef, ViewDef, Writer};
use crate::scalar::canonical_nan;
use crate::ty::IntKind;
use crate::{Type, Value};

/// The canonical bytes of a schema.
pub fn canonical_bytes(schema: &Schema) -> Vec<u8> {
    bytes_of(&schema.types, &schema.views)
}

/// SHA-256 of the canonical bytes.
pub(super) fn of(types: &[StructDef], views: &[ViewDef]) -> [u8; 32] {
    Sha256::digest(bytes_of(types, views)).into()
}

fn bytes_of(types: &[StructDef], views: &[ViewDef]) -> Vec<u8> {
    let mut writer = Canonical { types, bytes: b"statewright schema 1\0".to_vec() };
    writer.list(types.iter(), Canonical::struct_def);
    writer.list(views.iter(), |writer, view| {
        writer.text(&view.name);
        let mut includes: Vec<&Arc<str>> = view.includes.iter().collect();
        includes.sort();
        includes.dedup();
        writer.list(includes.into_iter(), |writer, name| writer.text(name));
    });
    writer.wire_details();
    writer.bytes
}

struct Canonical<'a> {
    types: &'a [StructDef],
    bytes: Vec<u8>,
}

impl<'a> Canonical<'a> {
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn number(&mut self, number: usize) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.bytes.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn option(&mut self, text: Option<&Arc<str>>) {
        self.byte(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        self.number(items.len());
        for item in items {
            each(self, item);
        }
    }

    /// At the end and only if there are any, so that a schema without has the hash that it had before there could be.
    fn wire_details(&mut self) {
        let types = self.types.iter().enumerate();
        let fields = types.flat_map(|(ty, def)| def.fields.iter().enumerate().map(move |(at, field)| (ty, at, field)));
        let special: Vec<_> =
            fields.filter(|(_, at, field)| usize::from(field.id) != at + 1 || field.step.is_some()).collect();
        if special.is_empty() {
            return;
        }
        self.list(special.into_iter(), |writer, (ty, at, field)| {
            writer.number(ty);
            writer.number(at);
            writer.number(usize::from(field.id));
            writer.byte(u8::from(field.step.is_some()));
            writer.bytes.extend(field.step.iter().flat_map(|step| step.to_bits().to_le_bytes()));
        });
    }

    fn struct_def(&mut self, def: &'a StructDef) {
        self.text(&def.name);
        self.number(usize::from(def.id));
        self.byte(match def.role {
            Role::Helper => 0,
            Role::ActiveRoot => 1,
            Role::InactiveRoot => 2,
        });
        self.option(def.owner_field.as_ref());
        self.list(def.fields.iter(), Canonical::field_def);
    }

    fn field_def(&mut self, def: &'a FieldDef) {
        self.text(&def.name);
        self.ty(&def.ty);
        self.option(def.key.as_ref());
        let mut audience: Vec<(u8, &str)> = def.audience.iter().map(audience_code).collect();
        audience.sort_unstable();
        self.list(audience.into_iter(), |writer, (code, name)| {
            writer.byte(code);
            writer.text(name);
        });
        self.byte(match def.writer {
            Writer::Anyone => 0,
            Writer::Owner => 1,
            Writer::Server => 2,
        });
        self.byte(u8::from(def.team));
        self.initial(&def.default, &def.ty);
    }

    /// A literal that is the zero of its type is written as no default: it means the same.
    fn initial(&mut self, initial: &Initial, ty: &Type) {
        match initial {
            Initial::Zero => self.byte(0),
            Initial::Literal(value) if is_zero(value, ty) => self.byte(0),
            Initial::Literal(value) => {
                self.byte(1);
                self.value(value);
            }
            Initial::Config(path) => {
                self.byte(2);
                self.text(path);
            }
            Initial::AutoUuid => self.byte(3),
        }
    }

    /// At most 17 levels deep: that is what a type's text allows.
    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Bool => self.byte(0),
            Type::Int(kind) => self.byte(match kind {
                IntKind::I8 => 1,
                IntKind::I16 => 2,
                IntKind::I32 => 3,
                IntKind::I64 => 4,
                IntKind::U8 => 5,
                IntKind::U16 => 6,
                IntKind::U32 => 7,
                IntKind::U64 => 8,
            }),
            Type::Float32 => self.byte(9),
            Type::Float64 => self.byte(10),
            Type::String => self.byte(11),
            Type::Bytes => self.byte(12),
            Type::Uuid => self.byte(13),
            Type::List(element) => {
                self.byte(14);
                self.ty(element);
            }
            Type::Map(key, value) => {
                self.byte(15);
                self.ty(key);
                self.ty(value);
            }
            Type::Nullable(inner) => {
                self.byte(16);
                self.ty(inner);
            }
            Type::Struct(id) => {
                self.byte(17);
                self.number(self.types.get(id.index()).map_or(0, |def| usize::from(def.id)));
            }
            Type::Record(record) => {
                self.byte(18);
                self.list(record.fields.iter(), |writer, (name, ty)| {
                    writer.text(name);
                    writer.ty(ty);
                });
            }
        }
    }

    /// As deep as JSON nests at most.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.byte(0),
            Value::Bool(value) => self.bytes.extend([1, u8::from(*value)]),
            Value::Int(value) => {
                self.byte(2);
                self.bytes.extend(value.to_le_bytes());
            }
            Value::UInt(value) => {
                self.byte(3);
                self.bytes.extend(value.to_le_bytes());
            }
            Value::Float(value) => {
                self.byte(4);
                self.bytes.extend(canonical_nan(*value).to_bits().to_le_bytes());
            }
            Value::Str(text) => {
                self.byte(5);
                self.text(text);
            }
            Value::Bytes(data) => {
                self.byte(6);
                self.number(data.len());
                self.bytes.extend(data.iter());
            }
            Value::List(values) => {
                self.byte(7);
                self.list(values.iter(), Canonical::value);
            }
            Value::Map(entries) => {
                self.byte(8);
                self.list(entries.iter(), |writer, (key, value)| {
                    writer.text(key);
                    writer.value(value);
                });
            }
        }
    }
}

fn audience_code(audience: &Audience) -> (u8, &str) {
    match audience {
        Audience::Nobody => (0, ""),
        Audience::Owner => (1, ""),
        Audience::Team => (2, ""),
        Audience::Admin => (3, ""),
        Audience::Named(name) => (4, name),
    }
}

/// Whether a literal is what its type is without a default.
fn is_zero(value: &Value, ty: &Type) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value && *ty == Type::Bool,
        Value::Int(value) => *value == 0 && ty.is_int(),
        Value::UInt(_) => false,
        Value::Float(value) => value.to_bits() == 0 && ty.is_float(),
        Value::Str(text) => text.is_empty() && ty.is_text(),
        Value::Bytes(data) => data.is_empty() && *ty == Type::Bytes,
        Value::List(values) => values.is_empty() && matches!(ty, Type::List(_)),
        Value::Map(entries) => entries.is_empty() && matches!(ty, Type::Map(..)),
    }
}
