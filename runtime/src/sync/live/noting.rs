//! When viewers are due: deadlines that only what they see starts and moves.

use super::LiveSession;
use super::turns::Teller;
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
            self.clock_ms = now_ms;
        }
    }

    /// When [`LiveSession::poll`] has something to send, in milliseconds of the host's clock, with all that was done until now. Always
    /// `None` without a debounce.
    pub fn next_deadline(&mut self) -> Option<i64> {
        self.note();
        let debounce = self.options.debounce?;
        self.viewers.values().filter_map(|viewer| viewer.pending).map(|pending| debounce.deadline(pending)).min()
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
            Pending::touch(&mut viewer.pending, clock_ms);
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
        changes
    }

    /// Starts and moves the deadlines of those viewers who see what was done since this was last called. What a viewer does not see
    /// must not do it: when a message comes would tell of it.
    pub(super) fn note(&mut self) {
        if !std::mem::take(&mut self.is_dirty) || self.options.debounce.is_none() {
            return;
        }
        let changes = self.cut();
        let wants_views = self.hooks.iter().any(|hook| hook.wants_views());
        let mut teller = Teller {
            session: &mut self.session,
            schema: &self.schema,
            main_root: self.main_root,
            windows: &mut self.windows,
            sight_version: self.sight_version,
            hooks: &mut [],
            wants_views,
        };
        let mut marked = Vec::new();
        for (id, viewer) in &mut self.viewers {
            let waits = viewer.known.is_nothing() || !viewer.events.is_empty() || viewer.bye.is_some();
            if waits && viewer.pending.is_none() {
                Pending::touch(&mut viewer.pending, self.clock_ms);
            }
            match (&viewer.known, teller.is_plain(id)) {
                (Known::Nothing, _) => {}
                (Known::Span(_), false) => marked.push((teller.sight(id, viewer), viewer)),
                // It will get everything, once.
                (Known::Span(_), true) => {
                    if viewer.pending.is_none() {
                        Pending::touch(&mut viewer.pending, self.clock_ms);
                    }
                }
                (Known::View(view), _) => {
                    let now = teller.session.view(id);
                    let known = if let Some(Noted::View(noted)) = &viewer.noted { noted } else { view };
                    if *known != now {
                        Pending::touch(&mut viewer.pending, self.clock_ms);
                        viewer.noted = Some(Noted::View(now));
                    }
                }
            }
        }
        note_marked(teller, marked, changes.as_ref(), self.clock_ms);
        if let Some(changes) = changes {
            self.windows.keep(changes);
        }
        // Who has been told of everything that it sees goes along, so that what it does not see need not be kept for it.
        let end = self.windows.end();
        for viewer in self.viewers.values_mut() {
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
        let places = self.viewers.values().filter_map(|viewer| match viewer.known {
            Known::Span(from) => Some(from),
            Known::Nothing | Known::View(_) => None,
        });
        self.windows.tidy(places, self.session.state());
    }
}

/// Those who are told of changes as such: touches whom the last span concerns.
fn note_marked(
    teller: Teller<'_>,
    mut marked: Vec<(Option<Box<Sight>>, &mut Viewer)>,
    changes: Option<&Changes>,
    now_ms: i64,
) {
    let are_others = marked.iter().any(|(sight, ..)| sight.is_some());
    if marked.is_empty() || changes.is_none() && !are_others {
        return;
    }
    let nothing = Changes::default();
    let Teller { session, windows, sight_version, .. } = teller;
    let concerns = {
        let sights: Vec<_> = marked
            .iter()
            .map(|(sight, viewer)| {
                let before = viewer.latest();
                ViewerSights { before, now: sight.as_deref().unwrap_or(before) }
            })
            .collect();
        session.read_effective(|state| windows.encoder.concerns(state, changes.unwrap_or(&nothing), &sights))
    };
    let touch = |viewer: Option<&mut (Option<Box<Sight>>, &mut Viewer)>| {
        if let Some((_, viewer)) = viewer {
            Pending::touch(&mut viewer.pending, now_ms);
        }
    };
    match concerns {
        _ if planted::is(Leak::HiddenDeadlines) => marked.iter_mut().for_each(|viewer| touch(Some(viewer))),
        Concerns::Everybody => marked.iter_mut().for_each(|viewer| touch(Some(viewer))),
        Concerns::Some(viewers) => viewers.iter().for_each(|at| touch(marked.get_mut(*at as usize))),
    }
    for (sight, viewer) in marked {
        if let Some(sight) = sight {
            viewer.noted = Some(Noted::Sight(sight));
            viewer.sight_version = sight_version;
        }
    }
}
