//! Loops that count and write nothing, which are written as an `attempt!`: tried without looking where they may stop, and done again
//! with every check where they might have. Their bodies ask `checks` for all that may stop.

use std::collections::{HashMap, HashSet};

use statewright_graph::ir::ops::Effect;
use statewright_graph::ir::verify::{targets, terminator_uses};
use statewright_graph::ir::{Block, BlockId, Cond, Function, Imm, Inst, Op, Value};
use statewright_types::{Schema, StructId, Type};

use super::small::Small;
use crate::fold::Folded;
use crate::structure::{BodyId, Stmt, Structure};

/// What a loop goes over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Over {
    /// The numbers from a constant on.
    Range(i64),
    /// The structs of a list, in rows of so many words.
    Structs(Value, StructId, usize),
    /// The elements of a list of anything else.
    Values(Value),
}

/// Such a loop.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// What it goes over.
    pub over: Over,
    /// The parameter of the header that counts.
    pub index: Value,
    /// Where the count ends.
    pub end: Value,
    /// Whether the count is used behind the loop, so that it is a variable like others.
    pub counts: bool,
    /// Instructions that are the element of the pass.
    pub elements: Vec<Value>,
    /// Parameters of the header that are used behind the loop.
    pub results: Vec<Value>,
    /// The bounds of its integers.
    pub small: Small,
    inside: HashSet<Value>,
}

/// All such loops of a function, by header.
pub(super) fn attempts(
    function: &Function,
    schema: &Schema,
    structure: &Structure,
    folded: &Folded,
) -> HashMap<BlockId, Attempt> {
    // Of a state machine, variables are those of the whole function.
    if structure.arms.len() > 1 || function.suspends {
        return HashMap::new();
    }
    let search = Search { function, schema, structure, folded };
    let stmts = structure.bodies.iter().flat_map(|body| &body.stmts);
    let loops = stmts.filter_map(|stmt| match stmt {
        Stmt::Loop { header, follow: Some(follow), body, .. } => {
            Some((*header, search.attempt(*header, *follow, *body)?))
        }
        _ => None,
    });
    loops.collect()
}

impl Attempt {
    /// Whether a value is the element of the pass, a struct.
    pub fn is_struct(&self, value: Value) -> bool {
        matches!(self.over, Over::Structs(..)) && self.elements.contains(&value)
    }

    /// Whether the result of an instruction of the body must be small.
    pub fn is_asked(&self, result: Value) -> bool {
        self.small.is_asked(result) && self.inside.contains(&result) && !self.elements.contains(&result)
    }

    /// Whether a value is there before the loop.
    pub fn comes_from_outside(&self, value: Value) -> bool {
        !self.inside.contains(&value)
    }

    /// Whether an instruction of the body is written as what the pass is over.
    pub fn is_given(&self, inst: &Inst) -> bool {
        inst.result.is_some_and(|result| self.elements.contains(&result))
    }
}

struct Search<'a> {
    function: &'a Function,
    schema: &'a Schema,
    structure: &'a Structure,
    folded: &'a Folded,
}

/// The blocks of a loop, in an order in which each stands before those that it leads to, and what is passed between them.
pub(super) struct Flow<'a> {
    /// The header first.
    pub order: Vec<BlockId>,
    /// To which block, and what.
    pub passes: Vec<(BlockId, &'a [Value])>,
}

