//! A program made of emitted functions.

use std::sync::{Arc, LazyLock};

use statewright_types::{Config, StructId, TrapCode, Type};

use super::exit::{Exit, Flow};
use super::run::{Bits, Fuel, Run};
use crate::context::Context;
use crate::host::{HostNodes, HostSite};
use crate::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, SavedFrame, Suspension, Trap, ViewInfo, WaitFor,
};

/// How a function is entered: at its beginning (0, with its arguments) or at a resume block (with the block's parameters).
pub type Entry = for<'f, 'r, 'c, 'g> fn(&'r mut Run<'f, 'c>, &'r mut Fuel, u32, &'g [u64]) -> Flow<u64>;

/// A function of the module.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Runs it.
    pub enter: Entry,
    /// Where it may go on after a suspension.
    pub resumes: &'static [Resume],
    /// Whether it gives a value.
    pub has_result: bool,
}

/// A block that a suspended function may go on in.
pub struct Resume {
    /// By position in the function.
    pub block: u32,
    /// The node that it begins with, "" for none.
    pub node: &'static str,
    /// The types of its parameters, those of results first.
    pub params: &'static [&'static LazyLock<Type>],
}

/// A document as a module of a host program.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// The text of its schema.
    pub schema: &'static str,
    /// The type whose fields are at the top of the state.
    pub main_root: StructId,
    /// Makes the program, with nodes of the host program.
    pub program: fn(&HostNodes) -> Arc<dyn Program>,
}

/// What a program tells about itself.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// SHA-256 of the document's text and the hashes of schema and configuration.
    pub document_hash: [u8; 32],
    /// In document order; they are the first functions.
    pub handlers: Vec<HandlerInfo>,
    /// Filters with their functions' numbers.
    pub filters: Vec<(usize, FilterInfo)>,
    /// Effects likewise.
    pub effects: Vec<(usize, EffectInfo)>,
    /// Views that are functions likewise.
    pub views: Vec<(usize, ViewInfo)>,
    /// What the document's configuration declares.
    pub config: Option<Arc<Config>>,
    /// Calls of the host program's nodes.
    pub hosts: Vec<HostSite>,
}

impl Tables {
    /// Declares the configuration, from its text.
    pub fn configure(&mut self, text: &str) {
        self.config = statewright_types::config::parse(text).0;
    }

    /// Adds a call of a node of the host program, with arguments of these types.
    pub fn host(&mut self, nodes: &HostNodes, name: &str, inputs: Vec<Type>, output: Option<&Type>) {
        self.hosts.push(HostSite::new(nodes, &Arc::from(name), inputs, output));
    }
}

/// Emitted functions as a [`Program`].
pub struct Emitted {
    functions: &'static [Function],
    document_hash: [u8; 32],
    handlers: Vec<HandlerInfo>,
    filters: (Vec<usize>, Vec<FilterInfo>),
    effects: (Vec<usize>, Vec<EffectInfo>),
    views: (Vec<usize>, Vec<ViewInfo>),
    config: Option<Arc<Config>>,
    hosts: Vec<HostSite>,
}

impl Emitted {
    /// Of these functions, with what is told about them.
    pub fn new(functions: &'static [Function], tables: Tables) -> Emitted {
        Emitted {
            functions,
            document_hash: tables.document_hash,
            handlers: tables.handlers,
            filters: tables.filters.into_iter().unzip(),
            effects: tables.effects.into_iter().unzip(),
            views: tables.views.into_iter().unzip(),
            config: tables.config,
            hosts: tables.hosts,
        }
    }

    /// Runs `body` with what is left of the fuel, and writes back what is left then.
    #[inline]
    fn metered<T>(&self, cx: &mut Context<'_>, body: impl FnOnce(&mut Run<'_, '_>, &mut Fuel) -> T) -> T {
        let mut fuel = Fuel { left: cx.meter.fuel };
        let mut run = Run::new(cx, &self.hosts);
        let result = body(&mut run, &mut fuel);
        cx.meter.fuel = fuel.left;
        result
    }

    #[inline]
    fn call(&self, function: Option<usize>, args: &[u64], cx: &mut Context<'_>) -> Flow<u64> {
        match function.and_then(|function| self.functions.get(function)) {
            Some(function) => self.metered(cx, |run, fuel| (function.enter)(run, fuel, 0, args)),
            None => Err(unfit()),
        }
    }
}

fn outcome(flow: Flow<u64>) -> Outcome {
    match flow.map_err(|exit| *exit) {
        Ok(_) => Outcome::Done,
        Err(Exit::Trap(trap)) => Outcome::Trapped(trap),
        Err(Exit::Suspended(mut suspension)) => {
            suspension.frames.reverse();
            Outcome::Suspended(suspension)
        }
    }
}

