//! The same workloads as graphs: `workloads/arena.json`, and `workloads/host.json` for the node of a host program, on tracked state, with fuel, checks and change marks on.

use std::path::Path;
use std::sync::Arc;

use statewright_harness::project::backend::Backend;
use statewright_harness::project::{LoadOptions, Loaded};
use statewright_jit::Jit;
use statewright_runtime::context::{Context, Meter, Outbox};
use statewright_runtime::host::HostNodes;
use statewright_runtime::ledger::Ledger;
use statewright_runtime::program::{Outcome, Program};
use statewright_runtime::session::{Action, Entry, Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_types::host::HostNode;
use statewright_types::{Limits, Value, json};

use crate::rust::Arena;

/// The two documents as a program; where they are compiled, as compiled code too, that a host calls itself.
struct Documents {
    program: Arc<dyn Program>,
    compiled: Option<Arc<Jit>>,
}

/// A handler of the documents.
pub struct Handler {
    program: Arc<dyn Program>,
    position: usize,
    name: String,
    compiled: Option<Arc<Jit>>,
}

/// The arena as tracked state, and the graphs that run on it.
pub struct Graphs {
    programs: [Documents; 2],
    session: Session,
    state: State,
    handler: Arc<str>,
}

impl Graphs {
    /// Loads the document, and a state with the players and enemies of `arena`.
    pub fn load(folder: &Path, name: &str, options: LoadOptions, backend: Backend) -> Result<(Loaded, Documents), String> {
    let loaded = Loaded::open(&folder.join(name), &options).map_err(|fault| fault.to_string())?;
    let Some(program) = loaded.program(backend).map_err(|fault| fault.to_string())? else {
        return Err(format!("workloads/{name} has errors; see `statewright check`"));
    };
    let compiled = match (backend, &loaded.module, loaded.tables()) {
        (Backend::Jit, Some(module), Some(tables)) => {
            Some(Arc::new(Jit::new(module, tables, &loaded.host_nodes).map_err(|error| error.to_string())?))
        }
        _ => None,
    };
    Ok((loaded, Documents { program, compiled }))
}

/// What W6 calls.
fn host_nodes() -> Result<HostNodes, String> {
    let mut nodes = HostNodes::default();
    let mix = HostNode::pure("Mix", "As the function that is called by hand.")
        .input("value", "int64", "What there is.")
        .input("by", "int64", "What comes to it.")
        .output("result", "int64", "Both, mixed.");
    nodes.add_numbers(mix, crate::rust::mix).map_err(|error| error.message.to_string())?;
    Ok(nodes)
}

fn state_json(arena: &Arena) -> String {
    let players: Vec<String> =
        arena.players.iter().map(|player| format!(r#"{{"ID":{},"Score":{}}}"#, player.id, player.score)).collect();
    let enemies: Vec<String> = arena
        .enemies
        .iter()
        .map(|e| format!(r#"{{"ID":{},"X":{:?},"Y":{:?},"Health":{}}}"#, e.id, e.x, e.y, e.health))
        .collect();
    format!(r#"{{"Players":[{}],"Enemies":[{}]}}"#, players.join(","), enemies.join(","))
}
