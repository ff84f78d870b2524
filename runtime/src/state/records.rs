//! Structs, anonymous records, boxes.

use std::sync::Arc;

use statewright_types::schema::Initial;
use statewright_types::{RecordType, StructId, TrapCode, Type, planted};

use super::State;
use super::editing::note;
use super::heap::Shape;
use super::kinds::{FieldInfo, Kind};
use crate::memory::{BufferId, FieldPlace, LeafData, Leaves, Owner, Rows, Table, TableView, row_of};

impl State {
    /// References to all records of a type that belong to the state, those of roots that are not there included.
    pub fn records(&self, ty: StructId) -> Vec<u64> {
        self.tables.get(ty.index()).map(|table| table.attached().collect()).unwrap_or_default()
    }

    /// `load`: a field, loaded. Of a live struct, a list or map is the live one.
    ///
    /// # Errors
    /// `stale_reference`.
    #[inline]
    pub fn load(&self, record: u64, ty: StructId, field: u32) -> Result<u64, TrapCode> {
        let table = self.tables.get(ty.index());
        let loaded = table.and_then(|table| table.load(record, field));
        loaded.or(planted::is(44).then_some(0)).ok_or(TrapCode::StaleReference)
    }

    /// `load` of a field whose place is known: what executions do that decode or compile beforehand.
    ///
    /// # Errors
    /// `stale_reference`.
    #[inline(always)]
    pub fn load_at(&self, record: u64, place: FieldPlace) -> Result<u64, TrapCode> {
        match self.tables.get(place.ty.index()) {
            Some(table) => {
                table.load_at(record, place).or(planted::is(44).then_some(0)).ok_or(TrapCode::StaleReference)
            }
            None => Err(TrapCode::StaleReference),
        }
    }

    /// The same for a field that fills a word of the row ([`FieldPlace::whole_word`]).
    ///
    /// # Errors
    /// `stale_reference`.
    #[inline(always)]
    pub fn load_word(&self, record: u64, ty: StructId, word: u32) -> Result<u64, TrapCode> {
        match self.tables.get(ty.index()) {
            Some(table) => {
                table.load_word(record, word).or(planted::is(44).then_some(0)).ok_or(TrapCode::StaleReference)
            }
            None => Err(TrapCode::StaleReference),
        }
    }

