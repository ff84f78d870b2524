//! Timeouts against a model of them, for many durations, and however time is cut into steps; and replayed.

use statewright::{Options, Program, Session, Value};

const SCHEMA: &str = "@root(active) type Game {\n  Words []string\n  Took int64\n}";

/// An outer body that holds an inner one with two waits, and a wait of its own.
const GRAPH: &str = r#"{"handlers": [{"name": "H", "event": "Go",
"parameters": [{"name": "outer", "type": "int64"}, {"name": "inner", "type": "int64"},
               {"name": "a", "type": "int64"}, {"name": "b", "type": "int64"}, {"name": "c", "type": "int64"}],
"nodes": [{"id": "o", "type": "Timeout", "inputs": {"duration": "param:outer"}},
          {"id": "i", "type": "Timeout", "inputs": {"duration": "param:inner"}},
          {"id": "a", "type": "CallFunction", "inputs": {"function": "Sleep", "args": {"ms": "param:a"}}},
          {"id": "b", "type": "Wait", "inputs": {"duration": "param:b"}},
          {"id": "c", "type": "Wait", "inputs": {"duration": "param:c"}},
          {"id": "made", "type": "ArrayAppend", "inputs": {"path": "Words", "item": "made"}},
          {"id": "cut", "type": "ArrayAppend", "inputs": {"path": "Words", "item": "cut"}},
          {"id": "rest", "type": "ArrayAppend", "inputs": {"path": "Words", "item": "rest"}},
          {"id": "late", "type": "ArrayAppend", "inputs": {"path": "Words", "item": "late"}},
          {"id": "took", "type": "SetField", "inputs": {"path": "Took", "value": "node:o:elapsed"}}],
"flow": [{"from": "start", "to": "o"}, {"from": "o", "to": "i", "label": "body"}, {"from": "i", "to": "a", "label": "body"},
         {"from": "a", "to": "b"}, {"from": "i", "to": "made", "label": "done"}, {"from": "i", "to": "cut", "label": "timeout"},
         {"from": "made", "to": "c"}, {"from": "cut", "to": "c"}, {"from": "c", "to": "rest"},
         {"from": "o", "to": "late", "label": "timeout"}, {"from": "late", "to": "took"}, {"from": "o", "to": "took", "label": "done"}]}],
"functions": [{"name": "Sleep", "parameters": [{"name": "ms", "type": "int64"}],
"nodes": [{"id": "w", "type": "Wait", "inputs": {"duration": "param:ms"}}], "flow": [{"from": "start", "to": "w"}]}]}"#;

const NAMES: [&str; 5] = ["outer", "inner", "a", "b", "c"];

/// Waits until `now + ms`, or until the earlier of the deadlines; which of them (the inner one if equal) came first.
fn wait(now: &mut i64, ms: i64, inner: Option<i64>, outer: i64) -> Option<bool> {
    if ms <= 0 {
        return None;
    }
    let due = *now + ms;
    let (at, is_inner) = match inner {
        Some(inner) if inner <= outer => (inner, true),
        _ => (outer, false),
    };
    if due <= at {
        *now = due;
        return None;
    }
    *now = at.max(*now);
    Some(is_inner)
}

/// What the rules say of these durations: the words, and how long it took.
fn model([outer, inner, a, b, c]: [i64; 5]) -> (Vec<&'static str>, i64) {
    let mut now = 0;
    let mut words = Vec::new();
    let cut = wait(&mut now, a, Some(inner), outer).or_else(|| wait(&mut now, b, Some(inner), outer));
    if cut == Some(false) {
        return (vec!["late"], now);
    }
    words.push(if cut.is_some() { "cut" } else { "made" });
    let cut = wait(&mut now, c, None, outer);
    words.push(if cut.is_some() { "late" } else { "rest" });
    (words, now)
}

fn outcome(session: &Session) -> (Vec<String>, i64) {
    let state = session.state();
    let Some(Value::List(words)) = state.get("Words") else { return (Vec::new(), -1) };
    let words = words.iter().map(|word| word.to_string().trim_matches('"').to_owned()).collect();
    let Some(Value::Int(took)) = state.get("Took") else { return (words, -1) };
    (words, *took)
}

#[test]
fn timeouts_do_what_the_rules_say_in_steps_and_at_once_and_replayed() {
    let program = Program::load(GRAPH, SCHEMA).expect("the graph is sound");
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..4i64.pow(5) {
        let durations: [i64; 5] = std::array::from_fn(|place| number / 4i64.pow(place as u32) % 4);
        let params = || Value::map(NAMES.iter().zip(durations).map(|(name, ms)| (*name, Value::Int(ms))));
        let (words, took) = model(durations);
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let play = |steps: &[i64]| {
            let mut session = Session::new(&program, Options::default());
            session.dispatch("Go", "", params()).expect("it runs");
            for ms in steps {
                let reports = session.advance(*ms);
                assert!(reports.iter().all(|report| report.trap().is_none()), "{durations:?}");
            }
            session
        };
        let (stepped, at_once) = (play(&[1; 12]), play(&[50]));
        assert_eq!(outcome(&stepped), (words.clone(), took), "{durations:?} in steps");
        assert_eq!(outcome(&at_once), (words.clone(), took), "{durations:?} at once");
        let replayed =
            Session::replay(&program, Options::default(), None, &[], stepped.log()).expect("the log is whole");
        assert_eq!(replayed.state_hash(), stepped.state_hash(), "{durations:?} replayed");
        seen.insert(words);
    }
    // The durations reach every way through the graph.
    assert_eq!(seen.len(), 5, "{seen:?}");
}
