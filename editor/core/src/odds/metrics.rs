//! What may be measured of a document's runs: completed while it is written, and judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::{GraphKind, InputKind, SourceDocument};
use statewright_harness::simulate::Metric;

use crate::command::Context;
use crate::paths::Scope;
use crate::paths::complete::Completion;

/// Events that nodes of a document send, where their type is written as text, with keys of their payloads.
pub fn sent(source: &SourceDocument) -> BTreeMap<Arc<str>, BTreeSet<Arc<str>>> {
    let mut found: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    let graphs = GraphKind::ALL.into_iter().flat_map(|kind| source.document.of_kind(kind));
    for node in graphs.flat_map(|graph| &graph.nodes).filter(|node| node.ty.text.starts_with("Emit")) {
        let of = |names: &[&str]| node.inputs.iter().find(|(name, _)| names.contains(&&*name.text));
        let Some((_, event)) = of(&["eventType", "event"]) else { continue };
        let InputKind::Text(kind) = &event.kind else { continue };
        let keys = found.entry(kind.clone()).or_default();
        if let Some((_, payload)) = of(&["payload", "data"])
            && let InputKind::Map(entries) = &payload.kind
        {
            keys.extend(entries.iter().map(|(key, _)| key.text.clone()));
        }
    }
    found
}

/// What `text` may go on with: state paths with and without effects, events and what is in them, what runs have.
pub fn complete(text: &str, source: &SourceDocument, context: &Context) -> Vec<Completion> {
    if let Some(event) = text.strip_prefix("event:") {
        return events(event, source);
    }
    let of_run = |begun: &str| {
        let names = Metric::names_of_run().filter(|name| name.starts_with(begun));
        names.map(|name| of(format!("run:{name}"), name, "of each run")).collect::<Vec<_>>()
    };
    if let Some(begun) = text.strip_prefix("run:") {
        return of_run(begun);
    }
    if let Some(path) = text.strip_prefix("effective:") {
        let found = paths(path, source, context).into_iter();
        return found.map(|found| Completion { text: format!("effective:{}", found.text), ..found }).collect();
    }
    let mut found = paths(text, source, context);
    let kinds =
        [("event:", "events that are sent"), ("effective:", "the state with effects"), ("run:", "the run itself")];
    let begun = kinds.iter().filter(|(prefix, _)| prefix.starts_with(text));
    found.extend(begun.map(|(prefix, docs)| of((*prefix).to_owned(), prefix, docs)));
    found
}

fn of(text: String, label: &str, docs: &str) -> Completion {
    Completion { text, label: label.to_owned(), ty: String::new(), docs: docs.to_owned() }
}

fn events(begun: &str, source: &SourceDocument) -> Vec<Completion> {
    let sent = sent(source);
    if let Some((kind, key)) = begun.split_once('.') {
        let keys = sent.get(kind).into_iter().flatten().filter(|known| known.starts_with(key));
        return keys
            .map(|known| of(format!("event:{kind}.{known}"), &format!(".{known}"), "of each such event"))
            .collect();
    }
    let mut found = Vec::new();
    for (kind, keys) in sent.iter().filter(|(kind, _)| kind.starts_with(begun)) {
        found.push(of(format!("event:{kind}"), kind, "how many of them are sent"));
        if !keys.is_empty() {
            found.push(of(format!("event:{kind}."), &format!("{kind}.…"), "what is in each of them"));
        }
    }
    found
}

fn paths(begun: &str, source: &SourceDocument, context: &Context) -> Vec<Completion> {
    // Any graph will do: metrics see nothing of it.
    let graph = GraphKind::ALL.into_iter().find_map(|kind| source.document.of_kind(kind).first());
    let scope = context
        .schema
        .as_deref()
        .zip(graph)
        .and_then(|(schema, graph)| Scope::new(schema, source.document.state_type.as_ref(), graph));
    scope.map_or_else(Vec::new, |scope| scope.complete_path(begun))
}

/// Reads a metric and looks whether it can be there; `over` of those that are measured after each step.
///
/// # Errors
/// What is wrong, as a sentence.
pub fn read(text: &str, over: bool, source: &SourceDocument, context: &Context) -> Result<Metric, String> {
    let metric = Metric::parse(text.trim())?;
    if over && !metric.is_of_state() {
        return Err(format!("`{metric}` is no state path, so it has no value after each step"));
    }
    let root = source.document.state_type.as_ref().map(|name| &*name.text);
    if let Some(schema) = context.schema.as_deref()
        && let Some(root) = schema.main_root(root)
    {
        metric.check(schema, root)?;
    }
    Ok(metric)
}
