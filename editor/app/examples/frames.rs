//! What frames of the editor cost: `cargo run --release -p statewright-editor --example frames [-- [--check] [NAME…]]`.
//!
//! Each figure stands beside its limit; with `--check` it fails where one is missed. Names choose what is measured: `moving`,
//! `idle`, `opening`, `editing`. CPU time of one frame at 1920×1080 (everything that is drawn, laid out and cut into triangles; not the graphics card), mean of
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
        let columns = count.isqrt();
        let (x, y) = ((index % columns) * 300, (index / columns) * 220);
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

/// What was measured so far.
struct Figures {
    is_met: bool,
}

impl Figures {
    fn time(&mut self, name: &str, ms: f64, limit: f64, more: &str) {
        let is_met = ms <= limit;
        self.is_met &= is_met;
        let limit = if limit.is_finite() { format!("{limit:>5} ms") } else { " ".repeat(8) };
        println!("{name:<48} {ms:>8.2} ms {limit} {} {more}", if is_met { " " } else { "MISSED" });
    }
}

/// No limit.
const FREE: f64 = f64::INFINITY;

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

/// Mean milliseconds of frames while the view moves a little, and how many cards are seen at this zoom.
fn moving(count: usize, zoom: f64) -> (f64, usize) {
    let (ctx, mut editor) = editor_of(&large(count));
    let mut at = 0.0;
    for _ in 0..4 {
        frame(&ctx, &mut editor, at);
        at += 0.016;
    }
    let mut all = Duration::ZERO;
    let mut cards = 0;
    for index in 0..FRAMES as i32 {
        let Some(mut here) = Here::of(&mut editor) else { return (f64::NAN, 0) };
        let middle = here.scene.bounds().map(|bounds| bounds.centre()).unwrap_or_default();
        here.camera = Camera { centre: (middle.0 + f64::from(index) * 3.0, middle.1), zoom };
        here.look(&mut editor);
        let (took, _) = frame(&ctx, &mut editor, at);
        at += 0.016;
        all += took;
        cards = here.scene.in_view(&here.camera.seen(here.view)).cards.len();
    }
    (all.as_secs_f64() * 1000.0 / FRAMES, cards)
}

fn tell_moving(figures: &mut Figures, count: usize, zoom: f64, name: &str, limit: f64) {
    let (took, cards) = moving(count, zoom);
    figures.time(name, took, limit, &format!("{cards} cards in view"));
}

fn idle(figures: &mut Figures) {
    let (ctx, mut editor) = editor_of(&large(1_000));
    let mut at = 0.0;
    let mut frames = 0;
    loop {
        let (_, next) = frame(&ctx, &mut editor, at);
        at += 0.016;
        frames += 1;
        if next > Duration::from_secs(1) || frames > 200 {
            break;
        }
    }
    if frames > 200 {
        println!("{:?}", ctx.repaint_causes());
    }
    let is_met = frames <= 200;
    figures.is_met &= is_met;
    println!("{:<48} {frames:>8} frames, then none", "until nothing is drawn any more");
}

fn opening(figures: &mut Figures) {
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
    figures.time("opening 10,000 nodes, to the first frame", median(times.collect()), 500.0, "");
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
    figures.time("the scene of 10,000 nodes", took.as_secs_f64() * 1000.0 / 20.0, FREE, "");
}

/// An edit until its problems are known, by the clock; and what of it the thread of the window does.
fn editing(figures: &mut Figures, count: usize, limit: f64, limit_of_window: f64) {
    let (ctx, mut editor) = editor_of(&large(count));
    let host = editor.host.clone();
    let (mut times, mut commands, mut frames, mut answers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut at = 0.0;
    frame(&ctx, &mut editor, at);
    for index in 0..25i64 {
        let Some((_, graph)) = editor.active() else { return };
        let value = Some(Value::Int(index));
        let command = Command::SetInput { graph, nodes: vec!["n0".into()], port: "value".to_owned(), value };
        let began = Instant::now();
        let (took, ()) = cost(|| {
            editor.push(Todo::Run(command, None));
            editor.work();
        });
        commands.push(took);
        at += 0.016;
        frames.push(frame(&ctx, &mut editor, at).0);
        // Waiting for the other thread costs nothing here; what it found is taken in and shown.
        let (took, ()) = cost(|| {
            editor.documents.values_mut().for_each(|document| document.check_now(&host));
            std::hint::black_box(Here::of(&mut editor));
        });
        times.push(began.elapsed());
        answers.push(took);
    }
    figures.time(&format!("an edit checked and shown, {count} nodes"), median(times), limit, "by the clock");
    let (command, frame, answer) = (median(commands), median(frames), median(answers));
    let more = format!("{command:.1} the command, {frame:.1} the frame; {answer:.1} taking in what was found");
    let name = format!("an edit on the window's thread, {count} nodes");
    figures.time(&name, command + frame, limit_of_window, &more);
}

fn main() -> std::process::ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // `--one COUNT ZOOM`: nothing but the milliseconds of a frame, for those who compare.
    if let [flag, count, zoom] = wanted.as_slice()
        && flag == "--one"
        && let (Ok(count), Ok(zoom)) = (count.parse(), zoom.parse())
    {
        println!("{:.3}", moving(count, zoom).0);
        return std::process::ExitCode::SUCCESS;
    }
    let checks = wanted.iter().any(|word| word == "--check");
    let is_all = wanted.iter().all(|word| word.starts_with("--"));
    let is_wanted = |name: &str| is_all || wanted.iter().any(|word| word == name);
    let mut figures = Figures { is_met: true };
    if is_wanted("moving") {
        tell_moving(&mut figures, 10_000, 0.47, "a frame, 10,000 nodes, 80 in view", 4.0);
        tell_moving(&mut figures, 1_000, 0.125, "a frame, 1,000 nodes, all in view", 12.0);
        tell_moving(&mut figures, 1_000, 0.25, "a frame, 1,000 nodes, with titles and pins", FREE);
        tell_moving(&mut figures, 10_000, 0.05, "a frame, 10,000 nodes, from afar", FREE);
    }
    if is_wanted("idle") {
        idle(&mut figures);
    }
    if is_wanted("opening") {
        opening(&mut figures);
    }
    if is_wanted("editing") {
        editing(&mut figures, 1_000, 50.0, 16.0);
        editing(&mut figures, 10_000, FREE, 50.0);
    }
    if checks && !figures.is_met { std::process::ExitCode::FAILURE } else { std::process::ExitCode::SUCCESS }
}
