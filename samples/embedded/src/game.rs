//! The state as plain structs: the same types as `graphs/race.schema`, which a test holds them to.

use statewright::Tracked;

/// Somebody in the race.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(owner = "id")]
pub struct Player {
    /// Who.
    pub id: String,
    /// Points.
    pub score: i64,
    /// Every roll, of which only the player knows.
    #[tracked(view(owner))]
    pub rolls: Vec<i32>,
}

/// Who first has the target's points wins.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(root, package = "race", types(Player, Race))]
pub struct Race {
    /// In order of joining.
    #[tracked(key = "id")]
    pub players: Vec<Player>,
    /// Points that win.
    #[tracked(default = 12)]
    pub target: i64,
    /// Who won, or "".
    pub winner: String,
}
