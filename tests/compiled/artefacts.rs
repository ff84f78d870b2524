//! Object files and listings.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use statewright_interpreter::ProgramTables;
use statewright_jit::{Jit, JitError, Listing, listing, object, opened};
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{Execution, Program};

use crate::{document, tables};

/// Magic, hash of the document, checksum.
const HEADER: usize = 8 + 32 + 32;

#[test]
fn a_changed_artefact_is_refused() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let sealed = object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    let open = |artefact: &[u8], tables: &ProgramTables| {
        opened(artefact, module, tables, &HostNodes::default()).map(<[u8]>::len)
    };
    let bytes = open(&sealed, &tables(&loaded)).expect("as it was made");
    assert!(bytes > 500, "{bytes} bytes of object file");
    let refused =
        |artefact: &[u8], tables: &ProgramTables| matches!(open(artefact, tables), Err(JitError::Artefact { .. }));
    let other = ProgramTables { document_hash: [0; 32], ..tables(&loaded) };
    assert!(refused(&sealed, &other), "of another document");
    for cut in [0, 7, 40, 71, 72, sealed.len() - 1] {
        assert!(refused(&sealed[..cut], &tables(&loaded)), "cut at {cut}");
    }
    for at in (0..sealed.len()).step_by(97).chain(0..HEADER) {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(refused(&changed, &tables(&loaded)), "changed at {at}");
    }
}

#[test]
fn an_artefact_that_was_changed_and_sealed_again_is_refused() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let sealed = object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    let mut changes: Vec<Vec<u8>> = [HEADER, HEADER + 200, sealed.len() / 2, sealed.len() - 1]
        .into_iter()
        .map(|at| {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            changed
        })
        .collect();
    changes.push([&sealed[..], b"more"].concat());
    changes.push(sealed[..sealed.len() - 1].to_vec());
    for mut changed in changes {
        let sum = Sha256::new().chain_update(&changed[..40]).chain_update(&changed[HEADER..]).finalize();
        changed[40..HEADER].copy_from_slice(&sum);
        let error = opened(&changed, module, &tables(&loaded), &HostNodes::default()).expect_err("it is other code");
        assert!(error.to_string().contains("sealed again"), "{error}");
    }
}

#[test]
fn the_same_document_makes_the_same_artefact() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let make = || object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    assert!(make() == make());
}

#[test]
fn machine_code_in_memory_has_a_hash_of_its_bytes() {
    let jit = |path: &str| {
        let loaded = document(path);
        let module = loaded.module.as_ref().expect("it compiles");
        Jit::new(module, tables(&loaded), &HostNodes::default()).expect("it is compiled")
    };
    let (once, again) = (jit("benches/workloads/arena.json"), jit("benches/workloads/arena.json"));
    assert_eq!(once.artefact(), again.artefact(), "wherever in memory it is");
    assert_ne!(once.artefact(), jit("samples/card_game/card_game.json").artefact());
    assert_eq!(once.execution(), Execution { name: "jit", artefact: Some(once.artefact()) });
}

#[test]
fn listings_name_every_function() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    for what in [Listing::Clif, Listing::Assembly] {
        let text = listing(module, &tables(&loaded), what).expect("it is compiled");
        for function in &module.functions {
            assert!(text.contains(&format!("; {}\n", function.name)), "{what:?} of {}", function.name);
        }
    }
}

/// Names of nodes in a listing's function, by the lines that say so.
fn nodes<'t>(text: &'t str, function: &str) -> BTreeSet<&'t str> {
    let of_function = text.split_once(&format!("; {function}\n")).map_or("", |(_, rest)| rest);
    let is_next = |line: &&str| line.starts_with("; ") && !line.starts_with("; node ") && *line != "; no node";
    let of_function = of_function.lines().take_while(|line| !is_next(line));
    of_function.filter_map(|line| line.strip_prefix("; node \"")?.strip_suffix('"')).collect()
}

#[test]
fn listings_say_which_node_code_is_from() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    for what in [Listing::Clif, Listing::Assembly] {
        let text = listing(module, &tables(&loaded), what).expect("it is compiled");
        assert_eq!(nodes(&text, "W3"), BTreeSet::from(["score"]), "{what:?}\n{text}");
        let sums = nodes(&text, "W5Node");
        assert!(["strong", "double", "sum"].iter().all(|node| sums.contains(node)), "{what:?}: {sums:?}");
        assert!(!sums.contains("score"), "{what:?}: {sums:?}");
    }
    let ids: Vec<&str> = loaded.document.graphs().flat_map(|graph| &graph.nodes).map(|node| &*node.id.text).collect();
    let text = listing(module, &tables(&loaded), Listing::Assembly).expect("it is compiled");
    for line in text.lines().filter_map(|line| line.strip_prefix("; node \"")) {
        assert!(ids.contains(&line.trim_end_matches('"')), "{line} is no node");
    }
}

/// Address, bytes and how many lines there are of them, of a line of a listing.
fn bytes(line: &str) -> Option<(usize, Vec<u8>)> {
    let (address, rest) = line.trim_start().split_once("  ")?;
    let hex = rest.split(' ').next()?;
    let digits = hex.strip_suffix('…').unwrap_or(hex);
    let bytes = (0..digits.len() / 2).map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok());
    Some((usize::from_str_radix(address, 16).ok()?, bytes.collect::<Option<_>>()?))
}

#[test]
fn the_bytes_of_a_listing_are_those_of_the_object_file() {
    let loaded = document("benches/workloads/arena.json");
    let module = loaded.module.as_ref().expect("it compiles");
    let sealed = object(module, &tables(&loaded), &HostNodes::default()).expect("it is compiled");
    let text = listing(module, &tables(&loaded), Listing::Assembly).expect("it is compiled");
    let functions: Vec<&str> = text.split("\n\n").filter(|function| function.starts_with("; ")).collect();
    assert!(functions.len() >= module.functions.len(), "{text}");
    for function in functions {
        let lines: Vec<(usize, Vec<u8>)> = function.lines().filter_map(bytes).collect();
        assert!(lines.len() > 5, "{function}");
        // Bytes follow each other without a gap; they stop being shown where there are too many.
        let (mut code, mut whole) = (Vec::new(), true);
        for (address, shown) in &lines {
            assert!(*address >= code.len(), "{address:x} goes back in\n{function}");
            whole &= *address == code.len();
            code.resize(*address, 0);
            code.extend_from_slice(shown);
        }
        let first = if whole { &code[..] } else { &lines[0].1[..] };
        assert!(
            sealed.windows(first.len()).any(|window| window == first),
            "these bytes are not in the file\n{function}"
        );
    }
}
