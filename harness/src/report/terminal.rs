//! Findings for a terminal: code, message, the source line with the place marked, and what to do.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use statewright_types::{Place, Severity, Span};

use crate::project::Finding;
use crate::project::source::count;

/// How a report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether there are escape codes for colours.
    pub colours: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Self {
        Look { colours: false, width: 120 }
    }
}

/// Bytes of a line that are shown at most on either side of the place; documents may be one long line.
const AROUND: usize = 400;

/// All findings, one after the other; ends with a newline unless there are none.
pub fn render(findings: &[Finding], look: Look) -> String {
    let renderer = if look.colours { Renderer::styled() } else { Renderer::plain() }.term_width(look.width);
    let mut out = String::new();
    for finding in findings {
        out.push_str(&renderer.render(&[group(finding)]));
        out.push_str("\n\n");
    }
    out
}

/// `2 errors, 1 warning`, or `no problems`.
pub fn summary(findings: &[Finding]) -> String {
    let (errors, warnings) = count(findings);
    let plural = |count: usize, noun: &str| match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    };
    let parts: Vec<String> = [plural(errors, "error"), plural(warnings, "warning")].into_iter().flatten().collect();
    if parts.is_empty() { "no problems".to_owned() } else { parts.join(", ") }
}

fn group(finding: &Finding) -> Group<'_> {
    let diagnostic = &finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
    let mut group = match diagnostic.span {
        None => title.element(Origin::path(&finding.source.name)),
        Some(span) => {
            let excerpt = Excerpt::of(&finding.source.text, span);
            if excerpt.whole {
                let mark = AnnotationKind::Primary.span(excerpt.mark);
                title.element(
                    Snippet::source(excerpt.text).line_start(excerpt.line).path(&finding.source.name).annotation(mark),
                )
            } else {
                let (line, column) = Span::line_column(&finding.source.text, span.start);
                let origin = Origin::path(&finding.source.name).line(line).char_column(column);
                let mark = AnnotationKind::Primary.span(excerpt.mark);
                title.element(origin).element(Snippet::source(excerpt.text).line_start(line).annotation(mark))
            }
        }
    };
    if let Some(place) = place_text(&diagnostic.place) {
        group = group.element(Level::NOTE.message(place));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// `in handler CardPlayed, node getPlayer, port path`
fn place_text(place: &Place) -> Option<String> {
    let parts = [("graph", &place.handler), ("node", &place.node), ("port", &place.port)];
    let named: Vec<String> =
        parts.iter().filter_map(|(noun, name)| name.as_ref().map(|name| format!("{noun} `{name}`"))).collect();
    (!named.is_empty()).then(|| format!("in {}", named.join(", ")))
}

/// The line on which a span begins, or the part of it around the span if it is very long.
struct Excerpt<'a> {
    text: &'a str,
    line: usize,
    mark: Range<usize>,
    whole: bool,
}

impl<'a> Excerpt<'a> {
    fn of(text: &'a str, span: Span) -> Excerpt<'a> {
        let start = floor(text, span.start as usize);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let line_end = if text[line_start..line_end].ends_with('\r') { (line_end - 1).max(start) } else { line_end };
        // A span over several lines is marked to the end of its first one: the beginning is what people look for.
        let end = floor(text, span.end as usize).clamp(start, line_end);
        let from = line_start.max(floor(text, start.saturating_sub(AROUND)));
        let to = line_end.min(floor(text, end.min(start + AROUND) + AROUND));
        let (line, _) = Span::line_column(text, span.start);
        let whole = from == line_start;
        Excerpt { text: &text[from..to], line, mark: start - from..end.min(to) - from, whole }
    }
}

/// The character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use expect_test::{Expect, expect};
    use statewright_types::Diagnostic;

    use super::*;
    use crate::project::Source;

    fn check(text: &str, place: &str, expected: Expect) {
        let start = text.find(place).unwrap_or(text.len());
        let source = Arc::new(Source::inline("game.json", text));
        let mut diagnostic =
            Diagnostic::error("E020", Span::new(start, start + place.len()), "there is no node type `Ad`")
                .help("did you mean `Add`?");
        diagnostic.place.node = Some("sum".into());
        expected.assert_eq(&render(&source.findings([diagnostic]), Look::default()));
    }

    #[test]
    fn the_place_is_marked_in_its_line() {
        check(
            "{\n  \"type\": \"Ad\",\n  \"inputs\": {}\n}\n",
            "\"Ad\"",
            expect![[r#"
                error[E020]: there is no node type `Ad`
                 --> game.json:2:11
                  |
                2 |   "type": "Ad",
                  |           ^^^^
                  |
                  = note: in node `sum`
                  = help: did you mean `Add`?

            "#]],
        );
    }

    #[test]
    fn only_the_first_line_of_a_large_span_is_marked() {
        check(
            "[\n  {\"id\": 1,\r\n   \"x\": 2}\n]",
            "{\"id\": 1,\r\n   \"x\": 2}",
            expect![[r#"
                error[E020]: there is no node type `Ad`
                 --> game.json:2:3
                  |
                2 |   {"id": 1,
                  |   ^^^^^^^^^
                  |
                  = note: in node `sum`
                  = help: did you mean `Add`?

            "#]],
        );
    }

    #[test]
    fn spans_outside_of_the_text_and_inside_of_characters_are_shown_somewhere() {
        let source = Arc::new(Source::inline("x", "äöü\näöü"));
        for start in 0..20 {
            for end in 0..20 {
                let diagnostic = Diagnostic::warning("W001", Span::new(start, end), "odd");
                let shown = render(&source.findings([diagnostic]), Look::default());
                assert!(shown.contains("warning[W001]: odd"), "{shown}");
            }
        }
    }

    #[test]
    fn a_very_long_line_is_cut() {
        let text = format!("[{}\"Ad\"{}]", "1, ".repeat(100_000), ", 1".repeat(100_000));
        let start = text.find("\"Ad\"").unwrap_or(0);
        let source = Arc::new(Source::inline("x", text));
        let shown =
            render(&source.findings([Diagnostic::error("E1", Span::new(start, start + 4), "odd")]), Look::default());
        assert!(shown.len() < 2_000, "{}", shown.len());
        assert!(shown.contains("x:1:300002"), "{shown}");
    }

    #[test]
    fn summaries_count() {
        let source = Arc::new(Source::inline("x", ""));
        let (error, warning) =
            (Diagnostic::error("E1", Span::default(), ""), Diagnostic::warning("W1", Span::default(), ""));
        assert_eq!(summary(&[]), "no problems");
        assert_eq!(summary(&source.findings([error.clone(), warning, error])), "2 errors, 1 warning");
    }
}
