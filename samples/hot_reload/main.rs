//! A server that loads its graph at run time and swaps it while it runs: who is playing goes on playing by the new rules, and what
//! waits goes on by the old ones.
//!
//! `cargo run --example hot_reload` plays by the rules of `before.json`, then by those of `after.json`. With a file,
//! `cargo run --example hot_reload -- FILE`, it plays by that file, and looks whether it has changed before every move.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime};

use statewright::{Options, Program, Session, Value};

const SCHEMA: &str = include_str!("rules.schema");
const BEFORE: &str = include_str!("before.json");
const AFTER: &str = include_str!("after.json");

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args_os().nth(1) {
        Some(file) => watch(Path::new(&file)),
        None => {
            play()?.iter().for_each(|line| println!("{line}"));
            Ok(())
        }
    }
}

/// A few moves by one set of rules, and then by another.
fn play() -> Result<Vec<String>, Box<dyn Error>> {
    let before = Program::load(BEFORE, SCHEMA)?;
    let mut session = Session::new(&before, Options::default());
    let mut lines = Vec::new();
    lines.push(score(&mut session, 5)?);
    // The bonus comes a second later, by the rules of the moment it was promised.
    session.dispatch("Promise", "", Value::map::<&str>([]))?;
    session.set_program(&Program::load(AFTER, SCHEMA)?)?;
    lines.push(score(&mut session, 5)?);
    session.advance(1_000);
    lines.push(format!("after a second: {}", session.state()));
    Ok(lines)
}

fn score(session: &mut Session, points: i64) -> Result<String, Box<dyn Error>> {
    session.dispatch("Score", "", Value::map([("points", Value::Int(points))]))?;
    Ok(format!("{points} points: {}", session.state()))
}

/// Plays by a file until it cannot be read any more.
fn watch(file: &Path) -> Result<(), Box<dyn Error>> {
    let mut read: Option<SystemTime> = None;
    let mut session = Session::new(&Program::load(BEFORE, SCHEMA)?, Options::default());
    loop {
        let changed = std::fs::metadata(file)?.modified()?;
        if read != Some(changed) {
            read = Some(changed);
            match Program::load(&std::fs::read_to_string(file)?, SCHEMA) {
                Ok(program) => session.set_program(&program)?,
                // The old rules hold until the new ones are right.
                Err(error) => eprintln!("{error}"),
            }
        }
        println!("{}", score(&mut session, 5)?);
        std::thread::sleep(Duration::from_secs(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_rules_hold_from_the_next_move_on_and_what_waits_keeps_the_old_ones() -> Result<(), Box<dyn Error>> {
        let lines = play()?;
        let wanted = [r#"5 points: {"Points":5}"#, r#"5 points: {"Points":15}"#, r#"after a second: {"Points":16}"#];
        assert_eq!(lines, wanted);
        Ok(())
    }
}
