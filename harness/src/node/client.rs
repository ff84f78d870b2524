//! A client's own session, as a browser has it, in Node: what it tells step by step, to be compared with what a [`Session`] does.
//!
//! Other than [`NodeProgram`](super::NodeProgram), which runs handlers on sessions of this process, nothing of those takes part.

use std::io::Write as _;
use std::process::{Command, Stdio};

use statewright_emit::js;
use statewright_graph::ir::{Function, FunctionRole, Op, Verified};
use statewright_runtime::context::Recipients;
use statewright_runtime::program::Trap;
use statewright_runtime::session::{ActionReport, Session};
use statewright_types::handler::{HandlerInfo, Permissions};
use statewright_types::json::{self, quote};
use statewright_types::{TrapCode, Value, number};

use super::files;
use crate::act::Act;
use crate::play::Setup;

/// What Node runs.
const SCRIPT: &str = include_str!("client.mjs");
/// So many scripts are played by one process.
const AT_ONCE: usize = 100;

/// A script for one session.
#[derive(Clone, Debug)]
pub struct Script {
    /// The module, as it is emitted with the runtime library at [`runtime`].
    pub code: String,
    /// What the session begins with, as an object of JavaScript; see [`options`].
    pub options: String,
    /// Events and time.
    pub acts: Vec<Act>,
}

/// Where Node finds the runtime library, as an import says it.
///
/// # Errors
/// What is missing on this machine.
pub fn runtime() -> Result<String, String> {
    super::check()?;
    let folder = files::install().map_err(|error| format!("cannot write the runtime library for Node: {error}"))?;
    Ok(format!("file://{}/index.js", folder.display()))
}

/// Options of a client's session that begins as `setup` says, with a state given in part.
pub fn options(setup: &Setup, state: &Value) -> String {
    let mut limits = String::new();
    for (name, value) in [("fuel", setup.fuel), ("memoryBytes", setup.memory_bytes)] {
        if let Some(value) = value {
            limits.push_str(&format!("{name}:{value},"));
        }
    }
    let config = setup.config.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    format!(
        "{{state:{},seed:{}n,generator:{},now:{}n,host:{},limits:{{{limits}}},config:{}}}",
        js::value_literal(state),
        setup.seed,
        quote(setup.generator.name()),
        setup.now_ms,
        quote(setup.host.as_deref().unwrap_or("")),
        js::value_literal(&Value::Map(config)),
    )
}

/// Whether a client's session can do all that a document does: it asks nobody who may do what, and knows no players, effects,
/// filters and nodes of a host program.
pub fn is_for_clients(module: &Verified, handlers: &[HandlerInfo]) -> bool {
    // A root is reset by whoever may write it.
    let of_server = |op: Op| {
        use Op::*;
        matches!(
            op,
            RootReset | WriteCheck | WriteCheckIn | Kick | FilterAdd | EffectAdd | ConfigSet | ConfigReload | HostCall
        )
    };
    // Filters and effects that nobody puts to use do nothing.
    let is_run = |function: &&Function| matches!(function.role, FunctionRole::Handler { .. } | FunctionRole::Function);
    let functions = module.functions.iter().filter(is_run);
    let mut insts = functions.flat_map(|function| &function.blocks).flat_map(|block| &block.insts);
    handlers.iter().all(|handler| handler.permissions == Permissions::default())
        && !insts.any(|inst| of_server(inst.op))
}

/// Whether an act is one that a client's session has.
pub fn is_of_clients(act: &Act) -> bool {
    matches!(act, Act::Event(_) | Act::Advance(_))
}

/// Plays scripts. Of each, what is told at the beginning and after each act, as [`told`] says it.
///
/// # Errors
/// What is missing on this machine, or what Node said.
pub fn play(scripts: &[Script]) -> Result<Vec<Vec<String>>, String> {
    let mut all = Vec::with_capacity(scripts.len());
    for some in scripts.chunks(AT_ONCE) {
        all.extend(played(some)?);
    }
    Ok(all)
}

fn played(scripts: &[Script]) -> Result<Vec<Vec<String>>, String> {
    let plays = scripts.iter().map(|script| {
        let acts: Vec<String> = script.acts.iter().map(literal).collect();
        let text = format!("export const options = {}; export const acts = [{}];", script.options, acts.join(","));
        Value::map([("code", Value::from(script.code.as_str())), ("script", text.as_str().into())])
    });
    let input = Value::map([("runtime", Value::from(runtime()?.as_str())), ("plays", Value::List(plays.collect()))]);
    let text = output(&json::to_string(&input)).map_err(|error| format!("Node does not play: {error}"))?;
    // Each script's lines end with an empty one.
    let mut each: Vec<Vec<String>> = vec![Vec::new()];
    for line in text.lines() {
        match (line, each.last_mut()) {
            ("", _) => each.push(Vec::new()),
            (line, Some(last)) => last.push(line.to_owned()),
            _ => {}
        }
    }
    each.pop();
    if each.len() == scripts.len() { Ok(each) } else { Err(format!("Node played {} of {}", each.len(), scripts.len())) }
}

