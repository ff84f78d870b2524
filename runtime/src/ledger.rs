//! What handlers arrange with the session besides the state: players to be taken out, events to come, filters of
//! viewers, effects. Undone with the transaction, as the state is (R7.1).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_types::{TrapCode, Value};

use crate::session::saved::SavedLedger;

/// A player to be taken out when the transaction commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kick {
    /// Whom.
    pub player: Arc<str>,
    /// What the player is told; may be empty.
    pub reason: Arc<str>,
}

/// An event to come, sent by the session itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    /// The event's name.
    pub event: Arc<str>,
    /// Its parameters, a map.
    pub params: Value,
}

/// A filter in use by a viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterUse {
    /// The name of the document's filter.
    pub filter: Arc<str>,
    /// Its parameters, a map.
    pub params: Value,
}

/// Filters of one viewer, by ascending filter id: the order in which they act.
pub type FilterUses = BTreeMap<Arc<str>, FilterUse>;

/// An effect in use.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectUse {
    /// What it is called here.
    pub id: Arc<str>,
    /// The name of the document's effect.
    pub effect: Arc<str>,
    /// Its parameters, a map.
    pub params: Value,
    /// Who caused it; may be empty. For the host program and for people: effects do not see it.
    pub activator: Arc<str>,
    /// Lower ones act first.
    pub priority: i64,
    /// From 1 in the order of adding: of equal priority, lower ones act first.
    pub number: u64,
    /// How often it acts.
    pub stacks: u32,
    /// When it ends by itself, session time in milliseconds.
    pub due_ms: Option<i64>,
}

/// What undoes one arrangement.
#[derive(Clone, Debug)]
enum Undo {
    Kicked,
    /// It was given this number.
    Scheduled(u64),
    Unscheduled(i64, u64, Scheduled),
    /// The filter that a viewer had under an id.
    Filter(Arc<str>, Arc<str>, Option<FilterUse>),
    /// The effect that was under an id, and how many had been added.
    Effect(Arc<str>, Option<Arc<EffectUse>>, u64),
}

/// The arrangements of a session.
#[derive(Clone, Debug)]
pub struct Ledger {
    kicks: Vec<Kick>,
    /// By due time and number: the order in which they fire.
    scheduled: BTreeMap<(i64, u64), Scheduled>,
    due: BTreeMap<u64, i64>,
    /// The number given last.
    numbered: u64,
    filters: BTreeMap<Arc<str>, FilterUses>,
    /// By priority and number: the order in which they act.
    effects: BTreeMap<(i64, u64), Arc<EffectUse>>,
    effect_ids: BTreeMap<Arc<str>, (i64, u64)>,
    /// By due time and number: priority.
    expiring: BTreeMap<(i64, u64), i64>,
    /// The number given last.
    effects_added: u64,
    /// Counts changes of what is in `effects`.
    effects_version: u64,
    journal: Vec<Undo>,
    /// How many events may be scheduled, and how many filters and how many effects be in use, at once.
    limit: usize,
    filter_count: usize,
    /// Counts changes of what is in `filters`.
    filters_version: u64,
}

impl Ledger {
    /// An empty one, for at most `limit` scheduled events and as many filters and effects.
    pub fn new(limit: usize) -> Ledger {
        Ledger {
            kicks: Vec::new(),
            scheduled: BTreeMap::new(),
            due: BTreeMap::new(),
            numbered: 0,
            filters: BTreeMap::new(),
            effects: BTreeMap::new(),
            effect_ids: BTreeMap::new(),
            expiring: BTreeMap::new(),
            effects_added: 0,
            effects_version: 0,
            journal: Vec::new(),
            limit,
            filter_count: 0,
            filters_version: 0,
        }
    }

    /// The arrangements as data, between transactions.
    pub(crate) fn save(&self) -> SavedLedger {
        SavedLedger {
            numbered: self.numbered,
            scheduled: self.scheduled.clone(),
            filters: self.filters.clone(),
            effects_added: self.effects_added,
            effects: self.effects().map(|effect| EffectUse::clone(effect)).collect(),
        }
    }

    /// Has these arrangements instead, at that session time.
    ///
    /// # Errors
    /// As [`Ledger::load`]; then nothing is changed.
    pub(crate) fn arrange(&mut self, saved: &SavedLedger, now_ms: i64) -> Result<(), String> {
        let (effects, filters) = (self.effects_version, self.filters_version);
        *self = Ledger::load(self.limit, saved, now_ms)?;
        // Whoever looked before looks again.
        self.effects_version += effects + 1;
        self.filters_version += filters + 1;
        Ok(())
    }

