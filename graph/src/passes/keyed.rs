//! Loops that look for the first element with a key ask the list's index instead: `list.find_key`, where the field that is
//! compared is what the schema says that the list's elements are known by. The loop stands beside it and does it all where the fuel may not last, as
//! it ends in the middle then. Else what its passes would have charged is charged at once, behind the search.

use super::writing::{computing, to, value as value_of};
use std::collections::{HashMap, HashSet};

use statewright_types::{Schema, StructId, Type, planted};

use super::shape::{Loop, Shape, loops, places};
use super::tidy::{each_operand, each_target};
use crate::ir::verify::terminator_uses;
use crate::ir::{Block, Cond, Function, Imm, Inst, NodeTag, Op, Target, Terminator, Value};

/// Searches of a function at most that are made so: each takes another look at all of it.
const MOST: usize = 16;
/// Instructions that are looked at for that.
const MOST_LOOKED_AT: usize = 40_000;

/// Makes searches of such loops. Whether there are any.
pub(super) fn search(function: &mut Function, schema: &Schema) -> bool {
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    if !insts().any(|inst| inst.op == Op::ListAt) {
        return false;
    }
    let most = (MOST_LOOKED_AT / insts().count().max(1)).clamp(1, MOST);
    // Blocks keep their numbers. The loops are still there, and are not looked at again.
    let mut done = HashSet::new();
    let mut any = false;
    for _ in 0..most {
        let shape = Shape::of(function);
        let Some(search) = find(function, schema, &shape, &mut done) else { break };
        Writer { node: function.blocks[search.entry].node, current: search.entry, function }.write(&search);
        any = true;
    }
    any
}

/// Such a loop.
struct Search {
    /// The block that jumps to it, and the one that compares.
    entry: usize,
    body: usize,
    list: Value,
    key: Value,
    field: (StructId, u32),
    /// What the index stays below.
    length: Value,
    index: Value,
    /// Fuel of a pass up to the comparison, and of what is left of one behind it.
    fuel: [i64; 2],
    /// Where it goes with the index of the first element that has the key, and where there is none.
    hit: Target,
    miss: Target,
    /// What a pass knows and somebody behind a hit wants to know: the values, and the blocks where.
    wanted: Vec<Value>,
    behind: Vec<usize>,
    /// What gives the element, and its key.
    element: Inst,
    load: Inst,
}

fn find(function: &Function, schema: &Schema, shape: &Shape, done: &mut HashSet<usize>) -> Option<Search> {
    let places = places(function);
    let known = |value: Value| {
        let (block, position) = places[value.index()]?;
        function.blocks[block].insts.get(position)
    };
    loops(function, shape).iter().find_map(|found| {
        let head = *found.blocks.first()?;
        if !done.insert(head) { None } else { look(function, schema, shape, found, &known) }
    })
}

