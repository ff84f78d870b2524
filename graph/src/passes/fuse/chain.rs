//! Finds chains of loops each of which only makes a list for the next.

use std::collections::{HashMap, HashSet};

use statewright_types::Type;

use crate::ir::ops::Effect;
use crate::ir::verify::{targets, terminator_uses};
use crate::ir::{Cond, Function, Imm, Inst, Op, Terminator, Value};
use crate::passes::hoist::there;
use crate::passes::memory::{Change, Memory, changes, made};
use crate::passes::select::constants;
use crate::passes::shape::{Loop, Shape, loops, places};

/// Longer chains are fused in parts.
pub(super) const MOST_LINKS: usize = 4;
/// Larger bodies stay as they are.
const MOST_INSTS: usize = 48;
const MOST_BLOCKS: usize = 12;

/// Loops that follow one another.
pub(super) struct Chain {
    /// The block that jumps to the first.
    pub entry: usize,
    pub links: Vec<Link>,
    /// How long the list is that the first loop goes over.
    pub length: Value,
    /// What stands between the loops and is the same without them.
    pub between: Vec<Inst>,
    /// Fuel charged between the loops.
    pub fuel_between: i64,
    /// No element costs more fuel in all loops together.
    pub most_fuel: i64,
    /// The blocks of the loops and between them.
    pub region: HashSet<usize>,
    /// What is computed there.
    pub defined: HashSet<Value>,
    /// How many blocks the function has.
    pub blocks: usize,
}

impl Chain {
    /// How many lists are made for the next loop.
    pub fn lists(&self) -> i64 {
        self.links.len() as i64 - 1
    }
}

/// A loop that counts up from 0.
pub(super) struct Link {
    pub head: usize,
    /// Each block before those that it leads to.
    pub body: Vec<usize>,
    /// Which of the head's parameters is the index.
    pub index: usize,
    /// The index of the next pass, wherever that is computed.
    pub counts: Vec<Value>,
    /// What the index stays below.
    pub length: Value,
    /// What the head takes at first.
    pub first: Vec<Value>,
    /// The list that it appends to, if it is left to the next loop.
    pub push: Option<Value>,
    /// In all loops but the first, the element that it takes from the list of the one before.
    pub element: Option<Value>,
    /// Whether the size of the list of the one before is charged.
    pub is_charged: bool,
}

/// The first chain of at least two loops in a function that does not begin with a loop in `done`. Loops that begin none are
/// added there.
pub(super) fn find(function: &Function, shape: &Shape, done: &mut HashSet<usize>) -> Option<Chain> {
    let loops = loops(function, shape);
    let known = Definitions { function, places: places(function) };
    let links: HashMap<usize, (usize, Link)> = loops
        .iter()
        .filter_map(|found| Some((found.entry?, (*found.blocks.first()?, link(&known, shape, found)?))))
        .map(|(entry, (head, link))| (head, (entry, link)))
        .collect();
    if links.len() < 2 {
        return None;
    }
    let memory = Memory::of(function, shape);
    let finder = Finder {
        function,
        uses: uses(function),
        is_made: made(function),
        there: there(function, shape, &memory),
        memory,
        shape,
        constants: constants(function),
        known,
    };
    let mut heads: Vec<usize> = links.keys().copied().filter(|head| !done.contains(head)).collect();
    heads.sort_unstable();
    heads.into_iter().find_map(|head| {
        let chain = finder.chain(head, &links);
        done.insert(head);
        chain
    })
}

/// Where values are computed.
struct Definitions<'a> {
    function: &'a Function,
    places: Vec<Option<(usize, usize)>>,
}

impl Definitions<'_> {
    fn inst(&self, value: Value) -> Option<&Inst> {
        let (block, position) = self.places[value.index()]?;
        self.function.blocks[block].insts.get(position)
    }

    fn is_int(&self, value: Value, wanted: i64) -> bool {
        self.inst(value).is_some_and(|inst| inst.op == Op::IConst && inst.imm == Imm::Int(wanted))
    }
}

