//! Reading test files: what is wrong in them is said, and nothing makes the reader fall over.

use std::sync::Arc;

use expect_test::{Expect, expect};
use statewright_harness::project::Source;
use statewright_harness::testing::file;

const GOOD: &str = r#"{"graph": {"handlers": []}, "schema": "game.schema", "tests": [
  {"name": "all keys", "description": "", "seed": -1, "now": 5, "players": ["ann"], "state": {"Round": 1},
   "config": {"Game": {"Speed": 2.5}}, "fuel_limit": 100, "rng": "mulberry32", "host": "ann", "grants": {"ann": ["admin"]},
   "steps": [{"event": "E", "sender": "ann", "params": {"a": [1, null, "x"]},
              "expect": {"state": {"Players[\"ann\":ID].Score": 1}, "effective": {"Round": 1}, "full_state": {},
                         "events": [{"type": "T", "to": {"except": "ann"}, "payload": {}}], "error": "not_found",
                         "fuel": 3, "waiting": 0, "view": {"ann": {"Round": {"hidden": true}}}}},
             {"advance": 10, "expect": {"error": null}}],
   "expect": {"state": {"Round": 1}}, "check": [{"code": "E020", "severity": "error", "node": "n"}]}]}"#;

fn diagnostics(text: &str) -> Vec<String> {
    let source = Arc::new(Source::inline("x.test.json", text));
    let (_, diagnostics) = file::read(&source);
    let line = |found: &statewright_types::Diagnostic| {
        format!("{} {}; {}", found.code, found.message, found.help.as_deref().unwrap_or("-"))
    };
    diagnostics.iter().map(line).collect()
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&diagnostics(text).join("\n"));
}

#[test]
fn every_key_is_known() {
    check(GOOD, expect![""]);
}

#[test]
fn unknown_keys_are_errors_with_the_nearest_name() {
    check(
        r#"{"graph": "g", "test": [], "tests": [{"name": "n", "player": [], "steps": [{"event": "E", "parms": {}}],
            "expect": {"sate": {}}, "check": [{"coed": "x"}]}]}"#,
        expect![[r#"
            E302 `test` is no key of a test file; did you mean `tests`?
            E302 `player` is no key of a test; did you mean `players`?
            E302 `parms` is no key of a step; did you mean `params`?
            E302 `sate` is no key of `expect`; did you mean `state`?
            E302 `coed` is no key of an expected diagnostic; did you mean `code`?"#]],
    );
}

#[test]
fn wrong_shapes_say_what_is_wanted() {
    check(
        r#"{"graph": 1, "tests": [{"name": 2, "seed": 1.5, "players": {}, "rng": "mulberri32", "grants": {"a": "admin"},
            "steps": [{"event": "E", "advance": 1}, {"advance": -1}, {"advance": 1, "sender": "x"}, {"event": 1}],
            "expect": {"error": "notfound", "fuel": -1, "state": {"a[": 1}, "events": [1], "view": {"a": 1}}}]}"#,
        expect![[r#"
            E301 the graph must be a path or an object, not 1; write a path or an object here
            E301 `name` must be a string, not 2; write a string here
            E301 `seed` must be an integer of 64 bits, not 1.5; write an integer of 64 bits here
            E301 `players` must be an array, not an object; write an array here
            E305 there is no generator `mulberri32`; did you mean `mulberry32`?
            E301 the views of a player must be an array, not a string; write an array here
            E303 a step does one thing: an `event`, an `advance` or another; write one of `event`, `advance`, `join`, `leave`, `host`, `effect`, `end_effect`, `config`
            E301 `advance` must be an integer from 0 on, not -1; write an integer from 0 on here
            E303 `sender` goes with `event`; remove it, or write `event`
            E301 `event` must be a string, not 1; write a string here
            E305 there is no error code `notfound`; did you mean `not_found`?
            E301 `fuel` must be an integer from 0 on, not -1; write an integer from 0 on here
            E304 `a[` is no path: `[` is not closed; close it with `]`
            E301 an expected event must be an object, not 1; write an object here
            E301 what a viewer sees must be an object, not 1; write an object here"#]],
    );
    check(
        "{}",
        expect![[r#"
        E303 the test file has no `graph`; a test file is {"graph": PATH or object, "schema": PATH or object, "tests": […]}
        E303 the test file has no `tests`; a test file is {"graph": PATH or object, "schema": PATH or object, "tests": […]}"#]],
    );
    check(
        r#"{"graph": "g", "tests": [{}]}"#,
        expect!["E303 the test has no `name`; say what it shows, in a few words"],
    );
}

#[test]
fn what_the_host_program_does_is_checked() {
    check(
        r#"{"graph": "g", "tests": [{"name": "n", "steps": [{"join": "a", "silent": 1}, {"leave": "a", "silent": true}, {"host": 1},
            {"effect": {"id": "a"}}, {"effect": {"id": "a", "effect": "E", "once": 1}}, {"config": {"G": 1}}, {}, {"join": "a", "leave": "b"}]}]}"#,
        expect![[r#"
            E301 `silent` must be true or false, not 1; write true or false here
            E303 `silent` goes with `join`; remove it, or write `join`
            E301 `host` must be a string, not 1; write a string here
            E301 `effect` lacks its id or its name, or one of its keys has another kind of value; write {"id": TEXT, "effect": NAME, "params": {…}, "duration": MILLISECONDS, …}
            E301 `effect` lacks its id or its name, or one of its keys has another kind of value; write {"id": TEXT, "effect": NAME, "params": {…}, "duration": MILLISECONDS, …}
            E301 the values of a group must be an object, not 1; write an object here
            E303 a step does one thing: an `event`, an `advance` or another; write one of `event`, `advance`, `join`, `leave`, `host`, `effect`, `end_effect`, `config`
            E303 a step does one thing: an `event`, an `advance` or another; write one of `event`, `advance`, `join`, `leave`, `host`, `effect`, `end_effect`, `config`"#]],
    );
}

