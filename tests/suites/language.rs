//! docs/language.md: every example runs, every picture is what `draw` makes. `UPDATE_EXPECT=1` draws the pictures anew.

use std::path::{Path, PathBuf};

use expect_test::expect_file;
use statewright_harness::draw::{self, Style};
use statewright_harness::picture::{self, Run};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::{Backend, LoadOptions, Loaded};
use statewright_harness::trace::Trace;
use statewright_runtime::session::Action;
use statewright_tests::chapter::{Part, handler_test, parts, value_test};
use statewright_tests::corpus;
use statewright_types::json;

const STATE_FILE: &str = "reference.state.json";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[test]
fn every_example_of_the_language_page_holds() {
    let page = std::fs::read_to_string(docs().join("language.md")).expect("docs/language.md is there");
    let parts = parts(&page).expect("every block of docs/language.md is of a known kind");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("language");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder for the page's files is made");
    let mut state = String::from("{}");
    let mut complaints = String::new();
    let mut counted = [0; 4];
    for part in &parts {
        match part {
            Part::File { name, text } => {
                counted[0] += 1;
                std::fs::write(folder.join(name), text).expect("a file of the page is written");
                if name == STATE_FILE {
                    state.clone_from(text);
                }
                complaints.push_str(&checked(&folder.join(name)));
            }
            Part::Handler { line, text } => {
                counted[1] += 1;
                let name = format!("the example on line {line} of docs/language.md");
                complaints.push_str(&example(&folder, *line, &handler_test(&name, text), &state));
            }
            Part::Value { line, input, value } => {
                counted[2] += 1;
                let name = format!("line {line} of docs/language.md: {input}");
                complaints.push_str(&example(&folder, *line, &value_test(&name, input, value), &state));
            }
            Part::Picture { name, file, graph, event } => {
                counted[3] += 1;
                assert!(complaints.is_empty(), "{complaints}");
                let drawn = drawn(&folder.join(file), graph, event.as_ref());
                expect_file![docs().join("pictures").join(name)].assert_eq(&drawn);
                assert!(
                    page.contains(&format!("](pictures/{name})")),
                    "docs/language.md draws {name} and does not show it"
                );
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
    assert!(counted.iter().all(|count| *count > 3), "files, handlers, values, pictures: {counted:?}");
}

/// Runs a test file of the page, or checks a document of it.
fn checked(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.ends_with(".test.json") {
        return ran(path);
    }
    if !name.ends_with(".json") || name == STATE_FILE {
        return String::new();
    }
    match Loaded::open(path, &LoadOptions::default()) {
        Ok(loaded) => {
            loaded.findings.iter().map(|finding| format!("{name}: {}\n", finding.diagnostic.message)).collect()
        }
        Err(fault) => format!("{fault}\n"),
    }
}

fn example(folder: &Path, line: usize, test: &str, state: &str) -> String {
    let path = folder.join(format!("line-{line}.test.json"));
    std::fs::write(&path, test.replace("@STATE@", state)).expect("the example is written");
    ran(&path)
}

/// Complaints of running a test file, or of its having no test.
fn ran(path: &Path) -> String {
    let summary = corpus::run(path);
    if summary.ok() && !summary.outcomes.is_empty() {
        return String::new();
    }
    format!("{}: {}", path.display(), corpus::complaints(&summary))
}

/// What `draw` makes of a graph, and of an event if one is given.
fn drawn(path: &Path, graph: &str, event: Option<&[String; 3]>) -> String {
    let title = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let options = LoadOptions { traced: event.is_some(), ..LoadOptions::default() };
    let loaded = Loaded::open(path, &options).expect("the page's document is there");
    let mut trace = Trace::default();
    if let Some([event, sender, params]) = event {
        let program =
            loaded.program(Backend::Interpreter).expect("the interpreter is there").expect("the document runs");
        let mut session =
            play::begin(&loaded, program, &Setup::default(), None).unwrap_or_else(|_| panic!("{event} has a session"));
        for player in ["ann", "bob"] {
            let _ = session.join(player);
        }
        let params = json::parse(params.as_str()).expect("parameters are JSON");
        let action = Action::new(event, sender, params.value(params.root()));
        let report = session.dispatch_traced(action, &mut trace);
        assert!(report.refused.is_none() && report.activations.iter().all(|one| one.error.is_none()), "{report:?}");
        trace.settle(&[report]);
    }
    let run = event.map(|_| Run { trace: &trace, failure: None });
    let picture = picture::picture(&title, "", &loaded.document, run);
    let found = picture.graphs.iter().find(|found| found.name == graph);
    draw::svg(found.unwrap_or_else(|| panic!("{title} has no graph {graph}")), &Style::default())
}
