//! The executions of a document, by name.

use std::path::{Component, Path};
use std::sync::Arc;

use statewright_emit::escape::url_part;
use statewright_emit::js;
use statewright_interpreter::{Interpreter, ProgramTables};
#[cfg(feature = "jit")]
use statewright_jit::Jit;
use statewright_runtime::program::Program;

use super::fault::Fault;
use super::loaded::Loaded;
#[cfg(feature = "jit")]
use super::perf;
use crate::execution::registry;
use crate::node::{self, NodeProgram};

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

    /// Whether it exists in this process: emitted Rust does where it was built in, machine code where its compiler was.
    pub fn exists(self) -> bool {
        match self {
            Backend::Interpreter | Backend::Js => true,
            Backend::Jit => cfg!(feature = "jit"),
            Backend::Rust => registry::is_built(),
        }
    }

    /// Those that exist, and find what they need on this machine.
    pub fn available() -> Vec<Backend> {
        let is_ready = |backend: &Backend| *backend != Backend::Js || node::check().is_ok();
        Backend::ALL.into_iter().filter(|backend| backend.exists()).filter(is_ready).collect()
    }

    /// Why it is not among [`Backend::available`]; `None` if it is.
    pub fn missing(self) -> Option<String> {
        match self {
            Backend::Js => node::check().err(),
            _ if self.exists() => None,
            Backend::Rust => Some("it was not built into this program".to_owned()),
            Backend::Interpreter | Backend::Jit => Some("this program was built without it".to_owned()),
        }
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
            Backend::Interpreter => Arc::new(Interpreter::with_tables(module, tables, &loaded.host_nodes)),
            #[cfg(feature = "jit")]
            Backend::Jit => {
                let jit = Jit::new(module, tables, &loaded.host_nodes);
                let jit = jit.map_err(|error| loaded.not_compiled(&error))?;
                perf::add(|| jit.perf_map())?;
                Arc::new(jit)
            }
            #[cfg(not(feature = "jit"))]
            Backend::Jit => return Err(Fault::NoBackend { backend: self }),
            Backend::Rust => match registry::program(&loaded.document_hash, &loaded.host_nodes) {
                Some(program) => program,
                None => {
                    let what = format!("{} was not built into this one; it may have changed since", loaded.source.name);
                    return Err(Fault::NotBuilt { what });
                }
            },
            Backend::Js => {
                let program = NodeProgram::new(module, tables, loaded.host_nodes.clone(), script_source(loaded));
                Arc::new(program.map_err(|what| Fault::CannotRun { backend: self, what })?)
            }
        };
        let program = loaded.host_nodes.effects().on(program, schema);
        program.map(Some).map_err(|what| Fault::BadEffects { what })
    }
}

impl Loaded {
    /// What a program tells about the document; `None` if it has errors.
    pub fn tables(&self) -> Option<ProgramTables> {
        let module = self.module.as_ref()?;
        let tables = ProgramTables::new(module, self.handlers.clone(), self.document_hash);
        Some(tables.with_config(self.config.clone()))
    }
}

/// What emitted JavaScript is made from besides the module: where the runtime library is, is for the caller to say.
pub fn script_source(loaded: &Loaded) -> js::Source {
    let text = loaded.source.text.clone();
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line = |at: u32| starts.partition_point(|start| *start <= at as usize).saturating_sub(1) as u32;
    let nodes = loaded.document.graphs().flat_map(|graph| graph.nodes.iter().map(move |node| (graph, node)));
    let lines = nodes.map(|(graph, node)| ((graph.name.text.clone(), node.id.text.clone()), line(node.span.start)));
    js::Source {
        name: loaded.source.name.to_string(),
        hash: loaded.document_hash,
        runtime: String::new(),
        url: url_path(Path::new(&loaded.source.name)),
        config: loaded.config.clone(),
        lines: lines.collect(),
        text,
    }
}

/// A path as a URL reference.
pub fn url_path(path: &Path) -> String {
    let parts = path.components().map(|component| match component {
        Component::RootDir => String::new(),
        other => url_part(&other.as_os_str().to_string_lossy()),
    });
    let text = parts.collect::<Vec<_>>().join("/");
    // A first part with a colon would be a scheme; that is escaped. The root alone is what is left.
    if text.is_empty() && path.has_root() { "/".to_owned() } else { text }
}
