//! Loops of the workloads call nothing: calls are counted in Cranelift's IR, in blocks from which a way leads back to them.

use std::collections::{BTreeMap, BTreeSet};

use statewright_jit::{Listing, listing};

use crate::{document, tables};

#[derive(Default)]
struct Block {
    successors: Vec<String>,
    calls: usize,
}

/// Names of blocks in a line.
fn blocks_in(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        word.strip_prefix("block").is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    }).map(str::to_owned)
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

/// Blocks in loops, and calls in them.
fn in_loops(listing: &str, name: &str) -> (usize, usize) {
    let blocks = blocks(listing, name);
    let looping = blocks.iter().filter(|(name, _)| reached(&blocks, name).contains(*name));
    looping.fold((0, 0), |(count, calls), (_, block)| (count + 1, calls + block.calls))
}

#[test]
fn loops_of_the_workloads_call_nothing() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let listing = listing(module, &tables(&loaded), Listing::Clif).expect("it is compiled");
    for name in ["W2", "W4", "W5"] {
        let (count, calls) = in_loops(&listing, name);
        assert!(count > 1, "{name} has no loop");
        assert_eq!(calls, 0, "calls in the loops of {name}:\n{listing}");
    }
}

#[test]
fn a_loop_that_writes_calls_and_is_counted() {
    // The counter counts: what is appended to a list in a loop goes through a helper.
    let loaded = document("samples/chase/chase.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let listing = listing(module, &tables(&loaded), Listing::Clif).expect("it is compiled");
    let calls: usize = module.functions.iter().map(|function| in_loops(&listing, &function.name).1).sum();
    assert!(calls > 0);
}
