//! Resolving the flow: loops, cycles, where branches without a way on go on, order, dominators.

use std::sync::Arc;

use statewright_types::hashing::HashMap;
use statewright_types::{Diagnostic, Limits};

use super::edges::{self, Edges, Out, To};
use super::ways::Ways;
use super::{Flow, Instance, InstanceIx, Next, NodeIx, Rows};
use crate::check::codes;
use crate::dominators::{Lists, dominators};
use crate::node::Exits;

/// An exit before continuations are known.
#[derive(Clone, Debug)]
struct RawExit {
    label: Arc<str>,
    /// `None`: no way on of its own.
    next: Option<Next>,
}

/// What an instance is in, and so what ending its chain means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Region {
    /// The innermost loop whose body it is in.
    context: Option<InstanceIx>,
    /// The innermost branch of a Sequence, within that body.
    branch: Option<usize>,
}

/// A branch of a Sequence.
#[derive(Clone, Copy, Debug)]
struct Branch {
    sequence: InstanceIx,
    /// Where it leads when it ends: to the next branch, or to what comes after the Sequence. `None`: that has no way
    /// on of its own.
    end: Option<Next>,
}

/// [`Ways`], once somebody asks.
struct LazyWays<'a> {
    dominators: &'a [Option<InstanceIx>],
    made: Option<Ways>,
}

impl LazyWays<'_> {
    fn get(&mut self, resolver: &Resolver<'_, '_>) -> &mut Ways {
        self.made.get_or_insert_with(|| Ways::new(resolver, self.dominators))
    }
}

#[derive(Clone, Debug)]
pub(super) struct RawInstance {
    node: NodeIx,
    chain: usize,
    region: Region,
    /// How many loops it is in.
    depth: usize,
    exits: Vec<RawExit>,
    /// What a Sequence leads to when its first branch has ended.
    later: Vec<Next>,
    /// Where branches (or the loop) go on that have no way on of their own.
    pub(super) continuation: Option<Next>,
}

/// Instances of one graph at most.
const MOST_INSTANCES: usize = 100_000;

pub(super) struct Resolver<'a, 'd> {
    rows: &'a Rows<'a>,
    edges: Edges,
    pub(super) instances: Vec<RawInstance>,
    branches: Vec<Branch>,
    /// Exits that end the last branch of a Sequence, by instance and position: they go on where it does.
    ends: HashMap<(InstanceIx, usize), InstanceIx>,
    /// The labels that node types have, each once.
    labels: Vec<Arc<str>>,
    /// Room for the exits of one instance.
    room: Vec<(Arc<str>, Option<(To, usize)>, Region)>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// Resolves the flow of a graph. What is wrong with it is reported; the result is then incomplete.
pub fn analyse(rows: &Rows<'_>, diagnostics: &mut Vec<Diagnostic>) -> Flow {
    let edges = edges::collect(rows, diagnostics);
    let starts = edges.starts.clone();
    let mut resolver = Resolver {
        rows,
        edges,
        instances: Vec::with_capacity(rows.graph.nodes.len().min(MOST_INSTANCES)),
        branches: Vec::new(),
        ends: HashMap::default(),
        labels: Vec::new(),
        room: Vec::new(),
        diagnostics,
    };
    let mut of_node = vec![None; rows.graph.nodes.len()];
    let mut flow = Flow::default();
    for (chain, (to, _)) in starts.iter().enumerate() {
        let start = match to {
            To::Node(node) => resolver.chain(&mut of_node, chain, *node),
            To::End => None,
        };
        flow.starts.push(start);
        if resolver.instances.len() > MOST_INSTANCES {
            return Flow { is_too_large: true, ..Flow::default() };
        }
    }
    resolver.continuations();
    resolver.finish(&mut flow);
    flow.index(rows.graph.nodes.len());
    flow
}

impl Resolver<'_, '_> {
    fn error(&mut self, node: NodeIx, code: &'static str, span: statewright_types::Span, message: String, help: &str) {
        self.diagnostics.push(self.rows.at_node(node, Diagnostic::error(code, span, message).help(help)));
    }

    /// Follows one chain from its first node and returns its first instance.
    fn chain(&mut self, of_node: &mut [Option<InstanceIx>], chain: usize, first: NodeIx) -> Option<InstanceIx> {
        let start = self.instance(of_node, chain, first, Region::default());
        let mut next = start;
        while next < self.instances.len() {
            if next >= MOST_INSTANCES {
                self.too_many(self.instances[next].node);
                return Some(start);
            }
            self.expand(of_node, chain, next);
            next += 1;
        }
        // The next chain has instances of its own.
        for raw in &self.instances[start..] {
            of_node[raw.node] = None;
        }
        self.cut_cycles(start);
        Some(start)
    }

