//! All tests under some paths, in parallel.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use statewright_runtime::host::HostNodes;
use statewright_runtime::program::Program;
use statewright_types::json::{self, NodeId};
use statewright_types::suggest;

use super::check::check;
use super::coverage::Coverage;
use super::discover::discover;
use super::execute::{execute, part};
use super::file::{self, Part, Test, TestFile};
use super::outcome::{Failure, Summary, TestOutcome};
use super::relay::Relay;
use super::update;
use crate::execution::registry;
use crate::project::loaded::{Text, config_text};
use crate::project::source::{self, Texts};
use crate::project::{Backend, Fault, Finding, LoadOptions, Loaded, Source, schema};
use crate::trace::Trace;

/// How tests are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The executions to run them on; they must exist.
    pub backends: Vec<Backend>,
    /// Executions that are wanted besides and are not there, and why.
    pub left_out: Vec<(Backend, String)>,
    /// Only these tests.
    pub filter: Option<Filter>,
    /// Whether to record which nodes and branches are reached.
    pub coverage: bool,
    /// Whether to work out what the expectations that are not met should be.
    pub update: bool,
    /// Whether to begin no more tests once one has failed.
    pub fail_fast: bool,
    /// Threads, at least 1.
    pub jobs: usize,
    /// Whether what one execution suspends is resumed by the next of `backends`.
    pub relay: bool,
    /// What stands in for files.
    pub texts: Texts,
    /// Nodes of the host program.
    pub host_nodes: HostNodes,
}

/// Which tests are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Those with this text in their `FILE: NAME`.
    Part(String),
    /// Those with exactly this name, or `FILE: NAME`.
    Exact(String),
}

impl Filter {
    fn takes(&self, file: &str, name: &str) -> bool {
        let whole = format!("{file}: {name}");
        match self {
            Filter::Part(part) => whole.contains(part.as_str()),
            Filter::Exact(exact) => exact == name || *exact == whole,
        }
    }

    fn fits_none(&self, prepared: &[Prepared]) -> Fault {
        let (Filter::Part(filter) | Filter::Exact(filter)) = self;
        let names = || prepared.iter().flat_map(|ready| ready.file.tests.iter()).map(|test| &*test.name);
        Fault::NoneFits { filter: filter.clone(), help: suggest::help(filter, names()).text }
    }
}

impl Default for Options {
    fn default() -> Self {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let backends = vec![Backend::Interpreter];
        Options {
            backends,
            left_out: Vec::new(),
            filter: None,
            coverage: false,
            update: false,
            fail_fast: false,
            jobs,
            relay: false,
            texts: Texts::default(),
            host_nodes: HostNodes::default(),
        }
    }
}

/// A test file whose document is loaded.
struct Prepared {
    file: TestFile,
    loaded: Loaded,
    programs: Vec<(Backend, Option<Arc<dyn Program>>)>,
}

/// A test to be run on one execution.
struct Job<'a> {
    prepared: &'a Prepared,
    test: &'a Test,
    backend: Backend,
    program: Option<Arc<dyn Program>>,
}

