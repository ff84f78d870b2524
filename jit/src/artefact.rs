//! What else comes of the code generator: listings for people, and object files with a seal.

use cranelift_module::default_libcall_names;
use cranelift_object::{ObjectBuilder, ObjectModule};
use sha2::{Digest, Sha256};
use statewright_graph::ir::Verified;
use statewright_interpreter::ProgramTables;
use statewright_runtime::host::HostNodes;

use crate::compile::{Listing, Order, generate};
use crate::error::JitError;
use crate::memory::{Effort, target};

/// What every artefact begins with; the last byte is the version of its form.
const MAGIC: &[u8; 8] = b"SWOBJ\0\0\x01";
/// Magic, hash of the document, hash of all that follows and of the document's.
const HEADER: usize = 8 + 32 + 32;

fn object_module(name: &str) -> Result<ObjectModule, JitError> {
    let builder =
        ObjectBuilder::new(target(true, Effort::Full)?, name, default_libcall_names()).map_err(JitError::machine)?;
    Ok(ObjectModule::new(builder))
}

/// The generated code as text, function by function.
///
/// # Errors
/// As [`crate::Jit::new`].
pub fn listing(module: &Verified, tables: &ProgramTables, what: Listing) -> Result<String, JitError> {
    let mut object = object_module("listing")?;
    let generated =
        generate(&mut object, module, &HostNodes::default(), &tables.view_functions, what, Order::default())?;
    Ok(generated.listing)
}

/// An object file of the module for this machine, behind a header with the document's hash and a checksum of all. Its functions
/// are `f0`, `f1`… by position, and `e0`… the ways into those that take arguments as they are.
///
/// # Errors
/// As [`crate::Jit::new`].
pub fn object(module: &Verified, tables: &ProgramTables, host_nodes: &HostNodes) -> Result<Vec<u8>, JitError> {
    let mut object = object_module("statewright")?;
    generate(&mut object, module, host_nodes, &tables.view_functions, Listing::None, Order::default())?;
    let file = object.finish().emit().map_err(JitError::machine)?;
    let mut sealed = Vec::with_capacity(HEADER + file.len());
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&tables.document_hash);
    sealed.extend_from_slice(&checksum(&tables.document_hash, &file));
    sealed.extend_from_slice(&file);
    Ok(sealed)
}

/// The object file in an artefact of the module. A checksum keeps nobody from writing another one over other code: what counts is
/// that this very file is made of the module again, which takes as long as [`object`].
///
/// # Errors
/// [`JitError::Artefact`] if it is none, is one of another document, was changed, or is not what is made of the module here; and as
/// [`crate::Jit::new`].
pub fn opened<'a>(
    artefact: &'a [u8],
    module: &Verified,
    tables: &ProgramTables,
    host_nodes: &HostNodes,
) -> Result<&'a [u8], JitError> {
    let document_hash = &tables.document_hash;
    let refused = |what| Err(JitError::Artefact { what });
    let Some((header, file)) = artefact.split_at_checked(HEADER) else { return refused("it is too short") };
    let (magic, hashes) = header.split_at(MAGIC.len());
    let (document, sum) = hashes.split_at(document_hash.len());
    if magic != MAGIC {
        return refused("it is no artefact of this version");
    }
    if document != document_hash {
        return refused("it is of another document");
    }
    if sum != checksum(document_hash, file) {
        return refused("it was changed");
    }
    // A file that fits its seal was written by this program or by somebody who knows how seals are made.
    if object(module, tables, host_nodes)? != artefact {
        return refused(
            "it is not the code that is made of this document here: it was changed and sealed again, or made on another kind of machine",
        );
    }
    Ok(file)
}

fn checksum(document_hash: &[u8; 32], file: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(MAGIC).chain_update(document_hash).chain_update(file).finalize().into()
}
