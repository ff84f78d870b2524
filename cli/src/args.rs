//! What may be said on the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use statewright_harness::project::Backend;
use statewright_harness::save::{Form, SaveOptions};
use statewright_runtime::persist::migration::Migration;

mod simulate;

pub use simulate::Simulate;

/// Visual scripting for multiplayer servers: check, run, test and draw node graphs.
#[derive(Debug, Parser)]
#[command(
    name = "statewright",
    version,
    after_help = "Without a subcommand a small game is played and drawn.\n\nExample:\n  statewright new tavern && statewright test tavern"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open documents or a project's folder in the editor
    #[command(after_help = "Example:\n  statewright edit game.json")]
    Edit(Edit),
    /// Check documents and configurations: errors keep them from running, warnings do not
    #[command(after_help = "Example:\n  statewright check game.json --schema game.schema --format json")]
    Check(Check),
    /// Run the handlers of one event and print what they did, as JSON
    #[command(
        after_help = "Example:\n  statewright run game.json --event CardPlayed --players ann,bob --sender ann \\\n    --params '{\"playerID\":\"ann\",\"cardID\":0}' --state @state.json"
    )]
    Run(Run),
    /// Take a saved session to another schema
    #[command(after_help = "Example:\n  statewright migrate round.save --schema game.schema --dry-run")]
    Migrate(Migrate),
    /// Replay a recorded session, and see whether it goes where it went
    #[command(after_help = "Example:\n  statewright replay round.rec --verify")]
    Replay(Replay),
    /// Run the tests in *.test.json files
    #[command(after_help = "Example:\n  statewright test samples --filter \"played card\" --coverage coverage.json")]
    Test(Test),
    /// Draw a document's graphs, with what a run did if an event is given
    #[command(after_help = "Example:\n  statewright draw game.json --handler OnCardPlayed --out card_played.svg")]
    Draw(Draw),
    /// Translate a document
    #[command(after_help = "Example:\n  statewright emit game.json --target ir --out game.ir")]
    Emit(Emit),
    /// Measure what a document's handlers cost on each execution
    #[command(after_help = "Example:\n  statewright bench game.json --handler OnCardPlayed --backend interpreter,jit")]
    Bench(Bench),
    /// Run a script over many seeds: what comes of it, how sure that is, and whether declared odds hold
    #[command(
        after_help = "Example:\n  statewright simulate game.json --script odds.json --runs 10000 --metric Table.Winner --svg odds.svg\n\nEnds with exit code 1 if odds are rejected or cannot be tested, 3 if something failed in every run. Ctrl-C ends it with what there is."
    )]
    Simulate(Simulate),
    /// Print the intermediate representation that handlers are lowered to
    #[command(after_help = "Example:\n  statewright ir game.json")]
    Ir(Ir),
    /// Translate a schema
    #[command(after_help = "Example:\n  statewright schema game.schema --target json --out game.schema.json")]
    Schema(Schema),
    /// Format documents, tests, schemas, configurations and other JSON files in place, and replace deprecated nodes
    #[command(after_help = "Example:\n  statewright fmt game.json game.schema tests --check")]
    Fmt(Fmt),
    /// Print the reference of node types
    #[command(after_help = "Example:\n  statewright docs > nodes.md")]
    Docs(Docs),
    /// Begin a project that works: graph, schema, tests
    #[command(after_help = "Example:\n  statewright new tavern && statewright test tavern")]
    New(New),
}

/// `edit`
#[derive(Debug, ClapArgs)]
pub struct Edit {
    /// Documents to open, or the folder of a project
    pub paths: Vec<PathBuf>,
    /// By default nodes.json beside each document
    #[command(flatten)]
    pub hosts: Hosts,
}

/// The program that documents are part of.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct Hosts {
    /// Nodes that a host program declares (JSON, see docs/host-nodes.md); calling one stops the handler
    #[arg(long, value_name = "FILE")]
    pub host_nodes: Option<PathBuf>,
}

