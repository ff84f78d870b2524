//! From a document and a schema to a verified module, or to what is wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::diagnostic::has_errors;
use statewright_types::handler::{HandlerInfo, Permissions};
use statewright_types::hashing::HashMap;
use statewright_types::host::{HostDeclarations, HostEffectSignature};
use statewright_types::suggest::type_name;
use statewright_types::{Config, Diagnostic, Limits, Schema, Span, Type};

use crate::check::copies::Bound;
use crate::check::{codes, copies, leaks, slips, structure, suggest, view, writes};
use crate::document::{Document, Graph, GraphKind, InputKind, Name};
use crate::flow::{self, Flow, NodeIx, Rows};
use crate::ir::verify::{Verified, VerifyError, verify};
use crate::ir::{FuncId, Module};
use crate::lower::{Guard, LoweredGraph, Signature, Unit, VIEWER_ID, lower_graph, references};
use crate::node::{Effect, host};
use crate::passes;

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct CompileOptions {
    /// Emit `enter` and `probe`, for tracers.
    pub traced: bool,
    /// Leave the module as it was lowered, without the passes.
    pub plain: bool,
    /// Nodes of the host program.
    pub host_nodes: Arc<HostDeclarations>,
    /// The document's configuration.
    pub config: Option<Arc<Config>>,
}

/// What became of a document.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// `None` if there are errors.
    pub module: Option<Arc<Verified>>,
    /// In document order, also where there are errors.
    pub handlers: Vec<HandlerInfo>,
    /// Errors and warnings, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a document against a schema and lowers it.
