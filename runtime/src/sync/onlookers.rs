//! For whom a window is encoded.

use std::sync::Arc;

use super::sight::{Sight, ViewerSights};
use crate::wire::Profile;

/// The viewers of a window, all of whom stand at its beginning.
#[derive(Clone, Copy, Debug)]
pub enum Onlookers<'a> {
    /// Each as it was at the beginning, and is now.
    Each(&'a [ViewerSights<'a>]),
    /// Those who are all what they were, told as clients with that profile. What that takes grows with what they are told, not with how many there are.
    Still(&'a Sights, &'a Arc<Profile>),
}

impl<'a> From<&'a [ViewerSights<'a>]> for Onlookers<'a> {
    fn from(viewers: &'a [ViewerSights<'a>]) -> Onlookers<'a> {
        Onlookers::Each(viewers)
    }
}

impl<'a> From<&'a Vec<ViewerSights<'a>>> for Onlookers<'a> {
    fn from(viewers: &'a Vec<ViewerSights<'a>>) -> Onlookers<'a> {
        Onlookers::Each(viewers)
    }
}

impl<'a, const N: usize> From<&'a [ViewerSights<'a>; N]> for Onlookers<'a> {
    fn from(viewers: &'a [ViewerSights<'a>; N]) -> Onlookers<'a> {
        Onlookers::Each(viewers)
    }
}

impl<'a> Onlookers<'a> {
    /// How many.
    #[inline]
    pub(super) fn len(self) -> usize {
        match self {
            Onlookers::Each(viewers) => viewers.len(),
            Onlookers::Still(sights, _) => sights.all.len(),
        }
    }

    /// One of them.
    #[inline]
    pub(super) fn get(self, at: u32) -> Option<ViewerSights<'a>> {
        match self {
            Onlookers::Each(viewers) => viewers.get(at as usize).copied(),
            Onlookers::Still(sights, _) => sights.get(at).map(|now| ViewerSights { before: now, now }),
        }
    }

    /// Whether any of them is somebody else than before.
    #[inline]
    pub(super) fn any_changed(self) -> bool {
        match self {
            Onlookers::Each(viewers) => ViewerSights::any_changed(viewers),
            Onlookers::Still(..) => false,
        }
    }
}

/// Sights side by side, by ascending id.
#[derive(Clone, Debug, Default)]
pub struct Sights {
    all: Vec<Sight>,
}

impl Sights {
    /// By position.
    pub fn get(&self, at: u32) -> Option<&Sight> {
        self.all.get(at as usize)
    }

    /// The position of a viewer; else where it would be.
    pub(super) fn find(&self, id: &str) -> Result<usize, usize> {
        self.all.binary_search_by(|sight| (*sight.id).cmp(id))
    }

    /// Where everything but the id may be changed.
    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Sight> {
        self.all.get_mut(at as usize)
    }

    /// Adds one where it belongs.
    pub(super) fn insert(&mut self, at: usize, sight: Sight) {
        self.all.insert(at, sight);
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, at: usize) -> Sight {
        self.all.remove(at)
    }
}

/// In whatever order they come; of several with one id, the last.
impl FromIterator<Sight> for Sights {
    fn from_iter<I: IntoIterator<Item = Sight>>(sights: I) -> Sights {
        let mut all: Vec<Sight> = sights.into_iter().collect();
        all.sort_by(|one, other| other.id.cmp(&one.id));
        all.reverse();
        all.dedup_by(|later, kept| {
            let same = later.id == kept.id;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        Sights { all }
    }
}
