//! Structs that are printed of a schema make that schema.

use expect_test::expect_file;
use statewright_emit::rust_structs;
use statewright_types::Schema;

use crate::game::SCHEMA;
use crate::printed;

/// What Rust's words and the macro's names are in the way of.
const AWKWARD: &str = r#"package odd.one
type Option {
    type     string    @default("a \"quoted\" text")
    Self     *string   @default("null")
    write    int       @default(9223372036854775807)
    HTTPPort uint64    @default(18446744073709551615)
    playerID float32   @default(-0.1)
    Far      float64   @default(-Infinity)
    Tiny     float64   @default(1e-300) @quantize(0.0000001)
    X        int8
    set_x    int8      @was(a, b)
    Team     *Option
    Raw      []bytes   @view(none)
    Key      bytes     @default("AQI=") @write(owner)
    Spots    map[uuid]map[uuid]uuid
    Kinds    map[string]uuid
    Ids      []*uuid
}

// Nobody's root.
//
// With three lines.
@owner(fn)
type Player {
    fn      string        @id(7) @view(impl, owner)
    Others  []Player
    Back    *PlayerRef    @default({"Count": 3})
    Nothing *int          @default(null) @write(server)
}

type PlayerRef {
    Count int32  @view(admin) @optional
    Whose *Player
}
view impl { includes: admin, type }
view type {}
"#;

fn schema(text: &str) -> std::sync::Arc<Schema> {
    statewright_types::schema::parse(text).0.unwrap()
}

#[test]
fn printed_structs_make_the_same_schema() {
    let cards = schema(SCHEMA);
    expect_file!["printed/cards.rs"].assert_eq(&rust_structs::print(&cards).unwrap());
    assert_eq!(printed::cards::Game::schema().hash(), cards.hash());
    assert_eq!(*printed::cards::Game::schema(), *cards);
    let odd = schema(AWKWARD);
    expect_file!["printed/odd.rs"].assert_eq(&rust_structs::print(&odd).unwrap());
    assert_eq!(printed::odd::OptionType::schema().hash(), odd.hash());
}

#[test]
fn keys_that_structs_cannot_tell_apart_are_refused() {
    let told = rust_structs::print(&schema("type A { X map[uuid]map[string]int }"));
    assert!(told.unwrap_err().starts_with("`A.X` is a map[uuid]map[string]int64"));
}
