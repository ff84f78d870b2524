//! Messages that are longer than messages may be.

use std::convert::Infallible;
use std::sync::Arc;

use statewright_runtime::replica::Replica;
use statewright_runtime::session::{Session, SessionOptions};
use statewright_runtime::sync::{Broadcast, ConnectOptions, Debounce, LiveOptions, LiveSession, RefusedCode, TooLarge};
use statewright_types::{StructId, Value};

use crate::fake::{Fake, schema};
use crate::game::{Client, EPOCH};

/// Naming one of these fields takes three bytes: as changes they are longer than in the state.
const SCHEMA: &str = "package big
@root(active)
type Game {
    A string @id(20000)
    B string @id(20001)
    C string @id(20002)
}
";
const GAME: StructId = StructId(0);
/// Room for the state with 30 bytes in each field, and not for changing all of that: 98 bytes and what a head may take.
const ROOM: usize = 98 + 16;

struct Big {
    live: LiveSession,
    clients: Vec<Client>,
}

impl Big {
    fn new(options: LiveOptions) -> Big {
        let session = Session::new(schema(SCHEMA), GAME, Arc::new(Fake::new(1)), SessionOptions::default());
        let mut big = Big { live: LiveSession::new(session, EPOCH, options), clients: Vec::new() };
        for id in ["ann", "bob", "eve"] {
            let mut client = Client { replica: Replica::new(schema(SCHEMA)), ..Client::new(id) };
            client.greet(&big.live.connect(id, ConnectOptions::default()).expect("welcome"));
            client.heard();
            big.clients.push(client);
        }
        big
    }

    fn write(&mut self, texts: [&str; 3]) {
        let done: Result<(), Infallible> = self.live.update(|state| {
            let root = state.root(GAME).expect("the game");
            for (field, text) in (0..).zip(texts) {
                let text = state.string(text);
                state.store(root, GAME, field, text).expect("a field");
            }
            Ok(())
        });
        done.unwrap_or_else(|never| match never {});
    }

    fn take(&mut self, sent: &Broadcast) {
        assert!(sent.iter().all(|(_, message)| message.len() <= ROOM));
        self.clients.iter_mut().for_each(|client| _ = client.take(sent));
    }

    fn heard(&mut self) -> Vec<String> {
        self.clients.iter_mut().map(Client::heard).collect()
    }

    fn agrees(&self) -> bool {
        self.clients.iter().all(|client| client.agrees(&self.live))
    }
}

fn options() -> LiveOptions {
    LiveOptions { message_bytes: ROOM, ..LiveOptions::default() }
}

fn told(live: &mut LiveSession) -> Vec<(String, bool)> {
    let told = live.take_too_large().into_iter();
    told.map(|TooLarge { viewer, bytes, is_out, .. }| {
        assert!(bytes > ROOM - 16, "{bytes}");
        (viewer.to_string(), is_out)
    })
    .collect()
}

#[test]
fn changes_that_are_too_long_become_the_whole_state() {
    let mut big = Big::new(options());
    big.write(["x"; 3]);
    let sent = big.live.tick();
    big.take(&sent);
    assert_eq!(big.heard(), ["patch"; 3]);
    let long = "y".repeat(30);
    big.write([&long; 3]);
    let sent = big.live.tick();
    assert!(sent.is_empty(), "too long");
    let expected = ["ann", "bob", "eve"].map(|id| (id.to_owned(), false));
    assert_eq!(told(&mut big.live), expected);
    let sent = big.live.tick();
    big.take(&sent);
    assert_eq!(big.heard(), ["state"; 3]);
    assert!(big.agrees() && big.live.tick().is_empty());
    big.write(["z", &long, &long]);
    let sent = big.live.tick();
    big.take(&sent);
    assert_eq!(big.heard(), ["patch"; 3]);
    assert!(big.agrees() && told(&mut big.live).is_empty());
}

#[test]
fn with_a_debounce_the_state_is_due_soon() {
    let mut big = Big::new(LiveOptions { debounce: Some(Debounce { quiet_ms: 10, max_wait_ms: 100 }), ..options() });
    let long = "y".repeat(30);
    big.live.at(1000);
    big.write([&long; 3]);
    assert_eq!(big.live.next_deadline(), Some(1010));
    assert!(big.live.poll(1010).is_empty(), "too long");
    assert_eq!(big.live.next_deadline(), Some(1020), "tried again, as what is held back");
    let sent = big.live.poll(1020);
    big.take(&sent);
    assert_eq!(big.heard(), ["state"; 3]);
    assert!(big.agrees());
    assert_eq!(big.live.next_deadline(), None);
}

