//! Which node types test files use, which rules they cite for which node types, and which errors of which node types
//! they provoke.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use statewright_graph::document::{Document, Graph};
use statewright_graph::node;
use statewright_harness::act::Act;
use statewright_harness::project::source::Texts;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::testing::discover::discover;
use statewright_harness::testing::execute::begin;
use statewright_harness::testing::file::{self, Test, TestFile};
use statewright_harness::testing::suite;
use statewright_harness::trace::Trace;
use statewright_runtime::context::Tracer;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::Trap;
use statewright_types::{Limits, Value};

use crate::matrix::rules::{RULES, errors};

/// What test files reach.
#[derive(Debug, Default)]
pub struct Reached {
    /// Node types that stand in their documents.
    pub types: BTreeSet<String>,
    /// Node type and error code, of the errors that stopped an activation.
    pub errors: BTreeSet<(String, String)>,
    /// Rule and node type, of the nodes that a case reached which cites the rule.
    pub rules: BTreeSet<(String, String)>,
    /// How many cases cite each rule.
    pub cases: BTreeMap<String, usize>,
}

impl Reached {
    /// Looks through all test files at `path`. What cannot be read is left out: running the files reports it.
    pub fn add(&mut self, path: &Path) {
        for path in discover(path).unwrap_or_default() {
            if let Some((file, loaded)) = load(&path) {
                self.types.extend(graphs(&loaded.document).flat_map(types));
                for test in &file.tests {
                    self.test(&file, &loaded, test);
                }
            }
        }
    }

    fn test(&mut self, file: &TestFile, loaded: &Loaded, test: &Test) {
        let rules = cited(&test.name);
        for rule in &rules {
            *self.cases.entry(rule.clone()).or_default() += 1;
        }
        let mut nodes = said(file, loaded, test);
        nodes.extend(self.run(file, loaded, test).unwrap_or_default());
        self.rules.extend(rules.iter().flat_map(|rule| nodes.iter().map(|node| (rule.clone(), node.clone()))));
    }

    /// Runs a test and notes which nodes stopped it. Gives the types of the nodes that it reached.
    fn run(&mut self, file: &TestFile, loaded: &Loaded, test: &Test) -> Option<BTreeSet<String>> {
        let program = loaded.program(Backend::Interpreter).ok().flatten()?;
        let mut session = begin(file, test, loaded, program).ok()?;
        let mut trace = Trace::default();
        // A trace takes a copy of every value at every port: too much where a million elements are put together.
        let traced = test.setup.fuel.is_none_or(|fuel| fuel <= Limits::default().fuel);
        for step in &test.steps {
            let is_event = matches!(step.act, Act::Event(_));
            let reports =
                step.act.perform(&mut session, (traced || !is_event).then_some(&mut trace as &mut dyn Tracer));
            for activation in reports.iter().flat_map(|report| &report.activations) {
                let stopped = activation.error.as_ref().and_then(|trap| type_of(loaded, &activation.handler, trap));
                self.errors.extend(stopped);
            }
        }
        let visited = graphs(&loaded.document).flat_map(|graph| {
            let of = graph.nodes.iter().filter(|node| trace.visits(&graph.name.text, &node.id.text) > 0);
            of.map(|node| node.ty.text.to_string())
        });
        Some(visited.collect())
    }
}

/// What all test files at `path` reach.
pub fn reached(path: &Path) -> Reached {
    let mut reached = Reached::default();
    reached.add(path);
    reached
}

/// `RULE NODE` for every node type that a rule is about and that no case reaches which cites it; `RULE` for rules that
/// no case cites at all.
pub fn uncited(reached: &Reached) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    for rule in RULES {
        if !reached.cases.contains_key(rule.number) {
            missing.insert(rule.number.to_owned());
        }
        let Some(nodes) = rule.nodes else { continue };
        let empty = |name: &str| !reached.rules.contains(&(rule.number.to_owned(), name.to_owned()));
        let rows = node::table().filter(|row| nodes(row) && empty(row.name));
        missing.extend(rows.map(|row| format!("{} {}", rule.number, row.name)));
    }
    missing
}

/// `NODE CODE` of every error that a row can stop with and that did not happen.
pub fn missing(reached: &Reached) -> BTreeSet<String> {
    let possible = node::table().flat_map(|row| errors(row).into_iter().map(move |code| (row.name, code)));
    possible
        .filter(|(name, code)| !reached.errors.contains(&((*name).to_owned(), (*code).to_owned())))
        .map(|(name, code)| format!("{name} {code}"))
        .collect()
}

/// The rules at the beginning of a case's name: `R4.2`, or `R4.2, R5.1`.
fn cited(name: &str) -> Vec<String> {
    let words = name.split([' ', ':']).map(|word| word.trim_end_matches(','));
    let is_rule =
        |word: &&str| word.strip_prefix('R').is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()));
    words.filter(|word| !word.is_empty()).take_while(is_rule).map(str::to_owned).collect()
}

/// A test file with its document, if both can be read and run.
pub fn load(path: &Path) -> Option<(TestFile, Loaded)> {
    let source = Arc::new(Source::read(path).ok()?);
    let file = file::read(&source).0?;
    let loaded = suite::load(&file, path, true, &Texts::default(), &HostNodes::default()).ok()?;
    Some((file, loaded))
}

fn graphs(document: &Document) -> impl Iterator<Item = &Graph> {
    document.handlers.iter().chain(&document.functions).chain(&document.filters).chain(&document.effects)
}

fn types(graph: &Graph) -> impl Iterator<Item = String> + '_ {
    graph.nodes.iter().map(|node| node.ty.text.to_string())
}

/// The types of the nodes that a test's `check` names; of all nodes if it is empty, or an entry names none.
fn said(file: &TestFile, loaded: &Loaded, test: &Test) -> BTreeSet<String> {
    let Some(Value::List(entries)) = test.check.map(|node| file.tree.value(node)) else { return BTreeSet::new() };
    let named = |entry: &Value, key: &str| match entry.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let of = |entry: &Value| {
        let (handler, id) = (named(entry, "handler"), named(entry, "node"));
        let graphs =
            graphs(&loaded.document).filter(move |graph| handler.as_ref().is_none_or(|name| graph.name.text == *name));
        let nodes = graphs.flat_map(|graph| &graph.nodes);
        let nodes = nodes.filter(move |node| id.as_ref().is_none_or(|id| node.id.text == *id));
        nodes.map(|node| node.ty.text.to_string()).collect::<Vec<_>>()
    };
    if entries.is_empty() {
        return graphs(&loaded.document).flat_map(types).collect();
    }
    entries.iter().flat_map(of).collect()
}

/// The type of the node that stopped `handler`: it stands there or in one of the functions that it calls.
fn type_of(loaded: &Loaded, handler: &str, trap: &Trap) -> Option<(String, String)> {
    let id = trap.node.as_ref()?;
    let own = loaded.document.handlers.iter().filter(|graph| &*graph.name.text == handler);
    let node = own.chain(&loaded.document.functions).flat_map(|graph| &graph.nodes).find(|node| node.id.text == *id)?;
    Some((node.ty.text.to_string(), trap.code.code().to_owned()))
}
