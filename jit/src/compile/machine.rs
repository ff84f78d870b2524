//! From Cranelift's IR to machine code: function by function, on other threads as well where there is much of it, which begin while
//! functions are still generated.
//!
//! What comes out does not depend on how many threads there were, nor does which error is told of several.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

use cranelift_codegen::ir::Function;
use cranelift_codegen::{CompiledCode, Context};
use cranelift_module::{FuncId, ModuleReloc};

use super::listing;
use crate::error::JitError;
use crate::memory::{Effort, target};

/// Instructions of Cranelift's IR that wait for each thread for another one to pay: some milliseconds. On a machine that has other
/// things to do one may wait for it for as long.
const FOR_A_THREAD: usize = 2_000;
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
    /// As a listing, if that is asked for.
    pub text: Option<String>,
    pub relocs: Vec<ModuleReloc>,
}

/// Functions that wait to be compiled, and those that were.
struct Queue<'o> {
    /// Whether it is to go to an object file, and whether a listing is asked for.
    is_object: bool,
    with_text: bool,
    /// Set once nothing of it is wanted any more.
    stop: &'o AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The largest first, so that none of them comes last; of the same size, as they came.
    waiting: BTreeMap<(Reverse<usize>, usize), Made>,
    /// Instructions of those that wait.
    size: usize,
    /// How many came so far, how many are under way, and who works on them besides.
    count: usize,
    busy: usize,
    helpers: usize,
    is_closed: bool,
    /// By number.
    done: BTreeMap<usize, (Made, Result<Machine, JitError>)>,
}

impl Queue<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives how many instructions wait then.
    fn push(&self, made: Made) -> usize {
        let mut state = self.lock();
        let (size, number) = (made.size(), state.count);
        state.waiting.insert((Reverse(size), number), made);
        state.count += 1;
        state.size += size;
        if state.helpers > 0 {
            self.changed.notify_all();
        }
        state.size
    }

    /// Another thread to compile those that wait, if so many instructions wait that it pays.
    fn help<'s>(&'s self, scope: &'s Scope<'s, '_>, size: usize) -> Option<ScopedJoinHandle<'s, ()>> {
        let mut state = self.lock();
        if size / FOR_A_THREAD <= state.helpers || state.helpers + 1 >= threads() {
            return None;
        }
        let work = || {
            let mut context = Context::new();
            while self.one(&mut context, true) {}
        };
        let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?;
        state.helpers += 1;
        Some(started)
    }

    /// Compiles one that waits; whether there was one. `is_patient` waits for one until no more will come.
    fn one(&self, context: &mut Context, is_patient: bool) -> bool {
        let mut state = self.lock();
        while is_patient && state.waiting.is_empty() && !state.is_closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if self.is_stopped() {
            return false;
        }
        let Some(((Reverse(size), number), mut made)) = state.waiting.pop_first() else { return false };
        state.size -= size;
        state.busy += 1;
        drop(state);
        let busy = Busy(self);
        let machine = one(context, &mut made, self.is_object, self.with_text);
        self.lock().done.insert(number, (made, machine));
        drop(busy);
        true
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn finish(&self, context: &mut Context) -> Result<Vec<(Made, Machine)>, JitError> {
        while self.one(context, false) {}
        let mut state = self.lock();
        while state.busy > 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let count = std::mem::take(&mut state.count);
        let done = std::mem::take(&mut state.done);
        drop(state);
        if self.is_stopped() {
            return Err(JitError::Stopped);
        }
        // What a helper left undone for a panic is missing.
        if done.len() < count {
            return Err(JitError::Machine { what: "Cranelift gave up".into() });
        }
        done.into_values().map(|(made, machine)| Ok((made, machine?))).collect()
    }

    /// Says that no more will come, and none of those that wait is wanted.
    fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.waiting.clear();
        if state.helpers > 0 {
            self.changed.notify_all();
        }
    }
}

/// One that is being compiled, until it is dropped.
struct Busy<'q, 'o>(&'q Queue<'o>);

impl Drop for Busy<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.busy -= 1;
        // To tell nobody takes a call of the system, too.
        if state.helpers > 0 {
            self.0.changed.notify_all();
        }
    }
}

/// A queue, the threads that work on it besides this one, and what this one works with.
pub(super) struct Machines<'s, 'e> {
    scope: &'s Scope<'s, 'e>,
    queue: &'s Queue<'s>,
    helpers: Vec<ScopedJoinHandle<'s, ()>>,
    context: Context,
}

/// Lets functions be compiled while `generate` makes them. Afterwards the threads have ended. `is_object` if code is to go to an object
/// file, `with_text` if a listing is asked for, and `stop` is set once the code is not wanted any more; this thread works in `context`.
pub(super) fn with_machines<T>(
    is_object: bool,
    with_text: bool,
    stop: &AtomicBool,
    context: &mut Context,
    generate: impl FnOnce(&mut Machines<'_, '_>) -> T,
) -> T {
    let queue = Queue { is_object, with_text, stop, state: Mutex::default(), changed: Condvar::new() };
    std::thread::scope(|scope| {
        let own = std::mem::replace(context, Context::new());
        let mut machines = Machines { scope, queue: &queue, helpers: Vec::new(), context: own };
        let made = generate(&mut machines);
        std::mem::swap(context, &mut machines.context);
        made
    })
}

impl Machines<'_, '_> {
    /// Lets a function wait.
    pub fn add(&mut self, made: Made) {
        let size = self.queue.push(made);
        self.helpers.extend(self.queue.help(self.scope, size));
    }

    /// Compiles those that wait, and waits for those that others compile. All that were added since the last time come, in their order.
    ///
    /// # Errors
    /// The first one's, by that order, which could not be compiled.
    pub fn finish(&mut self) -> Result<Vec<(Made, Machine)>, JitError> {
        self.queue.finish(&mut self.context)
    }
}

impl Drop for Machines<'_, '_> {
    fn drop(&mut self) {
        self.queue.close();
        for helper in self.helpers.drain(..) {
            // One that panicked left something undone, and that was told.
            let _panicked = helper.join();
        }
    }
}

fn one(context: &mut Context, made: &mut Made, is_object: bool, with_text: bool) -> Result<Machine, JitError> {
    let target = target(is_object, made.effort)?;
    let source = with_text.then(|| made.function.clone());
    std::mem::swap(&mut context.func, &mut made.function);
    context.set_disasm(with_text);
    context.compile(&*target, &mut Default::default()).map_err(|error| JitError::machine(error.inner))?;
    let Some(code) = context.take_compiled_code() else {
        return Err(JitError::Machine { what: "Cranelift made nothing".into() });
    };
    let relocs = code.buffer.relocs().iter();
    let relocs = relocs.map(|reloc| ModuleReloc::from_mach_reloc(reloc, &context.func, made.id)).collect();
    context.clear();
    let text = source.map(|source| listing::assembly(source, is_object, made.effort, &code));
    Ok(Machine { code, text, relocs })
}

/// How many threads there may be; asked once, as that takes longer than small documents do.
fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS))
}
