//! Coordinates of one row: lanes keep straight because a chain moves as one block; blocks are packed under the
//! separations that the columns' order demands, then pure nodes and data wires move towards what they connect.

use super::card::Card;
use super::lanes::{Item, What};
use super::order::{Ordered, Scene};
use super::structure::topological;

/// A demand: the second block stands at least that far below the first.
type Demand = (usize, usize, f64);

/// Height of each item's line (a card's lane, a wire) from the row's top, by item.
pub(super) fn heights(scene: &Scene<'_>, ordered: &mut Ordered) -> Vec<f64> {
    let demands = settle(scene, ordered);
    let blocks = ordered.blocks;
    let pairs: Vec<(usize, usize)> = demands.iter().map(|&(from, to, _)| (from, to)).collect();
    let order = topological(blocks, &pairs);
    let (mut before, mut after) = (vec![Vec::new(); blocks], vec![Vec::new(); blocks]);
    for &(from, to, gap) in &demands {
        after[from].push((to, gap));
        before[to].push((from, gap));
    }
    let mut y = vec![0.0_f64; blocks];
    for &block in &order {
        y[block] = before[block].iter().map(|&(other, gap)| y[other] + gap).fold(0.0, f64::max);
    }
    let mut above = vec![false; blocks];
    let mut moves = vec![false; blocks];
    for item in &ordered.lanes.items {
        above[item.block] = item.above;
        moves[item.block] = match item.what {
            What::Vertex(vertex) => !scene.structure.flowing[vertex],
            What::Net(_) => true,
            What::Pass(_) | What::Top(_) | What::Bottom(_) => false,
        };
    }
    for &block in order.iter().rev().filter(|&&block| above[block]) {
        let limit = after[block].iter().map(|&(other, gap)| y[other] - gap).fold(f64::INFINITY, f64::min);
        if limit.is_finite() {
            y[block] = y[block].max(limit);
        }
    }
    let pulls = pulls(scene, ordered);
    for round in 0..6 {
        let visit: Box<dyn Iterator<Item = &usize>> =
            if round % 2 == 0 { Box::new(order.iter()) } else { Box::new(order.iter().rev()) };
        for &block in visit.filter(|&&block| moves[block]) {
            let mut wanted: Vec<f64> = pulls[block].iter().map(|&(other, offset)| y[other] + offset).collect();
            wanted.sort_by(f64::total_cmp);
            let Some(&middle) = wanted.get(wanted.len() / 2) else {
                continue;
            };
            let least = before[block].iter().map(|&(other, gap)| y[other] + gap).fold(f64::NEG_INFINITY, f64::max);
            let most = after[block].iter().map(|&(other, gap)| y[other] - gap).fold(f64::INFINITY, f64::min);
            y[block] = middle.min(most).max(least);
        }
    }
    ordered.lanes.items.iter().map(|item| y[item.block]).collect()
}

/// The demands of all columns. Wires whose demands contradict each other lose their straightness.
fn settle(scene: &Scene<'_>, ordered: &mut Ordered) -> Vec<Demand> {
    loop {
        let demands = demands(scene, ordered);
        let pairs: Vec<(usize, usize)> = demands.iter().map(|&(from, to, _)| (from, to)).collect();
        let mut stuck = vec![true; ordered.blocks];
        for block in topological(ordered.blocks, &pairs) {
            stuck[block] = false;
        }
        let mut first = vec![true; ordered.blocks];
        let mut split = false;
        for item in &mut ordered.lanes.items {
            if matches!(item.what, What::Net(_)) && stuck[item.block] && !std::mem::take(&mut first[item.block]) {
                item.block = ordered.blocks;
                ordered.blocks += 1;
                split = true;
            }
        }
        if !split {
            return demands;
        }
    }
}

fn demands(scene: &Scene<'_>, ordered: &Ordered) -> Vec<Demand> {
    let items = &ordered.lanes.items;
    let mut demands = Vec::new();
    for column in &ordered.columns {
        for pair in column.windows(2) {
            if let [upper, lower] = pair {
                let (upper, lower) = (&items[*upper], &items[*lower]);
                let gap = reach(scene, upper).1 + apart(scene, upper, lower) + reach(scene, lower).0;
                demands.push((upper.block, lower.block, gap));
            }
        }
    }
    demands
}

/// How far an item reaches above and below its line.
fn reach(scene: &Scene<'_>, item: &Item) -> (f64, f64) {
    match item.what {
        What::Vertex(vertex) => {
            let card: &Card = &scene.cards[vertex];
            (card.lane, card.height - card.lane)
        }
        What::Pass(_) | What::Net(_) | What::Top(_) | What::Bottom(_) => (0.0, 0.0),
    }
}

/// Room between neighbours in a column.
fn apart(scene: &Scene<'_>, upper: &Item, lower: &Item) -> f64 {
    match (upper.what, lower.what) {
        (What::Top(_), _) => 30.0,
        (_, What::Bottom(each)) if scene.structure.returns_to(scene.structure.loops[each].header) => 30.0,
        (_, What::Bottom(_)) => 14.0,
        (What::Bottom(_), _) | (_, What::Top(_)) => 18.0,
        (What::Vertex(_), What::Vertex(_)) => 26.0,
        (What::Net(_), What::Net(_)) => 9.0,
        _ => 14.0,
    }
}

/// Where wires draw each block: another block and the distance from it at which a wire would be level.
fn pulls(scene: &Scene<'_>, ordered: &Ordered) -> Vec<Vec<(usize, f64)>> {
    let lanes = &ordered.lanes;
    let mut pulls = vec![Vec::new(); ordered.blocks];
    let mut pull = |from: (usize, f64), to: (usize, f64)| {
        pulls[from.0].push((to.0, to.1 - from.1));
        pulls[to.0].push((from.0, from.1 - to.1));
    };
    let offset = |vertex: usize, y: f64| y - scene.cards[vertex].lane;
    for net in &ordered.nets {
        let Some(source) = lanes.of_vertex[net.from] else {
            continue;
        };
        let mut way = vec![(lanes.items[source].block, offset(net.from, net.y))];
        way.extend(net.passes.iter().map(|&item| (lanes.items[item].block, 0.0)));
        for pair in way.windows(2) {
            if let [from, to] = pair
                && from.0 != to.0
            {
                pull(*from, *to);
            }
        }
        for &(_, to, y) in &net.to {
            let Some(end) = lanes.of_vertex[to] else {
                continue;
            };
            let before = lanes.items[end].layer.saturating_sub(lanes.items[source].layer + 1);
            if let Some(&from) = way.get(before) {
                pull(from, (lanes.items[end].block, offset(to, y)));
            }
        }
    }
    pulls
}
