//! What an encoder knows of a schema beforehand: how each type is written, who may see each field, and where private
//! fields are.

use std::sync::Arc;

use statewright_types::schema::Audience;
use statewright_types::{IntKind, Schema, StructId, Type};

use crate::state::{FieldPlace, FieldSet};
use crate::visibility::{ADMIN, held, team_field};
use crate::wire::varint;
use crate::wire::{Profile, WireField};

/// How a type is written, by number in [`Tables::kinds`].
pub(super) type KindId = u32;

/// How values of a type are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Int(IntKind),
    F32,
    F64,
    /// A float in steps.
    Steps(f64),
    Text,
    Uuid,
    Bytes,
    Struct(StructId),
    List(KindId),
    /// Whether the keys are uuids, integers (of that kind) or other texts; and the values.
    Map(Keys, KindId),
    /// A nullable struct, list or map, text or bytes: 0 is null.
    Null(KindId),
    /// A nullable number or bool: 0 is null, else it is in a box.
    Boxed(KindId),
}

/// How the keys of a map are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    Text,
    Int(IntKind),
}

/// Who may see a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Access {
    /// Everybody who sees the struct.
    Public,
    /// Nobody.
    Never,
    /// Whoever is in one of the audiences.
    Private(Vec<Alternative>),
}

