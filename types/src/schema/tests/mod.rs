//! Tests of schemas: reading, printing and hashing good ones here.

use expect_test::expect;

use super::*;
use crate::{Diagnostic, Value};

mod damage;
mod findings;
mod format;

/// A small game, in the way its author would write it.
const GAME: &str = r#"// A card game.

package cards
version 4

// Whoever plays.
// Joined or not.
@id(2) @helper @owner(ID) @was(Member, Person)
type Player {
    ID      string
    Name    string      @default("no \"name\" (yet)")
    Team    string      @team
    Hand    []int32     @view(owner)    // Only for the player's eyes
    Ready   bool        @default(false)
    Secret  string      @noSync @write(server) @id(12)
    Heat    float32     @quantize(0.25) @was(Warmth)
    Note    *string     @optional @view(owner|team)
}

# The whole of it.
@id(1) @root(active) type GameState
{
    Round   int32               @default(1)
    Phase   string              @default(lobby)
    Players []Player            @key(ID)
    Scores  map[string]int64    @default({"b": 2, "a": 1})
    Speed   float64             @default(config:Game.Speed)
    Odds    []float32           @default([1, 0.5, 0.1])
    Match   uuid                @auto(uuid)
    Seed    uint64              @view(admin) @default(18446744073709551615)
    Start   Place               @default({"X": -0.0})
    Last    *Player             @write(owner) @view(spectators, admin)
}

@root type Lobby { Open bool @default(true) }
@id(9) type Place { X float64 @default(1.5)
    Y float64 }

view all {}                      // everybody
view admin { includes: all }
view spectators {
    includes: all,
              referees
}
view referees {}
"#;

/// A schema as another tool writes it, with its quirks.
const GAME_JSON: &str = r#"{
  "package": "chase", "version": 2,
  "types": [
    {"name": "Zone", "id": 1, "role": "root", "defaultState": "active", "fields": [
      {"name": "Players", "type": "[]Runner", "key": "ID", "syncIndex": 0},
      {"name": "Radius", "type": "float64", "defaultSource": "literal", "defaultValue": "12.5", "syncIndex": 1},
      {"name": "Title", "type": "string", "defaultSource": "literal"},
      {"name": "Limit", "type": "int16", "defaultSource": "config", "defaultValue": "Zone.Limit"},
      {"name": "Boxes", "type": "map[int32]Box", "defaultValue": {"10": {"Points": 3}, "9": {}}}]},
    {"name": "Runner", "id": 2, "ownerField": "ID", "fields": [
      {"name": "ID", "type": "uuid", "autoGen": "uuid"},
      {"name": "Lat", "id": 7, "quantize": 1, "was": "Latitude", "type": "float64", "views": ["owner", "team"], "write": "owner"},
      {"name": "Raw", "type": "bytes", "noSync": true, "syncIndex": -1, "defaultValue": "AQI="},
      {"name": "Alias", "type": "*string", "optional": true, "defaultValue": "null"}]},
    {"name": "Box", "docs": "A surprise.", "fields": [{"name": "Points", "type": "uint8", "views": null}]}],
  "views": [{"name": "referee", "includes": ["admin"]}]
}"#;

fn good(text: &str) -> Schema {
    let (schema, diagnostics) = super::text::parse(text);
    schema.unwrap_or_else(|| panic!("{}", show(text, &diagnostics)))
}

fn show(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut lines = Vec::new();
    for diagnostic in diagnostics {
        let span = diagnostic.span.unwrap_or_default();
        let (line, column) = Span::line_column(text, span.start);
        let there = text.get(span.range()).unwrap_or("<no text>");
        let help = diagnostic.help.as_deref().unwrap_or("<no help>");
        lines.push(format!("{line}:{column} {} {:?}: {}; {help}\n", diagnostic.code, there, diagnostic.message));
    }
    lines.concat()
}

fn field<'a>(schema: &'a Schema, ty: &str, field: &str) -> &'a FieldDef {
    let def = schema.get(schema.by_name(ty).unwrap());
    &def.fields[def.field(field).unwrap()]
}

