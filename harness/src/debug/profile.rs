//! What each node of a traced run cost: how often it ran, its fuel, its time by a clock of the host's.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_runtime::context::{Context, Ending, Segment, Tracer};
use statewright_runtime::session::ActionReport;

/// What a node cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How often it ran.
    pub calls: u64,
    /// Fuel until the next node, or the end.
    pub fuel: u64,
    /// Nanoseconds until the next node, or the end; what was [forgiven](Profiler::forgive) is not counted.
    pub nanoseconds: u64,
}

/// What nodes cost, by graph and node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    nodes: HashMap<NodeName, Cost>,
}

impl Profile {
    /// What a node cost; nothing if it never ran.
    pub fn cost(&self, graph: &str, node: &str) -> Cost {
        self.nodes.get(&(graph.into(), node.into())).copied().unwrap_or_default()
    }

    /// All nodes that ran, the dearest by fuel first.
    pub fn dearest(&self) -> Vec<(&Arc<str>, &Arc<str>, Cost)> {
        let mut all: Vec<_> = self.nodes.iter().map(|((graph, node), cost)| (graph, node, *cost)).collect();
        all.sort_by(|a, b| (b.2.fuel, a.0, a.1).cmp(&(a.2.fuel, b.0, b.1)));
        all
    }

    /// Adds what a node cost.
    pub fn add(&mut self, graph: Arc<str>, node: Arc<str>, cost: Cost) {
        let sum = self.nodes.entry((graph, node)).or_default();
        sum.calls += cost.calls;
        sum.fuel += cost.fuel;
        sum.nanoseconds += cost.nanoseconds;
    }

    /// Adds another run.
    pub fn merge(&mut self, other: &Profile) {
        for ((graph, node), cost) in &other.nodes {
            self.add(graph.clone(), node.clone(), *cost);
        }
    }

    /// Of everything.
    pub fn total(&self) -> Cost {
        self.nodes.values().fold(Cost::default(), |total, cost| Cost {
            calls: total.calls + cost.calls,
            fuel: total.fuel + cost.fuel,
            nanoseconds: total.nanoseconds + cost.nanoseconds,
        })
    }

    /// What a node's part of a whole is, 0 to 1, for an overlay.
    pub fn share(&self, graph: &str, node: &str) -> f64 {
        let (cost, total) = (self.cost(graph, node), self.total());
        if total.fuel == 0 { 0.0 } else { cost.fuel as f64 / total.fuel as f64 }
    }
}

/// A tracer that fills a profile.
pub struct Profiler<'c> {
    profile: Profile,
    clock: Box<dyn FnMut() -> u64 + 'c>,
    /// The node that runs, and fuel and time when it began.
    running: Option<(NodeName, u64, u64)>,
    entered: Option<NodeName>,
    /// By activation: the node that ran last in it, and the fuel used when that began.
    ends: HashMap<u64, (NodeName, u64)>,
}

/// Graph and node.
type NodeName = (Arc<str>, Arc<str>);

impl std::fmt::Debug for Profiler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profiler").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl<'c> Profiler<'c> {
    /// A profiler with a clock that gives nanoseconds.
    pub fn new(clock: impl FnMut() -> u64 + 'c) -> Profiler<'c> {
        Profiler {
            profile: Profile::default(),
            clock: Box::new(clock),
            running: None,
            entered: None,
            ends: HashMap::new(),
        }
    }

    /// To be called with the reports of each action: they tell what the last node of each activation used.
    pub fn settle_reports(&mut self, reports: &[ActionReport]) {
        for activation in reports.iter().flat_map(|report| report.activations.iter()) {
            if let Some((node, since)) = self.ends.remove(&activation.id) {
                self.profile.nodes.entry(node).or_default().fuel += activation.fuel.saturating_sub(since);
            }
        }
    }

    /// What was found so far; it begins anew.
    pub fn take(&mut self) -> Profile {
        std::mem::take(&mut self.profile)
    }

    /// So many nanoseconds were not the running node's.
    pub fn forgive(&mut self, nanoseconds: u64) {
        if let Some((.., since)) = &mut self.running {
            *since = since.saturating_add(nanoseconds);
        }
    }

    /// What was found.
    pub fn finish(self) -> Profile {
        self.profile
    }

    fn settle(&mut self, fuel: u64) {
        let now = (self.clock)();
        if let Some((node, since_fuel, since)) = self.running.take() {
            let cost = self.profile.nodes.entry(node).or_default();
            cost.calls += 1;
            cost.fuel += fuel.saturating_sub(since_fuel);
            cost.nanoseconds += now.saturating_sub(since);
        }
        self.running = self.entered.take().map(|node| (node, fuel, now));
    }
}

impl Tracer for Profiler<'_> {
    fn enter(&mut self, _: &str, function: &str, node: &str) {
        self.entered = Some((function.into(), node.into()));
    }

    fn pause(&mut self, cx: &mut Context<'_>) {
        // The fuel of reaching a node is charged before it is entered: it counts for the node.
        self.settle(cx.meter.fuel_used());
    }

    fn end(&mut self, segment: &Segment<'_>, _: &Ending<'_>) {
        if let Some((node, since, _)) = &self.running {
            self.ends.insert(segment.activation, (node.clone(), *since));
            let since = *since;
            self.settle(since);
        }
    }
}
