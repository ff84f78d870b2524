//! Wires of another version of the graph, added to those that it has.

use super::index::Item;
use super::{Route, Scene, SceneWire, card};

impl Scene {
    /// Adds wires that are not the graph's own, between the pins that are there. One whose ends are both gone is left out.
    pub fn add_wires(&mut self, wires: impl IntoIterator<Item = SceneWire>) {
        for mut wire in wires {
            let (from, to) = (self.end(&wire.wire.from), self.end(&wire.wire.to));
            let (from, to) = (from.map(|(at, _)| at), to.map(|(at, _)| at));
            let begin = match (from, to) {
                (Some(at), _) => at,
                (None, Some((x, y))) => (x - card::STUB, y),
                (None, None) => continue,
            };
            let end = to.unwrap_or((begin.0 + card::STUB, begin.1));
            wire.route = Route::new(begin, end, &wire.points);
            self.find_way(&mut wire);
            self.grid.add(Item::Wire(self.wires.len() as u32), wire.route.boxes());
            self.wires.push(wire);
        }
    }
}
