//! Whole values as bytes: the part that everybody sees, or all that one viewer sees.
//!
//! Data nests at most [`NESTING`](crate::state::NESTING) levels, so may the recursion here.

use statewright_types::StructId;

use super::rows;
use super::sight::{Past, Place, Scope, Scopes, Sight};
use super::tables::{Access, Cell, How, Keys, Kind, KindId, Shape, Tables};
use crate::state::{MapKey, State};
use crate::wire::{put, varint};

/// Writes values of one state for clients of one shape.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    pub(super) tables: &'a Tables,
    pub(super) shape: &'a Shape,
    pub(super) state: &'a State,
}

impl<'a> Whole<'a> {
    /// A value, without its private fields.
    pub(super) fn public(self, out: &mut Vec<u8>, kind: KindId, slot: u64) {
        let state = self.state;
        match self.tables.kind(kind) {
            Kind::Struct(ty) => {
                let Some(shape) = self.shape.ty(ty) else { return };
                out.extend_from_slice(&shape.absent);
                self.public_fields(out, ty, slot);
            }
            Kind::List(element) => {
                let elements = state.list_slots(slot);
                varint::put(out, elements.len() as u64);
                match self.tables.kind(element) {
                    Kind::Struct(ty) => self.public_structs(out, ty, elements),
                    kind => elements.iter().for_each(|slot| self.scalar_or(out, kind, element, *slot)),
                }
            }
            Kind::Map(keys, value) => self.entries(out, keys, value, slot),
            Kind::Null(inner) => {
                out.push(u8::from(slot != 0));
                if slot != 0 {
                    self.public(out, inner, slot);
                }
            }
            scalar => self.scalar(out, scalar, slot),
        }
    }

    fn scalar_or(self, out: &mut Vec<u8>, kind: Kind, id: KindId, slot: u64) {
        match kind {
            Kind::Struct(_) | Kind::List(_) | Kind::Map(..) | Kind::Null(_) => self.public(out, id, slot),
            scalar => self.scalar(out, scalar, slot),
        }
    }

    /// Elements of a list of structs, in one run: what is absent is absent in all of them.
    pub(super) fn public_structs(self, out: &mut Vec<u8>, ty: StructId, elements: &[u64]) {
        let Some(shape) = self.shape.ty(ty).filter(|_| !elements.is_empty()) else { return };
        varint::put(out, elements.len() as u64);
        out.extend_from_slice(&shape.absent);
        let Some(rows) = self.state.rows(ty) else { return };
        if rows::are_plain(&shape.cells) {
            return rows::put(self, out, &shape.cells, rows, elements);
        }
        for start in elements.iter().filter_map(|element| rows.start(*element)) {
            shape.cells.iter().for_each(|cell| self.cell(out, *cell, rows.at(start, cell.place)));
        }
    }

    pub(super) fn public_fields(self, out: &mut Vec<u8>, ty: StructId, record: u64) {
        let (Some(shape), Some(rows)) = (self.shape.ty(ty), self.state.rows(ty)) else { return };
        let Some(start) = rows.start(record) else { return };
        shape.cells.iter().for_each(|cell| self.cell(out, *cell, rows.at(start, cell.place)));
    }

    /// What is in a field.
    #[inline(always)]
    pub(super) fn cell(self, out: &mut Vec<u8>, cell: Cell, slot: u64) {
        match cell.how {
            How::Byte => out.push(slot as u8),
            How::Signed => varint::put_signed(out, slot as i64),
            How::Unsigned => varint::put(out, slot),
            How::F32 => put::f32(out, slot),
            How::F64 => put::f64(out, slot),
            How::Text => varint::put_bytes(out, self.state.str(slot).as_bytes()),
            How::Ints(kind) => {
                let elements = self.state.list_slots(slot);
                varint::put(out, elements.len() as u64);
                elements.iter().for_each(|slot| put::int(out, kind, *slot));
            }
            How::Other => self.public(out, cell.kind, slot),
        }
    }

    /// A number, a text or bytes.
    #[inline]
    pub(super) fn scalar(self, out: &mut Vec<u8>, kind: Kind, slot: u64) {
        match kind {
            Kind::Bool => out.push(u8::from(slot != 0)),
            Kind::Int(kind) => put::int(out, kind, slot),
            Kind::F32 => put::f32(out, slot),
            Kind::F64 => put::f64(out, slot),
            Kind::Steps(step) => put::quantised(out, slot, step),
            Kind::Text => varint::put_bytes(out, self.state.str(slot).as_bytes()),
            Kind::Uuid => put::uuid(out, self.state.str(slot)),
            Kind::Bytes => varint::put_bytes(out, self.state.get_bytes(slot)),
            Kind::Boxed(inner) => {
                out.push(u8::from(slot != 0));
                if slot != 0 {
                    self.scalar(out, self.tables.kind(inner), self.state.boxed(slot));
                }
            }
            // Not scalars.
            Kind::Struct(_) | Kind::List(_) | Kind::Map(..) | Kind::Null(_) => {}
        }
    }

    /// A map, without private fields.
    pub(super) fn entries(self, out: &mut Vec<u8>, keys: Keys, value: KindId, map: u64) {
        let (names, values) = (self.state.map_keys(map), self.state.list_slots(map));
        varint::put(out, names.len() as u64);
        for (key, slot) in names.iter().zip(values) {
            self.key(out, keys, *key);
            self.public(out, value, *slot);
        }
    }

    /// A map's key as change sets have it.
    pub(super) fn map_key(self, out: &mut Vec<u8>, keys: Keys, key: &MapKey) {
        match (key, keys) {
            (MapKey::Text(text), _) => varint::put_bytes(out, text.as_bytes()),
            (MapKey::Int(number), Keys::Int(kind)) => put::int(out, kind, *number),
            (MapKey::Int(number), Keys::Text) => varint::put(out, *number),
        }
    }

