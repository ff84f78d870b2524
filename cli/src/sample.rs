//! The sample that is played when nothing is asked for. It is part of the binary, so that it works anywhere.

/// A document, its schema, a state and an event.
pub struct Sample {
    /// The document's text.
    pub document: &'static str,
    /// The schema's text.
    pub schema: &'static str,
    /// The state before, JSON.
    pub state: &'static str,
    /// The event.
    pub event: &'static str,
    /// Who sends it.
    pub sender: &'static str,
    /// Its parameters, JSON.
    pub params: &'static str,
}

/// A race with dice: a player rolls two of them.
pub const SAMPLE: Sample = Sample {
    document: include_str!("../templates/game.json"),
    schema: include_str!("../templates/game.schema"),
    state: r#"{"Players": [{"ID": "ann", "Score": 4}, {"ID": "bob"}]}"#,
    event: "RollDice",
    sender: "ann",
    params: r#"{"playerID": "ann", "dice": 2}"#,
};
