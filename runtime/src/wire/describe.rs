//! What two ends must know of a schema to understand each other: types, fields and kinds by number. And what of it
//! travels between the two: a [`Profile`].

use std::collections::BTreeSet;
use std::fmt;

use statewright_types::{IntKind, Schema, StructId, Type};

use super::codes::limits;
use super::reader::{Malformed, Reader};
use super::varint;

/// The shape of a schema: all that matters to the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// By ascending id.
    pub types: Vec<TypeShape>,
    /// The id of the main root's type.
    pub main_root: u16,
    /// Ids of the types of the other roots, ascending.
    pub other_roots: Vec<u16>,
}

/// A struct type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeShape {
    /// The declared id.
    pub id: u16,
    /// By ascending id.
    pub fields: Vec<FieldShape>,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldShape {
    /// The id by which it travels.
    pub id: u16,
    /// What it holds.
    pub kind: Kind,
    /// Of a float: the step of its quantisation.
    pub step: Option<f64>,
}

/// A type, with structs by their declared id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    Int(IntKind),
    Float32,
    Float64,
    String,
    Bytes,
    Uuid,
    List(Box<Kind>),
    /// Kind of the keys, kind of the values.
    Map(Box<Kind>, Box<Kind>),
    Nullable(Box<Kind>),
    Struct(u16),
}

const LIST: u8 = 14;
const MAP: u8 = 15;
const NULLABLE: u8 = 16;
const STRUCT: u8 = 17;

/// Kinds without anything in them, by number.
const SCALARS: [Kind; 14] = [
    Kind::Bool,
    Kind::Int(IntKind::I8),
    Kind::Int(IntKind::I16),
    Kind::Int(IntKind::I32),
    Kind::Int(IntKind::I64),
    Kind::Int(IntKind::U8),
    Kind::Int(IntKind::U16),
    Kind::Int(IntKind::U32),
    Kind::Int(IntKind::U64),
    Kind::Float32,
    Kind::Float64,
    Kind::String,
    Kind::Bytes,
    Kind::Uuid,
];

impl Kind {
    /// The kind of a type; `None` for records without a name, which no field has.
    pub fn of(ty: &Type, schema: &Schema) -> Option<Kind> {
        let inner = |ty| Kind::of(ty, schema).map(Box::new);
        Some(match ty {
            Type::Bool => Kind::Bool,
            Type::Int(kind) => Kind::Int(*kind),
            Type::Float32 => Kind::Float32,
            Type::Float64 => Kind::Float64,
            Type::String => Kind::String,
            Type::Bytes => Kind::Bytes,
            Type::Uuid => Kind::Uuid,
            Type::List(element) => Kind::List(inner(element)?),
            Type::Map(key, value) => Kind::Map(inner(key)?, inner(value)?),
            Type::Nullable(of) => Kind::Nullable(inner(of)?),
            Type::Struct(id) => Kind::Struct(schema.types().get(id.index())?.id),
            Type::Record(_) => return None,
        })
    }

    /// As deep as a type's text nests at most.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Kind::List(element) => {
                out.push(LIST);
                element.write(out);
            }
            Kind::Map(key, value) => {
                out.push(MAP);
                key.write(out);
                value.write(out);
            }
            Kind::Nullable(of) => {
                out.push(NULLABLE);
                of.write(out);
            }
            Kind::Struct(id) => {
                out.push(STRUCT);
                varint::put(out, u64::from(*id));
            }
            scalar => out.push(SCALARS.iter().position(|kind| kind == scalar).unwrap_or_default() as u8),
        }
    }

    /// As deep as the limit allows.
    fn read(reader: &mut Reader<'_>, depth: usize) -> Result<Kind, Malformed> {
        if depth > limits::NESTING {
            return Err(reader.fail(&"a kind nests too deep"));
        }
        reader.charge(1)?;
        let code = reader.byte()?;
        Ok(match code {
            LIST => Kind::List(Box::new(Kind::read(reader, depth + 1)?)),
            MAP => {
                let key = Kind::read(reader, depth + 1)?;
                if !matches!(key, Kind::String | Kind::Uuid | Kind::Int(_)) {
                    return Err(reader.fail(&"the keys of a map are neither texts nor integers"));
                }
                Kind::Map(Box::new(key), Box::new(Kind::read(reader, depth + 1)?))
            }
            NULLABLE => match Kind::read(reader, depth + 1)? {
                Kind::Nullable(_) => return Err(reader.fail(&"a nullable of a nullable")),
                of => Kind::Nullable(Box::new(of)),
            },
            STRUCT => Kind::Struct(reader.id()?),
            scalar => match SCALARS.get(usize::from(scalar)) {
                Some(kind) => kind.clone(),
                None => return Err(reader.fail(&"there is no such kind")),
            },
        })
    }

    /// The struct in it, if there is one.
    fn named(&self) -> Option<u16> {
        let mut kind = self;
        loop {
            kind = match kind {
                Kind::Struct(id) => return Some(*id),
                Kind::List(of) | Kind::Nullable(of) | Kind::Map(_, of) => of,
                _ => return None,
            };
        }
    }
}