    /// The arrangements again, at that session time.
    ///
    /// # Errors
    /// Says what cannot be: two events or two effects with one number, two effects under one id, what was due before.
    pub(crate) fn load(limit: usize, saved: &SavedLedger, now_ms: i64) -> Result<Ledger, String> {
        let due: BTreeMap<u64, i64> = saved.scheduled.keys().map(|(due_ms, number)| (*number, *due_ms)).collect();
        if due.len() != saved.scheduled.len() || due.keys().any(|number| *number > saved.numbered) {
            return Err("two scheduled events have one number, or one was never given".to_owned());
        }
        let mut ledger = Ledger {
            scheduled: saved.scheduled.clone(),
            due,
            numbered: saved.numbered,
            filters: saved.filters.clone(),
            filter_count: saved.filters.values().map(BTreeMap::len).sum(),
            ..Ledger::new(limit)
        };
        let mut numbers = BTreeSet::new();
        for effect in &saved.effects {
            if effect.number > saved.effects_added || !numbers.insert(effect.number) {
                return Err(format!("the effect `{}` has a number that another has, or none was given", effect.id));
            }
            if ledger.put_effect(&effect.id, Some(Arc::new(effect.clone()))).is_some() {
                return Err(format!("two effects are called `{}`", effect.id));
            }
        }
        ledger.effects_added = saved.effects_added;
        match [ledger.next_due(), ledger.next_expiry()].into_iter().flatten().min() {
            Some(due_ms) if due_ms < now_ms => {
                Err("an event or an effect was due before the session's time".to_owned())
            }
            _ => Ok(ledger),
        }
    }

    /// One that knows only the effects of another.
    pub(crate) fn of_effects(other: &Ledger) -> Ledger {
        Ledger { effects: other.effects.clone(), effect_ids: other.effect_ids.clone(), ..Ledger::new(0) }
    }

    /// Whether the running transaction has arranged anything.
    #[inline]
    pub fn is_open(&self) -> bool {
        !self.journal.is_empty()
    }

    /// Ends a transaction for good. Gives whom it takes out, in order.
    pub fn commit(&mut self) -> Vec<Kick> {
        self.journal.clear();
        std::mem::take(&mut self.kicks)
    }

    /// Ends a transaction as if it had not been.
    pub fn rollback(&mut self) {
        while let Some(undo) = self.journal.pop() {
            match undo {
                Undo::Kicked => {
                    self.kicks.pop();
                }
                Undo::Scheduled(number) => {
                    self.take(number);
                    self.numbered = number - 1;
                }
                Undo::Unscheduled(due_ms, number, scheduled) => {
                    self.scheduled.insert((due_ms, number), scheduled);
                    self.due.insert(number, due_ms);
                }
                Undo::Filter(viewer, id, was) => {
                    self.put_filter(&viewer, &id, was);
                }
                Undo::Effect(id, was, added) => {
                    self.put_effect(&id, was);
                    self.effects_added = added;
                }
            }
        }
    }

    /// Takes a player out when the transaction commits. False if that is arranged already.
    pub fn kick(&mut self, player: &str, reason: &str) -> bool {
        if self.kicks.iter().any(|kick| &*kick.player == player) {
            return false;
        }
        self.kicks.push(Kick { player: player.into(), reason: reason.into() });
        self.journal.push(Undo::Kicked);
        true
    }

    /// Has an event fire at `due_ms`. Gives its number, from 1 on; `memory_limit` if too many are to come.
    pub fn schedule(&mut self, due_ms: i64, scheduled: Scheduled) -> Result<u64, TrapCode> {
        if self.due.len() >= self.limit {
            return Err(TrapCode::MemoryLimit);
        }
        self.numbered += 1;
        self.scheduled.insert((due_ms, self.numbered), scheduled);
        self.due.insert(self.numbered, due_ms);
        self.journal.push(Undo::Scheduled(self.numbered));
        Ok(self.numbered)
    }

    /// Calls a scheduled event off; whether it was still to come.
    pub fn unschedule(&mut self, number: u64) -> bool {
        match self.take(number) {
            Some((due_ms, scheduled)) => {
                self.journal.push(Undo::Unscheduled(due_ms, number, scheduled));
                true
            }
            None => false,
        }
    }

    fn take(&mut self, number: u64) -> Option<(i64, Scheduled)> {
        let due_ms = self.due.remove(&number)?;
        Some((due_ms, self.scheduled.remove(&(due_ms, number))?))
    }

    /// When the next scheduled event is due.
    pub fn next_due(&self) -> Option<i64> {
        self.scheduled.keys().next().map(|(due_ms, _)| *due_ms)
    }

    /// Takes out the next scheduled event if it is due by `now_ms`, for good.
    pub fn take_due(&mut self, now_ms: i64) -> Option<(i64, Scheduled)> {
        let (due_ms, number) = self.scheduled.keys().next().copied().filter(|(due_ms, _)| *due_ms <= now_ms)?;
        self.due.remove(&number);
        Some((due_ms, self.scheduled.remove(&(due_ms, number))?))
    }

