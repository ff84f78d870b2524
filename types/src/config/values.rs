//! What is given for a configuration, checked against it.

use std::sync::Arc;

use super::{Config, Field, Values, codes};
use crate::json::{Kind, NodeId, Tree};
use crate::{Diagnostic, Help, Span, Value};

impl Config {
    /// What holds where nothing is given: defaults, and nothing for what must be given.
    pub fn defaults(&self) -> Values {
        self.fields().filter_map(|field| Some((field.path.clone(), field.default.clone()?))).collect()
    }

    /// The defaults with `given` over them. Findings about what is given have no span; those about what is not point into
    /// the configuration's own text.
    pub fn complete(&self, given: &Values) -> Result<Values, Vec<Diagnostic>> {
        let mut values = self.defaults();
        let mut findings = Vec::new();
        for (path, value) in given {
            match self.field(path).map(|field| (field, field.fit(value))) {
                Some((field, Ok(value))) => drop(values.insert(field.path.clone(), value)),
                Some((field, Err(problem))) => findings.push(misfit(field, &problem).spanless()),
                None => findings.push(self.unknown(path).spanless()),
            }
        }
        let missing = self.fields().filter(|field| !values.contains_key(&field.path));
        findings.extend(missing.map(not_given));
        if findings.is_empty() { Ok(values) } else { Err(findings) }
    }

    /// Reads `{"GROUP": {"FIELD": value}}` at `node`. What is wrong is reported there and left out.
    pub fn values_at(&self, tree: &Tree, node: NodeId) -> (Values, Vec<Diagnostic>) {
        let mut values = Values::new();
        let mut findings = Vec::new();
        let object = |node, what: &str, findings: &mut Vec<Diagnostic>| {
            if tree.kind(node) != Kind::Object {
                let message = format!("{what} is {}", tree.kind(node).noun());
                let finding = Diagnostic::error(codes::MISFIT, tree.span(node), message);
                findings.push(finding.help("write an object: {\"Group\": {\"Field\": value}}"));
            }
            tree.entries(node)
        };
        for group in object(node, "what is given for a configuration", &mut findings) {
            for entry in object(group.value, &format!("`{}`", group.key), &mut findings) {
                let path = format!("{}.{}", group.key, entry.key);
                let Some(field) = self.field(&path) else {
                    findings.push(self.unknown(&path).at(entry.key_span));
                    continue;
                };
                match field.fit(&tree.value(entry.value)) {
                    Ok(value) => drop(values.insert(field.path.clone(), value)),
                    Err(problem) => findings.push(misfit(field, &problem).at(tree.span(entry.value))),
                }
            }
        }
        (values, findings)
    }

    /// What environment variables give; `variable` looks one up. Findings name the variable and have no span.
    pub fn environment(&self, variable: impl Fn(&str) -> Option<String>) -> (Values, Vec<Diagnostic>) {
        let mut values = Values::new();
        let mut findings = Vec::new();
        for field in self.fields() {
            let Some(name) = &field.variable else { continue };
            let Some(text) = variable(name) else { continue };
            match field.read(&text) {
                Ok(value) => drop(values.insert(field.path.clone(), value)),
                Err(problem) => {
                    let message = format!("the environment variable {name}, for `{}`: {problem}", field.path);
                    let help = format!("set {name} to {}, or unset it", wanted(field));
                    findings.push(Problem(codes::MISFIT, message, help.into()).spanless());
                }
            }
        }
        (values, findings)
    }

    fn unknown(&self, path: &str) -> Problem {
        Problem(codes::UNKNOWN_FIELD, format!("the configuration has no `{path}`"), self.help(path))
    }
}

fn misfit(field: &Field, problem: &str) -> Problem {
    Problem(codes::MISFIT, format!("`{}`: {problem}", field.path), format!("give {}", wanted(field)).into())
}

fn not_given(field: &Field) -> Diagnostic {
    let message = format!("`{}` is required, and nothing is given for it", field.path);
    let help = match &field.variable {
        Some(name) => format!("set the environment variable {name}, or give the value otherwise"),
        None => "give it a value, or a `@default` here".to_owned(),
    };
    Problem(codes::NOT_GIVEN, message, help.into()).at(field.span)
}

/// What fits a field, for help texts.
fn wanted(field: &Field) -> String {
    let shown = crate::json::to_string;
    let range = match (&field.min, &field.max) {
        (Some(min), Some(max)) => format!(" from {} to {}", shown(min), shown(max)),
        (Some(min), None) => format!(" of at least {}", shown(min)),
        (None, Some(max)) => format!(" of at most {}", shown(max)),
        (None, None) => String::new(),
    };
    match field.options.as_slice() {
        [] => format!("a value of type {}{range}", field.type_name()),
        options => format!("one of {}", options.iter().map(shown).collect::<Vec<_>>().join(", ")),
    }
}

/// A finding that may have a place.
struct Problem(&'static str, String, Help);

impl Problem {
    fn at(self, span: Span) -> Diagnostic {
        Diagnostic::error(self.0, span, self.1).help(self.2)
    }

    fn spanless(self) -> Diagnostic {
        Diagnostic { span: None, ..self.at(Span::default()) }
    }
}

/// `{"GROUP": {"FIELD": value}}`, from `GROUP.FIELD` and value.
pub fn groups(values: &Values) -> Value {
    let mut groups: Vec<(Arc<str>, Value)> = Vec::new();
    for (path, value) in values {
        let (group, field) = path.split_once('.').unwrap_or((path, ""));
        let entry = (Arc::from(field), value.clone());
        // Values are in the order of their paths, so those of a group are together.
        match groups.last_mut() {
            Some((last, Value::Map(fields))) if &**last == group => fields.push(entry),
            _ => groups.push((group.into(), Value::Map(vec![entry]))),
        }
    }
    Value::map(groups)
}

/// `GROUP.FIELD` and value, from `{"GROUP": {"FIELD": value}}`, unchecked.
pub fn values(groups: &Value) -> Values {
    let entries = |value: &Value| match value {
        Value::Map(entries) => entries.clone(),
        _ => Vec::new(),
    };
    let mut values = Values::new();
    for (group, fields) in entries(groups) {
        for (field, value) in entries(&fields) {
            values.insert(format!("{group}.{field}").into(), value);
        }
    }
    values
}
