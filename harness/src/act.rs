//! What is done to a session from outside: steps of tests and scripts, and what a debugger is told of.

use std::sync::Arc;

use statewright_runtime::context::Tracer;
use statewright_runtime::program::Trap;
use statewright_runtime::session::{Action, ActionReport, Input, NewEffect, Session};
use statewright_types::config::{self, Values};
use statewright_types::{TrapCode, Value};

/// Something that is done to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// An event.
    Event(Action),
    /// Time passes, milliseconds; less than 0 is 0.
    Advance(i64),
    /// A player joins.
    Join(String),
    /// A player joins, and handlers are not told.
    JoinSilently(String),
    /// A player leaves.
    Leave(String),
    /// The host program names the host, or nobody.
    Host(Option<Arc<str>>),
    /// The host program puts an effect to use.
    Effect(Box<NewEffect>),
    /// The host program takes an effect away, by its id.
    EndEffect(Arc<str>),
    /// The host program gives another configuration: values over the defaults.
    Config(Values),
}

impl Act {
    /// What lists call it.
    pub fn label(&self) -> String {
        match self {
            Act::Event(action) if action.sender.is_empty() => action.event.to_string(),
            Act::Event(action) => format!("{} of {}", action.event, action.sender),
            Act::Advance(ms) => format!("{ms} ms pass"),
            Act::Join(player) | Act::JoinSilently(player) => format!("{player} joins"),
            Act::Leave(player) => format!("{player} leaves"),
            Act::Host(Some(player)) => format!("{player} is the host"),
            Act::Host(None) => "nobody is the host".to_owned(),
            Act::Effect(effect) => format!("effect {} begins", effect.effect),
            Act::EndEffect(id) => format!("effect {id} ends"),
            Act::Config(_) => "another configuration".to_owned(),
        }
    }

    /// What an entry of a log says was done; `None` for what only the host program can do again.
    pub fn of(input: &Input) -> Option<Act> {
        Some(match input {
            Input::Event(action) => Act::Event(action.clone()),
            Input::Advance => Act::Advance(0),
            Input::Join { player, silent: false } => Act::Join(player.to_string()),
            Input::Join { player, silent: true } => Act::JoinSilently(player.to_string()),
            Input::Leave { player } => Act::Leave(player.to_string()),
            Input::SetHost { player } => Act::Host(player.clone()),
            Input::AddEffect(effect) => Act::Effect(effect.clone()),
            Input::RemoveEffect { id } => Act::EndEffect(id.clone()),
            Input::Config(values) => Act::Config(values.clone()),
            Input::Update { .. } | Input::Program { .. } => return None,
        })
    }

    /// Does it. With a tracer, which is told of what runs, the program must be one made for tracing. What was refused is in the report.
    pub fn perform(&self, session: &mut Session, tracer: Option<&mut dyn Tracer>) -> Vec<ActionReport> {
        let until = |session: &Session, ms: i64| session.now_ms().saturating_add(ms.max(0));
        match (self, tracer) {
            (Act::Event(action), Some(tracer)) => vec![session.dispatch_traced(action.clone(), tracer)],
            (Act::Event(action), None) => vec![session.dispatch(action.clone())],
            (Act::Advance(ms), Some(tracer)) => session.advance_to_traced(until(session, *ms), tracer),
            (Act::Advance(ms), None) => session.advance_to(until(session, *ms)),
            (Act::Join(player), Some(tracer)) => vec![session.join_traced(player, tracer)],
            (Act::Join(player), None) => vec![session.join(player)],
            (Act::Leave(player), Some(tracer)) => session.leave_traced(player, tracer),
            (Act::Leave(player), None) => session.leave(player),
            (Act::Host(player), Some(tracer)) => {
                session.set_host_traced(player.as_deref(), tracer).into_iter().collect()
            }
            (Act::Host(player), None) => session.set_host(player.as_deref()).into_iter().collect(),
            (Act::JoinSilently(player), _) => {
                session.join_silently(player);
                Vec::new()
            }
            (Act::Effect(effect), _) => {
                let refused = session.add_effect(NewEffect::clone(effect)).err();
                refused.into_iter().map(|trap| refusal(session, trap)).collect()
            }
            (Act::EndEffect(id), _) => {
                session.remove_effect(id);
                Vec::new()
            }
            (Act::Config(values), _) => {
                let Err(diagnostics) = session.set_config(values) else { return Vec::new() };
                let message = diagnostics.first().map(|first| first.message.clone());
                let code = TrapCode::BadArgument;
                vec![refusal(session, Trap { code, message: message.map(Arc::from), node: None })]
            }
        }
    }

    /// As in test files (docs/testing.md): `{"event","sender","params"}`, `{"advance"}`, `{"join"}` and so on.
    pub fn to_value(&self) -> Value {
        match self {
            Act::Event(action) => Value::map([
                ("event", Value::Str(action.event.clone())),
                ("sender", Value::Str(action.sender.clone())),
                ("params", action.params.clone()),
            ]),
            Act::Advance(ms) => Value::map([("advance", Value::Int(*ms))]),
            Act::Join(player) => Value::map([("join", Value::str(&**player))]),
            Act::JoinSilently(player) => Value::map([("join", Value::str(&**player)), ("silent", Value::Bool(true))]),
            Act::Leave(player) => Value::map([("leave", Value::str(&**player))]),
            Act::Host(player) => Value::map([("host", player.clone().map_or(Value::Null, Value::Str))]),
            Act::Effect(effect) => Value::map([("effect", effect_value(effect))]),
            Act::EndEffect(id) => Value::map([("end_effect", Value::Str(id.clone()))]),
            Act::Config(values) => Value::map([("config", config::groups(values))]),
        }
    }

