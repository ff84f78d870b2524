//! What is known of a document before it runs: its graphs, the types of nodes, what may be read in each function.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::Graph;
use statewright_graph::ir::{Imm, Op};
use statewright_graph::node;
use statewright_types::{Schema, StructId, Type, suggest};

use crate::project::Loaded;

/// A graph's name and what is in it.
type InGraph<T> = HashMap<(Arc<str>, Arc<str>), T>;

/// What a debugger knows of a document. Documents with errors, and versions that an activation began on before, have less.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The schema.
    pub schema: Option<Arc<Schema>>,
    /// The type whose fields are at the top of the state.
    pub main_root: Option<StructId>,
    /// Names of handlers, functions and filters, in document order.
    graphs: Vec<Arc<str>>,
    /// Node ids, in document order, and their types.
    nodes: HashMap<Arc<str>, Vec<(Arc<str>, Arc<str>)>>,
    /// Node and port of each alias.
    aliases: InGraph<(Arc<str>, Arc<str>)>,
    /// Types of what is read, as declared: `param:NAME`, `node:ID:PORT`…
    read: InGraph<Type>,
}

impl Outline {
    /// Of a document that was loaded for tracing.
    pub fn new(loaded: &Loaded) -> Outline {
        let document = &loaded.document;
        let mut outline = Outline { schema: loaded.schema.clone(), main_root: loaded.main_root, ..Outline::default() };
        let graphs = document.handlers.iter().chain(&document.functions).chain(&document.filters);
        graphs.for_each(|graph| outline.add_graph(graph));
        let functions = loaded.module.iter().flat_map(|module| &module.functions);
        for function in functions {
            for param in &function.params {
                outline.read.insert((function.name.clone(), format!("param:{}", param.name).into()), param.ty.clone());
            }
            for inst in function.blocks.iter().flat_map(|block| &block.insts).filter(|inst| inst.op == Op::Watch) {
                if let (Imm::Str(name), Some(value)) = (&inst.imm, inst.args.first()) {
                    let (declared, name) = declared(name);
                    let ty = declared.unwrap_or_else(|| function.ty(*value).clone());
                    outline.read.entry((function.name.clone(), name.into())).or_insert(ty);
                }
            }
        }
        outline
    }

    fn add_graph(&mut self, graph: &Graph) {
        let name = graph.name.text.clone();
        self.graphs.push(name.clone());
        for node in &graph.nodes {
            let ty = node::by_name(&node.ty.text).map_or_else(|| node.ty.text.clone(), |row| row.name.into());
            self.nodes.entry(name.clone()).or_default().push((node.id.text.clone(), ty));
            for output in &node.outputs {
                let of = (node.id.text.clone(), self.port(&name, &node.id.text, &output.port.text));
                self.aliases.entry((name.clone(), output.alias.text.clone())).or_insert(of);
            }
        }
    }

    /// The type of a node; "" if that is not known.
    pub fn node_type(&self, graph: &str, node: &str) -> Arc<str> {
        let nodes = self.nodes.get(graph).into_iter().flatten();
        nodes.into_iter().find(|(id, _)| &**id == node).map_or_else(|| "".into(), |(_, ty)| ty.clone())
    }

    /// A node's output by its canonical name, given any name of it.
    pub fn port(&self, graph: &str, node: &str, name: &str) -> Arc<str> {
        let row = node::by_name(&self.node_type(graph, node));
        if let Some(port) = row.and_then(|row| row.outputs.get(row.output(name)?)) {
            return port.name.into();
        }
        match self.aliases.get(&(graph.into(), name.into())) {
            Some((of, port)) if &**of == node => port.clone(),
            _ => name.into(),
        }
    }

    /// The node and the port that have an alias.
    pub fn alias(&self, graph: &str, name: &str) -> Option<&(Arc<str>, Arc<str>)> {
        self.aliases.get(&(graph.into(), name.into()))
    }

    /// The declared type of what is read under `name` in a graph; `None` if nothing reads it.
    pub fn read_type(&self, graph: &str, name: &str) -> Option<&Type> {
        self.read.get(&(graph.into(), name.into()))
    }

    /// Says what is wrong, unless the document has that graph and that node.
    pub fn check(&self, graph: &str, node: &str) -> Result<(), String> {
        let Some(nodes) = self.nodes.get(graph) else {
            let help = suggest::help(graph, self.graphs.iter().map(|name| &**name));
            return Err(format!("the document has no graph `{graph}`; {help}"));
        };
        if nodes.iter().any(|(id, _)| &**id == node) {
            return Ok(());
        }
        let help = suggest::help(node, nodes.iter().map(|(id, _)| &**id));
        Err(format!("`{graph}` has no node `{node}`; {help}"))
    }
}

/// The declared type, if it stands there, and the name of what a `watch` reads.
pub fn declared(name: &str) -> (Option<Type>, &str) {
    let typed = name.split_once(' ').and_then(|(ty, rest)| Some((Type::scalar_by_name(ty)?, rest)));
    typed.map_or((None, name), |(ty, rest)| (Some(ty), rest))
}
