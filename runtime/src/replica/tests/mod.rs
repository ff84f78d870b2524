//! Tests of replicas, against a writer made from docs/protocol.md alone.

mod conversation;
mod damage;
mod limits;
mod looking;
mod scribe;
mod steps;
mod walks;
