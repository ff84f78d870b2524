//! The same game as a live session: from a change to everybody's message, in a buffer that is used again.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use statewright::{NewEffect, Program};
use statewright_runtime::access::Declared;
use statewright_runtime::context::Context;
use statewright_runtime::program::{self, HandlerInfo, Outcome, Suspension};
use statewright_runtime::session::host_filters::{FilterView, declared};
use statewright_runtime::session::{Action, Session, SessionOptions};
use statewright_runtime::sync::{ConnectOptions, EncoderOptions, LiveOptions, LiveSession};
use statewright_types::{StructId, Value};

use super::scenario::{self, Game, ONE};
use crate::counting::asked;

/// How many ticks it takes until the history of viewers is full: from then on memory is used again.
const WARM: u64 = 140;

/// How long nothing must have changed until that is sent, where that matters.
const PAUSE_MS: i64 = 50;

/// A program in which nothing happens.
struct Nothing;

impl program::Program for Nothing {
    fn document_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &[]
    }

    fn run(&self, _: usize, _: &[u64], _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }

    fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }
}

/// A filter that empties hands, all but the viewer's own; and how it is put to use.
const GRAPH: &str = r#"{"filters": [{"name": "Hands", "parameters": [],
  "nodes": [{"id": "each", "type": "ForEach", "inputs": {"path": "Players"}},
            {"id": "other", "type": "Compare", "inputs": {"left": "loop:item.ID", "op": "!=", "right": "viewer:id"}},
            {"id": "isOther", "type": "If", "inputs": {"condition": "node:other:result"}},
            {"id": "hide", "type": "UpdateStruct", "inputs": {"object": "loop:item", "fields": {"Hand": []}}}],
  "flow": [{"from": "start", "to": "each"}, {"from": "each", "to": "isOther", "label": "body"},
           {"from": "isOther", "to": "hide", "label": "true"}]}],
 "handlers": [{"name": "Hide", "event": "Hide", "parameters": [{"name": "who", "type": "string"}],
  "nodes": [{"id": "hide", "type": "AddFilter", "inputs": {"viewerID": "param:who", "filterID": "hands", "filterName": "Hands"}}],
  "flow": [{"from": "start", "to": "hide"}]}]}"#;

/// An effect that touches a field of the root.
const EFFECT: &str = r#"{"handlers": [], "effects": [{"name": "Later", "parameters": [],
  "nodes": [{"id": "more", "type": "Add", "inputs": {"a": "state:Round", "b": {"constant": 1}}},
            {"id": "set", "type": "SetField", "inputs": {"path": "Round", "value": "node:more:result"}}],
  "flow": [{"from": "start", "to": "set"}]}]}"#;

/// What keeps viewers from seeing others' hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    /// A rule of the schema.
    Owners,
    /// A filter of each viewer, in Rust.
    Rust,
    /// A filter of each viewer, as a graph.
    Graphs,
    /// A rule of the schema; and an effect is in use, which touches what does not change.
    OwnersUnderEffect,
}

/// When messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// With each tick.
    Ticks,
    /// When it is time, after a pause.
    Debounced,
}

/// A live session of the game, and room for a message.
pub struct Live {
    live: LiveSession,
    player: (StructId, u64),
    message: Vec<u8>,
    n: u64,
    when: When,
    clock_ms: i64,
}

/// Figures of a tick.
pub struct Figures {
    pub bytes: usize,
    pub tick_ns: f64,
    pub written_ns: f64,
    pub allocations: u64,
}

impl Live {
    pub fn new(viewers: usize, hiding: Hiding) -> Result<Live, String> {
        Live::sending(viewers, hiding, When::Ticks)
    }

