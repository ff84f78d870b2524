//! Memory of compiled code, in a process of its own: nothing is ever writable and executable, and what is dropped is given back.
//! Linux tells.

#![cfg(target_os = "linux")]

use std::path::Path;

use statewright_harness::project::{LoadOptions, Loaded};
use statewright_jit::Jit;
use statewright_runtime::host::HostNodes;

/// Pages of 4 KiB that are in memory.
fn resident_pages() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    text.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).expect("a number")
}

/// Mappings with these rights.
fn mappings(rights: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/maps").expect("Linux has it");
    text.lines().filter(|line| line.split_whitespace().nth(1).is_some_and(|found| found.starts_with(rights))).count()
}

/// One test, for both look at the whole process.
#[test]
fn code_is_never_writable_and_is_given_back() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/chase/chase.json");
    let loaded = Loaded::open(&path, &LoadOptions::default()).unwrap_or_else(|fault| panic!("{fault}"));
    let module = loaded.module.as_ref().expect("it compiles");
    let compile = || {
        let tables = loaded.tables().expect("it compiles");
        Jit::new(module, tables, &HostNodes::default()).unwrap_or_else(|error| panic!("{error}"))
    };
    let executable = mappings("r-x");
    let jit = compile();
    assert!(jit.code_bytes() > 1_000);
    assert!(mappings("r-x") > executable, "the code is in memory that is executable");
    assert_eq!(mappings("rwx"), 0, "nothing is both");
    drop(jit);
    assert_eq!(mappings("r-x"), executable, "the code is gone");
    (0..100).for_each(|_| drop(compile()));
    let before = resident_pages();
    (0..1_500).for_each(|_| drop(compile()));
    let grown = resident_pages() - before;
    assert!(grown < 256, "1,500 reloads left {grown} pages behind");
}
