//! The executions that are compared, each behind one small trait.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use statewright_emit::{js, rust};
use statewright_graph::build::{Built, build_with_config};
use statewright_graph::compile::{CompileOptions, finish};
use statewright_graph::ir::verify::Verified;
use statewright_graph::ranges;
use statewright_harness::execution::registry;
use statewright_harness::node::NodeProgram;
use statewright_interpreter::{Interpreter, ProgramTables};
use statewright_jit::Jit;
use statewright_runtime::program::Program;
use statewright_types::{Diagnostic, json, planted};

use crate::case::Case;
use crate::hosts;
use crate::needed::needed;
use crate::outcome::Cast;
use crate::watched::Ran;

/// A case whose document passes the checker.
pub struct Prepared {
    /// What it was made from.
    pub case: Case,
    /// The document, as it was lowered: without passes.
    pub built: Built,
    /// The module with passes, or what is wrong with it.
    pub module: Result<Arc<Verified>, String>,
    /// What the case runs, once that is known.
    ran: OnceLock<BTreeSet<Ran>>,
}

impl Prepared {
    /// Compiles a case. Errors are what the checker says.
    pub fn new(case: Case) -> Result<Prepared, Vec<Diagnostic>> {
        Prepared::with_fault(case, 0)
    }

    /// The same, with a planted fault at work in the passes.
    pub fn with_fault(case: Case, fault: u32) -> Result<Prepared, Vec<Diagnostic>> {
        let text: Arc<str> = json::to_string(&case.document).into();
        let config = case.config.as_ref().map(json::to_string);
        let host_nodes = hosts::nodes().declarations().clone();
        let options = CompileOptions { plain: true, host_nodes, ..CompileOptions::default() };
        let built = build_with_config(&text, &case.schema, config.as_deref(), &options);
        match &built.module {
            Some(module) => {
                // A mistake of the passes is a disagreement, and told as one.
                let finish = || finish(Verified::clone(module)).map(Arc::new).map_err(|errors| format!("{errors:?}"));
                let module = guarded(|| planted::with(fault, finish));
                Ok(Prepared { module: module.unwrap_or_else(Err), case, built, ran: OnceLock::new() })
            }
            None => {
                let mut found = built.document_diagnostics;
                found.extend(built.schema_diagnostics.into_iter().chain(built.config_diagnostics));
                Err(found)
            }
        }
    }

    /// Takes down what ran on the reference: nothing else need be compiled.
    pub fn knows(&self, cast: &Cast) {
        let ran = cast.programs.iter().flat_map(|program| program.ran()).collect();
        // Whoever was first had the same.
        let _known = self.ran.set(ran);
    }

    /// What there is to compile of a module: all functions that run, if that is known, and the heads of the others.
    fn needed(&self, module: &Arc<Verified>, tables: &ProgramTables) -> Result<Arc<Verified>, String> {
        let Some(ran) = self.ran.get() else { return Ok(module.clone()) };
        let ran = ran.iter().map(|what| match *what {
            Ran::Handler(at) => at,
            Ran::Filter(at) => tables.filter_function(at),
            Ran::Effect(at) => tables.effect_function(at),
            Ran::View(at) => tables.view_function(at),
        });
        needed(module, ran.collect()).map(Arc::new).map_err(|errors| format!("{errors:?}"))
    }

    /// What the module is to whoever runs it.
    fn tables(&self, module: &Verified) -> ProgramTables {
        let built = &self.built;
        ProgramTables::new(module, built.handlers.clone(), built.document_hash).with_config(built.config.clone())
    }

    /// The document as a Rust module.
    ///
    /// # Errors
    /// Why there is none, as [`Execution::programs`] has it.
    pub fn emitted_rust(&self) -> Result<String, String> {
        let (module, config) = (self.module.clone()?, self.case.config.as_ref().map(json::to_string));
        let source = rust::Source {
            name: "drawn",
            document_hash: self.built.document_hash,
            handlers: &self.built.handlers,
            schema: &self.case.schema,
            config: config.as_deref(),
            runtime: rust::RUNTIME,
        };
        guarded(|| rust::emit(&module, &source).text)
    }

    /// The document as a JavaScript module.
    ///
    /// # Errors
    /// Why there is none, as [`Execution::programs`] has it.
    pub fn emitted_js(&self) -> Result<String, String> {
        let module = self.module.clone()?;
        guarded(|| js::emit(&module, &self.js_source()).code)
    }

    fn js_source(&self) -> js::Source {
        js::Source { name: "drawn.json".to_owned(), hash: self.built.document_hash, ..js::Source::default() }
    }
}

/// A way to run documents.
pub trait Execution: Sync {
    /// For reports and options.
    fn name(&self) -> &'static str;

    /// Documents that are best compiled together; 1 if that makes no difference.
    fn batch(&self) -> usize {
        1
    }

    /// Of how many programs that it made so far loops make several passes at once; `None` if it never does that.
    fn with_loops_at_once(&self) -> Option<u64> {
        None
    }

    /// A program of each, or why there is none: which is a disagreement, as all of them pass the checker.
    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>>;
}

