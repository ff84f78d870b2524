//! One expression for each operation of the IR.

use statewright_graph::ir::{Cond, Imm, Inst, Op, Value};
use statewright_types::{IntKind, StructId, Type, planted};

use super::body::FunctionWriter;
use super::constants::{imm_cond, imm_int, imm_str, imm_trap, operator, opposite};
use super::expr::{Expr, Level, float, int, string, uint};
use super::types::held;
use crate::fold::Folding;

/// What Rust can write: calls of `run` that only look at it may stand in expressions.
pub(super) struct RustFolding;

impl Folding for RustFolding {
    fn is_literal(&self, inst: &Inst) -> bool {
        crate::fold::is_constant(inst) && inst.op != Op::SConst
    }

    fn stands_alone(&self, inst: &Inst) -> bool {
        // A text is made where it is first needed, which an expression has no room for.
        inst.op == Op::SConst
    }

    fn nests(&self, inst: &Inst) -> bool {
        matches!(
            inst.op,
            Op::IAdd
                | Op::ISub
                | Op::IMul
                | Op::IDiv
                | Op::IDivFloor
                | Op::IRem
                | Op::INeg
                | Op::IAbs
                | Op::UToI
                | Op::IToU
                | Op::FToIFloor
                | Op::FToICeil
                | Op::FToIRound
                | Op::FToITrunc
                | Op::Narrow
                | Op::Equal
                | Op::Digest
                | Op::NonNull
                | Op::Root
                | Op::RootIsActive
                | Op::Load
                | Op::LoadKnown
                | Op::StructAttached
                | Op::ListLen
                | Op::ListGet
                | Op::ListAt
                | Op::ListFind
                | Op::ListVersion
                | Op::MapLen
                | Op::MapFind
                | Op::MapKeyAt
                | Op::MapValueAt
                | Op::MapVersion
                | Op::Now
                | Op::FilterHas
                | Op::EffectHas
                | Op::FuelShort
                | Op::MemShort
                | Op::EntriesShort
        )
    }

    fn takes_variables(&self, inst: &Inst) -> bool {
        // The activation is lent to the function that is called.
        inst.op == Op::Call
    }
}

/// Whether a non-null value of this nullable type is the thing itself.
fn is_itself(nullable: &Type) -> bool {
    matches!(nullable.non_null(), Type::Struct(_))
}

/// Whether an instruction is a number as a literal.
fn is_number(inst: &Inst) -> bool {
    matches!(inst.op, Op::IConst | Op::UConst | Op::FConst | Op::Null)
}

/// Whether an operation is a call that takes operands of any type.
fn takes_any(op: Op) -> bool {
    matches!(
        op,
        Op::Store
            | Op::StructInit
            | Op::ListPush
            | Op::ListFind
            | Op::ListFindKey
            | Op::ListInsert
            | Op::ListSet
            | Op::MapFind
            | Op::MapPut
            | Op::MapRemove
            | Op::Equal
            | Op::Digest
            | Op::Some
            | Op::Mem
            | Op::ConfigSet
            | Op::Probe
            | Op::Watch
            | Op::Select
    )
}

impl FunctionWriter<'_, '_> {
    /// A value where it is used.
    pub(super) fn value(&mut self, value: Value) -> Expr {
        let function = self.function;
        if let Some(element) = self.element(value) {
            return element;
        }
        if let Some(found) = self.found.get(&value) {
            return Expr::atom(found.as_str());
        }
        match self.folded.inside(function, value) {
            Some(inst) if self.is_generic && is_number(inst) => self.suffixed(value, inst),
            Some(inst) => self.inst(inst),
            None => Expr::atom(self.names.of(value)),
        }
    }

    /// A literal that says its type.
    fn suffixed(&mut self, value: Value, literal: &Inst) -> Expr {
        let ty = match held(self.ty(value)) {
            "Slot" => "u64",
            ty => ty,
        };
        let mut expr = self.inst(literal);
        if expr.text.ends_with(|last: char| last.is_ascii_digit()) && !expr.text.contains('(') {
            expr.text.push_str(ty);
        }
        expr
    }

