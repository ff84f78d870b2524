//! Memory of compiled code, in a process of its own: nothing is ever writable and executable, and what is dropped is given back.
//! Linux tells.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use statewright::{Compiled, Execution, Options, Program, Session};
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

/// Tests look at the whole process, so there is one at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn code_is_never_writable_and_is_given_back() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/workloads/arena.json");
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

/// Threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux has it").count()
}

/// A document of many handlers, each of many nodes; no two numbers make the same.
fn document(number: usize) -> String {
    let handler = |handler: usize| {
        let nodes = (0..60)
            .map(|n| format!(r#"{{"id":"n{n}","type":"Increment","inputs":{{"path":"Result","by":{number}}}}}"#));
        let flow = (1..60).map(|n| format!(r#"{{"from":"n{}","to":"n{n}"}}"#, n - 1));
        format!(
            r#"{{"name":"H{handler}","event":"H{handler}","nodes":[{}],"flow":[{{"from":"start","to":"n0"}},{}]}}"#,
            nodes.collect::<Vec<_>>().join(","),
            flow.collect::<Vec<_>>().join(",")
        )
    };
    format!(r#"{{"handlers":[{}]}}"#, (0..4).map(handler).collect::<Vec<_>>().join(","))
}

#[test]
fn documents_that_are_replaced_before_they_are_compiled_leave_nothing_behind() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let schema = include_str!("../../benches/workloads/arena.schema");
    let load = |number| {
        Program::load_on(Execution::Tiered, &document(number), schema).unwrap_or_else(|error| panic!("{error}"))
    };
    // All that is made once is there.
    let first = load(0);
    assert_eq!(first.wait_until_compiled(), Compiled::Yes);
    let mut session = Session::new(&first, Options::default());
    drop(first);
    let (idle, executable, before) = (threads(), mappings("r-x"), resident_pages());
    let (mut most_threads, mut most_code, mut most_pages) = (0, 0, 0);
    let mut last = None;
    for number in 1..=200 {
        let program = load(number);
        session.set_program(&program).unwrap_or_else(|error| panic!("{error}"));
        last = Some(program);
        most_threads = most_threads.max(threads());
        most_code = most_code.max(mappings("r-x"));
        most_pages = most_pages.max(resident_pages());
    }
    // One for all documents, and three that help it.
    assert!(most_threads <= idle + 4, "{most_threads} threads, and {idle} before");
    assert!(most_code <= executable + 3, "{most_code} pieces of code, and {executable} before");
    assert!(most_pages - before < 16_384, "it took {} pages more", most_pages - before);
    let last = last.expect("there were 200");
    assert_eq!(last.wait_until_compiled(), Compiled::Yes, "the last one is compiled");
    assert!(mappings("r-x") <= executable + 1, "the code of those that were replaced is gone");
}
