//! Emitted JavaScript as an execution: a [`Program`] here that speaks to a Node process, which runs the module.
//!
//! Node is sent what the handler may touch (the state with the numbers of its records, streams, meter, time, arguments or what was
//! suspended), runs it on a copy, and tells what it did. That is done again here, on the session's state, and both
//! states must have the same hash then: if they do not, the activation stops with an internal error. What belongs to the
//! session is asked for while the handler runs. Where effects are in use, writes are, too: each answer brings the state anew.
//!
//! `files` has what Node imports, `process` the process and its lines, `tokens` reads them, `replay` does what was told, `answer` what is
//! asked.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sha2::{Digest, Sha256};
use statewright_emit::js::{self, Script};
use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{Verified, Wait};
use statewright_interpreter::ProgramTables;
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, SavedDeadline, SavedFrame, Suspension, Trap,
    ViewInfo, WaitFor,
};
use statewright_runtime::state::put_int;
use statewright_types::json::quote;
use statewright_types::{Config, TrapCode, Type};

mod answer;
pub mod client;
pub mod files;
mod process;
mod replay;
mod tokens;

use answer::Answering;
use tokens::{Stop, Tokens, fault};

pub use process::check;

/// What a module's functions are to whoever runs them.
#[derive(Debug)]
struct FunctionInfo {
    params: Vec<Type>,
    has_result: bool,
    /// Parameters of resume blocks, by block.
    resume: Vec<Option<Vec<Type>>>,
}

/// A module that Node runs.
#[derive(Debug)]
struct Artefact {
    key: u64,
    script: Script,
    has_effects: bool,
}

/// Modules whose effects may be asked for while another one's handler runs: they must be loaded by then.
static WITH_EFFECTS: Mutex<Vec<Weak<Artefact>>> = Mutex::new(Vec::new());
static KEYS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// How many runs this thread is in.
    static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// A document as JavaScript, run by Node.
#[derive(Debug)]
pub struct NodeProgram {
    tables: ProgramTables,
    functions: Vec<FunctionInfo>,
    artefact: Arc<Artefact>,
    host_nodes: HostNodes,
    hash: [u8; 32],
}

