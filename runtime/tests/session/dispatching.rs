//! Order, transactions, permissions, parameters.

use std::sync::{Arc, Mutex};

use statewright_runtime::context::Tracer;
use statewright_runtime::program::Permissions;
use statewright_runtime::session::{Action, ActionReport, RESERVED_EVENTS, SessionOptions, Status};
use statewright_types::random::Generator;
use statewright_types::{IntKind, Limits, TrapCode, Type, Value};

use crate::fake::{Fake, Step, add, charge, emit, event, log, note, round, session, show};

#[test]
fn handlers_run_in_document_order() {
    let program = Fake::new(1)
        .on("Go", &[], |_, _, cx| {
            note(cx, "a");
            Step::Done
        })
        .on("Other", &[], |_, _, cx| {
            note(cx, "x");
            Step::Done
        })
        .on("Go", &[], |_, _, cx| {
            note(cx, "b");
            emit(cx, "Went");
            Step::Done
        });
    let mut session = session(program, SessionOptions::default());
    let report = session.dispatch(event("Go"));
    assert_eq!(show(&report), "Go0#1 done, Go2#2 done, ! Went");
    assert_eq!(log(&session), "a b");
    assert_eq!(report.error(), None);
    assert_eq!(report.refusal(), None);
}

/// A report that is used again has nothing of what it had: names, errors, events, refusals, however many handlers ran.
#[test]
fn a_report_that_is_used_again_is_as_a_new_one() {
    let program = || {
        Fake::new(1)
            .on("One", &[], |_, _, _| Step::Done)
            .on("Fails", &[], |_, _, cx| {
                emit(cx, "Lost");
                Step::Fail(TrapCode::NotFound)
            })
            .on("Two", &[], |_, _, cx| {
                emit(cx, "First");
                charge(cx, 3);
                Step::Done
            })
            .on("Two", &[], |_, _, cx| {
                emit(cx, "Second");
                Step::Done
            })
    };
    let (mut again, mut anew) =
        (session(program(), SessionOptions::default()), session(program(), SessionOptions::default()));
    let names = ["One", "Fails", "Two", "Nothing"];
    let mut report = ActionReport::default();
    for (before, after) in names.iter().flat_map(|before| names.map(|after| (before, after))) {
        for name in [before, after] {
            again.dispatch_into(event(name), &mut report);
            let new = anew.dispatch(event(name));
            assert_eq!(report, new, "{after} after {before}");
            assert_eq!(format!("{report:?}"), format!("{new:?}"), "{after} after {before}");
        }
    }
}

#[test]
fn a_failure_undoes_its_handler_only() {
    let program = Fake::new(1)
        .on("Go", &[], |_, _, cx| {
            add(cx, 1);
            emit(cx, "First");
            Step::Done
        })
        .on("Go", &[], |_, _, cx| {
            add(cx, 10);
            note(cx, "lost");
            emit(cx, "Lost");
            Step::Fail(TrapCode::NotFound)
        })
        .on("Go", &[], |_, _, cx| {
            add(cx, 100);
            emit(cx, "Third");
            Step::Done
        });
    let mut session = session(program, SessionOptions::default());
    let report = session.dispatch(event("Go"));
    assert_eq!(show(&report), "Go0#1 done, Go1#2 failed not_found, Go2#3 done, ! First, ! Third");
    assert_eq!((round(&session), log(&session).as_str()), (101, ""));
    assert_eq!(report.trap().and_then(|trap| trap.node.as_deref()), Some("n"));
    assert!(report.refusal().is_some_and(|refusal| refusal.code == TrapCode::NotFound));
}

#[test]
fn a_failure_undoes_random_draws() {
    let draws = Arc::new(Mutex::new(Vec::new()));
    let seen = draws.clone();
    let program = Fake::new(1).on("Roll", &[("fail", Type::Bool)], move |_, args, cx| {
        let value = cx.state.streams().int("dice", 1, 1_000_000);
        seen.lock().expect("no panic").push(value);
        if args[1] == 1 { Step::Fail(TrapCode::Custom) } else { Step::Done }
    });
    let mut session = session(program, SessionOptions { seed: 5, ..SessionOptions::default() });
    for fail in [true, true, false, true, false] {
        session.dispatch(Action::new("Roll", "a", Value::map([("fail", Value::Bool(fail))])));
    }
    let draws = draws.lock().expect("no panic");
    assert_eq!((draws[0], draws[1], draws[3]), (draws[1], draws[2], draws[4]));
    assert_ne!(draws[2], draws[3]);
}

