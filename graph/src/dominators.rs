//! Immediate dominators of any graph, in time nearly in proportion to its edges however deep it is: the algorithm of
//! Lengauer and Tarjan (A fast algorithm for finding dominators in a flowgraph, 1979) with path compression.

/// No node.
const NONE: u32 = u32::MAX;

/// Lists of numbers by number, one behind the other in one vector.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Where each list begins; the last entry is where all end.
    first: Vec<u32>,
    all: Vec<u32>,
}

impl Lists {
    /// So many lists, from pairs of a list and what is in it. What belongs to no list is left out.
    pub fn new(count: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Lists {
        let mut first = vec![0; count + 1];
        for (list, _) in pairs.clone() {
            if let Some(place) = first.get_mut(list + 1) {
                *place += 1;
            }
        }
        for index in 1..first.len() {
            first[index] += first[index - 1];
        }
        let mut next = first.clone();
        let mut all = vec![0; first[count] as usize];
        for (list, item) in pairs.filter(|(list, _)| *list < count) {
            all[next[list] as usize] = item as u32;
            next[list] += 1;
        }
        Lists { first, all }
    }

    /// What is in a list, in the order of the pairs.
    pub fn of(&self, list: usize) -> &[u32] {
        &self.all[self.first[list] as usize..self.first[list + 1] as usize]
    }

    /// How many lists there are.
    pub fn count(&self) -> usize {
        self.first.len().saturating_sub(1)
    }
}

/// Nodes by the order in which a walk first met them.
struct Walk {
    /// The node of each number.
    order: Vec<u32>,
    /// The number of each node, or [`NONE`].
    number: Vec<u32>,
    /// By number: from where it was met.
    parent: Vec<u32>,
}

/// The immediate dominator of each node, as every way from `root` to it leads through it. `None` of the root, and of what
/// cannot be reached. An edge to a node that does not exist is none.
pub fn dominators(root: usize, successors: &Lists) -> Vec<Option<usize>> {
    let walk = walk(root, successors);
    let count = walk.order.len();
    let edges = walk.order.iter().enumerate().flat_map(|(number, node)| {
        let known = successors.of(*node as usize).iter().filter_map(|next| walk.number.get(*next as usize));
        known.map(move |next| (*next as usize, number))
    });
    let predecessors = Lists::new(count, edges);
    let numbers = || (0..count as u32).collect::<Vec<u32>>();
    let mut forest = Forest { ancestor: vec![NONE; count], best: numbers(), semi: numbers(), path: Vec::new() };
    // Each node waits once: lists of those that wait for one node, linked.
    let (mut waiting, mut next_waiting) = (vec![NONE; count], vec![NONE; count]);
    let mut above = vec![0; count];
    for node in (1..count as u32).rev() {
        let (at, parent) = (node as usize, walk.parent[node as usize]);
        for before in predecessors.of(at) {
            let best = forest.best_above(*before);
            forest.semi[at] = forest.semi[at].min(forest.semi[best as usize]);
        }
        let semi = forest.semi[at] as usize;
        next_waiting[at] = std::mem::replace(&mut waiting[semi], node);
        forest.ancestor[at] = parent;
        let mut known = std::mem::replace(&mut waiting[parent as usize], NONE);
        while known != NONE {
            let best = forest.best_above(known);
            let is_lower = forest.semi[best as usize] < forest.semi[known as usize];
            above[known as usize] = if is_lower { best } else { parent };
            known = next_waiting[known as usize];
        }
    }
    let mut dominators = vec![None; successors.count()];
    for node in 1..count {
        if above[node] != forest.semi[node] {
            above[node] = above[above[node] as usize];
        }
        dominators[walk.order[node] as usize] = Some(walk.order[above[node] as usize] as usize);
    }
    dominators
}

/// When a walk of a dominator tree enters and leaves each node: one dominates another exactly if it is entered no later
/// and left no earlier. Nodes without a dominator are roots.
pub fn visits(dominators: &[Option<usize>]) -> Vec<(u32, u32)> {
    let pairs = dominators.iter().enumerate().filter_map(|(node, above)| above.map(|above| (above, node)));
    let children = Lists::new(dominators.len(), pairs);
    let mut visits = vec![(0, 0); dominators.len()];
    let mut time = 0;
    let roots = dominators.iter().enumerate().filter(|(_, above)| above.is_none());
    let mut work: Vec<(u32, bool)> = roots.map(|(node, _)| (node as u32, false)).collect();
    while let Some((at, leave)) = work.pop() {
        time += 1;
        if leave {
            visits[at as usize].1 = time;
            continue;
        }
        visits[at as usize].0 = time;
        work.push((at, true));
        work.extend(children.of(at as usize).iter().map(|child| (*child, false)));
    }
    visits
}

/// The part of the walk's tree that was handled, by number.
struct Forest {
    ancestor: Vec<u32>,
    /// The node with the lowest `semi` between a node and where its path was cut short.
    best: Vec<u32>,
    semi: Vec<u32>,
    /// Room for the way up.
    path: Vec<u32>,
}

impl Forest {
    /// The node with the lowest `semi` on the way up from `node`, the top aside. Cuts the way short for the next time.
    fn best_above(&mut self, node: u32) -> u32 {
        let mut at = node as usize;
        while self.ancestor[at] != NONE && self.ancestor[self.ancestor[at] as usize] != NONE {
            self.path.push(at as u32);
            at = self.ancestor[at] as usize;
        }
        while let Some(below) = self.path.pop() {
            let (below, ancestor) = (below as usize, self.ancestor[below as usize] as usize);
            if self.semi[self.best[ancestor] as usize] < self.semi[self.best[below] as usize] {
                self.best[below] = self.best[ancestor];
            }
            self.ancestor[below] = self.ancestor[ancestor];
        }
        self.best[node as usize]
    }
}

fn walk(root: usize, successors: &Lists) -> Walk {
    let mut walk = Walk { order: Vec::new(), number: vec![NONE; successors.count()], parent: Vec::new() };
    let mut open = vec![(root as u32, 0)];
    while let Some((node, parent)) = open.pop() {
        let Some(number) = walk.number.get_mut(node as usize).filter(|number| **number == NONE) else { continue };
        *number = walk.order.len() as u32;
        walk.order.push(node);
        walk.parent.push(parent);
        let parent = *number;
        open.extend(successors.of(node as usize).iter().rev().map(|next| (*next, parent)));
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
        let all = reached(usize::MAX);
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
            let pairs = successors.iter().enumerate().flat_map(|(from, to)| to.iter().map(move |to| (from, *to)));
            let found = dominators(root, &Lists::new(successors.len(), pairs));
            assert_eq!(found, by_removal(root, &successors), "{root} {successors:?}");
        }
    }
}
