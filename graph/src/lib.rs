//! graph
pub mod document;
