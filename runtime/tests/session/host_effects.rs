//! Effects in Rust.

use std::sync::Arc;

use statewright_runtime::access::Declared;
use statewright_runtime::host::HostError;
use statewright_runtime::host_effects::{EffectCall, EffectDeclaration, HostEffect, HostEffects};
use statewright_runtime::ledger::EffectUse;
use statewright_runtime::program::Program;
use statewright_runtime::session::replay::Origin;
use statewright_runtime::session::{NewEffect, ReplayError, SavedSession, Session, SessionOptions};
use statewright_types::{StructId, TrapCode, Value};

use crate::fake::{Fake, Step, add, event, schema};

const GAME: &str = "package game
@root(active)
type Game {
    Round   int64
    Log     []string
    Players []Player @key(ID)
    Fog     bool
}
type Player {
    ID    string
    Speed float64 @default(1)
    Wins  int64
}
";

/// Makes the activator faster by a factor, while there is no fog.
struct Haste;

impl HostEffect for Haste {
    fn is_active(&self, call: &EffectCall<'_>) -> Result<bool, HostError> {
        Ok(!call.bool(call.main_root()?, "Fog")?)
    }

    fn apply(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        let (factor, activator) = (call.float_param("by"), call.using().activator.clone());
        for player in call.records(call.main_root()?, "Players")? {
            if call.text(player, "ID")? == &*activator {
                let speed = call.float(player, "Speed")?;
                call.set_float(player, "Speed", speed * factor)?;
            }
        }
        Ok(())
    }
}

/// Adds a round for each 100 ms of session time, ends after 350 ms, and writes into the log when it comes and goes.
struct Clock;

impl HostEffect for Clock {
    fn apply(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        let (game, hundreds) = (call.main_root()?, call.now_ms()? / 100);
        let round = call.int(game, "Round")?;
        call.set_int(game, "Round", round + hundreds)
    }

    fn ends_ms(&self, _: &EffectUse, now_ms: i64) -> Option<i64> {
        Some(now_ms + 350)
    }

    fn changes_ms(&self, _: &EffectUse, now_ms: i64) -> Option<i64> {
        Some((now_ms / 100 + 1) * 100)
    }

    fn on_added(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        let game = call.main_root()?;
        call.push(game, "Log", &Value::str("tick"))
    }

    fn on_removed(&self, call: &mut EffectCall<'_>) -> Result<(), HostError> {
        let game = call.main_root()?;
        call.push(game, "Log", &Value::str("tock"))?;
        if call.count(game, "Log")? > 5 { Err(TrapCode::Custom.into()) } else { Ok(()) }
    }
}

fn effects() -> HostEffects {
    let mut effects = HostEffects::new();
    let haste =
        Declared::new().reads("Game", "Players").reads("Game", "Fog").reads("Player", "ID").writes("Player", "Speed");
    let haste = EffectDeclaration::new("Haste").param("by", "float64").touching(haste);
    effects.add(haste, Haste).expect("a new name");
    let clock = Declared::new().writes("Game", "Round").writes("Game", "Log").time();
    effects.add(EffectDeclaration::new("Clock").touching(clock), Clock).expect("a new name");
    let greedy = EffectDeclaration::new("Greedy").touching(Declared::new().reads("Game", "Round"));
    let write = |call: &mut EffectCall<'_>| {
        let game = call.main_root()?;
        call.set_int(game, "Round", 9)
    };
    effects.add(greedy, write).expect("a new name");
    effects
}

fn document() -> Fake {
    Fake::new(1)
        .effect("Plus", |args, cx| {
            add(cx, args[0] as i64);
            Step::Done
        })
        .on("Remove", &[], |_, _, cx| {
            let id = cx.state.string("c");
            match cx.remove_effect(id) {
                Ok(_) => Step::Done,
                Err(code) => Step::Fail(code),
            }
        })
}

fn program() -> Arc<dyn Program> {
    effects().on(Arc::new(document()), &schema(GAME)).expect("they fit")
}

fn start(state: &mut statewright_runtime::state::State) {
    let players = r#"{"Players": [{"ID": "ann"}, {"ID": "bob"}]}"#;
    assert_eq!(state.load_json(&statewright_types::json::parse(players).expect("JSON")), []);
}

fn session() -> Session {
    let mut session = Session::new(schema(GAME), StructId(0), program(), SessionOptions::default());
    start(session.state_mut_for_setup());
    session.take_changes();
    session
}

fn haste(id: &str, activator: &str, by: f64) -> NewEffect {
    let params = Value::map([("by", Value::Float(by))]);
    NewEffect { params, activator: activator.into(), ..NewEffect::new(id, "Haste") }
}

