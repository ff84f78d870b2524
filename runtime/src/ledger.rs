//! What handlers arrange with the session besides the state: players to be taken out, events to come, filters of
//! viewers. Undone with the transaction, as the state is (R7.1).

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{TrapCode, Value};

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

/// What undoes one arrangement.
#[derive(Clone, Debug)]
enum Undo {
    Kicked,
    /// It was given this number.
    Scheduled(u64),
    Unscheduled(i64, u64, Scheduled),
    /// The filter that a viewer had under an id.
    Filter(Arc<str>, Arc<str>, Option<FilterUse>),
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
    journal: Vec<Undo>,
    /// How many events may be scheduled, and how many filters be in use, at once.
    limit: usize,
    filter_count: usize,
}

impl Ledger {
    /// An empty one, for at most `limit` scheduled events and as many filters.
    pub fn new(limit: usize) -> Ledger {
        Ledger {
            kicks: Vec::new(),
            scheduled: BTreeMap::new(),
            due: BTreeMap::new(),
            numbered: 0,
            filters: BTreeMap::new(),
            journal: Vec::new(),
            limit,
            filter_count: 0,
        }
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

    /// All filters in use, by viewer.
    pub fn filters(&self) -> &BTreeMap<Arc<str>, FilterUses> {
        &self.filters
    }

    fn put_filter(&mut self, viewer: &str, id: &str, filter: Option<FilterUse>) -> Option<FilterUse> {
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
        let before = format!("{ledger:?}");
        assert!(ledger.unschedule(kept));
        assert_eq!(ledger.schedule(1, event("New")), Ok(2));
        assert!(ledger.kick("bob", "") && !ledger.kick("bob", "again"));
        ledger.add_filter("ann", "f", filter("New")).unwrap();
        ledger.add_filter("bob", "g", filter("New")).unwrap();
        assert!(ledger.remove_filter("ann", "f") && !ledger.remove_filter("ann", "f"));
        ledger.rollback();
        assert_eq!(format!("{ledger:?}"), before);
        assert_eq!(ledger.commit(), []);
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
