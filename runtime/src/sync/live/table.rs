//! Viewers by id. Those who are in step share what is known of them.
//!
//! A *cohort* is all who are connected, know the same, and have nothing about them that others do not have: it is one [`Viewer`], and
//! they are only a [`Seat`]. What is sent to all of it is noted once. Whoever is to be sent something else, or does
//! something, is taken out first, with a state of its own that is what it would have been all along; later it joins again. So nobody can tell from what is sent
//! who was in step with whom.

use std::sync::Arc;

use super::viewer::Viewer;
use crate::sync::broadcast::{COHORT, NONE, Roster, Seat};
use crate::sync::history::{Archive, HistoryLimits};
use crate::sync::{Sight, Sights};
use crate::wire::describe::Profile;

/// So many viewers are there for each whose outdated history is looked for, when a cohort is sent something.
const SWEEP: usize = 64;

/// Viewers by ascending id.
#[derive(Default)]
pub(super) struct Viewers {
    /// Shared with broadcasts.
    roster: Arc<Roster>,
    /// Shared with broadcasts. By position, as all that follows.
    seats: Arc<Vec<Seat>>,
    /// What is their own. Of those in a cohort, the rest is out of date.
    all: Vec<Viewer>,
    /// As whom those in cohorts are told things.
    sights: Sights,
    /// Positions of those in no cohort, ascending.
    apart: Vec<u32>,
    cohorts: Vec<Cohort>,
    /// What histories are made of.
    pub archive: Archive,
    pub limits: HistoryLimits,
    /// Where outdated histories are looked for next.
    swept: usize,
    /// That nobody joins a cohort.
    pub keep_apart: bool,
}

struct Cohort {
    common: Viewer,
    members: u32,
    /// The id to whoever asks for one: it has none.
    id: Arc<str>,
}

impl Cohort {
    fn new(profile: &Arc<Profile>) -> Cohort {
        Cohort { common: Viewer::new("", profile.clone(), 0), members: 0, id: "".into() }
    }
}

impl Viewers {
    pub fn new(limits: HistoryLimits) -> Viewers {
        Viewers { limits, ..Viewers::default() }
    }

    fn find(&self, id: &str) -> Result<usize, usize> {
        self.roster.binary_search_by(|other| (**other).cmp(id))
    }

    /// Their ids.
    pub fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    /// Where they belong.
    pub fn seats(&self) -> &Arc<Vec<Seat>> {
        &self.seats
    }

    /// As whom those in cohorts are told things; by position.
    pub fn sights(&self) -> &Sights {
        &self.sights
    }

    pub fn contains_key(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    /// What is a viewer's own: `link`, `follower`, and the rest if it is in no cohort.
    pub fn own(&self, id: &str) -> Option<&Viewer> {
        self.all.get(self.find(id).ok()?)
    }

    /// The same to be changed, and the archive: for what it has `acknowledged`.
    pub fn own_mut(&mut self, id: &str) -> Option<(&mut Viewer, &mut Archive)> {
        let at = self.find(id).ok()?;
        Some((self.all.get_mut(at)?, &mut self.archive))
    }

    /// A viewer, taken out of its cohort.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Viewer> {
        let at = self.find(id).ok()?;
        self.part(at as u32);
        self.all.get_mut(at)
    }

    /// The same, and the archive.
    pub fn parted(&mut self, id: &str) -> Option<(&mut Viewer, &mut Archive)> {
        let at = self.find(id).ok()?;
        self.part(at as u32);
        Some((self.all.get_mut(at)?, &mut self.archive))
    }

    /// By position, of one in no cohort; or what those of a cohort have in common.
    pub fn at(&self, at: u32) -> Option<(&Arc<str>, &Viewer)> {
        match self.cohorts.get((at ^ COHORT) as usize).filter(|_| at >= COHORT) {
            Some(cohort) => Some((&cohort.id, &cohort.common)),
            None => self.roster.get(at as usize).zip(self.all.get(at as usize)),
        }
    }

