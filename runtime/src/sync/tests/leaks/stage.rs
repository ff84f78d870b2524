//! One of the two sessions, played by a host that polls whenever it is time.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::{Schema, StructId, TrapCode, Value, json};

use super::places::{Eyes, team};
use super::program::program;
use super::script::{Script, Side, Step, What};
use crate::host::HostError;
use crate::session::host_filters::FilterView;
use crate::session::{Action, NewEffect, Session, SessionOptions};
use crate::sync::tables::Tables;
use crate::sync::tests::differential::{RICH, schema};
use crate::sync::tests::writing::Writer;
use crate::sync::{
    Broadcast, ClientSchema, ConnectOptions, Debounce, HistoryLimits, Hooks, LiveOptions, LiveSession, Sight, Verdict,
};
use crate::wire::{Description, Profile};

/// Structs in lists with public and private numbers side by side, and structs inside of them.
const FIELD: &str = r#"
package field
view near {}
view deep { includes: admin }
view strong {}
@root(active)
type Game {
    Round int32
    Secret int64 @view(none)
    Players []Player @key(ID)
    Units []Unit
    Board map[string]Unit
    Plot []Card @view(admin)
    Tally []int32
    Log []string @view(deep)
    Notes map[int32]string @view(deep)
    Best *Unit
    Lots [][]Point
}
type Player {
    ID string
    Team string
    Score int32
    X float64
    Y float32
    Hand []Card @view(owner)
    Cash int32 @view(owner)
    Plan Point @view(team)
    Pos Point
    Held *Unit
    Fate string @view(none)
}
type Unit {
    A int32
    B float64
    C float32
    D float64 @quantize(0.25)
    Core Point
    Cargo []Card
    Code int64 @view(admin)
    Loot []int32 @view(owner)
}
type Point {
    X float64
    Z float64 @view(none)
    W []int32 @view(admin)
}
type Card {
    ID int64
    Name string @view(near)
    Power uint8
    Curse *uint16 @view(deep)
    Aura int32 @view(strong)
}
@root(inactive)
type Shop {
    Stock map[string]Unit
    Till int32 @view(admin)
    Closed bool
}
"#;

/// Who must not come to know anything.
pub(super) const VIEWER: &str = "b";
/// The others.
const OTHERS: [&str; 3] = ["a", "c", "d"];

/// What is common to all sessions.
pub(super) struct Settings {
    schemas: [(Arc<Schema>, StructId, Arc<dyn crate::program::Program>); 2],
}

impl Settings {
    pub(super) fn new() -> Settings {
        let made = |text: &str| {
            let schema = schema(text);
            let root = schema.main_root(None).expect("a root");
            let program = program(&schema, root);
            (schema, root, program)
        };
        Settings { schemas: [made(RICH), made(FIELD)] }
    }
}

/// What the viewer got, and when.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heard {
    pub at_ms: i64,
    pub what: String,
    pub bytes: Vec<u8>,
}

pub(super) struct Stage {
    live: LiveSession,
    /// What the viewer's client knows of the schema.
    client: ClientSchema,
    eyes: Eyes,
    side: usize,
    now_ms: i64,
    /// The number of its last message when the viewer left.
    number: u64,
    pub(super) heard: Vec<Heard>,
    /// Whether what others got, and figures, are heard, too.
    pub(super) hears_all: bool,
    /// How many hidden things were done.
    pub(super) hidden: usize,
}

