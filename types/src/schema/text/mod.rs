//! The `.schema` language: `docs/schema.md` is its description for authors.
//!
//! A file is lines of `package NAME`, types, views and comments. Reading it never fails in the middle: what is
//! wrong is reported and skipped.

mod annotation;
mod parser;
mod print;

pub(crate) use annotation::writer;
pub(crate) use print::audience_name;
pub use print::to_text;

use super::Schema;
use crate::diagnostic::has_errors;
use crate::{Diagnostic, Limits, Span, blocks};

/// Reads the text of a `.schema` file. The schema is there unless a finding is an error. Linear in the text.
pub fn parse(text: &str) -> (Option<Schema>, Vec<Diagnostic>) {
    if text.len() > Limits::FILE_BYTES {
        let message = format!("the schema has {} bytes, more than the {} allowed", text.len(), Limits::FILE_BYTES);
        let finding = Diagnostic::error(super::codes::TOO_MUCH, Span::default(), message);
        return (None, vec![finding.help("split it")]);
    }
    let (raw, mut diagnostics) = parser::parse(text);
    if has_errors(&diagnostics) && raw.types.is_empty() {
        // That there is no type would only repeat it.
        return (None, diagnostics);
    }
    let (schema, findings) = Schema::build(&raw);
    diagnostics.extend(findings);
    diagnostics.sort_by_key(|finding| finding.span);
    (schema.filter(|_| !has_errors(&diagnostics)), diagnostics)
}

/// `text` in the canonical layout. Formatting the result again changes nothing. The errors say why it is no schema.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    blocks::format(text, "type", parse)
}
