//! What the checker says: codes, and the checks that need no types.

pub mod codes;
pub(crate) mod copies;
pub(crate) mod fixes;
pub(crate) mod leaks;
pub(crate) mod slips;
pub(crate) mod structure;
pub mod suggestions;
pub(crate) mod view;
pub(crate) mod writes;

pub(crate) use statewright_types::suggest::did_you_mean as suggest;
pub use suggestions::Suggestions;
pub(crate) use suggestions::listed;
