//! Save files, damaged ones too. (That sessions go on alike is tested on the whole corpus, in `tests/suites/twins.rs`.)

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::save::{self, Content, Form, Versions};
use statewright_runtime::host::HostNodes;
use statewright_runtime::session::{Action, SavedSession, Session};
use statewright_types::random::splitmix64;
use statewright_types::{TrapCode, Value, json};

const SCHEMA: &str = "@root(active)
type Game {
    Total int64
    Big uint64
    Ratio float64
    Names map[string]int64
    Players []Player @key(ID)
    Token uuid @auto(uuid)
}

type Player {
    ID string
    Score int32
    Data bytes
}
";

/// `Go` keeps a live reference, a list, a record and a loop over the state while it waits, and schedules an event.
const DOCUMENT: &str = r#"{"handlers": [{"name": "OnGo", "event": "Go", "parameters": [{"name": "id", "type": "string"}], "nodes": [
  {"id": "later", "type": "Schedule", "inputs": {"eventType": "Later", "delay": 30, "payload": {"n": 2}}},
  {"id": "find", "type": "GetPlayer", "inputs": {"playerID": "param:id"}},
  {"id": "list", "type": "SetVariable", "inputs": {"name": "list", "value": ["a", "b"]}},
  {"id": "each", "type": "ForEach", "inputs": {"array": "state:Players"}},
  {"id": "wait", "type": "Wait", "inputs": {"duration": 10}},
  {"id": "score", "type": "UpdateStruct", "inputs": {"struct": "node:find:player", "fields": {"Score": "variable:list.length"}}},
  {"id": "draw", "type": "RandomInt", "inputs": {"min": 1, "max": 1000}},
  {"id": "total", "type": "Increment", "inputs": {"path": "Total", "by": "node:draw:result"}}],
 "flow": [{"from": "start", "to": "later"}, {"from": "later", "to": "find"}, {"from": "find", "to": "list"}, {"from": "list", "to": "each"},
  {"from": "each", "to": "wait", "label": "body"}, {"from": "wait", "to": "score"}, {"from": "score", "to": "draw"},
  {"from": "draw", "to": "total"}]},
 {"name": "OnLater", "event": "Later", "parameters": [{"name": "n", "type": "int64"}], "nodes": [
  {"id": "total", "type": "Increment", "inputs": {"path": "Total", "by": "param:n"}}], "flow": [{"from": "start", "to": "total"}]}]}"#;

fn text(name: &str, text: &str) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text)))
}

fn loaded() -> Loaded {
    let loaded = Loaded::from_texts(text("document", DOCUMENT), text("schema", SCHEMA), false);
    let errors: Vec<&str> = loaded.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
    assert!(loaded.module.is_some(), "{errors:?}");
    loaded
}

/// A session in which two activations wait and two events are to come.
fn session(loaded: &Loaded) -> Session {
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let state = r#"{"Big": 18446744073709551615, "Ratio": "-Infinity", "Names": {"z": 1, "a": 2},
        "Players": [{"ID": "ann", "Data": "AQID"}, {"ID": "bob"}]}"#;
    let setup = Setup { seed: 9, players: vec!["ann".into(), "bob".into()], ..Setup::default() };
    let mut session = play::begin(loaded, program, &setup, Some(&text("state", state))).expect("the state fits");
    session.grant("ann", "admin");
    for id in ["ann", "bob"] {
        let report = session.dispatch(Action::new("Go", id, Value::map([("id", Value::from(id))])));
        assert_eq!(report.trap(), None);
        session.advance(3);
    }
    assert_eq!((session.waiting(), session.ledger().scheduled().len()), (2, 2));
    session
}

fn versions() -> Versions {
    let mut versions = Versions::default();
    versions.add(loaded(), false);
    versions
}

fn file(session: &Session) -> String {
    save::write(session, &versions()).expect("it can be saved")
}

/// Reads a file and lets the session run, whatever it is.
fn load(text: &str) -> Result<[u8; 32], String> {
    let opened =
        save::read(&Source::inline("a.save", text), &HostNodes::default()).map_err(|fault| fault.to_string())?;
    let mut session = opened.session;
    session.advance(100);
    Ok(session.state().hash())
}

