//! How viewers come, go, and come back.

use std::sync::Arc;

use super::LiveSession;
use super::viewer::{Gone, Known, Link, Viewer};
use crate::session::ActionReport;
use crate::sync::planted::{self, Leak};
use crate::sync::refused::{Refused, RefusedCode};
use crate::wire::codes::VERSION;
use crate::wire::{ClientMessage, Description, ServerMessage};

/// Where a client got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The epoch that it was welcomed with.
    pub epoch: u64,
    /// The sequence number of the last message that it has applied.
    pub number: u64,
}

/// The schema that a client was built with.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ClientSchema {
    /// The session's own.
    #[default]
    Same,
    /// One with that hash, which may be the session's own.
    Other {
        /// The client's schema hash.
        hash: [u8; 32],
        /// The schema's shape, if the client told it.
        description: Option<Description>,
    },
}

/// How a viewer connects. By default anew, with the session's own schema, to watch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectOptions {
    /// What the client understands.
    pub schema: ClientSchema,
    /// Where it goes on, if it was connected before.
    pub resume: Option<Resume>,
    /// Whether it takes the place of a connection that is there still; else that is a refusal.
    pub take_over: bool,
    /// Whether the viewer joins the game as a player, if it is none yet.
    pub playing: bool,
}

impl ConnectOptions {
    /// Goes on after the message with that number of that epoch.
    #[must_use]
    pub fn resuming(mut self, epoch: u64, number: u64) -> ConnectOptions {
        self.resume = Some(Resume { epoch, number });
        self
    }

    /// Joins the game, too.
    #[must_use]
    pub fn playing(mut self) -> ConnectOptions {
        self.playing = true;
        self
    }

    /// Takes the place of a connection that is there still.
    #[must_use]
    pub fn taking_over(mut self) -> ConnectOptions {
        self.take_over = true;
        self
    }
}

/// What a viewer that has connected is sent at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Greeting {
    /// Whether it goes on where it was; else it gets the whole state.
    pub resumed: bool,
    /// `Welcome`, then `State`, or what was missed, in order.
    pub messages: Vec<Vec<u8>>,
    /// What became of `PlayerConnect`, if the viewer joined the game.
    pub joined: Option<ActionReport>,
}

impl LiveSession {
    /// Connects a viewer: it is welcomed, and sent the whole state, or what it missed if it comes back with the epoch and a number
    /// that the history reaches back to. Who it is, is for the host program to know.
    ///
    /// # Errors
    /// Says what the client must do: another schema, a number that was never sent, a connection that is there.
    pub fn connect(&mut self, viewer: &str, options: ConnectOptions) -> Result<Greeting, Refused> {
        if viewer.is_empty() {
            let message = "a viewer needs an id that is not empty";
            return Err(Refused::new(RefusedCode::UnknownViewer, message));
        }
        if !options.take_over && self.viewers.own(viewer).is_some_and(Viewer::is_connected) {
            let message = format!("`{viewer}` is connected already: disconnect it first");
            return Err(Refused::new(RefusedCode::Connected, message));
        }
        let profile = self.profiles.get(&self.schema, self.main_root, &options.schema)?;
        let last = self.last_number(viewer);
        let resume = options.resume.filter(|resume| resume.epoch == self.epoch);
        if let Some(Resume { number, .. }) = resume
            && number > last
        {
            return Err(never_sent(viewer, number));
        }
        let id: Arc<str> = viewer.into();
        self.is_settled = false;
        self.gone.remove(viewer);
        self.viewers.ensure(&id, || Viewer::new(viewer, profile.clone(), last));
        let Some((entry, archive)) = self.viewers.parted(viewer) else { return Err(Refused::unknown_viewer(viewer)) };
        entry.link = Link::Connected;
        entry.filters = self.filtered.contains(viewer);
        entry.bye = None;
        let resumed = resume.filter(|resume| {
            entry.profile == profile && !entry.known.is_nothing() && entry.history.covers(resume.number, entry.number)
        });
        let mut greeting = Greeting { resumed: resumed.is_some(), ..Greeting::default() };
        match resumed {
            Some(Resume { number, .. }) => {
                entry.acknowledged = number;
                entry.history.forget_until(number, archive);
                greeting.messages.extend(entry.history.after(number, archive));
                greeting.messages.insert(0, self.welcome(true, number));
            }
            None => {
                entry.lose_thread();
                entry.sight.profile = profile.clone();
                entry.profile = profile;
                entry.history.clear(archive);
                greeting.messages.push(self.welcome(false, last + 1));
            }
        }
        if options.playing && !self.session.players().iter().any(|player| **player == *id) {
            greeting.joined = Some(self.join(viewer));
        }
        if resumed.is_none() {
            let first = self.send_to(viewer);
            greeting.messages.extend(first.for_viewer(viewer).map(|message| message.to_vec()));
        }
        Ok(greeting)
    }

