//! Tests of reading, writing and editing.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{Diagnostic, Limits, Span, Value};

fn check_error(text: &str, expected: Expect) {
    let error = parse(text).expect_err("this text is no JSON");
    let span = error.span.expect("errors of the parser have a span");
    let at = text.get(span.range()).expect("the span lies in the text");
    assert!(error.help.is_some(), "{error:?} says nothing to do");
    expected.assert_eq(&format!("{} {at:?} {}", error.code, error.message));
}

fn tree(text: &str) -> Tree {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

#[test]
fn errors_name_what_and_where() {
    check_error("", expect![[r#"E001 "" the text is empty"#]]);
    check_error("{\"a\":1,}", expect![[r#"E008 "," a comma before `}`"#]]);
    check_error("[1 2]", expect![[r#"E001 "2" `2` stands where `,` or `]` should be"#]]);
    check_error("[1, 2", expect![[r#"E001 "" the text ends inside an array"#]]);
    check_error("{\"a\" 1}", expect![[r#"E001 "1" `1` stands where the colon after a key should be"#]]);
    check_error("{a: 1}", expect![[r#"E008 "a" a key without quotes"#]]);
    check_error("{'a': 1}", expect![[r#"E008 "'" a single quote"#]]);
    check_error(
        "{\"a\":1,\"b\":{\"a\":1,\"a\":2}}",
        expect![[r#"E004 "\"a\"" the key "a" occurs twice in this object"#]],
    );
    check_error("// hi\n1", expect![[r#"E008 "/" a comment"#]]);
    check_error("[1, /* x */ 2]", expect![[r#"E008 "/" a comment"#]]);
    check_error("{} x", expect![[r#"E009 "x" `x` follows the end of the document"#]]);
    check_error("\u{feff}{}", expect![[r#"E007 "\u{feff}" the text begins with a byte order mark"#]]);
    check_error("True", expect![[r#"E008 "True" `True` is no JSON value"#]]);
    check_error("NaN", expect![[r#"E008 "NaN" `NaN` is no JSON value"#]]);
    check_error("é", expect![[r#"E001 "é" `é` stands where a value should be"#]]);
}

#[test]
fn errors_in_strings_and_numbers() {
    check_error("\"a", expect![[r#"E002 "\"a" a string is not closed"#]]);
    check_error("\"a\nb\"", expect![[r#"E002 "\"a" a string is not closed on its line"#]]);
    check_error("\"a\tb\"", expect![[r#"E002 "\t" a string has the control character U+0009"#]]);
    check_error(r#""\x""#, expect![[r#"E002 "\\x" a string has an unknown escape"#]]);
    check_error(r#""\ud800""#, expect![[r#"E002 "\\ud800" a string has half of a surrogate pair"#]]);
    check_error(r#""\ud800\u0041""#, expect![[r#"E002 "\\ud800" a string has half of a surrogate pair"#]]);
    check_error(r#""\udc00""#, expect![[r#"E002 "\\udc00" a string has half of a surrogate pair"#]]);
    check_error(r#""\u12g4""#, expect![[r#"E002 "\\u" `\u` lacks four hex digits"#]]);
    check_error("01", expect![[r#"E003 "01" a number begins with 0"#]]);
    check_error("-", expect![[r#"E003 "-" a number lacks its digits"#]]);
    check_error("1.", expect![[r#"E003 "1." a number lacks digits after its point"#]]);
    check_error("1e+", expect![[r#"E003 "1e+" a number lacks digits in its exponent"#]]);
    check_error("12px", expect![[r#"E003 "12p" letters follow a number"#]]);
    check_error("1e309", expect![[r#"E003 "1e309" the number is too large"#]]);
    assert_eq!(parse("9".repeat(310)).expect_err("too large").code, codes::NUMBER);
}

#[test]
fn depth_and_size_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(Limits::JSON_DEPTH)).is_ok());
    assert_eq!(parse(nested(Limits::JSON_DEPTH + 1)).expect_err("too deep").code, codes::DEPTH);
    assert_eq!(parse("[".repeat(1_000_000)).expect_err("too deep").code, codes::DEPTH);
    assert_eq!(parse("{\"a\":".repeat(1_000_000)).expect_err("too deep").code, codes::DEPTH);
    assert_eq!(parse(" ".repeat(Limits::FILE_BYTES + 1)).expect_err("too large").code, codes::SIZE);
}

#[test]
fn duplicates_are_found_in_large_objects() {
    let entries: Vec<String> = (0..100).map(|index| format!("\"k{index}\":0")).collect();
    assert!(parse(format!("{{{}}}", entries.join(","))).is_ok());
    let text = format!("{{{},\"k7\":1}}", entries.join(","));
    let error = parse(text.as_str()).expect_err("k7 occurs twice");
    assert_eq!(error.span.expect("a span").start as usize, text.rfind("\"k7\"").expect("it is there"));
}

#[test]
fn a_tree_knows_values_and_spans() {
    let text = r#" {"a": [1, -2.5, "x\n\u00e9\ud83d\ude00"], "b": {"c": null, "d": true}} "#;
    let tree = tree(text);
    let root = tree.root();
    assert_eq!(tree.source(), text);
    assert_eq!(tree.kind(root), Kind::Object);
    let list = tree.get(root, "a").expect("a is there");
    assert_eq!(tree.elements(list).len(), 3);
    let texts: Vec<&str> = tree.elements(list).iter().map(|&element| tree.text(element)).collect();
    assert_eq!(texts, ["1", "-2.5", r#""x\n\u00e9\ud83d\ude00""#]);
    assert_eq!(tree.str(tree.elements(list)[2]).map(|text| &**text), Some("x\né😀"));
    assert_eq!(tree.number(tree.elements(list)[1]), Some("-2.5"));
    let entry = tree.entry(root, "b").expect("b is there");
    assert_eq!(tree.slice(entry.key_span), "\"b\"");
    assert_eq!(tree.text(entry.value), r#"{"c": null, "d": true}"#);
    assert_eq!(tree.descendants(entry.value).count(), 3);
    assert_eq!(tree.descendants(root).count(), tree.nodes().count());
    assert_eq!(tree.value(entry.value), Value::map([("c", Value::Null), ("d", Value::Bool(true))]));
    assert!(tree.elements(root).is_empty() && tree.entries(list).is_empty() && tree.str(list).is_none());
}

#[test]
fn numbers_become_the_narrowest_value() {
    let value = |text: &str| tree(text).value(NodeId(0));
    assert_eq!(value("-0"), Value::Int(0));
    assert_eq!(value("-0.0"), Value::Float(-0.0));
    assert_eq!(value("9223372036854775807"), Value::Int(i64::MAX));
    assert_eq!(value("-9223372036854775808"), Value::Int(i64::MIN));
    assert_eq!(value("9223372036854775808"), Value::UInt(1 << 63));
    assert_eq!(value("18446744073709551615"), Value::UInt(u64::MAX));
    assert_eq!(value("18446744073709551616"), Value::Float(18446744073709551616.0));
    assert_eq!(value("-9223372036854775809"), Value::Float(-9223372036854775808.0));
    assert_eq!(value("1.0"), Value::Float(1.0));
    assert_eq!(value("1E2"), Value::Float(100.0));
    assert_eq!(value("1e-400"), Value::Float(0.0));
}

#[test]
fn floats_are_written_as_floats() {
    let texts = [3.0, -0.0, 0.0, 1e300, 1e21, 1.5e-7, 0.1, f64::MAX, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
        .map(float_text);
    expect![[r#"3.0 -0.0 0.0 1e+300 1e+21 1.5e-7 0.1 1.7976931348623157e+308 "NaN" "Infinity" "-Infinity""#]]
        .assert_eq(&texts.join(" "));
}

#[test]
fn values_are_written_compact_and_pretty() {
    let position = Value::map([("x", Value::from(1.0)), ("y", Value::from(2.5))]);
    let value = Value::map([
        ("text", Value::from("a\"\\\u{1}\n\u{8}é/")),
        ("bytes", Value::Bytes([1u8, 2, 3, 255].as_slice().into())),
        ("position", position.clone()),
        ("positions", Value::List(vec![position; 4])),
        ("empty", Value::List(vec![Value::Map(Vec::new()), Value::List(Vec::new())])),
    ]);
    expect![[r#"{"text":"a\"\\\u0001\n\bé/","bytes":"AQID/w==","position":{"x":1.0,"y":2.5},"positions":[{"x":1.0,"y":2.5},{"x":1.0,"y":2.5},{"x":1.0,"y":2.5},{"x":1.0,"y":2.5}],"empty":[{},[]]}"#]]
        .assert_eq(&to_string(&value));
    expect![[r#"
        {
          "text": "a\"\\\u0001\n\bé/",
          "bytes": "AQID/w==",
          "position": {"x": 1.0, "y": 2.5},
          "positions": [
            {"x": 1.0, "y": 2.5},
            {"x": 1.0, "y": 2.5},
            {"x": 1.0, "y": 2.5},
            {"x": 1.0, "y": 2.5}
          ],
          "empty": [{}, []]
        }"#]]
    .assert_eq(&to_pretty(&value));
}

#[test]
fn a_line_of_80_columns_stays_and_one_of_81_breaks() {
    let list = |length: usize| Value::map([("k", Value::List(vec![Value::from("x".repeat(length))]))]);
    assert_eq!(to_pretty(&list(69)).lines().map(str::len).max(), Some(80));
    assert_eq!(to_pretty(&list(69)).lines().count(), 1);
    assert_eq!(to_pretty(&list(70)).lines().count(), 5, "neither the outer nor the inner one fits");
}

#[test]
fn base64_agrees_with_the_vectors_of_rfc_4648() {
    for (data, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(base64_encode(data.as_bytes()), text);
        assert_eq!(base64_decode(text).as_deref(), Some(data.as_bytes()));
    }
    for bad in ["Zg=", "Zg", "Zg===", "Zh==", "Zm9=", "Z g=", "====", "Zm9v\n", "=Zg="] {
        assert_eq!(base64_decode(bad), None, "{bad:?}");
    }
}

/// Any value that JSON can hold.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::uint),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Value::Float),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::btree_map("[a-z\"\\\\é]{0,6}", inner, 0..6).prop_map(Value::map),
        ]
    })
}

/// One edit, on a node chosen by number.
#[derive(Clone, Debug)]
enum Edit {
    Set(usize, Value),
    Insert(usize, usize, Value),
    Remove(usize),
    Rename(usize),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<usize>(), any_value()).prop_map(|(node, value)| Edit::Set(node, value)),
        (any::<usize>(), 0..9usize, any_value()).prop_map(|(node, index, value)| Edit::Insert(node, index, value)),
        any::<usize>().prop_map(Edit::Remove),
        any::<usize>().prop_map(Edit::Rename),
    ]
}

/// A step that owns its key.
#[derive(Clone, Debug)]
enum OwnedStep {
    Key(String),
    Index(usize),
}

/// The paths of all nodes, in the order in which they begin.
fn paths(value: &Value, here: &[OwnedStep], out: &mut Vec<Vec<OwnedStep>>) {
    out.push(here.to_vec());
    let mut child = |step: OwnedStep, value: &Value| {
        let path: Vec<OwnedStep> = here.iter().cloned().chain([step]).collect();
        paths(value, &path, out);
    };
    match value {
        Value::List(elements) => {
            elements.iter().enumerate().for_each(|(index, value)| child(OwnedStep::Index(index), value))
        }
        Value::Map(entries) => entries.iter().for_each(|(key, value)| child(OwnedStep::Key(key.to_string()), value)),
        _ => {}
    }
}

fn at_mut<'a>(value: &'a mut Value, path: &[OwnedStep]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match (value, step) {
        (Value::Map(entries), OwnedStep::Key(key)) => {
            &mut entries.iter_mut().find(|(name, _)| **name == **key).expect("the key exists").1
        }
        (Value::List(elements), OwnedStep::Index(index)) => &mut elements[*index],
        (value, _) => panic!("no step into {value:?}"),
    })
}

/// Makes `edit` on text and model alike. Nodes that the edit does not touch must keep their text.
fn apply(editor: &mut Editor, model: &mut Value, edit: &Edit) {
    let mut all = Vec::new();
    paths(model, &[], &mut all);
    let (Edit::Set(pick, _) | Edit::Insert(pick, ..) | Edit::Remove(pick) | Edit::Rename(pick)) = edit;
    let path = all[pick % all.len()].clone();
    let steps: Vec<Step<'_>> = path
        .iter()
        .map(|step| match step {
            OwnedStep::Key(key) => Step::Key(key),
            OwnedStep::Index(index) => Step::Index(*index),
        })
        .collect();
    let before = editor.tree().clone();
    match edit {
        Edit::Set(_, value) => {
            editor.set(&steps, value).expect("a node can be set");
            *at_mut(model, &path) = value.clone();
        }
        Edit::Insert(_, index, value) => match at_mut(model, &path) {
            Value::List(elements) => {
                editor.insert_element(&steps, *index, value).expect("an array takes an element");
                elements.insert((*index).min(elements.len()), value.clone());
            }
            Value::Map(entries) => {
                let key = format!("new{}", entries.len());
                let outcome = editor.insert_entry(&steps, *index, &key, value);
                if entries.iter().any(|(name, _)| **name == *key) {
                    assert_eq!(outcome, Err(EditError::KeyExists(key)));
                } else {
                    outcome.expect("an object takes a new entry");
                    entries.insert((*index).min(entries.len()), (key.into(), value.clone()));
                }
            }
            _ => {
                let outcome = editor.insert_element(&steps, *index, value);
                assert!(matches!(outcome, Err(EditError::WrongKind { .. })));
            }
        },
        Edit::Remove(_) => {
            let Some((last, parent)) = path.split_last() else {
                assert_eq!(editor.remove(&steps), Err(EditError::Root));
                return;
            };
            editor.remove(&steps).expect("what is there can be removed");
            match (at_mut(model, parent), last) {
                (Value::List(elements), OwnedStep::Index(index)) => drop(elements.remove(*index)),
                (Value::Map(entries), OwnedStep::Key(key)) => entries.retain(|(name, _)| **name != **key),
                _ => panic!("no such item"),
            }
        }
        Edit::Rename(_) => {
            let Some((OwnedStep::Key(key), parent)) = path.split_last() else { return };
            let Value::Map(entries) = at_mut(model, parent) else { panic!("a key is in a map") };
            let new = format!("renamed{}", entries.len());
            if entries.iter().all(|(name, _)| **name != *new) {
                editor.rename_key(&steps, &new).expect("a key can be renamed");
                entries
                    .iter_mut()
                    .filter(|(name, _)| **name == **key)
                    .for_each(|(name, _)| *name = new.as_str().into());
            }
        }
    }
    untouched_keeps_its_text(&before, editor.tree(), &path);
}

/// Children of nodes off `path` keep their text, by key.
fn untouched_keeps_its_text(before: &Tree, after: &Tree, path: &[OwnedStep]) {
    let (mut old, mut new) = (before.root(), after.root());
    for step in path {
        let OwnedStep::Key(key) = step else { return };
        for entry in before.entries(old) {
            if *entry.key == **key {
                continue;
            }
            let kept = after.entry(new, &entry.key).expect("other entries stay");
            assert_eq!(before.text(entry.value), after.text(kept.value));
        }
        match (before.get(old, key), after.get(new, key)) {
            (Some(inner_old), Some(inner_new)) => (old, new) = (inner_old, inner_new),
            _ => return,
        }
    }
}

/// `tree`'s text with whitespace between tokens, chosen by `seed`.
fn respace(value: &Value, mut seed: u64) -> String {
    let compact = to_string(value);
    let mut text = String::new();
    let mut quoted = false;
    let mut escaped = false;
    for character in compact.chars() {
        if !quoted && "{}[]:,".contains(character) {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let spaces = ["", " ", "\n", "\r\n  ", "\t", "\n\n    "];
            text.push_str(spaces[(seed >> 33) as usize % spaces.len()]);
            text.push(character);
            text.push_str(spaces[(seed >> 40) as usize % spaces.len()]);
        } else {
            text.push(character);
        }
        if character == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = character == '\\' && !escaped;
    }
    text
}

proptest! {
    #[test]
    fn written_values_read_back(value in any_value()) {
        for text in [to_string(&value), to_pretty(&value)] {
            let tree = tree(&text);
            prop_assert_eq!(&tree.value(tree.root()), &value);
        }
    }

    #[test]
    fn quoted_text_reads_back(text in any::<String>()) {
        let quoted = quote(&text);
        prop_assert_eq!(decode_string(&quoted, 0), Ok((text.into(), quoted.len())));
    }

    #[test]
    fn base64_round_trips(data in any::<Vec<u8>>()) {
        prop_assert_eq!(base64_decode(&base64_encode(&data)), Some(data));
    }

    #[test]
    fn edits_change_what_they_say_and_nothing_else(
        mut model in any_value(),
        seed in any::<u64>(),
        edits in prop::collection::vec(any_edit(), 1..8),
    ) {
        let mut editor = Editor::new(tree(&respace(&model, seed)));
        for edit in &edits {
            apply(&mut editor, &mut model, edit);
            let tree = editor.tree();
            prop_assert_eq!(&tree.value(tree.root()), &model, "{:?} gave {}", edit, tree.source());
        }
    }
}

fn check_edit(text: &str, edit: impl FnOnce(&mut Editor) -> Result<(), EditError>, expected: Expect) {
    let mut editor = Editor::new(tree(text));
    edit(&mut editor).expect("the edit fits the text");
    expected.assert_eq(editor.tree().source());
}

const SAMPLE: &str = r#"{
    "list": [
        {"from": "a",   "to": "b"},
        {"from": "b", "to": "c"}
    ],
    "empty": [], "inline": { "x": 1 },
    "object": {
        "one": 1,

        "two":  2.50
    }
}
"#;

#[test]
fn inserted_elements_look_like_their_neighbours() {
    let edge = Value::map([("from", Value::from("c")), ("to", Value::from("end"))]);
    check_edit(
        SAMPLE,
        |editor| {
            editor.insert_element(&["list".into()], 9, &edge)?;
            editor.insert_element(&["list".into()], 0, &edge)?;
            editor.insert_element(&["empty".into()], 0, &edge)?;
            editor.set(&["inline".into(), "y".into()], &Value::from(true))?;
            editor.set(&["object".into(), "three".into()], &Value::List(vec![Value::Null]))
        },
        expect![[r#"
            {
                "list": [
                    {"from": "c", "to": "end"},
                    {"from": "a",   "to": "b"},
                    {"from": "b", "to": "c"},
                    {"from": "c", "to": "end"}
                ],
                "empty": [
                    {"from": "c", "to": "end"}
                ], "inline": { "x": 1, "y": true },
                "object": {
                    "one": 1,

                    "two":  2.50,
                    "three": [null]
                }
            }
        "#]],
    );
}

#[test]
fn removed_items_take_one_comma_with_them() {
    check_edit(
        SAMPLE,
        |editor| {
            editor.remove(&["list".into(), 1.into()])?;
            editor.remove(&["object".into(), "one".into()])?;
            editor.remove(&["inline".into(), "x".into()])?;
            editor.remove(&["empty".into()])
        },
        expect![[r#"
            {
                "list": [
                    {"from": "a",   "to": "b"}
                ],
                "inline": {},
                "object": {
                    "two":  2.50
                }
            }
        "#]],
    );
}

#[test]
fn several_elements_go_at_once() {
    let remove = |indices: &[usize]| {
        let mut editor = Editor::new(tree("[0, 1,  2, 3,4]"));
        editor.remove_elements(&[], indices).expect("they can be removed");
        editor.tree().source().to_owned()
    };
    assert_eq!(remove(&[0, 2]), "[1,  3,4]");
    assert_eq!(remove(&[4, 3, 0]), "[1,  2]");
    assert_eq!(remove(&[0, 1, 2, 3, 4, 9]), "[]");
    assert_eq!(remove(&[7]), "[0, 1,  2, 3,4]");
}

#[test]
fn windows_line_ends_and_one_line_documents_stay_so() {
    let insert =
        |editor: &mut Editor| editor.set(&["b".into()], &Value::map([("c", Value::List(vec![Value::Null; 60]))]));
    let mut editor = Editor::new(tree("{\r\n\t\"a\": 1\r\n}\r\n"));
    insert(&mut editor).expect("it fits");
    assert!(editor.tree().source().starts_with("{\r\n\t\"a\": 1,\r\n\t\"b\": {\r\n\t\t\"c\": [\r\n\t\t\tnull,"));
    assert_eq!(editor.tree().source().matches('\n').count(), editor.tree().source().matches("\r\n").count());
    let mut editor = Editor::new(tree("{\"a\":1}"));
    insert(&mut editor).expect("it fits");
    assert!(!editor.tree().source().contains('\n'));
    assert!(editor.tree().source().starts_with("{\"a\":1, \"b\":{"), "{}", editor.tree().source());
}

#[test]
fn impossible_edits_say_why_and_change_nothing() {
    let mut editor = Editor::new(tree(SAMPLE));
    let mut check = |outcome: fn(&mut Editor) -> Result<(), EditError>, expected: Expect| {
        let error = outcome(&mut editor).expect_err("the edit is impossible");
        expected.assert_eq(&error.to_string());
        assert_eq!(editor.tree().source(), SAMPLE);
    };
    check(|editor| editor.set(&["nope".into(), "x".into()], &Value::Null), expect!["nothing is at `nope`"]);
    check(
        |editor| editor.set(&["list".into(), 2.into()], &Value::Null),
        expect!["no index 2: the array has 2 elements"],
    );
    check(
        |editor| editor.insert_element(&["object".into()], 0, &Value::Null),
        expect!["what is at `object` is not an array"],
    );
    check(
        |editor| editor.insert_entry(&["object".into()], 0, "one", &Value::Null),
        expect![[r#"the key "one" exists already"#]],
    );
    check(
        |editor| editor.rename_key(&["object".into(), "one".into()], "two"),
        expect![[r#"the key "two" exists already"#]],
    );
    check(
        |editor| editor.rename_key(&["list".into(), 0.into()], "x"),
        expect!["what is at `list[0]` is not an entry of an object"],
    );
    check(|editor| editor.remove(&["list".into(), 5.into()]), expect!["nothing is at `list[5]`"]);
    check(|editor| editor.remove(&[]), expect!["the document itself cannot be removed or renamed"]);
    check(
        |editor| editor.replace(Span { start: 0, end: 1 }, "["),
        expect!["the text would be no JSON: `:` stands where `,` or `]` should be"],
    );
    check(
        |editor| editor.replace(Span { start: 0, end: 9_999_999 }, ""),
        expect!["the bytes 0..9999999 cannot be replaced"],
    );
    check(
        |editor| {
            editor.replace_all(vec![
                (Span { start: 0, end: 5 }, String::new()),
                (Span { start: 3, end: 9 }, String::new()),
            ])
        },
        expect!["the bytes 3..9 cannot be replaced"],
    );
}

/// Thousands of damaged documents: none may panic, and errors must point into the text.
#[test]
fn damaged_texts_are_refused_or_read() {
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        if let Err(Diagnostic { span, .. }) = parse(text) {
            let span = span.expect("a span");
            assert!(text.get(span.range()).is_some(), "{span:?} is not in {text:?}");
        }
    };
    let good = r#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",null],"ü":{"c":{},"d":[true,false]}}"#.as_bytes();
    for end in 0..good.len() {
        check(&good[..end]);
        check(&good[end..]);
    }
    let mut seed = 7u64;
    for _ in 0..20_000 {
        let mut bytes = good.to_vec();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] ^= 1 << ((seed >> 60) & 7);
        }
        check(&bytes);
    }
}
