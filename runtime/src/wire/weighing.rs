//! How much a body makes a decoder make room for, in the protocol's units: elements, entries, fields and steps. What a server has made
//! itself is read here as a client would read it, without a copy of the state: types alone say where each value ends.

use statewright_types::{IntKind, Schema, StructId, Type};

use super::codes::{limits, list, map, record};
use super::describe::Profile;
use super::reader::{Malformed, Reader};

/// What the full state that `body` is makes a client of that profile count.
///
/// # Errors
/// If it is none.
pub fn weigh_state(profile: &Profile, schema: &Schema, main_root: StructId, body: &[u8]) -> Result<u64, Malformed> {
    let mut scale = Scale { profile, schema, reader: Reader::unlimited(body), weight: 0 };
    scale.structure(main_root, 0)?;
    for _ in 0..scale.count()? {
        let id = scale.reader.id()?;
        let ty = scale.root(id)?;
        scale.structure(ty, 0)?;
    }
    scale.reader.end()?;
    Ok(scale.weight)
}

/// The same of changes.
///
/// # Errors
/// If they are none.
pub fn weigh_changes(profile: &Profile, schema: &Schema, main_root: StructId, body: &[u8]) -> Result<u64, Malformed> {
    let mut scale = Scale { profile, schema, reader: Reader::unlimited(body), weight: 0 };
    let mut places = vec![Place::Struct(main_root)];
    while !scale.reader.is_empty() {
        scale.weight += 1;
        let tag = scale.reader.varint()?;
        let entered = match places.last().copied().unwrap_or(Place::Struct(main_root)) {
            Place::Struct(ty) => scale.in_struct(ty, tag)?,
            Place::List(element) => scale.in_list(element, tag)?,
            Place::Map(key, value) => scale.in_map(key, value, tag)?,
        };
        match entered {
            Cursor::Stays => {}
            Cursor::Leaves => _ = places.pop(),
            Cursor::Home => places = vec![Place::Struct(main_root)],
            Cursor::Root(ty) => places = vec![Place::Struct(ty)],
            Cursor::Enters(place) => places.push(place),
        }
    }
    Ok(scale.weight)
}

/// What the cursor is in.
#[derive(Clone, Copy)]
enum Place<'a> {
    Struct(StructId),
    List(&'a Type),
    Map(&'a Type, &'a Type),
}

/// Where a step leads.
enum Cursor<'a> {
    Stays,
    Leaves,
    Home,
    Root(StructId),
    Enters(Place<'a>),
}

struct Scale<'a> {
    profile: &'a Profile,
    schema: &'a Schema,
    reader: Reader<'a>,
    weight: u64,
}

impl<'a> Scale<'a> {
    fn add(&mut self, count: u64) {
        self.weight = self.weight.saturating_add(count);
    }

    /// A number of things that follow.
    fn count(&mut self) -> Result<u64, Malformed> {
        let count = self.reader.varint()?;
        self.add(count);
        Ok(count)
    }

    /// The type of another root.
    fn root(&self, id: u16) -> Result<StructId, Malformed> {
        let is_it = |ty: &&StructId| self.schema.types().get(ty.index()).is_some_and(|def| def.id == id);
        let root = self.profile.other_roots().iter().find(is_it);
        root.copied().ok_or_else(|| self.reader.fail(&"there is no such root"))
    }

    // Values.

    fn structure(&mut self, ty: StructId, depth: usize) -> Result<(), Malformed> {
        let fields = self.profile.fields(ty).len();
        self.add(fields as u64);
        let absent = self.reader.bits(fields)?;
        self.fields(ty, |at| absent.has(at), depth)
    }

    fn fields(&mut self, ty: StructId, is_absent: impl Fn(usize) -> bool, depth: usize) -> Result<(), Malformed> {
        let (profile, schema) = (self.profile, self.schema);
        let types = schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
        for (at, field) in profile.fields(ty).iter().enumerate().filter(|(at, _)| !is_absent(*at)) {
            let declared = field.position.and_then(|position| types.get(position as usize));
            let Some(declared) = declared else { return Err(self.lost(at)) };
            self.value(&declared.ty, field.step, depth + 1)?;
        }
        Ok(())
    }

    #[cold]
    fn lost(&self, _at: usize) -> Malformed {
        self.reader.fail(&"there is no such field")
    }

