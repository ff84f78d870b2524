//! A small session, run, held up, recorded and replayed.

use std::sync::Arc;

use statewright_graph::document::SourceDocument;
use statewright_graph::node::EXAMPLE_SCHEMA;
use statewright_harness::play::{self, Setup};
use statewright_harness::project::Backend;
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::Recording;
use statewright_runtime::session::Action;
use statewright_types::Value;

use super::profile::Profiler;
use super::timeline::{Key, Timeline, differences, path_text};
use super::*;

const TEXT: &str = r#"{"stateType": "Game", "handlers": [
  {"name": "Up", "event": "Up", "parameters": [{"name": "by", "type": "int"}], "nodes": [
    {"id": "twice", "type": "Repeat", "inputs": {"count": 2}},
    {"id": "add", "type": "Increment", "inputs": {"path": "Round", "by": "param:by"}},
    {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Round", "payload": {"n": "state:Round"}}}],
   "flow": [{"from": "start", "to": "twice"}, {"from": "twice", "to": "add", "label": "body"}, {"from": "twice", "to": "say", "label": "done"}]},
  {"name": "Name", "event": "Name", "nodes": [
    {"id": "phase", "type": "SetField", "inputs": {"path": "Phase", "value": "x"}}], "flow": [{"from": "start", "to": "phase"}]}]}"#;

fn setting() -> Setting {
    let setup = Setup { players: vec!["ann".into()], ..Setup::default() };
    Setting { name: "x.json".into(), document: TEXT.into(), schema: EXAMPLE_SCHEMA.into(), setup, ..Setting::default() }
}

fn up(by: i64) -> Order {
    Order::Event(Action::new("Up", "ann", Value::map([("by", Value::Int(by))])))
}

fn did(run: &Run) -> Moment {
    match run.wait_news() {
        Some(News::Did(moment)) => *moment,
        other => panic!("{other:?}"),
    }
}

fn round(state: &Value) -> Option<&Value> {
    state.get("Round")
}

#[test]
fn a_session_tells_what_it_did_moment_by_moment() {
    let run = Run::start(setting(), || 0, || ());
    let Some(News::Began(began)) = run.wait_news() else { panic!("it did not begin") };
    run.order(up(3));
    run.order(Order::Event(Action::own("Name", Value::Null)));
    run.order(up(-1));
    let moments = [did(&run), did(&run), did(&run)];
    assert_eq!(moments[0].label, "Up of ann");
    let changed: Vec<String> = moments.iter().map(|moment| path_text(&moment.changes[0].path)).collect();
    assert_eq!(changed, ["Round", "Phase", "Round"]);
    assert_eq!((moments[0].events.len(), moments[0].ran[0].fuel > 3), (1, true));
    let timeline = collect(began, moments);
    assert_eq!(round(&timeline.state(0)), Some(&Value::Int(1)));
    assert_eq!(round(&timeline.state(2)), Some(&Value::Int(7)));
    assert_eq!(round(&timeline.state(9)), Some(&Value::Int(5)));
    let field = [Key::Field("Round".into())];
    assert_eq!(timeline.wrote_last(&field, 2, None).map(|wrote| wrote.moment), Some(0));
    assert_eq!(timeline.wrote_last(&field, 3, None).map(|wrote| wrote.moment), Some(2));
    assert_eq!(timeline.wrote_last(&field, 0, None), None);
    run.order(Order::View("ann".into()));
    assert!(matches!(run.wait_news(), Some(News::View(viewer, view)) if viewer == "ann" && round(&view).is_some()));
}

