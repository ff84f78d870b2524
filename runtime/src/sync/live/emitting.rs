//! Events for viewers, from handlers and from the host program.

use std::sync::Arc;

use statewright_types::Value;

use super::LiveSession;
use crate::context::{Event, Recipients};
use crate::sync::broadcast::HEAD;
use crate::sync::events::{self, EventError};
use crate::sync::planted::{self, Leak};

/// How many events of handlers that found no room are remembered.
const LOST: usize = 100;

impl LiveSession {
    /// Queues an event for all viewers. It is delivered with the state as it is when it is sent, after all that was emitted before.
    /// The payload nests at most 60 deep.
    ///
    /// # Errors
    /// If the payload cannot travel, or a viewer's queue is full; the others get it still.
    pub fn emit(&mut self, kind: &str, payload: &Value) -> Result<(), EventError> {
        self.queue(&Recipients::All, &events::encode(kind, payload)?)
    }

    /// The same for one viewer.
    ///
    /// # Errors
    /// As [`LiveSession::emit`]; and if the viewer is unknown.
    pub fn emit_to(&mut self, viewer: &str, kind: &str, payload: &Value) -> Result<(), EventError> {
        self.emit_to_many(&[viewer], kind, payload)
    }

    /// The same for all viewers but one.
    ///
    /// # Errors
    /// As [`LiveSession::emit`].
    pub fn emit_except(&mut self, viewer: &str, kind: &str, payload: &Value) -> Result<(), EventError> {
        self.queue(&Recipients::Except(viewer.into()), &events::encode(kind, payload)?)
    }

    /// The same for some viewers.
    ///
    /// # Errors
    /// As [`LiveSession::emit`]; and if one of the viewers is unknown, in which case none gets it.
    pub fn emit_to_many(&mut self, viewers: &[&str], kind: &str, payload: &Value) -> Result<(), EventError> {
        let to = Recipients::Players(viewers.iter().map(|viewer| Arc::from(*viewer)).collect());
        self.emit_event(&to, &events::encode(kind, payload)?)
    }

    /// The same with a payload that the host program has encoded, which clients get as it is.
    ///
    /// # Errors
    /// As [`LiveSession::emit_to_many`].
    pub fn emit_encoded(&mut self, to: &Recipients, kind: &str, payload: &[u8]) -> Result<(), EventError> {
        self.emit_event(to, &events::encode_raw(kind, payload))
    }

    fn emit_event(&mut self, to: &Recipients, event: &Arc<[u8]>) -> Result<(), EventError> {
        if let Recipients::Players(viewers) = to
            && let Some(unknown) = viewers.iter().find(|viewer| !self.viewers.contains_key(viewer))
        {
            return Err(EventError::UnknownViewer(unknown.clone()));
        }
        self.queue(to, event)
    }

    /// Queues what handlers emitted. Whoever is no viewer does not get it.
    pub(super) fn queue_events(&mut self, events: &[Event]) {
        for Event { kind, to, payload } in events {
            let queued = events::encode(kind, payload).and_then(|event| self.queue(to, &event));
            if let Err(error) = queued
                && self.lost_events.len() < LOST
            {
                self.lost_events.push(error);
            }
        }
    }

    /// Why events of handlers were not queued since this was asked last: at most the first 100.
    pub fn take_lost_events(&mut self) -> Vec<EventError> {
        std::mem::take(&mut self.lost_events)
    }

    fn queue(&mut self, to: &Recipients, event: &Arc<[u8]>) -> Result<(), EventError> {
        self.is_settled = false;
        let mut limits = self.options.events;
        limits.bytes = limits.bytes.min(self.options.event_bytes().saturating_sub(HEAD));
        let (clock_ms, debounced) = (self.clock_ms, self.options.debounce.is_some());
        let mut full = None;
        let push = |viewer: &mut super::Viewer| {
            let has_room = viewer.events.push(event, limits);
            if has_room && debounced {
                viewer.touch(clock_ms);
            }
            has_room
        };
        match to {
            Recipients::Players(ids) => {
                for id in ids {
                    if let Some(viewer) = self.viewers.get_mut(id)
                        && !push(viewer)
                    {
                        full.get_or_insert_with(|| id.clone());
                    }
                }
                if planted::is(Leak::OthersEvents) {
                    self.viewers.standing_mut().for_each(|viewer| viewer.touch(clock_ms));
                }
            }
            Recipients::All | Recipients::Except(_) => {
                let except = if let Recipients::Except(except) = to { except } else { "" };
                // Who does not get it is not like the others.
                let _apart = self.viewers.get_mut(except);
                for (id, viewer) in self.viewers.apart_mut().filter(|(id, _)| &***id != except) {
                    if !push(viewer) {
                        full.get_or_insert_with(|| id.clone());
                    }
                }
                let crowded = self.viewers.cohorts_mut().filter_map(|(at, viewer)| (!push(viewer)).then_some(at));
                for cohort in crowded.collect::<Vec<u32>>() {
                    let first = self.viewers.first_of(cohort).cloned();
                    full = first.into_iter().chain(full).min();
                }
            }
        }
        match full {
            Some(viewer) => Err(EventError::QueueFull { viewer, limits }),
            None => Ok(()),
        }
    }
}
