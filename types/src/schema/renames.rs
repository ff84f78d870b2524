//! `@was`: an old name leads to one thing only.

use std::collections::HashMap;

use super::check::{Findings, is_name};
use super::raw::{Name, RawSchema};
use super::{StructDef, codes};

/// Reports old names that lead nowhere or to two things.
pub(super) fn check(raw: &RawSchema, types: &[StructDef], findings: &mut Findings) {
    let of_types = || raw.types.iter().map(|ty| (&ty.name, ty.was.as_slice()));
    old_names(of_types().collect(), "type", findings);
    for (raw, _) in raw.types.iter().zip(types) {
        let fields = raw.fields.iter().map(|field| (&field.name, field.was.as_slice()));
        old_names(fields.collect(), "field", findings);
    }
}

/// Things of one kind, which were called something else.
fn old_names(all: Vec<(&Name, &[Name])>, what: &str, findings: &mut Findings) {
    // What has the name now. If that was something else itself, the name is free for another.
    let now: HashMap<&str, &[Name]> = all.iter().map(|(name, was)| (&*name.text, *was)).collect();
    let mut taken: HashMap<&str, &Name> = HashMap::new();
    for (name, was) in &all {
        for old in *was {
            let text = &*old.text;
            if !is_name(text) {
                let message = format!("`{text}` never was the name of a {what}");
                findings.error(codes::BAD_NAME, old.span, message, "give the name that it had");
            } else if old.text == name.text {
                let message = format!("`{text}` is what the {what} is called now");
                findings.warning(codes::NO_EFFECT, old.span, message, "give the name that it had before");
            } else if let Some(other) = taken.insert(text, name) {
                let message = format!("both `{}` and `{}` were `{text}`", other.text, name.text);
                findings.error(codes::BAD_WAS, old.span, message, "let one of them go on from it");
            } else if now.get(text).is_some_and(|was| was.is_empty()) {
                let message = format!("there still is a {what} called `{text}`");
                findings.error(codes::BAD_WAS, old.span, message, "remove `@was`, or say what the other one was");
            }
        }
    }
}
