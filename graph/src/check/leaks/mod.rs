//! Secrecy (R9): values are followed from fields that not everybody sees, through the IR, to events and to fields
//! that more viewers see.
//!
//! The analysis runs on lowered functions, so nodes, functions, variables, templates, literals and state are all one
//! thing to it: SSA values. It follows values, not control (which branch ran tells something too, and is not counted).
//! Each function is summarised once, callees first: what its result carries, and which of its parameters reach whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_types::schema::Audience;
use statewright_types::{Diagnostic, Schema, StructId, Type};

use super::codes;
use crate::document::Graph;
use crate::ir::verify::callees;
use crate::ir::{Function, FunctionRole, Module, NodeTag, Op, Value};

pub(crate) mod baked;
mod flow;
pub(in crate::check) mod identity;
mod sinks;

use flow::Follow;

/// Where something secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// A field that not everybody sees, of that record (its canonical value, where it is known).
    Field { ty: StructId, field: u32, record: Option<Value> },
    /// Whatever the caller gives for that parameter.
    Param(u32),
    /// A field of it: what the caller put there, but not the rest of the struct.
    Part(u32),
}

impl Source {
    /// The source of a field of what has this source.
    fn part(self) -> Source {
        match self {
            Source::Param(index) => Source::Part(index),
            other => other,
        }
    }
}

/// Sources of a value, each with the value that it came by, for the path in the message.
type Taint = BTreeMap<Source, Option<Value>>;

/// Sources of one value at most; a value mixed from more is reported for these.
const MAX_SOURCES: usize = 16;

/// How many graphs a value is followed through by scheduled events and filters.
const ROUNDS: usize = 6;

/// Who a value reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Everybody, or at least others than one player.
    All,
    /// One player, named by that value of the function.
    Player(Value),
    /// Those who see a field: all audiences of the places it stands in, of that record.
    Field { audiences: Vec<AudienceKey>, ty: StructId, field: u32, record: Option<Value> },
}

/// An audience that can be ordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AudienceKey {
    Nobody,
    Owner,
    Team,
    Admin,
    Named(Arc<str>),
}

fn keys(audience: &[Audience]) -> Vec<AudienceKey> {
    let key = |audience: &Audience| match audience {
        Audience::Nobody => AudienceKey::Nobody,
        Audience::Owner => AudienceKey::Owner,
        Audience::Team => AudienceKey::Team,
        Audience::Admin => AudienceKey::Admin,
        Audience::Named(name) => AudienceKey::Named(name.clone()),
    };
    audience.iter().map(key).collect()
}

/// What callers need to know of a function.
#[derive(Clone, Debug, Default, PartialEq)]
struct Summary {
    /// Sources of its result; records are unknown outside.
    result: BTreeSet<Source>,
    /// Parameters, or fields of them, that reach somebody.
    sinks: BTreeSet<(Source, Reach)>,
}

/// A leak that was found.
struct Leak {
    source: Source,
    reach: Reach,
    /// The node that lets it out.
    node: NodeTag,
    /// Nodes that it came by, first to last.
    path: Vec<NodeTag>,
    /// The function that lets it out, if it is a callee.
    through: Option<Arc<str>>,
}

/// Warns of every value of a module that reaches someone who may not see where it comes from.
pub(crate) fn check(module: &Module, graphs: &[&Graph], diagnostics: &mut Vec<Diagnostic>) {
    let restricted = module.schema.types().iter().any(|def| def.fields.iter().any(|field| !field.audience.is_empty()));
    if !restricted {
        return;
    }
    let mut summaries: Vec<Option<Summary>> = vec![None; module.functions.len()];
    let order = callees_first(module);
    let indirect = module.functions.iter().flat_map(|function| &function.blocks).flat_map(|block| &block.insts);
    // Scheduled events and filters lead to graphs that need not come before, in circles even.
    let rounds =
        if indirect.into_iter().any(|inst| matches!(inst.op, Op::Schedule | Op::FilterAdd)) { ROUNDS } else { 1 };
    for round in 1..=rounds {
        let before = summaries.clone();
        let mut found = Vec::new();
        for index in &order {
            let function = &module.functions[*index];
            let sender = sender_alias(graphs[*index], function);
            let follow = Follow::new(module, function, &summaries, sender);
            let (summary, leaks) = sinks::judge(&follow);
            found.extend(leaks.iter().map(|leak| report(&module.schema, function, graphs[*index], leak)));
            summaries[*index] = Some(summary);
        }
        if round == rounds || summaries == before {
            diagnostics.extend(found);
            return;
        }
    }
}

