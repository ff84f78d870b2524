//! What handlers are called with: what the document's tests send, or else parameters made from their types.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_interpreter::Interpreter;
use statewright_runtime::program::Program;
use statewright_runtime::session::{Action, Session, Status};
use statewright_types::Value;

use super::made::{self, PLAYERS};
use crate::act::Act;
use crate::play::{self, Setup};
use crate::project::loaded::Text;
use crate::project::source::Texts;
use crate::project::{Fault, Finding, Loaded, Source};
use crate::testing::execute;
use crate::testing::file::{self, TestFile};
use crate::testing::steps::Step;
use crate::testing::suite;

/// Steps of tests that are played at most to find out what handlers are sent.
const MOST_STEPS: usize = 10_000;

/// What whoever measures gives instead.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Only the handler of this name.
    pub handler: Option<String>,
    /// Parameters of all handlers that are measured.
    pub params: Option<Value>,
    /// The state, in whole or in part.
    pub state: Option<Text>,
}

/// A handler and what it is called with.
#[derive(Clone, Debug)]
pub struct Case {
    /// By position in the document.
    pub handler: usize,
    /// Its name.
    pub name: Arc<str>,
    /// What is sent.
    pub action: Action,
    /// Where parameters and state come from, for people.
    pub origin: String,
    start: Start,
}

/// What the session begins with.
#[derive(Clone, Debug)]
enum Start {
    /// Of a test: what it begins with, and as many of its steps.
    Test { file: Arc<TestFile>, test: usize, steps: usize },
    /// The schema's defaults, or a state that was given, and two players.
    Plain { state: Option<Text> },
}

/// All that is measured of a document.
#[derive(Clone, Debug, Default)]
pub struct Cases(pub Vec<Case>);

impl Cases {
    /// Of a document at a path, which has no errors: one for each handler, in document order. What tests do is found out on the
    /// interpreter; of several events that a handler is sent, the first one counts that it gets through.
    pub fn of(loaded: &Loaded, path: &Path, given: &Given) -> Result<Cases, Fault> {
        let mut found: Vec<Option<Found>> = vec![None; loaded.handlers.len()];
        if let Some(program) = interpreter(loaded) {
            let mut steps = 0;
            for file in test_files(path) {
                play_file(loaded, path, &file, &program, &mut steps, &mut found);
            }
        }
        let mut cases = Vec::new();
        for (handler, (info, found)) in loaded.handlers.iter().zip(found).enumerate() {
            if given.handler.as_ref().is_some_and(|name| **name != *info.name) {
                continue;
            }
            let mut case = match found {
                Some(found) => Case { handler, name: info.name.clone(), ..found.case },
                None => made_case(loaded, handler),
            };
            if let Some(params) = &given.params {
                case.action.params = params.clone();
                case.origin = format!("parameters given, state of {}", case.origin);
            }
            if let Some(state) = &given.state {
                case.start = Start::Plain { state: Some(state.clone()) };
                case.origin = match given.params {
                    Some(_) => "parameters and state given".to_owned(),
                    None => format!("state given, parameters of {}", case.origin),
                };
            }
            cases.push(case);
        }
        Ok(Cases(cases))
    }

    /// Whether a session can begin with each state.
    ///
    /// # Errors
    /// What is wrong with the first that cannot.
    pub fn check(&self, loaded: &Loaded) -> Result<(), Vec<Finding>> {
        let Some(program) = interpreter(loaded) else { return Ok(()) };
        self.0.iter().try_for_each(|case| case.session(loaded, program.clone()).map(drop))
    }
}

impl Case {
    /// The session that the handler is called in.
    ///
    /// # Errors
    /// What is wrong with the state.
    pub fn session(&self, loaded: &Loaded, program: Arc<dyn Program>) -> Result<Session, Vec<Finding>> {
        match &self.start {
            Start::Plain { state } => {
                let players = PLAYERS.map(Arc::from).to_vec();
                play::begin(loaded, program, &Setup { players, ..Setup::default() }, state.as_ref())
            }
            Start::Test { file, test, steps } => {
                let Some(test) = file.tests.get(*test) else {
                    return play::begin(loaded, program, &Setup::default(), None);
                };
                let mut session = execute::begin(file, test, loaded, program)?;
                for step in test.steps.iter().take(*steps) {
                    play_step(&mut session, step);
                }
                Ok(session)
            }
        }
    }
}

