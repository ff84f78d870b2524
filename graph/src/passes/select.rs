//! Loops without branches that depend on data: a second form of a loop's body that computes all its ways and selects. What may
//! stop the activation is asked for beforehand: where a sum would overflow, or the fuel would not last, the pass is made by
//! the body as it was, which stands beside it.
//!
//! That is worth it for machine code, whose branches are guessed; readable source and the interpreter are better off with
//! the branches. So it is no part of [`super::run`].

use super::writing::computing;
use std::collections::{HashMap, HashSet};

use statewright_types::Type;

use super::hoist::there;
use super::memory::Memory;
use super::shape::{Loop, Shape, loops};
use crate::ir::ops::Effect;
use crate::ir::verify::targets;
use crate::ir::{Block, BlockId, Cond, Function, Imm, Inst, NodeTag, Op, Target, Terminator, Value, Values};

/// Larger bodies stay as they are.
const MOST_INSTS: usize = 64;
const MOST_BLOCKS: usize = 16;

/// Adds the second form to those loops of a function whose bodies branch and can do without, but for those with heads that
/// are `done`. Whether there are any.
pub(super) fn select(function: &mut Function, shape: &Shape, done: &HashSet<usize>) -> bool {
    let constants = constants(function);
    let bodies: Vec<Body> = bodies(function, shape, &constants).into_iter().map(|(body, _)| body).collect();
    let mut any = false;
    for body in bodies.iter().filter(|body| body.branches && !done.contains(&body.head)) {
        Form::new(function, body, &constants).write(body);
        any = true;
    }
    any
}

/// The body of a loop that has none inside: entered in one place, left to the head only.
pub(super) struct Body {
    pub head: usize,
    /// Each block before those that it leads to.
    pub order: Vec<usize>,
    /// Whether it does not go one way only.
    pub branches: bool,
}

pub(super) fn body(function: &Function, shape: &Shape, blocks: &[usize]) -> Option<Body> {
    let head = *blocks.first()?;
    if blocks.len() > MOST_BLOCKS + 1 {
        return None;
    }
    let order = shape.in_order(&blocks[1..]);
    let number: HashMap<usize, usize> = order.iter().enumerate().map(|(number, index)| (*index, number)).collect();
    let first = *order.first()?;
    let insts: usize = order.iter().map(|index| function.blocks[*index].insts.len()).sum();
    let branches = order.iter().any(|index| matches!(function.blocks[*index].terminator, Terminator::Branch { .. }));
    let is_plain = shape.only_before(first) == Some(head) && function.blocks[first].params.is_empty();
    // Forward, or to the head: no loop inside, no way out.
    let is_whole = order.iter().enumerate().all(|(at, index)| {
        let block = &function.blocks[*index];
        matches!(block.terminator, Terminator::Jump(_) | Terminator::Branch { .. })
            && targets(&block.terminator).all(|(target, _)| {
                let to = target.block.index();
                to == head || number.get(&to).is_some_and(|number| *number > at)
            })
    });
    (is_plain && is_whole && insts <= MOST_INSTS).then_some(Body { head, order, branches })
}

/// The bodies of loops that can be computed without branches.
pub(super) fn bodies(function: &Function, shape: &Shape, constants: &HashMap<Value, i64>) -> Vec<(Body, Loop)> {
    let memory = Memory::of(function, shape);
    let there = there(function, shape, &memory);
    let found = loops(function, shape).into_iter();
    let bodies = found.filter_map(|found| Some((body(function, shape, &found.blocks)?, found)));
    let are_total = |body: &Body| {
        body.order.iter().enumerate().all(|(at, index)| {
            let mut place = memory.enter(*index);
            function.blocks[*index].insts.iter().all(|inst| {
                let is_there = |record: &Value| there[record.index()] == Some(place.version.state);
                let fits = is_total(inst, at == 0, is_there, constants) && !is_long(inst.op);
                place.pass(inst);
                fits
            })
        })
    };
    bodies.filter(|(body, _)| are_total(body)).collect()
}

/// Whether an instruction can be computed whether or not its way is taken, or is a charge, or a sum that can be asked for.
pub(super) fn is_total(
    inst: &Inst,
    always: bool,
    is_there: impl Fn(&Value) -> bool,
    constants: &HashMap<Value, i64>,
) -> bool {
    let is_number = |ty: Option<&i64>| ty.is_some_and(|value| !matches!(value, 0 | -1));
    match inst.op {
        Op::Fuel | Op::IAdd | Op::ISub | Op::IMul => true,
        Op::IRem | Op::IDiv | Op::IDivFloor => is_number(inst.args.get(1).and_then(|value| constants.get(value))),
        Op::LoadKnown => inst.args.first().is_some_and(is_there),
        Op::ListAt => always,
        Op::ListLen => true,
        _ => inst.op.row().effect == Effect::Pure && inst.op.row().traps.is_empty(),
    }
}

