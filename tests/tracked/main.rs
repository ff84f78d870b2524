//! `#[derive(Tracked)]`, from the facade: the schema that structs make, accessors of the state, conversion, and what viewers see.

mod access;
mod alone;
mod conversion;
mod game;
mod printed;
mod printing;
mod schema;
mod seeing;
