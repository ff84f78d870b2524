//! Reads the text of the IR. Line by line; each line by a [`Cursor`]. What it accepts need not be valid: that is
//! the verifier's business, but every index that is written here is in range.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use statewright_types::json;
use statewright_types::{RecordType, Schema, StructId, TrapCode, Type};

use super::is_word;
use crate::ir::ops::{ImmKind, Op};
use crate::ir::typing::TYPE_DEPTH;
use crate::ir::{
    Block, BlockId, Cond, Deadline, FuncId, Function, FunctionRole, HostCall, Imm, Inst, Module, NodeTag, Param,
    Target, Terminator, Value, Values, Wait,
};

/// Why a text is no IR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IrTextError {
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalar values.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for IrTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for IrTextError {}

/// Reads a module against `schema`.
pub fn parse(text: &str, schema: &Arc<Schema>) -> Result<Module, IrTextError> {
    let mut lines = Lines { rest: text.lines().enumerate(), last: 0 };
    let functions = function_names(text);
    let Some(mut line) = lines.next(schema) else {
        return Err(IrTextError { line: 1, column: 1, message: "expected `module root NAME`".into() });
    };
    line.keyword("module")?;
    line.keyword("root")?;
    let root = line.struct_id()?;
    let traced = line.accept_word("traced");
    line.end()?;
    let mut module =
        Module { schema: schema.clone(), root, traced, functions: Vec::new(), footprints: BTreeMap::new() };
    while let Some(line) = lines.next(schema) {
        module.functions.push(FunctionReader::read(line, &mut lines, schema, &functions)?);
    }
    Ok(module)
}

/// Position of every callable function, by name, so that calls may come before what they call.
fn function_names(text: &str) -> HashMap<String, FuncId> {
    let headers = text.lines().map(str::trim_start).filter_map(|line| {
        let function = line.strip_prefix("function ");
        let is_other = ["handler ", "filter ", "effect "].iter().any(|word| line.starts_with(word));
        (function.is_some() || is_other).then_some(function)
    });
    let mut names = HashMap::new();
    for (index, header) in headers.enumerate() {
        if let Some(Ok(name)) = header.map(|rest| Cursor { text: rest, at: 0, line: 0, schema: None }.string()) {
            names.entry(name).or_insert(FuncId(index as u32));
        }
    }
    names
}

/// The lines that are not blank.
struct Lines<'a> {
    rest: std::iter::Enumerate<std::str::Lines<'a>>,
    last: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self, schema: &'a Schema) -> Option<Cursor<'a>> {
        for (index, text) in self.rest.by_ref() {
            self.last = index + 1;
            let mut cursor = Cursor { text, at: 0, line: index + 1, schema: Some(schema) };
            if !cursor.is_end() {
                return Some(cursor);
            }
        }
        None
    }

    fn need(&mut self, schema: &'a Schema, what: &str) -> Result<Cursor<'a>, IrTextError> {
        let last = self.last;
        self.next(schema).ok_or_else(|| IrTextError {
            line: last + 1,
            column: 1,
            message: format!("the text ends where {what} was expected"),
        })
    }
}

/// A place in a line.
#[derive(Clone)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    schema: Option<&'a Schema>,
}

