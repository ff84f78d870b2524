//! The command from outside: exit codes, what goes to stdout and what to stderr.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use statewright_types::{Value, json};

#[cfg(unix)]
#[path = "command/editing.rs"]
mod editing;
#[path = "command/hosts.rs"]
mod hosts;
#[path = "command/measuring.rs"]
mod measuring;
#[path = "command/node.rs"]
mod node;
#[path = "command/sessions.rs"]
mod sessions;
#[path = "command/simulating.rs"]
mod simulating;

/// A folder of its own, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("statewright-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Folder(path)
    }

    /// One with a new project in it, `game/`.
    fn with_project() -> Folder {
        let folder = Folder::new();
        assert_eq!(folder.run(&["new", "game"]).code, 0);
        folder
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("a file can be written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).expect("the file is there")
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = command(&self.0).args(args).output().expect("the command runs");
        Ran::of(output)
    }

    fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = command(&self.0).args(args).envs(variables.iter().copied()).output().expect("the command runs");
        Ran::of(output)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statewright"));
    command.current_dir(folder).stdin(Stdio::null()).env_remove("COLUMNS").env_remove("NO_COLOR");
    for variable in ["DISPLAY", "WAYLAND_DISPLAY", "STATEWRIGHT_EDITOR"] {
        command.env_remove(variable);
    }
    command
}

/// What a command did.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Stdout as JSON; nothing else may be on it.
    #[track_caller]
    fn json(&self) -> Value {
        let tree = json::parse(self.out.as_str()).unwrap_or_else(|error| panic!("{}: {self:?}", error.message));
        tree.value(tree.root())
    }

    #[track_caller]
    fn is(&self, code: i32, err: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.contains(err), "{self:?}");
    }
}

fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().fold(value, |value, step| {
        let found = step.parse().ok().and_then(|index: usize| value.at(index)).or_else(|| value.get(step));
        found.unwrap_or(&Value::Null)
    })
}

#[test]
fn a_new_project_checks_and_passes_its_tests() {
    let folder = Folder::new();
    folder.run(&["new", "game"]).is(0, "statewright test game");
    folder.run(&["new", "game"]).is(2, "it exists already");
    folder.run(&["new", "1game"]).is(2, "begins with a letter");
    let check = folder.run(&["check", "game/game.json"]);
    check.is(0, "no problems");
    assert_eq!(check.out, "");
    folder.run(&["test", "game"]).is(0, "ok: 4 tests passed, 0 failed");
    folder.run(&["fmt", "--check", "game/game.json", "game/game.test.json"]).is(0, "");
}

#[test]
fn check_prints_findings_for_people_or_programs() {
    let folder = Folder::with_project();
    let broken = folder.read("game/game.json").replacen("\"Increment\"", "\"Incremint\"", 1);
    folder.put("game/broken.json", &broken);
    let text = folder.run(&["check", "game/broken.json"]);
    text.is(1, "Incremint");
    assert_eq!(text.out, "");
    let found = folder.run(&["check", "game/broken.json", "game/game.json", "--format", "json"]);
    assert_eq!(found.code, 1);
    let found = found.json();
    let first = at(&found, &["diagnostics", "0"]);
    assert_eq!(at(first, &["severity"]), &Value::from("error"), "{first:?}");
    assert_eq!(at(first, &["file"]), &Value::from("game/broken.json"));
    assert_eq!(at(first, &["node"]), &Value::from("score"));
    assert!(matches!(at(first, &["line"]), Value::Int(line) if *line > 1), "{first:?}");
    let fine = folder.run(&["check", "game/game.json", "--format", "json"]);
    assert_eq!((fine.code, fine.json()), (0, Value::map([("diagnostics", Value::List(Vec::new()))])));
}

#[test]
fn strict_makes_errors_of_implicit_conversions() {
    let folder = Folder::with_project();
    let converting = folder.read("game/game.json").replacen(
        "\"path\": \"Winner\", \"value\": \"param:playerID\"",
        "\"path\": \"Winner\", \"value\": \"param:dice\"",
        1,
    );
    folder.put("game/converting.json", &converting);
    folder.run(&["check", "game/converting.json"]).is(0, "1 warning");
    folder.run(&["check", "game/converting.json", "--strict"]).is(1, "1 error");
}

