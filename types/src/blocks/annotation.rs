//! What stands behind an `@`: its name and its value.

use crate::schema::codes;
use crate::schema::raw::Name;
use crate::{Diagnostic, Help, Span, suggest};

/// An annotation as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Annotation<'a> {
    /// Without the `@`.
    pub(crate) name: &'a str,
    /// What stands between the parentheses, if there are any, spaces around it removed.
    pub(crate) value: Option<&'a str>,
    /// Where the value stands; else the whole.
    pub(crate) value_span: Span,
    /// All of it.
    pub(crate) span: Span,
}

impl<'a> Annotation<'a> {
    /// The token at `span` of `text`.
    pub(crate) fn read(text: &'a str, span: Span) -> Annotation<'a> {
        let token = text.get(span.range()).unwrap_or_default();
        let token = token.strip_prefix('@').unwrap_or(token);
        let Some((name, value)) = token.split_once('(') else {
            return Annotation { name: token, value: None, value_span: span, span };
        };
        // One that is not closed was reported by the lexer.
        let value = value.strip_suffix(')').unwrap_or(value);
        let trimmed = value.trim();
        let start = span.start as usize + 1 + name.len() + 1 + (value.len() - value.trim_start().len());
        Annotation { name, value: Some(trimmed), value_span: Span::new(start, start + trimmed.len()), span }
    }

    /// The value, or the report that it is missing. `example` is the whole annotation.
    pub(crate) fn required(&self, example: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Name> {
        match self.value.filter(|value| !value.is_empty()) {
            Some(value) => Some(Name::new(value, self.value_span)),
            None => {
                let message = format!("`@{}` lacks its value", self.name);
                diagnostics.push(self.bad(message, format!("write it as in `{example}`")));
                None
            }
        }
    }

    /// Reports a value where none belongs.
    pub(crate) fn bare(&self, diagnostics: &mut Vec<Diagnostic>) {
        if self.value.is_some() {
            let message = format!("`@{}` takes no value", self.name);
            diagnostics.push(self.bad(message, format!("write `@{}` alone", self.name)));
        }
    }

    pub(crate) fn bad(&self, message: String, help: String) -> Diagnostic {
        Diagnostic::error(codes::BAD_ANNOTATION, self.value_span, message).help(help)
    }

    pub(crate) fn unknown(&self, here: &[&str], there: &[&str], place: &str) -> Diagnostic {
        let message = match self.name {
            "" => "an `@` without a name has no effect".to_owned(),
            name if there.contains(&name) => format!("`@{name}` has no effect on a {place}"),
            name => format!("the annotation `@{name}` is unknown and has no effect"),
        };
        let near = suggest::closest(self.name, here.iter().copied());
        let list = here.iter().map(|name| format!("`@{name}`")).collect::<Vec<_>>().join(", ");
        let help = match near {
            Some(near) => Help::from(format!("did you mean `@{near}`?")).and_spell(self.name, near),
            None if here.is_empty() => "remove it".into(),
            None => format!("a {place} takes {list}").into(),
        };
        Diagnostic::warning(codes::UNKNOWN_ANNOTATION, self.span, message).help(help)
    }
}

/// Reports annotations of a kind that stand twice; later ones win. `kind` tells what an annotation says something about,
/// `None` for one that is not known.
pub(crate) fn twice<'a>(
    annotations: &[Annotation<'a>],
    kind: impl Fn(&'a str) -> Option<&'a str>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (index, annotation) in annotations.iter().enumerate().take(64) {
        let Some(own) = kind(annotation.name) else { continue };
        if annotations.iter().take(index).any(|other| kind(other.name) == Some(own)) {
            let message = format!("`@{}` stands twice, or contradicts another annotation", annotation.name);
            let finding = Diagnostic::error(codes::BAD_ANNOTATION, annotation.span, message);
            diagnostics.push(finding.help("keep one of them"));
        }
    }
}
