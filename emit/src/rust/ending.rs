//! How blocks end that neither jump nor branch: results, traps, waits, and calls of what may wait.

use statewright_graph::ir::{BlockId, Deadline, FuncId, Function, Target, Terminator, Value, Wait};
use statewright_types::{Type, planted};

use super::body::FunctionWriter;
use super::expr::string;
use crate::structure::Stmt;

impl FunctionWriter<'_, '_> {
    pub(super) fn end(&mut self, block: BlockId, is_tail: bool) {
        let function = self.function;
        let Some(block) = function.blocks.get(block.index()) else { return };
        self.comment(function.node_id(block.node));
        let node = string(function.node_id(block.node));
        let line = match &block.terminator {
            Terminator::Return(value) => {
                let value = value.map_or("()".into(), |value| self.value(value).text);
                if is_tail { format!("Ok({value})") } else { format!("return Ok({value});") }
            }
            Terminator::Trap { code, message } => match message {
                Some(message) => {
                    let message = if planted::is(88) { "0".into() } else { self.value(*message).text };
                    format!("return Err(stop_with(run, TrapCode::{code:?}, {message}, {node}));")
                }
                None => format!("return Err(stop(TrapCode::{code:?}, {node}));"),
            },
            Terminator::Suspend { wait, args, resume, deadlines } => {
                let frame = self.frame(resume, wait.results(), deadlines);
                self.out.line(format!("let frame = {frame};"));
                let args: Vec<String> = args.iter().map(|arg| self.value(*arg).text).collect();
                match wait {
                    Wait::Duration => format!("return Err(wait({}, frame, {node}));", args.join(", ")),
                    Wait::Event => {
                        let data = self.params(resume.block).get(1).map(|data| function.ty(*data).clone());
                        let data = self.constants.ty(&data.unwrap_or(Type::Bool));
                        format!("return Err(wait_for_event(run, {}, &{data}, frame, {node}));", args.join(", "))
                    }
                }
            }
            Terminator::Call { callee, args, resume, deadlines } => {
                return self.call_that_may_wait(*callee, args, resume, deadlines);
            }
            Terminator::Jump(_) | Terminator::Branch { .. } => return,
        };
        self.out.line(line);
    }

    /// What survives. The first parameters of the resume block are `results`.
    fn frame(&mut self, resume: &Target, results: usize, deadlines: &[Deadline]) -> String {
        let values = self.saved(resume, results);
        let mut text = format!("Frame::new(run, {}, {}, &[{values}])", self.index, resume.block.0);
        for deadline in deadlines {
            let (due, values) = (self.value(deadline.due).text, self.saved(&deadline.target, 0));
            if planted::is(87) {
                continue;
            }
            text.push_str(&format!(".until(run, {due}, {}, &[{values}])", deadline.target.block.0));
        }
        text
    }

    fn saved(&mut self, target: &Target, skipped: usize) -> String {
        let params = self.params(target.block);
        let pairs = params.into_iter().skip(skipped).zip(target.args.iter().copied());
        let values: Vec<String> = pairs
            .map(|(param, arg)| {
                let ty = self.constants.ty(&self.function.ty(param).clone());
                format!("(&{ty}, {})", self.bits(arg))
            })
            .collect();
        values.join(", ")
    }

    fn call_that_may_wait(&mut self, callee: FuncId, args: &[Value], resume: &Target, deadlines: &[Deadline]) {
        let has_result = self.module.functions.get(callee.index()).is_some_and(|callee| callee.returns.is_some());
        let name = self.function_names.get(callee.index()).cloned().unwrap_or_default();
        let slots: Vec<String> = args.iter().map(|arg| self.bits(*arg)).collect();
        self.out.open(format!("let result = match {name}(run, fuel, 0, &[{}]) {{", slots.join(", ")));
        self.out.line("Ok(result) => result,");
        let frame = self.frame(resume, usize::from(has_result), deadlines);
        self.out.line(format!("Err(exit) => return Err(exit.through(|| {frame})),"));
        self.out.close("};");
        let params = self.params(resume.block);
        let saved = params.iter().copied().skip(usize::from(has_result)).zip(resume.args.iter().copied());
        self.assign(saved.collect());
        if let Some(param) = params.first().filter(|_| has_result) {
            let line = format!("{} = result;", self.names.of(*param));
            self.out.line(line);
        }
        self.stmt(Stmt::Goto(resume.block), false);
    }
}

/// Where suspensions of a function go on.
pub(super) fn resumes(function: &Function) -> Vec<BlockId> {
    let targets = function.blocks.iter().flat_map(|block| statewright_graph::ir::verify::targets(&block.terminator));
    let mut blocks: Vec<BlockId> =
        targets.filter(|(_, is_resume)| *is_resume).map(|(target, _)| target.block).collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}
