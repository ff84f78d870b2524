//! Tests of the state. `fixture` has a schema of every kind of field.

mod fixture;
mod transactions;
