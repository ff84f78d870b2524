//! Schema to text: reading it gives the same schema.

use std::fmt::Write;
use std::sync::Arc;

use crate::number::float_text;
use crate::schema::{Audience, FieldDef, Initial, Role, Schema, StructDef, Writer};
use crate::{Value, json};

/// The schema in the `.schema` language, with aligned columns. Ids of types are always written, those of fields where a field of
/// the type has another than its position gives it.
pub fn to_text(schema: &Schema) -> String {
    let mut out = String::new();
    if !schema.package().is_empty() {
        out.push_str(&format!("package {}\n", schema.package()));
    }
    if schema.version() != 1 {
        out.push_str(&format!("version {}\n", schema.version()));
    }
    for def in schema.types() {
        separate(&mut out);
        print_type(schema, def, &mut out);
    }
    for view in schema.views() {
        separate(&mut out);
        let includes =
            if view.includes.is_empty() { String::new() } else { format!(" includes: {} ", view.includes.join(", ")) };
        out.push_str(&format!("view {} {{{includes}}}\n", view.name));
    }
    out
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}

fn print_docs(docs: &str, indent: &str, out: &mut String) {
    for line in docs.lines() {
        out.push_str(format!("{indent}// {line}").trim_end());
        out.push('\n');
    }
}

fn print_type(schema: &Schema, def: &StructDef, out: &mut String) {
    print_docs(&def.docs, "", out);
    let role = match def.role {
        Role::Helper => "@helper",
        Role::ActiveRoot => "@root(active)",
        Role::InactiveRoot => "@root(inactive)",
    };
    let owner = def.owner_field.as_ref().map(|owner| format!(" @owner({owner})")).unwrap_or_default();
    let was = was(&def.was).map(|was| format!(" {was}")).unwrap_or_default();
    out.push_str(&format!("@id({}) {role}{owner}{was}\ntype {} {{\n", def.id, def.name));
    let types: Vec<String> = def.fields.iter().map(|field| schema.show(&field.ty).to_string()).collect();
    let name_width = def.fields.iter().map(|field| field.name.chars().count()).max().unwrap_or(0);
    let type_width = types.iter().map(|ty| ty.chars().count()).max().unwrap_or(0);
    for (field, ty) in def.fields.iter().zip(&types) {
        print_docs(&field.docs, "    ", out);
        let line = format!("    {:name_width$} {ty:type_width$}{}", field.name, annotations(field, def.has_ids()));
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str("}\n");
}

fn was(names: &[Arc<str>]) -> Option<String> {
    (!names.is_empty()).then(|| format!("@was({})", names.join(", ")))
}

fn annotations(field: &FieldDef, numbered: bool) -> String {
    let mut text = String::new();
    let mut add = |annotation: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = write!(text, " {annotation}");
    };
    if numbered {
        add(format_args!("@id({})", field.id));
    }
    if let Some(key) = &field.key {
        add(format_args!("@key({key})"));
    }
    match &field.default {
        Initial::Zero => {}
        Initial::Literal(value) => add(format_args!("@default({})", default_text(value))),
        Initial::Config(path) => add(format_args!("@default(config:{path})")),
        Initial::AutoUuid => add(format_args!("@auto(uuid)")),
    }
    if !field.audience.is_empty() {
        let names: Vec<&str> = field.audience.iter().map(audience_name).collect();
        add(format_args!("@view({})", names.join(", ")));
    }
    match field.writer {
        Writer::Anyone => {}
        Writer::Owner => add(format_args!("@write(owner)")),
        Writer::Server => add(format_args!("@write(server)")),
    }
    if let Some(step) = field.step {
        add(format_args!("@quantize({})", float_text(step)));
    }
    if let Some(was) = was(&field.was) {
        add(format_args!("{was}"));
    }
    if field.team {
        add(format_args!("@team"));
    }
    if field.optional {
        add(format_args!("@optional"));
    }
    text
}

/// How an audience is spelled in `@view` and in schema JSON.
pub(crate) fn audience_name(audience: &Audience) -> &str {
    match audience {
        Audience::Nobody => "none",
        Audience::Owner => "owner",
        Audience::Team => "team",
        Audience::Admin => "admin",
        Audience::Named(name) => name,
    }
}

fn default_text(value: &Value) -> String {
    match value {
        // Text that the field's type reads; quotes would make it a string.
        Value::Float(float) if !float.is_finite() => float_text(*float),
        other => json::to_string(other),
    }
}
