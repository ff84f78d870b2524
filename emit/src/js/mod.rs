//! JavaScript: an ES module that imports the client's runtime library and nothing else, TypeScript declarations of what it has,
//! and a source map to the nodes of the document.
//!
//! `function` writes functions (`charges`: what their fuel becomes; `arrays`: what loops look up once; `labels`: where `break` and `continue` lead; `words`: what nothing may be called), `expression` and `operators` what each operation is, `ranges` of the graph crate says where plain numbers do, `literal` has constants,
//! names and types, `declarations` and `map` what stands beside the module.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use statewright_graph::ir::verify::Verified;
use statewright_graph::ir::{BlockId, Function, FunctionRole, Module};
use statewright_types::schema::{FieldDef, Initial, Role};
use statewright_types::{Config, Schema, StructId, Type};

use crate::escape::url_part;
use crate::writer::{LineOrigin, Writer};

mod arrays;
mod charges;
mod declarations;
mod expression;
mod function;
mod labels;
mod literal;
mod map;
mod operators;
mod words;

#[cfg(test)]
mod tests;

use expression::Needs;
/// A value as an expression of JavaScript, as sessions of the runtime take it.
pub use literal::value as value_literal;

/// What a module is made of besides its instructions.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The document's file name, for people.
    pub name: String,
    /// The document's hash.
    pub hash: [u8; 32],
    /// Where the runtime library's `index.js` is, as an import says it.
    pub runtime: String,
    /// The document's text, for the source map.
    pub text: Arc<str>,
    /// Where the document is, seen from where the module will be: a URL reference, for the source map.
    pub url: String,
    /// What may be configured, if the document has a configuration.
    pub config: Option<Arc<Config>>,
    /// The line in it, from 0, of each node, by graph and id.
    pub lines: HashMap<(Arc<str>, Arc<str>), u32>,
}

/// A document as JavaScript.
#[derive(Clone, Debug)]
pub struct Script {
    /// The ES module.
    pub code: String,
    /// Its TypeScript declarations.
    pub declarations: String,
    /// The source map (version 3).
    pub map: String,
    /// Types that the module names, by position in its `program.types`.
    pub types: Vec<Type>,
    /// The node that each line of `code` came from.
    pub lines: Vec<Option<LineOrigin>>,
}

/// Writes a module as JavaScript.
pub fn emit(module: &Verified, source: &Source) -> Script {
    let names = function_names(module);
    let suspends: Vec<bool> = module.functions.iter().map(|function| function.suspends).collect();
    let mut needs = Needs::default();
    let mut body = Writer::default();
    for (index, function) in module.functions.iter().enumerate() {
        let around = function::Around { schema: &module.schema, functions: &names, suspends: &suspends, index };
        body.line("");
        body.line(format!("// {}", title(function)));
        function::write(function, &around, &mut needs, &mut body);
    }
    let mut end = Writer::default();
    program(module, source, &names, &mut needs, &mut end);
    let mut head = Writer::default();
    header(module, source, &needs, &mut head);
    let (head, mut origins) = head.finish();
    let (body, body_origins) = body.finish();
    let (end, end_origins) = end.finish();
    origins.extend(body_origins);
    origins.extend(end_origins);
    let file = format!("{}.js", stem(&source.name));
    Script {
        code: format!("{head}{body}{end}//# sourceMappingURL={}.map\n", url_part(&file)),
        declarations: declarations::write(module, source),
        map: map::write(source, &file, &origins),
        types: needs.types.all().to_vec(),
        lines: origins,
    }
}

/// A file's name without what says its kind.
pub fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".json").unwrap_or(file)
}

/// The first line of module and declarations.
fn made_from(source: &Source) -> String {
    format!("// Made from {} by statewright; to be regenerated, not edited.", literal::comment(stem(&source.name)))
}

fn title(function: &Function) -> String {
    let name = literal::comment(&function.name);
    match &function.role {
        FunctionRole::Handler { event } => format!("Handler {name}, of the event {}.", literal::comment(event)),
        FunctionRole::Function => format!("Function {name}."),
        FunctionRole::Filter => format!("Filter {name}."),
        FunctionRole::Effect => format!("Effect {name}."),
    }
}

/// What the functions are called: no two alike.
fn function_names(module: &Module) -> Vec<String> {
    let mut taken = HashMap::new();
    let name = |function: &Function| {
        let prefix = match function.role {
            FunctionRole::Handler { .. } if function.name.starts_with("On") => "",
            FunctionRole::Handler { .. } => "on ",
            FunctionRole::Function => "call ",
            FunctionRole::Filter => "filter ",
            FunctionRole::Effect => "effect ",
        };
        let name = words::SPELLING.name(&format!("{prefix}{}", function.name));
        let count: &mut u32 = taken.entry(name.clone()).or_default();
        *count += 1;
        // A `$` is in no other name.
        if *count == 1 { format!("{name}$") } else { format!("{name}${count}") }
    };
    module.functions.iter().map(name).collect()
}

