//! A session as it was: what a viewer saw behind any moment, which node wrote a field. It is run again up to there, on a thread
//! of its own where a window waits for it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use statewright_harness::testing::transcript::{self, Transcript};
use statewright_runtime::context::{Context, Ending, Segment, Tracer};
use statewright_types::Value;

use super::breakpoints::Spot;
use super::stage::{Audience, Nobody, Stage};
use super::timeline::Key;
use super::{News, Order, Setting};
use crate::refused::Refused;

#[cfg(test)]
mod tests;

/// Where a session came from, so that it can be had again as it was.
#[derive(Clone, Debug)]
pub struct Past {
    setting: Box<Setting>,
    orders: Vec<Order>,
}

/// A test that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The test, as it stands in a test file.
    pub case: Value,
    /// With which of what was done it begins, from 0.
    pub begin: usize,
}

/// An answer that comes later.
#[derive(Debug)]
pub struct Later<T>(Receiver<T>);

impl<T: Send + 'static> Later<T> {
    /// Works it out on a thread; `wake` is called there when it is done.
    pub fn new(work: impl FnOnce() -> T + Send + 'static, wake: impl FnOnce() + Send + 'static) -> Later<T> {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            // Nobody may want to know any more.
            let _ = sender.send(work());
            wake();
        });
        Later(receiver)
    }

    /// The answer, once it is there.
    pub fn answer(&self) -> Option<T> {
        self.0.try_recv().ok()
    }

    /// The answer, waiting for it.
    pub fn wait(&self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl Past {
    /// By what it began with and what it was told to do, as far as that was done.
    pub fn new(setting: Setting, orders: Vec<Order>) -> Past {
        Past { setting: Box::new(setting), orders: orders.into_iter().filter(Order::is_act).collect() }
    }

    /// What a viewer saw when `count` moments were done.
    ///
    /// # Errors
    /// Why it cannot be run again.
    pub fn view(&self, count: usize, viewer: &str) -> Result<Value, String> {
        Ok(self.stage(count)?.session.view(viewer))
    }

    /// Everybody who could look when `count` moments were done: players, who was granted a view, who has filters.
    ///
    /// # Errors
    /// Why it cannot be run again.
    pub fn viewers(&self, count: usize) -> Result<BTreeSet<Arc<str>>, String> {
        let saved = self.stage(count)?.session.save_packed();
        let granted = saved.grants.into_keys().chain(saved.ledger.filters.into_keys());
        Ok(saved.players.into_iter().chain(saved.host).chain(granted).collect())
    }

    /// Graph and node of what wrote a part of the state last in a moment, from 0; `None` if no node did.
    ///
    /// # Errors
    /// Why it cannot be run again.
    pub fn writer(&self, moment: usize, path: &[Key]) -> Result<Option<Spot>, String> {
        let mut stage = self.stage(moment)?;
        let mut writes = Writes::new(path, &stage.state());
        if let Some(order) = self.orders.get(moment) {
            stage.obey(order.clone(), &mut writes);
        }
        Ok(writes.finish(&stage.state()))
    }

    /// All of it as a recording, in the format of docs/saving.md.
    ///
    /// # Errors
    /// Why it cannot be run again.
    pub fn recording(&self) -> Result<Vec<u8>, String> {
        match self.stage(self.orders.len())?.obey(Order::Recording, &mut Nobody::default()) {
            Some(News::Recording(bytes)) => Ok(bytes),
            _ => Err("it has something that no recording can have".to_owned()),
        }
    }

    /// A test of some of what was done, by position from 0: it passes as it is, and draws the same numbers. It begins with the first of
    /// them, or earlier where something waits then that no test can begin with; what comes before is done, and nothing expected of it.
    ///
    /// # Errors
    /// Something was done that no test can do, or it does not run again: which, and what to do.
    pub fn case(&self, name: &str, range: Range<usize>) -> Result<Made, Refused> {
        let again = |what: String| {
            Refused::new(format!("it does not run again: {what}"), "run it anew, and make a test of that")
        };
        let range = range.start..range.end.min(self.orders.len());
        if range.is_empty() {
            return Err(Refused::new(
                "nothing was done that could be a test",
                "run a handler, or choose more of what was done",
            ));
        }
        let mut stage = self.stage(0).map_err(again)?;
        let mut quiet = Vec::new();
        for (index, order) in self.orders.iter().take(range.end).enumerate() {
            if index <= range.start && stage.session.waiting() == 0 {
                quiet.push(index);
            }
            if stage.acts(order).is_none() {
                // What is before it cannot be in the test.
                quiet.clear();
                if index >= range.start {
                    let message = format!("a test cannot have that {}", stage.label(order).unwrap_or_default());
                    return Err(Refused::new(
                        message,
                        "take only what was done before, or only what was done after that",
                    ));
                }
            }
            if index < range.start
                && let Some(News::Failed(problems)) = stage.obey(order.clone(), &mut Nobody::default())
            {
                return Err(again(problems.join("; ")));
            }
        }
        let mut why = "something waits there for what was before".to_owned();
        // The nearest first; of the others one, as each is run again from the beginning.
        let begins = [quiet.last(), quiet.first()];
        for begin in begins.into_iter().flatten() {
            match self.written(name, *begin, &range) {
                Ok(case) => return Ok(Made { case, begin: *begin }),
                Err(what) => why = what,
            }
        }
        let message = format!("no test does the same by itself: {why}");
        Err(Refused::new(message, "take more of what was done before, or begin where nothing waits"))
    }

    /// A test that begins at a position, and expects what came of a range.
    fn written(&self, name: &str, begin: usize, range: &Range<usize>) -> Result<Value, String> {
        let mut stage = self.stage(begin)?;
        let (loaded, program) = stage.runs()?;
        let mut transcript = Transcript::begin(&stage.session);
        for (index, order) in self.orders.iter().enumerate().take(range.end).skip(begin) {
            let acts = stage.acts(order).ok_or("something was done that no test can do")?;
            for act in acts {
                transcript.act(&act, &mut stage.session, index >= range.start);
            }
        }
        let case = transcript.case(name);
        transcript::replays(&case, &loaded, program, &stage.session.save()).map(|()| case)
    }

    /// A session in which so many orders were done.
    fn stage(&self, count: usize) -> Result<Stage, String> {
        let mut stage = Stage::new(&self.setting).map_err(|problems| problems.join("; "))?;
        for order in self.orders.iter().take(count) {
            stage.obey(order.clone(), &mut Nobody::default());
        }
        Ok(stage)
    }
}

/// What stands where a path leads.
pub fn at<'v>(root: &'v Value, path: &[Key]) -> Option<&'v Value> {
    path.iter().try_fold(root, |value, key| match key {
        Key::Field(name) => value.get(name),
        Key::Index(index) => value.at(*index),
    })
}

