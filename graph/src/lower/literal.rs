//! Inputs: literals take their type from where they go (R3.1), references from what they refer to.

use std::sync::Arc;

use statewright_types::{Diagnostic, IntKind, RecordType, Type};

use super::convert::{Site, Wants};
use super::typing::{join, never};
use super::{GraphCx, Lowered, Operand};
use crate::check::codes;
use crate::document::{Input, InputKind, Name, TemplatePart};
use crate::ir::typing::too_big;
use crate::ir::{Imm, Op, Value};

/// How deep literals, references in brackets and pure nodes outside the flow nest at most, all together: lowering them
/// is recursive.
const MAX_DEPTH: usize = 300;

impl GraphCx<'_> {
    /// The value of an input, of type `wanted` if one is wanted. A composite literal counts once, as a whole (R7.4).
    pub(crate) fn elaborate(&mut self, input: &Input, wanted: Option<&Type>, site: Site<'_>) -> Lowered<Operand> {
        let operand = self.literal(input, wanted, site)?;
        if matches!(input.kind, InputKind::List(_) | InputKind::Map(_)) && !input.constant {
            self.charge(&operand.ty.clone(), operand.value);
        }
        self.wanted(operand, wanted, Site { span: input.span, ..site })
    }

    /// A part of a composite literal: counts with the whole.
    fn part(&mut self, input: &Input, wanted: Option<&Type>, site: Site<'_>) -> Lowered<Operand> {
        let operand = self.literal(input, wanted, site)?;
        self.wanted(operand, wanted, Site { span: input.span, ..site })
    }

    fn wanted(&mut self, operand: Operand, wanted: Option<&Type>, site: Site<'_>) -> Lowered<Operand> {
        match wanted {
            Some(ty) => self.convert(operand, ty, site),
            None => Ok(operand),
        }
    }

    fn literal(&mut self, input: &Input, wanted: Option<&Type>, site: Site<'_>) -> Lowered<Operand> {
        let site = Site { span: input.span, ..site };
        self.enter(site)?;
        let outcome = self.literal_here(input, wanted, site);
        self.depth -= 1;
        outcome
    }

    /// One level deeper, unless that is too deep; the caller goes back up.
    pub(super) fn enter(&mut self, site: Site<'_>) -> Lowered<()> {
        if self.depth >= MAX_DEPTH {
            let message = "this value and what it is computed from nest too deep";
            let help = "put a node of the chain into the flow: it is then computed there, once";
            let diagnostic = Diagnostic::error(codes::TOO_DEEP, site.span, message).help(help);
            return Err(self.report(site.node, site.port, diagnostic));
        }
        self.depth += 1;
        Ok(())
    }

    fn literal_here(&mut self, input: &Input, wanted: Option<&Type>, site: Site<'_>) -> Lowered<Operand> {
        Ok(match (&input.kind, wanted.map(Type::non_null)) {
            (InputKind::Invalid, _) => return Err(super::Abort),
            (InputKind::Int(value), Some(Type::Int(IntKind::U64))) if *value >= 0 => self.unsigned(*value as u64),
            (InputKind::Int(value), Some(Type::Int(kind))) => self.int_literal(i128::from(*value), *kind, site)?,
            (InputKind::UInt(value), Some(Type::Int(kind))) if *kind != IntKind::U64 => {
                self.int_literal(i128::from(*value), *kind, site)?
            }
            (InputKind::Int(value), Some(ty)) if ty.is_float() => self.float_literal(*value, site),
            (InputKind::Int(value), _) => Operand::new(self.int(*value), Type::INT),
            (InputKind::UInt(value), _) => self.unsigned(*value),
            (InputKind::Float(value), _) => Operand::new(self.float(*value), Type::Float64),
            (InputKind::Bool(value), _) => Operand::new(self.bool(*value), Type::Bool),
            (InputKind::Text(text), _) => Operand::new(self.shared_text(text), Type::String),
            (InputKind::Null, _) => {
                let ty = wanted.filter(|ty| matches!(ty, Type::Nullable(_))).cloned();
                let ty = ty.unwrap_or_else(|| Type::nullable(never()));
                Operand::new(self.op(Op::Null, &[], Imm::Type(ty.clone()), ty.clone()), ty)
            }
            (InputKind::Reference(reference), _) => self.reference(reference, site)?,
            (InputKind::Template(parts), _) => self.template(parts, site)?,
            (InputKind::List(elements), Some(Type::List(element))) => {
                let element = Type::clone(element);
                self.list_literal(elements, &element, site)?
            }
            (InputKind::List(elements), _) => self.untyped_list(elements, site)?,
            (InputKind::Map(entries), Some(Type::Struct(id))) => self.struct_literal(entries, *id, site)?,
            (InputKind::Map(entries), Some(ty @ Type::Map(..))) => {
                let ty = ty.clone();
                self.map_literal(entries, &ty, site)?
            }
            (InputKind::Map(entries), _) => self.record_literal(entries, site)?,
        })
    }

    fn unsigned(&mut self, value: u64) -> Operand {
        let ty = Type::Int(IntKind::U64);
        Operand::new(self.op(Op::UConst, &[], Imm::Int(value as i64), ty.clone()), ty)
    }

    fn int_literal(&mut self, value: i128, kind: IntKind, site: Site<'_>) -> Lowered<Operand> {
        let (least, most) = kind.range();
        if !(least..=most).contains(&value) {
            let message = format!("{value} does not fit {}, which holds {least} to {most}", kind.name());
            let help = "write a number in that range, or give the field a wider type";
            let diagnostic = Diagnostic::error(codes::LITERAL, site.span, message).help(help);
            return Err(self.report(site.node, site.port, diagnostic));
        }
        Ok(Operand::new(self.int(i64::try_from(value).unwrap_or(0)), Type::INT))
    }

    fn float_literal(&mut self, value: i64, site: Site<'_>) -> Operand {
        let float = value as f64;
        if float as i128 != i128::from(value) {
            let message = format!("{value} is not exactly a float; it becomes {float:.0}");
            let diagnostic = Diagnostic::warning(codes::PRECISION, site.span, message)
                .help("floats hold whole numbers exactly up to 9007199254740992")
                .fix(site.span, format!("{float:.0}"));
            self.report(site.node, site.port, diagnostic);
        }
        Operand::new(self.float(float), Type::Float64)
    }

    fn template(&mut self, parts: &[TemplatePart], site: Site<'_>) -> Lowered<Operand> {
        let mut texts: Vec<Value> = Vec::new();
        for part in parts {
            let value = match part {
                TemplatePart::Text(text) => self.shared_text(text),
                TemplatePart::Value(reference) => {
                    let operand = self.reference(reference, site)?;
                    let shown = format!("`{{{{{}}}}}` in a template", reference.text);
                    let operand = self.non_null(operand, Site { wants: Wants::Named(&shown), ..site })?;
                    self.text_of(operand, Site { wants: Wants::Named(&shown), ..site })?
                }
            };
            texts.push(value);
        }
        let value = self.op(Op::Concat, &texts, Imm::None, Type::String);
        self.charge(&Type::String, value);
        Ok(Operand::new(value, Type::String))
    }

    /// The text of a scalar; anything else is a type error.
    pub(crate) fn text_of(&mut self, operand: Operand, site: Site<'_>) -> Lowered<Value> {
        match &operand.ty {
            Type::String => Ok(operand.value),
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 | Type::Uuid => {
                Ok(self.op(Op::Text, &[operand.value], Imm::None, Type::String))
            }
            other => {
                let message =
                    format!("{} takes text, a number or a bool, and this is {}", site.wants, self.show(other));
                let diagnostic =
                    Diagnostic::error(codes::TYPE, site.span, message).help("name one of its fields or its `.length`");
                Err(self.report(site.node, site.port, diagnostic))
            }
        }
    }

    fn list_literal(&mut self, elements: &[Input], element: &Type, site: Site<'_>) -> Lowered<Operand> {
        self.builder.expect(elements.len());
        let mut values = Vec::with_capacity(elements.len());
        for input in elements {
            let operand = self.part(input, Some(element), site)?;
            values.push(self.owned(&operand));
        }
        let ty = Type::list(element.clone());
        Ok(Operand::new(self.op(Op::ListNew, &values, Imm::Type(ty.clone()), ty.clone()), ty))
    }

    fn untyped_list(&mut self, elements: &[Input], site: Site<'_>) -> Lowered<Operand> {
        self.builder.expect(elements.len());
        let mut operands = Vec::with_capacity(elements.len());
        let mut element = never();
        for input in elements {
            let operand = self.part(input, None, site)?;
            let Some(joined) = join(&element, &operand.ty) else {
                let (a, b) = (self.show(&element), self.show(&operand.ty));
                let message = format!("the elements of this array differ in type: {a} and {b}");
                let diagnostic = Diagnostic::error(codes::TYPE, input.span, message).help("give all elements one type");
                return Err(self.report(site.node, site.port, diagnostic));
            };
            element = joined;
            operands.push((operand, input.span));
        }
        let mut values = Vec::with_capacity(operands.len());
        for (operand, span) in operands {
            let operand = self.convert(operand, &element, Site { span, ..site })?;
            values.push(self.owned(&operand));
        }
        let ty = Type::list(element);
        self.sized(&ty, site)?;
        Ok(Operand::new(self.op(Op::ListNew, &values, Imm::Type(ty.clone()), ty.clone()), ty))
    }

    /// Refuses a type that has grown beyond all use: values of values of values…
    fn sized(&mut self, ty: &Type, site: Site<'_>) -> Lowered<()> {
        if too_big(ty) { Err(self.unwieldy(site)) } else { Ok(()) }
    }

    /// Reports such a type.
    pub(super) fn unwieldy(&mut self, site: Site<'_>) -> super::Abort {
        let message = format!("{} has a value that nests too deep, or has too many parts", site.wants);
        let help = "keep data of this size in the state, with types of the schema";
        self.report(site.node, site.port, Diagnostic::error(codes::TOO_DEEP, site.span, message).help(help))
    }

    fn struct_literal(
        &mut self,
        entries: &[(Name, Input)],
        id: statewright_types::StructId,
        site: Site<'_>,
    ) -> Lowered<Operand> {
        let fields = self.fields(entries, id, site, Self::part)?;
        Ok(self.new_struct(id, fields))
    }

    /// Evaluates the fields given for a struct, in document order.
    pub(crate) fn struct_fields(
        &mut self,
        entries: &[(Name, Input)],
        id: statewright_types::StructId,
        site: Site<'_>,
    ) -> Lowered<Vec<(u32, Value)>> {
        self.fields(entries, id, site, Self::elaborate)
    }

    fn fields(
        &mut self,
        entries: &[(Name, Input)],
        id: statewright_types::StructId,
        site: Site<'_>,
        each: fn(&mut Self, &Input, Option<&Type>, Site<'_>) -> Lowered<Operand>,
    ) -> Lowered<Vec<(u32, Value)>> {
        let mut fields = Vec::with_capacity(entries.len());
        let mut outcome = Ok(());
        for (name, input) in entries {
            let (index, ty) = match self.field_of(id, &name.text, Site { span: name.span, ..site }) {
                Ok(found) => found,
                Err(abort) => {
                    outcome = Err(abort);
                    continue;
                }
            };
            match each(self, input, Some(&ty), Site { wants: Wants::Field(&name.text), ..site }) {
                Ok(operand) => {
                    let value = self.owned(&operand);
                    fields.push((index, value));
                }
                Err(abort) => outcome = Err(abort),
            }
        }
        outcome.map(|()| fields)
    }

    /// A struct with defaults and the given fields.
    pub(crate) fn new_struct(&mut self, id: statewright_types::StructId, fields: Vec<(u32, Value)>) -> Operand {
        let made = self.op(Op::StructNew, &[], Imm::Struct(id), Type::Struct(id));
        for (index, value) in fields {
            self.act(Op::StructInit, &[made, value], Imm::Field(id, index));
        }
        Operand::new(made, Type::Struct(id))
    }

    fn map_literal(&mut self, entries: &[(Name, Input)], ty: &Type, site: Site<'_>) -> Lowered<Operand> {
        let Type::Map(key, element) = ty else { return Err(super::Abort) };
        self.builder.expect(entries.len() * 2);
        let mut values = Vec::with_capacity(entries.len() * 2);
        for (name, input) in entries {
            values.push(self.key_literal(&name.text, key, Site { span: name.span, ..site })?);
            let operand = self.part(input, Some(element), site)?;
            values.push(self.owned(&operand));
        }
        Ok(Operand::new(self.op(Op::MapNew, &values, Imm::Type(ty.clone()), ty.clone()), ty.clone()))
    }

    fn record_literal(&mut self, entries: &[(Name, Input)], site: Site<'_>) -> Lowered<Operand> {
        self.builder.expect(entries.len());
        let mut values = Vec::with_capacity(entries.len());
        let mut fields: Vec<(Arc<str>, Type)> = Vec::with_capacity(entries.len());
        for (name, input) in entries {
            let operand = self.part(input, None, Site { wants: Wants::Entry(&name.text), ..site })?;
            values.push(self.owned(&operand));
            fields.push((name.text.clone(), operand.ty));
        }
        let ty = Type::Record(Arc::new(RecordType { fields }));
        self.sized(&ty, site)?;
        Ok(Operand::new(self.op(Op::RecordNew, &values, Imm::Type(ty.clone()), ty.clone()), ty))
    }
}
