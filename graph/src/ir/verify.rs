//! What makes a module valid. Back ends take only [`Verified`] modules, so that they need no checks of their own:
//!
//! - Names are unique per role; node ids are unique per function and `nodes[0]` is empty; tags are in range.
//! - Types are well formed and of the schema; values have loaded types; each value is defined at most once (values
//!   that nothing defines may remain in the table), and its definition dominates every use.
//! - The entry's parameters are the function's, and nothing jumps to the entry.
//! - Operands, constant parts and results are as [`result_type`](super::result_type) says; so are the arguments of terminators.
//! - `call` names a function that does not suspend, `Terminator::Call` one that does; a function that may suspend
//!   says so. Calls do not recurse and nest at most [`Limits::CALL_DEPTH`] deep.
//! - A resume block has exactly one edge to it, and nothing defined before the suspension is used in it or after
//!   it but through its parameters (a deadline's target is one too). That is dominance with the edges to resume blocks cut and each of them an entry.
//! - `enter`, `leave`, `probe` and `watch` occur in traced modules only.
//!
//! Blocks that cannot be reached may stand; in them only types are checked. Everything is iterative and takes
//! time in proportion to the module (dominators: nearly).

use std::cell::LazyCell;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use statewright_types::hashing::HashSet;
use statewright_types::{IntKind, Limits, TrapCode, Type};

use super::ops::Class;
use super::typing::{Signature, check_arguments, fits, operand_types, operands, result_of, well_formed};
use super::{
    BlockId, Deadline, FuncId, Function, FunctionRole, Imm, Inst, Module, NodeTag, Target, Terminator, Value, Wait,
};
use crate::dominators::{Lists, dominators, visits};

/// One thing that is wrong with a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// The function's name; empty for the module itself.
    pub function: Arc<str>,
    /// The block, if it is about one.
    pub block: Option<BlockId>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.block {
            Some(block) => write!(f, "{:?}, b{}: {}", self.function, block.0, self.message),
            None => write!(f, "{:?}: {}", self.function, self.message),
        }
    }
}

impl std::error::Error for VerifyError {}

/// A module that passed [`verify`]. Back ends take nothing else.
#[derive(Clone, Debug)]
pub struct Verified(Module);

impl Verified {
    /// Checks `module`.
    pub fn new(module: Module) -> Result<Verified, Vec<VerifyError>> {
        verify(&module)?;
        Ok(Verified(module))
    }

    /// The module again, to change it.
    pub fn into_inner(self) -> Module {
        self.0
    }
}

impl Deref for Verified {
    type Target = Module;
    fn deref(&self) -> &Module {
        &self.0
    }
}

/// At most so many errors are collected.
const MOST_ERRORS: usize = 100;

/// Checks everything that the module doc lists; the errors are in the order of the module, at most 100.
pub fn verify(module: &Module) -> Result<(), Vec<VerifyError>> {
    let mut errors = Errors { list: Vec::new(), function: Arc::from("") };
    if module.root.index() >= module.schema.types().len() {
        errors.add(None, "the root is not a type of the schema");
        return Err(errors.list);
    }
    let mut names = HashSet::default();
    for function in &module.functions {
        errors.function = function.name.clone();
        if !names.insert((std::mem::discriminant(&function.role), &function.name)) {
            errors.add(None, "another function has this name");
        }
    }
    // What callers see must be sound before bodies are looked at.
    for function in &module.functions {
        errors.function = function.name.clone();
        check_header(module, function, &mut errors);
    }
    if errors.list.is_empty() {
        let signatures: Vec<Vec<Type>> = module
            .functions
            .iter()
            .map(|function| function.params.iter().map(|param| param.ty.clone()).collect())
            .collect();
        for function in &module.functions {
            errors.function = function.name.clone();
            Body { module, function, signatures: &signatures, errors: &mut errors, defined: Vec::new() }.check();
        }
    }
    if errors.list.is_empty() {
        check_calls(module, &mut errors);
    }
    if errors.list.is_empty() { Ok(()) } else { Err(errors.list) }
}

struct Errors {
    list: Vec<VerifyError>,
    function: Arc<str>,
}

impl Errors {
    fn add(&mut self, block: Option<BlockId>, message: impl Into<String>) {
        if self.list.len() < MOST_ERRORS {
            self.list.push(VerifyError { function: self.function.clone(), block, message: message.into() });
        }
    }
}

