//! Paths (LANGUAGE R2.2, R2.3) into exported state: `Players["alice":ID].Hand[0]`, `GameState.Round`,
//! `Scores["bob"]`, `Players.length`. Types come from the schema, so that keys and `.length` mean what they mean in
//! a document.

use std::borrow::Cow;
use std::sync::Arc;

use statewright_graph::document::{Path, Step, reference::Index, reference::KeyValue};
use statewright_types::schema::StructDef;
use statewright_types::{Schema, StructId, Type, Value, suggest};

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// What is wrong, and where on the path.
    pub message: String,
}

/// A place in a state: a value, its type, and by which key its elements are told apart.
struct Place<'v> {
    value: Cow<'v, Value>,
    ty: Type,
    key: Option<Arc<str>>,
    /// The path up to here.
    shown: String,
}

/// What `path` leads to in `state`, an exported state with the fields of `main_root` at the top and other roots under
/// their type's name.
pub fn look<'v>(schema: &Schema, main_root: StructId, state: &'v Value, path: &Path) -> Result<Cow<'v, Value>, Miss> {
    let mut place = begin(schema, main_root, state, &path.head)?;
    for step in &path.steps {
        place = follow(schema, place, step)?;
    }
    Ok(place.value)
}

/// The type of what `path` leads to, if it is there.
pub fn type_of(schema: &Schema, main_root: StructId, path: &Path) -> Result<Type, Miss> {
    let root = root_named(schema, main_root, &path.head);
    let (mut ty, mut shown) = match root {
        Some(root) => (Type::Struct(root), path.head.to_string()),
        None => (field_type(schema, main_root, &path.head)?, path.head.to_string()),
    };
    for step in &path.steps {
        let nowhere = |what: &str| Err(Miss { message: format!("`{shown}` {what}") });
        let (next, written) = match (ty.non_null(), step) {
            (Type::Struct(id), Step::Field(name)) => (field_type(schema, *id, name)?, format!(".{name}")),
            (Type::Record(record), Step::Field(name)) => {
                let inner = record.index(name).and_then(|index| record.fields.get(index));
                match inner {
                    Some((_, inner)) => (inner.clone(), format!(".{name}")),
                    None => return nowhere(&format!("has no field `{name}`")),
                }
            }
            (Type::List(_) | Type::Map(..) | Type::String | Type::Uuid | Type::Bytes, Step::Field(name))
                if &**name == "length" =>
            {
                (Type::INT, ".length".to_owned())
            }
            (_, Step::Field(name)) => return nowhere(&format!("has no fields, so `.{name}` leads nowhere")),
            (Type::List(element), Step::Index(_)) => ((**element).clone(), "[…]".to_owned()),
            (Type::Map(_, value), Step::Index(_)) => ((**value).clone(), "[…]".to_owned()),
            (Type::String | Type::Uuid, Step::Index(Index::Int(_))) => (Type::String, "[…]".to_owned()),
            (_, Step::Index(_)) => return nowhere("does not take what stands in the brackets behind it"),
        };
        ty = next;
        shown.push_str(&written);
    }
    Ok(ty)
}

fn field_type(schema: &Schema, id: StructId, name: &str) -> Result<Type, Miss> {
    let def = schema.get(id);
    match def.field(name).and_then(|index| def.fields.get(index)) {
        Some(field) => Ok(field.ty.clone()),
        None => Err(no_field(def, name)),
    }
}

fn no_field(def: &StructDef, name: &str) -> Miss {
    let help = suggest::help(name, def.fields.iter().map(|field| &*field.name));
    Miss { message: format!("`{}` has no field `{name}`; {help}", def.name) }
}

/// The root that a path's first name is.
pub fn root_named(schema: &Schema, main_root: StructId, head: &str) -> Option<StructId> {
    schema.by_name(head).filter(|id| *id == main_root || schema.roots().contains(id))
}

/// The root or field that a path begins with.
fn begin<'v>(schema: &Schema, main_root: StructId, state: &'v Value, head: &Arc<str>) -> Result<Place<'v>, Miss> {
    let shown = head.to_string();
    if let Some(root) = root_named(schema, main_root, head) {
        let value = if root == main_root { Some(state) } else { state.get(head) };
        let value = value.ok_or_else(|| Miss { message: format!("the root `{head}` is not active") })?;
        return Ok(Place { value: Cow::Borrowed(value), ty: Type::Struct(root), key: None, shown });
    }
    let top = Place { value: Cow::Borrowed(state), ty: Type::Struct(main_root), key: None, shown: String::new() };
    field(schema, top, main_root, head)
}

fn follow<'v>(schema: &Schema, place: Place<'v>, step: &Step) -> Result<Place<'v>, Miss> {
    let ty = place.ty.non_null().clone();
    let place = Place { ty: ty.clone(), ..place };
    if matches!(*place.value, Value::Null) {
        return miss(&place, "is null, so the path does not go on");
    }
    match (&ty, step) {
        (Type::Struct(id), Step::Field(name)) => field(schema, place, *id, name),
        (Type::Record(record), Step::Field(name)) => {
            let inner = record.index(name).and_then(|index| record.fields.get(index));
            match inner {
                Some((_, inner)) => entry(place, name, inner.clone(), &format!(".{name}")),
                None => miss(&place, &format!("has no field `{name}`")),
            }
        }
        (_, Step::Field(name)) if &**name == "length" => length(place),
        (_, Step::Field(name)) => miss(&place, &format!("has no fields, so `.{name}` leads nowhere")),
        (Type::List(element), Step::Index(index)) => {
            let element = (**element).clone();
            self::element(schema, place, element, index)
        }
        (Type::Map(_, value), Step::Index(index)) => {
            let value = (**value).clone();
            let key = match index {
                Index::Text(key) => key.clone(),
                Index::Int(key) => key.to_string().into(),
                other => return unusable(&place, other),
            };
            entry(place, &key, value, &format!("[{:?}]", &*key))
        }
        (Type::String | Type::Uuid, Step::Index(Index::Int(index))) => character(place, *index),
        (_, Step::Index(index)) => unusable(&place, index),
    }
}

