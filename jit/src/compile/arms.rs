//! An arm for every operation of the IR.
// tidy: table

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self as clif, InstBuilder, types};
use cranelift_module::Module;
use statewright_graph::ir::ops::Effect;
use statewright_graph::ir::{Cond, Function, Imm, Inst, Op, Value};
use statewright_graph::ranges::Ranges;
use statewright_types::{IntKind, TrapCode, Type, planted};

use super::body::Body;
use crate::calls::Helper;
use crate::error::JitError;
use crate::sites::Site;

/// Whether nobody can notice that it was done, so that a charge of fuel behind it may as well be made before.
pub(super) fn is_silent(op: Op) -> bool {
    let row = op.row();
    row.traps.is_empty() && matches!(row.effect, Effect::Pure | Effect::Reads)
}

/// Whether rows may be elsewhere afterwards, or lists be others.
pub(super) fn moves(op: Op) -> bool {
    match op.row().effect {
        Effect::Writes | Effect::Arranges | Effect::Calls | Effect::Observes => true,
        Effect::Pure | Effect::Emits | Effect::Charges | Effect::Measures => false,
        Effect::Reads | Effect::Allocates | Effect::Draws => {
            matches!(op, Op::ConfigGet | Op::Zero | Op::StructCopy | Op::StructNew)
        }
    }
}

/// Whether code that is compiled with effort mostly does it without a call: of what reads lists, that in loops in which nothing moves.
pub(super) fn is_done_here(function: &Function, inst: &Inst) -> bool {
    let of_numbers = || {
        let first = inst.args.first().map(|value| function.ty(*value));
        matches!(first, Some(Type::Bool | Type::Int(_)))
    };
    match inst.op {
        Op::Load | Op::LoadKnown | Op::Store | Op::Root | Op::ListLen | Op::ListGet | Op::ListAt | Op::ListVersion => {
            true
        }
        Op::Fuel | Op::FuelN | Op::FuelShort | Op::TrapIf => true,
        Op::Some => matches!(&inst.imm, Imm::Type(ty) if is_itself(ty)),
        Op::Equal => of_numbers(),
        op => op.is_quick(),
    }
}

pub(super) fn int_condition(cond: Cond) -> IntCC {
    match cond {
        Cond::Eq => IntCC::Equal,
        Cond::Ne => IntCC::NotEqual,
        Cond::Lt => IntCC::SignedLessThan,
        Cond::Le => IntCC::SignedLessThanOrEqual,
        Cond::Gt => IntCC::SignedGreaterThan,
        Cond::Ge => IntCC::SignedGreaterThanOrEqual,
    }
}

/// With a NaN only `ne` holds.
pub(super) fn float_condition(cond: Cond) -> FloatCC {
    match cond {
        Cond::Eq => FloatCC::Equal,
        Cond::Ne => FloatCC::NotEqual,
        Cond::Lt => FloatCC::LessThan,
        Cond::Le => FloatCC::LessThanOrEqual,
        Cond::Gt => FloatCC::GreaterThan,
        Cond::Ge => FloatCC::GreaterThanOrEqual,
    }
}

/// Whether a non-null value of this nullable type is the thing itself.
fn is_itself(nullable: &Type) -> bool {
    matches!(nullable.non_null(), Type::Struct(_))
}

