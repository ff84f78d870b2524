//! Conversions at every place that has a type (R3.4).

use std::fmt;
use std::sync::Arc;

use statewright_types::{Diagnostic, Help, IntKind, Repair, Span, TrapCode, Type};

use super::typing::{is_never, join};
use super::{GraphCx, Live, Lowered, Operand};
use crate::check::codes;
use crate::flow::NodeIx;
use crate::ir::{Cond, Imm, Op, Value};

/// Where a value goes, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Site<'s> {
    /// The node that wants it.
    pub(crate) node: NodeIx,
    /// The port it comes by, if it does.
    pub(crate) port: Option<&'s str>,
    /// What wants it, for messages.
    pub(crate) wants: Wants<'s>,
    /// Where the value stands.
    pub(crate) span: Span,
}

/// What wants a value; put into words only where something is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Wants<'s> {
    /// In these words.
    Named(&'s str),
    /// A port of a node type.
    Port(&'s str, &'static str),
    /// A field of a struct.
    Field(&'s str),
    /// A field of an anonymous record.
    Entry(&'s str),
    /// A lookup by that field.
    Lookup(&'s str),
}

impl fmt::Display for Wants<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wants::Named(words) => f.write_str(words),
            Wants::Port(port, of) => write!(f, "`{port}` of {of}"),
            Wants::Field(name) => write!(f, "field `{name}`"),
            Wants::Entry(name) => write!(f, "`{name}`"),
            Wants::Lookup(field) => write!(f, "the lookup by `{field}`"),
        }
    }
}

