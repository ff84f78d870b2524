//! A state from JSON: what is given in part, the rest keeps its defaults. Everything wrong is a diagnostic with its
//! place in the text; what is right is loaded all the same.

use std::sync::Arc;

use statewright_types::diagnostic::has_errors;
use statewright_types::json::{Kind, NodeId, Tree, base64_decode};
use statewright_types::{Diagnostic, Help, IntKind, StructId, Type, Value, number, suggest};

use super::{NESTING, State};

/// A state has no such field, root or type.
pub const UNKNOWN_FIELD: &str = "E201";
/// A value has another type than its field.
pub const WRONG_TYPE: &str = "E202";
/// An integer is out of its type's range.
pub const OUT_OF_RANGE: &str = "E203";
/// A map's key is not of its type.
pub const BAD_KEY: &str = "E204";
/// Bytes are not base64.
pub const BAD_BYTES: &str = "E205";
/// A value nests too deep, or is larger than the limits allow.
pub const TOO_LARGE: &str = "E206";

/// Every code with one sentence about it, in order.
pub const CODES: &[(&str, &str)] = &[
    (UNKNOWN_FIELD, "A state has no such field, root or type."),
    (WRONG_TYPE, "A value has another type than its field."),
    (OUT_OF_RANGE, "An integer is out of its type's range."),
    (BAD_KEY, "A map's key is not of its type."),
    (BAD_BYTES, "Bytes are not base64."),
    (TOO_LARGE, "A value nests too deep, or is larger than the limits allow."),
];

impl State {
    /// Loads a state given in part: the main root's fields at the top, other roots under their type's name (an inactive
    /// one becomes active). Outside a transaction it makes one of its own.
    pub fn load_json(&mut self, json: &Tree) -> Vec<Diagnostic> {
        self.load_node(json, json.root())
    }

    /// The same from a part of a document, such as a test's `state`.
    pub fn load_node(&mut self, json: &Tree, node: NodeId) -> Vec<Diagnostic> {
        let own = !self.in_transaction();
        if own {
            self.begin_load();
        }
        let mut loader = Loader { json, schema: self.schema.clone(), diagnostics: Vec::new() };
        self.load_roots(&mut loader, node);
        if own {
            self.commit();
        }
        loader.diagnostics
    }

    fn load_roots(&mut self, loader: &mut Loader<'_>, node: NodeId) {
        let (json, schema) = (loader.json, loader.schema.clone());
        if json.kind(node) != Kind::Object {
            let message = format!("a state is an object of fields, not {}", json.kind(node).noun());
            loader.report(WRONG_TYPE, node, message, "write the main root's fields: {\"Field\": value, …}");
            return;
        }
        let Some(main) = schema.types().get(self.main_root.index()) else { return };
        for entry in json.entries(node) {
            if main.field(&entry.key).is_some() {
                self.load_field(loader, self.main_root, &entry.key, entry.value);
                continue;
            }
            let root = schema.by_name(&entry.key).filter(|ty| schema.roots().contains(ty) || *ty == self.main_root);
            let Some(ty) = root else {
                let roots = schema.roots().into_iter().filter_map(|ty| schema.types().get(ty.index()));
                let names = main.fields.iter().map(|field| &*field.name).chain(roots.map(|def| &*def.name));
                let message = format!("{} has no field `{}`, and no root is called so", main.name, entry.key);
                let help = suggest::help(&entry.key, names);
                loader.diagnostics.push(Diagnostic::error(UNKNOWN_FIELD, entry.key_span, message).help(help));
                continue;
            };
            if json.kind(entry.value) != Kind::Object {
                loader.wrong(entry.value, &Type::Struct(ty));
                continue;
            }
            self.root_activate(ty);
            let Some(def) = schema.types().get(ty.index()) else { continue };
            for inner in json.entries(entry.value) {
                if def.field(&inner.key).is_some() {
                    self.load_field(loader, ty, &inner.key, inner.value);
                } else {
                    loader.unknown_field(ty, &inner.key, inner.key_span);
                }
            }
        }
    }

