//! Draws cases: a schema, a document that mostly passes the checker, a state, and what happens.
//!
//! - [`world`]: schemas and states; `ways`: what can be reached from where
//! - [`crowd`]: lists of many elements, which some worlds have; `sweep`: loops over these; `terms`: what their passes compute
//! - [`pattern`]: the node table's types as patterns
//! - `draft`: a graph while it is drawn; `flow`: its blocks; `draw`: inputs; `fill`: nodes; `special`, `arrays`: rows of which the
//!   table does not tell all
//! - [`values`]: numbers, texts, values from outside

use std::sync::Arc;

use statewright_graph::document::GraphKind;
use statewright_graph::node::{EXAMPLE_EFFECT, EXAMPLE_FILTER, EXAMPLE_FUNCTIONS};
use statewright_types::handler::RESERVED_EVENTS;
use statewright_types::{Type, Value};

use crate::case::{Case, Step};
use crate::chance::Chance;

mod arrays;
pub mod crowd;
mod draft;
mod draw;
mod fill;
mod flow;
pub mod pattern;
mod special;
mod sweep;
mod terms;
pub mod values;
mod ways;
pub mod world;

use crowd::Crowd;
use draft::{Draft, Names, Signature};
use world::World;

/// The case of a seed.
pub fn generate(seed: u64) -> Option<Case> {
    let mut chance = Chance::new(seed);
    let chance = &mut chance;
    let world = World { is_exact: seed % 8 == 6, ..World::draw(chance, Crowd::of(seed))? };
    let names = names(&world, event_names(seed), chance);
    let document = document(&world, &names, chance);
    let steps = steps(&world, &names, chance);
    let fuel = match chance.below(6) {
        0 => chance.between(0, 40) as u64,
        1 => chance.between(40, 300) as u64,
        // Sooner or later, in the middle of a loop over many.
        2 | 3 if world.crowd.is_some() => chance.between(300, 9000) as u64,
        _ if world.crowd.is_some() => 60_000,
        _ => 2000,
    };
    let memory_bytes = match chance.below(6) {
        0 => chance.between(0, 200) as u64,
        1 => chance.between(200, 2000) as u64,
        _ if world.crowd.is_some() => 500_000,
        _ => 50_000,
    };
    Some(Case {
        seed,
        schema: world.text.clone(),
        document,
        config: world.config(),
        state: world.state(chance),
        session_seed: chance.bits() >> 40,
        now_ms: if chance.percent(80) { 10_000 } else { values::int(chance).clamp(0, 1 << 50) },
        players: values::IDS.iter().take(chance.below(4)).map(|id| (*id).to_owned()).collect(),
        fuel,
        memory_bytes,
        steps,
    })
}

const PARAM_TYPES: [&str; 14] = [
    "int64",
    "int32",
    "string",
    "string",
    "float64",
    "bool",
    "[]int32",
    "[]string",
    "[]float64",
    "map[string]int64",
    "*string",
    "uint64",
    "uint8",
    "*int64",
];

fn params(world: &World, structs: bool, most: usize, chance: &mut Chance) -> Vec<(String, Type)> {
    let count = chance.below(most + 1);
    let params = (0..count).filter_map(|number| {
        let ty = match chance.below(10) {
            0 if structs => "Player",
            1 if structs => "Pet",
            _ => chance.word(&PARAM_TYPES),
        };
        Some((format!("p{number}"), world.schema.parse_type(ty).ok()?))
    });
    params.collect()
}

/// What the events of a seed are called that no session has by itself: now and then as nobody would call them, but may. Names of handlers
/// are the same. Nothing is drawn for that.
fn event_names(seed: u64) -> [&'static str; 2] {
    match seed % 32 {
        5 => ["__proto__", "constructor"],
        13 => ["*/ \"; `${go}` //", "\\"],
        21 => ["\u{202e}og", "Go\u{200b}"],
        29 => ["{go}", "zoë’s turn 手番"],
        _ => ["Go", "Other"],
    }
}

fn names(world: &World, [first, second]: [&str; 2], chance: &mut Chance) -> Names {
    let plain = |name: &str, params: Vec<(String, Type)>, returns: Option<Type>| Signature {
        name: name.to_owned(),
        params,
        returns,
        is_bound: true,
        is_view: false,
    };
    let mut functions = Vec::new();
    for number in 0..chance.below(4) {
        let returns = ["int64", "float64", "string", "bool", "Player", "*Player", "[]int64", "map[string]int64"];
        let returns = if chance.percent(75) { world.schema.parse_type(chance.word(&returns)).ok() } else { None };
        functions.push(Signature {
            name: format!("F{number}"),
            params: params(world, true, 3, chance),
            returns,
            is_bound: chance.percent(35),
            is_view: false,
        });
    }
    if let Some(element) = world.view.and_then(|name| world.schema.parse_type(name).ok()) {
        let params = vec![("viewer".to_owned(), Type::String), ("unit".to_owned(), element)];
        functions.push(Signature { is_view: true, ..plain("near", params, Some(Type::Bool)) });
    }
    functions.push(plain("Twice", vec![("x".to_owned(), Type::INT)], Some(Type::INT)));
    functions.push(plain("Nobody", Vec::new(), Some(Type::nullable(Type::String))));
    functions.push(plain("Anyone", Vec::new(), Some(Type::nullable(Type::String))));
    let mut filters = vec![plain("Blind", Vec::new(), None)];
    let mut effects = vec![plain("Double", Vec::new(), None)];
    if chance.percent(40) {
        filters.push(plain("Drawn", params(world, false, 1, chance), None));
    }
    if chance.percent(40) {
        effects.push(plain("Drawn", params(world, false, 1, chance), None));
    }
    let mut events = vec![plain(first, params(world, false, 3, chance), None)];
    if chance.percent(60) {
        events.push(plain(second, params(world, false, 2, chance), None));
    }
    match chance.below(8) {
        0 => events.push(plain("Tick", vec![("delta".to_owned(), Type::INT)], None)),
        1 => events.push(plain("PlayerDisconnect", vec![("playerID".to_owned(), Type::String)], None)),
        2 => events.push(plain("SessionStart", Vec::new(), None)),
        _ => {}
    }
    Names { functions, filters, effects, events }
}

