//! A schema or configuration as forms edit it, in either spelling: the schema language ([`schema_text`]) or JSON ([`schema_json`]).

use std::sync::Arc;

use statewright_runtime::state::{Settings, State};
use statewright_types::config::{self, Config, Values};
use statewright_types::random::Streams;
use statewright_types::schema::{Role, Schema, StructId};
use statewright_types::{Type, Value, json};

use crate::refused::Refused;
use crate::schema_text::FieldLine;
use crate::{schema_json, schema_text};

/// A change. Fields go by type and position.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Edit {
    Name(StructId, usize, String),
    Type(StructId, usize, String),
    /// `None` takes it away.
    Default(StructId, usize, Option<String>),
    /// Every annotation but the default, as the schema language writes them.
    Others(StructId, usize, String),
    Comment(StructId, usize, String),
    Move(StructId, usize, usize),
    Remove(StructId, usize),
    Add(StructId, String, String),
    NewType(String),
    Role(StructId, Role),
}

/// A field as forms show it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Shown {
    pub ty: String,
    pub default: String,
    /// Every annotation but the default.
    pub others: String,
    pub comment: String,
}

/// Whether a text is JSON; else it is of the schema language. As reading decides it.
pub fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// What a form shows of a field.
///
/// # Errors
/// It shares its line with others, or is not where fields are.
pub fn shown(text: &str, schema: &Schema, ty: StructId, index: usize) -> Result<Shown, Refused> {
    if is_json(text) {
        let [ty, default, others, comment] = schema_json::shown(text, ty, index)?;
        return Ok(Shown { ty, default, others, comment });
    }
    let line = schema_text::field(text, schema, ty, index)?;
    let comment = line.comment.clone().and_then(|range| text.get(range)).unwrap_or("");
    Ok(Shown {
        ty: text.get(line.ty.clone()).unwrap_or("").to_owned(),
        default: line.annotation(text, "default").unwrap_or("").to_owned(),
        others: line.others(text, &["default", "auto"]),
        comment: comment.trim_start_matches('/').trim().to_owned(),
    })
}

/// The text with a change. A first type is a root, as every schema needs one.
///
/// # Errors
/// What is wrong with the change, and what to do instead.
pub fn edited(text: &str, schema: Option<&Schema>, edit: &Edit) -> Result<String, Refused> {
    if let Edit::NewType(name) = edit {
        let role = if schema.is_none_or(|schema| schema.types().is_empty()) { Role::ActiveRoot } else { Role::Helper };
        if is_json(text) && schema.is_none_or(|schema| schema.by_name(name).is_none()) {
            return schema_json::with_new_type(text, name, role);
        }
        return schema_text::with_new_type(text, schema, name, role);
    }
    let schema = schema.ok_or_else(|| Refused::new("the text has errors", "mend them in the text first"))?;
    check(schema, edit)?;
    if is_json(text) { in_json(text, schema, edit) } else { in_text(text, schema, edit) }
}

/// What holds of both spellings.
fn check(schema: &Schema, edit: &Edit) -> Result<(), Refused> {
    let of_type = |ty: &str| {
        let known = schema.parse_type(ty.trim()).map(drop);
        known.map_err(|message| Refused::new(message, "choose a type that there is"))
    };
    let free = |ty: StructId, name: &str, own: Option<usize>| {
        schema_text::checked(name)?;
        let def = schema.get(ty);
        if def.field(name).is_some_and(|other| Some(other) != own) {
            return Err(Refused::new(format!("{} has a field `{name}` already", def.name), "choose another name"));
        }
        Ok(())
    };
    match edit {
        Edit::Type(_, _, of) => of_type(of),
        Edit::Add(ty, name, of) => free(*ty, name, None).and_then(|()| of_type(of)),
        Edit::Name(ty, index, name) => free(*ty, name, Some(*index)),
        _ => Ok(()),
    }
}

fn in_text(text: &str, schema: &Schema, edit: &Edit) -> Result<String, Refused> {
    let line = |ty: &StructId, index: &usize| schema_text::field(text, schema, *ty, *index);
    Ok(match edit {
        Edit::Name(ty, index, name) => schema_text::renamed_field(text, schema, *ty, *index, name)?,
        Edit::Type(ty, index, of) => schema_text::with_type(text, &line(ty, index)?, of),
        Edit::Default(ty, index, value) => {
            schema_text::with_annotation(text, &line(ty, index)?, "default", value.as_deref())
        }
        Edit::Others(ty, index, others) => {
            schema_text::with_others(text, &line(ty, index)?, &["default", "auto"], others)
        }
        Edit::Comment(ty, index, comment) => schema_text::with_comment(text, &line(ty, index)?, comment),
        Edit::Move(ty, from, to) => schema_text::moved(text, schema, *ty, *from, *to)?,
        Edit::Remove(ty, index) => schema_text::without(text, &line(ty, index)?),
        Edit::Add(ty, name, of) => schema_text::with_field(text, schema, *ty, name, of)?,
        Edit::Role(ty, role) => schema_text::with_role(text, schema, *ty, *role),
        Edit::NewType(_) => text.to_owned(),
    })
}