#[test]
fn a_session_in_a_file_goes_on() {
    let mut session = session(&loaded());
    let text = file(&session);
    let mut opened =
        save::read(&Source::inline("a.save", text.as_str()), &HostNodes::default()).expect("it is whole").session;
    assert_eq!(opened.view("ann"), session.view("ann"));
    assert_eq!(
        (opened.now_ms(), opened.players(), opened.host()),
        (session.now_ms(), session.players(), session.host())
    );
    assert_eq!(file(&opened), text);
    for _ in 0..5 {
        assert_eq!(opened.advance(10), session.advance(10));
        assert_eq!(opened.state().hash(), session.state().hash());
    }
    assert_eq!(session.waiting(), 0);
    let score = |session: &Session| session.state().to_value().get("Players").expect("a field").clone();
    assert_eq!(score(&opened).at(1).and_then(|bob| bob.get("Score")), Some(&Value::Int(2)), "{}", score(&session));
}

/// The same session in the other form.
#[test]
fn a_session_in_a_binary_file_goes_on() {
    let mut session = session(&loaded());
    let bytes = save::to_bytes(&session, &versions(), Form::Binary).expect("it can be saved");
    let content = Content::read("a.save", bytes.clone()).expect("it is whole");
    let mut opened = content.open(&HostNodes::default()).expect("it runs").session;
    assert_eq!(save::to_bytes(&opened, &versions(), Form::Binary).as_deref(), Ok(&bytes[..]));
    assert_eq!(file(&opened), file(&session), "as JSON it is the same too");
    for _ in 0..5 {
        assert_eq!(opened.advance(10), session.advance(10));
        assert_eq!(opened.state().hash(), session.state().hash());
    }
}

#[test]
fn cut_and_flipped_binary_files_are_refused() {
    let bytes = save::to_bytes(&session(&loaded()), &versions(), Form::Binary).expect("it can be saved");
    let refused =
        |bytes: &[u8]| Content::read("a.save", bytes.to_vec()).map(|_| ()).expect_err("it is damaged").to_string();
    for length in 0..bytes.len() {
        assert!(refused(&bytes[..length]).starts_with("cannot load a.save: "), "cut at {length}");
    }
    let mut seed = 3;
    for _ in 0..2_000 {
        let at = usize::try_from(splitmix64(&mut seed) % bytes.len() as u64).expect("small");
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (splitmix64(&mut seed) % 8);
        refused(&flipped);
    }
    assert!(refused(&[&bytes[..], b"x"].concat()).contains("damaged"));
}

/// As if somebody had made the bytes: the checksum is right.
#[test]
fn bytes_that_were_tampered_with_do_not_panic() {
    let loaded = loaded();
    let original = session(&loaded);
    let schema = original.state().schema().clone();
    let bytes = original.save_packed().to_bytes(&schema);
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let mut seed = 5;
    let mut below = |bound: usize| usize::try_from(splitmix64(&mut seed) % bound.max(1) as u64).expect("small");
    let mut ran = 0;
    for round in 0..3_000 {
        let mut changed = bytes[..bytes.len() - 32].to_vec();
        for _ in 0..1 + below(3) {
            // Mostly where the state is, at the end.
            let (length, at) = (changed.len(), below(if round % 3 == 0 { changed.len() } else { 300 }));
            match below(3) {
                0 => changed[length - 1 - at] = below(256) as u8,
                1 => drop(changed.remove(length - 1 - at)),
                _ => changed.insert(length - 1 - at, [0, 1, 0x7f, 0xff][below(4)]),
            }
        }
        let checksum: [u8; 32] = Sha256::digest(&changed).into();
        changed.extend(checksum);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let saved = SavedSession::from_bytes(&changed, &schema).ok()?;
            // Whatever is packed can be shown, or is refused.
            let _shown = saved.to_value(&schema);
            let mut session = Session::load(&saved, schema.clone(), &|_| Some(program.clone())).ok()?;
            session.advance(100);
            Some(session.state().hash())
        }));
        ran += usize::from(outcome.unwrap_or_else(|_| panic!("round {round}")).is_some());
    }
    assert!(ran > 0, "none got as far as running");
}

