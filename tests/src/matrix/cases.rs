//! Cases of every node type that follow from rules alone: what it costs, how its inputs fail, in which order, what is
//! undone, what the checker says. Expectations are computed from the rules and the node table, never from a run.

use statewright_graph::check::codes;
use statewright_graph::node::{Effect, Exits, Need, NodeRow, Role, by_name};
use statewright_types::{TrapCode, Value, json};

use super::instance::{Instance, edge, instance, text, with, without};
use super::probe::{WAYS, after_removal, failing, ports, state};
use crate::example;

/// Where generated files look for the schema.
pub const SCHEMA_FILE: &str = "matrix.schema";

/// A generated test file.
pub struct Generated {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Every generated file of a row.
pub fn files(row: &'static NodeRow) -> Vec<Generated> {
    let Some(instance) = instance(row) else { return Vec::new() };
    let mut runs = File::new(row, "runs");
    fuel(row, &instance, &mut runs);
    memory(row, &instance, &mut runs);
    failures(row, &instance, &mut runs);
    order(row, &instance, &mut runs);
    undone(row, &instance, &mut runs);
    evaluated(row, &instance, &mut runs);
    let checks = [computed, missing, in_lambda, in_filter].map(|check| check(row, &instance));
    [Some(runs)].into_iter().chain(checks).flatten().filter_map(File::done).collect()
}

/// How many elements the instance's node visits (R7.3), for each row whose `fuel` says that it visits any.
///
/// By the inputs: two players, a hand of three, two scores, or the literals that the instance gives.
const VISITS: &[(&str, u64)] = &[
    ("AddToArray", 3),
    ("RemoveFromArray", 2),
    ("FindInArray", 2),
    ("IndexOfItem", 2),
    ("FilterArray", 3),
    ("MapArray", 2),
    ("Sum", 2),
    ("Any", 2),
    ("All", 2),
    ("MinBy", 2),
    ("MaxBy", 2),
    ("RemoveWhere", 3),
    ("Reverse", 3),
    ("Slice", 2),
    ("SortBy", 3),
    ("Distinct", 4),
    ("CountBy", 3),
    ("GroupBy", 3),
    ("Average", 2),
    ("Reduce", 3),
    ("FlatMap", 6),
    ("Nearest", 2),
    ("MapKeys", 2),
    ("MapValues", 2),
    ("FilterMap", 2),
    ("CountWhere", 2),
    ("FindWhere", 2),
    ("UpdateWhere", 2),
    ("RollDice", 3),
    ("Shuffle", 2),
    ("WeightedPick", 2),
    ("PointInPolygon", 3),
];

/// How many elements the row's instance visits; `None` if nobody has said so yet.
pub fn visits(row: &NodeRow) -> Option<u64> {
    let known = VISITS.iter().find(|(name, _)| *name == row.name).map(|(_, visits)| *visits);
    known.or((row.fuel.is_empty() || row.exits == Exits::Loop).then_some(0))
}

/// A file about one document that has a handler for each case.
struct File {
    row: &'static NodeRow,
    what: &'static str,
    handlers: Vec<Value>,
    /// Besides the one of the examples.
    filters: Vec<Value>,
    tests: Vec<Value>,
}

impl File {
    fn new(row: &'static NodeRow, what: &'static str) -> File {
        File { row, what, handlers: Vec::new(), filters: Vec::new(), tests: Vec::new() }
    }

    /// Adds a handler; gives its event.
    fn handler(&mut self, instance: &Instance) -> String {
        let event = format!("H{}", self.handlers.len() + 1);
        self.handlers.push(Value::map([
            ("name", Value::from(event.clone())),
            ("event", event.clone().into()),
            ("parameters", Value::List(Vec::new())),
            ("nodes", Value::List(instance.nodes.clone())),
            ("flow", Value::List(instance.edges.clone())),
        ]));
        event
    }

    /// Adds a test that runs the instance once.
    fn run(&mut self, name: String, instance: &Instance, limits: &[(&str, u64)], expect: Value) {
        let step = Value::map([("event", Value::from(self.handler(instance))), ("expect", expect)]);
        let players = Value::List(vec!["ann".into(), "bob".into()]);
        let test = [("name", Value::from(name)), ("players", players), ("state", state())];
        let limits = limits.iter().map(|(name, limit)| (*name, Value::uint(*limit)));
        self.tests.push(Value::map(test.into_iter().chain(limits).chain([("steps", Value::List(vec![step]))])));
    }

