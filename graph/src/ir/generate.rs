//! Random valid modules from a seed, for round trips, for robustness and for comparing back ends. They make no sense,
//! but they are well typed, every operation occurs, and every block charges fuel, so that loops end.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::random::splitmix64;
use statewright_types::{IntKind, RecordType, Schema, StructId, TrapCode, Type};

use super::ops::{Class, ImmKind, OPS, Op};
use super::typing::{Signature, operand_types, result_type};
use super::{
    Block, BlockId, Cond, Deadline, FuncId, Function, FunctionRole, HostCall, Imm, Inst, Module, NodeTag, Param,
    Target, Terminator, Value, Values, Wait,
};

/// How many blocks a function gets at most, resume blocks aside.
const MOST_BLOCKS: u64 = 5;
/// How many instructions a block gets at most, those for missing operands aside.
const MOST_INSTS: u64 = 12;

/// A valid module against `schema`, which must have a type. Equal seeds give equal modules.
pub fn module(schema: &Arc<Schema>, seed: u64) -> Module {
    let mut chance = Chance(seed);
    let traced = chance.below(2) == 0;
    let handlers = 1 + chance.below(2);
    let count = handlers + chance.below(3);
    let mut functions: Vec<Function> = (0..count).map(|index| header(schema, &mut chance, index, handlers)).collect();
    // Calls lead to later functions only, so bodies are made from the last one on.
    for index in (0..functions.len()).rev() {
        let (before, after) = functions.split_at_mut(index + 1);
        if let Some(function) = before.last_mut() {
            let first = index as u32 + 1;
            let handlers = handlers as u32;
            Body { schema, chance: &mut chance, traced, function, after, first, handlers, pool: Vec::new() }.fill();
        }
    }
    Module { schema: schema.clone(), root: StructId(0), traced, functions, footprints: BTreeMap::new() }
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        splitmix64(&mut self.0) % bound.max(1)
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.below(list.len() as u64) as usize;
        list.get(index)
    }

    /// A type that a field or parameter may have.
    fn ty(&mut self, schema: &Schema, depth: u32) -> Type {
        match self.below(if depth > 2 { 8 } else { 13 }) {
            0 => Type::Bool,
            1 => IntKind::ALL.get(self.below(8) as usize).copied().map_or(Type::INT, Type::Int),
            2 => Type::INT,
            3 => Type::Float64,
            4 | 5 => Type::String,
            6 => self.pick(&[Type::Float32, Type::Bytes, Type::Uuid]).cloned().unwrap_or(Type::Bytes),
            7 | 8 => self.struct_type(schema),
            9 => Type::list(self.ty(schema, depth + 1)),
            10 => Type::map(self.key(), self.ty(schema, depth + 1)),
            11 => Type::nullable(self.ty(schema, depth + 1)),
            _ => Type::Record(Arc::new(self.record(schema, depth))),
        }
    }

    fn key(&mut self) -> Type {
        self.pick(&[Type::String, Type::INT, Type::Int(IntKind::U16), Type::Uuid]).cloned().unwrap_or(Type::String)
    }

    fn struct_type(&mut self, schema: &Schema) -> Type {
        Type::Struct(StructId(self.below(schema.types().len() as u64) as u32))
    }

    fn record(&mut self, schema: &Schema, depth: u32) -> RecordType {
        let names = ["a", "b c", "\"quoted\"", "ü"];
        let count = 1 + self.below(3) as usize;
        RecordType {
            fields: names.iter().take(count).map(|name| (Arc::from(*name), self.ty(schema, depth + 1))).collect(),
        }
    }
}

fn header(schema: &Schema, chance: &mut Chance, index: u64, handlers: u64) -> Function {
    let mut params: Vec<Param> = (0..chance.below(3))
        .map(|number| Param { name: format!("p{number}").into(), ty: chance.ty(schema, 0) })
        .collect();
    let is_handler = index < handlers;
    let role = if is_handler {
        params.insert(0, Param { name: "senderID".into(), ty: Type::String });
        FunctionRole::Handler { event: format!("Event {index}").into() }
    } else {
        FunctionRole::Function
    };
    let returns = (!is_handler && chance.below(2) == 0).then(|| chance.ty(schema, 0).loaded());
    let nodes = ["", "one", "tab\tand \\ and \"", "ü∞", "end;of;line"].map(Arc::from).to_vec();
    let suspends = chance.below(3) == 0;
    let name = format!("f {index}").into();
    Function { name, role, params, returns, suspends, nodes, values: Vec::new(), blocks: Vec::new() }
}

