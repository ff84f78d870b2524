//! From Cranelift's IR to machine code: function by function, several at once where there is much of it.
//!
//! What comes out does not depend on how many threads there were, nor does which error is told of several.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use cranelift_codegen::ir::Function;
use cranelift_codegen::{CompiledCode, Context};
use cranelift_module::{FuncId, ModuleReloc};

use crate::error::JitError;
use crate::memory::{Effort, target};

/// Instructions of Cranelift's IR for which another thread pays: several milliseconds. On a machine that has other things to do
/// one may wait for it for as long.
const FOR_A_THREAD: usize = 4_000;
/// Threads at most, this one included: a server has other things to do.
const MOST_THREADS: usize = 4;
/// Of a thread that compiles: as much as a program's first one mostly has.
const STACK: usize = 8 << 20;

/// A function that was generated.
pub(super) struct Made {
    pub id: FuncId,
    pub name: Arc<str>,
    /// Its position in the module, if it is one of it.
    pub index: Option<usize>,
    pub effort: Effort,
    pub function: Function,
}

impl Made {
    /// How large it is, about: what time it takes is in proportion.
    pub fn size(&self) -> usize {
        self.function.dfg.num_insts()
    }
}

/// Its machine code.
pub(super) struct Machine {
    pub code: CompiledCode,
    pub relocs: Vec<ModuleReloc>,
}

/// Compiles them; machine code comes in their order. `is_object` if it is to go to an object file, `with_text` if a listing is asked for.
pub(super) fn compile(all: &mut [Made], is_object: bool, with_text: bool) -> Result<Vec<Machine>, JitError> {
    let size: usize = all.iter().map(Made::size).sum();
    let mut results: Vec<Option<Result<Machine, JitError>>> = all.iter().map(|_| None).collect();
    let helpers = (size / FOR_A_THREAD).min(all.len()).min(threads()).saturating_sub(1);
    // The largest first, so that none of them comes last.
    let mut jobs: Vec<(usize, &mut Made)> = all.iter_mut().enumerate().collect();
    if helpers > 0 {
        jobs.sort_by_key(|(index, made)| (std::cmp::Reverse(made.size()), *index));
    }
    let jobs: Vec<Mutex<(usize, &mut Made)>> = jobs.into_iter().map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut context = Context::new();
        let mut done = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Nobody else has it: each is taken once.
            let Ok(mut job) = job.lock() else { continue };
            done.push((job.0, one(&mut context, job.1, is_object, with_text)));
        }
        done
    };
    let done = std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok();
        let started: Vec<_> = (0..helpers).filter_map(start).collect();
        let mut done = work();
        // What one of them left undone for a panic is missing.
        done.extend(started.into_iter().filter_map(|thread| thread.join().ok()).flatten());
        done
    });
    for (index, result) in done {
        if let Some(place) = results.get_mut(index) {
            *place = Some(result);
        }
    }
    let missing = || Err(JitError::Machine { what: "Cranelift gave up".into() });
    results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
}

fn one(context: &mut Context, made: &mut Made, is_object: bool, with_text: bool) -> Result<Machine, JitError> {
    let target = target(is_object, made.effort)?;
    std::mem::swap(&mut context.func, &mut made.function);
    context.set_disasm(with_text);
    context.compile(&*target, &mut Default::default()).map_err(|error| JitError::machine(error.inner))?;
    let Some(code) = context.take_compiled_code() else {
        return Err(JitError::Machine { what: "Cranelift made nothing".into() });
    };
    let relocs = code.buffer.relocs().iter();
    let relocs = relocs.map(|reloc| ModuleReloc::from_mach_reloc(reloc, &context.func, made.id)).collect();
    context.clear();
    Ok(Machine { code, relocs })
}

/// How many threads there may be; asked once, as that takes longer than small documents do.
fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS))
}
