//! Handlers that a host calls itself, and what they write in place: the same as under the interpreter, to the bit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use statewright_graph::CompileOptions;
use statewright_graph::build::build;
use statewright_interpreter::{Interpreter, ProgramTables};
use statewright_jit::Jit;
use statewright_runtime::context::{Context, Meter, Outbox};
use statewright_runtime::host::{HostError, HostNodes};
use statewright_runtime::ledger::Ledger;
use statewright_runtime::program::{Outcome, Program};
use statewright_runtime::state::State;
use statewright_types::host::HostNode;
use statewright_types::random::splitmix64;
use statewright_types::{Limits, TrapCode};

const SCHEMA: &str = "
type Item {
    ID    int64
    Score int16
    Heat  float32
}

@root(active)
type Game {
    A     bool
    B     int8
    C     uint8
    D     int16
    E     uint16
    F     int32
    G     uint32
    H     int64
    I     uint64
    J     float32
    K     float64
    Items []Item @key(ID)
}
";

/// Names and types.
const FIELDS: [(&str, &str); 11] = [
    ("A", "bool"),
    ("B", "int8"),
    ("C", "uint8"),
    ("D", "int16"),
    ("E", "uint16"),
    ("F", "int32"),
    ("G", "uint32"),
    ("H", "int64"),
    ("I", "uint64"),
    ("J", "float32"),
    ("K", "float64"),
];

/// A document on both executions.
struct Both {
    schema: Arc<statewright_types::Schema>,
    root: statewright_types::StructId,
    interpreter: Interpreter,
    jit: Jit,
}

impl Both {
    fn new(document: &str, hosts: &HostNodes) -> Both {
        let options = CompileOptions { host_nodes: hosts.declarations().clone(), ..CompileOptions::default() };
        let built = build(&Arc::from(document), SCHEMA, &options);
        let (Some(module), Some(schema), Some(root)) = (&built.module, &built.schema, built.main_root) else {
            panic!("{:?} {:?}", built.schema_diagnostics, built.document_diagnostics);
        };
        let tables = || ProgramTables::new(module, built.handlers.clone(), built.document_hash);
        let jit = Jit::new(module, tables(), hosts).unwrap_or_else(|error| panic!("{error}"));
        let interpreter = Interpreter::with_tables(module, tables(), hosts);
        Both { schema: schema.clone(), root, interpreter, jit }
    }

    fn state(&self) -> State {
        let mut state = State::new(self.schema.clone(), self.root, 1);
        let text = r#"{"Items": [{"ID": 1}, {"ID": 2, "Heat": 0.5}, {"ID": 3, "Score": 5}]}"#;
        let tree = statewright_types::json::parse(text).expect("it is JSON");
        assert!(state.load_json(&tree).is_empty());
        drop(state.take_changes());
        state
    }
}

