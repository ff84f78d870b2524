//! `docs/diagnostics.md`: every code, with an example that has it, checked by having the example looked at.
//!
//! The page is what this test prints: `UPDATE_EXPECT=1 cargo test -p statewright-tests --test diagnostics` writes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use statewright_graph::build::{build, build_with_config};
use statewright_graph::compile::CompileOptions;
use statewright_types::{Diagnostic, config, host, json, schema};

mod examples;
mod fixes;
mod sentences;

use examples::{CONFIG, EXAMPLES, Example, SCHEMA, VIEWED, WRITING};

/// Every code and its sentence, with the heading it stands under.
fn tables() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    vec![
        ("JSON", json::codes::ALL),
        ("Documents", statewright_graph::document::codes::ALL),
        ("What documents mean", statewright_graph::check::codes::CODES),
        ("Nodes of host programs", host::CODES),
        ("Schemas", schema::codes::ALL),
        ("Configurations", config::codes::ALL),
        ("States", statewright_runtime::state::load::CODES),
        ("Tests", statewright_harness::testing::reader::CODES),
    ]
}

/// What is found in an example.
fn found(example: Example) -> Vec<Diagnostic> {
    match example {
        Example::Nodes(nodes, flow) => look(&document(nodes, flow), SCHEMA),
        Example::Declared(text) => host::read(text).1,
        Example::Hosted(hosts, nodes, flow) => {
            let host_nodes = Arc::new(host::read(hosts).0);
            let options = CompileOptions { host_nodes, ..CompileOptions::default() };
            build(&document(nodes, flow).into(), SCHEMA, &options).document_diagnostics
        }
        Example::Document(text) => look(text, SCHEMA),
        Example::Viewed(text) => look(text, VIEWED),
        Example::Writing(nodes, flow) => look(&document(nodes, flow), WRITING),
        Example::Schema(text) => schema::parse(text).1,
        Example::Config(text) => config::parse(text).1,
        Example::Given(text) => given(text),
        Example::Configured(schema) => {
            build_with_config(&"{}".into(), schema, Some(CONFIG), &CompileOptions::default()).schema_diagnostics
        }
        Example::State(text) => state(text),
        Example::Test(text) => test(text),
        Example::None(_) => Vec::new(),
    }
}

fn document(nodes: &str, flow: &str) -> String {
    format!(
        r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [{{"name": "id", "type": "string"}}], "nodes": [{nodes}], "flow": [{flow}]}}]}}"#
    )
}

fn look(document: &str, schema: &str) -> Vec<Diagnostic> {
    let built = build(&document.into(), schema, &CompileOptions::default());
    built.schema_diagnostics.into_iter().chain(built.document_diagnostics).collect()
}

fn state(text: &str) -> Vec<Diagnostic> {
    let schema = schema::parse(SCHEMA).0.expect("the examples' schema is good");
    let root = schema.main_root(None).expect("it has a root");
    let mut state = statewright_runtime::state::State::new(schema, root, 0);
    match json::parse(text) {
        Ok(tree) => state.load_json(&tree),
        Err(error) => vec![error],
    }
}

/// What is given for [`CONFIG`].
fn given(text: &str) -> Vec<Diagnostic> {
    let config = config::parse(CONFIG).0.expect("the examples' configuration is good");
    let (values, mut findings) = match json::parse(text) {
        Ok(tree) => config.values_at(&tree, tree.root()),
        Err(error) => (config::Values::new(), vec![error]),
    };
    findings.extend(config.complete(&values).err().unwrap_or_default());
    findings
}

fn test(text: &str) -> Vec<Diagnostic> {
    let source = std::sync::Arc::new(statewright_harness::project::Source::inline("x.test.json", text));
    statewright_harness::testing::file::read(&source).1
}

/// The example as people read it.
fn shown(example: Example) -> (&'static str, String) {
    match example {
        Example::Writing(nodes, flow) => ("json", format!("\"nodes\": [{nodes}],\n\"flow\": [{flow}]")),
        Example::Nodes(nodes, "") => ("json", nodes.to_owned()),
        Example::Nodes(nodes, flow) => ("json", format!("\"nodes\": [{nodes}],\n\"flow\": [{flow}]")),
        Example::Document(text)
        | Example::Declared(text)
        | Example::Viewed(text)
        | Example::State(text)
        | Example::Test(text)
        | Example::Given(text) => ("json", text.to_owned()),
        Example::Hosted(hosts, nodes, _) => ("json", format!("{hosts}\n{nodes}")),
        Example::Schema(text) | Example::Config(text) | Example::Configured(text) => ("", text.trim_end().to_owned()),
        Example::None(why) => ("", why.to_owned()),
    }
}

fn page() -> String {
    let examples: BTreeMap<&str, Example> = EXAMPLES.iter().copied().collect();
    let mut page = include_str!("head.md").to_owned();
    let mut wrong = Vec::new();
    for (heading, codes) in tables() {
        write!(page, "\n## {heading}\n").expect("text takes text");
        for (code, title) in codes {
            let Some(example) = examples.get(code).copied() else {
                wrong.push(format!("{code} ({title}) has no example in tests/diagnostics/examples.rs"));
                continue;
            };
            write!(page, "\n### {code}\n\n{title}\n\n").expect("text takes text");
            if let Example::None(why) = example {
                writeln!(page, "{why}").expect("text takes text");
                continue;
            }
            let diagnostics = found(example);
            let Some(diagnostic) = diagnostics.iter().find(|diagnostic| diagnostic.code == *code) else {
                let others: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
                wrong.push(format!("the example of {code} ({title}) has other findings: {others:?}"));
                continue;
            };
            let (language, text) = shown(example);
            write!(page, "```{language}\n{text}\n```\n\n> {}\n", diagnostic.message).expect("text takes text");
            if let Some(help) = &diagnostic.help {
                write!(page, ">\n> *{help}*\n").expect("text takes text");
            }
            if !diagnostic.fix.is_empty() {
                write!(page, "\n`statewright check --fix` mends this.\n").expect("text takes text");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    page
}

#[test]
fn the_page_tells_what_the_checker_says() {
    expect_test::expect_file!["../../docs/diagnostics.md"].assert_eq(&page());
}

#[test]
fn every_example_is_of_a_code_and_every_code_is_said_once() {
    let codes: Vec<&str> = tables().into_iter().flat_map(|(_, codes)| codes.iter().map(|(code, _)| *code)).collect();
    let mut unique = codes.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), codes.len(), "a code is used twice");
    for (code, _) in EXAMPLES {
        assert!(codes.contains(code), "{code} is an example of nothing");
    }
}
