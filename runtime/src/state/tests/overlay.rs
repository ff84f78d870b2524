//! Effects on top of random states: the base stays what it would be without them.

use statewright_types::random::Streams;
use statewright_types::{TrapCode, Value};

use super::audit::{Picture, audit, picture};
use super::fixture::{self, field, load, show, store, value};
use super::model::{Model, explain};
use crate::state::State;

/// What an overlay shows: content with identities, and versions of all containers.
pub(super) type Shown = (Value, Picture, Vec<u64>);

fn shown(state: &State) -> Shown {
    let picture = picture(state);
    let versions = picture.containers.keys().map(|container| state.list_version(*container)).collect();
    (state.to_value(), picture, versions)
}

/// Puts three random effects on, of which one may fail; what they wrote is on the plain value beside.
pub(super) fn apply(model: &mut Model, script: u64) -> Shown {
    let base = model.value.clone();
    let dice = std::mem::replace(&mut model.dice, Streams::new(script));
    model.state.overlay_begin();
    for effect in 1..4 {
        let before = model.value.clone();
        model.state.overlay_layer(effect);
        for _ in 0..model.roll(8) {
            model.write();
        }
        if model.roll(4) == 0 {
            model.state.overlay_drop();
            model.value = before;
        } else {
            model.state.overlay_keep();
        }
        assert_eq!(model.state.to_value(), model.value, "script {script}, effect {effect}");
    }
    let shown = shown(&model.state);
    (model.value, model.dice) = (base, dice);
    shown
}

#[test]
fn the_base_is_as_without_effects() {
    for seed in 0..120 {
        run(seed);
    }
}

fn run(seed: u64) {
    let state = fixture::state();
    let mut model = Model { value: state.to_value(), state, dice: Streams::new(seed) };
    let mut scripts = Streams::new(seed ^ 0xef);
    let (mut taken, mut span) = (audit(&model.state), model.state.span);
    for _ in 0..12 {
        let (before, changes) = (audit(&model.state), model.state.changes());
        let value = model.value.clone();
        model.state.begin();
        for _ in 0..model.roll(5) {
            let script = scripts.int("script", 0, 1 << 40) as u64;
            let (base, streams, marks) = (shown(&model.state), model.state.streams().clone(), model.state.changes());
            let first = apply(&mut model, script);
            model.state.overlay_lift();
            assert_eq!(shown(&model.state), base, "seed {seed}: lifted");
            assert_eq!(apply(&mut model, script), first, "seed {seed}: put on again, with identities and versions");
            model.state.overlay_lift();
            assert_eq!(model.state.changes(), marks, "seed {seed}: no marks");
            assert_eq!(*model.state.streams(), streams, "seed {seed}: no draws");
            model.write();
            if model.roll(2) == 0 {
                // A transaction may end with the overlay on.
                apply(&mut model, script);
                break;
            }
        }
        if model.roll(3) == 0 {
            model.state.rollback();
            model.value = value;
            assert_eq!(model.state.changes(), changes, "seed {seed}");
            assert_eq!(audit(&model.state), before, "seed {seed}: content and identity");
        } else {
            model.state.commit();
            let after = audit(&model.state);
            explain(&taken, &after, &model.state.take_changes(), span);
            (taken, span) = (after, model.state.span);
        }
        assert_eq!(model.state.to_value(), model.value, "seed {seed}");
    }
}

/// An effect that adds the card of that number to the board.
fn add_card(state: &mut State, effect: u64, id: u64) -> u64 {
    state.overlay_layer(effect);
    let board = load(state, 0, "Game.Board");
    let card = value(state, "Card", &format!("{{\"ID\": {id}}}"));
    state.list_insert(board, 0, card).unwrap();
    state.overlay_keep();
    state.list_get(board, 0).unwrap()
}

#[test]
fn what_effects_add_keeps_its_identity_and_cannot_be_written() {
    let mut state = fixture::state();
    let (card, id) = field(&state, "Card.ID");
    state.begin();
    state.overlay_begin();
    let (one, two) = (add_card(&mut state, 1, 11), add_card(&mut state, 2, 22));
    let version = state.list_version(load(&state, 0, "Game.Board"));
    state.overlay_lift();
    assert_eq!(show(&state, "Game.Board"), "[]");
    assert_eq!(state.load(one, card, id), Ok(11), "lifted, it can still be read");
    assert_eq!(state.store(one, card, id, 5), Err(TrapCode::StaleReference));
    state.overlay_begin();
    assert_eq!((add_card(&mut state, 1, 12), add_card(&mut state, 2, 23)), (one, two));
    assert_eq!(state.load(one, card, id), Ok(12));
    assert_eq!(state.list_version(load(&state, 0, "Game.Board")), version);
    state.overlay_lift();
    state.overlay_begin();
    add_card(&mut state, 1, 12);
    add_card(&mut state, 3, 23);
    assert_ne!(state.list_version(load(&state, 0, "Game.Board")), version, "another effect's element counts otherwise");
    state.commit();
    assert!(state.is_stale(one, card) && state.is_stale(two, card));
    assert!(state.changes().is_empty());
    audit(&state);
}

#[test]
fn an_adopted_overlay_is_the_base_of_a_copy() {
    let mut state = fixture::state();
    store(&mut state, 0, "Game.Round", 4);
    let mut copy = state.clone();
    copy.begin();
    copy.overlay_begin();
    add_card(&mut copy, 1, 7);
    copy.overlay_layer(2);
    store(&mut copy, 0, "Game.Round", 40);
    copy.overlay_drop();
    copy.overlay_adopt();
    copy.commit();
    audit(&copy);
    assert_eq!(show(&copy, "Game.Board"), r#"[{"ID":7,"Name":"","Power":3}]"#);
    assert_eq!((show(&copy, "Game.Round"), show(&state, "Game.Board")), ("4".into(), "[]".into()));
}
