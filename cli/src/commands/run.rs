//! `statewright run`: events, steps and time for a session, new or saved, and what came of them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use statewright_harness::act::Act;
use statewright_harness::debug::{Clock, Debugger, History, Options, Outline, Recorder};
use statewright_harness::files::Disk;
use statewright_harness::play;
use statewright_harness::project::{Backend, Fault, Loaded, Source};
use statewright_harness::record::{FileRecorder, RecordFileOptions};
use statewright_harness::report;
use statewright_harness::save::{self, Opened, Versions};
use statewright_harness::testing::steps;
use statewright_runtime::persist::recording::RecordOptions;
use statewright_runtime::session::{ActionReport, Session};
use statewright_types::json;

use super::play as session;
use super::{debug, perf};
use crate::args::Run;
use crate::built::run_built;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// What messages call the one session that there is.
const SESSION: &str = "run";

/// Every entry with the state after it: what is run by hand is small.
const RECORDING: RecordFileOptions = RecordFileOptions { record: RecordOptions { checkpoint_every: 1 }, sync: false };

/// Prints the outcome as JSON; exit code 3 if a handler failed.
pub fn run(args: &Run) -> Result<Exit, Stop> {
    if !args.migrate && (args.migration.dry_run || args.migration.drop_waiting) {
        return Err(Stop::Usage("--dry-run and --drop-waiting are about --migrate: give that too".to_owned()));
    }
    let steps = match steps(args)? {
        Ok(steps) => steps,
        Err(exit) => return Ok(exit),
    };
    let traced = args.trace || args.debug_listen.is_some();
    let loaded = match session::load_to_play(&args.file, &args.play, traced) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    if Backend::from(args.play.backend) == Backend::Rust
        && let Some(exit) = run_built([&loaded], false)?
    {
        return Ok(exit);
    }
    perf::begin(args.perf_map, &[args.play.backend.into()])?;
    let (mut session, mut versions) = match begin(args, &loaded) {
        Ok(begun) => begun,
        Err(exit) => return exit,
    };
    versions.add(loaded.clone(), traced);
    if args.migration.dry_run {
        return Ok(Exit::Fine);
    }
    let mut recorder = match &args.record {
        Some(path) => Some(FileRecorder::create(&Disk, path, &session, &versions, RECORDING)?),
        None => None,
    };
    let mut played = Played { session: &mut session, recorder: recorder.as_mut(), versions: &versions };
    let reports = match &args.debug_listen {
        Some(address) => {
            let options = Options { token: Some(debug::token(args.debug_token.as_deref())), session: SESSION.into() };
            let socket = debug::listen(address, args.debug_public, options.token.as_deref().unwrap_or(""))?;
            let mut debugger = Debugger::new(Outline::new(&loaded), options, Box::new(socket), clock());
            let texts = played.versions.texts(&played.session.save_packed().programs());
            let texts = texts.map_err(|what| Stop::Usage(format!("the session cannot be debugged: {what}")))?;
            let mut history = History::begin(played.session, &texts, &mut debugger, now);
            debugger.wait_for_start();
            let reports = played.each(&steps, |step, session| history.perform(step, session, &mut debugger));
            debugger.finish();
            reports
        }
        None if args.trace => {
            let sink = Box::new(|message: &_| terminal::say(&json::to_string(message)));
            let mut recorder = Recorder::new(Outline::new(&loaded), SESSION, clock(), sink);
            played.each(&steps, |step, session| step.perform(session, Some(&mut recorder)))
        }
        None => played.each(&steps, |step, session| step.perform(session, Some(&mut session::Messages))),
    };
    let reports = reports?;
    if let Some(recorder) = recorder {
        recorder.finish(&mut session, &versions)?;
    }
    if let Some(event) = &args.event {
        session::explain(&loaded, event, &reports);
    }
    if let Some(path) = &args.save {
        save::to_file(&Disk, path, &session, &versions, args.saving.options())?;
    }
    let outcome = play::outcome_value(&reports, &session);
    terminal::product(&json::to_pretty(&outcome))?;
    Ok(match play::failure(&reports) {
        Some(_) => Exit::HandlerFailed,
        None => Exit::Fine,
    })
}

