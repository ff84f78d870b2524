//! A session as the editor sees it: what it was told, what it did, where it is held up; here, or in another process.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_graph::document::Document;
use statewright_harness::debug::Change;
use statewright_runtime::persist::recording::Recording;
use statewright_types::Value;

use super::breakpoints::Spot;
use super::client::{Client, Event, Go};
use super::flow::Flow;
use super::past::Past;
use super::profile::Profile;
use super::recorded::Recorded;
use super::remote::Remote;
use super::timeline::Timeline;
use super::{News, Order, Run, Setting, Told};
use crate::refused::Refused;

mod changes;
mod present;

use changes::Changes;
use present::Present;

/// What a session is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is not there yet.
    Beginning,
    /// It waits to be told what to do.
    Idle,
    /// It runs.
    Running,
    /// It is held up.
    Paused,
    /// It could not begin, or is over: why.
    Over(String),
}

/// Something that happened, for whoever shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// It is held up, or what is known there has changed.
    Paused,
    /// Another moment is there.
    Moment,
    /// What a viewer sees now.
    View(String, Value),
    /// A recording that was asked for.
    Recording(Vec<u8>),
    /// It is over: why, and what to do.
    Over(Refused),
    /// Something could not be done.
    Problem(String),
}

/// Where it runs.
#[derive(Debug)]
enum Link {
    Here(Run),
    There(Remote),
}

/// What has a session begin again.
type Starter = Arc<dyn Fn(Setting, Vec<Order>, Vec<Change>) -> Run + Send + Sync>;

/// A session.
pub struct Live {
    link: Option<Link>,
    starter: Starter,
    is_remote: bool,
    /// Where another process is, if what is shown is behind that.
    present: Option<Box<Present>>,
    setting: Setting,
    /// What it was told to do, as far as that is an act.
    orders: Vec<Order>,
    /// Values that were set while it was held up.
    changes: Changes,
    /// The debugger's client.
    pub client: Client,
    /// Where the flow went since the last order.
    pub flow: Flow,
    /// What it did; `None` until it has begun, and of another process that does not tell.
    pub timeline: Option<Timeline>,
    /// What nodes cost so far.
    pub profile: Profile,
    /// What Trace nodes said, the last last.
    pub said: Vec<(Spot, String)>,
    phase: Phase,
    token: String,
    wanted: BTreeMap<Spot, String>,
    watches: Vec<String>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("phase", &self.phase).field("orders", &self.orders).finish_non_exhaustive()
    }
}

/// How much of what Trace nodes say is kept.
const SAID: usize = 1_000;

impl Live {
    /// Begins a session of a document in this process. `clock` gives nanoseconds since the Unix epoch; `wake` is called on another
    /// thread when there is something to [poll](Live::poll).
    pub fn start(
        setting: Setting,
        document: &Document,
        clock: fn() -> u64,
        wake: impl Fn() + Send + Sync + Clone + 'static,
    ) -> Live {
        let starter: Starter =
            Arc::new(move |setting, before, changes| Run::again(setting, before, changes, clock, wake.clone()));
        let run = starter(setting.clone(), Vec::new(), Vec::new());
        Live::new(Some(Link::Here(run)), starter, setting, document, "")
    }

    /// A session that is over: what it was told to do, and what came of it. It is there to be [rewound](Live::rewind).
    pub fn again(
        setting: Setting,
        orders: Vec<Order>,
        timeline: Timeline,
        document: &Document,
        clock: fn() -> u64,
        wake: impl Fn() + Send + Sync + Clone + 'static,
    ) -> Live {
        let starter: Starter =
            Arc::new(move |setting, before, changes| Run::again(setting, before, changes, clock, wake.clone()));
        let mut live = Live::new(None, starter, setting, document, "");
        (live.orders, live.timeline, live.phase) = (orders, Some(timeline), Phase::Over("it was recorded".to_owned()));
        live
    }

    /// Attaches to a process that listens at `address`; `document` is what is open here of what runs there. `clock` and `wake` are
    /// those of [`Live::start`]: what it did is done again here where it is gone back to.
    pub fn attach(
        address: &str,
        token: &str,
        document: &Document,
        clock: fn() -> u64,
        wake: impl Fn() + Send + Sync + Clone + 'static,
    ) -> Live {
        let remote = Remote::connect(address, wake.clone());
        let starter: Starter =
            Arc::new(move |setting, before, changes| Run::again(setting, before, changes, clock, wake.clone()));
        Live::new(Some(Link::There(remote)), starter, Setting::default(), document, token.trim())
    }

