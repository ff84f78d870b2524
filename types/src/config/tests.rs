//! Configurations in both spellings, what is wrong with them, and what may be given.

use super::*;
use expect_test::{Expect, expect};

const GAME: &str = "package cards

// How a match goes.
config Game {
    Rounds   int32     @default(3) @min(1) @max(10) @env(GAME_ROUNDS)  // How many
    Speed    float64   @default(1.5)
    Mode     string    @default(easy) @options(easy, \"very hard\")
    Turn     duration  @default(30)
    Server   string    @required @env(GAME_SERVER)
}

config Debug {
    On  bool
}
";

fn game() -> Arc<Config> {
    let (config, diagnostics) = parse(GAME);
    assert_eq!(diagnostics, []);
    config.expect("a configuration without findings")
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|finding| format!("{:?} {finding}\n", finding.span.map(|span| (span.start, span.end))))
        .collect()
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(&parse(text).1));
}

#[test]
fn a_file_says_what_there_is() {
    let config = game();
    assert_eq!(config.package(), "cards");
    assert_eq!(config.groups().iter().map(|group| &*group.name).collect::<Vec<_>>(), ["Game", "Debug"]);
    assert_eq!(config.groups()[0].docs, "How a match goes.");
    let rounds = config.field("Game.Rounds").expect("declared");
    assert_eq!((rounds.docs.as_str(), rounds.variable.as_deref()), ("How many", Some("GAME_ROUNDS")));
    let turn = config.field("Game.Turn").expect("declared");
    assert_eq!((turn.type_name().as_str(), &turn.ty), ("duration", &Type::INT));
    assert_eq!(config.defaults().get("Debug.On"), Some(&Value::Bool(false)));
    assert_eq!(config.defaults().get("Game.Server"), None);
}

#[test]
fn both_spellings_say_the_same() {
    let json = r#"{"package": "cards", "configs": [
        {"name": "Game", "description": "How a match goes.", "fields": [
            {"name": "Rounds", "type": "int32", "default": 3, "min": 1, "max": "10", "env": "GAME_ROUNDS", "description": "How many"},
            {"name": "Speed", "type": "float64", "default": "1.5", "min": null},
            {"name": "Mode", "type": "string", "default": "easy", "options": ["easy", "very hard"]},
            {"name": "Turn", "type": "duration", "default": 30},
            {"name": "Server", "type": "string", "required": true, "env": "GAME_SERVER"}]},
        {"name": "Debug", "fields": [{"name": "On", "type": "bool", "required": false}]}]}"#;
    let (config, diagnostics) = parse(json);
    assert_eq!(diagnostics, []);
    let config = config.expect("a configuration without findings");
    assert_eq!(config.hash(), game().hash());
    assert_eq!(
        config.field("Game.Rounds").map(|field| &field.docs),
        game().field("Game.Rounds").map(|field| &field.docs)
    );
}

#[test]
fn bounds_and_types_change_the_hash_and_comments_do_not() {
    let hash = |text: &str| *parse(text).0.expect("a configuration").hash();
    assert_ne!(hash(GAME), hash(&GAME.replace("@max(10)", "@max(11)")));
    assert_ne!(hash(GAME), hash(&GAME.replace("float64", "float32")));
    assert_eq!(hash(GAME), hash(&GAME.replace("// How many", "# How many?")));
}

