//! Sessions that are told apart by nothing: one that just runs, one that is traced, and those that are saved and loaded
//! between all steps.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_harness::act::Act;
use statewright_harness::play;
use statewright_harness::project::source::Texts;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::testing::discover::discover;
use statewright_harness::testing::execute::part;
use statewright_harness::testing::file::{self, Test, TestFile};
use statewright_harness::testing::suite;
use statewright_harness::trace::Trace;
use statewright_runtime::context::Tracer;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::Program;
use statewright_runtime::session::{ActionReport, SavedSession, Session};
use statewright_tests::corpus;
use statewright_types::random::splitmix64;
use statewright_types::{Value, json};

/// A test file with its document, lowered both ways.
pub struct Case {
    pub file: TestFile,
    pub plain: Loaded,
    pub traced: Loaded,
}

pub fn cases(path: &Path) -> Vec<Case> {
    discover(path).expect("there are test files").iter().filter_map(|path| case(path)).collect()
}

/// A test file whose document runs.
fn case(path: &Path) -> Option<Case> {
    let source = Arc::new(Source::read(path).ok()?);
    let file = file::read(&source).0?;
    let load = |traced| {
        suite::load(&file, path, traced, &Texts::default(), &HostNodes::default()).expect("its files can be read")
    };
    let (plain, traced) = (load(false), load(true));
    plain.module.is_some().then_some(Case { file, plain, traced })
}

/// What a test may use to be looked at step by step, or again after every save: copies of everything at every step
/// grow with the square of what a test does.
const LIGHT_FUEL: u64 = 20_000;
/// The same for its state, bytes as JSON.
const LIGHT_STATE: usize = 1 << 18;

impl Case {
    /// The session of a test whose steps may be looked at closely, if it begins.
    pub fn begin_light(&self, test: &Test, loaded: &Loaded) -> Option<Session> {
        let mut session = self.begin(test, &self.plain)?;
        let mut fuel = 0;
        for step in &test.steps {
            let reports = act(&mut session, &step.act, None);
            fuel += reports.iter().flat_map(|report| &report.activations).map(|one| one.fuel).sum::<u64>();
            if fuel > LIGHT_FUEL || json::to_string(&session.state().to_value()).len() > LIGHT_STATE {
                return None;
            }
        }
        self.begin(test, loaded)
    }

    pub fn begin(&self, test: &Test, loaded: &Loaded) -> Option<Session> {
        let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
        let state = test.state.map(|node| part(&self.file, node));
        play::begin(loaded, program, &test.setup, state.as_ref()).ok()
    }
}

pub fn act(session: &mut Session, act: &Act, trace: Option<&mut dyn Tracer>) -> Vec<ActionReport> {
    act.perform(session, trace)
}

/// What can be told of a session from outside, between steps.
fn shown(session: &Session) -> impl PartialEq + std::fmt::Debug + use<> {
    let viewers: Vec<Arc<str>> = session.players().iter().cloned().chain(["nobody".into()]).collect();
    let views: Vec<String> = viewers.iter().map(|viewer| json::to_string(&session.view(viewer))).collect();
    let faults =
        format!("{:?} {:?}", session.filter_faults().collect::<Vec<_>>(), session.effect_faults().collect::<Vec<_>>());
    let hidden: Vec<_> = viewers.iter().map(|viewer| session.view_faults(viewer)).collect();
    let effects = format!("{:?}", session.effects().collect::<Vec<_>>());
    let hashes = (session.state().hash(), session.effective().hash());
    (hashes, session.waiting(), session.next_deadline(), session.now_ms(), views, faults, hidden, effects)
}

