//! State paths: planned when their brackets are evaluated, resolved when the node acts (R2.3, R2.6).

use std::fmt;
use std::sync::Arc;

use statewright_types::{Diagnostic, StructId, Type};

use super::access::Planned;
use super::convert::{Site, Wants};
use super::{GraphCx, Live, Lowered, Operand};
use crate::check::codes;
use crate::document::Path;
use crate::ir::{Imm, Op, Value};

/// What a path begins with.
#[derive(Clone, Debug)]
enum Start {
    Root(StructId),
    Operand(Operand),
}

/// A path with its brackets evaluated.
#[derive(Clone, Debug)]
pub(crate) struct PathPlan {
    start: Start,
    steps: Vec<Planned>,
    text: Arc<str>,
}

/// Something that can be written.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Field { record: Value, ty: StructId, field: u32 },
    Element { list: Operand, index: Value },
    Entry { map: Operand, key: Value },
}

impl GraphCx<'_> {
    /// Finds what a path begins with and evaluates its brackets.
    pub(crate) fn plan_path(&mut self, path: &Path, site: Site<'_>) -> Lowered<PathPlan> {
        self.plan(&path.head, &path.steps, &path.text, site)
    }

    /// As [`Self::plan_path`], of a path in parts.
    pub(crate) fn plan(
        &mut self,
        head: &Arc<str>,
        steps: &[crate::document::Step],
        text: &Arc<str>,
        site: Site<'_>,
    ) -> Lowered<PathPlan> {
        let start = self.path_start(head, site)?;
        let mut planned = self.plan_steps(steps, site)?;
        let start = match start {
            (Start::Root(id), Some(field)) => {
                planned.insert(0, Planned::Field(field));
                Start::Root(id)
            }
            (start, _) => start,
        };
        Ok(PathPlan { start, steps: planned, text: text.clone() })
    }

    fn path_start(&mut self, head: &Arc<str>, site: Site<'_>) -> Lowered<(Start, Option<Arc<str>>)> {
        let schema = self.schema();
        if let Some(id) = schema.by_name(head).filter(|id| schema.roots().contains(id) || *id == self.unit.root) {
            return Ok((Start::Root(id), None));
        }
        let root = self.unit.root;
        if schema.get(root).field(head).is_some() {
            return Ok((Start::Root(root), Some(head.clone())));
        }
        if let Some(operand) = self.alias(head, site)? {
            return Ok((Start::Operand(operand), None));
        }
        if let Some(operand) = self.read_variable(head, site)? {
            return Ok((Start::Operand(operand), None));
        }
        let def = schema.get(root);
        let names = def.fields.iter().map(|field| &*field.name).chain(schema.types().iter().map(|def| &*def.name));
        let help = self.rows.suggest(head, names).unwrap_or_else(|| {
            format!("a path begins with a field of `{}`, a root type, an alias or a variable", def.name).into()
        });
        let message = format!("there is nothing called `{head}` to begin a path with");
        Err(self.report(site.node, site.port, Diagnostic::error(codes::FIELD, site.span, message).help(help)))
    }

    fn start(&mut self, plan: &PathPlan) -> Operand {
        match &plan.start {
            Start::Root(id) => {
                let value = self.op(Op::Root, &[], Imm::Struct(*id), Type::Struct(*id));
                Operand::new(value, Type::Struct(*id))
            }
            Start::Operand(operand) => operand.clone(),
        }
    }

    /// Reads what the path names; containers stay live.
    pub(crate) fn read_path(&mut self, plan: &PathPlan, site: Site<'_>) -> Lowered<Operand> {
        let start = self.start(plan);
        self.follow(start, &plan.steps, site)
    }

    /// The same, with what the path and its steps are called (see [`Self::follow_named`]).
    pub(crate) fn read_path_named(
        &mut self,
        plan: &PathPlan,
        named: (fmt::Arguments<'_>, &[crate::document::Step]),
        site: Site<'_>,
    ) -> Lowered<Operand> {
        let start = self.start(plan);
        self.follow_named(start, &plan.steps, named, site)
    }

    /// Goes to the last step and gives what can be written there.
    pub(crate) fn resolve_place(&mut self, plan: &PathPlan, site: Site<'_>) -> Lowered<(Place, Type)> {
        let start = self.start(plan);
        let Some((last, before)) = plan.steps.split_last() else {
            let message = format!("`{}` as a whole cannot be written", plan.text);
            let diagnostic = Diagnostic::error(codes::PATH, site.span, message)
                .help("name one of its fields, as in `Players` or `player.Score`");
            return Err(self.report(site.node, site.port, diagnostic));
        };
        let holder = self.follow(start, before, site)?;
        let holder = self.non_null(holder, site)?;
        match (&holder.ty, last) {
            (Type::Struct(id), Planned::Field(name)) => {
                let (field, ty) = self.field_of(*id, name, site)?;
                Ok((Place::Field { record: holder.value, ty: *id, field }, ty))
            }
            (Type::List(_) | Type::Map(..), Planned::Field(_)) => {
                let message = format!("`{}` cannot be written", plan.text);
                let diagnostic =
                    Diagnostic::error(codes::PATH, site.span, message).help("only fields, elements and entries can");
                Err(self.report(site.node, site.port, diagnostic))
            }
            (Type::Map(key, value), step) if holder.live != Live::No => {
                let (key, value) = (Type::clone(key), Type::clone(value));
                let operand = match step {
                    Planned::Int(index) => Operand::new(self.int(*index), Type::INT),
                    Planned::Text(text) => Operand::new(self.text(text), Type::String),
                    Planned::Value(operand) => operand.clone(),
                    Planned::Key(..) | Planned::Field(_) => return Err(self.unwritable(plan, site)),
                };
                let key = self.convert(operand, &key, Site { wants: Wants::Named("the map's key"), ..site })?;
                Ok((Place::Entry { map: holder, key: key.value }, value))
            }
            (Type::List(element), step) if holder.live != Live::No => {
                let element = Type::clone(element);
                let index = match step {
                    Planned::Int(index) if *index < 0 => return Err(self.negative_index(*index, site)),
                    Planned::Int(index) => self.int(*index),
                    Planned::Value(operand) if !operand.ty.is_text() => self.as_index(operand.clone(), site)?,
                    Planned::Key(value, field) => {
                        let position = self.find_key(&holder, value.clone(), field, site)?;
                        self.must_be_found(position);
                        position
                    }
                    _ => return Err(self.unwritable(plan, site)),
                };
                Ok((Place::Element { list: holder, index }, element))
            }
            _ => Err(self.unwritable(plan, site)),
        }
    }

    /// The full type of what a path names, if it can be told without looking anything up.
    pub(crate) fn plan_type(&self, plan: &PathPlan) -> Option<Type> {
        let mut ty = match &plan.start {
            Start::Root(id) => Type::Struct(*id),
            Start::Operand(operand) => operand.ty.clone(),
        };
        for step in &plan.steps {
            ty = match (ty.non_null(), step) {
                (Type::Struct(id), Planned::Field(name)) => {
                    let def = self.schema().get(*id);
                    def.fields[def.field(name)?].ty.clone()
                }
                (Type::List(element), Planned::Int(_) | Planned::Value(_) | Planned::Key(..) | Planned::Text(_)) => {
                    Type::clone(element)
                }
                (Type::Map(_, value), Planned::Int(_) | Planned::Value(_) | Planned::Text(_)) => Type::clone(value),
                (Type::Record(record), Planned::Field(name) | Planned::Text(name)) => {
                    record.fields[record.index(name)?].1.clone()
                }
                _ => return None,
            };
        }
        Some(ty)
    }

    fn unwritable(&mut self, plan: &PathPlan, site: Site<'_>) -> super::Abort {
        let message = format!("`{}` is a value that was read, and cannot be written in place", plan.text);
        let diagnostic = Diagnostic::error(codes::PATH, site.span, message)
            .help("begin the path at the state, or at an alias of a struct that lives there");
        self.report(site.node, site.port, diagnostic)
    }

    /// Writes a value that has the place's type.
    pub(crate) fn write_place(&mut self, place: &Place, value: Value) {
        match place {
            Place::Field { record, ty, field } => self.act(Op::Store, &[*record, value], Imm::Field(*ty, *field)),
            Place::Element { list, index } => self.act(Op::ListSet, &[list.value, *index, value], Imm::None),
            Place::Entry { map, key } => self.act(Op::MapPut, &[map.value, *key, value], Imm::None),
        }
    }

    /// Reads what is at a place.
    pub(crate) fn read_place(&mut self, place: &Place, ty: &Type) -> Operand {
        match place {
            Place::Field { record, ty, field } => self.load(*record, *ty, *field),
            Place::Element { list, index } => self.element(list, *index),
            Place::Entry { map, key } => {
                let position = self.iop(Op::MapFind, &[map.value, *key]);
                self.must_be_found(position);
                let value = self.op(Op::MapValueAt, &[map.value, position], Imm::None, ty.clone());
                let mut operand = Operand::new(value, ty.clone());
                if super::typing::is_container(ty) {
                    operand.live = Live::Inner;
                }
                operand
            }
        }
    }
}
