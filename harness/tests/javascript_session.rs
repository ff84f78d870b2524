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

/// The module of a sample with the runtime library beside it, and what a script prints that imports it as `MODULE`.
fn printed(path: &str, folder: &str, script: &str) -> Option<Vec<String>> {
    if let Err(why) = check() {
        println!("skipped: {why}");
        return None;
    }
    let loaded = sample(path);
    let library = files::install().expect("the cache can be written");
    let runtime = format!("file://{}/index.js", library.display());
    let source = js::Source { runtime: runtime.clone(), ..script_source(&loaded) };
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
    let Some(lines) = printed("samples/card_game/card_game.json", "session-cards", script) else { return };
    let expected = [
        "true [{\"kind\":\"Seated\",\"to\":\"all\",\"payload\":{\"playerID\":\"ann\",\"players\":1}}]",
        "unknown_event",
        "bad_parameters",
        "true true",
        "true",
    ];
    assert_eq!(lines, expected);
}
