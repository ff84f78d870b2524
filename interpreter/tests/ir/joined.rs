//! Joined instructions do what their parts do: the same results, state, fuel and place of a trap, with any amount of fuel.

use crate::under_test::Interpreter;
use statewright_types::Limits;

use crate::world::{World, interpreter, module, module_text, plain, schema, state};

/// Players `p0` to `p5` with places, hands and large numbers, and what a loop over them does, in `b2` to `b5`: `v20` is the
/// player, `v11` the index, `v12` an integer and `v13` a float that passes carry along; `b5` ends the pass with the next of both.
fn over_players(setup: &str, body: &str, after: &str) -> String {
    let players: String = (0..6)
        .map(|n| {
            let at = 40 + 10 * n;
            let [id, player, big, x, y, point, last] = [0, 1, 2, 3, 4, 5, 6].map(|by| format!("v{}", at + by));
            let (number, place) = (n * 7 % 5, if n == 3 { "0x7ff8000000000000".into() } else { format!("{n}.5") });
            format!(
                "{id}: string = sconst \"p{n}\"
                {player}: Player = struct.new Player
                {big}: uint64 = uconst {number}
                {x}: float64 = fconst {place}
                {y}: float64 = fconst -{n}.25
                {point}: Point = load Player.Pos {player}
                struct.init Player.ID {player}, {id}
                struct.init Player.Big {player}, {big}
                struct.init Point.X {point}, {x}
                struct.init Point.Y {point}, {y}
                {last}: int64 = list.len v3
                list.insert v3, {last}, {player}\n"
            )
        })
        .collect();
    format!(
        "v1: Game = root Game
        v3: []Player = load Game.Players v1
        {players}
        v4: int64 = iconst 0
        v5: int64 = iconst 1
        v6: float64 = fconst 0.0
        v7: int64 = list.version v3
        v8: []int64 = list.new []int64
        {setup}
        jump b1(v4, v4, v6)
        b1(v11: int64, v12: int64, v13: float64):
        v14: []Player = load Game.Players v1 @\"head\"
        v15: int64 = list.version v14 @\"head\"
        v16: bool = icmp ne v15, v7 @\"head\"
        trap_if modified_during_iteration v16 @\"head\"
        v17: int64 = list.len v14 @\"head\"
        v18: bool = icmp lt v11, v17 @\"head\"
        branch v18, b2(), b6() @\"head\"
        b2():
        v20: Player = list.get v14, v11 @\"head\"
        fuel 1 @\"head\"
        {body}
        b5(v30: int64, v31: float64):
        v32: int64 = iadd v11, v5 @\"next\"
        jump b1(v32, v30, v31) @\"next\"
        b6():
        {after}
        show v12 int64
        show v13 float64
        show v8 []int64
        return"
    )
}

/// The same text with the handler's values and blocks numbered without gaps, blocks in order.
fn dense(text: &str) -> String {
    let (handler, rest) = text.split_once("\n}\n").expect("a handler");
    let label = |line: &str| line.trim().strip_prefix('b')?.split_once('(')?.0.parse::<usize>().ok();
    let blocks: Vec<usize> = handler.lines().filter_map(label).collect();
    let mut values = Vec::new();
    let mut out = String::new();
    for line in handler.split_inclusive('\n') {
        for (part, text) in line.split('"').enumerate() {
            out.push_str(if part > 0 { "\"" } else { "" });
            let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
            for word in words {
                let (name, end) = match word.char_indices().last() {
                    Some((at, last)) if !last.is_ascii_alphanumeric() => word.split_at(at),
                    _ => (word, ""),
                };
                let number = |letter| name.strip_prefix(letter).and_then(|number| number.parse::<usize>().ok());
                match (number('v'), number('b')) {
                    (Some(value), _) if part % 2 == 0 => {
                        let known = values.iter().position(|known| *known == value);
                        let place = known.unwrap_or_else(|| {
                            values.push(value);
                            values.len() - 1
                        });
                        out.push_str(&format!("v{place}{end}"));
                    }
                    (_, Some(block)) if part % 2 == 0 => {
                        let place = blocks.iter().position(|known| *known == block).expect("a block");
                        out.push_str(&format!("b{place}{end}"));
                    }
                    _ => out.push_str(word),
                }
            }
        }
    }
    format!("{out}\n}}\n{rest}")
}

