//! Where rows and roots are, as a number: who has looked needs to look again only where that is another one.

use std::sync::atomic::{AtomicU64, Ordering};

use super::State;

/// 0 while nobody has looked since something moved.
#[derive(Debug, Default)]
pub(super) struct Places(u64);

impl Clone for Places {
    /// A copy's rows are elsewhere.
    fn clone(&self) -> Places {
        Places::default()
    }
}

impl Places {
    /// A root came or went, or a table got another row.
    #[inline]
    pub(super) fn moved(&mut self) {
        self.0 = 0;
    }
}

/// Of all states, so that no two have the same.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl State {
    /// A number that stays the same as long as all that [`State::root`], [`State::table_view`] and [`State::table_view_mut`] answer
    /// does, and that no other state ever has. It is not part of the state.
    #[inline]
    pub fn places(&mut self) -> u64 {
        if self.places.0 == 0 {
            self.places.0 = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        self.places.0
    }
}

#[cfg(test)]
mod tests {
    use statewright_types::StructId;

    use super::super::tests::fixture;
    use super::*;

    /// What must not change behind the number: of each type its root, and where its rows are.
    fn found(state: &mut State) -> Vec<(Option<u64>, [usize; 4])> {
        let types = (0..state.structs.len()).map(|at| StructId(at as u32));
        let of = |ty| {
            let view = state.table_view_mut(ty);
            let address = [view.rows as usize, view.generations as usize, view.heads as usize, view.count as usize];
            (state.root(ty).ok(), address)
        };
        types.map(of).collect()
    }

    #[test]
    fn whatever_moves_has_another_number() {
        let mut state = fixture::state();
        let types: Vec<StructId> = (0..state.structs.len()).map(|at| StructId(at as u32)).collect();
        let (mut seen, mut moved) = (Vec::new(), 0);
        let mut last = (state.places(), found(&mut state));
        let mut look = |state: &mut State, last: &mut (u64, Vec<_>)| {
            let now = (state.places(), found(state));
            if now.0 == last.0 {
                assert_eq!(now.1, last.1, "something moved, and the number is the same");
            } else {
                assert!(!seen.contains(&now.0), "an old number comes back");
                seen.push(last.0);
            }
            moved += usize::from(now.1 != last.1);
            *last = now;
        };
        for round in 0..40 {
            state.begin();
            for ty in types.iter().copied() {
                for _ in 0..round {
                    state.struct_new(ty);
                }
                look(&mut state, &mut last);
                match round % 3 {
                    0 => _ = state.root_activate(ty),
                    1 => _ = state.root_deactivate(ty),
                    _ => {}
                }
                look(&mut state, &mut last);
            }
            if round % 2 == 0 {
                state.commit()
            } else {
                state.rollback()
            }
            look(&mut state, &mut last);
            assert_ne!(state.clone().places(), state.places(), "a copy is elsewhere");
        }
        assert!(moved > 40, "{moved}");
    }

    #[test]
    fn who_only_writes_moves_nothing() {
        let mut state = fixture::state();
        let main = state.main_root();
        let before = state.places();
        for _ in 0..10 {
            state.begin();
            let root = state.root(main).expect("the main root is there");
            state.store(root, main, 0, 1).expect("a number");
            state.commit();
        }
        assert_eq!(state.places(), before);
    }
}
