//! What can be wrong with a configuration, by code; the grammar that it shares with schemas has the codes of those.
//! `docs/config.md` has the same table.

/// Two groups, or two fields of a group, have the same name.
pub const DUPLICATE_NAME: &str = "E120";
/// The type of a configuration's field is unknown, or no scalar.
pub const BAD_TYPE: &str = "E121";
/// A default, bound or option does not fit its field.
pub const BAD_VALUE: &str = "E122";
/// The configuration declares no group.
pub const EMPTY: &str = "E123";
/// The name of an environment variable is malformed, or used twice.
pub const BAD_VARIABLE: &str = "E124";
/// A value is given for a field that the configuration does not have.
pub const UNKNOWN_FIELD: &str = "E125";
/// A value that is given does not fit its field.
pub const MISFIT: &str = "E126";
/// A required value is not given.
pub const NOT_GIVEN: &str = "E127";

/// Every code with one sentence about it, in order.
pub const ALL: &[(&str, &str)] = &[
    (DUPLICATE_NAME, "Two groups, or two fields of a group, have the same name."),
    (BAD_TYPE, "The type of a configuration's field is unknown, or no scalar."),
    (BAD_VALUE, "A default, bound or option does not fit its field."),
    (EMPTY, "The configuration declares no group."),
    (BAD_VARIABLE, "The name of an environment variable is malformed, or used twice."),
    (UNKNOWN_FIELD, "A value is given for a field that the configuration does not have."),
    (MISFIT, "A value that is given does not fit its field."),
    (NOT_GIVEN, "A required value is not given."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_same_table() {
        let guide = include_str!("../../../docs/config.md");
        for (code, doc) in ALL {
            let row = format!("| `{code}` | {doc} |");
            assert!(guide.contains(&row), "docs/config.md lacks the row: {row}");
        }
    }
}
