//! The state as functions of a host program reach it, in effects and filters: records by handle, fields by name, and no
//! field that was not declared.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::scalar::{canonical_nan, fround32};
use statewright_types::{IntKind, Schema, StructId, TrapCode, Type, Value};

use crate::host::HostError;
use crate::program::Footprint;
use crate::state::State;

/// A record, while the function runs that was given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    ty: StructId,
    reference: u64,
}

/// Which fields a function looks at and writes, by the names of type and field. A field of structs says which structs there
/// are, and in what order; their own fields are declared apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    fields: Vec<DeclaredField>,
    time: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct DeclaredField {
    ty: String,
    field: String,
    /// Whether all fields of all structs in it are meant too.
    whole: bool,
    written: bool,
}

impl Declared {
    /// Nothing yet.
    pub fn new() -> Declared {
        Declared::default()
    }

    fn with(mut self, ty: &str, field: &str, whole: bool, written: bool) -> Declared {
        self.fields.push(DeclaredField { ty: ty.into(), field: field.into(), whole, written });
        self
    }

    /// Looks at a field.
    #[must_use]
    pub fn reads(self, ty: &str, field: &str) -> Declared {
        self.with(ty, field, false, false)
    }

    /// Looks at a field and all fields of the structs in it, however deep.
    #[must_use]
    pub fn reads_whole(self, ty: &str, field: &str) -> Declared {
        self.with(ty, field, true, false)
    }

    /// Writes a field; may look at it too. Of structs in lists: adds and removes them.
    #[must_use]
    pub fn writes(self, ty: &str, field: &str) -> Declared {
        self.with(ty, field, false, true)
    }

    /// Writes a field and all fields of the structs in it, however deep; may look at them too.
    #[must_use]
    pub fn writes_whole(self, ty: &str, field: &str) -> Declared {
        self.with(ty, field, true, true)
    }

    /// Looks at session time.
    #[must_use]
    pub fn time(mut self) -> Declared {
        self.time = true;
        self
    }

    /// Whether it looks at session time.
    pub fn is_timed(&self) -> bool {
        self.time
    }

    /// The fields of `schema`: those that are looked at, and those that are written.
    ///
    /// # Errors
    /// Names the type or field that the schema does not have.
    pub fn resolve(&self, schema: &Schema) -> Result<(Footprint, Footprint), String> {
        let (mut reads, mut writes) = (BTreeSet::new(), BTreeSet::new());
        for DeclaredField { ty, field, whole, written } in &self.fields {
            let id = schema.by_name(ty).ok_or_else(|| format!("the schema has no type `{ty}`"))?;
            let Some(at) = schema.get(id).field(field) else {
                return Err(format!("the type `{ty}` has no field `{field}`"));
            };
            let fields = match whole {
                true => with_all_inside(schema, id, at),
                false => BTreeSet::from([(id, at as u32)]),
            };
            if *written {
                writes.extend(&fields);
            }
            reads.extend(fields);
        }
        Ok((Footprint::Fields(reads), Footprint::Fields(writes)))
    }
}

/// A field, and all fields of the structs in it.
fn with_all_inside(schema: &Schema, ty: StructId, field: usize) -> BTreeSet<(StructId, u32)> {
    let mut all = BTreeSet::new();
    let mut rest = vec![(ty, field)];
    while let Some((ty, field)) = rest.pop() {
        if !all.insert((ty, field as u32)) {
            continue;
        }
        let Some(def) = schema.types().get(ty.index()).and_then(|def| def.fields.get(field)) else { continue };
        if let Some(inner) = struct_inside(&def.ty) {
            rest.extend((0..schema.get(inner).fields.len()).map(|field| (inner, field)));
        }
    }
    all
}

/// The struct that a field holds, itself or in lists and maps.
pub(crate) fn struct_inside(ty: &Type) -> Option<StructId> {
    let mut ty = ty.non_null();
    loop {
        ty = match ty {
            Type::List(inner) | Type::Map(_, inner) => inner.non_null(),
            Type::Struct(id) => return Some(*id),
            _ => return None,
        };
    }
}