    /// What an operation computes. Its operands say their types where the call does not.
    pub(super) fn inst(&mut self, inst: &Inst) -> Expr {
        let is_generic = match inst.op {
            Op::ICmp | Op::UCmp => {
                inst.args.iter().all(|arg| self.folded.inside(self.function, *arg).is_some_and(is_number))
            }
            op => takes_any(op),
        };
        let around = std::mem::replace(&mut self.is_generic, is_generic);
        let expr = match self.tried(inst) {
            Some(expr) => expr,
            None => self.operation(inst),
        };
        self.is_generic = around;
        self.small(inst, expr)
    }

    fn ty(&self, value: Value) -> &Type {
        self.function.ty(value)
    }

    /// A value as a slot.
    pub(super) fn bits(&mut self, value: Value) -> String {
        let around = std::mem::replace(&mut self.is_generic, true);
        let expr = self.value(value);
        self.is_generic = around;
        match held(self.ty(value)) {
            "Slot" | "u64" => expr.text,
            _ => expr.method("bits()").text,
        }
    }

    fn slots(&mut self, values: &[Value]) -> String {
        let slots: Vec<String> = values.iter().map(|value| self.bits(*value)).collect();
        format!("&[{}]", slots.join(", "))
    }

    /// A type and a slot, if there is a value.
    fn payload(&mut self, value: Option<&Value>) -> String {
        match value {
            Some(value) => {
                let ty = self.ty(*value).clone();
                format!("Some((&{}, {}))", self.constants.ty(&ty), self.bits(*value))
            }
            None => "None".into(),
        }
    }

    /// `NAME(operands, more, node)?` where `more` is what is not empty, and the node comes last if it may stop.
    pub(super) fn call(&mut self, name: &str, operands: &[Value], more: &[String], stops: Option<&Inst>) -> Expr {
        let mut args: Vec<String> = operands.iter().map(|value| self.value(*value).text).collect();
        args.extend(more.iter().cloned());
        let mut end = "";
        if let Some(inst) = stops {
            args.push(self.node(inst));
            end = "?";
        }
        Expr::atom(format!("{name}({}){end}", args.join(", ")))
    }

    pub(super) fn node(&self, inst: &Inst) -> String {
        string(self.function.node_id(inst.node))
    }

