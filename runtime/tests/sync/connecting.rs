//! Coming, going, coming back.

use statewright_runtime::sync::{
    ClientSchema, ConnectOptions, HistoryLimits, LiveOptions, LiveSession, Refused, RefusedCode,
};
use statewright_runtime::wire::{ClientMessage, Description};

use crate::fake::{Fake, Step, event, schema};
use crate::game::{Client, EPOCH, GAME, SCHEMA, live, session, set_round, set_score, set_secret};

fn code<T: std::fmt::Debug>(result: Result<T, Refused>) -> RefusedCode {
    let refused = result.expect_err("a refusal");
    assert!(refused.message.contains(": "), "it says what to do: {refused}");
    assert_eq!(refused.to_bytes()[..2], [2, refused.code as u8]);
    refused.code
}

#[test]
fn who_connects_is_welcomed_and_gets_its_view() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    assert_eq!((ann.heard().as_str(), ann.epoch, ann.number), ("welcome, state", EPOCH, 1));
    assert!(ann.agrees(&live) && live.has_viewer("ann") && !live.has_viewer("bob"));
    assert_eq!(ann.replica.to_value().get("Secret"), None);
    assert!(live.session().players().is_empty(), "watching is not playing");
    assert!(live.tick().is_empty());
}

#[test]
fn watching_and_playing_are_two_things() {
    let mut live = live(LiveOptions::default());
    let greeting = live.connect("ann", ConnectOptions::default().playing()).expect("welcome");
    assert!(greeting.joined.is_some());
    live.join("bob");
    assert_eq!(live.session().players().len(), 2);
    assert_eq!(live.session().host().map(|host| &**host), Some("ann"));
    assert_eq!(live.viewers().count(), 1);
    live.leave("ann");
    assert!(live.has_viewer("ann"), "who has left the game watches on");
    assert_eq!(live.session().host().map(|host| &**host), Some("bob"), "the host migrates");
    live.disconnect("ann").expect("it was connected");
    assert!(!live.has_viewer("ann"));
}

#[test]
fn who_was_away_is_sent_what_it_missed() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 1);
    // On its way when the connection broke.
    assert!(!live.tick().is_empty());
    live.disconnect("ann").expect("connected");
    set_round(&mut live, 2);
    live.emit("Gong", &7.into()).expect("room");
    assert!(live.tick().is_empty(), "nobody is there");
    set_score(&mut live, "bob", 5);
    live.tick();
    ann.heard();
    assert!(ann.resume(&mut live));
    assert_eq!(ann.heard(), "welcome, patch, patch, Gong 7, patch");
    assert!(ann.agrees(&live));
    set_round(&mut live, 3);
    assert_eq!(ann.take(&live.tick()), 1);
    assert!(ann.agrees(&live));
}

#[test]
fn who_was_away_too_long_gets_the_whole_state() {
    let history = HistoryLimits { messages: 2, bytes: 1000 };
    let mut live = live(LiveOptions { history, ..LiveOptions::default() });
    let mut ann = Client::connect(&mut live, "ann");
    let mut bob = Client::connect(&mut live, "bob");
    for viewer in ["ann", "bob"] {
        live.disconnect(viewer).expect("connected");
    }
    for round in 1..=2 {
        set_round(&mut live, round);
        live.tick();
    }
    assert!(bob.resume(&mut live), "the history reaches back to just after its last message");
    set_round(&mut live, 3);
    bob.take(&live.tick());
    assert!(!ann.resume(&mut live));
    assert!(ann.agrees(&live) && bob.agrees(&live));
    assert_eq!(ann.number, 5, "numbers go on, so that an old one cannot be taken for a new one");
    set_round(&mut live, 4);
    assert_eq!((ann.take(&live.broadcast()), ann.agrees(&live)), (1, true));
}

#[test]
fn hidden_changes_do_not_use_up_a_history() {
    let history = HistoryLimits { messages: 2, bytes: 1000 };
    let mut live = live(LiveOptions { history, ..LiveOptions::default() });
    let mut ann = Client::connect(&mut live, "ann");
    live.disconnect("ann").expect("connected");
    for secret in 1..=50 {
        set_secret(&mut live, secret);
        live.tick();
    }
    assert!(ann.resume(&mut live));
    assert_eq!(ann.number, 1);
}

