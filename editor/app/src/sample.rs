//! The sample that is opened when nothing is asked for. It is part of the program, so that it works anywhere.

use std::path::Path;

use crate::window::Begin;

/// Where it is in the repository.
const FILE: &str = "samples/card_game/card_game.json";
/// The document's text.
pub const DOCUMENT: &str = include_str!("../../../samples/card_game/card_game.json");
/// The schema's text.
pub const SCHEMA: &str = include_str!("../../../samples/card_game/card_game.schema");

/// The sample's file where the editor is started in the repository, so that changes can be saved; else its text.
pub fn begin() -> Begin {
    let file = Path::new(FILE);
    if file.is_file() {
        return Begin::Paths(vec![file.to_owned()]);
    }
    Begin::Text { document: DOCUMENT.to_owned(), schema: SCHEMA.to_owned() }
}