    /// From such a value; `None` for anything else.
    pub fn from_value(value: &Value) -> Option<Act> {
        if let Some(event) = text(value, "event") {
            let params = value.get("params").cloned().unwrap_or(Value::Null);
            return Some(Act::Event(Action { event, sender: text(value, "sender").unwrap_or_default(), params }));
        }
        if let Some(player) = text(value, "join") {
            let is_silent = value.get("silent") == Some(&Value::Bool(true));
            let player = player.to_string();
            return Some(if is_silent { Act::JoinSilently(player) } else { Act::Join(player) });
        }
        let Value::Map(entries) = value else { return None };
        entries.iter().find_map(|(key, inner)| match (&**key, inner) {
            ("advance", Value::Int(ms)) => Some(Act::Advance(*ms)),
            ("leave", Value::Str(player)) => Some(Act::Leave(player.to_string())),
            ("host", Value::Str(player)) => Some(Act::Host(Some(player.clone()))),
            ("host", Value::Null) => Some(Act::Host(None)),
            ("effect", effect) => Some(Act::Effect(Box::new(effect_from(effect)?))),
            ("end_effect", Value::Str(id)) => Some(Act::EndEffect(id.clone())),
            ("config", groups @ Value::Map(_)) => Some(Act::Config(config::values(groups))),
            _ => None,
        })
    }
}

/// Keys of an effect that the host program puts to use.
pub const EFFECT_KEYS: &[&str] = &["id", "effect", "params", "activator", "duration", "priority", "stacks", "once"];

/// What is not as by default, by [`EFFECT_KEYS`].
fn effect_value(effect: &NewEffect) -> Value {
    let NewEffect { id, effect, params, activator, duration_ms, priority, stacks, once } = effect;
    let number = |number: i64| (number != 0).then_some(Value::Int(number));
    let entries = [
        ("id", Some(Value::Str(id.clone()))),
        ("effect", Some(Value::Str(effect.clone()))),
        ("params", (*params != Value::Null).then(|| params.clone())),
        ("activator", (!activator.is_empty()).then(|| Value::Str(activator.clone()))),
        ("duration", number(*duration_ms)),
        ("priority", number(*priority)),
        ("stacks", number(*stacks)),
        ("once", once.then_some(Value::Bool(true))),
    ];
    Value::map(entries.into_iter().filter_map(|(key, value)| Some((key, value?))))
}

/// The same read; `None` if it has no id or effect, or a key is of another kind.
pub fn effect_from(value: &Value) -> Option<NewEffect> {
    let number = |key: &str| match value.get(key) {
        None => Some(0),
        Some(Value::Int(number)) => Some(*number),
        Some(_) => None,
    };
    let params = value.get("params").cloned().unwrap_or(Value::Null);
    if !matches!(params, Value::Null | Value::Map(_)) {
        return None;
    }
    let activator = match value.get("activator") {
        None => "".into(),
        Some(Value::Str(activator)) => activator.clone(),
        Some(_) => return None,
    };
    let once = match value.get("once") {
        None => false,
        Some(Value::Bool(once)) => *once,
        Some(_) => return None,
    };
    Some(NewEffect {
        id: text(value, "id")?,
        effect: text(value, "effect")?,
        params,
        activator,
        duration_ms: number("duration")?,
        priority: number("priority")?,
        stacks: number("stacks")?,
        once,
    })
}

fn text(value: &Value, key: &str) -> Option<Arc<str>> {
    match value.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A report of what the session did not take.
fn refusal(session: &Session, trap: Trap) -> ActionReport {
    ActionReport { time_ms: session.now_ms(), refused: Some(Box::new(trap)), ..ActionReport::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let params = Value::map([("by", Value::Int(2))]);
        let effect = NewEffect { params, duration_ms: 500, stacks: 2, once: true, ..NewEffect::new("b1", "Blessed") };
        let values = Values::from([("Game.Rounds".into(), Value::Int(3)), ("Game.Name".into(), Value::from("x"))]);
        let acts = [
            Act::Event(Action::new("Go", "ann", Value::map([("n", Value::Int(1))]))),
            Act::Advance(70),
            Act::Join("bob".to_owned()),
            Act::JoinSilently("bob".to_owned()),
            Act::Leave("bob".to_owned()),
            Act::Host(Some("ann".into())),
            Act::Host(None),
            Act::Effect(Box::new(effect)),
            Act::Effect(Box::new(NewEffect::new("b2", "Blessed"))),
            Act::EndEffect("b1".into()),
            Act::Config(values),
        ];
        for act in acts {
            assert_eq!(Act::from_value(&act.to_value()), Some(act.clone()), "{act:?}");
        }
        for wrong in [Value::Null, Value::map([("effect", Value::Int(1))]), Value::map([("advance", Value::from("x"))])]
        {
            assert_eq!(Act::from_value(&wrong), None, "{wrong:?}");
        }
    }
}
