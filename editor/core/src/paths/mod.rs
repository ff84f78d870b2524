//! State paths and references by the schema: their types, and what may come next.
//!
//! - [`complete`]: completion of a path that is being written
//! - [`fields`]: another name for a field in what mentions it

pub mod complete;
pub mod fields;

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{Graph, Head, Index, Name, Path, Reference, Scheme, Step};
use statewright_types::{Config, Schema, StructId, Type};

/// What types are known by: the schema, a graph and what the checker found.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The type whose fields are at the top of the state.
    pub root: StructId,
    /// The graph.
    pub graph: &'a Graph,
    /// The configuration.
    pub config: Option<&'a Config>,
    /// Types of outputs and variables of the graph, by `node:output` and `variable:name`, as far as they are known.
    pub known: Option<&'a HashMap<String, Type>>,
}

impl<'a> Scope<'a> {
    /// A scope without what only the checker knows; `None` if the schema has no root.
    pub fn new(schema: &'a Schema, state_type: Option<&Name>, graph: &'a Graph) -> Option<Scope<'a>> {
        let root = schema.main_root(state_type.map(|name| &*name.text))?;
        Some(Scope { schema, root, graph, config: None, known: None })
    }

    /// The type at the beginning of a state path: a field of the main root, or a root by its name.
    pub fn head(&self, name: &str) -> Option<Type> {
        let root = self.schema.get(self.root);
        if let Some(field) = root.field(name).and_then(|index| root.fields.get(index)) {
            return Some(field.ty.clone());
        }
        let alias = self.known.and_then(|known| known.get(&format!("variable:{name}")).cloned());
        self.schema.by_name(name).map(Type::Struct).or(alias)
    }

    /// The type of what a reference names before its steps.
    pub fn reference_head(&self, reference: &Reference) -> Option<Type> {
        let parameter = |name: &str| {
            let found = self.graph.parameters.iter().find(|parameter| *parameter.name.text == *name);
            found.and_then(|parameter| self.schema.parse_type(&parameter.ty.text).ok())
        };
        let known = |key: String| self.known.and_then(|known| known.get(&key).cloned());
        match (reference.scheme, &reference.head) {
            (Scheme::Param, Head::Name(name)) if &**name == "senderID" => Some(Type::String),
            (Scheme::Param, Head::Name(name)) => parameter(name),
            (Scheme::State | Scheme::Base, Head::Name(name)) => self.head(name),
            (Scheme::Variable, Head::Name(name)) => known(format!("variable:{name}")),
            (Scheme::Bare, Head::Name(name)) => parameter(name).or_else(|| known(format!("variable:{name}"))),
            (Scheme::Viewer, Head::Name(name)) => Some(if &**name == "host" { Type::Bool } else { Type::String }),
            (Scheme::Node, Head::Output { node, output }) => known(format!("{node}:{output}")),
            (Scheme::Loop, Head::Loop { node: Some(node), what }) => known(format!("{node}:{what}")),
            (Scheme::Loop, Head::Loop { node: None, what }) if &**what == "index" => Some(Type::INT),
            (Scheme::Config, Head::Config { group, field }) => {
                let name = self.config?.field(&format!("{group}.{field}"))?.type_name();
                Type::scalar_by_name(&name)
            }
            _ => None,
        }
    }

    /// The type after a step.
    pub fn step(&self, ty: &Type, step: &Step) -> Option<Type> {
        match (ty.non_null(), step) {
            (Type::Struct(id), Step::Field(name)) => {
                let def = self.schema.get(*id);
                def.fields.get(def.field(name)?).map(|field| field.ty.clone())
            }
            (Type::Record(record), Step::Field(name)) => {
                record.fields.get(record.index(name)?).map(|(_, ty)| ty.clone())
            }
            (Type::List(_) | Type::Map(..) | Type::String | Type::Bytes, Step::Field(name)) if &**name == "length" => {
                Some(Type::INT)
            }
            (Type::List(element), Step::Index(_)) => Some((**element).clone()),
            (Type::Map(_, value), Step::Index(index)) => match index {
                // The first value whose field equals it, or the value of a key.
                Index::Key { .. } | Index::Int(_) | Index::Text(_) | Index::Reference(_) => Some((**value).clone()),
            },
            _ => None,
        }
    }

    /// The type of a state path.
    pub fn path(&self, path: &Path) -> Option<Type> {
        path.steps.iter().try_fold(self.head(&path.head)?, |ty, step| self.step(&ty, step))
    }

    /// The type of a reference.
    pub fn reference(&self, reference: &Reference) -> Option<Type> {
        reference.steps.iter().try_fold(self.reference_head(reference)?, |ty, step| self.step(&ty, step))
    }

    /// A type as documents write it.
    pub fn show(&self, ty: &Type) -> String {
        self.schema.show(ty).to_string()
    }

    /// The field by which elements of a list or map are looked up, if its declaration names one.
    pub fn key_of(&self, owner: &Type, field: &str) -> Option<Arc<str>> {
        let Type::Struct(id) = owner.non_null() else { return None };
        let def = self.schema.get(*id);
        def.fields.get(def.field(field)?)?.key.clone()
    }
}

/// Type kinds agree as far as a wire between them is no mistake: equal, numbers among each other, a value for a nullable one.
pub fn fits(from: &Type, to: &Type) -> Fit {
    let (bare_from, bare_to) = (from.non_null(), to.non_null());
    if from == to {
        return Fit::Same;
    }
    if bare_from == bare_to {
        // A value that may be null where none may be is for the checker to judge.
        return Fit::Same;
    }
    let is_text = |ty: &Type| matches!(ty, Type::String | Type::Uuid);
    match (bare_from, bare_to) {
        (a, b) if a.is_int() && b.is_int() && a.loaded() == b.loaded() => Fit::Same,
        (a, b) if a.is_float() && b.is_float() => Fit::Same,
        (a, b) if a.is_number() && b.is_number() => Fit::Converted,
        (a, b) if is_text(a) && is_text(b) => Fit::Converted,
        (Type::Record(_), Type::Struct(_) | Type::Map(..)) | (Type::Struct(_), Type::Record(_)) => Fit::Converted,
        (Type::List(a), Type::List(b)) => fits(a, b),
        (Type::Map(_, a), Type::Map(_, b)) => fits(a, b),
        _ => Fit::Broken,
    }
}

/// How the ends of a wire go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// One type, or types that are not known.
    #[default]
    Same,
    /// The value is converted.
    Converted,
    /// The value does not fit.
    Broken,
}