    fn instance(
        &mut self,
        of_node: &mut [Option<InstanceIx>],
        chain: usize,
        node: NodeIx,
        region: Region,
    ) -> InstanceIx {
        if let Some(instance) = of_node[node] {
            return instance;
        }
        let index = self.instances.len();
        of_node[node] = Some(index);
        let depth = region.context.map_or(0, |loop_| self.instances[loop_].depth + 1);
        self.instances.push(RawInstance {
            node,
            chain,
            region,
            depth,
            exits: Vec::new(),
            later: Vec::new(),
            continuation: None,
        });
        index
    }

    /// Fills the exits of an instance and makes instances of what they lead to.
    fn expand(&mut self, of_node: &mut [Option<InstanceIx>], chain: usize, at: InstanceIx) {
        let RawInstance { node, region, .. } = self.instances[at];
        let out = std::mem::take(&mut self.edges.out[node]);
        let exits = self.rows.rows[node].map_or(Exits::Plain, |row| row.exits);
        let mut raw = std::mem::take(&mut self.room);
        let mut continuation = None;
        match exits {
            Exits::None => {}
            Exits::Plain => raw.push((self.label(""), out.plain, region)),
            Exits::Numbered => self.sequence(of_node, chain, at, &out),
            Exits::Optional(name) => {
                raw.push((self.label(""), out.plain, region));
                if let Some(edge) = out.label(name) {
                    raw.push((self.label(name), Some(edge), region));
                }
            }
            Exits::Branch(labels) => {
                continuation = out.plain;
                raw.extend(labels.iter().map(|name| (self.label(name), out.label(name).or(out.plain), region)));
            }
            Exits::Cases => {
                continuation = out.plain;
                raw.extend(out.labelled.iter().map(|(name, to, edge)| (name.clone(), Some((*to, *edge)), region)));
                if out.label("default").is_none() {
                    raw.push((self.label("default"), out.plain, region));
                }
            }
            Exits::Loop | Exits::Bounded => {
                let body = out.label("body");
                let rest = if body.is_some() { out.plain } else { None };
                continuation = rest;
                let deep = self.instances[at].depth >= Limits::LOOP_DEPTH;
                if deep {
                    self.too_deep(node);
                }
                raw.push((
                    self.label("body"),
                    body.or(out.plain).filter(|_| !deep),
                    Region { context: Some(at), branch: None },
                ));
                raw.push((self.label("done"), out.label("done").or(rest), region));
                if exits == Exits::Bounded {
                    raw.push((self.label("timeout"), out.label("timeout").or(rest), region));
                }
            }
        }
        self.edges.out[node] = out;
        self.instances[at].exits.reserve_exact(raw.len());
        for (label, edge, inner) in raw.drain(..) {
            let next = edge.and_then(|(to, edge)| self.follow(of_node, chain, at, inner, to, edge));
            self.note_end(at, inner, edge);
            // The body's end, reached at once, ends the pass.
            let next = if edge.is_none() && inner.context == Some(at) { Some(Next::EndPass(at)) } else { next };
            self.instances[at].exits.push(RawExit { label, next });
        }
        self.room = raw;
        let continuation = continuation.and_then(|(to, edge)| self.follow(of_node, chain, at, region, to, edge));
        self.instances[at].continuation = continuation;
    }

    fn too_deep(&mut self, node: NodeIx) {
        let message = format!("loops nest more than {} deep", Limits::LOOP_DEPTH);
        let help = "move the inner ones into a function";
        self.error(node, codes::TOO_DEEP, self.rows.span(node), message, help);
    }

    fn too_many(&mut self, node: NodeIx) {
        let message = format!(
            "the edges from `start` lead through more than {MOST_INSTANCES} nodes, each edge counting for itself"
        );
        let help = "let several edges from `start` not lead through the same nodes";
        self.error(node, codes::TOO_DEEP, self.rows.span(node), message, help);
    }

    /// Fills the exits of a Sequence: it leads to its first branch, each branch's end to the next one.
    fn sequence(&mut self, of_node: &mut [Option<InstanceIx>], chain: usize, at: InstanceIx, out: &Out) {
        let RawInstance { region, .. } = self.instances[at];
        let mut after = out.plain.and_then(|(to, edge)| self.follow(of_node, chain, at, region, to, edge));
        // From the last to the first: where a branch ends must be known before it is entered.
        for (_, to, edge) in out.labelled.iter().rev() {
            if !matches!(to, To::Node(_)) {
                continue;
            }
            self.instances[at].later.extend(after);
            let branch = self.branches.len();
            self.branches.push(Branch { sequence: at, end: after });
            let inside = Region { branch: Some(branch), ..region };
            after = self.follow(of_node, chain, at, inside, *to, *edge);
        }
        if out.labelled.is_empty() {
            self.note_end(at, region, out.plain);
        }
        let label = self.label("");
        self.instances[at].exits.push(RawExit { label, next: after });
    }

