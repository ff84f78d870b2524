//! The bounds on bytes and allocations; times have no place in tests.

use statewright_runtime::sync::EncoderOptions;

use super::live::{Hiding, Live, When};
use super::scenario::{Game, ONE};
use crate::counting::asked;

/// Bytes of a patch, and how often ticks in their stride ask for memory.
fn tick(private: bool, float_deltas: bool, viewers: usize, change: fn(&mut Game, u64)) -> (usize, u64) {
    let mut game = Game::new(100, private, EncoderOptions { float_deltas }).expect("a game");
    let sights = game.sights(viewers);
    (0..6).for_each(|n| game.tick(&sights, |game| change(game, n)));
    let before = asked();
    (6..13).for_each(|n| game.tick(&sights, |game| change(game, n)));
    let asked = asked() - before;
    (game.bytes(ONE.min(viewers - 1)), asked)
}

#[test]
fn patches_are_a_handful_of_bytes() {
    let bytes = |float_deltas, change| tick(false, float_deltas, 1, change).0;
    assert_eq!(bytes(true, Game::round), 2, "S1: tag and value");
    assert!(bytes(true, Game::score) <= 6, "S2");
    assert!(bytes(false, Game::moves) <= 1620, "S3");
    assert!(bytes(true, Game::moves) <= 450, "S3 with differences");
    assert!(bytes(true, Game::card) <= 5, "S4");
    assert!(tick(true, true, 100, Game::card).0 <= 5, "S4, of a private hand");
}

#[test]
fn a_full_state_is_small() {
    let mut game = Game::new(100, false, EncoderOptions::default()).expect("a game");
    let sights = game.sights(1);
    let mut out = Vec::new();
    let sight = sights.get(0).expect("one viewer");
    game.encoder.full_into(&game.state, sight, &mut out);
    assert!(out.len() <= 4700, "S5: {}", out.len());
}

#[test]
fn a_tick_in_its_stride_allocates_nothing() {
    for private in [false, true] {
        for viewers in [1, 200] {
            for (name, change) in [
                ("round", Game::round as fn(&mut Game, u64)),
                ("score", Game::score),
                ("moves", Game::moves),
                ("card", Game::card),
                ("nothing", |_, _| {}),
            ] {
                assert_eq!(tick(private, true, viewers, change).1, 0, "{name}, {viewers} viewers, private {private}");
            }
        }
    }
}

#[test]
fn a_live_tick_in_its_stride_allocates_nothing() {
    for viewers in [1, 200] {
        for hiding in [Hiding::Owners, Hiding::OwnersUnderEffect, Hiding::Rust, Hiding::Graphs] {
            for when in [When::Ticks, When::Debounced] {
                let mut live = Live::sending(viewers, hiding, when).expect("a session");
                let context = format!("{viewers} viewers, {hiding:?}, {when:?}");
                assert_eq!(live.allocations(Live::score), 0, "{context}");
                assert_eq!(live.allocations(|_| {}), 0, "{context}, nothing to tell");
            }
        }
    }
}
