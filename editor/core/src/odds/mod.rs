//! Many runs of a script over the document as it is: on threads of their own, with how far they are, and what came of them.
//!
//! - [`declared`]: odds that a script declares, edited in its text
//! - [`metrics`]: what may be measured, completed while it is written
//! - [`scripts`]: script files of a folder, and one of the runs as orders of a session
//! - [`words`]: what tests of odds found, as sentences

pub mod declared;
pub mod metrics;
pub mod scripts;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use statewright_graph::document::{Graph, GraphKind, SourceDocument};
use statewright_harness::play::Beginning;
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Fault, Finding, Loaded, Source};
use statewright_harness::simulate::text::word;
use statewright_harness::simulate::{
    Control, Metric, Plan, Refused, Report, Runs, Wanted, play, report, script, value,
};
use statewright_harness::{files, simulate};
use statewright_types::{Value, json};

use crate::run::past::Later;
use crate::run::{Setting, form, stage};

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The document and what every run begins with; its seed is not looked at.
    pub setting: Setting,
    /// Steps, metrics, expectations: docs/simulate.md has the format.
    pub script: Arc<Source>,
    /// What is measured at the end, besides what the script says.
    pub metrics: Vec<Metric>,
    /// What is measured after every step, besides what the script says.
    pub over: Vec<Metric>,
    /// How many runs.
    pub runs: u64,
    /// The seed of the first; the others follow.
    pub seed_from: u64,
    /// On how many threads.
    pub threads: usize,
    /// The execution; machine code without, or the interpreter where there is none.
    pub backend: Option<Backend>,
    /// The confidence of intervals, and quantiles besides the usual ones.
    pub wanted: Wanted,
}

/// What came of it.
pub struct Outcome {
    /// What was asked for.
    pub ask: Ask,
    /// What was run.
    pub plan: Plan,
    /// What was found.
    pub runs: Runs,
    /// What that comes to.
    pub report: Report,
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("report", &self.report).finish_non_exhaustive()
    }
}

/// Why nothing came of it: what is wrong, each with what to do.
pub type Problems = Vec<String>;

/// Runs that go on. Without anybody who waits for them they end.
#[derive(Debug)]
pub struct Work {
    control: Arc<Control>,
    planned: u64,
    answer: Later<Result<Outcome, Problems>>,
}

impl Work {
    /// Begins; `wake` is called on another thread when all is done.
    pub fn start(ask: Ask, wake: impl FnOnce() + Send + 'static) -> Work {
        let control = Arc::new(Control::default());
        let (planned, told) = (ask.runs, control.clone());
        Work { control, planned, answer: Later::new(move || run(ask, &told), wake) }
    }

    /// How many runs have ended.
    pub fn done(&self) -> u64 {
        self.control.done()
    }

    /// How many there will be.
    pub fn planned(&self) -> u64 {
        self.planned
    }

    /// Begins no more of them: what ended is told.
    pub fn cancel(&self) {
        self.control.cancel();
    }

    /// Whether that was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.control.is_cancelled()
    }

    /// What came of it, once it is there.
    pub fn answer(&self) -> Option<Result<Outcome, Problems>> {
        self.answer.answer()
    }

    /// What came of it, waiting for it.
    pub fn wait(&self) -> Option<Result<Outcome, Problems>> {
        self.answer.wait()
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.control.cancel();
    }
}

/// Runs it on this thread and others.
///
/// # Errors
/// What is wrong with the document, the script, the metrics or what sessions begin with.
pub fn run(ask: Ask, control: &Control) -> Result<Outcome, Problems> {
    let (mut script, diagnostics) = script::read(&ask.script);
    told(&ask.script.findings(diagnostics))?;
    let loaded = stage::load(&ask.setting, false);
    let errors: Vec<Finding> = loaded.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
    told(&errors)?;
    script.metrics.extend(ask.metrics.iter().cloned());
    script.over.extend(ask.over.iter().cloned());
    script.complete(&loaded).map_err(|why| vec![why])?;
    let (beginning, backend) = begin(&ask, &loaded)?;
    let plan = Plan {
        beginning,
        steps: script.steps,
        metrics: script.metrics,
        over: script.over,
        runs: ask.runs,
        seed_from: ask.seed_from,
        threads: ask.threads,
    };
    let runs = play(&plan, control).map_err(|refused| match refused {
        Refused::Plan(what) => vec![what],
        Refused::Findings(findings) => words::findings(&findings),
    })?;
    let setting = simulate::Setting {
        document: ask.setting.name.clone(),
        backend: backend.name().to_owned(),
        replay: replay(&ask, backend),
        wanted: ask.wanted.clone(),
        expect: script.expect,
    };
    let report = report(&plan, &runs, setting);
    Ok(Outcome { ask, plan, runs, report })
}

