//! Hooks: in which order they are called, and that what they hold back is not lost.

use std::sync::{Arc, Mutex};

use statewright_runtime::sync::{Broadcast, ConnectOptions, Hooks, LiveOptions, Verdict};
use statewright_types::Value;

use crate::game::{Client, live, set_round, set_score};

/// Notes what is called, and holds back what it is told to.
#[derive(Clone, Default)]
struct Notes {
    calls: Arc<Mutex<Vec<String>>>,
    hold: Arc<Mutex<&'static str>>,
}

impl Notes {
    fn call(&self, name: &'static str, viewer: &str) -> Verdict {
        self.calls.lock().expect("no panic").push(format!("{name} {viewer}"));
        if *self.hold.lock().expect("no panic") == name { Verdict::Hold } else { Verdict::Send }
    }

    fn hold(&self, name: &'static str) {
        *self.hold.lock().expect("no panic") = name;
    }

    fn calls(&self) -> String {
        std::mem::take(&mut *self.calls.lock().expect("no panic")).join(", ")
    }
}

impl Hooks for Notes {
    fn wants_views(&self) -> bool {
        true
    }
    fn before_filter(&mut self, viewer: &str) -> Verdict {
        self.call("before_filter", viewer)
    }
    fn after_filter(&mut self, viewer: &str, _: &mut Value) -> Verdict {
        self.call("after_filter", viewer)
    }
    fn before_encode(&mut self, viewer: &str) -> Verdict {
        self.call("before_encode", viewer)
    }
    fn after_encode(&mut self, viewer: &str, _: &mut Vec<u8>) -> Verdict {
        self.call("after_encode", viewer)
    }
    fn before_broadcast(&mut self, _: &Broadcast) -> Verdict {
        self.call("before_broadcast", "")
    }
    fn after_broadcast(&mut self, _: &Broadcast) {
        self.call("after_broadcast", "");
    }
}

const ALL: &str =
    "before_filter ann, after_filter ann, before_encode ann, after_encode ann, before_broadcast , after_broadcast ";

#[test]
fn hooks_are_called_in_order() {
    let mut live = live(LiveOptions::default());
    let notes = Notes::default();
    let mut ann = Client::connect(&mut live, "ann");
    live.add_hooks(notes.clone());
    set_round(&mut live, 1);
    ann.take(&live.tick());
    assert_eq!(notes.calls(), ALL);
    live.clear_hooks();
    set_round(&mut live, 2);
    ann.take(&live.tick());
    assert_eq!(notes.calls(), "");
}

#[test]
fn what_is_held_back_goes_into_the_next_message() {
    for held in ["before_filter", "after_filter", "before_encode", "after_encode", "before_broadcast"] {
        let mut live = live(LiveOptions::default());
        let notes = Notes::default();
        live.add_hooks(notes.clone());
        let mut ann = Client::connect(&mut live, "ann");
        ann.heard();
        set_round(&mut live, 1);
        live.emit("Gong", &1.into()).expect("room");
        notes.hold(held);
        assert!(live.tick().is_empty(), "{held}");
        set_score(&mut live, "bob", 4);
        notes.hold("");
        assert_eq!(ann.take(&live.tick()), 1, "{held}");
        assert_eq!(ann.heard(), "patch, Gong 1", "{held}");
        assert!(ann.agrees(&live) && ann.number == 2, "{held}");
    }
}

#[test]
fn the_first_message_is_the_state_whatever_was_held_back() {
    for held in ["before_filter", "after_filter", "before_encode", "after_encode", "before_broadcast"] {
        let mut live = live(LiveOptions::default());
        let notes = Notes::default();
        live.add_hooks(notes.clone());
        notes.hold(held);
        let mut ann = Client::connect(&mut live, "ann");
        assert_eq!(ann.heard(), "welcome", "{held}");
        set_round(&mut live, 1);
        assert!(live.tick().is_empty());
        notes.hold("");
        ann.take(&live.tick());
        assert_eq!(ann.heard(), "state", "{held}");
        assert!(ann.agrees(&live), "{held}");
    }
}

/// Puts a frame around messages: a number that counts them all.
struct Frame(u8);

impl Hooks for Frame {
    fn after_encode(&mut self, _: &str, message: &mut Vec<u8>) -> Verdict {
        self.0 += 1;
        message.insert(0, self.0);
        Verdict::Send
    }
}