impl<M: Module> Body<'_, '_, '_, M> {
    /// Generates an instruction that is no charge of fuel.
    #[allow(clippy::too_many_lines)] // a table, one row an operation
    pub fn inst(&mut self, inst: &Inst) -> Result<(), JitError> {
        use Helper as H;
        let ints = |body: &mut Self| {
            let (a, b) = (body.operand(inst, 0), body.operand(inst, 1));
            (a, b)
        };
        match inst.op {
            Op::IConst | Op::UConst => {
                let value = int(&inst.imm);
                let result = self.int(value);
                if let Some(to) = inst.result {
                    self.constants[to.index()] = Some(value);
                }
                self.set(inst.result, result);
            }
            Op::FConst => {
                let bits = if let Imm::Float(bits) = inst.imm { bits } else { 0 };
                let result = self.b.ins().f64const(f64::from_bits(bits));
                self.set(inst.result, result);
            }
            Op::BConst => {
                let value = matches!(inst.imm, Imm::Bool(true));
                let result = self.b.ins().iconst(types::I8, i64::from(value));
                self.set(inst.result, result);
            }
            Op::SConst => self.text_constant(inst),
            Op::Null => {
                let result = self.int(0);
                self.set(inst.result, result);
            }
            Op::Zero => match &inst.imm {
                Imm::Type(Type::Bool) => {
                    let result = self.b.ins().iconst(types::I8, 0);
                    self.set(inst.result, result);
                }
                Imm::Type(Type::Float32 | Type::Float64) => {
                    let result = self.b.ins().f64const(0.0);
                    self.set(inst.result, result);
                }
                Imm::Type(Type::Int(_) | Type::Nullable(_)) => {
                    let result = self.int(0);
                    self.set(inst.result, result);
                }
                _ => self.helper(H::Zero, inst),
            },

            Op::IAdd => {
                let (a, b) = ints(self);
                let sum = self.b.ins().sadd_overflow(a, b);
                let result = self.checked(sum);
                self.set(inst.result, result);
            }
            Op::ISub => {
                let (a, b) = ints(self);
                let difference = self.b.ins().ssub_overflow(a, b);
                let result = self.checked(difference);
                self.set(inst.result, result);
            }
            Op::IMul => {
                let (a, b) = ints(self);
                let product = self.b.ins().smul_overflow(a, b);
                let result = self.checked(product);
                self.set(inst.result, result);
            }
            Op::IAddWrap | Op::ISubWrap | Op::IMulWrap => self.wrapping(inst),
            Op::IAddOver | Op::ISubOver | Op::IMulOver => self.overflows(inst),
            Op::IDiv => {
                let (a, b) = ints(self);
                self.check_divisor(a, b, self.constant(inst, 1), true);
                let result = self.b.ins().sdiv(a, b);
                self.set(inst.result, result);
            }
            Op::IDivFloor => {
                let (a, b) = ints(self);
                self.check_divisor(a, b, self.constant(inst, 1), true);
                let quotient = self.b.ins().sdiv(a, b);
                let product = self.b.ins().imul(quotient, b);
                let rest = self.b.ins().isub(a, product);
                let inexact = self.b.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
                let signs = self.b.ins().bxor(a, b);
                let apart = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
                let down = self.b.ins().band(inexact, apart);
                let down = self.b.ins().uextend(types::I64, down);
                let result = self.b.ins().isub(quotient, down);
                self.set(inst.result, result);
            }
            Op::IRem => self.remainder(inst),
            Op::INeg => {
                let a = self.operand(inst, 0);
                let zero = self.int(0);
                let difference = self.b.ins().ssub_overflow(zero, a);
                let result = self.checked(difference);
                self.set(inst.result, result);
            }
            Op::IAbs => {
                let a = self.operand(inst, 0);
                let least = self.b.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
                self.stop_if(least, TrapCode::Overflow);
                let result = self.b.ins().iabs(a);
                self.set(inst.result, result);
            }
            Op::IMin => self.binary(inst, |b, x, y| b.smin(x, y)),
            Op::IMax => self.binary(inst, |b, x, y| b.smax(x, y)),
            Op::ISign => {
                let a = self.operand(inst, 0);
                let (one, minus_one) = (self.int(1), self.int(-1));
                let most = self.b.ins().smin(a, one);
                let result = self.b.ins().smax(most, minus_one);
                self.set(inst.result, result);
            }

            Op::FAdd => self.binary(inst, |b, x, y| b.fadd(x, y)),
            Op::FSub => self.binary(inst, |b, x, y| b.fsub(x, y)),
            Op::FMul => self.binary(inst, |b, x, y| b.fmul(x, y)),
            Op::FDiv => self.binary(inst, |b, x, y| b.fdiv(x, y)),
            Op::FNeg => self.unary(inst, |b, x| b.fneg(x)),
            Op::FAbs => self.unary(inst, |b, x| b.fabs(x)),
            Op::FSqrt => self.unary(inst, |b, x| b.sqrt(x)),
            Op::FRound32 => {
                let a = self.operand(inst, 0);
                let narrow = self.b.ins().fdemote(types::F32, a);
                let result = self.b.ins().fpromote(types::F64, narrow);
                self.set(inst.result, result);
            }
            Op::FSign => {
                let a = self.operand(inst, 0);
                let (zero, one, minus_one) =
                    (self.b.ins().f64const(0.0), self.b.ins().f64const(1.0), self.b.ins().f64const(-1.0));
                let below = self.b.ins().fcmp(FloatCC::LessThan, a, zero);
                let above = self.b.ins().fcmp(FloatCC::GreaterThan, a, zero);
                let other = self.b.ins().select(below, minus_one, a);
                let result = self.b.ins().select(above, one, other);
                self.set(inst.result, result);
            }
            Op::FMin => self.helper(H::FMin, inst),
            Op::FMax => self.helper(H::FMax, inst),
            Op::FRem => self.helper(H::FRem, inst),
            Op::FSin => self.helper(H::FSin, inst),
            Op::FCos => self.helper(H::FCos, inst),
            Op::FTan => self.helper(H::FTan, inst),
            Op::FAsin => self.helper(H::FAsin, inst),
            Op::FAtan2 => self.helper(H::FAtan2, inst),
            Op::FExp => self.helper(H::FExp, inst),
            Op::FLog => self.helper(H::FLog, inst),
            Op::FPow => self.helper(H::FPow, inst),

            Op::IToF => self.unary(inst, |b, x| b.fcvt_from_sint(types::F64, x)),
            Op::UToF => self.unary(inst, |b, x| b.fcvt_from_uint(types::F64, x)),
            Op::UToI | Op::IToU => {
                let a = self.operand(inst, 0);
                let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, a, 0);
                let code = if inst.op == Op::UToI { TrapCode::Overflow } else { TrapCode::OutOfRange };
                self.stop_if(negative, code);
                self.set(inst.result, a);
            }
            Op::FToITrunc => {
                let a = self.operand(inst, 0);
                let limit = 9_223_372_036_854_775_808.0;
                let (least, most) = (self.b.ins().f64const(-limit), self.b.ins().f64const(limit));
                // False for a NaN too.
                let above = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, a, least);
                let below = self.b.ins().fcmp(FloatCC::LessThan, a, most);
                let fits = self.b.ins().band(above, below);
                let beyond = self.b.ins().bxor_imm_s(fits, 1);
                self.stop_if(beyond, TrapCode::OutOfRange);
                let result = self.b.ins().fcvt_to_sint_sat(types::I64, a);
                self.set(inst.result, result);
            }
            Op::FToIFloor => self.helper(H::FloorToInt, inst),
            Op::FToICeil => self.helper(H::CeilToInt, inst),
            Op::FToIRound => self.helper(H::RoundToInt, inst),
            Op::Narrow => self.narrow(inst),
            Op::Retype | Op::Reveal => self.same(inst),

            Op::ICmp => {
                let (a, b) = ints(self);
                let result = self.b.ins().icmp(int_condition(cond(&inst.imm)), a, b);
                self.set(inst.result, result);
            }
            Op::UCmp => {
                let (a, b) = ints(self);
                let result = self.b.ins().icmp(int_condition(cond(&inst.imm)).unsigned(), a, b);
                self.set(inst.result, result);
            }
            Op::UICmp => {
                let (a, b) = ints(self);
                let cond = cond(&inst.imm);
                let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, b, 0);
                let compared = self.b.ins().icmp(int_condition(cond).unsigned(), a, b);
                let greater = i64::from(cond.holds(Some(std::cmp::Ordering::Greater)));
                let greater = self.b.ins().iconst(types::I8, greater);
                let result = self.b.ins().select(negative, greater, compared);
                self.set(inst.result, result);
            }
            Op::FCmp => {
                let (a, b) = ints(self);
                let result = self.b.ins().fcmp(float_condition(cond(&inst.imm)), a, b);
                self.set(inst.result, result);
            }
            Op::IFCmp => self.compare(H::CompareIntFloat, cond(&inst.imm), inst),
            Op::UFCmp => self.compare(H::CompareUIntFloat, cond(&inst.imm), inst),
            Op::SCmp => self.compare(H::CompareText, cond(&inst.imm), inst),
            Op::Equal => match self.arg_type(inst, 0) {
                Type::Bool | Type::Int(_) => {
                    let (a, b) = ints(self);
                    let result = self.b.ins().icmp(IntCC::Equal, a, b);
                    self.set(inst.result, result);
                }
                Type::String | Type::Uuid => self.compare(H::CompareText, Cond::Eq, inst),
                _ => self.helper(H::Equal, inst),
            },
            Op::Digest => self.helper(H::Digest, inst),
            Op::Not => self.unary(inst, |b, x| b.bxor_imm_s(x, 1)),
            Op::And => self.binary(inst, |b, x, y| b.band(x, y)),
            Op::Or => self.binary(inst, |b, x, y| b.bor(x, y)),
            Op::Select => {
                let (condition, yes, no) = (self.operand(inst, 0), self.operand(inst, 1), self.operand(inst, 2));
                let result = self.b.ins().select(condition, yes, no);
                self.set(inst.result, result);
            }

            Op::Text => match self.arg_type(inst, 0) {
                Type::Bool => self.helper(H::TextOfBool, inst),
                Type::Int(IntKind::U64) => self.helper(H::TextOfUInt, inst),
                Type::Int(_) => self.helper(H::TextOfInt, inst),
                Type::Float64 | Type::Float32 => self.helper(H::TextOfFloat, inst),
                _ => self.same(inst),
            },
            Op::Concat => self.helper_with_all(H::Concat, inst),
            Op::StrLen => self.helper(H::StrLen, inst),
            Op::StrAt => self.helper(H::StrAt, inst),
            Op::StrContains => self.helper(H::StrContains, inst),
            Op::StrStarts => self.helper(H::StrStarts, inst),
            Op::StrEnds => self.helper(H::StrEnds, inst),
            Op::StrSlice => self.helper(H::StrSlice, inst),
            Op::StrFind => self.helper(H::StrFind, inst),
            Op::StrReplace => self.helper(H::StrReplace, inst),
            Op::StrSplit => self.helper(H::StrSplit, inst),
            Op::StrJoin => self.helper(H::StrJoin, inst),
            Op::StrRepeat => self.helper(H::StrRepeat, inst),
            Op::StrUpper => self.helper(H::StrUpper, inst),
            Op::StrLower => self.helper(H::StrLower, inst),
            Op::StrTrim => self.helper(H::StrTrim, inst),
            Op::StrIsInt => self.helper(H::StrIsInt, inst),
            Op::StrToInt => self.helper(H::StrToInt, inst),
            Op::StrIsFloat => self.helper(H::StrIsFloat, inst),
            Op::StrToFloat => self.helper(H::StrToFloat, inst),
            Op::StrFormat => self.helper(H::StrFormat, inst),
            Op::BytesLen => self.helper(H::BytesLen, inst),

            Op::Some => match &inst.imm {
                Imm::Type(ty) if is_itself(ty) => self.same(inst),
                _ => self.helper(H::Some, inst),
            },
            Op::IsNull => {
                let a = self.operand(inst, 0);
                let result = self.b.ins().icmp_imm_s(IntCC::Equal, a, 0);
                self.set(inst.result, result);
            }
            Op::NonNull if is_itself(&self.arg_type(inst, 0)) => {
                let a = self.operand(inst, 0);
                let null = self.b.ins().icmp_imm_s(IntCC::Equal, a, 0);
                self.stop_if(null, TrapCode::NullReference);
                self.set(inst.result, a);
            }
            Op::NonNull => self.helper(H::Unwrap, inst),

            Op::Root => self.root(inst),
            Op::RootActivate => self.helper(H::RootActivate, inst),
            Op::RootDeactivate => self.helper(H::RootDeactivate, inst),
            Op::RootIsActive => self.helper(H::RootIsActive, inst),
            Op::RootReset => self.helper(H::RootReset, inst),
            Op::Load | Op::LoadKnown => {
                let loaded = match inst.imm {
                    Imm::Field(id, field) => self.load(inst.args[0], id, field, inst.op == Op::LoadKnown),
                    _ => None,
                };
                match loaded {
                    Some(result) => self.set(inst.result, result),
                    None => self.helper(H::Load, inst),
                }
            }
            Op::Store => self.store(inst),
            Op::WriteCheck => self.helper(H::WriteCheck, inst),
            Op::WriteCheckIn if inst.args.len() > 1 => self.helper(H::WriteCheckAt, inst),
            Op::WriteCheckIn => self.helper(H::WriteCheckIn, inst),
            Op::StructNew => self.helper(H::StructNew, inst),
            Op::StructInit => self.helper(H::StructInit, inst),
            Op::StructCopy => self.helper(H::StructCopy, inst),
            Op::StructAttached => self.helper(H::StructAttached, inst),
            Op::RecordNew => self.helper_with_all(H::RecordNew, inst),
            Op::RecordGet => {
                let record = self.slot(inst.args[0]);
                let index = self.int(int(&inst.imm));
                let site = self.site_of(inst);
                self.call(H::RecordGet, site, &[record, index]);
                self.take_result(inst.result);
            }

            Op::ListNew => self.helper_with_all(H::ListNew, inst),
            Op::ListLen | Op::ListGet | Op::ListAt | Op::ListVersion => self.list(inst),
            Op::ListDense => self.helper(H::ListDense, inst),
            Op::ListPush => self.helper(H::ListPush, inst),
            Op::ListSnapshot => self.helper(H::ListSnapshot, inst),
            Op::ListFind => self.helper(H::ListFind, inst),
            Op::ListFindKey => self.find_key(inst),
            Op::ListOrder => self.helper(H::ListOrder, inst),
            Op::ListInsert => self.helper(H::ListInsert, inst),
            Op::ListSet => self.helper(H::ListSet, inst),
            Op::ListRemove => self.helper(H::ListRemove, inst),
            Op::ListAssign => self.helper(H::ListAssign, inst),
            Op::ListClear => self.helper(H::ListClear, inst),

            Op::MapNew => self.helper_with_all(H::MapNew, inst),
            Op::MapLen => self.helper(H::MapLen, inst),
            Op::MapFind => self.helper(H::MapFind, inst),
            Op::MapKeyAt => self.helper(H::MapKeyAt, inst),
            Op::MapValueAt => self.helper(H::MapValueAt, inst),
            Op::MapPut => self.helper(H::MapPut, inst),
            Op::MapRemove => self.helper(H::MapRemove, inst),
            Op::MapSnapshot => self.helper(H::MapSnapshot, inst),
            Op::MapAssign => self.helper(H::MapAssign, inst),
            Op::MapClear => self.helper(H::MapClear, inst),
            Op::MapVersion => self.helper(H::MapVersion, inst),

            Op::RandInt => self.helper(H::RandInt, inst),
            Op::RandFloat => self.helper(H::RandFloat, inst),
            Op::RandUnit => self.helper(H::RandUnit, inst),
            Op::Now => self.helper(H::Now, inst),
            Op::Stream => self.helper(H::Stream, inst),
            Op::Host => self.helper(H::Host, inst),
            Op::EmitAll => self.helper_with_all(H::EmitAll, inst),
            Op::EmitOne => self.helper_with_all(H::EmitOne, inst),
            Op::EmitMany => self.helper_with_all(H::EmitMany, inst),
            Op::EmitExcept => self.helper_with_all(H::EmitExcept, inst),
            Op::Kick => self.helper_with_all(H::Kick, inst),
            Op::Schedule => self.helper_with_all(H::Schedule, inst),
            Op::Unschedule => self.helper_with_all(H::Unschedule, inst),
            Op::FilterAdd => self.helper_with_all(H::FilterAdd, inst),
            Op::FilterRemove => self.helper_with_all(H::FilterRemove, inst),
            Op::FilterHas => self.helper_with_all(H::FilterHas, inst),
            Op::EffectAdd => self.helper_with_all(H::EffectAdd, inst),
            Op::EffectRemove => self.helper_with_all(H::EffectRemove, inst),
            Op::EffectHas => self.helper_with_all(H::EffectHas, inst),
            Op::EffectsLift => self.helper(H::EffectsLift, inst),
            Op::EffectsLiftAt => self.helper(H::EffectsLiftAt, inst),
            Op::EffectsApply => self.helper(H::EffectsApply, inst),
            Op::ConfigGet => self.helper(H::ConfigGet, inst),
            Op::ConfigSet => self.helper_with_all(H::ConfigSet, inst),
            Op::ConfigReload => self.helper_with_all(H::ConfigReload, inst),

            // Charges ahead of it may be made with it; see `Body::block`.
            Op::Fuel => self.charge(std::slice::from_ref(inst)),
            Op::FuelN => {
                let amount = self.operand(inst, 0);
                self.charge_some(amount);
            }
            Op::FuelShort => {
                let amount = self.operand(inst, 0);
                let zero = self.int(0);
                let amount = self.b.ins().smax(amount, zero);
                let fuel = self.fuel_left();
                let result = self.b.ins().icmp(IntCC::UnsignedLessThan, fuel, amount);
                self.set(inst.result, result);
            }
            Op::Mem => self.helper(H::Mem, inst),
            Op::MemN => self.helper(H::MemN, inst),
            Op::MemShort => self.helper(H::MemShort, inst),
            Op::EntriesShort => self.helper(H::EntriesShort, inst),
            Op::TrapIf => {
                let condition = self.operand(inst, 0);
                if let Imm::Trap(code) = inst.imm {
                    self.stop_if(condition, code);
                }
            }
            Op::Call => {
                if let Imm::Func(callee) = inst.imm {
                    self.call_function(callee.index(), &inst.args);
                    self.take_result(inst.result);
                }
            }

            Op::HostCall => self.host_call(inst),

            Op::Message => self.helper_with_all(H::Message, inst),
            Op::Enter => self.helper(H::Enter, inst),
            Op::Leave => self.helper(H::Leave, inst),
            Op::Probe => self.helper(H::Probe, inst),
            Op::Watch => self.helper(H::Watch, inst),
        }
        Ok(())
    }

    fn operand(&mut self, inst: &Inst, index: usize) -> clif::Value {
        match inst.args.get(index) {
            Some(value) => self.get(*value),
            None => self.int(0),
        }
    }

    fn constant(&self, inst: &Inst, index: usize) -> Option<i64> {
        inst.args.get(index).and_then(|value| self.constants[value.index()])
    }

    fn arg_type(&self, inst: &Inst, index: usize) -> Type {
        inst.args.get(index).map_or(Type::Bool, |value| self.function.ty(*value).clone())
    }

    fn same(&mut self, inst: &Inst) {
        let a = self.operand(inst, 0);
        self.set(inst.result, a);
    }

    fn unary(
        &mut self,
        inst: &Inst,
        make: impl FnOnce(cranelift_frontend::FuncInstBuilder<'_, '_>, clif::Value) -> clif::Value,
    ) {
        let a = self.operand(inst, 0);
        let result = make(self.b.ins(), a);
        self.set(inst.result, result);
    }

    fn binary(
        &mut self,
        inst: &Inst,
        make: impl FnOnce(cranelift_frontend::FuncInstBuilder<'_, '_>, clif::Value, clif::Value) -> clif::Value,
    ) {
        let (a, b) = (self.operand(inst, 0), self.operand(inst, 1));
        let result = make(self.b.ins(), a, b);
        self.set(inst.result, result);
    }

    /// Whether a sum is too large; the sum itself comes with it.
    fn overflows(&mut self, inst: &Inst) {
        let (a, b) = (self.operand(inst, 0), self.operand(inst, 1));
        let (wraps, (sum, over)) = match inst.op {
            Op::IAddOver => (Op::IAddWrap, self.b.ins().sadd_overflow(a, b)),
            Op::ISubOver => (Op::ISubWrap, self.b.ins().ssub_overflow(a, b)),
            _ if self.constant(inst, 1) == Some(2) => (Op::IMulWrap, self.b.ins().sadd_overflow(a, a)),
            _ => (Op::IMulWrap, self.b.ins().smul_overflow(a, b)),
        };
        self.sums.push((wraps, inst.args.clone(), sum));
        self.set(inst.result, over);
    }

    fn wrapping(&mut self, inst: &Inst) {
        let known = self.sums.iter().find(|(op, args, _)| *op == inst.op && *args == inst.args);
        if let Some((.., sum)) = known {
            let sum = *sum;
            return self.set(inst.result, sum);
        }
        match inst.op {
            Op::IAddWrap => self.binary(inst, |b, x, y| b.iadd(x, y)),
            Op::ISubWrap => self.binary(inst, |b, x, y| b.isub(x, y)),
            _ => self.binary(inst, |b, x, y| b.imul(x, y)),
        }
    }

    /// The remainder, toward zero; of a power of two without a division.
    fn remainder(&mut self, inst: &Inst) {
        let (a, b) = (self.operand(inst, 0), self.operand(inst, 1));
        let known = self.constant(inst, 1);
        self.check_divisor(a, b, known, false);
        let power = known.and_then(|divisor| u64::try_from(divisor).ok()).filter(|divisor| divisor.is_power_of_two());
        let result = match power {
            Some(divisor) if self.is_never_negative(inst.args.first()) => {
                self.b.ins().band_imm_s(a, divisor as i64 - 1)
            }
            Some(divisor) => {
                let mask = divisor as i64 - 1;
                // The multiple next to it toward zero: what is negative is brought up first. Loops wait for this, so that the way from `a`
                // is short.
                let is_negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, a, 0);
                let above = self.b.ins().iadd_imm_s(a, if planted::is(75) { 0 } else { mask });
                let from = self.b.ins().select(is_negative, above, a);
                let multiple = self.b.ins().band_imm_s(from, !mask);
                self.b.ins().isub(a, multiple)
            }
            None => self.b.ins().srem(a, b),
        };
        self.set(inst.result, result);
    }

    /// Whether an integer is zero or more where the block at hand uses it.
    fn is_never_negative(&mut self, value: Option<&Value>) -> bool {
        let (function, schema) = (self.function, &self.unit.source.schema);
        let ranges = self.ranges.get_or_insert_with(|| Ranges::new(function, schema));
        value.and_then(|value| ranges.at(*value, self.at)).is_some_and(|(least, _)| least >= 0 || planted::is(110))
    }

    fn narrow(&mut self, inst: &Inst) {
        let a = self.operand(inst, 0);
        if let Imm::Type(Type::Int(kind)) = inst.imm
            && kind != IntKind::I64
        {
            let (least, most) = kind.range();
            let least = i64::try_from(least).unwrap_or(i64::MIN);
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            // From the least on, as unsigned numbers.
            let above = self.b.ins().iadd_imm_s(a, least.wrapping_neg());
            let width = self.int(most.wrapping_sub(least));
            let over = if planted::is(74) { IntCC::UnsignedGreaterThanOrEqual } else { IntCC::UnsignedGreaterThan };
            let beyond = self.b.ins().icmp(over, above, width);
            self.stop_if(beyond, TrapCode::OutOfRange);
        }
        self.set(inst.result, a);
    }

    /// A comparison by a helper that gives −1, 0 or 1, or 2 if there is no order.
    fn compare(&mut self, helper: Helper, cond: Cond, inst: &Inst) {
        let site = self.site_of(inst);
        let operands: Vec<clif::Value> = inst.args.iter().map(|arg| self.slot(*arg)).collect();
        self.call(helper, site, &operands);
        let order = self.result(&Type::INT);
        let result = match cond {
            Cond::Eq | Cond::Ne | Cond::Lt | Cond::Le => self.b.ins().icmp_imm_s(int_condition(cond), order, 0),
            Cond::Gt => self.b.ins().icmp_imm_s(IntCC::Equal, order, 1),
            Cond::Ge => self.b.ins().icmp_imm_u(IntCC::UnsignedLessThanOrEqual, order, 1),
        };
        self.set(inst.result, result);
    }

    /// A site with the constant part, and the type of what it is about.
    pub fn site_of(&mut self, inst: &Inst) -> Site {
        let mut site = self.site();
        match &inst.imm {
            Imm::Field(id, field) => (site.id, site.field) = (*id, *field),
            Imm::Struct(id) => site.id = *id,
            Imm::Str(text) => site.text = text.clone(),
            Imm::Type(ty) => site.ty = ty.clone(),
            _ => {}
        }
        // What is sent and arranged has its payload last.
        let about = match inst.op.row().effect {
            Effect::Emits | Effect::Arranges => inst.args.last(),
            _ if inst.op == Op::Message => inst.args.last(),
            _ => inst.args.first(),
        };
        if let (Some(value), false) = (about, matches!(inst.imm, Imm::Type(_))) {
            site.ty = self.function.ty(*value).clone();
        }
        if let (Type::Struct(id), Imm::None) = (&site.ty, &inst.imm) {
            site.id = *id;
        }
        site
    }

    /// An operation that a helper does with at most three operands.
    pub fn helper(&mut self, helper: Helper, inst: &Inst) {
        let site = self.site_of(inst);
        let operands: Vec<clif::Value> = inst.args.iter().take(3).map(|arg| self.slot(*arg)).collect();
        self.call(helper, site, &operands);
        self.take_result(inst.result);
    }

    /// One that a helper does with any number of operands.
    fn helper_with_all(&mut self, helper: Helper, inst: &Inst) {
        let site = self.site_of(inst);
        self.all_operands(helper, site, inst);
    }

    pub fn all_operands(&mut self, helper: Helper, site: Site, inst: &Inst) {
        let operands: Vec<clif::Value> = inst.args.iter().map(|arg| self.slot(*arg)).collect();
        self.call_with(helper, site, &operands);
        self.take_result(inst.result);
    }
}

pub(super) fn int(imm: &Imm) -> i64 {
    match imm {
        Imm::Int(value) => *value,
        _ => 0,
    }
}

pub(super) fn cond(imm: &Imm) -> Cond {
    match imm {
        Imm::Cond(cond) => *cond,
        _ => Cond::Eq,
    }
}