/// A terminator that is decided before the block's content, the block it resumes in, and the blocks at which its
/// deadlines go on.
type Planned = Option<(Pause, BlockId, Vec<BlockId>)>;

/// What a suspension is.
#[derive(Clone, Copy)]
enum Pause {
    Call(FuncId),
    Wait(Wait),
}

struct Body<'a> {
    schema: &'a Schema,
    chance: &'a mut Chance,
    traced: bool,
    function: &'a mut Function,
    /// The functions it may call and the position of the first of them.
    after: &'a [Function],
    first: u32,
    handlers: u32,
    /// The values that may be used in the block at hand.
    pool: Vec<Value>,
}

impl Body<'_> {
    fn fill(&mut self) {
        let ordinary = 1 + self.chance.below(MOST_BLOCKS);
        let mut params: Vec<Vec<Type>> = (0..ordinary)
            .map(|_| (0..self.chance.below(3)).map(|_| self.chance.ty(self.schema, 1).loaded()).collect())
            .collect();
        if let Some(entry) = params.first_mut() {
            *entry = self.function.params.iter().map(|param| param.ty.loaded()).collect();
        }
        let mut planned: Vec<Planned> = vec![None; params.len()];
        if self.function.suspends {
            self.plan_suspensions(&mut params, &mut planned);
        }
        for (index, types) in params.iter().enumerate() {
            let block = self.block(types, &params, ordinary, planned.get(index).cloned().flatten());
            self.function.blocks.push(block);
        }
        if self.chance.below(4) == 0 {
            let ty = self.chance.ty(self.schema, 0).loaded();
            self.function.values.push(ty);
        }
    }

    /// Some blocks end in a suspension; each gets a resume block behind all others.
    fn plan_suspensions(&mut self, params: &mut Vec<Vec<Type>>, planned: &mut Vec<Planned>) {
        let callees: Vec<FuncId> = self.callees(true);
        for index in 0..params.len() {
            if self.chance.below(2) == 0 {
                continue;
            }
            let callee = if self.chance.below(2) == 0 { self.chance.pick(&callees).copied() } else { None };
            let wait = if self.chance.below(3) == 0 { Wait::Event } else { Wait::Duration };
            let mut types: Vec<Type> =
                (0..self.chance.below(3)).map(|_| self.chance.ty(self.schema, 1).loaded()).collect();
            if let Some(returns) = callee.and_then(|id| self.callee(id)).and_then(|callee| callee.returns.clone()) {
                types.insert(0, returns);
            }
            if (callee, wait) == (None, Wait::Event) {
                types.splice(0..0, [Type::Bool, Type::Record(Arc::new(self.chance.record(self.schema, 1)))]);
            }
            let resume = BlockId(params.len() as u32);
            params.push(types);
            let mut cut = Vec::new();
            for _ in 0..self.chance.below(3) {
                cut.push(BlockId(params.len() as u32));
                params.push((0..self.chance.below(3)).map(|_| self.chance.ty(self.schema, 1).loaded()).collect());
            }
            if let Some(plan) = planned.get_mut(index) {
                *plan = Some((callee.map_or(Pause::Wait(wait), Pause::Call), resume, cut));
            }
            planned.resize(params.len(), None);
        }
    }

    fn callee(&self, id: FuncId) -> Option<&Function> {
        self.after.get(id.0.checked_sub(self.first)? as usize)
    }

    fn callees(&self, suspends: bool) -> Vec<FuncId> {
        let numbered = self.after.iter().zip(self.first..);
        numbered.filter(|(f, id)| *id >= self.handlers && f.suspends == suspends).map(|(_, id)| FuncId(id)).collect()
    }

    fn define(&mut self, ty: Type) -> Value {
        self.function.values.push(ty);
        let value = Value(self.function.values.len() as u32 - 1);
        self.pool.push(value);
        value
    }

    fn node(&mut self) -> NodeTag {
        NodeTag(self.chance.below(self.function.nodes.len() as u64) as u32)
    }

    fn block(&mut self, types: &[Type], all: &[Vec<Type>], ordinary: u64, planned: Planned) -> Block {
        self.pool.clear();
        let params = types.iter().map(|ty| self.define(ty.clone())).collect();
        let node = self.node();
        let fuel = Inst { op: Op::Fuel, args: Values::new(), imm: Imm::Int(1), result: None, node };
        let mut insts = vec![fuel];
        for _ in 0..self.chance.below(MOST_INSTS) {
            self.inst(&mut insts);
        }
        let terminator = match planned {
            Some(plan) => self.suspension(&mut insts, all, plan),
            None => self.terminator(&mut insts, all, ordinary),
        };
        Block { params, insts, terminator, node: self.node() }
    }

    fn value(&mut self, insts: &mut Vec<Inst>, ty: &Type) -> Value {
        let ty = ty.loaded();
        let fitting: Vec<Value> = self.pool.iter().copied().filter(|value| *self.function.ty(*value) == ty).collect();
        if let Some(value) = self.chance.pick(&fitting) {
            return *value;
        }
        let result = self.define(ty.clone());
        let node = self.node();
        insts.push(Inst { op: Op::Zero, args: Values::new(), imm: Imm::Type(ty), result: Some(result), node });
        result
    }

    fn values(&mut self, insts: &mut Vec<Inst>, types: &[Type]) -> Values {
        types.iter().map(|ty| self.value(insts, ty)).collect()
    }

    fn suspension(
        &mut self,
        insts: &mut Vec<Inst>,
        all: &[Vec<Type>],
        (pause, block, cut): (Pause, BlockId, Vec<BlockId>),
    ) -> Terminator {
        let mut deadlines = Vec::new();
        for block in cut {
            let due = self.value(insts, &Type::INT);
            let args = self.values(insts, all.get(block.index()).map_or(&[][..], |types| types));
            deadlines.push(Deadline { due, target: Target { block, args } });
        }
        let types = all.get(block.index()).map_or(&[][..], |types| types);
        let (callee, wait) = match pause {
            Pause::Call(id) => (self.callee(id).map(|callee| (id, callee.clone())), Wait::Duration),
            Pause::Wait(wait) => (None, wait),
        };
        match callee {
            Some((id, callee)) => {
                let params: Vec<Type> = callee.params.iter().map(|param| param.ty.clone()).collect();
                let args = self.values(insts, &params);
                let saved = types.get(usize::from(callee.returns.is_some())..).unwrap_or_default();
                Terminator::Call {
                    callee: id,
                    args,
                    resume: Target { block, args: self.values(insts, saved) },
                    deadlines,
                }
            }
            None => {
                let args = match wait {
                    Wait::Duration => [self.value(insts, &Type::INT)].into(),
                    Wait::Event => self.values(insts, &[Type::String, Type::INT]),
                };
                let saved = types.get(wait.results()..).unwrap_or_default();
                let resume = Target { block, args: self.values(insts, saved) };
                Terminator::Suspend { wait, args, resume, deadlines }
            }
        }
    }

    fn target(&mut self, insts: &mut Vec<Inst>, all: &[Vec<Type>], ordinary: u64) -> Target {
        let block = BlockId(1 + self.chance.below(ordinary - 1) as u32);
        Target { block, args: self.values(insts, all.get(block.index()).map_or(&[], |types| types)) }
    }

    fn terminator(&mut self, insts: &mut Vec<Inst>, all: &[Vec<Type>], ordinary: u64) -> Terminator {
        let kinds = if ordinary > 1 { 8 } else { 2 };
        match self.chance.below(kinds) {
            0 => {
                let message = self.value(insts, &Type::String);
                Terminator::Trap { code: TrapCode::Custom, message: Some(message) }
            }
            1 => match self.function.returns.clone() {
                Some(ty) => Terminator::Return(Some(self.value(insts, &ty))),
                None => Terminator::Return(None),
            },
            2..5 => Terminator::Jump(self.target(insts, all, ordinary)),
            _ => {
                let condition = self.value(insts, &Type::Bool);
                let then = self.target(insts, all, ordinary);
                Terminator::Branch { condition, then, otherwise: self.target(insts, all, ordinary) }
            }
        }
    }

    /// One random instruction, after those that make its missing operands.
    fn inst(&mut self, insts: &mut Vec<Inst>) {
        let Some(row) = self.chance.pick(OPS) else { return };
        if row.op.is_traced_only() && !self.traced {
            return;
        }
        let Some((types, imm)) = self.operands(row.op) else { return };
        let args = self.values(insts, &types);
        let callee = match imm {
            Imm::Func(id) => self.callee(id),
            _ => None,
        };
        let params: Vec<Type> = callee.into_iter().flat_map(|f| &f.params).map(|param| param.ty.clone()).collect();
        let signature = callee.map(|callee| Signature { params: &params, returns: callee.returns.as_ref() });
        let Some(found) = operand_types(&self.function.values, &args) else { return };
        // Random operands that do not go together are no instruction; the tests see to it that all rows occur.
        if let Ok(ty) = result_type(self.schema, row.op, &found, &imm, signature) {
            // What only stands where something is known, stands behind what makes it known.
            let asks = match row.op {
                Op::LoadKnown => Some(Op::Load),
                Op::ListAt => Some(Op::ListGet),
                _ => None,
            };
            if let (Some(op), Some(ty)) = (asks, &ty) {
                let (args, imm, result) = (args.clone(), imm.clone(), Some(self.define(ty.clone())));
                insts.push(Inst { op, args, imm, result, node: NodeTag(0) });
            }
            let result = ty.map(|ty| self.define(ty));
            let node = self.node();
            insts.push(Inst { op: row.op, args, imm, result, node });
        }
    }

    /// Types of operands and a constant part that fit `op`.
    fn operands(&mut self, op: Op) -> Option<(Vec<Type>, Imm)> {
        let any = self.chance.ty(self.schema, 1);
        let mut types = Vec::new();
        for class in op.row().args {
            types.push(self.of_class(*class, &any));
        }
        for _ in 0..if op.row().rest.is_some() { self.chance.below(3) } else { 0 } {
            types.push(self.of_class(op.row().rest.unwrap_or(Class::Any), &any));
        }
        let mut imm = self.imm(op.row().imm, &any);
        match (op, &mut imm) {
            (Op::Text, _) => {
                types = vec![self.chance.pick(&[Type::Bool, Type::INT, Type::Float64, Type::Uuid])?.clone()]
            }
            (Op::BytesLen, _) => types = vec![Type::Bytes],
            (Op::Narrow, imm) => *imm = Imm::Type(Type::Int(*self.chance.pick(&IntKind::ALL)?)),
            (Op::Retype, imm) => *imm = Imm::Type(self.chance.pick(&[Type::String, Type::Uuid])?.clone()),
            (Op::Null, imm) => *imm = Imm::Type(Type::nullable(any)),
            (Op::Some, imm) => {
                types = vec![any.non_null().clone()];
                *imm = Imm::Type(Type::nullable(any));
            }
            (Op::RecordNew, imm) => {
                let record = self.chance.record(self.schema, 1);
                types = record.fields.iter().map(|(_, ty)| ty.clone()).collect();
                *imm = Imm::Type(Type::Record(Arc::new(record)));
            }
            (Op::RecordGet, imm) => *imm = Imm::Int(self.chance.below(2) as i64),
            (Op::ListNew, imm) => {
                types.iter_mut().for_each(|ty| *ty = any.clone());
                *imm = Imm::Type(Type::list(any));
            }
            (Op::MapNew, imm) => {
                let key = self.chance.key();
                types = (0..self.chance.below(3)).flat_map(|_| [key.clone(), any.clone()]).collect();
                *imm = Imm::Type(Type::map(key, any));
            }
            (Op::Load | Op::LoadKnown | Op::Store | Op::StructInit | Op::ListFindKey, Imm::Field(id, field)) => {
                let ty = self.schema.types().get(id.index())?.fields.get(*field as usize)?.ty.clone();
                let whole = Type::Struct(*id);
                types = vec![if op == Op::ListFindKey { Type::list(whole) } else { whole }];
                types.extend((!matches!(op, Op::Load | Op::LoadKnown)).then_some(ty));
            }
            (Op::ListPush | Op::ListFind | Op::ListInsert | Op::ListSet, _) => {
                *types.first_mut()? = Type::list(any.clone());
                *types.last_mut()? = any;
            }
            (Op::MapFind | Op::MapRemove | Op::MapPut, _) => {
                let key = self.chance.key();
                *types.first_mut()? = Type::map(key.clone(), any.clone());
                *types.last_mut()? = any;
                *types.get_mut(1)? = key;
            }
            (Op::EmitMany, _) => *types.first_mut()? = Type::list(Type::String),
            (Op::TrapIf, imm) => *imm = Imm::Trap(*self.chance.pick(op.row().traps)?),
            (Op::Fuel, imm) => *imm = Imm::Int(self.chance.below(20) as i64),
            (Op::Call, imm) => {
                let id = *self.chance.pick(&self.callees(false))?;
                types = self.callee(id)?.params.iter().map(|param| param.ty.clone()).collect();
                *imm = Imm::Func(id);
            }
            _ => {}
        }
        Some((types, imm))
    }

    fn of_class(&mut self, class: Class, any: &Type) -> Type {
        match class {
            Class::Int => Type::INT,
            Class::UInt => Type::Int(IntKind::U64),
            Class::Float => Type::Float64,
            Class::Bool => Type::Bool,
            Class::Text => Type::String,
            Class::List => Type::list(any.clone()),
            Class::Map => Type::map(Type::String, any.clone()),
            Class::Struct => self.chance.struct_type(self.schema),
            Class::Record => Type::Record(Arc::new(self.chance.record(self.schema, 1))),
            Class::Nullable => Type::nullable(any.clone()),
            Class::Any | Class::Derived => any.clone(),
        }
    }

    fn imm(&mut self, kind: ImmKind, any: &Type) -> Imm {
        let bits = splitmix64(&mut self.chance.0);
        let small = bits % 5;
        match kind {
            ImmKind::None => Imm::None,
            ImmKind::Int => Imm::Int(if small == 0 { bits as i64 } else { (bits % 9) as i64 - 3 }),
            ImmKind::Float => Imm::Float(match small {
                0 => bits,
                1 => bits | 0x7ff0_0000_0000_0000,
                2 => f64::NEG_INFINITY.to_bits(),
                3 => (-0.0f64).to_bits(),
                _ => ((bits >> 40) as f64 / 8.0).to_bits(),
            }),
            ImmKind::Bool => Imm::Bool(small < 2),
            ImmKind::Str => {
                let texts = ["", "Hand", "line\nbreak", "\u{1}\u{7f}", "\u{1f600} \"q\" \\ ; @"];
                Imm::Str(Arc::from(texts.get(small as usize).copied().unwrap_or("")))
            }
            ImmKind::Type => Imm::Type(any.clone()),
            ImmKind::Struct => Imm::Struct(StructId((bits % self.schema.types().len().max(1) as u64) as u32)),
            ImmKind::Field => {
                let id = StructId((bits % self.schema.types().len().max(1) as u64) as u32);
                let fields = self.schema.types().get(id.index()).map_or(1, |def| def.fields.len().max(1));
                Imm::Field(id, self.chance.below(fields as u64) as u32)
            }
            ImmKind::Cond => Imm::Cond(Cond::ALL.get((bits % 6) as usize).map_or(Cond::Eq, |(cond, _)| *cond)),
            ImmKind::Trap => Imm::Trap(TrapCode::Overflow),
            ImmKind::Func => Imm::Func(FuncId(0)),
            ImmKind::Host => {
                let output = (small < 3).then(|| any.clone());
                Imm::Host(Box::new(HostCall { name: Arc::from("Ring \"it\""), output }))
            }
        }
    }
}
