//! The text of the IR: [`print()`] and [`parse`], inverse of each other on verified modules.
//!
//! ```text
//! module root GameState traced            ; `traced` only where `enter`, `probe`… may occur
//!
//! handler "OnScore" event "Scored" ("senderID": string, "points": int32) suspends {
//!     nodes "getPlayer", "add"            ; ids of the graph's nodes after the empty one, in order
//!     unused v9: int64                    ; values in the table that nothing defines
//! b0(v0: string, v1: int64):
//!     fuel 1 @"getPlayer"
//!     v2: GameState = root GameState @"getPlayer"
//!     v3: int64 = load GameState.Score v2 @"add"
//!     v4: int64 = iadd v3, v1 @"add"
//!     v5: bool = icmp lt v4, v1
//!     branch v5, b1(v4), b2() @"add"
//! b1(v6: int64):
//!     suspend duration v6 -> b3(v6) @"wait"
//! b2():
//!     trap custom v0 @"fail"
//! b3(v7: int64):
//!     return
//! }
//!
//! function "Twice" ("x": int64) -> int64 {
//! b0(v0: int64):
//!     v1: int64 = iadd v0, v0
//!     return v1
//! }
//! ```
//!
//! One instruction a line; `;` begins a comment. A line is an optional result `vN: TYPE =`, the mnemonic, the
//! constant part, the operands, and `@"id"` for the node it was lowered from. Which constant part and how many
//! operands there are follows from the row of [`ops`](super::ops). Constant parts: integers in decimal; floats as the
//! shortest decimal that reads back, `inf`, `-inf`, and NaNs as their bits, `0x7ff8000000000000`; bools; strings as in
//! JSON; types as documents spell them, records as `{"name": TYPE, …}`; structs by name; fields as `Struct.Field`;
//! conditions `eq ne lt le gt ge`; codes of traps; functions by name as a string, or `#N` by position; nodes
//! of the host program by name as a string, and `-> TYPE` if they have outputs. Names that are
//! no identifiers stand in quotes.
//!
//! Terminators: `jump bN(…)`; `branch vC, bT(…), bE(…)`; `return` and `return vN`; `trap CODE` and `trap CODE vN`;
//! `suspend duration vN -> bR(…)`; `suspend event vE, vT -> bR(…)`; `call_suspending "name"(…) -> bR(…)`; these
//! three may be followed by deadlines, `until vN -> bD(…)`, innermost first.
//!
//! Blocks stand in order, `b0` first. Where `nodes` is left out, ids enter the table as they occur.

use std::fmt::{self, Display, Formatter, Write as _};
use std::sync::Arc;

use statewright_types::json::quote;
use statewright_types::{Schema, StructId, Type};

use super::typing::field_type;
use super::{
    Block, Cond, Deadline, FuncId, Function, FunctionRole, Imm, Inst, Module, NodeTag, Target, Terminator, Value, Wait,
};

mod parse;

pub use parse::{IrTextError, parse};

/// The text of a whole module.
pub fn print(module: &Module) -> String {
    module.to_string()
}

impl Display for Module {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "module root {}", Name(&struct_name(Some(&self.schema), self.root)))?;
        f.write_str(if self.traced { " traced\n" } else { "\n" })?;
        for function in &self.functions {
            write!(f, "\n{}", Printed { function, module: Some(self) })?;
        }
        Ok(())
    }
}

/// Without its module: struct types, fields and functions are shown by position (`#3`). For messages; it does not
/// read back.
impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Printed { function: self, module: None })
    }
}

/// A name as it stands in the text: bare if it is an identifier, else quoted.
struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_bare = self.0.strip_prefix('#').unwrap_or(self.0).chars().all(is_word) && !self.0.is_empty();
        if is_bare && Type::scalar_by_name(self.0).is_none() && self.0 != "map" {
            return f.write_str(self.0);
        }
        write!(f, "{}", quote(self.0))
    }
}

/// Whether `c` may stand in a bare name.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn struct_name(schema: Option<&Arc<Schema>>, id: StructId) -> Arc<str> {
    match schema.and_then(|schema| schema.types().get(id.index())) {
        Some(def) => def.name.clone(),
        None => format!("#{}", id.0).into(),
    }
}

/// A type with names from the schema.
struct TypeText<'a>(Option<&'a Arc<Schema>>, &'a Type);

