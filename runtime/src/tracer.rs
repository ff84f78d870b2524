//! What is told of a run to whoever traces it, and how a debugger reaches into it.
//!
//! The session tells of activations ([`Tracer::begin`], [`Tracer::end`]); modules lowered for tracing tell of functions,
//! nodes and ports through [`Context`]. A tracer that only listens changes nothing: the same results, fuel and hashes.

use std::sync::Arc;

use statewright_types::{Type, Value};

use crate::context::Context;
use crate::program::Trap;
use crate::state::State;

/// A part of an activation: from its start or a resumption to its end or its next wait.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The activation's number.
    pub activation: u64,
    /// The handler's name.
    pub handler: &'a Arc<str>,
    /// Session time, milliseconds.
    pub now_ms: i64,
    /// How it begins.
    pub beginning: Beginning<'a>,
}

/// How a part of an activation begins.
#[derive(Clone, Copy, Debug)]
pub enum Beginning<'a> {
    /// With an event.
    Event {
        /// Its name.
        event: &'a Arc<str>,
        /// Who sent it.
        sender: &'a Arc<str>,
        /// Its parameters, as they came.
        params: &'a Value,
    },
    /// After a wait.
    Resumed {
        /// The node that waited.
        node: Option<&'a Arc<str>>,
    },
}

/// How a part of an activation ended.
#[derive(Clone, Copy, Debug)]
pub enum Ending<'a> {
    /// To the end.
    Done,
    /// With an error; it is undone.
    Failed(&'a Trap),
    /// At a wait.
    Waiting {
        /// The node that waits.
        node: Option<&'a Arc<str>>,
        /// Session time at which it goes on at the latest; `None` if only an event ends the wait.
        due_ms: Option<i64>,
    },
}

/// Told what happens in a traced module, as it happens, and what Trace nodes say in any.
pub trait Tracer {
    /// A node begins (again).
    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        let _ = (handler, function, node);
    }

    /// A Trace node of a handler or a function says something; also in a module that is not traced.
    fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        let _ = (handler, function, node, text, value);
    }

    /// A port of a node has a value: `in:NAME` or `out:NAME`; `exit:LABEL` (true) where a labelled edge is taken. Also
    /// `loop:NAME` of a pass that begins, `variable:NAME` of a variable that was set, and of no node (""), as a function
    /// begins, `param:NAME`.
    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        let _ = (function, node, port, value);
    }

    /// The same, with the static type and the slot. What cannot be exported, as a reference in it is stale, is not told on.
    fn port(&mut self, function: &str, node: &str, port: &str, (ty, slot): (&Type, u64), state: &State) {
        if let Ok(value) = state.export(ty, slot) {
            self.probe(function, node, port, value);
        }
    }

    /// A node has ended, unless it was left by a labelled edge or ended the pass, the function or the handler.
    fn leave(&mut self, function: &str, node: &str) {
        let _ = (function, node);
    }

    /// A part of an activation begins.
    fn begin(&mut self, segment: &Segment<'_>) {
        let _ = segment;
    }

    /// It has ended, and was committed or undone.
    fn end(&mut self, segment: &Segment<'_>, ending: &Ending<'_>) {
        let _ = (segment, ending);
    }

    /// A function begins, called by the one that is running; first of all, the handler.
    fn call(&mut self, function: &str) {
        let _ = function;
    }

    /// A resumed activation goes on: its functions, each with the node that waits, the handler first, the innermost call
    /// last.
    fn restored(&mut self, functions: &[(&str, &str)]) {
        let _ = functions;
    }

    /// The innermost function returns.
    fn returned(&mut self, function: &str) {
        let _ = function;
    }

    /// Comes after each [`Tracer::enter`]: the run goes on when this returns. `cx` is the running activation's world, in
    /// its transaction: what is written there is undone if the activation fails.
    fn pause(&mut self, cx: &mut Context<'_>) {
        let _ = cx;
    }

    /// Whether it is told of filters and effects too, which run beside activations.
    fn sees_asides(&self) -> bool {
        false
    }

    /// A value is read: `param:NAME`, `variable:NAME`, `node:ID:PORT` of a node in the flow, `loop:ID:NAME`, before it
    /// and a space its declared type where that is narrower than `ty`. What is given back, a value of type `ty`, is read
    /// in its place.
    fn watch(&mut self, name: &str, ty: &Type, slot: u64, state: &mut State) -> u64 {
        let _ = (name, ty, state);
        slot
    }
}

impl Context<'_> {
    /// `enter`: a node begins, or the function, if there is none.
    pub fn trace_enter(&mut self, function: &str, node: &str) {
        let Some(tracer) = &mut self.tracer else { return };
        if node.is_empty() {
            tracer.call(function);
            return;
        }
        tracer.enter(self.handler, function, node);
        // While it holds the run up it is told of nothing.
        if let Some(tracer) = self.tracer.take() {
            tracer.pause(self);
            self.tracer = Some(tracer);
        }
    }

    /// `leave`: a node has ended, or the function returns, if there is none.
    pub fn trace_leave(&mut self, function: &str, node: &str) {
        match &mut self.tracer {
            Some(tracer) if node.is_empty() => tracer.returned(function),
            Some(tracer) => tracer.leave(function, node),
            None => {}
        }
    }

    /// `probe`: a port has a value.
    pub fn trace_port(&mut self, function: &str, node: &str, port: &str, value: (&Type, u64)) {
        if let Some(tracer) = &mut self.tracer {
            tracer.port(function, node, port, value, self.state);
        }
    }

    /// `watch`: the value that is read in the place of `slot`.
    pub fn trace_read(&mut self, name: &str, ty: &Type, slot: u64) -> u64 {
        match &mut self.tracer {
            Some(tracer) => tracer.watch(name, ty, slot, self.state),
            None => slot,
        }
    }
}
