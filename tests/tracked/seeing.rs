//! What viewers see of plain structs is what they see of the same structs in the state.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright::Value;
use statewright::tracked::{Stored, Viewer, recycle};
use statewright_runtime::state::State;
use statewright_runtime::visibility::{self, Seen, project_seen};
use statewright_types::random::Streams;

use crate::game::{
    Game, GameMut, GameSeen, Item, ItemSeen, Node, NodeSeen, Player, PlayerSeen, Unit, UnitSeen, player, state,
};

fn map(fields: Vec<(&str, Option<Value>)>) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?)));
    Value::Map(fields.collect())
}

fn list<T>(all: impl Iterator<Item = T>, each: impl Fn(T) -> Value) -> Value {
    Value::List(all.map(each).collect())
}

fn entries<T>(all: impl Iterator<Item = (String, T)>, each: impl Fn(T) -> Value) -> Value {
    Value::Map(all.map(|(key, value)| (Arc::from(key), each(value))).collect())
}

fn item(item: ItemSeen<'_>) -> Value {
    map(vec![
        ("Code", Some(i64::from(item.code()).into())),
        ("Text", item.text().map(Value::str)),
        ("Plan", item.plan().map(Value::str)),
    ])
}

fn unit(unit: UnitSeen<'_>) -> Value {
    map(vec![
        ("Holder", Some(Value::str(unit.holder()))),
        ("Text", unit.text().map(Value::str)),
        ("Count", Some(i64::from(unit.count()).into())),
    ])
}

fn node(node: NodeSeen<'_>) -> Value {
    let next = node.next().map_or(Value::Null, self::node);
    map(vec![("Text", Some(Value::str(node.text()))), ("Next", Some(next))])
}

fn seen_player(player: PlayerSeen<'_>) -> Value {
    let hand = player.hand().map(|hand| list(hand.iter(), |card| i64::from(*card).into()));
    map(vec![
        ("ID", Some(Value::str(player.id()))),
        ("Name", Some(Value::str(player.name()))),
        ("Team", Some(Value::str(player.team()))),
        ("Score", Some(i64::from(player.score()).into())),
        ("Hand", hand),
        ("Heat", Some(player.heat().into())),
        ("X", player.x().map(Value::Float)),
        ("Plan", player.plan().map(Value::str)),
        ("Spare", Some(player.spare().map_or(Value::Null, item))),
        ("Items", Some(list(player.items().iter(), item))),
        ("Secret", player.secret().map(|bytes| Value::Bytes(bytes.into()))),
    ])
}

fn seen_game(game: GameSeen<'_>) -> Value {
    let float = |float: &f32| Value::Float(f64::from(*float));
    let mut units: Vec<_> = game.units().iter().collect();
    units.sort_by_key(|(key, _)| **key);
    map(vec![
        ("Round", Some(game.round().into())),
        ("Phase", Some(Value::str(game.phase()))),
        ("Players", Some(list(game.players().iter(), seen_player))),
        ("Scores", Some(entries(game.scores().iter().map(|(key, value)| (key.clone(), value)), Value::from))),
        ("Units", Some(entries(units.into_iter().map(|(key, value)| (key.to_string(), value)), unit))),
        (
            "Friends",
            Some(entries(game.friends().iter().map(|(key, value)| (key.clone(), value)), |text| {
                text.map_or(Value::Null, Value::str)
            })),
        ),
        ("Match", Some(Value::str(game.match_id()))),
        ("Speed", Some(game.speed().into())),
        ("Odds", Some(list(game.odds().iter(), float))),
        ("Grid", Some(list(game.grid().iter(), |row| list(row.iter(), |cell| i64::from(*cell).into())))),
        ("Bag", Some(item(game.bag()))),
        ("Chain", Some(game.chain().map_or(Value::Null, node))),
        ("Best", Some(game.best().map_or(Value::Null, |best| i64::from(best).into()))),
        ("Deck", game.deck().map(|deck| list(deck.iter(), |card| i64::from(*card).into()))),
        ("Vault", game.vault().map(Value::str)),
    ])
}

const IDS: [&str; 4] = ["", "a", "b", "c"];
const TEAMS: [&str; 3] = ["", "red", "blue"];

fn game(streams: &mut Streams) -> Game {
    let mut pick = |most: usize| streams.int("test", 0, most as i64) as usize;
    let item = |pick: &mut dyn FnMut(usize) -> usize| Item {
        code: pick(1000) as u32,
        text: "text".to_owned(),
        plan: "plan".to_owned(),
    };
    let mut players = Vec::new();
    for _ in 0..pick(4) {
        players.push(Player {
            name: IDS[pick(3)].to_owned(),
            team: TEAMS[pick(2)].to_owned(),
            heat: pick(100) as f32 / 7.0,
            x: pick(100) as f64 / 7.0,
            plan: "plan".to_owned(),
            spare: (pick(1) == 0).then(|| item(&mut pick)),
            items: (0..pick(2)).map(|_| item(&mut pick)).collect(),
            secret: vec![1],
            ..player(IDS[pick(3)])
        });
    }
    let unit = |pick: &mut dyn FnMut(usize) -> usize| Unit {
        holder: IDS[pick(3)].to_owned(),
        text: "text".to_owned(),
        count: 3,
    };
    Game {
        players,
        units: (0..pick(3)).map(|key| (key as u16, unit(&mut pick))).collect(),
        bag: item(&mut pick),
        grid: vec![vec![1], vec![]],
        friends: [("x".to_owned(), None), ("y".to_owned(), Some("b".to_owned()))].into(),
        chain: Some(Box::new(Node { text: "t".to_owned(), next: Some(Box::default()) })),
        best: Some(3),
        deck: vec![1, 2],
        vault: "gold".to_owned(),
        match_id: "m".to_owned(),
        ..Game::default()
    }
}

