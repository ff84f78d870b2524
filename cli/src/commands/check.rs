//! `statewright check`: what is wrong with documents.

use statewright_harness::project::{Finding, LoadOptions, Loaded, strict};
use statewright_harness::report;

use super::host_nodes;
use crate::args::{Check, CheckFormat};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if there is any error; warnings alone are fine.
pub fn check(args: &Check) -> Result<Exit, Stop> {
    let mut findings = Vec::new();
    let mut faults = 0;
    let host_nodes = host_nodes(args.host_nodes.as_deref())?;
    let options = LoadOptions { schema: args.schema.clone(), host_nodes, ..LoadOptions::default() };
    for file in &args.files {
        match Loaded::open(file, &options) {
            Ok(loaded) => findings.extend(loaded.findings),
            Err(fault) => {
                terminal::error(&fault.to_string());
                faults += 1;
            }
        }
    }
    if args.strict {
        strict::apply(&mut findings);
    }
    match args.format {
        CheckFormat::Json => terminal::product(&report::findings_json(&findings))?,
        CheckFormat::Text => {
            terminal::say(&report::render(&findings, terminal::look()));
            let files = match args.files.len() - faults {
                0 => None,
                1 => Some("1 file".to_owned()),
                read => Some(format!("{read} files")),
            };
            if let Some(files) = files {
                terminal::say(&format!("{} in {files}", report::summary(&findings)));
            }
        }
    }
    if faults > 0 {
        return Ok(Exit::BadInput);
    }
    Ok(Exit::findings(findings.iter().any(Finding::is_error)))
}
