//! Tests beside the graph: run on a thread of their own, what they reach of nodes and edges, and new ones made of what a
//! session did.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use statewright_harness::files::Files;
use statewright_harness::play::Setup;
use statewright_harness::project::source::whole;
use statewright_harness::project::{Source, walk};
use statewright_harness::testing::file::{self, Part};
use statewright_harness::testing::{Options, Summary, run_paths};
use statewright_types::json::{self, Kind, inserted};
use statewright_types::{Diagnostic, Severity, Span, Value};

use crate::open::file::read_text;
use crate::patch::Change;
use crate::refused::Refused;

/// Tests that run.
#[derive(Debug)]
pub struct TestRun {
    answer: Receiver<Summary>,
    thread: Option<JoinHandle<()>>,
}

impl TestRun {
    /// Runs the tests in files or folders; `told` is called on their thread when they are done.
    pub fn start(paths: Vec<PathBuf>, options: Options, told: impl FnOnce() + Send + 'static) -> TestRun {
        let (done, answer) = channel();
        let thread = thread::spawn(move || {
            // Nobody may want to know any more.
            let _ = done.send(run_paths(&paths, &options));
            told();
        });
        TestRun { answer, thread: Some(thread) }
    }

    /// What came of them, once they are done.
    pub fn answer(&self) -> Option<Summary> {
        self.answer.try_recv().ok()
    }

    /// What came of them, waiting for it.
    pub fn wait(mut self) -> Option<Summary> {
        let summary = self.answer.recv().ok();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        summary
    }
}

/// How often tests reached the nodes and labelled edges of one graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// By node.
    pub nodes: HashMap<String, u32>,
    /// By node and label of the exit.
    pub exits: HashMap<(String, String), u32>,
}

/// What tests reached of a graph of the document in file `name`; `None` if they did not run it, or were not asked.
pub fn overlay(summary: &Summary, name: &str, graph: &str) -> Option<Overlay> {
    let documents = &summary.coverage.as_ref()?.documents;
    let found = documents.iter().find(|(path, _)| *path == name || path.ends_with(&format!("/{name}")))?.1;
    let found = found.iter().find(|found| found.name == graph)?;
    Some(Overlay {
        nodes: found.nodes.iter().cloned().collect(),
        exits: found
            .branches
            .iter()
            .map(|branch| ((branch.from.clone(), branch.label.clone()), branch.taken))
            .collect(),
    })
}

/// The change that adds a test to the text of a test file.
///
/// # Errors
/// The text is no test file.
pub fn add_case(text: &str, case: &Value) -> Result<Change, Refused> {
    let foreign = || Refused::new("this is no test file", "choose a file that ends in `.test.json`");
    let tree = json::parse(text).map_err(|_| foreign())?;
    let list = tree.get(tree.root(), "tests").filter(|list| tree.kind(*list) == Kind::Array).ok_or_else(foreign)?;
    let edit = inserted(&tree, list, usize::MAX, &[(None, case.clone())]);
    Change::of(text, vec![edit]).ok_or_else(foreign)
}

/// The text of a new test file of a document, with one test.
pub fn new_file(document: &str, schema: Option<&str>, case: &Value) -> String {
    let mut entries = vec![("graph", Value::str(document))];
    entries.extend(schema.map(|schema| ("schema", Value::str(schema))));
    entries.push(("tests", Value::List(vec![case.clone()])));
    let text = json::to_pretty(&Value::map(entries));
    // The layout of all documents; what was just written is JSON.
    statewright_graph::document::format(&text).unwrap_or(text)
}

/// A test of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is in the file's text.
    pub span: Span,
    /// What it begins with, and the state, if it gives one, as JSON.
    pub setup: Setup,
    /// See `setup`.
    pub state: Option<Arc<str>>,
}

/// A test file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub text: Arc<str>,
    /// Its tests, in order.
    pub cases: Vec<Case>,
    /// What is wrong with it, if it is none or has mistakes.
    pub problem: Option<String>,
}

/// The test files in a folder and below that are of the document at `document`, which is in that folder or below; those that
/// cannot be read are there too.
pub fn files_of(files: &dyn Files, folder: &Path, document: &Path) -> Vec<TestFile> {
    let found = walk::files(folder, |name| name.ends_with(".test.json")).unwrap_or_default();
    let wanted = whole(document);
    let of = |path: PathBuf| match read_text(files, &path) {
        Ok((text, _)) => {
            let (file, is_of) = read(&path, text, |graph| whole(&path.with_file_name(graph)) == wanted);
            is_of.then_some(file)
        }
        Err(problem) => Some(TestFile { problem: Some(problem.to_string()), path, ..TestFile::default() }),
    };
    found.into_iter().filter_map(of).collect()
}

