//! The fast encoder: from the changes of a window to the bytes of every viewer.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use statewright_types::{Schema, StructId};

use super::arranging::Plan;
use super::build::Builder;
use super::columns::Column;
use super::direct::Hop;
use super::emit::Emitter;
use super::finding::Told;
use super::onlookers::Onlookers;
use super::patches::{Concerns, PatchBuffer, Patches};
use super::sight::{Place as Around, Scope, Sight};
use super::tables::{Shape, Tables};
use super::tree::Tree;
use super::viewers::{Action, Item, Judge};
use super::whole::Whole;
use crate::state::{Changes, FixedHasher, State};
use crate::wire::stream::{Place, Step};
use crate::wire::{Profile, varint};

/// How an encoder writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncoderOptions {
    /// Whether floats travel as differences where that is shorter. They are lossless.
    pub float_deltas: bool,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        EncoderOptions { float_deltas: true }
    }
}

/// Encodes for viewers of one session.
#[derive(Debug)]
pub struct Encoder {
    schema: Arc<Schema>,
    pub(super) tables: Tables,
    pub(super) shapes: Vec<Shape>,
    options: EncoderOptions,
    pub(super) tree: Tree,
    trail: Vec<(Step, Place)>,
    plan: Plan,
    columns: Vec<Column>,
    bits: Vec<u64>,
    /// The way to what a window is about, from its end.
    pub(super) way: Vec<Hop>,
    /// Where in their list the records of a window are.
    pub(super) standing: Vec<u32>,
    by_id: Vec<(u64, u32)>,
    items: Vec<Item>,
    /// The shape of all viewers; or, if there are several, of each.
    pub(super) shape: u32,
    pub(super) shape_of: Vec<u32>,
    /// Of each shape: the index of its public body, and how to get home from where that ends.
    ends: Vec<(Option<u32>, Option<u64>)>,
    /// Viewers by the hash of what they are told: the first of them.
    groups: HashMap<u64, u32, BuildHasherDefault<FixedHasher>>,
    /// For [`Encoder::concerns`].
    buffer: PatchBuffer,
}

/// Profiles of clients that may have gone are forgotten when there are more.
const SHAPES: usize = 64;

impl Encoder {
    /// For states of that schema and main root.
    pub fn new(schema: Arc<Schema>, main_root: StructId) -> Encoder {
        let tables = Tables::new(&schema, main_root);
        Encoder {
            schema,
            tables,
            shapes: Vec::new(),
            options: EncoderOptions::default(),
            tree: Tree::default(),
            trail: Vec::new(),
            plan: Plan::default(),
            columns: Vec::new(),
            bits: Vec::new(),
            way: Vec::new(),
            standing: Vec::new(),
            by_id: Vec::new(),
            items: Vec::new(),
            shape: 0,
            shape_of: Vec::new(),
            ends: Vec::new(),
            groups: HashMap::default(),
            buffer: PatchBuffer::default(),
        }
    }

    /// Writes in another way from now on.
    #[must_use]
    pub fn with_options(mut self, options: EncoderOptions) -> Encoder {
        self.options = options;
        self
    }

    /// The number of a profile's shape.
    #[inline]
    fn shape_for(&mut self, profile: &Arc<Profile>) -> u32 {
        let same = |shape: &Shape| Arc::ptr_eq(&shape.profile, profile);
        self.shapes.iter().position(same).map_or_else(|| self.learn_shape(profile), |at| at as u32)
    }

    #[cold]
    fn learn_shape(&mut self, profile: &Arc<Profile>) -> u32 {
        let known = self.shapes.iter().position(|shape| shape.profile == *profile);
        let at = known.unwrap_or_else(|| {
            self.shapes.push(Shape::new(&self.tables, &self.schema, profile));
            self.shapes.len() - 1
        });
        at as u32
    }

    /// The body of `State`: all that a viewer sees.
    pub fn full(&mut self, state: &State, sight: &Sight) -> Vec<u8> {
        let mut out = Vec::new();
        self.full_into(state, sight, &mut out);
        out
    }

    /// The same, appended to `out`.
    pub fn full_into(&mut self, state: &State, sight: &Sight, out: &mut Vec<u8>) {
        if self.shapes.len() > SHAPES {
            self.shapes.clear();
        }
        let shape = self.shape_for(&sight.profile);
        let Some(shape) = self.shapes.get(shape as usize) else { return };
        let whole = Whole { tables: &self.tables, shape, state };
        let around = (Around::default(), Scope::default());
        let root = state.root(self.tables.main_root).unwrap_or(0);
        whole.seen_root(out, self.tables.main_root, root, sight, around);
        let there = || shape.roots.iter().filter_map(|ty| Some((*ty, state.root(*ty).ok()?)));
        varint::put(out, there().count() as u64);
        for (ty, root) in there() {
            varint::put(out, self.tables.types.get(ty.index()).map_or(0, |table| u64::from(table.id)));
            whole.seen_root(out, ty, root, sight, around);
        }
    }

