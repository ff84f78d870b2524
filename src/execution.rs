//! What a loaded document runs on.

use std::sync::Arc;

use statewright_graph::ir::Verified;
use statewright_interpreter::{Interpreter, ProgramTables};
#[cfg(feature = "jit")]
use statewright_jit::Jit;
use statewright_runtime::host::HostNodes;

use crate::error::LoadError;
#[cfg(feature = "jit")]
use crate::tiered::Tiered;

/// What a document that is loaded at run time runs on. All do the same to the bit, suspended activations go on under any of
/// them, and a session may change over between two actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Execution {
    /// Interpreted: ready at once.
    #[default]
    Interpreter,
    /// Machine code: loading takes longer, and fails for a document that is too large to be compiled.
    #[cfg(feature = "jit")]
    Jit,
    /// Interpreted until machine code is there, which another thread makes meanwhile. What is too large to be compiled, or made for
    /// another kind of machine, stays interpreted.
    #[cfg(feature = "jit")]
    Tiered,
}

/// Whether a program runs machine code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compiled {
    /// It is not compiled while it runs: it is interpreted, or was built in.
    Never,
    /// Not yet: another thread is at it.
    NotYet,
    /// From the next activation on, if not before.
    Yes,
    /// It stays interpreted; why.
    Refused(Arc<str>),
}

type Handlers = Arc<dyn statewright_runtime::program::Program>;

impl Execution {
    pub(crate) fn program(
        self,
        module: &Arc<Verified>,
        tables: ProgramTables,
        host_nodes: &HostNodes,
    ) -> Result<(Handlers, Compiling), LoadError> {
        match self {
            Execution::Interpreter => {
                Ok((Arc::new(Interpreter::with_tables(module, tables, host_nodes)), Compiling::Never))
            }
            #[cfg(feature = "jit")]
            Execution::Jit => match Jit::new(module, tables, host_nodes) {
                Ok(jit) => {
                    let jit = Arc::new(jit);
                    Ok((jit.clone(), Compiling::Done(jit)))
                }
                Err(error) => Err(LoadError::of_compiling(&error)),
            },
            #[cfg(feature = "jit")]
            Execution::Tiered => {
                let tiered = Arc::new(Tiered::new(module, tables, host_nodes));
                Ok((tiered.clone(), Compiling::Beside(tiered)))
            }
        }
    }
}

/// Where to ask how far it is.
#[derive(Clone)]
pub(crate) enum Compiling {
    Never,
    #[cfg(feature = "jit")]
    Done(Arc<Jit>),
    #[cfg(feature = "jit")]
    Beside(Arc<Tiered>),
}

impl Compiling {
    pub fn now(&self) -> Compiled {
        match self {
            Compiling::Never => Compiled::Never,
            #[cfg(feature = "jit")]
            Compiling::Done(_) => Compiled::Yes,
            #[cfg(feature = "jit")]
            Compiling::Beside(tiered) => match tiered.trouble() {
                Some(error) => Compiled::Refused(error.to_string().into()),
                None if tiered.is_compiled() => Compiled::Yes,
                None => Compiled::NotYet,
            },
        }
    }

    /// Where its machine code is, as the profiler `perf` reads it; `None` as long as there is none.
    pub fn perf_map(&self) -> Option<&str> {
        match self {
            Compiling::Never => None,
            #[cfg(feature = "jit")]
            Compiling::Done(jit) => Some(jit.perf_map()),
            #[cfg(feature = "jit")]
            Compiling::Beside(tiered) => tiered.jit().map(Jit::perf_map),
        }
    }

    pub fn wait(&self) -> Compiled {
        #[cfg(feature = "jit")]
        if let Compiling::Beside(tiered) = self {
            tiered.wait();
        }
        self.now()
    }
}
