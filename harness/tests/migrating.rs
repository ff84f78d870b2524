//! Save files of one schema, opened under another.

use std::sync::Arc;

use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::save::{self, Content, Form, Versions};
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::migration::Migration;
use statewright_runtime::session::{Action, Session};
use statewright_types::Value;

const SCHEMA: &str = "@root(active)\ntype Game {\n    Total int64\n    Players []Player @key(ID)\n}\n\ntype Player {\n    ID string\n    Score int32\n}\n";

/// `Add(id)` counts and waits.
const DOCUMENT: &str = r#"{"handlers": [{"name": "Add", "event": "Add", "parameters": [], "nodes": [
  {"id": "add", "type": "Increment", "inputs": {"path": "Total", "by": 2}}], "flow": [{"from": "start", "to": "add"}]},
 {"name": "Later", "event": "Later", "parameters": [], "nodes": [
  {"id": "wait", "type": "Wait", "inputs": {"duration": 10}},
  {"id": "add", "type": "Increment", "inputs": {"path": "Total"}}],
  "flow": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "add"}]}]}"#;

fn text(name: &str, text: &str) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text)))
}

/// A save file.
fn saved(form: Form, events: &[&str]) -> Content {
    let loaded = Loaded::from_texts(text("document", DOCUMENT), text("schema", SCHEMA), false);
    let program = loaded.program(Backend::Interpreter).expect("it exists").expect("it runs");
    let state = r#"{"Players": [{"ID": "ann", "Score": 4}]}"#;
    let mut session = play::begin(&loaded, program, &Setup::default(), Some(&text("state", state))).expect("it fits");
    for event in events {
        assert_eq!(session.dispatch(Action::own(event, Value::Null)).trap(), None);
    }
    let mut versions = Versions::default();
    versions.add(loaded, false);
    let bytes = save::to_bytes(&session, &versions, form).expect("it can be saved");
    Content::read("a.save", bytes).expect("it is whole")
}

fn migrated(content: Content, schema: &str, migration: &Migration) -> Result<(Session, Versions, String), String> {
    let loaded = content.document_under(text("new schema", schema), &HostNodes::default()).expect("it has one");
    let migrated = content.migrate(&loaded, false, migration).map_err(|fault| fault.to_string())?;
    Ok((migrated.0.session, migrated.0.versions, migrated.1.to_string()))
}

#[test]
fn a_file_is_opened_under_another_schema_and_saved_under_it() {
    let schema = SCHEMA.replace("Score int32", "Points int64 @was(Score)\n    Lives int8 @default(3)");
    for form in [Form::Json, Form::Binary] {
        let (mut session, versions, report) =
            migrated(saved(form, &["Add"]), &schema, &Migration::new()).expect("nothing stands in the way");
        assert_eq!(
            session.state().to_value().to_string(),
            r#"{"Total":2,"Players":[{"ID":"ann","Points":4,"Lives":3}]}"#
        );
        assert_eq!(
            report,
            "`Player.Score` is called `Points` now\n`Player.Points` becomes int64 from int32\n`Player.Lives` is new"
        );
        // The document in the file goes on under the new schema, in a file again too.
        let bytes = save::to_bytes(&session, &versions, form).expect("it can be saved");
        let opened = Content::read("b.save", bytes).expect("it is whole").open(&HostNodes::default()).expect("it runs");
        let mut opened = opened.session;
        for session in [&mut session, &mut opened] {
            assert_eq!(session.dispatch(Action::own("Add", Value::Null)).trap(), None);
        }
        assert_eq!(opened.state().hash(), session.state().hash());
        assert_eq!(opened.state().to_value().get("Total"), Some(&Value::Int(4)));
    }
}

#[test]
fn what_stands_in_the_way_is_all_in_the_message() {
    let schema = SCHEMA
        .replace("Score int32", "Score []int32")
        .replace("ID string", "ID int64")
        .replace("ID)", "ID)\n    Extra int64");
    let why = migrated(saved(Form::Json, &["Later"]), &schema, &Migration::new())
        .map(|_| ())
        .expect_err("much is in the way");
    let expected = "cannot migrate a.save: the session cannot be migrated
  activation 1 of `Later`: it waits, and cannot go on under another schema: let it finish first, or give up what waits
  Player.ID: \"ann\" cannot be a value of int64 (-9223372036854775808 to 9223372036854775807) without loss (at Players[0].ID)
  Player.Score: int32 cannot become []int32 by itself: give a conversion (at Players[0].Score)";
    assert_eq!(why, expected);
}

#[test]
fn a_document_that_does_not_go_with_the_schema_does_not_run() {
    let schema = SCHEMA.replace("Total", "Sum");
    let why = migrated(saved(Form::Json, &[]), &schema, &Migration::new()).map(|_| ()).expect_err("it writes Total");
    assert!(why.contains("the document `document` does not run"), "{why}");
}
