//! A state of structs without a session: what viewers get of it is what they see.

use statewright::client::Replica;
use statewright::tracked::{TrackedState, Viewer};
use statewright_runtime::visibility::{self, project};
use statewright_types::TrapCode;
use statewright_types::random::Streams;

use crate::conversion::game;
use crate::game::{Game, GameMut, player};

#[test]
fn changes_lead_from_commit_to_commit() {
    for seed in 0..60 {
        let mut streams = Streams::new(seed);
        let mut state = TrackedState::new(&game(&mut streams)).unwrap();
        // Neither is ever a player: the team of a viewer must stay.
        let viewers = [
            (Viewer::new("x"), visibility::Viewer::new("x")),
            (Viewer::new("y").with("admin"), visibility::Viewer::new("y").with("admin")),
        ];
        let mut viewers = viewers.map(|(plain, of_state)| (plain, of_state, Replica::new(Game::schema())));
        viewers.iter_mut().for_each(|viewer| viewer.2.apply_full(&state.encode_all(&viewer.0)).unwrap());
        for step in 0..20 {
            for _ in 0..streams.int("steps", 0, 3) {
                let next = game(&mut streams);
                state.update(|mut game| game.write(&next)).unwrap();
                assert_eq!(state.get(), next);
                // Looking in between changes nothing.
                state.encode(&viewers[0].0);
            }
            for (plain, of_state, replica) in &mut viewers {
                let changes = state.encode(plain);
                assert_eq!(changes, state.encode(plain), "seed {seed}, step {step}");
                replica.apply(&changes, None).unwrap();
                assert_eq!(replica.to_value(), project(state.state(), of_state), "seed {seed}, step {step}");
            }
            state.commit();
            assert!(viewers.iter().all(|viewer| state.encode(&viewer.0).is_empty()));
        }
    }
}

#[test]
fn an_update_that_fails_is_undone_as_a_whole() {
    let mut state = TrackedState::new(&Game { round: 1, players: vec![player("a")], ..Game::default() }).unwrap();
    let before = (state.get(), state.state().hash());
    let failed = state.update(|mut game| {
        game.set_round(5)?;
        game.players().clear();
        game.players().get("a").set_score(1)
    });
    assert_eq!(failed, Err(TrapCode::NotFound));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        state.update(|mut game| -> Result<(), TrapCode> {
            game.set_round(6)?;
            panic!("on purpose");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!((state.get(), state.state().hash()), before);
    assert!(state.encode(&Viewer::new("a")).is_empty());
}

#[test]
fn what_an_owner_sees_goes_to_it_alone() {
    let mut state = TrackedState::new(&Game { players: vec![player("a"), player("b")], ..Game::default() }).unwrap();
    state.update(|mut game| game.players().get("a").hand().push(9)).unwrap();
    assert!(state.encode(&Viewer::new("b")).is_empty());
    assert!(!state.encode(&Viewer::new("a")).is_empty());
}

#[test]
fn another_schema_is_a_trap_code_of_its_own() {
    let schema = statewright_types::schema::parse("@root(active) type Game {\n  Round int64\n}").0.unwrap();
    let mut state = statewright_runtime::state::State::new(schema, statewright_types::StructId(0), 1);
    let failed = state.transaction(|state| GameMut::of(state)?.add_round(1));
    assert_eq!(failed, Err(TrapCode::BadArgument));
}
