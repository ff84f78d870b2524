//! What can be wrong with a schema, by code. `docs/schema.md` has the same table.

macro_rules! codes {
    ($($name:ident $code:literal $doc:literal;)*) => {
        $(#[doc = $doc] pub const $name: &str = $code;)*

        /// Every code with one sentence about it, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $doc),)*];
    };
}

codes! {
    SYNTAX "E100" "The text does not follow the grammar.";
    EMPTY "E101" "The schema declares no type.";
    DUPLICATE_NAME "E102" "Two types, two fields of a type, or two views have the same name.";
    DUPLICATE_ID "E103" "Two types, or two fields of a type, have the same id.";
    BAD_ID "E104" "The id of a type or field is not a number from 1 to 65535.";
    BAD_NAME "E105" "A name is not made of letters, digits and `_`, or it is reserved.";
    UNKNOWN_TYPE "E106" "A field's type is unknown or malformed.";
    ENDLESS "E107" "Making one struct would make another of its kind without end, or too many at once.";
    BAD_KEY "E108" "`@key` stands on the wrong type, or names no usable field.";
    BAD_OWNER "E109" "`@owner` names no text field of its type.";
    BAD_DEFAULT "E110" "A default does not fit its field's type.";
    BAD_ANNOTATION "E111" "An annotation lacks its value, has a wrong one, or stands twice.";
    TOO_MUCH "E112" "The schema is beyond a limit: text size, number of types or fields, number of findings.";
    BAD_SHAPE "E113" "The schema JSON has a value of the wrong kind, or lacks one.";
    VIEW_CYCLE "E114" "A view includes itself.";
    CONFIG_DEFAULT "E115" "A default draws on a configured value that does not exist or does not fit.";
    BAD_STEP "E116" "`@quantize` stands on what is no float, or its step is not a positive, finite number.";
    BAD_VERSION "E117" "The schema's version is not a number from 1 to 4294967295.";
    BAD_WAS "E118" "`@was` names what two things were called, or what is still there.";
    UNKNOWN_ANNOTATION "W100" "An annotation is unknown and has no effect.";
    UNKNOWN_VIEW "W101" "A view is not declared; a document's function or a grant may still define it.";
    NO_EFFECT "W102" "Something contradicts or repeats something else and has no effect.";
    IGNORED "W103" "Text or a key is not understood and has no effect.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_are_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn the_guide_has_the_same_table() {
        let guide = include_str!("../../../docs/schema.md");
        for (code, doc) in ALL {
            let row = format!("| `{code}` | {doc} |");
            assert!(guide.contains(&row), "docs/schema.md lacks the row: {row}");
        }
    }
}
