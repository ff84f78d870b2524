//! Numbers written over numbers, where they are: the steps of docs/architecture.md, "Where compiled code finds things". Whatever is
//! not so plain, a helper does from the beginning: until then nothing has been written.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, AbiParam, BlockArg, InstBuilder, MemFlagsData, Signature, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst};
use statewright_runtime::memory::CANONICAL_NAN;
use statewright_runtime::state::{
    FieldUndo, FilledView, MARKED, OldEntry, PlainField, TableView, Touched, WriteView, row_words,
};
use statewright_types::layout::{FieldSlot, Repr};
use statewright_types::{StructId, planted};

use super::body::{Body, trusted};
use crate::calls::Helper;
use crate::run::{RootView, Run};
use crate::sites::{Site, StoreSite, Width};

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

/// `fn(run, head, record, address, slot, old, number of the store) -> status`: writes a field whose change bit is clear, or has the
/// helper do it.
pub(super) fn first_signature(mut signature: Signature) -> Signature {
    signature.params.extend([AbiParam::new(types::I64); 7]);
    signature.returns.push(AbiParam::new(types::I64));
    signature
}

/// The first write of a field in a span, which all stores of a module have in common.
pub(super) fn first<M: Module>(module: &M, mut builder: FunctionBuilder<'_>) {
    let b = &mut builder;
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let [run, head, record, at, slot, old, number] = std::array::from_fn(|at| b.block_params(entry)[at]);
    let [give_up, new, marked, keep, write] = [0; 5].map(|_| b.create_block());
    let mark = b.append_block_param(marked, types::I64);
    b.set_cold_block(give_up);
    let stores = load(b, run, offset_of!(Run, stores) as i32);
    let offset = b.ins().imul_imm_s(number, size_of::<StoreSite>() as i64);
    let site = b.ins().iadd(stores, offset);
    let part = |b: &mut FunctionBuilder<'_>, offset: usize| b.ins().uload32(trusted(), site, offset as i32);

    let keeps = part(b, offset_of!(StoreSite, keeps));
    let olds = list(b, run, OLDS);
    let wanted = b.ins().icmp_imm_s(IntCC::NotEqual, keeps, 0);
    let no_room = b.ins().band(wanted, olds.full);
    let fits = b.create_block();
    b.ins().brif(no_room, give_up, &[], fits, &[]);
    b.switch_to_block(fits);
    let known = b.ins().uload32(trusted(), head, MARK);
    b.ins().brif(known, marked, &[BlockArg::Value(known)], new, &[]);

    b.switch_to_block(new);
    let touched = list(b, run, TOUCHED);
    let room = b.create_block();
    b.ins().brif(touched.full, give_up, &[], room, &[]);
    b.switch_to_block(room);
    let (place, entry) = append(b, run, TOUCHED, &touched);
    // The type, and no old values above it.
    let ty = part(b, offset_of!(StoreSite, ty));
    store(b, ty, place, offset_of!(Touched, ty) as i32);
    store(b, record, place, offset_of!(Touched, record) as i32);
    b.ins().istore32(trusted(), entry, head, MARK);
    b.ins().jump(marked, &[BlockArg::Value(entry)]);

    b.switch_to_block(marked);
    let field = part(b, offset_of!(StoreSite, field));
    let one = b.ins().iconst(types::I64, 1);
    let bit = b.ins().ishl(one, field);
    let changed = load(b, head, CHANGED);
    let changed = b.ins().bor(changed, bit);
    store(b, changed, head, CHANGED);
    b.ins().brif(wanted, keep, &[], write, &[]);

    b.switch_to_block(keep);
    let records = load(b, run, TOUCHED + offset_of!(FilledView, entries) as i32);
    let before = b.ins().iadd_imm_s(mark, -1);
    let before = b.ins().ishl_imm_u(before, 4);
    let of = b.ins().iadd(records, before);
    let (place, entry) = append(b, run, OLDS, &olds);
    let next = b.ins().uload32(trusted(), of, offset_of!(Touched, olds) as i32);
    store(b, old, place, offset_of!(OldEntry, number) as i32);
    b.ins().istore32(trusted(), next, place, offset_of!(OldEntry, next) as i32);
    b.ins().istore32(trusted(), field, place, offset_of!(OldEntry, field) as i32);
    b.ins().istore32(trusted(), entry, of, offset_of!(Touched, olds) as i32);
    b.ins().jump(write, &[]);

    b.switch_to_block(write);
    let undo = list(b, run, UNDO);
    let (place, _) = append(b, run, UNDO, &undo);
    store(b, old, place, offset_of!(FieldUndo, old) as i32);
    b.ins().istore32(trusted(), record, place, offset_of!(FieldUndo, row) as i32);
    let field = part(b, offset_of!(StoreSite, number));
    let field = b.ins().bor_imm_s(field, i64::from(MARKED));
    b.ins().istore32(trusted(), field, place, offset_of!(FieldUndo, place) as i32);
    write_as(b, site, at, slot);
    let zero = b.ins().iconst(types::I64, 0);
    b.ins().return_(&[zero]);

    b.switch_to_block(give_up);
    let table = load(b, run, offset_of!(Run, helpers) as i32);
    let helper = load(b, table, 8 * Helper::Store as i32);
    let mut signature = module.make_signature();
    signature.params.extend([AbiParam::new(types::I64); 5]);
    signature.returns.push(AbiParam::new(types::I64));
    let signature = b.import_signature(signature);
    let number = part(b, offset_of!(StoreSite, site));
    let call = b.ins().call_indirect(signature, helper, &[run, number, record, slot, run]);
    let status = b.inst_results(call)[0];
    b.ins().return_(&[status]);
    b.seal_all_blocks();
    builder.finalize(module.target_config());
}

