//! From paths to something that runs: which schema a document goes with.

mod support;

use expect_test::{Expect, expect};
use statewright_harness::project::{Backend, LoadOptions, Loaded};
use support::Folder;

const SCHEMA: &str = "package game\n\n@root(active)\ntype Game {\n    Round int32\n}\n";
const JSON_SCHEMA: &str = r#"{"package": "game", "types": [{"name": "FromJson", "role": "root", "defaultState": "active",
  "fields": [{"name": "Round", "type": "int32"}]}]}"#;

/// Makes files (`game.json` is the document), loads the document and prints the schema's file, or the fault.
fn check(files: &[(&str, &str)], asked: Option<&str>, expected: Expect) {
    let folder = Folder::new();
    for (name, text) in files {
        folder.put(name, text);
    }
    let options = LoadOptions { schema: asked.map(|name| folder.path().join(name)), ..LoadOptions::default() };
    let shown = match Loaded::open(&folder.path().join("play/game_logic.json"), &options) {
        Ok(loaded) => {
            let findings: Vec<&str> =
                loaded.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
            let root = loaded.schema.zip(loaded.main_root).map(|(schema, root)| schema.get(root).name.to_string());
            format!("{} {root:?} {findings:?}", loaded.schema_source.name)
        }
        Err(fault) => fault.to_string(),
    };
    let here = folder.path().display().to_string();
    expected.assert_eq(&shown.replace(&here, "HERE").replace('\\', "/"));
}

#[test]
fn the_schema_is_named_or_stands_beside() {
    let document = ("play/game_logic.json", "{}");
    check(
        &[document, ("play/game_logic.schema", SCHEMA), ("other.schema", SCHEMA)],
        Some("other.schema"),
        expect![[r#"HERE/other.schema Some("Game") []"#]],
    );
    let pointing = ("play/game_logic.json", r#"{"schemaPath": "../schemas/it"}"#);
    check(
        &[pointing, ("play/game_logic.schema", SCHEMA), ("schemas/it", JSON_SCHEMA)],
        None,
        expect![[r#"HERE/play/../schemas/it Some("FromJson") []"#]],
    );
    check(
        &[document, ("play/game_logic.schema", SCHEMA), ("play/game.schema", JSON_SCHEMA)],
        None,
        expect![[r#"HERE/play/game_logic.schema Some("Game") []"#]],
    );
    check(
        &[document, ("play/game.schema.json", JSON_SCHEMA), ("play/z.schema", SCHEMA)],
        None,
        expect![[r#"HERE/play/game.schema.json Some("FromJson") []"#]],
    );
    check(&[document, ("play/z.schema", SCHEMA)], None, expect![[r#"HERE/play/z.schema Some("Game") []"#]]);
}

#[test]
fn what_cannot_be_found_says_what_to_do() {
    let document = ("play/game_logic.json", "{}");
    check(
        &[document],
        None,
        expect![[
            r#"no schema for HERE/play/game_logic.json: name one with --schema, give the document a "schemaPath", or put one of these beside it: game_logic.schema, game_logic.schema.json, game.schema, game.schema.json, or any single *.schema"#
        ]],
    );
    check(
        &[document, ("play/y.schema", SCHEMA), ("play/z.schema", SCHEMA)],
        None,
        expect![[
            r#"HERE/play/game_logic.json could go with any of HERE/play/y.schema, HERE/play/z.schema: name one with --schema, or in the document's "schemaPath""#
        ]],
    );
    check(&[], None, expect!["cannot read HERE/play/game_logic.json: there is no such file; check the path"]);
    let pointing = ("play/game_logic.json", r#"{"schemaPath": "gone.schema"}"#);
    check(&[pointing], None, expect!["cannot read HERE/play/gone.schema: there is no such file; check the path"]);
}

#[test]
fn broken_documents_and_schemas_are_findings() {
    check(&[("play/game_logic.json", "{]")], None, expect![[r#" None ["`]` stands where a key should be"]"#]]);
    let schema = ("play/game.schema", "type Game {\n    Round int33\n}\n");
    check(
        &[("play/game_logic.json", "{}"), schema],
        None,
        expect![[r#"HERE/play/game.schema None ["there is no type `int33`"]"#]],
    );
}

#[test]
fn what_has_errors_does_not_run_and_hashes_differ_by_text() {
    let folder = Folder::new();
    folder.put("a.schema", SCHEMA);
    let load = |text: &str| {
        let path = folder.put("a.json", text);
        Loaded::open(&path, &LoadOptions::default()).expect("the files are there")
    };
    let broken =
        load(r#"{"handlers": [{"name": "H", "event": "E", "nodes": [{"id": "a", "type": "Nope"}], "flow": []}]}"#);
    assert!(broken.has_errors());
    assert!(broken.program(Backend::Interpreter).expect("it exists").is_none());
    let fine = load("{}");
    assert!(fine.program(Backend::Interpreter).expect("it exists").is_some());
    assert!(fine.program(Backend::Jit).expect("it exists").is_some());
    assert!(fine.program(Backend::Rust).is_err(), "it was not built into these tests");
    assert_ne!(fine.document_hash, load("{ }").document_hash);
    assert_eq!(fine.document_hash, load("{}").document_hash);
}
