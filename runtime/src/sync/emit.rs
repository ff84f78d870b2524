//! From the tree of a window to steps: what one region has to tell.

use statewright_types::StructId;

use super::EncoderOptions;
use super::arranging::Plan;
use super::columns::{Column, RUN};
use super::planted::{self, Leak};
use super::tables::{Access, Keys, Kind, KindId};
use super::tree::{Node, NodeId, Region, RegionId, Tree, What};
use super::whole::Whole;
use crate::state::{Changes, FieldSet, MapKey, OldValue, RecordChange, State};
use crate::wire::codes::record;
use crate::wire::stream::{Place, Step, Stream};
use crate::wire::{put, varint};

/// Writes steps for clients of one shape.
pub(super) struct Emitter<'a> {
    pub(super) whole: Whole<'a>,
    pub(super) changes: &'a Changes,
    pub(super) tree: &'a Tree,
    pub(super) stream: &'a mut Stream,
    /// How to get to where the walk is.
    pub(super) trail: &'a mut Vec<(Step, Place)>,
    /// Memory for what is to be done to a list, and for columns.
    pub(super) plan: &'a mut Plan,
    pub(super) columns: &'a mut Vec<Column>,
    /// Memory for differences of floats, and for elements that are inserted.
    pub(super) bits: &'a mut Vec<u64>,
    pub(super) options: EncoderOptions,
    /// Whether the stream is where it should be, whatever the trail says.
    pub(super) is_there: bool,
}

impl<'a> Emitter<'a> {
    /// What everybody sees.
    pub(super) fn public(&mut self) {
        self.stream.begin();
        self.trail.clear();
        self.roots();
        for at in 0..self.tree.roots.len() {
            let root = self.tree.roots.get(at).copied().unwrap_or(0);
            if let Some(node) = self.tree.node(root).copied()
                && self.step_to(&node)
            {
                self.node(root, 0);
                self.trail.clear();
            }
        }
        if planted::is(Leak::HiddenCounts) {
            let hidden = self.tree.nodes.iter().filter(|node| node.region != 0 && matches!(node.what, What::List(_)));
            hidden.for_each(|_| self.stream.bytes.push(1));
        }
    }

    /// Roots that came and went.
    fn roots(&mut self) {
        let (tables, whole) = (self.whole.tables, self.whole);
        for ty in &whole.shape.roots {
            let Some(change) = self.changes.roots.iter().find(|change| change.ty == *ty) else { continue };
            let Some(table) = tables.types.get(ty.index()) else { continue };
            let out = &mut self.stream.bytes;
            varint::put(out, if change.was { record::ROOT_GONE } else { record::ROOT_THERE });
            varint::put(out, u64::from(table.id));
            if !change.was
                && let (Ok(root), Some(shape)) = (whole.state.root(*ty), whole.shape.ty(*ty))
            {
                out.extend_from_slice(&shape.absent);
                whole.public_fields(out, *ty, root);
            }
        }
    }

    /// A private field and what is in it, to who saw it before and sees it now.
    pub(super) fn changed(&mut self, id: RegionId) {
        let Some(region) = self.tree.region(id).copied() else { return };
        if region.marked {
            return self.set_private(&region, true);
        }
        let value = region.value;
        if let Some(node) = self.tree.node(value).copied()
            && !node.fresh
            && self.path_to(region.node)
            && self.step_to(&node)
        {
            self.node(value, id);
        }
    }

    /// A private field as it is now, to who sees it newly.
    pub(super) fn shown(&mut self, id: RegionId) {
        if let Some(region) = self.tree.region(id).copied() {
            self.set_private(&region, false);
        }
    }

    /// A private field, to who sees it no more.
    pub(super) fn hidden(&mut self, id: RegionId) {
        let Some(region) = self.tree.region(id).copied() else { return };
        let Some(field) = self.whole.tables.field(region.ty, region.field) else { return };
        if self.whole.shape.has(region.ty, region.field) && self.path_to(region.node) {
            self.arrive();
            varint::put(&mut self.stream.bytes, record::HIDE);
            varint::put(&mut self.stream.bytes, u64::from(field.id));
        }
    }

