//! Recordings of sessions: docs/saving.md has the format.

use std::sync::Arc;

use statewright_runtime::persist::recording::{RecordError, RecordOptions, Recorder, Recording, VerifyError};
use statewright_runtime::program::Program;
use statewright_runtime::session::{Action, Input, NewEffect, ReplayError, Session, SessionOptions};
use statewright_types::random::{Streams, splitmix64};
use statewright_types::{Type, Value};

use crate::fake::{Fake, Step, add, session};

/// Draws and waits; what it draws is times the version.
fn version(number: u8) -> Fake {
    Fake::new(number)
        .on("Roll", &[("sides", Type::INT)], move |step, args, cx| {
            let sides = if step == 0 { args[1] as i64 } else { args[0] as i64 };
            let rolled = cx.state.streams().int("dice", 1, sides.max(1));
            add(cx, rolled * i64::from(number));
            if rolled % 2 == 0 { Step::Wait(rolled, 1, vec![sides]) } else { Step::Done }
        })
        .effect("Plus", |args, cx| {
            add(cx, args[0] as i64);
            Step::Done
        })
}

fn programs(hash: &[u8; 32]) -> Option<Arc<dyn Program>> {
    (hash[0] < 3).then(|| Arc::new(version(hash[0])) as Arc<dyn Program>)
}

fn roll(session: &mut Session, sides: i64) {
    session.dispatch(Action::new("Roll", "ann", Value::map([("sides", Value::Int(sides))])));
}

/// A session in the middle of its life, what it did from there on as a recording, and its state after each entry.
fn play(seed: u64, every: u64) -> (Session, Vec<u8>, Vec<(u64, [u8; 32])>) {
    let mut session = session(version(1), SessionOptions { seed, now_ms: 50, ..SessionOptions::default() });
    roll(&mut session, 6);
    session.join_silently("ann");
    let mut recorder = Recorder::new(&session, &Value::from("texts"), RecordOptions { checkpoint_every: every });
    let (mut bytes, mut hashes) = (recorder.take(), Vec::new());
    let mut script = Streams::new(seed ^ 3);
    for turn in 0..60 {
        match script.int("script", 0, 7) {
            0 => drop(session.join(&format!("p{turn}"))),
            1 => drop(session.leave("ann")),
            2 => drop(session.set_host(Some("ann"))),
            3 => {
                let params = Value::map([("by", Value::Int(turn))]);
                let _ = session.add_effect(NewEffect {
                    params,
                    duration_ms: 5,
                    ..NewEffect::new(&format!("e{turn}"), "Plus")
                });
            }
            4 if turn == 30 => {
                recorder.version([2; 32], &Value::from("second"));
                session.set_program(Arc::new(version(2)));
            }
            4 | 5 => drop(session.advance(script.int("script", 0, 9))),
            _ => roll(&mut session, turn),
        }
        for entry in recorder.record(&mut session).expect("nothing is missing") {
            hashes.push((entry.sequence, session.state().hash()));
        }
        bytes.extend(recorder.take());
    }
    // Time in which nothing happens is not logged, and is not forgotten either.
    session.advance(100_000);
    session.advance(1_000);
    bytes.extend(recorder.finish(&mut session).expect("nothing is missing"));
    (session, bytes, hashes)
}

fn replay(recording: &Recording, like: &Session, to: Option<u64>) -> Result<Session, VerifyError> {
    recording.replay(like.state().schema().clone(), &programs, to, true).map(|replayed| replayed.session)
}

#[test]
fn a_recording_leads_where_the_session_went() {
    for seed in 0..40 {
        let (session, bytes, _) = play(seed, 1 + seed % 9);
        let recording = Recording::read(&bytes).expect("it is whole");
        assert!(recording.is_ended && recording.torn.is_none());
        assert_eq!(
            (&recording.texts, recording.schema_hash),
            (&Value::from("texts"), *session.state().schema().hash())
        );
        let again = replay(&recording, &session, None).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(again.save(), session.save(), "seed {seed}");
        assert_eq!(again.actions(), recording.entries);
    }
}

#[test]
fn a_replay_may_stop_anywhere() {
    let (session, bytes, hashes) = play(7, 4);
    let recording = Recording::read(&bytes).expect("it is whole");
    // Several entries of one call: the state was looked at after the last of them.
    for pair in hashes.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
        let there = replay(&recording, &session, Some(pair[0].0)).expect("it is as it was");
        assert_eq!(there.state().hash(), pair[0].1, "after {}", pair[0].0);
    }
}

