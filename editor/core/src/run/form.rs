//! Parameters of a handler as they are entered: a field for each, by its type.

use std::collections::BTreeMap;

use statewright_graph::document::Graph;
use statewright_types::schema::parse_type;
use statewright_types::{Type, Value, json};

/// How a parameter is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A switch.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Text as it is.
    Text,
    /// JSON.
    Json,
}

/// A parameter and what was entered for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The parameter.
    pub name: String,
    /// Its type's text.
    pub ty: String,
    /// How it is entered.
    pub kind: Kind,
    /// What was entered.
    pub text: String,
}

impl Field {
    fn new(name: &str, ty: &str, known: &BTreeMap<String, String>) -> Field {
        let (kind, default) = Field::shape(ty);
        let text = known.get(name).cloned().unwrap_or_else(|| default.to_owned());
        Field { name: name.to_owned(), ty: ty.to_owned(), kind, text }
    }

    /// Whether nothing else was entered than what is there at first.
    pub fn is_default(&self) -> bool {
        self.text == Field::shape(&self.ty).1
    }

    /// How a type is entered, and what is there at first.
    fn shape(ty: &str) -> (Kind, &'static str) {
        match parse_type(ty, &|_| None) {
            Ok(Type::Bool) => (Kind::Bool, "false"),
            Ok(Type::Int(_)) => (Kind::Int, "0"),
            Ok(Type::Float32 | Type::Float64) => (Kind::Float, "0.0"),
            Ok(Type::String | Type::Uuid | Type::Bytes) => (Kind::Text, ""),
            Ok(Type::List(_)) => (Kind::Json, "[]"),
            Ok(Type::Nullable(_)) => (Kind::Json, "null"),
            Ok(Type::Map(..) | Type::Struct(_) | Type::Record(_)) | Err(_) => (Kind::Json, "{}"),
        }
    }

    /// What was entered as a value.
    ///
    /// # Errors
    /// What it should be.
    pub fn value(&self) -> Result<Value, String> {
        let text = self.text.trim();
        let parsed = || text.parse::<Value>();
        let wrong = |what: &str| format!("`{}` is {what}, not `{text}`", self.name);
        match self.kind {
            Kind::Text => Ok(Value::str(&*self.text)),
            Kind::Bool => text.parse().map(Value::Bool).map_err(|_| wrong("true or false")),
            Kind::Int => match parsed() {
                Ok(value @ (Value::Int(_) | Value::UInt(_))) => Ok(value),
                _ => Err(wrong("a whole number")),
            },
            Kind::Float => match parsed() {
                Ok(value @ (Value::Int(_) | Value::UInt(_) | Value::Float(_))) => Ok(value),
                _ => Err(wrong("a number")),
            },
            Kind::Json => parsed().map_err(|error| format!("`{}` is JSON: {}", self.name, error.message)),
        }
    }
}

/// Fields for the parameters of a handler; `known` is what was entered before, by name.
pub fn fields(graph: &Graph, known: &BTreeMap<String, String>) -> Vec<Field> {
    graph.parameters.iter().map(|parameter| Field::new(&parameter.name.text, &parameter.ty.text, known)).collect()
}

/// The parameters of an event.
///
/// # Errors
/// What is wrong with the first that is.
pub fn params(fields: &[Field]) -> Result<Value, String> {
    let entries: Result<Vec<(&str, Value)>, String> =
        fields.iter().map(|field| Ok((&*field.name, field.value()?))).collect();
    Ok(Value::map(entries?))
}

/// What was entered, by name, to be kept.
pub fn texts(fields: &[Field]) -> BTreeMap<String, String> {
    fields.iter().map(|field| (field.name.clone(), field.text.clone())).collect()
}

/// A value as text to be changed.
pub fn text_of(value: &Value) -> String {
    json::to_string(value)
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::SourceDocument;

    use super::*;

    #[test]
    fn parameters_are_entered_by_type() {
        let text = r#"{"handlers": [{"name": "h", "event": "E", "nodes": [], "flow": [], "parameters": [
            {"name": "n", "type": "int8"}, {"name": "x", "type": "float"}, {"name": "who", "type": "string"},
            {"name": "on", "type": "bool"}, {"name": "all", "type": "[]int"}, {"name": "card", "type": "Card"}]}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let graph = source.document.graphs().next().unwrap();
        let known = BTreeMap::from([("n".to_owned(), "7".to_owned()), ("gone".to_owned(), "1".to_owned())]);
        let mut fields = fields(graph, &known);
        let kinds: Vec<Kind> = fields.iter().map(|field| field.kind).collect();
        assert_eq!(kinds, [Kind::Int, Kind::Float, Kind::Text, Kind::Bool, Kind::Json, Kind::Json]);
        let value: Value = r#"{"n": 7, "x": 0.0, "who": "", "on": false, "all": [], "card": {}}"#.parse().unwrap();
        assert_eq!(params(&fields).unwrap(), value);
        for (index, text) in [(0, "1.5"), (1, "x"), (3, "yes"), (4, "[")] {
            let before = std::mem::replace(&mut fields[index].text, text.to_owned());
            let name = fields[index].name.clone();
            assert!(params(&fields).unwrap_err().contains(&name));
            fields[index].text = before;
        }
        assert_eq!(texts(&fields)["n"], "7");
    }
}
