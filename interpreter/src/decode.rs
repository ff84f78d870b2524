//! Decodes verified functions to [`Code`]: constants become registers that a frame begins with, block parameters
//! become parallel moves on the edges, or none where a value can be computed into the parameter's register; a
//! comparison that only decides a branch becomes part of the jump.
//!
//! Blocks keep their order, so that a jump to the next one vanishes. Edges that need moves where a conditional jump
//! leads get a piece of code of their own behind the last block.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use statewright_graph::ir::{
    Block, Cond, Deadline, FuncId, Function, Imm, Inst as IrInst, Module, NodeTag, Op, Target, Terminator, Value, Wait,
};
use statewright_graph::passes;
use statewright_runtime::host::HostNodes;
use statewright_runtime::state::FieldPlace;
use statewright_types::{StructId, Type};

use crate::code::{self, Code, Inst, NONE, Pc, Reg, ResumeBlock, Site};
use crate::moves::sequence;

mod fuse;
mod inline;
mod inst;
mod lanes;
mod registers;

/// All functions of a module, and the strings that they name.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// By position.
    pub functions: Vec<Code>,
    /// Every string constant once.
    pub strings: Vec<Arc<str>>,
}

/// Decodes a module. It was verified, so that every index in it is in range. If `is_plain`, no functions are decoded where
/// they are called, and the finished code is left as it is.
pub(crate) fn decode(module: &Module, host_nodes: &HostNodes, is_plain: bool) -> Decoded {
    let mut strings = Interned::default();
    let unfused: Vec<Option<Function>> =
        module.functions.iter().map(|function| if is_plain { None } else { passes::unfused(function) }).collect();
    let functions =
        module.functions.iter().zip(&unfused).map(|(function, unfused)| unfused.as_ref().unwrap_or(function));
    let functions =
        functions.map(|function| Decoder::decode(module, function, host_nodes, &mut strings, is_plain)).collect();
    Decoded { functions, strings: strings.list }
}

#[derive(Default)]
struct Interned {
    list: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, u32>,
}

impl Interned {
    fn index(&mut self, text: &Arc<str>) -> u32 {
        *self.by_text.entry(text.clone()).or_insert_with(|| {
            self.list.push(text.clone());
            self.list.len() as u32 - 1
        })
    }
}

/// An edge whose moves stand behind the last block.
struct Stub<'a> {
    /// The jump that leads here.
    from: usize,
    target: &'a Target,
    is_backward: bool,
    node: NodeTag,
}

struct Decoder<'a> {
    module: &'a Module,
    function: &'a Function,
    host_nodes: &'a HostNodes,
    strings: &'a mut Interned,
    is_plain: bool,
    code: Code,
    /// The register of each value.
    registers: Vec<Reg>,
    /// For moves in a cycle.
    spare: Reg,
    /// Receives the result of a call that may suspend.
    result: Reg,
    /// How often each value is used.
    uses: Vec<u32>,
    /// Whether each value may share its register.
    is_passed: Vec<bool>,
    types: HashMap<Type, u32>,
    fields: HashMap<(StructId, u32), u32>,
    block_pcs: Vec<Pc>,
    /// Jumps to blocks: instruction and block.
    fixups: Vec<(usize, u32)>,
    stubs: Vec<Stub<'a>>,
    /// Of the functions that are decoded where they are called, in order, the register of each value.
    inlined: VecDeque<Vec<Reg>>,
    /// Where in the table of nodes those of such a function begin.
    inlined_nodes: HashMap<Arc<str>, u32>,
    node: NodeTag,
}

