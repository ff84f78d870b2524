//! Inputs: literals, references and nodes outside the flow, of the type that is wanted.

use std::sync::Arc;

use statewright_graph::node::OutputPort;
use statewright_types::{IntKind, Type, Value};

use super::draft::Draft;
use super::pattern::table;
use super::values;
use crate::hosts;

/// How deep inputs are computed from nodes outside the flow.
const DEPTH: usize = 3;

/// Whether a value of type `from` becomes one of type `to` by itself, without a warning.
fn becomes(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (from, to) if from == to => true,
        (Type::Int(_), Type::Int(_)) => true,
        (from, to) if to.is_float() => from.is_number(),
        (from, to) if to.is_text() => from.is_text(),
        (Type::Nullable(from), Type::Nullable(to)) => from == to,
        (from, Type::Nullable(to)) => from == &**to,
        _ => false,
    }
}

/// A type without what only the state has: small integers, single floats.
pub(super) fn plain(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::Int(IntKind::I64) | Type::Float64 | Type::String)
}

impl Draft<'_> {
    /// A value for where `ty` is wanted.
    pub(super) fn typed(&mut self, ty: &Type, depth: usize) -> Value {
        let roll = self.roll();
        if roll < 45 {
            let through_null = self.chance.percent(6);
            let as_text = self.chance.percent(3);
            let fits = |from: &Type| {
                becomes(from, ty)
                    || through_null && becomes(from.non_null(), ty)
                    || as_text && *ty == Type::String && (from.is_number() || *from == Type::Bool)
            };
            if let Some((text, _)) = self.reference(&fits) {
                return text.into();
            }
        }
        if roll < 75
            && let Some(text) = self.computed(ty, depth)
        {
            return text.into();
        }
        self.literal(ty, depth)
    }

    /// What decides between a reference, a node and a literal.
    fn roll(&mut self) -> usize {
        if self.at_edges && self.chance.percent(65) { 99 } else { self.chance.below(100) }
    }

    /// A literal, or where a type has none a reference to something that is always there.
    fn literal(&mut self, ty: &Type, depth: usize) -> Value {
        match ty {
            Type::Bool => Value::Bool(self.chance.percent(50)),
            Type::Int(IntKind::I64) if self.at_edges && self.chance.percent(25) => {
                Value::Int([i64::MIN, i64::MAX, i64::MIN + 1][self.chance.below(3)])
            }
            Type::Int(IntKind::I64) => Value::Int(values::int(self.chance)),
            Type::Int(kind) => values::int_of(*kind, self.chance),
            Type::Float32 | Type::Float64 => match self.chance.percent(20) {
                true => Value::Int(self.chance.below(20) as i64 - 5),
                false => Value::Float(self.float()),
            },
            Type::String => self.text(),
            Type::Bytes => "state:Blob".into(),
            Type::Uuid => "state:Mark".into(),
            Type::Nullable(inner) => match self.chance.percent(40) {
                true => Value::Null,
                false => self.typed(inner, depth),
            },
            Type::List(element) => {
                let count = self.chance.below(if depth >= DEPTH { 2 } else { 5 });
                Value::List((0..count).map(|_| self.typed(element, depth + 2)).collect())
            }
            Type::Map(key, value) => {
                let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
                for _ in 0..self.chance.below(3) {
                    let name = values::key_text(key, self.chance);
                    if entries.iter().all(|(known, _)| *known != name) {
                        entries.push((name, self.typed(value, depth + 2)));
                    }
                }
                Value::Map(entries)
            }
            Type::Struct(id) => self.fields(*id, depth),
            Type::Record(_) => Value::Map(Vec::new()),
        }
    }

    fn float(&mut self) -> f64 {
        if self.at_edges && self.chance.percent(60) {
            values::edge_float(self.chance)
        } else {
            values::float(self.chance)
        }
    }

    /// Some fields of a struct by name.
    pub(super) fn fields(&mut self, id: statewright_types::StructId, depth: usize) -> Value {
        let mut entries = Vec::new();
        let share = if depth >= DEPTH { 10 } else { 35 };
        for index in 0..self.world.schema.get(id).fields.len() {
            if self.chance.percent(share)
                && let Some(field) = self.world.schema.get(id).fields.get(index)
            {
                let (name, ty) = (field.name.clone(), field.ty.clone());
                entries.push((name, self.typed(&ty, depth + 1)));
            }
        }
        Value::Map(entries)
    }

    /// A text: a literal or a template.
    fn text(&mut self) -> Value {
        if !self.chance.percent(15) {
            return values::text(self.chance).into();
        }
        let mut template = values::text(self.chance);
        for _ in 0..self.chance.between(1, 2) {
            let scalar = |ty: &Type| ty.is_number() || ty.is_text() || *ty == Type::Bool;
            if let Some((text, _)) = self.reference(&scalar) {
                template.push_str(&format!("{{{{{text}}}}}{}", self.chance.word(&["", " ", "😀", "-"])));
            }
        }
        Value::map([("template", template)].map(|(key, text)| (key, Value::from(text))))
    }

    /// A value of exactly that type as values of the language have it, where nothing says what is wanted.
    pub(super) fn exact(&mut self, ty: &Type, depth: usize) -> Option<Value> {
        let roll = self.roll();
        let fits = |from: &Type| from.loaded() == *ty;
        if roll < 50
            && let Some((text, _)) = self.reference(&fits)
        {
            return Some(text.into());
        }
        if roll < 75
            && let Some(text) = self.computed(ty, depth)
        {
            return Some(text.into());
        }
        match ty {
            Type::Bool | Type::Int(IntKind::I64) => Some(self.literal(ty, depth)),
            Type::String => Some(self.text()),
            Type::Float64 => Some(Value::Float(self.float())),
            Type::List(element) if plain(element) => {
                let count = self.chance.between(1, 5);
                (0..count).map(|_| self.exact(element, depth + 2)).collect::<Option<Vec<_>>>().map(Value::List)
            }
            _ => self.reference(&fits).map(|(text, _)| text.into()),
        }
    }

    /// A value of some type, which it tells.
    pub(super) fn operand(&mut self, fits: &dyn Fn(&Type) -> bool, depth: usize) -> Option<(Value, Type)> {
        if self.chance.percent(if self.at_edges { 25 } else { 60 })
            && let Some((text, ty)) = self.reference(fits)
        {
            return Some((text.into(), ty.loaded()));
        }
        let list = |element: Type| Type::list(element);
        let types = [
            Type::INT,
            Type::Float64,
            Type::String,
            Type::Bool,
            list(Type::INT),
            list(Type::String),
            list(Type::Float64),
        ];
        let from = self.chance.below(types.len());
        let ty = types.iter().cycle().skip(from).take(types.len()).find(|ty| fits(ty))?;
        self.exact(ty, depth).map(|value| (value, ty.clone()))
    }

    /// A reference to an output of a new node outside the flow that has exactly that type.
    pub(super) fn computed(&mut self, ty: &Type, depth: usize) -> Option<String> {
        if depth >= DEPTH || self.budget == 0 {
            return None;
        }
        let ty = if ty.is_int() && *ty != Type::Int(IntKind::U64) { Type::INT } else { ty.loaded() };
        let (row, index) = match self.chance.percent(3) {
            true => {
                let [_, pure] = hosts::rows();
                let row = *self.chance.pick(pure)?;
                let gives =
                    |port: &OutputPort| self.world.schema.parse_type(port.ty).is_ok_and(|out| out.loaded() == ty);
                (row, row.outputs.iter().position(gives)?)
            }
            false => *self.chance.pick(table().giving(&ty))?,
        };
        if !self.allows(row) {
            return None;
        }
        let filled = self.fill(row, Some((index, &ty)), depth + 1)?;
        let outputs = filled.outputs;
        let (_, found) = outputs.get(index)?;
        if *found != ty {
            return None;
        }
        let id = self.node(row, filled.inputs);
        let context = Some(self.context);
        for ((name, ty), at) in outputs.iter().zip(0..) {
            if at != index || self.chance.percent(50) {
                self.know(format!("node:{id}:{name}"), ty.clone(), context);
            }
        }
        Some(format!("node:{id}:{}", outputs.get(index)?.0))
    }

    /// What is evaluated for each element: `body` draws it where `known` can be referred to by `loop:`.
    pub(super) fn lambda<R>(&mut self, known: &[(&str, Type)], body: impl FnOnce(&mut Self) -> R) -> R {
        let before = (self.enter(), self.entries.len(), self.in_lambda);
        self.in_lambda = true;
        for (name, ty) in known {
            self.know(format!("loop:{name}"), ty.clone(), Some(self.context));
        }
        let result = body(self);
        self.entries.truncate(before.1);
        (self.context, self.in_lambda) = (before.0, before.2);
        result
    }

    /// An array: a literal or a reference for the port `array`, or a state path for `path`; and the type of its elements.
    pub(super) fn array(&mut self, fits: &dyn Fn(&Type) -> bool, depth: usize) -> Option<(&'static str, Value, Type)> {
        let list = |ty: &Type| ty.element().is_some_and(fits);
        let main = self.world.main;
        if self.chance.percent(25)
            && let Some((path, ty)) = self.state(main, &list, true)
        {
            return Some(("path", path.into(), ty.element()?.clone()));
        }
        let (value, ty) = self.operand(&list, depth)?;
        Some(("array", value, ty.element()?.clone()))
    }
}