/// Who looks, at the state and at plain structs.
fn viewers(streams: &mut Streams, state: &State, game: &Game) -> (visibility::Viewer, Viewer, Seen) {
    let id = IDS[streams.int("test", 0, 3) as usize];
    let team = game.players.iter().find(|player| player.id == id).map_or("", |player| &player.team);
    let (mut of_state, mut of_plain) = (visibility::Viewer::new(id), Viewer::new(id).in_team(team));
    for view in ["admin", "referee", "near"] {
        if streams.int("test", 0, 3) == 0 {
            (of_state, of_plain) = (of_state.with(view), of_plain.with_all(view, state.schema()));
        }
    }
    // What the function `near` says of each player.
    let mut seen = Seen::default();
    let schema = state.schema();
    let ty = schema.by_name("Player").unwrap();
    let handles = crate::game::GameRef::of(state).unwrap();
    for (player, record) in handles.players().iter().zip(state.list_slots(players_of(state))) {
        if player.name() == id {
            seen.add(schema, &Arc::from("near"), ty, *record);
        }
    }
    (of_state, of_plain, seen)
}

fn players_of(state: &State) -> u64 {
    let root = state.root(state.main_root()).unwrap();
    let field = state.schema().get(state.main_root()).field("Players").unwrap();
    state.load(root, state.main_root(), field as u32).unwrap()
}

#[test]
fn plain_structs_are_seen_as_the_state_is() {
    let mut memory = state();
    let mut hidden = BTreeSet::new();
    for seed in 0..2_000 {
        let mut streams = Streams::new(seed);
        let game = game(&mut streams);
        memory.begin();
        GameMut::of(&mut memory).unwrap().write(&game).unwrap();
        memory.commit();
        let (of_state, of_plain, seen) = viewers(&mut streams, &memory, &game);
        let expected = project_seen(&memory, &of_state, &seen);
        assert_eq!(seen_game(game.seen_by(&of_plain)), expected, "seed {seed}: {of_plain:?}");
        // A copy, and hiding in place, say the same: what is hidden has its default, and hiding again hides nothing more.
        let copy = game.for_viewer(&of_plain);
        let mut in_place = game.clone();
        in_place.hide_from(&of_plain);
        assert_eq!(copy, in_place, "seed {seed}");
        assert_eq!(seen_game(copy.seen_by(&of_plain)), expected_of(&game, &of_plain), "seed {seed}");
        hidden.insert((copy.vault.is_empty(), copy.players.iter().any(|player| player.plan.is_empty())));
        assert!(copy.deck.is_empty() && copy.players.iter().all(|player| player.secret.is_empty()));
    }
    // The seeds lead to both.
    assert!(hidden.len() > 2, "{hidden:?}");
}

/// What a viewer sees of a copy that was made for it is what it saw before.
fn expected_of(game: &Game, viewer: &Viewer) -> Value {
    seen_game(game.seen_by(viewer))
}

#[test]
fn a_record_is_seen_alone_by_its_owner_and_by_others() {
    let player = Player { plan: "plan".to_owned(), x: 1.3, secret: vec![1], ..player("a") };
    let owner = Viewer::new("a");
    assert_eq!(player.seen_by(&owner).hand(), Some(&[1, 2][..]));
    assert_eq!(player.seen_by(&owner).plan(), None);
    assert_eq!(player.seen_by(&owner).secret(), None);
    let mate = Viewer::new("b").in_team("red");
    assert_eq!((player.seen_by(&mate).hand(), player.seen_by(&mate).plan()), (None, Some("plan")));
    assert_eq!(player.seen_by(&mate).x(), Some(1.5));
    // Nobody is no owner, and no team.
    let nobody = Viewer::new("").in_team("");
    let stray = Player { id: String::new(), team: String::new(), ..player.clone() };
    assert_eq!((stray.seen_by(&nobody).hand(), stray.seen_by(&nobody).plan()), (None, None));
    // The predicate, and the grant.
    assert_eq!(player.seen_by(&Viewer::new("Player a")).x(), Some(1.5));
    assert_eq!(player.seen_by(&Viewer::new("c").with("near")).x(), Some(1.5));
    assert_eq!(player.seen_by(&Viewer::new("c")).x(), None);
    // A struct without an owner field is its key's, where one is called `ID`; an item's is a number.
    assert_eq!(Item { text: "t".to_owned(), ..Item::default() }.seen_by(&owner).text(), None);
    let held = <Vec<Item> as Stored>::seen(
        &player.items,
        &owner,
        statewright::tracked::Place::field("Code"),
        statewright::tracked::Scope::NOBODY,
    );
    assert!(held.is_empty());
}

#[test]
fn a_slice_goes_into_a_buffer_that_is_used_again() {
    let viewer = Viewer::new("p7");
    let mut buffer: Vec<PlayerSeen<'_>> = Vec::with_capacity(100);
    let memory = buffer.as_ptr() as usize;
    for round in 0..3 {
        let players: Vec<Player> = (0..100).map(|number| player(&format!("p{}", number + round))).collect();
        let mut own = recycle(buffer);
        Player::seen_by_all(&players, &viewer, &mut own);
        let hands: Vec<usize> =
            own.iter().enumerate().filter(|(_, seen)| seen.hand().is_some()).map(|(at, _)| at).collect();
        assert_eq!((own.len(), hands), (100, vec![7 - round]));
        assert_eq!(own.as_ptr() as usize, memory, "round {round}");
        buffer = recycle(own);
    }
}
