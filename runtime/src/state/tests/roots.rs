//! Roots that come and go.

use std::sync::Arc;

use statewright_types::StructId;

use super::super::State;

const GAME: StructId = StructId(0);
const SHOP: StructId = StructId(1);

fn state() -> State {
    let text =
        "@root(active)\ntype Game {\n Round int64\n}\n@root\ntype Shop {\n Id uuid @auto(uuid)\n Items []string\n}";
    let (schema, diagnostics) = statewright_types::schema::text::parse(text);
    State::new(Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}"))), GAME, 1)
}

#[test]
fn the_hash_tells_what_an_inactive_root_keeps() {
    let mut state = state();
    let never = state.hash();
    assert!(state.root_activate(SHOP) && !state.root_activate(SHOP));
    let active = state.hash();
    assert!(state.root_deactivate(SHOP) && !state.root_deactivate(SHOP));
    let kept = state.hash();
    state.root_reset(SHOP).expect("room");
    let drawn_again = state.hash();
    let hashes = [never, active, kept, drawn_again];
    for (index, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..index].contains(hash), "{index}");
    }
}

#[test]
fn the_main_root_stays() {
    let mut state = state();
    assert!(!state.root_deactivate(GAME) && state.root_is_active(GAME));
    assert!(!state.root_deactivate(StructId(9)) && !state.root_activate(StructId(9)));
}

#[test]
fn a_rollback_leaves_no_trace() {
    let mut state = state();
    let (before, statistics) = (state.hash(), state.statistics());
    state.begin();
    state.root_activate(SHOP);
    state.root_reset(SHOP).expect("room");
    state.root_deactivate(SHOP);
    state.rollback();
    assert_eq!((state.hash(), state.statistics()), (before, statistics));
    super::audit::audit(&state);
    state.begin();
    state.root_activate(SHOP);
    state.commit();
    let active = state.hash();
    state.begin();
    state.root_deactivate(SHOP);
    state.root_reset(SHOP).expect("room");
    state.rollback();
    assert_eq!(state.hash(), active);
    super::audit::audit(&state);
}
