//! Values of one type as values of another, container by container. What is recursive here nests as deep as a state does.

use std::sync::Arc;

use statewright_types::{StructId, Type, Value};

use super::records::{Converter, Step};
use super::scalars;

impl Converter<'_> {
    /// `value`, which is of type `from` of the old schema, as one of type `to` of the new one. `None` if it cannot be, which is
    /// then among the problems.
    pub(super) fn convert(&mut self, value: Value, from: &Type, to: &Type) -> Option<Value> {
        match (from, to, value) {
            (_, Type::Nullable(_), Value::Null) => Some(Value::Null),
            (Type::Nullable(_), _, Value::Null) => Some(zero(to)),
            (Type::Nullable(from), _, value) => self.convert(value, from, to.non_null()),
            (_, Type::Nullable(to), value) => self.convert(value, from, to),
            (Type::List(from), Type::List(to), value) if is_plain(from) && from == to => Some(value),
            (Type::Map(key, from), Type::Map(to_key, to), value) if is_plain(from) && from == to && key == to_key => {
                Some(value)
            }
            (Type::List(from), Type::List(to), Value::List(elements)) => {
                let mut converted = Vec::with_capacity(elements.len());
                for (at, element) in elements.into_iter().enumerate() {
                    converted.extend(self.within(Step::Index(at), |this| this.convert(element, from, to)));
                }
                Some(Value::List(converted))
            }
            (Type::Map(key, from), Type::Map(to_key, to), Value::Map(entries)) => {
                let mut converted = Vec::with_capacity(entries.len());
                for (name, value) in entries {
                    let step = Step::Key(name.clone());
                    converted.extend(self.within(step, |this| {
                        let name = this.key(name, key, to_key)?;
                        Some((name, this.convert(value, from, to)?))
                    }));
                }
                Some(Value::Map(converted))
            }
            (Type::Struct(from), Type::Struct(to), Value::Map(fields)) => self.record(*from, *to, fields),
            (from, to, value) if is_scalar(from) && is_scalar(to) => {
                match scalars::convert(self.new, value, from, to) {
                    Ok(value) => Some(value),
                    Err(what) => self.problem(what),
                }
            }
            (from, to, _) => {
                let what =
                    format!("{} cannot become {} by itself: give a conversion", self.old.show(from), self.new.show(to));
                self.problem(what)
            }
        }
    }

    /// A map's key.
    fn key(&mut self, key: Arc<str>, from: &Type, to: &Type) -> Option<Arc<str>> {
        if from == to {
            return Some(key);
        }
        // Keys are texts whatever their type is; as numbers they are spelled as numbers are.
        let typed = if from.is_int() {
            scalars::convert(self.new, Value::Str(key), &Type::String, from)
        } else {
            Ok(Value::Str(key))
        };
        match typed.and_then(|key| scalars::convert(self.new, key, from, to)) {
            Ok(Value::Str(key)) => Some(key),
            Ok(number) => Some(number.to_string().into()),
            Err(what) => self.problem(what),
        }
    }

    /// Whether two types are the same but for names of types.
    pub(super) fn same(&self, from: &Type, to: &Type) -> bool {
        match (from, to) {
            (Type::List(from), Type::List(to)) | (Type::Nullable(from), Type::Nullable(to)) => self.same(from, to),
            (Type::Map(key, from), Type::Map(to_key, to)) => key == to_key && self.same(from, to),
            (Type::Struct(from), Type::Struct(to)) => self.counterpart(*to) == Some(*from),
            (from, to) => is_plain(from) && from == to,
        }
    }

    /// What a type of the new schema was.
    pub(super) fn counterpart(&self, ty: StructId) -> Option<StructId> {
        self.types.get(ty.index()).copied().flatten()
    }
}

/// Whether there is no struct in a type, so that it means the same under both schemas.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::List(inner) | Type::Map(_, inner) | Type::Nullable(inner) => is_plain(inner),
        Type::Struct(_) | Type::Record(_) => false,
        _ => true,
    }
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::List(_) | Type::Map(..) | Type::Nullable(_) | Type::Struct(_) | Type::Record(_))
}

/// What a type is before anything is written; a struct without fields takes its defaults.
fn zero(ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int(_) => Value::Int(0),
        Type::Float32 | Type::Float64 => Value::Float(0.0),
        Type::String | Type::Uuid => Value::from(""),
        Type::Bytes => Value::Bytes(Arc::from([])),
        Type::List(_) => Value::List(Vec::new()),
        Type::Map(..) | Type::Struct(_) | Type::Record(_) => Value::Map(Vec::new()),
        Type::Nullable(_) => Value::Null,
    }
}
