//! Building the tree of a window: upwards from what changed, and downwards to private fields.

use statewright_types::StructId;

use super::tables::{Access, Kind, KindId, Tables};
use super::tree::{Node, NodeId, Region, RegionId, Tree, What, rank, stamp};
use crate::memory::{Owner, row_of};
use crate::state::{Changes, ContainerChange, Operation, Origin, RecordChange, State};

/// A tree while it is built.
pub(super) struct Builder<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) tables: &'a Tables,
    pub(super) state: &'a State,
    pub(super) changes: &'a Changes,
    /// The list or map that an element was last found in, its node and region: the next one often is its neighbour.
    last: Option<(u32, NodeId, RegionId)>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(tree: &'a mut Tree, tables: &'a Tables, state: &'a State, changes: &'a Changes) -> Builder<'a> {
        Builder { tree, tables, state, changes, last: None }
    }

    /// Builds the tree of the window. With `everywhere`, every private field of the state gets its region, as there are viewers
    /// who may see others than before.
    pub(super) fn build(&mut self, everywhere: bool) {
        self.tree.clear();
        let (state, changes) = (self.state, self.changes);
        // Containers first, as a replacement hides what happened inside.
        for (number, change) in (1..).zip(&changes.containers).filter(|(_, change)| !change.is_empty()) {
            let known = self.container_stamp(change.container);
            if known == 0 {
                // What it is turns out when it is linked.
                let id = self.add(Node::new(What::List(0), change.container));
                if let Some(node) = self.tree.node_mut(id) {
                    node.change = number;
                }
            }
        }
        for change in &changes.roots {
            if !change.was
                && let Ok(record) = state.root(change.ty)
            {
                self.root_came(change.ty, record);
            }
        }
        for change in changes.containers.iter().filter(|change| !change.is_empty()) {
            self.link_container(change);
        }
        for (number, change) in (1..).zip(&changes.records) {
            self.link_record(number, change);
        }
        // Only now is every fresh place known.
        if self.tables.has_private {
            changes.records.iter().for_each(|change| self.scope_changed(change));
        }
        if everywhere {
            self.all_regions();
        }
        self.tree.finish(self.tables);
    }

    fn record_stamp(&self, ty: StructId, row: u32) -> NodeId {
        let rows = self.tree.records.get(ty.index());
        rows.and_then(|rows| rows.get(row as usize)).copied().unwrap_or(0)
    }

    fn container_stamp(&self, number: u64) -> NodeId {
        self.tree.containers.get(number as usize).copied().unwrap_or(0)
    }

    /// A node that is nowhere yet.
    fn add(&mut self, node: Node) -> NodeId {
        self.tree.nodes.push(node);
        let id = self.tree.nodes.len() as NodeId;
        let place = match node.what {
            What::Root(ty) | What::Record(ty) => {
                let types = self.tables.types.len();
                if self.tree.records.len() < types {
                    self.tree.records.resize(types, Vec::new());
                }
                let (state, rows) = (self.state, self.tree.records.get_mut(ty.index()));
                rows.and_then(|rows| stamp(rows, row_of(node.slot) as usize, || state.row_count(ty)))
            }
            What::List(_) | What::Map(_) => {
                stamp(&mut self.tree.containers, node.slot as usize, || self.state.containers())
            }
        };
        place.into_iter().for_each(|place| *place = id);
        id
    }

    /// Puts a node under its parent.
    fn attach(&mut self, id: NodeId, what: What, parent: NodeId, step: u32, region: RegionId) {
        let fresh = self.tree.node(parent).is_some_and(|parent| parent.fresh);
        let Some(node) = self.tree.node_mut(id) else { return };
        (node.what, node.parent, node.step, node.region, node.linked) = (what, parent, step, region, true);
        node.fresh |= fresh;
        let Some(above) = self.tree.node(parent).copied() else { return };
        let mut sorted = above.sorted;
        if above.child == 0 {
            if let Some(above) = self.tree.node_mut(parent) {
                above.child = id;
            }
        } else {
            let before = self.tree.node(above.last).map_or(0, |last| rank(self.tables, &above, last.step));
            sorted &= before <= rank(self.tables, &above, step);
            if let Some(last) = self.tree.node_mut(above.last) {
                last.next = id;
            }
        }
        if above.sorted && !sorted {
            self.tree.unsorted.push(parent);
        }
        if let Some(above) = self.tree.node_mut(parent) {
            (above.last, above.sorted) = (id, sorted);
        }
    }

    /// The region of a private field; made if there is none.
    fn region_of(&mut self, node: NodeId, ty: StructId, field: u32) -> RegionId {
        if let Some(known) = self.tree.region_at(node, field) {
            return known;
        }
        let Some(holder) = self.tree.node(node).copied() else { return 0 };
        let new =
            Region { node, ty, field, parent: holder.region, fresh: holder.fresh, marked: false, value: 0, next: 0 };
        self.tree.regions.push(new);
        let id = self.tree.regions.len() as RegionId;
        // Among those of the record by the field's id.
        let id_of = |tree: &Tree, region: RegionId| {
            let field = tree.region(region).map_or(0, |region| region.field);
            self.tables.field(ty, field).map_or(0, |field| field.id)
        };
        let (mut before, mut next) = (0, holder.regions);
        while next != 0 && id_of(self.tree, next) < id_of(self.tree, id) {
            (before, next) = (next, self.tree.region(next).map_or(0, |region| region.next));
        }
        if let Some(region) = self.tree.region_mut(id) {
            region.next = next;
        }
        match self.tree.region_mut(before) {
            Some(before) => before.next = id,
            None => {
                if let Some(holder) = self.tree.node_mut(node) {
                    holder.regions = id;
                }
            }
        }
        id
    }

    // Upwards: from what changed to its root. As deep as data nests.

    /// The node of a record that is part of the state, unless it is sent whole with something around it, or nobody sees it.
    fn record_node(&mut self, ty: StructId, record: u64) -> Option<NodeId> {
        let known = self.record_stamp(ty, row_of(record));
        if known != 0 {
            return Some(known).filter(|known| self.tree.node(*known).is_some_and(|node| !node.fresh));
        }
        match *self.state.record_owner(ty, record) {
            Owner::Root => {
                let there = self.state.root(ty) == Ok(record);
                let came = self.changes.roots.iter().any(|change| change.ty == ty);
                (there && !came).then(|| self.root_node(ty, record))
            }
            Owner::Field { ty: outer, row, field } => {
                let (parent, region) = self.field_place(outer, row, field)?;
                let id = self.add(Node::new(What::Record(ty), record));
                self.attach_value(id, What::Record(ty), parent, field, region);
                Some(id)
            }
            Owner::Container(container) => {
                let (parent, region) = match self.last {
                    Some((known, parent, region)) if known == container => (parent, region),
                    _ => {
                        let parent = self.container_node(u64::from(container))?;
                        let above = self.tree.node(parent).copied()?;
                        if self.is_replaced(&above) {
                            return None;
                        }
                        self.last = Some((container, parent, above.region));
                        (parent, above.region)
                    }
                };
                let hint = self.tree.hint(ty, row_of(record));
                let place = self.find(u64::from(container), record, hint)?;
                if place as usize != hint {
                    self.tree.set_hint(self.state, ty, row_of(record), place);
                }
                let id = self.add(Node::new(What::Record(ty), record));
                self.attach(id, What::Record(ty), parent, place, region);
                Some(id)
            }
            Owner::Free | Owner::Value | Owner::Lifted => None,
        }
    }

    fn root_node(&mut self, ty: StructId, record: u64) -> NodeId {
        let id = self.add(Node { linked: true, ..Node::new(What::Root(ty), record) });
        let rank = |tree: &Tree, root: NodeId| match tree.node(root).map(|node| node.what) {
            Some(What::Root(other)) if other != self.tables.main_root => {
                1 + self.tables.types.get(other.index()).map_or(0, |table| u32::from(table.id))
            }
            _ => 0,
        };
        let at = self.tree.roots.partition_point(|root| rank(self.tree, *root) < rank(self.tree, id));
        self.tree.roots.insert(at, id);
        id
    }

    /// The node of a record by its row, and the region of what one of its fields holds.
    fn field_place(&mut self, ty: StructId, row: u32, field: u32) -> Option<(NodeId, RegionId)> {
        let parent = self.record_node(ty, self.state.record_at(ty, row))?;
        let node = self.tree.node(parent).copied()?;
        let region = match self.tables.field(ty, field)?.access {
            Access::Public => node.region,
            Access::Never => return None,
            Access::Private(_) => self.region_of(parent, ty, field),
        };
        Some((parent, region))
    }

    /// Attaches the value of a field.
    fn attach_value(&mut self, id: NodeId, what: What, parent: NodeId, field: u32, region: RegionId) {
        self.attach(id, what, parent, field, region);
        let holder = self.tree.node(parent).map_or(0, |parent| parent.region);
        if region != holder
            && let Some(region) = self.tree.region_mut(region)
        {
            region.value = id;
        }
    }

    fn container_node(&mut self, number: u64) -> Option<NodeId> {
        let known = self.container_stamp(number);
        if let Some(node) = self.tree.node(known).filter(|node| node.linked) {
            return (!node.fresh).then_some(known);
        }
        match self.state.owner(number)? {
            Owner::Field { ty, row, field } => {
                let (parent, region) = self.field_place(ty, row, field)?;
                let what = self.container_kind(self.tables.field(ty, field)?.kind)?;
                let id = if known == 0 { self.add(Node::new(what, number)) } else { known };
                self.attach_value(id, what, parent, field, region);
                Some(id)
            }
            Owner::Container(outer) => {
                let parent = self.container_node(u64::from(outer))?;
                let above = self.tree.node(parent).copied()?;
                if self.is_replaced(&above) {
                    return None;
                }
                let (What::List(element) | What::Map(element)) = above.what else { return None };
                let what = self.container_kind(element)?;
                let place = self.find(u64::from(outer), number, 0)?;
                let id = if known == 0 { self.add(Node::new(what, number)) } else { known };
                self.attach(id, what, parent, place, above.region);
                Some(id)
            }
            _ => None,
        }
    }

    fn container_kind(&self, kind: KindId) -> Option<What> {
        match self.tables.present(kind) {
            Kind::List(element) => Some(What::List(element)),
            Kind::Map(_, value) => Some(What::Map(value)),
            _ => None,
        }
    }

    fn container_change(&self, node: &Node) -> Option<&ContainerChange> {
        self.changes.containers.get((node.change as usize).wrapping_sub(1))
    }

    fn is_replaced(&self, node: &Node) -> bool {
        self.container_change(node).is_some_and(|change| change.operations.last() == Some(&Operation::Replace))
    }

    /// Where an element or entry stands.
    fn find(&mut self, container: u64, element: u64, hint: usize) -> Option<u32> {
        if let Some(place) = self.state.find_near(container, element, hint) {
            return Some(place as u32);
        }
        // All of them are looked at: so all may know, for the next time.
        let slots = self.state.list_slots(container);
        let found = slots.iter().position(|slot| *slot == element)? as u32;
        let kind = self.tree.node(self.container_stamp(container)).map(|node| node.what);
        if let Some(What::List(kind) | What::Map(kind)) = kind
            && let Kind::Struct(ty) = self.tables.present(kind)
        {
            for (place, slot) in (0..).zip(slots).filter(|(_, slot)| **slot != 0) {
                self.tree.set_hint(self.state, ty, row_of(*slot), place);
            }
        }
        Some(found)
    }

    fn link_container(&mut self, change: &ContainerChange) {
        let Some(id) = self.container_node(change.container) else { return };
        let Some(node) = self.tree.node(id).copied() else { return };
        let (What::List(element) | What::Map(element)) = node.what else { return };
        if !self.tables.kind_holds_private(element) {
            return;
        }
        let came = change.course.places().filter(|(_, piece)| !matches!(piece.origin, Origin::Kept(_)));
        for (start, piece) in came {
            (start..start + piece.count).for_each(|at| self.fresh_element(id, element, at));
        }
        for operation in &change.operations {
            match operation {
                Operation::Replace => {
                    let all = 0..self.state.list_len(change.container) as u32;
                    all.for_each(|at| self.fresh_element(id, element, at));
                }
                Operation::Put { key, .. } => {
                    let value = self.state.entry(change.container, key);
                    let place = value.and_then(|value| self.find(change.container, value, 0));
                    place.into_iter().for_each(|place| self.fresh_element(id, element, place));
                }
                _ => {}
            }
        }
    }

    fn fresh_element(&mut self, list: NodeId, element: KindId, at: u32) {
        let Some(above) = self.tree.node(list).copied() else { return };
        let slot = self.state.list_get(above.slot, i64::from(at)).unwrap_or(0);
        self.walk(element, slot, list, at, above.region, true);
    }

    fn link_record(&mut self, number: u32, change: &RecordChange) {
        let Some(id) = self.record_node(change.ty, change.record) else { return };
        if let Some(node) = self.tree.node_mut(id) {
            node.change = number;
        }
        let Some(table) = self.tables.types.get(change.ty.index()).filter(|table| table.holds_private) else { return };
        let Some(node) = self.tree.node(id).copied() else { return };
        for position in change.fields.iter() {
            let Some(field) = table.fields.get(position as usize) else { continue };
            let region = match field.access {
                Access::Never => continue,
                Access::Public => node.region,
                Access::Private(_) => self.region_of(id, change.ty, position),
            };
            if region != node.region
                && let Some(region) = self.tree.region_mut(region)
            {
                region.marked = true;
            }
            if field.holds_private {
                let slot = self.state.load(change.record, change.ty, position).unwrap_or(0);
                self.walk(field.kind, slot, id, position, region, true);
            }
        }
    }

    fn root_came(&mut self, ty: StructId, record: u64) {
        let id = self.root_node(ty, record);
        if let Some(node) = self.tree.node_mut(id) {
            node.fresh = true;
        }
        self.walk_record(id, ty, record);
    }

    /// A field that says whose a record is was written: who sees what may have changed all through it.
    fn scope_changed(&mut self, change: &RecordChange) {
        let Some(table) = self.tables.types.get(change.ty.index()).filter(|table| table.holds_private) else { return };
        let makes_scope = |field: u32| table.fields.get(field as usize).is_some_and(|field| field.makes_scope);
        if !change.fields.iter().any(makes_scope) {
            return;
        }
        if let Some(id) = self.record_node(change.ty, change.record) {
            self.walk_record(id, change.ty, change.record);
        }
    }

    /// Every private field of the state.
    fn all_regions(&mut self) {
        let types = (0..self.tables.types.len()).map(|index| StructId(index as u32));
        for ty in types {
            let holds = self.tables.types.get(ty.index()).is_some_and(|table| table.holds_private);
            if let Some(record) = self.state.root(ty).ok().filter(|_| holds) {
                let known = self.record_stamp(ty, row_of(record));
                let id = if known == 0 { self.root_node(ty, record) } else { known };
                self.walk_record(id, ty, record);
            }
        }
    }

    // Downwards: to all private fields of a value. As deep as data nests.

    fn walk_record(&mut self, id: NodeId, ty: StructId, record: u64) {
        let tables = self.tables;
        let Some(table) = tables.types.get(ty.index()).filter(|table| table.holds_private) else { return };
        let Some(node) = self.tree.node(id).copied() else { return };
        for (position, field) in (0..).zip(&table.fields) {
            let region = match field.access {
                Access::Never => continue,
                Access::Public => node.region,
                Access::Private(_) => self.region_of(id, ty, position),
            };
            if field.holds_private {
                let slot = self.state.load(record, ty, position).unwrap_or(0);
                let value = (field.kind, slot);
                self.walk(value.0, value.1, id, position, region, false);
            }
        }
    }

    /// Walks a value that has private fields inside. What is fresh makes all in it fresh.
    fn walk(&mut self, kind: KindId, slot: u64, parent: NodeId, step: u32, region: RegionId, fresh: bool) {
        let kind = self.tables.present(kind);
        let what = match kind {
            Kind::Struct(ty) if self.state.row(ty, slot).is_some() => What::Record(ty),
            Kind::List(element) if slot != 0 => What::List(element),
            Kind::Map(_, value) if slot != 0 => What::Map(value),
            _ => return,
        };
        let known = match what {
            What::Root(ty) | What::Record(ty) => self.record_stamp(ty, row_of(slot)),
            What::List(_) | What::Map(_) => self.container_stamp(slot),
        };
        let is_linked = self.tree.node(known).is_some_and(|node| node.linked);
        let id = if known == 0 { self.add(Node::new(what, slot)) } else { known };
        if !is_linked {
            let is_field =
                matches!(self.tree.node(parent).map(|node| node.what), Some(What::Root(_) | What::Record(_)));
            if is_field {
                self.attach_value(id, what, parent, step, region);
            } else {
                self.attach(id, what, parent, step, region);
            }
            if let Some(node) = self.tree.node_mut(id) {
                node.fresh |= fresh;
                if node.fresh {
                    // Whatever happened to it, it is sent as it is now.
                    node.change = 0;
                }
            }
        }
        match what {
            What::Root(ty) | What::Record(ty) => self.walk_record(id, ty, slot),
            What::List(element) | What::Map(element) => {
                if !self.tables.kind_holds_private(element) {
                    return;
                }
                let Some(node) = self.tree.node(id).copied() else { return };
                // What was inserted into it, or all of it, was walked as fresh when it was linked.
                for at in 0..self.state.list_len(slot) {
                    let inner = self.state.list_get(slot, at as i64).unwrap_or(0);
                    self.walk(element, inner, id, at as u32, node.region, false);
                }
            }
        }
    }
}