fn check_header(module: &Module, function: &Function, errors: &mut Errors) {
    let schema = &module.schema;
    if function.blocks.is_empty() {
        errors.add(None, "there is no entry block");
    }
    if function.nodes.first().is_none_or(|id| !id.is_empty()) {
        errors.add(None, "the first node id must be the empty one");
    }
    let mut ids = HashSet::with_capacity_and_hasher(function.nodes.len(), Default::default());
    if let Some(id) = function.nodes.iter().find(|id| !ids.insert(*id)) {
        errors.add(None, format!("the node id {id:?} occurs twice"));
    }
    for param in &function.params {
        if !well_formed(schema, &param.ty) {
            errors.add(None, format!("the type of parameter {:?} is not well formed", param.name));
        }
    }
    let is_plain = |ty: &Type| matches!(ty, Type::Bool | Type::Int(IntKind::I64) | Type::Float64 | Type::String);
    let is_loaded = |ty: &Type| is_plain(ty) || ty.is_loaded() && well_formed(schema, ty);
    if function.returns.as_ref().is_some_and(|ty| !is_loaded(ty)) {
        errors.add(None, "the result type is not well formed and loaded");
    }
    if let Some(index) = function.values.iter().position(|ty| !is_loaded(ty)) {
        errors.add(None, format!("the type of v{index} is not well formed and loaded"));
    }
    let (noun, first) = match function.role {
        FunctionRole::Handler { .. } => ("handler", Some("senderID")),
        FunctionRole::Filter => ("filter", Some("viewerID")),
        FunctionRole::Effect => ("effect", None),
        FunctionRole::Function => return,
    };
    if function.returns.is_some() {
        errors.add(None, format!("a {noun} has no result"));
    }
    if let Some(first) = first {
        match function.params.first() {
            Some(param) if *param.name == *first && param.ty == Type::String => {}
            _ => errors.add(None, format!("a {noun}'s first parameter is {first}: string")),
        }
    }
    if function.suspends && matches!(function.role, FunctionRole::Filter | FunctionRole::Effect) {
        errors.add(None, format!("{noun}s do not suspend"));
    }
}

/// Where a value is defined: the block, and the position in it (0 for parameters, 1 + index for instructions).
type Definition = Option<(u32, u32)>;

struct Body<'a> {
    module: &'a Module,
    function: &'a Function,
    /// Declared parameter types of every function.
    signatures: &'a [Vec<Type>],
    errors: &'a mut Errors,
    defined: Vec<Definition>,
}

impl<'a> Body<'a> {
    fn check(&mut self) {
        let before = self.errors.list.len();
        self.collect_definitions();
        self.check_edges();
        for index in 0..self.function.blocks.len() {
            self.check_types(index);
        }
        // Dominance speaks of blocks and values that exist.
        if self.errors.list.len() == before {
            self.check_dominance();
        }
    }

    fn error(&mut self, block: usize, message: impl Into<String>) {
        self.errors.add(Some(BlockId(block as u32)), message);
    }

    fn collect_definitions(&mut self) {
        self.defined = vec![None; self.function.values.len()];
        for (index, block) in self.function.blocks.iter().enumerate() {
            for param in &block.params {
                self.define(*param, index, 0);
            }
            for (position, inst) in block.insts.iter().enumerate() {
                if let Some(result) = inst.result {
                    self.define(result, index, position + 1);
                }
            }
        }
    }

    fn define(&mut self, value: Value, block: usize, position: usize) {
        match self.defined.get_mut(value.index()) {
            None => self.error(block, format!("v{} is not in the table of values", value.0)),
            Some(Some(_)) => self.error(block, format!("v{} is defined twice", value.0)),
            Some(place) => *place = Some((block as u32, position as u32)),
        }
    }

    /// Targets exist, the entry has no edges to it, resume blocks have one.
    fn check_edges(&mut self) {
        let function = self.function;
        let mut edges = vec![0usize; function.blocks.len()];
        let mut resumes = Vec::new();
        for (index, block) in function.blocks.iter().enumerate() {
            for (target, is_resume) in targets(&block.terminator) {
                match edges.get_mut(target.block.index()) {
                    None => self.error(index, format!("there is no block b{}", target.block.0)),
                    Some(_) if target.block.0 == 0 => self.error(index, "goes to the entry block"),
                    Some(count) => *count += 1,
                }
                if is_resume {
                    resumes.push(target.block.index());
                }
            }
        }
        resumes.sort_unstable();
        resumes.dedup();
        for block in resumes {
            if edges.get(block).is_some_and(|count| *count != 1) {
                self.error(block, "a resume block must have exactly one edge to it");
            }
        }
    }

    fn check_tag(&mut self, block: usize, tag: NodeTag) {
        if tag.index() >= self.function.nodes.len() {
            self.error(block, format!("there is no node #{}", tag.0));
        }
    }

