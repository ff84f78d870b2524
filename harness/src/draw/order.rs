//! The order within the columns of one row: pure nodes, data wires and loop frames join the lanes, and sweeps
//! reorder pure nodes and data wires so that few wires cross.

use super::card::Card;
use super::lanes::{Item, Lanes, What};
use super::model::{DataFrom, GraphPicture};
use super::rows::Rows;
use super::structure::Structure;

/// The data wires of one source that pass through columns together.
#[derive(Clone, Debug)]
pub(super) struct Net {
    /// The vertex it comes from.
    pub from: usize,
    /// Height of its pin on the card.
    pub y: f64,
    /// Wire, vertex and height of each pin it leads to.
    pub to: Vec<(usize, usize, f64)>,
    /// Its item in each column after the source's.
    pub passes: Vec<usize>,
}

/// A row with all items in order.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    /// The flow, to which the other items were added.
    pub lanes: Lanes,
    /// Data wires by source.
    pub nets: Vec<Net>,
    /// Items of each column, from top to bottom.
    pub columns: Vec<Vec<usize>>,
    /// Number of blocks.
    pub blocks: usize,
    /// Loops that have a frame in this row: loop, first and last column.
    pub frames: Vec<(usize, usize, usize)>,
}

/// What all steps of ordering look at.
pub(super) struct Scene<'a> {
    /// The picture.
    pub picture: &'a GraphPicture,
    /// Its structure.
    pub structure: &'a Structure,
    /// Rows and columns.
    pub rows: &'a Rows,
    /// The card of each vertex.
    pub cards: &'a [Card],
    /// Which data wires are drawn as references.
    pub tagged: &'a [bool],
}

/// Adds all other items to the flow's lanes and orders every column.
pub(super) fn order(scene: &Scene<'_>, row: usize, mut lanes: Lanes) -> Ordered {
    let mut blocks = lanes.chains.len();
    add_pure(scene, row, &mut lanes, &mut blocks);
    let nets = add_nets(scene, row, &mut lanes, &mut blocks);
    let frames = add_frames(scene, &mut lanes, &mut blocks);
    let mut columns = vec![Vec::new(); lanes.columns];
    for (index, item) in lanes.items.iter().enumerate() {
        columns[item.layer].push(index);
    }
    for column in &mut columns {
        column.sort_by_key(|&item| key(&lanes.items[item], scene.structure));
    }
    let mut ordered = Ordered { lanes, nets, columns, blocks, frames };
    sweep(scene, &mut ordered);
    ordered
}

/// The order that is never changed: lane, and in it frame edge, flow, other, frame edge.
fn key(item: &Item, structure: &Structure) -> (usize, u8, usize) {
    match item.what {
        What::Top(index) => (item.band, 0, index),
        What::Vertex(vertex) if structure.flowing[vertex] => (item.band, 1, 0),
        What::Pass(_) => (item.band, 1, 0),
        What::Vertex(_) | What::Net(_) => (item.band, 2, 0),
        What::Bottom(index) => (item.band, 3, usize::MAX - index),
    }
}

/// Whether sweeps may move it within its lane.
fn free(item: &Item, structure: &Structure) -> bool {
    key(item, structure).1 == 2
}

/// Puts each pure node into the lane of the nearest node that reads it.
fn add_pure(scene: &Scene<'_>, row: usize, lanes: &mut Lanes, blocks: &mut usize) {
    let here = |vertex: usize| scene.rows.row[vertex] == row;
    let count = scene.structure.vertices.len();
    let mut readers = vec![Vec::new(); count];
    let mut sources = vec![Vec::new(); count];
    for datum in scene.structure.data.iter().filter(|datum| here(datum.from) && here(datum.to)) {
        readers[datum.from].push(datum.to);
        sources[datum.to].push(datum.from);
    }
    let mut pure: Vec<usize> = (0..count).filter(|&vertex| here(vertex) && !scene.structure.flowing[vertex]).collect();
    pure.sort_by_key(|&vertex| std::cmp::Reverse(scene.rows.layer[vertex]));
    for vertex in pure {
        let item_of = |&other: &usize| lanes.of_vertex[other].map(|item| lanes.items[item]);
        let reader = readers[vertex].iter().filter_map(item_of).min_by_key(|item| (item.layer, item.band));
        let near =
            reader.or_else(|| sources[vertex].iter().filter_map(item_of).max_by_key(|item| (item.layer, item.band)));
        let (band, above) = near.map_or((lanes.bands.len().saturating_sub(1), false), |item| (item.band, item.above));
        let item = Item { what: What::Vertex(vertex), layer: scene.rows.layer[vertex], band, above, block: *blocks };
        *blocks += 1;
        lanes.of_vertex[vertex] = Some(lanes.items.len());
        lanes.items.push(item);
    }
}

