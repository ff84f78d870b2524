//! Handlers that are tried out.

use statewright_runtime::program::{Outcome, WaitFor};
use statewright_runtime::session::{Action, SessionOptions};
use statewright_types::{TrapCode, Type, Value};

use crate::fake::{Fake, Step, add, charge, emit, event, log, note, round, session, show};

#[test]
fn a_rehearsal_leaves_nothing_behind() {
    let program = Fake::new(1).on("Go", &[("by", Type::INT)], |_, args, cx| {
        let _drawn = cx.state.streams().int("dice", 1, 6);
        charge(cx, 7);
        add(cx, args[1] as i64);
        note(cx, "went");
        emit(cx, "Went");
        Step::Done
    });
    let mut session = session(program, SessionOptions::default());
    let action = Action::own("Go", Value::map([("by", Value::Int(5))]));
    let before = (session.state().hash(), session.actions().len());
    let streams =
        |session: &mut statewright_runtime::session::Session| session.state_mut_for_setup().streams().states().count();
    let drawn_from = streams(&mut session);
    let rehearsal = session.rehearse(0, &action, 3).expect("the parameters fit");
    assert_eq!((rehearsal.outcome, rehearsal.fuel), (Outcome::Done, 7));
    assert_eq!((session.state().hash(), session.actions().len()), before);
    assert_eq!(streams(&mut session), drawn_from);
    // The first activation that counts is the first one.
    assert_eq!(show(&session.dispatch(action)), "Go0#1 done, ! Went");
    assert_eq!((round(&session), log(&session).as_str()), (5, "went"));
}

#[test]
fn a_rehearsal_tells_how_it_ended() {
    let program = Fake::new(1)
        .on("Fails", &[], |_, _, cx| {
            charge(cx, 3);
            Step::Fail(TrapCode::NotFound)
        })
        .on("Waits", &[], |_, _, _| Step::Wait(50, 1, Vec::new()));
    let mut session = session(program, SessionOptions::default());
    let failed = session.rehearse(0, &event("Fails"), 2).expect("there are no parameters");
    assert!(matches!(&failed.outcome, Outcome::Trapped(trap) if trap.code == TrapCode::NotFound), "{failed:?}");
    assert_eq!(failed.fuel, 3);
    let waits = session.rehearse(1, &event("Waits"), 2).expect("there are no parameters");
    assert!(matches!(&waits.outcome, Outcome::Suspended(suspension) if suspension.wait == WaitFor::Duration(50)));
    assert_eq!(session.waiting(), 0);
}

#[test]
fn parameters_that_do_not_fit_are_no_rehearsal() {
    let program = Fake::new(1).on("Go", &[("by", Type::INT)], |_, _, _| Step::Done);
    let mut session = session(program, SessionOptions::default());
    let action = Action::own("Go", Value::map([("by", Value::from("much"))]));
    let refused = session.rehearse(0, &action, 1).expect_err("it is a text");
    assert_eq!(refused.code, TrapCode::BadParameters);
    assert_eq!(session.rehearse_parameters(0, &action, 1).map_err(|trap| trap.code), Err(TrapCode::BadParameters));
}
