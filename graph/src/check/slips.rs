//! What is allowed and was probably meant otherwise: texts that look like a reference with a misspelt scheme, and scheduled events
//! that nothing handles.

use std::collections::BTreeSet;

use statewright_types::schema::StructDef;
use statewright_types::suggest::{closest, did_you_mean};
use statewright_types::{Diagnostic, Span};

use super::codes;
use crate::document::{Document, Head, Input, InputKind, Reference, Scheme};
use crate::flow::Rows;

/// So many texts of a graph are compared with the schemes, and so many that are near one are looked into.
const MOST_TEXTS: usize = 10_000;
const MOST_NEAR: usize = 100;
/// The longest word before a colon that may be a scheme, with room for mistakes.
const LONGEST: usize = 12;

/// Warns of texts such as `parma:count`.
pub(crate) fn schemes(rows: &Rows<'_>, root: &StructDef, diagnostics: &mut Vec<Diagnostic>) {
    let (mut texts, mut near) = (MOST_TEXTS, MOST_NEAR);
    let mut inputs = Vec::new();
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        for (port, input) in &node.inputs {
            inputs.push(input);
            while let Some(Input { kind, span, constant }) = inputs.pop() {
                match kind {
                    // Who writes `constant` means the text.
                    _ if *constant => {}
                    InputKind::List(elements) => inputs.extend(elements.iter().rev()),
                    InputKind::Map(entries) => inputs.extend(entries.iter().rev().map(|(_, input)| input)),
                    InputKind::Text(text) => {
                        let Some((word, rest)) = word_before_colon(text) else { continue };
                        if texts == 0 || near == 0 {
                            return;
                        }
                        texts -= 1;
                        let Some(meant) = closest(word, names()) else { continue };
                        near -= 1;
                        if is_meant(rows, root, word, meant, rest) {
                            let message = format!("`{text}` is a text and no reference: there is no `{word}:`");
                            let help = format!(
                                "did you mean `{meant}:{rest}`? If it is meant as text, write {{\"constant\": \"…\"}}"
                            );
                            let diagnostic = Diagnostic::warning(codes::SCHEME, *span, message).help(help);
                            let mut diagnostic = rows.at_node(index, diagnostic);
                            diagnostic.place.port = Some(port.text.clone());
                            diagnostics.push(diagnostic);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What references begin with, without the colon.
fn names() -> impl Iterator<Item = &'static str> {
    Scheme::PREFIXES.iter().map(|(prefix, _)| prefix.trim_end_matches(':'))
}

/// The word and what follows it, of a text that has the look of a reference.
fn word_before_colon(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(':')?;
    let is_word = (1..=LONGEST).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word.then_some((word, rest))
}

/// Whether `word:rest` is likely to be meant as `meant:rest`: `mode:hard` is near `node:hard` and most often a text. So it has to name
/// something that is there, unless the letters are those of the scheme.
fn is_meant(rows: &Rows<'_>, root: &StructDef, word: &str, meant: &str, rest: &str) -> bool {
    let Ok(reference) = Reference::parse(&format!("{meant}:{rest}"), Span::default()) else { return false };
    let letters = |word: &str| {
        let mut letters = word.to_ascii_lowercase().into_bytes();
        letters.sort_unstable();
        letters
    };
    let graph = rows.graph;
    let is_there = || match (&reference.head, reference.scheme) {
        (Head::Output { node, .. }, _) => rows.by_id.contains_key(&**node),
        (Head::Name(name), Scheme::Param) => graph.parameters.iter().any(|parameter| parameter.name.text == *name),
        (Head::Name(name), Scheme::State | Scheme::Base) => root.field(name).is_some(),
        (Head::Name(name), Scheme::Variable) => graph.nodes.iter().any(|node| {
            let sets = |(_, input): &(_, Input)| matches!(&input.kind, InputKind::Text(text) if text == name);
            &*node.ty.text == "SetVariable" && node.inputs.iter().any(sets)
        }),
        (Head::Name(_) | Head::Loop { .. } | Head::Config { .. }, _) => true,
    };
    letters(word) == letters(meant) || is_there()
}

/// Warns of events that are scheduled by a name that no handler has and nobody waits for.
pub(crate) fn scheduled(document: &Document, all_rows: &[Rows<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let kinds = |wanted: &'static str| {
        all_rows.iter().flat_map(move |rows| {
            rows.graph.nodes.iter().zip(&rows.rows).enumerate().filter_map(move |(index, (node, row))| {
                let row = row.filter(|row| row.name == wanted)?;
                let is_kind = |name: &str| row.input(name).is_some_and(|port| port.name == "eventType");
                node.inputs.iter().find(|(name, _)| is_kind(&name.text)).map(|(_, input)| (rows, index, input))
            })
        })
    };
    let mut handled: BTreeSet<&str> = BTreeSet::new();
    for (_, _, input) in kinds("WaitForEvent") {
        match &input.kind {
            InputKind::Text(text) => handled.insert(text),
            // It may wait for anything.
            _ => return,
        };
    }
    handled.extend(document.handlers.iter().filter_map(|graph| graph.event.as_ref()).map(|event| &*event.text));
    let mut near = MOST_NEAR;
    for (rows, index, input) in kinds("Schedule") {
        let InputKind::Text(text) = &input.kind else { continue };
        if handled.contains(&**text) {
            continue;
        }
        let suggestion = near.checked_sub(1).and_then(|left| {
            near = left;
            did_you_mean(text, handled.iter().copied())
        });
        let message = format!("nothing handles `{text}`: it is scheduled, and then nothing happens");
        let help = suggestion.unwrap_or_else(|| "add a handler of this event, or remove the node".into());
        let diagnostic = Diagnostic::warning(codes::UNHANDLED, input.span, message).help(help);
        let mut diagnostic = rows.at_node(index, diagnostic);
        diagnostic.place.port = Some("eventType".into());
        diagnostics.push(diagnostic);
    }
}
