//! Configurations as JSON. They may stand inside other JSON files: see [`from_tree`].

use super::Config;
use super::check::{RawConfig, RawField, RawGroup, RawValue, build};
use crate::diagnostic::has_errors;
use crate::json::{self, Entry, Kind, NodeId, Tree};
use crate::schema::json::Reader;
use crate::schema::raw::RawDefault;
use crate::{Diagnostic, Value};

/// Reads configuration JSON. The configuration is there unless a finding is an error.
pub fn parse(text: &str) -> (Option<Config>, Vec<Diagnostic>) {
    match json::parse(text) {
        Ok(tree) => from_tree(&tree, tree.root()),
        Err(problem) => (None, vec![problem]),
    }
}

/// Reads the configuration that stands at `node` of some JSON.
pub fn from_tree(tree: &Tree, node: NodeId) -> (Option<Config>, Vec<Diagnostic>) {
    let mut reader = Reader { tree, diagnostics: Vec::new() };
    let mut raw = RawConfig { span: tree.span(node), ..RawConfig::default() };
    for entry in reader.object(node, "configuration") {
        match &*entry.key {
            "package" => raw.package = reader.name(entry).text,
            "configs" => {
                let groups = reader.array(entry.value, "configs");
                raw.groups = groups.iter().map(|node| group(&mut reader, *node)).collect();
            }
            _ => reader.unknown(entry, &["package", "configs"]),
        }
    }
    let mut diagnostics = reader.diagnostics;
    if has_errors(&diagnostics) && raw.groups.is_empty() {
        // That there is no group would only repeat it.
        return (None, diagnostics);
    }
    let (config, findings) = build(raw);
    diagnostics.extend(findings);
    diagnostics.sort_by_key(|finding| finding.span);
    (config.filter(|_| !has_errors(&diagnostics)), diagnostics)
}

fn group(reader: &mut Reader<'_>, node: NodeId) -> RawGroup {
    let mut group = RawGroup { name: reader.no_name(node), ..RawGroup::default() };
    for entry in reader.object(node, "group") {
        match &*entry.key {
            "name" => group.name = reader.name(entry),
            "description" => group.docs = reader.name(entry).text.to_string(),
            "fields" => {
                let fields = reader.array(entry.value, "fields");
                group.fields = fields.iter().map(|node| field(reader, *node)).collect();
            }
            _ => reader.unknown(entry, &["name", "description", "fields"]),
        }
    }
    group
}

fn field(reader: &mut Reader<'_>, node: NodeId) -> RawField {
    const KEYS: &[&str] = &["name", "type", "default", "min", "max", "options", "description", "env", "required"];
    let mut field = RawField { name: reader.no_name(node), ty: reader.no_name(node), ..RawField::default() };
    for entry in reader.object(node, "field") {
        match &*entry.key {
            "name" => field.name = reader.name(entry),
            "type" => field.ty = reader.name(entry),
            "default" => field.default = value(reader.tree, entry),
            "min" => field.min = value(reader.tree, entry),
            "max" => field.max = value(reader.tree, entry),
            "options" => {
                let options = reader.array(entry.value, "options");
                field.options = options.iter().map(|node| written(reader.tree, *node)).collect();
            }
            "description" => field.docs = reader.name(entry).text.to_string(),
            "env" => field.variable = reader.optional_name(entry),
            "required" => field.required = reader.flag(entry).then_some(entry.key_span),
            _ => reader.unknown(entry, KEYS),
        }
    }
    field
}

/// The value of a key; null is none.
fn value(tree: &Tree, entry: &Entry) -> Option<RawValue> {
    (tree.kind(entry.value) != Kind::Null).then(|| written(tree, entry.value))
}

/// A string may be the text of a value of another type, such as `"12.5"`.
fn written(tree: &Tree, node: NodeId) -> RawValue {
    let value = match tree.value(node) {
        Value::Str(text) => RawDefault::Text(text),
        value => RawDefault::Value(value),
    };
    RawValue { value, span: tree.span(node) }
}