/// Runs the tests in all files at `paths` (folders are searched for `*.test.json`). Never fails as a whole: what
/// could not be read is in the summary.
pub fn run_paths(paths: &[PathBuf], options: &Options) -> Summary {
    let mut summary =
        Summary { backends: options.backends.clone(), left_out: options.left_out.clone(), ..Summary::default() };
    let mut files = Vec::new();
    for path in paths {
        match discover(path) {
            Ok(found) => files.extend(found.into_iter().filter(|file| !files.contains(file)).collect::<Vec<_>>()),
            Err(fault) => summary.faults.push(fault.to_string()),
        }
    }
    summary.files = files.len();
    let mut prepared = Vec::new();
    for loaded in parallel(&files, options.jobs, |path| prepare(path, options)) {
        match loaded {
            Ok((ready, findings)) => {
                let broken = findings.iter().any(Finding::is_error);
                summary.findings.extend(findings);
                prepared.extend(ready.filter(|_| !broken));
            }
            Err(fault) => {
                summary.read.extend(fault.path().map(Path::to_owned));
                summary.faults.push(fault.to_string());
            }
        }
    }
    summary.read.extend(files);
    for Prepared { loaded, .. } in &prepared {
        summary.read.extend(loaded.sources().filter_map(|source| source.path.clone()));
    }
    let (jobs, filtered) = jobs(&prepared, options.filter.as_ref());
    summary.filtered = filtered;
    if let Some(filter) = options.filter.as_ref().filter(|_| jobs.is_empty() && summary.ok()) {
        // A misspelt name must not look like success.
        summary.faults.push(filter.fits_none(&prepared).to_string());
    }
    let mut traces: BTreeMap<String, (&Loaded, Trace)> = BTreeMap::new();
    let stop = AtomicBool::new(false);
    let results = parallel(&jobs, options.jobs, |job| {
        let result = (!stop.load(Ordering::Relaxed)).then(|| run(job, options.coverage))?;
        stop.fetch_or(options.fail_fast && !result.0.passed(), Ordering::Relaxed);
        Some(result)
    });
    for (job, result) in jobs.iter().zip(results) {
        let Some((outcome, trace)) = result else { continue };
        summary.outcomes.push(outcome);
        let loaded = &job.prepared.loaded;
        traces.entry(loaded.source.name.clone()).or_insert_with(|| (loaded, Trace::default())).1.merge(trace);
    }
    if options.coverage {
        let mut coverage = Coverage::default();
        for (name, (loaded, trace)) in &traces {
            coverage.set(name, &loaded.document, trace);
        }
        summary.coverage = Some(coverage);
    }
    if options.update {
        for ready in &prepared {
            summary.rewrites.extend(update::rewrite(&ready.file, &summary.outcomes));
        }
    }
    summary
}

fn prepare(path: &Path, options: &Options) -> Result<(Option<Prepared>, Vec<Finding>), Fault> {
    let source = Arc::new(options.texts.read(path)?);
    let (file, diagnostics) = file::read(&source);
    let findings = source.findings(diagnostics);
    let Some(file) = file else { return Ok((None, findings)) };
    let loaded = load(&file, path, options.coverage, &options.texts, &options.host_nodes)?;
    let mut programs = Vec::new();
    for backend in &options.backends {
        programs.push((*backend, loaded.program(*backend)?));
    }
    if options.relay {
        programs = relayed(&programs);
    }
    Ok((Some(Prepared { file, loaded, programs }), findings))
}

/// Each program with the next one to resume what it suspends.
fn relayed(programs: &[(Backend, Option<Arc<dyn Program>>)]) -> Vec<(Backend, Option<Arc<dyn Program>>)> {
    let next = programs.iter().cycle().skip(1);
    let pairs = programs.iter().zip(next).map(|((backend, first), (_, second))| {
        let both = first.clone().zip(second.clone());
        (*backend, both.map(|(first, second)| Arc::new(Relay { first, second }) as Arc<dyn Program>))
    });
    pairs.collect()
}

/// The documents of all test files at `paths`, as far as they can be loaded: what cannot is told when the tests are run.
pub fn documents(paths: &[PathBuf], traced: bool, host_nodes: &HostNodes) -> Vec<Loaded> {
    let files = paths.iter().filter_map(|path| discover(path).ok()).flatten();
    let loaded = files.filter_map(|path| {
        let source = Arc::new(Source::read(&path).ok()?);
        load(&file::read(&source).0?, &path, traced, &Texts::default(), host_nodes).ok()
    });
    loaded.collect()
}

