//! A traced run as messages: `event:start`, `node:start`, `node:end`, `node:error`, `node:wait`, `node:resume`,
//! `event:end`.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_runtime::context::{Beginning, Ending, Segment, Tracer};
use statewright_runtime::program::Trap;
use statewright_runtime::state::State;
use statewright_types::{Type, Value};

use super::outline::Outline;
use super::stack::{Frame, Open, Seen};

/// The host program's clock: nanoseconds since the Unix epoch.
pub type Clock<'c> = Box<dyn FnMut() -> u64 + 'c>;

/// What of a run is kept, and told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Values, for looking at them while the run is held up.
    pub values: bool,
    /// Messages.
    pub messages: bool,
}

/// The activation that runs.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its number.
    pub number: u64,
    /// Its handler.
    pub handler: Arc<str>,
    /// Session time, milliseconds.
    pub now_ms: i64,
    /// When this part of it began, nanoseconds.
    began_ns: u64,
    /// How long the parts before took, nanoseconds.
    spent_ns: u64,
}

/// What waits: the functions with their values, and the time used so far.
#[derive(Default)]
struct Asleep {
    frames: Vec<Frame>,
    spent_ns: u64,
}

/// Follows a run.
pub struct Story<'c> {
    /// What is known of the document.
    pub outline: Outline,
    /// What is kept and told.
    pub wanted: Wanted,
    /// The activation that runs.
    pub running: Option<Running>,
    /// Its functions, the innermost last.
    pub frames: Vec<Frame>,
    session: Arc<str>,
    clock: Clock<'c>,
    asleep: HashMap<u64, Asleep>,
    /// Functions of the resumed activation, as they were when it went to sleep.
    restoring: Vec<Frame>,
    messages: Vec<Value>,
}

