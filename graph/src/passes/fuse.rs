//! Loops over lists that only the next loop reads become one loop without the lists: a filter, what is made of what it keeps,
//! and the sum of that. What may stop the activation is asked for beforehand, as if it came to the worst (fuel, memory, the
//! length of the lists), or noted on the way (sums that are too large); if anything is odd, the loops as they were, which
//! stand beside the new one, do it all from the beginning: nothing has been charged or changed until then. Else everything
//! is charged at the end, as much as they would have.

mod chain;

use super::writing::{computing, to, value as value_of};
use std::collections::{HashMap, HashSet};

use statewright_types::Type;

use super::shape::Shape;
use crate::ir::verify::{targets, terminator_uses};
use crate::ir::{Block, Function, Imm, Inst, NodeTag, Op, Terminator, Value, Values};
use chain::{Chain, Link};

/// Fuses the chains of a function, one after the other, as long as it does not grow too much, nor takes too long. Whether
/// there are any.
pub(super) fn fuse(function: &mut Function) -> bool {
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    if !insts().any(|inst| inst.op == Op::ListPush) {
        return false;
    }
    let most = (MOST_LOOKED_AT / insts().count().max(1)).clamp(1, MOST);
    let mut any = false;
    // Blocks keep their numbers while this goes on. The loops as they were are still there, and are not fused again.
    let mut done: HashSet<usize> = HashSet::new();
    for _ in 0..most {
        let shape = Shape::of(function);
        let Some(chain) = chain::find(function, &shape, &mut done) else { break };
        done.extend(chain.links.iter().map(|link| link.head));
        Fusion::new(function, &chain).write();
        any = true;
    }
    any
}

/// A function in which the guard in front of each fused chain always leads to the loops as they were; nothing if there is none.
pub(super) fn plain_ways(function: &Function) -> Option<Function> {
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    if !insts().any(|inst| inst.op == Op::EntriesShort) {
        return None;
    }
    let made: HashMap<Value, &Inst> = insts().filter_map(|inst| Some((inst.result?, inst))).collect();
    let is = |value: &Value, op: Op| made.get(value).is_some_and(|inst| inst.op == op);
    let is_guard = |condition: &Value| {
        let Some(any) = made.get(condition).filter(|any| any.op == Op::Or) else { return false };
        let [either, long] = any.args[..] else { return false };
        let Some(either) = made.get(&either).filter(|either| either.op == Op::Or) else { return false };
        let [fuel, memory] = either.args[..] else { return false };
        is(&long, Op::EntriesShort) && is(&fuel, Op::FuelShort) && is(&memory, Op::MemShort)
    };
    let mut plain = function.clone();
    for block in &mut plain.blocks {
        if let Terminator::Branch { condition, then, .. } = &block.terminator
            && is_guard(condition)
        {
            block.terminator = Terminator::Jump(then.clone());
        }
    }
    Some(plain)
}

/// The most chains of a function that are fused.
const MOST: usize = 16;
/// Instructions that are looked at for that, each time all of the function; large functions have fewer chains fused.
const MOST_LOOKED_AT: usize = 40_000;

/// What one pass leaves to the next, besides what the first loop does itself.
#[derive(Clone)]
struct Carried {
    /// Whether a sum was too large.
    over: Value,
    /// Fuel that not every pass charges.
    fuel: Value,
    /// What the heads of the later loops take.
    links: Vec<Vec<Value>>,
}

impl Carried {
    /// From a loop's position on, the loop itself left out.
    fn after(&self, link: usize) -> Vec<Value> {
        [self.over, self.fuel].into_iter().chain(self.links.iter().skip(link + 1).flatten().copied()).collect()
    }
}

struct Fusion<'a> {
    function: &'a mut Function,
    chain: &'a Chain,
    now: HashMap<Value, Value>,
    /// The block that is being written.
    current: usize,
    node: NodeTag,
    /// The head of the new loop.
    head: u32,
    /// By loop, what each of its passes charges.
    each: Vec<i64>,
}

