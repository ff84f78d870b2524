//! The grammar of references, as tables.

use expect_test::{Expect, expect};

use statewright_types::Span;

use super::*;
use crate::document::TemplatePart;

fn shape_of(steps: &[Step]) -> String {
    steps.iter().map(|step| format!(" {}", step_shape(step))).collect()
}

fn step_shape(step: &Step) -> String {
    match step {
        Step::Field(name) => format!(".{name}"),
        Step::Index(Index::Int(value)) => format!("[int {value}]"),
        Step::Index(Index::Text(text)) => format!("[text {text:?}]"),
        Step::Index(Index::Reference(reference)) => format!("[{}]", shape(reference)),
        Step::Index(Index::Key { value, field }) => match value {
            KeyValue::Text(text) => format!("[{field} = text {text:?}]"),
            KeyValue::Int(value) => format!("[{field} = int {value}]"),
            KeyValue::Reference(reference) => format!("[{field} = {}]", shape(reference)),
        },
    }
}

fn shape(reference: &Reference) -> String {
    let head = match &reference.head {
        Head::Name(name) => name.to_string(),
        Head::Output { node, output } => format!("{output} of {node}"),
        Head::Loop { node: Some(node), what } => format!("{what} of {node}"),
        Head::Loop { node: None, what } => what.to_string(),
        Head::Config { group, field } => format!("{field} of {group}"),
    };
    format!("{:?} {head}{}", reference.scheme, shape_of(&reference.steps))
}

