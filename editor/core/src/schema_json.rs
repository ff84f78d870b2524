//! Edits of schemas and configurations in JSON: one value changes, and everything else stays as it was written.
//!
//! Annotations are shown and entered as the schema language has them, `@view(owner) @key(ID)`, whatever the file spells.

use statewright_types::json::{self, Editor, Step, Tree};
use statewright_types::schema::{Role, Schema, StructId};
use statewright_types::{Config, Value};

use crate::refused::Refused;
use crate::schema_text::{annotation, checked, keyed_by};

/// What stands in the parentheses of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nothing,
    Name,
    Names,
    Number,
}

/// Annotations besides defaults, with their keys.
const ANNOTATIONS: [(&str, &str, Holds); 9] = [
    ("id", "id", Holds::Number),
    ("key", "key", Holds::Name),
    ("view", "views", Holds::Names),
    ("write", "write", Holds::Name),
    ("noSync", "noSync", Holds::Nothing),
    ("team", "team", Holds::Nothing),
    ("quantize", "quantize", Holds::Number),
    ("was", "was", Holds::Names),
    ("optional", "optional", Holds::Nothing),
];

type Path<'a> = [Step<'a>; 4];

fn at(ty: StructId, index: usize) -> Path<'static> {
    [Step::Key("types"), Step::Index(ty.index()), Step::Key("fields"), Step::Index(index)]
}

fn editor(text: &str) -> Result<Editor, Refused> {
    let refused = |problem: statewright_types::Diagnostic| Refused::new(problem.message, "mend it in the text first");
    json::parse(text).map(Editor::new).map_err(refused)
}

fn failed(error: json::EditError) -> Refused {
    Refused::new(error.to_string(), "change it in the text")
}

fn done(editor: Editor) -> String {
    editor.into_tree().source().to_owned()
}

fn below<'a>(path: &[Step<'a>], key: &'a str) -> Vec<Step<'a>> {
    path.iter().copied().chain([Step::Key(key)]).collect()
}

