//! Builds SSA on the fly (after Braun et al., "Simple and Efficient Construction of Static Single Assignment Form",
//! CC 2013), without recursion: variables are written and read per block, block parameters appear where they are needed.
//!
//! A *resume block* takes everything that it and what follows reads from before the suspension as parameters:
//! that is how the saved values of a suspension come about.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::hashing::{HashMap, HashSet};
use statewright_types::{TrapCode, Type};

use crate::ir::verify::targets;
use crate::ir::{
    Block, BlockId, Deadline, Function, FunctionRole, Imm, Inst, NodeTag, Op, Param, Target, Terminator, Value, Values,
    Wait,
};
use crate::passes::tidy::target_mut;

/// A variable of the construction: a node's output, a variable of the graph, a loop counter…
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(u32);

/// Which of a terminator's targets an edge is.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: BlockId,
    /// By position, as [`targets`] lists them.
    which: u32,
}

/// The edges that lead to a block: most have one.
#[derive(Default)]
struct Preds {
    first: Option<Edge>,
    others: Vec<Edge>,
}

impl Preds {
    fn push(&mut self, edge: Edge) {
        match self.first {
            None => self.first = Some(edge),
            Some(_) => self.others.push(edge),
        }
    }

    fn get(&self, index: usize) -> Option<Edge> {
        if index == 0 { self.first } else { self.others.get(index - 1).copied() }
    }

    fn iter(&self) -> impl Iterator<Item = Edge> {
        self.first.into_iter().chain(self.others.iter().copied())
    }

    /// The edge, if it is the only one.
    fn only(&self) -> Option<Edge> {
        self.first.filter(|_| self.others.is_empty())
    }
}

#[derive(Default)]
struct BlockState {
    preds: Preds,
    sealed: bool,
    terminated: bool,
    resume: bool,
    /// Parameters before the ones that variables added (results of a call or a wait, the entry's parameters).
    fixed_params: usize,
    /// Variables whose parameters, at these positions, still lack their arguments.
    incomplete: Vec<(Var, usize)>,
}

/// A variable's value at the end of each block where it was written or looked up: most have one.
#[derive(Default)]
struct Defs {
    first: Option<(BlockId, Value)>,
    others: BTreeMap<BlockId, Value>,
}

impl Defs {
    fn get(&self, block: BlockId) -> Option<Value> {
        match self.first {
            Some((first, value)) if first == block => Some(value),
            _ => self.others.get(&block).copied(),
        }
    }

    fn set(&mut self, block: BlockId, value: Value) {
        match &mut self.first {
            None => self.first = Some((block, value)),
            Some((first, old)) if *first == block => *old = value,
            Some(_) => _ = self.others.insert(block, value),
        }
    }
}

/// Builds one [`Function`].
pub struct FunctionBuilder {
    function: Function,
    states: Vec<BlockState>,
    current: BlockId,
    node: NodeTag,
    vars: Vec<Type>,
    /// By variable.
    defs: Vec<Defs>,
    zeros: HashMap<Var, Value>,
    prologue: Vec<Inst>,
    /// Room for the way that is looked along for a variable.
    path: Vec<BlockId>,
    /// What cuts suspensions short that are made now: when, and where the function goes on; innermost first.
    deadlines: Vec<(Var, BlockId)>,
    /// Variables that are read on a path on which nothing wrote them.
    pub unset_reads: Vec<Var>,
}

/// A looked-up value is remembered at the block that reads it, and at every so many blocks on the way.
const REMEMBERED: usize = 64;

fn unterminated() -> Terminator {
    Terminator::Return(None)
}

impl FunctionBuilder {
    /// A function with its entry block current, whose parameters are the function's.
    pub fn new(name: Arc<str>, role: FunctionRole, params: Vec<Param>, returns: Option<Type>) -> FunctionBuilder {
        let function = Function {
            name,
            role,
            params,
            returns,
            suspends: false,
            nodes: vec![Arc::from("")],
            values: Vec::new(),
            blocks: Vec::new(),
        };
        let mut builder = FunctionBuilder {
            function,
            states: Vec::new(),
            current: BlockId(0),
            node: NodeTag(0),
            vars: Vec::new(),
            defs: Vec::new(),
            zeros: HashMap::default(),
            prologue: Vec::new(),
            path: Vec::new(),
            deadlines: Vec::new(),
            unset_reads: Vec::new(),
        };
        let entry = builder.block();
        for index in 0..builder.function.params.len() {
            let ty = builder.function.params[index].ty.loaded();
            let value = builder.new_value(ty);
            builder.function.blocks[0].params.push(value);
        }
        builder.states[0].fixed_params = builder.function.params.len();
        builder.seal(entry);
        builder
    }

