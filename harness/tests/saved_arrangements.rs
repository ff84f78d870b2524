//! What a session is besides its main root survives in a save file: effects, configuration, other roots, senders,
//! deadlines, nodes of the host program.

use std::sync::Arc;

use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, LoadOptions, Loaded, Source};
use statewright_harness::save::{self, Versions};
use statewright_runtime::host::HostNodes;
use statewright_runtime::session::{Action, SavedSession, Session};
use statewright_types::host::HostNode;
use statewright_types::{TrapCode, Value};

const SCHEMA: &str = "@root(active)
type Game {
    Total int64
    Late int64
    Players []Player @key(ID)
}

type Player {
    ID string
    Name string @write(owner)
}

@root
type Shop {
    Gold int64
}
";

const CONFIG: &str = "config Game {\n    Speed int32 @default(3) @max(100)\n}\n";

/// `Add(id, by, priority, ms)`: an effect that adds to the total, stacking. `Tune` and `Back` set the speed and take it
/// back, `Read` adds it to the total. `Open`, `Buy` and `Close` are about the shop. `Rename(id)` waits and then names a
/// player. `Hurry` waits for at most 20 ms, and is late.
const DOCUMENT: &str = r#"{"handlers": [
 {"name": "Add", "event": "Add", "parameters": [{"name": "id", "type": "string"}, {"name": "by", "type": "int64"},
   {"name": "priority", "type": "int64"}, {"name": "ms", "type": "int64"}], "nodes": [
  {"id": "a", "type": "AddEffect", "inputs": {"effectId": "param:id", "effectName": "Plus", "params": {"by": "param:by"}, "stacks": 3,
   "duration": "param:ms", "priority": "param:priority", "activator": "param:id"}}], "flow": [{"from": "start", "to": "a"}]},
 {"name": "Tune", "event": "Tune", "parameters": [], "nodes": [
  {"id": "s", "type": "SetConfig", "inputs": {"name": "Game.Speed", "value": 9}}], "flow": [{"from": "start", "to": "s"}]},
 {"name": "Back", "event": "Back", "parameters": [], "nodes": [
  {"id": "r", "type": "ReloadConfig", "inputs": {}}], "flow": [{"from": "start", "to": "r"}]},
 {"name": "Read", "event": "Read", "parameters": [], "nodes": [
  {"id": "i", "type": "Increment", "inputs": {"path": "Total", "by": "config:Game.Speed"}}], "flow": [{"from": "start", "to": "i"}]},
 {"name": "Open", "event": "Open", "parameters": [], "nodes": [
  {"id": "o", "type": "ActivateSchema", "inputs": {"schemaName": "Shop"}}], "flow": [{"from": "start", "to": "o"}]},
 {"name": "Buy", "event": "Buy", "parameters": [], "nodes": [
  {"id": "b", "type": "Increment", "inputs": {"path": "Shop.Gold", "by": 7}}], "flow": [{"from": "start", "to": "b"}]},
 {"name": "Close", "event": "Close", "parameters": [], "nodes": [
  {"id": "c", "type": "DeactivateSchema", "inputs": {"schemaName": "Shop"}}], "flow": [{"from": "start", "to": "c"}]},
 {"name": "Rename", "event": "Rename", "parameters": [{"name": "id", "type": "string"}], "nodes": [
  {"id": "w", "type": "Wait", "inputs": {"duration": 10}},
  {"id": "n", "type": "SetField", "inputs": {"path": "Players[param:id].Name", "value": "x"}}],
  "flow": [{"from": "start", "to": "w"}, {"from": "w", "to": "n"}]},
 {"name": "Hurry", "event": "Hurry", "parameters": [], "nodes": [
  {"id": "t", "type": "Timeout", "inputs": {"duration": 20}}, {"id": "w", "type": "WaitForEvent", "inputs": {"eventType": "Ready"}},
  {"id": "late", "type": "Increment", "inputs": {"path": "Late"}}],
  "flow": [{"from": "start", "to": "t"}, {"from": "t", "to": "w", "label": "body"}, {"from": "t", "to": "late", "label": "timeout"}]}],
 "effects": [{"name": "Plus", "parameters": [{"name": "by", "type": "int64"}], "nodes": [
  {"id": "p", "type": "Increment", "inputs": {"path": "Total", "by": "param:by"}}], "flow": [{"from": "start", "to": "p"}]}]}"#;

fn text(name: &str, text: &str) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text)))
}

