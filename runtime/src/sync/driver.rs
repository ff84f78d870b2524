//! A thread that broadcasts when it is time, and hands on what is to be sent: the only thing here that waits. It has its time
//! from the host program.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::broadcast::Broadcast;
use super::shared::SharedSession;

/// Wakes who waits for it.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    /// Wakes who waits, or who will wait next.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits until it rings (or has rung since the last wait), at most so long; for ever if no time is given. May wake for no reason.
    pub fn wait(&self, at_most: Option<Duration>) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        if !*rung {
            rung = match at_most {
                Some(at_most) => self.changed.wait_timeout(rung, at_most).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(rung).unwrap_or_else(PoisonError::into_inner),
            };
        }
        *rung = false;
    }
}

/// The host's clock, which only the host program reads.
pub trait Clock: Send + Sync {
    /// Milliseconds from anywhere on; must not go back.
    fn now_ms(&self) -> i64;

    /// Waits until `bell` rings, or until that time; may return early. A clock that is not the machine's waits for the bell alone, and
    /// has it rung when it is moved ([`Driver::wake`]).
    fn wait(&self, bell: &Bell, until_ms: Option<i64>) {
        let left_ms = |until_ms: i64| until_ms.saturating_sub(self.now_ms()).max(0).unsigned_abs();
        bell.wait(until_ms.map(|until_ms| Duration::from_millis(left_ms(until_ms))));
    }
}

/// Why there is no driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoThread(Arc<str>);

impl fmt::Display for NoThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system gives no thread for a driver ({}): poll the session from one that is there", self.0)
    }
}

impl std::error::Error for NoThread {}

/// A thread that polls a session whenever it is due, and hands on what is to be sent. Ends when it is dropped.
pub struct Driver {
    bell: Arc<Bell>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    /// Starts the thread. `deliver` is given every broadcast in which there is something to send; no lock is held then, so that it may
    /// use the session. The session needs a debounce ([`LiveSession::set_debounce`](super::LiveSession::set_debounce)); its time is told to
    /// the session before everything that the driver does, and by whoever else does something with
    /// [`LiveSession::at`](super::LiveSession::at).
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        session: SharedSession,
        clock: Arc<dyn Clock>,
        mut deliver: impl FnMut(&SharedSession, Broadcast) + Send + 'static,
    ) -> Result<Driver, NoThread> {
        let (bell, stop) = (session.bell().clone(), Arc::new(AtomicBool::new(false)));
        let (own_bell, own_stop) = (bell.clone(), stop.clone());
        let run = move || {
            while !own_stop.load(Ordering::Acquire) {
                let now_ms = clock.now_ms();
                let (broadcast, deadline_ms) = session.write_quietly(|live| (live.poll(now_ms), live.next_deadline()));
                if broadcast.is_empty() {
                    clock.wait(&own_bell, deadline_ms);
                } else {
                    deliver(&session, broadcast);
                }
            }
        };
        let thread = std::thread::Builder::new().name("statewright-driver".to_owned());
        let thread = thread.spawn(run).map_err(|error| NoThread(error.to_string().into()))?;
        Ok(Driver { bell, stop, thread: Some(thread) })
    }

    /// Has the thread look at the clock: for clocks that somebody moves.
    pub fn wake(&self) {
        self.bell.ring();
    }

    /// Ends the thread, after what it is at.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.bell.ring();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // If it panicked, it was in the host's own function, which has been reported.
            drop(thread.join());
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}
