//! What the checker says: codes, and the checks that need no types.

pub mod codes;
pub(crate) mod copies;
pub(crate) mod leaks;
pub(crate) mod structure;
pub mod suggestions;
pub(crate) mod view;
pub(crate) mod writes;

pub(crate) use statewright_types::suggest::closest;
pub use suggestions::Suggestions;
pub(crate) use suggestions::listed;

/// "did you mean `x`?", if one of `candidates` is close to `name`: for few mistakes, or few candidates.
pub(crate) fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}
