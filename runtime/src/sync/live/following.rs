//! Viewers with filters: what each of them sees, without making its view whenever something changes.
//!
//! A view that need not be made anew is the one before, with what everybody is sent. That is applied only when somebody asks for the
//! view; until then the bodies wait, shared by all whom they are for.
//!
//! What such a viewer is sent is always the difference of two views, step by step: whether its filters ran for what it does not see
//! must not show in the bytes. It is computed once for all who wait for the same bodies.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use super::LiveSession;
use crate::replica::Replica;
use crate::state::Changes;
use crate::sync::difference::full_body;
use crate::sync::{PatchOf, Sight, ViewerSights};
use crate::wire::Profile;
use crate::wire::reader::Malformed;

/// So many bodies may wait for one viewer until they are applied.
const WAITING: usize = 256;

/// What a viewer with filters was told, and sees.
#[derive(Debug)]
pub(super) struct Follower {
    /// What it saw once.
    view: Value,
    /// Bodies that lead from there to what it was told last.
    told: Vec<Arc<[u8]>>,
    /// A view that was made since.
    made: Option<Value>,
    /// Bodies that lead from that, else from what it was told last, to what it sees.
    since: Vec<Arc<[u8]>>,
    /// Who it is, to whoever encodes: with the session's own schema.
    sight: Sight,
    /// The version of what that is made from.
    sight_version: u64,
}

impl Follower {
    fn new(view: Value, (sight, sight_version): (Sight, u64)) -> Follower {
        Follower { view, told: Vec::new(), made: None, since: Vec::new(), sight, sight_version }
    }

    /// Whether it sees what it was told.
    pub fn is_still(&self) -> bool {
        self.made.is_none() && self.since.is_empty()
    }

    /// Bodies that are all that is new to it; none if there is more.
    pub fn news(&self) -> Option<&[Arc<[u8]>]> {
        self.made.is_none().then_some(&self.since)
    }

    /// What it was told last.
    pub fn before(&self, views: &Views<'_>) -> Result<Value, Malformed> {
        views.apply(&self.view, &self.told)
    }

    /// What it sees, given what it was told.
    pub fn now_after(&self, before: &Value, views: &Views<'_>) -> Result<Value, Malformed> {
        views.apply(self.made.as_ref().unwrap_or(before), &self.since)
    }

    /// What it sees.
    pub fn now(&self, views: &Views<'_>) -> Result<Value, Malformed> {
        match &self.made {
            Some(made) => views.apply(made, &self.since),
            None => views.apply_all(&self.view, self.told.iter().chain(&self.since)),
        }
    }

    /// From here on it was told what it sees, which is `view` if that is known.
    pub fn advance(&mut self, view: Option<Value>) {
        match view {
            Some(view) => {
                (self.view, self.made) = (view, None);
                self.told.clear();
                self.since.clear();
            }
            None => {
                if let Some(made) = self.made.take() {
                    self.view = made;
                    self.told.clear();
                }
                self.told.append(&mut self.since);
            }
        }
    }

    fn make(&mut self, view: Value) {
        self.made = Some(view);
        self.since.clear();
    }

    /// Applies what waits if that is too much. `at` spreads the work of many viewers over broadcasts.
    pub fn catch_up(&mut self, at: usize, views: &Views<'_>) {
        let most = WAITING + at % WAITING;
        if self.told.len() > most
            && let Ok(view) = self.before(views)
        {
            self.view = view;
            self.told.clear();
        }
        if self.since.len() > most
            && let Ok(view) = self.now(views)
        {
            self.make(view);
        }
    }
}

/// How views become bytes and come back.
#[derive(Clone, Copy)]
pub(super) struct Views<'a> {
    pub schema: &'a Arc<Schema>,
    pub main_root: StructId,
    /// With which all of a view travels.
    pub same: &'a Profile,
}

impl Views<'_> {
    fn apply(&self, view: &Value, bodies: &[Arc<[u8]>]) -> Result<Value, Malformed> {
        self.apply_all(view, bodies.iter())
    }

    /// The view that bodies make of another. Malformed if a body does not fit: then the view must be made.
    fn apply_all<'b>(&self, view: &Value, bodies: impl Iterator<Item = &'b Arc<[u8]>>) -> Result<Value, Malformed> {
        let mut bodies = bodies.peekable();
        if bodies.peek().is_none() {
            return Ok(view.clone());
        }
        let mut replica = Replica::with_root(self.schema.clone(), self.main_root);
        replica.apply_full(&full_body(self.same, self.schema, self.main_root, view))?;
        for body in bodies {
            replica.apply(body, None)?;
        }
        Ok(replica.to_value())
    }
}

