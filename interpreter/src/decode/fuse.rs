//! Several operations in one instruction, where loops do them again and again. Each does the same in the same order as
//! its parts, and what may trap in it is of one node.

use std::collections::HashSet;

use statewright_graph::ir::{Block, BlockId, Cond, Imm, Inst as IrInst, Op, Terminator};
use statewright_runtime::state::FieldPlace;
use statewright_types::TrapCode;

use super::{Decoder, cond, constant};
use crate::code::{Code, Inst, NONE, Pc};
use crate::passes;
use crate::stack::WINDOW;

impl Decoder<'_> {
    /// The head of a loop over a live list, if `insts` begin with one: how many of them were taken.
    pub(super) fn list_head(&mut self, insts: &[IrInst]) -> usize {
        let [load, version, changed, trap, length, ..] = insts else { return 0 };
        let parts = [load.op, version.op, changed.op, trap.op, length.op];
        if parts != [Op::Load, Op::ListVersion, Op::ICmp, Op::TrapIf, Op::ListLen]
            || [version, changed, trap, length].iter().any(|inst| inst.node != load.node)
            || changed.imm != Imm::Cond(Cond::Ne)
            || trap.imm != Imm::Trap(TrapCode::ModifiedDuringIteration)
        {
            return 0;
        }
        let (Some(list), Some(now), Some(is_changed), Some(count)) =
            (load.result, version.result, changed.result, length.result)
        else {
            return 0;
        };
        let [compared, before] = changed.args[..] else { return 0 };
        let is_chain = version.args == [list] && length.args == [list] && compared == now && trap.args == [is_changed];
        if !is_chain || before == now || self.uses[now.index()] != 1 || self.uses[is_changed.index()] != 1 {
            return 0;
        }
        let Some(record) = load.args.first() else { return 0 };
        let (d, a, field) = (self.r(list), self.r(*record), self.field(&load.imm));
        // Whether both keep their registers to themselves.
        let is_alone = !self.is_passed[list.index()] && !self.is_passed[count.index()];
        let x = self.extra([field, self.r(before), self.r(count), NONE, NONE, u32::from(is_alone)]);
        self.push(Inst::ListHead { d, a, x });
        insts.len().min(5)
    }

    /// The exponent, if a value is a constant power of two.
    pub(super) fn power_of_two(&self, inst: &IrInst) -> Option<u32> {
        let divisor = inst.args.get(1)?;
        let all = self.function.blocks.iter().flat_map(|block| &block.insts);
        let bits = constant(all.into_iter().find(|inst| inst.result == Some(*divisor))?)?;
        (bits.is_power_of_two() && bits.trailing_zeros() < 62).then(|| bits.trailing_zeros())
    }

    /// A jump backward, together with the addition before it if that is the count of a loop.
    pub(super) fn jump_back(&mut self, to: BlockId) {
        let Some((at, a, b)) = self.last_addition() else {
            let from = self.push(Inst::Loop { to: 0 });
            self.fixups.push((from, to.0));
            return;
        };
        self.code.insts.remove(at);
        let node = Some(self.code.nodes.remove(at));
        let limit = self.function.blocks.get(to.index()).and_then(|head| self.count_limit(head, a));
        match limit.filter(|_| is_one(&self.code, b)) {
            Some((b, body)) => {
                let from = self.push(Inst::CountLoop { fuel: 0, a, b, to: 0 });
                self.fixups.push((from, body.0));
                self.node_of_last(node);
                // The head leaves the loop.
                let from = self.push(Inst::Loop { to: 0 });
                self.fixups.push((from, to.0));
            }
            None => {
                let from = self.push(Inst::AddLoop { a, b, to: 0 });
                self.fixups.push((from, to.0));
                self.node_of_last(node);
            }
        }
    }

    /// Where in this block something is added to a register, if nothing comes behind that but moves of other registers, which
    /// may as well come before; the register and what is added.
    fn last_addition(&self) -> Option<(usize, u32, u32)> {
        let start = *self.block_pcs.last()? as usize;
        let block = self.code.insts.get(start..)?;
        let at = block.iter().rposition(|inst| !matches!(inst, Inst::Move { .. }))?;
        let Inst::IAdd { d, a, b } = *block.get(at)? else { return None };
        let is_apart =
            |inst: &Inst| matches!(inst, Inst::Move { d: to, a: from } if ![d, b].contains(to) && *from != d);
        (d == a && block.get(at + 1..)?.iter().all(is_apart)).then_some((start + at, a, b))
    }

    fn node_of_last(&mut self, node: Option<u32>) {
        if let (Some(node), Some(last)) = (node, self.code.nodes.last_mut()) {
            *last = node;
        }
    }

    /// What a head that does nothing else compares the count with, and where it goes while the count is below.
    fn count_limit(&self, head: &Block, count: u32) -> Option<(u32, BlockId)> {
        let Terminator::Branch { condition, then, .. } = &head.terminator else { return None };
        let at = self.fused_condition(head)?;
        let alone = head.insts.iter().enumerate().all(|(position, inst)| position == at || constant(inst).is_some());
        let compare = head.insts.get(at)?;
        let [left, right] = compare.args[..] else { return None };
        let fits = alone
            && compare.op == Op::ICmp
            && cond(&compare.imm) == Cond::Lt
            && compare.result == Some(*condition)
            && self.r(left) == count
            && self.moves(then, None).is_empty();
        fits.then(|| (self.r(right), then.block))
    }
}

