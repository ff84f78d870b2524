//! What the tests run in: a schema, a state, and a printer of what came out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use expect_test::Expect;
use statewright_graph::ir::{FunctionRole, Module, Verified, text};
use crate::under_test::Interpreter;
use statewright_runtime::context::{Context, Meter, Outbox, Recipients, Tracer};
use statewright_runtime::ledger::Ledger;
use statewright_runtime::program::{HandlerInfo, Outcome, Permissions, Program, WaitFor};
use statewright_runtime::state::{Settings, State};
use statewright_types::random::Streams;
use statewright_types::{Limits, Schema, StructId, Value, json};

const SCHEMA: &str = r#"
package demo

@root(active)
type Game {
    Round int32
    Ratio float32
    Title string @default("chess")
    Players []Player @key(ID)
    Tags []string
    Scores map[string]int64
    Seats map[int32]Player
    Leader *Player
    Best *int16
}

@root(inactive)
type Lobby {
    Open bool @write(server)
    Guests []Guest @key(Name)
}

type Guest {
    Name string
    Seat int64 @write(owner)
}

type Player {
    ID string
    Seat uint8 @default(3)
    Big uint64
    Token uuid @auto(uuid)
    Data bytes
    Hand []int32
    Pos Point
}

type Point {
    X float64
    Y float64
}
"#;

pub fn schema() -> Arc<Schema> {
    let (schema, diagnostics) = statewright_types::schema::text::parse(SCHEMA);
    Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")))
}

pub fn state(schema: &Arc<Schema>) -> State {
    let config = "config Game {\n Speed int32 @default(2) @max(5)\n Title string @default(Go)\n}";
    let settings = Settings::new(statewright_types::config::parse(config).0, &BTreeMap::new());
    State::with_settings(schema.clone(), StructId(0), Streams::new(7), settings)
}

/// The module text for a body: the lines of handler `H`, whose only parameter v0 is the sender ("alice"); after a line
/// `---`, functions. `show vN TYPE` emits a value; a body without any terminator returns.
pub fn module_text(body: &str) -> String {
    let (body, functions) = body.split_once("---").unwrap_or((body, ""));
    let numbers =
        body.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.strip_prefix('v')?.parse().ok());
    let mut next = numbers.max().unwrap_or(0) + 1;
    let mut text = String::from("module root Game\n\nhandler \"H\" event \"E\" (\"senderID\": string)");
    text.push_str(if body.contains("suspend") { " suspends {\n" } else { " {\n" });
    text.push_str("b0(v0: string):\n");
    let mut ends = false;
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("show ").and_then(|rest| rest.split_once(' ')) {
            Some((value, ty)) => {
                let record = next + 1;
                writeln!(text, "v{next}: string = stream").unwrap();
                writeln!(text, "v{record}: {{\"r\": {ty}}} = record.new {{\"r\": {ty}}} {value}").unwrap();
                writeln!(text, "emit.all v{next}, v{record}").unwrap();
                next += 2;
            }
            None => writeln!(text, "{line}").unwrap(),
        }
        ends = ["return", "jump", "branch", "trap ", "suspend", "call_suspending"]
            .iter()
            .any(|word| line.starts_with(word));
    }
    text.push_str(if ends { "}\n" } else { "return\n}\n" });
    text + functions
}

pub fn module(text: &str, schema: &Arc<Schema>) -> Module {
    text::parse(text, schema).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

pub fn interpreter(module: Module) -> Interpreter {
    made(module, Interpreter::new)
}

/// Every instruction by itself.
pub fn plain(module: Module) -> Interpreter {
    made(module, Interpreter::plain)
}

fn made(module: Module, make: fn(Arc<Verified>, Vec<HandlerInfo>, [u8; 32]) -> Interpreter) -> Interpreter {
    let text = module.to_string();
    let module = Verified::new(module).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}\n{text}", errors.join("\n"))
    });
    let handlers = module.functions.iter().filter_map(|function| match &function.role {
        FunctionRole::Handler { event } => Some(HandlerInfo {
            name: function.name.clone(),
            event: event.clone(),
            params: function.params.iter().skip(1).map(|param| (param.name.clone(), param.ty.clone())).collect(),
            permissions: Permissions::default(),
        }),
        FunctionRole::Function | FunctionRole::Filter | FunctionRole::Effect => None,
    });
    let handlers = handlers.collect();
    make(Arc::new(module), handlers, [7; 32])
}

/// A running handler and what it left behind.
pub struct World {
    pub state: State,
    pub meter: Meter,
    pub outbox: Outbox,
    pub now_ms: i64,
    pub players: Vec<Arc<str>>,
    pub ledger: Ledger,
    /// The data of the event that ends the next wait for one.
    pub arrived: Option<u64>,
}

