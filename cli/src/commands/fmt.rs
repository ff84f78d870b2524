//! `statewright fmt`: canonical whitespace for documents and other JSON files; deprecated nodes are replaced.

use std::path::Path;
use std::sync::Arc;

use statewright_graph::document::format;
use statewright_graph::migrate;
use statewright_harness::project::Source;
use statewright_harness::report;
use statewright_types::host::HostDeclarations;

use super::host_nodes;
use crate::args::Fmt;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if a file is no JSON, or with `--check` if a file is not formatted.
pub fn fmt(args: &Fmt) -> Result<Exit, Stop> {
    let hosts = host_nodes(args.host_nodes.as_deref())?;
    let mut exit = Exit::Fine;
    for file in &args.files {
        if !one(file, args.check, hosts.declarations())? {
            exit = Exit::Findings;
        }
    }
    Ok(exit)
}

/// Formats one file. Whether it is fine.
fn one(file: &Path, check: bool, hosts: &HostDeclarations) -> Result<bool, Stop> {
    for (extension, language) in [("schema", "schema"), ("config", "configuration")] {
        if file.extension().is_some_and(|found| found == extension) {
            return Err(Stop::Usage(format!(
                "{}: fmt formats JSON files, not the {language} language",
                file.display()
            )));
        }
    }
    let source = Arc::new(Source::read(file)?);
    let formatted = match migrate::text(&source.text, hosts).and_then(|text| format::format(&text)) {
        Ok(formatted) => formatted,
        Err(error) => {
            terminal::say(&report::render(&source.findings([error]), terminal::look()));
            return Ok(false);
        }
    };
    if formatted == *source.text {
        return Ok(true);
    }
    if check {
        terminal::say(&format!("{} is not formatted; `statewright fmt` does it", file.display()));
        return Ok(false);
    }
    terminal::write(file, &formatted)?;
    terminal::say(&format!("formatted {}", file.display()));
    Ok(true)
}
