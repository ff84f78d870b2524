//! Properties of drawings of any graph.

use super::super::layout::{Layout, layout};
use super::super::model::*;
use super::super::structure::Vertex;
use super::super::style::{Style, Theme};
use super::super::svg;
use super::{assert_well_formed, boxes, flow, node, random, random_structured};

fn styles() -> [Style; 3] {
    [
        Style::default(),
        Style { max_width: 0.0, max_span: 50, ..Style::default() },
        Style { max_width: 300.0, max_span: 1, theme: Theme::Dark, ..Style::default() },
    ]
}

fn assert_no_overlap(layout: &Layout, about: &str) {
    let mut boxes = boxes(layout);
    boxes.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (index, a) in boxes.iter().enumerate() {
        assert!(a.0 >= 0.0 && a.1 >= 0.0 && a.2 <= layout.width && a.3 <= layout.height, "{about}: {a:?} is outside");
        for b in boxes[index + 1..].iter().take_while(|b| b.0 < a.2) {
            assert!(b.1 >= a.3 || a.1 >= b.3, "{about}: {a:?} overlaps {b:?}");
        }
    }
}

/// Points along path data made of absolute M, H, L, C, Q.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(|letter: char| letter.is_ascii_uppercase()).map_or(rest.len(), |at| at + 1);
        let values: Vec<f64> = rest[1..end].split(' ').map(|value| value.parse().unwrap()).collect();
        let at = points.last().copied().unwrap_or_default();
        let controls: Vec<(f64, f64)> = match command {
            'H' => vec![(values[0], at.1)],
            'M' | 'L' | 'C' | 'Q' => values.chunks(2).map(|pair| (pair[0], pair[1])).collect(),
            other => panic!("unexpected {other} in {path}"),
        };
        let steps = if command == 'M' { 1 } else { 24 };
        for part in 1..=steps {
            let mut line: Vec<(f64, f64)> = std::iter::once(at).chain(controls.iter().copied()).collect();
            let t = f64::from(part) / f64::from(steps);
            while line.len() > 1 {
                let mix = |pair: &[(f64, f64)]| {
                    (pair[0].0 + (pair[1].0 - pair[0].0) * t, pair[0].1 + (pair[1].1 - pair[0].1) * t)
                };
                line = line.windows(2).map(mix).collect();
            }
            points.push(line[0]);
        }
        rest = &rest[end..];
    }
    points
}

fn assert_wires_avoid_cards(layout: &Layout, about: &str) {
    let boxes = boxes(layout);
    for wire in layout.flow.iter().chain(&layout.data) {
        for (x, y) in points(&wire.path) {
            let inside = boxes.iter().find(|at| x > at.0 + 1.0 && x < at.2 - 1.0 && y > at.1 + 1.0 && y < at.3 - 1.0);
            assert!(inside.is_none(), "{about}: {} passes ({x}, {y}) in {inside:?}", wire.path);
        }
    }
}

#[test]
fn cards_never_overlap_and_wires_pass_none() {
    for seed in 0..60 {
        for size in [1, 5, 14, 40] {
            for (index, style) in styles().iter().enumerate() {
                for picture in [random(seed, size), random_structured(seed, size)] {
                    let about = format!("{} of {size} in style {index}", picture.name);
                    let layout = layout(&picture, style);
                    assert_no_overlap(&layout, &about);
                    assert_wires_avoid_cards(&layout, &about);
                }
            }
        }
    }
}

#[test]
fn authors_positions_are_kept_but_for_overlaps() {
    let style = Style { use_positions: true, ..Style::default() };
    for seed in 0..100 {
        assert_no_overlap(&layout(&random(seed, 30), &style), &format!("seed {seed}"));
    }
    let mut picture = random_structured(1, 3);
    for (node, x) in picture.nodes.iter_mut().zip([0.0, 700.0, 300.0, 1000.0]) {
        node.position = Some((x, 10.0));
    }
    let layout = layout(&picture, &style);
    let lefts: Vec<f64> = [1, 2, 3].map(|vertex| layout.place[vertex].0 - layout.place[1].0).to_vec();
    assert_eq!(lefts, [0.0, 700.0, 300.0]);
    picture.nodes[0].position = None;
    assert_eq!(svg(&picture, &style), svg(&picture, &Style::default()), "one is missing: automatic");
}

/// The number of steps of work is bounded, whatever the graph: these sizes are quick or the test run is not.
#[test]
fn large_graphs_are_laid_out() {
    for picture in [random(3, 1000), random_structured(3, 1000)] {
        for style in styles() {
            let layout = layout(&picture, &style);
            assert_no_overlap(&layout, &picture.name);
            assert_eq!(
                layout.structure.vertices.iter().filter(|what| matches!(what, Vertex::Node(_))).count(),
                picture.nodes.len()
            );
        }
    }
}

#[test]
fn long_chains_need_no_stack() {
    let mut picture = GraphPicture { name: "chain".to_owned(), ..GraphPicture::default() };
    for index in 0..20_000 {
        picture.nodes.push(node(&format!("n{index}"), "Add", true));
        let from = if index == 0 { FlowFrom::Start } else { FlowFrom::Node(index - 1) };
        picture.flow.push(flow(from, FlowTo::Node(index), ""));
    }
    let layout = layout(&picture, &Style { max_width: 0.0, ..Style::default() });
    assert_no_overlap(&layout, "chain");
}

#[test]
fn the_same_picture_gives_the_same_text() {
    for seed in 0..20 {
        let picture = random(seed, 25);
        assert_eq!(svg(&picture, &Style::default()), svg(&picture.clone(), &Style::default()));
    }
}

#[test]
fn drawings_are_well_formed() {
    for seed in 0..60 {
        assert_well_formed(&svg(&random(seed, 20), &Style::default()));
    }
    assert_well_formed(&svg(&GraphPicture::default(), &Style::default()));
}
