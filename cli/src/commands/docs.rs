//! `statewright docs`: the reference of node types, from the node table.

use statewright_harness::reference;
use statewright_types::json;

use crate::args::{Docs, DocsFormat};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints it.
pub fn docs(args: &Docs) -> Result<Exit, Stop> {
    match args.format {
        DocsFormat::Markdown => terminal::product(&reference::markdown())?,
        DocsFormat::Json => terminal::product(&json::to_pretty(&reference::value()))?,
    }
    Ok(Exit::Fine)
}