/// Bug of the original: the version was written, and never looked at.
#[test]
fn files_of_another_version_of_the_format_are_refused() {
    let session = session(&loaded());
    let why = |bytes: Vec<u8>| Content::read("a.save", bytes).map(|_| ()).expect_err("another version").to_string();
    let text = file(&session);
    assert!(
        why(text.replacen("\"version\":1", "\"version\":7", 1).into_bytes())
            .contains("written by a newer program: its format has version 7, and 1")
    );
    assert!(
        why(text.replacen("\"version\":1", "\"version\":0", 1).into_bytes()).contains("version 0, and only 1 is read")
    );
    assert!(why(text.replacen("\"version\":1,", "", 1).into_bytes()).contains("does not say which version"));
    let bytes = save::to_bytes(&session, &versions(), Form::Binary).expect("it can be saved");
    let mut newer = bytes.clone();
    newer["statewright-save\n".len()] = 7;
    assert!(why(newer).contains("written by a newer program"));
    // The session in it has a version of its own.
    let at = bytes.windows(4).position(|four| four == b"SWse").expect("it is there") + 4;
    let mut newer = bytes;
    newer[at] = 7;
    assert!(why(newer).contains("written by a newer program"));
}

/// Bug of the original (fixed there once): maps came back empty.
#[test]
fn maps_survive_being_saved_in_either_form() {
    let session = session(&loaded());
    let names = |session: &Session| session.state().to_value().get("Names").map(Value::to_string);
    assert_eq!(names(&session).as_deref(), Some(r#"{"a":2,"z":1}"#));
    for form in [Form::Json, Form::Binary] {
        let bytes = save::to_bytes(&session, &versions(), form).expect("it can be saved");
        let opened = Content::read("a.save", bytes).and_then(|content| content.open(&HostNodes::default()));
        assert_eq!(names(&opened.expect("it is whole").session), names(&session), "{form:?}");
    }
}

#[test]
fn a_version_that_is_not_at_hand_cannot_be_saved_or_loaded() {
    let session = session(&loaded());
    let why = save::write(&session, &Versions::default()).expect_err("nothing is known");
    assert!(why.contains("is not at hand"), "{why}");
    let error =
        Session::load(&session.save(), session.state().schema().clone(), &|_| None).map(|_| ()).expect_err("none");
    assert!(error.to_string().contains("was not supplied"), "{error}");
}

#[test]
fn cut_and_flipped_files_are_refused() {
    let text = file(&session(&loaded()));
    for length in (0..text.len()).step_by(37) {
        let cut = text.get(..length).unwrap_or("");
        assert!(load(cut).is_err(), "cut at {length}");
    }
    let mut seed = 1;
    for _ in 0..400 {
        let at = usize::try_from(splitmix64(&mut seed) % text.len() as u64).expect("small");
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << (splitmix64(&mut seed) % 7);
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        match load(&flipped) {
            Ok(hash) => {
                assert_eq!(Ok(hash), load(&text), "flipped at {at}: {:?}", flipped.get(at.saturating_sub(20)..at + 20))
            }
            Err(why) => assert!(why.starts_with("cannot load a.save: "), "{why}"),
        }
    }
}

/// As if somebody had made the file: no checksum keeps these out.
#[test]
fn sessions_that_were_tampered_with_do_not_panic() {
    let loaded = loaded();
    let original = session(&loaded);
    let schema = original.state().schema().clone();
    let text = json::to_string(&original.save().to_value(&schema));
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let mut seed = 2;
    let mut below = |bound: usize| usize::try_from(splitmix64(&mut seed) % bound.max(1) as u64).expect("small");
    let pieces = [
        "0",
        "1",
        "-1",
        "9",
        "18446744073709551615",
        "null",
        "\"x\"",
        "[]",
        "{}",
        "{\"live\":[\"Game\",1]}",
        "{\"list\":99}",
        "1.5",
    ];
    let mut ran = 0;
    for round in 0..3_000 {
        // A number, a text or a word somewhere becomes something else.
        let from = below(text.len());
        let is_end = |c: char| ",]}".contains(c);
        let Some(start) = text[from..].find([':', '[', ',']).map(|at| from + at + 1) else { continue };
        let Some(end) = text[start..].find(is_end).map(|at| start + at) else { continue };
        let changed = format!("{}{}{}", &text[..start], pieces[below(pieces.len())], &text[end..]);
        let Ok(value) = changed.parse::<Value>() else { continue };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let saved = SavedSession::from_value(&value, &schema).ok()?;
            let mut session = Session::load(&saved, schema.clone(), &|_| Some(program.clone())).ok()?;
            session.advance(100);
            session.dispatch(Action::new("Go", "ann", Value::map([("id", Value::from("ann"))])));
            session.advance(100);
            Some(session.state().hash())
        }));
        let outcome = outcome.unwrap_or_else(|_| panic!("round {round}: {changed}"));
        ran += usize::from(outcome.is_some());
    }
    assert!(ran > 100, "only {ran} got as far as running");
}

