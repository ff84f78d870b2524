//! Running: a session on a thread of its own, what it did moment by moment, what that cost.
//!
//! - [`live`]: a session as the editor sees it: its timeline, its debugger, its flow; here or in another process
//! - [`stage`]: a session with what recording it needs; [`past`]: one as it was
//! - [`client`]: the debugger's protocol from the client's side; [`remote`]: a process at the end of a socket
//! - [`flow`]: where the flow went, and the values at pins; [`breakpoints`]: where it is to stop
//! - [`timeline`]: moments, the state at each, what wrote a field last; [`profile`]: fuel, time and calls of each node
//! - [`recorded`]: recordings, to be looked at and debugged
//! - [`form`]: parameters as they are entered
//!
//! A session runs with a debugger at one end of a channel within the process; whoever holds [`Run`] speaks the debugger's
//! protocol (docs/debugging.md), so that a process at the end of a socket is no different.

pub mod breakpoints;
pub mod client;
pub mod flow;
pub mod form;
pub mod live;
pub mod past;
pub mod recorded;
pub mod remote;
pub mod stage;
#[cfg(test)]
mod tests;
pub mod timeline;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use statewright_harness::act::Act;
pub use statewright_harness::debug::profile;
use statewright_harness::debug::{Change, Channel, Debugger, Incoming, Options, Outline, Stop, Watched};
use statewright_harness::play::Setup;
use statewright_runtime::host::HostNodes;
use statewright_types::{Value, json};

use recorded::Recorded;
use stage::Stage;
use timeline::{Moment, Timeline};

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
    /// What it begins with instead of all that: the beginning of a recording, which has texts, seed and state of its own.
    pub recorded: Option<Recorded>,
}

/// What a session is told to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// To do something.
    Act(Act),
    /// What a viewer sees is wanted.
    View(String),
    /// What happened so far is wanted as a recording.
    Recording,
    /// What an entry of the recording tells that the session began with, by position from 0.
    Entry(usize),
}

impl From<Act> for Order {
    fn from(act: Act) -> Order {
        Order::Act(act)
    }
}

impl Order {
    /// Whether it does something to the session, so that a moment comes of it.
    pub fn is_act(&self) -> bool {
        !matches!(self, Order::View(_) | Order::Recording)
    }
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

/// What comes from a session, in the order in which it happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// What it did.
    News(News),
    /// A message of its debugger: one line of JSON.
    Message(String),
    /// Nothing more will come, and why.
    Gone(String),
}

/// Where what a session tells goes: one way, however many threads tell.
#[derive(Clone)]
pub(crate) struct Teller {
    sender: Sender<Told>,
    wake: Arc<dyn Fn() + Send + Sync>,
    is_woken: Arc<AtomicBool>,
}

/// The other end of a [`Teller`].
#[derive(Debug)]
pub(crate) struct Ear {
    receiver: Receiver<Told>,
    is_woken: Arc<AtomicBool>,
}

impl Teller {
    /// Both ends; `wake` is called when there is something new and the last of it was heard.
    pub(crate) fn pair(wake: impl Fn() + Send + Sync + 'static) -> (Teller, Ear) {
        let (sender, receiver) = channel();
        let is_woken = Arc::new(AtomicBool::new(false));
        (Teller { sender, wake: Arc::new(wake), is_woken: is_woken.clone() }, Ear { receiver, is_woken })
    }

    /// Tells; whether somebody still listens.
    pub(crate) fn tell(&self, told: Told) -> bool {
        let is_heard = self.sender.send(told).is_ok();
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            (self.wake)();
        }
        is_heard
    }
}

impl Ear {
    pub(crate) fn next(&self) -> Option<Told> {
        self.is_woken.store(false, Ordering::Release);
        self.receiver.try_recv().ok()
    }

    pub(crate) fn wait(&self) -> Option<Told> {
        self.is_woken.store(false, Ordering::Release);
        self.receiver.recv().ok()
    }
}

/// The session's end of the channel to its debugger.
struct Inside {
    commands: Receiver<String>,
    teller: Teller,
    is_closed: bool,
}

impl Channel for Inside {
    fn wait(&mut self) -> Incoming {
        match self.commands.recv() {
            Ok(line) if !self.is_closed => Incoming::Line(line),
            _ => Incoming::Closed,
        }
    }

    fn poll(&mut self) -> Option<Incoming> {
        match self.commands.try_recv() {
            _ if self.is_closed => None,
            Ok(line) => Some(Incoming::Line(line)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.is_closed = true;
                Some(Incoming::Closed)
            }
        }
    }

    fn send(&mut self, message: &Value) {
        self.teller.tell(Told::Message(json::to_string(message)));
    }

    fn close(&mut self) {
        self.is_closed = true;
    }
}

