//! Between which bounds integers are said to be, where they are used. That what is said is true is tested with all documents
//! there are, by holding integers to it (`ranges::clamped`).

use std::sync::Arc;

use statewright_graph::ir::text::parse;
use statewright_graph::ir::verify::Verified;
use statewright_graph::ir::{Op, Value};
use statewright_graph::ranges::{Range, Ranges, clamped};
use statewright_types::Schema;

const SCHEMA: &str = "package demo\n\n@root(active)\ntype Game {\n    Round int64\n    Seat uint8\n}\n";

const ANY: Range = (i64::MIN as i128, i64::MAX as i128);

/// A handler that gets a string `v0` and an int64 `v1`.
fn handler(body: &str) -> Verified {
    let (schema, diagnostics) = statewright_types::schema::text::parse(SCHEMA);
    let schema: Arc<Schema> = Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let text = format!(
        "module root Game\nhandler \"H\" event \"E\" (\"senderID\": string, \"n\": int64) {{\nb0(v0: string, v1: int64):\n{body}}}\n"
    );
    let module = parse(&text, &schema).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
}

/// The ranges of values where blocks use them.
fn check(body: &str, expected: &[(u32, usize, Range)]) {
    let module = handler(body);
    let ranges = Ranges::new(&module.functions[0], &module.schema);
    for (value, block, range) in expected {
        assert_eq!(ranges.at(Value(*value), *block), Some(*range), "v{value} in b{block} of\n{}", *module);
    }
}

#[test]
fn what_is_read_and_computed_has_the_bounds_of_types_and_operations() {
    check(
        "v2: Game = root Game
        v3: int64 = load Game.Seat v2
        v4: int64 = iconst -10
        v5: int64 = imul v3, v4
        v6: int64 = iadd v5, v3
        v7: int64 = isub v6, v1
        v8: int64 = iconst 16
        v9: int64 = irem v1, v8
        v10: int64 = irem v3, v8
        v11: int64 = ineg v1
        v12: int64 = iadd.wrap v1, v8
        return
        ",
        &[
            (3, 0, (0, 255)),
            (5, 0, (-2550, 0)),
            (6, 0, (-2550, 255)),
            (7, 0, ANY),
            (9, 0, (-15, 15)),
            (10, 0, (0, 15)),
            (11, 0, (-ANY.1, ANY.1)),
            (12, 0, ANY),
        ],
    );
}

#[test]
fn branches_bound_what_they_compare_on_the_ways_that_they_lead() {
    check(
        "v2: int64 = iconst 0
        v3: int64 = iconst 100
        v4: bool = icmp lt v1, v2
        v5: bool = icmp gt v1, v3
        v6: bool = or v4, v5
        branch v6, b1(), b2()
        b1():
        v7: bool = not v4
        branch v7, b3(), b4()
        b2():
        v8: int64 = isub v3, v1
        jump b5(v8)
        b3():
        jump b5(v1)
        b4():
        jump b5(v2)
        b5(v9: int64):
        return
        ",
        // One of both held in b1, which is known of neither; in b2 neither did.
        &[(1, 0, ANY), (1, 1, ANY), (1, 2, (0, 100)), (8, 2, (0, 100)), (1, 3, (0, ANY.1)), (1, 4, (ANY.0, -1))],
    );
    // What the edges say counts where the value goes on as another.
    check(
        "v2: int64 = iconst 7
        v3: bool = icmp le v1, v2
        branch v3, b1(v1), b1(v2)
        b1(v4: int64):
        v5: bool = icmp ge v4, v2
        branch v5, b2(v4), b3()
        b2(v6: int64):
        return
        b3():
        return
        ",
        &[(4, 1, (ANY.0, 7)), (1, 1, ANY), (6, 2, (7, 7)), (4, 3, (ANY.0, 6))],
    );
}

#[test]
fn loops_are_bounded_by_what_ends_them() {
    check(
        "v2: int64 = iconst 0
        v3: int64 = iconst 1
        v4: int64 = iconst 16807
        v5: int64 = iconst 65536
        v6: int64 = iconst 1000000
        v7: bool = icmp lt v1, v6
        branch v7, b1(v2, v3), b4()
        b1(v8: int64, v9: int64):
        v10: bool = icmp lt v8, v1
        branch v10, b2(), b3()
        b2():
        v11: int64 = imul v9, v4
        v12: int64 = iadd v11, v8
        v13: int64 = irem v12, v5
        v14: int64 = iadd v8, v3
        jump b1(v14, v13)
        b3():
        return
        b4():
        return
        ",
        &[(8, 2, (0, 999_998)), (9, 2, (0, 65_535)), (12, 2, (0, 65_535 * 16_807 + 999_998)), (8, 3, (0, 999_999))],
    );
    // What grows with nothing to end it may be anything, and so may what goes down.
    check(
        "v2: int64 = iconst 0
        v3: int64 = iconst 3
        jump b1(v2, v2)
        b1(v4: int64, v5: int64):
        v6: int64 = iadd.wrap v4, v3
        v7: int64 = isub v5, v3
        v8: bool = icmp ne v7, v1
        branch v8, b1(v6, v7), b2()
        b2():
        return
        ",
        &[(4, 1, ANY), (5, 1, (ANY.0, 0)), (7, 2, (ANY.0, -3))],
    );
}

/// Conditions that share what they are made of are not looked through without end.
#[test]
fn conditions_of_many_parts_are_looked_at_in_part() {
    let mut body = "v2: int64 = iconst 5\nv3: bool = icmp lt v1, v2\n".to_owned();
    for index in 3..203 {
        body.push_str(&format!("v{}: bool = and v{index}, v{index}\n", index + 1));
    }
    check(&format!("{body}branch v203, b1(), b2()\nb1():\nreturn\nb2():\nreturn\n"), &[(1, 1, ANY), (1, 2, ANY)]);
    let few = "v2: int64 = iconst 5\nv3: bool = icmp lt v1, v2\nv4: bool = and v3, v3\n";
    check(&format!("{few}branch v4, b1(), b2()\nb1():\nreturn\nb2():\nreturn\n"), &[(1, 1, (ANY.0, 4)), (1, 2, ANY)]);
}

#[test]
fn integers_can_be_held_to_their_ranges() {
    let module = handler(
        "v2: int64 = iconst 16
        v3: int64 = irem v1, v2
        v4: int64 = iadd v3, v1
        v5: Game = root Game
        store Game.Round v5, v4
        return
        ",
    );
    let held = clamped(&module).expect("a module");
    let ops: Vec<Op> = held.functions[0].blocks[0].insts.iter().map(|inst| inst.op).collect();
    // The remainder alone is less than any integer.
    let expected = [Op::IConst, Op::IRem, Op::IConst, Op::IConst, Op::IMax, Op::IMin, Op::IAdd, Op::Root, Op::Store];
    assert_eq!(ops, expected, "{}", *held);
}
