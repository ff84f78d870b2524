//! Makes a Rust module of the graph.

fn main() {
    statewright_build::graph("graphs/race.json").build();
}
