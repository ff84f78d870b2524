//! Blocks to raw definitions.

use super::annotation::{kind, on_field, on_type};
use crate::blocks::{Blocks, FieldText, Kind, twice};
use crate::schema::check::MAX_FINDINGS;
use crate::schema::raw::{Name, RawField, RawSchema, RawType, RawView};
use crate::{Diagnostic, Span};

/// Reads `text`, and goes on after what is wrong.
pub(super) fn parse(text: &str) -> (RawSchema, Vec<Diagnostic>) {
    let mut blocks = Blocks::new(text, &["type", "view"], &["version"]);
    let mut schema = RawSchema { span: Span::new(0, text.len().min(1)), ..RawSchema::default() };
    blocks.file(|blocks, keyword| match keyword {
        "type" => schema.types.extend(ty(blocks)),
        "version" => {
            if let Some((number, span)) = version(blocks) {
                if schema.version.is_some() {
                    blocks.error(span, "the schema has two versions", "keep one of them");
                }
                schema.version = Some((number, span));
            }
        }
        _ => schema.views.extend(view(blocks)),
    });
    schema.package = blocks.package;
    (schema, blocks.diagnostics)
}

fn ty(blocks: &mut Blocks<'_>) -> Option<RawType> {
    let block = blocks.block("type")?;
    let diagnostics = &mut blocks.diagnostics;
    let mut ty = RawType { name: block.name, docs: block.docs, ..RawType::default() };
    twice(&block.annotations, kind, diagnostics);
    for annotation in &block.annotations {
        on_type(annotation, &mut ty, diagnostics);
    }
    ty.fields = block.fields.into_iter().map(|text| field(text, diagnostics)).collect();
    Some(ty)
}

fn field(text: FieldText<'_>, diagnostics: &mut Vec<Diagnostic>) -> RawField {
    let mut field = RawField { name: text.name, ty: text.ty, docs: text.docs, ..RawField::default() };
    twice(&text.annotations, kind, diagnostics);
    for annotation in &text.annotations {
        on_field(annotation, &mut field, diagnostics);
    }
    field
}

/// `version N`. Whether it is in range is for the builder to say, as it does for schema JSON.
fn version(blocks: &mut Blocks<'_>) -> Option<(i64, Span)> {
    blocks.leftover_annotations();
    blocks.take_docs();
    blocks.at += 1;
    let (text, span) = (blocks.text(0), blocks.span(0));
    let number = text.parse().ok();
    let Some(number) = number else {
        blocks.error(span, "`version` lacks its number", "write `version 1`");
        blocks.skip_line();
        return None;
    };
    blocks.at += 1;
    blocks.line_end("the version");
    Some((number, span))
}

fn view(blocks: &mut Blocks<'_>) -> Option<RawView> {
    blocks.leftover_annotations();
    blocks.take_docs();
    blocks.at += 1;
    let name = blocks.declared_name("view")?;
    let mut view = RawView { name, includes: Vec::new() };
    if blocks.open() {
        includes(blocks, &mut view);
    }
    Some(view)
}

/// `includes: a, b` and the `}`, over as many lines as wanted.
fn includes(blocks: &mut Blocks<'_>, view: &mut RawView) {
    let mut listing = false;
    loop {
        match blocks.kind(0) {
            Some(Kind::Newline | Kind::Comment | Kind::Comma) => {}
            Some(Kind::Close) => {
                blocks.at += 1;
                return;
            }
            Some(Kind::Word) if blocks.begins_declaration() => {
                blocks.error(view.name.span, format!("the `}}` of `{}` is missing", view.name.text), "add it");
                return;
            }
            Some(Kind::Word) if blocks.text(0) == "includes" && blocks.kind(1) == Some(Kind::Colon) => {
                listing = true;
                blocks.at += 1;
            }
            Some(Kind::Word) if listing => view.includes.push(Name::new(blocks.text(0), blocks.span(0))),
            Some(_) => {
                let message = format!("`{}` cannot stand in a view", blocks.text(0));
                blocks.error(blocks.span(0), message, "write `includes: a, b`");
                blocks.skip_line();
                continue;
            }
            None => {
                blocks.error(view.name.span, format!("the `}}` of `{}` is missing", view.name.text), "add it");
                return;
            }
        }
        blocks.at += 1;
        if blocks.diagnostics.len() >= MAX_FINDINGS {
            return;
        }
    }
}
