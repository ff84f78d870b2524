//! A tracer that waits for commands.

use std::sync::Arc;

use statewright_runtime::context::{Context, Ending, Segment, Tracer};
use statewright_runtime::state::State;
use statewright_types::{Type, Value};

use super::breakpoints::{self, Breakpoint};
use super::channel::{Channel, Incoming};
use super::inspect::{self, Setting};
use super::outline::{Outline, declared};
use super::place::{self, Scope};
use super::protocol::{self, COMMANDS, Command, Refused, VERSION, refused};
use super::stack::Frame;
use super::story::{Clock, Story, Wanted};

/// How a debugger is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the first message must carry; none if whoever has the channel may use it.
    pub token: Option<Arc<str>>,
    /// What messages call the session.
    pub session: Arc<str>,
}

/// A value that was set while a run was held up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// In which of the session's actions, from 1.
    pub action: u64,
    /// Before which of its nodes, from 1.
    pub step: u64,
    /// The command, as the protocol has it.
    pub line: String,
}

/// When to stop next, besides breakpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    /// Never.
    Run,
    /// At the next node.
    Any(&'static str),
    /// At the next node of the flow in that function, or below it on the stack.
    Over { activation: u64, depth: usize, level: usize },
    /// When that function has returned.
    Out { activation: u64, depth: usize },
    /// At that node.
    To { graph: Arc<str>, node: Arc<str> },
    /// At the node that is the so manyth to begin.
    Step(u64),
}

/// What a command does to the run.
enum Then {
    /// Stays where it is.
    Stay,
    /// Goes on.
    Go,
}

/// A debugger of one session. It is the tracer that the session is given, and speaks with its client over a channel.
pub struct Debugger<'c> {
    story: Story<'c>,
    channel: Box<dyn Channel + 'c>,
    token: Option<Arc<str>>,
    is_known: bool,
    breakpoints: Vec<Breakpoint>,
    numbered: u64,
    goal: Goal,
    /// How many nodes have begun.
    steps: u64,
    /// How often they were counted anew.
    action: u64,
    /// What is set again when the run comes there.
    redo: Vec<Change>,
    is_hushed: bool,
    /// Events of what the session began with and did, for clients that ask for them.
    history: Vec<Value>,
    is_followed: bool,
}

