//! Transactions of the host program: whole or not at all, and in the log.

use std::panic::{AssertUnwindSafe, catch_unwind};

use statewright_runtime::session::replay::Origin;
use statewright_runtime::session::{Input, ReplayError, Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_runtime::sync::LiveOptions;
use statewright_types::Value;

use crate::fake::{Fake, schema};
use crate::game::{Client, GAME, SCHEMA, live, set_round, set_up};

fn add(state: &mut State, amount: i64) {
    let root = state.root(GAME).expect("the game");
    let round = state.load(root, GAME, 0).expect("a field") as i64;
    state.store(root, GAME, 0, (round + amount) as u64).expect("a field");
}

#[test]
fn an_update_is_kept_or_undone_as_a_whole() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    let before = live.session().state().hash();
    let failed: Result<(), &str> = live.update(|state| {
        add(state, 5);
        state.streams().draw("dice");
        Err("no")
    });
    assert_eq!((failed, live.session().state().hash()), (Err("no"), before));
    assert!(live.tick().is_empty());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        live.update(|state| -> Result<(), ()> {
            add(state, 5);
            panic!("halfway")
        })
    }));
    assert!(panicked.is_err() && live.session().state().hash() == before);
    assert_eq!(live.session().actions(), [], "what was undone is not in the log");
    let kept: Result<i64, ()> = live.update(|state| {
        add(state, 5);
        Ok(8)
    });
    assert_eq!(kept, Ok(8));
    ann.take(&live.tick());
    assert!(ann.agrees(&live));
}

#[test]
fn named_updates_are_replayed_and_others_refused() {
    let origin = || Origin {
        schema: schema(SCHEMA),
        main_root: GAME,
        program: std::sync::Arc::new(Fake::new(1)),
        options: SessionOptions::default(),
        setup: &set_up,
        programs: &|_| None,
    };
    let mut live = live(LiveOptions::default());
    for amount in [3, 4] {
        let update = |state: &mut State| -> Result<(), ()> {
            add(state, amount);
            Ok(())
        };
        live.update_named("add", Value::Int(amount), update).expect("kept");
    }
    let log = live.session().actions().to_vec();
    assert_eq!(log[1].input, Input::Update { name: "add".into(), params: Value::Int(4) });
    let known = |name: &str, params: &Value, state: &mut State| match (name, params) {
        ("add", Value::Int(amount)) => {
            add(state, *amount);
            true
        }
        _ => false,
    };
    let again = Session::replay_with(origin(), &known, &log).expect("a replay");
    assert_eq!(again.state().hash(), live.session().state().hash());
    assert_eq!(again.actions(), log);
    set_round(&mut live, 1);
    let refused = Session::replay_with(origin(), &known, live.session().actions()).err();
    assert_eq!(refused, Some(ReplayError::UnknownUpdate { sequence: 3, name: "".into() }));
    let refused = Session::replay(origin(), &log).err().expect("it was not told how");
    assert!(refused.to_string().contains("`add`: give the replay a function"), "{refused}");
}
