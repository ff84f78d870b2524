//! harness

pub mod draw;
