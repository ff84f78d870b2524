//! How the value of an unconnected input is edited on the card.

use statewright_graph::document::{Input, InputKind};
use statewright_graph::node::{InputPort, Need, OPERATORS, Role};
use statewright_harness::draw::PinKind;
use statewright_harness::picture::{port_kind, written};
use statewright_types::{IntKind, Schema, Type};

/// An editor for a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Editor {
    /// None: the pin is connected, or takes what only a wire can give.
    #[default]
    None,
    /// On or off.
    Switch,
    /// A whole number; dragging changes it by 1.
    Whole {
        /// Least.
        min: i128,
        /// Greatest.
        max: i128,
    },
    /// A number; dragging changes it by this much a unit.
    Number {
        /// The step.
        step: f64,
    },
    /// Text.
    Text,
    /// One of these texts.
    Choice(Vec<String>),
    /// A state path, with completion.
    Path,
    /// Elements, each with an editor of its own pin.
    List,
    /// Entries, likewise.
    Map,
    /// Text with values in braces.
    Template,
    /// A reference that is no wire: state, variables, configuration.
    Reference,
    /// Anything: the kind of value is chosen with it.
    Any,
}

/// What a card shows at an input that no wire leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// How it is edited.
    pub editor: Editor,
    /// The value as people read it; empty for one that is not given.
    pub text: String,
    /// Whether the text is the port's default, as none is given.
    pub is_default: bool,
    /// Of a state path or reference: the kind of what is there, where that is known. It has that kind's colour and shape.
    pub kind: Option<PinKind>,
}

/// Constants of which the language has a closed set.
fn choices(port: &str) -> Option<&'static [&'static str]> {
    match port {
        "op" | "whereOp" => Some(OPERATORS),
        "unit" => Some(&["ms", "s", "m", "h"]),
        _ => None,
    }
}

/// The editor for a type.
pub fn of_type(ty: &Type) -> Editor {
    match ty.non_null() {
        Type::Bool => Editor::Switch,
        Type::Int(kind) => {
            let (min, max) = kind.range();
            Editor::Whole { min, max }
        }
        Type::Float32 | Type::Float64 => Editor::Number { step: 0.1 },
        Type::String | Type::Uuid | Type::Bytes => Editor::Text,
        Type::List(_) => Editor::List,
        Type::Map(..) | Type::Record(_) => Editor::Map,
        Type::Struct(_) | Type::Nullable(_) => Editor::Reference,
    }
}

/// The editor for a port as the table describes it, or for what it is given.
fn editor(port: Option<&InputPort>, declared: Option<&Type>, input: Option<&Input>) -> Editor {
    match input.map(|input| &input.kind) {
        Some(InputKind::Template(_)) => return Editor::Template,
        Some(InputKind::Reference(_)) => return Editor::Reference,
        _ => {}
    }
    if let Some(port) = port {
        match port.role {
            Role::Path => return Editor::Path,
            Role::Constant => {
                let choices =
                    choices(port.name).map(|choices| choices.iter().map(|choice| (*choice).to_owned()).collect());
                return choices.map_or(Editor::Text, Editor::Choice);
            }
            Role::Value | Role::Lambda => {}
        }
    }
    if let Some(ty) = declared {
        return of_type(ty);
    }
    let (min, max) = IntKind::I64.range();
    let by_kind = match port.map_or(PinKind::Any, |port| port_kind(port.ty)) {
        PinKind::Bool => Some(Editor::Switch),
        PinKind::Int => Some(Editor::Whole { min, max }),
        PinKind::Float => Some(Editor::Number { step: 0.1 }),
        PinKind::Text | PinKind::Bytes => Some(Editor::Text),
        PinKind::List => Some(Editor::List),
        PinKind::Map => Some(Editor::Map),
        PinKind::Struct | PinKind::Any => None,
    };
    by_kind.unwrap_or_else(|| match input.map(|input| &input.kind) {
        Some(InputKind::Bool(_)) => Editor::Switch,
        Some(InputKind::Int(_) | InputKind::UInt(_)) => Editor::Whole { min, max },
        Some(InputKind::Float(_)) => Editor::Number { step: 0.1 },
        Some(InputKind::Text(_)) => Editor::Text,
        Some(InputKind::List(_)) => Editor::List,
        Some(InputKind::Map(_)) => Editor::Map,
        _ => Editor::Any,
    })
}

/// The field of an input without a wire. `declared` is its type where that is known exactly: a function's parameter, a field.
pub fn field(port: Option<&InputPort>, declared: Option<&Type>, input: Option<&Input>) -> Field {
    let default = match port.map(|port| port.need) {
        Some(Need::Default(json)) => Some(json.trim_matches('"').to_owned()),
        _ => None,
    };
    Field {
        editor: editor(port, declared, input),
        is_default: input.is_none() && default.is_some(),
        kind: None,
        text: input.map(|input| written(input, 0)).or(default).unwrap_or_default(),
    }
}

/// The kind of a type, for colour and shape.
pub fn kind(schema: Option<&Schema>, ty: &Type) -> PinKind {
    match (schema, ty.non_null()) {
        (_, Type::Struct(_) | Type::Record(_)) => PinKind::Struct,
        (Some(schema), ty) => PinKind::of_type(&schema.show(ty).to_string()),
        (None, _) => PinKind::Any,
    }
}
