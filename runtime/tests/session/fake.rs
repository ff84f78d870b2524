//! A program of closures, and a small game for it to act on.

use std::sync::Arc;

use statewright_runtime::context::{Context, Recipients};
use statewright_runtime::program::{
    EffectInfo, Footprint, HandlerInfo, Outcome, Permissions, Program, SavedFrame, Suspension, Trap, WaitFor,
};
use statewright_runtime::session::replay::{Origin, Versions};
use statewright_runtime::session::{Action, ActionReport, Session, SessionOptions, Status};
use statewright_runtime::state::State;
use statewright_types::{Config, Schema, StructId, TrapCode, Type, Value, schema};

/// How a closure ends.
pub enum Step {
    Done,
    Fail(TrapCode),
    /// Goes on after that many milliseconds, at that step, with these integers as its arguments.
    Wait(i64, u32, Vec<i64>),
}

type EffectBody = Box<dyn Fn(&[u64], &mut Context<'_>) -> Step + Send + Sync>;

type Body = Box<dyn Fn(u32, &[u64], &mut Context<'_>) -> Step + Send + Sync>;

/// A program of closures. Step 0 has the handler's arguments (`senderID` first).
pub struct Fake {
    version: u8,
    infos: Vec<HandlerInfo>,
    bodies: Vec<Body>,
    effects: Vec<EffectInfo>,
    effect_bodies: Vec<EffectBody>,
    config: Option<Arc<Config>>,
}

impl Fake {
    pub fn new(version: u8) -> Fake {
        Fake {
            version,
            infos: Vec::new(),
            bodies: Vec::new(),
            effects: Vec::new(),
            effect_bodies: Vec::new(),
            config: None,
        }
    }

    /// Adds a handler of the event, called like it and numbered.
    pub fn on(
        mut self,
        event: &str,
        params: &[(&str, Type)],
        body: impl Fn(u32, &[u64], &mut Context<'_>) -> Step + Send + Sync + 'static,
    ) -> Fake {
        self.infos.push(HandlerInfo {
            name: format!("{event}{}", self.infos.len()).into(),
            event: event.into(),
            params: params.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect(),
            permissions: Permissions::default(),
        });
        self.bodies.push(Box::new(body));
        self
    }

    /// Adds an effect with one integer as its parameter.
    pub fn effect(
        mut self,
        name: &str,
        body: impl Fn(&[u64], &mut Context<'_>) -> Step + Send + Sync + 'static,
    ) -> Fake {
        let params = vec![("by".into(), Type::INT)];
        self.effects.push(EffectInfo { name: name.into(), params, footprint: Footprint::All, looks_around: false });
        self.effect_bodies.push(Box::new(body));
        self
    }

    /// Has the effect added last touch these fields of the game only.
    pub fn touching(mut self, fields: &[u32]) -> Fake {
        let fields = fields.iter().map(|field| (GAME_ID, *field)).collect();
        self.effects.last_mut().expect("an effect").footprint = Footprint::Fields(fields);
        self
    }

    /// Has it look at more than the state.
    pub fn looking_around(mut self) -> Fake {
        self.effects.last_mut().expect("an effect").looks_around = true;
        self
    }

    /// Declares a configuration.
    pub fn configured(mut self, text: &str) -> Fake {
        self.config = statewright_types::config::parse(text).0;
        self
    }

    /// Restricts the handler added last.
    pub fn only(mut self, permissions: Permissions) -> Fake {
        self.infos.last_mut().expect("a handler").permissions = permissions;
        self
    }

    fn step(&self, handler: usize, step: u32, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        match self.bodies[handler](step, args, cx) {
            Step::Done => Outcome::Done,
            Step::Fail(code) => Outcome::Trapped(Trap { code, message: None, node: Some("n".into()) }),
            Step::Wait(ms, block, kept) => {
                let values = kept.iter().map(|kept| cx.state.save(&Type::INT, *kept as u64)).collect();
                let frames = vec![SavedFrame { function: handler as u32, block, values, deadlines: Vec::new() }];
                Outcome::Suspended(Suspension { wait: WaitFor::Duration(ms), frames, node: None })
            }
        }
    }
}

impl Program for Fake {
    fn document_hash(&self) -> [u8; 32] {
        [self.version; 32]
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &self.infos
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        match self.effect_bodies[effect](args, cx) {
            Step::Fail(code) => Outcome::Trapped(Trap { code, message: None, node: None }),
            Step::Done | Step::Wait(..) => Outcome::Done,
        }
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.config.as_ref()
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.step(handler, 0, args, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        let frame = &suspension.frames[0];
        let args: Vec<u64> = frame.values.iter().map(|saved| cx.state.restore(&Type::INT, saved)).collect();
        self.step(frame.function as usize, frame.block, &args, cx)
    }
}

/// Reads a schema that must be right.
pub fn schema(text: &str) -> Arc<Schema> {
    let (schema, diagnostics) = schema::text::parse(text);
    assert!(!statewright_types::diagnostic::has_errors(&diagnostics), "{diagnostics:?}");
    Arc::new(schema.expect("a schema"))
}

const GAME: &str = "package game
@root(active)
type Game {
    Round int64
    Log   []string
}
";

const GAME_ID: StructId = StructId(0);

/// A session of the small game.
pub fn session(program: Fake, options: SessionOptions) -> Session {
    Session::new(schema(GAME), GAME_ID, Arc::new(program), options)
}

/// The same session, for a replay.
pub fn origin<'a>(
    program: Fake,
    options: SessionOptions,
    setup: &'a dyn Fn(&mut State),
    programs: &'a Versions<'a>,
) -> Origin<'a> {
    Origin { schema: schema(GAME), main_root: GAME_ID, program: Arc::new(program), options, setup, programs }
}

/// `Round += amount`.
pub fn add(cx: &mut Context<'_>, amount: i64) {
    let root = cx.state.root(GAME_ID).expect("the root");
    let round = cx.state.load(root, GAME_ID, 0).expect("a field") as i64;
    cx.store(root, GAME_ID, 0, (round + amount) as u64).expect("a live root");
}

/// Appends to `Log`.
pub fn note(cx: &mut Context<'_>, text: &str) {
    let root = cx.state.root(GAME_ID).expect("the root");
    let log = cx.state.load(root, GAME_ID, 1).expect("a field");
    let end = cx.state.list_len(log) as i64;
    let text = cx.state.string(text);
    cx.list_insert(log, end, text).expect("room");
}

/// Emits an event to all, without payload.
pub fn emit(cx: &mut Context<'_>, kind: &str) {
    let kind = cx.state.string(kind);
    cx.emit(kind, Recipients::All, None).expect("no payload");
}

pub fn charge(cx: &mut Context<'_>, amount: u64) -> Step {
    match cx.meter.charge_fuel(amount) {
        Ok(()) => Step::Done,
        Err(code) => Step::Fail(code),
    }
}

pub fn round(session: &Session) -> i64 {
    round_of(session.state())
}

pub fn round_of(state: &State) -> i64 {
    match state.to_value().get("Round") {
        Some(Value::Int(round)) => *round,
        other => panic!("Round is {other:?}"),
    }
}

pub fn log(session: &Session) -> String {
    match session.state().to_value().get("Log") {
        Some(Value::List(entries)) => {
            let text = |entry: &Value| if let Value::Str(text) = entry { text.to_string() } else { "?".into() };
            entries.iter().map(text).collect::<Vec<_>>().join(" ")
        }
        other => panic!("Log is {other:?}"),
    }
}

pub fn event(name: &str) -> Action {
    Action::own(name, Value::Null)
}

/// A report on one line: `handler#id status code`, …, `! event` for each event.
pub fn show(report: &ActionReport) -> String {
    let mut words: Vec<String> = report.refused.iter().map(|trap| format!("refused {}", trap.code)).collect();
    for activation in &report.activations {
        assert_eq!(activation.error.is_some(), activation.status == Status::Failed);
        let code = activation.error.as_ref().map_or(String::new(), |trap| format!(" {}", trap.code));
        words.push(format!("{}#{} {}{code}", activation.handler, activation.id, activation.status.name()));
    }
    words.extend(report.events.iter().map(|event| format!("! {}", event.kind)));
    words.join(", ")
}

pub fn show_all(reports: &[ActionReport]) -> String {
    reports.iter().map(|report| format!("{}: {}", report.time_ms, show(report))).collect::<Vec<_>>().join("; ")
}
