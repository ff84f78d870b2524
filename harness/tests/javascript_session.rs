//! A client's own session in JavaScript does what a server's does: the same events leave the same state, with the same hash.

use std::fs;
use std::path::Path;
use std::process::Command;

use statewright_emit::js;
use statewright_harness::node::{check, files};
use statewright_harness::project::{LoadOptions, Loaded, script_source};

fn sample(path: &str) -> Loaded {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Loaded::open(&root.join(path), &LoadOptions::default()).expect("the sample is there")
}

/// A document of a folder of its own.
fn own(folder: &str, files: &[(&str, &str)]) -> Loaded {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    fs::create_dir_all(&folder).expect("a folder for tests");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file for tests");
    }
    let loaded = Loaded::open(&folder.join("game.json"), &LoadOptions::default()).expect("the document is there");
    assert!(loaded.module.is_some(), "{:?}", loaded.findings);
    loaded
}

/// The module of a document with the runtime library beside it, and what a script prints that imports it as `MODULE`.
fn printed(loaded: &Loaded, folder: &str, script: &str) -> Option<Vec<String>> {
    if let Err(why) = check() {
        println!("skipped: {why}");
        return None;
    }
    let library = files::install().expect("the cache can be written");
    let runtime = format!("file://{}/index.js", library.display());
    let source = js::Source { runtime: runtime.clone(), ..script_source(loaded) };
    let module = js::emit(loaded.module.as_ref().expect("it compiles"), &source);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    fs::create_dir_all(&folder).expect("a folder for tests");
    let file = folder.join("module.mjs");
    fs::write(&file, module.code).expect("a file for tests");
    let script = script.replace("MODULE", &format!("file://{}", file.display())).replace("RUNTIME", &runtime);
    let output = Command::new("node").args(["--input-type=module", "-e", &script]).output().expect("node is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

#[test]
fn a_game_of_cards_is_played_and_undone() {
    let script = "import { Session, hex } from 'RUNTIME';
        import { program } from 'MODULE';
        const session = new Session(program, { seed: 3 });
        const before = session.snapshot();
        const empty = hex(session.state.hash());
        const first = session.dispatch('PlayerConnect', { playerID: 'ann' });
        console.log(first.ok, JSON.stringify(first.events));
        console.log(session.dispatch('NoSuchEvent').error.code);
        console.log(session.dispatch('PlayerConnect', { playerID: 7 }).error.code);
        const after = hex(session.state.hash());
        session.restore(before);
        console.log(hex(session.state.hash()) === empty, empty !== after);
        session.dispatch('PlayerConnect', { playerID: 'ann' });
        console.log(hex(session.state.hash()) === after);";
    let Some(lines) = printed(&sample("samples/card_game/card_game.json"), "session-cards", script) else { return };
    let expected = [
        "true [{\"kind\":\"Seated\",\"to\":\"all\",\"payload\":{\"playerID\":\"ann\",\"players\":1}}]",
        "unknown_event",
        "bad_parameters",
        "true true",
        "true",
    ];
    assert_eq!(lines, expected);
}

const SCHEMA: &str = "package p\n\n@root(active)\ntype Game {\n  N int64\n  Log []string\n  Rounds int32 @default(config:Game.Rounds)\n}\n";
const CONFIG: &str = "config Game {\n  Rounds int32 @default(3) @min(1) @max(10)\n  Mode string @default(fast) @options(fast, slow)\n  \
                      Server string @required\n}\n";

/// Handlers that wait, plan and fail.
const GAME: &str = r#"{"schemaPath": "game.schema", "config": "game.config", "handlers": [
 {"name": "OnNap", "event": "Nap", "parameters": [{"name": "ms", "type": "int64"}], "nodes": [
   {"id": "wait", "type": "Wait", "inputs": {"duration": "param:ms"}},
   {"id": "up", "type": "Increment", "inputs": {"path": "N"}}],
  "flow": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "up"}]},
 {"name": "OnTwice", "event": "Twice", "nodes": [
   {"id": "first", "type": "Wait", "inputs": {"duration": 50}},
   {"id": "second", "type": "Wait", "inputs": {"duration": 50}},
   {"id": "log", "type": "ArrayAppend", "inputs": {"path": "Log", "item": "twice"}}],
  "flow": [{"from": "start", "to": "first"}, {"from": "first", "to": "second"}, {"from": "second", "to": "log"}]},
 {"name": "OnOnce", "event": "Once", "nodes": [
   {"id": "wait", "type": "Wait", "inputs": {"duration": 100}},
   {"id": "log", "type": "ArrayAppend", "inputs": {"path": "Log", "item": "once"}}],
  "flow": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "log"}]},
 {"name": "OnPlan", "event": "Plan", "nodes": [{"id": "plan", "type": "Schedule", "inputs": {"eventType": "Planned", "delay": 100}}],
  "flow": [{"from": "start", "to": "plan"}]},
 {"name": "OnPlanned", "event": "Planned", "nodes": [{"id": "log", "type": "ArrayAppend", "inputs": {"path": "Log", "item": "planned"}}],
  "flow": [{"from": "start", "to": "log"}]},
 {"name": "OnAsk", "event": "Ask", "nodes": [
   {"id": "wait", "type": "WaitForEvent", "inputs": {"eventType": "Add", "timeout": 0}},
   {"id": "log", "type": "ArrayAppend", "inputs": {"path": "Log", "item": "asked"}}],
  "flow": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "log"}]},
 {"name": "OnAdd", "event": "Add", "parameters": [{"name": "toString", "type": "int64"}], "nodes": [
   {"id": "add", "type": "Add", "inputs": {"a": "param:toString", "b": "param:toString"}},
   {"id": "set", "type": "SetField", "inputs": {"path": "N", "value": "node:add:result"}}],
  "flow": [{"from": "start", "to": "set"}]}]}"#;