impl<'a> Fusion<'a> {
    fn new(function: &'a mut Function, chain: &'a Chain) -> Fusion<'a> {
        let node = function.blocks[chain.entry].node;
        Fusion { function, chain, now: HashMap::new(), current: chain.entry, node, head: 0, each: Vec::new() }
    }

    fn write(mut self) {
        let chain = self.chain;
        let Terminator::Jump(plain) = self.function.blocks[chain.entry].terminator.clone() else { return };
        // The loops as they were, and the list that is made for the first of them.
        let plain_way = self.block(Vec::new());
        self.function.blocks[plain_way].terminator = Terminator::Jump(plain.clone());
        self.move_list(plain_way);
        let (guarded, done) = (self.guard(plain_way), self.block(Vec::new()));
        self.current = guarded;
        let (no, zero) = (self.bool(false), self.int(0));
        self.between();
        let firsts: Vec<Vec<Value>> = chain.links.iter().map(|link| link.first.clone()).collect();
        let firsts = firsts.iter().map(|args| args.iter().map(|arg| self.here(*arg)).collect()).collect();
        let start = Carried { over: no, fuel: zero, links: firsts };
        let head_block = self.function.blocks[chain.links[0].head].clone();
        // The new head: what the first loop takes, and what the others do.
        let params = head_block.params.iter().copied().chain(start.after(0)).collect::<Vec<_>>();
        let head = self.block_like(&params);
        self.head = head as u32;
        let given = self.function.blocks[head].params.to_vec();
        let args: Vec<Value> = plain.args.iter().copied().chain(start.after(0)).collect();
        self.end(Terminator::Jump(to(head, args)));
        let own = head_block.params.len();
        for (param, value) in head_block.params.iter().zip(&given) {
            self.now.insert(*param, *value);
        }
        let carried = self.unpack(0, &given[own..], &start);
        self.current = head;
        self.copy_plain(&head_block.insts);
        let Terminator::Branch { condition, .. } = head_block.terminator else { return };
        let first = self.block(Vec::new());
        let condition = self.here(condition);
        self.end(Terminator::Branch { condition, then: to(first, []), otherwise: to(done, []) });
        self.current = first;
        self.each = vec![0; chain.links.len()];
        self.body(0, carried.clone());
        self.finish(done, plain_way, &carried);
    }

    /// The list that the first loop makes is made only where it is needed.
    fn move_list(&mut self, to: usize) {
        let Some(list) = self.chain.links[0].push else { return };
        for index in 0..self.function.blocks.len() {
            let insts = &mut self.function.blocks[index].insts;
            if let Some(at) = insts.iter().position(|inst| inst.result == Some(list)) {
                let inst = insts.remove(at);
                self.function.blocks[to].insts.push(inst);
                return;
            }
        }
    }

    /// Asks whether fuel, memory and the length of lists last for the worst; gives the block behind.
    fn guard(&mut self, plain_way: usize) -> usize {
        let chain = self.chain;
        let length = chain.length;
        let fuel = self.scaled(length, chain.most_fuel, chain.fuel_between);
        let bytes = self.scaled(length, 8 * chain.lists(), 8 * chain.lists());
        let fuel_short = self.op(Op::FuelShort, &[fuel], Imm::None, Type::Bool);
        let mem_short = self.op(Op::MemShort, &[bytes], Imm::None, Type::Bool);
        let long = self.op(Op::EntriesShort, &[length], Imm::None, Type::Bool);
        let either = self.op(Op::Or, &[fuel_short, mem_short], Imm::None, Type::Bool);
        let any = self.op(Op::Or, &[either, long], Imm::None, Type::Bool);
        let guarded = self.block(Vec::new());
        self.end(Terminator::Branch { condition: any, then: to(plain_way, []), otherwise: to(guarded, []) });
        guarded
    }

    /// What stands between the loops and does not depend on them.
    fn between(&mut self) {
        let insts: Vec<Inst> = self.chain.between.clone();
        self.copy_plain(&insts);
    }

    fn copy_plain(&mut self, insts: &[Inst]) {
        for inst in insts {
            self.node = inst.node;
            self.copy(inst, inst.op);
        }
    }

    fn copy(&mut self, inst: &Inst, op: Op) -> Option<Value> {
        let args: Vec<Value> = inst.args.iter().map(|arg| self.here(*arg)).collect();
        let Some(result) = inst.result else {
            let inst = Inst { op, args: args.into(), imm: inst.imm.clone(), result: None, node: inst.node };
            self.function.blocks[self.current].insts.push(inst);
            return None;
        };
        let ty = self.function.ty(result).clone();
        let value = self.op(op, &args, inst.imm.clone(), ty);
        self.now.insert(result, value);
        Some(value)
    }

    /// Writes the body of a loop from the current block on, and those of the loops behind it where it would append. Bounded by
    /// the length of a chain, which is [`chain::MOST_LINKS`].
    fn body(&mut self, number: usize, mut carried: Carried) -> Carried {
        let link: &Link = &self.chain.links[number];
        let originals: Vec<(usize, Block)> =
            link.body.iter().map(|index| (*index, self.function.blocks[*index].clone())).collect();
        // What goes on behind the body, with what its head would take: the next pass of the first loop.
        let onward = if number == 0 { self.head as usize } else { self.block_like(&self.packed(number, &carried)) };
        let mut blocks: HashMap<usize, usize> = HashMap::new();
        for (index, block) in &originals {
            let params: Vec<Value> = block.params.iter().copied().chain(carried.after(number)).collect();
            blocks.insert(*index, self.block_like(&params));
        }
        let first = blocks[&originals[0].0];
        self.end(Terminator::Jump(to(first, carried.after(number))));
        for (position, (index, block)) in originals.iter().enumerate() {
            self.current = blocks[index];
            let given = self.function.blocks[self.current].params.to_vec();
            for (param, value) in block.params.iter().zip(&given) {
                self.now.insert(*param, *value);
            }
            carried = self.unpack(number, &given[block.params.len()..], &carried);
            for inst in &block.insts {
                self.node = inst.node;
                carried = self.inst(number, position == 0, inst, carried);
            }
            self.node = block.node;
            let mut terminator = block.terminator.clone();
            let after = carried.after(number);
            let head = self.chain.links[number].head;
            super::tidy::each_target(&mut terminator, |target| {
                let args: Vec<Value> = target.args.iter().map(|arg| self.here(*arg)).chain(after.clone()).collect();
                let next = if target.block.index() == head { onward } else { blocks[&target.block.index()] };
                *target = to(next, args);
            });
            if let Terminator::Branch { condition, .. } = &mut terminator {
                *condition = self.here(*condition);
            }
            self.end(terminator);
        }
        if number > 0 {
            self.current = onward;
            let given = self.function.blocks[onward].params.to_vec();
            let own = carried.links[number].len();
            carried = self.unpack(number, &given[own..], &carried);
            carried.links[number] = given[..own].to_vec();
        }
        carried
    }

    /// An instruction of a loop's body.
    fn inst(&mut self, number: usize, always: bool, inst: &Inst, mut carried: Carried) -> Carried {
        let link = &self.chain.links[number];
        let asks = match (inst.op, &inst.imm) {
            (Op::Fuel, Imm::Int(amount)) if always => {
                self.each[number] += *amount;
                return carried;
            }
            (Op::Fuel, Imm::Int(amount)) => {
                let amount = self.int(*amount);
                carried.fuel = self.op(Op::IAddWrap, &[carried.fuel, amount], Imm::None, Type::INT);
                return carried;
            }
            (Op::ListPush, _) if link.push == inst.args.first().copied() && number + 1 < self.chain.links.len() => {
                let value = inst.args.get(1).map_or(Value(0), |value| self.here(*value));
                let next = &self.chain.links[number + 1];
                self.now.extend(next.element.map(|element| (element, value)));
                let own = self.function.blocks[next.head].params.to_vec();
                self.now.extend(own.into_iter().zip(carried.links[number + 1].iter().copied()));
                return self.body(number + 1, carried);
            }
            (Op::ListGet | Op::ListAt, _) if link.element == inst.result => return carried,
            // The count of the passes, which is below the length. That of the first loop stays what loops count with.
            (Op::IAdd, _) if inst.result.is_some_and(|result| link.counts.contains(&result)) => {
                self.copy(inst, if number == 0 { Op::IAdd } else { Op::IAddWrap });
                return carried;
            }
            (Op::IAdd, _) => Some((Op::IAddWrap, Op::IAddOver)),
            (Op::ISub, _) => Some((Op::ISubWrap, Op::ISubOver)),
            (Op::IMul, _) => Some((Op::IMulWrap, Op::IMulOver)),
            // All that is looked at was there before the first loop.
            (Op::Load, _) => {
                self.copy(inst, Op::LoadKnown);
                return carried;
            }
            (op, _) => {
                self.copy(inst, op);
                return carried;
            }
        };
        if let Some((wrap, asks)) = asks {
            let args: Vec<Value> = inst.args.iter().map(|arg| self.here(*arg)).collect();
            self.copy(inst, wrap);
            let over = self.op(asks, &args, Imm::None, Type::Bool);
            carried.over = self.op(Op::Or, &[carried.over, over], Imm::None, Type::Bool);
        }
        carried
    }

    /// Behind the last pass: back to the loops as they were, or charges and goes on behind them.
    fn finish(mut self, done: usize, plain_way: usize, last: &Carried) {
        let chain = self.chain;
        let leaves = self.live_out();
        let charge = self.block(Vec::new());
        let given: Vec<Value> = leaves.clone();
        let join = self.block_like(&given);
        self.current = done;
        self.end(Terminator::Branch { condition: last.over, then: to(plain_way, []), otherwise: to(charge, []) });
        self.current = charge;
        // How often each loop would have passed: its index where it ends.
        let mut fuel = last.fuel;
        let mut counts = Vec::new();
        for (number, link) in chain.links.iter().enumerate() {
            let index = self.function.blocks[link.head].params[link.index];
            let count = if number == 0 { self.here(index) } else { last.links[number][link.index] };
            let charged = self.scaled(count, self.each[number], 0);
            fuel = self.op(Op::IAddWrap, &[fuel, charged], Imm::None, Type::INT);
            counts.push(count);
        }
        let between = self.int(chain.fuel_between);
        fuel = self.op(Op::IAddWrap, &[fuel, between], Imm::None, Type::INT);
        self.act(Op::FuelN, fuel);
        for (link, count) in chain.links.iter().zip(&counts).skip(1) {
            if link.is_charged {
                let bytes = self.scaled(*count, 8, 8);
                self.act(Op::MemN, bytes);
            }
        }
        // Lengths, and what the heads hold at the end.
        for (number, link) in chain.links.iter().enumerate().skip(1) {
            self.now.insert(link.length, counts[number]);
            let params = self.function.blocks[link.head].params.to_vec();
            self.now.extend(params.into_iter().zip(last.links[number].iter().copied()));
        }
        let args: Vec<Value> = leaves.iter().map(|value| self.here(*value)).collect();
        self.end(Terminator::Jump(to(join, args)));
        self.join(join, &leaves);
    }

    /// Leads the end of the last loop to where both ways meet, and has all that is read behind it come from there.
    fn join(&mut self, join: usize, leaves: &[Value]) {
        let Some(last) = self.chain.links.last() else { return };
        let params = self.function.blocks[join].params.to_vec();
        let new: HashMap<Value, Value> = leaves.iter().copied().zip(params).collect();
        let region = &self.chain.region;
        for (index, block) in self.function.blocks.iter_mut().enumerate() {
            if region.contains(&index) || index >= self.chain.blocks {
                continue;
            }
            let replace = |value: &mut Value| *value = new.get(value).copied().unwrap_or(*value);
            block.insts.iter_mut().flat_map(|inst| &mut inst.args).for_each(replace);
            super::tidy::each_operand(&mut block.terminator, &mut |value| replace(value));
        }
        let Terminator::Branch { otherwise, .. } = &mut self.function.blocks[last.head].terminator else { return };
        let mut onward = std::mem::replace(otherwise, to(join, leaves));
        onward.args.iter_mut().for_each(|arg| *arg = new.get(arg).copied().unwrap_or(*arg));
        self.function.blocks[join].terminator = Terminator::Jump(onward);
    }

    /// What the loops compute and somebody behind them reads.
    fn live_out(&self) -> Vec<Value> {
        let chain = self.chain;
        let mut leaves: Vec<Value> = Vec::new();
        let mut read = |value: Value| {
            if chain.defined.contains(&value) && !leaves.contains(&value) {
                leaves.push(value);
            }
        };
        for (index, block) in self.function.blocks.iter().enumerate().take(chain.blocks) {
            if !chain.region.contains(&index) {
                block.insts.iter().flat_map(|inst| &inst.args).for_each(|value| read(*value));
                terminator_uses(&block.terminator).for_each(&mut read);
            }
        }
        if let Some(last) = chain.links.last()
            && let Some((exit, _)) = targets(&self.function.blocks[last.head].terminator).nth(1)
        {
            exit.args.iter().for_each(|value| read(*value));
        }
        leaves
    }

    /// The state in the block parameters of a loop's body.
    fn unpack(&self, number: usize, values: &[Value], like: &Carried) -> Carried {
        let mut carried = like.clone();
        let mut rest = values.iter().copied();
        carried.over = rest.next().unwrap_or(like.over);
        carried.fuel = rest.next().unwrap_or(like.fuel);
        for link in carried.links.iter_mut().skip(number + 1) {
            link.iter_mut().zip(&mut rest).for_each(|(slot, value)| *slot = value);
        }
        carried
    }

    /// What a later loop's head takes, and the state of those behind it.
    fn packed(&self, number: usize, carried: &Carried) -> Vec<Value> {
        carried.links[number].iter().copied().chain(carried.after(number)).collect()
    }

    fn here(&self, value: Value) -> Value {
        self.now.get(&value).copied().unwrap_or(value)
    }

    /// `count` times `factor`, and `more`.
    fn scaled(&mut self, count: Value, factor: i64, more: i64) -> Value {
        let (factor, more) = (self.int(factor), self.int(more));
        let product = self.op(Op::IMulWrap, &[count, factor], Imm::None, Type::INT);
        self.op(Op::IAddWrap, &[product, more], Imm::None, Type::INT)
    }

    fn int(&mut self, value: i64) -> Value {
        self.op(Op::IConst, &[], Imm::Int(value), Type::INT)
    }

    fn bool(&mut self, value: bool) -> Value {
        self.op(Op::BConst, &[], Imm::Bool(value), Type::Bool)
    }

    fn op(&mut self, op: Op, args: &[Value], imm: Imm, ty: Type) -> Value {
        let (inst, result) = computing(self.function, self.node, (op, args, imm), ty);
        self.function.blocks[self.current].insts.push(inst);
        result
    }

    fn act(&mut self, op: Op, value: Value) {
        let inst = Inst { op, args: [value].into(), imm: Imm::None, result: None, node: self.node };
        self.function.blocks[self.current].insts.push(inst);
    }

    /// A new block, to be ended later.
    fn block(&mut self, params: Vec<Value>) -> usize {
        let terminator = Terminator::Return(None);
        self.function.blocks.push(Block { params: params.into(), insts: Vec::new(), terminator, node: self.node });
        self.function.blocks.len() - 1
    }

    /// A new block with parameters of the types of these values.
    fn block_like(&mut self, values: &[Value]) -> usize {
        let mut params = Values::new();
        for value in values {
            let ty = self.function.ty(*value).clone();
            params.push(value_of(self.function, ty));
        }
        let block = self.block(Vec::new());
        self.function.blocks[block].params = params;
        block
    }

    fn end(&mut self, terminator: Terminator) {
        self.function.blocks[self.current].terminator = terminator;
    }
}
