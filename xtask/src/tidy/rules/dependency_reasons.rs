//! Every foreign crate has its reason, and every reason its crate.

use std::collections::BTreeMap;

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, house};

const PAGE: &str = "docs/dependencies.md";

pub const RULE: Rule = Rule {
    name: "dependency-reasons",
    demands: "docs/dependencies.md has one row for each foreign crate in the manifests, and no other",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    let page = tree.file(PAGE);
    let rows: BTreeMap<&str, usize> =
        page.iter().flat_map(|page| page.lines()).filter_map(|(line, text)| Some((crate_of_row(text)?, line))).collect();
    let mut used: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for manifest in tree.manifests() {
        for dependency in manifest.shared.iter().chain(&manifest.dependencies) {
            // What is inherited stands in the root, maybe under another name.
            if !dependency.inherited && !dependency.local && house::room(&dependency.name).is_none() {
                used.entry(dependency.name.clone()).or_insert((manifest.path.clone(), dependency.line));
            }
        }
    }
    for (name, (path, line)) in &used {
        if !rows.contains_key(name.as_str()) {
            let advice = format!("add a row that begins with the name in backticks to {PAGE}");
            report.add(path, *line, format!("the dependency `{name}` has no reason"), advice);
        }
    }
    for (name, line) in rows {
        if !used.contains_key(name) {
            report.add(PAGE, line, format!("no manifest has the dependency `{name}`"), "remove the row");
        }
    }
}

/// The crate that a row of the table speaks of: the first thing in it, in backticks.
fn crate_of_row(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("| `")?;
    rest.split_once('`').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_dependency_without_reason_and_a_stale_reason_are_found() {
        let root = "[workspace.dependencies]\nlibm = \"0.2\"\nserde = \"1\"\nstatewright-types = { path = \"types\" }\n";
        let page = "| crate | why |\n|---|---|\n| `libm` | floats |\n| `rand` | no longer |\n";
        let found = places(&RULE, &[("Cargo.toml", root), (PAGE, page)]);
        assert_eq!(found, ["Cargo.toml:3", "docs/dependencies.md:4"]);
    }
}
