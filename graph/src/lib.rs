//! Documents, the node table, the checker, the typed IR and lowering to it.

pub mod document;
pub mod ir;
