//! From verified IR to Cranelift's: one code generator, whether the code goes to memory or to an object file.
//!
//! - [`body`]: a function: its entry, its blocks, how it ends. [`entrance`]: the way in from Rust. [`arms`]: an arm for every operation of the IR.
//! - [`checks`]: what stops, and fuel. [`memory`]: fields and elements. [`stores`]: fields written. [`known`]: roots, texts, the host program's functions. [`loops`]: what is looked up before a loop.
//! - [`lanes`]: several elements of a dense list at once. [`dead`]: what is dropped before Cranelift has it.
//!
//! A function that may wait, or that runs on an event or beside one, is `fn(run, block, slots) -> status`: it begins with
//! its arguments in `slots`, or goes on in the resume block of that number, with its parameters there. Any other is
//! `fn(run, arguments…) -> status`, arguments as they are. What a function gives is in [`Run::result`](crate::run::Run).

use std::sync::Arc;
use std::time::Duration;

use cranelift_codegen::Context;
use cranelift_codegen::ir::{AbiParam, Signature, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{FuncId, Linkage, Module, ModuleReloc};
use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{Block, Function, FunctionRole, Imm, Inst, Terminator, Verified};
use statewright_graph::passes;
use statewright_runtime::host::HostNodes;
use statewright_runtime::state::PlainFields;
use statewright_types::Type;

use crate::error::JitError;
use crate::memory::{Effort, target};
use crate::sites::{FunctionSites, ResumeBlock, Sites};

mod arms;
mod body;
mod checks;
mod counted;
mod dead;
mod entrance;
mod known;
mod lanes;
mod loops;
mod memory;
mod stores;
mod waits;

use body::Body;

/// Instructions of one function at most.
pub const MOST_OF_FUNCTION: usize = 20_000;
/// A function of more instructions, without loops in which nothing moves, is compiled in less time, to slower code: what it
/// does is seldom done often, and mostly done by helpers.
const MOST_AT_FULL_EFFORT: usize = 60;
/// Instructions of a module at most.
pub const MOST_OF_MODULE: usize = 200_000;
/// Bytes of machine stack that nested calls of a module may take at most.
pub const MOST_STACK: u64 = 256 << 10;

/// What was generated.
pub(crate) struct Generated {
    pub sites: Sites,
    /// By function of the module, the one that Rust enters: `fn(run, block, slots) -> status`.
    pub entries: Vec<Option<FuncId>>,
    /// All functions with their names and sizes in bytes, for profilers.
    pub named: Vec<(FuncId, Arc<str>, usize)>,
    /// Text of what was asked for.
    pub listing: String,
    /// How long Cranelift took.
    pub time: Duration,
}

/// Tells the time since some moment; it is asked before and after all that Cranelift does.
pub(crate) type Clock<'c> = &'c dyn Fn() -> Duration;

/// For those who do not want to know.
pub(crate) const NO_CLOCK: Clock<'static> = &|| Duration::ZERO;

/// What is to be told of the generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Nothing.
    None,
    /// Cranelift's IR, before it optimises.
    Clif,
    /// Machine code, disassembled as Cranelift does.
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
    now: Clock<'_>,
) -> Result<Generated, JitError> {
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
    let mut unit = Unit { source, host_nodes, sites: Sites::default(), functions, plain, empty: Arc::from("") };
    unit.sites.functions = source.functions.iter().map(function_sites).collect();
    let mut out = Output {
        context: module.make_context(),
        builder_context: FunctionBuilderContext::new(),
        listing,
        text: String::new(),
        named: Vec::new(),
        frames: vec![0; source.functions.len()],
        now,
        time: Duration::ZERO,
    };
    for (index, function) in source.functions.iter().enumerate() {
        let id = unit.functions[index];
        let signature = module.declarations().get_function_decl(id).signature.clone();
        out.context.func.signature = signature;
        let builder = FunctionBuilder::new(&mut out.context.func, &mut out.builder_context);
        let effort = Body::new(&mut unit, module, function, index, builder).generate()?;
        out.define(module, id, &function.name, Some(index), effort)?;
    }
    for index in entered.iter().copied() {
        let Some(function) = source.functions.get(index).filter(|function| is_direct(function)) else { continue };
        let signature = uniform(module.make_signature());
        let id =
            module.declare_function(&format!("e{index}"), Linkage::Export, &signature).map_err(JitError::machine)?;
        out.context.func.signature = signature;
        let builder = FunctionBuilder::new(&mut out.context.func, &mut out.builder_context);
        entrance::entrance(module, function, unit.functions[index], builder);
        out.define(module, id, &function.name, None, Effort::Full)?;
        entries[index] = Some(id);
    }
    sum_up(source, &mut unit.sites, &out.frames)?;
    Ok(Generated { sites: unit.sites, entries, named: out.named, listing: out.text, time: out.time })
}

/// Where functions are compiled, one after the other.
struct Output<'c> {
    context: Context,
    builder_context: FunctionBuilderContext,
    listing: Listing,
    text: String,
    named: Vec<(FuncId, Arc<str>, usize)>,
    /// By function of the module, bytes of its frame.
    frames: Vec<u64>,
    now: Clock<'c>,
    /// Cranelift's so far.
    time: Duration,
}

impl Output<'_> {
    /// The same as [`Module::define_function`] with little effort.
    fn define_soon<M: Module>(&mut self, module: &mut M, id: FuncId) -> Result<(), JitError> {
        let target = target(module.isa().flags().is_pic(), Effort::Little)?;
        let alignment = match self.context.compile(&*target, &mut Default::default()) {
            Ok(code) => u64::from(code.buffer.alignment),
            Err(error) => return Err(JitError::machine(error.inner)),
        };
        let Some(code) = self.context.compiled_code() else { return Ok(()) };
        let relocs = code.buffer.relocs().iter();
        let relocs: Vec<ModuleReloc> =
            relocs.map(|reloc| ModuleReloc::from_mach_reloc(reloc, &self.context.func, id)).collect();
        module.define_function_bytes(id, alignment, code.code_buffer(), &relocs).map_err(JitError::machine)
    }

    fn define<M: Module>(
        &mut self,
        module: &mut M,
        id: FuncId,
        name: &Arc<str>,
        index: Option<usize>,
        effort: Effort,
    ) -> Result<(), JitError> {
        dead::drop_unused(&mut self.context.func);
        if self.listing == Listing::Clif {
            self.text.push_str(&format!("; {name}\n{}\n", self.context.func.display()));
        }
        self.context.set_disasm(self.listing == Listing::Assembly);
        let start = (self.now)();
        match effort {
            Effort::Full => module.define_function(id, &mut self.context).map_err(JitError::machine)?,
            Effort::Little => self.define_soon(module, id)?,
        }
        self.time += (self.now)().saturating_sub(start);
        if let Some(code) = self.context.compiled_code() {
            self.named.push((id, name.clone(), code.code_buffer().len()));
            if let (Some(place), Some(layout)) =
                (index.and_then(|index| self.frames.get_mut(index)), code.buffer.frame_layout())
            {
                // Return address and frame pointer stand above it.
                *place = u64::from(layout.frame_to_fp_offset) + 64;
            }
            if let Some(text) = &code.vcode {
                self.text.push_str(&format!("; {name}\n{text}\n"));
            }
        }
        module.clear_context(&mut self.context);
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
