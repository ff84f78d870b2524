//! What a program tells about itself, as constants.

use statewright_graph::ir::footprint::{Fields, footprint};
use statewright_graph::ir::roles::view_of;
use statewright_graph::ir::{FuncId, Function, FunctionRole, Module};
use statewright_types::handler::HandlerInfo;

use super::Source;
use super::body::Host;
use super::ending::resumes;
use super::expr::string;
use super::types::{Constants, fields, type_expr};
use super::width;
use crate::writer::Writer;

/// The table of functions, and the functions that make the program.
pub(super) fn lines(
    module: &Module,
    source: &Source<'_>,
    names: &[String],
    hosts: &[Host],
    constants: &mut Constants<'_>,
) -> Writer {
    let mut out = Writer::default();
    out.open(format!("static FUNCTIONS: [Function; {}] = [", module.functions.len()));
    for (function, name) in module.functions.iter().zip(names) {
        table_row(function, name, constants, &mut out);
    }
    out.close("];");
    out.line("");
    let hash: Vec<String> = source.document_hash.iter().map(|byte| format!("0x{byte:02x}")).collect();
    out.line("/// SHA-256 of the document's text and the hashes of schema and configuration.");
    out.line(format!("pub const DOCUMENT_HASH: [u8; 32] = [{}];", hash.join(", ")));
    out.line("");
    out.line("/// The schema that the document was compiled against.");
    out.line(format!("pub const SCHEMA: &str = {};", string(source.schema)));
    out.line("");
    if let Some(config) = source.config {
        out.line("/// The configuration that it was compiled with.");
        out.line(format!("pub const CONFIG: &str = {};", string(config)));
        out.line("");
    }
    out.line("/// All that a host needs of it.");
    out.open("pub const DOCUMENT: Document = Document {");
    out.line("schema: SCHEMA,");
    out.line(format!("main_root: StructId({}),", module.root.0));
    out.line("program: program_with,");
    out.close("};");
    out.line("");
    out.line("/// The program, for sessions.");
    out.open("pub fn program() -> Arc<dyn Program> {");
    out.line("program_with(&HostNodes::default())");
    out.close("}");
    out.line("");
    out.line("/// The same with nodes of the host program.");
    out.open("pub fn program_with(nodes: &HostNodes) -> Arc<dyn Program> {");
    out.line("let mut tables = Tables { document_hash: DOCUMENT_HASH, ..Tables::default() };");
    if source.config.is_some() {
        out.line("tables.configure(CONFIG);");
    }
    for handler in source.handlers {
        out.line(format!("tables.handlers.push({});", handler_info(handler)));
    }
    for (index, function) in module.functions.iter().enumerate() {
        told(module, index, function, &mut out);
    }
    for (name, inputs, output) in hosts {
        let inputs: Vec<String> = inputs.iter().map(type_expr).collect();
        let output = output.as_ref().map_or("None".into(), |ty| format!("Some(&{})", type_expr(ty)));
        out.line(format!("tables.host(nodes, {}, vec![{}], {output});", string(name), inputs.join(", ")));
    }
    out.line("Arc::new(Emitted::new(&FUNCTIONS, tables))");
    out.close("}");
    out
}

fn table_row(function: &Function, name: &str, constants: &mut Constants<'_>, out: &mut Writer) {
    out.open("Function {");
    out.line(format!("name: {},", string(&function.name)));
    if function.suspends {
        out.line(format!("enter: |run, fuel, at, given| {name}(run, fuel, at, given).map(Bits::bits),"));
    } else {
        let count = function.blocks.first().map_or(0, |block| block.params.len());
        let args: String = (0..count).map(|at| format!(", argument(given, {at})")).collect();
        let call = format!("{name}(run, fuel{args}).map(Bits::bits)");
        let head = "enter: |run, fuel, _, given| ";
        if width::fits(4 * out.depth(), &[head, &call, ","]) {
            out.line(format!("{head}{call},"));
        } else {
            out.open(format!("{head}{{"));
            out.line(call);
            out.close("},");
        }
    }
    let blocks = if function.suspends { resumes(function) } else { Vec::new() };
    if blocks.is_empty() {
        out.line("resumes: &[],");
    } else {
        out.open("resumes: &[");
        for id in blocks {
            let Some(block) = function.blocks.get(id.index()) else { continue };
            let first = block.insts.iter().find(|inst| !crate::fold::is_constant(inst));
            let node = function.node_id(first.map_or(block.node, |inst| inst.node));
            let types: Vec<String> =
                block.params.iter().map(|param| format!("&{}", constants.ty(function.ty(*param)))).collect();
            let (node, types) = (string(node), types.join(", "));
            out.line(format!("Resume {{ block: {}, node: {node}, params: &[{types}] }},", id.0));
        }
        out.close("],");
    }
    out.line(format!("has_result: {},", function.returns.is_some()));
    out.close("},");
}

/// What is told of a filter, an effect or a view.
fn told(module: &Module, index: usize, function: &Function, out: &mut Writer) {
    let name = string(&function.name);
    let touched = || footprint(module, FuncId(index as u32));
    let declared: Vec<_> = function.params.iter().map(|param| (param.name.clone(), param.ty.clone())).collect();
    match function.role {
        FunctionRole::Filter => {
            let params = fields(declared.get(1..).unwrap_or_default());
            let info = format!(
                "FilterInfo {{ name: {name}.into(), params: {params}, footprint: {} }}",
                filter_footprint(&touched())
            );
            out.line(format!("tables.filters.push(({index}, {info}));"));
        }
        FunctionRole::Effect => {
            let touched = touched();
            let (all, around) = (footprint_of(&touched.fields()), touched.looks_around);
            let params = fields(&declared);
            let info = format!(
                "EffectInfo {{ name: {name}.into(), params: {params}, footprint: {all}, looks_around: {around} }}"
            );
            out.line(format!("tables.effects.push(({index}, {info}));"));
        }
        FunctionRole::Function => {
            if let Some(element) = view_of(module, function) {
                let footprint = filter_footprint(&touched());
                let element = format!("StructId({})", element.0);
                let info = format!("ViewInfo {{ name: {name}.into(), element: {element}, footprint: {footprint} }}");
                out.line(format!("tables.views.push(({index}, {info}));"));
            }
        }
        FunctionRole::Handler { .. } => {}
    }
}

fn filter_footprint(touched: &statewright_graph::ir::footprint::Footprint) -> String {
    let (reads, writes) = (footprint_of(&touched.reads), footprint_of(&touched.writes));
    format!("FilterFootprint {{ reads: {reads}, writes: {writes}, looks_around: {} }}", touched.looks_around)
}

fn footprint_of(touched: &Fields) -> String {
    let fields: Vec<String> = touched.iter().map(|(id, field)| format!("(StructId({}), {field})", id.0)).collect();
    format!("Footprint::Fields([{}].into())", fields.join(", "))
}

fn handler_info(handler: &HandlerInfo) -> String {
    let permissions = &handler.permissions;
    let allowed = match &permissions.allowed_players {
        Some(players) => {
            let players: Vec<String> = players.iter().map(|player| format!("{}.into()", string(player))).collect();
            format!("Some(vec![{}])", players.join(", "))
        }
        None => "None".into(),
    };
    let (name, event, params) = (string(&handler.name), string(&handler.event), fields(&handler.params));
    let permissions = format!(
        "Permissions {{ host_only: {}, player_param: {:?}, allowed_players: {allowed} }}",
        permissions.host_only, permissions.player_param
    );
    format!(
        "HandlerInfo {{ name: {name}.into(), event: {event}.into(), params: {params}, permissions: {permissions} }}"
    )
}
