//! The text of emitted Rust.
