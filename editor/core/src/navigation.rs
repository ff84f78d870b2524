//! Moving about a graph by keyboard: between nodes, between the pins of one, and along wires.

use std::sync::Arc;

use crate::paths::Fit;
use crate::scene::{Card, Scene, SceneWire};
use crate::wires::{PinId, Wire};

/// Where the keyboard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Focus {
    /// On a node, or the start.
    Node(Arc<str>),
    /// On a pin.
    Pin(PinId),
    /// On a wire.
    Wire(Wire),
}

/// A way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Way {
    Left,
    Right,
    Up,
    Down,
    /// From a node to its first pin, from a pin along its wire, from a wire to where it ends.
    In,
    /// From a pin to its node, from a wire to where it begins.
    Out,
    /// The next node in reading order: by the flow's columns and rows.
    Next,
    Previous,
}

/// Where a step leads; the same place if there is nothing that way.
pub fn step(scene: &Scene, focus: &Focus, way: Way) -> Focus {
    let moved = match focus {
        Focus::Node(id) => from_node(scene, id, way),
        Focus::Pin(pin) => from_pin(scene, pin, way),
        Focus::Wire(wire) => from_wire(scene, wire, way),
    };
    moved.unwrap_or_else(|| focus.clone())
}

/// Where the keyboard begins: at the start.
pub fn first(scene: &Scene) -> Option<Focus> {
    scene.cards.first().map(|card| Focus::Node(card.id.clone()))
}

fn from_node(scene: &Scene, id: &str, way: Way) -> Option<Focus> {
    let card = scene.card(id)?;
    match way {
        Way::In => card.pins.first().map(|pin| Focus::Pin(pin.id.clone())),
        Way::Out => None,
        Way::Next | Way::Previous => {
            let mut order: Vec<&Card> = scene.cards.iter().collect();
            order.sort_by(|a, b| {
                (a.rect.x, a.rect.y).partial_cmp(&(b.rect.x, b.rect.y)).unwrap_or(std::cmp::Ordering::Equal)
            });
            let at = order.iter().position(|card| *card.id == *id)?;
            let count = order.len();
            let to = if way == Way::Next { at + 1 } else { at + count - 1 } % count.max(1);
            order.get(to).map(|card| Focus::Node(card.id.clone()))
        }
        Way::Left | Way::Right | Way::Up | Way::Down => {
            beside(scene, card, way).map(|card| Focus::Node(card.id.clone()))
        }
    }
}

/// The nearest card in a direction, what lies straight ahead before what lies aside.
fn beside<'a>(scene: &'a Scene, card: &Card, way: Way) -> Option<&'a Card> {
    let (x, y) = card.rect.centre();
    let ahead = |other: &Card| {
        let (dx, dy) = (other.rect.centre().0 - x, other.rect.centre().1 - y);
        let (along, aside) = match way {
            Way::Left => (-dx, dy),
            Way::Right => (dx, dy),
            Way::Up => (-dy, dx),
            _ => (dy, dx),
        };
        (along > 1.0).then(|| along + 2.0 * aside.abs())
    };
    let others = scene.cards.iter().filter(|other| other.id != card.id);
    let distances = others.filter_map(|other| Some((ahead(other)?, other)));
    distances.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, other)| other)
}

fn from_pin(scene: &Scene, pin: &PinId, way: Way) -> Option<Focus> {
    let card = scene.card(&pin.node)?;
    let at = card.pins.iter().position(|other| other.id == *pin)?;
    let same_side = |other: &PinId| other.is_source() == pin.is_source();
    let focus = |id: &PinId| Focus::Pin(id.clone());
    match way {
        Way::Out => Some(Focus::Node(pin.node.clone())),
        Way::Up | Way::Previous => {
            let before = card.pins.get(..at)?.iter().rev();
            before.map(|other| &other.id).find(|id| same_side(id)).map(focus)
        }
        Way::Down | Way::Next => {
            card.pins.get(at + 1..)?.iter().map(|other| &other.id).find(|id| same_side(id)).map(focus)
        }
        // To the other side of the card, at about the same height; from there along the wire.
        Way::Left | Way::Right if pin.is_source() == (way == Way::Left) => {
            let y = card.pins.get(at)?.y;
            let others = card.pins.iter().filter(|other| !same_side(&other.id));
            others.min_by(|a, b| (a.y - y).abs().total_cmp(&(b.y - y).abs())).map(|other| focus(&other.id))
        }
        Way::Left | Way::Right | Way::In => along(scene, pin).next().map(|wire| Focus::Wire(wire.clone())),
    }
}

/// The wires at a pin, in the order of the scene.
fn along<'a>(scene: &'a Scene, pin: &'a PinId) -> impl Iterator<Item = &'a Wire> {
    scene.wires.iter().map(|wire| &wire.wire).filter(move |wire| wire.from == *pin || wire.to == *pin)
}

