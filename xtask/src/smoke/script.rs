//! What is done in the window.

use std::process::Command;

use super::desk::Desk;
use crate::Fault;

const SCHEMA: &str = "package game\n\n@id(1)\n@root(active)\ntype Game {\n    Score int64\n    Best  int64\n}\n";
const EMPTY: &str =
    "{\n  \"version\": \"1.0\",\n  \"stateType\": \"Game\",\n  \"handlers\": [],\n  \"functions\": []\n}\n";
/// What the handler is to do.
const TESTS: &str = r#"{"graph": "game.json", "schema": "game.schema", "tests": [
  {"name": "points are the score", "steps": [
    {"event": "Score", "params": {"points": 7}, "expect": {"state": {"Score": 7}}}]}]}
"#;

/// From an empty document to one that passes its tests, then what is kept of a crash.
pub fn play(desk: &mut Desk) -> Result<(), Fault> {
    for (name, text) in [("game.schema", SCHEMA), ("game.json", EMPTY), ("game.test.json", TESTS)] {
        write(desk, name, text)?;
    }
    let took = desk.open(&["game.json"])?;
    println!("ok: the first frame after {} ms", took.as_millis());
    build(desk)?;
    println!("ok: a handler from an empty document");
    debug(desk)?;
    println!("ok: held up at a breakpoint, a value changed, and on");
    undo_and_redo(desk)?;
    println!("ok: everything undone and done again");
    save(desk)?;
    println!("ok: saved, and it passes its tests");
    crash(desk)?;
    println!("ok: what was not saved is there after a crash");
    look_around(desk)
}

fn write(desk: &Desk, name: &str, text: &str) -> Result<(), Fault> {
    let path = desk.folder().join(name);
    std::fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// A handler with a parameter, and a node that writes it, connected with the mouse.
fn build(desk: &mut Desk) -> Result<(), Fault> {
    desk.click("Add handler…")?;
    desk.see("Name")?;
    desk.text("Score")?;
    desk.keys(&["Return"])?;
    desk.see("Graph Score")?;
    desk.click("New parameter")?;
    desk.text("points")?;
    desk.click("Type of new parameter")?;
    desk.text("int64")?;
    desk.click("Add")?;
    desk.see("start output points int64")?;
    let (x, y) = desk.see("Graph Score")?.middle();
    desk.click_at((x, y + 150.0), 1)?;
    desk.keys(&["space"])?;
    desk.text("setfield")?;
    desk.keys(&["Return"])?;
    desk.see("SetField setField…")?;
    desk.drag("start exit", "setField flow in")?;
    desk.see("setField flow in , connected")?;
    desk.drag("start output points int64", "setField input value any")?;
    desk.see("setField input value any, connected")?;
    desk.click("SetField setField…")?;
    desk.click("path")?;
    desk.text("Score")?;
    desk.keys(&["Return"])?;
    desk.see("setField input path path, Score")?;
    desk.see("no problems")?;
    Ok(())
}

/// Runs into a breakpoint, changes a value, and goes on.
fn debug(desk: &mut Desk) -> Result<(), Fault> {
    desk.click("SetField setField")?;
    desk.keys(&["b", "F5"])?;
    desk.see("Change points")?;
    desk.picture("editor-debug")?;
    desk.click("Change points")?;
    desk.keys(&["ctrl+a"])?;
    desk.text("5")?;
    desk.keys(&["Return"])?;
    desk.click("SetField setField")?;
    desk.keys(&["F9"])?;
    desk.see("Score: 5")?;
    desk.keys(&["shift+F5"])
}

/// Back to the empty document, and forth again.
fn undo_and_redo(desk: &mut Desk) -> Result<(), Fault> {
    const MOST: usize = 30;
    desk.click("SetField setField")?;
    for _ in 0..MOST {
        if desk.things().iter().any(|thing| {
            thing.label == "This document has no graph yet" || thing.value == "This document has no graph yet"
        }) {
            break;
        }
        desk.keys(&["ctrl+z"])?;
    }
    desk.see("This document has no graph yet")?;
    desk.see("saved")?;
    for _ in 0..MOST {
        if desk.things().iter().any(|thing| thing.label == "setField input path path, Score") {
            break;
        }
        desk.keys(&["ctrl+shift+z"])?;
    }
    desk.see("setField input path path, Score")?;
    Ok(())
}

fn save(desk: &mut Desk) -> Result<(), Fault> {
    desk.keys(&["ctrl+s"])?;
    desk.wait_file("game.json", |text| text.contains("\"SetField\"") && text.contains("param:points"))?;
    desk.see("saved")?;
    let command = desk.root().join("target/quick/statewright");
    let tested = Command::new(command)
        .args(["test", "game.test.json"])
        .current_dir(desk.folder())
        .output()
        .map_err(|error| format!("cannot start the command: {error}"))?;
    if tested.status.success() {
        return Ok(());
    }
    Err(format!("what was drawn does not pass its tests: {}", String::from_utf8_lossy(&tested.stderr)))
}

/// A change that is not saved, a crash, and the change is there again.
fn crash(desk: &mut Desk) -> Result<(), Fault> {
    let (x, y) = desk.see("Graph Score")?.middle();
    desk.click_at((x, y - 200.0), 1)?;
    desk.click("New parameter")?;
    desk.text("kept")?;
    desk.click("Type of new parameter")?;
    desk.text("bool")?;
    desk.click("Add")?;
    desk.see("start output kept bool")?;
    desk.wait_folder(".local/state/statewright/recovery", |text| text.contains("kept"))?;
    desk.kill();
    desk.open(&["game.json"])?;
    desk.click("Recover game.json")?;
    desk.see("start output kept bool")?;
    desk.kill();
    Ok(())
}

/// Pictures of the sample, where pictures are wanted.
fn look_around(desk: &mut Desk) -> Result<(), Fault> {
    for name in ["card_game.json", "card_game.schema", "card_game.test.json"] {
        let from = desk.root().join("samples/card_game").join(name);
        let text =
            std::fs::read_to_string(&from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
        write(desk, name, &text)?;
    }
    desk.open(&["card_game.json"])?;
    // The crash before has left something again.
    desk.click("Discard game.json")?;
    desk.click("OnCardPlayed on CardPlayed")?;
    desk.see("Graph OnCardPlayed")?;
    desk.picture("editor")?;
    desk.click("Code")?;
    desk.picture("editor-code")?;
    desk.click("Tests")?;
    desk.click("Coverage")?;
    desk.click("Run all")?;
    desk.see("Run selected")?;
    desk.picture("editor-tests")?;
    desk.kill();
    Ok(())
}