pub fn compile(document: &Document, schema: &Arc<Schema>, options: &CompileOptions) -> Compiled {
    let mut diagnostics = Vec::new();
    let mut compiled = Compiled { module: None, handlers: Vec::new(), diagnostics: Vec::new() };
    let wanted = document.state_type.as_ref();
    let Some(root) = schema.main_root(wanted.map(|name| &*name.text)) else {
        compiled.diagnostics.push(no_root(schema, wanted));
        return compiled;
    };
    let graphs: Vec<&Graph> = document.graphs().collect();
    let mut signatures: Vec<Signature> =
        graphs.iter().enumerate().map(|(index, graph)| signature(schema, graph, index, &mut diagnostics)).collect();
    for (graph, signature) in document.handlers.iter().zip(&signatures) {
        structure::permissions(graph, &mut diagnostics);
        compiled.handlers.push(handler(graph, signature));
    }
    host::names(&options.host_nodes, &mut diagnostics);
    let hosts = &*options.host_nodes;
    let all_rows: Vec<Rows<'_>> = graphs.iter().map(|graph| structure::rows(graph, hosts, &mut diagnostics)).collect();
    slips::scheduled(document, &all_rows, &mut diagnostics);
    let flows: Vec<Flow> = all_rows.iter().map(|rows| flow::analyse(rows, &mut diagnostics)).collect();
    let calls = all_calls(&all_rows, &signatures, document);
    let recursive = call_order(&all_rows, &flows, &mut signatures, &calls, &mut diagnostics);
    let first_filter = document.handlers.len() + document.functions.len();
    for (index, graph) in graphs.iter().enumerate().skip(first_filter) {
        let bound = if graph.kind == GraphKind::Effect { Bound::Effect } else { Bound::Filter };
        copies::check((index, bound), &all_rows, &calls, &mut diagnostics);
    }
    for (index, graph) in graphs.iter().enumerate().take(first_filter).skip(document.handlers.len()) {
        if view::is_view(schema, graph) {
            view::check(schema, graph, &signatures[index], &mut diagnostics);
            copies::check((index, Bound::View), &all_rows, &calls, &mut diagnostics);
        }
    }
    let functions = signatures[document.handlers.len()..first_filter].to_vec();
    let first_effect = first_filter + document.filters.len();
    let filters = signatures[first_filter..first_effect].to_vec();
    let mut effects = signatures[first_effect..].to_vec();
    effects.extend(hosts.effects().iter().map(|effect| host_effect(schema, effect)));
    let events = compiled.handlers.iter().map(|handler| (handler.event.clone(), handler.params.clone())).collect();
    let config = (options.config.as_deref(), document.config.as_ref().map(|name| &*name.text));
    let unit = Unit { schema, root, functions, filters, effects, events, hosts, config, traced: options.traced };
    let guard = Guard::new(schema);
    let mut lowered = Vec::new();
    for ((rows, flow), signature) in all_rows.iter().zip(&flows).zip(&signatures) {
        structure::ports(rows, &mut diagnostics);
        let references = references(rows);
        if !flow.is_too_large {
            structure::reach(rows, flow, &references.nodes, &mut diagnostics);
        }
        structure::aliases(rows, schema.get(root), &mut diagnostics);
        slips::schemes(rows, schema.get(root), &mut diagnostics);
        if recursive || flow.is_too_large {
            continue;
        }
        let LoweredGraph { mut function, diagnostics: found } = lower_graph(&unit, (rows, flow), signature, references);
        // What is written in a viewer's copy is nobody's but the viewer's.
        if let Some(function) = function.as_mut().filter(|_| !matches!(rows.graph.kind, GraphKind::Filter)) {
            guard.apply(function);
        }
        diagnostics.extend(found);
        lowered.extend(function);
    }
    if !has_errors(&diagnostics) && lowered.len() == graphs.len() {
        let module = Module {
            schema: schema.clone(),
            root,
            traced: options.traced,
            functions: lowered,
            footprints: BTreeMap::new(),
        };
        // Nothing looks at what is not valid, in no build.
        let finished = verify(&module).and_then(|()| {
            leaks::check(&module, &graphs, &mut diagnostics);
            leaks::baked::check(&module, &graphs, &mut diagnostics);
            writes::check(&module, document, &graphs, &mut diagnostics);
            let is_plain = options.plain || has_errors(&diagnostics);
            finished(module, is_plain)
        });
        match finished {
            Ok(module) => compiled.module = Some(Arc::new(module)),
            Err(errors) => diagnostics.extend(errors.iter().map(|error| internal(&error.to_string()))),
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.map(|span| (span.start, span.end)));
    compiled.diagnostics = diagnostics;
    compiled
}

/// Runs the passes over a module as it was lowered ([`CompileOptions::plain`]), and checks what comes out.
///
/// # Errors
/// What is not valid: a mistake of the passes.
pub fn finish(module: Verified) -> Result<Verified, Vec<VerifyError>> {
    finished(module.into_inner(), false)
}

/// Runs the passes over a module, which is valid, unless it is to stay plain, and checks what comes out.
fn finished(mut module: Module, is_plain: bool) -> Result<Verified, Vec<VerifyError>> {
    if !is_plain {
        passes::run(&mut module);
    }
    Verified::new(module)
}

fn internal(error: &str) -> Diagnostic {
    let message = format!("the compiler made a mistake: {error}");
    Diagnostic::error(codes::INTERNAL, Span::default(), message)
        .help("please report this document to the makers of Statewright")
}

fn no_root(schema: &Schema, wanted: Option<&Name>) -> Diagnostic {
    match wanted {
        Some(name) => {
            let names = schema.types().iter().map(|def| &*def.name);
            let help = suggest(&name.text, names).unwrap_or_else(|| "name a type of the schema".into());
            let message = format!("`stateType` names `{}`, which is no type of the schema", name.text);
            Diagnostic::error(codes::ROOT, name.span, message).help(help)
        }
        None => Diagnostic::error(codes::ROOT, Span::default(), "the schema has no types".to_owned())
            .help("declare a type with `@root(active)`"),
    }
}

fn signature(schema: &Schema, graph: &Graph, index: usize, diagnostics: &mut Vec<Diagnostic>) -> Signature {
    let mut resolve = |name: &Name| match schema.parse_type(&name.text) {
        Ok(ty) => ty,
        Err(message) => {
            let names = schema.types().iter().map(|def| &*def.name);
            let known = ["string", "int32", "int64", "float64", "bool", "uuid"];
            let inner = name.text.rsplit([']', '*']).next().unwrap_or("");
            let help = type_name(inner, names.chain(known))
                .unwrap_or_else(|| "name a type of the schema, or bool, int32, int64, float64, string…".into());
            let mut diagnostic = Diagnostic::error(codes::TYPE_NAME, name.span, message).help(help);
            diagnostic.place.handler = Some(graph.name.text.clone());
            diagnostics.push(diagnostic);
            Type::INT
        }
    };
    let sender = match graph.kind {
        GraphKind::Handler => Some((Arc::from("senderID"), Type::String)),
        GraphKind::Filter => Some((Arc::from(VIEWER_ID), Type::String)),
        GraphKind::Function | GraphKind::Effect => None,
    };
    let declared = graph.parameters.iter().map(|parameter| (parameter.name.text.clone(), resolve(&parameter.ty)));
    let params = sender.into_iter().chain(declared).collect();
    let returns = graph.return_type.as_ref().map(&mut resolve);
    Signature { name: graph.name.text.clone(), id: FuncId(index as u32), params, returns, suspends: false }
}

/// An effect of the host program. Whoever registers it checks its types.
fn host_effect(schema: &Schema, effect: &HostEffectSignature) -> Signature {
    let typed = |(name, ty): &(Arc<str>, String)| (name.clone(), schema.parse_type(ty).unwrap_or(Type::INT));
    let params = effect.params.iter().map(typed).collect();
    // Put to use by its name alone.
    Signature { name: effect.name.clone(), id: FuncId(u32::MAX), params, returns: None, suspends: false }
}

fn handler(graph: &Graph, signature: &Signature) -> HandlerInfo {
    let permissions = graph.permissions.as_ref();
    let position = |name: &Name| graph.parameters.iter().position(|parameter| parameter.name.text == name.text);
    let ids = |names: &Vec<Name>| names.iter().map(|name| name.text.clone()).collect();
    HandlerInfo {
        name: graph.name.text.clone(),
        event: graph.event.as_ref().map_or_else(|| Arc::from(""), |event| event.text.clone()),
        params: signature.params[1..].to_vec(),
        permissions: Permissions {
            host_only: permissions.is_some_and(|permissions| permissions.host_only),
            player_param: permissions.and_then(|permissions| permissions.player_param.as_ref()).and_then(position),
            allowed_players: permissions.and_then(|permissions| permissions.allowed_players.as_ref()).map(ids),
        },
    }
}

/// Checks that functions do not recurse (R4.2), nor nest too deeply, and finds which may suspend.
/// Whether they do recurse.
fn call_order(
    rows: &[Rows<'_>],
    flows: &[Flow],
    signatures: &mut [Signature],
    calls: &[Vec<(NodeIx, usize)>],
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let mut depth: Vec<Option<usize>> = vec![None; rows.len()];
    let mut open = vec![false; rows.len()];
    for start in 0..rows.len() {
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.last_mut() {
            open[*at] = true;
            if let Some((_, callee)) = calls[*at].get(*next).copied() {
                *next += 1;
                if open[callee] {
                    diagnostics.push(recursion(&rows[callee], "calls itself, directly or through others"));
                    return true;
                }
                if depth[callee].is_none() {
                    stack.push((callee, 0));
                }
                continue;
            }
            let at = *at;
            let below = calls[at].iter().filter_map(|(_, callee)| depth[*callee]).max().map_or(0, |depth| depth + 1);
            depth[at] = Some(below);
            open[at] = false;
            // What is never reached is not lowered, so it suspends nothing.
            let reached = |node: NodeIx| flows[at].instances_of(node).next().is_some();
            let own = flows[at]
                .instances
                .iter()
                .any(|instance| rows[at].rows[instance.node].is_some_and(|row| row.suspends()));
            let suspends = |(node, callee): &(NodeIx, usize)| signatures[*callee].suspends && reached(*node);
            signatures[at].suspends = own || calls[at].iter().any(suspends);
            if below > Limits::CALL_DEPTH {
                let message = format!("makes calls nest deeper than {} levels", Limits::CALL_DEPTH);
                diagnostics.push(recursion(&rows[at], &message));
                return true;
            }
            stack.pop();
        }
    }
    false
}

fn recursion(rows: &Rows<'_>, what: &str) -> Diagnostic {
    let message = format!("{} `{}` {what}", rows.graph.kind.noun(), rows.graph.name.text);
    let help = "functions may not recurse; use a loop, and variables for what changes";
    rows.in_graph(Diagnostic::error(codes::RECURSION, rows.graph.name.span, message).help(help))
}

/// What each graph calls: the nodes, and the functions' positions among all graphs.
fn all_calls(rows: &[Rows<'_>], signatures: &[Signature], document: &Document) -> Vec<Vec<(NodeIx, usize)>> {
    let functions = signatures.iter().enumerate().skip(document.handlers.len()).take(document.functions.len());
    let by_name: HashMap<Arc<str>, usize> = functions.map(|(index, s)| (s.name.clone(), index)).collect();
    rows.iter().map(|rows| called(rows, &by_name)).collect()
}

/// A graph's nodes that call functions, and the functions that they name.
fn called(rows: &Rows<'_>, by_name: &HashMap<Arc<str>, usize>) -> Vec<(NodeIx, usize)> {
    let nodes = rows.graph.nodes.iter().zip(&rows.rows).enumerate();
    let calls = nodes.filter(|(_, (_, row))| row.is_some_and(|row| row.effects.contains(&Effect::Calls)));
    let mut found = Vec::new();
    for (index, (node, _)) in calls {
        let named = node.inputs.iter().filter(|(port, _)| matches!(&*port.text, "function" | "functions"));
        for input in named.map(|(_, input)| input) {
            let parts = match &input.kind {
                InputKind::List(parts) => &parts[..],
                _ => std::slice::from_ref(input),
            };
            let callees = parts.iter().filter_map(|part| match &part.kind {
                InputKind::Text(name) => by_name.get(name),
                _ => None,
            });
            found.extend(callees.map(|callee| (index, *callee)));
        }
    }
    found
}
