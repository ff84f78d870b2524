//! Fixes of a whole project, round after round.

mod support;

use statewright_harness::project::LoadOptions;
use statewright_harness::project::mend::mend;
use support::Folder;

const SCHEMA: &str = "@root(active)\ntype Game {\n    Round int32\n    Speed float64\n    Phase strng\n}\n";

/// What a document becomes, and what is still found in it.
fn mended(document: &str) -> (String, Vec<&'static str>) {
    let folder = Folder::new();
    let path = folder.put("game.json", document);
    folder.put("game.schema", SCHEMA);
    let (files, loaded) = mend(&path, &LoadOptions::default()).expect("both files are there");
    let of =
        |name: &str| files.iter().find(|mended| mended.path.ends_with(name)).map(|mended| mended.after.to_string());
    assert_eq!(of("game.schema"), Some(SCHEMA.replace("strng", "string")));
    assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), Some(document), "nothing is written");
    let codes = loaded.findings.iter().map(|finding| finding.diagnostic.code).collect();
    (of("game.json").unwrap_or_else(|| document.to_owned()), codes)
}

fn handler(nodes: &str, flow: &str) -> String {
    format!("{{\"handlers\": [{{\"name\": \"H\", \"event\": \"E\", \"nodes\": [\n{nodes}\n], \"flow\": [{flow}]}}]}}\n")
}

#[test]
fn fixes_that_meet_take_turns() {
    let nodes = |value: &str| {
        format!(
            "  {{\"id\": \"a\", \"type\": \"SetField\", \"inputs\": {{\"path\": \"Round\", \"value\": {value}}}}},\n  \
             {{\"id\": \"b\", \"type\": \"SetField\", \"inputs\": {{\"path\": \"Round\", \"value\": {value}}}}}"
        )
    };
    let flow = r#"{"from": "start", "to": "a"}, {"from": "a", "to": "b"}"#;
    let (after, codes) = mended(&handler(&nodes("\"state:Speed\""), flow));
    assert_eq!(codes, Vec::<&str>::new(), "{after}");
    let to_int = |id: &str| {
        format!("  {{\"id\": \"{id}\", \"type\": \"ToInt\", \"inputs\": {{\"value\": \"state:Speed\"}}}},\n")
    };
    let (one, two) = (to_int("toInt"), to_int("toInt2"));
    let [a, b] = ["toInt", "toInt2"].map(|id| nodes(&format!("\"node:{id}:result\"")));
    let (a, b) = (a.lines().next().expect("two nodes").to_owned(), b.lines().nth(1).expect("two nodes").to_owned());
    assert_eq!(after, handler(&format!("{one}{a}\n{two}{b}"), flow));
}

#[test]
fn one_fix_uncovers_the_next() {
    let broken = handler(
        r#"  {"id": "a", "type": "SetFeild", "inputs": {"path": "Rund", "value": 007}},
  {"id": "x", "type": "Negate", "inputs": {"value": 1}},
  {"id": "y", "type": "Negate", "inputs": {"value": "node:x:reslt"}}"#,
        r#"{"from": "start", "to": "a",}"#,
    );
    let (after, codes) = mended(&broken);
    assert_eq!(codes, Vec::<&str>::new(), "{after}");
    let good = r#"  {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 7}}"#;
    assert_eq!(after, handler(good, r#"{"from": "start", "to": "a"}"#));
}

#[test]
fn what_is_not_mechanical_stays() {
    let document = handler(
        r#"  {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "many"}}"#,
        r#"{"from": "start", "to": "a"}"#,
    );
    assert_eq!(mended(&document), (document, vec!["E025"]));
}
