//! What a graph's wires mean for its layout: which go forward, which back, what a loop encloses, and which of a
//! node's flow wires is its straight way on.
//!
//! Any input is drawable: cycles, unreachable nodes and wires between missing nodes only change what is found here.
//! Nothing recurses; each loop costs a walk over the graph.

use super::model::{DataFrom, FlowFrom, FlowTo, GraphPicture};

/// The start's vertex. Node `i` of the picture is vertex `i + 1`; ends follow after the nodes.
pub(super) const START: usize = 0;

/// Number of loops times number of vertices up to which loops are looked at: a bound for memory and time.
const BUDGET: usize = 16_000_000;

/// What stands somewhere in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vertex {
    /// The start, with the parameters.
    Start,
    /// A node, by position.
    Node(usize),
    /// The end of a flow wire.
    End,
    /// A flow wire's end that says to which node it goes back.
    Goto(usize),
}

/// How a flow wire leaves its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// On the node's own lane.
    Straight,
    /// To a lane above.
    Above,
    /// To a lane below.
    Below,
}

/// A flow wire between vertices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// The wire, by position.
    pub wire: usize,
    /// Where it begins.
    pub from: usize,
    /// Where it leads.
    pub to: usize,
    /// How it leaves.
    pub role: Role,
}

/// A data wire between vertices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Datum {
    /// The wire, by position.
    pub wire: usize,
    /// Where it begins.
    pub from: usize,
    /// Where it leads.
    pub to: usize,
}

/// A loop and what it repeats.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    /// The vertex with the `body` wire.
    pub header: usize,
    /// What runs in a pass, pure nodes that serve nothing else included; by vertex.
    pub body: Vec<bool>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    /// By number.
    pub vertices: Vec<Vertex>,
    /// Whether a vertex is in the flow.
    pub flowing: Vec<bool>,
    /// Forward flow wires.
    pub links: Vec<Link>,
    /// Flow wires that lead back.
    pub returns: Vec<Link>,
    /// Forward data wires.
    pub data: Vec<Datum>,
    /// Data wires that lead back: they are drawn as named references.
    pub backward: Vec<Datum>,
    /// Loops that nest properly, outer ones before inner ones.
    pub loops: Vec<Loop>,
    /// Pairs that must stand in this order besides: bodies before what is done after them.
    pub before: Vec<(usize, usize)>,
}

/// What an edge of the searched graph is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flow(usize),
    Before(usize),
    Data(usize),
}

impl Structure {
    /// Finds the structure of `picture`.
    pub(super) fn new(picture: &GraphPicture) -> Structure {
        let count = picture.nodes.len();
        let mut vertices = vec![Vertex::Start];
        vertices.extend((0..count).map(Vertex::Node));
        let mut flowing: Vec<bool> =
            std::iter::once(true).chain(picture.nodes.iter().map(|node| node.executing)).collect();
        let mut links = Vec::new();
        for (wire, flow) in picture.flow.iter().enumerate() {
            let from = match flow.from {
                FlowFrom::Start => START,
                FlowFrom::Node(node) if node < count => node + 1,
                FlowFrom::Node(_) => continue,
            };
            let to = match flow.to {
                FlowTo::Node(node) if node < count => node + 1,
                FlowTo::Node(_) => continue,
                FlowTo::End => {
                    vertices.push(Vertex::End);
                    flowing.push(true);
                    vertices.len() - 1
                }
            };
            flowing[from] = true;
            flowing[to] = true;
            links.push(Link { wire, from, to, role: Role::Straight });
        }
        let mut data = Vec::new();
        for (wire, datum) in picture.data.iter().enumerate() {
            let from = match &datum.from {
                DataFrom::Parameter(index) if *index < picture.parameters.len() => START,
                DataFrom::Node { node, .. } if *node < count => node + 1,
                _ => continue,
            };
            if datum.to < count {
                data.push(Datum { wire, from, to: datum.to + 1 });
            }
        }
        let before = Vec::new();
        let mut structure = Structure {
            vertices,
            flowing,
            links,
            returns: Vec::new(),
            data,
            backward: Vec::new(),
            loops: Vec::new(),
            before,
        };
        structure.turn_back(false);
        structure.find_loops(picture);
        structure.turn_back(true);
        structure.choose_roles(picture);
        structure
    }

    /// Ends the flow after `from` with a mark that says to which node it goes back; gives the mark's vertex.
    pub(super) fn push_goto(&mut self, wire: usize, from: usize, to: usize) -> usize {
        let mark = self.vertices.len();
        self.vertices.push(Vertex::Goto(to.saturating_sub(1)));
        self.flowing.push(true);
        for each in &mut self.loops {
            each.body.push(each.body[from]);
        }
        let taken = self.links.iter().any(|link| link.from == from && link.role == Role::Straight);
        self.links.push(Link { wire, from, to: mark, role: if taken { Role::Below } else { Role::Straight } });
        mark
    }
    /// Whether a flow wire leads back to `vertex`.
    pub(super) fn returns_to(&self, vertex: usize) -> bool {
        self.returns.iter().any(|back| back.to == vertex)
    }