impl Display for TypeText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let inner = |ty| TypeText(self.0, ty);
        match self.1 {
            Type::List(element) => write!(f, "[]{}", inner(element)),
            Type::Map(key, value) => write!(f, "map[{}]{}", inner(key), inner(value)),
            Type::Nullable(ty) => write!(f, "*{}", inner(ty)),
            Type::Struct(id) => write!(f, "{}", Name(&struct_name(self.0, *id))),
            Type::Record(record) => {
                f.write_char('{')?;
                for (index, (name, ty)) in record.fields.iter().enumerate() {
                    let separator = if index > 0 { ", " } else { "" };
                    write!(f, "{separator}{}: {}", quote(name), inner(ty))?;
                }
                f.write_char('}')
            }
            scalar => write!(f, "{}", scalar.display(&|id| format!("#{}", id.0).into())),
        }
    }
}

struct Printed<'a> {
    function: &'a Function,
    module: Option<&'a Module>,
}

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let function = self.function;
        match &function.role {
            FunctionRole::Handler { event } => {
                write!(f, "handler {} event {} (", quote(&function.name), quote(event))?;
            }
            FunctionRole::Function => write!(f, "function {} (", quote(&function.name))?,
            FunctionRole::Filter => write!(f, "filter {} (", quote(&function.name))?,
            FunctionRole::Effect => write!(f, "effect {} (", quote(&function.name))?,
        }
        for (index, param) in function.params.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{}: {}", quote(&param.name), self.ty(&param.ty))?;
        }
        f.write_char(')')?;
        if let Some(ty) = &function.returns {
            write!(f, " -> {}", self.ty(ty))?;
        }
        f.write_str(if function.suspends { " suspends {\n" } else { " {\n" })?;
        self.tables(f)?;
        for (index, block) in function.blocks.iter().enumerate() {
            self.block(f, index, block)?;
        }
        f.write_str("}\n")
    }
}