impl NodeProgram {
    /// Of a module; `source` says what it was made from (where the runtime library is, is set here).
    ///
    /// # Errors
    /// Says what is missing on this machine.
    pub fn new(
        module: &Verified,
        tables: ProgramTables,
        host_nodes: HostNodes,
        source: js::Source,
    ) -> Result<NodeProgram, String> {
        process::check()?;
        let folder = files::install().map_err(|error| format!("cannot write the runtime library for Node: {error}"))?;
        let runtime = format!("file://{}/index.js", folder.display());
        let script = js::emit(module, &js::Source { runtime: runtime.clone(), ..source });
        let functions = module.functions.iter().map(|function| {
            let mut resume = vec![None; function.blocks.len()];
            for block in &function.blocks {
                for (target, _) in targets(&block.terminator).filter(|(_, is_resume)| *is_resume) {
                    if let (Some(place), Some(to)) =
                        (resume.get_mut(target.block.index()), function.blocks.get(target.block.index()))
                    {
                        *place = Some(to.params.iter().map(|param| function.ty(*param).clone()).collect());
                    }
                }
            }
            let params = function.params.iter().map(|param| param.ty.loaded()).collect();
            FunctionInfo { params, has_result: function.returns.is_some(), resume }
        });
        let functions = functions.collect();
        let has_effects = !tables.effects.is_empty();
        let hash = artefact_hash(&script.code, &runtime);
        let artefact = Arc::new(Artefact { key: KEYS.fetch_add(1, Ordering::Relaxed), script, has_effects });
        if has_effects {
            let mut known = WITH_EFFECTS.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|artefact| artefact.strong_count() > 0);
            known.push(Arc::downgrade(&artefact));
        }
        Ok(NodeProgram { tables, functions, artefact, host_nodes, hash })
    }

    /// The module's text.
    pub fn code(&self) -> &str {
        &self.artefact.script.code
    }

    /// Has the modules be there that this run may need.
    fn load(&self) -> Result<(), Stop> {
        if DEPTH.get() > 0 {
            return Ok(());
        }
        let known: Vec<Arc<Artefact>> = if self.artefact.has_effects {
            let known = WITH_EFFECTS.lock().unwrap_or_else(PoisonError::into_inner);
            known.iter().filter_map(Weak::upgrade).collect()
        } else {
            Vec::new()
        };
        let all = std::iter::once(&self.artefact).chain(&known);
        process::load(all.map(|artefact| (artefact.key, &*artefact.script.code))).map_err(Stop::Fault)
    }

    /// The message that begins a run.
    fn message(&self, what: &str, rest: &str, cx: &mut Context<'_>) -> String {
        // More fuel or memory than a number counts is never used up.
        let most = 1 << 53;
        let (meter, limits) = (*cx.meter, cx.meter.limits);
        let (fuel, memory) = (meter.fuel.min(most), meter.memory.min(most));
        let mut now = String::new();
        put_int(&mut now, cx.now_ms);
        format!(
            "{{\"do\":\"{what}\",\"key\":{},{rest},\"state\":{},\"fuel\":{fuel},\"memory\":{memory},\"now\":{now},\"host\":{},\"sender\":{},\
             \"handler\":{},\"limits\":{{\"fuel\":{},\"memoryBytes\":{},\"stringBytes\":{},\"entries\":{}}}}}",
            self.artefact.key,
            cx.state.mirror(),
            quote(cx.host),
            quote(cx.sender),
            quote(cx.handler),
            limits.fuel.min(most),
            limits.memory_bytes.min(most),
            limits.string_bytes.min(most),
            limits.entries.min(most),
        )
    }

    fn start(&self, function: usize, args: &[u64], cx: &mut Context<'_>) -> (Outcome, bool) {
        let Some(info) = self.functions.get(function) else { return (unfit(), false) };
        let args: Vec<String> = info
            .params
            .iter()
            .enumerate()
            .map(|(at, ty)| cx.state.mirror_value(ty, args.get(at).copied().unwrap_or(0)))
            .collect();
        let rest = format!("\"function\":{function},\"args\":[{}]", args.join(","));
        self.exchange("run", &rest, cx)
    }

    /// Sends a run and does everything until it has ended. Gives whether it returned true, too.
    fn exchange(&self, what: &str, rest: &str, cx: &mut Context<'_>) -> (Outcome, bool) {
        let began = self.load().and_then(|()| {
            let message = self.message(what, rest, cx);
            process::send(&message).map_err(Stop::Fault)
        });
        DEPTH.set(DEPTH.get() + 1);
        let (fuel, memory) = (cx.meter.fuel, cx.meter.memory);
        let ended = began.and_then(|()| self.serve((fuel, memory), cx));
        DEPTH.set(DEPTH.get() - 1);
        match ended {
            Ok(ended) => ended,
            Err(Stop::Trap(code, _)) => (internal(&format!("a place in the state stops with {code}")), false),
            Err(Stop::Fault(what)) => {
                // It may be waiting for an answer that does not come.
                process::end();
                (internal(&what), false)
            }
        }
    }

    fn serve(&self, began: (u64, u64), cx: &mut Context<'_>) -> Result<(Outcome, bool), Stop> {
        loop {
            let line = process::receive().map_err(Stop::Fault)?;
            let mut tokens = Tokens::new(&line);
            let kind = tokens.text()?;
            if &*kind == "fault" {
                return Err(fault(format!("JavaScript failed: {}", tokens.text()?)));
            }
            settle(&mut tokens, began, cx)?;
            let failed = replay::replay(&mut tokens, cx)?;
            if &*kind != "ask" {
                return self.ended(&mut tokens, failed, cx);
            }
            let was_overlaid = cx.state.is_overlaid();
            let answering = Answering { types: &self.artefact.script.types, host_nodes: &self.host_nodes };
            let name = tokens.text()?;
            let mut answer = match answering.answer(&name, &mut tokens, cx) {
                Ok(None) => "{".to_owned(),
                Ok(Some(value)) => format!("{{\"value\":{value}"),
                Err(Stop::Trap(code, text)) => {
                    let text = text.map_or("null".to_owned(), |text| quote(&text));
                    format!("{{\"trap\":\"{code}\",\"text\":{text}")
                }
                Err(broken) => return Err(broken),
            };
            // An effect that acts only once has written to the base, and is not on.
            if was_overlaid || cx.state.is_overlaid() || &*name == "effectAdd" {
                let comma = if answer.len() > 1 { "," } else { "" };
                let _ = write!(answer, "{comma}\"state\":{}", cx.state.mirror());
            }
            answer.push('}');
            process::send(&answer).map_err(Stop::Fault)?;
        }
    }

    fn ended(
        &self,
        tokens: &mut Tokens<'_>,
        failed: Option<TrapCode>,
        cx: &mut Context<'_>,
    ) -> Result<(Outcome, bool), Stop> {
        let how = tokens.text()?;
        let (outcome, returned) = match &*how {
            "trap" => {
                let (code, node, message) = (tokens.text()?, tokens.text()?, tokens.maybe_text()?);
                let code = TrapCode::by_code(&code).ok_or_else(|| fault(format!("`{code}` is no code")))?;
                if failed.is_some_and(|here| here != code) {
                    return Err(fault(format!("JavaScript stops with {code}, the state does not")));
                }
                let node = (!node.is_empty()).then_some(node);
                return Ok((Outcome::Trapped(Trap { code, message, node }), false));
            }
            "ok" => (Outcome::Done, tokens.flag()?),
            "wait" => (Outcome::Suspended(self.suspension(tokens, cx)?), false),
            other => return Err(fault(format!("`{other}` is no end"))),
        };
        let there = tokens.text()?;
        let here = cx.state.hash().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        if *there != *here {
            return Err(fault("the state in JavaScript and the session's differ afterwards"));
        }
        Ok((outcome, returned))
    }

    fn suspension(&self, tokens: &mut Tokens<'_>, cx: &mut Context<'_>) -> Result<Suspension, Stop> {
        let node = tokens.text()?;
        let wait = match &*tokens.text()? {
            "duration" => WaitFor::Duration(tokens.number()?),
            _ => {
                let (event, timeout_ms, ty): (_, _, usize) = (tokens.text()?, tokens.number()?, tokens.number()?);
                match self.artefact.script.types.get(ty) {
                    Some(Type::Record(data)) => WaitFor::Event { event, timeout_ms, data: data.clone() },
                    _ => return Err(fault("what a wait gives is a record")),
                }
            }
        };
        let count: usize = tokens.number()?;
        let mut frames = Vec::new();
        for _ in 0..count {
            let function: u32 = tokens.number()?;
            let (block, values) = self.saved(function, tokens, cx)?;
            let many: usize = tokens.number()?;
            let mut deadlines = Vec::new();
            for _ in 0..many {
                let due_ms = tokens.number()?;
                let (block, values) = self.saved(function, tokens, cx)?;
                deadlines.push(SavedDeadline { due_ms, block, values });
            }
            frames.push(SavedFrame { function, block, values, deadlines });
        }
        Ok(Suspension { wait, frames, node: (!node.is_empty()).then_some(node) })
    }

    /// A block and its saved values, which are its last parameters.
    fn saved(
        &self,
        function: u32,
        tokens: &mut Tokens<'_>,
        cx: &mut Context<'_>,
    ) -> Result<(u32, Vec<statewright_runtime::state::Saved>), Stop> {
        let (block, count): (u32, usize) = (tokens.number()?, tokens.number()?);
        let types = self.resume_types(function, block).ok_or_else(|| fault("nothing goes on there"))?;
        let skipped = types.len().checked_sub(count).ok_or_else(|| fault("more is saved than goes on"))?;
        let mut values = Vec::new();
        for ty in types.iter().skip(skipped) {
            let slot = tokens.value(ty, cx.state, 0)?;
            values.push(cx.state.save(ty, slot));
        }
        Ok((block, values))
    }

    fn resume_types(&self, function: u32, block: u32) -> Option<&[Type]> {
        self.functions.get(function as usize)?.resume.get(block as usize)?.as_deref()
    }

    /// Frames as they are sent: values as the state has them now. `None` if they are no frames of this program.
    fn frames(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Option<String> {
        let mut frames = Vec::new();
        for (depth, frame) in suspension.frames.iter().enumerate() {
            let types = self.resume_types(frame.function, frame.block)?;
            let inner = suspension.frames.get(depth + 1);
            let supplied = match (inner, &suspension.wait) {
                (Some(inner), _) => usize::from(self.functions.get(inner.function as usize)?.has_result),
                (None, WaitFor::Event { .. }) => Wait::Event.results(),
                (None, WaitFor::Duration(_)) => 0,
            };
            if types.len() != supplied + frame.values.len() {
                return None;
            }
            let mut restored = |types: &[Type], values: &[statewright_runtime::state::Saved]| {
                let restore = |(ty, saved): (&Type, &_)| {
                    let slot = cx.state.restore(ty, saved);
                    cx.state.mirror_value(ty, slot)
                };
                types.iter().zip(values).map(restore).collect::<Vec<_>>().join(",")
            };
            let values = restored(types.get(supplied..)?, &frame.values);
            let mut deadlines = Vec::new();
            for deadline in &frame.deadlines {
                let types = self.resume_types(frame.function, deadline.block)?;
                let mut due = String::new();
                put_int(&mut due, deadline.due_ms);
                let values = restored(types, &deadline.values);
                deadlines.push(format!("{{\"due\":{due},\"block\":{},\"values\":[{values}]}}", deadline.block));
            }
            let (function, block) = (frame.function, frame.block);
            let deadlines = deadlines.join(",");
            frames.push(format!(
                "{{\"function\":{function},\"block\":{block},\"values\":[{values}],\"deadlines\":[{deadlines}]}}"
            ));
        }
        if frames.is_empty() { None } else { Some(frames.join(",")) }
    }

    /// What a wait for an event gives.
    fn results(&self, suspension: &Suspension, cx: &Context<'_>) -> Option<String> {
        let last = suspension.frames.last()?;
        if !matches!(suspension.wait, WaitFor::Event { .. }) {
            return Some("null".to_owned());
        }
        let data = self.resume_types(last.function, last.block)?.get(1)?;
        let arrived = cx.arrived.map_or("null".to_owned(), |slot| cx.state.mirror_value(data, slot));
        Some(format!("{{\"arrived\":{arrived}}}"))
    }
}

