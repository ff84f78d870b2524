//! One instruction of the IR after the other, without blocks and jumps.

use std::sync::Arc;

use statewright_graph::ir::{Cond, Imm, Inst as IrInst, Op, Value};
use statewright_runtime::host::HostSite;
use statewright_types::{IntKind, StructId, Type};

use super::{Decoder, cond};
use crate::code::{FloatBinary, FloatUnary, Inst, NONE, Reg, Rounding};
use crate::operations::{Arrangement, Recipient, RootChange, SortKey, TextKind};

impl Decoder<'_> {
    /// Decodes an instruction that is neither a constant nor part of a jump.
    pub(super) fn inst(&mut self, inst: &IrInst) {
        let d = inst.result.map_or(NONE, |value| self.r(value));
        let arg = |index: usize| inst.args.get(index).copied();
        let reg = |index: usize| arg(index).map_or(NONE, |value| self.registers[value.index()]);
        let (a, b, c) = (reg(0), reg(1), reg(2));
        let out = match inst.op {
            Op::IConst | Op::UConst | Op::FConst | Op::BConst | Op::Null => return, // registers of the frame
            Op::SConst => Inst::SConst { d, text: self.text(&inst.imm) },
            Op::Zero => Inst::Zero { d, ty: self.imm_type(&inst.imm) },

            Op::IAdd => Inst::IAdd { d, a, b },
            Op::ISub => Inst::ISub { d, a, b },
            Op::IMul => Inst::IMul { d, a, b },
            Op::IAddWrap => Inst::IAddWrap { d, a, b },
            Op::ISubWrap => Inst::ISubWrap { d, a, b },
            Op::IMulWrap => Inst::IMulWrap { d, a, b },
            Op::IAddOver => Inst::IAddOver { d, a, b },
            Op::ISubOver => Inst::ISubOver { d, a, b },
            Op::IMulOver => Inst::IMulOver { d, a, b },
            Op::IDiv => Inst::IDiv { d, a, b },
            Op::IDivFloor => Inst::IDivFloor { d, a, b },
            Op::IRem => match self.power_of_two(inst) {
                Some(bits) => Inst::IRemBits { d, a, bits },
                None => Inst::IRem { d, a, b },
            },
            Op::INeg => Inst::INeg { d, a },
            Op::IAbs => Inst::IAbs { d, a },
            Op::IMin => Inst::IMin { d, a, b },
            Op::IMax => Inst::IMax { d, a, b },
            Op::ISign => Inst::ISign { d, a },

            Op::FAdd => Inst::FAdd { d, a, b },
            Op::FSub => Inst::FSub { d, a, b },
            Op::FMul => Inst::FMul { d, a, b },
            Op::FDiv => Inst::FDiv { d, a, b },
            Op::FRem => Inst::FBinary { f: FloatBinary::Rem, d, a, b },
            Op::FNeg => Inst::FNeg { d, a },
            Op::FAbs => Inst::FAbs { d, a },
            Op::FMin => Inst::FBinary { f: FloatBinary::Min, d, a, b },
            Op::FMax => Inst::FBinary { f: FloatBinary::Max, d, a, b },
            Op::FSign => Inst::FUnary { f: FloatUnary::Sign, d, a },
            Op::FSqrt => Inst::FUnary { f: FloatUnary::Sqrt, d, a },
            Op::FSin => Inst::FUnary { f: FloatUnary::Sin, d, a },
            Op::FCos => Inst::FUnary { f: FloatUnary::Cos, d, a },
            Op::FTan => Inst::FUnary { f: FloatUnary::Tan, d, a },
            Op::FAsin => Inst::FUnary { f: FloatUnary::Asin, d, a },
            Op::FAtan2 => Inst::FBinary { f: FloatBinary::Atan2, d, a, b },
            Op::FExp => Inst::FUnary { f: FloatUnary::Exp, d, a },
            Op::FLog => Inst::FUnary { f: FloatUnary::Log, d, a },
            Op::FPow => Inst::FBinary { f: FloatBinary::Pow, d, a, b },

            Op::IToF => Inst::IToF { d, a },
            Op::UToF => Inst::UToF { d, a },
            Op::UToI => Inst::UToI { d, a },
            Op::IToU => Inst::IToU { d, a },
            Op::FToIFloor => Inst::FToI { rounding: Rounding::Floor, d, a },
            Op::FToICeil => Inst::FToI { rounding: Rounding::Ceil, d, a },
            Op::FToIRound => Inst::FToI { rounding: Rounding::Round, d, a },
            Op::FToITrunc => Inst::FToI { rounding: Rounding::Trunc, d, a },
            Op::Narrow => match inst.imm {
                Imm::Type(Type::Int(kind)) if kind != IntKind::I64 => Inst::Narrow { kind, d, a },
                _ => Inst::Move { d, a },
            },
            Op::FRound32 => Inst::FUnary { f: FloatUnary::Round32, d, a },
            Op::Retype | Op::Reveal => Inst::Move { d, a },

            Op::ICmp => match cond(&inst.imm) {
                Cond::Eq => Inst::IEq { d, a, b },
                Cond::Ne => Inst::INe { d, a, b },
                Cond::Lt => Inst::ILt { d, a, b },
                Cond::Le => Inst::ILe { d, a, b },
                Cond::Gt => Inst::ILt { d, a: b, b: a },
                Cond::Ge => Inst::ILe { d, a: b, b: a },
            },
            Op::UCmp => Inst::UCmp { cond: cond(&inst.imm), d, a, b },
            Op::UICmp => Inst::UICmp { cond: cond(&inst.imm), d, a, b },
            Op::FCmp => match cond(&inst.imm) {
                Cond::Eq => Inst::FEq { d, a, b },
                Cond::Ne => Inst::FNe { d, a, b },
                Cond::Lt => Inst::FLt { d, a, b },
                Cond::Le => Inst::FLe { d, a, b },
                Cond::Gt => Inst::FLt { d, a: b, b: a },
                Cond::Ge => Inst::FLe { d, a: b, b: a },
            },
            Op::IFCmp => Inst::IFCmp { cond: cond(&inst.imm), d, a, b },
            Op::UFCmp => Inst::UFCmp { cond: cond(&inst.imm), d, a, b },
            Op::SCmp => Inst::SCmp { cond: cond(&inst.imm), d, a, b },
            Op::Equal => match self.arg_type(inst, 0) {
                Type::Bool | Type::Int(_) => Inst::IEq { d, a, b },
                Type::String | Type::Uuid => Inst::SCmp { cond: Cond::Eq, d, a, b },
                ty => {
                    let ty = self.ty(&ty);
                    Inst::Equal { d, a, x: self.extra([b, ty]) }
                }
            },
            Op::Digest => {
                let ty = self.arg_type(inst, 0);
                Inst::Digest { d, a, ty: self.ty(&ty) }
            }
            Op::Not => Inst::Not { d, a },
            Op::And => Inst::And { d, a, b },
            Op::Or => Inst::Or { d, a, b },
            Op::Select => Inst::Select { d, a, x: self.extra([b, c]) },

            Op::Text => match self.arg_type(inst, 0) {
                Type::Bool => Inst::TextOf { kind: TextKind::Bool, d, a },
                Type::Int(IntKind::U64) => Inst::TextOf { kind: TextKind::UInt, d, a },
                Type::Int(_) => Inst::TextOf { kind: TextKind::Int, d, a },
                Type::Float64 | Type::Float32 => Inst::TextOf { kind: TextKind::Float, d, a },
                _ => Inst::Move { d, a },
            },
            Op::Concat => {
                let words: Vec<u32> = inst.args.iter().map(|value| self.r(*value)).collect();
                Inst::Concat { d, count: words.len() as u32, x: self.extra(words) }
            }
            Op::StrLen => Inst::StrLen { d, a },
            Op::StrAt => Inst::StrAt { d, a, b },
            Op::StrContains => Inst::StrContains { d, a, b },
            Op::StrStarts => Inst::StrStarts { d, a, b },
            Op::StrEnds => Inst::StrEnds { d, a, b },
            Op::StrSlice => Inst::StrSlice { d, a, x: self.extra([b, c]) },
            Op::StrFind => Inst::StrFind { d, a, b },
            Op::StrReplace => Inst::StrReplace { d, a, x: self.extra([b, c]) },
            Op::StrSplit => Inst::StrSplit { d, a, b },
            Op::StrJoin => Inst::StrJoin { d, a, b },
            Op::StrRepeat => Inst::StrRepeat { d, a, b },
            Op::StrUpper => Inst::StrUpper { d, a },
            Op::StrLower => Inst::StrLower { d, a },
            Op::StrTrim => Inst::StrTrim { d, a },
            Op::StrIsInt => Inst::StrIsInt { d, a },
            Op::StrToInt => Inst::StrToInt { d, a },
            Op::StrIsFloat => Inst::StrIsFloat { d, a },
            Op::StrToFloat => Inst::StrToFloat { d, a },
            Op::StrFormat => {
                let kinds = self.text(&inst.imm);
                Inst::StrFormat { d, a, x: self.extra([b, c, kinds]) }
            }
            Op::BytesLen => Inst::BytesLen { d, a },

            Op::Some => match &inst.imm {
                Imm::Type(ty) if is_itself(ty) => Inst::Move { d, a },
                imm => Inst::Some { d, a, ty: self.imm_type(imm) },
            },
            Op::IsNull => Inst::IsNull { d, a },
            Op::NonNull => match self.arg_type(inst, 0) {
                ty if is_itself(&ty) => Inst::NonNull { d, a },
                ty => Inst::Unwrap { d, a, ty: self.ty(&ty) },
            },

            Op::Root => Inst::Root { d, id: struct_of(inst) },
            Op::RootActivate => Inst::ChangeRoot { what: RootChange::Activate, d, id: struct_of(inst) },
            Op::RootDeactivate => Inst::ChangeRoot { what: RootChange::Deactivate, d, id: struct_of(inst) },
            Op::RootIsActive => Inst::ChangeRoot { what: RootChange::IsActive, d, id: struct_of(inst) },
            Op::RootReset => Inst::ChangeRoot { what: RootChange::Reset, d, id: struct_of(inst) },
            // What is known to be there is looked up like everything else: that costs next to nothing here.
            Op::Load | Op::LoadKnown => {
                self.join_with_element(a);
                Inst::Load { d, a, field: self.field(&inst.imm) }
            }
            Op::Store => Inst::Store { a, b, field: self.field(&inst.imm) },
            Op::WriteCheck => match inst.imm {
                Imm::Field(id, field) => Inst::WriteCheck { a, id, field },
                _ => return,
            },
            Op::WriteCheckIn => Inst::WriteCheckIn { a, b },
            Op::StructNew => Inst::StructNew { d, id: struct_of(inst) },
            Op::StructInit => Inst::StructInit { a, b, field: self.field(&inst.imm) },
            Op::StructCopy => Inst::StructCopy { d, a, id: self.arg_struct(inst) },
            Op::StructAttached => Inst::StructAttached { d, a, id: self.arg_struct(inst) },
            Op::RecordNew => Inst::RecordNew { d, ty: self.imm_type(&inst.imm), x: self.counted(&inst.args) },
            Op::RecordGet => Inst::RecordGet { d, a, index: int(&inst.imm) as u32 },

            Op::ListNew => Inst::ListNew { d, ty: self.imm_type(&inst.imm), x: self.counted(&inst.args) },
            Op::ListLen => Inst::ListLen { d, a },
            // It goes by references anyway.
            Op::ListDense => Inst::Zero { d, ty: self.imm_type(&Imm::Type(Type::Bool)) },
            Op::ListGet | Op::ListAt => Inst::ListGet { d, a, b },
            Op::ListPush => Inst::ListPush { a, b },
            Op::ListSnapshot => Inst::ListSnapshot { d, a },
            Op::ListFind => Inst::ListFind { d, a, b },
            Op::ListFindKey => {
                let field = self.field(&inst.imm);
                Inst::ListFindKey { d, a, x: self.extra([b, field]) }
            }
            Op::ListOrder => {
                let key = match self.arg_type(inst, 0).element() {
                    Some(Type::Int(IntKind::U64)) => SortKey::UInt,
                    Some(ty) if ty.is_float() => SortKey::Float,
                    Some(ty) if ty.is_text() => SortKey::Text,
                    _ => SortKey::Int,
                };
                Inst::ListOrder { key, d, a, b }
            }
            Op::ListInsert => Inst::ListInsert { a, index: b, b: c },
            Op::ListSet => Inst::ListSet { a, index: b, b: c },
            Op::ListRemove => Inst::ListRemove { a, index: b },
            Op::ListAssign => Inst::ListAssign { a, b },
            Op::ListClear => Inst::ListClear { a },
            Op::ListVersion => Inst::ListVersion { d, a },

            Op::MapNew => Inst::MapNew { d, ty: self.imm_type(&inst.imm), x: self.counted(&inst.args) },
            Op::MapLen => Inst::MapLen { d, a },
            Op::MapFind => Inst::MapFind { d, a, b },
            Op::MapKeyAt => Inst::MapKeyAt { d, a, b },
            Op::MapValueAt => Inst::MapValueAt { d, a, b },
            Op::MapPut => Inst::MapPut { a, key: b, b: c },
            Op::MapRemove => Inst::MapRemove { d, a, b },
            Op::MapSnapshot => Inst::MapSnapshot { d, a },
            Op::MapAssign => Inst::MapAssign { a, b },
            Op::MapClear => Inst::MapClear { a },
            Op::MapVersion => Inst::MapVersion { d, a },

            Op::RandInt => Inst::RandInt { d, x: self.extra([c, a, b]) },
            Op::RandFloat => Inst::RandFloat { d, x: self.extra([c, a, b]) },
            Op::RandUnit => Inst::RandUnit { d, a },
            Op::Now => Inst::Now { d },
            Op::Stream => Inst::Stream { d },
            Op::Host => Inst::Host { d },
            Op::EmitAll => self.emit(Recipient::All, None, arg(0), arg(1)),
            Op::EmitOne => self.emit(Recipient::One, arg(0), arg(1), arg(2)),
            Op::EmitMany => self.emit(Recipient::Many, arg(0), arg(1), arg(2)),
            Op::EmitExcept => self.emit(Recipient::Except, arg(0), arg(1), arg(2)),
            Op::Kick => self.arrange(Arrangement::Kick, inst, 2),
            Op::Schedule => self.arrange(Arrangement::Schedule, inst, 2),
            Op::Unschedule => self.arrange(Arrangement::Unschedule, inst, 1),
            Op::FilterAdd => self.arrange(Arrangement::FilterAdd, inst, 3),
            Op::FilterRemove => self.arrange(Arrangement::FilterRemove, inst, 2),
            Op::FilterHas => self.arrange(Arrangement::FilterHas, inst, 2),
            Op::EffectAdd => self.effect_add(inst),
            Op::EffectRemove => self.arrange(Arrangement::EffectRemove, inst, 1),
            Op::EffectHas => self.arrange(Arrangement::EffectHas, inst, 1),
            Op::EffectsLift => Inst::EffectsLift,
            Op::EffectsLiftAt => Inst::EffectsLiftAt { a, field: self.field(&inst.imm) },
            Op::EffectsApply => Inst::EffectsApply,
            Op::ConfigGet => Inst::ConfigGet { d, a, ty: self.imm_type(&inst.imm) },
            Op::ConfigSet => self.arrange(Arrangement::ConfigSet, inst, 1),
            Op::ConfigReload => self.arrange(Arrangement::ConfigReload, inst, 0),

            Op::Fuel => Inst::Fuel { amount: int(&inst.imm).unsigned_abs() },
            Op::FuelN => Inst::FuelN { a },
            Op::FuelShort => Inst::FuelShort { d, a },
            Op::MemN => Inst::MemN { a },
            Op::MemShort => Inst::MemShort { d, a },
            Op::EntriesShort => Inst::EntriesShort { d, a },
            Op::Mem => {
                let ty = self.arg_type(inst, 0);
                Inst::Mem { a, ty: self.ty(&ty) }
            }
            Op::TrapIf => match inst.imm {
                Imm::Trap(code) => Inst::TrapIf { code, a },
                _ => return,
            },
            Op::Call => match inst.imm {
                Imm::Func(callee) => Inst::Call { d, site: self.site(Some(callee), &inst.args, None, &[]) },
                _ => return,
            },
            Op::HostCall => match &inst.imm {
                Imm::Host(node) => {
                    let inputs = inst.args.iter().map(|value| self.function.ty(*value).clone()).collect();
                    self.code.hosts.push(HostSite::new(self.host_nodes, &node.name, inputs, node.output.as_ref()));
                    Inst::HostCall { d, site: self.code.hosts.len() as u32 - 1, x: self.counted(&inst.args) }
                }
                _ => return,
            },
            Op::Message => {
                let ty = match arg(1) {
                    Some(value) => self.ty(self.function.ty(value)),
                    None => 0,
                };
                Inst::Message { a, x: self.extra([b, ty]) }
            }
            Op::Enter => Inst::Enter,
            Op::Leave => Inst::Leave,
            Op::Watch => {
                let ty = self.arg_type(inst, 0);
                let (ty, text) = (self.ty(&ty), self.text(&inst.imm));
                Inst::Watch { d, a, x: self.extra([ty, text]) }
            }
            Op::Probe => {
                let ty = self.arg_type(inst, 0);
                Inst::Probe { a, ty: self.ty(&ty), text: self.text(&inst.imm) }
            }
        };
        self.push(out);
    }

    /// If the instruction before, in this block, gets the element that is loaded from, makes both one step.
    fn join_with_element(&mut self, record: Reg) {
        let is_same_block = self.block_pcs.last().is_some_and(|start| (*start as usize) < self.code.insts.len());
        if let Some(Inst::ListGet { d, a, b }) = self.code.insts.last().copied().filter(|_| is_same_block)
            && d == record
            && let Some(last) = self.code.insts.last_mut()
        {
            *last = Inst::ListGetLoad { d, a, b };
        }
    }

    fn emit(&mut self, to: Recipient, whom: Option<Value>, kind: Option<Value>, payload: Option<Value>) -> Inst {
        let reg = |value: Option<Value>| value.map_or(NONE, |value| self.registers[value.index()]);
        let (whom, a, payload_reg) = (reg(whom), reg(kind), reg(payload));
        let ty = match payload {
            Some(value) => self.ty(self.function.ty(value)),
            None => 0,
        };
        Inst::Emit { to, a, x: self.extra([whom, payload_reg, ty]) }
    }

    /// `fixed` operands, then perhaps one of any type.
    fn arrange(&mut self, what: Arrangement, inst: &IrInst, fixed: usize) -> Inst {
        let reg = |index: usize| inst.args.get(index).map_or(NONE, |value| self.r(*value));
        let operand = |index: usize| if index < fixed { reg(index) } else { NONE };
        let words = [operand(0), operand(1), operand(2), reg(fixed)];
        let ty = match inst.args.get(fixed) {
            Some(value) => self.ty(self.function.ty(*value)),
            None => 0,
        };
        let d = inst.result.map_or(NONE, |value| self.r(value));
        Inst::Arrange { what, d, x: self.extra(words.into_iter().chain([ty])) }
    }

    fn effect_add(&mut self, inst: &IrInst) -> Inst {
        let operands: Vec<u32> = inst.args.iter().take(7).map(|value| self.r(*value)).collect();
        let (params, ty) = match inst.args.get(7) {
            Some(value) => (self.r(*value), self.ty(self.function.ty(*value))),
            None => (NONE, 0),
        };
        Inst::EffectAdd { x: self.extra(operands.into_iter().chain([params, ty])) }
    }

    fn arg_type(&self, inst: &IrInst, index: usize) -> Type {
        inst.args.get(index).map_or(Type::Bool, |value| self.function.ty(*value).clone())
    }

    fn arg_struct(&self, inst: &IrInst) -> StructId {
        match self.arg_type(inst, 0) {
            Type::Struct(id) => id,
            _ => self.module.root,
        }
    }

    fn text(&mut self, imm: &Imm) -> u32 {
        match imm {
            Imm::Str(text) => self.strings.index(text),
            _ => self.strings.index(&Arc::from("")),
        }
    }

    fn imm_type(&mut self, imm: &Imm) -> u32 {
        match imm {
            Imm::Type(ty) => self.ty(ty),
            _ => self.ty(&Type::Bool),
        }
    }
}

/// Whether a non-null value of this nullable type is the thing itself.
fn is_itself(nullable: &Type) -> bool {
    matches!(nullable.non_null(), Type::Struct(_))
}

fn int(imm: &Imm) -> i64 {
    match imm {
        Imm::Int(value) => *value,
        other => unreachable!("verified: the constant part is an integer, not {other:?}"),
    }
}

fn struct_of(inst: &IrInst) -> StructId {
    match inst.imm {
        Imm::Struct(id) => id,
        ref other => unreachable!("verified: the constant part is a struct type, not {other:?}"),
    }
}
