//! A server that loads its graph at run time and swaps it while it runs: who is playing goes on playing by the new rules, and what
//! waits goes on by the old ones. New rules are interpreted until machine code of them is there, which another thread makes meanwhile.
//!
//! `cargo run --example hot_reload` plays by the rules of `before.json`, then by those of `after.json`. With a file,
//! `cargo run --example hot_reload -- FILE`, it plays by that file, and looks whether it has changed before every move.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime};

use statewright::{Execution, LoadError, Options, Program, Session, Value};

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

/// Rules, ready at once: compiling goes on beside the first moves.
fn load(rules: &str) -> Result<Program, LoadError> {
    Program::load_on(Execution::Tiered, rules, SCHEMA)
}

/// A few moves by one set of rules, and then by another.
fn play() -> Result<Vec<String>, Box<dyn Error>> {
    let before = load(BEFORE)?;
    let mut session = Session::new(&before, Options::default());
    let mut lines = Vec::new();
    lines.push(score(&mut session, 5)?);
    // The bonus comes a second later, by the rules of the moment it was promised.
    session.dispatch("Promise", "", Value::map::<&str>([]))?;
    session.set_program(&load(AFTER)?)?;
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
    let mut session = Session::new(&load(BEFORE)?, Options::default());
    loop {
        let changed = std::fs::metadata(file)?.modified()?;
        if read != Some(changed) {
            read = Some(changed);
            match load(&std::fs::read_to_string(file)?) {
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
    use statewright::Compiled;

    #[test]
    fn new_rules_hold_from_the_next_move_on_and_what_waits_keeps_the_old_ones() -> Result<(), Box<dyn Error>> {
        let lines = play()?;
        let wanted = [r#"5 points: {"Points":5}"#, r#"5 points: {"Points":15}"#, r#"after a second: {"Points":16}"#];
        assert_eq!(lines, wanted);
        Ok(())
    }

    /// Pages in memory, where Linux tells.
    fn resident_pages() -> Option<i64> {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    }

    /// One session, by new rules at every move, all of them compiled. What was promised by the rules before is kept by those.
    fn reload(session: &mut Session, times: usize) -> Result<(), Box<dyn Error>> {
        for time in 0..times {
            let rules = load(if time % 2 == 0 { AFTER } else { BEFORE })?;
            session.set_program(&rules)?;
            session.dispatch("Score", "", Value::map([("points", Value::Int(1))]))?;
            session.advance(1_000);
            assert_eq!(rules.wait_until_compiled(), Compiled::Yes);
            session.dispatch("Promise", "", Value::map::<&str>([]))?;
            session.take_log();
        }
        Ok(())
    }

    #[test]
    fn fifteen_hundred_reloads_leave_memory_flat() -> Result<(), Box<dyn Error>> {
        let mut session = Session::new(&load(BEFORE)?, Options::default());
        reload(&mut session, 100)?;
        let before = resident_pages();
        reload(&mut session, 1_500)?;
        let after = resident_pages();
        if let (Some(before), Some(after)) = (before, after) {
            // Pages of 4 KiB. Kept code would be a page for each reload at the least.
            assert!(after - before < 1_000, "{before} pages became {after}");
        }
        // 800 moves by each of both rules; the last promise, of 1 point, is still to be kept.
        let points = 800 * (2 + 100) + 800 * (1 + 1) - 1;
        assert_eq!(session.state().get("Points"), Some(&Value::Int(points)));
        Ok(())
    }

    #[test]
    fn all_executions_play_alike() -> Result<(), Box<dyn Error>> {
        for execution in [Execution::Interpreter, Execution::Jit, Execution::Tiered] {
            let rules = Program::load_on(execution, AFTER, SCHEMA)?;
            let compiled = rules.wait_until_compiled();
            assert_eq!(compiled == Compiled::Never, execution == Execution::Interpreter);
            assert_eq!(compiled == Compiled::Yes, execution != Execution::Interpreter);
            let mut session = Session::new(&rules, Options::default());
            assert_eq!(score(&mut session, 5)?, r#"5 points: {"Points":10}"#);
        }
        Ok(())
    }
}