impl Description {
    /// What `schema` looks like from outside, with `main_root` as the main root.
    pub fn of(schema: &Schema, main_root: StructId) -> Description {
        let mut types: Vec<TypeShape> = schema
            .types()
            .iter()
            .map(|def| {
                let shape = |field: &statewright_types::schema::FieldDef| {
                    Some(FieldShape { id: field.id, kind: Kind::of(&field.ty, schema)?, step: field.step })
                };
                let mut fields: Vec<FieldShape> = def.fields.iter().filter_map(shape).collect();
                fields.sort_by_key(|field| field.id);
                TypeShape { id: def.id, fields }
            })
            .collect();
        types.sort_by_key(|ty| ty.id);
        let id = |ty: StructId| schema.types().get(ty.index()).map_or(0, |def| def.id);
        let others = schema.roots().into_iter().filter(|ty| *ty != main_root).map(id);
        let mut other_roots: Vec<u16> = others.collect();
        other_roots.sort_unstable();
        Description { types, main_root: id(main_root), other_roots }
    }

    /// The type with that id.
    pub fn get(&self, id: u16) -> Option<&TypeShape> {
        let at = self.types.binary_search_by_key(&id, |ty| ty.id).ok()?;
        self.types.get(at)
    }

    /// Appends its bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        varint::put(out, self.types.len() as u64);
        for ty in &self.types {
            varint::put(out, u64::from(ty.id));
            varint::put(out, ty.fields.len() as u64);
            for field in &ty.fields {
                varint::put(out, u64::from(field.id));
                field.kind.write(out);
                out.push(u8::from(field.step.is_some()));
                out.extend(field.step.map(f64::to_le_bytes).into_iter().flatten());
            }
        }
        varint::put(out, u64::from(self.main_root));
        varint::put(out, self.other_roots.len() as u64);
        for root in &self.other_roots {
            varint::put(out, u64::from(*root));
        }
    }

    /// Reads one from wherever `reader` stands.
    ///
    /// # Errors
    /// If it is none: cut, ids that do not ascend, structs and roots that are no types of it.
    pub fn read(reader: &mut Reader<'_>) -> Result<Description, Malformed> {
        let mut types = Vec::new();
        let mut previous = 0;
        for _ in 0..reader.count()? {
            let id = ascending(reader, &mut previous)?;
            types.push(TypeShape { id, fields: FieldShape::read_all(reader)? });
        }
        let main_root = reader.id()?;
        let (mut other_roots, mut previous) = (Vec::new(), 0);
        for _ in 0..reader.count()? {
            other_roots.push(ascending(reader, &mut previous)?);
        }
        let description = Description { types, main_root, other_roots };
        let named = description.types.iter().flat_map(|ty| &ty.fields).filter_map(|field| field.kind.named());
        let mut used = named.chain(description.other_roots.iter().copied()).chain([main_root]);
        if used.any(|id| description.get(id).is_none()) || description.other_roots.contains(&main_root) {
            return Err(reader.fail(&"a type that is not described, or the main root twice"));
        }
        Ok(description)
    }
}

impl FieldShape {
    fn read_all(reader: &mut Reader<'_>) -> Result<Vec<FieldShape>, Malformed> {
        let (mut fields, mut previous) = (Vec::new(), 0);
        for _ in 0..reader.count()? {
            let id = ascending(reader, &mut previous)?;
            let kind = Kind::read(reader, 0)?;
            let step = if reader.flag()? { Some(reader.f64()?) } else { None };
            let is_float = matches!(kind, Kind::Float32 | Kind::Float64);
            if step.is_some_and(|step| !is_float || !step.is_finite() || step <= 0.0) {
                return Err(reader.fail(&"a step that is not positive, or of no float"));
            }
            fields.push(FieldShape { id, kind, step });
        }
        Ok(fields)
    }
}

