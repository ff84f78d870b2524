//! Chains of loops that become one.

use expect_test::expect;

use super::check;

#[test]
fn a_filter_and_a_sum_are_one_loop_beside_both() {
    check(
        "v2: Game = root Game
        v3: []Player = load Game.Players v2
        v4: []Player = list.new []Player
        v5: int64 = list.len v3
        v6: int64 = iconst 0
        jump b1(v6)
        b1(v7: int64):
        v8: bool = icmp lt v7, v5
        branch v8, b2(), b5()
        b2():
        fuel 1 @\"filter\"
        v9: Player = list.get v3, v7
        v10: int64 = load Player.Seat v9
        v11: bool = icmp gt v10, v1
        branch v11, b3(), b4()
        b3():
        list.push v4, v9
        jump b4()
        b4():
        v12: int64 = iconst 1
        v13: int64 = iadd v7, v12
        jump b1(v13)
        b5():
        mem v4 @\"filter\"
        v14: int64 = list.len v4
        v15: int64 = iconst 0
        jump b6(v15, v15)
        b6(v16: int64, v17: int64):
        v18: bool = icmp lt v16, v14
        branch v18, b7(), b8()
        b7():
        fuel 1 @\"sum\"
        v19: Player = list.get v4, v16
        v20: int64 = load Player.Seat v19 @\"sum\"
        v21: int64 = iadd v17, v20 @\"sum\"
        v22: int64 = iconst 1
        v23: int64 = iadd v16, v22
        jump b6(v23, v21)
        b8():
        store Game.Round v2, v17
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: Game = root Game
                v3: []Player = load.known Game.Players v2
                v4: int64 = list.len v3
                v5: int64 = iconst 0
                v6: int64 = iconst 1
                v7: int64 = iconst 2
                v8: int64 = imul.wrap v4, v7
                v9: int64 = iconst 8
                v10: int64 = imul.wrap v4, v9
                v11: int64 = iadd.wrap v10, v9
                v12: bool = fuel.short v8
                v13: bool = mem.short v11
                v14: bool = entries.short v4
                v15: bool = or v12, v13
                v16: bool = or v15, v14
                branch v16, b7(), b1()
            b1():
                v17: bool = bconst false
                jump b2(v5, v17, v5, v5)
            b2(v18: int64, v19: bool, v20: int64, v21: int64):
                v22: bool = icmp lt v18, v4
                branch v22, b3(), b6()
            b3():
                v23: Player = list.at v3, v18
                v24: int64 = load.known Player.Seat v23
                v25: bool = icmp gt v24, v1
                branch v25, b4(), b5(v19, v20, v21)
            b4():
                v26: int64 = iadd.wrap v21, v24 @"sum"
                v27: bool = iadd.over v21, v24 @"sum"
                v28: bool = or v19, v27 @"sum"
                v29: int64 = iadd.wrap v20, v6
                jump b5(v28, v29, v26)
            b5(v30: bool, v31: int64, v32: int64):
                v33: int64 = iadd v18, v6
                jump b2(v33, v30, v31, v32)
            b6():
                branch v19, b7(), b15()
            b7():
                v34: []Player = list.new []Player
                jump b8(v5)
            b8(v35: int64):
                v36: bool = icmp lt v35, v4
                branch v36, b9(), b12()
            b9():
                fuel 1 @"filter"
                v37: Player = list.at v3, v35
                v38: int64 = load.known Player.Seat v37
                v39: bool = icmp gt v38, v1
                branch v39, b10(), b11()
            b10():
                list.push v34, v37
                jump b11()
            b11():
                v40: int64 = iadd v35, v6
                jump b8(v40)
            b12():
                mem v34 @"filter"
                v41: int64 = list.len v34
                jump b13(v5, v5)
            b13(v42: int64, v43: int64):
                v44: bool = icmp lt v42, v41
                branch v44, b14(), b16(v43)
            b14():
                fuel 1 @"sum"
                v45: Player = list.get v34, v42
                v46: int64 = load Player.Seat v45 @"sum"
                v47: int64 = iadd v43, v46 @"sum"
                v48: int64 = iadd v42, v6
                jump b13(v48, v47)
            b15():
                v49: int64 = iadd.wrap v18, v20
                fuel.n v49
                v50: int64 = imul.wrap v20, v9
                v51: int64 = iadd.wrap v50, v9
                mem.n v51
                jump b16(v21)
            b16(v52: int64):
                store Game.Round v2, v52
                return
        "#]],
    );
}

