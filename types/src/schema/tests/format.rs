//! The layout of `.schema` files.

use expect_test::{Expect, expect};

use crate::schema::text::{format, parse};

/// Formats, and checks that nothing is lost and that formatting again changes nothing.
fn check(text: &str, expected: Expect) {
    let formatted = format(text).expect("a good schema");
    expected.assert_eq(&formatted);
    assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "formatting again changes it");
    assert_eq!(parse(text).0, parse(&formatted).0, "it means something else");
    let comments = |text: &str| text.matches("//").count() + text.matches('#').count();
    assert_eq!(comments(text), comments(&formatted), "a comment is lost");
}

#[test]
fn columns_are_as_wide_as_they_must_be() {
    check(
        "package a\n\n\n// Who plays.\n@helper   @id( 3 )\ntype   Player{\n\n  ID string\n\tScore int64 @default(1)   @write(server) // points\n  Tags map[string]string # short\n\n\n  // by place\n  Hand []int32 @view(owner)\n\n}\nview v { includes : admin ,owner}\n\n",
        expect![[r#"
            package a

            // Who plays.
            @helper @id( 3 )
            type Player {
                ID    string
                Score int64    @default(1) @write(server)  // points
                Tags  map[string]string                    # short

                // by place
                Hand  []int32  @view(owner)
            }
            view v { includes: admin, owner }
        "#]],
    );
}

#[test]
fn columns_stay_where_most_lines_have_them() {
    check(
        "@root(active)\ntype Game {\n    Round       int32       @default(1)     // first\n    Phase       string      @default(\"a\")\n    Names []string          // all\n    X int8 @default(2) // more\n    Deck        []int32     @view(none)     // hidden\n}\n",
        expect![[r#"
            @root(active)
            type Game {
                Round       int32       @default(1)     // first
                Phase       string      @default("a")
                Names       []string                    // all
                X           int8        @default(2)     // more
                Deck        []int32     @view(none)     // hidden
            }
        "#]],
    );
}

#[test]
fn declarations_on_one_line_and_braces_on_their_own() {
    check(
        "type A { X int32 }\ntype B\n{\n  Y string @default(\"} // no\") }\r\n// last\ntype C { // about C\n Z bool\n} // end of C\n",
        expect![[r#"
            type A {
                X int32
            }
            type B {
                Y string @default("} // no")
            }
            // last
            type C {  // about C
                Z bool
            }  // end of C
        "#]],
    );
}

#[test]
fn views_of_several_lines() {
    check(
        "type A {\n X int32\n}\nview a {\n includes: admin,\n  owner\n}\nview b {}\n",
        expect![[r#"
        type A {
            X int32
        }
        view a { includes: admin, owner }
        view b {}
    "#]],
    );
    // A comment inside of a view has no better place.
    let text = "type A {\n X int32\n}\nview a {\n includes: admin // all\n}\n";
    check(
        text,
        expect![[r#"
        type A {
         X int32
        }
        view a {
         includes: admin // all
        }
    "#]],
    );
}

#[test]
fn broken_schemas_are_not_formatted() {
    assert!(format("type A {\n X\n").is_err());
}

/// Whatever the white space, the layout is the same and the meaning stays.
#[test]
fn white_space_does_not_matter() {
    let text = "package a\nversion 3 // so far\n\n// Docs.\n@id(4)\ntype Player {\n    X    float32  @quantize(0.5) @id(9) @was(PosX)\n    ID   string            // who\n    Hand []int32  @view(owner)\n}\n\n@root(active)\ntype Game {\n    Players []Player  @key(ID)\n}\n";
    let mut seed = 7u64;
    for _ in 0..200 {
        let mut mutated = String::new();
        for letter in text.chars() {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            match (letter, seed >> 61) {
                (' ', 0) => mutated.push_str("   "),
                (' ', 1) => mutated.push('\t'),
                ('\n', 2) => mutated.push_str("  \r\n"),
                ('{' | '@', 3) => mutated.extend([' ', letter]),
                _ => mutated.push(letter),
            }
        }
        let formatted = format(&mutated).expect("a good schema");
        assert_eq!(parse(&formatted).0, parse(&mutated).0, "{mutated}");
        assert_eq!(format(&formatted), Ok(formatted.clone()), "{mutated}");
    }
}
