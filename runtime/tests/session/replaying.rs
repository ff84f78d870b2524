//! The log, and the state rebuilt from it.

use std::sync::Arc;

use statewright_runtime::program::{Permissions, Program};
use statewright_runtime::session::replay::Versions;
use statewright_runtime::session::{Action, Entry, Input, NewEffect, ReplayError, Session, SessionOptions};
use statewright_types::random::Streams;
use statewright_types::{TrapCode, Type, Value};

use crate::fake::{Fake, Step, add, event, log, note, origin, round, session};

/// Draws, waits, fails and tells apart which version it is.
fn version(number: u8) -> Fake {
    Fake::new(number)
        .on("Roll", &[("sides", Type::INT)], move |step, args, cx| {
            let sides = if step == 0 { args[1] as i64 } else { args[0] as i64 };
            let rolled = cx.state.streams().int("dice", 1, sides.max(1));
            add(cx, rolled * i64::from(number));
            note(cx, &format!("{rolled}@{}/{}", cx.now_ms, cx.host));
            match rolled % 3 {
                0 => Step::Done,
                1 => Step::Fail(TrapCode::Custom),
                _ => Step::Wait(rolled, 1, vec![sides]),
            }
        })
        .on("PlayerConnect", &[("playerID", Type::String)], |step, args, cx| {
            if step == 1 {
                add(cx, 5);
                return Step::Done;
            }
            let player = cx.state.str(args[1]).to_owned();
            note(cx, &player);
            Step::Wait(7, 1, vec![])
        })
        .on("Host", &[], |_, _, cx| {
            add(cx, 1000);
            Step::Done
        })
        .only(Permissions { host_only: true, ..Permissions::default() })
        .effect("Plus", |args, cx| {
            add(cx, args[0] as i64);
            note(cx, "effect");
            if args[0] % 5 == 4 { Step::Fail(TrapCode::Custom) } else { Step::Done }
        })
}

fn setup(state: &mut statewright_runtime::state::State) {
    let root = state.root(statewright_types::StructId(0)).expect("the root");
    state.begin();
    state.store(root, statewright_types::StructId(0), 0, 40_000).expect("a live root");
    state.commit();
}

fn play(seed: u64) -> (Session, SessionOptions) {
    let options = SessionOptions { seed, now_ms: 500, ..SessionOptions::default() };
    let mut session = session(version(1), options.clone());
    setup(session.state_mut_for_setup());
    let mut script = Streams::new(seed ^ 77);
    for turn in 0..200 {
        let player = ["a", "b", "c", "d"][script.int("who", 0, 3) as usize];
        match script.int("what", 0, 9) {
            0 => drop(session.join(player)),
            1 => drop(session.join_silently(player)),
            2 => drop(session.leave(player)),
            3 => drop(session.set_host(Some(player))),
            4 => effect(&mut session, &mut script),
            5 => drop(session.advance(script.int("how long", 0, 20))),
            6 => drop(session.dispatch(Action::new("Host", player, Value::Null))),
            7 => drop(session.dispatch(Action::new("Tick", player, Value::Null))),
            _ => drop(session.dispatch(Action::new("Roll", player, Value::map([("sides", Value::Int(20))])))),
        }
        if turn == 100 {
            session.set_program(Arc::new(version(2)));
        }
    }
    (session, options)
}

fn effect(session: &mut Session, script: &mut Streams) {
    let id = ["x", "y", "z"][script.int("id", 0, 2) as usize];
    if script.int("remove", 0, 3) == 0 {
        session.remove_effect(id);
        return;
    }
    let effect = NewEffect {
        params: Value::map([("by", Value::Int(script.int("by", 0, 9)))]),
        duration_ms: script.int("ms", 0, 30),
        priority: script.int("priority", -1, 1),
        stacks: script.int("stacks", 0, 3),
        once: script.int("once", 0, 4) == 0,
        ..NewEffect::new(id, "Plus")
    };
    drop(session.add_effect(effect));
}

fn programs(hash: &[u8; 32]) -> Option<Arc<dyn Program>> {
    (*hash == [2; 32]).then(|| Arc::new(version(2)) as Arc<dyn Program>)
}

