//! What changed in a window, as a tree: from the roots to every record, list and map that has something to tell.
//!
//! A *region* is what stands or falls together for a viewer: the value of one private field of one record, up to the
//! private fields inside it. Region 0 is what everybody sees. What is *fresh* is sent whole by whatever brought it (an
//! insertion, a replacement); the private regions inside are then sent whole to whoever sees them.

use statewright_types::StructId;

use super::planted::{self, Leak};
use super::tables::{KindId, Tables};
use crate::memory::row_of;
use crate::state::State;

/// The number of a node; 0 is none.
pub(super) type NodeId = u32;
/// The number of a region; 0 is what everybody sees.
pub(super) type RegionId = u32;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Root(StructId),
    Record(StructId),
    /// The kind of its elements.
    List(KindId),
    /// The kind of its values.
    Map(KindId),
}

/// A record, list or map that changed, or that something in it did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) what: What,
    /// The reference or number.
    pub(super) slot: u64,
    pub(super) parent: NodeId,
    /// Where in the parent: the position of a field, of an element or of an entry.
    pub(super) step: u32,
    pub(super) region: RegionId,
    /// The number of what changed of it, from 1; 0 is nothing.
    pub(super) change: u32,
    /// Whether it is sent whole.
    pub(super) fresh: bool,
    pub(super) linked: bool,
    /// Its first and last child, and the next one of its parent.
    pub(super) child: NodeId,
    pub(super) last: NodeId,
    pub(super) next: NodeId,
    pub(super) sorted: bool,
    /// Of a record: the first of its regions.
    pub(super) regions: RegionId,
}

impl Node {
    pub(super) fn new(what: What, slot: u64) -> Node {
        Node {
            what,
            slot,
            parent: 0,
            step: 0,
            region: 0,
            change: 0,
            fresh: false,
            linked: false,
            child: 0,
            last: 0,
            next: 0,
            sorted: true,
            regions: 0,
        }
    }
}

/// The value of a private field of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    /// The record.
    pub(super) node: NodeId,
    pub(super) ty: StructId,
    /// The field, by position.
    pub(super) field: u32,
    /// The region that the record is in.
    pub(super) parent: RegionId,
    /// Whether nobody had it before, as what it is in is sent whole.
    pub(super) fresh: bool,
    /// Whether the field itself was written.
    pub(super) marked: bool,
    /// The node of its value, if that is a struct, a list or a map in which something changed.
    pub(super) value: NodeId,
    /// The next one of the record.
    pub(super) next: RegionId,
}

/// The tree of a window. Its memory is used again and again.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) regions: Vec<Region>,
    /// Nodes of roots, the main one first, then in the order of their types.
    pub(super) roots: Vec<NodeId>,
    /// Regions in the order of a walk.
    pub(super) order: Vec<RegionId>,
    /// By type and row, by number: the node.
    pub(super) records: Vec<Vec<NodeId>>,
    pub(super) containers: Vec<NodeId>,
    /// By type and row: where it was when somebody last looked.
    pub(super) places: Vec<Vec<u32>>,
    scratch: Vec<NodeId>,
    /// Nodes whose children are in disorder.
    pub(super) unsorted: Vec<NodeId>,
}

/// A place in an array that is as long as needed.
#[inline]
pub(super) fn stamp(stamps: &mut Vec<u32>, at: usize, size: impl FnOnce() -> usize) -> Option<&mut u32> {
    if stamps.len() <= at {
        stamps.resize(size().max(at + 1), 0);
    }
    stamps.get_mut(at)
}

impl Tree {
    /// Forgets what is in it.
    pub(super) fn clear(&mut self) {
        for node in &self.nodes {
            let place = match node.what {
                What::Root(ty) | What::Record(ty) => {
                    self.records.get_mut(ty.index()).and_then(|rows| rows.get_mut(row_of(node.slot) as usize))
                }
                What::List(_) | What::Map(_) => self.containers.get_mut(node.slot as usize),
            };
            place.into_iter().for_each(|place| *place = 0);
        }
        self.nodes.clear();
        self.regions.clear();
        self.roots.clear();
        self.order.clear();
    }

