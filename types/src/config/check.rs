//! From what somebody wrote to a [`Config`].

use std::collections::HashSet;
use std::sync::Arc;

use super::{Config, Field, Group, codes};
use crate::diagnostic::has_errors;
use crate::schema;
use crate::schema::check::{MAX_FIELDS, MAX_FINDINGS, is_name};
use crate::schema::raw::{Name, RawDefault};
use crate::{Diagnostic, Help, Span, Type, Value, suggest};

/// The type of whole seconds.
const DURATION: &str = "duration";
/// What a field may be, for suggestions.
const TYPES: &[&str] = &["bool", "int32", "int64", "float32", "float64", "string", "uuid", DURATION];

/// A configuration as written.
#[derive(Debug, Default)]
pub(super) struct RawConfig {
    pub package: Arc<str>,
    pub groups: Vec<RawGroup>,
    /// Where a finding about the whole points.
    pub span: Span,
}

/// A group as written.
#[derive(Debug, Default)]
pub(super) struct RawGroup {
    pub name: Name,
    pub fields: Vec<RawField>,
    pub docs: String,
}

/// A field as written.
#[derive(Debug, Default)]
pub(super) struct RawField {
    pub name: Name,
    pub ty: Name,
    pub default: Option<RawValue>,
    pub min: Option<RawValue>,
    pub max: Option<RawValue>,
    pub options: Vec<RawValue>,
    pub variable: Option<Name>,
    /// Where it says that it must be given.
    pub required: Option<Span>,
    pub docs: String,
}

/// A value as written, and where.
#[derive(Clone, Debug)]
pub(super) struct RawValue {
    pub value: RawDefault,
    pub span: Span,
}

/// Checks `raw`. `None` if there is an error among the findings.
pub(super) fn build(raw: RawConfig) -> (Option<Config>, Vec<Diagnostic>) {
    let mut checker = Checker::default();
    if raw.groups.is_empty() {
        let help = "declare at least one, such as `config Game { Rounds int32 @default(3) }`";
        checker.error(codes::EMPTY, raw.span, "the configuration declares no group", help);
    }
    let mut config = Config { package: raw.package, ..Config::default() };
    for group in raw.groups {
        checker.group(group, &mut config);
    }
    let config = (!has_errors(&checker.diagnostics)).then(|| config.with_hash());
    (config, checker.diagnostics)
}

#[derive(Default)]
struct Checker {
    diagnostics: Vec<Diagnostic>,
    groups: HashSet<Arc<str>>,
    variables: HashSet<Arc<str>>,
}

