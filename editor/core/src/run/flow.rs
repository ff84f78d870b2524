//! Where the flow went, and the last values at pins, by the messages of a traced run (docs/debugging.md).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use statewright_graph::document::Document;
use statewright_types::{Value, json};

use crate::wires::{END, PinId, START, Side, Wire, wires};

/// Characters of a value that are shown at a pin.
const SHOWN: usize = 80;

/// What happened in one graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphFlow {
    /// How often nodes ran.
    pub visits: HashMap<Arc<str>, u32>,
    /// Wires of the flow that it went along.
    pub went: BTreeSet<Wire>,
    /// Last values at pins.
    pub values: HashMap<PinId, String>,
    /// Where it failed, and why.
    pub failed: Option<(Arc<str>, String)>,
    /// When each node ran last, by a count of nodes.
    last: HashMap<Arc<str>, u64>,
}

/// What happened in each graph, by name.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    graphs: HashMap<Arc<str>, GraphFlow>,
    /// Flow wires by graph and the node that they lead to.
    into: HashMap<Arc<str>, HashMap<Arc<str>, Vec<Wire>>>,
    count: u64,
}

impl Flow {
    /// Of a document in which nothing ran yet.
    pub fn new(document: &Document) -> Flow {
        let mut into: HashMap<Arc<str>, HashMap<Arc<str>, Vec<Wire>>> = HashMap::new();
        for graph in document.graphs() {
            let by_end = into.entry(graph.name.text.clone()).or_default();
            for wire in wires(graph).into_iter().filter(Wire::is_flow) {
                by_end.entry(wire.to.node.clone()).or_default().push(wire);
            }
        }
        Flow { into, ..Flow::default() }
    }

    /// What happened in a graph.
    pub fn graph(&self, name: &str) -> Option<&GraphFlow> {
        self.graphs.get(name)
    }

    /// The graphs in which anything ran.
    pub fn graphs(&self) -> impl Iterator<Item = (&Arc<str>, &GraphFlow)> {
        self.graphs.iter()
    }

    /// Nothing ran any more.
    pub fn clear(&mut self) {
        self.graphs.clear();
        self.count = 0;
    }

    /// Takes a message of the run.
    pub fn hear(&mut self, message: &Value) {
        let text = |key: &str| match message.get(key) {
            Some(Value::Str(text)) => Some(text.clone()),
            _ => None,
        };
        let Some(kind) = text("type") else { return };
        if &*kind == "event:start" {
            let Some(handler) = text("handler") else { return };
            if let Some(flow) = self.graphs.get_mut(&handler) {
                // What ran last in another activation says nothing of where this one comes from.
                flow.last.clear();
            }
            if let Some(Value::Map(params)) = message.get("params") {
                self.put(&handler, START, Side::Output, params);
            }
            return;
        }
        if &*kind == "event:end" {
            if let (Some(handler), None) = (text("handler"), message.get("error")) {
                self.ended(&handler);
            }
            return;
        }
        let (Some(graph), Some(node)) = (text("graph"), text("nodeId")) else { return };
        match &*kind {
            "node:start" => {
                self.begins(&graph, &node);
                if let Some(Value::Map(inputs)) = message.get("inputs") {
                    self.put(&graph, &node, Side::Input, inputs);
                }
            }
            "node:end" => {
                if let Some(Value::Map(outputs)) = message.get("outputs") {
                    self.put(&graph, &node, Side::Output, outputs);
                }
            }
            "node:error" => {
                let why = text("error").unwrap_or_default().to_string();
                self.graphs.entry(graph).or_default().failed = Some((node, why));
            }
            _ => {}
        }
    }

    /// Takes what the debugger shows of a function that is held up: its parameters, and inputs and outputs of its nodes.
    pub fn see(&mut self, scopes: &Value) {
        let Some(Value::Str(graph)) = scopes.get("graph") else { return };
        if let Some(Value::Map(params)) = scopes.get("parameters") {
            self.put(graph, START, Side::Output, params);
        }
        let Some(Value::Map(nodes)) = scopes.get("nodes") else { return };
        for (node, sides) in nodes {
            for (side, key) in [(Side::Input, "inputs"), (Side::Output, "outputs")] {
                if let Some(Value::Map(ports)) = sides.get(key) {
                    self.put(graph, node, side, ports);
                }
            }
        }
    }

    fn put(&mut self, graph: &Arc<str>, node: &str, side: Side, ports: &[(Arc<str>, Value)]) {
        let flow = self.graphs.entry(graph.clone()).or_default();
        for (port, value) in ports {
            flow.values.insert(PinId::new(node, side, port.clone()), short(value));
        }
    }

