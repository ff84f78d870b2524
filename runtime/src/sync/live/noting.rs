//! When viewers are due: deadlines that only what they see starts and moves.

use std::collections::BTreeMap;

use super::LiveSession;
use super::following::views;
use super::turns::{Shared, Teller};
use super::viewer::{Known, Noted, Viewer};
use crate::state::Changes;
use crate::sync::debounce::Pending;
use crate::sync::planted::{self, Leak};
use crate::sync::{Concerns, Sight, ViewerSights};

impl LiveSession {
    /// Tells the time of the host's clock, in milliseconds: what is done from here on is done then. Nothing else comes of it, and
    /// session time stays. The clock never goes back.
    pub fn at(&mut self, now_ms: i64) {
        if now_ms > self.clock_ms {
            self.note();
            self.settle();
            self.clock_ms = now_ms;
        }
    }

    /// When [`LiveSession::poll`] has something to send, in milliseconds of the host's clock, with all that was done until now. Always
    /// `None` without a debounce.
    pub fn next_deadline(&mut self) -> Option<i64> {
        self.note();
        let debounce = self.options.debounce?;
        self.viewers
            .standing()
            .filter_map(|(_, _, viewer)| viewer.pending)
            .map(|pending| debounce.deadline(pending))
            .min()
    }

    /// Something was done that viewers may see.
    pub(super) fn changed(&mut self) {
        self.is_dirty = true;
        self.is_settled = false;
    }

    /// A viewer must be sent something.
    pub(super) fn touch(&mut self, viewer: &str) {
        self.is_settled = false;
        let clock_ms = self.clock_ms;
        if self.options.debounce.is_some()
            && let Some(viewer) = self.viewers.get_mut(viewer)
        {
            viewer.touch(clock_ms);
        }
    }

    /// Ends the span at hand, if something changed in it.
    pub(super) fn cut(&mut self) -> Option<Changes> {
        let version = |live: &LiveSession| (live.windows.teams.version, live.session.asked_version());
        let before = version(self);
        let changes = self.windows.cut(&mut self.session);
        if version(self) != before {
            self.sight_version += 1;
        }
        self.follow(changes.as_ref());
        changes
    }

    /// Starts and moves the deadlines of those viewers who see what was done. What a viewer does not see must not do it: when a message
    /// comes would tell of it. Nor may it matter how often this is called, as others' comings and goings have it called: so it always looks at
    /// the whole instant, until the clock moves on.
    pub(super) fn note(&mut self) {
        if !std::mem::take(&mut self.is_dirty) || self.options.debounce.is_none() {
            return;
        }
        if let Some(changes) = self.cut() {
            self.windows.keep(changes);
        }
        self.part();
        let wants_views = self.hooks.iter().any(|hook| hook.wants_views());
        self.note_cohorts();
        let mut teller = Teller {
            session: &mut self.session,
            schema: &self.schema,
            main_root: self.main_root,
            windows: &mut self.windows,
            sight_version: self.sight_version,
            hooks: &mut [],
            wants_views,
            views: views!(self),
        };
        let mut marked: Marked<'_> = BTreeMap::new();
        let mut shared = Shared::new();
        for (id, viewer) in self.viewers.apart_mut() {
            viewer.note_waiting(self.clock_ms);
            match (&viewer.known, teller.is_plain(viewer)) {
                (Known::Nothing, _) => {}
                (Known::Filtered, true) if !wants_views => {
                    if let Some(now) = teller.news(id, viewer, &mut shared) {
                        Pending::touch(&mut viewer.pending, self.clock_ms);
                        viewer.passing = Some((now, viewer.sight_version));
                    }
                }
                (Known::Span(from), false) => {
                    let from = self.instant.max(*from);
                    marked.entry(from).or_default().push((teller.sight(id, viewer), viewer));
                }
                // It will get everything, once.
                (Known::Span(_), true) => {
                    if viewer.pending.is_none() {
                        Pending::touch(&mut viewer.pending, self.clock_ms);
                    }
                }
                (Known::View(_) | Known::Filtered, _) => {
                    let now = teller.view(id, viewer);
                    let is_same = teller.noted(viewer).is_some_and(|noted| *noted == now);
                    if !is_same {
                        Pending::touch(&mut viewer.pending, self.clock_ms);
                        viewer.passing = Some((Noted::View(now), viewer.sight_version));
                    }
                }
            }
        }
        note_marked(teller, marked, self.clock_ms);
        self.tidy();
    }