    fn done(self) -> Option<Generated> {
        if self.tests.is_empty() {
            return None;
        }
        let joined = |values: &[Value]| values.iter().map(json::to_pretty).collect::<Vec<_>>().join(",\n");
        let filters: String = self.filters.iter().map(|filter| format!(",\n{}", json::to_pretty(filter))).collect();
        let text = example::file(&joined(&self.handlers), &filters, SCHEMA_FILE, &joined(&self.tests));
        Some(Generated { name: format!("{}.{}.test.json", self.row.name, self.what), text })
    }
}

/// An error at the instance's node.
fn error(code: TrapCode, instance: &Instance) -> Value {
    Value::map([("error", Value::from(code.code())), ("at", instance.id.clone().into())])
}

/// R7.3: a node that is reached costs 1, and a node for which no fuel is left stops there; so do its elements.
fn fuel(row: &'static NodeRow, instance: &Instance, file: &mut File) {
    let before = instance.fuel_before();
    let name = format!("R7.3 {} is not reached without fuel", row.name);
    file.run(name, instance, &[("fuel_limit", before)], error(TrapCode::FuelExhausted, instance));
    if visits(row).is_some_and(|visits| visits > 0) || row.exits == Exits::Loop {
        let name = format!("R7.3 {} pays for what it visits", row.name);
        file.run(name, instance, &[("fuel_limit", before + 1)], error(TrapCode::FuelExhausted, instance));
    }
}

/// Whether an evaluated result of the row counts as memory (R7.4): text, collections and structs do.
pub fn weighs(row: &NodeRow) -> bool {
    let heavy = |ty: &str| ["[]", "map", "struct", "string", "record", "any"].iter().any(|begin| ty.starts_with(begin));
    row.charged && row.exits != Exits::Loop && !row.suspends() && row.outputs.iter().any(|port| heavy(port.ty))
}

/// R7.4: a result that weighs anything does not fit where nothing is left.
fn memory(row: &'static NodeRow, instance: &Instance, file: &mut File) {
    if weighs(row) {
        let name = format!("R7.4 {} has no memory for its result", row.name);
        let limits = [("memory_limit", instance.memory_before)];
        file.run(name, instance, &limits, error(TrapCode::MemoryLimit, instance));
    }
}

/// Inputs that the instance's node does not need (R4.4): the branch that is not taken.
const NOT_NEEDED: &[(&str, &str)] = &[("Select", "b")];

/// R2.2, R3.4, R5.2, R5.3, R5.4: each input, given a reference that fails in each of the ways, stops the node.
fn failures(row: &'static NodeRow, instance: &Instance, file: &mut File) {
    for (port, name, value) in ports(row, instance) {
        for way in WAYS {
            let Some(bad) = failing(port, &value, way.path) else { continue };
            let instance = instance.with_inputs(with(&instance.inputs(), &name, bad));
            let stale = way.code == TrapCode::StaleReference;
            let instance = if stale { after_removal(&instance) } else { instance };
            if NOT_NEEDED.contains(&(row.name, port.name)) {
                let title =
                    format!("R4.4 {} does not evaluate its {}, which is {}", row.name, port.name, way.code.code());
                file.run(title, &instance, &[], Value::map([("error", Value::Null)]));
                continue;
            }
            let title = format!("{} {} stops where its {} is {}", way.rule, row.name, port.name, way.code.code());
            file.run(title, &instance, &[], error(way.code, &instance));
        }
        if port.ty == "int64" && port.role == Role::Value {
            let huge = Value::from("state:Probe.Huge");
            let instance = instance.with_inputs(with(&instance.inputs(), &name, huge));
            let title = format!("R3.4 {} stops where its {} does not fit int64", row.name, port.name);
            file.run(title, &instance, &[], error(TrapCode::OutOfRange, &instance));
        }
    }
}

/// R2.6: of two inputs that fail the one declared first is evaluated first. (Paths are looked up when the node acts.)
fn order(row: &'static NodeRow, instance: &Instance, file: &mut File) {
    let values: Vec<_> = ports(row, instance).into_iter().filter(|(port, ..)| port.role == Role::Value).collect();
    let [first_way, second_way, ..] = WAYS else { return };
    for pair in values.windows(2) {
        let [(first, first_name, first_value), (second, second_name, second_value)] = pair else { continue };
        let (Some(a), Some(b)) =
            (failing(first, first_value, first_way.path), failing(second, second_value, second_way.path))
        else {
            continue;
        };
        let inputs = with(&with(&instance.inputs(), first_name, a), second_name, b);
        let instance = instance.with_inputs(inputs);
        let title = format!("R2.6 {} takes its {} before its {}", row.name, first.name, second.name);
        file.run(title, &instance, &[], error(first_way.code, &instance));
    }
}

/// R7.1: what the node did is undone when a later chain of the same activation fails.
fn undone(row: &'static NodeRow, instance: &Instance, file: &mut File) {
    let acts = [Effect::WritesState, Effect::Emits, Effect::ActsOnSession];
    if !row.effects.iter().any(|effect| acts.contains(effect))
        || row.suspends()
        || row.errors.contains(&TrapCode::Custom)
    {
        return;
    }
    let mut instance = instance.clone();
    let fail = r#"{"id": "fail", "type": "Fail", "inputs": {"message": "no"}}"#;
    instance.nodes.extend(fail.parse::<Value>());
    instance.edges.push(edge("start", "fail"));
    let unchanged = state();
    let Value::Map(fields) = &unchanged else { return };
    let fields = fields.iter().flat_map(|(name, value)| deep(name, value)).collect::<Vec<_>>();
    let view = Value::map([("bob", Value::map([("Phase", unchanged.get("Phase").cloned().unwrap_or(Value::Null))]))]);
    let expect = Value::map([
        ("error", TrapCode::Custom.code().into()),
        ("at", "fail".into()),
        ("state", Value::Map(fields)),
        ("events", Value::List(Vec::new())),
        ("view", view),
    ]);
    file.run(format!("R7.1 what {} did is undone by an error", row.name), &instance, &[], expect);
}

/// The paths of a given state, down to what is given completely.
fn deep(path: &str, value: &Value) -> Vec<(std::sync::Arc<str>, Value)> {
    match value {
        Value::Map(entries) if path != "Scores" => {
            entries.iter().flat_map(|(name, value)| deep(&format!("{path}.{name}"), value)).collect()
        }
        Value::List(elements) if matches!(elements.first(), Some(Value::Map(_))) => {
            let each = elements.iter().enumerate();
            let length = (format!("{path}.length").into(), Value::uint(elements.len() as u64));
            each.flat_map(|(at, value)| deep(&format!("{path}[{at}]"), value)).chain([length]).collect()
        }
        _ => vec![(path.into(), value.clone())],
    }
}

/// R4.3, R7.3: in the flow a pure node costs 1 and what it visits; outside only what it visits, for each node that needs
/// it.
fn evaluated(row: &'static NodeRow, instance: &Instance, file: &mut File) {
    let (false, Some(visits)) = (row.executing(), visits(row)) else { return };
    let mut alone = instance.clone();
    alone.edges.retain(|edge| text(edge, "from") != instance.id);
    let (instance, before) = (&alone, instance.fuel_before());
    let read = |name: &str, port: &str| {
        format!(
            r#"{{"id": "{name}", "type": "SetVariable", "inputs": {{"name": "{name}", "value": "node:{}:{port}"}}}}"#,
            instance.id
        )
    };
    let fuel = |fuel: u64| Value::map([("error", Value::Null), ("fuel", Value::uint(fuel))]);
    file.run(
        format!("R4.3 {} in the flow costs 1 and what it visits", row.name),
        instance,
        &[],
        fuel(before + 1 + visits),
    );
    let Some(port) = row.outputs.first() else { return };
    let mut outside = instance.clone();
    outside.nodes.extend(["first", "second"].iter().filter_map(|name| read(name, port.name).parse::<Value>().ok()));
    for edge in outside.edges.iter_mut().filter(|edge| text(edge, "to") == instance.id) {
        *edge = with(edge, "to", "first".into());
    }
    outside.edges.push(edge("first", "second"));
    let name = format!("R4.3 {} outside the flow is evaluated for each node that needs it", row.name);
    file.run(name, &outside, &[], fuel(before + 2 + 2 * visits));
    outside.edges =
        instance.edges.iter().cloned().chain([edge(&instance.id, "first"), edge("first", "second")]).collect();
    let name = format!("R4.3 {} in the flow keeps its value", row.name);
    file.run(name, &outside, &[], fuel(before + 3 + visits));
}

/// A file that is only checked: each of `variants` (a description, the port, an instance) has an error of `code`.
fn checked(
    row: &'static NodeRow,
    what: &'static str,
    rule: &str,
    variants: Vec<(Instance, Option<&'static str>, &'static str)>,
) -> Option<File> {
    let mut file = File::new(row, what);
    let mut expected = Vec::new();
    for (instance, port, code) in variants {
        let handler = file.handler(&instance);
        let entry = [("code", Value::from(code)), ("handler", handler.into()), ("node", instance.id.clone().into())];
        expected.push(Value::map(entry.into_iter().chain(port.map(|port| ("port", port.into())))));
    }
    if expected.is_empty() {
        return None;
    }
    let name = format!("{rule} {}: {what} inputs", row.name);
    file.tests.push(Value::map([("name", Value::from(name)), ("check", Value::List(expected))]));
    Some(file)
}

/// R2.1: constant inputs and paths cannot be computed.
fn computed(row: &'static NodeRow, instance: &Instance) -> Option<File> {
    let constant = row.inputs.iter().filter(|port| matches!(port.role, Role::Constant | Role::Path));
    let variants = constant.filter_map(|port| {
        let mut inputs = instance.inputs();
        let mut names = [port.name].into_iter().chain(port.synonyms.iter().copied());
        let given = match names.find(|name| inputs.get(name).is_some()) {
            Some(given) => given,
            // A path stands for the first input.
            None if port.role == Role::Path => {
                inputs = without(&inputs, row.inputs.first()?.name);
                port.name
            }
            None => return None,
        };
        let value = r#"{"template": "{{state:Phase}}"}"#.parse().unwrap_or(Value::Null);
        Some((instance.with_inputs(with(&inputs, given, value)), Some(port.name), codes::CONSTANT))
    });
    checked(row, "computed", "R2.1", variants.collect())
}

/// R8: required inputs must be given, and unknown ones must not.
fn missing(row: &'static NodeRow, instance: &Instance) -> Option<File> {
    let inputs = instance.inputs();
    let given =
        |port: &&statewright_graph::node::InputPort| port.need == Need::Required && inputs.get(port.name).is_some();
    let lacking = row
        .inputs
        .iter()
        .filter(given)
        .map(|port| (instance.with_inputs(without(&inputs, port.name)), None, codes::MISSING_INPUT));
    let unknown = instance.with_inputs(with(&inputs, "noSuchInput", Value::Int(1)));
    checked(row, "missing", "R8", lacking.chain([(unknown, None, codes::PORT)]).collect())
}

/// R4.4: an input that is evaluated for each element cannot need a node that only runs in the flow.
fn in_lambda(row: &'static NodeRow, instance: &Instance) -> Option<File> {
    let lambdas = row.inputs.iter().filter(|port| port.role == Role::Lambda).map(|port| {
        // What else says what to compute, or which elements.
        let others = ["field", "op", "value", "index"].iter().filter(|name| **name != port.name);
        let inputs = others.fold(instance.inputs(), |inputs, name| without(&inputs, name));
        let mut instance = instance.with_inputs(with(&inputs, port.name, "node:executing:value".into()));
        let node = r#"{"id": "executing", "type": "SetVariable", "inputs": {"name": "executing", "value": true}}"#;
        instance.nodes.extend(node.parse::<Value>());
        (instance, Some(port.name), codes::LAMBDA)
    });
    checked(row, "executing", "R4.4", lambdas.collect())
}

/// R6.2, R6.3, R5.8: what filters must not do.
fn in_filter(row: &'static NodeRow, instance: &Instance) -> Option<File> {
    let forbidden = [Effect::Emits, Effect::Draws, Effect::Suspends, Effect::ActsOnSession];
    let effect = row.effects.iter().find(|effect| forbidden.contains(effect))?;
    let rule = match effect {
        Effect::Draws => "R6.2",
        Effect::Suspends => "R6.3",
        _ => "R5.8",
    };
    // The node alone, without others that a filter must not have.
    let mut alone = Instance { edges: vec![edge("start", &instance.id)], ..instance.clone() };
    alone
        .nodes
        .retain(|node| text(node, "id") == alone.id || by_name(text(node, "type")).is_some_and(|row| !row.executing()));
    let mut file = checked(row, "filter", rule, vec![(alone, None, codes::IN_FILTER)])?;
    file.filters = std::mem::take(&mut file.handlers).iter().map(|handler| without(handler, "event")).collect();
    Some(file)
}

/// Whether any input of the row's instance can be given a reference.
pub fn takes_references(row: &'static NodeRow) -> bool {
    instance(row).is_some_and(|instance| !ports(row, &instance).is_empty())
}

/// Whether an input of the row's instance is an int64.
pub fn takes_int64(row: &'static NodeRow) -> bool {
    let int64 = |port: &statewright_graph::node::InputPort| port.ty == "int64" && port.role == Role::Value;
    instance(row).is_some_and(|instance| ports(row, &instance).iter().any(|(port, ..)| int64(port)))
}

/// Whether the row's instance has two values whose order shows.
pub fn takes_two(row: &'static NodeRow) -> bool {
    let value = |port: &statewright_graph::node::InputPort| port.role == Role::Value;
    instance(row).is_some_and(|instance| ports(row, &instance).iter().filter(|(port, ..)| value(port)).count() >= 2)
}
