//! Between which bounds integers are: where no result can leave what a JavaScript number holds exactly, plain operators do; and
//! where nothing is negative, machine code has shorter ways.
//!
//! Bounds are found by rounds over the blocks: what grows is widened to all integers after a few, then rounds go down again. A
//! branch bounds what it compares in the blocks that only its edge leads to.

mod clamped;

use statewright_types::hashing::HashMap;
use statewright_types::{IntKind, Schema, Type, planted};

use crate::dominators::{Lists, dominators};
use crate::ir::verify::targets;
use crate::ir::{Cond, Function, Imm, Inst, Op, Terminator, Value};

pub use clamped::clamped;

/// From the smallest to the largest that a value may be.
pub type Range = (i128, i128);

/// All of `int64`.
const INT: Range = (i64::MIN as i128, i64::MAX as i128);
/// All of `uint64`.
const UINT: Range = (0, u64::MAX as i128);
/// How many elements an array, and units a text, of JavaScript has at most.
const LENGTH: i128 = u32::MAX as i128;
/// The greatest integer that a number of JavaScript is without doubt.
const SAFE: i128 = (1 << 53) - 1;

/// Rounds up before what still grows is widened, and down after.
const ROUNDS: usize = 3;
/// Where widening stops on its way to all integers, as sizes: what a loop counts is often bounded by one of them.
const STEPS: [i128; 4] = [0, 1 << 16, 1 << 32, SAFE];
/// What has not settled by then may be anything.
const MOST_ROUNDS: usize = 24;
/// So many branches above a block are looked at for what they say.
const FACTS: usize = 24;
/// In loops that are deeper than this, what leads into them says nothing.
const DEPTH: usize = 256;
/// So many comparisons of what a branch asks are looked at.
const COMPARED: usize = 16;

/// Whether numbers hold every integer of the range.
pub fn is_safe((low, high): Range) -> bool {
    low >= -SAFE && high <= SAFE
}

/// What is known where a block begins, by the edge that leads to it.
#[derive(Clone, Copy)]
struct Fact {
    value: Value,
    /// `value COND other` holds.
    condition: Cond,
    other: Value,
}

/// The ranges of a function's integers.
pub struct Ranges<'a> {
    function: &'a Function,
    schema: &'a Schema,
    of: Vec<Option<Range>>,
    /// By block, the dominator.
    above: Vec<Option<usize>>,
    facts: Vec<Vec<Fact>>,
    /// By block that branches, what holds on either way.
    ways: Vec<[Vec<Fact>; 2]>,
}

