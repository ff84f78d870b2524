//! Documents made to hurt: large, deep, wide, endless. Each ends soon, in little memory and on a small stack.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::pipeline::{Broken, Reached, Way, run_with};
use statewright_types::Limits;

pub const SCHEMA: &str = "@helper\ntype Item {\n  ID string\n  N int64\n}\n@root(active)\ntype Game {\n  N int64\n  S string\n  L []int64\n  M map[string]int64\n  Items []Item @key(ID)\n  Best *Item\n}\n";

/// A thread's stack: whatever a document nests must not take the caller's.
const STACK_BYTES: usize = 1 << 20;

/// How many documents this process has met.
static MET: AtomicUsize = AtomicUsize::new(0);

/// `cargo xtask hostile` measures one document of one test in a process: the others are left out. The number of the one
/// that counts is in the environment.
fn is_left_out() -> bool {
    let Some(only) = std::env::var("STATEWRIGHT_HOSTILE").ok().and_then(|only| only.parse::<usize>().ok()) else {
        return false;
    };
    let left_out = MET.fetch_add(1, Ordering::SeqCst) != only;
    if !left_out {
        println!("hostile: measured");
    }
    left_out
}

/// Runs a document on a small stack.
fn on_small_stack(document: String, limits: Limits) -> Reached {
    let run = move || run_with(document, SCHEMA, "{}", limits);
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread");
    thread.join().expect("no panic")
}

