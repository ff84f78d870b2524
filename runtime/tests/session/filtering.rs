//! Filters in Rust, and what viewers with filters are sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use statewright_runtime::access::Declared;
use statewright_runtime::host::HostError;
use statewright_runtime::session::host_filters::{FilterView, declared};
use statewright_runtime::session::{Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_runtime::sync::FilteredViewers;
use statewright_types::random::Streams;
use statewright_types::{StructId, TrapCode, Value};

use crate::fake::{Fake, schema};

const GAME: &str = "package game
@root(active)
type Game {
    Round   int64
    Secret  string
    Players []Player  @key(ID)
    Notes   []string
}
type Player {
    ID    string
    Team  string
    Score int64
    Hand  []int64
    Plan  string      @view(team)
    Bag   Bag
    Spare *Bag
}
type Bag {
    Gold  int64
    Cards []Card
}
type Card {
    Name  string
    Power int64       @view(owner)
    Trick int64       @view(dealer)
}
view dealer {}
";

fn session() -> Session {
    Session::new(schema(GAME), StructId(0), Arc::new(Fake::new(1)), SessionOptions::default())
}

/// Empties the hands of others.
fn hands(view: &mut FilterView<'_>) -> Result<(), HostError> {
    let game = view.main_root()?;
    for player in view.records(game, "Players")? {
        if view.text(player, "ID")? != view.viewer() {
            view.clear(player, "Hand")?;
        }
    }
    Ok(())
}

fn touching_hands() -> Declared {
    Declared::new().reads("Game", "Players").reads("Player", "ID").writes("Player", "Hand")
}

/// A write by path: fields by name, elements by number.
fn write(state: &mut State, path: &[&str], value: Value) {
    let (mut ty, mut record) = (state.main_root(), state.root(state.main_root()).expect("the root"));
    let (last, steps) = path.split_last().expect("a path");
    let mut list = None;
    state.begin();
    for step in steps {
        if let Ok(at) = step.parse::<i64>() {
            record = state.list_get(list.expect("a list"), at).expect("an element");
            continue;
        }
        let at = state.schema().get(ty).field(step).expect("a field");
        let slot = state.load(record, ty, at as u32).expect("a live record");
        let mut inner = state.schema().get(ty).fields[at].ty.non_null().clone();
        if let statewright_types::Type::List(element) = &inner {
            (list, inner) = (Some(slot), statewright_types::Type::clone(element));
        } else {
            record = slot;
        }
        let statewright_types::Type::Struct(id) = inner else { panic!("{step} holds no struct") };
        ty = id;
    }
    let at = state.schema().get(ty).field(last).expect("a field");
    let field = state.schema().get(ty).fields[at].ty.clone();
    let slot = state.import(&field, &value).expect("it fits");
    state.store(record, ty, at as u32, slot).expect("stored");
    state.commit();
}

fn text(text: &str) -> Value {
    Value::str(text)
}

fn player(id: &str, team: &str) -> Value {
    let card = Value::map([("Name", text("ace")), ("Power", Value::Int(3))]);
    let bag = Value::map([("Gold", Value::Int(1)), ("Cards", Value::List(vec![card]))]);
    let hand = Value::List(vec![Value::Int(1), Value::Int(2)]);
    Value::map([("ID", text(id)), ("Team", text(team)), ("Hand", hand), ("Plan", text("rush")), ("Bag", bag)])
}

fn with_players(mut session: Session) -> Session {
    let players = Value::List(vec![player("a", "red"), player("b", "red"), player("c", "blue")]);
    write(session.state_mut_for_setup(), &["Players"], players);
    session.take_changes();
    session
}

fn hands_seen(view: &Value) -> Vec<usize> {
    let players = view.get("Players").and_then(|players| match players {
        Value::List(players) => Some(players.clone()),
        _ => None,
    });
    let count = |player: &Value| match player.get("Hand") {
        Some(Value::List(hand)) => hand.len(),
        _ => 0,
    };
    players.unwrap_or_default().iter().map(count).collect()
}

#[test]
fn a_filter_in_rust_changes_one_viewers_view_and_nothing_else() {
    let mut session = with_players(session());
    session.set_host_filter("b", "hands", declared(touching_hands(), hands)).expect("the fields are there");
    assert_eq!(hands_seen(&session.view("b")), [0, 2, 0]);
    assert_eq!(hands_seen(&session.view("a")), [2, 2, 2]);
    assert!(session.take_changes().is_empty() && session.actions().is_empty(), "neither a change nor logged");
    assert!(session.has_host_filter("b", "hands") && session.is_filtered("b"));
    assert_eq!(session.host_filters().count(), 1);
    assert!(session.remove_host_filter("b", "hands") && !session.remove_host_filter("b", "hands"));
    assert_eq!(hands_seen(&session.view("b")), [2, 2, 2]);
}

#[test]
fn filters_act_by_ascending_id_and_may_be_replaced() {
    let mut session = with_players(session());
    let multiply = |by: i64, plus: i64| {
        move |view: &mut FilterView<'_>| {
            let game = view.main_root()?;
            let round = view.int(game, "Round")?;
            view.set_int(game, "Round", round * by + plus)
        }
    };
    session.set_host_filter("a", "2", multiply(10, 0)).expect("no fields");
    session.set_host_filter("a", "1", multiply(1, 5)).expect("no fields");
    assert_eq!(session.view("a").get("Round"), Some(&Value::Int(50)));
    session.set_host_filter("a", "1", multiply(1, 7)).expect("no fields");
    assert_eq!(session.view("a").get("Round"), Some(&Value::Int(70)));
}

