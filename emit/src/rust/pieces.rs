//! Large functions in pieces: what stands in a row is compiled apart, some statements at a time. A compiler takes time and memory
//! with the square of a function's length, so that one of some thousand nodes would keep it busy for many minutes.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{BlockId, Function, Inst, Module, Terminator, Value};

use super::body::FunctionWriter;
use crate::fold::Folded;
use crate::writer::Writer;

/// Instructions of one function at most, for a program that is to be built in minutes.
pub const MOST_OF_FUNCTION: usize = 20_000;
/// Instructions of one function at most that do not stand in a row with many others: those keep a compiler busy for as long as they are
/// in one function.
pub const MOST_IN_BRANCHES: usize = 8_000;
/// Instructions of a document at most.
pub const MOST_OF_MODULE: usize = 100_000;

/// Why a document is not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The function that is too large; none if all together are.
    pub function: Option<Arc<str>>,
    /// What to tell people.
    pub message: String,
}

/// Whether a compiler is done with a module in bounded time and memory, nearly in proportion to it.
///
/// # Errors
/// Says what is too large.
pub fn check_sizes(module: &Module) -> Result<(), TooLarge> {
    let mut all = 0;
    for function in &module.functions {
        let (count, in_branches) = sizes(function);
        all += count;
        let (what, has, most) = match () {
            () if count > MOST_OF_FUNCTION => ("instructions", count, MOST_OF_FUNCTION),
            () if in_branches > MOST_IN_BRANCHES => ("instructions in branches", in_branches, MOST_IN_BRANCHES),
            () => continue,
        };
        let message = format!(
            "`{}` has {has} {what}, and at most {most} are built as Rust: split it into functions, or use the interpreter",
            function.name
        );
        return Err(TooLarge { function: Some(function.name.clone()), message });
    }
    if all > MOST_OF_MODULE {
        let message = format!(
            "the document has {all} instructions, and at most {MOST_OF_MODULE} are built as Rust: use the interpreter"
        );
        return Err(TooLarge { function: None, message });
    }
    Ok(())
}

/// How many instructions a function has, and how many of those stand in blocks of one piece.
fn sizes(function: &Function) -> (usize, usize) {
    let of_block = function.blocks.iter().map(|block| block.insts.len() + block.params.len() + 1);
    of_block
        .fold((0, 0), |(all, short), count| (all + count, if count > 2 * STATEMENTS { short } else { short + count }))
}

/// Whether any function of a module is written in pieces: what optimises well is too slow for such programs.
pub fn has_large(module: &Module) -> bool {
    module.functions.iter().any(is_large)
}

/// Functions of more instructions are written in pieces.
const LARGE: usize = 600;
/// Statements of one piece.
const STATEMENTS: usize = 32;

/// Whether a function is written in pieces.
pub(super) fn is_large(function: &Function) -> bool {
    function.blocks.iter().map(|block| block.insts.len() + 1).sum::<usize>() > LARGE
}

/// A block's instructions in pieces: each has that many statements, and what is written within them.
pub(super) fn pieces(insts: &[Inst], folded: &Folded) -> Vec<Range<usize>> {
    let statements = insts.iter().enumerate().filter(|(_, inst)| folded.is_statement(inst)).map(|(at, _)| at);
    let ends: Vec<usize> = statements.skip(STATEMENTS - 1).step_by(STATEMENTS).map(|at| at + 1).collect();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let all = starts.zip(ends.iter().copied().chain([insts.len()])).map(|(start, end)| start..end);
    all.filter(|piece| !piece.is_empty()).collect()
}

impl FunctionWriter<'_, '_> {
    /// The statements of a block, in pieces if there are many in a large function.
    pub(super) fn insts(&mut self, block: BlockId) {
        let function = self.function;
        let Some(insts) = function.blocks.get(block.index()).map(|block| &block.insts) else { return };
        let pieces = if self.is_large && self.attempt.is_none() { pieces(insts, &self.folded) } else { Vec::new() };
        if pieces.len() < 2 {
            self.statements(insts, 0..insts.len());
            return;
        }
        let needed = match self.needed.take() {
            Some(needed) => needed,
            None => Needed::new(function, &self.folded),
        };
        for piece in pieces {
            let inside = Writer::at_depth(self.out.depth() + 1);
            let outside = std::mem::replace(self.out, inside);
            let defined = self.statements(insts, piece.clone());
            let inside = std::mem::replace(self.out, outside);
            let results =
                defined.into_iter().filter(|(value, _)| needed.is_behind(*value, &piece)).map(|(_, name)| name);
            let results: Vec<String> = results.collect();
            let results = match &results[..] {
                [only] => only.clone(),
                _ => format!("({})", results.join(", ")),
            };
            self.out.open(if results == "()" { "apart(|| {".into() } else { format!("let {results} = apart(|| {{") });
            self.out.append(inside);
            self.out.line(format!("Ok({results})"));
            self.out.close("})?;");
        }
        self.needed = Some(needed);
    }
}

/// Where values are read.
pub(super) struct Needed {
    /// The block that defines a value.
    home: HashMap<Value, usize>,
    /// The last instruction of that block that reads it; `usize::MAX` where something behind the block does.
    last: HashMap<Value, usize>,
}

impl Needed {
    pub fn new(function: &Function, folded: &Folded) -> Needed {
        let blocks = || function.blocks.iter().enumerate();
        let defined = blocks().flat_map(|(index, block)| block.insts.iter().map(move |inst| (inst.result, index)));
        let home = defined.filter_map(|(result, index)| Some((result?, index))).collect();
        let mut needed = Needed { home, last: HashMap::new() };
        for (index, block) in blocks() {
            for (at, inst) in block.insts.iter().enumerate().filter(|(_, inst)| folded.is_statement(inst)) {
                inst.args.iter().for_each(|arg| needed.read(function, folded, *arg, (index, at)));
            }
            let mut at_end = |value: Value| needed.read(function, folded, value, (index, usize::MAX));
            targets(&block.terminator).flat_map(|(target, _)| target.args.iter()).for_each(|arg| at_end(*arg));
            match &block.terminator {
                Terminator::Jump(_) => {}
                Terminator::Branch { condition, .. } => at_end(*condition),
                Terminator::Return(value) => value.iter().for_each(|value| at_end(*value)),
                Terminator::Trap { message, .. } => message.iter().for_each(|value| at_end(*value)),
                Terminator::Suspend { args, deadlines, .. } | Terminator::Call { args, deadlines, .. } => {
                    args.iter().for_each(|arg| at_end(*arg));
                    deadlines.iter().for_each(|deadline| at_end(deadline.due));
                }
            }
        }
        needed
    }

    fn read(&mut self, function: &Function, folded: &Folded, value: Value, (block, at): (usize, usize)) {
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let at = if self.home.get(&value) == Some(&block) { at } else { usize::MAX };
            let last = self.last.entry(value).or_default();
            *last = (*last).max(at);
            // An element that is found with its index is read by its own name, though it would be written as an expression.
            if let Some(inst) = folded.inside(function, value) {
                open.extend(inst.args.iter());
            }
        }
    }

    /// Whether something behind a piece of its block reads a value.
    pub fn is_behind(&self, value: Value, piece: &Range<usize>) -> bool {
        self.last.get(&value).is_some_and(|last| *last >= piece.end)
    }
}
