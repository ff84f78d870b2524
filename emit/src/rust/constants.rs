//! The constant parts of instructions, as they are written.

use statewright_graph::ir::{Cond, Imm, Inst};
use statewright_types::planted;

use super::expr::string;

pub(super) fn imm_int(inst: &Inst) -> i64 {
    match inst.imm {
        Imm::Int(value) => value,
        _ => 0,
    }
}

pub(super) fn imm_str(inst: &Inst) -> String {
    match &inst.imm {
        Imm::Str(text) => string(text),
        _ => string(""),
    }
}

pub(super) fn imm_trap(inst: &Inst) -> String {
    match inst.imm {
        Imm::Trap(code) => format!("TrapCode::{code:?}"),
        _ => String::new(),
    }
}

pub(super) fn imm_cond(inst: &Inst) -> Cond {
    match inst.imm {
        Imm::Cond(cond) => cond,
        _ => Cond::Eq,
    }
}

pub(super) fn operator(cond: Cond) -> &'static str {
    match cond {
        Cond::Eq => "==",
        Cond::Ne => "!=",
        Cond::Lt => "<",
        Cond::Le => "<=",
        Cond::Gt => ">",
        Cond::Ge => ">=",
    }
}

/// Of integers: floats have NaNs.
pub(super) fn opposite(cond: Cond) -> Cond {
    match cond {
        Cond::Eq => Cond::Ne,
        Cond::Ne => Cond::Eq,
        // Once for all that decide: a planted fault is at home here.
        Cond::Lt if planted::is(86) => Cond::Gt,
        Cond::Lt => Cond::Ge,
        Cond::Le => Cond::Gt,
        Cond::Gt => Cond::Le,
        Cond::Ge => Cond::Lt,
    }
}
