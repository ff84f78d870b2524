//! What is said about wrong schemas.

use expect_test::{Expect, expect};

use super::super::{json, text};
use super::show;
use crate::diagnostic::has_errors;

/// The findings about `text`.
fn check(source: &str, expected: Expect) {
    let (schema, diagnostics) = text::parse(source);
    assert_eq!(schema.is_none(), has_errors(&diagnostics));
    expected.assert_eq(&show(source, &diagnostics));
}

fn check_json(source: &str, expected: Expect) {
    let (schema, diagnostics) = json::parse(source);
    assert_eq!(schema.is_none(), has_errors(&diagnostics));
    expected.assert_eq(&show(source, &diagnostics));
}

/// The findings about one field of a type that has others to refer to.
fn check_field(field: &str, expected: Expect) {
    let text = format!("type T {{\n{field}\nID string\nN int32\nF float64\n}}\ntype U {{\nID string\nB bool\n}}\n");
    check(&text, expected);
}

#[test]
fn fields_on_one_line_do_not_get_lost() {
    check(
        "type A {\n  X int32 Y string Z bool\n  V int32 @default(1) W int32 // fine\n  T int32, U int32\n}",
        expect![[r#"
            2:11 E100 "Y": `Y` stands behind the field `X`; write one field a line; what is no field belongs into a `//` comment
            3:23 E100 "W": `W` stands behind the field `V`; write one field a line; what is no field belongs into a `//` comment
        "#]],
    );
    let (schema, findings) = text::parse("type A {\n  T int32, U int32\n}");
    assert_eq!((schema.map(|schema| schema.types()[0].fields.len()), findings.len()), (Some(2), 0));
}

#[test]
fn wrong_text_is_reported_and_skipped() {
    check(
        "package\ntpye A {\n x int\n}\ntype B {\n x\n : y\n z int32 @default(\n w: int32\n v int32 more // fine\n}\n}\ntype C\n@id(3)",
        expect![[r#"
            1:8 E100 "\n": `package` lacks its name; write `package main`
            2:1 E100 "tpye": `tpye` begins no declaration; did you mean `type`?
            6:2 E100 "x": the field `x` lacks its type; write `Name Type`, such as `Score int32`
            7:2 E100 ":": `:` cannot stand here; write one field a line: `Name Type @annotations`
            8:10 E100 "@default(": a parenthesis is not closed on its line; add the closing `)`
            8:19 E111 "": `@default` lacks its value; write it as in `@default(0)`
            9:3 E100 ":": a `:` stands between name and type; write `Name Type`, with a space between them
            10:10 W103 "more": `more` behind the field's type has no effect; remove it, or put it into a `//` comment
            12:1 E100 "}": `}` stands outside of a type or view; remove it, or check the braces above
            13:7 E100 "\n": a `{` is missing; write `{` behind the name
            14:1 E100 "@id(3)": an annotation stands in front of nothing; put it before a `type`, or behind a field
        "#]],
    );
    check(
        "type A {\n x int32\ntype B {\n y int32\n}\nview V { a: b }\nview W {",
        expect![[r#"
        1:6 E100 "A": the `}` of `A` is missing; add it behind the last field
        6:10 E100 "a": `a` cannot stand in a view; write `includes: a, b`
        7:6 E100 "W": the `}` of `W` is missing; add it
    "#]],
    );
    check(
        "",
        expect![[r#"
        1:1 E101 "": the schema declares no type; declare at least one, such as `@root(active) type GameState { Round int32 }`
    "#]],
    );
    check(
        "// nothing",
        expect![[r#"
        1:1 E101 "/": the schema declares no type; declare at least one, such as `@root(active) type GameState { Round int32 }`
    "#]],
    );
}

#[test]
fn names_and_ids_are_checked() {
    check(
        "@id(7) type A {\n x int32\n x int32\n 9 bool\n}\n@id(7) type A { y a-b }\ntype string {}\n@id(0) type Z {}\n@id(99999999999999999999) type Y {}\nview none {}\nview v {}\nview v {}",
        expect![[r#"
            3:2 E102 "x": `A` has two fields called `x`; rename one of them
            4:2 E105 "9": `9` is no name for a field; use letters, digits and `_`, not beginning with a digit, at most 255 bytes
            6:5 E103 "7": `A` and `A` have the same id 7; give `A` an `@id` of its own
            6:13 E102 "A": there are two types called `A`; rename one of them
            6:19 E106 "a-b": there is no type `a-b`; a type is bool, int32, float64, string, uuid, bytes, []T, map[K]V, *T, or one you declare
            7:6 E105 "string": a type cannot be called `string`: the name is reserved; choose another name
            8:5 E104 "0": the id 0 of `Z` is not from 1 to 65535; choose another, or leave `@id` out
            9:5 E111 "99999999999999999999": `99999999999999999999` is no id; give a number from 1 to 65535
            10:6 E105 "none": the view `none` means nobody and cannot be declared; remove it
            12:6 E102 "v": there are two views called `v`; join them
        "#]],
    );
    check(
        "@id(2) type A {}\ntype B {}",
        expect![[r#"
        2:6 E103 "B": `B` has the id 2 by its position, which `A` has too; give `B` an `@id` of its own
    "#]],
    );
    check(
        "type A { x Plyaer\n y [][]strng\n z map[bool]int\n w Inventory }\ntype Player {}",
        expect![[r#"
            1:12 E106 "Plyaer": there is no type `Plyaer`; did you mean `Player`?
            2:4 E106 "[][]strng": there is no type `strng`; did you mean `string`?
            3:4 E106 "map[bool]int": a map's key must be a string or an integer, in `map[bool]int`; a type is bool, int32, float64, string, uuid, bytes, []T, map[K]V, *T, or one you declare
            4:4 E106 "Inventory": there is no type `Inventory`; a type is bool, int32, float64, string, uuid, bytes, []T, map[K]V, *T, or one you declare
        "#]],
    );
}

#[test]
fn ids_steps_and_old_names_of_fields_are_checked() {
    check_field(
        "x int @id(2)\ny int @id(2)\nz int @id(0)\nw int @id(1.5)",
        expect![[r#"
        3:11 E103 "2": `y` and `x` of `T` have the same id 2; give `y` an `@id` of its own, or none
        4:11 E104 "0": the id 0 of `T.z` is not from 1 to 65535; choose another, or leave `@id` out
        5:11 E111 "1.5": `1.5` is no id; give a number from 1 to 65535
    "#]],
    );
    check_field(
        "x int @id(65535)\ny int",
        expect![[r#"
        3:1 E104 "y": no id is left for `T.y` after 65535; give it an `@id` of its own
    "#]],
    );
    check_field(
        "a int @quantize(1)\nb float32 @quantize\nc float @quantize(0)\nd float @quantize(-1)\ne float @quantize(1e999)\nf []float @quantize(1)\ng float @quantize(fine)",
        expect![[r#"
            2:17 E116 "1": `a` is no float, and only those are quantised; give a step above 0, such as `@quantize(0.01)`, to a field of type float32 or float64
            3:11 E111 "@quantize": `@quantize` lacks its value; write it as in `@quantize(0.01)`
            4:19 E116 "0": the step 0 of `c` is no positive number; give a step above 0, such as `@quantize(0.01)`, to a field of type float32 or float64
            5:19 E116 "-1": the step -1 of `d` is no positive number; give a step above 0, such as `@quantize(0.01)`, to a field of type float32 or float64
            6:19 E111 "1e999": `1e999` is no step; give a number above 0, such as 0.01
            7:21 E116 "1": `f` is no float, and only those are quantised; give a step above 0, such as `@quantize(0.01)`, to a field of type float32 or float64
            8:19 E111 "fine": `fine` is no step; give a number above 0, such as 0.01
        "#]],
    );
    check_field(
        "a int @was(B, 9)\nb int @was(B)\nc int @was(ID)\nd int @was(d)\ne int @was",
        expect![[r#"
        2:15 E105 "9": `9` never was the name of a field; give the name that it had
        3:12 E118 "B": both `a` and `b` were `B`; let one of them go on from it
        4:12 E118 "ID": there still is a field called `ID`; remove `@was`, or say what the other one was
        5:12 W102 "d": `d` is what the field is called now; give the name that it had before
        6:7 E111 "@was": `@was` lacks its value; write it as in `@was(OldName)`
    "#]],
    );
    // After a swap nothing is left of either name.
    check_field("a int @was(b)\nb int @was(a)", expect![[r#""#]]);
    check("@was(B) type A {}\n@was(A)\ntype C { x int }\n@was(Old) type B {}", expect![[r#""#]]);
}

#[test]
fn versions_are_checked() {
    let ty = "type T { x int }";
    check(
        &format!("version 0\n{ty}"),
        expect![[r#"
        1:9 E117 "0": the version 0 is not from 1 to 4294967295; count versions from 1
    "#]],
    );
    check(
        &format!("version 4294967296\n{ty}\nversion 1 // one\nversion\nversion two"),
        expect![[r#"
        3:9 E100 "1": the schema has two versions; keep one of them
        4:8 E100 "\n": `version` lacks its number; write `version 1`
        5:9 E100 "two": `version` lacks its number; write `version 1`
    "#]],
    );
    check(
        &format!("version 3 more\n{ty}"),
        expect![[r#"
        1:11 W103 "more": `more` behind the version has no effect; remove it, or put it into a `//` comment
    "#]],
    );
    check_json(
        r#"{"version": "2", "types": [{"name": "T", "was": 3, "fields": [
            {"name": "x", "type": "float64", "id": "1", "quantize": "0.1", "was": [null]}]}]}"#,
        expect![[r#"
            1:13 E113 "\"2\"": `version` is a string; make it a number from 1 to 4294967295
            1:49 E113 "3": `was` is a number; make it an array
            2:52 E113 "\"1\"": `id` is a string; make it a number from 1 to 65535
            2:69 E113 "\"0.1\"": `quantize` is a string; make it a number above 0
            2:84 E113 "null": `was` is null; make it a string
            2:84 E105 "null": `` never was the name of a field; give the name that it had
        "#]],
    );
}

#[test]
fn keys_owners_and_teams_are_checked() {
    check_field(
        "x []U @key(Id)",
        expect![[r#"
        2:12 E108 "Id": `U` has no field `Id` to be the key of `x`; did you mean `ID`?
    "#]],
    );
    check_field(
        "x []U @key(B)",
        expect![[r#"
        2:12 E108 "B": the key field `U.B` is neither text nor an integer; use a field of type string, uuid or an integer type
    "#]],
    );
    check_field(
        "x []int32 @key(ID)",
        expect![[r#"
        2:16 E108 "ID": `@key` on `x`, which is no list or map of structs; remove it, or make the field a list of a type you declare
    "#]],
    );
    check_field(
        "x *U @key(ID)",
        expect![[r#"
        2:11 E108 "ID": `@key` on `x`, which is no list or map of structs; remove it, or make the field a list of a type you declare
    "#]],
    );
    check_field("x []*U @key(ID)\n y map[string]U @key(ID)", expect![[""]]);
    check_field(
        "x bool @team\n y string @team",
        expect![[r#"
        2:3 E111 "bool": `@team` field `x` is neither text nor an integer; use string, uuid or an integer type
        3:2 E111 "y": `T` has two `@team` fields, `x` and `y`; keep one of them
    "#]],
    );
    check(
        "@owner(X) type A { ID string }\n@owner(N) type B { N int32 }\n@owner type C {}",
        expect![[r#"
            1:8 E109 "X": `A` has no field `X` to own it; there is `ID`
            2:8 E109 "N": the owner field `N` is not text, and player ids are; use a field of type string or uuid
            3:1 E111 "@owner": `@owner` lacks its value; write it as in `@owner(PlayerID)`
        "#]],
    );
}

#[test]
fn annotations_are_checked() {
    check_field(
        "x int32 @nosync @views(owner) @helper @",
        expect![[r#"
        2:9 W100 "@nosync": the annotation `@nosync` is unknown and has no effect; did you mean `@noSync`?
        2:17 W100 "@views(owner)": the annotation `@views` is unknown and has no effect; did you mean `@view`?
        2:31 W100 "@helper": `@helper` has no effect on a field; a field takes `@auto`, `@default`, `@id`, `@key`, `@noSync`, `@optional`, `@quantize`, `@team`, `@view`, `@was`, `@write`
        2:39 W100 "@": an `@` without a name has no effect; a field takes `@auto`, `@default`, `@id`, `@key`, `@noSync`, `@optional`, `@quantize`, `@team`, `@view`, `@was`, `@write`
    "#]],
    );
    check_field(
        "x int32 @view @write(me) @optional(true) @key() @default()",
        expect![[r#"
        2:9 E111 "@view": `@view` lacks its value; write it as in `@view(owner)`
        2:22 E111 "me": `me` is nobody who writes; write server, owner or all
        2:36 E111 "true": `@optional` takes no value; write `@optional` alone
        2:47 E111 "": `@key` lacks its value; write it as in `@key(ID)`
        2:58 E111 "": `@default` lacks its value; write it as in `@default(0)`
    "#]],
    );
    check_field(
        "x int32 @default(1) @default(2)",
        expect![[r#"
        2:21 E111 "@default(2)": `@default` stands twice, or contradicts another annotation; keep one of them
    "#]],
    );
    check_field(
        "x string @auto @default(a)",
        expect![[r#"
        2:16 E111 "@default(a)": `@default` stands twice, or contradicts another annotation; keep one of them
    "#]],
    );
    check_field(
        "x int32 @view(admn) @view(referee)",
        expect![[r#"
        2:21 E111 "@view(referee)": `@view` stands twice, or contradicts another annotation; keep one of them
        2:27 W101 "referee": no view is called `referee`; declare it with `view referee {}`, or define it in the document
    "#]],
    );
    check_field(
        "x int32 @view(all, owner)\n y int32 @view(none, team)\n z int32 @view(owner, owner)",
        expect![[r#"
        2:15 W102 "all": `all` lets everybody see it, so the other views have no effect; remove them or `all`
        3:16 W102 "none": the field is hidden from everybody, so its other views have no effect; remove `none` or `@noSync`, or the other views
        4:23 W102 "owner": the view `owner` stands twice; remove one of them
    "#]],
    );
    check(
        "@root(on) @helper type A {}\n@key(ID) type B {}",
        expect![[r#"
            1:7 E111 "on": a root is active or inactive, not `on`; write `@root(active)` or `@root(inactive)`
            1:11 E111 "@helper": `@helper` stands twice, or contradicts another annotation; keep one of them
            2:1 W100 "@key(ID)": `@key` has no effect on a type; a type takes `@helper`, `@id`, `@owner`, `@root`, `@was`
        "#]],
    );
    check(
        "type A {}\nview a { includes: b, x }\nview b { includes: c }\nview c { includes: a }\nview d { includes: d }\nview e {}",
        expect![[r#"
            2:6 E114 "a": the view `a` includes itself, or one that does; remove an `includes` of the circle
            2:23 W101 "x": no view is called `x`; declare it with `view x {}`, or define it in the document
            3:6 E114 "b": the view `b` includes itself, or one that does; remove an `includes` of the circle
            4:6 E114 "c": the view `c` includes itself, or one that does; remove an `includes` of the circle
            5:6 E114 "d": the view `d` includes itself, or one that does; remove an `includes` of the circle
        "#]],
    );
}

#[test]
fn defaults_are_checked() {
    check_field(
        "x int8 @default(128)",
        expect![[r#"
        2:17 E110 "128": the default of `T.x` does not fit: 128 is not from -128 to 127; give a value of type int8
    "#]],
    );
    check_field(
        "x uint64 @default(-1)",
        expect![[r#"
        2:19 E110 "-1": the default of `T.x` does not fit: -1 is not from 0 to 18446744073709551615; give a value of type uint64
    "#]],
    );
    check_field(
        "x int32 @default(1.0)",
        expect![[r#"
        2:18 E110 "1.0": the default of `T.x` does not fit: 1.0 is no int32; give a value of type int32
    "#]],
    );
    check_field(
        "x int32 @default(\"1\")",
        expect![[r#"
        2:18 E110 "\"1\"": the default of `T.x` does not fit: "1" is no int32; give a value of type int32
    "#]],
    );
    check_field(
        "x bool @default(yes)",
        expect![[r#"
        2:17 E110 "yes": the default of `T.x` does not fit: `yes` is neither true nor false; give a value of type bool
    "#]],
    );
    check_field(
        "x float32 @default(.5)",
        expect![[r#"
        2:20 E110 ".5": the default of `T.x` does not fit: `.5` is no number; give a value of type float32
    "#]],
    );
    check_field(
        "x uuid @default(1234)",
        expect![[r#"
        2:17 E110 "1234": the default of `T.x` does not fit: "1234" is no uuid such as 123e4567-e89b-42d3-a456-426614174000; give a value of type uuid
    "#]],
    );
    check_field(
        "x bytes @default(\"a?\")",
        expect![[r#"
        2:18 E110 "\"a?\"": the default of `T.x` does not fit: "a?" is no base64; give a value of type bytes
    "#]],
    );
    check_field(
        "x []int8 @default([1, 300])",
        expect![[r#"
        2:19 E110 "[1, 300]": the default of `T.x` does not fit: in element 1: 300 is not from -128 to 127; give a value of type []int8
    "#]],
    );
    check_field(
        "x map[int8]bool @default({\"300\": true})",
        expect![[r#"
            2:26 E110 "{\"300\": true}": the default of `T.x` does not fit: the key 300 is not from -128 to 127; give a value of type map[int8]bool
        "#]],
    );
    check_field(
        "x map[int8]bool @default({\"01\": true})",
        expect![[r#"
        2:26 E110 "{\"01\": true}": the default of `T.x` does not fit: the key "01" is no integer; give a value of type map[int8]bool
    "#]],
    );
    check_field(
        "x U @default({\"ID\": \"a\", \"Q\": 1})",
        expect![[r#"
        2:14 E110 "{\"ID\": \"a\", \"Q\": 1}": the default of `T.x` does not fit: `U` has no field `Q`; give a value of type U
    "#]],
    );
    check_field(
        "x []U @default([{\"B\": 1}])",
        expect![[r#"
        2:16 E110 "[{\"B\": 1}]": the default of `T.x` does not fit: in element 0: in field `B`: 1 is no bool; give a value of type []U
    "#]],
    );
    check_field(
        "x string @default(\"a)",
        expect![[r#"
        2:10 E100 "@default(\"a)": a quote is not closed on its line; add the closing `"`
        2:19 E110 "\"a": a string is not closed; add the closing `"`
    "#]],
    );
    check_field(
        "x string @default(\"a\" b)",
        expect![[r#"
        2:23 E110 "b": `b` follows the end of the document; a JSON document is one value; remove what follows it, or check for a bracket closed too early
    "#]],
    );
    check_field(
        "x []int32 @default(config:A.B)\n y int32 @default(config:A)",
        expect![[r#"
        2:20 E110 "config:A.B": the default of `T.x` does not fit: configuration holds bools, numbers and text only; give a value of type []int32
        3:19 E110 "config:A": the default of `T.y` does not fit: `config:A` is not `config:GROUP.FIELD`; give a value of type int32
    "#]],
    );
    check_field(
        "x *int32 @default(null)\n y *U @default({})\n z uuid @default(\"123E4567-E89B-42D3-A456-426614174000\")",
        expect![[""]],
    );
}

#[test]
fn structs_without_end_are_found() {
    check(
        "type A { b B }\ntype B { c C\n x int32 }\ntype C { a A }\ntype D { a A }",
        expect![[r#"
        1:12 E107 "B": making one `A` makes another without end: A.b → B.c → C.a → A; make one of these fields nullable (`*T`) or a list (`[]T`), with a default that has no such struct
    "#]],
    );
    check(
        "type A { a A }",
        expect![[r#"
        1:12 E107 "A": making one `A` makes another without end: A.a → A; make one of these fields nullable (`*T`) or a list (`[]T`), with a default that has no such struct
    "#]],
    );
    check("type A { a *A\n l []A\n m map[string]A }", expect![[""]]);
    check(
        "type A { l []A @default([{}]) }",
        expect![[r#"
        1:12 E107 "[]A": making one `A` makes another without end: A.l → A; make one of these fields nullable (`*T`) or a list (`[]T`), with a default that has no such struct
    "#]],
    );
    check(
        "type A { b B @default({\"l\": [{}]}) }\ntype B { l []A }",
        expect![[r#"
        1:12 E107 "B": making one `A` makes another without end: A.b → A; make one of these fields nullable (`*T`) or a list (`[]T`), with a default that has no such struct
    "#]],
    );
}

#[test]
fn structs_that_make_too_many_are_found() {
    let mut text = String::from("type T0 { x int32 }\n");
    for level in 1..16 {
        text += &format!("type T{level} {{ a T{0}\n b T{0} }}\n", level - 1);
    }
    check(
        &text,
        expect![[r#"
        26:6 E107 "T13": making one `T13` makes 16383 structs, nested 14 deep; the limits are 10000 and 64; make some fields nullable (`*T`), or shorten the defaults
    "#]],
    );
    let chain: String = (0..100).map(|n| format!("type C{n} {{ next C{} }}\n", n + 1)).collect();
    check(
        &(chain + "type C100 {}"),
        expect![[r#"
        37:6 E107 "C36": making one `C36` makes 65 structs, nested 65 deep; the limits are 10000 and 64; make some fields nullable (`*T`), or shorten the defaults
    "#]],
    );
}

#[test]
fn wrong_json_is_reported() {
    check_json(
        "[",
        expect![[r#"
        1:2 E001 "": the end of the text stands where a value should be; a value is a string, a number, true, false, null, `[…]` or `{…}`
    "#]],
    );
    check_json(
        "[]",
        expect![[r#"
        1:1 E113 "[]": `schema` is an array; make it an object
    "#]],
    );
    check_json(
        "{}",
        expect![[r#"
        1:1 E101 "{}": the schema declares no type; declare at least one, such as `@root(active) type GameState { Round int32 }`
    "#]],
    );
    check_json(
        r#"{"types": {}, "package": 1}"#,
        expect![[r#"
        1:11 E113 "{}": `types` is an object; make it an array
        1:26 E113 "1": `package` is a number; make it a string
    "#]],
    );
    check_json(
        r#"{"types": [{"id": "x", "feilds": []}, {"name": "A", "role": "boss", "fields": [
            {"name": "x"}, {"type": "int32"}, {"name": "y", "type": "int8", "defaultValue": "999"},
            {"name": "z", "type": "int8", "defaultSource": "magic", "write": "me", "optional": 1, "autoGen": 5},
            {"name": "w", "type": "uuid", "defaultValue": "", "autoGen": "uuid"}]}]}"#,
        expect![[r#"
            1:12 E105 "{\"id\": \"x\", \"feilds\": []}": a type has no name; give it one
            1:19 E113 "\"x\"": `id` is a string; make it a number from 1 to 65535
            1:24 W103 "\"feilds\"": the key `feilds` has no effect; did you mean `fields`?
            1:61 E113 "\"boss\"": `role` is a string; make it "helper" or "root", not "boss"
            2:13 E106 "{\"name\": \"x\"}": the field `x` has no type; give it one, such as int32
            2:28 E105 "{\"type\": \"int32\"}": a field has no name; give it one
            2:93 E110 "\"999\"": the default of `A.y` does not fit: 999 is not from -128 to 127; give a value of type int8
            3:60 E113 "\"magic\"": `defaultSource` is a string; make it "literal" or "config"
            3:78 E113 "\"me\"": `write` is a string; make it "server", "owner" or "all"
            3:96 E113 "1": `optional` is a number; make it true or false
            3:110 E113 "5": `autoGen` is a number; make it "uuid"
            4:59 E111 "\"\"": a field has either a default or `autoGen`; remove one of them
        "#]],
    );
}
