//! Blocks, branches, loops, calls, traps.

use expect_test::expect;
use statewright_types::Limits;

use crate::world::{World, check, check_state, interpreter, module, module_text, schema, state};

/// Arguments of a jump are read before any parameter is written: a, b = b, a + b.
#[test]
fn block_parameters_move_in_parallel() {
    check(
        "v1: int64 = iconst 0
        v2: int64 = iconst 1
        v3: int64 = iconst 50
        jump b1(v1, v2, v3)
        b1(v4: int64, v5: int64, v6: int64):
        fuel 1
        v7: int64 = iadd v4, v5
        v8: int64 = isub v6, v2
        v9: bool = icmp eq v8, v1
        branch v9, b2(), b1(v5, v7, v8)
        b2():
        show v4 int64
        show v5 int64
        return",
        expect![[r#"
            7778742049
            12586269025
            done, fuel 50
        "#]],
    );
}

#[test]
fn a_swap_in_a_loop_is_a_cycle_of_moves() {
    check(
        "v1: int64 = iconst 1
        v2: int64 = iconst 2
        v3: int64 = iconst 3
        v4: int64 = iconst 5
        jump b1(v1, v2, v3, v4)
        b1(v5: int64, v6: int64, v7: int64, v8: int64):
        v9: int64 = isub v8, v1
        v10: int64 = iconst 0
        v11: bool = icmp gt v9, v10
        branch v11, b1(v6, v7, v5, v9), b2()
        b2():
        v12: []int64 = list.new []int64 v5, v6, v7
        show v12 []int64
        return",
        expect![[r#"
            [2,3,1]
            done, fuel 0
        "#]],
    );
}

/// The comparison is made at the branch, after the count that it reads was about to be overwritten.
#[test]
fn a_count_keeps_its_value_for_the_comparison_before_it() {
    check(
        "v1: int64 = iconst 0
        v2: int64 = iconst 1
        v3: int64 = iconst 3
        jump b1(v1)
        b1(v4: int64):
        fuel 1
        v5: bool = icmp lt v4, v3
        v6: int64 = iadd v4, v2
        branch v5, b1(v6), b2()
        b2():
        show v6 int64
        return",
        expect![[r#"
            4
            done, fuel 4
        "#]],
    );
}

/// Remainders by powers of two go toward zero, like all others.
#[test]
fn remainders_by_powers_of_two_take_the_sign_of_the_dividend() {
    check(
        "v1: int64 = iconst -7
        v2: int64 = iconst 4
        v3: int64 = irem v1, v2
        v4: int64 = iconst -9223372036854775808
        v5: int64 = irem v4, v2
        v6: int64 = iconst 9223372036854775807
        v7: int64 = irem v6, v2
        v8: int64 = iconst 1
        v9: int64 = irem v1, v8
        v10: int64 = iconst -8
        v11: int64 = irem v10, v2
        v12: []int64 = list.new []int64 v3, v5, v7, v9, v11
        show v12 []int64
        return",
        expect![[r#"
            [-3,0,3,0,0]
            done, fuel 0
        "#]],
    );
}

/// Where there is fuel for one of two nodes in a row, the second one stops.
#[test]
fn fuel_charged_twice_stops_at_the_node_that_lacks_it() {
    let schema = schema();
    let program = interpreter(module(&module_text("fuel 1 @\"one\"\nfuel 1 @\"two\"\nreturn"), &schema));
    let told = [(0, "fuel_exhausted at one, fuel 0\n"), (1, "fuel_exhausted at two, fuel 1\n"), (2, "done, fuel 2\n")];
    for (fuel, expected) in told {
        let limits = Limits { fuel, ..Limits::default() };
        assert_eq!(World::new(state(&schema), limits).play(&program, None), expected);
    }
}

/// The next value of a parameter is computed while the old one is still needed, in every way that there is.
#[test]
fn a_parameter_keeps_its_value_until_the_jump() {
    check(
        "v1: int64 = iconst 1
        v2: int64 = iconst 3
        jump b1(v1, v1, v1)
        b1(v3: int64, v4: int64, v5: int64):
        v6: int64 = iadd v3, v1
        show v3 int64
        v7: int64 = iadd v6, v4
        v8: int64 = imul v5, v2
        v9: bool = icmp le v6, v2
        branch v9, b2(), b3()
        b2():
        v10: int64 = iadd v4, v4
        v11: int64 = iadd v5, v10
        jump b1(v6, v10, v11)
        b3():
        v12: []int64 = list.new []int64 v3, v4, v5, v6, v7, v8
        show v12 []int64
        return",
        expect![[r#"
            1
            2
            3
            [3,4,7,4,8,21]
            done, fuel 0
        "#]],
    );
}

/// Every condition, decided by a fused jump, both ways, with either side next.
#[test]
fn fused_comparisons_agree_with_plain_ones() {
    let schema = schema();
    let numbers =
        [("int64", "iconst", "icmp", ["1", "2", "-1"]), ("float64", "fconst", "fcmp", ["1.0", "nan", "-1.0"])];
    for (ty, make, compare, values) in numbers {
        let values = values.map(|value| if value == "nan" { "0x7ff8000000000000" } else { value });
        for cond in ["eq", "ne", "lt", "le", "gt", "ge"] {
            for (a, b) in values.iter().flat_map(|a| values.map(|b| (a, b))) {
                let run = |fused: bool, (then, otherwise): (&str, &str)| {
                    // A second use prevents fusing.
                    let other = if fused { "v5: bool = bconst true" } else { "v5: bool = not v3" };
                    let text = module_text(&format!(
                        "v1: {ty} = {make} {a}\nv2: {ty} = {make} {b}\nv3: bool = {compare} {cond} v1, v2\n{other}
                        branch v3, {then}, {otherwise}
                        b1(v4: {ty}):\nv6: string = sconst \"one\"\nshow v6 string\nreturn
                        b2():\nv7: string = sconst \"two\"\nshow v7 string\nreturn"
                    ));
                    World::new(state(&schema), Limits::default()).play(&interpreter(module(&text, &schema)), None)
                };
                for order in [("b1(v1)", "b2()"), ("b2()", "b1(v1)")] {
                    assert_eq!(run(true, order), run(false, order), "{a} {cond} {b}");
                }
            }
        }
    }
}

#[test]
fn traps_tell_node_and_message_from_within_calls() {
    check(
        "v1: string = sconst \"no such luck\"
        call \"Outer\" v1 @\"callOuter\"
        ---
        function \"Outer\" (\"m\": string) {
        b0(v0: string):
            fuel 1 @\"outer\"
            call \"Inner\" v0 @\"callInner\"
            return
        }
        function \"Inner\" (\"m\": string) {
        b0(v0: string):
            fuel 1 @\"inner\"
            trap custom v0 @\"fail\"
        }",
        expect![[r#"
            custom at fail: no such luck, fuel 2
        "#]],
    );
    check(
        "trap not_found @\"get\"",
        expect![[r#"
        not_found at get, fuel 0
    "#]],
    );
}

#[test]
fn a_trapped_handler_leaves_nothing_behind() {
    check_state(
        "v1: Game = root Game
        v2: int64 = iconst 3
        store Game.Round v1, v2
        v3: []string = load Game.Tags v1
        v4: int64 = iconst 0
        list.insert v3, v4, v0
        trap custom v0 @\"fail\"",
        &["Round", "Tags"],
        expect![[r#"
            custom at fail: alice, fuel 0
            Round 0
            Tags []
        "#]],
    );
}

#[test]
fn a_value_survives_calls_that_grow_the_stack() {
    let mut functions = String::new();
    for index in 0..64 {
        let (next, last) = (index + 1, index == 63);
        let call = if last { "v2: int64 = iconst 0".into() } else { format!("v2: int64 = call \"f{next}\" v1") };
        functions += &format!(
            "function \"f{index}\" (\"x\": int64) -> int64 {{
            b0(v0: int64):
            v3: int64 = iconst {index}
            v1: int64 = iadd v0, v3
            {call}
            v4: int64 = iadd v1, v2
            return v4
            }}\n"
        );
    }
    let body =
        format!("v1: int64 = iconst 1\nv2: int64 = call \"f0\" v1\nshow v2 int64\nshow v1 int64\n---\n{functions}");
    check(
        &body,
        expect![[r#"
        43744
        1
        done, fuel 0
    "#]],
    );
}

#[test]
fn a_loop_ends_with_its_fuel() {
    check(
        "jump b1()\nb1():\nfuel 1 @\"loop\"\njump b1()",
        expect![[r#"
        fuel_exhausted at loop, fuel 1000000
    "#]],
    );
}

/// Written by hand, without fuel: the count of jumps ends it, with no fuel left.
#[test]
fn a_loop_without_fuel_ends_too() {
    let schema = schema();
    let program = interpreter(module(&module_text("jump b1()\nb1():\njump b1() @\"spin\""), &schema));
    let limits = Limits { fuel: 10, ..Limits::default() };
    let out = World::new(state(&schema), limits).play(&program, None);
    expect![[r#"
        fuel_exhausted at spin, fuel 10
    "#]]
    .assert_eq(&out);
    // Calls without a loop: two of each next function, 2^40 in all.
    let functions: String = (0..40)
        .map(|index| {
            let call =
                if index < 39 { format!("call \"f{}\" @\"twice\"\n", index + 1).repeat(2) } else { String::new() };
            format!("function \"f{index}\" () {{\nb0():\n{call}return\n}}\n")
        })
        .collect();
    let program = interpreter(module(&module_text(&format!("call \"f0\"\n---\n{functions}")), &schema));
    let out = World::new(state(&schema), limits).play(&program, None);
    expect![[r#"
        fuel_exhausted at twice, fuel 10
    "#]]
    .assert_eq(&out);
}

#[test]
fn memory_is_charged_and_strings_are_limited() {
    check(
        "v1: string = sconst \"0123456789abcdef\"
        jump b1(v1)
        b1(v2: string):
        fuel 1
        v3: string = concat v2, v2 @\"double\"
        mem v3 @\"double\"
        jump b1(v3)",
        expect![[r#"
            memory_limit at double, fuel 17
        "#]],
    );
    check(
        "v1: string = sconst \"0123456789abcdef\"
        jump b1()
        b1():
        fuel 1
        mem v1 @\"charge\"
        jump b1()",
        expect![[r#"
            memory_limit at charge, fuel 699051
        "#]],
    );
}

/// A string constant is made once per run, and again in the next one.
#[test]
fn string_constants_are_made_once_a_run() {
    let schema = schema();
    let text = module_text("jump b1()\nb1():\nfuel 1\nv1: string = sconst \"again and again\"\njump b1()");
    let program = interpreter(module(&text, &schema));
    let mut world = World::new(state(&schema), Limits { fuel: 1_000, ..Limits::default() });
    let before = world.state.statistics();
    world.play(&program, None);
    world.meter.fuel = 1_000;
    let out = world.play(&program, None);
    assert_eq!(world.state.statistics(), before);
    expect![[r#"
        fuel_exhausted, fuel 1000
    "#]]
    .assert_eq(&out);
}
