//! Many runs, by the command.

#[cfg(target_os = "linux")]
use std::io::Read;
#[cfg(target_os = "linux")]
use std::process::{Command, Stdio};

use statewright_types::Value;

#[cfg(target_os = "linux")]
use super::command;
use super::{Folder, at};

const SCHEMA: &str = "@root(active) type Table {\n    Last int64\n    Sum int64\n}\n";
const GRAPH: &str = r#"{"stateType": "Table", "handlers": [{"name": "Roll", "event": "Roll", "nodes": [
    {"id": "roll", "type": "RollDice", "inputs": {"count": 1, "sides": 6}},
    {"id": "keep", "type": "SetField", "inputs": {"path": "Last", "value": "node:roll:result"}},
    {"id": "add", "type": "Increment", "inputs": {"path": "Sum", "by": "node:roll:result"}},
    {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Rolled", "payload": {"side": "node:roll:result"}}}],
    "flow": [{"from": "start", "to": "roll"}, {"from": "roll", "to": "keep"}, {"from": "keep", "to": "add"}, {"from": "add", "to": "tell"}]}]}"#;
const FAIR: &str = r#"{"metric": "Last", "odds": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1}}"#;
const LOADED: &str = r#"{"metric": "Last", "odds": {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 2}}"#;

fn dice() -> Folder {
    let folder = Folder::new();
    folder.put("dice.json", GRAPH);
    folder.put("dice.schema", SCHEMA);
    folder.put("roll.json", r#"[{"event": "Roll"}]"#);
    folder
}

fn simulate(folder: &Folder, rest: &[&str]) -> super::Ran {
    folder.run(&[&["simulate", "dice.json", "--script", "roll.json"], rest].concat())
}

#[test]
fn odds_that_hold_are_exit_code_0_and_others_1() {
    let folder = dice();
    let fair = simulate(&folder, &["--runs", "1200", "--expect", FAIR]);
    fair.is(0, "");
    assert!(
        fair.out.contains("odds: fits: chi-square") && fair.out.contains("1 of 1 expectations fit"),
        "{}",
        fair.out
    );
    let loaded = simulate(&folder, &["--runs", "1200", "--expect", LOADED]);
    loaded.is(1, "");
    assert!(loaded.out.contains("odds: rejected"), "{}", loaded.out);
    // Of so few runs nobody can tell.
    let few = simulate(&folder, &["--runs", "3", "--expect", FAIR]);
    few.is(1, "");
    assert!(few.out.contains("odds: undecided") && few.out.contains("too few runs"), "{}", few.out);
}

#[test]
fn the_seeds_that_are_named_replay() {
    let folder = dice();
    folder.put("odds.json", r#"{"steps": [{"event": "Roll"}, {"event": "Roll"}], "metrics": ["Sum"], "expect": []}"#);
    let json =
        folder.run(&["simulate", "dice.json", "--script", "odds.json", "--runs", "300", "--seed-from", "50", "--json"]);
    json.is(0, "");
    let json = json.json();
    let Value::Str(replay) = at(&json, &["replay"]) else { panic!("{json:?}") };
    for end in ["lowest", "highest"] {
        let extreme = at(&json, &["metrics", "0", "numbers", end, "0"]);
        let (Value::Int(seed), Value::Float(sum)) = (at(extreme, &["seed"]), at(extreme, &["value"])) else {
            panic!("{extreme:?}")
        };
        assert!((50..350).contains(seed), "{extreme:?}");
        let line = format!("{replay} --seed {seed}");
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let run = folder.run(&words);
        run.is(0, "");
        assert_eq!(at(&run.json(), &["state", "Sum"]), &Value::Int(*sum as i64), "{line}");
    }
}

#[test]
fn threads_and_executions_change_nothing_that_was_found() {
    let folder = dice();
    let json = |rest: &[&str]| {
        let ran = simulate(
            &folder,
            &[&["--runs", "200", "--metric", "event:Rolled.side", "--over", "Sum", "--json"], rest].concat(),
        );
        ran.is(0, "");
        ran
    };
    let one = json(&["--threads", "1"]);
    assert_eq!(one.out, json(&["--threads", "3"]).out);
    let interpreted = json(&["--backend", "interpreter"]).json();
    assert_eq!(at(&interpreted, &["metrics"]), at(&one.json(), &["metrics"]));
    assert_eq!(at(&interpreted, &["backend"]), &Value::from("interpreter"));
}

#[test]
fn everything_is_written_into_a_folder() {
    let folder = dice();
    let ran = simulate(
        &folder,
        &["--runs", "20", "--metric", "Last", "--out", "found", "--svg", "plots.svg", "--quantile", "0.99"],
    );
    ran.is(0, "");
    assert_eq!(folder.read("found/report.txt"), ran.out);
    assert!(ran.out.contains("99 % quantile"), "{}", ran.out);
    assert_eq!(folder.read("found/plots.svg"), folder.read("plots.svg"));
    assert!(folder.read("found/report.json").contains("\"done\": 20"));
    let csv = folder.read("found/runs.csv");
    assert_eq!((csv.lines().count(), csv.lines().next()), (21, Some("seed,error,Last")));
    simulate(&folder, &["--runs", "2", "--out", "dice.json"]).is(2, "cannot write");
}

#[test]
fn what_cannot_be_simulated_is_said_with_what_to_do() {
    let folder = dice();
    simulate(&folder, &["--runs", "0"]).is(2, "from 1 to 10000000, not 0");
    simulate(&folder, &["--metric", "Lats"]).is(2, "did you mean `Last`?");
    simulate(&folder, &["--metric", "run:x"]).is(2, "there is `error`");
    simulate(&folder, &["--over", "event:Rolled"]).is(2, "no state path");
    simulate(&folder, &["--seed-from", "18446744073709551615", "--runs", "2"]).is(2, "begin lower");
    simulate(&folder, &["--confidence", "95"]).is(2, "between 0 and 1");
    simulate(&folder, &["--expect", r#"{"metric": "Last", "odds": {"1": 0.5}}"#]).is(2, "--expect:1:28");
    folder.put("bad.json", "{\"steps\": [{\"evnt\": \"Roll\"}], \"over\": 3}");
    let bad = folder.run(&["simulate", "dice.json", "--script", "bad.json"]);
    bad.is(2, "bad.json:1:13");
    bad.is(2, "did you mean `event`?");
    folder.run(&["simulate", "dice.json", "--script", "none.json"]).is(2, "there is no such file");
    // Every run fails: nobody handles it.
    folder.put("other.json", "[{\"event\": \"Rol\"}]");
    let other = folder.run(&["simulate", "dice.json", "--script", "other.json", "--runs", "10"]);
    other.is(3, "");
    assert!(other.out.contains("10 of 10 runs") && other.out.contains("first seeds 0, 1, 2, 3, 4"), "{}", other.out);
}

/// As Ctrl-C does: to all processes of the terminal's foreground. Where tests run in the background that signal may be ignored: `env`
/// has it do again what it does.
#[cfg(target_os = "linux")]
#[test]
fn who_ends_it_early_gets_what_there_is_before_the_next_prompt() {
    use std::os::unix::process::CommandExt;
    let folder = dice();
    let mut child = Command::new("env")
        .arg("--default-signal=INT")
        .arg(command(&folder.0).get_program())
        .current_dir(&folder.0)
        .process_group(0)
        .args([
            "simulate",
            "dice.json",
            "--script",
            "roll.json",
            "--runs",
            "10000000",
            "--metric",
            "Last",
            "--progress",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    // It says how far it is: so it runs.
    let mut said = [0u8; 64];
    let (mut err, mut out) = (child.stderr.take().expect("stderr"), child.stdout.take().expect("stdout"));
    assert!(err.read(&mut said).expect("it says something") > 0);
    let group = format!("-{}", child.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().expect("there is `kill`").success());
    // Whoever waits for it waits for the report.
    assert!(child.wait().expect("it ends").success());
    let mut text = String::new();
    out.read_to_string(&mut text).expect("text");
    assert!(text.contains("of 10000000 runs") && text.contains("it was stopped after"), "{text}");
    assert!(text.contains("Last: ") && !text.contains("Last: 0 observations"), "{text}");
}
