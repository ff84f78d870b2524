//! Bugs that a library of this kind had, each with the number that it has on the list that these tests were made from.

use statewright_runtime::sync::{
    Broadcast, ConnectOptions, Debounce, HistoryLimits, Hooks, LiveOptions, LiveSession, Resume, Verdict,
};
use statewright_types::Value;

use crate::fake::{Fake, Step, emit};
use crate::game::{Client, EPOCH, deal, live, session, set_round, set_score, set_team};

#[test]
fn bug_4_what_appears_or_disappears_is_sent() {
    let mut live = live(LiveOptions::default());
    let mut bob = Client::connect(&mut live, "bob");
    let plan = |client: &Client| client.replica.get("Players[0].Plan").is_some_and(|plan| !plan.is_hidden());
    assert!(!plan(&bob));
    set_team(&mut live, "bob", "red");
    assert_eq!(bob.take(&live.tick()), 1);
    assert!(plan(&bob));
    set_team(&mut live, "bob", "blue");
    assert_eq!(bob.take(&live.tick()), 1);
    assert!(!plan(&bob) && bob.agrees(&live));
}

#[test]
fn bug_5_a_write_between_a_broadcast_and_its_commit_is_not_lost() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 1);
    let _ = live.broadcast();
    set_score(&mut live, "bob", 9);
    ann.take(&live.tick());
    assert!(ann.agrees(&live));
}

#[test]
fn bug_6_a_client_of_an_earlier_life_gets_the_state() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::new("ann");
    ann.number = 500;
    let options =
        ConnectOptions { resume: Some(Resume { epoch: EPOCH - 1, number: 500 }), ..ConnectOptions::default() };
    let greeting = live.connect("ann", options).expect("welcome");
    ann.greet(&greeting);
    assert!(!greeting.resumed && ann.agrees(&live) && ann.epoch == EPOCH && ann.number == 1);
}

/// Holds back what it is told to.
struct Hold(u32);

impl Hooks for Hold {
    fn before_filter(&mut self, _: &str) -> Verdict {
        let held = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        if held { Verdict::Hold } else { Verdict::Send }
    }
}

#[test]
fn bug_7_the_first_message_is_the_state_even_if_it_was_held_back() {
    let mut live = live(LiveOptions::default());
    live.add_hooks(Hold(2));
    let mut ann = Client::connect(&mut live, "ann");
    assert_eq!(ann.heard(), "welcome");
    set_round(&mut live, 1);
    assert!(live.tick().is_empty());
    ann.take(&live.tick());
    assert_eq!(ann.heard(), "state");
    assert!(ann.agrees(&live));
}

#[test]
fn bug_8_who_missed_one_tick_gets_that_tick() {
    let history = HistoryLimits { messages: 3, ..HistoryLimits::default() };
    let mut live = live(LiveOptions { history, ..LiveOptions::default() });
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 1);
    ann.take(&live.tick());
    assert_eq!(ann.number, 2);
    for card in 3..=5 {
        // What only she sees; and she gets none of it.
        deal(&mut live, "ann", card);
        live.tick();
    }
    live.disconnect("ann").expect("connected");
    ann.heard();
    assert!(ann.resume(&mut live), "the history holds 3, 4 and 5, and she is at 2");
    assert_eq!(ann.heard(), "welcome, patch, patch, patch");
    assert!(ann.agrees(&live));
}

#[test]
fn bug_14_changes_without_a_pause_do_not_starve_a_broadcast() {
    let debounce = Some(Debounce { quiet_ms: 50, max_wait_ms: 250 });
    let mut live = live(LiveOptions { debounce, ..LiveOptions::default() });
    let mut ann = Client::connect(&mut live, "ann");
    let mut broadcasts = 0;
    for now_ms in (0..=1000).step_by(10) {
        broadcasts += ann.take(&live.poll(now_ms));
        set_round(&mut live, now_ms + 1);
    }
    assert_eq!(broadcasts, 4, "one every 250 ms");
}

#[test]
fn bug_15_every_way_of_sending_delivers_events() {
    let program = || {
        Fake::new(1).on("Strike", &[], |_, _, cx| {
            emit(cx, "Gong");
            Step::Done
        })
    };
    let send: [fn(&mut LiveSession) -> Broadcast; 2] = [|live| live.tick(), |live| live.poll(1000)];
    for send in send {
        let mut live = LiveSession::new(session(program()), EPOCH, LiveOptions::default());
        live.set_debounce(10, 10);
        let mut ann = Client::connect(&mut live, "ann");
        ann.heard();
        live.dispatch(crate::fake::event("Strike"));
        ann.take(&send(&mut live));
        assert_eq!(ann.heard(), "Gong {}");
        assert!(live.broadcast().is_empty(), "and only once");
    }
}

#[test]
fn bug_18_changing_one_viewers_bytes_changes_no_others() {
    struct Scribble;
    impl Hooks for Scribble {
        fn after_encode(&mut self, viewer: &str, message: &mut Vec<u8>) -> Verdict {
            if viewer == "ann" {
                message.iter_mut().for_each(|byte| *byte = 0xee);
            }
            Verdict::Send
        }
    }
    let mut live = live(LiveOptions::default());
    let mut eve = Client::connect(&mut live, "eve");
    Client::connect(&mut live, "ann");
    Client::connect(&mut live, "ed");
    live.add_hooks(Scribble);
    set_round(&mut live, 4);
    let broadcast = live.tick();
    let messages: Vec<_> = broadcast.iter().map(|(viewer, message)| (viewer.to_owned(), message.to_vec())).collect();
    assert_eq!(messages[0], ("ann".to_owned(), vec![0xee; 5]));
    assert_eq!(messages[1].1, messages[2].1);
    eve.take(&broadcast);
    assert!(eve.agrees(&live));
    let missed = live.connect("eve", ConnectOptions::default().taking_over().resuming(EPOCH, 1)).expect("welcome");
    assert_eq!(missed.messages[1], messages[2].1, "nor what is kept");
}

#[test]
fn bug_19_framing_transactions_and_callbacks() {
    struct Frame;
    impl Hooks for Frame {
        fn after_encode(&mut self, _: &str, message: &mut Vec<u8>) -> Verdict {
            message.insert(0, 0xaa);
            Verdict::Send
        }
    }
    let mut live = live(LiveOptions::default());
    live.add_hooks(Frame);
    for viewer in ["ann", "eve"] {
        live.connect(viewer, ConnectOptions::default()).expect("welcome");
    }
    set_round(&mut live, 1);
    let sent = live.tick();
    for viewer in ["ann", "eve"] {
        let missed = live.connect(viewer, ConnectOptions::default().taking_over().resuming(EPOCH, 1));
        let sent: Vec<_> = sent.for_viewer(viewer).map(|message| message.to_vec()).collect();
        assert_eq!(missed.expect("welcome").messages[1..], sent, "framed as it was sent");
    }
    let before = live.session().state().hash();
    let failed = live.update(|state| {
        state.root_activate(crate::game::ARENA);
        Err::<(), Value>(Value::Null)
    });
    assert!(failed.is_err() && live.session().state().hash() == before, "a transaction rolls back");
}