/// Round and log, and the speeds of the players.
fn seen(session: &mut Session) -> String {
    session.read_effective(|state| {
        let value = state.to_value();
        let speed = |player: &Value| player.get("Speed").map_or(String::new(), ToString::to_string);
        let players = match value.get("Players") {
            Some(Value::List(players)) => players.iter().map(speed).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        };
        let of = |name: &str| value.get(name).map_or(String::new(), ToString::to_string);
        format!("{} {} {players}", of("Round"), of("Log"))
    })
}

#[test]
fn an_effect_in_rust_acts_with_its_parameters_for_its_activator() {
    let mut session = session();
    session.add_effect(NewEffect { stacks: 2, ..haste("h", "bob", 3.0) }).expect("added");
    assert_eq!(seen(&mut session), "0 [] 1.0 3.0");
    session.add_effect(NewEffect { stacks: 2, ..haste("h", "bob", 3.0) }).expect("stacked");
    session.add_effect(haste("i", "ann", 0.5)).expect("added");
    assert_eq!(seen(&mut session), "0 [] 0.5 9.0");
    assert_eq!(session.take_changes().records.len(), 2);
    assert_eq!(session.clear_effects(Some("bob"), None), 1);
    assert_eq!(seen(&mut session), "0 [] 0.5 1.0");
    assert!(session.effect("i").is_some() && session.effect("h").is_none());
    assert_eq!(session.toggle_effect(haste("i", "ann", 0.5)), Ok(false));
    assert_eq!(session.toggle_effect(haste("i", "ann", 0.25)), Ok(true));
    assert_eq!(seen(&mut session), "0 [] 0.25 1.0");
    assert_eq!(session.clear_effects(None, Some("Plus")), 0);
}

#[test]
fn graphs_and_rust_act_in_one_order() {
    let mut session = session();
    let plus = |id: &str, priority| {
        let params = Value::map([("by", Value::Int(4))]);
        NewEffect { params, priority, ..NewEffect::new(id, "Plus") }
    };
    session.add_effect(plus("first", -1)).expect("added");
    session.add_effect(haste("h", "ann", 2.0)).expect("added");
    session.add_effect(plus("last", 1)).expect("added");
    let order: Vec<&str> = session.effects().map(|effect| &*effect.id).collect();
    assert_eq!(order, ["first", "h", "last"]);
    assert_eq!(seen(&mut session), "8 [] 2.0 1.0");
}

#[test]
fn a_condition_is_asked_whenever_it_may_have_changed() {
    let mut session = session();
    session.add_effect(haste("h", "ann", 2.0)).expect("added");
    session.take_changes();
    let fog = |session: &mut Session, on: u64| {
        let state = session.state_mut_for_setup();
        let root = state.root(StructId(0)).expect("the root");
        state.store(root, StructId(0), 3, on).expect("stored");
    };
    fog(&mut session, 1);
    let changes = session.take_changes();
    assert_eq!(changes.records.len(), 2, "the fog, and the speed");
    assert_eq!(seen(&mut session), "0 [] 1.0 1.0");
    fog(&mut session, 0);
    assert_eq!(session.take_changes().records.len(), 2);
    assert_eq!(seen(&mut session), "0 [] 2.0 1.0");
}

