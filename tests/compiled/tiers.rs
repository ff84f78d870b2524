//! Interpreted until it is compiled: the same before and after.

use std::collections::BTreeSet;

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

/// A handler and a function of the same name, which has a blank; the handler calls the function.
const NAMESAKES: &str = r#"{"handlers": [{"name": "Add one", "event": "Add",
    "nodes": [{"id": "call", "type": "CallFunction", "inputs": {"function": "Add one"}}],
    "flow": [{"from": "start", "to": "call"}]}],
  "functions": [{"name": "Add one",
    "nodes": [{"id": "add", "type": "Increment", "inputs": {"path": "Result"}}],
    "flow": [{"from": "start", "to": "add"}]}]}"#;

#[test]
fn the_profiler_is_told_where_each_function_is_once_there_is_code() {
    let load = |document: &str, execution| {
        let program = Program::load_on(execution, document, SCHEMA).unwrap_or_else(|error| panic!("{error}"));
        program.wait_until_compiled();
        program
    };
    assert_eq!(load(DOCUMENT, Execution::Interpreter).perf_map(), None);
    let document = chain(10_000);
    assert_eq!(load(&document, Execution::Tiered).perf_map(), None, "it is too large");
    for (document, execution) in
        [(DOCUMENT, Execution::Jit), (DOCUMENT, Execution::Tiered), (NAMESAKES, Execution::Jit)]
    {
        let program = load(document, execution);
        let map = program.perf_map().expect("it is compiled");
        let number = |text: &str| usize::from_str_radix(text, 16).unwrap_or_else(|_| panic!("{map}"));
        let mut places = Vec::new();
        let mut names = BTreeSet::new();
        for line in map.lines() {
            let [address, size, name] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            places.push((number(address), number(size)));
            assert!(names.insert(name), "{name} stands there twice:\n{map}");
        }
        places.sort_unstable();
        assert!(places.iter().all(|(address, size)| *address > 0 && *size > 0), "{map}");
        assert!(places.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "{map}");
        for info in program.handlers() {
            let name = format!("statewright:{}", info.name.replace(' ', "_"));
            assert!(names.contains(&*name), "{name} is missing:\n{map}");
        }
        assert_eq!(names.contains("statewright:Add_one#2"), document == NAMESAKES, "{map}");
    }
}
