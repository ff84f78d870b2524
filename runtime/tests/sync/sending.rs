//! Ticks: who is sent what, and that nothing hidden shows.

use statewright_runtime::session::FilterView;
use statewright_runtime::sync::{ConnectOptions, LiveOptions, LiveSession};

use crate::game::{Client, deal, live, set_arena, set_round, set_score, set_secret, set_team};

#[test]
fn everybody_gets_what_it_sees_and_nothing_else() {
    let mut live = live(LiveOptions::default());
    let mut clients: Vec<_> = ["ann", "bob", "cid", "eve"].map(|id| Client::connect(&mut live, id)).into();
    let mut numbers = |live: &mut statewright_runtime::sync::LiveSession| -> Vec<u64> {
        let broadcast = live.tick();
        for client in &mut clients {
            client.take(&broadcast);
            assert!(client.agrees(live), "{}", client.id);
        }
        clients.iter().map(|client| client.number).collect()
    };
    set_secret(&mut live, 5);
    assert_eq!(numbers(&mut live), [1, 1, 1, 1], "nobody sees it");
    deal(&mut live, "ann", 40);
    assert_eq!(numbers(&mut live), [2, 1, 1, 1], "her own hand");
    set_score(&mut live, "bob", 3);
    assert_eq!(numbers(&mut live), [3, 2, 2, 2]);
    set_team(&mut live, "bob", "red");
    assert_eq!(numbers(&mut live), [4, 3, 3, 3], "plans appear");
    set_arena(&mut live, true);
    assert_eq!(numbers(&mut live), [5, 4, 4, 4]);
    set_arena(&mut live, false);
    assert_eq!(numbers(&mut live), [6, 5, 5, 5]);
    assert_eq!(numbers(&mut live), [6, 5, 5, 5], "nothing happened");
}

#[test]
fn equal_views_share_a_body() {
    let mut live = live(LiveOptions::default());
    for at in 0..50 {
        live.connect(&format!("watcher{at}"), ConnectOptions::default()).expect("welcome");
    }
    set_round(&mut live, 4);
    let broadcast = live.tick();
    assert_eq!((broadcast.iter().count(), broadcast.bodies()), (50, 1));
    let statistics = live.statistics();
    assert_eq!((statistics.last_bodies, statistics.messages), (1, 100));
    let each = broadcast.iter().map(|(_, message)| message.len()).max();
    assert_eq!(each, Some(5), "a kind, a number, two bytes of changes");
}

#[test]
fn a_peek_sends_nothing() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    set_round(&mut live, 4);
    live.emit("Gong", &1.into()).expect("room");
    let peek: Vec<_> = live.broadcast().iter().map(|(_, message)| message.to_vec()).collect();
    let again: Vec<_> = live.broadcast().iter().map(|(_, message)| message.to_vec()).collect();
    let sent = live.tick();
    let tick: Vec<_> = sent.iter().map(|(_, message)| message.to_vec()).collect();
    assert_eq!((&peek, &again), (&tick, &tick));
    ann.take(&sent);
    assert!(ann.agrees(&live) && live.broadcast().is_empty());
}

#[test]
fn who_asks_is_sent_everything_anew() {
    let mut live = live(LiveOptions::default());
    let mut ann = Client::connect(&mut live, "ann");
    ann.heard();
    live.resync("ann").expect("connected");
    live.emit("Gong", &1.into()).expect("room");
    ann.take(&live.tick());
    assert_eq!(ann.heard(), "state, Gong 1");
    assert!(ann.agrees(&live));
}

#[test]
fn messages_are_the_same_in_pieces_and_whole() {
    let mut live = live(LiveOptions::default());
    Client::connect(&mut live, "ann");
    set_round(&mut live, 4);
    live.emit("Gong", &1.into()).expect("room");
    let broadcast = live.tick();
    let (_, message) = broadcast.iter().next().expect("a message");
    let mut buffer = vec![9];
    message.write_to(&mut buffer);
    assert_eq!(buffer[1..], message.parts().concat());
    assert_eq!(message.to_vec().len(), message.len());
}

#[test]
fn grants_show_and_hide() {
    let mut live = live(LiveOptions::default());
    let mut bob = Client::connect(&mut live, "bob");
    live.grant("bob", "admin");
    assert_eq!(bob.take(&live.tick()), 0, "nothing here is for admins");
    set_team(&mut live, "bob", "red");
    bob.take(&live.tick());
    assert!(bob.replica.get("Players[0].Plan").is_some_and(|plan| !plan.is_hidden()));
    set_team(&mut live, "bob", "");
    bob.take(&live.tick());
    assert!(bob.agrees(&live));
    live.revoke("bob", "admin");
    assert!(live.tick().is_empty());
}

#[test]
fn filters_come_act_and_go() {
    let mut live = live(LiveOptions::default());
    let mut clients: Vec<_> = ["ann", "eve"].map(|id| Client::connect(&mut live, id)).into();
    clients.iter_mut().for_each(|client| drop(client.heard()));
    let mut tick = |live: &mut LiveSession| {
        let broadcast = live.tick();
        let mut heard = Vec::new();
        for client in &mut clients {
            client.take(&broadcast);
            assert!(client.agrees(live), "{}", client.id);
            let round = client.replica.get("Round").and_then(|round| round.as_int());
            heard.push((client.heard(), round));
        }
        (heard.remove(0), heard.remove(0))
    };
    let fog = |view: &mut FilterView<'_>| {
        let game = view.main_root()?;
        view.set_int(game, "Round", -1)
    };
    live.set_filter("eve", "fog", fog).expect("it touches anything");
    assert!(live.has_filter("eve", "fog") && !live.has_filter("ann", "fog"));
    assert_eq!(
        tick(&mut live),
        ((String::new(), Some(0)), ("state".into(), Some(-1))),
        "what has changed for her is sent"
    );
    set_round(&mut live, 5);
    assert_eq!(tick(&mut live), (("patch".into(), Some(5)), (String::new(), Some(-1))), "what is hidden shows nowhere");
    set_score(&mut live, "bob", 5);
    assert_eq!(tick(&mut live), (("patch".into(), Some(5)), ("patch".into(), Some(-1))));
    assert!(live.remove_filter("eve", "fog"));
    assert_eq!(tick(&mut live), ((String::new(), Some(5)), ("patch".into(), Some(5))));
    set_round(&mut live, 6);
    assert_eq!(tick(&mut live), (("patch".into(), Some(6)), ("patch".into(), Some(6))));
}
