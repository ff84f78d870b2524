//! Large functions without loops, whose checks wait for one another: what stops first is told first, with the fuel of that moment.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use statewright_types::Limits;

use crate::joined::dense;
use crate::under_test::Interpreter;
use crate::world::{World, interpreter, module, module_text, plain, schema, state};

const GROUPS: usize = 12;

/// Charges, sums and products in a row, with a load and a store now and then. The sum or the product of one group is too large.
fn body(bad: Option<(usize, bool)>) -> String {
    let mut text = String::from(
        "v1: Game = root Game
        v2: int64 = iconst 2
        v3: int64 = iconst 1\n",
    );
    let mut last = 2;
    for group in 0..GROUPS {
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
        if group % 4 == 1 {
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
    // And what the first group with loads read in the end.
    writeln!(text, "show v{last} int64\nshow v26 int64").expect("text");
    text
}

#[test]
fn checks_that_wait_tell_the_first_that_failed() {
    let schema = schema();
    let places = [0, 1, 4, 5, GROUPS - 1].into_iter().flat_map(|group| [Some((group, false)), Some((group, true))]);
    let mut ends = BTreeSet::new();
    for bad in places.chain([None]) {
        let module = module(&dense(&module_text(&body(bad))), &schema);
        let count: usize = module.functions[0].blocks.iter().map(|block| block.insts.len()).sum();
        assert!(count > 60, "{count} instructions are compiled as those of small functions");
        let programs = [interpreter(module.clone()), plain(module)];
        for fuel in 0..=3 * GROUPS as u64 + 1 {
            let limits = Limits { fuel, ..Limits::default() };
            let run = |program: &Interpreter| {
                let mut world = World::new(state(&schema), limits);
                let told = world.play(program, None);
                (told, world.meter.memory, world.state.hash())
            };
            let [compiled, expected] = [run(&programs[0]), run(&programs[1])];
            assert_eq!(compiled, expected, "{bad:?}, fuel {fuel}");
            ends.insert(expected.0.lines().last().unwrap_or("").split(',').next().unwrap_or("").to_owned());
        }
    }
    for end in
        ["done", "overflow at sum5", "overflow at product11", "fuel_exhausted at second3", "fuel_exhausted at first0"]
    {
        assert!(ends.contains(end), "{end} is missing of {ends:?}");
    }
}