    /// A label that a node type has.
    fn label(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.labels.iter().find(|known| &***known == text) {
            return known.clone();
        }
        let label: Arc<str> = Arc::from(text);
        self.labels.push(label.clone());
        label
    }

    /// Notes an exit that is about to be added to `from`, if its edge ends the last branch of a Sequence.
    fn note_end(&mut self, from: InstanceIx, region: Region, edge: Option<(To, usize)>) {
        if let (Some((To::End, _)), Some(branch)) = (edge, region.branch)
            && self.branches[branch].end.is_none()
        {
            let exit = self.instances[from].exits.len();
            self.ends.insert((from, exit), self.branches[branch].sequence);
        }
    }

    /// Where an edge leads that leaves `from` into `region`.
    fn follow(
        &mut self,
        of_node: &mut [Option<InstanceIx>],
        chain: usize,
        from: InstanceIx,
        region: Region,
        to: To,
        edge: usize,
    ) -> Option<Next> {
        let context = region.context;
        let end = match region.branch {
            Some(branch) => self.branches[branch].end,
            None => Some(context.map_or(Next::EndChain, Next::EndPass)),
        };
        let To::Node(node) = to else { return end };
        if let Some(loop_) = context
            && self.instances[loop_].node == node
            && !self.is_bounded(loop_)
        {
            return Some(Next::EndPass(loop_));
        }
        let target = self.instance(of_node, chain, node, region);
        let found = self.instances[target].region;
        if found.context == context && found.branch != region.branch {
            self.crosses_branch(from, node, edge);
            return end;
        }
        if found.context != context && !self.encloses(target, context) {
            let (from, id) = (self.instances[from].node, self.rows.id(node).to_owned());
            let span = self.rows.graph.edges[edge].to.span;
            let message =
                format!("this edge crosses the border of a body: `{id}` is reached from inside and from outside");
            let help = "a body is entered through its loop (or Timeout) and left by its end, `Break` (of a loop) or `Return`; use the `done` edge for what comes after";
            self.error(from, codes::LOOP_BORDER, span, message, help);
            return end;
        }
        Some(Next::Node(target))
    }

    /// Whether an instance is a node whose body runs once.
    fn is_bounded(&self, at: InstanceIx) -> bool {
        self.rows.rows[self.instances[at].node].is_some_and(|row| row.exits == Exits::Bounded)
    }

    fn crosses_branch(&mut self, from: InstanceIx, to: NodeIx, edge: usize) {
        let (from, id) = (self.instances[from].node, self.rows.id(to).to_owned());
        let span = self.rows.graph.edges[edge].to.span;
        let message = format!(
            "this edge crosses the border of a Sequence's branch: `{id}` is reached from inside and from outside"
        );
        let help = "a branch is entered through its label and simply ends; what comes after all of them follows the Sequence's unlabelled edge";
        self.error(from, codes::LOOP_BORDER, span, message, help);
    }

    /// Whether `target` is one of the loops around `context`: an edge back to an outer loop, a cycle error below.
    fn encloses(&self, target: InstanceIx, context: Option<InstanceIx>) -> bool {
        let mut at = context;
        while let Some(loop_) = at {
            if loop_ == target {
                return true;
            }
            at = self.instances[loop_].region.context;
        }
        false
    }

    pub(super) fn successors(&self, at: InstanceIx) -> impl Iterator<Item = InstanceIx> + Clone + '_ {
        let raw = &self.instances[at];
        let known = raw.exits.iter().filter_map(|exit| exit.next);
        known.chain(raw.later.iter().copied()).chain(raw.continuation).filter_map(|next| match next {
            Next::Node(instance) => Some(instance),
            Next::EndPass(_) | Next::EndChain => None,
        })
    }