#[test]
fn it_may_end_and_change_by_itself_and_write_the_base_once() {
    let mut session = session();
    session.advance(50);
    session.add_effect(NewEffect::new("c", "Clock")).expect("added");
    assert_eq!(seen(&mut session), r#"0 ["tick"] 1.0 1.0"#);
    assert_eq!(session.next_deadline(), Some(100));
    session.take_changes();
    session.advance(49);
    assert!(session.take_changes().is_empty());
    session.advance(1);
    assert_eq!(session.take_changes().records.len(), 1);
    assert_eq!(seen(&mut session), r#"1 ["tick"] 1.0 1.0"#);
    session.advance(299);
    assert_eq!(session.next_deadline(), Some(400));
    assert_eq!(seen(&mut session), r#"3 ["tick"] 1.0 1.0"#);
    session.advance(1);
    assert_eq!(seen(&mut session), r#"0 ["tick","tock"] 1.0 1.0"#);
    assert_eq!(session.next_deadline(), None);
}

#[test]
fn what_fails_on_leaving_is_undone_and_told() {
    let mut session = session();
    for _ in 0..2 {
        session.add_effect(NewEffect::new("c", "Clock")).expect("added");
        assert!(session.remove_effect("c"));
    }
    session.add_effect(NewEffect::new("c", "Clock")).expect("added");
    let report = session.dispatch(event("Remove"));
    assert_eq!(report.error(), Some(TrapCode::Custom), "the handler stops");
    assert!(session.effect("c").is_some(), "and has not removed it");
    let reports = session.advance(350);
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].error(), Some(TrapCode::Custom));
    assert_eq!(seen(&mut session), r#"0 ["tick","tock","tick","tock","tick"] 1.0 1.0"#);
}

#[test]
fn writing_what_was_not_declared_is_an_error() {
    let mut session = session();
    session.add_effect(NewEffect::new("g", "Greedy")).expect("added");
    assert_eq!(seen(&mut session), "0 [] 1.0 1.0");
    let faults: Vec<String> =
        session.effect_faults().map(|(id, trap)| format!("{id} {} {:?}", trap.code, trap.message)).collect();
    assert_eq!(faults, [r#"g permission_denied Some("`Game.Round` was not declared as written")"#]);
}

#[test]
fn what_does_not_fit_is_refused_when_it_is_given_to_a_program() {
    let on = |declaration: EffectDeclaration| {
        let mut effects = HostEffects::new();
        effects.add(declaration, Haste).expect("a new name");
        effects.on(Arc::new(document()), &schema(GAME)).err().expect("refused")
    };
    let new = EffectDeclaration::new;
    assert_eq!(on(new("Plus")), "the document has an effect `Plus` of its own");
    let unknown = new("X").touching(Declared::new().writes("Player", "Sped"));
    assert_eq!(on(unknown), "the effect `X`: the type `Player` has no field `Sped`");
    assert!(on(new("X").param("by", "flot")).starts_with("the effect `X`: "));
    let mut twice = effects();
    assert!(twice.add(new("Haste"), Haste).is_err());
}

#[test]
fn parameters_are_checked_and_unknown_effects_are_not_logged() {
    let mut session = session();
    let code = |session: &mut Session, effect| session.add_effect(effect).err().map(|trap| trap.code);
    assert_eq!(code(&mut session, NewEffect::new("h", "Haste")), Some(TrapCode::BadParameters));
    let logged = session.actions().len();
    assert_eq!(code(&mut session, NewEffect::new("h", "Hast")), Some(TrapCode::NotFound));
    assert_eq!(session.actions().len(), logged);
}

fn replay(session: &Session, program: Arc<dyn Program>) -> Result<Session, ReplayError> {
    let origin = Origin {
        schema: schema(GAME),
        main_root: StructId(0),
        program,
        options: SessionOptions::default(),
        setup: &start,
        programs: &|_| None,
    };
    Session::replay(origin, session.actions())
}

#[test]
fn they_are_replayed_saved_and_restored() {
    let mut session = session();
    session.add_effect(haste("h", "bob", 3.0)).expect("added");
    session.advance(120);
    session.add_effect(NewEffect::new("c", "Clock")).expect("added");
    session.advance(100);
    let expected = seen(&mut session);
    assert_eq!(expected, r#"2 ["tick"] 1.0 3.0"#);
    let mut replayed = replay(&session, program()).expect("the same program");
    replayed.advance(100);
    assert_eq!((seen(&mut replayed), replayed.next_deadline()), (expected.clone(), session.next_deadline()));
    let saved = session.save().to_value(&schema(GAME));
    let saved = SavedSession::from_value(&saved, &schema(GAME)).expect("a saved session");
    let mut loaded = Session::load(&saved, schema(GAME), &|_| Some(program())).expect("loaded");
    assert_eq!(seen(&mut loaded), expected);
    loaded.advance(250);
    assert_eq!(seen(&mut loaded), r#"0 ["tick","tock"] 1.0 3.0"#);
    let missing = replay(&session, Arc::new(document())).err().expect("the effects are missing");
    assert_eq!(missing, ReplayError::UnknownEffect { sequence: 1, effect: "Haste".into() });
}

#[test]
fn an_effect_that_fails_as_it_is_taken_away_is_told_of() {
    let mut session = session();
    let clock = |id: &str| NewEffect::new(id, "Clock");
    for id in ["a", "b", "c"] {
        session.add_effect(clock(id)).expect("added");
    }
    assert!(session.remove_effect("a") && session.take_farewell_faults().is_empty());
    assert!(session.remove_effect("b") && session.take_farewell_faults().is_empty());
    // The log is full.
    assert!(session.remove_effect("c"), "it is gone all the same");
    let faults = session.take_farewell_faults();
    assert_eq!(faults.iter().map(|(id, trap)| (&**id, trap.code)).collect::<Vec<_>>(), [("c", TrapCode::Custom)]);
    assert!(session.take_farewell_faults().is_empty(), "told once");
}
