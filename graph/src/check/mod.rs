//! What the checker says: codes, and the checks that need no types.

pub mod codes;
pub(crate) mod structure;

pub(crate) use statewright_types::suggest::{closest, help as suggest};