#[test]
fn a_recording_becomes_a_timeline_that_knows_the_nodes() {
    let run = Run::start(setting(), || 0, || ());
    run.wait_news();
    run.order(up(3));
    run.order(Order::Join("bob".into()));
    run.order(Order::Event(Action::own("Name", Value::Null)));
    run.order(Order::Recording);
    let live: Vec<Moment> = (0..3).map(|_| did(&run)).collect();
    let Some(News::Recording(bytes)) = run.wait_news() else { panic!("no recording") };
    let recording = Recording::read(&bytes).unwrap();
    let timeline = Timeline::replayed("it", &recording, &HostNodes::default()).unwrap();
    assert_eq!(timeline.moments().len(), 3);
    for (replayed, live) in timeline.moments().iter().zip(&live) {
        assert_eq!((&replayed.changes, &replayed.events), (&live.changes, &live.events));
    }
    let source = SourceDocument::parse(TEXT).unwrap();
    let wrote = timeline.wrote_last(&[Key::Field("Round".into())], 3, Some(&source.document)).unwrap();
    assert_eq!(wrote.node, Some(("Up".into(), "add".into())));
    let wrote = timeline.wrote_last(&[Key::Field("Phase".into())], 3, Some(&source.document)).unwrap();
    assert_eq!((wrote.moment, wrote.node), (2, Some(("Name".into(), "phase".into()))));
}

#[test]
fn a_session_is_held_up_at_a_breakpoint_and_ends_with_its_owner() {
    let run = Run::start(setting(), || 0, || ());
    run.wait_news();
    run.command(r#"{"id": 1, "command": "hello", "version": 1}"#);
    run.command(r#"{"id": 2, "command": "setBreakpoint", "graph": "Up", "node": "add"}"#);
    run.order(up(3));
    let stopped = loop {
        let message = run.wait_message().unwrap();
        if message.contains("\"stopped\"") {
            break message;
        }
    };
    assert!(stopped.contains("\"add\""), "{stopped}");
    run.command(r#"{"id": 3, "command": "evaluate", "expression": "param:by"}"#);
    let reply = loop {
        let message = run.wait_message().unwrap();
        if message.contains("\"id\":3") || message.contains("\"id\": 3") {
            break message;
        }
    };
    assert!(reply.contains(r#""value":3"#), "{reply}");
    assert_eq!(run.news(), None);
    // Dropping it lets the handler run to its end.
    drop(run);
}

#[test]
fn what_cannot_run_says_why() {
    let broken = Setting { document: TEXT.replace("Increment", "Incremnt").into(), ..setting() };
    let run = Run::start(broken, || 0, || ());
    let Some(News::Failed(problems)) = run.wait_news() else { panic!("it began") };
    assert!(problems.iter().any(|problem| problem.contains("Increment")), "{problems:?}");
    let state: Arc<str> = "{\"Round\": \"no\"}".into();
    let run = Run::start(Setting { state: Some(state), ..setting() }, || 0, || ());
    assert!(matches!(run.wait_news(), Some(News::Failed(_))));
}

#[test]
fn fuel_and_calls_are_of_nodes() {
    let loaded = crate::code::loaded("x.json".as_ref(), TEXT, EXAMPLE_SCHEMA, None, true);
    let program = loaded.program(Backend::Interpreter).unwrap().unwrap();
    let mut session = play::begin(&loaded, program, &Setup::default(), None).unwrap();
    let mut now = 0;
    let mut profiler = Profiler::new(move || {
        now += 10;
        now
    });
    let report = session.dispatch_traced(Action::own("Up", Value::map([("by", Value::Int(2))])), &mut profiler);
    let fuel = report.fuel();
    profiler.settle_reports(&[report]);
    let profile = profiler.finish();
    assert_eq!((profile.cost("Up", "add").calls, profile.cost("Up", "say").calls), (2, 1));
    assert!(profile.cost("Up", "add").nanoseconds >= 20);
    let total = profile.total();
    assert!(total.fuel > 0 && total.fuel <= fuel, "{total:?} of {fuel}");
    assert!(profile.share("Up", "add") > 0.0 && profile.dearest().len() == 3);
}

#[test]
fn values_differ_in_small_parts() {
    let before: Value = r#"{"a": {"b": [1, 2, 3]}, "c": 1}"#.parse().unwrap();
    let after: Value = r#"{"a": {"b": [1, 5]}, "d": 1}"#.parse().unwrap();
    let shown: Vec<String> = differences(&before, &after).iter().map(|change| path_text(&change.path)).collect();
    assert_eq!(shown, ["a.b[1]", "a.b[2]", "c", "d"]);
}
