//! Another name for a node in the texts that refer to it. Everything else in them stays as it is written.

use statewright_types::json::decode_string;

use super::parse::{Piece, pieces};
use super::{LOOP_VALUES, Scheme};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::document) enum Form {
    /// A reference or a path.
    Reference,
    /// The text of `{"source": "…"}`, where `node:` may be missing.
    Source,
    /// The text of `{"template": "…"}`.
    Template,
}

/// What is renamed in the mentions of a node.
#[derive(Clone, Copy, Debug)]
pub(in crate::document) enum Renamed<'a> {
    /// The node: its new id.
    Node(&'a str),
    /// An output: its old and its new name.
    Output(&'a str, &'a str),
}

#[cfg(test)]
/// `text` with the node `old` called `new`; `None` if it does not mention `old`.
pub(in crate::document) fn rename_node(text: &str, form: Form, old: &str, new: &str) -> Option<String> {
    rename(text, form, old, Renamed::Node(new))
}

/// `text` with what is to be renamed at its mentions of the node `id`; `None` if that changes nothing.
pub(in crate::document) fn rename(text: &str, form: Form, id: &str, to: Renamed<'_>) -> Option<String> {
    let renamed = match form {
        Form::Reference => in_reference(text, id, to),
        Form::Source
            if Scheme::of(text).is_none() && text.strip_prefix(id).is_some_and(|rest| rest.starts_with(':')) =>
        {
            let prefix = Scheme::Node.prefix();
            in_reference(&format!("{prefix}{text}"), id, to).strip_prefix(prefix)?.to_owned()
        }
        Form::Source => in_reference(text, id, to),
        Form::Template => in_template(text, id, to)?,
    };
    (renamed != text).then_some(renamed)
}

fn in_template(text: &str, id: &str, to: Renamed<'_>) -> Option<String> {
    let mut renamed = String::with_capacity(text.len());
    let mut done = 0;
    for piece in pieces(text).ok()? {
        if let Piece::Value(range) = piece {
            renamed.push_str(text.get(done..range.start)?);
            renamed.push_str(&in_reference(text.get(range.clone())?, id, to));
            done = range.end;
        }
    }
    renamed.push_str(text.get(done..)?);
    Some(renamed)
}

/// A reference begins at the start of the text and behind each `[` that is not quoted.
fn in_reference(text: &str, id: &str, to: Renamed<'_>) -> String {
    let mut renamed = String::with_capacity(text.len());
    let mut at = 0;
    let mut begins = true;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if begins
            && let Some(length) = mention(rest, id, at > 0)
            && let Some((kept, gone, new)) = replaced(rest, length, id, to)
        {
            renamed.push_str(rest.get(..kept).unwrap_or(""));
            renamed.push_str(new);
            at += kept + gone;
            begins = false;
            continue;
        }
        let width = match rest.as_bytes().first() {
            Some(b'"') => decode_string(text, at).map_or(rest.len(), |(_, end)| end - at),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        begins = rest.starts_with('[');
        renamed.push_str(rest.get(..width).unwrap_or(""));
        at += width;
    }
    renamed
}

/// In a mention whose id begins at `length`: how many bytes stay, how many after these go, and what stands for them.
fn replaced<'a>(text: &str, length: usize, id: &str, to: Renamed<'a>) -> Option<(usize, usize, &'a str)> {
    match to {
        Renamed::Node(new) => Some((length, id.len(), new)),
        Renamed::Output(old, new) => {
            let kept = length + id.len() + 1;
            let rest = text.get(kept..)?.strip_prefix(old)?;
            let ends = rest.trim_end().is_empty() || rest.starts_with(['.', '[', ']', ':']);
            (ends && Scheme::of(text)?.0 == Scheme::Node).then_some((kept, old.len(), new))
        }
    }
}

/// If `text` begins with a reference to the node `id`: the bytes before the id.
fn mention(text: &str, id: &str, in_brackets: bool) -> Option<usize> {
    let (scheme, length) = Scheme::of(text)?;
    let names_node = match scheme {
        Scheme::Node => true,
        Scheme::Loop => !in_brackets || !LOOP_VALUES.contains(&id),
        _ => false,
    };
    let rest = text.get(length..)?.strip_prefix(id)?;
    (names_node && rest.starts_with(':')).then_some(length)
}
