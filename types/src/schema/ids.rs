//! The ids of types and fields: those that are declared, and what the others get.

use std::sync::Arc;

use super::check::Findings;
use super::raw::{RawField, RawSchema};
use super::{FieldDef, StructDef, codes};
use crate::Span;
use crate::hashing::HashMap;

/// Gives every type and field its id, and reports those that cannot be.
pub(super) fn assign(raw: &RawSchema, types: &mut [StructDef], findings: &mut Findings) {
    let mut used: HashMap<u16, Arc<str>> = HashMap::default();
    for ((raw, def), position) in raw.types.iter().zip(types).zip(1..) {
        fields(&def.name, &raw.fields, &mut def.fields, findings);
        let declared = raw.id.unwrap_or((position, raw.name.span));
        let Some(id) = in_range(declared, &def.name, findings) else { continue };
        def.id = id;
        if let Some(other) = used.insert(id, def.name.clone()) {
            let message = match raw.id {
                Some(_) => format!("`{}` and `{other}` have the same id {id}", def.name),
                None => format!("`{}` has the id {id} by its position, which `{other}` has too", def.name),
            };
            let help = format!("give `{}` an `@id` of its own", def.name);
            findings.error(codes::DUPLICATE_ID, declared.1, message, help);
        }
    }
}

/// Declared ids first; every other field has the next free one after the field before it.
fn fields(owner: &str, raw: &[RawField], defs: &mut [FieldDef], findings: &mut Findings) {
    let mut used: HashMap<u16, Arc<str>> = HashMap::default();
    for (raw, def) in raw.iter().zip(defs.iter_mut()) {
        let Some(declared) = raw.id else { continue };
        let name = format!("{owner}.{}", def.name);
        let Some(id) = in_range(declared, &name, findings) else { continue };
        def.id = id;
        if let Some(other) = used.insert(id, def.name.clone()) {
            let message = format!("`{}` and `{other}` of `{owner}` have the same id {id}", def.name);
            let help = format!("give `{}` an `@id` of its own, or none", def.name);
            findings.error(codes::DUPLICATE_ID, declared.1, message, help);
        }
    }
    let mut before = 0_u16;
    for (raw, def) in raw.iter().zip(defs) {
        if raw.id.is_none() {
            match (before..=u16::MAX).skip(1).find(|id| !used.contains_key(id)) {
                Some(id) => def.id = id,
                None => {
                    let message = format!("no id is left for `{owner}.{}` after {before}", def.name);
                    findings.error(codes::BAD_ID, raw.name.span, message, "give it an `@id` of its own");
                }
            }
            used.insert(def.id, def.name.clone());
        }
        before = def.id;
    }
}

fn in_range((id, span): (i64, Span), name: &str, findings: &mut Findings) -> Option<u16> {
    let fits = u16::try_from(id).ok().filter(|id| *id > 0);
    if fits.is_none() {
        let message = format!("the id {id} of `{name}` is not from 1 to 65535");
        findings.error(codes::BAD_ID, span, message, "choose another, or leave `@id` out");
    }
    fits
}
