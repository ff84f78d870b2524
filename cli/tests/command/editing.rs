//! The editor from the command.

use super::Folder;

#[test]
fn the_editor_is_a_program_of_its_own() {
    let folder = Folder::new();
    let opened = folder.run_with(&["edit", "game.json", "other"], &[("STATEWRIGHT_EDITOR", "/bin/echo")]);
    opened.is(0, "");
    assert_eq!(opened.out, "game.json other\n");
    folder.put("nodes.json", r#"{"nodes": []}"#);
    let with = folder.run_with(&["edit", "--host-nodes", "nodes.json", "a"], &[("STATEWRIGHT_EDITOR", "/bin/echo")]);
    assert_eq!((with.code, &*with.out), (0, "--host-nodes nodes.json a\n"));
    folder.put("nodes.json", r#"{"nodes": [{}]}"#);
    let without = folder.run_with(&["edit", "--host-nodes", "nodes.json"], &[("STATEWRIGHT_EDITOR", "/bin/echo")]);
    assert_eq!((without.code, &*without.out), (2, ""));
    folder.run_with(&["edit"], &[("STATEWRIGHT_EDITOR", "/nowhere/editor")]).is(2, "cannot start /nowhere/editor");
    // With a display the editor opens on the sample; where it does not, the sample is played.
    let sample = folder.run_with(&[], &[("DISPLAY", ":0"), ("STATEWRIGHT_EDITOR", "/bin/echo")]);
    assert_eq!((sample.code, &*sample.out), (0, "--sample\n"));
    let played = folder.run_with(&[], &[("DISPLAY", ":0"), ("STATEWRIGHT_EDITOR", "/bin/false")]);
    played.is(0, "the sample is played instead");
    assert!(folder.read("statewright.html").contains("<svg"));
}