#[test]
fn what_was_not_declared_is_an_error_and_the_last_good_view_stays() {
    let mut session = with_players(session());
    let wrong = session.set_host_filter("a", "x", declared(Declared::new().reads("Player", "Nose"), hands));
    assert_eq!(wrong, Err("the type `Player` has no field `Nose`".to_owned()));
    let touched = touching_hands().reads("Game", "Round");
    let greedy = |view: &mut FilterView<'_>| {
        let game = view.main_root()?;
        hands(view)?;
        if view.int(game, "Round")? > 0 { view.set_int(game, "Round", 9) } else { Ok(()) }
    };
    session.set_host_filter("a", "x", declared(touched, greedy)).expect("the fields are there");
    assert_eq!(session.filter_faults().count(), 0);
    write(session.state_mut_for_setup(), &["Round"], Value::Int(1));
    session.tick(1);
    let faults: Vec<TrapCode> = session.filter_faults().map(|(_, _, trap)| trap.code).collect();
    assert_eq!(faults, [TrapCode::PermissionDenied]);
    assert_eq!(session.view("a").get("Round"), Some(&Value::Int(0)), "the last good view");
    assert_eq!(hands_seen(&session.view("a")), [2, 0, 0]);
}

/// How often a filter ran.
fn counting(runs: &Arc<AtomicUsize>) -> impl Fn(&mut FilterView<'_>) -> Result<(), HostError> + use<> {
    let runs = runs.clone();
    move |view| {
        runs.fetch_add(1, Ordering::Relaxed);
        hands(view)
    }
}

#[test]
fn a_filter_runs_again_only_when_something_it_read_changed() {
    let mut session = with_players(session());
    session.keep_views(false);
    let runs = Arc::new(AtomicUsize::new(0));
    for viewer in 0..100 {
        let filter = declared(touching_hands(), counting(&runs));
        session.set_host_filter(&viewer.to_string(), "hands", filter).expect("the fields are there");
    }
    let mut viewers = FilteredViewers::new();
    let changes = session.take_changes();
    assert_eq!(viewers.refresh(&mut session, &changes).views.len(), 100);
    let mut after = |session: &mut Session, path: &[&str], value: Value| {
        write(session.state_mut_for_setup(), path, value);
        session.tick(50);
        let changes = session.take_changes();
        let before = runs.load(Ordering::Relaxed);
        let views = viewers.refresh(session, &changes).views.len();
        assert_eq!(views, runs.load(Ordering::Relaxed) - before);
        views
    };
    assert_eq!(after(&mut session, &["Players", "1", "Score"], Value::Int(7)), 0);
    assert_eq!(after(&mut session, &["Players", "1", "Bag", "Gold"], Value::Int(7)), 0);
    assert_eq!(after(&mut session, &["Round"], Value::Int(7)), 0);
    assert_eq!(after(&mut session, &["Players", "1", "Hand"], Value::List(Vec::new())), 100);
    assert_eq!(after(&mut session, &["Players", "1", "Team"], text("blue")), 100, "what comes into sight is whole");
}