    /// Events to come, by due time and number.
    pub fn scheduled(&self) -> &BTreeMap<(i64, u64), Scheduled> {
        &self.scheduled
    }

    /// Puts a filter to use for a viewer, who need not be there, instead of what it had under that id.
    pub fn add_filter(&mut self, viewer: &str, id: &str, filter: FilterUse) -> Result<(), TrapCode> {
        if self.filter_count >= self.limit && !self.has_filter(viewer, id) {
            return Err(TrapCode::MemoryLimit);
        }
        let was = self.put_filter(viewer, id, Some(filter));
        self.journal.push(Undo::Filter(viewer.into(), id.into(), was));
        Ok(())
    }

    /// Takes a viewer's filter away; whether it had one under that id.
    pub fn remove_filter(&mut self, viewer: &str, id: &str) -> bool {
        if !self.has_filter(viewer, id) {
            return false;
        }
        let was = self.put_filter(viewer, id, None);
        self.journal.push(Undo::Filter(viewer.into(), id.into(), was));
        true
    }

    /// Whether a viewer has a filter under that id.
    pub fn has_filter(&self, viewer: &str, id: &str) -> bool {
        self.filters.get(viewer).is_some_and(|uses| uses.contains_key(id))
    }

    /// A number that is another whenever other filters are in use.
    pub(crate) fn filters_version(&self) -> u64 {
        self.filters_version
    }

    /// All filters in use, by viewer.
    pub fn filters(&self) -> &BTreeMap<Arc<str>, FilterUses> {
        &self.filters
    }

    /// Puts an effect to use; `number` and `stacks` of `effect` do not matter. Under an id that is in use: with `stacks`
    /// above 0, one more stack of what is there, up to that many, and its duration anew.
    ///
    /// # Errors
    /// `duplicate_id` if the id is in use without stacks or by another of the document's effects, `memory_limit` if too
    /// many are in use.
    pub fn add_effect(&mut self, effect: EffectUse, stacks: u32) -> Result<(), TrapCode> {
        let id = effect.id.clone();
        let added = self.effects_added;
        let now = match self.effect(&id) {
            Some(there) if stacks > 0 && there.effect == effect.effect => {
                let stacks = if there.stacks < stacks { there.stacks + 1 } else { there.stacks };
                EffectUse { stacks, due_ms: effect.due_ms, ..EffectUse::clone(there) }
            }
            Some(_) => return Err(TrapCode::DuplicateId),
            None if self.effects.len() >= self.limit => return Err(TrapCode::MemoryLimit),
            None => {
                self.effects_added += 1;
                EffectUse { number: self.effects_added, stacks: 1, ..effect }
            }
        };
        let was = self.put_effect(&id, Some(Arc::new(now)));
        self.journal.push(Undo::Effect(id, was, added));
        Ok(())
    }

    /// Takes an effect away with all its stacks; whether there was one under that id.
    pub fn remove_effect(&mut self, id: &str) -> bool {
        let Some(was) = self.put_effect(id, None) else { return false };
        self.journal.push(Undo::Effect(was.id.clone(), Some(was), self.effects_added));
        true
    }

    /// The effect in use under an id.
    pub fn effect(&self, id: &str) -> Option<&Arc<EffectUse>> {
        self.effects.get(self.effect_ids.get(id)?)
    }

    /// Effects in use, in the order in which they act.
    pub fn effects(&self) -> impl Iterator<Item = &Arc<EffectUse>> {
        self.effects.values()
    }

    /// Whether any effect is in use.
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// A number that is another whenever other effects are in use.
    pub(crate) fn effects_version(&self) -> u64 {
        self.effects_version
    }

    /// When the next effect ends by itself.
    pub fn next_expiry(&self) -> Option<i64> {
        self.expiring.keys().next().map(|(due_ms, _)| *due_ms)
    }

    /// Takes effects away that end by `now_ms`, for good: those, in the order in which they end.
    pub fn expire(&mut self, now_ms: i64) -> Vec<Arc<EffectUse>> {
        let mut all = Vec::new();
        while let Some(((due_ms, number), priority)) = self.expiring.first_key_value().map(|(at, p)| (*at, *p))
            && due_ms <= now_ms
        {
            let id = self.effects.get(&(priority, number)).map(|effect| effect.id.clone());
            all.extend(id.and_then(|id| self.put_effect(&id, None)));
            self.expiring.remove(&(due_ms, number));
        }
        all
    }