#[test]
fn unreadable_input_is_named() {
    let folder = Folder::with_project();
    folder.run(&["check", "none.json"]).is(2, "none.json: there is no such file");
    let nothing_read = folder.run(&["check", "none.json"]);
    assert!(!nothing_read.err.contains("no problems"), "{}", nothing_read.err);
    folder.run(&["check", "game"]).is(2, "it is a folder");
    folder.put("bad.json", "{\"handlers\": [}");
    folder.run(&["check", "bad.json"]).is(1, "bad.json:1:15");
    folder.put("alone.json", "{}");
    folder.run(&["check", "alone.json"]).is(2, "no schema for alone.json");
    folder.run(&["check", "game/game.json", "--schema", "none.schema"]).is(2, "none.schema");
    std::fs::write(folder.0.join("latin.json"), b"{\"a\": \"\xe4\"}").expect("a file can be written");
    folder.run(&["check", "latin.json"]).is(2, "not UTF-8");
}

#[test]
fn bad_usage_is_2_and_help_is_0() {
    let folder = Folder::new();
    folder.run(&["chekc"]).is(2, "chekc");
    folder.run(&["check"]).is(2, "FILE");
    folder.run(&["run", "x.json"]).is(2, "--event");
    folder.run(&["run", "x.json", "--event", "E", "--seed", "many"]).is(2, "--seed");
    for subcommand in ["check", "run", "test", "draw", "emit", "ir", "schema", "fmt", "docs", "new"] {
        let help = folder.run(&[subcommand, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.out.contains("Example:\n  statewright "), "{}", help.out);
    }
    assert!(folder.run(&["--version"]).out.starts_with("statewright "));
}

#[test]
fn run_prints_what_happened() {
    let folder = Folder::with_project();
    let ran = folder.run(&["run", "game/game.json", "--event", "PlayerConnect", "--params", "{\"playerID\":\"ann\"}"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = ran.json();
    assert_eq!(at(&ran, &["ok"]), &Value::Bool(true));
    assert_eq!(at(&ran, &["activations", "0", "handler"]), &Value::from("OnJoin"));
    assert_eq!(at(&ran, &["activations", "0", "status"]), &Value::from("done"));
    assert_eq!(at(&ran, &["activations", "0", "error"]), &Value::Null);
    assert_eq!(at(&ran, &["activations", "0", "fuel"]), &Value::Int(2));
    assert_eq!(at(&ran, &["events", "0", "to"]), &Value::from("all"));
    assert_eq!(at(&ran, &["state", "Players", "0", "ID"]), &Value::from("ann"));
    assert!(matches!(at(&ran, &["state_hash"]), Value::Str(hash) if hash.len() == 64));
}

#[test]
fn run_says_what_trace_nodes_tell() {
    let folder = Folder::new();
    folder.put("game.schema", "@root(active) type Game {\n    Round int64\n}\n");
    folder.put(
        "game.json",
        r#"{"handlers": [{"name": "H", "event": "Go", "parameters": [], "nodes": [
{"id": "one", "type": "Trace", "inputs": {"message": "so far", "value": {"round": "state:Round"}}},
{"id": "wait", "type": "Wait", "inputs": {"duration": 10}},
{"id": "two", "type": "Trace", "inputs": {"message": "later"}}],
"flow": [{"from": "start", "to": "one"}, {"from": "one", "to": "wait"}, {"from": "wait", "to": "two"}]}]}"#,
    );
    let ran = folder.run(&["run", "game.json", "--event", "Go", "--advance", "10"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.err, "trace H/one: so far {\"round\":0}\ntrace H/two: later\n");
    assert!(!ran.out.contains("so far"));
}

