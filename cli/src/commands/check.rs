//! `statewright check`: what is wrong with documents and configurations.

use std::path::Path;

use statewright_harness::project::mend::{Mended, mend};
use statewright_harness::project::{Finding, LoadOptions, Loaded, Source, strict};
use statewright_harness::report::{self, diff};

use super::host_nodes;
use crate::args::{Check, CheckFormat};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if there is any error, or with `--dry-run` anything to fix; warnings alone are fine.
pub fn check(args: &Check) -> Result<Exit, Stop> {
    let mut findings = Vec::new();
    let mut faults = 0;
    let mut pending = false;
    let host_nodes = host_nodes(&args.hosts)?;
    // What the passes make of it is of no matter here.
    let options = LoadOptions { schema: args.schema.clone(), host_nodes, plain: true, ..LoadOptions::default() };
    for file in &args.files {
        let loaded = if args.fix { fixed(file, &options, args.dry_run) } else { unfixed(file, &options) };
        match loaded {
            Ok((loaded, left)) => {
                pending |= left;
                findings.extend(loaded.findings);
            }
            Err(Stop::Fault(fault)) => {
                terminal::error(&fault.to_string());
                faults += 1;
            }
            Err(stop) => return Err(stop),
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
    Ok(Exit::findings(pending || findings.iter().any(Finding::is_error)))
}

fn unfixed(file: &Path, options: &LoadOptions) -> Result<(Loaded, bool), Stop> {
    Ok((Loaded::to_check(file, options, &Source::read)?, false))
}

/// Mends a document, or shows how that would be done. The document as it is then, and whether that was not written.
fn fixed(file: &Path, options: &LoadOptions, dry_run: bool) -> Result<(Loaded, bool), Stop> {
    let (mended, loaded) = mend(file, options)?;
    for Mended { path, before, after, problems } in &mended {
        if dry_run {
            terminal::product(&diff::unified(&path.display().to_string(), before, after))?;
            continue;
        }
        terminal::write(path, after)?;
        let problems = if *problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") };
        terminal::say(&format!("fixed {problems} in {}", path.display()));
    }
    Ok((loaded, dry_run && !mended.is_empty()))
}
