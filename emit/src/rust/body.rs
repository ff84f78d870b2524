//! A function's statements.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use statewright_graph::ir::lookups::wanted_alone;
use statewright_graph::ir::{BlockId, FuncId, Function, FunctionRole, Inst, Module, Op, Value};
use statewright_types::Type;
use statewright_types::hashing;

use super::attempt::{Attempt, Over, attempts};
use super::ending::resumes;
use super::expr::{comment, int};
use super::ops::RustFolding;
use super::pieces::{Needed, is_large};
use super::shortcuts::stays;
use super::types::{Constants, held};
use super::words::SPELLING;
use crate::fold::Folded;
use crate::merge::{Merged, merged};
use crate::names::Names;
use crate::structure::{BodyId, Stmt, Structure, sequence, structure};
use crate::writer::{LineOrigin, Writer};

/// A call of a node of the host program: its name, the types of its inputs, that of its output.
pub(super) type Host = (Arc<str>, Vec<Type>, Option<Type>);

/// Writes one function.
pub(super) struct FunctionWriter<'a, 'w> {
    pub module: &'a Module,
    pub function: &'a Function,
    pub index: usize,
    pub structure: Structure,
    pub folded: Folded,
    pub names: Names,
    pub function_names: &'w [String],
    pub constants: &'w mut Constants<'a>,
    pub hosts: &'w mut Vec<Host>,
    pub out: &'w mut Writer,
    /// Whether operands are taken by something that takes any type.
    pub is_generic: bool,
    /// Whether a suspension may lead into it.
    suspends: bool,
    /// Loops whose parameters change.
    headers: HashSet<BlockId>,
    /// The loop that a block follows.
    follows: HashMap<BlockId, BlockId>,
    /// Values that are variables of the whole function.
    pub hoisted: HashSet<Value>,
    /// Parameters that are a variable of the loop.
    merged: Merged,
    /// Labels that must be written.
    labels: HashSet<BlockId>,
    /// What an unlabelled `break` or `continue` is for, innermost last; `None` where a label is needed.
    around: Vec<Option<BlockId>>,
    /// The node that the last comment names.
    commented: Arc<str>,
    /// Loops that are tried, by header.
    attempts: HashMap<BlockId, Attempt>,
    /// The one that is being written, and what its element is called.
    pub attempt: Option<(Attempt, String)>,
    /// Whether what is being written is done in some of its passes only.
    pub is_in_branch: bool,
    /// Elements that were found with their index, and what they are called.
    pub found: HashMap<Value, String>,
    /// Whether straight parts of it are compiled apart.
    pub is_large: bool,
    /// Where values are read, once that was asked.
    pub needed: Option<Needed>,
    /// Searches of which only the element is wanted.
    pub wanted_alone: hashing::HashSet<Value>,
}

impl<'a, 'w> FunctionWriter<'a, 'w> {
    pub fn new(
        module: &'a Module,
        id: FuncId,
        function: &'a Function,
        function_names: &'w [String],
        constants: &'w mut Constants<'a>,
        hosts: &'w mut Vec<Host>,
        out: &'w mut Writer,
    ) -> FunctionWriter<'a, 'w> {
        let structure = structure(function);
        let folded = Folded::new(function, &RustFolding);
        let has_variable = |value: Value| folded.inside(function, value).is_none();
        let mut names = Names::new(function, &SPELLING, has_variable);
        let merged = merged(function, &structure);
        merged.iter().for_each(|(value, with)| names.share(*value, *with));
        let stmts = || structure.bodies.iter().flat_map(|body| &body.stmts);
        let headers = stmts().filter_map(|stmt| match stmt {
            Stmt::Loop { header, .. } => Some(*header),
            _ => None,
        });
        let headers = headers.collect();
        let follows = stmts().filter_map(|stmt| match stmt {
            Stmt::Loop { header, follow: Some(follow), .. } => Some((*follow, *header)),
            _ => None,
        });
        let follows = follows.collect();
        let hoisted = structure.hoisted.iter().copied().collect();
        let attempts = attempts(function, &module.schema, &structure, &folded);
        FunctionWriter {
            module,
            function,
            index: id.index(),
            structure,
            folded,
            names,
            function_names,
            constants,
            hosts,
            out,
            is_generic: false,
            suspends: function.suspends,
            headers,
            follows,
            hoisted,
            merged,
            labels: HashSet::new(),
            around: Vec::new(),
            commented: Arc::from(""),
            attempts,
            attempt: None,
            is_in_branch: false,
            found: HashMap::new(),
            is_large: is_large(function),
            needed: None,
            wanted_alone: wanted_alone(function, |op| !stays(op)),
        }
    }