fn literal(schema: &Schema, ty: &str, name: &str) -> Value {
    match &field(schema, ty, name).default {
        Initial::Literal(value) => value.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_game_is_read() {
    let schema = good(GAME);
    assert_eq!(schema.package(), "cards");
    let names: Vec<_> = schema.types().iter().map(|def| (&*def.name, def.id, def.role)).collect();
    let expected = [
        ("Player", 2, Role::Helper),
        ("GameState", 1, Role::ActiveRoot),
        ("Lobby", 3, Role::InactiveRoot),
        ("Place", 9, Role::Helper),
    ];
    assert_eq!(names, expected);
    let player = &schema.types()[0];
    assert_eq!(schema.version(), 4);
    assert_eq!(*player.was, ["Member".into(), "Person".into()]);
    assert_eq!(player.fields.iter().map(|field| field.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 12, 13, 14]);
    assert_eq!(field(&schema, "Player", "Heat").step, Some(0.25));
    assert_eq!(*field(&schema, "Player", "Heat").was, ["Warmth".into()]);
    assert_eq!(player.docs, "Whoever plays.\nJoined or not.");
    assert_eq!(player.owner_field.as_deref(), Some("ID"));
    assert_eq!(schema.types()[1].docs, "The whole of it.");
    assert_eq!(field(&schema, "Player", "Hand").docs, "Only for the player's eyes");
    assert_eq!(field(&schema, "Player", "Hand").audience, [Audience::Owner]);
    assert_eq!(field(&schema, "Player", "Secret").audience, [Audience::Nobody]);
    assert_eq!(field(&schema, "Player", "Secret").writer, Writer::Server);
    assert!(field(&schema, "Player", "Team").team);
    assert!(field(&schema, "Player", "Note").optional);
    assert_eq!(field(&schema, "Player", "Note").audience, [Audience::Owner, Audience::Team]);
    assert_eq!(field(&schema, "GameState", "Players").key.as_deref(), Some("ID"));
    assert_eq!(field(&schema, "GameState", "Speed").default, Initial::Config("Game.Speed".into()));
    assert_eq!(field(&schema, "GameState", "Match").default, Initial::AutoUuid);
    assert_eq!(literal(&schema, "Player", "Name"), Value::str("no \"name\" (yet)"));
    assert_eq!(literal(&schema, "GameState", "Phase"), Value::str("lobby"));
    assert_eq!(literal(&schema, "GameState", "Seed"), Value::UInt(u64::MAX));
    assert_eq!(literal(&schema, "GameState", "Scores"), Value::map([("a", Value::Int(1)), ("b", Value::Int(2))]));
    let tenth = Value::Float(f64::from(0.1_f32));
    assert_eq!(literal(&schema, "GameState", "Odds"), Value::List(vec![1.0.into(), 0.5.into(), tenth]));
    assert_eq!(literal(&schema, "GameState", "Start"), Value::map([("X", Value::Float(-0.0))]));
    let last = [Audience::Named("spectators".into()), Audience::Admin];
    assert_eq!(field(&schema, "GameState", "Last").audience, last);
    assert_eq!(&*schema.views()[2].includes, ["all".into(), "referees".into()]);
    assert_eq!(schema.main_root(None), schema.by_name("GameState"));
    assert_eq!(schema.roots(), [StructId(1), StructId(2)]);
    assert_eq!(&GAME[schema.type_span(StructId(3)).range()], "Place");
    assert_eq!(&GAME[schema.field_span(StructId(0), 3).range()], "Hand");
}

#[test]
fn schema_json_of_other_tools_is_read() {
    let (schema, diagnostics) = super::json::parse(GAME_JSON);
    assert_eq!(show(GAME_JSON, &diagnostics), "");
    let schema = schema.unwrap();
    assert_eq!(literal(&schema, "Zone", "Radius"), Value::Float(12.5));
    assert_eq!(literal(&schema, "Zone", "Title"), Value::str(""));
    assert_eq!(literal(&schema, "Runner", "Raw"), Value::Bytes([1, 2].into()));
    assert_eq!(literal(&schema, "Runner", "Alias"), Value::str("null"));
    // Integer keys ascend as numbers.
    let boxes = Value::map([("9", Value::Map(vec![])), ("10", Value::map([("Points", Value::Int(3))]))]);
    assert_eq!(literal(&schema, "Zone", "Boxes"), boxes);
    assert_eq!(field(&schema, "Zone", "Limit").default, Initial::Config("Zone.Limit".into()));
    assert_eq!(field(&schema, "Runner", "Lat").audience, [Audience::Owner, Audience::Team]);
    assert_eq!(schema.version(), 2);
    assert_eq!((field(&schema, "Runner", "Lat").id, field(&schema, "Runner", "Raw").id), (7, 8));
    assert_eq!(field(&schema, "Runner", "Lat").step, Some(1.0));
    assert_eq!(*field(&schema, "Runner", "Lat").was, ["Latitude".into()]);
    assert_eq!(schema.types()[2].docs, "A surprise.");
    assert_eq!(schema.types()[2].id, 3);
}

#[test]
fn the_examples_of_the_guide_are_good_and_alike() {
    let guide = include_str!("../../../../docs/schema.md");
    let block = |start: &str| {
        let block = guide.split("```").find(|block| block.starts_with(start)).expect("the guide has that block");
        block.trim_start_matches("json").to_owned()
    };
    let text = good(&block("\npackage cards"));
    let source = block("json\n");
    let (json, diagnostics) = super::json::parse(&source);
    assert_eq!(show(&source, &diagnostics), "");
    let json = json.unwrap();
    assert_eq!(json.types().len(), text.types().len());
    assert_eq!(json.views(), text.views());
    let from_text = &text.types()[1].fields[3];
    assert_eq!(FieldDef { id: from_text.id, ..json.types()[1].fields[1].clone() }, *from_text);
}

#[test]
fn both_spellings_round_trip() {
    let (chase, _) = super::json::parse(GAME_JSON);
    for schema in [good(GAME), chase.unwrap()] {
        let text = super::text::to_text(&schema);
        let (read, diagnostics) = super::text::parse(&text);
        assert_eq!(show(&text, &diagnostics), "", "{text}");
        assert_eq!(read.as_ref(), Some(&schema), "{text}");
        assert_eq!(read.unwrap().hash(), schema.hash());
        let json = super::json::to_json(&schema);
        let (read, diagnostics) = super::json::parse(&json);
        assert_eq!(show(&json, &diagnostics), "", "{json}");
        assert_eq!(read.as_ref(), Some(&schema), "{json}");
        assert_eq!(read.unwrap().hash(), schema.hash());
    }
}

#[test]
fn a_schema_is_printed_in_columns() {
    let text = "package p\n@root(active)type S{// no docs\nList []T @key(ID)//all\nx int @default(3)\n}\n// t\ntype T{ID string}\nview v{includes: all}";
    expect![[r#"
        package p

        @id(1) @root(active)
        type S {
            // all
            List []T   @key(ID)
            x    int64 @default(3)
        }

        // t
        @id(2) @helper
        type T {
            ID string
        }

        view v { includes: all }
    "#]]
    .assert_eq(&super::text::to_text(&good(text)));
}

#[test]
fn numbers_that_are_not_finite_round_trip() {
    let schema =
        good("type T { A float64 @default(NaN)\nB float32 @default(-Infinity)\nC []float64 @default([\"Infinity\"]) }");
    assert_eq!(literal(&schema, "T", "B"), Value::Float(f64::NEG_INFINITY));
    assert_eq!(good(&super::text::to_text(&schema)), schema);
    assert_eq!(super::json::parse(&super::json::to_json(&schema)).0, Some(schema));
}

#[test]
fn the_hash_is_of_what_matters() {
    let base = "package a\n// docs\ntype T { A int32 @view(owner, team) @default(0)\nB []T @key(A) }\n";
    let same = [
        "type T {\nA int32 @view(team|owner)\nB []T @key(A)\n}",
        "package b\n@id(1) @helper\ntype T { A int32 @view(owner, team) @optional\nB []T @key(A) }",
        "version 2\n@was(S) type T { A int32 @view(owner, team) @id(1)\nB []T @key(A) @id(2) @was(Bs) }",
    ];
    let different = [
        "type U { A int32 @view(owner, team)\nB []U @key(A) }",
        "@id(2) type T { A int32 @view(owner, team)\nB []T @key(A) }",
        "@root(active) type T { A int32 @view(owner, team)\nB []T @key(A) }",
        "type T { A int64 @view(owner, team)\nB []T @key(A) }",
        "type T { A int32 @view(owner)\nB []T @key(A) }",
        "type T { A int32 @view(owner, team)\nB []T }",
        "type T { A int32 @view(owner, team) @default(1)\nB []T @key(A) }",
        "type T { A int32 @view(owner, team) @default(config:G.F)\nB []T @key(A) }",
        "type T { A int32 @view(owner, team) @write(server)\nB []T @key(A) }",
        "type T { A int32 @view(owner, team) @team\nB []T @key(A) }",
        "type T { A int32 @view(owner, team)\nB []*T @key(A) }",
        "type T { A int32 @view(owner, team)\nB []T @key(A) @id(3) }",
        "type T { A int32 @view(owner, team) @id(2)\nB []T @key(A) }",
        "type T { A int32 @view(owner, team) @id(2)\nB []T @key(A) @id(1) }",
        "type T { B []T @key(A)\nA int32 @view(owner, team) }",
        "type T { A int32 @view(owner, team)\nB []T @key(A) }\nview v {}",
    ];
    let hash = *good(base).hash();
    for text in same {
        assert_eq!(*good(text).hash(), hash, "{text}");
    }
    let mut hashes: Vec<_> = different.iter().map(|text| *good(text).hash()).chain([hash]).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), different.len() + 1);
}

#[test]
fn steps_count_in_the_hash() {
    let texts = ["A float32", "A float32 @quantize(1)", "A float32 @quantize(2)", "A float32 @quantize(1) @id(2)"];
    let mut hashes: Vec<_> = texts.map(|field| *good(&format!("type T {{ {field} }}")).hash()).into();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), texts.len());
}

