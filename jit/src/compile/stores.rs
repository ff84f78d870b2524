//! Numbers written over numbers, where they are: the steps of docs/architecture.md, "Where compiled code finds things". Whatever is
//! not so plain, a helper does from the beginning: until then nothing has been written.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, AbiParam, BlockArg, InstBuilder, MemFlagsData, Signature, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst};
use statewright_runtime::memory::CANONICAL_NAN;
use statewright_runtime::state::{FieldUndo, FilledView, MARKED, OldEntry, PlainField, TableView, Touched, WriteView, row_words};
use statewright_types::layout::{FieldSlot, Repr};
use statewright_types::{StructId, planted};

use super::body::{Body, trusted};
use crate::calls::Helper;
use crate::run::Run;
use crate::sites::Site;

/// Of a head: the change bits, the span that the record came in, its number among the touched.
const CHANGED: i32 = 0;
const SINCE: i32 = 8;
const MARK: i32 = 16;

/// Where [`Run`] has a part of the [`WriteView`].
const fn write(part: usize) -> i32 {
    (offset_of!(Run, work.write) + part) as i32
}

const UNDO: i32 = write(offset_of!(WriteView, undo));
const TOUCHED: i32 = write(offset_of!(WriteView, touched));
const OLDS: i32 = write(offset_of!(WriteView, olds));
const SPAN: i32 = write(offset_of!(WriteView, span));

/// A list of the [`WriteView`], as far as code has loaded it.
struct List {
    used_at: clif::Value,
    used: clif::Value,
    full: clif::Value,
}

fn load(b: &mut FunctionBuilder<'_>, from: clif::Value, offset: i32) -> clif::Value {
    b.ins().load(types::I64, trusted(), from, offset)
}

fn store(b: &mut FunctionBuilder<'_>, value: clif::Value, to: clif::Value, offset: i32) {
    b.ins().store(trusted(), value, to, offset);
}

fn list(b: &mut FunctionBuilder<'_>, run: clif::Value, list: i32) -> List {
    let used_at = load(b, run, list + offset_of!(FilledView, used) as i32);
    let capacity = load(b, run, list + offset_of!(FilledView, capacity) as i32);
    let used = load(b, used_at, 0);
    let full = b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, used, capacity);
    List { used_at, used, full }
}

/// The place of the next entry, which is counted from now on: its address and number.
fn append(b: &mut FunctionBuilder<'_>, run: clif::Value, at: i32, list: &List) -> (clif::Value, clif::Value) {
    let entries = load(b, run, at + offset_of!(FilledView, entries) as i32);
    let offset = b.ins().ishl_imm_u(list.used, 4);
    let entry = b.ins().iadd(entries, offset);
    let number = b.ins().iadd_imm_s(list.used, 1);
    store(b, number, list.used_at, 0);
    (entry, number)
}

const _: () = assert!(size_of::<FieldUndo>() == 16 && size_of::<Touched>() == 16 && size_of::<OldEntry>() == 16);

