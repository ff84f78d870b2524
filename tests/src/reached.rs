//! Which node types the corpus uses, and which errors of which node types it provokes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use statewright_graph::document::Document;
use statewright_graph::node;
use statewright_harness::play;
use statewright_harness::project::{Backend, Loaded, Source, loaded::Text};
use statewright_harness::testing::discover::discover;
use statewright_harness::testing::execute::part;
use statewright_harness::testing::file::{self, Action, Part, Test, TestFile};
use statewright_runtime::program::Trap;
use statewright_runtime::session;

/// What test files reach.
#[derive(Debug, Default)]
pub struct Reached {
    /// Node types that stand in their documents.
    pub types: BTreeSet<String>,
    /// Node type and error code, of the errors that a test expects.
    pub errors: BTreeSet<(String, String)>,
}

/// Looks through all test files at `path`. What cannot be read is left out: running the files reports it.
pub fn reached(path: &Path) -> Reached {
    let mut reached = Reached::default();
    for path in discover(path).unwrap_or_default() {
        if let Some((file, loaded)) = load(&path) {
            reached.types.extend(types(&loaded.document));
            file.tests.iter().for_each(|test| provoke(&file, &loaded, test, &mut reached));
        }
    }
    reached
}

/// `NODE CODE` of every error that a row says it may stop with and that is not among `errors`.
pub fn missing(errors: &BTreeSet<(String, String)>) -> BTreeSet<String> {
    let declared = node::table().flat_map(|row| row.errors.iter().map(|code| (row.name, code.code())));
    declared
        .filter(|(name, code)| !errors.contains(&((*name).to_owned(), (*code).to_owned())))
        .map(|(name, code)| format!("{name} {code}"))
        .collect()
}

/// A test file with its document, if both can be read and run.
pub fn load(path: &Path) -> Option<(TestFile, Loaded)> {
    let source = Arc::new(Source::read(path).ok()?);
    let file = file::read(&source).0?;
    let beside = |name: &str| Some(Text::whole(&Arc::new(Source::read(&path.parent()?.join(name)).ok()?)));
    let text = |given: &Part| match given {
        Part::Path(name) => beside(name),
        Part::Inline(node) => Some(part(&file, *node)),
    };
    let (graph, schema) = (text(&file.graph)?, text(file.schema.as_ref()?)?);
    let loaded = Loaded::from_texts(graph, schema, false);
    Some((file, loaded))
}

fn types(document: &Document) -> impl Iterator<Item = String> + '_ {
    let graphs = document.handlers.iter().chain(&document.functions).chain(&document.filters).chain(&document.effects);
    graphs.flat_map(|graph| graph.nodes.iter().map(|node| node.ty.text.to_string()))
}

/// Runs a test that expects an error and notes which node stopped it.
fn provoke(file: &TestFile, loaded: &Loaded, test: &Test, reached: &mut Reached) {
    let expects = |expect: &file::Expect| matches!(expect.error, Some((Some(_), _)));
    if !(expects(&test.expect) || test.steps.iter().any(|step| expects(&step.expect))) {
        return;
    }
    let Ok(Some(program)) = loaded.program(Backend::Interpreter) else { return };
    let state = test.state.map(|node| part(file, node));
    let Ok(mut session) = play::begin(loaded, program, &test.setup, state.as_ref()) else { return };
    for step in &test.steps {
        let reports = match &step.action {
            Action::Event { event, sender, params } => {
                let action = session::Action { event: event.clone(), sender: sender.clone(), params: params.clone() };
                vec![session.dispatch(action)]
            }
            Action::Advance { ms } => session.advance(*ms),
        };
        for activation in reports.iter().flat_map(|report| &report.activations) {
            let stopped = activation.error.as_ref().and_then(|trap| type_of(loaded, &activation.handler, trap));
            reached.errors.extend(stopped);
        }
    }
}

/// The type of the node that stopped `handler`: it stands there or in one of the functions that it calls.
fn type_of(loaded: &Loaded, handler: &str, trap: &Trap) -> Option<(String, String)> {
    let id = trap.node.as_ref()?;
    let own = loaded.document.handlers.iter().filter(|graph| &*graph.name.text == handler);
    let node = own.chain(&loaded.document.functions).flat_map(|graph| &graph.nodes).find(|node| node.id.text == *id)?;
    Some((node.ty.text.to_string(), trap.code.code().to_owned()))
}
