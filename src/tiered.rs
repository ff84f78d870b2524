//! The interpreter until compiled code is there: compiling goes on beside the first activations.

use std::sync::Arc;

use statewright_graph::ir::Verified;
use statewright_interpreter::{Interpreter, ProgramTables};
use statewright_jit::{Jit, JitError};
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_types::Config;

use crate::compiling::{Job, Progress, begin, forget};

/// A program that interprets until it is compiled; it changes over between activations. What a document that is too large
/// to be compiled lacks is only speed: [`Tiered::trouble`] says why. When it is dropped, compiling it ends.
pub(crate) struct Tiered {
    interpreter: Interpreter,
    progress: Arc<Progress>,
}

impl Tiered {
    /// Lets it be compiled.
    pub fn new(module: &Arc<Verified>, tables: ProgramTables, host_nodes: &HostNodes) -> Tiered {
        let interpreter = Interpreter::with_tables(module, tables.clone(), host_nodes);
        let progress = Arc::new(Progress::default());
        begin(Job { progress: progress.clone(), module: module.clone(), tables, host_nodes: host_nodes.clone() });
        Tiered { interpreter, progress }
    }

    /// Waits until compiling has ended; whether the program is compiled now.
    pub fn wait(&self) -> bool {
        self.progress.wait().is_ok()
    }

    /// Whether it runs compiled code.
    pub fn is_compiled(&self) -> bool {
        self.jit().is_some()
    }

    /// Its compiled code, once there is some.
    pub fn jit(&self) -> Option<&Jit> {
        self.progress.get().and_then(|compiled| compiled.as_ref().ok())
    }

    /// Why it will not.
    pub fn trouble(&self) -> Option<&JitError> {
        self.progress.get().and_then(|compiled| compiled.as_ref().err())
    }

    /// What runs the next activation.
    fn now(&self) -> &dyn Program {
        self.jit().map_or(&self.interpreter as &dyn Program, |jit| jit)
    }
}

impl Drop for Tiered {
    fn drop(&mut self) {
        forget(&self.progress);
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
