//! What tells versions of a document apart.

use sha2::{Digest, Sha256};
use statewright_types::Schema;

/// SHA-256 of a document's text and its schema's hash. A suspension resumes only under an equal one: what is lowered for
/// tracing, which suspends with other values, has another one.
pub fn hash(text: &str, schema: Option<&Schema>, traced: bool) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(text.as_bytes());
    hash.update(schema.map_or(&[0; 32], Schema::hash));
    if traced {
        hash.update(b"traced");
    }
    hash.finalize().into()
}
