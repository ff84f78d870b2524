//! What the types of the node table mean: `number`, `[]T`, `map[K]V`, as patterns with variables.

use std::collections::HashMap;
use std::sync::LazyLock;

use statewright_graph::node::{self, NodeRow};
use statewright_types::Type;

/// A type of a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A certain type.
    Of(Type),
    /// An integer or a float.
    Number,
    /// What has a text: a number, a bool, a text.
    Scalar,
    /// What elements are sorted by, grouped by, counted by.
    Key {
        /// Whether floats will do.
        floats: bool,
    },
    /// Text, an array or a map.
    Sized,
    /// Anything at all.
    Any,
    /// A type variable: T, U, K, V.
    Variable(char),
    /// An array.
    List(Box<Pattern>),
    /// A map.
    Map(Box<Pattern>, Box<Pattern>),
    /// A struct.
    Struct,
    /// Values by name, written out.
    Entries,
    /// A state path.
    Path,
    /// A text known beforehand.
    Constant,
    /// Something that this file does not know.
    Unknown,
}

/// Reads the type of a port.
pub fn parse(text: &str) -> Pattern {
    match text {
        "bool" => Pattern::Of(Type::Bool),
        "int64" => Pattern::Of(Type::INT),
        "float64" => Pattern::Of(Type::Float64),
        "string" => Pattern::Of(Type::String),
        "number" => Pattern::Number,
        "number, bool or text" | "bool, number or text" => Pattern::Scalar,
        "number or text" => Pattern::Key { floats: true },
        "integer or text" => Pattern::Key { floats: false },
        "string, array or map" => Pattern::Sized,
        "any" => Pattern::Any,
        "struct" => Pattern::Struct,
        "map" => Pattern::Entries,
        "path" => Pattern::Path,
        "constant" => Pattern::Constant,
        "T" | "U" | "K" | "V" => Pattern::Variable(text.chars().next().unwrap_or('T')),
        _ => {
            if let Some(element) = text.strip_prefix("[]") {
                return match parse(element) {
                    Pattern::Unknown => Pattern::Unknown,
                    element => Pattern::List(Box::new(element)),
                };
            }
            match text.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
                Some((key, value)) => Pattern::Map(Box::new(parse(key)), Box::new(parse(value))),
                None => Pattern::Unknown,
            }
        }
    }
}

/// The node table, with the patterns of outputs read.
pub struct Table {
    /// Rows that stand in the flow only.
    pub executing: Vec<&'static NodeRow>,
    /// The others, but for those that only mark a place.
    pub pure: Vec<&'static NodeRow>,
    /// Pure rows by the kind of what an output may be, and which output.
    by_kind: HashMap<Kind, Vec<(&'static NodeRow, usize)>>,
}

/// Kinds of types, to find rows by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Bool,
    Int,
    Float,
    Text,
    List,
    Map,
    Struct,
    Other,
}

const KINDS: [Kind; 8] =
    [Kind::Bool, Kind::Int, Kind::Float, Kind::Text, Kind::List, Kind::Map, Kind::Struct, Kind::Other];

fn kind(ty: &Type) -> Kind {
    match ty {
        Type::Bool => Kind::Bool,
        Type::Int(_) => Kind::Int,
        Type::Float32 | Type::Float64 => Kind::Float,
        Type::String => Kind::Text,
        Type::List(_) => Kind::List,
        Type::Map(..) => Kind::Map,
        Type::Struct(_) => Kind::Struct,
        _ => Kind::Other,
    }
}

impl Pattern {
    fn may_be(&self, wanted: Kind) -> bool {
        match self {
            Pattern::Of(ty) => kind(ty) == wanted,
            Pattern::Number => matches!(wanted, Kind::Int | Kind::Float),
            Pattern::Any | Pattern::Variable(_) => true,
            Pattern::List(_) => wanted == Kind::List,
            Pattern::Map(..) => wanted == Kind::Map,
            Pattern::Struct => wanted == Kind::Struct,
            _ => false,
        }
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let (executing, pure): (Vec<&NodeRow>, Vec<&NodeRow>) = node::table().partition(|row| row.executing());
    let mut by_kind: HashMap<Kind, Vec<(&'static NodeRow, usize)>> = HashMap::new();
    for row in &pure {
        for (index, output) in row.outputs.iter().enumerate() {
            let pattern = parse(output.ty);
            for kind in KINDS.into_iter().filter(|kind| pattern.may_be(*kind)) {
                by_kind.entry(kind).or_default().push((row, index));
            }
        }
    }
    Table { executing, pure, by_kind }
});

/// The table.
pub fn table() -> &'static Table {
    &TABLE
}

impl Table {
    /// Pure rows, each with an output that may have that type.
    pub fn giving(&self, ty: &Type) -> &[(&'static NodeRow, usize)] {
        self.by_kind.get(&kind(ty)).map_or(&[], Vec::as_slice)
    }
}
