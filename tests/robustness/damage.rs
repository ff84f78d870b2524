//! Damaged texts: cut short, with flipped bits and bytes, and with their JSON changed at random.

use statewright::Value;
use statewright_graph::node::EXAMPLE_CONFIG;

use crate::mutate::{Dice, mutate};
use crate::pipeline::{Broken, Reached};
use crate::seeds::{Seed, all_examples, arena, examples};

#[test]
fn the_seeds_run() {
    let mut broken = Broken::default();
    for seed in examples().iter().chain([&arena(), &all_examples()]) {
        if let Err(error) = statewright::Program::load_with_config(&seed.document, seed.schema, EXAMPLE_CONFIG) {
            panic!("a seed does not load:\n{error}\n{}", seed.document);
        }
        broken.survive_as(seed, &seed.document, "nothing");
    }
}

#[test]
fn documents_cut_short() {
    let mut broken = Broken::default();
    let texts = [arena(), examples().swap_remove(20)];
    for seed in texts {
        let document = seed.document.trim_end();
        for (end, _) in document.char_indices() {
            let cut = &document[..end];
            assert_ne!(broken.survive_as(&seed, cut, "a cut"), Some(Reached::Run));
        }
    }
}

/// A text with one to three bytes or bits changed.
fn flipped(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        let index = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes[index] ^= 1 << dice.below(8),
            1 => bytes[index] = *dice.pick(b"{}[]\",:0129.-eE \\nutfN/x@()*"),
            2 => drop(bytes.remove(index)),
            _ => bytes.insert(index, *dice.pick(b"{}[]\",:0129.-eE \\nutfN/x@()*")),
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn documents_with_flipped_bytes() {
    let mut broken = Broken::default();
    let mut dice = Dice::new(1);
    let mut seeds = examples();
    seeds.push(arena());
    for round in 0..6_000 {
        let seed = dice.pick(&seeds).clone();
        broken.survive_as(&seed, &flipped(&seed.document, &mut dice), &format!("flip {round}"));
    }
}

#[test]
fn schemas_and_states_with_flipped_bytes() {
    let mut broken = Broken::default();
    let mut dice = Dice::new(2);
    let arena = arena();
    for round in 0..1_500 {
        broken.survive(
            &arena.document,
            &flipped(arena.schema, &mut dice),
            arena.state,
            &format!("schema flip {round}"),
        );
        broken.survive(&arena.document, arena.schema, &flipped(arena.state, &mut dice), &format!("state flip {round}"));
    }
    for (end, _) in arena.schema.char_indices() {
        broken.survive(&arena.document, &arena.schema[..end], arena.state, "a cut schema");
    }
    let json = statewright_types::schema::json::to_json(
        &statewright_types::schema::parse(arena.schema).0.expect("a good schema"),
    );
    for round in 0..1_500 {
        broken.survive(&arena.document, &flipped(&json, &mut dice), arena.state, &format!("schema JSON flip {round}"));
    }
}

/// `rounds` documents, each a seed with a few random changes.
fn mutated(rounds: usize, start: u64, seeds: &[Seed]) {
    let mut broken = Broken::default();
    let parse = |seed: &Seed| seed.document.parse::<Value>().expect("seeds are JSON");
    let donors: Vec<Value> = examples().iter().chain([&arena()]).map(parse).collect();
    let originals: Vec<Value> = seeds.iter().map(parse).collect();
    let mut ran = 0usize;
    for round in 0..rounds {
        let mut dice = Dice::new(start + round as u64);
        let index = dice.below(seeds.len());
        let mut document = originals[index].clone();
        // Mostly one change: the more there are, the sooner a document is refused.
        for _ in 0..=dice.below(4) * dice.below(2) {
            mutate(&mut document, &donors, &mut dice);
        }
        let reached =
            broken.survive_as(&seeds[index], &document.to_string(), &format!("mutation {}", start + round as u64));
        ran += usize::from(reached == Some(Reached::Run));
    }
    assert!(ran * 10 > rounds, "mutations that never run test little: {ran} of {rounds} ran");
}

#[test]
fn mutated_examples() {
    mutated(ROUNDS * 2, 1_000_000, &examples());
}

#[test]
fn mutated_arenas() {
    mutated(ROUNDS, 2_000_000, &[arena()]);
}

#[test]
fn mutated_arenas_by_another_seed() {
    mutated(ROUNDS, 3_000_000, &[arena()]);
}

/// Documents of each kind.
const ROUNDS: usize = 5_000;

#[test]
fn parameters_with_flipped_bytes() {
    const PARAMS: &str =
        r#"{"playerID": "ann", "range": 2.5, "note": null, "seconds": 3, "phase": "play", "limit": -1}"#;
    let arena = arena();
    let program = statewright::Program::load(&arena.document, arena.schema).expect("a good document");
    let mut dice = Dice::new(3);
    let mut done = 0usize;
    for _ in 0..3_000 {
        let Ok(params) = flipped(PARAMS, &mut dice).parse::<Value>() else { continue };
        let mut session = statewright::Session::with_state(&program, statewright::Options::default(), arena.state)
            .expect("a good state");
        for event in ["Strike", "Countdown", "Rank", "Tick", "Nothing"] {
            done += usize::from(session.dispatch(event, "ann", params.clone()).is_ok());
        }
        session.advance(1_500);
        assert!(session.state().to_string().parse::<Value>().is_ok());
    }
    assert!(done > 100, "only {done} events were handled");
}

#[test]
fn test_files_with_flipped_bytes() {
    const TESTS: &str = r#"{"graph": "arena.json", "schema": "arena.schema", "tests": [{"name": "a", "seed": 7, "now": 5,
        "players": ["ann", "bob"], "host": "bob", "grants": {"ann": ["admin"]}, "config": {"A": {"B": 1}}, "fuel_limit": 9,
        "state": {"Players": [{"ID": "ann"}]}, "rng": "mulberry32", "check": [{"code": "E020", "severity": "error", "node": "n"}],
        "steps": [{"event": "Strike", "sender": "ann", "params": {"playerID": "ann"}, "expect": {"error": "not_found", "fuel": 3}},
            {"advance": 500, "expect": {"waiting": 0, "state": {"Players[\"ann\":ID].Hand[0]": 1, "Grid.length": 2}}}],
        "expect": {"full_state": {}, "events": [{"type": "E", "to": {"except": "ann"}, "payload": {}}],
            "view": {"bob": {"Players[0].Hand": {"hidden": true}}}}}]}"#;
    let read = |text: String| {
        let source = std::sync::Arc::new(statewright_harness::project::Source::inline("x.test.json", text));
        let (file, diagnostics) = statewright_harness::testing::file::read(&source);
        assert!(file.is_some() || !diagnostics.is_empty(), "nothing is read and nobody says why:\n{}", source.text);
        for span in diagnostics.iter().filter_map(|diagnostic| diagnostic.span) {
            assert!(source.text.get(span.range()).is_some());
        }
        diagnostics.is_empty()
    };
    assert!(read(TESTS.to_owned()), "the undamaged file is good");
    let mut dice = Dice::new(4);
    for _ in 0..3_000 {
        read(flipped(TESTS, &mut dice));
    }
    for (end, _) in TESTS.char_indices() {
        read(TESTS[..end].to_owned());
    }
}