    /// The whole function.
    pub fn write(&mut self) {
        let returns = self.function.returns.as_ref().map_or("()", held);
        let name = self.function_names.get(self.index).cloned().unwrap_or_default();
        let graph = comment(&self.function.name);
        self.out.from_node(None);
        self.out.line(match &self.function.role {
            FunctionRole::Handler { event } => format!("/// The handler `{graph}` of the event `{}`.", comment(event)),
            FunctionRole::Function => format!("/// The function `{graph}`."),
            FunctionRole::Filter => format!("/// The filter `{graph}`."),
            FunctionRole::Effect => format!("/// The effect `{graph}`."),
        });
        if self.suspends {
            self.out.line("///\n/// It may wait: `at` says where it begins or goes on.");
            self.out.open(format!(
                "fn {name}(run: &mut Run, fuel: &mut Fuel, at: u32, given: &[u64]) -> Flow<{returns}> {{"
            ));
        } else {
            let entry = self.function.blocks.first().map(|block| block.params.to_vec()).unwrap_or_default();
            let params = entry.iter().map(|param| format!(", {}: {}", self.names.of(*param), self.held(*param)));
            let params: String = params.collect();
            self.out.open(format!("fn {name}(run: &mut Run, fuel: &mut Fuel{params}) -> Flow<{returns}> {{"));
        }
        self.find_labels();
        if self.structure.arms.len() > 1 || self.suspends {
            self.arms();
        } else if let Some(arm) = self.structure.arms.first().copied() {
            self.hoisted();
            self.body(arm.body, true);
        }
        self.out.from_node(None);
        self.out.close("}");
        self.out.line("");
    }