fn is_one(code: &Code, register: u32) -> bool {
    let first = code.registers - code.constants.len() as u32;
    let index = register.checked_sub(first).map(|index| index as usize);
    index.and_then(|index| code.constants.get(index)) == Some(&1)
}

/// Replaces instructions in a finished function by such that do what follows them too. Nothing moves: the parts stay
/// behind, for who jumps between them, and for what the joined instruction leaves to them.
pub(super) fn fuse(code: &mut Code) {
    (0..code.insts.len()).rev().for_each(|at| thread(code, at));
    (0..code.insts.len()).for_each(|at| element(code, at));
    if code.registers as usize > WINDOW {
        return;
    }
    (0..code.insts.len()).for_each(|at| jump_and_fuel(code, at));
    for at in 0..code.insts.len() {
        let Some(&[first, second]) = code.insts.get(at..).and_then(<[Inst]>::first_chunk) else { break };
        let joined = loaded(&code.fields, first, second, code.insts.get(at + 2).copied());
        if let Some(joined) = joined.or_else(|| product(first, second)).or_else(|| root_store(first, second)) {
            code.insts[at] = joined;
            if let Some(before) = at.checked_sub(1).and_then(|before| code.insts.get_mut(before))
                && let Inst::ListGetLoad { d, a, b } = *before
            {
                *before = Inst::ListGet { d, a, b };
            }
        }
    }
    (0..code.insts.len()).for_each(|at| next_pass(code, at));
    (0..code.insts.len()).for_each(|at| last_of_pass(code, at));
    for at in 0..code.insts.len() {
        let count = charges(code, at);
        if count > 1 {
            code.insts[at] = Inst::Fuels { count };
        }
    }
}

fn small(number: u32) -> u16 {
    number as u16 // of a function that has at most so many
}

/// A jump to a jump goes where that goes; a jump to the end of a loop's pass is that end.
fn thread(code: &mut Code, at: usize) {
    let mut inst = code.insts[at];
    let Some(to) = target(&mut inst) else { return };
    let Some(next) = code.insts.get(*to as usize).copied() else { return };
    match next {
        Inst::Jump { to: further } => *to = further,
        Inst::Loop { .. } | Inst::AddLoop { .. } if matches!(inst, Inst::Jump { .. }) => {
            let Inst::Jump { to } = inst else { return };
            code.nodes[at] = code.nodes[to as usize];
            inst = next;
        }
        _ => return,
    }
    code.insts[at] = inst;
}

