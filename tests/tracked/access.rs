//! Accessors of the state.

use statewright::TrapCode;

use crate::game::{Game, GameMut, GameRef, Item, Lobby, item, player, state};

#[test]
fn a_player_is_found_by_its_key_and_written() {
    let mut memory = state();
    let mut state = GameMut::of(&mut memory).unwrap();
    state.players().push(&player("alice")).unwrap();
    state.players().get("alice").set_score(5).unwrap();
    assert_eq!(state.players().get("alice").score(), 5);
    state.players().get("alice").add_score(3).unwrap();
    assert_eq!(memory.to_value().get("Players").unwrap().at(0).unwrap().get("Score"), Some(&8.into()));
}

#[test]
fn a_handle_that_leads_nowhere_reads_zeros_and_refuses_writes() {
    let mut memory = state();
    let mut state = GameMut::of(&mut memory).unwrap();
    let mut players = state.players();
    assert_eq!(players.reborrow().get("bob").set_score(5), Err(TrapCode::NotFound));
    assert_eq!(players.reborrow().get("bob").add_score(5), Err(TrapCode::NotFound));
    assert_eq!(players.reborrow().get("bob").write(&player("bob")), Err(TrapCode::NotFound));
    assert_eq!(players.reborrow().get("bob").name(), "");
    assert_eq!(players.reborrow().get("bob").items().push(&item(1, "")), Err(TrapCode::StaleReference));
    assert!(!players.reborrow().get("bob").is_there());
    assert!(players.reborrow().get("bob").found().is_none());
    // A key of another kind is nobody's.
    assert!(players.reborrow().get(7).found().is_none());
    assert!(players.is_empty());
}

#[test]
fn keys_are_found_in_short_and_long_lists() {
    for count in [3, 200] {
        let mut memory = state();
        let mut state = GameMut::of(&mut memory).unwrap();
        for number in 0..count {
            state.players().push(&player(&format!("p{number}"))).unwrap();
        }
        for number in (0..count).rev() {
            let id = format!("p{number}");
            assert_eq!(state.players().get(&id).id(), id);
            assert_eq!(state.players().index_of(&id), Some(number));
            assert_eq!(GameRef::of(&memory).unwrap().players().index_of(&id), Some(number));
            state = GameMut::of(&mut memory).unwrap();
        }
        assert_eq!(state.players().index_of("p"), None);
        let mut alice = player("alice");
        alice.items = (0..count as u32).map(|code| item(code * 3, "x")).collect();
        state.players().push(&alice).unwrap();
        let last = count as u32 * 3 - 3;
        assert_eq!(state.players().get("alice").items().get(last).code(), last);
        assert!(state.players().get("alice").items().get(1).found().is_none());
        assert!(state.players().get("alice").items().get(-3).found().is_none());
        assert!(state.players().get("alice").items().get(i64::MAX).found().is_none());
    }
}

#[test]
fn lists_are_changed_in_place_and_elements_stay_what_they_are() {
    let mut memory = state();
    let ids = |memory: &_| -> Vec<String> {
        GameRef::of(memory).unwrap().players().iter().map(|player| player.id().to_owned()).collect()
    };
    let mut state = GameMut::of(&mut memory).unwrap();
    let mut players = state.players();
    for id in ["a", "b", "c"] {
        players.push(&player(id)).unwrap();
    }
    players.insert(1, &player("d")).unwrap();
    assert_eq!(players.insert(9, &player("e")), Err(TrapCode::IndexOutOfRange));
    players.move_to(0, 3).unwrap();
    players.swap(0, 1).unwrap();
    assert_eq!(players.swap(0, 4), Err(TrapCode::IndexOutOfRange));
    assert_eq!(players.move_to(4, 0), Err(TrapCode::IndexOutOfRange));
    assert_eq!(ids(&memory), ["b", "d", "c", "a"]);
    memory.take_changes();
    let mut state = GameMut::of(&mut memory).unwrap();
    state.players().sort_by(|a, b| a.id().cmp(b.id())).unwrap();
    // They moved, none was made.
    assert!(memory.take_changes().records.is_empty());
    let mut state = GameMut::of(&mut memory).unwrap();
    let mut players = state.players();
    players.remove(1).unwrap();
    players.remove_key("d").unwrap();
    assert_eq!(players.remove_key("d"), Err(TrapCode::NotFound));
    assert_eq!(players.remove(2), Err(TrapCode::IndexOutOfRange));
    players.set(1, &player("z")).unwrap();
    assert_eq!(players.to_vec(), [player("a"), player("z")]);
    players.replace(&[player("z"), player("y")]).unwrap();
    assert_eq!(players.to_vec(), [player("z"), player("y")]);
    players.try_each(|mut player| player.add_score(1)).unwrap();
    assert!(players.iter().all(|player| player.score() == 11));
    players.clear();
    assert!(players.is_empty());
    let mut hand = state.odds();
    hand.push(2.5).unwrap();
    hand.set(0, 3.0).unwrap();
    hand.swap(1, 2).unwrap();
    hand.sort_by(|a, b| b.total_cmp(&a)).unwrap();
    assert_eq!(hand.to_vec(), [3.0, 2.5, 0.5]);
    assert_eq!((hand.reborrow().at(1), hand.reborrow().at(3)), (Some(2.5), None));
    state.grid().push(&[1, 2]).unwrap();
    state.grid().at(0).unwrap().push(3).unwrap();
    assert_eq!(state.grid().to_vec(), [[1, 2, 3]]);
}