    fn load_field(&mut self, loader: &mut Loader<'_>, root: StructId, name: &str, node: NodeId) {
        let schema = loader.schema.clone();
        let Some((at, field)) = schema
            .types()
            .get(root.index())
            .and_then(|def| def.field(name).and_then(|at| Some((at, def.fields.get(at)?))))
        else {
            return;
        };
        let known = loader.diagnostics.len();
        let value = loader.value(node, &field.ty, 2);
        if loader.diagnostics.get(known..).is_some_and(has_errors) {
            return;
        }
        let (Some(value), Ok(record)) = (value, self.root(root)) else { return };
        let stored = match (&field.ty, &value) {
            // A struct of the root is there already: what is not given keeps its defaults.
            (Type::Struct(inner), Value::Map(entries)) => {
                let inner_record = self.load(record, root, at as u32).unwrap_or(0);
                self.load_entries(inner_record, *inner, entries)
            }
            _ => self.load_value(record, root, at as u32, &field.ty, &value),
        };
        if let Err(message) = stored {
            loader.report(TOO_LARGE, node, format!("`{name}`: {message}"), "give less, or raise the limits");
        }
    }

    /// Fields of a live struct, those of its nested structs likewise.
    fn load_entries(&mut self, record: u64, ty: StructId, entries: &[(Arc<str>, Value)]) -> Result<(), String> {
        let schema = self.schema.clone();
        let Some(def) = schema.types().get(ty.index()) else { return Ok(()) };
        for (name, value) in entries {
            let Some((at, field)) = def.field(name).and_then(|at| Some((at, def.fields.get(at)?))) else { continue };
            match (&field.ty, value) {
                (Type::Struct(inner), Value::Map(entries)) => {
                    let inner_record = self.load(record, ty, at as u32).unwrap_or(0);
                    self.load_entries(inner_record, *inner, entries)?;
                }
                _ => self.load_value(record, ty, at as u32, &field.ty, value)?,
            }
        }
        Ok(())
    }

    fn load_value(&mut self, record: u64, ty: StructId, at: u32, declared: &Type, value: &Value) -> Result<(), String> {
        let slot = self.import(declared, value).map_err(|error| error.to_string())?;
        self.store(record, ty, at, slot).map_err(|trap| trap.message().to_owned())
    }
}

