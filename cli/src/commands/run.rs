//! `statewright run`: the handlers of one event, and what they did.

use statewright_harness::play;
use statewright_runtime::host::HostNodes;
use statewright_types::json;

use super::play as session;
use crate::args::Run;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints the outcome as JSON; exit code 3 if a handler failed.
pub fn run(args: &Run) -> Result<Exit, Stop> {
    let loaded = match session::load_to_play(&args.file, &args.play, false, HostNodes::default()) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let played = match session::play(loaded, &args.event, &args.play, None) {
        Ok(played) => played,
        Err(exit) => return exit,
    };
    terminal::product(&json::to_pretty(&play::outcome_value(&played.reports, &played.session)))?;
    Ok(match play::failure(&played.reports) {
        Some(_) => Exit::HandlerFailed,
        None => Exit::Fine,
    })
}