    fn check_types(&mut self, index: usize) {
        let function = self.function;
        let Some(block) = function.blocks.get(index) else { return };
        if index == 0 {
            let found: Option<Vec<&Type>> = operand_types(&function.values, &block.params);
            let wanted: Vec<Type> = function.params.iter().map(|param| param.ty.loaded()).collect();
            if found.is_none_or(|found| !found.into_iter().eq(wanted.iter())) {
                self.error(index, "the entry's parameters must be the function's, loaded");
            }
        }
        let mut room = Vec::new();
        for inst in &block.insts {
            self.check_tag(index, inst.node);
            if let Err(message) = self.check_inst(inst, &mut room) {
                self.error(index, format!("{}: {message}", inst.op.row().mnemonic));
            }
        }
        self.check_tag(index, block.node);
        if let Err(message) = self.check_terminator(&block.terminator) {
            self.error(index, message);
        }
    }

    fn types(&self, values: &[Value]) -> Result<Vec<&'_ Type>, String> {
        operand_types(&self.function.values, values).ok_or_else(not_in_table)
    }

    /// `room` is used anew for each instruction.
    fn check_inst(&self, inst: &Inst, room: &mut Vec<&'a Type>) -> Result<(), String> {
        room.clear();
        for value in &inst.args {
            room.push(self.function.values.get(value.index()).ok_or_else(not_in_table)?);
        }
        let args = &room[..];
        let callee = match inst.imm {
            Imm::Func(id) => {
                let (callee, signature) = self.callee(id)?;
                if callee.suspends {
                    return Err(format!("{:?} may suspend and must be called by a terminator", callee.name));
                }
                Some(signature)
            }
            _ => None,
        };
        if inst.op.is_traced_only() && !self.module.traced {
            return Err("stands in a module that is not traced".into());
        }
        let derived = operands(&self.module.schema, inst.op, args, &inst.imm, callee)?;
        let found = inst.result.and_then(|value| self.function.values.get(value.index()));
        // Most are of a class that has one type.
        if let (Some(class @ (Class::Int | Class::Float | Class::Bool)), Some(found)) = (inst.op.row().result, found)
            && fits(class, found)
        {
            return Ok(());
        }
        let wanted = result_of(inst.op, args, &inst.imm, derived);
        let show = |ty: Option<&Type>| match ty {
            Some(ty) => self.module.schema.show(ty).to_string(),
            None => "nothing".into(),
        };
        if wanted.as_ref() == found {
            return Ok(());
        }
        Err(format!("the result is {}, not {}", show(wanted.as_ref()), show(found)))
    }

    fn callee(&self, id: FuncId) -> Result<(&Function, Signature<'_>), String> {
        match (self.module.functions.get(id.index()), self.signatures.get(id.index())) {
            (Some(callee), Some(params)) if callee.role == FunctionRole::Function => {
                Ok((callee, Signature { params, returns: callee.returns.as_ref() }))
            }
            _ => Err(format!("there is no function #{}", id.0)),
        }
    }

    fn check_terminator(&self, terminator: &Terminator) -> Result<(), String> {
        match terminator {
            Terminator::Jump(target) => self.check_target(target, &[]),
            Terminator::Branch { condition, then, otherwise } => {
                self.check_class("the condition", *condition, Class::Bool)?;
                self.check_target(then, &[])?;
                self.check_target(otherwise, &[])
            }
            Terminator::Return(value) => {
                let found = match value {
                    Some(value) => self.types(&[*value])?.first().copied(),
                    None => None,
                };
                if found == self.function.returns.as_ref() {
                    Ok(())
                } else {
                    Err("returns something else than the function's result".into())
                }
            }
            Terminator::Trap { code, message } => match message {
                Some(message) => self.check_class("the message", *message, Class::Text),
                None if *code == TrapCode::Custom => Err("a custom trap needs a message".into()),
                None => Ok(()),
            },
            Terminator::Suspend { wait, args, resume, deadlines } => {
                self.check_suspends()?;
                self.check_deadlines(deadlines)?;
                match (wait, &args[..]) {
                    (Wait::Duration, [duration]) => self.check_class("the duration", *duration, Class::Int)?,
                    (Wait::Event, [event, timeout]) => {
                        self.check_class("the event's type", *event, Class::Text)?;
                        self.check_class("the timeout", *timeout, Class::Int)?;
                    }
                    (Wait::Duration, _) => return Err("a wait for a duration takes one argument".into()),
                    (Wait::Event, _) => return Err("a wait for an event takes two arguments".into()),
                }
                self.check_target(resume, &self.wait_results(*wait, resume)?)
            }
            Terminator::Call { callee, args, resume, deadlines } => {
                self.check_suspends()?;
                self.check_deadlines(deadlines)?;
                let (callee, signature) = self.callee(*callee)?;
                if !callee.suspends {
                    return Err(format!("{:?} does not suspend and must be called by `call`", callee.name));
                }
                check_arguments(&self.module.schema, signature.params, &self.types(args)?)?;
                self.check_target(resume, &callee.returns.iter().collect::<Vec<_>>())
            }
        }
    }

    fn check_deadlines(&self, deadlines: &[Deadline]) -> Result<(), String> {
        for Deadline { due, target } in deadlines {
            self.check_class("a deadline", *due, Class::Int)?;
            self.check_target(target, &[])?;
        }
        Ok(())
    }

    fn check_suspends(&self) -> Result<(), String> {
        if self.function.suspends { Ok(()) } else { Err("the function may suspend and does not say so".into()) }
    }

    fn check_class(&self, what: &str, value: Value, class: Class) -> Result<(), String> {
        match self.function.values.get(value.index()) {
            Some(ty) if fits(class, ty) => Ok(()),
            Some(ty) => Err(format!("{what} must be {class:?}, not {}", self.module.schema.show(ty))),
            None => Err(not_in_table()),
        }
    }

    /// The types of what a wait supplies to its resume block, if they can be that.
    fn wait_results(&self, wait: Wait, resume: &Target) -> Result<Vec<&Type>, String> {
        let Some(block) = self.function.blocks.get(resume.block.index()) else { return Ok(Vec::new()) };
        let results = self.types(block.params.get(..wait.results()).unwrap_or(&block.params))?;
        match (wait, &results[..]) {
            (Wait::Duration, _) | (Wait::Event, [Type::Bool, Type::Record(_)]) => Ok(results),
            (Wait::Event, _) => Err("a wait for an event resumes with a bool and a record".into()),
        }
    }

    /// `first` are the types of first parameters that the jump itself supplies.
    fn check_target(&self, target: &Target, first: &[&Type]) -> Result<(), String> {
        let block = target.block;
        let Some(params) = self.function.blocks.get(block.index()).map(|block| &block.params) else {
            return Ok(()); // reported with the edges
        };
        let count = first.len() + target.args.len();
        if count != params.len() {
            return Err(format!("b{} takes {} arguments, not {count}", block.0, params.len()));
        }
        let ty = |value: &Value| self.function.values.get(value.index());
        let found = first.iter().map(|ty| Some(*ty)).chain(target.args.iter().map(ty));
        for (index, (found, wanted)) in found.zip(params).enumerate() {
            match (found, ty(wanted)) {
                (Some(found), Some(wanted)) if found == wanted => {}
                (Some(_), Some(_)) => return Err(format!("argument {} of b{} has the wrong type", index + 1, block.0)),
                _ => return Err(not_in_table()),
            }
        }
        Ok(())
    }

    fn check_dominance(&mut self) {
        let function = self.function;
        // Where all is in one block, nobody asks.
        let tree = LazyCell::new(|| DominatorTree::of(function));
        for (index, block) in function.blocks.iter().enumerate() {
            for (position, inst) in block.insts.iter().enumerate() {
                for value in &inst.args {
                    self.check_use(&tree, *value, index, position + 1);
                }
            }
            for value in terminator_uses(&block.terminator) {
                self.check_use(&tree, value, index, usize::MAX);
            }
        }
    }

    fn check_use(&mut self, tree: &impl Deref<Target = DominatorTree>, value: Value, block: usize, position: usize) {
        match self.defined.get(value.index()).copied().flatten() {
            None => self.error(block, format!("v{} is used and never defined", value.0)),
            Some((home, at)) => {
                let (home, at) = (home as usize, at as usize);
                let holds = if home == block { at < position } else { tree.dominates(home, block) };
                if !holds {
                    self.error(block, format!("v{} is used where it need not have been defined", value.0));
                }
            }
        }
    }
}

