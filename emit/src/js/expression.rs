//! What each operation is in JavaScript. Operands stand in the order in which they are evaluated.

use std::collections::HashMap;

use statewright_graph::ir::{Function, Imm, Inst, Op, Value};
use statewright_types::{IntKind, Schema, StructId, TrapCode, Type, planted};

use super::literal::{self, Types};
use crate::fold::{Folded, is_free};
use crate::names::Names;
use statewright_graph::ranges::{self, Ranges};

/// An expression, and whether it can stand next to an operator as it is.
pub struct Expr {
    /// In JavaScript.
    pub text: String,
    is_atom: bool,
}

impl Expr {
    pub(super) fn atom(text: impl Into<String>) -> Expr {
        Expr { text: text.into(), is_atom: true }
    }

    pub(super) fn open(text: impl Into<String>) -> Expr {
        Expr { text: text.into(), is_atom: false }
    }

    /// As an operand.
    pub fn operand(self) -> String {
        if self.is_atom { self.text } else { format!("({})", self.text) }
    }
}

/// What a module needs besides its functions.
#[derive(Default)]
pub struct Needs {
    /// Types that are named.
    pub types: Types,
    /// Functions of the runtime.
    pub imports: std::collections::BTreeSet<&'static str>,
}

/// Writes the expressions of one function.
pub struct Expressions<'a> {
    /// The function.
    pub function: &'a Function,
    /// What struct types are.
    pub schema: &'a Schema,
    /// Which values are written where they are used.
    pub folded: &'a Folded,
    /// What values are called.
    pub names: &'a Names,
    /// Between which bounds integers are.
    pub ranges: &'a Ranges<'a>,
    /// Names of the module's functions.
    pub functions: &'a [String],
    /// What is used on the way.
    pub needs: &'a mut Needs,
    /// Lists whose arrays are variables.
    pub arrays: HashMap<Value, String>,
}

