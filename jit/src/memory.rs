//! Machine code in this process's memory: made, entered, freed. Memory is writable or executable, never both.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{FuncId, default_libcall_names};
use sha2::{Digest, Sha256};
use statewright_graph::ir::Verified;
use statewright_runtime::host::HostNodes;

use crate::compile::{Generated, Listing, Named, Order, generate};
use crate::error::JitError;
use crate::run::Run;

/// A function that Rust enters: the run, the block to go on in or 0, the address of its parameters' slots.
pub(crate) type EntryFn = unsafe extern "C" fn(*mut Run, u64, *const u64) -> u64;

/// Memory that is set aside for each instruction of the IR; what is not used is never touched.
const BYTES_PER_INSTRUCTION: usize = 1 << 10;
/// Memory that is set aside besides.
const LEAST_BYTES: usize = 1 << 20;

/// Machine code, and the memory that it is in.
pub(crate) struct Code(Option<JITModule>);

/// How much is done for fast code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// As much as there is.
    Full,
    /// Registers are given out as well as can be, and nothing else.
    Registers,
    /// Registers are given out as they come.
    Little,
}

/// Code generation for this machine: to memory, or position-independent for an object file.
pub(crate) fn target(is_object: bool, effort: Effort) -> Result<OwnedTargetIsa, JitError> {
    static TARGETS: [OnceLock<Option<OwnedTargetIsa>>; 6] = [const { OnceLock::new() }; 6];
    let number = usize::from(is_object) + 2 * effort as usize;
    let known = TARGETS[number].get_or_init(|| new_target(is_object, effort).ok());
    match known {
        Some(target) => Ok(target.clone()),
        None => new_target(is_object, effort),
    }
}

fn new_target(is_object: bool, effort: Effort) -> Result<OwnedTargetIsa, JitError> {
    let level = if effort == Effort::Full { "speed" } else { "none" };
    target_with(is_object, effort, level, cfg!(debug_assertions))
}

/// The same for code that was optimised before. It is not verified: tags of listings stand at any instruction there.
pub(crate) fn target_for_text(is_object: bool, effort: Effort) -> Result<OwnedTargetIsa, JitError> {
    target_with(is_object, effort, "none", false)
}

fn target_with(is_object: bool, effort: Effort, level: &str, is_verified: bool) -> Result<OwnedTargetIsa, JitError> {
    let mut flags = settings::builder();
    let verify = if is_verified { "true" } else { "false" };
    let pic = if is_object { "true" } else { "false" };
    let wanted = [
        ("opt_level", level),
        ("regalloc_algorithm", if effort == Effort::Little { "single_pass" } else { "backtracking" }),
        ("enable_verifier", verify),
        ("is_pic", pic),
        ("use_colocated_libcalls", "false"),
        ("unwind_info", "false"),
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
    ];
    for (name, value) in wanted {
        flags.set(name, value).map_err(JitError::machine)?;
    }
    let target = cranelift_native::builder().map_err(JitError::machine)?;
    let target = target.finish(settings::Flags::new(flags)).map_err(JitError::machine)?;
    if cfg!(target_endian = "big") || target.pointer_bits() != 64 {
        return Err(JitError::Machine { what: "it is no little-endian machine of 64 bits".into() });
    }
    Ok(target)
}

impl Code {
    /// Compiles a module.
    pub fn compile(
        source: &Verified,
        host_nodes: &HostNodes,
        entered: &[usize],
        order: Order<'_>,
    ) -> Result<(Code, Generated), JitError> {
        let mut builder = JITBuilder::with_isa(target(false, Effort::Full)?, default_libcall_names());
        let instructions: usize =
            source.functions.iter().flat_map(|function| &function.blocks).map(|block| block.insts.len() + 1).sum();
        // All in one piece, so that calls reach.
        let bytes = LEAST_BYTES + instructions * BYTES_PER_INSTRUCTION;
        let memory = ArenaMemoryProvider::new_with_size(bytes).map_err(JitError::machine)?;
        builder.memory_provider(Box::new(memory));
        // Code calls nothing by name.
        builder.symbol_lookup_fn(Box::new(|_| None));
        let mut code = Code(Some(JITModule::new(builder)));
        let Some(module) = &mut code.0 else { return Err(JitError::Machine { what: "there is no module".into() }) };
        let mut generated = generate(module, source, host_nodes, entered, Listing::None, order)?;
        let start = (order.now)();
        module.finalize_definitions().map_err(JitError::machine)?;
        generated.time += (order.now)().saturating_sub(start);
        Ok((code, generated))
    }

    /// An entry.
    pub fn entry(&self, id: FuncId) -> EntryFn {
        let address = self.address(id);
        // SAFETY: functions that are entered have this signature, and the generator made it so.
        unsafe { std::mem::transmute::<*const u8, EntryFn>(address) }
    }

    fn address(&self, id: FuncId) -> *const u8 {
        self.0.as_ref().map_or(std::ptr::null(), |module| module.get_finalized_function(id))
    }

    /// SHA-256 of these functions' bytes.
    pub fn digest(&self, functions: &[Named]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for Named { id, bytes, .. } in functions.iter().filter(|function| !self.address(function.id).is_null()) {
            // SAFETY: finished code stands there, as many bytes as the generator made; it can be read, nothing writes it any more, and it is
            // not given back while `self` is borrowed.
            hash.update(unsafe { std::slice::from_raw_parts(self.address(*id), *bytes) });
        }
        hash.finalize().into()
    }

    /// Addresses, sizes and names, a line for each function. No two have the same name, and none has blanks: the profiler takes all
    /// behind the size for the name, but people take words.
    pub fn perf_map(&self, named: &[Named]) -> String {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let line = |Named { id, name, bytes, is_entrance }: &Named| {
            let way_in = if *is_entrance { "+entry" } else { "" };
            let name = name.replace(|c: char| c.is_whitespace() || c.is_control(), "_") + way_in;
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            // A handler and a function may have the same name.
            let number = if *count > 1 { format!("#{count}") } else { String::new() };
            format!("{:x} {bytes:x} statewright:{name}{number}\n", self.address(*id) as usize)
        };
        named.iter().map(line).collect()
    }

    /// Gives the memory back. No code of it runs, and none is entered any more.
    pub fn free(&mut self) {
        if let Some(module) = self.0.take() {
            // SAFETY: the program that owns the code calls this when it is dropped, and nobody else has its entries.
            unsafe { module.free_memory() };
        }
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.free();
    }
}
