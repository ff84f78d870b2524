//! What a test file says (docs/testing.md has the format).

use std::sync::Arc;

use statewright_graph::document::Path;
use statewright_runtime::session::LoadError;
use statewright_runtime::session::saved::{self, SavedLedger};
use statewright_types::json::{self, Entry, NodeId, Tree};
use statewright_types::random::Generator;
use statewright_types::{Diagnostic, Span, TrapCode, Value, suggest};

use super::reader::{BAD_PATH, MISSING_KEY, Reader, UNKNOWN_NAME, WRONG_SHAPE};
use super::steps::{self, Step};
use crate::play::{Grant, Setup};
use crate::project::Source;

/// A test file.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// Its text.
    pub source: Arc<Source>,
    /// The parsed text, which expectations refer to.
    pub tree: Tree,
    /// The document.
    pub graph: Part,
    /// The schema; found beside the document if absent.
    pub schema: Option<Part>,
    /// The configuration, instead of the one that the document names.
    pub config: Option<Part>,
    /// In order.
    pub tests: Vec<Test>,
}

/// A document, schema or configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A path from the test file.
    Path(Arc<str>),
    /// The object itself.
    Inline(NodeId),
}

/// One test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: Arc<str>,
    /// Where it stands.
    pub span: Span,
    /// What the session begins with; the state stands in the test file at `state`.
    pub setup: Setup,
    /// A state, in whole or in part.
    pub state: Option<NodeId>,
    /// `{"Group": {"Field": value}}` over the configuration's defaults.
    pub config: Option<NodeId>,
    /// The same over that: what handlers have set.
    pub configured: Option<NodeId>,
    /// Roots that are not there, with their names in `setup`.
    pub inactive: Vec<NodeId>,
    /// In order.
    pub steps: Vec<Step>,
    /// What holds at the end.
    pub expect: Expect,
    /// Diagnostics that the document's check gives.
    pub check: Option<NodeId>,
}

/// What is expected. Only what is given is looked at.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// Base values by path.
    pub state: Vec<Expected>,
    /// Values with effects, by path.
    pub effective: Vec<Expected>,
    /// The whole state.
    pub full_state: Option<NodeId>,
    /// All events, in order.
    pub events: Option<NodeId>,
    /// The first error's code, or none.
    pub error: Option<(Option<TrapCode>, NodeId)>,
    /// The node that raised it.
    pub at: Option<(Arc<str>, NodeId)>,
    /// Fuel used.
    pub fuel: Option<(u64, NodeId)>,
    /// Suspended activations.
    pub waiting: Option<(u64, NodeId)>,
    /// What viewers see, by path.
    pub view: Vec<(Arc<str>, Vec<Expected>)>,
}

/// A value by path.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The path.
    pub path: Path,
    /// The value in the test file.
    pub value: NodeId,
}

const FILE_KEYS: &[&str] = &["graph", "schema", "config", "tests", "description"];
const TEST_KEYS: &[&str] = &[
    "name",
    "description",
    "seed",
    "now",
    "players",
    "state",
    "config",
    "configured",
    "streams",
    "inactive",
    "ledger",
    "fuel_limit",
    "memory_limit",
    "rng",
    "host",
    "grants",
    "steps",
    "expect",
    "check",
];
const EXPECT_KEYS: &[&str] = &["state", "effective", "full_state", "events", "error", "at", "fuel", "waiting", "view"];
/// Keys of an entry of `events`.
pub const EVENT_KEYS: &[&str] = &["type", "to", "payload"];
/// Keys of an entry of `check`.
pub const CHECK_KEYS: &[&str] = &["code", "severity", "handler", "node", "port"];

