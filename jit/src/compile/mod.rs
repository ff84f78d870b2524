//! From verified IR to Cranelift's: one code generator, whether the code goes to memory or to an object file.
//!
//! - [`body`]: a function: its entry, its blocks, how it ends. [`entrance`]: the way in from Rust. [`arms`]: an arm for every operation of the IR.
//! - [`checks`]: what stops, and fuel. [`memory`]: fields and elements. [`stores`]: fields written. [`known`]: roots, texts, the host program's functions. [`loops`]: what is looked up before a loop.
//! - [`lanes`]: several elements of a dense list at once. [`held`]: checks of large functions, several at once. [`places`]: what those found before.
//! - [`listing`]: code as text.
//! - [`dead`]: what is dropped before Cranelift has it. [`machine`]: from there to machine code. [`scratch`]: the memory that this is done in.
//!
//! A function that may wait, or that runs on an event or beside one, is `fn(run, block, slots) -> status`: it begins with
//! its arguments in `slots`, or goes on in the resume block of that number, with its parameters there. Any other is
//! `fn(run, arguments…) -> status`, arguments as they are. What a function gives is in [`Run::result`](crate::run::Run).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cranelift_codegen::ir::{self as clif, AbiParam, Signature, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{FuncId, Linkage, Module};
use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{Block, Function, FunctionRole, Imm, Inst, Terminator, Verified};
use statewright_graph::passes;
use statewright_runtime::host::HostNodes;
use statewright_runtime::state::PlainFields;
use statewright_types::Type;

use crate::error::JitError;
use crate::memory::Effort;
use crate::sites::{FunctionSites, ResumeBlock, Sites};

mod arms;
mod body;
mod checks;
mod counted;
mod dead;
mod entrance;
mod held;
mod helping;
mod known;
mod lanes;
mod listing;
mod loops;
mod machine;
mod memory;
mod places;
mod scratch;
mod stores;
mod waits;

use body::Body;
use listing::Nodes;
use loops::{Flow, Loop};
use machine::{Machine, Machines, Made};
use scratch::Scratch;

/// Instructions of one function at most.
pub const MOST_OF_FUNCTION: usize = 20_000;
/// A function of more instructions is compiled in less time, if tight loops are the smaller part of it, to slower code: what it does
/// is seldom done often, and mostly done by helpers.
const MOST_AT_FULL_EFFORT: usize = 60;
/// One of so many with such loops is compiled with as much effort.
const MOST_WITH_LOOPS: usize = 100;
/// A function that calls helpers at more places is compiled in less time, too.
const MOST_CALLS: usize = 8;
/// Instructions of Cranelift's IR of which functions or their code wait to be put in their place, at most, nearly.
const MOST_WAITING: usize = 50_000;
/// Instructions of a module at most.
pub const MOST_OF_MODULE: usize = 200_000;
/// Bytes of machine stack that nested calls of a module may take at most.
pub const MOST_STACK: u64 = 256 << 10;

/// What was generated.
pub(crate) struct Generated {
    pub sites: Sites,
    /// By function of the module, the one that Rust enters: `fn(run, block, slots) -> status`.
    pub entries: Vec<Option<FuncId>>,
    /// All functions, for profilers.
    pub named: Vec<Named>,
    /// Loops of which several passes are made at once.
    pub loops_at_once: usize,
    /// Text of what was asked for.
    pub listing: String,
    /// How long Cranelift took.
    pub time: Duration,
}

/// A function that was compiled.
pub(crate) struct Named {
    pub id: FuncId,
    pub name: Arc<str>,
    pub bytes: usize,
    /// Whether it is only the way in from Rust to the function of that name.
    pub is_entrance: bool,
}

/// Tells the time since some moment; it is asked before and after all that Cranelift does.
pub(crate) type Clock<'c> = &'c dyn Fn() -> Duration;

/// For those who do not want to know.
pub(crate) const NO_CLOCK: Clock<'static> = &|| Duration::ZERO;