/// Plays it both ways with every amount of fuel up to what it needs, and a bit more.
fn same(body: &str) {
    let _interpreter = same_with(0..200, body);
}

/// The same with these amounts; gives what played it joined.
pub fn same_with(amounts: impl Iterator<Item = u64>, body: &str) -> Interpreter {
    let schema = schema();
    let [joined, plain] = [interpreter, plain].map(|make| make(module(&dense(&module_text(body)), &schema)));
    let mut is_done = false;
    for fuel in amounts {
        let play = |program| {
            let mut world = World::new(state(&schema), Limits { fuel, ..Limits::default() });
            (world.play(program, None), world.state.canonical_bytes())
        };
        let (left, right) = (play(&joined), play(&plain));
        assert_eq!(left, right, "with {fuel} fuel\n{body}");
        is_done |= !left.0.contains("fuel_exhausted");
    }
    assert!(is_done, "so much fuel does not do\n{body}");
    joined
}

#[test]
fn fields_with_what_is_done_with_them() {
    let wrap = |body: &str| over_players("v9: uint64 = uconst 2\nv10: float64 = fconst 1.5", body, "");
    for op in ["fadd v22, v10", "fadd v10, v22", "fsub v22, v10", "fsub v10, v22", "fmul v22, v10", "fmul v22, v22"] {
        same(&wrap(&format!(
            "v21: Point = load Player.Pos v20 @\"a\"
            fuel 1 @\"a\"
            v22: float64 = load Point.X v21 @\"b\"
            v23: float64 = {op} @\"c\"
            v24: float64 = fmul v23, v23 @\"d\"
            v25: float64 = fadd v24, v13 @\"e\"
            jump b5(v12, v25)"
        )));
    }
    for op in ["ucmp eq", "ucmp ne", "ucmp lt", "ucmp le", "ucmp gt", "ucmp ge"] {
        same(&wrap(&format!(
            "v22: uint64 = load Player.Big v20 @\"a\"
            v23: bool = {op} v22, v9 @\"a\"
            branch v23, b3(), b4() @\"a\"
            b3():
            fuel 1 @\"b\"
            fuel 1 @\"c\"
            v24: int64 = iadd v12, v5 @\"c\"
            jump b5(v24, v13)
            b4():
            fuel 3 @\"d\"
            v25: int64 = isub v12, v5 @\"d\"
            jump b5(v25, v13)"
        )));
    }
}

#[test]
fn integers_of_records() {
    for op in ["iadd v22, v9", "iadd v9, v22", "isub v22, v9", "isub v9, v22", "imul v22, v9", "imul v22, v22"] {
        for cond in ["eq", "ne", "lt", "le", "gt", "ge"] {
            for (left, right) in [("v25", "v9"), ("v9", "v25")] {
                let limit = "v9: int64 = iconst 3";
                same(&over_players(
                    limit,
                    &format!(
                        "v22: int64 = load Game.Round v1 @\"a\"
                        v23: int64 = {op} @\"b\"
                        store Game.Round v1, v23 @\"c\"
                        fuel 1 @\"c\"
                        v25: int64 = load Game.Round v1 @\"d\"
                        v26: bool = icmp {cond} {left}, {right} @\"d\"
                        branch v26, b3(), b4() @\"d\"
                        b3():
                        fuel 1 @\"e\"
                        v27: int64 = imul v25, v9 @\"e\"
                        v28: int64 = iadd v27, v12 @\"f\"
                        jump b5(v28, v13)
                        b4():
                        jump b5(v12, v13)"
                    ),
                    "",
                ));
            }
        }
    }
}

