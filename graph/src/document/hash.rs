//! What tells versions of a document apart.

use sha2::{Digest, Sha256};
use statewright_types::{Config, Schema};

/// SHA-256 of a document's text and the hashes of its schema and, if it has one, its configuration. A suspension resumes
/// only under an equal one: what is lowered for tracing, or for a host program with effects (`effects`), which suspends with other
/// values, has another one.
pub fn hash(text: &str, schema: Option<&Schema>, config: Option<&Config>, traced: bool, effects: bool) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(text.as_bytes());
    hash.update(schema.map_or(&[0; 32], Schema::hash));
    if let Some(config) = config {
        hash.update(config.hash());
    }
    if traced {
        hash.update(b"traced");
    }
    if effects {
        hash.update(b"effects");
    }
    hash.finalize().into()
}
