//! A game, as structs and as a schema.

use std::collections::{BTreeMap, HashMap};

use statewright::tracked::Viewer;
use statewright::{Schema, Tracked};
use statewright_runtime::state::State;

/// The same as [`Game`] and what it names.
pub const SCHEMA: &str = r#"package cards
version 3

// Whoever plays.
@id(2) @helper @owner(ID) @was(Member, Person)
type Player {
    ID      string
    Name    string           @default(nobody)
    Team    string           @team
    Score   int32            @write(server) @id(9)
    Hand    []int32          @view(owner)
    Heat    float32          @quantize(0.25) @was(Warmth)
    X       float64          @view(near, team) @quantize(0.5)
    Plan    string           @view(team) @optional
    Spare   *Item
    Items   []Item           @key(Code)
    Secret  bytes            @noSync
}

// The whole of it.
@id(1) @root(active)
type Game {
    Round   int64                  @default(-1)
    Phase   string                 @default("lobby")
    Players []Player               @key(ID)
    Scores  map[string]int64
    Units   map[uint16]Unit
    Friends map[uuid]*string
    Match   uuid                   @auto(uuid)
    Speed   float64                @default(config:Game.Speed)
    Odds    []float32              @default([1, 0.5])
    Grid    [][]uint8
    Bag     Item
    Chain   *Node
    Best    *int16
    Deck    []int32                @view(none)
    Vault   string                 @view(admin, referee)
}

@root(inactive)
type Lobby {
    Open bool @default(true)
}

type Item {
    Code  uint32
    Text  string  @view(owner)
    Plan  string  @view(team)
}

@id(12)
type Unit {
    Holder string
    Text   string  @view(owner)
    Count  int8
}

type Node {
    Text string
    Next *Node
}

view referee { includes: admin }
view near {}
"#;

/// Whoever plays.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 2, owner = "id", was = "Member, Person", sees = near)]
pub struct Player {
    pub id: String,
    #[tracked(default = "nobody")]
    pub name: String,
    #[tracked(team)]
    pub team: String,
    #[tracked(write = "server", id = 9)]
    pub score: i32,
    #[tracked(view(owner))]
    pub hand: Vec<i32>,
    #[tracked(quantize = 0.25, was = "Warmth")]
    pub heat: f32,
    #[tracked(view(near, team), quantize = 0.5)]
    pub x: f64,
    #[tracked(view(team), optional)]
    pub plan: String,
    pub spare: Option<Item>,
    #[tracked(key = "Code")]
    pub items: Vec<Item>,
    #[tracked(no_sync, bytes)]
    pub secret: Vec<u8>,
}

/// Who is called as the viewer is near it.
pub fn near(player: &Player, view: &str, viewer: &Viewer) -> bool {
    view == "near" && player.name == viewer.id()
}

/// The whole of it.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 1, root, package = "cards", version = 3)]
#[tracked(types(Player, Game, Lobby), views(referee(admin), near))]
pub struct Game {
    #[tracked(default = -1)]
    pub round: i64,
    #[tracked(default = "lobby")]
    pub phase: String,
    #[tracked(key = "id")]
    pub players: Vec<Player>,
    pub scores: BTreeMap<String, i64>,
    pub units: HashMap<u16, Unit>,
    #[tracked(uuid(keys))]
    pub friends: BTreeMap<String, Option<String>>,
    #[tracked(uuid, auto, rename = "Match")]
    pub match_id: String,
    #[tracked(config = "Game.Speed")]
    pub speed: f64,
    #[tracked(default = "[1, 0.5]")]
    pub odds: Vec<f32>,
    pub grid: Vec<Vec<u8>>,
    pub bag: Item,
    pub chain: Option<Box<Node>>,
    pub best: Option<i16>,
    #[tracked(view(none))]
    pub deck: Vec<i32>,
    #[tracked(view(admin, referee))]
    pub vault: String,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(root(inactive))]
pub struct Lobby {
    #[tracked(default = true)]
    pub open: bool,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub code: u32,
    #[tracked(view(owner))]
    pub text: String,
    #[tracked(view(team))]
    pub plan: String,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 12)]
pub struct Unit {
    pub holder: String,
    #[tracked(view(owner))]
    pub text: String,
    pub count: i8,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub text: String,
    pub next: Option<Box<Node>>,
}

/// A state of the game's schema, read from its text.
pub fn state() -> State {
    let (schema, findings) = statewright_types::schema::parse(SCHEMA);
    let schema: std::sync::Arc<Schema> = schema.unwrap_or_else(|| panic!("{findings:?}"));
    let main = schema.main_root(None).unwrap();
    State::new(schema, main, 7)
}

/// A player of that id, with two cards.
pub fn player(id: &str) -> Player {
    let (id, name) = (id.to_owned(), format!("Player {id}"));
    Player { id, name, team: "red".to_owned(), score: 10, hand: vec![1, 2], ..Player::default() }
}

/// An item of that code.
pub fn item(code: u32, text: &str) -> Item {
    Item { code, text: text.to_owned(), plan: String::new() }
}