/// Gathers data wires by source; a net passes in its source's lane while somebody there still reads it, then in the nearest reader's.
fn add_nets(scene: &Scene<'_>, row: usize, lanes: &mut Lanes, blocks: &mut usize) -> Vec<Net> {
    let mut nets: Vec<(Net, &DataFrom)> = Vec::new();
    for datum in &scene.structure.data {
        let Some(wire) = scene.picture.data.get(datum.wire) else {
            continue;
        };
        if scene.rows.row[datum.from] != row || scene.rows.row[datum.to] != row || scene.tagged[datum.wire] {
            continue;
        }
        let to = (datum.wire, datum.to, scene.cards[datum.to].input(&wire.port));
        match nets.iter_mut().find(|(net, from)| net.from == datum.from && **from == wire.from) {
            Some((net, _)) => net.to.push(to),
            None => {
                let card = &scene.cards[datum.from];
                let y = match &wire.from {
                    DataFrom::Parameter(index) => card.outputs.get(*index).map_or(card.lane, |pin| pin.y),
                    DataFrom::Node { port, .. } => card.output(port),
                };
                nets.push((Net { from: datum.from, y, to: vec![to], passes: Vec::new() }, &wire.from));
            }
        }
    }
    let mut nets: Vec<Net> = nets.into_iter().map(|(net, _)| net).collect();
    for (index, net) in nets.iter_mut().enumerate() {
        let Some(source) = lanes.of_vertex[net.from].map(|item| lanes.items[item]) else {
            continue;
        };
        let ends: Vec<Item> =
            net.to.iter().filter_map(|&(_, to, _)| lanes.of_vertex[to].map(|item| lanes.items[item])).collect();
        let last = ends.iter().map(|end| end.layer).max().unwrap_or(0);
        let mut previous = None;
        for layer in source.layer + 1..last {
            let near = |end: &&Item| (end.band.abs_diff(source.band), end.band);
            let Some(end) = ends.iter().filter(|end| end.layer > layer).min_by_key(near) else {
                continue;
            };
            if previous != Some(end.band) {
                *blocks += 1;
                previous = Some(end.band);
            }
            let item = Item { what: What::Net(index), layer, band: end.band, above: end.above, block: *blocks - 1 };
            net.passes.push(lanes.items.len());
            lanes.items.push(item);
        }
    }
    nets
}

/// Adds the edges of loop frames, where a body stands in lanes of its own.
fn add_frames(scene: &Scene<'_>, lanes: &mut Lanes, blocks: &mut usize) -> Vec<(usize, usize, usize)> {
    let mut frames = Vec::new();
    for (index, each) in scene.structure.loops.iter().enumerate() {
        let mut inside = Vec::new();
        let mut lane = Vec::new();
        for item in &lanes.items {
            if let What::Vertex(vertex) = item.what
                && each.body[vertex]
            {
                inside.push(item.layer);
                if scene.structure.flowing[vertex] {
                    lane.push((item.band, item.above));
                }
            }
        }
        // The frame begins right after the loop, so that a wire back to it meets no card on its way.
        inside.extend(lanes.of_vertex[each.header].map(|item| lanes.items[item].layer + 1));
        let (Some(&first), Some(&last)) = (inside.iter().min(), inside.iter().max()) else {
            continue;
        };
        let (Some(&upper), Some(&lower)) = (lane.iter().min(), lane.iter().max()) else {
            continue;
        };
        let foreign = |item: &Item| match item.what {
            What::Vertex(vertex) => {
                scene.structure.flowing[vertex]
                    && !each.body[vertex]
                    && (upper.0..=lower.0).contains(&item.band)
                    && (first..=last).contains(&item.layer)
            }
            _ => false,
        };
        if lanes.items.iter().any(foreign) {
            continue;
        }
        for layer in first..=last {
            let top = Item { what: What::Top(index), layer, band: upper.0, above: upper.1, block: *blocks };
            let bottom = Item { what: What::Bottom(index), layer, band: lower.0, above: lower.1, block: *blocks + 1 };
            lanes.items.extend([top, bottom]);
        }
        *blocks += 2;
        frames.push((index, first, last));
    }
    frames
}

