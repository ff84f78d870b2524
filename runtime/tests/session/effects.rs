//! Effects, as host programs add, see and remove them.

use std::sync::Arc;

use statewright_runtime::session::{Input, NewEffect, Session, SessionOptions};
use statewright_types::{TrapCode, Value};

use crate::fake::{Fake, Step, add, event, round, round_of, session, show};

/// Effects that add, multiply and fail, and handlers that write.
fn program() -> Fake {
    Fake::new(1)
        .effect("Plus", |args, cx| {
            add(cx, args[0] as i64);
            Step::Done
        })
        .effect("Fails", |args, cx| {
            add(cx, 1000);
            if args[0] == 0 { Step::Fail(TrapCode::Overflow) } else { Step::Done }
        })
        .effect("Notes", |args, cx| {
            (0..args[0]).for_each(|_| crate::fake::note(cx, "x"));
            Step::Done
        })
        .effect("Burns", |args, cx| match cx.meter.charge_fuel(args[0]) {
            Ok(()) => Step::Done,
            Err(code) => Step::Fail(code),
        })
        .on("Set", &[], |_, _, cx| {
            let root = cx.state.root(statewright_types::StructId(0)).expect("the root");
            match cx.store(root, statewright_types::StructId(0), 0, 5) {
                Ok(()) => Step::Done,
                Err(code) => Step::Fail(code),
            }
        })
}

fn new(id: &str, effect: &str, by: i64) -> NewEffect {
    NewEffect { params: Value::map([("by", Value::Int(by))]), ..NewEffect::new(id, effect) }
}

fn seen(session: &Session) -> i64 {
    round_of(session.effective())
}

fn listed(session: &Session) -> String {
    session.effects().map(|effect| format!("{}:{}x{} ", effect.id, effect.effect, effect.stacks)).collect()
}

#[test]
fn a_host_program_adds_and_removes_effects() {
    let mut session = session(program(), SessionOptions::default());
    session.add_effect(NewEffect { priority: 1, stacks: 2, ..new("b", "Plus", 20) }).expect("added");
    session.add_effect(NewEffect { duration_ms: 5, activator: "ann".into(), ..new("a", "Plus", 3) }).expect("added");
    session.add_effect(NewEffect { stacks: 2, ..new("b", "Plus", 0) }).expect("stacked");
    assert_eq!((seen(&session), round(&session)), (43, 0));
    assert_eq!(listed(&session), "a:Plusx1 b:Plusx2 ");
    assert_eq!(session.next_deadline(), Some(5));
    session.dispatch(event("Set"));
    assert_eq!((seen(&session), round(&session)), (48, 5));
    assert_eq!(session.view("ann"), session.effective().to_value());
    session.add_effect(NewEffect { once: true, ..new("now", "Plus", 100) }).expect("acted");
    assert_eq!((seen(&session), round(&session)), (148, 105));
    session.advance(5);
    assert_eq!((listed(&session).as_str(), seen(&session)), ("b:Plusx2 ", 145));
    assert!(session.remove_effect("b") && !session.remove_effect("b"));
    assert_eq!((seen(&session), session.next_deadline()), (105, None));
    let logged = |input: &Input| matches!(input, Input::AddEffect(_) | Input::RemoveEffect { .. });
    assert_eq!(session.actions().iter().filter(|entry| logged(&entry.input)).count(), 6);
}

#[test]
fn what_is_wrong_with_an_effect_is_said() {
    let mut session = session(program(), SessionOptions { waiting_limit: 2, ..SessionOptions::default() });
    let code = |session: &mut Session, effect| session.add_effect(effect).err().map(|trap| trap.code);
    assert_eq!(code(&mut session, new("a", "Nothing", 1)), Some(TrapCode::NotFound));
    assert_eq!(code(&mut session, NewEffect::new("a", "Plus")), Some(TrapCode::BadParameters));
    assert_eq!(code(&mut session, NewEffect { stacks: -1, ..new("a", "Plus", 1) }), Some(TrapCode::BadArgument));
    assert_eq!(code(&mut session, NewEffect { once: true, ..new("a", "Fails", 0) }), Some(TrapCode::Overflow));
    assert_eq!((seen(&session), listed(&session).as_str()), (0, ""));
    assert_eq!(code(&mut session, new("a", "Plus", 1)), None);
    assert_eq!(code(&mut session, new("a", "Plus", 1)), Some(TrapCode::DuplicateId));
    assert_eq!(code(&mut session, new("b", "Plus", 1)), None);
    assert_eq!(code(&mut session, new("c", "Plus", 1)), Some(TrapCode::MemoryLimit));
    let far = NewEffect { duration_ms: i64::MAX, ..new("d", "Plus", 1) };
    session.remove_effect("b");
    session.advance(1);
    assert_eq!(code(&mut session, far), Some(TrapCode::OutOfRange));
}

#[test]
fn faults_are_those_of_now() {
    let mut session = session(program(), SessionOptions::default());
    session.add_effect(new("bad", "Fails", 0)).expect("added");
    session.add_effect(new("good", "Fails", 1)).expect("added");
    let faults = |session: &Session| -> String {
        session.effect_faults().map(|(id, trap)| format!("{id} {} ", trap.code)).collect()
    };
    assert_eq!((faults(&session).as_str(), seen(&session)), ("bad overflow ", 1000));
    session.set_program(Arc::new(Fake::new(2).effect("Fails", |_, _| Step::Done)));
    assert_eq!((faults(&session).as_str(), seen(&session)), ("", 0));
    session.set_program(Arc::new(Fake::new(3)));
    assert_eq!((faults(&session).as_str(), seen(&session)), ("bad not_found good not_found ", 0));
    session.remove_effect("bad");
    assert_eq!(faults(&session), "good not_found ");
}

#[test]
fn an_activation_of_a_version_without_effects_sees_the_base() {
    let old = |version| {
        Fake::new(version).on("Wait", &[], |step, _, cx| match step {
            0 => Step::Wait(10, 1, vec![]),
            _ => {
                add(cx, 1);
                Step::Done
            }
        })
    };
    let mut session = session(old(1), SessionOptions::default());
    session.dispatch(event("Wait"));
    session.set_program(Arc::new(program()));
    session.add_effect(new("a", "Plus", 40)).expect("added");
    session.advance(10);
    assert_eq!((round(&session), seen(&session)), (1, 41));
}

#[test]
fn effects_that_need_too_much_stop_handlers_and_are_told() {
    let mut session = session(program(), SessionOptions::default());
    for id in 0..11 {
        session.add_effect(new(&format!("e{id}"), "Burns", 999_980)).err();
    }
    assert_eq!(session.effects().count(), 10, "ten times an activation's fuel is all that effects have");
    assert_eq!(session.effect_faults().count(), 0);
    // 100 are left: 10 for acting, and 1 for each change.
    assert!(session.add_effect(NewEffect { priority: 9, ..new("many", "Notes", 91) }).is_err());
    session.add_effect(NewEffect { priority: 9, ..new("last", "Notes", 90) }).expect("it needs just so much");
    let report = session.dispatch(event("Set"));
    assert_eq!(show(&report), "Set0#1 failed fuel_exhausted", "the effects are applied again");
    assert_eq!(round(&session), 0);
}
