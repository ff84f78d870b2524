//! Fixes mend what they are for, and nothing else changes.

use expect_test::{Expect, expect};
use statewright_types::Diagnostic;

use super::examples::{EXAMPLES, Example, SCHEMA, VIEWED, WRITING};
use super::{document, given, look, state, test};

/// `text` with one diagnostic's fix made.
fn fixed(text: &str, diagnostic: &Diagnostic) -> String {
    let mut fixes: Vec<_> = diagnostic.fix.iter().collect();
    fixes.sort_by_key(|fix| fix.span);
    let mut out = text.to_owned();
    for fix in fixes.iter().rev() {
        out.replace_range(fix.span.range(), &fix.text);
    }
    out
}

/// How often each example's problem is found, before and after its fix.
#[test]
fn a_fix_makes_its_problem_vanish() {
    for (code, example) in EXAMPLES {
        let (text, find): (String, fn(&str) -> Vec<Diagnostic>) = match *example {
            Example::Nodes(nodes, flow) => (document(nodes, flow), |text| look(text, SCHEMA)),
            Example::Document(text) => (text.to_owned(), |text| look(text, SCHEMA)),
            Example::Schema(text) => (text.to_owned(), |text| statewright_types::schema::parse(text).1),
            Example::State(text) => (text.to_owned(), state),
            Example::Test(text) => (text.to_owned(), test),
            Example::Viewed(text) => (text.to_owned(), |text| look(text, VIEWED)),
            Example::Writing(nodes, flow) => (document(nodes, flow), |text| look(text, WRITING)),
            Example::Config(text) => (text.to_owned(), |text| statewright_types::config::parse(text).1),
            Example::Given(text) => (text.to_owned(), given),
            Example::Configured(_) | Example::Declared(_) | Example::Hosted(..) | Example::None(_) => continue,
        };
        let found = find(&text);
        for diagnostic in found.iter().filter(|diagnostic| !diagnostic.fix.is_empty()) {
            let mended = fixed(&text, diagnostic);
            let same = |other: &&Diagnostic| other.code == diagnostic.code && other.message == diagnostic.message;
            let left = find(&mended);
            let (before, after) = (found.iter().filter(same).count(), left.iter().filter(same).count());
            assert!(after < before, "{code}: {} is still found in {mended}: {left:#?}", diagnostic.code);
            assert!(diagnostic.repair.is_none(), "{code}: a repair is left over");
        }
    }
}

/// The nodes and edges of a handler, with the fixes made one by one until there are none.
fn check(nodes: &str, flow: &str, expected: Expect) {
    let mut text = document(nodes, flow);
    let frame = document("", "");
    let (before, after) = frame.split_once(r#"], "flow": ["#).expect("a frame");
    for _ in 0..20 {
        let found = look(&text, SCHEMA);
        let Some(diagnostic) = found.iter().find(|diagnostic| !diagnostic.fix.is_empty()) else { break };
        text = fixed(&text, diagnostic);
    }
    let inside = text.strip_prefix(before).and_then(|text| text.strip_suffix(after)).expect("the frame is untouched");
    expected.assert_eq(inside);
}

const FROM_START: &str = r#"{"from": "start", "to": "a"}"#;

#[test]
fn words_in_references() {
    check(
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Plyers[param:idd:ID].Scroe", "value": "state:Plyers[0].Scoer"}}"#,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Players[param:id:ID].Score", "value": "state:Players[0].Score"}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
    check(
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": {"template": "Phsae {{state:Phsae}}, {{state:Phsae}}"}}}"#,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": {"template": "Phsae {{state:Phase}}, {{state:Phase}}"}}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
}

#[test]
fn text_that_looks_like_a_reference() {
    check(
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "state: of the art"}}"#,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": {"constant": "state: of the art"}}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
}

#[test]
fn floats_where_integers_go() {
    check(
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 2.0}}"#,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": 2}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
    check(
        r#"{"id": "toInt", "type": "Increment", "inputs": {"path": "Round"}},
    {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "state:Speed"}}"#,
        r#"{"from": "start", "to": "toInt"}, {"from": "toInt", "to": "a"}"#,
        expect![[r#"{"id": "toInt", "type": "Increment", "inputs": {"path": "Round"}},
    {"id": "toInt2", "type": "ToInt", "inputs": {"value": "state:Speed"}},
    {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:toInt2:result"}}], "flow": [{"from": "start", "to": "toInt"}, {"from": "toInt", "to": "a"}"#]],
    );
    // An index inside of a reference is not the whole value.
    let inside =
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "state:Players[state:Speed].Score"}}"#;
    check(
        inside,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "state:Players[state:Speed].Score"}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
}