    /// The value of parameter `index`.
    pub fn param(&self, index: usize) -> Value {
        self.function.blocks[0].params[index]
    }

    /// How large the function is so far: its values, and its blocks, which take as much room as three of those.
    pub fn size(&self) -> usize {
        self.function.values.len() + 3 * self.function.blocks.len()
    }

    /// Makes room for so many instructions with results: large literals would else be moved again and again.
    pub fn expect(&mut self, instructions: usize) {
        self.function.values.reserve(instructions);
        self.function.blocks[self.current.index()].insts.reserve(instructions);
    }

    /// Registers a node and tags what follows with it.
    pub fn tag(&mut self, id: &Arc<str>) -> NodeTag {
        self.function.nodes.push(id.clone());
        NodeTag((self.function.nodes.len() - 1) as u32)
    }

    /// Tags what follows; returns the tag before.
    pub fn set_node(&mut self, node: NodeTag) -> NodeTag {
        std::mem::replace(&mut self.node, node)
    }

    /// A new, empty, unsealed block.
    pub fn block(&mut self) -> BlockId {
        self.function.blocks.push(Block {
            params: Values::new(),
            insts: Vec::new(),
            terminator: unterminated(),
            node: NodeTag(0),
        });
        self.states.push(BlockState::default());
        BlockId((self.function.blocks.len() - 1) as u32)
    }

    /// Goes on in `block`.
    pub fn switch_to(&mut self, block: BlockId) {
        self.current = block;
    }

    /// The block being filled.
    pub fn current(&self) -> BlockId {
        self.current
    }

    /// Whether the block being filled has ended.
    pub fn ended(&self) -> bool {
        self.states[self.current.index()].terminated
    }

    fn new_value(&mut self, ty: Type) -> Value {
        self.function.values.push(ty);
        Value((self.function.values.len() - 1) as u32)
    }

    /// Appends an instruction; `ty` is the type of its result, if it has one.
    pub fn inst(&mut self, op: Op, args: impl Into<Values>, imm: Imm, ty: Option<Type>) -> Option<Value> {
        let result = ty.map(|ty| self.new_value(ty));
        if !self.ended() {
            let inst = Inst { op, args: args.into(), imm, result, node: self.node };
            self.function.blocks[self.current.index()].insts.push(inst);
        }
        result
    }

    /// Appends an instruction without operands to a block that may have ended already.
    pub fn inst_in(&mut self, block: BlockId, op: Op, imm: Imm, ty: Type) -> Value {
        let value = self.new_value(ty);
        let inst = Inst { op, args: Values::new(), imm, result: Some(value), node: self.node };
        self.function.blocks[block.index()].insts.push(inst);
        value
    }

    fn connect(&mut self, block: BlockId, which: usize) {
        let edge = Edge { from: self.current, which: which as u32 };
        self.states[block.index()].preds.push(edge);
    }

    fn terminate(&mut self, terminator: Terminator) {
        let index = self.current.index();
        self.function.blocks[index].terminator = terminator;
        self.function.blocks[index].node = self.node;
        self.states[index].terminated = true;
    }

    /// Ends the block with a jump.
    pub fn jump(&mut self, block: BlockId) {
        if self.ended() {
            return;
        }
        self.connect(block, 0);
        self.terminate(Terminator::Jump(Target { block, args: Values::new() }));
    }

    /// Ends the block with a branch.
    pub fn branch(&mut self, condition: Value, then: BlockId, otherwise: BlockId) {
        if self.ended() {
            return;
        }
        self.connect(then, 0);
        self.connect(otherwise, 1);
        let target = |block| Target { block, args: Values::new() };
        self.terminate(Terminator::Branch { condition, then: target(then), otherwise: target(otherwise) });
    }

    /// Ends the function.
    pub fn ret(&mut self, value: Option<Value>) {
        if !self.ended() {
            self.terminate(Terminator::Return(value));
        }
    }

    /// Stops the activation.
    pub fn trap(&mut self, code: TrapCode, message: Option<Value>) {
        if !self.ended() {
            self.terminate(Terminator::Trap { code, message });
        }
    }

    /// Suspends and goes on in a new, sealed block.
    pub fn suspend(&mut self, wait: Wait, args: impl Into<Values>) {
        self.suspend_for(wait, args, Vec::new());
    }