    fn set_private(&mut self, region: &Region, knows_before: bool) {
        let Some(node) = self.tree.node(region.node).copied() else { return };
        if !self.path_to(region.node) {
            return;
        }
        let change = if knows_before { self.record_change(&node) } else { None };
        self.field(region.ty, node.slot, region.field, change);
    }

    fn record_change(&self, node: &Node) -> Option<&'a RecordChange> {
        let changes = self.changes;
        changes.records.get((node.change as usize).wrapping_sub(1))
    }

    /// Makes the trail lead to a node; whether the client has all that is on the way.
    fn path_to(&mut self, id: NodeId) -> bool {
        self.trail.clear();
        self.path_down(id)
    }

    fn path_down(&mut self, id: NodeId) -> bool {
        let Some(node) = self.tree.node(id).copied() else { return true };
        self.path_down(node.parent) && self.step_to(&node)
    }

    /// Extends the trail to a child of where it leads; not, if the client has no such place.
    fn step_to(&mut self, node: &Node) -> bool {
        let place = match node.what {
            What::Root(_) | What::Record(_) => Place::Struct,
            What::List(_) => Place::List(0),
            What::Map(_) => Place::Map,
        };
        let whole = self.whole;
        if let What::Root(ty) = node.what {
            if ty == whole.tables.main_root {
                return true;
            }
            let id = whole.tables.types.get(ty.index()).map_or(0, |table| table.id);
            self.trail.push((Step::Root(id), place));
            return whole.shape.roots.contains(&ty);
        }
        let Some(parent) = self.tree.node(node.parent) else { return false };
        let step = match parent.what {
            What::Root(ty) | What::Record(ty) => {
                let Some(field) = whole.tables.field(ty, node.step).filter(|_| whole.shape.has(ty, node.step)) else {
                    return false;
                };
                Step::Field(field.id)
            }
            What::List(_) if planted::is(Leak::Rows) => Step::Index(node.slot as u32),
            What::List(_) => Step::Index(node.step),
            What::Map(_) => {
                let Some(key) = whole.state.key_at(parent.slot, node.step as usize) else { return false };
                self.key_step(parent, key)
            }
        };
        self.trail.push((step, place));
        true
    }

    /// A key as a step into the map of that node.
    pub(super) fn key_step(&self, map: &Node, key: MapKey) -> Step {
        match (key, self.keys_of(map)) {
            (MapKey::Text(text), _) => Step::Text(text),
            (MapKey::Int(number), Keys::Int(kind)) => match kind {
                statewright_types::IntKind::U8 | statewright_types::IntKind::I8 => Step::Byte(number as u8),
                statewright_types::IntKind::U16 | statewright_types::IntKind::U32 | statewright_types::IntKind::U64 => {
                    Step::UInt(number)
                }
                _ => Step::Int(number as i64),
            },
            (MapKey::Int(number), Keys::Text) => Step::Int(number as i64),
        }
    }

    /// The kind of a map's keys: its field or the container around it tells.
    pub(super) fn keys_of(&self, map: &Node) -> Keys {
        let tables = self.whole.tables;
        let kind = match self.tree.node(map.parent).map(|parent| parent.what) {
            Some(What::Root(ty) | What::Record(ty)) => tables.field(ty, map.step).map(|field| field.kind),
            Some(What::List(element) | What::Map(element)) => Some(element),
            None => None,
        };
        match kind.map(|kind| tables.present(kind)) {
            Some(Kind::Map(keys, _)) => keys,
            _ => Keys::Text,
        }
    }

    /// Goes where the trail leads.
    #[inline]
    pub(super) fn arrive(&mut self) {
        if !self.is_there {
            self.stream.go(self.trail);
        }
    }

    /// What a node has to tell in a region, and what is in it. The trail leads to it. As deep as data nests.
    pub(super) fn node(&mut self, id: NodeId, region: RegionId) {
        let Some(node) = self.tree.node(id).copied().filter(|node| node.region == region && !node.fresh) else {
            return;
        };
        let depth = self.trail.len();
        match node.what {
            What::Root(ty) | What::Record(ty) => {
                if let Some(change) = self.record_change(&node) {
                    self.fields(ty, node.slot, change);
                }
                self.children(&node, region);
            }
            What::List(element) => {
                self.list_operations(&node, element);
                self.elements(&node, element, region);
            }
            What::Map(value) => {
                self.map_operations(&node, value);
                self.children(&node, region);
            }
        }
        self.trail.truncate(depth);
    }

    fn children(&mut self, node: &Node, region: RegionId) {
        let mut child = node.child;
        while let Some(next) = self.tree.node(child).copied() {
            self.child(child, &next, region);
            child = next.next;
        }
    }

    fn child(&mut self, id: NodeId, node: &Node, region: RegionId) {
        let depth = self.trail.len();
        if node.region == region && !node.fresh && self.step_to(node) {
            self.node(id, region);
        }
        self.trail.truncate(depth);
    }

    /// The public fields of a record that were written, in the order of their ids.
    pub(super) fn fields(&mut self, ty: StructId, record: u64, change: &RecordChange) {
        let Some(table) = self.whole.tables.types.get(ty.index()) else { return };
        if let Some(only) = change.fields.only() {
            if table.fields.get(only as usize).is_some_and(|field| field.access == Access::Public) {
                self.field(ty, record, only, Some(change));
            }
            return;
        }
        for position in table.by_id.iter().filter(|position| change.fields.contains(**position)) {
            if table.fields.get(*position as usize).is_some_and(|field| field.access == Access::Public) {
                self.field(ty, record, *position, Some(change));
            }
        }
    }

    /// The value of a field of the record that the trail leads to, or its difference.
    fn field(&mut self, ty: StructId, record: u64, position: u32, change: Option<&RecordChange>) {
        let whole = self.whole;
        if change.is_some_and(|change| self.new_value(ty, record, position, change)) {
            return;
        }
        let Some(field) = whole.tables.field(ty, position).filter(|_| whole.shape.has(ty, position)) else { return };
        let slot = whole.state.load(record, ty, position).unwrap_or(0);
        let kind = whole.tables.kind(field.kind);
        let old = change.and_then(|change| self.changes.old_of(change, position));
        if is_same(whole.state, kind, old, slot) {
            return;
        }
        self.arrive();
        let out = &mut self.stream.bytes;
        match difference(kind, old, slot, self.options) {
            Some(difference) => {
                varint::put(out, record::change(field.id));
                difference.put(out);
            }
            None => {
                varint::put(out, record::set(field.id));
                whole.public(out, field.kind, slot);
            }
        }
    }

    /// The same for a public field that changed without any old value: it is another one, and has no difference. Whether it is such.
    #[inline(always)]
    pub(super) fn new_value(&mut self, ty: StructId, record: u64, position: u32, change: &RecordChange) -> bool {
        let whole = self.whole;
        let cell = whole.shape.ty(ty).and_then(|shape| shape.cell(position)).filter(|_| !self.changes.has_old(change));
        let (Some(cell), Some(rows)) = (cell, whole.state.rows(ty)) else { return false };
        let Some(start) = rows.start(record) else { return false };
        self.arrive();
        varint::put(&mut self.stream.bytes, record::set(cell.id));
        whole.cell(&mut self.stream.bytes, cell, rows.at(start, cell.place));
        true
    }

    /// Elements in which something changed: runs of structs of which the same numbers changed as columns.
    fn elements(&mut self, node: &Node, element: KindId, region: RegionId) {
        let columns = match self.whole.tables.kind(element) {
            Kind::Struct(ty) => Some(ty),
            _ => None,
        };
        let mut child = node.child;
        while let Some(next) = self.tree.node(child).copied() {
            let run = columns.map_or(0, |ty| self.run(ty, child, region));
            if run >= RUN
                && let Some(ty) = columns
                && let Some(change) = self.record_change(&next)
            {
                let (tree, changes) = (self.tree, self.changes);
                let mut nodes = std::iter::successors(Some(next), |node| tree.node(node.next).copied());
                let change_of = |node: Node| changes.records.get((node.change as usize).wrapping_sub(1));
                let records = nodes.clone().take(run).filter_map(change_of);
                child = nodes.nth(run - 1).map_or(0, |last| last.next);
                self.columns(ty, next.step, run, &change.fields, records);
                continue;
            }
            self.child(child, &next, region);
            child = next.next;
        }
    }

    /// How many elements from `first` on stand next to each other, and changed in the same fields and nothing else.
    fn run(&self, ty: StructId, first: NodeId, region: RegionId) -> usize {
        let Some(shape) = self.whole.shape.ty(ty) else { return 0 };
        // What is private, in the element or its fields, must not show in how the rest is told.
        let fields = |node: &Node| {
            let simple = node.region == region && !node.fresh && !self.has_child_in(node, region);
            self.record_change(node).filter(|_| simple).map(|change| &change.fields)
        };
        let Some(node) = self.tree.node(first) else { return 0 };
        let Some(set) = fields(node) else { return 0 };
        let (mut run, mut next, mut place) = (1, node.next, node.step);
        while let Some(node) = self.tree.node(next)
            && node.step == place + 1
            && fields(node).is_some_and(|fields| fields.is_same_within(set, &shape.set))
        {
            (run, next, place) = (run + 1, node.next, node.step);
        }
        if run >= RUN && self.travels_in_columns(ty, set) { run } else { 0 }
    }

    /// Whether something changed inside of a node that is told together with it. Children may be there for what is private in them.
    /// As deep as data nests.
    fn has_child_in(&self, node: &Node, region: RegionId) -> bool {
        let mut children = std::iter::successors(self.tree.node(node.child), |child| self.tree.node(child.next));
        children.any(|child| child.region == region && (self.is_changed(child) || self.has_child_in(child, region)))
    }

    /// Whether anything changed of a node itself that whoever sees it is told.
    fn is_changed(&self, node: &Node) -> bool {
        match node.what {
            What::Root(ty) | What::Record(ty) => {
                let fields = self.whole.shape.ty(ty).map(|shape| &shape.set);
                let change = self.record_change(node).zip(fields);
                change.is_some_and(|(change, set)| !change.fields.is_same_within(&FieldSet::default(), set))
            }
            What::List(_) | What::Map(_) => {
                let change = self.changes.containers.get((node.change as usize).wrapping_sub(1));
                change.is_some_and(|change| !change.is_empty())
            }
        }
    }
}

