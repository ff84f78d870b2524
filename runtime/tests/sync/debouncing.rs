//! Debounced broadcasts: when they are due, and that nothing hidden moves them.

use statewright_runtime::sync::{Debounce, LiveOptions, LiveSession};

use crate::game::{Client, PLAYER, change, deal, live, set_round, set_secret, set_team};

fn debounced() -> LiveSession {
    live(LiveOptions { debounce: Some(Debounce { quiet_ms: 50, max_wait_ms: 200 }), ..LiveOptions::default() })
}

#[test]
fn changes_are_due_when_it_has_been_quiet() {
    let mut live = debounced();
    let mut ann = Client::connect(&mut live, "ann");
    assert_eq!(live.next_deadline(), None);
    live.at(1000);
    set_round(&mut live, 1);
    assert_eq!(live.next_deadline(), Some(1050));
    live.at(1030);
    set_round(&mut live, 2);
    assert_eq!(live.next_deadline(), Some(1080));
    assert!(live.poll(1079).is_empty());
    assert_eq!(ann.take(&live.poll(1080)), 1);
    assert!(ann.agrees(&live) && live.next_deadline().is_none());
}

#[test]
fn changes_never_wait_longer_than_that() {
    let mut live = debounced();
    let mut ann = Client::connect(&mut live, "ann");
    let mut sent = Vec::new();
    for now_ms in (0..1000).step_by(10) {
        sent.extend((ann.take(&live.poll(now_ms)) > 0).then_some(now_ms));
        set_round(&mut live, now_ms + 1);
    }
    assert_eq!(sent, [200, 400, 600, 800]);
}

#[test]
fn each_viewer_has_its_own_time() {
    let mut live = debounced();
    let mut ann = Client::connect(&mut live, "ann");
    let mut bob = Client::connect(&mut live, "bob");
    live.at(100);
    deal(&mut live, "ann", 1);
    live.at(120);
    deal(&mut live, "bob", 1);
    let first = live.poll(150);
    assert_eq!((ann.take(&first), bob.take(&first)), (1, 0));
    let second = live.poll(170);
    assert_eq!((ann.take(&second), bob.take(&second)), (0, 1));
    assert!(ann.agrees(&live) && bob.agrees(&live));
}

#[test]
fn what_a_viewer_does_not_see_moves_nothing() {
    let timeline = |hidden: bool| {
        let mut live = debounced();
        let mut ann = Client::connect(&mut live, "ann");
        let mut times = Vec::new();
        for now_ms in (0..600).step_by(10) {
            if ann.take(&live.poll(now_ms)) > 0 {
                times.push(now_ms);
            }
            if hidden {
                set_secret(&mut live, now_ms);
                deal(&mut live, "bob", now_ms);
                live.emit_to_many(&[], "Nothing", &1.into()).expect("nobody");
            }
            if now_ms == 100 || now_ms == 130 || now_ms == 300 {
                set_round(&mut live, now_ms);
            }
        }
        (times, ann.bytes)
    };
    assert_eq!(timeline(false).0, [180, 350]);
    assert_eq!(timeline(true), timeline(false));
}

#[test]
fn events_are_due_as_changes_are() {
    let mut live = debounced();
    let mut ann = Client::connect(&mut live, "ann");
    Client::connect(&mut live, "bob");
    ann.heard();
    live.at(10);
    live.emit_to("ann", "Gong", &1.into()).expect("room");
    assert_eq!(live.next_deadline(), Some(60));
    let broadcast = live.poll(60);
    assert_eq!(broadcast.iter().count(), 1);
    ann.take(&broadcast);
    assert_eq!(ann.heard(), "Gong 1");
}

#[test]
fn a_tick_sends_what_waits() {
    let mut live = debounced();
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 1);
    assert_eq!(live.next_deadline(), Some(50));
    assert_eq!(ann.take(&live.tick()), 1);
    assert_eq!(live.next_deadline(), None);
    live.set_debounce(5, 5);
    set_round(&mut live, 2);
    assert_eq!(live.next_deadline(), Some(5));
    assert_eq!(live.session().now_ms(), 0, "session time passes only when it is told to");
}

#[test]
fn another_that_comes_does_not_keep_what_waits_from_being_due() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 1);
    // Bob gets all of it, which ends the span.
    Client::connect(&mut live, "bob");
    live.set_debounce(10, 100);
    assert_eq!(live.next_deadline(), Some(10));
    assert_eq!(ann.take(&live.poll(10)), 1);
    assert!(ann.agrees(&live));
}

#[test]
fn what_is_done_at_one_time_counts_as_a_whole() {
    let options = LiveOptions { debounce: Some(Debounce { quiet_ms: 10, max_wait_ms: 100 }), ..LiveOptions::default() };
    // Somebody comes and goes again in the same instant; or another looks while it lasts.
    for looks in [false, true] {
        let mut live = live(options.clone());
        Client::connect(&mut live, "cid");
        deal(&mut live, "cid", 9);
        if looks {
            assert_eq!(live.next_deadline(), Some(10));
            Client::connect(&mut live, "bob");
        }
        change(&mut live, |state| {
            let player = state.records(PLAYER)[2];
            let hand = state.load(player, PLAYER, 3).expect("a hand");
            state.list_remove(hand, 2).expect("the card");
        });
        assert_eq!(live.next_deadline(), None, "looks: {looks}");
        live.at(5);
        assert_eq!(live.next_deadline(), None, "looks: {looks}");
    }
}

/// When deadlines were set it was noted who she is then, and lost with what she had been told.
#[test]
fn who_comes_back_anew_is_told_as_who_she_is_by_now() {
    let mut live = debounced();
    let mut ann = Client::connect(&mut live, "ann");
    live.at(100);
    live.disconnect("ann").expect("connected");
    set_team(&mut live, "ann", "blue");
    live.at(110);
    let again = Client::connect(&mut live, "ann");
    assert!(again.agrees(&live) && !ann.agrees(&live));
    assert_eq!(again.replica.get("Players[1].Plan").and_then(|plan| plan.as_text()).as_deref(), Some("plan of blue"));
    // The same for who asks for everything.
    live.at(200);
    set_team(&mut live, "ann", "red");
    live.at(300);
    live.resync("ann").expect("connected");
    ann = again;
    ann.take(&live.poll(1000));
    assert!(ann.agrees(&live));
}
