//! References that fail in each of the ways in which a reference can fail, of every kind of value.

use statewright_graph::node::{EXAMPLE_SCHEMA, EXAMPLE_STATE, InputPort, NodeRow, Role};
use statewright_types::{TrapCode, Value};

use super::instance::{Instance, text, with};

/// The schema of generated cases: that of the examples, and places from which nothing can be read.
pub fn schema() -> String {
    format!("{EXAMPLE_SCHEMA}{PROBE}")
}

const PROBE: &str = "
@helper
type Spare {
    ID      string
    Int     int64
    Float   float64
    Flag    bool
    Text    string
    Ints    []int64
    Floats  []float64
    Words   []string
    Dots    []Dot
    Round   int32
    Phase   string
    Players []Player          @key(ID)
    Scores  map[string]int64
}

@helper
type Dot {
    Lat     float64
    Lng     float64
}

@root(active)
type Probe {
    Spares  []Spare           @key(ID)
    Nobody  *Spare
    Huge    uint64
}
";

/// The state of generated cases.
pub fn state() -> Value {
    let probe = r#"{"Spares": [{"ID": "one"}], "Huge": 9223372036854775808}"#;
    let state = EXAMPLE_STATE.parse().unwrap_or(Value::Null);
    with(&state, "Probe", probe.parse().unwrap_or(Value::Null))
}

/// A way in which a path fails: the code, the path of a `Spare` that cannot be had, and the rule that says so.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The error.
    pub code: TrapCode,
    /// The path.
    pub path: &'static str,
    /// The rule.
    pub rule: &'static str,
}

/// All of them.
pub const WAYS: &[Way] = &[
    Way { code: TrapCode::IndexOutOfRange, path: "Probe.Spares[9]", rule: "R5.3" },
    Way { code: TrapCode::NotFound, path: r#"Probe.Spares["none":ID]"#, rule: "R2.2" },
    Way { code: TrapCode::NullReference, path: "Probe.Nobody", rule: "R5.4" },
    Way { code: TrapCode::StaleReference, path: "gone", rule: "R5.2" },
];

/// Nodes that set the variable `gone` to a struct and remove it from the state.
pub const STALE: &str = r#"[
{"id": "keep", "type": "SetVariable", "inputs": {"name": "gone", "value": "state:Probe.Spares[0]"}},
{"id": "drop", "type": "RemoveFromArray", "inputs": {"path": "Probe.Spares", "index": 0}}]"#;

/// The inputs of an instance that can be given a reference instead, with their ports, in declared order.
pub fn ports(row: &'static NodeRow, instance: &Instance) -> Vec<(&'static InputPort, String, Value)> {
    let Value::Map(inputs) = instance.inputs() else { return Vec::new() };
    let given = |port: &'static InputPort| {
        let named = |name: &str| port.name == name || port.synonyms.contains(&name);
        let (name, value) = inputs.iter().find(|(name, _)| named(name))?;
        failing(port, value, "Probe").map(|_| (port, name.to_string(), value.clone()))
    };
    row.inputs.iter().filter_map(given).collect()
}

/// What `port` is given to fail at the place `path`, if it otherwise is given `value`.
pub fn failing(port: &InputPort, value: &Value, path: &str) -> Option<Value> {
    match port.role {
        Role::Constant => None,
        Role::Path => Some(Value::from(format!("{path}.{}", string(value)?))),
        Role::Value | Role::Lambda => of_kind(port.ty, value, path),
    }
}

fn string(value: &Value) -> Option<&str> {
    match value {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

fn of_kind(ty: &str, value: &Value, path: &str) -> Option<Value> {
    let field = match value {
        Value::Str(text) => match text.split_once(':') {
            Some(("state", rest)) => rest,
            Some(("node" | "loop" | "param" | "variable", _)) => match ty {
                "bool" => "Flag",
                "float64" => "Float",
                "string" => "Text",
                "int64" | "number" | "any" | "T" | "number or text" | "integer or text" => "Int",
                _ => return None,
            },
            _ => "Text",
        },
        Value::Null | Value::Int(_) | Value::UInt(_) => "Int",
        Value::Float(_) => "Float",
        Value::Bool(_) => "Flag",
        Value::Bytes(_) => return None,
        Value::List(elements) => match elements.first()? {
            Value::Null => {
                let rest = elements.iter().skip(1).cloned();
                let first = of_kind("any", elements.get(1).unwrap_or(&Value::Null), path)?;
                return Some(Value::List(std::iter::once(first).chain(rest).collect()));
            }
            Value::Int(_) => "Ints",
            Value::Float(_) => "Floats",
            Value::Str(_) => "Words",
            Value::Map(_) => "Dots",
            _ => return None,
        },
        Value::Map(entries) => {
            let (name, first) = entries.first()?;
            return Some(with(value, name, of_kind("any", first, path)?));
        }
    };
    Some(Value::from(format!("state:{path}.{field}")))
}

/// The instance, with a struct removed before and kept in the variable `gone`.
#[must_use]
pub fn after_removal(instance: &Instance) -> Instance {
    let mut instance = instance.clone();
    if let Ok(Value::List(nodes)) = STALE.parse() {
        let ids: Vec<String> = nodes.iter().map(|node| text(node, "id").to_owned()).collect();
        instance.nodes.extend(nodes);
        instance.begin_with(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    }
    instance
}