#[test]
fn counters_of_fused_loops_that_are_always_equal_are_one() {
    check(
        "v2: Game = root Game
        v3: []Player = load Game.Players v2
        v4: []Player = list.new []Player
        v5: int64 = list.len v3
        v6: int64 = iconst 0
        jump b1(v6)
        b1(v7: int64):
        v8: bool = icmp lt v7, v5
        branch v8, b2(), b5()
        b2():
        fuel 1 @\"filter\"
        v9: Player = list.get v3, v7
        v10: int64 = load Player.Seat v9
        v11: bool = icmp gt v10, v1
        branch v11, b3(), b4()
        b3():
        list.push v4, v9
        jump b4()
        b4():
        v12: int64 = iconst 1
        v13: int64 = iadd v7, v12
        jump b1(v13)
        b5():
        mem v4 @\"filter\"
        v14: int64 = list.len v4
        v15: []int64 = list.new []int64
        v16: int64 = iconst 0
        jump b6(v16)
        b6(v17: int64):
        v18: bool = icmp lt v17, v14
        branch v18, b7(), b8()
        b7():
        fuel 1 @\"map\"
        v19: Player = list.get v4, v17
        v20: int64 = load Player.Seat v19 @\"map\"
        list.push v15, v20
        v21: int64 = iconst 1
        v22: int64 = iadd v17, v21
        jump b6(v22)
        b8():
        mem v15 @\"map\"
        v23: int64 = list.len v15
        v24: int64 = iconst 0
        jump b9(v24, v24)
        b9(v25: int64, v26: int64):
        v27: bool = icmp lt v25, v23
        branch v27, b10(), b11()
        b10():
        fuel 1 @\"sum\"
        v28: int64 = list.get v15, v25
        v29: int64 = iadd v26, v28 @\"sum\"
        v30: int64 = iconst 1
        v31: int64 = iadd v25, v30
        jump b9(v31, v29)
        b11():
        store Game.Round v2, v26
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: Game = root Game
                v3: []Player = load.known Game.Players v2
                v4: int64 = list.len v3
                v5: int64 = iconst 0
                v6: int64 = iconst 1
                v7: int64 = iconst 3
                v8: int64 = imul.wrap v4, v7
                v9: int64 = iconst 16
                v10: int64 = imul.wrap v4, v9
                v11: int64 = iadd.wrap v10, v9
                v12: bool = fuel.short v8
                v13: bool = mem.short v11
                v14: bool = entries.short v4
                v15: bool = or v12, v13
                v16: bool = or v15, v14
                branch v16, b7(), b1()
            b1():
                v17: bool = bconst false
                jump b2(v5, v17, v5, v5)
            b2(v18: int64, v19: bool, v20: int64, v21: int64):
                v22: bool = icmp lt v18, v4
                branch v22, b3(), b6()
            b3():
                v23: Player = list.at v3, v18
                v24: int64 = load.known Player.Seat v23
                v25: bool = icmp gt v24, v1
                branch v25, b4(), b5(v19, v20, v21)
            b4():
                v26: int64 = iadd.wrap v21, v24 @"sum"
                v27: bool = iadd.over v21, v24 @"sum"
                v28: bool = or v19, v27 @"sum"
                v29: int64 = iadd.wrap v20, v6
                jump b5(v28, v29, v26)
            b5(v30: bool, v31: int64, v32: int64):
                v33: int64 = iadd v18, v6
                jump b2(v33, v30, v31, v32)
            b6():
                branch v19, b7(), b18()
            b7():
                v34: []Player = list.new []Player
                jump b8(v5)
            b8(v35: int64):
                v36: bool = icmp lt v35, v4
                branch v36, b9(), b12()
            b9():
                fuel 1 @"filter"
                v37: Player = list.at v3, v35
                v38: int64 = load.known Player.Seat v37
                v39: bool = icmp gt v38, v1
                branch v39, b10(), b11()
            b10():
                list.push v34, v37
                jump b11()
            b11():
                v40: int64 = iadd v35, v6
                jump b8(v40)
            b12():
                mem v34 @"filter"
                v41: int64 = list.len v34
                v42: []int64 = list.new []int64
                jump b13(v5)
            b13(v43: int64):
                v44: bool = icmp lt v43, v41
                branch v44, b14(), b15()
            b14():
                fuel 1 @"map"
                v45: Player = list.get v34, v43
                v46: int64 = load Player.Seat v45 @"map"
                list.push v42, v46
                v47: int64 = iadd v43, v6
                jump b13(v47)
            b15():
                mem v42 @"map"
                v48: int64 = list.len v42
                jump b16(v5, v5)
            b16(v49: int64, v50: int64):
                v51: bool = icmp lt v49, v48
                branch v51, b17(), b19(v50)
            b17():
                fuel 1 @"sum"
                v52: int64 = list.get v42, v49
                v53: int64 = iadd v50, v52 @"sum"
                v54: int64 = iadd v49, v6
                jump b16(v54, v53)
            b18():
                v55: int64 = iadd.wrap v18, v20
                v56: int64 = iadd.wrap v55, v20
                fuel.n v56
                v57: int64 = iconst 8
                v58: int64 = imul.wrap v20, v57
                v59: int64 = iadd.wrap v58, v57
                mem.n v59
                mem.n v59
                jump b19(v21)
            b19(v60: int64):
                store Game.Round v2, v60
                return
        "#]],
    );
}