/// What a viewer would see without its filters.
fn unfiltered_view(session: &Session, viewer: &str) -> Value {
    statewright_runtime::visibility::project(session.effective(), &session.viewer(viewer))
}

/// What becomes of `seen` when it is told how `before` became `now`.
fn told(before: Option<&Value>, now: &Value, seen: Option<&Value>) -> Value {
    match (before, now, seen) {
        (Some(before), now, Some(seen)) if before == now => seen.clone(),
        (Some(before @ Value::Map(_)), Value::Map(now), Some(seen @ Value::Map(_))) => {
            let fields = now.iter().map(|(name, now)| (name.clone(), told(before.get(name), now, seen.get(name))));
            Value::Map(fields.collect())
        }
        (Some(Value::List(before)), Value::List(now), Some(Value::List(seen))) if before.len() == now.len() => {
            let all = now.iter().enumerate().map(|(at, now)| told(before.get(at), now, seen.get(at)));
            Value::List(all.collect())
        }
        _ => now.clone(),
    }
}

/// One of several filters of other footprints; they may fail.
fn some_filter(kind: i64, session: &mut Session, viewer: &str, id: &str) {
    let game = || Declared::new().reads("Game", "Players");
    let all = |view: &FilterView<'_>| view.records(view.main_root()?, "Players");
    let set = match kind {
        0 => session.set_host_filter(viewer, id, declared(touching_hands(), hands)),
        1 => {
            let touched = game().reads("Player", "Bag").reads("Bag", "Cards").writes("Card", "Name");
            let names = move |view: &mut FilterView<'_>| {
                for player in all(view)? {
                    let bag = view.record(player, "Bag")?.ok_or(TrapCode::NullReference)?;
                    for card in view.records(bag, "Cards")? {
                        view.set_text(card, "Name", "?")?;
                    }
                }
                Ok(())
            };
            session.set_host_filter(viewer, id, declared(touched, names))
        }
        2 => {
            let touched = Declared::new().writes("Game", "Players").reads("Player", "Score");
            let winners = |view: &mut FilterView<'_>| {
                let game = view.main_root()?;
                for at in (0..view.count(game, "Players")?).rev() {
                    let player = view.records(game, "Players")?.get(at).copied().ok_or(TrapCode::NotFound)?;
                    if view.int(player, "Score")? > 2 {
                        view.remove_at(game, "Players", at)?;
                    }
                }
                Ok(())
            };
            session.set_host_filter(viewer, id, declared(touched, winners))
        }
        3 => {
            let touched = Declared::new().reads("Game", "Secret").writes("Game", "Notes");
            let notes = |view: &mut FilterView<'_>| {
                let game = view.main_root()?;
                match view.text(game, "Secret")? {
                    "fail" => Err(HostError::new(TrapCode::Custom, "not today")),
                    "note" => view.push(game, "Notes", &Value::str("seen")),
                    _ => Ok(()),
                }
            };
            session.set_host_filter(viewer, id, declared(touched, notes))
        }
        4 => {
            let touched = game().writes_whole("Player", "Spare");
            let spare = move |view: &mut FilterView<'_>| {
                for player in all(view)? {
                    view.set_value(player, "Spare", &Value::Null)?;
                }
                Ok(())
            };
            session.set_host_filter(viewer, id, declared(touched, spare))
        }
        _ => {
            let touched = game().writes("Player", "Team");
            let teams = move |view: &mut FilterView<'_>| {
                for player in all(view)? {
                    view.set_text(player, "Team", "red")?;
                }
                Ok(())
            };
            session.set_host_filter(viewer, id, declared(touched, teams))
        }
    };
    set.expect("the fields are there");
}

