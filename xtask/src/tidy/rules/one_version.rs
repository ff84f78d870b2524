//! Versions are written once.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule};

pub const RULE: Rule = Rule {
    name: "one-version",
    demands: "crates take every dependency from [workspace.dependencies] of the root",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    for manifest in tree.manifests() {
        for dependency in manifest.dependencies.iter().filter(|dependency| !dependency.inherited) {
            let message = format!("`{}` has a version or path of its own", dependency.name);
            let advice = format!("write it in the root's [workspace.dependencies], here `{}.workspace = true`", dependency.name);
            report.add(&manifest.path, dependency.line, message, advice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_version_in_a_crate_is_found() {
        let text = "[package]\nname = \"statewright-types\"\n[dependencies]\nlibm.workspace = true\n[dev-dependencies]\n\
                    proptest = \"1\"\n";
        assert_eq!(places(&RULE, &[("types/Cargo.toml", text)]), ["types/Cargo.toml:6"]);
    }
}
