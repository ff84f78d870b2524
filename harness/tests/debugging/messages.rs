//! Messages of a run.

use std::cell::RefCell;

use expect_test::{Expect, expect};
use statewright_harness::debug::{Outline, Recorder};
use statewright_runtime::session::Action;
use statewright_types::{Value, json};

use crate::world::{clock, loaded, session};

/// Runs an event and lets 10 ms pass; each message on a line, without the keys that are the same in all.
fn check(event: &str, params: &str, expected: Expect) {
    let loaded = loaded();
    let mut session = session(&loaded);
    let told = RefCell::new(String::new());
    let sink = |message: &Value| {
        let Value::Map(entries) = message else { panic!("{message}") };
        assert_eq!(message.get("sessionId"), Some(&Value::from("s1")));
        let common = ["sessionId", "activation", "handler"];
        let rest = entries.iter().filter(|(key, _)| !common.contains(&&**key)).cloned().collect();
        *told.borrow_mut() += &(json::to_string(&Value::Map(rest)) + "\n");
    };
    let mut recorder = Recorder::new(Outline::new(&loaded), "s1", clock(), Box::new(sink));
    session.dispatch_traced(Action::new(event, "ann", params.parse().expect("JSON")), &mut recorder);
    session.advance_to_traced(10, &mut recorder);
    drop(recorder);
    expected.assert_eq(&told.borrow());
}

