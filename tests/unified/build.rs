//! Makes Cargo count the build dependency.

fn main() {}