/// Nobody stops it.
pub(crate) static NEVER: AtomicBool = AtomicBool::new(false);

/// How whoever wants the code follows the work.
#[derive(Clone, Copy)]
pub(crate) struct Order<'o> {
    pub now: Clock<'o>,
    /// Set once the code is not wanted any more.
    pub stop: &'o AtomicBool,
}

impl Default for Order<'static> {
    fn default() -> Order<'static> {
        Order { now: NO_CLOCK, stop: &NEVER }
    }
}

impl Order<'_> {
    /// # Errors
    /// [`JitError::Stopped`] once the code is not wanted any more.
    fn is_wanted(self) -> Result<(), JitError> {
        if self.stop.load(Ordering::Relaxed) { Err(JitError::Stopped) } else { Ok(()) }
    }
}

/// What is to be told of the generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Nothing.
    None,
    /// Cranelift's IR, before it optimises.
    Clif,
    /// Machine code: addresses, bytes, and what Cranelift calls the instructions.
    Assembly,
}

/// Whether a function is called with its arguments as they are.
fn is_direct(function: &Function) -> bool {
    function.role == FunctionRole::Function && !function.suspends
}

/// The Cranelift type of a value.
fn machine_type(ty: &Type) -> types::Type {
    match ty {
        Type::Bool => types::I8,
        Type::Float32 | Type::Float64 => types::F64,
        _ => types::I64,
    }
}

/// What functions of a module share while it is compiled.
struct Unit<'m> {
    source: &'m Verified,
    host_nodes: &'m HostNodes,
    sites: Sites,
    /// By function of the module.
    functions: Vec<FuncId>,
    plain: PlainFields,
    /// No text, of all sites that have none.
    empty: Arc<str>,
    /// Loops so far of which several passes are made at once.
    loops_at_once: usize,
    /// If somebody will read it, each instruction says which of these nodes it is from.
    listed: Option<Nodes>,
}

/// How much is to be done for fast code of a function: what stands in tight loops is done often, most of all in those over dense
/// lists. A function that calls many helpers spends its time in them.
fn effort_for(function: &Function, flow: &Flow) -> Effort {
    let tight: Vec<&Loop> = flow.loops.iter().filter(|around| is_tight(function, around)).collect();
    let (mut count, mut in_tight, mut calls) = (0, 0, 0);
    for (at, block) in function.blocks.iter().enumerate() {
        count += block.insts.len();
        if tight.iter().any(|around| around.holds(at)) {
            in_tight += block.insts.len();
        } else {
            calls += block.insts.iter().filter(|inst| !arms::is_done_here(function, inst)).count();
        }
    }
    let is_mostly_tight = tight.iter().any(|around| around.rows().is_some()) || 2 * in_tight > count;
    match count {
        _ if calls > MOST_CALLS && !is_mostly_tight => Effort::Little,
        ..=MOST_AT_FULL_EFFORT => Effort::Full,
        ..=MOST_WITH_LOOPS if !tight.is_empty() => Effort::Full,
        _ if is_mostly_tight => Effort::Registers,
        _ => Effort::Little,
    }
}

/// Whether nothing in a loop is done by a helper.
fn is_tight(function: &Function, around: &Loop) -> bool {
    let inside = function.blocks.iter().enumerate().filter(|(at, _)| around.holds(*at));
    inside.flat_map(|(_, block)| &block.insts).all(|inst| arms::is_done_here(function, inst))
}

fn check_sizes(source: &Verified) -> Result<(), JitError> {
    let mut all = 0usize;
    for function in &source.functions {
        let count: usize = function.blocks.iter().map(|block| block.insts.len() + block.params.len() + 1).sum();
        if count > MOST_OF_FUNCTION {
            return Err(JitError::LargeFunction { function: function.name.clone(), count, most: MOST_OF_FUNCTION });
        }
        all += count;
    }
    if all > MOST_OF_MODULE {
        return Err(JitError::LargeModule { count: all, most: MOST_OF_MODULE });
    }
    Ok(())
}