impl<'a> Printed<'a> {
    fn schema(&self) -> Option<&'a Arc<Schema>> {
        self.module.map(|module| &module.schema)
    }

    fn ty(&self, ty: &'a Type) -> TypeText<'a> {
        TypeText(self.schema(), ty)
    }

    fn typed(&self, f: &mut Formatter<'_>, value: Value) -> fmt::Result {
        match self.function.values.get(value.index()) {
            Some(ty) => write!(f, "v{}: {}", value.0, self.ty(ty)),
            None => write!(f, "v{}: ?", value.0),
        }
    }

    fn tables(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, id) in self.function.nodes.iter().skip(1).enumerate() {
            write!(f, "{}{}", if index > 0 { ", " } else { "    nodes " }, quote(id))?;
        }
        if self.function.nodes.len() > 1 {
            f.write_char('\n')?;
        }
        let mut is_defined = vec![false; self.function.values.len()];
        for block in &self.function.blocks {
            for value in block.params.iter().chain(block.insts.iter().filter_map(|inst| inst.result.as_ref())) {
                if let Some(flag) = is_defined.get_mut(value.index()) {
                    *flag = true;
                }
            }
        }
        for (index, _) in is_defined.iter().enumerate().filter(|(_, is_defined)| !**is_defined) {
            f.write_str("    unused ")?;
            self.typed(f, Value(index as u32))?;
            f.write_char('\n')?;
        }
        Ok(())
    }

    fn block(&self, f: &mut Formatter<'_>, index: usize, block: &Block) -> fmt::Result {
        write!(f, "b{index}(")?;
        for (position, param) in block.params.iter().enumerate() {
            f.write_str(if position > 0 { ", " } else { "" })?;
            self.typed(f, *param)?;
        }
        f.write_str("):\n")?;
        for inst in &block.insts {
            self.inst(f, inst)?;
        }
        f.write_str("    ")?;
        self.terminator(f, &block.terminator)?;
        self.tag(f, block.node)
    }

    fn inst(&self, f: &mut Formatter<'_>, inst: &Inst) -> fmt::Result {
        f.write_str("    ")?;
        if let Some(result) = inst.result {
            self.typed(f, result)?;
            f.write_str(" = ")?;
        }
        f.write_str(inst.op.row().mnemonic)?;
        self.imm(f, &inst.imm)?;
        for (index, value) in inst.args.iter().enumerate() {
            write!(f, "{}v{}", if index > 0 { ", " } else { " " }, value.0)?;
        }
        self.tag(f, inst.node)
    }

    fn tag(&self, f: &mut Formatter<'_>, tag: NodeTag) -> fmt::Result {
        match self.function.nodes.get(tag.index()) {
            _ if tag.0 == 0 => f.write_char('\n'),
            Some(id) => writeln!(f, " @{}", quote(id)),
            None => writeln!(f, " @#{}", tag.0),
        }
    }

    fn imm(&self, f: &mut Formatter<'_>, imm: &Imm) -> fmt::Result {
        match imm {
            Imm::None => Ok(()),
            Imm::Int(value) => write!(f, " {value}"),
            Imm::Float(bits) => match f64::from_bits(*bits) {
                value if value.is_nan() => write!(f, " {bits:#018x}"),
                value => write!(f, " {value:?}"),
            },
            Imm::Bool(value) => write!(f, " {value}"),
            Imm::Str(text) => write!(f, " {}", quote(text)),
            Imm::Type(ty) => write!(f, " {}", TypeText(self.schema(), ty)),
            Imm::Struct(id) => write!(f, " {}", Name(&struct_name(self.schema(), *id))),
            Imm::Field(id, field) => {
                write!(f, " {}.", Name(&struct_name(self.schema(), *id)))?;
                match self.schema().filter(|schema| field_type(schema, *id, *field).is_some()) {
                    Some(schema) => {
                        let def = schema.types().get(id.index());
                        let field = def.and_then(|def| def.fields.get(*field as usize));
                        write!(f, "{}", Name(field.map_or("", |field| &field.name)))
                    }
                    None => write!(f, "#{field}"),
                }
            }
            Imm::Cond(cond) => write!(f, " {}", cond_text(*cond)),
            Imm::Trap(code) => write!(f, " {code}"),
            Imm::Host(node) => {
                write!(f, " {}", quote(&node.name))?;
                match &node.output {
                    Some(ty) => write!(f, " -> {}", TypeText(self.schema(), ty)),
                    None => Ok(()),
                }
            }
            Imm::Func(id) => {
                f.write_char(' ')?;
                self.callee(f, *id)
            }
        }
    }

    fn callee(&self, f: &mut Formatter<'_>, id: FuncId) -> fmt::Result {
        let functions = self.module.map_or(&[][..], |module| &module.functions);
        let named = functions.get(id.index()).filter(|function| function.role == FunctionRole::Function);
        match named {
            Some(function) => write!(f, "{}", quote(&function.name)),
            None => write!(f, "#{}", id.0),
        }
    }

    fn target(&self, f: &mut Formatter<'_>, target: &Target) -> fmt::Result {
        write!(f, "b{}", target.block.0)?;
        self.args(f, &target.args)
    }

    fn args(&self, f: &mut Formatter<'_>, args: &[Value]) -> fmt::Result {
        f.write_char('(')?;
        for (index, value) in args.iter().enumerate() {
            write!(f, "{}v{}", if index > 0 { ", " } else { "" }, value.0)?;
        }
        f.write_char(')')
    }

    fn terminator(&self, f: &mut Formatter<'_>, terminator: &Terminator) -> fmt::Result {
        match terminator {
            Terminator::Jump(target) => {
                f.write_str("jump ")?;
                self.target(f, target)
            }
            Terminator::Branch { condition, then, otherwise } => {
                write!(f, "branch v{}, ", condition.0)?;
                self.target(f, then)?;
                f.write_str(", ")?;
                self.target(f, otherwise)
            }
            Terminator::Return(None) => f.write_str("return"),
            Terminator::Return(Some(value)) => write!(f, "return v{}", value.0),
            Terminator::Trap { code, message: None } => write!(f, "trap {code}"),
            Terminator::Trap { code, message: Some(value) } => write!(f, "trap {code} v{}", value.0),
            Terminator::Suspend { wait, args, resume, deadlines } => {
                write!(f, "suspend {}", wait_text(*wait))?;
                for (index, value) in args.iter().enumerate() {
                    write!(f, "{}v{}", if index > 0 { ", " } else { " " }, value.0)?;
                }
                f.write_str(" -> ")?;
                self.target(f, resume)?;
                self.deadlines(f, deadlines)
            }
            Terminator::Call { callee, args, resume, deadlines } => {
                f.write_str("call_suspending ")?;
                self.callee(f, *callee)?;
                self.args(f, args)?;
                f.write_str(" -> ")?;
                self.target(f, resume)?;
                self.deadlines(f, deadlines)
            }
        }
    }

    fn deadlines(&self, f: &mut Formatter<'_>, deadlines: &[Deadline]) -> fmt::Result {
        for Deadline { due, target } in deadlines {
            write!(f, " until v{} -> ", due.0)?;
            self.target(f, target)?;
        }
        Ok(())
    }
}

fn wait_text(wait: Wait) -> &'static str {
    Wait::ALL.iter().find(|(candidate, _)| *candidate == wait).map_or("", |(_, text)| text)
}

fn cond_text(cond: Cond) -> &'static str {
    Cond::ALL.iter().find(|(candidate, _)| *candidate == cond).map_or("", |(_, text)| text)
}
