//! What the passes make of small functions: IR text in, IR text out.

use std::sync::Arc;

use expect_test::{Expect, expect};
use statewright_graph::ir::verify::Verified;
use statewright_graph::ir::{Module, text};
use statewright_graph::passes;
use statewright_types::Schema;

mod fused;
mod keyed;

const SCHEMA: &str = r#"
package demo

@root(active)
type Game {
    Round int32
    Players []Player @key(ID)
    Tokens []Token @key(ID)
}

type Token {
    ID uuid
}

type Player {
    ID string
    Seat int64
}
"#;

fn module(body: &str) -> Module {
    let (schema, diagnostics) = statewright_types::schema::text::parse(SCHEMA);
    let schema: Arc<Schema> = Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let (suspends, functions) = (if body.contains("suspend") { " suspends" } else { "" }, body.split_once("---"));
    let (body, functions) = functions.unwrap_or((body, ""));
    let text = format!(
        "module root Game\nhandler \"H\" event \"E\" (\"senderID\": string, \"n\": int64){suspends} {{\nb0(v0: string, v1: int64):\n{body}}}\n{functions}"
    );
    text::parse(&text, &schema).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The handler's blocks.
fn blocks(module: &Module) -> String {
    let text = module.to_string();
    let start = text.find("b0(").unwrap_or(0);
    let end = text[start..].find("\n}").map_or(text.len(), |end| start + end + 1);
    text[start..end].to_owned()
}

fn check(body: &str, expected: Expect) {
    let mut module = Verified::new(module(body)).unwrap_or_else(|errors| panic!("{errors:?}")).into_inner();
    passes::run(&mut module);
    let verified = Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    expected.assert_eq(&blocks(&verified));
}

fn check_without_branches(body: &str, expected: Expect) {
    let verified = Verified::new(module(body)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let made = passes::without_branches(&verified).unwrap_or_else(|errors| panic!("{errors:?}"));
    expected.assert_eq(&blocks(&made));
}

#[test]
fn what_is_known_is_computed_and_checks_that_fail_stay() {
    check(
        "v2: int64 = iconst 6
        v3: int64 = iconst 7
        v4: int64 = imul v2, v3
        v5: int64 = iadd v1, v4
        v6: int64 = iconst 0
        v7: int64 = iadd v5, v6
        v8: bool = icmp gt v4, v2
        trap_if out_of_range v8 @\"a\"
        v9: Game = root Game
        store Game.Round v9, v7
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = iconst 42
                v3: int64 = iadd v1, v2
                trap out_of_range @"a"
        "#]],
    );
    check(
        "v2: int64 = iconst 9223372036854775807
        v3: int64 = iconst 1
        v4: int64 = iadd v2, v3 @\"stops\"
        v5: int64 = idiv v3, v1 @\"may stop\"
        v6: int64 = iadd.wrap v2, v3
        v7: float64 = itof v6
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = iconst 9223372036854775807
                v3: int64 = iconst 1
                v4: int64 = iadd v2, v3 @"stops"
                v5: int64 = idiv v3, v1 @"may stop"
                return
        "#]],
    );
}

#[test]
fn a_number_that_fits_is_not_made_to_fit_again() {
    check(
        "v2: int64 = narrow int32 v1 @\"first\"
        v3: int64 = narrow int32 v2 @\"again\"
        v4: int64 = narrow int8 v3 @\"smaller\"
        v5: Game = root Game
        store Game.Round v5, v4
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = narrow int32 v1 @"first"
                v3: int64 = narrow int8 v2 @"smaller"
                v4: Game = root Game
                store Game.Round v4, v3
                return
        "#]],
    );
}

#[test]
fn ways_that_differ_in_what_nobody_reads_are_one() {
    check(
        "v2: int64 = iconst 3
        v3: bool = icmp lt v1, v2 @\"if\"
        branch v3, b1(), b2() @\"if\"
        b1():
        v4: int64 = iadd.wrap v1, v2
        jump b3(v4)
        b2():
        v5: int64 = isub.wrap v1, v2
        jump b3(v5)
        b3(v6: int64):
        v7: bool = icmp gt v1, v2 @\"other\"
        branch v7, b4(v6), b5(v2) @\"other\"
        b4(v8: int64):
        v9: int64 = imul.wrap v8, v2
        jump b6(v9)
        b5(v10: int64):
        jump b6(v10)
        b6(v11: int64):
        fuel 2 @\"end\"
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                fuel 2 @"end"
                return
        "#]],
    );
}

#[test]
fn what_was_computed_on_every_way_is_not_computed_again() {
    check(
        "v2: Game = root Game
        v3: int64 = load Game.Round v2
        v4: int64 = iadd v3, v1
        v5: int64 = load Game.Round v2
        v6: int64 = iadd v1, v5
        v7: bool = icmp lt v4, v6
        branch v7, b1(), b2()
        b1():
        store Game.Round v2, v4
        v8: int64 = load Game.Round v2
        store Game.Round v2, v8
        return
        b2():
        v9: int64 = load Game.Round v2
        store Game.Round v2, v9
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: Game = root Game
                v3: int64 = load.known Game.Round v2
                v4: int64 = iadd v3, v1
                store Game.Round v2, v3
                return
        "#]],
    );
}

#[test]
fn a_loop_over_what_nothing_changes_checks_nothing() {
    let body = |inside: &str| {
        format!(
            "v2: Game = root Game
            v3: []Player = load Game.Players v2
            v4: int64 = list.version v3
            v5: int64 = iconst 0
            jump b1(v5, v5)
            b1(v6: int64, v7: int64):
            v8: []Player = load Game.Players v2
            v9: int64 = list.version v8
            v10: bool = icmp ne v9, v4
            trap_if modified_during_iteration v10
            v11: int64 = list.len v8
            v12: bool = icmp lt v6, v11
            branch v12, b2(), b3()
            b2():
            v13: Player = list.get v8, v6
            fuel 1 @\"each\"
            v14: int64 = load Player.Seat v13
            v15: int64 = iadd v7, v14
            {inside}
            v16: int64 = iconst 1
            v17: int64 = iadd v6, v16
            jump b1(v17, v15)
            b3():
            store Game.Round v2, v7
            return
            "
        )
    };
    check(
        &body(""),
        expect![[r#"
        b0(v0: string, v1: int64):
            v2: Game = root Game
            v3: []Player = load.known Game.Players v2
            v4: int64 = iconst 0
            v5: int64 = list.len v3
            v6: int64 = iconst 1
            jump b1(v4, v4)
        b1(v7: int64, v8: int64):
            v9: bool = icmp lt v7, v5
            branch v9, b2(), b3()
        b2():
            fuel 1 @"each"
            v10: Player = list.at v3, v7
            v11: int64 = load.known Player.Seat v10
            v12: int64 = iadd v8, v11
            v13: int64 = iadd v7, v6
            jump b1(v13, v12)
        b3():
            store Game.Round v2, v8
            return
    "#]],
    );
    // What is written may change everything.
    check(
        &body("store Player.Seat v13, v15"),
        expect![[r#"
        b0(v0: string, v1: int64):
            v2: Game = root Game
            v3: []Player = load.known Game.Players v2
            v4: int64 = list.version v3
            v5: int64 = iconst 0
            v6: int64 = iconst 1
            jump b1(v5, v5)
        b1(v7: int64, v8: int64):
            v9: []Player = load Game.Players v2
            v10: int64 = list.version v9
            v11: bool = icmp ne v10, v4
            trap_if modified_during_iteration v11
            v12: int64 = list.len v9
            v13: bool = icmp lt v7, v12
            branch v13, b2(), b3()
        b2():
            fuel 1 @"each"
            v14: Player = list.at v9, v7
            v15: int64 = load.known Player.Seat v14
            v16: int64 = iadd v8, v15
            store Player.Seat v14, v16
            v17: int64 = iadd v7, v6
            jump b1(v17, v16)
        b3():
            store Game.Round v2, v8
            return
    "#]],
    );
}

#[test]
fn who_knows_where_a_block_leads_goes_there() {
    check(
        "v2: int64 = iconst 3
        v3: bool = icmp lt v1, v2
        v4: bool = bconst false
        branch v3, b1(), b2(v4)
        b1():
        v5: int64 = iconst -3
        v6: bool = icmp lt v5, v1
        jump b2(v6)
        b2(v7: bool):
        branch v7, b3(), b4()
        b3():
        fuel 1
        return
        b4():
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = iconst 3
                v3: bool = icmp lt v1, v2
                branch v3, b1(), b3()
            b1():
                v4: int64 = iconst -3
                v5: bool = icmp lt v4, v1
                branch v5, b2(), b3()
            b2():
                fuel 1
                return
            b3():
                return
        "#]],
    );
}

#[test]
fn small_functions_stand_where_they_are_called() {
    check(
        "v2: int64 = call \"Twice\" v1 @\"first\"
        v3: int64 = call \"Twice\" v2 @\"second\"
        v4: Game = root Game
        store Game.Round v4, v3
        return
        ---
        function \"Twice\" (\"x\": int64) -> int64 {
        b0(v0: int64):
        fuel 1 @\"in\"
        v1: int64 = iadd v0, v0 @\"in\"
        return v1 @\"in\"
        }
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                fuel 1 @"in"
                v2: int64 = iadd v1, v1 @"in"
                fuel 1 @"in"
                v3: int64 = iadd v2, v2 @"in"
                v4: Game = root Game
                store Game.Round v4, v3
                return
        "#]],
    );
}

#[test]
fn where_a_suspension_resumes_stays_where_it_was() {
    check(
        "v2: bool = bconst true
        branch v2, b1(), b2()
        b1():
        suspend duration v1 -> b3(v1)
        b2():
        fuel 2
        return
        b3(v3: int64):
        fuel 3
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                suspend duration v1 -> b3(v1)
            b1():
                trap not_found
            b2():
                trap not_found
            b3(v2: int64):
                fuel 3
                return
        "#]],
    );
}

const SUM_OF_LARGE: &str = "v2: int64 = iconst 0
    jump b1(v2, v2)
    b1(v3: int64, v4: int64):
    v5: bool = icmp lt v3, v1
    branch v5, b2(), b6()
    b2():
    fuel 1 @\"loop\"
    v6: int64 = iconst 10
    v7: bool = icmp gt v3, v6
    branch v7, b3(), b4()
    b3():
    fuel 2 @\"large\"
    v8: int64 = iadd v4, v3 @\"large\"
    jump b5(v8)
    b4():
    v9: int64 = isub v4, v6 @\"small\"
    jump b5(v9)
    b5(v10: int64):
    v11: int64 = iconst 1
    v12: int64 = iadd v3, v11
    jump b1(v12, v10)
    b6():
    v13: Game = root Game
    store Game.Round v13, v4
    return
    ";

#[test]
fn without_branches_both_ways_are_computed_and_one_is_selected() {
    check_without_branches(
        SUM_OF_LARGE,
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = iconst 0
                v3: int64 = iconst 2147483648
                v4: bool = icmp gt v1, v3
                v5: int64 = iconst 3
                v6: int64 = imul.wrap v1, v5
                v7: bool = fuel.short v6
                v8: bool = or v4, v7
                v9: bool = icmp lt v2, v1
                branch v8, b1(v2, v2), b6()
            b1(v10: int64, v11: int64):
                v12: bool = icmp lt v10, v1
                branch v12, b2(), b9(v11)
            b2():
                fuel 1 @"loop"
                v13: int64 = iconst 10
                v14: bool = icmp gt v10, v13
                branch v14, b3(), b4()
            b3():
                fuel 2 @"large"
                v15: int64 = iadd v11, v10 @"large"
                jump b5(v15)
            b4():
                v16: int64 = isub v11, v13 @"small"
                jump b5(v16)
            b5(v17: int64):
                v18: int64 = iconst 1
                v19: int64 = iadd v10, v18
                jump b1(v19, v17)
            b6():
                branch v9, b7(v2, v2, v2), b9(v2)
            b7(v20: int64, v21: int64, v22: int64):
                v23: int64 = iconst 10
                v24: bool = icmp gt v20, v23
                v25: int64 = iadd.wrap v21, v20 @"large"
                v26: int64 = isub.wrap v21, v23 @"small"
                v27: int64 = select v24, v25, v26
                v28: int64 = iconst 1
                v29: int64 = iadd.wrap v20, v28
                v30: bool = icmp lt v29, v1
                v31: int64 = iconst 2
                v32: int64 = select v24, v31, v2
                v33: int64 = iadd.wrap v22, v32
                branch v30, b7(v29, v27, v33), b8()
            b8():
                v34: int64 = iadd.wrap v1, v33
                fuel.n v34
                jump b9(v27)
            b9(v35: int64):
                v36: Game = root Game
                store Game.Round v36, v35
                return
        "#]],
    );
}

#[test]
fn loops_that_compare_texts_stay_as_they_are() {
    let body = SUM_OF_LARGE.replace("icmp gt v3, v6", "scmp eq v0, v0");
    assert_ne!(body, SUM_OF_LARGE);
    let verified = Verified::new(module(&body)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let made = passes::without_branches(&verified).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(blocks(&made), blocks(&verified));
}

#[test]
fn a_pass_that_reads_the_test_of_its_loop_is_made_where_that_holds() {
    check_without_branches(
        "v2: int64 = iconst 0
        v3: int64 = iconst 1
        jump b1(v2, v2)
        b1(v4: int64, v5: int64):
        v6: bool = icmp lt v4, v1
        branch v6, b2(), b3()
        b2():
        fuel 1 @\"loop\"
        v7: int64 = iadd v4, v3
        v8: int64 = select v6, v7, v5
        jump b1(v7, v8)
        b3():
        v9: Game = root Game
        store Game.Round v9, v5
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = iconst 0
                v3: int64 = iconst 1
                v4: int64 = iconst 2147483648
                v5: bool = icmp gt v1, v4
                v6: bool = fuel.short v1
                v7: bool = or v5, v6
                v8: bool = icmp lt v2, v1
                branch v7, b1(v2, v2), b3()
            b1(v9: int64, v10: int64):
                v11: bool = icmp lt v9, v1
                branch v11, b2(), b6(v10)
            b2():
                fuel 1 @"loop"
                v12: int64 = iadd v9, v3
                v13: int64 = select v11, v12, v10
                jump b1(v12, v13)
            b3():
                branch v8, b4(v2), b6(v2)
            b4(v14: int64):
                v15: int64 = iadd.wrap v14, v3
                v16: bool = icmp lt v15, v1
                branch v16, b4(v15), b5()
            b5():
                v17: int64 = iadd.wrap v1, v2
                fuel.n v17
                jump b6(v15)
            b6(v18: int64):
                v19: Game = root Game
                store Game.Round v19, v18
                return
        "#]],
    );
}
