//! Constants, names and types as JavaScript spells them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use statewright_types::{Schema, StructId, Type, Value, json, number};

use crate::escape::is_unseen;

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

/// A text in quotes, with everything escaped that cannot be seen.
pub fn text(text: &str) -> String {
    seen(json::quote(text))
}

/// A text within a comment of either kind: on one line, and it ends none. For people: what was a backslash is not told apart.
pub fn comment(text: &str) -> String {
    seen(text.replace('\n', "\\n").replace("*/", "*\\/"))
}

/// The same with escapes for what cannot be seen, as texts of JavaScript have them.
fn seen(text: String) -> String {
    if !text.contains(is_unseen) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unseen(character) {
            // Characters beyond 16 bits as two of them.
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The property of records that holds the field of a name: the name, unless JavaScript means something else by it. No two names
/// have the same one. `property` of the runtime's `types.js` is this.
fn held(name: &str) -> Cow<'_, str> {
    match name.strip_prefix("__proto__") {
        Some(rest) if rest.bytes().all(|byte| byte == b'$') => Cow::Owned(format!("{name}$")),
        _ => Cow::Borrowed(name),
    }
}

/// A property after what has it: `.Score`, or in brackets where that is no name.
pub fn property(name: &str) -> String {
    let name = held(name);
    if is_name(&name) { format!(".{name}") } else { format!("[{}]", text(&name)) }
}

/// A property of a record in an object's literal, or in its type.
pub fn key(name: &str) -> String {
    plain_key(&held(name))
}

/// A property in the type of an object of JavaScript's own values.
pub fn plain_key(name: &str) -> String {
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