impl<'a> Decoder<'a> {
    fn decode(
        module: &'a Module,
        function: &'a Function,
        host_nodes: &'a HostNodes,
        strings: &'a mut Interned,
        is_plain: bool,
    ) -> Code {
        let code = Code {
            name: function.name.clone(),
            insts: Vec::new(),
            nodes: Vec::new(),
            node_ids: function.nodes.clone(),
            extra: Vec::new(),
            types: Vec::new(),
            fields: Vec::new(),
            sites: Vec::new(),
            plans: Vec::new(),
            hosts: Vec::new(),
            resume_blocks: vec![None; function.blocks.len()],
            params: function.params.len() as u32,
            has_result: function.returns.is_some(),
            registers: 0,
            constants: Vec::new(),
        };
        let mut decoder = Decoder {
            module,
            function,
            host_nodes,
            strings,
            is_plain,
            code,
            registers: vec![NONE; function.values.len()],
            spare: 0,
            result: 0,
            uses: vec![0; function.values.len()],
            is_passed: registers::are_passed(function),
            types: HashMap::new(),
            fields: HashMap::new(),
            block_pcs: Vec::new(),
            fixups: Vec::new(),
            stubs: Vec::new(),
            inlined: VecDeque::new(),
            inlined_nodes: HashMap::new(),
            node: NodeTag(0),
        };
        decoder.count_uses();
        decoder.assign_registers();
        for (index, block) in function.blocks.iter().enumerate() {
            decoder.block(index as u32, block);
        }
        decoder.finish();
        decoder.code
    }

    fn assign_registers(&mut self) {
        let leaders = registers::shared(self.function);
        let mut next = 0;
        let mut assign = |registers: &mut Vec<Reg>, value: Value| {
            let leader = leaders[value.index()];
            registers[value.index()] = match registers[leader.index()] {
                NONE => next,
                register => register,
            };
            if leader == value {
                next += 1;
            }
        };
        let mut constants = Vec::new();
        for block in &self.function.blocks {
            for param in &block.params {
                assign(&mut self.registers, *param);
            }
            for inst in &block.insts {
                if let Some(result) = inst.result {
                    match constant(inst) {
                        Some(bits) => constants.push((result, bits)),
                        None => assign(&mut self.registers, result),
                    }
                }
            }
        }
        let mut inlined_constants = Vec::new();
        self.assign_inlined(&mut next, &mut inlined_constants);
        self.spare = next;
        self.result = next + 1;
        let first = next + 2;
        let mut by_bits = HashMap::new();
        let mut register = |code: &mut Code, bits: u64| {
            let index = *by_bits.entry(bits).or_insert_with(|| {
                code.constants.push(bits);
                code.constants.len() as u32 - 1
            });
            first + index
        };
        for (value, bits) in constants {
            self.registers[value.index()] = register(&mut self.code, bits);
        }
        for (call, value, bits) in inlined_constants {
            self.inlined[call][value] = register(&mut self.code, bits);
        }
        self.code.registers = first + self.code.constants.len() as u32;
    }

    fn count_uses(&mut self) {
        for block in &self.function.blocks {
            let operands = block.insts.iter().flat_map(|inst| inst.args.iter().copied());
            for value in operands.chain(statewright_graph::ir::verify::terminator_uses(&block.terminator)) {
                self.uses[value.index()] += 1;
            }
        }
    }

    fn finish(&mut self) {
        for stub in std::mem::take(&mut self.stubs) {
            let pc = self.code.insts.len() as Pc;
            set_target(&mut self.code.insts[stub.from], pc);
            self.node = stub.node;
            self.edge(stub.target, None, stub.is_backward, false);
        }
        for (inst, block) in std::mem::take(&mut self.fixups) {
            let pc = self.block_pcs[block as usize];
            set_target(&mut self.code.insts[inst], pc);
        }
        for (block, pc) in self.code.resume_blocks.iter_mut().zip(&self.block_pcs) {
            if let Some(block) = block {
                block.pc = *pc;
            }
        }
        if !self.is_plain {
            fuse::fuse(&mut self.code);
            lanes::plan(&mut self.code);
        }
    }

    fn r(&self, value: Value) -> Reg {
        self.registers[value.index()]
    }

    fn push(&mut self, inst: Inst) -> usize {
        self.code.insts.push(inst);
        self.code.nodes.push(self.node.0);
        self.code.insts.len() - 1
    }