    /// Takes a message of a viewer's client, as bytes. A `Hello` connects the viewer, as [`LiveSession::connect`] does, to watch; it takes
    /// the place of a connection that is there still, as the host program has just got it from a new one.
    ///
    /// # Errors
    /// What the client is to be sent ([`Refused::to_bytes`]): if the message is malformed, or as the functions for each message say.
    pub fn receive(&mut self, viewer: &str, bytes: &[u8]) -> Result<Option<Greeting>, Refused> {
        let message = ClientMessage::read(bytes).map_err(|error| {
            Refused::new(RefusedCode::Malformed, format!("not a message of this protocol ({error}): send another"))
        })?;
        match message {
            ClientMessage::Hello { .. } | ClientMessage::Foreign { .. } => self.hello(viewer, message).map(Some),
            ClientMessage::Ack { number } => self.ack(viewer, number).map(|()| None),
            ClientMessage::Resync => self.resync(viewer).map(|()| None),
        }
    }

    /// Connects a viewer by what its client said first; anything but a `Hello` is malformed here.
    ///
    /// # Errors
    /// What the client is to be sent.
    pub fn hello(&mut self, viewer: &str, message: ClientMessage) -> Result<Greeting, Refused> {
        match message {
            ClientMessage::Hello { hash, resume, description } => {
                let resume = resume.map(|(epoch, number)| Resume { epoch, number });
                let schema = ClientSchema::Other { hash, description };
                self.connect(viewer, ConnectOptions { schema, resume, take_over: true, playing: false })
            }
            ClientMessage::Foreign { version } => {
                let message = format!("the server does not speak version {version}: use version {VERSION}");
                Err(Refused::new(RefusedCode::Version, message))
            }
            ClientMessage::Ack { .. } | ClientMessage::Resync => {
                Err(Refused::new(RefusedCode::Malformed, "a conversation begins otherwise: say Hello first"))
            }
        }
    }

    /// The viewer's connection is lost, or closed by the client. It may come back: what it would have been sent is remembered
    /// until that is more than the history holds.
    ///
    /// # Errors
    /// If it is not connected.
    pub fn disconnect(&mut self, viewer: &str) -> Result<(), Refused> {
        let entry = self.connected(viewer)?;
        entry.link = Link::Away { since: entry.number };
        if entry.is_lost() || entry.bye.is_some() {
            self.forget(viewer);
        }
        Ok(())
    }

    /// Forgets a viewer: it is sent nothing any more, and begins anew if it comes back. Whether it was there.
    pub fn forget(&mut self, viewer: &str) -> bool {
        let Some((id, entry)) = self.viewers.remove(viewer) else { return false };
        self.gone.insert(id, Gone { number: entry.number, put_out: entry.bye.is_some() });
        true
    }

    /// Takes a viewer out: with the next broadcast it is sent what it sees to the end, then `Bye`. If it is a player, it leaves the game.
    ///
    /// # Errors
    /// If there is neither such a viewer nor such a player.
    pub fn kick(&mut self, viewer: &str, reason: &str) -> Result<Vec<ActionReport>, Refused> {
        let reports = self.leave(viewer);
        match self.viewers.contains_key(viewer) {
            true => self.put_out(viewer, reason),
            false if reports.is_empty() => return Err(Refused::unknown_viewer(viewer)),
            false => {}
        }
        Ok(reports)
    }

