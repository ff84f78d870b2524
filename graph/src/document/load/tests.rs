//! What loads, and what is said about what does not.

use expect_test::{Expect, expect};

use statewright_types::json::{self, parse};

use super::*;
use crate::document::sample::SAMPLE;
use crate::document::{Input, InputKind, TemplatePart};

fn load_text(text: &str) -> (Document, Vec<Diagnostic>) {
    load(&parse(text).expect("the test is JSON"))
}

/// One line per diagnostic: code, place, the text it points at, message.
fn check(text: &str, expected: Expect) {
    let (_, diagnostics) = load_text(text);
    let line = |diagnostic: &Diagnostic| {
        assert!(diagnostic.help.is_some(), "{diagnostic:?} says nothing to do");
        let Place { handler, node, port } = &diagnostic.place;
        let place: Vec<&str> = [handler, node, port].into_iter().flatten().map(|name| &**name).collect();
        let at = text.get(diagnostic.span.expect("a span").range()).expect("the span is in the text");
        format!("{} {} `{at}` {}", diagnostic.code, place.join("/"), diagnostic.message)
    };
    let lines: Vec<String> = diagnostics.iter().map(line).collect();
    expected.assert_eq(&lines.join("\n"));
}

/// A document of one handler with `extra` keys.
fn handler(extra: &str) -> String {
    format!(r#"{{"handlers": [{{"name": "H", "event": "E", {extra}}}]}}"#)
}

/// A document of one node whose input `p` is `input`.
fn with_input(input: &str) -> String {
    handler(&format!(r#""nodes": [{{"id": "n", "type": "T", "inputs": {{"p": {input}}}}}]"#))
}

fn show(input: &Input) -> String {
    let list = |inputs: &[Input]| inputs.iter().map(show).collect::<Vec<_>>().join(", ");
    match &input.kind {
        InputKind::Text(text) => format!("{text:?}"),
        InputKind::Reference(reference) => format!("<{reference}>"),
        InputKind::Template(parts) => parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(text) => format!("{text:?}"),
                TemplatePart::Value(reference) => format!("<{reference}>"),
            })
            .collect::<Vec<_>>()
            .join(" + "),
        InputKind::List(elements) => format!("[{}]", list(elements)),
        InputKind::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(name, input)| format!("{}: {}", name.text, show(input))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn the_sample_loads_whole() {
    let (document, diagnostics) = load_text(SAMPLE);
    assert_eq!(diagnostics, []);
    let mut lines = Vec::new();
    for graph in document.graphs() {
        lines.push(format!("{} {}", graph.kind.noun(), graph.name.text));
        for parameter in &graph.parameters {
            lines.push(format!("  ({}: {})", parameter.name.text, parameter.ty.text));
        }
        for node in &graph.nodes {
            lines.push(format!("  {}: {} {:?}", node.id.text, node.ty.text, node.position));
            lines.extend(node.inputs.iter().map(|(port, input)| format!("    {} = {}", port.text, show(input))));
            lines
                .extend(node.outputs.iter().map(|output| format!("    {} -> {}", output.port.text, output.alias.text)));
        }
        for edge in &graph.edges {
            let label = edge.label.as_ref().map_or("", |label| &label.text);
            lines.push(format!("  {} -{label}-> {} {}", edge.from.text, edge.to.text, edge.ends()));
        }
    }
    expect![[r#"
        handler OnHit
          (attacker: string)
          (damage: int32)
          find: GetPlayer Some((10.0, -2.5))
            playerID = <param:attacker>
            player -> hitter
          each: ForEach None
            array = <node:find:player.Hand>
          say: EmitToAll None
            eventType = "node:find:player"
            payload = {who: <node:find:player.ID>, text: <node:find:player.Name> + " has " + <loop:each:index> + " {{find}}", nested: [Int(1), Float(2.0), Bool(true), Null, [<loop:item>], {constant: Int(1), source: "plain"}], big: UInt(18446744073709551615)}
          set: SetField None
            path = "Players[node:find:player.ID:ID].Score"
            value = Int(7)
          stop: Return None
          start --> find false
          find --> each false
          each -body-> say false
          each -done-> set false
          set --> end_ok true
        function Double
          (x: int)
          sum: Add None
            a = <param:x>
            b = <param:x>
          back: Return None
            value = <node:sum:result>
          start --> back false
        filter Hide"#]].assert_eq(&lines.join("\n"));
    let permissions = document.handlers.first().and_then(|graph| graph.permissions.as_ref()).expect("permissions");
    assert!(permissions.allowed_players.as_ref().is_some_and(Vec::is_empty), "an empty list is not an absent one");
    assert_eq!(
        document.functions.first().and_then(|graph| graph.return_type.as_ref()).map(|name| &*name.text),
        Some("int")
    );
}

#[test]
fn names_point_at_their_strings() {
    let (document, _) = load_text(SAMPLE);
    for graph in document.graphs() {
        assert!(SAMPLE.get(graph.span.range()).is_some_and(|text| text.starts_with('{') && text.ends_with('}')));
        for node in &graph.nodes {
            assert_eq!(SAMPLE.get(node.id.span.range()), Some(json::quote(&node.id.text).as_str()));
            for (port, input) in &node.inputs {
                assert_eq!(SAMPLE.get(port.span.range()), Some(json::quote(&port.text).as_str()));
                assert!(SAMPLE.get(input.span.range()).is_some_and(|text| parse(text).is_ok()));
            }
        }
    }
}

#[test]
fn the_original_tools_forms_load() {
    for text in [
        "{}",
        r#"{"version": ""}"#,
        r#"{"version": null, "handlers": null}"#,
        &handler(r#""nodes": null, "flow": null"#),
    ] {
        assert_eq!(load_text(text).1, [], "{text}");
    }
}

#[test]
fn inputs_take_every_form() {
    let input = |text: &str| {
        let (document, diagnostics) = load_text(&with_input(text));
        assert_eq!(diagnostics, []);
        let node = document.handlers.first().and_then(|graph| graph.nodes.first()).expect("the node");
        node.inputs.iter().map(|(_, input)| show(input)).collect::<String>()
    };
    let texts = [
        r#""param:x""#,
        r#""params:x""#,
        r#""GameState.Round""#,
        r#""foreach:item.Score""#,
        r#"{"constant": "param:x"}"#,
        r#"{"constant": {"source": "param:x", "constant": ["node:a:b", {"template": "{{x}}"}]}}"#,
        r#"{"constant": 1, "more": "param:x"}"#,
        r#"{"source": "a:b.c"}"#,
        r#"{"source": "param:x", "other": {"template": "{{y}}!"}}"#,
        r#"[1, -2.0, 9223372036854775808, 1e2, 99999999999999999999, {"a": [null]}]"#,
        r#"{}"#,
    ];
    expect![[r#"
        <param:x>
        "params:x"
        "GameState.Round"
        <loop:item.Score>
        "param:x"
        {source: "param:x", constant: ["node:a:b", {template: "{{x}}"}]}
        {constant: Int(1), more: <param:x>}
        <node:a:b.c>
        {source: <param:x>, other: <y> + "!"}
        [Int(1), Float(-2.0), UInt(9223372036854775808), Float(100.0), Float(1e20), {a: [Null]}]
        {}"#]]
    .assert_eq(&texts.map(input).join("\n"));
}

#[test]
fn bad_inputs_point_into_their_strings() {
    let inputs = [
        r#""param:""#,
        r#""state: the art""#,
        r#""loop:itme""#,
        r#""state:A[\"x\"].""#,
        r#"{"source": "player"}"#,
        r#"{"source": 5}"#,
        r#"{"template": "a {{b"}"#,
        r#"{"template": null}"#,
        r#"{"deep": [{"x": "viewer:me"}]}"#,
    ];
    let list = inputs.join(", ");
    check(
        &with_input(&format!("[{list}]")),
        expect![[r#"
        E016 H/n/p `"` a name is missing: the end stands where the name in `param:` should be
        E016 H/n/p ` the art` the name ` the art` begins or ends with a space
        E016 H/n/p `itme` a loop has no value `itme`
        E016 H/n/p `"state:A[\"x\"]."` a name is missing: the end stands where the name in `.Field` should be
        E016 H/n/p `player` `player` is no reference
        E011 H/n/p `5` `source` is a number
        E018 H/n/p `{{b` `{{` is not closed
        E011 H/n/p `null` `template` is null
        E016 H/n/p `me` `viewer:me` does not exist"#]],
    );
}

#[test]
fn wrong_shapes_are_reported_and_loading_goes_on() {
    check(
        r#"{
            "version": "2.0", "package": 5, "imports": [1],
            "handlers": [7, {"name": "A", "event": 3, "parameters": {"x": "int"}, "nodes": ["n"], "flow": [[]]},
                {"event": "E", "permissions": [], "nodes": [{"id": 1}, {"type": "T"}, {"id": "x", "inputs": [], "outputs": {"p": 1}, "_position": [1, 2], "_comment": 3}],
                 "flow": [{"from": "x"}, {"from": "start", "to": "x", "label": true, "metadata": {"a": 1}}]},
                {"name": "B", "permissions": {"hostOnly": "yes", "allowedPlayers": "bob"}, "parameters": [{"name": "p"}, {"type": "int"}]}],
            "functions": {}, "filters": [{}]
        }"#,
        expect![[r#"
            E013  `"2.0"` version "2.0" is not supported
            E011  `1` an element of `imports` is a number
            E011  `5` `package` is a number
            E011  `7` an element of `handlers` is a number
            E011 A `3` `event` is a number
            E011 A `{"x": "int"}` `parameters` is an object
            E011 A `"n"` an element of `nodes` is a string
            E011 A `[]` an element of `flow` is an array
            E012  `{` a handler has no `name`
            E011  `[]` `permissions` is an array
            E011  `1` `id` is a number
            E012  `{` a node has no `id`
            E012 x `{` a node has no `type`
            E011 x `[]` `inputs` is an array
            E011 x/p `1` an output's alias is a number
            W010 x `[1, 2]` `_position` is an array and is ignored
            W010 x `3` `_comment` is a number and is ignored
            E012  `{` an edge has no `to`
            E011  `true` `label` is true
            E011  `1` an entry of an edge's `metadata` is a number
            E012 B `{` a handler has no `event`
            E011 B `"yes"` `hostOnly` is a string
            E011 B `"bob"` `allowedPlayers` is a string
            E012 B `{` a parameter has no `type`
            E012 B `{` a parameter has no `name`
            E011  `{}` `functions` is an object
            E012  `{` a filter has no `name`"#]],
    );
    check("[]", expect!["E011  `[]` a document is an array"]);
    check("null", expect!["E011  `null` a document is null"]);
}

#[test]
fn names_are_unique_and_not_reserved() {
    check(
        r#"{
            "handlers": [{"name": "A", "event": "E"}, {"name": "A", "event": "E", "parameters":
                [{"name": "senderID", "type": "string"}, {"name": "x", "type": "int"}, {"name": "x", "type": "int"}],
                "nodes": [{"id": "n", "type": "T"}, {"id": "n", "type": "T"}, {"id": "start", "type": "T"}, {"id": "end", "type": "T"},
                          {"id": "end_x", "type": "T"}, {"id": "a:b", "type": "T"}, {"id": "ending", "type": "T"}]}],
            "functions": [{"name": "A", "nodes": [{"id": "n", "type": "T"}]}]
        }"#,
        expect![[r#"
            E015 A `"senderID"` no parameter may be called `senderID`
            E014 A `"x"` a parameter called "x" exists already
            E014 A/n `"n"` a node called "n" exists already
            E015 A/start `"start"` "start" cannot be a node's id: `start`, `end` and `end_…` are places of the flow
            E015 A/end `"end"` "end" cannot be a node's id: `start`, `end` and `end_…` are places of the flow
            E015 A/end_x `"end_x"` "end_x" cannot be a node's id: `start`, `end` and `end_…` are places of the flow
            E015 A/a:b `"a:b"` "a:b" cannot be a node's id: no reference could name it
            E014 A `"A"` a handler called "A" exists already"#]],
    );
}

#[test]
fn label_and_condition_may_agree() {
    check(
        &handler(
            r#""flow": [{"from": "start", "to": "a", "label": "true", "condition": "true"},
                {"from": "start", "to": "a", "label": "", "condition": "x"},
                {"from": "start", "to": "a", "label": "true", "condition": "false"}]"#,
        ),
        expect![[r#"E017 H `"false"` an edge has the label "true" and the condition "false""#]],
    );
}

#[test]
fn the_rule_format_is_recognised() {
    let rule = r#"{"name": "r", "trigger": {"type": "OnTick", "interval": 100}, "effects": []}"#;
    let shapes = [
        (rule.to_owned(), "{"),
        (format!("[{rule}, {rule}]"), "["),
        (format!(r#"{{"version": "1.0", "rules": [{rule}, {rule}]}}"#), "\"rules\""),
        (r#"{"package": "game", "rules": [], "views": {"near": {"source": "Drones"}}}"#.to_owned(), "\"rules\""),
        (r#"{"rules": {"a": {"trigger": {"type": "OnEvent", "event": "Hit"}}}}"#.to_owned(), "\"rules\""),
        (r#"{"name": "r", "trigger": {"type": "Cron", "cron": "0 * * * *"}}"#.to_owned(), "{"),
        (r#"{"name": "r", "trigger": {}, "selector": {"type": "All"}}"#.to_owned(), "{"),
        (
            r#"{"name": "r", "enabled": false, "trigger": {}, "views": {"v": {"source": "Players", "pipeline": []}}}"#
                .to_owned(),
            "{",
        ),
        (r#"{"filters": [{"name": "f", "operations": [{"id": "o", "type": "KeepWhere"}]}]}"#.to_owned(), "\"filters\""),
    ];
    for (text, at) in shapes {
        let (document, diagnostics) = load_text(&text);
        let found: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| {
                (diagnostic.code, text.get(diagnostic.span.expect("a span").range()).expect("in the text"))
            })
            .collect();
        assert_eq!(found, [(codes::OTHER_FORMAT, at)], "{text}");
        assert_eq!(document.graphs().count(), 0);
    }
    for (text, count) in [(format!("[{rule}, {rule}]"), "(2 rules"), (rule.to_owned(), "(1 rule ")] {
        assert!(load_text(&text).1[0].message.contains(count), "{text}");
    }
}

#[test]
fn what_is_no_rule_is_read_as_a_document() {
    for text in [
        r#"{"handlers": [], "rules": [{"trigger": {"type": "OnTick"}, "effects": []}]}"#,
        r#"{"rules": "a key of somebody else"}"#,
        r#"{"effects": [], "description": "no trigger"}"#,
        r#"{"trigger": "a key of somebody else"}"#,
        r#"{"filters": [{"name": "F", "operations": 2, "nodes": [], "flow": []}]}"#,
    ] {
        assert_eq!(load_text(text).1, [], "{text}");
    }
}

#[test]
fn deep_inputs_load_and_deeper_ones_are_no_json() {
    let nested = |depth: usize| with_input(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    assert_eq!(load_text(&nested(58)).1, []);
    assert!(parse(nested(59)).is_err());
}

/// Thousands of damaged documents: none may panic, and every diagnostic points into the text.
#[test]
fn damaged_documents_are_reported_or_load() {
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let Ok(tree) = parse(text) else { return };
        let (document, diagnostics) = load(&tree);
        for diagnostic in diagnostics {
            let span = diagnostic.span.expect("a span");
            assert!(text.get(span.range()).is_some_and(|at| !at.is_empty()), "{diagnostic:?}");
        }
        assert!(document.graphs().all(|graph| text.get(graph.span.range()).is_some()));
    };
    let good = SAMPLE.as_bytes();
    for end in 0..good.len() {
        check(good.get(..end).unwrap_or(good));
    }
    let mut seed = 3u64;
    for _ in 0..4_000 {
        let mut bytes = good.to_vec();
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let at = (seed >> 33) as usize % bytes.len();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << ((seed >> 60) & 7);
        }
        check(&bytes);
    }
}

/// Values replaced by others of all kinds: the shapes that bit flips do not reach.
#[test]
fn any_value_may_stand_anywhere() {
    let tree = parse(SAMPLE).expect("the sample is JSON");
    for node in tree.nodes() {
        for other in [
            "null",
            "true",
            "-1",
            "1e300",
            "\"\"",
            "\"node:\"",
            "[]",
            "[[]]",
            "{}",
            "{\"constant\": {}}",
            "{\"source\": []}",
        ] {
            let mut editor = json::Editor::new(tree.clone());
            editor.replace(tree.span(node), other).expect("a value for a value");
            let (_, diagnostics) = load(editor.tree());
            let text = editor.tree().source();
            for diagnostic in diagnostics {
                assert!(text.get(diagnostic.span.expect("a span").range()).is_some_and(|at| !at.is_empty()));
            }
        }
    }
}
