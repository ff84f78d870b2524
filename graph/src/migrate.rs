//! Deprecated node types become what replaces them: types, ports and what refers to them, all else in a document's text
//! stays as it is.

use std::borrow::Cow;

use statewright_types::Diagnostic;
use statewright_types::diagnostic::has_errors;
use statewright_types::host::HostDeclarations;
use statewright_types::json::quote;

use crate::document::{Document, EditError, GraphAt, GraphKind, SourceDocument};
use crate::node::{NodeRow, lookup};

/// How many replacements follow one another at most.
const MOST_STEPS: usize = 16;

/// The row of a node type that a deprecated one is replaced by, if that is known.
pub(crate) fn replacement(row: &NodeRow, hosts: &HostDeclarations) -> Option<&'static NodeRow> {
    row.deprecated?;
    lookup(row.replaced_by?, hosts).filter(|new| new.name != row.name)
}

/// A document's text with its deprecated node types replaced; any other JSON, and a document whose shape is wrong, as it is.
///
/// # Errors
/// It is no JSON.
pub fn text<'t>(text: &'t str, hosts: &HostDeclarations) -> Result<Cow<'t, str>, Diagnostic> {
    let mut source = SourceDocument::parse(text)?;
    let migrated = !has_errors(&source.diagnostics) && migrate(&mut source, hosts).unwrap_or(false);
    Ok(if migrated { Cow::Owned(source.tree.source().to_owned()) } else { Cow::Borrowed(text) })
}

/// Replaces the deprecated node types of a document. Whether there were any.
///
/// # Errors
/// Never for a document that was loaded without errors.
pub fn migrate(source: &mut SourceDocument, hosts: &HostDeclarations) -> Result<bool, EditError> {
    let mut changed = false;
    for _ in 0..MOST_STEPS {
        let due = due(&source.document, hosts);
        if due.is_empty() {
            break;
        }
        changed = true;
        let mut replacements = Vec::new();
        for (at, id, row, new) in &due {
            let graph = source.document.of_kind(at.kind).get(at.index);
            let Some(node) = graph.and_then(|graph| graph.nodes.iter().find(|node| *node.id.text == **id)) else {
                continue;
            };
            replacements.push((node.ty.span, quote(new.name)));
            let ports = node.inputs.iter().map(|(port, _)| port).chain(node.outputs.iter().map(|output| &output.port));
            let named = ports.filter_map(|port| Some((port.span, renamed(row, &port.text)?)));
            replacements.extend(named.map(|(span, name)| (span, quote(name))));
        }
        source.replace(replacements)?;
        for (at, id, row, _) in &due {
            let outputs = row.renamed_ports.iter().filter(|(old, _)| row.output(old).is_some());
            for (old, new) in outputs {
                source.rename_output(*at, id, old, new)?;
            }
        }
    }
    Ok(changed)
}

/// What a port is called in the replacement, if otherwise.
fn renamed(row: &NodeRow, port: &str) -> Option<&'static str> {
    row.renamed_ports.iter().find(|(old, _)| *old == port).map(|(_, new)| *new)
}

/// Nodes with their graph, id, row and the row that replaces it.
type Due = (GraphAt, String, &'static NodeRow, &'static NodeRow);

fn due(document: &Document, hosts: &HostDeclarations) -> Vec<Due> {
    let mut due = Vec::new();
    for kind in [GraphKind::Handler, GraphKind::Function, GraphKind::Filter, GraphKind::Effect] {
        for (index, graph) in document.of_kind(kind).iter().enumerate() {
            for node in &graph.nodes {
                if let Some(row) = lookup(&node.ty.text, hosts)
                    && let Some(new) = replacement(row, hosts)
                {
                    due.push((GraphAt { kind, index }, node.id.text.to_string(), row, new));
                }
            }
        }
    }
    due
}

#[cfg(test)]
mod tests;
