//! From a document's text to something that can be called.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use statewright_emit::js;
use statewright_interpreter::Interpreter;
#[cfg(feature = "jit")]
use statewright_jit::Jit;

use crate::project::loaded::Text;
use crate::project::{Backend, Fault, LoadOptions, Loaded, script_source};

/// Rounds at least and at most; the fastest one counts.
const ROUNDS: (u32, u32) = (3, 60);
/// After that many seconds no further round begins.
const PATIENCE_S: f64 = 0.3;

/// What compiling took and gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// For which execution.
    pub backend: Backend,
    /// Milliseconds from the texts to something that can be called; of Rust and JavaScript, to source.
    pub ms: f64,
    /// Of that, what every execution needs: reading, checking, lowering, the passes.
    pub front_ms: f64,
    /// Milliseconds that cargo took on top, or Node to load it; none if it had been built before.
    pub built_ms: Option<f64>,
    /// Bytes of machine code or of source.
    pub bytes: Option<usize>,
    /// Bytes of machine code by function.
    pub functions: BTreeMap<String, usize>,
}

/// Compiles a document for an execution again and again.
///
/// # Errors
/// As [`Backend::program`].
pub fn compile(loaded: &Loaded, backend: Backend) -> Result<Compiled, Fault> {
    let mut compiled = Compiled {
        backend,
        ms: f64::INFINITY,
        front_ms: f64::INFINITY,
        built_ms: None,
        bytes: None,
        functions: BTreeMap::new(),
    };
    let start = Instant::now();
    for round in 0..ROUNDS.1 {
        if round >= ROUNDS.0 && start.elapsed().as_secs_f64() > PATIENCE_S {
            break;
        }
        let began = Instant::now();
        let built = build(loaded);
        let front_ms = began.elapsed().as_secs_f64() * 1e3;
        let made = back(black_box(&built), backend)?;
        let ms = began.elapsed().as_secs_f64() * 1e3;
        compiled.front_ms = compiled.front_ms.min(front_ms);
        compiled.ms = compiled.ms.min(ms);
        (compiled.bytes, compiled.functions) = made.size();
    }
    Ok(compiled)
}

/// The document again, from its texts.
fn build(loaded: &Loaded) -> Loaded {
    let text = |source: &Arc<_>, text: &Arc<str>| Text { source: Arc::clone(source), text: text.clone(), offset: 0 };
    let config = loaded.config_source.as_ref().zip(loaded.config_text.as_ref());
    Loaded::build(
        text(&loaded.source, &loaded.source.text),
        text(&loaded.schema_source, &loaded.schema_text),
        config.map(|(source, config)| text(source, config)),
        &LoadOptions { host_nodes: loaded.host_nodes.clone(), ..LoadOptions::default() },
    )
}

/// What came out, so that throwing it away is not timed.
enum Made {
    Nothing,
    Interpreter {
        _program: Box<Interpreter>,
    },
    #[cfg(feature = "jit")]
    Jit(Box<Jit>),
    Source(usize),
}

impl Made {
    fn size(&self) -> (Option<usize>, BTreeMap<String, usize>) {
        match self {
            #[cfg(feature = "jit")]
            Made::Jit(jit) => (Some(jit.code_bytes()), by_function(jit.sizes())),
            Made::Source(bytes) => (Some(*bytes), BTreeMap::new()),
            Made::Nothing | Made::Interpreter { .. } => (None, BTreeMap::new()),
        }
    }
}

fn back(loaded: &Loaded, backend: Backend) -> Result<Made, Fault> {
    let (Some(module), Some(tables)) = (&loaded.module, loaded.tables()) else { return Ok(Made::Nothing) };
    Ok(match backend {
        Backend::Interpreter => {
            Made::Interpreter { _program: Box::new(Interpreter::with_tables(module, tables, &loaded.host_nodes)) }
        }
        #[cfg(feature = "jit")]
        Backend::Jit => Made::Jit(Box::new(
            Jit::new(module, tables, &loaded.host_nodes).map_err(|error| loaded.not_compiled(&error))?,
        )),
        #[cfg(not(feature = "jit"))]
        Backend::Jit => return Err(Fault::NoBackend { backend }),
        Backend::Rust => {
            let emitted = loaded.emitted_rust(statewright_emit::rust::RUNTIME);
            emitted.map_or(Made::Nothing, |emitted| Made::Source(emitted.text.len()))
        }
        Backend::Js => Made::Source(js::emit(module, &script_source(loaded)).code.len()),
    })
}

/// A name may come more than once.
#[cfg(feature = "jit")]
fn by_function<'n>(functions: impl Iterator<Item = (&'n str, usize)>) -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    for (name, bytes) in functions {
        *sizes.entry(name.to_owned()).or_insert(0) += bytes;
    }
    sizes
}

#[cfg(all(test, feature = "jit"))]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_summed_up_by_name() {
        let sizes = by_function([("OnScore", 31), ("half", 16), ("half", 1)].into_iter());
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [("OnScore".to_owned(), 31), ("half".to_owned(), 17)]);
    }
}
