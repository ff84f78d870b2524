//! What the checker says: codes, and the checks that need no types.

pub mod codes;
pub(crate) mod filter;
pub(crate) mod leaks;
pub(crate) mod structure;

pub(crate) use statewright_types::suggest::closest;

/// "did you mean `x`?", if one of `candidates` is close to `name`; else the caller knows something better to say.
pub(crate) fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}
