//! From plain structs to the state and back.

use statewright_types::random::Streams;

use crate::game::{Game, GameMut, GameRef, Node, Player, Unit, item, player, state};

/// A game with something everywhere.
pub fn game(streams: &mut Streams) -> Game {
    let mut int = |most: i64| streams.int("test", 0, most);
    let mut some = |most: i64| (0..int(most)).map(|_| int(9)).collect::<Vec<_>>();
    let players = some(8).into_iter().collect::<std::collections::BTreeSet<_>>();
    let mut player = |id: i64| {
        let items = some(3).into_iter().collect::<std::collections::BTreeSet<_>>();
        let items: Vec<_> = items.into_iter().map(|code| item(code as u32, &some(1).len().to_string())).collect();
        Player {
            score: some(3).len() as i32,
            hand: some(4).into_iter().map(|card| card as i32).collect(),
            heat: some(3).len() as f32,
            spare: some(2).first().map(|code| item(*code as u32, "spare")),
            items,
            secret: some(2).into_iter().map(|byte| byte as u8).collect(),
            ..player(&id.to_string())
        }
    };
    let mut players: Vec<Player> = players.into_iter().map(&mut player).collect();
    if some(2).is_empty() {
        players.reverse();
    }
    let unit = |count: i64| Unit { holder: "x".to_owned(), count: count as i8, ..Unit::default() };
    let node = |text: &i64| Box::new(Node { text: text.to_string(), next: None });
    Game {
        round: some(5).len() as i64,
        phase: format!("{}", some(2).len()),
        players,
        scores: some(4).into_iter().map(|key| (key.to_string(), key + some(2).len() as i64)).collect(),
        units: some(4).into_iter().map(|key| (key as u16, unit(some(2).len() as i64))).collect(),
        friends: some(3).into_iter().map(|key| (key.to_string(), some(2).first().map(i64::to_string))).collect(),
        match_id: "m".to_owned(),
        grid: some(3).into_iter().map(|_| some(3).into_iter().map(|cell| cell as u8).collect()).collect(),
        chain: some(2).first().map(node),
        best: some(2).first().map(|best| *best as i16),
        ..Game::default()
    }
}

#[test]
fn what_is_written_is_read_again_whatever_was_there() {
    let mut memory = state();
    for seed in 0..300 {
        let game = game(&mut Streams::new(seed));
        memory.begin();
        GameMut::of(&mut memory).unwrap().write(&game).unwrap();
        memory.commit();
        assert_eq!(Game::read(&memory).unwrap(), game, "seed {seed}");
        // What is there already is not written again.
        memory.take_changes();
        memory.begin();
        GameMut::of(&mut memory).unwrap().write(&game).unwrap();
        memory.commit();
        let changes = memory.take_changes();
        assert!(changes.records.is_empty() && changes.containers.is_empty(), "seed {seed}: {changes:?}");
    }
}

#[test]
fn only_what_differs_is_marked() {
    let mut memory = state();
    let mut game = Game { players: ["a", "b", "c"].map(player).into(), ..Game::default() };
    game.players[1].items = vec![item(1, "x"), item(2, "y")];
    GameMut::of(&mut memory).unwrap().write(&game).unwrap();
    memory.take_changes();
    game.players[1].items[1].text = "z".to_owned();
    GameMut::of(&mut memory).unwrap().write(&game).unwrap();
    let changes = memory.take_changes();
    assert_eq!((changes.records.len(), changes.containers.len()), (1, 0), "{changes:?}");
    // An element that moves is the same element.
    game.players.swap(0, 2);
    GameMut::of(&mut memory).unwrap().write(&game).unwrap();
    let changes = memory.take_changes();
    assert_eq!((changes.records.len(), changes.containers.len()), (0, 1), "{changes:?}");
    assert_eq!(Game::read(&memory).unwrap(), game);
}

#[test]
fn a_struct_comes_from_its_handle() {
    let mut memory = state();
    let mut game = GameMut::of(&mut memory).unwrap();
    game.players().push(&player("a")).unwrap();
    assert_eq!(Player::from(game.players().get("a").as_ref()), player("a"));
    assert_eq!(Player::from(GameRef::of(&memory).unwrap().players().get("a").unwrap()), player("a"));
}

#[test]
fn a_uuid_that_is_drawn_stays_unless_one_is_given() {
    let mut memory = state();
    let drawn = GameRef::of(&memory).unwrap().match_id().to_owned();
    assert_eq!(drawn.len(), 36);
    assert_eq!(Game::read(&memory).unwrap().match_id, drawn);
    GameMut::of(&mut memory).unwrap().set_match_id("123e4567-e89b-42d3-a456-426614174000").unwrap();
    assert_ne!(GameRef::of(&memory).unwrap().match_id(), drawn);
}
