//! TypeScript declarations of an emitted module: what the state and its records are, and which events there are.

use statewright_graph::ir::{FunctionRole, Module};
use statewright_types::schema::Role;
use statewright_types::{IntKind, Schema, Type};

use super::{Source, literal, made_from};
use crate::writer::Writer;

/// The `.d.ts` beside the module.
pub(super) fn write(module: &Module, source: &Source) -> String {
    let schema = &*module.schema;
    let mut out = Writer::default();
    out.line(made_from(source));
    out.line(format!("import type {{ Plain, Program, Schema, Struct }} from {};", literal::text(&source.runtime)));
    out.line("");
    for def in schema.types() {
        comment(&def.docs, &mut out);
        out.open(format!("export interface {} extends Struct {{", interface(&def.name)));
        for field in &def.fields {
            comment(&field.docs, &mut out);
            out.line(format!("readonly {}: {};", literal::key(&field.name), live(schema, &field.ty)));
        }
        out.close("}");
        out.line("");
    }
    out.line(
        "/** The whole state as JavaScript's own values: the main root's fields, and other roots under their names. */",
    );
    out.open("export interface State {");
    for def in schema.get(module.root).fields.iter() {
        out.line(format!("{}: {};", literal::key(&def.name), plain(schema, &def.ty)));
    }
    for (index, def) in schema.types().iter().enumerate() {
        let is_root = def.role != Role::Helper && index != module.root.index();
        if is_root && schema.get(module.root).field(&def.name).is_none() {
            let optional = if def.role == Role::InactiveRoot { "?" } else { "" };
            let ty = statewright_types::StructId(index as u32);
            out.line(format!("{}{optional}: {};", literal::key(&def.name), plain(schema, &Type::Struct(ty))));
        }
    }
    out.close("}");
    out.line("");
    out.line("/** Events with their parameters. */");
    out.open("export interface Events {");
    let mut seen = Vec::new();
    for function in &module.functions {
        let FunctionRole::Handler { event } = &function.role else { continue };
        if seen.contains(event) {
            continue;
        }
        seen.push(event.clone());
        let params = function.params.iter().skip(1);
        let params: Vec<String> =
            params.map(|param| format!("{}: {}", literal::key(&param.name), plain(schema, &param.ty))).collect();
        let params = if params.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", params.join("; ")) };
        out.line(format!("{}: {params};", literal::key(event)));
    }
    out.close("}");
    out.line("");
    out.line("export declare const schema: Schema;");
    out.line("export declare const program: Program<State, Events>;");
    out.finish().0
}

fn comment(docs: &str, out: &mut Writer) {
    let lines: Vec<&str> = docs.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() {
        out.line(format!("/** {} */", literal::comment(&lines.join(" "))));
    }
}

/// Names of types may be any text in a schema of JSON.
fn interface(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

fn number(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Bool => Some("boolean"),
        Type::Int(IntKind::I64 | IntKind::U64) => Some("number | bigint"),
        Type::Int(_) | Type::Float32 | Type::Float64 => Some("number"),
        Type::String | Type::Uuid => Some("string"),
        Type::Bytes => Some("Uint8Array"),
        _ => None,
    }
}

/// A type as records of the state have it.
fn live(schema: &Schema, ty: &Type) -> String {
    match ty {
        Type::List(element) => format!("{{ readonly items: readonly ({})[] }}", live(schema, element)),
        Type::Map(key, value) => {
            let [key, value] = [key, value].map(|ty| live(schema, ty));
            format!("{{ readonly keys: readonly ({key})[]; readonly items: readonly ({value})[] }}")
        }
        Type::Nullable(inner) => format!("{} | null", live(schema, inner)),
        Type::Struct(id) => schema.types().get(id.index()).map_or("unknown".to_owned(), |def| interface(&def.name)),
        other => number(other).unwrap_or("unknown").to_owned(),
    }
}

/// A type as JavaScript's own values.
fn plain(schema: &Schema, ty: &Type) -> String {
    match ty {
        Type::List(element) => format!("({})[]", plain(schema, element)),
        Type::Map(_, value) => format!("Record<string, {}>", plain(schema, value)),
        Type::Nullable(inner) => format!("{} | null", plain(schema, inner)),
        Type::Struct(id) => schema
            .types()
            .get(id.index())
            .map_or("unknown".to_owned(), |def| format!("Plain<{}>", interface(&def.name))),
        Type::Record(record) => {
            let field =
                |(name, ty): &(std::sync::Arc<str>, Type)| format!("{}: {}", literal::key(name), plain(schema, ty));
            format!("{{ {} }}", record.fields.iter().map(field).collect::<Vec<_>>().join("; "))
        }
        other => number(other).unwrap_or("unknown").to_owned(),
    }
}