impl<'c> Debugger<'c> {
    /// A debugger of the document that `outline` is of.
    pub fn new(outline: Outline, options: Options, channel: Box<dyn Channel + 'c>, clock: Clock<'c>) -> Debugger<'c> {
        let wanted = Wanted { values: true, messages: false };
        Debugger {
            story: Story::new(outline, &options.session, clock, wanted),
            channel,
            token: options.token,
            is_known: false,
            breakpoints: Vec::new(),
            numbered: 0,
            goal: Goal::Run,
            steps: 0,
            action: 0,
            redo: Vec::new(),
            is_hushed: false,
            history: Vec::new(),
            is_followed: false,
        }
    }

    /// Counts nodes from here on: of the session's next action the first one is step 1.
    pub fn count_anew(&mut self) {
        (self.steps, self.action) = (0, self.action + 1);
    }

    /// Sets values again when the run comes to where they were set, and goes on from there: for a session that does again what it did.
    /// A client that sets a value forgets those that were to come.
    pub fn redo(&mut self, changes: Vec<Change>) {
        self.redo = changes;
    }

    /// Whether nobody is heard or told anything, and nothing stops.
    pub fn hush(&mut self, is_hushed: bool) {
        self.is_hushed = is_hushed;
    }

    /// Sets again what was set here.
    fn redo_here(&mut self, cx: &mut Context<'_>) {
        let now = (self.action, self.steps);
        let here = self.redo.iter().filter(|change| (change.action, change.step) == now);
        let lines: Vec<String> = here.map(|change| change.line.clone()).collect();
        for line in lines {
            // What was refused then is refused again.
            if let (_, Ok(command)) = protocol::read(&line) {
                let _ = self.look(command, cx);
            }
        }
    }

    /// How many nodes have begun since they were counted anew.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Waits until a client lets the run begin, with `continue` or a step. Comes back as well when a client that was
    /// let in is gone, or none can come.
    pub fn wait_for_start(&mut self) {
        self.converse(&mut None);
    }

    /// Tells the client that nothing more will run.
    pub fn finish(&mut self) {
        self.event("finished", []);
    }

    /// Tells of the session as a whole: an event, which clients that come later are told as well.
    pub fn tell(&mut self, event: Value) {
        if self.is_followed && self.is_known {
            self.channel.send(&event);
        }
        self.history.push(event);
    }

    fn event(&mut self, kind: &str, more: impl IntoIterator<Item = (&'static str, Value)>) {
        if self.is_known {
            let message = std::iter::once(("event", Value::from(kind))).chain(more);
            self.channel.send(&Value::map(message));
        }
    }

    /// Sends what the story has to tell.
    fn pass_on(&mut self) {
        for message in self.story.take_messages() {
            self.event("trace", [("message", message)]);
        }
    }

    /// Takes commands until one lets the run go on.
    fn converse(&mut self, cx: &mut Option<&mut Context<'_>>) {
        loop {
            match self.channel.wait() {
                Incoming::Line(line) => {
                    if matches!(self.hear(&line, cx), Then::Go) {
                        return;
                    }
                }
                // One that was never let in does not count.
                Incoming::Gone if !self.is_known => {}
                Incoming::Gone | Incoming::Closed => return self.forget(),
            }
        }
    }

    /// The client is gone: the run goes on as if there had never been one, but for the values that it set.
    fn forget(&mut self) {
        self.is_known = false;
        self.is_followed = false;
        self.breakpoints.clear();
        self.goal = Goal::Run;
        self.story.want_messages(false);
    }

    fn hear(&mut self, line: &str, cx: &mut Option<&mut Context<'_>>) -> Then {
        let (id, command) = protocol::read(line);
        if !self.is_known {
            let admitted = self.admit(command);
            self.is_known = admitted.is_ok();
            self.channel.send(&protocol::reply(id, admitted));
            if !self.is_known {
                self.channel.close();
            }
            return Then::Stay;
        }
        let before = self.goal.clone();
        let (outcome, then) = match command {
            Err(refused) => (Err(refused), Then::Stay),
            Ok(Command::Disconnect) => {
                self.channel.send(&protocol::reply(id, Ok(empty())));
                self.channel.close();
                self.forget();
                return Then::Go;
            }
            Ok(command) => match self.goal_of(&command) {
                Some(Ok(goal)) => {
                    self.goal = goal;
                    (Ok(empty()), Then::Go)
                }
                Some(Err(refused)) => (Err(refused), Then::Stay),
                None => (self.answer(command, cx), Then::Stay),
            },
        };
        let goes = matches!(then, Then::Go);
        if goes && cx.is_none() && self.story.running.is_some() {
            // It is not held up: only `pause` makes sense, and that is no `Go`.
            self.goal = before;
            let why = refused("not_paused", "the run is not held up; send `pause` first");
            self.channel.send(&protocol::reply(id, Err(why)));
            return Then::Stay;
        }
        self.channel.send(&protocol::reply(id, outcome));
        then
    }

    fn admit(&self, command: Result<Command, Refused>) -> Result<Value, Refused> {
        match command {
            Ok(Command::Hello { token }) => match &self.token {
                Some(wanted) if !same(wanted, &token) => {
                    Err(refused("unauthorized", "this is not the token that the host program printed"))
                }
                _ => Ok(capabilities()),
            },
            Ok(_) => Err(refused("unauthorized", "the first message must be `hello`, with the token")),
            Err(refused) => Err(refused),
        }
    }

    /// When to stop next, if that is what the command is about.
    fn goal_of(&self, command: &Command) -> Option<Result<Goal, Refused>> {
        let activation = self.story.running.as_ref().map_or(0, |running| running.number);
        let depth = self.story.frames.len();
        // The node that it stands before is open already.
        let level = self.story.frames.last().map_or(0, |frame| frame.level().saturating_sub(1));
        Some(Ok(match command {
            Command::Continue => Goal::Run,
            Command::StepIn => Goal::Any("step"),
            Command::StepOver if depth == 0 => Goal::Any("step"),
            Command::StepOver => Goal::Over { activation, depth, level },
            Command::StepOut => Goal::Out { activation, depth },
            Command::RunTo { graph, node } => match self.story.outline.check(graph, node) {
                Ok(()) => Goal::To { graph: graph.clone(), node: node.clone() },
                Err(why) => return Some(Err(refused("not_found", why))),
            },
            Command::RunToStep(step) => Goal::Step(*step),
            _ => return None,
        }))
    }

    fn answer(&mut self, command: Command, cx: &mut Option<&mut Context<'_>>) -> Result<Value, Refused> {
        match command {
            Command::Hello { .. } => Err(refused("bad_message", "`hello` was said already")),
            Command::Capabilities => Ok(capabilities()),
            Command::SetBreakpoint { graph, node, condition, hits } => {
                self.story.outline.check(&graph, &node).map_err(|why| refused("not_found", why))?;
                if self.breakpoints.len() >= breakpoints::MOST {
                    return Err(refused("too_many", format!("there may be {} breakpoints", breakpoints::MOST)));
                }
                self.numbered += 1;
                let breakpoint = Breakpoint { number: self.numbered, graph, node, condition, hits, count: 0 };
                let shown = breakpoint.to_value();
                self.breakpoints.push(breakpoint);
                Ok(shown)
            }
            Command::ListBreakpoints => {
                let all = self.breakpoints.iter().map(Breakpoint::to_value).collect();
                Ok(Value::map([("breakpoints", Value::List(all))]))
            }
            Command::ClearBreakpoints(number) => {
                let before = self.breakpoints.len();
                self.breakpoints.retain(|breakpoint| number.is_some_and(|number| breakpoint.number != number));
                let cleared = before - self.breakpoints.len();
                match number {
                    Some(number) if cleared == 0 => {
                        Err(refused("not_found", format!("there is no breakpoint {number}")))
                    }
                    _ => Ok(Value::map([("cleared", Value::uint(cleared as u64))])),
                }
            }
            Command::Pause => {
                if cx.is_none() {
                    self.goal = Goal::Any("pause");
                }
                Ok(empty())
            }
            Command::Trace(on) => {
                self.story.want_messages(on);
                Ok(empty())
            }
            Command::Timeline(on) => {
                if on && !self.is_followed {
                    self.history.iter().for_each(|event| self.channel.send(event));
                }
                self.is_followed = on;
                Ok(empty())
            }
            command => match cx {
                Some(cx) => {
                    if let Command::Set { .. } = command {
                        let now = (self.action, self.steps);
                        self.redo.retain(|change| (change.action, change.step) < now);
                    }
                    self.look(command, cx)
                }
                None => Err(refused("not_paused", "this is known only while a handler is held up")),
            },
        }
    }

    /// What needs a run that is held up.
    fn look(&mut self, command: Command, cx: &mut Context<'_>) -> Result<Value, Refused> {
        let number = match &command {
            Command::Scopes { frame } | Command::Read { frame, .. } => *frame,
            Command::Set { frame, .. } | Command::Evaluate { frame, .. } => *frame,
            _ => 0,
        };
        let index = inspect::frame(&self.story.frames, number)?;
        let frame: Option<&Frame> = index.and_then(|index| self.story.frames.get(index));
        let mut scope = Scope { outline: &self.story.outline, frame, state: cx.state };
        match command {
            Command::Stack => Ok(inspect::stack(&self.story)),
            Command::State => Ok(Value::map([("state", scope.state.to_value())])),
            Command::Scopes { .. } => match frame {
                Some(frame) => Ok(inspect::scopes(frame, scope.state)),
                None => Err(refused("not_found", "no handler is running")),
            },
            Command::Read { path, .. } => inspect::read(&mut scope, &path),
            Command::Evaluate { expression, .. } => inspect::evaluate(&mut scope, &expression),
            Command::Set { target, value, .. } => {
                match inspect::set(&mut scope, &self.story.outline, &target, &value)? {
                    Setting::State(place, value) => {
                        place::write(cx, &place, &value).map_err(|why| refused("wrong_type", why))?;
                    }
                    Setting::Kept(name, seen) => {
                        if let Some(frame) = index.and_then(|index| self.story.frames.get_mut(index)) {
                            frame.seen.insert(name.clone(), seen.clone());
                            frame.replaced.insert(name, seen);
                        }
                    }
                }
                Ok(empty())
            }
            _ => Err(refused("bad_message", "this command makes no sense here")),
        }
    }

    /// Whether to stop before the node that has just begun: why, at which breakpoint, and what was wrong with that.
    fn reason(&mut self, state: &mut State) -> Option<(&'static str, Option<u64>, Option<String>)> {
        let frame = self.story.frames.last()?;
        let mut stop = None;
        for breakpoint in &mut self.breakpoints {
            if breakpoint.graph != frame.graph || breakpoint.node != frame.node {
                continue;
            }
            let mut scope = Scope { outline: &self.story.outline, frame: Some(frame), state };
            let condition = breakpoint.condition.as_ref().map_or(Ok(true), |condition| condition.holds(&mut scope));
            // All that are reached count, though only the first is told of.
            if let Some(outcome) = breakpoint.reached(condition) {
                stop = stop.or(Some(("breakpoint", Some(breakpoint.number), outcome.err())));
            }
        }
        stop.or_else(|| self.goal_reached(frame).map(|why| (why, None, None)))
    }

    fn goal_reached(&self, frame: &Frame) -> Option<&'static str> {
        let (now, deep) = (self.story.running.as_ref().map_or(0, |running| running.number), self.story.frames.len());
        match &self.goal {
            Goal::Run => None,
            Goal::Any(why) => Some(*why),
            Goal::Over { activation, depth, level } => {
                let is_flow = frame.level().saturating_sub(1) <= *level;
                (now != *activation || deep < *depth || (deep == *depth && is_flow)).then_some("step")
            }
            Goal::Out { activation, depth } => (now != *activation || deep < *depth).then_some("step"),
            Goal::To { graph, node } => (*graph == frame.graph && *node == frame.node).then_some("runTo"),
            Goal::Step(step) => (self.steps >= *step).then_some("runTo"),
        }
    }

    /// Takes commands that came while nobody was held up. It is done before every node; a host program with a session that
    /// is idle may do it as well.
    pub fn listen(&mut self) {
        while let Some(incoming) = self.channel.poll() {
            match incoming {
                Incoming::Line(line) => {
                    self.hear(&line, &mut None);
                }
                Incoming::Gone | Incoming::Closed => self.forget(),
            }
        }
    }

    fn tell_stop(&mut self, (reason, breakpoint, error): (&'static str, Option<u64>, Option<String>)) {
        let Some(running) = self.story.running.clone() else { return };
        let Some(frame) = self.story.frames.last() else { return };
        let (graph, node) = (frame.graph.clone(), frame.node.clone());
        let node_type = self.story.outline.node_type(&graph, &node);
        let mut more = vec![
            ("reason", Value::from(reason)),
            ("activation", Value::uint(running.number)),
            ("handler", Value::Str(running.handler)),
            ("graph", Value::Str(graph)),
            ("node", Value::Str(node)),
            ("nodeType", Value::Str(node_type)),
            ("depth", Value::uint(self.story.frames.len() as u64)),
            ("now", Value::Int(running.now_ms)),
            ("step", Value::uint(self.steps)),
        ];
        more.extend(breakpoint.map(|number| ("breakpoint", Value::uint(number))));
        more.extend(error.map(|error| ("error", Value::from(error))));
        self.event("stopped", more);
    }
}

