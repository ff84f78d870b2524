//! Changes of the effective state, as sessions give them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use statewright_runtime::session::{NewEffect, Session, SessionOptions};
use statewright_runtime::state::{Changes, ContainerChange, Course, OldValue, Origin, Piece};
use statewright_types::{StructId, Value};

use crate::fake::{Fake, Step, add, event, note, round_of, session};

const GAME: StructId = StructId(0);

fn new(id: &str, effect: &str, by: i64) -> NewEffect {
    NewEffect { params: Value::map([("by", Value::Int(by))]), ..NewEffect::new(id, effect) }
}

/// `Plus` adds to the round, `Notes` writes into the log, `Later` adds the time; `runs` counts.
fn program(runs: &Arc<AtomicUsize>) -> Fake {
    let (plus, notes) = (runs.clone(), runs.clone());
    Fake::new(1)
        .effect("Plus", move |args, cx| {
            plus.fetch_add(1, Ordering::Relaxed);
            add(cx, args[0] as i64);
            Step::Done
        })
        .touching(&[0])
        .effect("Notes", move |args, cx| {
            notes.fetch_add(1, Ordering::Relaxed);
            (0..args[0]).for_each(|_| note(cx, "x"));
            Step::Done
        })
        .touching(&[1])
        .effect("Later", |_, cx| {
            add(cx, cx.now_ms);
            Step::Done
        })
        .touching(&[0])
        .looking_around()
        .on("Set", &[("to", statewright_types::Type::INT)], |_, args, cx| {
            let root = cx.state.root(GAME).expect("the root");
            cx.store(root, GAME, 0, args[1]).expect("a live root");
            Step::Done
        })
        .on("Write", &[], |_, _, cx| {
            note(cx, "w");
            Step::Done
        })
}

fn start() -> (Session, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let mut session = session(program(&runs), SessionOptions::default());
    assert!(session.take_changes().is_empty());
    (session, runs)
}

fn set(session: &mut Session, to: i64) {
    let params = Value::map([("to", Value::Int(to))]);
    session.dispatch(statewright_runtime::session::Action { params, ..event("Set") });
}

/// What changed: the round with what it was before (if that is told), the log with its operations.
fn show(changes: &Changes) -> String {
    let mut words = Vec::new();
    for change in &changes.records {
        let was = |field| match changes.old_of(change, field) {
            Some(OldValue::Number(old)) => format!(" was {}", old as i64),
            _ => String::new(),
        };
        words.extend(change.fields.iter().map(|field| format!("{field}{}", was(field))));
    }
    let pieces = |change: &ContainerChange| {
        let piece = |piece: &Piece| format!("{:?} x {}", piece.origin, piece.count);
        change.course.pieces().iter().map(piece).collect::<Vec<_>>().join(", ")
    };
    words.extend(changes.containers.iter().map(|change| format!("[{}]", pieces(change))));
    words.join(", ")
}

fn take(session: &mut Session) -> String {
    let text = show(&session.take_changes());
    assert!(session.take_changes().is_empty(), "a second time there is nothing");
    text
}

#[test]
fn adding_removing_and_expiring_effects_are_changes() {
    let (mut session, _) = start();
    session.add_effect(new("a", "Plus", 5)).expect("added");
    assert_eq!(take(&mut session), "0 was 0");
    session.add_effect(NewEffect { duration_ms: 10, stacks: 3, ..new("b", "Plus", 2) }).expect("added");
    assert_eq!(take(&mut session), "0 was 5");
    session.add_effect(NewEffect { duration_ms: 20, stacks: 3, ..new("b", "Plus", 2) }).expect("stacked");
    assert_eq!(take(&mut session), "0 was 7");
    session.advance(19);
    assert_eq!(take(&mut session), "");
    session.advance(1);
    assert_eq!(take(&mut session), "0 was 9");
    assert!(session.remove_effect("a"));
    assert_eq!(take(&mut session), "0 was 5");
    assert_eq!(session.state().to_value().get("Round"), Some(&Value::Int(0)), "the base is as it was");
}