impl<'c> Story<'c> {
    /// Of a session that messages call `session`.
    pub fn new(outline: Outline, session: &str, clock: Clock<'c>, wanted: Wanted) -> Story<'c> {
        Story {
            outline,
            wanted,
            running: None,
            frames: Vec::new(),
            session: session.into(),
            clock,
            asleep: HashMap::new(),
            restoring: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// Takes the messages since the last call.
    pub fn take_messages(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.messages)
    }

    /// Whether messages are made from here on. Of nodes that began before, only the end will be told, but for the one that
    /// has just begun.
    pub fn want_messages(&mut self, on: bool) {
        self.wanted.messages = on;
        let open = self.frames.iter_mut().flat_map(|frame| &mut frame.open);
        open.rev().skip(1).for_each(|open| open.is_told = true);
    }

    fn tell(&mut self, kind: &str, at_ns: u64, more: Vec<(&'static str, Value)>) {
        if !self.wanted.messages {
            return;
        }
        let Some(running) = &self.running else { return };
        let mut message = vec![
            ("type", Value::from(kind)),
            ("sessionId", Value::Str(self.session.clone())),
            ("activation", Value::uint(running.number)),
            ("handler", Value::Str(running.handler.clone())),
        ];
        message.extend(more);
        message.push(("timestamp", Value::uint(at_ns / 1_000_000)));
        self.messages.push(Value::map(message));
    }

    fn node(&self, graph: &str, node: &str) -> Vec<(&'static str, Value)> {
        vec![
            ("graph", Value::from(graph)),
            ("nodeId", Value::from(node)),
            ("nodeType", Value::Str(self.outline.node_type(graph, node))),
        ]
    }

    /// Tells that the innermost open node of the innermost function has begun, now that its inputs are known.
    fn tell_start(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let graph = frame.graph.clone();
        let Some(open) = frame.open.last_mut().filter(|open| !open.is_told) else { return };
        open.is_told = true;
        let (node, began_ns, inputs) = (open.node.clone(), open.began_ns, std::mem::take(&mut open.inputs));
        let mut more = self.node(&graph, &node);
        more.push(("inputs", Value::map(inputs)));
        self.tell("node:start", began_ns, more);
    }

    /// Ends nodes from the innermost out to `node`, that one too if `with_it` says so. Nothing if it is not open.
    fn close(&mut self, node: &str, with_it: bool) {
        let Some(frame) = self.frames.last() else { return };
        let Some(at) = frame.open.iter().rposition(|open| &*open.node == node) else { return };
        self.close_down_to(at + usize::from(!with_it));
    }

    fn close_down_to(&mut self, count: usize) {
        while self.frames.last().is_some_and(|frame| frame.open.len() > count) {
            self.tell_start();
            let Some(frame) = self.frames.last_mut() else { return };
            let graph = frame.graph.clone();
            let Some(open) = frame.open.pop() else { return };
            if !self.wanted.messages {
                continue;
            }
            let now_ns = (self.clock)();
            let mut more = self.node(&graph, &open.node);
            more.push(("outputs", Value::map(open.outputs)));
            more.push(("durationMs", duration_ms(now_ns.saturating_sub(open.began_ns))));
            self.tell("node:end", now_ns, more);
        }
    }

    fn failed(&mut self, trap: &Trap) {
        let Some(node) = &trap.node else { return };
        self.tell_start();
        let Some(frame) = self.frames.last() else { return };
        let began_ns = frame.open.iter().rfind(|open| open.node == *node).map(|open| open.began_ns);
        let graph = frame.graph.clone();
        let now_ns = (self.clock)();
        let mut more = self.node(&graph, node);
        more.extend(error(trap));
        more.extend(began_ns.map(|began_ns| ("durationMs", duration_ms(now_ns.saturating_sub(began_ns)))));
        self.tell("node:error", now_ns, more);
    }

    fn keep(&mut self, node: &str, port: &str, ty: &Type, slot: u64, state: &State) {
        let Some(frame) = self.frames.last_mut() else { return };
        let seen = Seen::new(ty, slot, state);
        match port.split_once(':') {
            Some(("in", port)) => {
                frame.inputs.insert(format!("node:{node}:{port}").into(), seen);
            }
            Some((scheme, name)) => {
                let name: Arc<str> = match scheme {
                    "out" => format!("node:{node}:{name}").into(),
                    "loop" => format!("loop:{node}:{name}").into(),
                    _ => port.into(),
                };
                frame.replaced.remove(&name);
                frame.seen.insert(name, seen);
            }
            None => {}
        }
    }

    fn wait(&mut self, graph: &str, node: Option<&Arc<str>>, due_ms: Option<i64>) {
        let now_ms = self.running.as_ref().map_or(0, |running| running.now_ms);
        let now_ns = (self.clock)();
        let mut more = self.node(graph, node.map_or("", |node| node));
        let wait_ms = due_ms.map_or(Value::Null, |due_ms| Value::Int(due_ms.saturating_sub(now_ms)));
        more.extend([("waitMs", wait_ms), ("resumeAt", due_ms.map_or(Value::Null, Value::Int))]);
        self.tell("node:wait", now_ns, more);
    }
}

fn error(trap: &Trap) -> [(&'static str, Value); 2] {
    let message = trap.message.clone().map_or_else(|| Value::from(trap.code.message()), Value::Str);
    [("error", message), ("code", Value::from(trap.code.code()))]
}

/// Milliseconds, with what is left of them behind the point.
fn duration_ms(ns: u64) -> Value {
    Value::Float((ns / 1_000) as f64 / 1_000.0)
}

impl Tracer for Story<'_> {
    fn enter(&mut self, _: &str, _: &str, node: &str) {
        let began_ns = (self.clock)();
        let Some(frame) = self.frames.last_mut() else { return };
        frame.node = node.into();
        frame.open.push(Open::new(frame.node.clone(), began_ns));
    }

    fn probe(&mut self, _: &str, node: &str, port: &str, value: Value) {
        if port.starts_with("out:") {
            self.tell_start();
        }
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(open) = frame.open.iter_mut().rfind(|open| &*open.node == node) else { return };
        let (ports, name) = match port.split_once(':') {
            Some(("in", name)) => (&mut open.inputs, name),
            Some(("out", name)) => (&mut open.outputs, name),
            _ => return,
        };
        match ports.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, known)) => *known = value,
            None => ports.push((name.into(), value)),
        }
    }

    fn port(&mut self, function: &str, node: &str, port: &str, (ty, slot): (&Type, u64), state: &State) {
        if let Some(label) = port.strip_prefix("exit:") {
            let is_body = label == "body";
            self.close(node, !is_body);
            self.tell_start();
            let open = self.frames.last_mut().and_then(|frame| frame.open.last_mut());
            if let Some(open) = open.filter(|open| is_body && &*open.node == node) {
                open.in_body = true;
            }
            return;
        }
        if self.wanted.values {
            self.keep(node, port, ty, slot, state);
        }
        if self.wanted.messages
            && let Ok(value) = state.export(ty, slot)
        {
            self.probe(function, node, port, value);
        }
    }

    fn leave(&mut self, _: &str, node: &str) {
        self.close(node, true);
    }

    fn message(&mut self, _: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        let mut more = self.node(function, node);
        more.push(("text", Value::from(text)));
        more.extend(value.map(|value| ("value", value)));
        let now_ns = (self.clock)();
        self.tell("node:message", now_ns, more);
    }