/// A test file by its text, and whether it is of a document that `is_it` knows by the way to it.
fn read(path: &Path, text: Arc<str>, is_it: impl Fn(&str) -> bool) -> (TestFile, bool) {
    let source = Arc::new(Source::of(path, text.clone()));
    let (found, diagnostics) = file::read(&source);
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    let problem = diagnostics.iter().find(is_error).map(|first| first.message.clone());
    let Some(found) = found else {
        let is_of = text.contains("\"graph\"");
        return (TestFile { path: path.to_owned(), text, cases: Vec::new(), problem }, is_of);
    };
    let is_of = match &found.graph {
        Part::Path(name) => is_it(name),
        Part::Inline(_) => false,
    };
    let case = |test: &file::Test| Case {
        name: test.name.clone(),
        span: test.span,
        setup: test.setup.clone(),
        state: test.state.map(|state| json::to_string(&found.tree.value(state)).into()),
    };
    let cases = found.tests.iter().map(case).collect();
    (TestFile { path: path.to_owned(), text, cases, problem }, is_of)
}

/// The span of a test in its file, to show it.
pub fn span_of(text: &str, name: &str) -> Option<Span> {
    let source = Arc::new(Source::inline("tests", text));
    let (found, _) = file::read(&source);
    found?.tests.iter().find(|test| &*test.name == name).map(|test| test.span)
}

#[cfg(test)]
mod tests {
    use statewright_graph::node::EXAMPLE_SCHEMA;
    use statewright_harness::act::Act;
    use statewright_harness::files::Disk;
    use statewright_runtime::session::Action;

    use super::*;
    use crate::run::past::Past;
    use crate::run::{Order, Setting};

    const TEXT: &str = r#"{"stateType": "Game", "handlers": [
  {"name": "Up", "event": "Up", "parameters": [{"name": "by", "type": "int"}], "nodes": [
    {"id": "is", "type": "If", "inputs": {"condition": "node:c:result"}},
    {"id": "c", "type": "Compare", "inputs": {"left": "param:by", "op": ">", "right": 0}},
    {"id": "add", "type": "Increment", "inputs": {"path": "Round", "by": "param:by"}},
    {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Round", "payload": {"n": "state:Round"}}}],
   "flow": [{"from": "start", "to": "is"}, {"from": "is", "to": "add", "label": "true"}, {"from": "add", "to": "say"}, {"from": "is", "to": "end", "label": "false"}]}]}"#;

    /// A folder of this process's own that goes with the value.
    struct Folder(PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_a_session_did_becomes_a_test_that_passes_and_can_fail() {
        let setup = Setup { players: vec!["ann".into()], ..Setup::default() };
        let setting = Setting {
            name: "game.json".into(),
            document: TEXT.into(),
            schema: EXAMPLE_SCHEMA.into(),
            setup: setup.clone(),
            ..Setting::default()
        };
        let orders =
            [3, 4].map(|by| Order::Act(Act::Event(Action::new("Up", "ann", Value::map([("by", Value::Int(by))])))));
        let past = Past::new(setting, orders.into());
        let case = |name: &str| past.case(name, 0..2).unwrap().case;
        let text = new_file("game.json", Some("game.schema"), &case("goes up"));
        // Round is 1, then 4, then 8.
        let wrong = json::to_string(&case("is wrong")).replace("\"Round\":8", "\"Round\":9");
        let text = add_case(&text, &json::parse(wrong.as_str()).map(|tree| tree.value(tree.root())).unwrap())
            .unwrap()
            .apply(&text)
            .unwrap();
        let folder = Folder(std::env::temp_dir().join(format!("statewright-editor-tests-{}", std::process::id())));
        std::fs::create_dir_all(&folder.0).unwrap();
        for (name, text) in [("game.json", TEXT), ("game.schema", EXAMPLE_SCHEMA), ("game.test.json", &text)] {
            std::fs::write(folder.0.join(name), text).unwrap();
        }
        let other = r#"{"graph": "other.json", "tests": []}"#;
        std::fs::write(folder.0.join("other.test.json"), other).unwrap();
        std::fs::write(folder.0.join("bad.test.json"), r#"{"graph": "game.json", "tests": 3}"#).unwrap();
        let found = files_of(&Disk, &folder.0, &folder.0.join("game.json"));
        let shown: Vec<(usize, bool)> = found.iter().map(|file| (file.cases.len(), file.problem.is_some())).collect();
        assert_eq!(shown, [(0, true), (2, false)]);
        assert_eq!(found[1].cases[0].setup, setup);
        for name in ["bad.test.json", "other.test.json"] {
            std::fs::remove_file(folder.0.join(name)).unwrap();
        }
        let options = Options { coverage: true, jobs: 1, ..Options::default() };
        let summary = TestRun::start(vec![folder.0.clone()], options, || ()).wait().unwrap();
        assert!(
            summary.faults.is_empty() && summary.findings.is_empty(),
            "{:?} {:?}",
            summary.faults,
            summary.findings
        );
        let passed: Vec<(&str, bool)> =
            summary.outcomes.iter().map(|outcome| (&*outcome.name, outcome.passed())).collect();
        assert_eq!(passed, [("goes up", true), ("is wrong", false)], "{text}");
        let overlay = overlay(&summary, "game.json", "Up").unwrap();
        assert_eq!((overlay.nodes["add"], overlay.exits[&("is".into(), "false".into())]), (4, 0));
        assert!(span_of(&text, "is wrong").is_some());
    }

    #[test]
    fn what_is_no_test_file_takes_no_test() {
        assert!(add_case("{}", &Value::Null).is_err());
    }
}