fn from_wire(scene: &Scene, wire: &Wire, way: Way) -> Option<Focus> {
    match way {
        Way::Left | Way::Out => Some(Focus::Pin(wire.from.clone())),
        Way::Right | Way::In => scene.card(&wire.to.node).map(|_| Focus::Pin(wire.to.clone())),
        // Other wires at the same pin.
        Way::Up | Way::Previous | Way::Down | Way::Next => {
            let all: Vec<&Wire> = along(scene, &wire.from).collect();
            let at = all.iter().position(|other| *other == wire)?;
            let back = matches!(way, Way::Up | Way::Previous);
            let to = if back { at.checked_sub(1)? } else { at + 1 };
            all.get(to).map(|other| Focus::Wire((*other).clone()))
        }
    }
}

/// What a screen reader says of where the keyboard is.
pub fn spoken(scene: &Scene, focus: &Focus) -> String {
    match focus {
        Focus::Node(id) => match scene.card(id) {
            Some(card) if card.ty.is_empty() => format!("Start, {}", card.title),
            Some(card) => {
                let problems = match card.severity {
                    Some(statewright_types::Severity::Error) => ", has errors",
                    Some(statewright_types::Severity::Warning) => ", has warnings",
                    None => "",
                };
                format!("{}, {}{problems}", card.title, card.id)
            }
            None => "nothing".to_owned(),
        },
        Focus::Pin(id) => match scene.pin(id) {
            Some(pin) => {
                let side = match (id.is_flow(), id.is_source()) {
                    (true, true) => "exit",
                    (true, false) => "flow in",
                    (false, true) => "output",
                    (false, false) => "input",
                };
                let value = pin.field.as_ref().filter(|field| !field.text.is_empty());
                let value = value.map_or_else(String::new, |field| format!(", {}", field.text));
                let state = if pin.is_connected { ", connected" } else { "" };
                let lambda = if pin.is_lambda { ", for each element" } else { "" };
                format!("{side} {} {}{value}{state}{lambda}", pin.label, pin.ty)
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            None => "nothing".to_owned(),
        },
        Focus::Wire(wire) => match scene.wires.iter().find(|other| other.wire == *wire) {
            Some(found) => spoken_wire(found),
            None => "nothing".to_owned(),
        },
    }
}

/// What a screen reader says of a wire.
pub fn spoken_wire(found: &SceneWire) -> String {
    let wire = &found.wire;
    let kind = if wire.is_flow() { "Flow" } else { "Wire" };
    let fit = match found.fit {
        Fit::Same => "",
        Fit::Converted => ", converted",
        Fit::Broken => ", does not fit",
    };
    let ends = format!("{kind} from {} {} to {} {}", wire.from.node, wire.from.name, wire.to.node, wire.to.name);
    ends.split_whitespace().collect::<Vec<_>>().join(" ") + fit
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};

    use super::*;
    use crate::command::Context;
    use crate::scene::{Placements, Sight};
    use crate::wires::Side;

    #[test]
    fn every_pin_and_wire_is_reached_by_steps() {
        let text = r#"{"handlers": [{"name": "H", "event": "E", "nodes": [
            {"id": "a", "type": "If", "inputs": {"condition": "node:c:result"}, "_position": {"x": 0, "y": 0}},
            {"id": "b", "type": "Trace", "inputs": {"text": "x"}, "_position": {"x": 400, "y": 0}},
            {"id": "c", "type": "IsNull", "inputs": {}, "_position": {"x": 0, "y": 300}}],
            "flow": [{"from": "start", "to": "a"}, {"from": "a", "to": "b", "label": "true"}]}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let context = Context::default();
        let at = GraphAt { kind: GraphKind::Handler, index: 0 };
        let sight = Sight { context: &context, findings: None };
        let scene = Scene::new(&source, at, sight, &mut Placements::default()).unwrap();
        let node = |id: &str| Focus::Node(id.into());
        assert_eq!(step(&scene, &node("a"), Way::Right), node("b"));
        assert_eq!(step(&scene, &node("a"), Way::Down), node("c"));
        assert_eq!(step(&scene, &node("b"), Way::Right), node("b"));
        assert_eq!(step(&scene, &node("a"), Way::Left), first(&scene).unwrap());
        let pin = Focus::Pin(PinId::new("a", Side::FlowOut, "true"));
        let wire = step(&scene, &pin, Way::Right);
        assert_eq!(spoken(&scene, &wire), "Flow from a true to b");
        assert_eq!(step(&scene, &wire, Way::Right), Focus::Pin(PinId::new("b", Side::FlowIn, "")));
        assert_eq!(step(&scene, &wire, Way::Left), pin);
        // From any node every pin of it can be reached.
        for card in &scene.cards {
            let mut reached = vec![step(&scene, &Focus::Node(card.id.clone()), Way::In)];
            for index in 0..64 {
                let Some(from) = reached.get(index).cloned() else { break };
                for way in [Way::Up, Way::Down, Way::Left, Way::Right] {
                    let to = step(&scene, &from, way);
                    if matches!(&to, Focus::Pin(pin) if pin.node == card.id) && !reached.contains(&to) {
                        reached.push(to);
                    }
                }
            }
            assert_eq!(reached.len(), card.pins.len(), "{}", card.id);
        }
        let input = Focus::Pin(PinId::new("b", Side::Input, "text"));
        assert!(spoken(&scene, &input).starts_with("input text"), "{}", spoken(&scene, &input));
    }
}
