//! Server logic drawn as node graphs, for programs that embed it: a document and a schema become a [`Program`], and a
//! [`Session`] runs its handlers on tracked state.
//!
//! ```
//! use statewright::{Options, Program, Session, Value};
//!
//! const SCHEMA: &str = "@root(active) type Game {\n  Score int64\n}";
//! const GRAPH: &str = r#"{"handlers": [{"name": "Score", "event": "Scored",
//!     "parameters": [{"name": "points", "type": "int64"}],
//!     "nodes": [{"id": "add", "type": "Increment", "inputs": {"path": "Score", "by": "param:points"}}],
//!     "flow": [{"from": "start", "to": "add"}]}]}"#;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let program = Program::load(GRAPH, SCHEMA)?;
//! let mut session = Session::new(&program, Options { seed: 7, ..Options::default() });
//! session.join("alice")?;
//! session.dispatch("Scored", "alice", Value::map([("points", Value::Int(5))]))?;
//! assert_eq!(session.state().to_string(), r#"{"Score":5}"#);
//! # Ok(())
//! # }
//! ```
//!
//! The same program, options, state and actions give the same bits on every machine; [`Session::log`] is all that
//! [`Session::replay`] needs to get there again. Nothing here does I/O or reads a clock: time passes when
//! [`Session::advance`] says so.

pub mod client;
#[cfg(feature = "jit")]
mod compiling;
mod error;
mod execution;
mod program;
mod recording;
mod session;
#[cfg(feature = "jit")]
mod tiered;
pub mod tracked;

pub use error::{ActionError, Finding, LoadError, MigrateError, ProgramMismatch, Source};
pub use execution::{Compiled, Execution};
pub use program::Program;
pub use recording::{Recorder, Recording};
pub use session::Session;
pub use tracked::Tracked;

pub use statewright_runtime::emitted;

pub use statewright_runtime::access::{Access, Declared, Record};
pub use statewright_runtime::context::{Event, Recipients, Tracer};
pub use statewright_runtime::host::{HostCall, HostError, HostNodes};
pub use statewright_runtime::host_effects::{EffectCall, EffectDeclaration, HostEffect, HostEffects};
pub use statewright_runtime::ledger::EffectUse;
pub use statewright_runtime::persist::migration::{
    Migration, MigrationError, Report as MigrationReport, Step as MigrationStep,
};
pub use statewright_runtime::persist::recording::{RecordError, RecordOptions, RecordingError, VerifyError};
pub use statewright_runtime::program::Trap;
pub use statewright_runtime::session::host_filters::{FilterView, HostFilter, declared};
pub use statewright_runtime::session::{
    Action, ActionReport, ActivationReport, Entry, Input, LoadError as RestoreError, NewEffect, Refusal, ReplayError,
    SessionOptions as Options, Status,
};
pub use statewright_runtime::state::State;
pub use statewright_runtime::sync::{
    Bell, Broadcast, ClientSchema, Clock, ConnectOptions, Debounce, Driver, EventError, EventLimits, Greeting,
    HistoryLimits, Hooks, LiveOptions, LiveSession, LiveStatistics, MessageRef, NoThread, Refused, RefusedCode, Resume,
    SharedSession, TooLarge, Verdict, ViewerStatistics,
};
pub use statewright_runtime::wire::payload::PayloadEncoder;
pub use statewright_types::config::{Config, Values as ConfigValues, values as config_values};
pub use statewright_types::handler::{HandlerInfo, Permissions};
pub use statewright_types::host::{HostDeclarations, HostNode};
pub use statewright_types::random::Generator;
pub use statewright_types::schema::parse as parse_schema;
pub use statewright_types::{Diagnostic, Limits, Place, Schema, Severity, Span, TrapCode, Type, Value};

/// The module that the build script made of a document with `statewright_build::graph("NAME.json")`: `mod NAME`, whose `DOCUMENT`
/// is for [`Program::built_in`].
#[macro_export]
macro_rules! include_graph {
    ($name:literal) => {
        include!(concat!(env!("OUT_DIR"), "/", $name, ".rs"));
    };
}

/// The README's Rust examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// And those of the page about live sessions.
#[cfg(doctest)]
#[doc = include_str!("../docs/live-sessions.md")]
struct LiveSessionsPage;

/// And those of the page about nodes of host programs.
#[cfg(doctest)]
#[doc = include_str!("../docs/host-nodes.md")]
struct HostNodesPage;

/// And those of the page about saving.
#[cfg(doctest)]
#[doc = include_str!("../docs/saving.md")]
struct SavingPage;

/// And those of the page about plain structs.
#[cfg(doctest)]
#[doc = include_str!("../docs/tracked.md")]
struct TrackedPage;

/// And those of the page about effects and filters.
#[cfg(doctest)]
#[doc = include_str!("../docs/effects.md")]
struct EffectsPage;

/// And those of the page for those who know statesync.
#[cfg(doctest)]
#[doc = include_str!("../docs/statesync.md")]
struct StatesyncPage;
