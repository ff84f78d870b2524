//! Messages and the debugger on the whole corpus: every node that is told to begin is told to end, and looking at
//! everything at every step changes nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use statewright_harness::debug::{Channel, Clock, Debugger, Incoming, Options, Outline, Recorder};
use statewright_tests::corpus;
use statewright_types::{Value, json};

use crate::twins::{act, cases, samples};

fn clock() -> Clock<'static> {
    let mut now_ns = 0;
    Box::new(move || {
        now_ns += 1;
        now_ns
    })
}

fn text(message: &Value, key: &str) -> String {
    message.get(key).map(Value::to_string).unwrap_or_default()
}

#[test]
fn every_node_that_begins_ends() {
    let mut told = 0;
    for case in cases(&corpus::folder()).into_iter().chain(cases(&samples())) {
        for test in &case.file.tests {
            let at = format!("{}: {}", case.file.source.name, test.name);
            let Some(mut session) = case.begin_light(test, &case.traced) else { continue };
            let messages = RefCell::new(Vec::new());
            let sink = Box::new(|message: &Value| messages.borrow_mut().push(message.clone()));
            let mut recorder = Recorder::new(Outline::new(&case.traced), "s", clock(), sink);
            for step in &test.steps {
                act(&mut session, &step.act, Some(&mut recorder));
            }
            drop(recorder);
            balanced(&messages.borrow(), &at);
            told += messages.borrow().len();
        }
    }
    assert!(told > 3_000, "only {told} messages");
}

/// Of each activation that came to its end, each node began as often as it ended, and never ended before it began.
fn balanced(messages: &[Value], at: &str) {
    let mut open: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for message in messages {
        let nodes = open.entry(text(message, "activation")).or_default();
        let node = format!("{} {}", text(message, "graph"), text(message, "nodeId"));
        assert_ne!(text(message, "nodeType"), "\"\"", "{at}: {message}");
        match text(message, "type").as_str() {
            r#""node:start""# => *nodes.entry(node).or_default() += 1,
            r#""node:end""# => {
                let count = nodes.entry(node).or_default();
                *count -= 1;
                assert!(*count >= 0, "{at}: {message}");
            }
            r#""node:error""# => assert!(nodes.get(&node).is_some_and(|count| *count > 0), "{at}: {message}"),
            r#""event:end""# if message.get("code").is_none() => {
                assert!(nodes.values().all(|count| *count == 0), "{at}: {nodes:?} still open");
            }
            _ => {}
        }
    }
}

/// A client that looks at everything at each step.
struct Looker {
    next: usize,
    stops: Rc<RefCell<usize>>,
}

impl Channel for Looker {
    fn wait(&mut self) -> Incoming {
        let commands = ["scopes", "stack", "stepIn"];
        let line = match self.next {
            0 => r#"{"command": "hello", "version": 1}"#.to_owned(),
            1 => r#"{"command": "stepIn"}"#.to_owned(),
            next => format!(r#"{{"id": {next}, "command": "{}"}}"#, commands[(next - 2) % 3]),
        };
        self.next += 1;
        Incoming::Line(line)
    }

    fn poll(&mut self) -> Option<Incoming> {
        None
    }

    fn send(&mut self, message: &Value) {
        let is_stop = message.get("event") == Some(&Value::from("stopped"));
        *self.stops.borrow_mut() += usize::from(is_stop);
        assert_ne!(message.get("ok"), Some(&Value::Bool(false)), "{}", json::to_string(message));
    }

    fn close(&mut self) {}
}

#[test]
fn who_looks_at_everything_changes_nothing() {
    let stops = Rc::new(RefCell::new(0));
    for case in cases(&corpus::folder()).into_iter().chain(cases(&samples())) {
        for test in &case.file.tests {
            let at = format!("{}: {}", case.file.source.name, test.name);
            let Some(mut plain) = case.begin_light(test, &case.plain) else { continue };
            let mut debugged = case.begin(test, &case.traced).expect("the other began");
            let looker = Looker { next: 0, stops: stops.clone() };
            let mut debugger = Debugger::new(Outline::new(&case.traced), Options::default(), Box::new(looker), clock());
            debugger.wait_for_start();
            for step in &test.steps {
                let expected = act(&mut plain, &step.act, None);
                assert_eq!(act(&mut debugged, &step.act, Some(&mut debugger)), expected, "{at}");
                assert_eq!(debugged.state().hash(), plain.state().hash(), "{at}");
            }
        }
    }
    let stops = *stops.borrow();
    assert!(stops > 1_000, "only {stops} stops");
}
