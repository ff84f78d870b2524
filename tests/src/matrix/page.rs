//! `docs/conformance.md`: what the corpus shows of every rule and every node type.

use std::fmt::Write;

use statewright_graph::node;

use super::rules::{RULES, errors};
use crate::reached::Reached;

/// The page.
pub fn markdown(reached: &Reached) -> String {
    let shown = |rule: &str, node: &str| reached.rules.contains(&(rule.to_owned(), node.to_owned()));
    let mut out = String::from(HEAD);
    out.push_str("| rule | about | node types |\n|---|---|---|\n");
    for rule in RULES.iter().filter(|rule| reached.cases.contains_key(rule.number)) {
        let nodes = match rule.nodes {
            None => "–".to_owned(),
            Some(nodes) => {
                let count = node::table().filter(|row| nodes(row) && shown(rule.number, row.name)).count();
                if count == node::table().count() { "all".to_owned() } else { count.to_string() }
            }
        };
        let _ = writeln!(out, "| {} | {} | {nodes} |", rule.number, rule.title);
    }
    out.push_str("\n## By node type\n\n| node | rules | errors |\n|---|---|---|\n");
    for row in node::table() {
        let rules =
            RULES.iter().filter(|rule| rule.nodes.is_some_and(|nodes| nodes(row)) && shown(rule.number, row.name));
        let rules: Vec<&str> = rules.map(|rule| rule.number).collect();
        let stopped = |code: &&str| reached.errors.contains(&(row.name.to_owned(), (*code).to_owned()));
        let errors: Vec<String> = errors(row).into_iter().filter(stopped).map(|code| format!("`{code}`")).collect();
        let anchor = row.name.to_lowercase();
        let _ = writeln!(out, "| [{}](nodes.md#{anchor}) | {} | {} |", row.name, rules.join(" "), errors.join(" "));
    }
    out
}

const HEAD: &str = "# What the corpus covers

This page is made by the tests: `UPDATE_EXPECT=1 cargo test --profile quick -p statewright-tests --test conformance` writes
it. What stands here is shown by at least one case; what should be shown and is not makes the tests fail.

A case cites rules at the beginning of its name. It fills the cell of a rule and a node type if it cites the rule and reaches
such a node, or expects the checker to say something about one. It fills the cell of an error and a node type if an
activation of it is stopped by that error at such a node. Cases that follow from the rules alone (what a node costs, how its
inputs fail and in which order, what is undone) are made from the node table, and run with the others.

## By rule

";