    fn begins(&mut self, graph: &Arc<str>, node: &Arc<str>) {
        self.count += 1;
        let flow = self.graphs.entry(graph.clone()).or_default();
        let visits = flow.visits.entry(node.clone()).or_default();
        *visits = visits.saturating_add(1);
        let came = self.into.get(graph).and_then(|by_end| by_end.get(node));
        flow.come(came.map_or(&[], Vec::as_slice));
        flow.last.insert(node.clone(), self.count);
    }

    /// It is held up before a node, which has not begun: the way to there is lit.
    pub fn reach(&mut self, graph: &Arc<str>, node: &Arc<str>) {
        let came = self.into.get(graph).and_then(|by_end| by_end.get(node));
        self.graphs.entry(graph.clone()).or_default().come(came.map_or(&[], Vec::as_slice));
    }

    /// The handler ran to its end: by the wire that says so, if there is one where it was last.
    fn ended(&mut self, graph: &Arc<str>) {
        let Some(flow) = self.graphs.get_mut(graph) else { return };
        let ends = self.into.get(graph).and_then(|by_end| by_end.get(END)).map_or(&[][..], Vec::as_slice);
        let last = flow.last.iter().max_by_key(|(_, at)| **at).map(|(node, _)| node.clone());
        let mut from_last = ends.iter().filter(|wire| Some(&wire.from.node) == last.as_ref());
        if let (Some(only), None) = (from_last.next(), from_last.next()) {
            flow.went.insert(only.clone());
        }
    }
}

impl GraphFlow {
    /// Of wires that lead to one node: it came along that from the node that ran last.
    fn come(&mut self, wires: &[Wire]) {
        let when = |wire: &&Wire| match &*wire.from.node {
            START => Some(0),
            node => self.last.get(node).copied(),
        };
        let Some(latest) = wires.iter().filter_map(|wire| when(&wire)).max() else { return };
        let came: Vec<Wire> = wires.iter().filter(|wire| when(wire) == Some(latest)).cloned().collect();
        self.went.extend(came);
    }
}

/// A value as JSON, short enough for a pin.
pub fn short(value: &Value) -> String {
    let text = json::to_string(value);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::SourceDocument;

    use super::*;

    const TEXT: &str = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
        {"id": "if", "type": "If", "inputs": {"condition": true}}, {"id": "a", "type": "Trace", "inputs": {}},
        {"id": "b", "type": "Trace", "inputs": {}}, {"id": "c", "type": "Trace", "inputs": {}}],
        "flow": [{"from": "start", "to": "if"}, {"from": "if", "to": "a", "label": "true"}, {"from": "if", "to": "b", "label": "false"},
                 {"from": "a", "to": "c"}, {"from": "b", "to": "c"}, {"from": "c", "to": "end"}]}]}"#;

    fn message(text: &str) -> Value {
        text.parse().unwrap()
    }

    #[test]
    fn the_flow_went_where_the_nodes_say() {
        let source = SourceDocument::parse(TEXT).unwrap();
        let mut flow = Flow::new(&source.document);
        flow.hear(&message(r#"{"type": "event:start", "handler": "H", "params": {"x": 3}}"#));
        for node in ["if", "b", "c"] {
            let start =
                format!(r#"{{"type": "node:start", "graph": "H", "nodeId": "{node}", "inputs": {{"in": [1]}}}}"#);
            flow.hear(&message(&start));
        }
        flow.hear(&message(r#"{"type": "event:end", "handler": "H"}"#));
        let graph = flow.graph("H").unwrap();
        let went: Vec<String> = graph.went.iter().map(|wire| format!("{}>{}", wire.from.node, wire.to.node)).collect();
        assert_eq!(went, ["b>c", "c>end", "if>b", "start>if"]);
        assert_eq!((graph.visits.get("c"), graph.visits.get("a")), (Some(&1), None));
        assert_eq!(graph.values[&PinId::new(START, Side::Output, "x")], "3");
        assert_eq!(graph.values[&PinId::new("c", Side::Input, "in")], "[1]");
    }

    #[test]
    fn errors_and_scopes_are_shown() {
        let source = SourceDocument::parse(TEXT).unwrap();
        let mut flow = Flow::new(&source.document);
        flow.hear(&message(r#"{"type": "node:error", "graph": "H", "nodeId": "a", "error": "no"}"#));
        assert_eq!(flow.graph("H").unwrap().failed, Some(("a".into(), "no".to_owned())));
        flow.see(&message(
            r#"{"graph": "H", "parameters": {}, "nodes": {"a": {"inputs": {}, "outputs": {"o": "long"}}}}"#,
        ));
        assert_eq!(flow.graph("H").unwrap().values[&PinId::new("a", Side::Output, "o")], "\"long\"");
        flow.clear();
        assert!(flow.graph("H").is_none());
    }
}
