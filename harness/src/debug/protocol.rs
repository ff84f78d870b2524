//! Commands and replies as JSON, one message to a line (docs/debugging.md is the specification).

use std::sync::Arc;

use statewright_types::{Value, suggest};

use super::breakpoints::Hits;
use super::expression::Expression;

/// The protocol's version: a client must name it.
pub const VERSION: i64 = 1;
/// Bytes of a message at most, the newline not counted.
pub const LINE_BYTES: usize = 1 << 20;

/// Names of all commands.
pub const COMMANDS: [&str; 20] = [
    "hello",
    "capabilities",
    "setBreakpoint",
    "listBreakpoints",
    "clearBreakpoints",
    "pause",
    "continue",
    "stepIn",
    "stepOver",
    "stepOut",
    "runTo",
    "stack",
    "scopes",
    "read",
    "set",
    "evaluate",
    "trace",
    "timeline",
    "state",
    "disconnect",
];

/// What a client asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// The first message.
    Hello {
        /// What the host program printed.
        token: Arc<str>,
    },
    /// What this debugger can do.
    Capabilities,
    /// A new breakpoint.
    SetBreakpoint {
        /// Handler, function or filter.
        graph: Arc<str>,
        /// Node id.
        node: Arc<str>,
        /// What must hold.
        condition: Option<Expression>,
        /// Which times.
        hits: Option<(Hits, Arc<str>)>,
    },
    /// All breakpoints.
    ListBreakpoints,
    /// Takes a breakpoint away, or all.
    ClearBreakpoints(Option<u64>),
    /// Stops at the next node.
    Pause,
    /// Goes on to the next breakpoint.
    Continue,
    /// Goes on to the next node.
    StepIn,
    /// Goes on to the next node of the flow in this function.
    StepOver,
    /// Goes on until this function has returned.
    StepOut,
    /// Goes on to a node.
    RunTo {
        /// Handler, function or filter.
        graph: Arc<str>,
        /// Node id.
        node: Arc<str>,
    },
    /// Goes on to the so manyth node that begins.
    RunToStep(u64),
    /// The functions that run.
    Stack,
    /// Values seen in a function.
    Scopes {
        /// Which: 0 is the innermost.
        frame: usize,
    },
    /// A place in the state.
    Read {
        /// Its path.
        path: Arc<str>,
        /// In which function brackets and aliases are looked up.
        frame: usize,
    },
    /// Puts a value in the place of another.
    Set {
        /// A reference.
        target: Arc<str>,
        /// The value.
        value: NewValue,
        /// In which function.
        frame: usize,
    },
    /// The value of an expression.
    Evaluate {
        /// The expression.
        expression: Expression,
        /// In which function.
        frame: usize,
    },
    /// Whether messages of the run are sent.
    Trace(bool),
    /// Whether it is told what the session began with and did.
    Timeline(bool),
    /// The whole state.
    State,
    /// Ends the connection; the run goes on.
    Disconnect,
}

/// What `set` sets.
#[derive(Clone, Debug)]
pub enum NewValue {
    /// As given.
    Value(Value),
    /// What an expression has: a struct of the state stays that struct.
    Expression(Expression),
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// A refusal.
pub fn refused(code: &'static str, message: impl Into<String>) -> Refused {
    Refused { code, message: message.into() }
}

/// Reads a message: its `id`, null if it has none, and the command.
pub fn read(line: &str) -> (Value, Result<Command, Refused>) {
    if line.len() > LINE_BYTES {
        return (Value::Null, Err(refused("bad_message", format!("a message has at most {LINE_BYTES} bytes"))));
    }
    let message: Value = match line.parse() {
        Ok(message @ Value::Map(_)) => message,
        Ok(_) => return (Value::Null, Err(refused("bad_message", "a message is a JSON object"))),
        Err(error) => {
            let message = format!("this is no JSON: {}", error.message);
            return (Value::Null, Err(refused("bad_message", message)));
        }
    };
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    if !matches!(id, Value::Null | Value::Int(_) | Value::UInt(_) | Value::Str(_)) {
        return (Value::Null, Err(refused("bad_message", "`id` is an integer or text")));
    }
    (id, command(&Arguments(&message)))
}

/// The reply to a command.
pub fn reply(id: Value, outcome: Result<Value, Refused>) -> Value {
    match outcome {
        Ok(result) => Value::map([("id", id), ("ok", Value::Bool(true)), ("result", result)]),
        Err(Refused { code, message }) => {
            let error = Value::map([("code", Value::from(code)), ("message", Value::from(message))]);
            Value::map([("id", id), ("ok", Value::Bool(false)), ("error", error)])
        }
    }
}

struct Arguments<'m>(&'m Value);