/// An audience.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Alternative {
    Owner,
    Team,
    /// A view, and all the grants that include it.
    View {
        name: Arc<str>,
        grants: Vec<Arc<str>>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct FieldTable {
    pub(super) id: u16,
    pub(super) kind: KindId,
    pub(super) access: Access,
    /// Whether values of it have private fields anywhere inside.
    pub(super) holds_private: bool,
    /// Whether it says whose the struct is.
    pub(super) makes_scope: bool,
    /// The key field of the structs that it holds in lists or maps, if that is text.
    pub(super) key: Option<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct TypeTable {
    /// The declared id.
    pub(super) id: u16,
    pub(super) fields: Vec<FieldTable>,
    /// The owner field, and whether it is text.
    pub(super) owner: Option<(u32, bool)>,
    pub(super) team: Option<u32>,
    /// Whether it has private fields, or structs inside it have.
    pub(super) holds_private: bool,
    /// Fields of which a change concerns nothing private: they are public, have nothing private inside, and do not say
    /// whose the struct is.
    pub(super) plain: FieldSet,
    /// Positions by ascending id.
    pub(super) by_id: Vec<u32>,
}

/// What an encoder knows of a schema.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) kinds: Vec<Kind>,
    pub(super) types: Vec<TypeTable>,
    pub(super) main_root: StructId,
    /// Whether there are private fields at all.
    pub(super) has_private: bool,
}

impl Tables {
    pub(super) fn new(schema: &Schema, main_root: StructId) -> Tables {
        let mut kinds = Vec::new();
        let mut types: Vec<TypeTable> = Vec::with_capacity(schema.types().len());
        for def in schema.types() {
            let team = team_field(def).and_then(|field| def.field(&field.name));
            let owner = def.owner_field.as_deref().and_then(|name| def.field(name));
            let mut fields = Vec::with_capacity(def.fields.len());
            for field in &def.fields {
                let kind = kind_of(&field.ty, field.step, &mut kinds);
                let key = held(field).and_then(|(ty, name)| {
                    let element = schema.types().get(ty.index())?;
                    let at = element.field(name)?;
                    element.fields.get(at).is_some_and(|field| is_text(&field.ty)).then_some(at as u32)
                });
                let access = access(&field.audience, schema);
                let (holds_private, makes_scope) = (false, false);
                fields.push(FieldTable { id: field.id, kind, access, holds_private, makes_scope, key });
            }
            let mut by_id: Vec<u32> = (0..fields.len() as u32).collect();
            by_id.sort_by_key(|at| fields.get(*at as usize).map_or(0, |field| field.id));
            types.push(TypeTable {
                id: def.id,
                fields,
                owner: owner.map(|at| (at as u32, def.fields.get(at).is_some_and(|field| is_text(&field.ty)))),
                team: team.map(|at| at as u32),
                holds_private: false,
                plain: FieldSet::default(),
                by_id,
            });
        }
        for (ty, position) in crate::visibility::scope_fields(schema) {
            let field = types.get_mut(ty.index()).and_then(|table| table.fields.get_mut(position));
            field.into_iter().for_each(|field| field.makes_scope = true);
        }
        let mut tables = Tables { kinds, types, main_root, has_private: false };
        tables.find_private();
        tables.has_private = tables.types.iter().any(|table| table.holds_private);
        for table in &mut tables.types {
            let plain =
                |field: &FieldTable| field.access == Access::Public && !field.makes_scope && !field.holds_private;
            for (position, _) in (0..).zip(&table.fields).filter(|(_, field)| plain(field)) {
                table.plain.insert(position);
            }
        }
        tables
    }

    /// Works out what holds private fields: whatever has one, then whatever holds such a thing, until nothing is new.
    fn find_private(&mut self) {
        loop {
            let mut grown = false;
            for index in 0..self.types.len() {
                let Some(table) = self.types.get(index) else { continue };
                let holds: Vec<bool> = table.fields.iter().map(|field| self.kind_holds_private(field.kind)).collect();
                let Some(table) = self.types.get_mut(index) else { continue };
                let mut any = false;
                for (field, holds) in table.fields.iter_mut().zip(holds) {
                    field.holds_private = holds;
                    any |= field.access != Access::Never && (holds || field.access != Access::Public);
                }
                grown |= any && !table.holds_private;
                table.holds_private |= any;
            }
            if !grown {
                return;
            }
        }
    }

    /// Whether values of that kind have private fields inside.
    pub(super) fn kind_holds_private(&self, mut kind: KindId) -> bool {
        loop {
            match self.kind(kind) {
                Kind::List(inner) | Kind::Map(_, inner) | Kind::Null(inner) => kind = inner,
                Kind::Struct(ty) => return self.types.get(ty.index()).is_some_and(|table| table.holds_private),
                _ => return false,
            }
        }
    }

    #[inline]
    pub(super) fn kind(&self, id: KindId) -> Kind {
        self.kinds.get(id as usize).copied().unwrap_or(Kind::Bool)
    }

    /// The kind of what is there, if it is not null.
    #[inline]
    pub(super) fn present(&self, id: KindId) -> Kind {
        match self.kind(id) {
            Kind::Null(inner) | Kind::Boxed(inner) => self.kind(inner),
            kind => kind,
        }
    }

    #[inline]
    pub(super) fn field(&self, ty: StructId, position: u32) -> Option<&FieldTable> {
        self.types.get(ty.index())?.fields.get(position as usize)
    }
}

/// Whether values of that type can name an owner.
fn is_text(ty: &Type) -> bool {
    matches!(ty.non_null(), Type::String | Type::Uuid)
}

fn kind_of(ty: &Type, step: Option<f64>, kinds: &mut Vec<Kind>) -> KindId {
    let kind = match (ty, step) {
        (Type::Float32 | Type::Float64, Some(step)) => Kind::Steps(step),
        (Type::Bool, _) => Kind::Bool,
        (Type::Int(kind), _) => Kind::Int(*kind),
        (Type::Float32, None) => Kind::F32,
        (Type::Float64, None) => Kind::F64,
        (Type::String, _) => Kind::Text,
        (Type::Uuid, _) => Kind::Uuid,
        // No field is an anonymous record.
        (Type::Bytes | Type::Record(_), _) => Kind::Bytes,
        (Type::Struct(id), _) => Kind::Struct(*id),
        (Type::List(element), _) => Kind::List(kind_of(element, None, kinds)),
        (Type::Map(key, value), _) => {
            let keys = match &**key {
                Type::Int(kind) => Keys::Int(*kind),
                _ => Keys::Text,
            };
            Kind::Map(keys, kind_of(value, None, kinds))
        }
        (Type::Nullable(inner), _) => {
            let id = kind_of(inner, None, kinds);
            match &**inner {
                Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => Kind::Boxed(id),
                _ => Kind::Null(id),
            }
        }
    };
    if let Some(at) = kinds.iter().position(|known| *known == kind) {
        return at as KindId;
    }
    kinds.push(kind);
    (kinds.len() - 1) as KindId
}

fn access(audience: &[Audience], schema: &Schema) -> Access {
    let view = |name: Arc<str>| {
        let includes = |granted: &Arc<str>| crate::visibility::includes(schema, granted, &name);
        let all = schema.views().iter().map(|view| view.name.clone()).chain([name.clone()]);
        let mut grants: Vec<Arc<str>> = all.filter(includes).collect();
        grants.sort_unstable();
        grants.dedup();
        Alternative::View { name, grants }
    };
    let alternatives: Vec<Alternative> = audience
        .iter()
        .filter_map(|audience| match audience {
            Audience::Nobody => None,
            Audience::Owner => Some(Alternative::Owner),
            Audience::Team => Some(Alternative::Team),
            Audience::Admin => Some(view(ADMIN.into())),
            Audience::Named(name) => Some(view(name.clone())),
        })
        .collect();
    match (audience.is_empty(), alternatives.is_empty()) {
        (true, _) => Access::Public,
        (false, true) => Access::Never,
        (false, false) => Access::Private(alternatives),
    }
}

/// How clients of one schema are written to.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) profile: Arc<Profile>,
    types: Vec<TypeShape>,
    /// Other roots that both ends have, and that viewers see, by ascending id.
    pub(super) roots: Vec<StructId>,
}

