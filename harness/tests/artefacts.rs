//! Results name what ran them: the execution, and the SHA-256 of what was built for the document.

mod support;

use std::collections::BTreeSet;

use statewright_harness::node;
use statewright_harness::project::Backend;
use statewright_harness::testing::{Options, Summary, junit, run_paths, text};
use support::Folder;

/// A test file whose document adds `by`; a second test looks at the document's check alone.
fn test_file(by: i64) -> String {
    format!(
        r#"{{"graph": {{"handlers": [{{"name": "OnGo", "event": "Go", "parameters": [],
          "nodes": [{{"id": "add", "type": "Increment", "inputs": {{"path": "Sum", "by": {by}}}}}],
          "flow": [{{"from": "start", "to": "add"}}]}}]}},
        "schema": {{"package": "t", "types": [{{"name": "Game", "role": "root", "defaultState": "active",
          "fields": [{{"name": "Sum", "type": "int64"}}]}}]}},
        "tests": [
          {{"name": "adds", "steps": [{{"event": "Go", "expect": {{"state": {{"Sum": {by}}}}}}}]}},
          {{"name": "has no errors", "check": []}}]}}"#
    )
}

fn run(folder: &Folder, backends: Vec<Backend>) -> Summary {
    let paths = [folder.put("one.test.json", &test_file(1)), folder.put("two.test.json", &test_file(2))];
    let summary = run_paths(&paths, &Options { backends, ..Options::default() });
    assert!(summary.ok(), "{summary:?}");
    summary
}

#[test]
fn each_document_has_the_hash_of_what_was_built_for_it() {
    let mut backends = vec![Backend::Interpreter, Backend::Jit];
    match node::check() {
        Ok(()) => backends.push(Backend::Js),
        Err(why) => println!("without JavaScript: {why}"),
    }
    let folder = Folder::new();
    let summary = run(&folder, backends.clone());
    let hashes = |summary: &Summary, backend: Backend| -> Vec<String> {
        let all = summary.artefacts().into_iter().filter(|ran| ran.backend == backend);
        all.map(|ran| ran.sha256).collect()
    };
    assert_eq!(hashes(&summary, Backend::Interpreter), Vec::<String>::new(), "nothing is built for it");
    for backend in backends.iter().copied().filter(|backend| *backend != Backend::Interpreter) {
        let told = hashes(&summary, backend);
        let distinct: BTreeSet<&String> = told.iter().collect();
        assert_eq!((told.len(), distinct.len()), (2, 2), "one for each document on {}: {told:?}", backend.name());
        assert!(told.iter().all(|hash| hash.len() == 64), "{told:?}");
        assert_eq!(told, hashes(&run(&folder, vec![backend]), backend), "the same documents are built alike");
        let (said, report) =
            (text::summary_text(&summary, statewright_harness::report::Look::default()), junit::junit(&summary));
        for hash in &told {
            assert!(said.contains(&format!("ran as SHA-256 {hash}\n")), "{said}");
            let property = format!("<property name=\"artefact.{}.sha256\" value=\"{hash}\"/>", backend.name());
            assert_eq!(report.matches(&property).count(), 1, "{report}");
        }
    }
}

#[test]
fn a_test_that_runs_nothing_names_nothing() {
    let folder = Folder::new();
    let summary = run(&folder, vec![Backend::Jit]);
    let (ran, checked): (Vec<_>, Vec<_>) = summary.outcomes.iter().partition(|outcome| &*outcome.name == "adds");
    assert!(ran.iter().all(|outcome| outcome.artefact.is_some()), "{ran:?}");
    assert!(checked.len() == 2 && checked.iter().all(|outcome| outcome.artefact.is_none()), "{checked:?}");
}
