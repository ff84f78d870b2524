//! Documents in folders of their own.

use super::*;

fn folder(name: &str, document: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("statewright-build-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder is made");
    fs::write(folder.join("logic.json"), document).expect("the document is written");
    let schema = "@root(active) type Game {\n  Score int64\n}\n";
    fs::write(folder.join("game.schema"), schema).expect("the schema is written");
    folder
}

#[test]
fn a_document_becomes_a_module_and_says_what_it_was_made_of() {
    let document = r#"{"schemaPath": "game.schema", "handlers": [{"name": "Score", "event": "Scored",
        "parameters": [{"name": "points", "type": "int64"}],
        "nodes": [{"id": "add", "type": "Increment", "inputs": {"path": "Score", "by": "param:points"}}],
        "flow": [{"from": "start", "to": "add"}]}]}"#;
    let folder = folder("module", document);
    let module = graph("logic.json").source(&folder);
    let text = module.text.expect("it compiles");
    assert!(text.contains("pub mod logic {\n") && text.contains("    fn on_score("), "{text}");
    assert!(!text.contains("\n    //!") && !text.contains("#!["), "{text}");
    assert_eq!(module.read, [folder.join("logic.json"), folder.join("game.schema")]);
    assert!(
        graph("logic.json")
            .runtime("crate::there")
            .source(&folder)
            .text
            .is_ok_and(|text| text.contains("use crate::there::*;"))
    );
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn mistakes_have_file_line_and_column() {
    let folder = folder(
        "mistakes",
        "{\"schemaPath\": \"game.schema\",\n \"handlers\": [{\"name\": \"A\", \"event\": \"A\",\n \"nodes\": [{\"id\": \"a\", \"type\": \"Incremnt\"}], \"flow\": []}]}",
    );
    let error = graph("logic.json").source(&folder).text.expect_err("there is no such node");
    assert!(error.contains("logic.json:3:") && error.contains("Incremnt"), "{error}");
    let missing = graph("none.json").source(&folder).text.expect_err("there is no such file");
    assert!(missing.contains("cannot read") && missing.contains("none.json"), "{missing}");
    fs::remove_dir_all(folder).expect("the folder is removed");
}

/// What adds to the score, for any file name.
const SCORE: &str = r#"{"schemaPath": "game.schema", "handlers": [{"name": "Score", "event": "Scored",
    "nodes": [{"id": "add", "type": "Increment", "inputs": {"path": "Score"}}],
    "flow": [{"from": "start", "to": "add"}]}]}"#;

#[test]
fn ordinary_file_names_make_modules() {
    let folder = folder("names", SCORE);
    let named = [
        ("my-race.json", "my_race", "my_race"),
        ("match.json", "match", "r#match"),
        ("2nd round.json", "_2nd_round", "_2nd_round"),
        ("self.json", "self_", "self_"),
        ("a.b.json", "a_b", "a_b"),
        ("größe.json", "gr__e", "gr__e"),
    ];
    for (file, stem, module) in named {
        fs::write(folder.join(file), SCORE).expect("the document is written");
        let graph = graph(file);
        let text = graph.source(&folder).text.expect("it compiles");
        assert!(text.contains(&format!("\npub mod {module} {{\n")), "{text}");
        graph.write(&text, &folder).expect("it can be written");
        assert!(folder.join(format!("{stem}.rs")).exists(), "{file}");
    }
    let given = graph("my-race.json").name("race").source(&folder).text.expect("it compiles");
    assert!(given.contains("\npub mod race {\n"), "{given}");
    fs::write(folder.join("--.json"), SCORE).expect("the document is written");
    let nothing = graph("--.json").source(&folder).text.expect_err("no letter is left");
    assert!(nothing.contains("--.json") && nothing.contains(".name("), "{nothing}");
    for bad in ["my-race", "", "_", "self", "2nd", "a b", "é"] {
        let refused = graph("my-race.json").name(bad).source(&folder).text.expect_err(bad);
        assert!(refused.contains("my-race.json") && refused.contains(&format!("`{bad}`")), "{refused}");
    }
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn two_documents_of_one_name_are_refused() {
    let folder = folder("twice", SCORE);
    fs::create_dir_all(folder.join("other")).expect("the folder is made");
    let (first, second) = (graph("race.json"), graph("other/Race.json"));
    first.write("one", &folder).expect("the first is written");
    let error = second.write("two", &folder).expect_err("it would replace the first");
    assert!(["race.json", "other/Race.json", ".name("].iter().all(|part| error.contains(part)), "{error}");
    assert_eq!(fs::read_to_string(folder.join("race.rs")).expect("it is there"), "one");
    second.name("other_race").write("two", &folder).expect("of another name");
    fs::remove_dir_all(folder).expect("the folder is removed");
}

#[test]
fn the_schema_is_there_as_structs() {
    let folder = folder("structs", SCORE);
    let module = graph("logic.json").source(&folder);
    let text = module.text.expect("it compiles");
    let (_, state) = text.split_once("    pub mod state {\n").expect("there are structs");
    assert!(
        state.contains("        pub struct Game {\n") && state.contains("            pub score: i64,\n"),
        "{state}"
    );
    assert_eq!(module.warnings, Vec::<String>::new());
    // A package without the facade has no `Tracked`.
    let alone =
        graph("logic.json").runtime("::statewright_runtime::emitted").source(&folder).text.expect("it compiles");
    assert!(!alone.contains("pub mod state"), "{alone}");
    // What Rust's types cannot tell keeps nothing from running.
    fs::write(
        folder.join("game.schema"),
        "@root(active) type Game {\n  Score int64\n  Seen map[uuid]map[string]int\n}\n",
    )
    .expect("the schema is written");
    let module = graph("logic.json").source(&folder);
    assert!(module.text.is_ok_and(|text| !text.contains("pub mod state")));
    assert!(module.warnings.iter().any(|warning| warning.contains("no module `state`")), "{:?}", module.warnings);
    fs::remove_dir_all(folder).expect("the folder is removed");
}
