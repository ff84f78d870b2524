//! A function of the module as a function of JavaScript.
//!
//! One that cannot wait takes its parameters, and is nested loops and branches. One that may wait is a state machine: it takes the
//! block to go on at and that block's values, and gives a `Suspension` where it waits, with the same frames as every execution has.

use std::collections::{BTreeSet, HashMap};

use statewright_graph::ir::{Block, BlockId, Deadline, Function, Inst, Op, Target, Terminator, Value, Wait};
use statewright_types::{Schema, Type};

use super::arrays::{Arrays, arrays};
use super::charges::{Charge, charges};
use super::expression::{Expressions, Needs};
use super::labels::{Enclosing, continuing, label, labels, leaving};
use super::literal;
use super::words::SPELLING;
use crate::fold::{Folded, Folding};
use crate::merge::{Merged, merged};
use crate::names::Names;
use crate::structure::{Body, BodyId, Stmt, Structure, structure};
use crate::writer::{LineOrigin, Writer};
use statewright_graph::ranges::Ranges;

/// What a module is around the function.
pub struct Around<'a> {
    pub schema: &'a Schema,
    /// Names of all functions.
    pub functions: &'a [String],
    /// Which of them may wait.
    pub suspends: &'a [bool],
    /// The function's position.
    pub index: usize,
}

/// What goes into expressions of JavaScript.
struct Script;

impl Folding for Script {
    // What reads or may stop keeps its place among the operands of one expression.
    fn nests(&self, inst: &Inst) -> bool {
        inst.result.is_some() && inst.op != Op::Call
    }
}

/// Writes one function.
pub fn write(function: &Function, around: &Around<'_>, needs: &mut Needs, out: &mut Writer) {
    let structure = structure(function);
    let folded = Folded::new(function, &Script);
    let mut names = Names::new(function, &SPELLING, |value| folded.inside(function, value).is_none());
    let merged = merged(function, &structure);
    merged.iter().for_each(|(value, with)| names.share(*value, *with));
    let arrays = arrays(function, around.schema, &structure, &folded, &mut names);
    let ranges = Ranges::new(function, around.schema);
    let expressions = Expressions {
        function,
        schema: around.schema,
        folded: &folded,
        names: &names,
        ranges: &ranges,
        functions: around.functions,
        needs,
        arrays: HashMap::new(),
    };
    let (around_here, has_fuel) = (Vec::new(), keeps_fuel(function, &structure));
    let labels = labels(function, &structure);
    let mut writer = FunctionWriter {
        function,
        around,
        structure: &structure,
        names: &names,
        expressions,
        out,
        around_here,
        labels,
        has_fuel,
        arrays,
        merged,
        owed: Charge::default(),
    };
    writer.whole();
}

pub(super) struct FunctionWriter<'a, 'n> {
    pub function: &'a Function,
    around: &'a Around<'a>,
    pub structure: &'a Structure,
    names: &'a Names,
    pub expressions: Expressions<'a>,
    pub out: &'n mut Writer,
    pub around_here: Vec<Enclosing>,
    /// Labels that something leads to by name.
    labels: BTreeSet<BlockId>,
    /// Whether the fuel that is left is a variable of its own.
    pub has_fuel: bool,
    /// Of loops that change no list.
    arrays: Arrays,
    /// Parameters that are a variable of the loop.
    merged: Merged,
    /// What was charged before a branch and is written behind it.
    pub owed: Charge,
}

/// Whether a function counts its fuel in a variable: it has a loop, and nothing in it looks at the activation's fuel.
fn keeps_fuel(function: &Function, structure: &Structure) -> bool {
    let looks = |inst: &Inst| matches!(inst.op, Op::Call | Op::FuelN | Op::FuelShort);
    let has_loop = structure.bodies.iter().flat_map(|body| &body.stmts).any(|stmt| matches!(stmt, Stmt::Loop { .. }));
    let is_plain = !function.suspends && structure.arms.len() == 1;
    is_plain && has_loop && !function.blocks.iter().flat_map(|block| &block.insts).any(looks)
}

impl FunctionWriter<'_, '_> {
    pub(super) fn block(&self, id: BlockId) -> Option<&Block> {
        self.function.blocks.get(id.index())
    }

    fn params(&self, id: BlockId) -> Vec<Value> {
        self.block(id).map_or(Vec::new(), |block| block.params.to_vec())
    }

