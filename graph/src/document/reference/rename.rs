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

/// `text` with the node `old` called `new`; `None` if it does not mention `old`.
pub(in crate::document) fn rename_node(text: &str, form: Form, old: &str, new: &str) -> Option<String> {
    let renamed = match form {
        Form::Reference => in_reference(text, old, new),
        Form::Source => match text.strip_prefix(old).filter(|rest| rest.starts_with(':')) {
            Some(rest) if Scheme::of(text).is_none() => format!("{new}{}", in_reference(rest, old, new)),
            _ => in_reference(text, old, new),
        },
        Form::Template => in_template(text, old, new)?,
    };
    (renamed != text).then_some(renamed)
}

fn in_template(text: &str, old: &str, new: &str) -> Option<String> {
    let mut renamed = String::with_capacity(text.len());
    let mut done = 0;
    for piece in pieces(text).ok()? {
        if let Piece::Value(range) = piece {
            renamed.push_str(text.get(done..range.start)?);
            renamed.push_str(&in_reference(text.get(range.clone())?, old, new));
            done = range.end;
        }
    }
    renamed.push_str(text.get(done..)?);
    Some(renamed)
}

/// A reference begins at the start of the text and behind each `[` that is not quoted.
fn in_reference(text: &str, old: &str, new: &str) -> String {
    let mut renamed = String::with_capacity(text.len());
    let mut at = 0;
    let mut begins = true;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if begins && let Some(length) = mention(rest, old, at > 0) {
            renamed.push_str(rest.get(..length).unwrap_or(""));
            renamed.push_str(new);
            at += length + old.len();
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