impl<'a> Ranges<'a> {
    /// Works them out.
    pub fn new(function: &'a Function, schema: &'a Schema) -> Ranges<'a> {
        let count = function.blocks.len();
        let edges = function.blocks.iter().enumerate().flat_map(|(from, block)| {
            targets(&block.terminator)
                .map(move |(target, resume)| (if resume { count } else { from }, target.block.index()))
        });
        let edges: Vec<(usize, usize)> = std::iter::once((count, 0)).chain(edges).collect();
        let successors = Lists::new(count + 1, edges.iter().copied());
        let above = dominators(count, &successors);
        // Ways back do not count: they begin where the facts of the way in hold already.
        let mut entries = vec![0usize; count + 1];
        edges.iter().filter(|(from, to)| !leads_back(&above, *from, *to)).for_each(|(_, to)| entries[*to] += 1);
        let mut ranges = Ranges {
            function,
            schema,
            of: vec![None; function.values.len()],
            above: above.into_iter().map(|above| above.filter(|above| *above < count)).collect(),
            facts: vec![Vec::new(); count],
            ways: vec![Default::default(); count],
        };
        ranges.find_facts(&entries);
        ranges.solve(&edges);
        ranges
    }

    fn find_facts(&mut self, entries: &[usize]) {
        let function = self.function;
        let conditions: HashMap<Value, &Inst> = function
            .blocks
            .iter()
            .flat_map(|block| &block.insts)
            .filter(|inst| matches!(inst.op, Op::ICmp | Op::And | Op::Or | Op::Not))
            .filter_map(|inst| Some((inst.result?, inst)))
            .collect();
        for (from, (block, ways)) in function.blocks.iter().zip(&mut self.ways).enumerate() {
            let Terminator::Branch { condition, then, otherwise } = &block.terminator else { continue };
            for (way, (target, holds)) in [(then, true), (otherwise, false)].into_iter().enumerate() {
                told(&conditions, *condition, holds, &mut ways[way]);
                let leads_in = !leads_back(&self.above, from, target.block.index());
                if leads_in && entries[target.block.index()] == 1 || planted::is(66) {
                    self.facts[target.block.index()].extend(ways[way].iter().copied());
                }
            }
        }
    }

    fn solve(&mut self, edges: &[(usize, usize)]) {
        let is_resume: Vec<bool> = {
            let count = self.function.blocks.len();
            let mut resumed = vec![false; count];
            edges.iter().filter(|(from, _)| *from == count).for_each(|(_, to)| resumed[*to] = true);
            resumed
        };
        let mut settled = false;
        for round in 0..MOST_ROUNDS {
            settled = settled || !self.round(&is_resume, Some(round));
        }
        if !settled {
            let whole = |value: usize| self.function.values.get(value).and_then(typed);
            self.of = (0..self.of.len()).map(whole).collect();
        }
        for _ in 0..ROUNDS {
            self.round(&is_resume, None);
        }
    }

    /// One round over all blocks, up or (without a number) down. Whether anything changed.
    fn round(&mut self, is_resume: &[bool], up: Option<usize>) -> bool {
        let function = self.function;
        let mut changed = false;
        let mut incoming: Vec<Option<Range>> = vec![None; function.values.len()];
        for (index, block) in function.blocks.iter().enumerate() {
            for (way, (target, resume)) in targets(&block.terminator).enumerate() {
                let Some(to) = function.blocks.get(target.block.index()) else { continue };
                if resume {
                    continue;
                }
                // A branch has two ways, and nothing else has any facts.
                let facts = self.ways[index].get(way).map_or(&[][..], |facts| facts);
                for (param, arg) in to.params.iter().zip(&*target.args) {
                    let range =
                        self.at(*arg, index).map(|range| possible(self.told_by(facts, *arg, range, index, true)));
                    incoming[param.index()] = joined(incoming[param.index()], range);
                }
            }
        }
        for (index, block) in function.blocks.iter().enumerate() {
            for (at, param) in block.params.iter().enumerate() {
                let range = if is_resume[index] { self.given(index, at, *param) } else { incoming[param.index()] };
                changed |= self.set(*param, range, up);
            }
            for inst in &block.insts {
                if let Some(result) = inst.result {
                    let range = self.result(inst, index);
                    changed |= self.set(result, range, up);
                }
            }
        }
        changed
    }

    /// What comes from outside: parameters are as wide as declared, saved values may be anything.
    fn given(&self, block: usize, at: usize, param: Value) -> Option<Range> {
        let declared = self.function.params.get(at).filter(|_| block == 0).map(|param| &param.ty);
        typed(declared.unwrap_or(self.function.ty(param)))
    }

    fn set(&mut self, value: Value, range: Option<Range>, up: Option<usize>) -> bool {
        let Some(whole) = typed(self.function.ty(value)) else { return false };
        let (Some(range), Some(place)) = (range, self.of.get_mut(value.index())) else { return false };
        let range = (range.0.max(whole.0), range.1.min(whole.1));
        let next = match (*place, up) {
            (_, None) => range,
            (None, _) => range,
            (Some(old), Some(round)) => {
                let grown = (old.0.min(range.0), old.1.max(range.1));
                let step = |size: i128| STEPS.into_iter().find(|step| *step >= size);
                let low = step(-grown.0).map_or(whole.0, |step| -step);
                let high = step(grown.1).unwrap_or(whole.1);
                let widened = round > ROUNDS;
                (
                    if grown.0 < old.0 && widened { low.max(whole.0) } else { grown.0 },
                    if grown.1 > old.1 && widened { high.min(whole.1) } else { grown.1 },
                )
            }
        };
        *place.replace(next).get_or_insert((1, 0)) != next
    }

    /// The range of a value where it is used: in that block.
    pub fn at(&self, value: Value, block: usize) -> Option<Range> {
        self.refined(value, block, true).map(possible)
    }

    /// The same, where `deep` by what is known there of what the value was compared with; empty where no way leads.
    fn refined(&self, value: Value, block: usize, deep: bool) -> Option<Range> {
        let mut range = (*self.of.get(value.index())?)?;
        let mut at = Some(block);
        for _ in 0..FACTS {
            let Some(here) = at else { break };
            range = self.told_by(self.facts.get(here)?, value, range, here, deep);
            at = self.above.get(here).copied().flatten();
        }
        Some(range)
    }

    /// What facts that hold in a block leave of a value's range.
    fn told_by(&self, facts: &[Fact], value: Value, mut range: Range, block: usize, deep: bool) -> Range {
        for fact in facts.iter().filter(|fact| fact.value == value) {
            let other = match deep {
                true => self.refined(fact.other, block, false),
                false => self.of.get(fact.other.index()).copied().flatten(),
            };
            let Some((low, high)) = other else { continue };
            range = match fact.condition {
                Cond::Lt => (range.0, range.1.min(high - 1)),
                Cond::Le if planted::is(67) => (range.0, range.1.min(high - 1)),
                Cond::Le => (range.0, range.1.min(high)),
                Cond::Gt => (range.0.max(low + 1), range.1),
                Cond::Ge => (range.0.max(low), range.1),
                Cond::Eq => (range.0.max(low), range.1.min(high)),
                Cond::Ne => range,
            };
        }
        range
    }

    /// Whether a value is a number wherever that block uses it.
    pub fn is_number(&self, value: Value, block: usize) -> bool {
        self.at(value, block).is_some_and(is_safe)
    }

    fn result(&self, inst: &Inst, block: usize) -> Option<Range> {
        let arg = |index: usize| inst.args.get(index).and_then(|value| self.at(*value, block));
        let both = |f: fn(Range, Range) -> Range| Some(f(arg(0)?, arg(1)?));
        match (inst.op, &inst.imm) {
            (Op::IConst, Imm::Int(value)) => Some((i128::from(*value), i128::from(*value))),
            (Op::UConst, Imm::Int(value)) => Some((i128::from(*value as u64), i128::from(*value as u64))),
            (Op::IAdd | Op::ISub | Op::IMul | Op::IAddWrap | Op::ISubWrap | Op::IMulWrap, _) => {
                let range = exact(inst.op, arg(0)?, arg(1)?);
                let wraps = matches!(inst.op, Op::IAddWrap | Op::ISubWrap | Op::IMulWrap);
                let leaves = range.0 < INT.0 || range.1 > INT.1;
                Some(if wraps && leaves { INT } else { (range.0.max(INT.0), range.1.min(INT.1)) })
            }
            (Op::IDiv | Op::IDivFloor, _) => {
                let a = arg(0)?;
                let most = a.0.abs().max(a.1.abs());
                Some(if a.0 >= 0 && arg(1)?.0 >= 0 { (0, most) } else { (-most - 1, most) })
            }
            (Op::IRem, _) => {
                let (a, b) = (arg(0)?, arg(1)?);
                let most = (b.0.abs().max(b.1.abs()) - 1).min(a.0.abs().max(a.1.abs())).max(0);
                Some((if a.0 >= 0 { 0 } else { -most }, if a.1 <= 0 { 0 } else { most }))
            }
            (Op::INeg, _) => arg(0).map(|(low, high)| (-high, -low)),
            (Op::IAbs, _) => arg(0).map(|(low, high)| {
                let least = if low <= 0 && high >= 0 { 0 } else { low.abs().min(high.abs()) };
                (least, low.abs().max(high.abs()))
            }),
            (Op::IMin, _) => both(|a, b| (a.0.min(b.0), a.1.min(b.1))),
            (Op::IMax, _) => both(|a, b| (a.0.max(b.0), a.1.max(b.1))),
            (Op::ISign, _) => Some((-1, 1)),
            (Op::UToI | Op::IToU, _) => arg(0).map(|(low, high)| (low.max(0), high.min(INT.1))),
            (Op::Narrow, Imm::Type(ty)) => {
                let (low, high) = typed(ty)?;
                arg(0).map(|a| (a.0.clamp(low, high), a.1.clamp(low, high)))
            }
            (Op::Reveal | Op::Watch, _) => arg(0),
            (Op::Select, _) => joined(arg(1), arg(2)),
            (Op::StrLen | Op::BytesLen | Op::ListLen | Op::MapLen, _) => Some((0, LENGTH)),
            (Op::StrFind | Op::ListFind | Op::ListFindKey | Op::MapFind, _) => Some((-1, LENGTH)),
            (Op::RandInt, _) => joined(arg(0), arg(1)),
            (Op::Load | Op::LoadKnown, Imm::Field(ty, field)) => {
                typed(&self.schema.types().get(ty.index())?.fields.get(*field as usize)?.ty)
            }
            (Op::ListGet | Op::ListAt, _) => match self.function.ty(*inst.args.first()?) {
                Type::List(element) => typed(element),
                _ => typed(self.function.ty(inst.result?)),
            },
            (Op::MapKeyAt | Op::MapValueAt, _) => match self.function.ty(*inst.args.first()?) {
                Type::Map(key, value) => typed(if inst.op == Op::MapKeyAt { key } else { value }),
                _ => typed(self.function.ty(inst.result?)),
            },
            (Op::NonNull, _) => typed(self.function.ty(*inst.args.first()?).non_null()),
            _ => typed(self.function.ty(inst.result?)),
        }
    }
}

