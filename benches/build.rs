//! Builds the workloads in, as Rust.

use std::sync::Arc;

use statewright_types::host::HostDeclarations;

#[path = "src/declared.rs"]
mod declared;

fn main() {
    let mut nodes = HostDeclarations::default();
    if let Err(diagnostic) = nodes.add(declared::mix()) {
        println!("cargo::error={diagnostic}");
    }
    statewright_build::graph("workloads/arena.json").build();
    statewright_build::graph("workloads/host.json").host_nodes(Arc::new(nodes)).build();
}
