//! `cargo xtask tidy`: the rules of this repository, one file each. A rule sees the whole tree as text, so that its
//! test can plant a case.

mod house;
mod manifest;
mod markdown;
mod rules;
mod source;
mod tree;

use std::fmt;

use crate::{Fault, Verdict, repository};
use tree::Tree;

/// One rule.
pub struct Rule {
    /// Its name in findings.
    pub name: &'static str,
    /// What it demands, for `--list`.
    pub demands: &'static str,
    /// Looks at the tree and reports.
    pub check: fn(&Tree, &mut Report),
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    message: String,
    advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}, {}", self.path, self.line, self.rule, self.message, self.advice)
    }
}

/// What one rule found.
pub struct Report {
    rule: &'static str,
    findings: Vec<Finding>,
}

impl Report {
    /// `message` is what is wrong at `line` (from 1) of `path`, `advice` what to do about it.
    pub fn add(&mut self, path: &str, line: usize, message: impl Into<String>, advice: impl Into<String>) {
        let (message, advice) = (message.into(), advice.into());
        self.findings.push(Finding { path: path.to_owned(), line, rule: self.rule, message, advice });
    }
}

/// What `rule` finds in `tree`, by place.
fn findings(rule: &Rule, tree: &Tree) -> Vec<Finding> {
    let mut report = Report { rule: rule.name, findings: Vec::new() };
    (rule.check)(tree, &mut report);
    report.findings.sort();
    report.findings
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    match args {
        [] => {}
        [flag] if flag == "--list" => {
            for rule in rules::ALL {
                println!("{:<20} {}", rule.name, rule.demands);
            }
            return Ok(Verdict::Fine);
        }
        [other, ..] => return Err(format!("tidy: unknown argument `{other}`; it takes only --list")),
    }
    let root = repository::root()?;
    let tree = Tree::read(&root, repository::files(&root)?)?;
    let mut found: Vec<Finding> = rules::ALL.iter().flat_map(|rule| findings(rule, &tree)).collect();
    found.sort();
    for finding in &found {
        println!("{finding}");
    }
    eprintln!("tidy: {} rules, {} files, {} findings", rules::ALL.len(), tree.len(), found.len());
    Ok(if found.is_empty() { Verdict::Fine } else { Verdict::Findings })
}

/// Where `rule` finds something in a tree of these files, as `path:line`.
#[cfg(test)]
fn places(rule: &Rule, files: &[(&str, &str)]) -> Vec<String> {
    let found = findings(rule, &Tree::of(files));
    found.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_place_rule_message_advice() {
        let rule =
            Rule { name: "some-rule", demands: "", check: |_, report| report.add("a.rs", 3, "wrong", "mend it") };
        let found = findings(&rule, &Tree::of(&[]));
        assert_eq!(found.iter().map(Finding::to_string).collect::<Vec<_>>(), ["a.rs:3: some-rule: wrong, mend it"]);
    }

    #[test]
    fn rules_have_distinct_names_and_accept_an_empty_tree() {
        let mut names: Vec<&str> = rules::ALL.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), rules::ALL.len());
        for rule in rules::ALL {
            assert_eq!(findings(rule, &Tree::of(&[])), [], "{}", rule.name);
        }
    }

    #[test]
    fn broken_files_are_no_reason_to_panic() {
        let texts = [
            ("types/Cargo.toml", "[package]\nname = \"statewright-types\"\n[dependencies]\nlibm.workspace = true\n"),
            ("types/src/a.rs", "//! A.\n#[cfg(test)]\nmod tests { r#\"x\"#; 'a'; /* b */ \"\\n\" }\n/// ```ignore\n"),
            ("docs/dependencies.md", "# A `b`\n| `libm` | why |\n[c](../d.md#e) ![f](g)\n[h]: i\n```\nj\n```\n"),
        ];
        let mut random = 1u64;
        let mut draw = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for _ in 0..3_000 {
            let broken = texts.map(|(path, text)| {
                let mut bytes = text.as_bytes().to_vec();
                for _ in 0..=draw(3) {
                    let at = draw(bytes.len());
                    match draw(3) {
                        0 => bytes.truncate(at.max(1)),
                        1 => bytes[at] ^= 1 << draw(8),
                        _ => bytes.insert(at, b"\"'`#[](){}\n/*\\"[draw(14)]),
                    }
                }
                (path, String::from_utf8_lossy(&bytes).into_owned())
            });
            let tree = Tree::of(&broken.each_ref().map(|(path, text)| (*path, text.as_str())));
            for rule in rules::ALL {
                findings(rule, &tree);
            }
        }
    }
}