impl World {
    pub fn new(state: State, limits: Limits) -> World {
        World {
            state,
            meter: Meter::new(limits),
            outbox: Outbox::default(),
            now_ms: 1_000,
            players: vec!["alice".into(), "bob".into()],
            ledger: Ledger::new(4),
            arrived: None,
        }
    }

    /// Runs `body` in a transaction of its own, undone if it traps.
    pub fn transaction(
        &mut self,
        handler: &Arc<str>,
        tracer: Option<&mut dyn Tracer>,
        body: impl FnOnce(&mut Context<'_>) -> Outcome,
    ) -> Outcome {
        self.state.begin();
        let mut cx = Context {
            state: &mut self.state,
            meter: &mut self.meter,
            now_ms: self.now_ms,
            host: "bob",
            sender: "alice",
            handler,
            outbox: &mut self.outbox,
            players: &self.players,
            ledger: &mut self.ledger,
            effects: None,
            arrived: self.arrived.take(),
            // Shortens the lifetime inside the reference, which a plain move cannot.
            tracer: match tracer {
                Some(tracer) => Some(tracer),
                None => None,
            },
        };
        let outcome = body(&mut cx);
        match outcome {
            Outcome::Trapped(_) => {
                self.state.rollback();
                self.ledger.rollback();
            }
            Outcome::Done | Outcome::Suspended(_) => {
                self.state.commit();
                self.ledger.commit();
            }
        }
        outcome
    }

    /// Runs the first handler to its end, resuming it as often as it suspends; tells what happened.
    pub fn play(&mut self, program: &Interpreter, tracer: Option<&mut dyn Tracer>) -> String {
        let handler = program.handlers()[0].name.clone();
        let mut out = String::new();
        let mut outcome = self.transaction(&handler, tracer, |cx| {
            let sender = cx.state.string("alice");
            program.run(0, &[sender], cx)
        });
        loop {
            self.tell_events(&mut out);
            match outcome {
                Outcome::Done => {
                    writeln!(out, "done, fuel {}", self.meter.fuel_used()).unwrap();
                    return out;
                }
                Outcome::Trapped(trap) => {
                    write!(out, "{}", trap.code).unwrap();
                    trap.node.iter().for_each(|node| write!(out, " at {node}").unwrap());
                    trap.message.iter().for_each(|message| write!(out, ": {message}").unwrap());
                    writeln!(out, ", fuel {}", self.meter.fuel_used()).unwrap();
                    return out;
                }
                Outcome::Suspended(suspension) => {
                    let wait_ms = match &suspension.wait {
                        WaitFor::Duration(wait_ms) => {
                            writeln!(out, "waits {wait_ms} ms").unwrap();
                            *wait_ms
                        }
                        WaitFor::Event { event, timeout_ms, data } => {
                            writeln!(out, "waits for {event:?} {timeout_ms} ms").unwrap();
                            assert!(data.fields.len() < 9);
                            *timeout_ms
                        }
                    };
                    for frame in &suspension.frames {
                        writeln!(out, "  f{} b{} {:?}", frame.function, frame.block, frame.values).unwrap();
                    }
                    self.now_ms += wait_ms;
                    outcome = self.transaction(&handler, None, |cx| program.resume(&suspension, cx));
                }
            }
        }
    }

    fn tell_events(&mut self, out: &mut String) {
        for event in self.outbox.events.drain(..) {
            let payload = json::to_string(event.payload.get("r").unwrap_or(&event.payload));
            match (&event.to, &*event.kind) {
                (Recipients::All, "H") => writeln!(out, "{payload}"),
                (to, kind) => writeln!(out, "{kind} to {to:?}: {payload}"),
            }
            .unwrap();
        }
    }
}

/// Runs a body on a fresh state.
pub fn run(body: &str) -> String {
    let schema = schema();
    let program = interpreter(module(&module_text(body), &schema));
    World::new(state(&schema), Limits::default()).play(&program, None)
}

pub fn check(body: &str, expected: Expect) {
    expected.assert_eq(&run(body));
}

/// The state's fields that are named, after `body` ran.
pub fn check_state(body: &str, fields: &[&str], expected: Expect) {
    let schema = schema();
    let program = interpreter(module(&module_text(body), &schema));
    let mut world = World::new(state(&schema), Limits::default());
    let mut out = world.play(&program, None);
    let value = world.state.to_value();
    for field in fields {
        let found = value.get(field).unwrap_or(&Value::Null);
        writeln!(out, "{field} {}", json::to_string(found)).unwrap();
    }
    expected.assert_eq(&out);
}
