//! `statewright replay`: a recorded session, done again.

use statewright_harness::files::Disk;
use statewright_harness::play::hex;
use statewright_harness::project::Fault;
use statewright_harness::{record, save};
use statewright_types::{Value, json};

use super::host_nodes;
use crate::args::Replay;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints the state that the recording leads to, as JSON; exit code 1 if it goes another way than it went.
pub fn replay(args: &Replay) -> Result<Exit, Stop> {
    let recording = record::read(&Disk, &args.file)?;
    if let Some(torn) = recording.torn {
        let message =
            format!("warning: the recording was cut off at byte {}: {} bytes are of no use", torn.at, torn.bytes);
        terminal::say(&message);
    }
    let (name, hosts) = (args.file.display().to_string(), host_nodes(&args.hosts)?);
    let replayed = match record::replay(&name, &recording, &hosts, args.to, args.verify) {
        Ok(replayed) => replayed,
        Err(fault @ Fault::Diverged { .. }) => {
            terminal::error(&fault.to_string());
            return Ok(Exit::Findings);
        }
        Err(fault) => return Err(fault.into()),
    };
    let session = &replayed.session;
    if let Some(path) = &args.save {
        let versions = record::versions(&name, &recording, &hosts)?;
        save::to_file(&Disk, path, session, &versions, args.saving.options())?;
    }
    let outcome = Value::map([
        ("entries", Value::uint(replayed.entries)),
        ("recorded", Value::uint(recording.entries.len() as u64)),
        ("ended", Value::Bool(recording.is_ended)),
        ("checkpoints", if args.verify { Value::uint(replayed.checkpoints) } else { Value::Null }),
        ("now", Value::Int(session.now_ms())),
        ("state", session.state().to_value()),
        ("state_hash", Value::from(hex(&session.state().hash()))),
    ]);
    terminal::product(&json::to_pretty(&outcome))?;
    Ok(Exit::Fine)
}