fn not_in_table() -> String {
    "uses a value that is not in the table".into()
}

/// Where a terminator may go; `true` marks edges to resume blocks.
pub fn targets(terminator: &Terminator) -> impl Iterator<Item = (&Target, bool)> + Clone {
    let (first, second, deadlines) = match terminator {
        Terminator::Jump(target) => (Some((target, false)), None, &[][..]),
        Terminator::Branch { then, otherwise, .. } => (Some((then, false)), Some((otherwise, false)), &[][..]),
        Terminator::Suspend { resume, deadlines, .. } | Terminator::Call { resume, deadlines, .. } => {
            (Some((resume, true)), None, &deadlines[..])
        }
        Terminator::Return(_) | Terminator::Trap { .. } => (None, None, &[][..]),
    };
    first.into_iter().chain(second).chain(deadlines.iter().map(|deadline| (&deadline.target, true)))
}

/// The values that a terminator reads, arguments of targets included.
pub fn terminator_uses(terminator: &Terminator) -> impl Iterator<Item = Value> {
    let (first, args, deadlines) = match terminator {
        Terminator::Branch { condition, .. } => (Some(*condition), &[][..], &[][..]),
        Terminator::Return(value) | Terminator::Trap { message: value, .. } => (*value, &[][..], &[][..]),
        Terminator::Suspend { args, deadlines, .. } | Terminator::Call { args, deadlines, .. } => {
            (None, &args[..], &deadlines[..])
        }
        Terminator::Jump(_) => (None, &[][..], &[][..]),
    };
    let dues = deadlines.iter().map(|deadline| deadline.due);
    let given = targets(terminator).flat_map(|(target, _)| target.args.iter().copied());
    first.into_iter().chain(args.iter().copied()).chain(dues).chain(given)
}

