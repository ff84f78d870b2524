//! The same workloads as graphs: `workloads/arena.json`, and `workloads/host.json` for the node of a host program, on tracked state, with fuel, checks and change marks on.

use std::path::Path;
use std::sync::Arc;

use statewright_harness::execution::{Registered, register};
use statewright_harness::project::backend::Backend;
use statewright_harness::project::{LoadOptions, Loaded};
use statewright_jit::Jit;
use statewright_runtime::context::{Context, Meter, Outbox};
use statewright_runtime::host::HostNodes;
use statewright_runtime::ledger::Ledger;
use statewright_runtime::program::{Outcome, Program};
use statewright_runtime::session::{Action, ActionReport, Entry, Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_types::{Limits, Value, json};

use crate::rust::Arena;

#[allow(missing_docs)]
mod emitted {
    include!(concat!(env!("OUT_DIR"), "/arena.rs"));
    include!(concat!(env!("OUT_DIR"), "/host.rs"));
}

/// The workloads as emitted Rust.
static BUILT_IN: &[Registered] = &[
    Registered { document_hash: emitted::arena::DOCUMENT_HASH, make: emitted::arena::program_with },
    Registered { document_hash: emitted::host::DOCUMENT_HASH, make: emitted::host::program_with },
];

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
    pub fn load(folder: &Path, arena: &Arena, backend: Backend) -> Result<Graphs, String> {
        register(BUILT_IN);
        let (arena_loaded, arena_program) = load(folder, "arena.json", LoadOptions::default(), backend)?;
        let (_, host) =
            load(folder, "host.json", LoadOptions { host_nodes: host_nodes()?, ..LoadOptions::default() }, backend)?;
        let (Some(schema), Some(root)) = (arena_loaded.schema, arena_loaded.main_root) else {
            return Err("workloads/arena.schema has errors".into());
        };
        let text = state_json(arena);
        let tree = json::parse(text).map_err(|error| error.message.to_string())?;
        let mut state = State::new(schema.clone(), root, 0);
        let program = arena_program.program.clone();
        let mut session = Session::new(schema, root, program, SessionOptions::default());
        let found = [state.load_json(&tree), session.state_mut_for_setup().load_json(&tree)].concat();
        match found.first() {
            Some(error) => Err(error.message.to_string()),
            None => Ok(Graphs { programs: [arena_program, host], session, state, handler: Arc::from("bench") }),
        }
    }

    /// A handler, by name.
    pub fn handler(&self, name: &str) -> Result<Handler, String> {
        let found = self.programs.iter().find_map(|Documents { program, compiled }| {
            let position = program.handlers().iter().position(|info| &*info.name == name)?;
            Some(Handler { program: program.clone(), position, name: name.into(), compiled: compiled.clone() })
        });
        found.ok_or_else(|| format!("the workloads have no handler `{name}`"))
    }

    /// Calls a handler some times in one transaction; the arguments are slots.
    pub fn run(&mut self, handler: &Handler, times: u32, mut args: impl FnMut(u32) -> [u64; 3]) -> Result<(), String> {
        let limits = Limits { fuel: 1_000_000_000, ..Limits::default() };
        let mut outbox = Outbox::default();
        let mut ledger = Ledger::new(0);
        self.state.begin();
        let mut meter = Meter::new(limits);
        let mut trouble = None;
        let mut context = Context {
            state: &mut self.state,
            meter: &mut meter,
            now_ms: 0,
            host: "",
            sender: "",
            handler: &self.handler,
            outbox: &mut outbox,
            players: &[],
            ledger: &mut ledger,
            effects: None,
            arrived: None,
            tracer: None,
        };
        match handler.compiled.as_ref().and_then(|jit| jit.handler(&handler.name)) {
            Some(entry) => {
                let mut calls = entry.calls(&mut context);
                for time in 0..times {
                    if let Err(outcome) = calls.call(&args(time)) {
                        trouble = Some(*outcome);
                        break;
                    }
                }
            }
            None => {
                for time in 0..times {
                    *context.meter = Meter::new(limits);
                    let outcome = handler.program.run(handler.position, &args(time), &mut context);
                    if outcome != Outcome::Done {
                        trouble = Some(outcome);
                        break;
                    }
                }
            }
        }
        self.state.commit();
        trouble.map_or(Ok(()), |outcome| Err(format!("{outcome:?}")))
    }

    /// What the last call left, and the scores of all players.
    pub fn checksum(&self) -> (i64, i64) {
        let value = self.state.to_value();
        let int = |value: Option<&Value>| match value {
            Some(Value::Int(number)) => *number,
            _ => i64::MIN,
        };
        let scores = match value.get("Players") {
            Some(Value::List(players)) => players.iter().map(|player| int(player.get("Score"))).sum(),
            _ => i64::MIN,
        };
        (int(value.get("Result")), scores)
    }

    /// Sends events through the session: log, permissions, parameters, transaction, report.
    pub fn dispatch(&mut self, actions: Vec<Action>) -> Result<(), String> {
        let mut report = ActionReport::default();
        for action in actions {
            self.session.dispatch_into(action, &mut report);
            if let Some(trap) = report.trap() {
                return Err(format!("{trap:?}"));
            }
        }
        Ok(())
    }

    /// What was logged.
    pub fn take_log(&mut self) -> Vec<Entry> {
        self.session.take_actions()
    }

    /// Puts another program in the place of the session's.
    pub fn replace(&mut self, with: impl FnOnce(Arc<dyn Program>) -> Arc<dyn Program>) {
        let program = with(self.session.program().clone());
        self.session.set_program(program);
    }
}

fn load(folder: &Path, name: &str, options: LoadOptions, backend: Backend) -> Result<(Loaded, Documents), String> {
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
    nodes.add_numbers(crate::mix::node(), crate::rust::mix).map_err(|error| error.message.to_string())?;
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
