//! Why a module is not compiled.

use std::sync::Arc;

/// Why a module is not compiled. The interpreter runs it nevertheless.
#[derive(Debug, thiserror::Error)]
pub enum JitError {
    /// A function is larger than is compiled in bounded time.
    #[error(
        "`{function}` has {count} instructions, and at most {most} are compiled: split it into functions, or use the interpreter"
    )]
    LargeFunction {
        /// Its name.
        function: Arc<str>,
        /// What it has.
        count: usize,
        /// What it may have.
        most: usize,
    },
    /// All functions together are.
    #[error("the document has {count} instructions, and at most {most} are compiled: use the interpreter")]
    LargeModule {
        /// What it has.
        count: usize,
        /// What it may have.
        most: usize,
    },
    /// Its calls would need more of the machine's stack than they may.
    #[error(
        "`{function}` and what it calls need {bytes} bytes of stack, and may have {most}: split it into functions that wait for less, or use the interpreter"
    )]
    DeepStack {
        /// The outermost function.
        function: Arc<str>,
        /// What it needs.
        bytes: u64,
        /// What it may have.
        most: u64,
    },
    /// This machine is none that code is generated for.
    #[error("no code is generated for this machine: {what}; use the interpreter")]
    Machine {
        /// What is missing.
        what: String,
    },
    /// Whoever wanted the code has gone.
    #[error("compiling was stopped: the program is not in use any more")]
    Stopped,
    /// An artefact is damaged, or of another document or version.
    #[error("the compiled artefact is refused: {what}; compile the document again")]
    Artefact {
        /// What is wrong.
        what: &'static str,
    },
}

impl JitError {
    /// What Cranelift says.
    pub(crate) fn machine(error: impl std::fmt::Display) -> JitError {
        JitError::Machine { what: error.to_string() }
    }
}
