//! Documents built as programs of their own, and the command run in them.

use std::path::PathBuf;
use std::process::Command;

use statewright_harness::execution::crates::cache_folder;
use statewright_harness::execution::{Artefact, Module, ProgramCrate, Sources, registry};
use statewright_harness::project::{Fault, Loaded};

use crate::exit::{Exit, Stop};
use crate::terminal;

/// The crates that a built program needs, as the command carries them.
static ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sources"));

/// Runs this command again in a program that has these documents built in. `None` if this is one.
///
/// With `has_jit` it can run documents as machine code besides.
pub fn run_built<'a>(documents: impl IntoIterator<Item = &'a Loaded>, has_jit: bool) -> Result<Option<Exit>, Stop> {
    if registry::is_built() {
        return Ok(None);
    }
    let artefact = build(documents, |modules| ProgramCrate { has_jit, ..ProgramCrate::of_command(modules) })?;
    let mut command = Command::new(&artefact.path);
    command.args(std::env::args_os().skip(1));
    let status = command.status().map_err(|error| {
        Stop::from(Fault::NotBuilt { what: format!("{} cannot be started: {error}", artefact.path.display()) })
    })?;
    Ok(Some(Exit::Code(u8::try_from(status.code().unwrap_or(2)).unwrap_or(2))))
}

/// Builds these documents into a program.
pub fn build<'a>(
    documents: impl IntoIterator<Item = &'a Loaded>,
    program: impl FnOnce(Vec<Module>) -> ProgramCrate,
) -> Result<Artefact, Fault> {
    let mut modules: Vec<Module> = Vec::new();
    for loaded in documents {
        if !modules.iter().any(|module| module.document_hash == loaded.document_hash) {
            modules.extend(Module::of(loaded));
        }
    }
    modules.sort_by_key(|module| module.document_hash);
    ProgramCrate { tell: terminal::say, ..program(modules) }.build(&sources(), &cache_folder()?)
}

/// `STATEWRIGHT_SOURCES` names a workspace to use instead of the archive, for whoever works on Statewright itself.
fn sources() -> Sources {
    match std::env::var_os("STATEWRIGHT_SOURCES").filter(|folder| !folder.is_empty()) {
        Some(folder) => Sources::Workspace(PathBuf::from(folder)),
        None => Sources::Archive(ARCHIVE),
    }
}
