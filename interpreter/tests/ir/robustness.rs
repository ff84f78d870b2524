//! Random valid modules run to some end: nothing panics, nothing leaks, and a second run does the same, also where no
//! instructions are joined.

use std::sync::Arc;

use statewright_graph::ir::{Module, generate};
use crate::under_test::Interpreter;
use statewright_runtime::program::{Outcome, Program};
use statewright_types::{Limits, Schema};

use crate::world::{World, interpreter, plain, schema, state};

/// Runs every handler, resuming up to three times; gives what happened and the state's hash.
fn play(schema: &Arc<Schema>, seed: u64, make: fn(Module) -> Interpreter) -> (String, [u8; 32]) {
    let program = make(generate::module(schema, seed));
    let limits = Limits { fuel: 300, memory_bytes: 1 << 16, string_bytes: 1 << 10, entries: 1 << 10 };
    let mut log = String::new();
    let mut current = state(schema);
    current.set_limits(limits);
    for (index, info) in program.handlers().iter().enumerate() {
        let mut world = World::new(current, limits);
        let mut outcome = world.transaction(&info.name, None, |cx| {
            let mut args = vec![cx.state.string("alice")];
            args.extend(info.params.iter().map(|(_, ty)| cx.state.zero(ty)));
            program.run(index, &args, cx)
        });
        for _ in 0..3 {
            log += &format!("{outcome:?} {:?}\n", world.outbox.events);
            match outcome {
                Outcome::Suspended(suspension) => {
                    outcome = world.transaction(&info.name, None, |cx| program.resume(&suspension, cx));
                }
                _ => break,
            }
        }
        log += &format!("{}\n", world.meter.fuel_used());
        current = world.state;
    }
    let hash = current.hash();
    (log, hash)
}

#[test]
fn random_modules_run_and_run_the_same_again() {
    let schema = schema();
    let mut ends = [0; 3];
    for seed in 0..1_500 {
        let first = play(&schema, seed, interpreter);
        assert_eq!(play(&schema, seed, interpreter), first, "seed {seed}");
        assert_eq!(play(&schema, seed, plain), first, "seed {seed}, every instruction by itself");
        for (count, word) in ends.iter_mut().zip(["Done", "Trapped", "Suspended"]) {
            *count += usize::from(first.0.contains(word));
        }
    }
    assert!(ends.iter().all(|count| *count > 20), "{ends:?}");
}
