//! The debugger's protocol (docs/debugging.md) from the client's side: what is wanted, what is known, what is to be sent.
//! Where lines go to and come from is another's matter.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use statewright_harness::act::Act;
use statewright_harness::debug::moment::Moment;
use statewright_harness::debug::protocol::VERSION;
use statewright_types::{Value, json};

use super::breakpoints::Spot;

/// Where a run is held up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// `breakpoint`, `step`, `pause`, `runTo`.
    pub reason: Arc<str>,
    /// The handler.
    pub handler: Arc<str>,
    /// The handler or function that the node is in.
    pub graph: Arc<str>,
    /// The node that is next.
    pub node: Arc<str>,
    /// How many nodes have begun.
    pub step: u64,
    /// What is wrong with the breakpoint's condition.
    pub error: Option<Arc<str>>,
}

/// A function that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The handler or function.
    pub graph: Arc<str>,
    /// Its node.
    pub node: Arc<str>,
}

/// An expression that is shown while a run is held up.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// What is evaluated.
    pub text: String,
    /// Its value, or why it has none; `None` while nothing is held up.
    pub value: Option<Result<Value, String>>,
}

/// How a run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the next breakpoint.
    Continue,
    /// To the next node.
    Into,
    /// To the next node of the flow in this function.
    Over,
    /// Until this function has returned.
    Out,
    /// To a node.
    To(Spot),
    /// To the so manyth node.
    Step(u64),
}

/// Something that the debugger tells, besides what the client keeps.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The other side lets this client in.
    Admitted,
    /// The run is held up.
    Stopped,
    /// What is known of the function that is looked at has changed.
    Scopes,
    /// A message of the run.
    Trace(Value),
    /// A Trace node says something.
    Said {
        /// Where.
        spot: Spot,
        /// What.
        text: String,
    },
    /// An activation has ended with an error.
    Failed {
        /// Which handler.
        handler: Arc<str>,
        /// At which node.
        node: Option<Arc<str>>,
        /// Why.
        message: String,
    },
    /// What the session began with: its state, and the beginning as a recording.
    Began(Value, Vec<u8>),
    /// The session is told to do something.
    Action(Act),
    /// The session did that.
    Did(Box<Moment>),
    /// Nothing more will run.
    Finished,
    /// It will not have this client: why.
    Refused(String),
    /// Something could not be done: why.
    Problem(String),
}

/// What a reply is to.
#[derive(Clone, Debug)]
enum Asked {
    Hello,
    Set(Spot),
    Cleared,
    Go,
    Stack,
    Scopes,
    Watch(usize),
    State,
    Change,
    Other,
}

/// A breakpoint as the other side has it.
#[derive(Clone, Debug)]
struct Sent {
    condition: String,
    number: Option<i64>,
    /// It would not have it.
    is_refused: bool,
}

/// A client.
#[derive(Debug, Default)]
pub struct Client {
    outgoing: Vec<String>,
    asked: HashMap<i64, Asked>,
    next: i64,
    wanted: BTreeMap<Spot, String>,
    sent: BTreeMap<Spot, Sent>,
    stopped: Option<Stopped>,
    frames: Vec<Frame>,
    frame: usize,
    scopes: Option<Value>,
    watches: Vec<Watch>,
    is_admitted: bool,
    state: Option<Value>,
    /// The stop whose state was asked for, by a count.
    state_of: Option<u64>,
    stops: u64,
}

impl Client {
    /// A client that introduces itself, and wants messages of the run.
    pub fn new(token: &str) -> Client {
        let mut client = Client::default();
        let hello = [("version", Value::Int(VERSION)), ("token", Value::str(token))];
        client.ask(Asked::Hello, "hello", hello);
        client.ask(Asked::Other, "trace", [("on", Value::Bool(true))]);
        client
    }

    /// Wants to be told what the session began with and what it does.
    pub fn follow(&mut self) {
        self.ask(Asked::Other, "timeline", [("on", Value::Bool(true))]);
    }

    /// Lines to be sent, in order.
    pub fn take_outgoing(&mut self) -> Vec<String> {
        std::mem::take(&mut self.outgoing)
    }

    /// Where the run is held up.
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// The functions that run, the innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Which function is looked at, by position.
    pub fn frame(&self) -> usize {
        self.frame
    }

    /// What is known in that function: `{"graph","parameters","variables","loops","nodes"}`.
    pub fn scopes(&self) -> Option<&Value> {
        self.scopes.as_ref()
    }

    /// The whole state where the run is held up, once it is there; the first call of each stop asks for it.
    pub fn state(&mut self) -> Option<&Value> {
        self.stopped.as_ref()?;
        if self.state_of != Some(self.stops) {
            self.state_of = Some(self.stops);
            self.state = None;
            self.ask(Asked::State, "state", []);
        }
        self.state.as_ref()
    }