impl LiveSession {
    /// Filters that fail, by viewer: filter id and error. Such a viewer is told nothing until they work again.
    pub fn filter_faults(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &crate::program::Trap)> {
        self.filtered.faults()
    }

    /// Brings what viewers with filters see up to date after a span.
    pub(super) fn follow(&mut self, changes: Option<&Changes>) {
        let nothing = Changes::default();
        let refreshed = self.filtered.refresh(&mut self.session, changes.unwrap_or(&nothing));
        if self.filtered.is_empty() {
            return;
        }
        let mut made: BTreeMap<Arc<str>, Value> = refreshed.views.into_iter().collect();
        let mut sharing = Vec::new();
        let ids: Vec<Arc<str>> =
            self.viewers.roster().iter().filter(|id| self.filtered.contains(id)).cloned().collect();
        for id in ids {
            let version = |live: &LiveSession| live.follower(&id).map(|follower| follower.sight_version);
            let is_known = version(self) == Some(self.sight_version);
            let sight = (!is_known).then(|| self.own_sight(&id));
            let follower = self.follower(&id);
            let is_other = |sight: &Sight| follower.is_none_or(|follower| sight.differs(&follower.sight));
            let is_new = follower.is_none();
            let must_make = is_new || sight.as_ref().is_some_and(is_other);
            let view = match made.remove(&id) {
                Some(view) => Some(view),
                None if self.filtered.is_frozen(&id) => is_new.then(|| Value::Map(Vec::new())),
                None if must_make => self.session.make_view(&id),
                None => {
                    sharing.push(id.clone());
                    None
                }
            };
            self.see(&id, view, sight);
        }
        if let Some(changes) = changes
            && !sharing.is_empty()
        {
            self.share(&sharing, changes);
        }
    }

    fn follower(&self, id: &str) -> Option<&Follower> {
        self.viewers.own(id)?.follower.as_deref()
    }

    /// Who a viewer is to the encoder, with the session's own schema.
    fn own_sight(&mut self, id: &str) -> Sight {
        let mut sight = Sight::new(id, self.profiles.same().clone());
        sight.grants = self.session.viewer(id).grants;
        sight.team = self.windows.teams.get(id).cloned();
        sight.seen = (*self.session.seen(id)).clone();
        sight
    }

    /// A viewer sees that view now, if one was made; and is somebody else, perhaps.
    fn see(&mut self, id: &str, view: Option<Value>, sight: Option<Sight>) {
        let Some(viewer) = self.viewers.get_mut(id) else { return };
        match (&mut viewer.follower, view) {
            (Some(follower), Some(view)) => {
                follower.make(view);
            }
            (None, Some(view)) => {
                let sight = sight.clone().unwrap_or_else(|| viewer.sight.clone());
                viewer.follower = Some(Box::new(Follower::new(view, (sight, self.sight_version))));
            }
            (_, None) => {}
        }
        if let (Some(follower), Some(sight)) = (&mut viewer.follower, sight) {
            (follower.sight, follower.sight_version) = (sight, self.sight_version);
        }
    }

    /// Gives those viewers what everybody is sent for a span.
    fn share(&mut self, ids: &[Arc<str>], changes: &Changes) {
        let mut patches = std::mem::take(&mut self.windows.buffer);
        {
            let (viewers, encoder) = (&self.viewers, &mut self.windows.encoder);
            let follower = |id: &Arc<str>| viewers.own(id).and_then(|viewer| viewer.follower.as_deref());
            let sights: Vec<_> = ids
                .iter()
                .filter_map(follower)
                .map(|follower| ViewerSights { before: &follower.sight, now: &follower.sight })
                .collect();
            self.session.read_effective(|state| encoder.patch_into(state, changes, &sights, &mut patches));
        }
        let views = Views { schema: &self.schema, main_root: self.main_root, same: self.profiles.same() };
        let mut bodies: BTreeMap<PatchOf, Arc<[u8]>> = BTreeMap::new();
        for (at, (id, of)) in ids.iter().zip(patches.iter()).enumerate() {
            let Some(viewer) = self.viewers.get_mut(id).filter(|_| !of.is_empty()) else { continue };
            let Some(follower) = &mut viewer.follower else { continue };
            let parts = || Arc::from([patches.parts(at).0, patches.parts(at).1].concat());
            let body = bodies.entry(of).or_insert_with(parts).clone();
            follower.since.push(body);
            follower.catch_up(at, &views);
        }
        self.windows.buffer = patches;
    }
}