    fn held(&self, value: Value) -> &'static str {
        held(self.function.ty(value))
    }

    pub(super) fn params(&self, block: BlockId) -> Vec<Value> {
        self.function.blocks.get(block.index()).map(|block| block.params.to_vec()).unwrap_or_default()
    }

    fn variable(&mut self, value: Value) {
        let zero = match self.held(value) {
            "bool" => "false",
            "f64" => "0.0",
            _ => "0",
        };
        let line = format!("let mut {}: {} = {zero};", self.names.of(value), self.held(value));
        self.out.line(line);
    }

    fn hoisted(&mut self) {
        for value in self.structure.hoisted.clone() {
            if self.folded.inside(self.function, value).is_none() {
                self.variable(value);
            }
        }
    }

    /// A loop over where the function goes on.
    fn arms(&mut self) {
        let arms = self.structure.arms.clone();
        for arm in &arms {
            if self.suspends || arm.block.0 != 0 {
                self.params(arm.block).into_iter().for_each(|param| self.variable(param));
            }
        }
        self.hoisted();
        self.out.line(if self.suspends { "let mut at = at;" } else { "let mut at = 0;" });
        if self.suspends {
            self.enter();
        }
        self.out.open("'at: loop {");
        self.out.open("match at {");
        for arm in &arms {
            self.out.open(format!("{} => {{", arm.block.0));
            self.body(arm.body, false);
            self.out.from_node(None);
            self.out.close("}");
        }
        self.out.line("_ => return Err(unfit()),");
        self.out.close("}");
        self.out.close("}");
    }

    /// Where a suspension may lead: the parameters are what was given.
    fn enter(&mut self) {
        self.out.open("match at {");
        for block in std::iter::once(BlockId(0)).chain(resumes(self.function)) {
            let params = self.params(block);
            if params.is_empty() {
                self.out.line(format!("{} => {{}}", block.0));
                continue;
            }
            self.out.open(format!("{} => {{", block.0));
            for (at, param) in params.into_iter().enumerate() {
                let line = format!("{} = argument(given, {at});", self.names.of(param));
                self.out.line(line);
            }
            self.out.close("}");
        }
        self.out.line("_ => return Err(unfit()),");
        self.out.close("}");
    }

    /// Which loops and blocks must have their label written. Nests as deep as bodies do.
    fn find_labels(&mut self) {
        for arm in self.structure.arms.clone() {
            let is_loop = self.structure.arms.len() > 1 || self.suspends;
            self.around = if is_loop { vec![None] } else { Vec::new() };
            self.labels_in(arm.body);
        }
        self.around.clear();
    }

    fn labels_in(&mut self, body: BodyId) {
        for stmt in self.structure.body(body).stmts.clone() {
            match stmt {
                Stmt::If { then, otherwise, .. } => {
                    self.labels_in(then);
                    self.labels_in(otherwise);
                }
                Stmt::Loop { header, follow, body, .. } => {
                    // What both leads on behind the loop and begins it again is the loop; its label is the header's.
                    self.around.push(Some(header));
                    self.labels_in(body);
                    self.around.pop();
                    if let Some(follow) = follow.filter(|follow| self.labels.contains(follow)) {
                        self.labels.remove(&follow);
                        self.labels.insert(header);
                    }
                }
                Stmt::Labelled { label, body, is_used } => {
                    if is_used {
                        self.around.push(None);
                    }
                    self.labels_in(body);
                    if is_used {
                        self.around.pop();
                        self.labels.insert(label);
                    }
                }
                Stmt::Break(to) if !self.leaves_innermost(to) => {
                    self.labels.insert(to);
                }
                Stmt::Continue(to) if self.around.last() != Some(&Some(to)) => {
                    self.labels.insert(to);
                }
                _ => {}
            }
        }
    }

    fn leaves_innermost(&self, to: BlockId) -> bool {
        self.follows.get(&to).is_some_and(|header| self.around.last() == Some(&Some(*header)))
    }

    /// The statements of a body. `is_tail` where its end is the end of the function. Nests as deep as bodies do.
    fn body(&mut self, id: BodyId, is_tail: bool) {
        for stmt in self.structure.body(id).stmts.clone() {
            self.stmt(stmt, is_tail);
        }
    }

    pub(super) fn stmt(&mut self, stmt: Stmt, is_tail: bool) {
        match stmt {
            Stmt::Declare(block) => {
                for param in self.declared(block) {
                    let mutable = if self.headers.contains(&block) { "mut " } else { "" };
                    let line = format!("let {mutable}{}: {};", self.names.of(param), self.held(param));
                    self.out.line(line);
                }
            }
            Stmt::Insts(block) => self.insts(block),
            Stmt::Pass { target, args, fresh, .. } => self.pass(target, &args, fresh),
            Stmt::If { condition, negated, then, otherwise, flat, from } => {
                self.at_terminator(from);
                let is_nothing = self.is_nothing(otherwise);
                let is_swapped = self.is_nothing(then) && !is_nothing && !flat;
                let (then, otherwise) = if is_swapped { (otherwise, then) } else { (then, otherwise) };
                let is_seldom = self.attempt.is_some() && self.is_best_so_far(condition, then);
                let condition = self.condition(condition, negated != is_swapped).text;
                self.out.open(if is_seldom {
                    format!("if seldom({condition}) {{")
                } else {
                    format!("if {condition} {{")
                });
                let around = std::mem::replace(&mut self.is_in_branch, true);
                self.body(then, false);
                if flat {
                    self.out.close("}");
                    self.body(otherwise, is_tail);
                } else if is_nothing || is_swapped {
                    self.out.close("}");
                } else {
                    self.out.between("} else {");
                    self.body(otherwise, false);
                    self.out.close("}");
                }
                self.is_in_branch = around;
            }
            Stmt::Loop { header, follow, body, .. } => self.loop_over(header, follow, body),
            Stmt::Labelled { label, body, is_used } => {
                if is_used {
                    self.out.open(format!("'b{}: {{", label.0));
                    self.around.push(None);
                }
                self.body(body, false);
                if is_used {
                    self.around.pop();
                    self.out.close("}");
                }
            }
            Stmt::Break(to) => {
                let label = self.follows.get(&to).copied().unwrap_or(to);
                let is_innermost = self.leaves_innermost(to);
                self.out.line(if is_innermost { "break;".into() } else { format!("break 'b{};", label.0) });
            }
            Stmt::Continue(to) => {
                let is_innermost = self.around.last() == Some(&Some(to));
                self.out.line(if is_innermost { "continue;".into() } else { format!("continue 'b{};", to.0) });
            }
            Stmt::Goto(to) => {
                self.out.line(format!("at = {};", to.0));
                self.out.line("continue 'at;");
            }
            Stmt::End(block) => self.end(block, is_tail),
        }
    }

    fn loop_over(&mut self, header: BlockId, follow: Option<BlockId>, body: BodyId) {
        if let Some(attempt) = self.attempts.get(&header).cloned() {
            return self.attempt_over(header, body, attempt);
        }
        let label = if self.labels.contains(&header) { format!("'b{}: ", header.0) } else { String::new() };
        self.around.push(Some(header));
        let stmts = self.structure.body(body).stmts.clone();
        match &stmts[..] {
            // What is asked first, and leaves the loop if not.
            [Stmt::Insts(block), Stmt::If { condition, negated, then, otherwise, flat: true, from }]
                if self.is_silent(*block)
                    && follow.is_some_and(|follow| self.structure.body(*then).stmts == [Stmt::Break(follow)]) =>
            {
                self.at_terminator(*from);
                let condition = self.condition(*condition, !negated).text;
                self.out.open(format!("{label}while {condition} {{"));
                self.body(*otherwise, false);
            }
            _ => {
                self.out.open(format!("{label}loop {{"));
                self.body(body, false);
            }
        }
        self.around.pop();
        self.out.close("}");
    }

    /// A loop that is tried.
    fn attempt_over(&mut self, header: BlockId, body: BodyId, attempt: Attempt) {
        let function = self.function;
        let stmts = self.structure.body(body).stmts.clone();
        let Some(Stmt::If { from, otherwise, .. }) = stmts.get(1) else { return };
        self.at_terminator(*from);
        let end = self.value(attempt.end).text;
        let over = match attempt.over {
            Over::Range(start) => format!("{}..{end}", int(start).text),
            Over::Structs(list, ty, words) => {
                format!("run.structs::<{words}>({}, {end}, {})", self.names.of(list), self.constants.structure(ty))
            }
            Over::Values(list) => {
                let element = function.ty(list).element().map_or("Slot", held);
                format!("run.values::<{element}>({}, {end})", self.names.of(list))
            }
        };
        let named = attempt.elements.iter().map(|element| self.names.of(*element)).find(|name| !name.is_empty());
        let element = named.map(str::to_owned).unwrap_or_else(|| self.names.free("element"));
        let results: Vec<String> = attempt.results.iter().map(|result| self.names.of(*result).to_owned()).collect();
        let target = match &results[..] {
            [] => String::new(),
            [only] => format!("{only} = "),
            _ => format!("({}) = ", results.join(", ")),
        };
        self.out.open(format!("{target}attempt!(run, fuel, {over}, move |checks, passes| {{"));
        let is_element = |value: &Value| attempt.elements.contains(value);
        let (within, outside): (Vec<Value>, Vec<Value>) = attempt.small.asked().into_iter().partition(is_element);
        for value in outside.iter().filter(|value| attempt.comes_from_outside(**value)) {
            let line = format!("checks.small({});", self.names.of(*value));
            self.out.line(line);
        }
        let index = if attempt.counts { "_" } else { self.names.of(attempt.index) };
        let pass = match attempt.over {
            Over::Range(_) => index.to_owned(),
            _ => format!("({index}, {element})"),
        };
        let label = if self.labels.contains(&header) { format!("'b{}: ", header.0) } else { String::new() };
        self.out.open(format!("{label}for {pass} in passes {{"));
        if !within.is_empty() {
            self.out.line(format!("checks.small({element});"));
        }
        self.around.push(Some(header));
        self.attempt = Some((attempt, element));
        let around = std::mem::take(&mut self.is_in_branch);
        self.body(*otherwise, false);
        self.is_in_branch = around;
        self.attempt = None;
        self.around.pop();
        self.out.from_node(None);
        self.out.close("}");
        self.out.line(match &results[..] {
            [only] => format!("Ok({only})"),
            _ => format!("Ok(({}))", results.join(", ")),
        });
        self.out.close("})?;");
    }

    /// Whether a parameter is given by what a loop goes over, and is no variable of its own.
    fn is_given(&self, block: BlockId, param: Value) -> bool {
        self.attempts.get(&block).is_some_and(|attempt| attempt.index == param && !attempt.counts)
    }

    /// Whether nothing of a block is a statement.
    fn is_silent(&self, block: BlockId) -> bool {
        let insts = self.function.blocks.get(block.index()).map(|block| &block.insts);
        !insts.into_iter().flatten().any(|inst| self.folded.is_statement(inst))
    }

    /// Writes these of a block's instructions; the variables that they declare.
    pub(super) fn statements(&mut self, insts: &[Inst], of: Range<usize>) -> Vec<(Value, String)> {
        let function = self.function;
        let mut defined = Vec::new();
        for (at, inst) in insts.iter().enumerate().take(of.end).skip(of.start) {
            let is_given = self.attempt.as_ref().is_some_and(|(attempt, _)| attempt.is_given(inst));
            let is_found = inst.result.is_some_and(|result| self.found.contains_key(&result));
            if is_given || is_found || !self.folded.is_statement(inst) {
                continue;
            }
            self.comment(function.node_id(inst.node));
            let rest = insts.get(at + 1..).unwrap_or_default();
            if let Some((index, element)) = self.finds_element(inst, rest) {
                let search =
                    if self.wanted_alone.contains(&index) { "run.list_find_alone" } else { "run.list_find_element" };
                let (name, found) = (self.names.of(index).to_owned(), self.name_found(element));
                let expr = self.record(search, inst, Some(inst)).text;
                self.out.line(format!("let ({name}, {found}) = {expr};"));
                defined.extend([(index, name), (element, found)]);
                continue;
            }
            let expr = self.inst(inst).text;
            let Some(result) = inst.result else {
                self.out.line(format!("{expr};"));
                continue;
            };
            let name = self.names.of(result).to_owned();
            if self.hoisted.contains(&result) {
                self.out.line(format!("{name} = {expr};"));
                continue;
            }
            self.out.line(if inst.op == Op::Null || inst.op == Op::Zero {
                format!("let {name}: {} = {expr};", self.held(result))
            } else {
                format!("let {name} = {expr};")
            });
            defined.push((result, name));
        }
        defined
    }

    fn at_terminator(&mut self, block: BlockId) {
        let function = self.function;
        if let Some(block) = function.blocks.get(block.index()) {
            self.comment(function.node_id(block.node));
        }
    }

    /// Names the node that what follows is done for, unless the last comment did.
    pub(super) fn comment(&mut self, node: &Arc<str>) {
        let origin = LineOrigin { graph: self.function.name.clone(), node: node.clone() };
        self.out.from_node((!node.is_empty()).then_some(origin));
        if self.commented != *node {
            self.commented = node.clone();
            if !node.is_empty() {
                self.out.line(format!("// {}", comment(node)));
            }
        }
    }

    /// The parameters of a block that are variables of their own.
    fn declared(&self, block: BlockId) -> Vec<Value> {
        let params = self.params(block).into_iter();
        params.filter(|param| !self.merged.contains_key(param) && !self.is_given(block, *param)).collect()
    }

    /// The value whose variable a value has.
    pub(super) fn variable_of(&self, value: Value) -> Value {
        self.merged.get(&value).copied().unwrap_or(value)
    }

    /// Which parameters of a block are given something, and what.
    pub(super) fn pairs(&self, target: BlockId, args: &[Value]) -> Vec<(Value, Value)> {
        let pairs = self.params(target).into_iter().zip(args.iter().copied());
        let is_new = |(to, from): &(Value, Value)| {
            self.variable_of(*to) != self.variable_of(*from) && !self.is_given(target, *to)
        };
        pairs.filter(is_new).collect()
    }

    /// Whether nothing is written for a body.
    fn is_nothing(&self, body: BodyId) -> bool {
        self.structure.body(body).stmts.iter().all(|stmt| match stmt {
            Stmt::Declare(block) => self.declared(*block).is_empty(),
            Stmt::Insts(block) => self.is_silent(*block),
            Stmt::Pass { target, args, .. } => self.pairs(*target, args).is_empty(),
            _ => false,
        })
    }

    fn pass(&mut self, target: BlockId, args: &[Value], fresh: bool) {
        let mut pairs = self.pairs(target, args);
        if fresh {
            let mutable = if self.headers.contains(&target) { "mut " } else { "" };
            for (param, arg) in
                pairs.iter().copied().filter(|(param, _)| !self.merged.contains_key(param)).collect::<Vec<_>>()
            {
                let value = self.value(arg).text;
                let line = format!("let {mutable}{}: {} = {value};", self.names.of(param), self.held(param));
                self.out.line(line);
            }
            pairs.retain(|(param, _)| self.merged.contains_key(param));
        }
        self.assign(pairs);
    }

    /// Assigns all at once.
    pub(super) fn assign(&mut self, pairs: Vec<(Value, Value)>) {
        let targets: Vec<Value> = pairs.iter().map(|(param, _)| self.variable_of(*param)).collect();
        let reads = pairs.iter().map(|(_, arg)| self.folded.reads(self.function, *arg).into_iter());
        let reads: Vec<Vec<Value>> = reads.map(|reads| reads.map(|read| self.variable_of(read)).collect()).collect();
        match sequence(&targets, &reads) {
            Some(order) => {
                for (param, arg) in order.into_iter().filter_map(|at| pairs.get(at).copied()) {
                    let value = self.value(arg).text;
                    let line = format!("{} = {value};", self.names.of(param));
                    self.out.line(line);
                }
            }
            None => {
                let values: Vec<String> = pairs.iter().map(|(_, arg)| self.value(*arg).text).collect();
                let names: Vec<&str> = targets.iter().map(|param| self.names.of(*param)).collect();
                let line = format!("({}) = ({});", names.join(", "), values.join(", "));
                self.out.line(line);
            }
        }
    }
}