fn look<'f>(
    function: &'f Function,
    schema: &Schema,
    shape: &Shape,
    found: &Loop,
    known: &dyn Fn(Value) -> Option<&'f Inst>,
) -> Option<Search> {
    let (entry, head) = (found.entry?, *found.blocks.first()?);
    let is_int = |value: Value, wanted: i64| {
        known(value).is_some_and(|inst| inst.op == Op::IConst && inst.imm == Imm::Int(wanted))
    };
    // The head: one parameter, which begins at 0 and stays below a length.
    let Terminator::Jump(first) = &function.blocks[entry].terminator else { return None };
    let ([index], [zero]) = (&function.blocks[head].params[..], &first.args[..]) else { return None };
    let index = *index;
    let Terminator::Branch { condition, then, otherwise: miss } = &function.blocks[head].terminator else {
        return None;
    };
    let [test] = &function.blocks[head].insts[..] else { return None };
    let (Op::ICmp, Imm::Cond(Cond::Lt), [counted, length]) = (test.op, &test.imm, &test.args[..]) else { return None };
    if test.result != Some(*condition) || *counted != index || !is_int(*zero, 0) {
        return None;
    }
    // The body: an element, its key, and whether that is the one.
    let body = then.block.index();
    let Terminator::Branch { condition, then: yes, otherwise: no } = &function.blocks[body].terminator else {
        return None;
    };
    let (mut fuel, mut element, mut load, mut compare) = ([0; 2], None, None, None);
    for inst in &function.blocks[body].insts {
        match (inst.op, &inst.imm) {
            (Op::Fuel, Imm::Int(amount)) => fuel[0] += amount,
            (Op::ListAt, _) if element.is_none() => element = Some(inst),
            (Op::LoadKnown, _) if load.is_none() => load = Some(inst),
            (Op::ICmp | Op::UCmp | Op::SCmp, _) if compare.is_none() => compare = Some(inst),
            _ => return None,
        }
    }
    let (element, load, compare) = (element?, load?, compare?);
    let (hit, on) = match compare.imm {
        Imm::Cond(Cond::Eq) => (yes, no),
        Imm::Cond(Cond::Ne) => (no, yes),
        _ => return None,
    };
    let ([list, at], [of], [a, b]) = (&element.args[..], &load.args[..], &compare.args[..]) else { return None };
    let Imm::Field(ty, field) = load.imm else { return None };
    let key = match load.result {
        Some(loaded) if loaded == *a => *b,
        Some(loaded) if loaded == *b => *a,
        _ => return None,
    };
    if *at != index || element.result != Some(*of) || compare.result != Some(*condition) {
        return None;
    }
    // What is behind it counts, and goes back.
    let latch = on.block.index();
    let [next] = (match &function.blocks[latch].terminator {
        Terminator::Jump(back) if back.block.index() == head => &back.args[..],
        _ => return None,
    }) else {
        return None;
    };
    for inst in &function.blocks[latch].insts {
        match (inst.op, &inst.imm, &inst.args[..]) {
            (Op::Fuel, Imm::Int(amount), _) => fuel[1] += amount,
            (Op::IAdd, _, [one, by]) if inst.result == Some(*next) && *one == index && is_int(*by, 1) => {}
            _ => return None,
        }
    }
    let (inside, plain) = ([head, body, latch], |target: &Target| target.args.is_empty());
    let fits = found.blocks.len() == 3
        && inside.iter().all(|block| found.blocks.contains(block))
        && plain(then)
        && plain(on)
        && shape.only_before(body) == Some(head)
        && shape.only_before(latch) == Some(body)
        && ![hit, miss].iter().any(|target| inside.contains(&target.block.index()));
    let defined: HashSet<Value> = inside
        .iter()
        .flat_map(|at| &function.blocks[*at].insts)
        .filter_map(|inst| inst.result)
        .chain([index])
        .collect();
    let is_outside = |value: &Value| !defined.contains(value);
    if !fits || ![*list, key, *length].iter().all(is_outside) || !miss.args.iter().all(is_outside) {
        return None;
    }
    if fuel.iter().any(|amount| !(0..=MOST_FUEL).contains(amount)) || !is_key(schema, known(*list)?, (ty, field)) {
        return None;
    }
    let mut search = Search {
        entry,
        body,
        list: *list,
        key,
        field: (ty, field),
        length: *length,
        index,
        fuel,
        hit: hit.clone(),
        miss: miss.clone(),
        wanted: Vec::new(),
        behind: Vec::new(),
        element: element.clone(),
        load: load.clone(),
    };
    let is_ours = shape.only_before(hit.block.index()) == Some(body);
    let is_one_to_give = |value: Value| value == index || [element.result, load.result].contains(&Some(value));
    for (at, block) in function.blocks.iter().enumerate().filter(|(at, _)| !inside.contains(at)) {
        let operands = block.insts.iter().flat_map(|inst| inst.args.iter().copied());
        for value in operands.chain(terminator_uses(&block.terminator)).filter(|value| defined.contains(value)) {
            if !is_ours || !is_one_to_give(value) || !shape.dominates(hit.block.index(), at) {
                return None;
            }
            if !search.wanted.contains(&value) {
                search.wanted.push(value);
            }
            if search.behind.last() != Some(&at) {
                search.behind.push(at);
            }
        }
    }
    hit.args.iter().all(|arg| is_outside(arg) || is_one_to_give(*arg)).then_some(search)
}

/// More than any node charges for an element; a list's length times that is an integer.
const MOST_FUEL: i64 = 1 << 20;

/// Whether `list` is one whose elements are known by that field, which is text or an integer.
fn is_key(schema: &Schema, list: &Inst, (ty, field): (StructId, u32)) -> bool {
    let (Op::Load | Op::LoadKnown, Imm::Field(owner, at)) = (list.op, &list.imm) else { return false };
    let of = |ty: StructId, field: u32| schema.types().get(ty.index())?.fields.get(field as usize);
    let (Some(listed), Some(compared)) = (of(*owner, *at), of(ty, field)) else { return false };
    let is_of = matches!(&listed.ty, Type::List(element) if **element == Type::Struct(ty));
    let has_index = compared.ty.is_text() || compared.ty.is_int();
    is_of && has_index && listed.key.as_ref() == Some(&compared.name)
}

struct Writer<'a> {
    function: &'a mut Function,
    node: NodeTag,
    /// The block that is being written.
    current: usize,
}

