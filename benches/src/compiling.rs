//! `--compiling`: how long it takes from the text of a document to a handler that can be called, and how much of it is Cranelift's.

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use statewright_graph::build::build;
use statewright_graph::{CompileOptions, compile};
use statewright_interpreter::ProgramTables;
use statewright_jit::Jit;
use statewright_runtime::host::HostNodes;

const ROUNDS: u32 = 200;

/// Microseconds, the fastest of all rounds: from the text to IR, from there to a program, of that Cranelift's, and all of it; and the
/// way from a document that is read already, with its schema, to a program.
pub struct Times {
    pub build: f64,
    pub compile: f64,
    pub cranelift: f64,
    pub all: f64,
    pub loaded: f64,
}

fn measure(document: &str, schema: &str) -> Result<Times, String> {
    let document: Arc<str> = Arc::from(document);
    let most = f64::MAX;
    let mut best = Times { build: most, compile: most, cranelift: most, all: most, loaded: most };
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let built = build(black_box(&document), black_box(schema), &CompileOptions::default());
        let middle = start.elapsed().as_secs_f64() * 1e6;
        let Some(module) = &built.module else {
            let first = built.document_diagnostics.first().map(|error| error.message.to_string());
            return Err(first.unwrap_or_else(|| "the schema has errors".into()));
        };
        let tables = ProgramTables::new(module, built.handlers.clone(), built.document_hash);
        let made = Jit::timed(module, tables, &HostNodes::default(), &|| start.elapsed());
        let (jit, cranelift) = made.map_err(|error| error.to_string())?;
        let all = start.elapsed().as_secs_f64() * 1e6;
        best.build = best.build.min(middle);
        best.compile = best.compile.min(all - middle);
        best.cranelift = best.cranelift.min(cranelift.as_secs_f64() * 1e6);
        best.all = best.all.min(all);
        drop(black_box(jit));
        let Some(schema) = &built.schema else { continue };
        let start = Instant::now();
        let compiled = compile(black_box(&built.document), schema, &CompileOptions::default());
        let Some(module) = &compiled.module else { continue };
        let tables = ProgramTables::new(module, compiled.handlers.clone(), built.document_hash);
        let jit = Jit::new(module, tables, &HostNodes::default()).map_err(|error| error.to_string())?;
        best.loaded = best.loaded.min(start.elapsed().as_secs_f64() * 1e6);
        drop(black_box(jit));
    }
    Ok(best)
}

/// A handler of 100 operations: assignments and sums, comparisons and fields, as people write them.
fn hundred() -> String {
    let (mut nodes, mut flow) = (String::new(), String::from(r#"{"from": "start", "to": "s0"}"#));
    let ops = ["Add", "Subtract", "Multiply", "Min", "Max"];
    for n in 0..20 {
        let before = if n == 0 { "param:a" } else { "variable:x" };
        let (op, other) = (ops[n % ops.len()], ops[(n + 1) % ops.len()]);
        let _infallible = write!(
            nodes,
            r#"{{"id": "o{n}", "type": "{op}", "inputs": {{"a": "{before}", "b": {n}}}}},
            {{"id": "p{n}", "type": "{other}", "inputs": {{"a": "node:o{n}:result", "b": "param:b"}}}},
            {{"id": "c{n}", "type": "Compare", "inputs": {{"left": "node:p{n}:result", "op": "<", "right": 1000}}}},
            {{"id": "x{n}", "type": "Select", "inputs": {{"condition": "node:c{n}:result", "a": "node:p{n}:result", "b": {n}}}}},"#
        );
        let set = if n % 5 == 4 {
            format!(
                r#"{{"id": "s{n}", "type": "SetField", "inputs": {{"path": "Result", "value": "node:x{n}:result"}}}},"#
            )
        } else {
            format!(
                r#"{{"id": "s{n}", "type": "SetVariable", "inputs": {{"name": "x", "value": "node:x{n}:result"}}}},"#
            )
        };
        nodes.push_str(&set);
        if n > 0 {
            let _infallible = write!(flow, r#", {{"from": "s{}", "to": "s{n}"}}"#, n - 1);
        }
    }
    let nodes = nodes.trim_end_matches(',');
    format!(
        r#"{{"version": "1.0", "handlers": [{{"name": "H", "event": "H", "parameters": [{{"name": "a", "type": "int64"}},
        {{"name": "b", "type": "int64"}}], "nodes": [{nodes}], "flow": [{flow}]}}]}}"#
    )
}

/// The handler of 100 operations.
pub fn handler() -> Result<Times, String> {
    measure(&hundred(), &read("workloads/arena.schema")?)
}

/// The chase sample.
pub fn chase() -> Result<Times, String> {
    measure(&read("../samples/chase/chase.json")?, &read("../samples/chase/chase.schema")?)
}

fn read(name: &str) -> Result<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))
}

/// Prints the rows whose names contain `filter`.
pub fn run(filter: &str) -> Result<(), String> {
    println!(
        "{:<20} {:>10} {:>10} {:>10} {:>10} {:>10} {:>14} {:>10}",
        "µs", "to IR", "to code", "Cranelift", "all", "outside", "document read", "outside"
    );
    let workloads = || measure(&read("workloads/arena.json")?, &read("workloads/arena.schema")?);
    let rows: [(&str, &dyn Fn() -> Result<Times, String>); 3] =
        [("100 operations", &handler), ("the workloads", &workloads), ("the chase sample", &chase)];
    for (name, measured) in rows.into_iter().filter(|(name, _)| name.contains(filter)) {
        let Times { build, compile, cranelift, all, loaded } = measured()?;
        let (outside, ours) = (all - cranelift, loaded - cranelift);
        println!(
            "{name:<20} {build:>10.0} {compile:>10.0} {cranelift:>10.0} {all:>10.0} {outside:>10.0} {loaded:>14.0} {ours:>10.0}"
        );
    }
    Ok(())
}
