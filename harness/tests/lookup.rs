//! Paths into exported state.

use expect_test::{Expect, expect};
use statewright_graph::document::Path;
use statewright_harness::testing::lookup::look;
use statewright_types::{Value, json, schema};

const SCHEMA: &str = "package game

@helper
type Card {
    Name    string
    length  int32
}

@helper
type Player {
    ID      string
    Score   int64
    Hand    []Card
    Boss    *Player
}

@root(active)
type Game {
    Round   int32
    Players []Player @key(ID)
    Spare   []Player
    Teams   map[string]Player
    Slots   map[int32]string
    Title   string
    Ratio   float64
}

@root(inactive)
type Night {
    Hours   int32
}
";

const STATE: &str = r#"{"Round": 3, "Ratio": 1.5, "Title": "Wäld",
"Players": [{"ID": "ann", "Score": 7, "Hand": [{"Name": "Ace", "length": 44}], "Boss": null},
            {"ID": "bob", "Score": 9, "Hand": [], "Boss": {"ID": "ann", "Score": 1, "Hand": [], "Boss": null}}],
"Spare": [{"ID": "ann", "Score": 70, "Hand": [], "Boss": null}],
"Teams": {"red": {"ID": "x", "Score": 5, "Hand": [], "Boss": null}}, "Slots": {"-2": "low", "7": "seven"}}"#;

fn check(path: &str, expected: Expect) {
    let (schema, diagnostics) = schema::text::parse(SCHEMA);
    assert!(diagnostics.iter().all(|found| found.code.starts_with('W')), "{diagnostics:?}");
    let schema = schema.expect("the schema is right");
    let tree = json::parse(STATE).expect("the state is JSON");
    let state = tree.value(tree.root());
    let root = schema.main_root(None).expect("there is a root");
    let shown = match Path::parse(path) {
        Err(error) => format!("no path: {}", error.message),
        Ok(path) => match look(&schema, root, &state, &path) {
            Ok(value) => json::to_string(&value),
            Err(miss) => miss.message,
        },
    };
    expected.assert_eq(&shown);
}

#[test]
fn fields_elements_and_entries() {
    check("Round", expect!["3"]);
    check("Game.Round", expect!["3"]);
    check("Players[1].Score", expect!["9"]);
    check("Players[\"bob\":ID].Score", expect!["9"]);
    check("Players[9:Score].ID", expect![[r#""bob""#]]);
    check("Players[\"bob\"].Boss.ID", expect![[r#""ann""#]]);
    check("Teams[\"red\"].Score", expect!["5"]);
    check("Slots[-2]", expect![[r#""low""#]]);
    check("Slots[\"7\"]", expect![[r#""seven""#]]);
    check("Title[1]", expect![[r#""ä""#]]);
}

#[test]
fn length_counts_where_no_field_has_that_name() {
    check("Players.length", expect!["2"]);
    check("Teams.length", expect!["1"]);
    check("Title.length", expect!["4"]);
    check("Players[0].Hand[0].length", expect!["44"]);
    check("Players[0].length", expect!["`Player` has no field `length`; there is `ID`, `Score`, `Hand`, `Boss`"]);
    check("Round.length", expect!["`Round` has no length"]);
}

#[test]
fn what_leads_nowhere_says_where_it_ends() {
    check("Rond", expect!["`Game` has no field `Rond`; did you mean `Round`?"]);
    check("Players[2].Score", expect!["`Players` has 2 elements, so there is no [2]"]);
    check("Players[-1].Score", expect!["`Players` has 2 elements, so there is no [-1]"]);
    check("Players[\"eve\":ID].Score", expect![[r#"`Players` has no element whose `ID` is "eve""#]]);
    check(
        "Players[\"ann\":Name].Score",
        expect![[
            r#"`Players` has elements of type `Player` without a field `Name`; there is `ID`, `Score`, `Hand`, `Boss`"#
        ]],
    );
    check(
        "Spare[\"ann\"].Score",
        expect![[r#"`Spare` has no key declared in the schema; name the field: ["ann":FIELD]"#]],
    );
    check("Players[0].Boss.ID", expect!["`Players[0].Boss` is null, so the path does not go on"]);
    check("Teams[\"blue\"]", expect!["`Teams` has no entry `blue`"]);
    check("Ratio.x", expect!["`Ratio` has no fields, so `.x` leads nowhere"]);
    check("Ratio[0]", expect!["`Ratio` does not take what stands in the brackets behind it"]);
    check("Night.Hours", expect!["the root `Night` is not active"]);
    check(
        "Players[param:x].Score",
        expect!["`Players` is followed by a reference in brackets; outside of a handler write the value itself"],
    );
}

#[test]
fn inactive_roots_are_found_once_active() {
    let (schema, _) = schema::text::parse(SCHEMA);
    let schema = schema.expect("the schema is right");
    let root = schema.main_root(None).expect("there is a root");
    let state = Value::map([("Night", Value::map([("Hours", Value::Int(5))]))]);
    let path = Path::parse("Night.Hours").expect("a path");
    assert_eq!(look(&schema, root, &state, &path).map(|value| value.into_owned()), Ok(Value::Int(5)));
}
