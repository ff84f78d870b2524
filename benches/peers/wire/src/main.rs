//! `cargo run --release --manifest-path benches/peers/Cargo.toml -p wire`: the steps of the synchronisation scenario
//! written with postcard and bitcode, as if somebody had known beforehand what would change. Nothing is tracked, filtered
//! or addressed: lower bounds of bytes and times.
//!
//! Prints a line for each step: name, postcard's bytes and nanoseconds, bitcode's bytes and nanoseconds.

use std::hint::black_box;
use std::time::Instant;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
struct Player {
    id: String,
    team: String,
    name: String,
    hand: Vec<i32>,
    x: f64,
    y: f64,
    health: i32,
    score: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
struct Game {
    round: i64,
    phase: String,
    players: Vec<Player>,
}

/// What a step may say; the number of the variant is its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
enum Step {
    Round(i64),
    Score { player: u32, field: u8, value: i32 },
    Positions(Vec<(f64, f64)>),
    CardGone { player: u32, field: u8, operation: u8, index: u32 },
}

fn game() -> Game {
    let player = |i: i32| Player {
        id: format!("p{i:03}"),
        team: if i % 2 == 1 { "blue" } else { "red" }.to_owned(),
        name: format!("Player {i:03}"),
        hand: (0..5).map(|j| (7 * i + 13 * j) % 52).collect(),
        x: 1.5 * f64::from(i) + 0.25,
        y: 2.5 * f64::from(i) + 0.125,
        health: 100,
        score: 10 * i,
    };
    Game { round: 42, phase: "playing".to_owned(), players: (0..100).map(player).collect() }
}

/// Nanoseconds of a call, in the fastest of many rounds.
fn fastest(calls: u32, mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        for _ in 0..calls {
            work();
        }
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    (0..60).map(round).fold(f64::INFINITY, f64::min)
}

fn measure<T>(name: &str, value: &T, calls: u32) -> Result<(), postcard::Error>
where
    T: Serialize + bitcode::Encode,
{
    let mut buffer = vec![0; 1 << 16];
    let postcard_bytes = postcard::to_slice(value, &mut buffer)?.len();
    let postcard_ns = fastest(calls, || _ = black_box(postcard::to_slice(black_box(value), &mut buffer)));
    let mut bitcode_buffer = bitcode::Buffer::new();
    let bitcode_bytes = bitcode_buffer.encode(value).len();
    let bitcode_ns = fastest(calls, || _ = black_box(bitcode_buffer.encode(black_box(value)).len()));
    println!("{name} {postcard_bytes} {postcard_ns:.0} {bitcode_bytes} {bitcode_ns:.0}");
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let game = game();
    let positions = game.players.iter().map(|player| (player.x + 0.5, player.y - 0.25)).collect();
    measure("S1", &Step::Round(43), 10_000)?;
    measure("S2", &Step::Score { player: 37, field: 8, value: 375 }, 10_000)?;
    measure("S3", &Step::Positions(positions), 1_000)?;
    measure("S4", &Step::CardGone { player: 37, field: 4, operation: 3, index: 1 }, 10_000)?;
    measure("S5", &game, 200)?;
    let postcard_bytes = postcard::to_allocvec(&game)?;
    let bitcode_bytes = bitcode::encode(&game);
    let postcard_ns = fastest(200, || _ = black_box(postcard::from_bytes::<Game>(black_box(&postcard_bytes))));
    let bitcode_ns = fastest(200, || _ = black_box(bitcode::decode::<Game>(black_box(&bitcode_bytes))));
    println!("S5-decode {} {postcard_ns:.0} {} {bitcode_ns:.0}", postcard_bytes.len(), bitcode_bytes.len());
    Ok(())
}
