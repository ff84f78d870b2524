//! `--dispatch`, its second half: what an action costs while effects are in use.

use std::time::Instant;

use statewright::{NewEffect, Program, Session};
use statewright_runtime::session::{Action, SessionOptions};
use statewright_runtime::sync::{ConnectOptions, LiveOptions, LiveSession};
use statewright_types::Value;

const SCHEMA: &str = "@root(active)
type Game {
    Round int64
    Speed float64 @default(1)
    Players []Player @key(ID)
}

type Player {
    ID string
    Score int64
}
";

/// `Round` writes what no effect looks at; `Speed` what all of them read and write.
const DOCUMENT: &str = r#"{"handlers": [
  {"name": "Round", "event": "Round", "parameters": [],
   "nodes": [{"id": "more", "type": "Increment", "inputs": {"path": "Round"}}], "flow": [{"from": "start", "to": "more"}]},
  {"name": "Speed", "event": "Speed", "parameters": [{"name": "to", "type": "float64"}],
   "nodes": [{"id": "set", "type": "SetField", "inputs": {"path": "Speed", "value": "param:to"}}],
   "flow": [{"from": "start", "to": "set"}]}],
 "effects": [{"name": "Fast", "parameters": [],
   "nodes": [{"id": "twice", "type": "Multiply", "inputs": {"a": "state:Speed", "b": {"constant": 2}}},
             {"id": "set", "type": "SetField", "inputs": {"path": "Speed", "value": "node:twice:result"}}],
   "flow": [{"from": "start", "to": "set"}]}]}"#;

const EVENTS: usize = 200;

/// Nanoseconds of an action, and of one with a tick for its viewer; the fastest of many rounds.
fn measure(live: &mut LiveSession, event: &str) -> Result<(f64, f64), String> {
    let actions = [1.5, 2.5].map(|to| Action::own(event, Value::map([("to", Value::Float(to))])));
    let (mut acted, mut told) = (f64::INFINITY, f64::INFINITY);
    for round in 0..60 {
        let with_tick = round % 2 == 1;
        let start = Instant::now();
        for action in actions.iter().cycle().take(EVENTS) {
            let report = live.dispatch(action.clone());
            if let Some(trap) = report.trap() {
                return Err(format!("{trap:?}"));
            }
            if with_tick {
                live.tick();
            }
        }
        let ns = start.elapsed().as_secs_f64() * 1e9 / EVENTS as f64;
        let best = if with_tick { &mut told } else { &mut acted };
        *best = best.min(ns);
        live.tick();
        live.take_actions();
    }
    Ok((acted, told))
}

/// Prints the rows.
pub fn run(filter: &str) -> Result<(), String> {
    if !"effects".contains(filter) {
        return Ok(());
    }
    let program = Program::load(DOCUMENT, SCHEMA).map_err(|error| error.to_string())?;
    println!("\n{:<44} {:>12} {:>12}", "effects in use", "action, ns", "and told, ns");
    for effects in [0, 1, 10] {
        let mut live = Session::new(&program, SessionOptions::default()).into_live(1, LiveOptions::default());
        for at in 0..effects {
            live.add_effect(NewEffect::new(&format!("e{at}"), "Fast")).map_err(|trap| format!("{trap:?}"))?;
        }
        live.connect("ann", ConnectOptions::default()).map_err(|refused| format!("{refused:?}"))?;
        live.tick();
        for (event, about) in [("Round", "another field written"), ("Speed", "their field written")] {
            let (acted, told) = measure(&mut live, event)?;
            println!("{:<44} {acted:>12.1} {told:>12.1}", format!("{effects}, {about}"));
        }
    }
    Ok(())
}