/// Writes a slot as a store's field has it, and leaves the builder in the block behind.
fn write_as(b: &mut FunctionBuilder<'_>, site: clif::Value, at: clif::Value, slot: clif::Value) {
    let width = b.ins().uload32(trusted(), site, offset_of!(StoreSite, width) as i32);
    let done = b.create_block();
    for known in [Width::Eight, Width::Four, Width::Float, Width::Two, Width::One] {
        let (this, next) = (b.create_block(), b.create_block());
        let is_this = b.ins().icmp_imm_s(IntCC::Equal, width, known as i64);
        b.ins().brif(is_this, this, &[], next, &[]);
        b.switch_to_block(this);
        match known {
            Width::Eight => store(b, slot, at, 0),
            Width::Four => _ = b.ins().istore32(trusted(), slot, at, 0),
            Width::Two => _ = b.ins().istore16(trusted(), slot, at, 0),
            Width::One => _ = b.ins().istore8(trusted(), slot, at, 0),
            Width::Float => {
                let value = b.ins().bitcast(types::F64, MemFlagsData::new(), slot);
                let value = b.ins().fdemote(types::F32, value);
                b.ins().store(trusted(), value, at, 0);
            }
        }
        b.ins().jump(done, &[]);
        b.switch_to_block(next);
    }
    b.ins().jump(done, &[]);
    b.switch_to_block(done);
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
        let [slow, first, again, done] = [0; 4].map(|_| self.b.create_block());
        self.b.set_cold_block(slow);
        // No room is none while the state is closed, too.
        let undo = list(&mut self.b, self.run, UNDO);
        self.unit.sites.functions[self.index].writes = true;
        let low = self.b.ins().ireduce(types::I32, record);
        let row = self.b.ins().uextend(types::I64, low);
        let root = self.roots.get(&inst.args[0]).copied();
        let (at, head) = match root {
            Some(root) => self.root_place(root, undo.full, slow),
            None => self.place_of_record(id, record, row, undo.full, slow),
        };
        let (bits, now) = self.bits(repr, value, at, offset);
        let other = self.b.create_block();
        let same = self.b.ins().icmp(IntCC::Equal, bits, now);
        self.b.ins().brif(same, done, &[], other, &[]);
        self.b.switch_to_block(other);
        let changed = load(&mut self.b, head, CHANGED);
        let set = self.b.ins().band_imm_s(changed, (1u64 << (target.field & 63)) as i64);
        let unmarked = self.b.create_block();
        self.b.ins().brif(set, again, &[], unmarked, &[]);
        self.b.switch_to_block(unmarked);
        let (since, span) = (load(&mut self.b, head, SINCE), load(&mut self.b, self.run, SPAN));
        let is_new = self.b.ins().icmp(IntCC::Equal, since, span);
        if planted::is(79) {
            self.b.ins().jump(again, &[]);
        } else {
            self.b.ins().brif(is_new, again, &[], first, &[]);
        }

        self.b.switch_to_block(again);
        self.b.ins().store(trusted(), bits, at, offset);
        if !planted::is(78) {
            let old = self.slot_of_bits(repr, now);
            let number = self.int(i64::from(target.plain.number));
            let (entry, _) = append(&mut self.b, self.run, UNDO, &undo);
            store(&mut self.b, old, entry, offset_of!(FieldUndo, old) as i32);
            self.b.ins().istore32(trusted(), record, entry, offset_of!(FieldUndo, row) as i32);
            self.b.ins().istore32(trusted(), number, entry, offset_of!(FieldUndo, place) as i32);
        }
        self.b.ins().jump(done, &[]);

        self.b.switch_to_block(first);
        let number = self.store_site(target, site.clone());
        let number = self.int(number);
        let old = self.slot_of_bits(repr, now);
        let slot = match repr {
            Repr::F32 | Repr::F64 => self.slot_of_bits(repr, bits),
            _ => value,
        };
        let at = self.b.ins().iadd_imm_s(at, i64::from(offset));
        self.flush_fuel();
        let callee = self.unit.first;
        let callee = self.reference(callee);
        let call = self.b.ins().call(callee, &[self.run, head, record, at, slot, old, number]);
        let status = self.b.inst_results(call)[0];
        self.refresh_fuel();
        self.stop_with(status);
        self.b.ins().jump(done, &[]);

        self.b.switch_to_block(slow);
        self.call(Helper::Store, site, &[record, value]);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }

    /// The number of a store among those of the module.
    fn store_site(&mut self, target: &Target, site: Site) -> i64 {
        let sites = &mut self.unit.sites;
        sites.sites.push(site);
        let width = match target.place.repr {
            Repr::Bool | Repr::I8 | Repr::U8 => Width::One,
            Repr::I16 | Repr::U16 => Width::Two,
            Repr::I32 | Repr::U32 | Repr::Handle => Width::Four,
            Repr::F32 => Width::Float,
            Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => Width::Eight,
        };
        sites.stores.push(StoreSite {
            ty: target.id.0,
            field: target.field,
            number: target.plain.number,
            keeps: u32::from(target.plain.keeps),
            width: width as u32,
            site: sites.sites.len() as u32 - 1,
        });
        sites.stores.len() as i64 - 1
    }

    /// Row and head of a root, where they were when somebody last looked.
    fn root_place(&mut self, root: u32, full: clif::Value, slow: clif::Block) -> (clif::Value, clif::Value) {
        let table = load(&mut self.b, self.run, offset_of!(Run, roots) as i32);
        let entry = (root as usize * size_of::<RootView>()) as i32;
        let row = load(&mut self.b, table, entry + offset_of!(RootView, row) as i32);
        let head = load(&mut self.b, table, entry + offset_of!(RootView, head) as i32);
        self.refuse(full, slow);
        // It was taken away since.
        let gone = self.b.ins().icmp_imm_s(IntCC::Equal, row, 0);
        self.refuse(gone, slow);
        (row, head)
    }

    /// Row and head of a record, if it is there and part of the state.
    fn place_of_record(
        &mut self,
        id: StructId,
        record: clif::Value,
        row: clif::Value,
        full: clif::Value,
        slow: clif::Block,
    ) -> (clif::Value, clif::Value) {
        let [rows, generations, count, heads] = self.view_with_heads(id);
        let beyond = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, row, count);
        let refused = self.b.ins().bor(full, beyond);
        self.refuse(refused, slow);
        let head = self.b.ins().imul_imm_s(row, TableView::HEAD as i64);
        let head = self.b.ins().iadd(heads, head);
        let since = load(&mut self.b, head, SINCE);
        let span = load(&mut self.b, self.run, SPAN);
        let stale = self.staleness(record, row, generations);
        let stale = self.b.ins().icmp_imm_s(IntCC::NotEqual, stale, 0);
        let apart = self.b.ins().icmp(IntCC::UnsignedGreaterThan, since, span);
        let refused = self.b.ins().bor(stale, apart);
        self.refuse(refused, slow);
        let words = 8 * row_words(self.unit.source.schema.layout(id)) as i64;
        let at = self.b.ins().imul_imm_s(row, words);
        (self.b.ins().iadd(rows, at), head)
    }

    fn refuse(&mut self, condition: clif::Value, slow: clif::Block) {
        let next = self.b.create_block();
        self.b.ins().brif(condition, slow, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// The field's bits of a slot, and those that are there.
    fn bits(&mut self, repr: Repr, slot: clif::Value, at: clif::Value, offset: i32) -> (clif::Value, clif::Value) {
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
        (bits, now)
    }

    /// A field's bits as a slot.
    fn slot_of_bits(&mut self, repr: Repr, bits: clif::Value) -> clif::Value {
        match repr {
            Repr::I8 | Repr::I16 | Repr::I32 => self.b.ins().sextend(types::I64, bits),
            Repr::F32 => {
                let value = self.b.ins().bitcast(types::F32, MemFlagsData::new(), bits);
                let value = self.b.ins().fpromote(types::F64, value);
                self.b.ins().bitcast(types::I64, MemFlagsData::new(), value)
            }
            Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => bits,
            Repr::Bool | Repr::U8 | Repr::U16 | Repr::U32 | Repr::Handle => self.b.ins().uextend(types::I64, bits),
        }
    }
}