#[test]
fn what_is_wrong_is_found() {
    check(
        "",
        expect![[r#"
        Some((0, 0)) error[E123]: the configuration declares no group
          help: declare at least one, such as `config Game { Rounds int32 @default(3) }`
    "#]],
    );
    check(
        "config A {\n X int32\n X bool\n}\nconfig A {\n}",
        expect![[r#"
        Some((21, 22)) error[E120]: there is another field `A.X`
          help: rename one of the two
        Some((37, 38)) error[E120]: there is another group `A`
          help: rename one of the two, or join them
    "#]],
    );
    check(
        "config A {\n X []int32\n Y any\n Z itn32\n}",
        expect![[r#"
        Some((14, 21)) error[E121]: `[]int32` is no type of a configuration
          help: did you mean `int32`?
        Some((25, 28)) error[E121]: `any` is no type of a configuration
          help: there is `bool`, `int32`, `int64`, `float32`, `float64`, `string`, `uuid`, `duration`
        Some((32, 37)) error[E121]: `itn32` is no type of a configuration
          help: did you mean `int32`?
    "#]],
    );
    check(
        "config A {\n X int8 @default(300)\n Y int32 @min(1)\n Z int32 @min(3) @max(2)\n S string @max(3)\n}",
        expect![[r#"
        Some((28, 31)) error[E122]: `A.X` is int8: 300 is not from -128 to 127
          help: write a value of the field's type, within its bounds
        Some((34, 35)) error[E122]: `A.Y` needs a default: without one it is zero, and 0 is less than 1, the least it may be
          help: add `@default(…)` or `@required`
        Some((51, 52)) error[E122]: `A.Z` needs a default: without one it is zero, and 0 is less than 3, the least it may be
          help: add `@default(…)` or `@required`
        Some((72, 73)) error[E122]: `A.Z` is int32: 2 is less than 3, the least it may be
          help: write a value of the field's type, within its bounds
        Some((90, 91)) error[E122]: string has no least and no most
          help: bounds are for numbers; use `@options`
    "#]],
    );
    check(
        "config A {\n X string @options(a, b) @default(c)\n Y int32 @options(1, two)\n D duration @default(-1)\n}",
        expect![[r#"
        Some((45, 46)) error[E122]: `A.X` is string: "c" is none of its options: "a", "b"
          help: write a value of the field's type, within its bounds
        Some((49, 50)) error[E122]: `A.Y` needs a default: without one it is zero, and 0 is none of its options: 1
          help: add `@default(…)` or `@required`
        Some((69, 72)) error[E122]: `A.Y` is int32: `two` is no number
          help: write a value of the field's type, within its bounds
        Some((95, 97)) error[E122]: `A.D` is duration: -1 is less than 0, the least it may be
          help: write a value of the field's type, within its bounds
    "#]],
    );
    check(
        "config A {\n X int32 @env(1X)\n Y int32 @env(Q)\n Z int32 @env(Q)\n}",
        expect![[r#"
        Some((25, 27)) error[E124]: `1X` is no name of an environment variable
          help: use letters, digits and `_`, such as GAME_ROUNDS
        Some((60, 61)) error[E124]: the environment variable Q gives another field already
          help: name one variable for each field
    "#]],
    );
    check(
        "config A {\n X int32 @default(1) @required\n Y int32 @defualt(1)\n Z int32 @required(1)\n}",
        expect![[r#"
        Some((32, 41)) warning[W102]: `A.X` has a default, so that nothing needs to be given for it
          help: remove `@required`, or the default
        Some((51, 62)) warning[W100]: the annotation `@defualt` is unknown and has no effect
          help: did you mean `@default`?
        Some((82, 83)) error[E111]: `@required` takes no value
          help: write `@required` alone
    "#]],
    );
    check(
        "type A {\n}\n@id(1)\nconfig B {\n X int32 @default(\"\\q\")\n",
        expect![[r#"
        Some((0, 4)) error[E100]: `type` begins no declaration
          help: a line begins with `package` or `config` here
        Some((11, 17)) warning[W100]: the annotation `@id` is unknown and has no effect
          help: remove it
        Some((25, 26)) error[E100]: the `}` of `B` is missing
          help: add it behind the last field
        Some((48, 50)) error[E122]: a string has an unknown escape
          help: the escapes are `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\u` with four hex digits; write a backslash itself as `\\`
    "#]],
    );
    check(
        r#"{"configs": [{"name": "A", "fields": [{"name": "X", "type": "int32", "default": 1.5, "mni": 1}, 7]}]}"#,
        expect![[r#"
        Some((80, 83)) error[E122]: `A.X` is int32: 1.5 is no int32
          help: write a value of the field's type, within its bounds
        Some((85, 90)) warning[W103]: the key `mni` has no effect
          help: did you mean `min`?
        Some((96, 97)) error[E113]: `field` is a number
          help: make it an object
        Some((96, 97)) error[E105]: `` is no name for a field
          help: use letters, digits and `_`, not beginning with a digit, at most 255 bytes
        Some((96, 97)) error[E121]: `` is no type of a configuration
          help: there is `bool`, `int32`, `int64`, `float32`, `float64`, `string`, `uuid`, `duration`
    "#]],
    );
}

#[test]
fn what_is_given_is_checked() {
    let config = game();
    let given = |text: &str| {
        let tree = crate::json::parse(text).expect("JSON");
        let (values, findings) = config.values_at(&tree, tree.root());
        format!("{values:?}\n{}", shown(&findings))
    };
    expect![[r#"
        {"Game.Mode": Str("very hard"), "Game.Rounds": Int(5), "Game.Speed": Float(2.0)}
    "#]]
    .assert_eq(&given(r#"{"Game": {"Rounds": 5, "Speed": 2, "Mode": "very hard"}}"#));
    expect![[r#"
        {}
        Some((20, 22)) error[E126]: `Game.Rounds`: 11 is more than 10, the most it may be
          help: give a value of type int32 from 1 to 10
        Some((24, 32)) error[E125]: the configuration has no `Game.Speeed`
          help: did you mean `Game.Speed`?
        Some((45, 46)) error[E126]: `Game.Mode`: 1 is no string
          help: give one of "easy", "very hard"
        Some((58, 59)) error[E126]: `Debug` is a number
          help: write an object: {"Group": {"Field": value}}
    "#]]
    .assert_eq(&given(r#"{"Game": {"Rounds": 11, "Speeed": 2, "Mode": 1}, "Debug": 3}"#));
    let complete = |values: &[(&str, Value)]| {
        let values = values.iter().map(|(path, value)| (Arc::from(*path), value.clone())).collect();
        config.complete(&values).map_err(|findings| shown(&findings))
    };
    expect![[r#"
        None error[E126]: `Game.Rounds`: 0 is less than 1, the least it may be
          help: give a value of type int32 from 1 to 10
        None error[E125]: the configuration has no `Game.X`
          help: there is `Game.Rounds`, `Game.Speed`, `Game.Mode`, `Game.Turn`, `Game.Server`, `Debug.On`
        Some((276, 282)) error[E127]: `Game.Server` is required, and nothing is given for it
          help: set the environment variable GAME_SERVER, or give the value otherwise
    "#]]
    .assert_eq(&complete(&[("Game.Rounds", Value::Int(0)), ("Game.X", Value::Null)]).expect_err("three findings"));
    let values = complete(&[("Game.Server", Value::str("eu"))]).expect("all is given");
    assert_eq!((values.len(), values.get("Game.Rounds")), (6, Some(&Value::Int(3))));
}

#[test]
fn the_environment_gives_text() {
    let config = game();
    let look = |rounds: &str| {
        let (values, findings) = config.environment(|name| match name {
            "GAME_ROUNDS" => Some(rounds.to_owned()),
            "GAME_SERVER" => Some("eu".to_owned()),
            _ => None,
        });
        format!("{values:?}\n{}", shown(&findings))
    };
    expect![[r#"
        {"Game.Rounds": Int(7), "Game.Server": Str("eu")}
    "#]]
    .assert_eq(&look("7"));
    expect![[r#"
        {"Game.Server": Str("eu")}
        None error[E126]: the environment variable GAME_ROUNDS, for `Game.Rounds`: `seven` is no number
          help: set GAME_ROUNDS to a value of type int32 from 1 to 10, or unset it
    "#]]
    .assert_eq(&look("seven"));
    expect![[r#"
        {"Game.Server": Str("eu")}
        None error[E126]: the environment variable GAME_ROUNDS, for `Game.Rounds`: 70 is more than 10, the most it may be
          help: set GAME_ROUNDS to a value of type int32 from 1 to 10, or unset it
    "#]].assert_eq(&look("70"));
}

#[test]
fn nan_is_within_no_bounds() {
    let (config, _) = parse("config A {\n X float64 @min(0) @default(1)\n}");
    let config = config.expect("a configuration");
    let field = config.field("A.X").expect("declared");
    assert!(field.read("NaN").is_err() && field.read("Infinity").is_ok());
}

#[test]
fn damaged_text_is_reported_within_the_text() {
    let characters: Vec<char> = GAME.chars().collect();
    let strange = ['(', ')', '"', '\\', '@', '{', '}', ',', '\n', 'é', '\u{0}'];
    for at in 0..characters.len() {
        let (before, after) = (&characters[..at], &characters[at..]);
        let without: String = before.iter().chain(&after[1..]).collect();
        let instead = strange.map(|strange| before.iter().chain([&strange]).chain(&after[1..]).collect::<String>());
        for text in [before.iter().collect(), without].into_iter().chain(instead) {
            let (config, diagnostics) = parse(&text);
            assert_eq!(config.is_some(), !crate::diagnostic::has_errors(&diagnostics), "{text}");
            let inside = |span: Span| span.start <= span.end && span.end as usize <= text.len();
            assert!(diagnostics.iter().all(|finding| finding.span.is_some_and(inside)), "{text}: {diagnostics:?}");
        }
    }
}

#[test]
fn a_file_is_laid_out_in_columns_and_means_the_same() {
    let messy = "package cards\n\n\n// How a match goes.\nconfig   Game{\n Rounds int32 @default(3)  @min(1) // How many\n\n\n Speed float64 @default(1.5) }\n";
    let formatted = text::format(messy).expect("no errors");
    expect![[r#"
        package cards

        // How a match goes.
        config Game {
            Rounds int32    @default(3) @min(1)  // How many

            Speed  float64  @default(1.5)
        }
    "#]]
    .assert_eq(&formatted);
    let meaning = |text: &str| parse(text).0.map(|config| Config::clone(&config).without_places());
    assert_eq!(meaning(messy), meaning(&formatted));
    assert_eq!(text::format(&formatted).as_ref(), Ok(&formatted));
    let fine = game();
    assert_eq!(text::format(GAME).map(|text| *parse(&text).0.expect("a configuration").hash()), Ok(*fine.hash()));
    assert!(text::format("config Game {").is_err());
}