/// Whether it takes so long that what is saved by doing without branches and checks does not count, while having done it in vain
/// does.
fn is_long(op: Op) -> bool {
    op.row().effect == Effect::Pure && !op.is_quick()
}

pub(super) fn constants(function: &Function) -> HashMap<Value, i64> {
    let insts = function.blocks.iter().flat_map(|block| &block.insts);
    let known = insts.filter_map(|inst| match (inst.op, &inst.imm, inst.result) {
        (Op::IConst, Imm::Int(value), Some(result)) => Some((result, *value)),
        _ => None,
    });
    known.collect()
}

/// When a block or an edge is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// Where that is so.
    If(Value, bool),
}

/// What a way has charged so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    Known(i64),
    Of(Value),
}

/// A way into a block: when, with which arguments, what was charged on it, and whether a sum on it is too large.
#[derive(Clone)]
struct Edge {
    when: When,
    args: Vec<Value>,
    fuel: Sum,
    over: Option<Value>,
}

pub(super) struct Form<'a> {
    pub function: &'a mut Function,
    pub insts: Vec<Inst>,
    /// What the values of the body are here.
    pub now: HashMap<Value, Value>,
    pub node: NodeTag,
    /// The loop's head, and the block behind it.
    head: usize,
    first: usize,
    constants: &'a HashMap<Value, i64>,
    /// If fuel and sums are asked for ahead of the loop: what is charged, and when.
    pub charges: Option<Vec<(When, i64)>>,
    /// And where the sums are among the instructions, with the operations that ask.
    pub sums: Vec<(usize, Op)>,
    /// When the block that is written is come by.
    when: When,
}

