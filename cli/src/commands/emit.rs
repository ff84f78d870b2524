//! `statewright emit` and `statewright ir`: a document in another language.

use std::path::Path;

use statewright_graph::ir::text;
use statewright_harness::project::Fault;
use statewright_harness::project::machine::Listing;

use super::play::load;
use crate::args::{Emit, EmitTarget, Ir};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Translates a document.
pub fn emit(args: &Emit) -> Result<Exit, Stop> {
    let planned = match args.target {
        EmitTarget::Ir => return ir_text(&args.file, args.schema.as_deref(), false, args.out.as_deref()),
        EmitTarget::Rust => "rust",
        EmitTarget::Js => "js",
        EmitTarget::Clif => return machine(args, Listing::Clif),
        EmitTarget::Asm => return machine(args, Listing::Assembly),
    };
    Err(Stop::Usage(format!("--target {planned} is not there yet: use --target ir, clif or asm")))
}

/// Prints the IR.
pub fn ir(args: &Ir) -> Result<Exit, Stop> {
    ir_text(&args.file, args.schema.as_deref(), args.traced, args.out.as_deref())
}

/// What the JIT makes of it, for this machine.
fn machine(args: &Emit, what: Listing) -> Result<Exit, Stop> {
    let loaded = match load(&args.file, args.schema.as_deref(), false) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(listing) = loaded.listing(what).map_err(Fault::from)? else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(args.out.as_deref(), &listing)?;
    Ok(Exit::Fine)
}

fn ir_text(file: &Path, schema: Option<&Path>, traced: bool, out: Option<&Path>) -> Result<Exit, Stop> {
    let loaded = match load(file, schema, traced) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(module) = &loaded.module else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(out, &text::print(module))?;
    Ok(Exit::Fine)
}