fn header(module: &Module, source: &Source, needs: &Needs, out: &mut Writer) {
    out.line(made_from(source));
    let mut imports: Vec<&str> = needs.imports.iter().copied().collect();
    imports.extend(["Schema", "type"]);
    imports.sort_unstable();
    out.line(format!("import * as runtime from {};", literal::text(&source.runtime)));
    out.line("");
    // Engines look up again wherever it is used what is imported by name.
    out.line(format!("const {{ {} }} = runtime;", imports.join(", ")));
    out.line("");
    schema(&module.schema, module.root, out);
    for id in needs.types.structs() {
        out.line(format!("const {} = schema.types[{}];", literal::struct_name(&module.schema, id), id.0));
    }
    for (number, ty) in needs.types.all().iter().enumerate() {
        out.line(format!("const T{number} = type({});", literal::description(ty)));
    }
}

fn schema(schema: &Schema, root: StructId, out: &mut Writer) {
    out.line("/** The types of the state. */");
    out.open("export const schema = new Schema({");
    out.line(format!("hash: \"{}\",", hex(schema.hash())));
    out.line(format!("main: {},", root.0));
    out.open("types: [");
    for def in schema.types() {
        out.open("{");
        let role = match def.role {
            Role::Helper => "helper",
            Role::ActiveRoot => "active",
            Role::InactiveRoot => "inactive",
        };
        out.line(format!("name: {}, role: \"{role}\",", literal::text(&def.name)));
        out.open("fields: [");
        def.fields.iter().for_each(|field| out.line(format!("{},", field_of(field))));
        out.close("],");
        out.close("},");
    }
    out.close("],");
    out.close("});");
}

fn field_of(field: &FieldDef) -> String {
    let mut options = Vec::new();
    if let Some(key) = &field.key {
        options.push(format!("key: {}", literal::text(key)));
    }
    match &field.default {
        Initial::Zero => {}
        Initial::Literal(value) => options.push(format!("default: {}", literal::value(value))),
        Initial::Config(path) => options.push(format!("config: {}", literal::text(path))),
        Initial::AutoUuid => options.push("auto: true".to_owned()),
    }
    let options = if options.is_empty() { String::new() } else { format!(", {{ {} }}", options.join(", ")) };
    format!("[{}, {}{options}]", literal::text(&field.name), literal::description(&field.ty))
}

fn program(module: &Module, source: &Source, names: &[String], needs: &mut Needs, out: &mut Writer) {
    let mut lines = Vec::new();
    for (function, name) in module.functions.iter().zip(names) {
        let (role, event) = match &function.role {
            FunctionRole::Handler { event } => ("handler", format!(" event: {},", literal::text(event))),
            FunctionRole::Function => ("function", String::new()),
            FunctionRole::Filter => ("filter", String::new()),
            FunctionRole::Effect => ("effect", String::new()),
        };
        let params: Vec<String> = function
            .params
            .iter()
            .map(|param| format!("[{}, {}]", literal::text(&param.name), needs.types.name(&param.ty)))
            .collect();
        let returns = function.returns.as_ref().map_or("null".to_owned(), |ty| needs.types.name(ty));
        let mut resume = Vec::new();
        for (index, block) in function.blocks.iter().enumerate() {
            if function::is_resumed(function, BlockId(index as u32)) {
                let types: Vec<String> =
                    block.params.iter().map(|param| needs.types.name(function.ty(*param))).collect();
                resume.push(format!("{index}: [{}]", types.join(", ")));
            }
        }
        let mut line = format!("{{ name: {}, role: \"{role}\",{event} run: {name},", literal::text(&function.name));
        let _ = write!(line, " suspends: {}, params: [{}],", function.suspends, params.join(", "));
        let _ = write!(line, " returns: {returns}, resume: {{ {} }} }},", resume.join(", "));
        lines.push(line);
    }
    out.line("");
    out.line("/** The document, to be run by a `Session` or a server's bridge. */");
    out.open("export const program = {");
    out.line(format!("name: {},", literal::text(stem(&source.name))));
    out.line(format!("hash: \"{}\",", hex(&source.hash)));
    out.line("schema,");
    config(source, out);
    let types: Vec<String> = (0..needs.types.all().len()).map(|number| format!("T{number}")).collect();
    out.line(format!("types: [{}],", types.join(", ")));
    out.open("functions: [");
    lines.iter().for_each(|line| out.line(line));
    out.close("],");
    out.close("};");
}

/// What may be configured: as `configured` of the runtime takes it.
fn config(source: &Source, out: &mut Writer) {
    let Some(config) = &source.config else {
        return out.line("config: null,");
    };
    out.open("config: [");
    for field in config.fields() {
        let mut line = format!("{{ path: {}, type: {}", literal::text(&field.path), literal::description(&field.ty));
        for (key, value) in [("default", &field.default), ("min", &field.min), ("max", &field.max)] {
            if let Some(value) = value {
                let _ = write!(line, ", {key}: {}", literal::value(value));
            }
        }
        if !field.options.is_empty() {
            let options: Vec<String> = field.options.iter().map(literal::value).collect();
            let _ = write!(line, ", options: [{}]", options.join(", "));
        }
        out.line(format!("{line} }},"));
    }
    out.close("],");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