#[test]
fn a_torn_end_is_told_and_the_rest_replays() {
    let (session, bytes, _) = play(3, 1);
    let whole = Recording::read(&bytes).expect("it is whole");
    let mut entries = 0;
    for length in 0..bytes.len() {
        let Ok(recording) = Recording::read(&bytes[..length]) else {
            assert_eq!(entries, 0, "cut at {length}");
            continue;
        };
        assert!(recording.entries.len() >= entries && !recording.is_ended, "cut at {length}");
        entries = recording.entries.len();
        assert_eq!(recording.entries, whole.entries[..entries], "cut at {length}");
        if let Some(torn) = recording.torn {
            assert_eq!(torn.at + torn.bytes, length);
        }
        if length % 97 == 0 {
            replay(&recording, &session, None).unwrap_or_else(|error| panic!("cut at {length}: {error}"));
        }
    }
    assert_eq!(entries, whole.entries.len());
    // A file system may leave zeros where it was about to write.
    let mut zeros = bytes[..bytes.len() - 20].to_vec();
    zeros.extend([0; 500]);
    let recording = Recording::read(&zeros[..]).map(|recording| recording.torn);
    assert!(matches!(recording, Ok(Some(_)) | Err(_)), "{recording:?}");
}

#[test]
fn damage_is_found_and_never_replayed() {
    let (_, bytes, _) = play(5, 8);
    let whole = Recording::read(&bytes).expect("it is whole");
    let mut seed = 11;
    for round in 0..2_000 {
        let at = usize::try_from(splitmix64(&mut seed) % bytes.len() as u64).expect("small");
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (splitmix64(&mut seed) % 8);
        // What a lying length makes look like a torn end has at least nothing wrong before it.
        if let Ok(recording) = Recording::read(&damaged) {
            assert!(recording.torn.is_some(), "round {round}, byte {at}");
            assert_eq!(recording.entries, whole.entries[..recording.entries.len()]);
        }
    }
    // A frame left out breaks the chain.
    let after = |bytes: &[u8]| Recording::read(bytes).map(|recording| recording.entries.len());
    let doubled: Vec<u8> = [&bytes[..], &bytes[bytes.len() - 60..]].concat();
    assert!(after(&doubled).is_err());
}

#[test]
fn the_entry_that_goes_another_way_is_named() {
    let (session, bytes, _) = play(9, 1);
    let recording = Recording::read(&bytes).expect("it is whole");
    let first_roll =
        recording.entries.iter().find(|entry| matches!(entry.input, Input::Event(_))).expect("somebody rolled");
    // The program is another than it says that it is.
    let other = |_: &[u8; 32]| Some(Arc::new(version(9)) as Arc<dyn Program>);
    let error = recording
        .replay(session.state().schema().clone(), &other, None, true)
        .map(|_| ())
        .expect_err("it goes another way");
    let VerifyError::Diverged { sequence, same } = error else { panic!("{error}") };
    // What waited since before may have acted earlier, when time passed.
    assert!(
        sequence <= first_roll.sequence && same + 1 == sequence,
        "{sequence} after {same}, not {}",
        first_roll.sequence
    );
    // Without looking at checkpoints nothing is noticed, unless the log itself does not fit.
    let blind = recording.replay(session.state().schema().clone(), &other, Some(sequence), false);
    assert!(matches!(blind.map(|_| ()), Ok(()) | Err(VerifyError::Entry(ReplayError::Diverged { .. }))));
    let sparse = Recording::read(&play(9, 0).1).expect("it is whole");
    let error = sparse
        .replay(session.state().schema().clone(), &other, None, true)
        .map(|_| ())
        .expect_err("the end is another");
    assert!(matches!(error, VerifyError::Diverged { .. } | VerifyError::Entry(_)), "{error}");
}

#[test]
fn what_the_recorder_did_not_get_is_not_passed_over() {
    let mut session = session(version(1), SessionOptions::default());
    let mut recorder = Recorder::new(&session, &Value::Null, RecordOptions::default());
    roll(&mut session, 1);
    session.take_actions();
    roll(&mut session, 1);
    assert_eq!(recorder.record(&mut session), Err(RecordError::Gap { expected: 1, found: 2 }));
    let mut recorder = Recorder::new(&session, &Value::Null, RecordOptions::default());
    session.set_program(Arc::new(version(2)));
    assert_eq!(recorder.record(&mut session), Err(RecordError::UnknownProgram { document_hash: [2; 32] }));
}

#[test]
fn recordings_of_newer_programs_are_told_apart() {
    let (_, mut bytes, _) = play(1, 1);
    let at = b"statewright-recording\n".len();
    bytes[at] = 9;
    let error = Recording::read(&bytes).expect_err("nine is not known").to_string();
    assert!(error.contains("written by a newer program"), "{error}");
    assert!(Recording::read(b"{}").expect_err("it is JSON").to_string().contains("no recording"));
}
