//! `enter`, `leave`, `probe`, `watch` and `message`.

use std::fmt::Write as _;

use expect_test::expect;
use statewright_runtime::context::{Context, Tracer};
use statewright_runtime::state::State;
use statewright_types::{Limits, StructId, Type, Value, json};

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

/// A tracer that puts other values in the place of what is read, and writes the state when a node begins.
struct Meddler(String);

impl Tracer for Meddler {
    fn enter(&mut self, _: &str, function: &str, node: &str) {
        writeln!(self.0, "{function} {node} begins").unwrap();
    }

    fn probe(&mut self, _: &str, node: &str, port: &str, value: Value) {
        writeln!(self.0, "{node} {port} = {}", json::to_string(&value)).unwrap();
    }

    fn leave(&mut self, function: &str, node: &str) {
        writeln!(self.0, "{function} {node} ends").unwrap();
    }

    fn call(&mut self, function: &str) {
        writeln!(self.0, "{function} is called").unwrap();
    }

    fn returned(&mut self, function: &str) {
        writeln!(self.0, "{function} returns").unwrap();
    }

    fn pause(&mut self, cx: &mut Context<'_>) {
        let root = cx.state.root(StructId(0)).unwrap();
        cx.state.store(root, StructId(0), 0, 9).unwrap();
    }

    fn watch(&mut self, name: &str, ty: &Type, slot: u64, state: &mut State) -> u64 {
        assert_eq!((ty, slot), (&Type::String, slot));
        writeln!(self.0, "{name} is read as {}", state.str(slot)).unwrap();
        state.string("carol")
    }
}

#[test]
fn a_debugger_hears_of_calls_and_puts_values_in_their_place() {
    let schema = schema();
    let text = module_text(
        "enter
        enter @\"first\"
        v1: string = call \"Loud\" v0 @\"first\"
        probe \"out:result\" v1 @\"first\"
        leave @\"first\"
        leave
        ---
        function \"Loud\" (\"x\": string) -> string {
        b0(v0: string):
            enter
            v1: string = watch \"param:x\" v0 @\"inner\"
            v2: string = str.upper v1 @\"inner\"
            leave
            return v2
        }",
    )
    .replace("module root Game", "module root Game traced");
    let program = interpreter(module(&text, &schema));
    let mut meddler = Meddler(String::new());
    let mut world = World::new(state(&schema), Limits::default());
    world.play(&program, Some(&mut meddler));
    expect![[r#"
        H is called
        H first begins
        Loud is called
        param:x is read as alice
        Loud returns
        first out:result = "CAROL"
        H first ends
        H returns
    "#]]
    .assert_eq(&meddler.0);
    assert_eq!(world.state.to_value().get("Round"), Some(&Value::Int(9)));
}
