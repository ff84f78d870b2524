//! Made by `statewright schema --target rust`.

use std::collections::BTreeMap;

use statewright::Tracked;

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 1, rename = "Option")]
#[tracked(main, package = "odd.one", types(OptionType, PlayerType, PlayerRef), views(impl(admin, type), type))]
pub struct OptionType {
    #[tracked(rename = "type", default = "a \"quoted\" text")]
    pub r#type: String,
    #[tracked(default = "null")]
    pub self_: Option<String>,
    #[tracked(rename = "write", default = 9223372036854775807)]
    pub write_: i64,
    #[tracked(rename = "HTTPPort", default = 18446744073709551615)]
    pub http_port: u64,
    #[tracked(rename = "playerID", default = -0.10000000149011612)]
    pub player_id: f32,
    #[tracked(default = "-Infinity")]
    pub far: f64,
    #[tracked(quantize = 1e-7, default = 1e-300)]
    pub tiny: f64,
    pub x: i8,
    #[tracked(rename = "set_x", was = "a, b")]
    pub set_x_: i8,
    pub team: Option<Box<OptionType>>,
    #[tracked(bytes, no_sync)]
    pub raw: Vec<Vec<u8>>,
    #[tracked(bytes, write = "owner", default = "AQI=")]
    pub key: Vec<u8>,
    #[tracked(uuid)]
    pub spots: BTreeMap<String, BTreeMap<String, String>>,
    #[tracked(uuid(values))]
    pub kinds: BTreeMap<String, String>,
    #[tracked(uuid)]
    pub ids: Vec<Option<String>>,
}

/// Nobody's root.
///
/// With three lines.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 2, rename = "Player", owner = "fn")]
pub struct PlayerType {
    #[tracked(rename = "fn", id = 7, view(impl, owner))]
    pub r#fn: String,
    #[tracked(id = 8)]
    pub others: Vec<PlayerType>,
    #[tracked(id = 9, default = "{\"Count\":3}")]
    pub back: Option<Box<PlayerRef>>,
    #[tracked(id = 10, write = "server")]
    pub nothing: Option<i64>,
}

#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(id = 3)]
pub struct PlayerRef {
    #[tracked(view(admin), optional)]
    pub count: i32,
    pub whose: Option<Box<PlayerType>>,
}