/// Whether the edge begins below the block that it leads to, as those at the end of a loop do. In doubt not.
fn leads_back(above: &[Option<usize>], from: usize, to: usize) -> bool {
    let mut at = Some(from).filter(|from| *from >= to);
    for _ in 0..DEPTH {
        match at {
            Some(here) if here == to => return true,
            Some(here) => at = above.get(here).copied().flatten(),
            None => break,
        }
    }
    false
}

/// A branch that is never taken says what cannot be.
fn possible(range: Range) -> Range {
    if range.0 > range.1 { (range.0, range.0) } else { range }
}

/// Gathers what comparisons of integers hold if a condition does, or does not.
fn told(conditions: &HashMap<Value, &Inst>, condition: Value, holds: bool, facts: &mut Vec<Fact>) {
    let mut rest = vec![(condition, holds)];
    for _ in 0..COMPARED {
        let Some((condition, holds)) = rest.pop() else { break };
        let Some(Inst { op, args, imm, .. }) = conditions.get(&condition) else { continue };
        match (op, imm, &args[..]) {
            (Op::Not, _, [inner]) => rest.push((*inner, !holds)),
            (Op::And, _, [a, b]) if holds => rest.extend([(*a, true), (*b, true)]),
            (Op::Or, _, [a, b]) if !holds => rest.extend([(*a, false), (*b, false)]),
            (Op::ICmp, Imm::Cond(cond), [a, b]) => {
                let cond = if holds { *cond } else { opposite(*cond) };
                let fact = |value: &Value, condition, other: &Value| Fact { value: *value, condition, other: *other };
                facts.extend([fact(a, cond, b), fact(b, mirrored(cond), a)]);
            }
            _ => {}
        }
    }
}