/// SHA-256 of all that Node runs: the digest of library and bridge, a line end, and the module's text. Where the library is on this
/// machine is left out, so that it is the same on every one.
fn artefact_hash(code: &str, runtime: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(files::digest());
    hash.update("\n");
    hash.update(code.replace(runtime, "./runtime/index.js"));
    hash.finalize().into()
}

/// Takes over what is left of fuel and memory.
fn settle(tokens: &mut Tokens<'_>, (fuel, memory): (u64, u64), cx: &mut Context<'_>) -> Result<(), Stop> {
    let most = 1 << 53;
    let used = |began: u64, left: u64| began.min(most).checked_sub(left).map(|used| began - used);
    let (fuel_left, memory_left) = (tokens.number()?, tokens.number()?);
    cx.meter.fuel = used(fuel, fuel_left).ok_or_else(|| fault("fuel has become more"))?;
    cx.meter.memory = used(memory, memory_left).ok_or_else(|| fault("memory has become more"))?;
    if fuel_left == 0 {
        cx.meter.fuel = 0;
    }
    Ok(())
}

/// The two sides disagree, or Node is broken: a fault of ours, told as an outcome.
fn internal(what: &str) -> Outcome {
    let message = format!("internal error of the backend `js`: {what}");
    Outcome::Trapped(Trap { code: TrapCode::Custom, message: Some(message.into()), node: None })
}

