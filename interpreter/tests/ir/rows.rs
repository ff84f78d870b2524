//! Every row of the operation table, at least once, with its traps.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use statewright_graph::ir::ops::OPS;

use crate::world::{check, module, module_text, run, schema};

/// Bodies and what they do.
fn cases() -> Vec<(&'static str, Expect)> {
    [
        constants(),
        integers(),
        floats(),
        conversions(),
        comparisons(),
        texts(),
        nulls(),
        structs(),
        lists(),
        maps(),
        session(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_case_does_what_it_says() {
    for (body, expected) in cases() {
        check(body, expected);
    }
}

#[test]
fn every_row_has_a_case() {
    let schema = schema();
    let mut missing: BTreeSet<&str> = OPS.iter().map(|row| row.mnemonic).collect();
    // The cases of these are in `trace` (they stand in traced modules only).
    missing.remove("enter");
    missing.remove("probe");
    for (body, _) in cases() {
        for block in module(&module_text(body), &schema).functions.iter().flat_map(|function| &function.blocks) {
            block.insts.iter().for_each(|inst| {
                missing.remove(inst.op.row().mnemonic);
            });
        }
    }
    assert_eq!(missing, BTreeSet::new(), "these operations need a case here");
}

/// Integer operations on pairs, in a table: operation, operands, result.
#[test]
fn integer_operations_agree_with_their_rows() {
    let trap = |code: &str| format!("{code}, fuel 0");
    let value = |value: i64| format!("{value}\ndone, fuel 0");
    let (min, max) = (i64::MIN, i64::MAX);
    let table: &[(&str, i64, i64, String)] = &[
        ("iadd", max, 1, trap("overflow")),
        ("isub", min, 1, trap("overflow")),
        ("imul", max, 2, trap("overflow")),
        ("idiv", -7, 2, value(-3)),
        ("idiv", min, -1, trap("overflow")),
        ("idiv", 1, 0, trap("divide_by_zero")),
        ("idiv.floor", -7, 2, value(-4)),
        ("idiv.floor", 7, -2, value(-4)),
        ("idiv.floor", 1, 0, trap("divide_by_zero")),
        ("irem", -7, 2, value(-1)),
        ("irem", min, -1, value(0)),
        ("irem", 1, 0, trap("divide_by_zero")),
        ("imin", 3, -4, value(-4)),
        ("imax", 3, -4, value(3)),
    ];
    for (op, a, b, expected) in table {
        let body = format!("v1: int64 = iconst {a}\nv2: int64 = iconst {b}\nv3: int64 = {op} v1, v2\nshow v3 int64");
        assert_eq!(run(&body).trim_end(), expected, "{op} {a} {b}");
    }
}

fn constants() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst -5
            v2: uint64 = uconst -1
            v3: float64 = fconst 0.1
            v4: bool = bconst true
            v5: string = sconst \"né\"
            v6: float64 = fconst 0x7ff8000000000001
            show v1 int64
            show v2 uint64
            show v3 float64
            show v4 bool
            show v5 string
            show v6 float64",
            expect![[r#"
                -5
                18446744073709551615
                0.1
                true
                "né"
                "NaN"
                done, fuel 0
            "#]],
        ),
        (
            "v1: int64 = zero int16
            v2: string = zero string
            v3: []Player = zero []Player
            v4: map[string]int64 = zero map[string]int64
            v5: *Player = zero *Player
            v6: Point = zero Point
            v7: {\"a\": int32, \"b\": string} = zero {\"a\": int32, \"b\": string}
            v8: Player = zero Player
            v9: int64 = load Player.Seat v8
            show v1 int64
            show v2 string
            show v3 []Player
            show v4 map[string]int64
            show v5 *Player
            show v6 Point
            show v7 {\"a\": int32, \"b\": string}
            show v9 int64",
            expect![[r#"
                0
                ""
                []
                {}
                null
                {"X":0.0,"Y":0.0}
                {"a":0,"b":""}
                0
                done, fuel 0
            "#]],
        ),
    ]
}

fn integers() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst 17
        v2: int64 = iconst -5
        v3: int64 = iadd v1, v2
        v4: int64 = isub v1, v2
        v5: int64 = imul v1, v2
        v6: int64 = idiv v1, v2
        v7: int64 = idiv.floor v1, v2
        v8: int64 = irem v1, v2
        v9: int64 = ineg v2
        v10: int64 = iabs v2
        v11: int64 = imin v1, v2
        v12: int64 = imax v1, v2
        v13: int64 = isign v2
        v14: []int64 = list.new []int64 v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13
        show v14 []int64",
            expect![[r#"
            [12,22,-85,-3,-4,2,5,5,-5,17,-1]
            done, fuel 0
        "#]],
        ),
        (
            "v1: int64 = iconst -9223372036854775808
        v2: int64 = ineg v1 @\"negate\"",
            expect![[r#"
            overflow at negate, fuel 0
        "#]],
        ),
        (
            "v1: int64 = iconst -9223372036854775808
        v2: int64 = iabs v1 @\"abs\"",
            expect![[r#"
            overflow at abs, fuel 0
        "#]],
        ),
    ]
}

fn floats() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: float64 = fconst 7.5
            v2: float64 = fconst -2.0
            v3: float64 = fadd v1, v2
            v4: float64 = fsub v1, v2
            v5: float64 = fmul v1, v2
            v6: float64 = fdiv v1, v2
            v7: float64 = frem v1, v2
            v8: float64 = fneg v1
            v9: float64 = fabs v2
            v10: float64 = fmin v1, v2
            v11: float64 = fmax v1, v2
            v12: float64 = fsign v2
            v13: []float64 = list.new []float64 v3, v4, v5, v6, v7, v8, v9, v10, v11, v12
            show v13 []float64",
            expect![[r#"
                [5.5,9.5,-15.0,-3.75,1.5,-7.5,2.0,-2.0,7.5,-1.0]
                done, fuel 0
            "#]],
        ),
        (
            "v1: float64 = fconst 0.5
            v2: float64 = fconst 2.0
            v3: float64 = fsqrt v2
            v4: float64 = fsin v1
            v5: float64 = fcos v1
            v6: float64 = ftan v1
            v7: float64 = fasin v1
            v8: float64 = fatan2 v1, v2
            v9: float64 = fexp v1
            v10: float64 = flog v2
            v11: float64 = fpow v2, v1
            v12: []float64 = list.new []float64 v3, v4, v5, v6, v7, v8, v9, v10, v11
            show v12 []float64",
            expect![[r#"
                [1.4142135623730951,0.479425538604203,0.8775825618903728,0.5463024898437905,0.5235987755982989,0.24497866312686414,1.6487212707001282,0.6931471805599453,1.4142135623730951]
                done, fuel 0
            "#]],
        ),
        (
            "v1: float64 = fconst 0x7ff8000000000000
            v2: float64 = fconst -0.0
            v3: float64 = fconst 0.0
            v4: float64 = fmin v1, v2
            v5: float64 = fmax v3, v1
            v6: float64 = fmin v3, v2
            v7: float64 = fmax v2, v3
            v8: float64 = fdiv v3, v3
            v9: float64 = fsqrt v2
            v10: []float64 = list.new []float64 v4, v5, v6, v7, v8, v9
            show v10 []float64",
            expect![[r#"
                ["NaN","NaN",-0.0,0.0,"NaN",-0.0]
                done, fuel 0
            "#]],
        ),
    ]
}

fn conversions() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst 9007199254740993
            v2: uint64 = uconst -1
            v3: float64 = itof v1
            v4: float64 = utof v2
            v5: uint64 = uconst 12
            v6: int64 = utoi v5
            v7: uint64 = itou v1
            v8: float64 = fround32 v3
            v9: string = sconst \"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"
            v10: uuid = retype uuid v9
            v11: int64 = iconst 127
            v12: int64 = narrow int8 v11
            show v3 float64
            show v4 float64
            show v6 int64
            show v7 uint64
            show v8 float64
            show v10 uuid
            show v12 int64",
            expect![[r#"
                9007199254740992.0
                18446744073709552000.0
                12
                9007199254740993
                9007199254740992.0
                "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
                127
                done, fuel 0
            "#]],
        ),
        (
            "v1: uint64 = uconst -1\nv2: int64 = utoi v1 @\"n\"",
            expect![[r#"
            overflow at n, fuel 0
        "#]],
        ),
        (
            "v1: int64 = iconst -1\nv2: uint64 = itou v1 @\"n\"",
            expect![[r#"
            out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: int64 = iconst 128\nv2: int64 = narrow int8 v1 @\"n\"",
            expect![[r#"
            out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: int64 = iconst -1\nv2: int64 = narrow uint32 v1 @\"n\"",
            expect![[r#"
            out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: float64 = fconst -2.5
            v2: int64 = ftoi.floor v1
            v3: int64 = ftoi.ceil v1
            v4: int64 = ftoi.round v1
            v5: int64 = ftoi.trunc v1
            v6: []int64 = list.new []int64 v2, v3, v4, v5
            show v6 []int64",
            expect![[r#"
                [-3,-2,-3,-2]
                done, fuel 0
            "#]],
        ),
        (
            "v1: float64 = fconst 9.3e18\nv2: int64 = ftoi.floor v1 @\"n\"",
            expect![[r#"
            out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: float64 = fconst 0x7ff8000000000000\nv2: int64 = ftoi.trunc v1 @\"n\"",
            expect![[r#"
            out_of_range at n, fuel 0
        "#]],
        ),
    ]
}

fn comparisons() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst -1
            v2: int64 = iconst 3
            v3: bool = icmp eq v1, v2
            v4: bool = icmp ne v1, v2
            v5: bool = icmp lt v1, v2
            v6: bool = icmp le v1, v2
            v7: bool = icmp gt v1, v2
            v8: bool = icmp ge v1, v2
            v9: uint64 = uconst -1
            v10: uint64 = uconst 3
            v11: bool = ucmp gt v9, v10
            v12: bool = uicmp gt v9, v1
            v13: bool = uicmp eq v10, v2
            v14: []bool = list.new []bool v3, v4, v5, v6, v7, v8, v11, v12, v13
            show v14 []bool",
            expect![[r#"
                [false,true,true,true,false,false,true,true,true]
                done, fuel 0
            "#]],
        ),
        (
            "v1: float64 = fconst 0x7ff8000000000000
            v2: float64 = fconst 1.0
            v3: bool = fcmp eq v1, v1
            v4: bool = fcmp ne v1, v1
            v5: bool = fcmp lt v1, v2
            v6: bool = fcmp le v1, v2
            v7: bool = fcmp gt v1, v2
            v8: bool = fcmp ge v2, v2
            v9: []bool = list.new []bool v3, v4, v5, v6, v7, v8
            show v9 []bool",
            expect![[r#"
                [false,true,false,false,false,true]
                done, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 9007199254740993
            v2: float64 = fconst 9007199254740992.0
            v3: bool = ifcmp gt v1, v2
            v4: bool = ifcmp eq v1, v2
            v5: uint64 = uconst -1
            v6: float64 = fconst 18446744073709551616.0
            v7: bool = ufcmp lt v5, v6
            v8: float64 = fconst 0x7ff8000000000000
            v9: bool = ifcmp le v1, v8
            v10: bool = ufcmp ne v5, v8
            v11: string = sconst \"Z\"
            v12: string = sconst \"a\"
            v13: bool = scmp lt v11, v12
            v14: bool = scmp ge v11, v11
            v15: []bool = list.new []bool v3, v4, v7, v9, v10, v13, v14
            show v15 []bool",
            expect![[r#"
                [true,false,true,false,true,true,true]
                done, fuel 0
            "#]],
        ),
        (
            "v1: bool = bconst true
            v2: bool = bconst false
            v3: bool = not v1
            v4: bool = and v1, v2
            v5: bool = or v1, v2
            v6: int64 = iconst 1
            v7: int64 = iconst 2
            v8: int64 = select v1, v6, v7
            v9: int64 = select v2, v6, v7
            v10: []int64 = list.new []int64 v6, v7
            v11: []int64 = list.new []int64 v8, v9
            v12: bool = equal v10, v11
            v13: string = sconst \"x\"
            v14: string = concat v13
            v15: bool = equal v13, v14
            v16: bool = equal v6, v7
            v17: []bool = list.new []bool v3, v4, v5, v12, v15, v16
            show v17 []bool",
            expect![[r#"
                [false,false,true,true,true,false]
                done, fuel 0
            "#]],
        ),
    ]
}

fn texts() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: bool = bconst true
            v2: int64 = iconst -12
            v3: uint64 = uconst -1
            v4: float64 = fconst 1e21
            v5: string = text v1
            v6: string = text v2
            v7: string = text v3
            v8: string = text v4
            v9: string = sconst \" \"
            v10: string = concat v5, v9, v6, v9, v7, v9, v8
            v11: string = concat
            v12: string = text v9
            show v10 string
            show v11 string
            show v12 string",
            expect![[r#"
                "true -12 18446744073709551615 1e+21"
                ""
                " "
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"né\u{1f600}x\"
            v2: int64 = str.len v1
            v3: int64 = iconst 2
            v4: string = str.at v1, v3
            v5: string = sconst \"é\"
            v6: bool = str.contains v1, v5
            v7: bool = str.starts v1, v5
            v8: string = sconst \"x\"
            v9: bool = str.ends v1, v8
            v10: []bool = list.new []bool v6, v7, v9
            v11: Player = struct.new Player
            v12: bytes = load Player.Data v11
            v13: int64 = bytes.len v12
            show v2 int64
            show v4 string
            show v10 []bool
            show v13 int64",
            expect![[r#"
                4
                "😀"
                [true,false,true]
                0
                done, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst -1\nv2: string = str.at v0, v1 @\"n\"",
            expect![[r#"
            index_out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: int64 = iconst 5\nv2: string = str.at v0, v1 @\"n\"",
            expect![[r#"
            index_out_of_range at n, fuel 0
        "#]],
        ),
    ]
}

fn nulls() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: *int16 = null *int16
            v2: bool = is_null v1
            v3: int64 = iconst 0
            v4: *int16 = some *int16 v3
            v5: bool = is_null v4
            v6: int64 = nonnull v4
            v7: string = sconst \"\"
            v8: *string = some *string v7
            v9: bool = is_null v8
            v10: string = nonnull v8
            v11: Player = struct.new Player
            v12: *Player = some *Player v11
            v13: Player = nonnull v12
            v14: int64 = load Player.Seat v13
            v15: []bool = list.new []bool v2, v5, v9
            show v15 []bool
            show v6 int64
            show v10 string
            show v14 int64",
            expect![[r#"
                [true,false,false]
                0
                ""
                3
                done, fuel 0
            "#]],
        ),
        (
            "v1: *int16 = null *int16\nv2: int64 = nonnull v1 @\"n\"",
            expect![[r#"
            null_reference at n, fuel 0
        "#]],
        ),
        (
            "v1: *Player = null *Player\nv2: Player = nonnull v1 @\"n\"",
            expect![[r#"
            null_reference at n, fuel 0
        "#]],
        ),
    ]
}

fn structs() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: Game = root Game
            v2: int64 = iconst 12
            store Game.Round v1, v2
            v3: int64 = load Game.Round v1
            v4: string = load Game.Title v1
            v5: bool = struct.attached v1
            v6: Player = struct.new Player
            v7: bool = struct.attached v6
            struct.init Player.Seat v6, v2
            v8: Player = struct.copy v6
            v9: int64 = iconst 1
            struct.init Player.Seat v6, v9
            v10: int64 = load Player.Seat v6
            v11: int64 = load Player.Seat v8
            v12: uuid = load Player.Token v6
            show v3 int64
            show v4 string
            show v5 bool
            show v7 bool
            show v10 int64
            show v11 int64
            show v12 uuid",
            expect![[r#"
                12
                "chess"
                true
                false
                1
                12
                "012297e8-c143-4fa4-86c2-e6aa7bd176e1"
                done, fuel 0
            "#]],
        ),
        (
            "v1: Lobby = root Lobby @\"n\"",
            expect![[r#"
            not_found at n, fuel 0
        "#]],
        ),
        (
            "v1: Player = struct.new Player
            v2: int64 = iconst 1
            store Player.Seat v1, v2 @\"n\"",
            expect![[r#"
                bad_argument at n, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 1
            v2: {\"a\": int32, \"b c\": string} = record.new {\"a\": int32, \"b c\": string} v1, v0
            v3: string = record.get 1 v2
            show v3 string
            show v2 {\"a\": int32, \"b c\": string}",
            expect![[r#"
                "alice"
                {"a":1,"b c":"alice"}
                done, fuel 0
            "#]],
        ),
        // A reference to an element that was removed.
        (
            "v1: Game = root Game
            v2: []Player = load Game.Players v1
            v3: Player = struct.new Player
            v4: int64 = iconst 0
            list.insert v2, v4, v3
            v5: Player = list.get v2, v4
            list.remove v2, v4
            v6: int64 = load Player.Seat v5 @\"n\"",
            expect![[r#"
                stale_reference at n, fuel 0
            "#]],
        ),
    ]
}

fn lists() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst 10
            v2: int64 = iconst 20
            v3: []int32 = list.new []int32 v1, v2
            list.push v3, v1
            v4: int64 = list.len v3
            v5: int64 = iconst 1
            v6: int64 = list.get v3, v5
            v7: int64 = list.find v3, v2
            v8: int64 = list.find v3, v5
            v9: []int64 = list.new []int64 v4, v6, v7, v8
            show v9 []int64
            show v3 []int32",
            expect![[r#"
                [3,20,1,-1]
                [10,20,10]
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 0
            v4: string = sconst \"x\"
            v5: int64 = list.version v2
            list.insert v2, v3, v0
            list.insert v2, v3, v4
            v6: int64 = list.version v2
            v7: bool = icmp ne v5, v6
            v8: []string = list.snapshot v2
            list.set v2, v3, v0
            show v2 []string
            list.remove v2, v3
            show v2 []string
            list.assign v2, v8
            show v2 []string
            list.clear v2
            show v2 []string
            show v8 []string
            show v7 bool",
            expect![[r#"
                ["alice","alice"]
                ["alice"]
                ["x","alice"]
                []
                ["x","alice"]
                true
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []Player = load Game.Players v1
            v3: Player = struct.new Player
            struct.init Player.ID v3, v0
            v4: int64 = iconst 0
            list.insert v2, v4, v3
            v5: int64 = list.find_key Player.ID v2, v0
            v6: string = sconst \"nobody\"
            v7: int64 = list.find_key Player.ID v2, v6
            v8: int64 = iconst 3
            v9: int64 = list.find_key Player.Seat v2, v8
            v10: []int64 = list.new []int64 v5, v7, v9
            show v10 []int64",
            expect![[r#"
                [0,-1,0]
                done, fuel 0
            "#]],
        ),
        (
            "v1: []int32 = list.new []int32\nv2: int64 = iconst 0\nv3: int64 = list.get v1, v2 @\"n\"",
            expect![[r#"
            index_out_of_range at n, fuel 0
        "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 1
            list.insert v2, v3, v0 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 0
            list.remove v2, v3 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: []string = load Game.Tags v1
            v3: int64 = iconst 0
            list.set v2, v3, v0 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
    ]
}

fn maps() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: string = sconst \"b\"
            v2: string = sconst \"a\"
            v3: int64 = iconst 1
            v4: int64 = iconst 2
            v5: map[string]int64 = map.new map[string]int64 v1, v3, v2, v4, v1, v4
            v6: int64 = map.len v5
            v7: int64 = map.find v5, v1
            v8: int64 = map.find v5, v0
            v9: int64 = iconst 0
            v10: string = map.key_at v5, v9
            v11: int64 = map.value_at v5, v9
            map.put v5, v0, v9
            v12: []int64 = list.new []int64 v6, v7, v8, v11
            show v12 []int64
            show v10 string
            show v5 map[string]int64",
            expect![[r#"
                [2,1,-1,2]
                "a"
                {"a":2,"alice":0,"b":2}
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: map[string]int64 = load Game.Scores v1
            v3: int64 = iconst 5
            v4: int64 = map.version v2
            map.put v2, v0, v3
            v5: int64 = map.version v2
            v6: bool = icmp ne v4, v5
            v7: map[string]int64 = map.snapshot v2
            v8: bool = map.remove v2, v0
            v9: bool = map.remove v2, v0
            show v2 map[string]int64
            map.assign v2, v7
            show v2 map[string]int64
            map.clear v2
            show v2 map[string]int64
            show v7 map[string]int64
            show v6 bool
            show v8 bool
            show v9 bool",
            expect![[r#"
                {}
                {"alice":5}
                {}
                {"alice":5}
                true
                true
                false
                done, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: map[string]int64 = load Game.Scores v1
            v3: int64 = iconst 0
            v4: string = map.key_at v2, v3 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
        (
            "v1: Game = root Game
            v2: map[string]int64 = load Game.Scores v1
            v3: int64 = iconst 0
            v4: int64 = map.value_at v2, v3 @\"n\"",
            expect![[r#"
                index_out_of_range at n, fuel 0
            "#]],
        ),
    ]
}

fn session() -> Vec<(&'static str, Expect)> {
    vec![
        (
            "v1: int64 = iconst 1
            v2: int64 = iconst 6
            v3: string = stream
            v4: int64 = rand.int v1, v2, v3
            v5: int64 = rand.int v2, v1, v3
            v6: float64 = fconst 10.0
            v7: float64 = fconst 20.0
            v8: float64 = rand.float v6, v7, v3
            v9: float64 = rand.unit v3
            v10: int64 = now
            v11: string = host
            show v3 string
            show v4 int64
            show v5 int64
            show v8 float64
            show v9 float64
            show v10 int64
            show v11 string",
            expect![[r#"
                "H"
                5
                2
                15.703142264517023
                0.8007816033588055
                1000
                "bob"
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"Ping\"
            v2: string = sconst \"bob\"
            v3: []string = list.new []string v0, v2
            v4: {\"n\": string} = record.new {\"n\": string} v2
            emit.all v1
            emit.all v1, v4
            emit.one v2, v1, v4
            emit.many v3, v1
            emit.except v0, v1",
            expect![[r#"
                Ping to All: {}
                Ping to All: {"n":"bob"}
                Ping to Players(["bob"]): {"n":"bob"}
                Ping to Players(["alice", "bob"]): {}
                Ping to Except("alice"): {}
                done, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 30
            v2: int64 = iconst -30
            fuel 4
            fuel 0
            fuel.n v1
            fuel.n v2",
            expect![[r#"
                done, fuel 34
            "#]],
        ),
        (
            "v1: int64 = iconst 1000000\nfuel 1 @\"a\"\nfuel.n v1 @\"b\"",
            expect![[r#"
            fuel_exhausted at b, fuel 1000000
        "#]],
        ),
        (
            "fuel 1000000 @\"a\"\nfuel 1 @\"b\"",
            expect![[r#"
            fuel_exhausted at b, fuel 1000000
        "#]],
        ),
        (
            "mem v0\nv1: string = sconst \"done\"\nshow v1 string",
            expect![[r#"
            "done"
            done, fuel 0
        "#]],
        ),
        (
            "v1: bool = bconst false
            v2: bool = bconst true
            trap_if not_found v1 @\"a\"
            trap_if null_reference v2 @\"b\"",
            expect![[r#"
                null_reference at b, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 20
            v2: int64 = call \"Add\" v1, v1
            call \"Nothing\"
            show v2 int64
            ---
            function \"Add\" (\"a\": int64, \"b\": int16) -> int64 {
            b0(v0: int64, v1: int64):
                fuel 1
                v2: int64 = iadd v0, v1
                return v2
            }
            function \"Nothing\" () {
            b0():
                fuel 1
                return
            }",
            expect![[r#"
                40
                done, fuel 2
            "#]],
        ),
    ]
}
