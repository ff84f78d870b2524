//! A plain writer of docs/protocol.md, and random values to write.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::scalar::{fround32, quantise, quantum};
use statewright_types::schema::FieldDef;
use statewright_types::{IntKind, Schema, StructId, Type, Value};

use crate::wire::varint;

pub(super) const SCHEMA: &str = r#"
package test

@root(active)
type Game {
    Round int32 @id(7)
    Title string
    Players []Player @id(300)
    Scores map[string]int64
    ByNumber map[int8]Card
    Grid [][]int16
    Names []*string
    Best *Player
    Limit *int32
    Tags *[]string
    Ratio float32
    Weight float64
    Speed float64 @quantize(0.25)
    Heat float32 @quantize(0.1)
    Blob bytes
    Open bool
    Tree Node
    Big uint64
    Tiny uint8
    Flags []bool
    Nodes []*Node
}

type Player {
    ID string
    Score int64
    Hand []Card
    Token uuid
    X float64
    Y float32
    Team uint16
}

type Card {
    ID int64
    Power uint8
    Note *string
}

type Node {
    Label string
    Children []Node
    At map[uint32]float64
}

@root(inactive)
type Shop {
    Stock map[uint64]uint64
    Closed bool
}

@root(inactive)
type Bank {
    Gold int64
}
"#;

