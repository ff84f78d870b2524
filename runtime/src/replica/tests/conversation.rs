//! Clients and the messages of a server.

use statewright_types::Value;

use super::scribe::{Scribe, schema};
use crate::replica::{Client, Incoming, Lost, Replica};
use crate::wire::message::put_batch;
use crate::wire::payload::put_event;
use crate::wire::{ClientMessage, Event, Payload, ServerMessage, varint};

const EPOCH: u64 = 77;

fn bytes(message: ServerMessage<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    message.write(&mut out);
    out
}

fn welcome(resumed: bool, number: u64) -> Vec<u8> {
    bytes(ServerMessage::Welcome { epoch: EPOCH, hash: *schema().hash(), resumed, number })
}

fn events(names: &[&str]) -> Vec<u8> {
    let mut out = vec![names.len() as u8];
    names.iter().for_each(|name| put_event(&mut out, name, &Value::Int(1)).expect("not deep"));
    out
}

fn event(name: &str) -> Incoming {
    Incoming::Event(Event { name: name.into(), payload: Payload::Value(Value::Int(1)) })
}

/// A body that sets a bool.
fn open() -> Vec<u8> {
    let schema = schema();
    let field = schema.types()[0].fields.iter().find(|field| &*field.name == "Open").expect("a field");
    let mut out = Vec::new();
    varint::put(&mut out, crate::wire::codes::record::set(field.id));
    out.push(1);
    out
}

/// A client that follows from a state with that number.
fn following(scribe: &mut Scribe, number: u64) -> (Client, Value) {
    let view = scribe.random_view();
    let mut client = Client::new(schema());
    client.hello();
    client.receive(&welcome(false, number)).expect("a welcome");
    let state = bytes(ServerMessage::State { number, body: &scribe.full(&view) });
    assert_eq!(client.receive(&state), Ok(vec![Incoming::State]));
    (client, view)
}

#[test]
fn a_client_follows_from_hello_to_bye() {
    let mut scribe = Scribe::new(1);
    let mut client = Client::new(schema());
    let hello = ClientMessage::Hello { hash: *schema().hash(), resume: None, description: None };
    assert_eq!(ClientMessage::read(&client.hello()), Ok(hello));
    assert_eq!(client.ack(), None);
    let welcomed = Incoming::Welcome { resumed: false, same_schema: true };
    assert_eq!(client.receive(&welcome(false, 65_534)), Ok(vec![welcomed]));
    assert!(!client.is_following());
    let mut view = scribe.random_view();
    let state = bytes(ServerMessage::State { number: 65_534, body: &scribe.full(&view) });
    assert_eq!(client.receive(&state), Ok(vec![Incoming::State]));
    assert_eq!(client.replica().to_value(), view);
    // The low 16 bits of the numbers go around.
    let patch = bytes(ServerMessage::Patch { number: 65_535, body: &scribe.patch(&mut view) });
    assert_eq!(client.receive(&patch), Ok(vec![Incoming::Patch { changes: Vec::new() }]));
    assert_eq!(client.replica().to_value(), view);
    let told = bytes(ServerMessage::Events { number: 0, events: &events(&["a", "b"]) });
    assert_eq!(client.receive(&told), Ok(vec![event("a"), event("b")]));
    client.tell_changes(true);
    let set = open();
    let both = bytes(ServerMessage::PatchEvents { number: 1, body: &set, events: &events(&["c"]) });
    let happened = client.receive(&both).expect("both");
    let [Incoming::Patch { changes }, told] = &happened[..] else { panic!("{happened:?}") };
    assert_eq!(changes.iter().map(|change| change.path.to_string()).collect::<Vec<_>>(), ["Open"]);
    assert_eq!(*told, event("c"));
    assert_eq!(client.place(), Some((EPOCH, 65_537)));
    assert_eq!(client.ack().map(|ack| ClientMessage::read(&ack)), Some(Ok(ClientMessage::Ack { number: 65_537 })));
    let bye = bytes(ServerMessage::Bye { code: 8, text: "kicked" });
    assert_eq!(client.receive(&bye), Ok(vec![Incoming::Bye { code: 8, text: "kicked".to_owned() }]));
    assert!(client.receive(&patch).is_err(), "after the end");
}

