//! Schemas and configurations: edited by forms and text, with what documents say of it, saved with care.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;

use crate::window::{DOCUMENT, SCHEMA, Window};

const CONFIG: &str = "package game\n\nconfig Rules {\n    Cards int64 @default(5) @min(1) @max(9) // each\n}\n";

fn schema(window: &mut Window) {
    window.work(Todo::Act(Action::Schema));
}

fn effects(window: &mut Window) {
    window.editor().panels.schema.effects.wait();
    window.settle();
}

#[test]
fn a_field_is_edited_by_its_form_and_one_line_changes() {
    let mut window = Window::new("schema-form", DOCUMENT);
    schema(&mut window);
    window.write("Default of Score", "3");
    window.write("Comment of Name", "who leads");
    window.click("Save schema");
    let expected = SCHEMA.replacen("    Score int64", "    Score int64 @default(3)", 1).replacen(
        "    Name string",
        "    Name string // who leads",
        1,
    );
    assert_eq!(window.file("game.schema"), expected);
    assert_eq!(&*window.editor().active().unwrap().0.schema.text, expected, "the document knows it");
    window.choose("Move down Score");
    window.enter("New field", "Round");
    window.enter("Type of new field", "int32");
    window.choose("Add field");
    window.choose("Remove field Ready");
    window.click("Save schema");
    let saved = window.file("game.schema");
    assert!(saved.contains("    Round int32\n") && !saved.contains("Ready"), "{saved}");
    assert!(saved.find("Name string").unwrap() < saved.find("Score int64").unwrap(), "{saved}");
}

#[test]
fn what_a_change_breaks_is_shown_before_it_is_saved() {
    let mut window = Window::new("schema-effects", DOCUMENT);
    schema(&mut window);
    window.write("Field Score", "Points");
    effects(&mut window);
    assert!(window.has("game.json with this: 1 new problems, 0 fewer"));
    window.click("Save schema");
    window.click("Cancel");
    assert_eq!(window.file("game.schema"), SCHEMA);
    window.click("Undo");
    window.settle();
    assert!(!window.editor().panels.schema.is_modified());
}

#[test]
fn a_field_is_renamed_in_schema_and_documents() {
    let mut window = Window::new("schema-rename", DOCUMENT);
    schema(&mut window);
    window.choose("Rename Score everywhere");
    window.write("Name", "Points");
    assert_eq!(window.text(), DOCUMENT.replace("\"path\": \"Score\"", "\"path\": \"Points\""));
    effects(&mut window);
    window.click("Save schema");
    assert_eq!(window.file("game.schema"), SCHEMA.replacen("    Score int64", "    Points int64", 1));
    window.settle();
    assert_eq!(window.editor().active().unwrap().0.checked.findings.count(), (0, 0));
}

#[test]
fn the_text_is_edited_and_what_others_wrote_is_kept() {
    let mut window = Window::new("schema-text", DOCUMENT);
    schema(&mut window);
    window.click("Text");
    window.enter("Text of the schema", &SCHEMA.replace("Ready bool", "Ready string"));
    let path = window.folder().join("game.schema");
    std::fs::write(&path, format!("{SCHEMA}\n// The end.\n")).unwrap();
    effects(&mut window);
    window.click("Save schema");
    let saved = window.file("game.schema");
    assert!(saved.contains("Ready string") && saved.contains("// The end."), "{saved}");
    window.enter("Text of the schema", "type {");
    effects(&mut window);
    assert!(window.editor().panels.schema.is_modified());
    assert_eq!(window.file("game.schema"), saved);
}

#[test]
fn roots_are_switched() {
    let mut window = Window::new("schema-roots", DOCUMENT);
    schema(&mut window);
    window.enter("New type", "Bonus");
    window.click("Add type");
    window.click("inactive root");
    window.click("Save schema");
    assert!(
        window.file("game.schema").ends_with("@root(inactive)\ntype Bonus {\n}\n"),
        "{}",
        window.file("game.schema")
    );
}