fn in_json(text: &str, schema: &Schema, edit: &Edit) -> Result<String, Refused> {
    match edit {
        Edit::Name(ty, index, name) => schema_json::renamed_field(text, schema, *ty, *index, name),
        Edit::Type(ty, index, of) => schema_json::with_type(text, *ty, *index, of),
        Edit::Default(ty, index, value) => schema_json::with_default(text, *ty, *index, value.as_deref()),
        Edit::Others(ty, index, others) => schema_json::with_others(text, *ty, *index, others),
        Edit::Comment(ty, index, comment) => schema_json::with_comment(text, *ty, *index, comment),
        Edit::Move(ty, from, to) => schema_json::moved(text, *ty, *from, *to),
        Edit::Remove(ty, index) => schema_json::without(text, *ty, *index),
        Edit::Add(ty, name, of) => schema_json::with_field(text, *ty, name, of),
        Edit::Role(ty, role) => schema_json::with_role(text, *ty, *role),
        Edit::NewType(_) => Ok(text.to_owned()),
    }
}

/// What a root's fields have when it is there for the first time, and again after a reset, as JSON; `config` is what `config:`
/// defaults take their values from.
pub fn reset_gives(schema: &Arc<Schema>, config: Option<Arc<Config>>, root: StructId) -> Vec<(Arc<str>, String)> {
    let main = schema.main_root(None).unwrap_or(root);
    let settings = Settings::new(config, &Values::new());
    let mut state = State::with_settings(schema.clone(), main, Streams::new(0), settings);
    state.root_activate(root);
    let value = state.root(root).and_then(|record| state.export(&Type::Struct(root), record));
    let Ok(Value::Map(fields)) = value else { return Vec::new() };
    fields.into_iter().map(|(name, value)| (name, json::to_string(&value))).collect()
}

/// The text of a configuration with another default for a value.
///
/// # Errors
/// There is no such value, or it shares its line.
pub fn with_config(text: &str, config: &Config, path: &str, value: &str) -> Result<String, Refused> {
    let change = if is_json(text) { schema_json::with_config } else { schema_text::with_config };
    change(text, config, path, value)
}

