//! Numbers written over numbers, where they are: the steps of docs/architecture.md, "Where compiled code finds things", for fields that bear
//! their mark or need none. What was written so once, in a root, needs nothing more until somebody else may have written.
//! Whatever is not so plain, a helper does from the beginning: until then nothing has been written.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, InstBuilder, MemFlagsData, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst};
use statewright_runtime::memory::CANONICAL_NAN;
use statewright_runtime::state::{FieldUndo, FilledView, PlainField, TableView, WriteView, row_words};
use statewright_types::layout::{FieldSlot, Repr};
use statewright_types::{StructId, planted};

use super::body::{Body, trusted};
use crate::calls::Helper;
use crate::memory::Effort;
use crate::run::{RootView, Run};
use crate::sites::Site;

/// Of a head: the change bits, the span that the record came in.
const CHANGED: i32 = 0;
const SINCE: i32 = 8;

/// Where [`Run`] has a part of the [`WriteView`].
const fn write(part: usize) -> i32 {
    (offset_of!(Run, work.write) + part) as i32
}

const UNDO: i32 = write(offset_of!(WriteView, undo));
const SPAN: i32 = write(offset_of!(WriteView, span));

/// Where [`Run`] says that a field of a root is written down already.
const fn written(number: usize) -> i32 {
    (offset_of!(Run, work.written) + number) as i32
}

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

/// The place of the next entry, which is counted from now on.
fn append(b: &mut FunctionBuilder<'_>, run: clif::Value, at: i32, list: &List) -> clif::Value {
    let entries = load(b, run, at + offset_of!(FilledView, entries) as i32);
    let offset = b.ins().ishl_imm_u(list.used, 4);
    let used = b.ins().iadd_imm_s(list.used, 1);
    store(b, used, list.used_at, 0);
    b.ins().iadd(entries, offset)
}

const _: () = assert!(size_of::<FieldUndo>() == 16);

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
            // In a large function it is not worth its blocks: what moves rows is in no tight loop.
            Some(target) if self.effort == Effort::Full => {
                self.store_number(&target, inst, (record, value), site);
            }
            _ => {
                let is_number = self.int(i64::from(target.is_some()));
                self.call(Helper::Store, site, &[record, value, is_number]);
            }
        }
    }

    fn target(&self, id: StructId, field: u32) -> Option<Target> {
        let place = *self.unit.source.schema.layout(id).fields.get(field as usize)?;
        let plain = self.unit.plain.get(id, field)?;
        (!matches!(place.repr, Repr::Handle | Repr::Reference)).then_some(Target { id, field, place, plain })
    }

    fn store_number(&mut self, target: &Target, inst: &Inst, (record, value): (clif::Value, clif::Value), site: Site) {
        let (id, repr, offset) = (target.id, target.place.repr, target.place.offset as i32);
        let [slow, again, done] = [0; 3].map(|_| self.b.create_block());
        self.b.set_cold_block(slow);
        let root = self.roots.get(&inst.args[0]).copied();
        let number = root.and_then(|_| self.unit.sites.written(id, target.field));
        if let (Some(root), Some(number)) = (root, number) {
            self.store_again(target, (root, value), number, done);
        }
        // No room is none while the state is closed, too.
        let undo = list(&mut self.b, self.run, UNDO);
        self.unit.sites.functions[self.index].writes = true;
        let (at, head) = match root {
            Some(root) => self.root_place(root, undo.full, slow),
            None => self.place_of_record(id, record, undo.full, slow),
        };
        let (bits, now) = self.bits(repr, value, at, offset);
        let other = self.b.create_block();
        let same = self.b.ins().icmp(IntCC::Equal, bits, now);
        self.b.ins().brif(same, done, &[], other, &[]);
        self.b.switch_to_block(other);
        // Whose field is not marked, and is to be, the helper marks.
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
            self.b.ins().brif(is_new, again, &[], slow, &[]);
        }

        self.b.switch_to_block(again);
        self.b.ins().store(trusted(), bits, at, offset);
        if !planted::is(78) {
            let old = self.slot_of_bits(repr, now);
            let number = self.int(i64::from(target.plain.number));
            let entry = append(&mut self.b, self.run, UNDO, &undo);
            store(&mut self.b, old, entry, offset_of!(FieldUndo, old) as i32);
            self.b.ins().istore32(trusted(), record, entry, offset_of!(FieldUndo, row) as i32);
            self.b.ins().istore32(trusted(), number, entry, offset_of!(FieldUndo, place) as i32);
        }
        if let Some(number) = number {
            let yes = self.b.ins().iconst(types::I8, 1);
            self.b.ins().store(trusted(), yes, self.run, written(number));
        }
        self.b.ins().jump(done, &[]);

        self.b.switch_to_block(slow);
        let is_number = self.int(1);
        self.call(Helper::Store, site, &[record, value, is_number]);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }

    /// A field of a root that was written before, since somebody last looked: its mark is there, and what it held is written down. So
    /// is, that the root is there.
    fn store_again(&mut self, target: &Target, (root, value): (u32, clif::Value), number: usize, done: clif::Block) {
        let [over, first] = [0; 2].map(|_| self.b.create_block());
        let again = self.b.ins().load(types::I8, trusted(), self.run, written(number));
        self.b.ins().brif(again, over, &[], first, &[]);
        self.b.switch_to_block(over);
        let [row, _] = self.root_view(root);
        let (bits, _) = self.bits(target.place.repr, value, row, target.place.offset as i32);
        self.b.ins().store(trusted(), bits, row, target.place.offset as i32);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(first);
    }

    /// Row and head of a root, where they were when somebody last looked.
    fn root_view(&mut self, root: u32) -> [clif::Value; 2] {
        let table = load(&mut self.b, self.run, offset_of!(Run, roots) as i32);
        let entry = (root as usize * size_of::<RootView>()) as i32;
        [offset_of!(RootView, row), offset_of!(RootView, head)]
            .map(|part| load(&mut self.b, table, entry + part as i32))
    }

    /// The same, if the root is there.
    fn root_place(&mut self, root: u32, full: clif::Value, slow: clif::Block) -> (clif::Value, clif::Value) {
        let [row, head] = self.root_view(root);
        if self.looked_at.contains(&root) {
            self.refuse(full, slow);
            return (row, head);
        }
        // It may have been taken away since.
        let gone = self.b.ins().icmp_imm_s(IntCC::Equal, row, 0);
        let refused = self.b.ins().bor(full, gone);
        self.refuse(refused, slow);
        (row, head)
    }

    /// Row and head of a record, if it is there and part of the state.
    fn place_of_record(
        &mut self,
        id: StructId,
        record: clif::Value,
        full: clif::Value,
        slow: clif::Block,
    ) -> (clif::Value, clif::Value) {
        let low = self.b.ins().ireduce(types::I32, record);
        let row = self.b.ins().uextend(types::I64, low);
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
