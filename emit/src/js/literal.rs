//! Constants, names and types as JavaScript spells them.

use std::collections::HashMap;

use statewright_types::{Schema, StructId, Type, Value, json, number};

/// The greatest integer that a number of JavaScript is without doubt.
const SAFE: u64 = (1 << 53) - 1;

/// An integer: a number, or a BigInt beyond 2^53.
pub fn integer(value: i128) -> String {
    if value.unsigned_abs() <= u128::from(SAFE) { value.to_string() } else { format!("{value}n") }
}

/// A float.
pub fn float(value: f64) -> String {
    if value == 0.0 && value.is_sign_negative() { "-0".to_owned() } else { number::float_text(value) }
}

/// A text in quotes.
pub fn text(text: &str) -> String {
    json::quote(text)
}

/// A property after what has it: `.Score`, or in brackets where that is no name.
pub fn property(name: &str) -> String {
    let name = if name == "__proto__" { "__proto__$" } else { name };
    if is_name(name) { format!(".{name}") } else { format!("[{}]", text(name)) }
}

/// A property in an object's literal.
pub fn key(name: &str) -> String {
    let name = if name == "__proto__" { "__proto__$" } else { name };
    if is_name(name) { name.to_owned() } else { text(name) }
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '_' | '$'));
    starts && characters.all(|other| other.is_ascii_alphanumeric() || matches!(other, '_' | '$'))
}

/// A literal of a schema, as `importValue` of the runtime takes it.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => integer(i128::from(*value)),
        Value::UInt(value) => integer(i128::from(*value)),
        Value::Float(value) => float(*value),
        Value::Str(value) => text(value),
        Value::Bytes(bytes) => text(&json::base64_encode(bytes)),
        Value::List(elements) => format!("[{}]", elements.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            // In brackets it is a property like any other, also `__proto__`.
            let entry =
                |(name, inner): &(std::sync::Arc<str>, Value)| format!("[{}]: {}", text(name), self::value(inner));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A type's description, as `type` of the runtime takes it.
pub fn description(ty: &Type) -> String {
    match ty {
        Type::Bool => "\"bool\"".to_owned(),
        Type::Int(kind) => text(kind.name()),
        Type::Float32 => "\"float32\"".to_owned(),
        Type::Float64 => "\"float64\"".to_owned(),
        Type::String => "\"string\"".to_owned(),
        Type::Bytes => "\"bytes\"".to_owned(),
        Type::Uuid => "\"uuid\"".to_owned(),
        Type::List(element) => format!("{{ list: {} }}", description(element)),
        Type::Map(key, value) => format!("{{ map: [{}, {}] }}", description(key), description(value)),
        Type::Nullable(inner) => format!("{{ nullable: {} }}", description(inner)),
        Type::Struct(id) => format!("{{ struct: {} }}", id.0),
        Type::Record(record) => {
            let field = |(name, ty): &(std::sync::Arc<str>, Type)| format!("[{}, {}]", text(name), description(ty));
            format!("{{ record: [{}] }}", record.fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Types that the code names, each once.
#[derive(Debug, Default)]
pub struct Types {
    numbers: HashMap<Type, usize>,
    all: Vec<Type>,
    /// Struct types that the code names.
    structs: std::collections::BTreeSet<u32>,
}

impl Types {
    /// The constant that holds a type.
    pub fn name(&mut self, ty: &Type) -> String {
        format!("T{}", self.number(ty))
    }

    /// Its position among all.
    pub fn number(&mut self, ty: &Type) -> usize {
        if let Some(number) = self.numbers.get(ty) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(ty.clone());
        self.numbers.insert(ty.clone(), number);
        number
    }

    /// The constant that holds a struct type.
    pub fn def(&mut self, schema: &Schema, id: StructId) -> String {
        self.structs.insert(id.0);
        struct_name(schema, id)
    }

    /// In the order of their numbers.
    pub fn all(&self) -> &[Type] {
        &self.all
    }

    /// Struct types that were named.
    pub fn structs(&self) -> impl Iterator<Item = StructId> {
        self.structs.iter().map(|id| StructId(*id))
    }
}

/// What the constant of a struct type is called: `$` keeps it apart from all other names.
pub fn struct_name(schema: &Schema, id: StructId) -> String {
    let name = schema.types().get(id.index()).map_or("", |def| &*def.name);
    if is_name(name) { format!("${name}") } else { format!("${}", id.0) }
}
