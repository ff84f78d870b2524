//! Immediate dominators of any graph, in time nearly in proportion to its edges however deep it is: the algorithm of
//! Lengauer and Tarjan (A fast algorithm for finding dominators in a flowgraph, 1979) with path compression.

/// No node.
const NONE: usize = usize::MAX;

/// Nodes by the order in which a walk first met them.
struct Walk {
    /// The node of each number.
    order: Vec<usize>,
    /// The number of each node, or [`NONE`].
    number: Vec<usize>,
    /// By number: from where it was met.
    parent: Vec<usize>,
}

/// The immediate dominator of each node, as every way from `root` to it leads through it. `None` of the root, and of what
/// cannot be reached. An edge to a node that does not exist is none.
pub(crate) fn dominators(root: usize, successors: &[Vec<usize>]) -> Vec<Option<usize>> {
    let walk = walk(root, successors);
    let count = walk.order.len();
    let mut predecessors = vec![Vec::new(); count];
    for (number, node) in walk.order.iter().enumerate() {
        for next in &successors[*node] {
            if let Some(next) = walk.number.get(*next) {
                predecessors[*next].push(number);
            }
        }
    }
    let mut forest = Forest { ancestor: vec![NONE; count], best: (0..count).collect(), semi: (0..count).collect() };
    let mut waiting = vec![Vec::new(); count];
    let mut above = vec![0; count];
    for node in (1..count).rev() {
        let parent = walk.parent[node];
        for before in &predecessors[node] {
            let best = forest.best_above(*before);
            forest.semi[node] = forest.semi[node].min(forest.semi[best]);
        }
        waiting[forest.semi[node]].push(node);
        forest.ancestor[node] = parent;
        for known in std::mem::take(&mut waiting[parent]) {
            let best = forest.best_above(known);
            above[known] = if forest.semi[best] < forest.semi[known] { best } else { parent };
        }
    }
    let mut dominators = vec![None; successors.len()];
    for node in 1..count {
        if above[node] != forest.semi[node] {
            above[node] = above[above[node]];
        }
        dominators[walk.order[node]] = Some(walk.order[above[node]]);
    }
    dominators
}

/// The part of the walk's tree that was handled, by number.
struct Forest {
    ancestor: Vec<usize>,
    /// The node with the lowest `semi` between a node and where its path was cut short.
    best: Vec<usize>,
    semi: Vec<usize>,
}

impl Forest {
    /// The node with the lowest `semi` on the way up from `node`, the top aside. Cuts the way short for the next time.
    fn best_above(&mut self, node: usize) -> usize {
        let mut path = Vec::new();
        let mut at = node;
        while self.ancestor[at] != NONE && self.ancestor[self.ancestor[at]] != NONE {
            path.push(at);
            at = self.ancestor[at];
        }
        while let Some(below) = path.pop() {
            let ancestor = self.ancestor[below];
            if self.semi[self.best[ancestor]] < self.semi[self.best[below]] {
                self.best[below] = self.best[ancestor];
            }
            self.ancestor[below] = self.ancestor[ancestor];
        }
        self.best[node]
    }
}

fn walk(root: usize, successors: &[Vec<usize>]) -> Walk {
    let mut walk = Walk { order: Vec::new(), number: vec![NONE; successors.len()], parent: Vec::new() };
    let mut open = vec![(root, 0)];
    while let Some((node, parent)) = open.pop() {
        let Some(number) = walk.number.get_mut(node).filter(|number| **number == NONE) else { continue };
        *number = walk.order.len();
        walk.order.push(node);
        walk.parent.push(parent);
        let parent = *number;
        open.extend(successors[node].iter().rev().map(|next| (*next, parent)));
    }
    walk
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: what cannot be reached once the dominator is taken away.
    fn by_removal(root: usize, successors: &[Vec<usize>]) -> Vec<Option<usize>> {
        let count = successors.len();
        let reached = |without: usize| {
            let mut seen = vec![false; count];
            let mut open = vec![root];
            while let Some(node) = open.pop() {
                if node != without && !std::mem::replace(&mut seen[node], true) {
                    open.extend(&successors[node]);
                }
            }
            seen
        };
        let all = reached(NONE);
        let dominated: Vec<Vec<bool>> =
            (0..count).map(reached).map(|seen| seen.iter().map(|seen| !seen).collect()).collect();
        let depth = |node: usize| (0..count).filter(|above| all[*above] && dominated[*above][node]).count();
        (0..count)
            .map(|node| {
                let strict = (0..count).filter(|above| *above != node && all[*above] && dominated[*above][node]);
                strict.max_by_key(|above| depth(*above)).filter(|_| all[node] && node != root)
            })
            .collect()
    }

    #[test]
    fn random_graphs_have_the_dominators_of_the_definition() {
        let mut streams = statewright_types::random::Streams::new(11);
        for _ in 0..2_000 {
            let count = streams.int("count", 1, 9);
            let edges = streams.int("edges", 0, 2 * count);
            let mut successors = vec![Vec::new(); count as usize];
            for _ in 0..edges {
                let (from, to) = (streams.int("from", 0, count - 1), streams.int("to", 0, count - 1));
                successors[from as usize].push(to as usize);
            }
            let root = streams.int("root", 0, count - 1) as usize;
            assert_eq!(dominators(root, &successors), by_removal(root, &successors), "{root} {successors:?}");
        }
    }
}