/// The handler or suspension does not belong to this program: a fault of whoever called, told as an outcome.
#[cold]
pub fn unfit() -> Box<Exit> {
    let message = Arc::from("this handler or suspension does not belong to the program that runs it");
    Box::new(Exit::Trap(Trap { code: TrapCode::BadArgument, message: Some(message), node: None }))
}

/// The argument or parameter at a position; missing ones are 0.
#[inline(always)]
pub fn argument<T: Bits>(given: &[u64], position: usize) -> T {
    T::of(given.get(position).copied().unwrap_or(0))
}

/// A frame that was restored and has not gone on yet.
struct Restored<'a> {
    saved: &'a SavedFrame,
    function: &'static Function,
    resume: &'static Resume,
    /// How many parameters are results of what it waits for, and not saved.
    results: usize,
    params: Vec<u64>,
}

impl Emitted {
    fn restored<'a>(&self, suspension: &'a Suspension, run: &mut Run<'_, '_>) -> Option<Vec<Restored<'a>>> {
        let mut frames = Vec::new();
        for (position, saved) in suspension.frames.iter().enumerate() {
            let function = self.functions.get(saved.function as usize)?;
            let resume = function.resumes.iter().find(|resume| resume.block == saved.block)?;
            let mut params = Vec::with_capacity(resume.params.len());
            match suspension.frames.get(position + 1) {
                // A frame that waits for a call has not got the call's result yet.
                Some(inner) if self.functions.get(inner.function as usize)?.has_result => params.push(0),
                None if matches!(suspension.wait, WaitFor::Event { .. }) => {
                    let data = resume.params.get(1)?;
                    let slot = run.cx.arrived.unwrap_or_else(|| run.cx.state.zero(data));
                    params.extend([u64::from(run.cx.arrived.is_some()), slot]);
                }
                _ => {}
            }
            let results = params.len();
            let types = resume.params.get(results..)?;
            if types.len() != saved.values.len() {
                return None;
            }
            params.extend(types.iter().zip(&saved.values).map(|(ty, value)| run.cx.state.restore(ty, value)));
            frames.push(Restored { saved, function, resume, results, params });
        }
        if let Some(tracer) = &mut run.cx.tracer {
            let told: Vec<(&str, &str)> = frames.iter().map(|frame| (frame.function.name, frame.resume.node)).collect();
            tracer.restored(&told);
        }
        Some(frames)
    }

    /// The innermost frame goes on first, then what called it with its result.
    fn go_on(&self, suspension: &Suspension, run: &mut Run<'_, '_>, fuel: &mut Fuel) -> Flow<u64> {
        let Some(mut frames) = self.restored(suspension, run).filter(|frames| !frames.is_empty()) else {
            return Err(unfit());
        };
        let mut value = 0;
        let mut is_inner = false;
        while let Some(mut frame) = frames.pop() {
            if let Some(result) = frame.params.first_mut().filter(|_| is_inner && frame.results > 0) {
                *result = value;
            }
            value = match (frame.function.enter)(run, fuel, frame.resume.block, &frame.params) {
                Ok(value) => value,
                Err(mut exit) => {
                    if let Exit::Suspended(suspension) = &mut *exit {
                        suspension.frames.extend(frames.iter().rev().map(|frame| frame.save(run)));
                    }
                    return Err(exit);
                }
            };
            is_inner = true;
        }
        Ok(value)
    }
}

impl Restored<'_> {
    /// As data again: it still waits where it did.
    fn save(&self, run: &Run<'_, '_>) -> SavedFrame {
        let params = self.resume.params.iter().zip(&self.params).skip(self.results);
        let values = params.map(|(ty, slot)| run.cx.state.save(ty, *slot)).collect();
        let SavedFrame { function, block, deadlines, .. } = self.saved;
        SavedFrame { function: *function, block: *block, values, deadlines: deadlines.clone() }
    }
}

impl Program for Emitted {
    fn execution(&self) -> Execution {
        Execution { name: "rust", artefact: None }
    }

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
        &self.filters.1
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        outcome(self.call(self.filters.0.get(filter).copied(), args, cx))
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.effects.1
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        outcome(self.call(self.effects.0.get(effect).copied(), args, cx))
    }

    fn views(&self) -> &[ViewInfo] {
        &self.views.1
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        match self.call(self.views.0.get(view).copied(), &[viewer, element], cx).map_err(|exit| *exit) {
            Ok(seen) => Ok(seen != 0),
            Err(Exit::Trap(trap)) => Err(trap),
            // The checker lets no view wait.
            Err(Exit::Suspended(_)) => Ok(false),
        }
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        outcome(self.call(Some(handler), args, cx))
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        outcome(self.metered(cx, |run, fuel| self.go_on(suspension, run, fuel)))
    }
}