#[test]
fn writes_to_roots() {
    for write in ["Round v21, v12", "Players v21, v14"] {
        same(&over_players(
            "",
            &format!(
                "v21: Game = root Game @\"a\"
                store Game.{write} @\"b\"
                fuel 1 @\"b\"
                v22: int64 = load Game.Round v21 @\"c\"
                v23: int64 = iadd v22, v5 @\"c\"
                jump b5(v23, v13)"
            ),
            "",
        ));
    }
    // A root that is not there.
    same(&over_players(
        "",
        "v21: Lobby = root Lobby @\"a\"
        store Lobby.Open v21, v18 @\"b\"
        jump b5(v12, v13)",
        "",
    ));
}

/// What is in the loop changes the list: by writing it whole, by inserting, in a function, or the place of the list.
#[test]
fn a_loop_that_changes_its_list_is_caught() {
    let changes = [
        "list.remove v14, v4",
        "list.insert v14, v4, v20",
        "list.clear v14",
        "v22: []Player = list.new []Player v20\nstore Game.Players v1, v22",
        "call \"Change\" v4",
        "store Game.Round v1, v11",
    ];
    let function = "---
        function \"Change\" (\"at\": int64) {
        b0(v0: int64):
            fuel 1 @\"change\"
            v1: Game = root Game
            v2: []Player = load Game.Players v1
            list.remove v2, v0 @\"remove\"
            return
        }";
    for change in changes {
        let body = format!(
            "v21: bool = icmp eq v11, v5 @\"a\"
            branch v21, b3(), b4() @\"a\"
            b3():
            fuel 1 @\"b\"
            {change} @\"b\"
            jump b4()
            b4():
            jump b5(v11, v13)"
        );
        same(&(over_players("", &body, "") + "\n" + function));
    }
}

#[test]
fn small_functions_where_they_are_called() {
    let function = "---
        function \"Mix\" (\"a\": int64, \"b\": int64) -> int64 {
        b0(v0: int64, v1: int64):
            fuel 1 @\"mix\"
            v2: int64 = iconst 3
            v3: int64 = iadd v0, v1 @\"sum\"
            v4: int64 = idiv v3, v1 @\"part\"
            v5: Game = root Game
            store Game.Round v5, v4 @\"keep\"
            v6: int64 = imul v4, v2 @\"three\"
            return v6
        }
        function \"First\" (\"a\": int64, \"b\": int64) -> int64 {
        b0(v0: int64, v1: int64):
            v2: int64 = iadd v0, v1 @\"unused\"
            return v0
        }";
    for (name, a, b) in [("Mix", "v12", "v34"), ("Mix", "v34", "v11"), ("First", "v12", "v11"), ("First", "v11", "v12")]
    {
        let body = format!(
            "v33: int64 = iadd v11, v5
            v34: int64 = iadd v33, v5
            v21: int64 = call \"{name}\" {a}, {b} @\"call\"
            fuel 1 @\"after\"
            jump b5(v21, v13)"
        );
        same(&(over_players("", &body, "") + "\n" + function));
    }
}

/// The passes over lists that are values: pushed to, summed up.
#[test]
fn sums_and_pushes() {
    let after = |ty: &str, op: &str, zero: &str| {
        format!(
            "v100: int64 = list.len v9
            v101: {ty} = {zero}
            jump b7(v4, v101)
            b7(v102: int64, v103: {ty}):
            v104: bool = icmp lt v102, v100
            branch v104, b8(), b9()
            b8():
            fuel 1 @\"sum\"
            v105: {ty} = list.get v9, v102 @\"sum\"
            v106: {ty} = {op} v103, v105 @\"sum\"
            v107: int64 = iadd v102, v5
            jump b7(v107, v106)
            b9():
            show v103 {ty}"
        )
    };
    let floats = "v9: []float64 = list.new []float64";
    same(&over_players(
        floats,
        "v21: Point = load Player.Pos v20
        v22: float64 = load Point.Y v21
        list.push v9, v22 @\"push\"
        jump b5(v12, v22)",
        &after("float64", "fadd", "fconst 0.5"),
    ));
    for large in ["7", "9223372036854775807"] {
        same(&over_players(
            &format!("v9: []int64 = list.new []int64\nv10: int64 = iconst {large}"),
            "list.push v9, v10 @\"push\"
            list.push v8, v11 @\"push\"
            jump b5(v11, v13)",
            &after("int64", "iadd", "iconst 1"),
        ));
    }
}

