//! Something for each output of each node, side by side.

use crate::flow::{NodeIx, Rows};

/// A thing for each output.
#[derive(Clone, Default)]
pub(super) struct Outputs<T> {
    /// Where those of each node begin; the last entry is where all end.
    first: Vec<u32>,
    all: Vec<T>,
}

impl<T: Clone + Default> Outputs<T> {
    /// The default for each output of a graph's nodes; nodes of unknown types have none.
    pub(super) fn new(rows: &Rows<'_>) -> Outputs<T> {
        let mut end = 0;
        let counts = rows.rows.iter().map(|row| row.map_or(0, |row| row.outputs.len() as u32));
        let ends = counts.map(|count| {
            end += count;
            end
        });
        let first: Vec<u32> = std::iter::once(0).chain(ends).collect();
        Outputs { all: vec![T::default(); end as usize], first }
    }

    fn place(&self, node: NodeIx, output: usize) -> Option<usize> {
        let place = *self.first.get(node)? as usize + output;
        (place < *self.first.get(node + 1)? as usize).then_some(place)
    }

    /// What an output has.
    pub(super) fn get(&self, node: NodeIx, output: usize) -> Option<&T> {
        self.all.get(self.place(node, output)?)
    }

    /// Gives an output something else; one that does not exist stays without.
    pub(super) fn set(&mut self, node: NodeIx, output: usize, value: T) {
        if let Some(place) = self.place(node, output).and_then(|place| self.all.get_mut(place)) {
            *place = value;
        }
    }
}
