//! `statewright` alone: plays a small game and draws what happened.

use std::sync::Arc;

use statewright_harness::draw::{self, Style};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::report;
use statewright_harness::trace::Trace;
use statewright_runtime::session::Action;
use statewright_types::json;

use super::draw::played_picture;
use super::play::Played;
use crate::exit::{Exit, Stop};
use crate::sample::SAMPLE;
use crate::terminal;

/// Where the picture goes, in the current folder.
const PICTURE: &str = "statewright.html";

/// Says what it does; the picture goes to a file.
pub fn demo() -> Result<Exit, Stop> {
    let part = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(format!("the sample's {name}"), text)));
    let loaded = Loaded::from_texts(part("document", SAMPLE.document), part("schema", SAMPLE.schema), true);
    terminal::say(&report::render(&loaded.findings, terminal::look()));
    let Some(program) = loaded.program(Backend::Interpreter)? else { return Ok(Exit::Findings) };
    let setup = Setup { seed: 7, players: vec!["ann".into(), "bob".into()], ..Setup::default() };
    let state = part("state", SAMPLE.state);
    let mut session = match play::begin(&loaded, program, &setup, Some(&state)) {
        Ok(session) => session,
        Err(findings) => {
            terminal::say(&report::render(&findings, terminal::look()));
            return Ok(Exit::Findings);
        }
    };
    let params = json::parse(SAMPLE.params).map(|tree| tree.value(tree.root()));
    let params = params.map_err(|error| Stop::Usage(format!("the sample's parameters: {}", error.message)))?;
    let mut trace = Trace::default();
    let reports = vec![session.dispatch_traced(Action::new(SAMPLE.event, SAMPLE.sender, params), &mut trace)];
    trace.settle(&reports);
    let outcome = play::outcome_value(&reports, &session);
    let played = Played { loaded, session, reports };
    let (picture, exit) = played_picture("A race with dice", SAMPLE.event, &played, &trace);
    terminal::say(&format!("`{}` sent `{}` with {}", SAMPLE.sender, SAMPLE.event, SAMPLE.params));
    for event in played.reports.iter().flat_map(|report| &report.events) {
        terminal::say(&format!("  event {}", json::to_string(&play::event_value(event))));
    }
    terminal::product(&json::to_pretty(&outcome))?;
    terminal::write(PICTURE.as_ref(), &draw::html(&picture, &Style::default()))?;
    terminal::say(&format!(
        "the picture of what happened is in {PICTURE}\nnext: statewright new tavern; statewright --help"
    ));
    Ok(exit)
}
