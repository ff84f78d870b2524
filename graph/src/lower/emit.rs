//! Short names for emitting IR.

use std::sync::Arc;

use statewright_types::{TrapCode, Type};

use super::place::Place;
use super::{GraphCx, Lowered, Operand, Var};
use crate::document::GraphKind;
use crate::ir::{BlockId, Cond, Imm, Op, Value};

impl GraphCx<'_> {
    /// An operation with a result.
    pub(crate) fn op(&mut self, op: Op, args: &[Value], imm: Imm, ty: Type) -> Value {
        debug_assert!(op.row().result.is_some() || op == Op::Call);
        let ty = ty.loaded();
        self.builder.inst(op, args, imm, Some(ty)).unwrap_or(Value(0))
    }

    /// An operation without operands, at the end of an earlier block.
    pub(crate) fn op_in(&mut self, block: BlockId, op: Op, imm: Imm, ty: Type) -> Value {
        self.builder.inst_in(block, op, imm, ty.loaded())
    }

    /// An operation without a result.
    pub(crate) fn act(&mut self, op: Op, args: &[Value], imm: Imm) {
        self.builder.inst(op, args, imm, None);
    }

    pub(crate) fn int(&mut self, value: i64) -> Value {
        self.op(Op::IConst, &[], Imm::Int(value), Type::INT)
    }

    pub(crate) fn float(&mut self, value: f64) -> Value {
        self.op(Op::FConst, &[], Imm::Float(value.to_bits()), Type::Float64)
    }

    pub(crate) fn bool(&mut self, value: bool) -> Value {
        self.op(Op::BConst, &[], Imm::Bool(value), Type::Bool)
    }

    pub(crate) fn text(&mut self, value: &str) -> Value {
        self.op(Op::SConst, &[], Imm::Str(Arc::from(value)), Type::String)
    }

    /// The same of a text that the document shares.
    pub(crate) fn shared_text(&mut self, value: &Arc<str>) -> Value {
        self.op(Op::SConst, &[], Imm::Str(value.clone()), Type::String)
    }

    pub(crate) fn iop(&mut self, op: Op, args: &[Value]) -> Value {
        self.op(op, args, Imm::None, Type::INT)
    }

    pub(crate) fn fop(&mut self, op: Op, args: &[Value]) -> Value {
        self.op(op, args, Imm::None, Type::Float64)
    }

    pub(crate) fn bop(&mut self, op: Op, args: &[Value]) -> Value {
        self.op(op, args, Imm::None, Type::Bool)
    }

    pub(crate) fn cmp(&mut self, op: Op, cond: Cond, a: Value, b: Value) -> Value {
        self.op(op, &[a, b], Imm::Cond(cond), Type::Bool)
    }

    pub(crate) fn trap_if(&mut self, condition: Value, code: TrapCode) {
        self.act(Op::TrapIf, &[condition], Imm::Trap(code));
    }

    pub(crate) fn fuel(&mut self, amount: i64) {
        self.act(Op::Fuel, &[], Imm::Int(amount));
    }

    /// Ends the current block with a branch to two new blocks.
    pub(crate) fn fork(&mut self, condition: Value) -> (BlockId, BlockId) {
        let (then, otherwise) = (self.builder.block(), self.builder.block());
        self.builder.branch(condition, then, otherwise);
        self.builder.seal(then);
        self.builder.seal(otherwise);
        (then, otherwise)
    }

    /// Ends the current block by going to `block`, seals that and goes on there.
    pub(crate) fn join_at(&mut self, block: BlockId) {
        self.builder.jump(block);
        self.builder.seal(block);
        self.builder.switch_to(block);
    }

    /// `then` where the condition holds, `otherwise` where not; both are evaluated only then.
    pub(crate) fn choose(
        &mut self,
        condition: Value,
        then: &mut dyn FnMut(&mut Self) -> Lowered<Operand>,
        otherwise: &mut dyn FnMut(&mut Self) -> Lowered<Operand>,
        wanted: &mut dyn FnMut(&mut Self, &Type, &Type) -> Lowered<Type>,
    ) -> Lowered<Operand> {
        self.open_scope();
        let (yes, no) = self.fork(condition);
        self.builder.switch_to(yes);
        let first = then(self);
        let first_end = self.builder.current();
        self.close_scope();
        self.open_scope_at_last();
        self.builder.switch_to(no);
        let second = otherwise(self);
        let second_end = self.builder.current();
        self.close_scope();
        let (first, second) = (first?, second?);
        let ty = wanted(self, &first.ty, &second.ty)?;
        let result = self.builder.var(ty.loaded());
        let join = self.builder.block();
        for (operand, end) in [(first, first_end), (second, second_end)] {
            self.builder.switch_to(end);
            let operand = self.convert_plain(operand, &ty)?;
            let value = self.owned(&operand);
            self.builder.set(result, value);
            self.builder.jump(join);
        }
        self.builder.seal(join);
        self.builder.switch_to(join);
        let value = self.builder.get(result);
        Ok(Operand::new(value, ty))
    }

    /// The operand as a value that later writes to state do not change.
    pub(crate) fn owned(&mut self, operand: &Operand) -> Value {
        if operand.live == super::Live::No {
            return operand.value;
        }
        match &operand.ty {
            Type::List(_) => self.op(Op::ListSnapshot, &[operand.value], Imm::None, operand.ty.clone()),
            Type::Map(..) => self.op(Op::MapSnapshot, &[operand.value], Imm::None, operand.ty.clone()),
            _ => operand.value,
        }
    }

    /// What `read` finds without effects; lists and maps as they are in the base.
    pub(crate) fn in_base(&mut self, read: impl FnOnce(&mut Self) -> Lowered<Operand>) -> Lowered<Operand> {
        self.lift_effects();
        let operand = read(self)?;
        if !self.has_effects() {
            return Ok(operand);
        }
        let value = self.owned(&operand);
        self.apply_effects();
        Ok(Operand { value, live: super::Live::No, ..operand })
    }

    /// What follows reads the base, up to [`Self::apply_effects`].
    pub(crate) fn lift_effects(&mut self) {
        if self.has_effects() {
            self.act(Op::EffectsLift, &[], Imm::None);
        }
    }

    /// What follows reads the base at a place, up to [`Self::apply_effects`].
    pub(crate) fn lift_effects_at(&mut self, place: &Place) {
        match place {
            Place::Field { record, ty, field } if self.has_effects() => {
                self.act(Op::EffectsLiftAt, &[*record], Imm::Field(*ty, *field));
            }
            _ => self.lift_effects(),
        }
    }

    /// What follows reads the effective state again.
    pub(crate) fn apply_effects(&mut self) {
        if self.has_effects() {
            self.act(Op::EffectsApply, &[], Imm::None);
        }
    }

    /// Without effects the state is the base; so it is, as far as they can tell, for filters and effects themselves.
    fn has_effects(&self) -> bool {
        !self.unit.effects.is_empty() && !matches!(self.graph().kind, GraphKind::Filter | GraphKind::Effect)
    }

    /// Charges a value that was built (R7.4), if its type has a size.
    pub(crate) fn charge(&mut self, ty: &Type, value: Value) {
        if !matches!(ty, Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64) {
            self.act(Op::Mem, &[value], Imm::None);
        }
    }

    /// A counted loop over `0..length`: `body` gets the index; goes on after the loop. The block to leave early is
    /// the second argument of `body`.
    pub(crate) fn count(
        &mut self,
        length: Value,
        body: &mut dyn FnMut(&mut Self, Value, BlockId) -> Lowered<()>,
    ) -> Lowered<()> {
        let index: Var = self.builder.var(Type::INT);
        let zero = self.int(0);
        self.builder.set(index, zero);
        let (head, done) = (self.builder.block(), self.builder.block());
        self.builder.jump(head);
        self.builder.switch_to(head);
        let at = self.builder.get(index);
        let more = self.cmp(Op::ICmp, Cond::Lt, at, length);
        let inside = self.builder.block();
        self.builder.branch(more, inside, done);
        self.builder.seal(inside);
        self.builder.switch_to(inside);
        let outcome = body(self, at, done);
        let one = self.int(1);
        let at = self.builder.get(index);
        let next = self.iop(Op::IAdd, &[at, one]);
        self.builder.set(index, next);
        self.builder.jump(head);
        self.builder.seal(head);
        self.builder.seal(done);
        self.builder.switch_to(done);
        outcome
    }

    /// Does something only where a condition holds.
    pub(crate) fn only_if(&mut self, condition: Value, then: &mut dyn FnMut(&mut Self) -> Lowered<()>) -> Lowered<()> {
        let (yes, no) = self.fork(condition);
        let join = self.builder.block();
        self.builder.switch_to(no);
        self.builder.jump(join);
        self.builder.switch_to(yes);
        let outcome = then(self);
        self.join_at(join);
        outcome
    }

    /// The element at an index where `valid`; else null for structs and zero for the rest (R5.3).
    pub(crate) fn element_or_null(&mut self, list: &Operand, index: Value, valid: Value) -> Operand {
        let element = list.ty.element().map_or(Type::INT, Type::loaded);
        self.something_or_null(&element, valid, &mut |cx| {
            let item = cx.element(list, index);
            cx.owned(&item)
        })
    }

    /// The value at a position of a map where `valid`; else null or zero.
    pub(crate) fn entry_or_null(&mut self, map: &Operand, value: &Type, position: Value, valid: Value) -> Operand {
        let value = value.loaded();
        self.something_or_null(&value, valid, &mut |cx| {
            let found = cx.op(Op::MapValueAt, &[map.value, position], Imm::None, value.clone());
            let live = if super::typing::is_container(&value) { map.live } else { super::Live::No };
            cx.owned(&Operand { live, ..Operand::new(found, value.clone()) })
        })
    }

    fn something_or_null(&mut self, element: &Type, valid: Value, item: &mut dyn FnMut(&mut Self) -> Value) -> Operand {
        let ty = match element {
            Type::Struct(_) => Type::nullable(element.clone()),
            other => other.clone(),
        };
        let result = self.builder.var(ty.clone());
        let (yes, no) = self.fork(valid);
        let join = self.builder.block();
        self.builder.switch_to(no);
        let nothing = match &ty {
            Type::Nullable(_) => self.op(Op::Null, &[], Imm::Type(ty.clone()), ty.clone()),
            other => self.op(Op::Zero, &[], Imm::Type(other.clone()), other.clone()),
        };
        self.builder.set(result, nothing);
        self.builder.jump(join);
        self.builder.switch_to(yes);
        let value = item(self);
        let value = match (&ty, element) {
            (Type::Nullable(_), Type::Struct(_)) => self.op(Op::Some, &[value], Imm::Type(ty.clone()), ty.clone()),
            _ => value,
        };
        self.builder.set(result, value);
        self.join_at(join);
        Operand::new(self.builder.get(result), ty)
    }
}
