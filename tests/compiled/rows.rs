//! Loops over lists, whether or not their elements stand one behind the other, do compiled what they do interpreted: with any fuel, with
//! sums that are too large, with numbers that are none.

use std::sync::Arc;

use statewright_harness::project::{Backend, Loaded};
use statewright_runtime::context::{Context, Meter, Outbox};
use statewright_runtime::ledger::Ledger;
use statewright_runtime::program::{Outcome, Program};
use statewright_runtime::state::State;
use statewright_types::random::Streams;
use statewright_types::{Limits, StructId, Type, Value};

use crate::document;

/// The arena, and its list of enemies.
struct Arena {
    loaded: Loaded,
    state: State,
    root: StructId,
    enemies: u64,
}

impl Arena {
    fn new() -> Arena {
        let loaded = document("benches/workloads/arena.json");
        let schema = loaded.schema.clone().expect("a schema");
        let root = loaded.main_root.expect("a root");
        let state = State::new(schema.clone(), root, 1);
        let at = schema.get(root).fields.iter().position(|field| &*field.name == "Enemies").expect("a field");
        let record = state.root(root).expect("active");
        let enemies = state.load(record, root, at as u32).expect("live");
        Arena { loaded, state, root, enemies }
    }

    fn insert(&mut self, at: u64, health: i64, place: [f64; 2]) {
        let schema = self.state.schema().clone();
        let ty = Type::Struct(schema.by_name("Enemy").expect("a type"));
        let [x, y] = place.map(Value::Float);
        let fields = [("ID", Value::Int(0)), ("X", x), ("Y", y), ("Health", Value::Int(health))];
        let rest = [("Team", Value::Int(0)), ("Speed", Value::Float(0.0))];
        let fields = fields.into_iter().chain(rest).map(|(name, value)| (Arc::from(name), value)).collect();
        // What was imported goes with the transaction, so that the next element's row is the one behind this one's.
        self.state.begin();
        let slot = self.state.import(&ty, &Value::Map(fields)).expect("it fits");
        self.state.list_insert(self.enemies, at as i64, slot).expect("there is room");
        self.state.commit();
    }

    fn remove(&mut self, at: u64) {
        self.state.list_remove(self.enemies, at as i64).expect("there is one");
    }

    /// How a handler ends, what fuel it leaves and what state.
    fn play(&self, program: &Arc<dyn Program>, name: &str, slots: &[u64], fuel: u64) -> (Outcome, u64, [u8; 32]) {
        let handler = program.handlers().iter().position(|info| &*info.name == name).expect("a handler");
        let mut state = self.state.clone();
        let mut meter = Meter::new(Limits { fuel, ..Limits::default() });
        let (mut outbox, mut ledger) = (Outbox::default(), Ledger::new(0));
        let name: Arc<str> = Arc::from(name);
        state.begin();
        let mut context = Context {
            state: &mut state,
            meter: &mut meter,
            now_ms: 0,
            host: "",
            sender: "",
            handler: &name,
            outbox: &mut outbox,
            players: &[],
            ledger: &mut ledger,
            effects: None,
            arrived: None,
            tracer: None,
        };
        let outcome = program.run(handler, slots, &mut context);
        if outcome == Outcome::Done {
            state.commit()
        } else {
            state.rollback()
        };
        (outcome, meter.fuel, state.hash())
    }
}

#[test]
fn loops_over_any_list_do_compiled_what_they_do_interpreted() {
    let mut arena = Arena::new();
    let program = |backend| arena.loaded.program(backend).expect("it exists").expect("it runs");
    let (plain, compiled) = (program(Backend::Interpreter), program(Backend::Jit));
    let mut dice = Streams::new(11);
    let mut roll = |most: i64| dice.int("dice", 0, most);
    let (mut dense, mut ends) = (0, [0; 2]);
    for step in 0..60u64 {
        let length = arena.state.list_len(arena.enemies);
        let health = match roll(30) {
            0 => i64::MAX / 3,
            1 => i64::MIN,
            _ => roll(120) - 20,
        };
        let place = [0, 1].map(|_| match roll(20) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            _ => roll(100) as f64,
        });
        match (step / 12 % 2, roll(5)) {
            (1, 0) if length > 1 => arena.remove(roll(length as i64 - 1) as u64),
            (1, 1) => arena.insert(0, health, place),
            // One behind the other again.
            _ if step == 40 => (0..length).for_each(|_| arena.remove(0)),
            _ => arena.insert(length, health, place),
        }
        dense += u64::from(arena.state.dense(arena.enemies).is_some());
        let length = arena.state.list_len(arena.enemies);
        for name in ["W4", "W4Node", "W5", "W5Node"] {
            let slots = [0, 3.5f64.to_bits(), 40f64.to_bits()];
            let slots = if name.starts_with("W4") { &slots[..] } else { &slots[..1] };
            for fuel in [0, 1, 2, 2 * length, 3 * length, 3 * length + 1 + step, 5 * length + 3, 100_000] {
                let expected = arena.play(&plain, name, slots, fuel);
                ends[usize::from(expected.0 == Outcome::Done)] += 1;
                let found = arena.play(&compiled, name, slots, fuel);
                assert_eq!(found, expected, "{name}, step {step}, {length} enemies, {fuel} fuel");
            }
        }
    }
    assert!((10..50).contains(&dense) && ends[0] > 100 && ends[1] > 100, "{dense} dense, {ends:?}");
}

#[test]
fn sums_are_bounded_compiled_as_they_are_interpreted() {
    let arena = Arena::new();
    let program = |backend| arena.loaded.program(backend).expect("it exists").expect("it runs");
    let (plain, compiled) = (program(Backend::Interpreter), program(Backend::Jit));
    for (name, counts) in [("W2", [-7, 0, 1, 2, 500]), ("W6Call", [i64::MIN, 0, 1, 3, 400])] {
        for count in counts.into_iter().chain([i64::MAX, 1 << 31, (1 << 31) + 1]) {
            for fuel in [0, 3, 9, 30, 1_000, 2_003, 2_004, 2_005, 4_000] {
                let slots = [0, count as u64];
                let expected = arena.play(&plain, name, &slots, fuel);
                assert_eq!(arena.play(&compiled, name, &slots, fuel), expected, "{name}, {count} passes, {fuel} fuel");
            }
        }
    }
    assert_eq!(arena.root, arena.state.main_root());
}
