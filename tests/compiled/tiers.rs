//! Interpreted until it is compiled: the same before and after.

use statewright::{Compiled, Execution, Options, Program, Session, Value};

const SCHEMA: &str = include_str!("../../benches/workloads/arena.schema");
const DOCUMENT: &str = include_str!("../../benches/workloads/arena.json");

#[test]
fn tiers_change_over_between_activations_and_nobody_notices() {
    let load = |execution| Program::load_on(execution, DOCUMENT, SCHEMA).unwrap_or_else(|error| panic!("{error}"));
    let (tiered, interpreted) = (load(Execution::Tiered), load(Execution::Interpreter));
    let run = |session: &mut Session| {
        let count = Value::map([("count", Value::Int(1_000))]);
        let report = session.dispatch("W2", "", count).unwrap_or_else(|error| panic!("{error}"));
        (report.fuel(), session.state_hash())
    };
    let mut session = Session::new(&tiered, Options::default());
    let mut other = Session::new(&interpreted, Options::default());
    assert_eq!(run(&mut session), run(&mut other));
    assert_eq!(tiered.wait_until_compiled(), Compiled::Yes);
    assert_eq!(run(&mut session), run(&mut other));
    assert_eq!((tiered.compiled(), interpreted.compiled()), (Compiled::Yes, Compiled::Never));
}

/// A handler of that many nodes in a chain.
fn chain(count: usize) -> String {
    let nodes = (0..count).map(|n| format!(r#"{{"id":"n{n}","type":"Increment","inputs":{{"path":"Result"}}}}"#));
    let flow = (1..count).map(|n| format!(r#"{{"from":"n{}","to":"n{n}"}}"#, n - 1));
    format!(
        r#"{{"handlers":[{{"name":"H","event":"H","nodes":[{}],"flow":[{{"from":"start","to":"n0"}},{}]}}]}}"#,
        nodes.collect::<Vec<_>>().join(","),
        flow.collect::<Vec<_>>().join(",")
    )
}

#[test]
fn what_is_too_large_to_be_compiled_is_refused_or_stays_interpreted() {
    let document = chain(10_000);
    let error = Program::load_on(Execution::Jit, &document, SCHEMA).expect_err("it has more than 20,000 instructions");
    let codes: Vec<&str> = error.errors().map(|finding| finding.diagnostic.code).collect();
    assert_eq!(codes, ["E050"], "{error}");
    let tiered = Program::load_on(Execution::Tiered, &document, SCHEMA).unwrap_or_else(|error| panic!("{error}"));
    let refused = tiered.wait_until_compiled();
    assert!(matches!(&refused, Compiled::Refused(why) if why.contains("at most 20000")), "{refused:?}");
    let mut session = Session::new(&tiered, Options::default());
    let report = session.dispatch("H", "", Value::Null).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((report.fuel(), session.state().get("Result")), (10_000, Some(&Value::Int(10_000))));
}
