//! Whether the defaults that a schema draws from a configuration are there and fit.

use super::{Initial, Schema, StructId, codes, default};
use crate::{Config, Diagnostic, Type, Value};

impl Schema {
    /// Whether some field's default is the configured value of that name.
    pub fn draws_on(&self, path: &str) -> bool {
        let draws = |default: &Initial| matches!(default, Initial::Config(name) if **name == *path);
        self.types().iter().flat_map(|def| &def.fields).any(|field| draws(&field.default))
    }

    /// Findings about `@default(config:…)`: names that `config` does not have, and types that do not fit the field's.
    pub fn check_config(&self, config: &Config) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        for (index, def) in self.types().iter().enumerate() {
            for (at, field) in def.fields.iter().enumerate() {
                let Initial::Config(path) = &field.default else { continue };
                let problem = match config.field(path) {
                    None => Some((format!("the configuration has no `{path}`"), config.help(path))),
                    Some(source) => self.misfit(&field.ty, source).map(|problem| {
                        let message = format!("`{path}` does not fit `{}.{}`: {problem}", def.name, field.name);
                        (message, "give both the same type, or bounds that fit the field".into())
                    }),
                };
                if let Some((message, help)) = problem {
                    let span = self.field_span(StructId(index as u32), at);
                    findings.push(Diagnostic::error(codes::CONFIG_DEFAULT, span, message).help(help));
                }
            }
        }
        findings
    }

    /// Why some values of a configured field do not fit a type.
    fn misfit(&self, ty: &Type, source: &crate::config::Field) -> Option<String> {
        let wrong = || Some(format!("it is {}, and the field {}", source.type_name(), self.show(ty)));
        match (ty, &source.ty) {
            (Type::Int(_), Type::Int(kind)) => {
                let (least, most) = kind.range();
                let number = |value: &Value| match value {
                    Value::Int(number) => i128::from(*number),
                    Value::UInt(number) => i128::from(*number),
                    _ => 0,
                };
                let extremes = [source.min.as_ref().map_or(least, number), source.max.as_ref().map_or(most, number)];
                // Options say more than bounds.
                let all: Vec<i128> = if source.options.is_empty() {
                    extremes.to_vec()
                } else {
                    source.options.iter().map(number).collect()
                };
                let value =
                    |number: i128| i64::try_from(number).map_or_else(|_| Value::UInt(number as u64), Value::Int);
                all.into_iter().find_map(|number| default::fit(&value(number), ty, self.types()).err())
            }
            (field, _) if field.is_float() && source.ty.is_number() => None,
            (field, other) if field == other => None,
            _ => wrong(),
        }
    }
}
