//! Made by `statewright schema --target rust`.

use std::collections::BTreeMap;

use statewright::Tracked;

/// Whoever plays.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 2, owner = "ID", was = "Member, Person")]
pub struct Player {
    #[tracked(id = 1)]
    pub id: String,
    #[tracked(id = 2, default = "nobody")]
    pub name: String,
    #[tracked(id = 3, team)]
    pub team: String,
    #[tracked(id = 9, write = "server")]
    pub score: i32,
    #[tracked(id = 10, view(owner))]
    pub hand: Vec<i32>,
    #[tracked(id = 11, quantize = 0.25, was = "Warmth")]
    pub heat: f32,
    #[tracked(id = 12, view(near, team), quantize = 0.5)]
    pub x: f64,
    #[tracked(id = 13, view(team), optional)]
    pub plan: String,
    #[tracked(id = 14)]
    pub spare: Option<Item>,
    #[tracked(id = 15, key = "Code")]
    pub items: Vec<Item>,
    #[tracked(id = 16, bytes, no_sync)]
    pub secret: Vec<u8>,
}

/// The whole of it.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 1, root)]
#[tracked(package = "cards", version = 3, types(Player, Game, Lobby, Item, Unit, Node), views(referee(admin), near))]
pub struct Game {
    #[tracked(default = -1)]
    pub round: i64,
    #[tracked(default = "lobby")]
    pub phase: String,
    #[tracked(key = "ID")]
    pub players: Vec<Player>,
    pub scores: BTreeMap<String, i64>,
    pub units: BTreeMap<u16, Unit>,
    #[tracked(uuid(keys))]
    pub friends: BTreeMap<String, Option<String>>,
    #[tracked(uuid, auto)]
    pub r#match: String,
    #[tracked(config = "Game.Speed")]
    pub speed: f64,
    #[tracked(default = "[1.0,0.5]")]
    pub odds: Vec<f32>,
    pub grid: Vec<Vec<u8>>,
    pub bag: Item,
    pub chain: Option<Node>,
    pub best: Option<i16>,
    #[tracked(no_sync)]
    pub deck: Vec<i32>,
    #[tracked(view(admin, referee))]
    pub vault: String,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 3, root(inactive))]
pub struct Lobby {
    #[tracked(default = true)]
    pub open: bool,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 4)]
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
#[tracked(id = 6)]
pub struct Node {
    pub text: String,
    pub next: Option<Box<Node>>,
}
