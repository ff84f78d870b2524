//! `statewright emit` and `statewright ir`: a document in another language.

use std::path::Path;
use std::sync::Arc;

use statewright_graph::ir::text;
use statewright_graph::passes;
use statewright_harness::project::machine::Listing;
use statewright_harness::project::{Fault, LoadOptions, Loaded};

use super::play::{load, load_with};
use crate::args::{Emit, EmitTarget, Ir};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Translates a document.
pub fn emit(args: &Emit) -> Result<Exit, Stop> {
    let planned = match args.target {
        EmitTarget::Ir => return ir_text(load(&args.file, args.schema.as_deref(), false), args.out.as_deref()),
        EmitTarget::Rust => "rust",
        EmitTarget::Js => "js",
        EmitTarget::Clif => return machine(args, Listing::Clif),
        EmitTarget::Asm => return machine(args, Listing::Assembly),
    };
    Err(Stop::Usage(format!("--target {planned} is not there yet: use --target ir, clif or asm")))
}

/// Prints the IR.
pub fn ir(args: &Ir) -> Result<Exit, Stop> {
    let options =
        LoadOptions { schema: args.schema.clone(), traced: args.traced, plain: args.plain, ..LoadOptions::default() };
    let loaded = load_with(&args.file, options).and_then(|mut loaded| {
        if let (true, Some(module)) = (args.without_branches, &loaded.module) {
            let made = passes::without_branches(module).map_err(|errors| {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                Err(Stop::Usage(errors.join("; ")))
            })?;
            loaded.module = Some(Arc::new(made));
        }
        Ok(loaded)
    });
    ir_text(loaded, args.out.as_deref())
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

fn ir_text(loaded: Result<Loaded, Result<Exit, Stop>>, out: Option<&Path>) -> Result<Exit, Stop> {
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(module) = &loaded.module else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(out, &text::print(module))?;
    Ok(Exit::Fine)
}
