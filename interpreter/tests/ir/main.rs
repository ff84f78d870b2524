//! IR text in, outcome out.

mod control;
mod joined;
mod lanes;
mod passes;
mod robustness;
mod rows;
mod suspension;
mod trace;
mod world;
