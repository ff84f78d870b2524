//! Whether a way leads from one instance to another, before exits without an edge are resolved.

use super::resolve::Resolver;
use super::{InstanceIx, Next};
use crate::dominators::{Lists, visits};

/// Answers to "does a way lead there?" in a flow without cycles: mostly at once, in the worst case by searching what
/// lies between.
pub(super) struct Ways {
    /// Position in an order in which everything comes before what it leads to.
    order: Vec<u32>,
    /// When a walk of the dominator tree enters and leaves each instance.
    visits: Vec<(u32, u32)>,
    predecessors: Lists,
    /// The number of the search that saw an instance last.
    seen: Vec<u32>,
    searches: u32,
}

impl Ways {
    pub(super) fn new(resolver: &Resolver<'_, '_>, dominators: &[Option<InstanceIx>]) -> Ways {
        let count = resolver.instances.len();
        let edges = (0..count).flat_map(|at| resolver.successors(at).map(move |next| (next, at)));
        let predecessors = Lists::new(count, edges);
        let order = order(resolver);
        Ways { order, visits: visits(dominators), predecessors, seen: vec![0; count], searches: 0 }
    }

    /// Whether a way leads from `from` to `to` (or they are the same).
    pub(super) fn lead(&mut self, from: InstanceIx, to: InstanceIx) -> bool {
        if self.order[from] > self.order[to] {
            return false;
        }
        if self.dominates(from, to) {
            return true;
        }
        self.searches += 1;
        let mut work = vec![to];
        while let Some(at) = work.pop() {
            if std::mem::replace(&mut self.seen[at], self.searches) == self.searches
                || self.order[at] < self.order[from]
            {
                continue;
            }
            if self.dominates(from, at) {
                return true;
            }
            work.extend(self.predecessors.of(at).iter().map(|before| *before as usize));
        }
        false
    }

    fn dominates(&self, a: InstanceIx, b: InstanceIx) -> bool {
        let ((a_in, a_out), (b_in, b_out)) = (self.visits[a], self.visits[b]);
        a_in <= b_in && b_out <= a_out
    }
}

/// Depth first, continuations before branches: so a branch comes before where it goes on, and most questions are
/// answered by the order alone.
fn order(resolver: &Resolver<'_, '_>) -> Vec<u32> {
    let count = resolver.instances.len();
    let mut order = vec![u32::MAX; count];
    let mut next = count as u32;
    let mut visited = vec![false; count];
    for first in 0..count {
        let mut work = vec![(first, false)];
        while let Some((at, leave)) = work.pop() {
            if leave {
                next -= 1;
                order[at] = next;
            } else if !std::mem::replace(&mut visited[at], true) {
                work.push((at, true));
                work.extend(resolver.successors(at).map(|to| (to, false)));
                // The one pushed last is visited first.
                if let Some(Next::Node(to)) = resolver.instances[at].continuation {
                    work.push((to, false));
                }
            }
        }
    }
    order
}