    /// Reports every cycle reachable from `start` that is no loop's, and cuts it, so that the rest can be checked.
    fn cut_cycles(&mut self, start: InstanceIx) {
        const NEW: u8 = 0;
        const OPEN: u8 = 1;
        const DONE: u8 = 2;
        // A chain's instances are those from its first one on.
        let mut colour = vec![NEW; self.instances.len() - start];
        let mut stack = vec![(start, false)];
        let mut successors = Vec::new();
        while let Some((at, leave)) = stack.pop() {
            if leave {
                colour[at - start] = DONE;
                continue;
            }
            if colour[at - start] != NEW {
                continue;
            }
            colour[at - start] = OPEN;
            stack.push((at, true));
            successors.extend(self.successors(at));
            for next in successors.drain(..) {
                if colour[next - start] == OPEN {
                    let (node, target) = (self.instances[at].node, self.instances[next].node);
                    let message = format!(
                        "the flow runs in a circle: from `{}` back to `{}`",
                        self.rows.id(node),
                        self.rows.id(target)
                    );
                    let help = "only a loop node (ForEach, ForEachWhere, While, Repeat) repeats: lead the end of its body back to it, or let the body simply end";
                    self.error(node, codes::FLOW_CYCLE, self.rows.span(node), message, help);
                    self.cut(at, next);
                    continue;
                }
                stack.push((next, false));
            }
        }
    }

    /// Makes what leads from `at` to `target` lead to the end instead.
    fn cut(&mut self, at: InstanceIx, target: InstanceIx) {
        let raw = &mut self.instances[at];
        for exit in &mut raw.exits {
            if exit.next == Some(Next::Node(target)) {
                exit.next = Some(Next::EndChain);
            }
        }
        if raw.continuation == Some(Next::Node(target)) {
            raw.continuation = None;
        }
        raw.later.retain(|next| *next != Next::Node(target));
    }

    /// Gives every exit without a way on the nearest enclosing continuation (R4.2).
    fn continuations(&mut self) {
        // Where nothing says where branches go on, nobody asks what dominates what.
        let decides = !self.branches.is_empty() || self.instances.iter().any(|raw| raw.continuation.is_some());
        let dominators = if decides { self.raw_dominators() } else { vec![None; self.instances.len()] };
        let mut ways = LazyWays { dominators: &dominators, made: None };
        let above = if decides { self.deciding(&dominators) } else { dominators.clone() };
        let mut resolved = Vec::new();
        for (at, raw) in self.instances.iter().enumerate() {
            if raw.exits.iter().any(|exit| exit.next.is_none()) {
                resolved.push((at, self.continuation_of(at, &above, &mut ways)));
            }
        }
        for ((at, exit), sequence) in std::mem::take(&mut self.ends) {
            let next = self.continuation_of(sequence, &above, &mut ways);
            if let Some(exit) = self.instances[at].exits.get_mut(exit) {
                exit.next = exit.next.or(Some(next));
            }
        }
        for (at, next) in resolved {
            for exit in &mut self.instances[at].exits {
                exit.next = exit.next.or(Some(next));
            }
        }
    }

    /// For each instance the nearest dominator above it that may say where branches go on. Most do not: a deep nest is
    /// left in one step.
    fn deciding(&self, dominators: &[Option<InstanceIx>]) -> Vec<Option<InstanceIx>> {
        let mut decides: Vec<bool> = self.instances.iter().map(|raw| raw.continuation.is_some()).collect();
        self.branches.iter().for_each(|branch| decides[branch.sequence] = true);
        let mut known: Vec<Option<Option<InstanceIx>>> = vec![None; dominators.len()];
        let mut path = Vec::new();
        for start in 0..dominators.len() {
            let mut at = start;
            let found = loop {
                if let Some(found) = known[at] {
                    break found;
                }
                path.push(at);
                match dominators[at] {
                    Some(above) if !decides[above] => at = above,
                    above => break above,
                }
            };
            path.drain(..).for_each(|at| known[at] = Some(found));
        }
        known.into_iter().map(Option::flatten).collect()
    }

    fn continuation_of(&self, at: InstanceIx, deciding: &[Option<InstanceIx>], ways: &mut LazyWays<'_>) -> Next {
        let mut region = self.instances[at].region;
        let mut above = deciding[at];
        while let Some(node) = above {
            let raw = &self.instances[node];
            if let Some(branch) = region.branch.map(|branch| self.branches[branch]).filter(|b| b.sequence == node) {
                if let Some(end) = branch.end {
                    return end;
                }
                region = raw.region;
            } else if raw.region == region {
                match raw.continuation {
                    // What comes after the continuation does not go back to it.
                    Some(Next::Node(target)) if ways.get(self).lead(target, at) => {}
                    Some(next) => return next,
                    None => {}
                }
            }
            above = deciding[node];
        }
        region.context.map_or(Next::EndChain, Next::EndPass)
    }