#[test]
fn a_run_tells_of_nodes_with_their_values_and_of_waits() {
    check(
        "Play",
        r#"{"id": "ann", "amount": 5}"#,
        expect![[r#"
        {"type":"event:start","event":"Play","sender":"ann","params":{"id":"ann","amount":5},"timestamp":1000001}
        {"type":"node:start","graph":"OnPlay","nodeId":"find","nodeType":"GetPlayer","inputs":{"playerID":"ann"},"timestamp":1000003}
        {"type":"node:end","graph":"OnPlay","nodeId":"find","nodeType":"GetPlayer","outputs":{"player":{"ID":"ann","Score":0},"found":true},"durationMs":1.5,"timestamp":1000004}
        {"type":"node:start","graph":"OnPlay","nodeId":"first","nodeType":"SetVariable","inputs":{"value":0},"timestamp":1000006}
        {"type":"node:end","graph":"OnPlay","nodeId":"first","nodeType":"SetVariable","outputs":{"value":0},"durationMs":1.5,"timestamp":1000007}
        {"type":"node:start","graph":"OnPlay","nodeId":"loop","nodeType":"Repeat","inputs":{"count":3},"timestamp":1000009}
        {"type":"node:start","graph":"OnPlay","nodeId":"twice","nodeType":"Multiply","inputs":{"a":5,"b":2},"timestamp":1000012}
        {"type":"node:end","graph":"OnPlay","nodeId":"twice","nodeType":"Multiply","outputs":{"result":10},"durationMs":1.5,"timestamp":1000013}
        {"type":"node:start","graph":"OnPlay","nodeId":"call","nodeType":"CallFunction","inputs":{"args.a":0,"args.b":10},"timestamp":1000010}
        {"type":"node:start","graph":"Plus","nodeId":"add","nodeType":"Add","inputs":{"a":0,"b":10},"timestamp":1000015}
        {"type":"node:end","graph":"Plus","nodeId":"add","nodeType":"Add","outputs":{"result":10},"durationMs":1.5,"timestamp":1000016}
        {"type":"node:start","graph":"Plus","nodeId":"return","nodeType":"Return","inputs":{"value":10},"timestamp":1000018}
        {"type":"node:end","graph":"Plus","nodeId":"return","nodeType":"Return","outputs":{},"durationMs":1.5,"timestamp":1000019}
        {"type":"node:end","graph":"OnPlay","nodeId":"call","nodeType":"CallFunction","outputs":{"result":10},"durationMs":10.5,"timestamp":1000021}
        {"type":"node:start","graph":"OnPlay","nodeId":"keep","nodeType":"SetVariable","inputs":{"value":10},"timestamp":1000022}
        {"type":"node:end","graph":"OnPlay","nodeId":"keep","nodeType":"SetVariable","outputs":{"value":10},"durationMs":1.5,"timestamp":1000024}
        {"type":"node:start","graph":"OnPlay","nodeId":"twice","nodeType":"Multiply","inputs":{"a":5,"b":2},"timestamp":1000027}
        {"type":"node:end","graph":"OnPlay","nodeId":"twice","nodeType":"Multiply","outputs":{"result":10},"durationMs":1.5,"timestamp":1000028}
        {"type":"node:start","graph":"OnPlay","nodeId":"call","nodeType":"CallFunction","inputs":{"args.a":10,"args.b":10},"timestamp":1000025}
        {"type":"node:start","graph":"Plus","nodeId":"add","nodeType":"Add","inputs":{"a":10,"b":10},"timestamp":1000030}
        {"type":"node:end","graph":"Plus","nodeId":"add","nodeType":"Add","outputs":{"result":20},"durationMs":1.5,"timestamp":1000031}
        {"type":"node:start","graph":"Plus","nodeId":"return","nodeType":"Return","inputs":{"value":20},"timestamp":1000033}
        {"type":"node:end","graph":"Plus","nodeId":"return","nodeType":"Return","outputs":{},"durationMs":1.5,"timestamp":1000034}
        {"type":"node:end","graph":"OnPlay","nodeId":"call","nodeType":"CallFunction","outputs":{"result":20},"durationMs":10.5,"timestamp":1000036}
        {"type":"node:start","graph":"OnPlay","nodeId":"keep","nodeType":"SetVariable","inputs":{"value":20},"timestamp":1000037}
        {"type":"node:end","graph":"OnPlay","nodeId":"keep","nodeType":"SetVariable","outputs":{"value":20},"durationMs":1.5,"timestamp":1000039}
        {"type":"node:start","graph":"OnPlay","nodeId":"twice","nodeType":"Multiply","inputs":{"a":5,"b":2},"timestamp":1000042}
        {"type":"node:end","graph":"OnPlay","nodeId":"twice","nodeType":"Multiply","outputs":{"result":10},"durationMs":1.5,"timestamp":1000043}
        {"type":"node:start","graph":"OnPlay","nodeId":"call","nodeType":"CallFunction","inputs":{"args.a":20,"args.b":10},"timestamp":1000040}
        {"type":"node:start","graph":"Plus","nodeId":"add","nodeType":"Add","inputs":{"a":20,"b":10},"timestamp":1000045}
        {"type":"node:end","graph":"Plus","nodeId":"add","nodeType":"Add","outputs":{"result":30},"durationMs":1.5,"timestamp":1000046}
        {"type":"node:start","graph":"Plus","nodeId":"return","nodeType":"Return","inputs":{"value":30},"timestamp":1000048}
        {"type":"node:end","graph":"Plus","nodeId":"return","nodeType":"Return","outputs":{},"durationMs":1.5,"timestamp":1000049}
        {"type":"node:end","graph":"OnPlay","nodeId":"call","nodeType":"CallFunction","outputs":{"result":30},"durationMs":10.5,"timestamp":1000051}
        {"type":"node:start","graph":"OnPlay","nodeId":"keep","nodeType":"SetVariable","inputs":{"value":30},"timestamp":1000052}
        {"type":"node:end","graph":"OnPlay","nodeId":"keep","nodeType":"SetVariable","outputs":{"value":30},"durationMs":1.5,"timestamp":1000054}
        {"type":"node:end","graph":"OnPlay","nodeId":"loop","nodeType":"Repeat","outputs":{"index":2},"durationMs":46.5,"timestamp":1000055}
        {"type":"node:start","graph":"OnPlay","nodeId":"wait","nodeType":"Wait","inputs":{"duration":10},"timestamp":1000057}
        {"type":"node:wait","graph":"OnPlay","nodeId":"wait","nodeType":"Wait","waitMs":10,"resumeAt":10,"timestamp":1000060}
        {"type":"node:resume","graph":"OnPlay","nodeId":"wait","nodeType":"Wait","timestamp":1000063}
        {"type":"node:end","graph":"OnPlay","nodeId":"wait","nodeType":"Wait","outputs":{},"durationMs":7.5,"timestamp":1000064}
        {"type":"node:start","graph":"OnPlay","nodeId":"write","nodeType":"SetField","inputs":{"value":30},"timestamp":1000066}
        {"type":"node:end","graph":"OnPlay","nodeId":"write","nodeType":"SetField","outputs":{},"durationMs":1.5,"timestamp":1000067}
        {"type":"node:start","graph":"OnPlay","nodeId":"score","nodeType":"UpdateStruct","inputs":{"object":{"ID":"ann","Score":0},"fields.Score":5},"timestamp":1000069}
        {"type":"node:end","graph":"OnPlay","nodeId":"score","nodeType":"UpdateStruct","outputs":{"result":{"ID":"ann","Score":5}},"durationMs":1.5,"timestamp":1000070}
        {"type":"event:end","durationMs":67.5,"timestamp":1000072}
    "#]],
    );
}

#[test]
fn a_failure_is_told_at_its_node_and_at_the_end() {
    check(
        "Divide",
        r#"{"by": 0}"#,
        expect![[r#"
        {"type":"event:start","event":"Divide","sender":"ann","params":{"by":0},"timestamp":1000001}
        {"type":"node:start","graph":"OnDivide","nodeId":"count","nodeType":"Increment","inputs":{"by":1},"timestamp":1000003}
        {"type":"node:end","graph":"OnDivide","nodeId":"count","nodeType":"Increment","outputs":{"value":1},"durationMs":1.5,"timestamp":1000004}
        {"type":"node:start","graph":"OnDivide","nodeId":"divide","nodeType":"IntDivide","inputs":{"a":12,"b":0},"timestamp":1000006}
        {"type":"node:error","graph":"OnDivide","nodeId":"divide","nodeType":"IntDivide","error":"The divisor is zero.","code":"divide_by_zero","durationMs":1.5,"timestamp":1000007}
        {"type":"event:end","durationMs":7.5,"error":"The divisor is zero.","code":"divide_by_zero","timestamp":1000009}
    "#]],
    );
}

#[test]
fn what_never_ran_begins_and_ends() {
    check(
        "Divide",
        r#"{"by": "x"}"#,
        expect![[r#"
        {"type":"event:start","event":"Divide","sender":"ann","params":{"by":"x"},"timestamp":1000001}
        {"type":"event:end","durationMs":1.5,"error":"parameter `by` of `Divide`: expected int64, found the text \"x\"","code":"bad_parameters","timestamp":1000003}
    "#]],
    );
}
