//! A session with what recording it needs, and those who watch it.

use std::sync::Arc;

use statewright_harness::act::Act;
use statewright_harness::debug::moment::Chronicle;
use statewright_harness::debug::profile::Profile;
use statewright_harness::debug::{Stop, Watched};
use statewright_harness::play;
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Finding, LoadOptions, Loaded, Source};
use statewright_harness::save::Versions;
use statewright_runtime::context::{Context, Tracer};
use statewright_runtime::persist::recording::{RecordOptions, Recorder};
use statewright_runtime::program::Program;
use statewright_runtime::session::{ActionReport, Session};
use statewright_types::Value;

use super::recorded::Recorded;
use super::{News, Order, Setting};

/// The document of a setting; `traced` if somebody watches its sessions.
pub(crate) fn load(setting: &Setting, traced: bool) -> Loaded {
    let options = LoadOptions { traced, host_nodes: setting.host_nodes.clone(), ..LoadOptions::default() };
    let config = setting.config.as_ref().map(|config| whole("the configuration", config));
    let document = whole(&setting.name, &setting.document);
    Loaded::build(document, whole("the schema", &setting.schema), config, &options)
}

fn whole(name: &str, text: &Arc<str>) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text.clone())))
}

/// Who watches a session: a tracer that may know what the nodes cost.
pub trait Audience: Tracer {
    /// What the nodes cost since the last time.
    fn profile(&mut self, reports: &[ActionReport]) -> Profile {
        let _ = reports;
        Profile::default()
    }

    /// As a tracer.
    fn tracer(&mut self) -> &mut dyn Tracer;
}

/// Nobody watches; it may be ended.
#[derive(Clone, Debug, Default)]
pub struct Nobody(pub Stop);

impl Tracer for Nobody {
    fn pause(&mut self, cx: &mut Context<'_>) {
        self.0.look(cx);
    }
}

impl Audience for Nobody {
    fn tracer(&mut self) -> &mut dyn Tracer {
        self
    }
}

impl Audience for Watched<'_, '_> {
    fn profile(&mut self, reports: &[ActionReport]) -> Profile {
        Watched::profile(self, reports)
    }

    fn tracer(&mut self) -> &mut dyn Tracer {
        self
    }
}

/// A session with what recording it needs.
pub struct Stage {
    /// What runs.
    pub loaded: Loaded,
    /// The session.
    pub session: Session,
    recorder: Option<Recorder>,
    /// The recording so far.
    recorded: Vec<u8>,
    chronicle: Chronicle,
    versions: Versions,
    /// The recording that it begins with.
    origin: Option<Recorded>,
}

impl Stage {
    /// A session by what it begins with.
    ///
    /// # Errors
    /// What is wrong with the document, the schema, the configuration, the state or the recording.
    pub fn new(setting: &Setting) -> Result<Stage, Vec<String>> {
        let (loaded, session, versions) = match &setting.recorded {
            Some(recorded) => recorded.begin(&setting.host_nodes).map_err(|what| vec![what])?,
            None => Stage::fresh(setting)?,
        };
        let texts = versions.texts(&session.save_packed().programs()).map_err(|what| vec![what])?;
        let recorder = Some(Recorder::new(&session, &texts, RecordOptions::default()));
        let chronicle = Chronicle::new(&session);
        let origin = setting.recorded.clone();
        Ok(Stage { loaded, session, recorder, recorded: Vec::new(), chronicle, versions, origin })
    }

    fn fresh(setting: &Setting) -> Result<(Loaded, Session, Versions), Vec<String>> {
        let loaded = load(setting, true);
        let told = |findings: &[Finding]| {
            let errors = findings.iter().filter(|finding| finding.is_error());
            errors.map(|finding| finding.diagnostic.to_string()).collect::<Vec<_>>()
        };
        let program = loaded.program(Backend::Interpreter).map_err(|fault| vec![fault.to_string()])?;
        let program = program.ok_or_else(|| told(&loaded.findings))?;
        let state = setting.state.as_ref().map(|state| whole("the state", state));
        let session = play::begin(&loaded, program, &setting.setup, state.as_ref()).map_err(|found| told(&found))?;
        let mut versions = Versions::default();
        versions.add(loaded.clone(), true);
        Ok((loaded, session, versions))
    }

    /// The state as it is.
    pub fn state(&self) -> Value {
        self.session.state().to_value()
    }

    /// Does something; what there is to tell of it, if anything.
    pub fn obey(&mut self, order: Order, audience: &mut dyn Audience) -> Option<News> {
        let (label, reports) = match order {
            Order::View(viewer) => {
                let seen = self.session.view(&viewer);
                return Some(News::View(viewer, seen));
            }
            Order::Recording => return self.recording().map(News::Recording),
            Order::Entry(index) => {
                let (origin, session) = (self.origin.as_ref()?, &mut self.session);
                match origin.perform(index, session, &self.versions, audience.tracer()) {
                    Ok(done) => done,
                    Err(what) => return Some(News::Failed(vec![what])),
                }
            }
            Order::Act(act) => (act.label(), act.perform(&mut self.session, Some(audience.tracer()))),
        };
        let mut moment = self.chronicle.moment(label, &self.session, &reports);
        moment.profile = audience.profile(&reports);
        Some(News::Did(Box::new(moment)))
    }

    /// What an order does, act by act; `None` if it is what only the host program can do again, or no act at all.
    pub fn acts(&self, order: &Order) -> Option<Vec<Act>> {
        match order {
            Order::Act(act) => Some(vec![act.clone()]),
            Order::Entry(index) => self.origin.as_ref()?.acts(*index, self.session.now_ms()),
            Order::View(_) | Order::Recording => None,
        }
    }

    /// What lists call an order that does something.
    pub fn label(&self, order: &Order) -> Option<String> {
        match order {
            Order::Act(act) => Some(act.label()),
            Order::Entry(index) => self.origin.as_ref()?.label(*index),
            Order::View(_) | Order::Recording => None,
        }
    }

    /// The document that new activations run on, and its program.
    ///
    /// # Errors
    /// It is not known.
    pub fn runs(&self) -> Result<(Loaded, Arc<dyn Program>), String> {
        let program = self.session.program().clone();
        let loaded = self.versions.loaded(&program.document_hash()).cloned();
        Ok((loaded.ok_or("the text of its document is not known")?, program))
    }

    fn recording(&mut self) -> Option<Vec<u8>> {
        let recorder = self.recorder.as_mut()?;
        // What cannot be recorded any more (a version whose text is gone) ends the recording where it was.
        if recorder.record(&mut self.session).is_err() {
            self.recorder = None;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.checkpoint(&self.session);
            self.recorded.extend(recorder.take());
        }
        Some(self.recorded.clone())
    }
}
