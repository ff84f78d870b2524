//! Numbers that are written with their record looked up once are written as all others are.

use statewright_types::random::Streams;
use statewright_types::{StructId, TrapCode};

use super::fixture::*;
use crate::state::State;

const POINT: StructId = StructId(3);
const CARD: StructId = StructId(2);

fn with_cards() -> (State, u64) {
    let mut state = state();
    state.begin();
    let cards: Vec<String> = (0..20).map(|id| format!(r#"{{"ID":{id},"Power":{}}}"#, id % 7)).collect();
    let cards = value(&mut state, "[]Card", &format!("[{}]", cards.join(",")));
    store(&mut state, 0, "Game.Board", cards);
    state.commit();
    state.take_changes();
    let list = load(&state, 0, "Game.Board");
    (state, list)
}

/// Everything that a write leaves: content, marks, old values, and what undoing restores.
fn same(one: &mut State, other: &mut State) {
    assert_eq!(one.canonical_bytes(), other.canonical_bytes());
    assert!(one.changes() == other.changes(), "{:?}\n{:?}", one.changes(), other.changes());
}

#[test]
fn edits_leave_what_stores_leave() {
    assert_eq!((state().schema().by_name("Point"), state().schema().by_name("Card")), (Some(POINT), Some(CARD)));
    for seed in 0..200 {
        let ((mut one, list), (mut other, _)) = (with_cards(), with_cards());
        let mut dice = Streams::new(seed);
        for _ in 0..6 {
            let before = one.canonical_bytes();
            one.begin();
            other.begin();
            for _ in 0..dice.int("writes", 1, 30) {
                let (at, power) = (dice.int("card", 0, 19) as usize, dice.int("power", -300, 300) as u64);
                let record = one.list_slots(list)[at];
                let center = load(&one, 0, "Game.Center");
                let x = [0.0f64, -0.0, 1.5, f64::NAN, 2.5][dice.int("x", 0, 4) as usize].to_bits();
                let id = dice.int("id", 0, 5) as u64;
                {
                    let mut card = one.edit(record, CARD).expect("there");
                    card.store(2, power).expect("a number");
                    card.update(0, |old| Ok(old.wrapping_add(id))).expect("a number");
                    assert_eq!(card.load(2), Ok(u64::from(power as u8)));
                }
                let payload = if x == f64::NAN.to_bits() { x | 77 } else { x };
                one.edit(center, POINT).expect("there").store(1, payload).expect("a number");
                other.store(record, CARD, 2, power).expect("stored");
                let old = other.load(record, CARD, 0).expect("there");
                other.store(record, CARD, 0, old.wrapping_add(id)).expect("stored");
                other.store(center, POINT, 1, x).expect("stored");
            }
            same(&mut one, &mut other);
            if dice.int("kept", 0, 1) == 0 {
                one.rollback();
                other.rollback();
                assert_eq!(one.canonical_bytes(), before, "seed {seed}");
            } else {
                one.commit();
                other.commit();
            }
            same(&mut one, &mut other);
            if dice.int("told", 0, 1) == 0 {
                assert!(one.take_changes() == other.take_changes(), "seed {seed}");
            }
        }
    }
}

#[test]
fn all_elements_of_a_list_are_edited_in_their_order() {
    let (mut state, list) = with_cards();
    let records = state.list_slots(list).to_vec();
    let (mut seen, mut edited) = (Vec::new(), Vec::new());
    let done = state.edit_each(list, |mut card| {
        seen.push(card.load(0)?);
        edited.push(card.record());
        card.update(2, |power| Ok(power + 1))
    });
    assert_eq!((done, seen, edited), (Ok(()), (0..20).collect(), records));
    let powers = |state: &State| -> Vec<u64> {
        state.list_slots(list).iter().map(|card| state.load(*card, CARD, 2).expect("there")).collect()
    };
    assert_eq!(powers(&state), (0..20).map(|id| id % 7 + 1).collect::<Vec<_>>());
    // What one refuses ends it; what was done before stays until it is undone.
    state.begin();
    let mut count = 0;
    let stopped = state.edit_each(list, |mut card| {
        count += 1;
        if count == 3 { Err(TrapCode::OutOfRange) } else { card.store(2, 99) }
    });
    assert_eq!((stopped, count, powers(&state)[1], powers(&state)[2]), (Err(TrapCode::OutOfRange), 3, 99, 3));
    state.rollback();
    assert_eq!(powers(&state)[1], 2);
    assert_eq!(state.edit_each(list, |mut card| card.update(2, |_| Err(TrapCode::Overflow))), Err(TrapCode::Overflow));
    assert_eq!(state.edit_each(load(&state, 0, "Game.Names"), |_| Ok(())), Err(TrapCode::BadArgument));
    assert_eq!(state.edit_each(load(&state, 0, "Game.Grid"), |_| Ok(())), Err(TrapCode::BadArgument));
    assert_eq!(state.edit_each(999, |_| Ok(())), Err(TrapCode::StaleReference));
}

#[test]
fn what_is_no_plain_number_of_the_state_is_refused() {
    let (mut state, list) = with_cards();
    let record = state.list_slots(list)[0];
    let mut card = state.edit(record, CARD).expect("there");
    for field in [1, 3, 64, u32::MAX] {
        assert_eq!(card.store(field, 1), Err(TrapCode::BadArgument), "field {field}");
    }
    assert_eq!((card.load(1), card.load(3)), (Ok(0), Err(TrapCode::BadArgument)));
    state.begin();
    let value = state.struct_new(CARD);
    assert_eq!(state.edit(value, CARD).err(), Some(TrapCode::BadArgument), "a value");
    let element = state.schema().parse_type("[]Card").expect("a type");
    let values = state.list_new(&element, &[value]).expect("room");
    assert_eq!(state.edit_each(values, |_| Ok(())), Err(TrapCode::BadArgument), "values");
    state.list_clear(list);
    assert_eq!(state.edit(record, CARD).err(), Some(TrapCode::StaleReference));
    assert_eq!(state.edit(0, CARD).err(), Some(TrapCode::StaleReference));
    assert_eq!(state.edit(record, StructId(99)).err(), Some(TrapCode::StaleReference));
    state.rollback();
    assert!(state.changes().is_empty());
}