    fn new(link: Option<Link>, starter: Starter, setting: Setting, document: &Document, token: &str) -> Live {
        let is_remote = matches!(link, Some(Link::There(_)));
        let mut live = Live {
            link,
            starter,
            is_remote,
            present: None,
            setting,
            orders: Vec::new(),
            changes: Changes::default(),
            client: Client::new(token),
            flow: Flow::new(document),
            timeline: None,
            profile: Profile::default(),
            said: Vec::new(),
            phase: Phase::Beginning,
            token: token.to_owned(),
            wanted: BTreeMap::new(),
            watches: Vec::new(),
        };
        if is_remote {
            live.client.follow();
        }
        live.send();
        live
    }

    /// What it is doing.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Whether it runs in another process.
    pub fn is_remote(&self) -> bool {
        self.is_remote
    }

    /// Whether another process is held up, and what is shown is something that it did before.
    pub fn is_behind(&self) -> bool {
        self.present.is_some()
    }

    /// Whether there is something to stop or to attach to.
    pub fn is_there(&self) -> bool {
        self.link.is_some()
    }

    /// What it began with.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What was done, each with the moment that came of it.
    pub fn done(&self) -> Vec<(Order, super::timeline::Moment)> {
        let moments = self.timeline.as_ref().map_or(&[][..], Timeline::moments);
        self.orders.iter().cloned().zip(moments.iter().cloned()).collect()
    }

    /// It as it was, to look at earlier moments; `None` of another process that does not tell what it began with.
    pub fn past(&self) -> Option<Past> {
        let done = self.timeline.as_ref().map_or(0, |timeline| timeline.moments().len());
        self.has_past().then(|| Past::new(self.setting.clone(), self.orders.iter().take(done).cloned().collect()))
    }

    /// Whether there is a [`Live::past`].
    pub fn has_past(&self) -> bool {
        !self.is_remote || self.setting.recorded.is_some()
    }

    /// Tells it to do something. Another process is told nothing: it has its own events.
    pub fn order(&mut self, order: Order) {
        let Some(Link::Here(run)) = &self.link else { return };
        if order.is_act() {
            self.orders.push(order.clone());
            if self.phase == Phase::Idle {
                self.flow.clear();
                self.phase = Phase::Running;
            }
        }
        run.order(order);
    }

    /// Has it stop at these places, and at no others.
    pub fn stop_at(&mut self, wanted: BTreeMap<Spot, String>) {
        self.wanted.clone_from(&wanted);
        self.client.stop_at(wanted);
        self.send();
    }

    /// What is evaluated whenever it is held up.
    pub fn watch(&mut self, watches: &[String]) {
        watches.clone_into(&mut self.watches);
        self.client.watch(watches);
        self.send();
    }

    /// Lets it go on, or begin.
    pub fn go(&mut self, how: &Go) {
        if self.phase == Phase::Paused {
            self.phase = Phase::Running;
        }
        self.client.go(how);
        self.send();
    }

    /// Stops it before the next node.
    pub fn pause(&mut self) {
        self.client.pause();
        self.send();
    }

    /// Looks at another function that runs.
    pub fn look_at(&mut self, frame: usize) {
        self.client.look_at(frame);
        self.send();
    }

    /// Puts a value in the place of what `target` refers to. Going back before that undoes it, going on from there does it again; another
    /// change forgets those that were undone.
    pub fn change(&mut self, target: &str, text: &str) {
        let line = self.client.change(target, text);
        if let Some(place) = self.place() {
            self.changes.add(place, line);
        }
        self.send();
    }

    /// Whether values were set that did not come of what was done.
    pub fn is_changed(&self) -> bool {
        !self.changes.done().is_empty()
    }

    /// Where it is held up: how many actions are done, and before which node of the next.
    fn place(&self) -> Option<(u64, u64)> {
        let done = self.timeline.as_ref().map_or(0, |timeline| timeline.moments().len());
        self.client.stopped().map(|stopped| (done as u64, stopped.step))
    }