#[test]
fn run_takes_state_and_parameters_from_files() {
    let folder = Folder::with_project();
    folder.put("state.json", "{\"Target\": 1, \"Players\": [{\"ID\": \"ann\"}]}");
    folder.put("params.json", "{\"playerID\": \"ann\", \"dice\": 3}");
    let roll = |seed: &str| {
        folder.run(&[
            "run",
            "game/game.json",
            "--event",
            "RollDice",
            "--state",
            "@state.json",
            "--params",
            "@params.json",
            "--players",
            "ann,bob",
            "--sender",
            "ann",
            "--seed",
            seed,
        ])
    };
    let (one, again) = (roll("5"), roll("5"));
    assert_eq!(one.code, 0, "{one:?}");
    assert_eq!(one.out, again.out);
    assert_eq!(at(&one.json(), &["state", "Winner"]), &Value::from("ann"));
    let hashes: Vec<Value> = (0..8).map(|seed| at(&roll(&seed.to_string()).json(), &["state_hash"]).clone()).collect();
    assert!(hashes.iter().any(|hash| *hash != hashes[0]), "the seed matters");
}

#[test]
fn a_handler_that_fails_is_3() {
    let folder = Folder::with_project();
    let args = ["run", "game/game.json", "--event", "RollDice", "--sender", "bob", "--params"];
    let denied = folder.run(&[&args[..], &["{\"playerID\": \"ann\", \"dice\": 1}"]].concat());
    assert_eq!(denied.code, 3, "{denied:?}");
    let denied = denied.json();
    assert_eq!(at(&denied, &["ok"]), &Value::Bool(false));
    assert_eq!(at(&denied, &["activations", "0", "error", "code"]), &Value::from("permission_denied"));
    let missing = folder.run(&[&args[..], &["{\"playerID\": \"bob\", \"dice\": 1}"]].concat());
    assert_eq!(missing.code, 3, "{missing:?}");
    let missing = missing.json();
    assert_eq!(at(&missing, &["activations", "0", "error", "code"]), &Value::from("not_found"));
    assert_eq!(at(&missing, &["activations", "0", "error", "node"]), &Value::from("note"));
    let unknown = folder.run(&["run", "game/game.json", "--event", "RolDice"]);
    unknown.is(3, "did you mean `RollDice`?");
    assert_eq!(at(&unknown.json(), &["activations", "0", "error", "code"]), &Value::from("unknown_event"));
}

#[test]
fn what_run_cannot_use_is_2() {
    let folder = Folder::with_project();
    let run = |more: &[&str]| folder.run(&[&["run", "game/game.json", "--event", "RollDice"], more].concat());
    run(&["--params", "{"]).is(2, "--params");
    run(&["--params", "[1]"]).is(2, "must be a JSON object");
    run(&["--params", "@none.json"]).is(2, "none.json");
    run(&["--state", "{\"Rond\": 1}"]).is(2, "Rond");
    run(&["--state", "{\"Target\": 1.5}"]).is(2, "Target");
    run(&["--backend", "fast"]).is(2, "interpreter");
    assert_eq!(run(&["--params", "{"]).out, "");
}