/// Through JSON text, and through bytes.
fn reloaded(session: &Session) -> Session {
    let schema = session.state().schema().clone();
    let saved = session.save();
    let text = |saved: &SavedSession| json::to_string(&saved.to_value(&schema));
    let written = text(&saved);
    let read: Value = written.parse().expect("it is JSON");
    let read = SavedSession::from_value(&read, &schema).expect("it is a session");
    assert_eq!(text(&read), written, "reading and writing again changes nothing");
    let program: Arc<dyn Program> = session.program().clone();
    let programs = |hash: &[u8; 32]| (program.document_hash() == *hash).then(|| program.clone());
    let loaded = Session::load(&read, schema.clone(), &programs).expect("it loads");
    assert_eq!(text(&loaded.save()), written, "loading and saving again changes nothing");
    // And through bytes, from which it goes on.
    let packed = session.save_packed();
    assert_eq!(text(&packed), written, "packed it says the same");
    let bytes = packed.to_bytes(&schema);
    let read = SavedSession::from_bytes(&bytes, &schema).expect("it is a session");
    let loaded = Session::load(&read, schema.clone(), &programs).expect("it loads");
    assert_eq!(loaded.save_packed().to_bytes(&schema), bytes, "loading and saving again changes nothing");
    loaded
}

pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

#[test]
fn a_traced_session_and_a_saved_one_do_what_a_plain_one_does() {
    let mut steps = 0;
    for case in cases(&corpus::folder()).into_iter().chain(cases(&samples())) {
        for test in &case.file.tests {
            let Some(mut plain) = case.begin_light(test, &case.plain) else { continue };
            let mut traced = case.begin(test, &case.traced).expect("the other began");
            let mut saved = case.begin(test, &case.traced).expect("the other began");
            let mut trace = Trace::default();
            for (index, step) in test.steps.iter().enumerate() {
                let at = format!("{}: {}: step {}", case.file.source.name, test.name, index + 1);
                let expected = act(&mut plain, &step.act, None);
                assert_eq!(act(&mut traced, &step.act, Some(&mut trace)), expected, "{at}, traced");
                assert_eq!(shown(&traced), shown(&plain), "{at}, traced");
                (plain, saved) = (reloaded(&plain), reloaded(&saved));
                assert_eq!(act(&mut saved, &step.act, None), expected, "{at}, saved");
                assert_eq!(shown(&saved), shown(&plain), "{at}, saved");
                steps += 1;
            }
        }
    }
    assert!(steps > 300, "only {steps} steps");
}

#[test]
fn only_what_is_lowered_for_tracing_observes() {
    let observes = |loaded: &Loaded| {
        let functions = loaded.module.iter().flat_map(|module| &module.functions);
        let insts = functions.flat_map(|function| &function.blocks).flat_map(|block| &block.insts);
        insts.filter(|inst| inst.op.is_traced_only()).count()
    };
    for case in cases(&samples()) {
        assert_eq!(observes(&case.plain), 0);
        assert!(observes(&case.traced) > 10);
        assert_ne!(case.plain.document_hash, case.traced.document_hash, "their suspensions do not fit one another");
    }
}

/// Random numbers for scripts.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(splitmix64(&mut self.0) >> 32).unwrap_or(0) % bound.max(1)
    }
}

/// Sessions of the samples that are saved at some point go on as those that were not.
#[test]
fn random_scripts_go_on_after_loading() {
    let mut waited = 0;
    for case in cases(&samples()) {
        let actions: Vec<&Act> = case.file.tests.iter().flat_map(|test| &test.steps).map(|step| &step.act).collect();
        for seed in 0..8 {
            let mut chance = Chance(seed);
            let test = &case.file.tests[chance.below(case.file.tests.len())];
            let mut sessions = vec![case.begin(test, &case.plain).expect("it begins")];
            for _ in 0..20 {
                let action = match chance.below(4) {
                    0 => Act::Advance(chance.below(5_000) as i64),
                    _ => actions[chance.below(actions.len())].clone(),
                };
                // Every session so far goes on, and one more that was saved just now.
                let newest = reloaded(&sessions[0]);
                waited += newest.waiting();
                sessions.push(newest);
                let mut reports = sessions.iter_mut().map(|session| act(session, &action, None));
                let expected = reports.next().expect("the one that was never saved");
                reports.for_each(|reports| assert_eq!(reports, expected));
                assert_eq!(shown(&sessions[1]), shown(&sessions[0]));
            }
        }
    }
    assert!(waited > 0, "no sample waits");
}
