//! Another process that is gone back in: it stays where it is, while what it did is done again here.

use super::{Changes, Client, Link, Live, Order, Phase, Profile, Remote, Timeline};

/// Another process that stays where it is while what it did is done again here.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) remote: Remote,
    client: Client,
    phase: Phase,
    timeline: Option<Timeline>,
    orders: Vec<Order>,
    changes: Changes,
    profile: Profile,
    /// How much it did, and at which node of what comes then it is held up.
    at: Option<(usize, u64)>,
}

impl Live {
    /// Another process is left where it is.
    pub(super) fn leave_present(&mut self) {
        let remote = match self.link.take() {
            Some(Link::There(remote)) => remote,
            other => {
                self.link = other;
                return;
            }
        };
        let done = self.timeline.as_ref().map_or(0, |timeline| timeline.moments().len());
        self.present = Some(Box::new(Present {
            remote,
            at: self.client.stopped().map(|stopped| (done, stopped.step)),
            client: std::mem::take(&mut self.client),
            phase: self.phase.clone(),
            timeline: self.timeline.clone(),
            orders: self.orders.clone(),
            changes: self.changes.clone(),
            profile: self.profile.clone(),
        }));
    }

    /// Looks at another process again, if what was done here has come to where it is; whether it has.
    pub(super) fn reach_present(&mut self) -> bool {
        let Some(present) = &self.present else { return false };
        let done = self.timeline.as_ref().map_or(0, |timeline| timeline.moments().len());
        let step = self.client.stopped().map_or(0, |stopped| stopped.step);
        let is_there = present.at.is_some_and(|at| (done, step) >= at);
        if !is_there && done < self.orders.len() {
            return false;
        }
        self.return_to_present();
        true
    }

    /// Looks at another process again, where it is.
    pub fn return_to_present(&mut self) {
        let Some(present) = self.present.take() else { return };
        let Present { remote, client, phase, timeline, orders, changes, profile, .. } = *present;
        self.link = Some(Link::There(remote));
        (self.client, self.phase, self.timeline) = (client, phase, timeline);
        (self.orders, self.profile, self.changes) = (orders, profile, changes);
        self.client.stop_at(self.wanted.clone());
        self.client.watch(&self.watches);
        if self.client.stopped().is_some() {
            self.client.look();
        }
        self.send();
    }
}
