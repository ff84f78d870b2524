//! What stays the same for a while and is looked up for compiled code: roots, string constants, functions of the host program.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, AbiParam, BlockArg, InstBuilder, types};
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst};
use statewright_runtime::host::HostSite;
use statewright_runtime::host::numbers::{Address, MOST_NUMBERS};
use statewright_runtime::state::row_words;
use statewright_types::{TrapCode, Type};

use super::body::{Body, trusted};
use super::machine_type;
use crate::calls::Helper;
use crate::run::{RootView, Run, string_at};
use crate::sites::Site;

impl<M: Module> Body<'_, '_, '_, M> {
    /// The string constant of that number; where it is not there yet, what the helper gives.
    fn made_once(&mut self, number: u32, site: Site, result_of: &Inst) {
        let offset = 8 * string_at(number as usize) as i32;
        let table = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, strings) as i32);
        let known = self.b.ins().load(types::I64, trusted(), table, offset);
        let (missing, next) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(next, types::I64);
        self.b.set_cold_block(missing);
        self.b.ins().brif(known, next, &[BlockArg::Value(known)], missing, &[]);
        self.b.switch_to_block(missing);
        let number = self.int(i64::from(number));
        self.call(Helper::SConst, site, &[number]);
        let made = self.result(&Type::INT);
        self.b.ins().jump(next, &[BlockArg::Value(made)]);
        self.b.switch_to_block(next);
        self.set(result_of.result, result);
    }

    /// `root`: the record that was there when somebody last looked.
    pub fn root(&mut self, inst: &Inst) {
        let Imm::Struct(id) = inst.imm else { return };
        let words = row_words(self.unit.source.schema.layout(id));
        let number = self.unit.sites.root(id, words);
        let read = &mut self.unit.sites.functions[self.index].roots;
        if !read.contains(&number) {
            read.push(number);
        }
        if let Some(root) = inst.result {
            self.roots.insert(root, number);
        }
        let offset = (number as usize * size_of::<RootView>() + offset_of!(RootView, record)) as i32;
        let table = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, roots) as i32);
        let record = self.b.ins().load(types::I64, trusted(), table, offset);
        let missing = self.b.ins().icmp_imm_s(IntCC::Equal, record, 0);
        self.stop_if(missing, TrapCode::NotFound);
        self.looked_at.push(number);
        self.set(inst.result, record);
    }

    /// `sconst`: made once in a run.
    pub fn text_constant(&mut self, inst: &Inst) {
        let site = self.site_of(inst);
        if site.text.is_empty() {
            let empty = self.int(0);
            return self.set(inst.result, empty);
        }
        let number = self.unit.sites.string(&site.text);
        self.made_once(number, site, inst);
    }

    /// `host.call`: a function of numbers is called where it is.
    pub fn host_call(&mut self, inst: &Inst) {
        let mut site = self.site_of(inst);
        if let Imm::Host(node) = &inst.imm {
            let inputs = inst.args.iter().map(|value| self.function.ty(*value).clone()).collect();
            site.host = Some(HostSite::new(self.unit.host_nodes, &node.name, inputs, node.output.as_ref()));
        }
        match site.host.as_ref().and_then(HostSite::address) {
            Some(address) => self.call_numbers(address, site, inst),
            None => self.all_operands(Helper::HostCall, site, inst),
        }
    }

    fn call_numbers(&mut self, address: Address, site: Site, inst: &Inst) {
        let addresses = &mut self.unit.sites.addresses;
        let number = addresses.iter().position(|known| *known == address).unwrap_or_else(|| {
            addresses.push(address);
            addresses.len() - 1
        });
        let table = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, addresses) as i32);
        let entry = (number * size_of::<Address>()) as i32;
        let [function, data] = [offset_of!(Address, function), offset_of!(Address, data)]
            .map(|offset| self.b.ins().load(types::I64, trusted(), table, entry + offset as i32));
        let mut args = vec![data];
        for arg in &inst.args {
            let slot = self.slot(*arg);
            args.push(slot);
        }
        while args.len() <= MOST_NUMBERS {
            args.push(data); // not looked at
        }
        let failure = self.b.ins().iadd_imm_s(self.run, offset_of!(Run, failure) as i64);
        args.push(failure);
        let mut signature = self.module.make_signature();
        signature.params.extend(args.iter().map(|_| AbiParam::new(types::I64)));
        signature.returns.push(AbiParam::new(types::I64));
        let signature = self.b.import_signature(signature);
        let call = self.b.ins().call_indirect(signature, function, &args);
        let slot = self.b.inst_results(call)[0];
        let failed = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, failure) as i32);
        let (stop, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        self.b.ins().brif(failed, stop, &[], next, &[]);
        self.b.switch_to_block(stop);
        self.call(Helper::HostFailed, site, &[]);
        self.stop(TrapCode::Custom);
        self.b.switch_to_block(next);
        if let Some(to) = inst.result {
            let machine = machine_type(self.function.ty(to));
            let value = if machine == types::I8 {
                self.b.ins().icmp_imm_s(IntCC::NotEqual, slot, 0)
            } else if machine == types::F64 {
                self.b.ins().bitcast(types::F64, clif::MemFlagsData::new(), slot)
            } else {
                slot
            };
            self.set(Some(to), value);
        }
    }
}