impl<'a> Search<'a> {
    fn attempt(&self, header: BlockId, follow: BlockId, body: BodyId) -> Option<Attempt> {
        let [Stmt::Insts(_), Stmt::If { condition, negated, then, flat: true, .. }] =
            &self.structure.body(body).stmts[..]
        else {
            return None;
        };
        if self.structure.body(*then).stmts != [Stmt::Break(follow)] {
            return None;
        }
        let flow = self.flow(header, follow, body)?;
        let inside = self.inside(&flow);
        let insts = || flow.order.iter().filter_map(|id| self.block(*id)).flat_map(|block| &block.insts);
        if !insts().all(|inst| may_be_tried(inst, self.function)) {
            return None;
        }
        let (index, end) = self.counted(*condition, *negated).filter(|(_, end)| !inside.contains(end))?;
        let params = &self.block(header)?.params;
        let at = params.iter().position(|param| *param == index)?;
        let mut back = flow.passes.iter().filter(|(target, _)| *target == header).peekable();
        back.peek()?;
        if !back.all(|(_, args)| args.get(at).is_some_and(|next| self.counts_on(index, *next))) {
            return None;
        }
        let outside = self.passed_from_outside(header, &flow)?;
        let start = self.folded.int(self.function, *outside.get(at)?)?;
        let used = self.used_behind(&flow, params, &inside)?;
        let at_index = |inst: &&Inst| inst.op == Op::ListAt && inst.args.get(1) == Some(&index);
        let lists: HashSet<Value> = insts().filter(at_index).filter_map(|inst| inst.args.first().copied()).collect();
        let (over, list) = self.over(&lists, &inside, start, end);
        let elements = insts().filter(at_index).filter(|inst| inst.args.first().copied() == list);
        let elements = elements.filter_map(|inst| inst.result).collect();
        let counts = used.contains(&index);
        let results = params.iter().copied().filter(|param| used.contains(param)).collect();
        let small = Small::new(self.function, self.schema, &flow, (header, outside), index, self.folded);
        Some(Attempt { over, index, end, counts, elements, results, small, inside })
    }

    fn block(&self, id: BlockId) -> Option<&'a Block> {
        self.function.blocks.get(id.index())
    }

    fn stmts(&self, body: BodyId) -> std::slice::Iter<'a, Stmt> {
        self.structure.body(body).stmts.iter()
    }

    /// `None` if it can be left but for what follows, or has a loop inside.
    fn flow(&self, header: BlockId, follow: BlockId, body: BodyId) -> Option<Flow<'a>> {
        let mut flow = Flow { order: Vec::new(), passes: Vec::new() };
        let mut labels = HashSet::from([follow]);
        let mut open = vec![self.stmts(body)];
        while let Some(stmts) = open.last_mut() {
            let Some(stmt) = stmts.next() else {
                open.pop();
                continue;
            };
            match stmt {
                Stmt::Declare(_) => {}
                Stmt::Insts(block) => flow.order.push(*block),
                Stmt::Pass { target, args, .. } if *target != follow => flow.passes.push((*target, args)),
                Stmt::If { then, otherwise, .. } => {
                    open.push(self.stmts(*otherwise));
                    open.push(self.stmts(*then));
                }
                Stmt::Labelled { label, body, .. } => {
                    labels.insert(*label);
                    open.push(self.stmts(*body));
                }
                Stmt::Break(to) if labels.contains(to) => {}
                Stmt::Continue(to) if *to == header => {}
                _ => return None,
            }
        }
        Some(flow)
    }

    /// What is defined in the loop.
    fn inside(&self, flow: &Flow<'_>) -> HashSet<Value> {
        let blocks = flow.order.iter().filter_map(|id| self.block(*id));
        let values =
            blocks.flat_map(|block| block.params.iter().copied().chain(block.insts.iter().filter_map(|i| i.result)));
        values.collect()
    }

    /// What is counted, and to where, by the condition that a pass begins with.
    fn counted(&self, condition: Value, negated: bool) -> Option<(Value, Value)> {
        let inst = self.folded.inside(self.function, condition)?;
        let goes_on = if negated { Cond::Lt } else { Cond::Ge };
        (inst.op == Op::ICmp && inst.imm == Imm::Cond(goes_on)).then_some(())?;
        Some((*inst.args.first()?, *inst.args.get(1)?))
    }

    /// Whether a value is the one after `index`.
    fn counts_on(&self, index: Value, next: Value) -> bool {
        self.folded.definition(self.function, next).is_some_and(|inst| {
            matches!(inst.op, Op::IAdd | Op::IAddWrap)
                && inst.args.first() == Some(&index)
                && inst.args.get(1).is_some_and(|step| self.folded.int(self.function, *step) == Some(1))
        })
    }

    /// What the header is given where the loop begins, if that is in one place.
    fn passed_from_outside(&self, header: BlockId, flow: &Flow<'_>) -> Option<&'a [Value]> {
        let blocks = self.function.blocks.iter().enumerate();
        let mut passed = blocks
            .filter(|(index, _)| !flow.order.contains(&BlockId(*index as u32)))
            .flat_map(|(_, block)| targets(&block.terminator).filter(|(target, _)| target.block == header));
        let (target, is_resume) = passed.next()?;
        (passed.next().is_none() && !is_resume).then_some(&*target.args)
    }

    /// Which parameters of the header are used behind the loop; `None` if anything else of it is.
    fn used_behind(&self, flow: &Flow<'_>, params: &[Value], inside: &HashSet<Value>) -> Option<HashSet<Value>> {
        let mut used = HashSet::new();
        for (index, block) in self.function.blocks.iter().enumerate() {
            if flow.order.contains(&BlockId(index as u32)) {
                continue;
            }
            for arg in
                block.insts.iter().flat_map(|inst| inst.args.iter().copied()).chain(terminator_uses(&block.terminator))
            {
                for read in self.folded.reads(self.function, arg) {
                    if params.contains(&read) {
                        used.insert(read);
                    } else if inside.contains(&read) {
                        return None;
                    }
                }
            }
        }
        Some(used)
    }

    /// The list that the loop goes over, if there is one.
    fn over(&self, lists: &HashSet<Value>, inside: &HashSet<Value>, start: i64, end: Value) -> (Over, Option<Value>) {
        let length_of = self.folded.definition(self.function, end).filter(|inst| inst.op == Op::ListLen);
        let list = length_of.and_then(|inst| inst.args.first().copied());
        let Some(list) = list.filter(|list| start == 0 && lists.contains(list) && !inside.contains(list)) else {
            return (Over::Range(start), None);
        };
        match self.function.ty(list).element() {
            Some(Type::Struct(id)) => {
                let words = (self.schema.layout(*id).stride as usize / 8).max(1);
                (Over::Structs(list, *id, words), Some(list))
            }
            Some(_) => (Over::Values(list), Some(list)),
            None => (Over::Range(start), None),
        }
    }
}

