//! What can be wrong with the shape of a document, by code. JSON itself has `E001`…`E009`, the checker the codes above.

/// The document is of another format: the original tool's later rules.
pub const OTHER_FORMAT: &str = "E010";
/// A value has the wrong shape.
pub const SHAPE: &str = "E011";
/// A required key is missing or empty.
pub const MISSING: &str = "E012";
/// The document's version is not supported.
pub const VERSION: &str = "E013";
/// A name is used twice.
pub const DUPLICATE: &str = "E014";
/// A name is reserved or cannot be referred to.
pub const RESERVED: &str = "E015";
/// A text that should be a reference is none.
pub const REFERENCE: &str = "E016";
/// An edge's `label` and `condition` differ.
pub const LABELS: &str = "E017";
/// A template cannot be read.
pub const TEMPLATE: &str = "E018";
/// A name has a control character or a line break.
pub const UNPRINTABLE: &str = "E019";
/// Editor metadata has the wrong shape and is left out.
pub const METADATA: &str = "W010";

/// Every code with one sentence about it, in order.
pub const ALL: &[(&str, &str)] = &[
    (OTHER_FORMAT, "The document is of another format: the original tool's later rules."),
    (SHAPE, "A value has the wrong shape."),
    (MISSING, "A required key is missing or empty."),
    (VERSION, "The document's version is not supported."),
    (DUPLICATE, "A name is used twice."),
    (RESERVED, "A name is reserved or cannot be referred to."),
    (REFERENCE, "A text that should be a reference is none."),
    (LABELS, "An edge's `label` and `condition` differ."),
    (TEMPLATE, "A template cannot be read."),
    (UNPRINTABLE, "A name has a control character or a line break."),
    (METADATA, "Editor metadata has the wrong shape and is left out."),
];
