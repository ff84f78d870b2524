//! Dependencies between the crates of the workspace run one way.

use crate::tidy::manifest::Manifest;
use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, house};

pub const RULE: Rule = Rule {
    name: "dependency-direction",
    demands: "crates depend only on what the table in tidy/house.rs puts below them",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.manifest_files() {
        match Manifest::parse(&file.path, &file.text) {
            Ok(manifest) => check_manifest(&manifest, report),
            Err((line, message)) => {
                report.add(&file.path, line, format!("the manifest does not parse ({message})"), "correct the TOML");
            }
        }
    }
}

fn check_manifest(manifest: &Manifest, report: &mut Report) {
    let Some(package) = &manifest.package else { return };
    let Some(room) = house::room(package) else {
        let message = format!("the package `{package}` has no place in the house");
        report.add(&manifest.path, 1, message, "add a row to xtask/src/tidy/house.rs and a paragraph to docs/architecture.md");
        return;
    };
    let expected = if room.folder == "." { "Cargo.toml".to_owned() } else { format!("{}/Cargo.toml", room.folder) };
    if manifest.path != expected {
        report.add(&manifest.path, 1, format!("`{package}` does not live here"), format!("move it to `{}`", room.folder));
    }
    for dependency in &manifest.dependencies {
        let ours = dependency.local || house::room(&dependency.name).is_some();
        if ours && !room.below.contains(&dependency.name.as_str()) {
            let message = format!("`{package}` must not depend on `{}`", dependency.name);
            let below = if room.below.is_empty() { "nothing of the workspace".to_owned() } else { room.below.join(", ") };
            report.add(&manifest.path, dependency.line, message, format!("it may use {below}; move the code down or invert it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn the_runtime_on_the_graph_is_found() {
        let text = "[package]\nname = \"statewright-runtime\"\n[dependencies]\nstatewright-types.workspace = true\n\
                    statewright-graph.workspace = true\n";
        assert_eq!(places(&RULE, &[("runtime/Cargo.toml", text)]), ["runtime/Cargo.toml:5"]);
    }

    #[test]
    fn a_dependency_of_tests_upwards_is_found() {
        let text = "[package]\nname = \"statewright-types\"\n[dev-dependencies]\nstatewright-harness = { path = \"../harness\" }\n";
        assert_eq!(places(&RULE, &[("types/Cargo.toml", text)]), ["types/Cargo.toml:4"]);
    }

    #[test]
    fn the_planned_crates_have_their_place() {
        let server = "[package]\nname = \"statewright-server\"\n[dependencies]\nstatewright-harness.workspace = true\n";
        let emit = "[package]\nname = \"statewright-emit\"\n[dependencies]\nstatewright-runtime.workspace = true\n";
        let files = [("server/Cargo.toml", server), ("emit/Cargo.toml", emit)];
        assert_eq!(places(&RULE, &files), ["emit/Cargo.toml:4"]);
    }

    #[test]
    fn strangers_misplaced_crates_and_broken_manifests_are_found() {
        let stranger = ("extra/Cargo.toml", "[package]\nname = \"statewright-extra\"\n");
        let misplaced = ("lib/Cargo.toml", "[package]\nname = \"statewright-types\"\n");
        let broken = ("types/Cargo.toml", "[package\n");
        let found = places(&RULE, &[stranger, misplaced, broken]);
        assert_eq!(found, ["extra/Cargo.toml:1", "lib/Cargo.toml:1", "types/Cargo.toml:1"]);
    }
}
