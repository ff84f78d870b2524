//! The flow of a graph: from edges between nodes to a control-flow graph with loops, continuations and chains
//! resolved (LANGUAGE §4).
//!
//! An [`Instance`] is a node as reached from one start edge. Chains of several start edges follow one another; a node
//! that two chains reach is two instances. Nothing here recurses.

use std::sync::Arc;

use statewright_types::{Diagnostic, Span};

use crate::document::Graph;
use crate::node::NodeRow;

mod edges;
mod resolve;

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
    /// Ends the pass of that loop.
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
    /// The innermost loop whose body it is in.
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
}

impl Flow {
    /// Whether `a` is on every way to `b` (or is `b`). `depth_limit` is the number of instances.
    pub fn dominates(&self, a: InstanceIx, b: InstanceIx) -> bool {
        let mut at = Some(b);
        while let Some(instance) = at {
            if instance == a {
                return true;
            }
            at = self.dominators[instance];
        }
        false
    }

    /// The instances of `node`.
    pub fn instances_of(&self, node: NodeIx) -> impl Iterator<Item = InstanceIx> + '_ {
        (0..self.instances.len()).filter(move |index| self.instances[*index].node == node)
    }

    /// Whether `instance` is in the body of the loop `of`, at any depth.
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
}

impl Rows<'_> {
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

    /// The node's id.
    pub fn id(&self, node: NodeIx) -> &str {
        &self.graph.nodes[node].id.text
    }

    /// Where the node's id stands.
    pub fn span(&self, node: NodeIx) -> Span {
        self.graph.nodes[node].id.span
    }
}