    fn ty(&mut self, ty: &Type) -> u32 {
        if let Some(index) = self.types.get(ty) {
            return *index;
        }
        let index = self.code.types.len() as u32;
        self.code.types.push(ty.clone());
        self.types.insert(ty.clone(), index);
        index
    }

    fn field(&mut self, imm: &Imm) -> u32 {
        let Imm::Field(id, field) = *imm else { unreachable!("verified: the constant part is a field") };
        let (fields, schema) = (&mut self.code.fields, &self.module.schema);
        *self.fields.entry((id, field)).or_insert_with(|| {
            let place = FieldPlace::new(id, field, schema.layout(id));
            fields.push(place.unwrap_or_else(|| unreachable!("verified: the type has that field")));
            fields.len() as u32 - 1
        })
    }

    /// Puts words into the table of further operands; gives where.
    fn extra(&mut self, words: impl IntoIterator<Item = u32>) -> u32 {
        let place = self.code.extra.len() as u32;
        self.code.extra.extend(words);
        place
    }

    /// As many operands as there are, preceded by their number.
    fn counted(&mut self, args: &[Value]) -> u32 {
        let count = args.len() as u32;
        let words: Vec<u32> = std::iter::once(count).chain(args.iter().map(|value| self.r(*value))).collect();
        self.extra(words)
    }

    fn block(&mut self, index: u32, block: &'a Block) {
        self.block_pcs.push(self.code.insts.len() as Pc);
        let fused = self.fused_condition(block);
        let mut position = 0;
        while let Some(inst) = block.insts.get(position) {
            self.node = inst.node;
            let taken = self.list_head(block.insts.get(position..).unwrap_or_default());
            if taken == 0 && fused != Some(position) && constant(inst).is_none() {
                match self.inlined(inst) {
                    Some(callee) => self.inline(inst, callee),
                    None => self.inst(inst),
                }
            }
            position += taken.max(1);
        }
        self.node = block.node;
        self.terminator(index, block, fused.and_then(|position| block.insts.get(position)));
    }

    /// The comparison of this block that nothing but its branch uses.
    fn fused_condition(&self, block: &Block) -> Option<usize> {
        let Terminator::Branch { condition, .. } = block.terminator else { return None };
        if self.uses[condition.index()] != 1 {
            return None;
        }
        block.insts.iter().position(|inst| inst.result == Some(condition) && matches!(inst.op, Op::ICmp | Op::FCmp))
    }

    fn site(&mut self, callee: Option<FuncId>, args: &[Value], resume: Option<&Target>, deadlines: &[Deadline]) -> u32 {
        let list = |values: &[Value]| values.iter().map(|value| self.r(*value)).collect();
        let site = Site {
            callee: callee.map_or(0, |callee| callee.0),
            args: list(args),
            resume: resume.map_or(0, |target| target.block.0),
            saved: resume.map_or(Vec::new(), |target| list(&target.args)),
            deadlines: deadlines
                .iter()
                .map(|deadline| code::Deadline {
                    due: self.r(deadline.due),
                    block: deadline.target.block.0,
                    saved: list(&deadline.target.args),
                })
                .collect(),
        };
        self.code.sites.push(site);
        self.code.sites.len() as u32 - 1
    }

