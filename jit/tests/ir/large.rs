//! Large functions without loops, whose checks wait for one another: what stops first is told first, with the fuel of that moment.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use statewright_types::Limits;

use crate::joined::dense;
use crate::under_test::Interpreter;
use crate::world::{World, interpreter, module, module_text, plain, schema, state};

const GROUPS: usize = 12;

/// Charges, sums and products in a row, with a load and a store in every fourth group if it is to have them. The sum or the product of
/// one group is too large.
fn groups(count: usize, has_state: bool, bad: Option<(usize, bool)>) -> (String, usize) {
    let mut text = String::from(
        "v1: Game = root Game
        v2: int64 = iconst 2
        v3: int64 = iconst 1\n",
    );
    let mut last = 2;
    for group in 0..count {
        let base = 10 * (group + 1);
        let [addend, sum, difference, factor, product, round, again] = [0, 1, 2, 3, 4, 5, 6].map(|by| base + by);
        let added = if bad == Some((group, false)) { i64::MAX } else { 5 };
        let times = if bad == Some((group, true)) { i64::MIN } else { 1 };
        write!(
            text,
            "fuel 1 @\"first{group}\"
            v{addend}: int64 = iconst {added}
            v{sum}: int64 = iadd v{last}, v{addend} @\"sum{group}\"
            fuel 2 @\"second{group}\"
            v{difference}: int64 = isub v{sum}, v{addend} @\"difference{group}\"
            v{factor}: int64 = iconst {times}
            v{product}: int64 = imul v{difference}, v{factor} @\"product{group}\"\n"
        )
        .expect("text");
        if has_state && group % 4 == 1 {
            write!(
                text,
                "v{round}: int64 = load Game.Round v1 @\"load{group}\"
                store Game.Round v1, v{product} @\"store{group}\"
                v{again}: int64 = load Game.Round v1 @\"again{group}\"\n"
            )
            .expect("text");
        }
        last = product;
    }
    (text, last)
}

/// Runs a body under both, with each amount of fuel up to `most`, and gives how that ended.
fn ends(body: &str, most: u64) -> BTreeSet<String> {
    let schema = schema();
    let module = module(&dense(&module_text(body)), &schema);
    let count: usize = module.functions[0].blocks.iter().map(|block| block.insts.len()).sum();
    let has_loops = body.contains("jump");
    assert!(count > if has_loops { 100 } else { 60 }, "{count} instructions are compiled as those of small functions");
    let programs = [interpreter(module.clone()), plain(module)];
    let mut ends = BTreeSet::new();
    for fuel in 0..=most {
        let limits = Limits { fuel, ..Limits::default() };
        let run = |program: &Interpreter| {
            let mut world = World::new(state(&schema), limits);
            let told = world.play(program, None);
            (told, world.meter.fuel, world.meter.memory, world.state.hash())
        };
        let [compiled, expected] = [run(&programs[0]), run(&programs[1])];
        assert_eq!(compiled, expected, "fuel {fuel}\n{body}");
        ends.insert(expected.0.lines().last().unwrap_or("").split(',').next().unwrap_or("").to_owned());
    }
    ends
}

#[test]
fn checks_that_wait_tell_the_first_that_failed() {
    let places = [0, 1, 4, 5, GROUPS - 1].into_iter().flat_map(|group| [Some((group, false)), Some((group, true))]);
    let mut all = BTreeSet::new();
    for bad in places.chain([None]) {
        let (text, last) = groups(GROUPS, true, bad);
        // And what the first group with loads read in the end.
        all.extend(ends(&format!("{text}show v{last} int64\nshow v26 int64"), 3 * GROUPS as u64 + 1));
    }
    for end in
        ["done", "overflow at sum5", "overflow at product11", "fuel_exhausted at second3", "fuel_exhausted at first0"]
    {
        assert!(all.contains(end), "{end} is missing of {all:?}");
    }
}

#[test]
fn more_checks_than_can_wait_for_one_another() {
    const MANY: usize = 60;
    for bad in [Some((3, true)), Some((15, true)), Some((16, false)), Some((31, true)), Some((MANY - 1, true)), None] {
        let (text, last) = groups(MANY, false, bad);
        let ends = ends(&format!("{text}show v{last} int64"), 3 * MANY as u64 + 1);
        let wanted = match bad {
            Some((group, false)) => format!("overflow at sum{group}"),
            Some((group, true)) => format!("overflow at product{group}"),
            None => "done".to_owned(),
        };
        assert!(ends.contains(&wanted), "{wanted} is missing of {ends:?}");
    }
}

#[test]
fn charges_before_in_and_behind_a_loop() {
    let (text, last) = groups(20, true, None);
    let text = format!(
        "{text}
        fuel 1 @\"before\"
        v501: int64 = iconst 0
        v502: int64 = iconst 3
        jump b1(v501)
        b1(v503: int64):
        v504: bool = icmp lt v503, v502 @\"head\"
        branch v504, b2(), b3() @\"head\"
        b2():
        fuel 2 @\"pass\"
        v505: int64 = iadd v503, v3 @\"pass\"
        jump b1(v505)
        b3():
        fuel 1 @\"after\"
        v506: int64 = iadd v{last}, v503 @\"after\"
        store Game.Round v1, v506 @\"after\"
        fuel 1 @\"end\"
        show v506 int64"
    );
    let ends = ends(&text, 3 * 20 + 1 + 6 + 2 + 1);
    for end in ["before", "pass", "after", "end"] {
        assert!(ends.contains(&format!("fuel_exhausted at {end}")), "{end} is missing of {ends:?}");
    }
    assert!(ends.contains("done"), "{ends:?}");
}