    /// A map's key.
    pub(super) fn key(self, out: &mut Vec<u8>, keys: Keys, slot: u64) {
        match keys {
            Keys::Text => varint::put_bytes(out, self.state.str(slot).as_bytes()),
            Keys::Int(kind) => put::int(out, kind, slot),
        }
    }

    /// A value as one viewer sees it.
    pub(super) fn seen(
        self,
        out: &mut Vec<u8>,
        kind: KindId,
        slot: u64,
        sight: &Sight,
        (place, scope): (Place<'a>, Scope<'a>),
    ) {
        if !self.tables.kind_holds_private(kind) {
            return self.public(out, kind, slot);
        }
        let state = self.state;
        match self.tables.kind(kind) {
            Kind::Struct(ty) => self.seen_struct(out, ty, slot, sight, (place, scope)),
            Kind::List(element) => {
                let elements = state.list_slots(slot);
                varint::put(out, elements.len() as u64);
                let place = Place { held: true, ..place };
                match self.tables.kind(element) {
                    Kind::Struct(ty) => self.seen_structs(out, ty, elements, sight, (place, scope)),
                    _ => elements.iter().for_each(|slot| self.seen(out, element, *slot, sight, (place, scope))),
                }
            }
            Kind::Map(keys, value) => {
                let (names, values) = (state.map_keys(slot), state.list_slots(slot));
                varint::put(out, names.len() as u64);
                for (key, slot) in names.iter().zip(values) {
                    self.key(out, keys, *key);
                    let entry = (keys == Keys::Text).then(|| state.str(*key));
                    self.seen(out, value, *slot, sight, (Place { held: true, entry, ..place }, scope));
                }
            }
            Kind::Null(inner) => {
                out.push(u8::from(slot != 0));
                if slot != 0 {
                    self.seen(out, inner, slot, sight, (place, scope));
                }
            }
            scalar => self.scalar(out, scalar, slot),
        }
    }

    fn scopes(self) -> Scopes<'a> {
        Scopes { tables: self.tables, state: self.state }
    }

    /// A root as one viewer sees it.
    pub(super) fn seen_root(
        self,
        out: &mut Vec<u8>,
        ty: StructId,
        root: u64,
        sight: &Sight,
        around: (Place<'a>, Scope<'a>),
    ) {
        match (self.tables.types.get(ty.index()), self.shape.ty(ty)) {
            (Some(table), Some(shape)) if !table.holds_private => {
                out.extend_from_slice(&shape.absent);
                self.public_fields(out, ty, root);
            }
            _ => self.seen_struct(out, ty, root, sight, around),
        }
    }

    /// A struct as one viewer sees it.
    pub(super) fn seen_struct(
        self,
        out: &mut Vec<u8>,
        ty: StructId,
        record: u64,
        sight: &Sight,
        (place, outer): (Place<'a>, Scope<'a>),
    ) {
        let scope = self.scopes().of((ty, record), Past::default(), place, outer);
        self.put_absent(out, ty, &self.visible(ty, record, sight, scope));
        self.seen_fields(out, ty, record, sight, scope);
    }

    /// Elements of a list of structs, in runs of which the same is absent.
    fn seen_structs(
        self,
        out: &mut Vec<u8>,
        ty: StructId,
        elements: &[u64],
        sight: &Sight,
        (place, outer): (Place<'a>, Scope<'a>),
    ) {
        let scope = |record| self.scopes().of((ty, record), Past::default(), place, outer);
        let mut rest = elements;
        while let Some(first) = rest.first() {
            let absent = self.visible(ty, *first, sight, scope(*first));
            let alike = rest.iter().take_while(|each| self.visible(ty, **each, sight, scope(**each)) == absent);
            let (run, others) = rest.split_at(alike.count().clamp(1, rest.len()));
            varint::put(out, run.len() as u64);
            self.put_absent(out, ty, &absent);
            for element in run {
                self.seen_fields(out, ty, *element, sight, scope(*element));
            }
            rest = others;
        }
    }

    /// Of each field of the client, whether it is there.
    fn visible(self, ty: StructId, record: u64, sight: &Sight, scope: Scope<'a>) -> Vec<bool> {
        let fields = self.shape.profile.fields(ty).iter();
        fields.map(|field| field.position.is_some_and(|at| self.sees(ty, record, at, sight, scope))).collect()
    }

    fn sees(self, ty: StructId, record: u64, position: u32, sight: &Sight, scope: Scope<'a>) -> bool {
        match self.tables.field(ty, position).map(|field| &field.access) {
            Some(Access::Public) => true,
            Some(Access::Private(audience)) => audience.iter().any(|each| sight.is_in(each, scope, ty, record)),
            Some(Access::Never) | None => false,
        }
    }

    fn put_absent(self, out: &mut Vec<u8>, ty: StructId, visible: &[bool]) {
        debug_assert_eq!(visible.len(), self.shape.profile.fields(ty).len());
        varint::put_bits(out, visible.iter().enumerate().filter(|(_, visible)| !**visible).map(|(at, _)| at));
    }

    fn seen_fields(self, out: &mut Vec<u8>, ty: StructId, record: u64, sight: &Sight, scope: Scope<'a>) {
        let Some(row) = self.state.row(ty, record) else { return };
        for position in self.shape.profile.fields(ty).iter().filter_map(|field| field.position) {
            let Some(field) = self.tables.field(ty, position) else { continue };
            if self.sees(ty, record, position, sight, scope) {
                let place = Place { key: field.key, held: false, entry: None };
                self.seen(out, field.kind, row.get(position), sight, (place, scope));
            }
        }
    }
}