    pub(super) fn of_result(&self, inst: &Inst) -> &'static str {
        inst.result.map_or("()", |result| held(self.ty(result)))
    }

    fn imm_type(&mut self, inst: &Inst) -> String {
        match &inst.imm {
            Imm::Type(ty) => format!("&{}", self.constants.ty(ty)),
            _ => format!("&{}", self.constants.ty(&Type::Bool)),
        }
    }

    fn imm_struct(&mut self, inst: &Inst) -> String {
        match inst.imm {
            Imm::Struct(id) => self.constants.structure(id),
            _ => self.constants.structure(self.module.root),
        }
    }

    fn arg_struct(&mut self, inst: &Inst) -> String {
        let id = match inst.args.first().map(|value| self.ty(*value)) {
            Some(Type::Struct(id)) => *id,
            _ => StructId(0),
        };
        self.constants.structure(id)
    }

    pub(super) fn imm_field(&mut self, inst: &Inst) -> String {
        match inst.imm {
            Imm::Field(id, field) => self.constants.field(id, field),
            _ => String::new(),
        }
    }

    fn infix(&mut self, inst: &Inst, operator: &str, level: Level) -> Expr {
        let [a, b] = self.two(inst);
        Expr::binary(&a, operator, &b, level)
    }

    fn two(&mut self, inst: &Inst) -> [Expr; 2] {
        [0, 1].map(|at| match inst.args.get(at) {
            Some(value) => self.value(*value),
            None => Expr::atom(""),
        })
    }

    /// The condition of a branch, or its opposite.
    pub(super) fn condition(&mut self, value: Value, negated: bool) -> Expr {
        let function = self.function;
        if let Some(inst) = self.folded.inside(function, value).filter(|_| negated) {
            match (inst.op, &inst.imm) {
                (Op::ICmp | Op::UCmp, Imm::Cond(cond)) => {
                    return self.infix(inst, operator(opposite(*cond)), Level::Compare);
                }
                (Op::Not, _) => return self.condition(inst.args[0], false),
                _ => {}
            }
        }
        let expr = self.value(value);
        if negated { Expr::prefix(format!("!{}", expr.at(Level::Prefix))) } else { expr }
    }

    /// What an operation computes.
    #[allow(clippy::too_many_lines)] // a table
    #[rustfmt::skip] // one row a line
    fn operation(&mut self, inst: &Inst) -> Expr {
        let args = &inst.args[..];
        let stops = Some(inst);
        let of = self.of_result(inst);
        match inst.op {
            Op::IConst => int(imm_int(inst)),
            Op::UConst => uint(imm_int(inst) as u64),
            Op::FConst => match inst.imm { Imm::Float(bits) => float(bits), _ => Expr::atom("0.0") },
            Op::BConst => Expr::atom(if inst.imm == Imm::Bool(true) { "true" } else { "false" }),
            Op::Null => Expr::atom("0"),
            Op::SConst => match &inst.imm {
                Imm::Str(text) => { let number = self.constants.text(text); Expr::atom(format!("run.text({number}, {})", string(text))) }
                _ => Expr::atom("0"),
            },
            Op::Zero => { let ty = self.imm_type(inst); self.call(&format!("run.zero::<{of}>"), &[], &[ty], None) }

            Op::IAdd => self.call("add", args, &[], stops),
            Op::ISub if planted::is(80) => { let swapped: Vec<Value> = args.iter().rev().copied().collect(); self.call("sub", &swapped, &[], stops) }
            Op::ISub => self.call("sub", args, &[], stops),
            Op::IMul => self.call("mul", args, &[], stops),
            Op::IDiv => self.call("div", args, &[], stops),
            Op::IDivFloor => self.call("div_floor", args, &[], stops),
            Op::IRem => self.call("rem", args, &[], stops),
            Op::INeg => self.call("neg", args, &[], stops),
            Op::IAbs => self.call("abs", args, &[], stops),
            Op::IMin | Op::IMax => {
                let [a, b] = self.two(inst);
                let name = if inst.op == Op::IMin { "i64::min" } else { "i64::max" };
                Expr::atom(format!("{name}({}, {})", a.text, b.text))
            }
            Op::ISign => self.call("isign", args, &[], None),
            Op::IAddWrap => self.call("iadd_wrap", args, &[], None),
            Op::ISubWrap => self.call("isub_wrap", args, &[], None),
            Op::IMulWrap => self.call("imul_wrap", args, &[], None),
            Op::IAddOver => self.call("iadd_over", args, &[], None),
            Op::ISubOver => self.call("isub_over", args, &[], None),
            Op::IMulOver => self.call("imul_over", args, &[], None),

            Op::FAdd => self.infix(inst, "+", Level::Sum),
            Op::FSub => self.infix(inst, "-", Level::Sum),
            Op::FMul => self.infix(inst, "*", Level::Product),
            Op::FDiv => self.infix(inst, "/", Level::Product),
            Op::FRem => self.call("frem", args, &[], None),
            Op::FNeg => { let [a, _] = self.two(inst); Expr::prefix(format!("-{}", a.at(Level::Atom))) }
            Op::FAbs => { let [a, _] = self.two(inst); Expr::atom(format!("f64::abs({})", a.text)) }
            Op::FMin if planted::is(81) => self.call("f64::min", args, &[], None),
            Op::FMin => self.call("fmin", args, &[], None),
            Op::FMax => self.call("fmax", args, &[], None),
            Op::FSign => self.call("fsign", args, &[], None),
            Op::FSqrt => self.call("fsqrt", args, &[], None),
            Op::FSin => self.call("fsin", args, &[], None),
            Op::FCos => self.call("fcos", args, &[], None),
            Op::FTan => self.call("ftan", args, &[], None),
            Op::FAsin => self.call("fasin", args, &[], None),
            Op::FAtan2 => self.call("fatan2", args, &[], None),
            Op::FExp => self.call("fexp", args, &[], None),
            Op::FLog => self.call("flog", args, &[], None),
            Op::FPow => self.call("fpow", args, &[], None),

            Op::IToF | Op::UToF => {
                let [a, _] = self.two(inst);
                Expr { text: format!("{} as f64", a.at(Level::Prefix)), level: Level::Cast }
            }
            Op::UToI => self.call("to_int", args, &[], stops),
            Op::IToU => self.call("to_uint", args, &[], stops),
            Op::FToIFloor => self.call("floor", args, &[], stops),
            Op::FToICeil => self.call("ceil", args, &[], stops),
            Op::FToIRound => self.call("round", args, &[], stops),
            Op::FToITrunc => self.call("trunc", args, &[], stops),
            Op::Narrow => match inst.imm {
                Imm::Type(Type::Int(kind)) if kind != IntKind::I64 && !planted::is(82) => {
                    let [a, _] = self.two(inst);
                    Expr::atom(format!("narrow(IntKind::{kind:?}, {}, {})?", a.text, self.node(inst)))
                }
                _ => self.value(args[0]),
            },
            Op::FRound32 => self.call("fround32", args, &[], None),
            Op::Retype | Op::Reveal => self.value(args[0]),

            Op::ICmp | Op::UCmp | Op::FCmp => self.infix(inst, operator(imm_cond(inst)), Level::Compare),
            Op::UICmp => self.ordering("cmp_uint_int", inst, false),
            Op::IFCmp => self.ordering("cmp_int_float", inst, true),
            Op::UFCmp => self.ordering("cmp_uint_float", inst, true),
            Op::SCmp => match imm_cond(inst) {
                cond @ (Cond::Eq | Cond::Ne) => self.same_text(inst, operator(cond)),
                _ => self.ordering("run.compare", inst, false),
            },
            Op::Equal => match self.ty(args[0]) {
                Type::Bool | Type::Int(_) => self.infix(inst, "==", Level::Compare),
                Type::String | Type::Uuid => self.same_text(inst, "=="),
                ty => { let ty = format!("&{}", self.constants.ty(&ty.clone())); self.typed("run.equal", &ty, inst) }
            },
            Op::Digest => { let ty = self.arg_type(inst); self.typed("run.digest", &ty, inst) }
            Op::Not => { let a = args[0]; self.condition(a, true) }
            Op::And => self.infix(inst, "&", Level::And),
            Op::Or => self.infix(inst, "|", Level::Or),
            Op::Select => self.call("select", args, &[], None),

            Op::Text => match self.ty(args[0]) {
                Type::Bool => self.call("run.bool_text", args, &[], None),
                Type::Int(IntKind::U64) => self.call("run.uint_text", args, &[], None),
                Type::Int(_) => self.call("run.int_text", args, &[], None),
                Type::Float64 | Type::Float32 => self.call("run.float_text", args, &[], None),
                _ => self.value(args[0]),
            },
            Op::Concat => { let parts = self.slots(args); self.call("run.concat", &[], &[parts], stops) }
            Op::StrLen => self.call("run.str_len", args, &[], None),
            Op::StrAt => self.call("run.str_at", args, &[], stops),
            Op::StrContains => self.call("run.str_contains", args, &[], None),
            Op::StrStarts => self.call("run.str_starts", args, &[], None),
            Op::StrEnds => self.call("run.str_ends", args, &[], None),
            Op::StrSlice => self.call("run.str_slice", args, &[], None),
            Op::StrFind => self.call("run.str_find", args, &[], None),
            Op::StrReplace => self.call("run.str_replace", args, &[], stops),
            Op::StrSplit => self.call("run.str_split", args, &[], stops),
            Op::StrJoin => self.call("run.str_join", args, &[], stops),
            Op::StrRepeat => self.call("run.str_repeat", args, &[], stops),
            Op::StrUpper => self.call("run.str_upper", args, &[], stops),
            Op::StrLower => self.call("run.str_lower", args, &[], stops),
            Op::StrTrim => self.call("run.str_trim", args, &[], None),
            Op::StrIsInt => self.call("run.str_is_int", args, &[], None),
            Op::StrToInt => self.call("run.str_to_int", args, &[], None),
            Op::StrIsFloat => self.call("run.str_is_float", args, &[], None),
            Op::StrToFloat => self.call("run.str_to_float", args, &[], None),
            Op::StrFormat => { let kinds = imm_str(inst); self.call("run.str_format", args, &[kinds], stops) }
            Op::BytesLen => self.call("run.bytes_len", args, &[], None),

            Op::Some => match &inst.imm {
                Imm::Type(ty) if is_itself(ty) => self.value(args[0]),
                _ => { let ty = self.imm_type(inst); let a = self.value(args[0]); Expr::atom(format!("run.some({ty}, {})", a.text)) }
            },
            Op::IsNull => { let a = self.value(args[0]); Expr::binary(&a, "==", &Expr::atom("0"), Level::Compare) }
            Op::NonNull => match self.ty(args[0]) {
                ty if is_itself(ty) => self.call("non_null", args, &[], stops),
                _ => { let ty = self.arg_type(inst); self.typed(&format!("run.unwrap::<{of}>"), &ty, inst) }
            },

            Op::Root => { let ty = self.imm_struct(inst); self.call("run.root", &[], &[ty], stops) }
            Op::RootActivate => { let ty = self.imm_struct(inst); self.call("run.root_activate", &[], &[ty], stops) }
            Op::RootDeactivate => { let ty = self.imm_struct(inst); self.call("run.root_deactivate", &[], &[ty], stops) }
            Op::RootIsActive => { let ty = self.imm_struct(inst); self.call("run.root_is_active", &[], &[ty], None) }
            Op::RootReset => { let ty = self.imm_struct(inst); self.call("run.root_reset", &[], &[ty], stops) }
            Op::Load if planted::is(83) => { let field = self.imm_field(inst); self.call(&format!("run.load_known::<{of}>"), args, &[field], None) }
            Op::Load => { let field = self.imm_field(inst); self.call(&format!("run.load::<{of}>"), args, &[field], stops) }
            Op::LoadKnown => { let field = self.imm_field(inst); self.call(&format!("run.load_known::<{of}>"), args, &[field], None) }
            Op::Store => self.record("run.store", inst, stops),
            Op::WriteCheck => self.record("run.check_write", inst, stops),
            Op::WriteCheckIn => {
                let container = self.value(args[0]).text;
                let at = match args.get(1) { Some(at) => format!("Some({})", self.bits(*at)), None => "None".into() };
                self.call("run.check_write_in", &[], &[container, at], stops)
            }
            Op::StructNew => { let ty = self.imm_struct(inst); self.call("run.struct_new", &[], &[ty], None) }
            Op::StructInit => self.record("run.struct_init", inst, stops),
            Op::StructCopy => { let ty = self.arg_struct(inst); self.call("run.struct_copy", args, &[ty], stops) }
            Op::StructAttached => { let ty = self.arg_struct(inst); self.call("run.struct_attached", args, &[ty], stops) }
            Op::RecordNew => { let (ty, fields) = (self.imm_type(inst), self.slots(args)); self.call("run.record_new", &[], &[ty, fields], None) }
            Op::RecordGet => self.call(&format!("run.record_get::<{of}>"), args, &[imm_int(inst).to_string()], None),

            Op::ListNew => { let (ty, elements) = (self.imm_type(inst), self.slots(args)); self.call("run.list_new", &[], &[ty, elements], stops) }
            // Loops over rows are recognised in the source itself.
            Op::ListDense => Expr::atom("false"),
            Op::ListLen => self.call("run.list_len", args, &[], None),
            Op::ListGet => self.call(&format!("run.list_get::<{of}>"), args, &[], stops),
            Op::ListAt => self.call(&format!("run.list_at::<{of}>"), args, &[], None),
            Op::ListPush => self.call("run.list_push", args, &[], stops),
            Op::ListSnapshot => self.call("run.list_snapshot", args, &[], None),
            Op::ListFind => self.call("run.list_find", args, &[], stops),
            Op::ListFindKey => self.record("run.list_find_key", inst, stops),
            Op::ListOrder => {
                let element = self.ty(args[0]).element().cloned().unwrap_or(Type::Bool);
                let ty = format!("&{}", self.constants.ty(&element));
                let [list, descending] = self.two(inst);
                Expr::atom(format!("run.list_order({ty}, {}, {})", list.text, descending.text))
            }
            Op::ListInsert => self.call("run.list_insert", args, &[], stops),
            Op::ListSet => self.call("run.list_set", args, &[], stops),
            Op::ListRemove => self.call("run.list_remove", args, &[], stops),
            Op::ListAssign => self.call("run.list_assign", args, &[], stops),
            Op::ListClear => self.call("run.list_clear", args, &[], stops),
            Op::ListVersion => self.call("run.list_version", args, &[], None),

            Op::MapNew => { let (ty, entries) = (self.imm_type(inst), self.slots(args)); self.call("run.map_new", &[], &[ty, entries], stops) }
            Op::MapLen => self.call("run.map_len", args, &[], None),
            Op::MapFind => self.call("run.map_find", args, &[], None),
            Op::MapKeyAt => self.call(&format!("run.map_key_at::<{of}>"), args, &[], stops),
            Op::MapValueAt => self.call(&format!("run.map_value_at::<{of}>"), args, &[], stops),
            Op::MapPut => self.call("run.map_put", args, &[], stops),
            Op::MapRemove => self.call("run.map_remove", args, &[], stops),
            Op::MapSnapshot => self.call("run.map_snapshot", args, &[], None),
            Op::MapAssign => self.call("run.map_assign", args, &[], stops),
            Op::MapClear => self.call("run.map_clear", args, &[], stops),
            Op::MapVersion => self.call("run.map_version", args, &[], None),

            Op::RandInt => self.call("run.rand_int", args, &[], None),
            Op::RandFloat => self.call("run.rand_float", args, &[], None),
            Op::RandUnit => self.call("run.rand_unit", args, &[], None),
            Op::Now => Expr::atom("run.now()"),
            Op::Stream => Expr::atom("run.stream()"),
            Op::Host => Expr::atom("run.host()"),
            Op::EmitAll => { let payload = self.payload(args.get(1)); self.emit("To::All".into(), args[0], payload, inst) }
            Op::EmitOne | Op::EmitMany | Op::EmitExcept => {
                let to = match inst.op { Op::EmitOne => "One", Op::EmitMany => "Many", _ => "Except" };
                let whom = self.value(args[0]).text;
                let payload = self.payload(args.get(2));
                self.emit(format!("To::{to}({whom})"), args[1], payload, inst)
            }
            Op::Kick => self.call("run.kick", args, &[], None),
            Op::Schedule => self.with_payload("run.schedule", inst, 2),
            Op::Unschedule => self.call("run.unschedule", args, &[], None),
            Op::FilterAdd => self.with_payload("run.filter_add", inst, 3),
            Op::FilterRemove => self.call("run.filter_remove", args, &[], None),
            Op::FilterHas => self.call("run.filter_has", args, &[], None),
            Op::EffectAdd => self.with_payload("run.effect_add", inst, 7),
            Op::EffectRemove => self.call("run.effect_remove", args, &[], stops),
            Op::EffectHas => self.call("run.effect_has", args, &[], None),
            Op::EffectsLift => Expr::atom("run.effects_lift()"),
            Op::EffectsLiftAt => self.record("run.effects_lift_at", inst, None),
            Op::EffectsApply => self.call("run.effects_apply", &[], &[], stops),
            Op::ConfigGet => { let ty = self.imm_type(inst); self.call(&format!("run.config_get::<{of}>"), args, &[ty], None) }
            Op::ConfigSet => {
                let ty = self.ty(args[1]).clone();
                let (name, ty) = (self.value(args[0]).text, format!("&{}", self.constants.ty(&ty)));
                let value = self.value(args[1]).text;
                self.call("run.config_set", &[], &[name, ty, value], stops)
            }
            Op::ConfigReload => Expr::atom("run.config_reload()"),

            Op::Fuel => self.call("fuel.charge", &[], &[(imm_int(inst).unsigned_abs() + u64::from(planted::is(84))).to_string()], stops),
            Op::FuelN => self.call("fuel.charge_int", args, &[], stops),
            Op::FuelShort => self.call("fuel.is_short", args, &[], None),
            Op::Mem => { let ty = self.arg_type(inst); self.typed("run.charge_size", &ty, inst) }
            Op::MemN => self.call("run.charge_memory", args, &[], stops),
            Op::EntriesShort => self.call("run.are_entries_short", args, &[], None),
            Op::MemShort => self.call("run.is_memory_short", args, &[], None),
            Op::TrapIf => { let code = imm_trap(inst); self.call("trap_if", args, &[code], stops) }
            Op::Call => match inst.imm {
                Imm::Func(callee) => {
                    let name = self.function_names.get(callee.index()).cloned().unwrap_or_default();
                    let operands: Vec<String> = args.iter().map(|arg| self.value(*arg).text).collect();
                    let rest: String = operands.iter().map(|operand| format!(", {operand}")).collect();
                    Expr::atom(format!("{name}(run, fuel{rest})?"))
                }
                _ => Expr::atom("()"),
            },
            Op::HostCall => { let site = self.host_site(inst); let slots = self.slots(args); self.call(&format!("run.host_call::<{of}>"), &[], &[site, slots], stops) }
            Op::Message => {
                let (name, text, value) = (self.own_name(), self.value(args[0]).text, self.payload(args.get(1)));
                Expr::atom(format!("run.message({name}, {text}, {value}, {})", self.node(inst)))
            }
            Op::Enter => Expr::atom(format!("run.enter({}, {})", self.own_name(), self.node(inst))),
            Op::Leave => Expr::atom(format!("run.leave({}, {})", self.own_name(), self.node(inst))),
            Op::Probe => {
                let (ty, value) = (self.arg_type(inst), self.value(args[0]).text);
                Expr::atom(format!("run.probe({}, {}, {ty}, {value}, {})", self.own_name(), imm_str(inst), self.node(inst)))
            }
            Op::Watch => {
                let (ty, value) = (self.arg_type(inst), self.value(args[0]).text);
                Expr::atom(format!("run.watch({}, {ty}, {value})", imm_str(inst)))
            }
        }
    }

    fn own_name(&self) -> String {
        string(&self.function.name)
    }

    fn arg_type(&mut self, inst: &Inst) -> String {
        let ty = inst.args.first().map_or(Type::Bool, |value| self.ty(*value).clone());
        format!("&{}", self.constants.ty(&ty))
    }

    /// A call whose first argument is a type.
    fn typed(&mut self, name: &str, ty: &str, inst: &Inst) -> Expr {
        let mut args = vec![ty.to_owned()];
        args.extend(inst.args.iter().map(|value| self.value(*value).text));
        self.call(name, &[], &args, Some(inst))
    }

    /// A call with a field behind the first operand.
    pub(super) fn record(&mut self, name: &str, inst: &Inst, stops: Option<&Inst>) -> Expr {
        let field = self.imm_field(inst);
        let mut args: Vec<String> = inst.args.iter().map(|value| self.value(*value).text).collect();
        args.insert(args.len().min(1), field);
        self.call(name, &[], &args, stops)
    }

    /// A call with so many operands, and then perhaps one that is handed on with its type.
    fn with_payload(&mut self, name: &str, inst: &Inst, fixed: usize) -> Expr {
        let operands = inst.args.get(..fixed).unwrap_or_default();
        let mut args: Vec<String> = operands.iter().map(|value| self.value(*value).text).collect();
        args.push(self.payload(inst.args.get(fixed)));
        self.call(name, &[], &args, Some(inst))
    }

    fn emit(&mut self, to: String, kind: Value, payload: String, inst: &Inst) -> Expr {
        let kind = self.value(kind).text;
        self.call("run.emit", &[], &[to, kind, payload], Some(inst))
    }

    fn same_text(&mut self, inst: &Inst, operator: &str) -> Expr {
        let [a, b] = self.two(inst);
        let text = format!("run.str({}) {operator} run.str({})", a.text, b.text);
        Expr { text, level: Level::Compare }
    }

    /// A comparison by a function that gives an ordering, or perhaps one.
    fn ordering(&mut self, name: &str, inst: &Inst, is_partial: bool) -> Expr {
        let compared = self.call(name, &inst.args, &[], None);
        let method = match imm_cond(inst) {
            Cond::Eq => "is_eq",
            Cond::Ne => "is_ne",
            Cond::Lt => "is_lt",
            Cond::Le => "is_le",
            Cond::Gt => "is_gt",
            Cond::Ge => "is_ge",
        };
        match (is_partial, imm_cond(inst)) {
            (false, _) => compared.method(&format!("{method}()")),
            (true, Cond::Ne) if !planted::is(85) => compared.method("is_none_or(Ordering::is_ne)"),
            (true, _) => compared.method(&format!("is_some_and(Ordering::{method})")),
        }
    }

    fn host_site(&mut self, inst: &Inst) -> String {
        let inputs = inst.args.iter().map(|value| self.ty(*value).clone()).collect();
        if let Imm::Host(node) = &inst.imm {
            self.hosts.push((node.name.clone(), inputs, node.output.clone()));
        }
        (self.hosts.len().saturating_sub(1)).to_string()
    }
}
