//! Tests: the pictures that they draw. `any` has what holds for any graph, `shape` the shape of a few.

use super::layout::Layout;
use super::model::*;

mod any;
mod shape;

/// Numbers from a seed (a linear congruential generator; its high bits).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

fn node(id: &str, type_name: &str, executing: bool) -> NodePicture {
    NodePicture {
        id: id.to_owned(),
        type_name: type_name.to_owned(),
        category: "math".to_owned(),
        executing,
        ..NodePicture::default()
    }
}

fn pin(name: &str, kind: PinKind) -> PinPicture {
    PinPicture { name: name.to_owned(), kind, ..PinPicture::default() }
}

fn flow(from: FlowFrom, to: FlowTo, label: &str) -> FlowWire {
    FlowWire { from, to, label: (!label.is_empty()).then(|| label.to_owned()), taken: None }
}

fn step(from: usize, to: usize, label: &str) -> FlowWire {
    flow(FlowFrom::Node(from), FlowTo::Node(to), label)
}

fn data(from: usize, port: &str, to: usize, input: &str) -> DataWire {
    let from = DataFrom::Node { node: from, port: port.to_owned() };
    DataWire { from, path: String::new(), to, port: input.to_owned(), kind: PinKind::Int, value: None }
}

/// Any graph at all: cycles, unreachable nodes, wires to nowhere, pins that are only named by wires, a trace.
fn random(seed: u64, size: usize) -> GraphPicture {
    const LABELS: [&str; 8] = ["", "", "true", "false", "body", "done", "body", "case"];
    let mut numbers = Numbers(seed);
    let mut picture = GraphPicture { name: format!("graph {seed}"), ..GraphPicture::default() };
    let traced = numbers.below(2) == 0;
    picture.parameters = (0..numbers.below(4)).map(|index| (format!("p{index}"), "int32".to_owned())).collect();
    for index in 0..size {
        let mut each = node(&format!("n{index}"), "Add", numbers.below(3) > 0);
        each.outputs = (0..numbers.below(3)).map(|index| pin(&format!("o{index}"), PinKind::Int)).collect();
        for index in 0..numbers.below(5) {
            let literal = (numbers.below(3) == 0).then(|| "literal".repeat(numbers.below(6)));
            each.inputs.push(PinPicture { literal, ..pin(&format!("i{index}"), PinKind::ALL[numbers.below(9)].0) });
        }
        each.comment = (numbers.below(9) == 0).then(|| "a comment of several words ".repeat(numbers.below(5)));
        each.error = (traced && numbers.below(9) == 0).then(|| "an error ".repeat(numbers.below(30)));
        each.visited = traced.then(|| u32::try_from(numbers.below(3)).unwrap());
        each.position = Some((numbers.below(1500) as f64, numbers.below(900) as f64));
        picture.nodes.push(each);
    }
    picture.flow.push(flow(FlowFrom::Start, FlowTo::Node(0), ""));
    for _ in 0..size + numbers.below(size + 1) {
        let from = if numbers.below(20) == 0 { FlowFrom::Start } else { FlowFrom::Node(numbers.below(size + 1)) };
        let to = if numbers.below(8) == 0 { FlowTo::End } else { FlowTo::Node(numbers.below(size + 1)) };
        let taken = traced.then(|| u32::try_from(numbers.below(4)).unwrap());
        picture.flow.push(FlowWire { taken, ..flow(from, to, LABELS[numbers.below(8)]) });
    }
    for _ in 0..numbers.below(3 * size) {
        let (from, port) = (numbers.below(size + 1), format!("o{}", numbers.below(4)));
        let mut wire = data(from, &port, numbers.below(size + 1), &format!("i{}", numbers.below(6)));
        if numbers.below(4) == 0 {
            wire.from = DataFrom::Parameter(numbers.below(4));
        }
        wire.value = traced.then(|| "12345678901234567890".repeat(numbers.below(3)));
        picture.data.push(wire);
    }
    picture
}

/// A structured graph: a chain with branches and loops that would pass a checker.
fn random_structured(seed: u64, size: usize) -> GraphPicture {
    let mut numbers = Numbers(seed);
    let mut picture = GraphPicture { name: format!("program {seed}"), ..GraphPicture::default() };
    let mut open = vec![(FlowFrom::Start, "")];
    for index in 0..size {
        let (from, label) = open.swap_remove(numbers.below(open.len()));
        picture.nodes.push(NodePicture {
            outputs: vec![pin("result", PinKind::Int)],
            ..node(&format!("n{index}"), "Add", true)
        });
        picture.flow.push(flow(from, FlowTo::Node(index), label));
        match numbers.below(6) {
            0 => open.extend([(FlowFrom::Node(index), "true"), (FlowFrom::Node(index), "false")]),
            1 => open.extend([(FlowFrom::Node(index), "body"), (FlowFrom::Node(index), "done")]),
            _ => open.push((FlowFrom::Node(index), "")),
        }
        if index > 2 {
            picture.data.push(data(numbers.below(index), "result", index, "a"));
        }
    }
    for reader in 0..size / 2 {
        let pure = picture.nodes.len();
        picture.nodes.push(NodePicture {
            outputs: vec![pin("result", PinKind::Int)],
            ..node(&format!("p{pure}"), "Max", false)
        });
        picture.data.push(data(pure, "result", reader, "b"));
        picture.data.push(data(numbers.below(reader + 1), "result", pure, "a"));
    }
    picture
}

/// Cards as (left, top, right, bottom).
fn boxes(layout: &Layout) -> Vec<(f64, f64, f64, f64)> {
    layout.place.iter().zip(&layout.cards).map(|(&(x, y), card)| (x, y, x + card.width, y + card.height)).collect()
}

/// Tags nest and close, attributes are quoted; enough to see broken markup.
fn assert_well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(begin) = rest.find('<') {
        assert!(!rest[..begin].contains('>'), "stray > before {}", &rest[begin..][..40.min(rest.len() - begin)]);
        let end = begin + rest[begin..].find('>').expect("tag is closed");
        let tag = &rest[begin + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in {tag}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "closing {tag}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "left open: {open:?}");
}
