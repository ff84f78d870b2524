//! Every command, and what is refused.

use statewright_harness::debug::{Debugger, Local, Options, Outline};
use statewright_runtime::session::Action;
use statewright_types::random::splitmix64;
use statewright_types::{Value, json};

use crate::world::{Debugged, clock, debug, debug_event, debug_raw, loaded, session};

/// Where it stopped, as `REASON GRAPH NODE`, or the word of another event or reply.
fn told(lines: &[&str]) -> Vec<String> {
    let text = |value: &Value, key: &str| match value.get(key) {
        Some(Value::Str(text)) => text.to_string(),
        Some(other) => other.to_string(),
        None => "-".to_owned(),
    };
    let shown = |line: &&str| {
        let message: Value = line.parse().unwrap_or_else(|error| panic!("{line}: {error:?}"));
        match message.get("event") {
            Some(Value::Str(event)) if &**event == "stopped" => {
                format!("{} {} {}", text(&message, "reason"), text(&message, "graph"), text(&message, "node"))
            }
            Some(event) => format!("{event} {}", text(&message, "status")),
            None => match (message.get("ok"), message.get("error")) {
                (Some(Value::Bool(true)), _) => "ok".to_owned(),
                (_, Some(error)) => text(error, "code"),
                _ => panic!("{line}"),
            },
        }
    };
    lines.iter().map(shown).collect()
}