impl Stage {
    pub(super) fn new(settings: &Settings, script: &Script, side: usize) -> Stage {
        let mut dice = Writer::new(script.seed ^ 0x5eed);
        let (schema, root, program) = &settings.schemas[dice.roll(2)];
        let session = Session::new(schema.clone(), *root, program.clone(), SessionOptions::default());
        let quiet_ms = [0, 5, 20][dice.roll(3)];
        let debounce = Debounce { quiet_ms, max_wait_ms: [quiet_ms, 25, 100][dice.roll(3)] };
        let options = LiveOptions {
            history: HistoryLimits { messages: [2, 5, 100][dice.roll(3)], bytes: [200, 1 << 20][dice.roll(2)] },
            debounce: (dice.roll(4) > 0).then_some(debounce),
            ..LiveOptions::default()
        };
        let moves = dice.roll(2) == 0;
        let tables = Tables::new(schema, *root);
        let mut eyes = Eyes { tables, sight: None };
        let is_near = dice.roll(2) == 0;
        let mut live = LiveSession::new(session, 1, options);
        if dice.roll(6) == 0 {
            live.add_hooks(Picky { wants_views: dice.roll(2) == 0, asked: 0 });
        }
        let client = if dice.roll(3) == 0 { older(schema, *root) } else { ClientSchema::Same };
        if is_near {
            live.grant(VIEWER, "near");
        }
        let mut own = Writer::new(script.seed ^ 0x0dd ^ (1 + side as u64) << 40);
        live.set_up(|state| {
            // As if the viewer's sight were to change, as there is none yet.
            (0..40).for_each(|_| _ = eyes.write(state, &mut dice, true));
            let profile = Arc::new(Profile::same(schema, *root));
            let grants: BTreeSet<Arc<str>> = is_near.then(|| "near".into()).into_iter().collect();
            let sight = Sight { grants, team: team(state, VIEWER), ..Sight::new(VIEWER, profile) };
            eyes.sight = (!moves).then_some(sight);
            (0..10).for_each(|_| _ = eyes.write(state, &mut own, false));
        });
        let mut stage =
            Stage { live, client, eyes, side, now_ms: 0, number: 0, heard: Vec::new(), hears_all: false, hidden: 0 };
        stage.come(ConnectOptions::default());
        for other in &OTHERS[..2] {
            stage.live.connect(other, ConnectOptions::default()).expect("welcome");
        }
        stage
    }

    /// Has what everybody gets heard; and all viewers be looked after one by one, if they are to be `apart`.
    pub(super) fn hear_all(mut self, apart: bool) -> Stage {
        self.hears_all = true;
        if apart {
            self.live.keep_apart();
        }
        self
    }

    /// Plays the whole script.
    pub(super) fn play(mut self, script: &Script) -> Stage {
        for step in &script.steps {
            if step.side == Side::Both || step.side == Side::Only(self.side) {
                self.run_until(step.at_ms);
                self.hidden += usize::from(step.side != Side::Both);
                self.step(step);
                self.hear_figures();
            }
        }
        let end_ms = script.steps.last().map_or(0, |step| step.at_ms) + 1000;
        self.run_until(end_ms);
        let sent = self.live.tick();
        self.deliver("last tick", &sent);
        self
    }

    /// What the viewer sees at last.
    pub(super) fn view(&self) -> String {
        statewright_types::json::to_string(&self.live.session().view(VIEWER))
    }

    fn hear(&mut self, what: impl Into<String>, bytes: Vec<u8>) {
        self.heard.push(Heard { at_ms: self.now_ms, what: what.into(), bytes });
    }

    fn deliver(&mut self, what: &str, broadcast: &Broadcast) {
        for message in broadcast.for_viewer(VIEWER) {
            self.hear(what, message.to_vec());
        }
        if self.hears_all {
            let all: Vec<_> = broadcast.iter().map(|(id, message)| (id.to_owned(), message.to_vec())).collect();
            for (id, message) in &all {
                self.hear(format!("{what} for {id}"), message.clone());
            }
            let apart = all.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().into_iter();
            let apart = apart.flat_map(|id| broadcast.for_viewer(id).map(|message| (id.clone(), message.to_vec())));
            assert_eq!(apart.collect::<Vec<_>>(), all, "of one viewer, and of all");
            assert_eq!(broadcast.is_empty(), all.is_empty());
        }
    }

    fn hear_figures(&mut self) {
        if self.hears_all {
            for id in OTHERS.into_iter().chain([VIEWER]) {
                let figures = format!("{id} {:?}", self.live.viewer_statistics(id));
                self.hear(figures, Vec::new());
            }
            let figures = format!("{:?} {:?}", self.live.statistics(), self.live.next_deadline());
            self.hear(figures, Vec::new());
        }
    }

    /// What the host does as time goes by.
    fn run_until(&mut self, to_ms: i64) {
        if to_ms == self.now_ms {
            return;
        }
        while let Some(due_ms) = self.live.next_deadline().filter(|due_ms| *due_ms <= to_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            let sent = self.live.poll(self.now_ms);
            self.deliver("poll", &sent);
        }
        self.live.at(to_ms);
        self.now_ms = to_ms;
    }

    fn come(&mut self, options: ConnectOptions) {
        let options = ConnectOptions { schema: self.client.clone(), ..options };
        match self.live.connect(VIEWER, options) {
            Ok(greeting) => {
                for message in greeting.messages {
                    self.hear(format!("greeting {}", greeting.resumed), message);
                }
            }
            Err(refused) => self.hear("refused", refused.to_bytes()),
        }
    }

