//! Which values are written where they are used, and which get a variable: constants are always written where they are used; what is
//! used once, in the same block, goes into the expression that uses it, as long as nothing changes place that may stop or is
//! seen by something else.

use statewright_graph::ir::ops::Effect;
use statewright_graph::ir::verify::terminator_uses;
use statewright_graph::ir::{BlockId, Function, Imm, Inst, Op, Terminator, Value};

/// Expressions nest at most so deep.
const DEPTH: u8 = 6;

/// How an instruction's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// Nothing defines it but a block's parameter, or it has a variable.
    Variable,
    /// Where it is used.
    Inside,
    /// Nothing uses it, and computing it cannot be seen.
    Nowhere,
}

/// What is decided about a function.
#[derive(Clone, Debug)]
pub struct Folded {
    written: Vec<Written>,
    /// Block and position of what defines each value.
    definitions: Vec<Option<(u32, u32)>>,
}

/// What a language can write.
pub trait Folding {
    /// Whether an instruction is a literal, written wherever it is used.
    fn is_literal(&self, inst: &Inst) -> bool {
        is_constant(inst)
    }

    /// Whether an instruction that is not free can be written within an expression. Operands are evaluated from left to right there.
    fn nests(&self, inst: &Inst) -> bool;

    /// Whether an instruction is always a statement of its own.
    fn stands_alone(&self, _inst: &Inst) -> bool {
        false
    }

    /// Whether an instruction takes nothing but variables and literals.
    fn takes_variables(&self, _inst: &Inst) -> bool {
        false
    }
}

/// Whether an instruction is a constant, which is no expression worth a variable.
pub fn is_constant(inst: &Inst) -> bool {
    matches!(inst.op, Op::IConst | Op::UConst | Op::FConst | Op::BConst | Op::SConst | Op::Null)
}

/// Whether it may trade places with whatever stands around it.
pub fn is_free(inst: &Inst) -> bool {
    let row = inst.op.row();
    row.effect == Effect::Pure && row.traps.is_empty()
}

impl Folded {
    /// Decides.
    pub fn new(function: &Function, language: &dyn Folding) -> Folded {
        let mut folded = Folded {
            written: vec![Written::Variable; function.values.len()],
            definitions: vec![None; function.values.len()],
        };
        let uses = uses(function, language);
        for (index, block) in function.blocks.iter().enumerate() {
            for (at, inst) in block.insts.iter().enumerate() {
                if let Some(place) = inst.result.and_then(|result| folded.definitions.get_mut(result.index())) {
                    *place = Some((index as u32, at as u32));
                }
            }
            folded.block(function, BlockId(index as u32), &uses, language);
        }
        folded
    }

    fn block(&mut self, function: &Function, id: BlockId, uses: &[Use], language: &dyn Folding) {
        let Some(block) = function.blocks.get(id.index()) else { return };
        // What may still go into an expression, in order, as long as nothing comes between.
        let mut waiting: Vec<Value> = Vec::new();
        let mut depths: Vec<(Value, u8)> = Vec::new();
        for inst in &block.insts {
            if language.is_literal(inst) {
                self.set(inst.result, Written::Inside);
                continue;
            }
            let taken = self.take(&inst.args, &mut waiting);
            let stands_alone = is_free(inst);
            if !stands_alone {
                waiting.clear();
            }
            // What holds something that must keep its place must keep it, too.
            let is_free = stands_alone && taken.is_empty();
            let depth = 1 + inst.args.iter().map(|arg| depth_of(&depths, *arg, self)).max().unwrap_or(0);
            self.settle(&taken);
            let Some(result) = inst.result else { continue };
            let Some(used) = uses.get(result.index()) else { continue };
            if used.count == 0 && is_free {
                self.set(Some(result), Written::Nowhere);
            } else if used.count == 1 && used.block == id.0 && depth < DEPTH && !language.stands_alone(inst) {
                if is_free && !used.is_late {
                    self.set(Some(result), Written::Inside);
                    depths.push((result, depth));
                } else if !is_free && (stands_alone || language.nests(inst)) && !used.is_late {
                    waiting.push(result);
                    depths.push((result, depth));
                }
            }
        }
        let last: Vec<Value> = match &block.terminator {
            Terminator::Branch { condition, .. } => vec![*condition],
            Terminator::Return(Some(value)) => vec![*value],
            _ => Vec::new(),
        };
        let taken = self.take(&last, &mut waiting);
        self.settle(&taken);
        // Arguments may be assigned in any order, so no more than one of them may have to keep its place.
        if let Terminator::Jump(target) = &block.terminator
            && let Some(last) = waiting.pop()
            && target.args.contains(&last)
        {
            self.settle(&[last]);
        }
    }