/// A document of one handler.
pub fn handler(nodes: &[String], flow: &[String]) -> String {
    // One text of the right size from the start: what the test needs is measured too.
    let bytes: usize = nodes.iter().chain(flow).map(|part| part.len() + 2).sum();
    let mut document = String::with_capacity(bytes + 100);
    let lists = [
        (r#"{"handlers": [{"name": "H", "event": "H", "parameters": [], "nodes": ["#, nodes),
        (r#"], "flow": ["#, flow),
    ];
    for (head, parts) in lists {
        document.push_str(head);
        for (index, part) in parts.iter().enumerate() {
            document.push_str(if index > 0 { ",\n" } else { "" });
            document.push_str(part);
        }
    }
    document.push_str("]}]}");
    document
}

pub fn node(id: impl std::fmt::Display, ty: &str, inputs: &str) -> String {
    format!(r#"{{"id": "{id}", "type": "{ty}", "inputs": {{{inputs}}}}}"#)
}

pub fn edge(from: impl std::fmt::Display, to: impl std::fmt::Display, label: &str) -> String {
    let label = if label.is_empty() { String::new() } else { format!(r#", "label": "{label}""#) };
    format!(r#"{{"from": "{from}", "to": "{to}"{label}}}"#)
}

/// `n0`, `n1`, … one after the other.
pub fn chained(count: usize) -> Vec<String> {
    let steps = (1..count).map(|n| edge(format!("n{}", n - 1), format!("n{n}"), ""));
    std::iter::once(edge("start", "n0", "")).chain(steps).collect()
}

pub fn many(count: usize, make: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(make).collect()
}

fn runs(document: impl FnOnce() -> String) {
    if is_left_out() {
        return;
    }
    // What machine code is not made of is told; nothing else keeps it from running.
    let reached = on_small_stack(document(), Limits::default());
    assert!(reached == Reached::Run || reached == Reached::Refused && Way::asked() == Way::Jit, "{reached:?}");
}

fn is_refused(document: impl FnOnce() -> String) {
    if is_left_out() {
        return;
    }
    assert_eq!(on_small_stack(document(), Limits::default()), Reached::Errors);
}

fn ends(document: impl FnOnce() -> String) {
    if is_left_out() {
        return;
    }
    on_small_stack(document(), Limits::default());
}

#[test]
fn ten_thousand_nodes_in_a_chain() {
    runs(|| handler(&many(10_000, |n| node(format!("n{n}"), "Increment", r#""path": "N""#)), &chained(10_000)));
}

#[test]
fn ten_thousand_nodes_that_read_the_first_and_the_last() {
    let read = |n: usize| {
        let before = n.saturating_sub(1);
        let inputs = if n == 0 {
            r#""a": 1, "b": 2"#.into()
        } else {
            format!(r#""a": "node:n0:result", "b": "node:n{before}:result""#)
        };
        node(format!("n{n}"), "Max", &inputs)
    };
    runs(|| handler(&many(10_000, read), &chained(10_000)));
}

#[test]
fn ten_thousand_aliases() {
    let read = |n: usize| {
        let value = if n == 0 { "1".into() } else { format!(r#"{{"template": "{{{{a{}}}}}"}}"#, n / 2) };
        format!(
            r#"{{"id": "n{n}", "type": "Constant", "inputs": {{"value": {value}}}, "outputs": {{"value": "a{n}"}}}}"#
        )
    };
    runs(|| handler(&many(10_000, read), &chained(10_000)));
}

#[test]
fn ten_thousand_ifs_in_sequence() {
    let nodes = many(10_000, |n| node(format!("n{n}"), "If", r#""condition": true"#));
    runs(|| handler(&nodes, &chained(10_000)));
}

#[test]
fn ten_thousand_ifs_with_a_branch_each() {
    let nodes = many(20_000, |n| match n % 2 {
        0 => node(format!("n{}", n / 2), "If", r#""condition": true"#),
        _ => node(format!("x{}", n / 2), "Increment", r#""path": "N""#),
    });
    let mut flow = chained(10_000);
    flow.extend(many(10_000, |n| edge(format!("n{n}"), format!("x{n}"), "true")));
    runs(|| handler(&nodes, &flow));
}

#[test]
fn ten_thousand_nested_ifs() {
    let nodes = many(10_000, |n| node(format!("n{n}"), "If", r#""condition": true"#));
    let mut flow = vec![edge("start", "n0", "")];
    flow.extend(many(9_999, |n| edge(format!("n{n}"), format!("n{}", n + 1), "true")));
    runs(|| handler(&nodes, &flow));
}

#[test]
fn ten_thousand_nested_ifs_that_all_join() {
    let mut nodes = many(10_000, |n| node(format!("n{n}"), "If", r#""condition": true"#));
    nodes.push(node("last", "Increment", r#""path": "N""#));
    let mut flow = vec![edge("start", "n0", "")];
    flow.extend(many(9_999, |n| edge(format!("n{n}"), format!("n{}", n + 1), "true")));
    flow.extend(many(10_000, |n| edge(format!("n{n}"), "last", "")));
    runs(|| handler(&nodes, &flow));
}

#[test]
fn two_thousand_null_checks() {
    let mut nodes = many(2_000, |n| node(format!("n{n}"), "If", &format!(r#""condition": "node:c{n}:result""#)));
    nodes.extend(many(2_000, |n| node(format!("c{n}"), "IsNull", r#""value": "state:Best""#)));
    nodes.extend(many(2_000, |n| node(format!("s{n}"), "SetField", r#""path": "N", "value": "state:Best.N""#)));
    let mut flow = vec![edge("start", "n0", "")];
    flow.extend(many(2_000, |n| edge(format!("n{n}"), format!("s{n}"), "false")));
    flow.extend(many(1_999, |n| edge(format!("s{n}"), format!("n{}", n + 1), "")));
    runs(|| handler(&nodes, &flow));
}

#[test]
fn two_thousand_loops_in_sequence() {
    let nodes = many(2_000, |n| node(format!("n{n}"), "Repeat", r#""count": 2"#));
    let mut flow = vec![edge("start", "n0", "")];
    flow.extend(many(1_999, |n| edge(format!("n{n}"), format!("n{}", n + 1), "done")));
    runs(|| handler(&nodes, &flow));
}

#[test]
fn two_thousand_nested_loops() {
    for ty in [
        ("Repeat", r#""count": 1"#),
        ("ForEach", r#""array": "state:Items""#),
        ("While", r#""condition": "state:Best""#),
    ] {
        let nodes = many(2_000, |n| node(format!("n{n}"), ty.0, ty.1));
        let mut flow = vec![edge("start", "n0", "")];
        flow.extend(many(1_999, |n| edge(format!("n{n}"), format!("n{}", n + 1), "body")));
        ends(|| handler(&nodes, &flow));
    }
}

#[test]
fn chains_of_pure_nodes_outside_the_flow() {
    let kinds = [
        ("Add", "\"a\": \"node:p{}:result\", \"b\": 1", "\"a\": 1, \"b\": 1"),
        ("Add", "\"a\": \"node:p{}:result\", \"b\": \"node:p{}:result\"", "\"a\": 1, \"b\": 1"),
        ("And", "\"a\": true, \"b\": \"node:p{}:result\"", "\"a\": true, \"b\": true"),
        (
            "Select",
            "\"condition\": true, \"a\": 1, \"b\": \"node:p{}:result\"",
            "\"condition\": true, \"a\": 1, \"b\": 2",
        ),
        (
            "Select",
            "\"condition\": true, \"a\": \"node:p{}:result\", \"b\": \"node:p{}:result\"",
            "\"condition\": true, \"a\": 1, \"b\": 2",
        ),
        ("Coalesce", "\"values\": [\"state:Best.N\", \"node:p{}:result\"]", "\"values\": [1, 2]"),
        ("MapArray", "\"array\": \"node:p{}:result\", \"value\": \"node:p{}:result\"", "\"array\": [1], \"value\": 2"),
    ];
    for (ty, inputs, first) in kinds {
        for length in [20, 110, 10_000] {
            let mut nodes = many(length, |n| {
                let inputs = if n == 0 { first.to_owned() } else { inputs.replace("{}", &(n - 1).to_string()) };
                node(format!("p{n}"), ty, &inputs)
            });
            let last = length - 1;
            nodes.push(node(
                "n0",
                "EmitToAll",
                &format!(r#""eventType": "E", "payload": {{"x": "node:p{last}:result"}}"#),
            ));
            ends(|| handler(&nodes, &chained(1)));
        }
    }
}

#[test]
fn deep_literals_in_a_chain_of_pure_nodes() {
    for depth in [2, 40, 50] {
        let wrap = |value: &str| format!("{}{value}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let mut nodes = many(110, |n| match n {
            0 => node("p0", "Constant", &format!(r#""value": {}"#, wrap("1"))),
            _ => {
                let inner = format!("\"node:p{}:value{}\"", n - 1, ".a".repeat(depth));
                node(format!("p{n}"), "Constant", &format!(r#""value": {}"#, wrap(&inner)))
            }
        });
        nodes.push(node("n0", "EmitToAll", r#""eventType": "E", "payload": {"x": "node:p109:value"}"#));
        ends(|| handler(&nodes, &chained(1)));
    }
}

#[test]
fn choices_between_many() {
    let values = many(10_000, |_| "\"state:Best\"".to_owned()).join(",");
    let choice = node("c", "Coalesce", &format!(r#""values": [{values}]"#));
    let tell = node("n0", "EmitToAll", r#""eventType": "E", "payload": {"x": "node:c:result"}"#);
    is_refused(|| handler(&[tell, choice], &chained(1)));
}

#[test]
fn records_that_double() {
    let nodes = many(60, |n| match n {
        0 => node("n0", "Constant", r#""value": {"a": 1, "b": 2}"#),
        _ => node(
            format!("n{n}"),
            "Constant",
            &format!(r#""value": {{"a": "node:n{0}:value", "b": "node:n{0}:value"}}"#, n - 1),
        ),
    });
    ends(|| handler(&nodes, &chained(60)));
    let nodes = many(60, |n| match n {
        0 => node("n0", "SetVariable", r#""name": "v0", "value": {"a": 1, "b": 2}"#),
        _ => node(
            format!("n{n}"),
            "SetVariable",
            &format!(r#""name": "v{n}", "value": {{"a": "variable:v{0}", "b": "variable:v{0}"}}"#, n - 1),
        ),
    });
    ends(|| handler(&nodes, &chained(60)));
}

#[test]
fn types_that_nest_through_variables() {
    let nodes = many(10_000, |n| match n {
        0 => node("n0", "SetVariable", r#""name": "v0", "value": [1]"#),
        _ => node(format!("n{n}"), "SetVariable", &format!(r#""name": "v{n}", "value": ["variable:v{}"]"#, n - 1)),
    });
    ends(|| handler(&nodes, &chained(10_000)));
    ends(|| handler(&[node("n0", "SetVariable", r#""name": "v", "value": ["variable:v"]"#)], &chained(1)));
}

#[test]
fn wide_literals() {
    let numbers = many(100_000, |n| n.to_string()).join(",");
    runs(|| handler(&[node("n0", "SetField", &format!(r#""path": "L", "value": [{numbers}]"#))], &chained(1)));
    runs(|| {
        handler(
            &[node("n0", "EmitToAll", &format!(r#""eventType": "E", "payload": {{"x": [{numbers}]}}"#))],
            &chained(1),
        )
    });
    let entries = many(100_000, |n| format!(r#""k{n}": {n}"#)).join(",");
    ends(|| handler(&[node("n0", "SetField", &format!(r#""path": "M", "value": {{{entries}}}"#))], &chained(1)));
    ends(|| {
        handler(&[node("n0", "EmitToAll", &format!(r#""eventType": "E", "payload": {{{entries}}}"#))], &chained(1))
    });
    ends(|| handler(&[node("n0", "Increment", &format!(r#""path": "N", {entries}"#))], &chained(1)));
}

#[test]
fn deep_literals() {
    for depth in [40, 54, 55, 56, 57, 58, 59, 100_000] {
        let value = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        ends(|| {
            handler(
                &[node("n0", "EmitToAll", &format!(r#""eventType": "E", "payload": {{"x": {value}}}"#))],
                &chained(1),
            )
        });
        let value = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        ends(|| {
            handler(
                &[node("n0", "EmitToAll", &format!(r#""eventType": "E", "payload": {{"x": {value}}}"#))],
                &chained(1),
            )
        });
    }
}

#[test]
fn deep_references_and_types() {
    let deep = |reference: String| {
        ends(|| handler(&[node("n0", "SetField", &format!(r#""path": "N", "value": "{reference}""#))], &chained(1)))
    };
    for depth in [10, 100_000] {
        deep(format!("{}0{}", "state:L[".repeat(depth), "]".repeat(depth)));
        deep(format!("state:Best{}", ".Best".repeat(depth)));
        deep(format!("state:L{}", "[0]".repeat(depth)));
        deep("{{state:N}}".repeat(depth));
        ends(|| {
            handler(
                &[node("n0", "Increment", &format!(r#""path": "{}0{}""#, "L[".repeat(depth), "]".repeat(depth)))],
                &chained(1),
            )
        });
        for part in ["[]", "*", "map[string]"] {
            let ty = format!("{}int64", part.repeat(depth));
            ends(|| {
                format!(
                    r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [{{"name": "x", "type": "{ty}"}}], "nodes": [], "flow": []}}]}}"#
                )
            });
        }
    }
}

fn function(name: &str, body: &str, flow: &str) -> String {
    format!(r#"{{"name": "{name}", "parameters": [], "nodes": [{body}], "flow": [{flow}]}}"#)
}

fn functions(count: usize, calls: usize) -> String {
    let made = many(count, |n| {
        let nodes =
            many(calls, |call| node(format!("n{call}"), "CallFunction", &format!(r#""function": "F{}""#, n + 1)));
        function(&format!("F{n}"), &nodes.join(","), &chained(calls).join(","))
    });
    let last = function(&format!("F{count}"), &node("n0", "Increment", r#""path": "N""#), &edge("start", "n0", ""));
    format!(
        r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [], "nodes": [{}], "flow": [{}]}}], "functions": [{}, {last}]}}"#,
        node("c", "CallFunction", r#""function": "F0""#),
        edge("start", "c", ""),
        made.join(",")
    )
}

#[test]
fn calls_in_chains() {
    runs(|| functions(60, 1));
    // 2 to the power of 60 calls: the fuel ends them.
    runs(|| functions(60, 2));
    is_refused(|| functions(1_000, 1));
    is_refused(|| functions(1_000, 3));
}

#[test]
fn huge_texts() {
    let text = "x".repeat(3 << 20);
    ends(|| handler(&[node("n0", "SetField", &format!(r#""path": "S", "value": "{text}""#))], &chained(1)));
    ends(|| handler(&[node("n0", "SetField", &format!(r#""path": "{text}", "value": 1"#))], &chained(1)));
    ends(|| handler(&[node(&text, &text, "")], &[edge(&text, &text, &text)]));
    let template = "{{state:S}}x".repeat(10_000);
    ends(|| {
        handler(
            &[node("n0", "SetField", &format!(r#""path": "S", "value": {{"template": "{template}"}}"#))],
            &chained(1),
        )
    });
}

/// A handler that does something again and again.
fn forever(ty: &str, inputs: &str) -> String {
    let nodes = [node("w", "While", r#""condition": true"#), node("b", ty, inputs)];
    handler(&nodes, &[edge("start", "w", ""), edge("w", "b", "body")])
}

#[test]
fn endless_loops() {
    runs(|| handler(&[node("w", "While", r#""condition": true"#)], &[edge("start", "w", "")]));
    runs(|| handler(&[node("w", "Repeat", r#""count": 9223372036854775807"#)], &[edge("start", "w", "")]));
    runs(|| forever("Increment", r#""path": "N""#));
    runs(|| forever("Continue", ""));
    runs(|| forever("Wait", r#""duration": 0"#));
    runs(|| forever("Wait", r#""duration": 1, "unit": "ms""#));
    runs(|| forever("SetField", r#""path": "S", "value": {"template": "{{state:S}}{{state:S}}x"}"#));
    let doubling = [
        node("first", "SetVariable", r#""name": "s", "value": "x""#),
        node("w", "While", r#""condition": true"#),
        node("b", "SetVariable", r#""name": "s", "value": {"template": "{{variable:s}}{{variable:s}}"}"#),
    ];
    runs(|| handler(&doubling, &[edge("start", "first", ""), edge("first", "w", ""), edge("w", "b", "body")]));
    runs(|| forever("AddToArray", r#""path": "L", "element": 1"#));
    let snapshots = [
        node("w", "While", r#""condition": true"#),
        node("b", "AddToArray", r#""path": "L", "element": 1"#),
        node("v", "SetVariable", r#""name": "v", "value": "state:L""#),
    ];
    runs(|| handler(&snapshots, &[edge("start", "w", ""), edge("w", "b", "body"), edge("b", "v", "")]));
    runs(|| forever("EmitToAll", r#""eventType": "E", "payload": {"s": "state:S", "l": "state:L"}"#));
}

/// Long lists and maps that grow and shrink where it is dear: each step must cost far less than their length.
#[test]
fn long_collections() {
    runs(|| forever("SetMapValue", r#""path": "M", "key": {"template": "{{state:M.length}}"}, "value": 1"#));
    // Ever smaller keys, so that each goes to the front.
    let falling = [
        node("first", "SetVariable", r#""name": "k", "value": 900000"#),
        node("w", "While", r#""condition": true"#),
        node("less", "Subtract", r#""a": "variable:k", "b": 1"#),
        node("k", "SetVariable", r#""name": "k", "value": "node:less:result""#),
        node("b", "SetMapValue", r#""path": "M", "key": {"template": "{{variable:k}}"}, "value": 1"#),
    ];
    let flow = [edge("start", "first", ""), edge("first", "w", ""), edge("w", "k", "body"), edge("k", "b", "")];
    runs(|| handler(&falling, &flow));
    runs(|| forever("InsertAt", r#""path": "L", "index": 0, "element": 1"#));
    let in_and_out = [
        node("w", "While", r#""condition": true"#),
        node("a", "InsertAt", r#""path": "L", "index": 0, "element": 1"#),
        node("b", "AddToArray", r#""path": "L", "element": 2"#),
        node("c", "RemoveFromArray", r#""path": "L", "index": 0"#),
    ];
    runs(|| {
        handler(&in_and_out, &[edge("start", "w", ""), edge("w", "a", "body"), edge("a", "b", ""), edge("b", "c", "")])
    });
    let keyed = [
        node("w", "While", r#""condition": true"#),
        node(
            "a",
            "InsertAt",
            r#""path": "Items", "index": 0, "element": {"ID": {"template": "{{state:Items.length}}"}}"#,
        ),
        node("b", "Increment", r#""path": "Items[\"0\":ID].N""#),
    ];
    runs(|| handler(&keyed, &[edge("start", "w", ""), edge("w", "a", "body"), edge("a", "b", "")]));
    let distinct = [
        node("w", "Repeat", r#""count": 100000"#),
        node("a", "AddToArray", r#""path": "Items", "element": {"ID": "x", "N": "state:Items.length"}"#),
        node("d", "Distinct", r#""array": "state:Items""#),
    ];
    runs(|| handler(&distinct, &[edge("start", "w", ""), edge("w", "a", "body"), edge("w", "d", "done")]));
}

#[test]
fn ten_thousand_starts() {
    let nodes = many(10_000, |n| node(format!("n{n}"), "Increment", r#""path": "N""#));
    let starts = many(10_000, |n| edge("start", format!("n{n}"), ""));
    runs(|| handler(&nodes, &starts));
    let mut flow = chained(10_000);
    flow.extend(many(10_000, |_| edge("start", "n0", "")));
    ends(|| handler(&nodes, &flow));
}

#[test]
fn switches_with_ten_thousand_cases() {
    let nodes = [node("s", "Switch", r#""value": "state:N""#), node("n", "Increment", r#""path": "N""#)];
    let mut flow = vec![edge("start", "s", "")];
    flow.extend(many(10_000, |n| edge("s", "n", &n.to_string())));
    runs(|| handler(&nodes, &flow));
}

#[test]
fn ten_thousand_mistakes() {
    let nodes = many(10_000, |n| node(format!("node_{n}"), "Incremend", &format!(r#""paht{n}": "node:nodd_{n}:x""#)));
    let flow = many(10_000, |n| edge(format!("nodd_{n}"), format!("nodw_{n}"), "x"));
    is_refused(|| handler(&nodes, &flow));
    let nodes = many(10_000, |n| {
        node(format!("node_{n}"), "SetVariable", &format!(r#""name": "var_{n}", "value": "node:nodd_{n}:x""#))
    });
    let flow: Vec<String> = chained(10_000).iter().map(|edge| edge.replace("\"n", "\"node_")).collect();
    is_refused(|| handler(&nodes, &flow));
    let nodes = many(10_000, |n| {
        node(format!("node_{n}"), "SetVariable", &format!(r#""name": "var_{n}", "value": "variable:vax_{n}""#))
    });
    is_refused(|| handler(&nodes, &flow));
}

#[test]
fn ten_thousand_slips() {
    // Each has a label that its value never has.
    let nodes = many(10_000, |n| node(format!("n{n}"), "Switch", r#""value": "state:N""#));
    let mut flow = chained(10_000);
    flow.extend(many(10_000, |n| edge(format!("n{n}"), "end", "never")));
    runs(|| handler(&nodes, &flow));
    // Texts that are nearly references.
    let texts = many(100_000, |n| format!(r#""{}:n{n}""#, ["nodd", "zzzz", "Param"][n % 3])).join(",");
    runs(|| {
        handler(&[node("n0", "EmitToAll", &format!(r#""eventType": "E", "payload": {{"x": [{texts}]}}"#))], &chained(1))
    });
    let nodes = many(10_000, |n| node(format!("n{n}"), "Schedule", &format!(r#""eventType": "E{n}", "delay": 1"#)));
    runs(|| handler(&nodes, &chained(10_000)));
}

#[test]
fn ten_thousand_variables() {
    let nodes = many(10_000, |n| match n {
        0 => node("n0", "SetVariable", r#""name": "v0", "value": 1"#),
        _ => node(format!("n{n}"), "SetVariable", &format!(r#""name": "v{n}", "value": "variable:v{}""#, n - 1)),
    });
    ends(|| handler(&nodes, &chained(10_000)));
    let backwards = many(3_000, |n| {
        node(format!("n{n}"), "SetVariable", &format!(r#""name": "v{n}", "value": "variable:v{}""#, n + 1))
    });
    ends(|| handler(&backwards, &chained(3_000)));
}

#[test]
fn variables_across_many_loops() {
    let mut nodes = many(300, |n| node(format!("n{n}"), "Repeat", r#""count": 1"#));
    nodes.extend(many(300, |n| node(format!("s{n}"), "SetVariable", &format!(r#""name": "v{n}", "value": {n}"#))));
    nodes.push(node(
        "e",
        "EmitToAll",
        &format!(r#""eventType": "E", "payload": [{}]"#, many(300, |n| format!("\"variable:v{n}\"")).join(",")),
    ));
    let mut flow = vec![edge("start", "n0", "")];
    flow.extend(many(300, |n| edge(format!("n{n}"), format!("s{n}"), "body")));
    flow.extend(many(299, |n| edge(format!("s{n}"), format!("n{}", n + 1), "")));
    flow.push(edge("s299", "e", ""));
    ends(|| handler(&nodes, &flow));
}

#[test]
fn many_handlers_and_parameters() {
    let handlers = many(5_000, |n| {
        format!(
            r#"{{"name": "H{n}", "event": "E{n}", "parameters": [], "nodes": [{}], "flow": [{}]}}"#,
            node("n", "Increment", r#""path": "N""#),
            edge("start", "n", "")
        )
    });
    runs(|| format!(r#"{{"handlers": [{}]}}"#, handlers.join(",")));
    let parameters = many(10_000, |n| format!(r#"{{"name": "p{n}", "type": "int64"}}"#)).join(",");
    let nodes =
        many(5_000, |n| node(format!("n{n}"), "SetField", &format!(r#""path": "N", "value": "param:p{}""#, 9_999 - n)));
    runs(|| {
        format!(
            r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [{parameters}], "nodes": [{}], "flow": [{}]}}]}}"#,
            nodes.join(","),
            chained(5_000).join(",")
        )
    });
}

#[test]
fn schemas_that_nest() {
    let mut broken = Broken::default();
    let document = handler(&[], &[]);
    for part in ["[]", "*", "map[string]"] {
        for depth in [50, 100_000] {
            let schema = format!("@root(active) type G {{\n  X {}int64\n}}\n", part.repeat(depth));
            broken.survive(&document, &schema, "{}", "a deep type");
        }
    }
    let types = many(10_000, |n| format!("type T{n} {{\n  X T{}\n}}\n", n + 1)).concat();
    broken.survive(&document, &format!("{types}type T10000 {{\n  X int64\n}}\n"), "{}", "nested structs");
    let doubled = many(60, |n| format!("type T{n} {{\n  X T{0}\n  Y T{0}\n}}\n", n + 1)).concat();
    broken.survive(&document, &format!("{doubled}type T60 {{\n  X int64\n}}\n"), "{}", "doubled structs");
}