pub(super) fn schema() -> Arc<Schema> {
    let (schema, diagnostics) = statewright_types::schema::parse(SCHEMA);
    schema.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// Positions of the fields of a type by ascending id.
pub(super) fn wire_order(schema: &Schema, ty: StructId) -> Vec<usize> {
    let mut order: Vec<usize> = (0..schema.get(ty).fields.len()).collect();
    order.sort_by_key(|at| schema.get(ty).fields[*at].id);
    order
}

pub(super) struct Scribe {
    pub schema: Arc<Schema>,
    pub out: Vec<u8>,
    pub dice: Streams,
}

impl Scribe {
    pub(super) fn new(seed: u64) -> Scribe {
        Scribe { schema: schema(), out: Vec::new(), dice: Streams::new(seed) }
    }

    /// From 0 to `sides` − 1.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.dice.int("dice", 0, sides.max(1) as i64 - 1) as usize
    }

    pub(super) fn put(&mut self, number: u64) {
        varint::put(&mut self.out, number);
    }

    pub(super) fn put_all(&mut self, numbers: &[usize]) {
        numbers.iter().for_each(|number| self.put(*number as u64));
    }

    // Random values, in the form of views.

    pub(super) fn random(&mut self, ty: &Type, step: Option<f64>, depth: usize) -> Value {
        let small = self.roll(6);
        match ty {
            Type::Bool => Value::Bool(small > 2),
            Type::Int(kind) => {
                let (low, high) = kind.range();
                let numbers = [0, 1, low, high, 100, 3].map(|number: i128| number.clamp(low, high));
                let number = numbers[small];
                i64::try_from(number).map_or(Value::uint(number as u64), Value::Int)
            }
            Type::Float32 | Type::Float64 => {
                let number = [0.0, -1.5, 1.3, f64::INFINITY, f64::from_bits(0x7ff8 << 48), 1e300][small];
                let number = if *ty == Type::Float32 { fround32(number) } else { number };
                Value::Float(step.map_or(number, |step| quantise(number, step)))
            }
            Type::String => Value::str(["", "a", "bé", "fifteen bytes !", "sixteen bytes !!", "c"][small]),
            Type::Uuid => Value::str(
                ["", "a", "123e4567-e89b-42d3-a456-426614174000", "123E4567-e89b-42d3-a456-426614174000"][small % 4],
            ),
            Type::Bytes => Value::Bytes(vec![small as u8; small].into()),
            Type::Nullable(_) if small < 2 => Value::Null,
            Type::Nullable(inner) => self.random(inner, step, depth),
            Type::List(element) => {
                let count = if depth > 4 { 0 } else { self.roll(5) };
                Value::List((0..count).map(|_| self.random(element, None, depth + 1)).collect())
            }
            Type::Map(key, value) => {
                let count = if depth > 4 { 0 } else { self.roll(5) };
                let mut entries = Vec::new();
                for _ in 0..count {
                    let key = self.random_key(key);
                    entries.push((key, self.random(value, None, depth + 1)));
                }
                sort(key, &mut entries);
                Value::Map(entries)
            }
            Type::Struct(id) => self.random_struct(*id, depth),
            Type::Record(_) => unreachable!("no field is one"),
        }
    }

    pub(super) fn random_key(&mut self, key: &Type) -> Arc<str> {
        match self.random(key, None, 0) {
            Value::Str(text) => text,
            Value::Int(number) => number.to_string().into(),
            Value::UInt(number) => number.to_string().into(),
            other => unreachable!("{other:?}"),
        }
    }

    /// With some fields hidden.
    pub(super) fn random_struct(&mut self, ty: StructId, depth: usize) -> Value {
        let schema = self.schema.clone();
        let hides = self.roll(3) == 0;
        let mut fields = Vec::new();
        for field in &schema.get(ty).fields {
            if !(hides && self.roll(3) == 0) {
                fields.push((field.name.clone(), self.random(&field.ty, field.step, depth + 1)));
            }
        }
        Value::Map(fields)
    }

    /// A whole view: the main root, and others or not.
    pub(super) fn random_view(&mut self) -> Value {
        let Value::Map(mut top) = self.random_struct(StructId(0), 0) else { unreachable!() };
        for root in ["Shop", "Bank"] {
            if self.roll(2) == 0 {
                let ty = self.schema.by_name(root).expect("a root");
                top.push((root.into(), self.random_struct(ty, 0)));
            }
        }
        Value::Map(top)
    }

    // Values as bytes.

    pub(super) fn full(&mut self, view: &Value) -> Vec<u8> {
        self.out.clear();
        self.structure(StructId(0), view);
        let others = ["Shop", "Bank"].map(|name| (self.schema.by_name(name).expect("a root"), view.get(name)));
        let others: Vec<_> = others.iter().filter_map(|(ty, value)| Some((*ty, (*value)?))).collect();
        self.put(others.len() as u64);
        for (ty, value) in others {
            self.put(u64::from(self.schema.get(ty).id));
            self.structure(ty, value);
        }
        std::mem::take(&mut self.out)
    }

    pub(super) fn field(&mut self, field: &FieldDef, value: &Value) {
        match (field.step, value) {
            (Some(step), Value::Float(number)) => match quantum(*number, step) {
                Some(steps) => self.put(1 + varint::zigzag(steps)),
                None => {
                    self.out.push(0);
                    self.out.extend(number.to_le_bytes());
                }
            },
            _ => self.value(&field.ty, value),
        }
    }

    pub(super) fn value(&mut self, ty: &Type, value: &Value) {
        match (ty, value) {
            (Type::Nullable(_), Value::Null) => self.out.push(0),
            (Type::Nullable(inner), value) => {
                self.out.push(1);
                self.value(inner, value);
            }
            (Type::Bool, Value::Bool(value)) => self.out.push(u8::from(*value)),
            (Type::Int(kind), value) => self.int(*kind, int(value)),
            (Type::Float32, Value::Float(number)) => self.out.extend((*number as f32).to_le_bytes()),
            (Type::Float64, Value::Float(number)) => self.out.extend(number.to_le_bytes()),
            (Type::String, Value::Str(text)) => varint::put_bytes(&mut self.out, text.as_bytes()),
            (Type::Bytes, Value::Bytes(bytes)) => varint::put_bytes(&mut self.out, bytes),
            (Type::Uuid, Value::Str(text)) => self.uuid(text),
            (Type::List(element), Value::List(values)) => self.list(element, values),
            (Type::Map(key, element), Value::Map(entries)) => {
                self.put(entries.len() as u64);
                for (name, value) in entries {
                    self.key(key, name);
                    self.value(element, value);
                }
            }
            (Type::Struct(id), value) => self.structure(*id, value),
            (ty, value) => panic!("{ty:?} is not {value:?}"),
        }
    }

    fn int(&mut self, kind: IntKind, number: i128) {
        match kind {
            IntKind::I8 | IntKind::U8 => self.out.push(number as u8),
            IntKind::I16 | IntKind::I32 | IntKind::I64 => varint::put_signed(&mut self.out, number as i64),
            IntKind::U16 | IntKind::U32 | IntKind::U64 => self.put(number as u64),
        }
    }

    pub(super) fn key(&mut self, key: &Type, name: &str) {
        match key {
            Type::Int(kind) => self.int(*kind, name.parse().expect("a number")),
            _ => varint::put_bytes(&mut self.out, name.as_bytes()),
        }
    }

    fn uuid(&mut self, text: &str) {
        match text {
            "" => self.out.push(0),
            "123e4567-e89b-42d3-a456-426614174000" => {
                self.out.push(1);
                self.out.extend(0x123e4567_e89b_42d3_a456_426614174000_u128.to_be_bytes());
            }
            other => {
                self.out.push(2);
                varint::put_bytes(&mut self.out, other.as_bytes());
            }
        }
    }

    pub(super) fn list(&mut self, element: &Type, values: &[Value]) {
        self.put(values.len() as u64);
        let Type::Struct(ty) = element else { return values.iter().for_each(|value| self.value(element, value)) };
        let mut rest = values;
        while let Some(first) = rest.first() {
            let absent = self.absent(*ty, first);
            let same = rest.iter().take_while(|value| self.absent(*ty, value) == absent).count();
            // Runs may be shorter than they could be.
            let run = self.roll(same) + 1;
            self.put(run as u64);
            varint::put_bits(&mut self.out, absent.iter().copied());
            let (now, later) = rest.split_at(run);
            now.iter().for_each(|value| self.present(*ty, value));
            rest = later;
        }
    }

    pub(super) fn structure(&mut self, ty: StructId, value: &Value) {
        let absent = self.absent(ty, value);
        varint::put_bits(&mut self.out, absent.into_iter());
        self.present(ty, value);
    }

    fn absent(&self, ty: StructId, value: &Value) -> Vec<usize> {
        let order = wire_order(&self.schema, ty);
        let is_absent = |at: &usize| value.get(&self.schema.get(ty).fields[order[*at]].name).is_none();
        (0..order.len()).filter(is_absent).collect()
    }

    fn present(&mut self, ty: StructId, value: &Value) {
        let schema = self.schema.clone();
        for at in wire_order(&schema, ty) {
            let field = &schema.get(ty).fields[at];
            if let Some(value) = value.get(&field.name) {
                self.field(field, value);
            }
        }
    }
}

/// An integer of a view.
pub(super) fn int(value: &Value) -> i128 {
    match value {
        Value::Int(number) => i128::from(*number),
        Value::UInt(number) => i128::from(*number),
        other => panic!("{other:?} is no integer"),
    }
}

/// Brings entries in order; of equal keys the last stays.
pub(super) fn sort(key: &Type, entries: &mut Vec<(Arc<str>, Value)>) {
    entries.reverse();
    let number = |name: &str| if key.is_int() { name.parse::<i128>().expect("a number") } else { 0 };
    entries.sort_by(|a, b| (number(&a.0), &a.0).cmp(&(number(&b.0), &b.0)));
    entries.dedup_by(|a, b| a.0 == b.0);
}
