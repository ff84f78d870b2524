//! Two executions in one: what one suspends the other resumes.

use std::sync::Arc;

use statewright_runtime::context::Context;
use statewright_runtime::host_effects::RegisteredEffect;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_types::Config;

/// Runs activations on `first`, and goes on with them on `second`.
pub(super) struct Relay {
    pub first: Arc<dyn Program>,
    pub second: Arc<dyn Program>,
}

impl Program for Relay {
    fn execution(&self) -> Execution {
        self.first.execution()
    }

    fn document_hash(&self) -> [u8; 32] {
        self.first.document_hash()
    }

    fn handlers(&self) -> &[HandlerInfo] {
        self.first.handlers()
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.first.config()
    }

    fn filters(&self) -> &[FilterInfo] {
        self.first.filters()
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.first.run_filter(filter, args, cx)
    }

    fn effects(&self) -> &[EffectInfo] {
        self.first.effects()
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.first.run_effect(effect, args, cx)
    }

    fn host_effect(&self, effect: usize) -> Option<&RegisteredEffect> {
        self.first.host_effect(effect)
    }

    fn has_host_effects(&self) -> bool {
        self.first.has_host_effects()
    }

    fn views(&self) -> &[ViewInfo] {
        self.first.views()
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        self.first.run_view(view, viewer, element, cx)
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.first.run(handler, args, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.second.resume(suspension, cx)
    }
}
