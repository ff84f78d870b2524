//! IR text in, outcome out.

mod control;
mod robustness;
mod rows;
mod suspension;
mod trace;
mod world;
