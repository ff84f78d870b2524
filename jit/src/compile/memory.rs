//! Fields of records and elements of lists, where they are.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, BlockArg, InstBuilder, types};
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst, Op, Value};
use statewright_runtime::state::{FieldPlace, TableView, row_words};
use statewright_types::layout::Repr;
use statewright_types::{StructId, TrapCode, Type, planted};

use super::body::{Body, trusted};
use super::loops::ListKey;
use super::machine_type;
use crate::calls::Helper;
use crate::memory::Effort;
use crate::run::{ListView, Run};

impl<M: Module> Body<'_, '_, '_, M> {
    /// Looks up, before a loop, what it reads.
    pub fn look_around(&mut self, around: usize) {
        let (types, lists) = (self.flow.loops[around].types.clone(), self.flow.loops[around].lists.clone());
        for list in lists {
            let mut site = self.site();
            let (helper, of) = match list {
                ListKey::Value(list) => (Helper::ListView, list),
                ListKey::Field(record, id, field) => {
                    (site.id, site.field) = (id, field);
                    (Helper::FieldListView, record)
                }
            };
            let of = self.slot(of);
            self.call(helper, site, &[of]);
            let Some(variables) = self.lists.get(&(around, list)).copied() else { continue };
            let offsets = [
                offset_of!(ListView, slots),
                offset_of!(ListView, length),
                offset_of!(ListView, version),
                offset_of!(ListView, rows),
            ];
            for (variable, offset) in variables.into_iter().zip(offsets) {
                let offset = (offset_of!(Run, list) + offset) as i32;
                let value = self.b.ins().load(types::I64, trusted(), self.run, offset);
                self.b.def_var(variable, value);
            }
        }
        for ty in types {
            let Some(variables) = self.tables.get(&(around, ty)).copied() else { continue };
            let view = self.view(ty);
            for (variable, value) in variables.into_iter().zip(view) {
                self.b.def_var(variable, value);
            }
        }
        self.begin_lanes(self.flow.loops[around].header);
        let Some(counted) = self.flow.loops[around].counted else { return };
        let passes = self.get(counted.passes);
        self.count_jumps(passes);
        if let (Some((list, _)), Some(cursor)) = (counted.rows, self.cursors.get(&around).copied()) {
            let key = self.flow.list(self.flow.loops[around].header, list);
            let first = match key.and_then(|key| self.lists.get(&key).copied()) {
                Some([.., rows]) => self.b.use_var(rows),
                None => self.int(0),
            };
            self.b.def_var(cursor, first);
        }
    }

    /// At the beginning of a pass over a dense list: its row, and from here on the next one.
    pub fn begin_pass(&mut self) {
        let Some((around, id)) = self.flow.begins(self.at) else { return };
        let Some(cursor) = self.cursors.get(&around).copied() else { return };
        let row = self.b.use_var(cursor);
        let stride = 8 * row_words(self.unit.source.schema.layout(id)) as i64;
        let next = self.b.ins().iadd_imm_s(row, stride);
        self.b.def_var(cursor, next);
        self.rows.insert(around, row);
    }

    /// Rows, generations and count of a type, as they are now.
    pub fn view(&mut self, ty: StructId) -> [clif::Value; 3] {
        let [rows, generations, count, _] = self.view_with_heads(ty);
        [rows, generations, count]
    }

    /// The same with the heads. What is not used is not loaded in the end.
    pub fn view_with_heads(&mut self, ty: StructId) -> [clif::Value; 4] {
        let number = self.unit.sites.table(ty);
        let read = &mut self.unit.sites.functions[self.index].types;
        if !read.contains(&number) {
            read.push(number);
        }
        let views = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, views) as i32);
        let offsets = [
            offset_of!(TableView, rows),
            offset_of!(TableView, generations),
            offset_of!(TableView, count),
            offset_of!(TableView, heads),
        ];
        offsets.map(|offset| {
            let offset = (number as usize * size_of::<TableView>() + offset) as i32;
            self.b.ins().load(types::I64, trusted(), views, offset)
        })
    }

    /// `load`; `is_known` if the record is there for certain.
    pub fn load(&mut self, record: Value, id: StructId, field: u32, is_known: bool) -> Option<clif::Value> {
        let layout = self.unit.source.schema.layout(id);
        let place = *layout.fields.get(field as usize)?;
        let stride = 8 * row_words(layout) as i64;
        if let Some(row) = self.flow.row(self.at, record).and_then(|around| self.rows.get(&around).copied()) {
            return Some(self.read(row, place.offset as i32, place.repr));
        }
        if let Some(row) = self.known_row(record, id) {
            return Some(self.read(row, place.offset as i32, place.repr));
        }
        let source = record;
        let record = self.get(record);
        let around = self.flow.outermost(self.at);
        let known = around.and_then(|around| self.tables.get(&(around, id)).copied());
        let [rows, generations, count] = match known {
            Some(variables) => variables.map(|variable| self.b.use_var(variable)),
            None => self.view_once(id),
        };
        let low = self.b.ins().ireduce(types::I32, record);
        let row = self.b.ins().uextend(types::I64, low);
        if !is_known {
            let beyond = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, row, count);
            self.stop_if(beyond, TrapCode::StaleReference);
            let stale = self.staleness(record, row, generations);
            self.stop_if(stale, TrapCode::StaleReference);
        }
        let offset = self.b.ins().imul_imm_s(row, stride);
        let address = self.b.ins().iadd(rows, offset);
        self.keep_row(source, id, address);
        Some(self.read(address, place.offset as i32, place.repr))
    }

    /// 0 if a record is there: its generation is odd, and the row's.
    pub fn staleness(&mut self, record: clif::Value, row: clif::Value, generations: clif::Value) -> clif::Value {
        let offset = self.b.ins().ishl_imm_u(row, 2);
        let address = self.b.ins().iadd(generations, offset);
        let now = self.b.ins().uload32(trusted(), address, 0);
        let then = self.b.ins().ushr_imm_u(record, 32);
        let other = self.b.ins().bxor(now, then);
        let odd = self.b.ins().band_imm_s(then, 1);
        let even = self.b.ins().bxor_imm_s(odd, 1);
        if planted::is(72) { even } else { self.b.ins().bor(other, even) }
    }

    /// A field, loaded.
    pub fn read(&mut self, address: clif::Value, offset: i32, repr: Repr) -> clif::Value {
        let flags = trusted();
        match repr {
            Repr::Bool => self.b.ins().load(types::I8, flags, address, offset),
            Repr::I8 => self.b.ins().sload8(types::I64, flags, address, offset),
            Repr::I16 => self.b.ins().sload16(types::I64, flags, address, offset),
            Repr::I32 => self.b.ins().sload32(flags, address, offset),
            Repr::U8 if planted::is(73) => self.b.ins().sload8(types::I64, flags, address, offset),
            Repr::U8 => self.b.ins().uload8(types::I64, flags, address, offset),
            Repr::U16 => self.b.ins().uload16(types::I64, flags, address, offset),
            Repr::U32 | Repr::Handle => self.b.ins().uload32(flags, address, offset),
            Repr::I64 | Repr::U64 | Repr::Reference => self.b.ins().load(types::I64, flags, address, offset),
            // The one NaN that is stored becomes the one NaN.
            Repr::F32 => {
                let narrow = self.b.ins().load(types::F32, flags, address, offset);
                self.b.ins().fpromote(types::F64, narrow)
            }
            Repr::F64 => self.b.ins().load(types::F64, flags, address, offset),
        }
    }

    /// `list.find_key`, which mostly somebody asks for the element of.
    pub fn find_key(&mut self, inst: &Inst) {
        let found = match (inst.result, self.key_place(&inst.imm)) {
            (Some(index), Some(place)) if self.effort != Effort::Little && self.wanted_alone.contains(&index) => {
                self.find_number(inst, place)
            }
            _ => {
                self.helper(Helper::ListFindKey, inst);
                self.found_element()
            }
        };
        self.found = inst.result.zip(inst.args.first().copied()).map(|(index, list)| (list, index, found));
    }

    /// The element that the helper found.
    fn found_element(&mut self) -> clif::Value {
        self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, found) as i32)
    }

    /// A field that lists are searched by, if it is a number.
    fn key_place(&self, imm: &Imm) -> Option<FieldPlace> {
        let Imm::Field(id, field) = *imm else { return None };
        FieldPlace::new(id, field, self.unit.source.schema.layout(id)).filter(|place| place.is_number)
    }

    /// The element, where nobody asks for its index: 0 if it is there. What the index of the list cannot tell, the helper finds out.
    fn find_number(&mut self, inst: &Inst, place: FieldPlace) -> clif::Value {
        let number = self.unit.sites.key(place);
        let number = self.int(i64::from(number));
        let (list, key) = (self.slot(inst.args[0]), self.slot(inst.args[1]));
        let function = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, find_number) as i32);
        let args = [self.run, number, list, key];
        let signature = self.signature(args.len());
        let call = self.b.ins().call_indirect(signature, function, &args);
        let known = self.b.inst_results(call)[0];
        let [search, next] = [0; 2].map(|_| self.b.create_block());
        let [index, element] = [0; 2].map(|_| self.b.append_block_param(next, types::I64));
        self.b.set_cold_block(search);
        let zero = self.int(0);
        self.b.ins().brif(known, next, &[BlockArg::Value(zero), BlockArg::Value(known)], search, &[]);
        self.b.switch_to_block(search);
        let site = self.site_of(inst);
        self.call(Helper::ListFindKey, site, &[list, key]);
        let at = self.result(&Type::INT);
        let found = self.found_element();
        self.b.ins().jump(next, &[BlockArg::Value(at), BlockArg::Value(found)]);
        self.b.switch_to_block(next);
        self.set(inst.result, index);
        element
    }

    /// `list.len`, `list.get`, `list.at` and `list.version`: of a list that a loop does not change, without a call.
    pub fn list(&mut self, inst: &Inst) {
        let list = inst.args[0];
        if let (Op::ListAt, Some((of, index, element))) = (inst.op, self.found)
            && inst.args[..] == [of, index]
        {
            return self.set(inst.result, element);
        }
        let known = self.flow.list(self.at, list).and_then(|key| self.lists.get(&key).copied());
        let Some([slots, length, version, _]) = known else {
            let helper = match inst.op {
                Op::ListLen => Helper::ListLen,
                Op::ListVersion => Helper::ListVersion,
                _ => Helper::ListGet,
            };
            let operands: Vec<clif::Value> = inst.args.iter().map(|arg| self.slot(*arg)).collect();
            let site = self.site();
            self.call(helper, site, &operands);
            return self.take_result(inst.result);
        };
        let result = match inst.op {
            Op::ListLen => self.b.use_var(length),
            Op::ListVersion => self.b.use_var(version),
            op => {
                let index = self.get(inst.args[1]);
                if op == Op::ListGet {
                    let length = self.b.use_var(length);
                    let beyond = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
                    self.stop_if(beyond, TrapCode::IndexOutOfRange);
                }
                let slots = self.b.use_var(slots);
                let offset = self.b.ins().ishl_imm_u(index, 3);
                let address = self.b.ins().iadd(slots, offset);
                let ty = inst.result.map_or(&Type::INT, |result| self.function.ty(result));
                self.load_slot(ty, address, 0)
            }
        };
        debug_assert!(
            inst.result.is_none_or(|to| machine_type(self.function.ty(to)) == self.b.func.dfg.value_type(result))
        );
        self.set(inst.result, result);
    }
}