#[test]
fn a_gap_or_a_repetition_asks_for_the_state() {
    for got in [4, 6, 7] {
        let mut scribe = Scribe::new(2);
        let (mut client, view) = following(&mut scribe, 4);
        let patch = bytes(ServerMessage::Patch { number: got, body: &scribe.patch(&mut view.clone()) });
        let lost = Incoming::Lost(Lost::Number { expected: 5, got });
        let resync = Incoming::Send(ClientMessage::Resync.to_bytes());
        assert_eq!(client.receive(&patch), Ok(vec![lost, resync]));
        assert_eq!(client.replica().to_value(), view, "nothing was applied");
        assert_eq!(client.ack(), None);
        // What is under way meanwhile is passed over, even if it fits.
        let next = bytes(ServerMessage::Patch { number: 5, body: &scribe.patch(&mut view.clone()) });
        assert_eq!(client.receive(&next), Ok(Vec::new()));
        let view = scribe.random_view();
        let state = bytes(ServerMessage::State { number: 9, body: &scribe.full(&view) });
        assert_eq!(client.receive(&state), Ok(vec![Incoming::State]));
        assert_eq!((client.replica().to_value(), client.place()), (view, Some((EPOCH, 9))));
    }
}

#[test]
fn what_is_malformed_asks_for_the_state_and_changes_nothing() {
    let mut scribe = Scribe::new(3);
    let (client, view) = following(&mut scribe, 1);
    let set = open();
    for message in [
        ServerMessage::Patch { number: 2, body: &[6] },
        ServerMessage::Patch { number: 2, body: &[&set[..], &[0x80]].concat() },
        ServerMessage::Events { number: 2, events: &[0] },
        ServerMessage::PatchEvents { number: 2, body: &set, events: &[1, 0, 99] },
        ServerMessage::State { number: 2, body: &[0x7f] },
    ] {
        let mut client = client.clone();
        let happened = client.receive(&bytes(message)).expect("a message");
        assert!(matches!(&happened[..], [Incoming::Lost(Lost::Malformed(_)), Incoming::Send(_)]), "{happened:?}");
        assert_eq!((client.replica().to_value(), client.place()), (view.clone(), Some((EPOCH, 1))));
        assert!(!client.is_following());
    }
    let mut client = client.clone();
    assert!(client.receive(&[99]).is_err());
    assert!(client.receive(&welcome(true, 1)).is_err(), "welcomed twice");
    assert!(client.is_following());
}

#[test]
fn a_batch_is_all_or_nothing_to_read() {
    let mut scribe = Scribe::new(4);
    let (client, mut view) = following(&mut scribe, 1);
    let before = view.clone();
    let patches: Vec<Vec<u8>> =
        (2..5).map(|number| bytes(ServerMessage::Patch { number, body: &scribe.patch(&mut view) })).collect();
    let mut batch = Vec::new();
    put_batch(&mut batch, &patches.iter().map(|patch| &patch[..]).collect::<Vec<_>>());
    let mut follower = client.clone();
    assert_eq!(follower.receive(&batch).map(|happened| happened.len()), Ok(3));
    assert_eq!(follower.replica().to_value(), view);
    let mut broken = Vec::new();
    put_batch(&mut broken, &[&patches[0], &[99]]);
    let mut follower = client.clone();
    assert!(follower.receive(&broken).is_err());
    assert_eq!((follower.replica().to_value(), follower.place()), (before, Some((EPOCH, 1))));
}