/// Where a jump forward leads.
fn target(inst: &mut Inst) -> Option<&mut Pc> {
    match inst {
        Inst::Jump { to } | Inst::JumpIf { to, .. } | Inst::JumpUnless { to, .. } => Some(to),
        Inst::JumpIEq { to, .. } | Inst::JumpINe { to, .. } | Inst::JumpILt { to, .. } => Some(to),
        Inst::JumpILe { to, .. } | Inst::JumpFEq { to, .. } | Inst::JumpFNe { to, .. } => Some(to),
        Inst::JumpFLt { to, .. } | Inst::JumpFLe { to, .. } => Some(to),
        Inst::JumpNotFLt { to, .. } | Inst::JumpNotFLe { to, .. } => Some(to),
        _ => None,
    }
}

/// Lets the head of a loop over a list get the element too, where the test of the index and the getting follow it.
fn element(code: &mut Code, at: usize) {
    let Some([Inst::ListHead { d, a, x }, Inst::JumpILe { a: length, b: index, .. }, get]) = code.insts.get(at..at + 3)
    else {
        return;
    };
    let (Inst::ListGet { d: element, a: list, b } | Inst::ListGetLoad { d: element, a: list, b }) = get else {
        return;
    };
    let Some([_, _, count, counted, gotten]) = code.extra.get_mut(*x as usize..*x as usize + 5) else { return };
    if list == d && b == index && length == count {
        (*counted, *gotten) = (*index, *element);
        code.insts[at] = Inst::ListEach { d: *d, a: *a, x: *x };
    }
}

/// How many instructions from a place on each charge 1.
fn charges(code: &Code, at: usize) -> u8 {
    let rest = code.insts.get(at..).unwrap_or_default().iter();
    rest.take(usize::from(u8::MAX)).take_while(|inst| matches!(inst, Inst::Fuel { amount: 1 })).count() as u8
}

/// Lets a conditional jump that is not taken charge the fuel behind it.
fn jump_and_fuel(code: &mut Code, at: usize) {
    let behind = charges(code, at + 1);
    match &mut code.insts[at] {
        Inst::JumpIf { fuel, .. } | Inst::JumpUnless { fuel, .. } => *fuel = behind,
        Inst::JumpIEq { fuel, .. } | Inst::JumpINe { fuel, .. } => *fuel = behind,
        Inst::JumpILt { fuel, .. } | Inst::JumpILe { fuel, .. } => *fuel = behind,
        Inst::JumpFEq { fuel, .. } | Inst::JumpFNe { fuel, .. } => *fuel = behind,
        Inst::JumpFLt { fuel, .. } | Inst::JumpFLe { fuel, .. } => *fuel = behind,
        Inst::JumpNotFLt { fuel, .. } | Inst::JumpNotFLe { fuel, .. } => *fuel = behind,
        _ => {}
    }
}

