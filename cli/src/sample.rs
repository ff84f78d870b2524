//! The sample that is played when nothing is asked for. It is part of the binary, so that it works anywhere.

use statewright_runtime::session::Action;
use statewright_types::Value;

/// The document's text.
pub const DOCUMENT: &str = include_str!("../../samples/card_game/card_game.json");
/// The schema's text.
pub const SCHEMA: &str = include_str!("../../samples/card_game/card_game.schema");
/// What the game is called.
pub const TITLE: &str = "A card game";
/// Of all random streams: it decides the cards, and so the script.
pub const SEED: u64 = 3;
/// Who plays, in the order of joining.
pub const PLAYERS: [&str; 2] = ["ann", "bob"];

/// What happens next in the game.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A player takes a seat.
    Connect(&'static str),
    /// The host has the cards dealt.
    Start(&'static str),
    /// A player lays a card.
    Play(&'static str, i64),
    /// A player draws a card.
    Draw(&'static str),
    /// Time passes, milliseconds.
    Wait(i64),
}

/// A round, from the first seat to the bonus; one player is too hasty.
pub const SCRIPT: &[Step] = &[
    Step::Connect("ann"),
    Step::Connect("bob"),
    Step::Start("ann"),
    Step::Play("ann", 27),
    Step::Play("bob", 30),
    Step::Play("ann", 32),
    Step::Play("bob", 30),
    Step::Play("ann", 12),
    Step::Play("bob", 16),
    Step::Play("ann", 14),
    Step::Play("bob", 23),
    Step::Draw("ann"),
    Step::Play("bob", 26),
    Step::Play("ann", 8),
    Step::Draw("bob"),
    Step::Play("ann", 1),
    Step::Wait(3000),
];

impl Step {
    /// The event that it is, if it is one.
    pub fn action(self) -> Option<Action> {
        let player = |id: &'static str| ("playerID", Value::from(id));
        Some(match self {
            Step::Connect(id) => Action::new("PlayerConnect", "", Value::map([player(id)])),
            Step::Start(id) => Action::new("StartGame", id, Value::Map(Vec::new())),
            Step::Play(id, card) => {
                Action::new("CardPlayed", id, Value::map([player(id), ("cardID", Value::Int(card))]))
            }
            Step::Draw(id) => Action::new("DrawCard", id, Value::map([player(id)])),
            Step::Wait(_) => return None,
        })
    }
}