    /// Ends it, also what runs for ever; what is known of it stays. A process that it is attached to goes on.
    pub fn stop(&mut self) {
        if let Some(present) = self.present.take() {
            self.link = Some(Link::There(present.remote));
        }
        if let Some(Link::There(remote)) = &self.link {
            remote.command(r#"{"id": "end", "command": "disconnect"}"#);
        }
        self.end("it was stopped");
    }

    fn end(&mut self, why: &str) {
        (self.link, self.present) = (None, None);
        self.client = Client::default();
        self.phase = Phase::Over(why.to_owned());
    }

    /// The whole state where it is held up, once it is known; asked for by the first call of each stop.
    pub fn state(&mut self) -> Option<&Value> {
        if self.phase != Phase::Paused || self.client.stopped().is_none() {
            return None;
        }
        self.client.state();
        self.send();
        self.client.state()
    }

    /// Goes back to the node before the one where it is held up, or to the last one of what it did last: everything up to there
    /// is done again. What comes behind is done again as well, once it goes on. Whether there was anything to go back to.
    pub fn step_back(&mut self) -> bool {
        let done = self.timeline.as_ref().map_or(0, |timeline| timeline.moments().len());
        let here = self.client.stopped().filter(|_| self.phase == Phase::Paused).map(|stopped| stopped.step);
        match here {
            Some(step) if step > 1 => self.rewind(done, step - 1),
            _ => {
                // Moments in which no node ran are passed over.
                let moments = self.timeline.as_ref().map_or(&[][..], Timeline::moments);
                match moments.iter().rposition(|moment| moment.steps > 0) {
                    Some(index) => {
                        let steps = moments.get(index).map_or(1, |moment| moment.steps);
                        self.rewind(index, steps)
                    }
                    None => false,
                }
            }
        }
    }

    /// Does what was done in a moment, from 0, again, and holds it up at a node of it, from 1. Another process stays where it is, and is
    /// looked at again when what is done here has come there.
    pub fn rewind(&mut self, moment: usize, step: u64) -> bool {
        if !self.has_past() || self.timeline.is_none() || moment >= self.orders.len() {
            return false;
        }
        self.leave_present();
        let (starter, Some(timeline)) = (self.starter.clone(), self.timeline.as_mut()) else { return false };
        let before: Vec<Order> = self.orders.iter().take(moment).cloned().collect();
        let rest: Vec<Order> = self.orders.iter().skip(moment).cloned().collect();
        timeline.truncate(moment);
        self.profile = Profile::default();
        timeline.moments().iter().for_each(|moment| self.profile.merge(&moment.profile));
        self.flow.clear();
        self.changes.go_to((moment as u64, step));
        self.link = Some(Link::Here((*starter)(self.setting.clone(), before, self.changes.all())));
        self.client = Client::new("");
        self.client.watch(&self.watches);
        self.client.go(&Go::Step(step));
        self.client.stop_at(BTreeMap::new());
        self.send();
        if let Some(Link::Here(run)) = &self.link {
            rest.into_iter().for_each(|order| run.order(order));
        }
        self.phase = Phase::Running;
        true
    }

    fn send(&mut self) {
        for line in self.client.take_outgoing() {
            match &self.link {
                Some(Link::Here(run)) => run.command(&line),
                Some(Link::There(remote)) => remote.command(&line),
                None => {}
            }
        }
    }

    /// Takes what was told meanwhile; what came of it.
    pub fn poll(&mut self) -> Vec<Happened> {
        let mut happened = Vec::new();
        // A run that tells faster than it is heard is heard again in the next frame.
        for _ in 0..20_000 {
            let told = match &self.link {
                Some(Link::Here(run)) => run.told(),
                Some(Link::There(remote)) => remote.told(),
                None => None,
            };
            let Some(told) = told else { break };
            happened.extend(self.hear(told));
        }
        happened
    }

    /// The same, waiting until something was told; `None` once it is over.
    pub fn wait(&mut self) -> Option<Vec<Happened>> {
        let told = match &self.link {
            Some(Link::Here(run)) => run.wait(),
            Some(Link::There(remote)) => remote.wait(),
            None => None,
        };
        let mut happened: Vec<Happened> = self.hear(told?).into_iter().collect();
        happened.extend(self.poll());
        Some(happened)
    }

    /// Waits until it is idle, held up or over.
    pub fn settle(&mut self) -> Vec<Happened> {
        let mut happened = self.poll();
        while matches!(self.phase, Phase::Beginning | Phase::Running) || self.is_looking() {
            match self.wait() {
                Some(more) => happened.extend(more),
                None => break,
            }
        }
        happened
    }

    /// Whether what is known where it is held up is still on its way.
    fn is_looking(&self) -> bool {
        self.phase == Phase::Paused && self.client.is_asking()
    }

    fn hear(&mut self, told: Told) -> Option<Happened> {
        match told {
            Told::News(news) => self.news(news),
            Told::Message(line) => {
                let event = self.client.hear(&line);
                self.send();
                event.and_then(|event| self.event(event))
            }
            Told::Gone(why) => {
                let was_there = self.phase != Phase::Beginning;
                self.end(&why);
                let message = if was_there { format!("the process is gone: {why}") } else { why };
                Some(Happened::Over(Refused::new(
                    message,
                    "start it again with `statewright run FILE --event EVENT --debug-listen 127.0.0.1:0`, and attach to the \
                     address that it prints; breakpoints and watches are kept",
                )))
            }
        }
    }

    fn news(&mut self, news: News) -> Option<Happened> {
        match news {
            News::Began(state) => {
                if self.timeline.is_none() {
                    self.timeline = Some(Timeline::new(state));
                    let has_work = !self.orders.is_empty();
                    self.phase = if has_work { Phase::Running } else { Phase::Idle };
                }
                None
            }
            News::Failed(problems) if self.present.is_some() => {
                self.return_to_present();
                Some(Happened::Problem(format!("what it did cannot be done again here: {}", problems.join("; "))))
            }
            News::Failed(problems) => {
                self.end(&problems.join("\n"));
                let first = problems.first().map_or("it cannot run", String::as_str);
                Some(Happened::Over(Refused::new(
                    format!("this does not run: {first}"),
                    "mend what the problems panel shows, or what it begins with",
                )))
            }
            News::Did(moment) => {
                self.profile.merge(&moment.profile);
                let timeline = self.timeline.as_mut()?;
                timeline.add(*moment);
                let count = timeline.moments().len();
                self.changes.go_to((count as u64, 0));
                let is_done = count >= self.orders.len();
                if matches!(self.link, Some(Link::There(_))) {
                    return Some(Happened::Moment);
                }
                if self.reach_present() {
                    return Some(Happened::Paused);
                }
                self.phase = if is_done { Phase::Idle } else { Phase::Running };
                if is_done {
                    // As above, where what was gone back to was not reached again.
                    self.client.stop_at(self.wanted.clone());
                    self.send();
                }
                Some(Happened::Moment)
            }
            News::View(viewer, view) => Some(Happened::View(viewer, view)),
            News::Recording(bytes) => Some(Happened::Recording(bytes)),
        }
    }

    fn event(&mut self, event: Event) -> Option<Happened> {
        match event {
            Event::Stopped => {
                self.phase = Phase::Paused;
                if self.reach_present() {
                    return Some(Happened::Paused);
                }
                if let Some(place) = self.place() {
                    self.changes.go_to(place);
                }
                if let Some(stopped) = self.client.stopped() {
                    self.flow.reach(&stopped.graph, &stopped.node);
                }
                // After going back it has no breakpoints until here.
                self.client.stop_at(self.wanted.clone());
                self.send();
                let error = self.client.stopped().and_then(|stopped| stopped.error.clone());
                Some(error.map_or(Happened::Paused, |error| {
                    Happened::Problem(format!("the breakpoint's condition has no value: {error}"))
                }))
            }
            Event::Admitted => {
                // What listens for a debugger waits for it before anything runs.
                if matches!(self.link, Some(Link::There(_))) {
                    self.phase = Phase::Paused;
                    return Some(Happened::Paused);
                }
                None
            }
            Event::Scopes => {
                if let Some(scopes) = self.client.scopes() {
                    self.flow.see(scopes);
                }
                Some(Happened::Paused)
            }
            Event::Trace(message) => {
                self.flow.hear(&message);
                None
            }
            Event::Said { spot, text } => {
                self.said.push((spot, text));
                let over = self.said.len().saturating_sub(SAID);
                self.said.drain(..over);
                None
            }
            Event::Failed { .. } => None,
            Event::Began(state, recording) => {
                let recording = match Recording::read(&recording) {
                    Ok(recording) => Arc::new(recording),
                    Err(error) => return Some(Happened::Problem(format!("its beginning cannot be read: {error}"))),
                };
                self.setting.recorded = Some(Recorded { name: "the other process".to_owned(), recording });
                self.timeline = Some(Timeline::new(state));
                Some(Happened::Moment)
            }
            Event::Action(act) => {
                self.orders.push(act.into());
                self.flow.clear();
                None
            }
            Event::Did(moment) => self.news(News::Did(moment)),
            Event::Finished => {
                if matches!(self.link, Some(Link::There(_))) {
                    self.end("it ran to its end");
                    return Some(Happened::Over(Refused::new("the process has ended: everything was run", "")));
                }
                None
            }
            Event::Refused(why) => {
                self.end(&why);
                Some(Happened::Over(Refused::new(
                    why,
                    "check address and token: the process prints both when it starts",
                )))
            }
            Event::Problem(why) => Some(Happened::Problem(why)),
        }
    }

    /// The token that it was attached with.
    pub fn token(&self) -> &str {
        &self.token
    }
}