#[test]
fn numbers_where_text_goes() {
    check(
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": 5}}"#,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "5"}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
    check(
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "state:Players["ann":ID].Score"}}"#,
        FROM_START,
        expect![[
            r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "state:Players["ann":ID].Score"}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
}

#[test]
fn nodes_that_nobody_needs_go_one_after_the_other() {
    check(
        r#"{"id": "x", "type": "Negate", "inputs": {"value": 1}}, {"id": "y", "type": "Negate", "inputs": {"value": "node:x:result"}},
{"id": "a", "type": "Increment", "inputs": {"path": "Round"}},
{"id": "b", "type": "SetField", "inputs": {"path": "Round", "value": "node:y:result"}}"#,
        r#"{"from": "b", "to": "a"}, {"from": "start", "to": "a"}"#,
        expect![[
            r#"{"id": "a", "type": "Increment", "inputs": {"path": "Round"}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
}

#[test]
fn edges() {
    check(
        r#"{"id": "a", "type": "If", "inputs": {"condition": true}}, {"id": "r", "type": "Return", "inputs": {"value": 1}}"#,
        r#"{"from": "start", "to": "a", "label": "next"}, {"from": "a", "to": "r", "label": "ture"}, {"from": "a", "to": "r", "label": "true"}, {"from": "r", "to": "a"}"#,
        expect![[
            r#"{"id": "a", "type": "If", "inputs": {"condition": true}}, {"id": "r", "type": "Return", "inputs": {}}], "flow": [{"from": "start", "to": "a", "label": "next"}, {"from": "a", "to": "r", "label": "true"}"#
        ]],
    );
}

#[test]
fn operators_of_other_languages() {
    check(
        r#"{"id": "x", "type": "Compare", "inputs": {"left": 1, "op": "=>", "right": 2}}, {"id": "a", "type": "If", "inputs": {"condition": "node:x:result"}}"#,
        FROM_START,
        expect![[
            r#"{"id": "x", "type": "Compare", "inputs": {"left": 1, "op": ">=", "right": 2}}, {"id": "a", "type": "If", "inputs": {"condition": "node:x:result"}}], "flow": [{"from": "start", "to": "a"}"#
        ]],
    );
}

/// Every problem of a text that is no JSON, by line, then the text with all fixes made.
fn json_problems(text: &str, expected: Expect) {
    let problems = statewright_types::json::problems(text);
    let mut lines: Vec<String> = problems
        .iter()
        .map(|problem| {
            let (line, column) = statewright_types::Span::line_column(text, problem.span.expect("a span").start);
            format!("{line}:{column} {} {}", problem.code, problem.message)
        })
        .collect();
    let mut mended = text.to_owned();
    for problem in problems.iter().rev() {
        mended = fixed(&mended, problem);
    }
    lines.push(mended);
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn several_syntax_errors_are_found_at_once() {
    json_problems(
        r#"{
  "a": 1
  "b": [1, 2,, 3,],
  c: 'x',
  "d": 007,
  "e": "text,
  "f": True
}"#,
        expect![[r#"
            3:3 E001 `"` stands where `,` or `}` should be
            3:14 E001 `,` stands where a value should be
            3:17 E008 a comma before `]`
            4:3 E008 a key without quotes
            {
              "a": 1,
              "b": [1, 2, 3],
              "c": 'x',
              "d": 007,
              "e": "text,
              "f": True
            }"#]],
    );
}

#[test]
fn syntax_errors_do_not_cascade() {
    for (text, expected) in [
        (
            "{\"a\": \"say \"hi\" now\", \"b\": 1 \"c\": 2}",
            expect![[r#"
            1:13 E001 `h` stands where `,` or `}` should be
            {"a": "say "hi" now", "b": 1 "c": 2}"#]],
        ),
        (
            "{\"a: 1, \"b\": 2}",
            expect![[r#"
            1:10 E001 `b` stands where the colon after a key should be
            {"a: 1, "b": 2}"#]],
        ),
        (
            "[1, 2}\n[3 4]",
            expect![[r#"
            1:6 E001 `}` stands where `,` or `]` should be
            [1, 2}
            [3 4]"#]],
        ),
        (
            "{\n  \"a\": \"x\"\",\n  \"b\": 2\n}",
            expect![[r#"
            2:11 E001 `"` stands where `,` or `}` should be
            {
              "a": "x"",
              "b": 2
            }"#]],
        ),
        (
            "{\"a\" 1, \"b\" 2}",
            expect![[r#"
            1:6 E001 `1` stands where the colon after a key should be
            {"a" 1, "b" 2}"#]],
        ),
        (
            "{\"a\": [1, 2, \"b\": 3}",
            expect![[r#"
            1:17 E001 `:` stands where `,` or `]` should be
            {"a": [1, 2, "b": 3}"#]],
        ),
        (
            "{\"a\": }\n",
            expect![[r#"
            1:7 E001 `}` stands where a value should be
            {"a": }
        "#]],
        ),
    ] {
        json_problems(text, expected);
    }
}