#[test]
fn maps_nullables_and_nested_structs_are_changed() {
    let mut memory = state();
    let mut state = GameMut::of(&mut memory).unwrap();
    state.scores().insert("b", 2).unwrap();
    state.scores().insert("a", 1).unwrap();
    state.scores().insert("b", 3).unwrap();
    assert_eq!(state.scores().iter().collect::<Vec<_>>(), [("a", 1), ("b", 3)]);
    assert_eq!((state.scores().get("a"), state.scores().get("c")), (Some(1), None));
    assert_eq!(state.scores().insert(3, 3), Err(TrapCode::BadArgument));
    assert!(state.scores().remove("a"));
    assert!(!state.scores().remove("a"));
    assert!(state.scores().contains("b") && state.scores().len() == 1);
    let unit = crate::game::Unit { holder: "a".to_owned(), ..Default::default() };
    for key in [300, 2, 65_535_u16] {
        state.units().insert(key, &unit).unwrap();
    }
    state.units().get(300).set_count(-5).unwrap();
    assert_eq!(state.units().get(300).add_count(-128), Err(TrapCode::OutOfRange));
    assert_eq!(state.units().get(4).set_count(1), Err(TrapCode::NotFound));
    assert_eq!(state.units().insert(65_536, &unit), Err(TrapCode::BadArgument));
    let entries: Vec<_> = state.units().iter().map(|(key, unit)| (key, unit.count())).collect();
    assert_eq!(entries, [(2, 0), (300, -5), (65_535, 0)]);
    state.units().clear();
    assert!(state.units().is_empty());
    state.set_best(Some(-3)).unwrap();
    assert_eq!(state.best(), Some(-3));
    state.set_best(None).unwrap();
    assert_eq!(state.best(), None);
    state.bag().set_text("gold").unwrap();
    state.set_bag(&item(4, "silver")).unwrap();
    assert_eq!(Item::from(state.bag().as_ref()), item(4, "silver"));
    assert!(state.chain().is_none());
    let node = crate::game::Node { text: "first".to_owned(), next: None };
    state.set_chain(Some(&node)).unwrap();
    state.chain().unwrap().set_next(Some(&node)).unwrap();
    assert_eq!(state.chain().unwrap().next().unwrap().text(), "first");
    state.set_phase("play").unwrap();
    assert_eq!((state.phase(), state.round()), ("play", -1));
    state.set_round(i64::MAX).unwrap();
    assert_eq!(state.add_round(1), Err(TrapCode::Overflow));
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(state.set_phase(&long), Err(TrapCode::MemoryLimit));
}

#[test]
fn other_roots_come_and_go() {
    let mut memory = state();
    let lobby = Game::schema().by_name("Lobby").unwrap();
    assert!(GameMut::of(&mut memory).unwrap().other::<Lobby>().is_none());
    memory.root_activate(lobby);
    let mut state = GameMut::of(&mut memory).unwrap();
    assert!(state.other::<Lobby>().unwrap().open());
    state.other::<Lobby>().unwrap().set_open(false).unwrap();
    assert!(!GameRef::of(&memory).unwrap().other::<Lobby>().unwrap().open());
}

#[test]
fn numbers_are_written_with_the_struct_looked_up_once() {
    let mut memory = state();
    let mut state = GameMut::of(&mut memory).unwrap();
    for id in ["a", "b"] {
        state.players().push(&player(id)).unwrap();
    }
    let moved = state.players().edit_numbers(|mut player| {
        player.add_score(3)?;
        player.set_x(player.x() + 0.5)?;
        player.set_heat(0.25)
    });
    assert_eq!(moved, Ok(()));
    let mut b = state.players().get("b");
    let (score, x) = (player("b").score + 3, player("b").x + 0.5);
    assert_eq!((b.score(), b.x(), b.heat()), (score, x, 0.25));
    {
        let mut numbers = b.edit_numbers().unwrap();
        numbers.set_score(i32::MAX).unwrap();
        assert_eq!(numbers.add_score(1), Err(TrapCode::OutOfRange));
        assert_eq!(numbers.score(), i32::MAX);
    }
    b.set_score(1).unwrap();
    // Whoever leads nowhere has no numbers; a key is written by the struct's own handle.
    assert_eq!(state.players().get("c").edit_numbers().err(), Some(TrapCode::NotFound));
    state.players().get("a").items().push(&item(7, "")).unwrap();
    let mut a = state.players().get("a");
    let mut items = a.items();
    let mut seven = items.reborrow().get(7);
    assert_eq!(seven.edit_numbers().unwrap().set_code(8), Err(TrapCode::BadArgument));
    seven.set_code(8).unwrap();
    assert!(items.reborrow().get(8).is_there() && !items.get(7).is_there());
}