    /// Where an element was when somebody last looked.
    #[inline]
    pub(super) fn hint(&self, ty: StructId, row: u32) -> usize {
        let rows = self.places.get(ty.index());
        rows.and_then(|rows| rows.get(row as usize)).map_or(row as usize, |place| *place as usize)
    }

    /// Notes where an element is.
    pub(super) fn set_hint(&mut self, state: &State, ty: StructId, row: u32, place: u32) {
        if self.places.len() <= ty.index() {
            self.places.resize(ty.index() + 1, Vec::new());
        }
        // Whoever was not asked for yet is taken to be where its row is.
        if let Some(rows) = self.places.get_mut(ty.index()) {
            let known = rows.len() as u32;
            if known <= row {
                rows.extend(known..(state.row_count(ty) as u32).max(row + 1));
            }
            if let Some(known) = rows.get_mut(row as usize) {
                *known = place;
            }
        }
    }

    #[inline]
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get((id as usize).wrapping_sub(1))
    }

    #[inline]
    pub(super) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut((id as usize).wrapping_sub(1))
    }

    #[inline]
    pub(super) fn region(&self, id: RegionId) -> Option<&Region> {
        self.regions.get((id as usize).wrapping_sub(1))
    }

    pub(super) fn region_mut(&mut self, id: RegionId) -> Option<&mut Region> {
        self.regions.get_mut((id as usize).wrapping_sub(1))
    }

    /// The region of a record's field.
    pub(super) fn region_at(&self, node: NodeId, field: u32) -> Option<RegionId> {
        let mut next = self.node(node)?.regions;
        while let Some(region) = self.region(next) {
            if region.field == field {
                return Some(next);
            }
            next = region.next;
        }
        None
    }

    /// Puts children into the order of their places, and the regions into that of a walk.
    pub(super) fn finish(&mut self, tables: &Tables) {
        while let Some(id) = self.unsorted.pop() {
            self.sort_children(id, tables);
        }
        if self.regions.is_empty() {
            return;
        }
        if planted::is(Leak::WriteOrder) {
            self.order.extend(1..=self.regions.len() as RegionId);
            return;
        }
        for at in 0..self.roots.len() {
            let root = self.roots.get(at).copied().unwrap_or(0);
            self.walk_regions(root);
        }
    }

    /// As deep as data nests.
    fn walk_regions(&mut self, id: NodeId) {
        let Some(node) = self.node(id).copied() else { return };
        let mut next = node.regions;
        while let Some(region) = self.region(next).copied() {
            self.order.push(next);
            next = region.next;
        }
        let mut child = node.child;
        while let Some(node) = self.node(child) {
            let next = node.next;
            self.walk_regions(child);
            child = next;
        }
    }

    fn sort_children(&mut self, id: NodeId, tables: &Tables) {
        let Some(node) = self.node(id).copied().filter(|node| !node.sorted) else { return };
        let mut children = std::mem::take(&mut self.scratch);
        children.clear();
        let mut child = node.child;
        while let Some(node) = self.node(child) {
            children.push(child);
            child = node.next;
        }
        children.sort_by_key(|child| self.node(*child).map_or(0, |child| rank(tables, &node, child.step)));
        let mut next = 0;
        for child in children.iter().rev() {
            if let Some(child) = self.node_mut(*child) {
                child.next = next;
            }
            next = *child;
        }
        if let Some(node) = self.node_mut(id) {
            (node.child, node.sorted) = (next, true);
            node.last = children.last().copied().unwrap_or(0);
        }
        self.scratch = children;
    }
}

/// In which order a node's parts are walked: fields by their ids.
#[inline]
pub(super) fn rank(tables: &Tables, parent: &Node, step: u32) -> u32 {
    match parent.what {
        What::Root(ty) | What::Record(ty) => tables.field(ty, step).map_or(0, |field| u32::from(field.id)),
        What::List(_) | What::Map(_) => step,
    }
}