/// One line per text: its shape or its error. What is read prints back to the same text.
fn check(texts: &[&str], expected: Expect) {
    let lines: Vec<String> = texts
        .iter()
        .map(|text| match Reference::parse(text, Span::default()) {
            Ok(reference) => {
                assert_eq!(reference.to_string(), text.replace("foreach:", "loop:"));
                assert_eq!(&*reference.text, *text);
                shape(&reference)
            }
            Err(error) => {
                assert!(text.is_char_boundary(error.offset), "{error:?}");
                format!("error at {}: {}", error.offset, error.message)
            }
        })
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn heads() {
    check(
        &[
            "param:id",
            "node:find:player",
            "node:find:player.Hand",
            "state:Players",
            "base:GameState.Round",
            "loop:item",
            "loop:outer:index",
            "foreach:item.Score",
            "foreach:outer:item.Score",
            "variable:best score",
            "viewer:team",
            "config:Spawn.Delay",
            "config:Spawn.Delay.length",
        ],
        expect![[r#"
            Param id
            Node player of find
            Node player of find .Hand
            State Players
            Base GameState .Round
            Loop item
            Loop index of outer
            Loop item .Score
            Loop item of outer .Score
            Variable best score
            Viewer team
            Config Delay of Spawn
            Config Delay of Spawn .length"#]],
    );
}

#[test]
fn brackets() {
    check(
        &[
            "state:A[3]",
            "state:A[-1].B",
            r#"state:A["k:e.y]"]"#,
            r#"state:A["\n\"é"].b"#,
            "state:A[i]",
            "state:A[i.Pos.X]",
            "state:A[param:x]",
            "state:A[node:a:b]",
            "state:A[node:a:b.c]",
            "state:A[config:G.F]",
            "state:A[loop:item]",
            "state:A[loop:each:item]",
            "state:A[loop:each:item.ID]",
            "state:A[node:a:b[param:c[0]]].d[1][2]",
        ],
        expect![[r#"
            State A [int 3]
            State A [int -1] .B
            State A [text "k:e.y]"]
            State A [text "\n\"é"] .b
            State A [Bare i]
            State A [Bare i .Pos .X]
            State A [Param x]
            State A [Node b of a]
            State A [Node b of a .c]
            State A [Config F of G]
            State A [Loop item]
            State A [Loop item of each]
            State A [Loop item of each .ID]
            State A [Node b of a [Param c [int 0]]] .d [int 1] [int 2]"#]],
    );
}

#[test]
fn key_lookups_take_what_is_behind_the_last_colon() {
    check(
        &[
            "state:Players[param:id:ID].Score",
            "state:Players[node:a:b:ID]",
            "state:Players[node:a:b.c:ID]",
            "state:Players[i:ID]",
            "state:Players[i.Name:ID]",
            r#"state:Players["al:ice":ID]"#,
            "state:Players[7:ID]",
            "state:Players[loop:item:ID]",
            "state:Players[loop:item.ID:ID]",
            "state:Players[loop:each:item:ID]",
            "state:Players[param:ids[0]:ID]",
            r#"state:Players[param:ids["a:b"]:ID]"#,
            "state:Players[node:a:b[node:c:d:ID].Best:ID]",
        ],
        expect![[r#"
            State Players [ID = Param id] .Score
            State Players [ID = Node b of a]
            State Players [ID = Node b of a .c]
            State Players [ID = Bare i]
            State Players [ID = Bare i .Name]
            State Players [ID = text "al:ice"]
            State Players [ID = int 7]
            State Players [ID = Loop item]
            State Players [ID = Loop item .ID]
            State Players [ID = Loop item of each]
            State Players [ID = Param ids [int 0]]
            State Players [ID = Param ids [text "a:b"]]
            State Players [ID = Node b of a [ID = Node d of c] .Best]"#]],
    );
}

#[test]
fn errors() {
    check(
        &[
            "hello",
            "param:",
            "param:a.",
            "param:a..b",
            "param: a",
            "param:a b ",
            "param:a:b",
            "param:a]b",
            "node:a",
            "node::b",
            "node:a[0]:b",
            "loop:items",
            "loop:each:thing",
            "viewer:name",
            "config:Group",
            "state:A[",
            "state:A[]",
            "state:A[1.5]",
            "state:A[99999999999999999999]",
            "state:A[1:]",
            "state:A[1:ID.x]",
            "state:A[param:a:b:c]",
            "state:A[node:a]",
            "state:A[a:b:c]",
            r#"state:A["x]"#,
            r#"state:A["x"y]"#,
            r#"state:A["\q"]"#,
            "state:A[ 1]",
            "state:A[0]B",
        ],
        expect![[r#"
            error at 0: `hello` begins with no known scheme
            error at 6: a name is missing: the end stands where the name in `param:` should be
            error at 8: a name is missing: the end stands where the name in `.Field` should be
            error at 8: a name is missing: `.` stands where the name in `.Field` should be
            error at 6: the name ` a` begins or ends with a space
            error at 6: the name `a b ` begins or ends with a space
            error at 7: a colon stands where the reference should go on with `.Field` or `[…]`
            error at 7: `]` is in the wrong place
            error at 5: a reference to a node lacks the output
            error at 5: a node id is missing before the colon
            error at 5: a reference to a node lacks the output
            error at 5: a loop has no value `items`
            error at 10: a loop has no value `thing`
            error at 7: `viewer:name` does not exist
            error at 12: a config reference lacks its field
            error at 7: `[` is not closed
            error at 8: the brackets are empty
            error at 8: `1.5` is no index
            error at 8: `99999999999999999999` is no index
            error at 10: a name is missing: the end stands where the name in a lookup by key field should be
            error at 12: something follows the key field
            error at 8: `param:a:b:c` has too many colons
            error at 13: a reference to a node lacks the output
            error at 8: `a:` is no known scheme
            error at 8: a string is not closed
            error at 8: something follows the text in the brackets
            error at 9: a string has an unknown escape
            error at 8: the name ` 1` begins or ends with a space
            error at 10: `B` is in the wrong place"#]],
    );
}

#[test]
fn brackets_nest_eight_deep() {
    let nested = |depth: usize| format!("state:A{}0{}", "[x".repeat(depth - 1) + "[", "]".repeat(depth));
    assert!(Reference::parse(&nested(BRACKET_DEPTH), Span::default()).is_ok());
    let error = Reference::parse(&nested(BRACKET_DEPTH + 1), Span::default()).expect_err("too deep");
    assert_eq!(error.message, "brackets nest more than 8 deep");
    assert!(Reference::parse(&"state:A[".repeat(100_000), Span::default()).is_err());
}

#[test]
fn paths() {
    let read = |text: &str| match Path::parse(text) {
        Ok(path) => {
            assert_eq!(path.to_string(), text);
            format!("{}{}", path.head, shape_of(&path.steps))
        }
        Err(error) => error.to_string(),
    };
    let texts =
        ["Round", "GameState.Round", "Players[param:id:ID].Hand[0]", "", "state:Round", "node:a:b", ".a", "a:b"];
    let lines: Vec<String> = texts.into_iter().map(read).collect();
    expect![[r#"
        Round
        GameState .Round
        Players [ID = Param id] .Hand [int 0]
        a name is missing: the end stands where the name in a path should be; a name has no dots, brackets, braces, colons or quotes; write other keys as `["key"]`
        a path has no scheme, but this one begins with `state:`; write `Round`
        a path has no scheme, but this one begins with `node:`; begin the path with a root type, a field of the state, an alias or a variable
        a name is missing: `.` stands where the name in a path should be; a name has no dots, brackets, braces, colons or quotes; write other keys as `["key"]`
        a colon stands where the reference should go on with `.Field` or `[…]`; a key lookup goes in brackets: `Players[param:id:ID]`"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn sources_may_lack_the_scheme() {
    let read = |text: &str| match Reference::parse_source(text, Span::default()) {
        Ok(reference) => format!("{} = {reference}", shape(&reference)),
        Err(error) => error.to_string(),
    };
    let texts = ["node1:player.Hand", "node:node1:player", "param:x", "player", "x[param:a]", ":a"];
    let lines: Vec<String> = texts.into_iter().map(read).collect();
    expect![[r#"
        Node player of node1 .Hand = node:node1:player.Hand
        Node player of node1 = node:node1:player
        Param x = param:x
        `player` is no reference; begin it with `param:`, `node:`, `state:` or another scheme, or write `ID:OUTPUT` for a node's output
        `x[param:a]` is no reference; begin it with `param:`, `node:`, `state:` or another scheme, or write `ID:OUTPUT` for a node's output
        a node id is missing before the colon; write `node:ID:OUTPUT` without spaces around the id"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn templates() {
    let read = |text: &str| match parse_template(text, Span::default()) {
        Ok(parts) => parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(text) => format!("{text:?}"),
                TemplatePart::Value(reference) => shape(reference),
            })
            .collect::<Vec<_>>()
            .join(" + "),
        Err(error) => format!("error at {}: {}", error.offset, error.message),
    };
    let texts = [
        "",
        "plain } }} text",
        "hp {{param:x}}",
        "{{ name }}s {{node:a:item.ID}}",
        "{{{{x}} and {{x}}",
        "{{{{{{x}}}",
        r#"{{state:M["}}"].é}}"#,
        "é{{x",
        "é{{}}",
        "{{a:b}}",
        "{{{x}}}",
        "{{state:A[}}",
    ];
    let lines: Vec<String> = texts.into_iter().map(read).collect();
    expect![[r#"

        "plain } }} text"
        "hp " + Param x
        Bare name + "s " + Node item of a .ID
        "{{x}} and " + Bare x
        "{{" + Bare x + "}"
        State M [text "}}"] .é
        error at 2: `{{` is not closed
        error at 4: a name is missing: the end stands where the name in a reference should be
        error at 2: `a:` is no known scheme
        error at 2: a name is missing: `{` stands where the name in a reference should be
        error at 0: `{{` is not closed"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn renaming_touches_only_the_node() {
    let renamed = |text, form| rename_node(text, form, "a", "neo").unwrap_or_else(|| "-".to_owned());
    let cases = [
        ("node:a:a.a", Form::Reference),
        ("node:ab:a", Form::Reference),
        ("state:a[node:a:x:ID].b[loop:a:item]", Form::Reference),
        (r#"state:M["node:a:x"][node:a:x]"#, Form::Reference),
        ("loop:a:item", Form::Reference),
        ("foreach:a:item[node:b:c[node:a:é]]", Form::Reference),
        ("Players[node:a:x:ID].Score", Form::Reference),
        ("a:x", Form::Reference),
        ("a:x[node:a:y]", Form::Source),
        ("node:a:x", Form::Source),
        ("param:a", Form::Source),
        ("{{ node:a:x }} node:a:x {{{{node:a:x}} {{b[node:a:x]}}", Form::Template),
        ("{{node:a:x", Form::Template),
    ];
    let lines: Vec<String> = cases.into_iter().map(|(text, form)| renamed(text, form)).collect();
    expect![[r#"
        node:neo:a.a
        -
        state:a[node:neo:x:ID].b[loop:neo:item]
        state:M["node:a:x"][node:neo:x]
        loop:neo:item
        foreach:neo:item[node:b:c[node:neo:é]]
        Players[node:neo:x:ID].Score
        -
        neo:x[node:neo:y]
        node:neo:x
        -
        {{ node:neo:x }} node:a:x {{{{node:a:x}} {{b[node:neo:x]}}
        -"#]]
    .assert_eq(&lines.join("\n"));
    assert_eq!(rename_node("state:A[loop:item:ID]", Form::Reference, "item", "neo"), None);
}

#[test]
fn every_prefix_is_found_and_nothing_shorter() {
    for (prefix, scheme) in Scheme::PREFIXES {
        assert_eq!(Scheme::of(&format!("{prefix}x:y")), Some((scheme, prefix.len())));
        assert_eq!(Scheme::of(&prefix[..prefix.len() - 1]), None);
        assert_eq!(Scheme::of(&format!("x{prefix}")), None);
    }
}

/// Damaged references never panic, and errors point at a character.
#[test]
fn damaged_references_are_refused_or_read() {
    let good = r#"{{state:Players[node:find:é[loop:each:item.ID]:ID].Hand["k\u00e9y":ID][-3][i]}} x {{{{"#;
    let mut seed = 11u64;
    for _ in 0..20_000 {
        let mut bytes = good.as_bytes().to_vec();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] ^= 1 << ((seed >> 60) & 7);
        }
        bytes.truncate((seed >> 20) as usize % 200 + 1);
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        for from in [0, 2] {
            let Some(text) = text.get(from..) else { continue };
            let offsets = [
                Reference::parse(text, Span::default()).err().map(|error| error.offset),
                Reference::parse_source(text, Span::default()).err().map(|error| error.offset),
                Path::parse(text).err().map(|error| error.offset),
                parse_template(text, Span::default()).err().map(|error| error.offset),
            ];
            for offset in offsets.into_iter().flatten() {
                assert!(text.is_char_boundary(offset), "{offset} in {text:?}");
            }
            for form in [Form::Reference, Form::Source, Form::Template] {
                drop(rename_node(text, form, "find", "neo"));
            }
        }
    }
}
