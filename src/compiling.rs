//! One thread compiles for all programs of the process, the newest first: where documents come faster than they can be compiled, the
//! newest is what runs. It ends when nothing is left to do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use statewright_graph::ir::Verified;
use statewright_interpreter::ProgramTables;
use statewright_jit::{Jit, JitError};
use statewright_runtime::host::HostNodes;

/// What becomes of a program that is to be compiled.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Set once, whatever happens.
    done: OnceLock<Result<Jit, JitError>>,
    /// Nobody wants it any more.
    stop: AtomicBool,
}

impl Progress {
    /// Its code, or why there will be none, once that is known.
    pub fn get(&self) -> Option<&Result<Jit, JitError>> {
        self.done.get()
    }

    /// The same; waits for it, and for those that are compiled before.
    pub fn wait(&self) -> &Result<Jit, JitError> {
        self.done.wait()
    }

    fn set(&self, done: Result<Jit, JitError>) {
        let _set = self.done.set(done);
    }
}

/// A program that waits, with all that its code is made of.
pub(crate) struct Job {
    pub progress: Arc<Progress>,
    pub module: Arc<Verified>,
    pub tables: ProgramTables,
    pub host_nodes: HostNodes,
}

impl Job {
    fn compile(self) {
        let Job { progress, module, tables, host_nodes } = self;
        let jit = catch_unwind(AssertUnwindSafe(|| Jit::unless(&module, tables, &host_nodes, &progress.stop)));
        // A panic there leaves the interpreter.
        progress.set(jit.unwrap_or_else(|_| Err(JitError::Machine { what: "the compiler panicked".to_owned() })));
    }
}

/// Programs that wait, the newest last, and whether there is a thread for them.
#[derive(Default)]
struct Queue {
    waiting: Vec<Job>,
    is_running: bool,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { waiting: Vec::new(), is_running: false });

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets a program be compiled, before all that wait.
pub(crate) fn begin(job: Job) {
    let mut queue = queue();
    queue.waiting.push(job);
    if queue.is_running {
        return;
    }
    let started = std::thread::Builder::new().name("statewright-compile".into()).spawn(work);
    queue.is_running = started.is_ok();
    let Err(error) = started else { return };
    // Where no thread can be had, the interpreter goes on. Nothing else waits, as nobody would have compiled it.
    let left = std::mem::take(&mut queue.waiting);
    drop(queue);
    for job in left {
        job.progress.set(Err(JitError::Machine { what: format!("there is no thread to compile on: {error}") }));
    }
}

/// Nobody wants the program of this progress any more: what is done for it ends, and nothing else begins.
pub(crate) fn forget(progress: &Arc<Progress>) {
    progress.stop.store(true, Ordering::Relaxed);
    if progress.get().is_some() {
        return;
    }
    let mut queue = queue();
    let at = queue.waiting.iter().position(|job| Arc::ptr_eq(&job.progress, progress));
    let job = at.map(|at| queue.waiting.remove(at));
    drop(queue);
    // What host nodes hold may take its time to be dropped.
    drop(job);
}

fn work() {
    while let Some(job) = next() {
        job.compile();
    }
}

fn next() -> Option<Job> {
    let mut queue = queue();
    let next = queue.waiting.pop();
    queue.is_running = next.is_some();
    next
}

#[cfg(test)]
mod tests {
    use statewright_graph::build::build_with_config;
    use statewright_graph::compile::CompileOptions;

    use super::*;
    use crate::tiered::Tiered;

    #[test]
    fn a_program_that_is_replaced_does_not_wait_any_more() {
        let nodes = (0..300).map(|n| format!(r#"{{"id":"n{n}","type":"Increment","inputs":{{"path":"N"}}}}"#));
        let flow = (1..300).map(|n| format!(r#"{{"from":"n{}","to":"n{n}"}}"#, n - 1));
        let document = format!(
            r#"{{"handlers":[{{"name":"H","event":"H","nodes":[{}],"flow":[{{"from":"start","to":"n0"}},{}]}}]}}"#,
            nodes.collect::<Vec<_>>().join(","),
            flow.collect::<Vec<_>>().join(",")
        );
        let schema = "@root(active)\ntype Game { N int64 }";
        let built = build_with_config(&document.into(), schema, None, &CompileOptions::default());
        let module = built.module.unwrap_or_else(|| panic!("{:?}", built.document_diagnostics));
        let new = || {
            let tables = ProgramTables::new(&module, built.handlers.clone(), built.document_hash);
            Tiered::new(&module, tables, &HostNodes::default())
        };
        let mut newest = new();
        let mut most = 0;
        for _ in 0..200 {
            newest = new();
            most = most.max(queue().waiting.len());
        }
        assert!(most <= 2, "{most} wait: the newest, and the one that it replaces");
        assert!(newest.wait(), "{:?}", newest.trouble());
        // Those that are wanted are compiled, the ones that came before, too.
        let all = [(); 5].map(|()| new());
        assert!(all.iter().all(Tiered::wait));
    }
}
