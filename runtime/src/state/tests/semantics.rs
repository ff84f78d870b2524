//! One test per rule of storing, identity and reading.

use statewright_types::{Limits, StructId, TrapCode, Type, Value};

use super::fixture::*;
use crate::memory::CANONICAL_NAN;
use crate::state::{Course, MapKey, NESTING, Operation, Origin, Saved, State};

fn two_players() -> State {
    let mut state = state();
    state.begin();
    let players = value(
        &mut state,
        "[]Player",
        r#"[{"ID":"a","Score":1,"Hand":[{"ID":1},{"ID":2}]},{"ID":"b","Hand":[{"ID":3}]}]"#,
    );
    store(&mut state, 0, "Game.Players", players);
    state.commit();
    state.take_changes();
    state
}

fn player(state: &State, at: i64) -> u64 {
    state.list_get(load(state, 0, "Game.Players"), at).expect("a player")
}

#[test]
fn defaults_come_from_the_schema_and_uuids_are_drawn() {
    let mut state = state();
    assert_eq!(show(&state, "Game.Round"), "1");
    assert_eq!(show(&state, "Game.Title"), r#""game""#);
    let (ty, token) = field(&state, "Player.Token");
    let (first, second) = (state.struct_new(ty), state.struct_new(ty));
    let text = |record| state.str(state.load(record, ty, token).expect("live")).to_owned();
    assert_eq!(text(first).len(), 36);
    assert_ne!(text(first), text(second));
    let zero = state.zero(&Type::Struct(ty));
    assert_eq!(state.str(state.load(zero, ty, token).expect("live")), "");
}

#[test]
fn storing_a_value_copies_it() {
    let mut state = state();
    state.begin();
    let best = value(&mut state, "Player", r#"{"ID":"x","Hand":[{"ID":1}]}"#);
    store(&mut state, 0, "Game.Best", best);
    let live = load(&state, 0, "Game.Best");
    assert_ne!(live, best);
    let (ty, score) = field(&state, "Player.Score");
    assert_eq!(state.struct_attached(live, ty), Ok(true));
    assert_eq!(state.struct_attached(best, ty), Ok(false));
    store(&mut state, live, "Player.Score", 5);
    assert_eq!(state.load(best, ty, score), Ok(0), "the value is another record");
    assert_eq!(state.store(best, ty, score, 1), Err(TrapCode::BadArgument), "a value is not written");
    assert_eq!(state.struct_init(live, ty, score, 1), Err(TrapCode::BadArgument), "nor a live struct initialised");
    state.commit();
    assert_eq!(state.load(best, ty, score), Err(TrapCode::StaleReference), "freed with the transaction");
}

#[test]
fn overwriting_by_path_keeps_identity() {
    let mut state = two_players();
    state.begin();
    let (list, first) = (load(&state, 0, "Game.Players"), player(&state, 0));
    let new = value(&mut state, "Player", r#"{"ID":"z","Hand":[{"ID":9}]}"#);
    state.list_set(list, 0, new).expect("set");
    assert_eq!(player(&state, 0), first);
    assert_eq!(state.str(load(&state, first, "Player.ID")), "z");
    let (ty, _) = field(&state, "Player.ID");
    state.list_remove(list, 0).expect("removed");
    assert!(state.is_stale(first, ty));
    assert_eq!(state.load(first, ty, 0), Err(TrapCode::StaleReference));
    assert_eq!(state.export(&Type::Struct(ty), first), Err(TrapCode::StaleReference));
    assert_eq!(state.struct_copy(first, ty), Err(TrapCode::StaleReference));
    assert_eq!(state.equal(&Type::Struct(ty), first, first), Err(TrapCode::StaleReference));
    let players = state.schema().parse_type("[]Player").expect("a type");
    let stale = state.list_new(&players, &[first]).expect("small");
    assert_eq!(state.list_assign(list, stale), Err(TrapCode::StaleReference));
    state.rollback();
    assert_eq!(state.str(load(&state, first, "Player.ID")), "a", "the reference is good again");
}

#[test]
fn elements_of_another_list_are_copied() {
    let mut state = two_players();
    state.begin();
    let hands = [load(&state, player(&state, 0), "Player.Hand"), load(&state, player(&state, 1), "Player.Hand")];
    let card = state.list_get(hands[1], 0).expect("a card");
    state.list_push(hands[0], card).expect("pushed");
    assert_eq!(state.list_len(hands[0]), 3);
    assert_ne!(state.list_get(hands[0], 2), Ok(card));
    state.list_assign(hands[1], hands[0]).expect("assigned");
    assert_eq!(state.list_len(hands[1]), 3);
    let (ty, _) = field(&state, "Card.ID");
    assert!(state.is_stale(card, ty), "it was in the list and is not in what was assigned");
    state.commit();
}

#[test]
fn snapshots_stay_as_they_were_but_their_structs_live() {
    let mut state = two_players();
    state.begin();
    let (list, first) = (load(&state, 0, "Game.Players"), player(&state, 0));
    let snapshot = state.list_snapshot(list);
    state.list_remove(list, 1).expect("removed");
    store(&mut state, first, "Player.Score", 77);
    assert_eq!((state.list_len(list), state.list_len(snapshot)), (1, 2));
    let seen = state.list_get(snapshot, 0).expect("in range");
    assert_eq!(load(&state, seen, "Player.Score"), 77);
    let grid = value(&mut state, "[][]int16", "[[1]]");
    store(&mut state, 0, "Game.Grid", grid);
    let grid = load(&state, 0, "Game.Grid");
    let (snapshot, inner) = (state.list_snapshot(grid), state.list_get(grid, 0).expect("a row"));
    state.list_set(inner, 0, 9).expect("set");
    let frozen = state.list_get(snapshot, 0).expect("a row");
    assert_eq!((state.list_get(inner, 0), state.list_get(frozen, 0)), (Ok(9), Ok(1)));
    state.commit();
}

#[test]
fn equal_bits_mark_nothing_and_nan_is_canonical() {
    let mut state = two_players();
    state.begin();
    let strange = f64::from_bits(f64::NAN.to_bits() | 0x8000_0000_0000_0123).to_bits();
    store(&mut state, 0, "Game.Weight", strange);
    assert_eq!(load(&state, 0, "Game.Weight"), CANONICAL_NAN);
    state.commit();
    state.take_changes();
    state.begin();
    store(&mut state, 0, "Game.Weight", CANONICAL_NAN | 5);
    let title = state.string("game");
    store(&mut state, 0, "Game.Title", title);
    let names = value(&mut state, "[]string", "[]");
    store(&mut state, 0, "Game.Names", names);
    let center = value(&mut state, "Point", r#"{"X":0.0,"Y":0}"#);
    store(&mut state, 0, "Game.Center", center);
    state.commit();
    assert!(state.changes().is_empty(), "{:?}", state.changes());
    state.begin();
    store(&mut state, 0, "Game.Weight", (-0.0f64).to_bits());
    state.commit();
    let before = state.hash();
    state.begin();
    store(&mut state, 0, "Game.Weight", 0);
    state.commit();
    assert_ne!(state.hash(), before, "−0 and 0 differ");
}

#[test]
fn changes_name_fields_and_elements() {
    let mut state = two_players();
    let (ty, score) = field(&state, "Player.Score");
    state.begin();
    let (list, second) = (load(&state, 0, "Game.Players"), player(&state, 1));
    store(&mut state, second, "Player.Score", 4);
    let new = value(&mut state, "Player", r#"{"ID":"n"}"#);
    state.list_insert(list, 0, new).expect("inserted");
    let brief = value(&mut state, "Player", r#"{"ID":"brief"}"#);
    state.list_insert(list, 1, brief).expect("inserted");
    let inserted = player(&state, 1);
    store(&mut state, inserted, "Player.Score", 9);
    state.list_remove(list, 1).expect("removed");
    let scores = load(&state, 0, "Game.Scores");
    let key = state.string("k");
    state.map_put(scores, key, 3).expect("put");
    state.commit();
    let changes = state.take_changes();
    assert_eq!(changes.records.len(), 1);
    assert_eq!((changes.records[0].ty, changes.records[0].record), (ty, second));
    assert_eq!(changes.records[0].fields.iter().collect::<Vec<_>>(), [score]);
    let [players, others] = &changes.containers[..] else { panic!("two containers") };
    assert_eq!((players.container, others.container), (list, scores));
    assert_eq!(players.course, Course::from_origins(2, [Origin::New, Origin::Kept(0), Origin::Kept(1)]));
    assert_eq!(others.operations, [Operation::Put { key: MapKey::Text("k".into()), new: true }]);
}

#[test]
fn many_operations_become_one() {
    let mut state = state();
    state.begin();
    let names = load(&state, 0, "Game.Names");
    let name = state.string("n");
    for _ in 0..10 {
        state.list_push(names, name).expect("pushed");
    }
    state.commit();
    let before = state.changes();
    state.begin();
    for round in 0..500 {
        let name = state.string(&round.to_string());
        state.list_set(names, round % 10, name).expect("set");
    }
    let operations = &state.changes().containers[0].operations;
    assert!(matches!(&operations[..], [Operation::Arrange(_), rest @ ..] if rest.len() <= 64), "{operations:?}");
    state.rollback();
    assert_eq!(state.changes(), before);
}

#[test]
fn changes_that_nobody_takes_stay_small() {
    let mut state = two_players();
    let list = load(&state, 0, "Game.Players");
    for _ in 0..2000 {
        state.begin();
        let new = value(&mut state, "Player", r#"{"ID":"n"}"#);
        state.list_push(list, new).expect("pushed");
        state.list_remove(list, 0).expect("removed");
        let (first, version) = (player(&state, 0), state.list_version(list));
        store(&mut state, first, "Player.Score", version);
        state.commit();
    }
    let changes = state.changes();
    assert!(changes.records.len() + changes.containers.len() < 300);
    assert!(changes.containers.iter().all(|change| change.operations.len() <= 65));
    super::audit::audit(&state);
}

#[test]
fn data_nests_only_so_deep() {
    let mut state = state();
    let mut trap = None;
    for _ in 0..200 {
        state.begin();
        let tree = load(&state, 0, "Game.Tree");
        let (node, children) = field(&state, "Node.Children");
        let list = state.schema().parse_type("[]Node").expect("a type");
        let around = state.struct_new(node);
        let inside = state.list_new(&list, &[tree]).expect("small");
        let stored = state.struct_init(around, node, children, inside).and_then(|()| {
            let (game, field) = field(&state, "Game.Tree");
            state.store(state.root(game)?, game, field, around)
        });
        if let Err(code) = stored {
            trap = Some(code);
            state.rollback();
            break;
        }
        state.commit();
    }
    assert_eq!(trap, Some(TrapCode::MemoryLimit));
    super::audit::audit(&state);
    let json = statewright_types::json::to_string(&state.to_value());
    assert!(statewright_types::json::parse(json).is_ok(), "{NESTING} levels are loadable");
}

#[test]
fn sizes_follow_the_formula() {
    let mut state = two_players();
    state.begin();
    let cases = [
        ("int64", "5", 0),
        ("string", r#""abc""#, 11),
        ("[]int64", "[1,2]", 24),
        ("map[string]int64", r#"{"ab":1}"#, 26),
        ("Point", r#"{"X":1.0}"#, 24),
        ("*int32", "3", 0),
        ("[]*int32", "[3,null]", 24),
        ("[]Point", "[{}]", 32),
    ];
    for (ty, json, bytes) in cases {
        let slot = value(&mut state, ty, json);
        let ty = state.schema().parse_type(ty).expect("a type");
        assert_eq!(state.size(&ty, slot), bytes, "{json}");
    }
    let players = state.schema().parse_type("[]Player").expect("a type");
    let live = load(&state, 0, "Game.Players");
    let snapshot = state.list_snapshot(live);
    assert_eq!(state.size(&players, snapshot), 0, "a snapshot alone is free");
    let picked = state.list_slots(live).to_vec();
    let built = state.list_new(&players, &picked).expect("small");
    assert_eq!(state.size(&players, built), 24, "two live references");
    state.commit();
}

#[test]
fn saved_values_come_back_in_another_transaction() {
    let mut state = two_players();
    state.begin();
    let cases = [
        ("string", r#""abc""#),
        ("*int32", "3"),
        ("*string", r#""""#),
        ("[]*Player", r#"[null,{"ID":"v","Hand":[{"ID":4}]}]"#),
        ("map[int32]Card", r#"{"-1":{"ID":1},"2":{"ID":2}}"#),
        ("bytes", r#""AQI=""#),
    ];
    let mut saved = Vec::new();
    for (ty, json) in cases {
        let slot = value(&mut state, ty, json);
        let ty = state.schema().parse_type(ty).expect("a type");
        saved.push((ty.clone(), state.save(&ty, slot), state.export(&ty, slot)));
    }
    let (ty, _) = field(&state, "Player.ID");
    let (first, list) = (player(&state, 0), load(&state, 0, "Game.Players"));
    let hand = load(&state, first, "Player.Hand");
    let cards = state.schema().parse_type("[]Card").expect("a type");
    let (live, container) = (state.save(&Type::Struct(ty), first), state.save(&cards, hand));
    assert_eq!(live, Saved::Live { ty, record: first });
    state.commit();
    state.begin();
    for (ty, saved, exported) in &saved {
        let slot = state.restore(ty, saved);
        assert_eq!(&state.export(ty, slot), exported);
    }
    assert_eq!(state.restore(&Type::Struct(ty), &live), first);
    assert_eq!(state.restore(&cards, &container), hand);
    state.list_remove(list, 0).expect("removed");
    let gone = state.restore(&cards, &container);
    assert_eq!((state.list_len(gone), state.list_version(gone)), (0, 0));
    let first = state.restore(&Type::Struct(ty), &live);
    assert_eq!(state.load(first, ty, 0), Err(TrapCode::StaleReference));
    state.rollback();
}

#[test]
fn a_container_whose_record_went_refuses_writes() {
    let mut state = two_players();
    state.begin();
    let hand = load(&state, player(&state, 0), "Player.Hand");
    let version = state.list_version(hand);
    state.list_clear(load(&state, 0, "Game.Players"));
    assert_ne!(state.list_version(hand), version);
    let (card, _) = field(&state, "Card.ID");
    let new = state.struct_new(card);
    assert_eq!(state.list_insert(hand, 0, new), Err(TrapCode::StaleReference));
    assert_eq!(state.list_remove(hand, 0), Err(TrapCode::IndexOutOfRange));
    state.list_clear(hand);
    state.rollback();
    super::audit::audit(&state);
    assert_eq!(state.list_version(hand), version);
}

#[test]
fn limits_of_entries_hold() {
    let mut state = state();
    state.set_limits(Limits { entries: 3, ..Limits::default() });
    let names = load(&state, 0, "Game.Names");
    let ty = state.schema().parse_type("[]string").expect("a type");
    assert_eq!(state.list_new(&ty, &[1; 4]), Err(TrapCode::MemoryLimit));
    for expected in [Ok(()), Ok(()), Ok(()), Err(TrapCode::MemoryLimit)] {
        assert_eq!(state.list_push(names, 1), expected);
    }
}

#[test]
fn no_slot_panics() {
    let mut state = two_players();
    let schema = state.schema().clone();
    let slots = [0, 1, 2, 3, 1 << 32, 1 << 32 | 1, u64::MAX, u64::MAX - 1, 5 << 32 | 3];
    state.begin();
    for slot in slots {
        for (index, def) in schema.types().iter().enumerate() {
            let ty = StructId(index as u32);
            for field in 0..=def.fields.len() as u32 {
                for other in slots {
                    let _ = (state.load(slot, ty, field), state.store(slot, ty, field, other));
                    let _ = (state.struct_init(slot, ty, field, other), state.list_find_key(slot, ty, field, other));
                }
            }
            let _ = (state.struct_copy(slot, ty), state.struct_attached(slot, ty), state.root(ty));
            for field in &def.fields {
                let _ = (state.size(&field.ty, slot), state.save(&field.ty, slot), state.some(&field.ty, slot));
                let _ = (state.export(&field.ty, slot), state.unwrap(&field.ty, slot), state.equal(&field.ty, slot, 9));
            }
        }
        for other in slots {
            let _ = (state.list_get(slot, other as i64), state.list_set(slot, other as i64, other));
            let _ = (state.list_insert(slot, other as i64, other), state.list_remove(slot, other as i64));
            let _ = (state.list_assign(slot, other), state.map_assign(slot, other), state.list_find(slot, other));
            let _ = (state.map_put(slot, other, slot), state.map_remove(slot, other), state.map_find(slot, other));
            let _ = (state.map_key_at(slot, other as i64), state.record_get(slot, other as u32));
        }
        let _ =
            (state.list_snapshot(slot), state.map_snapshot(slot), state.str(slot).len(), state.get_bytes(slot).len());
        state.list_clear(slot);
        state.map_clear(slot);
    }
    state.rollback();
    assert!(matches!(state.to_value(), Value::Map(_)));
}

#[test]
fn equality_is_by_content() {
    let mut state = state();
    state.begin();
    let cases = [
        ("[]float64", "[0.0]", "[-0.0]", true),
        ("[]float64", r#"["NaN"]"#, r#"["NaN"]"#, false),
        ("*string", "null", r#""""#, false),
        ("map[string]Card", r#"{"a":{"ID":1}}"#, r#"{"a":{"ID":1}}"#, true),
        ("map[string]Card", r#"{"a":{"ID":1}}"#, r#"{"b":{"ID":1}}"#, false),
        ("[]*int32", "[1,null]", "[1,null]", true),
        ("[]*int32", "[1,null]", "[1,0]", false),
    ];
    for (ty, a, b, expected) in cases {
        let (first, second) = (value(&mut state, ty, a), value(&mut state, ty, b));
        let ty = state.schema().parse_type(ty).expect("a type");
        assert_eq!(state.equal(&ty, first, second), Ok(expected), "{a} {b}");
    }
    state.commit();
}

#[test]
fn a_state_may_move_to_another_thread() {
    fn movable<T: Send + Sync>(_: &T) {}
    movable(&two_players());
}

#[test]
fn defaults_of_every_kind_reach_new_records() {
    let text = r#"
@root(active)
type Game {
    Names []string @default(["a", "b"])
    Speed float32 @default(config:Balance.Speed)
    Lives uint8 @default(config:Balance.Lives)
    Title string @default(config:Balance.Title)
    Missing int64 @default(config:Balance.Missing)
    Last Item
}
type Item {
    Weight float32 @default(0.1)
    Low int8 @default(-3)
    Flag bool @default(true)
    Name string @default("item")
}
"#;
    let (schema, diagnostics) = statewright_types::schema::text::parse(text);
    let schema = std::sync::Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let config = [("Balance.Speed", Value::Int(2)), ("Balance.Lives", Value::Int(300)), ("Balance.Title", "t".into())];
    let config = config.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let settings = super::super::Settings::new(None, &config);
    let state = State::with_settings(schema, StructId(0), statewright_types::random::Streams::new(0), settings);
    let shown = statewright_types::json::to_string(&state.to_value());
    let expected = concat!(
        r#"{"Names":["a","b"],"Speed":2.0,"Lives":0,"Title":"t","Missing":0,"#,
        r#""Last":{"Weight":0.10000000149011612,"Low":-3,"Flag":true,"Name":"item"}}"#
    );
    assert_eq!(shown, expected, "300 does not fit uint8");
    super::audit::audit(&state);
}