#[test]
fn seed_and_generator_decide_the_draws() {
    let drawn = |seed, generator| {
        let program = Fake::new(1).on("Roll", &[], |_, _, cx| {
            let drawn = cx.state.streams().int("dice", 0, i64::MAX);
            add(cx, drawn);
            Step::Done
        });
        let options = SessionOptions { seed, generator, ..SessionOptions::default() };
        let mut session = session(program, options);
        session.dispatch(event("Roll"));
        round(&session)
    };
    let first = drawn(1, Generator::Xoshiro128PlusPlus);
    assert_eq!(first, drawn(1, Generator::Xoshiro128PlusPlus));
    assert_ne!(first, drawn(2, Generator::Xoshiro128PlusPlus));
    assert_ne!(first, drawn(1, Generator::Mulberry32));
}

#[test]
fn unknown_and_reserved_events_are_refused() {
    let program = Fake::new(1).on("PlayerConnect", &[("playerID", Type::String)], |_, _, cx| {
        add(cx, 1);
        Step::Done
    });
    let mut session = session(program, SessionOptions::default());
    assert_eq!(show(&session.dispatch(event("Nothing"))), "refused unknown_event");
    for reserved in RESERVED_EVENTS {
        let from_client = session.dispatch(Action::new(reserved, "mallory", Value::Null));
        assert_eq!(show(&from_client), "refused permission_denied");
    }
    assert_eq!(round(&session), 0);
    assert_eq!(show(&session.tick(16)), "");
    assert_eq!(show(&session.start()), "");
    assert_eq!(show(&session.dispatch(event("PlayerConnect"))), "PlayerConnect0#1 done");
}

#[test]
fn permissions_are_those_of_the_table() {
    const HOST: u8 = 1;
    const PARAM: u8 = 2;
    const LIST: u8 = 4;
    // Each sender: which of the three restrictions it satisfies. The parameter names "own" in every action.
    let senders = [("", HOST | PARAM | LIST), ("host", HOST), ("own", PARAM), ("listed", LIST), ("stranger", 0)];
    for restrictions in 0..8u8 {
        let permissions = Permissions {
            host_only: restrictions & HOST != 0,
            player_param: (restrictions & PARAM != 0).then_some(1),
            allowed_players: (restrictions & LIST != 0).then(|| vec!["listed".into(), "other".into()]),
        };
        let program = Fake::new(1)
            .on("Go", &[("n", Type::INT), ("player", Type::String)], |_, _, cx| {
                add(cx, 1);
                Step::Done
            })
            .only(permissions);
        let mut session = session(program, SessionOptions::default());
        session.join_silently("host");
        for (sender, satisfies) in senders {
            let params = Value::map([("n", Value::Int(1)), ("player", Value::str("own"))]);
            let report = session.dispatch(Action::new("Go", sender, params));
            let expected = (restrictions & !satisfies != 0).then_some(TrapCode::PermissionDenied);
            assert_eq!(report.error(), expected, "restrictions {restrictions:03b}, sender `{sender}`");
        }
    }
}

#[test]
fn all_permissions_together_can_hold() {
    let permissions =
        Permissions { host_only: true, player_param: Some(0), allowed_players: Some(vec!["alice".into()]) };
    let program = Fake::new(1).on("Go", &[("player", Type::String)], |_, _, _| Step::Done).only(permissions);
    let mut session = session(program, SessionOptions::default());
    session.join_silently("alice");
    let report = session.dispatch(Action::new("Go", "alice", Value::map([("player", Value::str("alice"))])));
    assert_eq!(report.error(), None);
}

#[test]
fn an_empty_list_allows_nobody() {
    let permissions = Permissions { allowed_players: Some(Vec::new()), ..Permissions::default() };
    let program = Fake::new(1).on("Go", &[], |_, _, _| Step::Done).only(permissions);
    let mut session = session(program, SessionOptions::default());
    assert_eq!(session.dispatch(Action::new("Go", "alice", Value::Null)).error(), Some(TrapCode::PermissionDenied));
    assert_eq!(session.dispatch(event("Go")).error(), None);
}

#[test]
fn permissions_come_before_parameters_and_cost_nothing() {
    let permissions = Permissions { host_only: true, ..Permissions::default() };
    let program = Fake::new(1).on("Go", &[("n", Type::INT)], |_, _, cx| charge(cx, 1)).only(permissions);
    let mut session = session(program, SessionOptions { host: Some("alice".into()), ..SessionOptions::default() });
    let bad = Value::map([("n", Value::str("no number"))]);
    let denied = session.dispatch(Action::new("Go", "bob", bad.clone()));
    assert_eq!((denied.error(), denied.fuel()), (Some(TrapCode::PermissionDenied), 0));
    let wrong = session.dispatch(Action::new("Go", "alice", bad));
    assert_eq!((wrong.error(), wrong.fuel()), (Some(TrapCode::BadParameters), 0));
    assert_eq!(wrong.activations[0].error.as_ref().and_then(|trap| trap.node.clone()), None);
    assert_eq!(wrong.activations[0].status, Status::Failed);
}