/// `check`
#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Documents, and schemas (.schema) and configurations (.config) by themselves
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The schema of all documents; by default each document's `schemaPath`, or a schema beside it
    #[arg(long)]
    pub schema: Option<PathBuf>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// Treat visibility leaks and implicit conversions as errors
    #[arg(long)]
    pub strict: bool,
    /// Mend what can be mended mechanically, in the documents and their schemas
    #[arg(long)]
    pub fix: bool,
    /// Write nothing; show on stdout what --fix would change
    #[arg(long, requires = "fix", conflicts_with = "format")]
    pub dry_run: bool,
    /// For people on stderr, or for programs on stdout
    #[arg(long, value_enum, default_value = "text")]
    pub format: CheckFormat,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// With the source line
    Text,
    /// {"diagnostics":[…]}
    Json,
}

/// `run`
#[derive(Debug, ClapArgs)]
pub struct Run {
    /// The document
    pub file: PathBuf,
    /// The event whose handlers run
    #[arg(long, required_unless_present_any = ["script", "load"])]
    pub event: Option<String>,
    /// Steps to play, a JSON array as `steps` of a test; after the event, if there is one
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Go on with a session that was saved; FILE is the version of the document that new activations run on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["players", "state", "seed", "now", "fuel"])]
    pub load: Option<PathBuf>,
    /// If the session was saved under another schema, take it to the document's
    #[arg(long, requires = "load")]
    pub migrate: bool,
    /// How
    #[command(flatten)]
    pub migration: MigrationArgs,
    /// Save the session afterwards
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// How
    #[command(flatten)]
    pub saving: Saving,
    /// Record what is done to the session in a new file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Print what happens as JSON on stderr, one message to a line
    #[arg(long, conflicts_with = "debug_listen")]
    pub trace: bool,
    /// Wait for a debugger at this address, such as 127.0.0.1:0, before anything runs
    #[arg(long, value_name = "ADDR")]
    pub debug_listen: Option<String>,
    /// Let a debugger come from other machines: --debug-listen may name an address that they reach
    #[arg(long, requires = "debug_listen")]
    pub debug_public: bool,
    /// What the debugger must say first; by default a random one, which is printed
    #[arg(long, value_name = "TOKEN", requires = "debug_listen")]
    pub debug_token: Option<String>,
    /// Write the names of handlers to /tmp/perf-PID.map, where the profiler perf finds them; with --backend jit
    #[arg(long)]
    pub perf_map: bool,
    /// How the session begins
    #[command(flatten)]
    pub play: Play,
}

/// How a session is saved.
#[derive(Debug, ClapArgs)]
pub struct Saving {
    /// The form of save files
    #[arg(long, value_enum, default_value = "json")]
    pub save_form: SaveForm,
    /// How many older save files to keep, as FILE.N.old
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub keep: usize,
}

/// The form of a save file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SaveForm {
    /// For people and other programs; up to 64 MiB
    Json,
    /// For large sessions
    Binary,
}

/// How a session is taken to another schema.
#[derive(Debug, ClapArgs)]
pub struct MigrationArgs {
    /// Only say what would be done, or what stands in the way
    #[arg(long)]
    pub dry_run: bool,
    /// Give up what waits, which cannot go on under another schema
    #[arg(long)]
    pub drop_waiting: bool,
}

/// `migrate`
#[derive(Debug, ClapArgs)]
pub struct Migrate {
    /// A save file
    pub file: PathBuf,
    /// The schema to take it to
    #[arg(long, required_unless_present = "document")]
    pub schema: Option<PathBuf>,
    /// The document that new activations run on; by default the one in the save file
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// Where to; by default the save file itself, whose old content is kept as FILE.N.old
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The form of the new save file
    #[arg(long, value_enum, default_value = "json")]
    pub save_form: SaveForm,
    /// How
    #[command(flatten)]
    pub migration: MigrationArgs,
}

/// `replay`
#[derive(Debug, ClapArgs)]
pub struct Replay {
    /// A recording
    pub file: PathBuf,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// Stop after this entry of the log
    #[arg(long, value_name = "N")]
    pub to: Option<u64>,
    /// Compare the state with what was recorded; exit code 1 if it goes another way
    #[arg(long)]
    pub verify: bool,
    /// Save the session as it is there
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// How
    #[command(flatten)]
    pub saving: Saving,
}

