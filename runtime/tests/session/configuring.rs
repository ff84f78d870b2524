//! The configuration: given, set, undone, logged, replayed.

use statewright_runtime::session::{Input, Session, SessionOptions};
use statewright_types::config::Values;
use statewright_types::{TrapCode, Type, Value};

use crate::fake::{Fake, Step, add, event, origin, round, session};

const CONFIG: &str = "config Game {\n Rounds int32 @default(3) @max(10)\n Server string @default(eu)\n}";

/// Sets `Game.Rounds` to a parameter and fails if asked to; reads it; goes back.
fn program(version: u8) -> Fake {
    Fake::new(version)
        .configured(CONFIG)
        .on("Set", &[("rounds", Type::INT), ("fail", Type::Bool)], |_, args, cx| {
            let name = cx.state.string("Game.Rounds");
            match cx.state.config_set(name, &Type::INT, args[1]) {
                Err(code) => Step::Fail(code),
                Ok(()) if args[2] != 0 => Step::Fail(TrapCode::Custom),
                Ok(()) => Step::Done,
            }
        })
        .on("Read", &[], |_, _, cx| {
            let name = cx.state.string("Game.Rounds");
            let rounds = cx.state.config_get(name, &Type::INT) as i64;
            add(cx, rounds);
            Step::Done
        })
        .on("Reload", &[], |_, _, cx| {
            cx.state.config_reload();
            Step::Done
        })
}

fn values(values: &[(&str, Value)]) -> Values {
    values.iter().map(|(path, value)| ((*path).into(), value.clone())).collect()
}

fn set(session: &mut Session, rounds: i64, fail: bool) -> Option<TrapCode> {
    let params = Value::map([("rounds", Value::Int(rounds)), ("fail", Value::Bool(fail))]);
    session.dispatch(statewright_runtime::session::Action::own("Set", params)).error()
}

fn rounds(session: &Session) -> Option<Value> {
    session.state().settings().get("Game.Rounds").cloned()
}

#[test]
fn what_is_given_replaces_what_was_given_and_set() {
    let options = SessionOptions { config: values(&[("Game.Rounds", Value::Int(5))]), ..SessionOptions::default() };
    let mut session = session(program(1), options);
    assert_eq!(rounds(&session), Some(Value::Int(5)));
    assert_eq!(set(&mut session, 7, false), None);
    assert_eq!(rounds(&session), Some(Value::Int(7)));
    session.dispatch(event("Reload"));
    assert_eq!(rounds(&session), Some(Value::Int(5)));
    assert_eq!(set(&mut session, 7, false), None);
    session.set_config(&values(&[("Game.Server", Value::str("us"))])).expect("it fits");
    assert_eq!(rounds(&session), Some(Value::Int(3)), "the default again");
    assert_eq!(set(&mut session, 8, false), None);
    session.dispatch(event("Reload"));
    assert_eq!(rounds(&session), Some(Value::Int(3)));
    assert_eq!(session.state().settings().get("Game.Server"), Some(&Value::str("us")));
}

#[test]
fn what_does_not_fit_changes_and_logs_nothing() {
    let mut session = session(program(1), SessionOptions::default());
    let wrong = values(&[("Game.Server", Value::str("us")), ("Game.Rounds", Value::Int(11)), ("Game.X", Value::Null)]);
    assert_eq!(session.set_config(&wrong).expect_err("two do not fit").len(), 2);
    assert_eq!(session.state().settings().get("Game.Server"), Some(&Value::str("eu")));
    assert_eq!(session.actions(), []);
}

#[test]
fn what_does_not_fit_at_the_start_is_left_out() {
    let given = values(&[("Game.Rounds", Value::Int(11)), ("Game.Server", Value::str("us"))]);
    let session = session(program(1), SessionOptions { config: given, ..SessionOptions::default() });
    assert_eq!(rounds(&session), Some(Value::Int(3)));
    assert_eq!(session.state().settings().get("Game.Server"), Some(&Value::str("us")));
}

#[test]
fn what_a_failed_handler_set_is_undone() {
    let mut session = session(program(1), SessionOptions::default());
    assert_eq!(set(&mut session, 7, true), Some(TrapCode::Custom));
    assert_eq!(set(&mut session, 11, false), Some(TrapCode::BadArgument));
    assert_eq!(rounds(&session), Some(Value::Int(3)));
}

#[test]
fn a_replay_reads_the_same() {
    let mut session = session(program(1), SessionOptions::default());
    session.dispatch(event("Read"));
    session.set_config(&values(&[("Game.Rounds", Value::Int(9))])).expect("it fits");
    session.dispatch(event("Read"));
    set(&mut session, 2, false);
    session.dispatch(event("Read"));
    assert_eq!(round(&session), 3 + 9 + 2);
    let log = session.actions().to_vec();
    let expected = values(&[("Game.Rounds", Value::Int(9)), ("Game.Server", Value::str("eu"))]);
    assert_eq!(log[1].input, Input::Config(expected), "the log holds all values, defaults included");
    let again = Session::replay(origin(program(1), SessionOptions::default(), &|_| {}, &|_| None), &log);
    let again = again.expect("a good log");
    assert_eq!((again.state().hash(), rounds(&again)), (session.state().hash(), rounds(&session)));
}

#[test]
fn another_version_keeps_what_still_fits() {
    let mut session = session(program(1), SessionOptions::default());
    session.set_config(&values(&[("Game.Rounds", Value::Int(9)), ("Game.Server", Value::str("us"))])).expect("it fits");
    let next = program(2).configured("config Game {\n Rounds int32 @default(1) @max(5)\n Server string\n New bool\n}");
    session.set_program(std::sync::Arc::new(next));
    let expected =
        values(&[("Game.New", Value::Bool(false)), ("Game.Rounds", Value::Int(1)), ("Game.Server", Value::str("us"))]);
    assert_eq!(session.state().settings().values(), &expected);
}