#[test]
fn a_client_resumes_where_it_was() {
    let mut scribe = Scribe::new(5);
    let (mut client, mut view) = following(&mut scribe, 300);
    let hello = ClientMessage::Hello { hash: *schema().hash(), resume: Some((EPOCH, 300)), description: None };
    // In another process.
    let saved = client.save().expect("a state");
    let mut restored = Client::restore(Replica::new(schema()), &saved).expect("a client");
    let patch = bytes(ServerMessage::Patch { number: 301, body: &scribe.patch(&mut view) });
    for client in [&mut client, &mut restored] {
        assert_eq!(ClientMessage::read(&client.hello()), Ok(hello.clone()));
        assert!(client.receive(&patch).is_err(), "before it is welcomed");
        let welcomed = Incoming::Welcome { resumed: true, same_schema: true };
        assert_eq!(client.receive(&welcome(true, 300)), Ok(vec![welcomed]));
        assert_eq!(client.receive(&patch), Ok(vec![Incoming::Patch { changes: Vec::new() }]));
        assert_eq!(client.replica().to_value(), view);
    }
    for cut in 0..saved.len() {
        assert!(Client::restore(Replica::new(schema()), &saved[..cut]).is_err(), "cut at {cut}");
    }
    let mut other = saved.clone();
    other[5] ^= 1;
    assert!(Client::restore(Replica::new(schema()), &other).is_err(), "another schema");
}

#[test]
fn a_server_that_resumes_elsewhere_is_asked_for_the_state() {
    let mut scribe = Scribe::new(6);
    let (mut client, _) = following(&mut scribe, 300);
    client.hello();
    let happened = client.receive(&welcome(true, 299)).expect("a welcome");
    assert!(matches!(&happened[1..], [Incoming::Lost(Lost::Place), Incoming::Send(_)]), "{happened:?}");
    // Another epoch, and its state.
    client.hello();
    let again = bytes(ServerMessage::Welcome { epoch: 5, hash: [0; 32], resumed: false, number: 1 });
    let welcomed = Incoming::Welcome { resumed: false, same_schema: false };
    assert_eq!(client.receive(&again), Ok(vec![welcomed]));
    let view = scribe.random_view();
    client.receive(&bytes(ServerMessage::State { number: 1, body: &scribe.full(&view) })).expect("a state");
    assert_eq!((client.place(), client.replica().to_value()), (Some((5, 1)), view));
}

#[test]
fn a_server_that_does_not_know_the_schema_is_told_once() {
    let mut client = Client::new(schema());
    client.hello();
    let unknown = bytes(ServerMessage::Refused { code: 2, text: "?" });
    let happened = client.receive(&unknown).expect("a refusal");
    let [Incoming::Send(hello)] = &happened[..] else { panic!("{happened:?}") };
    let Ok(ClientMessage::Hello { description: Some(description), .. }) = ClientMessage::read(hello) else {
        panic!("no description")
    };
    assert_eq!(description, crate::wire::Description::of(&schema(), statewright_types::StructId(0)));
    let refused = Incoming::Refused { code: 2, text: "?".to_owned() };
    assert_eq!(client.receive(&unknown), Ok(vec![refused]));
    assert!(client.receive(&unknown).is_err(), "it is over");
    assert_eq!(client.save(), None);
}

#[test]
fn damaged_messages_never_panic() {
    let mut scribe = Scribe::new(7);
    let (client, view) = following(&mut scribe, 1);
    for _ in 0..20_000 {
        let body = scribe.patch(&mut view.clone());
        let mut message = bytes(ServerMessage::PatchEvents { number: 2, body: &body, events: &events(&["a", "b"]) });
        for _ in 0..=scribe.roll(2) {
            let at = scribe.roll(message.len());
            message[at] ^= 1 << scribe.roll(8);
        }
        let mut follower = client.clone();
        if follower.receive(&message).is_err() || !follower.is_following() {
            assert_eq!(follower.place(), Some((EPOCH, 1)));
        }
        let _hello = ClientMessage::read(&message);
    }
}
