//! What a session did, moment by moment: any moment's state, what changed in it, and what wrote a field last.
//! Moments themselves are the debugger's, so that another process tells of the same.

use std::sync::Arc;

use statewright_graph::document::Document;
use statewright_graph::node::{self, Effect};
pub use statewright_harness::debug::moment::{FieldChange, Key, Moment, Ran, differences, moment, path_text};
use statewright_types::Value;

/// How many moments stand between two whole states that are kept.
const STRIDE: usize = 32;

/// Puts a value where a path leads, or takes it away.
fn put(root: &mut Value, path: &[Key], value: Option<&Value>) {
    let Some((last, way)) = path.split_last() else {
        *root = value.cloned().unwrap_or(Value::Null);
        return;
    };
    let mut at = root;
    for key in way {
        let next = match (at, key) {
            (Value::Map(entries), Key::Field(name)) => {
                entries.iter_mut().find(|(other, _)| other == name).map(|(_, value)| value)
            }
            (Value::List(elements), Key::Index(index)) => elements.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match (at, last, value) {
        (Value::Map(entries), Key::Field(name), Some(value)) => {
            match entries.iter_mut().find(|(other, _)| other == name) {
                Some(entry) => entry.1 = value.clone(),
                None => {
                    let place = entries.partition_point(|(other, _)| other < name);
                    entries.insert(place, (name.clone(), value.clone()));
                }
            }
        }
        (Value::Map(entries), Key::Field(name), None) => entries.retain(|(other, _)| other != name),
        (Value::List(elements), Key::Index(index), Some(value)) => match elements.get_mut(*index) {
            Some(element) => *element = value.clone(),
            None => elements.push(value.clone()),
        },
        (Value::List(elements), Key::Index(index), None) => elements.truncate(*index),
        _ => {}
    }
}

/// Moments, and the state at each of them.
#[derive(Clone, Debug)]
pub struct Timeline {
    moments: Vec<Moment>,
    /// Whole states: before the first moment, and after every [`STRIDE`]th.
    kept: Vec<Value>,
    last: Value,
}

/// What wrote a field last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// Position of the moment, from 0.
    pub moment: usize,
    /// Graph and node, where the moment knows which nodes ran: the last that ran and writes state under that field's root.
    pub node: Option<(Arc<str>, Arc<str>)>,
}

impl Timeline {
    /// No moment yet, and this state.
    pub fn new(state: Value) -> Timeline {
        Timeline { moments: Vec::new(), kept: vec![state.clone()], last: state }
    }

    /// Adds the next moment.
    pub fn add(&mut self, moment: Moment) {
        for change in &moment.changes {
            put(&mut self.last, &change.path, change.after.as_ref());
        }
        self.moments.push(moment);
        if self.moments.len().is_multiple_of(STRIDE) {
            self.kept.push(self.last.clone());
        }
    }

    /// Forgets all moments behind the first `count`.
    pub fn truncate(&mut self, count: usize) {
        if count < self.moments.len() {
            self.last = self.state(count);
            self.moments.truncate(count);
            self.kept.truncate(count / STRIDE + 1);
        }
    }

    /// All moments.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The state after `count` moments; 0 is the beginning, more than there are is the end.
    pub fn state(&self, count: usize) -> Value {
        let count = count.min(self.moments.len());
        let mut state = self.kept.get(count / STRIDE).unwrap_or(&self.last).clone();
        let from = count / STRIDE * STRIDE;
        for moment in self.moments.get(from..count).unwrap_or(&[]) {
            for change in &moment.changes {
                put(&mut state, &change.path, change.after.as_ref());
            }
        }
        state
    }

    /// What wrote a field, or anything in it or around it, last before `count` moments were done.
    pub fn wrote_last(&self, path: &[Key], count: usize, document: Option<&Document>) -> Option<Wrote> {
        let touches = |change: &FieldChange| {
            let shared = change.path.iter().zip(path).take_while(|(a, b)| a == b).count();
            shared == path.len() || shared == change.path.len()
        };
        let before = self.moments.get(..count.min(self.moments.len()))?;
        let moment = before.iter().rposition(|moment| moment.changes.iter().any(touches))?;
        let node = document.zip(before.get(moment)).and_then(|(document, moment)| writer(document, moment, path));
        Some(Wrote { moment, node })
    }
}

/// The last node of a moment that writes state under the root of a path.
fn writer(document: &Document, moment: &Moment, path: &[Key]) -> Option<(Arc<str>, Arc<str>)> {
    let root = path.first().map(|key| match key {
        Key::Field(name) => name.clone(),
        Key::Index(index) => index.to_string().into(),
    });
    let writes = |(graph, id): &&(Arc<str>, Arc<str>)| {
        let graph = document.graphs().find(|other| other.name.text == *graph);
        let node = graph.and_then(|graph| graph.nodes.iter().find(|node| node.id.text == *id));
        node.is_some_and(|node| {
            let row = node::by_name(&node.ty.text);
            let is_writer = row.is_some_and(|row| row.effects.contains(&Effect::WritesState));
            let text = |port: &str| node.inputs.iter().find(|(name, _)| &*name.text == port).map(|(_, input)| input);
            let below = text("path").is_none_or(|input| match &input.kind {
                statewright_graph::document::InputKind::Text(text) => {
                    let head = text.split(['.', '[']).next().unwrap_or("");
                    // A path may begin with an alias or a root's name: only another field of the state rules it out.
                    let other =
                        moment.changes.iter().all(|change| change.path.first() != Some(&Key::Field(head.into())));
                    root.as_deref().is_none_or(|root| root == head) || other
                }
                _ => true,
            });
            is_writer && below
        })
    };
    moment.visited.iter().rev().find(writes).cloned()
}