#[test]
fn who_sees_more_than_fits_is_put_out_and_the_host_is_told() {
    let mut big = Big::new(options());
    let longer = "y".repeat(60);
    big.write([&longer; 3]);
    assert!(big.live.tick().is_empty());
    told(&mut big.live);
    let sent = big.live.tick();
    let all: Vec<_> = sent.iter().map(|(id, message)| (id.to_owned(), message.to_vec())).collect();
    assert_eq!(all.len(), 3);
    for (_, message) in &all {
        assert_eq!(message[..2], [7, RefusedCode::TooLarge as u8], "Bye");
    }
    let expected = ["ann", "bob", "eve"].map(|id| (id.to_owned(), true));
    assert_eq!(told(&mut big.live), expected);
    assert!(!big.live.has_viewer("ann"));
    let greeting = big.live.connect("ann", ConnectOptions::default()).expect("welcome");
    assert_eq!(greeting.messages.iter().map(|message| message[0]).collect::<Vec<_>>(), [1, 7], "still too much");
    assert!(!big.live.has_viewer("ann"));
    // The session goes on.
    big.write(["x"; 3]);
    let greeting = big.live.connect("bob", ConnectOptions::default()).expect("welcome");
    assert_eq!(greeting.messages.iter().map(|message| message[0]).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn events_that_do_not_fit_beside_changes_follow_them() {
    let mut big = Big::new(options());
    big.live.emit("Long", &Value::str("x".repeat(60))).expect("it fits");
    let half = "y".repeat(20);
    big.write([&half; 3]);
    let sent = big.live.tick();
    assert_eq!(sent.for_viewer("ann").map(|message| message.to_vec()[0]).collect::<Vec<_>>(), [4, 5]);
    big.take(&sent);
    assert!(big.agrees());
    big.live.emit("Longer", &Value::str("x".repeat(ROOM))).expect_err("it never would fit");
}

/// Lists of structs of which most viewers see nothing: such elements take no bytes.
const HANDS: &str = "package hands
@root(active)
type Game {
    Cards []Card
    Round int32
}
type Card {
    ID int64 @view(admin)
    Suit float64 @quantize(1) @view(admin)
}
";

fn deal(live: &mut LiveSession, cards: usize) {
    let card = StructId(1);
    let done: Result<(), Infallible> = live.update(|state| {
        let root = state.root(GAME).expect("the game");
        let list = state.load(root, GAME, 0).expect("cards");
        for _ in 0..cards {
            let card = state.struct_new(card);
            state.list_push(list, card).expect("a list");
        }
        Ok(())
    });
    done.unwrap_or_else(|never| match never {});
}

#[test]
fn messages_with_too_many_entries_are_not_sent() {
    let session = Session::new(schema(HANDS), GAME, Arc::new(Fake::new(1)), SessionOptions::default());
    // The state with 20 cards counts 2 for the fields of the game, 20 for cards, 40 for fields of theirs; and their insertion one more.
    let mut live = LiveSession::new(session, EPOCH, LiveOptions { message_entries: 62, ..LiveOptions::default() });
    let mut ann = Client { replica: Replica::new(schema(HANDS)), ..Client::new("ann") };
    ann.greet(&live.connect("ann", ConnectOptions::default()).expect("welcome"));
    ann.heard();
    deal(&mut live, 19);
    ann.take(&live.tick());
    assert_eq!((ann.heard(), ann.agrees(&live)), ("patch".to_owned(), true));
    deal(&mut live, 1);
    ann.take(&live.tick());
    assert_eq!((ann.heard(), ann.agrees(&live)), ("patch".to_owned(), true));
    // What comes into sight takes 80: a step to the list, and for each card one to it, two for its fields, one back.
    live.grant("ann", "admin");
    assert!(live.tick().is_empty(), "too many");
    let told = live.take_too_large();
    assert!(matches!(&told[..], [TooLarge { entries: 80, is_out: false, .. }]), "{told:?}");
    ann.take(&live.tick());
    assert_eq!((ann.heard(), ann.agrees(&live)), ("state".to_owned(), true));
    deal(&mut live, 1);
    ann.take(&live.tick());
    assert_eq!((ann.heard(), ann.agrees(&live)), ("patch".to_owned(), true));
    // Whoever comes now would be sent 65 in one message, though it has but few bytes.
    let greeting = live.connect("bob", ConnectOptions::default()).expect("welcome");
    assert_eq!(greeting.messages.iter().map(|message| message[0]).collect::<Vec<_>>(), [1, 7], "too many for bob");
    let told = live.take_too_large();
    let expected = TooLarge { viewer: "bob".into(), bytes: 6, entries: 65, is_out: true };
    assert_eq!(told, [expected]);
    assert!(!live.has_viewer("bob") && live.has_viewer("ann"));
}