fn field<'v>(schema: &Schema, place: Place<'v>, id: StructId, name: &Arc<str>) -> Result<Place<'v>, Miss> {
    let def = schema.get(id);
    let Some(field) = def.field(name).and_then(|index| def.fields.get(index)) else {
        return Err(no_field(def, name));
    };
    let step = if place.shown.is_empty() { name.to_string() } else { format!(".{name}") };
    let found = entry(place, name, field.ty.clone(), &step)?;
    Ok(Place { key: field.key.clone(), ..found })
}

/// The entry `key` of a map of fields or entries.
fn entry<'v>(place: Place<'v>, key: &str, ty: Type, step: &str) -> Result<Place<'v>, Miss> {
    let shown = format!("{}{step}", place.shown);
    let value = match &place.value {
        Cow::Borrowed(value) => value.get(key).map(Cow::Borrowed),
        Cow::Owned(value) => value.get(key).cloned().map(Cow::Owned),
    };
    match value {
        Some(value) => Ok(Place { value, ty, key: None, shown }),
        None => miss(&place, &format!("has no entry `{key}`")),
    }
}

fn element<'v>(schema: &Schema, place: Place<'v>, ty: Type, index: &Index) -> Result<Place<'v>, Miss> {
    let elements = match &*place.value {
        Value::List(elements) => elements.as_slice(),
        _ => &[],
    };
    let (position, step) = match index {
        Index::Int(index) => {
            let position = usize::try_from(*index).ok().filter(|position| *position < elements.len());
            let Some(position) = position else {
                return miss(&place, &format!("has {} elements, so there is no [{index}]", elements.len()));
            };
            (position, format!("[{index}]"))
        }
        Index::Text(text) => {
            let Some(key) = place.key.clone() else {
                return miss(
                    &place,
                    &format!("has no key declared in the schema; name the field: [{:?}:FIELD]", &**text),
                );
            };
            (keyed(schema, &place, elements, &ty, &Value::Str(text.clone()), &key)?, format!("[{:?}]", &**text))
        }
        Index::Key { value, field } => {
            let (wanted, written) = match value {
                KeyValue::Text(text) => (Value::Str(text.clone()), format!("{:?}", &**text)),
                KeyValue::Int(number) => (Value::Int(*number), number.to_string()),
                KeyValue::Reference(_) => return unusable(&place, index),
            };
            (keyed(schema, &place, elements, &ty, &wanted, field)?, format!("[{written}:{field}]"))
        }
        Index::Reference(_) => return unusable(&place, index),
    };
    let shown = format!("{}{step}", place.shown);
    let value = match place.value {
        Cow::Borrowed(value) => value.at(position).map(Cow::Borrowed),
        Cow::Owned(value) => value.at(position).cloned().map(Cow::Owned),
    };
    Ok(Place { value: value.unwrap_or(Cow::Owned(Value::Null)), ty, key: None, shown })
}

/// Position of the first element whose field equals `wanted`.
fn keyed(
    schema: &Schema,
    place: &Place<'_>,
    elements: &[Value],
    ty: &Type,
    wanted: &Value,
    field: &str,
) -> Result<usize, Miss> {
    if let Type::Struct(id) = ty.non_null() {
        let def = schema.get(*id);
        if def.field(field).is_none() {
            let help = suggest::help(field, def.fields.iter().map(|field| &*field.name));
            return miss(place, &format!("has elements of type `{}` without a field `{field}`; {help}", def.name));
        }
    }
    match elements.iter().position(|element| element.get(field) == Some(wanted)) {
        Some(position) => Ok(position),
        None => {
            miss(place, &format!("has no element whose `{field}` is {}", statewright_types::json::to_string(wanted)))
        }
    }
}

fn length<'v>(place: Place<'v>) -> Result<Place<'v>, Miss> {
    let count = match &*place.value {
        Value::List(elements) => elements.len(),
        Value::Map(entries) => entries.len(),
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        _ => return miss(&place, "has no length"),
    };
    let shown = format!("{}.length", place.shown);
    Ok(Place { value: Cow::Owned(Value::uint(count as u64)), ty: Type::INT, key: None, shown })
}

fn character<'v>(place: Place<'v>, index: i64) -> Result<Place<'v>, Miss> {
    let found = match &*place.value {
        Value::Str(text) => usize::try_from(index).ok().and_then(|index| text.chars().nth(index)),
        _ => None,
    };
    match found {
        Some(found) => {
            let shown = format!("{}[{index}]", place.shown);
            Ok(Place { value: Cow::Owned(Value::from(found.to_string())), ty: Type::String, key: None, shown })
        }
        None => miss(&place, &format!("has no character [{index}]")),
    }
}

fn unusable<T>(place: &Place<'_>, index: &Index) -> Result<T, Miss> {
    match index {
        Index::Reference(_) | Index::Key { value: KeyValue::Reference(_), .. } => {
            miss(place, "is followed by a reference in brackets; outside of a handler write the value itself")
        }
        _ => miss(place, "does not take what stands in the brackets behind it"),
    }
}

fn miss<T>(place: &Place<'_>, what: &str) -> Result<T, Miss> {
    Err(Miss { message: format!("`{}` {what}", place.shown) })
}
