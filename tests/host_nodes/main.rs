//! Nodes of a host program, from the facade: what they are given, what they give, and how they stop a handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use statewright::{HostError, HostNode, HostNodes, Options, Program, Session, TrapCode, Value};

const SCHEMA: &str = "
type Pet {
    Name string
    Age  int32  @default(3)
}

@root(active)
type Game {
    I     int64
    F     float64
    Small float32
    T     string
    B     bool
    U     uint64
    N     *int64
    List  []int32
    Map   map[string]int64
    Pet   *Pet
}
";

fn document(nodes: &str, flow: &str) -> String {
    format!(
        r#"{{"handlers": [{{"name": "H", "event": "Go", "parameters": [], "nodes": [{nodes}], "flow": [{flow}]}}]}}"#
    )
}

/// The state after the handler, or why it stopped.
fn run(hosts: &HostNodes, nodes: &str, flow: &str) -> String {
    let program = match Program::load_with(&document(nodes, flow), SCHEMA, hosts) {
        Ok(program) => program,
        Err(error) => return error.to_string(),
    };
    let mut session = Session::new(&program, Options::default());
    match session.dispatch("Go", "", Value::map::<&str>([])) {
        Ok(_) => session.state().to_string(),
        Err(error) => error.to_string(),
    }
}

fn check(hosts: &HostNodes, nodes: &str, flow: &str, expected: expect_test::Expect) {
    expected.assert_eq(&run(hosts, nodes, flow));
}