    /// Has a viewer be told that it is out.
    pub(super) fn put_out(&mut self, viewer: &str, reason: &str) {
        let Some(entry) = self.viewers.get_mut(viewer) else { return };
        entry.bye = Some(reason.into());
        if entry.is_connected() {
            self.touch(viewer);
        } else {
            self.forget(viewer);
        }
    }

    /// The client has applied all messages up to `number`: they need not be kept. The one that was said last changes nothing.
    ///
    /// # Errors
    /// If the viewer is not connected, such a number was never sent, or it has acknowledged a later one before; nothing changes then.
    pub fn ack(&mut self, viewer: &str, number: u64) -> Result<(), Refused> {
        self.must_be_connected(viewer)?;
        if self.viewers.number(viewer).is_some_and(|last| number > last) {
            return Err(never_sent(viewer, number));
        }
        if let Some(entry) = self.viewers.own(viewer).filter(|entry| number < entry.acknowledged) {
            return Err(stale(viewer, number, entry.acknowledged));
        }
        // Whoever says this goes on like the others of its cohort.
        if let Some((entry, archive)) = self.viewers.own_mut(viewer)
            && number > entry.acknowledged
        {
            entry.acknowledged = number;
            entry.history.forget_until(number, archive);
            if planted::is(Leak::SharedAcks) {
                let ids = self.viewers.roster().clone();
                for id in ids.iter() {
                    if let Some((other, archive)) = self.viewers.parted(id) {
                        other.history.forget_until(number, archive);
                    }
                }
            }
        }
        Ok(())
    }

    /// The client has lost the thread: with the next broadcast it is sent the whole state.
    ///
    /// # Errors
    /// If the viewer is not connected.
    pub fn resync(&mut self, viewer: &str) -> Result<(), Refused> {
        self.connected(viewer)?.known = Known::Nothing;
        self.touch(viewer);
        Ok(())
    }

    /// Whether a viewer is connected.
    pub fn has_viewer(&self, viewer: &str) -> bool {
        self.viewers.own(viewer).is_some_and(Viewer::is_connected)
    }

    /// Connected viewers, by ascending id.
    pub fn viewers(&self) -> impl Iterator<Item = &Arc<str>> {
        self.viewers.iter().filter(|(_, viewer)| viewer.is_connected()).map(|(id, _)| id)
    }

    fn connected(&mut self, viewer: &str) -> Result<&mut Viewer, Refused> {
        self.must_be_connected(viewer)?;
        self.viewers.get_mut(viewer).ok_or_else(|| Refused::unknown_viewer(viewer))
    }

    fn must_be_connected(&self, viewer: &str) -> Result<(), Refused> {
        if self.gone.get(viewer).is_some_and(|gone| gone.put_out) {
            let message = format!("`{viewer}` was put out of the session: say Hello to begin anew");
            return Err(Refused::new(RefusedCode::PutOut, message));
        }
        if self.has_viewer(viewer) { Ok(()) } else { Err(Refused::unknown_viewer(viewer)) }
    }

    /// The number of the last message that was ever sent to somebody.
    fn last_number(&self, viewer: &str) -> u64 {
        let here = self.viewers.number(viewer);
        here.or(self.gone.get(viewer).map(|gone| gone.number)).unwrap_or(0)
    }

    fn welcome(&self, resumed: bool, number: u64) -> Vec<u8> {
        let mut out = Vec::new();
        ServerMessage::Welcome { epoch: self.epoch, hash: *self.schema.hash(), resumed, number }.write(&mut out);
        out
    }
}

fn never_sent(viewer: &str, number: u64) -> Refused {
    let message = format!("no message {number} was ever sent to `{viewer}`: say Hello without a number");
    Refused::new(RefusedCode::NeverSent, message)
}

fn stale(viewer: &str, number: u64, acknowledged: u64) -> Refused {
    let message = format!(
        "`{viewer}` has acknowledged message {acknowledged}, and now {number}: acknowledge the last one that was applied; \
         if messages are missing, ask with Resync"
    );
    Refused::new(RefusedCode::Stale, message)
}
