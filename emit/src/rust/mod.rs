//! Rust source: one function for each handler, function, filter and effect, in safe Rust over `statewright_runtime::emitted`, and
//! `program()`, which gives them to a session.

use statewright_graph::ir::verify::Verified;
use statewright_graph::ir::{FuncId, Function, FunctionRole};
use statewright_types::handler::HandlerInfo;

mod attempt;
mod body;
mod constants;
mod ending;
mod expr;
mod ops;
mod pieces;
mod shortcuts;
mod small;
mod tables;
mod tried;
mod types;
mod width;
mod words;

#[cfg(test)]
mod tests;

use crate::names::Names;
use crate::writer::{LineOrigin, Writer};
use body::{FunctionWriter, Host};
pub use pieces::{MOST_IN_BRANCHES, MOST_OF_FUNCTION, MOST_OF_MODULE, TooLarge, check_sizes, has_large};
use types::Constants;
use words::SPELLING;

/// What emitted source says of its document, beyond the module.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The document's name, for people.
    pub name: &'a str,
    /// As `Program::document_hash`.
    pub document_hash: [u8; 32],
    /// What the handlers declare, in the module's order.
    pub handlers: &'a [HandlerInfo],
    /// The text of the schema.
    pub schema: &'a str,
    /// The text of the configuration, if there is one.
    pub config: Option<&'a str>,
    /// Where `emitted` of the runtime is found: `statewright_runtime::emitted`, or what a crate calls it that exports it.
    pub runtime: &'a str,
}

/// Where `emitted` is for a crate that depends on the runtime.
pub const RUNTIME: &str = "statewright_runtime::emitted";

/// Source text.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The text of a module.
    pub text: String,
    /// The node that each line came from.
    pub lines: Vec<Option<LineOrigin>>,
}

/// Writes a module as Rust: the text of a Rust module, with `pub fn program()`, `program_with(&HostNodes)`, and `SCHEMA`.
pub fn emit(module: &Verified, source: &Source<'_>) -> Emitted {
    let mut constants = Constants::new(module);
    let mut hosts: Vec<Host> = Vec::new();
    let names = function_names(&module.functions);
    let mut functions = Writer::default();
    for (index, function) in module.functions.iter().enumerate() {
        let id = FuncId(index as u32);
        FunctionWriter::new(module, id, function, &names, &mut constants, &mut hosts, &mut functions).write();
    }
    let tables = tables::lines(module, source, &names, &hosts, &mut constants);
    let mut out = Writer::default();
    out.line(format!("//! `{}`, emitted by Statewright: do not edit.", expr::comment(source.name)));
    out.line("");
    out.line("#![allow(clippy::all, unused, non_upper_case_globals)]");
    // It is the same text on every machine, whoever formats the crate that it is checked in to.
    out.line("#![cfg_attr(rustfmt, rustfmt::skip)]");
    out.line("");
    out.line(format!("use {}::*;", source.runtime));
    out.line("");
    constants.lines().iter().for_each(|line| out.line(line));
    out.line("");
    out.append(functions);
    out.append(tables);
    let (whole, origins) = out.finish();
    let mut emitted = Emitted { text: String::with_capacity(whole.len()), lines: Vec::with_capacity(origins.len()) };
    for (line, origin) in whole.lines().zip(origins) {
        for part in width::broken(line) {
            emitted.text.push_str(&part);
            emitted.text.push('\n');
            emitted.lines.push(origin.clone());
        }
    }
    emitted
}

fn function_names(functions: &[Function]) -> Vec<String> {
    let mut names = Names::empty();
    let name = |function: &Function| {
        let role = match function.role {
            FunctionRole::Handler { .. } => "on",
            FunctionRole::Function => "call",
            FunctionRole::Filter => "filter",
            FunctionRole::Effect => "effect",
        };
        // `OnMove` is as good a name as `Move`.
        let name = SPELLING.name(&function.name);
        let said = name.strip_prefix(role).is_some_and(|rest| rest.starts_with('_'));
        names.free(&if said { name } else { SPELLING.name(&format!("{role} {}", function.name)) })
    };
    functions.iter().map(name).collect()
}