/// The state, for one call of a host program's function. Asking for a type or field that is not there, or as another type, is
/// `bad_argument`; one that was not declared, `permission_denied`; a record that is gone, `stale_reference`.
pub struct Access<'a> {
    state: &'a mut State,
    reads: &'a Footprint,
    writes: &'a Footprint,
    /// Session time, if that was declared.
    now_ms: Option<i64>,
}

fn unfit(what: String) -> HostError {
    HostError::new(TrapCode::BadArgument, what)
}

impl<'a> Access<'a> {
    /// `now_ms` is session time, if the function may look at it.
    pub(crate) fn new(
        state: &'a mut State,
        reads: &'a Footprint,
        writes: &'a Footprint,
        now_ms: Option<i64>,
    ) -> Access<'a> {
        Access { state, reads, writes, now_ms }
    }

    /// Session time, milliseconds.
    ///
    /// # Errors
    /// `permission_denied` if it was not declared that the function looks at it.
    pub fn now_ms(&self) -> Result<i64, HostError> {
        let undeclared = || HostError::new(TrapCode::PermissionDenied, "session time was not declared");
        self.now_ms.ok_or_else(undeclared)
    }

    /// The root of that type.
    ///
    /// # Errors
    /// `not_found` if it is not there.
    pub fn root(&self, ty: &str) -> Result<Record, HostError> {
        let id = self.state.schema().by_name(ty).ok_or_else(|| unfit(format!("the schema has no type `{ty}`")))?;
        Ok(Record { ty: id, reference: self.state.root(id)? })
    }

    /// The main root.
    pub fn main_root(&self) -> Result<Record, HostError> {
        let ty = self.state.main_root();
        Ok(Record { ty, reference: self.state.root(ty)? })
    }

    /// The name of a record's type.
    pub fn type_of(&self, record: Record) -> Arc<str> {
        self.state.schema().get(record.ty).name.clone()
    }

    fn field(&self, record: Record, name: &str, declared: &Footprint) -> Result<(u32, Type), HostError> {
        let def = self.state.schema().get(record.ty);
        let Some(at) = def.field(name) else {
            return Err(unfit(format!("the type `{}` has no field `{name}`", def.name)));
        };
        if !declared.contains(record.ty, at as u32) {
            let what = if std::ptr::eq(declared, self.writes) { "written" } else { "looked at" };
            let message = format!("`{}.{name}` was not declared as {what}", def.name);
            return Err(HostError::new(TrapCode::PermissionDenied, message));
        }
        let ty = def.fields.get(at).map_or(Type::Bool, |field| field.ty.clone());
        Ok((at as u32, ty))
    }

    fn read(&self, record: Record, name: &str, fits: fn(&Type) -> bool) -> Result<(u64, Type), HostError> {
        let (at, ty) = self.field(record, name, self.reads)?;
        if !fits(&ty) {
            let shown = self.state.schema().show(&ty).to_string();
            return Err(unfit(format!("`{}.{name}` is of type {shown}", self.type_of(record))));
        }
        Ok((self.state.load(record.reference, record.ty, at)?, ty))
    }

    /// An integer that fits 64 signed bits.
    pub fn int(&self, record: Record, field: &str) -> Result<i64, HostError> {
        Ok(self.read(record, field, |ty| matches!(ty, Type::Int(kind) if *kind != IntKind::U64))?.0 as i64)
    }

    /// A uint64.
    pub fn uint(&self, record: Record, field: &str) -> Result<u64, HostError> {
        Ok(self.read(record, field, |ty| *ty == Type::Int(IntKind::U64))?.0)
    }

    /// A float.
    pub fn float(&self, record: Record, field: &str) -> Result<f64, HostError> {
        Ok(f64::from_bits(self.read(record, field, Type::is_float)?.0))
    }

    /// A bool.
    pub fn bool(&self, record: Record, field: &str) -> Result<bool, HostError> {
        Ok(self.read(record, field, |ty| *ty == Type::Bool)?.0 != 0)
    }

    /// A string or uuid.
    pub fn text(&self, record: Record, field: &str) -> Result<&str, HostError> {
        let (slot, _) = self.read(record, field, Type::is_text)?;
        Ok(self.state.str(slot))
    }

    /// Whether a field and all that is in it was declared.
    fn check_whole(&self, record: Record, field: u32, declared: &Footprint) -> Result<(), HostError> {
        let schema = self.state.schema();
        let inside = with_all_inside(schema, record.ty, field as usize);
        let undeclared = inside.into_iter().find(|(ty, field)| !declared.contains(*ty, *field));
        let Some((ty, field)) = undeclared else { return Ok(()) };
        let def = schema.get(ty);
        let name = def.fields.get(field as usize).map_or("", |field| &field.name);
        let message = format!("`{}.{name}` goes with it, and was not declared", def.name);
        Err(HostError::new(TrapCode::PermissionDenied, message))
    }

    /// Any field, with all that is in it, which must be declared; a struct is a map of its fields. Takes time in proportion to
    /// its size.
    pub fn value(&self, record: Record, field: &str) -> Result<Value, HostError> {
        let (at, _) = self.field(record, field, self.reads)?;
        self.check_whole(record, at, self.reads)?;
        let (slot, ty) = self.read(record, field, |_| true)?;
        Ok(self.state.export(&ty, slot)?)
    }

    /// The struct in a field; nothing if it is null.
    pub fn record(&self, record: Record, field: &str) -> Result<Option<Record>, HostError> {
        let (slot, ty) = self.read(record, field, |ty| matches!(ty.non_null(), Type::Struct(_)))?;
        let Type::Struct(inner) = ty.non_null() else { return Ok(None) };
        Ok((slot != 0).then_some(Record { ty: *inner, reference: slot }))
    }

    /// The structs of a list, in order, or of a map, by ascending key. Those that are null are left out.
    pub fn records(&self, record: Record, field: &str) -> Result<Vec<Record>, HostError> {
        let (container, ty) = self.read(record, field, is_collection)?;
        let (Type::List(element) | Type::Map(_, element)) = ty.non_null() else { return Ok(Vec::new()) };
        let Type::Struct(inner) = element.non_null() else {
            return Err(unfit(format!("`{}.{field}` holds no structs", self.type_of(record))));
        };
        let slots = self.state.list_slots(container).iter().filter(|slot| **slot != 0);
        Ok(slots.map(|slot| Record { ty: *inner, reference: *slot }).collect())
    }

    /// How many elements a list or map has.
    pub fn count(&self, record: Record, field: &str) -> Result<usize, HostError> {
        let (container, _) = self.read(record, field, is_collection)?;
        Ok(self.state.list_slots(container).len())
    }

    fn writable(&self, record: Record, name: &str, fits: fn(&Type) -> bool) -> Result<(u32, Type), HostError> {
        let (at, ty) = self.field(record, name, self.writes)?;
        if !fits(&ty) {
            let shown = self.state.schema().show(&ty).to_string();
            return Err(unfit(format!("`{}.{name}` is of type {shown}", self.type_of(record))));
        }
        Ok((at, ty))
    }

    fn put(&mut self, record: Record, field: u32, slot: u64) -> Result<(), HostError> {
        Ok(self.state.store(record.reference, record.ty, field, slot)?)
    }

    /// Writes an integer.
    ///
    /// # Errors
    /// `out_of_range` if the field's type does not hold the number.
    pub fn set_int(&mut self, record: Record, field: &str, value: i64) -> Result<(), HostError> {
        let (at, ty) = self.writable(record, field, Type::is_int)?;
        let Type::Int(kind) = ty else { return Ok(()) };
        let (least, most) = kind.range();
        if !(least..=most).contains(&i128::from(value)) {
            let message = format!("`{}.{field}` does not hold {value}", self.type_of(record));
            return Err(HostError::new(TrapCode::OutOfRange, message));
        }
        self.put(record, at, value as u64)
    }

    /// Writes a uint64.
    pub fn set_uint(&mut self, record: Record, field: &str, value: u64) -> Result<(), HostError> {
        let (at, _) = self.writable(record, field, |ty| *ty == Type::Int(IntKind::U64))?;
        self.put(record, at, value)
    }

    /// Writes a float; NaN becomes the canonical one.
    pub fn set_float(&mut self, record: Record, field: &str, value: f64) -> Result<(), HostError> {
        let (at, ty) = self.writable(record, field, Type::is_float)?;
        let value = if ty == Type::Float32 { fround32(value) } else { value };
        self.put(record, at, canonical_nan(value).to_bits())
    }

    /// Writes a bool.
    pub fn set_bool(&mut self, record: Record, field: &str, value: bool) -> Result<(), HostError> {
        let (at, _) = self.writable(record, field, |ty| *ty == Type::Bool)?;
        self.put(record, at, u64::from(value))
    }

    /// Writes text.
    ///
    /// # Errors
    /// `memory_limit` if it is longer than a string may be.
    pub fn set_text(&mut self, record: Record, field: &str, value: &str) -> Result<(), HostError> {
        self.set_value(record, field, &Value::str(value))
    }

    /// Writes any field with all that is in it, which must be declared; a struct is a map of its fields, and has its schema's
    /// defaults for the others.
    pub fn set_value(&mut self, record: Record, field: &str, value: &Value) -> Result<(), HostError> {
        let (at, ty) = self.writable(record, field, |_| true)?;
        self.check_whole(record, at, self.writes)?;
        let slot = self.import(record, field, &ty, value)?;
        self.put(record, at, slot)
    }

    fn import(&mut self, record: Record, field: &str, ty: &Type, value: &Value) -> Result<u64, HostError> {
        let name = self.type_of(record);
        self.state.import(ty, value).map_err(|error| unfit(format!("`{name}.{field}`: {error}")))
    }

    /// The list in a field that may be written, and the type of its elements.
    fn list(&mut self, record: Record, field: &str) -> Result<(u64, Type), HostError> {
        let (at, ty) = self.writable(record, field, |ty| matches!(ty.non_null(), Type::List(_)))?;
        let list = self.state.load(record.reference, record.ty, at)?;
        match ty.non_null() {
            Type::List(element) if list != 0 => Ok((list, Type::clone(element))),
            _ => Err(TrapCode::NullReference.into()),
        }
    }

    /// Appends to a list.
    pub fn push(&mut self, record: Record, field: &str, element: &Value) -> Result<(), HostError> {
        let (list, ty) = self.list(record, field)?;
        let slot = self.import(record, field, &ty, element)?;
        let end = self.state.list_len(list) as i64;
        Ok(self.state.list_insert(list, end, slot)?)
    }

    /// Removes the element at an index of a list.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn remove_at(&mut self, record: Record, field: &str, index: usize) -> Result<(), HostError> {
        let (list, _) = self.list(record, field)?;
        Ok(self.state.list_remove(list, i64::try_from(index).unwrap_or(i64::MAX))?)
    }

    /// Empties a list or map.
    pub fn clear(&mut self, record: Record, field: &str) -> Result<(), HostError> {
        let (at, ty) = self.writable(record, field, is_collection)?;
        let container = self.state.load(record.reference, record.ty, at)?;
        match ty.non_null() {
            Type::List(_) => self.state.list_clear(container),
            _ => self.state.map_clear(container),
        }
        Ok(())
    }
}

fn is_collection(ty: &Type) -> bool {
    matches!(ty.non_null(), Type::List(_) | Type::Map(..))
}
