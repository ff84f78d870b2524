//! What frames of the editor cost: `cargo run --release -p statewright-editor --example frames`.
//!
//! CPU time of one frame at 1920×1080 (everything that is drawn, laid out and cut into triangles; not the graphics card), mean of
//! many; what opening a document, its scene, and a checked edit cost. The figures are in docs/performance.md.

use std::time::{Duration, Instant};

use egui::{Context, Pos2, RawInput, Rect, vec2};
use statewright_editor::canvas::Here;
use statewright_editor::canvas::camera::Camera;
use statewright_editor::todo::Todo;
use statewright_editor::{Editor, Host};
use statewright_editor_core::command::Command;
use statewright_editor_core::open::Open;
use statewright_editor_core::scene::{Placements, Scene, Sight};
use statewright_graph::document::SourceDocument;
use statewright_types::Value;

const SCHEMA: &str = "package game\n\n@id(1)\ntype Game {\n    Score int64\n    Name string\n}\n";

/// A document of `count` nodes in a grid, each reading the one before, all in the flow.
fn large(count: usize) -> String {
    let mut nodes = Vec::new();
    let mut flow = vec![r#"{"from": "start", "to": "n0"}"#.to_owned()];
    for index in 0..count {
        let (x, y) = ((index % 100) * 300, (index / 100) * 220);
        let value = if index == 0 { "1".to_owned() } else { format!("\"node:n{}:value\"", index - 1) };
        nodes.push(format!(
            r#"{{"id": "n{index}", "type": "SetVariable", "inputs": {{"name": "v", "value": {value}}}, "_position": {{"x": {x}, "y": {y}}}}}"#
        ));
        if index > 0 {
            flow.push(format!(r#"{{"from": "n{}", "to": "n{index}"}}"#, index - 1));
        }
    }
    format!(
        "{{\"stateType\": \"Game\", \"handlers\": [{{\"name\": \"H\", \"event\": \"E\", \"nodes\": [\n{}\n], \"flow\": [\n{}\n]}}]}}\n",
        nodes.join(",\n"),
        flow.join(",\n")
    )
}

/// How many frames are measured: their mean, as the system counts what a thread computes in steps of milliseconds.
const FRAMES: f64 = 200.0;

fn input(at: f64) -> RawInput {
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(1920.0, 1080.0));
    RawInput { screen_rect: Some(screen), time: Some(at), ..RawInput::default() }
}

/// What this thread has computed so far: other programs and waiting do not count. Where the system does not tell, the clock.
fn computed(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let first = told.as_deref().and_then(|text| text.split(' ').next()).and_then(|number| number.parse().ok());
    first.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// What something costs on this thread.
fn cost<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let since = Instant::now();
    let before = computed(since);
    let made = work();
    (computed(since).saturating_sub(before), made)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

fn frame(ctx: &Context, editor: &mut Editor, at: f64) -> (Duration, Duration) {
    let (took, mut output) = cost(|| {
        let mut output = ctx.run_ui(input(at), |ui| editor.ui(ui));
        let shapes = std::mem::take(&mut output.shapes);
        std::hint::black_box(ctx.tessellate(shapes, output.pixels_per_point));
        output
    });
    // There is no graphics card to take them.
    output.textures_delta.clear();
    let next = output.viewport_output.values().map(|output| output.repaint_delay).min().unwrap_or(Duration::MAX);
    (took, next)
}

fn editor_of(text: &str) -> (Context, Editor) {
    let ctx = Context::default();
    let mut editor = Editor::new(Host::without_traces(), &ctx);
    let source = SourceDocument::parse(text).expect("the document of this bench is one");
    let id = editor.add(Open::new(source));
    if let Some(document) = editor.documents.get_mut(&id) {
        document.set_schema(SCHEMA);
    }
    editor.work();
    let host = editor.host.clone();
    editor.documents.values_mut().for_each(|document| document.check_now(&host));
    (ctx, editor)
}

/// Median of frames while the view moves a little, with a zoom at which so many cards are seen.
fn moving(count: usize, zoom: f64, name: &str) {
    let (ctx, mut editor) = editor_of(&large(count));
    let mut at = 0.0;
    for _ in 0..4 {
        frame(&ctx, &mut editor, at);
        at += 0.016;
    }
    let mut all = Duration::ZERO;
    let mut cards = 0;
    for index in 0..FRAMES as i32 {
        let Some(mut here) = Here::of(&mut editor) else { return };
        let middle = here.scene.bounds().map(|bounds| bounds.centre()).unwrap_or_default();
        here.camera = Camera { centre: (middle.0 + f64::from(index) * 3.0, middle.1), zoom };
        here.look(&mut editor);
        let (took, _) = frame(&ctx, &mut editor, at);
        at += 0.016;
        all += took;
        cards = here.scene.in_view(&here.camera.seen(here.view)).cards.len();
    }
    println!("{name:<46} {:>8.2} ms   ({cards} cards in view)", all.as_secs_f64() * 1000.0 / FRAMES);
}

fn idle() {
    let (ctx, mut editor) = editor_of(&large(1_000));
    let mut at = 0.0;
    let mut frames = 0;
    loop {
        let (_, next) = frame(&ctx, &mut editor, at);
        at += 0.016;
        frames += 1;
        if next > Duration::from_secs(3600) || frames > 200 {
            break;
        }
    }
    if frames > 200 {
        println!("{:?}", ctx.repaint_causes());
    }
    println!("{:<46} {frames:>8} frames, then none", "until nothing is drawn any more");
}

fn opening() {
    let text = large(10_000);
    let times = (0..9).map(|_| {
        let (took, made) = cost(|| {
            let source = SourceDocument::parse(&text).expect("the document of this bench is one");
            let ctx = Context::default();
            let mut editor = Editor::new(Host::without_traces(), &ctx);
            editor.add(Open::new(source));
            editor.work();
            frame(&ctx, &mut editor, 0.0);
            (ctx, editor)
        });
        drop(made);
        took
    });
    println!("{:<46} {:>8.2} ms", "opening 10,000 nodes, to the first frame", median(times.collect()));
    let source = SourceDocument::parse(&text).expect("the document of this bench is one");
    let context = statewright_editor_core::command::Context::default();
    let graph =
        statewright_graph::document::GraphAt { kind: statewright_graph::document::GraphKind::Handler, index: 0 };
    let sight = Sight { context: &context, findings: None };
    let (took, ()) = cost(|| {
        for _ in 0..20 {
            std::hint::black_box(Scene::new(&source, graph, sight, &mut Placements::default()));
        }
    });
    println!("{:<46} {:>8.2} ms", "the scene of 10,000 nodes", took.as_secs_f64() * 1000.0 / 20.0);
}

fn editing(count: usize) {
    let (_, mut editor) = editor_of(&large(count));
    let host = editor.host.clone();
    let mut times = Vec::new();
    for index in 0..25i64 {
        let Some((_, graph)) = editor.active() else { return };
        let value = Some(Value::Int(index));
        let command = Command::SetInput { graph, nodes: vec!["n0".into()], port: "value".to_owned(), value };
        let began = Instant::now();
        editor.push(Todo::Run(command, None));
        editor.work();
        editor.documents.values_mut().for_each(|document| document.check_now(&host));
        std::hint::black_box(Here::of(&mut editor));
        times.push(began.elapsed());
    }
    println!("{:<46} {:>8.2} ms", format!("an edit checked and shown, {count} nodes"), median(times));
}

fn main() {
    moving(10_000, 0.62, "a frame, 10,000 nodes, about 80 in view");
    moving(1_000, 0.13, "a frame, 1,000 nodes, all in view");
    moving(1_000, 0.25, "a frame, 1,000 nodes, with titles and pins");
    moving(10_000, 0.05, "a frame, 10,000 nodes, from afar");
    idle();
    opening();
    editing(1_000);
    editing(10_000);
}