/// A loop as a link, by its shape alone.
fn link(known: &Definitions<'_>, shape: &Shape, found: &Loop) -> Option<Link> {
    let function = known.function;
    let head = *found.blocks.first()?;
    let block = &function.blocks[head];
    let Terminator::Jump(first) = &function.blocks[found.entry?].terminator else { return None };
    let Terminator::Branch { condition, then, otherwise } = &block.terminator else { return None };
    let [test] = &block.insts[..] else { return None };
    let (Op::ICmp, Imm::Cond(Cond::Lt), [counted, length]) = (test.op, &test.imm, &test.args[..]) else { return None };
    let index = block.params.iter().position(|param| param == counted)?;
    if found.blocks.len() > MOST_BLOCKS + 1 {
        return None;
    }
    let body = shape.in_order(found.blocks.get(1..)?);
    let insts: usize = body.iter().map(|at| function.blocks[*at].insts.len()).sum();
    let fits = test.result == Some(*condition)
        && body.first() == Some(&then.block.index())
        && function.blocks[then.block.index()].params.is_empty()
        && shape.only_before(then.block.index()) == Some(head)
        && !found.blocks.contains(&otherwise.block.index())
        && insts <= MOST_INSTS
        && !block.params.contains(length)
        && known.is_int(*first.args.get(index)?, 0);
    // Forward, or to the head, where the index is one more.
    let number: HashMap<usize, usize> = body.iter().enumerate().map(|(number, at)| (*at, number)).collect();
    let one_more = |value: Value| {
        known.inst(value).is_some_and(|add| match add.args[..] {
            [a, b] => add.op == Op::IAdd && a == *counted && known.is_int(b, 1),
            _ => false,
        })
    };
    let goes_on = |at: usize, index_of: usize| {
        let block = &function.blocks[at];
        matches!(block.terminator, Terminator::Jump(_) | Terminator::Branch { .. })
            && targets(&block.terminator).all(|(target, _)| {
                let to = target.block.index();
                if to == head {
                    target.args.get(index).is_some_and(|arg| one_more(*arg))
                } else {
                    number.get(&to).is_some_and(|other| *other > index_of)
                }
            })
    };
    let is_whole = body.iter().enumerate().all(|(index_of, at)| goes_on(*at, index_of));
    (fits && is_whole).then(|| Link {
        head,
        index,
        counts: body
            .iter()
            .flat_map(|at| targets(&function.blocks[*at].terminator))
            .filter(|(target, _)| target.block.index() == head)
            .filter_map(|(target, _)| target.args.get(index).copied())
            .collect(),
        body,
        length: *length,
        first: first.args.to_vec(),
        push: None,
        element: None,
        is_charged: false,
    })
}

/// How often each value is read.
fn uses(function: &Function) -> Vec<u32> {
    let mut uses = vec![0; function.values.len()];
    for block in &function.blocks {
        block.insts.iter().flat_map(|inst| &inst.args).for_each(|value| uses[value.index()] += 1);
        terminator_uses(&block.terminator).for_each(|value| uses[value.index()] += 1);
    }
    uses
}

struct Finder<'a> {
    function: &'a Function,
    shape: &'a Shape,
    uses: Vec<u32>,
    is_made: Vec<bool>,
    there: Vec<Option<u32>>,
    memory: Memory,
    constants: HashMap<Value, i64>,
    known: Definitions<'a>,
}