fn loaded() -> Loaded {
    let options = LoadOptions::default();
    let loaded =
        Loaded::build(text("document", DOCUMENT), text("schema", SCHEMA), Some(text("config", CONFIG)), &options);
    let errors: Vec<&str> = loaded.findings.iter().filter(|f| f.is_error()).map(|f| &*f.diagnostic.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    loaded
}

fn session() -> Session {
    let loaded = loaded();
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let setup = Setup { config: [("Game.Speed".into(), Value::Int(4))].into(), ..Setup::default() };
    let state = r#"{"Players": [{"ID": "ann"}, {"ID": "bob"}]}"#;
    play::begin(&loaded, program, &setup, Some(&text("state", state))).expect("it fits")
}

fn send(session: &mut Session, event: &str, params: &str) -> Option<TrapCode> {
    session.dispatch(Action::own(event, params.parse().expect("JSON"))).trap().map(|trap| trap.code)
}

/// The session after it was in a file.
fn reloaded(session: &Session) -> Session {
    let mut versions = Versions::default();
    versions.add(loaded(), false);
    let file = save::write(session, &versions).expect("it can be saved");
    let opened = save::read(&Source::inline("a.save", file.as_str()), &HostNodes::default());
    let opened = opened.unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(save::write(&opened.session, &opened.versions), Ok(file));
    opened.session
}

fn total(session: &Session) -> (i64, i64) {
    let of = |value: Value| match value.get("Total") {
        Some(Value::Int(total)) => *total,
        other => panic!("{other:?}"),
    };
    (of(session.state().to_value()), of(session.effective().to_value()))
}

#[test]
fn effects_go_on_stacking_and_ending() {
    let mut session = session();
    for (id, by, priority, ms) in [("long", 100, 5, 0), ("short", 10, 5, 40), ("long", 100, 5, 60), ("first", 1, -1, 0)]
    {
        let params = format!(r#"{{"id": "{id}", "by": {by}, "priority": {priority}, "ms": {ms}}}"#);
        assert_eq!(send(&mut session, "Add", &params), None);
    }
    assert!(session.remove_effect("first"));
    let mut loaded = reloaded(&session);
    assert!(loaded.effects().eq(session.effects()));
    let uses: Vec<_> = loaded.effects().map(|e| (&*e.id, e.number, e.stacks, e.due_ms, &*e.activator)).collect();
    assert_eq!(uses, [("long", 1, 2, Some(60), "long"), ("short", 2, 1, Some(40), "short")]);
    assert_eq!((total(&loaded), loaded.next_deadline()), ((0, 210), Some(40)));
    // The next one gets a number that none has had.
    assert_eq!(send(&mut loaded, "Add", r#"{"id": "new", "by": 1, "priority": 0, "ms": 0}"#), None);
    assert_eq!(loaded.effects().map(|effect| effect.number).collect::<Vec<_>>(), [4, 1, 2]);
    loaded.advance(40);
    assert_eq!(total(&loaded), (0, 201));
    loaded.advance(20);
    assert_eq!(total(&loaded), (0, 1));
}

#[test]
fn what_is_configured_and_what_was_given_are_both_kept() {
    let mut session = session();
    assert_eq!(send(&mut session, "Tune", "{}"), None);
    let mut loaded = reloaded(&session);
    assert_eq!(send(&mut loaded, "Read", "{}"), None);
    assert_eq!(total(&loaded), (9, 9));
    let mut loaded = reloaded(&loaded);
    assert_eq!((send(&mut loaded, "Back", "{}"), send(&mut loaded, "Read", "{}")), (None, None));
    assert_eq!(total(&loaded), (13, 13), "4 was given, and stands over the default of 3");
}

#[test]
fn roots_that_are_not_there_keep_their_values() {
    let mut session = session();
    for event in ["Open", "Buy", "Close"] {
        assert_eq!(send(&mut session, event, "{}"), None, "{event}");
    }
    let mut loaded = reloaded(&session);
    assert_eq!(send(&mut loaded, "Buy", "{}"), Some(TrapCode::NotFound));
    assert_eq!((send(&mut loaded, "Open", "{}"), send(&mut loaded, "Buy", "{}")), (None, None));
    let loaded = reloaded(&loaded);
    let gold = loaded.state().to_value().get("Shop").and_then(|shop| shop.get("Gold").cloned());
    assert_eq!(gold, Some(Value::Int(14)));
}

#[test]
fn who_began_what_waits_still_counts_for_what_it_may_write() {
    for (sender, allowed) in [("ann", true), ("bob", false), ("", true)] {
        let mut session = session();
        session.dispatch(Action::new("Rename", sender, r#"{"id": "ann"}"#.parse().expect("JSON")));
        let reports = reloaded(&session).advance(10);
        let code = reports.iter().find_map(|report| report.error());
        assert_eq!(code, (!allowed).then_some(TrapCode::PermissionDenied), "{sender:?}");
    }
}

#[test]
fn deadlines_cut_short_when_they_are_due() {
    let mut session = session();
    assert_eq!(send(&mut session, "Hurry", "{}"), None);
    session.advance(5);
    let mut loaded = reloaded(&session);
    assert_eq!(loaded.next_deadline(), Some(20));
    loaded.advance(14);
    assert_eq!(loaded.state().to_value().get("Late"), Some(&Value::Int(0)));
    loaded.advance(1);
    assert_eq!(loaded.state().to_value().get("Late"), Some(&Value::Int(1)));
    assert_eq!(loaded.waiting(), 0);
}

/// As if somebody had made the file.
#[test]
fn impossible_effects_and_values_are_refused_or_left_out() {
    let mut session = session();
    for id in ["a", "b"] {
        let params = format!(r#"{{"id": "{id}", "by": 1, "priority": 0, "ms": 50}}"#);
        assert_eq!(send(&mut session, "Add", &params), None);
    }
    session.advance(10);
    let schema = session.state().schema().clone();
    let program = session.program().clone();
    let load = |change: &dyn Fn(&mut SavedSession)| {
        let mut saved = session.save();
        change(&mut saved);
        let loaded = Session::load(&saved, schema.clone(), &|_| Some(program.clone()));
        loaded.map_err(|error| error.to_string())
    };
    let refused = |change: &dyn Fn(&mut SavedSession)| load(change).map(|_| ()).expect_err("it cannot be");
    let twice = refused(&|saved| saved.ledger.effects[1].id = "a".into());
    assert!(twice.contains("two effects are called `a`"), "{twice}");
    let numbered = refused(&|saved| saved.ledger.effects[1].number = 1);
    assert!(numbered.contains("a number that another has"), "{numbered}");
    let unknown = refused(&|saved| saved.ledger.effects[1].number = 3);
    assert!(unknown.contains("none was given"), "{unknown}");
    let late = refused(&|saved| saved.ledger.effects[0].due_ms = Some(9));
    assert!(late.contains("before the session's time"), "{late}");
    let root = refused(&|saved| saved.state.roots[0].name = "Player".into());
    assert!(root.contains("`Player` is no root"), "{root}");
    let values =
        load(&|saved| _ = saved.state.config.insert("Game.Speed".into(), Value::Int(1_000))).expect("it loads");
    assert_eq!(values.state().settings().get("Game.Speed"), Some(&Value::Int(3)), "what does not fit is the default");
}

/// `Ask` waits and then adds what the host program says.
const ASKING: &str = r#"{"handlers": [{"name": "Ask", "event": "Ask", "parameters": [], "nodes": [
  {"id": "w", "type": "Wait", "inputs": {"duration": 10}}, {"id": "h", "type": "Oracle"},
  {"id": "i", "type": "Increment", "inputs": {"path": "Total", "by": "node:h:said"}}],
  "flow": [{"from": "start", "to": "w"}, {"from": "w", "to": "i"}]}]}"#;

#[test]
fn nodes_of_the_host_program_are_needed_again() {
    let mut host_nodes = HostNodes::default();
    let oracle = HostNode::pure("Oracle", "Says what it knows.").output("said", "int64", "what it knows");
    host_nodes.add(oracle, |call| call.set_int(0, 42)).expect("the declaration is sound");
    let options = LoadOptions { host_nodes: host_nodes.clone(), ..LoadOptions::default() };
    let loaded = Loaded::build(text("document", ASKING), text("schema", SCHEMA), None, &options);
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let mut session = play::begin(&loaded, program, &Setup::default(), None).expect("it begins");
    assert_eq!(send(&mut session, "Ask", "{}"), None);
    let mut versions = Versions::default();
    versions.add(loaded, false);
    let file = Source::inline("a.save", save::write(&session, &versions).expect("it can be saved"));
    let mut opened = save::read(&file, &host_nodes).unwrap_or_else(|fault| panic!("{fault}")).session;
    opened.advance(10);
    assert_eq!(total(&opened), (42, 42));
    let Err(without) = save::read(&file, &HostNodes::default()) else { panic!("nobody knows the node") };
    let expected = "cannot load a.save: its document `document` does not run: there is no node type `Oracle`. If it is a node \
        of a host program, only that program can go on with the session";
    assert_eq!(without.to_string(), expected);
}
