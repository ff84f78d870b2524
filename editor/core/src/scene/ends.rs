//! Which pins a wire may join.

use super::{Pin, Scene};
use crate::palette::fit;
use crate::paths::{Fit, fits};
use crate::wires::{PinId, START};

impl Pin {
    /// How a wire between this pin and another would do, in either direction; `None` where there can be none: of one node, of
    /// one side, of flow and value, or of types that do not go together.
    pub fn joins(&self, other: &Pin) -> Option<Fit> {
        let (from, to) = if self.id.is_source() { (self, other) } else { (other, self) };
        if from.id.is_source() == to.id.is_source()
            || from.id.is_flow() != to.id.is_flow()
            || from.id.node == to.id.node
        {
            return None;
        }
        if from.id.is_flow() {
            return (&*to.id.node != START).then_some(Fit::Same);
        }
        let known = from.known.as_ref().zip(to.known.as_ref()).map(|(from, to)| fits(from, to));
        let found = known.unwrap_or(match fit(from.kind, to.kind) {
            0 => Fit::Broken,
            _ => Fit::Same,
        });
        (found != Fit::Broken).then_some(found)
    }
}

impl Scene {
    /// The pins that a wire from a pin may lead to, the best first: what needs no conversion, then what is free, then what is
    /// nearest.
    pub fn partners(&self, pin: &Pin) -> Vec<&Pin> {
        let from = self.pin_at(&pin.id).unwrap_or_default();
        let near = |other: &Pin| {
            let (x, y) = self.pin_at(&other.id).unwrap_or_default();
            ((x - from.0).abs() + (y - from.1).abs()) as i64
        };
        let mut found: Vec<((bool, bool, bool, i64), &Pin)> = Vec::new();
        for other in self.cards.iter().flat_map(|card| &card.pins) {
            if let Some(fit) = pin.joins(other) {
                // An exit leads to one place, an input comes from one: what is taken is better left alone.
                let taken = other.is_connected && (other.id.is_source() == other.id.is_flow());
                let unlike = !pin.id.is_flow() && pin.kind != other.kind;
                found.push(((fit == Fit::Converted, unlike, taken, near(other)), other));
            }
        }
        found.sort_by_key(|(order, _)| *order);
        found.into_iter().map(|(_, pin)| pin).collect()
    }

    /// The pin of a node that fits a pin best.
    pub fn partner_at(&self, pin: &Pin, node: &str) -> Option<PinId> {
        self.partners(pin).into_iter().find(|other| *other.id.node == *node).map(|other| other.id.clone())
    }

    /// The wires at a pin.
    pub fn wires_at<'a>(&'a self, pin: &'a PinId) -> impl Iterator<Item = &'a super::SceneWire> {
        self.wires.iter().filter(move |wire| wire.wire.from == *pin || wire.wire.to == *pin)
    }
}