/// An id above the one before; the first is above 0.
fn ascending(reader: &mut Reader<'_>, previous: &mut u16) -> Result<u16, Malformed> {
    let id = reader.id()?;
    if id <= *previous {
        return Err(reader.fail(&"ids that do not ascend from 1"));
    }
    *previous = id;
    Ok(id)
}

/// Why a client cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incompatible {
    /// The main roots are of different types.
    MainRoot {
        /// The server's.
        server: u16,
        /// The client's.
        client: u16,
    },
    /// Both have a field, and it is not the same.
    Field {
        /// The server's name and the id of the type.
        ty: (std::sync::Arc<str>, u16),
        /// The server's name and the id of the field.
        field: (std::sync::Arc<str>, u16),
        /// The server's type, quantised or not, for people.
        server: String,
    },
}

impl fmt::Display for Incompatible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Incompatible::MainRoot { server, client } => write!(
                f,
                "the main root is type {server} of the server's schema and type {client} of the client's: build the client for this application"
            ),
            Incompatible::Field { ty, field, server } => write!(
                f,
                "field {} (`{}`) of type {} (`{}`) is {server} here and of another kind in the client's schema: give one of them another @id, or build the client anew",
                field.1, field.0, ty.1, ty.0
            ),
        }
    }
}

impl std::error::Error for Incompatible {}

/// One field as it travels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WireField {
    /// Its id.
    pub id: u16,
    /// Its position in the server's record; `None` if only the client has it.
    pub position: Option<u32>,
    /// The step of its quantisation.
    pub step: Option<f64>,
}

/// What travels from a server to clients of one schema. Equal for clients that get the same bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// By the server's types.
    types: Vec<TypeProfile>,
    /// Other roots that both have, by ascending id.
    roots: Vec<StructId>,
    per_byte: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct TypeProfile {
    fields: Vec<WireField>,
    /// By the server's positions.
    indices: Vec<Option<u32>>,
}

impl TypeProfile {
    fn new(fields: Vec<WireField>, server_fields: usize) -> TypeProfile {
        let mut indices = vec![None; server_fields];
        for (index, field) in (0..).zip(&fields) {
            let place = field.position.and_then(|position| indices.get_mut(position as usize));
            place.into_iter().for_each(|place| *place = Some(index));
        }
        TypeProfile { fields, indices }
    }
}

impl Profile {
    /// For clients of the server's own schema.
    pub fn same(schema: &Schema, main_root: StructId) -> Profile {
        let profile = |def: &statewright_types::schema::StructDef| {
            let field = |(position, field): (u32, &statewright_types::schema::FieldDef)| WireField {
                id: field.id,
                position: Some(position),
                step: field.step,
            };
            let mut fields: Vec<WireField> = (0..).zip(&def.fields).map(field).collect();
            fields.sort_by_key(|field| field.id);
            TypeProfile::new(fields, def.fields.len())
        };
        Profile::new(schema, schema.types().iter().map(profile).collect(), other_roots(schema, main_root))
    }

    /// For clients of the schema that `client` describes.
    ///
    /// # Errors
    /// If the main roots differ, or a field that both have.
    pub fn between(schema: &Schema, main_root: StructId, client: &Description) -> Result<Profile, Incompatible> {
        let server = schema.types().get(main_root.index()).map_or(0, |def| def.id);
        if server != client.main_root {
            return Err(Incompatible::MainRoot { server, client: client.main_root });
        }
        let mut types = Vec::with_capacity(schema.types().len());
        for def in schema.types() {
            let theirs = client.get(def.id).map_or(&[][..], |ty| &ty.fields);
            let mut fields = Vec::with_capacity(theirs.len());
            for field in theirs {
                let position = def.fields.iter().position(|mine| mine.id == field.id);
                let wire = WireField { id: field.id, position: position.map(|at| at as u32), step: field.step };
                if let Some(mine) = position.and_then(|at| def.fields.get(at))
                    && (Kind::of(&mine.ty, schema).as_ref() != Some(&field.kind) || mine.step != field.step)
                {
                    let step = mine.step.map_or(String::new(), |step| format!(" in steps of {step}"));
                    return Err(Incompatible::Field {
                        ty: (def.name.clone(), def.id),
                        field: (mine.name.clone(), mine.id),
                        server: format!("{}{step}", schema.show(&mine.ty)),
                    });
                }
                fields.push(wire);
            }
            types.push(TypeProfile::new(fields, def.fields.len()));
        }
        let known: BTreeSet<u16> = client.other_roots.iter().copied().collect();
        let is_known = |ty: &StructId| schema.types().get(ty.index()).is_some_and(|def| known.contains(&def.id));
        Ok(Profile::new(schema, types, other_roots(schema, main_root).into_iter().filter(is_known).collect()))
    }