    /// Writes in the open, and more that is hidden.
    fn write(&mut self, dice: &mut Writer, own: &mut Writer, fails: bool) {
        let eyes = &self.eyes;
        let moved =
            |state: &crate::state::State| eyes.sight.as_ref().is_some_and(|sight| sight.team != team(state, VIEWER));
        let mut hidden = 0;
        let _: Result<(), ()> = self.live.update(|state| {
            for _ in 0..1 + dice.roll(4) {
                eyes.write(state, dice, true);
                if own.roll(2) == 0 {
                    hidden += usize::from(eyes.write(state, own, false));
                }
            }
            // Who the viewer is stays as it is, where only what it sees now is in the open.
            if fails || moved(state) { Err(()) } else { Ok(()) }
        });
        self.hidden += hidden;
    }

    fn step(&mut self, step: &Step) {
        let mut dice = Writer::new(step.seed);
        let mut own = Writer::new(step.seed ^ (1 + self.side as u64) << 40);
        let other = OTHERS[dice.roll(OTHERS.len())];
        match step.what {
            What::Write => self.write(&mut dice, &mut own, false),
            What::Fail => self.write(&mut dice, &mut own, true),
            What::Cheer => _ = self.live.dispatch(Action::own("Cheer", Value::Null)),
            What::Tick => {
                let sent = self.live.tick();
                self.deliver("tick", &sent);
            }
            What::Poll => {
                let sent = self.live.poll(step.at_ms);
                self.deliver("poll", &sent);
            }
            What::Peek => {
                let shown = self.live.broadcast();
                self.deliver("peek", &shown);
            }
            What::Emit => self.emit(&mut dice),
            What::Ack => {
                let number = self.live.viewer_statistics(VIEWER).map_or(0, |viewer| viewer.number);
                let number = number.saturating_sub(dice.roll(3) as u64);
                let acked = self.live.ack(VIEWER, number);
                self.hear(format!("ack {acked:?}"), Vec::new());
            }
            What::Resync => _ = self.live.resync(VIEWER),
            What::Leave => {
                if let Some(viewer) = self.live.viewer_statistics(VIEWER) {
                    self.number = viewer.number;
                }
                _ = self.live.disconnect(VIEWER);
            }
            What::Back => {
                let number = self.number.saturating_sub([0, 0, 1, 3][dice.roll(4)]);
                self.come(ConnectOptions::default().resuming(1, number));
            }
            What::Grant => {
                if self.eyes.sight.is_none() {
                    match dice.roll(2) {
                        0 => self.live.grant(VIEWER, "near"),
                        _ => self.live.revoke(VIEWER, "near"),
                    }
                }
            }
            What::Filter => set_filter(&mut self.live, VIEWER, &mut dice),
            What::Veil => {
                let event = ["Veil", "Unveil"][dice.roll(2)];
                self.live.dispatch(Action::own(event, Value::Null));
            }
            What::Glow => effect(&mut self.live, "Glow", &mut dice),
            What::Spawn => effect(&mut self.live, "Spawn", &mut dice),
            What::Advance => _ = self.live.advance([1, 10, 50][dice.roll(3)]),
            What::Debounce => self.live.set_debounce([0, 5, 20][dice.roll(3)], [0, 25, 100][dice.roll(3)]),
            _ => self.hidden_step(step.what, other, &mut dice),
        }
    }

    fn emit(&mut self, dice: &mut Writer) {
        let payload = Value::Int(dice.roll(300) as i64);
        _ = match dice.roll(4) {
            0 => self.live.emit("All", &payload),
            1 => self.live.emit_to(VIEWER, "One", &payload),
            2 => self.live.emit_except(OTHERS[dice.roll(3)], "Except", &payload),
            _ => self.live.emit_encoded(&crate::context::Recipients::All, "Raw", &[1, 2]),
        };
    }

