//! `statewright docs`: the reference of node types, or of IR operations, from their tables.

use statewright_harness::{operations, reference};
use statewright_types::json;

use crate::args::{Docs, DocsFormat};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints it.
pub fn docs(args: &Docs) -> Result<Exit, Stop> {
    if args.ir {
        terminal::product(&operations::markdown())?;
        return Ok(Exit::Fine);
    }
    match args.format {
        DocsFormat::Markdown => terminal::product(&reference::markdown())?,
        DocsFormat::Json => terminal::product(&json::to_pretty(&reference::value()))?,
    }
    Ok(Exit::Fine)
}
