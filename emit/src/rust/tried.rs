//! The operations of a loop that is tried: what may stop is asked of `checks`.

use statewright_graph::ir::{Imm, Inst, Op, Value};
use statewright_types::{IntKind, Type};

use super::attempt::stops;
use super::body::FunctionWriter;
use super::constants::{imm_int, imm_trap};
use super::expr::Expr;

impl FunctionWriter<'_, '_> {
    /// The element of the pass, where it is used.
    pub(super) fn element(&self, value: Value) -> Option<Expr> {
        let (attempt, name) = self.attempt.as_ref().filter(|(attempt, _)| attempt.elements.contains(&value))?;
        let element = Expr::atom(name);
        Some(if attempt.is_struct(value) { element.method("slot()") } else { element })
    }

    /// What an operation computes in a loop that is tried, where that differs.
    pub(super) fn tried(&mut self, inst: &Inst) -> Option<Expr> {
        let (attempt, element) = self.attempt.as_ref()?;
        let is_loaded = inst.op == Op::LoadKnown && inst.args.first().is_some_and(|record| attempt.is_struct(*record));
        let fits = inst.result.is_some_and(|result| attempt.small.fits(result));
        let (element, of) = (element.clone(), self.of_result(inst));
        let args = &inst.args[..];
        Some(match inst.op {
            Op::LoadKnown if is_loaded => Expr::atom(format!("{element}.load::<{of}>({})", self.imm_field(inst))),
            Op::Load | Op::ListGet => {
                let mut operands = vec!["run".to_owned()];
                operands.extend(args.iter().map(|arg| self.value(*arg).text));
                if inst.op == Op::Load {
                    operands.push(self.imm_field(inst));
                }
                let name = if inst.op == Op::Load { "load" } else { "list_get" };
                self.call(&format!("checks.{name}::<{of}>"), &[], &operands, Some(inst))
            }
            Op::IAddOver | Op::ISubOver | Op::IMulOver if fits => {
                self.call(&format!("checks.{}", name(inst.op)?), args, &[], None)
            }
            Op::IAdd | Op::ISub | Op::IMul => {
                let wide = if fits { "" } else { "_wide" };
                self.call(&format!("checks.{}{wide}", name(inst.op)?), args, &[], Some(inst))
            }
            Op::Narrow => match inst.imm {
                Imm::Type(Type::Int(kind)) if kind != IntKind::I64 => {
                    let a = self.value(*args.first()?).text;
                    self.call("checks.narrow", &[], &[format!("IntKind::{kind:?}"), a], Some(inst))
                }
                _ => return None,
            },
            Op::Fuel => self.call(
                if self.is_in_branch { "checks.charge_some" } else { "checks.charge" },
                &[],
                &[imm_int(inst).unsigned_abs().to_string()],
                Some(inst),
            ),
            Op::TrapIf => self.call("checks.trap_if", args, &[imm_trap(inst)], Some(inst)),
            op if stops(op) => self.call(&format!("checks.{}", name(op)?), args, &[], Some(inst)),
            _ => return None,
        })
    }

    /// The result of an instruction, asked to be small if others rely on that.
    pub(super) fn small(&self, inst: &Inst, expr: Expr) -> Expr {
        let attempt = self.attempt.as_ref().zip(inst.result);
        let is_asked = attempt.is_some_and(|((attempt, _), result)| attempt.is_asked(result));
        if is_asked { Expr::atom(format!("checks.small({})", expr.text)) } else { expr }
    }
}

/// What `checks` calls an operation.
fn name(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::IAdd => "add",
        Op::ISub => "sub",
        Op::IMul => "mul",
        Op::IAddOver => "add_over",
        Op::ISubOver => "sub_over",
        Op::IMulOver => "mul_over",
        Op::IDiv => "div",
        Op::IDivFloor => "div_floor",
        Op::IRem => "rem",
        Op::INeg => "neg",
        Op::IAbs => "abs",
        Op::UToI => "to_int",
        Op::IToU => "to_uint",
        Op::FToIFloor => "floor",
        Op::FToICeil => "ceil",
        Op::FToIRound => "round",
        Op::FToITrunc => "trunc",
        Op::NonNull => "non_null",
        _ => return None,
    })
}