/// A field and what is done with it at once.
#[rustfmt::skip] // a table, one row a line
fn loaded(fields: &[FieldPlace], load: Inst, then: Inst, after: Option<Inst>) -> Option<Inst> {
    let Inst::Load { d: t, a: record, field } = load else { return None };
    let place = fields.get(field as usize)?;
    let (ty, word) = (u16::try_from(place.ty.0).ok()?, u16::try_from(place.whole_word()?).ok()?);
    let other = |a: u32, b: u32| if a == t { Some(small(b)) } else if b == t { Some(small(a)) } else { None };
    let (a, loaded, t) = (small(record), t, small(t));
    Some(match then {
        Inst::IAdd { d, a: x, b: y } => Inst::LoadIAdd { t, a, ty, word, b: other(x, y)?, d: small(d) },
        Inst::IMul { d, a: x, b: y } => Inst::LoadIMul { t, a, ty, word, b: other(x, y)?, d: small(d) },
        Inst::FAdd { d, a: x, b: y } => Inst::LoadFAdd { t, a, ty, word, b: other(x, y)?, d: small(d) },
        Inst::FMul { d, a: x, b: y } => Inst::LoadFMul { t, a, ty, word, b: other(x, y)?, d: small(d) },
        Inst::ISub { d, a: x, b: y } if x == loaded => Inst::LoadISub { t, a, ty, word, b: small(y), d: small(d) },
        Inst::FSub { d, a: x, b: y } if x == loaded => match after {
            Some(Inst::FMul { d: square, a: left, b: right }) if left == d && right == d =>
                Inst::LoadFSubSquare { t, a, ty, word, b: small(y), d: small(d), m: small(square) },
            _ => Inst::LoadFSub { t, a, ty, word, b: small(y), d: small(d) },
        },
        Inst::JumpIf { fuel, a: x, to } if x == loaded => Inst::LoadJumpIf { fuel, t, a, ty, word, to },
        Inst::JumpUnless { fuel, a: x, to } if x == loaded => Inst::LoadJumpUnless { fuel, t, a, ty, word, to },
        Inst::JumpIEq { fuel, a: x, b: y, to } => Inst::LoadJumpIEq { fuel, t, a, ty, word, b: other(x, y)?, to },
        Inst::JumpINe { fuel, a: x, b: y, to } => Inst::LoadJumpINe { fuel, t, a, ty, word, b: other(x, y)?, to },
        Inst::JumpILt { fuel, a: x, b: y, to } if x == loaded => Inst::LoadJumpILt { fuel, t, a, ty, word, b: small(y), to },
        Inst::JumpILe { fuel, a: x, b: y, to } if x == loaded => Inst::LoadJumpILe { fuel, t, a, ty, word, b: small(y), to },
        Inst::JumpILt { fuel, a: x, b: y, to } if y == loaded => Inst::LoadJumpIGt { fuel, t, a, ty, word, b: small(x), to },
        Inst::JumpILe { fuel, a: x, b: y, to } if y == loaded => Inst::LoadJumpIGe { fuel, t, a, ty, word, b: small(x), to },
        _ => return None,
    })
}

/// A root and the write of one of its fields.
fn root_store(first: Inst, second: Inst) -> Option<Inst> {
    match (first, second) {
        (Inst::Root { d, id }, Inst::Store { a, b, field }) if a == d => {
            Some(Inst::RootStore { t: small(d), b: small(b), id, field })
        }
        _ => None,
    }
}

/// A product and a sum.
fn product(first: Inst, second: Inst) -> Option<Inst> {
    let other = |m: u32, a: u32, b: u32| if a == m { Some(small(b)) } else { (b == m).then(|| small(a)) };
    match (first, second) {
        (Inst::IMul { d: m, a, b }, Inst::IAdd { d, a: x, b: y }) => {
            Some(Inst::IMulAdd { m: small(m), a: small(a), b: small(b), c: other(m, x, y)?, d: small(d) })
        }
        (Inst::FMul { d: m, a, b }, Inst::FAdd { d, a: x, b: y }) => {
            Some(Inst::FMulAdd { m: small(m), a: small(a), b: small(b), c: other(m, x, y)?, d: small(d) })
        }
        _ => None,
    }
}

/// Joins the end of a loop's pass with the beginning of the next one.
fn next_pass(code: &mut Code, at: usize) {
    match code.insts[at] {
        Inst::AddLoop { a, b, to } => {
            if let Some(Inst::ListEach { x, .. }) = code.insts.get(to as usize)
                && code.extra.get(*x as usize + 3) == Some(&a)
            {
                let joined = each_loop(code, at, a, b, to as usize);
                code.insts[at] = joined.unwrap_or(Inst::AddLoopEach { a, b, to });
            }
        }
        Inst::CountLoop { a, b, to, .. } => {
            let fuel = charges(code, to as usize);
            let get = to + Pc::from(fuel);
            code.insts[at] = match code.insts.get(get as usize) {
                Some(Inst::ListGet { d, a: list, b: index } | Inst::ListGetLoad { d, a: list, b: index })
                    if *index == a =>
                {
                    let (list, d) = (small(*list), small(*d));
                    Inst::CountLoopGet {
                        fuel,
                        a: small(a),
                        b: small(b),
                        list,
                        d,
                        back: u16::from(fuel) + 1,
                        to: get + 1,
                    }
                }
                _ => Inst::CountLoop { fuel, a, b, to },
            };
        }
        _ => {}
    }
}