/// How one number became another.
enum Difference {
    Xor(u64),
    Steps(i64),
}

impl Difference {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Difference::Xor(bits) => put::xor(out, *bits),
            Difference::Steps(steps) => varint::put_signed(out, *steps),
        }
    }
}

fn xor(kind: Kind, old: u64, new: u64) -> u64 {
    match kind {
        Kind::F32 => u64::from(put::narrow(old) ^ put::narrow(new)),
        _ => old ^ new,
    }
}

/// Whether the client has that value already. Of most kinds, what was before is known where effects made it: an effect that came and
/// went, or a write that an effect covered, must be no change wherever spans ended between.
fn is_same(state: &State, kind: Kind, old: Option<OldValue<'_>>, slot: u64) -> bool {
    match (kind, old) {
        (Kind::F32 | Kind::F64, Some(OldValue::Number(old))) => old == slot,
        (Kind::Steps(step), Some(OldValue::Number(old))) => {
            old == slot || put::quantum(old, step).is_some_and(|was| put::quantum(slot, step) == Some(was))
        }
        (Kind::Bool | Kind::Int(_), Some(OldValue::Number(old))) => old == slot,
        (Kind::Text | Kind::Uuid, Some(OldValue::Text(old))) => *state.str(slot) == **old,
        (Kind::Null(_) | Kind::Boxed(_), Some(OldValue::Null)) => slot == 0,
        _ => false,
    }
}

/// The difference of two numbers, if it is shorter than the new one.
fn difference(kind: Kind, old: Option<OldValue<'_>>, slot: u64, options: EncoderOptions) -> Option<Difference> {
    let Some(OldValue::Number(old)) = old.filter(|_| options.float_deltas) else { return None };
    match kind {
        Kind::F32 | Kind::F64 => {
            let (bits, width) = (xor(kind, old, slot), if kind == Kind::F32 { 4 } else { 8 });
            (1 + put::xor_bytes(bits) < width).then_some(Difference::Xor(bits))
        }
        Kind::Steps(step) => {
            let (was, is) = (put::quantum(old, step)?, put::quantum(slot, step)?);
            let steps = is.checked_sub(was)?;
            (varint::length(varint::zigzag(steps)) < varint::length(1 + varint::zigzag(is)))
                .then_some(Difference::Steps(steps))
        }
        _ => None,
    }
}
