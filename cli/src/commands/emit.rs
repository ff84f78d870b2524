//! `statewright emit` and `statewright ir`: a document in another language.

use std::path::Path;

use statewright_graph::ir::text;
use statewright_harness::project::LoadOptions;

use super::play::load_with;
use crate::args::{Emit, EmitTarget, Ir};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Translates a document.
pub fn emit(args: &Emit) -> Result<Exit, Stop> {
    let planned = match args.target {
        EmitTarget::Ir => return ir_text(&args.file, LoadOptions { schema: args.schema.clone(), ..LoadOptions::default() }, args.out.as_deref()),
        EmitTarget::Rust => "rust",
        EmitTarget::Js => "js",
        EmitTarget::Clif => "clif",
    };
    Err(Stop::Usage(format!("--target {planned} is not there yet: use --target ir")))
}

/// Prints the IR.
pub fn ir(args: &Ir) -> Result<Exit, Stop> {
    let options =
        LoadOptions { schema: args.schema.clone(), traced: args.traced, plain: args.plain, ..LoadOptions::default() };
    ir_text(&args.file, options, args.out.as_deref())
}

fn ir_text(file: &Path, options: LoadOptions, out: Option<&Path>) -> Result<Exit, Stop> {
    let loaded = match load_with(file, options) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(module) = &loaded.module else {
        return Err(Stop::Usage(format!("{} does not compile, and nothing says why", loaded.source.name)));
    };
    terminal::product_to(out, &text::print(module))?;
    Ok(Exit::Fine)
}
