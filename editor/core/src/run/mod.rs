//! Running: a session on a thread of its own, what it did moment by moment, what that cost.
//!
//! - [`timeline`]: moments, the state at each, what wrote a field last
//! - [`profile`]: fuel, time and calls of each node
//!
//! A session runs with a debugger at one end of a channel within the process; whoever holds [`Run`] speaks the debugger's
//! protocol (docs/debugging.md), so that a process at the end of a socket is no different.

pub mod profile;
#[cfg(test)]
mod tests;
pub mod timeline;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use statewright_harness::debug::{Debugger, Local, LocalClient, Options, Outline};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Finding, LoadOptions, Loaded, Source};
use statewright_harness::save::Versions;
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::{RecordOptions, Recorder};
use statewright_runtime::session::{Action, ActionReport, Session};
use statewright_types::Value;

use timeline::{Moment, Timeline, moment};

/// What is run.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The document's name, for messages.
    pub name: String,
    /// The document.
    pub document: Arc<str>,
    /// The schema.
    pub schema: Arc<str>,
    /// The configuration, if there is one.
    pub config: Option<Arc<str>>,
    /// Seed, players, time.
    pub setup: Setup,
    /// The state to begin with, in whole or in part; its defaults without.
    pub state: Option<Arc<str>>,
    /// Nodes of the host program.
    pub host_nodes: HostNodes,
}

/// What a session is told to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// An event.
    Event(Action),
    /// Time passes, milliseconds.
    Advance(i64),
    /// A player joins.
    Join(String),
    /// A player leaves.
    Leave(String),
    /// What a viewer sees is wanted.
    View(String),
    /// What happened so far is wanted as a recording.
    Recording,
}

/// What a session tells.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It is there, with this state.
    Began(Value),
    /// It cannot be: what is wrong, each with what to do.
    Failed(Vec<String>),
    /// Something was done.
    Did(Box<Moment>),
    /// What a viewer sees.
    View(String, Value),
    /// A recording, in the format of docs/saving.md.
    Recording(Vec<u8>),
}

/// A session that runs. It ends with this value, also while it is held up.
#[derive(Debug)]
pub struct Run {
    orders: Option<Sender<Order>>,
    client: Option<LocalClient>,
    news: Receiver<News>,
    thread: Option<JoinHandle<()>>,
}

impl Run {
    /// Begins a session. `clock` gives nanoseconds since the Unix epoch, for messages of the debugger; `told` is called on the
    /// session's thread whenever there is news.
    pub fn start(
        setting: Setting,
        clock: impl FnMut() -> u64 + Send + 'static,
        told: impl Fn() + Send + 'static,
    ) -> Run {
        let ((orders, ordered), (tell, news)) = (channel(), channel());
        let (local, client) = Local::pair();
        let thread = thread::spawn(move || {
            let tell = |told_of: News| {
                let is_heard = tell.send(told_of).is_ok();
                told();
                is_heard
            };
            match Stage::new(&setting) {
                Ok(mut stage) => {
                    let options = Options { token: None, session: "editor".into() };
                    let outline = Outline::new(&stage.loaded);
                    let mut debugger = Debugger::new(outline, options, Box::new(local), Box::new(clock));
                    tell(News::Began(stage.session.state().to_value()));
                    for order in ordered {
                        if !stage.obey(order, &mut debugger).into_iter().all(&tell) {
                            break;
                        }
                    }
                    debugger.finish();
                }
                Err(problems) => {
                    tell(News::Failed(problems));
                }
            }
        });
        Run { orders: Some(orders), client: Some(client), news, thread: Some(thread) }
    }

