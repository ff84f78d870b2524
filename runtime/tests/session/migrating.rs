//! Sessions that were saved under one schema, under another: docs/saving.md has the rules.

use std::sync::Arc;

use statewright_runtime::persist::migration::{Migrated, Migration, MigrationError, Step as Done};
use statewright_runtime::session::{Action, NewEffect, SavedSession, Session, SessionOptions};
use statewright_types::random::Streams;
use statewright_types::{Schema, StructId, Value, json, schema};

use crate::fake::{Fake, Step};

fn parsed(text: &str) -> Arc<Schema> {
    let (schema, findings) = schema::parse(text);
    schema.unwrap_or_else(|| panic!("{findings:?}"))
}

/// A session under `schema` with `state`.
fn begun(schema: &str, state: &str, fake: Fake) -> Session {
    let options = SessionOptions { seed: 5, now_ms: 100, ..SessionOptions::default() };
    let mut session = Session::new(parsed(schema), StructId(0), Arc::new(fake), options);
    let tree = json::parse(state).expect("JSON");
    assert_eq!(session.state_mut_for_setup().load_json(&tree), []);
    session
}

fn migrate(old: &str, state: &str, new: &str, migration: &Migration) -> Result<Migrated, MigrationError> {
    let session = begun(old, state, Fake::new(1));
    let values = Session::migrate(session.save(), &parsed(old), parsed(new), Arc::new(Fake::new(2)), migration);
    // Packed and through bytes it is the same.
    let bytes = session.save_packed().to_bytes(session.state().schema());
    let packed = SavedSession::from_bytes(&bytes, session.state().schema()).expect("it was just written");
    let again = Session::migrate(packed, &parsed(old), parsed(new), Arc::new(Fake::new(2)), migration);
    match (&values, again) {
        (Ok(a), Ok(b)) => assert_eq!((a.session.state().hash(), &a.report), (b.session.state().hash(), &b.report)),
        (Err(a), Err(b)) => assert_eq!(*a, b),
        _ => panic!("packed it is not as it was"),
    }
    values
}

/// The state afterwards and the report.
#[track_caller]
fn check(old: &str, state: &str, new: &str, migration: &Migration, expected: &str, report: &[&str]) {
    let migrated = migrate(old, state, new, migration).unwrap_or_else(|error| panic!("{error}"));
    let expected: Value = expected.parse().expect("JSON");
    assert_eq!(migrated.session.state().to_value().to_string(), expected.to_string());
    let steps: Vec<String> = migrated.report.steps.iter().map(ToString::to_string).collect();
    assert_eq!(steps, report);
}

#[track_caller]
fn refused(old: &str, state: &str, new: &str, migration: &Migration, problems: &[&str]) {
    let error = migrate(old, state, new, migration).map(|_| ()).expect_err("it cannot be migrated");
    assert_eq!(error.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), problems);
}

const OLD: &str = "@root(active) type Game {\n  Round int64\n  Players []Player @key(ID)\n}\n\
                   type Player {\n  ID string\n  Score int32\n  Team string\n}\n";
const STATE: &str =
    r#"{"Round": 4, "Players": [{"ID": "ann", "Score": 7, "Team": "red"}, {"ID": "bob", "Score": -1}]}"#;

#[test]
fn fields_come_go_and_are_renamed() {
    let new = "@root(active) type Game {\n  Phase string @default(lobby)\n  Players []Player @key(ID)\n  Turn int64 @was(Round)\n}\n\
               type Player {\n  Lives int8 @default(3)\n  ID string\n  Score int32\n}\n";
    let expected = r#"{"Phase": "lobby", "Players": [{"Lives": 3, "ID": "ann", "Score": 7}, {"Lives": 3, "ID": "bob", "Score": -1}], "Turn": 4}"#;
    let report = [
        "`Game.Phase` is new",
        "`Game.Round` is called `Turn` now",
        "`Player.Lives` is new",
        "`Player.Team` is gone, with what was in it",
    ];
    check(OLD, STATE, new, &Migration::new(), expected, &report);
}