/// The event, the script, the time to pass; what is wrong with the script is said.
fn steps(args: &Run) -> Result<Result<Vec<Act>, Exit>, Stop> {
    let mut steps = Vec::new();
    if let Some(event) = &args.event {
        steps.push(Act::Event(session::action(event, &args.play)?));
    }
    if let Some(path) = &args.script {
        let source = Arc::new(Source::read(path)?);
        let (script, diagnostics) = steps::steps(&source);
        if !diagnostics.is_empty() {
            terminal::say(&report::render(&source.findings(diagnostics), terminal::look()));
            return Ok(Err(Exit::BadInput));
        }
        steps.extend(script.into_iter().map(|step| step.act));
    }
    steps.extend(args.play.advance.map(Act::Advance));
    Ok(Ok(steps))
}

/// A new session, or the one that was saved, whose new activations run on `loaded`.
fn begin(args: &Run, loaded: &Loaded) -> Result<(Session, Versions), Result<Exit, Stop>> {
    let Some(path) = &args.load else { return Ok((session::begin(loaded, &args.play)?, Versions::default())) };
    session::declares_only(&args.play)?;
    let backend = Backend::from(args.play.backend);
    let stop = |fault: Fault| Err(Stop::from(fault));
    let content = save::content(&Disk, path).map_err(stop)?;
    let same = loaded.schema.as_deref().map(|schema| schema.hash()) == Some(content.schema.hash());
    if args.migrate && !same {
        let traced = args.trace || args.debug_listen.is_some();
        let (Opened { session, versions }, report) =
            content.migrate_on(backend, loaded, traced, &args.migration.migration()).map_err(stop)?;
        terminal::say(&report.to_string());
        return Ok((session, versions));
    }
    if args.migration.dry_run {
        terminal::say("the schema is the same: nothing needs to be migrated");
    }
    let opened = content.open_on(&loaded.host_nodes, backend).map_err(stop)?;
    let mut session = opened.session;
    for hash in session.save_packed().programs() {
        let runs_on = opened.versions.program_on(&hash, backend).map(|program| program.execution().name);
        if hash != loaded.document_hash && runs_on.is_some_and(|name| name != backend.name()) {
            terminal::say(&format!(
                "what waits since the version {} of the document is interpreted: that version does not run on `{}` here",
                play::hex(&hash),
                backend.name()
            ));
        }
    }
    let is_another = session.program().document_hash() != loaded.document_hash;
    if is_another || session.program().execution().name != backend.name() {
        if is_another && !same {
            let why = "it was saved with another schema than the document has now; --migrate takes it there";
            return Err(Err(Stop::option("--load", &path.display().to_string(), why)));
        }
        let program = loaded.program(backend).map_err(stop)?;
        program.into_iter().for_each(|program| session.set_program(program));
    }
    Ok((session, opened.versions))
}

/// A session being played, and perhaps recorded.
struct Played<'a> {
    session: &'a mut Session,
    recorder: Option<&'a mut FileRecorder>,
    versions: &'a Versions,
}

impl Played<'_> {
    fn each(
        &mut self,
        steps: &[Act],
        mut perform: impl FnMut(&Act, &mut Session) -> Vec<ActionReport>,
    ) -> Result<Vec<ActionReport>, Stop> {
        let mut reports = Vec::new();
        for step in steps {
            reports.extend(perform(step, self.session));
            if let Some(recorder) = &mut self.recorder {
                recorder.record(self.session, self.versions)?;
            }
        }
        Ok(reports)
    }
}

fn clock() -> Clock<'static> {
    Box::new(now)
}

/// Nanoseconds since the Unix epoch.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