/// The interpreter in one of its forms.
pub struct Interpreted {
    name: &'static str,
    /// Whether every instruction is by itself.
    is_single: bool,
    /// Whether the module is as it was lowered, without passes.
    is_lowered: bool,
    with_loops_at_once: AtomicU64,
}

/// The forms of the interpreter: the first is what all executions are compared with.
fn interpreted() -> [Interpreted; 4] {
    let form = |name, is_single, is_lowered| Interpreted { name, is_single, is_lowered, with_loops_at_once: 0.into() };
    [
        form("plain", true, true),
        form("passes", true, false),
        form("joined", false, true),
        form("interpreter", false, false),
    ]
}

impl Execution for Interpreted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn with_loops_at_once(&self) -> Option<u64> {
        (!self.is_single).then(|| self.with_loops_at_once.load(Ordering::Relaxed))
    }

    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>> {
        let one = |prepared: &Prepared| -> Result<Arc<dyn Program>, String> {
            let module = match self.is_lowered {
                true => prepared.built.module.clone().ok_or("no module")?,
                false => prepared.module.clone()?,
            };
            // Where each instruction is by itself, ranges are tested with the passes.
            let module = match self.is_single && !self.is_lowered {
                true => ranges::clamped(&module).map(Arc::new).map_err(|errors| format!("{errors:?}"))?,
                false => module,
            };
            let tables = prepared.tables(&module);
            let make = if self.is_single { Interpreter::plain_with_tables } else { Interpreter::with_tables };
            let program = make(&module, tables, hosts::nodes());
            self.with_loops_at_once.fetch_add(u64::from(program.loops_at_once() > 0), Ordering::Relaxed);
            Ok(Arc::new(program))
        };
        cases.iter().map(|prepared| guarded(|| one(prepared)).unwrap_or_else(Err)).collect()
    }
}

/// Machine code.
#[derive(Default)]
struct Compiled {
    with_loops_at_once: AtomicU64,
}

impl Execution for Compiled {
    fn name(&self) -> &'static str {
        "jit"
    }

    fn with_loops_at_once(&self) -> Option<u64> {
        Some(self.with_loops_at_once.load(Ordering::Relaxed))
    }

    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>> {
        let one = |prepared: &Prepared| -> Result<Arc<dyn Program>, String> {
            let module = prepared.module.clone()?;
            let tables = prepared.tables(&module);
            let needed = prepared.needed(&module, &tables)?;
            let jit = Jit::new(&needed, tables, hosts::nodes()).map_err(|error| error.to_string())?;
            self.with_loops_at_once.fetch_add(u64::from(jit.loops_at_once() > 0), Ordering::Relaxed);
            Ok(Arc::new(jit))
        };
        cases.iter().map(|prepared| guarded(|| one(prepared)).unwrap_or_else(Err)).collect()
    }
}

/// JavaScript, in a Node process for each thread.
struct Scripted;

impl Execution for Scripted {
    fn name(&self) -> &'static str {
        "js"
    }

    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>> {
        let one = |prepared: &Prepared| -> Result<Arc<dyn Program>, String> {
            let module = prepared.module.clone()?;
            let (tables, source) = (prepared.tables(&module), prepared.js_source());
            Ok(Arc::new(NodeProgram::new(&module, tables, hosts::nodes().clone(), source)?))
        };
        cases.iter().map(|prepared| guarded(|| one(prepared)).unwrap_or_else(Err)).collect()
    }
}

/// Rust, where it is linked into this process: [`linked`](crate::linked) sees to that.
struct Linked;

impl Execution for Linked {
    fn name(&self) -> &'static str {
        LINKED
    }

    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>> {
        let one = |prepared: &Prepared| {
            let found = guarded(|| registry::program(&prepared.built.document_hash, hosts::nodes()))?;
            found.ok_or_else(|| "it is not linked in".to_owned())
        };
        cases.iter().map(one).collect()
    }
}

/// The execution whose programs are built before they run, as processes of their own.
pub const LINKED: &str = "rust";

/// Runs `body`; a panic is an error.
pub fn guarded<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}

/// The execution of that name, if it is one of those that are here.
pub fn by_name(name: &str) -> Option<Box<dyn Execution>> {
    let others: [Box<dyn Execution>; 3] = [Box::new(Compiled::default()), Box::new(Scripted), Box::new(Linked)];
    if let Some(other) = others.into_iter().find(|other| other.name() == name) {
        return Some(other);
    }
    let form = interpreted().into_iter().find(|form| form.name == name)?;
    Some(Box::new(form))
}

/// Names of those that a hunt is about if none are named: all that run in this process.
pub const NAMES: [&str; 4] = ["passes", "joined", "interpreter", "jit"];
/// Names of those that need more than this process: Node, or cargo.
pub const EMITTED: [&str; 2] = ["js", LINKED];

/// What the others are compared with: the interpreter at its simplest, on the module as it was lowered.
pub fn reference() -> Box<dyn Execution> {
    let [plain, ..] = interpreted();
    Box::new(plain)
}