/// The session that an event is sent to.
#[derive(Debug, ClapArgs)]
pub struct Play {
    /// The schema; by default the document's `schemaPath`, or a schema beside it
    #[arg(long)]
    pub schema: Option<PathBuf>,
    /// The event's parameters, a JSON object, or @FILE
    #[arg(long, value_name = "JSON|@FILE")]
    pub params: Option<String>,
    /// Who sends the event; by default the session itself, which may do everything
    #[arg(long, default_value = "")]
    pub sender: String,
    /// Players in the order in which they joined; the first one is host
    #[arg(long, value_delimiter = ',')]
    pub players: Vec<String>,
    /// The state before, in whole or in part, a JSON object, or @FILE
    #[arg(long, value_name = "JSON|@FILE")]
    pub state: Option<String>,
    /// Values over the configuration's defaults, JSON like {"Group":{"Field":1}} or a file of that; or a .config file, instead of the document's
    #[arg(long, value_name = "JSON|FILE")]
    pub config: Option<String>,
    /// Seed of all random streams
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Session time
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true)]
    pub now: i64,
    /// Let this much time pass after the event, so that waiting handlers go on
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(i64).range(0..))]
    pub advance: Option<i64>,
    /// Fuel of one activation
    #[arg(long)]
    pub fuel: Option<u64>,
    /// The execution
    #[arg(long, value_enum, default_value = "interpreter")]
    pub backend: BackendName,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
}

/// An execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum BackendName {
    Interpreter,
    Jit,
    Rust,
    Js,
}

impl From<SaveForm> for Form {
    fn from(form: SaveForm) -> Form {
        match form {
            SaveForm::Json => Form::Json,
            SaveForm::Binary => Form::Binary,
        }
    }
}

impl Saving {
    /// As the library has it.
    pub fn options(&self) -> SaveOptions {
        SaveOptions { form: self.save_form.into(), keep: self.keep }
    }
}

impl MigrationArgs {
    /// As the library has it.
    pub fn migration(&self) -> Migration {
        if self.drop_waiting { Migration::new().drop_waiting() } else { Migration::new() }
    }
}

impl From<BackendName> for Backend {
    fn from(name: BackendName) -> Backend {
        match name {
            BackendName::Interpreter => Backend::Interpreter,
            BackendName::Jit => Backend::Jit,
            BackendName::Rust => Backend::Rust,
            BackendName::Js => Backend::Js,
        }
    }
}

/// One execution, or all that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum BackendChoice {
    Interpreter,
    Jit,
    Rust,
    Js,
    /// Every one that exists
    All,
}

/// `test`
#[derive(Debug, ClapArgs)]
pub struct Test {
    /// Test files, or folders with *.test.json files
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// The execution
    #[arg(long, value_enum, default_value = "interpreter")]
    pub backend: BackendChoice,
    /// Write the names of handlers to /tmp/perf-PID.map, where the profiler perf finds them; with --backend jit
    #[arg(long)]
    pub perf_map: bool,
    /// Only tests with this text in "FILE: NAME"
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Only the test with exactly the name of --filter, or exactly that "FILE: NAME"
    #[arg(long, requires = "filter")]
    pub exact: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Say which nodes and branches were reached, as JSON to FILE or to stdout
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub coverage: Option<Option<PathBuf>>,
    /// Show what fails and how its expectations would be rewritten to what was found; do so if you say yes
    #[arg(long)]
    pub update: bool,
    /// Rewrite without asking
    #[arg(long, requires = "update")]
    pub yes: bool,
    /// Begin no more tests once one has failed
    #[arg(long)]
    pub fail_fast: bool,
    /// Run again whenever a file changes
    #[arg(long, conflicts_with = "update")]
    pub watch: bool,
    /// Threads; by default one per core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// `draw`
#[derive(Debug, ClapArgs)]
pub struct Draw {
    /// The document
    pub file: PathBuf,
    /// Only this handler, function, filter or effect
    #[arg(long)]
    pub handler: Option<String>,
    /// Show what the handlers of this event did
    #[arg(long)]
    pub event: Option<String>,
    /// Where to: *.svg for one graph, *.html for a page; by default an SVG or a page on stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How the session begins
    #[command(flatten)]
    pub play: Play,
}

/// `emit`
#[derive(Debug, ClapArgs)]
pub struct Emit {
    /// The document
    pub file: PathBuf,
    /// What to translate it to
    #[arg(long, value_enum)]
    pub target: EmitTarget,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// The schema; by default the document's `schemaPath`, or a schema beside it
    #[arg(long)]
    pub schema: Option<PathBuf>,
    /// Where to; by default stdout. Of JavaScript a folder, which gets the runtime library, too
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Of `--target object`: the object file that FILE, written before, has in it, if it is of this document and nobody changed it
    #[arg(long, value_name = "FILE")]
    pub open: Option<PathBuf>,
}

/// What a document is translated to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EmitTarget {
    /// Intermediate representation
    Ir,
    /// Rust source, over the runtime
    Rust,
    /// JavaScript source
    Js,
    /// Cranelift IR, before it is optimised, with the nodes that it is from
    Clif,
    /// Machine code for this machine, as text: addresses, bytes, instructions, nodes
    Asm,
    /// The same as an object file under a seal; needs --out
    Object,
}