impl Writer<'_> {
    fn write(mut self, search: &Search) {
        let Terminator::Jump(plain) = self.function.blocks[search.entry].terminator.clone() else { return };
        let [before, behind] = search.fuel;
        let plain_way = self.block(Terminator::Jump(plain));
        let [ask, found, none] = [0; 3].map(|_| self.block(Terminator::Return(None)));
        let all = self.scaled(search.length, before + behind);
        let short = self.op(Op::FuelShort, &[all], Imm::None, Type::Bool);
        self.end(Terminator::Branch { condition: short, then: to(plain_way, []), otherwise: to(ask, []) });

        self.current = ask;
        self.node = search.element.node;
        let (ty, field) = search.field;
        let at = self.op(Op::ListFindKey, &[search.list, search.key], Imm::Field(ty, field), Type::INT);
        let zero = self.int(0);
        let is_there = self.op(Op::ICmp, &[at, zero], Imm::Cond(Cond::Ge), Type::Bool);
        // The list may be longer than it was when somebody asked for its length.
        let is_below = self.op(Op::ICmp, &[at, search.length], Imm::Cond(Cond::Lt), Type::Bool);
        let is_found = self.op(Op::And, &[is_there, is_below], Imm::None, Type::Bool);
        self.end(Terminator::Branch { condition: is_found, then: to(found, []), otherwise: to(none, []) });

        self.current = none;
        self.charge(all);
        self.end(Terminator::Jump(search.miss.clone()));

        self.current = found;
        let passed = self.scaled(at, before + behind);
        let last = self.int(if planted::is(65) { 0 } else { before });
        let charged = self.op(Op::IAddWrap, &[passed, last], Imm::None, Type::INT);
        self.charge(charged);
        let now = self.elements(search, at);
        let here = |value: &Value| now.get(value).copied().unwrap_or(*value);
        let args: Vec<Value> = search.hit.args.iter().chain(&search.wanted).map(here).collect();
        self.end(Terminator::Jump(to(search.hit.block.index(), args)));
        self.hand_on(search);
    }

    /// What a pass would know at that index, as far as anybody wants it.
    fn elements(&mut self, search: &Search, at: Value) -> HashMap<Value, Value> {
        let mut now = HashMap::from([(search.index, at)]);
        let is_wanted = |inst: &Inst| {
            let result = inst.result.filter(|value| search.wanted.contains(value) || search.hit.args.contains(value));
            result.is_some()
        };
        let wants_key = is_wanted(&search.load);
        for (inst, is_wanted) in [(&search.element, wants_key || is_wanted(&search.element)), (&search.load, wants_key)]
        {
            if let (true, Some(result)) = (is_wanted, inst.result) {
                let args: Vec<Value> = inst.args.iter().map(|arg| now.get(arg).copied().unwrap_or(*arg)).collect();
                let ty = self.function.ty(result).clone();
                self.node = inst.node;
                let value = self.op(inst.op, &args, inst.imm.clone(), ty);
                now.insert(result, value);
            }
        }
        now
    }

    /// Behind a hit there are now two ways to know what the loop's pass knew: it comes as parameters.
    fn hand_on(&mut self, search: &Search) {
        let target = search.hit.block;
        let mut now = HashMap::new();
        for value in &search.wanted {
            let ty = self.function.ty(*value).clone();
            let param = value_of(self.function, ty);
            self.function.blocks[target.index()].params.push(param);
            now.insert(*value, param);
        }
        let mut rename = |value: &mut Value| {
            if let Some(param) = now.get(value) {
                *value = *param;
            }
        };
        for at in &search.behind {
            let block = &mut self.function.blocks[*at];
            block.insts.iter_mut().for_each(|inst| inst.args.iter_mut().for_each(&mut rename));
            each_operand(&mut block.terminator, &mut rename);
        }
        each_target(&mut self.function.blocks[search.body].terminator, |way| {
            if way.block == target {
                search.wanted.iter().for_each(|value| way.args.push(*value));
            }
        });
    }

    fn charge(&mut self, amount: Value) {
        let inst = Inst { op: Op::FuelN, args: [amount].into(), imm: Imm::None, result: None, node: self.node };
        self.function.blocks[self.current].insts.push(inst);
    }

    fn scaled(&mut self, count: Value, factor: i64) -> Value {
        if factor == 1 {
            return count;
        }
        let factor = self.int(factor);
        self.op(Op::IMulWrap, &[count, factor], Imm::None, Type::INT)
    }

    fn int(&mut self, value: i64) -> Value {
        self.op(Op::IConst, &[], Imm::Int(value), Type::INT)
    }

    fn op(&mut self, op: Op, args: &[Value], imm: Imm, ty: Type) -> Value {
        let (inst, result) = computing(self.function, self.node, (op, args, imm), ty);
        self.function.blocks[self.current].insts.push(inst);
        result
    }

    fn block(&mut self, terminator: Terminator) -> usize {
        let node = self.node;
        self.function.blocks.push(Block { params: [].into(), insts: Vec::new(), terminator, node });
        self.function.blocks.len() - 1
    }

    fn end(&mut self, terminator: Terminator) {
        self.function.blocks[self.current].terminator = terminator;
    }
}
