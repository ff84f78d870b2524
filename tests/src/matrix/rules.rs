//! Which rules of the language are about which node types, and which errors which node types can stop with.

use std::collections::BTreeSet;

use statewright_graph::node::{Category, Effect, Exits, NodeRow, Role};
use statewright_types::TrapCode;

use super::cases::{takes_int64, takes_references, takes_two, weighs};

/// A rule of the language.
pub struct Rule {
    /// Its number: `R4.2`.
    pub number: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// The node types that it is about; without this it is about documents or sessions as a whole.
    pub nodes: Option<fn(&'static NodeRow) -> bool>,
}

const fn whole(number: &'static str, title: &'static str) -> Rule {
    Rule { number, title, nodes: None }
}

const fn about(number: &'static str, title: &'static str, nodes: fn(&'static NodeRow) -> bool) -> Rule {
    Rule { number, title, nodes: Some(nodes) }
}

fn has(row: &NodeRow, role: Role) -> bool {
    row.inputs.iter().any(|port| port.role == role)
}

fn does(row: &NodeRow, effects: &[Effect]) -> bool {
    row.effects.iter().any(|effect| effects.contains(effect))
}

fn named(row: &NodeRow, names: &[&str]) -> bool {
    names.contains(&row.name)
}

/// All rules, in order.
pub const RULES: &[Rule] = &[
    whole("R1.1", "documents"),
    whole("R1.2", "the main root"),
    whole("R1.3", "names and ids"),
    whole("R1.5", "reserved events"),
    about("R2.1", "constant inputs", |row| has(row, Role::Constant) || has(row, Role::Path)),
    about("R2.2", "steps of references", takes_references),
    whole("R2.3", "what references and paths begin with"),
    whole("R2.4", "synonyms"),
    whole("R2.5", "templates"),
    about("R2.6", "order of inputs", takes_two),
    whole("R2.7", "the sender"),
    whole("R3.1", "types of literals"),
    about("R3.2", "arithmetic", |row| {
        named(
            row,
            &[
                "Add",
                "Subtract",
                "Multiply",
                "Divide",
                "IntDivide",
                "Modulo",
                "Abs",
                "Min",
                "Max",
                "Clamp",
                "Sign",
                "Negate",
                "Sum",
                "Increment",
                "Compare",
                "MinBy",
                "MaxBy",
                "SortBy",
                "Sqrt",
                "Log",
            ],
        )
    }),
    about("R3.3", "whole numbers from floats", |row| named(row, &["Floor", "Ceil", "Round", "ToInt"])),
    about("R3.4", "conversions", takes_int64),
    about("R3.5", "text", |row| row.category == Category::Text),
    about("R3.6", "functions of floats", |row| {
        named(row, &["Sin", "Cos", "Tan", "Atan2", "Exp", "Log", "Pow", "Sqrt"])
    }),
    about("R3.7", "order of maps", |row| {
        named(row, &["MapKeys", "MapValues", "FilterMap", "CountBy", "GroupBy", "ForEach"])
    }),
    about("R3.8", "equality", |row| named(row, &["Compare", "FindInArray", "IndexOfItem", "Distinct"])),
    whole("R4.1", "chains"),
    about("R4.2", "edges", |row| {
        !matches!(row.exits, Exits::Plain | Exits::None) || named(row, &["Break", "Continue"])
    }),
    about("R4.3", "when pure nodes are evaluated", |row| !row.executing()),
    about("R4.4", "evaluation for each element, and where needed", |row| {
        has(row, Role::Lambda) || named(row, &["And", "Or", "Select", "Coalesce"])
    }),
    about("R4.5", "elements in their turn", |row| named(row, &["ForEachWhere", "UpdateWhere", "ForEach"])),
    whole("R4.6", "outputs that need not have been computed"),
    about("R5.1", "live references", |row| {
        named(
            row,
            &[
                "GetPlayer",
                "ForEach",
                "FindInArray",
                "FindWhere",
                "ArrayAt",
                "FilterArray",
                "SortBy",
                "Slice",
                "UpdateStruct",
                "SetStructField",
                "GetMapValue",
            ],
        )
    }),
    about("R5.2", "removed elements", takes_references),
    about("R5.3", "what is not there", takes_references),
    about("R5.4", "null", takes_references),
    about("R5.5", "effects", |row| named(row, &["GetBase", "Increment"])),
    about("R5.6", "new structs, and writing what is there", |row| named(row, &["CreateStruct", "SetField"])),
    about("R5.7", "effects and filters", |row| {
        named(row, &["AddFilter", "RemoveFilter", "HasFilter", "AddEffect", "RemoveEffect", "HasEffect"])
    }),
    about("R5.8", "acts on the session", |row| does(row, &[Effect::ActsOnSession])),
    about("R6.1", "time", |row| does(row, &[Effect::ReadsClock])),
    about("R6.2", "chance", |row| row.category == Category::Chance),
    about("R6.3", "waiting", Row::suspends),
    about("R6.4", "when waits end", Row::suspends),
    about("R7.1", "transactions", |row| {
        does(row, &[Effect::WritesState, Effect::Emits, Effect::ActsOnSession]) && !row.suspends()
    }),
    about("R7.2", "errors", |row| named(row, &["Fail"])),
    about("R7.3", "fuel", |_| true),
    about("R7.4", "memory", weighs),
    whole("R7.5", "permissions"),
    whole("R7.6", "the host and kicks"),
    about("R8", "what the checker says", |_| true),
    about("R9", "visibility", |row| does(row, &[Effect::Emits]) || named(row, &["Reveal"])),
    about("R10", "what nodes do", |_| true),
];

type Row = NodeRow;

/// The errors that a row can stop with: its own, and those of its inputs, of fuel and of memory.
pub fn errors(row: &'static NodeRow) -> BTreeSet<&'static str> {
    let mut errors: BTreeSet<TrapCode> = row.errors.iter().copied().collect();
    errors.insert(TrapCode::FuelExhausted);
    if weighs(row) {
        errors.insert(TrapCode::MemoryLimit);
    }
    if takes_references(row) {
        errors.extend(super::probe::WAYS.iter().map(|way| way.code));
    }
    if takes_int64(row) {
        errors.insert(TrapCode::OutOfRange);
    }
    errors.into_iter().map(TrapCode::code).collect()
}