/// Whether it jumps to a block that stands before, as every loop does.
fn has_loops(function: &Function) -> bool {
    let mut blocks = function.blocks.iter().enumerate();
    blocks.any(|(at, block)| targets(&block.terminator).any(|(target, _)| target.block.index() <= at))
}

fn uniform(mut signature: Signature) -> Signature {
    signature.params.extend([AbiParam::new(types::I64); 3]);
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

fn direct(mut signature: Signature, function: &Function) -> Signature {
    signature.params.push(AbiParam::new(types::I64));
    signature.params.extend(function.params.iter().map(|param| AbiParam::new(machine_type(&param.ty))));
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// Generates all functions of a module. `entered` are those that Rust calls besides handlers, filters and effects.
pub(crate) fn generate<M: Module>(
    module: &mut M,
    source: &Verified,
    host_nodes: &HostNodes,
    entered: &[usize],
    listing: Listing,
    order: Order<'_>,
) -> Result<Generated, JitError> {
    order.is_wanted()?;
    check_sizes(source)?;
    // Only loops are made without branches.
    let straight;
    let source = if source.functions.iter().any(has_loops) {
        // Mistakes of the passes are found by their own tests; here they would be a fault of this machine's code only.
        straight = passes::without_branches(source).map_err(|errors| {
            JitError::machine(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        &straight
    } else {
        source
    };
    let mut functions = Vec::with_capacity(source.functions.len());
    let mut entries = vec![None; source.functions.len()];
    for (index, function) in source.functions.iter().enumerate() {
        let empty = module.make_signature();
        let signature = if is_direct(function) { direct(empty, function) } else { uniform(empty) };
        let linkage = if is_direct(function) { Linkage::Local } else { Linkage::Export };
        let id = module.declare_function(&format!("f{index}"), linkage, &signature).map_err(JitError::machine)?;
        if !is_direct(function) {
            entries[index] = Some(id);
        }
        functions.push(id);
    }
    let plain = PlainFields::of(&source.schema);
    // They have numbers of their own: places are part of the code.
    let listed = (listing != Listing::None).then(Nodes::default);
    let empty = Arc::from("");
    let mut unit =
        Unit { source, host_nodes, sites: Sites::default(), functions, plain, empty, loops_at_once: 0, listed };
    unit.sites.functions = source.functions.iter().map(function_sites).collect();
    let mut out = Output::new(listing, source.functions.len(), order);
    let mut scratch = Scratch::take();
    let mut first = Some(scratch.function());
    let Scratch { builder, context, largest } = &mut *scratch;
    let is_pic = module.isa().flags().is_pic();
    machine::with_machines(is_pic, listing == Listing::Assembly, order.stop, context, |machines| {
        let mut line = Line { machines, size: 0, largest, out: &mut out };
        generate_all(module, &mut unit, (entered, &mut entries), (builder, &mut first), &mut line)
    })?;
    scratch.keep();
    sum_up(source, &mut unit.sites, &out.frames)?;
    unit.sites.number_functions();
    let Unit { sites, loops_at_once, listed, .. } = unit;
    let text = listed.map_or_else(String::new, |nodes| listing::with_nodes(&out.text, &nodes, listing));
    Ok(Generated { sites, entries, named: out.named, loops_at_once, listing: text, time: out.time })
}

/// Generates all functions, and the ways in from Rust to those of them that are `entered`, and has them compiled.
fn generate_all<M: Module>(
    module: &mut M,
    unit: &mut Unit<'_>,
    (entered, entries): (&[usize], &mut [Option<FuncId>]),
    (builder_context, spare): (&mut FunctionBuilderContext, &mut Option<clif::Function>),
    line: &mut Line<'_, '_, '_, '_>,
) -> Result<(), JitError> {
    let source = unit.source;
    for (index, function) in source.functions.iter().enumerate() {
        line.out.order.is_wanted()?;
        let id = unit.functions[index];
        let mut made = new_function(module, id, spare.take());
        let builder = FunctionBuilder::new(&mut made, builder_context);
        let body = Body::new(unit, module, function, index, builder);
        // Unused loads are mostly those in front of loops.
        let (effort, has_unused) = (body.effort, body.effort != Effort::Little || !body.flow.loops.is_empty());
        body.generate()?;
        if has_unused {
            dead::drop_unused(&mut made);
        }
        line.add(module, Made { id, name: function.name.clone(), index: Some(index), effort, function: made })?;
    }
    for index in entered.iter().copied() {
        let Some(function) = source.functions.get(index).filter(|function| is_direct(function)) else { continue };
        let signature = uniform(module.make_signature());
        let id =
            module.declare_function(&format!("e{index}"), Linkage::Export, &signature).map_err(JitError::machine)?;
        let mut made = new_function(module, id, None);
        let builder = FunctionBuilder::new(&mut made, builder_context);
        entrance::entrance(module, function, unit.functions[index], builder);
        let effort = Effort::Full;
        line.add(module, Made { id, name: function.name.clone(), index: None, effort, function: made })?;
        entries[index] = Some(id);
    }
    line.compile(module)
}

/// An empty one, as it was declared; in the room of another empty one, if there is one to spare.
fn new_function<M: Module>(module: &M, id: FuncId, spare: Option<clif::Function>) -> clif::Function {
    let mut function = spare.unwrap_or_else(clif::Function::new);
    function.signature = module.declarations().get_function_decl(id).signature.clone();
    function
}

/// What became of the functions that were compiled.
struct Output<'c> {
    listing: Listing,
    text: String,
    named: Vec<Named>,
    /// By function of the module, bytes of its frame.
    frames: Vec<u64>,
    order: Order<'c>,
    /// Cranelift's so far, as far as somebody waited for it.
    time: Duration,
}

impl<'c> Output<'c> {
    fn new(listing: Listing, functions: usize, order: Order<'c>) -> Output<'c> {
        let (text, named) = (String::new(), Vec::new());
        Output { listing, text, named, frames: vec![0; functions], order, time: Duration::ZERO }
    }

    fn define<M: Module>(&mut self, module: &mut M, made: Made, machine: Machine) -> Result<(), JitError> {
        let Machine { code, text, relocs } = machine;
        let alignment = u64::from(code.buffer.alignment);
        let bytes = code.code_buffer();
        module.define_function_bytes(made.id, alignment, bytes, &relocs).map_err(JitError::machine)?;
        if let (Some(place), Some(layout)) =
            (made.index.and_then(|index| self.frames.get_mut(index)), code.buffer.frame_layout())
        {
            // Return address and frame pointer stand above it.
            *place = u64::from(layout.frame_to_fp_offset) + 64;
        }
        if let Some(text) = text {
            self.text.push_str(&format!("; {}\n{text}\n", made.name));
        }
        let (bytes, is_entrance) = (bytes.len(), made.index.is_none());
        self.named.push(Named { id: made.id, name: made.name, bytes, is_entrance });
        Ok(())
    }
}

/// Where functions wait until they are compiled, and what became of them.
struct Line<'l, 's, 'e, 'c> {
    machines: &'l mut Machines<'s, 'e>,
    /// Instructions of those that came since all were compiled: when that is done does not depend on how fast it goes.
    size: usize,
    /// Instructions of the largest so far.
    largest: &'l mut usize,
    out: &'l mut Output<'c>,
}

impl Line<'_, '_, '_, '_> {
    fn add<M: Module>(&mut self, module: &mut M, made: Made) -> Result<(), JitError> {
        if self.out.listing == Listing::Clif {
            self.out.text.push_str(&format!("; {}\n{}\n", made.name, made.function.display()));
        }
        self.size += made.size();
        *self.largest = made.size().max(*self.largest);
        self.machines.add(made);
        if self.size > MOST_WAITING { self.compile(module) } else { Ok(()) }
    }

    /// Compiles those that wait.
    fn compile<M: Module>(&mut self, module: &mut M) -> Result<(), JitError> {
        let start = (self.out.order.now)();
        self.size = 0;
        for (made, machine) in self.machines.finish()? {
            self.out.define(module, made, machine)?;
        }
        self.out.time += (self.out.order.now)().saturating_sub(start);
        Ok(())
    }
}

/// The functions that each one calls, each once.
fn callees(function: &Function) -> Vec<usize> {
    let of_inst = |inst: &Inst| match inst.imm {
        Imm::Func(callee) => Some(callee.index()),
        _ => None,
    };
    let of_block = |block: &Block| match block.terminator {
        Terminator::Call { callee, .. } => Some(callee.index()),
        _ => None,
    };
    let insts = function.blocks.iter().flat_map(|block| &block.insts).filter_map(of_inst);
    let mut callees: Vec<usize> = insts.chain(function.blocks.iter().filter_map(of_block)).collect();
    callees.sort_unstable();
    callees.dedup();
    callees
}

/// Callees before callers: calls do not recurse.
fn callees_first(calls: &[Vec<usize>]) -> Vec<usize> {
    let mut done = vec![false; calls.len()];
    let mut order = Vec::with_capacity(calls.len());
    for start in 0..calls.len() {
        let mut work = vec![(start, 0)];
        while let Some((function, next)) = work.pop() {
            if done[function] {
                continue;
            }
            match calls[function].get(next) {
                Some(callee) => work.extend([(function, next + 1), (*callee, 0)]),
                None => {
                    done[function] = true;
                    order.push(function);
                }
            }
        }
    }
    order
}

/// Sums up over calls which rows and roots a function reads, and how much stack it takes.
fn sum_up(source: &Verified, sites: &mut Sites, frames: &[u64]) -> Result<(), JitError> {
    let calls: Vec<Vec<usize>> = source.functions.iter().map(callees).collect();
    let mut deep: Vec<u64> = frames.to_vec();
    for function in callees_first(&calls) {
        let mut types = std::mem::take(&mut sites.functions[function].types);
        let mut roots = std::mem::take(&mut sites.functions[function].roots);
        let mut writes = sites.functions[function].writes;
        for callee in &calls[function] {
            writes |= sites.functions[*callee].writes;
            types.extend_from_slice(&sites.functions[*callee].types);
            roots.extend_from_slice(&sites.functions[*callee].roots);
        }
        for list in [&mut types, &mut roots] {
            list.sort_unstable();
            list.dedup();
        }
        let sites = &mut sites.functions[function];
        (sites.types, sites.roots, sites.writes) = (types, roots, writes);
        let below = calls[function].iter().map(|callee| deep[*callee]).max().unwrap_or(0);
        deep[function] += below;
        if deep[function] > MOST_STACK {
            let name = source.functions[function].name.clone();
            return Err(JitError::DeepStack { function: name, bytes: deep[function], most: MOST_STACK });
        }
    }
    Ok(())
}

/// What resumptions need to know of a function.
fn function_sites(function: &Function) -> FunctionSites {
    let mut resume_blocks = vec![None; function.blocks.len()];
    for block in &function.blocks {
        for (target, _) in targets(&block.terminator).filter(|(_, is_resume)| *is_resume) {
            let Some(to) = function.blocks.get(target.block.index()) else { continue };
            let params = to.params.iter().map(|value| function.ty(*value).clone()).collect();
            // What an interpreter does first there: constants are no steps.
            let first = to.insts.iter().find(|inst| !inst.args.is_empty() || inst.result.is_none());
            let node = function.node_id(first.map_or(to.node, |inst| inst.node)).clone();
            resume_blocks[target.block.index()] = Some(ResumeBlock { params, node });
        }
    }
    FunctionSites {
        name: function.name.clone(),
        has_result: function.returns.is_some(),
        params: function.params.len(),
        types: Vec::new(),
        roots: Vec::new(),
        writes: false,
        resume_blocks,
    }
}
