//! The text of emitted Rust.

use std::sync::Arc;

use expect_test::{Expect, expect};
use statewright_graph::ir::text::parse;
use statewright_graph::ir::verify::Verified;
use statewright_types::schema;

use super::*;

const SCHEMA: &str = "package p\n\n@helper\ntype Unit {\n  ID string\n  HP int32\n}\n\n@root(active)\ntype Game {\n  Score int64\n  Units []Unit @key(ID)\n}\n";

/// What the functions of a module become.
fn check(ir: &str, expect: Expect) {
    let (schema, _) = schema::parse(SCHEMA);
    let schema: Arc<_> = schema.expect("the schema is right");
    let module = parse(&format!("module root Game\n\n{ir}"), &schema).unwrap_or_else(|error| panic!("{error}"));
    let module = Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    let source =
        Source { name: "p", document_hash: [0; 32], handlers: &[], schema: SCHEMA, config: None, runtime: RUNTIME };
    let emitted = emit(&module, &source);
    assert_eq!(emitted.text.lines().count(), emitted.lines.len());
    let functions = emitted.text.split("static FUNCTIONS").next().unwrap_or_default();
    let functions = functions.split_once("\n/// ").map_or("", |(_, functions)| functions);
    expect.assert_eq(&format!("/// {functions}"));
}