impl Expressions<'_> {
    /// A value: its name, or the expression that it is.
    pub fn value(&mut self, value: Value, block: usize) -> Expr {
        match self.folded.inside(self.function, value) {
            Some(inst) => self.inst(inst, block),
            None => Expr::atom(self.names.of(value)),
        }
    }

    fn text(&mut self, value: Value, block: usize) -> String {
        self.value(value, block).text
    }

    /// The node that an instruction came from, in quotes.
    pub fn node(&self, inst: &Inst) -> String {
        literal::text(self.function.node_id(inst.node))
    }

    /// A function of the runtime, which is imported then.
    pub fn import(&mut self, name: &'static str) -> &'static str {
        self.needs.imports.insert(name);
        name
    }

    fn field(&mut self, ty: StructId, field: u32) -> String {
        let name = self.schema.types().get(ty.index()).and_then(|def| def.fields.get(field as usize));
        let property = literal::property(name.map_or("", |field| &field.name));
        format!("{}.f{property}", self.needs.types.def(self.schema, ty))
    }

    /// A call of a function of the runtime, with the node if it may stop.
    pub(super) fn call(&mut self, name: &'static str, inst: &Inst, block: usize) -> Expr {
        self.import(name);
        self.apply(name, &[], inst, block)
    }

    /// A call with constants first, then the operands, then the node if it may stop.
    pub(super) fn apply(&mut self, name: &str, first: &[String], inst: &Inst, block: usize) -> Expr {
        let mut args = first.to_vec();
        for arg in inst.args.iter() {
            args.push(self.text(*arg, block));
        }
        if !inst.op.row().traps.is_empty() {
            args.push(self.node(inst));
        }
        Expr::atom(format!("{name}({})", args.join(", ")))
    }

    pub(super) fn binary(&mut self, operator: &str, inst: &Inst, block: usize) -> Expr {
        let [a, b] = [0, 1].map(|at| self.operand(inst, at, block));
        Expr::open(format!("{a} {operator} {b}"))
    }

    pub(super) fn operand(&mut self, inst: &Inst, at: usize, block: usize) -> String {
        match inst.args.get(at) {
            Some(value) => self.value(*value, block).operand(),
            None => "undefined".to_owned(),
        }
    }

    pub(super) fn argument(&mut self, inst: &Inst, at: usize, block: usize) -> String {
        match inst.args.get(at) {
            Some(value) => self.text(*value, block),
            None => "null".to_owned(),
        }
    }

    /// Whether an operand may be computed later, or not at all.
    pub(super) fn is_idle(&self, inst: &Inst, at: usize) -> bool {
        let mut open: Vec<Value> = inst.args.get(at).copied().into_iter().collect();
        while let Some(value) = open.pop() {
            if let Some(inner) = self.folded.inside(self.function, value) {
                if !is_free(inner) {
                    return false;
                }
                open.extend(inner.args.iter());
            }
        }
        true
    }

    fn operand_type(&self, inst: &Inst, at: usize) -> Type {
        inst.args.get(at).map_or(Type::Bool, |value| self.function.ty(*value).clone())
    }

    /// The payload of an event: its type and value, or `null, null`.
    fn payload(&mut self, inst: &Inst, at: usize, block: usize) -> String {
        if inst.args.get(at).is_none() {
            return "null, null".to_owned();
        }
        let ty = self.operand_type(inst, at);
        format!("{}, {}", self.needs.types.name(&ty), self.argument(inst, at, block))
    }

    /// A number as a narrow type holds it.
    fn fitted(&mut self, ty: &Type, value: Option<Value>, text: String, block: usize) -> Expr {
        match ty.non_null() {
            Type::Float32 => Expr::atom(format!("Math.fround({text})")),
            Type::Int(kind) if !matches!(kind, IntKind::I64 | IntKind::U64) => {
                let (low, high) = kind.range();
                let fits = value
                    .and_then(|value| self.ranges.at(value, block))
                    .is_some_and(|range| range.0 >= low && range.1 <= high);
                if fits {
                    return Expr::open(text);
                }
                let bits = kind.size() * 8;
                Expr::atom(format!("{}({text}, {bits}, {})", self.import("wrapped"), low < 0))
            }
            _ => Expr::open(text),
        }
    }

    /// The variable of a struct, and what it is to become in a field that holds a number; `None` for other fields.
    pub fn number_store(&mut self, inst: &Inst, block: usize) -> Option<String> {
        let Imm::Field(ty, position) = inst.imm else { return None };
        let (record, value) = (*inst.args.first()?, *inst.args.get(1)?);
        let declared = self.schema.types().get(ty.index())?.fields.get(position as usize)?;
        let is_number = declared.ty.is_number() || declared.ty == Type::Bool;
        if !is_number || self.folded.inside(self.function, record).is_some() {
            return None;
        }
        let property = format!("{}{}", self.names.of(record), literal::property(&declared.name));
        let (field, node, text) = (self.field(ty, position), self.node(inst), self.text(value, block));
        let fitted = self.fitted(&declared.ty, Some(value), text, block).text;
        let record = self.names.of(record);
        Some(format!("{property} = cx.state.number({record}, {field}, {fitted}, {property}, {node});"))
    }

    /// The expression of an instruction.
    #[allow(clippy::too_many_lines)]
    pub fn inst(&mut self, inst: &Inst, block: usize) -> Expr {
        use std::option::Option::Some;

        use Op::*;
        let node = self.node(inst);
        match (inst.op, &inst.imm) {
            (IConst, Imm::Int(value)) => signed(literal::integer(i128::from(*value))),
            (UConst, Imm::Int(value)) => Expr::atom(literal::integer(i128::from(*value as u64))),
            (FConst, Imm::Float(bits)) => signed(literal::float(f64::from_bits(*bits))),
            (BConst, Imm::Bool(value)) => Expr::atom(value.to_string()),
            (SConst, Imm::Str(text)) => Expr::atom(literal::text(text)),
            (Null, _) => Expr::atom("null"),
            (Zero, Imm::Type(ty)) => self.zero(ty),
            (IAdd | ISub | IMul | IAddWrap | ISubWrap | IMulWrap, _) => self.arithmetic(inst, block),
            (IAddOver | ISubOver | IMulOver, _) => self.over(inst, block),
            (IDiv | IDivFloor | IRem, _) => self.division(inst, block),
            (INeg, _) => {
                let is_number = inst.args.first().is_some_and(|value| self.ranges.is_number(*value, block));
                if is_number {
                    Expr::open(format!("0 - {}", self.operand(inst, 0, block)))
                } else {
                    self.call("ineg", inst, block)
                }
            }
            (IAbs, _) => {
                let is_number = inst.args.first().is_some_and(|value| self.ranges.is_number(*value, block));
                if is_number {
                    Expr::atom(format!("Math.abs({})", self.argument(inst, 0, block)))
                } else {
                    self.call("iabs", inst, block)
                }
            }
            (IMin, _) => self.call("imin", inst, block),
            (IMax, _) => self.call("imax", inst, block),
            (ISign, _) => self.call("isign", inst, block),
            (FAdd, _) => self.binary("+", inst, block),
            (FSub, _) => self.binary("-", inst, block),
            (FMul, _) => self.binary("*", inst, block),
            (FDiv, _) => self.binary("/", inst, block),
            (FRem, _) => self.binary("%", inst, block),
            (FNeg, _) if planted::is(98) => Expr::open(format!("0 - {}", self.operand(inst, 0, block))),
            (FNeg, _) => Expr::open(format!("-{}", self.operand(inst, 0, block))),
            (FAbs, _) => self.apply("Math.abs", &[], inst, block),
            (FMin, _) => self.call("fmin", inst, block),
            (FMax, _) => self.call("fmax", inst, block),
            (FSign, _) => self.call("fsign", inst, block),
            (FSqrt, _) => self.apply("Math.sqrt", &[], inst, block),
            (FSin, _) => self.call("sin", inst, block),
            (FCos, _) => self.call("cos", inst, block),
            (FTan, _) => self.call("tan", inst, block),
            (FAsin, _) => self.call("asin", inst, block),
            (FAtan2, _) => self.call("atan2", inst, block),
            (FExp, _) => self.call("exp", inst, block),
            (FLog, _) => self.call("log", inst, block),
            (FPow, _) => self.call("pow", inst, block),
            (FRound32, _) if planted::is(97) => Expr::atom(self.argument(inst, 0, block)),
            (FRound32, _) => self.apply("Math.fround", &[], inst, block),
            (IToF | UToF, _) => match inst.args.first() {
                Some(value) if self.ranges.is_number(*value, block) => self.value(*value, block),
                _ => self.apply("Number", &[], inst, block),
            },
            (UToI, _) => match inst.args.first() {
                Some(value) if self.ranges.is_number(*value, block) => self.value(*value, block),
                _ => self.call("utoi", inst, block),
            },
            (IToU, _) => match inst.args.first() {
                Some(value) if self.ranges.at(*value, block).is_some_and(|range| range.0 >= 0) => {
                    self.value(*value, block)
                }
                _ => self.call("itou", inst, block),
            },
            (FToIFloor, _) => self.call("floor", inst, block),
            (FToICeil, _) => self.call("ceil", inst, block),
            (FToIRound, _) => self.call("round", inst, block),
            (FToITrunc, _) => self.call("trunc", inst, block),
            (Narrow, Imm::Type(ty)) => self.narrow(inst, ty, block),
            (Retype | Reveal | Watch, _) => match inst.args.first() {
                Some(value) => self.value(*value, block),
                None => Expr::atom("undefined"),
            },
            (ICmp | UCmp | UICmp | FCmp | IFCmp | UFCmp | SCmp, _) => self.comparison(inst, block),
            (Equal, _) => self.equal(inst, block),
            (Digest, _) => {
                let ty = self.operand_type(inst, 0);
                let ty = self.needs.types.name(&ty);
                self.apply("cx.state.digest", &[ty], inst, block)
            }
            (Not, _) => Expr::open(format!("!{}", self.operand(inst, 0, block))),
            (And | Or | Select, _) => self.logic(inst, block),
            (Text, _) if self.operand_type(inst, 0).is_text() => match inst.args.first() {
                Some(value) => self.value(*value, block),
                None => Expr::atom("\"\""),
            },
            (Text, _) => self.apply("String", &[], inst, block),
            (Concat, _) => {
                let parts: Vec<String> = inst.args.iter().map(|part| self.value(*part, block).text).collect();
                let between = if parts.is_empty() { "" } else { ", " };
                Expr::atom(format!("cx.concat({node}{between}{})", parts.join(", ")))
            }
            (StrLen, _) => self.call("textLength", inst, block),
            (StrAt, _) => self.call("textAt", inst, block),
            (StrContains, _) => self.method("includes", inst, block),
            (StrStarts, _) => self.method("startsWith", inst, block),
            (StrEnds, _) => self.method("endsWith", inst, block),
            (StrSlice, _) => self.call("textSlice", inst, block),
            (StrFind, _) => self.call("textFind", inst, block),
            (StrReplace | StrRepeat | StrUpper | StrLower, _) => {
                let name = match inst.op {
                    StrReplace => "textReplace",
                    StrRepeat => "textRepeat",
                    StrUpper => "textUpper",
                    _ => "textLower",
                };
                let args: Vec<String> = inst.args.iter().map(|arg| self.value(*arg, block).text).collect();
                Expr::atom(format!("{}({}, cx.limits.stringBytes, {node})", self.import(name), args.join(", ")))
            }
            (StrSplit, _) => {
                let ty = self.needs.types.name(&Type::list(Type::String));
                self.apply("cx.split", &[ty], inst, block)
            }
            (StrJoin, _) => self.apply("cx.join", &[], inst, block),
            (StrTrim, _) => self.call("textTrim", inst, block),
            (StrIsInt, _) => Expr::open(format!("{} !== null", self.call("parseInteger", inst, block).text)),
            (StrToInt, _) => self.call("toInteger", inst, block),
            (StrIsFloat, _) => Expr::open(format!("{} !== null", self.call("parseFloat64", inst, block).text)),
            (StrToFloat, _) => self.call("toFloat", inst, block),
            (StrFormat, Imm::Str(kinds)) => {
                let args: Vec<String> = inst.args.iter().map(|arg| self.value(*arg, block).text).collect();
                Expr::atom(format!("cx.format({}, {}, {node})", args.join(", "), literal::text(kinds)))
            }
            (BytesLen, _) => Expr::atom(format!("{}.length", self.operand(inst, 0, block))),
            (Op::Some, Imm::Type(ty)) => {
                let value = inst.args.first().copied();
                let text = self.argument(inst, 0, block);
                self.fitted(ty, value, text, block)
            }
            (IsNull, _) => Expr::open(format!("{} === null", self.operand(inst, 0, block))),
            (NonNull, _) => self.call("nonNull", inst, block),
            (Root, Imm::Struct(id)) => self.of_struct("cx.state.root", *id, inst, block),
            (RootActivate, Imm::Struct(id)) => self.of_struct("cx.state.rootActivate", *id, inst, block),
            (RootDeactivate, Imm::Struct(id)) => self.of_struct("cx.state.rootDeactivate", *id, inst, block),
            (RootIsActive, Imm::Struct(id)) => self.of_struct("cx.state.rootIsActive", *id, inst, block),
            (RootReset, Imm::Struct(id)) => self.of_struct("cx.state.rootReset", *id, inst, block),
            (Load | LoadKnown, Imm::Field(ty, field)) => {
                let name = self.schema.types().get(ty.index()).and_then(|def| def.fields.get(*field as usize));
                let property = literal::property(name.map_or("", |field| &field.name));
                let record = if inst.op == Load && !planted::is(96) {
                    self.call("live", inst, block).text
                } else {
                    self.operand(inst, 0, block)
                };
                Expr::atom(format!("{record}{property}"))
            }
            (Store, Imm::Field(ty, field)) => self.of_field("cx.state.store", *ty, *field, inst, block),
            (StructInit, Imm::Field(ty, field)) => self.of_field("cx.state.structInit", *ty, *field, inst, block),
            (WriteCheck, Imm::Field(ty, field)) => {
                let (record, field) = (self.argument(inst, 0, block), self.field(*ty, *field));
                Expr::atom(format!("cx.world.writeCheck(cx, {record}, {field}, {node})"))
            }
            (WriteCheckIn, _) => {
                let [container, at] = [0, 1].map(|at| self.argument(inst, at, block));
                Expr::atom(format!("cx.world.writeCheckIn(cx, {container}, {at}, {node})"))
            }
            (StructNew, Imm::Struct(id)) => self.of_struct("cx.state.structNew", *id, inst, block),
            (StructCopy, _) => self.apply("cx.state.structCopy", &[], inst, block),
            (StructAttached, _) => self.call("attached", inst, block),
            (RecordNew, Imm::Type(Type::Record(record))) => {
                let record = record.clone();
                let fields = record.fields.iter().zip(inst.args.iter());
                let fields: Vec<String> = fields
                    .map(|((name, _), value)| format!("{}: {}", literal::key(name), self.value(*value, block).text))
                    .collect();
                Expr::atom(if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) })
            }
            (RecordGet, Imm::Int(index)) => {
                let ty = self.operand_type(inst, 0);
                let name = match &ty {
                    Type::Record(record) => {
                        usize::try_from(*index).ok().and_then(|at| record.fields.get(at)).map(|field| field.0.clone())
                    }
                    _ => None,
                };
                let property = literal::property(name.as_deref().unwrap_or(""));
                Expr::atom(format!("{}{property}", self.operand(inst, 0, block)))
            }
            (ListNew | MapNew, Imm::Type(ty)) => {
                let items: Vec<String> = inst.args.iter().map(|item| self.value(*item, block).text).collect();
                let name = if inst.op == ListNew { "cx.state.listNew" } else { "cx.state.mapNew" };
                Expr::atom(format!("{name}({}, [{}], {node})", self.needs.types.name(ty), items.join(", ")))
            }
            (ListDense, _) => Expr::atom("false"),
            (ListLen, _) => Expr::atom(format!("{}.items.length", self.operand(inst, 0, block))),
            (ListGet | MapValueAt, _) => self.call("itemAt", inst, block),
            (ListAt, _) => {
                let array = inst.args.first().and_then(|list| self.arrays.get(list)).cloned();
                let array = array.unwrap_or_else(|| format!("{}.items", self.operand(inst, 0, block)));
                Expr::atom(format!("{array}[{}]", self.argument(inst, 1, block)))
            }
            (ListPush, _) => self.apply("cx.state.listPush", &[], inst, block),
            (ListSnapshot | MapSnapshot, _) => self.apply("cx.state.snapshot", &[], inst, block),
            (ListFind, _) => self.apply("cx.state.listFind", &[], inst, block),
            (ListFindKey, Imm::Field(ty, field)) => {
                let [list, key] = [0, 1].map(|at| self.argument(inst, at, block));
                Expr::atom(format!("cx.state.listFindKey({list}, {}, {key}, {node})", self.field(*ty, *field)))
            }
            (ListOrder, _) => {
                let ty = self.needs.types.name(&Type::list(Type::INT));
                let [list, descending] = [0, 1].map(|at| self.argument(inst, at, block));
                Expr::atom(format!("cx.order({ty}, {list}, {descending}, {node})"))
            }
            (ListInsert, _) => self.apply("cx.state.listInsert", &[], inst, block),
            (ListSet, _) => self.apply("cx.state.listSet", &[], inst, block),
            (ListRemove, _) => self.apply("cx.state.listRemove", &[], inst, block),
            (ListAssign, _) => self.apply("cx.state.listAssign", &[], inst, block),
            (ListClear, _) => self.apply("cx.state.listClear", &[], inst, block),
            (ListVersion | MapVersion, _) => Expr::atom(format!("{}.version", self.operand(inst, 0, block))),
            (MapLen, _) => Expr::atom(format!("{}.keys.length", self.operand(inst, 0, block))),
            (MapFind, _) => self.call("keyPosition", inst, block),
            (MapKeyAt, _) => self.call("keyAt", inst, block),
            (MapPut, _) => self.apply("cx.state.mapPut", &[], inst, block),
            (MapRemove, _) => self.apply("cx.state.mapRemove", &[], inst, block),
            (MapAssign, _) => self.apply("cx.state.mapAssign", &[], inst, block),
            (MapClear, _) => self.apply("cx.state.mapClear", &[], inst, block),
            (RandInt, _) => self.apply("cx.randInt", &[], inst, block),
            (RandFloat, _) => self.apply("cx.randFloat", &[], inst, block),
            (RandUnit, _) => self.apply("cx.randUnit", &[], inst, block),
            (Now, _) => Expr::atom("cx.now"),
            (Stream, _) => Expr::atom("cx.handler"),
            (Host, _) => Expr::atom("cx.host"),
            (EmitAll, _) => {
                let kind = self.argument(inst, 0, block);
                let payload = self.payload(inst, 1, block);
                Expr::atom(format!("cx.world.emitAll(cx, {kind}, {payload}, {node})"))
            }
            (EmitOne | EmitMany | EmitExcept, _) => {
                let name = match inst.op {
                    EmitOne => "emitOne",
                    EmitMany => "emitMany",
                    _ => "emitExcept",
                };
                let [whom, kind] = [0, 1].map(|at| self.argument(inst, at, block));
                let payload = self.payload(inst, 2, block);
                Expr::atom(format!("cx.world.{name}(cx, {whom}, {kind}, {payload}, {node})"))
            }
            (Kick, _) => self.world("kick", inst, 2, false, block),
            (Schedule, _) => self.world("schedule", inst, 2, true, block),
            (Unschedule, _) => self.world("unschedule", inst, 1, false, block),
            (FilterAdd, _) => self.world("filterAdd", inst, 3, true, block),
            (FilterRemove, _) => self.world("filterRemove", inst, 2, false, block),
            (FilterHas, _) => self.world("filterHas", inst, 2, false, block),
            (EffectAdd, _) => self.world("effectAdd", inst, 7, true, block),
            (EffectRemove, _) => self.world("effectRemove", inst, 1, false, block),
            (EffectHas, _) => self.world("effectHas", inst, 1, false, block),
            (EffectsLift, _) => self.world("effectsLift", inst, 0, false, block),
            (EffectsLiftAt, Imm::Field(ty, field)) => {
                let (record, field) = (self.argument(inst, 0, block), self.field(*ty, *field));
                Expr::atom(format!("cx.world.effectsLiftAt(cx, {record}, {field}, {node})"))
            }
            (EffectsApply, _) => self.world("effectsApply", inst, 0, false, block),
            (ConfigGet, Imm::Type(ty)) => {
                let name = self.argument(inst, 0, block);
                Expr::atom(format!("cx.world.configGet(cx, {name}, {}, {node})", self.needs.types.name(ty)))
            }
            (ConfigSet, _) => {
                let name = self.argument(inst, 0, block);
                let value = self.payload(inst, 1, block);
                Expr::atom(format!("cx.world.configSet(cx, {name}, {value}, {node})"))
            }
            (ConfigReload, _) => self.world("configReload", inst, 0, false, block),
            (Fuel, Imm::Int(amount)) => {
                Expr::atom(format!("cx.charge({}, {node})", literal::integer(i128::from(*amount))))
            }
            (FuelN, _) => self.apply("cx.chargeMany", &[], inst, block),
            (FuelShort, _) => self.apply("cx.fuelShort", &[], inst, block),
            (MemN, _) => self.apply("cx.chargeBytes", &[], inst, block),
            (MemShort, _) => self.apply("cx.memoryShort", &[], inst, block),
            (EntriesShort, _) => self.apply("cx.entriesShort", &[], inst, block),
            (Mem, _) if self.operand_type(inst, 0).is_text() => self.apply("cx.chargeText", &[], inst, block),
            (Mem, _) => {
                let ty = self.operand_type(inst, 0);
                let ty = self.needs.types.name(&ty);
                self.apply("cx.chargeSize", &[ty], inst, block)
            }
            (TrapIf, Imm::Trap(code)) => self.trap(*code, inst, block),
            (Call, Imm::Func(callee)) => {
                let name = self.functions.get(callee.index()).cloned().unwrap_or_default();
                self.apply(&name, &["cx".to_owned()], inst, block)
            }
            (HostCall, Imm::Host(call)) => {
                let args: Vec<String> = inst.args.iter().map(|arg| self.value(*arg, block).text).collect();
                let types: Vec<Type> = (0..inst.args.len()).map(|at| self.operand_type(inst, at)).collect();
                let types: Vec<String> = types.iter().map(|ty| self.needs.types.name(ty)).collect();
                let output = call.output.as_ref().map_or("null".to_owned(), |ty| self.needs.types.name(ty));
                let (args, types) = (args.join(", "), types.join(", "));
                Expr::atom(format!(
                    "cx.world.hostCall(cx, {}, [{args}], [{types}], {output}, {node})",
                    literal::text(&call.name)
                ))
            }
            (Message, _) => {
                let text = self.argument(inst, 0, block);
                let value = self.payload(inst, 1, block);
                let graph = literal::text(&self.function.name);
                Expr::atom(format!("cx.world.message(cx, {text}, {value}, {graph}, {node})"))
            }
            // Executions other than the interpreter do not trace; the rest are rows whose constant is of another kind, which
            // the verifier refuses.
            _ => Expr::atom("undefined"),
        }
    }

    fn trap(&mut self, code: TrapCode, inst: &Inst, block: usize) -> Expr {
        let condition = self.argument(inst, 0, block);
        let name = self.import("trap");
        Expr::open(format!("if ({condition}) {name}({}, {})", literal::text(code.code()), self.node(inst)))
    }

    fn zero(&mut self, ty: &Type) -> Expr {
        match ty {
            Type::Bool => Expr::atom("false"),
            Type::Int(_) | Type::Float32 | Type::Float64 => Expr::atom("0"),
            Type::String | Type::Uuid => Expr::atom("\"\""),
            Type::Nullable(_) => Expr::atom("null"),
            _ => Expr::atom(format!("cx.state.zero({})", self.needs.types.name(ty))),
        }
    }

    fn narrow(&mut self, inst: &Inst, ty: &Type, block: usize) -> Expr {
        let Some((low, high)) = ranges::typed(ty) else { return Expr::atom("undefined") };
        if let Some(value) = inst.args.first()
            && self.ranges.at(*value, block).is_some_and(|range| range.0 >= low && range.1 <= high)
        {
            return self.value(*value, block);
        }
        let (value, node) = (self.argument(inst, 0, block), self.node(inst));
        let [low, high] = [low, high].map(literal::integer);
        Expr::atom(format!("{}({value}, {low}, {high}, {node})", self.import("narrow")))
    }

    fn equal(&mut self, inst: &Inst, block: usize) -> Expr {
        let ty = self.operand_type(inst, 0);
        let inner = ty.non_null();
        if inner.is_number() || inner.is_text() || *inner == Type::Bool {
            return self.binary("===", inst, block);
        }
        let ty = self.needs.types.name(&ty);
        self.apply("cx.state.equal", &[ty], inst, block)
    }

    fn method(&mut self, name: &str, inst: &Inst, block: usize) -> Expr {
        let (text, part) = (self.operand(inst, 0, block), self.argument(inst, 1, block));
        Expr::atom(format!("{text}.{name}({part})"))
    }

    fn of_struct(&mut self, name: &str, id: StructId, inst: &Inst, block: usize) -> Expr {
        let def = self.needs.types.def(self.schema, id);
        self.apply(name, &[def], inst, block)
    }

    fn of_field(&mut self, name: &str, ty: StructId, field: u32, inst: &Inst, block: usize) -> Expr {
        let (record, field) = (self.argument(inst, 0, block), self.field(ty, field));
        let (value, node) = (self.argument(inst, 1, block), self.node(inst));
        Expr::atom(format!("{name}({record}, {field}, {value}, {node})"))
    }

    /// Something that belongs to the session: so many operands, and a payload if it may have one.
    fn world(&mut self, name: &str, inst: &Inst, count: usize, has_payload: bool, block: usize) -> Expr {
        let mut args = vec!["cx".to_owned()];
        for at in 0..count {
            args.push(self.argument(inst, at, block));
        }
        if has_payload {
            args.push(self.payload(inst, count, block));
        }
        args.push(self.node(inst));
        Expr::atom(format!("cx.world.{name}({})", args.join(", ")))
    }
}

/// A number, in parentheses next to an operator if it is negative.
fn signed(text: String) -> Expr {
    if text.starts_with('-') { Expr::open(text) } else { Expr::atom(text) }
}
