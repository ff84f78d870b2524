//! More bugs of that list: those of what is encoded, and of who decodes it.

use std::sync::Arc;

use statewright_runtime::replica::{Client as Replicating, Replica};
use statewright_runtime::session::host_filters::FilterView;
use statewright_runtime::session::{NewEffect, Session, SessionOptions};
use statewright_runtime::sync::{Broadcast, Hooks, LiveOptions, LiveSession, Verdict};
use statewright_runtime::wire::ServerMessage;
use statewright_runtime::wire::payload::read_events;
use statewright_types::random::Streams;
use statewright_types::{Type, Value};

use crate::fake::{Fake, Step, schema};
use crate::game::{Client, EPOCH, GAME, PLAYER, change, deal, live, player, players, session, set_round, set_score};

fn new_player(id: &str) -> Value {
    Value::map([
        ("ID", Value::str(id)),
        ("Team", Value::str("red")),
        ("Score", Value::Int(5)),
        ("Hand", Value::List(vec![Value::Int(8), Value::Int(9)])),
        ("Plan", Value::str("none")),
    ])
}

#[test]
fn bug_1_a_pushed_struct_arrives_whole() {
    let mut live = live(LiveOptions::default());
    let mut dan = Client::connect(&mut live, "dan");
    change(&mut live, |state| {
        let dan = state.import(&Type::Struct(PLAYER), &new_player("dan")).expect("a player");
        let eve = state.import(&Type::Struct(PLAYER), &new_player("eve")).expect("a player");
        let players = players(state);
        state.list_push(players, dan).expect("room");
        state.list_set(players, 0, eve).expect("one is there");
    });
    dan.take(&live.tick());
    let seen = |path: &str| dan.replica.get(path).map(|item| item.to_value());
    assert_eq!(seen("Players[3].ID"), Some(Value::str("dan")));
    assert_eq!(seen("Players[3].Hand[1]"), Some(Value::Int(9)), "what is in it, too");
    assert_eq!((seen("Players[0].ID"), seen("Players[0].Score")), (Some(Value::str("eve")), Some(Value::Int(5))));
    assert!(dan.agrees(&live));
}

#[test]
fn bug_2_what_a_filter_takes_away_is_in_no_patch() {
    // Two sessions that differ in what is hidden from her.
    let bytes = [12_345, 99].map(|hidden| {
        let mut live = live(LiveOptions::default());
        let own_scores = |view: &mut FilterView<'_>| {
            let game = view.main_root()?;
            for player in view.records(game, "Players")? {
                if view.text(player, "ID")? != view.viewer() {
                    view.set_int(player, "Score", 0)?;
                }
            }
            Ok(())
        };
        live.set_filter("ann", "scores", own_scores).expect("it touches anything");
        let (mut ann, mut bob) = (Client::connect(&mut live, "ann"), Client::connect(&mut live, "bob"));
        set_score(&mut live, "bob", hidden);
        deal(&mut live, "bob", hidden);
        let broadcast = live.tick();
        assert_eq!((ann.take(&broadcast), bob.take(&broadcast)), (0, 1));
        set_score(&mut live, "ann", 7);
        set_score(&mut live, "bob", hidden + 1);
        let broadcast = live.tick();
        assert_eq!((ann.take(&broadcast), bob.take(&broadcast)), (1, 1));
        assert!(ann.agrees(&live) && bob.agrees(&live));
        ann.bytes
    });
    assert_eq!(bytes[0], bytes[1]);

    // A list that a filter empties, in which other operations are done.
    let bytes = [1, 4].map(|cards| {
        let mut live = live(LiveOptions::default());
        let no_hands = |view: &mut FilterView<'_>| {
            let game = view.main_root()?;
            for player in view.records(game, "Players")? {
                view.clear(player, "Hand")?;
            }
            Ok(())
        };
        live.set_filter("bob", "hands", no_hands).expect("it touches anything");
        let mut bob = Client::connect(&mut live, "bob");
        (0..cards).for_each(|card| deal(&mut live, "bob", card));
        assert!(live.tick().is_empty());
        set_score(&mut live, "bob", 1);
        deal(&mut live, "bob", cards);
        bob.take(&live.tick());
        assert!(bob.agrees(&live));
        bob.bytes
    });
    assert_eq!(bytes[0], bytes[1]);
}

