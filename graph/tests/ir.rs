//! IR text and verifier: round trips of random modules, a table of what is refused, damaged text.

use std::collections::BTreeSet;
use std::sync::Arc;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use statewright_graph::ir::ops::OPS;
use statewright_graph::ir::text::{parse, print};
use statewright_graph::ir::{Inst, Module, generate, verify};
use statewright_types::Schema;
use statewright_types::random::splitmix64;

const SCHEMA: &str = r#"
package demo

@root(active)
type Game {
    Round int32
    Ratio float32
    Title string
    Players []Player @key(ID)
    Scores map[string]int64
    Leader *Player
    Best *int16
}

type Player {
    ID string
    Seat uint8
    Big uint64
    Token uuid
    Data bytes
    Hand []int32
    Pos Point
}

type Point {
    X float64
    Y float64
}
"#;

fn schema() -> Arc<Schema> {
    let (schema, diagnostics) = statewright_types::schema::text::parse(SCHEMA);
    Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")))
}

fn assert_same(a: &Module, b: &Module) {
    assert_eq!((a.root, a.traced), (b.root, b.traced));
    assert_eq!(a.functions, b.functions);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back(seed: u64) {
        let schema = schema();
        let module = generate::module(&schema, seed);
        prop_assert_eq!(verify(&module), Ok(()));
        let text = print(&module);
        let again = parse(&text, &schema).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        assert_same(&again, &module);
        prop_assert_eq!(print(&again), text);
    }
}

