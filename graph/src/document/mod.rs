//! Documents: logicgen JSON as a model with spans, loaded and saved without loss.

pub mod model;
pub mod reference;

pub use model::{Document, Edge, Graph, GraphKind, Input, InputKind, Name, Node, Output, Parameter, Permissions, TemplatePart};
pub use reference::{Head, Index, Path, Reference, Scheme, Step};