/// Reads a test file. `None` only if it is no JSON or says nothing of a graph.
pub fn read(source: &Arc<Source>) -> (Option<TestFile>, Vec<Diagnostic>) {
    let tree = match json::parse(source.text.clone()) {
        Ok(tree) => tree,
        Err(error) => return (None, vec![error]),
    };
    let mut reader = Reader::new(&tree);
    let mut graph = None;
    let mut schema = None;
    let mut config = None;
    let mut tests = Vec::new();
    for entry in reader.object(tree.root(), "a test file", FILE_KEYS) {
        match &*entry.key {
            "graph" => graph = part(&mut reader, entry, "the graph"),
            "schema" => schema = part(&mut reader, entry, "the schema"),
            "config" => config = part(&mut reader, entry, "the configuration"),
            "tests" => {
                let list = reader.list(entry.value, "`tests`");
                tests = list.iter().map(|node| test(&mut reader, *node)).collect();
            }
            _ => {}
        }
    }
    for (key, missing) in [("graph", graph.is_none()), ("tests", tree.get(tree.root(), "tests").is_none())] {
        if missing && tree.get(tree.root(), key).is_none() {
            let help = "a test file is {\"graph\": PATH or object, \"schema\": PATH or object, \"tests\": […]}";
            reader.error(MISSING_KEY, tree.root(), format!("the test file has no `{key}`"), help);
        }
    }
    let diagnostics = reader.diagnostics;
    (graph.map(|graph| TestFile { source: source.clone(), graph, schema, config, tests, tree }), diagnostics)
}

fn part(reader: &mut Reader<'_>, entry: &Entry, what: &str) -> Option<Part> {
    match reader.tree.kind(entry.value) {
        json::Kind::String => reader.tree.str(entry.value).map(|path| Part::Path(path.clone())),
        json::Kind::Object => Some(Part::Inline(entry.value)),
        _ => {
            reader.wrong(entry.value, what, "a path or an object");
            None
        }
    }
}

fn test(reader: &mut Reader<'_>, node: NodeId) -> Test {
    let mut test = Test {
        name: "".into(),
        span: reader.tree.span(node),
        setup: Setup::default(),
        state: None,
        config: None,
        configured: None,
        inactive: Vec::new(),
        steps: Vec::new(),
        expect: Expect::default(),
        check: None,
    };
    let setup = &mut test.setup;
    for entry in reader.object(node, "a test", TEST_KEYS) {
        let value = entry.value;
        match &*entry.key {
            "name" => test.name = reader.text(value, "`name`").unwrap_or_default(),
            "seed" => setup.seed = seed(reader, value),
            "now" => setup.now_ms = reader.int(value, "`now`").unwrap_or_default(),
            "players" => setup.players = reader.texts(value, "`players`"),
            "state" => {
                reader.entries(value, "`state`");
                test.state = Some(value);
            }
            "config" => {
                reader.entries(value, "`config`");
                test.config = Some(value);
            }
            "configured" => {
                reader.entries(value, "`configured`");
                test.configured = Some(value);
            }
            "inactive" => {
                setup.inactive = reader.texts(value, "`inactive`");
                test.inactive = reader.tree.elements(value).to_vec();
            }
            "fuel_limit" => setup.fuel = reader.uint(value, "`fuel_limit`"),
            "memory_limit" => setup.memory_bytes = reader.uint(value, "`memory_limit`"),
            "rng" => setup.generator = rng(reader, value),
            "host" if reader.tree.kind(value) == json::Kind::Null => setup.host = Some("".into()),
            "host" => setup.host = reader.text(value, "`host`"),
            "grants" => {
                for entry in reader.entries(value, "`grants`") {
                    let views = reader.texts(entry.value, "the views of a player");
                    setup.grants.extend(views.into_iter().map(|view| Grant { viewer: entry.key.clone(), view }));
                }
            }
            "steps" => {
                let steps = reader.list(value, "`steps`");
                test.steps = steps.iter().filter_map(|step| steps::step(reader, *step)).collect();
            }
            "expect" => test.expect = expect(reader, value),
            "check" => {
                for entry in reader.list(value, "`check`") {
                    for key in reader.object(*entry, "an expected diagnostic", CHECK_KEYS) {
                        reader.text(key.value, &format!("`{}`", key.key));
                    }
                }
                test.check = Some(value);
            }
            _ => {}
        }
    }
    midway(reader, node, &mut test.setup);
    if reader.tree.get(node, "name").is_none() {
        reader.error(MISSING_KEY, node, "the test has no `name`", "say what it shows, in a few words");
    }
    test
}

