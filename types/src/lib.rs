//! What every other crate speaks of: types and values, schemas and their layout, scalar operations,
//! random streams, traps, limits, diagnostics.
//!
//! Invariant: no I/O, no clock, no entropy, no knowledge of graphs.

mod blocks;
pub mod config;
pub mod diagnostic;
pub mod handler;
pub mod hashing;
pub mod host;
pub mod interner;
pub mod json;
pub mod layout;
pub mod limits;
pub mod name;
pub mod number;
pub mod planted;
pub mod random;
pub mod repair;
pub mod scalar;
pub mod schema;
pub mod suggest;
pub mod text;
pub mod trap;
pub mod ty;
pub mod value;

pub use config::Config;
pub use diagnostic::{Diagnostic, Place, Severity, Span};
pub use limits::Limits;
pub use repair::{Help, Repair};
pub use schema::{Schema, StructId};
pub use trap::TrapCode;
pub use ty::{IntKind, RecordType, Type};
pub use value::Value;