#[test]
fn tests_fail_update_and_report() {
    let folder = Folder::with_project();
    let good = folder.read("game/game.test.json");
    folder.put("game/game.test.json", &good.replace("\"Players.length\": 1", "\"Players.length\": 2"));
    let failed = folder.run(&["test", "game", "--junit", "junit.xml", "--coverage", "coverage.json"]);
    failed.is(1, "expected 2\n      found    1");
    failed.is(1, "FAILED: 3 tests passed, 1 failed");
    assert_eq!(failed.out, "");
    assert!(folder.read("junit.xml").contains("<failure message="));
    let coverage = folder.read("coverage.json");
    assert!(coverage.contains("\"tellAll\""), "{coverage}");
    folder.run(&["test", "game", "--filter", "enough points"]).is(0, "1 test passed, 0 failed, 3 filtered out");
    folder.run(&["test", "game", "--filter", "enough points", "--exact"]).is(2, "no test fits `enough points`");
    folder.run(&["test", "game", "--filter", "no such test"]).is(2, "no test fits `no such test`: there is `");
    let shown = folder.run(&["test", "game", "--update"]);
    shown.is(1, "nothing was changed");
    assert!(
        shown.err.contains("+++ game/game.test.json\n@@") && shown.err.contains("\"Players.length\": 1"),
        "{}",
        shown.err
    );
    assert_ne!(folder.read("game/game.test.json"), good, "without a terminal nobody said yes");
    folder.run(&["test", "game", "--update", "--yes"]).is(0, "updated game/game.test.json");
    assert_eq!(folder.read("game/game.test.json"), good);
    let covered = folder.run(&["test", "game", "--coverage"]);
    assert_eq!(covered.code, 0);
    assert!(matches!(at(&covered.json(), &["documents"]), Value::List(documents) if documents.len() == 1));
    // Emitted Rust is built with cargo, and says so where there is none.
    let nowhere = [("CARGO", "no-cargo-here"), ("XDG_CACHE_HOME", "cache")];
    folder.run_with(&["test", "game", "--backend", "rust"], &nowhere).is(2, "cargo is needed");
    // All that is there runs nevertheless; nobody takes that for everything.
    let all = folder.run_with(&["test", "game", "--backend", "all", "--junit", "all.xml"], &nowhere);
    all.is(4, "left out: `rust`: cannot run it as a program of its own: cargo is needed");
    assert!(all.err.contains(" on the interpreter, jit"), "{}", all.err);
    let report = folder.read("all.xml");
    assert!(
        report.contains("classname=\"executions\" name=\"rust\"") && report.contains("<skipped message="),
        "{report}"
    );
    assert!(report.contains(".jit\""), "{report}");
    folder.run(&["test", "none"]).is(2, "none");
    folder.put("odd.test.json", "{\"graph\": \"game/game.json\", \"tests\": [], \"test\": []}");
    folder.run(&["test", "odd.test.json"]).is(1, "did you mean `tests`?");
}

#[test]
fn documents_are_formatted() {
    let folder = Folder::with_project();
    let good = folder.read("game/game.json");
    folder.put("messy.json", &good.replace(": ", ":"));
    folder.run(&["fmt", "--check", "messy.json"]).is(1, "messy.json is not formatted");
    folder.run(&["fmt", "messy.json"]).is(0, "formatted messy.json");
    assert_eq!(folder.read("messy.json"), good);
    folder.put("bad.json", "{");
    folder.run(&["fmt", "bad.json"]).is(1, "bad.json");
    folder.put("game/other.json", "{\"somebody\":  \"else's\"}");
    folder.put("game/messy.schema", "@root(active)\ntype A{\n\n  X   int32 // here\n}\n");
    folder.run(&["fmt", "game", "--check"]).is(1, "game/messy.schema is not formatted");
    folder.run(&["fmt", "game"]).is(0, "formatted game/messy.schema");
    assert_eq!(folder.read("game/messy.schema"), "@root(active)\ntype A {\n    X   int32 // here\n}\n");
    assert_eq!(folder.read("game/other.json"), "{\"somebody\":  \"else's\"}", "folders hold files of others");
    folder.run(&["fmt", "game", "--check"]).is(0, "");
    folder.put("bad.schema", "type A {");
    folder.run(&["fmt", "bad.schema"]).is(1, "bad.schema:1");
}

#[test]
fn check_mends_documents_and_their_schemas() {
    let folder = Folder::with_project();
    let (graph, schema) = (folder.read("game/game.json"), folder.read("game/game.schema"));
    let (bad_graph, bad_schema) =
        (graph.replace("\"AddToArray\"", "\"AddToAray\""), schema.replace("@view(", "@veiw("));
    let bad_graph = bad_graph.replacen("\"handlers\": [", "\"handlers\": [,", 1);
    assert!(bad_graph != graph && bad_schema != schema, "the project has what is misspelt");
    folder.put("game/game.json", &bad_graph);
    folder.put("game/game.schema", &bad_schema);
    let reported = folder.run(&["check", "game/game.json", "--format", "json"]).json();
    let Value::List(findings) = at(&reported, &["diagnostics"]) else { panic!("{reported:?}") };
    assert!(matches!(at(&findings[0], &["fix"]), Value::List(fixes) if fixes.len() == 1), "{reported:?}");
    let dry = folder.run(&["check", "game/game.json", "--fix", "--dry-run"]);
    assert_eq!(dry.code, 1, "{}", dry.err);
    assert!(dry.out.contains("AddToAray") && dry.out.contains("+++ game/game.schema"), "{}", dry.out);
    assert_eq!(folder.read("game/game.json"), bad_graph);
    folder.run(&["check", "game/game.json", "--fix"]).is(0, "in game/game.json");
    assert_eq!((folder.read("game/game.json"), folder.read("game/game.schema")), (graph, schema));
    folder.run(&["check", "game/game.json", "--fix", "--dry-run"]).is(0, "no problems");
    folder.run(&["check", "game/game.json", "--dry-run"]).is(2, "--fix");
}

