//! A client's schema in the form in which its inner loops know it: kinds by number, fields in the order of the wire.

use std::sync::Arc;

use statewright_types::{IntKind, Schema, StructId, Type};

use crate::wire::describe::other_roots;

/// What a value is, and how it travels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Int(IntKind),
    Float32,
    Float64,
    /// A float in steps of that size.
    Steps(f64),
    Text,
    Bytes,
    Uuid,
    /// By position in [`Plan::structs`].
    Struct(u32),
    /// Of elements, by position in [`Plan::kinds`].
    List(u32),
    /// Of values.
    Map(KeyKind, u32),
    Nullable(u32),
}

/// What keys of a map are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    Text,
    Int(IntKind),
}

/// A struct type.
#[derive(Debug)]
pub(super) struct StructPlan {
    /// By ascending id.
    pub fields: Vec<FieldPlan>,
    /// Ids are 1, 2, 3…
    dense: bool,
    /// Positions in `fields`, in declared order.
    pub declared: Vec<u32>,
}

/// A field.
#[derive(Debug)]
pub(super) struct FieldPlan {
    pub id: u16,
    pub name: Arc<str>,
    pub kind: Kind,
}

/// A root.
#[derive(Debug)]
pub(super) struct RootPlan {
    pub id: u16,
    pub name: Arc<str>,
    /// Its type.
    pub ty: u32,
}

/// A schema.
#[derive(Debug)]
pub(super) struct Plan {
    kinds: Vec<Kind>,
    /// By the schema's order.
    structs: Vec<StructPlan>,
    /// The main root, then the others by ascending id.
    pub roots: Vec<RootPlan>,
    /// Positions of other roots in `roots` in declared order, without those whose name is that of a field.
    pub listed: Vec<usize>,
}

impl Plan {
    pub(super) fn new(schema: &Schema, main_root: StructId) -> Plan {
        let mut plan = Plan { kinds: Vec::new(), structs: Vec::new(), roots: Vec::new(), listed: Vec::new() };
        for def in schema.types() {
            let mut order: Vec<usize> = (0..def.fields.len()).collect();
            order.sort_by_key(|at| def.fields.get(*at).map(|field| field.id));
            let mut declared = vec![0; def.fields.len()];
            let mut fields = Vec::with_capacity(order.len());
            for (wire, at) in (0..).zip(&order) {
                let Some(field) = def.fields.get(*at) else { continue };
                declared.get_mut(*at).into_iter().for_each(|place| *place = wire);
                let kind = match (plan.kind_of(&field.ty), field.step) {
                    (Kind::Float32 | Kind::Float64, Some(step)) => Kind::Steps(step),
                    (kind, _) => kind,
                };
                fields.push(FieldPlan { id: field.id, name: field.name.clone(), kind });
            }
            let dense = (1..).zip(&fields).all(|(id, field)| field.id == id);
            plan.structs.push(StructPlan { fields, dense, declared });
        }
        for ty in [main_root].into_iter().chain(other_roots(schema, main_root)) {
            if let Some(def) = schema.types().get(ty.index()) {
                plan.roots.push(RootPlan { id: def.id, name: def.name.clone(), ty: ty.0 });
            }
        }
        let main = schema.types().get(main_root.index());
        let shadowed = |name: &str| main.is_some_and(|main| main.field(name).is_some());
        for ty in schema.roots().into_iter().filter(|ty| *ty != main_root) {
            let at = plan.roots.iter().position(|root| root.ty == ty.0 && !shadowed(&root.name));
            plan.listed.extend(at);
        }
        plan
    }

    /// As deep as a type's text nests at most.
    fn kind_of(&mut self, ty: &Type) -> Kind {
        match ty {
            // A record without a name is never in a schema.
            Type::Bool | Type::Record(_) => Kind::Bool,
            Type::Int(kind) => Kind::Int(*kind),
            Type::Float32 => Kind::Float32,
            Type::Float64 => Kind::Float64,
            Type::String => Kind::Text,
            Type::Bytes => Kind::Bytes,
            Type::Uuid => Kind::Uuid,
            Type::Struct(id) => Kind::Struct(id.0),
            Type::List(element) => Kind::List(self.number(element)),
            Type::Map(key, value) => {
                let key = match **key {
                    Type::Int(kind) => KeyKind::Int(kind),
                    _ => KeyKind::Text,
                };
                Kind::Map(key, self.number(value))
            }
            Type::Nullable(of) => Kind::Nullable(self.number(of)),
        }
    }

    fn number(&mut self, ty: &Type) -> u32 {
        let kind = self.kind_of(ty);
        let known = self.kinds.iter().position(|other| *other == kind);
        let at = known.unwrap_or(self.kinds.len());
        if known.is_none() {
            self.kinds.push(kind);
        }
        at as u32
    }

    /// The kind with that number.
    #[inline]
    pub(super) fn kind(&self, number: u32) -> Kind {
        self.kinds.get(number as usize).copied().unwrap_or(Kind::Bool)
    }

    /// What is left without the nullable.
    #[inline]
    pub(super) fn non_null(&self, kind: Kind) -> Kind {
        match kind {
            Kind::Nullable(of) => self.kind(of),
            other => other,
        }
    }

    /// The fields of a struct type.
    #[inline]
    pub(super) fn fields(&self, ty: u32) -> &[FieldPlan] {
        self.structs.get(ty as usize).map_or(&[], |def| &def.fields)
    }

    /// Positions of its fields in declared order.
    pub(super) fn declared(&self, ty: u32) -> &[u32] {
        self.structs.get(ty as usize).map_or(&[], |def| &def.declared)
    }

    /// Position and kind of the field with an id.
    #[inline]
    pub(super) fn field(&self, ty: u32, id: u64) -> Option<(usize, Kind)> {
        let def = self.structs.get(ty as usize)?;
        let at = if def.dense {
            usize::try_from(id.checked_sub(1)?).ok()?
        } else {
            def.fields.binary_search_by_key(&id, |field| u64::from(field.id)).ok()?
        };
        def.fields.get(at).map(|field| (at, field.kind))
    }

    /// Position of another root than the main one, by its type's id.
    pub(super) fn other_root(&self, id: u16) -> Option<usize> {
        let at = self.roots.get(1..)?.binary_search_by_key(&id, |root| root.id).ok()?;
        Some(at + 1)
    }
}
