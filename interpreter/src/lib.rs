//! Runs verified IR on a session, as a [`Program`].
//!
//! Construction decodes each function once to a compact form ([`code`], [`decode`], [`moves`]); a run is one loop over
//! it ([`machine`], with [`short`], [`lanes`] and [`passes`] for what is frequent and [`calls`] and [`texts`] for what is long) without hashing, locking, reference counting or allocating per instruction.
//!
//! Invariant: touches nothing of a session but what [`Context`] offers; knows no nodes, only IR.

use std::cell::Cell;
use std::sync::Arc;

use statewright_graph::ir::footprint::footprint;
use statewright_graph::ir::{self, FuncId, FunctionRole, Verified};
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{
    EffectInfo, FilterFootprint, FilterInfo, Footprint, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_types::schema::Audience;
use statewright_types::{Config, StructId, Type};

mod calls;
mod code;
mod decode;
mod host;
mod lanes;
mod machine;
mod moves;
mod passes;
mod short;
mod stack;
mod texts;

pub use machine::parts::{FREE_JUMPS, JUMPS_PER_FUEL};

use decode::Decoded;
use machine::{Buffers, Machine};

thread_local! {
    /// Of the run that ended last on this thread; a run inside another one makes its own.
    static KEPT: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
}

/// A module, ready to run. The module itself is no longer needed then.
#[derive(Debug)]
pub struct Interpreter {
    handlers: Vec<HandlerInfo>,
    filters: Vec<FilterInfo>,
    views: Vec<ViewInfo>,
    /// The function of each view.
    view_functions: Vec<usize>,
    /// The function of each filter.
    filter_functions: Vec<usize>,
    effects: Vec<EffectInfo>,
    /// The function of each effect.
    effect_functions: Vec<usize>,
    document_hash: [u8; 32],
    config: Option<Arc<Config>>,
    decoded: Decoded,
}

impl Interpreter {
    /// Decodes `module`, and keeps nothing of it. `handlers` are its handlers, in its order. Takes time in proportion to the module.
    pub fn new(module: Arc<Verified>, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> Interpreter {
        Interpreter::with_host_nodes(module, handlers, document_hash, &HostNodes::default())
    }

    /// The same, but slower: every instruction by itself. Does the same; for tests of just that.
    pub fn plain(module: Arc<Verified>, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> Interpreter {
        let decoded = decode::decode(&module, &HostNodes::default(), true);
        Interpreter::made(&module, handlers, document_hash, decoded)
    }

    /// The same, with the functions of the host program's nodes.
    pub fn with_host_nodes(
        module: Arc<Verified>,
        handlers: Vec<HandlerInfo>,
        document_hash: [u8; 32],
        host_nodes: &HostNodes,
    ) -> Interpreter {
        let decoded = decode::decode(&module, host_nodes, false);
        Interpreter::made(&module, handlers, document_hash, decoded)
    }

    fn made(module: &Verified, handlers: Vec<HandlerInfo>, document_hash: [u8; 32], decoded: Decoded) -> Interpreter {
        let (filter_functions, filters) = filters(module).unzip();
        let (effect_functions, effects) = effects(module).unzip();
        let (view_functions, views) = views(module).unzip();
        Interpreter {
            handlers,
            filters,
            views,
            view_functions,
            filter_functions,
            effects,
            effect_functions,
            document_hash,
            config: None,
            decoded,
        }
    }

    /// The configuration that the document was compiled with.
    #[must_use]
    pub fn with_config(self, config: Option<Arc<Config>>) -> Interpreter {
        Interpreter { config, ..self }
    }

    fn with_machine(
        &self,
        cx: &mut Context<'_>,
        body: impl FnOnce(&mut Machine<'_, '_>) -> Option<Box<Outcome>>,
    ) -> Outcome {
        let mut buffers = KEPT.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let outcome = body(&mut Machine::new(&self.decoded.functions, &self.decoded.strings, cx, &mut buffers));
        // Where the thread is ending, there is no next run to keep them for.
        let _kept = KEPT.try_with(|kept| kept.set(Some(buffers)));
        match outcome {
            None => Outcome::Done,
            Some(outcome) => *outcome,
        }
    }
}

/// Filters, and which functions of the module they are.
fn filters(module: &Verified) -> impl Iterator<Item = (usize, FilterInfo)> {
    let functions = module.functions.iter().enumerate();
    functions.filter(|(_, function)| function.role == FunctionRole::Filter).map(|(index, function)| {
        let params = function.params.iter().skip(1).map(|param| (param.name.clone(), param.ty.clone())).collect();
        let footprint = filter_footprint(footprint(module, FuncId(index as u32)));
        (index, FilterInfo { name: function.name.clone(), params, footprint })
    })
}

/// Effects, and which functions of the module they are.
fn effects(module: &Verified) -> impl Iterator<Item = (usize, EffectInfo)> {
    let functions = module.functions.iter().enumerate();
    functions.filter(|(_, function)| function.role == FunctionRole::Effect).map(|(index, function)| {
        let params = function.params.iter().map(|param| (param.name.clone(), param.ty.clone())).collect();
        let touched = footprint(module, FuncId(index as u32));
        let (footprint, looks_around) = (Footprint::Fields(touched.fields()), touched.looks_around);
        (index, EffectInfo { name: function.name.clone(), params, footprint, looks_around })
    })
}

/// Functions called as a view of the schema, and which functions of the module they are.
fn views(module: &Verified) -> impl Iterator<Item = (usize, ViewInfo)> {
    let named = |name: &str, element: StructId| {
        let def = module.schema.types().get(element.index());
        let names = |audience: &Audience| matches!(audience, Audience::Named(view) if &**view == name);
        def.is_some_and(|def| def.fields.iter().any(|field| field.audience.iter().any(names)))
    };
    let functions = module.functions.iter().enumerate();
    functions.filter_map(move |(index, function)| {
        let types: Vec<&Type> = function.params.iter().map(|param| &param.ty).collect();
        let ([Type::String, Type::Struct(element)], Some(Type::Bool)) = (types.as_slice(), &function.returns) else {
            return None;
        };
        let is_view = function.role == FunctionRole::Function && named(&function.name, *element);
        is_view.then(|| {
            let footprint = filter_footprint(footprint(module, FuncId(index as u32)));
            (index, ViewInfo { name: function.name.clone(), element: *element, footprint })
        })
    })
}

/// What a filter or a view touches, as programs tell it.
fn filter_footprint(touched: ir::footprint::Footprint) -> FilterFootprint {
    let ir::footprint::Footprint { reads, writes, looks_around } = touched;
    FilterFootprint { reads: Footprint::Fields(reads), writes: Footprint::Fields(writes), looks_around }
}

impl Program for Interpreter {
    fn document_hash(&self) -> [u8; 32] {
        self.document_hash
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &self.handlers
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.config.as_ref()
    }

    fn filters(&self) -> &[FilterInfo] {
        &self.filters
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        let function = self.filter_functions.get(filter).copied().unwrap_or(usize::MAX);
        self.with_machine(cx, |machine| machine.run(function, args))
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        let function = self.effect_functions.get(effect).copied().unwrap_or(usize::MAX);
        self.with_machine(cx, |machine| machine.run(function, args))
    }

    fn views(&self) -> &[ViewInfo] {
        &self.views
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        let function = self.view_functions.get(view).copied().unwrap_or(usize::MAX);
        let mut seen = false;
        let outcome = self.with_machine(cx, |machine| {
            let outcome = machine.run(function, &[viewer, element]);
            seen = machine.returned != 0;
            outcome
        });
        match outcome {
            Outcome::Trapped(trap) => Err(trap),
            // The checker lets no view wait.
            Outcome::Done | Outcome::Suspended(_) => Ok(seen),
        }
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        debug_assert!(handler < self.handlers.len(), "there is no handler {handler}");
        self.with_machine(cx, |machine| machine.run(handler, args))
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.with_machine(cx, |machine| machine.resume(suspension))
    }
}
