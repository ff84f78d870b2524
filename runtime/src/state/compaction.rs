//! Operations of a span, without those that cancel out: a list's leave its course, a map's key its last operation only.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::changes::{ContainerChange, MapKey, Operation};
use super::keys::FixedHasher;

/// Whether compacting them can change anything.
fn may_cancel(operations: &[Operation]) -> bool {
    let again = |(at, operation): (usize, &Operation)| {
        let key = key_of(operation);
        key.is_some() && operations.iter().take(at).any(|before| key_of(before) == key)
    };
    operations.len() > KEYS_COMPARED || operations.iter().enumerate().any(again)
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

impl ContainerChange {
    /// The span ends, and there are `length` elements or entries: a list's operations become its course, and of a map's is dropped
    /// what cancels out. What was written is kept for [`Changes::merge`](super::Changes::merge).
    pub(super) fn finish(&mut self, length: usize) {
        self.length = length;
        match self.operations.first() {
            Some(Operation::Put { .. } | Operation::Delete { .. }) => self.compact(),
            Some(Operation::Replace) | None => {}
            Some(_) => {
                self.course.retrace(&self.operations, length as u32);
                self.operations.clear();
            }
        }
    }

    /// Drops what cancels out of what was written to a map.
    pub(super) fn compact(&mut self) {
        if may_cancel(&self.operations) {
            let written = self.operations.clone();
            compact_map(&mut self.operations);
            if self.operations != written {
                self.written = written;
            }
        }
    }

    /// All operations as they were written.
    pub(super) fn written(&self) -> &[Operation] {
        if self.written.is_empty() { &self.operations } else { &self.written }
    }

    /// Whether it is of a list, once the changes are taken.
    pub(super) fn is_list(&self) -> bool {
        self.written().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        compact_map(&mut operations);
        assert_eq!(operations, [Operation::Put { key: key(3), new: false }, Operation::Delete { key: key(2) }]);
    }
}
