//! Columns and rows: which column each vertex stands in, and where a graph that is too wide goes on in a further row.
//!
//! Columns are longest paths from the start; a pure node stands just before the first node that reads it. A graph
//! wider than asked is cut between columns where few wires pass, outside loops if possible; then every row is
//! layered anew, so that pure nodes follow their readers.

use super::card::Card;
use super::structure::{START, Structure, Vertex, topological};
use super::style::Style;

/// About what stands between two columns, besides what is written there.
const GAP: f64 = 58.0;
/// How far a row may be wider than asked, where that spares a loop from being cut.
const SLACK: f64 = 1.5;

/// Where each vertex stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Row of each vertex.
    pub row: Vec<usize>,
    /// Column of each vertex within its row. Further rows begin at 1, column 0 is where wires come in.
    pub layer: Vec<usize>,
    /// Number of rows.
    pub count: usize,
}

/// Assigns rows and columns, with room for what is `written` beside cards; ends of flow that lead back to another row are added to `structure`.
pub(super) fn arrange(structure: &mut Structure, cards: &[Card], written: &[(f64, f64)], style: &Style) -> Rows {
    let count = structure.vertices.len();
    let layers = layer(count, &structure.pairs(), &structure.flowing, &vec![0; count]);
    let widths = widths(cards, written, &layers);
    let cuts = cut(structure, &widths, &layers, style.max_width);
    let mut row = assign(structure, &layers, &cuts);
    let used = compact(&mut row);
    let returns = std::mem::take(&mut structure.returns);
    for back in returns {
        let routed = row[back.from] == row[back.to]
            && structure.loops.iter().any(|each| each.header == back.to && each.body[back.from]);
        if routed {
            structure.returns.push(back);
        } else {
            structure.push_goto(back.wire, back.from, back.to);
            row.push(row[back.from]);
        }
    }
    let pairs: Vec<(usize, usize)> = structure.pairs().into_iter().filter(|&(from, to)| row[from] == row[to]).collect();
    let first: Vec<usize> = row.iter().map(|&row| usize::from(row > 0)).collect();
    let layer = layer(row.len(), &pairs, &structure.flowing, &first);
    Rows { row, layer, count: used }
}

/// Columns: flow as early as the pairs allow but not before `first`, pure nodes as late as their readers allow.
fn layer(count: usize, pairs: &[(usize, usize)], flowing: &[bool], first: &[usize]) -> Vec<usize> {
    let order = topological(count, pairs);
    let mut layer = first.to_vec();
    let mut out = vec![Vec::new(); count];
    for &(from, to) in pairs {
        out[from].push(to);
    }
    for &vertex in &order {
        for &to in &out[vertex] {
            layer[to] = layer[to].max(layer[vertex] + 1);
        }
    }
    for &vertex in order.iter().rev().filter(|&&vertex| !flowing[vertex]) {
        if let Some(next) = out[vertex].iter().map(|&to| layer[to]).min() {
            layer[vertex] = next.saturating_sub(1).max(layer[vertex]);
        }
    }
    layer
}

/// Width of each column with the gap after it.
fn widths(cards: &[Card], written: &[(f64, f64)], layers: &[usize]) -> Vec<f64> {
    let columns = layers.iter().max().map_or(0, |last| last + 1);
    let mut columns = vec![(0.0_f64, 0.0_f64, 0.0_f64); columns];
    for ((card, (left, right)), &layer) in cards.iter().zip(written).zip(layers) {
        let column = &mut columns[layer];
        *column = (column.0.max(card.width), column.1.max(*right), column.2.max(*left));
    }
    let left = columns.iter().skip(1).map(|column| column.2).chain([0.0]);
    columns.iter().zip(left).map(|(column, left)| column.0 + GAP.max(column.1 + left + 34.0)).collect()
}