    /// Values nest as deep as states do, which is bounded.
    fn value(&mut self, ty: &'a Type, step: Option<f64>, depth: usize) -> Result<(), Malformed> {
        if depth > limits::NESTING {
            return Err(self.reader.fail(&"it nests more than 64 deep"));
        }
        match ty {
            Type::Nullable(inner) => match self.reader.flag()? {
                true => self.value(inner, step, depth),
                false => Ok(()),
            },
            Type::Bool | Type::Int(IntKind::I8 | IntKind::U8) => self.reader.byte().map(drop),
            Type::Int(_) => self.reader.varint().map(drop),
            Type::Float32 | Type::Float64 if step.is_some() => match self.reader.varint()? {
                0 => self.reader.take(8).map(drop),
                _ => Ok(()),
            },
            Type::Float32 => self.reader.take(4).map(drop),
            Type::Float64 => self.reader.take(8).map(drop),
            Type::String | Type::Bytes => self.reader.sized().map(drop),
            Type::Uuid => match self.reader.byte()? {
                0 => Ok(()),
                1 => self.reader.take(16).map(drop),
                _ => self.reader.sized().map(drop),
            },
            Type::List(element) => self.list(element, depth),
            Type::Map(key, value) => self.map(key, value, depth),
            Type::Struct(id) => self.structure(*id, depth),
            // Never in a schema.
            Type::Record(_) => self.reader.byte().map(drop),
        }
    }

    fn list(&mut self, element: &'a Type, depth: usize) -> Result<(), Malformed> {
        let mut left = self.count()?;
        let Type::Struct(ty) = element else {
            return (0..left).try_for_each(|_| self.value(element, None, depth + 1));
        };
        let fields = self.profile.fields(*ty).len();
        self.add(left.saturating_mul(fields as u64));
        while left > 0 {
            let run = self.reader.varint()?;
            if run == 0 || run > left {
                return Err(self.reader.fail(&"a run of no elements, or of too many"));
            }
            left -= run;
            let absent = self.reader.bits(fields)?;
            // Elements of which nothing is there take no bytes.
            if (0..fields).any(|at| !absent.has(at)) {
                (0..run).try_for_each(|_| self.fields(*ty, |at| absent.has(at), depth + 1))?;
            }
        }
        Ok(())
    }

    fn map(&mut self, key: &'a Type, value: &'a Type, depth: usize) -> Result<(), Malformed> {
        for _ in 0..self.count()? {
            self.key(key)?;
            self.value(value, None, depth + 1)?;
        }
        Ok(())
    }

    fn key(&mut self, key: &Type) -> Result<(), Malformed> {
        match key {
            Type::Int(IntKind::I8 | IntKind::U8) => self.reader.byte().map(drop),
            Type::Int(_) => self.reader.varint().map(drop),
            _ => self.reader.sized().map(drop),
        }
    }

    /// What differs: of an integer or quantised float a number, of any other float its bits.
    fn difference(&mut self, ty: &Type, step: Option<f64>) -> Result<(), Malformed> {
        match (ty, step) {
            (Type::Float32, None) => self.reader.xor(4).map(drop),
            (Type::Float64, None) => self.reader.xor(8).map(drop),
            _ => self.reader.varint().map(drop),
        }
    }

    // Steps.

