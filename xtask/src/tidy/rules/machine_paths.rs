//! Nothing in the repository knows the machine it was written on.

use crate::tidy::tree::{File, Tree};
use crate::tidy::{Report, Rule};

/// Where people and machines keep things. Written in halves, so that this file does not find itself.
const PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers"),
    concat!("../sha", "red"),
    concat!("index.cra", "tes.io"),
    concat!("static.cra", "tes.io"),
    concat!("registry.npm", "js.org"),
    concat!("files.python", "hosted.org"),
    concat!("deb.deb", "ian.org"),
];

pub const RULE: Rule =
    Rule { name: "machine-paths", demands: "no paths of a machine and no registry hosts in sources and pages", check };

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.files().filter(|file| file.path != "Cargo.lock") {
        let mut allowance = allowance(file);
        for (line, text) in file.lines() {
            let Some(place) = PLACES.iter().find(|place| mentions(text, place)) else { continue };
            if allowance > 0 && place.starts_with("..") {
                allowance -= 1;
                continue;
            }
            report.add(&file.path, line, format!("`{place}` is of one machine"), "use a path relative to the repository");
        }
    }
}

/// CI may look once for graphs beside the repository.
fn allowance(file: &File) -> usize {
    usize::from(file.path == ".ci/run")
}

fn mentions(text: &str, place: &str) -> bool {
    text.match_indices(place).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn paths_of_a_machine_are_found() {
        let line = |place: &str| format!("see {place}thing\n");
        let page: String = PLACES.iter().map(|place| line(place)).collect();
        let found = places(&RULE, &[("docs/a.md", &page), ("b.rs", "frame/work/x https://a.org/rework/\n")]);
        assert_eq!(found.len(), PLACES.len());
    }

    #[test]
    fn ci_may_look_beside_the_repository_once() {
        let beside = concat!("ls ../sha", "red/graphs\n");
        let found = places(&RULE, &[(".ci/run", &beside.repeat(2)), ("a.sh", beside)]);
        assert_eq!(found, [".ci/run:2", "a.sh:1"]);
    }
}
