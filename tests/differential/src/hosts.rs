//! Nodes of a host program that drawn documents may have: declared by lot, once for all of them, with functions of which results and
//! errors follow from the inputs. Each execution is given them; nothing else here knows one by its name.

use std::sync::{Arc, LazyLock};

use statewright_graph::node::{NodeRow, host};
use statewright_runtime::host::{HostCall, HostError, HostNodes};
use statewright_types::host::{HOST_TRAPS, HostNode};
use statewright_types::{Schema, TrapCode, Type, Value, json, schema};

use crate::chance::Chance;
use crate::generate::values;

/// How many there are.
const COUNT: u64 = 20;

/// What structs of drawn schemas have in any case.
const SCHEMA: &str = "type Pet {\n    Name string\n    Age int8\n    Weight float64\n}\n\
                      type Player {\n    ID string\n    Name string\n    Score int64\n    Hand []int32\n    Pet *Pet\n}\n\
                      @root(active)\ntype Game {\n    Round int32\n}\n";

const TYPES: [&str; 24] = [
    "int64",
    "int64",
    "int32",
    "int8",
    "uint8",
    "uint32",
    "uint64",
    "float64",
    "float64",
    "float32",
    "bool",
    "string",
    "string",
    "uuid",
    "bytes",
    "[]int32",
    "[]string",
    "map[string]int64",
    "*int64",
    "*string",
    "Pet",
    "*Pet",
    "Player",
    "[]Pet",
];

static KNOWN: LazyLock<Option<Arc<Schema>>> = LazyLock::new(|| schema::parse(SCHEMA).0);

static NODES: LazyLock<HostNodes> = LazyLock::new(|| {
    let mut nodes = HostNodes::default();
    for number in 0..COUNT {
        let node = declared(number);
        let answering = node.clone();
        // One that is not sound would be missed by the test that all of them are reached.
        let _added = nodes.add(node, move |call| answer(&answering, call));
    }
    nodes
});

static ROWS: LazyLock<[Vec<&'static NodeRow>; 2]> = LazyLock::new(|| {
    let rows = nodes().declarations().nodes().iter().map(host::row);
    let (executing, pure) = rows.partition(|row| row.executing());
    [executing, pure]
});

/// Nodes and their functions.
pub fn nodes() -> &'static HostNodes {
    &NODES
}

/// Their rows: those that stand in the flow only, and the others.
pub fn rows() -> &'static [Vec<&'static NodeRow>; 2] {
    &ROWS
}

fn declared(number: u64) -> HostNode {
    let mut chance = Chance::new(number);
    let chance = &mut chance;
    let name = format!("Host{number}");
    let is_pure = chance.percent(60);
    let mut node = if is_pure { HostNode::pure(&name, "") } else { HostNode::executing(&name, "") };
    for at in 0..chance.below(5) {
        let (name, ty) = (format!("i{at}"), chance.word(&TYPES));
        node = match (chance.below(4), ty) {
            (0, _) => node.optional(&name, ty, ""),
            (1, "int64") => node.default(&name, ty, &Value::Int(-3), ""),
            (1, "float64") => node.default(&name, ty, &Value::Float(0.5), ""),
            (1, "string") => node.default(&name, ty, &Value::from("été"), ""),
            _ => node.input(&name, ty, ""),
        };
    }
    for at in 0..chance.between(usize::from(is_pure), 3) {
        node = node.output(&format!("o{at}"), chance.word(&TYPES), "");
    }
    for _ in 0..chance.below(3) {
        node = node.error(chance.pick(HOST_TRAPS).copied().unwrap_or(TrapCode::Custom));
    }
    node
}

/// Draws outputs of what the inputs are.
fn answer(node: &HostNode, call: &mut HostCall<'_>) -> Result<(), HostError> {
    let mut told = node.name.clone();
    for at in 0..node.inputs.len() {
        told.push_str(&json::to_string(&call.value(at)?));
    }
    told.push_str(&call.now_ms().to_string());
    let hash = told
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mut chance = Chance::new(hash);
    let chance = &mut chance;
    if chance.percent(8)
        && let Some(code) = chance.pick(&node.errors)
    {
        return Err(HostError::new(*code, format!("{} says no to {hash:x}", node.name)));
    }
    for (at, port) in node.outputs.iter().enumerate() {
        if !chance.percent(8) {
            give(call, at, &port.ty, chance)?;
        }
    }
    Ok(())
}

fn give(call: &mut HostCall<'_>, at: usize, ty: &str, chance: &mut Chance) -> Result<(), HostError> {
    let Some(schema) = &*KNOWN else { return Ok(()) };
    let Ok(ty) = schema.parse_type(ty) else { return Ok(()) };
    // What does not fit is refused: now and then.
    let value = if chance.percent(2) { Value::from("no") } else { values::outside(&ty, schema, 1, chance) };
    match (&ty, value) {
        (Type::Int(_), Value::Int(value)) if chance.percent(70) => {
            call.set_int(at, if chance.percent(4) { values::int(chance) } else { value })
        }
        (Type::Int(_), Value::UInt(value)) => call.set_uint(at, value),
        (Type::Float32 | Type::Float64, Value::Float(value)) if chance.percent(70) => call.set_float(at, value),
        (Type::Float32 | Type::Float64, Value::Str(_)) => call.set_float(at, -f64::NAN),
        (Type::Bool, Value::Bool(value)) => call.set_bool(at, value),
        (Type::String, Value::Str(value)) if chance.percent(70) => call.set_text(at, &value),
        (_, value) => call.set_value(at, &value),
    }
}
