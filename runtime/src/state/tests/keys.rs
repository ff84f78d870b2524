//! Lookup by key: the index agrees with a search in order, whatever happened to the list.

use statewright_types::random::Streams;

use super::fixture::*;
use crate::state::{FieldPlace, State};

fn search(state: &State, list: u64, key: &str) -> i64 {
    let players = state.list_slots(list).iter();
    players
        .map(|player| state.str(load(state, *player, "Player.ID")))
        .position(|id| id == key)
        .map_or(-1, |at| at as i64)
}

#[test]
fn the_index_agrees_with_a_search() {
    let mut hits = 0;
    for seed in 0..40 {
        let (mut state, mut dice) = (state(), Streams::new(seed));
        let list = load(&state, 0, "Game.Players");
        let (player, id) = field(&state, "Player.ID");
        for round in 0..60 {
            state.begin();
            for _ in 0..dice.int("steps", 1, 12) {
                let length = state.list_len(list) as i64;
                let name = format!("p{}", dice.int("name", 0, 40));
                let at = dice.int("at", 0, length.max(1) - 1);
                match dice.int("op", 0, 9) {
                    0..=4 => {
                        let record = value(&mut state, "Player", &format!("{{\"ID\":\"{name}\"}}"));
                        state.list_insert(list, at, record).expect("inserted");
                    }
                    5 | 6 if length > 0 => state.list_remove(list, at).expect("removed"),
                    7 | 8 if length > 0 => {
                        let record = state.list_get(list, at).expect("in range");
                        let name = state.string(&name);
                        state.store(record, player, id, name).expect("stored");
                    }
                    9 if round % 7 == 0 => {
                        let mut slots = state.list_slots(list).to_vec();
                        slots.reverse();
                        let ty = state.schema().parse_type("[]Player").expect("a type");
                        let reversed = state.list_new(&ty, &slots).expect("small");
                        state.list_assign(list, reversed).expect("assigned");
                    }
                    _ => {}
                }
                let name = format!("p{}", dice.int("name", 0, 40));
                let key = state.string(&name);
                let found = state.list_find_key(list, player, id, key).expect("no stale element");
                assert_eq!(found, search(&state, list, &name), "seed {seed} round {round} {name}");
                hits += usize::from(found >= 0 && length >= 16);
            }
            if dice.int("end", 0, 2) == 0 {
                state.rollback()
            } else {
                state.commit()
            }
            let key = state.string("p7");
            assert_eq!(state.list_find_key(list, player, id, key), Ok(search(&state, list, "p7")), "after the end");
        }
    }
    assert!(hits > 1000, "most lookups must meet a long list, {hits} did");
}

#[test]
fn integer_keys_and_value_lists_are_searched() {
    let mut state = state();
    let (card, id) = field(&state, "Card.ID");
    let cards = value(&mut state, "[]Card", r#"[{"ID":4},{"ID":-1,"Name":"first"},{"ID":-1}]"#);
    assert_eq!(state.list_find_key(cards, card, id, -1i64 as u64), Ok(1));
    assert_eq!(state.list_find_key(cards, card, id, 9), Ok(-1));
    assert_eq!(state.list_find_key(0, card, id, 9), Ok(-1));
}

/// What the index alone tells of numbers is the first one that a search in order finds, or nothing is told.
#[test]
fn an_element_that_is_told_by_its_number_is_the_one_of_a_search() {
    let units = "package test\n@root(active)\ntype Game {\n    Units []Unit @key(ID)\n}\ntype Unit {\n    Team uint8\n    ID int32\n}\n";
    let (schema, _) = statewright_types::schema::text::parse(units);
    let schema = std::sync::Arc::new(schema.expect("a schema"));
    let (game, unit) = (schema.by_name("Game").expect("declared"), schema.by_name("Unit").expect("declared"));
    let place = FieldPlace::new(unit, 1, schema.layout(unit)).expect("a field");
    let (mut told, mut missing) = (0, 0);
    for seed in 0..40 {
        let (mut state, mut dice) = (State::new(schema.clone(), game, seed), Streams::new(seed));
        let list = state.load(state.root(game).expect("active"), game, 0).expect("there");
        for _ in 0..60 {
            state.begin();
            for _ in 0..dice.int("steps", 1, 12) {
                let length = state.list_len(list) as i64;
                let (number, at) = (dice.int("number", -20, 40), dice.int("at", 0, length.max(1) - 1));
                match dice.int("op", 0, 6) {
                    0..=3 => {
                        let record = state.struct_new(unit);
                        state.struct_init(record, unit, 1, number as u64).expect("made");
                        state.list_insert(list, at, record).expect("inserted");
                    }
                    4 | 5 if length > 0 => state.list_remove(list, at).expect("removed"),
                    6 if length > 0 => {
                        let record = state.list_get(list, at).expect("in range");
                        state.store(record, unit, 1, number as u64).expect("stored");
                    }
                    _ => {}
                }
                let key = dice.int("number", -20, 40) as u64;
                let mut slots = state.list_slots(list).iter().copied();
                let first = slots.find(|record| state.load(*record, unit, 1) == Ok(key));
                let element = state.list_element_of(list, place, key);
                assert!(element.is_none() || element == first, "seed {seed}, {key}: {element:?} for {first:?}");
                let (at, found) = state.list_find_number(list, place, key).expect("no stale element");
                assert_eq!((found, at < 0), (first.unwrap_or(0), first.is_none()), "seed {seed}, {key}");
                told += usize::from(element.is_some());
                missing += usize::from(first.is_none());
            }
            if dice.int("end", 0, 2) == 0 { state.rollback() } else { state.commit() }
        }
    }
    assert!(told > 1000 && missing > 1000, "{told} were told, {missing} were not there");
}
