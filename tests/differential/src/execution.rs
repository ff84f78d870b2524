//! The executions that are compared, each behind one small trait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use statewright_graph::build::{Built, build_with_config};
use statewright_graph::compile::CompileOptions;
use statewright_interpreter::Interpreter;
use statewright_runtime::program::Program;
use statewright_types::{Diagnostic, json};

use crate::case::Case;

/// A case whose document passes the checker.
pub struct Prepared {
    /// What it was made from.
    pub case: Case,
    /// The document, compiled.
    pub built: Built,
}

impl Prepared {
    /// Compiles a case. Errors are what the checker says.
    pub fn new(case: Case) -> Result<Prepared, Vec<Diagnostic>> {
        let text: Arc<str> = json::to_string(&case.document).into();
        let config = case.config.as_ref().map(json::to_string);
        let built = build_with_config(&text, &case.schema, config.as_deref(), &CompileOptions::default());
        match built.module {
            Some(_) => Ok(Prepared { case, built }),
            None => {
                let mut found = built.document_diagnostics;
                found.extend(built.schema_diagnostics.into_iter().chain(built.config_diagnostics));
                Err(found)
            }
        }
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

    /// A program of each, or why there is none: which is a disagreement, as all of them pass the checker.
    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>>;
}

/// The interpreter; `is_plain`: every instruction by itself.
pub struct Interpreted {
    /// Whether nothing is joined.
    pub is_plain: bool,
}

impl Execution for Interpreted {
    fn name(&self) -> &'static str {
        if self.is_plain { "plain" } else { "interpreter" }
    }

    fn programs(&self, cases: &[Prepared]) -> Vec<Result<Arc<dyn Program>, String>> {
        let one = |prepared: &Prepared| -> Result<Arc<dyn Program>, String> {
            let built = &prepared.built;
            let module = built.module.clone().ok_or("no module")?;
            let make = if self.is_plain { Interpreter::plain } else { Interpreter::new };
            let program = make(module, built.handlers.clone(), built.document_hash);
            Ok(Arc::new(program.with_config(built.config.clone())))
        };
        cases.iter().map(|prepared| guarded(|| one(prepared)).unwrap_or_else(Err)).collect()
    }
}

/// Runs `body`; a panic is an error.
pub fn guarded<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}

/// The execution of that name, if it is one of those that are here.
pub fn by_name(name: &str) -> Option<Box<dyn Execution>> {
    match name {
        "plain" => Some(Box::new(Interpreted { is_plain: true })),
        "interpreter" => Some(Box::new(Interpreted { is_plain: false })),
        _ => None,
    }
}

/// Names of all that are here, but the one that they are compared with.
pub const NAMES: [&str; 1] = ["interpreter"];

/// What the others are compared with: the interpreter at its simplest.
pub fn reference() -> Box<dyn Execution> {
    Box::new(Interpreted { is_plain: true })
}