impl Arguments<'_> {
    fn text(&self, key: &str) -> Result<Arc<str>, Refused> {
        self.optional_text(key)?.ok_or_else(|| refused("bad_argument", format!("`{key}` is missing")))
    }

    fn optional_text(&self, key: &str) -> Result<Option<Arc<str>>, Refused> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text.clone())),
            Some(_) => Err(refused("bad_argument", format!("`{key}` is text"))),
        }
    }

    fn optional_number(&self, key: &str) -> Result<Option<u64>, Refused> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Int(number)) if *number >= 0 => Ok(Some(number.unsigned_abs())),
            Some(_) => Err(refused("bad_argument", format!("`{key}` is an integer that is not negative"))),
        }
    }

    fn flag(&self, key: &str) -> Result<bool, Refused> {
        match self.0.get(key) {
            Some(Value::Bool(on)) => Ok(*on),
            _ => Err(refused("bad_argument", format!("`{key}` is true or false"))),
        }
    }

    fn frame(&self) -> Result<usize, Refused> {
        let frame = self.optional_number("frame")?.unwrap_or(0);
        usize::try_from(frame).map_err(|_| refused("not_found", "there is no such frame"))
    }

    fn expression(&self, key: &str) -> Result<Option<Expression>, Refused> {
        let text = self.optional_text(key)?;
        text.map(|text| Expression::parse(&text).map_err(|why| refused("bad_expression", why))).transpose()
    }
}

fn command(arguments: &Arguments<'_>) -> Result<Command, Refused> {
    let name = arguments.text("command").map_err(|error| refused("bad_message", error.message))?;
    let (graph, node) = (|| arguments.text("graph"), || arguments.text("node"));
    Ok(match &*name {
        "hello" => {
            match arguments.0.get("version") {
                Some(Value::Int(VERSION)) => {}
                _ => {
                    return Err(refused(
                        "bad_version",
                        format!("this debugger speaks version {VERSION} of the protocol"),
                    ));
                }
            }
            Command::Hello { token: arguments.optional_text("token")?.unwrap_or_default() }
        }
        "capabilities" => Command::Capabilities,
        "setBreakpoint" => {
            let hits = arguments.optional_text("hits")?;
            let hits = hits.map(|text| Ok((Hits::parse(&text).map_err(|why| refused("bad_argument", why))?, text)));
            Command::SetBreakpoint {
                graph: graph()?,
                node: node()?,
                condition: arguments.expression("condition")?,
                hits: hits.transpose()?,
            }
        }
        "listBreakpoints" => Command::ListBreakpoints,
        "clearBreakpoints" => Command::ClearBreakpoints(arguments.optional_number("breakpoint")?),
        "pause" => Command::Pause,
        "continue" => Command::Continue,
        "stepIn" => Command::StepIn,
        "stepOver" => Command::StepOver,
        "stepOut" => Command::StepOut,
        "runTo" => match arguments.optional_number("step")? {
            Some(step) => Command::RunToStep(step),
            None => Command::RunTo { graph: graph()?, node: node()? },
        },
        "stack" => Command::Stack,
        "scopes" => Command::Scopes { frame: arguments.frame()? },
        "read" => Command::Read { path: arguments.text("path")?, frame: arguments.frame()? },
        "set" => {
            let value = match (arguments.0.get("value"), arguments.expression("expression")?) {
                (Some(value), None) => NewValue::Value(value.clone()),
                (None, Some(expression)) => NewValue::Expression(expression),
                _ => return Err(refused("bad_argument", "give either `value` or `expression`")),
            };
            Command::Set { target: arguments.text("target")?, value, frame: arguments.frame()? }
        }
        "evaluate" => Command::Evaluate {
            expression: arguments
                .expression("expression")?
                .ok_or_else(|| refused("bad_argument", "`expression` is missing"))?,
            frame: arguments.frame()?,
        },
        "trace" => Command::Trace(arguments.flag("on")?),
        "timeline" => Command::Timeline(arguments.flag("on")?),
        "state" => Command::State,
        "disconnect" => Command::Disconnect,
        other => {
            let message = format!("there is no command `{other}`; {}", suggest::help(other, COMMANDS));
            return Err(refused("unknown_command", message));
        }
    })
}