#[test]
fn bug_3_any_operations_on_lists_in_one_tick_leave_clients_right() {
    let mut live = live(LiveOptions::default());
    let mut clients: Vec<_> = ["ann", "eve"].map(|id| Client::connect(&mut live, id)).into();
    let mut streams = Streams::new(3);
    for tick in 0..2000 {
        for step in 0..2 {
            let [what, at, card] = [5, 1 << 20, 52].map(|end| streams.int("test", 0, end - 1));
            change(&mut live, |state| {
                let (ann, all) = (player(state, "ann"), players(state));
                let hand = state.load(ann, PLAYER, 3).expect("a hand");
                let length = state.list_len(hand) as i64;
                let done = match what {
                    0 => state.list_push(hand, card as u64),
                    1 => state.list_insert(hand, at % (length + 1), card as u64),
                    2 if length > 0 => state.list_remove(hand, at % length),
                    3 if length > 0 => state.list_set(hand, at % length, card as u64),
                    2 | 3 => Ok(()),
                    _ => {
                        let id = format!("p{tick}.{step}");
                        let new = state.import(&Type::Struct(PLAYER), &new_player(&id)).expect("a player");
                        let count = state.list_len(all) as i64;
                        // The first three stay.
                        if count > 6 { state.list_remove(all, 3 + at % (count - 3)) } else { Ok(()) }
                            .and_then(|()| state.list_insert(all, 3 + at % (state.list_len(all) as i64 - 2), new))
                    }
                };
                done.expect("in range");
            });
        }
        let broadcast = live.tick();
        for client in &mut clients {
            client.take(&broadcast);
            assert!(client.agrees(&live), "{} in tick {tick} of seed 3", client.id);
        }
    }
}

#[test]
fn bug_9_an_effect_is_sent_once_and_taken_back_when_it_goes() {
    let program = Fake::new(1).effect("Plus", |args, cx| {
        let root = cx.state.root(GAME).expect("the game");
        let round = cx.state.load(root, GAME, 0).expect("a field");
        match cx.store(root, GAME, 0, round.wrapping_add(args[0])) {
            Ok(()) => Step::Done,
            Err(code) => Step::Fail(code),
        }
    });
    let mut live = LiveSession::new(session(program), EPOCH, LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 10);
    ann.take(&live.tick());
    let plus = NewEffect { params: Value::map([("by", Value::Int(30))]), ..NewEffect::new("a", "Plus") };
    live.add_effect(plus.clone()).expect("added");
    let round = |client: &Client| client.replica.get("Round").and_then(|round| round.as_int());
    assert_eq!((ann.take(&live.tick()), round(&ann)), (1, Some(40)));
    for _ in 0..3 {
        assert!(live.tick().is_empty(), "an effect that is there already is no change");
        assert_eq!(live.session().state().to_value().get("Round"), Some(&Value::Int(10)), "reading changes nothing");
    }
    assert!(live.remove_effect("a"));
    assert_eq!((ann.take(&live.tick()), round(&ann)), (1, Some(10)));
    assert_eq!(live.toggle_effect(plus), Ok(true));
    assert_eq!((ann.take(&live.tick()), round(&ann)), (1, Some(40)));
    assert_eq!(live.clear_effects(None, Some("Plus")), 1);
    assert_eq!((ann.take(&live.tick()), round(&ann)), (1, Some(10)));
}