#[test]
fn acknowledged_messages_are_not_kept() {
    let mut live = live(LiveOptions::default());
    Client::connect(&mut live, "ann");
    for round in 1..=3 {
        set_round(&mut live, round);
        live.tick();
    }
    let kept = |live: &LiveSession| live.viewer_statistics("ann").expect("a viewer").history_bytes;
    let before = kept(&live);
    live.ack("ann", 3).expect("it was sent");
    assert!(kept(&live) < before && kept(&live) > 0);
    assert_eq!(code(live.ack("ann", 1)), RefusedCode::Stale);
    live.ack("ann", 3).expect("said once more, and no harm");
    live.ack("ann", 4).expect("it was sent");
    assert_eq!(kept(&live), 0);
    assert_eq!(code(live.ack("ann", 5)), RefusedCode::NeverSent);
    let resume = |number| ConnectOptions::default().taking_over().resuming(EPOCH, number);
    assert!(live.connect("ann", resume(4)).expect("welcome").resumed);
    assert!(!live.connect("ann", resume(2)).expect("welcome").resumed, "it said itself that it had more");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_do() {
    let mut live = live(LiveOptions::default());
    assert_eq!(code(live.ack("ann", 0)), RefusedCode::UnknownViewer);
    assert_eq!(code(live.resync("ann")), RefusedCode::UnknownViewer);
    assert_eq!(code(live.disconnect("ann")), RefusedCode::UnknownViewer);
    assert_eq!(code(live.kick("ann", "")), RefusedCode::UnknownViewer);
    assert_eq!(live.connect("", ConnectOptions::default()).expect_err("no id").code, RefusedCode::UnknownViewer);
    let first = live.connect("ann", ConnectOptions::default().resuming(EPOCH, 1));
    assert_eq!(code(first), RefusedCode::NeverSent);
    Client::connect(&mut live, "ann");
    assert_eq!(code(live.connect("ann", ConnectOptions::default())), RefusedCode::Connected);
    let future = ConnectOptions::default().taking_over().resuming(EPOCH, 2);
    assert_eq!(code(live.connect("ann", future)), RefusedCode::NeverSent);
    assert!(live.has_viewer("ann"), "a refusal changes nothing");
    let over = live.connect("ann", ConnectOptions::default().taking_over().resuming(EPOCH, 1)).expect("welcome");
    assert!(over.resumed);
}

#[test]
fn another_epoch_is_answered_with_the_state() {
    let mut first = live(LiveOptions::default());
    let mut ann = Client::connect(&mut first, "ann");
    let mut second = LiveSession::new(first.into_session(), EPOCH + 1, LiveOptions::default());
    set_round(&mut second, 9);
    ann.number = 500;
    assert!(!ann.resume(&mut second));
    assert!(ann.agrees(&second) && ann.epoch == EPOCH + 1);
}

#[test]
fn schemas_of_clients_are_known_described_or_refused() {
    let mut live = live(LiveOptions::default());
    let old = schema(&SCHEMA.replace("    Score int32\n", "").replace("    Hand ", "    Other bool @id(9)\n    Hand "));
    let old = schema(&{
        assert_ne!(old.hash(), live.session().state().schema().hash());
        SCHEMA.replace("    Plan  string @view(team)\n", "    Extra bool @id(9)\n")
    });
    let with = |description: Option<Description>| ConnectOptions {
        schema: ClientSchema::Other { hash: *old.hash(), description },
        ..ConnectOptions::default()
    };
    assert_eq!(code(live.connect("ann", with(None))), RefusedCode::UnknownSchema);
    let greeting = live.connect("ann", with(Some(Description::of(&old, GAME)))).expect("welcome");
    let mut replica = statewright_runtime::replica::Replica::new(old.clone());
    let state = &greeting.messages[1];
    replica.apply_full(&state[2..]).expect("a state");
    set_score(&mut live, "bob", 5);
    let patch = live.tick();
    let patch = patch.for_viewer("ann").next().expect("a patch").to_vec();
    replica.apply(&patch[3..], None).expect("changes");
    let bob = replica.get("Players[1]").expect("bob");
    assert_eq!(bob.field("Score").and_then(|score| score.as_int()), Some(5));
    let bad = schema(&SCHEMA.replace("Score int32", "Score string"));
    let bad = ClientSchema::Other { hash: *bad.hash(), description: Some(Description::of(&bad, GAME)) };
    let refused = live.connect("bob", ConnectOptions { schema: bad, ..ConnectOptions::default() });
    assert!(refused.as_ref().is_err_and(|refused| refused.message.contains("Score")), "{refused:?}");
    assert_eq!(code(refused), RefusedCode::Incompatible);
}

#[test]
fn who_is_kicked_is_told() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    let mut bob = Client::connect(&mut live, "bob");
    live.join("ann");
    ann.heard();
    set_round(&mut live, 3);
    live.kick("ann", "cheating").expect("she is there");
    assert!(live.session().players().is_empty());
    let last = live.tick();
    assert_eq!(ann.take(&last), 2);
    assert_eq!(ann.heard(), "patch, bye cheating");
    assert_eq!(bob.take(&last), 1);
    assert!(!live.has_viewer("ann"));
    assert_eq!(code(live.ack("ann", 1)), RefusedCode::PutOut);
    assert!(!ann.resume(&mut live), "she may come back, to a state of her own");
    assert!(ann.agrees(&live));
}