/// Checks JSON against types, and makes values of it that [`State::import`] takes.
struct Loader<'a> {
    json: &'a Tree,
    schema: Arc<statewright_types::Schema>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn report(&mut self, code: &'static str, node: NodeId, message: String, help: impl Into<Help>) {
        self.diagnostics.push(Diagnostic::error(code, self.json.span(node), message).help(help));
    }

    fn wrong(&mut self, node: NodeId, ty: &Type) -> Option<Value> {
        let found = match self.json.kind(node) {
            Kind::Number => self.json.text(node).to_owned(),
            kind => kind.noun().to_owned(),
        };
        let message = format!("expected {}, found {found}", self.schema.show(ty));
        self.report(WRONG_TYPE, node, message, expectation(ty));
        None
    }

    fn unknown_field(&mut self, ty: StructId, name: &str, span: statewright_types::Span) {
        let schema = self.schema.clone();
        let Some(def) = schema.types().get(ty.index()) else { return };
        let help = suggest::help(name, def.fields.iter().map(|field| &*field.name));
        let message = format!("{} has no field `{name}`", def.name);
        self.diagnostics.push(Diagnostic::error(UNKNOWN_FIELD, span, message).help(help));
    }

    /// The value at `node` for a place of type `ty`; `None` (and a diagnostic) if it does not fit.
    fn value(&mut self, node: NodeId, ty: &Type, depth: usize) -> Option<Value> {
        if depth > NESTING {
            self.report(TOO_LARGE, node, format!("data nests deeper than {NESTING} levels"), "nest less deep");
            return None;
        }
        let json = self.json;
        match (ty, json.kind(node)) {
            (Type::Nullable(_), Kind::Null) => Some(Value::Null),
            (Type::Nullable(inner), _) => self.value(node, inner, depth),
            (Type::Bool, Kind::Bool(value)) => Some(Value::Bool(value)),
            (Type::Int(kind), Kind::Number) => self.integer(node, *kind),
            (Type::Float32 | Type::Float64, Kind::Number) => {
                number::parse(json.text(node)).map(|number| Value::Float(number.as_float()))
            }
            (Type::Float32 | Type::Float64, Kind::String) => {
                match json.str(node).and_then(|text| number::non_finite(text)) {
                    Some(value) => Some(Value::Float(value)),
                    None => self.wrong(node, ty),
                }
            }
            (Type::String | Type::Uuid, Kind::String) => json.str(node).map(|text| Value::Str(text.clone())),
            (Type::Bytes, Kind::String) => match json.str(node).and_then(|text| base64_decode(text)) {
                Some(bytes) => Some(Value::Bytes(Arc::from(bytes))),
                None => {
                    let message = "this text is not base64".to_owned();
                    self.report(BAD_BYTES, node, message, "write bytes as base64 with padding: \"AQID\"");
                    None
                }
            },
            (Type::List(element), Kind::Array) => {
                let mut values = Vec::new();
                for element_node in json.elements(node) {
                    values.extend(self.value(*element_node, element, depth + 1));
                }
                Some(Value::List(values))
            }
            (Type::Map(key, inner), Kind::Object) => {
                let mut values = Vec::new();
                for entry in json.entries(node) {
                    let value = self.value(entry.value, inner, depth + 1);
                    if self.key(&entry.key, key, entry.key_span)
                        && let Some(value) = value
                    {
                        values.push((entry.key.clone(), value));
                    }
                }
                Some(Value::Map(values))
            }
            (Type::Struct(id), Kind::Object) => {
                let schema = self.schema.clone();
                let def = schema.types().get(id.index())?;
                let mut values = Vec::new();
                for entry in json.entries(node) {
                    let Some(field) = def.field(&entry.key).and_then(|at| def.fields.get(at)) else {
                        self.unknown_field(*id, &entry.key, entry.key_span);
                        continue;
                    };
                    if let Some(value) = self.value(entry.value, &field.ty, depth + 1) {
                        values.push((entry.key.clone(), value));
                    }
                }
                Some(Value::Map(values))
            }
            _ => self.wrong(node, ty),
        }
    }

    fn integer(&mut self, node: NodeId, kind: IntKind) -> Option<Value> {
        let text = self.json.text(node);
        let (low, high) = kind.range();
        let in_range = |value: i128| (low..=high).contains(&value);
        match number::parse(text) {
            Some(number::Number::Int(value)) if in_range(i128::from(value)) => Some(Value::Int(value)),
            Some(number::Number::UInt(value)) if in_range(i128::from(value)) => Some(Value::UInt(value)),
            Some(number::Number::Float(_)) if text.contains(['.', 'e', 'E']) => self.wrong(node, &Type::Int(kind)),
            _ => {
                let message = format!("{text} is out of range for {}", kind.name());
                self.report(OUT_OF_RANGE, node, message, format!("give an integer from {low} to {high}"));
                None
            }
        }
    }

    fn key(&mut self, name: &str, key: &Type, span: statewright_types::Span) -> bool {
        let Type::Int(kind) = key else { return true };
        let (low, high) = kind.range();
        let number: Option<i128> = name.parse().ok().filter(|number: &i128| number.to_string() == name);
        if number.is_some_and(|number| (low..=high).contains(&number)) {
            return true;
        }
        let message = format!("the key `{name}` is no {}", kind.name());
        let help = format!("write an integer from {low} to {high} as the key");
        self.diagnostics.push(Diagnostic::error(BAD_KEY, span, message).help(help));
        false
    }
}

/// What to write for a type.
fn expectation(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "write true or false",
        Type::Int(_) => "write an integer without point or exponent",
        Type::Float32 | Type::Float64 => "write a number, or \"NaN\", \"Infinity\" or \"-Infinity\"",
        Type::String | Type::Uuid => "write a string",
        Type::Bytes => "write a string of base64",
        Type::List(_) => "write an array",
        Type::Map(..) => "write an object of keys and values",
        Type::Struct(_) | Type::Record(_) => "write an object of fields",
        Type::Nullable(_) => "write null or a value",
    }
}