/// Whether `checks` or a look at the state can do it.
fn may_be_tried(inst: &Inst, function: &Function) -> bool {
    let row = inst.op.row();
    let pure = row.effect == Effect::Pure && (row.traps.is_empty() || stops(inst.op));
    match inst.op {
        // Sums over all passes stay far below 2^64.
        Op::Fuel => matches!(inst.imm, Imm::Int(amount) if (0..1 << 20).contains(&amount)),
        Op::TrapIf | Op::Load | Op::LoadKnown | Op::ListLen | Op::ListGet | Op::ListAt => true,
        Op::NonNull => inst.args.first().is_some_and(|arg| matches!(function.ty(*arg).non_null(), Type::Struct(_))),
        Op::Equal => inst.args.first().is_some_and(|arg| {
            let ty = function.ty(*arg);
            matches!(ty, Type::Bool | Type::Int(_)) || ty.is_text()
        }),
        // It is made where it is first needed, which changes the state.
        Op::SConst => false,
        _ => pure,
    }
}

/// Operations that may stop and that `checks` has.
pub(super) fn stops(op: Op) -> bool {
    matches!(
        op,
        Op::IAdd
            | Op::ISub
            | Op::IMul
            | Op::IDiv
            | Op::IDivFloor
            | Op::IRem
            | Op::INeg
            | Op::IAbs
            | Op::UToI
            | Op::IToU
            | Op::FToIFloor
            | Op::FToICeil
            | Op::FToIRound
            | Op::FToITrunc
            | Op::Narrow
            | Op::NonNull
    )
}