fn empty() -> Value {
    Value::Map(Vec::new())
}

/// Without telling by the time it takes how much of it is right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

fn capabilities() -> Value {
    Value::map([
        ("version", Value::Int(VERSION)),
        ("commands", Value::List(COMMANDS.iter().map(|name| Value::from(*name)).collect())),
        ("breakpoints", Value::uint(breakpoints::MOST as u64)),
        ("lineBytes", Value::uint(protocol::LINE_BYTES as u64)),
    ])
}

impl Tracer for Debugger<'_> {
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
    }

    fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        self.story.message(handler, function, node, text, value.clone());
        self.pass_on();
        let of = [("graph", Value::from(function)), ("node", Value::from(node)), ("text", Value::from(text))];
        self.event("message", of.into_iter().chain(value.map(|value| ("value", value))));
    }

    fn begin(&mut self, segment: &Segment<'_>) {
        self.story.begin(segment);
    }

    fn end(&mut self, segment: &Segment<'_>, ending: &Ending<'_>) {
        self.story.end(segment, ending);
        self.pass_on();
        let mut more =
            vec![("activation", Value::uint(segment.activation)), ("handler", Value::Str(segment.handler.clone()))];
        match ending {
            Ending::Done => more.push(("status", Value::from("done"))),
            Ending::Waiting { .. } => more.push(("status", Value::from("waiting"))),
            Ending::Failed(trap) => {
                let message = trap.message.clone().map_or_else(|| Value::from(trap.code.message()), Value::Str);
                let node = trap.node.clone().map_or(Value::Null, Value::Str);
                let code = Value::from(trap.code.code());
                more.extend([("status", Value::from("failed")), ("code", code), ("message", message), ("node", node)]);
            }
        }
        self.event("ended", more);
    }

    fn call(&mut self, function: &str) {
        self.story.call(function);
    }

    fn restored(&mut self, functions: &[(&str, &str)]) {
        self.story.restored(functions);
    }

    fn returned(&mut self, function: &str) {
        self.story.returned(function);
    }

    fn pause(&mut self, cx: &mut Context<'_>) {
        self.steps += 1;
        if !self.is_hushed {
            self.listen();
            self.pass_on();
            if let Some(reason) = self.is_known.then(|| self.reason(cx.state)).flatten() {
                self.goal = Goal::Run;
                self.tell_stop(reason);
                self.converse(&mut Some(cx));
            }
        }
        self.redo_here(cx);
    }

    fn watch(&mut self, name: &str, _: &Type, slot: u64, state: &mut State) -> u64 {
        let frame = self.story.frames.last();
        match frame.and_then(|frame| frame.replaced.get(declared(name).1)) {
            Some(seen) => seen.slot(state),
            None => slot,
        }
    }
}
