//! What is wrong with a text that is no JSON: more than the first thing, where going on makes sense.
//!
//! Going on means: an error with a mechanical fix is mended in a copy, and the copy is read. An error without one ends
//! the search, and so does one of another kind on the same line as a fix before it: it may only follow from the fix.

use super::parse;
use crate::diagnostic::Fix;
use crate::{Diagnostic, Span};

/// How many problems are listed at most.
const LISTED: usize = 20;

/// Everything that can be said about `text`, in order; empty if it is JSON. The text is read once for each.
pub fn problems(text: &str) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = Vec::new();
    let mut mended = text.to_owned();
    let mut fixes: Vec<Fix> = Vec::new();
    while let Err(mut problem) = parse(mended.as_str()) {
        let fix = match problem.fix.as_slice() {
            [fix] => Some(fix.clone()),
            _ => None,
        };
        let back = |span: Span| Span { start: original(span.start, &fixes), end: original(span.end, &fixes) };
        problem.span = problem.span.map(back);
        for fix in &mut problem.fix {
            fix.span = back(fix.span);
        }
        let line = |span: Option<Span>| Span::line_column(text, span.unwrap_or_default().start).0;
        let behind = |last: &Diagnostic| line(problem.span) <= line(last.span);
        let doubtful =
            problems.last().is_some_and(|last| behind(last) && !(comma(text, last) && comma(text, &problem)));
        if doubtful {
            break;
        }
        let original = problem.fix.first().cloned();
        problems.push(problem);
        let (Some(fix), Some(original)) = (fix, original) else { break };
        if problems.len() >= LISTED || mended.get(fix.span.range()).is_none() {
            break;
        }
        mended.replace_range(fix.span.range(), &fix.text);
        fixes.push(original);
        fixes.sort_by_key(|fix| fix.span);
    }
    problems
}

/// Whether a comma is missing, or one too many: several of those may well stand on a line.
fn comma(text: &str, problem: &Diagnostic) -> bool {
    let is_comma = |fix: &Fix| fix.text == "," || text.get(fix.span.range()) == Some(",");
    problem.fix.first().is_some_and(is_comma)
}

/// The offset in the text as it was of an offset in the text with `fixes`, which stand in ascending order.
fn original(offset: u32, fixes: &[Fix]) -> u32 {
    let mut added: i64 = 0;
    for fix in fixes {
        let length = fix.text.len() as i64;
        let start = i64::from(fix.span.start) + added;
        if i64::from(offset) <= start {
            break;
        }
        if i64::from(offset) < start + length {
            return fix.span.start;
        }
        added += length - i64::from(fix.span.end - fix.span.start);
    }
    u32::try_from(i64::from(offset) - added).unwrap_or(0)
}
