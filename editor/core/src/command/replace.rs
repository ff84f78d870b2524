//! Find and replace in the texts of a document.

use statewright_graph::document::{GraphAt, SourceDocument};
use statewright_types::Span;
use statewright_types::json::{Kind, NodeId, quote};

use super::Aside;
use super::place::GraphView;
use crate::draft::Draft;
use crate::refused::Refused;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The text.
    pub text: String,
    /// Whether large and small letters differ.
    pub match_case: bool,
    /// Whether nothing of a word may stand around it.
    pub whole_word: bool,
    /// Only in one graph.
    pub graph: Option<GraphAt>,
}

/// A string of a document with the text in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The string in the tree.
    pub place: NodeId,
    /// Where in the document's text the string stands.
    pub span: Span,
}

/// Where the text is in the values of a document: not in keys, and not in ids, types and edges, which have names of their own to
/// be renamed.
///
/// # Errors
/// There is no such graph, or nothing to look for.
pub fn find(source: &SourceDocument, query: &Query) -> Result<Vec<Hit>, Refused> {
    if query.text.is_empty() {
        return Err(Refused::new("there is nothing to look for", "write what to find"));
    }
    let tree = &source.tree;
    let within = match query.graph {
        Some(at) => GraphView::new(source, at)?.json,
        None => tree.root(),
    };
    let mut names = std::collections::HashSet::new();
    for graph in source.document.graphs() {
        names.insert(graph.name.span.start);
        names.extend(graph.nodes.iter().flat_map(|node| [node.id.span.start, node.ty.span.start]));
        names.extend(graph.edges.iter().flat_map(|edge| [edge.from.span.start, edge.to.span.start]));
    }
    let is_hit = |node: &NodeId| {
        tree.kind(*node) == Kind::String
            && !names.contains(&tree.span(*node).start)
            && tree.str(*node).is_some_and(|text| !matches(text, query).is_empty())
    };
    Ok(tree.descendants(within).filter(is_hit).map(|place| Hit { place, span: tree.span(place) }).collect())
}

/// Byte ranges of a text that match, from left to right, none overlapping.
pub fn matches(text: &str, query: &Query) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let width = rest.chars().next().map_or(1, char::len_utf8);
        match length(rest, query).filter(|length| !query.whole_word || is_word(text, at, at + length)) {
            Some(length) => {
                found.push((at, at + length));
                at += length;
            }
            None => at += width,
        }
    }
    found
}

/// A text with every match replaced; `None` if there is none.
pub fn replaced(text: &str, query: &Query, with: &str) -> Option<String> {
    let found = matches(text, query);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in &found {
        out.push_str(text.get(done..*start).unwrap_or(""));
        out.push_str(with);
        done = *end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    (!found.is_empty()).then_some(out)
}

/// How many bytes at the beginning of `text` are what is looked for.
fn length(text: &str, query: &Query) -> Option<usize> {
    if query.match_case {
        return text.starts_with(&query.text).then_some(query.text.len());
    }
    let mut wanted = query.text.chars().flat_map(char::to_lowercase).peekable();
    for (index, letter) in text.char_indices() {
        for lower in letter.to_lowercase() {
            if wanted.next()? != lower {
                return None;
            }
        }
        if wanted.peek().is_none() {
            return Some(index + letter.len_utf8());
        }
    }
    None
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    !before.is_some_and(part) && !after.is_some_and(part)
}

pub(super) fn replace(draft: &mut Draft<'_>, query: &Query, with: &str) -> Result<Aside, Refused> {
    let hits = find(draft.source(), query)?;
    if hits.is_empty() {
        return Err(Refused::new(format!("`{}` is nowhere", query.text), "look for something else"));
    }
    let tree = draft.tree();
    let replaced = |hit: &Hit| {
        let text = tree.str(hit.place)?;
        Some((hit.span, quote(&replaced(text, query, with)?)))
    };
    let replacements: Vec<_> = hits.iter().filter_map(replaced).collect();
    let remark = format!("{} texts changed", replacements.len());
    draft.replace(replacements);
    Ok(Aside { select: None, remarks: vec![remark] })
}