#[test]
fn whom_a_handler_kicks_is_told_why() {
    let program = Fake::new(1).on("Foul", &[], |_, _, cx| {
        let (player, reason) = (cx.state.string("ann"), cx.state.string("foul play"));
        assert!(cx.kick(player, reason));
        Step::Done
    });
    let mut live = LiveSession::new(session(program), EPOCH, LiveOptions::default());
    let mut clients: Vec<_> = ["ann", "bob"].map(|id| Client::connect(&mut live, id)).into();
    for client in &mut clients {
        live.join(&client.id);
        client.heard();
    }
    live.dispatch(event("Foul"));
    let last = live.tick();
    let heard: Vec<_> = clients.iter_mut().map(|client| (client.take(&last), client.heard()).1).collect();
    assert_eq!(heard[0], "Kicked {\"reason\":\"foul play\"}, bye foul play");
    assert_eq!(heard[1], "PlayerKicked {\"playerID\":\"ann\",\"reason\":\"foul play\"}");
    assert!(!live.has_viewer("ann") && live.has_viewer("bob"));
}

#[test]
fn clients_speak_in_bytes() {
    let mut live = live(LiveOptions::default());
    let say = |message: ClientMessage| {
        let mut bytes = Vec::new();
        message.write(&mut bytes);
        bytes
    };
    let hash = *live.session().state().schema().hash();
    let hello = |resume| say(ClientMessage::Hello { hash, resume, description: None });
    assert_eq!(code(live.receive("ann", &say(ClientMessage::Resync))), RefusedCode::UnknownViewer);
    let mut ann = Client::new("ann");
    ann.greet(&live.receive("ann", &hello(None)).expect("welcome").expect("a greeting"));
    assert_eq!(ann.heard(), "welcome, state");
    assert_eq!(live.receive("ann", &say(ClientMessage::Ack { number: 1 })), Ok(None));
    assert_eq!(code(live.receive("ann", &say(ClientMessage::Ack { number: 2 }))), RefusedCode::NeverSent);
    assert_eq!(live.receive("ann", &say(ClientMessage::Resync)), Ok(None));
    ann.take(&live.tick());
    assert_eq!(ann.heard(), "state");
    let greeting = live.receive("ann", &hello(Some((EPOCH, ann.number)))).expect("welcome").expect("a greeting");
    assert!(greeting.resumed, "a new connection takes the place of the old one");
    assert_eq!(code(live.receive("ann", &[])), RefusedCode::Malformed);
    assert_eq!(code(live.receive("ann", &[0x41])), RefusedCode::Malformed);
    assert_eq!(code(live.receive("ann", &[0x41, 9])), RefusedCode::Version);
    let other = say(ClientMessage::Hello { hash: [0; 32], resume: None, description: None });
    assert_eq!(code(live.receive("ann", &other)), RefusedCode::UnknownSchema);
    let never = hello(Some((EPOCH, 99)));
    assert_eq!(code(live.receive("ann", &never)), RefusedCode::NeverSent);
    assert!(live.has_viewer("ann"));
}