    /// Tells the session to do something; it does things in order, and not while it is held up.
    pub fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // A session that could not begin hears nothing; its news says so.
            let _ = orders.send(order);
        }
    }

    /// Sends a command of the debugger's protocol: one line of JSON.
    pub fn command(&self, line: &str) {
        if let Some(client) = &self.client {
            let _ = client.commands.send(line.to_owned());
        }
    }

    /// The debugger's next message, if there is one.
    pub fn message(&self) -> Option<String> {
        self.client.as_ref()?.messages.try_recv().ok()
    }

    /// The debugger's next message, waiting for it; `None` once it is over.
    pub fn wait_message(&self) -> Option<String> {
        self.client.as_ref()?.messages.recv().ok()
    }

    /// The next news, if there is any.
    pub fn news(&self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// The next news, waiting for it; `None` once it is over.
    pub fn wait_news(&self) -> Option<News> {
        self.news.recv().ok()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Without a client a session that is held up goes on; without orders it ends.
        self.orders = None;
        self.client = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A session with what recording it needs.
struct Stage {
    loaded: Loaded,
    session: Session,
    versions: Versions,
    recorder: Option<Recorder>,
    /// The recording so far.
    recorded: Vec<u8>,
    before: Value,
    number: u64,
}

impl Stage {
    fn new(setting: &Setting) -> Result<Stage, Vec<String>> {
        let text = |name: &str, text: &Arc<str>| Text::whole(&Arc::new(Source::inline(name, text.clone())));
        let options = LoadOptions { traced: true, host_nodes: setting.host_nodes.clone(), ..LoadOptions::default() };
        let config = setting.config.as_ref().map(|config| text("the configuration", config));
        let loaded = Loaded::build(
            text(&setting.name, &setting.document),
            text("the schema", &setting.schema),
            config,
            &options,
        );
        let told = |findings: &[Finding]| {
            let errors = findings.iter().filter(|finding| finding.is_error());
            errors.map(|finding| finding.diagnostic.to_string()).collect::<Vec<_>>()
        };
        let program = loaded.program(Backend::Interpreter).map_err(|fault| vec![fault.to_string()])?;
        let program = program.ok_or_else(|| told(&loaded.findings))?;
        let state = setting.state.as_ref().map(|state| text("the state", state));
        let session = play::begin(&loaded, program, &setting.setup, state.as_ref()).map_err(|found| told(&found))?;
        let mut versions = Versions::default();
        versions.add(loaded.clone(), true);
        let texts = versions.texts(&session.save_packed().programs()).map_err(|what| vec![what])?;
        let recorder = Some(Recorder::new(&session, &texts, RecordOptions::default()));
        let before = session.state().to_value();
        Ok(Stage { loaded, session, versions, recorder, recorded: Vec::new(), before, number: 0 })
    }

    fn obey(&mut self, order: Order, debugger: &mut Debugger<'_>) -> Vec<News> {
        let (label, reports) = match order {
            Order::View(viewer) => {
                let seen = self.session.view(&viewer);
                return vec![News::View(viewer, seen)];
            }
            Order::Recording => return self.recording().map(News::Recording).into_iter().collect(),
            Order::Event(action) => {
                let label = match &*action.sender {
                    "" => action.event.to_string(),
                    sender => format!("{} of {sender}", action.event),
                };
                (label, vec![self.session.dispatch_traced(action, debugger)])
            }
            Order::Advance(ms) => {
                let now = self.session.now_ms().saturating_add(ms.max(0));
                (format!("{ms} ms pass"), self.session.advance_to_traced(now, debugger))
            }
            Order::Join(player) => (format!("{player} joins"), vec![self.session.join(&player)]),
            Order::Leave(player) => (format!("{player} leaves"), self.session.leave(&player)),
        };
        vec![News::Did(Box::new(self.moment(label, &reports)))]
    }

    fn moment(&mut self, label: String, reports: &[ActionReport]) -> Moment {
        self.number += 1;
        let after = self.session.state().to_value();
        let moment = moment(self.number, label, self.session.now_ms(), &self.before, &after, reports);
        self.before = after;
        moment
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
        let _ = &self.versions;
        Some(self.recorded.clone())
    }
}

/// A timeline of moments that were told one by one.
pub fn collect(began: Value, moments: impl IntoIterator<Item = Moment>) -> Timeline {
    let mut timeline = Timeline::new(began);
    moments.into_iter().for_each(|moment| timeline.add(moment));
    timeline
}
