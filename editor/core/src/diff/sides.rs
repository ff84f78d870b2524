//! Two versions of one graph as scenes: each by itself, and both in one, where what is gone is still there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::{Name, SourceDocument};
use statewright_types::Value;

use super::items::{At, GraphName, put, whole};
use super::{DocumentDiff, State};
use crate::command::Context;
use crate::draft::Draft;
use crate::scene::{Placements, Scene, Sight};
use crate::wires::{Wire, wires};

/// Two versions of a graph.
#[derive(Clone, Debug)]
pub struct Sides {
    /// The older one; `None` where there was no such graph.
    pub before: Option<Scene>,
    /// The newer one; `None` where the graph is gone.
    pub after: Option<Scene>,
    /// The newer one with the nodes and wires that are gone.
    pub both: Option<Scene>,
    /// Wires that came or went.
    pub wires: BTreeMap<Wire, State>,
}

/// Wires of a graph that came or went: of the flow, and of data.
pub fn wire_changes(before: &SourceDocument, after: &SourceDocument, name: &GraphName) -> BTreeMap<Wire, State> {
    let of = |source: &SourceDocument| -> BTreeSet<Wire> {
        let graph = name.find(source).and_then(|at| source.graph(at));
        graph.map(|graph| wires(graph).into_iter().collect()).unwrap_or_default()
    };
    let (old, new) = (of(before), of(after));
    let gone = old.difference(&new).map(|wire| (wire.clone(), State::Removed));
    let came = new.difference(&old).map(|wire| (wire.clone(), State::Added));
    gone.chain(came).collect()
}

impl Sides {
    /// Both versions of the graph of a name. Nodes without places stand at the same ones in all three scenes.
    pub fn new(
        before: &SourceDocument,
        after: &SourceDocument,
        diff: &DocumentDiff,
        name: &GraphName,
        context: &Context,
    ) -> Sides {
        let wires = wire_changes(before, after, name);
        let mut placements = Placements::default();
        let sight = Sight { context, findings: None };
        let mut scene = |source: &SourceDocument| Scene::new(source, name.find(source)?, sight, &mut placements);
        let united = union(before, after, diff, name);
        let mut both = scene(united.as_ref().unwrap_or(if name.find(after).is_some() { after } else { before }));
        let (older, newer) = (scene(before), scene(after));
        if let (Some(both), Some(older)) = (&mut both, &older) {
            let known: BTreeSet<&Wire> = both.wires.iter().map(|wire| &wire.wire).collect();
            let ghosts: Vec<_> = older.wires.iter().filter(|wire| !known.contains(&wire.wire)).cloned().collect();
            both.add_wires(ghosts);
        }
        Sides { before: older, after: newer, both, wires }
    }
}

/// Exits of a graph's flow that lead somewhere: node and label.
fn flow_exits(source: &SourceDocument, name: &GraphName) -> BTreeSet<(Arc<str>, Arc<str>)> {
    let graph = name.find(source).and_then(|at| source.graph(at));
    let edges = graph.iter().flat_map(|graph| &graph.edges);
    let label = |label: &Option<Name>| label.as_ref().map_or_else(|| "".into(), |label| label.text.clone());
    edges.map(|edge| (edge.from.text.clone(), label(&edge.label))).collect()
}