/// What stands before the end of a loop's pass: a `ListPush`, or the addition of an element that is all there is in a loop
/// over a list.
fn last_of_pass(code: &mut Code, at: usize) {
    let Some(&[add, next]) = code.insts.get(at..).and_then(<[Inst]>::first_chunk) else { return };
    if let (Inst::ListPush { a, b }, Inst::CountLoopGet { .. }) = (add, next) {
        let many = passes::fits(code, at);
        code.insts[at] = if many { Inst::ListPushPasses { a, b } } else { Inst::ListPushLoop { a, b } };
    }
    let (Inst::IAdd { d, a: x, b: y } | Inst::FAdd { d, a: x, b: y }) = add else { return };
    let Inst::CountLoopGet { a: index, d: element, b: end, list, to, .. } = next else { return };
    let b = if x == d { y } else { x };
    let is_apart = ![u32::from(index), u32::from(end), u32::from(list), u32::from(element)].contains(&d);
    if to as usize == at && x.min(y) == d.min(b) && x.max(y) == d.max(b) && b == u32::from(element) && is_apart {
        let is_float = matches!(add, Inst::FAdd { .. });
        code.insts[at] = if is_float { Inst::FSum { a: d, b } } else { Inst::ISum { a: d, b } };
    }
}

/// The end of a pass over a live list, index `a`, that comes back to the `ListEach` at `head`: without looking whether the
/// list is the same, if nothing in the loop can change it.
fn each_loop(code: &Code, end: usize, a: u32, b: u32, head: usize) -> Option<Inst> {
    let Inst::ListEach { d: list, x, .. } = *code.insts.get(head)? else { return None };
    let length = *code.extra.get(x as usize + 2)?;
    let element = *code.extra.get(x as usize + 4)?;
    let fuel = charges(code, head + 3);
    let (back, to) = (u16::from(fuel) + 3, head as Pc + 3 + Pc::from(fuel));
    (fuel > 0 && is_one(code, b) && *code.extra.get(x as usize + 5)? == 1 && keeps_lists(code, head, end)).then_some(
        Inst::EachLoop { fuel, a: small(a), b: small(length), list: small(list), d: small(element), back, to },
    )
}

/// How many instructions are looked at to find out whether a loop keeps lists as they are.
const LOOKED_AT: usize = 1_024;

/// Whether the pass that ends at `end` began at the `ListEach` at `head`, and nothing in between changed a list, the
/// place of one, or which records there are.
fn keeps_lists(code: &Code, head: usize, end: usize) -> bool {
    let resumes = code.resume_blocks.iter().flatten().map(|block| block.pc as usize);
    let entries = std::iter::once(0).chain(resumes).filter(|at| *at != head).collect();
    let is_kept = |at: &usize| code.insts.get(*at).is_some_and(|inst| keeps(code, *inst));
    reached(code, entries, head).is_some_and(|outside| !outside.contains(&end))
        && reached(code, vec![head + 2], head).is_some_and(|inside| inside.iter().all(is_kept))
}

/// What can run after `open` without passing `head`; nothing if that is too much.
fn reached(code: &Code, mut open: Vec<usize>, head: usize) -> Option<HashSet<usize>> {
    let mut seen = HashSet::new();
    while let Some(at) = open.pop() {
        if at == head || !seen.insert(at) {
            continue;
        }
        let mut inst = *code.insts.get(at)?;
        if seen.len() > LOOKED_AT {
            return None;
        }
        let (to, goes_on) = match inst {
            Inst::Return { .. } | Inst::Trap { .. } | Inst::Suspend { .. } | Inst::SuspendForEvent { .. } => {
                (None, false)
            }
            Inst::Loop { to } | Inst::AddLoop { to, .. } | Inst::AddLoopEach { to, .. } => (Some(to), false),
            Inst::EachLoop { to, back, .. } => (Some(to - Pc::from(back)), false),
            Inst::CountLoop { to, .. } => (Some(to), true),
            Inst::CountLoopGet { to, back, .. } => (Some(to - Pc::from(back)), true),
            Inst::Jump { to } => (Some(to), false),
            // Joined instructions stand before their parts, which jump where they jump.
            _ => (target(&mut inst).copied(), true),
        };
        open.extend(to.map(|to| to as usize));
        open.extend(goes_on.then_some(at + 1));
    }
    Some(seen)
}