#[test]
fn fields_without_an_id_get_the_next_free_one() {
    let ids = |fields: &str| {
        let schema = good(&format!("type T {{\n{fields}\n}}"));
        schema.types()[0].fields.iter().map(|field| field.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("A int\nB int\nC int"), [1, 2, 3]);
    assert_eq!(ids("A int\nB int @id(5)\nC int\nD int @id(2)\nE int"), [1, 5, 6, 2, 3]);
    // 2 is declared further down, 3 and 4 are taken already.
    assert_eq!(ids("A int @id(3)\nB int\nC int @id(1)\nD int\nE int @id(2)"), [3, 4, 1, 5, 2]);
    assert_eq!(ids("A int @id(65535)\nB int @id(65533)\nC int"), [65535, 65533, 65534]);
}

#[test]
fn the_hash_never_changes() {
    let hex: String = good("type T { A int32 }").hash().iter().map(|byte| format!("{byte:02x}")).collect();
    expect!["4eb9771e92ed49b98cfc215d77567a8eda92dd92fbee127b2c4e518869a37d7e"].assert_eq(&hex);
    let bytes = hash::canonical_bytes(&good("type T { A int32 }"));
    expect![[r#"statewright schema 1\0\u{1}\0\0\0\u{1}\0\0\0T\u{1}\0\0\0\0\0\u{1}\0\0\0\u{1}\0\0\0A\u{3}\0\0\0\0\0\0\0\0\0\0\0\0"#]].assert_eq(&String::from_utf8_lossy(&bytes).escape_debug().to_string());
}