impl GraphCx<'_> {
    /// Converts to `to` or reports why that is not possible.
    pub(crate) fn convert(&mut self, operand: Operand, to: &Type, site: Site<'_>) -> Lowered<Operand> {
        if operand.ty.loaded() == to.loaded() || is_never(to) {
            return Ok(self.fit(operand, to));
        }
        match (&operand.ty, to) {
            (Type::Nullable(inner), Type::Nullable(_)) if is_never(inner) => {
                let value = self.op(Op::Null, &[], Imm::Type(to.clone()), to.clone());
                Ok(Operand { value, ty: to.clone(), ..operand })
            }
            (Type::Nullable(_), Type::Nullable(wanted)) => self.convert_inside(operand, wanted, to, site),
            (_, Type::Nullable(inner)) => {
                let operand = self.convert(operand, inner, site)?;
                let value = self.owned(&operand);
                let value = self.op(Op::Some, &[value], Imm::Type(to.clone()), to.clone());
                Ok(Operand { value, ty: to.clone(), live: Live::No, ..operand })
            }
            (Type::Nullable(inner), _) if is_never(inner) => Err(self.mismatch(&operand, to, site)),
            (Type::Nullable(_), _) => {
                let operand = self.non_null(operand, site)?;
                self.convert(operand, to, site)
            }
            (from, to) if from.is_number() && to.is_number() => self.convert_number(operand, to, site),
            (Type::Int(_) | Type::Float32 | Type::Float64 | Type::Bool, Type::String) => {
                let from = self.show(&operand.ty);
                let message = format!("{} takes a string; this {from} is converted to its text", site.wants);
                let diagnostic = Diagnostic::warning(codes::CONVERSION, site.span, message)
                    .help("say so with a template, `{\"template\": \"{{…}}\"}`, or change the field's type")
                    .repair(Repair::AsText(operand.text.clone().unwrap_or_default()));
                self.report(site.node, site.port, diagnostic);
                let value = self.op(Op::Text, &[operand.value], Imm::None, Type::String);
                Ok(Operand::new(value, Type::String))
            }
            (from, to) if from.is_text() && to.is_text() => {
                let value = self.op(Op::Retype, &[operand.value], Imm::Type(to.clone()), to.clone());
                Ok(Operand { value, ty: to.clone(), ..operand })
            }
            (Type::Record(_), Type::Struct(_) | Type::Map(..) | Type::Record(_)) => {
                self.convert_record(operand, to, site)
            }
            (Type::List(from), Type::List(wanted)) => {
                let (from, wanted) = (Type::clone(from), Type::clone(wanted));
                self.convert_list(operand, &from, &wanted, site)
            }
            _ => Err(self.mismatch(&operand, to, site)),
        }
    }

    /// Converts between types that [`join`] has found to meet.
    pub(crate) fn convert_plain(&mut self, operand: Operand, to: &Type) -> Lowered<Operand> {
        let node = self.current_node();
        let span = self.rows.span(node);
        self.convert(operand, to, Site { node, port: None, wants: Wants::Named("this"), span })
    }

    /// The node being lowered, pulled ones included.
    pub(crate) fn current_node(&self) -> NodeIx {
        self.pulling.last().copied().unwrap_or_else(|| self.flow.instances.get(self.at).map_or(0, |i| i.node))
    }

    fn mismatch(&mut self, operand: &Operand, to: &Type, site: Site<'_>) -> super::Abort {
        let (from, wanted) = (self.show(&operand.ty), self.show(to));
        let message = format!("{} takes {wanted}, and this is {from}", site.wants);
        let mut diagnostic = Diagnostic::error(codes::TYPE, site.span, message);
        let help = match (operand.ty.non_null(), to.non_null()) {
            (from, to) if from.is_float() && to.is_int() => {
                let value = operand.text.clone().unwrap_or_default();
                let help = Help::from("choose how to make it whole: put a Round, Floor, Ceil or ToInt node before it");
                Some(help.and(Repair::Through { ty: "ToInt", value }))
            }
            (from, to) if from.is_text() && to.is_number() => {
                Some("read the number with ParseInt or ParseFloat".into())
            }
            (Type::Struct(id), to) if !matches!(to, Type::Struct(_)) => {
                let def = self.schema().get(*id);
                let field = def.fields.iter().find(|field| join(&field.ty, to).is_some());
                field.map(|field| format!("read one of its fields, such as `.{}`", field.name).into())
            }
            _ => None,
        };
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report(site.node, site.port, diagnostic)
    }

    /// Makes a loaded value fit a narrow type.
    fn fit(&mut self, mut operand: Operand, to: &Type) -> Operand {
        match to {
            Type::Int(kind) if !matches!(kind, IntKind::I64 | IntKind::U64) => {
                operand.value = self.op(Op::Narrow, &[operand.value], Imm::Type(to.clone()), Type::INT);
            }
            Type::Float32 => operand.value = self.fop(Op::FRound32, &[operand.value]),
            Type::List(_) | Type::Map(..) | Type::Nullable(_) => operand.ty = to.clone(),
            _ => {}
        }
        operand
    }

    fn convert_number(&mut self, operand: Operand, to: &Type, site: Site<'_>) -> Lowered<Operand> {
        let unsigned = Type::Int(IntKind::U64);
        let v = operand.value;
        let value = match (&operand.ty.loaded(), &to.loaded()) {
            (from, to) if from.is_int() && to.is_float() => {
                self.fop(if *from == unsigned { Op::UToF } else { Op::IToF }, &[v])
            }
            (from, to) if *from == unsigned && to.is_int() => self.unsigned_to_int(v),
            (from, to) if from.is_int() && *to == unsigned => self.op(Op::IToU, &[v], Imm::None, to.clone()),
            _ => return Err(self.mismatch(&operand, to, site)),
        };
        let operand = Operand { value, ty: to.loaded(), ..operand };
        Ok(self.fit(operand, to))
    }

    fn unsigned_to_int(&mut self, value: Value) -> Value {
        let most = self.op(Op::UConst, &[], Imm::Int(i64::MAX), Type::Int(IntKind::U64));
        let above = self.cmp(Op::UCmp, Cond::Gt, value, most);
        self.trap_if(above, TrapCode::OutOfRange);
        self.iop(Op::UToI, &[value])
    }

    /// `*A` to `*B`: null stays null.
    fn convert_inside(&mut self, operand: Operand, wanted: &Type, to: &Type, site: Site<'_>) -> Lowered<Operand> {
        let null = self.bop(Op::IsNull, &[operand.value]);
        let (yes, no) = self.fork(null);
        let join = self.builder.block();
        let result = self.builder.var(to.clone());
        self.builder.switch_to(yes);
        let value = self.op(Op::Null, &[], Imm::Type(to.clone()), to.clone());
        self.builder.set(result, value);
        self.builder.jump(join);
        self.builder.switch_to(no);
        let inner = operand.ty.non_null().loaded();
        let value = self.op(Op::NonNull, &[operand.value], Imm::None, inner.clone());
        let converted = self.convert(Operand::new(value, inner), wanted, site)?;
        let value = self.op(Op::Some, &[converted.value], Imm::Type(to.clone()), to.clone());
        self.builder.set(result, value);
        self.join_at(join);
        let value = self.builder.get(result);
        Ok(Operand { value, ty: to.clone(), ..operand })
    }

    /// What is inside a nullable; warns where no check was made.
    pub(crate) fn non_null(&mut self, operand: Operand, site: Site<'_>) -> Lowered<Operand> {
        let Type::Nullable(inner) = &operand.ty else { return Ok(operand) };
        if is_never(inner) {
            let wants = site.wants;
            let diagnostic = Diagnostic::error(codes::TYPE, site.span, format!("{wants} cannot be null"));
            return Err(self.report(site.node, site.port, diagnostic));
        }
        if !self.proven(&operand) {
            let message = format!("{} needs a value, and this may be null", site.wants);
            let help = "check first: branch on `found` (or `valid`, or IsNull) with an If; a null stops the handler with null_reference";
            let diagnostic = Diagnostic::warning(codes::NULL, site.span, message).help(help);
            self.report(site.node, site.port, diagnostic);
        }
        let ty = inner.loaded();
        let value = self.op(Op::NonNull, &[operand.value], Imm::None, ty.clone());
        Ok(Operand { value, ty, ..operand })
    }

    fn convert_record(&mut self, operand: Operand, to: &Type, site: Site<'_>) -> Lowered<Operand> {
        let Type::Record(record) = operand.ty.clone() else { return Err(self.mismatch(&operand, to, site)) };
        let mut fields = Vec::new();
        if !is_never(&operand.ty) {
            for (index, (name, ty)) in record.fields.iter().enumerate() {
                let imm = Imm::Int(index as i64);
                let value = self.op(Op::RecordGet, &[operand.value], imm, ty.clone());
                fields.push((name.clone(), Operand::new(value, ty.clone())));
            }
        }
        match to {
            Type::Struct(id) => {
                let made = self.op(Op::StructNew, &[], Imm::Struct(*id), to.clone());
                for (name, value) in fields {
                    self.init_field(made, *id, &name, value, site)?;
                }
                Ok(Operand::new(made, to.clone()))
            }
            Type::Map(key, value) => {
                let (key, value) = (Type::clone(key), Type::clone(value));
                let mut entries = Vec::new();
                for (name, operand) in fields {
                    entries.push(self.key_literal(&name, &key, site)?);
                    let operand = self.convert(operand, &value, site)?;
                    entries.push(self.owned(&operand));
                }
                let made = self.op(Op::MapNew, &entries, Imm::Type(to.clone()), to.clone());
                Ok(Operand::new(made, to.clone()))
            }
            Type::Record(wanted) if wanted.fields.len() == fields.len() => {
                let mut values = Vec::new();
                for ((name, value), (wanted_name, ty)) in fields.into_iter().zip(&wanted.fields) {
                    if name != *wanted_name {
                        return Err(self.mismatch(&operand, to, site));
                    }
                    let value = self.convert(value, ty, site)?;
                    values.push(self.owned(&value));
                }
                let made = self.op(Op::RecordNew, &values, Imm::Type(to.clone()), to.clone());
                Ok(Operand::new(made, to.clone()))
            }
            _ => Err(self.mismatch(&operand, to, site)),
        }
    }

    /// Writes a field of a struct being built.
    pub(crate) fn init_field(
        &mut self,
        made: Value,
        id: statewright_types::StructId,
        name: &Arc<str>,
        value: Operand,
        site: Site<'_>,
    ) -> Lowered<()> {
        let (index, ty) = self.field_of(id, name, site)?;
        let value = self.convert(value, &ty, Site { wants: Wants::Field(name), ..site })?;
        self.act(Op::StructInit, &[made, value.value], Imm::Field(id, index));
        Ok(())
    }

    /// A map key given as text in the document.
    pub(crate) fn key_literal(&mut self, text: &str, key: &Type, site: Site<'_>) -> Lowered<Value> {
        if key.is_text() {
            let value = self.text(text);
            return Ok(if *key == Type::String {
                value
            } else {
                self.op(Op::Retype, &[value], Imm::Type(key.clone()), key.clone())
            });
        }
        let number = text.parse::<i128>().ok();
        let fits = |kind: &IntKind| number.filter(|n| (kind.range().0..=kind.range().1).contains(n));
        match key {
            Type::Int(IntKind::U64) if number.is_some_and(|n| u64::try_from(n).is_ok()) => {
                let bits = number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0) as i64;
                Ok(self.op(Op::UConst, &[], Imm::Int(bits), key.clone()))
            }
            Type::Int(kind) if fits(kind).is_some() => {
                let value = fits(kind).and_then(|n| i64::try_from(n).ok()).unwrap_or(0);
                Ok(self.int(value))
            }
            _ => {
                let message = format!("`{text}` is no key of type {}", self.show(key));
                let diagnostic =
                    Diagnostic::error(codes::LITERAL, site.span, message).help("write the key as a number in range");
                Err(self.report(site.node, site.port, diagnostic))
            }
        }
    }

    fn convert_list(&mut self, operand: Operand, from: &Type, to: &Type, site: Site<'_>) -> Lowered<Operand> {
        let list = Type::list(to.clone());
        let result = self.op(Op::ListNew, &[], Imm::Type(list.clone()), list.clone());
        if is_never(from) {
            return Ok(Operand::new(result, list));
        }
        if !convertible(from, to) {
            return Err(self.mismatch(&operand, &list, site));
        }
        let length = self.iop(Op::ListLen, &[operand.value]);
        let (source, from) = (operand.value, from.loaded());
        self.count(length, &mut |cx, index, _| {
            let value = cx.op(Op::ListGet, &[source, index], Imm::None, from.clone());
            let value = cx.convert(Operand::new(value, from.clone()), to, site)?;
            cx.act(Op::ListPush, &[result, value.value], Imm::None);
            Ok(())
        })?;
        Ok(Operand::new(result, list))
    }
}

/// Whether elements may be converted one by one without being asked for.
fn convertible(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (from, to) if from.is_int() && to.is_number() => true,
        (from, to) if from.is_float() && to.is_float() => true,
        (Type::Record(_), Type::Struct(_) | Type::Map(..)) => true,
        (Type::List(from), Type::List(to)) => is_never(from) || convertible(from, to),
        (from, to) => join(from, to).as_ref() == Some(to),
    }
}
