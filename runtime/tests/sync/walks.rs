//! Random walks: whatever happens in whatever order, every client has what the session says that it sees.

use statewright_runtime::sync::{Debounce, HistoryLimits, Hooks, LiveOptions, LiveSession, Verdict};
use statewright_types::random::Streams;
use statewright_types::{Type, Value};

use crate::game::{Client, GAME, PLAYER, change, deal, live, set_arena, set_round, set_score, set_secret, set_team};

struct Walk {
    streams: Streams,
    live: LiveSession,
    clients: Vec<Client>,
    away: Vec<Client>,
    now_ms: i64,
}

const IDS: [&str; 5] = ["ann", "bob", "cid", "dan", "eve"];

impl Walk {
    fn draw(&mut self, below: usize) -> usize {
        self.streams.int("walk", 0, below as i64 - 1) as usize
    }

    /// Somebody on the board.
    fn player(&mut self) -> Option<String> {
        let state = self.live.session().state();
        let ids: Vec<_> = state.records(PLAYER).iter().map(|player| state.load(*player, PLAYER, 0)).collect();
        let ids: Vec<_> = ids.into_iter().map(|id| state.str(id.expect("an id")).to_owned()).collect();
        let at = self.draw(ids.len().max(1));
        ids.get(at).cloned()
    }

    fn act(&mut self) {
        let (what, number) = (self.draw(11), self.draw(5));
        let Some(player) = self.player() else { return self.add_player() };
        let live = &mut self.live;
        match what {
            0 => set_round(live, number as i64),
            1 => set_secret(live, number as i64),
            2 | 3 => set_score(live, &player, number as i64),
            4 | 5 => deal(live, &player, number as i64),
            6 => set_team(live, &player, ["red", "blue", ""][number % 3]),
            7 => set_arena(live, number % 2 == 0),
            8 => self.add_player(),
            9 => self.remove_player(),
            _ => self.move_player(),
        }
    }

    fn add_player(&mut self) {
        let id = IDS[self.draw(IDS.len())];
        let at = self.draw(9);
        change(&mut self.live, |state| {
            let root = state.root(GAME).expect("the game");
            let players = state.load(root, GAME, 2).expect("a list");
            let player = Value::map([("ID", Value::str(id)), ("Team", Value::str("red")), ("Plan", Value::str("new"))]);
            let player = state.import(&Type::Struct(PLAYER), &player).expect("a player");
            let at = (at as i64).min(state.list_len(players) as i64);
            state.list_insert(players, at, player).expect("room");
        });
    }

    fn remove_player(&mut self) {
        let at = self.draw(9) as i64;
        change(&mut self.live, |state| {
            let root = state.root(GAME).expect("the game");
            let players = state.load(root, GAME, 2).expect("a list");
            if at < state.list_len(players) as i64 {
                state.list_remove(players, at).expect("an element");
            }
        });
    }

    fn move_player(&mut self) {
        let (from, to) = (self.draw(9) as i64, self.draw(9) as i64);
        change(&mut self.live, |state| {
            let root = state.root(GAME).expect("the game");
            let players = state.load(root, GAME, 2).expect("a list");
            let length = state.list_len(players) as i64;
            if from < length && to < length {
                let mut order = state.list_slots(players).to_vec();
                let player = order.remove(from as usize);
                order.insert(to as usize, player);
                let order = state.list_new(&Type::list(Type::Struct(PLAYER)), &order).expect("a list");
                state.list_assign(players, order).expect("live elements");
            }
        });
    }

    fn deliver(&mut self, broadcast: &statewright_runtime::sync::Broadcast) {
        for client in &mut self.clients {
            client.take(broadcast);
        }
    }

    fn come_or_go(&mut self) {
        let id = IDS[self.draw(IDS.len())];
        if let Some(at) = self.clients.iter().position(|client| client.id == id) {
            let client = self.clients.remove(at);
            self.live.disconnect(id).expect("it is connected");
            self.away.push(client);
        } else if let Some(at) = self.away.iter().position(|client| client.id == id) {
            let mut client = self.away.remove(at);
            client.resume(&mut self.live);
            self.clients.push(client);
        } else {
            let client = Client::connect(&mut self.live, id);
            self.clients.push(client);
        }
    }

    fn step(&mut self) {
        match self.draw(20) {
            0..=9 => self.act(),
            10..=12 => {
                let sent = self.live.tick();
                self.deliver(&sent);
            }
            13..=15 => {
                self.now_ms += self.draw(40) as i64;
                let sent = self.live.poll(self.now_ms);
                self.deliver(&sent);
            }
            16 => self.come_or_go(),
            17 => drop(self.live.broadcast()),
            18 => {
                let at = self.draw(IDS.len());
                if let Some(client) = self.clients.get(at) {
                    self.live.ack(&client.id, client.number).expect("it was sent");
                }
            }
            _ => {
                let at = self.draw(IDS.len());
                let (id, name) = (IDS[at], "admin");
                match self.draw(3) {
                    0 => self.live.grant(id, name),
                    1 => self.live.revoke(id, name),
                    _ => drop(self.live.resync(id)),
                }
            }
        }
    }

    fn check(&mut self, context: &str) {
        for client in &self.clients {
            let (has, sees) = (client.replica.to_value(), self.live.session().view(&client.id));
            assert_eq!(has, sees, "{context}: {}", client.id);
        }
    }
}

/// Holds back every third message.
struct Hold(u32);

impl Hooks for Hold {
    fn after_encode(&mut self, _: &str, _: &mut Vec<u8>) -> Verdict {
        self.0 += 1;
        if self.0.is_multiple_of(3) { Verdict::Hold } else { Verdict::Send }
    }
}

