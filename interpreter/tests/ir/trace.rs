//! `enter`, `probe` and `message`.

use std::fmt::Write as _;

use expect_test::expect;
use statewright_runtime::context::Tracer;
use statewright_types::{Limits, Value, json};

use crate::world::{World, interpreter, module, module_text, schema, state};

#[derive(Default)]
struct Log(String);

impl Tracer for Log {
    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        writeln!(self.0, "{handler} {function} {node}").unwrap();
    }

    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        writeln!(self.0, "{function} {node} {port} = {}", json::to_string(&value)).unwrap();
    }

    fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        let value = value.map_or(String::new(), |value| format!(" {}", json::to_string(&value)));
        writeln!(self.0, "{handler} {function} {node} says {text}{value}").unwrap();
    }
}

#[test]
fn a_message_is_heard_in_every_module_and_changes_nothing() {
    let schema = schema();
    let text = module_text(
        "v1: int64 = iconst 2
        v2: []int64 = list.new []int64 v1, v1
        v3: string = sconst \"two\"
        message v3, v2 @\"first\"
        message v3",
    );
    let program = interpreter(module(&text, &schema));
    let mut log = Log::default();
    let with = World::new(state(&schema), Limits::default()).play(&program, Some(&mut log));
    let without = World::new(state(&schema), Limits::default()).play(&program, None);
    assert_eq!(with, without);
    expect![[r#"
        H H first says two [2,2]
        H H  says two
    "#]]
    .assert_eq(&log.0);
}

#[test]
fn a_tracer_hears_of_nodes_and_values_and_nothing_else_changes() {
    let schema = schema();
    let text = module_text(
        "enter @\"first\"
        v1: int64 = iconst 2
        v2: []int64 = list.new []int64 v1, v1
        probe \"out:list\" v2 @\"first\"
        v3: int64 = call \"Twice\" v1 @\"second\"
        probe \"out:value\" v3 @\"second\"
        ---
        function \"Twice\" (\"x\": int64) -> int64 {
        b0(v0: int64):
            enter @\"inner\"
            probe \"in:x\" v0 @\"inner\"
            v1: int64 = iadd v0, v0
            return v1
        }",
    )
    .replace("module root Game", "module root Game traced");
    let program = interpreter(module(&text, &schema));
    let mut log = Log::default();
    let with = World::new(state(&schema), Limits::default()).play(&program, Some(&mut log));
    let without = World::new(state(&schema), Limits::default()).play(&program, None);
    assert_eq!(with, without);
    expect![[r#"
        H H first
        H first out:list = [2,2]
        H Twice inner
        Twice inner in:x = 2
        H second out:value = 4
    "#]]
    .assert_eq(&log.0);
}
