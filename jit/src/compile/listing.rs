//! Generated code as text: which nodes it is from stands between the lines, and beside machine code its addresses and bytes.
//!
//! While it is made, `@` and a number in front of a line is the node that the line is from; [`with_nodes`] makes names of them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use cranelift_codegen::ir::{DebugTag, Function};
use cranelift_codegen::{CompiledCode, Context, MachDebugTagPos};

use super::Listing;
use crate::memory::{Effort, target, target_for_text};

/// Bytes shown of an instruction at most: tables that jumps look up stand behind theirs.
const MOST_BYTES: usize = 24;
/// What Cranelift writes behind an instruction that has tags.
const TAG: &str = "  ; ^-- debug @";

/// The nodes that code is from, by the numbers that stand in front of lines.
#[derive(Default)]
pub(super) struct Nodes {
    ids: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Nodes {
    /// The number of a node.
    pub fn number(&mut self, id: &Arc<str>) -> u32 {
        if let Some(known) = self.numbers.get(id) {
            return *known;
        }
        let number = self.ids.len() as u32;
        self.ids.push(id.clone());
        self.numbers.insert(id.clone(), number);
        number
    }

    fn id(&self, number: u32) -> Option<&Arc<str>> {
        self.ids.get(number as usize).filter(|id| !id.is_empty())
    }
}

/// The listing with a line `; node "find"` wherever another node's code begins, and at the beginning of each block.
pub(super) fn with_nodes(text: &str, nodes: &Nodes, listing: Listing) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut current = None;
    for line in text.lines() {
        let (node, rest) = marked(line);
        if line.starts_with("block") || line.starts_with(';') || line.is_empty() {
            current = None;
        }
        if node.is_some() && node != current {
            current = node;
            let _ = match node.and_then(|node| nodes.id(node)) {
                Some(node) => writeln!(out, "; node {node:?}"),
                None => writeln!(out, "; no node"),
            };
        }
        // Cranelift reads its own marks.
        out.push_str(if listing == Listing::Clif { line } else { rest });
        out.push('\n');
    }
    out
}

/// The number of the node that a line is from, and the rest of it.
fn marked(line: &str) -> (Option<u32>, &str) {
    let Some((number, rest)) = line.strip_prefix('@').and_then(|line| line.split_once(' ')) else {
        return (None, line);
    };
    (u32::from_str_radix(number, 16).ok(), rest)
}

/// Machine code that was made of `function`: what Cranelift wrote while it made it, with addresses and bytes.
///
/// To learn which line stands for which bytes, it is made again with every instruction tagged, which changes nothing else. Would it
/// not be the same to the byte, there are no addresses.
pub(super) fn assembly(function: Function, is_object: bool, effort: Effort, code: &CompiledCode) -> String {
    let tagged = tagged(function, is_object, effort).filter(|tagged| tagged.code_buffer() == code.code_buffer());
    match tagged.as_ref().and_then(|tagged| tagged.vcode.as_deref().map(|text| (tagged, text))) {
        Some((tagged, text)) => with_bytes(text, tagged),
        None => code.vcode.clone().unwrap_or_default(),
    }
}

/// The same function's code, in whose text every instruction is followed by its node's number and its own.
fn tagged(function: Function, is_object: bool, effort: Effort) -> Option<CompiledCode> {
    let mut context = Context::for_function(function);
    context.optimize(&*target(is_object, effort).ok()?, &mut Default::default()).ok()?;
    let func = &mut context.func;
    let insts: Vec<_> = func.layout.blocks().flat_map(|block| func.layout.block_insts(block)).collect();
    for (number, inst) in (0u32..).zip(insts) {
        let node = func.srcloc(inst).bits();
        func.debug_tags.set(inst, [DebugTag::User(node), DebugTag::User(number)]);
    }
    context.set_disasm(true);
    // It is optimised already.
    context.compile(&*target_for_text(is_object, effort).ok()?, &mut Default::default()).ok()?;
    context.take_compiled_code()
}

/// A line of Cranelift's text.
struct Line<'t> {
    text: &'t str,
    /// The number of its node, and its own.
    tags: Option<(u32, u32)>,
    /// Where its bytes begin, if that is known.
    start: Option<usize>,
}

fn with_bytes(text: &str, code: &CompiledCode) -> String {
    let mut lines = lines(text);
    let bytes = code.code_buffer();
    locate(&mut lines, code);
    let mut out = String::with_capacity(text.len() * 3);
    let mut ends: Vec<usize> = lines
        .iter()
        .rev()
        .scan(bytes.len(), |end, line| {
            let this = *end;
            *end = line.start.unwrap_or(this);
            Some(this)
        })
        .collect();
    ends.reverse();
    for (line, end) in lines.iter().zip(ends) {
        if let Some((node, _)) = line.tags {
            let _ = write!(out, "@{node:04x} ");
        }
        match line.start {
            _ if line.text.starts_with("block") => out.push_str(line.text),
            None => {
                let _ = write!(out, "{:>6}  {:<26}{}", "", "", line.text);
            }
            Some(start) => {
                let shown = bytes.get(start..end).unwrap_or_default();
                let mut hex: String = shown.iter().take(MOST_BYTES).map(|byte| format!("{byte:02x}")).collect();
                if shown.len() > MOST_BYTES {
                    hex.push('…');
                }
                let _ = write!(out, "{start:>6x}  {hex:<26}{}", line.text);
            }
        }
        out.push('\n');
    }
    out
}

/// Lines, each with the tags that stand below it.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for text in text.lines() {
        match text.strip_prefix(TAG) {
            None => lines.push(Line { text, tags: None, start: None }),
            Some(tags) => {
                let mut numbers = tags.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
                if let (Some(line), Some(node), Some(number)) = (lines.last_mut(), numbers.next(), numbers.next()) {
                    line.tags = Some((node, number));
                }
            }
        }
    }
    lines
}

/// Finds where lines begin. Lines that have no tags, moves between registers mostly, are not known, nor are jumps that were left out.
fn locate(lines: &mut [Line<'_>], code: &CompiledCode) {
    let mut marks = code.buffer.debug_tags().peekable();
    let mut last = 0;
    let mut next = Some(0);
    for line in lines.iter_mut().filter(|line| !line.text.starts_with("block")) {
        line.start = next.take();
        let Some((node, number)) = line.tags else { continue };
        let tags = [DebugTag::User(node), DebugTag::User(number)];
        // What was left out has left no mark.
        let Some(mark) = marks.next_if(|mark| mark.tags == tags) else { continue };
        let at = mark.offset as usize;
        if at < last {
            continue;
        }
        last = at;
        match mark.pos {
            MachDebugTagPos::Pre => line.start = Some(at),
            // Of calls the mark is where they return to.
            MachDebugTagPos::Post => next = Some(at),
        }
    }
}