#[test]
fn a_value_of_a_configuration_moves_within_its_bounds() {
    let document = DOCUMENT.replace("\"stateType\"", "\"config\": \"rules.config\",\n  \"stateType\"");
    let files = [("game.json", &*document), ("game.schema", SCHEMA), ("rules.config", CONFIG)];
    let mut window = Window::with("config", &files, &["game.json"]);
    let path = window.folder().join("rules.config");
    window.work(Todo::Open(path));
    assert_eq!(window.editor().panels.bottom, Some(Panel::Schema));
    window.harness.get_by_role_and_label(Role::Slider, "Cards").focus();
    window.settle();
    for _ in 0..10 {
        window.press(Modifiers::NONE, Key::ArrowRight);
    }
    effects(&mut window);
    window.click("Save schema");
    assert_eq!(window.file("rules.config"), CONFIG.replace("(5)", "(9)"));
    let text = window.editor().active().unwrap().0.config.clone().unwrap().text;
    assert_eq!(&*text, CONFIG.replace("(5)", "(9)"));
}

const JSON: &str = r#"{
  "package": "game",
  "_kept": [1,  2],
  "types": [
    {"name": "Game", "role": "root", "defaultState": "active", "fields": [
      {"name": "Score", "type":   "int64"},
      {"name": "Name", "type": "string", "docs": "of the game"},
      {"name": "Ready", "type": "bool"},
      {"name": "Players", "type": "[]Player", "key": "ID"}
    ]},
    {"name": "Player", "role": "helper", "fields": [
      {"name": "ID", "type": "string"}
    ]}
  ]
}
"#;

#[test]
fn a_schema_in_json_is_edited_by_the_same_form() {
    let document = DOCUMENT.replace("\"stateType\"", "\"schemaPath\": \"game.schema.json\",\n  \"stateType\"");
    let files = [("game.json", &*document), ("game.schema.json", JSON)];
    let mut window = Window::with("schema-json", &files, &["game.json"]);
    assert_eq!(window.editor().active().unwrap().0.checked.findings.count().0, 0);
    schema(&mut window);
    window.write("Default of Score", "3");
    window.write("Comment of Name", "");
    window.write("Annotations of Ready", "@view(owner, admin) @noSync");
    // One that does not go is told, and nothing changes.
    let before = window.editor().panels.schema.beside().unwrap().text().clone();
    window.write("Annotations of Score", "@nothing");
    window.write("Type of Score", "Nobody");
    assert_eq!(*window.editor().panels.schema.beside().unwrap().text(), before);
    effects(&mut window);
    window.write("Annotations of Ready", "@view(owner)");
    window.click("Save schema");
    let expected = JSON
        .replace("\"type\":   \"int64\"}", "\"type\":   \"int64\", \"defaultValue\": 3}")
        .replace(", \"docs\": \"of the game\"", "")
        .replace("\"type\": \"bool\"}", "\"type\": \"bool\", \"views\": [\"owner\"]}");
    assert_eq!(window.file("game.schema.json"), expected);
    window.enter("New field", "Round");
    window.enter("Type of new field", "int32");
    window.choose("Add field");
    window.choose("Remove field Name");
    window.choose("inactive root");
    window.choose("active root");
    window.choose("Rename Score everywhere");
    window.write("Name", "Points");
    effects(&mut window);
    window.click("Save schema");
    let saved = window.file("game.schema.json");
    let (parsed, problems) = statewright_types::schema::parse(&saved);
    let parsed = parsed.unwrap_or_else(|| panic!("{problems:?}"));
    let fields: Vec<&str> = parsed.types()[0].fields.iter().map(|field| &*field.name).collect();
    assert_eq!(fields, ["Points", "Ready", "Players", "Round"]);
    assert!(saved.contains("\"_kept\": [1,  2]"), "{saved}");
    assert!(window.text().contains("\"path\": \"Points\""));
}