/// Wires between neighbouring columns, as (left item, height in it, right item, height in it), heights from 0 to 1.
fn segments(scene: &Scene<'_>, ordered: &Ordered) -> Vec<(usize, f64, usize, f64)> {
    let lanes = &ordered.lanes;
    let part = |vertex: usize, y: f64| y / scene.cards[vertex].height.max(1.0);
    let mut segments = Vec::new();
    for net in &ordered.nets {
        let Some(source) = lanes.of_vertex[net.from] else {
            continue;
        };
        let mut way = vec![(source, part(net.from, net.y))];
        way.extend(net.passes.iter().map(|&item| (item, 0.5)));
        for pair in way.windows(2) {
            if let [from, to] = pair {
                segments.push((from.0, from.1, to.0, to.1));
            }
        }
        for &(_, to, y) in &net.to {
            let Some(end) = lanes.of_vertex[to] else {
                continue;
            };
            let before = lanes.items[end].layer.saturating_sub(lanes.items[source].layer + 1);
            if let Some(from) = way.get(before) {
                segments.push((from.0, from.1, end, part(to, y)));
            }
        }
    }
    segments
}

/// Barycentre sweeps in both directions; the order with the fewest crossings stays.
fn sweep(scene: &Scene<'_>, ordered: &mut Ordered) {
    const ROUNDS: usize = 6;
    let segments = segments(scene, ordered);
    let count = ordered.lanes.items.len();
    let (mut left, mut right) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for &(from, from_y, to, to_y) in &segments {
        left[to].push((from, from_y));
        right[from].push((to, to_y));
    }
    let mut position = vec![0.0; count];
    let number = |columns: &[Vec<usize>], position: &mut [f64]| {
        for (place, &item) in columns.iter().flat_map(|column| column.iter().enumerate()) {
            position[item] = place as f64;
        }
    };
    number(&ordered.columns, &mut position);
    let mut best = (crossings(&segments, &ordered.lanes.items, &position), ordered.columns.clone());
    for round in 0..ROUNDS {
        let forward = round % 2 == 0;
        let neighbours = if forward { &left } else { &right };
        for step in 0..ordered.columns.len() {
            let layer = if forward { step } else { ordered.columns.len() - 1 - step };
            let column = &mut ordered.columns[layer];
            let mut keyed: Vec<(f64, usize)> = column
                .iter()
                .map(|&item| {
                    let near = &neighbours[item];
                    let sum: f64 = near.iter().map(|&(other, part)| position[other] + part).sum();
                    (if near.is_empty() { position[item] } else { sum / near.len() as f64 }, item)
                })
                .collect();
            let items = &ordered.lanes.items;
            for group in keyed.chunk_by_mut(|a, b| {
                let (a, b) = (&items[a.1], &items[b.1]);
                a.band == b.band && free(a, scene.structure) && free(b, scene.structure)
            }) {
                group.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
            for (place, (into, (_, item))) in column.iter_mut().zip(keyed).enumerate() {
                *into = item;
                position[item] = place as f64;
            }
        }
        let crossed = crossings(&segments, &ordered.lanes.items, &position);
        if crossed < best.0 {
            best = (crossed, ordered.columns.clone());
        }
    }
    ordered.columns = best.1;
}

/// The number of crossings of `segments` between neighbouring columns.
fn crossings(segments: &[(usize, f64, usize, f64)], items: &[Item], position: &[f64]) -> usize {
    let mut wires: Vec<(usize, f64, f64)> = segments
        .iter()
        .map(|&(from, from_y, to, to_y)| (items[from].layer, position[from] + from_y, position[to] + to_y))
        .collect();
    wires.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
    wires.chunk_by(|a, b| a.0 == b.0).map(|gap| inversions(gap.iter().map(|wire| wire.2).collect())).sum()
}

/// The number of pairs that stand in the wrong order.
fn inversions(values: Vec<f64>) -> usize {
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let mut tree = vec![0_usize; sorted.len() + 1];
    let mut count = 0;
    for (seen, value) in values.iter().enumerate() {
        let rank = sorted.partition_point(|other| other.total_cmp(value).is_le());
        let (mut at, mut smaller) = (rank, 0);
        while at > 0 {
            smaller += tree[at];
            at &= at - 1;
        }
        count += seen - smaller;
        at = rank;
        while at < tree.len() {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    count
}