#[test]
fn bug_10_hostile_events_are_refused_and_nothing_more() {
    let lying: [&[u8]; 6] = [
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0],
        &[1, 1, b'a', 8, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[1, 1, b'a', 9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        &[1, 1, b'a', 7, 0xff, 0xff, 0xff, 0xff, 0x7f, 1],
        &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for bytes in lying {
        assert!(read_events(bytes).is_err(), "{bytes:?}");
        // And behind every first byte that a message can have.
        for kind in 0..=u8::MAX {
            let message = [&[kind, 0, 0], bytes].concat();
            let mut client = Replicating::new(schema(crate::game::SCHEMA));
            let _ = ServerMessage::read(&message);
            let _ = client.receive(&message);
            assert_eq!((client.place(), client.replica().has_state()), (None, false));
        }
    }
}

/// A live session of a schema, with what was given to its root.
fn of_schema(text: &str, fields: &[(&str, Value)]) -> LiveSession {
    let mut session = Session::new(schema(text), GAME, Arc::new(Fake::new(1)), SessionOptions::default());
    let state = session.state_mut_for_setup();
    let root = state.root(GAME).expect("the root");
    for (name, value) in fields {
        let def = &state.schema().types()[0];
        let position = def.fields.iter().position(|field| *field.name == **name).expect("a field");
        let ty = def.fields[position].ty.clone();
        let slot = state.import(&ty, value).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        state.store(root, GAME, position as u32, slot).expect("a field");
    }
    LiveSession::new(session, EPOCH, LiveOptions::default())
}

/// What a client of that schema has after connecting.
fn copy_of(live: &mut LiveSession) -> (Replicating, Value) {
    let mut client = Replicating::new(live.session().state().schema().clone());
    let greeting = live.receive("eve", &client.hello()).expect("welcome").expect("a greeting");
    greeting.messages.iter().for_each(|message| drop(client.receive(message).expect("a message")));
    let copy = client.replica().to_value();
    (client, copy)
}

#[test]
fn bug_11_more_than_255_fields_are_all_there() {
    let fields: String = (0..300).map(|at| format!("  F{at} int32\n")).collect();
    let values: Vec<_> = (0..300).map(|at| (format!("F{at}"), Value::Int(at + 1))).collect();
    let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let mut live = of_schema(&format!("@root(active) type Game {{\n{fields}}}"), &values);
    let (mut client, copy) = copy_of(&mut live);
    assert_eq!(copy, Value::map(values));
    for field in [0, 127, 128, 255, 256, 299] {
        change(&mut live, |state| {
            let root = state.root(GAME).expect("the root");
            state.store(root, GAME, field, 7_000).expect("a field");
        });
        for message in live.tick().for_viewer("eve") {
            client.receive(&message.to_vec()).expect("a patch");
        }
        let there = client.replica().get(&format!("F{field}")).and_then(|item| item.as_int());
        assert_eq!(there, Some(7_000), "F{field}");
    }
    assert_eq!(client.replica().to_value(), live.session().view("eve"));
}

#[test]
fn bug_12_every_kind_of_field_travels_as_it_is() {
    const SCHEMA: &str = "@root(active) type Game {
  A int8\n  B int16\n  C int32\n  D int64\n  E uint8\n  F uint16\n  G uint32\n  H uint64
  I float32\n  J float64\n  K bool\n  L string\n  M bytes\n  N uuid\n  O *Part\n  P *Part\n  Q []*Part
  R *int64\n  S map[int64]string\n  T Part\n}
type Part {\n  X int16\n  Y *Part\n}";
    let part = |x, y| Value::map([("X", Value::Int(x)), ("Y", y)]);
    let values = [
        ("A", Value::Int(-128)),
        ("B", Value::Int(-32_768)),
        ("C", Value::Int(i64::from(i32::MIN))),
        ("D", Value::Int(i64::MIN)),
        ("E", Value::Int(255)),
        ("F", Value::Int(65_535)),
        ("G", Value::Int(i64::from(u32::MAX))),
        ("H", Value::UInt(u64::MAX)),
        ("I", Value::Float(0.1_f32.into())),
        ("J", Value::Float(-1e300)),
        ("K", Value::Bool(true)),
        ("L", Value::str("text \u{1f600}")),
        ("M", Value::Bytes(vec![0, 255, 7].into())),
        ("N", Value::str("123e4567-e89b-12d3-a456-426614174000")),
        ("O", Value::Null),
        ("P", part(1, part(2, Value::Null))),
        ("Q", Value::List(vec![Value::Null, part(3, Value::Null), Value::Null])),
        ("R", Value::Int(0)),
        ("S", Value::map([("-5", Value::str("five"))])),
        ("T", part(4, Value::Null)),
    ];
    let mut live = of_schema(SCHEMA, &values);
    let (_, copy) = copy_of(&mut live);
    for (name, value) in values {
        assert_eq!(copy.get(name), Some(&value), "{name}");
    }
    // What does not fit its field is an error, and nothing that is cut off or zero.
    let state = schema(SCHEMA);
    let mut state = statewright_runtime::state::State::new(state, GAME, 1);
    for (ty, value) in
        [(Type::Int(statewright_types::IntKind::I32), Value::Int(1 << 40)), (Type::String, Value::Int(1))]
    {
        assert!(state.import(&ty, &value).is_err(), "{value}");
    }
}

#[test]
fn bug_13_a_change_deep_inside_is_seen_from_the_root() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    set_score(&mut live, "bob", 77);
    deal(&mut live, "ann", 50);
    let broadcast = live.tick();
    let bytes: usize = broadcast.for_viewer("ann").map(|message| message.len()).sum();
    ann.take(&broadcast);
    assert_eq!(ann.replica.get("Players[1].Score").and_then(|score| score.as_int()), Some(77));
    assert_eq!(ann.replica.get("Players[0].Hand[2]").and_then(|card| card.as_int()), Some(50));
    assert!(ann.agrees(&live) && bytes < 24, "{bytes} bytes: the two changes, and not the players");
}