/// What the session's thread takes.
enum Work {
    Order(Order),
    /// There are commands of the debugger.
    Listen,
}

/// A session that runs. Without this value it ends, also while it is held up: a handler that runs then has no more fuel.
#[derive(Debug)]
pub struct Run {
    work: Sender<Work>,
    commands: Sender<String>,
    ear: Ear,
    stop: Stop,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

impl Run {
    /// Begins a session, in which `before` has happened already without being told of. `clock` gives nanoseconds since the Unix
    /// epoch, for messages of the debugger; `wake` is called on the session's thread when there is news.
    pub fn start(
        setting: Setting,
        before: Vec<Order>,
        clock: fn() -> u64,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Run {
        Run::again(setting, before, Vec::new(), clock, wake)
    }

    /// The same for a session in which values were set while it was held up: they are set again when it comes there.
    pub fn again(
        setting: Setting,
        before: Vec<Order>,
        changes: Vec<Change>,
        clock: fn() -> u64,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Run {
        let ((work, worked), (commands, commanded)) = (channel(), channel());
        let (teller, ear) = Teller::pair(wake);
        let stop = Stop::default();
        let ends = stop.clone();
        thread::spawn(move || {
            let inside = Inside { commands: commanded, teller: teller.clone(), is_closed: false };
            perform(&setting, (before, changes), &worked, inside, clock, &teller, &ends);
        });
        Run { work, commands, ear, stop }
    }

    /// Ends it: what runs fails before its next node, and nothing more begins. [`Run::wait`] tells what is left, then `None`.
    pub fn stop(&self) {
        self.stop.stop();
        // Where it is held up it goes on, and where it waits for something to do it looks.
        self.command(r#"{"command": "disconnect"}"#);
    }

    /// Tells the session to do something; it does things in order, and not while it is held up.
    pub fn order(&self, order: Order) {
        self.work(Work::Order(order));
    }

    /// Sends a command of the debugger's protocol: one line of JSON.
    pub fn command(&self, line: &str) {
        let _ = self.commands.send(line.to_owned());
        self.work(Work::Listen);
    }

    fn work(&self, work: Work) {
        // A session that could not begin hears nothing; its news says so.
        let _ = self.work.send(work);
    }

    /// The next that it tells, if there is anything.
    pub fn told(&self) -> Option<Told> {
        self.ear.next()
    }

    /// The next that it tells, waiting for it; `None` once it is over.
    pub fn wait(&self) -> Option<Told> {
        self.ear.wait()
    }

    /// The next news, waiting for it; what the debugger says before is passed over.
    pub fn wait_news(&self) -> Option<News> {
        loop {
            match self.wait()? {
                Told::News(news) => return Some(news),
                Told::Message(_) | Told::Gone(_) => {}
            }
        }
    }
}

/// What the session's thread does.
fn perform(
    setting: &Setting,
    (before, changes): (Vec<Order>, Vec<Change>),
    worked: &Receiver<Work>,
    inside: Inside,
    clock: fn() -> u64,
    teller: &Teller,
    stop: &Stop,
) {
    let mut stage = match Stage::new(setting) {
        Ok(stage) => stage,
        Err(problems) => {
            teller.tell(Told::News(News::Failed(problems)));
            return;
        }
    };
    let options = Options { token: None, session: "editor".into() };
    let mut debugger = Debugger::new(Outline::new(&stage.loaded), options, Box::new(inside), Box::new(clock));
    debugger.hush(true);
    let is_changed = !changes.is_empty();
    debugger.redo(changes);
    for order in before {
        if stop.is_stopped() {
            return;
        }
        debugger.count_anew();
        if is_changed {
            stage.obey(order, &mut Watched::new(&mut debugger, clock, stop.clone()));
        } else {
            stage.obey(order, &mut stage::Nobody(stop.clone()));
        }
    }
    debugger.hush(false);
    teller.tell(Told::News(News::Began(stage.state())));
    for work in worked {
        if stop.is_stopped() {
            break;
        }
        debugger.listen();
        let Work::Order(order) = work else { continue };
        if order.is_act() {
            debugger.count_anew();
        }
        let Some(mut news) = stage.obey(order, &mut Watched::new(&mut debugger, clock, stop.clone())) else { continue };
        if let News::Did(moment) = &mut news {
            moment.steps = debugger.steps();
        }
        if !teller.tell(Told::News(news)) {
            break;
        }
    }
    debugger.finish();
}

/// A timeline of moments that were told one by one.
pub fn collect(began: Value, moments: impl IntoIterator<Item = Moment>) -> Timeline {
    let mut timeline = Timeline::new(began);
    moments.into_iter().for_each(|moment| timeline.add(moment));
    timeline
}
