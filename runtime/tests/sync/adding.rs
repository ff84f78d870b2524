//! What effects add, to whom, and that what is hidden of it stays so.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_runtime::access::Declared;
use statewright_runtime::host_effects::{EffectCall, EffectDeclaration, HostEffects};
use statewright_runtime::replica::Replica;
use statewright_runtime::session::{NewEffect, Session, SessionOptions};
use statewright_runtime::sync::{Debounce, LiveOptions, LiveSession};
use statewright_types::random::Streams;
use statewright_types::{StructId, Value};

use crate::fake::{Fake, schema};
use crate::game::{Client, EPOCH, change};

const SCHEMA: &str = "package adding
@root(active)
type Game {
    Open    int64
    Secret  int64 @view(none)
    Units   []Unit
    Board   map[string]Unit
    Best    *Unit
}
@owner(Owner)
type Unit {
    Owner   string
    Kind    int64
    Loot    int64 @view(owner)
    Core    Core
    Cargo   []Core @view(owner)
    Plans   map[string]Core @view(owner)
    Watcher string @view(none)
}
type Core {
    Heat    int64
    Code    int64 @view(admin)
}
";
const GAME: StructId = StructId(0);

/// What the effect adds: by the number in the open, with what is hidden from some by the secret.
fn unit(at: i64, open: i64, secret: i64) -> Value {
    let core = |heat: i64, code: i64| Value::map([("Heat", Value::Int(heat)), ("Code", Value::Int(code))]);
    let cargo = (0..secret & 3).map(|at| core(secret / 4 + at, secret)).collect();
    let plans = (0..secret & 1).map(|at| (format!("plan {at}"), core(secret / 8, secret)));
    Value::map([
        ("Owner", Value::str(["ann", "bob"][(at & 1) as usize])),
        ("Kind", Value::Int(open & 1)),
        ("Loot", Value::Int(secret / 2)),
        ("Core", core(open & 2, secret)),
        ("Cargo", Value::List(cargo)),
        ("Plans", Value::map(plans.collect::<BTreeMap<_, _>>())),
        ("Watcher", Value::str(secret.to_string())),
    ])
}

fn spawn(call: &mut EffectCall<'_>) -> Result<(), statewright_runtime::host::HostError> {
    let game = call.main_root()?;
    let (open, secret) = (call.int(game, "Open")?, call.int(game, "Secret")?);
    for at in 0..2 + (open & 4) / 4 {
        call.push(game, "Units", &unit(at, open, secret))?;
    }
    call.set_value(game, "Board", &Value::map([("a", unit(0, open, secret)), ("b", unit(1, 0, secret))]))?;
    call.set_value(game, "Best", &unit(0, open, secret))
}

/// Grown from a session with an effect in use, with clients.
struct Spawned {
    live: LiveSession,
    clients: Vec<Client>,
}

impl Spawned {
    fn new(options: LiveOptions) -> Spawned {
        let schema = schema(SCHEMA);
        let touched = Declared::new().reads("Game", "Open").reads("Game", "Secret").writes_whole("Game", "Units");
        let touched = touched.writes_whole("Game", "Board").writes_whole("Game", "Best");
        let mut effects = HostEffects::new();
        effects.add(EffectDeclaration::new("Spawn").touching(touched), spawn).expect("an effect");
        let program = effects.on(Arc::new(Fake::new(1)), &schema).expect("effects");
        let session = Session::new(schema, GAME, program, SessionOptions::default());
        let mut live = LiveSession::new(session, EPOCH, options);
        live.grant("root", "admin");
        live.add_effect(NewEffect::new("spawn", "Spawn")).expect("it acts");
        let mut spawned = Spawned { live, clients: Vec::new() };
        for id in ["ann", "bob", "eve", "root"] {
            let mut client = Client { replica: Replica::new(self::schema(SCHEMA)), ..Client::new(id) };
            client.greet(&spawned.live.connect(id, Default::default()).expect("welcome"));
            spawned.clients.push(client);
        }
        spawned
    }

    fn set(&mut self, field: u32, number: i64) {
        change(&mut self.live, |state| {
            let root = state.root(GAME).expect("the game");
            state.store(root, GAME, field, number as u64).expect("a field");
        });
    }

    /// Who was sent something by a tick; all of them have what they see then.
    fn tick(&mut self, context: &str) -> Vec<String> {
        let sent = self.live.tick();
        let told = |client: &mut Client| (client.take(&sent) > 0).then(|| client.id.clone());
        let told = self.clients.iter_mut().filter_map(told).collect();
        for client in &self.clients {
            assert!(
                client.agrees(&self.live),
                "{context}, {}:\n{:?}\n{:?}",
                client.id,
                client.replica.to_value(),
                self.live.session().view(&client.id)
            );
        }
        told
    }
}

#[test]
fn what_is_hidden_of_what_an_effect_adds_is_told_to_those_who_see_it() {
    let mut spawned = Spawned::new(LiveOptions::default());
    spawned.set(1, 2);
    assert_eq!(spawned.tick("loot"), ["ann", "bob", "root"], "not to eve, who sees nothing of it");
    spawned.set(1, 2 + 1024);
    assert_eq!(spawned.tick("cargo"), ["ann", "bob", "root"]);
    spawned.set(0, 1);
    assert_eq!(spawned.tick("in the open"), ["ann", "bob", "eve", "root"]);
    spawned.set(1, 2);
    spawned.set(1, 2 + 1024);
    assert_eq!(spawned.tick("and back"), Vec::<String>::new());
}

#[test]
fn whatever_effects_add_clients_have_what_they_see() {
    for seed in 0..60 {
        let mut dice = Streams::new(seed);
        let debounce = (seed % 2 == 0).then_some(Debounce { quiet_ms: 10, max_wait_ms: 20 });
        let mut spawned = Spawned::new(LiveOptions { debounce, ..LiveOptions::default() });
        for step in 0..40i64 {
            for _ in 0..dice.int("writes", 1, 3) {
                let (field, most) = if dice.int("field", 0, 2) == 0 { (0, 7) } else { (1, 40) };
                let number = dice.int("number", 0, most);
                spawned.set(field, number);
                spawned.live.at(step * 7);
            }
            match dice.int("effect", 0, 9) {
                0 => _ = spawned.live.remove_effect("spawn"),
                1 => _ = spawned.live.add_effect(NewEffect::new("spawn", "Spawn")),
                _ => {}
            }
            if dice.int("tick", 0, 1) == 0 {
                spawned.tick(&format!("seed {seed}, step {step}"));
            }
        }
    }
}