    fn hidden_step(&mut self, what: What, other: &str, dice: &mut Writer) {
        let live = &mut self.live;
        let eyes = &self.eyes;
        match what {
            What::Whisper | What::Falter => {
                _ = live.update(|state| {
                    for _ in 0..1 + dice.roll(6) {
                        eyes.write(state, dice, false);
                    }
                    if what == What::Falter { Err(()) } else { Ok(()) }
                });
            }
            What::Curse => {
                let event = ["Curse", "Botch"][dice.roll(2)];
                live.dispatch(Action::own(event, Value::Null));
            }
            What::Pry => {
                let event = ["Pry", "Unpry"][dice.roll(2)];
                live.dispatch(Action::own(event, Value::Null));
            }
            What::EmitToOthers => {
                let payload = Value::Int(dice.roll(300) as i64);
                _ = match dice.roll(2) {
                    0 => live.emit_to(other, "Whisper", &payload),
                    _ => live.emit_except(VIEWER, "Whisper", &payload),
                };
            }
            What::OthersComeAndGo => match (live.has_viewer(other), dice.roll(4)) {
                (true, 0) => _ = live.kick(other, "enough"),
                (true, 1) => _ = live.forget(other),
                (true, _) => _ = live.disconnect(other),
                (false, roll) => {
                    let options = ConnectOptions { playing: roll == 0, ..ConnectOptions::default() };
                    let greeted = live.connect(other, options.resuming(1, dice.roll(4) as u64));
                    if self.hears_all {
                        let messages = greeted.map(|greeting| greeting.messages).unwrap_or_default();
                        messages.into_iter().for_each(|message| self.hear(format!("greeting of {other}"), message));
                    }
                }
            },
            What::OthersAck => {
                let number = live.viewer_statistics(other).map_or(1, |viewer| viewer.number);
                _ = live.ack(other, number);
            }
            What::OthersResync => _ = live.resync(other),
            What::OthersGrants => {
                let view = ["near", "admin"][dice.roll(2)];
                match dice.roll(2) {
                    0 => live.grant(other, view),
                    _ => live.revoke(other, view),
                }
            }
            What::OthersFilters => set_filter(live, other, dice),
            What::Shade => effect(live, "Shade", dice),
            _ => {
                live.broadcast();
                live.next_deadline();
            }
        }
    }
}

/// Hooks that go by what the viewer is sent; and by what happened before for everybody else.
struct Picky {
    wants_views: bool,
    asked: usize,
}

impl Picky {
    fn ask(&mut self, viewer: &str, own: usize) -> Verdict {
        self.asked += 1;
        let by = if viewer == VIEWER { own } else { self.asked };
        if by % 5 == 4 { Verdict::Hold } else { Verdict::Send }
    }
}

impl Hooks for Picky {
    fn wants_views(&self) -> bool {
        self.wants_views
    }

    fn after_filter(&mut self, viewer: &str, view: &mut Value) -> Verdict {
        if let Value::Map(fields) = view {
            let hidden = fields.iter_mut().find(|(name, _)| &**name == "Round");
            if let Some((_, round)) = hidden.filter(|(_, round)| matches!(round, Value::Int(round) if round % 3 == 0)) {
                *round = Value::Int(1);
            }
        }
        self.ask(viewer, json::to_string(view).len())
    }

    fn after_encode(&mut self, viewer: &str, message: &mut Vec<u8>) -> Verdict {
        let verdict = self.ask(viewer, message.len());
        if viewer != VIEWER && self.asked.is_multiple_of(3) {
            message.push(0);
        }
        verdict
    }
}

/// The schema of a client that is older: the last fields of some types came later.
fn older(schema: &Schema, root: StructId) -> ClientSchema {
    let mut description = Description::of(schema, root);
    for ty in description.types.iter_mut().step_by(2).filter(|ty| ty.fields.len() > 1) {
        ty.fields.pop();
    }
    ClientSchema::Other { hash: [7; 32], description: Some(description) }
}

/// Gives a viewer a filter that changes `Round` and fails now and then, or takes it.
fn set_filter(live: &mut LiveSession, viewer: &str, dice: &mut Writer) {
    if dice.roll(2) == 0 {
        live.remove_filter(viewer, "f");
        return;
    }
    let most = dice.roll(4) as i64;
    let filter = move |view: &mut FilterView<'_>| -> Result<(), HostError> {
        let root = view.main_root()?;
        let round = view.int(root, "Round")?;
        if round == 5 {
            return Err(TrapCode::Custom.into());
        }
        view.set_int(root, "Round", round.min(most))
    };
    live.set_filter(viewer, "f", filter).expect("set");
}

fn effect(live: &mut LiveSession, name: &str, dice: &mut Writer) {
    if dice.roll(3) == 0 {
        live.remove_effect(name);
    } else {
        let duration_ms = [0, 10, 40][dice.roll(3)];
        _ = live.add_effect(NewEffect { duration_ms, ..NewEffect::new(name, name) });
    }
}