/// Filters 66 guests by their seats, 0 to 6, into the list `target`, and makes numbers of the seats that pass.
fn filter_and_map(condition: &str, other: i64, target: &str, make: &str) -> String {
    format!(
        "v1: int64 = iconst 0
        v2: int64 = iconst 1
        v3: int64 = iconst 66
        v4: int64 = iconst {other}
        v5: int64 = iconst 7
        v6: []Guest = list.new []Guest
        v7: []Guest = list.new []Guest
        v8: []int64 = list.new []int64
        jump b1(v1)
        b1(v10: int64):
        v11: bool = icmp lt v10, v3
        branch v11, b2(), b3()
        b2():
        v12: Guest = struct.new Guest
        v13: int64 = irem v10, v5
        struct.init Guest.Seat v12, v13
        list.push v6, v12
        v14: int64 = iadd v10, v2
        jump b1(v14)
        b3():
        v20: int64 = list.len v6
        jump b4(v1)
        b4(v21: int64):
        v22: bool = icmp lt v21, v20
        branch v22, b5(), b8()
        b5():
        fuel 1 @\"filter\"
        v23: Guest = list.get v6, v21 @\"filter\"
        v24: int64 = load Guest.Seat v23 @\"seat\"
        v25: bool = {condition} @\"test\"
        branch v25, b6(), b7()
        b6():
        fuel 1 @\"pass\"
        list.push {target}, v23 @\"pass\"
        jump b7()
        b7():
        v26: int64 = iadd v21, v2
        jump b4(v26)
        b8():
        v30: int64 = list.len {target}
        jump b9(v1)
        b9(v31: int64):
        v32: bool = icmp lt v31, v30
        branch v32, b10(), b11()
        b10():
        fuel 1 @\"map\"
        v33: Guest = list.get {target}, v31 @\"map\"
        v34: int64 = load Guest.Seat v33 @\"map\"
        {make}
        list.push v8, v35 @\"push\"
        v36: int64 = iadd v31, v2
        jump b9(v36)
        b11():
        show v8 []int64
        return"
    )
}

/// Loops that make one list of another, of which many passes are run at once.
#[test]
fn filters_and_maps() {
    let doubled = "v35: int64 = iadd v34, v34 @\"make\"";
    for condition in ["eq", "ne", "lt", "le", "gt", "ge"] {
        same(&filter_and_map(&format!("icmp {condition} v24, v4"), 3, "v7", doubled));
        same(&filter_and_map(&format!("icmp {condition} v4, v24"), 3, "v7", doubled));
    }
    for make in ["iadd v34, v4", "isub v34, v4", "isub v4, v34", "imul v34, v4", "imul v4, v34", "iadd v34, v2"] {
        let make = format!("v35: int64 = {make} @\"make\"");
        // The last ones stop in the middle of the list: sums and products get too large.
        for other in [2, i64::MAX - 4, i64::MIN + 4] {
            same(&filter_and_map("icmp gt v24, v2", other, "v7", &make));
            same(&filter_and_map("icmp lt v24, v4", other, "v7", &make));
        }
    }
    // A field as it is, and a list that grows while it is read.
    let plain = filter_and_map("icmp gt v24, v2", 3, "v7", "").replace("list.push v8, v35", "list.push v8, v34");
    same(&plain);
    same(&filter_and_map("icmp gt v24, v4", 3, "v6", doubled));
}