impl<'a> Form<'a> {
    pub fn new(function: &'a mut Function, body: &Body, constants: &'a HashMap<Value, i64>) -> Form<'a> {
        Form {
            function,
            insts: Vec::new(),
            now: HashMap::new(),
            node: NodeTag(0),
            head: body.head,
            first: body.order[0],
            constants,
            charges: None,
            sums: Vec::new(),
            when: When::Always,
        }
    }

    fn write(mut self, body: &Body) {
        let (args, fuel, over) = self.flatten(body);
        self.finish(body, args, fuel, over);
    }

    /// Computes all ways: what the head is given, what is charged, and whether a sum is too large.
    pub fn flatten(&mut self, body: &Body) -> (Vec<Value>, Sum, Option<Value>) {
        let mut edges: HashMap<usize, Vec<Edge>> = HashMap::new();
        let mut at_block: HashMap<usize, When> = HashMap::new();
        let first = body.order[0];
        let entry = Edge { when: When::Always, args: Vec::new(), fuel: Sum::Known(0), over: None };
        edges.insert(first, vec![entry]);
        for index in &body.order {
            let Some(incoming) = edges.remove(index) else { continue };
            let block = self.function.blocks[*index].clone();
            self.node = block.node;
            let when = self.met(body, *index, &incoming, &at_block);
            at_block.insert(*index, when);
            self.when = when;
            let (args, mut fuel, mut over) = self.merge(&incoming);
            for (param, arg) in block.params.iter().zip(args) {
                self.now.insert(*param, arg);
            }
            for inst in &block.insts {
                self.inst(inst, &mut fuel, &mut over);
            }
            self.node = block.node;
            let (yes, no) = match &block.terminator {
                Terminator::Branch { condition, .. } => {
                    let condition = self.here(*condition);
                    (self.both(when, condition, true), Some(self.both(when, condition, false)))
                }
                _ => (when, None),
            };
            for ((target, _), when) in targets(&block.terminator).zip([Some(yes), no].into_iter().flatten()) {
                let args = target.args.iter().map(|arg| self.here(*arg)).collect();
                edges.entry(target.block.index()).or_default().push(Edge { when, args, fuel, over });
            }
        }
        let last = edges.remove(&body.head).unwrap_or_default();
        self.merge(&last)
    }

    /// The block itself, and the one that charges and goes on to the next pass.
    fn finish(mut self, body: &Body, args: Vec<Value>, fuel: Sum, over: Option<Value>) {
        self.node = self.function.blocks[body.head].node;
        let amount = self.amount(fuel);
        let is_free = fuel == Sum::Known(0);
        let short = (!is_free).then(|| self.op(Op::FuelShort, &[amount], Imm::None, Type::Bool));
        let plain_way = match (over, short) {
            (Some(over), Some(short)) => self.op(Op::Or, &[over, short], Imm::None, Type::Bool),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => self.op(Op::BConst, &[], Imm::Bool(false), Type::Bool),
        };
        let (this, on) = (self.function.blocks.len() as u32, self.function.blocks.len() as u32 + 1);
        let to = |block: u32, args: &[Value]| Target { block: BlockId(block), args: args.into() };
        let terminator =
            Terminator::Branch { condition: plain_way, then: to(body.order[0] as u32, &[]), otherwise: to(on, &[]) };
        let node = self.node;
        let charge = Inst { op: Op::FuelN, args: [amount].into(), imm: Imm::None, result: None, node };
        let insts = std::mem::take(&mut self.insts);
        self.function.blocks.push(Block { params: Values::new(), insts, terminator, node });
        let terminator = Terminator::Jump(to(body.head as u32, &args));
        self.function.blocks.push(Block {
            params: Values::new(),
            insts: if is_free { Vec::new() } else { vec![charge] },
            terminator,
            node,
        });
        if let Terminator::Branch { then, otherwise, .. } = &mut self.function.blocks[body.head].terminator {
            for target in [then, otherwise] {
                if target.block.index() == body.order[0] {
                    target.block = BlockId(this);
                }
            }
        }
    }

    pub fn here(&self, value: Value) -> Value {
        self.now.get(&value).copied().unwrap_or(value)
    }

    pub fn op(&mut self, op: Op, args: &[Value], imm: Imm, ty: Type) -> Value {
        let (inst, result) = computing(self.function, self.node, (op, args, imm), ty);
        self.insts.push(inst);
        result
    }

    fn amount(&mut self, sum: Sum) -> Value {
        match sum {
            Sum::Known(amount) => self.op(Op::IConst, &[], Imm::Int(amount), Type::INT),
            Sum::Of(value) => value,
        }
    }

    pub fn inst(&mut self, inst: &Inst, fuel: &mut Sum, over: &mut Option<Value>) {
        self.node = inst.node;
        let args: Vec<Value> = inst.args.iter().map(|arg| self.here(*arg)).collect();
        let (wrap, asks) = match (inst.op, &inst.imm) {
            (Op::Fuel, Imm::Int(amount)) => {
                if let Some(charges) = &mut self.charges {
                    charges.push((self.when, *amount));
                    return;
                }
                *fuel = match *fuel {
                    Sum::Known(known) => Sum::Known(known.saturating_add(*amount)),
                    Sum::Of(value) => {
                        let amount = self.amount(Sum::Known(*amount));
                        Sum::Of(self.op(Op::IAddWrap, &[value, amount], Imm::None, Type::INT))
                    }
                };
                return;
            }
            (Op::IAdd, _) if self.is_count(inst) => (Op::IAddWrap, None),
            (Op::IAdd, _) => (Op::IAddWrap, Some(Op::IAddOver)),
            (Op::ISub, _) => (Op::ISubWrap, Some(Op::ISubOver)),
            (Op::IMul, _) => (Op::IMulWrap, Some(Op::IMulOver)),
            (op, _) => (op, None),
        };
        let Some(result) = inst.result else { return };
        let ty = self.function.ty(result).clone();
        let value = self.op(wrap, &args, inst.imm.clone(), ty);
        self.now.insert(result, value);
        if let (Some(asks), Some(_)) = (asks, &self.charges) {
            self.sums.push((self.insts.len() - 1, asks));
        } else if let Some(asks) = asks {
            let is_over = self.op(asks, &args, Imm::None, Type::Bool);
            *over = Some(match *over {
                Some(before) => self.op(Op::Or, &[before, is_over], Imm::None, Type::Bool),
                None => is_over,
            });
        }
    }

    /// Whether one is added to what the head has just found to be less than something.
    pub fn is_count(&self, inst: &Inst) -> bool {
        let [counted, one] = inst.args[..] else { return false };
        let head = &self.function.blocks[self.head];
        let Terminator::Branch { condition, then, .. } = &head.terminator else { return false };
        let is_test = |test: &Inst| {
            test.result == Some(*condition)
                && test.op == Op::ICmp
                && test.imm == Imm::Cond(Cond::Lt)
                && test.args.first() == Some(&counted)
        };
        then.block.index() == self.first && self.constants.get(&one) == Some(&1) && head.insts.iter().any(is_test)
    }

    /// Both `when` and the condition.
    fn both(&mut self, when: When, condition: Value, is: bool) -> When {
        let When::If(..) = when else { return When::If(condition, is) };
        let (first, second) = (self.truth(when), self.truth(When::If(condition, is)));
        When::If(self.op(Op::And, &[first, second], Imm::None, Type::Bool), true)
    }

    fn truth(&mut self, when: When) -> Value {
        match when {
            When::Always => self.op(Op::BConst, &[], Imm::Bool(true), Type::Bool),
            When::If(value, true) => value,
            When::If(value, false) => self.op(Op::Not, &[value], Imm::None, Type::Bool),
        }
    }

    /// When a block is come by where these ways meet.
    fn met(&mut self, body: &Body, index: usize, incoming: &[Edge], at_block: &HashMap<usize, When>) -> When {
        if let [only] = incoming {
            return only.when;
        }
        // All ways from an earlier block lead here: as that one is.
        let before = body.order.iter().take_while(|other| **other != index);
        let common = before.copied().filter(|other| !self.passes_by(body, *other, index)).last();
        if let Some(when) = common.and_then(|other| at_block.get(&other)) {
            return *when;
        }
        let mut all: Option<Value> = None;
        for edge in incoming {
            let truth = self.truth(edge.when);
            all = Some(match all {
                Some(before) => self.op(Op::Or, &[before, truth], Imm::None, Type::Bool),
                None => truth,
            });
        }
        all.map_or(When::Always, |all| When::If(all, true))
    }

    /// Whether there is a way from a block to the next pass that does not lead through `index`, or one to `index` that does
    /// not lead through that block.
    fn passes_by(&self, body: &Body, from: usize, index: usize) -> bool {
        let reaches = |start: usize, goal: usize, without: usize| {
            let (mut open, mut seen) = (vec![start], HashSet::new());
            while let Some(at) = open.pop() {
                if at == goal {
                    return true;
                }
                if at == without || at == body.head || !seen.insert(at) {
                    continue;
                }
                open.extend(targets(&self.function.blocks[at].terminator).map(|(target, _)| target.block.index()));
            }
            false
        };
        reaches(from, body.head, index) || from != body.order[0] && reaches(body.order[0], index, from)
    }

    /// The arguments, the charge and the excess where ways meet.
    fn merge(&mut self, incoming: &[Edge]) -> (Vec<Value>, Sum, Option<Value>) {
        let Some(first) = incoming.first() else { return (Vec::new(), Sum::Known(0), None) };
        if incoming.len() == 1 {
            return (first.args.clone(), first.fuel, first.over);
        }
        let mut args = Vec::with_capacity(first.args.len());
        for position in 0..first.args.len() {
            let given: Vec<Value> = incoming.iter().map(|edge| edge.args[position]).collect();
            args.push(self.choose(incoming, &given));
        }
        let fuel = if incoming.iter().all(|edge| edge.fuel == first.fuel) {
            first.fuel
        } else {
            let given: Vec<Sum> = incoming.iter().map(|edge| edge.fuel).collect();
            let mut amounts: Vec<(Sum, Value)> = Vec::new();
            let values: Vec<Value> = given
                .iter()
                .map(|sum| match amounts.iter().find(|(known, _)| known == sum) {
                    Some((_, value)) => *value,
                    None => {
                        let value = self.amount(*sum);
                        amounts.push((*sum, value));
                        value
                    }
                })
                .collect();
            Sum::Of(self.choose(incoming, &values))
        };
        let over = if incoming.iter().all(|edge| edge.over == first.over) {
            first.over
        } else {
            let no = self.op(Op::BConst, &[], Imm::Bool(false), Type::Bool);
            let given: Vec<Value> = incoming.iter().map(|edge| edge.over.unwrap_or(no)).collect();
            Some(self.choose(incoming, &given))
        };
        (args, fuel, over)
    }

    /// Selects among what the ways bring: what most of them bring unless another way was taken.
    fn choose(&mut self, incoming: &[Edge], given: &[Value]) -> Value {
        let count = |value: &Value| given.iter().filter(|other| *other == value).count();
        let Some(usual) = given.iter().copied().rev().max_by_key(count) else { return Value(0) };
        let mut chosen = usual;
        let ty = self.function.ty(usual).clone();
        for (edge, value) in incoming.iter().zip(given).filter(|(_, value)| **value != usual) {
            chosen = match edge.when {
                When::Always => *value,
                When::If(condition, true) => self.op(Op::Select, &[condition, *value, chosen], Imm::None, ty.clone()),
                When::If(condition, false) => self.op(Op::Select, &[condition, chosen, *value], Imm::None, ty.clone()),
            };
        }
        chosen
    }
}
