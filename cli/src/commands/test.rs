//! `statewright test`: runs test files.

use std::path::Path;
use std::time::Duration;

use statewright_harness::project::{Backend, Fault};
use statewright_harness::report::diff;
use statewright_harness::testing::discover::discover;
use statewright_harness::testing::watch::{Stamp, Stamps, Watch};
use statewright_harness::testing::{self, Filter, Options, Rewrite, Summary, junit, text};
use statewright_types::json;

use super::{host_nodes, perf};
use crate::args::{BackendChoice, Test};
use crate::built::run_built;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if tests fail or test files are wrong, 2 if something cannot be read, 4 if `all` left an execution out.
pub fn test(args: &Test) -> Result<Exit, Stop> {
    let host_nodes = host_nodes(&args.hosts)?;
    let is_all = args.backend == BackendChoice::All;
    let mut without_rust = None;
    if (is_all || args.backend == BackendChoice::Rust) && !args.watch {
        let documents = testing::documents(&args.paths, args.coverage.is_some(), &host_nodes);
        match run_built(&documents, is_all) {
            Ok(Some(exit)) => return Ok(exit),
            Ok(None) => {}
            // What there is runs nevertheless, and the exit code tells that it was not everything.
            Err(Stop::Fault(fault)) if is_all => without_rust = Some(fault.to_string()),
            Err(stop) => return Err(stop),
        }
    }
    let backends = backends(args.backend)?;
    perf::begin(args.perf_map, &backends)?;
    let mut options = Options { backends, host_nodes, ..Options::default() };
    if is_all {
        let missing = |backend: &Backend| Some((*backend, backend.missing()?));
        options.left_out = Backend::ALL.iter().filter_map(missing).collect();
        for (_, why) in options.left_out.iter_mut().filter(|(backend, _)| *backend == Backend::Rust) {
            if let Some(trouble) = without_rust.take() {
                *why = trouble;
            } else if args.watch {
                *why = "with --watch nothing is built: run it once without".to_owned();
            }
        }
    }
    let filter = |text: &String| if args.exact { Filter::Exact(text.clone()) } else { Filter::Part(text.clone()) };
    options.filter = args.filter.as_ref().map(filter);
    options.coverage = args.coverage.is_some();
    options.update = args.update;
    options.fail_fast = args.fail_fast;
    options.jobs = args.jobs.map_or(options.jobs, usize::from);
    if args.watch {
        return watch(args, &options);
    }
    if args.update {
        return update(args, &options);
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
    reports(args, &summary)?;
    Ok(exit(&summary))
}

/// Writes the reports that were asked for.
fn reports(args: &Test, summary: &Summary) -> Result<(), Stop> {
    if let Some(path) = &args.junit {
        terminal::write(path, &junit::junit(summary))?;
    }
    if let (Some(path), Some(coverage)) = (&args.coverage, &summary.coverage) {
        terminal::product_to(path.as_deref(), &format!("{}\n", json::to_pretty(&coverage.value())))?;
    }
    Ok(())
}

fn exit(summary: &Summary) -> Exit {
    match summary.exit_code() {
        0 => Exit::Fine,
        1 => Exit::Findings,
        4 => Exit::NotEverything,
        _ => Exit::BadInput,
    }
}

/// How often files are looked at.
const POLL: Duration = Duration::from_millis(300);

/// Runs again whenever a file changes that the run read, or a test file comes or goes. Ends with the terminal.
fn watch(args: &Test, options: &Options) -> Result<Exit, Stop> {
    let mut watch = Watch::default();
    loop {
        let mut stamps: Stamps = watch.files().map(|file| (file.to_owned(), stamp(file))).collect();
        let tests = args.paths.iter().filter_map(|path| discover(path).ok()).flatten();
        stamps.extend(tests.map(|file| (file.clone(), stamp(&file))));
        if watch.due(stamps) {
            let summary = testing::run_paths(&args.paths, options);
            let news = watch.ran(&summary, stamp);
            terminal::say(&text::news_text(&summary, &news, terminal::look()));
            reports(args, &summary)?;
            terminal::say("waiting for changes; Ctrl+C ends");
        }
        std::thread::sleep(POLL);
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Shows what `--update` would change, and does it if it may.
fn update(args: &Test, options: &Options) -> Result<Exit, Stop> {
    let summary = testing::run_paths(&args.paths, options);
    terminal::say(&text::summary_text(&summary, terminal::look()));
    if summary.rewrites.is_empty() {
        reports(args, &summary)?;
        return Ok(exit(&summary));
    }
    for Rewrite { path, before, after } in &summary.rewrites {
        terminal::say(&diff::unified(&path.display().to_string(), before, after));
    }
    let files = match summary.rewrites.len() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    if !args.yes && !terminal::confirm(&format!("rewrite {files}?")) {
        terminal::say("nothing was changed; `--update --yes` rewrites the expectations");
        return Ok(Exit::Findings);
    }
    for Rewrite { path, after, .. } in &summary.rewrites {
        terminal::write(path, after)?;
        terminal::say(&format!("updated {}", path.display()));
    }
    // What rewriting could not mend is said now.
    round(args, &Options { update: false, ..options.clone() })
}