    /// Suspends and goes on in a new, sealed block, with the results of the wait, which have these types.
    pub fn suspend_for(&mut self, wait: Wait, args: impl Into<Values>, types: Vec<Type>) -> Vec<Value> {
        let block = self.resume_block(types.len());
        let results: Vec<Value> = types.into_iter().map(|ty| self.new_value(ty)).collect();
        self.function.blocks[block.index()].params.extend(results.iter().copied());
        let resume = Target { block, args: Values::new() };
        let deadlines = self.deadlines();
        self.suspended(Terminator::Suspend { wait, args: args.into(), resume, deadlines });
        results
    }

    /// Calls a function that may suspend and goes on in a new, sealed block, with its result.
    pub fn call_suspending(
        &mut self,
        callee: crate::ir::FuncId,
        args: impl Into<Values>,
        ty: Option<Type>,
    ) -> Option<Value> {
        let block = self.resume_block(usize::from(ty.is_some()));
        let result = ty.map(|ty| self.new_value(ty));
        self.function.blocks[block.index()].params.extend(result);
        let resume = Target { block, args: Values::new() };
        let deadlines = self.deadlines();
        self.suspended(Terminator::Call { callee, args: args.into(), resume, deadlines });
        result
    }

    /// Sets what cuts suspensions short from here on: when (a variable, ms), and where the function goes on; innermost first.
    pub fn set_deadlines(&mut self, deadlines: Vec<(Var, BlockId)>) {
        self.deadlines = deadlines;
    }

    /// Says that the function may suspend, whether it does or not.
    pub fn may_suspend(&mut self) {
        self.function.suspends = true;
    }

    /// The deadlines of a suspension that ends the current block, each with a resume block of its own.
    fn deadlines(&mut self) -> Vec<Deadline> {
        let deadlines = self.deadlines.clone();
        let each = deadlines.into_iter().map(|(due, _)| {
            let due = self.get(due);
            Deadline { due, target: Target { block: self.resume_block(0), args: Values::new() } }
        });
        each.collect()
    }

    /// Ends the block with a suspension and goes on in its resume block.
    fn suspended(&mut self, terminator: Terminator) {
        let blocks: Vec<BlockId> = targets(&terminator).map(|(target, _)| target.block).collect();
        self.function.suspends = true;
        for (which, block) in blocks.iter().enumerate() {
            self.connect(*block, which);
        }
        self.terminate(terminator);
        blocks.iter().for_each(|block| self.seal(*block));
        let cut: Vec<BlockId> = self.deadlines.iter().map(|(_, block)| *block).collect();
        for (block, to) in blocks.iter().skip(1).zip(cut) {
            self.switch_to(*block);
            self.jump(to);
        }
        if let Some(resume) = blocks.first() {
            self.switch_to(*resume);
        }
    }

    fn resume_block(&mut self, fixed_params: usize) -> BlockId {
        let block = self.block();
        let state = &mut self.states[block.index()];
        state.resume = true;
        state.fixed_params = fixed_params;
        block
    }

    /// A new variable.
    pub fn var(&mut self, ty: Type) -> Var {
        self.vars.push(ty);
        self.defs.push(Defs::default());
        Var((self.vars.len() - 1) as u32)
    }

    /// Writes a variable at the end of the current block.
    pub fn set(&mut self, var: Var, value: Value) {
        self.defs[var.0 as usize].set(self.current, value);
    }

    /// Writes a variable at the end of `block`, which nothing may have read it in or below.
    pub fn set_in(&mut self, block: BlockId, var: Var, value: Value) {
        self.defs[var.0 as usize].set(block, value);
    }

    /// Reads a variable; where nothing wrote it, it is its type's zero and is noted in `unset_reads`.
    pub fn get(&mut self, var: Var) -> Value {
        let mut pending = Vec::new();
        let value = self.lookup(var, self.current, &mut pending);
        self.fill(pending);
        value
    }

    /// Says that no more jumps to `block` will come.
    pub fn seal(&mut self, block: BlockId) {
        let state = &mut self.states[block.index()];
        if state.sealed {
            return;
        }
        state.sealed = true;
        let incomplete = std::mem::take(&mut state.incomplete);
        self.fill(incomplete.into_iter().map(|(var, position)| (block, var, position)).collect());
    }