type Read<T> = Result<T, IrTextError>;

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn fail<T>(&self, message: impl Into<String>) -> Read<T> {
        let column = self.text.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        Err(IrTextError { line: self.line, column, message: message.into() })
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Whether only space and a comment follow.
    fn is_end(&mut self) -> bool {
        self.skip_space();
        self.rest().is_empty() || self.rest().starts_with(';')
    }

    fn end(&mut self) -> Read<()> {
        if self.is_end() { Ok(()) } else { self.fail("expected the end of the line") }
    }

    fn accept(&mut self, mark: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len();
        }
        found
    }

    fn need(&mut self, mark: &str) -> Read<()> {
        if self.accept(mark) { Ok(()) } else { self.fail(format!("expected `{mark}`")) }
    }

    /// A run of letters, digits, `_` and whatever `more` adds; may be empty.
    fn run(&mut self, more: &[char]) -> &'a str {
        self.skip_space();
        let rest = self.rest();
        let length = rest.find(|c: char| !is_word(c) && !more.contains(&c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = self.run(&[]) == word;
        if !found {
            self.at = before;
        }
        found
    }

    fn keyword(&mut self, word: &str) -> Read<()> {
        if self.accept_word(word) { Ok(()) } else { self.fail(format!("expected `{word}`")) }
    }

    /// A word that `read` understands; `what` names it in the error.
    fn word<T>(&mut self, what: &str, more: &[char], read: impl Fn(&str) -> Option<T>) -> Read<T> {
        self.skip_space();
        let before = self.at;
        let word = self.run(more);
        match read(word) {
            Some(value) => Ok(value),
            None => {
                self.at = before;
                self.fail(format!("expected {what}, not `{word}`"))
            }
        }
    }

    fn is_string(&mut self) -> bool {
        self.skip_space();
        self.rest().starts_with('"')
    }

    /// A string as in JSON.
    fn string(&mut self) -> Read<String> {
        if !self.is_string() {
            return self.fail("expected a string");
        }
        match json::decode_string(self.text, self.at) {
            Ok((text, end)) => {
                self.at = end;
                Ok(text.into_owned())
            }
            Err(error) => {
                self.at = error.start;
                self.fail(format!("{}: {}", error.message, error.help))
            }
        }
    }

    /// A bare or quoted name.
    fn name(&mut self) -> Read<String> {
        if self.is_string() {
            return self.string();
        }
        self.word("a name", &[], |word| (!word.is_empty()).then(|| word.to_string()))
    }

    fn struct_id(&mut self) -> Read<StructId> {
        self.skip_space();
        let before = self.at;
        let name = self.name()?;
        match self.schema.and_then(|schema| schema.by_name(&name)) {
            Some(id) => Ok(id),
            None => {
                self.at = before;
                self.fail(format!("the schema has no type {name:?}"))
            }
        }
    }

    fn field(&mut self) -> Read<Imm> {
        let id = self.struct_id()?;
        self.need(".")?;
        let before = self.at;
        let name = self.name()?;
        match self.schema.and_then(|schema| schema.types().get(id.index())).and_then(|def| def.field(&name)) {
            Some(index) => Ok(Imm::Field(id, index as u32)),
            None => {
                self.at = before;
                self.fail(format!("the struct has no field {name:?}"))
            }
        }
    }

    fn ty(&mut self, depth: usize) -> Read<Type> {
        if depth > TYPE_DEPTH {
            return self.fail(format!("the type nests deeper than {TYPE_DEPTH}"));
        }
        if self.accept("[]") {
            return self.ty(depth + 1).map(Type::list);
        }
        if self.accept("*") {
            return match self.ty(depth + 1)? {
                Type::Nullable(_) => self.fail("a nullable of a nullable"),
                inner => Ok(Type::nullable(inner)),
            };
        }
        if self.accept("map[") {
            let key = self.ty(depth + 1)?;
            if !key.is_map_key() {
                return self.fail("a map's key must be a string or an integer");
            }
            self.need("]")?;
            return Ok(Type::map(key, self.ty(depth + 1)?));
        }
        if self.accept("{") {
            let mut fields = Vec::new();
            while !self.accept("}") {
                if !fields.is_empty() {
                    self.need(",")?;
                }
                let name = self.string()?;
                self.need(":")?;
                fields.push((Arc::from(name), self.ty(depth + 1)?));
            }
            return Ok(Type::Record(Arc::new(RecordType { fields })));
        }
        if !self.is_string() {
            let before = self.at;
            if let Some(scalar) = Type::scalar_by_name(self.run(&[])) {
                return Ok(scalar);
            }
            self.at = before;
        }
        self.struct_id().map(Type::Struct)
    }

    /// `PREFIX N`, as `v3` and `b4`.
    fn numbered(&mut self, prefix: char, what: &str) -> Read<u32> {
        self.word(what, &[], |word| decimal(word.strip_prefix(prefix)?))
    }

    fn value(&mut self) -> Read<Value> {
        self.numbered('v', "a value (`v0`, `v1`, …)").map(Value)
    }

    fn is_value(&mut self) -> bool {
        self.clone().value().is_ok()
    }

    fn values(&mut self) -> Read<Values> {
        let mut values = Values::new();
        while !values.is_empty() || self.is_value() {
            values.push(self.value()?);
            if !self.accept(",") {
                break;
            }
        }
        Ok(values)
    }

    fn args(&mut self) -> Read<Values> {
        self.need("(")?;
        let values = self.values()?;
        self.need(")")?;
        Ok(values)
    }

    fn target(&mut self) -> Read<Target> {
        let block = self.numbered('b', "a block (`b0`, `b1`, …)").map(BlockId)?;
        Ok(Target { block, args: self.args()? })
    }

    fn deadlines(&mut self) -> Read<Vec<Deadline>> {
        let mut deadlines = Vec::new();
        while self.accept_word("until") {
            let due = self.value()?;
            self.need("->")?;
            deadlines.push(Deadline { due, target: self.target()? });
        }
        Ok(deadlines)
    }

    fn callee(&mut self, functions: &HashMap<String, FuncId>) -> Read<FuncId> {
        if self.accept("#") {
            return self.word("a function's position", &[], decimal).map(FuncId);
        }
        self.skip_space();
        let before = self.at;
        let name = self.string()?;
        match functions.get(&name) {
            Some(id) => Ok(*id),
            None => {
                self.at = before;
                self.fail(format!("there is no function {name:?}"))
            }
        }
    }

    fn float(&mut self) -> Read<u64> {
        self.word("a float", &['.', '-', '+'], |word| match word.strip_prefix("0x") {
            Some(digits) => {
                let is_hex = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit());
                is_hex.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
            }
            None => word.parse::<f64>().ok().filter(|value| !value.is_nan()).map(f64::to_bits),
        })
    }
}

