//! What handlers cost, by the command.

use std::path::Path;

use statewright_types::Value;

use super::{Folder, at};

#[test]
fn bench_measures_what_tests_send_on_every_execution_that_is_asked_for() {
    let folder = Folder::with_project();
    let json =
        folder.run(&["bench", "game/game.json", "--backend", "interpreter,jit", "--seconds", "0", "--json"]).json();
    let names = |list: &Value, key: &str| match list {
        Value::List(all) => all.iter().map(|each| at(each, &[key]).clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let both = vec![Value::from("interpreter"), Value::from("jit")];
    assert_eq!(names(at(&json, &["compiled"]), "backend"), both);
    let Value::List(handlers) = at(&json, &["handlers"]) else { panic!("{json:?}") };
    assert!(!handlers.is_empty());
    for handler in handlers {
        let executions = at(handler, &["executions"]);
        assert_eq!(names(executions, "backend"), both, "{handler:?}");
        // The same work on both.
        let fuel = names(executions, "fuel");
        assert!(
            matches!(fuel.as_slice(), [Value::Int(one), Value::Int(other)] if one == other && *one > 0),
            "{handler:?}"
        );
        let ended = names(executions, "ended");
        assert_eq!(ended.first(), ended.last(), "{handler:?}");
        for ns in names(executions, "handler_ns") {
            assert!(matches!(ns, Value::Float(ns) if ns >= 0.0 && ns.is_finite()), "{handler:?}");
        }
        assert!(
            matches!(at(handler, &["parameters"]), Value::Str(origin) if origin.contains("game.test.json")),
            "{handler:?}"
        );
    }
}

#[test]
fn bench_takes_parameters_and_states_and_names_what_is_not_there() {
    let folder = Folder::new();
    let copy = |name: &str, to: &str| {
        let workloads = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/workloads");
        folder.put(to, &std::fs::read_to_string(workloads.join(name)).expect("the file is there"));
    };
    copy("arena.json", "arena.json");
    copy("arena.schema", "arena.schema");
    let bench = |rest: &[&str]| {
        folder.run(&[&["bench", "arena.json", "--backend", "interpreter", "--seconds", "0"], rest].concat())
    };
    // Without tests parameters are made: one pass, 1 fuel for it and each of its three nodes, and 4 for those around.
    let made = bench(&["--handler", "W2"]);
    made.is(0, "");
    assert!(made.out.contains("parameters: their types") && made.out.contains("fuel 8, done"), "{}", made.out);
    let given = bench(&["--handler", "W2", "--params", "{\"count\": 10}"]);
    assert!(given.out.contains("parameters given") && given.out.contains("fuel 44, done"), "{}", given.out);
    let state = "{\"Players\": [{\"ID\": 1}]}";
    let found = bench(&["--handler", "W3", "--state", state, "--svg", "w3.svg"]);
    assert!(found.out.contains("fuel 1, done"), "{}", found.out);
    assert!(folder.read("w3.svg").contains(">W3</text>"));
    let lost = bench(&["--handler", "W3", "--params", "{\"id\": 7}"]);
    assert!(lost.out.contains("not_found at score"), "{}", lost.out);
    bench(&["--handler", "W7"]).is(2, "there is no handler `W7`");
    bench(&["--handler", "W2", "--params", "[1]"]).is(2, "must be a JSON object");
    bench(&["--handler", "W2", "--state", "{\"Nothing\": 1}"]).is(2, "Nothing");
    bench(&["--seconds", "-1"]).is(2, "");
    // No cargo, no node: said, and no failure, if there is anything else.
    let nowhere =
        [("PATH", "/nonexistent"), ("CARGO", "/nonexistent/cargo"), ("XDG_CACHE_HOME", "cache"), ("HOME", ".")];
    let alone = folder.run_with(&["bench", "arena.json", "--handler", "W1", "--seconds", "0"], &nowhere);
    alone.is(0, "");
    assert!(alone.out.contains("cargo is needed to build it"), "{}", alone.out);
    assert!(alone.out.contains("needs Node.js 20 or newer"), "{}", alone.out);
    let none = folder.run_with(&["bench", "arena.json", "--backend", "js", "--seconds", "0"], &nowhere);
    none.is(2, "no execution could be started: js:");
    assert!(none.out.contains("not measured"), "{}", none.out);
}

#[test]
fn bench_fails_if_it_could_measure_nothing() {
    let folder = Folder::with_project();
    let bench = |rest: &[&str]| {
        folder.run(&[&["bench", "game/game.json", "--backend", "interpreter,jit", "--seconds", "0"], rest].concat())
    };
    let misfits = ["--params", "{\"Nothing\": 1}"];
    let none = bench(&misfits);
    none.is(2, "--params fit none of the handlers (no parameter has such a name)");
    bench(&["--params", "{\"dice\": \"many\"}"]).is(2, "--params fit none of the handlers (`OnRollDice`: ");
    assert!(none.out.contains("OnRollDice"), "what was tried is told: {none:?}");
    bench(&[&misfits[..], &["--handler", "OnRollDice", "--json"]].concat()).is(2, "--params do not fit: ");
    // Those that fit one handler of several are fine.
    bench(&["--params", "{\"playerID\": \"ann\", \"dice\": 2}"]).is(0, "");
}

#[test]
fn bench_looks_first_whether_its_chart_can_be_written() {
    let folder = Folder::with_project();
    let bench = |svg: &str| {
        folder.run(&["bench", "game/game.json", "--backend", "interpreter", "--seconds", "0", "--svg", svg])
    };
    let lost = bench("nowhere/chart.svg");
    lost.is(2, "nowhere/chart.svg");
    assert_eq!(lost.out, "", "nothing was measured");
    bench("game").is(2, "folder");
    folder.put("chart.svg", "an old one, which is longer than nothing");
    bench("chart.svg").is(0, "");
    assert!(folder.read("chart.svg").starts_with("<svg"), "{}", folder.read("chart.svg"));
    // Nothing is made, and nothing lost, where nothing can be measured.
    folder.put("old.svg", "an old one");
    for chart in ["old.svg", "new.svg"] {
        folder.run(&["bench", "game/none.json", "--svg", chart]).is(2, "none.json");
    }
    assert_eq!((folder.read("old.svg").as_str(), folder.0.join("new.svg").exists()), ("an old one", false));
}

#[test]
fn emitted_javascript_is_measured_doing_the_same() {
    if std::process::Command::new("node").arg("--version").output().is_err() {
        eprintln!("skipped: there is no node");
        return;
    }
    let folder = Folder::with_project();
    let bench = ["bench", "game/game.json", "--backend", "interpreter,js", "--seconds", "0", "--json"];
    let json = folder.run_with(&bench, &[("XDG_CACHE_HOME", "cache")]).json();
    assert_eq!(at(&json, &["missing"]), &Value::List(Vec::new()));
    let Value::List(handlers) = at(&json, &["handlers"]) else { panic!("{json:?}") };
    for handler in handlers {
        for key in ["fuel", "ended"] {
            let (here, there) = (at(handler, &["executions", "0", key]), at(handler, &["executions", "1", key]));
            assert!(here == there && *here != Value::Null, "{handler:?}");
        }
    }
}

#[test]
fn an_object_file_is_taken_back_only_as_it_was_written_and_for_its_document() {
    let folder = Folder::with_project();
    let emit = |document: &str, rest: &[&str]| folder.run(&[&["emit", document, "--target", "object"], rest].concat());
    emit("game/game.json", &[]).is(2, "--out");
    emit("game/game.json", &["--out", "game.sealed"]).is(0, "");
    emit("game/game.json", &["--open", "game.sealed", "--out", "game.o"]).is(0, "");
    let (sealed, object) = (std::fs::read(folder.0.join("game.sealed")), std::fs::read(folder.0.join("game.o")));
    let (mut sealed, object) = (sealed.expect("it was written"), object.expect("it was written"));
    assert!(sealed.ends_with(&object) && object.len() > 1_000, "{} {}", sealed.len(), object.len());
    // Of another document: one blank more.
    folder.put("game/other.json", &folder.read("game/game.json").replacen('{', "{ ", 1));
    let other = ["--schema", "game/game.schema", "--open", "game.sealed", "--out", "other.o"];
    emit("game/other.json", &other).is(2, "of another document");
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    std::fs::write(folder.0.join("game.sealed"), &sealed).expect("it is written");
    emit("game/game.json", &["--open", "game.sealed", "--out", "changed.o"]).is(2, "it was changed");
    std::fs::write(folder.0.join("game.sealed"), &sealed[..40]).expect("it is written");
    emit("game/game.json", &["--open", "game.sealed", "--out", "cut.o"]).is(2, "too short");
    assert!(!folder.0.join("changed.o").exists() && !folder.0.join("cut.o").exists());
    folder.run(&["emit", "game/game.json", "--target", "asm", "--open", "game.sealed"]).is(2, "--target object");
}

#[test]
fn a_handler_that_is_too_large_for_machine_code_is_named_and_nothing_is_written() {
    let folder = Folder::new();
    let node = |n: usize| format!(r#"{{"id": "n{n}", "type": "Increment", "inputs": {{"path": "N"}}}}"#);
    let edge = |n: usize| match n.checked_sub(1) {
        Some(before) => format!(r#"{{"from": "n{before}", "to": "n{n}"}}"#),
        None => r#"{"from": "start", "to": "n0"}"#.to_owned(),
    };
    let (nodes, flow): (Vec<String>, Vec<String>) = (0..5_000).map(|n| (node(n), edge(n))).unzip();
    let (nodes, flow) = (nodes.join(", "), flow.join(", "));
    folder.put(
        "row.json",
        &format!(
            "{{\"handlers\": [\n{{\"name\": \"Row\", \"event\": \"Row\", \"parameters\": [], \"nodes\": [{nodes}], \"flow\": [{flow}]}}]}}"
        ),
    );
    folder.put("row.schema", "@root(active)\ntype Game {\n  N int64\n}\n");
    for target in ["clif", "asm", "object"] {
        let ran = folder.run(&["emit", "row.json", "--target", target, "--out", "made"]);
        ran.is(2, "row.json:2:10: error[E050]");
    }
    assert!(!folder.0.join("made").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn perf_finds_the_names_of_handlers_that_a_command_runs() {
    let folder = Folder::with_project();
    let connect = ["--event", "PlayerConnect", "--params", "{\"playerID\":\"ann\"}"];
    let run = [&["run", "game/game.json"][..], &connect].concat();
    let test: Vec<&str> = vec!["test", "game"];
    let bench = vec!["bench", "game/game.json", "--seconds", "0"];
    for command in [run, test, bench] {
        let ran = folder.run(&[&command[..], &["--backend", "jit", "--perf-map"]].concat());
        ran.is(0, "names for perf are in /tmp/perf-");
        let (_, rest) = ran.err.split_once("names for perf are in ").expect("it was said");
        let path = rest.lines().next().unwrap_or_default();
        let map = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        std::fs::remove_file(path).expect("it is there");
        assert!(map.lines().any(|line| line.ends_with(" statewright:OnJoin")), "{command:?}\n{map}");
        folder.run(&[&command[..], &["--backend", "interpreter", "--perf-map"]].concat()).is(2, "--backend jit");
    }
}