/// What an operation would give if integers had no bounds.
pub fn exact(op: Op, a: Range, b: Range) -> Range {
    match op {
        Op::IAdd | Op::IAddWrap => (a.0 + b.0, a.1 + b.1),
        Op::ISub | Op::ISubWrap => (a.0 - b.1, a.1 - b.0),
        _ => {
            let products = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
            let least = products.iter().copied().fold(i128::MAX, i128::min);
            (least, products.iter().copied().fold(i128::MIN, i128::max))
        }
    }
}

/// What a type of integers holds.
pub fn typed(ty: &Type) -> Option<Range> {
    match ty {
        Type::Int(IntKind::U64) => Some(UINT),
        Type::Int(kind) => Some(kind.range()),
        _ => None,
    }
}

fn joined(a: Option<Range>, b: Option<Range>) -> Option<Range> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (only, None) | (None, only) => only,
    }
}

fn opposite(condition: Cond) -> Cond {
    match condition {
        Cond::Eq => Cond::Ne,
        Cond::Ne => Cond::Eq,
        Cond::Lt => Cond::Ge,
        Cond::Le => Cond::Gt,
        Cond::Gt => Cond::Le,
        Cond::Ge => Cond::Lt,
    }
}

fn mirrored(condition: Cond) -> Cond {
    match condition {
        Cond::Lt => Cond::Gt,
        Cond::Le => Cond::Ge,
        Cond::Gt => Cond::Lt,
        Cond::Ge => Cond::Le,
        same => same,
    }
}
