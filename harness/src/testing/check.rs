//! Expectations on what the document's check says.

use statewright_types::json::{NodeId, Tree};
use statewright_types::{Severity, Value, json};

use super::compare::Difference;
use super::outcome::Failure;
use crate::project::Finding;

/// Compares the expected diagnostics at `node` with `findings`. Every entry must fit a finding, and every error must
/// fit an entry; so must every warning, if the list is empty or speaks of any warning.
pub fn check(tree: &Tree, node: NodeId, findings: &[Finding]) -> Option<Failure> {
    let entries: Vec<Value> = tree.elements(node).iter().map(|entry| tree.value(*entry)).collect();
    let fits = |entry: &Value, finding: &Finding| {
        let Value::Map(keys) = entry else { return false };
        let found = found(finding);
        keys.iter().all(|(key, value)| found.get(key) == Some(value))
    };
    let of_warning = |entry: &Value| findings.iter().any(|finding| !finding.is_error() && fits(entry, finding));
    let strict = entries.is_empty() || entries.iter().any(|entry| spells_warning(entry) || of_warning(entry));
    let mut differences = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if !findings.iter().any(|finding| fits(entry, finding)) {
            let expected = json::to_string(entry);
            differences.push(Difference { at: format!("[{index}]"), expected, found: "nothing like it".to_owned() });
        }
    }
    for finding in findings.iter().filter(|finding| strict || finding.is_error()) {
        if !entries.iter().any(|entry| fits(entry, finding)) {
            let found = format!("{} ({})", json::to_string(&found(finding)), finding.diagnostic.message);
            differences.push(Difference { at: String::new(), expected: "nothing".to_owned(), found });
        }
    }
    (!differences.is_empty()).then(|| Failure {
        at: "check".to_owned(),
        action: String::new(),
        what: "diagnostics".to_owned(),
        span: tree.span(node),
        differences,
        notes: Vec::new(),
        rewrite: Some(rewrite(findings)),
    })
}

fn spells_warning(entry: &Value) -> bool {
    let is = |key: &str, test: &dyn Fn(&str) -> bool| matches!(entry.get(key), Some(Value::Str(text)) if test(text));
    is("severity", &|text| text == Severity::Warning.to_string()) || is("code", &|text| text.starts_with('W'))
}

/// A finding with the keys that an entry may have.
fn found(finding: &Finding) -> Value {
    let diagnostic = &finding.diagnostic;
    let mut entries =
        vec![("code", Value::from(diagnostic.code)), ("severity", diagnostic.severity.to_string().into())];
    let place = &diagnostic.place;
    for (key, name) in [("handler", &place.handler), ("node", &place.node), ("port", &place.port)] {
        entries.extend(name.clone().map(|name| (key, Value::Str(name))));
    }
    Value::map(entries)
}

fn rewrite(findings: &[Finding]) -> Value {
    let entry = |finding: &Finding| match found(finding) {
        Value::Map(keys) => Value::Map(keys.into_iter().filter(|(key, _)| matches!(&**key, "code" | "node")).collect()),
        other => other,
    };
    Value::List(findings.iter().map(entry).collect())
}
