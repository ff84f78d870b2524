//! What is drawn over a graph: breakpoints, values of a run, coverage, costs, marks of a comparison. Panels fill it, the canvas
//! draws it and knows nothing of where it comes from.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use statewright_editor_core::wires::{PinId, Wire};

/// A breakpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// Whether it stops a run.
    pub is_enabled: bool,
    /// Stops only if this holds; "" for always.
    pub condition: String,
}

/// What became of something between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Mark {
    Added,
    Removed,
    Changed,
    Conflict,
}

/// What a node cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Its part of everything, 0 to 1.
    pub share: f64,
    /// What the badge says: `12 calls, 340 fuel, 1.2 ms`.
    pub text: String,
}

/// What is drawn over one graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// By node.
    pub breakpoints: BTreeMap<Arc<str>, Breakpoint>,
    /// Where a run is held up.
    pub paused_at: Option<Arc<str>>,
    /// Where a run failed, and why.
    pub failed: Option<(Arc<str>, String)>,
    /// How often nodes ran; `None` where nothing runs.
    pub visits: Option<HashMap<Arc<str>, u32>>,
    /// Wires that the flow went along.
    pub went: BTreeSet<Wire>,
    /// Last values at pins.
    pub values: HashMap<PinId, String>,
    /// Nodes and wires that tests reached; `None` where coverage is not shown.
    pub covered: Option<(BTreeSet<Arc<str>>, BTreeSet<Wire>)>,
    /// What nodes cost; empty where costs are not shown.
    pub heat: HashMap<Arc<str>, Heat>,
    /// What a comparison says of nodes.
    pub marks: HashMap<Arc<str>, Mark>,
    /// What a comparison says of wires.
    pub wire_marks: BTreeMap<Wire, Mark>,
    /// Nodes that are pointed at elsewhere: a line of the code view, a row of a list.
    pub pointed: BTreeSet<Arc<str>>,
}