fn one(
    node: HostNode,
    function: impl Fn(&mut statewright::HostCall<'_>) -> Result<(), HostError> + Send + Sync + 'static,
) -> HostNodes {
    let mut nodes = HostNodes::default();
    nodes.add(node, function).expect("the declaration is sound");
    nodes
}

fn set(field: &str, value: &str) -> String {
    format!(r#"{{"id": "{field}", "type": "SetField", "inputs": {{"path": "{field}", "value": "{value}"}}}}"#)
}

#[test]
fn scalars_go_in_and_out() {
    let node = HostNode::pure("Turn", "Turns things around.")
        .input("i", "int64", "")
        .input("f", "float64", "")
        .input("t", "string", "")
        .input("b", "bool", "")
        .input("u", "uint64", "")
        .output("i", "int32", "")
        .output("f", "float32", "")
        .output("t", "string", "")
        .output("b", "bool", "")
        .output("u", "uint64", "");
    let hosts = one(node, |call| {
        call.set_int(0, -call.int(0)?)?;
        call.set_float(1, call.float(1)? / 3.0)?;
        let text: String = call.text(2)?.chars().rev().collect();
        call.set_text(2, &text)?;
        call.set_bool(3, !call.bool(3)?)?;
        call.set_uint(4, call.uint(4)? - 1)
    });
    let node =
        r#"{"id": "n", "type": "Turn", "inputs": {"i": 5, "f": 1, "t": "abc", "b": true, "u": 18446744073709551615}}"#;
    let sets: Vec<String> = [("I", "i"), ("F", "f"), ("T", "t"), ("B", "b"), ("U", "u")]
        .map(|(field, output)| set(field, &format!("node:n:{output}")))
        .to_vec();
    let flow = r#"{"from": "start", "to": "I"}, {"from": "I", "to": "F"}, {"from": "F", "to": "T"}, {"from": "T", "to": "B"}, {"from": "B", "to": "U"}"#;
    check(
        &hosts,
        &format!("{node}, {}", sets.join(", ")),
        flow,
        expect_test::expect![[
            r#"{"I":-5,"F":0.3333333432674408,"Small":0.0,"T":"cba","B":false,"U":18446744073709551614,"N":null,"List":[],"Map":{},"Pet":null}"#
        ]],
    );
}

#[test]
fn structs_lists_and_null_are_values() {
    let node = HostNode::pure("Grow", "")
        .input("pet", "*Pet", "")
        .input("list", "[]int32", "")
        .optional("n", "*int64", "")
        .output("pet", "Pet", "")
        .output("list", "[]int32", "")
        .output("map", "map[string]int64", "");
    let hosts = one(node, |call| {
        assert!(call.is_null(0)? && call.is_null(2)?);
        let Value::List(mut list) = call.value(1)? else { return Err(TrapCode::BadArgument.into()) };
        list.push(Value::Int(9));
        call.set_value(0, &Value::map([("Name", Value::from("Rex"))]))?;
        call.set_value(1, &Value::List(list))?;
        call.set_value(2, &Value::map([("b", Value::Int(2)), ("a", Value::Int(1))]))
    });
    let nodes = format!(
        r#"{{"id": "n", "type": "Grow", "inputs": {{"pet": "state:Pet", "list": [1, 2]}}}}, {}, {}, {}"#,
        set("Pet", "node:n:pet"),
        set("List", "node:n:list"),
        set("Map", "node:n:map")
    );
    let flow = r#"{"from": "start", "to": "n"}, {"from": "n", "to": "Pet"}, {"from": "Pet", "to": "List"}, {"from": "List", "to": "Map"}"#;
    check(
        &hosts,
        &nodes,
        flow,
        expect_test::expect![[
            r#"{"I":0,"F":0.0,"Small":0.0,"T":"","B":false,"U":0,"N":null,"List":[1,2,9],"Map":{"a":1,"b":2},"Pet":{"Name":"Rex","Age":3}}"#
        ]],
    );
}

/// Few inputs and many take different ways to the function.
#[test]
fn as_many_inputs_as_there_are() {
    for count in [0, 1, 6, 7, 12] {
        let mut node = HostNode::pure("Weigh", "").output("sum", "int64", "");
        let mut inputs = Vec::new();
        for input in 0..count {
            node = node.input(&format!("i{input}"), "int64", "");
            inputs.push(format!(r#""i{input}": {}"#, input + 3));
        }
        let hosts = one(node, move |call| {
            let mut sum = 0;
            for input in 0..count {
                sum = sum * 3 + call.int(input)?;
            }
            if sum == 3 { Err(HostError::new(TrapCode::Custom, "three")) } else { call.set_int(0, sum) }
        });
        let inputs = inputs.join(", ");
        let nodes = format!(r#"{{"id": "w", "type": "Weigh", "inputs": {{{inputs}}}}}, {}"#, set("I", "node:w:sum"));
        let state = run(&hosts, &nodes, r#"{"from": "start", "to": "I"}"#);
        let expected = (0..count as i64).fold(0, |sum, input| sum * 3 + input + 3);
        match count {
            1 => assert!(state.contains("three"), "{state}"),
            _ => assert!(state.starts_with(&format!(r#"{{"I":{expected},"#)), "{count}: {state}"),
        }
    }
}

/// R3.2: whatever NaN there is, a host sees the canonical one, and so does the state.
#[test]
fn nan_is_canonical_on_both_ways() {
    let node =
        HostNode::pure("Odd", "").input("f", "float64", "").output("f", "float64", "").output("seen", "bool", "");
    let hosts = one(node, |call| {
        let seen = call.float(0)?.to_bits() == 0x7ff8_0000_0000_0000;
        call.set_bool(1, seen)?;
        call.set_float(0, f64::from_bits(0xfff0_0000_0000_0123))
    });
    let nodes = format!(
        r#"{{"id": "s", "type": "Sqrt", "inputs": {{"value": -1}}}}, {{"id": "m", "type": "Multiply", "inputs": {{"a": "node:s:result", "b": -1.0}}}},
{{"id": "n", "type": "Odd", "inputs": {{"f": "node:m:result"}}}}, {}, {}"#,
        set("F", "node:n:f"),
        set("B", "node:n:seen")
    );
    let program = Program::load_with(
        &document(&nodes, r#"{"from": "start", "to": "F"}, {"from": "F", "to": "B"}"#),
        SCHEMA,
        &hosts,
    );
    let mut session = Session::new(&program.expect("it is sound"), Options::default());
    session.dispatch("Go", "", Value::map::<&str>([])).expect("it runs");
    let state = session.state();
    assert_eq!(state.get("B"), Some(&Value::Bool(true)));
    let Some(Value::Float(float)) = state.get("F") else { panic!("a float is there") };
    assert_eq!(float.to_bits(), 0x7ff8_0000_0000_0000);
}

fn counting(node: HostNode) -> (HostNodes, Arc<AtomicI64>) {
    let count = Arc::new(AtomicI64::new(0));
    let counter = count.clone();
    let hosts =
        one(node.output("n", "int64", ""), move |call| call.set_int(0, counter.fetch_add(1, Ordering::Relaxed) + 1));
    (hosts, count)
}

/// R4.3: once for each node that needs it.
#[test]
fn a_pure_node_is_evaluated_once_for_each_node_that_needs_it() {
    let (hosts, count) = counting(HostNode::pure("Count", ""));
    let nodes = r#"{"id": "c", "type": "Count", "inputs": {}}, {"id": "sum", "type": "Add", "inputs": {"a": "node:c:n", "b": "node:c:n"}},
{"id": "one", "type": "SetField", "inputs": {"path": "I", "value": "node:sum:result"}},
{"id": "two", "type": "Increment", "inputs": {"path": "I", "by": "node:c:n"}}"#;
    let state = run(&hosts, nodes, r#"{"from": "start", "to": "one"}, {"from": "one", "to": "two"}"#);
    assert!(state.starts_with(r#"{"I":4,"#), "1 + 1 for the one, 2 for the other: {state}");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn an_executing_node_runs_when_it_is_reached_and_keeps_its_output() {
    let (hosts, count) = counting(HostNode::executing("Count", ""));
    let nodes = r#"{"id": "c", "type": "Count", "inputs": {}}, {"id": "one", "type": "Increment", "inputs": {"path": "I", "by": "node:c:n"}},
{"id": "two", "type": "Increment", "inputs": {"path": "I", "by": "node:c:n"}}"#;
    let flow = r#"{"from": "start", "to": "c"}, {"from": "c", "to": "one"}, {"from": "one", "to": "two"}"#;
    let state = run(&hosts, nodes, flow);
    assert!(state.starts_with(r#"{"I":2,"#), "{state}");
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn errors_stop_the_handler_with_their_code_and_text() {
    let stop = |error: fn() -> HostError| {
        let hosts = one(HostNode::executing("Stop", ""), move |_| Err(error()));
        run(&hosts, r#"{"id": "s", "type": "Stop", "inputs": {}}"#, r#"{"from": "start", "to": "s"}"#)
    };
    expect_test::expect!["not_found at node `s` of handler `H`: no such bell"]
        .assert_eq(&stop(|| HostError::new(TrapCode::NotFound, "no such bell")));
    expect_test::expect!["custom at node `s` of handler `H`: tired"]
        .assert_eq(&stop(|| HostError::new(TrapCode::FuelExhausted, "tired")));
    expect_test::expect![
        "bad_argument at node `s` of handler `H`: An input has a value that this node cannot work with."
    ]
    .assert_eq(&stop(|| TrapCode::BadArgument.into()));
}

#[test]
fn what_a_function_mistakes_is_told() {
    let node = || HostNode::executing("Odd", "").input("i", "int64", "").output("o", "int8", "");
    let told = |function: fn(&mut statewright::HostCall<'_>) -> Result<(), HostError>| {
        run(
            &one(node(), function),
            r#"{"id": "s", "type": "Odd", "inputs": {"i": 1}}"#,
            r#"{"from": "start", "to": "s"}"#,
        )
    };
    expect_test::expect!["bad_argument at node `s` of handler `H`: input 0 is no text"]
        .assert_eq(&told(|call| call.text(0).map(|_| ())));
    expect_test::expect!["bad_argument at node `s` of handler `H`: input 1 is no integer"]
        .assert_eq(&told(|call| call.int(1).map(|_| ())));
    expect_test::expect!["bad_argument at node `s` of handler `H`: output 0 takes no text"]
        .assert_eq(&told(|call| call.set_text(0, "x")));
    expect_test::expect!["out_of_range at node `s` of handler `H`: output 0 does not hold 128"]
        .assert_eq(&told(|call| call.set_int(0, 128)));
}

#[test]
fn an_output_that_is_not_set_is_zero() {
    let hosts = one(HostNode::executing("Still", "").output("t", "string", ""), |_| Ok(()));
    let nodes = format!(r#"{{"id": "n", "type": "Still", "inputs": {{}}}}, {}"#, set("T", "node:n:t"));
    let state = run(&hosts, &nodes, r#"{"from": "start", "to": "n"}, {"from": "n", "to": "T"}"#);
    assert!(state.contains(r#""T":"""#), "{state}");
}

#[test]
fn defaults_stand_in_and_types_are_checked() {
    let node = HostNode::pure("Glue", "")
        .input("a", "string", "")
        .default("b", "string", &Value::from("\"quoted\"\n"), "")
        .default("n", "int64", &Value::Int(-2), "")
        .default("f", "float64", &Value::Float(1e300), "")
        .output("t", "string", "");
    let hosts = one(node, |call| {
        let text = format!("{}{}{}{:e}", call.text(0)?, call.text(1)?, call.int(2)?, call.float(3)?);
        call.set_text(0, &text)
    });
    let with = |inputs: &str| {
        let nodes = format!(r#"{{"id": "n", "type": "Glue", "inputs": {inputs}}}, {}"#, set("T", "node:n:t"));
        run(&hosts, &nodes, r#"{"from": "start", "to": "T"}"#)
    };
    let state = with(r#"{"a": "x"}"#);
    assert!(state.contains(r#""T":"x\"quoted\"\n-21e300""#), "{state}");
    let wrong = with(r#"{"a": [1]}"#);
    assert!(wrong.contains("error[E025]"), "{wrong}");
    let wrong = with("{}");
    assert!(wrong.contains("lacks its input `a`"), "{wrong}");
    let wrong = with(r#"{"a": "x", "c": 1}"#);
    assert!(wrong.contains("its inputs are a, b, n, f"), "{wrong}");
}

#[test]
fn a_type_that_the_schema_does_not_have_is_an_error_where_the_node_is_used() {
    let hosts = one(HostNode::executing("Ride", "").input("horse", "*Horse", ""), |_| Ok(()));
    let used =
        run(&hosts, r#"{"id": "n", "type": "Ride", "inputs": {"horse": null}}"#, r#"{"from": "start", "to": "n"}"#);
    assert!(used.contains("error[E043]") && used.contains("`*Horse`"), "{used}");
    let unused = run(&hosts, &set("T", "x"), r#"{"from": "start", "to": "T"}"#);
    assert!(unused.contains(r#""T":"x""#), "{unused}");
}

#[test]
fn a_filter_may_use_pure_nodes_only() {
    let document = |ty: &str| {
        format!(
            r#"{{"handlers": [], "filters": [{{"name": "F", "parameters": [], "nodes": [{{"id": "n", "type": "{ty}", "inputs": {{}}}},
{{"id": "s", "type": "SetField", "inputs": {{"path": "I", "value": "node:n:n"}}}}],
"flow": [{{"from": "start", "to": "n"}}, {{"from": "n", "to": "s"}}]}}]}}"#
        )
    };
    let (mut hosts, _) = counting(HostNode::pure("Pure", ""));
    hosts.add(HostNode::executing("Acts", "").output("n", "int64", ""), |_| Ok(())).expect("it is sound");
    assert!(Program::load_with(&document("Pure"), SCHEMA, &hosts).is_ok());
    let refused =
        Program::load_with(&document("Acts"), SCHEMA, &hosts).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused.contains("E053") && refused.contains("acts on the host program"), "{refused}");
}

#[test]
fn names_are_taken_once_and_never_from_the_language() {
    let mut hosts = one(HostNode::pure("Count", ""), |_| Ok(()));
    let again = hosts.add(HostNode::pure("Count", ""), |_| Ok(())).err().map(|error| error.message);
    assert_eq!(again.as_deref(), Some("there are two nodes `Count`"));
    let hosts = one(HostNode::pure("Add", ""), |_| Ok(()));
    let refused = run(&hosts, &set("T", "x"), r#"{"from": "start", "to": "T"}"#);
    assert!(refused.contains("E058"), "{refused}");
}

/// What Trace nodes say reaches a host that listens, before and after a wait.
#[test]
fn trace_nodes_tell_the_host() {
    struct Heard(Vec<String>);
    impl statewright::Tracer for Heard {
        fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            self.0.push(format!("{handler} {function} {node} {text} {value}"));
        }
    }
    let nodes = r#"{"id": "a", "type": "Trace", "inputs": {"message": "before", "value": "state:List"}}, {"id": "w", "type": "Wait", "inputs": {"duration": 5}},
{"id": "b", "type": "Trace", "inputs": {"message": "after"}}"#;
    let flow = r#"{"from": "start", "to": "a"}, {"from": "a", "to": "w"}, {"from": "w", "to": "b"}"#;
    let program = Program::load(&document(nodes, flow), SCHEMA).expect("it is sound");
    let mut session = Session::new(&program, Options::default());
    let mut heard = Heard(Vec::new());
    session.dispatch_traced("Go", "", Value::map::<&str>([]), &mut heard).expect("it runs");
    session.advance_traced(5, &mut heard);
    assert_eq!(heard.0, ["H H a before []", "H H b after "]);
}

/// The row of a declaration is made once, however often the program is loaded.
#[test]
fn equal_declarations_share_a_row() {
    use statewright_graph::node;
    let declared = || {
        let (hosts, _) = counting(HostNode::pure("Shared", "").category("Math"));
        hosts.declarations().clone()
    };
    let (one, other) = (declared(), declared());
    let row = |hosts: &statewright::HostDeclarations| node::lookup("Shared", hosts).expect("it is declared");
    assert!(std::ptr::eq(row(&one), row(&other)));
    assert_eq!(row(&one).category, node::Category::Math);
}
