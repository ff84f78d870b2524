//! Outputs of pure nodes that were evaluated for the node being lowered, one behind the other.

use super::Operand;
use crate::flow::NodeIx;

/// A stack: what was evaluated last is forgotten first, where the region that it belongs to is left.
#[derive(Default)]
pub(super) struct Evaluated {
    entries: Vec<Entry>,
    /// Of all entries, one behind the other.
    outputs: Vec<Option<Operand>>,
    /// By node, the number of its last entry, from 1; 0 is none.
    last: Vec<u32>,
    /// Room for outputs of nodes that are being lowered.
    spare: Vec<Vec<Option<Operand>>>,
}

#[derive(Clone, Copy)]
struct Entry {
    node: NodeIx,
    /// Where its outputs begin.
    first: usize,
    /// The entry of the same node before it.
    before: u32,
}

impl Evaluated {
    /// Of a graph of so many nodes.
    pub(super) fn new(nodes: usize) -> Evaluated {
        Evaluated { last: vec![0; nodes], ..Evaluated::default() }
    }

    /// How many nodes were evaluated that are not forgotten yet.
    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    /// The last outputs of a node, but for what was there when there were `from`.
    pub(super) fn get(&self, node: NodeIx, from: usize) -> Option<&[Option<Operand>]> {
        let number = *self.last.get(node)? as usize;
        if number > from { Some(self.outputs_of(number - 1)) } else { None }
    }

    fn outputs_of(&self, index: usize) -> &[Option<Operand>] {
        let first = |index: usize| self.entries.get(index).map_or(self.outputs.len(), |entry| entry.first);
        self.outputs.get(first(index)..first(index + 1)).unwrap_or(&[])
    }

    /// The nodes that were evaluated since there were `from`, with their outputs.
    pub(super) fn since(&self, from: usize) -> impl Iterator<Item = (NodeIx, &[Option<Operand>])> {
        let entries = self.entries.iter().enumerate().skip(from);
        entries.map(|(index, entry)| (entry.node, self.outputs_of(index)))
    }

    pub(super) fn add(&mut self, node: NodeIx, outputs: &[Option<Operand>]) {
        let Some(last) = self.last.get_mut(node) else { return };
        self.entries.push(Entry { node, first: self.outputs.len(), before: *last });
        *last = self.entries.len() as u32;
        self.outputs.extend_from_slice(outputs);
    }

    /// Forgets all but the first `count`.
    pub(super) fn forget(&mut self, count: usize) {
        while self.entries.len() > count {
            let Some(entry) = self.entries.pop() else { return };
            self.outputs.truncate(entry.first);
            if let Some(last) = self.last.get_mut(entry.node) {
                *last = entry.before;
            }
        }
    }

    /// Room for so many outputs of one node, none of which is there yet.
    pub(super) fn room(&mut self, outputs: usize) -> Vec<Option<Operand>> {
        let mut room = self.spare.pop().unwrap_or_default();
        room.resize(outputs, None);
        room
    }

    /// Takes room back.
    pub(super) fn give_back(&mut self, mut room: Vec<Option<Operand>>) {
        room.clear();
        self.spare.push(room);
    }
}