/// `fn(run, head, record, type, field, keeps, old) -> status`: marks a field whose bit is clear, or does nothing and gives 1.
pub(super) fn mark_signature(mut signature: Signature) -> Signature {
    signature.params.extend([AbiParam::new(types::I64); 7]);
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// What all stores of a module that mark a field have in common.
pub(super) fn mark(config: cranelift_codegen::isa::TargetFrontendConfig, mut b: FunctionBuilder<'_>) {
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let [run, head, record, ty, field, keeps, old] = std::array::from_fn(|at| b.block_params(entry)[at]);
    let (give_up, new, marked) = (b.create_block(), b.create_block(), b.create_block());
    let (keep, done) = (b.create_block(), b.create_block());
    let mark = b.append_block_param(marked, types::I64);
    b.set_cold_block(give_up);

    let olds = list(&mut b, run, OLDS);
    let wanted = b.ins().icmp_imm_s(IntCC::NotEqual, keeps, 0);
    let no_room = b.ins().band(wanted, olds.full);
    let fits = b.create_block();
    b.ins().brif(no_room, give_up, &[], fits, &[]);
    b.switch_to_block(fits);
    let known = b.ins().uload32(trusted(), head, MARK);
    b.ins().brif(known, marked, &[BlockArg::Value(known)], new, &[]);

    b.switch_to_block(new);
    let touched = list(&mut b, run, TOUCHED);
    let room = b.create_block();
    b.ins().brif(touched.full, give_up, &[], room, &[]);
    b.switch_to_block(room);
    let (place, number) = append(&mut b, run, TOUCHED, &touched);
    // The type, and no old values above it.
    store(&mut b, ty, place, offset_of!(Touched, ty) as i32);
    store(&mut b, record, place, offset_of!(Touched, record) as i32);
    b.ins().istore32(trusted(), number, head, MARK);
    b.ins().jump(marked, &[BlockArg::Value(number)]);

    b.switch_to_block(marked);
    let one = b.ins().iconst(types::I64, 1);
    let bit = b.ins().ishl(one, field);
    let changed = load(&mut b, head, CHANGED);
    let changed = b.ins().bor(changed, bit);
    store(&mut b, changed, head, CHANGED);
    b.ins().brif(wanted, keep, &[], done, &[]);

    b.switch_to_block(keep);
    let records = load(&mut b, run, TOUCHED + offset_of!(FilledView, entries) as i32);
    let at = b.ins().iadd_imm_s(mark, -1);
    let at = b.ins().ishl_imm_u(at, 4);
    let of = b.ins().iadd(records, at);
    let (place, number) = append(&mut b, run, OLDS, &olds);
    let next = b.ins().uload32(trusted(), of, offset_of!(Touched, olds) as i32);
    store(&mut b, old, place, offset_of!(OldEntry, number) as i32);
    b.ins().istore32(trusted(), next, place, offset_of!(OldEntry, next) as i32);
    b.ins().istore32(trusted(), field, place, offset_of!(OldEntry, field) as i32);
    b.ins().istore32(trusted(), number, of, offset_of!(Touched, olds) as i32);
    b.ins().jump(done, &[]);

    b.switch_to_block(done);
    let zero = b.ins().iconst(types::I64, 0);
    b.ins().return_(&[zero]);
    b.switch_to_block(give_up);
    let one = b.ins().iconst(types::I64, 1);
    b.ins().return_(&[one]);
    b.seal_all_blocks();
    b.finalize(config);
}

/// A field about to be overwritten.
struct Target {
    id: StructId,
    field: u32,
    place: FieldSlot,
    plain: PlainField,
}

impl<M: Module> Body<'_, '_, '_, M> {
    /// `store`
    pub fn store(&mut self, inst: &Inst) {
        let site = self.site_of(inst);
        let target = match inst.imm {
            Imm::Field(id, field) => self.target(id, field),
            _ => None,
        };
        let (record, value) = (self.slot(inst.args[0]), self.slot(inst.args[1]));
        match target {
            Some(target) => self.store_number(&target, inst, (record, value), site),
            None => self.call(Helper::Store, site, &[record, value]),
        }
    }

    fn target(&self, id: StructId, field: u32) -> Option<Target> {
        let place = *self.unit.source.schema.layout(id).fields.get(field as usize)?;
        let plain = self.unit.plain.get(id, field)?;
        (!matches!(place.repr, Repr::Handle | Repr::Reference)).then_some(Target { id, field, place, plain })
    }

    fn store_number(&mut self, target: &Target, inst: &Inst, (record, value): (clif::Value, clif::Value), site: Site) {
        let (id, repr, offset) = (target.id, target.place.repr, target.place.offset as i32);
        let [slow, marks, done] = [0; 3].map(|_| self.b.create_block());
        let writes = self.b.create_block();
        let place_number = self.b.append_block_param(writes, types::I64);
        self.b.set_cold_block(slow);

        // No room is none while the state is closed, too.
        let undo = list(&mut self.b, self.run, UNDO);
        let is_root = self.roots.contains(&inst.args[0]);
        let [rows, generations, count, heads] = self.view_with_heads(id);
        self.unit.sites.functions[self.index].writes = true;
        let low = self.b.ins().ireduce(types::I32, record);
        let row = self.b.ins().uextend(types::I64, low);
        let mut refused = undo.full;
        if !is_root {
            let beyond = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, row, count);
            refused = self.b.ins().bor(refused, beyond);
        }
        self.refuse(refused, slow);
        let head = self.b.ins().imul_imm_s(row, TableView::HEAD as i64);
        let head = self.b.ins().iadd(heads, head);
        let since = load(&mut self.b, head, SINCE);
        let span = load(&mut self.b, self.run, SPAN);
        if !is_root {
            let stale = self.staleness(record, row, generations);
            let stale = self.b.ins().icmp_imm_s(IntCC::NotEqual, stale, 0);
            let apart = self.b.ins().icmp(IntCC::UnsignedGreaterThan, since, span);
            let refused = self.b.ins().bor(stale, apart);
            self.refuse(refused, slow);
        }

        let words = 8 * row_words(self.unit.source.schema.layout(id)) as i64;
        let at = self.b.ins().imul_imm_s(row, words);
        let at = self.b.ins().iadd(rows, at);
        let [bits, now, old] = self.bits(repr, value, at, offset);
        let other = self.b.create_block();
        let same = self.b.ins().icmp(IntCC::Equal, bits, now);
        self.b.ins().brif(same, done, &[], other, &[]);
        self.b.switch_to_block(other);
        let changed = load(&mut self.b, head, CHANGED);
        let set = self.b.ins().band_imm_s(changed, (1u64 << (target.field & 63)) as i64);
        let clear = self.b.ins().icmp_imm_s(IntCC::Equal, set, 0);
        let before = self.b.ins().icmp(IntCC::NotEqual, since, span);
        let first = self.b.ins().band(clear, before);
        let number = i64::from(target.plain.number);
        let again = self.int(number);
        if planted::is(79) {
            self.b.ins().jump(writes, &[BlockArg::Value(again)]);
        } else {
            self.b.ins().brif(first, marks, &[], writes, &[BlockArg::Value(again)]);
        }

        self.b.switch_to_block(marks);
        let [ty, field, keeps] =
            [i64::from(id.0), i64::from(target.field), i64::from(target.plain.keeps)].map(|value| self.int(value));
        let mark = self.unit.mark;
        let mark = self.reference(mark);
        let call = self.b.ins().call(mark, &[self.run, head, record, ty, field, keeps, old]);
        let full = self.b.inst_results(call)[0];
        let first = self.int(number | i64::from(MARKED));
        self.b.ins().brif(full, slow, &[], writes, &[BlockArg::Value(first)]);

        self.b.switch_to_block(writes);
        self.b.ins().store(trusted(), bits, at, offset);
        if !planted::is(78) {
            let (entry, _) = append(&mut self.b, self.run, UNDO, &undo);
            store(&mut self.b, old, entry, offset_of!(FieldUndo, old) as i32);
            self.b.ins().istore32(trusted(), row, entry, offset_of!(FieldUndo, row) as i32);
            self.b.ins().istore32(trusted(), place_number, entry, offset_of!(FieldUndo, place) as i32);
        }
        self.b.ins().jump(done, &[]);

        self.b.switch_to_block(slow);
        self.call(Helper::Store, site, &[record, value]);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }

    fn refuse(&mut self, condition: clif::Value, slow: clif::Block) {
        let next = self.b.create_block();
        self.b.ins().brif(condition, slow, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// The field's bits of a slot, those that are there, and what is there as a slot.
    fn bits(&mut self, repr: Repr, slot: clif::Value, at: clif::Value, offset: i32) -> [clif::Value; 3] {
        let narrow = match repr {
            Repr::Bool | Repr::I8 | Repr::U8 => types::I8,
            Repr::I16 | Repr::U16 => types::I16,
            Repr::I32 | Repr::U32 | Repr::F32 | Repr::Handle => types::I32,
            Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => types::I64,
        };
        let now = self.b.ins().load(narrow, trusted(), at, offset);
        let none = MemFlagsData::new();
        let bits = match repr {
            Repr::F64 => {
                let value = self.b.ins().bitcast(types::F64, none, slot);
                let not_one = self.b.ins().fcmp(FloatCC::Unordered, value, value);
                let nan = self.int(CANONICAL_NAN as i64);
                self.b.ins().select(not_one, nan, slot)
            }
            Repr::F32 => {
                let value = self.b.ins().bitcast(types::F64, none, slot);
                let not_one = self.b.ins().fcmp(FloatCC::Unordered, value, value);
                let value = self.b.ins().fdemote(types::F32, value);
                let bits = self.b.ins().bitcast(types::I32, none, value);
                let nan = self.b.ins().iconst(types::I32, 0x7fc0_0000);
                self.b.ins().select(not_one, nan, bits)
            }
            _ if narrow == types::I64 => slot,
            _ => self.b.ins().ireduce(narrow, slot),
        };
        let old = match repr {
            Repr::I8 | Repr::I16 | Repr::I32 => self.b.ins().sextend(types::I64, now),
            Repr::F32 => {
                let value = self.b.ins().bitcast(types::F32, none, now);
                let value = self.b.ins().fpromote(types::F64, value);
                self.b.ins().bitcast(types::I64, none, value)
            }
            _ if narrow == types::I64 => now,
            _ => self.b.ins().uextend(types::I64, now),
        };
        [bits, now, old]
    }
}