    /// Finds or makes the value of `var` at the end of `block`; new parameters whose arguments are still to be
    /// found go to `pending`.
    fn lookup(&mut self, var: Var, from: BlockId, pending: &mut Vec<(BlockId, Var, usize)>) -> Value {
        if let Some(value) = self.defs[var.0 as usize].get(from) {
            return value;
        }
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        let mut block = from;
        let value = loop {
            if let Some(value) = self.defs[var.0 as usize].get(block) {
                break value;
            }
            path.push(block);
            let state = &self.states[block.index()];
            if let (true, false, Some(edge)) = (state.sealed, state.resume, state.preds.only()) {
                block = edge.from;
                continue;
            }
            if state.sealed && state.preds.first.is_none() {
                break self.unset(var);
            }
            let sealed = state.sealed;
            let param = self.new_value(self.vars[var.0 as usize].clone());
            let params = &mut self.function.blocks[block.index()].params;
            let position = params.len();
            params.push(param);
            if sealed {
                pending.push((block, var, position));
            } else {
                self.states[block.index()].incomplete.push((var, position));
            }
            break param;
        };
        // Where the way ended a parameter may have been made. In between, not every block: many variables read far down
        // would take memory in all of them.
        let defs = &mut self.defs[var.0 as usize];
        path.last().into_iter().chain(path.iter().step_by(REMEMBERED)).for_each(|block| defs.set(*block, value));
        self.path = path;
        value
    }

    fn fill(&mut self, mut pending: Vec<(BlockId, Var, usize)>) {
        while let Some((block, var, position)) = pending.pop() {
            let argument = position - self.argument_offset(block);
            for index in 0.. {
                let Some(edge) = self.states[block.index()].preds.get(index) else { break };
                let value = self.lookup(var, edge.from, &mut pending);
                let terminator = &mut self.function.blocks[edge.from.index()].terminator;
                if let Some(target) = target_mut(terminator, edge.which as usize) {
                    target.args.grow(argument + 1, value);
                    target.args[argument] = value;
                }
            }
        }
    }

    /// Parameters that no argument of a jump supplies: results of a suspending call or a wait.
    fn argument_offset(&self, block: BlockId) -> usize {
        let state = &self.states[block.index()];
        if state.resume { state.fixed_params } else { 0 }
    }

    fn unset(&mut self, var: Var) -> Value {
        if let Some(value) = self.zeros.get(&var) {
            return *value;
        }
        self.unset_reads.push(var);
        let ty = self.vars[var.0 as usize].clone();
        let value = self.new_value(ty.clone());
        self.prologue.push(Inst {
            op: Op::Zero,
            args: Values::new(),
            imm: Imm::Type(ty),
            result: Some(value),
            node: NodeTag(0),
        });
        self.zeros.insert(var, value);
        value
    }

    /// Seals what is open, removes superfluous parameters, straightens the control flow. Gives also the variables that are
    /// read where nothing need have written them, with the values that may be the zero that is then read.
    pub fn finish(mut self) -> (Function, Vec<(Var, HashSet<Value>)>) {
        for index in 0..self.states.len() {
            self.seal(BlockId(index as u32));
        }
        let unset = self.unset_values();
        // What follows needs room of its own.
        (self.defs, self.vars) = (Vec::new(), Vec::new());
        let prologue = std::mem::take(&mut self.prologue);
        self.function.blocks[0].insts.splice(0..0, prologue);
        crate::passes::tidy::remove_redundant_params(&mut self.function, |block| self.states[block.index()].resume);
        crate::passes::straighten::thread_jumps(&mut self.function);
        crate::passes::straighten::merge_blocks(&mut self.function);
        crate::passes::straighten::order_blocks(&mut self.function);
        crate::passes::tidy::renumber_values(&mut self.function);
        (self.function, unset)
    }

    /// Of each variable in `unset_reads`, its zero and the block parameters that this reaches.
    fn unset_values(&self) -> Vec<(Var, HashSet<Value>)> {
        if self.unset_reads.is_empty() {
            return Vec::new();
        }
        let mut supplied: HashMap<Value, Vec<Value>> = HashMap::default();
        for (block, state) in self.function.blocks.iter().zip(&self.states) {
            let offset = if state.resume { state.fixed_params } else { 0 };
            for edge in state.preds.iter() {
                let Some((target, _)) =
                    targets(&self.function.blocks[edge.from.index()].terminator).nth(edge.which as usize)
                else {
                    continue;
                };
                for (argument, param) in target.args.iter().zip(block.params.iter().skip(offset)) {
                    supplied.entry(*argument).or_default().push(*param);
                }
            }
        }
        let reached = |var: &Var| {
            let mut reached = HashSet::default();
            let mut open: Vec<Value> = self.zeros.get(var).copied().into_iter().collect();
            while let Some(value) = open.pop() {
                if reached.insert(value) {
                    open.extend(supplied.get(&value).into_iter().flatten());
                }
            }
            (*var, reached)
        };
        self.unset_reads.iter().map(reached).collect()
    }
}
