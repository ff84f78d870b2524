//! Findings as JSON: `{"diagnostics":[{"code","severity","file","line","column","handler","node","port","message","help","fix"}]}`.
//!
//! `fix` is a list of replacements, `{"start","end","text"}`: bytes of the file's text, and what belongs there. Those of one
//! finding belong together; the list is empty where a fix is not mechanical.

use statewright_types::diagnostic::Fix;
use statewright_types::{Value, json};

use crate::project::Finding;

/// One finding. What is not known is null; line and column count from 1.
pub fn finding_value(finding: &Finding) -> Value {
    let diagnostic = &finding.diagnostic;
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let number = |number: Option<usize>| number.map_or(Value::Null, |number| Value::uint(number as u64));
    let (line, column) = finding.line_column().unzip();
    Value::map([
        ("code", Value::from(diagnostic.code)),
        ("severity", Value::from(diagnostic.severity.to_string())),
        ("file", Value::from(finding.source.name.as_str())),
        ("line", number(line)),
        ("column", number(column)),
        ("handler", text(diagnostic.place.handler.as_deref())),
        ("node", text(diagnostic.place.node.as_deref())),
        ("port", text(diagnostic.place.port.as_deref())),
        ("message", Value::from(diagnostic.message.as_str())),
        ("help", text(diagnostic.help.as_deref())),
        ("fix", Value::List(diagnostic.fix.iter().map(fix_value).collect())),
    ])
}

fn fix_value(fix: &Fix) -> Value {
    Value::map([
        ("start", Value::Int(i64::from(fix.span.start))),
        ("end", Value::Int(i64::from(fix.span.end))),
        ("text", Value::from(fix.text.as_str())),
    ])
}

/// All of them, as one JSON text.
pub fn findings_json(findings: &[Finding]) -> String {
    json::to_pretty(&Value::map([("diagnostics", Value::List(findings.iter().map(finding_value).collect()))]))
}