fn game(folder: &str) -> Loaded {
    own(folder, &[("game.json", GAME), ("game.schema", SCHEMA), ("game.config", CONFIG)])
}

/// What begins a script about that document.
const BEGIN: &str = "import { Session } from 'RUNTIME';
    import { program } from 'MODULE';
    const begin = (options) => new Session(program, { config: { 'Game.Server': 'x' }, ...options });
    const thrown = (body) => { try { body(); return 'nothing'; } catch (error) { return `${error.name}: ${error.message}`; } };
    const say = (...parts) => console.log(parts.map((part) => typeof part === 'string' ? part : JSON.stringify(part)).join(' '));
    const of = ({ error, fuel }) => error === null ? `done ${fuel}` : `${error.code} at ${error.node}: ${error.message} ${fuel}`;\n";

#[test]
fn what_is_due_at_one_time_happens_in_the_servers_order() {
    let script = "const one = begin();
        for (const event of ['Plan', 'Twice', 'Once']) one.dispatch(event);
        say(one.advance(100).activations.map(({ handler, id, status }) => [handler, id, status]), one.state.toValue().Log);
        const many = begin({ waitingLimit: 30000 });
        for (let i = 0; i < 25000; i++) many.dispatch('Nap', { ms: 5 });
        say(many.waiting.size, many.advance(5).activations.length, many.waiting.size, String(many.state.toValue().N));";
    let Some(lines) = printed(&game("session-order"), "session-order", &format!("{BEGIN}{script}")) else { return };
    let expected = [
        "[[\"OnTwice\",2,\"waiting\"],[\"OnTwice\",2,\"done\"],[\"OnOnce\",3,\"done\"],[\"OnPlanned\",4,\"done\"]] [\"twice\",\"once\",\"planned\"]",
        "25000 25000 0 25000",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_a_page_gives_is_looked_at() {
    let script = "const one = begin({ now: 7 });
        for (const ms of [NaN, 1.5, Infinity, '3', 2n ** 63n]) say(thrown(() => one.advance(ms)), one.now);
        one.advance(-5);
        say(one.now);
        one.advance(2n ** 63n - 1n);
        say(String(one.now));
        const two = begin({ waitingLimit: 1 });
        say(of(two.dispatch('Add', {})), of(two.dispatch('Add', null)), of(two.dispatch('Add', [1])));
        two.dispatch('Ask');
        say(of(two.dispatch('Add', { toString: 'x' })), two.waiting.size);
        say(of(two.dispatch('Add', { toString: 2n ** 62n })), two.waiting.size);
        say(of(two.dispatch('Ask')), of(two.dispatch('Ask')));
        two.dispatch('Add', { toString: 4 });
        two.advance(9);
        say(of(two.dispatch('Nap', { ms: 2n ** 63n - 1n })));
        say(of(two.dispatch('Tick', {}, 'ann')), of(two.dispatch('toString')));";
    let Some(lines) = printed(&game("session-given"), "session-given", &format!("{BEGIN}{script}")) else { return };
    let expected = [
        "RangeError: the time that passes must be whole milliseconds, not NaN: round it 7",
        "RangeError: the time that passes must be whole milliseconds, not 1.5: round it 7",
        "RangeError: the time that passes must be whole milliseconds, not Infinity: round it 7",
        "RangeError: the time that passes must be whole milliseconds, not 3: round it 7",
        "RangeError: the time that passes must be whole milliseconds, not 9223372036854775808: round it 7",
        "7",
        "9223372036854775807",
        "bad_parameters at null: parameter `toString` of `Add` is missing: send a value of type int64 0 \
         bad_parameters at null: parameter `toString` of `Add` is missing: send a value of type int64 0 \
         bad_parameters at null: the parameters of `Add` must be a map from names to values 0",
        "bad_parameters at null: parameter `toString` of `Add`: expected int64, found the text \"x\" 0 1",
        "overflow at add: The result does not fit into 64 bits. 2 0",
        "done 1 memory_limit at wait: 1 activations wait already, and no more may 1",
        "overflow at wait: a wait of 9223372036854775807 ms ends later than time can be counted 1",
        "permission_denied at null: only the session itself sends `Tick` 0 \
         unknown_event at null: no handler handles the event `toString` 0",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn configured_values_are_the_documents_unless_others_are_given() {
    let script = "say(begin().state.toValue().Rounds, begin({ config: { 'Game.Server': '', 'Game.Rounds': 7n } }).state.toValue().Rounds);
        for (const config of [{}, { 'Game.Server': 3 }, { 'Game.Rounds': 1.5 }, { 'Game.Rounds': 11 }, { 'Game.Rounds': 0 },
          { 'Game.Mode': 'odd' }, { 'Game.Round': 3 }, { toString: 3 }, null, [1]]) say(thrown(() => begin({ config })));";
    let Some(lines) = printed(&game("session-config"), "session-config", &format!("{BEGIN}{script}")) else { return };
    let expected = [
        "3 7",
        "RangeError: `config` lacks `Game.Server`, which has no default and must be given",
        "RangeError: `config`, `Game.Server`: expected string, found 3",
        "RangeError: `config`, `Game.Rounds`: expected int32, found the float 1.5",
        "RangeError: `config`, `Game.Rounds`: 11 is more than 10, the most it may be",
        "RangeError: `config`, `Game.Rounds`: 0 is less than 1, the least it may be",
        "RangeError: `config`, `Game.Mode`: \"odd\" is none of its options: \"fast\", \"slow\"",
        "RangeError: `config` has `Game.Round`, which the configuration does not declare; it declares `Game.Rounds`, `Game.Mode`, `Game.Server`",
        "RangeError: `config` has `toString`, which the configuration does not declare; it declares `Game.Rounds`, `Game.Mode`, `Game.Server`",
        "TypeError: `config` must be an object of values by their paths, such as { \"Game.Rounds\": 3 }",
        "TypeError: `config` must be an object of values by their paths, such as { \"Game.Rounds\": 3 }",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_root_may_be_called_as_nothing_else_is() {
    let schema = "package p\n\n@root(active)\ntype Game {\n  N int64\n}\n\n@root(active)\ntype __proto__ {\n  constructor int64\n}\n";
    let document = r#"{"schemaPath": "game.schema", "handlers": [{"name": "A", "event": "A", "nodes": [
        {"id": "up", "type": "Increment", "inputs": {"path": "__proto__.constructor"}}], "flow": [{"from": "start", "to": "up"}]}]}"#;
    let loaded = own("session-root", &[("game.json", document), ("game.schema", schema)]);
    let script = "const one = begin({ config: {}, state: { ['__proto__']: { constructor: 6 } } });
        one.dispatch('A');
        const again = begin({ config: {}, state: one.state.toValue() });
        say(Object.keys(one.state.toValue()), again.state.toValue(), Object.getPrototypeOf(again.state.toValue()) === Object.prototype);";
    let Some(lines) = printed(&loaded, "session-root", &format!("{BEGIN}{script}")) else { return };
    assert_eq!(lines, ["[\"N\",\"__proto__\"] {\"N\":0,\"__proto__\":{\"constructor\":7}} true"]);
}