#[test]
fn parameters_follow_the_rules_for_outside_values() {
    let params = [("small", Type::Int(IntKind::I8)), ("real", Type::Float64), ("maybe", Type::nullable(Type::String))];
    let program = Fake::new(1).on("Go", &params, |_, args, cx| {
        assert_eq!((args[1] as i64, f64::from_bits(args[2]), args[3]), (-5, 2.0, 0));
        assert_eq!(cx.state.str(args[0]), "alice");
        Step::Done
    });
    let mut session = session(program, SessionOptions::default());
    let small = ("small", Value::Int(-5));
    let real = ("real", Value::Int(2));
    let cases = [
        (Value::map([small.clone(), real.clone()]), true),
        (Value::map([small.clone(), real.clone(), ("maybe", Value::Null)]), true),
        (Value::map([small.clone(), real.clone(), ("extra", Value::Int(1))]), true),
        (Value::map([small.clone()]), false),
        (Value::map([("small", Value::Int(128)), real.clone()]), false),
        (Value::map([("small", Value::Float(1.0)), real.clone()]), false),
        (Value::map([("small", Value::Null), real.clone()]), false),
        (Value::Null, false),
        (Value::from(vec![Value::Int(1)]), false),
    ];
    for (params, fine) in cases {
        let report = session.dispatch(Action::new("Go", "alice", params.clone()));
        let expected = (!fine).then_some(TrapCode::BadParameters);
        assert_eq!(report.error(), expected, "{params:?}: {:?}", report.trap());
    }
}

#[test]
fn actions_leave_nothing_behind() {
    let params = [("names", Type::list(Type::String)), ("n", Type::INT)];
    let program = Fake::new(1).on("Go", &params, |_, args, cx| {
        note(cx, "lost");
        if args[2] == 0 { Step::Fail(TrapCode::Custom) } else { Step::Wait(1, 1, vec![7]) }
    });
    let mut session = session(program, SessionOptions::default());
    let before = session.state().statistics();
    let names = Value::from(vec![Value::str("alice"), Value::str("bob")]);
    for n in [Value::Int(0), Value::str("bad"), Value::Null] {
        let report = session.dispatch(Action::new("Go", "alice", Value::map([("names", names.clone()), ("n", n)])));
        assert!(report.error().is_some());
    }
    assert_eq!(session.state().statistics(), before);
    session.dispatch(Action::new("Go", "alice", Value::map([("names", names), ("n", Value::Int(1))])));
    let kept = session.state().statistics();
    assert_eq!((kept.records, kept.containers, kept.leaves), (before.records, before.containers, before.leaves + 1));
}

#[test]
fn reserved_events_fill_in_what_handlers_declare_beyond_them() {
    let params = [("delta", Type::INT), ("more", Type::INT), ("text", Type::String)];
    let program = Fake::new(1).on("Tick", &params, |_, args, cx| {
        assert_eq!((args[1], args[2], cx.state.str(args[3])), (16, 0, ""));
        add(cx, 1);
        Step::Done
    });
    let mut session = session(program, SessionOptions::default());
    assert_eq!(session.tick(16).error(), None);
    assert_eq!(round(&session), 1);
}

#[test]
fn each_handler_has_its_own_fuel() {
    let limits = Limits { fuel: 10, ..Limits::default() };
    let program = Fake::new(1).on("Go", &[], |_, _, cx| charge(cx, 7)).on("Go", &[], |_, _, cx| charge(cx, 11)).on(
        "Go",
        &[],
        |_, _, cx| charge(cx, 10),
    );
    let mut session = session(program, SessionOptions { limits, ..SessionOptions::default() });
    let report = session.dispatch(event("Go"));
    assert_eq!(show(&report), "Go0#1 done, Go1#2 failed fuel_exhausted, Go2#3 done");
    assert_eq!(report.activations.iter().map(|activation| activation.fuel).collect::<Vec<_>>(), [7, 10, 10]);
    assert_eq!(report.fuel(), 27);
}

#[test]
fn a_tracer_hears_every_handler() {
    #[derive(Default)]
    struct Names(Vec<String>);
    impl Tracer for Names {
        fn enter(&mut self, handler: &str, _: &str, _: &str) {
            self.0.push(handler.into());
        }
        fn probe(&mut self, _: &str, _: &str, _: &str, _: Value) {}
    }
    let tell = |_, _: &[u64], cx: &mut statewright_runtime::context::Context<'_>| {
        let handler = cx.handler.clone();
        if let Some(tracer) = cx.tracer.as_mut() {
            tracer.enter(&handler, "", "n");
        }
        Step::Done
    };
    let mut session = session(Fake::new(1).on("Go", &[], tell).on("Go", &[], tell), SessionOptions::default());
    let mut names = Names::default();
    session.dispatch_traced(event("Go"), &mut names);
    assert_eq!(names.0, ["Go0", "Go1"]);
}
