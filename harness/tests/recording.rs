//! Recordings in files.

use std::sync::Arc;

use statewright_harness::files::Disk;
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Fault, Loaded, Source};
use statewright_harness::record::{self, FileRecorder, RecordFileOptions};
use statewright_harness::save::Versions;
use statewright_runtime::host::HostNodes;
use statewright_runtime::session::{Action, Session};
use statewright_types::Value;

mod support;

use support::Folder;

const SCHEMA: &str = "@root(active)\ntype Game {\n    Total int64\n}\n";

/// `Roll` draws, waits that long, and adds it `times`.
fn loaded(times: i64) -> Loaded {
    let document = format!(
        r#"{{"handlers": [{{"name": "Roll", "event": "Roll", "parameters": [], "nodes": [
  {{"id": "draw", "type": "RandomInt", "inputs": {{"min": 1, "max": 50}}}},
  {{"id": "wait", "type": "Wait", "inputs": {{"duration": "node:draw:result"}}}},
  {{"id": "times", "type": "Multiply", "inputs": {{"a": "node:draw:result", "b": {times}}}}},
  {{"id": "add", "type": "Increment", "inputs": {{"path": "Total", "by": "node:times:result"}}}}],
  "flow": [{{"from": "start", "to": "draw"}}, {{"from": "draw", "to": "wait"}}, {{"from": "wait", "to": "times"}}, {{"from": "times", "to": "add"}}]}}]}}"#
    );
    let text = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(name, text)));
    let loaded = Loaded::from_texts(text("document", &document), text("schema", SCHEMA), false);
    let errors: Vec<&str> = loaded.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
    assert!(loaded.module.is_some(), "{errors:?}");
    loaded
}

fn begin(loaded: &Loaded) -> Session {
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    play::begin(loaded, program, &Setup { seed: 4, ..Setup::default() }, None).expect("it begins")
}

#[test]
fn a_session_with_two_versions_is_recorded_and_replayed() {
    let folder = Folder::new();
    let path = folder.path().join("a.rec");
    let (first, second) = (loaded(1), loaded(100));
    let mut session = begin(&first);
    let mut versions = Versions::default();
    versions.add(first, false);
    // What happened before is where it begins.
    session.dispatch(Action::own("Roll", Value::Null));
    let mut recorder =
        FileRecorder::create(&Disk, &path, &session, &versions, RecordFileOptions::default()).expect("a new file");
    for turn in 0..20 {
        if turn == 10 {
            let program = second.program(Backend::Interpreter).expect("it exists").expect("it runs");
            session.set_program(program);
            // Its text is not at hand yet: nothing is lost by that.
            let fault = recorder.record(&mut session, &versions).map(|_| ()).expect_err("the text is missing");
            assert!(matches!(fault, Fault::NotRecorded { .. }), "{fault}");
            versions.add(second.clone(), false);
        }
        session.dispatch(Action::own("Roll", Value::Null));
        session.advance(9);
        recorder.record(&mut session, &versions).expect("it can be written");
    }
    // A program that ends here has left everything but the end.
    let cut = record::read(&Disk, &path).expect("it is whole");
    assert!(!cut.is_ended && cut.torn.is_none());
    recorder.finish(&mut session, &versions).expect("it can be written");
    let recording = record::read(&Disk, &path).expect("it is whole");
    assert!(recording.is_ended);
    let replayed =
        record::replay("a.rec", &recording, &HostNodes::default(), None, true).expect("it goes the same way");
    assert_eq!(replayed.session.state().hash(), session.state().hash());
    assert_eq!((replayed.session.now_ms(), replayed.session.waiting()), (session.now_ms(), session.waiting()));
    assert!(replayed.checkpoints > 0);
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let folder = Folder::new();
    let path = folder.put("a.rec", "precious");
    let loaded = loaded(1);
    let session = begin(&loaded);
    let mut versions = Versions::default();
    versions.add(loaded, false);
    let fault = FileRecorder::create(&Disk, &path, &session, &versions, RecordFileOptions::default()).map(|_| ());
    assert!(fault.expect_err("it is there").to_string().contains("there is a file already"));
    let fault = record::read(&Disk, &path).expect_err("it is none").to_string();
    assert!(fault.contains("cannot replay") && fault.contains("it is no recording"), "{fault}");
}
