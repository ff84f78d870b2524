//! Heavy foreign crates stay where they belong.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, house};

pub const RULE: Rule = Rule {
    name: "confined-crates",
    demands: "Cranelift in jit, egui in editor, SQLite in server, tokio in server and cli",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    for manifest in tree.manifests() {
        let Some(package) = &manifest.package else { continue };
        for dependency in &manifest.dependencies {
            let row = house::CONFINED.iter().find(|(name, _)| dependency.name.starts_with(name));
            if let Some((_, homes)) = row.filter(|(_, homes)| !homes.contains(&package.as_str())) {
                let message = format!("`{package}` must not use `{}`", dependency.name);
                let advice = format!("it lives in {} only; put the code there", homes.join(" and "));
                report.add(&manifest.path, dependency.line, message, advice);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_crate_away_from_home_is_found() {
        let runtime = "[package]\nname = \"statewright-runtime\"\n[dependencies]\ntokio = \"1\"\neframe.workspace = true\n";
        let graph = "[package]\nname = \"statewright-graph\"\n[dependencies]\nlibm.workspace = true\ncranelift-jit = \"0.1\"\n";
        let found = places(&RULE, &[("runtime/Cargo.toml", runtime), ("graph/Cargo.toml", graph)]);
        assert_eq!(found, ["graph/Cargo.toml:5", "runtime/Cargo.toml:4", "runtime/Cargo.toml:5"]);
    }
}