#[test]
fn schemas_are_translated() {
    let folder = Folder::with_project();
    let translated = folder.run(&["schema", "game/game.schema", "--target", "json"]);
    assert_eq!(translated.code, 0);
    assert_eq!(at(&translated.json(), &["types", "0", "name"]), &Value::from("Player"));
    folder.run(&["schema", "game/game.schema", "--target", "json", "--out", "game.schema.json"]).is(0, "");
    folder.run(&["check", "game/game.json", "--schema", "game.schema.json"]).is(0, "no problems");
    let structs = folder.run(&["schema", "game/game.schema", "--target", "rust"]);
    assert_eq!(structs.code, 0);
    assert!(structs.out.contains("#[tracked(id = 1)]\npub struct Player {\n"), "{}", structs.out);
    let declared = folder.run(&["schema", "game/game.schema", "--target", "ts"]);
    assert_eq!(declared.code, 0);
    assert!(declared.out.contains("\nexport interface Player {\n  readonly ID: string;\n"), "{}", declared.out);
    folder.put("keys.schema", "type A {\n  X map[uuid]map[string]int\n}");
    folder.run(&["schema", "keys.schema", "--target", "rust"]).is(2, "cannot tell keys");
    folder.put("bad.schema", "type {");
    folder.run(&["schema", "bad.schema", "--target", "json"]).is(1, "bad.schema:1");
}

#[test]
fn documents_are_drawn() {
    let folder = Folder::with_project();
    let page = folder.run(&["draw", "game/game.json"]);
    assert_eq!(page.code, 0);
    assert!(page.out.starts_with("<!DOCTYPE html>") || page.out.starts_with("<!doctype html>"), "{}", &page.out[..80]);
    let one = folder.run(&["draw", "game/game.json", "--handler", "OnJoin", "--out", "join.svg"]);
    assert_eq!((one.code, one.out.as_str()), (0, ""));
    assert!(folder.read("join.svg").contains("AddToArray"));
    folder.run(&["draw", "game/game.json", "--out", "all.svg"]).is(2, "choose with --handler");
    folder.run(&["draw", "game/game.json", "--out", "all.png"]).is(2, "no picture");
    folder.run(&["draw", "game/game.json", "--handler", "OnJon"]).is(2, "did you mean `OnJoin`?");
    let args = ["draw", "game/game.json", "--event", "PlayerConnect", "--params", "{\"playerID\":\"zoe\"}"];
    let traced = folder.run(&args);
    assert_eq!(traced.code, 0, "{}", traced.err);
    assert!(traced.out.contains("zoe"), "values are on the wires");
    let failed =
        folder.run(&["draw", "game/game.json", "--event", "RollDice", "--params", "{\"playerID\":\"zoe\",\"dice\":1}"]);
    assert_eq!(failed.code, 3);
    assert!(failed.out.contains("not_found"));
}

#[test]
fn the_ir_is_printed() {
    let folder = Folder::with_project();
    let printed = folder.run(&["ir", "game/game.json"]);
    assert_eq!(printed.code, 0);
    assert!(printed.out.contains("OnRollDice"), "{}", printed.out);
    assert_eq!(folder.run(&["emit", "game/game.json", "--target", "ir"]).out, printed.out);
    assert!(folder.run(&["ir", "game/game.json", "--traced"]).out.len() > printed.out.len());
    let machine = |target| folder.run(&["emit", "game/game.json", "--target", target]).out;
    assert!(machine("clif").contains("; OnRollDice") && machine("asm").contains("OnRollDice"));
}