    /// The same, with how many it stands for, and the archive.
    pub fn at_mut(&mut self, at: u32) -> Option<(&mut Viewer, u32, &mut Archive)> {
        let (viewer, count) = match self.cohorts.get_mut((at ^ COHORT) as usize).filter(|_| at >= COHORT) {
            Some(cohort) => (&mut cohort.common, cohort.members),
            None => (self.all.get_mut(at as usize)?, 1),
        };
        Some((viewer, count, &mut self.archive))
    }

    /// Whether a cohort has members, or this is no cohort.
    pub fn is_there(&self, at: u32) -> bool {
        at < COHORT || self.cohorts.get((at ^ COHORT) as usize).is_some_and(|cohort| cohort.members > 0)
    }

    /// The cohort that a viewer is in, as in [`Viewers::at`].
    pub fn cohort_of(&self, at: u32) -> Option<u32> {
        self.seats.get(at as usize).map(|seat| seat.cohort).filter(|cohort| *cohort != NONE)
    }

    /// Adds a viewer if there is none with that id.
    pub fn ensure(&mut self, id: &Arc<str>, new: impl FnOnce() -> Viewer) {
        if let Err(at) = self.find(id) {
            let viewer = new();
            Arc::make_mut(&mut self.roster).insert(at, id.clone());
            Arc::make_mut(&mut self.seats).insert(at, Seat::APART);
            self.sights.insert(at, Sight::new(id, viewer.profile.clone()));
            self.all.insert(at, viewer);
            let place = self.apart.partition_point(|apart| (*apart as usize) < at);
            self.apart.iter_mut().skip(place).for_each(|apart| *apart += 1);
            self.apart.insert(place, at as u32);
        }
    }

    /// Takes a viewer out.
    pub fn remove(&mut self, id: &str) -> Option<(Arc<str>, Viewer)> {
        let at = self.find(id).ok()?;
        self.part(at as u32);
        Arc::make_mut(&mut self.seats).remove(at);
        self.sights.remove(at);
        self.apart.retain(|apart| *apart as usize != at);
        let place = self.apart.partition_point(|apart| (*apart as usize) < at);
        self.apart.iter_mut().skip(place).for_each(|apart| *apart -= 1);
        let mut viewer = self.all.remove(at);
        viewer.history.clear(&mut self.archive);
        Some((Arc::make_mut(&mut self.roster).remove(at), viewer))
    }

