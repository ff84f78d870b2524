//! Why a command was not done.

use std::fmt;

use statewright_graph::document::EditError;

/// A command that was not done: the document is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

impl Refused {
    /// What is wrong, and what to do.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Refused {
        Refused { message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl std::error::Error for Refused {}

impl From<EditError> for Refused {
    fn from(error: EditError) -> Refused {
        let help = match &error {
            EditError::BadId(message, help) => return Refused::new(message.clone(), *help),
            EditError::IdTaken(_) => "choose another id",
            EditError::NoGraph(_) | EditError::NoNode(_) | EditError::NoEdge(_) => "choose one that is there",
            EditError::Text(_) => "undo, and report this to the makers of Statewright",
        };
        Refused::new(error.to_string(), help)
    }
}
