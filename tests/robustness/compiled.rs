//! Documents made to hurt whoever compiles them: what is too large is refused before much is done, everything else is compiled.
//! `cargo xtask hostile --on jit` has times and memory of all of [`hostile`](crate::hostile).

use statewright_types::Limits;

use crate::hostile::{SCHEMA, chained, edge, handler, many, node};
use crate::pipeline::{Reached, Way, run_on};

/// Little fuel: what is compiled need not run for long.
const LIMITS: Limits = Limits { fuel: 100_000, memory_bytes: 1 << 24, string_bytes: 1 << 20, entries: 100_000 };

/// Takes a document to machine code, and to source in both languages, on a stack like that of a thread.
fn all_ways(document: &str) -> Reached {
    let run = |way| {
        let document = document.to_owned();
        let run = move || run_on(way, document, SCHEMA, "{}", LIMITS);
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread");
        thread.join().expect("no panic")
    };
    assert_eq!((run(Way::Rust), run(Way::Js)), (Reached::Run, Reached::Run));
    run(Way::Jit)
}

fn increments(count: usize) -> String {
    handler(&many(count, |n| node(format!("n{n}"), "Increment", r#""path": "N""#)), &chained(count))
}

#[test]
fn a_handler_that_is_too_long_is_refused() {
    assert_eq!(all_ways(&increments(500)), Reached::Run);
    assert_eq!(all_ways(&increments(10_000)), Reached::Refused);
}

#[test]
fn a_literal_that_is_too_large_is_refused() {
    let literal = |count: usize| {
        let numbers = many(count, |n| n.to_string()).join(",");
        handler(&[node("n0", "SetField", &format!(r#""path": "L", "value": [{numbers}]"#))], &chained(1))
    };
    assert_eq!(all_ways(&literal(300)), Reached::Run);
    assert_eq!(all_ways(&literal(100_000)), Reached::Refused);
}

#[test]
fn texts_of_megabytes_are_no_code() {
    let text = "x".repeat(1 << 20);
    let nodes = [node("n0", "SetField", &format!(r#""path": "S", "value": "{text}""#))];
    assert_eq!(all_ways(&handler(&nodes, &chained(1))), Reached::Run);
    // Nor are ids.
    let id = format!("n{text}");
    let nodes = [node(&id, "Increment", r#""path": "N""#)];
    assert_eq!(all_ways(&handler(&nodes, &[edge("start", &id, "")])), Reached::Run);
}

#[test]
fn branches_within_branches() {
    // Each leads to the next and to the end of all.
    let depth = 1_000;
    let compare =
        many(depth, |n| node(format!("c{n}"), "Compare", &format!(r#""left": "state:N", "op": ">", "right": {n}"#)));
    let ifs = many(depth, |n| node(format!("n{n}"), "If", &format!(r#""condition": "node:c{n}:result""#)));
    let last = node("last", "Increment", r#""path": "N""#);
    let nodes: Vec<String> = compare.into_iter().chain(ifs).chain([last]).collect();
    let mut flow = vec![edge("start", "n0", "")];
    flow.extend(many(depth - 1, |n| edge(format!("n{n}"), format!("n{}", n + 1), "true")));
    flow.extend(many(depth, |n| edge(format!("n{n}"), "last", "false")));
    assert_eq!(all_ways(&handler(&nodes, &flow)), Reached::Run);
}

#[test]
fn functions_that_call_functions() {
    // As deep as calls may nest; each keeps something across its call.
    let depth = 60;
    let function = |n: usize| {
        let call = format!(r#""function": "f{}", "args": {{"a": "param:a"}}"#, n + 1);
        let (nodes, value) = match n + 1 < depth {
            true => (
                vec![node("c", "CallFunction", &call), node("s", "Add", r#""a": "node:c:result", "b": "param:a""#)],
                "node:s:result",
            ),
            false => (Vec::new(), "param:a"),
        };
        let nodes: Vec<String> =
            nodes.into_iter().chain([node("r", "Return", &format!(r#""value": "{value}""#))]).collect();
        let flow =
            if n + 1 < depth { vec![edge("start", "c", ""), edge("c", "r", "")] } else { vec![edge("start", "r", "")] };
        format!(
            r#"{{"name": "f{n}", "parameters": [{{"name": "a", "type": "int64"}}], "returnType": "int64", "nodes": [{}], "flow": [{}]}}"#,
            nodes.join(","),
            flow.join(",")
        )
    };
    let handler = format!(
        r#"{{"name": "H", "event": "H", "parameters": [], "nodes": [{}], "flow": [{}]}}"#,
        [
            node("c", "CallFunction", r#""function": "f0", "args": {"a": 1}"#),
            node("k", "SetField", r#""path": "N", "value": "node:c:result""#)
        ]
        .join(","),
        [edge("start", "c", ""), edge("c", "k", "")].join(",")
    );
    let document = format!(r#"{{"handlers": [{handler}], "functions": [{}]}}"#, many(depth, function).join(","));
    assert_eq!(all_ways(&document), Reached::Run);
}

#[test]
fn thousands_of_handlers() {
    let handlers = many(1_000, |n| {
        let nodes = node("n", "Increment", r#""path": "N""#);
        format!(
            r#"{{"name": "H{n}", "event": "E{n}", "parameters": [], "nodes": [{nodes}], "flow": [{}]}}"#,
            edge("start", "n", "")
        )
    });
    assert_eq!(all_ways(&format!(r#"{{"handlers": [{}]}}"#, handlers.join(","))), Reached::Run);
}
