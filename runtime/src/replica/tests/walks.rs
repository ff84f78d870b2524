//! Random states and changes: what is decoded is what was written.

use super::scribe::{Scribe, schema};
use crate::replica::{Change, Replica};
use crate::state::State;
use crate::sync::difference::{difference, full_body};
use crate::wire::Profile;

use statewright_types::{StructId, Value};

#[test]
fn what_is_written_is_decoded() {
    for seed in 0..300 {
        let mut scribe = Scribe::new(seed);
        let mut view = scribe.random_view();
        let mut replica = Replica::new(schema());
        let body = scribe.full(&view);
        assert_eq!(replica.apply_full(&body), Ok(()), "seed {seed}");
        assert_eq!(replica.to_value(), view, "seed {seed}");
        let again = replica.full_body().expect("a state");
        assert_eq!(replica.clone().apply_full(&again), Ok(()), "seed {seed}");
        assert_eq!(
            again,
            full_body(&Profile::same(&schema(), StructId(0)), &schema(), StructId(0), &view),
            "seed {seed}"
        );
        for step in 0..30 {
            let before = view.clone();
            let body = scribe.patch(&mut view);
            assert_eq!(replica.apply(&body, None), Ok(()), "seed {seed}, body {step} {body:?} on {before}");
            assert_eq!(replica.to_value(), view, "seed {seed}, body {step} {body:?} on {before}");
        }
    }
}

#[test]
fn noting_changes_changes_nothing_else() {
    for seed in 0..100 {
        let mut scribe = Scribe::new(seed);
        let mut view = scribe.random_view();
        let mut replica = Replica::new(schema());
        replica.apply_full(&scribe.full(&view)).expect("a state");
        let mut changes: Vec<Change> = Vec::new();
        for _ in 0..20 {
            let before = view.clone();
            let body = scribe.patch(&mut view);
            changes.clear();
            replica.apply(&body, Some(&mut changes)).expect("a patch");
            assert_eq!(replica.to_value(), view, "seed {seed}");
            if before != view {
                assert!(!changes.is_empty(), "seed {seed}: {body:?}");
            }
        }
    }
}

/// What the other writer of the page makes of two views leads from one to the other.
#[test]
fn differences_lead_from_view_to_view() {
    let schema = schema();
    let profile = Profile::same(&schema, StructId(0));
    for seed in 0..300 {
        let mut scribe = Scribe::new(seed);
        let mut view = scribe.random_view();
        let mut replica = Replica::new(schema.clone());
        let full = full_body(&profile, &schema, StructId(0), &view);
        assert_eq!(replica.apply_full(&full), Ok(()), "seed {seed}");
        assert_eq!(replica.to_value(), view, "seed {seed}");
        for _ in 0..10 {
            let before = view.clone();
            if scribe.roll(5) == 0 {
                view = scribe.random_view();
            } else {
                scribe.patch(&mut view);
            }
            let body = difference(&profile, &schema, StructId(0), &before, &view);
            assert_eq!(replica.apply(&body, None), Ok(()), "seed {seed}");
            assert_eq!(replica.to_value(), view, "seed {seed}");
        }
    }
}

/// A replica of a state that hides nothing is the state.
#[test]
fn a_replica_has_the_form_of_a_state() {
    let mut state = State::new(schema(), StructId(0), 5);
    state.root_activate(schema().by_name("Bank").expect("a root"));
    let profile = Profile::same(&schema(), StructId(0));
    let view = crate::visibility::project(&state, &crate::visibility::Viewer::new("a"));
    let mut replica = Replica::new(schema());
    replica.apply_full(&full_body(&profile, &schema(), StructId(0), &view)).expect("a state");
    assert_eq!(replica.to_value(), state.to_value());
    assert!(matches!(replica.to_value(), Value::Map(top) if top.len() == 22));
}
