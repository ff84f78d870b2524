//! What stops an activation, and fuel. Every check is explicit: no trap of the machine can be reached.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, InstBuilder, types};
use cranelift_module::Module;
use statewright_graph::ir::{Imm, Inst, NodeTag, Op};
use statewright_types::{TrapCode, planted};

use super::arms;
use super::body::{Body, trusted};
use crate::memory::Effort;
use crate::run::{EMPTY, IN_GROUP, Run};
use crate::sites::{HeldCheck, status_of};

/// Ways to stop that are looked through for the same one: most are of the same node.
const MOST_LOOKED_AT: usize = 8;

impl<M: Module> Body<'_, '_, '_, M> {
    /// Stops with a code at the current node.
    pub fn stop(&mut self, code: TrapCode) {
        let stopped = self.stopped(code);
        self.flush_fuel();
        let stop = self.stop_block(stopped);
        self.b.ins().jump(stop, &[]);
    }

    /// Stops with a code at the current node if a condition holds. What has been charged in vain leaves no fuel.
    pub fn stop_if(&mut self, condition: clif::Value, code: TrapCode) {
        let stopped = self.stopped(code);
        self.exit_if(condition, stopped, code == TrapCode::FuelExhausted);
    }

    pub fn exit_if(&mut self, condition: clif::Value, stopped: u64, empty: bool) {
        let stopped = if empty { stopped | EMPTY } else { stopped };
        if self.holds {
            return self.hold(condition, stopped);
        }
        let next = self.b.create_block();
        let stop = self.stop_block(stopped);
        if empty || !self.is_ahead {
            self.b.ins().brif(condition, stop, &[], next, &[]);
        } else {
            let flush = self.b.create_block();
            self.b.set_cold_block(flush);
            self.b.ins().brif(condition, flush, &[], next, &[]);
            self.b.switch_to_block(flush);
            self.flush_fuel();
            self.b.ins().jump(stop, &[]);
        }
        self.b.switch_to_block(next);
    }

    /// The block that stops so, made once.
    fn stop_block(&mut self, stopped: u64) -> clif::Block {
        let known = self.stops.iter().rev().take(MOST_LOOKED_AT).find(|stop| stop.0 == stopped);
        if let Some((_, block)) = known {
            return *block;
        }
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.stops.push((stopped, block));
        block
    }

    /// What the blocks do that stop.
    pub fn make_stops(&mut self) {
        for (stopped, block) in std::mem::take(&mut self.stops) {
            self.b.switch_to_block(block);
            let stopped = self.int(stopped as i64);
            self.b.ins().store(trusted(), stopped, self.run, offset_of!(Run, stopped) as i32);
            let exit = self.exit;
            self.b.ins().jump(exit, &[]);
        }
    }

    /// Stops if a helper's status says so, which has left why and where.
    pub fn stop_with(&mut self, status: clif::Value) {
        let (exit, next) = (self.exit, self.b.create_block());
        self.b.ins().brif(status, exit, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    fn stopped(&mut self, code: TrapCode) -> u64 {
        u64::from(self.place()) << 8 | status_of(code)
    }

    /// What is left after a charge.
    pub fn leave_fuel(&mut self, left: clif::Value) {
        if !self.is_in_run() {
            self.b.def_var(self.fuel, left);
        }
        if !self.is_ahead {
            self.b.ins().store(trusted(), left, self.run, offset_of!(Run, fuel) as i32);
        }
    }

    /// Brings the run's fuel up to date, where it is not anyway.
    pub fn flush_fuel(&mut self) {
        if !self.is_ahead {
            return;
        }
        let fuel = self.b.use_var(self.fuel);
        self.b.ins().store(trusted(), fuel, self.run, offset_of!(Run, fuel) as i32);
    }

    /// Whether only the run says how much fuel is left.
    fn is_in_run(&self) -> bool {
        self.effort == Effort::Little && !self.is_ahead
    }

    /// Fuel left.
    pub fn fuel_left(&mut self) -> clif::Value {
        if self.is_in_run() {
            return self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, fuel) as i32);
        }
        self.b.use_var(self.fuel)
    }

    /// Takes over what is left after a helper or function.
    pub fn refresh_fuel(&mut self) {
        if !self.is_in_run() {
            self.take_fuel();
        }
    }

    /// Takes over what the run says.
    pub fn take_fuel(&mut self) {
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
        if let (true, [Inst { imm: Imm::Int(amount), node, .. }, ..]) = (self.holds, insts) {
            return self.hold_charge(amount.unsigned_abs(), *node);
        }
        let mut charges: Vec<(u64, NodeTag)> = Vec::new();
        for inst in insts {
            match (inst.op, &inst.imm) {
                (Op::Fuel, Imm::Int(amount)) => charges.push((amount.unsigned_abs(), inst.node)),
                _ if arms::is_silent(inst.op) => {}
                _ => break,
            }
        }
        self.charged = charges.len().saturating_sub(1);
        let fuel = self.fuel_left();
        let sum = charges.iter().fold(0u64, |sum, (amount, _)| sum.saturating_add(*amount));
        let amount = self.int(sum as i64);
        let short = self.is_short(fuel, amount);
        let is_one_place = charges.windows(2).all(|pair| pair[0].1 == pair[1].1);
        if is_one_place {
            self.stop_if(short, TrapCode::FuelExhausted);
        } else {
            let charges = charges.into_iter();
            let group =
                charges.map(|(amount, node)| HeldCheck::Charge { amount, place: self.place_of(node) }).collect();
            let group = self.group(group);
            self.exit_if(short, group, false);
        }
        let left = self.b.ins().isub(fuel, amount);
        self.leave_fuel(left);
    }

    /// Whether there is less fuel than that.
    pub fn is_short(&mut self, fuel: clif::Value, amount: clif::Value) -> clif::Value {
        let below = if planted::is(71) { IntCC::UnsignedLessThanOrEqual } else { IntCC::UnsignedLessThan };
        self.b.ins().icmp(below, fuel, amount)
    }

    /// What is left in the run where one of several checks failed.
    pub fn group(&mut self, checks: Vec<HeldCheck>) -> u64 {
        self.unit.sites.groups.push(checks);
        IN_GROUP | (self.unit.sites.groups.len() as u64 - 1) << 8
    }

    /// Charges as much as an operand says; nothing if it is negative.
    pub fn charge_some(&mut self, amount: clif::Value) {
        let zero = self.int(0);
        let amount = self.b.ins().smax(amount, zero);
        let fuel = self.fuel_left();
        let short = self.b.ins().icmp(IntCC::UnsignedLessThan, fuel, amount);
        self.stop_if(short, TrapCode::FuelExhausted);
        let left = self.b.ins().isub(fuel, amount);
        self.leave_fuel(left);
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

    /// Stops if these are too many jumps; none if it is negative.
    pub fn count_jumps(&mut self, jumps: clif::Value) {
        let left = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, jumps) as i32);
        let zero = self.int(0);
        let jumps = self.b.ins().smax(jumps, zero);
        let short = self.b.ins().icmp(IntCC::UnsignedLessThan, left, jumps);
        self.stop_if(short, TrapCode::FuelExhausted);
        let left = self.b.ins().isub(left, jumps);
        self.b.ins().store(trusted(), left, self.run, offset_of!(Run, jumps) as i32);
    }

    /// Stops if this is one jump too many.
    pub fn count_jump(&mut self) {
        let left = self.b.ins().load(types::I64, trusted(), self.run, offset_of!(Run, jumps) as i32);
        let none = self.b.ins().icmp_imm_s(IntCC::Equal, left, 0);
        self.stop_if(none, TrapCode::FuelExhausted);
        let left = self.b.ins().iadd_imm_s(left, -1);
        self.b.ins().store(trusted(), left, self.run, offset_of!(Run, jumps) as i32);
    }
}