/// The first column of each row: shortest path over possible cuts, by how full rows are and what a cut severs.
fn cut(structure: &Structure, widths: &[f64], layers: &[usize], limit: f64) -> Vec<usize> {
    let columns = widths.len();
    let mut ends_only = vec![true; columns];
    for (vertex, &layer) in layers.iter().enumerate() {
        ends_only[layer] &= structure.vertices[vertex] == Vertex::End;
    }
    if limit <= 0.0 || widths.iter().sum::<f64>() <= limit * 1.05 {
        return vec![0];
    }
    let severed = severed(structure, layers, columns);
    let mut best = vec![(f64::INFINITY, 0); columns + 1];
    best[0] = (0.0, 0);
    for begin in 0..columns {
        let mut width = 0.0;
        for end in begin + 1..=columns {
            width += widths[end - 1];
            if width > limit * SLACK && end > begin + 1 {
                break;
            }
            let free = ((limit - width) / limit).max(0.0);
            let over = ((width - limit) / limit).max(0.0);
            let fill = if end == columns { 0.25 * free * free } else { free * free };
            let loss = if end == columns { 0.0 } else { severed[end] + if ends_only[end] { 4.0 } else { 0.0 } };
            let cost = best[begin].0 + 3.0 + 8.0 * fill + 20.0 * over * over + loss;
            if cost < best[end].0 {
                best[end] = (cost, begin);
            }
        }
    }
    let mut cuts = Vec::new();
    let mut end = columns;
    while end > 0 {
        end = best[end].1;
        cuts.push(end);
    }
    cuts.reverse();
    cuts
}

/// What a cut before each column would sever, as a cost.
fn severed(structure: &Structure, layers: &[usize], columns: usize) -> Vec<f64> {
    let mut change = vec![0.0; columns + 1];
    let mut add = |from: usize, to: usize, cost: f64| {
        if from < to {
            change[from + 1] += cost;
            change[to + 1] -= cost;
        }
    };
    for link in structure.links.iter().filter(|link| structure.vertices[link.to] != Vertex::End) {
        add(layers[link.from], layers[link.to], 1.5);
    }
    for datum in &structure.data {
        add(layers[datum.from], layers[datum.to], if structure.flowing[datum.from] { 0.4 } else { 0.1 });
    }
    for each in &structure.loops {
        let inside = layers.iter().zip(&each.body).filter(|(_, inside)| **inside).map(|(layer, _)| *layer);
        if let Some(last) = inside.max() {
            add(layers[each.header], last, 3.0);
        }
    }
    let mut total = 0.0;
    change
        .iter()
        .map(|change| {
            total += change;
            total
        })
        .collect()
}

/// Rows by the cuts: flow by its column, ends with what they end, pure nodes with the first that reads them.
fn assign(structure: &Structure, layers: &[usize], cuts: &[usize]) -> Vec<usize> {
    let by_layer = |layer: usize| cuts.partition_point(|&cut| cut <= layer).saturating_sub(1);
    let mut row: Vec<usize> = layers.iter().map(|&layer| by_layer(layer)).collect();
    row[START] = 0;
    for link in &structure.links {
        if structure.vertices[link.to] == Vertex::End {
            row[link.to] = row[link.from];
        }
    }
    let mut readers = vec![Vec::new(); row.len()];
    let mut sources = vec![Vec::new(); row.len()];
    for datum in &structure.data {
        readers[datum.from].push(datum.to);
        sources[datum.to].push(datum.from);
    }
    let order = topological(row.len(), &structure.pairs());
    for &vertex in order.iter().rev().filter(|&&vertex| !structure.flowing[vertex]) {
        let reader = readers[vertex].iter().map(|&reader| row[reader]).min();
        let source = || sources[vertex].iter().map(|&source| row[source]).max();
        row[vertex] = reader.or_else(source).unwrap_or(row[vertex]);
    }
    row
}

/// Renumbers rows so that none is empty; gives their number.
fn compact(row: &mut [usize]) -> usize {
    let mut used: Vec<usize> = row.to_vec();
    used.sort_unstable();
    used.dedup();
    for row in row {
        *row = used.binary_search(row).unwrap_or(0);
    }
    used.len()
}
