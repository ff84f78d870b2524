//! From a document's texts to machine code.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use statewright::{Execution, Program};
use statewright_graph::CompileOptions;
use statewright_graph::build::build;

const ROUNDS: u32 = 60;
/// Nodes that each add to a value and write it: an addition and a write are two operations.
const NODES: usize = 50;

const SCHEMA: &str = "@root(active)\ntype Game {\n    Score int64\n}\n";

/// A handler of about 100 operations, microseconds.
pub struct Hundred {
    /// From texts to something that can be called.
    pub whole: f64,
    /// Of that, up to verified IR: what is not Cranelift, nearly.
    pub ours: f64,
    /// How many operations the lowered handler has.
    pub operations: usize,
}

/// A handler that increments a field again and again, by its parameter times something else each time.
fn document() -> String {
    let (mut nodes, mut flow, mut last) = (Vec::new(), Vec::new(), "start".to_owned());
    for n in 0..NODES / 2 {
        nodes.push(format!(r#"{{"id":"m{n}","type":"Multiply","inputs":{{"a":"param:by","b":{}}}}}"#, n + 2));
        nodes
            .push(format!(r#"{{"id":"w{n}","type":"Increment","inputs":{{"path":"Score","by":"node:m{n}:result"}}}}"#));
        flow.push(format!(r#"{{"from":"{last}","to":"w{n}"}}"#));
        last = format!("w{n}");
    }
    format!(
        r#"{{"handlers":[{{"name":"Hundred","event":"Hundred","parameters":[{{"name":"by","type":"int64"}}],"nodes":[{}],"flow":[{}]}}]}}"#,
        nodes.join(","),
        flow.join(",")
    )
}

/// The fastest of many rounds.
pub fn hundred_us() -> Result<Hundred, String> {
    let document = document();
    let shared: Arc<str> = Arc::from(&*document);
    let mut hundred = Hundred { whole: f64::INFINITY, ours: f64::INFINITY, operations: 0 };
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let built = build(black_box(&shared), black_box(SCHEMA), &CompileOptions::default());
        hundred.ours = hundred.ours.min(start.elapsed().as_secs_f64() * 1e6);
        let module = built.module.ok_or("the handler of 100 operations has errors")?;
        let blocks = module.functions.iter().flat_map(|function| &function.blocks);
        hundred.operations = blocks.map(|block| block.insts.len()).sum();
        hundred.whole = hundred.whole.min(callable_ms(&document, SCHEMA)? * 1e3);
    }
    Ok(hundred)
}

/// The chase sample, the fastest of many rounds.
pub fn chase_ms() -> Result<f64, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/chase");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let (document, schema) = (read("chase.json")?, read("chase.schema")?);
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        best = best.min(callable_ms(&document, &schema)?);
    }
    Ok(best)
}

fn callable_ms(document: &str, schema: &str) -> Result<f64, String> {
    let start = Instant::now();
    let program = Program::load_on(Execution::Jit, black_box(document), black_box(schema));
    let ms = start.elapsed().as_secs_f64() * 1e3;
    program.map(|_| ms).map_err(|error| error.to_string())
}
