//! A schema as Rust structs that derive `Tracked`: what `statewright schema --target rust` prints.

use std::collections::HashSet;
use std::fmt::Write;

use statewright_types::number::float_text;
use statewright_types::schema::{Audience, FieldDef, Initial, Role, StructDef, Writer};
use statewright_types::{IntKind, Schema, StructId, Type, Value, json};

/// The structs; they make a schema of the same hash. `Err` says which field Rust's types cannot tell.
pub fn print(schema: &Schema) -> Result<String, String> {
    let names = type_names(schema);
    let main = schema.main_root(None);
    let mut out = String::from("//! Made by `statewright schema --target rust`.\n\n");
    if schema.types().iter().any(|def| def.fields.iter().any(|field| has_map(&field.ty))) {
        out.push_str("use std::collections::BTreeMap;\n\n");
    }
    out.push_str("use statewright::Tracked;\n");
    for (index, def) in schema.types().iter().enumerate() {
        let id = StructId(index as u32);
        let name = names.get(index).map_or("", String::as_str);
        out.push('\n');
        docs(&def.docs, "", &mut out);
        out.push_str("#[derive(Tracked, Clone, Debug, Default, PartialEq)]\n");
        let _ = writeln!(out, "#[tracked({})]", of_struct(def, name).join(", "));
        if main == Some(id) {
            let _ = writeln!(out, "#[tracked({})]", of_main(schema, def, &names).join(", "));
        }
        let _ = writeln!(out, "pub struct {name} {{");
        let mut taken = HashSet::new();
        for field in &def.fields {
            let rust = field_name(&field.name, &mut taken);
            docs(&field.docs, "    ", &mut out);
            let attributes = of_field(schema, def, field, &rust)?;
            if !attributes.is_empty() {
                let _ = writeln!(out, "    #[tracked({})]", attributes.join(", "));
            }
            let _ = writeln!(out, "    pub {rust}: {},", rust_type(schema, id, &field.ty, &names));
        }
        out.push_str("}\n");
    }
    Ok(out)
}

fn docs(docs: &str, indent: &str, out: &mut String) {
    for line in docs.lines() {
        out.push_str(format!("{indent}/// {line}").trim_end());
        out.push('\n');
    }
}

/// Words that name no struct here: keywords, and what the structs are made of.
const TAKEN: &[&str] = &[
    "BTreeMap",
    "Box",
    "Clone",
    "Debug",
    "Default",
    "Option",
    "PartialEq",
    "Self",
    "String",
    "Tracked",
    "Vec",
    "bool",
    "f32",
    "f64",
    "i16",
    "i32",
    "i64",
    "i8",
    "u16",
    "u32",
    "u64",
    "u8",
];
/// Keywords that may be names behind `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
/// Names that the macro refuses, and keywords that may not be names.
const REFUSED: &[&str] =
    &["_", "as_ref", "crate", "found", "is_there", "of", "other", "reborrow", "self", "super", "write"];

