//! The flow of a graph: from edges between nodes to a control-flow graph with loops, continuations and chains
//! resolved (LANGUAGE §4).
//!
//! An [`Instance`] is a node as reached from one start edge. Chains of several start edges follow one another; a node
//! that two chains reach is two instances. Nothing here recurses.

use std::sync::Arc;

use statewright_types::hashing::HashMap;
use statewright_types::name::same;
use statewright_types::{Diagnostic, Help, Span};

use crate::check::Suggestions;
use crate::document::{Graph, Input, Name, Node};
use crate::dominators::{Lists, visits};
use crate::node::{InputPort, Need, NodeRow};

mod edges;
mod resolve;
mod ways;

pub use resolve::analyse;

/// Index of a node in its graph.
pub type NodeIx = usize;
/// Index into [`Flow::instances`].
pub type InstanceIx = usize;

/// Where an exit leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To that instance.
    Node(InstanceIx),
    /// Ends the pass of that loop, or the body of that Timeout.
    EndPass(InstanceIx),
    /// Ends the chain: on to the next one's first instance, or to the end of the graph.
    EndChain,
}

/// A node as one chain reaches it.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The node.
    pub node: NodeIx,
    /// Which start edge's chain it belongs to.
    pub chain: usize,
    /// The innermost loop, or Timeout, whose body it is in.
    pub context: Option<InstanceIx>,
    /// Label (empty: unlabelled) and target of each exit that its type has.
    pub exits: Vec<(Arc<str>, Next)>,
}

/// The resolved flow.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// All that can be reached.
    pub instances: Vec<Instance>,
    /// Instances such that each comes after all that lead to it (but by ending a pass).
    pub order: Vec<InstanceIx>,
    /// First instance of each chain; `None` for a start edge that leads to the end.
    pub starts: Vec<Option<InstanceIx>>,
    /// Immediate dominator of each instance; of the first, none.
    pub dominators: Vec<Option<InstanceIx>>,
    /// Whether some path gets from the start to the end without `Return` or `Fail`.
    pub falls_off: bool,
    /// Whether there were so many instances that nothing was resolved.
    pub is_too_large: bool,
    /// The instances of each node.
    by_node: Lists,
    /// How many exits lead to each instance.
    ways: Vec<u32>,
    /// Of each instance, when a walk of the dominator tree enters and leaves it.
    visits: Vec<(u32, u32)>,
}

impl Flow {
    /// Whether `a` is on every way to `b` (or is `b`).
    pub fn dominates(&self, a: InstanceIx, b: InstanceIx) -> bool {
        let ((a_in, a_out), (b_in, b_out)) = (self.visits[a], self.visits[b]);
        a_in <= b_in && b_out <= a_out
    }

    /// The instances of `node`.
    pub fn instances_of(&self, node: NodeIx) -> impl Iterator<Item = InstanceIx> + '_ {
        let instances = if node < self.by_node.count() { self.by_node.of(node) } else { &[] };
        instances.iter().map(|instance| *instance as InstanceIx)
    }

    /// A number that is larger the further down the dominator tree: of two instances that both dominate a third, the
    /// nearer one has the larger.
    pub fn depth(&self, instance: InstanceIx) -> u32 {
        self.visits[instance].0
    }

    /// How many exits lead to `instance`.
    pub fn ways_to(&self, instance: InstanceIx) -> u32 {
        self.ways[instance]
    }

    /// Makes the indices, once all else is known.
    fn index(&mut self, nodes: usize) {
        let pairs = self.instances.iter().enumerate().map(|(index, instance)| (instance.node, index));
        self.by_node = Lists::new(nodes, pairs);
        self.ways = vec![0; self.instances.len()];
        for instance in &self.instances {
            for (_, next) in &instance.exits {
                if let Next::Node(target) = next {
                    self.ways[*target] += 1;
                }
            }
        }
        self.visits = visits(&self.dominators);
    }

    /// Whether `instance` is in the body of the loop or Timeout `of`, at any depth.
    pub fn inside(&self, instance: InstanceIx, of: InstanceIx) -> bool {
        let mut context = self.instances[instance].context;
        while let Some(at) = context {
            if at == of {
                return true;
            }
            context = self.instances[at].context;
        }
        false
    }

    /// First instance of the first chain from `chain` on that has one.
    pub fn entry(&self, chain: usize) -> Option<InstanceIx> {
        self.starts.iter().skip(chain).find_map(|start| *start)
    }
}

