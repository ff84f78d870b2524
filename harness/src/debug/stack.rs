//! Functions that run, the nodes begun in them, and the values seen so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_runtime::state::{Saved, State};
use statewright_types::{Type, Value};

/// A value that was seen: kept by content, live structs by reference.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its type, loaded.
    pub ty: Type,
    /// The value.
    pub saved: Saved,
}

impl Seen {
    /// Keeps a value.
    pub fn new(ty: &Type, slot: u64, state: &State) -> Seen {
        Seen { ty: ty.clone(), saved: state.save(ty, slot) }
    }

    /// The value as a slot of the running transaction.
    pub fn slot(&self, state: &mut State) -> u64 {
        state.restore(&self.ty, &self.saved)
    }

    /// The value as it is now; null if it contains something that was removed.
    pub fn value(&self, state: &mut State) -> Value {
        let slot = self.slot(state);
        state.export(&self.ty, slot).unwrap_or(Value::Null)
    }
}

/// A node that has begun and not ended.
#[derive(Clone, Debug)]
pub struct Open {
    /// Its id.
    pub node: Arc<str>,
    /// When it began, nanoseconds of the host program's clock.
    pub began_ns: u64,
    /// Whether its beginning was told.
    pub is_told: bool,
    /// Whether it is a loop, or the like, whose body runs.
    pub in_body: bool,
    /// Ports seen since it began, as far as messages want them.
    pub inputs: Vec<(Arc<str>, Value)>,
    /// Likewise.
    pub outputs: Vec<(Arc<str>, Value)>,
}

impl Open {
    /// A node that begins.
    pub fn new(node: Arc<str>, began_ns: u64) -> Open {
        Open { node, began_ns, is_told: false, in_body: false, inputs: Vec::new(), outputs: Vec::new() }
    }
}

/// A function that runs.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The name of the handler or function.
    pub graph: Arc<str>,
    /// The node that began last.
    pub node: Arc<str>,
    /// Nodes that have begun and not ended, the innermost last.
    pub open: Vec<Open>,
    /// By the names that documents use: `param:NAME`, `variable:NAME`, `loop:ID:NAME`, and `node:ID:PORT` of outputs.
    pub seen: BTreeMap<Arc<str>, Seen>,
    /// Of inputs, likewise as `node:ID:PORT`.
    pub inputs: BTreeMap<Arc<str>, Seen>,
    /// What is read in the place of what was computed, by the same names.
    pub replaced: BTreeMap<Arc<str>, Seen>,
}

impl Frame {
    /// A function that begins.
    pub fn new(graph: &str) -> Frame {
        Frame {
            graph: graph.into(),
            node: "".into(),
            open: Vec::new(),
            seen: BTreeMap::new(),
            inputs: BTreeMap::new(),
            replaced: BTreeMap::new(),
        }
    }

    /// How many nodes the one that begins next stands inside of, loops around it not counted: 0 for nodes of the flow.
    pub fn level(&self) -> usize {
        self.open.iter().filter(|open| !open.in_body).count()
    }

    /// Whether that loop is around the node that runs.
    pub fn is_inside(&self, loop_node: &str) -> bool {
        self.open.iter().any(|open| open.in_body && &*open.node == loop_node)
    }
}