/// What a run prints is the same, but for what it ran on, which stands last.
#[test]
fn compiled_code_says_what_the_interpreter_says() {
    let folder = Folder::with_project();
    let run = |backend| {
        let params = "{\"playerID\":\"zoe\",\"dice\":1}";
        let args = ["run", "game/game.json", "--event", "RollDice", "--params", params, "--backend", backend];
        let ran = folder.run(&args);
        assert!(ran.out.contains(&format!("\"backend\": \"{backend}\"")), "{}", ran.out);
        let (before, on) = ran.out.split_once("\"execution\"").expect("it says what it ran on");
        (ran.code, before.to_owned(), on.contains("\"artefact\": null"))
    };
    let (code, outcome, is_unnamed) = run("interpreter");
    assert!(is_unnamed, "nothing is built for the interpreter");
    assert_eq!(run("jit"), (code, outcome, false), "machine code has a hash");
}

/// No formatter is asked, and one that comes by leaves it alone.
#[test]
fn emitted_rust_is_the_same_text_on_every_machine() {
    let folder = Folder::with_project();
    let emit = ["emit", "game/game.json", "--target", "rust"];
    let (here, bare) = (folder.run(&emit), folder.run_with(&emit, &[("PATH", "")]));
    assert_eq!((here.code, &here.out), (0, &bare.out));
    let (head, _) = here.out.split_once("\nuse ").expect("it uses the runtime");
    assert!(head.contains("#![cfg_attr(rustfmt, rustfmt::skip)]"), "{head}");
}

