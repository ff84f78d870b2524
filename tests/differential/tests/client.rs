//! A client's own session does what the server's does: documents that nobody has written.

use statewright_differential::case::Step;
use statewright_differential::execution::{self, Prepared};
use statewright_differential::generate::generate;
use statewright_differential::outcome::begin;
use statewright_emit::js;
use statewright_harness::act::Act;
use statewright_harness::node::client::{self, Script};
use statewright_harness::play::Setup;
use statewright_runtime::session::Action;

/// Documents that are drawn.
const DOCUMENTS: u64 = 1_500;

/// A drawn case as a script; none if it is not for clients.
fn script(prepared: &Prepared, runtime: &str) -> Option<Script> {
    let Prepared { case, built, module, .. } = prepared;
    let module = module.as_ref().ok()?;
    if !client::is_for_clients(module, &built.handlers) {
        return None;
    }
    let source = js::Source { runtime: runtime.to_owned(), config: built.config.clone(), ..js::Source::default() };
    let acts = case.steps.iter().map(|step| match step {
        Step::Event { event, sender, params } => Act::Event(Action::new(event, sender, params.clone())),
        Step::Advance(ms) => Act::Advance(*ms),
    });
    let setup = Setup {
        seed: case.session_seed,
        now_ms: case.now_ms,
        fuel: Some(case.fuel),
        memory_bytes: Some(case.memory_bytes),
        // Nodes that ask who is there ask a server.
        host: case.players.first().map(|player| player.as_str().into()),
        ..Setup::default()
    };
    let options = client::options(&setup, &case.state);
    Some(Script { code: js::emit(module, &source).code, options, acts: acts.collect() })
}

#[test]
fn a_clients_session_does_what_the_servers_does() {
    let runtime = match client::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return println!("skipped: {why}"),
    };
    let reference = execution::reference();
    let mut all = Vec::new();
    for seed in (7 << 32)..(7 << 32) + DOCUMENTS {
        let Some(case) = generate(seed) else { continue };
        let Ok(prepared) = Prepared::new(case) else { continue };
        let Some(script) = script(&prepared, &runtime) else { continue };
        let mut programs = reference.programs(std::slice::from_ref(&prepared));
        let Some(Ok(program)) = programs.pop() else { panic!("seed {seed} does not run") };
        // A state that does not fit is refused by both.
        if let Ok(session) = begin(&prepared, program) {
            all.push((seed, script, session));
        }
    }
    let only: Vec<Script> = all.iter().map(|(_, script, _)| script.clone()).collect();
    let played = client::play(&only).expect("Node plays");
    let count = all.len();
    let mut differences = Vec::new();
    for ((seed, script, mut session), lines) in all.into_iter().zip(&played) {
        differences.extend(client::difference(&script, lines, &mut session).map(|what| format!("seed {seed}: {what}")));
    }
    assert!(differences.is_empty(), "{} of {count}:\n{}", differences.len(), differences.join("\n"));
    assert!(count > 100, "only {count} scripts");
}