/// `Hold` waits with a reference to a player, and writes it; `Each` waits in a loop over the players; `Remove` and `Join`
/// change who they are.
const HOLDING: &str = r#"{"handlers": [
 {"name": "OnHold", "event": "Hold", "parameters": [{"name": "id", "type": "string"}], "nodes": [
  {"id": "find", "type": "GetPlayer", "inputs": {"playerID": "param:id"}},
  {"id": "wait", "type": "Wait", "inputs": {"duration": 10}},
  {"id": "score", "type": "SetStructField", "inputs": {"object": "node:find:player", "field": "Score", "value": 7}}],
  "flow": [{"from": "start", "to": "find"}, {"from": "find", "to": "wait"}, {"from": "wait", "to": "score"}]},
 {"name": "OnEach", "event": "Each", "parameters": [], "nodes": [
  {"id": "each", "type": "ForEach", "inputs": {"array": "state:Players"}},
  {"id": "wait", "type": "Wait", "inputs": {"duration": 10}}],
  "flow": [{"from": "start", "to": "each"}, {"from": "each", "to": "wait", "label": "body"}]},
 {"name": "OnRemove", "event": "Remove", "parameters": [], "nodes": [
  {"id": "remove", "type": "RemoveFromArray", "inputs": {"path": "Players", "index": 0}}], "flow": [{"from": "start", "to": "remove"}]},
 {"name": "OnJoin", "event": "Join", "parameters": [], "nodes": [
  {"id": "new", "type": "CreateStruct", "inputs": {"type": "Player", "fields": {"ID": "new"}}},
  {"id": "add", "type": "AddToArray", "inputs": {"path": "Players", "item": "node:new:result"}}], "flow": [{"from": "start", "to": "add"}]}]}"#;

/// Events, then saving and loading, then more events and 10 ms: the first error.
fn held(before: &[&str], after: &[&str]) -> (Option<TrapCode>, Value) {
    let loaded = Loaded::from_texts(text("document", HOLDING), text("schema", SCHEMA), false);
    let errors: Vec<&str> = loaded.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
    let program = loaded.program(Backend::Interpreter).expect("it exists").unwrap_or_else(|| panic!("{errors:?}"));
    let state = r#"{"Players": [{"ID": "ann"}, {"ID": "bob"}]}"#;
    let mut session = play::begin(&loaded, program, &Setup::default(), Some(&text("state", state))).expect("it fits");
    let send = |session: &mut Session, event: &str| {
        let params = Value::map([("id", Value::from("ann"))]);
        assert_eq!(session.dispatch(Action::own(event, params)).trap(), None, "{event}");
    };
    before.iter().for_each(|event| send(&mut session, event));
    let mut versions = Versions::default();
    versions.add(loaded, false);
    let text = save::write(&session, &versions).expect("it can be saved");
    let mut session = save::read(&Source::inline("a.save", text), &HostNodes::default()).expect("it is whole").session;
    after.iter().for_each(|event| send(&mut session, event));
    let reports = session.advance(10);
    let code = reports.iter().find_map(|report| report.error());
    (code, session.state().to_value().get("Players").expect("a field").clone())
}

#[test]
fn references_stay_with_their_elements_or_stale() {
    let (code, players) = held(&["Hold"], &[]);
    assert_eq!((code, players.at(0).and_then(|ann| ann.get("Score"))), (None, Some(&Value::Int(7))));
    // Removed before or after the session was saved; somebody new may stand where it stood.
    for (before, after) in [
        (&["Hold", "Remove"][..], &[][..]),
        (&["Hold", "Remove"], &["Join"]),
        (&["Hold", "Remove", "Join"], &["Join", "Join"]),
        (&["Hold"], &["Remove", "Join"]),
    ] {
        assert_eq!(held(before, after).0, Some(TrapCode::StaleReference), "{before:?} {after:?}");
    }
}

#[test]
fn a_loop_over_the_state_still_notices_changes() {
    assert_eq!(held(&["Each"], &[]).0, None);
    for (before, after) in [(&["Each", "Join"][..], &[][..]), (&["Each"], &["Join"])] {
        assert_eq!(held(before, after).0, Some(TrapCode::ModifiedDuringIteration), "{before:?} {after:?}");
    }
}