#[test]
fn javascript_is_written_with_its_library() {
    let folder = Folder::with_project();
    let printed = folder.run(&["emit", "game/game.json", "--target", "js"]);
    assert!(printed.code == 0 && printed.out.contains("export const program = {"), "{printed:?}");
    folder.run(&["emit", "game/game.json", "--target", "js", "--out", "web"]).is(0, "");
    let again = folder.run(&["emit", "game/game.json", "--target", "js", "--out", "web"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    for file in ["game.js", "game.d.ts", "game.js.map", "runtime/index.js", "runtime/index.d.ts", "runtime/session.js"]
    {
        assert!(folder.0.join("web").join(file).is_file(), "{file}");
    }
}

#[test]
fn configurations_are_given_by_files_options_and_the_environment() {
    let folder = Folder::new();
    let config =
        "config Game {\n  Rounds int32 @default(3) @max(10) @env(TEST_GAME_ROUNDS)\n  Server string @required\n}\n";
    folder.put("game.config", config);
    folder.put("other.config", &config.replace("@required", "@default(us)"));
    folder.put("game.schema", "@root(active)\ntype Game {\n  Round int32\n}\n");
    folder.put(
        "game.json",
        r#"{"config": "game.config", "handlers": [{"name": "Read", "event": "Read", "parameters": [], "nodes": [
        {"id": "set", "type": "SetField", "inputs": {"path": "Round", "value": "config:Game.Rounds"}}],
        "flow": [{"from": "start", "to": "set"}]}]}"#,
    );
    folder.run(&["check", "game.json"]).is(0, "no problems");
    folder.put("bare.json", r#"{"schemaPath": "game.schema", "handlers": [{"name": "Go", "event": "Go", "parameters": [], "nodes": [], "flow": []}]}"#);
    let unread = folder.run(&["run", "bare.json", "--event", "Go", "--config", r#"{"Game": {"Rounds": 5}}"#]);
    unread.is(0, "`Game.Rounds` is given, and nothing reads it");
    let read = |args: &[&str], environment: Option<&str>| {
        let mut command = command(&folder.0);
        command.args(["run", "game.json", "--event", "Read"]).args(args).env_remove("TEST_GAME_ROUNDS");
        if let Some(value) = environment {
            command.env("TEST_GAME_ROUNDS", value);
        }
        Ran::of(command.output().expect("the command runs"))
    };
    let round = |ran: &Ran| at(&ran.json(), &["state", "Round"]).clone();
    read(&[], None).is(2, "`Game.Server` is required");
    assert_eq!(round(&read(&["--config", r#"{"Game":{"Server":"eu"}}"#], None)), Value::Int(3));
    folder.put("values.json", r#"{"Game": {"Server": "eu", "Rounds": 7}}"#);
    assert_eq!(round(&read(&["--config", "values.json"], None)), Value::Int(7));
    assert_eq!(round(&read(&["--config", "@values.json"], Some("8"))), Value::Int(8));
    assert_eq!(round(&read(&["--config", "other.config"], None)), Value::Int(3));
    read(&["--config", r#"{"Game":{"Sever":"eu"}}"#], None).is(2, "did you mean `Game.Server`?");
    read(&["--config", "values.json"], Some("80"))
        .is(2, "the environment variable TEST_GAME_ROUNDS, for `Game.Rounds`");
    read(&["--config", "nothing.config"], None).is(2, "there is no such file");
    let test = |config: &str| {
        let test = r#""steps": [{"event": "Read", "expect": {"state": {"Round": 4}}}]"#;
        folder.put(
            "game.test.json",
            &format!(r#"{{"graph": "game.json", "tests": [{{"name": "t", {config} {test}}}]}}"#),
        );
        folder.run(&["test", "game.test.json"])
    };
    test(r#""config": {"Game": {"Server": "eu", "Rounds": 4}},"#).is(0, "1 test passed");
    test("").is(1, "`Game.Server` is required");
    test(r#""config": {"Game": {"Server": "eu", "Rounds": 40}},"#).is(1, "40 is more than 10");
    folder.put("game.config", &config.replace("@max(10)", "@max(ten)"));
    folder.run(&["check", "game.json"]).is(1, "game.config:2");
    folder.run(&["check", "game.config"]).is(1, "game.config:2");
    folder.run(&["fmt", "game.config"]).is(1, "game.config:2");
    folder.put("game.config", &config.replace("@required", "@requird"));
    folder.run(&["check", "game.config"]).is(0, "1 warning in 1 file");
    folder.run(&["check", "game.config", "--fix"]).is(0, "fixed 1 problem in game.config");
    assert_eq!(folder.read("game.config"), config);
    folder.run(&["check", "game.config"]).is(0, "no problems in 1 file");
    folder.put("other.schema", "type A {\n    X float64 @quantize(-1)\n}\n");
    folder.run(&["check", "other.schema"]).is(1, "other.schema:2");
    folder.put("other.schema", "type A {\n    X float64 @quantize(0.5)\n}\n");
    folder.run(&["check", "other.schema"]).is(0, "no problems in 1 file");
    folder.run(&["fmt", "game.config"]).is(0, "formatted game.config");
    assert_eq!(
        folder.read("game.config"),
        "config Game {\n    Rounds int32  @default(3) @max(10) @env(TEST_GAME_ROUNDS)\n    Server string @required\n}\n"
    );
    folder.put("theirs.config", "<configuration/>\n");
    folder.run(&["fmt", ".", "--check"]).is(1, "other.config is not formatted");
    folder.run(&["fmt", "."]).is(0, "formatted ./other.config");
    folder.run(&["fmt", "game.config", "--check"]).is(0, "");
}

#[test]
fn the_node_reference_is_printed() {
    let folder = Folder::new();
    let markdown = folder.run(&["docs"]);
    assert_eq!(markdown.code, 0);
    assert!(markdown.out.contains("\n### GetPlayer\n"));
    let nodes = folder.run(&["docs", "--format", "json"]).json();
    assert!(matches!(at(&nodes, &["nodes"]), Value::List(nodes) if nodes.len() > 50));
}

#[test]
fn alone_it_plays_and_draws() {
    let folder = Folder::new();
    let played = folder.run(&[]);
    played.is(0, "statewright.html");
    assert_eq!(at(&played.json(), &["ok"]), &Value::Bool(true));
    assert_eq!(at(&played.json(), &["state", "Winner"]), &Value::from("ann"));
    assert!(folder.read("statewright.html").contains("<svg"));
    // One player is too hasty; the others' events all succeed, up to the bonus after the wait.
    assert_eq!(played.err.matches("refused").count(), 1, "{}", played.err);
    assert!(played.err.contains("refused: it is the turn of ann"), "{}", played.err);
    assert!(played.err.contains("to ann: Bonus points=5 score=11"), "{}", played.err);
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    let folder = Folder::new();
    let mut child = command(&folder.0)
        .args(["docs", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().expect("the command ends"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}
