//! What is drawn: a plain description of graphs, free of the document model, so that a checked document, a
//! trace, a diff or a test can all fill it.

/// Several graphs on one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Title of the page.
    pub title: String,
    /// A line under it; "" for none.
    pub subtitle: String,
    /// In order.
    pub graphs: Vec<GraphPicture>,
}

/// One handler, function, filter or effect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphPicture {
    /// Its name.
    pub name: String,
    /// The word for what it is: `handler`, `function`, …
    pub kind: String,
    /// The event it handles.
    pub event: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Names and type texts, in order.
    pub parameters: Vec<(String, String)>,
    /// In document order; wires name them by position.
    pub nodes: Vec<NodePicture>,
    /// Flow wires, in document order. Those that name missing nodes are left out.
    pub flow: Vec<FlowWire>,
    /// Data wires. Those that name missing nodes are left out; a missing pin is added to its node.
    pub data: Vec<DataWire>,
}

impl GraphPicture {
    /// Whether the picture shows a run: some node says how often it ran.
    pub fn traced(&self) -> bool {
        self.nodes.iter().any(|node| node.visited.is_some())
    }
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodePicture {
    /// Its id.
    pub id: String,
    /// Name of its type.
    pub type_name: String,
    /// What its header says; "" for the type's name.
    pub title: String,
    /// Category of its type, in any case: decides colour and icon.
    pub category: String,
    /// Whether it is in the flow: such a node has flow pins.
    pub executing: bool,
    /// Whether nothing can follow it: it has no flow pin at its right.
    pub ends: bool,
    /// Pins at its left, in order.
    pub inputs: Vec<PinPicture>,
    /// Pins at its right, in order.
    pub outputs: Vec<PinPicture>,
    /// The author's comment.
    pub comment: Option<String>,
    /// How often it ran; `None` where there is no trace.
    pub visited: Option<u32>,
    /// What went wrong in it.
    pub error: Option<String>,
    /// Where the author put it: left, top.
    pub position: Option<(f64, f64)>,
}

/// A data pin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PinPicture {
    /// Its name.
    pub name: String,
    /// The kind of its type.
    pub kind: PinKind,
    /// A value written in place, drawn in a field beside the name.
    pub literal: Option<String>,
    /// The value it had in the traced run.
    pub value: Option<String>,
}

/// Kinds of types, as far as a picture tells them apart. Each has a colour and a shape of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum PinKind {
    Bool,
    Int,
    Float,
    Text,
    Bytes,
    Struct,
    List,
    Map,
    #[default]
    Any,
}

impl PinKind {
    /// Every kind with the word that the legend has for it.
    pub const ALL: [(PinKind, &'static str); 9] = [
        (PinKind::Bool, "bool"),
        (PinKind::Int, "integer"),
        (PinKind::Float, "float"),
        (PinKind::Text, "text"),
        (PinKind::Bytes, "bytes"),
        (PinKind::Struct, "struct"),
        (PinKind::List, "list"),
        (PinKind::Map, "map"),
        (PinKind::Any, "any"),
    ];

    /// The kind of a type as it is written in documents (`int32`, `[]Card`, `*Player`); what is no known name is a struct.
    pub fn of_type(text: &str) -> PinKind {
        let text = text.trim().trim_start_matches('*');
        match text {
            "" | "any" => PinKind::Any,
            "bool" => PinKind::Bool,
            "string" | "uuid" => PinKind::Text,
            "bytes" => PinKind::Bytes,
            "float32" | "float64" => PinKind::Float,
            "int" | "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64" => {
                PinKind::Int
            }
            _ if text.starts_with("[]") => PinKind::List,
            _ if text.starts_with("map[") => PinKind::Map,
            _ => PinKind::Struct,
        }
    }
}

/// Where a flow wire begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowFrom {
    /// At the start.
    Start,
    /// At a node, by position.
    Node(usize),
}

/// Where a flow wire leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowTo {
    /// To the end.
    End,
    /// To a node, by position.
    Node(usize),
}

/// A flow wire.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowWire {
    /// Where it begins.
    pub from: FlowFrom,
    /// Where it leads.
    pub to: FlowTo,
    /// `true`, `false`, `body`, `done`, … A node with a `body` wire is drawn as a loop.
    pub label: Option<String>,
    /// How often the run passed it; `None` where there is no trace.
    pub taken: Option<u32>,
}

/// Where a data wire begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataFrom {
    /// At an output of a node.
    Node {
        /// The node, by position.
        node: usize,
        /// The output's name.
        port: String,
    },
    /// At a parameter, by position.
    Parameter(usize),
}

/// A data wire.
#[derive(Clone, Debug, PartialEq)]
pub struct DataWire {
    /// Where it begins.
    pub from: DataFrom,
    /// How the reference goes on (`.Hand[0]`), shown at the input; "" mostly.
    pub path: String,
    /// The node it leads to, by position.
    pub to: usize,
    /// The input it leads to.
    pub port: String,
    /// The kind of its type.
    pub kind: PinKind,
    /// The value that passed in the traced run.
    pub value: Option<String>,
}