impl Checker {
    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        if self.diagnostics.len() < 2 * MAX_FINDINGS {
            self.diagnostics.push(Diagnostic::error(code, span, message).help(help));
        }
    }

    fn name(&mut self, what: &str, name: &Name) {
        if !is_name(&name.text) {
            let message = format!("`{}` is no name for a {what}", name.text);
            let help = "use letters, digits and `_`, not beginning with a digit, at most 255 bytes";
            self.error(schema::codes::BAD_NAME, name.span, message, help);
        }
    }

    fn group(&mut self, raw: RawGroup, config: &mut Config) {
        self.name("group", &raw.name);
        if !self.groups.insert(raw.name.text.clone()) {
            let message = format!("there is another group `{}`", raw.name.text);
            self.error(codes::DUPLICATE_NAME, raw.name.span, message, "rename one of the two, or join them");
        }
        if raw.fields.len() > MAX_FIELDS {
            let message = format!("`{}` has more than {MAX_FIELDS} fields", raw.name.text);
            self.error(schema::codes::TOO_MUCH, raw.name.span, message, "split it");
            return;
        }
        let mut group = Group { name: raw.name.text, fields: Vec::new(), docs: raw.docs };
        let at = config.groups.len();
        for raw in raw.fields {
            self.name("field", &raw.name);
            let path: Arc<str> = format!("{}.{}", group.name, raw.name.text).into();
            let span = raw.name.span;
            let Some(field) = self.field(raw, path.clone()) else { continue };
            if config.by_path.insert(path.clone(), (at, group.fields.len())).is_some() {
                let message = format!("there is another field `{path}`");
                self.error(codes::DUPLICATE_NAME, span, message, "rename one of the two");
            }
            group.fields.push(field);
        }
        config.groups.push(group);
    }

    fn field(&mut self, raw: RawField, path: Arc<str>) -> Option<Field> {
        let duration = &*raw.ty.text == DURATION;
        let ty = if duration { Some(Type::INT) } else { Type::scalar_by_name(&raw.ty.text) };
        let Some(ty) = ty else {
            let message = format!("`{}` is no type of a configuration", raw.ty.text);
            let help = suggest::help(&raw.ty.text, TYPES.iter().copied());
            self.error(codes::BAD_TYPE, raw.ty.span, message, help);
            return None;
        };
        let mut field = Field {
            path,
            name: raw.name.text,
            ty,
            duration,
            default: None,
            min: duration.then_some(Value::Int(0)),
            max: None,
            options: Vec::new(),
            variable: None,
            docs: raw.docs,
            span: raw.name.span,
        };
        for (bound, is_min) in [(raw.min, true), (raw.max, false)] {
            let Some(bound) = bound else { continue };
            if !field.ty.is_number() {
                let message = format!("{} has no least and no most", field.type_name());
                self.error(codes::BAD_VALUE, bound.span, message, "bounds are for numbers; use `@options`");
                continue;
            }
            let value = self.value(&field, &bound);
            match (is_min, value) {
                (true, Some(min)) => field.min = Some(min),
                (true, None) => {}
                (false, max) => field.max = max,
            }
        }
        // Checked against the bounds, before there are options that they could be missing from.
        let options: Vec<Value> = raw.options.iter().filter_map(|option| self.value(&field, option)).collect();
        field.options = options;
        self.initial(&mut field, raw.default, raw.required);
        if let Some(variable) = raw.variable {
            self.variable(&mut field, variable);
        }
        Some(field)
    }

    /// The default, unless the value must be given.
    fn initial(&mut self, field: &mut Field, default: Option<RawValue>, required: Option<Span>) {
        if let (Some(span), Some(_)) = (required, &default) {
            let message = format!("`{}` has a default, so that nothing needs to be given for it", field.path);
            let finding = Diagnostic::warning(schema::codes::NO_EFFECT, span, message);
            self.diagnostics.push(finding.help("remove `@required`, or the default"));
        }
        if let Some(default) = default {
            field.default = self.value(field, &default);
        } else if required.is_none() {
            let zero = zero(&field.ty);
            match field.admit(&zero) {
                Ok(()) => field.default = Some(zero),
                Err(problem) => {
                    let message = format!("`{}` needs a default: without one it is zero, and {problem}", field.path);
                    self.error(codes::BAD_VALUE, field.span, message, "add `@default(…)` or `@required`");
                }
            }
        }
    }

    fn variable(&mut self, field: &mut Field, name: Name) {
        let fits = |character: char| character.is_ascii_alphanumeric() || character == '_';
        if !name.text.chars().all(fits)
            || name.text.starts_with(|first: char| first.is_ascii_digit())
            || name.text.is_empty()
        {
            let message = format!("`{}` is no name of an environment variable", name.text);
            self.error(codes::BAD_VARIABLE, name.span, message, "use letters, digits and `_`, such as GAME_ROUNDS");
        } else if !self.variables.insert(name.text.clone()) {
            let message = format!("the environment variable {} gives another field already", name.text);
            self.error(codes::BAD_VARIABLE, name.span, message, "name one variable for each field");
        }
        field.variable = Some(name.text);
    }

    /// A value written for a field.
    fn value(&mut self, field: &Field, raw: &RawValue) -> Option<Value> {
        let value = match &raw.value {
            RawDefault::Text(text) => field.read(text),
            // The zero stands for text that is no JSON, which has been reported.
            RawDefault::Zero => return None,
            RawDefault::Value(value) => field.fit(value),
            RawDefault::AutoUuid | RawDefault::Config(_) => Err("it must be written out".to_owned()),
        };
        match value {
            Ok(value) => Some(value),
            Err(problem) => {
                let message = format!("`{}` is {}: {problem}", field.path, field.type_name());
                self.error(codes::BAD_VALUE, raw.span, message, "write a value of the field's type, within its bounds");
                None
            }
        }
    }
}

/// The zero of a scalar type.
fn zero(ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Float32 | Type::Float64 => Value::Float(0.0),
        Type::String | Type::Uuid => Value::str(""),
        Type::Bytes => Value::Bytes(Arc::from([])),
        _ => Value::Int(0),
    }
}
