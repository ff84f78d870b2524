//! Documents of 10,000 nodes of several shapes: how long until they are verified IR.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Instant;

use statewright_graph::CompileOptions;
use statewright_graph::build::build;

const NODES: usize = 10_000;
const ROUNDS: usize = 5;

const SCHEMA: &str = "@helper\ntype Item {\n  ID string\n  N int64\n}\n@root(active)\ntype Game {\n  N int64\n  \
                      L []int64\n  Items []Item @key(ID)\n}\n";

fn node(id: impl Display, ty: &str, inputs: &str) -> String {
    format!(r#"{{"id":"{id}","type":"{ty}","inputs":{{{inputs}}}}}"#)
}

fn edge(from: impl Display, to: impl Display, label: &str) -> String {
    format!(r#"{{"from":"{from}","to":"{to}","label":"{label}"}}"#)
}

fn plain(from: impl Display, to: impl Display) -> String {
    format!(r#"{{"from":"{from}","to":"{to}"}}"#)
}

/// `n0`, `n1`, … one after the other.
fn chain(count: usize) -> Vec<String> {
    let steps = (1..count).map(|n| plain(format!("n{}", n - 1), format!("n{n}")));
    std::iter::once(plain("start", "n0")).chain(steps).collect()
}

fn body(nodes: &[String], flow: &[String]) -> String {
    format!(r#""nodes":[{}],"flow":[{}]"#, nodes.join(","), flow.join(","))
}

fn handler(nodes: &[String], flow: &[String]) -> String {
    format!(r#"{{"handlers":[{{"name":"H","event":"H","parameters":[],{}}}]}}"#, body(nodes, flow))
}

fn sequence() -> String {
    let write = |n| node(format!("n{n}"), "Increment", r#""path":"N""#);
    handler(&(0..NODES).map(write).collect::<Vec<_>>(), &chain(NODES))
}

/// A chain of writes, each with a tree of pure nodes behind it.
fn pure() -> String {
    let nodes = (0..NODES).map(|n| match n % 4 {
        0 => node(format!("n{}", n / 4), "SetField", &format!(r#""path":"N","value":"node:s{}:result""#, n / 4)),
        1 => node(format!("s{}", n / 4), "Add", &format!(r#""a":"node:p{0}:result","b":"node:q{0}:result""#, n / 4)),
        2 => node(format!("p{}", n / 4), "Multiply", r#""a":"state:N","b":3"#),
        _ => node(format!("q{}", n / 4), "Max", r#""a":"state:N","b":7"#),
    });
    handler(&nodes.collect::<Vec<_>>(), &chain(NODES / 4))
}

fn starts() -> String {
    let nodes: Vec<_> = (0..NODES).map(|n| node(format!("n{n}"), "Increment", r#""path":"N""#)).collect();
    let flow: Vec<_> = (0..NODES).map(|n| plain("start", format!("n{n}"))).collect();
    handler(&nodes, &flow)
}

fn branches() -> String {
    let nodes = (0..NODES).map(|n| match n % 2 {
        0 => node(format!("n{}", n / 2), "If", r#""condition":true"#),
        _ => node(format!("x{}", n / 2), "Increment", r#""path":"N""#),
    });
    let mut flow = chain(NODES / 2);
    flow.extend((0..NODES / 2).map(|n| edge(format!("n{n}"), format!("x{n}"), "true")));
    handler(&nodes.collect::<Vec<_>>(), &flow)
}

/// Branches in branches.
fn nested() -> String {
    let nodes: Vec<_> = (0..NODES).map(|n| node(format!("n{n}"), "If", r#""condition":true"#)).collect();
    let steps = (1..NODES).map(|n| edge(format!("n{}", n - 1), format!("n{n}"), "true"));
    handler(&nodes, &std::iter::once(plain("start", "n0")).chain(steps).collect::<Vec<_>>())
}

/// Loops one after the other, with a body that carries a variable.
fn loops() -> String {
    let nodes = (0..NODES).map(|n| match n % 4 {
        0 => node(format!("n{}", n / 4), "ForEach", r#""array":"state:Items""#),
        1 => node(format!("s{}", n / 4), "SetVariable", &format!(r#""name":"v","value":"node:a{}:result""#, n / 4)),
        2 => node(format!("a{}", n / 4), "Add", r#""a":"variable:v","b":"loop:item.N""#),
        _ => node(format!("b{}", n / 4), "Increment", r#""path":"N""#),
    });
    let mut flow = vec![plain("start", "first"), plain("first", "n0")];
    flow.extend((1..NODES / 4).map(|n| edge(format!("n{}", n - 1), format!("n{n}"), "done")));
    flow.extend((0..NODES / 4).map(|n| edge(format!("n{n}"), format!("s{n}"), "body")));
    flow.extend((0..NODES / 4).map(|n| plain(format!("s{n}"), format!("b{n}"))));
    let first = node("first", "SetVariable", r#""name":"v","value":0"#);
    handler(&std::iter::once(first).chain(nodes).collect::<Vec<_>>(), &flow)
}

fn arrays() -> String {
    let nodes = (0..NODES).map(|n| match n % 4 {
        0 => node(format!("n{}", n / 4), "SetField", &format!(r#""path":"N","value":"node:m{}:result""#, n / 4)),
        1 => node(format!("m{}", n / 4), "Sum", &format!(r#""array":"node:f{}:result","field":"N""#, n / 4)),
        2 => {
            let inputs = format!(r#""array":"state:Items","predicate":"node:c{}:result""#, n / 4);
            node(format!("f{}", n / 4), "FilterArray", &inputs)
        }
        _ => node(format!("c{}", n / 4), "Compare", r#""left":"loop:item.N","op":">","right":3"#),
    });
    handler(&nodes.collect::<Vec<_>>(), &chain(NODES / 4))
}

/// 100 functions of 50 nodes that call the next one, each called 50 times more.
fn calls() -> String {
    let functions = (0..100).map(|f| {
        let nodes: Vec<_> = (0..50).map(|n| node(format!("n{n}"), "Increment", r#""path":"N""#)).collect();
        format!(r#"{{"name":"F{f}","parameters":[],{}}}"#, body(&nodes, &chain(50)))
    });
    let nodes: Vec<_> = (0..NODES / 2)
        .map(|n| node(format!("n{n}"), "CallFunction", &format!(r#""function":"F{}""#, n % 100)))
        .collect();
    let main = body(&nodes, &chain(NODES / 2));
    let functions: Vec<_> = functions.collect();
    format!(
        r#"{{"handlers":[{{"name":"H","event":"H","parameters":[],{main}}}],"functions":[{}]}}"#,
        functions.join(",")
    )
}

fn handlers() -> String {
    let handlers: Vec<_> = (0..NODES / 5)
        .map(|h| {
            let nodes: Vec<_> = (0..5).map(|n| node(format!("n{n}"), "Increment", r#""path":"N""#)).collect();
            format!(r#"{{"name":"H{h}","event":"E{h}","parameters":[],{}}}"#, body(&nodes, &chain(5)))
        })
        .collect();
    format!(r#"{{"handlers":[{}]}}"#, handlers.join(","))
}

/// Every variable is set from the one before.
fn variables() -> String {
    let nodes = (0..NODES).map(|n| match n {
        0 => node("n0", "SetVariable", r#""name":"v0","value":1"#),
        _ => node(format!("n{n}"), "SetVariable", &format!(r#""name":"v{n}","value":"variable:v{}""#, n - 1)),
    });
    handler(&nodes.collect::<Vec<_>>(), &chain(NODES))
}

/// A shape: its name, and how it is made.
type Shape = (&'static str, fn() -> String);

const SHAPES: &[Shape] = &[
    ("chain", sequence),
    ("pure nodes", pure),
    ("starts", starts),
    ("branches", branches),
    ("nested", nested),
    ("loops", loops),
    ("array nodes", arrays),
    ("calls", calls),
    ("handlers", handlers),
    ("variables", variables),
];

/// Milliseconds of each shape whose name contains `filter`, the fastest of some rounds.
pub fn measure(filter: &str) -> Result<Vec<(&'static str, f64)>, String> {
    // As `statewright check` does: without the passes.
    let options = CompileOptions { plain: true, ..CompileOptions::default() };
    let time = |(name, make): &Shape| {
        let document: Arc<str> = make().into();
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let built = build(&document, SCHEMA, &options);
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
            if built.module.is_none() {
                let first = built.document_diagnostics.first().map(|diagnostic| diagnostic.message.to_string());
                return Err(format!("{name}: {}", first.unwrap_or_default()));
            }
        }
        Ok((*name, best))
    };
    SHAPES.iter().filter(|(name, _)| name.contains(filter)).map(time).collect()
}
