//! Spans that follow each other, merged, are what one span over all of them is.

use statewright_types::StructId;
use statewright_types::random::Streams;

use super::fixture::{self, load, store, value};
use super::model::Model;
use crate::state::{Changes, OldValue, Operation, RootChange, State};

/// Two models that do the same, one of which has its changes taken again and again.
fn twins(seed: u64) -> [Model; 2] {
    [0, 1].map(|_| {
        let state = fixture::state();
        let value = state.to_value();
        Model { state, value, dice: Streams::new(seed) }
    })
}

#[test]
fn merged_spans_are_one_span() {
    let mut merges = 0;
    for seed in 0..250 {
        let mut cuts = Streams::new(seed + 1_000_000);
        let [mut whole, mut split] = twins(seed);
        let shop = whole.state.schema().by_name("Shop").expect("a type");
        for _ in 0..5 {
            let mut merged = split.state.take_changes();
            whole.state.take_changes();
            for _ in 0..8 {
                let (writes, fails) = (cuts.int("writes", 0, 12), cuts.int("fails", 0, 3) == 0);
                let root = cuts.int("root", 0, 5);
                for model in [&mut whole, &mut split] {
                    let value = model.value.clone();
                    model.state.begin();
                    if root == 0 && !model.state.root_activate(shop) {
                        model.state.root_deactivate(shop);
                    }
                    for _ in 0..writes {
                        model.write();
                    }
                    if fails {
                        model.state.rollback();
                        model.value = value;
                    } else {
                        model.state.commit();
                    }
                }
                if cuts.int("cut", 0, 2) == 0 {
                    merged.merge(split.state.take_changes(), &split.state);
                    merges += 1;
                }
            }
            merged.merge(split.state.take_changes(), &split.state);
            let expected = whole.state.take_changes();
            assert_eq!(merged, expected, "seed {seed}");
        }
    }
    assert!(merges > 2000);
}

/// Operations on one list and one map, enough to be summed up in some runs and not in others.
#[test]
fn sums_come_at_the_same_moment() {
    let mut summed = 0;
    for seed in 0..300 {
        let mut dice = Streams::new(seed);
        let mut states = [fixture::state(), fixture::state()];
        let [whole, split] = &mut states;
        let mut merged = split.take_changes();
        whole.take_changes();
        for _ in 0..dice.int("steps", 40, 120) {
            let (kind, at, key) = (dice.int("kind", 0, 3), dice.int("at", 0, 8), dice.int("key", 0, 90));
            for state in [&mut *whole, &mut *split] {
                one_operation(state, kind, at, key);
            }
            if dice.int("cut", 0, 5) == 0 {
                merged.merge(split.take_changes(), split);
            }
        }
        merged.merge(split.take_changes(), split);
        let expected = whole.take_changes();
        assert_eq!(merged, expected, "seed {seed}");
        summed += expected.containers.iter().filter(|change| change.operations == [Operation::Replace]).count();
    }
    assert!((50..250).contains(&summed), "{summed} of 300");
}

fn one_operation(state: &mut State, kind: i64, at: i64, key: i64) {
    state.begin();
    let names = load(state, 0, "Game.Names");
    let length = state.list_len(names) as i64;
    let text = state.string(&key.to_string());
    if kind < 2 || length == 0 {
        state.list_insert(names, at.min(length), text).expect("inserted");
    } else if kind == 2 {
        state.list_remove(names, at.min(length - 1)).expect("removed");
    } else {
        state.list_set(names, at.min(length - 1), text).expect("set");
    }
    let scores = load(state, 0, "Game.Scores");
    if kind == 3 {
        state.map_remove(scores, text);
    } else {
        state.map_put(scores, text, at as u64).expect("put");
    }
    state.commit();
}

#[test]
fn what_was_before_is_kept() {
    let mut state = fixture::state();
    state.begin();
    let players = load(&state, 0, "Game.Players");
    let player = value(&mut state, "Player", r#"{"ID": "a", "Home": {"X": 1.5}}"#);
    state.list_push(players, player).expect("pushed");
    state.commit();
    state.take_changes();
    let player = state.list_slots(players)[0];
    let home = load(&state, player, "Player.Home");
    let change = |state: &mut State, id: &str, x: f64| {
        state.begin();
        let id = state.string(id);
        store(state, player, "Player.ID", id);
        store(state, home, "Point.X", x.to_bits());
        store(state, player, "Player.Score", 3);
    };
    change(&mut state, "b", 2.5);
    state.rollback();
    assert_eq!(state.changes(), Changes::default());
    for (id, x) in [("b", 2.5), ("c", 3.5)] {
        change(&mut state, id, x);
        state.commit();
    }
    let changes = state.take_changes();
    let old = |record, name: &str| {
        let (ty, field) = fixture::field(&state, name);
        changes.old(ty, record, field)
    };
    assert_eq!(old(player, "Player.ID"), Some(OldValue::Text(&"a".into())));
    assert_eq!(old(home, "Point.X"), Some(OldValue::Number(1.5f64.to_bits())));
    assert_eq!(old(player, "Player.Score"), None, "nobody needs it");
    assert_eq!(old(home, "Point.Y"), None, "not written");
}

#[test]
fn roots_come_and_go() {
    let mut state = fixture::state();
    let shop = state.schema().by_name("Shop").expect("a type");
    let transaction = |state: &mut State, run: &dyn Fn(&mut State)| {
        state.begin();
        run(state);
        state.commit();
        state.take_changes().roots
    };
    assert_eq!(transaction(&mut state, &|state| _ = state.root_activate(shop)), [RootChange { ty: shop, was: false }]);
    let there_and_back = |state: &mut State| {
        state.root_deactivate(shop);
        state.root_activate(shop);
    };
    assert_eq!(transaction(&mut state, &there_and_back), []);
    assert_eq!(transaction(&mut state, &|state| _ = state.root_deactivate(shop)), [RootChange { ty: shop, was: true }]);
    state.begin();
    state.root_activate(shop);
    state.rollback();
    assert_eq!(state.take_changes().roots, []);
    assert_eq!(shop, StructId(5));
}

#[test]
fn taking_into_the_same_memory_is_taking() {
    let [mut plain, mut reused] = twins(3);
    let mut changes = Changes::default();
    for _ in 0..60 {
        for model in [&mut plain, &mut reused] {
            model.state.begin();
            for _ in 0..10 {
                model.write();
            }
            model.state.commit();
        }
        reused.state.take_changes_into(&mut changes);
        assert_eq!(changes, plain.state.take_changes());
    }
}
