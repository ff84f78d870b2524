//! What can be wrong with a text that should be JSON, by code.

/// The text does not follow JSON's grammar.
pub const SYNTAX: &str = "E001";
/// A string is not closed, has a bad escape, a lone surrogate or a raw control character.
pub const STRING: &str = "E002";
/// A number is malformed or too large for binary64.
pub const NUMBER: &str = "E003";
/// A key occurs twice in one object.
pub const DUPLICATE_KEY: &str = "E004";
/// Arrays and objects nest too deep.
pub const DEPTH: &str = "E005";
/// The text is too large.
pub const SIZE: &str = "E006";
/// The text begins with a byte order mark.
pub const BYTE_ORDER_MARK: &str = "E007";
/// Something that other notations have and JSON has not: a comment, a trailing comma, single quotes, `NaN`.
pub const NOT_JSON: &str = "E008";
/// Something follows the document.
pub const TRAILING: &str = "E009";

/// Every code with one sentence about it, in order.
pub const ALL: &[(&str, &str)] = &[
    (SYNTAX, "The text does not follow JSON's grammar."),
    (STRING, "A string is not closed, has a bad escape, a lone surrogate or a raw control character."),
    (NUMBER, "A number is malformed or too large for binary64."),
    (DUPLICATE_KEY, "A key occurs twice in one object."),
    (DEPTH, "Arrays and objects nest too deep."),
    (SIZE, "The text is too large."),
    (BYTE_ORDER_MARK, "The text begins with a byte order mark."),
    (NOT_JSON, "A comment, trailing comma, single quote or the like, which JSON does not have."),
    (TRAILING, "Something follows the document."),
];
