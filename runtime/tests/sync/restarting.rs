//! A server that stops and begins again from what it saved.

use std::sync::Arc;

use statewright_runtime::persist::recording::{RecordOptions, Recorder, Recording};
use statewright_runtime::program::Program;
use statewright_runtime::session::{SavedSession, Session};
use statewright_runtime::state::State;
use statewright_runtime::sync::{LiveOptions, LiveSession};
use statewright_types::Value;

use crate::fake::{Fake, schema};
use crate::game::{Client, EPOCH, SCHEMA, live, set_round, set_score};

fn programs(_: &[u8; 32]) -> Option<Arc<dyn Program>> {
    Some(Arc::new(Fake::new(1)))
}

fn restarted(saved: &[u8], epoch: u64) -> LiveSession {
    let saved = SavedSession::from_bytes(saved, &schema(SCHEMA)).expect("it was just saved");
    let session = Session::load(&saved, schema(SCHEMA), &programs).expect("it loads");
    LiveSession::new(session, epoch, LiveOptions::default())
}

fn saved(live: &LiveSession) -> Vec<u8> {
    live.session().save_packed().to_bytes(&schema(SCHEMA))
}

/// Bug 6 of the original: numbers began anew after a restart, so that who had a higher one was told that nothing is new.
#[test]
fn a_client_from_before_a_restart_is_not_called_up_to_date() {
    let mut before = live(LiveOptions::default());
    let mut ann = Client::connect(&mut before, "ann");
    for round in 1..=500 {
        set_round(&mut before, round);
        ann.take(&before.tick());
    }
    let bytes = saved(&before);
    drop(before);
    let mut after = restarted(&bytes, EPOCH + 1);
    set_score(&mut after, "bob", 9);
    after.tick();
    ann.heard();
    assert!(!ann.resume(&mut after), "another epoch is another life");
    assert_eq!((ann.heard().as_str(), ann.epoch), ("welcome, state", EPOCH + 1));
    assert!(ann.agrees(&after));
    set_round(&mut after, 501);
    ann.take(&after.tick());
    assert!(ann.agrees(&after));
}

/// What viewers were sent is no part of a session: neither epoch nor numbers come back from a file.
#[test]
fn what_is_saved_says_nothing_of_viewers() {
    let (mut watched, mut alone) = (live(LiveOptions::default()), live(LiveOptions::default()));
    let mut ann = Client::connect(&mut watched, "ann");
    for round in 1..=9 {
        set_round(&mut watched, round);
        set_round(&mut alone, round);
        ann.take(&watched.tick());
    }
    assert_eq!(saved(&watched), saved(&alone));
}

/// A live session is recorded like any other; what the host program changed itself, it does again.
#[test]
fn a_live_session_is_recorded_with_its_updates() {
    let mut live = live(LiveOptions::default());
    let recorder = &mut Recorder::new(live.session(), &Value::Null, RecordOptions { checkpoint_every: 1 });
    let mut bytes = Vec::new();
    for round in 1..=5 {
        set_round(&mut live, round);
        live.join(&format!("p{round}"));
        live.advance(10);
        let entries = live.take_actions();
        recorder.add(&entries, live.session()).expect("nothing is missing");
        bytes.extend(recorder.take());
    }
    let recording = Recording::read(&bytes).expect("it is whole");
    let root = statewright_types::StructId(0);
    let round = std::cell::Cell::new(0);
    let updates = |_: &str, _: &Value, state: &mut State| {
        round.set(round.get() + 1);
        state.root(root).and_then(|game| state.store(game, root, 0, round.get())).is_ok()
    };
    let replayed = recording.replay_with(schema(SCHEMA), &programs, &updates, None, true);
    let replayed = replayed.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(replayed.session.state().hash(), live.session().state().hash());
    assert_eq!(replayed.session.players(), live.session().players());
    let without =
        recording.replay(schema(SCHEMA), &programs, None, false).map(|_| ()).expect_err("updates are not known");
    assert!(without.to_string().contains("give the replay a function for it"), "{without}");
}
