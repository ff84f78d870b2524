//! Many threads: readers beside each other, one writer, and a thread that broadcasts.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};

use statewright_runtime::sync::{Bell, Clock, Debounce, Driver, LiveOptions, SharedSession};

use crate::game::{Client, live, set_round};

fn is_shared<T: Send + Sync>(_: &T) {}

#[test]
fn readers_run_beside_each_other() {
    let shared = SharedSession::new(live(LiveOptions::default()));
    is_shared(&shared);
    let both = Arc::new(Barrier::new(2));
    let reader = {
        let (shared, both) = (shared.clone(), both.clone());
        // Each waits inside for the other: with one reader at a time neither would come out.
        std::thread::spawn(move || shared.read(|live| (both.wait(), live.epoch()).1))
    };
    let epoch = shared.read(|live| (both.wait(), live.epoch()).1);
    assert_eq!(reader.join().expect("no panic"), epoch);
}

#[test]
fn messages_are_put_together_while_somebody_writes() {
    let shared = SharedSession::new(live(LiveOptions::default()));
    let mut ann = shared.write(|live| Client::connect(live, "ann"));
    let broadcast = shared.write(|live| {
        set_round(live, 1);
        live.tick()
    });
    is_shared(&broadcast);
    shared.write(|live| {
        // Here is the writer; and there is the message.
        let other = broadcast.clone();
        let message = std::thread::spawn(move || other.iter().next().map(|(_, message)| message.to_vec()));
        let message = message.join().expect("no panic").expect("a message");
        ann.receive(&message);
        assert!(ann.agrees(live));
    });
}

#[test]
fn a_panic_of_a_writer_leaves_the_session_usable() {
    let shared = SharedSession::new(live(LiveOptions::default()));
    let other = shared.clone();
    let panicked = std::thread::spawn(move || other.write(|_| panic!("in the host's own code"))).join();
    assert!(panicked.is_err());
    shared.write(|live| set_round(live, 3));
    assert!(shared.read(|live| live.session().view("ann").get("Round").is_some()));
}

/// A clock that stands until it is moved.
struct Stopped(AtomicI64);

impl Clock for Stopped {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
    fn wait(&self, bell: &Bell, _: Option<i64>) {
        bell.wait(None);
    }
}

#[test]
fn a_driver_delivers_when_it_is_time_and_may_be_answered() {
    let debounce = Some(Debounce { quiet_ms: 50, max_wait_ms: 200 });
    let shared = SharedSession::new(live(LiveOptions { debounce, ..LiveOptions::default() }));
    let mut ann = shared.write(|live| Client::connect(live, "ann"));
    let clock = Arc::new(Stopped(AtomicI64::new(0)));
    let (sender, receiver) = channel();
    let (times, answers) = (clock.clone(), AtomicI64::new(0));
    let deliver = move |shared: &SharedSession, broadcast: statewright_runtime::sync::Broadcast| {
        if answers.fetch_add(1, Ordering::SeqCst) == 0 {
            // The function that is called back does something with the session, and asks for more broadcasts.
            shared.write(|live| set_round(live, 2));
        }
        sender.send((times.now_ms(), broadcast)).expect("somebody listens");
    };
    let driver = Driver::start(shared.clone(), clock.clone(), deliver).expect("a thread");
    shared.write(|live| set_round(live, 1));
    let mut sent = Vec::new();
    while sent.len() < 2 {
        clock.0.fetch_add(10, Ordering::SeqCst);
        driver.wake();
        if let Ok((now_ms, broadcast)) = receiver.try_recv() {
            ann.take(&broadcast);
            sent.push(now_ms);
        }
        std::thread::yield_now();
    }
    driver.stop();
    assert!(sent[0] >= 50 && sent[1] >= sent[0], "{sent:?}");
    shared.read(|live| assert!(ann.agrees(live)));
    assert_eq!(ann.replica.get("Round").and_then(|round| round.as_int()), Some(2));
}
