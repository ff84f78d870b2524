//! Files that a person can read.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule};

const MOST: usize = 600;
const MOST_OF_A_TABLE: usize = 1_000;
const MARKER: &str = "// tidy: table";

pub const RULE: Rule = Rule {
    name: "file-length",
    demands: "at most 600 lines of source a file; 1,000 for a table that says `// tidy: table`",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    for file in ["rs", "js", "ts"].into_iter().flat_map(|extension| tree.with_extension(extension)) {
        let lines = file.text.lines().count();
        let table = file.text.lines().any(|line| line.trim() == MARKER);
        let most = if table { MOST_OF_A_TABLE } else { MOST };
        if lines > most {
            let message = format!("{lines} lines, more than {most}");
            report.add(&file.path, most + 1, message, "split it by what its parts are about");
        } else if table && lines <= MOST {
            report.add(&file.path, 1, format!("`{MARKER}` on {lines} lines"), "remove the marker, the file is short");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn long_files_and_needless_markers_are_found() {
        let (long, longer) = ("x\n".repeat(601), "x\n".repeat(1_000));
        let table = format!("{MARKER}\n{}", "x\n".repeat(999));
        let long_table = format!("{MARKER}\n{longer}");
        let short_table = format!("//! A.\n{MARKER}\n");
        let files = [("a.rs", long.as_str()), ("b.rs", &table), ("c.js", &long_table), ("d.rs", &short_table)];
        assert_eq!(places(&RULE, &files), ["a.rs:601", "c.js:1001", "d.rs:1"]);
    }
}