    /// How often the run was held up.
    pub fn stops(&self) -> u64 {
        self.stops
    }

    /// What is watched.
    pub fn watches(&self) -> &[Watch] {
        &self.watches
    }

    /// Whether the other side has let this client in.
    pub fn is_admitted(&self) -> bool {
        self.is_admitted
    }

    /// Whether answers are on their way that tell what is known where it is held up.
    pub fn is_asking(&self) -> bool {
        let looks = |asked: &Asked| {
            matches!(asked, Asked::Stack | Asked::Scopes | Asked::Watch(_) | Asked::State | Asked::Change)
        };
        self.asked.values().any(looks)
    }

    /// Has the run stop at these places, each if its condition holds, and at no others.
    pub fn stop_at(&mut self, wanted: BTreeMap<Spot, String>) {
        if self.wanted != wanted {
            self.wanted = wanted;
            self.reconcile();
        }
    }

    fn reconcile(&mut self) {
        let wrong =
            |spot: &Spot, sent: &Sent, wanted: &BTreeMap<Spot, String>| wanted.get(spot) != Some(&sent.condition);
        let is_kept = |spot: &Spot, sent: &Sent| !sent.is_refused || !wrong(spot, sent, &self.wanted);
        self.sent.retain(|spot, sent| is_kept(spot, sent));
        let gone: Vec<(Spot, i64)> = self
            .sent
            .iter()
            .filter(|(spot, sent)| wrong(spot, sent, &self.wanted))
            .filter_map(|(spot, sent)| Some((spot.clone(), sent.number?)))
            .collect();
        for (spot, number) in gone {
            self.sent.remove(&spot);
            self.ask(Asked::Cleared, "clearBreakpoints", [("breakpoint", Value::Int(number))]);
        }
        let new: Vec<(Spot, String)> = self
            .wanted
            .iter()
            .filter(|(spot, _)| !self.sent.contains_key(*spot))
            .map(|(spot, condition)| (spot.clone(), condition.clone()))
            .collect();
        for (spot, condition) in new {
            self.sent.insert(spot.clone(), Sent { condition: condition.clone(), number: None, is_refused: false });
            let mut arguments = vec![("graph", Value::Str(spot.0.clone())), ("node", Value::Str(spot.1.clone()))];
            if !condition.is_empty() {
                arguments.push(("condition", Value::str(condition)));
            }
            self.ask(Asked::Set(spot), "setBreakpoint", arguments);
        }
    }

    /// What is to be evaluated whenever the run is held up.
    pub fn watch(&mut self, texts: &[String]) {
        if self.watches.iter().map(|watch| &watch.text).eq(texts) {
            return;
        }
        self.watches = texts.iter().map(|text| Watch { text: text.clone(), value: None }).collect();
        self.evaluate();
    }

    fn evaluate(&mut self) {
        if self.stopped.is_none() {
            return;
        }
        let frame = self.frame_value();
        for (index, text) in self.watches.iter().map(|watch| watch.text.clone()).enumerate().collect::<Vec<_>>() {
            self.ask(Asked::Watch(index), "evaluate", [("expression", Value::str(text)), ("frame", frame.clone())]);
        }
    }

    /// Stops before the next node.
    pub fn pause(&mut self) {
        self.ask(Asked::Other, "pause", []);
    }

    /// Lets a run that is held up go on, or one that waits for it begin.
    pub fn go(&mut self, how: &Go) {
        self.stopped = None;
        self.frames.clear();
        self.scopes = None;
        self.watches.iter_mut().for_each(|watch| watch.value = None);
        let (name, arguments) = match how {
            Go::Continue => ("continue", Vec::new()),
            Go::Into => ("stepIn", Vec::new()),
            Go::Over => ("stepOver", Vec::new()),
            Go::Out => ("stepOut", Vec::new()),
            Go::To((graph, node)) => {
                ("runTo", vec![("graph", Value::Str(graph.clone())), ("node", Value::Str(node.clone()))])
            }
            Go::Step(step) => ("runTo", vec![("step", Value::uint(*step))]),
        };
        self.ask(Asked::Go, name, arguments);
    }

    /// Looks at another function that runs.
    pub fn look_at(&mut self, frame: usize) {
        self.frame = frame;
        self.look();
    }

    /// Asks again for what is known where the run is held up.
    pub fn look(&mut self) {
        let frame = self.frame_value();
        self.ask(Asked::Scopes, "scopes", [("frame", frame)]);
        self.evaluate();
    }

