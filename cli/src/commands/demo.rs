//! `statewright` alone: opens the editor on a small game; without a display plays that and draws what happened.

use std::io::IsTerminal;
use std::sync::Arc;

use statewright_harness::draw::{self, Style};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::report;
use statewright_harness::trace::Trace;
use statewright_runtime::context::Recipients;
use statewright_runtime::session::{Action, ActionReport, Session};
use statewright_types::{Value, json};

use super::draw::played_picture;
use super::edit;
use super::play::Played;
use crate::exit::{Exit, Stop};
use crate::sample::{self, Step};
use crate::terminal;

/// Where the picture goes, in the current folder.
const PICTURE: &str = "statewright.html";

/// The editor on the sample where there is a display; where it cannot be opened, that is said, and the sample is played.
pub fn start() -> Result<Exit, Stop> {
    if edit::has_display() {
        match edit::sample() {
            Ok(Exit::Fine) => return Ok(Exit::Fine),
            Ok(_) => terminal::say("there is no editor here, so the sample is played instead\n"),
            Err(Stop::Usage(why)) => terminal::say(&format!("{why}\n\nthe sample is played instead\n")),
            Err(stop) => return Err(stop),
        }
    }
    demo()
}

/// Tells the game on stderr, and draws its last event with what followed. The outcome of that, JSON, goes to stdout
/// unless that is a terminal.
fn demo() -> Result<Exit, Stop> {
    let part = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(format!("the sample's {name}"), text)));
    let loaded = Loaded::from_texts(part("document", sample::DOCUMENT), part("schema", sample::SCHEMA), true);
    terminal::say(&report::render(&loaded.findings, terminal::look()));
    let Some(program) = loaded.program(Backend::Interpreter)? else { return Ok(Exit::Findings) };
    let setup = Setup { seed: sample::SEED, players: sample::PLAYERS.map(Arc::from).into(), ..Setup::default() };
    let mut session = match play::begin(&loaded, program, &setup, None) {
        Ok(session) => session,
        Err(findings) => {
            terminal::say(&report::render(&findings, terminal::look()));
            return Ok(Exit::Findings);
        }
    };
    terminal::say(&format!("{} for {}, seed {}\n", sample::TITLE, sample::PLAYERS.join(" and "), sample::SEED));
    let (last, reports, trace) = play_script(&mut session);
    let outcome = play::outcome_value(&reports, &session);
    let played = Played { loaded, reports };
    let (picture, exit) = played_picture(sample::TITLE, &last, &played, &trace);
    if !std::io::stdout().is_terminal() {
        terminal::product(&json::to_pretty(&outcome))?;
    }
    terminal::write(PICTURE.as_ref(), &draw::html(&picture, &Style::default()))?;
    terminal::say(&format!(
        "\nthe picture of the last card and what followed is in {PICTURE}\n\
         next: statewright new tavern; statewright --help"
    ));
    Ok(exit)
}

/// Plays the script. Gives the last event's name, with the reports and the trace of it and of what resumed after it.
fn play_script(session: &mut Session) -> (String, Vec<ActionReport>, Trace) {
    let (mut last, mut reports, mut trace) = (String::new(), Vec::new(), Trace::default());
    for step in sample::SCRIPT {
        match (step, step.action()) {
            (_, Some(action)) => {
                terminal::say(&sent(&action));
                last = action.event.to_string();
                trace = Trace::default();
                reports = vec![session.dispatch_traced(action, &mut trace)];
                trace.settle(&reports);
                terminal::say(&told(&reports));
            }
            (Step::Wait(ms), None) => {
                terminal::say(&format!("{ms} ms later"));
                let resumed = session.advance_to_traced(session.now_ms().saturating_add(*ms), &mut trace);
                trace.settle(&resumed);
                terminal::say(&told(&resumed));
                reports.extend(resumed);
            }
            (_, None) => {}
        }
    }
    (last, reports, trace)
}

fn sent(action: &Action) -> String {
    let sender = if action.sender.is_empty() { "session" } else { &*action.sender };
    format!("{sender}: {}{}", action.event, fields(&action.params))
}

/// A line for each event that went out, and one for each refusal.
fn told(reports: &[ActionReport]) -> String {
    let mut lines = String::new();
    for report in reports {
        for event in &report.events {
            let to = match &event.to {
                Recipients::All => "all".to_owned(),
                Recipients::Players(players) => players.join(", "),
                Recipients::Except(player) => format!("all but {player}"),
            };
            lines.push_str(&format!("    to {to}: {}{}\n", event.kind, fields(&event.payload)));
        }
        if let Some(trap) = report.trap() {
            let message = trap.message.as_deref().unwrap_or(trap.code.message());
            lines.push_str(&format!("    refused: {message}\n"));
        }
    }
    lines
}

/// ` name=value name=value`
fn fields(value: &Value) -> String {
    match value {
        Value::Map(entries) => {
            let text = |(name, value): &(Arc<str>, Value)| format!(" {name}={}", json::to_string(value));
            entries.iter().map(text).collect()
        }
        other => format!(" {}", json::to_string(other)),
    }
}