/// The dominator tree with resume edges cut: when a walk of it enters and leaves each block.
struct DominatorTree {
    visits: Vec<(u32, u32)>,
    is_reached: Vec<bool>,
}

impl DominatorTree {
    fn of(function: &Function) -> DominatorTree {
        let count = function.blocks.len();
        // The root is not a block: its edges lead to the entry, and to where suspensions resume.
        let edges = function.blocks.iter().enumerate().flat_map(|(from, block)| {
            let known = targets(&block.terminator).filter(move |(target, _)| target.block.index() < count);
            known.map(move |(target, is_resume)| (if is_resume { count } else { from }, target.block.index()))
        });
        let above = dominators(count, &Lists::new(count + 1, std::iter::once((count, 0)).chain(edges)));
        let is_reached = above.iter().map(Option::is_some).collect();
        DominatorTree { visits: visits(&above), is_reached }
    }

    /// Whether every way to `block` leads through `home`; of blocks that cannot be reached that holds.
    fn dominates(&self, home: usize, block: usize) -> bool {
        let is_reached = |index: usize| self.is_reached.get(index).copied().unwrap_or(false);
        if !is_reached(block) {
            return true;
        }
        match (self.visits.get(home), self.visits.get(block)) {
            (Some((enter, leave)), Some((inner, end))) => is_reached(home) && enter <= inner && end <= leave,
            _ => false,
        }
    }
}

/// Calls do not recurse and are at most [`Limits::CALL_DEPTH`] deep.
fn check_calls(module: &Module, errors: &mut Errors) {
    let count = module.functions.len();
    let callees: Vec<Vec<usize>> = module.functions.iter().map(|function| callees(function).collect()).collect();
    let mut callers = vec![0usize; count];
    for callee in callees.iter().flatten() {
        if let Some(number) = callers.get_mut(*callee) {
            *number += 1;
        }
    }
    // Kahn's order; depth is the longest chain of calls that leads to a function.
    let mut depth = vec![0usize; count];
    let mut ready: Vec<usize> = (0..count).filter(|index| callers.get(*index) == Some(&0)).collect();
    let mut done = vec![false; count];
    while let Some(index) = ready.pop() {
        if let Some(done) = done.get_mut(index) {
            *done = true;
        }
        let next = depth.get(index).copied().unwrap_or(0) + 1;
        for callee in callees.get(index).into_iter().flatten() {
            if let (Some(depth), Some(number)) = (depth.get_mut(*callee), callers.get_mut(*callee)) {
                *depth = next.max(*depth);
                *number -= 1;
                if *number == 0 {
                    ready.push(*callee);
                }
            }
        }
    }
    for ((function, done), depth) in module.functions.iter().zip(done).zip(depth) {
        errors.function = function.name.clone();
        if !done {
            errors.add(None, "is part of a recursion, or called from one");
        } else if depth > Limits::CALL_DEPTH {
            errors.add(None, format!("calls nest deeper than {}", Limits::CALL_DEPTH));
        }
    }
}

/// The functions that a function calls, by position.
pub fn callees(function: &Function) -> impl Iterator<Item = usize> {
    function.blocks.iter().flat_map(|block| {
        let by_inst = block.insts.iter().filter_map(|inst| match inst.imm {
            Imm::Func(id) => Some(id.index()),
            _ => None,
        });
        let by_terminator = match block.terminator {
            Terminator::Call { callee, .. } => Some(callee.index()),
            _ => None,
        };
        by_inst.chain(by_terminator)
    })
}
