//! Operations of a span, without those that cancel out: what was inserted and removed again leaves nothing, a map's
//! key leaves its last operation only.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::changes::{ContainerChange, MapKey, Operation};
use super::keys::FixedHasher;

/// Drops what cancels out and moves the positions of what stays. O(n²) for lists; a container has few operations, else
/// it counts as replaced.
pub(super) fn compact(operations: &mut Vec<Operation>) {
    match operations.first() {
        Some(Operation::Put { .. } | Operation::Delete { .. }) => compact_map(operations),
        Some(Operation::Insert { .. } | Operation::Remove { .. } | Operation::Set { .. }) => compact_list(operations),
        Some(Operation::Replace) | None => {}
    }
}

/// Whether compacting them can change anything.
fn may_cancel(operations: &[Operation]) -> bool {
    match operations.first() {
        Some(Operation::Put { .. } | Operation::Delete { .. }) => {
            let again = |(at, operation): (usize, &Operation)| {
                operations.iter().take(at).any(|before| key_of(before) == key_of(operation))
            };
            operations.len() > KEYS_COMPARED || operations.iter().enumerate().any(again)
        }
        Some(_) => {
            let undone = operations.iter().skip_while(|operation| matches!(operation, Operation::Remove { .. }));
            undone.into_iter().any(|operation| matches!(operation, Operation::Remove { .. }))
        }
        None => false,
    }
}

/// Comparing the keys of so many operations with each other is cheap.
const KEYS_COMPARED: usize = 8;

fn key_of(operation: &Operation) -> Option<&MapKey> {
    match operation {
        Operation::Put { key, .. } | Operation::Delete { key } => Some(key),
        _ => None,
    }
}

fn compact_map(operations: &mut Vec<Operation>) {
    // Whether each key was there before, and the place of its last operation.
    let mut keys: HashMap<MapKey, (bool, usize), BuildHasherDefault<FixedHasher>> = HashMap::default();
    for (at, operation) in operations.iter().enumerate() {
        let (key, there) = match operation {
            Operation::Put { key, new } => (key, !new),
            Operation::Delete { key } => (key, true),
            _ => continue,
        };
        keys.entry(key.clone()).and_modify(|(_, last)| *last = at).or_insert((there, at));
    }
    let mut at = 0;
    operations.retain_mut(|operation| {
        at += 1;
        match operation {
            Operation::Put { key, new } => keys.get(key).is_some_and(|(there, last)| {
                *new = !there;
                *last == at - 1
            }),
            Operation::Delete { key } => keys.get(key).is_some_and(|(there, last)| *there && *last == at - 1),
            _ => true,
        }
    });
}

fn compact_list(operations: &mut Vec<Operation>) {
    let mut at = 0;
    while at < operations.len() {
        if let Some(Operation::Remove { at: position, .. }) = operations.get(at) {
            let (before, own) = trace(operations, at, *position);
            match before {
                Some(insertion) => {
                    forget(operations, insertion, at);
                    at -= own.len() + 1;
                    remove_all(operations, &own, insertion);
                    continue;
                }
                None => {
                    at -= own.len();
                    for set in own {
                        operations.remove(set);
                    }
                }
            }
        }
        at += 1;
    }
}

/// Follows the element that operation `end` removes at `position` back: the operation that inserted it, if one did,
/// and those that overwrote it, last first.
fn trace(operations: &[Operation], end: usize, mut position: u32) -> (Option<usize>, Vec<usize>) {
    let mut sets = Vec::new();
    for (at, operation) in operations.iter().enumerate().take(end).rev() {
        match operation {
            Operation::Insert { at: other, .. } if *other == position => return (Some(at), sets),
            Operation::Insert { at: other, .. } if *other < position => position -= 1,
            Operation::Remove { at: other, .. } if *other <= position => position += 1,
            Operation::Set { at: other } if *other == position => sets.push(at),
            _ => {}
        }
    }
    (None, sets)
}

/// Moves the operations between an insertion and the removal of the same element as if it had never been there.
fn forget(operations: &mut [Operation], insertion: usize, removal: usize) {
    let Some(Operation::Insert { at: mut position, .. }) = operations.get(insertion).cloned() else { return };
    for operation in operations.iter_mut().take(removal).skip(insertion + 1) {
        match operation {
            Operation::Insert { at, .. } if *at <= position => position += 1,
            Operation::Insert { at, .. } => *at -= 1,
            Operation::Remove { at, .. } if *at < position => position -= 1,
            Operation::Remove { at, .. } | Operation::Set { at } if *at > position => *at -= 1,
            _ => {}
        }
    }
    // The removal itself goes with the rest.
    if let Some(operation) = operations.get_mut(removal) {
        *operation = Operation::Replace;
    }
}