/// Functions such that each comes after those it calls.
pub(in crate::check) fn callees_first(module: &Module) -> Vec<usize> {
    let calls = |index: usize| -> Vec<usize> { callees(&module.functions[index]).collect() };
    let mut order = Vec::with_capacity(module.functions.len());
    let mut seen = vec![false; module.functions.len()];
    for start in 0..module.functions.len() {
        let mut stack = vec![(start, false)];
        while let Some((at, done)) = stack.pop() {
            if done {
                order.push(at);
            } else if !std::mem::replace(&mut seen[at], true) {
                stack.push((at, true));
                stack.extend(calls(at).into_iter().filter(|callee| !seen[*callee]).map(|callee| (callee, false)));
            }
        }
    }
    order
}

/// The parameter that permissions make equal to the sender (R7.5).
pub(in crate::check) fn sender_alias(graph: &Graph, function: &Function) -> Option<usize> {
    if !matches!(function.role, FunctionRole::Handler { .. }) {
        return None;
    }
    let name = graph.permissions.as_ref()?.player_param.as_ref()?;
    function.params.iter().position(|param| param.name == name.text)
}

fn report(schema: &Schema, function: &Function, graph: &Graph, leak: &Leak) -> Diagnostic {
    let node = function.node_id(leak.node);
    let found = graph.nodes.iter().find(|candidate| candidate.id.text == *node);
    let span = found.map_or(graph.name.span, |node| node.id.span);
    let (what, seen_by) = match leak.source {
        Source::Field { ty, field, .. } => {
            let def = schema.get(ty);
            let field = &def.fields[field as usize];
            (format!("`{}.{}`", def.name, field.name), words(&keys(&field.audience)))
        }
        Source::Param(_) | Source::Part(_) => ("a parameter".to_owned(), "its caller".to_owned()),
    };
    let to = match &leak.reach {
        Reach::All => "everybody".to_owned(),
        Reach::Player(_) => "a player who need not be the owner".to_owned(),
        Reach::Field { ty, field, audiences, .. } => {
            let def = schema.get(*ty);
            let who = if audiences.is_empty() { "everybody".to_owned() } else { words(audiences) };
            format!("`{}.{}`, which {who} may see", def.name, def.fields[*field as usize].name)
        }
    };
    let mut path: Vec<&str> =
        leak.path.iter().map(|tag| &**function.node_id(*tag)).filter(|id| !id.is_empty()).collect();
    path.dedup();
    let path = if path.is_empty() { String::new() } else { format!(" (by way of {})", path.join(" → ")) };
    let through = leak.through.as_ref().map_or(String::new(), |name| format!(" in function `{name}`"));
    let only = if seen_by == "nobody" { "" } else { "only " };
    let message = format!("{what}, which {only}{seen_by} may see, reaches {to}{through}{path}");
    let help = "send it to its owner only, give the field it goes to the same `@view`, or put a Reveal node before it if it is meant to be known";
    let mut diagnostic = Diagnostic::warning(codes::LEAK, span, message).help(help);
    diagnostic.place.handler = Some(graph.name.text.clone());
    diagnostic.place.node = Some(node.clone());
    diagnostic
}

fn words(audiences: &[AudienceKey]) -> String {
    let word = |audience: &AudienceKey| match audience {
        AudienceKey::Nobody => "nobody".to_owned(),
        AudienceKey::Owner => "its owner".to_owned(),
        AudienceKey::Team => "its team".to_owned(),
        AudienceKey::Admin => "an admin".to_owned(),
        AudienceKey::Named(name) => format!("the view `{name}`"),
    };
    audiences.iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// The restricted fields that a value of this type shows when it is sent or stored as a whole.
fn inherent(schema: &Schema, ty: &Type, value: Value) -> Vec<Source> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut work = vec![(ty.clone(), Some(value))];
    while let Some((ty, record)) = work.pop() {
        match ty {
            Type::Struct(id) => {
                if !seen.insert(id) {
                    continue;
                }
                for (index, field) in schema.get(id).fields.iter().enumerate() {
                    if field.audience.is_empty() {
                        work.push((field.ty.clone(), None));
                    } else {
                        found.push(Source::Field { ty: id, field: index as u32, record });
                    }
                }
            }
            Type::Nullable(inner) => work.push((Type::clone(&inner), record)),
            Type::List(inner) | Type::Map(_, inner) => work.push((Type::clone(&inner), None)),
            Type::Record(record) => work.extend(record.fields.iter().map(|(_, ty)| (ty.clone(), None))),
            _ => {}
        }
    }
    found
}
