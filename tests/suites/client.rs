//! A client's own session, which is another program than the server's, does what the server's does: all conformance cases that use
//! only what clients have.

use statewright_emit::js;
use statewright_harness::node::client::{self, Script};
use statewright_harness::project::script_source;
use statewright_runtime::session::Session;
use statewright_tests::corpus;
use statewright_types::Value;

use crate::twins::{Case, cases, samples};

/// The script of a test, and the session here that does the same; none if it is not for clients.
fn scripts(case: &Case, runtime: &str) -> Vec<(String, Script, Session)> {
    let mut all = Vec::new();
    let Some(module) = case.plain.module.as_ref() else { return all };
    if !client::is_for_clients(module, &case.plain.handlers) {
        return all;
    }
    let source = js::Source { runtime: runtime.to_owned(), ..script_source(&case.plain) };
    let code = js::emit(module, &source).code;
    for test in &case.file.tests {
        let setup = &test.setup;
        let is_midway = !setup.configured.is_empty() || setup.streams.is_some() || setup.ledger.is_some();
        let is_alone = setup.players.is_empty() && setup.inactive.is_empty() && test.config.is_none();
        let acts: Vec<_> = test.steps.iter().map(|step| step.act.clone()).collect();
        if is_midway || !is_alone || !acts.iter().all(client::is_of_clients) {
            continue;
        }
        let Some(session) = case.begin(test, &case.plain) else { continue };
        let state = test.state.map_or(Value::Map(Vec::new()), |node| case.file.tree.value(node));
        let script = Script { code: code.clone(), options: client::options(setup, &state), acts };
        all.push((format!("{}: {}", case.file.source.name, test.name), script, session));
    }
    all
}

#[test]
fn a_clients_session_does_what_the_servers_does() {
    let runtime = match client::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return println!("skipped: {why}"),
    };
    let cases = cases(&corpus::folder()).into_iter().chain(cases(&samples()));
    let all: Vec<_> = cases.flat_map(|case| scripts(&case, &runtime)).collect();
    let only: Vec<Script> = all.iter().map(|(_, script, _)| script.clone()).collect();
    let played = client::play(&only).expect("Node plays");
    let count = all.len();
    let mut differences = Vec::new();
    for ((name, script, mut session), lines) in all.into_iter().zip(&played) {
        differences.extend(client::difference(&script, lines, &mut session).map(|what| format!("{name}: {what}")));
    }
    assert!(differences.is_empty(), "{} of {count}:\n{}", differences.len(), differences.join("\n"));
    assert!(count > 500, "only {count} scripts");
}