fn random_write(random: &mut Streams, state: &mut State) {
    let count = match state.to_value().get("Players") {
        Some(Value::List(players)) => players.len() as i64,
        _ => 0,
    };
    let number = Value::Int(random.int("number", 0, 4));
    let at = random.int("player", 0, count.max(1) - 1).to_string();
    let kind = random.int("write", 0, 11);
    if count == 0 || kind == 0 {
        let ids = ["a", "b", "c", "d"];
        let players = ids.iter().filter(|_| random.int("there", 0, 2) > 0).map(|id| player(id, "red"));
        return write(state, &["Players"], Value::List(players.collect()));
    }
    let bag = Value::map([("Gold", number.clone())]);
    let pick = |random: &mut Streams, from: &[&str]| text(from[random.int("pick", 0, from.len() as i64 - 1) as usize]);
    match kind {
        1 => write(state, &["Round"], number),
        2 | 3 => write(state, &["Secret"], pick(random, &["fail", "note", "", "other"])),
        4 => write(state, &["Players", &at, "Score"], number),
        5 => write(state, &["Players", &at, "Hand"], Value::List(vec![number])),
        6 => write(state, &["Players", &at, "Team"], pick(random, &["red", "blue", ""])),
        7 => write(state, &["Players", &at, "Plan"], pick(random, &["rush", "hide"])),
        8 => write(state, &["Players", &at, "Bag", "Gold"], number),
        9 => write(state, &["Players", &at, "Spare"], if number == Value::Int(0) { Value::Null } else { bag }),
        10 => write(state, &["Notes"], Value::List(vec![text("n"); random.int("notes", 0, 2) as usize])),
        _ => {
            let card = Value::map([("Name", pick(random, &["ace", "king"])), ("Power", number)]);
            write(state, &["Players", &at, "Bag", "Cards"], Value::List(vec![card]));
        }
    }
}

/// Views made, bytes shared and views left as they are come to the same as making every view after every action.
#[test]
fn who_takes_what_all_are_sent_sees_what_it_should() {
    let viewers = ["a", "b", "c"];
    let (mut made, mut shared, mut frozen) = (0, 0, 0);
    for seed in 0..150 {
        let mut random = Streams::new(seed);
        let mut plain = with_players(session());
        let mut live = with_players(session());
        live.keep_views(false);
        let mut filtered = FilteredViewers::new();
        let mut seen: Vec<Value> = viewers.iter().map(|viewer| plain.view(viewer)).collect();
        for step in 0..40 {
            let unfiltered: Vec<Value> = viewers.iter().map(|viewer| unfiltered_view(&live, viewer)).collect();
            let viewer = viewers[random.int("viewer", 0, 2) as usize];
            let (kind, id) = (random.int("filter", 0, 5), random.int("id", 0, 2).to_string());
            let what = random.int("what", 0, 12);
            for session in [&mut plain, &mut live] {
                match what {
                    0 | 1 => some_filter(kind, session, viewer, &id),
                    2 => _ = session.remove_host_filter(viewer, &id),
                    3 => session.grant(viewer, "dealer"),
                    4 => session.revoke(viewer, "dealer"),
                    _ => {}
                }
            }
            if what > 4 {
                let script = random.clone();
                random_write(&mut random, plain.state_mut_for_setup());
                random_write(&mut script.clone(), live.state_mut_for_setup());
                plain.tick(1);
                live.tick(1);
            }
            let changes = live.take_changes();
            let refreshed = filtered.refresh(&mut live, &changes);
            for (at, viewer) in viewers.iter().enumerate() {
                let view = refreshed.views.iter().find(|(other, _)| &**other == *viewer);
                seen[at] = match view {
                    Some((_, view)) => {
                        made += 1;
                        view.clone()
                    }
                    None if filtered.is_frozen(viewer) => {
                        frozen += 1;
                        seen[at].clone()
                    }
                    None => {
                        shared += usize::from(filtered.contains(viewer));
                        told(Some(&unfiltered[at]), &unfiltered_view(&live, viewer), Some(&seen[at]))
                    }
                };
                assert_eq!(seen[at], plain.view(viewer), "seed {seed}, step {step}, viewer {viewer}, {what}");
            }
        }
    }
    assert!(made > 1000 && shared > 1000 && frozen > 100, "{made} made, {shared} shared, {frozen} frozen");
}
