//! Events: to whom, in which order, and how many.

use statewright_runtime::context::Recipients;
use statewright_runtime::sync::{EventError, EventLimits, LiveOptions, LiveSession};
use statewright_types::{Type, Value};

use crate::fake::{Fake, Step, emit};
use crate::game::{Client, EPOCH, live, session, set_round};

fn all(live: &mut LiveSession, clients: &mut [Client]) -> Vec<String> {
    let broadcast = live.tick();
    let take = |client: &mut Client| {
        client.take(&broadcast);
        client.heard()
    };
    clients.iter_mut().map(take).collect()
}

#[test]
fn events_go_to_whom_they_are_for_in_order() {
    let mut live = live(LiveOptions::default());
    let mut clients: Vec<_> = ["ann", "bob", "cid"].map(|id| Client::connect(&mut live, id)).into();
    clients.iter_mut().for_each(|client| drop(client.heard()));
    live.emit("All", &Value::Null).expect("room");
    live.emit_to("bob", "One", &2.into()).expect("room");
    live.emit_except("bob", "Except", &"x".into()).expect("room");
    live.emit_to_many(&["ann", "bob"], "Many", &4.into()).expect("room");
    live.emit_encoded(&Recipients::All, "Raw", &[1, 2]).expect("room");
    set_round(&mut live, 5);
    let raw = Value::Bytes(vec![1, 2].into());
    let expected = [
        format!("patch, All null, Except \"x\", Many 4, Raw {raw}"),
        format!("patch, All null, One 2, Many 4, Raw {raw}"),
        format!("patch, All null, Except \"x\", Raw {raw}"),
    ];
    assert_eq!(all(&mut live, &mut clients), expected);
    live.emit_to("cid", "Later", &Value::Null).expect("room");
    assert_eq!(all(&mut live, &mut clients), ["", "", "Later null"]);
    assert_eq!(clients.iter().map(|client| client.number).collect::<Vec<_>>(), [2, 2, 3]);
}

#[test]
fn handlers_events_are_delivered_with_the_state() {
    let program = Fake::new(1).on("Strike", &[], |_, _, cx| {
        let root = cx.state.root(crate::game::GAME).expect("the game");
        cx.store(root, crate::game::GAME, 0, 9).expect("a field");
        emit(cx, "Gong");
        let (kind, text) = (cx.state.string("Hint"), cx.state.string("left"));
        let to = Recipients::Players(vec!["ann".into(), "nobody".into()]);
        cx.emit(kind, to, Some((&Type::String, text))).expect("a payload");
        Step::Done
    });
    let mut live = LiveSession::new(session(program), EPOCH, LiveOptions::default());
    let mut clients: Vec<_> = ["ann", "bob"].map(|id| Client::connect(&mut live, id)).into();
    clients.iter_mut().for_each(|client| drop(client.heard()));
    let report = live.dispatch(crate::fake::event("Strike"));
    assert_eq!(report.events.len(), 2);
    assert_eq!(all(&mut live, &mut clients), ["patch, Gong {}, Hint \"left\"", "patch, Gong {}"]);
    assert!(clients.iter().all(|client| client.agrees(&live)));
}

#[test]
fn queues_are_bounded_for_each_viewer_and_say_so() {
    let events = EventLimits { count: 2, bytes: 1000 };
    let mut live = live(LiveOptions { events, ..LiveOptions::default() });
    let mut clients: Vec<_> = ["ann", "bob"].map(|id| Client::connect(&mut live, id)).into();
    clients.iter_mut().for_each(|client| drop(client.heard()));
    live.emit_to("ann", "First", &Value::Null).expect("room");
    live.emit("Second", &Value::Null).expect("room");
    let full = live.emit("Third", &Value::Null).expect_err("no room for ann");
    assert_eq!(full, EventError::QueueFull { viewer: "ann".into(), limits: events });
    assert!(full.to_string().contains("tick more often"), "{full}");
    let large = live.emit_encoded(&Recipients::All, "Large", &[0; 2000]);
    assert!(matches!(large, Err(EventError::QueueFull { .. })));
    let unknown = live.emit_to_many(&["bob", "eve"], "Fourth", &Value::Null);
    assert_eq!(unknown, Err(EventError::UnknownViewer("eve".into())));
    assert_eq!(all(&mut live, &mut clients), ["First null, Second null", "Second null, Third null"]);
    live.emit("Again", &Value::Null).expect("there is room again");
}

#[test]
fn a_payload_too_deep_is_refused() {
    let mut live = live(LiveOptions::default());
    Client::connect(&mut live, "ann");
    let deep = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    live.emit("Deep", &deep(60)).expect("as deep as may be");
    assert!(matches!(live.emit("Deep", &deep(61)), Err(EventError::Payload(_))));
}

#[test]
fn who_comes_later_does_not_get_earlier_events() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    live.emit("Early", &Value::Null).expect("room");
    let mut bob = Client::connect(&mut live, "bob");
    let broadcast = live.tick();
    ann.take(&broadcast);
    bob.take(&broadcast);
    assert_eq!((ann.heard().as_str(), bob.heard().as_str()), ("welcome, state, Early null", "welcome, state"));
}
