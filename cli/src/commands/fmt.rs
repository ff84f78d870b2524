//! `statewright fmt`: the canonical layout of documents, tests, schemas, configurations and other JSON files; deprecated nodes
//! are replaced.

use std::path::Path;
use std::sync::Arc;

use statewright_graph::document::format;
use statewright_graph::migrate;
use statewright_harness::project::{Source, walk};
use statewright_harness::report;
use statewright_types::host::HostDeclarations;
use statewright_types::{Diagnostic, config, json, schema};

use super::host_nodes;
use crate::args::Fmt;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if a file cannot be read as what it is, or with `--check` if a file is not formatted.
pub fn fmt(args: &Fmt) -> Result<Exit, Stop> {
    let hosts = host_nodes(&args.hosts)?;
    let mut exit = Exit::Fine;
    for path in &args.files {
        let named = !path.is_dir();
        for file in walk::files(path, |name| [".json", ".schema", ".config"].iter().any(|end| name.ends_with(end)))? {
            let source = Arc::new(Source::read(&file)?);
            let wanted = named || is_ours(&file, &source.text);
            if wanted && !one(&file, &source, args.check, hosts.declarations())? {
                exit = Exit::Findings;
            }
        }
    }
    Ok(exit)
}

/// Whether a file that was not named itself is one of those that this program reads: folders have other files of those names too.
fn is_ours(file: &Path, text: &str) -> bool {
    let name = file.to_string_lossy();
    let a_document = || {
        let tree = json::parse(text).ok()?;
        let keys = ["handlers", "functions", "filters", "effects", "configs"];
        keys.iter().any(|key| tree.get(tree.root(), key).is_some()).then_some(())
    };
    let a_group = |line: &str| line.trim_start().starts_with("config ");
    [".schema", ".test.json", ".schema.json"].iter().any(|end| name.ends_with(end))
        || name.ends_with(".config") && text.lines().any(a_group)
        || a_document().is_some()
}

/// Formats one file. Whether it is fine.
fn one(file: &Path, source: &Arc<Source>, check: bool, hosts: &HostDeclarations) -> Result<bool, Stop> {
    let formatted = match formatted(file, &source.text, hosts) {
        Ok(formatted) => formatted,
        Err(problems) => {
            terminal::say(&report::render(&source.findings(problems), terminal::look()));
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

fn formatted(file: &Path, text: &str, hosts: &HostDeclarations) -> Result<String, Vec<Diagnostic>> {
    // Schemas and configurations may be written as JSON, whatever they are called.
    let in_blocks = !text.trim_start().starts_with('{');
    match file.extension().and_then(|end| end.to_str()) {
        Some("schema") if in_blocks => return schema::text::format(text),
        Some("config") if in_blocks => return config::text::format(text),
        _ => {}
    }
    migrate::text(text, hosts).and_then(|text| format::format(&text)).map_err(|_| json::problems(text))
}
