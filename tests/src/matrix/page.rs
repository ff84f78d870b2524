//! `docs/conformance.md`: what the corpus shows of every rule and every node type.

use std::fmt::Write;

use statewright_graph::node;

use super::rules::{RULES, errors};
use crate::reached::Reached;

/// The page.
pub fn markdown(reached: &Reached) -> String {
    let mut out = String::from(HEAD);
    out.push_str("| rule | about | cases | node types |\n|---|---|---|---|\n");
    for rule in RULES {
        let cases = reached.cases.get(rule.number).copied().unwrap_or(0);
        let nodes = match rule.nodes {
            None => "–".to_owned(),
            Some(nodes) => {
                let count = node::table().filter(|row| nodes(row)).count();
                if count == node::table().count() { "all".to_owned() } else { count.to_string() }
            }
        };
        let _ = writeln!(out, "| {} | {} | {cases} | {nodes} |", rule.number, rule.title);
    }
    out.push_str("\n## By node type\n\n| node | rules | errors |\n|---|---|---|\n");
    for row in node::table() {
        let rules: Vec<&str> =
            RULES.iter().filter(|rule| rule.nodes.is_some_and(|nodes| nodes(row))).map(|rule| rule.number).collect();
        let errors: Vec<String> = errors(row).into_iter().map(|code| format!("`{code}`")).collect();
        let _ = writeln!(
            out,
            "| [{}](nodes.md#{}) | {} | {} |",
            row.name,
            row.name.to_lowercase(),
            rules.join(" "),
            errors.join(" ")
        );
    }
    out
}

const HEAD: &str = "# What the corpus covers

This page is made by the tests: `UPDATE_EXPECT=1 cargo test --profile quick -p statewright-tests --test conformance` writes
it. A cell stands here only if a case fills it, and the tests fail for each that is empty.

A case cites rules at the beginning of its name. It fills the cell of a rule and a node type if it cites the rule and reaches
such a node, or expects the checker to say something about one. It fills the cell of an error and a node type if an
activation of it is stopped by that error at such a node. Cases that follow from the rules alone (what a node costs, how its
inputs fail and in which order, what is undone) are made from the node table, and run with the others.

## By rule

";
