//! Which type and field of an old schema is which of a new one: by what the host program says, by declared id, by earlier
//! names, by name.

use std::sync::Arc;

use statewright_types::schema::{FieldDef, StructDef};
use statewright_types::{Schema, StructId};

use super::Migration;

/// What types and fields are told apart by.
struct Named<'a> {
    name: &'a str,
    id: u16,
    was: &'a [Arc<str>],
}

/// Types of the old schema by those of the new one.
pub(super) fn types(old: &Schema, new: &Schema, migration: &Migration) -> Vec<Option<StructId>> {
    fn named(def: &StructDef) -> Named<'_> {
        Named { name: &def.name, id: def.id, was: &def.was }
    }
    let (old, new): (Vec<_>, Vec<_>) =
        (old.types().iter().map(named).collect(), new.types().iter().map(named).collect());
    let said = |name: &str| migration.types.get(name).cloned();
    matched(&old, &new, &said).into_iter().map(|at| Some(StructId(u32::try_from(at?).ok()?))).collect()
}

/// Positions of the fields of `old` by those of `new`.
pub(super) fn fields(old: &StructDef, new: &StructDef, migration: &Migration) -> Vec<Option<usize>> {
    fn named(def: &FieldDef) -> Named<'_> {
        Named { name: &def.name, id: def.id, was: &def.was }
    }
    let (olds, news): (Vec<_>, Vec<_>) =
        (old.fields.iter().map(named).collect(), new.fields.iter().map(named).collect());
    let said = |name: &str| migration.fields.get(&(new.name.clone(), name.into())).cloned();
    matched(&olds, &news, &said)
}

/// Whether ids are declared: whether any is another than its position.
fn declare_ids(items: &[Named<'_>]) -> bool {
    items.iter().zip(1..).any(|(item, position)| item.id != position)
}

fn matched(old: &[Named<'_>], new: &[Named<'_>], said: &dyn Fn(&str) -> Option<Arc<str>>) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; new.len()];
    let mut taken = vec![false; old.len()];
    let mut pass = |same: &dyn Fn(&Named<'_>, &Named<'_>) -> bool| {
        for (found, new) in found.iter_mut().zip(new).filter(|(found, _)| found.is_none()) {
            let at = old.iter().zip(&taken).position(|(old, taken)| !taken && same(old, new));
            if let Some(taken) = at.and_then(|at| taken.get_mut(at)) {
                *taken = true;
                *found = at;
            }
        }
    };
    let ids = (declare_ids(old), declare_ids(new));
    pass(&|old, new| said(new.name).is_some_and(|name| *name == *old.name));
    if ids == (true, true) {
        pass(&|old, new| old.id == new.id);
    }
    // Earlier names come before names, so that names may be swapped or taken over. But what has an earlier name in the old
    // schema too was renamed before that already.
    let was = |new: &Named<'_>, name: &str| new.was.iter().any(|was| **was == *name);
    let renamed_before = |new: &Named<'_>, name: &str| old.iter().any(|old| old.name == new.name && was(old, name));
    pass(&|old, new| was(new, old.name) && !renamed_before(new, old.name));
    pass(&|old, new| old.name == new.name);
    // What had its id by position keeps it when ids are declared, or else it would be another field to clients.
    if ids.0 != ids.1 {
        pass(&|old, new| old.id == new.id);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(old: &[(&str, u16)], new: &[(&str, u16, &[&str])], said: &[(&str, &str)]) -> Vec<Option<usize>> {
        let was: Vec<Vec<Arc<str>>> =
            new.iter().map(|(_, _, was)| was.iter().map(|name| Arc::from(*name)).collect()).collect();
        let old: Vec<_> = old.iter().map(|(name, id)| Named { name, id: *id, was: &[] }).collect();
        let new: Vec<_> = new.iter().zip(&was).map(|((name, id, _), was)| Named { name, id: *id, was }).collect();
        let said = |name: &str| said.iter().find(|(_, new)| *new == name).map(|(old, _)| Arc::from(*old));
        matched(&old, &new, &said)
    }

    #[test]
    fn without_ids_names_decide_and_earlier_names() {
        let old = [("A", 1), ("B", 2), ("C", 3)];
        // One in the middle shifts all positions, which mean nothing.
        let new: [(&str, u16, &[&str]); 4] = [("A", 1, &[]), ("X", 2, &[]), ("Bee", 3, &["B"]), ("C", 4, &[])];
        assert_eq!(found(&old, &new, &[]), [Some(0), None, Some(1), Some(2)]);
    }

    #[test]
    fn names_may_be_swapped_or_taken_over_and_that_is_done_once() {
        let swapped: [(&str, u16, &[&str]); 2] = [("A", 1, &["B"]), ("B", 2, &["A"])];
        assert_eq!(found(&[("A", 1), ("B", 2)], &swapped, &[]), [Some(1), Some(0)]);
        let taken: [(&str, u16, &[&str]); 2] = [("A", 1, &["Z"]), ("B", 2, &["A"])];
        assert_eq!(found(&[("Z", 1), ("A", 2)], &taken, &[]), [Some(0), Some(1)]);
        // From a schema that says the same already.
        let was: [Arc<str>; 2] = ["A".into(), "B".into()];
        let [a, b] = &was;
        let (of_a, of_b) = (std::slice::from_ref(a), std::slice::from_ref(b));
        let both = [Named { name: "A", id: 1, was: of_b }, Named { name: "B", id: 2, was: of_a }];
        assert_eq!(matched(&both, &both, &|_| None), [Some(0), Some(1)]);
    }

    #[test]
    fn declared_ids_come_before_names() {
        let old = [("A", 3), ("B", 7)];
        let new: [(&str, u16, &[&str]); 3] = [("B", 3, &[]), ("A", 7, &[]), ("C", 9, &[])];
        assert_eq!(found(&old, &new, &[]), [Some(0), Some(1), None]);
        // An id that is new leaves the name.
        assert_eq!(found(&old, &[("B", 8, &[]), ("A", 3, &[])], &[]), [Some(1), Some(0)]);
    }

    #[test]
    fn what_gets_ids_keeps_those_of_its_positions() {
        let old = [("A", 1), ("B", 2)];
        let new: [(&str, u16, &[&str]); 3] = [("New", 9, &[]), ("A", 1, &[]), ("Bee", 2, &[])];
        assert_eq!(found(&old, &new, &[]), [None, Some(0), Some(1)]);
    }

    #[test]
    fn what_the_host_program_says_comes_first_and_nothing_is_taken_twice() {
        let old = [("A", 1), ("B", 2)];
        let new: [(&str, u16, &[&str]); 2] = [("A", 1, &[]), ("C", 2, &["A"])];
        assert_eq!(found(&old, &new, &[("B", "A")]), [Some(1), Some(0)]);
        // An earlier name that is still there is none that a schema may have.
        assert_eq!(found(&old, &new, &[]), [None, Some(0)]);
    }
}