#[test]
fn random_modules_contain_every_operation() {
    let schema = schema();
    let mut missing: BTreeSet<&str> = OPS.iter().map(|row| row.mnemonic).collect();
    for seed in 0..2_000 {
        let insts = |inst: &Inst| inst.op.row().mnemonic;
        for block in generate::module(&schema, seed).functions.iter().flat_map(|function| &function.blocks) {
            block.insts.iter().map(insts).for_each(|name| {
                missing.remove(name);
            });
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

/// Truncated and damaged text is refused or read, and what is read is verified or refused; nothing panics.
#[test]
fn damaged_text_does_no_harm() {
    let schema = schema();
    let mut random = 1;
    let (mut read, mut refused) = (0, 0);
    for seed in 0..40 {
        let text = print(&generate::module(&schema, seed));
        for _ in 0..100 {
            let mut bytes = text.clone().into_bytes();
            let place = splitmix64(&mut random) as usize % bytes.len();
            match splitmix64(&mut random) % 4 {
                0 => bytes.truncate(place),
                1 => bytes[place] ^= 1 << (splitmix64(&mut random) % 8),
                2 => drop(bytes.remove(place)),
                _ => bytes[place] = b"v0123456789b(){}[]*,.:;@\"-# "[splitmix64(&mut random) as usize % 28],
            }
            match parse(&String::from_utf8_lossy(&bytes), &schema) {
                Ok(module) => {
                    let _ = verify(&module);
                    assert_same(&parse(&print(&module), &schema).unwrap(), &module);
                    read += 1;
                }
                Err(error) => {
                    assert!(error.line >= 1 && error.column >= 1 && !error.message.is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(read > 50 && refused > 500, "{read} {refused}");
}

/// A module of one handler with this body, and functions after it.
fn handler(body: &str) -> String {
    format!("module root Game\nhandler \"H\" event \"E\" (\"senderID\": string) suspends {{\nb0(v0: string):\n{body}")
}

fn check_text(text: &str, expected: Expect) {
    let found = match parse(text, &schema()) {
        Ok(module) => match verify(&module) {
            Ok(()) => "valid".to_string(),
            Err(errors) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        },
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&found);
}

fn check(body: &str, expected: Expect) {
    check_text(&handler(body), expected);
}

#[test]
fn a_handler_as_it_is_meant_to_look() {
    check(
        r#"
        fuel 1 @"get"                      ; a comment; "even this"
        v1: Game = root Game @"get"
        v2: []Player = load Game.Players v1 @"get"
        v3: int64 = list.find_key Player.ID v2, v0
        v4: int64 = iconst 0
        v5: bool = icmp lt v3, v4
        branch v5, b1(), b2(v3)
    b1():
        trap not_found @"get"
    b2(v6: int64):
        suspend duration v6 -> b3(v6) @"wait"
    b3(v7: int64):
        v8: {"at": int32, "s": string} = zero {"at": int32, "s": string}
        v9: float64 = fconst 0x7ff8000000000001
        v10: float64 = fconst -0.5e-3
        v11: string = sconst "\u00e9\n\ud83d\ude00"
        emit.all v11, v8
        return
    }"#,
        expect!["valid"],
    );
}

#[test]
fn text_errors_say_where() {
    check_text("", expect!["line 1, column 1: expected `module root NAME`"]);
    check_text("module root Nobody", expect![[r#"line 1, column 13: the schema has no type "Nobody""#]]);
    check("frobnicate v0", expect!["line 4, column 1: expected an operation, not `frobnicate`"]);
    check("v1: int65 = iconst 1", expect![[r#"line 4, column 5: the schema has no type "int65""#]]);
    check("v1: int64 = iconst x", expect!["line 4, column 20: expected an integer, not `x`"]);
    check("v1: int64 = load Player.Age v0", expect![[r#"line 4, column 25: the struct has no field "Age""#]]);
    check("v1: bool = bconst true\nv1: bool = bconst true", expect!["line 5, column 9: v1 is defined twice"]);
    check(
        "v2: bool = bconst true\nreturn\n}",
        expect!["line 6, column 2: v1 is missing: define it or list it as `unused`"],
    );
    check("jump b1(v0,)", expect!["line 4, column 12: expected a value (`v0`, `v1`, …), not ``"]);
    check("return\nb2():", expect!["line 5, column 3: blocks stand in order, this one should be b1"]);
    check("call \"nobody\" v0", expect![[r#"line 4, column 6: there is no function "nobody""#]]);
    check("v1: string = sconst \"abc", expect![[r#"line 4, column 21: a string is not closed: add the closing `"`"#]]);
    check("return", expect!["line 5, column 1: the text ends where a block or `}` was expected"]);
    let deep = format!("v1: {}int64 = iconst 1", "[]".repeat(100_000));
    check(&deep, expect!["line 4, column 263: the type nests deeper than 128"]);
}

#[test]
fn types_of_instructions_are_checked() {
    check("v1: int64 = iadd v0, v0\nreturn\n}", expect![[r#""H", b0: iadd: operand 1 must be int64, not string"#]]);
    check("v1: bool = iconst 1\nreturn\n}", expect![[r#""H", b0: iconst: the result is int64, not bool"#]]);
    check("iconst 1\nreturn\n}", expect![[r#""H", b0: iconst: the result is int64, not nothing"#]]);
    check(
        "v1: int64 = iconst 1\nv2: int64 = fuel 1\nreturn\n}",
        expect![[r#""H", b0: fuel: the result is nothing, not int64"#]],
    );
    check("fuel -1\nreturn\n}", expect![[r#""H", b0: fuel: fuel must not be negative"#]]);
    check("v1: int64 = str.len\nreturn\n}", expect![[r#""H", b0: str.len: takes 1 operands, not 0"#]]);
    check(
        "v1: Player = zero Player\nv2: int64 = load Point.X v1\nreturn\n}",
        expect![[r#""H", b0: load: the field must be one of the struct's"#]],
    );
    check(
        "v1: Player = zero Player\nstore Player.Seat v1, v0\nreturn\n}",
        expect![[r#""H", b0: store: the value must be int64, not string"#]],
    );
    check(
        "v1: []int32 = list.new []int32 v0\nreturn\n}",
        expect![[r#""H", b0: list.new: an element must be int64, not string"#]],
    );
    check(
        "v1: bool = bconst true\ntrap_if custom v1\nreturn\n}",
        expect![[r#""H", b0: trap_if: this code cannot be raised here"#]],
    );
    check("enter\nreturn\n}", expect![[r#""H", b0: enter: stands in a module that is not traced"#]]);
    check("v1: int32 = zero int32\nreturn\n}", expect![[r#""H": the type of v1 is not well formed and loaded"#]]);
    check("return v0\n}", expect![[r#""H", b0: returns something else than the function's result"#]]);
    check("branch v0, b1(), b1()\nb1():\nreturn\n}", expect![[r#""H", b0: the condition must be Bool, not string"#]]);
    check("trap custom\n}", expect![[r#""H", b0: a custom trap needs a message"#]]);
    check("jump b1()\nb1(v1: string):\nreturn\n}", expect![[r#""H", b0: b1 takes 1 arguments, not 0"#]]);
    check("jump b1(v0)\nb1(v1: bool):\nreturn\n}", expect![[r#""H", b0: argument 1 of b1 has the wrong type"#]]);
}

#[test]
fn definitions_dominate_uses() {
    check(
        "v1: int64 = ineg v2\nv2: int64 = iconst 1\nreturn\n}",
        expect![[r#""H", b0: v2 is used where it need not have been defined"#]],
    );
    check(
        "v1: bool = bconst true\nbranch v1, b1(), b2()\nb1():\nv2: int64 = iconst 1\njump b2()\nb2():\nv3: int64 = ineg v2\nreturn\n}",
        expect![[r#""H", b2: v2 is used where it need not have been defined"#]],
    );
    check(
        "unused v1: int64\nv2: int64 = ineg v1\nreturn\n}".replace("unused v1: int64\n", "").as_str(),
        expect!["line 6, column 2: v1 is missing: define it or list it as `unused`"],
    );
    check("jump b0(v0)\n}", expect![[r#""H", b0: goes to the entry block"#]]);
    check("jump b7()\n}", expect![[r#""H", b0: there is no block b7"#]]);
    // A loop: the body may use what the head defines, the head may not use what the body defines.
    check(
        "v1: int64 = iconst 1\njump b1()\nb1():\nv2: int64 = iadd v1, v3\njump b2()\nb2():\nv3: int64 = iadd v1, v2\njump b1()\n}",
        expect![[r#""H", b1: v3 is used where it need not have been defined"#]],
    );
}

#[test]
fn nothing_survives_a_suspension_but_its_parameters() {
    let before = "v1: int64 = iconst 5\n";
    check(
        &format!("{before}suspend duration v1 -> b1()\nb1():\nv2: int64 = ineg v1\nreturn\n}}"),
        expect![[r#""H", b1: v1 is used where it need not have been defined"#]],
    );
    // Nor after a join with a way that did not suspend.
    check(
        &format!(
            "{before}v2: bool = bconst true\nbranch v2, b1(), b2()\nb1():\nsuspend duration v1 -> b3()\nb2():\nv3: int64 = ineg v1\nreturn\nb3():\njump b2()\n}}"
        ),
        expect![[r#""H", b2: v1 is used where it need not have been defined"#]],
    );
    check(
        &format!(
            "{before}v2: bool = bconst true\nbranch v2, b1(), b2()\nb1():\nsuspend duration v1 -> b2()\nb2():\nreturn\n}}"
        ),
        expect![[r#""H", b2: a resume block must have exactly one edge to it"#]],
    );
}

#[test]
fn deadlines_are_checked_as_resumptions_are() {
    let before = "v1: int64 = iconst 5\n";
    let with = |rest: &str| format!("{before}suspend duration v1 -> b1() {rest}\nreturn\n}}");
    check(
        &with("until v1 -> b2(v0) until v1 -> b3()\nb1():\nreturn\nb2(v2: string):\nreturn\nb3():"),
        expect!["valid"],
    );
    check(&with("until v0 -> b2()\nb1():\nreturn\nb2():"), expect![[r#""H", b0: a deadline must be Int, not string"#]]);
    check(
        &with("until v1 -> b2(v1)\nb1():\nreturn\nb2(v2: string):"),
        expect![[r#""H", b0: argument 1 of b2 has the wrong type"#]],
    );
    check(&with("until v1 -> b1()\nb1():"), expect![[r#""H", b1: a resume block must have exactly one edge to it"#]]);
    check(
        &with("until v1 -> b2()\nb1():\nreturn\nb2():\nv2: int64 = ineg v1"),
        expect![[r#""H", b2: v1 is used where it need not have been defined"#]],
    );
}

#[test]
fn calls_are_checked_across_functions() {
    let with = |body: &str, functions: &str| format!("{}\n{functions}", handler(body));
    let twice = "function \"Twice\" (\"x\": int32) -> int64 {\nb0(v0: int64):\nv1: int64 = iadd v0, v0\nreturn v1\n}";
    let sleep = "function \"Sleep\" () -> string suspends {\nb0():\nv0: int64 = iconst 1\nsuspend duration v0 -> b1()\nb1():\nv1: string = sconst \"x\"\nreturn v1\n}";
    check_text(&with("v1: int64 = iconst 2\nv2: int64 = call \"Twice\" v1\nreturn\n}", twice), expect!["valid"]);
    check_text(
        &with("v1: int64 = call \"Twice\" v0\nreturn\n}", twice),
        expect![[r#""H", b0: call: argument 1 must be int64, not string"#]],
    );
    check_text(&with("call_suspending \"Sleep\"() -> b1()\nb1(v1: string):\nreturn\n}", sleep), expect!["valid"]);
    check_text(
        &with("v1: string = call \"Sleep\"\nreturn\n}", sleep),
        expect![[r#""H", b0: call: "Sleep" may suspend and must be called by a terminator"#]],
    );
    check_text(
        &with("call_suspending \"Sleep\"() -> b1()\nb1():\nreturn\n}", sleep),
        expect![[r#""H", b0: b1 takes 0 arguments, not 1"#]],
    );
    check_text(
        &with("return\n}", &sleep.replace(" suspends", "")),
        expect![[r#""Sleep", b0: the function may suspend and does not say so"#]],
    );
    check_text(&with("call #0 v0\nreturn\n}", ""), expect![[r#""H", b0: call: there is no function #0"#]]);
    let chain = |length: usize, last: usize| {
        let function = |index: usize| {
            let call = if index == length - 1 && last == length {
                String::new()
            } else {
                format!("call \"f{}\"\n", (index + 1).min(last))
            };
            format!("function \"f{index}\" () {{\nb0():\n{call}return\n}}\n")
        };
        with("call \"f0\"\nreturn\n}", &(0..length).map(function).collect::<String>())
    };
    check_text(&chain(64, 64), expect!["valid"]);
    check_text(&chain(65, 65), expect![[r#""f64": calls nest deeper than 64"#]]);
    check_text(&chain(3, 2), expect![[r#""f2": is part of a recursion, or called from one"#]]);
}
