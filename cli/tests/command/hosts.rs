//! Documents that call nodes of a host program.

use super::Folder;

#[test]
fn nodes_of_a_host_program_are_known_by_their_declarations() {
    let folder = Folder::new();
    folder.put("game.schema", "@root(active) type Game {\n    Round int64\n}\n");
    let document = |ty: &str, port: &str| {
        format!(
            "{{\n  \"handlers\": [\n    {{\n      \"name\": \"H\",\n      \"event\": \"Go\",\n      \"parameters\": [],\n      \
             \"nodes\": [{{\"id\": \"r\", \"type\": \"{ty}\", \"inputs\": {{\"{port}\": 2}}}}],\n      \
             \"flow\": [{{\"from\": \"start\", \"to\": \"r\"}}]\n    }}\n  ]\n}}\n"
        )
    };
    folder.put("game.json", &document("Ring", "often"));
    folder.put(
        "nodes.json",
        r#"{"nodes": [
{"name": "Ring", "kind": "executing", "inputs": [{"name": "often", "type": "int32"}], "deprecated": "2",
 "replaced_by": {"node": "RingBell", "ports": {"often": "times"}}},
{"name": "RingBell", "kind": "executing", "summary": "Rings.", "inputs": [{"name": "times", "type": "int32"}]}]}"#,
    );
    assert_eq!(folder.run(&["check", "game.json"]).code, 1);
    let checked = folder.run(&["check", "game.json", "--host-nodes", "nodes.json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    assert!(checked.err.contains("warning[W018]"), "{}", checked.err);
    assert_eq!(folder.run(&["fmt", "--check", "game.json", "--host-nodes", "nodes.json"]).code, 1);
    assert_eq!(folder.run(&["fmt", "game.json", "--host-nodes", "nodes.json"]).code, 0);
    let written = folder.read("game.json");
    assert!(written.contains(r#""type": "RingBell", "inputs": {"times": 2}"#), "{written}");
    assert_eq!(folder.run(&["fmt", "--check", "game.json", "--host-nodes", "nodes.json"]).code, 0);
    assert!(folder.run(&["docs", "--host-nodes", "nodes.json"]).out.contains("### RingBell"));
    let drawn = folder.run(&["draw", "game.json", "--host-nodes", "nodes.json", "--event", "Go"]);
    assert_eq!(drawn.code, 3, "nobody can run it: {drawn:?}");
    // What does not get there runs, on every execution.
    folder.put("game.schema", "package t\n\n@root\ntype G {\n\tN int32\n}\n");
    let game = written.replacen('{', "{\n  \"stateType\": \"G\",", 1).replace(
        "\"handlers\": [",
        "\"handlers\": [\n    {\"name\": \"Up\", \"event\": \"Up\", \"nodes\": [{\"id\": \"up\", \"type\": \"Increment\", \
         \"inputs\": {\"path\": \"N\"}}], \"flow\": [{\"from\": \"start\", \"to\": \"up\"}]},",
    );
    folder.put("game.json", &game);
    folder.put(
        "game.test.json",
        r#"{"graph": "game.json", "tests": [
{"name": "up", "steps": [{"event": "Up", "expect": {"state": {"N": 1}}}]},
{"name": "rung", "steps": [{"event": "Go", "expect": {"error": "custom", "at": "r"}}]}]}"#,
    );
    folder.put("steps.json", r#"[{"event": "Up"}]"#);
    for with in [
        &["test", "."][..],
        &["test", ".", "--backend", "jit"],
        &["run", "game.json", "--event", "Up", "--record", "up.rec"],
        &["simulate", "game.json", "--script", "steps.json", "--runs", "2"],
        &["emit", "game.json", "--target", "js"],
        &["emit", "game.json", "--target", "ir"],
        &["ir", "game.json"],
        &["replay", "up.rec", "--verify"],
    ] {
        let ran = folder.run(&[with, &["--host-nodes", "nodes.json"]].concat());
        assert_eq!(ran.code, 0, "{with:?}: {ran:?}");
        assert_ne!(folder.run(with).code, 0, "{with:?} without");
    }
    folder.put("nodes.json", r#"{"nodes": [{}]}"#);
    assert_eq!(folder.run(&["check", "game.json", "--host-nodes", "nodes.json"]).code, 2);
}