    /// One window, for all viewers that stand at its beginning. `before` and `now` differ where a viewer's own team, grants
    /// or seen records do. `state` is as it is at the end of the window.
    pub fn patch<'v>(&mut self, state: &State, changes: &Changes, viewers: impl Into<Onlookers<'v>>) -> Patches {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.patch_into(state, changes, viewers, &mut buffer);
        let patches = buffer.to_patches();
        self.buffer = buffer;
        patches
    }

    /// Whom a span concerns: who would be sent anything.
    pub fn concerns<'v>(&mut self, state: &State, changes: &Changes, viewers: impl Into<Onlookers<'v>>) -> Concerns {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.patch_into(state, changes, viewers, &mut buffer);
        let concerned =
            (0..).zip(buffer.iter()).filter(|(_, of)| !of.is_empty()).map(|(at, _)| at).collect::<Vec<u32>>();
        let all = !concerned.is_empty() && concerned.len() == buffer.iter().count();
        let concerns = if all { Concerns::Everybody } else { Concerns::Some(concerned) };
        self.buffer = buffer;
        concerns
    }

    /// As [`Encoder::patch`], into memory that is used again: in its stride it allocates nothing.
    pub fn patch_into<'v>(
        &mut self,
        state: &State,
        changes: &Changes,
        viewers: impl Into<Onlookers<'v>>,
        patches: &mut PatchBuffer,
    ) {
        self.encode(state, changes, viewers.into(), patches);
    }

    fn encode(&mut self, state: &State, changes: &Changes, viewers: Onlookers<'_>, patches: &mut PatchBuffer) {
        patches.clear(viewers.len());
        if self.shapes.len() > SHAPES {
            self.shapes.clear();
        }
        if let Onlookers::Still(_, profile) = viewers {
            self.shape_of.clear();
            self.shape = self.shape_for(profile);
            if self.lone_value(state, changes, patches).is_some() {
                return;
            }
        }
        let changes = changes.with_added(state);
        let changes = &*changes;
        let everywhere = viewers.any_changed();
        if !everywhere && changes.is_empty() {
            return;
        }
        self.learn_shapes(viewers);
        let told = if everywhere { None } else { self.find_way(state, changes) };
        match told {
            Some(Told::Record) => {
                return self.public_bodies(state, changes, patches, |emitter, way, _| {
                    changes.records.iter().for_each(|change| emitter.lone(change, way));
                });
            }
            Some(Told::Elements { is_run }) => {
                return self.public_bodies(state, changes, patches, |emitter, way, places| {
                    emitter.elements_of(&changes.records, places, is_run, way);
                });
            }
            None => {}
        }
        Builder::new(&mut self.tree, &self.tables, state, changes).build(everywhere);
        self.public_bodies(state, changes, patches, |emitter, _, _| emitter.public());
        if !self.tree.order.is_empty() {
            self.private_bodies(state, changes, viewers, patches);
        }
    }

    /// Looks which shape each viewer has.
    fn learn_shapes(&mut self, viewers: Onlookers<'_>) {
        self.shape_of.clear();
        // The shape of those who are still is known.
        let Onlookers::Each(all) = viewers else { return };
        let mut last: Option<(*const Profile, u32)> = None;
        for (at, viewer) in all.iter().enumerate() {
            let profile = &viewer.now.profile;
            let shape = match last {
                Some((known, shape)) if known == Arc::as_ptr(profile) => shape,
                _ => self.shape_for(profile),
            };
            last = Some((Arc::as_ptr(profile), shape));
            if at == 0 {
                self.shape = shape;
            } else if shape != self.shape && self.shape_of.is_empty() {
                self.shape_of.resize(at, self.shape);
            }
            if !self.shape_of.is_empty() {
                self.shape_of.push(shape);
            }
        }
    }

    /// The shape of one of the viewers.
    fn shape_of(&self, viewer: u32) -> u32 {
        self.shape_of.get(viewer as usize).copied().unwrap_or(self.shape)
    }

    fn public_bodies(
        &mut self,
        state: &State,
        changes: &Changes,
        patches: &mut PatchBuffer,
        run: impl Fn(&mut Emitter<'_>, &[Hop], &[u32]),
    ) {
        self.ends.clear();
        // Of most windows the only one: what was just noted takes long to be read.
        let mut common = None;
        for (number, shape) in (0..).zip(&self.shapes) {
            if self.shape != number && !self.shape_of.contains(&number) {
                self.ends.push((None, None));
                continue;
            }
            let whole = Whole { tables: &self.tables, shape, state };
            let mut emitter = Emitter {
                whole,
                changes,
                tree: &self.tree,
                stream: &mut patches.stream,
                trail: &mut self.trail,
                plan: &mut self.plan,
                columns: &mut self.columns,
                bits: &mut self.bits,
                options: self.options,
                is_there: false,
            };
            run(&mut emitter, &self.way, &self.standing);
            let (end, body) = (patches.stream.way_home(), patches.stream.body());
            let told = !body.is_empty();
            let (body, end) = if told { (Some(patches.add_public(body)), end) } else { (None, None) };
            if number == self.shape {
                common = body;
            }
            self.ends.push((body, end));
        }
        patches.give_all(common);
        if !self.shape_of.is_empty() {
            let public = |shape: &u32| self.ends.get(*shape as usize).and_then(|end| end.0);
            patches.give_each(self.shape_of.iter().map(public));
        }
    }

    fn private_bodies(&mut self, state: &State, changes: &Changes, viewers: Onlookers<'_>, patches: &mut PatchBuffer) {
        let mut items = std::mem::take(&mut self.items);
        items.clear();
        let (tables, tree, by_id) = (&self.tables, &self.tree, &mut self.by_id);
        Judge { tables, state, changes, tree, viewers, by_id }.judge(&mut items);
        self.groups.clear();
        let mut start = 0;
        while let Some(first) = items.get(start) {
            let viewer = first.viewer;
            let count = items.get(start..).unwrap_or_default().iter().take_while(|item| item.viewer == viewer).count();
            let own = items.get(start..start + count).unwrap_or_default();
            let shape = self.shape_of(viewer);
            let body = match self.known_group(shape, own, &items, start) {
                Some(other) => patches.of(other).private,
                None => self.private_body(shape, own, state, changes, patches),
            };
            if let Some(body) = body {
                patches.give_private(viewer, body);
            }
            start += count;
        }
        self.items = items;
    }

    /// A viewer that is told the same; else this one is noted as the first.
    fn known_group(&mut self, shape: u32, own: &[Item], items: &[Item], start: usize) -> Option<u32> {
        let mut hash = u64::from(shape);
        for item in own {
            let word = u64::from(item.place) << 2 | item.action as u64;
            hash = (hash.rotate_left(9) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        loop {
            let Some(known) = self.groups.get(&hash).copied() else {
                self.groups.insert(hash, start as u32);
                return None;
            };
            let theirs = items.get(known as usize..).unwrap_or_default();
            let viewer = theirs.first()?.viewer;
            let mut theirs = theirs.iter().take_while(|item| item.viewer == viewer);
            let told = |item: &Item| (item.place, item.action);
            let same = own.iter().all(|item| theirs.next().map(told) == Some(told(item))) && theirs.next().is_none();
            if same && self.shape_of(viewer) == shape {
                return Some(viewer);
            }
            hash = hash.wrapping_add(1);
        }
    }

    fn private_body(
        &mut self,
        shape: u32,
        items: &[Item],
        state: &State,
        changes: &Changes,
        patches: &mut PatchBuffer,
    ) -> Option<u32> {
        patches.stream.begin();
        self.trail.clear();
        let home = self.ends.get(shape as usize).and_then(|end| end.1);
        if let Some(tag) = home {
            varint::put(&mut patches.stream.bytes, tag);
        }
        let empty = patches.stream.bytes.len();
        let mut emitter = Emitter {
            whole: Whole { tables: &self.tables, shape: self.shapes.get(shape as usize)?, state },
            changes,
            tree: &self.tree,
            stream: &mut patches.stream,
            trail: &mut self.trail,
            plan: &mut self.plan,
            columns: &mut self.columns,
            bits: &mut self.bits,
            options: self.options,
            is_there: false,
        };
        for item in items {
            let Some(region) = emitter.tree.order.get(item.place as usize).copied() else { continue };
            match item.action {
                Action::Change => emitter.changed(region),
                Action::Show => emitter.shown(region),
                Action::Hide => emitter.hidden(region),
            }
        }
        if patches.stream.bytes.len() == empty {
            patches.stream.drop_body();
            return None;
        }
        let body = patches.stream.body();
        Some(patches.add_private(body))
    }
}
