//! What is where: a grid of cells, each with what touches it, so that a question about a place looks at few things.

use std::cell::Cell;
use std::collections::HashMap;

use crate::meta::Rect;

/// Width and height of a cell, units of the canvas: a few cards.
const CELL: f64 = 512.0;
/// What covers more cells than this is looked at always.
const MOST_CELLS: usize = 256;

/// Something on the canvas, by its position in the scene's list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Item {
    Frame(u32),
    Note(u32),
    Wire(u32),
    Card(u32),
}

/// The grid.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    pub(super) cells: HashMap<(i32, i32), Vec<Item>>,
    /// What is too large for cells.
    pub(super) large: Vec<Item>,
    looked_at: Cell<usize>,
}

impl Grid {
    /// Puts an item at a rectangle; at several for something long and thin.
    pub fn add(&mut self, item: Item, rects: impl Iterator<Item = Rect>) {
        let mut all: Vec<(i32, i32)> = Vec::new();
        for rect in rects {
            let (left, top, right, bottom) = cells(&rect);
            let count = (i64::from(right) - i64::from(left) + 1) * (i64::from(bottom) - i64::from(top) + 1);
            if count > MOST_CELLS as i64 || all.len() > MOST_CELLS {
                self.large.push(item);
                return;
            }
            all.extend((left..=right).flat_map(|x| (top..=bottom).map(move |y| (x, y))));
        }
        all.sort_unstable();
        all.dedup();
        for cell in all {
            self.cells.entry(cell).or_default().push(item);
        }
    }

    /// What may touch a rectangle, each once, frames first and cards last. Costs what is there, not what there is.
    pub fn at(&self, rect: &Rect) -> Vec<Item> {
        let (left, top, right, bottom) = cells(rect);
        let wanted = (i64::from(right) - i64::from(left) + 1).saturating_mul(i64::from(bottom) - i64::from(top) + 1);
        let mut found: Vec<Item> = self.large.clone();
        if wanted > self.cells.len() as i64 {
            // More cells than have anything in them: look at these instead.
            let inside = |(x, y): &(i32, i32)| (left..=right).contains(x) && (top..=bottom).contains(y);
            found.extend(self.cells.iter().filter(|(cell, _)| inside(cell)).flat_map(|(_, items)| items));
        } else {
            let places = (left..=right).flat_map(|x| (top..=bottom).map(move |y| (x, y)));
            found.extend(places.filter_map(|cell| self.cells.get(&cell)).flatten());
        }
        self.looked_at.set(self.looked_at.get() + found.len());
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The cards whose cells a rectangle touches, each once: for what asks for every wire.
    pub fn cards(&self, rect: &Rect) -> Vec<u32> {
        let (left, top, right, bottom) = cells(rect);
        let wanted = (i64::from(right) - i64::from(left) + 1).saturating_mul(i64::from(bottom) - i64::from(top) + 1);
        let card = |item: &Item| if let Item::Card(index) = item { Some(*index) } else { None };
        let mut found: Vec<u32> = self.large.iter().filter_map(card).collect();
        if wanted > self.cells.len() as i64 {
            let inside = |(x, y): &(i32, i32)| (left..=right).contains(x) && (top..=bottom).contains(y);
            found.extend(self.cells.iter().filter(|(cell, _)| inside(cell)).flat_map(|(_, all)| all).filter_map(card));
        } else {
            for cell in (left..=right).flat_map(|x| (top..=bottom).map(move |y| (x, y))) {
                found.extend(self.cells.get(&cell).into_iter().flatten().filter_map(card));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How many items questions have looked at so far: for tests of what they cost.
    pub fn looked_at(&self) -> usize {
        self.looked_at.get()
    }
}

fn cells(rect: &Rect) -> (i32, i32, i32, i32) {
    // A cast saturates, also of what is not finite.
    let cell = |value: f64| (value / CELL).floor() as i32;
    (cell(rect.x), cell(rect.y), cell(rect.right()), cell(rect.bottom()))
}
