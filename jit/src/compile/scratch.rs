//! Memory that generating and compiling functions needs for a while, kept from one module to the next on each thread: asking for it
//! anew takes as long as filling it does.

use std::cell::Cell;

use cranelift_codegen::Context;
use cranelift_codegen::ir::Function;
use cranelift_frontend::FunctionBuilderContext;

/// After a function of more instructions of Cranelift's IR nothing is kept: some hundred kilobytes for each thread.
const MOST_KEPT: usize = 4_000;

thread_local! {
    static KEPT: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// What there is room in.
pub(super) struct Scratch {
    pub builder: FunctionBuilderContext,
    pub context: Context,
    /// Instructions of the largest function so far.
    pub largest: usize,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch { builder: FunctionBuilderContext::new(), context: Context::new(), largest: 0 }
    }
}

impl Scratch {
    /// What was kept on this thread, or else new.
    pub fn take() -> Box<Scratch> {
        KEPT.take().unwrap_or_default()
    }

    /// Keeps it, after all functions were generated and compiled without an error.
    pub fn keep(mut self: Box<Scratch>) {
        if std::mem::take(&mut self.largest) <= MOST_KEPT {
            self.context.clear();
            KEPT.set(Some(self));
        }
    }

    /// An empty function, with the room of the one that was compiled last, if that is not in use.
    pub fn function(&mut self) -> Function {
        std::mem::replace(&mut self.context.func, Function::new())
    }
}
