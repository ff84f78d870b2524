//! Viewers with filters: who takes what everybody is sent, and what shows of that.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use statewright_runtime::access::Declared;
use statewright_runtime::host::HostError;
use statewright_runtime::session::host_filters::{FilterView, declared};
use statewright_runtime::sync::{LiveOptions, LiveSession};
use statewright_types::{TrapCode, Value};

use crate::game::{Client, deal, live, set_round, set_score, set_secret, set_team};

/// Touches hidden things, too: it looks at the secret, and nobody sees it do so.
fn touched() -> Declared {
    Declared::new().reads("Game", "Secret").reads("Game", "Players").writes_whole("Player", "Hand")
}

/// Empties all hands; fails while the secret is 99.
fn hands(view: &mut FilterView<'_>) -> Result<(), HostError> {
    let game = view.main_root()?;
    for player in view.records(game, "Players")? {
        view.set_value(player, "Hand", &Value::List(Vec::new()))?;
    }
    if view.int(game, "Secret")? == 99 { Err(HostError::new(TrapCode::Custom, "not now")) } else { Ok(()) }
}

/// Gives a viewer the filter, which counts how often it runs.
pub fn filter(live: &mut LiveSession, id: &str, runs: &Arc<AtomicUsize>) {
    let runs = runs.clone();
    let counting = move |view: &mut FilterView<'_>| {
        runs.fetch_add(1, Ordering::Relaxed);
        hands(view)
    };
    live.set_filter(id, "hands", declared(touched(), counting)).expect("the fields are there");
}

#[test]
fn a_filter_runs_only_when_something_it_touches_changed() {
    let mut live = live(LiveOptions::default());
    let runs = Arc::new(AtomicUsize::new(0));
    let ids: Vec<String> = (0..20).map(|at| if at == 7 { "ann".into() } else { format!("viewer {at}") }).collect();
    ids.iter().for_each(|id| filter(&mut live, id, &runs));
    let mut clients: Vec<Client> = ids.iter().map(|id| Client::connect(&mut live, id)).collect();
    // Filters run after what is done, or with the tick.
    let mut before = runs.load(Ordering::Relaxed);
    let mut tick = |live: &mut LiveSession| {
        let sent = live.tick();
        clients.iter_mut().for_each(|client| _ = client.take(&sent));
        let ran = runs.load(Ordering::Relaxed) - before;
        // Asked for, every view is made.
        clients.iter().for_each(|client| assert!(client.agrees(live), "{}", client.id));
        before = runs.load(Ordering::Relaxed);
        (ran, sent.iter().count())
    };
    for score in 1..600 {
        set_score(&mut live, "bob", score);
        assert_eq!(tick(&mut live), (0, 20), "score {score}");
    }
    set_round(&mut live, 3);
    assert_eq!(tick(&mut live), (0, 20));
    set_secret(&mut live, 1);
    assert_eq!(tick(&mut live), (20, 0), "what they read changed, and nothing that they see");
    deal(&mut live, "ann", 9);
    assert_eq!(tick(&mut live), (20, 0), "what they take out changed");
    set_score(&mut live, "ann", 1);
    assert_eq!(tick(&mut live), (0, 20));
    set_team(&mut live, "ann", "blue");
    assert_eq!(tick(&mut live), (20, 20), "what comes into sight may be what they take out");
}

/// A filter in Rust is not saved: whoever loads the session sets it again.
#[test]
fn what_it_saw_before_its_filter_failed_is_saved_with_the_session() {
    let mut live = live(LiveOptions::default());
    let runs = Arc::default();
    filter(&mut live, "eve", &runs);
    let mut eve = Client::connect(&mut live, "eve");
    set_round(&mut live, 7);
    eve.take(&live.tick());
    set_secret(&mut live, 99);
    set_round(&mut live, 8);
    eve.take(&live.tick());
    assert_eq!(eve.replica.get("Round").and_then(|round| round.as_int()), Some(7));
    assert_eq!(live.session().view("eve"), eve.replica.to_value(), "asked for, it is the same");
    let views = live.session().save().views;
    assert_eq!(views.get("eve").map(|seen| &seen.view), Some(&eve.replica.to_value()));
    set_secret(&mut live, 0);
    eve.take(&live.tick());
    assert!(eve.agrees(&live));
    let views = live.session().save().views;
    assert_eq!(views.get("eve").and_then(|seen| seen.view.get("Round").cloned()), Some(Value::Int(8)));
    // A session that was restored while the filter fails goes on from there.
    set_secret(&mut live, 99);
    let mut again = LiveSession::new(live.into_session(), 8, LiveOptions::default());
    let restarted = Client::connect(&mut again, "eve");
    assert_eq!(restarted.replica.to_value(), eve.replica.to_value());
}

#[test]
fn who_has_a_filter_that_fails_keeps_what_it_has() {
    let mut live = live(LiveOptions::default());
    let runs = Arc::default();
    filter(&mut live, "eve", &runs);
    let mut eve = Client::connect(&mut live, "eve");
    set_secret(&mut live, 99);
    set_round(&mut live, 1);
    assert!(live.tick().is_empty());
    assert_eq!(live.filter_faults().map(|(viewer, ..)| &**viewer).collect::<Vec<_>>(), ["eve"]);
    set_round(&mut live, 2);
    assert!(live.tick().is_empty(), "though the filter does not touch it");
    live.resync("eve").expect("she is there");
    eve.take(&live.tick());
    assert_eq!(eve.replica.get("Round").and_then(|round| round.as_int()), Some(0), "again, what she had");
    set_secret(&mut live, 0);
    eve.take(&live.tick());
    assert!(eve.agrees(&live));
    assert_eq!(eve.replica.get("Round").and_then(|round| round.as_int()), Some(2));
    set_round(&mut live, 3);
    eve.take(&live.tick());
    assert!(eve.agrees(&live));
}

#[test]
fn what_it_saw_is_known_of_viewers_that_are_there_away_or_were_when_filters_began_to_fail() {
    let round = |client: &Client| client.replica.get("Round").and_then(|round| round.as_int());
    let (mut live, runs) = (live(LiveOptions::default()), Arc::default());
    ["eve", "ian", "joe"].iter().for_each(|id| filter(&mut live, id, &runs));
    let mut eve = Client::connect(&mut live, "eve");
    let ian = Client::connect(&mut live, "ian");
    live.disconnect("eve").expect("connected");
    set_round(&mut live, 1);
    live.tick();
    set_secret(&mut live, 99);
    set_round(&mut live, 2);
    live.tick();
    // Away when it began, and told what she saw last.
    assert!(eve.resume(&mut live));
    assert_eq!((round(&eve), eve.agrees(&live)), (Some(1), true));
    // Forgotten since it began.
    assert_eq!(round(&ian), Some(0));
    live.disconnect("ian").expect("connected");
    assert!(live.forget("ian"));
    let ian = Client::connect(&mut live, "ian");
    assert_eq!((round(&ian), ian.agrees(&live)), (Some(1), true));
    // Never there before: nothing, as nobody made a view of it.
    let mut joe = Client::connect(&mut live, "joe");
    assert_eq!(joe.replica.to_value(), Value::Map(Vec::new()));
    assert!(joe.agrees(&live));
    set_secret(&mut live, 0);
    let sent = live.tick();
    for client in [&mut eve, &mut joe] {
        client.take(&sent);
        assert_eq!((round(client), client.agrees(&live)), (Some(2), true));
    }
}