/// Which node wrote a part of the state: it is looked at before every node.
struct Writes<'p> {
    path: &'p [Key],
    last: Option<Value>,
    entered: Option<Spot>,
    running: Option<Spot>,
    wrote: Option<Spot>,
    /// As it was when the activation began, in case that is undone.
    begun: (Option<Value>, Option<Spot>),
}

impl<'p> Writes<'p> {
    fn new(path: &'p [Key], state: &Value) -> Writes<'p> {
        let last = at(state, path).cloned();
        Writes { path, begun: (last.clone(), None), last, entered: None, running: None, wrote: None }
    }

    fn look(&mut self, state: &Value) {
        let now = at(state, self.path);
        if now != self.last.as_ref() {
            self.last = now.cloned();
            self.wrote.clone_from(&self.running);
        }
    }

    fn finish(mut self, state: &Value) -> Option<Spot> {
        self.look(state);
        self.wrote
    }
}

impl Audience for Writes<'_> {
    fn tracer(&mut self) -> &mut dyn Tracer {
        self
    }
}

impl Tracer for Writes<'_> {
    fn enter(&mut self, _: &str, function: &str, node: &str) {
        self.entered = Some((function.into(), node.into()));
    }

    fn pause(&mut self, cx: &mut Context<'_>) {
        self.look(&cx.state.to_value());
        self.running = self.entered.take();
    }

    fn begin(&mut self, _: &Segment<'_>) {
        self.begun = (self.last.clone(), self.wrote.clone());
    }

    fn end(&mut self, _: &Segment<'_>, ending: &Ending<'_>) {
        if let Ending::Failed(_) = ending {
            (self.last, self.wrote) = self.begun.clone();
            self.running = None;
        }
    }
}