/// The graph with the rows of its nodes; `None` for unknown types.
pub struct Rows<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// A row per node.
    pub rows: Vec<Option<&'static NodeRow>>,
    /// Which port of its row each input of each node is for, if any: see [`Rows::inputs`].
    pub ports: Vec<Option<&'static InputPort>>,
    /// Where in `ports` those of each node begin.
    pub first_ports: Vec<u32>,
    /// Nodes by their ids; of several with one id, which is an error, the last.
    pub by_id: HashMap<&'a str, NodeIx>,
    /// For help texts.
    pub suggestions: Suggestions,
}

impl<'a> Rows<'a> {
    /// Adds the row of the next node.
    pub(crate) fn add(&mut self, node: &Node, row: Option<&'static NodeRow>) {
        self.rows.push(row);
        self.first_ports.push(self.ports.len() as u32);
        self.ports.extend(node.inputs.iter().map(|(name, _)| row.and_then(|row| row.input(&name.text))));
    }

    /// The inputs that a node is given, each with the port that it is for, under whatever name.
    pub fn inputs(&self, node: NodeIx) -> impl Iterator<Item = (&'a Name, &'a Input, Option<&'static InputPort>)> + '_ {
        let first = self.first_ports.get(node).map_or(0, |first| *first as usize);
        let inputs = self.graph.nodes.get(node).map_or(&[][..], |node| &node.inputs);
        inputs.iter().zip(self.ports.iter().skip(first)).map(|((name, input), port)| (name, input, *port))
    }

    /// What a node is given for a port, by the port's canonical name.
    pub fn input(&self, node: NodeIx, port: &str) -> Option<&'a Input> {
        let inputs = &self.graph.nodes.get(node)?.inputs;
        let ports = self.ports.get(*self.first_ports.get(node)? as usize..)?;
        let ports = ports.iter().take(inputs.len());
        let at = ports.map(|known| known.map_or("", |known| known.name)).position(|known| same(known, port))?;
        inputs.get(at).map(|(_, input)| input)
    }

    /// "did you mean `x`?"; see [`Suggestions`].
    pub(crate) fn suggest<'n>(&self, name: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<Help> {
        self.suggestions.suggest(name, candidates)
    }

    /// A diagnostic that names the node.
    pub fn at_node(&self, node: NodeIx, diagnostic: Diagnostic) -> Diagnostic {
        let mut diagnostic = self.in_graph(diagnostic);
        diagnostic.place.node = Some(self.graph.nodes[node].id.text.clone());
        diagnostic
    }

    /// A diagnostic that names the graph.
    pub fn in_graph(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.place.handler = Some(self.graph.name.text.clone());
        diagnostic
    }

    /// The required inputs that a node is not given.
    pub fn lacking(&self, node: NodeIx) -> impl Iterator<Item = &'static InputPort> + '_ {
        let given = move |port: &InputPort| {
            self.inputs(node).any(|(_, _, known)| known.is_some_and(|known| same(known.name, port.name)))
        };
        let inputs = self.rows[node].map_or(&[][..], |row| row.inputs);
        inputs.iter().filter(move |port| port.need == Need::Required && !given(port))
    }

    /// The node's id.
    pub fn id(&self, node: NodeIx) -> &str {
        &self.graph.nodes[node].id.text
    }

    /// Where the node's id stands.
    pub fn span(&self, node: NodeIx) -> Span {
        self.graph.nodes[node].id.span
    }
}
