//! A program that is watched: what it has left when a run ends; and that may have a planted fault.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use statewright_runtime::context::Context;
use statewright_runtime::host_effects::RegisteredEffect;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_types::{Config, planted};

/// A function of a program, by what it is and its position among those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ran {
    /// A handler.
    Handler(usize),
    /// A filter.
    Filter(usize),
    /// An effect.
    Effect(usize),
    /// A view.
    View(usize),
}

/// Another program, run with a fault at work, whose runs leave a record.
pub struct Watched {
    inner: Arc<dyn Program>,
    fault: u32,
    left: Mutex<Vec<(u64, u64)>>,
    ran: Mutex<BTreeSet<Ran>>,
}

impl Watched {
    /// `inner` with a fault, or with none: 0.
    pub fn new(inner: Arc<dyn Program>, fault: u32) -> Watched {
        Watched { inner, fault, left: Mutex::default(), ran: Mutex::default() }
    }

    /// Fuel and memory left at the end of each run and resumption that did not fail, since this was last asked.
    pub fn take_left(&self) -> Vec<(u64, u64)> {
        std::mem::take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All that was begun so far.
    pub fn ran(&self) -> BTreeSet<Ran> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn begins(&self, what: Ran) {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    fn told(&self, outcome: Outcome, cx: &Context<'_>) -> Outcome {
        if !matches!(outcome, Outcome::Trapped(_)) {
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            left.push((cx.meter.fuel, cx.meter.memory));
        }
        outcome
    }
}

impl Program for Watched {
    fn execution(&self) -> Execution {
        self.inner.execution()
    }

    fn document_hash(&self) -> [u8; 32] {
        self.inner.document_hash()
    }

    fn handlers(&self) -> &[HandlerInfo] {
        self.inner.handlers()
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.inner.config()
    }

    fn filters(&self) -> &[FilterInfo] {
        self.inner.filters()
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.begins(Ran::Filter(filter));
        planted::with(self.fault, || self.inner.run_filter(filter, args, cx))
    }

    fn effects(&self) -> &[EffectInfo] {
        self.inner.effects()
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.begins(Ran::Effect(effect));
        planted::with(self.fault, || self.inner.run_effect(effect, args, cx))
    }

    fn host_effect(&self, effect: usize) -> Option<&RegisteredEffect> {
        self.inner.host_effect(effect)
    }

    fn has_host_effects(&self) -> bool {
        self.inner.has_host_effects()
    }

    fn views(&self) -> &[ViewInfo] {
        self.inner.views()
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        self.begins(Ran::View(view));
        planted::with(self.fault, || self.inner.run_view(view, viewer, element, cx))
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.begins(Ran::Handler(handler));
        let outcome = planted::with(self.fault, || self.inner.run(handler, args, cx));
        self.told(outcome, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        let outcome = planted::with(self.fault, || self.inner.resume(suspension, cx));
        self.told(outcome, cx)
    }
}