/// Gives an object a value, or takes it away.
fn put(editor: &mut Editor, path: &[Step<'_>], key: &str, value: Option<&Value>) -> Result<(), Refused> {
    let path: Vec<Step<'_>> = below(path, key);
    match value {
        Some(value) => editor.set(&path, value),
        None if editor.find(&path).is_some() => editor.remove(&path),
        None => Ok(()),
    }
    .map_err(failed)
}

fn with(text: &str, path: &[Step<'_>], values: &[(&str, Option<Value>)]) -> Result<String, Refused> {
    let mut editor = editor(text)?;
    for (key, value) in values {
        put(&mut editor, path, key, value.as_ref())?;
    }
    Ok(done(editor))
}

/// A text as JSON says it, if it does.
fn value_of(text: &str) -> Option<Value> {
    let tree = json::parse(text).ok()?;
    Some(tree.value(tree.root()))
}

/// A field as forms show it: type, default, annotations, comment.
///
/// # Errors
/// It is no JSON, or there is no such field.
pub fn shown(text: &str, ty: StructId, index: usize) -> Result<[String; 4], Refused> {
    let editor = editor(text)?;
    let field = editor
        .find(&at(ty, index))
        .ok_or_else(|| Refused::new("the field is not where fields are", "change it in the text"))?;
    let tree = editor.tree();
    let string = |key: &str| tree.get(field, key).and_then(|node| tree.str(node)).map_or("", |text| text).to_owned();
    let all: Vec<String> = ANNOTATIONS.iter().filter_map(|row| written(tree, field, row)).collect();
    Ok([string("type"), default(tree, field), all.join(" "), string("docs")])
}

fn default(tree: &Tree, field: json::NodeId) -> String {
    let is_config =
        tree.get(field, "defaultSource").and_then(|node| tree.str(node)).is_some_and(|of| &**of == "config");
    let Some(value) = tree.get(field, "defaultValue") else { return String::new() };
    match tree.str(value) {
        Some(path) if is_config => format!("config:{}", path.strip_prefix("config:").unwrap_or(path)),
        _ => json::to_string(&tree.value(value)),
    }
}

fn written(tree: &Tree, field: json::NodeId, (name, key, holds): &(&str, &str, Holds)) -> Option<String> {
    let value = tree.value(tree.get(field, key)?);
    let names = |values: &[Value]| {
        let names: Vec<&str> =
            values.iter().filter_map(|value| if let Value::Str(name) = value { Some(&**name) } else { None }).collect();
        (!names.is_empty()).then(|| format!("@{name}({})", names.join(", ")))
    };
    match (holds, &value) {
        (_, Value::Null) => None,
        (Holds::Nothing, value) => (*value == Value::Bool(true)).then(|| format!("@{name}")),
        (Holds::Names, Value::List(values)) => names(values),
        (_, Value::Str(text)) => (!text.is_empty()).then(|| format!("@{name}({text})")),
        (_, value) => Some(format!("@{name}({})", json::to_string(value))),
    }
}

/// The text with another type for a field.
///
/// # Errors
/// Those of [`shown`].
pub fn with_type(text: &str, ty: StructId, index: usize, of: &str) -> Result<String, Refused> {
    with(text, &at(ty, index), &[("type", Some(Value::str(of.trim())))])
}

/// The text with another default for a field: JSON, `config:GROUP.FIELD`, or else a text that the type reads.
///
/// # Errors
/// Those of [`shown`].
pub fn with_default(text: &str, ty: StructId, index: usize, default: Option<&str>) -> Result<String, Refused> {
    let path = at(ty, index);
    let (source, value) = match default.map(str::trim) {
        None | Some("") => (None, None),
        Some(default) => match default.strip_prefix("config:") {
            Some(config) => (Some(Value::str("config")), Some(Value::str(config))),
            None => {
                let is_new = editor(text)?.find(&below(&path, "defaultSource")).is_none();
                let source = if is_new { None } else { Some(Value::str("literal")) };
                (source, Some(value_of(default).unwrap_or_else(|| Value::str(default))))
            }
        },
    };
    with(text, &path, &[("defaultSource", source), ("defaultValue", value)])
}

/// The text with these annotations for a field and no others but its default.
///
/// # Errors
/// One of them is none, or has what it cannot have.
pub fn with_others(text: &str, ty: StructId, index: usize, written: &str) -> Result<String, Refused> {
    let mut values: Vec<(&str, Option<Value>)> = ANNOTATIONS.iter().map(|(_, key, _)| (*key, None)).collect();
    let mut from = 0;
    while let Some(start) = written.get(from..).and_then(|rest| rest.find('@')).map(|start| from + start) {
        let strange =
            || Refused::new(format!("`{}` is no annotation", written.trim()), "write them as `@view(owner) @key(ID)`");
        if !written.get(from..start).is_some_and(|between| between.trim().is_empty()) {
            return Err(strange());
        }
        let (name, whole, inside) = annotation(written, start, written.len()).ok_or_else(strange)?;
        let inside = inside.and_then(|range| written.get(range)).map(str::trim);
        let row = ANNOTATIONS.iter().position(|(other, ..)| *other == name);
        let (row, (_, _, holds)) = row.and_then(|row| Some((row, ANNOTATIONS.get(row)?))).ok_or_else(|| {
            let known: Vec<String> = ANNOTATIONS.iter().map(|(name, ..)| format!("@{name}")).collect();
            Refused::new(format!("there is no annotation `@{name}` here"), format!("there are {}", known.join(", ")))
        })?;
        let value = value(*holds, inside).ok_or_else(|| {
            let help = match holds {
                Holds::Nothing => format!("write `@{name}` alone"),
                Holds::Number => format!("write a number: `@{name}(1)`"),
                Holds::Name | Holds::Names => format!("write what it is: `@{name}(ID)`"),
            };
            Refused::new(format!("`@{name}` cannot be that"), help)
        })?;
        if let Some(slot) = values.get_mut(row) {
            slot.1 = Some(value);
        }
        from = whole.end;
    }
    if !written.get(from..).is_some_and(|rest| rest.trim().is_empty()) {
        return Err(Refused::new(format!("`{}` is no annotation", written.trim()), "write them as `@view(owner)`"));
    }
    with(text, &at(ty, index), &values)
}

fn value(holds: Holds, inside: Option<&str>) -> Option<Value> {
    let inside = inside.filter(|inside| !inside.is_empty());
    match holds {
        Holds::Nothing => inside.is_none().then_some(Value::Bool(true)),
        Holds::Name => inside.map(Value::str),
        Holds::Names => {
            let names = inside?.split([',', '|']).map(str::trim).filter(|name| !name.is_empty());
            Some(Value::List(names.map(Value::str).collect()))
        }
        Holds::Number => {
            value_of(inside?).filter(|value| matches!(value, Value::Int(_) | Value::UInt(_) | Value::Float(_)))
        }
    }
}

/// The text with another comment for a field; "" takes it away.
///
/// # Errors
/// Those of [`shown`].
pub fn with_comment(text: &str, ty: StructId, index: usize, comment: &str) -> Result<String, Refused> {
    let comment = Some(comment.trim()).filter(|comment| !comment.is_empty());
    with(text, &at(ty, index), &[("docs", comment.map(Value::str))])
}

/// The text with two fields in each other's place.
///
/// # Errors
/// There is no field to change places with.
pub fn moved(text: &str, ty: StructId, from: usize, to: usize) -> Result<String, Refused> {
    let mut editor = editor(text)?;
    let none = || Refused::new("there is no field to change places with", "choose another");
    let place = |index| editor.find(&at(ty, index)).map(|node| (editor.tree().span(node), editor.tree().text(node)));
    let ((first, a), (second, b)) = place(from).zip(place(to)).filter(|_| from != to).ok_or_else(none)?;
    let edits = vec![(first, b.to_owned()), (second, a.to_owned())];
    editor.replace_all(edits).map_err(failed)?;
    Ok(done(editor))
}

/// The text without a field.
///
/// # Errors
/// Those of [`shown`].
pub fn without(text: &str, ty: StructId, index: usize) -> Result<String, Refused> {
    let mut editor = editor(text)?;
    editor.remove(&at(ty, index)).map_err(failed)?;
    Ok(done(editor))
}

/// Adds to a list of an object, which gets one if it has none.
fn push(editor: &mut Editor, object: &[Step<'_>], list: &str, value: Value) -> Result<(), Refused> {
    let path = below(object, list);
    let is_list = editor.find(&path).is_some_and(|node| editor.tree().kind(node) == json::Kind::Array);
    if is_list {
        editor.insert_element(&path, usize::MAX, &value)
    } else {
        editor.set(&path, &Value::List(vec![value]))
    }
    .map_err(failed)
}

/// The text with a new field at the end of a type. Name and type are the caller's to check.
///
/// # Errors
/// Those of [`shown`].
pub fn with_field(text: &str, ty: StructId, name: &str, of: &str) -> Result<String, Refused> {
    let mut editor = editor(text)?;
    let field = Value::map([("name", Value::str(name)), ("type", Value::str(of.trim()))]);
    push(&mut editor, &[Step::Key("types"), Step::Index(ty.index())], "fields", field)?;
    Ok(done(editor))
}

/// The text with another name for a field, as a key and an owner too.
///
/// # Errors
/// Those of [`shown`].
pub fn renamed_field(text: &str, schema: &Schema, ty: StructId, index: usize, name: &str) -> Result<String, Refused> {
    let def = schema.get(ty);
    let Some(old) = def.fields.get(index).map(|field| field.name.clone()) else { return Ok(text.to_owned()) };
    let mut editor = editor(text)?;
    let value = Value::str(name);
    put(&mut editor, &at(ty, index), "name", Some(&value))?;
    for (id, position) in keyed_by(schema, ty, &old) {
        put(&mut editor, &at(id, position), "key", Some(&value))?;
    }
    if def.owner_field.as_ref() == Some(&old) {
        put(&mut editor, &[Step::Key("types"), Step::Index(ty.index())], "ownerField", Some(&value))?;
    }
    Ok(done(editor))
}

fn roles(role: Role) -> [(&'static str, Option<Value>); 2] {
    let (role, state) = match role {
        Role::Helper => ("helper", None),
        Role::ActiveRoot => ("root", Some("active")),
        Role::InactiveRoot => ("root", Some("inactive")),
    };
    [("role", Some(Value::str(role))), ("defaultState", state.map(Value::str))]
}

/// The text with another role for a type.
///
/// # Errors
/// Those of [`shown`].
pub fn with_role(text: &str, ty: StructId, role: Role) -> Result<String, Refused> {
    with(text, &[Step::Key("types"), Step::Index(ty.index())], &roles(role))
}

/// The text with a new type at its end.
///
/// # Errors
/// The name can be none, or it is no JSON.
pub fn with_new_type(text: &str, name: &str, role: Role) -> Result<String, Refused> {
    checked(name)?;
    let mut editor = editor(text)?;
    let mut entries = vec![("name", Value::str(name))];
    entries.extend(roles(role).into_iter().filter_map(|(key, value)| Some((key, value?))));
    entries.push(("fields", Value::List(Vec::new())));
    push(&mut editor, &[], "types", Value::map(entries))?;
    Ok(done(editor))
}

/// The text of a configuration with another default for a value.
///
/// # Errors
/// There is no such value.
pub fn with_config(text: &str, config: &Config, path: &str, value: &str) -> Result<String, Refused> {
    let none = || Refused::new(format!("the configuration has no value `{path}`"), "choose one that is there");
    let place = config
        .groups()
        .iter()
        .enumerate()
        .find_map(|(group, fields)| Some((group, fields.fields.iter().position(|field| *field.path == *path)?)));
    let (group, field) = place.ok_or_else(none)?;
    let at = [Step::Key("configs"), Step::Index(group), Step::Key("fields"), Step::Index(field)];
    let value = value_of(value).unwrap_or_else(|| Value::str(value));
    with(text, &at, &[("default", Some(value))])
}

/// The default of a configuration's value as it is written.
pub fn config_default(text: &str, config: &Config, path: &str) -> Option<String> {
    let place = config
        .groups()
        .iter()
        .enumerate()
        .find_map(|(group, fields)| Some((group, fields.fields.iter().position(|field| *field.path == *path)?)));
    let (group, field) = place?;
    let editor = editor(text).ok()?;
    let at = [Step::Key("configs"), Step::Index(group), Step::Key("fields"), Step::Index(field), Step::Key("default")];
    let node = editor.find(&at)?;
    let tree = editor.tree();
    Some(tree.str(node).map_or_else(|| json::to_string(&tree.value(node)), |text| text.to_string()))
}