    fn begin(&mut self, segment: &Segment<'_>) {
        let now_ns = (self.clock)();
        let asleep = self.asleep.remove(&segment.activation).unwrap_or_default();
        self.frames.clear();
        self.restoring = asleep.frames;
        self.running = Some(Running {
            number: segment.activation,
            handler: segment.handler.clone(),
            now_ms: segment.now_ms,
            began_ns: now_ns,
            spent_ns: asleep.spent_ns,
        });
        if let Beginning::Event { event, sender, params } = segment.beginning {
            let more = vec![
                ("event", Value::Str(event.clone())),
                ("sender", Value::Str(sender.clone())),
                ("params", params.clone()),
            ];
            self.tell("event:start", now_ns, more);
        }
    }

    fn end(&mut self, _: &Segment<'_>, ending: &Ending<'_>) {
        if let Ending::Failed(trap) = ending {
            self.failed(trap);
        }
        let now_ns = (self.clock)();
        let Some(running) = &self.running else { return };
        let spent_ns = running.spent_ns.saturating_add(now_ns.saturating_sub(running.began_ns));
        if let Ending::Waiting { node, due_ms } = ending {
            self.tell_start();
            let graph = self.frames.last().map_or_else(|| "".into(), |frame| frame.graph.clone());
            self.wait(&graph, *node, *due_ms);
            let frames = std::mem::take(&mut self.frames);
            if let Some(running) = &self.running {
                self.asleep.insert(running.number, Asleep { frames, spent_ns });
            }
        } else {
            let mut more = vec![("durationMs", duration_ms(spent_ns))];
            if let Ending::Failed(trap) = ending {
                more.extend(error(trap));
            }
            self.tell("event:end", now_ns, more);
        }
        self.running = None;
        self.frames.clear();
    }

    fn call(&mut self, function: &str) {
        self.tell_start();
        self.frames.push(Frame::new(function));
    }

    fn restored(&mut self, functions: &[(&str, &str)]) {
        let now_ns = (self.clock)();
        self.frames = std::mem::take(&mut self.restoring);
        // Functions that a deadline cut short have ended.
        while self.frames.len() > functions.len() {
            self.close_down_to(0);
            self.frames.pop();
        }
        let known = std::mem::take(&mut self.frames);
        // They may have gone to sleep before anybody listened, or in a session that was saved.
        let mut known = known.into_iter().map(Some).chain(std::iter::repeat(None));
        for (graph, node) in functions {
            let known = known.next().flatten().filter(|frame| &*frame.graph == *graph);
            let mut frame = known.unwrap_or_else(|| Frame::new(graph));
            frame.node = (*node).into();
            if frame.open.iter().all(|open| &*open.node != *node) {
                frame.open.push(Open { is_told: true, ..Open::new(frame.node.clone(), now_ns) });
            }
            self.frames.push(frame);
            // What a deadline cut short has ended.
            self.close(node, false);
        }
        if let Some((graph, node)) = functions.last() {
            let more = self.node(graph, node);
            self.tell("node:resume", now_ns, more);
        }
    }

    fn returned(&mut self, _: &str) {
        self.close_down_to(0);
        self.frames.pop();
    }
}

/// Makes messages of a run and hands each on at once.
pub struct Recorder<'c> {
    story: Story<'c>,
    sink: Box<dyn FnMut(&Value) + 'c>,
}

impl<'c> Recorder<'c> {
    /// `session` is what messages call the session.
    pub fn new(outline: Outline, session: &str, clock: Clock<'c>, sink: Box<dyn FnMut(&Value) + 'c>) -> Recorder<'c> {
        let wanted = Wanted { messages: true, values: false };
        Recorder { story: Story::new(outline, session, clock, wanted), sink }
    }

    fn pass_on(&mut self) {
        for message in self.story.take_messages() {
            (self.sink)(&message);
        }
    }
}

impl Tracer for Recorder<'_> {
    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        self.story.enter(handler, function, node);
    }

    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        self.story.probe(function, node, port, value);
    }

    fn port(&mut self, function: &str, node: &str, port: &str, value: (&Type, u64), state: &State) {
        self.story.port(function, node, port, value, state);
    }

    fn leave(&mut self, function: &str, node: &str) {
        self.story.leave(function, node);
        self.pass_on();
    }

    fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        self.story.message(handler, function, node, text, value);
        self.pass_on();
    }

    fn begin(&mut self, segment: &Segment<'_>) {
        self.story.begin(segment);
        self.pass_on();
    }

    fn end(&mut self, segment: &Segment<'_>, ending: &Ending<'_>) {
        self.story.end(segment, ending);
        self.pass_on();
    }

    fn call(&mut self, function: &str) {
        self.story.call(function);
        self.pass_on();
    }

    fn restored(&mut self, functions: &[(&str, &str)]) {
        self.story.restored(functions);
        self.pass_on();
    }

    fn returned(&mut self, function: &str) {
        self.story.returned(function);
        self.pass_on();
    }
}
