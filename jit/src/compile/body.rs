//! One function: its entry, its blocks, and how they end.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self as clif, BlockArg, InstBuilder, JumpTableData, MemFlagsData, SigRef, SourceLoc, StackSlotData, StackSlotKind,
    types,
};
use cranelift_frontend::{FunctionBuilder, Variable};
use cranelift_module::{FuncId, Module};
use statewright_graph::ir::lookups::wanted_alone;
use statewright_graph::ir::{Function, NodeTag, Op, Target, Terminator, Value, Values};
use statewright_graph::ranges::Ranges;
use statewright_types::hashing::{HashMap, HashSet};
use statewright_types::{StructId, Type};

use super::arms;
use super::dead::used;
use super::held::Held;
use super::lanes::plan::Plan;
use super::loops::{Flow, ListKey};
use super::places::Places;
use super::{Unit, effort_for, is_direct, machine_type};
use crate::calls::Helper;
use crate::error::JitError;
use crate::memory::Effort;
use crate::run::{DONE, Run};

/// Memory that is there, and aligned.
pub(super) fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

/// A function under construction.
pub(super) struct Body<'a, 'm, 'f, M: Module> {
    pub unit: &'a mut Unit<'m>,
    pub module: &'a mut M,
    pub function: &'m Function,
    /// Its position in the module.
    pub index: usize,
    pub b: FunctionBuilder<'f>,
    pub flow: Flow,
    /// By value, once it is defined.
    pub values: Vec<Option<clif::Value>>,
    /// By value, if it is a constant integer.
    pub constants: Vec<Option<i64>>,
    /// By block, if it can be reached.
    pub blocks: Vec<Option<clif::Block>>,
    /// By head of a loop, what stands in front of it and makes several passes at once, and how often it may yet.
    pub ahead: HashMap<usize, (clif::Block, Plan, Variable)>,
    /// Constants, where there are such loops.
    pub integers: HashMap<Value, i64>,
    /// The block that is being generated.
    pub at: usize,
    pub run: clif::Value,
    /// Fuel left. With little effort only where `is_ahead`, and in the run elsewhere: what is not known from block to block need not
    /// be brought along.
    pub fuel: Variable,
    /// Signatures of helpers, by the number of arguments.
    pub helpers: [Option<SigRef>; 6],
    callees: HashMap<FuncId, clif::FuncRef>,
    /// Whether fuel in the run is behind the variable: in loops in which nothing moves. It is up to date everywhere else.
    pub is_ahead: bool,
    /// Ways to stop: what is left in the run, and the block for it.
    pub stops: Vec<(u64, clif::Block)>,
    /// Stops, once the run says why and where.
    pub exit: clif::Block,
    /// Gives the status that it is called with.
    pub leave: clif::Block,
    /// Rows, generations and count, by loop and type.
    pub tables: HashMap<(usize, StructId), [Variable; 3]>,
    /// Elements, length, version and first row, by loop and list.
    pub lists: HashMap<(usize, ListKey), [Variable; 4]>,
    pub node: NodeTag,
    /// Sums of the block that were asked for, with what asks.
    pub sums: Vec<(Op, Values, clif::Value)>,
    /// By loop, the row of the element that its pass is at, if it goes over a dense list.
    pub cursors: HashMap<usize, Variable>,
    /// The same in the pass that is being generated.
    pub rows: HashMap<usize, clif::Value>,
    /// Charges that were made ahead, and are passed over when they come.
    pub charged: usize,
    /// By value, whether something is done with it.
    used: Vec<bool>,
    /// The list, the index and the element that was found last by its key, in the block and until something moves.
    pub found: Option<(Value, Value, clif::Value)>,
    /// Searches by key of which only the element is wanted.
    pub wanted_alone: HashSet<Value>,
    /// Roots, by number, that were seen to be there in the block, until something moves.
    pub looked_at: Vec<u32>,
    /// By node, its place among those of the module, once it is asked for.
    places_of: Vec<Option<u32>>,
    /// Values that are roots, whose records never go, by their numbers among [`crate::sites::Sites::roots`].
    pub roots: HashMap<Value, u32>,
    /// How much is to be done for fast code.
    pub effort: Effort,
    /// Whether checks of the current operation may wait, and those that do.
    pub holds: bool,
    pub held: Held,
    /// What was found in the block, and is there still.
    pub places: Places,
    /// Between which bounds integers are, once it is asked for.
    pub ranges: Option<Ranges<'m>>,
}