/// The stops of a run, in order.
fn stops(debugged: &Debugged) -> Vec<String> {
    let lines: Vec<&str> =
        debugged.heard.iter().filter(|line| line.contains(r#""stopped""#)).map(String::as_str).collect();
    told(&lines)
}

/// The `result` of the reply to what contains `said`.
#[track_caller]
fn result(debugged: &Debugged, said: &str) -> Value {
    let lines = debugged.after(said);
    let reply: Value = lines.first().expect("a reply").parse().expect("JSON");
    reply.get("result").unwrap_or_else(|| panic!("{said}: {reply}")).clone()
}

/// The code of the refusal, which must have a message.
#[track_caller]
fn refusal(debugged: &Debugged, said: &str) -> (String, String) {
    let lines = debugged.after(said);
    let reply: Value = lines.first().expect("a reply").parse().expect("JSON");
    let error = reply.get("error").unwrap_or_else(|| panic!("{said}: {reply}"));
    match (error.get("code"), error.get("message")) {
        (Some(Value::Str(code)), Some(Value::Str(message))) => (code.to_string(), message.to_string()),
        _ => panic!("{reply}"),
    }
}

fn json(text: &str) -> Value {
    text.parse().expect("JSON")
}

const STOP_AT_CALL: &str = r#"{"id": 1, "command": "setBreakpoint", "graph": "OnPlay", "node": "call"}"#;
const GO: &str = r#"{"id": 2, "command": "continue"}"#;

fn total(debugged: &Debugged) -> Value {
    debugged.session.state().to_value().get("Total").expect("a field").clone()
}

#[test]
fn without_commands_it_runs_as_ever() {
    let debugged = debug(&[]);
    assert_eq!(total(&debugged), Value::Int(30));
    assert_eq!(stops(&debugged), Vec::<String>::new());
}

#[test]
fn a_client_must_say_hello_with_the_token_first() {
    let play = || Action::new("Play", "ann", json(r#"{"id": "ann", "amount": 5}"#));
    for bad in [
        r#"{"id": 1, "command": "continue"}"#,
        r#"{"id": 1, "command": "hello", "version": 1}"#,
        r#"{"id": 1, "command": "hello", "version": 1, "token": "secreT"}"#,
        r#"{"id": 1, "command": "hello", "version": 2, "token": "secret"}"#,
        r#"{"id": 1"#,
    ] {
        let debugged = debug_raw(play(), &[bad, STOP_AT_CALL, GO]);
        assert_eq!(debugged.heard.len(), 3, "nothing is told but why: {:?}", debugged.heard);
        assert_eq!(debugged.heard[2], "(closed)");
        assert_eq!(total(&debugged), Value::Int(30));
    }
}

#[test]
fn capabilities_name_all_commands() {
    let debugged = debug(&[r#"{"id": "x", "command": "capabilities"}"#, GO]);
    let result = result(&debugged, "capabilities");
    let Some(Value::List(commands)) = result.get("commands") else { panic!("{result}") };
    assert!(commands.contains(&Value::from("runTo")) && result.get("version") == Some(&Value::Int(1)));
    assert!(debugged.after("capabilities")[0].starts_with(r#"{"id":"x","ok":true"#));
}

#[test]
fn a_breakpoint_stops_each_time_until_it_is_cleared() {
    let clear = r#"{"command": "clearBreakpoints", "breakpoint": 1}"#;
    let debugged = debug(&[STOP_AT_CALL, GO, GO, r#"{"command": "listBreakpoints"}"#, clear, GO]);
    assert_eq!(stops(&debugged), ["breakpoint OnPlay call", "breakpoint OnPlay call"]);
    let listed = result(&debugged, "listBreakpoints");
    let breakpoint =
        r#"{"breakpoints":[{"breakpoint":1,"graph":"OnPlay","node":"call","condition":null,"hits":null,"count":2}]}"#;
    assert_eq!(listed.to_string(), breakpoint);
    assert_eq!(result(&debugged, "clearBreakpoints"), json(r#"{"cleared": 1}"#));
    assert_eq!(total(&debugged), Value::Int(30));
    let after = told(&debugged.after("continue"));
    assert_eq!(after, ["ok", r#""ended" waiting"#, r#""ended" done"#, r#""finished" -"#]);
}

#[test]
fn all_breakpoints_can_be_cleared_and_missing_ones_are_said() {
    let debugged = debug(&[
        STOP_AT_CALL,
        STOP_AT_CALL,
        r#"{"command": "clearBreakpoints"}"#,
        r#"{"command": "clearBreakpoints", "breakpoint": 1}"#,
        GO,
    ]);
    assert_eq!(debugged.heard.iter().filter(|line| line.contains(r#""cleared":2"#)).count(), 1);
    assert_eq!(refusal(&debugged, r#""breakpoint": 1}"#).0, "not_found");
    assert_eq!(stops(&debugged), Vec::<String>::new());
}

#[test]
fn breakpoints_have_conditions_and_counts() {
    let at = |more: &str| format!(r#"{{"command": "setBreakpoint", "graph": "OnPlay", "node": "keep", {more}}}"#);
    // `sum` is 0, 10 and 20 before `keep` in the three passes.
    let cases = [
        (r#""condition": "variable:sum == 10""#, 1),
        (r#""condition": "sum >= 10 and not (sum > 10) or node:call:result == 30""#, 2),
        (r#""condition": "state:Players[param:id:ID].Score == 0 && state:Scores[\"ann\"] < 3.5""#, 3),
        (r#""condition": "loop:index == 1""#, 1),
        (r#""hits": ">= 2""#, 2),
        (r#""hits": "== 3""#, 1),
        (r#""hits": "% 2""#, 1),
        (r#""hits": "% 2", "condition": "sum > 0""#, 1),
    ];
    for (more, expected) in cases {
        let debugged = debug(&[&at(more), GO, GO, GO, GO]);
        assert_eq!(stops(&debugged).len(), expected, "{more}: {:#?}", debugged.heard);
    }
    // What has no value stops, and says why.
    let debugged = debug(&[&at(r#""condition": "variable:other == 1""#), GO]);
    let stop = debugged.heard.iter().find(|line| line.contains("stopped")).expect("it stops");
    assert!(stop.contains(r#""error":"`variable:other` has no value here so far"#), "{stop}");
}

#[test]
fn impossible_breakpoints_are_refused() {
    let cases = [
        (r#""graph": "OnPlai", "node": "call""#, "not_found", "`OnPlay`"),
        (r#""graph": "OnPlay", "node": "cal""#, "not_found", "`call`"),
        (r#""graph": "OnPlay""#, "bad_argument", "`node` is missing"),
        (r#""graph": "OnPlay", "node": "call", "hits": "3""#, "bad_argument", ">= 3"),
        (r#""graph": "OnPlay", "node": "call", "hits": "== 0""#, "bad_argument", "from 1 on"),
        (r#""graph": "OnPlay", "node": "call", "condition": "sum >""#, "bad_expression", "a value is missing"),
    ];
    for (more, code, message) in cases {
        let command = format!(r#"{{"id": 7, "command": "setBreakpoint", {more}}}"#);
        let debugged = debug(&[&command, GO]);
        let (found, said) = refusal(&debugged, more);
        assert_eq!(found, code, "{more}: {said}");
        assert!(said.contains(message), "{more}: {said}");
    }
}

#[test]
fn steps_go_in_over_and_out() {
    let (into, over, out) = (r#"{"command": "stepIn"}"#, r#"{"command": "stepOver"}"#, r#"{"command": "stepOut"}"#);
    // A pure node outside the flow, and the function's nodes, are gone into only by `stepIn`.
    let debugged = debug(&[into, into, into, into, into, into, out, over, over, over, over, over, GO]);
    let expected = [
        "step OnPlay find",
        "step OnPlay first",
        "step OnPlay loop",
        "step OnPlay call",
        "step OnPlay twice",
        "step Plus add",
        "step OnPlay keep",
        "step OnPlay call",
        "step OnPlay keep",
        "step OnPlay call",
        "step OnPlay keep",
        "step OnPlay wait",
    ];
    assert_eq!(stops(&debugged), expected);
}

#[test]
fn a_step_over_a_wait_stops_where_it_goes_on() {
    let to = r#"{"command": "runTo", "graph": "OnPlay", "node": "wait"}"#;
    let debugged = debug(&[to, r#"{"command": "stepOver"}"#, r#"{"command": "scopes"}"#, GO]);
    assert_eq!(stops(&debugged), ["runTo OnPlay wait", "step OnPlay write"]);
    let scopes = result(&debugged, "scopes");
    assert_eq!(scopes.get("variables"), Some(&json(r#"{"sum": 30}"#)), "what was seen before the wait is still there");
}

#[test]
fn run_to_a_node_and_pause() {
    let to = r#"{"command": "runTo", "graph": "Plus", "node": "return"}"#;
    let debugged = debug(&[to, r#"{"command": "runTo", "graph": "Plus", "node": "x"}"#, r#"{"command": "pause"}"#, GO]);
    assert_eq!(stops(&debugged), ["runTo Plus return"]);
    assert_eq!(refusal(&debugged, r#""x""#).0, "not_found");
    let paused = debug(&[r#"{"command": "pause"}"#, GO]);
    assert_eq!(stops(&paused), Vec::<String>::new(), "`continue` is the later wish");
}

#[test]
fn the_stack_and_the_scopes_show_what_runs() {
    let to = r#"{"command": "runTo", "graph": "Plus", "node": "return"}"#;
    let debugged = debug(&[
        to,
        r#"{"command": "stack"}"#,
        r#"{"command": "scopes", "frame": 1}"#,
        r#"{"command": "scopes"}"#,
        r#"{"command": "scopes", "frame": 2}"#,
        GO,
    ]);
    let stack = r#"{"frames": [{"frame": 0, "graph": "Plus", "node": "return", "nodeType": "Return"},
        {"frame": 1, "graph": "OnPlay", "node": "twice", "nodeType": "Multiply"}]}"#;
    assert_eq!(result(&debugged, "stack"), json(stack));
    let handler = result(&debugged, r#""frame": 1"#);
    assert_eq!(handler.get("parameters"), Some(&json(r#"{"amount": 5, "id": "ann", "senderID": "ann"}"#)));
    assert_eq!(handler.get("variables"), Some(&json(r#"{"sum": 0}"#)));
    assert_eq!(handler.get("loops"), Some(&json(r#"{"loop:index": 0}"#)));
    let nodes = handler.get("nodes").expect("ports");
    let call = nodes.get("call").expect("it has begun");
    assert_eq!(call.get("inputs"), Some(&json(r#"{"args.a": 0, "args.b": 10}"#)));
    assert_eq!(
        nodes.get("find").and_then(|find| find.get("outputs")),
        Some(&json(r#"{"found": true, "player": {"ID": "ann", "Score": 0}}"#))
    );
    let function = result(&debugged, r#"{"command": "scopes"}"#);
    assert_eq!(function.get("parameters"), Some(&json(r#"{"a": 0, "b": 10}"#)));
    assert_eq!(refusal(&debugged, r#""frame": 2"#).0, "not_found");
}

#[test]
fn the_state_is_read_by_path_and_expressions_have_values() {
    let to = r#"{"command": "runTo", "graph": "OnPlay", "node": "keep"}"#;
    let paths = [
        ("Round", "1", "int32"),
        ("Game.Log", r#"["a", "b"]"#, "[]string"),
        ("Log.length", "2", "int64"),
        ("Log[1]", r#""b""#, "string"),
        (r#"Players[\"bob\"].Score"#, "7", "int32"),
        ("Players[param:id:ID].ID", r#""ann""#, "string"),
        ("Players[id:ID].Score", "0", "int32"),
        ("who.Score", "0", "int32"),
        (r#"Scores[\"ann\"]"#, "3", "int64"),
    ];
    for (path, value, ty) in paths {
        let read = format!(r#"{{"command": "read", "path": "{path}"}}"#);
        let debugged = debug(&[to, &read, GO]);
        let expected = json(&format!(r#"{{"value": {value}, "type": "{ty}"}}"#));
        assert_eq!(result(&debugged, r#""read""#), expected, "{path}");
    }
    for (path, why) in [
        ("Nowhere", "no `Nowhere`"),
        ("Players[7]", "index"),
        ("Log.First", "no fields"),
        ("Round.x", "no fields"),
        (r#"Scores[\"bob\"]"#, "there is no"),
        (r#"Players[\"carol\"]"#, "no element"),
        ("Players[", "`"),
    ] {
        let debugged = debug(&[to, &format!(r#"{{"command": "read", "path": "{path}"}}"#), GO]);
        let (code, message) = refusal(&debugged, r#""read""#);
        assert_eq!(code, "not_found");
        assert!(message.contains(why), "{path}: {message}");
    }
}

#[test]
fn expressions_compare_as_documents_do() {
    let to = r#"{"command": "runTo", "graph": "OnPlay", "node": "keep"}"#;
    let cases = [
        ("1 == 1.0", "true"),
        ("9007199254740993 > 9007199254740992.0", "true"),
        ("18446744073709551615 > -1", "true"),
        (r#"\"b\" > \"a\" and \"B\" < \"a\""#, "true"),
        ("null == null", "true"),
        ("1 == null or true", "true"),
        ("not true or (false or true) and true", "true"),
        ("!(1 != 1) && 2 >= 2 && 2 <= 2", "true"),
        ("state:Log", r#"["a", "b"]"#),
        ("state:Log == state:Log", "true"),
        ("node:find:player.ID", r#""ann""#),
        ("amount", "5"),
        ("-2.5e1", "-25.0"),
        (r#"\"a b\""#, r#""a b""#),
    ];
    for (expression, expected) in cases {
        let debugged = debug(&[to, &format!(r#"{{"command": "evaluate", "expression": "{expression}"}}"#), GO]);
        assert_eq!(result(&debugged, "evaluate").get("value"), Some(&json(expected)), "{expression}");
    }
    let deep = "(".repeat(100) + "1";
    let bad = [
        ("1 < null", "no_value"),
        ("1 and true", "no_value"),
        ("not 1", "no_value"),
        ("variable:nothing", "no_value"),
        ("node:write:value", "no_value"),
        ("viewer:id", "no_value"),
        ("", "bad_expression"),
        ("(1", "bad_expression"),
        ("1 2", "bad_expression"),
        ("1 == 2 == 3", "bad_expression"),
        ("01", "bad_expression"),
        ("param:", "bad_expression"),
        (r#"\"x"#, "bad_expression"),
        ("}}", "bad_expression"),
        (&deep, "bad_expression"),
    ];
    for (expression, expected) in bad {
        let debugged = debug(&[to, &format!(r#"{{"command": "evaluate", "expression": "{expression}"}}"#), GO]);
        assert_eq!(refusal(&debugged, "evaluate").0, expected, "{expression}");
    }
}

#[test]
fn values_are_set_and_used_from_there_on() {
    let set = |target: &str, value: &str| format!(r#"{{"command": "set", "target": "{target}", "value": {value}}}"#);
    let to = |node: &str| format!(r#"{{"command": "runTo", "graph": "OnPlay", "node": "{node}"}}"#);
    let root =
        |debugged: &Debugged, path: &str| debugged.session.state().to_value().get(path).expect("a field").clone();
    // A variable: after the first pass it is 10; 3 passes of 10 more make 30.
    let debugged = debug(&[&to("keep"), &to("call"), &set("variable:sum", "1000"), GO]);
    assert_eq!(total(&debugged), Value::Int(1_020));
    // A parameter is what it is set to for the rest of the handler.
    let debugged = debug(&[&to("find"), &set("param:amount", "7"), GO]);
    assert_eq!(total(&debugged), Value::Int(42));
    assert_eq!(root(&debugged, "Players").at(0).expect("ann").get("Score"), Some(&Value::Int(7)));
    // An output until its node runs again.
    let debugged = debug(&[&to("keep"), &set("node:call:result", "500"), GO]);
    assert_eq!(total(&debugged), Value::Int(520));
    // A place in the state, by path and through a live reference.
    let debugged = debug(&[
        &to("wait"),
        &set("state:Players[1].Score", "-3"),
        &set("state:Log[0]", r#""new""#),
        &set(r#"state:Scores[\"ann\"]"#, "9"),
        &set("who.ID", r#""anna""#),
        GO,
    ]);
    assert_eq!(root(&debugged, "Players"), json(r#"[{"ID": "anna", "Score": 5}, {"ID": "bob", "Score": -3}]"#));
    assert_eq!(root(&debugged, "Log"), json(r#"["new", "b"]"#));
    assert_eq!(root(&debugged, "Scores"), json(r#"{"ann": 9}"#));
    // What is set is kept over a wait, and shown; a struct of the state stays that struct.
    let struct_ = r#"{"command": "set", "target": "node:find:player", "expression": "state:Players[1]"}"#;
    let debugged =
        debug(&[&to("wait"), &set("variable:sum", "1"), struct_, &to("write"), r#"{"command": "scopes"}"#, GO]);
    assert_eq!(total(&debugged), Value::Int(1));
    assert_eq!(root(&debugged, "Players").at(1).expect("bob").get("Score"), Some(&Value::Int(5)));
    assert_eq!(result(&debugged, "scopes").get("variables"), Some(&json(r#"{"sum": 1}"#)));
}

#[test]
fn what_does_not_fit_is_not_set() {
    let to = r#"{"command": "runTo", "graph": "OnPlay", "node": "keep"}"#;
    let cases = [
        ("variable:sum", r#""text""#, "wrong_type", "int64"),
        ("param:amount", "5000000000", "wrong_type", "int32"),
        ("param:amount", "1.5", "wrong_type", "int32"),
        ("state:Round", r#""x""#, "wrong_type", "int32"),
        ("state:Log[0]", "1", "wrong_type", "string"),
        ("state:Log[9]", r#""x""#, "not_found", "index"),
        ("state:Game", "{}", "wrong_type", "no place"),
        ("variable:other", "1", "not_found", "no value"),
        ("param:nobody", "1", "not_found", "no value"),
        ("node:twice:result", "1", "not_settable", "evaluated anew"),
        ("node:find:player", r#"{"Nobody": 1}"#, "wrong_type", "Nobody"),
        ("other", "1", "not_found", "no parameter or variable"),
        ("1", "1", "not_found", "`1`"),
    ];
    for (target, value, code, message) in cases {
        let set = format!(r#"{{"command": "set", "target": "{target}", "value": {value}}}"#);
        let debugged = debug(&[to, &set, GO]);
        let (found, said) = refusal(&debugged, r#""set""#);
        assert_eq!(found, code, "{target}: {said}");
        assert!(said.contains(message), "{target}: {said}");
        assert_eq!(total(&debugged), Value::Int(30), "{target}");
    }
}

#[test]
fn what_was_set_in_the_state_is_undone_with_the_handler() {
    let to = r#"{"command": "runTo", "graph": "OnDivide", "node": "divide"}"#;
    let set = r#"{"command": "set", "target": "state:Round", "value": 99}"#;
    let divide = |by: i64| Action::own("Divide", Value::map([("by", Value::Int(by))]));
    let debugged = debug_event(divide(0), &[to, set, r#"{"command": "read", "path": "Round"}"#, GO]);
    assert_eq!(result(&debugged, r#""read""#).get("value"), Some(&Value::Int(99)));
    assert_eq!(debugged.session.state().to_value().get("Round"), Some(&Value::Int(1)));
    let ended = told(&debugged.after("continue"));
    assert_eq!(ended, ["ok", r#""ended" failed"#, r#""finished" -"#]);
    let debugged = debug_event(divide(3), &[to, set, GO]);
    assert_eq!(debugged.session.state().to_value().get("Round"), Some(&Value::Int(99)));
}

#[test]
fn messages_are_sent_to_who_asks_for_them() {
    let debugged = debug(&[
        r#"{"command": "trace", "on": true}"#,
        STOP_AT_CALL,
        GO,
        r#"{"command": "trace", "on": false}"#,
        GO,
        GO,
        GO,
    ]);
    let traced: Vec<&String> = debugged.heard.iter().filter(|line| line.starts_with(r#"{"event":"trace""#)).collect();
    assert!(traced[0].contains(r#""type":"event:start","sessionId":"s1""#), "{}", traced[0]);
    assert_eq!(traced.len(), 6, "start, find, first, and the beginning of the loop: {traced:#?}");
    // Turned on before `keep`, in the loop: `keep` begins and ends, the loop only ends.
    let to = r#"{"command": "runTo", "graph": "OnPlay", "node": "keep"}"#;
    let late = debug(&[
        to,
        r#"{"command": "trace", "on": true}"#,
        r#"{"command": "runTo", "graph": "OnPlay", "node": "wait"}"#,
        GO,
    ]);
    let told: Vec<&String> = late.heard.iter().filter(|line| line.contains(r#""event":"trace""#)).collect();
    assert!(told[0].contains(r#""type":"node:start""#) && told[0].contains(r#""nodeId":"keep""#), "{}", told[0]);
    let ends = |node: &str| told.iter().filter(|line| line.contains(r#""node:end""#) && line.contains(node)).count();
    let starts =
        |node: &str| told.iter().filter(|line| line.contains(r#""node:start""#) && line.contains(node)).count();
    assert_eq!((starts(r#""keep""#), ends(r#""keep""#)), (3, 3));
    assert_eq!((starts(r#""loop""#), ends(r#""loop""#)), (0, 1));
}

#[test]
fn bad_messages_are_answered_and_change_nothing() {
    let long = format!(r#"{{"id": 1, "command": "{}"}}"#, "x".repeat(1 << 20));
    let cases = [
        ("{", "bad_message"),
        ("[]", "bad_message"),
        ("{}", "bad_message"),
        (r#"{"id": {}, "command": "stack"}"#, "bad_message"),
        (r#"{"id": 1, "command": "stepOwer"}"#, "unknown_command"),
        (r#"{"id": 1, "command": "stack"}"#, "not_paused"),
        (r#"{"id": 1, "command": "scopes", "frame": -1}"#, "bad_argument"),
        (r#"{"id": 1, "command": "trace", "on": 1}"#, "bad_argument"),
        (r#"{"id": 1, "command": "set", "target": "state:Round"}"#, "bad_argument"),
        (r#"{"id": 1, "command": "evaluate"}"#, "bad_argument"),
        (r#"{"id": 1, "command": "hello", "version": 1, "token": "secret"}"#, "bad_message"),
        (long.as_str(), "bad_message"),
    ];
    for (line, code) in cases {
        let debugged = debug(&[line, GO]);
        // The first two are about `hello`.
        let reply: Value = debugged.heard[3].parse().expect("JSON");
        let found = reply.get("error").and_then(|error| error.get("code"));
        assert_eq!(found, Some(&Value::from(code)), "{line:.80}");
        assert_eq!(total(&debugged), Value::Int(30));
    }
}

#[test]
fn a_client_that_disconnects_or_is_gone_lets_it_run() {
    let debugged = debug(&[STOP_AT_CALL, GO, r#"{"command": "disconnect"}"#, GO]);
    assert_eq!(told(&debugged.after("disconnect")[..1]), ["ok"]);
    assert_eq!(debugged.heard.last().map(String::as_str), Some("(closed)"), "nothing is told after that");
    assert_eq!(total(&debugged), Value::Int(30));
    let gone = debug(&[STOP_AT_CALL, GO]);
    assert_eq!((stops(&gone).len(), total(&gone)), (1, Value::Int(30)));
}

#[test]
fn a_client_in_another_thread_pauses_a_run() {
    let (local, client) = Local::pair();
    let runner = std::thread::spawn(move || {
        let loaded = loaded();
        let mut session = session(&loaded);
        let mut debugger = Debugger::new(Outline::new(&loaded), Options::default(), Box::new(local), clock());
        debugger.wait_for_start();
        session.dispatch_traced(Action::new("Play", "ann", json(r#"{"id": "ann", "amount": 5}"#)), &mut debugger);
        debugger.finish();
        session.state().to_value()
    });
    let say = |line: &str| client.commands.send(line.to_owned()).expect("it listens");
    let hear = || client.messages.recv().expect("it speaks");
    say(r#"{"id": 1, "command": "hello", "version": 1}"#);
    assert!(hear().contains(r#""id":1,"ok":true"#));
    say(STOP_AT_CALL);
    hear();
    say(GO);
    assert_eq!(told(&[&hear(), &hear()]), ["ok", "breakpoint OnPlay call"]);
    say(r#"{"id": 4, "command": "clearBreakpoints"}"#);
    hear();
    say(r#"{"id": 5, "command": "stepOver"}"#);
    assert_eq!(told(&[&hear(), &hear()]), ["ok", "step OnPlay keep"]);
    drop(client.commands);
    let state = runner.join().expect("it runs to the end");
    assert_eq!(json::to_string(state.get("Total").expect("a field")), "0", "the wait is not over");
}

#[test]
fn random_messages_do_no_harm() {
    let good = [
        r#"{"id": 1, "command": "setBreakpoint", "graph": "OnPlay", "node": "keep", "condition": "sum >= 1 and not (who.ID == \"x\")", "hits": "% 2"}"#,
        r#"{"id": 2, "command": "evaluate", "expression": "state:Players[param:id:ID].Score < 3.5 || variable:sum != null"}"#,
        r#"{"id": 3, "command": "set", "target": "state:Scores[\"ann\"]", "value": 9}"#,
        r#"{"id": 4, "command": "set", "target": "variable:sum", "expression": "loop:index"}"#,
        r#"{"id": 5, "command": "read", "path": "Players[0].ID[1]", "frame": 0}"#,
        r#"{"id": 6, "command": "scopes", "frame": 0}"#,
    ];
    let mut seed = 5;
    let mut below = |bound: usize| usize::try_from(splitmix64(&mut seed) % bound.max(1) as u64).expect("small");
    let pieces = ["\\\"", "[", "]", "(", ")", ":", ".", "{{", "}}", "-", "9", " and ", "é", "null", "\\u0000", "@"];
    let mut answered = 0;
    for _ in 0..40 {
        let mut lines = vec![r#"{"command": "runTo", "graph": "OnPlay", "node": "keep"}"#.to_owned()];
        for _ in 0..20 {
            let line = good[below(good.len())];
            let ends: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
            let (from, to) = (ends[below(ends.len())], ends[below(ends.len())]);
            let (head, tail) = (&line[..from], &line[if below(3) == 0 { to.max(from) } else { from }..]);
            lines.push(format!("{head}{}{tail}", pieces[below(pieces.len())]));
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let debugged = debug(&lines);
        answered += debugged.heard.iter().filter(|line| line.starts_with(r#"{"id""#)).count();
    }
    assert!(answered >= 40 * 22, "each message has its answer: {answered}");
}