/// The default of a configuration's value as it is written: `config:…` or a text where its type reads that.
pub fn config_default(text: &str, config: &Config, field: &config::Field) -> Option<String> {
    if is_json(text) {
        return schema_json::config_default(text, config, &field.path);
    }
    FieldLine::at(text, field.span)?.annotation(text, "default").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use statewright_types::{config, schema};

    use super::*;

    const LANGUAGE: &str = "package game\n\n@helper @owner(ID)\ntype Player {\n    ID string @view(owner) // who\n    Note string @default(\"a\")\n}\n\n@root(active)\ntype Game {\n    Players []Player @key(ID)\n    Score int64\n}\n";
    const JSON: &str = r#"{
  "package": "game",
  "_kept": [1,  2],
  "types": [
    {"name": "Player", "role": "helper", "ownerField": "ID", "fields": [
      {"name": "ID", "type": "string", "views": ["owner"], "docs": "who"},
      {"name": "Note", "type": "string", "defaultSource": "literal", "defaultValue": "a"}
    ]},
    {"name": "Game", "role": "root", "defaultState": "active", "fields": [
      {"name": "Players", "type": "[]Player", "key": "ID"},
      {"name": "Score", "type":   "int64"}
    ]}
  ]
}
"#;

    fn parsed(text: &str) -> std::sync::Arc<Schema> {
        let (schema, problems) = schema::parse(text);
        schema.unwrap_or_else(|| panic!("{problems:?}\n{text}"))
    }

    const PLAYER: StructId = StructId(0);
    const GAME: StructId = StructId(1);

    fn edits() -> Vec<Edit> {
        vec![
            Edit::Name(PLAYER, 0, "Key".into()),
            Edit::Type(GAME, 1, "int32".into()),
            Edit::Default(GAME, 1, Some("3".into())),
            Edit::Default(PLAYER, 1, None),
            Edit::Default(PLAYER, 1, Some("\"b\"".into())),
            Edit::Others(PLAYER, 1, "@view(owner, team) @noSync".into()),
            Edit::Others(PLAYER, 0, "@view(admin) @write(server) @was(Old)".into()),
            Edit::Others(PLAYER, 0, String::new()),
            Edit::Comment(GAME, 1, "how many".into()),
            Edit::Comment(PLAYER, 0, String::new()),
            Edit::Move(GAME, 1, 0),
            Edit::Remove(PLAYER, 1),
            Edit::Add(GAME, "Round".into(), "int32".into()),
            Edit::NewType("Card".into()),
            Edit::Role(PLAYER, Role::InactiveRoot),
            Edit::Role(GAME, Role::InactiveRoot),
        ]
    }

    #[test]
    fn both_spellings_say_the_same_after_the_same_change() {
        assert_eq!(parsed(LANGUAGE), parsed(JSON));
        for edit in edits() {
            // A change that a schema refuses in one spelling it refuses in the other: nothing is compared then.
            let [language, json] = [LANGUAGE, JSON].map(|text| edited(text, Some(&parsed(text)), &edit).unwrap());
            let [first, second] = [&language, &json].map(|text| schema::parse(text).0);
            assert_eq!(
                first.as_deref().map(|schema| schema.hash()),
                second.as_deref().map(|schema| schema.hash()),
                "{edit:?}\n{language}\n{json}"
            );
            assert_eq!(first, second, "{edit:?}\n{language}\n{json}");
        }
    }

    #[test]
    fn a_change_of_json_leaves_every_other_line_as_it_was_written() {
        for edit in edits() {
            let after = edited(JSON, Some(&parsed(JSON)), &edit).unwrap();
            assert!(after.contains("\"_kept\": [1,  2],"), "{edit:?}\n{after}");
            let old: Vec<&str> = JSON.lines().collect();
            let changed =
                after.lines().filter(|line| !old.contains(&line.trim_end_matches(',')) && !old.contains(line));
            let most = if matches!(edit, Edit::Name(..)) { 3 } else { 8 };
            assert!(changed.count() <= most, "{edit:?}\n{after}");
        }
        let after = edited(JSON, Some(&parsed(JSON)), &Edit::Type(GAME, 1, "int32".into())).unwrap();
        assert_eq!(after, JSON.replace("  \"int64\"", "  \"int32\""));
    }

    #[test]
    fn both_spellings_are_shown_alike() {
        for (ty, index) in [(PLAYER, 0), (PLAYER, 1), (GAME, 0), (GAME, 1)] {
            let [language, json] = [LANGUAGE, JSON].map(|text| shown(text, &parsed(text), ty, index).unwrap());
            assert_eq!(language, json);
        }
    }

    #[test]
    fn what_does_not_go_is_refused_in_both() {
        for text in [LANGUAGE, JSON] {
            let schema = parsed(text);
            for edit in [
                Edit::Name(PLAYER, 0, "Note".into()),
                Edit::Name(PLAYER, 0, "1".into()),
                Edit::Type(GAME, 1, "Nobody".into()),
                Edit::Add(GAME, "Score".into(), "int32".into()),
                Edit::Add(GAME, "New".into(), "Nobody".into()),
                Edit::NewType("Game".into()),
                Edit::Move(GAME, 1, 2),
                Edit::Remove(GAME, 7),
            ] {
                assert!(edited(text, Some(&schema), &edit).is_err(), "{edit:?}");
            }
            assert!(edited(text, None, &Edit::Remove(GAME, 0)).is_err());
        }
        for others in ["@nothing", "view(owner)", "@view", "@team(1)", "@quantize(x)"] {
            assert!(edited(JSON, Some(&parsed(JSON)), &Edit::Others(PLAYER, 0, others.into())).is_err(), "{others}");
        }
    }

    #[test]
    fn a_configuration_in_json_gets_another_default() {
        let text = r#"{"package": "game", "configs": [{"name": "Rules", "fields": [
            {"name": "Cards", "type": "int64", "default": 5, "min": 1, "max": 9},
            {"name": "Wait", "type": "duration", "default": 90}]}]}"#;
        let config = config::parse(text).0.unwrap();
        assert_eq!(with_config(text, &config, "Rules.Cards", "7").unwrap(), text.replace(": 5,", ": 7,"));
        assert_eq!(with_config(text, &config, "Rules.Wait", "120").unwrap(), text.replace(": 90", ": 120"));
        let wait = config.field("Rules.Wait").unwrap();
        assert_eq!(config_default(text, &config, wait).as_deref(), Some("90"));
        assert!(with_config(text, &config, "Rules.None", "7").is_err());
    }

    #[test]
    fn a_reset_gives_defaults_those_of_the_configuration_too() {
        let text = "package game\n\n@root(active)\ntype Game {\n    Score int64 @default(3)\n}\n\n@root(inactive)\ntype \
                    Bonus {\n    Cards int64 @default(config:Rules.Cards)\n    Names []string\n}\n";
        let (schema, problems) = schema::parse(text);
        assert!(problems.is_empty(), "{problems:?}");
        let (config, _) = config::parse("package game\n\nconfig Rules {\n    Cards int64 @default(5)\n}\n");
        let schema = schema.expect("it is right");
        let gives = |config, root: &str| reset_gives(&schema, config, schema.by_name(root).expect("it is there"));
        let text = |fields: Vec<(Arc<str>, String)>| {
            fields.into_iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(text(gives(None, "Game")), "Score 3");
        assert_eq!(text(gives(config, "Bonus")), "Cards 5, Names []");
        assert_eq!(text(gives(None, "Bonus")), "Cards 0, Names []");
    }
}
