//! `--dispatch`: what an event costs with its transaction: log, permissions, parameters, handler, commit, report.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use statewright_harness::project::Backend;
use statewright_runtime::context::Context;
use statewright_runtime::program::{HandlerInfo, Outcome, Program, Suspension};
use statewright_runtime::session::Action;
use statewright_types::Value;

use crate::ours::Graphs;

/// So few that they stay in the cache, as one that has just come in does.
const EVENTS: usize = 100;

/// Has the handlers of another program, and does nothing: what is left is the session's own work.
struct Nothing(Arc<dyn Program>);

impl Program for Nothing {
    fn document_hash(&self) -> [u8; 32] {
        self.0.document_hash()
    }

    fn handlers(&self) -> &[HandlerInfo] {
        self.0.handlers()
    }

    fn run(&self, _: usize, _: &[u64], _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }

    fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }
}

/// Nanoseconds of an event, the fastest of `rounds`. The events are made beforehand, as a host has them from a message.
pub fn measure(graphs: &mut Graphs, action: &Action, rounds: u32) -> Result<f64, String> {
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let actions = vec![action.clone(); EVENTS];
        let start = Instant::now();
        graphs.dispatch(actions)?;
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / EVENTS as f64);
        drop(black_box(graphs.take_log()));
    }
    Ok(best)
}

/// W1, sent by the session itself.
pub fn own() -> Action {
    Action::own("W1", Value::map([("a", Value::Int(2)), ("b", Value::Int(3))]))
}

/// Prints the rows: of each execution, and of a program that does nothing.
pub fn run(filter: &str) -> Result<(), String> {
    let arena = crate::arena();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads");
    let sent = Action { sender: Arc::from("alice"), ..own() };
    let rows = crate::EXECUTIONS.map(|backend| (backend, false)).into_iter().chain([(Backend::Interpreter, true)]);
    for (backend, is_nothing) in rows {
        let name = if is_nothing { "nothing" } else { backend.name() };
        if !name.contains(filter) {
            continue;
        }
        let mut graphs = Graphs::load(&folder, &arena, backend)?;
        if is_nothing {
            graphs.replace(|program| Arc::new(Nothing(program)));
        }
        for (who, action) in [("the session", own()), ("a player", sent.clone())] {
            let ns = measure(&mut graphs, &action, 8_000)?;
            println!("W1, {name:<11} from {who:<12} {ns:>8.1} ns");
        }
    }
    Ok(())
}