#[test]
fn the_history_has_what_was_sent() {
    let mut live = live(LiveOptions::default());
    live.add_hooks(Frame(100));
    let greeting = live.connect("ann", ConnectOptions::default()).expect("welcome");
    assert_eq!(greeting.messages[1][..2], [101, 3]);
    let mut sent = Vec::new();
    for round in 1..=3 {
        set_round(&mut live, round);
        sent.extend(live.tick().iter().map(|(_, message)| message.to_vec()));
    }
    live.disconnect("ann").expect("connected");
    let greeting = live.connect("ann", ConnectOptions::default().resuming(live.epoch(), 2)).expect("welcome");
    assert!(greeting.resumed);
    assert_eq!(greeting.messages[1..], sent[1..], "frames and all, byte for byte");
    assert_eq!(sent[1][..2], [103, 4]);
}

/// Shows everybody the same round.
struct Round;

impl Hooks for Round {
    fn wants_views(&self) -> bool {
        true
    }
    fn after_filter(&mut self, _: &str, view: &mut Value) -> Verdict {
        if let Value::Map(fields) = view {
            fields.iter_mut().filter(|(name, _)| &**name == "Round").for_each(|(_, round)| *round = Value::Int(77));
        }
        Verdict::Send
    }
}

#[test]
fn views_may_be_changed_on_the_way() {
    let mut live = live(LiveOptions::default());
    live.add_hooks(Round);
    live.set_debounce(10, 20);
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 1);
    set_score(&mut live, "bob", 4);
    ann.take(&live.poll(100));
    assert_eq!(ann.replica.get("Round").and_then(|round| round.as_int()), Some(77));
    assert_eq!(ann.replica.get("Players[1].Score").and_then(|score| score.as_int()), Some(4));
    assert_eq!(live.next_deadline(), None);
    set_round(&mut live, 2);
    assert!(live.poll(200).is_empty());
}

/// Holds everything back, so many times, at one place.
struct Patience {
    place: &'static str,
    left: usize,
}

impl Patience {
    fn ask(&mut self, place: &str) -> Verdict {
        if place != self.place || self.left == 0 {
            return Verdict::Send;
        }
        self.left -= 1;
        Verdict::Hold
    }
}

impl Hooks for Patience {
    fn before_filter(&mut self, _: &str) -> Verdict {
        self.ask("before_filter")
    }
    fn after_encode(&mut self, _: &str, _: &mut Vec<u8>) -> Verdict {
        self.ask("after_encode")
    }
    fn before_broadcast(&mut self, _: &Broadcast) -> Verdict {
        self.ask("before_broadcast")
    }
}

#[test]
fn what_is_held_back_is_tried_again_later_never_at_once() {
    for place in ["before_filter", "after_encode", "before_broadcast"] {
        for (quiet_ms, max_wait_ms, again_ms) in
            [(0, 0, 1), (0, 50, 1), (20, 0, 1), (-5, 9, 1), (20, 50, 20), (20, 7, 7)]
        {
            let mut live = live(LiveOptions::default());
            let mut ann = Client::connect(&mut live, "ann");
            live.set_debounce(quiet_ms, max_wait_ms);
            live.add_hooks(Patience { place, left: 5 });
            live.at(1000);
            set_round(&mut live, 1);
            let (mut times, mut sent) = (Vec::new(), 0);
            // As a host does that polls while something is due.
            while let Some(due_ms) = live.next_deadline() {
                times.push(due_ms);
                sent += ann.take(&live.poll(due_ms));
                assert!(times.len() < 100, "{place}, {quiet_ms}, {max_wait_ms}: {times:?}");
            }
            assert_eq!((times.len(), sent), (6, 1), "{place}, {quiet_ms}, {max_wait_ms}: held five times, then sent");
            let pauses: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert_eq!(pauses, [again_ms; 5], "{place}, {quiet_ms}, {max_wait_ms}");
            assert!(ann.agrees(&live));
        }
    }
}

#[test]
fn news_are_due_though_something_is_held_back() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    live.set_debounce(0, 0);
    live.add_hooks(Patience { place: "after_encode", left: 1 });
    live.at(1000);
    set_round(&mut live, 1);
    assert!(live.poll(1000).is_empty(), "held back");
    assert_eq!(live.next_deadline(), Some(1001));
    assert!(live.poll(1000).is_empty(), "not tried again at the same time");
    set_score(&mut live, "bob", 4);
    assert_eq!(live.next_deadline(), Some(1000), "news");
    assert_eq!(ann.take(&live.poll(1000)), 1);
    assert!(ann.agrees(&live) && live.next_deadline().is_none());
}
