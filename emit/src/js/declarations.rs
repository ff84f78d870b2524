//! TypeScript declarations of an emitted module: what the state and its records are, and which events there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::ir::{Function, FunctionRole, Imm, Module, Op, Terminator, Value, Wait};
use statewright_types::handler::RESERVED_EVENTS;
use statewright_types::schema::Role;
use statewright_types::{IntKind, Schema, StructId, Type};

use super::{Source, literal, made_from};
use crate::writer::Writer;

/// Names that the declarations use themselves, and words that no type may be called.
const TAKEN: &[&str] = &[
    "Config",
    "Events",
    "Given",
    "Plain",
    "Program",
    "Record",
    "Schema",
    "State",
    "Struct",
    "Uint8Array",
    "any",
    "bigint",
    "boolean",
    "declare",
    "export",
    "extends",
    "import",
    "interface",
    "never",
    "null",
    "number",
    "object",
    "readonly",
    "string",
    "symbol",
    "type",
    "undefined",
    "unknown",
    "void",
];

/// A schema's types as they are called here.
struct Names<'a> {
    schema: &'a Schema,
    interfaces: Vec<String>,
}

impl<'a> Names<'a> {
    /// Names of types may be any letters in a schema; here no two are alike.
    fn new(schema: &'a Schema) -> Names<'a> {
        let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        let mut interfaces = Vec::new();
        for def in schema.types() {
            let mut name: String =
                def.name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
            while name.is_empty() || !taken.insert(name.clone()) {
                name.push('_');
            }
            interfaces.push(name);
        }
        Names { schema, interfaces }
    }

    fn of(&self, id: StructId) -> &str {
        self.interfaces.get(id.index()).map_or("unknown", String::as_str)
    }
}

/// The `.d.ts` beside the module.
pub(super) fn write(module: &Module, source: &Source) -> String {
    let names = Names::new(&module.schema);
    let mut out = Writer::default();
    out.line(made_from(source));
    out.line(format!(
        "import type {{ Given, Plain, Program, Schema, Struct }} from {};",
        literal::text(&source.runtime)
    ));
    out.line("");
    for (def, name) in names.schema.types().iter().zip(&names.interfaces) {
        comment(&def.docs, &mut out);
        out.open(format!("export interface {name} extends Struct {{"));
        for field in &def.fields {
            comment(&field.docs, &mut out);
            out.line(format!("readonly {}: {};", literal::key(&field.name), live(&names, &field.ty)));
        }
        out.close("}");
        out.line("");
    }
    state(module, &names, &mut out);
    events(module, &names, &mut out);
    config(source, &names, &mut out);
    out.line("export declare const schema: Schema;");
    out.line("export declare const program: Program<State, Events, Config>;");
    out.finish().0
}

fn state(module: &Module, names: &Names<'_>, out: &mut Writer) {
    let schema = names.schema;
    out.line("/** The whole state: the main root's fields, and other roots under their names. */");
    out.open("export interface State {");
    for def in schema.get(module.root).fields.iter() {
        out.line(format!("{}: {};", literal::plain_key(&def.name), plain(names, &def.ty)));
    }
    for (index, def) in schema.types().iter().enumerate() {
        let is_root = def.role != Role::Helper && index != module.root.index();
        if is_root && schema.get(module.root).field(&def.name).is_none() {
            let optional = if def.role == Role::InactiveRoot { "?" } else { "" };
            let ty = Type::Struct(StructId(index as u32));
            out.line(format!("{}{optional}: {};", literal::plain_key(&def.name), plain(names, &ty)));
        }
    }
    out.close("}");
    out.line("");
}

/// What an event takes: parameters with their types, of which there are several where handlers declare different ones, and whether
/// any may be left out.
type Parameters = BTreeMap<Arc<str>, (BTreeSet<String>, bool)>;

/// Events that handlers handle, and those that are only waited for.
fn events(module: &Module, names: &Names<'_>, out: &mut Writer) {
    let mut order: Vec<Arc<str>> = Vec::new();
    let mut events: BTreeMap<Arc<str>, Parameters> = BTreeMap::new();
    let mut add = |event: &Arc<str>, name: Option<&Arc<str>>, ty: &Type, is_optional: bool| {
        let params = events.entry(event.clone()).or_insert_with(|| {
            order.push(event.clone());
            Parameters::new()
        });
        let Some(name) = name else { return };
        let (types, optional) = params.entry(name.clone()).or_insert_with(|| (BTreeSet::new(), true));
        types.insert(given(names, ty));
        // Who must be told it decides.
        *optional &= is_optional;
    };
    for function in &module.functions {
        let FunctionRole::Handler { event } = &function.role else { continue };
        add(event, None, &Type::Bool, true);
        for param in function.params.iter().skip(1) {
            // The session's own events may carry less than handlers declare.
            let is_optional = matches!(param.ty, Type::Nullable(_)) || RESERVED_EVENTS.contains(&&**event);
            add(event, Some(&param.name), &param.ty, is_optional);
        }
    }
    let mut any = false;
    for (event, fields) in module.functions.iter().flat_map(waits) {
        let Some(event) = event else {
            any = true;
            continue;
        };
        add(&event, None, &Type::Bool, true);
        fields.iter().for_each(|(name, ty)| add(&event, Some(name), ty, true));
    }
    out.line("/** Events with their parameters. */");
    out.open("export interface Events {");
    for event in &order {
        let params = events.get(event).into_iter().flatten().map(|(name, (types, is_optional))| {
            let types = match types.iter().collect::<Vec<_>>().as_slice() {
                [one] => (*one).clone(),
                // All handlers take it.
                many => many.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" & "),
            };
            format!("{}{}: {types}", literal::plain_key(name), if *is_optional { "?" } else { "" })
        });
        let params = params.collect::<Vec<_>>().join("; ");
        let params = if params.is_empty() { "{}".to_owned() } else { format!("{{ {params} }}") };
        out.line(format!("{}: {params};", literal::plain_key(event)));
    }
    if any {
        out.line("/** Some are waited for whose names are computed. */");
        out.line("[event: string]: { [parameter: string]: unknown };");
    }
    out.close("}");
    out.line("");
}

