//! Makes Rust of the workloads, to be measured as emitted Rust.

use std::sync::Arc;

use statewright_types::host::HostDeclarations;

#[path = "src/mix.rs"]
mod mix;

fn main() {
    let mut nodes = HostDeclarations::default();
    if let Err(error) = nodes.add(mix::node()) {
        println!("cargo::error={}", error.message);
    }
    println!("cargo::rerun-if-changed=src/mix.rs");
    let nodes = Arc::new(nodes);
    for document in ["workloads/arena.json", "workloads/host.json"] {
        let graph = statewright_build::graph(document).runtime("::statewright_runtime::emitted");
        graph.host_nodes(nodes.clone()).build();
    }
}