    /// The same for cohorts. Those of them whom something else concerns are taken out.
    fn note_cohorts(&mut self) {
        let mut patches = std::mem::take(&mut self.windows.buffer);
        let mut cohorts = std::mem::take(&mut self.noting);
        cohorts.clear();
        cohorts.extend(self.viewers.cohorts_mut().map(|(at, _)| at));
        for at in cohorts.iter().copied() {
            let Some((viewer, ..)) = self.viewers.at_mut(at) else { continue };
            viewer.note_waiting(self.clock_ms);
            let Known::Span(from) = viewer.known else { continue };
            let (from, profile) = (self.instant.max(from), viewer.profile.clone());
            if from >= self.windows.end() {
                continue;
            }
            let (viewers, windows) = (&mut self.viewers, &mut self.windows);
            let sights = viewers.sights();
            self.session.read_effective(|state| windows.patch_still(from, state, (sights, &profile), &mut patches));
            if patches.common().is_some() || planted::is(Leak::HiddenDeadlines) {
                if let Some((viewer, ..)) = viewers.at_mut(at) {
                    Pending::touch(&mut viewer.pending, self.clock_ms);
                }
                continue;
            }
            for (concerned, _) in patches.privates() {
                if viewers.cohort_of(*concerned) == Some(at) {
                    viewers.part(*concerned);
                }
            }
        }
        (self.windows.buffer, self.noting) = (patches, cohorts);
    }

    /// Ends the instant: deadlines are what they seemed to be.
    fn settle(&mut self) {
        if self.options.debounce.is_none() {
            return;
        }
        let end = self.windows.end();
        self.instant = end;
        for viewer in self.viewers.standing_mut() {
            viewer.settled = viewer.pending;
            if let Some((noted, version)) = viewer.passing.take() {
                (viewer.noted, viewer.sight_version) = (Some(noted), version);
            }
            // Who has been told of everything that it sees goes along, so that what it does not see need not be kept for it.
            if let (Known::Span(from), None) = (&mut viewer.known, viewer.pending) {
                *from = end;
                if let Some(Noted::Sight(sight)) = viewer.noted.take() {
                    viewer.sight = *sight;
                }
            }
        }
        self.tidy();
    }

    /// Drops spans that nobody needs.
    pub(super) fn tidy(&mut self) {
        let places = self.viewers.standing().filter_map(|(_, _, viewer)| match viewer.known {
            Known::Span(from) => Some(from),
            Known::Nothing | Known::View(_) | Known::Filtered => None,
        });
        self.windows.tidy(places, self.instant, self.session.state());
    }
}

/// Viewers who are told of changes as such, by where the part of the instant begins that they were not sent; with who they are now, if
/// that is somebody else than before.
type Marked<'a> = BTreeMap<u64, Vec<(Option<Box<Sight>>, &'a mut Viewer)>>;

/// Touches those of them whom the instant concerns.
fn note_marked(teller: Teller<'_>, marked: Marked<'_>, now_ms: i64) {
    let Teller { session, windows, sight_version, .. } = teller;
    for (from, mut viewers) in marked {
        let are_others = viewers.iter().any(|(sight, _)| sight.is_some());
        if from >= windows.end() && !are_others {
            continue;
        }
        let sights = viewers.iter().map(|(sight, viewer)| {
            let before = viewer.latest();
            ViewerSights { before, now: sight.as_deref().unwrap_or(before) }
        });
        let sights: Vec<_> = sights.collect();
        let concerns = session.read_effective(|state| windows.concerns(from, state, &sights, are_others));
        drop(sights);
        let touch = |viewer: Option<&mut (Option<Box<Sight>>, &mut Viewer)>| {
            if let Some((_, viewer)) = viewer {
                Pending::touch(&mut viewer.pending, now_ms);
            }
        };
        match concerns {
            _ if planted::is(Leak::HiddenDeadlines) => viewers.iter_mut().for_each(|viewer| touch(Some(viewer))),
            Concerns::Everybody => viewers.iter_mut().for_each(|viewer| touch(Some(viewer))),
            Concerns::Some(concerned) => concerned.iter().for_each(|at| touch(viewers.get_mut(*at as usize))),
        }
        for (sight, viewer) in viewers {
            viewer.passing = sight.map(|sight| (Noted::Sight(sight), sight_version));
        }
    }
}
