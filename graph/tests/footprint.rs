//! What functions may touch.

use std::sync::Arc;

use expect_test::{Expect, expect};
use statewright_graph::ir::footprint::{Fields, Footprint, footprint};
use statewright_graph::ir::text::parse;
use statewright_graph::ir::{FuncId, verify};
use statewright_graph::passes;
use statewright_types::schema;

const SCHEMA: &str = "package demo
@root(active)
type Game {
    Round   int32
    Title   string
    Players []Player @key(ID)
    Best    Player
    Vault   map[string]Card
}
type Player {
    ID    string
    Score int64
    Hand  []Card
}
type Card {
    Name string
    Twin *Card
}
";

/// The fields that the effect `E` of this body reads; and what it writes, and whether it looks around. As `TYPE.FIELD`.
fn check(body: &str, expected: Expect) {
    let schema = Arc::new(schema::text::parse(SCHEMA).0.expect("a schema"));
    let (body, functions) = body.split_once("---").unwrap_or((body, ""));
    let text = format!("module root Game\n\neffect \"E\" () {{\nb0():\n{body}\nreturn\n}}\n{functions}");
    let module = parse(&text, &schema).unwrap_or_else(|error| panic!("{error}\n{text}"));
    if let Err(errors) = verify(&module) {
        panic!("{}\n{text}", errors[0]);
    }
    let touched = footprint(&module, FuncId(0));
    let mut passed = module.clone();
    passes::run(&mut passed);
    assert_eq!(footprint(&passed, FuncId(0)), touched, "after the passes");
    let Footprint { reads, writes, looks_around } = touched;
    let name = |(ty, field): &(_, u32)| {
        let def = schema.get(*ty);
        format!("{}.{}", def.name, def.fields[*field as usize].name)
    };
    let names = |fields: &Fields| fields.iter().map(name).collect::<Vec<_>>().join(" ");
    let around = if looks_around { "; looks around" } else { "" };
    expected.assert_eq(&format!("{} > {}{around}", names(&reads), names(&writes)));
}

#[test]
fn a_copy_is_looked_at_where_something_in_it_is() {
    let copied = "v0: Game = root Game
        v1: Player = load Game.Best v0
        v2: Player = struct.copy v1
        v3: int64 = iconst 3
        struct.init Player.Score v2, v3
        v4: string = load Player.ID v2
        mem v2";
    check(copied, expect!["Game.Best Player.ID > "]);
    let stored = format!("{copied}\n        store Game.Best v0, v2");
    check(
        &stored,
        expect![
            "Game.Best Player.ID Player.Score Player.Hand Card.Name Card.Twin > Game.Best Player.ID Player.Score Player.Hand Card.Name Card.Twin"
        ],
    );
}

#[test]
fn loads_stores_and_lookups_name_their_fields() {
    check(
        "v0: Game = root Game
        v1: int64 = load Game.Round v0
        store Game.Round v0, v1
        v2: []Player = load Game.Players v0
        v3: string = sconst \"x\"
        v4: int64 = list.find_key Player.ID v2, v3
        v5: Player = list.get v2, v4",
        expect!["Game.Round Game.Players Player.ID > Game.Round"],
    );
}

#[test]
fn what_is_taken_as_a_whole_is_touched_as_a_whole() {
    check(
        "v0: Game = root Game
        v1: Player = load Game.Best v0
        v2: []Player = load Game.Players v0
        v3: int64 = list.len v2
        list.insert v2, v3, v1",
        expect!["Game.Players Game.Best Player.ID Player.Score Player.Hand Card.Name Card.Twin > Game.Players"],
    );
    check(
        "v0: Game = root Game
        v1: map[string]Card = load Game.Vault v0
        v2: bool = equal v1, v1",
        expect!["Game.Vault Card.Name Card.Twin > "],
    );
}

/// What viewers are sent must not hang on what passes find.
#[test]
fn what_passes_find_is_never_done_counts_all_the_same() {
    check(
        "v0: Game = root Game
        v1: bool = bconst true
        branch v1, b2(), b1()
        b1():
        v2: string = load Game.Title v0
        store Game.Title v0, v2
        jump b2()
        b2():",
        expect![["Game.Title > Game.Title"]],
    );
}

#[test]
fn callees_count() {
    check(
        "call \"F\"
        ---
        function \"F\" () {
        b0():
            v0: Game = root Game
            v1: string = load Game.Title v0
            return
        }",
        expect!["Game.Title > "],
    );
}

#[test]
fn what_is_written_is_told_from_what_is_read() {
    check(
        "v0: Game = root Game
        v1: Player = load Game.Best v0
        v2: []Card = load Player.Hand v1
        list.clear v2
        v3: map[string]Card = load Game.Vault v0
        v4: string = sconst \"x\"
        v5: bool = map.remove v3, v4",
        expect!["Game.Best Game.Vault Player.Hand Card.Name Card.Twin > Game.Vault Player.Hand"],
    );
    check(
        "v0: Game = root Game
        v1: map[string]Card = load Game.Vault v0
        v2: string = sconst \"x\"
        v3: Card = struct.new Card
        map.put v1, v2, v3",
        expect!["Game.Vault Card.Name Card.Twin > Game.Vault Card.Name Card.Twin"],
    );
}

#[test]
fn who_looks_at_more_than_the_state_is_known() {
    check(
        "v0: int64 = now\n        v1: Game = root Game\n        store Game.Round v1, v0",
        expect![" > Game.Round; looks around"],
    );
    check(
        "v0: string = host\n        v1: Game = root Game\n        store Game.Title v1, v0",
        expect![" > Game.Title; looks around"],
    );
}

#[test]
fn what_is_looked_at_for_nothing_does_not_count() {
    check(
        "v0: string = sconst \"x\"
        v1: bool = effect.has v0
        v2: bool = not v1",
        expect![" > "],
    );
}
