//! `statewright docs`: the reference of node types, or of IR operations, from their tables.

use statewright_harness::{operations, reference};
use statewright_types::json;

use super::host_nodes;
use crate::args::{Docs, DocsFormat};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints it.
pub fn docs(args: &Docs) -> Result<Exit, Stop> {
    if args.ir {
        terminal::product(&operations::markdown())?;
        return Ok(Exit::Fine);
    }
    let hosts = host_nodes(&args.hosts)?;
    let hosts = hosts.declarations();
    match args.format {
        DocsFormat::Markdown => terminal::product(&reference::markdown(hosts))?,
        DocsFormat::Json => terminal::product(&json::to_pretty(&reference::value(hosts)))?,
    }
    Ok(Exit::Fine)
}