/// The document that a test file is about; `texts` stand in for files.
pub fn load(
    file: &TestFile,
    path: &Path,
    traced: bool,
    texts: &Texts,
    host_nodes: &HostNodes,
) -> Result<Loaded, Fault> {
    let read = |path: &Path| texts.read(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    let inline = |node: NodeId| part(file, node);
    let schema = match &file.schema {
        Some(Part::Path(schema)) => Some(Text::whole(&Arc::new(read(&folder.join(&**schema))?))),
        Some(Part::Inline(node)) => Some(inline(*node)),
        None => None,
    };
    let config = match &file.config {
        Some(Part::Path(config)) => config_text(path, Some(config), None, &read)?,
        Some(Part::Inline(node)) => Some(inline(*node)),
        None => None,
    };
    let (document, document_path) = match &file.graph {
        Part::Path(graph) => {
            let path = folder.join(&**graph);
            (Text::whole(&Arc::new(read(&path)?)), path)
        }
        // What it names is found from the test file.
        Part::Inline(node) => (inline(*node), path.to_owned()),
    };
    // A document that is no JSON names nothing, which is reported when it is loaded.
    let named = |key: &str| {
        let tree = json::parse(document.text.clone()).ok()?;
        tree.get(tree.root(), key).and_then(|node| tree.str(node).cloned())
    };
    let schema = match schema {
        Some(schema) => schema,
        None => {
            let found = schema::find(&document_path, named("schemaPath").as_deref(), None)?;
            Text::whole(&Arc::new(read(&found)?))
        }
    };
    let config = match config {
        Some(config) => Some(config),
        None => config_text(&document_path, named("config").as_deref(), None, &read)?,
    };
    let options = LoadOptions { traced, host_nodes: host_nodes.clone(), ..LoadOptions::default() };
    Ok(Loaded::build(document, schema, config, &options))
}

/// What is to be run, and how many tests the filter left out.
fn jobs<'a>(prepared: &'a [Prepared], filter: Option<&Filter>) -> (Vec<Job<'a>>, usize) {
    let mut jobs = Vec::new();
    let mut filtered = 0;
    for ready in prepared {
        for test in &ready.file.tests {
            if filter.is_some_and(|filter| !filter.takes(&ready.file.source.name, &test.name)) {
                filtered += 1;
                continue;
            }
            jobs.extend(ready.programs.iter().map(|(backend, program)| Job {
                prepared: ready,
                test,
                backend: *backend,
                program: program.clone(),
            }));
        }
    }
    (jobs, filtered)
}

fn run(job: &Job<'_>, traced: bool) -> (TestOutcome, Trace) {
    let Job { prepared: Prepared { file, loaded, .. }, test, backend, program } = job;
    let begun = Instant::now();
    let mut trace = Trace::default();
    let mut outcome = TestOutcome {
        source: file.source.clone(),
        name: test.name.clone(),
        document: loaded.source.name.clone(),
        backend: *backend,
        artefact: None,
        failures: Vec::new(),
        expectations: 0,
        findings: Vec::new(),
        duration: std::time::Duration::ZERO,
    };
    if let Some(node) = test.check {
        outcome.expectations += 1;
        outcome.failures.extend(check(&file.tree, node, &loaded.findings));
    }
    match program {
        Some(program) => {
            let tracer = traced.then_some(&mut trace);
            let ran = execute(file, test, loaded, program.clone(), tracer);
            if !test.steps.is_empty() && ran.findings.is_empty() {
                outcome.artefact = registry::execution(&**program).1;
            }
            outcome.expectations += ran.expectations;
            outcome.failures.extend(ran.failures);
            if !ran.findings.is_empty() {
                outcome.failures.push(unable(test, "the test's state or configuration cannot be loaded"));
                outcome.findings = ran.findings;
            }
        }
        None if test.check.is_some() && test.steps.is_empty() => {}
        None => {
            outcome.failures.push(unable(test, &format!("the document has {}", errors(&loaded.findings))));
            outcome.findings = loaded.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
        }
    }
    if outcome.expectations == 0 && outcome.failures.is_empty() {
        outcome.failures.push(unable(test, "the test expects nothing, so it cannot fail; add an `expect`"));
    }
    outcome.duration = begun.elapsed();
    (outcome, trace)
}

fn errors(findings: &[Finding]) -> String {
    match source::count(findings).0 {
        1 => "1 error".to_owned(),
        errors => format!("{errors} errors"),
    }
}

/// A test that could not be run.
fn unable(test: &Test, why: &str) -> Failure {
    Failure {
        at: "before the first step".to_owned(),
        action: String::new(),
        what: why.to_owned(),
        span: test.span,
        differences: Vec::new(),
        notes: Vec::new(),
        rewrite: None,
    }
}

/// `work` on each of `items`, on up to `jobs` threads; results in the order of the items.
fn parallel<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