impl<'a, 'm, 'f, M: Module> Body<'a, 'm, 'f, M> {
    pub fn new(
        unit: &'a mut Unit<'m>,
        module: &'a mut M,
        function: &'m Function,
        index: usize,
        mut b: FunctionBuilder<'f>,
    ) -> Body<'a, 'm, 'f, M> {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        let run = b.block_params(entry)[0];
        let fuel = b.declare_var(types::I64);
        let flow = Flow::of(function);
        let effort = effort_for(function, &flow);
        if effort != Effort::Little {
            let left = b.ins().load(types::I64, trusted(), run, offset_of!(Run, fuel) as i32);
            b.def_var(fuel, left);
        }
        let (exit, leave) = (b.create_block(), b.create_block());
        b.set_cold_block(exit);
        b.set_cold_block(leave);
        b.append_block_param(leave, types::I64);
        let mut blocks = vec![None; function.blocks.len()];
        for block in &flow.order {
            blocks[*block] = Some(b.create_block());
        }
        Body {
            unit,
            module,
            function,
            index,
            b,
            flow,
            values: vec![None; function.values.len()],
            constants: vec![None; function.values.len()],
            blocks,
            ahead: HashMap::default(),
            integers: HashMap::default(),
            at: 0,
            run,
            fuel,
            helpers: [None; 6],
            callees: HashMap::default(),
            is_ahead: false,
            stops: Vec::new(),
            exit,
            leave,
            tables: HashMap::default(),
            lists: HashMap::default(),
            node: NodeTag(0),
            sums: Vec::new(),
            cursors: HashMap::default(),
            rows: HashMap::default(),
            charged: 0,
            used: used(function),
            found: None,
            wanted_alone: wanted_alone(function, arms::moves),
            looked_at: Vec::new(),
            places_of: vec![None; function.nodes.len()],
            roots: HashMap::default(),
            effort,
            holds: false,
            held: Held::default(),
            places: Places::default(),
            ranges: None,
        }
    }

    /// Generates all of it.
    pub fn generate(mut self) -> Result<(), JitError> {
        self.declare_loops();
        if self.effort != Effort::Little {
            self.plan_lanes();
        }
        self.enter();
        for at in self.flow.order.clone() {
            self.block(at)?;
        }
        self.make_exits();
        self.b.seal_all_blocks();
        let config = self.module.target_config();
        self.b.finalize(config);
        Ok(())
    }

    fn declare_loops(&mut self) {
        for (index, around) in self.flow.loops.iter().enumerate() {
            for ty in &around.types {
                let variables = [types::I64; 3].map(|ty| self.b.declare_var(ty));
                self.tables.insert((index, *ty), variables);
            }
            for list in &around.lists {
                let variables = [types::I64; 4].map(|ty| self.b.declare_var(ty));
                self.lists.insert((index, *list), variables);
            }
            if around.rows().is_some() {
                self.cursors.insert(index, self.b.declare_var(types::I64));
            }
        }
    }

    /// Parameters of all blocks, and the entry's way to them.
    fn enter(&mut self) {
        let function = self.function;
        for at in self.flow.order.clone() {
            let Some(block) = self.blocks[at] else { continue };
            for param in &function.blocks[at].params {
                let value = self.b.append_block_param(block, machine_type(function.ty(*param)));
                self.values[param.index()] = Some(value);
            }
        }
        let entry = self.b.current_block().unwrap_or(self.exit);
        let params = self.b.block_params(entry).to_vec();
        if is_direct(function) {
            let args: Vec<BlockArg> = params.iter().skip(1).map(|value| BlockArg::Value(*value)).collect();
            self.jump_into(None, 0, &args);
            return;
        }
        let [_, number, slots] = params[..] else { return };
        let begin = self.b.create_block();
        let resumes: Vec<usize> =
            (0..function.blocks.len()).filter(|at| self.flow.is_resume(*at) && self.blocks[*at].is_some()).collect();
        if resumes.is_empty() {
            self.b.ins().jump(begin, &[]);
        } else {
            // The table has a row for each block up to the last one that may be gone on in.
            let last = resumes.last().copied().unwrap_or(0);
            let stubs: HashMap<usize, clif::Block> = resumes.iter().map(|at| (*at, self.b.create_block())).collect();
            let default = self.b.func.dfg.block_call(begin, &[]);
            let rows: Vec<clif::BlockCall> = (0..=last)
                .map(|at| self.b.func.dfg.block_call(stubs.get(&at).copied().unwrap_or(begin), &[]))
                .collect();
            let table = self.b.create_jump_table(JumpTableData::new(default, &rows));
            let small = self.b.ins().ireduce(types::I32, number);
            self.b.ins().br_table(small, table);
            for at in resumes {
                self.b.switch_to_block(stubs[&at]);
                self.b.set_cold_block(stubs[&at]);
                let args = self.arguments(slots, &function.blocks[at].params);
                self.jump_into(None, at, &args);
            }
        }
        self.b.switch_to_block(begin);
        let args = self.arguments(slots, &function.blocks[0].params);
        self.jump_into(None, 0, &args);
    }

    /// Parameters of a block from an array of slots.
    fn arguments(&mut self, slots: clif::Value, params: &[Value]) -> Vec<BlockArg> {
        let function = self.function;
        let load = |(at, param): (usize, &Value)| {
            if !self.used[param.index()] {
                return BlockArg::Value(self.nothing(function.ty(*param)));
            }
            let slot = self.load_slot(function.ty(*param), slots, 8 * at as i32);
            BlockArg::Value(slot)
        };
        params.iter().enumerate().map(load).collect()
    }

    /// For what nobody looks at.
    fn nothing(&mut self, ty: &Type) -> clif::Value {
        match machine_type(ty) {
            types::F64 => self.b.ins().f64const(0.0),
            machine => self.b.ins().iconst(machine, 0),
        }
    }

    /// A value of a type from a slot in memory.
    pub fn load_slot(&mut self, ty: &Type, address: clif::Value, offset: i32) -> clif::Value {
        let machine = machine_type(ty);
        if machine == types::I8 {
            let slot = self.b.ins().load(types::I64, trusted(), address, offset);
            return self.b.ins().icmp_imm_s(IntCC::NotEqual, slot, 0);
        }
        self.b.ins().load(machine, trusted(), address, offset)
    }

    /// A value of a type as a slot.
    pub fn slot(&mut self, value: Value) -> clif::Value {
        let machine = machine_type(self.function.ty(value));
        let value = self.get(value);
        self.slot_of(machine, value)
    }

    pub fn slot_of(&mut self, machine: types::Type, value: clif::Value) -> clif::Value {
        if machine == types::I8 {
            self.b.ins().uextend(types::I64, value)
        } else if machine == types::F64 {
            self.b.ins().bitcast(types::I64, MemFlagsData::new(), value)
        } else {
            value
        }
    }

    /// A value that is defined, as verified modules define all before they are used.
    pub fn get(&mut self, value: Value) -> clif::Value {
        match self.values.get(value.index()).copied().flatten() {
            Some(value) => value,
            None => self.b.ins().iconst(types::I64, 0),
        }
    }

    pub fn set(&mut self, value: Option<Value>, to: clif::Value) {
        if let Some(value) = value {
            self.values[value.index()] = Some(to);
        }
    }

    pub fn int(&mut self, value: i64) -> clif::Value {
        self.b.ins().iconst(types::I64, value)
    }

    fn make_exits(&mut self) {
        self.make_stops();
        let (exit, leave) = (self.exit, self.leave);
        self.b.switch_to_block(exit);
        let status = self.int(crate::run::STOPPED as i64);
        self.b.ins().return_(&[status]);
        let status = self.b.block_params(leave)[0];
        self.b.switch_to_block(leave);
        self.b.ins().return_(&[status]);
    }

    fn block(&mut self, at: usize) -> Result<(), JitError> {
        let function = self.function;
        let (Some(block), Some(source)) = (self.blocks[at], function.blocks.get(at)) else { return Ok(()) };
        self.lanes_ahead(at)?;
        self.b.switch_to_block(block);
        self.begin_block(at);
        for (position, inst) in source.insts.iter().enumerate() {
            self.tag(inst.node);
            self.begin_op(inst.op);
            if inst.op == Op::Fuel {
                self.charge(&source.insts[position..]);
            } else {
                self.inst(inst)?;
                if arms::moves(inst.op) {
                    self.found = None;
                    self.looked_at.clear();
                    self.places.clear();
                }
            }
        }
        self.tag(source.node);
        self.settle();
        self.terminator(at, &source.terminator);
        Ok(())
    }

    /// What is known at the beginning of a block's code.
    pub fn begin_block(&mut self, at: usize) {
        self.at = at;
        self.is_ahead = self.flow.outermost(at).is_some();
        self.charged = 0;
        self.sums.clear();
        self.found = None;
        self.looked_at.clear();
        self.places.clear();
        self.begin_pass();
    }

    pub fn tag(&mut self, node: NodeTag) {
        self.node = node;
        if let Some(nodes) = &mut self.unit.listed {
            let number = nodes.number(self.function.node_id(node));
            self.b.set_srcloc(SourceLoc::new(number));
        }
    }

    /// The number of the current node among the places of the module.
    pub fn place(&mut self) -> u32 {
        self.place_of(self.node)
    }

    pub fn place_of(&mut self, node: NodeTag) -> u32 {
        if let Some(Some(place)) = self.places_of.get(node.index()) {
            return *place;
        }
        let place = self.unit.sites.place(self.function.node_id(node));
        if let Some(known) = self.places_of.get_mut(node.index()) {
            *known = Some(place);
        }
        place
    }

    // Control.

    pub fn reference(&mut self, callee: FuncId) -> clif::FuncRef {
        if let Some(reference) = self.callees.get(&callee) {
            return *reference;
        }
        let reference = self.module.declare_func_in_func(callee, self.b.func);
        self.callees.insert(callee, reference);
        reference
    }

    /// Calls a function that does not wait, with its arguments as they are.
    pub fn call_function(&mut self, callee: usize, args: &[Value]) {
        self.count_jump();
        self.flush_fuel();
        let reference = self.reference(self.unit.functions[callee]);
        let mut operands = vec![self.run];
        for arg in args {
            operands.push(self.get(*arg));
        }
        let call = self.b.ins().call(reference, &operands);
        let status = self.b.inst_results(call)[0];
        self.refresh_fuel();
        let (leave, next) = (self.leave, self.b.create_block());
        self.b.ins().brif(status, leave, &[BlockArg::Value(status)], next, &[]);
        self.b.switch_to_block(next);
    }

    /// Calls one that may; gives its status.
    pub fn call_waiting(&mut self, callee: usize, args: &[Value]) -> clif::Value {
        self.count_jump();
        self.flush_fuel();
        let reference = self.reference(self.unit.functions[callee]);
        let size = 8 * args.len().max(1) as u32;
        let place = self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3));
        for (at, arg) in args.iter().enumerate() {
            let slot = self.slot(*arg);
            self.b.ins().stack_store(types::I64, slot, place, 8 * at as i32);
        }
        let address = self.b.ins().stack_addr(types::I64, place, 0);
        let begin = self.int(0);
        let call = self.b.ins().call(reference, &[self.run, begin, address]);
        self.refresh_fuel();
        self.b.func.dfg.inst_results(call)[0]
    }

    fn terminator(&mut self, at: usize, terminator: &Terminator) {
        match terminator {
            Terminator::Jump(target) => self.edge(at, target, None),
            Terminator::Branch { condition, then, otherwise } => {
                let condition = self.get(*condition);
                let (yes, yes_args) = self.branch_target(at, then);
                let (no, no_args) = self.branch_target(at, otherwise);
                self.b.ins().brif(condition, yes, &yes_args, no, &no_args);
                for (block, target) in [(yes, then), (no, otherwise)] {
                    if Some(block) != self.way_in(Some(at), target.block.index()) {
                        self.b.switch_to_block(block);
                        self.edge(at, target, None);
                    }
                }
            }
            Terminator::Return(value) => {
                if let Some(value) = value {
                    let slot = self.slot(*value);
                    self.b.ins().store(trusted(), slot, self.run, offset_of!(Run, result) as i32);
                }
                self.flush_fuel();
                let status = self.int(DONE as i64);
                self.b.ins().return_(&[status]);
            }
            Terminator::Trap { code, message } => {
                if let Some(message) = message {
                    let message = self.slot(*message);
                    let site = self.site();
                    self.call(Helper::FailWith, site, &[message]);
                }
                self.stop(*code);
            }
            Terminator::Suspend { wait, args, resume, deadlines } => self.suspend(*wait, args, resume, deadlines),
            Terminator::Call { callee, args, resume, deadlines } => {
                self.call_and_wait(at, callee.index(), args, resume, deadlines);
            }
        }
    }

    /// Whether the run's fuel is to be up to date there, and is not here.
    fn falls_behind(&self, to: usize) -> bool {
        self.is_ahead && self.flow.outermost(to).is_none()
    }

    /// Whether something is done on the way from one block to another.
    fn is_plain(&self, at: usize, to: usize) -> bool {
        !self.flow.is_unpaid(at, to) && !self.falls_behind(to) && self.flow.entered(Some(at), to).is_empty()
    }

    /// Where one gets into a block: what stands in front of a loop makes what passes it can, but for a loop that has just made one.
    fn way_in(&self, from: Option<usize>, to: usize) -> Option<clif::Block> {
        match self.ahead.get(&to) {
            Some((ahead, plan, _)) if from != Some(plan.latch) => Some(*ahead),
            _ => self.blocks[to],
        }
    }

    /// Where a branch goes, and with what: to a block of its own if there is something to do on the way.
    fn branch_target(&mut self, at: usize, target: &Target) -> (clif::Block, Vec<BlockArg>) {
        match self.way_in(Some(at), target.block.index()) {
            Some(block) if self.is_plain(at, target.block.index()) => {
                let args = target.args.iter().map(|value| BlockArg::Value(self.get(*value))).collect();
                (block, args)
            }
            _ => (self.b.create_block(), Vec::new()),
        }
    }

    /// Goes on there, with a result before the arguments if there is one.
    pub fn edge(&mut self, at: usize, target: &Target, first: Option<clif::Value>) {
        if self.flow.is_unpaid(at, target.block.index()) {
            self.count_jump();
        }
        if self.falls_behind(target.block.index()) {
            self.flush_fuel();
        }
        let mut args: Vec<BlockArg> = first.into_iter().map(BlockArg::Value).collect();
        for value in &target.args {
            args.push(BlockArg::Value(self.get(*value)));
        }
        self.jump_into(Some(at), target.block.index(), &args);
    }

    fn jump_into(&mut self, from: Option<usize>, to: usize, args: &[BlockArg]) {
        for around in self.flow.entered(from, to) {
            self.look_around(around);
        }
        let is_inside = |block: usize| self.flow.outermost(block).is_some();
        if self.effort == Effort::Little && is_inside(to) && !from.is_some_and(is_inside) {
            self.take_fuel();
        }
        if let Some(block) = self.way_in(from, to) {
            self.b.ins().jump(block, args);
        }
    }
}