#[test]
fn what_a_session_has_in_the_middle_is_checked() {
    check(
        r#"{"graph": "g", "tests": [
            {"name": "a", "streams": {"s": [1, 2, 3]}}, {"name": "b", "streams": {"s": 1}}, {"name": "c", "streams": {"s": [1, 2, 3, -4]}},
            {"name": "d", "rng": "mulberry32", "streams": {"s": [1, 2, 3, 4]}}, {"name": "e", "inactive": {}}, {"name": "f", "configured": []},
            {"name": "g", "ledger": {"numbered": 1}},
            {"name": "h", "now": 20, "ledger": {"numbered": 1, "scheduled": [{"due": 10, "number": 1, "event": "E", "params": {}}], "filters": {}, "effectsAdded": 0, "effects": []}}]}"#,
        expect![[r#"
            E301 `streams` cannot be read: `s` should be four words; a recording made into a test has this, and a save file: copy it from there as a whole
            E301 `streams` cannot be read: `s` should be a list; a recording made into a test has this, and a save file: copy it from there as a whole
            E301 `streams` cannot be read: `s` should be an integer that is not negative; a recording made into a test has this, and a save file: copy it from there as a whole
            E301 `streams` cannot be read: `s` should be an integer that is not negative; a recording made into a test has this, and a save file: copy it from there as a whole
            E301 `inactive` must be an array, not an object; write an array here
            E301 `configured` must be an object, not an array; write an object here
            E301 `ledger` cannot be read: `ledger` lacks `scheduled`; a recording made into a test has this, and a save file: copy it from there as a whole
            E301 `ledger` cannot be read: an event or an effect was due before the session's time; a recording made into a test has this, and a save file: copy it from there as a whole"#]],
    );
}

/// Numbers from a seed, for damage.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        (statewright_types::random::splitmix64(&mut self.0) % bound as u64) as usize
    }
}

#[test]
fn damaged_files_are_read_without_falling_over() {
    let mut dice = Dice(1);
    let mut refused = 0;
    for _ in 0..4_000 {
        let mut bytes = GOOD.as_bytes().to_vec();
        match dice.below(3) {
            0 => bytes.truncate(dice.below(bytes.len())),
            1 => {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            _ => {
                let (from, to, count) = (dice.below(bytes.len()), dice.below(bytes.len()), dice.below(30));
                let piece: Vec<u8> = bytes.iter().skip(from).take(count).copied().collect();
                bytes.splice(to..to, piece);
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        refused += usize::from(!diagnostics(&text).is_empty());
    }
    assert!(refused > 2_000, "damage is noticed: {refused}");
}
