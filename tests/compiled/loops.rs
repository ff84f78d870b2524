//! Loops of the workloads call nothing: calls are counted in Cranelift's IR, in blocks from which a way leads back to them.

use std::collections::{BTreeMap, BTreeSet};

use statewright_jit::{Listing, listing};

use crate::{document, tables};

#[derive(Default)]
struct Block {
    successors: Vec<String>,
    calls: usize,
    /// The nodes that its code is from.
    nodes: BTreeSet<String>,
}

/// Names of blocks in a line.
fn blocks_in(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| {
            word.strip_prefix("block")
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        })
        .map(str::to_owned)
}

/// The blocks of a function in a listing.
fn blocks(listing: &str, name: &str) -> BTreeMap<String, Block> {
    let start = listing.find(&format!("; {name}\n")).unwrap_or_else(|| panic!("`{name}` is not listed"));
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    let mut current = String::new();
    for line in listing[start..].lines().skip(1).take_while(|line| *line != "}") {
        if line.trim_start().starts_with("block") {
            current = blocks_in(line).next().unwrap_or_default();
            blocks.entry(current.clone()).or_default();
            continue;
        }
        let Some(block) = blocks.get_mut(&current) else { continue };
        block.nodes.extend(line.strip_prefix("; node \"").map(|node| node.trim_end_matches('"').to_owned()));
        if line.contains("call_indirect") || line.contains(" call ") {
            block.calls += 1;
        }
        if ["jump ", "brif ", "br_table "].iter().any(|word| line.contains(word)) {
            block.successors.extend(blocks_in(line));
        }
    }
    blocks
}

/// Where a way leads from a block.
fn reached(blocks: &BTreeMap<String, Block>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut work = blocks[from].successors.clone();
    while let Some(block) = work.pop() {
        if seen.insert(block.clone()) {
            work.extend(blocks[&block].successors.iter().cloned());
        }
    }
    seen
}

/// Blocks of which each leads to each other one, and all that is in them.
#[derive(Debug, Default)]
struct Loop {
    blocks: usize,
    calls: usize,
    nodes: BTreeSet<String>,
}

/// The loops of a function, those within others with them.
fn loops(listing: &str, name: &str) -> Vec<Loop> {
    let blocks = blocks(listing, name);
    let reached: BTreeMap<&String, BTreeSet<String>> =
        blocks.keys().map(|name| (name, reached(&blocks, name))).collect();
    let mut seen = BTreeSet::new();
    let mut loops = Vec::new();
    for name in blocks.keys() {
        let around: Vec<&String> = reached[name]
            .iter()
            .filter(|other| reached[other].contains(name))
            .filter(|other| seen.insert(*other))
            .collect();
        let mut found = Loop { blocks: around.len(), ..Loop::default() };
        for block in around.iter().map(|name| &blocks[*name]) {
            found.calls += block.calls;
            found.nodes.extend(block.nodes.iter().cloned());
        }
        if found.blocks > 0 {
            loops.push(found);
        }
    }
    loops
}

#[test]
fn loops_of_the_workloads_call_nothing() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let listing = listing(module, &tables(&loaded), Listing::Clif).expect("it is compiled");
    for name in ["W2", "W4", "W4Node", "W5"] {
        let loops = loops(&listing, name);
        assert!(!loops.is_empty(), "{name} has no loop");
        assert!(loops.iter().all(|found| found.calls == 0), "calls in the loops of {name}: {loops:?}\n{listing}");
    }
}

#[test]
fn several_array_nodes_are_one_loop_that_calls_nothing() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let listing = listing(module, &tables(&loaded), Listing::Clif).expect("it is compiled");
    let loops = loops(&listing, "W5Node");
    // What tests, doubles and adds up in the same pass; the way out does one after the other, over lists that helpers fill.
    let (fused, way_out): (Vec<&Loop>, Vec<&Loop>) =
        loops.iter().partition(|found| ["strong", "double", "sum"].iter().all(|node| found.nodes.contains(*node)));
    assert!(!fused.is_empty(), "the nodes are done one after the other: {loops:?}");
    assert!(fused.iter().all(|found| found.calls == 0), "{fused:?}\n{listing}");
    assert_eq!(way_out.iter().filter(|found| found.calls > 0).count(), 2, "{way_out:?}\n{listing}");
}

#[test]
fn a_loop_that_writes_calls_and_is_counted() {
    // The counter counts: what is appended to a list in a loop goes through a helper.
    let loaded = document("samples/chase/chase.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let listing = listing(module, &tables(&loaded), Listing::Clif).expect("it is compiled");
    let mut all = module.functions.iter().flat_map(|function| loops(&listing, &function.name));
    assert!(all.any(|found| found.calls > 0));
}