#[test]
fn a_replay_gives_the_same_state() {
    for seed in 0..20 {
        let (mut session, options) = play(seed);
        let origin = origin(version(1), options, &setup, &programs);
        let mut replayed = Session::replay(origin, session.actions()).expect("a good log");
        assert_eq!(replayed.actions(), session.actions());
        assert_eq!(replayed.state().hash(), session.state().hash());
        assert_eq!(replayed.effective().hash(), session.effective().hash());
        assert!(replayed.effects().eq(session.effects()) && replayed.effect_faults().eq(session.effect_faults()));
        assert_eq!(replayed.players(), session.players());
        assert_eq!((replayed.host(), replayed.waiting()), (session.host(), session.waiting()));
        assert_eq!(replayed.next_deadline(), session.next_deadline());
        // And goes on exactly as the original.
        let until = session.now_ms() + 1000;
        session.dispatch(Action::own("Roll", Value::map([("sides", Value::Int(20))])));
        replayed.advance_to(session.now_ms());
        replayed.dispatch(Action::own("Roll", Value::map([("sides", Value::Int(20))])));
        assert_eq!(replayed.advance_to(until), session.advance_to(until));
        assert_eq!(replayed.state().hash(), session.state().hash());
        assert!(round(&session) > 40_000 && !log(&session).is_empty());
    }
}

#[test]
fn another_seed_or_entry_gives_another_state() {
    let (session, options) = play(3);
    let replay = |options, entries: &[Entry]| {
        Session::replay(origin(version(1), options, &setup, &programs), entries).expect("a good log")
    };
    let other_seed = SessionOptions { seed: 4, ..options.clone() };
    assert_ne!(replay(other_seed, session.actions()).state().hash(), session.state().hash());
    let mut entries = session.actions().to_vec();
    let roll = |entry: &&mut Entry| matches!(&entry.input, Input::Event(action) if &*action.event == "Roll");
    let first = entries.iter_mut().find(roll).expect("a roll");
    first.input = Input::Event(Action::own("PlayerConnect", Value::map([("playerID", Value::str("z"))])));
    assert_ne!(replay(options, &entries).state().hash(), session.state().hash());
}

#[test]
fn a_damaged_log_is_refused() {
    let (session, options) = play(1);
    let entries = session.actions();
    let replay = |entries: &[Entry], programs: &Versions<'_>| {
        Session::replay(origin(version(1), options.clone(), &setup, programs), entries).err()
    };
    assert_eq!(replay(&entries[1..], &programs), Some(ReplayError::Gap { expected: 1, found: 2 }));
    let mut early = entries.to_vec();
    early[5].time_ms = 0;
    assert_eq!(replay(&early, &programs), Some(ReplayError::TimeRunsBack { sequence: 6 }));
    let missing = replay(entries, &|_| None);
    assert!(matches!(missing, Some(ReplayError::UnknownProgram { document_hash, .. }) if document_hash == [2; 32]));
}

#[test]
fn the_log_says_what_was_done() {
    let mut session = session(version(1), SessionOptions { now_ms: 10, ..SessionOptions::default() });
    session.join("a");
    session.advance(5);
    session.dispatch(event("Nothing"));
    session.advance(5);
    let inputs: Vec<_> = session.actions().iter().map(|entry| (entry.sequence, entry.time_ms)).collect();
    assert_eq!(inputs, [(1, 10), (2, 15), (3, 20)]);
    assert_eq!(session.actions()[2].input, Input::Advance);
    assert_eq!(session.take_actions().len(), 3);
    session.dispatch(event("Nothing"));
    assert_eq!(session.actions()[0].sequence, 4);
}

/// Kicks and schedules.
fn planner() -> Fake {
    Fake::new(9)
        .on("Plan", &[("delay", Type::INT)], |_, args, cx| {
            let (event, player, nothing) = (cx.state.string("Ring"), cx.state.string("b"), cx.state.string(""));
            cx.schedule(event, args[1] as i64, None).expect("room");
            cx.kick(player, nothing);
            Step::Done
        })
        .on("Ring", &[], |_, _, cx| {
            add(cx, 1);
            let now = format!("ring@{}", cx.now_ms);
            note(cx, &now);
            Step::Done
        })
        .on("PlayerDisconnect", &[("playerID", Type::String)], |_, args, cx| {
            let player = cx.state.str(args[1]).to_owned();
            note(cx, &player);
            Step::Done
        })
}

#[test]
fn what_handlers_arranged_replays_without_entries_of_its_own() {
    let options = SessionOptions::default();
    let mut session = session(planner(), options.clone());
    session.join("b");
    session.join("a");
    session.dispatch(Action::own("Plan", Value::map([("delay", Value::Int(10))])));
    session.dispatch(Action::own("Plan", Value::map([("delay", Value::Int(30))])));
    session.advance(25);
    assert_eq!(
        (log(&session).as_str(), session.players(), session.actions().len()),
        ("b ring@10", &["a".into()][..], 5)
    );
    let nothing = |_: &mut statewright_runtime::state::State| {};
    let again =
        Session::replay(origin(planner(), options, &nothing, &|_| None), session.actions()).expect("a good log");
    assert_eq!(
        (again.state().hash(), again.players(), again.host()),
        (session.state().hash(), session.players(), session.host())
    );
    assert_eq!(again.ledger().scheduled(), session.ledger().scheduled());
    assert_eq!(again.next_deadline(), Some(30));
}
