//! Viewers by id, side by side in memory: most of what is done is done to all of them, in order.

use std::sync::Arc;

use super::viewer::Viewer;
use crate::sync::broadcast::Roster;

/// Viewers by ascending id.
#[derive(Default)]
pub(super) struct Viewers {
    /// Shared with broadcasts.
    roster: Arc<Roster>,
    all: Vec<Viewer>,
}

impl Viewers {
    fn find(&self, id: &str) -> Result<usize, usize> {
        self.roster.binary_search_by(|other| (**other).cmp(id))
    }

    /// Their ids.
    pub fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    pub fn contains_key(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    pub fn get(&self, id: &str) -> Option<&Viewer> {
        self.all.get(self.find(id).ok()?)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Viewer> {
        let at = self.find(id).ok()?;
        self.all.get_mut(at)
    }

    /// By position.
    pub fn at(&self, at: u32) -> Option<(&Arc<str>, &Viewer)> {
        self.roster.get(at as usize).zip(self.all.get(at as usize))
    }

    /// By position.
    pub fn at_mut(&mut self, at: u32) -> Option<&mut Viewer> {
        self.all.get_mut(at as usize)
    }

    /// Adds a viewer if there is none with that id.
    pub fn ensure(&mut self, id: &Arc<str>, new: impl FnOnce() -> Viewer) {
        if let Err(at) = self.find(id) {
            Arc::make_mut(&mut self.roster).insert(at, id.clone());
            self.all.insert(at, new());
        }
    }

    /// Takes a viewer out.
    pub fn remove(&mut self, id: &str) -> Option<(Arc<str>, Viewer)> {
        let at = self.find(id).ok()?;
        Some((Arc::make_mut(&mut self.roster).remove(at), self.all.remove(at)))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Viewer)> {
        self.roster.iter().zip(&self.all)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut Viewer)> {
        self.roster.iter().zip(&mut self.all)
    }

    pub fn values(&self) -> impl Iterator<Item = &Viewer> + Clone {
        self.all.iter()
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Viewer> {
        self.all.iter_mut()
    }
}
