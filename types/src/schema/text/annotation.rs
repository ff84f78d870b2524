//! What an annotation says of a type or a field.

use crate::blocks::{Annotation, literal};
use crate::schema::raw::{Name, RawDefault, RawField, RawType};
use crate::schema::{Role, Writer, codes};
use crate::{Diagnostic, Span, number};

/// Annotations of types.
const TYPE: &[&str] = &["helper", "id", "owner", "root", "was"];
/// Annotations of fields.
const FIELD: &[&str] =
    &["auto", "default", "id", "key", "noSync", "optional", "quantize", "team", "view", "was", "write"];

/// What an annotation says something about; those of one kind contradict each other.
pub(super) fn kind(name: &str) -> Option<&str> {
    match name {
        "helper" => Some("root"),
        "auto" => Some("default"),
        name => (TYPE.contains(&name) || FIELD.contains(&name)).then_some(name),
    }
}

/// Applies an annotation to a type.
pub(super) fn on_type(annotation: &Annotation<'_>, ty: &mut RawType, diagnostics: &mut Vec<Diagnostic>) {
    match annotation.name {
        "id" => {
            if let Some(id) = id(annotation, diagnostics) {
                ty.id = Some(id);
            }
        }
        "helper" => {
            annotation.bare(diagnostics);
            ty.role = Role::Helper;
        }
        "root" => match annotation.value {
            Some("active") => ty.role = Role::ActiveRoot,
            None | Some("inactive") => ty.role = Role::InactiveRoot,
            Some(value) => {
                ty.role = Role::InactiveRoot;
                let message = format!("a root is active or inactive, not `{value}`");
                diagnostics.push(annotation.bad(message, "write `@root(active)` or `@root(inactive)`".to_owned()));
            }
        },
        "owner" => ty.owner = annotation.required("@owner(PlayerID)", diagnostics),
        "was" => ty.was = was(annotation, diagnostics),
        _ => diagnostics.push(annotation.unknown(TYPE, FIELD, "type")),
    }
}

/// Applies an annotation to a field.
pub(super) fn on_field(annotation: &Annotation<'_>, field: &mut RawField, diagnostics: &mut Vec<Diagnostic>) {
    match annotation.name {
        "id" => {
            if let Some(id) = id(annotation, diagnostics) {
                field.id = Some(id);
            }
        }
        "quantize" => {
            let Some(value) = annotation.required("@quantize(0.01)", diagnostics) else { return };
            match number::parse(&value.text) {
                Some(step) => field.step = Some((step.as_float(), value.span)),
                None => {
                    let message = format!("`{}` is no step", value.text);
                    diagnostics.push(annotation.bad(message, "give a number above 0, such as 0.01".to_owned()));
                }
            }
        }
        "was" => field.was = was(annotation, diagnostics),
        "key" => field.key = annotation.required("@key(ID)", diagnostics),
        "view" => {
            let Some(value) = annotation.required("@view(owner)", diagnostics) else { return };
            field.views = alternatives(&value);
            if field.views.is_empty() {
                let message = "`@view` names no view".to_owned();
                diagnostics
                    .push(annotation.bad(message, "write `@view(owner)`, or `@view(none)` for nobody".to_owned()));
            }
        }
        "noSync" => {
            annotation.bare(diagnostics);
            field.no_sync = true;
        }
        "write" => {
            let Some(value) = annotation.required("@write(server)", diagnostics) else { return };
            match writer(&value.text) {
                Some(writer) => field.writer = writer,
                None => {
                    let message = format!("`{}` is nobody who writes", value.text);
                    diagnostics.push(annotation.bad(message, "write server, owner or all".to_owned()));
                }
            }
        }
        "default" => {
            let Some(value) = annotation.required("@default(0)", diagnostics) else { return };
            field.default_span = value.span;
            field.default = default(&value, diagnostics);
        }
        "auto" => {
            if !matches!(annotation.value, None | Some("uuid")) {
                let message = "only uuids come by themselves".to_owned();
                diagnostics.push(annotation.bad(message, "write `@auto(uuid)`".to_owned()));
            }
            field.default_span = annotation.span;
            field.default = RawDefault::AutoUuid;
        }
        "optional" => {
            annotation.bare(diagnostics);
            field.optional = true;
        }
        "team" => {
            annotation.bare(diagnostics);
            field.team = true;
        }
        _ => diagnostics.push(annotation.unknown(FIELD, TYPE, "field")),
    }
}

/// Whether it is in range is for the builder to say, as it does for schema JSON.
fn id(annotation: &Annotation<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<(i64, Span)> {
    let value = annotation.required("@id(1)", diagnostics)?;
    let id = value.text.parse().ok();
    if id.is_none() {
        let message = format!("`{}` is no id", value.text);
        diagnostics.push(annotation.bad(message, "give a number from 1 to 65535".to_owned()));
    }
    Some((id?, value.span))
}

fn was(annotation: &Annotation<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Name> {
    annotation.required("@was(OldName)", diagnostics).map(|value| alternatives(&value)).unwrap_or_default()
}

/// The writer spelled `text`.
pub(crate) fn writer(text: &str) -> Option<Writer> {
    match text {
        "all" => Some(Writer::Anyone),
        "owner" => Some(Writer::Owner),
        "server" => Some(Writer::Server),
        _ => None,
    }
}

/// `a, b | c`, each with its place.
fn alternatives(value: &Name) -> Vec<Name> {
    let mut start = value.span.start as usize;
    let mut names = Vec::new();
    for part in value.text.split([',', '|']) {
        let name = part.trim();
        let name_start = start + (part.len() - part.trim_start().len());
        if !name.is_empty() {
            names.push(Name::new(name, Span::new(name_start, name_start + name.len())));
        }
        start += part.len() + 1;
    }
    names
}

fn default(value: &Name, diagnostics: &mut Vec<Diagnostic>) -> RawDefault {
    if let Some(path) = value.text.strip_prefix("config:") {
        return RawDefault::Config(path.trim().into());
    }
    literal(value, codes::BAD_DEFAULT, diagnostics)
}
