//! `--sync`: what a tick costs, from a change to the bytes of everybody's patch.

use std::hint::black_box;
use std::time::Instant;

use statewright_runtime::replica::Replica;
use statewright_runtime::sync::{EncoderOptions, Sights};

use crate::counting::asked;

mod live;
mod scenario;
#[cfg(test)]
mod tests;

use scenario::Game;

const ROUNDS: u32 = 40;

/// One figure.
struct Row {
    name: &'static str,
    bytes: usize,
    ns: f64,
    /// Of which encoding.
    encode_ns: f64,
    allocations: u64,
}

/// The best of many rounds of `ticks` ticks.
fn measure(
    name: &'static str,
    game: &mut Game,
    viewers: &Sights,
    (whose, ticks): (usize, u32),
    change: impl Fn(&mut Game, u64),
) -> Row {
    let mut n = 0;
    let mut tick = |game: &mut Game| {
        game.tick(viewers, |game| change(game, n));
        n += 1;
    };
    (0..4).for_each(|_| tick(game));
    let before = asked();
    (0..4).for_each(|_| tick(game));
    let allocations = asked() - before;
    let bytes = game.bytes(whose);
    let (mut best, mut encode) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        (0..ticks).for_each(|_| tick(black_box(game)));
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(ticks));
        let start = Instant::now();
        (0..ticks).for_each(|_| black_box(&mut *game).encode(viewers));
        encode = encode.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(ticks));
    }
    Row { name, bytes, ns: best, encode_ns: encode, allocations }
}

fn full(name: &'static str, game: &mut Game) -> Row {
    let sights = game.sights(1);
    let Some(sight) = sights.get(0) else {
        return Row { name, bytes: 0, ns: 0.0, encode_ns: 0.0, allocations: 0 };
    };
    let mut out = Vec::with_capacity(8192);
    let mut best = f64::INFINITY;
    let mut allocations = 0;
    for _ in 0..ROUNDS {
        let (start, before) = (Instant::now(), asked());
        for _ in 0..100 {
            out.clear();
            let game = black_box(&mut *game);
            game.encoder.full_into(&game.state, sight, &mut out);
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / 100.0);
        allocations = asked() - before;
    }
    Row { name, bytes: out.len(), ns: best, encode_ns: best, allocations }
}

/// Clients that decode the whole state for the first time, in a round.
const CLIENTS: usize = 20;

/// A client decodes the whole state: one that has a state already, or its first one.
fn decoded(name: &'static str, game: &mut Game, is_first: bool) -> Row {
    let (sights, mut body) = (game.sights(1), Vec::new());
    if let Some(sight) = sights.get(0) {
        game.encoder.full_into(&game.state, sight, &mut body);
    }
    let client = || Replica::new(game.state.schema().clone());
    let (mut one, mut best, mut allocations) = (client(), f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let mut clients: Vec<Replica> = (0..CLIENTS).map(|_| client()).collect();
        let (start, before) = (Instant::now(), asked());
        for at in 0..CLIENTS {
            let client = if is_first { clients.get_mut(at) } else { Some(&mut one) };
            let _applied = black_box(client.map(|client| client.apply_full(black_box(&body))));
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / CLIENTS as f64);
        allocations = asked() - before;
    }
    Row { name, bytes: body.len(), ns: best, encode_ns: 0.0, allocations }
}

/// What is measured: rows whose names contain the filter.
struct Rows<'a> {
    filter: &'a str,
    rows: Vec<Row>,
}

impl Rows<'_> {
    fn add(&mut self, name: &'static str, measure: impl FnOnce(&'static str) -> Row) {
        if name.contains(self.filter) {
            self.rows.push(measure(name));
        }
    }
}

/// Measures what the filter is in the name of, and prints.
///
/// # Errors
/// If the scenario cannot be made.
pub fn run(filter: &str) -> Result<(), String> {
    let deltas = EncoderOptions::default();
    let plain = EncoderOptions { float_deltas: false };
    let mut rows = Rows { filter, rows: Vec::new() };
    {
        let mut game = Game::new(100, false, deltas)?;
        let sights = game.sights(1);
        let one = sights;
        rows.add("S1 a field of the root", |name| measure(name, &mut game, &one, (0, 2_000), Game::round));
        rows.add("S2 a field of an element", |name| measure(name, &mut game, &one, (0, 2_000), Game::score));
        rows.add("S3 200 floats, differences", |name| measure(name, &mut game, &one, (0, 200), Game::moves));
        rows.add("S4 a card", |name| measure(name, &mut game, &one, (0, 2_000), Game::card));
        rows.add("idle", |name| measure(name, &mut game, &one, (0, 2_000), |_, _| {}));
        let mut game = Game::new(100, false, plain)?;
        rows.add("S3 200 floats, plain", |name| measure(name, &mut game, &one, (0, 200), Game::moves));
        rows.add("S5 full state", |name| full(name, &mut game));
        rows.add("S5 decoded", |name| decoded(name, &mut game, false));
        rows.add("S5 decoded, the first one", |name| decoded(name, &mut game, true));
    }
    for (viewers, hand, field) in [
        (1_000, "S6 a card, 1,000 viewers", "S6 a field, 1,000"),
        (10_000, "S6 a card, 10,000 viewers", "S6 a field, 10,000"),
    ] {
        let mut game = Game::new(100, true, deltas)?;
        let sights = game.sights(viewers);
        let all = sights;
        rows.add(hand, |name| measure(name, &mut game, &all, (scenario::ONE, 100), Game::card));
        rows.add(field, |name| measure(name, &mut game, &all, (0, 100), Game::score));
        rows.add("   idle", |name| measure(name, &mut game, &all, (0, 100), |_, _| {}));
    }
    let elements = "1,000,000 elements, a field";
    if elements.contains(filter) {
        let mut game = Game::new(1_000_000, false, deltas)?;
        let sights = game.sights(1);
        rows.add(elements, |name| measure(name, &mut game, &sights, (0, 2_000), Game::score));
    }
    println!("{:<30} {:>8} {:>14} {:>14} {:>12}", "", "bytes", "tick, ns", "encode, ns", "allocations");
    for row in rows.rows {
        let Row { name, bytes, ns, encode_ns, allocations } = row;
        println!("{name:<30} {bytes:>8} {ns:>14.1} {encode_ns:>14.1} {allocations:>12}");
    }
    if "live".contains(filter) { live::run() } else { Ok(()) }
}