impl Finder<'_> {
    /// The chain that begins with the loop at `head`.
    fn chain(&self, head: usize, links: &HashMap<usize, (usize, Link)>) -> Option<Chain> {
        let (entry, first) = links.get(&head)?;
        let mut chain = Chain {
            entry: *entry,
            links: vec![again(first)],
            length: first.length,
            between: Vec::new(),
            fuel_between: 0,
            most_fuel: 0,
            region: HashSet::new(),
            defined: HashSet::new(),
            blocks: self.function.blocks.len(),
        };
        while chain.links.len() < MOST_LINKS
            && let Some(next) = self.next(&mut chain, links)
        {
            chain.links.push(next);
        }
        self.close(&mut chain)?;
        (chain.links.len() > 1 && self.is_sound(&chain)).then_some(chain)
    }

    /// The loop behind the last one of a chain, if nothing else reads what that makes.
    fn next(&self, chain: &mut Chain, links: &HashMap<usize, (usize, Link)>) -> Option<Link> {
        let last = chain.links.last()?;
        let (list, _) = self.push(last)?;
        let Terminator::Branch { otherwise, .. } = &self.function.blocks[last.head].terminator else { return None };
        let middle = otherwise.block.index();
        let block = &self.function.blocks[middle];
        let Terminator::Jump(target) = &block.terminator else { return None };
        let (entry, next) = links.get(&target.block.index())?;
        let is_next = *entry == middle && self.shape.only_before(middle) == Some(last.head) && block.params.is_empty();
        let makes = self.inst(list).is_some_and(|inst| inst.op == Op::ListNew && inst.args.is_empty());
        let measures = self.inst(next.length).is_some_and(|inst| inst.op == Op::ListLen && inst.args[..] == [list]);
        let index = self.function.blocks[next.head].params[next.index];
        let gets = |inst: &&Inst| matches!(inst.op, Op::ListGet | Op::ListAt) && inst.args[..] == [list, index];
        let first = self.function.blocks[*next.body.first()?].insts.iter().filter(gets).collect::<Vec<_>>();
        let [get] = first[..] else { return None };
        if !is_next || !makes || !measures {
            return None;
        }
        // Appended to, measured, gotten, and perhaps charged.
        let mut expected = 3;
        let (mut between, mut fuel) = (Vec::new(), 0);
        let mut is_charged = false;
        for inst in &block.insts {
            match (inst.op, &inst.imm) {
                (Op::Mem, _) if inst.args[..] == [list] && !is_charged => {
                    (is_charged, expected) = (true, expected + 1);
                }
                (Op::ListLen, _) if inst.result == Some(next.length) => {}
                (Op::ListNew, _) if inst.args.is_empty() => between.push(inst.clone()),
                (Op::Fuel, Imm::Int(amount)) => fuel += *amount,
                _ if inst.op.row().effect == Effect::Pure && inst.op.row().traps.is_empty() => {
                    between.push(inst.clone())
                }
                _ => return None,
            }
        }
        if self.uses[list.index()] != expected {
            return None;
        }
        chain.between.extend(between);
        chain.fuel_between += fuel;
        chain.region.insert(middle);
        if let Some(last) = chain.links.last_mut() {
            last.push = Some(list);
        }
        Some(Link { element: get.result, is_charged, ..again(next) })
    }

    /// The list that a loop appends to and what it appends, if it does that in one place.
    fn push(&self, link: &Link) -> Option<(Value, Value)> {
        let insts = link.body.iter().flat_map(|at| &self.function.blocks[*at].insts);
        let pushes: Vec<&Inst> = insts.filter(|inst| inst.op == Op::ListPush).collect();
        match pushes[..] {
            [push] => Some((*push.args.first()?, *push.args.get(1)?)),
            _ => None,
        }
    }

    fn inst(&self, value: Value) -> Option<&Inst> {
        self.known.inst(value)
    }

    /// Notes what belongs to a chain that has all its links.
    fn close(&self, chain: &mut Chain) -> Option<()> {
        for link in &chain.links {
            chain.region.insert(link.head);
            chain.region.extend(&link.body);
            let charges = link.body.iter().flat_map(|at| &self.function.blocks[*at].insts);
            for inst in charges {
                if let (Op::Fuel, Imm::Int(amount)) = (inst.op, &inst.imm) {
                    chain.most_fuel = chain.most_fuel.checked_add(*amount)?;
                }
            }
        }
        for index in &chain.region {
            let block = &self.function.blocks[*index];
            chain.defined.extend(&block.params);
            chain.defined.extend(block.insts.iter().filter_map(|inst| inst.result));
        }
        // A list that the next loop does not take away is made anew, in front.
        let lists: Vec<Value> = chain.links.iter().filter_map(|link| link.push).collect();
        chain.between.retain(|inst| inst.result.is_none_or(|result| !lists.contains(&result)));
        (chain.most_fuel < 1 << 20 && chain.fuel_between < 1 << 20).then_some(())
    }

    /// Whether the loops do nothing but what can be done at once, and everything they need is there beforehand.
    fn is_sound(&self, chain: &Chain) -> bool {
        let function = self.function;
        let region: Vec<usize> = chain.region.iter().copied().collect();
        if changes(function, &region, &self.is_made) == Change::All {
            return false;
        }
        let state = self.memory.at(chain.links[0].head).state;
        let is_there = |value: &Value| self.there[value.index()] == Some(state);
        // Elements that are taken from a list are what was appended to it.
        let mut elements: HashMap<Value, Value> = HashMap::new();
        for pair in chain.links.windows(2) {
            let [before, after] = pair else { continue };
            let (Some((list, pushed)), Some(element)) = (self.push(before), after.element) else { return false };
            let pushed = elements.get(&pushed).copied().unwrap_or(pushed);
            elements.insert(element, pushed);
            // Its size is known: 8 an element.
            let is_plain = match function.ty(list).element() {
                Some(Type::Bool | Type::Int(_) | Type::Float64) => true,
                Some(Type::Struct(_)) => self.is_attached(pushed),
                _ => false,
            };
            if !is_plain {
                return false;
            }
        }
        let source = |value: &Value| elements.get(value).copied().unwrap_or(*value);
        let between: HashSet<Value> = chain.between.iter().filter_map(|inst| inst.result).collect();
        let is_before = |value: &Value| !chain.defined.contains(value) || between.contains(value);
        let given = chain.links.iter().skip(1).flat_map(|link| &link.first);
        let ends: HashSet<Value> = chain.links.iter().map(|link| link.length).collect();
        let heads = || chain.links.iter().flat_map(|link| &function.blocks[link.head].params);
        let last = chain.links.len() - 1;
        given.into_iter().all(is_before)
            && chain.between.iter().all(|inst| inst.args.iter().all(is_before))
            && chain.links.iter().enumerate().all(|(number, link)| {
                link.body.iter().enumerate().all(|(position, at)| {
                    function.blocks[*at].insts.iter().all(|inst| {
                        let first = inst.args.first();
                        match inst.op {
                            Op::Load | Op::LoadKnown => first.is_some_and(|record| is_there(&source(record))),
                            Op::ListGet => inst.result == link.element,
                            Op::ListAt => inst.result == link.element || number == 0 && position == 0,
                            // Appended to what the next loop takes, or to what is made in front.
                            Op::ListPush => number < last || first.is_some_and(|list| between.contains(list)),
                            Op::ListLen => false,
                            _ => super::super::select::is_total(inst, false, |_| false, &self.constants),
                        }
                    })
                })
            })
            && self.leaves(chain, |value| {
                heads().any(|param| *param == value) || ends.contains(&value) || between.contains(&value)
            })
    }

    /// Whether a struct is known to stand in the state: an element of a list of a root, or of one that is.
    fn is_attached(&self, value: Value) -> bool {
        let mut at = value;
        for _ in 0..8 {
            let Some(inst) = self.inst(at) else { return false };
            match (inst.op, inst.args.first()) {
                (Op::Root, _) => return true,
                (Op::ListGet | Op::ListAt | Op::Load | Op::LoadKnown, Some(from)) => at = *from,
                _ => return false,
            }
        }
        false
    }

    /// Whether all that is read behind the loops is something that is known there.
    fn leaves(&self, chain: &Chain, is_known: impl Fn(Value) -> bool) -> bool {
        let is_fine = |value: Value| !chain.defined.contains(&value) || is_known(value);
        // What is read outside is read more often than inside.
        let mut inside: HashMap<Value, u32> = HashMap::new();
        for block in chain.region.iter().map(|index| &self.function.blocks[*index]) {
            let args = block.insts.iter().flat_map(|inst| &inst.args).copied();
            args.chain(terminator_uses(&block.terminator)).for_each(|value| *inside.entry(value).or_default() += 1);
        }
        let is_inner = |value: &Value| inside.get(value).copied().unwrap_or(0) == self.uses[value.index()];
        let exit = chain.links.last().and_then(|last| {
            targets(&self.function.blocks[last.head].terminator).nth(1).map(|(target, _)| target.args.to_vec())
        });
        chain.defined.iter().all(|value| is_inner(value) || is_known(*value))
            && exit.is_some_and(|args| args.into_iter().all(is_fine))
    }
}

fn again(link: &Link) -> Link {
    Link {
        head: link.head,
        body: link.body.clone(),
        index: link.index,
        counts: link.counts.clone(),
        length: link.length,
        first: link.first.clone(),
        push: link.push,
        element: link.element,
        is_charged: link.is_charged,
    }
}
