//! The executions of a document, by name.

use std::sync::Arc;

use statewright_interpreter::Interpreter;
use statewright_jit::Jit;
use statewright_runtime::program::Program;

use super::fault::Fault;
use super::loaded::Loaded;

/// An execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Backend {
    Interpreter,
    Jit,
    Rust,
    Js,
}

impl Backend {
    /// Every one that is planned.
    pub const ALL: [Backend; 4] = [Backend::Interpreter, Backend::Jit, Backend::Rust, Backend::Js];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Interpreter => "interpreter",
            Backend::Jit => "jit",
            Backend::Rust => "rust",
            Backend::Js => "js",
        }
    }

    /// Whether it exists.
    pub const fn exists(self) -> bool {
        match self {
            Backend::Interpreter | Backend::Jit => true,
            Backend::Rust | Backend::Js => false,
        }
    }

    /// Those that exist.
    pub fn available() -> Vec<Backend> {
        Backend::ALL.into_iter().filter(|backend| backend.exists()).collect()
    }

    pub(super) fn available_text() -> String {
        Backend::available().iter().map(|backend| format!("`{}`", backend.name())).collect::<Vec<_>>().join(" or ")
    }

    /// The program that runs `loaded`'s handlers; `None` if the document has errors.
    pub fn program(self, loaded: &Loaded) -> Result<Option<Arc<dyn Program>>, Fault> {
        if !self.exists() {
            return Err(Fault::NoBackend { backend: self });
        }
        let Some(module) = &loaded.module else { return Ok(None) };
        let (Some(tables), Some(schema)) = (loaded.tables(), &loaded.schema) else { return Ok(None) };
        let program: Arc<dyn Program> = match self {
            Backend::Jit => Arc::new(Jit::new(module, tables, &loaded.host_nodes)?),
            Backend::Interpreter | Backend::Rust | Backend::Js => {
                Arc::new(Interpreter::with_tables(module, tables, &loaded.host_nodes))
            }
        };
        let program = loaded.host_nodes.effects().on(program, schema);
        program.map(Some).map_err(|what| Fault::BadEffects { what })
    }
}
