//! The `.config` language: `package`, and groups `config NAME { … }` with a field a line.

use super::check::{RawConfig, RawField, RawGroup, RawValue, build};
use super::{Config, codes};
use crate::blocks::{self, Annotation, Blocks, FieldText, literal, twice};
use crate::diagnostic::has_errors;
use crate::schema::raw::Name;
use crate::{Diagnostic, Limits, Span, schema};

/// Annotations of fields.
const FIELD: &[&str] = &["default", "env", "max", "min", "options", "required"];

/// Reads the text of a `.config` file. The configuration is there unless a finding is an error. Linear in the text.
pub fn parse(text: &str) -> (Option<Config>, Vec<Diagnostic>) {
    if text.len() > Limits::FILE_BYTES {
        let message =
            format!("the configuration has {} bytes, more than the {} allowed", text.len(), Limits::FILE_BYTES);
        let finding = Diagnostic::error(schema::codes::TOO_MUCH, Span::default(), message);
        return (None, vec![finding.help("split it")]);
    }
    let mut blocks = Blocks::new(text, &["config"], &[]);
    let mut raw = RawConfig { span: Span::new(0, text.len().min(1)), ..RawConfig::default() };
    blocks.file(|blocks, keyword| raw.groups.extend(group(blocks, keyword)));
    raw.package = blocks.package;
    let mut diagnostics = blocks.diagnostics;
    if has_errors(&diagnostics) && raw.groups.is_empty() {
        // That there is no group would only repeat it.
        return (None, diagnostics);
    }
    let (config, findings) = build(raw);
    diagnostics.extend(findings);
    diagnostics.sort_by_key(|finding| finding.span);
    (config.filter(|_| !has_errors(&diagnostics)), diagnostics)
}

/// `text` in the canonical layout. Formatting the result again changes nothing. The errors say why it is no configuration.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    blocks::format(text, "config", |text| {
        let (config, diagnostics) = parse(text);
        (config.map(Config::without_places), diagnostics)
    })
}

fn group(blocks: &mut Blocks<'_>, keyword: &str) -> Option<RawGroup> {
    let block = blocks.block(keyword)?;
    for annotation in &block.annotations {
        blocks.diagnostics.push(annotation.unknown(&[], FIELD, "group"));
    }
    let fields = block.fields.into_iter().map(|text| field(text, &mut blocks.diagnostics)).collect();
    Some(RawGroup { name: block.name, fields, docs: block.docs })
}

fn field(text: FieldText<'_>, diagnostics: &mut Vec<Diagnostic>) -> RawField {
    let mut field = RawField { name: text.name, ty: text.ty, docs: text.docs, ..RawField::default() };
    twice(&text.annotations, |name| FIELD.contains(&name).then_some(name), diagnostics);
    for annotation in &text.annotations {
        match annotation.name {
            "default" => field.default = value(annotation, "@default(30)", diagnostics),
            "min" => field.min = value(annotation, "@min(1)", diagnostics),
            "max" => field.max = value(annotation, "@max(100)", diagnostics),
            "env" => field.variable = annotation.required("@env(GAME_SPEED)", diagnostics),
            "required" => {
                annotation.bare(diagnostics);
                field.required = Some(annotation.span);
            }
            "options" => {
                let Some(list) = annotation.required("@options(easy, hard)", diagnostics) else { continue };
                field.options = parts(&list).iter().map(|part| written(part, diagnostics)).collect();
            }
            _ => diagnostics.push(annotation.unknown(FIELD, &[], "field")),
        }
    }
    field
}

fn value(annotation: &Annotation<'_>, example: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<RawValue> {
    annotation.required(example, diagnostics).map(|name| written(&name, diagnostics))
}

fn written(name: &Name, diagnostics: &mut Vec<Diagnostic>) -> RawValue {
    RawValue { value: literal(name, codes::BAD_VALUE, diagnostics), span: name.span }
}

/// `a, "b, c"`: the parts between commas; quotes hide them.
fn parts(list: &Name) -> Vec<Name> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    let mut part = |start: usize, end: usize| {
        let Some(text) = list.text.get(start..end) else { return };
        let trimmed = text.trim();
        if !trimmed.is_empty() {
            let at = list.span.start as usize + start + (text.len() - text.trim_start().len());
            parts.push(Name::new(trimmed, Span::new(at, at + trimmed.len())));
        }
    };
    for (at, character) in list.text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                part(start, at);
                start = at + 1;
            }
            _ => {}
        }
    }
    part(start, list.text.len());
    parts
}