/// Runs `body` with a context, in a transaction that is kept if it gives true.
fn transaction<R>(state: &mut State, fuel: u64, body: impl FnOnce(&mut Context<'_>) -> (R, bool)) -> (R, u64) {
    let name: Arc<str> = Arc::from("H");
    let mut meter = Meter::new(Limits { fuel, ..Limits::default() });
    let (mut outbox, mut ledger) = (Outbox::default(), Ledger::new(0));
    state.begin();
    let (result, keep) = body(&mut Context {
        state: &mut *state,
        meter: &mut meter,
        now_ms: 0,
        host: "",
        sender: "",
        handler: &name,
        outbox: &mut outbox,
        players: &[],
        ledger: &mut ledger,
        effects: None,
        arrived: None,
        tracer: None,
    });
    if keep {
        state.commit();
    } else {
        state.rollback();
    }
    (result, meter.fuel)
}

fn chain(ids: &[String]) -> String {
    let mut before = "start".to_owned();
    let mut edges = Vec::new();
    for id in ids {
        edges.push(format!(r#"{{"from": "{before}", "to": "{id}"}}"#));
        before.clone_from(id);
    }
    edges.join(", ")
}

/// Writes every kind of number, of the root and of an element, then divides by a parameter: which may stop it.
fn writing() -> String {
    let mut nodes = Vec::new();
    let mut ids = Vec::new();
    for (name, _) in FIELDS {
        ids.push(name.to_owned());
        let path = format!(r#"{{"path": "{name}", "value": "param:{name}"}}"#);
        nodes.push(format!(r#"{{"id": "{name}", "type": "SetField", "inputs": {path}}}"#));
    }
    for (id, field, value) in [("score", "Score", "param:D"), ("heat", "Heat", "param:J")] {
        ids.push(id.to_owned());
        let path = format!(r#"{{"path": "Items[param:H:ID].{field}", "value": "{value}"}}"#);
        nodes.push(format!(r#"{{"id": "{id}", "type": "SetField", "inputs": {path}}}"#));
    }
    nodes.push(r#"{"id": "by", "type": "Modulo", "inputs": {"a": 7, "b": "param:by"}}"#.into());
    nodes.push(r#"{"id": "last", "type": "SetField", "inputs": {"path": "H", "value": "node:by:result"}}"#.into());
    ids.push("last".into());
    let mut params: Vec<String> =
        FIELDS.iter().map(|(name, ty)| format!(r#"{{"name": "{name}", "type": "{ty}"}}"#)).collect();
    params.push(r#"{"name": "by", "type": "int64"}"#.into());
    format!(
        r#"{{"version": "1.0", "handlers": [{{"name": "H", "event": "H", "parameters": [{}], "nodes": [{}], "flow": [{}]}}]}}"#,
        params.join(", "),
        nodes.join(", "),
        chain(&ids)
    )
}

/// A slot of a type, often one of few, so that some are what is there already.
fn slot(ty: &str, state: &mut u64) -> u64 {
    let bits = splitmix64(state);
    let bits = if bits & 1 == 0 { bits % 3 } else { bits >> 1 };
    match ty {
        "bool" => bits & 1,
        "int8" => bits as i8 as i64 as u64,
        "uint8" => u64::from(bits as u8),
        "int16" => bits as i16 as i64 as u64,
        "uint16" => u64::from(bits as u16),
        "int32" => bits as i32 as i64 as u64,
        "uint32" => u64::from(bits as u32),
        "float32" => f64::from(f32::from_bits(bits as u32)).to_bits(),
        // NaNs with all kinds of content are among them.
        "float64" if bits % 5 == 0 => f64::NAN.to_bits() | bits >> 13,
        _ => bits,
    }
}

#[test]
fn what_is_written_in_place_is_marked_and_taken_back() {
    let both = Both::new(&writing(), &HostNodes::default());
    let entry = both.jit.handler("H").expect("there is one");
    let seed = 0x5eed;
    let mut draw = seed;
    let (mut plain, mut direct) = (both.state(), both.state());
    let mut stopped = 0;
    for round in 0..400 {
        let batch: Vec<Vec<u64>> = (0..splitmix64(&mut draw) % 12)
            .map(|_| {
                let mut args = vec![0];
                args.extend(FIELDS.map(|(name, ty)| match name {
                    "H" => splitmix64(&mut draw) % 3 + 1,
                    _ => slot(ty, &mut draw),
                }));
                args.push(u64::from(!splitmix64(&mut draw).is_multiple_of(8)));
                args
            })
            .collect();
        let keep = !splitmix64(&mut draw).is_multiple_of(4);
        let (expected, left) = transaction(&mut plain, 10_000, |cx| {
            let outcomes: Vec<Outcome> = batch.iter().map(|args| both.interpreter.run(0, args, cx)).collect();
            (outcomes, keep)
        });
        let (given, compiled_left) = transaction(&mut direct, 10_000, |cx| {
            let mut calls = entry.calls(cx);
            let one = |args: &Vec<u64>| calls.call(args).map_or_else(|outcome| *outcome, |()| Outcome::Done);
            let outcomes: Vec<Outcome> = batch.iter().map(one).collect();
            drop(calls);
            (outcomes, keep)
        });
        stopped += expected.iter().filter(|outcome| **outcome != Outcome::Done).count();
        let at = format!("seed {seed:#x}, round {round}");
        assert_eq!(given, expected, "{at}");
        assert_eq!(compiled_left, left, "{at}: fuel");
        assert_eq!(direct.canonical_bytes(), plain.canonical_bytes(), "{at}");
        assert_eq!(format!("{:?}", direct.changes()), format!("{:?}", plain.changes()), "{at}");
        assert_eq!(direct.statistics(), plain.statistics(), "{at}");
        if splitmix64(&mut draw).is_multiple_of(3) {
            let changes = [&mut plain, &mut direct].map(|state| format!("{:?}", state.take_changes()));
            assert_eq!(changes[0], changes[1], "{at}");
        }
    }
    assert!(stopped > 100, "only {stopped} stopped");
}

fn one_node(node: &str, output: &str, field: &str, inputs: &str, params: &str) -> String {
    format!(
        r#"{{"version": "1.0", "handlers": [{{"name": "H", "event": "H", "parameters": [{params}],
        "nodes": [{{"id": "n", "type": "{node}", "inputs": {{{inputs}}}}},
        {{"id": "set", "type": "SetField", "inputs": {{"path": "{field}", "value": "node:n:{output}"}}}}],
        "flow": [{{"from": "start", "to": "set"}}]}}]}}"#
    )
}

/// What both executions leave after a call, with how it ended and the fuel left.
fn run_both(both: &Both, args: &[u64]) -> String {
    let mut told = Vec::new();
    for program in [&both.interpreter as &dyn Program, &both.jit] {
        let mut state = both.state();
        let (outcome, fuel) = transaction(&mut state, 1_000, |cx| (program.run(0, args, cx), true));
        let outcome = match outcome {
            Outcome::Trapped(trap) => format!("{} at {:?}: {:?}", trap.code, trap.node, trap.message),
            other => format!("{other:?}"),
        };
        told.push(format!("{outcome}, {fuel} left, {:?}", state.to_value()));
    }
    assert_eq!(told[0], told[1]);
    told.swap_remove(0)
}

#[test]
fn host_nodes_of_numbers_are_called_where_they_are() {
    let node =
        |name: &str| HostNode::pure(name, "").input("i", "int16", "").input("f", "float64", "").input("b", "bool", "");
    let mut hosts = HostNodes::default();
    hosts
        .add_numbers(
            node("Whole").input("u", "uint64", "").output("out", "int64", ""),
            |i: i64, f: f64, b: bool, u: u64| i + f as i64 + i64::from(b) + u as i64,
        )
        .expect("it fits");
    hosts
        .add_numbers(node("Part").output("out", "float64", ""), |i: i64, f: f64, b: bool| {
            if b { Ok(i as f64 / f) } else { Err(HostError::new(TrapCode::NotFound, "nothing here")) }
        })
        .expect("it fits");
    hosts
        .add_numbers(node("Is").output("out", "bool", ""), |i: i64, f: f64, b: bool| i as f64 > f || b)
        .expect("it fits");
    let params = r#"{"name": "i", "type": "int16"}, {"name": "f", "type": "float64"}, {"name": "b", "type": "bool"}"#;
    let inputs = r#""i": "param:i", "f": "param:f", "b": "param:b""#;
    let whole = Both::new(&one_node("Whole", "out", "H", &format!(r#"{inputs}, "u": 1000"#), params), &hosts);
    let told = run_both(&whole, &[0, -7i64 as u64, 2.5f64.to_bits(), 1]);
    assert!(told.contains("Done") && told.contains("Int(996)"), "{told}");
    let part = Both::new(&one_node("Part", "out", "K", inputs, params), &hosts);
    let told = run_both(&part, &[0, 3, 2.0f64.to_bits(), 1]);
    assert!(told.contains("Float(1.5)"), "{told}");
    let told = run_both(&part, &[0, 0, 0.0f64.to_bits(), 1]);
    assert!(told.contains("Float(NaN)"), "{told}");
    let told = run_both(&part, &[0, 3, 2.0f64.to_bits(), 0]);
    assert!(told.contains("not_found at Some(\"n\")") && told.contains("nothing here"), "{told}");
    let is = Both::new(&one_node("Is", "out", "A", inputs, params), &hosts);
    assert!(run_both(&is, &[0, 3, 2.0f64.to_bits(), 0]).contains("Bool(true)"));
    assert!(run_both(&is, &[0, 1, 2.0f64.to_bits(), 0]).contains("Bool(false)"));
}

#[test]
fn functions_that_do_not_fit_their_declaration_are_refused() {
    let mut hosts = HostNodes::default();
    let node = |ty: &str, out: &str| HostNode::pure("N", "").input("i", ty, "").output("out", out, "");
    for (ty, out) in
        [("int64", "int32"), ("uint64", "int64"), ("*int64", "int64"), ("string", "int64"), ("bool", "int64")]
    {
        assert!(hosts.add_numbers(node(ty, out), |i: i64| i).is_err(), "{ty} {out}");
    }
    assert!(hosts.add_numbers(node("int64", "int64"), || 1i64).is_err(), "an input too few");
    let two = node("int64", "int64").output("more", "int64", "");
    assert!(hosts.add_numbers(two, |i: i64| i).is_err(), "an output too many");
    assert!(hosts.add_numbers(node("int64", "int64"), |i: i64| i).is_ok(), "nothing was left of the others");
}

#[test]
fn a_host_node_that_panics_does_so_where_the_handler_was_called() {
    let mut hosts = HostNodes::default();
    let node = HostNode::pure("N", "").input("i", "int64", "").output("out", "int64", "");
    let function = |i: i64| if i == 13 { panic!("no thirteen") } else { i };
    hosts.add_numbers(node, function).expect("it fits");
    let params = r#"{"name": "i", "type": "int64"}"#;
    let both = Both::new(&one_node("N", "out", "H", r#""i": "param:i""#, params), &hosts);
    let mut state = both.state();
    let (text, _) = transaction(&mut state, 1_000, |cx| {
        let panic = catch_unwind(AssertUnwindSafe(|| both.jit.run(0, &[0, 13], cx))).expect_err("it panics");
        (panic.downcast_ref::<&str>().map(|text| (*text).to_owned()), false)
    });
    assert_eq!(text.as_deref(), Some("no thirteen"));
    assert!(run_both(&both, &[0, 12]).contains("Int(12)"), "and can be called again");
}

#[test]
fn calls_share_their_fuel_and_go_on_after_a_trap() {
    let document =
        one_node("Divide", "result", "K", r#""a": 1.0, "b": "param:by""#, r#"{"name": "by", "type": "float64"}"#);
    let both = Both::new(&document, &HostNodes::default());
    let entry = both.jit.handler("H").expect("there is one");
    assert!(both.jit.handler("None").is_none());
    let mut state = both.state();
    let (outcomes, left) = transaction(&mut state, 3, |cx| {
        let mut calls = entry.calls(cx);
        let outcomes: Vec<bool> = (0..5).map(|_| calls.call(&[0, 4.0f64.to_bits()]).is_ok()).collect();
        drop(calls);
        (outcomes, true)
    });
    assert_eq!((outcomes, left), (vec![true, true, true, false, false], 0));
    // Arguments that are missing are 0.
    let (outcome, _) = transaction(&mut state, 3, |cx| (entry.calls(cx).call(&[]).is_ok(), true));
    let (expected, _) = transaction(&mut state, 3, |cx| (both.interpreter.run(0, &[], cx) == Outcome::Done, true));
    assert_eq!(outcome, expected);
}