/// A plain decimal without sign or needless zeros.
fn decimal(text: &str) -> Option<u32> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    is_plain.then(|| text.parse().ok()).flatten()
}

struct FunctionReader<'a> {
    schema: &'a Schema,
    functions: &'a HashMap<String, FuncId>,
    nodes: Vec<Arc<str>>,
    tags: HashMap<Arc<str>, NodeTag>,
    values: BTreeMap<u32, Type>,
    blocks: Vec<Block>,
}

impl<'a> FunctionReader<'a> {
    fn read(
        mut header: Cursor<'a>,
        lines: &mut Lines<'a>,
        schema: &'a Schema,
        functions: &'a HashMap<String, FuncId>,
    ) -> Read<Function> {
        let is_handler = header.accept_word("handler");
        let is_filter = !is_handler && header.accept_word("filter");
        let is_effect = !is_handler && !is_filter && header.accept_word("effect");
        if !is_handler && !is_filter && !is_effect {
            header.keyword("function")?;
        }
        let name = Arc::from(header.string()?);
        let role = if is_handler {
            header.keyword("event")?;
            FunctionRole::Handler { event: header.string()?.into() }
        } else if is_filter {
            FunctionRole::Filter
        } else if is_effect {
            FunctionRole::Effect
        } else {
            FunctionRole::Function
        };
        let params = read_params(&mut header)?;
        let returns = if header.accept("->") { Some(header.ty(0)?) } else { None };
        let suspends = header.accept_word("suspends");
        header.need("{")?;
        header.end()?;
        let empty: Arc<str> = Arc::from("");
        let mut reader = FunctionReader {
            schema,
            functions,
            nodes: vec![empty.clone()],
            tags: HashMap::from([(empty, NodeTag(0))]),
            values: BTreeMap::new(),
            blocks: Vec::new(),
        };
        let close = reader.body(lines)?;
        let values = reader.value_table(&close)?;
        Ok(Function { name, role, params, returns, suspends, nodes: reader.nodes, values, blocks: reader.blocks })
    }

