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
use super::bodies::Body;
use super::viewer::{Noted, Viewer};
use crate::replica::Replica;
use crate::state::Changes;
use crate::sync::difference::{full_body, lone};
use crate::sync::{Sight, ViewerSights};
use crate::wire::Profile;

/// So many bodies may wait for one viewer until they are applied: those that it was told, and others.
const TOLD: usize = 32;
const WAITING: usize = 1024;

/// What a viewer with filters was told, and sees.
#[derive(Debug)]
pub(super) struct Follower {
    /// What it saw once; nothing if that cannot be known, as what came since does not fit.
    view: Option<Replica>,
    /// Bodies that lead from there to what it was told last.
    told: Vec<Arc<Body>>,
    /// A view that was made since.
    made: Option<Value>,
    /// Bodies that lead from that, else from what it was told last, to what it sees.
    since: Vec<Arc<Body>>,
    /// Who it is, to whoever encodes: with the session's own schema.
    sight: Sight,
    /// The version of what that is made from.
    sight_version: u64,
}

impl Follower {
    fn new(view: &Value, (sight, sight_version): (Sight, u64), views: &Views<'_>) -> Follower {
        let view = views.replica(view);
        Follower { view, told: Vec::new(), made: None, since: Vec::new(), sight, sight_version }
    }

    /// Whether it sees what it was told.
    pub fn is_still(&self) -> bool {
        self.made.is_none() && self.since.is_empty()
    }

    /// Bodies that are all that is new to it; none if there is more.
    pub fn news(&self) -> Option<&[Arc<Body>]> {
        self.made.is_none().then_some(&self.since)
    }

    /// What it was told last, if that is known.
    pub fn before(&self) -> Option<Value> {
        self.view_after(&[])
    }

    /// What it sees, if that is known.
    pub fn now(&self, views: &Views<'_>) -> Option<Value> {
        self.at(self.since.len(), views)
    }

    /// From here on it was told what it sees, which is `view` if that is known.
    pub fn advance(&mut self, view: Option<Value>, views: &Views<'_>) {
        let is_made = view.is_some();
        if let Some(view) = view.or_else(|| self.made.take()) {
            self.view = views.replica(&view);
            self.told.clear();
        }
        self.made = None;
        if is_made {
            self.since.clear();
        }
        self.told.append(&mut self.since);
    }

    /// What it saw with so many of the bodies that came since it was told last, or since a view was made.
    pub fn at(&self, bodies: usize, views: &Views<'_>) -> Option<Value> {
        let since = self.since.get(..bodies).unwrap_or(&self.since);
        match &self.made {
            Some(made) if since.is_empty() => Some(made.clone()),
            Some(made) => {
                let mut replica = views.replica(made)?;
                apply(&mut replica, since)?;
                Some(replica.to_value())
            }
            None => self.view_after(since),
        }
    }

    /// What it was told last, with these bodies.
    fn view_after(&self, since: &[Arc<Body>]) -> Option<Value> {
        let view = self.view.as_ref()?;
        if self.told.is_empty() && since.is_empty() {
            return Some(view.to_value());
        }
        let mut replica = view.clone();
        apply(&mut replica, &self.told)?;
        apply(&mut replica, since)?;
        Some(replica.to_value())
    }

    /// Bodies that came since.
    pub fn since(&self) -> &[Arc<Body>] {
        &self.since
    }

    fn make(&mut self, view: Value) {
        self.made = Some(view);
        self.since.clear();
    }

    /// Applies what it was told.
    fn settle(&mut self) {
        if let Some(view) = &mut self.view
            && apply(view, &self.told).is_none()
        {
            self.view = None;
        }
        self.told.clear();
    }

    /// Has it noted in a body what is new with it, if that is but one field: the same for all whom the body is for.
    fn learn_news(&mut self, body: &mut Body, views: &Views<'_>) {
        self.settle();
        let (true, Some(view)) = (self.is_still(), &mut self.view) else { return };
        let Body { bytes, news, .. } = body;
        let about = (views.same, &**views.schema, views.main_root);
        let known = view.rehearse(bytes, |place, values| lone(news, about, place, values));
        body.knows_news = known.is_some();
    }
}

/// Applies bodies; nothing if one does not fit.
fn apply(replica: &mut Replica, bodies: &[Arc<Body>]) -> Option<()> {
    bodies.iter().try_for_each(|body| replica.apply(&body.bytes, None)).ok()
}

/// How views become bytes and come back.
#[derive(Clone, Copy)]
pub(super) struct Views<'a> {
    pub schema: &'a Arc<Schema>,
    pub main_root: StructId,
    /// With which all of a view travels.
    pub same: &'a Profile,
    /// A client that has nothing yet.
    pub blank: &'a Replica,
}

impl Views<'_> {
    /// A client that has that view.
    fn replica(&self, view: &Value) -> Option<Replica> {
        let mut replica = self.blank.clone();
        replica.apply_full(&full_body(self.same, self.schema, self.main_root, view)).ok()?;
        Some(replica)
    }
}

/// The [`Views`] of a live session, of whose other parts nothing is borrowed.
macro_rules! views {
    ($live:expr) => {
        $crate::sync::live::following::Views {
            schema: &$live.schema,
            main_root: $live.main_root,
            same: $live.profiles.same(),
            blank: &$live.blank,
        }
    };
}
pub(super) use views;

impl LiveSession {
    /// Filters that fail, by viewer: filter id and error. Such a viewer is told nothing until they work again.
    pub fn filter_faults(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &crate::program::Trap)> {
        self.filtered.faults()
    }