/// A case, and whether the handler got through.
#[derive(Clone, Debug)]
struct Found {
    case: Case,
    succeeded: bool,
}

fn interpreter(loaded: &Loaded) -> Option<Arc<dyn Program>> {
    let (module, tables) = (loaded.module.as_ref()?, loaded.tables()?);
    Some(Arc::new(Interpreter::with_tables(module, tables, &loaded.host_nodes)))
}

fn made_case(loaded: &Loaded, handler: usize) -> Case {
    let info = loaded.handlers.get(handler);
    let params = info.into_iter().flat_map(|info| &info.params).filter_map(|(name, ty)| {
        let schema = loaded.schema.as_ref()?;
        Some((name.clone(), made::value(schema, ty)))
    });
    let (name, event) = info.map(|info| (info.name.clone(), info.event.clone())).unwrap_or_default();
    let action = Action { event, sender: "".into(), params: Value::Map(params.collect()) };
    Case { handler, name, action, origin: "their types".to_owned(), start: Start::Plain { state: None } }
}

/// `*.test.json` beside the document, and in a folder `tests` there.
fn test_files(document: &Path) -> Vec<PathBuf> {
    let folder = document.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files: Vec<PathBuf> = [folder.to_owned(), folder.join("tests")]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.json"))
        .collect();
    files.sort();
    files
}

/// Plays the tests of a file, if they are about this very document, as far as that tells something new.
fn play_file(
    loaded: &Loaded,
    document: &Path,
    path: &Path,
    program: &Arc<dyn Program>,
    steps: &mut usize,
    found: &mut [Option<Found>],
) {
    let Ok(source) = Source::read(path) else { return };
    let Some(file) = file::read(&Arc::new(source)).0 else { return };
    let file::Part::Path(graph) = &file.graph else { return };
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if !same(&path.parent().unwrap_or(Path::new("")).join(&**graph), document) {
        return;
    }
    // Another schema or configuration makes another document of it.
    if suite::load(&file, path, false, &Texts::default(), &loaded.host_nodes)
        .map_or(true, |tested| tested.document_hash != loaded.document_hash)
    {
        return;
    }
    let file = Arc::new(file);
    for (index, test) in file.tests.iter().enumerate() {
        let Ok(mut session) = execute::begin(&file, test, loaded, program.clone()) else { continue };
        for (at, step) in test.steps.iter().enumerate() {
            *steps += 1;
            if *steps > MOST_STEPS || found.iter().all(|found| found.as_ref().is_some_and(|found| found.succeeded)) {
                return;
            }
            let ended = play_step(&mut session, step);
            let Act::Event(action) = &step.act else { continue };
            for (name, succeeded) in ended {
                let position = loaded.handlers.iter().position(|info| info.name == name);
                let Some(place) = position.and_then(|position| found.get_mut(position)) else { continue };
                let is_better = place.as_ref().is_none_or(|found| succeeded && !found.succeeded);
                if !is_better
                    || position.is_none_or(|at| loaded.handlers.get(at).is_none_or(|info| info.event != action.event))
                {
                    continue;
                }
                let name_of_file = path.file_name().unwrap_or_default().to_string_lossy();
                let case = Case {
                    handler: 0,
                    name,
                    action: action.clone(),
                    origin: format!("{name_of_file}: {}, step {}", test.name, at + 1),
                    start: Start::Test { file: file.clone(), test: index, steps: at },
                };
                *place = Some(Found { case, succeeded });
            }
        }
    }
}

/// Which handlers ran, and whether they got through.
fn play_step(session: &mut Session, step: &Step) -> Vec<(Arc<str>, bool)> {
    let reports = step.act.perform(session, None);
    let activations = reports.iter().flat_map(|report| report.activations.iter());
    activations.map(|ran| (ran.handler.clone(), ran.status != Status::Failed)).collect()
}
