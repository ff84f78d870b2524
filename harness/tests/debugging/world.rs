//! A small game, a client that says what it is told to, and a clock that counts.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use statewright_harness::debug::{Channel, Clock, Debugger, Incoming, Options, Outline};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_runtime::session::{Action, Session};
use statewright_types::{Value, json};

const SCHEMA: &str = "@root(active)
type Game {
    Round int32
    Total int64
    Log []string
    Scores map[string]int64
    Players []Player @key(ID)
}

type Player {
    ID string
    Score int32
}
";

/// `Play(id, amount)`: finds the player, adds up the round and the amount in a function, once for each of three passes,
/// waits, and writes the sum. The parameters of `Add` are narrower than what it returns.
const DOCUMENT: &str = r#"{
"handlers": [{"name": "OnPlay", "event": "Play",
  "parameters": [{"name": "id", "type": "string"}, {"name": "amount", "type": "int32"}],
  "nodes": [
    {"id": "find", "type": "GetPlayer", "inputs": {"playerID": "param:id"}, "outputs": {"player": "who"}},
    {"id": "first", "type": "SetVariable", "inputs": {"name": "sum", "value": 0}},
    {"id": "loop", "type": "Repeat", "inputs": {"count": 3}},
    {"id": "call", "type": "CallFunction", "inputs": {"function": "Plus", "args": {"a": "variable:sum", "b": "node:twice:result"}}},
    {"id": "twice", "type": "Multiply", "inputs": {"a": "param:amount", "b": 2}},
    {"id": "keep", "type": "SetVariable", "inputs": {"name": "sum", "value": "node:call:result"}},
    {"id": "wait", "type": "Wait", "inputs": {"duration": 10}},
    {"id": "write", "type": "SetField", "inputs": {"path": "Total", "value": "variable:sum"}},
    {"id": "score", "type": "UpdateStruct", "inputs": {"struct": "node:find:player", "fields": {"Score": "param:amount"}}}],
  "flow": [{"from": "start", "to": "find"}, {"from": "find", "to": "first"}, {"from": "first", "to": "loop"},
    {"from": "loop", "to": "call", "label": "body"}, {"from": "call", "to": "keep"},
    {"from": "loop", "to": "wait", "label": "done"}, {"from": "wait", "to": "write"}, {"from": "write", "to": "score"}]},
  {"name": "OnDivide", "event": "Divide", "parameters": [{"name": "by", "type": "int64"}], "nodes": [
    {"id": "count", "type": "Increment", "inputs": {"path": "Total"}},
    {"id": "divide", "type": "IntDivide", "inputs": {"a": 12, "b": "param:by"}},
    {"id": "write", "type": "SetField", "inputs": {"path": "Total", "value": "node:divide:result"}}],
  "flow": [{"from": "start", "to": "count"}, {"from": "count", "to": "divide"}, {"from": "divide", "to": "write"}]}],
"functions": [{"name": "Plus", "returnType": "int64",
  "parameters": [{"name": "a", "type": "int64"}, {"name": "b", "type": "int64"}],
  "nodes": [{"id": "add", "type": "Add", "inputs": {"a": "param:a", "b": "param:b"}},
    {"id": "return", "type": "Return", "inputs": {"value": "node:add:result"}}],
  "flow": [{"from": "start", "to": "add"}, {"from": "add", "to": "return"}]}]}"#;

fn text(name: &str, text: &str) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text)))
}

pub fn loaded() -> Loaded {
    traced(DOCUMENT)
}

/// A document of that schema.
pub fn traced(document: &str) -> Loaded {
    let loaded = Loaded::from_texts(text("document", document), text("schema", SCHEMA), true);
    let errors: Vec<&str> = loaded.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
    assert!(!loaded.has_errors(), "{errors:?}");
    loaded
}

pub fn session(loaded: &Loaded) -> Session {
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let state = r#"{"Round": 1, "Log": ["a", "b"], "Scores": {"ann": 3}, "Players": [{"ID": "ann"}, {"ID": "bob", "Score": 7}]}"#;
    play::begin(loaded, program, &Setup::default(), Some(&text("state", state))).expect("the state fits")
}

/// A millisecond and a half for each look at it.
pub fn clock() -> Clock<'static> {
    let mut now_ns = 1_000_000_000_000;
    Box::new(move || {
        now_ns += 1_500_000;
        now_ns
    })
}

/// A client that says one thing after the other whenever it is asked, and then is gone. What it is told is in `heard`.
pub struct Script {
    lines: VecDeque<String>,
    heard: Rc<RefCell<Vec<String>>>,
}

impl Channel for Script {
    fn wait(&mut self) -> Incoming {
        match self.lines.pop_front() {
            Some(line) => {
                self.heard.borrow_mut().push(format!("> {line}"));
                Incoming::Line(line)
            }
            None => Incoming::Closed,
        }
    }

    /// It speaks only when the run is held up.
    fn poll(&mut self) -> Option<Incoming> {
        None
    }

    fn send(&mut self, message: &Value) {
        self.heard.borrow_mut().push(json::to_string(message));
    }

    fn close(&mut self) {
        self.lines.clear();
        self.heard.borrow_mut().push("(closed)".to_owned());
    }
}

/// What a run told and left behind.
pub struct Debugged {
    /// What the client said (`> `) and was told.
    pub heard: Vec<String>,
    pub session: Session,
}

impl Debugged {
    /// What followed the last thing that the client said which contains `said`, up to what it said next.
    #[track_caller]
    pub fn after(&self, said: &str) -> Vec<&str> {
        let at = self.heard.iter().rposition(|line| line.starts_with("> ") && line.contains(said));
        let at = at.unwrap_or_else(|| panic!("{said} was not said: {:#?}", self.heard));
        self.heard[at + 1..].iter().map(String::as_str).take_while(|line| !line.starts_with("> ")).collect()
    }
}

/// Runs `Play` for ann with 5, and lets 10 ms pass, with a client that says `lines` after `hello`.
pub fn debug(lines: &[&str]) -> Debugged {
    debug_event(Action::new("Play", "ann", r#"{"id": "ann", "amount": 5}"#.parse().expect("JSON")), lines)
}

pub fn debug_event(action: Action, lines: &[&str]) -> Debugged {
    let hello = r#"{"id": 0, "command": "hello", "version": 1, "token": "secret"}"#;
    let lines: Vec<&str> = std::iter::once(hello).chain(lines.iter().copied()).collect();
    debug_raw(action, &lines)
}

pub fn debug_raw(action: Action, lines: &[&str]) -> Debugged {
    debug_document(&loaded(), action, lines)
}

/// Runs an action, and lets 10 ms pass.
pub fn debug_document(loaded: &Loaded, action: Action, lines: &[&str]) -> Debugged {
    let mut session = session(loaded);
    let heard = Rc::new(RefCell::new(Vec::new()));
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    let script = Script { lines, heard: heard.clone() };
    let options = Options { token: Some("secret".into()), session: "s1".into() };
    let mut debugger = Debugger::new(Outline::new(loaded), options, Box::new(script), clock());
    debugger.wait_for_start();
    session.dispatch_traced(action, &mut debugger);
    session.advance_to_traced(10, &mut debugger);
    debugger.finish();
    drop(debugger);
    let heard = heard.borrow().clone();
    Debugged { heard, session }
}