    /// The rows of a type, for many loads in a row.
    #[inline]
    pub fn rows(&self, ty: StructId) -> Option<Rows<'_>> {
        self.tables.get(ty.index()).map(|table| table.rows())
    }

    /// Where the rows of a type are, for code that reads them. What writes them too looks with [`State::table_view_mut`].
    #[inline]
    pub fn table_view(&self, ty: StructId) -> TableView {
        self.tables.get(ty.index()).map_or(TableView::NONE, Table::view)
    }

    /// `store`: writes a field of a live struct. Copies; a nested struct, list or map is overwritten in place.
    ///
    /// # Errors
    /// `stale_reference` (of `record`, or anything in `value`), `bad_argument` if `record` is a value,
    /// `memory_limit` if the value is too large or nests too deep.
    #[inline]
    pub fn store(&mut self, record: u64, ty: StructId, field: u32, value: u64) -> Result<(), TrapCode> {
        // What effects write leaves no marks.
        if !self.overlay.writing
            && let Some(table) = self.tables.get_mut(ty.index())
            && let Some(overwritten) = table.overwrite(record, field, value, self.span)
        {
            note(&mut self.marks, &mut self.journal, (ty, record, field), overwritten);
            return Ok(());
        }
        self.store_any(record, ty, field, value)
    }

    /// The same of a field whose place is known, and that is a number or bool.
    ///
    /// # Errors
    /// As [`State::store`].
    #[inline(always)]
    pub fn store_number(&mut self, record: u64, place: FieldPlace, value: u64) -> Result<(), TrapCode> {
        if !self.overlay.writing
            && let Some(table) = self.tables.get_mut(place.ty.index())
            && let Some(overwritten) = table.overwrite_at(record, place, value, self.span)
        {
            note(&mut self.marks, &mut self.journal, (place.ty, record, place.field), overwritten);
            return Ok(());
        }
        self.store_any(record, place.ty, place.field, value)
    }

    /// The way of all writes that are not numbers over numbers.
    #[inline(never)]
    fn store_any(&mut self, record: u64, ty: StructId, field: u32, value: u64) -> Result<(), TrapCode> {
        let info = self.field_info(ty, field).ok_or(TrapCode::BadArgument)?;
        let row = self.live_row(record, ty)?;
        match self.tables.get(ty.index()).map(|table| table.owner(row)) {
            Some(Owner::Value) => Err(TrapCode::BadArgument),
            Some(Owner::Lifted) | None => Err(TrapCode::StaleReference),
            _ => self.store_at(ty, row, field, info, value),
        }
    }

    pub(super) fn store_at(
        &mut self,
        ty: StructId,
        row: u32,
        field: u32,
        info: FieldInfo,
        value: u64,
    ) -> Result<(), TrapCode> {
        let old = self.read_raw(ty, row, field);
        match info.kind {
            Kind::Bool | Kind::Int(_) | Kind::F32 | Kind::F64 => {
                let value = info.kind.normalise(value);
                if value != old {
                    self.replace_field(ty, row, field, info, old, value);
                }
                Ok(())
            }
            kind if kind.is_leaf() => {
                if !self.same_leaf(kind, old, value) {
                    self.replace_field(ty, row, field, info, old, value);
                }
                Ok(())
            }
            Kind::Struct(inner) => self.assign_record(inner, old, value),
            Kind::List(_) => self.list_assign(old, value),
            Kind::Map(..) => self.map_assign(old, value),
            nullable => {
                let Some(slot) = self.assign_nullable(nullable, old, value, Owner::Field { ty, row, field })? else {
                    return Ok(());
                };
                self.write_raw(ty, row, field, slot);
                let marked = self.mark_field(ty, row, field, info, old);
                self.journal.log_field(row, info.number, old, marked);
                Ok(())
            }
        }
    }

    /// Writes a number or leaf that differs from what is there.
    fn replace_field(&mut self, ty: StructId, row: u32, field: u32, info: FieldInfo, old: u64, value: u64) {
        if info.is_key {
            self.index_key_change(ty, row, field, old, value);
        }
        if info.kind.is_leaf() {
            self.heap.leaves.hold(value);
            self.heap.leaves.unhold(old);
        }
        if let Some(table) = self.tables.get_mut(ty.index()) {
            table.write(row, info.slot, value);
        }
        let marked = self.mark_field(ty, row, field, info, old);
        self.journal.log_field(row, info.number, old, marked);
    }

    /// Writes a nullable struct, list or map at a place: the new slot if the place must change, else what is there was
    /// overwritten.
    pub(super) fn assign_nullable(
        &mut self,
        kind: Kind,
        old: u64,
        value: u64,
        owner: Owner,
    ) -> Result<Option<u64>, TrapCode> {
        match (old, value) {
            (0, 0) => Ok(None),
            (0, _) => self.copy_to(kind, value, owner).map(Some),
            (_, 0) => {
                self.detach(kind, old);
                Ok(Some(0))
            }
            (_, _) => match kind {
                Kind::NullStruct(ty) => self.assign_record(ty, old, value).map(|()| None),
                Kind::NullList(_) => self.list_assign(old, value).map(|()| None),
                _ => self.map_assign(old, value).map(|()| None),
            },
        }
    }

    /// Overwrites the record `target` with the fields of `source`.
    pub(super) fn assign_record(&mut self, ty: StructId, target: u64, source: u64) -> Result<(), TrapCode> {
        let row = self.live_row(target, ty)?;
        let mut from = self.live_row(source, ty)?;
        if row == from {
            return Ok(());
        }
        let flat = self.structs.get(ty.index()).is_some_and(|info| info.flat);
        if !flat && self.struct_attached(source, ty)? {
            // The source may be a part of the target that goes away while the target is overwritten.
            from = row_of(self.copy_record(ty, source, Owner::Value, 0)?);
        }
        let count = self.structs.get(ty.index()).map_or(0, |info| info.fields.len() as u32);
        for field in 0..count {
            if let Some(info) = self.field_info(ty, field) {
                self.store_at(ty, row, field, info, self.read_raw(ty, from, field))?;
            }
        }
        Ok(())
    }

    /// `struct.new`: a value with schema defaults; `@auto(uuid)` fields are drawn, in declared order.
    pub fn struct_new(&mut self, ty: StructId) -> u64 {
        self.new_record(ty, true, 0)
    }

    /// A value with defaults or zeros; 0 for a type that does not exist or contains itself.
    pub(super) fn new_record(&mut self, ty: StructId, defaults: bool, depth: usize) -> u64 {
        let Ok((record, flat, count)) = self.blank_record(ty, depth) else { return 0 };
        let row = row_of(record);
        if defaults && let (Some(info), Some(table)) = (self.structs.get(ty.index()), self.tables.get_mut(ty.index())) {
            table.fill(row, &info.template);
        }
        for field in 0..if flat { 0 } else { count } {
            let slot = match self.field_info(ty, field).map(|info| info.kind) {
                Some(Kind::Struct(inner)) => self.new_record(inner, defaults, depth + 1),
                Some(Kind::List(element)) => self.new_container(Shape::List, element),
                Some(Kind::Map(key, value)) => self.new_container(Shape::Map(key), value),
                _ => continue,
            };
            self.write_raw(ty, row, field, slot);
        }
        let dynamic = self.structs.get(ty.index()).map_or(0, |info| if defaults { info.dynamic.len() } else { 0 });
        for at in 0..dynamic {
            let initial = self.structs.get(ty.index()).and_then(|info| info.dynamic.get(at)).cloned();
            let Some((field, initial)) = initial else { continue };
            self.init_dynamic(ty, record, field, &initial);
        }
        record
    }

    fn init_dynamic(&mut self, ty: StructId, record: u64, field: u32, initial: &Initial) {
        let schema = self.schema.clone();
        let Some((def, declared)) =
            schema.types().get(ty.index()).and_then(|def| Some((def, def.fields.get(field as usize)?)))
        else {
            return;
        };
        match initial {
            Initial::AutoUuid => {
                let uuid = self.drawing().uuid(&format!("uuid:{}.{}", def.name, declared.name));
                let uuid = self.string(&uuid);
                self.write_raw(ty, row_of(record), field, uuid);
            }
            Initial::Literal(value) => {
                if let Ok(slot) = self.import(&declared.ty, value) {
                    // A literal that does not fit was refused with the schema; then the zero stays.
                    let _fits = self.struct_init(record, ty, field, slot);
                }
            }
            // The value that holds now, which a handler may have set.
            Initial::Config(path) => {
                let value = self.settings.get(path).cloned();
                if let Some(Ok(slot)) = value.map(|value| self.import(&declared.ty, &value)) {
                    let _fits = self.struct_init(record, ty, field, slot);
                }
            }
            Initial::Zero => {}
        }
    }

    fn new_container(&mut self, shape: Shape, element: super::kinds::TypeId) -> u64 {
        self.heap.add(shape, element, BufferId::default(), BufferId::default())
    }

    /// `struct.init`: writes a field of a value under construction. Copies.
    ///
    /// # Errors
    /// `stale_reference`, `memory_limit` if the value nests too deep, `bad_argument` if `record` is live.
    pub fn struct_init(&mut self, record: u64, ty: StructId, field: u32, value: u64) -> Result<(), TrapCode> {
        let row = self.live_row(record, ty)?;
        let info = self.field_info(ty, field).ok_or(TrapCode::BadArgument)?;
        if self.struct_attached(record, ty)? {
            return Err(TrapCode::BadArgument);
        }
        let slot = self.copy_in(info.kind, value, Owner::Value, 1)?;
        self.write_raw(ty, row, field, slot);
        Ok(())
    }

    /// `struct.copy`: a deep copy, a value.
    ///
    /// # Errors
    /// `stale_reference`.
    pub fn struct_copy(&mut self, record: u64, ty: StructId) -> Result<u64, TrapCode> {
        self.copy_record(ty, record, Owner::Value, 0)
    }

    /// `struct.attached`: whether it is a live reference.
    ///
    /// # Errors
    /// `stale_reference`.
    pub fn struct_attached(&self, record: u64, ty: StructId) -> Result<bool, TrapCode> {
        let row = self.live_row(record, ty)?;
        Ok(self.tables.get(ty.index()).is_some_and(|table| table.owner(row) != Owner::Value))
    }

    /// `record.new`: an anonymous record from its fields in order.
    pub fn record_new(&mut self, ty: &Arc<RecordType>, fields: &[u64]) -> u64 {
        let element = self.types.id(&Type::Record(ty.clone()));
        let values = self.heap.buffers.add(fields);
        self.heap.add(Shape::Record, element, BufferId::default(), values)
    }

    /// `record.get`: the field at that position.
    pub fn record_get(&self, record: u64, index: u32) -> u64 {
        self.heap.slots(record).get(index as usize).unwrap_or(0)
    }

    /// `some`: a value as the given nullable type.
    pub fn some(&mut self, nullable: &Type, value: u64) -> u64 {
        match nullable.non_null() {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => {
                let inner = self.types.id(nullable.non_null());
                let value = self.types.kind(inner).normalise(value);
                self.heap.leaves.add(LeafData::Boxed(value))
            }
            Type::String | Type::Uuid if value == 0 => Leaves::EMPTY,
            Type::Bytes if value == 0 => self.bytes(&[]),
            inner @ (Type::List(_) | Type::Map(..) | Type::Record(_)) if value == 0 => self.zero(inner),
            _ => value,
        }
    }

    /// `nonnull`: what is inside, loaded.
    ///
    /// # Errors
    /// `null_reference`.
    pub fn unwrap(&self, nullable: &Type, value: u64) -> Result<u64, TrapCode> {
        if value == 0 {
            return Err(TrapCode::NullReference);
        }
        match nullable.non_null() {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => Ok(self.heap.leaves.boxed(value)),
            _ => Ok(value),
        }
    }

    /// Whether two leaves have the same content.
    pub(super) fn same_leaf(&self, kind: Kind, a: u64, b: u64) -> bool {
        let leaves = &self.heap.leaves;
        match kind {
            _ if a == b => true,
            Kind::Text => leaves.text(a) == leaves.text(b),
            Kind::Bytes => leaves.bytes(a) == leaves.bytes(b),
            _ if a == 0 || b == 0 => false,
            Kind::NullText => leaves.text(a) == leaves.text(b),
            Kind::NullBytes => leaves.bytes(a) == leaves.bytes(b),
            _ => leaves.boxed(a) == leaves.boxed(b),
        }
    }
}