    fn enters(&self, ty: &'a Type) -> Result<Cursor<'a>, Malformed> {
        Ok(Cursor::Enters(match ty.non_null() {
            Type::Struct(id) => Place::Struct(*id),
            Type::List(element) => Place::List(element),
            Type::Map(key, value) => Place::Map(key, value),
            _ => return Err(self.reader.fail(&"what is neither struct, list nor map cannot be entered")),
        }))
    }

    fn field(&self, ty: StructId, tag: u64) -> Result<(&'a Type, Option<f64>), Malformed> {
        let (profile, schema) = (self.profile, self.schema);
        let id = (tag >> 1).checked_sub(record::FIELD_BASE).and_then(|id| u16::try_from(id).ok());
        let field = id.and_then(|id| {
            let fields = profile.fields(ty);
            fields.get(fields.binary_search_by_key(&id, |field| field.id).ok()?)
        });
        let types = schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
        let declared = field.and_then(|field| types.get(field.position? as usize).map(|def| (&def.ty, field.step)));
        declared.ok_or_else(|| self.reader.fail(&"there is no such field"))
    }

    fn in_struct(&mut self, ty: StructId, tag: u64) -> Result<Cursor<'a>, Malformed> {
        match tag {
            record::UP => return Ok(Cursor::Leaves),
            record::HOME => return Ok(Cursor::Home),
            record::HIDE => _ = self.reader.id()?,
            record::ROOT => {
                let id = self.reader.id()?;
                return self.root(id).map(Cursor::Root);
            }
            record::ROOT_GONE => _ = self.reader.id()?,
            record::ROOT_THERE => {
                let id = self.reader.id()?;
                let ty = self.root(id)?;
                self.structure(ty, 0)?;
            }
            _ => {
                let (ty, step) = self.field(ty, tag)?;
                let is_change = tag & 1 != 0;
                match ty.non_null() {
                    Type::Struct(_) | Type::List(_) | Type::Map(..) if is_change => return self.enters(ty),
                    _ if is_change => self.difference(ty, step)?,
                    _ => self.value(ty, step, 0)?,
                }
            }
        }
        Ok(Cursor::Stays)
    }

    fn in_list(&mut self, element: &'a Type, tag: u64) -> Result<Cursor<'a>, Malformed> {
        if tag & 1 != 0 {
            if let Type::Struct(_) | Type::List(_) | Type::Map(..) = element.non_null() {
                return self.enters(element);
            }
            self.value(element, None, 0)?;
            return Ok(Cursor::Stays);
        }
        match tag {
            list::UP => return Ok(Cursor::Leaves),
            list::HOME => return Ok(Cursor::Home),
            list::INSERT => {
                self.reader.index()?;
                self.add(1);
                self.value(element, None, 0)?;
            }
            list::REPLACE => {
                self.reader.index()?;
                self.value(element, None, 0)?;
            }
            list::INSERT_MANY => {
                self.reader.index()?;
                self.list(element, 0)?;
            }
            list::REPLACE_ALL => self.list(element, 0)?,
            list::REMOVE => _ = self.reader.index()?,
            list::REMOVE_MANY | list::MOVE => {
                self.reader.index()?;
                self.reader.index()?;
            }
            list::ARRANGE => {
                for _ in 0..self.count()? {
                    if self.reader.index()? == 0 {
                        self.value(element, None, 0)?;
                    }
                }
            }
            list::VALUES => {
                self.reader.index()?;
                let count = u64::from(self.reader.index()?);
                self.add(count);
                (0..count).try_for_each(|_| self.value(element, None, 0))?;
            }
            list::COLUMNS => self.columns(element)?,
            _ => return Err(self.reader.fail(&"there is no such step in a list")),
        }
        Ok(Cursor::Stays)
    }

    fn columns(&mut self, element: &'a Type) -> Result<(), Malformed> {
        let Type::Struct(ty) = element else { return Err(self.reader.fail(&"columns of what are no structs")) };
        self.reader.index()?;
        let count = self.reader.index()?;
        let mut tags = Vec::new();
        for _ in 0..self.count()? {
            let tag = self.reader.varint()?;
            let (ty, step) = self.field(*ty, tag)?;
            tags.push((ty, step, tag & 1 != 0));
        }
        self.add(u64::from(count).saturating_mul(tags.len() as u64));
        for _ in 0..count {
            for (ty, step, is_change) in &tags {
                if *is_change { self.difference(ty, *step)? } else { self.value(ty, *step, 0)? }
            }
        }
        Ok(())
    }

    fn in_map(&mut self, key: &'a Type, value: &'a Type, tag: u64) -> Result<Cursor<'a>, Malformed> {
        match tag {
            map::UP => return Ok(Cursor::Leaves),
            map::HOME => return Ok(Cursor::Home),
            map::PUT => {
                self.key(key)?;
                self.add(1);
                self.value(value, None, 0)?;
            }
            map::ENTER => {
                self.key(key)?;
                return self.enters(value);
            }
            map::DELETE => self.key(key)?,
            map::REPLACE_ALL => self.map(key, value, 0)?,
            _ => return Err(self.reader.fail(&"there is no such step in a map")),
        }
        Ok(Cursor::Stays)
    }
}
