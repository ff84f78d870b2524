//! Who sees what: of each private region that something happened to, which viewers saw it before and see it now.

use super::onlookers::Onlookers;
use super::planted::{self, Leak};
use super::sight::{Past, Place, Scope, Scopes, Sight, ViewerSights, same_text};
use super::tables::{Access, Alternative, Tables};
use super::tree::{NodeId, Region, RegionId, Tree, What};
use crate::state::{Changes, State};

/// What a viewer is told of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Action {
    /// What changed in it.
    Change,
    /// All of it.
    Show,
    /// That it is not visible any more.
    Hide,
}

/// What one viewer is told of one region. Ordered by viewer, then as a walk meets the regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) viewer: u32,
    /// The position of the region in [`Tree::order`].
    pub(super) place: u32,
    pub(super) action: Action,
}

/// From so many regions with owners on, viewers are looked up by an index.
const INDEXED: usize = 8;

/// Decides, for one window.
pub(super) struct Judge<'a> {
    pub(super) tables: &'a Tables,
    pub(super) state: &'a State,
    pub(super) changes: &'a Changes,
    pub(super) tree: &'a Tree,
    pub(super) viewers: Onlookers<'a>,
    /// Viewers by the hash of their ids, ascending; empty if there is no need.
    pub(super) by_id: &'a mut Vec<(u64, u32)>,
}

fn hash(id: &str) -> u64 {
    statewright_types::random::fnv1a64(id.as_bytes())
}

impl<'a> Judge<'a> {
    /// Appends the items of all regions.
    pub(super) fn judge(&mut self, items: &mut Vec<Item>) {
        self.by_id.clear();
        if let Onlookers::Each(viewers) = self.viewers
            && self.tree.order.len() >= INDEXED
        {
            self.by_id.extend((0..).zip(viewers).map(|(at, viewer)| (hash(&viewer.now.id), at)));
            self.by_id.sort_unstable();
        }
        for (place, id) in (0..).zip(&self.tree.order) {
            self.region(place, *id, items);
        }
        items.sort_unstable();
    }

    fn region(&self, place: u32, id: RegionId, items: &mut Vec<Item>) {
        let Some(region) = self.tree.region(id) else { return };
        let audience = self.audience(region);
        let now = self.scope(region.node, false);
        let before = if region.fresh { Scope::default() } else { self.scope(region.node, true) };
        let unchanged = before == now;
        let mut one = |viewer: u32| {
            let action =
                self.viewers.get(viewer).and_then(|v| self.action(&v, region, audience, (before, now, unchanged)));
            items.extend(action.map(|action| Item { viewer, place, action }));
        };
        let owner_only = audience.iter().all(|alternative| *alternative == Alternative::Owner);
        if owner_only {
            let owners = [now.owner, before.owner.filter(|owner| Some(*owner) != now.owner)];
            let owners = owners.into_iter().flatten().filter(|owner| !owner.is_empty());
            owners.for_each(|owner| self.viewers_called(owner, &mut one));
        } else {
            (0..self.viewers.len() as u32).for_each(one);
        }
    }

    /// The viewers with that id.
    fn viewers_called(&self, id: &str, one: &mut impl FnMut(u32)) {
        let viewers = match self.viewers {
            Onlookers::Each(viewers) => viewers,
            Onlookers::Still(sights, _) => return sights.find(id).into_iter().for_each(|at| one(at as u32)),
        };
        let is_it = |viewer: &ViewerSights<'_>| same_text(id, &viewer.now.id);
        if self.by_id.is_empty() {
            let viewers = (0..).zip(viewers);
            return viewers.filter(|(_, viewer)| is_it(viewer)).for_each(|(at, _)| one(at));
        }
        let hash = hash(id);
        let first = self.by_id.partition_point(|entry| entry.0 < hash);
        let entries = self.by_id.iter().skip(first).take_while(|entry| entry.0 == hash);
        // Another's id may have the same hash; the same viewer never comes twice.
        let places = entries.map(|entry| entry.1);
        places.filter(|at| viewers.get(*at as usize).is_some_and(is_it)).for_each(one);
    }

    fn audience(&self, region: &Region) -> &'a [Alternative] {
        match self.tables.field(region.ty, region.field).map(|field| &field.access) {
            Some(Access::Private(audience)) => audience,
            _ => &[],
        }
    }

    #[inline]
    fn action(
        &self,
        viewer: &ViewerSights<'_>,
        region: &Region,
        audience: &[Alternative],
        (before, now, unchanged): (Scope<'_>, Scope<'_>, bool),
    ) -> Option<Action> {
        let record = self.tree.node(region.node).map_or(0, |node| node.slot);
        let is_in = |sight: &Sight, scope| audience.iter().any(|each| sight.is_in(each, scope, region.ty, record));
        let sees = is_in(viewer.now, now) && self.sees(viewer, region.parent, false);
        // Most viewers are what they were, and most things whose they were.
        let saw = if std::ptr::eq(viewer.before, viewer.now) && unchanged && region.parent == 0 {
            sees && !region.fresh
        } else {
            !region.fresh && is_in(viewer.before, before) && self.sees(viewer, region.parent, true)
        };
        match (saw, sees) {
            (true, true) => (region.marked || region.value != 0).then_some(Action::Change),
            (false, true) => Some(Action::Show),
            // What it was in may have gone with it.
            (true, false) => self.sees(viewer, region.parent, false).then_some(Action::Hide),
            (false, false) => (planted::is(Leak::UnseenFields) && region.marked).then_some(Action::Change),
        }
    }

    /// Whether a viewer sees (or saw) a region. As deep as data nests.
    fn sees(&self, viewer: &ViewerSights<'_>, region: RegionId, past: bool) -> bool {
        let Some(region) = self.tree.region(region) else { return true };
        if past && region.fresh {
            return false;
        }
        let scope = self.scope(region.node, past);
        let record = self.tree.node(region.node).map_or(0, |node| node.slot);
        let sight = if past { viewer.before } else { viewer.now };
        let is_in = self.audience(region).iter().any(|each| sight.is_in(each, scope, region.ty, record));
        is_in && self.sees(viewer, region.parent, past)
    }

    /// Whose the record of a node is (or was). As deep as data nests.
    fn scope(&self, id: NodeId, past: bool) -> Scope<'a> {
        let Some(node) = self.tree.node(id) else { return Scope::default() };
        let (ty, record) = match node.what {
            What::Root(ty) | What::Record(ty) => (ty, node.slot),
            What::List(_) | What::Map(_) => return Scope::default(),
        };
        let mut place = Place::default();
        let (mut child, mut parent, mut innermost) = (node, node.parent, true);
        let mut outer = Scope::default();
        while let Some(above) = self.tree.node(parent) {
            match above.what {
                What::Root(holder) | What::Record(holder) => {
                    place.key = self.tables.field(holder, child.step).and_then(|field| field.key);
                    outer = self.scope(parent, past);
                    break;
                }
                What::Map(_) => {
                    place.held = true;
                    if innermost && self.state.has_text_keys(above.slot) {
                        let key = self.state.map_key_at(above.slot, i64::from(child.step));
                        place.entry = key.ok().map(|key| self.state.str(key));
                    }
                    innermost = false;
                }
                What::List(_) => place.held = true,
            }
            (child, parent) = (above, above.parent);
        }
        let changes = self.changes;
        let change = changes.records.get((node.change as usize).wrapping_sub(1));
        let past = Past(change.filter(|_| past).map(|change| (changes, change)));
        Scopes { tables: self.tables, state: self.state }.of((ty, record), past, place, outer)
    }
}
