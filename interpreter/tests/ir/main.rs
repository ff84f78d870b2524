//! IR text in, outcome out.

mod control;
mod joined;
mod robustness;
mod rows;
mod suspension;
mod trace;
mod world;
