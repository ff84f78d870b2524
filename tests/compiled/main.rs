//! Compiled code: what it is, beside that it does the same.

mod artefacts;
mod loops;
mod raw;
mod relay;
mod rows;
mod sizes;
mod tiers;

use std::path::Path;

use statewright_harness::project::{LoadOptions, Loaded};
use statewright_interpreter::ProgramTables;

/// A document of the repository.
fn document(path: &str) -> Loaded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    Loaded::open(&path, &LoadOptions::default()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// What a program tells about it.
fn tables(loaded: &Loaded) -> ProgramTables {
    loaded.tables().unwrap_or_else(|| panic!("{} does not compile", loaded.source.name))
}
