//! Searches by key, which ask the index.

use expect_test::expect;
use statewright_graph::ir::verify::Verified;
use statewright_graph::passes;

use super::{check, module};

#[test]
fn an_element_is_found_by_its_key() {
    check(
        "v2: int64 = iconst -1
        v3: Game = root Game
        v4: []Player = load Game.Players v3
        v5: int64 = list.len v4
        v6: int64 = iconst 0
        v7: int64 = iconst 1
        jump b1(v6)
        b1(v8: int64):
        v9: bool = icmp lt v8, v5
        branch v9, b2(), b4(v2)
        b2():
        fuel 1 @\"a\"
        v10: Player = list.get v4, v8 @\"a\"
        v11: string = load Player.ID v10 @\"a\"
        v12: bool = scmp eq v11, v0
        branch v12, b4(v8), b3()
        b3():
        v13: int64 = iadd v8, v7
        jump b1(v13)
        b4(v14: int64):
        store Game.Round v3, v14
        return
        ",
        expect![[r#"
            b0(v0: string, v1: int64):
                v2: int64 = iconst -1
                v3: Game = root Game
                v4: []Player = load.known Game.Players v3
                v5: int64 = list.len v4
                v6: int64 = iconst 0
                v7: int64 = iconst 1
                v8: bool = fuel.short v5
                branch v8, b1(v6), b4()
            b1(v9: int64):
                v10: bool = icmp lt v9, v5
                branch v10, b2(), b7(v2)
            b2():
                fuel 1 @"a"
                v11: Player = list.at v4, v9 @"a"
                v12: string = load.known Player.ID v11 @"a"
                v13: bool = scmp eq v12, v0
                branch v13, b7(v9), b3()
            b3():
                v14: int64 = iadd v9, v7
                jump b1(v14)
            b4():
                v15: int64 = list.find_key Player.ID v4, v0 @"a"
                v16: bool = icmp ge v15, v6 @"a"
                v17: bool = icmp lt v15, v5 @"a"
                v18: bool = and v16, v17 @"a"
                branch v18, b5(), b6()
            b5():
                v19: int64 = iadd.wrap v15, v7 @"a"
                fuel.n v19 @"a"
                jump b7(v15)
            b6():
                fuel.n v5 @"a"
                jump b7(v2)
            b7(v20: int64):
                store Game.Round v3, v20
                return
        "#]],
    );
}

#[test]
fn a_uuid_is_found_by_text() {
    let mut module = module(
        "v2: Game = root Game
        v3: []Token = load Game.Tokens v2
        v4: int64 = list.len v3
        v5: int64 = iconst 0
        v6: int64 = iconst 1
        jump b1(v5)
        b1(v7: int64):
        v8: bool = icmp lt v7, v4
        branch v8, b2(), b4()
        b2():
        fuel 1 @\"a\"
        v9: Token = list.get v3, v7
        v10: uuid = load Token.ID v9
        v11: bool = scmp eq v10, v0
        branch v11, b4(), b3()
        b3():
        v12: int64 = iadd v7, v6
        jump b1(v12)
        b4():
        return
        ",
    );
    passes::run(&mut module);
    assert!(module.to_string().contains("list.find_key Token.ID"), "{module}");
    Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
}