    fn terminator(&mut self, index: u32, block: &'a Block, fused: Option<&IrInst>) {
        match &block.terminator {
            Terminator::Jump(target) => self.edge(target, None, target.block.0 <= index, target.block.0 == index + 1),
            Terminator::Branch { condition, then, otherwise } => {
                self.branch(index, block.node, (*condition, fused), then, otherwise);
            }
            Terminator::Return(value) => {
                let a = value.map_or(NONE, |value| self.r(value));
                self.push(Inst::Return { a });
            }
            Terminator::Trap { code, message } => {
                let a = message.map_or(NONE, |value| self.r(value));
                self.push(Inst::Trap { code: *code, a });
            }
            Terminator::Suspend { wait, args, resume, deadlines } => {
                let arg = |index: usize| args.get(index).map_or(NONE, |value| self.r(*value));
                let (a, timeout) = (arg(0), arg(1));
                let site = self.site(None, args, Some(resume), deadlines);
                self.push(match wait {
                    Wait::Duration => Inst::Suspend { a, site },
                    Wait::Event => Inst::SuspendForEvent { a, timeout, site },
                });
                self.resume_blocks(resume, deadlines);
            }
            Terminator::Call { callee, args, resume, deadlines } => {
                let site = self.site(Some(*callee), args, Some(resume), deadlines);
                let has_result =
                    self.module.functions.get(callee.index()).is_some_and(|callee| callee.returns.is_some());
                let result = has_result.then_some(self.result);
                self.push(Inst::Call { d: result.unwrap_or(NONE), site });
                self.resume_blocks(resume, deadlines);
                self.edge(resume, result, resume.block.0 <= index, resume.block.0 == index + 1);
            }
        }
    }

    fn resume_blocks(&mut self, resume: &Target, deadlines: &[Deadline]) {
        self.resume_block(resume);
        deadlines.iter().for_each(|deadline| self.resume_block(&deadline.target));
    }

    /// Notes that an activation may go on there; its place is filled in when all blocks are placed.
    fn resume_block(&mut self, target: &Target) {
        let params = self.function.blocks.get(target.block.index()).map_or(&[][..], |block| &block.params);
        let params = params.iter().map(|value| (self.r(*value), self.function.ty(*value).clone())).collect();
        if let Some(place) = self.code.resume_blocks.get_mut(target.block.index()) {
            *place = Some(ResumeBlock { pc: 0, params });
        }
    }

    fn branch(
        &mut self,
        index: u32,
        node: NodeTag,
        (condition, fused): (Value, Option<&IrInst>),
        then: &'a Target,
        otherwise: &'a Target,
    ) {
        let is_next = |target: &Target| target.block.0 == index + 1;
        let inverted = is_next(then) && !is_next(otherwise);
        let (taken, falls) = if inverted { (otherwise, then) } else { (then, otherwise) };
        let jump = match fused {
            Some(inst) => {
                let reg = |index: usize| inst.args.get(index).map_or(NONE, |value| self.r(*value));
                let fused = if inst.op == Op::FCmp { fused_float_jump } else { fused_jump };
                fused(cond(&inst.imm), inverted, reg(0), reg(1))
            }
            None if inverted => Inst::JumpUnless { fuel: 0, a: self.r(condition), to: 0 },
            None => Inst::JumpIf { fuel: 0, a: self.r(condition), to: 0 },
        };
        let from = self.push(jump);
        let is_backward = taken.block.0 <= index;
        if is_backward || !self.moves(taken, None).is_empty() {
            self.stubs.push(Stub { from, target: taken, is_backward, node });
        } else {
            self.fixups.push((from, taken.block.0));
        }
        self.edge(falls, None, falls.block.0 <= index, is_next(falls));
    }

    fn moves(&self, target: &Target, first: Option<Reg>) -> Vec<(Reg, Reg)> {
        let params = self.function.blocks.get(target.block.index()).map_or(&[][..], |block| &block.params);
        let args = first.into_iter().chain(target.args.iter().map(|value| self.r(*value)));
        sequence(params.iter().map(|value| self.r(*value)).zip(args), self.spare)
    }

    /// Moves the arguments and goes there; `first` is an argument before them.
    fn edge(&mut self, target: &Target, first: Option<Reg>, is_backward: bool, is_next: bool) {
        for (d, a) in self.moves(target, first) {
            self.push(Inst::Move { d, a });
        }
        if is_backward {
            self.jump_back(target.block);
        } else if !is_next {
            let from = self.push(Inst::Jump { to: 0 });
            self.fixups.push((from, target.block.0));
        }
    }
}

