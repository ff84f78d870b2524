//! Nothing leaks: pairs of sessions that do the same in the open, and anything else where one viewer does not see it. What that
//! viewer gets must be the same, byte for byte, at the same times.
//!
//! `STATEWRIGHT_PAIRS` is how many pairs are played. Leaks that are planted on purpose ([`planted`]) must be found.

use super::leaks::script::Script;
use super::leaks::stage::{Settings, Stage};
use crate::sync::planted::{self, Leak};

mod places;
mod program;
mod script;
mod stage;

/// What of a pair can be told apart, if anything; and how much was done and heard.
fn play(settings: &Settings, script: &Script) -> (Option<String>, usize, usize) {
    let [one, other] = [0, 1].map(|side| Stage::new(settings, script, side).play(script));
    let counts = (one.hidden + other.hidden, one.heard.len());
    let differing = (0..one.heard.len().max(other.heard.len())).find(|at| one.heard.get(*at) != other.heard.get(*at));
    let told = differing.map(|at| {
        let (one_view, other_view) = (one.view(), other.view());
        let views =
            if one_view == other_view { String::new() } else { format!("views:\n  {one_view}\n  {other_view}\n") };
        format!("{views}message {at}:\n  {:?}\n  {:?}", one.heard.get(at), other.heard.get(at))
    });
    (told, counts.0, counts.1)
}

/// The first of these pairs that differs, as small as it can be made.
fn find(settings: &Settings, seeds: impl Iterator<Item = u64>, counts: &mut (usize, usize)) -> Option<String> {
    for seed in seeds {
        let script = Script::new(seed);
        let (told, hidden, heard) = play(settings, &script);
        (counts.0, counts.1) = (counts.0 + hidden, counts.1 + heard);
        if told.is_some() {
            let smallest = script.shrink(|script| play(settings, script).0.is_some());
            let told = play(settings, &smallest).0.unwrap_or_default();
            let steps: Vec<String> = smallest.steps.iter().map(|step| format!("  {step:?}\n")).collect();
            return Some(format!("seed {seed}:\n{}{told}", steps.concat()));
        }
    }
    None
}

// Only tests may ask the environment, and have threads.
#[cfg(test)]
fn pairs() -> u64 {
    std::env::var("STATEWRIGHT_PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(2000)
}

#[cfg(test)]
#[test]
fn what_a_viewer_gets_does_not_depend_on_what_it_does_not_see() {
    let threads = 2;
    let share = |thread: u64| {
        let settings = Settings::new();
        let mut counts = (0, 0);
        let found = find(&settings, (0..pairs()).filter(|seed| seed % threads == thread), &mut counts);
        (found, counts)
    };
    let shares: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let (mut hidden, mut heard) = (0, 0);
    for (found, counts) in shares {
        assert!(found.is_none(), "{}", found.unwrap_or_default());
        (hidden, heard) = (hidden + counts.0, heard + counts.1);
    }
    assert!(hidden as u64 > 8 * pairs() && heard as u64 > 5 * pairs(), "too little happened: {hidden}, {heard}");
}

/// What all viewers get, if they are in step where they can be, and if each is looked after alone.
#[test]
fn nobody_can_tell_who_is_in_step_with_whom() {
    let settings = Settings::new();
    let mut heard = 0;
    for seed in 0..400 {
        let script = Script::new(seed);
        let [one, other] =
            [false, true].map(|apart| Stage::new(&settings, &script, 0).hear_all(apart).play(&script).heard);
        let differing = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at));
        if let Some(at) = differing {
            let steps: Vec<String> = script.steps.iter().map(|step| format!("  {step:?}\n")).collect();
            panic!("seed {seed}:\n{}message {at}:\n  {:?}\n  {:?}", steps.concat(), one.get(at), other.get(at));
        }
        heard += one.len();
    }
    assert!(heard > 20_000, "too little happened: {heard}");
}

/// Pairs within which a planted leak must be found.
const WITHIN: u64 = 5000;

#[test]
fn planted_leaks_are_found() {
    let settings = Settings::new();
    let found = Leak::ALL.map(|leak| {
        planted::plant(Some(leak));
        let seed = (0..WITHIN).find(|seed| play(&settings, &Script::new(*seed)).0.is_some());
        planted::plant(None);
        (leak, seed)
    });
    let missed: Vec<Leak> = found.into_iter().filter(|(_, seed)| seed.is_none()).map(|(leak, _)| leak).collect();
    assert!(missed.is_empty(), "not found within {WITHIN} pairs: {missed:?}");
}