/// Events that a function waits for, with what it takes of them; the name is missing where it is computed.
fn waits(function: &Function) -> Vec<(Option<Arc<str>>, Vec<(Arc<str>, Type)>)> {
    let mut all = Vec::new();
    for block in &function.blocks {
        let Terminator::Suspend { wait: Wait::Event, args, resume, .. } = &block.terminator else { continue };
        let event = args.first().and_then(|event| constant(function, *event));
        let data = function.blocks.get(resume.block.index()).and_then(|block| block.params.get(1));
        let fields = match data.map(|data| function.ty(*data)) {
            Some(Type::Record(record)) => record.fields.to_vec(),
            _ => Vec::new(),
        };
        all.push((event, fields));
    }
    all
}

/// The text that a value always is.
fn constant(function: &Function, value: Value) -> Option<Arc<str>> {
    let insts = function.blocks.iter().flat_map(|block| &block.insts);
    insts.filter(|inst| inst.result == Some(value) && inst.op == Op::SConst).find_map(|inst| match &inst.imm {
        Imm::Str(text) => Some(Arc::from(&**text)),
        _ => None,
    })
}

/// What may be configured.
fn config(source: &Source, names: &Names<'_>, out: &mut Writer) {
    let Some(config) = &source.config else {
        out.line(
            "/** The document has no configuration: values for fields of the state that begin with configured ones. */",
        );
        out.line("export type Config = Record<string, unknown>;");
        out.line("");
        return;
    };
    out.line("/** Configured values; what is not given has its default. */");
    out.open("export interface Config {");
    for field in config.fields() {
        comment(&field.docs, out);
        let optional = if field.default.is_some() { "?" } else { "" };
        let ty = match field.options.as_slice() {
            [] => given(names, &field.ty),
            options => options.iter().map(literal::value).collect::<Vec<_>>().join(" | "),
        };
        out.line(format!("{}{optional}: {ty};", literal::plain_key(&field.path)));
    }
    out.close("}");
    out.line("");
}

fn comment(docs: &str, out: &mut Writer) {
    let lines: Vec<&str> = docs.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if !lines.is_empty() {
        out.line(format!("/** {} */", literal::comment(&lines.join(" "))));
    }
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
fn live(names: &Names<'_>, ty: &Type) -> String {
    match ty {
        Type::List(element) => format!("{{ readonly items: readonly ({})[] }}", live(names, element)),
        Type::Map(key, value) => {
            let [key, value] = [key, value].map(|ty| live(names, ty));
            format!("{{ readonly keys: readonly ({key})[]; readonly items: readonly ({value})[] }}")
        }
        Type::Nullable(inner) => format!("{} | null", live(names, inner)),
        Type::Struct(id) => names.of(*id).to_owned(),
        other => number(other).unwrap_or("unknown").to_owned(),
    }
}

/// A type as JavaScript's own values, as they come out.
fn plain(names: &Names<'_>, ty: &Type) -> String {
    match ty {
        Type::List(element) => format!("({})[]", plain(names, element)),
        Type::Map(_, value) => format!("Record<string, {}>", plain(names, value)),
        Type::Nullable(inner) => format!("{} | null", plain(names, inner)),
        Type::Struct(id) => format!("Plain<{}>", names.of(*id)),
        Type::Record(record) => {
            let fields = record.fields.iter();
            let fields = fields.map(|(name, ty)| format!("{}: {}", literal::plain_key(name), plain(names, ty)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join("; "))
        }
        other => number(other).unwrap_or("unknown").to_owned(),
    }
}

/// A type as JavaScript's own values, as they are taken: what has a default may be left out.
fn given(names: &Names<'_>, ty: &Type) -> String {
    match ty {
        Type::Bytes => "Uint8Array | string".to_owned(),
        Type::List(element) => format!("readonly ({})[]", given(names, element)),
        Type::Map(key, value) => {
            let (key, value) = (given(names, key), given(names, value));
            format!("{{ readonly [key: string]: {value} }} | ReadonlyMap<{key}, {value}>")
        }
        Type::Nullable(inner) => format!("{} | null", given(names, inner)),
        Type::Struct(id) => format!("Given<{}>", names.of(*id)),
        Type::Record(record) => {
            let fields = record.fields.iter().map(|(name, ty)| {
                let optional = if matches!(ty, Type::Nullable(_)) { "?" } else { "" };
                format!("{}{optional}: {}", literal::plain_key(name), given(names, ty))
            });
            format!("{{ {} }}", fields.collect::<Vec<_>>().join("; "))
        }
        other => number(other).unwrap_or("unknown").to_owned(),
    }
}
