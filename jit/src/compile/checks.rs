//! What stops an activation, and fuel. Every check is explicit: no trap of the machine can be reached.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, BlockArg, InstBuilder, types};
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst, NodeTag, Op};
use statewright_types::{TrapCode, planted};

use super::arms;
use super::body::{Body, trusted};
use crate::run::{IN_GROUP, Run};
use crate::sites::status_of;

impl<M: Module> Body<'_, '_, '_, M> {
    /// Stops with a code at the current node.
    pub fn stop(&mut self, code: TrapCode) {
        let stopped = self.stopped(code);
        let fuel = self.b.use_var(self.fuel);
        let exit = self.exit;
        self.b.ins().jump(exit, &[BlockArg::Value(fuel), BlockArg::Value(stopped)]);
    }

    /// Stops with a code at the current node if a condition holds. What has been charged in vain leaves no fuel.
    pub fn stop_if(&mut self, condition: clif::Value, code: TrapCode) {
        let stopped = self.stopped(code);
        let fuel = if code == TrapCode::FuelExhausted { self.int(0) } else { self.b.use_var(self.fuel) };
        self.exit_if(condition, fuel, stopped);
    }

    fn exit_if(&mut self, condition: clif::Value, fuel: clif::Value, stopped: clif::Value) {
        let (exit, next) = (self.exit, self.b.create_block());
        self.b.ins().brif(condition, exit, &[BlockArg::Value(fuel), BlockArg::Value(stopped)], next, &[]);
        self.b.switch_to_block(next);
    }

    /// Stops at the current node if a helper's status says so.
    pub fn stop_with(&mut self, status: clif::Value) {
        let (stop, next) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(status, stop, &[], next, &[]);
        self.b.set_cold_block(stop);
        self.b.switch_to_block(stop);
        let place = i64::from(self.place()) << 8;
        let stopped = self.b.ins().bor_imm_s(status, place);
        let fuel = self.b.use_var(self.fuel);
        let exit = self.exit;
        self.b.ins().jump(exit, &[BlockArg::Value(fuel), BlockArg::Value(stopped)]);
        self.b.switch_to_block(next);
    }

    fn stopped(&mut self, code: TrapCode) -> clif::Value {
        let place = i64::from(self.place()) << 8;
        self.int(place | status_of(code) as i64)
    }

    /// Brings the meter's fuel up to date.
    pub fn flush_fuel(&mut self) {
        let fuel = self.b.use_var(self.fuel);
        self.b.ins().store(trusted(), fuel, self.run, offset_of!(Run, fuel) as i32);
    }

    /// Takes over what is left after a helper or function.
    pub fn refresh_fuel(&mut self) {
        let fuel = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, fuel) as i32);
        self.b.def_var(self.fuel, fuel);
    }

    /// Charges what the `fuel` at the beginning of `insts` says, and those behind it with nothing in between that anybody
    /// could notice.
    pub fn charge(&mut self, insts: &[Inst]) {
        if self.charged > 0 {
            self.charged -= 1;
            return;
        }
        let mut charges: Vec<(u64, NodeTag)> = Vec::new();
        let mut sum = 0u64;
        for inst in insts {
            match (inst.op, &inst.imm) {
                (Op::Fuel, Imm::Int(amount)) => {
                    sum = sum.saturating_add(amount.unsigned_abs());
                    charges.push((sum, inst.node));
                }
                _ if arms::is_silent(inst.op) => {}
                _ => break,
            }
        }
        self.charged = charges.len().saturating_sub(1);
        let fuel = self.b.use_var(self.fuel);
        let amount = self.int(sum as i64);
        let below = if planted::is(71) { IntCC::UnsignedLessThanOrEqual } else { IntCC::UnsignedLessThan };
        let short = self.b.ins().icmp(below, fuel, amount);
        let is_one_place = charges.windows(2).all(|pair| pair[0].1 == pair[1].1);
        if is_one_place {
            self.stop_if(short, TrapCode::FuelExhausted);
        } else {
            let places = charges.iter().map(|(sum, node)| (*sum, self.place_of(*node))).collect();
            self.unit.sites.fuel_groups.push(places);
            let group = (self.unit.sites.fuel_groups.len() - 1) as u64;
            let stopped = IN_GROUP | group << 8 | status_of(TrapCode::FuelExhausted);
            let stopped = self.int(stopped as i64);
            self.exit_if(short, fuel, stopped);
        }
        let left = self.b.ins().isub(fuel, amount);
        self.b.def_var(self.fuel, left);
    }

    /// Charges as much as an operand says; nothing if it is negative.
    pub fn charge_some(&mut self, amount: clif::Value) {
        let zero = self.int(0);
        let amount = self.b.ins().smax(amount, zero);
        let fuel = self.b.use_var(self.fuel);
        let short = self.b.ins().icmp(IntCC::UnsignedLessThan, fuel, amount);
        self.stop_if(short, TrapCode::FuelExhausted);
        let left = self.b.ins().isub(fuel, amount);
        self.b.def_var(self.fuel, left);
    }

    /// The result of an operation that says whether it went over.
    pub fn checked(&mut self, (result, over): (clif::Value, clif::Value)) -> clif::Value {
        if !planted::is(70) {
            self.stop_if(over, TrapCode::Overflow);
        }
        result
    }

    /// Stops as a division does; `least` if MIN / −1 does not fit.
    pub fn check_divisor(&mut self, a: clif::Value, b: clif::Value, known: Option<i64>, least: bool) {
        if known.is_none_or(|divisor| divisor == 0) {
            let zero = self.b.ins().icmp_imm_s(IntCC::Equal, b, 0);
            self.stop_if(zero, TrapCode::DivideByZero);
        }
        if least && known.is_none_or(|divisor| divisor == -1) {
            let is_least = self.b.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
            let is_minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, b, -1);
            let both = self.b.ins().band(is_least, is_minus_one);
            self.stop_if(both, TrapCode::Overflow);
        }
    }
}