    fn put_effect(&mut self, id: &str, effect: Option<Arc<EffectUse>>) -> Option<Arc<EffectUse>> {
        self.effects_version += 1;
        let was = self.effect_ids.remove(id).and_then(|place| self.effects.remove(&place));
        if let Some((due_ms, number)) = was.as_ref().and_then(|was| Some((was.due_ms?, was.number))) {
            self.expiring.remove(&(due_ms, number));
        }
        if let Some(effect) = effect {
            let place = (effect.priority, effect.number);
            self.effect_ids.insert(effect.id.clone(), place);
            if let Some(due_ms) = effect.due_ms {
                self.expiring.insert((due_ms, effect.number), effect.priority);
            }
            self.effects.insert(place, effect);
        }
        was
    }

    fn put_filter(&mut self, viewer: &str, id: &str, filter: Option<FilterUse>) -> Option<FilterUse> {
        self.filters_version += 1;
        let uses = self.filters.entry(viewer.into()).or_default();
        let was = match filter {
            Some(filter) => {
                self.filter_count += 1;
                uses.insert(id.into(), filter)
            }
            None => uses.remove(id),
        };
        self.filter_count -= usize::from(was.is_some());
        if uses.is_empty() {
            self.filters.remove(viewer);
        }
        was
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str) -> Scheduled {
        Scheduled { event: name.into(), params: Value::Map(Vec::new()) }
    }

    fn filter(name: &str) -> FilterUse {
        FilterUse { filter: name.into(), params: Value::Map(Vec::new()) }
    }

    #[test]
    fn a_rollback_leaves_no_trace() {
        let mut ledger = Ledger::new(10);
        let kept = ledger.schedule(5, event("Kept")).unwrap();
        ledger.add_filter("ann", "f", filter("Old")).unwrap();
        ledger.commit();
        let (before, version) = (format!("{ledger:?}"), ledger.filters_version);
        assert!(ledger.unschedule(kept));
        assert_eq!(ledger.schedule(1, event("New")), Ok(2));
        assert!(ledger.kick("bob", "") && !ledger.kick("bob", "again"));
        ledger.add_filter("ann", "f", filter("New")).unwrap();
        ledger.add_filter("bob", "g", filter("New")).unwrap();
        assert!(ledger.remove_filter("ann", "f") && !ledger.remove_filter("ann", "f"));
        ledger.rollback();
        // Whoever compares versions looks once too often at most.
        ledger.filters_version = version;
        assert_eq!(format!("{ledger:?}"), before);
        assert_eq!(ledger.commit(), []);
    }

    #[test]
    fn effects_stack_and_expire_and_are_undone() {
        let effect = |id: &str, priority: i64, due_ms: Option<i64>| EffectUse {
            id: id.into(),
            effect: "Haste".into(),
            params: Value::Null,
            activator: "".into(),
            priority,
            number: 0,
            stacks: 0,
            due_ms,
        };
        let order = |ledger: &Ledger| -> String {
            ledger.effects().map(|effect| format!("{}x{}@{:?} ", effect.id, effect.stacks, effect.due_ms)).collect()
        };
        let mut ledger = Ledger::new(3);
        ledger.add_effect(effect("b", 0, Some(9)), 0).unwrap();
        ledger.add_effect(effect("a", 0, None), 2).unwrap();
        ledger.add_effect(effect("first", -1, Some(5)), 0).unwrap();
        ledger.commit();
        assert_eq!(order(&ledger), "firstx1@Some(5) bx1@Some(9) ax1@None ");
        assert_eq!(ledger.add_effect(effect("b", 0, None), 0), Err(TrapCode::DuplicateId));
        assert_eq!(ledger.add_effect(effect("c", 0, None), 0), Err(TrapCode::MemoryLimit));
        for due_ms in [7, 8] {
            ledger.add_effect(effect("a", 4, Some(due_ms)), 2).unwrap();
        }
        assert_eq!(order(&ledger), "firstx1@Some(5) bx1@Some(9) ax2@Some(8) ");
        assert!(ledger.remove_effect("b") && !ledger.remove_effect("b"));
        ledger.rollback();
        assert_eq!(order(&ledger), "firstx1@Some(5) bx1@Some(9) ax1@None ");
        assert_eq!((ledger.expire(4).len(), ledger.expire(5).len(), ledger.next_expiry()), (0, 1, Some(9)));
        assert_eq!(ledger.expire(100).len(), 1);
        assert_eq!(order(&ledger), "ax1@None ");
    }

    #[test]
    fn numbers_are_bounded_and_events_come_in_order() {
        let mut ledger = Ledger::new(2);
        ledger.schedule(9, event("Second")).unwrap();
        ledger.schedule(3, event("First")).unwrap();
        assert_eq!(ledger.schedule(1, event("Third")), Err(TrapCode::MemoryLimit));
        assert_eq!(ledger.next_due(), Some(3));
        assert_eq!(ledger.take_due(2), None);
        assert_eq!(ledger.take_due(9), Some((3, event("First"))));
        assert_eq!(ledger.take_due(9), Some((9, event("Second"))));
        assert_eq!(ledger.take_due(9), None);
    }
}