    /// Ids, and what is their own.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Viewer)> {
        self.roster.iter().zip(&self.all)
    }

    /// Everybody: those in no cohort, and then cohorts as one viewer each.
    pub fn standing(&self) -> impl Iterator<Item = (u32, &Arc<str>, &Viewer)> + Clone {
        let one = |at: &u32| self.at(*at).map(|(id, viewer)| (*at, id, viewer));
        let cohorts = (COHORT..).zip(&self.cohorts).filter(|(_, cohort)| cohort.members > 0);
        self.apart.iter().filter_map(one).chain(cohorts.map(|(at, cohort)| (at, &cohort.id, &cohort.common)))
    }

    /// The same, to be changed, without positions.
    pub fn standing_mut(&mut self) -> impl Iterator<Item = &mut Viewer> {
        let (apart, cohorts) = self.split_mut();
        apart.map(|(_, viewer)| viewer).chain(cohorts.map(|(_, viewer)| viewer))
    }

    /// Those in no cohort.
    pub fn apart_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut Viewer)> {
        self.split_mut().0
    }

    /// Cohorts, as in [`Viewers::at`].
    pub fn cohorts_mut(&mut self) -> impl Iterator<Item = (u32, &mut Viewer)> {
        self.split_mut().1
    }

    fn split_mut(
        &mut self,
    ) -> (impl Iterator<Item = (&Arc<str>, &mut Viewer)>, impl Iterator<Item = (u32, &mut Viewer)>) {
        let mut rest = self.all.iter_mut();
        let (mut passed, roster) = (0, &self.roster);
        let apart = self.apart.iter().filter_map(move |at| {
            let viewer = rest.nth(*at as usize - passed)?;
            passed = *at as usize + 1;
            Some((roster.get(*at as usize)?, viewer))
        });
        let cohorts = (COHORT..).zip(&mut self.cohorts).filter(|(_, cohort)| cohort.members > 0);
        (apart, cohorts.map(|(at, cohort)| (at, &mut cohort.common)))
    }

    /// The first in a cohort.
    pub fn first_of(&self, cohort: u32) -> Option<&Arc<str>> {
        let at = self.seats.iter().position(|seat| seat.cohort == cohort)?;
        self.roster.get(at)
    }

    /// Takes a viewer out of its cohort, if it is in one.
    pub fn part(&mut self, at: u32) {
        let Some(number) = self.cohort_of(at) else { return };
        let seat = Arc::make_mut(&mut self.seats).get_mut(at as usize);
        let Some(Seat { base, .. }) = seat.map(|seat| std::mem::replace(seat, Seat::APART)) else { return };
        let cohort = self.cohorts.get_mut((number ^ COHORT) as usize);
        let (Some(cohort), Some(viewer)) = (cohort, self.all.get_mut(at as usize)) else { return };
        let common = &mut cohort.common;
        let (joined, sent) = viewer.joined;
        viewer.history.extend(
            (&common.history, common.number),
            (joined, base, viewer.acknowledged),
            self.limits,
            &mut self.archive,
        );
        viewer.number = common.number.wrapping_add(base);
        viewer.sent = (viewer.sent.0 + common.sent.0 - sent.0, viewer.sent.1 + common.sent.1 - sent.1);
        viewer.known = common.known.clone();
        viewer.sight_version = common.sight_version;
        viewer.events = common.events.clone();
        (viewer.pending, viewer.settled) = (common.pending, common.settled);
        if let Some(sight) = self.sights.get_mut(at) {
            std::mem::swap(sight, &mut viewer.sight);
        }
        cohort.members -= 1;
        if cohort.members == 0 {
            common.history.clear(&mut self.archive);
            common.events.clear();
        }
        let place = self.apart.partition_point(|apart| *apart < at);
        self.apart.insert(place, at);
    }

    /// Takes a whole cohort apart, or nobody; who that is, else the one viewer at that place.
    pub fn part_cohort(&mut self, at: u32) -> Vec<Arc<str>> {
        if at < COHORT {
            return self.roster.get(at as usize).cloned().into_iter().collect();
        }
        let places = (0..self.all.len() as u32).filter(|place| self.cohort_of(*place) == Some(at));
        let places: Vec<u32> = places.collect();
        places.iter().for_each(|place| self.part(*place));
        places.iter().filter_map(|place| self.roster.get(*place as usize).cloned()).collect()
    }

    /// Notes who has filters. Who has some is in no cohort.
    pub fn mark_filtered(&mut self, has_filters: impl Fn(&str) -> bool) {
        for at in 0..self.all.len() as u32 {
            let has_filters = self.roster.get(at as usize).is_some_and(|id| has_filters(id));
            if has_filters {
                self.part(at);
            }
            if let Some(viewer) = self.all.get_mut(at as usize) {
                viewer.filters = has_filters;
            }
        }
    }

    /// Where a viewer is, for [`Viewers::at`] if it is in no cohort.
    pub fn place(&self, id: &str) -> Option<u32> {
        self.find(id).ok().map(|at| at as u32)
    }

    /// Takes everybody out.
    pub fn part_all(&mut self) {
        for at in 0..self.all.len() as u32 {
            self.part(at);
        }
    }

    /// Takes those out of their cohorts who are somebody else than before, or may be. The others are who they were by that version, too.
    pub fn part_changed(&mut self, sight_version: u64, mut is_changed: impl FnMut(&str, &Sight) -> bool) {
        let is_old = |cohort: &Cohort| cohort.members > 0 && cohort.common.sight_version != sight_version;
        if !self.cohorts.iter().any(is_old) {
            return;
        }
        for at in 0..self.all.len() as u32 {
            if self.cohort_of(at).is_some()
                && let Some((id, sight)) = self.roster.get(at as usize).zip(self.sights.get(at))
                && is_changed(id, sight)
            {
                self.part(at);
            }
        }
        self.cohorts.iter_mut().for_each(|cohort| cohort.common.sight_version = sight_version);
    }

    /// Has those join cohorts who are in step with others.
    pub fn gather(&mut self, sight_version: u64) {
        if self.keep_apart {
            return;
        }
        let mut apart = std::mem::take(&mut self.apart);
        apart.retain(|at| !self.join(*at, sight_version));
        self.apart = apart;
    }

    /// Whether a viewer joined a cohort.
    fn join(&mut self, at: u32, sight_version: u64) -> bool {
        let Some(viewer) = self.all.get_mut(at as usize).filter(|viewer| viewer.is_regular(sight_version)) else {
            return false;
        };
        let same = |cohort: &Cohort| Arc::ptr_eq(&cohort.common.profile, &viewer.profile);
        let place = self.cohorts.iter().position(same);
        let place = place.or_else(|| self.cohorts.iter().position(|cohort| cohort.members == 0));
        let place = place.unwrap_or_else(|| {
            self.cohorts.push(Cohort::new(&viewer.profile));
            self.cohorts.len() - 1
        });
        let Some(cohort) = self.cohorts.get_mut(place) else { return false };
        let common = &mut cohort.common;
        if cohort.members == 0 {
            common.profile = viewer.profile.clone();
            common.known = viewer.known.clone();
            (common.pending, common.settled) = (viewer.pending, viewer.settled);
            common.sight_version = sight_version;
        } else if !common.is_beside(viewer) || !common.events.is_empty() || common.sight_version != sight_version {
            return false;
        }
        let Some(sight) = self.sights.get_mut(at) else { return false };
        std::mem::swap(sight, &mut viewer.sight);
        viewer.joined = (common.number, common.sent);
        cohort.members += 1;
        let seat = Seat { cohort: place as u32 | COHORT, base: viewer.number.wrapping_sub(common.number) };
        if let Some(place) = Arc::make_mut(&mut self.seats).get_mut(at as usize) {
            *place = seat;
        }
        true
    }

    /// Lets go of what histories of viewers in cohorts keep, though they would have room only for what came later. Looks at a few at a time.
    pub fn sweep(&mut self) {
        for _ in 0..1 + self.all.len() / SWEEP {
            self.swept = if self.swept + 1 < self.all.len() { self.swept + 1 } else { 0 };
            let Some(Seat { cohort, .. }) = self.seats.get(self.swept).copied() else { return };
            let Some(viewer) = self.all.get_mut(self.swept) else { return };
            let common = self.cohorts.get((cohort ^ COHORT) as usize).filter(|_| cohort != NONE);
            let Some(Cohort { common, .. }) = common else { continue };
            let (number, (_, bytes)) = viewer.joined;
            let since = (common.number.saturating_sub(number), common.sent.1.saturating_sub(bytes));
            if since.0 >= self.limits.messages as u64 || since.1 >= self.limits.bytes as u64 {
                viewer.history.clear(&mut self.archive);
            }
        }
    }

    /// The number of the message that a viewer was sent last.
    pub fn number(&self, id: &str) -> Option<u64> {
        let at = self.find(id).ok()?;
        let viewer = self.all.get(at)?;
        Some(self.common_of(at).map_or(viewer.number, |(common, base)| common.number.wrapping_add(base)))
    }

    /// What a viewer was sent so far, in messages and bytes, and how many bytes are kept.
    pub fn sent(&self, id: &str) -> Option<((u64, u64), usize)> {
        let at = self.find(id).ok()?;
        let viewer = self.all.get(at)?;
        let Some((common, base)) = self.common_of(at) else { return Some((viewer.sent, viewer.history.bytes())) };
        let (joined, sent) = viewer.joined;
        let history = viewer.history.extended_bytes(
            (&common.history, common.number),
            (joined, base, viewer.acknowledged),
            self.limits,
        );
        Some(((viewer.sent.0 + common.sent.0 - sent.0, viewer.sent.1 + common.sent.1 - sent.1), history))
    }

    fn common_of(&self, at: usize) -> Option<(&Viewer, u64)> {
        let seat = self.seats.get(at).filter(|seat| seat.cohort != NONE)?;
        Some((&self.cohorts.get((seat.cohort ^ COHORT) as usize)?.common, seat.base))
    }
}
