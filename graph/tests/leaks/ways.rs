//! Each way that a value can go: as a leak, and as something that looks like one and is none.

use super::{ME, leaking};

mod lookalikes;
mod planted;

use lookalikes::CLEAN;
use planted::LEAKS;

/// A handler's nodes, one after the other in the flow, with functions and filters of the document.
struct Case {
    name: &'static str,
    nodes: &'static [&'static str],
    /// The flow, where it is no chain.
    flow: Option<&'static str>,
    graphs: &'static str,
}

const fn case(name: &'static str, nodes: &'static [&'static str]) -> Case {
    Case { name, nodes, flow: None, graphs: "" }
}

const fn with(name: &'static str, nodes: &'static [&'static str], graphs: &'static str) -> Case {
    Case { name, nodes, flow: None, graphs }
}

const fn flowing(name: &'static str, nodes: &'static [&'static str], flow: &'static str) -> Case {
    Case { name, nodes, flow: Some(flow), graphs: "" }
}

impl Case {
    fn leaks(&self) -> Vec<String> {
        let ids: Vec<&str> = self.nodes.iter().filter_map(|node| node.split('"').nth(3)).collect();
        let edge = |from: &str, to: &str| format!(r#"{{"from": "{from}", "to": "{to}"}}"#);
        let mut chain = vec![edge("start", ids[0])];
        chain.extend(ids.windows(2).map(|pair| edge(pair[0], pair[1])));
        let flow = self.flow.map_or_else(|| chain.join(", "), str::to_owned);
        leaking(&self.nodes.join(", "), &flow, self.graphs)
    }
}

/// `x` to everybody.
const TO_ALL: &str =
    r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"x": "node:x:result"}}}"#;
const GOLDS: &str = r#"{"id": "g", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Gold"}}"#;
const NAMES: &str = r#"{"id": "g", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Name"}}"#;
const RICH: &str =
    r#"{"id": "g", "type": "FilterArray", "inputs": {"array": "state:Players", "predicate": "node:c:result"}}"#;
const IS_RICH: &str = r#"{"id": "c", "type": "Compare", "inputs": {"left": "loop:item.Gold", "op": ">", "right": 5}}"#;
/// A pass for each player: `node:each:item`.
const EACH: &str = r#"{"id": "each", "type": "ForEach", "inputs": {"array": "state:Players"}}"#;
const LOOP: &str = r#"{"from": "start", "to": "zero"}, {"from": "zero", "to": "each"}, {"from": "each", "to": "body", "label": "body"},
{"from": "each", "to": "out", "label": "done"}"#;
const ZERO: &str = r#"{"id": "zero", "type": "SetVariable", "inputs": {"name": "v", "value": 0}}"#;
const V_TO_ALL: &str =
    r#"{"id": "out", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"v": "variable:v"}}}"#;

/// A function with one parameter.
macro_rules! function {
    ($name:literal, $param:literal, $returns:literal, $nodes:literal, $last:literal) => {
        concat!(
            r#"{"name": ""#,
            $name,
            r#"", "parameters": [{"name": "p", "type": ""#,
            $param,
            r#""}], "returnType": ""#,
            $returns,
            r#"", "nodes": ["#,
            $nodes,
            r#"], "flow": [{"from": "start", "to": ""#,
            $last,
            r#""}]}"#
        )
    };
}

const GOLD_OF: &str =
    function!("F", "Player", "int", r#"{"id": "r", "type": "Return", "inputs": {"value": "param:p.Gold"}}"#, "r");
const NAME_OF: &str =
    function!("F", "Player", "string", r#"{"id": "r", "type": "Return", "inputs": {"value": "param:p.Name"}}"#, "r");
const SAME: &str =
    function!("F", "int", "int", r#"{"id": "r", "type": "Return", "inputs": {"value": "param:p"}}"#, "r");
const SEVEN: &str = function!("F", "int", "int", r#"{"id": "r", "type": "Return", "inputs": {"value": 7}}"#, "r");
const SHOW: &str = function!(
    "F",
    "int",
    "",
    r#"{"id": "s", "type": "SetField", "inputs": {"path": "Salt", "value": "param:p"}}"#,
    "s"
);
const SHOW_ALL: &str = function!(
    "F",
    "int",
    "",
    r#"{"id": "s", "type": "SetMapValue", "inputs": {"path": "Totals", "key": "all", "value": "param:p"}}"#,
    "s"
);
const TWICE: &str = r#"{"name": "F", "parameters": [{"name": "p", "type": "int"}],
"nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "G", "args": {"p": "param:p"}}}], "flow": [{"from": "start", "to": "c"}]},
{"name": "G", "parameters": [{"name": "p", "type": "int"}],
"nodes": [{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"p": "param:p"}}}], "flow": [{"from": "start", "to": "e"}]}"#;
const TELL_OWN: &str = function!(
    "F",
    "Player",
    "",
    r#"{"id": "e", "type": "EmitToPlayer", "inputs": {"playerID": "param:p.ID", "eventType": "X", "payload": {"h": "param:p.Hand"}}}"#,
    "e"
);
const TELL_ALL: &str = function!(
    "F",
    "Player",
    "",
    r#"{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"p": "param:p"}}}"#,
    "e"
);

/// A filter that shows what it is given, or what the state has, in a field that all see.
macro_rules! filter {
    ($params:literal, $nodes:literal, $first:literal) => {
        concat!(
            r#"], "filters": [{"name": "Lens", "parameters": ["#,
            $params,
            r#"], "nodes": ["#,
            $nodes,
            r#"], "flow": [{"from": "start", "to": ""#,
            $first,
            r#""}]}"#
        )
    };
}

const SHOWING_FILTER: &str =
    filter!("", r#"{"id": "w", "type": "SetField", "inputs": {"path": "Top", "value": "state:Deck[0]"}}"#, "w");
const HIDING_FILTER: &str =
    filter!("", r#"{"id": "w", "type": "SetField", "inputs": {"path": "Top", "value": 0}}"#, "w");
const PARAM_FILTER: &str = filter!(
    r#"{"name": "n", "type": "int"}"#,
    r#"{"id": "w", "type": "SetMapValue", "inputs": {"path": "Totals", "key": "n", "value": "param:n"}}"#,
    "w"
);
const OWN_FILTER: &str = filter!(
    "",
    r#"{"id": "w", "type": "UpdateWhere", "inputs": {"path": "Players", "whereField": "ID", "whereOp": "==", "whereValue": "viewer:id", "setField": "Note", "setValue": "you"}}"#,
    "w"
);
const NOTHING: &str = r#"{"id": "out", "type": "SetField", "inputs": {"path": "Top", "value": 1}}"#;

#[test]
fn every_way_is_followed() {
    let missed: Vec<&str> = LEAKS.iter().filter(|case| case.leaks().is_empty()).map(|case| case.name).collect();
    assert!(LEAKS.len() >= 30 && missed.is_empty(), "not found: {missed:#?}");
}

#[test]
fn what_only_looks_like_a_way_is_none() {
    let accused: Vec<&str> = CLEAN.iter().filter(|case| !case.leaks().is_empty()).map(|case| case.name).collect();
    assert!(CLEAN.len() >= 30 && accused.is_empty(), "accused: {accused:#?}");
}
