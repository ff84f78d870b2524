//! What stands behind an `@`: its name, its value, and what it says of a type or a field.

use crate::schema::raw::{Name, RawDefault, RawField, RawType};
use crate::schema::{Role, Writer, codes};
use crate::{Diagnostic, Help, Span, json, suggest};

/// Annotations of types.
const TYPE: &[&str] = &["helper", "id", "owner", "root"];
/// Annotations of fields.
const FIELD: &[&str] = &["auto", "default", "key", "noSync", "optional", "team", "view", "write"];

/// An annotation as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Annotation<'a> {
    /// Without the `@`.
    pub name: &'a str,
    /// What stands between the parentheses, if there are any, spaces around it removed.
    pub value: Option<&'a str>,
    /// Where the value stands; else the whole.
    pub value_span: Span,
    /// All of it.
    pub span: Span,
}

impl<'a> Annotation<'a> {
    /// The token at `span` of `text`.
    pub fn read(text: &'a str, span: Span) -> Annotation<'a> {
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
    fn required(&self, example: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Name> {
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
    fn bare(&self, diagnostics: &mut Vec<Diagnostic>) {
        if self.value.is_some() {
            let message = format!("`@{}` takes no value", self.name);
            diagnostics.push(self.bad(message, format!("write `@{}` alone", self.name)));
        }
    }

    fn bad(&self, message: String, help: String) -> Diagnostic {
        Diagnostic::error(codes::BAD_ANNOTATION, self.value_span, message).help(help)
    }

    fn unknown(&self, here: &[&str], there: &[&str], place: &str) -> Diagnostic {
        let message = match self.name {
            "" => "an `@` without a name has no effect".to_owned(),
            name if there.contains(&name) => format!("`@{name}` has no effect on a {place}"),
            name => format!("the annotation `@{name}` is unknown and has no effect"),
        };
        let near = suggest::closest(self.name, here.iter().copied());
        let list = here.iter().map(|name| format!("`@{name}`")).collect::<Vec<_>>().join(", ");
        let help = near.map_or_else(
            || Help::from(format!("a {place} takes {list}")),
            |near| Help::from(format!("did you mean `@{near}`?")).and_spell(self.name, near),
        );
        Diagnostic::warning(codes::UNKNOWN_ANNOTATION, self.span, message).help(help)
    }
}

/// Reports annotations that stand twice; later ones win.
pub(super) fn twice(annotations: &[Annotation<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let kind = |name| match name {
        "helper" => "root",
        "auto" => "default",
        other => other,
    };
    for (index, annotation) in annotations.iter().enumerate().take(64) {
        let earlier = annotations.iter().take(index).any(|other| kind(other.name) == kind(annotation.name));
        if earlier && (TYPE.contains(&annotation.name) || FIELD.contains(&annotation.name)) {
            let message = format!("`@{}` stands twice, or contradicts another annotation", annotation.name);
            let finding = Diagnostic::error(codes::BAD_ANNOTATION, annotation.span, message);
            diagnostics.push(finding.help("keep one of them"));
        }
    }
}

/// Applies an annotation to a type.
pub(super) fn on_type(annotation: &Annotation<'_>, ty: &mut RawType, diagnostics: &mut Vec<Diagnostic>) {
    match annotation.name {
        "id" => {
            let Some(value) = annotation.required("@id(1)", diagnostics) else { return };
            // Whether it is in range is for the builder to say, as it does for schema JSON.
            match value.text.parse() {
                Ok(id) => ty.id = Some((id, value.span)),
                Err(_) => {
                    let message = format!("`{}` is no id", value.text);
                    diagnostics.push(annotation.bad(message, "give a number from 1 to 65535".to_owned()));
                }
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
        _ => diagnostics.push(annotation.unknown(TYPE, FIELD, "type")),
    }
}

/// Applies an annotation to a field.
pub(super) fn on_field(annotation: &Annotation<'_>, field: &mut RawField, diagnostics: &mut Vec<Diagnostic>) {
    match annotation.name {
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
    if !value.text.starts_with(['"', '[', '{']) {
        return RawDefault::Text(value.text.clone());
    }
    match json::parse(value.text.clone()) {
        Ok(tree) => RawDefault::Value(tree.value(tree.root())),
        Err(mut problem) => {
            let shift = value.span.start;
            problem.span = problem.span.map(|span| Span { start: span.start + shift, end: span.end + shift });
            problem.code = codes::BAD_DEFAULT;
            problem.fix.clear();
            diagnostics.push(problem);
            RawDefault::Zero
        }
    }
}