/// What a session has that is not at its beginning. These depend on other keys: the generator, the time.
fn midway(reader: &mut Reader<'_>, test: NodeId, setup: &mut Setup) {
    let help = "a recording made into a test has this, and a save file: copy it from there as a whole";
    if let Some(node) = reader.tree.get(test, "streams") {
        match saved::streams(&reader.tree.value(node), setup.generator) {
            Ok(streams) => setup.streams = Some(streams),
            Err(error) => reader.error(WRONG_SHAPE, node, format!("`streams` cannot be read: {}", what(&error)), help),
        }
    }
    if let Some(node) = reader.tree.get(test, "ledger") {
        let read = SavedLedger::from_value(&reader.tree.value(node)).map_err(|error| what(&error));
        match read.and_then(|ledger| ledger.check(setup.now_ms).map(|()| ledger)) {
            Ok(ledger) => setup.ledger = Some(ledger),
            Err(error) => reader.error(WRONG_SHAPE, node, format!("`ledger` cannot be read: {error}"), help),
        }
    }
}

fn what(error: &LoadError) -> String {
    match error {
        LoadError::Malformed(what) => what.clone(),
        other => other.to_string(),
    }
}

/// A seed: 64 bits, given signed or unsigned.
fn seed(reader: &mut Reader<'_>, node: NodeId) -> u64 {
    match reader.tree.value(node) {
        Value::Int(number) => number as u64,
        Value::UInt(number) => number,
        _ => {
            reader.wrong(node, "`seed`", "an integer of 64 bits");
            0
        }
    }
}

fn rng(reader: &mut Reader<'_>, node: NodeId) -> Generator {
    let name = reader.text(node, "`rng`").unwrap_or_default();
    let known = Generator::ALL.map(Generator::name);
    Generator::by_name(&name).unwrap_or_else(|| {
        reader.error(UNKNOWN_NAME, node, format!("there is no generator `{name}`"), suggest::help(&name, known));
        Generator::default()
    })
}

pub(super) fn expect(reader: &mut Reader<'_>, node: NodeId) -> Expect {
    let mut expect = Expect::default();
    for entry in reader.object(node, "`expect`", EXPECT_KEYS) {
        let value = entry.value;
        match &*entry.key {
            "state" => expect.state = paths(reader, value, "`state`"),
            "effective" => expect.effective = paths(reader, value, "`effective`"),
            "full_state" => {
                reader.entries(value, "`full_state`");
                expect.full_state = Some(value);
            }
            "events" => {
                for event in reader.list(value, "`events`") {
                    reader.object(*event, "an expected event", EVENT_KEYS);
                }
                expect.events = Some(value);
            }
            "error" => expect.error = error(reader, value),
            "at" => expect.at = reader.text(value, "`at`").map(|id| (id, value)),
            "fuel" => expect.fuel = reader.uint(value, "`fuel`").map(|fuel| (fuel, value)),
            "waiting" => expect.waiting = reader.uint(value, "`waiting`").map(|waiting| (waiting, value)),
            "view" => {
                for viewer in reader.entries(value, "`view`") {
                    let seen = paths(reader, viewer.value, "what a viewer sees");
                    expect.view.push((viewer.key.clone(), seen));
                }
            }
            _ => {}
        }
    }
    expect
}

fn paths(reader: &mut Reader<'_>, node: NodeId, what: &str) -> Vec<Expected> {
    let mut expected = Vec::new();
    for entry in reader.entries(node, what) {
        match Path::parse(&entry.key) {
            Ok(path) => expected.push(Expected { path, value: entry.value }),
            Err(error) => {
                let message = format!("`{}` is no path: {}", entry.key, error.message);
                reader.diagnostics.push(Diagnostic::error(BAD_PATH, entry.key_span, message).help(error.help));
            }
        }
    }
    expected
}

fn error(reader: &mut Reader<'_>, node: NodeId) -> Option<(Option<TrapCode>, NodeId)> {
    if reader.tree.kind(node) == json::Kind::Null {
        return Some((None, node));
    }
    let code = reader.text(node, "`error`")?;
    let Some(trap) = TrapCode::by_code(&code) else {
        let help = suggest::help(&code, TrapCode::ALL.iter().map(|trap| trap.code()));
        reader.error(UNKNOWN_NAME, node, format!("there is no error code `{code}`"), help);
        return None;
    };
    Some((Some(trap), node))
}