#[test]
fn a_field_that_is_gone_beside_one_that_is_new_is_pointed_out() {
    let new = OLD.replace("Team string", "Side string");
    let expected =
        r#"{"Round": 4, "Players": [{"ID": "ann", "Score": 7, "Side": ""}, {"ID": "bob", "Score": -1, "Side": ""}]}"#;
    let perhaps =
        "`Player.Team` is gone, with what was in it; if `Side` is what it is called now, say so with @was(Team)";
    check(OLD, STATE, &new, &Migration::new(), expected, &["`Player.Side` is new", perhaps]);
    let renamed = Migration::new().rename("Player", "Team", "Side");
    let expected = r#"{"Round": 4, "Players": [{"ID": "ann", "Score": 7, "Side": "red"}, {"ID": "bob", "Score": -1, "Side": ""}]}"#;
    check(OLD, STATE, &new, &renamed, expected, &["`Player.Team` is called `Side` now"]);
}

#[test]
fn declared_ids_follow_a_field_wherever_it_goes() {
    let old = "@root(active) type Game {\n  A int64 @id(5)\n  B int64 @id(2)\n}\n";
    let new = "@root(active) type Game {\n  B int64 @id(5)\n  A int64 @id(2)\n}\n";
    let report = ["`Game.A` is called `B` now", "`Game.B` is called `A` now"];
    check(old, r#"{"A": 1, "B": 2}"#, new, &Migration::new(), r#"{"B": 1, "A": 2}"#, &report);
}

#[test]
fn types_are_renamed_and_roots_keep_whether_they_are_there() {
    let old = "@root(active) type Game {\n  U []Unit\n}\ntype Unit {\n  N int64\n}\n@root(inactive) type Shop {\n  Gold int64\n}\n\
               @root(active) type Gone {\n  X int64\n}\n";
    let new = "@was(Game) @root(active) type World {\n  U []Piece\n}\ntype Piece {\n  N int64\n}\n@was(Shop) @root(inactive) type Market {\n  Gold int64\n}\n";
    let state = r#"{"U": [{"N": 3}], "Shop": {"Gold": 9}, "Gone": {"X": 1}}"#;
    let expected = r#"{"U": [{"N": 3}], "Market": {"Gold": 9}}"#;
    let report = [
        "`Game` is called `World` now",
        "`Unit` is called `Piece` now",
        "`Shop` is called `Market` now",
        "`Gone` is gone, with what was in it",
    ];
    check(old, state, new, &Migration::new().rename_type("Unit", "Piece"), expected, &report);
    let without = r#"{"U": [{"N": 3}]}"#;
    let migrated = migrate(old, without, new, &Migration::new().rename_type("Unit", "Piece"))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(migrated.session.state().to_value().to_string(), without.replace(' ', ""));
}

#[test]
fn what_loses_nothing_is_converted_by_itself() {
    let old = "@root(active) type Game {\n  A int64\n  B int32\n  C float64\n  D string\n  E int64\n  F []int64\n  G map[string]int64\n  H *int64\n  I Thing\n  J map[int32]Thing\n}\n\
               type Thing {\n  N int64\n}\n";
    let new = "@root(active) type Game {\n  A int8\n  B float64\n  C int32\n  D int64\n  E *string\n  F []*string\n  G map[int64]float64\n  H int64\n  I *Thing\n  J map[string]Thing\n}\n\
               type Thing {\n  N string\n}\n";
    let state = r#"{"A": -128, "B": 3, "C": 2.0, "D": "17", "E": 9, "F": [1, 2], "G": {"10": 1, "9": 2}, "I": {"N": 4}, "J": {"-3": {"N": 5}}}"#;
    let expected = r#"{"A": -128, "B": 3.0, "C": 2, "D": 17, "E": "9", "F": ["1", "2"], "G": {"9": 2.0, "10": 1.0}, "H": 0, "I": {"N": "4"}, "J": {"-3": {"N": "5"}}}"#;
    let report = [
        "`Game.A` becomes int8 from int64",
        "`Game.B` becomes float64 from int32",
        "`Game.C` becomes int32 from float64",
        "`Game.D` becomes int64 from string",
        "`Game.E` becomes *string from int64",
        "`Game.F` becomes []*string from []int64",
        "`Game.G` becomes map[int64]float64 from map[string]int64",
        "`Game.H` becomes int64 from *int64",
        "`Game.I` becomes *Thing from Thing",
        "`Game.J` becomes map[string]Thing from map[int32]Thing",
        "`Thing.N` becomes string from int64",
    ];
    check(old, state, new, &Migration::new(), expected, &report);
}

#[test]
fn what_would_lose_something_is_refused_all_at_once() {
    let old = "@root(active) type Game {\n  A int64\n  B []int64\n  C float64\n  D map[string]int64\n  E string\n  P []Player\n}\ntype Player {\n  ID string\n  Score int32\n}\n";
    let new = "@root(active) type Game {\n  A []int64\n  B []int8\n  C int64\n  D map[int8]int64\n  E bytes\n  P []Other\n}\ntype Other {\n  ID string\n}\ntype Player {\n  ID string\n  Score int32\n}\n";
    let state = r#"{"A": 1, "B": [1, 300, -300], "C": 1.5, "D": {"x": 1, "7": 2}, "E": "e", "P": [{"ID": "a"}]}"#;
    let problems = [
        "Game.A: int64 cannot become []int64 by itself: give a conversion (at A)",
        "Game.B: 300 cannot be a value of int8 (-128 to 127) without loss (at B[1], and 1 more)",
        "Game.C: 1.5 cannot be a value of int64 (-9223372036854775808 to 9223372036854775807) without loss (at C)",
        "Game.D: \"x\" cannot be a value of int8 (-128 to 127) without loss (at D[\"x\"])",
        "Game.E: string cannot become bytes by itself: give a conversion (at E)",
        "Game.P: Player cannot become Other by itself, which has nothing for `Score`: give a conversion (at P[0])",
    ];
    refused(old, state, new, &Migration::new(), &problems);
    // What is not there loses nothing.
    check(
        old,
        r#"{"E": ""}"#,
        &new.replace("E bytes", "E string").replace("A []int64", "A int64"),
        &Migration::new(),
        r#"{"A": 0, "B": [], "C": 0, "D": {}, "E": "", "P": []}"#,
        &[
            "`Game.B` becomes []int8 from []int64",
            "`Game.C` becomes int64 from float64",
            "`Game.D` becomes map[int8]int64 from map[string]int64",
            "`Game.P` becomes []Other from []Player",
            "`Other` is new",
        ],
    );
}

#[test]
fn a_host_program_converts_what_only_it_knows() {
    let new = "@root(active) type Game {\n  Round []int64\n  Players []Player @key(ID)\n}\n\
               type Player {\n  ID string\n  Score int8\n  Label string\n  Team *string\n  Lives int8\n}\n";
    let label = |player: &Value| match (player.get("ID"), player.get("Score")) {
        (Some(Value::Str(id)), Some(Value::Int(score))) => Ok(Value::str(format!("{id}: {score}"))),
        _ => Err("no player".to_owned()),
    };
    let team = |team: &Value| match team {
        Value::Str(text) if text.is_empty() => Ok(Value::Null),
        other => Ok(other.clone()),
    };
    let migration = Migration::new()
        .convert("Game", "Round", |round| Ok(Value::List(vec![round.clone()])))
        .compute("Player", "Label", label)
        .convert("Player", "Team", team)
        .default_value("Player", "Lives", Value::Int(2));
    let expected = r#"{"Round": [4], "Players": [{"ID": "ann", "Score": 7, "Label": "ann: 7", "Team": "red", "Lives": 2},
        {"ID": "bob", "Score": -1, "Label": "bob: -1", "Team": null, "Lives": 2}]}"#;
    let report = [
        "`Game.Round` becomes []int64 from int64, by the host program's conversion",
        "`Player.Score` becomes int8 from int32",
        "`Player.Label` is new",
        "`Player.Team` becomes *string from string, by the host program's conversion",
        "`Player.Lives` is new",
    ];
    check(OLD, STATE, new, &migration, expected, &report);
    let failing = migration.clone().convert("Game", "Round", |_| Err("rounds are not known".to_owned()));
    refused(OLD, STATE, new, &failing, &["Game.Round: rounds are not known (at Round)"]);
    // What a conversion gives must fit.
    let wrong = migration.convert("Game", "Round", |_| Ok(Value::from("four")));
    let error = migrate(OLD, STATE, new, &wrong).map(|_| ()).expect_err("a text is no list");
    assert!(error.to_string().contains("`Round`: expected []int64, found the text \"four\""), "{error}");
}

