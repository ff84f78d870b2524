//! `--filtering`: what it costs to look at plain structs with a viewer's eyes.

use std::hint::black_box;
use std::time::Instant;

use statewright::Tracked;
use statewright::tracked::{State, Viewer};

/// A player of the standard scenario.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(owner = "id")]
pub struct Player {
    id: String,
    team: String,
    name: String,
    #[tracked(view(owner))]
    hand: Vec<i32>,
    x: f64,
    y: f64,
    health: i64,
    score: i64,
}

/// The standard scenario.
#[derive(Tracked, Clone, Debug, Default, PartialEq)]
#[tracked(root)]
pub struct Game {
    round: i64,
    phase: String,
    #[tracked(key = "id")]
    players: Vec<Player>,
}

/// A hundred players.
pub fn players() -> Vec<Player> {
    let player = |i: i32| Player {
        id: format!("p{i:03}"),
        team: if i % 2 == 0 { "red" } else { "blue" }.to_owned(),
        name: format!("Player {i:03}"),
        hand: (0..5).map(|j| (7 * i + 13 * j) % 52).collect(),
        x: 1.5 * f64::from(i) + 0.25,
        y: 2.5 * f64::from(i) + 0.125,
        health: 100,
        score: 10 * i64::from(i),
    };
    (0..100).map(player).collect()
}

/// Everything that a viewer sees of a player: each field is looked at, as an encoder would.
fn look(seen: PlayerSeen<'_>) {
    black_box((seen.id(), seen.team(), seen.name(), seen.hand(), seen.x(), seen.y(), seen.health(), seen.score()));
}

/// Nanoseconds of one of `calls` calls; of many rounds the fastest.
fn time_ns(calls: u32, mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..super::ROUNDS {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
    }
    best
}

/// What is measured, with its nanoseconds and how often it asked for memory.
pub fn measure() -> Result<Vec<(&'static str, f64, u64)>, String> {
    const CALLS: u32 = 20_000;
    let players = players();
    let player = players.get(37).ok_or("no player 37")?;
    let (owner, opponent) = (Viewer::new("p037").in_team("blue"), Viewer::new("p036").in_team("red"));
    let mut copy = player.clone();
    let mut buffer: Vec<PlayerSeen<'_>> = Vec::with_capacity(players.len());
    let mut rows = Vec::new();
    let mut row = |name, calls, call: &mut dyn FnMut()| {
        let before = crate::counting::asked();
        let ns = time_ns(calls, call);
        rows.push((name, ns, crate::counting::asked() - before));
    };
    row("one record for an opponent", CALLS, &mut || look(black_box(player).seen_by(black_box(&opponent))));
    row("one record for its owner", CALLS, &mut || look(black_box(player).seen_by(black_box(&owner))));
    row("100 records into a buffer", CALLS / 100, &mut || {
        Player::seen_by_all(black_box(&players), black_box(&opponent), &mut buffer);
        buffer.iter().for_each(|seen| look(*seen));
    });
    row("one record in place", CALLS, &mut || black_box(&mut copy).hide_from(black_box(&opponent)));
    let schema = Game::schema();
    let main_root = schema.main_root(None).ok_or("no root")?;
    let mut memory = State::new(schema, main_root, 0);
    let failed = |code: statewright::TrapCode| code.to_string();
    let mut state = GameMut::of(&mut memory).map_err(|mismatch| mismatch.to_string())?;
    state.players().replace(&players).map_err(failed)?;
    let mut score = 0;
    row("a setter of a player at hand", CALLS, &mut || {
        score += 1;
        let _there = black_box(&mut state).set_round(score);
    });
    row("a setter of a player by its index", CALLS, &mut || {
        score += 1;
        if let Some(mut player) = black_box(&mut state).players().at(37) {
            let _there = player.set_score(score);
        }
    });
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_at_plain_structs_asks_for_no_memory() {
        let rows = measure().unwrap();
        for (name, _, asked) in rows.iter().take(4) {
            assert_eq!(*asked, 0, "{name}");
        }
        // Whoever copies a hand does.
        let before = crate::counting::asked();
        black_box(players().first().map(|player| player.for_viewer(&Viewer::new("p000"))));
        assert!(crate::counting::asked() > before);
    }
}
