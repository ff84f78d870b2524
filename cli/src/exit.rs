//! Exit codes, and what ends a command early.

use std::io;
use std::process::ExitCode;

use statewright_harness::project::Fault;
use statewright_types::json::quote;

use crate::terminal;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: fine.
    Fine,
    /// 1: findings, or tests that failed.
    Findings,
    /// 2: bad usage or unreadable input.
    BadInput,
    /// 3: a handler failed.
    HandlerFailed,
    /// 4: all tests passed, and not on every execution.
    NotEverything,
    /// What a program gave that did the work.
    Code(u8),
}

impl Exit {
    /// `Findings` if there are any.
    pub fn findings(any: bool) -> Exit {
        if any { Exit::Findings } else { Exit::Fine }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::BadInput => 2,
            Exit::HandlerFailed => 3,
            Exit::NotEverything => 4,
            Exit::Code(code) => code,
        })
    }
}

/// Why a command could not go on.
#[derive(Debug)]
pub enum Stop {
    /// A file, or a backend.
    Fault(Fault),
    /// What was asked for makes no sense; the text says what to do.
    Usage(String),
    /// Nobody reads what is printed any more, which is no error.
    NobodyReads,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::NobodyReads,
            _ => Stop::Usage(format!("cannot write to stdout: {error}")),
        }
    }
}

impl Stop {
    /// A usage error: an option's value cannot be used.
    pub fn option(option: &str, value: &str, why: impl std::fmt::Display) -> Stop {
        let short: String = value.chars().take(80).collect();
        Stop::Usage(format!("{option} {}: {why}", quote(&short)))
    }

    /// Says so on stderr.
    pub fn report(self) -> ExitCode {
        match self {
            Stop::Fault(fault) => terminal::error(&fault.to_string()),
            Stop::Usage(text) => terminal::error(&text),
            Stop::NobodyReads => return Exit::Fine.into(),
        }
        Exit::BadInput.into()
    }
}