    /// Brings what viewers with filters see up to date after a span.
    pub(super) fn follow(&mut self, changes: Option<&Changes>) {
        let nothing = Changes::default();
        let refreshed = self.filtered.refresh(&mut self.session, changes.unwrap_or(&nothing));
        if refreshed.regrouped {
            let filtered = &self.filtered;
            self.viewers.mark_filtered(|id| filtered.contains(id));
        }
        if self.filtered.is_empty() {
            return;
        }
        for (viewer, fault) in refreshed.failed {
            let views = views!(self);
            let good = self.follower(&viewer).and_then(|follower| follower.now(&views));
            if let Some(good) = good {
                self.session.know_last_good(&viewer, Some((good, fault)));
            }
        }
        let mut made: BTreeMap<Arc<str>, Value> = refreshed.views.into_iter().collect();
        let mut sharing = std::mem::take(&mut self.sharing);
        sharing.clear();
        let mut others = Vec::new();
        for (at, id, viewer) in self.viewers.standing().filter(|(_, _, viewer)| viewer.filters) {
            let is_known =
                viewer.follower.as_ref().is_some_and(|follower| follower.sight_version == self.sight_version);
            if is_known && !made.contains_key(id) && !self.filtered.is_frozen(id) {
                sharing.push(at);
            } else {
                others.push(id.clone());
            }
        }
        for id in others {
            let version = |live: &LiveSession| live.follower(&id).map(|follower| follower.sight_version);
            let is_known = version(self) == Some(self.sight_version);
            let sight = (!is_known).then(|| self.own_sight(&id));
            let follower = self.follower(&id);
            let is_other = |sight: &Sight| follower.is_none_or(|follower| sight.differs(&follower.sight));
            let is_new = follower.is_none();
            let must_make = is_new || sight.as_ref().is_some_and(is_other);
            let nothing = || self.session.last_good(&id).cloned().unwrap_or(Value::Map(Vec::new()));
            let view = match made.remove(&id) {
                Some(view) => Some(view),
                None if self.filtered.is_frozen(&id) => is_new.then(nothing),
                None if must_make => self.session.make_view(&id),
                None => {
                    sharing.extend(self.viewers.place(&id));
                    None
                }
            };
            self.see(&id, view, sight);
        }
        if let Some(changes) = changes
            && !sharing.is_empty()
        {
            sharing.sort_unstable();
            self.share(&sharing, changes);
        }
        self.sharing = sharing;
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
        let views = views!(self);
        let Some(viewer) = self.viewers.get_mut(id) else { return };
        match (&viewer.follower, view) {
            (Some(_), Some(view)) => viewer.make(view, &views),
            (None, Some(view)) => {
                let sight = sight.clone().unwrap_or_else(|| viewer.sight.clone());
                viewer.follower = Some(Box::new(Follower::new(&view, (sight, self.sight_version), &views)));
            }
            (_, None) => {}
        }
        if let (Some(follower), Some(sight)) = (&mut viewer.follower, sight) {
            (follower.sight, follower.sight_version) = (sight, self.sight_version);
        }
    }

    /// Gives those viewers what everybody is sent for a span.
    fn share(&mut self, places: &[u32], changes: &Changes) {
        let mut patches = std::mem::take(&mut self.windows.buffer);
        let viewers = &self.viewers;
        let followers = places.iter().filter_map(|at| viewers.at(*at)?.1.follower.as_deref());
        let sights = followers.map(|follower| ViewerSights { before: &follower.sight, now: &follower.sight });
        let windows = &mut self.windows;
        self.session.read_effective(|state| windows.patch_span(state, changes, sights, &mut patches));
        let views = views!(self);
        for (n, (at, of)) in places.iter().zip(patches.iter()).enumerate() {
            let Some((viewer, ..)) = self.viewers.at_mut(*at).filter(|_| !of.is_empty()) else { continue };
            let Some(follower) = viewer.follower.as_deref_mut() else { continue };
            let body = match self.shared.get(&of) {
                Some(body) => body.clone(),
                None => {
                    let body = self.bodies.give(|body| {
                        let (public, private) = patches.parts(n);
                        body.bytes.extend_from_slice(public);
                        body.bytes.extend_from_slice(private);
                        follower.learn_news(body, &views);
                    });
                    self.shared.insert(of, body.clone());
                    body
                }
            };
            follower.since.push(body);
            viewer.catch_up(n, &views);
        }
        self.shared.clear();
        self.windows.buffer = patches;
    }
}

impl Viewer {
    /// It sees that view now.
    fn make(&mut self, view: Value, views: &Views<'_>) {
        let Some(follower) = &mut self.follower else { return };
        // What was noted of what waited would not be known any more.
        let keep = |noted: &mut Noted| {
            if let Noted::Waiting(bodies) = noted {
                *noted = Noted::View(follower.at(*bodies, views).unwrap_or(Value::Null));
            }
        };
        self.noted.iter_mut().chain(self.passing.as_mut().map(|(noted, _)| noted)).for_each(keep);
        follower.make(view);
    }

    /// Applies what waits if that is too much. `at` spreads the work of many viewers over broadcasts.
    fn catch_up(&mut self, at: usize, views: &Views<'_>) {
        let Some(follower) = &mut self.follower else { return };
        if follower.told.len() > TOLD + at % TOLD {
            follower.settle();
        }
        if follower.since.len() > WAITING + at % WAITING
            && let Some(view) = follower.now(views)
        {
            self.make(view, views);
        }
    }
}
