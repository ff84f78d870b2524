//! A session as it was: what a viewer saw behind any moment, which node wrote a field. It is run again up to there, on a thread
//! of its own where a window waits for it.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use statewright_runtime::context::{Context, Ending, Segment, Tracer};
use statewright_types::Value;

use super::breakpoints::Spot;
use super::stage::{Audience, Nobody, Stage};
use super::timeline::Key;
use super::{News, Order, Setting};

/// Where a session came from, so that it can be had again as it was.
#[derive(Clone, Debug)]
pub struct Past {
    setting: Box<Setting>,
    orders: Vec<Order>,
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