/// The newer version with the nodes and edges that are gone, so that they are laid out with the rest; `None` if none are.
fn union(
    before: &SourceDocument,
    after: &SourceDocument,
    diff: &DocumentDiff,
    name: &GraphName,
) -> Option<SourceDocument> {
    name.find(after)?;
    let graph = diff.graphs.get(name)?;
    let mut draft = Draft::new(after);
    for (id, _) in graph.nodes.iter().filter(|(_, node)| node.state == State::Removed) {
        let at = At { graph: Some(name.clone()), node: Some(id.clone()), key: Vec::new() };
        let value = whole(before, &at)?;
        put(&mut draft, &at, Some(&value)).ok()?;
    }
    draft.stage().ok()?;
    let exits = flow_exits(after, name);
    for edge in &graph.removed {
        // Where the exit leads elsewhere now, this is a second edge out of it.
        let taken = if exits.contains(&(edge.from.clone(), edge.label.clone())) { "\0" } else { "" };
        let key = vec!["flow".to_owned(), edge.from.to_string(), format!("{}{taken}", edge.label)];
        let at = At { graph: Some(name.clone()), node: None, key };
        put(&mut draft, &at, Some(&Value::Str(edge.to.clone()))).ok()?;
    }
    draft.finish().ok()?.1
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::GraphKind;

    use super::super::compare;
    use super::*;

    const BEFORE: &str = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
        {"id": "a", "type": "Add", "inputs": {"a": 1, "b": 2}, "_position": {"x": 0, "y": 0}},
        {"id": "gone", "type": "Add", "inputs": {"a": "node:a:result"}, "_position": {"x": 300, "y": 0}},
        {"id": "t", "type": "Trace", "inputs": {"text": "node:gone:result"}}],
        "flow": [{"from": "start", "to": "t"}]}]}"#;
    const AFTER: &str = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
        {"id": "a", "type": "Add", "inputs": {"a": 1, "b": 2}, "_position": {"x": 0, "y": 0}},
        {"id": "t", "type": "Trace", "inputs": {"text": "node:a:result"}},
        {"id": "u", "type": "Trace", "inputs": {"text": "x"}}],
        "flow": [{"from": "start", "to": "u"}, {"from": "u", "to": "t"}]}]}"#;

    fn sides(before: &str, after: &str) -> Sides {
        let [before, after] = [before, after].map(|text| SourceDocument::parse(text).unwrap());
        let name = GraphName::new(GraphKind::Handler, "H");
        Sides::new(&before, &after, &compare(&before, &after), &name, &Context::default())
    }

    fn ids(scene: &Option<Scene>) -> Vec<String> {
        scene.iter().flat_map(|scene| scene.cards.iter().map(|card| card.id.to_string())).collect()
    }

    #[test]
    fn both_versions_are_in_one_scene_with_every_wire_of_either() {
        let sides = sides(BEFORE, AFTER);
        assert_eq!(ids(&sides.before), ["start", "a", "gone", "t"]);
        assert_eq!(ids(&sides.after), ["start", "a", "t", "u"]);
        assert_eq!(ids(&sides.both), ["start", "a", "t", "u", "gone"]);
        let both = sides.both.unwrap();
        let gone = sides.before.as_ref().unwrap().card("gone").unwrap();
        assert_eq!(both.card("gone").unwrap().rect, gone.rect, "it stands where it stood");
        // What neither version places stands at one place in all of them.
        let place = |scene: &Scene| scene.card("t").unwrap().rect;
        assert_eq!(place(&both), place(sides.before.as_ref().unwrap()));
        assert_eq!(place(&both), place(sides.after.as_ref().unwrap()));
        let shown: BTreeSet<&Wire> = both.wires.iter().map(|wire| &wire.wire).collect();
        let all = [&sides.before, &sides.after].map(|scene| scene.as_ref().unwrap().wires.clone()).concat();
        assert!(all.iter().all(|wire| shown.contains(&wire.wire)) && shown.len() == both.wires.len());
        assert!(both.wires.iter().all(|wire| !wire.route.pieces.is_empty()));
        let count = |state| sides.wires.values().filter(|other| **other == state).count();
        // a → gone, gone → t, start → t went; a → t, start → u, u → t came.
        assert_eq!((count(State::Removed), count(State::Added)), (3, 3));
    }

    #[test]
    fn a_graph_that_one_version_has_not_is_shown_as_the_other_has_it() {
        let other = BEFORE.replace("\"name\": \"H\"", "\"name\": \"Other\"");
        let gone = sides(BEFORE, &other);
        assert!(gone.after.is_none() && ids(&gone.both) == ids(&gone.before));
        assert!(gone.wires.values().all(|state| *state == State::Removed) && gone.wires.len() == 3);
        let new = sides(&other, BEFORE);
        assert!(new.before.is_none() && ids(&new.both) == ids(&new.after));
        assert!(new.wires.values().all(|state| *state == State::Added));
    }
}