/// The structs' names: those of the types, unless Rust or what the macro makes is in the way.
fn type_names(schema: &Schema) -> Vec<String> {
    let mut taken: HashSet<String> = schema.types().iter().map(|def| def.name.to_string()).collect();
    let suffixes = ["Ref", "Mut", "Seen"];
    let mut names = Vec::new();
    for def in schema.types() {
        let mut name = def.name.to_string();
        let clashes = |name: &str, taken: &HashSet<String>| {
            TAKEN.contains(&name)
                || KEYWORDS.contains(&name)
                || REFUSED.contains(&name)
                || suffixes.iter().any(|suffix| taken.contains(&format!("{name}{suffix}")))
        };
        while clashes(&name, &taken) || (name != *def.name && taken.contains(&name)) {
            name.push_str("Type");
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// The name that the macro makes of a field's name; `statewright_derive` has the same rule.
fn schema_name(rust: &str) -> String {
    let part = |part: &str| match part {
        "id" => "ID".to_owned(),
        part => {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    };
    rust.split('_').map(part).collect()
}

/// `PlayerID` is `player_id`. Not a keyword, and none of the others.
fn field_name(name: &str, taken: &mut HashSet<String>) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut rust = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && letters.get(at - 1).is_some_and(|before| !before.is_uppercase() && *before != '_');
        let before_small = at > 0
            && letters.get(at - 1).is_some_and(|before| before.is_uppercase())
            && letters.get(at + 1).is_some_and(|after| after.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            rust.push('_');
        }
        rust.extend(letter.to_lowercase());
    }
    let clashes = |rust: &str| {
        let plain = rust.strip_prefix("set_").or_else(|| rust.strip_prefix("add_"));
        REFUSED.contains(&rust) || plain.is_some_and(|plain| taken.contains(plain)) || taken.contains(rust)
    };
    while clashes(&rust) {
        rust.push('_');
    }
    taken.insert(rust.clone());
    if KEYWORDS.contains(&&*rust) { format!("r#{rust}") } else { rust }
}

fn of_struct(def: &StructDef, name: &str) -> Vec<String> {
    let mut attributes = vec![format!("id = {}", def.id)];
    if name != &*def.name {
        attributes.push(format!("rename = {:?}", def.name));
    }
    match def.role {
        Role::Helper => {}
        Role::ActiveRoot => attributes.push("root".to_owned()),
        Role::InactiveRoot => attributes.push("root(inactive)".to_owned()),
    }
    if let Some(owner) = &def.owner_field {
        attributes.push(format!("owner = {owner:?}"));
    }
    if !def.was.is_empty() {
        attributes.push(format!("was = {:?}", def.was.join(", ")));
    }
    attributes
}

fn of_main(schema: &Schema, def: &StructDef, names: &[String]) -> Vec<String> {
    let mut attributes = Vec::new();
    if def.role != Role::ActiveRoot {
        attributes.push("main".to_owned());
    }
    if !schema.package().is_empty() {
        attributes.push(format!("package = {:?}", schema.package()));
    }
    if schema.version() != 1 {
        attributes.push(format!("version = {}", schema.version()));
    }
    attributes.push(format!("types({})", names.join(", ")));
    let views = schema.views().iter().map(|view| match view.includes.as_slice() {
        [] => view.name.to_string(),
        includes => format!("{}({})", view.name, includes.join(", ")),
    });
    let views: Vec<String> = views.collect();
    if !views.is_empty() {
        attributes.push(format!("views({})", views.join(", ")));
    }
    attributes
}

fn of_field(schema: &Schema, def: &StructDef, field: &FieldDef, rust: &str) -> Result<Vec<String>, String> {
    let mut attributes = Vec::new();
    if schema_name(rust.strip_prefix("r#").unwrap_or(rust)) != *field.name {
        attributes.push(format!("rename = {:?}", field.name));
    }
    if def.fields.iter().zip(1..).any(|(field, position)| field.id != position) {
        attributes.push(format!("id = {}", field.id));
    }
    let (mut keys, mut leaf) = (Vec::new(), &field.ty);
    while let Type::List(inner) | Type::Nullable(inner) | Type::Map(_, inner) = leaf {
        if let Type::Map(key, _) = leaf {
            keys.push(&**key);
        }
        leaf = inner;
    }
    let (texts, uuids) = (keys.contains(&&Type::String), keys.contains(&&Type::Uuid));
    if texts && uuids {
        let ty = schema.show(&field.ty);
        return Err(format!(
            "`{}.{}` is a {ty}: structs cannot tell keys that are text from uuids there",
            def.name, field.name
        ));
    }
    match (uuids, leaf) {
        (true, Type::Uuid) => attributes.push("uuid".to_owned()),
        (true, _) => attributes.push("uuid(keys)".to_owned()),
        (false, Type::Uuid) if texts => attributes.push("uuid(values)".to_owned()),
        (false, Type::Uuid) => attributes.push("uuid".to_owned()),
        _ => {}
    }
    if *leaf == Type::Bytes {
        attributes.push("bytes".to_owned());
    }
    if let Some(key) = &field.key {
        attributes.push(format!("key = {key:?}"));
    }
    if field.audience == [Audience::Nobody] {
        attributes.push("no_sync".to_owned());
    } else if !field.audience.is_empty() {
        let views: Vec<&str> = field.audience.iter().map(view_name).collect();
        attributes.push(format!("view({})", views.join(", ")));
    }
    match field.writer {
        Writer::Anyone => {}
        Writer::Owner => attributes.push("write = \"owner\"".to_owned()),
        Writer::Server => attributes.push("write = \"server\"".to_owned()),
    }
    if field.team {
        attributes.push("team".to_owned());
    }
    if field.optional {
        attributes.push("optional".to_owned());
    }
    if let Some(step) = field.step {
        attributes.push(format!("quantize = {}", float_text(step)));
    }
    if !field.was.is_empty() {
        attributes.push(format!("was = {:?}", field.was.join(", ")));
    }
    attributes.extend(initial(&field.default));
    Ok(attributes)
}

fn view_name(audience: &Audience) -> &str {
    match audience {
        Audience::Nobody => "none",
        Audience::Owner => "owner",
        Audience::Team => "team",
        Audience::Admin => "admin",
        Audience::Named(name) => name,
    }
}

fn initial(initial: &Initial) -> Option<String> {
    let value = match initial {
        Initial::Zero | Initial::Literal(Value::Null) => return None,
        Initial::Config(path) => return Some(format!("config = {path:?}")),
        Initial::AutoUuid => return Some("auto".to_owned()),
        Initial::Literal(value) => value,
    };
    let text = match value {
        Value::Bool(_) | Value::Int(_) | Value::UInt(_) => value.to_string(),
        Value::Float(float) if float.is_finite() => float_text(*float),
        Value::Float(float) => format!("{:?}", float_text(*float)),
        Value::Str(text) => format!("{text:?}"),
        // Base64 in quotes.
        Value::Bytes(_) => json::to_string(value),
        Value::Null | Value::List(_) | Value::Map(_) => format!("{:?}", json::to_string(value)),
    };
    Some(format!("default = {text}"))
}

fn has_map(ty: &Type) -> bool {
    match ty {
        Type::Map(..) => true,
        Type::List(inner) | Type::Nullable(inner) => has_map(inner),
        _ => false,
    }
}

/// At most 17 levels deep: that is what a type's text allows.
fn rust_type(schema: &Schema, within: StructId, ty: &Type, names: &[String]) -> String {
    let inner = |ty: &Type| rust_type(schema, within, ty, names);
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int(kind) => match kind {
            IntKind::I8 => "i8",
            IntKind::I16 => "i16",
            IntKind::I32 => "i32",
            IntKind::I64 => "i64",
            IntKind::U8 => "u8",
            IntKind::U16 => "u16",
            IntKind::U32 => "u32",
            IntKind::U64 => "u64",
        }
        .to_owned(),
        Type::Float32 => "f32".to_owned(),
        Type::Float64 => "f64".to_owned(),
        Type::String | Type::Uuid => "String".to_owned(),
        Type::Bytes => "Vec<u8>".to_owned(),
        Type::List(element) => format!("Vec<{}>", inner(element)),
        Type::Map(key, value) => format!("BTreeMap<{}, {}>", inner(key), inner(value)),
        Type::Nullable(ty) => match &**ty {
            Type::Struct(id) if holds(schema, *id, within) => format!("Option<Box<{}>>", inner(ty)),
            _ => format!("Option<{}>", inner(ty)),
        },
        Type::Struct(id) => names.get(id.index()).cloned().unwrap_or_default(),
        // No field of a schema has one.
        Type::Record(_) => String::new(),
    }
}

/// Whether a struct of type `outer` would have one of type `inner` in it without a list or map between.
fn holds(schema: &Schema, outer: StructId, inner: StructId) -> bool {
    let (mut open, mut known) = (vec![outer], HashSet::from([outer]));
    while let Some(id) = open.pop() {
        if id == inner {
            return true;
        }
        let fields = schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
        for field in fields {
            if let Type::Struct(next) = field.ty.non_null()
                && known.insert(*next)
            {
                open.push(*next);
            }
        }
    }
    false
}
