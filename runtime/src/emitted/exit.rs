//! How an emitted function ends before its end: with a trap, or suspended.

use std::sync::Arc;

use statewright_types::{TrapCode, Type};

use super::run::{Run, Slot};
use crate::program::{Saved, SavedDeadline, SavedFrame, Suspension, Trap, WaitFor};

/// What an emitted function gives.
pub type Flow<T> = Result<T, Box<Exit>>;

/// Why it did not come to its end.
#[derive(Debug)]
pub enum Exit {
    /// It was stopped.
    Trap(Trap),
    /// It waits. Frames are in here from the innermost on, the other way round than in a suspension of a session.
    Suspended(Suspension),
}

impl Exit {
    /// Adds the frame of the function that called, if this is a suspension.
    pub fn through(mut self: Box<Exit>, frame: impl FnOnce() -> Frame) -> Box<Exit> {
        if let Exit::Suspended(suspension) = &mut *self {
            suspension.frames.push(frame().0);
        }
        self
    }
}

/// A trap at a node.
#[cold]
#[inline(never)]
pub fn stop(code: TrapCode, node: &str) -> Box<Exit> {
    trap(code, None, node)
}

/// A trap with a message, which is a text.
#[cold]
#[inline(never)]
pub fn stop_with(run: &Run<'_, '_>, code: TrapCode, message: Slot, node: &str) -> Box<Exit> {
    trap(code, Some(run.str(message).into()), node)
}

pub(super) fn trap(code: TrapCode, message: Option<Arc<str>>, node: &str) -> Box<Exit> {
    Box::new(Exit::Trap(Trap { code, message, node: id(node) }))
}

fn id(node: &str) -> Option<Arc<str>> {
    if node.is_empty() { None } else { Some(node.into()) }
}

/// A piece of a large function, compiled as a function of its own: compilers take time with the square of a function's length.
#[inline(never)]
pub fn apart<T>(body: impl FnOnce() -> Flow<T>) -> Flow<T> {
    body()
}

/// `trap_if`
#[inline(always)]
pub fn trap_if(condition: bool, code: TrapCode, node: &str) -> Flow<()> {
    if condition { Err(stop(code, node)) } else { Ok(()) }
}

/// Turns a code into a trap at a node.
pub(super) trait At<T> {
    fn at(self, node: &str) -> Flow<T>;
}

impl<T> At<T> for Result<T, TrapCode> {
    #[inline(always)]
    fn at(self, node: &str) -> Flow<T> {
        match self {
            Ok(value) => Ok(value),
            Err(code) => Err(stop(code, node)),
        }
    }
}

/// Where a function goes on after a suspension, and with what.
#[derive(Debug)]
pub struct Frame(pub(super) SavedFrame);

impl Frame {
    /// Of a function by its number, at one of its resume blocks, with these values.
    pub fn new(run: &Run<'_, '_>, function: u32, block: u32, values: &[(&Type, u64)]) -> Frame {
        Frame(SavedFrame { function, block, values: saved(run, values), deadlines: Vec::new() })
    }

    /// Adds a deadline outside those before it: when, the block to go on at then, with these values.
    #[must_use]
    pub fn until(mut self, run: &Run<'_, '_>, due_ms: i64, block: u32, values: &[(&Type, u64)]) -> Frame {
        self.0.deadlines.push(SavedDeadline { due_ms, block, values: saved(run, values) });
        self
    }
}

fn saved(run: &Run<'_, '_>, values: &[(&Type, u64)]) -> Vec<Saved> {
    values.iter().map(|(ty, slot)| run.cx.state.save(ty, *slot)).collect()
}

/// Suspends for so many milliseconds.
pub fn wait(ms: i64, frame: Frame, node: &str) -> Box<Exit> {
    suspended(WaitFor::Duration(ms.max(1)), frame, node)
}

/// Suspends until an event comes in, or so many milliseconds have passed. `data` is the record of its parameters that is wanted.
pub fn wait_for_event(
    run: &Run<'_, '_>,
    event: Slot,
    timeout_ms: i64,
    data: &Type,
    frame: Frame,
    node: &str,
) -> Box<Exit> {
    let Type::Record(data) = data else { return stop(TrapCode::BadArgument, node) };
    let event = run.str(event).into();
    suspended(WaitFor::Event { event, timeout_ms, data: data.clone() }, frame, node)
}

fn suspended(wait: WaitFor, frame: Frame, node: &str) -> Box<Exit> {
    Box::new(Exit::Suspended(Suspension { wait, frames: vec![frame.0], node: id(node) }))
}
