//! The interpreter until compiled code is there: compiling goes on beside the first activations.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use statewright_graph::ir::Verified;
use statewright_interpreter::{Interpreter, ProgramTables};
use statewright_jit::{Jit, JitError};
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_types::Config;

/// A program that interprets until it is compiled; it changes over between activations. What a document that is too large
/// to be compiled lacks is only speed: [`Tiered::trouble`] says why.
pub(crate) struct Tiered {
    interpreter: Interpreter,
    compiled: Arc<OnceLock<Result<Jit, JitError>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Tiered {
    /// Begins to compile on a thread of its own.
    pub fn new(module: &Arc<Verified>, tables: ProgramTables, host_nodes: &HostNodes) -> Tiered {
        let interpreter = Interpreter::with_tables(module, tables.clone(), host_nodes);
        let compiled = Arc::new(OnceLock::new());
        let (place, module, host_nodes) = (compiled.clone(), module.clone(), host_nodes.clone());
        let compile = move || {
            let _set = place.set(Jit::new(&module, tables, &host_nodes));
        };
        // Where no thread can be had, the interpreter goes on.
        let thread = std::thread::Builder::new().name("statewright-compile".into()).spawn(compile).ok();
        Tiered { interpreter, compiled, thread: Mutex::new(thread) }
    }

    /// Waits until compiling has ended; whether the program is compiled now.
    pub fn wait(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic there leaves the interpreter.
            let _ended = thread.join();
        }
        self.is_compiled()
    }

    /// Whether it runs compiled code.
    pub fn is_compiled(&self) -> bool {
        matches!(self.compiled.get(), Some(Ok(_)))
    }

    /// Why it will not.
    pub fn trouble(&self) -> Option<&JitError> {
        self.compiled.get().and_then(|compiled| compiled.as_ref().err())
    }

    /// What runs the next activation.
    fn now(&self) -> &dyn Program {
        match self.compiled.get() {
            Some(Ok(jit)) => jit,
            _ => &self.interpreter,
        }
    }
}

impl Program for Tiered {
    fn execution(&self) -> Execution {
        self.now().execution()
    }

    fn document_hash(&self) -> [u8; 32] {
        self.interpreter.document_hash()
    }

    fn handlers(&self) -> &[HandlerInfo] {
        self.interpreter.handlers()
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.interpreter.config()
    }

    fn filters(&self) -> &[FilterInfo] {
        self.interpreter.filters()
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.now().run_filter(filter, args, cx)
    }

    fn effects(&self) -> &[EffectInfo] {
        self.interpreter.effects()
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.now().run_effect(effect, args, cx)
    }

    fn views(&self) -> &[ViewInfo] {
        self.interpreter.views()
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        self.now().run_view(view, viewer, element, cx)
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.now().run(handler, args, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.now().resume(suspension, cx)
    }
}
