//! `statewright test`: runs test files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use statewright_harness::project::{Backend, Fault};
use statewright_harness::testing::{self, Options, Summary, junit, text};
use statewright_types::json;

use crate::args::{BackendChoice, Test};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if tests fail or test files are wrong, 2 if something cannot be read.
pub fn test(args: &Test) -> Result<Exit, Stop> {
    let mut options = Options { backends: backends(args.backend)?, ..Options::default() };
    options.filter.clone_from(&args.filter);
    options.coverage = args.coverage.is_some();
    options.update = args.update;
    options.fail_fast = args.fail_fast;
    options.jobs = args.jobs.map_or(options.jobs, usize::from);
    if args.watch {
        return watch(args, &options);
    }
    round(args, &options)
}

/// Those that were asked for; `all` are those that exist.
fn backends(choice: BackendChoice) -> Result<Vec<Backend>, Stop> {
    let backend = match choice {
        BackendChoice::Interpreter => Backend::Interpreter,
        BackendChoice::Jit => Backend::Jit,
        BackendChoice::Rust => Backend::Rust,
        BackendChoice::Js => Backend::Js,
        BackendChoice::All => return Ok(Backend::available()),
    };
    if backend.exists() { Ok(vec![backend]) } else { Err(Fault::NoBackend { backend }.into()) }
}

fn round(args: &Test, options: &Options) -> Result<Exit, Stop> {
    let summary = testing::run_paths(&args.paths, options);
    terminal::say(&text::summary_text(&summary, terminal::look()));
    if let Some(path) = &args.junit {
        terminal::write(path, &junit::junit(&summary))?;
    }
    if let (Some(path), Some(coverage)) = (&args.coverage, &summary.coverage) {
        terminal::product_to(path.as_deref(), &format!("{}\n", json::to_pretty(&coverage.value())))?;
    }
    Ok(exit(&summary))
}

fn exit(summary: &Summary) -> Exit {
    match summary.exit_code() {
        0 => Exit::Fine,
        1 => Exit::Findings,
        _ => Exit::BadInput,
    }
}

/// How often files are looked at.
const POLL: Duration = Duration::from_millis(300);

/// Runs again whenever something in the folders of the given paths changes. Ends with the terminal, or with stdout.
fn watch(args: &Test, options: &Options) -> Result<Exit, Stop> {
    let mut seen = BTreeMap::new();
    loop {
        let now = stamps(&args.paths);
        if now != seen {
            seen = now;
            round(args, options)?;
            terminal::say("waiting for changes; Ctrl+C ends");
        }
        std::thread::sleep(POLL);
    }
}

/// Files that are watched at most.
const WATCHED: usize = 20_000;

/// When each JSON and schema file at or beside `paths` changed last.
fn stamps(paths: &[PathBuf]) -> BTreeMap<PathBuf, SystemTime> {
    let mut stamps = BTreeMap::new();
    let mut folders: Vec<PathBuf> = paths
        .iter()
        .map(|path| if path.is_dir() { path.clone() } else { path.parent().map(PathBuf::from).unwrap_or_default() })
        .map(|path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path })
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if stamps.len() >= WATCHED {
                return stamps;
            } else if metadata.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if let (true, Ok(changed)) =
                ([".json", ".schema", ".config"].iter().any(|end| name.ends_with(end)), metadata.modified())
            {
                stamps.insert(path, changed);
            }
        }
    }
    stamps
}
