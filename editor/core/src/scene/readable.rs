//! Whether graphs that are arranged automatically can be read: of every sample.

use std::path::Path;

use expect_test::expect_file;
use statewright_graph::document::{GraphKind, SourceDocument};
use statewright_harness::project::schema;

use super::*;
use crate::checker::{Request, check};
use crate::command::columns::BETWEEN;

/// Every graph of a document, arranged automatically.
fn scenes(path: &Path) -> Vec<(String, Scene)> {
    let text = std::fs::read_to_string(path).unwrap();
    let source = SourceDocument::parse(&text).unwrap();
    let named = source.document.schema_path.as_ref().map(|name| name.text.clone());
    let schema = std::fs::read_to_string(schema::find(path, named.as_deref(), None).unwrap()).unwrap();
    let request = Request { document: text.into(), schema: schema.into(), ..Request::default() };
    let context = check(&request).context();
    let sight = Sight { context: &context, findings: None };
    let mut scenes = Vec::new();
    for kind in GraphKind::ALL {
        for (index, graph) in source.document.of_kind(kind).iter().enumerate() {
            let scene = Scene::new(&source, GraphAt { kind, index }, sight, &mut Placements::default()).unwrap();
            scenes.push((graph.name.text.to_string(), scene));
        }
    }
    scenes
}

/// How many cards wires pass behind that are neither end of them.
fn behind(scene: &Scene) -> usize {
    let is_end = |wire: &SceneWire, card: &Card| wire.wire.from.node == card.id || wire.wire.to.node == card.id;
    let passes = |wire: &SceneWire, card: &Card| !is_end(wire, card) && wire.route.meets(&card.rect.grown(-1.0));
    scene.wires.iter().map(|wire| scene.cards.iter().filter(|card| passes(wire, card)).count()).sum()
}

/// How often wires that have no end in common cross.
fn crossings(scene: &Scene) -> usize {
    let lines: Vec<(&SceneWire, Vec<Point>)> = scene.wires.iter().map(|wire| (wire, wire.route.line())).collect();
    let side = |a: Point, b: Point, c: Point| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
    let cross = |a: &[Point], b: &[Point]| match (a, b) {
        ([a, b], [c, d]) => side(*a, *b, *c) * side(*a, *b, *d) < 0.0 && side(*c, *d, *a) * side(*c, *d, *b) < 0.0,
        _ => false,
    };
    let mut count = 0;
    for (index, (wire, line)) in lines.iter().enumerate() {
        for (other, other_line) in lines.iter().skip(index + 1) {
            if wire.wire.from != other.wire.from && wire.wire.to != other.wire.to {
                count += line
                    .windows(2)
                    .flat_map(|a| other_line.windows(2).map(move |b| (a, b)))
                    .filter(|(a, b)| cross(a, b))
                    .count();
            }
        }
    }
    count
}

/// No column is wider than its widest card and the room behind it, and none is empty.
fn is_compact(scene: &Scene) -> bool {
    let mut spans: Vec<(f64, f64)> = scene.cards.iter().map(|card| (card.rect.x, card.rect.right())).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut right = spans.first().map_or(0.0, |span| span.0);
    spans.iter().all(|span| {
        let is_near = span.0 - right <= BETWEEN.0 + 1.0;
        right = right.max(span.1);
        is_near
    })
}

#[test]
fn samples_arranged_automatically_can_be_read() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let mut told = String::new();
    let mut all_behind = 0;
    for name in ["card_game", "chase", "chests", "cooldown", "host_nodes", "tactics", "trading"] {
        for (graph, scene) in scenes(&samples.join(name).join(format!("{name}.json"))) {
            let bounds = scene.bounds().unwrap_or(Rect::new(0.0, 0.0, 0.0, 0.0));
            let (width, height, behind) = (bounds.width, bounds.height, behind(&scene));
            let (cards, wires, crossings) = (scene.cards.len(), scene.wires.len(), crossings(&scene));
            told += &format!(
                "{name} {graph}: {cards} cards, {wires} wires, {width:.0} x {height:.0}, {crossings} crossings, {behind} behind cards\n"
            );
            // Room that no card needs is lost.
            assert!(is_compact(&scene), "{name} {graph} has empty columns");
            all_behind += behind;
        }
    }
    expect_file!["readable.txt"].assert_eq(&told);
    assert_eq!(all_behind, 0, "wires pass behind cards that are neither end of them");
}
