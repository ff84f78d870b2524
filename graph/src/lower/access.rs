//! Steps of references and paths: fields, indices, keys (R2.2).

use std::fmt;
use std::sync::Arc;

use statewright_types::{Diagnostic, StructId, TrapCode, Type};

use super::convert::{Site, Wants};
use super::{GraphCx, Live, Lowered, Operand};
use crate::check::{codes, listed};
use crate::document::reference::KeyValue;
use crate::document::{Index, Step};
use crate::ir::{Cond, Imm, Op, Value};

/// A step whose bracket has been evaluated.
#[derive(Clone, Debug)]
pub(crate) enum Planned {
    Field(Arc<str>),
    /// `[3]`
    Int(i64),
    /// `["key"]`
    Text(Arc<str>),
    Value(Operand),
    /// `[value:Field]`
    Key(Operand, Arc<str>),
}

impl GraphCx<'_> {
    /// Evaluates what stands in brackets (R2.6).
    pub(crate) fn plan_steps(&mut self, steps: &[Step], site: Site<'_>) -> Lowered<Vec<Planned>> {
        steps.iter().map(|step| self.plan_step(step, site)).collect()
    }

    fn plan_step(&mut self, step: &Step, site: Site<'_>) -> Lowered<Planned> {
        Ok(match step {
            Step::Field(name) => Planned::Field(name.clone()),
            Step::Index(Index::Int(index)) => Planned::Int(*index),
            Step::Index(Index::Text(text)) => Planned::Text(text.clone()),
            Step::Index(Index::Reference(reference)) => {
                let operand = self.reference(reference, site)?;
                Planned::Value(self.non_null(operand, site)?)
            }
            Step::Index(Index::Key { value, field }) => {
                let operand = match value {
                    KeyValue::Text(text) => Operand::new(self.shared_text(text), Type::String),
                    KeyValue::Int(value) => Operand::new(self.int(*value), Type::INT),
                    KeyValue::Reference(reference) => {
                        let operand = self.reference(reference, site)?;
                        self.non_null(operand, site)?
                    }
                };
                Planned::Key(operand, field.clone())
            }
        })
    }

    /// All steps, one after the other; each value along the way is known by `head` and the steps as written, so that
    /// a null check of it counts.
    pub(crate) fn follow_named(
        &mut self,
        mut operand: Operand,
        steps: &[Planned],
        (head, written): (fmt::Arguments<'_>, &[Step]),
        site: Site<'_>,
    ) -> Lowered<Operand> {
        // A path's head may be a step of its own.
        let unnamed = steps.len().saturating_sub(written.len());
        for (index, step) in steps.iter().enumerate() {
            operand = self.step(operand, step, site)?;
            // What cannot be null needs no check.
            if matches!(operand.ty, Type::Nullable(_)) {
                let mut text = head.to_string();
                let so_far = written.iter().take((index + 1).saturating_sub(unnamed));
                so_far.for_each(|step| text.push_str(&step.to_string()));
                operand.text = Some(Arc::from(text));
            }
        }
        Ok(operand)
    }

    /// All steps, one after the other.
    pub(crate) fn follow(&mut self, mut operand: Operand, steps: &[Planned], site: Site<'_>) -> Lowered<Operand> {
        for step in steps {
            operand = self.step(operand, step, site)?;
        }
        Ok(operand)
    }

    /// One step.
    pub(crate) fn step(&mut self, operand: Operand, step: &Planned, site: Site<'_>) -> Lowered<Operand> {
        let operand = self.non_null(operand, site)?;
        match step {
            Planned::Field(name) => self.field_step(operand, name, site),
            Planned::Int(index) => {
                if *index < 0 && !matches!(operand.ty, Type::Map(..)) {
                    return Err(self.negative_index(*index, site));
                }
                let value = self.int(*index);
                self.index_step(operand, Operand::new(value, Type::INT), site)
            }
            Planned::Text(text) => match &operand.ty {
                Type::Record(_) => self.field_step(operand, &text.clone(), site),
                _ => {
                    let value = self.shared_text(text);
                    self.index_step(operand, Operand::new(value, Type::String), site)
                }
            },
            Planned::Value(index) => self.index_step(operand, index.clone(), site),
            Planned::Key(value, field) => self.key_step(operand, value.clone(), field, site),
        }
    }

    pub(crate) fn negative_index(&mut self, index: i64, site: Site<'_>) -> super::Abort {
        let diagnostic = Diagnostic::error(codes::NEGATIVE_INDEX, site.span, format!("the index {index} is negative"))
            .help("indices count from 0");
        self.report(site.node, site.port, diagnostic)
    }

    /// Position and type of a struct's field.
    pub(crate) fn field_of(&mut self, id: StructId, name: &str, site: Site<'_>) -> Lowered<(u32, Type)> {
        let def = self.schema().get(id);
        if let Some(index) = def.field(name) {
            return Ok((index as u32, def.fields[index].ty.clone()));
        }
        let names = || def.fields.iter().map(|field| &*field.name);
        let help =
            self.rows.suggest(name, names()).unwrap_or_else(|| format!("its fields are {}", listed(names())).into());
        let message = format!("`{}` has no field `{name}`", def.name);
        Err(self.report(site.node, site.port, Diagnostic::error(codes::FIELD, site.span, message).help(help)))
    }

    /// Reads a field of a struct reference.
    pub(crate) fn load(&mut self, record: Value, id: StructId, field: u32) -> Operand {
        let ty = self.schema().get(id).fields[field as usize].ty.loaded();
        let value = self.op(Op::Load, &[record], Imm::Field(id, field), ty.clone());
        let mut operand = Operand::new(value, ty);
        if super::typing::is_container(&operand.ty) {
            operand.live = Live::Field { record, ty: id, field };
        }
        operand
    }

    fn field_step(&mut self, operand: Operand, name: &str, site: Site<'_>) -> Lowered<Operand> {
        match &operand.ty {
            Type::Struct(id) => {
                if name == "length" && self.schema().get(*id).field(name).is_none() {
                    return Err(self.no_step(&operand, ".length", site));
                }
                let (index, _) = self.field_of(*id, name, site)?;
                Ok(self.load(operand.value, *id, index))
            }
            Type::Record(record) => {
                let Some(index) = record.index(name) else {
                    let names = record.fields.iter().map(|(name, _)| &**name);
                    let help = self
                        .rows
                        .suggest(name, names)
                        .unwrap_or_else(|| "name one of the entries it was made with".into());
                    let diagnostic = Diagnostic::error(codes::FIELD, site.span, format!("this has no entry `{name}`"));
                    return Err(self.report(site.node, site.port, diagnostic.help(help)));
                };
                let ty = record.fields[index].1.loaded();
                let value = self.op(Op::RecordGet, &[operand.value], Imm::Int(index as i64), ty.clone());
                Ok(Operand::new(value, ty))
            }
            Type::List(_) if name == "length" => Ok(self.length(Op::ListLen, &operand)),
            Type::Map(..) if name == "length" => Ok(self.length(Op::MapLen, &operand)),
            Type::Bytes if name == "length" => Ok(self.length(Op::BytesLen, &operand)),
            ty if ty.is_text() && name == "length" => Ok(self.length(Op::StrLen, &operand)),
            _ => Err(self.no_step(&operand, &format!(".{name}"), site)),
        }
    }

    fn length(&mut self, op: Op, operand: &Operand) -> Operand {
        Operand::new(self.iop(op, &[operand.value]), Type::INT)
    }

    fn no_step(&mut self, operand: &Operand, step: &str, site: Site<'_>) -> super::Abort {
        let help = match &operand.ty {
            Type::Map(..) => "an entry of a map is read with its key in brackets, `[\"key\"]`",
            Type::List(_) => {
                "an element is read with its index, `[0]`, or by a key field, `[param:x:ID]`; `.length` counts"
            }
            _ => "only structs, arrays, maps and text have parts",
        };
        let message = format!("{} has no `{step}`", self.show(&operand.ty));
        self.report(site.node, site.port, Diagnostic::error(codes::FIELD, site.span, message).help(help))
    }

    /// An element or entry, loaded; containers inside containers stay live.
    fn inner(&self, container: &Operand, value: Value, ty: &Type) -> Operand {
        let mut operand = Operand::new(value, ty.loaded());
        if container.live != Live::No && super::typing::is_container(&operand.ty) {
            operand.live = Live::Inner;
        }
        operand
    }

    /// The element of a list at an index that is known to be good or traps.
    pub(crate) fn element(&mut self, list: &Operand, index: Value) -> Operand {
        let element = list.ty.element().map_or(Type::INT, Type::loaded);
        let value = self.op(Op::ListGet, &[list.value, index], Imm::None, element.clone());
        self.inner(list, value, &element)
    }

    fn index_step(&mut self, operand: Operand, index: Operand, site: Site<'_>) -> Lowered<Operand> {
        match &operand.ty {
            Type::List(_) => {
                if index.ty.is_text() {
                    return self.declared_key_step(operand, index, site);
                }
                let index = self.as_index(index, site)?;
                Ok(self.element(&operand, index))
            }
            Type::Map(key, value) => {
                let (key, value) = (Type::clone(key), value.loaded());
                let index = self.convert(index, &key, Site { wants: Wants::Named("the map's key"), ..site })?;
                let position = self.iop(Op::MapFind, &[operand.value, index.value]);
                self.must_be_found(position);
                let found = self.op(Op::MapValueAt, &[operand.value, position], Imm::None, value.clone());
                Ok(self.inner(&operand, found, &value))
            }
            ty if ty.is_text() => {
                let index = self.as_index(index, site)?;
                let value = self.op(Op::StrAt, &[operand.value, index], Imm::None, Type::String);
                Ok(Operand::new(value, Type::String))
            }
            _ => Err(self.no_step(&operand, "[…]", site)),
        }
    }

    /// An index as int64.
    pub(crate) fn as_index(&mut self, index: Operand, site: Site<'_>) -> Lowered<Value> {
        Ok(self.convert(index, &Type::INT, Site { wants: Wants::Named("the index"), ..site })?.value)
    }

    /// Stops with `not_found` where a search gave −1.
    pub(crate) fn must_be_found(&mut self, position: Value) {
        let zero = self.int(0);
        let missing = self.cmp(Op::ICmp, Cond::Lt, position, zero);
        self.trap_if(missing, TrapCode::NotFound);
    }

    /// `["x"]` on an array with a declared key.
    fn declared_key_step(&mut self, operand: Operand, value: Operand, site: Site<'_>) -> Lowered<Operand> {
        let key = match operand.live {
            Live::Field { ty, field, .. } => self.schema().get(ty).fields[field as usize].key.clone(),
            Live::No | Live::Inner => None,
        };
        match key {
            Some(key) => self.key_step(operand, value, &key, site),
            None => {
                let message = "an array without a declared key is indexed with a number".to_owned();
                let diagnostic = Diagnostic::error(codes::FIELD, site.span, message)
                    .help("name the field to look for after a colon, as in `[param:x:ID]`, or declare `@key(…)` in the schema");
                Err(self.report(site.node, site.port, diagnostic))
            }
        }
    }

    fn key_step(&mut self, operand: Operand, value: Operand, field: &str, site: Site<'_>) -> Lowered<Operand> {
        let position = self.find_key(&operand, value, field, site)?;
        self.must_be_found(position);
        Ok(self.element(&operand, position))
    }

    /// Index of the first element whose `field` equals `value`, or −1.
    pub(crate) fn find_key(&mut self, list: &Operand, value: Operand, field: &str, site: Site<'_>) -> Lowered<Value> {
        let Some(Type::Struct(id)) = list.ty.element() else {
            return Err(self.no_step(list, &format!("[…:{field}]"), site));
        };
        let id = *id;
        let (index, ty) = self.field_of(id, field, site)?;
        if !ty.is_map_key() {
            let message = format!("`{field}` is {}; only text and integers can be looked up", self.show(&ty));
            let diagnostic = Diagnostic::error(codes::FIELD, site.span, message).help("use FindInArray or FindWhere");
            return Err(self.report(site.node, site.port, diagnostic));
        }
        let loaded = ty.loaded();
        let value = self.convert(value, &loaded, Site { wants: Wants::Lookup(field), ..site })?;
        Ok(self.op(Op::ListFindKey, &[list.value, value.value], Imm::Field(id, index), Type::INT))
    }
}