    fn name(&self, value: Value) -> String {
        self.names.of(value).to_owned()
    }

    fn name_list(&self, values: &[Value]) -> String {
        values.iter().map(|value| self.names.of(*value)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn origin(&mut self, node: statewright_graph::ir::NodeTag) {
        let id = self.function.node_id(node);
        let graph = self.function.name.clone();
        self.out.from_node((!id.is_empty()).then(|| LineOrigin { graph, node: id.clone() }));
    }

    fn whole(&mut self) {
        let name = self.around.functions.get(self.around.index).cloned().unwrap_or_default();
        let entry = self.params(BlockId(0));
        if self.function.suspends {
            self.out.open(format!("function {name}(cx, at = 0, values = []) {{"));
        } else {
            let params: String = entry.iter().map(|param| format!(", {}", self.names.of(*param))).collect();
            self.out.open(format!("function {name}(cx{params}) {{"));
        }
        let arms = self.structure.arms.clone();
        let mut hoisted: Vec<Value> = self.structure.hoisted.clone();
        let heads = arms.iter().skip(usize::from(!self.function.suspends));
        for arm in heads {
            hoisted.extend(self.params(arm.block));
        }
        hoisted.retain(|value| !self.names.of(*value).is_empty());
        hoisted.sort_unstable();
        hoisted.dedup();
        if !self.function.suspends {
            hoisted.retain(|value| !entry.contains(value));
        }
        for few in hoisted.chunks(12) {
            let names = self.name_list(few);
            self.out.line(format!("let {names};"));
        }
        if self.function.suspends {
            self.entries();
        } else if arms.len() > 1 {
            self.out.line("let at = 0;");
        }
        let is_machine = self.function.suspends || arms.len() > 1;
        if is_machine {
            self.out.open("arms: for (;;) switch (at) {");
            self.around_here.push(Enclosing::Arms);
            for arm in arms {
                self.out.open(format!("case {}: {{", arm.block.0));
                self.body(arm.body);
                if self.structure.body(arm.body).completes {
                    self.out.line("return undefined;");
                }
                self.out.close("}");
            }
            self.around_here.pop();
            self.out.line("default:");
            let name = self.expressions.import("trap");
            self.out.line(format!("    return {name}(\"bad_argument\", \"\", \"this suspension does not belong to the program that runs it\");"));
            self.out.close("}");
        } else if let Some(arm) = arms.first() {
            if self.has_fuel {
                self.out.line("let { fuel } = cx;");
                self.out.open("try {");
            }
            self.body(arm.body);
            if self.has_fuel {
                self.out.from_node(None);
                self.out.between("} finally {");
                self.out.line("cx.fuel = Math.max(fuel, 0);");
                self.out.close("}");
            }
        }
        self.out.from_node(None);
        self.out.close("}");
    }

    /// Gives the parameters of the block to begin or go on at their values.
    fn entries(&mut self) {
        self.out.open("switch (at) {");
        for arm in self.structure.arms.clone() {
            let params = self.params(arm.block);
            let is_entry = arm.block.0 == 0 || is_resumed(self.function, arm.block);
            if !is_entry || params.is_empty() {
                continue;
            }
            let names = self.name_list(&params);
            self.out.line(format!("case {}:", arm.block.0));
            self.out.line(format!("    [{names}] = values;"));
            self.out.line("    break;");
        }
        self.out.close("}");
    }

    fn body(&mut self, id: BodyId) {
        let Body { stmts, .. } = self.structure.body(id).clone();
        for (at, stmt) in stmts.iter().enumerate() {
            match stmt {
                Stmt::Insts(block) => {
                    let leaves_last = self.takes_charges(*block, stmts.get(at + 1..).unwrap_or_default());
                    self.insts(*block, leaves_last);
                }
                Stmt::Declare(_) | Stmt::If { .. } | Stmt::Labelled { .. } => self.stmt(stmt),
                _ => {
                    self.pay_owed();
                    self.stmt(stmt);
                }
            }
        }
        self.pay_owed();
    }

    fn is_hoisted(&self, value: Value) -> bool {
        self.structure.hoisted.binary_search(&value).is_ok()
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Declare(block) => {
                let mut params = self.params(*block);
                params.retain(|value| {
                    !self.is_hoisted(*value) && !self.names.of(*value).is_empty() && !self.merged.contains_key(value)
                });
                if !params.is_empty() && !self.structure.is_arm(*block) {
                    let names = self.name_list(&params);
                    self.out.line(format!("let {names};"));
                }
            }
            Stmt::Insts(block) => self.insts(*block, false),
            Stmt::Pass { from, target, args, fresh } => self.pass(*from, *target, args, *fresh),
            Stmt::If { from, condition, negated, then, otherwise, flat } => {
                let owed = std::mem::take(&mut self.owed);
                let [is_empty, is_nothing] = [then, otherwise].map(|body| owed.is_empty() && self.is_nothing(*body));
                if is_empty && is_nothing {
                    // What it depends on may still stop.
                    if self.expressions.folded.inside(self.function, *condition).is_some() {
                        let condition = self.expressions.value(*condition, from.index()).text;
                        self.out.line(format!("{condition};"));
                    }
                    return;
                }
                let (then, otherwise, negated) =
                    if is_empty { (otherwise, then, !negated) } else { (then, otherwise, *negated) };
                let node = self.block(*from).map_or(statewright_graph::ir::NodeTag(0), |block| block.node);
                self.origin(node);
                let condition = self.expressions.value(*condition, from.index());
                let condition = if negated { format!("!{}", condition.operand()) } else { condition.text };
                self.out.open(format!("if ({condition}) {{"));
                self.owed.clone_from(&owed);
                self.body(*then);
                self.owed = owed;
                if *flat || is_nothing || is_empty {
                    self.out.close("}");
                    if *flat {
                        self.body(*otherwise);
                    }
                } else {
                    self.out.between("} else {");
                    self.body(*otherwise);
                    self.out.close("}");
                }
            }
            Stmt::Loop { header, follow, body, .. } => {
                let arrays = self.arrays.remove(header).unwrap_or_default();
                for (list, array) in &arrays {
                    let line = format!("const {array} = {}.items;", self.names.of(*list));
                    self.out.line(line);
                    self.expressions.arrays.insert(*list, array.clone());
                }
                let label = if self.labels.contains(header) { label(*header) } else { String::new() };
                self.out.open(format!("{label}for (;;) {{"));
                self.around_here.push(Enclosing::Loop { header: *header, follow: *follow });
                self.body(*body);
                self.around_here.pop();
                self.out.close("}");
                for (list, _) in &arrays {
                    self.expressions.arrays.remove(list);
                }
            }
            Stmt::Labelled { label: to, body, is_used } => {
                if *is_used && self.labels.contains(to) {
                    self.out.open(format!("{}{{", label(*to)));
                    self.around_here.push(Enclosing::Labelled(*to));
                    self.body(*body);
                    self.around_here.pop();
                    self.out.close("}");
                } else {
                    self.body(*body);
                }
            }
            Stmt::Break(to) => {
                let label = leaving(&self.around_here, *to).map_or(String::new(), |block| format!(" b{}", block.0));
                self.out.line(format!("break{label};"));
            }
            Stmt::Continue(to) => {
                let label = continuing(&self.around_here, *to).map_or(String::new(), |block| format!(" b{}", block.0));
                self.out.line(format!("continue{label};"));
            }
            Stmt::Goto(to) => self.go_to(*to),
            Stmt::End(block) => self.end(*block),
        }
    }

    /// On with the loop over arms.
    fn go_to(&mut self, to: BlockId) {
        self.out.line(format!("at = {};", to.0));
        self.out.line("continue arms;");
    }

    /// What a block does. What it charges last, and what was owed before it and not paid by then, is still owed if `leaves_last`.
    fn insts(&mut self, id: BlockId, leaves_last: bool) {
        let function = self.function;
        let Some(block) = function.blocks.get(id.index()) else { return };
        let owed = std::mem::take(&mut self.owed);
        let mut charges = charges(function, block, owed, |inst| self.expressions.goes_on(inst, id.index()));
        match charges.last.take() {
            Some((_, last)) if leaves_last => self.owed = last,
            last => charges.at.extend(last),
        }
        let mut charges = charges.at.into_iter().peekable();
        for (at, inst) in block.insts.iter().enumerate() {
            while let Some((_, charge)) = charges.next_if(|(first, _)| *first == at) {
                self.pay(&charge);
            }
            let is_written = !matches!(inst.op, Op::Enter | Op::Leave | Op::Probe | Op::Fuel);
            if is_written && self.expressions.folded.is_statement(inst) {
                self.origin(inst.node);
                self.inst(inst, id.index());
            }
        }
        charges.for_each(|(_, charge)| self.pay(&charge));
    }

    fn inst(&mut self, inst: &Inst, block: usize) {
        if inst.op == Op::Store
            && let Some(line) = self.expressions.number_store(inst, block)
        {
            self.out.line(line);
            return;
        }
        let text = self.expressions.inst(inst, block).text;
        match inst.result {
            None => self.out.line(format!("{text};")),
            Some(result) if self.is_hoisted(result) => {
                let name = self.name(result);
                self.out.line(format!("{name} = {text};"));
            }
            Some(result) => {
                let name = self.name(result);
                self.out.line(format!("const {name} = {text};"));
            }
        }
    }

    /// The value whose variable a value has.
    fn variable_of(&self, value: Value) -> Value {
        self.merged.get(&value).copied().unwrap_or(value)
    }

    /// Whether nothing is written for a body.
    fn is_nothing(&self, body: BodyId) -> bool {
        self.structure.body(body).stmts.iter().all(|stmt| match stmt {
            Stmt::Declare(block) => self.params(*block).iter().all(|param| self.merged.contains_key(param)),
            Stmt::Insts(block) => self.block(*block).is_none_or(|block| {
                let written = |inst: &&Inst| !matches!(inst.op, Op::Enter | Op::Leave | Op::Probe);
                !block.insts.iter().filter(written).any(|inst| self.expressions.folded.is_statement(inst))
            }),
            Stmt::Pass { target, args, .. } => {
                let mut pairs = self.block(*target).into_iter().flat_map(|block| block.params.iter().zip(&**args));
                pairs.all(|(param, arg)| self.variable_of(*param) == self.variable_of(*arg))
            }
            _ => false,
        })
    }

    /// Gives the parameters of a block their values, all at once.
    fn pass(&mut self, from: BlockId, target: BlockId, args: &[Value], fresh: bool) {
        let node = self.block(from).map_or(statewright_graph::ir::NodeTag(0), |block| block.node);
        self.origin(node);
        let params = self.params(target);
        let is_arm = self.structure.is_arm(target);
        let mut moves: Vec<(Value, String, Vec<Value>)> = Vec::new();
        for (param, arg) in params.iter().zip(args) {
            let variable = self.variable_of(*param);
            if variable == self.variable_of(*arg) {
                continue;
            }
            let text = self.expressions.value(*arg, from.index()).text;
            let reads = self.expressions.folded.reads(self.function, *arg);
            moves.push((variable, text, reads.into_iter().map(|read| self.variable_of(read)).collect()));
        }
        if fresh {
            let is_own = |(param, ..): &(Value, String, Vec<Value>)| params.contains(param);
            for (param, text, _) in moves.iter().filter(|moved| is_own(moved)) {
                let keyword = if is_arm || self.is_hoisted(*param) { "" } else { "let " };
                let name = self.name(*param);
                self.out.line(format!("{keyword}{name} = {text};"));
            }
            moves.retain(|moved| !is_own(moved));
        }
        // One after the other, what nothing that follows reads first.
        while !moves.is_empty() {
            let free = (0..moves.len()).find(|at| {
                let (param, ..) = &moves[*at];
                moves.iter().enumerate().all(|(other, (_, _, reads))| other == *at || !reads.contains(param))
            });
            let Some(at) = free else { break };
            let (param, text, _) = moves.remove(at);
            let name = self.name(param);
            self.out.line(format!("{name} = {text};"));
        }
        if !moves.is_empty() {
            let params: Vec<Value> = moves.iter().map(|(param, ..)| *param).collect();
            let texts: Vec<&str> = moves.iter().map(|(_, text, _)| text.as_str()).collect();
            let names = self.name_list(&params);
            self.out.line(format!("[{names}] = [{}];", texts.join(", ")));
        }
    }

    fn values(&mut self, values: &[Value], block: usize) -> String {
        values.iter().map(|value| self.expressions.value(*value, block).text).collect::<Vec<_>>().join(", ")
    }

    fn end(&mut self, id: BlockId) {
        let function = self.function;
        let Some(block) = function.blocks.get(id.index()) else { return };
        self.origin(block.node);
        let node = literal::text(function.node_id(block.node));
        let at = id.index();
        match &block.terminator {
            Terminator::Return(None) => self.out.line("return undefined;"),
            Terminator::Return(Some(value)) => {
                let value = self.expressions.value(*value, at).text;
                self.out.line(format!("return {value};"));
            }
            Terminator::Trap { code, message } => {
                let message = match message {
                    Some(message) => format!(", {}", self.expressions.value(*message, at).text),
                    None => String::new(),
                };
                let name = self.expressions.import("trap");
                self.out.line(format!("return {name}({}, {node}{message});", literal::text(code.code())));
            }
            Terminator::Suspend { wait, args, resume, deadlines } => {
                let frame = self.frame(resume, deadlines, at);
                let args = args.iter().map(|arg| self.expressions.value(*arg, at).operand()).collect::<Vec<_>>();
                let wait = match (wait, args.as_slice()) {
                    (Wait::Duration, [duration]) => {
                        format!("{{ duration: {}({duration}, 1) }}", self.expressions.import("imax"))
                    }
                    (Wait::Event, [event, timeout]) => {
                        let ty = self.data(resume.block);
                        format!("{{ event: {event}, timeout: {timeout}, data: {ty} }}")
                    }
                    _ => "{}".to_owned(),
                };
                let name = self.expressions.import("Suspension");
                self.out.line(format!("return new {name}({wait}, {frame}, {node});"));
            }
            Terminator::Call { callee, args, resume, deadlines } => {
                let name = self.around.functions.get(callee.index()).cloned().unwrap_or_default();
                let args = self.values(args, at);
                let suspends = self.around.suspends.get(callee.index()).copied().unwrap_or(false);
                let call = if suspends { format!("{name}(cx, 0, [{args}])") } else { format!("{name}(cx, {args})") };
                let frame = self.frame(resume, deadlines, at);
                let suspension = self.expressions.import("Suspension");
                let params = self.params(resume.block);
                let has_result = params.len() > resume.args.len();
                self.out.open("{");
                self.out.line(format!("const result = {call};"));
                self.out.line(format!("if (result instanceof {suspension}) return result.within({frame});"));
                let mut from: Vec<String> = Vec::new();
                if has_result {
                    from.push("result".to_owned());
                }
                for value in resume.args.iter() {
                    from.push(self.expressions.value(*value, at).text);
                }
                let moves: Vec<(String, String)> =
                    params.iter().map(|param| self.name(*param)).zip(from).filter(|(to, from)| to != from).collect();
                match moves.as_slice() {
                    [] => {}
                    [(to, from)] => self.out.line(format!("{to} = {from};")),
                    many => {
                        let to = many.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>().join(", ");
                        let from = many.iter().map(|(_, from)| from.as_str()).collect::<Vec<_>>().join(", ");
                        self.out.line(format!("[{to}] = [{from}];"));
                    }
                }
                self.out.close("}");
                self.go_to(resume.block);
            }
            Terminator::Jump(_) | Terminator::Branch { .. } => {}
        }
    }

    /// What a wait for an event gives of it: the type of the resume block's second parameter.
    fn data(&mut self, block: BlockId) -> String {
        match self.params(block).get(1) {
            Some(data) => {
                let ty: &Type = self.function.ty(*data);
                self.expressions.needs.types.name(ty)
            }
            None => "null".to_owned(),
        }
    }

    /// Where this function goes on.
    fn frame(&mut self, resume: &Target, deadlines: &[Deadline], at: usize) -> String {
        let values = self.values(&resume.args, at);
        let mut later = Vec::new();
        for deadline in deadlines {
            let due = self.expressions.value(deadline.due, at).text;
            let values = self.values(&deadline.target.args, at);
            later.push(format!("{{ due: {due}, block: {}, values: [{values}] }}", deadline.target.block.0));
        }
        let (function, block) = (self.around.index, resume.block.0);
        format!("{{ function: {function}, block: {block}, values: [{values}], deadlines: [{}] }}", later.join(", "))
    }
}

/// Whether a suspension goes on there.
pub fn is_resumed(function: &Function, block: BlockId) -> bool {
    let terminators = function.blocks.iter().map(|block| &block.terminator);
    let mut targets = terminators.flat_map(statewright_graph::ir::verify::targets);
    targets.any(|(target, is_resume)| is_resume && target.block == block)
}
