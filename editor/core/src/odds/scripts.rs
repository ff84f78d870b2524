//! Script files of a folder, and one of the runs as orders of a session.

use std::path::{Path, PathBuf};

use statewright_harness::act::Act;
use statewright_harness::files::Files;
use statewright_harness::project::walk;
use statewright_harness::testing::steps::ACTS;
use statewright_types::json::{self, Kind, Tree};

use crate::open::file::read_text;
use crate::run::Order;

/// Files of a folder and those in it that are scripts, also those with mistakes in them; in the order of their names.
pub fn scripts(files: &dyn Files, folder: &Path) -> Vec<PathBuf> {
    let found = walk::files(folder, |name| name.ends_with(".json")).unwrap_or_default();
    let is_script = |path: &PathBuf| {
        read_text(files, path).is_ok_and(|(text, _)| json::parse(text).is_ok_and(|tree| is_script(&tree)))
    };
    found.into_iter().filter(is_script).collect()
}

/// Whether a text is a script: an object with `steps`, or an array of steps.
pub fn is_script(tree: &Tree) -> bool {
    let root = tree.root();
    match tree.kind(root) {
        Kind::Object => tree.get(root, "steps").is_some_and(|steps| tree.kind(steps) == Kind::Array),
        Kind::Array => tree.elements(root).first().is_some_and(|first| {
            tree.kind(*first) == Kind::Object && ACTS.iter().any(|key| tree.get(*first, key).is_some())
        }),
        _ => false,
    }
}

/// Steps of a script as what a session is told to do.
pub fn orders(steps: &[Act]) -> Vec<Order> {
    steps.iter().cloned().map(Order::Act).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_script(text: &str) -> bool {
        json::parse(text).is_ok_and(|tree| super::is_script(&tree))
    }

    #[test]
    fn scripts_are_told_from_documents_and_tests() {
        for text in ["{\"steps\": []}", "[{\"event\": \"E\"}]", "[{\"advance\": 5}]", "{\"steps\": [], \"metrix\": 1}"]
        {
            assert!(is_script(text), "{text}");
        }
        for text in ["{\"handlers\": []}", "{\"graph\": \"a\", \"tests\": []}", "[]", "[1]", "{", "{\"steps\": 1}", "3"]
        {
            assert!(!is_script(text), "{text}");
        }
    }
}