#[test]
fn bug_16_a_move_means_the_same_to_everybody() {
    // docs/protocol.md: the index to which is counted without the element.
    let text = "@root(active) type Game {\n  Letters []string\n}";
    let letters = |text: &str| Value::List(text.split("").filter(|one| !one.is_empty()).map(Value::str).collect());
    let mut live = of_schema(text, &[("Letters", letters("abcd"))]);
    let (client, _) = copy_of(&mut live);
    let body = client.replica().full_body().expect("a state");
    for (from, to, expected) in [(0, 2, "bcad"), (3, 0, "dabc"), (0, 3, "bcda"), (2, 1, "acbd")] {
        let mut replica = Replica::new(schema(text));
        replica.apply_full(&body).expect("a state");
        // The field of id 1 changes, which is a list: a move.
        replica.apply(&[9, 4 * 2, from, to], None).expect("a move");
        assert_eq!(replica.get("Letters").map(|list| list.to_value()), Some(letters(expected)), "{from} to {to}");
    }
}

#[test]
fn bug_17_the_same_changes_are_the_same_bytes() {
    const SCHEMA: &str =
        "@root(active) type Game {\n  A map[string]int64\n  B []Part\n  C map[string]Part\n  D map[int64]string\n}
type Part {\n  X map[string]int64\n}";
    // The collections in the order of `order`; the bytes must not tell.
    let bytes = |order: &[usize]| {
        let mut live = of_schema(SCHEMA, &[]);
        copy_of(&mut live);
        let part = |x: i64| Value::map([("X", Value::map([("k", Value::Int(x)), ("j", Value::Int(x))]))]);
        change(&mut live, |state| {
            let types: Vec<Type> = state.schema().types()[0].fields.iter().map(|field| field.ty.clone()).collect();
            let root = state.root(GAME).expect("the root");
            let values = [
                Value::map([("z", Value::Int(1)), ("a", Value::Int(2)), ("m", Value::Int(3))]),
                Value::List(vec![part(1), part(2)]),
                Value::map([("q", part(3)), ("b", part(4))]),
                Value::map([("9", Value::str("nine")), ("-1", Value::str("less"))]),
            ];
            for at in order {
                let slot = state.import(&types[*at], &values[*at]).expect("a value");
                state.store(root, GAME, *at as u32, slot).expect("a field");
            }
        });
        let broadcast = live.tick();
        let message = broadcast.for_viewer("eve").next().expect("a patch");
        message.to_vec()
    };
    let first = bytes(&[0, 1, 2, 3]);
    for round in 0..50 {
        let mut order = [0, 1, 2, 3];
        order.rotate_left(round % 4);
        if round % 2 == 1 {
            order.reverse();
        }
        assert_eq!(bytes(&order), first, "in the order {order:?}");
    }
}

#[test]
fn bug_19_a_preview_goes_through_the_hooks() {
    struct Frame;
    impl Hooks for Frame {
        fn after_encode(&mut self, _: &str, message: &mut Vec<u8>) -> Verdict {
            message.insert(0, 0xaa);
            Verdict::Send
        }
    }
    let mut live = live(LiveOptions::default());
    Client::connect(&mut live, "ann");
    live.add_hooks(Frame);
    set_round(&mut live, 1);
    let bytes = |broadcast: Broadcast| broadcast.for_viewer("ann").map(|message| message.to_vec()).collect::<Vec<_>>();
    let shown = bytes(live.broadcast());
    assert_eq!(shown[0][0], 0xaa);
    assert_eq!(bytes(live.tick()), shown);
}
