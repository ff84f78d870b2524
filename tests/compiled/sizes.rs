//! Documents that are too large end in a message, before anything is generated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use statewright_graph::ir::{Module, Verified, text};
use statewright_interpreter::ProgramTables;
use statewright_jit::{Jit, JitError, MOST_OF_FUNCTION};
use statewright_runtime::host::HostNodes;
use statewright_types::schema;

fn compile(text: &str) -> Result<Jit, JitError> {
    let (schema, diagnostics) = schema::text::parse("package p\n@root(active)\ntype Game { Round int64 }\n");
    let schema = Arc::new(schema.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let module: Module = text::parse(text, &schema).unwrap_or_else(|error| panic!("{error}"));
    let module = Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    Jit::new(&module, ProgramTables::new(&module, Vec::new(), [0; 32]), &HostNodes::default())
}

fn handler(body: &str) -> String {
    format!(
        "module root Game\n\nhandler \"H\" event \"E\" (\"senderID\": string) {{\nb0(v0: string):\n{body}return\n}}\n"
    )
}

fn sum(count: usize) -> String {
    let mut body = String::from("v1: int64 = now\n");
    for index in 2..count {
        body += &format!("v{index}: int64 = iadd v{}, v1\n", index - 1);
    }
    handler(&body)
}

#[test]
fn a_long_function_is_compiled_and_a_longer_one_is_refused() {
    let long = compile(&sum(4_000)).unwrap_or_else(|error| panic!("{error}"));
    assert!(long.code_bytes() > 4_000);
    match compile(&sum(MOST_OF_FUNCTION + 10)) {
        Err(error @ JitError::LargeFunction { .. }) => {
            let message = error.to_string();
            assert!(message.contains("`H`") && message.contains("use the interpreter"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_functions_are_refused_by_their_sum() {
    let one = sum(19_000);
    let (head, body) = one.split_once("\n\n").expect("a module line");
    let mut text = String::from(head);
    for index in 0..11 {
        text += &format!("\n\n{}", body.replace("\"H\"", &format!("\"H{index}\"")));
    }
    assert!(matches!(compile(&text), Err(JitError::LargeModule { .. })));
}

#[test]
fn compiling_ends_once_nobody_wants_the_code() {
    let (schema, _) = schema::text::parse("package p\n@root(active)\ntype Game { Round int64 }\n");
    let schema = Arc::new(schema.expect("a schema"));
    let module: Module = text::parse(&sum(100), &schema).unwrap_or_else(|error| panic!("{error}"));
    let module = Verified::new(module).unwrap_or_else(|errors| panic!("{errors:?}"));
    let stop = AtomicBool::new(false);
    let compile =
        || Jit::unless(&module, ProgramTables::new(&module, Vec::new(), [0; 32]), &HostNodes::default(), &stop);
    assert!(compile().is_ok());
    stop.store(true, Ordering::Relaxed);
    assert!(matches!(compile(), Err(JitError::Stopped)));
    stop.store(false, Ordering::Relaxed);
    assert!(compile().is_ok(), "what was stopped leaves nothing behind");
}