    /// Immediate dominators by explicit edges, each chain by itself.
    fn raw_dominators(&self) -> Vec<Option<InstanceIx>> {
        let edges = (0..self.instances.len()).flat_map(|at| self.successors(at).map(move |next| (at, next)));
        let chain = |index: usize| self.instances.get(index).map(|raw| raw.chain);
        let firsts = (0..self.instances.len()).filter(|index| *index == 0 || chain(index - 1) != chain(*index));
        entered(self.instances.len(), edges, firsts)
    }

    /// The instance that runs next; `next_chain` is the first one of the next chain. None at the end, and where a loop's
    /// pass ends.
    fn landing(&self, next: Option<Next>, next_chain: Option<InstanceIx>) -> Option<InstanceIx> {
        let mut next = next;
        // Ends: what is around a body lies further out.
        loop {
            match next {
                Some(Next::Node(target)) => return Some(target),
                Some(Next::EndChain) | None => return next_chain,
                Some(Next::EndPass(around)) if self.is_bounded(around) => {
                    let done = self.instances[around].exits.iter().find(|exit| &*exit.label == "done");
                    next = done.and_then(|exit| exit.next);
                }
                Some(Next::EndPass(_)) => return None,
            }
        }
    }

    /// Keeps what is reached, orders it, finds dominators.
    fn finish(self, flow: &mut Flow) {
        let mut next_chain: Vec<Option<InstanceIx>> = vec![None; flow.starts.len()];
        for chain in (1..flow.starts.len()).rev() {
            next_chain[chain - 1] = flow.starts[chain].or(next_chain[chain]);
        }
        let next_chain = &next_chain;
        let targets = |at: InstanceIx| {
            let (raw, is_bounded) = (&self.instances[at], self.is_bounded(at));
            // `done` follows the end of the body, not the node itself.
            let own = raw.exits.iter().filter(move |exit| !(is_bounded && &*exit.label == "done"));
            own.filter_map(|exit| self.landing(exit.next, next_chain[raw.chain]))
        };
        let Some(first) = flow.starts.iter().find_map(|start| *start) else {
            flow.falls_off = true;
            return;
        };
        let order = reverse_postorder(self.instances.len(), first, targets);
        let mut number = vec![None; self.instances.len()];
        for (new, old) in order.iter().enumerate() {
            number[*old] = Some(new);
        }
        let renumber = |next: Next| match next {
            Next::Node(old) => number[old].map_or(Next::EndChain, Next::Node),
            Next::EndPass(old) => number[old].map_or(Next::EndChain, Next::EndPass),
            Next::EndChain => Next::EndChain,
        };
        flow.instances = order
            .iter()
            .map(|old| {
                let raw = &self.instances[*old];
                let exits = raw.exits.iter();
                let exits = exits.map(|exit| (exit.label.clone(), renumber(exit.next.unwrap_or(Next::EndChain))));
                let context = raw.region.context.and_then(|context| number[context]);
                Instance { node: raw.node, chain: raw.chain, context, exits: exits.collect() }
            })
            .collect();
        flow.order = (0..order.len()).collect();
        for start in &mut flow.starts {
            *start = start.and_then(|old| number[old]);
        }
        let last = |chain: usize| next_chain[chain].is_none();
        flow.falls_off = flow
            .instances
            .iter()
            .any(|instance| last(instance.chain) && instance.exits.iter().any(|(_, next)| *next == Next::EndChain));
        let edges = order
            .iter()
            .enumerate()
            .flat_map(|(new, old)| targets(*old).filter_map(|to| number[to]).map(move |to| (new, to)));
        flow.dominators = entered(order.len(), edges, std::iter::once(0));
    }
}

/// Immediate dominators in a graph whose entries are `firsts`.
fn entered(
    count: usize,
    edges: impl Iterator<Item = (usize, usize)> + Clone,
    firsts: impl Iterator<Item = usize> + Clone,
) -> Vec<Option<usize>> {
    let successors = Lists::new(count + 1, edges.chain(firsts.map(|first| (count, first))));
    let above = dominators(count, &successors);
    above.into_iter().take(count).map(|above| above.filter(|above| *above != count)).collect()
}

fn reverse_postorder<I: Iterator<Item = usize>>(
    count: usize,
    first: usize,
    targets: impl Fn(usize) -> I,
) -> Vec<usize> {
    let mut visited = vec![false; count];
    let mut order = Vec::new();
    let mut stack = vec![(first, targets(first))];
    visited[first] = true;
    while let Some((at, next)) = stack.last_mut() {
        if let Some(target) = next.next() {
            if !std::mem::replace(&mut visited[target], true) {
                stack.push((target, targets(target)));
            }
        } else {
            order.push(*at);
            stack.pop();
        }
    }
    order.reverse();
    order
}
