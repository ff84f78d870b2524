//! `--backend js` where Node is too old, is not Node, or does not start.

use super::Folder;

/// A folder whose `bin/node` is that shell script.
#[cfg(unix)]
fn with_node(script: &str) -> Folder {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::with_project();
    std::fs::create_dir_all(folder.0.join("bin")).expect("a folder can be made");
    folder.put("bin/node", &format!("#!/bin/sh\n{script}\n"));
    let path = folder.0.join("bin/node");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is there");
    folder
}

#[cfg(unix)]
#[test]
fn a_node_that_is_no_use_is_told_of_before_anything_runs() {
    let cases = [
        ("echo v18.19.1", "the `node` in the PATH is v18.19.1"),
        ("echo 'no such thing' >&2; exit 7", "says: no such thing"),
        ("exit 0", "does not tell a version"),
        // Says its version, and ends with the first thing it is to do.
        ("[ \"$1\" = --version ] && echo v22.1.0", "it did not start"),
    ];
    for (script, why) in cases {
        let folder = with_node(script);
        let bin = folder.0.join("bin");
        let variables = [("PATH", bin.to_str().expect("it is text")), ("XDG_CACHE_HOME", "cache")];
        let ran = folder.run_with(&["run", "game/game.json", "--backend", "js", "--event", "RollDice"], &variables);
        for part in [why, "does not run here", "Node.js 20 or newer", "choose another backend"] {
            assert!(ran.code == 2 && ran.err.contains(part), "{script}: {part}: {ran:?}");
        }
    }
}