    /// Every pair of vertices that must stand one after the other.
    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let links = self.links.iter().map(|link| (link.from, link.to));
        links.chain(self.data.iter().map(|datum| (datum.from, datum.to))).chain(self.before.iter().copied()).collect()
    }

    /// Out-edges of each vertex: flow wires first, so that a contradiction turns a data wire back and not a flow wire.
    fn edges(&self, all: bool) -> Vec<Vec<(usize, Kind)>> {
        let mut edges = vec![Vec::new(); self.vertices.len()];
        for (index, link) in self.links.iter().enumerate() {
            edges[link.from].push((link.to, Kind::Flow(index)));
        }
        if all {
            for (index, &(from, to)) in self.before.iter().enumerate() {
                edges[from].push((to, Kind::Before(index)));
            }
            for (index, datum) in self.data.iter().enumerate() {
                edges[datum.from].push((datum.to, Kind::Data(index)));
            }
        }
        edges
    }

    /// Depth-first from the start: edges to a vertex on the way here lead back and are set aside, so that the rest has no cycle.
    fn turn_back(&mut self, all: bool) {
        let edges = self.edges(all);
        let mut state = vec![0_u8; self.vertices.len()];
        let mut back = Vec::new();
        for root in 0..self.vertices.len() {
            if state[root] != 0 {
                continue;
            }
            state[root] = 1;
            let mut stack = vec![(root, 0)];
            while let Some((vertex, next)) = stack.last_mut() {
                let Some(&(to, kind)) = edges[*vertex].get(*next) else {
                    state[*vertex] = 2;
                    stack.pop();
                    continue;
                };
                *next += 1;
                match state[to] {
                    0 => {
                        state[to] = 1;
                        stack.push((to, 0));
                    }
                    1 => back.push(kind),
                    _ => {}
                }
            }
        }
        let mut keep_flow = vec![true; self.links.len()];
        let mut keep_before = vec![true; self.before.len()];
        let mut keep_data = vec![true; self.data.len()];
        for kind in back {
            match kind {
                Kind::Flow(index) => keep_flow[index] = false,
                Kind::Before(index) => keep_before[index] = false,
                Kind::Data(index) => keep_data[index] = false,
            }
        }
        let (links, returns) = split(&self.links, &keep_flow);
        self.links = links;
        self.returns.extend(returns);
        self.before = split(&self.before, &keep_before).0;
        let (data, backward) = split(&self.data, &keep_data);
        self.data = data;
        self.backward.extend(backward);
    }

    /// Finds loops and what each repeats, and demands that what follows a loop stands after all of its body.
    fn find_loops(&mut self, picture: &GraphPicture) {
        let out = self.edges(false);
        let label = |index: usize| picture.flow[self.links[index].wire].label.as_deref();
        let is_body = |kind: Kind| matches!(kind, Kind::Flow(index) if label(index) == Some("body"));
        let mut consumers = vec![0_usize; self.vertices.len()];
        let mut sources = vec![Vec::new(); self.vertices.len()];
        for datum in &self.data {
            consumers[datum.from] += 1;
            sources[datum.to].push(datum.from);
        }
        let mut loops = Vec::new();
        for header in 0..self.vertices.len() {
            let (body, rest): (Vec<_>, Vec<_>) = out[header].iter().copied().partition(|&(_, kind)| is_body(kind));
            if body.is_empty() || (loops.len() + 1) * self.vertices.len() > BUDGET {
                continue;
            }
            let outside = reach(&out, rest.iter().map(|&(to, _)| to), &[]);
            let mut inside = reach(&out, body.iter().map(|&(to, _)| to), &outside);
            inside[header] = false;
            for sink in (0..self.vertices.len()).filter(|&vertex| inside[vertex]) {
                if !out[sink].iter().any(|&(to, _)| inside[to]) {
                    self.before.extend(rest.iter().map(|&(to, _)| (sink, to)));
                }
            }
            let added = enclose(&mut inside, &self.flowing, &consumers, &sources);
            self.before.extend(added.iter().map(|&pure| (header, pure)));
            loops.push(Loop { header, body: inside });
        }
        self.loops = nest(loops);
    }

    /// Decides how each flow wire leaves its node.
    fn choose_roles(&mut self, picture: &GraphPicture) {
        let lengths = self.lengths();
        let mut outs = vec![Vec::new(); self.vertices.len()];
        for (index, link) in self.links.iter().enumerate() {
            outs[link.from].push(index);
        }
        for (from, out) in outs.iter().enumerate() {
            let labels: Vec<Option<&str>> =
                out.iter().map(|&index| picture.flow[self.links[index].wire].label.as_deref()).collect();
            let steps: Vec<usize> = out.iter().map(|&index| lengths[self.links[index].to]).collect();
            let straight = if from == START { Some(0) } else { straight(&labels, &steps) };
            for (place, &index) in out.iter().enumerate() {
                self.links[index].role = match labels[place] {
                    _ if Some(place) == straight => Role::Straight,
                    Some("true") if straight.is_some() => Role::Above,
                    _ => Role::Below,
                };
            }
        }
    }

    /// The number of steps of the longest way on from each vertex.
    fn lengths(&self) -> Vec<usize> {
        let pairs: Vec<(usize, usize)> = self.links.iter().map(|link| (link.from, link.to)).collect();
        let mut lengths = vec![0; self.vertices.len()];
        let mut out = vec![Vec::new(); self.vertices.len()];
        for &(from, to) in &pairs {
            out[from].push(to);
        }
        for vertex in topological(self.vertices.len(), &pairs).into_iter().rev() {
            lengths[vertex] = out[vertex].iter().map(|&to| lengths[to] + 1).max().unwrap_or(0);
        }
        lengths
    }
}

