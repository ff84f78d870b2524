//! Suspension, the clock, fuel over waits, document versions.

use std::sync::Arc;

use statewright_runtime::session::{SessionOptions, Status};
use statewright_types::{Limits, TrapCode};

use crate::fake::{Fake, Step, add, charge, emit, event, log, note, round, session, show, show_all};

/// Waits `ms` and then notes `text` with the time.
fn later(ms: i64, text: &'static str) -> impl Fn(u32, &[u64], &mut statewright_runtime::context::Context<'_>) -> Step {
    move |step, _, cx| {
        if step == 0 {
            return Step::Wait(ms, 1, vec![]);
        }
        note(cx, &format!("{text}@{}", cx.now_ms));
        Step::Done
    }
}

#[test]
fn each_resumes_at_its_own_time_in_order() {
    let program = Fake::new(1)
        .on("Go", &[], later(300, "late"))
        .on("Go", &[], later(100, "one"))
        .on("Go", &[], later(100, "two"))
        .on("Go", &[], |step, args, cx| {
            let passes = args.first().copied().unwrap_or(0) as i64;
            if step == 1 {
                note(cx, &format!("loop{passes}@{}", cx.now_ms));
            }
            if step == 1 && passes == 3 {
                Step::Done
            } else {
                Step::Wait(100, 1, vec![if step == 0 { 1 } else { passes + 1 }])
            }
        });
    let mut session = session(program, SessionOptions { now_ms: 1000, ..SessionOptions::default() });
    let report = session.dispatch(event("Go"));
    assert_eq!(show(&report), "Go0#1 waiting, Go1#2 waiting, Go2#3 waiting, Go3#4 waiting");
    assert_eq!((session.waiting(), session.next_deadline()), (4, Some(1100)));
    assert_eq!(session.advance(99), []);
    let reports = session.advance_to(5000);
    assert_eq!(log(&session), "one@1100 two@1100 loop1@1100 loop2@1200 late@1300 loop3@1300");
    assert_eq!(
        show_all(&reports),
        "1100: Go1#2 done; 1100: Go2#3 done; 1100: Go3#4 waiting; 1200: Go3#4 waiting; 1300: Go0#1 done; 1300: Go3#4 done"
    );
    assert_eq!((session.waiting(), session.next_deadline(), session.now_ms()), (0, None, 5000));
}

#[test]
fn a_due_time_belongs_to_the_advance_that_reaches_it() {
    let mut session = session(Fake::new(1).on("Go", &[], later(100, "x")), SessionOptions::default());
    session.dispatch(event("Go"));
    assert_eq!(session.advance(99).len(), 0);
    assert_eq!(session.advance(1).len(), 1);
    assert_eq!(log(&session), "x@100");
}

#[test]
fn the_clock_never_goes_back() {
    let mut session = session(Fake::new(1), SessionOptions { now_ms: 50, ..SessionOptions::default() });
    session.advance_to(10);
    session.advance(-5);
    assert_eq!(session.now_ms(), 50);
    session.advance(i64::MAX);
    assert_eq!(session.now_ms(), i64::MAX);
}

#[test]
fn a_wait_beyond_the_end_of_time_fails() {
    let program = Fake::new(1).on("Go", &[], |_, _, cx| {
        add(cx, 1);
        Step::Wait(i64::MAX, 1, vec![])
    });
    let mut session = session(program, SessionOptions { now_ms: 1, ..SessionOptions::default() });
    assert_eq!(session.dispatch(event("Go")).error(), Some(TrapCode::Overflow));
    assert_eq!((round(&session), session.waiting()), (0, 0));
}

#[test]
fn more_waits_than_allowed_fail() {
    let program = Fake::new(1).on("Go", &[], later(1, "x"));
    let mut session = session(program, SessionOptions { waiting_limit: 2, ..SessionOptions::default() });
    let errors: Vec<_> = (0..3).map(|_| session.dispatch(event("Go")).error()).collect();
    assert_eq!(errors, [None, None, Some(TrapCode::MemoryLimit)]);
    assert_eq!(session.advance(1).len(), 2);
}

#[test]
fn segments_are_transactions_of_their_own() {
    let program = Fake::new(1).on("Go", &[], |step, _, cx| {
        add(cx, if step == 0 { 1 } else { 10 });
        emit(cx, if step == 0 { "Kept" } else { "Lost" });
        if step == 0 { Step::Wait(10, 1, vec![]) } else { Step::Fail(TrapCode::Overflow) }
    });
    let mut session = session(program, SessionOptions::default());
    assert_eq!(show(&session.dispatch(event("Go"))), "Go0#1 waiting, ! Kept");
    assert_eq!(show_all(&session.advance(10)), "10: Go0#1 failed overflow");
    assert_eq!((round(&session), session.waiting()), (1, 0));
}

#[test]
fn fuel_is_for_the_whole_activation() {
    let limits = Limits { fuel: 10, ..Limits::default() };
    let program = Fake::new(1).on("Go", &[], |_, _, cx| match charge(cx, 4) {
        Step::Done => Step::Wait(1, 1, vec![]),
        failed => failed,
    });
    let mut session = session(program, SessionOptions { limits, ..SessionOptions::default() });
    let mut reports = vec![session.dispatch(event("Go"))];
    reports.extend(session.advance(100));
    let fuel: Vec<_> = reports.iter().map(|report| (report.fuel(), report.activations[0].status)).collect();
    assert_eq!(fuel, [(4, Status::Waiting), (4, Status::Waiting), (2, Status::Failed)]);
    assert_eq!(reports[2].error(), Some(TrapCode::FuelExhausted));
}

#[test]
fn a_suspended_activation_finishes_on_its_version() {
    let version = |number, text| Fake::new(number).on("Go", &[], later(10, text));
    let mut session = session(version(1, "old"), SessionOptions::default());
    session.dispatch(event("Go"));
    session.set_program(Arc::new(version(2, "new")));
    session.dispatch(event("Go"));
    session.advance(10);
    assert_eq!(log(&session), "old@10 new@10");
}
