//! Terms: what a pass over an element computes of its numbers and truths, with nodes outside the flow.

use statewright_graph::node::by_name;
use statewright_types::{IntKind, Type, Value};

use super::draft::Draft;
use super::values;

/// A number as it is computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Int,
    Float,
}

impl Number {
    /// Its type.
    pub(super) fn ty(self) -> Type {
        if self == Number::Int { Type::INT } else { Type::Float64 }
    }

    fn is(self, ty: &Type) -> bool {
        match self {
            Number::Int => matches!(ty, Type::Int(kind) if *kind != IntKind::U64),
            Number::Float => ty.is_float(),
        }
    }
}

const ORDERS: [&str; 6] = ["==", "!=", "<", ">", "<=", ">="];

impl Draft<'_> {
    /// A node outside the flow; a reference to its result.
    pub(super) fn made(&mut self, name: &str, inputs: Vec<(&'static str, Value)>) -> Value {
        match by_name(name) {
            Some(row) => {
                let output = row.outputs.first().map_or("result", |port| port.name);
                Value::from(format!("node:{}:{output}", self.node(row, inputs)))
            }
            None => Value::Null,
        }
    }

    /// The element, or a field of it, of which `fits` holds.
    fn of_element(&mut self, element: &Type, fits: &dyn Fn(&Type) -> bool) -> Option<(Value, Type)> {
        match element {
            Type::Struct(id) => {
                let (name, ty) = self.field_of(*id, fits)?;
                Some((format!("loop:item.{name}").into(), ty))
            }
            ty => fits(ty).then(|| ("loop:item".into(), ty.clone())),
        }
    }

    /// A number made of the element, with as many nodes one behind the other at most.
    pub(super) fn number(&mut self, element: &Type, number: Number, depth: usize) -> Value {
        if depth == 0 || self.chance.percent(35) {
            return self.leaf(element, number);
        }
        let one = |draft: &mut Self| draft.number(element, number, depth - 1);
        match (self.chance.below(12), number) {
            (0..=2, _) => {
                let inputs = vec![("a", one(self)), ("b", one(self))];
                self.made("Add", inputs)
            }
            (3..=5, _) => {
                let inputs = vec![("a", one(self)), ("b", one(self))];
                self.made("Subtract", inputs)
            }
            (6, Number::Int) => {
                let by = [2, 2, 4, 8, 3, -1, 1 << 40][self.chance.below(7)];
                let a = one(self);
                self.made("Multiply", vec![("a", a), ("b", Value::Int(by))])
            }
            (6, Number::Float) => {
                let inputs = vec![("a", one(self)), ("b", one(self))];
                self.made("Multiply", inputs)
            }
            (7, _) => {
                let name = self.chance.word(&["Min", "Max"]);
                let inputs = vec![("a", one(self)), ("b", one(self))];
                self.made(name, inputs)
            }
            (8, Number::Float) => {
                let a = one(self);
                let by = [0.5, -3.0, 8.0, 0.1][self.chance.below(4)];
                self.made("Divide", vec![("a", a), ("b", Value::Float(by))])
            }
            (8 | 9, Number::Int) => {
                let inputs = vec![("value", one(self))];
                let name = self.chance.word(&["Abs", "Negate"]);
                self.made(name, inputs)
            }
            (9, Number::Float) => {
                let inputs = vec![("value", one(self))];
                let name = self.chance.word(&["Abs", "Negate", "Sqrt"]);
                self.made(name, inputs)
            }
            _ => {
                let condition = self.truth(element, depth - 1);
                let inputs = vec![("condition", condition), ("a", one(self)), ("b", one(self))];
                self.made("Select", inputs)
            }
        }
    }

    fn leaf(&mut self, element: &Type, number: Number) -> Value {
        let roll = self.chance.below(100);
        if roll < 70
            && let Some((value, _)) = self.of_element(element, &|ty| number.is(ty))
        {
            return value;
        }
        if roll >= 95
            && let Some((text, _)) = self.reference(&|ty| *ty == number.ty())
        {
            return text.into();
        }
        match (number, roll % 8) {
            (Number::Int, 0) => Value::Int(values::int(self.chance)),
            (Number::Int, 1) => "loop:index".into(),
            (Number::Int, _) => Value::Int(self.chance.below(60) as i64),
            (Number::Float, 0) => Value::Float(values::float(self.chance)),
            (Number::Float, _) => Value::Float((self.chance.below(801) as f64 - 400.0) / 4.0),
        }
    }

    /// A truth about the element.
    pub(super) fn truth(&mut self, element: &Type, depth: usize) -> Value {
        let roll = self.chance.below(100);
        if roll < 25
            && let Some((value, _)) = self.of_element(element, &|ty| *ty == Type::Bool)
        {
            return value;
        }
        if depth > 0 && roll >= 70 {
            let a = self.truth(element, depth - 1);
            if roll < 78 {
                return self.made("Not", vec![("value", a)]);
            }
            let b = self.truth(element, depth - 1);
            return self.made(if roll < 89 { "And" } else { "Or" }, vec![("a", a), ("b", b)]);
        }
        let order = self.chance.word(&ORDERS);
        // Unsigned ones are compared as they are, but computed with nowhere.
        if roll < 40
            && let Some((left, ty)) = self.of_element(element, &Type::is_number)
        {
            let right = if ty.is_float() { Number::Float } else { Number::Int };
            let right = self.leaf(element, right);
            return self.made("Compare", vec![("left", left), ("op", order.into()), ("right", right)]);
        }
        let number = if self.chance.percent(50) { Number::Int } else { Number::Float };
        let inputs = vec![("left", self.number(element, number, depth)), ("op", order.into())];
        let right = self.leaf(element, number);
        let inputs = inputs.into_iter().chain([("right", right)]).collect();
        self.made("Compare", inputs)
    }
}
