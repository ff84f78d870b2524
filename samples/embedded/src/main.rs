//! A server whose logic is a graph: `graphs/race.json` was made a Rust module when this program was built, so nothing is compiled
//! at run time. The state is read as the plain structs that were made of its schema.
//!
//! `cargo run -p statewright-embedded-sample` lets two players race and prints the score after every roll.

use std::error::Error;

use statewright::{Options, Program, Session, Value};

statewright::include_graph!("race");

use race::state::Race;

fn main() -> Result<(), Box<dyn Error>> {
    for line in play(7)? {
        println!("{line}");
    }
    Ok(())
}

/// A race of two with that seed: what happened, a line each.
fn play(seed: u64) -> Result<Vec<String>, Box<dyn Error>> {
    let program = Program::built_in(&race::DOCUMENT)?;
    let mut session = Session::new(&program, Options { seed, ..Options::default() });
    let mut lines = Vec::new();
    for player in ["ann", "bob"] {
        session.join(player)?;
    }
    // Each player rolls two dice in turn; somebody has won long before the last round.
    for turn in 0..100 {
        let player = if turn % 2 == 0 { "ann" } else { "bob" };
        let params = Value::map([("playerID", Value::from(player)), ("dice", Value::Int(2))]);
        session.dispatch("RollDice", player, params)?;
        let race = Race::read(session.memory())?;
        let scores: Vec<String> = race.players.iter().map(|player| format!("{} {}", player.id, player.score)).collect();
        lines.push(scores.join(", "));
        if !race.winner.is_empty() {
            lines.push(format!("{} has won", race.winner));
            break;
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_race_ends_the_same_way_as_when_it_is_interpreted() -> Result<(), Box<dyn Error>> {
        let lines = play(7)?;
        assert!(lines.last().is_some_and(|line| line.ends_with("has won")), "{lines:?}");
        assert_eq!(lines, play(7)?);
        let interpreted = Program::load(include_str!("../graphs/race.json"), race::SCHEMA)?;
        let built_in = Program::built_in(&race::DOCUMENT)?;
        assert_eq!(built_in.document_hash(), interpreted.document_hash());
        assert_eq!(built_in.handlers(), interpreted.handlers());
        let mut hashes = Vec::new();
        for program in [&interpreted, &built_in] {
            let mut session = Session::new(program, Options { seed: 3, ..Options::default() });
            session.join("ann")?;
            let params = Value::map([("playerID", Value::from("ann")), ("dice", Value::Int(1))]);
            let report = session.dispatch("RollDice", "ann", params)?;
            hashes.push((session.state_hash(), report.fuel()));
        }
        assert_eq!(hashes[0], hashes[1]);
        Ok(())
    }

    #[test]
    fn the_structs_are_the_types_of_the_graph() -> Result<(), Box<dyn Error>> {
        let program = Program::built_in(&race::DOCUMENT)?;
        assert_eq!(program.schema().hash(), Race::schema().hash());
        Ok(())
    }
}