    /// The operands that go into the expression: those that wait last, in the order in which they are evaluated.
    fn take(&self, args: &[Value], waiting: &mut Vec<Value>) -> Vec<Value> {
        let wanted: Vec<Value> = args.iter().copied().filter(|arg| waiting.contains(arg)).collect();
        let first = waiting.len().saturating_sub(wanted.len());
        match waiting.get(first..) {
            Some(last) if last == wanted => waiting.split_off(first),
            _ => Vec::new(),
        }
    }

    fn settle(&mut self, taken: &[Value]) {
        taken.iter().for_each(|value| self.set(Some(*value), Written::Inside));
    }

    fn set(&mut self, value: Option<Value>, written: Written) {
        if let Some(place) = value.and_then(|value| self.written.get_mut(value.index())) {
            *place = written;
        }
    }

    /// The instruction that is written where this value is used; `None` if the value has a variable.
    pub fn inside<'f>(&self, function: &'f Function, value: Value) -> Option<&'f Inst> {
        let is_inside = self.written.get(value.index()) == Some(&Written::Inside);
        if is_inside { self.definition(function, value) } else { None }
    }

    /// The instruction that defines a value; `None` for parameters.
    pub fn definition<'f>(&self, function: &'f Function, value: Value) -> Option<&'f Inst> {
        let (block, at) = (*self.definitions.get(value.index())?)?;
        function.blocks.get(block as usize)?.insts.get(at as usize)
    }

    /// Whether an instruction is a statement of its own.
    pub fn is_statement(&self, inst: &Inst) -> bool {
        match inst.result.and_then(|result| self.written.get(result.index())) {
            None | Some(Written::Variable) => true,
            Some(Written::Inside | Written::Nowhere) => false,
        }
    }

    /// The variables that an expression of this value reads.
    pub fn reads(&self, function: &Function, value: Value) -> Vec<Value> {
        let (mut reads, mut open) = (Vec::new(), vec![value]);
        while let Some(value) = open.pop() {
            match self.inside(function, value) {
                Some(inst) => open.extend(inst.args.iter()),
                None => reads.push(value),
            }
        }
        reads
    }

    /// The integer that a value is, if it is a constant.
    pub fn int(&self, function: &Function, value: Value) -> Option<i64> {
        match self.definition(function, value)? {
            Inst { op: Op::IConst, imm: Imm::Int(value), .. } => Some(*value),
            _ => None,
        }
    }
}

fn depth_of(depths: &[(Value, u8)], value: Value, folded: &Folded) -> u8 {
    let is_inside = folded.written.get(value.index()) == Some(&Written::Inside);
    let depth = depths.iter().rev().find(|(of, _)| *of == value).map_or(0, |(_, depth)| *depth);
    // What waits may still go inside.
    if is_inside || depth > 0 { depth } else { 0 }
}

/// How a value is used.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    count: u32,
    /// The block of the last one met.
    block: u32,
    /// Whether something uses it that takes nothing but variables, as all that suspends does.
    is_late: bool,
}

fn uses(function: &Function, language: &dyn Folding) -> Vec<Use> {
    let mut uses = vec![Use::default(); function.values.len()];
    for (index, block) in function.blocks.iter().enumerate() {
        let mut note = |value: Value, is_late: bool| {
            if let Some(place) = uses.get_mut(value.index()) {
                *place = Use { count: place.count + 1, block: index as u32, is_late: place.is_late || is_late };
            }
        };
        for inst in &block.insts {
            let is_late = language.takes_variables(inst);
            inst.args.iter().for_each(|value| note(*value, is_late));
        }
        let is_late = matches!(block.terminator, Terminator::Suspend { .. } | Terminator::Call { .. });
        terminator_uses(&block.terminator).for_each(|value| note(value, is_late));
    }
    uses
}
