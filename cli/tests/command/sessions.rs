//! Sessions that are saved, traced and debugged by the command.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use statewright_runtime::persist::recording::Recording;
use statewright_types::{Value, json};

use super::{Folder, at, command};

const SCHEMA: &str = "@root(active)\ntype Game {\n  Log []string\n  Sum int64\n}\n";

/// `Go` waits for 10 ms and then writes `word`; `Add(n)` adds up.
fn document(word: &str) -> String {
    format!(
        r#"{{"schemaPath": "game.schema", "handlers": [{{"name": "OnGo", "event": "Go", "parameters": [], "nodes": [
  {{"id": "wait", "type": "Wait", "inputs": {{"duration": 10}}}},
  {{"id": "log", "type": "AddToArray", "inputs": {{"path": "Log", "item": "{word}"}}}}],
  "flow": [{{"from": "start", "to": "wait"}}, {{"from": "wait", "to": "log"}}]}},
  {{"name": "OnAdd", "event": "Add", "parameters": [{{"name": "n", "type": "int64"}}], "nodes": [
  {{"id": "twice", "type": "Multiply", "inputs": {{"a": "param:n", "b": 2}}}},
  {{"id": "add", "type": "Increment", "inputs": {{"path": "Sum", "by": "node:twice:result"}}}}],
  "flow": [{{"from": "start", "to": "twice"}}, {{"from": "twice", "to": "add"}}]}}]}}"#
    )
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("game.schema", SCHEMA);
    folder.put("game.json", &document("one"));
    folder
}

