//! Ways from a struct to what can be read of it: fields, elements, entries, lengths, with the types found there.

use std::sync::Arc;

use statewright_types::{Schema, StructId, Type};

use super::values::IDS;
use crate::chance::Chance;

/// One step.
#[derive(Clone, Debug)]
pub enum Hop {
    /// `.Field`
    Field(Arc<str>),
    /// `[3]`
    Index,
    /// `["key"]` of a list with a key.
    Key,
    /// `["text":Field]` or a reference instead of the text.
    Lookup(Arc<str>),
    /// `["key"]` of a map with keys of that type.
    Entry(Type),
    /// `.length`
    Length,
}

/// Steps and where they lead.
#[derive(Clone, Debug)]
pub struct Way {
    /// In order.
    pub hops: Vec<Hop>,
    /// What is there, as declared.
    pub ty: Type,
    /// Whether it is a place that can be written.
    pub is_place: bool,
    /// Whether something on the way need not be there: an element, an entry, what may be null.
    pub is_risky: bool,
}

/// The ways from each type of a schema.
pub struct Ways(Vec<Vec<Way>>);

const DEPTH: usize = 5;
const MOST: usize = 160;

impl Ways {
    /// Of all types.
    pub fn of(schema: &Schema) -> Ways {
        Ways((0..schema.types().len()).map(|index| from(schema, StructId(index as u32))).collect())
    }

    /// Those from a type.
    pub fn from(&self, id: StructId) -> &[Way] {
        self.0.get(id.index()).map_or(&[], Vec::as_slice)
    }
}

fn from(schema: &Schema, id: StructId) -> Vec<Way> {
    // Nearest first, so that what is cut off is far away.
    let start = Way { hops: Vec::new(), ty: Type::Struct(id), is_place: false, is_risky: false };
    let mut ways = vec![start];
    let mut at = 0;
    while let Some(way) = ways.get(at).cloned() {
        at += 1;
        if ways.len() >= MOST || way.hops.len() >= DEPTH {
            break;
        }
        extend(schema, &way, &mut ways);
    }
    ways.remove(0);
    ways
}

fn extend(schema: &Schema, way: &Way, ways: &mut Vec<Way>) {
    let is_nullable = matches!(way.ty, Type::Nullable(_));
    let mut add = |hop: Hop, ty: Type, is_place: bool| {
        let is_risky = way.is_risky || is_nullable || !matches!(hop, Hop::Field(_) | Hop::Length);
        let hops = way.hops.iter().cloned().chain([hop]).collect();
        ways.push(Way { hops, ty, is_place, is_risky });
    };
    match way.ty.non_null() {
        Type::Struct(id) => {
            for field in &schema.get(*id).fields {
                add(Hop::Field(field.name.clone()), field.ty.clone(), true);
            }
        }
        Type::List(element) => {
            // What is in a list that may be null is a value.
            add(Hop::Index, Type::clone(element), !is_nullable);
            add(Hop::Length, Type::INT, false);
            let key = key_of(schema, way);
            if let (Some(key), Type::Struct(id)) = (key, &**element) {
                add(Hop::Key, Type::Struct(*id), false);
                add(Hop::Lookup(key), Type::Struct(*id), true);
            }
            if let Type::Struct(id) = &**element
                && let Some(name) = schema.get(*id).field("Name")
                && let Some(field) = schema.get(*id).fields.get(name)
            {
                add(Hop::Lookup(field.name.clone()), Type::Struct(*id), true);
            }
        }
        Type::Map(key, value) => {
            add(Hop::Entry(Type::clone(key)), Type::clone(value), true);
            add(Hop::Length, Type::INT, false);
        }
        Type::Bytes => add(Hop::Length, Type::INT, false),
        Type::String if way.hops.len() < 2 => {
            add(Hop::Index, Type::String, false);
            add(Hop::Length, Type::INT, false);
        }
        _ => {}
    }
}

/// The key of the list that a way from some type ends at: that of `Players`, which is the only one declared.
fn key_of(schema: &Schema, way: &Way) -> Option<Arc<str>> {
    let Some(Hop::Field(name)) = way.hops.last() else { return None };
    (&**name == "Players").then(|| schema.by_name("Player")).flatten().map(|_| Arc::from("ID"))
}

/// The text of the steps. `names` are references to integers and to texts that may stand in brackets.
pub fn text(hops: &[Hop], ints: &[String], texts: &[String], chance: &mut Chance) -> String {
    let mut out = String::new();
    for hop in hops {
        match hop {
            Hop::Field(name) => {
                out.push('.');
                out.push_str(name);
            }
            Hop::Length => out.push_str(".length"),
            Hop::Index => match chance.pick(ints) {
                Some(name) if chance.percent(25) => out.push_str(&format!("[{name}]")),
                _ => out.push_str(&format!("[{}]", [0, 0, 0, 0, 0, 1, 1, 2][chance.below(8)])),
            },
            Hop::Key => match chance.pick(texts) {
                Some(name) if chance.percent(30) => out.push_str(&format!("[{name}]")),
                _ => out.push_str(&format!("[\"{}\"]", chance.word(&IDS))),
            },
            Hop::Lookup(field) => match chance.pick(texts) {
                Some(name) if chance.percent(50) => out.push_str(&format!("[{name}:{field}]")),
                _ => out.push_str(&format!("[\"{}\":{field}]", chance.word(&IDS))),
            },
            Hop::Entry(key) => match (key, chance.pick(ints), chance.pick(texts)) {
                (Type::Int(_), Some(name), _) if chance.percent(30) => out.push_str(&format!("[{name}]")),
                (Type::String, _, Some(name)) if chance.percent(30) => out.push_str(&format!("[{name}]")),
                (Type::Int(_), ..) => out.push_str(&format!("[{}]", [1, 1, 0, 7][chance.below(4)])),
                (Type::Uuid, ..) => out.push_str("[\"123e4567-e89b-42d3-a456-426614174000\"]"),
                _ => out.push_str(&format!("[\"{}\"]", ["red", "red", "red", "blue", "ann"][chance.below(5)])),
            },
        }
    }
    out
}
