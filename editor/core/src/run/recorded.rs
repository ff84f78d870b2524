//! Recordings (`.rec`): done again moment by moment, under a debugger as well.

use std::sync::Arc;

use statewright_harness::act::Act;
use statewright_harness::project::{Fault, Loaded};
use statewright_harness::record;
use statewright_harness::save::Versions;
use statewright_runtime::context::Tracer;
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::Recording;
use statewright_runtime::session::{ActionReport, Input, Session};
use statewright_types::Value;

use super::breakpoints::Spot;
use super::stage::{Audience, Stage};
use super::timeline::Timeline;
use super::{News, Order, Setting};

/// A recording, to begin a session with.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What messages call it.
    pub name: String,
    /// The recording.
    pub recording: Arc<Recording>,
}

impl Recorded {
    /// Its session at the beginning, the document that runs then, and all documents. They are lowered for tracing, also where they were
    /// not when it was recorded.
    ///
    /// # Errors
    /// What is missing or does not run.
    pub(crate) fn begin(&self, host_nodes: &HostNodes) -> Result<(Loaded, Session, Versions), String> {
        let begun = record::begin_traced(&self.name, &self.recording, host_nodes);
        let (session, versions) = begun.map_err(|fault| fault.to_string())?;
        let loaded = versions.loaded(&session.program().document_hash()).cloned();
        let loaded = loaded.ok_or_else(|| format!("{} has no text of its document", self.name))?;
        Ok((loaded, session, versions))
    }

    /// Does again what an entry tells, by position.
    ///
    /// # Errors
    /// There is none, or it cannot be done here: why.
    pub(crate) fn perform(
        &self,
        index: usize,
        session: &mut Session,
        versions: &Versions,
        tracer: &mut dyn Tracer,
    ) -> Result<(String, Vec<ActionReport>), String> {
        let entry = self.recording.entries.get(index).ok_or_else(|| format!("{} is shorter", self.name))?;
        let mut reports = session.advance_to_traced(entry.time_ms, tracer);
        match Act::of(&entry.input) {
            Some(act) => reports.extend(act.perform(session, Some(tracer))),
            None => session.apply(entry, &|hash| versions.program(hash)).map_err(|error| error.to_string())?,
        }
        Ok((words(&entry.input), reports))
    }

    /// What an entry does at that time, act by act; `None` if only the host program can do it again, or there is no such entry.
    pub(crate) fn acts(&self, index: usize, now_ms: i64) -> Option<Vec<Act>> {
        let entry = self.recording.entries.get(index)?;
        let passes = entry.time_ms.saturating_sub(now_ms);
        let act = Act::of(&entry.input)?;
        let waits = (passes > 0).then_some(Act::Advance(passes));
        // Time that passes by itself is an entry of its own.
        let does = (entry.input != Input::Advance || passes == 0).then_some(act);
        Some(waits.into_iter().chain(does).collect())
    }

    /// What lists call an entry.
    pub(crate) fn label(&self, index: usize) -> Option<String> {
        self.recording.entries.get(index).map(|entry| words(&entry.input))
    }

    /// Whether it has a document with this text.
    pub fn is_of(&self, text: &str) -> bool {
        let later = self.recording.versions.iter().map(|(_, texts)| texts);
        let documents = std::iter::once(&self.recording.texts).chain(later).filter_map(|texts| texts.get("documents"));
        let has = |documents: &Value| match documents {
            Value::Map(found) => found.iter().any(|(_, document)| document.get("text") == Some(&Value::str(text))),
            _ => false,
        };
        documents.into_iter().any(has)
    }

    /// What has a session do it again.
    pub fn setting(&self, host_nodes: &HostNodes) -> Setting {
        Setting {
            name: self.name.clone(),
            host_nodes: host_nodes.clone(),
            recorded: Some(self.clone()),
            ..Setting::default()
        }
    }

    /// Everything that was done, in order.
    pub fn orders(&self) -> Vec<Order> {
        (0..self.recording.entries.len()).map(Order::Entry).collect()
    }

    /// Everything that was done, moment by moment: it is replayed once.
    ///
    /// # Errors
    /// [`Fault::BadRecording`] if its texts are missing or do not run, [`Fault::Diverged`] if it goes another way.
    pub fn timeline(&self, host_nodes: &HostNodes) -> Result<Timeline, Fault> {
        let bad = |what: Vec<String>| Fault::BadRecording { name: self.name.clone(), what: what.join("; ") };
        let mut stage = Stage::new(&self.setting(host_nodes)).map_err(bad)?;
        let mut timeline = Timeline::new(stage.state());
        for order in self.orders() {
            let mut visits = Visits::default();
            match stage.obey(order, &mut visits) {
                Some(News::Did(mut moment)) => {
                    (moment.steps, moment.visited) = (visits.0.len() as u64, visits.0);
                    timeline.add(*moment);
                }
                Some(News::Failed(what)) => {
                    return Err(Fault::Diverged { name: self.name.clone(), what: what.join("; ") });
                }
                _ => {}
            }
        }
        Ok(timeline)
    }
}

fn words(input: &Input) -> String {
    match input {
        Input::Advance => "time passes".to_owned(),
        Input::Update { name, .. } => format!("update {name}"),
        Input::Program { .. } => "another version of the document".to_owned(),
        input => Act::of(input).map_or_else(String::new, |act| act.label()),
    }
}

/// The nodes that ran.
#[derive(Default)]
struct Visits(Vec<Spot>);

impl Tracer for Visits {
    fn enter(&mut self, _: &str, function: &str, node: &str) {
        self.0.push((function.into(), node.into()));
    }
}

impl Audience for Visits {
    fn tracer(&mut self) -> &mut dyn Tracer {
        self
    }
}