#[test]
fn an_element_is_found_with_its_index_where_nothing_moves_in_between() {
    check(
        r#"handler "Hit" event "Hit" ("senderID": string, "id": string, "hp": int32) {
    nodes "unit", "score", "hit"
b0(v0: string, v1: string, v2: int64):
    v3: Game = root Game @"unit"
    v4: []Unit = load.known Game.Units v3 @"unit"
    v5: int64 = list.find_key Unit.ID v4, v1 @"unit"
    v6: int64 = iconst 0 @"unit"
    v7: bool = icmp lt v5, v6 @"unit"
    trap_if not_found v7 @"unit"
    v8: Unit = list.at v4, v5 @"unit"
    store Unit.HP v8, v2 @"hit"
    v9: int64 = list.find_key Unit.ID v4, v0 @"unit"
    store Game.Score v3, v9 @"score"
    v10: Unit = list.at v4, v9 @"unit"
    store Unit.HP v10, v2 @"hit"
    return
}
"#,
        expect![[r#"
            /// The handler `Hit` of the event `Hit`.
            fn on_hit(run: &mut Run, fuel: &mut Fuel, sender_id: Slot, id: Slot, hp: i64) -> Flow<()> {
                // unit
                let unit = run.root(GAME, "unit")?;
                let unit_2 = run.load_known::<Slot>(unit, GAME_UNITS);
                let (unit_3, found) = run.list_find_alone(unit_2, UNIT_ID, id, "unit")?;
                trap_if(unit_3 < 0, TrapCode::NotFound, "unit")?;
                // hit
                run.store(found, UNIT_HP, hp, "hit")?;
                // unit
                let unit_4 = run.list_find_key(unit_2, UNIT_ID, sender_id, "unit")?;
                // score
                run.store(unit, GAME_SCORE, unit_4, "score")?;
                // hit
                run.store(run.list_at::<Slot>(unit_2, unit_4), UNIT_HP, hp, "hit")?;
                Ok(())
            }

        "#]],
    );
}

#[test]
fn the_least_so_far_seldom_becomes_another() {
    check(
        r#"handler "Least" event "Least" ("senderID": string, "x": float64) {
    nodes "loop", "near", "keep"
b0(v0: string, v1: float64):
    v2: Game = root Game @"loop"
    v3: []Unit = load.known Game.Units v2 @"loop"
    v4: int64 = list.len v3 @"loop"
    v5: int64 = iconst 0 @"loop"
    v6: int64 = iconst -1 @"loop"
    jump b1(v5, v1, v6) @"loop"
b1(v7: int64, v8: float64, v9: int64):
    v10: bool = icmp lt v7, v4 @"loop"
    branch v10, b2(), b5() @"loop"
b2():
    fuel 1 @"loop"
    v11: Unit = list.at v3, v7 @"loop"
    v12: int64 = load.known Unit.HP v11 @"near"
    v13: float64 = itof v12 @"near"
    v14: bool = fcmp lt v13, v8 @"near"
    branch v14, b4(v13, v7), b3() @"near"
b3():
    v15: bool = fcmp gt v13, v1 @"near"
    branch v15, b4(v8, v7), b4(v8, v9) @"near"
b4(v16: float64, v17: int64):
    v18: int64 = iconst 1 @"loop"
    v19: int64 = iadd v7, v18 @"loop"
    jump b1(v19, v16, v17) @"loop"
b5():
    store Game.Score v2, v9 @"keep"
    return
}
"#,
        expect![[r#"
            /// The handler `Least` of the event `Least`.
            fn on_least(run: &mut Run, fuel: &mut Fuel, sender_id: Slot, x: f64) -> Flow<()> {
                // loop
                let loop_ = run.root(GAME, "loop")?;
                let loop_2 = run.load_known::<Slot>(loop_, GAME_UNITS);
                let loop_3 = run.list_len(loop_2);
                let mut loop_5: f64 = x;
                let mut loop_6: i64 = -1;
                loop_6 = attempt!(run, fuel, run.structs::<1>(loop_2, loop_3, UNIT), move |checks, passes| {
                    for (loop_4, element) in passes {
                        checks.charge(1, "loop")?;
                        // near
                        let near = element.load::<i64>(UNIT_HP) as f64;
                        if seldom(near < loop_5) {
                            loop_5 = near;
                            loop_6 = loop_4;
                        } else {
                            if near > x {
                                loop_6 = loop_4;
                            }
                        }
                    }
                    Ok(loop_6)
                })?;
                // keep
                run.store(loop_, GAME_SCORE, loop_6, "keep")?;
                Ok(())
            }

        "#]],
    );
}

#[test]
fn a_loop_that_counts_and_writes_nothing_is_tried() {
    check(
        r#"handler "Sum" event "Sum" ("senderID": string, "count": int64) {
    nodes "loop", "odd", "add", "keep"
b0(v0: string, v1: int64):
    fuel 1 @"loop"
    v2: int64 = iconst 0 @"loop"
    jump b1(v2, v2) @"loop"
b1(v3: int64, v4: int64):
    v5: bool = icmp lt v3, v1 @"loop"
    branch v5, b2(), b5() @"loop"
b2():
    fuel 1 @"loop"
    v6: int64 = iconst 2 @"odd"
    v7: int64 = irem v3, v6 @"odd"
    v8: bool = icmp ne v7, v2 @"odd"
    branch v8, b3(), b4(v4) @"odd"
b3():
    v9: int64 = iadd v4, v3 @"add"
    jump b4(v9) @"add"
b4(v10: int64):
    v11: int64 = iconst 1 @"loop"
    v12: int64 = iadd v3, v11 @"loop"
    jump b1(v12, v10) @"loop"
b5():
    v13: Game = root Game @"keep"
    store Game.Score v13, v4 @"keep"
    return
}
"#,
        expect![[r#"
            /// The handler `Sum` of the event `Sum`.
            fn on_sum(run: &mut Run, fuel: &mut Fuel, sender_id: Slot, count: i64) -> Flow<()> {
                // loop
                fuel.charge(1, "loop")?;
                let mut loop_2: i64 = 0;
                loop_2 = attempt!(run, fuel, 0..count, move |checks, passes| {
                    for loop_ in passes {
                        checks.charge(1, "loop")?;
                        // odd
                        if checks.rem(loop_, 2, "odd")? != 0 {
                            loop_2 = checks.add(loop_2, loop_, "add")?;
                        }
                    }
                    Ok(loop_2)
                })?;
                // keep
                run.store(run.root(GAME, "keep")?, GAME_SCORE, loop_2, "keep")?;
                Ok(())
            }

        "#]],
    );
}

#[test]
fn a_loop_that_writes_is_a_while_and_has_no_more_variables_than_it_needs() {
    check(
        r#"handler "Sum" event "Sum" ("senderID": string, "count": int64) {
    nodes "loop", "odd", "add", "keep"
b0(v0: string, v1: int64):
    v2: int64 = iconst 0 @"loop"
    v3: Game = root Game @"keep"
    jump b1(v2, v2) @"loop"
b1(v4: int64, v5: int64):
    v6: bool = icmp lt v4, v1 @"loop"
    branch v6, b2(), b5() @"loop"
b2():
    fuel 1 @"loop"
    v7: int64 = iconst 2 @"odd"
    v8: int64 = irem v4, v7 @"odd"
    v9: bool = icmp ne v8, v2 @"odd"
    branch v9, b3(), b4(v5) @"odd"
b3():
    v10: int64 = iadd v5, v4 @"add"
    jump b4(v10) @"add"
b4(v11: int64):
    store Game.Score v3, v11 @"keep"
    v12: int64 = iconst 1 @"loop"
    v13: int64 = iadd v4, v12 @"loop"
    jump b1(v13, v11) @"loop"
b5():
    return
}
"#,
        expect![[r#"
            /// The handler `Sum` of the event `Sum`.
            fn on_sum(run: &mut Run, fuel: &mut Fuel, sender_id: Slot, count: i64) -> Flow<()> {
                // keep
                let keep = run.root(GAME, "keep")?;
                let mut loop_: i64 = 0;
                let mut loop_2: i64 = 0;
                // loop
                while loop_ < count {
                    fuel.charge(1, "loop")?;
                    // odd
                    if rem(loop_, 2, "odd")? != 0 {
                        loop_2 = add(loop_2, loop_, "add")?;
                    }
                    // keep
                    run.store(keep, GAME_SCORE, loop_2, "keep")?;
                    loop_ = add(loop_, 1, "loop")?;
                }
                Ok(())
            }

        "#]],
    );
}

#[test]
fn elements_of_a_list_are_read_from_rows_and_sums_that_may_not_fit_are_wide() {
    check(
        r#"function "Power" () -> int64 {
    nodes "loop", "square", "sum", "more"
b0():
    v0: int64 = iconst 0 @"loop"
    v1: Game = root Game @"loop"
    v2: []Unit = load Game.Units v1 @"loop"
    v3: int64 = list.len v2 @"loop"
    v4: int64 = load Game.Score v1 @"more"
    jump b1(v0, v0, v0) @"loop"
b1(v5: int64, v6: int64, v7: int64):
    v8: bool = icmp lt v5, v3 @"loop"
    branch v8, b2(), b3() @"loop"
b2():
    fuel 1 @"loop"
    v9: Unit = list.at v2, v5 @"loop"
    v10: int64 = load.known Unit.HP v9 @"square"
    v11: int64 = imul v10, v10 @"square"
    v12: int64 = iadd v6, v11 @"sum"
    v13: int64 = iadd v7, v4 @"more"
    v14: int64 = iconst 1 @"loop"
    v15: int64 = iadd v5, v14 @"loop"
    jump b1(v15, v12, v13) @"loop"
b3():
    v16: int64 = iadd v6, v7 @"sum"
    return v16
}
"#,
        expect![[r#"
            /// The function `Power`.
            fn call_power(run: &mut Run, fuel: &mut Fuel) -> Flow<i64> {
                // loop
                let loop_ = run.root(GAME, "loop")?;
                let loop_2 = run.load::<Slot>(loop_, GAME_UNITS, "loop")?;
                let loop_3 = run.list_len(loop_2);
                // more
                let more = run.load::<i64>(loop_, GAME_SCORE, "more")?;
                let mut loop_5: i64 = 0;
                let mut loop_6: i64 = 0;
                // loop
                (loop_5, loop_6) = attempt!(run, fuel, run.structs::<1>(loop_2, loop_3, UNIT), move |checks, passes| {
                    checks.small(more);
                    for (loop_4, element) in passes {
                        checks.charge(1, "loop")?;
                        // square
                        let square = element.load::<i64>(UNIT_HP);
                        // sum
                        let sum = checks.add_wide(loop_5, checks.mul_wide(square, square, "square")?, "sum")?;
                        // more
                        let more_2 = checks.add(loop_6, more, "more")?;
                        loop_5 = sum;
                        loop_6 = more_2;
                    }
                    Ok((loop_5, loop_6))
                })?;
                Ok(add(loop_5, loop_6, "sum")?)
            }

        "#]],
    );
}

#[test]
fn what_waits_is_a_match_over_where_it_goes_on() {
    check(
        r#"handler "Later" event "Later" ("senderID": string, "points": int64) suspends {
    nodes "wait", "add"
b0(v0: string, v1: int64):
    v2: int64 = iconst 1000 @"wait"
    suspend duration v2 -> b1(v1, v0) @"wait"
b1(v3: int64, v4: string):
    v5: Game = root Game @"add"
    v6: int64 = load Game.Score v5 @"add"
    v7: int64 = iadd v6, v3 @"add"
    store Game.Score v5, v7 @"add"
    return
}
"#,
        expect![[r#"
            /// The handler `Later` of the event `Later`.
            ///
            /// It may wait: `at` says where it begins or goes on.
            fn on_later(run: &mut Run, fuel: &mut Fuel, at: u32, given: &[u64]) -> Flow<()> {
                let mut sender_id: Slot = 0;
                let mut points: i64 = 0;
                let mut add_: i64 = 0;
                let mut add_2: Slot = 0;
                let mut at = at;
                match at {
                    0 => {
                        sender_id = argument(given, 0);
                        points = argument(given, 1);
                    }
                    1 => {
                        add_ = argument(given, 0);
                        add_2 = argument(given, 1);
                    }
                    _ => return Err(unfit()),
                }
                'at: loop {
                    match at {
                        0 => {
                            // wait
                            let frame = Frame::new(run, 0, 1, &[(&T_I64, points.bits()), (&T_STRING, sender_id)]);
                            return Err(wait(1000, frame, "wait"));
                        }
                        1 => {
                            // add
                            let add_3 = run.root(GAME, "add")?;
                            run.store(add_3, GAME_SCORE, add(run.load::<i64>(add_3, GAME_SCORE, "add")?, add_, "add")?, "add")?;
                            return Ok(());
                        }
                        _ => return Err(unfit()),
                    }
                }
            }

        "#]],
    );
}

#[test]
fn operators_have_the_parentheses_that_they_need() {
    check(
        r#"function "Mix" ("a": float64, "b": float64, "n": int64) -> bool {
b0(v0: float64, v1: float64, v2: int64):
    v3: float64 = fadd v0, v1
    v4: float64 = itof v2
    v5: float64 = fmul v3, v4
    v6: float64 = fsub v0, v5
    v7: float64 = fneg v6
    v8: bool = fcmp lt v7, v0
    v9: float64 = itof v2
    v10: bool = fcmp lt v9, v1
    v11: bool = and v8, v10
    v12: bool = not v11
    return v12
}
"#,
        expect![[r#"
            /// The function `Mix`.
            fn call_mix(run: &mut Run, fuel: &mut Fuel, a: f64, b: f64, n: i64) -> Flow<bool> {
                let value = (-(a - (a + b) * n as f64) < a) & ((n as f64) < b);
                Ok(!value)
            }

        "#]],
    );
}

#[test]
fn names_and_texts_cannot_leave_their_place() {
    check(
        "handler \"a*/ \\n fn\" event \"\\\"; }\" (\"senderID\": string, \"loop\": string) {\n    nodes \"x\\n}\", \"self\"\nb0(v0: string, v1: string):\n    v2: string = sconst \"\\\"}\\n\\u202e{\" @\"x\\n}\"\n    v3: string = concat v2, v1 @\"self\"\n    trap custom v3 @\"self\"\n}\n",
        expect![[r#"
            /// The handler `a*/ \n fn` of the event `\"; }`.
            fn on_a_fn(run: &mut Run, fuel: &mut Fuel, sender_id: Slot, loop_: Slot) -> Flow<()> {
                // x\n}
                let x = run.text(0, "\"}\n\u{202e}{");
                // self
                let self_ = run.concat(&[x, loop_], "self")?;
                return Err(stop_with(run, TrapCode::Custom, self_, "self"));
            }

        "#]],
    );
}

#[test]
fn values_in_a_circle_change_places_at_once() {
    check(
        r#"function "Swap" ("n": int64) -> int64 {
    nodes "loop"
b0(v0: int64):
    v1: int64 = iconst 1 @"loop"
    v2: int64 = iconst 2 @"loop"
    jump b1(v0, v1, v2) @"loop"
b1(v3: int64, v4: int64, v5: int64):
    fuel 1 @"loop"
    v6: int64 = iconst 0 @"loop"
    v7: bool = icmp gt v3, v6 @"loop"
    branch v7, b2(), b3() @"loop"
b2():
    v8: int64 = isub v3, v1 @"loop"
    jump b1(v8, v5, v4) @"loop"
b3():
    return v4
}
"#,
        expect![[r#"
            /// The function `Swap`.
            fn call_swap(run: &mut Run, fuel: &mut Fuel, n: i64) -> Flow<i64> {
                let mut loop_: i64 = n;
                let mut loop_2: i64 = 1;
                let mut loop_3: i64 = 2;
                loop {
                    // loop
                    fuel.charge(1, "loop")?;
                    if loop_ <= 0 {
                        break;
                    }
                    (loop_, loop_2, loop_3) = (sub(loop_, 1, "loop")?, loop_3, loop_2);
                }
                Ok(loop_2)
            }

        "#]],
    );
}

/// A handler of that many nodes in a row, each of which reads what stands before, and the last one the first.
fn in_a_row(count: usize) -> String {
    let mut ir =
        String::from("handler \"Row\" event \"Row\" (\"senderID\": string) {\n    nodes \"n\"\nb0(v0: string):\n");
    ir.push_str("    v1: Game = root Game @\"n\"\n    v2: int64 = load.known Game.Score v1 @\"n\"\n");
    for n in 0..count {
        let (result, before) = (2 * n + 4, 2 * n + 2);
        ir.push_str(&format!("    v{}: Game = root Game @\"n\"\n", result - 1));
        ir.push_str(&format!("    v{result}: int64 = iadd v{before}, v{before} @\"n\"\n"));
        ir.push_str(&format!("    store Game.Score v{}, v{result} @\"n\"\n", result - 1));
    }
    ir.push_str(&format!("    store Game.Score v1, v{} @\"n\"\n    return\n}}\n", 2 * count + 2));
    ir
}

fn module_of(ir: &str) -> Verified {
    let (schema, _) = schema::parse(SCHEMA);
    let schema: Arc<_> = schema.expect("the schema is right");
    let module = parse(&format!("module root Game\n\n{ir}"), &schema).unwrap_or_else(|error| panic!("{error}"));
    Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// A compiler takes time with the square of a function's length.
#[test]
fn a_large_function_is_written_in_pieces() {
    let text = |count| {
        let module = module_of(&in_a_row(count));
        let source =
            Source { name: "p", document_hash: [0; 32], handlers: &[], schema: SCHEMA, config: None, runtime: RUNTIME };
        emit(&module, &source).text
    };
    assert!(!text(20).contains("apart("), "small ones are written as they are");
    let large = text(300);
    let pieces: Vec<&str> = large.split(" apart(|| {\n").skip(1).collect();
    assert!(pieces.len() > 20, "{} pieces", pieces.len());
    for piece in &pieces {
        let (inside, _) = piece.split_once("\n    })?;").expect("it ends");
        let statements = inside.lines().filter(|line| !line.trim().starts_with("//")).count();
        assert!(statements <= 34, "{inside}");
    }
    // What is read behind a piece is given out of it: the sum so far, and of the first piece the root.
    let first = large.lines().find(|line| line.contains("apart(|| {")).expect("there are pieces");
    assert!(first.trim().starts_with("let (n, n_"), "{first}");
}

#[test]
fn what_would_keep_a_compiler_busy_is_refused() {
    assert_eq!(check_sizes(&module_of(&in_a_row(1000))), Ok(()));
    let refused = check_sizes(&module_of(&in_a_row(7000))).expect_err("it has 21,000 instructions");
    assert_eq!(refused.function.as_deref(), Some("Row"));
    assert!(refused.message.contains("20000") && refused.message.contains("split it into functions"), "{refused:?}");
}