fn graph(
    world: &World,
    names: &Names,
    (kind, signature, at): (GraphKind, &Signature, usize),
    chance: &mut Chance,
) -> Value {
    let (budget, most) = match kind {
        GraphKind::Handler => (chance.between(6, 30), 8),
        GraphKind::Function => (chance.between(2, 12), 4),
        GraphKind::Filter | GraphKind::Effect => (8, 4),
    };
    let variables = chance.below(4);
    let mut draft = Draft::new(world, names, chance, kind, budget);
    draft.is_bound |= kind == GraphKind::Function && signature.is_bound;
    draft.is_view = signature.is_view;
    draft.callable = if kind == GraphKind::Function { at + 1 } else { 0 };
    draft.sendable = if kind == GraphKind::Handler { at + 1 } else { usize::MAX };
    draft.returns = signature.returns.clone();
    let letter = match kind {
        GraphKind::Handler => "n",
        GraphKind::Function => "f",
        GraphKind::Filter => "v",
        GraphKind::Effect => "e",
    };
    draft.prefix = if at == 0 { letter.to_owned() } else { format!("{letter}{at}_") };
    for (name, ty) in &signature.params {
        draft.know(format!("param:{name}"), ty.clone(), None);
    }
    match kind {
        GraphKind::Handler => draft.know("param:senderID".to_owned(), Type::String, None),
        GraphKind::Filter | GraphKind::Function | GraphKind::Effect => {}
    }
    if kind == GraphKind::Filter || signature.is_view {
        draft.know("viewer:id".to_owned(), Type::String, None);
        draft.know("viewer:host".to_owned(), Type::Bool, None);
        if world.has_teams {
            draft.know("viewer:team".to_owned(), Type::String, None);
        }
    }
    for (name, ty) in &world.config {
        draft.know(format!("config:{name}"), ty.clone(), None);
    }
    for number in 0..variables {
        let types =
            [Type::INT, Type::Float64, Type::String, Type::Bool, Type::list(Type::INT), Type::list(Type::String)];
        draft.variables.push((format!("v{number}"), types[draft.chance.below(types.len())].clone()));
    }
    draft.graph(most);
    let mut graph = draft.done(&signature.name, &signature.params);
    if kind == GraphKind::Handler {
        graph.insert(1, ("event", signature.name.as_str().into()));
    }
    Value::map(graph)
}

/// Texts of graphs that stand beside each other.
fn given(texts: &str) -> Vec<Value> {
    match format!("[{texts}]").parse() {
        Ok(Value::List(graphs)) => graphs,
        _ => Vec::new(),
    }
}

fn document(world: &World, names: &Names, chance: &mut Chance) -> Value {
    let mut all = |kind: GraphKind, signatures: &[Signature], most: usize| -> Vec<Value> {
        let some = signatures.iter().enumerate().take(most);
        some.map(|(at, signature)| graph(world, names, (kind, signature, at), chance)).collect()
    };
    let handlers = all(GraphKind::Handler, &names.events, usize::MAX);
    let drawn = |signatures: &[Signature], given: usize| signatures.len().saturating_sub(given);
    let mut functions = all(GraphKind::Function, &names.functions, drawn(&names.functions, 3));
    functions.extend(given(EXAMPLE_FUNCTIONS));
    let of = |kind: GraphKind,
              signatures: &[Signature],
              text: &str,
              all: &mut dyn FnMut(GraphKind, &[Signature], usize) -> Vec<Value>| {
        let mut graphs = given(text);
        graphs.extend(all(kind, signatures.get(1..).unwrap_or(&[]), usize::MAX));
        Value::List(graphs)
    };
    let filters = of(GraphKind::Filter, &names.filters, EXAMPLE_FILTER, &mut all);
    let effects = of(GraphKind::Effect, &names.effects, EXAMPLE_EFFECT, &mut all);
    Value::map([
        ("version", Value::from("1.0")),
        ("handlers", Value::List(handlers)),
        ("functions", Value::List(functions)),
        ("filters", filters),
        ("effects", effects),
    ])
}

fn steps(world: &World, names: &Names, chance: &mut Chance) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut last: Option<&Signature> = None;
    let many = chance.percent(10);
    for _ in 0..if many { chance.between(8, 16) } else { chance.between(2, 7) } {
        if !steps.is_empty() && chance.percent(30) {
            let ms = [0, 1, 10, 10, 30, 30, 60, 60, 100, 100, 1000, 40_000][chance.below(12)];
            steps.push(Step::Advance(ms));
            continue;
        }
        // The same one again finds what the one before has looked up, and writes what it has written.
        let again = last.filter(|_| chance.percent(35));
        let Some(event) = again.or_else(|| chance.pick(&names.events)) else { break };
        last = Some(event);
        let mut params: Vec<(Arc<str>, Value)> = Vec::new();
        for (name, ty) in &event.params {
            if !chance.percent(1) {
                params.push((name.as_str().into(), values::outside(ty, &world.schema, 1, chance)));
            }
        }
        let reserved = RESERVED_EVENTS.contains(&event.name.as_str());
        let sender = if reserved || chance.percent(30) { "" } else { chance.word(&values::IDS) };
        steps.push(Step::Event { event: event.name.clone(), sender: sender.to_owned(), params: Value::Map(params) });
    }
    steps
}
