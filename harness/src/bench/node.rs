//! Emitted JavaScript, called in Node: the module runs on a client's session there, with nothing of this process in between.

use std::process::Command;

use statewright_emit::js;
use statewright_runtime::session::Session;
use statewright_types::random::StreamState;
use statewright_types::{Value, json};

use super::cases::Cases;
use super::child::Child;
use crate::node::{check, files};
use crate::project::{Backend, Loaded, script_source};

/// What Node runs.
const SCRIPT: &str = include_str!("bench.mjs");
/// Integers beyond it are BigInts.
const MOST_EXACT: u64 = 1 << 53;

/// Starts Node with a session for each case.
///
/// # Errors
/// There is no Node, or it cannot load what it is given.
pub fn start(loaded: &Loaded, cases: &Cases) -> Result<Child, String> {
    check()?;
    let folder = files::install().map_err(|error| format!("cannot write the runtime library for Node: {error}"))?;
    let module = loaded.module.as_ref().ok_or("the document has errors")?;
    let runtime = format!("file://{}/index.js", folder.display());
    let script = js::emit(module, &js::Source { runtime: runtime.clone(), ..script_source(loaded) });
    let interpreter = Backend::Interpreter.program(loaded).map_err(|fault| fault.to_string())?;
    let interpreter = interpreter.ok_or("the document has errors")?;
    let mut texts = Vec::new();
    for case in &cases.0 {
        let mut session = case
            .session(loaded, interpreter.clone())
            .map_err(|_| format!("the state for `{}` cannot be loaded", case.name))?;
        let params = match &case.action.params {
            Value::Null => Value::Map(Vec::new()),
            params => params.clone(),
        };
        texts.push(format!(
            "{{handler:{},sender:{},params:{},session:{}}}",
            json::quote(&case.name),
            json::quote(&case.action.sender),
            literal(&params),
            session_literal(&mut session)
        ));
    }
    let code = format!("export const cases = [{}];", texts.join(","));
    let fields = [("runtime", runtime), ("code", script.code), ("cases", code)];
    let first = Value::map(fields.map(|(name, text)| (name, Value::from(text))));
    let mut command = Command::new("node");
    command.args(["--input-type=module", "--eval", SCRIPT]);
    Child::start(command, &json::to_string(&first))
}

/// What a session there begins with, and goes on from: `{options, snapshot}`.
fn session_literal(session: &mut Session) -> String {
    let state = literal(&session.state().to_value());
    let (now, host) = (session.now_ms(), session.host().map_or("", |host| host).to_owned());
    let config = Value::Map(
        session.state().settings().values().iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    );
    let streams = session.state_mut_for_setup().streams();
    let words = |state: StreamState| match state {
        StreamState::Xoshiro(words) => words.to_vec(),
        StreamState::Mulberry(word) => vec![word],
    };
    let states = streams.states().map(|(name, state)| format!("[{},{:?}]", json::quote(name), words(state)));
    let states = states.collect::<Vec<_>>().join(",");
    let (seed, generator) = (streams.seed(), streams.generator().name());
    format!(
        "{{options:{{seed:{seed}n,generator:{},config:{},host:{}}},snapshot:{{state:{state},now:{now},seed:{seed}n,generator:{0},streams:[{states}]}}}}",
        json::quote(generator),
        literal(&config),
        json::quote(&host),
    )
}

/// A value as JavaScript source. It nests no deeper than values do.
fn literal(value: &Value) -> String {
    match value {
        Value::Int(number) if number.unsigned_abs() >= MOST_EXACT => format!("{number}n"),
        Value::UInt(number) => format!("{number}n"),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("[{}]:{}", json::quote(key), literal(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        other => json::to_string(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_that_numbers_do_not_hold_are_bigints() {
        let large = Value::List(vec![Value::Int(9_007_199_254_740_991), Value::Int(i64::MIN), Value::UInt(u64::MAX)]);
        let value = Value::map([("a\"b", large), ("__proto__", Value::Float(0.5))]);
        let wanted = r#"{["a\"b"]:[9007199254740991,-9223372036854775808n,18446744073709551615n],["__proto__"]:0.5}"#;
        assert_eq!(literal(&value), wanted);
    }
}