#[test]
fn writes_under_effects_change_what_is_seen() {
    let (mut session, _) = start();
    session.add_effect(new("a", "Plus", 5)).expect("added");
    session.take_changes();
    set(&mut session, 3);
    assert_eq!(take(&mut session), "0 was 5");
    // Another base under another effect that comes to the same.
    session.remove_effect("a");
    session.add_effect(new("c", "Plus", 4)).expect("added");
    set(&mut session, 4);
    assert_eq!(take(&mut session), "");
    assert_eq!(session.read_effective(round_of), 8);
}

#[test]
fn of_a_list_that_effects_change_only_what_differs_is_told() {
    let (mut session, _) = start();
    session.add_effect(new("n", "Notes", 2)).expect("added");
    assert_eq!(take(&mut session), "[New x 2]");
    session.dispatch(event("Write"));
    assert_eq!(take(&mut session), "[New x 1, Kept(0) x 2]");
    session.remove_effect("n");
    assert_eq!(take(&mut session), "[Kept(0) x 1]");
    session.dispatch(event("Write"));
    let changes = session.take_changes();
    assert_eq!(changes.containers[0].course, Course::from_origins(1, [Origin::Kept(0), Origin::New]));
}

/// Bug 9 of the library that this one follows: an effect that adds to a collection was sent every tick for ever, its removal
/// was not sent at all, and reading changed the base.
#[test]
fn an_effect_is_sent_once_and_its_end_too() {
    let (mut session, _) = start();
    session.add_effect(new("n", "Notes", 1)).expect("added");
    assert_eq!(take(&mut session), "[New x 1]");
    for _ in 0..5 {
        session.tick(50);
        assert_eq!(take(&mut session), "");
    }
    let base = session.state().hash();
    for _ in 0..2 {
        assert_eq!(session.read_effective(|state| state.to_value()), session.effective().to_value());
    }
    assert_eq!(session.state().hash(), base);
    session.remove_effect("n");
    assert_eq!(take(&mut session), "[]");
}

#[test]
fn effects_act_only_when_something_they_read_changed() {
    let (mut session, runs) = start();
    session.add_effect(new("a", "Plus", 5)).expect("added");
    session.take_changes();
    let before = runs.load(Ordering::Relaxed);
    for _ in 0..5 {
        session.tick(50);
        assert!(session.take_changes().is_empty());
    }
    session.state_mut_for_setup();
    session.take_changes();
    assert_eq!(runs.load(Ordering::Relaxed), before, "nothing that it reads changed");
    // The handler has the effect act for itself; so does the base that changed.
    session.dispatch(event("Write"));
    let handled = runs.load(Ordering::Relaxed);
    assert_eq!(take(&mut session), "[New x 1]");
    assert_eq!(runs.load(Ordering::Relaxed), handled);
    set(&mut session, 1);
    let handled = runs.load(Ordering::Relaxed);
    assert_eq!(take(&mut session), "0 was 5");
    assert_eq!(runs.load(Ordering::Relaxed), handled + 1);
}

#[test]
fn who_looks_at_the_time_gives_another_value_as_it_passes() {
    let (mut session, _) = start();
    session.add_effect(new("t", "Later", 0)).expect("added");
    assert_eq!(take(&mut session), "");
    session.advance(30);
    assert_eq!(take(&mut session), "0 was 0");
    assert_eq!(session.read_effective(round_of), 30);
}

#[test]
fn another_program_is_another_effect() {
    let (mut session, _) = start();
    session.add_effect(new("a", "Plus", 5)).expect("added");
    session.take_changes();
    session.set_program(Arc::new(Fake::new(2)));
    assert_eq!(take(&mut session), "0 was 5", "its document has no such effect");
}