/// Which of a node's wires goes straight on: what follows a loop, what follows a branch, else the first, unless the way from `false` is far longer.
fn straight(labels: &[Option<&str>], steps: &[usize]) -> Option<usize> {
    let find = |label: Option<&str>| labels.iter().position(|&each| each == label);
    if find(Some("body")).is_some() {
        return find(Some("done")).or(find(None));
    }
    if let (Some(yes), Some(no)) = (find(Some("true")), find(Some("false"))) {
        let (longer, shorter) = (steps.get(no).copied().unwrap_or(0), steps.get(yes).copied().unwrap_or(0));
        return Some(if longer > 2 * shorter + 1 { no } else { yes });
    }
    find(None).or(if labels.is_empty() { None } else { Some(0) })
}

/// Adds to `inside` the pure vertices all of whose readers are inside, and names them.
fn enclose(inside: &mut [bool], flowing: &[bool], consumers: &[usize], sources: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![0; inside.len()];
    let mut added = Vec::new();
    let mut work: Vec<usize> = (0..inside.len()).filter(|&vertex| inside[vertex]).collect();
    while let Some(vertex) = work.pop() {
        for &source in &sources[vertex] {
            seen[source] += 1;
            if !flowing[source] && !inside[source] && seen[source] == consumers[source] {
                inside[source] = true;
                added.push(source);
                work.push(source);
            }
        }
    }
    added
}

/// Keeps loops whose bodies are apart or one within the other, up to a depth, and no more than a number of the largest.
fn nest(mut loops: Vec<Loop>) -> Vec<Loop> {
    const DEPTH: usize = 8;
    const FRAMES: usize = 200;
    loops.retain(|each| each.body.contains(&true));
    loops.sort_by_key(|each| std::cmp::Reverse(each.body.iter().filter(|&&inside| inside).count()));
    loops.truncate(FRAMES);
    let mut kept: Vec<Loop> = Vec::new();
    for each in loops {
        let mut depth = 0;
        let fits = kept.iter().all(|outer| {
            let mut both = outer.body.iter().zip(&each.body).filter(|(_, inner)| **inner).map(|(outer, _)| *outer);
            let first = both.next().unwrap_or(false);
            depth += usize::from(first);
            both.all(|inside| inside == first) && (!first || outer.body.get(each.header) == Some(&true))
        });
        if fits && depth < DEPTH {
            kept.push(each);
        }
    }
    kept
}

/// What can be reached from `roots` without entering `closed`.
fn reach(out: &[Vec<(usize, Kind)>], roots: impl Iterator<Item = usize>, closed: &[bool]) -> Vec<bool> {
    let mut reached = vec![false; out.len()];
    let mut work: Vec<usize> = roots.collect();
    while let Some(vertex) = work.pop() {
        if !reached[vertex] && closed.get(vertex) != Some(&true) {
            reached[vertex] = true;
            work.extend(out[vertex].iter().map(|&(to, _)| to));
        }
    }
    reached
}

/// An order in which every pair's first comes before its second. Vertices of a cycle are left out.
pub(super) fn topological(count: usize, pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut waits = vec![0_usize; count];
    let mut out = vec![Vec::new(); count];
    for &(from, to) in pairs {
        out[from].push(to);
        waits[to] += 1;
    }
    let mut order: Vec<usize> = (0..count).filter(|&vertex| waits[vertex] == 0).collect();
    let mut next = 0;
    while let Some(&vertex) = order.get(next) {
        next += 1;
        for &to in &out[vertex] {
            waits[to] -= 1;
            if waits[to] == 0 {
                order.push(to);
            }
        }
    }
    order
}

/// The elements to keep, and the others.
fn split<T: Copy>(all: &[T], keep: &[bool]) -> (Vec<T>, Vec<T>) {
    let pick =
        |wanted: bool| all.iter().zip(keep).filter(|(_, kept)| **kept == wanted).map(|(each, _)| *each).collect();
    (pick(true), pick(false))
}