    /// Puts a value in the place of what `target` refers to: JSON, or else an expression.
    /// The command that does it.
    pub fn change(&mut self, target: &str, text: &str) -> String {
        let value = match text.parse::<Value>() {
            Ok(value) => ("value", value),
            Err(_) => ("expression", Value::str(text)),
        };
        let frame = self.frame_value();
        self.ask(Asked::Change, "set", [("target", Value::str(target)), value, ("frame", frame)]);
        self.outgoing.last().cloned().unwrap_or_default()
    }

    fn frame_value(&self) -> Value {
        Value::uint(self.frame as u64)
    }

    fn ask(&mut self, asked: Asked, command: &str, arguments: impl IntoIterator<Item = (&'static str, Value)>) {
        self.next += 1;
        self.asked.insert(self.next, asked);
        let head = [("id", Value::Int(self.next)), ("command", Value::str(command))];
        self.outgoing.push(json::to_string(&Value::map(head.into_iter().chain(arguments))));
    }

    /// Takes a message; what is to be told of it.
    pub fn hear(&mut self, line: &str) -> Option<Event> {
        let Ok(message) = line.parse::<Value>() else {
            return Some(Event::Problem(
                "the debugger sent something that is no JSON; is it another program?".to_owned(),
            ));
        };
        match text(&message, "event") {
            Some(event) => self.event(&event, &message),
            None => self.reply(&message),
        }
    }

    fn event(&mut self, event: &str, message: &Value) -> Option<Event> {
        let of = |key: &str| text(message, key).unwrap_or_default();
        match event {
            "stopped" => {
                let step = match message.get("step") {
                    Some(Value::Int(step)) => step.unsigned_abs(),
                    _ => 0,
                };
                self.stopped = Some(Stopped {
                    reason: of("reason"),
                    handler: of("handler"),
                    graph: of("graph"),
                    node: of("node"),
                    step,
                    error: text(message, "error"),
                });
                self.frame = 0;
                self.stops += 1;
                self.ask(Asked::Stack, "stack", []);
                self.look();
                Some(Event::Stopped)
            }
            "trace" => Some(Event::Trace(message.get("message")?.clone())),
            "message" => {
                let value = message.get("value").map(|value| format!(": {}", json::to_string(value)));
                let text = format!("{}{}", of("text"), value.unwrap_or_default());
                Some(Event::Said { spot: (of("graph"), of("node")), text })
            }
            "ended" if &*of("status") == "failed" => Some(Event::Failed {
                handler: of("handler"),
                node: text(message, "node"),
                message: of("message").to_string(),
            }),
            "began" => {
                let recording = statewright_types::json::base64_decode(&text(message, "recording")?)?;
                Some(Event::Began(message.get("state")?.clone(), recording))
            }
            "action" => Act::from_value(message.get("input")?).map(Event::Action),
            "did" => Moment::from_value(message.get("moment")?).map(|moment| Event::Did(Box::new(moment))),
            "finished" => Some(Event::Finished),
            "busy" => {
                Some(Event::Refused("another debugger is attached there already; detach that one first".to_owned()))
            }
            _ => None,
        }
    }

    fn reply(&mut self, message: &Value) -> Option<Event> {
        let Some(Value::Int(id)) = message.get("id") else { return None };
        let asked = self.asked.remove(id)?;
        let is_ok = message.get("ok") == Some(&Value::Bool(true));
        if !is_ok {
            let error = message.get("error").unwrap_or(&Value::Null);
            return self.refused(asked, &text(error, "message").unwrap_or_default());
        }
        let result = message.get("result").unwrap_or(&Value::Null);
        match asked {
            Asked::Hello => {
                self.is_admitted = true;
                return Some(Event::Admitted);
            }
            Asked::Set(spot) => {
                if let (Some(sent), Some(Value::Int(number))) = (self.sent.get_mut(&spot), result.get("breakpoint")) {
                    sent.number = Some(*number);
                }
                self.reconcile();
            }
            Asked::Stack => {
                let Some(Value::List(frames)) = result.get("frames") else { return None };
                let frame = |frame: &Value| Some(Frame { graph: text(frame, "graph")?, node: text(frame, "node")? });
                self.frames = frames.iter().filter_map(frame).collect();
            }
            Asked::Scopes => {
                self.scopes = Some(result.clone());
                return Some(Event::Scopes);
            }
            Asked::Watch(index) => {
                if let Some(watch) = self.watches.get_mut(index) {
                    watch.value = Some(Ok(result.get("value").cloned().unwrap_or(Value::Null)));
                }
            }
            Asked::State => {
                self.state = Some(result.get("state").cloned().unwrap_or(Value::Null));
                return Some(Event::Scopes);
            }
            Asked::Change => {
                self.state_of = None;
                self.look();
            }
            Asked::Cleared | Asked::Go | Asked::Other => {}
        }
        None
    }

    fn refused(&mut self, asked: Asked, why: &str) -> Option<Event> {
        match asked {
            Asked::Hello => return Some(Event::Refused(format!("the debugger does not let us in: {why}"))),
            Asked::Watch(index) => {
                if let Some(watch) = self.watches.get_mut(index) {
                    watch.value = Some(Err(why.to_owned()));
                }
                return None;
            }
            // It is run to its end meanwhile: there will be another stop, or none.
            Asked::Scopes | Asked::Stack | Asked::State => return None,
            Asked::Set((graph, node)) => {
                if let Some(sent) = self.sent.get_mut(&(graph.clone(), node.clone())) {
                    sent.is_refused = true;
                }
                self.reconcile();
                return Some(Event::Problem(format!("the breakpoint at `{node}` of {graph} does not hold: {why}")));
            }
            Asked::Cleared | Asked::Go | Asked::Change | Asked::Other => {}
        }
        Some(Event::Problem(why.to_owned()))
    }
}

fn text(value: &Value, key: &str) -> Option<Arc<str>> {
    match value.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(client: &mut Client) -> Vec<String> {
        client.take_outgoing()
    }

    #[test]
    fn breakpoints_are_made_to_be_what_is_wanted() {
        let mut client = Client::new("t");
        assert_eq!(sent(&mut client).len(), 2);
        let spot: Spot = ("G".into(), "n".into());
        client.stop_at([(spot.clone(), String::new())].into());
        assert_eq!(
            sent(&mut client),
            [r#"{"id":3,"command":"setBreakpoint","graph":"G","node":"n"}"#.replace(' ', "")].map(|expected| {
                let value: Value = expected.parse().unwrap();
                json::to_string(&value)
            })
        );
        // Its condition changes before the other side has answered: it is changed once that is known.
        client.stop_at([(spot.clone(), "x > 1".to_owned())].into());
        assert!(sent(&mut client).is_empty());
        client.hear(r#"{"id": 3, "ok": true, "result": {"breakpoint": 7}}"#);
        let lines = sent(&mut client);
        assert!(lines[0].contains("clearBreakpoints") && lines[0].contains('7'), "{lines:?}");
        assert!(lines[1].contains("x > 1"), "{lines:?}");
        let refused = client.hear(r#"{"id": 5, "ok": false, "error": {"code": "not_found", "message": "no"}}"#);
        assert!(matches!(refused, Some(Event::Problem(why)) if why.contains("`n` of G")));
        assert!(sent(&mut client).is_empty(), "what is refused is not asked for again");
        client.stop_at([(spot, "x > 2".to_owned())].into());
        assert!(sent(&mut client)[0].contains("x > 2"));
    }

    #[test]
    fn a_stop_asks_for_what_is_shown_and_going_on_forgets_it() {
        let mut client = Client::new("");
        client.watch(&["state:Round".to_owned(), "(".to_owned()]);
        sent(&mut client);
        let stop = r#"{"event": "stopped", "reason": "step", "handler": "H", "graph": "H", "node": "n", "step": 4}"#;
        assert_eq!(client.hear(stop), Some(Event::Stopped));
        let lines = sent(&mut client);
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!(client.stopped().unwrap().step, 4);
        client.hear(r#"{"id": 3, "ok": true, "result": {"frames": [{"graph": "H", "node": "n"}]}}"#);
        assert_eq!(client.hear(r#"{"id": 4, "ok": true, "result": {"graph": "H"}}"#), Some(Event::Scopes));
        client.hear(r#"{"id": 5, "ok": true, "result": {"value": 3}}"#);
        client.hear(r#"{"id": 6, "ok": false, "error": {"message": "it ends"}}"#);
        assert_eq!(client.frames().len(), 1);
        assert_eq!(client.watches()[0].value, Some(Ok(Value::Int(3))));
        assert_eq!(client.watches()[1].value, Some(Err("it ends".to_owned())));
        client.go(&Go::Over);
        assert!(client.stopped().is_none() && client.scopes().is_none() && client.watches()[0].value.is_none());
        client.change("variable:x", "[1, 2]");
        client.change("variable:x", "state:Round");
        let lines = sent(&mut client);
        assert!(lines[1].contains(r#""value":[1,2]"#) && lines[2].contains("\"expression\""), "{lines:?}");
    }

    #[test]
    fn strangers_and_closed_doors_are_told_of() {
        let mut client = Client::new("");
        assert!(matches!(client.hear("HTTP/1.1 400"), Some(Event::Problem(_))));
        assert!(matches!(client.hear(r#"{"event": "busy"}"#), Some(Event::Refused(_))));
        let refused = r#"{"id": 1, "ok": false, "error": {"code": "unauthorized", "message": "wrong token"}}"#;
        assert!(matches!(client.hear(refused), Some(Event::Refused(why)) if why.contains("wrong token")));
        assert_eq!(client.hear(r#"{"id": 99, "ok": true}"#), None);
    }
}