/// Whether an instruction leaves lists, their places and records as they are.
fn keeps(code: &Code, inst: Inst) -> bool {
    match inst {
        Inst::Store { field, .. } => code.fields.get(field as usize).is_some_and(|place| place.is_number),
        Inst::Move { .. } | Inst::SConst { .. } | Inst::Select { .. } | Inst::TrapIf { .. } | Inst::Narrow { .. } => {
            true
        }
        Inst::IAdd { .. } | Inst::ISub { .. } | Inst::IMul { .. } | Inst::IMulAdd { .. } | Inst::IDiv { .. } => true,
        Inst::IDivFloor { .. } | Inst::IRem { .. } | Inst::IRemBits { .. } | Inst::INeg { .. } => true,
        Inst::IAbs { .. } | Inst::IMin { .. } | Inst::IMax { .. } | Inst::ISign { .. } => true,
        Inst::FAdd { .. } | Inst::FSub { .. } | Inst::FMul { .. } | Inst::FMulAdd { .. } | Inst::FDiv { .. } => true,
        Inst::FNeg { .. } | Inst::FAbs { .. } | Inst::FUnary { .. } | Inst::FBinary { .. } => true,
        Inst::IToF { .. } | Inst::UToF { .. } | Inst::UToI { .. } | Inst::IToU { .. } | Inst::FToI { .. } => true,
        Inst::IEq { .. } | Inst::INe { .. } | Inst::ILt { .. } | Inst::ILe { .. } => true,
        Inst::UCmp { .. } | Inst::UICmp { .. } | Inst::IFCmp { .. } | Inst::UFCmp { .. } | Inst::SCmp { .. } => true,
        Inst::FEq { .. } | Inst::FNe { .. } | Inst::FLt { .. } | Inst::FLe { .. } => true,
        Inst::Not { .. } | Inst::And { .. } | Inst::Or { .. } | Inst::IsNull { .. } | Inst::NonNull { .. } => true,
        // The `Store` behind it is looked at too.
        Inst::RootStore { .. } => true,
        Inst::Root { .. } | Inst::Load { .. } | Inst::ListLen { .. } | Inst::ListVersion { .. } => true,
        Inst::ListHead { .. } | Inst::ListEach { .. } | Inst::ListGet { .. } | Inst::ListGetLoad { .. } => true,
        Inst::Fuel { .. } | Inst::Fuels { .. } | Inst::FuelN { .. } => true,
        Inst::Jump { .. } | Inst::Loop { .. } | Inst::AddLoop { .. } | Inst::AddLoopEach { .. } => true,
        Inst::EachLoop { .. } | Inst::CountLoop { .. } | Inst::CountLoopGet { .. } => true,
        Inst::ISum { .. } | Inst::FSum { .. } => true,
        Inst::LoadIAdd { .. } | Inst::LoadISub { .. } | Inst::LoadIMul { .. } => true,
        Inst::LoadFAdd { .. } | Inst::LoadFSub { .. } | Inst::LoadFSubSquare { .. } | Inst::LoadFMul { .. } => true,
        Inst::LoadJumpIf { .. } | Inst::LoadJumpUnless { .. } => true,
        Inst::LoadJumpIEq { .. } | Inst::LoadJumpINe { .. } | Inst::LoadJumpILt { .. } => true,
        Inst::LoadJumpILe { .. } | Inst::LoadJumpIGt { .. } | Inst::LoadJumpIGe { .. } => true,
        Inst::Return { .. } | Inst::Trap { .. } => true,
        mut other => target(&mut other).is_some(),
    }
}