/// The part of a type that everybody sees who sees the struct.
#[derive(Clone, Debug, Default)]
pub(super) struct TypeShape {
    /// Which fields are absent, as `bits`.
    pub(super) absent: Vec<u8>,
    /// The others, in the client's order: position and kind.
    pub(super) fields: Vec<(u32, KindId)>,
    /// The same, as rows are written.
    pub(super) cells: Vec<Cell>,
    /// Their positions.
    pub(super) set: FieldSet,
    /// By position: which of the cells it is, from 1; 0 is none.
    places: Vec<u32>,
}

impl TypeShape {
    /// The cell of a field.
    #[inline]
    pub(super) fn cell(&self, position: u32) -> Option<Cell> {
        self.find(position).copied()
    }

    /// The id of a field.
    #[inline]
    pub(super) fn id(&self, position: u32) -> Option<u16> {
        self.find(position).map(|cell| cell.id)
    }

    #[inline]
    fn find(&self, position: u32) -> Option<&Cell> {
        let place = self.places.get(position as usize).copied()?;
        self.cells.get((place as usize).wrapping_sub(1))
    }
}

/// Where a field is in a row, and how it is written: known beforehand, for there are many rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) place: FieldPlace,
    pub(super) how: How,
    pub(super) kind: KindId,
    /// The field's id.
    pub(super) id: u16,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// A bool, or an integer of 8 bits.
    Byte,
    Signed,
    Unsigned,
    F32,
    F64,
    Text,
    /// A list of integers.
    Ints(IntKind),
    /// As its kind says.
    Other,
}

impl How {
    fn of(tables: &Tables, kind: KindId) -> How {
        match tables.kind(kind) {
            Kind::Bool | Kind::Int(IntKind::I8 | IntKind::U8) => How::Byte,
            Kind::Int(IntKind::I16 | IntKind::I32 | IntKind::I64) => How::Signed,
            Kind::Int(IntKind::U16 | IntKind::U32 | IntKind::U64) => How::Unsigned,
            Kind::F32 => How::F32,
            Kind::F64 => How::F64,
            Kind::Text => How::Text,
            Kind::List(element) => match tables.kind(element) {
                Kind::Int(kind) => How::Ints(kind),
                _ => How::Other,
            },
            _ => How::Other,
        }
    }
}

impl Shape {
    pub(super) fn new(tables: &Tables, schema: &Schema, profile: &Arc<Profile>) -> Shape {
        let mut types = Vec::with_capacity(tables.types.len());
        for (index, table) in tables.types.iter().enumerate() {
            let public = |field: &WireField| {
                let position = field.position?;
                let known = table.fields.get(position as usize)?;
                (known.access == Access::Public).then_some((position, known.kind))
            };
            let wire = profile.fields(StructId(index as u32));
            let mut absent = Vec::new();
            let hidden = wire.iter().enumerate().filter(|(_, field)| public(field).is_none());
            varint::put_bits(&mut absent, hidden.map(|(at, _)| at));
            let fields: Vec<_> = wire.iter().filter_map(public).collect();
            let ty = StructId(index as u32);
            let cell = |(position, kind): &(u32, KindId)| {
                let place = FieldPlace::new(ty, *position, schema.layout(ty))?;
                let id = table.fields.get(*position as usize)?.id;
                Some(Cell { place, how: How::of(tables, *kind), kind: *kind, id })
            };
            let cells: Vec<Cell> = fields.iter().filter_map(cell).collect();
            let mut set = FieldSet::default();
            fields.iter().for_each(|(position, _)| set.insert(*position));
            let mut places = vec![0; table.fields.len()];
            for (number, cell) in (1..).zip(&cells) {
                places.get_mut(cell.place.field as usize).into_iter().for_each(|place| *place = number);
            }
            types.push(TypeShape { absent, fields, cells, set, places });
        }
        // What the main root has a field for, the projection has no room for.
        let shadowed = |ty: &&StructId| {
            let name = schema.types().get(ty.index()).map(|def| &def.name);
            let main = schema.types().get(tables.main_root.index());
            main.zip(name).is_some_and(|(main, name)| main.field(name).is_some())
        };
        let roots = profile.other_roots().iter().filter(|ty| !shadowed(ty)).copied().collect();
        Shape { profile: profile.clone(), types, roots }
    }

    #[inline]
    pub(super) fn ty(&self, ty: StructId) -> Option<&TypeShape> {
        self.types.get(ty.index())
    }

    /// Whether the client has that field.
    #[inline]
    pub(super) fn has(&self, ty: StructId, position: u32) -> bool {
        self.profile.wire_index(ty, position).is_some()
    }
}
