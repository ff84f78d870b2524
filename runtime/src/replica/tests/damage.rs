//! Damaged bytes: an error that changes nothing, or other changes. Never a panic.

use super::scribe::{Scribe, schema};
use crate::replica::Replica;

/// One of the usual accidents.
fn damage(scribe: &mut Scribe, body: &mut Vec<u8>) {
    let at = scribe.roll(body.len());
    match scribe.roll(7) {
        0 => body.truncate(at),
        1 => body.insert(at, [0, 1, 0x7f, 0x80, 0xff][at % 5]),
        2 if !body.is_empty() => drop(body.remove(at)),
        // A length that lies.
        3 if !body.is_empty() => drop(body.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0x0f])),
        4 => body.extend_from_within(at..),
        _ if !body.is_empty() => body[at] ^= 1 << scribe.roll(8),
        _ => {}
    }
}

#[test]
fn a_damaged_patch_changes_nothing_or_is_another() {
    let (mut refused, mut taken) = (0, 0);
    for seed in 0..1_000 {
        let mut scribe = Scribe::new(seed);
        let view = scribe.random_view();
        let mut replica = Replica::new(schema());
        replica.apply_full(&scribe.full(&view)).expect("a state");
        let pristine = replica.clone();
        for _ in 0..100 {
            let mut body = scribe.patch(&mut view.clone());
            for _ in 0..=scribe.roll(2) {
                damage(&mut scribe, &mut body);
            }
            let mut changes = Vec::new();
            match replica.apply(&body, Some(&mut changes)) {
                Ok(()) => {
                    taken += 1;
                    // What was taken is a state like any other.
                    let _seen = replica.to_value();
                    replica = pristine.clone();
                }
                Err(_) => {
                    refused += 1;
                    assert_eq!(replica.roots, pristine.roots, "seed {seed}: {body:?}");
                    assert!(changes.is_empty(), "seed {seed}: {body:?}");
                }
            }
        }
    }
    assert!(refused > 20_000 && taken > 10_000, "{refused} refused, {taken} taken");
}

#[test]
fn a_damaged_state_changes_nothing_or_is_another() {
    let mut refused = 0;
    for seed in 0..200 {
        let mut scribe = Scribe::new(seed);
        let view = scribe.random_view();
        let good = scribe.full(&view);
        let mut replica = Replica::new(schema());
        replica.apply_full(&good).expect("a state");
        let pristine = replica.clone();
        for _ in 0..100 {
            let mut body = good.clone();
            damage(&mut scribe, &mut body);
            match replica.apply_full(&body) {
                Ok(()) => replica = pristine.clone(),
                Err(_) => {
                    refused += 1;
                    assert_eq!(replica.roots, pristine.roots, "seed {seed}");
                }
            }
        }
        for cut in 0..good.len() {
            assert!(replica.apply_full(&good[..cut]).is_err(), "seed {seed}, cut at {cut}");
        }
        assert_eq!(replica.roots, pristine.roots, "seed {seed}");
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn noise_is_no_state() {
    let mut scribe = Scribe::new(9);
    let view = scribe.random_view();
    let mut replica = Replica::new(schema());
    for _ in 0..20_000 {
        let noise: Vec<u8> = (0..scribe.roll(40)).map(|_| scribe.roll(256) as u8).collect();
        let _state = replica.apply_full(&noise);
        let _patch = replica.apply(&noise, None);
    }
    replica.apply_full(&scribe.full(&view)).expect("a state");
    assert_eq!(replica.to_value(), view);
}
