//! What Rust source emitted from a document is written with: a running activation ([`Run`]), fuel ([`Fuel`]), how a function
//! ends early ([`Flow`]), checked arithmetic, constants, and a [`Program`] made of functions ([`Emitted`]).
//!
//! Emitted functions take values as Rust's numbers and bools, everything else as a [`Slot`]. What may stop an activation
//! takes the id of the node that it is done for, "" for none, and gives a [`Flow`]. Nothing here is meant to be written by hand.

mod attempt;
mod exit;
mod numbers;
mod passes;
mod program;
mod records;
mod run;
mod session;
mod texts;

pub use attempt::{Checks, Exact, Tried};
pub use exit::{Exit, Flow, Frame, apart, stop, stop_with, trap_if, wait, wait_for_event};
pub use numbers::*;
pub use passes::{Element, ListElement, Passes, RowElement, Structs, Values};
pub use program::{Document, Emitted, Entry, Function, Resume, Tables, argument, unfit};
pub use run::{Bits, Fuel, Run, Slot};
pub use session::To;

pub use std::cmp::Ordering;
pub use std::sync::{Arc, LazyLock};

pub use crate::attempt;
pub use crate::host::HostNodes;
pub use crate::program::{
    EffectInfo, FilterFootprint, FilterInfo, Footprint, HandlerInfo, Permissions, Program, ViewInfo,
};
pub use crate::state::FieldPlace;
pub use statewright_types::layout::Repr;
pub use statewright_types::schema::Schema;
pub use statewright_types::{IntKind, RecordType, StructId, TrapCode, Type};
