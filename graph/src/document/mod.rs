//! Documents: logicgen JSON as a model with spans, loaded and saved without loss.

pub mod codes;
pub mod edit;
pub mod format;
mod hash;
pub mod load;
pub mod model;
pub mod reference;
#[cfg(test)]
mod sample;

pub use edit::{EditError, GraphAt, NewNode, SourceDocument};
pub use format::format;
pub use hash::hash;
pub use load::load;
pub use model::{
    Document, Edge, Graph, GraphKind, Input, InputKind, Name, Node, Output, Parameter, Permissions, TemplatePart,
};
pub use reference::{Head, Index, KeyValue, Path, Reference, ReferenceError, Scheme, Step};