/// The bits of an instruction's result that are known before anything runs.
fn constant(inst: &IrInst) -> Option<u64> {
    if !inst.args.is_empty() {
        return None;
    }
    inst.result?;
    match &inst.imm {
        Imm::Int(value) => Some(*value as u64),
        Imm::Float(bits) => Some(*bits),
        Imm::Bool(value) => Some(u64::from(*value)),
        Imm::Type(_) if inst.op == Op::Null => Some(0),
        Imm::Type(ty) if inst.op == Op::Zero && is_immediate(ty) => Some(0),
        _ => None,
    }
}

/// Whether the zero of the type is 0.
fn is_immediate(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 | Type::Nullable(_))
}

fn fused_jump(cond: Cond, negated: bool, a: Reg, b: Reg) -> Inst {
    match (cond, negated) {
        (Cond::Eq, false) | (Cond::Ne, true) => Inst::JumpIEq { fuel: 0, a, b, to: 0 },
        (Cond::Ne, false) | (Cond::Eq, true) => Inst::JumpINe { fuel: 0, a, b, to: 0 },
        (Cond::Lt, false) | (Cond::Ge, true) => Inst::JumpILt { fuel: 0, a, b, to: 0 },
        (Cond::Le, false) | (Cond::Gt, true) => Inst::JumpILe { fuel: 0, a, b, to: 0 },
        (Cond::Gt, false) | (Cond::Le, true) => Inst::JumpILt { fuel: 0, a: b, b: a, to: 0 },
        (Cond::Ge, false) | (Cond::Lt, true) => Inst::JumpILe { fuel: 0, a: b, b: a, to: 0 },
    }
}

/// With a NaN only `ne` holds, so the negation of an order is no order.
fn fused_float_jump(cond: Cond, negated: bool, a: Reg, b: Reg) -> Inst {
    match (cond, negated) {
        (Cond::Eq, false) | (Cond::Ne, true) => Inst::JumpFEq { fuel: 0, a, b, to: 0 },
        (Cond::Ne, false) | (Cond::Eq, true) => Inst::JumpFNe { fuel: 0, a, b, to: 0 },
        (Cond::Lt, false) => Inst::JumpFLt { fuel: 0, a, b, to: 0 },
        (Cond::Le, false) => Inst::JumpFLe { fuel: 0, a, b, to: 0 },
        (Cond::Gt, false) => Inst::JumpFLt { fuel: 0, a: b, b: a, to: 0 },
        (Cond::Ge, false) => Inst::JumpFLe { fuel: 0, a: b, b: a, to: 0 },
        (Cond::Lt, true) => Inst::JumpNotFLt { fuel: 0, a, b, to: 0 },
        (Cond::Le, true) => Inst::JumpNotFLe { fuel: 0, a, b, to: 0 },
        (Cond::Gt, true) => Inst::JumpNotFLt { fuel: 0, a: b, b: a, to: 0 },
        (Cond::Ge, true) => Inst::JumpNotFLe { fuel: 0, a: b, b: a, to: 0 },
    }
}

fn set_target(inst: &mut Inst, pc: Pc) {
    match inst {
        Inst::AddLoop { to, .. } | Inst::CountLoop { to, .. } => *to = pc,
        Inst::Jump { to } | Inst::Loop { to } | Inst::JumpIf { to, .. } | Inst::JumpUnless { to, .. } => *to = pc,
        Inst::JumpIEq { to, .. } | Inst::JumpINe { to, .. } => *to = pc,
        Inst::JumpILt { to, .. } | Inst::JumpILe { to, .. } => *to = pc,
        Inst::JumpFEq { to, .. } | Inst::JumpFNe { to, .. } => *to = pc,
        Inst::JumpFLt { to, .. } | Inst::JumpFLe { to, .. } => *to = pc,
        Inst::JumpNotFLt { to, .. } | Inst::JumpNotFLe { to, .. } => *to = pc,
        other => unreachable!("only jumps are fixed up, not {other:?}"),
    }
}

fn cond(imm: &Imm) -> Cond {
    match imm {
        Imm::Cond(cond) => *cond,
        other => unreachable!("verified: the constant part is a condition, not {other:?}"),
    }
}
