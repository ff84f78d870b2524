//! Tests of the state. `fixture` has a schema of every kind of field.

mod audit;
mod editing;
pub(super) mod fixture;
mod keys;
mod loading;
mod merging;
mod model;
mod overlay;
mod roots;
mod semantics;
mod shown;
mod transactions;