#[test]
fn names_that_a_migration_has_wrong_are_problems() {
    let migration = Migration::new()
        .convert("Playr", "Score", |value| Ok(value.clone()))
        .rename("Player", "Points", "Score")
        .rename_type("Unit", "Player");
    let problems = [
        "the migration's `Unit`: the old schema has nothing of that name",
        "the migration's `Playr.Score`: the new schema has nothing of that name",
        "the migration's `Player.Points`: the old schema has nothing of that name",
    ];
    refused(OLD, STATE, OLD, &migration, &problems);
}

/// `Wait` waits, `Draw` draws.
fn waiting(version: u8) -> Fake {
    Fake::new(version)
        .on("Wait", &[], |step, _, _| if step == 0 { Step::Wait(10, 1, vec![]) } else { Step::Done })
        .on("Draw", &[], |_, _, cx| {
            cx.state.streams().int("dice", 1, 6);
            Step::Done
        })
        .effect("Plus", |_, _| Step::Done)
}

#[test]
fn everything_but_the_state_stays_as_it_was() {
    let mut session = begun(OLD, STATE, waiting(1));
    session.join_silently("ann");
    session.join_silently("bob");
    session.set_host(Some("bob"));
    session.grant("ann", "admin");
    let effect =
        NewEffect { params: Value::map([("by", Value::Int(1))]), duration_ms: 50, ..NewEffect::new("e", "Plus") };
    session.add_effect(effect).expect("it fits");
    for _ in 0..3 {
        session.dispatch(Action::own("Draw", Value::Null));
    }
    let new = OLD.replace("Round int64", "Round int32");
    let saved = session.save();
    let migrated = Session::migrate(saved.clone(), &parsed(OLD), parsed(&new), Arc::new(waiting(2)), &Migration::new());
    let mut migrated = migrated.unwrap_or_else(|error| panic!("{error}")).session;
    let again = migrated.save();
    assert_eq!((again.now_ms, &again.players, &again.host), (100, &saved.players, &Some("bob".into())));
    assert_eq!((&again.grants, again.sequence, again.activations), (&saved.grants, saved.sequence, saved.activations));
    assert_eq!((&again.ledger, again.limits), (&saved.ledger, saved.limits));
    assert_eq!((&again.state.streams, again.state.seed), (&saved.state.streams, 5));
    assert_eq!(again.program, [2; 32]);
    // And it goes on: the effect ends when it was to end.
    assert_eq!(migrated.effects().count(), 1);
    migrated.advance(50);
    assert_eq!(migrated.effects().count(), 0);
    // A document that has the effect no more says so.
    let without = Session::migrate(saved, &parsed(OLD), parsed(&new), Arc::new(Fake::new(3)), &Migration::new());
    let report = without.unwrap_or_else(|error| panic!("{error}")).report;
    assert!(report.steps.contains(&Done::Unknown { what: "effect", name: "Plus".into() }), "{report}");
}