    /// The same, sent at such times.
    pub fn sending(viewers: usize, hiding: Hiding, when: When) -> Result<Live, String> {
        let by_rule = matches!(hiding, Hiding::Owners | Hiding::OwnersUnderEffect);
        let game = Game::new(100, by_rule, EncoderOptions::default())?;
        let player = (game.player, *game.players.get(ONE).ok_or("no players")?);
        let mut live = match hiding {
            Hiding::Graphs | Hiding::OwnersUnderEffect => {
                let document = if hiding == Hiding::Graphs { GRAPH } else { EFFECT };
                let program = Program::load(document, &scenario::schema(by_rule)).map_err(|error| error.to_string())?;
                statewright::Session::new(&program, SessionOptions::default()).into_live(1, LiveOptions::default())
            }
            Hiding::Owners | Hiding::Rust => {
                let (schema, root) = (game.state.schema().clone(), game.state.main_root());
                let session = Session::new(schema, root, Arc::new(Nothing), SessionOptions::default());
                LiveSession::new(session, 1, LiveOptions::default())
            }
        };
        live.set_up(|state| *state = game.state);
        if hiding == Hiding::OwnersUnderEffect {
            live.add_effect(NewEffect::new("later", "Later")).map_err(|trap| format!("{trap:?}"))?;
        }
        for at in 0..viewers {
            let id = format!("p{at:03}");
            match hiding {
                Hiding::Owners | Hiding::OwnersUnderEffect => {}
                Hiding::Rust => {
                    let touched =
                        Declared::new().reads("Game", "Players").reads("Player", "ID").writes_whole("Player", "Hand");
                    live.set_filter(&id, "hands", declared(touched, others_hands))?;
                }
                Hiding::Graphs => {
                    let report = live.dispatch(Action::own("Hide", Value::map([("who", Value::str(&*id))])));
                    if !live.has_filter(&id, "hands") {
                        return Err(format!("no filter: {report:?}"));
                    }
                }
            }
            live.connect(&id, ConnectOptions::default()).map_err(|refused| format!("{refused:?}"))?;
        }
        if when == When::Debounced {
            live.set_debounce(PAUSE_MS, 2 * PAUSE_MS);
        }
        Ok(Live { live, player, message: Vec::with_capacity(256), n: 0, when, clock_ms: 0 })
    }

    /// A score changes.
    pub fn score(&mut self) {
        self.n += 1;
        let ((ty, record), score) = (self.player, 370 + 5 * (1 + self.n % 20));
        let done = self.live.update(|state| {
            let _stored = state.store(record, ty, 7, score);
            Ok::<_, Infallible>(())
        });
        done.unwrap_or_else(|never| match never {});
        if self.n.is_multiple_of(64) {
            self.live.take_actions();
        }
    }

    /// Sends; how long that took until messages could be put together, and the bytes of one of them.
    fn tick(&mut self) -> (f64, usize) {
        let start = Instant::now();
        let broadcast = match self.when {
            When::Ticks => self.live.tick(),
            When::Debounced => {
                self.clock_ms += PAUSE_MS;
                self.live.poll(self.clock_ms)
            }
        };
        let ticked = start.elapsed().as_secs_f64() * 1e9;
        for (_, message) in broadcast.iter() {
            self.message.clear();
            message.write_to(&mut self.message);
            black_box(&self.message);
        }
        (ticked, self.message.len())
    }

    /// How often ticks in their stride ask for memory; and what is done before each.
    pub fn allocations(&mut self, change: impl Fn(&mut Live)) -> u64 {
        for _ in 0..WARM {
            change(self);
            self.tick();
        }
        let mut allocations = 0;
        for _ in 0..4 {
            change(self);
            let before = asked();
            self.tick();
            allocations += asked() - before;
        }
        allocations
    }

    /// The best of some ticks.
    pub fn measure(&mut self, ticks: u32, change: impl Fn(&mut Live)) -> Figures {
        let allocations = self.allocations(&change);
        let (mut tick_ns, mut written_ns, mut bytes) = (f64::INFINITY, f64::INFINITY, 0);
        for _ in 0..ticks {
            change(self);
            let start = Instant::now();
            let (ticked, length) = self.tick();
            written_ns = written_ns.min(start.elapsed().as_secs_f64() * 1e9);
            tick_ns = tick_ns.min(ticked);
            bytes = length;
        }
        Figures { bytes, tick_ns, written_ns, allocations }
    }
}

fn others_hands(view: &mut FilterView<'_>) -> Result<(), statewright_runtime::host::HostError> {
    let game = view.main_root()?;
    for player in view.records(game, "Players")? {
        if view.text(player, "ID")? != view.viewer() {
            view.set_value(player, "Hand", &Value::List(Vec::new()))?;
        }
    }
    Ok(())
}

/// Measures, and prints.
pub fn run() -> Result<(), String> {
    println!(
        "\n{:<30} {:>8} {:>14} {:>14} {:>12}",
        "live session", "bytes", "tick, ns", "and write, ns", "allocations"
    );
    let row = |name: &str, figures: Figures| {
        let Figures { bytes, tick_ns, written_ns, allocations } = figures;
        println!("{name:<30} {bytes:>8} {tick_ns:>14.1} {written_ns:>14.1} {allocations:>12}");
    };
    for viewers in [1, 100, 1_000, 10_000] {
        let mut live = Live::new(viewers, Hiding::Owners)?;
        row(&format!("S6, {viewers} viewers"), live.measure(2_000, Live::score));
        if viewers == 1_000 {
            row("   idle", live.measure(2_000, |_| {}));
        }
    }
    for (name, hiding) in
        [("S6, 1000 with Rust filters", Hiding::Rust), ("S6, 1000 with graph filters", Hiding::Graphs)]
    {
        let mut live = Live::new(1_000, hiding)?;
        row(name, live.measure(1_000, Live::score));
    }
    Ok(())
}
