//! Random valid modules run to some end: nothing panics, nothing leaks, and a second run does the same, also where no
//! instructions are joined, and after the passes.

use std::sync::Arc;

use statewright_graph::ir::{Module, Op, generate};
use statewright_graph::passes;
use statewright_runtime::program::{Outcome, Program};
use statewright_types::{Limits, Schema};

use crate::under_test::Interpreter;
use crate::world::{World, interpreter, plain, schema, state};

/// Runs every handler, resuming up to three times; gives what happened and the state's hash.
fn play(schema: &Arc<Schema>, seed: u64, make: fn(Module) -> Interpreter) -> (String, [u8; 32]) {
    play_module(schema, generate::module(schema, seed), make)
}

fn play_module(schema: &Arc<Schema>, module: Module, make: fn(Module) -> Interpreter) -> (String, [u8; 32]) {
    let program = make(module);
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

/// What the passes know to be there is looked up all the same, by a node that no other instruction has.
fn looked_up(mut module: Module) -> Module {
    for function in &mut module.functions {
        let node = statewright_graph::ir::NodeTag(function.nodes.len() as u32);
        function.nodes.push("known".into());
        for inst in function.blocks.iter_mut().flat_map(|block| &mut block.insts) {
            let plain = match inst.op {
                Op::LoadKnown => Op::Load,
                Op::ListAt => Op::ListGet,
                _ => continue,
            };
            (inst.op, inst.node) = (plain, node);
        }
    }
    module
}

#[test]
fn random_modules_do_the_same_after_the_passes() {
    let schema = schema();
    let mut shorter = 0;
    for seed in 0..3_000 {
        let module = generate::module(&schema, seed);
        let mut passed = module.clone();
        if module.traced {
            continue;
        }
        passes::run(&mut passed);
        let size =
            |module: &Module| module.functions.iter().flat_map(|f| &f.blocks).map(|b| b.insts.len()).sum::<usize>();
        shorter += usize::from(size(&passed) < size(&module));
        let first = play_module(&schema, module, plain);
        assert_eq!(play_module(&schema, looked_up(passed.clone()), plain), first, "seed {seed}");
        assert_eq!(play_module(&schema, passed, interpreter), first, "seed {seed}");
    }
    assert!(shorter > 1_000, "{shorter}");
}