/// Sees views, so that all goes by differences of them.
struct Look;

impl Hooks for Look {
    fn wants_views(&self) -> bool {
        true
    }
}

fn walks(seeds: std::ops::Range<u64>, debounce: bool, hook: impl Fn(&mut LiveSession)) {
    let factor: u64 = std::env::var("STATEWRIGHT_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in seeds.start..seeds.start + (seeds.end - seeds.start) * factor {
        let debounce = debounce.then_some(Debounce { quiet_ms: 15, max_wait_ms: 60 });
        let history = HistoryLimits { messages: 6, bytes: 2000 };
        let mut live = live(LiveOptions { debounce, history, ..LiveOptions::default() });
        hook(&mut live);
        let (streams, clients, away) = (Streams::new(seed), Vec::new(), Vec::new());
        let mut walk = Walk { streams, live, clients, away, now_ms: 0 };
        for step in 0..150 {
            walk.step();
            if debounce.is_some() && walk.live.next_deadline().is_none() {
                walk.check(&format!("seed {seed}, step {step}: nothing is due"));
            }
        }
        // Twice: what was held back goes with the next one.
        for _ in 0..4 {
            let sent = walk.live.tick();
            walk.deliver(&sent);
        }
        walk.check(&format!("seed {seed}, at the end"));
        assert!(walk.live.tick().is_empty(), "seed {seed}: nothing is said twice");
        while let Some(mut client) = walk.away.pop() {
            client.resume(&mut walk.live);
            let sent = walk.live.tick();
            client.take(&sent);
            let (has, sees) = (client.replica.to_value(), walk.live.session().view(&client.id));
            assert_eq!(has, sees, "seed {seed}: {} is back", client.id);
        }
    }
}

#[test]
fn clients_agree_with_ticks() {
    walks(0..150, false, |_| {});
}

#[test]
fn clients_agree_with_deadlines() {
    walks(1000..1150, true, |_| {});
}

#[test]
fn clients_agree_whatever_is_held_back() {
    walks(2000..2100, false, |live| live.add_hooks(Hold(0)));
    walks(3000..3100, true, |live| live.add_hooks(Hold(0)));
}

#[test]
fn clients_agree_through_filters() {
    let filters = |live: &mut LiveSession| {
        let runs = std::sync::Arc::default();
        ["ann", "bob", "eve"].iter().for_each(|id| crate::filtering::filter(live, id, &runs));
    };
    walks(5000..5060, false, filters);
    walks(6000..6060, true, filters);
    walks(7000..7040, true, |live| {
        filters(live);
        live.add_hooks(Hold(0));
    });
}

#[test]
fn clients_agree_by_views() {
    walks(4000..4050, true, |live| live.add_hooks(Look));
}

/// What a watcher without a team is sent, and when; with hidden things done in between, or without.
fn trace(seed: u64, debounce: bool, filter: bool, hidden: bool) -> Vec<(i64, Vec<u8>)> {
    let debounce = debounce.then_some(Debounce { quiet_ms: 15, max_wait_ms: 60 });
    let mut live = live(LiveOptions { debounce, ..LiveOptions::default() });
    let (mut open, mut dark) = (Streams::new(seed), Streams::new(seed ^ 0xdead));
    let mut draw = |below: i64| open.int("open", 0, below - 1);
    if filter {
        // It looks at what is hidden.
        crate::filtering::filter(&mut live, "watcher", &std::sync::Arc::default());
    }
    let mut watcher = Client::connect(&mut live, "watcher");
    let mut others: Vec<_> = ["ann", "bob"].map(|id| Client::connect(&mut live, id)).into();
    let mut trace = Vec::new();
    let mut now_ms = 0;
    for _ in 0..120 {
        if hidden {
            for _ in 0..dark.int("dark", 0, 3) {
                let number = dark.int("dark", 0, 98);
                match dark.int("dark", 0, 4) {
                    0 => set_secret(&mut live, number),
                    1 => deal(&mut live, "ann", number),
                    2 => deal(&mut live, "bob", number),
                    3 => live.emit_to("ann", "Whisper", &number.into()).expect("room"),
                    _ => live.grant("bob", "admin"),
                }
            }
        }
        let number = draw(7);
        let sent = match draw(8) {
            0 => {
                set_round(&mut live, number);
                continue;
            }
            1 | 2 => {
                set_score(&mut live, ["ann", "bob", "cid"][number as usize % 3], number);
                continue;
            }
            3 => {
                set_team(&mut live, "cid", ["red", "blue"][number as usize % 2]);
                continue;
            }
            4 => {
                live.emit_except("ann", "Shout", &number.into()).expect("room");
                continue;
            }
            5 => live.tick(),
            6 => {
                live.disconnect("watcher").expect("connected");
                watcher.resume(&mut live);
                statewright_runtime::sync::Broadcast::default()
            }
            _ => {
                now_ms += number * 6;
                live.poll(now_ms)
            }
        };
        watcher.take(&sent);
        others.iter_mut().for_each(|other| _ = other.take(&sent));
        let bytes = std::mem::take(&mut watcher.bytes);
        if !bytes.is_empty() {
            trace.push((now_ms, bytes));
        }
    }
    trace
}

#[test]
fn hidden_changes_leave_no_trace() {
    let factor: u64 = std::env::var("STATEWRIGHT_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for seed in 0..150 * factor {
        for (debounce, filter) in [(false, false), (true, false), (false, true), (true, true)] {
            let [one, other] = [true, false].map(|hidden| trace(seed, debounce, filter, hidden));
            assert_eq!(one, other, "seed {seed}, debounce {debounce}, filter {filter}");
        }
    }
}