#[test]
fn what_waits_survives_in_a_file_and_finishes_on_its_own_version() {
    let folder = folder();
    let saved = folder.run(&["run", "game.json", "--event", "Go", "--save", "a.save"]);
    saved.is(0, "");
    assert_eq!(at(&saved.json(), &["activations", "0", "status"]), &Value::from("waiting"));
    folder.put("game.json", &document("two"));
    folder.run(&["run", "game.json", "--load", "a.save", "--event", "Go", "--save", "b.save"]).is(0, "");
    // Neither the first version's text nor the first file is needed any more.
    std::fs::remove_file(folder.0.join("a.save")).expect("it is there");
    folder.put("game.json", &document("three"));
    let ran = folder.run(&["run", "game.json", "--load", "b.save", "--event", "Go", "--advance", "20"]);
    ran.is(0, "");
    assert_eq!(at(&ran.json(), &["state", "Log"]), &r#"["one", "two", "three"]"#.parse().expect("JSON"));
}

/// A saved session goes on, or is taken to another schema, on the execution that was asked for: also what waits in it.
#[test]
fn what_is_loaded_is_not_interpreted_in_disguise() {
    let folder = folder();
    folder.run(&["run", "game.json", "--event", "Go", "--save", "a.save"]).is(0, "");
    let go = ["run", "game.json", "--load", "a.save", "--advance", "20"];
    let ran_on = |more: &[&str]| {
        let ran = folder.run(&[&go[..], more].concat());
        ran.is(0, "");
        let outcome = ran.json();
        let log = if more.contains(&"--drop-waiting") { "[]" } else { r#"["one"]"# };
        assert_eq!(at(&outcome, &["state", "Log"]), &log.parse().expect("JSON"));
        let Value::Str(name) = at(&outcome, &["execution", "backend"]).clone() else { panic!("{outcome:?}") };
        (name.to_string(), at(&outcome, &["execution", "artefact"]).clone())
    };
    assert_eq!(ran_on(&[]), ("interpreter".to_owned(), Value::Null));
    let (name, artefact) = ran_on(&["--backend", "jit"]);
    assert!(name == "jit" && matches!(&artefact, Value::Str(hash) if hash.len() == 64), "{name} {artefact:?}");
    folder.put("game.schema", &SCHEMA.replace("Sum int64", "Sum int64\n  More int64"));
    assert_eq!(ran_on(&["--migrate", "--drop-waiting", "--backend", "jit"]).0, "jit");
}

#[test]
fn a_script_is_played_step_by_step_and_a_saved_half_goes_on_alike() {
    let folder = folder();
    let (first, second) =
        (r#"{"event": "Go"}, {"advance": 4}"#, r#"{"event": "Add", "params": {"n": 3}}, {"advance": 6}"#);
    folder.put("all.json", &format!("[{first}, {second}]"));
    folder.put("first.json", &format!("[{first}]"));
    folder.put("second.json", &format!("[{second}]"));
    let all = folder.run(&["run", "game.json", "--script", "all.json"]);
    folder.run(&["run", "game.json", "--script", "first.json", "--save", "half.save"]).is(0, "");
    let rest = folder.run(&["run", "game.json", "--load", "half.save", "--script", "second.json"]);
    assert_eq!(at(&all.json(), &["state_hash"]), at(&rest.json(), &["state_hash"]));
    assert_eq!(at(&rest.json(), &["state", "Sum"]), &Value::Int(6));
    folder.put("bad.json", r#"[{"event": 1}]"#);
    folder.run(&["run", "game.json", "--script", "bad.json"]).is(2, "bad.json:1:12");
}

#[test]
fn files_that_are_no_saves_are_refused() {
    let folder = folder();
    folder.run(&["run", "game.json", "--event", "Go", "--save", "a.save"]).is(0, "");
    let text = folder.read("a.save");
    let load = |text: &str| {
        folder.put("b.save", text);
        folder.run(&["run", "game.json", "--load", "b.save", "--advance", "20"])
    };
    load(&text).is(0, "");
    load(&text[..text.len() / 2]).is(2, "cannot load b.save: it is no JSON");
    load("{}").is(2, "cannot load b.save: it is no save file");
    load(&text.replace(r#""sequence":1"#, r#""sequence":2"#)).is(2, "it is damaged");
    load(&text.replace(r#""version":1"#, r#""version":2"#)).is(2, "written by a newer program");
    folder.run(&["run", "game.json", "--load", "none.save"]).is(2, "none.save: there is no such file");
    folder.run(&["run", "game.json", "--load", "b.save", "--seed", "1"]).is(2, "--seed");
    // Another schema: the document as it is now cannot go on with that state.
    folder.put("game.schema", &SCHEMA.replace("Sum int64", "Sum int64\n  More int64"));
    folder.put("b.save", &text);
    folder.run(&["run", "game.json", "--load", "b.save"]).is(2, "another schema");
}

#[test]
fn a_saved_session_goes_to_another_schema() {
    let folder = folder();
    folder.run(&["run", "game.json", "--event", "Add", "--params", r#"{"n": 2}"#, "--save", "a.save"]).is(0, "");
    let original = folder.read("a.save");
    folder.put("game.schema", &SCHEMA.replace("Sum int64", "Sum int32\n  More int64 @default(5)"));
    let add = ["run", "game.json", "--load", "a.save", "--event", "Add", "--params", r#"{"n": 1}"#];
    folder.run(&add).is(2, "--migrate takes it there");
    let dry = folder.run(&["run", "game.json", "--load", "a.save", "--migrate", "--dry-run"]);
    dry.is(0, "`Game.Sum` becomes int32 from int64\n`Game.More` is new");
    assert_eq!(dry.out, "");
    let ran = folder.run(&[&add[..], &["--migrate"]].concat());
    ran.is(0, "`Game.More` is new");
    assert_eq!(at(&ran.json(), &["state"]), &r#"{"Log": [], "Sum": 6, "More": 5}"#.parse().expect("JSON"));
    // As a command of its own: first only looking, then into another file, then in place.
    let dry = folder.run(&["migrate", "a.save", "--schema", "game.schema", "--dry-run"]);
    dry.is(0, "");
    assert_eq!(dry.out, "`Game.Sum` becomes int32 from int64\n`Game.More` is new\n");
    folder.run(&["migrate", "a.save", "--schema", "game.schema", "-o", "b.save", "--save-form", "binary"]).is(0, "");
    assert_eq!(folder.read("a.save"), original);
    folder.run(&["migrate", "a.save", "--schema", "game.schema"]).is(0, "");
    assert_eq!(folder.read("a.save.1.old"), original);
    for file in ["a.save", "b.save"] {
        let ran = folder.run(&["run", "game.json", "--load", file, "--event", "Add", "--params", r#"{"n": 1}"#]);
        assert_eq!(at(&ran.json(), &["state", "Sum"]), &Value::Int(6), "{file}");
    }
    let again = folder.run(&["migrate", "b.save", "--schema", "game.schema"]);
    assert_eq!(again.out, "the schema is the same: nothing needs to be migrated\n");
    folder.run(&["run", "game.json", "--load", "a.save", "--dry-run"]).is(2, "--migrate");
}

#[test]
fn what_waits_keeps_a_session_from_another_schema_unless_it_is_given_up() {
    let folder = folder();
    folder.run(&["run", "game.json", "--event", "Go", "--save", "a.save"]).is(0, "");
    folder.put("game.schema", &SCHEMA.replace("Sum int64", "Total int64"));
    let go = ["run", "game.json", "--load", "a.save", "--migrate", "--advance", "20"];
    // The document does not go with that schema.
    folder.run(&go).is(1, "game.json");
    folder.put("game.schema", &SCHEMA.replace("Sum int64", "Sum int64\n  More int64"));
    folder.run(&go).is(2, "activation 1 of `OnGo`: it waits");
    let ran = folder.run(&[&go[..], &["--drop-waiting"]].concat());
    ran.is(0, "activation 1 of `OnGo`, which waited, is given up");
    assert_eq!(at(&ran.json(), &["state", "Log"]), &Value::List(vec![]));
}

#[test]
fn saves_are_kept_and_written_in_either_form() {
    let folder = folder();
    let save = |n: &str, more: &[&str]| {
        let params = format!(r#"{{"n": {n}}}"#);
        folder
            .run(&[&["run", "game.json", "--event", "Add", "--params", &params, "--save", "a.save"], more].concat())
            .is(0, "");
    };
    for n in ["1", "2", "3", "4"] {
        save(n, &["--keep", "2", "--save-form", "binary"]);
    }
    let sum = |file: &str| {
        let ran = folder.run(&["run", "game.json", "--load", file, "--event", "Add", "--params", r#"{"n": 0}"#]);
        ran.is(0, "");
        at(&ran.json(), &["state", "Sum"]).clone()
    };
    assert_eq!([sum("a.save"), sum("a.save.3.old"), sum("a.save.2.old")], [8, 6, 4].map(Value::Int));
    assert!(!folder.0.join("a.save.1.old").exists());
}

#[test]
fn a_recorded_session_replays() {
    let folder = folder();
    folder.put("steps.json", r#"[{"event": "Go"}, {"event": "Add", "params": {"n": 2}}, {"advance": 20}, {"event": "Add", "params": {"n": 3}}]"#);
    let ran = folder.run(&["run", "game.json", "--script", "steps.json", "--record", "a.rec"]);
    ran.is(0, "");
    let hash = at(&ran.json(), &["state_hash"]).clone();
    // Neither document nor schema is needed any more.
    folder.put("game.json", &document("two"));
    let replayed = folder.run(&["replay", "a.rec", "--verify", "--save", "b.save"]);
    replayed.is(0, "");
    assert_eq!(at(&replayed.json(), &["state_hash"]), &hash);
    assert_eq!(at(&replayed.json(), &["ended"]), &Value::Bool(true));
    assert_eq!(
        (at(&replayed.json(), &["entries"]), at(&replayed.json(), &["checkpoints"])),
        (&Value::Int(4), &Value::Int(5))
    );
    let part = folder.run(&["replay", "a.rec", "--to", "2"]).json();
    assert_eq!(at(&part, &["state"]), &r#"{"Log": [], "Sum": 4}"#.parse().expect("JSON"));
    let ran = folder.run(&["run", "game.json", "--load", "b.save", "--event", "Add", "--params", r#"{"n": 0}"#]);
    assert_eq!(at(&ran.json(), &["state"]), &r#"{"Log": ["one"], "Sum": 10}"#.parse().expect("JSON"));
    // Another file is needed for another recording; a torn one is told and used; a damaged one is refused.
    folder.run(&["run", "game.json", "--event", "Go", "--record", "a.rec"]).is(2, "there is a file already");
    let bytes = std::fs::read(folder.0.join("a.rec")).expect("it is there");
    std::fs::write(folder.0.join("b.rec"), &bytes[..bytes.len() - 5]).expect("it can be written");
    let torn = folder.run(&["replay", "b.rec", "--verify"]);
    torn.is(0, "warning: the recording was cut off at byte");
    assert_eq!(at(&torn.json(), &["state_hash"]), &hash);
    let mut damaged = bytes;
    let at = damaged.len() - 200;
    damaged[at] ^= 1;
    std::fs::write(folder.0.join("c.rec"), &damaged).expect("it can be written");
    folder.run(&["replay", "c.rec"]).is(2, "it is damaged at byte");
}

#[test]
fn a_saved_session_keeps_its_configuration() {
    let folder = Folder::new();
    folder.put("game.schema", SCHEMA);
    folder.put("game.config", "config Game {\n  Word string @default(mild)\n  Step int32 @default(1)\n}\n");
    let document = |by: &str| {
        format!(
            r#"{{"schemaPath": "game.schema", "config": "game.config", "handlers": [{{"name": "OnGo", "event": "Go", "parameters": [],
            "nodes": [{{"id": "log", "type": "AddToArray", "inputs": {{"path": "Log", "item": "config:Game.Word"}}}},
              {{"id": "sum", "type": "Increment", "inputs": {{"path": "Sum", "by": {by}}}}}],
            "flow": [{{"from": "start", "to": "log"}}, {{"from": "log", "to": "sum"}}]}}]}}"#
        )
    };
    folder.put("game.json", &document(r#""config:Game.Step""#));
    let values = r#"{"Game": {"Word": "bold", "Step": 5}}"#;
    folder.run(&["run", "game.json", "--event", "Go", "--config", values, "--save", "a.save"]).is(0, "");
    // What the file declares now is for what begins now; the session keeps what was given.
    folder.put("game.config", "config Game {\n  Word string @default(new)\n  Step int32 @default(2) @max(4)\n}\n");
    let ran = folder.run(&["run", "game.json", "--load", "a.save", "--event", "Go"]);
    ran.is(0, "");
    assert_eq!(at(&ran.json(), &["state", "Log"]), &r#"["bold", "bold"]"#.parse().expect("JSON"));
    assert_eq!(at(&ran.json(), &["state", "Sum"]), &Value::Int(5 + 2), "5 does not fit any more");
    folder.run(&["run", "game.json", "--load", "a.save", "--event", "Go", "--config", values]).is(2, "--config");
}

#[test]
fn a_trace_is_json_lines_on_stderr() {
    let folder = folder();
    let ran = folder.run(&["run", "game.json", "--event", "Add", "--params", r#"{"n": 4}"#, "--trace"]);
    let told: Vec<Value> = ran.err.lines().map(|line| line.parse().unwrap_or_else(|_| panic!("{line}"))).collect();
    let kinds: Vec<String> = told.iter().filter_map(|message| message.get("type")).map(Value::to_string).collect();
    let expected = ["event:start", "node:start", "node:end", "node:start", "node:end", "event:end"];
    assert_eq!(kinds, expected.map(|kind| format!("{kind:?}")));
    assert_eq!(at(&told[1], &["inputs"]), &r#"{"a": 4, "b": 2}"#.parse().expect("JSON"));
    assert_eq!(at(&ran.json(), &["state", "Sum"]), &Value::Int(8));
}

/// A client of the debugger.
struct Client {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Client {
    fn new(address: &str) -> Client {
        let writer = TcpStream::connect(address).expect("it listens");
        Client { reader: BufReader::new(writer.try_clone().expect("one more handle")), writer }
    }

    fn say(&mut self, line: &str) {
        self.writer.write_all(format!("{line}\n").as_bytes()).expect("it reads");
    }

    /// The next message; null at the end.
    fn hear(&mut self) -> Value {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) | Err(_) => Value::Null,
            Ok(_) => line.parse().unwrap_or_else(|_| panic!("{line}")),
        }
    }

    fn ask(&mut self, line: &str) -> Value {
        self.say(line);
        self.hear()
    }
}

/// Starts `run --debug-listen`; the address and the token that it prints.
fn start(folder: &Folder, more: &[&str]) -> (Child, String, String) {
    let run = ["run", "game.json", "--event", "Add", "--params", r#"{"n": 4}"#, "--debug-listen", "127.0.0.1:0"];
    let mut child = command(&folder.0)
        .args(run)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut line = String::new();
    let mut err = BufReader::new(child.stderr.take().expect("it is piped"));
    err.read_line(&mut line).expect("it says where it listens");
    let rest = line.trim().strip_prefix("debugger: listening at ").unwrap_or_else(|| panic!("{line}"));
    let (address, token) = rest.split_once(", token ").unwrap_or_else(|| panic!("{line}"));
    (child, address.to_owned(), token.to_owned())
}

fn sum(mut child: Child) -> Value {
    let mut out = String::new();
    child.stdout.take().expect("it is piped").read_to_string(&mut out).expect("text");
    assert!(child.wait().expect("it ends").success());
    let outcome: Value = out.parse().expect("JSON");
    at(&outcome, &["state", "Sum"]).clone()
}

fn hello(token: &str) -> String {
    format!(r#"{{"id": 1, "command": "hello", "version": 1, "token": {}}}"#, json::quote(token))
}

#[test]
fn a_debugger_comes_over_a_socket() {
    let folder = folder();
    let (child, address, token) = start(&folder, &[]);
    assert!(token.len() == 32, "{token}");
    // Who does not know the token learns nothing, and is no reason to begin.
    let mut stranger = Client::new(&address);
    assert_eq!(at(&stranger.ask(&hello("guess")), &["error", "code"]), &Value::from("unauthorized"));
    assert_eq!(stranger.hear(), Value::Null);
    let mut client = Client::new(&address);
    assert_eq!(at(&client.ask(&hello(&token)), &["result", "version"]), &Value::Int(1));
    let mut second = Client::new(&address);
    assert_eq!(at(&second.hear(), &["event"]), &Value::from("busy"));
    let breakpoint = r#"{"id": 2, "command": "setBreakpoint", "graph": "OnAdd", "node": "add"}"#;
    assert_eq!(at(&client.ask(breakpoint), &["ok"]), &Value::Bool(true));
    assert_eq!(at(&client.ask(r#"{"id": 3, "command": "continue"}"#), &["ok"]), &Value::Bool(true));
    assert_eq!(at(&client.hear(), &["node"]), &Value::from("add"));
    let set = r#"{"id": 4, "command": "set", "target": "node:twice:result", "value": 100}"#;
    assert_eq!(at(&client.ask(set), &["ok"]), &Value::Bool(true));
    assert_eq!(at(&client.ask(r#"{"id": 5, "command": "continue"}"#), &["ok"]), &Value::Bool(true));
    assert_eq!(at(&client.hear(), &["event"]), &Value::from("ended"));
    assert_eq!(at(&client.hear(), &["event"]), &Value::from("finished"));
    assert_eq!(sum(child), Value::Int(100));
}

#[test]
fn a_debugger_is_told_what_the_session_began_with_and_did() {
    let folder = folder();
    let (child, address, token) = start(&folder, &["--advance", "20"]);
    let mut client = Client::new(&address);
    client.ask(&hello(&token));
    let state = r#"{"Log": [], "Sum": 0}"#.parse().expect("JSON");
    // What happened before it was asked for comes first, then the answer.
    let began = client.ask(r#"{"id": 2, "command": "timeline", "on": true}"#);
    assert_eq!((at(&began, &["event"]), at(&began, &["state"])), (&Value::from("began"), &state));
    let Value::Str(recording) = at(&began, &["recording"]) else { panic!("{began:?}") };
    let recording = Recording::read(&json::base64_decode(recording).expect("base64")).expect("a recording");
    assert!(recording.entries.is_empty());
    assert_eq!(at(&client.hear(), &["ok"]), &Value::Bool(true));
    client.ask(r#"{"command": "setBreakpoint", "graph": "OnAdd", "node": "add"}"#);
    client.ask(r#"{"command": "continue"}"#);
    let action = client.hear();
    assert_eq!(
        (at(&action, &["label"]), at(&action, &["input", "params", "n"])),
        (&Value::from("Add"), &Value::Int(4))
    );
    assert_eq!(at(&client.hear(), &["step"]), &Value::Int(2));
    client.ask(r#"{"command": "set", "target": "state:Sum", "value": 1}"#);
    assert_eq!(at(&client.ask(r#"{"command": "state"}"#), &["result", "state", "Sum"]), &Value::Int(1));
    client.ask(r#"{"command": "continue"}"#);
    assert_eq!(at(&client.hear(), &["event"]), &Value::from("ended"));
    let did = client.hear();
    let moment = at(&did, &["moment"]);
    assert_eq!(at(moment, &["changes"]), &r#"[{"path": ["Sum"], "before": 0, "after": 9}]"#.parse().expect("JSON"));
    assert_eq!(
        (at(moment, &["steps"]), at(moment, &["activations", "0", "status"])),
        (&Value::Int(2), &Value::from("done"))
    );
    assert_eq!(at(moment, &["costs", "0", "calls"]), &Value::Int(1));
    assert_eq!(at(&client.hear(), &["input"]), &r#"{"advance": 20}"#.parse().expect("JSON"));
    assert_eq!(at(&client.hear(), &["moment", "now"]), &Value::Int(20));
    assert_eq!(at(&client.hear(), &["event"]), &Value::from("finished"));
    assert_eq!(sum(child), Value::Int(9));
}

#[test]
fn a_debugger_that_is_gone_lets_it_run() {
    let folder = folder();
    let (child, address, token) = start(&folder, &["--debug-token", "mine"]);
    assert_eq!(token, "mine");
    let mut client = Client::new(&address);
    client.ask(&hello("mine"));
    client.ask(r#"{"command": "setBreakpoint", "graph": "OnAdd", "node": "add"}"#);
    client.ask(r#"{"command": "continue"}"#);
    client.hear();
    drop(client);
    assert_eq!(sum(child), Value::Int(8));
}

#[test]
fn a_debugger_is_not_for_other_machines_unless_that_is_said() {
    let folder = folder();
    let run = |address: &str| folder.run(&["run", "game.json", "--event", "Add", "--debug-listen", address]);
    run("0.0.0.0:0").is(2, "--debug-public");
    run("nowhere").is(2, "IP:PORT");
    folder.run(&["run", "game.json", "--event", "Add", "--debug-token", "x"]).is(2, "--debug-listen");
}