    fn new(schema: &Schema, types: Vec<TypeProfile>, roots: Vec<StructId>) -> Profile {
        let per_byte = entries_per_byte(schema, &types);
        Profile { types, roots, per_byte }
    }

    /// How many elements, entries, fields and steps a byte of a body stands for at most, whoever sees it; `None` if there may be elements that
    /// take no bytes, as nothing of them is seen.
    pub fn per_byte(&self) -> Option<u64> {
        self.per_byte
    }

    /// The fields of a type as the client orders them; none of a type that it does not have.
    #[inline]
    pub fn fields(&self, ty: StructId) -> &[WireField] {
        self.types.get(ty.index()).map_or(&[], |ty| &ty.fields)
    }

    /// Where the client has the field at `position` of the server's record; `None` if it has it not.
    #[inline]
    pub fn wire_index(&self, ty: StructId, position: u32) -> Option<u32> {
        self.types.get(ty.index())?.indices.get(position as usize).copied().flatten()
    }

    /// The roots besides the main one that both ends have, by ascending id.
    pub fn other_roots(&self) -> &[StructId] {
        &self.roots
    }
}

/// See [`Profile::per_byte`]. A step takes a byte at least, a struct the byte of what is absent and one for each field that is not; but
/// elements of a list that have the same fields absent say so once.
fn entries_per_byte(schema: &Schema, types: &[TypeProfile]) -> Option<u64> {
    let mut most = 2;
    let mut elements = BTreeSet::new();
    for (def, ty) in schema.types().iter().zip(types) {
        for field in &ty.fields {
            let declared = field.position.and_then(|position| def.fields.get(position as usize));
            declared.into_iter().for_each(|field| note_elements(&field.ty, &mut elements));
        }
    }
    for (index, (def, ty)) in (0..).zip(schema.types().iter().zip(types)) {
        let is_public =
            |position: u32| def.fields.get(position as usize).is_some_and(|field| field.audience.is_empty());
        let there = ty.fields.iter().filter(|field| field.position.is_some_and(is_public)).count() as u64;
        let counted = ty.fields.len() as u64 + 2;
        most = most.max(counted.div_ceil(there + 1));
        if elements.contains(&StructId(index)) {
            most = most.max(counted.checked_div(there)? + 1);
        }
    }
    Some(most)
}

/// The structs that lists in a type hold.
fn note_elements(ty: &Type, elements: &mut BTreeSet<StructId>) {
    match ty.non_null() {
        Type::List(element) => match &**element {
            Type::Struct(id) => _ = elements.insert(*id),
            inner => note_elements(inner, elements),
        },
        Type::Map(_, value) => note_elements(value, elements),
        _ => {}
    }
}