/// Drops the insertion, the writes of its element, and the removal, which `forget` has made a `Replace`.
fn remove_all(operations: &mut Vec<Operation>, sets: &[usize], insertion: usize) {
    let mut at = 0;
    operations.retain(|operation| {
        at += 1;
        let index = at - 1;
        index != insertion && *operation != Operation::Replace && !sets.contains(&index)
    });
}

impl ContainerChange {
    /// Drops what cancels out of what was written, which is kept for [`Changes::merge`](super::Changes::merge).
    pub(super) fn compact(&mut self) {
        if may_cancel(&self.operations) {
            let written = self.operations.clone();
            compact(&mut self.operations);
            if self.operations != written {
                self.written = written;
            }
        }
    }

    /// All operations as they were written.
    pub(super) fn written(&self) -> &[Operation] {
        if self.written.is_empty() { &self.operations } else { &self.written }
    }

    /// Where the element stands at the end of the span that operation `index` inserted or overwrote. `None` for other
    /// operations, and for an element that was removed later.
    pub fn position_now(&self, index: usize) -> Option<u32> {
        let mut position = match self.operations.get(index)? {
            Operation::Insert { at, .. } | Operation::Set { at } => *at,
            _ => return None,
        };
        for operation in self.operations.iter().skip(index + 1) {
            match operation {
                Operation::Insert { at, .. } if *at <= position => position += 1,
                Operation::Remove { at, .. } if *at == position => return None,
                Operation::Remove { at, .. } if *at < position => position -= 1,
                _ => {}
            }
        }
        Some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies random operations, compacts them, and replays them on the old content with the new content's values.
    #[test]
    fn compacted_operations_lead_to_the_same_content() {
        let mut streams = statewright_types::random::Streams::new(5);
        let mut shorter = 0;
        for _ in 0..3000 {
            let old: Vec<u64> = (0..streams.int("n", 0, 5) as u64).collect();
            let (mut list, mut operations) = (old.clone(), Vec::new());
            for step in 0..streams.int("steps", 1, 12) as u64 {
                let (kind, position) = (streams.int("kind", 0, 2), streams.int("at", 0, list.len() as i64) as usize);
                let at = position as u32;
                if kind == 0 || list.is_empty() {
                    list.insert(position, 100 + step);
                    operations.push(Operation::Insert { at, element: 0 });
                } else if position < list.len() && kind == 1 {
                    list.remove(position);
                    operations.push(Operation::Remove { at, element: 0 });
                } else if position < list.len() {
                    list[position] = 200 + step;
                    operations.push(Operation::Set { at });
                }
            }
            let before = operations.len();
            compact(&mut operations);
            shorter += usize::from(operations.len() < before);
            let change = ContainerChange::new(1, operations, list.len());
            let mut replayed = old;
            for (index, operation) in change.operations.iter().enumerate() {
                let value = change.position_now(index).and_then(|position| list.get(position as usize)).copied();
                match operation {
                    Operation::Insert { at, .. } => replayed.insert(*at as usize, value.expect("it is still there")),
                    Operation::Set { at } => replayed[*at as usize] = value.expect("it is still there"),
                    Operation::Remove { at, .. } => _ = replayed.remove(*at as usize),
                    other => panic!("unexpected {other:?}"),
                }
            }
            assert_eq!(replayed, list, "{:?}", change.operations);
        }
        assert!(shorter > 500, "the test must meet operations that cancel out");
    }

    #[test]
    fn a_key_leaves_its_last_operation() {
        let key = |number| MapKey::Int(number);
        let mut operations = vec![
            Operation::Put { key: key(1), new: true },
            Operation::Put { key: key(2), new: false },
            Operation::Delete { key: key(3) },
            Operation::Delete { key: key(1) },
            Operation::Put { key: key(3), new: true },
            Operation::Delete { key: key(2) },
        ];
        compact(&mut operations);
        assert_eq!(operations, [Operation::Put { key: key(3), new: false }, Operation::Delete { key: key(2) }]);
    }
}
