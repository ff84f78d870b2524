//! The workloads as Rust, made by `build.rs`.

statewright::include_graph!("arena");
statewright::include_graph!("host");
