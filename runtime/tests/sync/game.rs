//! A small game with hidden hands, and clients of it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use statewright_runtime::replica::Replica;
use statewright_runtime::session::{Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_runtime::sync::{Broadcast, ConnectOptions, Greeting, LiveOptions, LiveSession};
use statewright_runtime::wire::codes::{message, payload};
use statewright_runtime::wire::reader::Reader;
use statewright_types::{StructId, Type, Value};

use crate::fake::{Fake, schema};

pub const SCHEMA: &str = "package game
@root(active)
type Game {
    Round   int64
    Secret  int64 @view(none)
    Players []Player @key(ID)
}
type Player {
    ID    string
    Team  string
    Score int32
    Hand  []int32 @view(owner)
    Plan  string @view(team)
}
@root(inactive)
type Arena {
    Size int64
}
";

pub const GAME: StructId = StructId(0);
pub const PLAYER: StructId = StructId(1);
pub const ARENA: StructId = StructId(2);
pub const EPOCH: u64 = 7;

const PLAYERS: [(&str, &str); 3] = [("ann", "red"), ("bob", "blue"), ("cid", "red")];

/// A session with three players on the board, nobody in the game, nobody connected.
pub fn session(program: Fake) -> Session {
    let mut session = Session::new(schema(SCHEMA), GAME, std::sync::Arc::new(program), SessionOptions::default());
    set_up(session.state_mut_for_setup());
    session
}

pub fn set_up(state: &mut State) {
    for (id, team) in PLAYERS {
        let player = Value::map([
            ("ID", Value::str(id)),
            ("Team", Value::str(team)),
            ("Score", Value::Int(0)),
            ("Hand", Value::List(vec![Value::Int(1), Value::Int(2)])),
            ("Plan", Value::str(format!("plan of {team}"))),
        ]);
        let player = state.import(&Type::Struct(PLAYER), &player).expect("a player");
        let players = players(state);
        state.list_push(players, player).expect("room");
    }
    state.take_changes();
}

pub fn live(options: LiveOptions) -> LiveSession {
    LiveSession::new(session(Fake::new(1)), EPOCH, options)
}

pub fn players(state: &State) -> u64 {
    let root = state.root(GAME).expect("the game");
    state.load(root, GAME, 2).expect("a field")
}

pub fn player(state: &State, id: &str) -> u64 {
    let all = state.records(PLAYER);
    *all.iter().find(|record| state.str(state.load(**record, PLAYER, 0).expect("an id")) == id).expect("a player")
}

pub fn change(live: &mut LiveSession, change: impl FnOnce(&mut State)) {
    let done: Result<(), Infallible> = live.update(|state| {
        change(state);
        Ok(())
    });
    done.unwrap_or_else(|never| match never {});
}

pub fn set_round(live: &mut LiveSession, round: i64) {
    change(live, |state| {
        let root = state.root(GAME).expect("the game");
        state.store(root, GAME, 0, round as u64).expect("a field");
    });
}

pub fn set_secret(live: &mut LiveSession, secret: i64) {
    change(live, |state| {
        let root = state.root(GAME).expect("the game");
        state.store(root, GAME, 1, secret as u64).expect("a field");
    });
}

pub fn set_score(live: &mut LiveSession, id: &str, score: i64) {
    change(live, |state| {
        let player = player(state, id);
        state.store(player, PLAYER, 2, score as u64).expect("a field");
    });
}

pub fn set_team(live: &mut LiveSession, id: &str, team: &str) {
    change(live, |state| {
        let (player, team) = (player(state, id), state.string(team));
        state.store(player, PLAYER, 1, team).expect("a field");
    });
}

pub fn deal(live: &mut LiveSession, id: &str, card: i64) {
    change(live, |state| {
        let player = player(state, id);
        let hand = state.load(player, PLAYER, 3).expect("a hand");
        state.list_push(hand, card as u64).expect("room");
    });
}

pub fn set_arena(live: &mut LiveSession, is_open: bool) {
    change(live, |state| {
        if is_open {
            state.root_activate(ARENA);
        } else {
            state.root_deactivate(ARENA);
        }
    });
}

/// A client that believes nothing it is not told, and checks what it can.
pub struct Client {
    pub id: String,
    pub epoch: u64,
    pub number: u64,
    pub replica: Replica,
    /// Names of messages and events in order.
    pub heard: Vec<String>,
    pub bytes: Vec<u8>,
}

impl Client {
    pub fn new(id: &str) -> Client {
        let replica = Replica::new(schema(SCHEMA));
        Client { id: id.to_owned(), epoch: 0, number: 0, replica, heard: Vec::new(), bytes: Vec::new() }
    }

    /// A client that has connected anew.
    pub fn connect(live: &mut LiveSession, id: &str) -> Client {
        let mut client = Client::new(id);
        client.greet(&live.connect(id, ConnectOptions::default()).expect("welcome"));
        client
    }

    pub fn resume(&mut self, live: &mut LiveSession) -> bool {
        let options = ConnectOptions::default().resuming(self.epoch, self.number);
        let greeting = live.connect(&self.id, options).expect("welcome");
        self.greet(&greeting);
        greeting.resumed
    }

    pub fn greet(&mut self, greeting: &Greeting) {
        greeting.messages.iter().for_each(|message| self.receive(message));
    }

    /// Takes its messages of a broadcast; how many there were.
    pub fn take(&mut self, broadcast: &Broadcast) -> usize {
        let mut count = 0;
        for message in broadcast.for_viewer(&self.id) {
            self.receive(&message.to_vec());
            count += 1;
        }
        count
    }

    pub fn receive(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let mut reader = Reader::new(bytes).expect("a message");
        let kind = reader.byte().expect("a kind");
        match kind {
            message::WELCOME => {
                assert_eq!(reader.byte(), Ok(1));
                self.epoch = u64::from_le_bytes(reader.array().expect("an epoch"));
                assert_eq!(reader.array(), Ok(*self.replica.schema().hash()));
                let resumes = reader.flag().expect("a flag");
                let number = reader.varint().expect("a number");
                if resumes {
                    assert_eq!(number, self.number);
                } else {
                    self.number = number - 1;
                }
                self.heard.push("welcome".into());
            }
            message::STATE => {
                self.number = reader.varint().expect("a number");
                self.replica.apply_full(reader.rest()).expect("a state");
                self.heard.push("state".into());
            }
            message::PATCH | message::EVENTS | message::PATCH_EVENTS => {
                self.number += 1;
                let low = u16::from_le_bytes(reader.array().expect("a number"));
                assert_eq!(low, self.number as u16, "{} got a message twice, or misses one", self.id);
                let body = match kind {
                    message::PATCH => reader.rest(),
                    message::PATCH_EVENTS => reader.sized().expect("changes"),
                    _ => &[],
                };
                if kind != message::EVENTS {
                    assert!(!body.is_empty(), "a patch that says nothing");
                    self.replica.apply(body, None).expect("a patch");
                    self.heard.push("patch".into());
                }
                if kind != message::PATCH {
                    for _ in 0..reader.varint().expect("a count") {
                        let name = reader.text().expect("a name").to_owned();
                        let payload = read_payload(&mut reader);
                        self.heard.push(format!("{name} {payload}"));
                    }
                }
            }
            message::BYE => {
                assert_eq!(reader.byte(), Ok(8));
                self.heard.push(format!("bye {}", reader.text().expect("a reason")));
            }
            other => panic!("a message {other}"),
        }
        reader.end().expect("nothing more");
    }

    /// What it heard since this was asked last.
    pub fn heard(&mut self) -> String {
        std::mem::take(&mut self.heard).join(", ")
    }

    /// Whether it has what the session says that it sees.
    pub fn agrees(&self, live: &LiveSession) -> bool {
        self.replica.to_value() == live.session().view(&self.id)
    }
}

fn read_payload(reader: &mut Reader<'_>) -> Value {
    match reader.byte().expect("a kind of payload") {
        payload::NULL => Value::Null,
        payload::INT => Value::Int(reader.signed().expect("a number")),
        payload::TEXT => Value::str(reader.text().expect("a text")),
        payload::RAW => Value::Bytes(reader.sized().expect("bytes").into()),
        payload::MAP => {
            let count = reader.varint().expect("a count");
            let entries: BTreeMap<String, Value> =
                (0..count).map(|_| (reader.text().expect("a key").to_owned(), read_payload(reader))).collect();
            Value::map(entries)
        }
        other => panic!("a payload {other}"),
    }
}