/// `bench`
#[derive(Debug, ClapArgs)]
pub struct Bench {
    /// The document
    pub file: PathBuf,
    /// The schema; by default the document's `schemaPath`, or a schema beside it
    #[arg(long)]
    pub schema: Option<PathBuf>,
    /// The configuration; by default the one that the document names
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// Only this handler
    #[arg(long)]
    pub handler: Option<String>,
    /// The parameters, a JSON object, or @FILE; by default what the document's tests send, or made from the types
    #[arg(long, value_name = "JSON|@FILE")]
    pub params: Option<String>,
    /// The state, in whole or in part, a JSON object, or @FILE; by default that of the test
    #[arg(long, value_name = "JSON|@FILE")]
    pub state: Option<String>,
    /// The executions; by default all
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["interpreter", "jit", "rust", "js"])]
    pub backend: Vec<BackendName>,
    /// Write the names of handlers to /tmp/perf-PID.map, where the profiler perf finds them; with --backend jit
    #[arg(long)]
    pub perf_map: bool,
    /// About how long each handler is measured, on all executions together
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = seconds)]
    pub seconds: f64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw a chart, too
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Answer lines of another process that measures
    #[arg(long, hide = true)]
    pub serve: bool,
}

/// Seconds: at most an hour.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it must be a number of seconds".to_owned())?;
    if (0.0..=3_600.0).contains(&seconds) { Ok(seconds) } else { Err("it must be from 0 to 3600".to_owned()) }
}

/// `ir`
#[derive(Debug, ClapArgs)]
pub struct Ir {
    /// The document
    pub file: PathBuf,
    /// The schema; by default the document's `schemaPath`, or a schema beside it
    #[arg(long)]
    pub schema: Option<PathBuf>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// As it is lowered for tracing
    #[arg(long)]
    pub traced: bool,
    /// As it is lowered, before the passes
    #[arg(long, conflicts_with = "without_branches")]
    pub plain: bool,
    /// As machine code is made of it: loops without branches that depend on data
    #[arg(long)]
    pub without_branches: bool,
    /// Where to; by default stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `schema`
#[derive(Debug, ClapArgs)]
pub struct Schema {
    /// A schema, in either spelling
    pub file: PathBuf,
    /// What to translate it to
    #[arg(long, value_enum)]
    pub target: SchemaTarget,
    /// Where to; by default stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What a schema is translated to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaTarget {
    /// Schema JSON
    Json,
    /// Rust structs that derive `Tracked`
    Rust,
    /// TypeScript declarations of what clients see
    Ts,
}

/// `fmt`
#[derive(Debug, ClapArgs)]
pub struct Fmt {
    /// Files; of folders the documents, tests and schemas in them and below
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// Change nothing; say which files are not formatted
    #[arg(long)]
    pub check: bool,
}

/// `docs`
#[derive(Debug, ClapArgs)]
pub struct Docs {
    /// Markdown or JSON
    #[arg(long, value_enum, default_value = "markdown")]
    pub format: DocsFormat,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// The operations of the intermediate representation instead (Markdown)
    #[arg(long, conflicts_with = "format")]
    pub ir: bool,
}

/// How the reference is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum DocsFormat {
    Markdown,
    Json,
}

/// `new`
#[derive(Debug, ClapArgs)]
pub struct New {
    /// The project's folder; it must not exist yet
    pub name: PathBuf,
}
