//! `cargo run --release --manifest-path benches/peers/Cargo.toml -p peer-canvas`: what a frame of other node editors costs,
//! beside ours, on the same graphs.
//!
//! Each node has a flow input and output, a value that it reads of the node before, an unconnected number that can be
//! edited, and stands in a grid of 300 by 220. A frame is laid out and cut into triangles at 1920×1080, on a thread of which the
//! system tells how long it computed. The view moves in each frame. Ours is measured by the example `frames` of the editor.

mod graph_edit;
mod snarl;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Nodes, scale of the view, and what is measured.
const SIGHTS: [(usize, f32, &str); 5] = [
    (100, 0.47, "100 nodes, 80 in view"),
    (400, 0.19, "400 nodes, all in view"),
    (1_000, 0.125, "1,000 nodes, all in view"),
    (1_000, 0.47, "1,000 nodes, 80 in view"),
    (10_000, 0.47, "10,000 nodes, 80 in view"),
];

const WIDTH: f32 = 1920.0;
const HEIGHT: f32 = 1080.0;

/// Where node number `index` of `count` stands.
fn place(index: usize, count: usize) -> (f32, f32) {
    let columns = count.isqrt();
    ((index % columns) as f32 * 300.0, (index / columns) as f32 * 220.0)
}

/// The middle of the view in frame number `frame`.
fn middle(count: usize, frame: usize) -> (f32, f32) {
    let side = count.isqrt() as f32;
    (side * 150.0 + frame as f32 * 3.0, side * 110.0)
}

/// What this thread has computed so far; where the system does not tell, the clock.
fn computed(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = told.as_deref().and_then(|text| text.split(' ').next()).and_then(|number| number.parse().ok());
    first.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Milliseconds of a frame: the mean of as many as fit into four seconds, at least three and at most 200.
fn mean(mut frame: impl FnMut(usize)) -> f64 {
    (0..3).for_each(&mut frame);
    let began = Instant::now();
    let before = computed(began);
    let mut frames = 0;
    while frames < 3 || frames < 200 && began.elapsed() < Duration::from_secs(4) {
        frame(3 + frames);
        frames += 1;
    }
    computed(began).saturating_sub(before).as_secs_f64() * 1000.0 / frames as f64
}

/// A frame of ours, by the editor's own example.
fn ours(count: usize, zoom: f32) -> Result<f64, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let output = Command::new("cargo")
        .args(["run", "--release", "--quiet", "--package", "statewright-editor", "--no-default-features"])
        .args(["--example", "frames", "--", "--one", &count.to_string(), &zoom.to_string()])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().parse().map_err(|_| format!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn main() -> ExitCode {
    println!("{:<28} {:>12} {:>12} {:>16}", "a frame, ms", "ours", "egui-snarl", "egui-graph-edit");
    let mut verdict = ExitCode::SUCCESS;
    for (count, zoom, name) in SIGHTS {
        let ours = ours(count, zoom).unwrap_or_else(|why| {
            eprintln!("ours cannot be measured: {why}");
            verdict = ExitCode::FAILURE;
            f64::NAN
        });
        let (snarl, graph_edit) = (snarl::frame(count, zoom), graph_edit::frame(count, zoom));
        println!("{name:<28} {ours:>12.2} {snarl:>12.2} {graph_edit:>16.2}");
    }
    verdict
}
