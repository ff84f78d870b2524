//! Cases of fuel and memory, of what stops on purpose, and of calls.

use expect_test::{Expect, expect};

pub fn accounting() -> Vec<(&'static str, Expect)> {
    vec![
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
            "v1: int64 = iconst 999990
            v2: int64 = iconst 999991
            v3: int64 = iconst -1
            fuel 10
            v4: bool = fuel.short v1
            v5: bool = fuel.short v2
            v6: bool = fuel.short v3
            show v4 bool
            show v5 bool
            show v6 bool
            fuel.n v1
            v7: bool = fuel.short v3
            show v7 bool",
            expect![[r#"
                false
                true
                false
                false
                done, fuel 1000000
            "#]],
        ),
        (
            "v1: int64 = iconst 16777152
            v2: int64 = iconst 64
            v3: int64 = iconst 65
            v4: int64 = iconst -9
            mem.n v1
            mem.n v4
            v5: bool = mem.short v2
            v6: bool = mem.short v3
            v7: bool = mem.short v4
            v9: int64 = iconst 1000000
            v10: int64 = iconst 1000001
            v11: bool = entries.short v9
            v12: bool = entries.short v10
            v13: bool = entries.short v4
            show v11 bool
            show v12 bool
            show v13 bool
            show v5 bool
            show v6 bool
            show v7 bool
            mem.n v2 @\"fits\"
            v8: int64 = iconst 1
            mem.n v8 @\"over\"",
            expect![[r#"
                false
                true
                false
                false
                true
                false
                memory_limit at over, fuel 0
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
