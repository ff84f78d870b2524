//! Calls of helpers: what compiled code does not do itself.

use std::mem::offset_of;

use cranelift_codegen::ir::{self as clif, AbiParam, InstBuilder, SigRef, StackSlotData, StackSlotKind, types};
use cranelift_module::Module;
use statewright_graph::ir::Value;
use statewright_types::{StructId, Type};

use super::body::{Body, trusted};
use crate::calls::{Helper, HelperFn, METERED};
use crate::run::Run;
use crate::sites::Site;

impl<M: Module> Body<'_, '_, '_, M> {
    /// A site of the current node with nothing in it.
    pub fn site(&mut self) -> Site {
        let place = self.place();
        Site {
            function: self.function.name.clone(),
            node: self.function.node_id(self.node).clone(),
            place,
            ty: Type::Bool,
            id: StructId(0),
            field: 0,
            text: self.unit.empty.clone(),
            host: None,
            suspension: None,
        }
    }

    /// The signature of helpers that are called with so many arguments. They have five, and do not look at the others: what is in
    /// their places is of no account.
    pub fn signature(&mut self, count: usize) -> SigRef {
        if let Some(known) = self.helpers.get(count).copied().flatten() {
            return known;
        }
        let mut signature = self.module.make_signature();
        signature.params.extend(std::iter::repeat_n(AbiParam::new(types::I64), count));
        signature.returns.push(AbiParam::new(types::I64));
        let signature = self.b.import_signature(signature);
        if let Some(place) = self.helpers.get_mut(count) {
            *place = Some(signature);
        }
        signature
    }

    /// Calls a helper and stops if that does.
    pub fn call(&mut self, helper: Helper, site: Site, operands: &[clif::Value]) {
        self.unit.sites.sites.push(site);
        let number = self.unit.sites.sites.len() as i64 - 1;
        self.flush_fuel();
        let place = offset_of!(Run, helpers) + size_of::<HelperFn>() * helper as usize;
        let function = self.b.ins().load(types::I64, trusted(), self.run, place as i32);
        let mut args = vec![self.run, self.int(number)];
        args.extend_from_slice(operands);
        let signature = self.signature(args.len());
        let call = self.b.ins().call_indirect(signature, function, &args);
        let status = self.b.inst_results(call)[0];
        if helper.flags() & METERED != 0 {
            self.refresh_fuel();
        }
        self.stop_with(status);
    }

    /// Calls a helper that takes its operands as an array.
    pub fn call_with(&mut self, helper: Helper, site: Site, slots: &[clif::Value]) {
        let size = 8 * slots.len().max(1) as u32;
        let place = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3));
        for (at, slot) in slots.iter().enumerate() {
            self.b.ins().stack_store(types::I64, *slot, place, 8 * at as i32);
        }
        let address = self.b.ins().stack_addr(types::I64, place, 0);
        let count = self.int(slots.len() as i64);
        self.call(helper, site, &[address, count]);
    }

    /// What the last helper or function gave.
    pub fn result(&mut self, ty: &Type) -> clif::Value {
        self.load_slot(ty, self.run, offset_of!(Run, result) as i32)
    }

    /// Defines the result of an instruction as what the last helper gave.
    pub fn take_result(&mut self, value: Option<Value>) {
        if let Some(value) = value {
            let result = self.result(self.function.ty(value));
            self.set(Some(value), result);
        }
    }
}