/// All roots but the main one, by ascending declared id.
pub(crate) fn other_roots(schema: &Schema, main_root: StructId) -> Vec<StructId> {
    let mut roots: Vec<StructId> = schema.roots().into_iter().filter(|ty| *ty != main_root).collect();
    roots.sort_by_key(|ty| schema.types().get(ty.index()).map_or(0, |def| def.id));
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two spaces end a line.
    fn schema(text: &str) -> std::sync::Arc<Schema> {
        let (schema, diagnostics) = statewright_types::schema::parse(&text.replace("  ", "\n"));
        schema.unwrap_or_else(|| panic!("{diagnostics:?}"))
    }

    fn server() -> std::sync::Arc<Schema> {
        schema(
            "package p
            @root(active) type Game {  Round int32  Players []Player  Deep map[uint8]*[]Card  Ratio float32  }
            type Player {  ID string  Score int64  }
            type Card {  Face *uuid  Data bytes  Open bool  }
            @root(inactive) type Shop {  Stock map[string]uint64  }
            @root(inactive) type Bank {  Gold uint64  }",
        )
    }

    fn bytes(description: &Description) -> Vec<u8> {
        let mut out = Vec::new();
        description.write(&mut out);
        out
    }

    #[test]
    fn descriptions_read_back() {
        let mut description = Description::of(&server(), StructId(0));
        description.types[0].fields[3].step = Some(0.25);
        let bytes = bytes(&description);
        assert_eq!(bytes[..9], [5, 1, 4, 1, 3, 0, 2, LIST, STRUCT]);
        let mut reader = Reader::new(&bytes).expect("short");
        assert_eq!(Description::read(&mut reader), Ok(description));
        assert_eq!(reader.end(), Ok(()));
        for cut in 0..bytes.len() {
            assert!(Description::read(&mut Reader::new(&bytes[..cut]).expect("short")).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_description_is_refused() {
        let read = |bytes: &[u8]| Description::read(&mut Reader::new(bytes).expect("short"));
        assert!(read(&[1, 1, 0, 1, 0]).is_ok());
        for (bad, why) in [
            (&[1, 0, 0, 1, 0][..], "an id of 0"),
            (&[2, 1, 0, 1, 0, 1, 0], "an id twice"),
            (&[1, 1, 0, 2, 0], "the main root is no type"),
            (&[1, 1, 0, 1, 1, 1], "the main root again"),
            (&[1, 1, 1, 1, STRUCT, 2, 0, 1, 0], "a struct that is no type"),
            (&[1, 1, 1, 1, MAP, 0, 0, 0, 1, 0], "keys that are bools"),
            (&[1, 1, 1, 1, NULLABLE, NULLABLE, 0, 0, 1, 0], "null or null"),
            (&[1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 240, 63, 1, 0], "a step of a bool"),
            (&[1, 1, 1, 1, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], "a step of 0"),
        ] {
            assert!(read(bad).is_err(), "{why}");
        }
        let deep = [&[1, 1, 1, 1][..], &[LIST; 100_000], &[0, 0, 1, 0]].concat();
        assert!(read(&deep).is_err());
        assert!(read(&[0xff, 0xff, 0xff, 0x7f]).is_err());
    }

    #[test]
    fn the_same_schema_is_compatible_with_itself() {
        let schema = server();
        let same = Profile::same(&schema, StructId(0));
        assert_eq!(Profile::between(&schema, StructId(0), &Description::of(&schema, StructId(0))), Ok(same.clone()));
        assert_eq!(same.other_roots(), [StructId(3), StructId(4)]);
        assert_eq!(same.wire_index(StructId(1), 1), Some(1));
        assert_eq!(same.wire_index(StructId(1), 2), None);
    }

    #[test]
    fn an_older_client_gets_what_it_knows() {
        let older = schema(
            "package p
            @root(active) type Game {  Round int32  Players []Player  }
            type Player {  ID string  Score int64  Gone bool  }
            type Other {  A bool  }
            @root(inactive) type Shop {  }",
        );
        let mut description = Description::of(&older, StructId(0));
        // The other type has an id that the server does not know.
        description.types.retain(|ty| ty.id != 3);
        let profile = Profile::between(&server(), StructId(0), &description).expect("compatible");
        let positions = |ty| profile.fields(ty).iter().map(|field| field.position).collect::<Vec<_>>();
        assert_eq!(positions(StructId(0)), [Some(0), Some(1)]);
        assert_eq!(positions(StructId(1)), [Some(0), Some(1), None]);
        assert_eq!(positions(StructId(2)), []);
        assert_eq!(profile.wire_index(StructId(0), 2), None);
        assert_eq!(profile.other_roots(), [StructId(3)], "the client has no bank");
    }

    #[test]
    fn what_differs_is_named() {
        let mut description = Description::of(&server(), StructId(0));
        description.types[1].fields[1].kind = Kind::Int(IntKind::I32);
        let problem = Profile::between(&server(), StructId(0), &description).expect_err("another kind").to_string();
        assert!(problem.contains("`Score`") && problem.contains("`Player`") && problem.contains("int64"), "{problem}");
        let mut description = Description::of(&server(), StructId(0));
        description.types[0].fields[3].step = Some(0.5);
        assert!(Profile::between(&server(), StructId(0), &description).is_err(), "another step");
        let description = Description::of(&server(), StructId(3));
        let problem = Profile::between(&server(), StructId(0), &description).expect_err("another root");
        assert_eq!(problem, Incompatible::MainRoot { server: 1, client: 4 });
    }
}
