//! Lanes of one row: the flow falls into chains that each keep to a straight lane, lanes are stacked as branches
//! leave them, and everything that stands in a column has an item.

use std::collections::VecDeque;

use super::rows::Rows;
use super::structure::{Role, START, Structure};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A vertex.
    Vertex(usize),
    /// A flow wire that passes through a column, or a row's edge; by link.
    Pass(usize),
    /// A data wire that passes through a column; by net.
    Net(usize),
    /// The upper edge of a loop's frame; by loop.
    Top(usize),
    /// The lower edge of a loop's frame; by loop.
    Bottom(usize),
}

/// Something that takes room in a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// What it is.
    pub what: What,
    /// Its column.
    pub layer: usize,
    /// Its lane, from the top.
    pub band: usize,
    /// Whether it stands above the lane that its branch left.
    pub above: bool,
    /// What moves up and down as one with it.
    pub block: usize,
}

/// A chain: flow that keeps to one lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// Its items, one a column.
    pub items: Vec<usize>,
    above: bool,
    upper: Vec<usize>,
    lower: Vec<usize>,
}

/// The flow of one row.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    /// All items; those of the flow first.
    pub items: Vec<Item>,
    /// Chains.
    pub chains: Vec<Chain>,
    /// Chains from top to bottom.
    pub bands: Vec<usize>,
    /// Columns, those where wires leave for the next row included.
    pub columns: usize,
    /// The item of each vertex of this row.
    pub of_vertex: Vec<Option<usize>>,
    /// Items that each link passes in this row, in order.
    pub passes: Vec<Vec<usize>>,
}

/// Where a chain begins.
enum Head {
    Vertex(usize),
    Branch(usize),
    Incoming(usize),
}

struct Builder<'a> {
    structure: &'a Structure,
    rows: &'a Rows,
    row: usize,
    out: Vec<Vec<usize>>,
    claimed: Vec<bool>,
    work: VecDeque<(Head, usize)>,
    lanes: Lanes,
}

/// The lanes of `row`. `incoming` are the links that come from earlier rows, from top to bottom.
pub(super) fn lanes(structure: &Structure, rows: &Rows, row: usize, incoming: &[usize]) -> Lanes {
    let count = structure.vertices.len();
    let mut out = vec![Vec::new(); count];
    let mut entered = vec![false; count];
    for (index, link) in structure.links.iter().enumerate() {
        out[link.from].push(index);
        entered[link.to] |= rows.row[link.from] == row;
    }
    let here = |vertex: &usize| rows.row[*vertex] == row;
    let last = (0..count).filter(here).map(|vertex| rows.layer[vertex]).max().unwrap_or(0);
    let lanes = Lanes {
        columns: last + 2,
        of_vertex: vec![None; count],
        passes: vec![Vec::new(); structure.links.len()],
        ..Lanes::default()
    };
    let mut builder = Builder { structure, rows, row, out, claimed: vec![false; count], work: VecDeque::new(), lanes };
    let flowing = |vertex: &usize| here(vertex) && structure.flowing[*vertex];
    let mut roots = Vec::new();
    if row == 0 {
        roots.push(builder.root(Head::Vertex(START)));
    }
    for &link in incoming {
        roots.push(builder.root(Head::Incoming(link)));
    }
    for vertex in (0..count).filter(flowing) {
        if !entered[vertex] && vertex != START {
            roots.push(builder.root(Head::Vertex(vertex)));
        }
    }
    for vertex in (0..count).filter(flowing) {
        if !builder.claimed[vertex] {
            roots.push(builder.root(Head::Vertex(vertex)));
        }
    }
    builder.stack(roots)
}

impl Builder<'_> {
    /// Builds the chain from `head` and all that branch from it.
    fn root(&mut self, head: Head) -> usize {
        let chain = self.chain(false);
        self.work.push_back((head, chain));
        while let Some((head, chain)) = self.work.pop_front() {
            match head {
                Head::Vertex(vertex) => self.walk(chain, vertex),
                Head::Branch(link) | Head::Incoming(link) => {
                    let from = self.structure.links[link].from;
                    let begin = if self.rows.row[from] == self.row { self.rows.layer[from] + 1 } else { 0 };
                    if let Some(next) = self.pass(chain, link, begin) {
                        self.walk(chain, next);
                    }
                }
            }
        }
        chain
    }

    fn chain(&mut self, above: bool) -> usize {
        self.lanes.chains.push(Chain { above, ..Chain::default() });
        self.lanes.chains.len() - 1
    }

    fn push(&mut self, chain: usize, what: What, layer: usize) -> usize {
        let item = self.lanes.items.len();
        let above = self.lanes.chains[chain].above;
        self.lanes.items.push(Item { what, layer, band: chain, above, block: chain });
        self.lanes.chains[chain].items.push(item);
        item
    }

    /// Lets `link` pass the columns from `begin` up to its end; gives the vertex where the chain goes on.
    fn pass(&mut self, chain: usize, link: usize, begin: usize) -> Option<usize> {
        let to = self.structure.links[link].to;
        let here = self.rows.row[to] == self.row;
        let end = if here { self.rows.layer[to] } else { self.lanes.columns };
        for layer in begin..end {
            let item = self.push(chain, What::Pass(link), layer);
            self.lanes.passes[link].push(item);
        }
        (here && !self.claimed[to]).then_some(to)
    }

    /// Follows the straight way from `vertex` to its end, and queues what branches off.
    fn walk(&mut self, chain: usize, vertex: usize) {
        let mut branches = Vec::new();
        let mut next = Some(vertex).filter(|&vertex| !self.claimed[vertex]);
        while let Some(vertex) = next.take() {
            self.claimed[vertex] = true;
            let layer = self.rows.layer[vertex];
            self.lanes.of_vertex[vertex] = Some(self.push(chain, What::Vertex(vertex), layer));
            let mut straight = None;
            let mut leaving = Vec::new();
            for &link in &self.out[vertex] {
                match self.structure.links[link].role {
                    Role::Straight if straight.is_none() => straight = Some(link),
                    role => leaving.push((link, role)),
                }
            }
            branches.push(leaving);
            if let Some(link) = straight {
                next = self.pass(chain, link, layer + 1);
            }
        }
        for (link, role) in branches.into_iter().rev().flatten() {
            let above = role == Role::Above;
            let inherited = self.lanes.chains[chain].above;
            let branch = self.chain(above || inherited);
            let parent = &mut self.lanes.chains[chain];
            if above {
                parent.upper.push(branch)
            } else {
                parent.lower.push(branch)
            }
            self.work.push_back((Head::Branch(link), branch));
        }
    }

    /// Numbers the bands: what branches off upwards, farthest first; the chain; what branches off downwards.
    fn stack(mut self, roots: Vec<usize>) -> Lanes {
        let mut stack: Vec<(usize, bool)> = roots.into_iter().rev().map(|root| (root, true)).collect();
        let mut band = vec![0; self.lanes.chains.len()];
        while let Some((chain, enter)) = stack.pop() {
            if enter {
                let each = &self.lanes.chains[chain];
                stack.extend(each.lower.iter().rev().map(|&lower| (lower, true)));
                stack.push((chain, false));
                stack.extend(each.upper.iter().map(|&upper| (upper, true)));
            } else {
                band[chain] = self.lanes.bands.len();
                self.lanes.bands.push(chain);
            }
        }
        for item in &mut self.lanes.items {
            item.band = band[item.band];
        }
        self.lanes
    }
}