#[test]
fn a_configuration_is_edited_as_text_too_and_its_errors_are_shown() {
    let document = DOCUMENT.replace("\"stateType\"", "\"config\": \"rules.config\",\n  \"stateType\"");
    let files = [("game.json", &*document), ("game.schema", SCHEMA), ("rules.config", CONFIG)];
    let mut window = Window::with("config-text", &files, &["game.json"]);
    let path = window.folder().join("rules.config");
    window.work(Todo::Open(path));
    window.click("Text");
    window.enter("Text of the schema", &CONFIG.replace("@default(5)", "@default(50)"));
    assert!(window.has("1 errors"), "50 is more than the most");
    window.enter("Text of the schema", &CONFIG.replace("@default(5)", "@default(6)"));
    effects(&mut window);
    window.click("Save schema");
    assert_eq!(window.file("rules.config"), CONFIG.replace("(5)", "(6)"));
}

#[test]
fn documents_of_the_folder_that_are_not_open_say_what_a_change_breaks() {
    let other = DOCUMENT
        .replace("\"path\": \"Score\"", "\"path\": \"Name\"")
        .replace("\"value\": \"node:sum:result\"", "\"value\": \"x\"");
    let files = [("a.json", DOCUMENT), ("b.json", DOCUMENT), ("c.json", &*other), ("game.schema", SCHEMA)];
    let mut window = Window::with("schema-closed", &files, &["a.json"]);
    schema(&mut window);
    window.write("Field Score", "Points");
    effects(&mut window);
    assert_eq!(window.editor().panels.schema.effects.broken(), ["a.json", "b.json"]);
    assert!(
        window.has("b.json with this: 1 new problems, 0 fewer")
            && window.has("1 more document of the folder: nothing changes")
    );
    window.click("Save schema");
    assert_eq!(window.file("game.schema"), SCHEMA, "it asks first");
    window.click("Save anyway");
    assert_ne!(window.file("game.schema"), SCHEMA);
    assert!(window.editor().panels.schema.effects.broken().is_empty());
}

#[test]
fn a_root_is_activated_and_its_reset_shown_with_what_is_written_as_defaults() {
    let mut window = Window::new("schema-reset", DOCUMENT);
    schema(&mut window);
    window.click("active root");
    window.write("Default of Score", "3");
    window.choose("What a reset gives");
    assert!(window.has("Score: 3"));
    window.enter("New type", "Bonus");
    window.choose("Add type");
    window.click("inactive root");
    window.enter("New field", "Cards");
    window.enter("Type of new field", "[]int64");
    window.choose("Add field");
    window.choose("What a reset gives");
    assert!(window.has("Cards: []"));
    window.click("Save schema");
    let saved = window.file("game.schema");
    assert!(saved.contains("@root(inactive)\ntype Bonus {\n    Cards []int64\n}"), "{saved}");
    window.click("active root");
    window.click("Save schema");
    assert!(window.file("game.schema").contains("@root(active)\ntype Bonus {"), "{}", window.file("game.schema"));
}

#[test]
fn what_is_not_saved_of_a_schema_stays_when_another_is_opened() {
    let files = [("game.json", DOCUMENT), ("game.schema", SCHEMA), ("other.schema", "package other\n")];
    let mut window = Window::with("schema-other", &files, &["game.json"]);
    let folder = window.folder().to_owned();
    window.work(Todo::Open(folder.join("game.schema")));
    let edited = SCHEMA.replace("Score int64\n    Name", "Score int32\n    Name");
    let shown = |window: &mut Window| {
        let open = window.editor().panels.schema.beside().unwrap();
        (open.path().file_name().unwrap().to_owned(), open.text().to_string())
    };
    window.choose("Text");
    window.enter("Text of the schema", &edited);
    assert_eq!(shown(&mut window), ("game.schema".into(), edited.clone()));
    window.work(Todo::Open(folder.join("other.schema")));
    assert_eq!(shown(&mut window), ("game.schema".into(), edited.clone()));
    window.choose("Save schema");
    assert_eq!(window.file("game.schema"), edited);
    window.work(Todo::Open(folder.join("other.schema")));
    assert_eq!(shown(&mut window).0, "other.schema");
}
