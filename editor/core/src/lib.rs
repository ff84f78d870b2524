//! The editor without its window.
//!
//! Invariant: nothing here draws or knows a window; files are read and written through `harness::files::Files` only.

pub mod patch;
