//! Parameters by their types alone, for handlers that no test calls: always the same ones.

use statewright_types::{Schema, Type, Value};

/// Who has joined where nothing else is said; the first one is also what texts are.
pub const PLAYERS: [&str; 2] = ["ann", "bob"];
/// Lists have so many elements.
const ELEMENTS: usize = 3;
/// What nests deeper is empty, or null.
const DEEPEST: usize = 4;
const UUID: &str = "00000000-0000-4000-8000-000000000001";

/// A value of a type: 1, 1.5, true, `ann`, three elements, one entry, every field.
pub fn value(schema: &Schema, ty: &Type) -> Value {
    at(schema, ty, 0)
}

fn at(schema: &Schema, ty: &Type, depth: usize) -> Value {
    let inner = |ty: &Type| at(schema, ty, depth + 1);
    let is_deep = depth >= DEEPEST;
    match ty {
        Type::Bool => Value::Bool(true),
        Type::Int(_) => Value::Int(1),
        Type::Float32 | Type::Float64 => Value::Float(1.5),
        Type::String => Value::from(PLAYERS[0]),
        Type::Bytes => Value::Bytes([1, 2, 3, 4].as_slice().into()),
        Type::Uuid => Value::from(UUID),
        Type::List(_) | Type::Map(..) | Type::Nullable(_) if is_deep => match ty {
            Type::List(_) => Value::List(Vec::new()),
            Type::Map(..) => Value::Map(Vec::new()),
            _ => Value::Null,
        },
        Type::List(element) => Value::List(vec![inner(element); ELEMENTS]),
        Type::Map(key, value) => {
            let key = match &**key {
                Type::Int(_) => "1",
                Type::Uuid => UUID,
                _ => PLAYERS[0],
            };
            Value::map([(key, inner(value))])
        }
        Type::Nullable(some) => inner(some),
        // Structs within structs end: the schema's check sees to that.
        Type::Struct(id) => {
            let fields = schema.get(*id).fields.iter();
            Value::Map(fields.map(|field| (field.name.clone(), inner(&field.ty))).collect())
        }
        Type::Record(record) => Value::Map(record.fields.iter().map(|(name, ty)| (name.clone(), inner(ty))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str =
        "@helper\ntype Card { Name string\n Next *Card\n Costs []int8\n}\n@root(active)\ntype Game { N int64\n }";

    #[test]
    fn every_type_has_a_value_that_is_always_the_same() {
        let (schema, found) = statewright_types::schema::parse(SCHEMA);
        let schema = schema.unwrap_or_else(|| panic!("{found:?}"));
        let of = |text: &str| value(&schema, &schema.parse_type(text).expect("it is a type")).to_string();
        assert_eq!(of("bool"), "true");
        assert_eq!(of("uint8"), "1");
        assert_eq!(of("[]float32"), "[1.5,1.5,1.5]");
        assert_eq!(of("map[int64]string"), r#"{"1":"ann"}"#);
        assert_eq!(of("*uuid"), format!("\"{UUID}\""));
        // A type that may hold itself ends somewhere.
        let card = of("Card");
        assert!(card.starts_with(r#"{"Name":"ann","Next":{"Name":"ann","Next":"#) && card.contains("null"), "{card}");
    }
}