/// The handler or suspension does not belong to this program.
fn unfit() -> Outcome {
    let message = Arc::from("this handler or suspension does not belong to the program that runs it");
    Outcome::Trapped(Trap { code: TrapCode::BadArgument, message: Some(message), node: None })
}

impl Program for NodeProgram {
    fn execution(&self) -> Execution {
        Execution { name: "js", artefact: Some(self.hash) }
    }

    fn document_hash(&self) -> [u8; 32] {
        self.tables.document_hash
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &self.tables.handlers
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.tables.config.as_ref()
    }

    fn filters(&self) -> &[FilterInfo] {
        &self.tables.filters
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.start(self.tables.filter_function(filter), args, cx).0
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.tables.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.start(self.tables.effect_function(effect), args, cx).0
    }

    fn views(&self) -> &[ViewInfo] {
        &self.tables.views
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        match self.start(self.tables.view_function(view), &[viewer, element], cx) {
            (Outcome::Trapped(trap), _) => Err(trap),
            // The checker lets no view wait.
            (Outcome::Done | Outcome::Suspended(_), seen) => Ok(seen),
        }
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.start(handler, args, cx).0
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        let (Some(frames), Some(results)) = (self.frames(suspension, cx), self.results(suspension, cx)) else {
            return unfit();
        };
        self.exchange("resume", &format!("\"frames\":[{frames}],\"results\":{results}"), cx).0
    }
}
