//! What a session did, made into tests that run by themselves.

use std::path::PathBuf;

use statewright_graph::node::EXAMPLE_SCHEMA;
use statewright_harness::act::Act;
use statewright_harness::play::Setup;
use statewright_harness::project::Backend;
use statewright_harness::save::Versions;
use statewright_harness::testing::{Options, run_paths};
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::{RecordOptions, Recorder, Recording};
use statewright_runtime::session::{Action, Session};
use statewright_types::json;

use super::*;
use crate::run::recorded::Recorded;
use crate::testing::{add_case, new_file};

/// Chance, time, what waits, roots, effects, filters, players, lists and maps.
const TEXT: &str = r#"{"stateType": "Game",
  "effects": [{"name": "Double", "parameters": [], "nodes": [{"id": "twice", "type": "SetField", "inputs": {"path": "Round", "value": "node:sum:result"}},
    {"id": "sum", "type": "Multiply", "inputs": {"a": "state:Round", "b": 2}}], "flow": [{"from": "start", "to": "twice"}]}],
  "filters": [{"name": "Blind", "parameters": [], "nodes": [{"id": "hide", "type": "SetField", "inputs": {"path": "Phase", "value": "?"}}],
    "flow": [{"from": "start", "to": "hide"}]}],
  "handlers": [
  {"name": "Roll", "event": "Roll", "nodes": [
    {"id": "roll", "type": "RandomInt", "inputs": {"min": 1, "max": 1000000}},
    {"id": "score", "type": "SetMapValue", "inputs": {"path": "Scores", "key": "a \"b\"", "value": "node:roll:value"}},
    {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Rolled", "payload": {"n": "node:roll:value", "at": "node:now:timestampMs"}}},
    {"id": "now", "type": "GetCurrentTime"}],
   "flow": [{"from": "start", "to": "score"}, {"from": "score", "to": "say"}]},
  {"name": "Later", "event": "Later", "nodes": [
    {"id": "later", "type": "Schedule", "inputs": {"eventType": "Roll", "delay": 100}}], "flow": [{"from": "start", "to": "later"}]},
  {"name": "Bless", "event": "Bless", "nodes": [
    {"id": "bless", "type": "AddEffect", "inputs": {"effectId": "d", "effectName": "Double", "duration": 400}},
    {"id": "up", "type": "Increment", "inputs": {"path": "Round"}},
    {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Now", "payload": {"round": "state:Round"}}}],
   "flow": [{"from": "start", "to": "bless"}, {"from": "bless", "to": "up"}, {"from": "up", "to": "say"}]},
  {"name": "Up", "event": "Up", "nodes": [
    {"id": "up", "type": "Increment", "inputs": {"path": "Round"}},
    {"id": "is", "type": "IsSchemaActive", "inputs": {"schemaName": "Bonus"}},
    {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Now", "payload": {"round": "state:Round", "open": "node:is:active"}}}],
   "flow": [{"from": "start", "to": "up"}, {"from": "up", "to": "say"}]},
  {"name": "Nap", "event": "Nap", "nodes": [
    {"id": "nap", "type": "Wait", "inputs": {"duration": 50}},
    {"id": "up", "type": "Increment", "inputs": {"path": "Round"}}], "flow": [{"from": "start", "to": "nap"}, {"from": "nap", "to": "up"}]},
  {"name": "Hide", "event": "Hide", "nodes": [
    {"id": "hide", "type": "AddFilter", "inputs": {"viewerID": "ann", "filterID": "b", "filterName": "Blind"}}], "flow": [{"from": "start", "to": "hide"}]},
  {"name": "Open", "event": "Open", "nodes": [
    {"id": "open", "type": "ActivateSchema", "inputs": {"schemaName": "Bonus"}},
    {"id": "more", "type": "Increment", "inputs": {"path": "Bonus.Points"}}], "flow": [{"from": "start", "to": "open"}, {"from": "open", "to": "more"}]},
  {"name": "Close", "event": "Close", "nodes": [
    {"id": "close", "type": "DeactivateSchema", "inputs": {"schemaName": "Bonus"}}], "flow": [{"from": "start", "to": "close"}]},
  {"name": "Fail", "event": "Fail", "nodes": [
    {"id": "fail", "type": "SetField", "inputs": {"path": "Players[9].Score", "value": 1}}], "flow": [{"from": "start", "to": "fail"}]},
  {"name": "Meet", "event": "PlayerConnect", "parameters": [{"name": "playerID", "type": "string"}], "nodes": [
    {"id": "who", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "param:playerID"}}},
    {"id": "add", "type": "AddToArray", "inputs": {"path": "Players", "value": "node:who:result"}}], "flow": [{"from": "start", "to": "add"}]},
  {"name": "Part", "event": "PlayerDisconnect", "parameters": [{"name": "playerID", "type": "string"}], "nodes": [
    {"id": "gone", "type": "RemoveFromArray", "inputs": {"path": "Players", "index": 0}}], "flow": [{"from": "start", "to": "gone"}]}]}"#;

fn event(name: &str) -> Order {
    Order::Act(Act::Event(Action::new(name, "ann", Value::Null)))
}

fn played() -> Past {
    let setup = Setup { seed: 77, now_ms: 1_000, players: vec!["ann".into()], ..Setup::default() };
    let setting = Setting {
        name: "game.json".into(),
        document: TEXT.into(),
        schema: EXAMPLE_SCHEMA.into(),
        setup,
        state: Some(r#"{"Round": 5}"#.into()),
        ..Setting::default()
    };
    let orders = vec![
        event("Roll"),
        Order::Act(Act::Join("bob".into())),
        event("Later"),
        event("Nap"),
        Order::Act(Act::Advance(60)),
        event("Roll"),
        event("Bless"),
        event("Hide"),
        event("Open"),
        Order::Act(Act::Advance(70)),
        event("Close"),
        event("Up"),
        event("Fail"),
        Order::Act(Act::Host(Some("bob".into()))),
        Order::Act(Act::Leave("bob".into())),
        Order::Act(Act::Advance(500)),
        event("Up"),
        Order::Act(Act::Host(None)),
        event("Open"),
        event("Roll"),
    ];
    Past::new(setting, orders)
}

/// A folder of this process's own that goes with the value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs tests from a folder with the document; names of those that failed, with what is said of them.
fn failures(name: &str, cases: &[Value]) -> Vec<String> {
    let folder = Folder(std::env::temp_dir().join(format!("statewright-past-{name}-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let mut text = new_file("game.json", Some("game.schema"), &cases[0]);
    for case in &cases[1..] {
        text = add_case(&text, case).unwrap().apply(&text).unwrap();
    }
    for (name, text) in [("game.json", TEXT), ("game.schema", EXAMPLE_SCHEMA), ("game.test.json", &text)] {
        std::fs::write(folder.0.join(name), text).unwrap();
    }
    let options = Options { jobs: 1, backends: vec![Backend::Interpreter], ..Options::default() };
    let summary = run_paths(std::slice::from_ref(&folder.0), &options);
    assert!(summary.findings.is_empty() && summary.faults.is_empty(), "{:?} {:?}", summary.findings, summary.faults);
    assert_eq!(summary.outcomes.len(), cases.len());
    let failed = summary.outcomes.iter().filter(|outcome| !outcome.passed());
    failed.map(|outcome| format!("{} {:?}", outcome.name, outcome.failures)).collect()
}

/// Every range of what was done.
fn all(past: &Past, prefix: &str) -> Vec<Made> {
    let count = past.orders.len();
    let ranges = (0..count).flat_map(|from| [from + 1, from + 3, count].map(|to| from..to.min(count)));
    ranges.map(|range| past.case(&format!("{prefix} {range:?}"), range).unwrap()).collect()
}

#[test]
fn any_part_of_what_a_session_did_becomes_a_test_that_passes() {
    let past = played();
    let made = all(&past, "live");
    let cases: Vec<Value> = made.iter().map(|made| made.case.clone()).collect();
    assert_eq!(failures("live", &cases), Vec::<String>::new());
    // What sleeps has no place in a test: what begins while something does begins before it.
    let begins: Vec<usize> = (0..6).map(|from| past.case("x", from..from + 1).unwrap().begin).collect();
    assert_eq!(begins, [0, 1, 2, 3, 3, 5]);
    let steps = |made: &Made| {
        made.case.get("steps").and_then(|steps| steps.at(0)).and_then(|step| step.get("expect")).is_some()
    };
    assert_eq!([steps(&past.case("x", 3..5).unwrap()), steps(&past.case("x", 4..5).unwrap())], [true, false]);
}

#[test]
fn any_part_of_a_recording_becomes_a_test_that_passes() {
    let bytes = played().recording().unwrap();
    let recording = Recording::read(&bytes).unwrap();
    let recorded = Recorded { name: "play.rec".into(), recording: recording.into() };
    let past = Past::new(recorded.setting(&HostNodes::default()), recorded.orders());
    let made = all(&past, "recorded");
    let cases: Vec<Value> = made.iter().map(|made| made.case.clone()).collect();
    assert_eq!(failures("recorded", &cases), Vec::<String>::new());
}

#[test]
fn what_a_test_begins_with_is_what_it_depends_on() {
    let past = played();
    let made = past.case("all", 11..past.orders.len()).unwrap();
    assert_eq!(made.begin, 11);
    let Value::Map(entries) = &made.case else { panic!() };
    let keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
    for key in ["seed", "now", "players", "state", "inactive", "streams", "ledger"] {
        assert!(keys.contains(&key), "{key} of {keys:?}");
        let less = entries.iter().filter(|(name, _)| &**name != key).cloned().collect();
        // Time that is over is needed by what is arranged.
        if key != "now" && key != "seed" {
            assert_eq!(failures(key, &[Value::Map(less)]).len(), 1, "without {key}");
        }
    }
    let text = json::to_string(&made.case);
    let other = text.replace("\"seed\":77", "\"seed\":78");
    assert_ne!(text, other);
    let tree = json::parse(other).unwrap();
    // The streams stand where they stand, whatever they began with.
    assert_eq!(failures("seed", &[tree.value(tree.root())]), Vec::<String>::new());
}

/// A recording that begins when so many orders were done, of what is done then.
fn recorded_from(count: usize, play: impl FnOnce(&mut Session)) -> Past {
    let Stage { loaded, mut session, .. } = played().stage(count).unwrap();
    let mut versions = Versions::default();
    versions.add(loaded, true);
    let texts = versions.texts(&session.save_packed().programs()).unwrap();
    let mut recorder = Recorder::new(&session, &texts, RecordOptions::default());
    play(&mut session);
    recorder.record(&mut session).unwrap();
    let recording = Recording::read(&recorder.take()).unwrap();
    let recorded = Recorded { name: "play.rec".into(), recording: recording.into() };
    Past::new(recorded.setting(&HostNodes::default()), recorded.orders())
}

#[test]
fn what_waited_when_a_recording_began_is_told() {
    // It begins while the nap is on.
    let past = recorded_from(4, |session| drop(session.advance(60)));
    let refused = past.case("x", 0..1).unwrap_err();
    assert!(refused.message.contains("something waits"), "{refused}");
    assert!(past.case("x", 1..1).unwrap_err().message.contains("nothing was done"));
}

#[test]
fn what_only_the_host_program_can_do_is_refused() {
    let past = recorded_from(1, |session| {
        session.dispatch(Action::new("Up", "ann", Value::Null));
        session.update("gift", Value::Null, |_| Ok::<(), ()>(())).unwrap();
        session.dispatch(Action::new("Roll", "ann", Value::Null));
    });
    let refused = past.case("x", 0..3).unwrap_err();
    assert!(refused.to_string().contains("update gift"), "{refused}");
    // Nobody here can do it again, so what came behind it is not known.
    assert!(past.case("x", 2..3).unwrap_err().to_string().contains("gift"));
    assert_eq!(failures("before", &[past.case("x", 0..1).unwrap().case]), Vec::<String>::new());
}

#[test]
fn everybody_who_could_look_is_known() {
    let past = played();
    let names = |count| past.viewers(count).unwrap().iter().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!((names(0), names(2)), (vec!["ann".to_owned()], vec!["ann".to_owned(), "bob".to_owned()]));
    // Who hosts need not take part: bob left, and is not the host any more either.
    assert_eq!(names(past.orders.len()), ["ann"]);
}