/// What Node prints when it is given that.
fn output(input: &str) -> std::io::Result<String> {
    let mut command = Command::new("node");
    command.args(["--input-type=module", "--eval", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn()?;
    // It reads everything before it writes anything.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// An act as an object of JavaScript.
fn literal(act: &Act) -> String {
    match act {
        Act::Event(action) => format!(
            "{{event:{},params:{},sender:{}}}",
            quote(&action.event),
            js::value_literal(&action.params),
            quote(&action.sender)
        ),
        Act::Advance(ms) => format!("{{ms:{ms}n}}"),
        _ => "{}".to_owned(),
    }
}

/// What can be told of a session after something was done to it, as `client.mjs` says it of a client's.
pub fn told(session: &Session, reports: &[ActionReport]) -> String {
    let text = |text: &str| Value::from(text);
    let problem = |trap: &Trap| {
        let message = trap.message.as_deref().unwrap_or(trap.code.message());
        let message = match trap.code {
            TrapCode::BadParameters => message.split(", found ").next().unwrap_or_default(),
            _ => message,
        };
        let node = trap.node.as_deref().map_or(Value::Null, text);
        Value::List(vec![text(trap.code.code()), node, text(message)])
    };
    let activations = reports.iter().flat_map(|report| &report.activations).map(|one| {
        let error = one.error.as_deref().map_or(Value::Null, problem);
        Value::List(vec![
            Value::Str(one.handler.clone()),
            Value::uint(one.id),
            text(one.status.name()),
            error,
            Value::uint(one.fuel),
        ])
    });
    let events = reports.iter().flat_map(|report| &report.events).map(|event| {
        let to = match &event.to {
            Recipients::All => text("all"),
            Recipients::Players(players) => Value::List(players.iter().cloned().map(Value::Str).collect()),
            Recipients::Except(player) => Value::map([("except", Value::Str(player.clone()))]),
        };
        Value::List(vec![Value::Str(event.kind.clone()), to, event.payload.clone()])
    });
    let error = reports.iter().find_map(ActionReport::trap).map_or(Value::Null, problem);
    let hash: String = session.state().hash().iter().map(|byte| format!("{byte:02x}")).collect();
    shown(&Value::map([
        ("error", error),
        ("activations", Value::List(activations.collect())),
        ("events", Value::List(events.collect())),
        ("now", Value::Int(session.now_ms())),
        ("waiting", Value::uint(session.waiting() as u64)),
        ("scheduled", Value::uint(session.ledger().scheduled().len() as u64)),
        ("next", session.next_deadline().map_or(Value::Null, Value::Int)),
        ("hash", text(&hash)),
    ]))
}

/// A value in one spelling, whichever side it comes from.
fn shown(value: &Value) -> String {
    match value {
        Value::Float(value) if *value == 0.0 && value.is_sign_negative() => "-0".to_owned(),
        Value::Float(value) => number::float_text(*value),
        Value::Bytes(bytes) => quote(&json::base64_encode(bytes)),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            let entries = entries.iter().map(|(name, item)| format!("{}:{}", quote(name), shown(item)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        other => json::to_string(other),
    }
}

/// Whether an event gives a whole number as a float, which is an integer in JavaScript: where one is wanted the server refuses it, a
/// client cannot.
pub fn has_whole_floats(act: &Act) -> bool {
    let Act::Event(action) = act else { return false };
    let mut rest = vec![&action.params];
    while let Some(value) = rest.pop() {
        match value {
            Value::Float(value) if value.fract() == 0.0 => return true,
            Value::List(items) => rest.extend(items),
            Value::Map(entries) => rest.extend(entries.iter().map(|(_, item)| item)),
            _ => {}
        }
    }
    false
}

/// What first tells a client's session from one here: of a script that was played there, and the same acts on `session`. Fewer acts are looked at
/// where one of them means something else in JavaScript.
pub fn difference(script: &Script, lines: &[String], session: &mut Session) -> Option<String> {
    let differs = |at: usize, expected: &str| {
        let found = lines.get(at).map_or("nothing", String::as_str);
        (found != expected).then(|| format!("after act {at}: expected {expected}, found {found}"))
    };
    if let Some(difference) = differs(0, &told(session, &[])) {
        return Some(difference);
    }
    for (at, act) in script.acts.iter().enumerate() {
        let reports = act.perform(session, None);
        let is_bad = |report: &ActionReport| report.trap().is_some_and(|trap| trap.code == TrapCode::BadParameters);
        if has_whole_floats(act) && reports.iter().any(is_bad) {
            return None;
        }
        if let Some(difference) = differs(at + 1, &told(session, &reports)) {
            return Some(format!("{} {difference}", json::to_string(&act.to_value())));
        }
    }
    None
}
