//! Cases of scalars, text and null.

use expect_test::{Expect, expect};

pub fn constants() -> Vec<(&'static str, Expect)> {
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

pub fn integers() -> Vec<(&'static str, Expect)> {
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
            "v1: int64 = iconst 9223372036854775807
        v2: int64 = iconst -2
        v3: int64 = iadd.wrap v1, v2
        v4: int64 = isub.wrap v1, v2
        v5: int64 = imul.wrap v1, v2
        v6: bool = iadd.over v1, v2
        v7: bool = isub.over v1, v2
        v8: bool = imul.over v1, v2
        v9: []int64 = list.new []int64 v3, v4, v5
        v10: []bool = list.new []bool v6, v7, v8
        show v9 []int64
        show v10 []bool",
            expect![[r#"
            [9223372036854775805,-9223372036854775807,2]
            [false,true,true]
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

pub fn floats() -> Vec<(&'static str, Expect)> {
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

pub fn conversions() -> Vec<(&'static str, Expect)> {
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
            v13: int64 = reveal v12
            show v3 float64
            show v4 float64
            show v6 int64
            show v7 uint64
            show v8 float64
            show v10 uuid
            show v13 int64",
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

pub fn comparisons() -> Vec<(&'static str, Expect)> {
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
            v18: int64 = digest v10
            v19: int64 = digest v11
            v20: int64 = digest v6
            v21: int64 = digest v7
            v22: bool = icmp eq v18, v19
            v23: bool = icmp eq v20, v21
            v17: []bool = list.new []bool v3, v4, v5, v12, v15, v16, v22, v23
            show v17 []bool",
            expect![[r#"
                [false,false,true,true,true,false,true,false]
                done, fuel 0
            "#]],
        ),
    ]
}

pub fn texts() -> Vec<(&'static str, Expect)> {
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
        (
            "v1: string = sconst \" Straße,żółw, \"
            v2: string = sconst \",\"
            v3: string = sconst \"--\"
            v4: int64 = iconst 2
            v5: int64 = iconst 3
            v6: string = str.slice v1, v4, v5
            v7: int64 = str.find v1, v2
            v8: string = str.replace v1, v2, v3
            v9: []string = str.split v1, v2
            v10: string = str.join v9, v3
            v11: string = str.repeat v2, v5
            v12: string = str.upper v1
            v13: string = str.lower v12
            v14: string = str.trim v1
            v15: []string = list.new []string v6, v8, v10, v11, v12, v13, v14
            show v7 int64
            show v9 []string
            show v15 []string",
            expect![[r#"
                7
                [" Straße","żółw"," "]
                ["tra"," Straße--żółw-- "," Straße--żółw-- ",",,,"," STRASSE,ŻÓŁW, "," strasse,żółw, ","Straße,żółw,"]
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"-12\"
            v2: string = sconst \"1.5e3\"
            v3: bool = str.is_int v1
            v4: bool = str.is_int v2
            v5: bool = str.is_float v1
            v6: bool = str.is_float v0
            v7: []bool = list.new []bool v3, v4, v5, v6
            v8: int64 = str.to_int v1
            v9: int64 = str.to_int v2
            v10: float64 = str.to_float v2
            v11: float64 = str.to_float v0
            show v7 []bool
            show v8 int64
            show v9 int64
            show v10 float64
            show v11 float64",
            expect![[r#"
                [true,false,true,false]
                -12
                0
                1500.0
                0.0
                done, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"{who} has %d of {1}: %.1f\"
            v2: string = sconst \"n\"
            v3: string = sconst \"who\"
            v4: string = sconst \"7\"
            v5: string = sconst \"0.25\"
            v6: []string = list.new []string v2, v3, v2
            v7: []string = list.new []string v4, v5, v3
            v8: string = str.format \"ifo\" v1, v6, v7
            show v8 string",
            expect![[r#"
                "0.25 has 7 of 0.25: 0.2"
                done, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst -1\nv2: string = str.repeat v0, v1 @\"n\"",
            expect![[r#"
                bad_argument at n, fuel 0
            "#]],
        ),
        (
            "v1: int64 = iconst 1048577\nv2: string = sconst \"x\"\nv3: string = str.repeat v2, v1 @\"n\"",
            expect![[r#"
                memory_limit at n, fuel 0
            "#]],
        ),
        (
            "v1: string = sconst \"%d\"\nv2: []string = list.new []string\nv3: string = str.format \"i\" v1, v2, v2 @\"n\"",
            expect![[r#"
                bad_argument at n, fuel 0
            "#]],
        ),
    ]
}

pub fn nulls() -> Vec<(&'static str, Expect)> {
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