    /// Everything up to the closing brace, which is returned.
    fn body(&mut self, lines: &mut Lines<'a>) -> Read<Cursor<'a>> {
        loop {
            let mut line = lines.need(self.schema, "a block or `}`")?;
            if line.accept("}") {
                line.end()?;
                return Ok(line);
            }
            if self.blocks.is_empty() && line.accept_word("nodes") {
                loop {
                    let id = line.string()?;
                    if self.tags.contains_key(&*id) {
                        return line.fail(format!("the node id {id:?} is empty or occurs twice"));
                    }
                    self.tag_of(id);
                    if !line.accept(",") {
                        break;
                    }
                }
                line.end()?;
            } else if self.blocks.is_empty() && line.accept_word("unused") {
                self.define(&mut line)?;
                line.end()?;
            } else {
                let block = self.block(line, lines)?;
                self.blocks.push(block);
            }
        }
    }

    fn value_table(&mut self, close: &Cursor<'a>) -> Read<Vec<Type>> {
        let values = std::mem::take(&mut self.values);
        for (position, index) in values.keys().enumerate() {
            if *index != position as u32 {
                return close.fail(format!("v{position} is missing: define it or list it as `unused`"));
            }
        }
        Ok(values.into_values().collect())
    }

    fn tag_of(&mut self, id: String) -> NodeTag {
        let id: Arc<str> = id.into();
        *self.tags.entry(id.clone()).or_insert_with(|| {
            self.nodes.push(id);
            NodeTag(self.nodes.len() as u32 - 1)
        })
    }

    /// The end of an instruction: an optional node.
    fn tag(&mut self, line: &mut Cursor<'a>) -> Read<NodeTag> {
        let tag = if line.accept("@") { self.tag_of(line.string()?) } else { NodeTag(0) };
        line.end()?;
        Ok(tag)
    }

    /// `vN: TYPE`
    fn define(&mut self, line: &mut Cursor<'a>) -> Read<Value> {
        let value = line.value()?;
        line.need(":")?;
        let ty = line.ty(0)?;
        match self.values.insert(value.0, ty) {
            None => Ok(value),
            Some(_) => line.fail(format!("v{} is defined twice", value.0)),
        }
    }

    fn block(&mut self, mut line: Cursor<'a>, lines: &mut Lines<'a>) -> Read<Block> {
        let expected = self.blocks.len();
        let number = line.numbered('b', "a block (`b0`, `b1`, …)")?;
        if number as usize != expected {
            return line.fail(format!("blocks stand in order, this one should be b{expected}"));
        }
        line.need("(")?;
        let mut params = Values::new();
        while !line.accept(")") {
            if !params.is_empty() {
                line.need(",")?;
            }
            params.push(self.define(&mut line)?);
        }
        line.need(":")?;
        line.end()?;
        let mut insts = Vec::new();
        loop {
            let mut line = lines.need(self.schema, "an instruction")?;
            if let Some(terminator) = self.terminator(&mut line)? {
                let node = self.tag(&mut line)?;
                return Ok(Block { params, insts, terminator, node });
            }
            insts.push(self.inst(&mut line)?);
        }
    }

    fn inst(&mut self, line: &mut Cursor<'a>) -> Read<Inst> {
        let result = if line.is_value() {
            let result = self.define(line)?;
            line.need("=")?;
            Some(result)
        } else {
            None
        };
        let op = line.word("an operation", &['.'], Op::by_mnemonic)?;
        let imm = self.imm(line, op.row().imm)?;
        let args = line.values()?;
        let node = self.tag(line)?;
        Ok(Inst { op, args, imm, result, node })
    }

    fn imm(&self, line: &mut Cursor<'a>, kind: ImmKind) -> Read<Imm> {
        Ok(match kind {
            ImmKind::None => Imm::None,
            ImmKind::Int => Imm::Int(line.word("an integer", &['-'], |word| word.parse().ok())?),
            ImmKind::Float => Imm::Float(line.float()?),
            ImmKind::Bool => Imm::Bool(line.word("true or false", &[], |word| word.parse().ok())?),
            ImmKind::Str => Imm::Str(line.string()?.into()),
            ImmKind::Type => Imm::Type(line.ty(0)?),
            ImmKind::Struct => Imm::Struct(line.struct_id()?),
            ImmKind::Field => line.field()?,
            ImmKind::Cond => Imm::Cond(line.word("a condition", &[], |word| {
                Cond::ALL.iter().find(|(_, text)| *text == word).map(|(cond, _)| *cond)
            })?),
            ImmKind::Trap => Imm::Trap(line.word("the code of a trap", &[], TrapCode::by_code)?),
            ImmKind::Func => Imm::Func(line.callee(self.functions)?),
            ImmKind::Host => {
                let name = line.string()?.into();
                let output = if line.accept("->") { Some(line.ty(0)?) } else { None };
                Imm::Host(Box::new(HostCall { name, output }))
            }
        })
    }

    fn terminator(&self, line: &mut Cursor<'a>) -> Read<Option<Terminator>> {
        let optional = |line: &mut Cursor<'a>| if line.is_value() { line.value().map(Some) } else { Ok(None) };
        let terminator = if line.accept_word("jump") {
            Terminator::Jump(line.target()?)
        } else if line.accept_word("branch") {
            let condition = line.value()?;
            line.need(",")?;
            let then = line.target()?;
            line.need(",")?;
            Terminator::Branch { condition, then, otherwise: line.target()? }
        } else if line.accept_word("return") {
            Terminator::Return(optional(line)?)
        } else if line.accept_word("trap") {
            let code = line.word("the code of a trap", &[], TrapCode::by_code)?;
            Terminator::Trap { code, message: optional(line)? }
        } else if line.accept_word("suspend") {
            let wait = line.word("duration or event", &[], |word| {
                Wait::ALL.iter().find(|(_, text)| *text == word).map(|(wait, _)| *wait)
            })?;
            let args = line.values()?;
            line.need("->")?;
            Terminator::Suspend { wait, args, resume: line.target()?, deadlines: line.deadlines()? }
        } else if line.accept_word("call_suspending") {
            let callee = line.callee(self.functions)?;
            let args = line.args()?;
            line.need("->")?;
            Terminator::Call { callee, args, resume: line.target()?, deadlines: line.deadlines()? }
        } else {
            return Ok(None);
        };
        Ok(Some(terminator))
    }
}

fn read_params(header: &mut Cursor<'_>) -> Read<Vec<Param>> {
    header.need("(")?;
    let mut params = Vec::new();
    while !header.accept(")") {
        if !params.is_empty() {
            header.need(",")?;
        }
        let name = Arc::from(header.string()?);
        header.need(":")?;
        params.push(Param { name, ty: header.ty(0)? });
    }
    Ok(params)
}