fn told(findings: &[Finding]) -> Result<(), Problems> {
    if findings.is_empty() { Ok(()) } else { Err(words::findings(findings)) }
}

/// On machine code if nothing else was asked for, or the interpreter where there is none.
fn begin(ask: &Ask, loaded: &Loaded) -> Result<(Beginning, Backend), Problems> {
    let backend = ask.backend.unwrap_or(Backend::Jit);
    let (program, backend) = match loaded.program(backend) {
        Err(Fault::NotCompiled(_)) if ask.backend.is_none() => {
            (loaded.program(Backend::Interpreter), Backend::Interpreter)
        }
        program => (program, backend),
    };
    let program = program.map_err(|fault| vec![fault.to_string()])?;
    let program = program.ok_or_else(|| vec!["the document does not run: mend what is in Problems".to_owned()])?;
    let state = ask.setting.state.as_ref().map(|state| Source::inline("the state", state.clone()));
    let state = state.map(|source| Text::whole(&Arc::new(source)));
    let beginning = Beginning::new(loaded, program, &ask.setting.setup, state.as_ref());
    Ok((beginning.map_err(|findings| words::findings(&findings))?, backend))
}

/// The command line that plays one of the runs, but for its seed: of the files that [`Outcome::save`] writes.
fn replay(ask: &Ask, backend: Backend) -> String {
    let mut words = vec!["statewright".to_owned(), "run".to_owned(), word(&ask.setting.name)];
    words.extend(["--script".to_owned(), word(SCRIPT)]);
    let players: Vec<&str> = ask.setting.setup.players.iter().map(|player| &**player).collect();
    if !players.is_empty() {
        words.extend(["--players".to_owned(), word(&players.join(","))]);
    }
    if let Some(state) = &ask.setting.state {
        words.extend(["--state".to_owned(), word(state)]);
    }
    if backend != Backend::Interpreter {
        words.extend(["--backend".to_owned(), backend.name().to_owned()]);
    }
    words.join(" ")
}

/// The script's file among the results.
const SCRIPT: &str = "script.json";

impl Outcome {
    /// The setting of one of the runs, to look at it by itself.
    pub fn setting_of(&self, seed: u64) -> Setting {
        let mut setting = self.ask.setting.clone();
        setting.setup.seed = seed;
        setting
    }

    /// Files that say all of it: the names and what they say.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let mut files = simulate::saved::files(&self.report, value::csv(&self.plan, &self.runs));
        files.push((SCRIPT, self.ask.script.text.to_string()));
        files
    }

    /// Writes these files into a folder, which there is.
    ///
    /// # Errors
    /// The first one that could not be written.
    pub fn save(&self, on: &dyn files::Files, folder: &std::path::Path) -> Result<(), Fault> {
        self.files().iter().try_for_each(|(name, text)| files::replace(on, &folder.join(name), text.as_bytes(), 0))
    }
}

/// A script to begin with: the event of every handler once, with parameters as they are by default.
pub fn first_script(source: &SourceDocument) -> String {
    let step = |graph: &Graph| {
        let params = form::params(&form::fields(graph, &BTreeMap::new())).unwrap_or(Value::Map(Vec::new()));
        let event = graph.event.as_ref()?.text.clone();
        Some(Value::map([("event", Value::Str(event)), ("params", params)]))
    };
    let steps = source.document.of_kind(GraphKind::Handler).iter().filter_map(step).collect();
    let nothing = || Value::List(Vec::new());
    let script = [("steps", Value::List(steps)), ("metrics", nothing()), ("over", nothing()), ("expect", nothing())];
    json::to_pretty(&Value::map(script))
}