#[test]
fn what_waits_is_refused_or_given_up() {
    let mut session = begun(OLD, STATE, waiting(1));
    session.dispatch(Action::own("Wait", Value::Null));
    let new = OLD.replace("Round int64", "Round int32");
    let go = |migration: &Migration| {
        Session::migrate(session.save(), &parsed(OLD), parsed(&new), Arc::new(waiting(2)), migration)
    };
    let error = go(&Migration::new()).map(|_| ()).expect_err("it waits");
    assert!(
        error.to_string().contains("activation 1 of `Wait0`: it waits, and cannot go on under another schema"),
        "{error}"
    );
    let migrated = go(&Migration::new().drop_waiting()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(migrated.session.waiting(), 0);
    assert!(migrated.report.to_string().ends_with("activation 1 of `Wait0`, which waited, is given up"));
}

#[test]
fn new_uuids_are_none_that_was_drawn_before() {
    let old = "@root(active) type Game {\n  A uuid @auto(uuid)\n}\n";
    let new = "@root(active) type Game {\n  A uuid @auto(uuid)\n  B uuid @auto(uuid)\n}\n";
    let session = begun(old, "{}", Fake::new(1));
    let before = session.state().to_value();
    let migrated =
        Session::migrate(session.save(), &parsed(old), parsed(new), Arc::new(Fake::new(2)), &Migration::new());
    let after = migrated.unwrap_or_else(|error| panic!("{error}")).session.state().to_value();
    assert_eq!(after.get("A"), before.get("A"));
    assert_ne!(after.get("B"), before.get("A"));
    assert_ne!(after.get("B"), Some(&Value::from("")));
}

#[test]
fn going_back_to_an_earlier_version_is_pointed_out() {
    let old = format!("version 3\n{OLD}");
    let migrated = migrate(&old, STATE, &OLD.replace("  Team string\n", ""), &Migration::new());
    let report = migrated.unwrap_or_else(|error| panic!("{error}")).report;
    assert_eq!(report.steps.first(), Some(&Done::Back { from: 3, to: 1 }));
}

#[test]
fn a_main_root_without_counterpart_is_refused() {
    let new = "@root(active) type World {\n  Round int64\n}\n";
    refused(
        OLD,
        STATE,
        new,
        &Migration::new(),
        &["the session: its main root `Game` has no counterpart in the new schema"],
    );
    let migrated = migrate(OLD, STATE, new, &Migration::new().rename_type("Game", "World"));
    assert_eq!(
        migrated.unwrap_or_else(|error| panic!("{error}")).session.state().to_value().to_string(),
        r#"{"Round":4}"#
    );
}

/// Field types that keep each other's values, from narrow to wide.
const WIDENING: &[&[&str]] = &[
    &["int8", "int16", "int32", "int64", "*int64"],
    &["uint8", "uint16", "uint32", "uint64", "*uint64"],
    &["int16", "float32", "float64", "*float64", "*float64"],
    &["[]int8", "[]int32", "[]float64", "*[]float64", "*[]float64"],
    &["bool", "uint8", "int32", "int64", "string"],
    &["map[int8]bool", "map[int32]uint8", "map[int64]int16", "map[string]int64", "map[string]string"],
];

#[test]
fn what_is_widened_and_narrowed_again_is_what_it_was() {
    for seed in 0..300 {
        let mut dice = Streams::new(seed);
        let mut below = |bound: usize| dice.int("widening", 0, bound as i64 - 1) as usize;
        let (mut narrow, mut wide, mut entries) = (String::new(), String::new(), Vec::new());
        for at in 0..1 + below(6) {
            let row = WIDENING[below(WIDENING.len())];
            let (from, to) = (below(row.len()), below(row.len()));
            narrow += &format!("  F{at} {}\n", row[from.min(to)]);
            wide += &format!("  F{at} {}\n", row[from.max(to)]);
            let number = Value::from(i64::from(below(2) == 1));
            let value = match row[from.min(to)].trim_start_matches('*') {
                list if list.starts_with("[]") => Value::List(vec![number.clone(), number]),
                "map[int8]bool" => Value::map([("5", Value::Bool(true)), ("-7", Value::Bool(false))]),
                "map[string]string" => Value::map([("5", Value::from("x"))]),
                map if map.starts_with("map") => Value::map([("5", number)]),
                "bool" => Value::Bool(below(2) == 1),
                "string" => Value::from("anything"),
                _ => number,
            };
            entries.push((format!("F{at}"), value));
        }
        let (narrow, wide) =
            (format!("@root(active) type Game {{\n{narrow}}}\n"), format!("@root(active) type Game {{\n{wide}}}\n"));
        let session = begun(&narrow, &Value::map(entries).to_string(), Fake::new(1));
        let there = Session::migrate(
            session.save(),
            &parsed(&narrow),
            parsed(&wide),
            Arc::new(Fake::new(2)),
            &Migration::new(),
        );
        let there = there.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{narrow}{wide}")).session;
        let back =
            Session::migrate(there.save(), &parsed(&wide), parsed(&narrow), Arc::new(Fake::new(1)), &Migration::new());
        let back = back.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{narrow}{wide}")).session;
        assert_eq!(back.state().hash(), session.state().hash(), "seed {seed}\n{narrow}{wide}");
    }
}
