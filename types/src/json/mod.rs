//! JSON with spans: a tree that remembers where everything stood, a writer for values, and edits of the text that
//! leave everything else byte for byte.
//!
//! Strict JSON (RFC 8259): no comments, no trailing commas, no byte order mark, no lone surrogates, and no key twice
//! in one object. Input is bounded by [`Limits::FILE_BYTES`](crate::Limits::FILE_BYTES) and nests at most
//! [`Limits::JSON_DEPTH`](crate::Limits::JSON_DEPTH) deep.

mod base64;
pub mod codes;
mod edit;
mod parse;
mod recover;
mod string;
mod style;
mod tree;
mod write;

pub use base64::{decode as base64_decode, encode as base64_encode};
pub use edit::{EditError, Editor, Step, inserted, removed, written};
pub use parse::parse;
pub use recover::problems;
pub use string::{StringError, decode as decode_string};
pub use tree::{Entry, Kind, NodeId, Tree};
pub use write::{float_text, quote, to_pretty, to_string};

#[cfg(test)]
mod tests;
