//! Three versions that become one: what one side changed is taken, what both changed differently is a conflict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::SourceDocument;
use statewright_types::Value;

use super::annotations;
use super::items::{At, GraphName, items, put, whole};
use crate::command::Command;
use crate::draft::Draft;
use crate::patch::Change;
use crate::refused::Refused;

/// A place that both sides changed differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Where. Without a key it is a whole node or graph: one side removed what the other changed.
    pub at: At,
    /// What it was; `None` if nothing was there.
    pub base: Option<Value>,
    /// What we say.
    pub ours: Option<Value>,
    /// What they say.
    pub theirs: Option<Value>,
}

impl Conflict {
    /// The command that takes their side; ours is what the merged document has.
    pub fn take_theirs(&self) -> Command {
        Command::SetAt { at: self.at.clone(), value: self.theirs.clone() }
    }

    /// The command that takes our side again.
    pub fn take_ours(&self) -> Command {
        Command::SetAt { at: self.at.clone(), value: self.ours.clone() }
    }
}

/// A merge.
#[derive(Debug)]
pub struct Merged {
    /// What it makes of our text.
    pub change: Change,
    /// The document after; `None` if nothing of theirs was new.
    pub document: Option<SourceDocument>,
    /// What is to be decided; the document has our side of each.
    pub conflicts: Vec<Conflict>,
}

struct Sides<'a> {
    documents: [&'a SourceDocument; 3],
    items: [BTreeMap<At, Value>; 3],
}

/// Puts what they changed since `base` into our document.
///
/// # Errors
/// The result would be no document: nothing but what [`Draft::stage`] refuses.
pub fn merge(base: &SourceDocument, ours: &SourceDocument, theirs: &SourceDocument) -> Result<Merged, Refused> {
    let sides = Sides { documents: [base, ours, theirs], items: [items(base), items(ours), items(theirs)] };
    let mut draft = Draft::new(ours);
    let mut conflicts = Vec::new();
    let mut decided: BTreeSet<(GraphName, Option<Arc<str>>)> = BTreeSet::new();
    // Whole graphs and nodes that one side has and the other has not, graphs first.
    for unit in sides.units() {
        let around = (unit.0.clone(), None);
        if decided.contains(&around) {
            continue;
        }
        if let Some(outcome) = sides.presence(&unit) {
            let at = At { graph: Some(unit.0.clone()), node: unit.1.clone(), key: Vec::new() };
            match outcome {
                Presence::Ours => {}
                Presence::Theirs => {
                    put(&mut draft, &at, whole(theirs, &at).as_ref())?;
                }
                Presence::Conflict => {
                    let [base, ours, theirs] = sides.documents.map(|document| whole(document, &at));
                    conflicts.push(Conflict { at, base, ours, theirs });
                }
            }
            decided.insert(unit);
        }
    }
    draft.stage()?;
    let [base_items, our_items, their_items] = &sides.items;
    let all: BTreeSet<&At> = base_items.keys().chain(their_items.keys()).collect();
    for at in all {
        let is_decided = |node: Option<Arc<str>>| at.graph.clone().is_some_and(|name| decided.contains(&(name, node)));
        if is_decided(None) || (at.node.is_some() && is_decided(at.node.clone())) {
            continue;
        }
        let (was, ours, theirs) = (base_items.get(at), our_items.get(at), their_items.get(at));
        if was == theirs || ours == theirs {
            continue;
        }
        // Where a node stands is nothing to decide: ours stays.
        if ours != was && at.node.is_some() && at.key.first().is_some_and(|key| key == "_position") {
            continue;
        }
        let both = at.annotation().and_then(|_| annotations::merged(was, ours, theirs));
        if let Some(both) = both.filter(|_| ours != was) {
            put(&mut draft, at, both.as_ref())?;
        } else if ours == was {
            put(&mut draft, at, theirs)?;
        } else {
            let [base, ours, theirs] = [was, ours, theirs].map(|value| value.cloned());
            conflicts.push(Conflict { at: at.clone(), base, ours, theirs });
        }
    }
    let (change, document) = draft.finish()?;
    Ok(Merged { change, document, conflicts })
}

enum Presence {
    Ours,
    Theirs,
    Conflict,
}

type Unit = (GraphName, Option<Arc<str>>);

impl Sides<'_> {
    /// Every graph and node of any side; a graph comes before its nodes.
    fn units(&self) -> BTreeSet<Unit> {
        let all = self.items.iter().flat_map(BTreeMap::keys);
        let of = |at: &At| at.graph.clone().map(|graph| (graph, at.node.clone()));
        let mut units: BTreeSet<Unit> = all.filter_map(of).collect();
        let graphs: Vec<Unit> = units.iter().map(|(graph, _)| (graph.clone(), None)).collect();
        units.extend(graphs);
        units
    }

    /// The part of a side's items that is of a graph or node.
    fn part(&self, side: usize, unit: &Unit) -> BTreeMap<&At, &Value> {
        let Some(items) = self.items.get(side) else { return BTreeMap::new() };
        let first = At { graph: Some(unit.0.clone()), node: unit.1.clone(), key: Vec::new() };
        let is_it = |at: &&At| at.graph.as_ref() == Some(&unit.0) && (unit.1.is_none() || at.node == unit.1);
        items.range(first..).take_while(|(at, _)| is_it(at)).collect()
    }

    /// What is to become of something that not every side has; `None` if it is merged value by value.
    fn presence(&self, unit: &Unit) -> Option<Presence> {
        let [base, ours, theirs] = [0, 1, 2].map(|side| self.part(side, unit));
        match (base.is_empty(), ours.is_empty(), theirs.is_empty()) {
            (true, true, false) => Some(Presence::Theirs),
            (_, false, false) => None,
            // They removed it.
            (false, false, true) if base == ours => Some(Presence::Theirs),
            // We removed it.
            (false, true, false) if base == theirs => Some(Presence::Ours),
            (false, false, true) | (false, true, false) => Some(Presence::Conflict),
            _ => Some(Presence::Ours),
        }
    }
}
