//! A live session for many threads: many readers or one writer.

use std::sync::{Arc, PoisonError, RwLock};

use super::driver::Bell;
use super::live::LiveSession;

/// A live session that threads share. Clones are the same session.
///
/// Messages are put together from a [`Broadcast`](super::Broadcast), which needs no lock: whoever ticks holds the lock only for the tick.
#[derive(Clone)]
pub struct SharedSession {
    session: Arc<RwLock<LiveSession>>,
    bell: Arc<Bell>,
}

impl SharedSession {
    /// Shares a session.
    pub fn new(session: LiveSession) -> SharedSession {
        SharedSession { session: Arc::new(RwLock::new(session)), bell: Arc::new(Bell::default()) }
    }

    /// Looks at the session, while others may do the same. Must not be called inside of `read` or `write` of the same session.
    pub fn read<R>(&self, read: impl FnOnce(&LiveSession) -> R) -> R {
        // A writer that panicked has left a session that is whole: transactions undo themselves.
        read(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does something to the session, alone. Must not be called inside of `read` or `write` of the same session.
    pub fn write<R>(&self, write: impl FnOnce(&mut LiveSession) -> R) -> R {
        let result = self.write_quietly(write);
        self.bell.ring();
        result
    }

    /// The same, without ringing.
    pub(super) fn write_quietly<R>(&self, write: impl FnOnce(&mut LiveSession) -> R) -> R {
        write(&mut self.session.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rings whenever somebody has written.
    pub(super) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}
