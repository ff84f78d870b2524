//! Where tracked state lives: tables of records, buffers of slots, leaves (strings, bytes, boxes).
//!
//! Nothing here knows schemas, transactions or change sets; `state` builds those on top. What the layers above
//! rely on:
//!
//! - A table's rows are contiguous, 8-aligned and `stride` bytes apart, fields at the offsets of the type's
//!   `RecordLayout`, little-endian within each 64-bit word: on a little-endian machine exactly the memory that
//!   compiled code may load from and store to.
//! - No method panics on any row, offset or number: what does not exist reads as 0 (or empty) and writes nowhere.
//! - A buffer is shared by any number of holders and copied when a holder of a shared one writes.
//!
//! This is the one module of the crate where `unsafe` may stand; so far it needs none, because a naturally aligned
//! field never straddles a word. Should that change, run
//! `RUSTFLAGS=-Zsanitizer=address cargo +nightly test -p statewright-runtime --target x86_64-unknown-linux-gnu
//! --target-dir target/asan`.

mod buffers;
mod chunks;
mod dense;
mod filled;
mod leaves;
mod table;

pub use buffers::{BufferId, Buffers, Slots};
pub use dense::DenseRows;
pub use filled::{Filled, FilledView};
pub use leaves::{LeafData, Leaves};
pub use table::{
    CANONICAL_NAN, FieldPlace, First, Overwritten, Owner, Row, RowMut, Rows, RowsMut, Table, TableView, decode, encode,
    reference, row_of, row_words,
};
