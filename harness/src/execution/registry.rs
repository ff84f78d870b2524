//! Programs that are linked into this process.

use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{Execution, Program};

use crate::play::hex;
use crate::project::Backend;

/// A program made of emitted Rust: the hash of its document, and what makes it.
#[derive(Clone, Copy)]
pub struct Registered {
    /// As `Program::document_hash`.
    pub document_hash: [u8; 32],
    /// `program_with` of the emitted module.
    pub make: fn(&HostNodes) -> Arc<dyn Program>,
}

static REGISTRY: OnceLock<&'static [Registered]> = OnceLock::new();

/// Makes these the programs of this process. Once: what comes later is not taken.
pub fn register(programs: &'static [Registered]) {
    let _taken = REGISTRY.set(programs);
}

/// Whether this process has programs.
pub fn is_built() -> bool {
    REGISTRY.get().is_some()
}

/// The program of a document, if it is linked in.
pub fn program(document_hash: &[u8; 32], host_nodes: &HostNodes) -> Option<Arc<dyn Program>> {
    let programs = REGISTRY.get()?;
    let found = programs.iter().find(|program| program.document_hash == *document_hash)?;
    Some((found.make)(host_nodes))
}

/// What a program's next activation runs on, and SHA-256 of what was built for that, hexadecimal: of machine code, of a script with its
/// library, or of the file of this process for emitted Rust, which is a part of it.
pub fn execution(program: &dyn Program) -> (&'static str, Option<String>) {
    let Execution { name, artefact } = program.execution();
    match artefact {
        Some(artefact) => (name, Some(hex(&artefact))),
        None if name == Backend::Rust.name() => (name, file_hash()),
        None => (name, None),
    }
}

fn file_hash() -> Option<String> {
    static HASH: OnceLock<Option<String>> = OnceLock::new();
    HASH.get_or_init(|| {
        let bytes = std::fs::read(std::env::current_exe().ok()?).ok()?;
        Some(hex(&Sha256::digest(bytes)))
    })
    .clone()
}
