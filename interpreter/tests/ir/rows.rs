//! Every row of the operation table, at least once, with its traps.

#[path = "rows/accounting.rs"]
mod accounting;
#[path = "rows/objects.rs"]
mod objects;
#[path = "rows/values.rs"]
mod values;

use std::collections::BTreeSet;

use expect_test::Expect;
use statewright_graph::ir::ops::OPS;

use accounting::accounting;
use objects::{lists, maps, session, structs};
use values::{comparisons, constants, conversions, floats, integers, nulls, texts};

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
        accounting(),
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
    // The cases of these are in `trace`: somebody must listen.
    for traced in ["message", "enter", "leave", "probe", "watch"] {
        missing.remove(traced);
    }
    for (body, _) in cases() {
        for block in module(&module_text(body), &schema).functions.iter().flat_map(|function| &function.blocks) {
            block.insts.iter().for_each(|inst| {
                missing.remove(inst.op.row().mnemonic);
            });
        }
    }
    assert_eq!(missing, BTreeSet::new(), "these operations need a case here");
}

/// What tells whether a checked operation would stop, and the operation itself.
#[test]
fn over_is_where_the_checked_operation_stops() {
    let extremes = [i64::MIN, i64::MIN + 1, -3, -1, 0, 1, 3, i64::MAX - 1, i64::MAX];
    for (a, b) in extremes.iter().flat_map(|a| extremes.map(|b| (*a, b))) {
        for op in ["iadd", "isub", "imul"] {
            let operands = format!("v1: int64 = iconst {a}\nv2: int64 = iconst {b}\n");
            let over = run(&format!("{operands}v3: bool = {op}.over v1, v2\nshow v3 bool"));
            let stopped = run(&format!("{operands}v3: int64 = {op} v1, v2")).starts_with("overflow");
            assert_eq!(over, format!("{stopped}\ndone, fuel 0\n"), "{op} {a} {b}");
        }
    }
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
        ("iadd.wrap", max, 1, value(min)),
        ("isub.wrap", min, 1, value(max)),
        ("imul.wrap", max, 2, value(-2)),
        ("iadd.wrap", 5, -7, value(-2)),
        ("isub.wrap", 5, -7, value(12)),
        ("imul.wrap", 5, -7, value(-35)),
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
