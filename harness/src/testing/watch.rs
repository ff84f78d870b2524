//! `--watch`: when to run again, and which results are news. What the files are and when they changed comes from outside,
//! so that nothing here waits or looks at a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::outcome::{Summary, TestOutcome};

/// What tells one version of a file from another: when it was written, and its length. `None` for a file that is not
/// there.
pub type Stamp = Option<(SystemTime, u64)>;

/// The stamps of all files that matter.
pub type Stamps = BTreeMap<PathBuf, Stamp>;

/// A run that is repeated whenever a file changes.
#[derive(Debug, Default)]
pub struct Watch {
    /// Files that the last run read.
    read: BTreeSet<PathBuf>,
    /// As they were when it began; `None` before the first run.
    ran: Option<Stamps>,
    /// As they were when they were looked at last.
    seen: Stamps,
    results: BTreeMap<String, String>,
}

impl Watch {
    /// The files to look at, besides the test files that there are.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.read.iter().map(PathBuf::as_path)
    }

    /// Takes what the files are now. Whether to run: at first, and when something changed since the last run and
    /// nothing did since the last look, so that no half-written files are read.
    pub fn due(&mut self, now: Stamps) -> bool {
        let settled = self.seen == now;
        let due = match &self.ran {
            None => true,
            Some(ran) => settled && *ran != now,
        };
        self.seen = now;
        due
    }

    /// Takes what a run found, `stamps` being the files as they were before it. Gives the results that are not as in the run
    /// before; all that failed at first.
    pub fn ran(&mut self, summary: &Summary, stamps: impl Fn(&Path) -> Stamp) -> Vec<News> {
        self.read.clone_from(&summary.read);
        let mut ran = self.seen.clone();
        ran.retain(|path, _| self.read.contains(path));
        // What was read for the first time has no earlier stamp.
        for path in &self.read {
            ran.entry(path.clone()).or_insert_with(|| stamps(path));
        }
        self.seen.clone_from(&ran);
        self.ran = Some(ran);
        let mut news = Vec::new();
        let mut results = BTreeMap::new();
        for (index, outcome) in summary.outcomes.iter().enumerate() {
            let key = key(outcome);
            let result = result(outcome);
            match self.results.get(&key) {
                Some(before) if *before == result => {}
                None if outcome.passed() => {}
                _ => news.push(News { index }),
            }
            results.insert(key, result);
        }
        self.results = results;
        news
    }
}

/// A result that changed: its position among the outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// The position in [`Summary::outcomes`].
    pub index: usize,
}

fn key(outcome: &TestOutcome) -> String {
    format!("{}: {} {}", outcome.source.name, outcome.name, outcome.backend.name())
}

/// What failed and how, but not where in the file: lines move when other tests change.
fn result(outcome: &TestOutcome) -> String {
    let failures =
        outcome.failures.iter().map(|failure| format!("{} {} {:?}", failure.at, failure.what, failure.differences));
    failures.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use statewright_types::Span;

    use super::*;
    use crate::project::{Backend, Source};
    use crate::testing::outcome::Failure;

    /// Files and the times at which they were written, in seconds of a clock that only tests move.
    #[derive(Default)]
    struct Disk(BTreeMap<&'static str, u64>);

    impl Disk {
        fn stamp(&self, path: &Path) -> Stamp {
            let written = self.0.get(path.to_str()?)?;
            Some((SystemTime::UNIX_EPOCH + Duration::from_secs(*written), 1))
        }

        /// One look at what the watch wants to see, and at the test files.
        fn look(&self, watch: &mut Watch) -> bool {
            let tests = self.0.keys().copied().filter(|name| name.ends_with(".test.json")).map(Path::new);
            let files: BTreeSet<PathBuf> = watch.files().chain(tests).map(Path::to_owned).collect();
            watch.due(files.into_iter().map(|file| (file.clone(), self.stamp(&file))).collect())
        }
    }

    fn summary(read: &[&str], results: &[(&str, Option<&str>)]) -> Summary {
        let source = Arc::new(Source::inline("a.test.json", ""));
        let outcome = |(name, failure): &(&str, Option<&str>)| TestOutcome {
            source: source.clone(),
            name: Arc::from(*name),
            document: "game.json".to_owned(),
            backend: Backend::Interpreter,
            artefact: None,
            failures: failure
                .iter()
                .map(|what| Failure {
                    at: "step 1".to_owned(),
                    action: String::new(),
                    what: (*what).to_owned(),
                    span: Span::default(),
                    differences: Vec::new(),
                    notes: Vec::new(),
                    rewrite: None,
                })
                .collect(),
            expectations: 1,
            findings: Vec::new(),
            duration: Duration::ZERO,
        };
        Summary {
            read: read.iter().map(PathBuf::from).collect(),
            outcomes: results.iter().map(outcome).collect(),
            ..Summary::default()
        }
    }

    #[test]
    fn a_change_of_any_file_that_was_read_runs_again_once_it_has_settled() {
        let mut disk = Disk([("a.test.json", 1), ("game.json", 1), ("other.json", 1)].into());
        let mut watch = Watch::default();
        let read = summary(&["a.test.json", "game.json"], &[]);
        assert!(disk.look(&mut watch), "the first run needs no change");
        watch.ran(&read, |path| disk.stamp(path));
        assert!(!disk.look(&mut watch));
        disk.0.insert("other.json", 2);
        assert!(!disk.look(&mut watch), "nobody read it");
        disk.0.insert("game.json", 2);
        assert!(!disk.look(&mut watch), "it may still be written");
        assert!(disk.look(&mut watch));
        watch.ran(&read, |path| disk.stamp(path));
        assert!(!disk.look(&mut watch));
        disk.0.insert("game.json", 3);
        assert!(!disk.look(&mut watch));
        disk.0.insert("game.json", 4);
        assert!(!disk.look(&mut watch), "it changed again");
        assert!(disk.look(&mut watch));
    }

    #[test]
    fn files_that_come_and_go_run_again() {
        let mut disk = Disk([("a.test.json", 1)].into());
        let mut watch = Watch::default();
        assert!(disk.look(&mut watch));
        // A document that was not there is watched all the same.
        watch.ran(&summary(&["a.test.json", "gone.json"], &[]), |path| disk.stamp(path));
        assert!(!disk.look(&mut watch));
        for (name, there) in [("gone.json", true), ("b.test.json", true), ("b.test.json", false)] {
            if there {
                disk.0.insert(name, 5)
            } else {
                disk.0.remove(name)
            };
            assert!(!disk.look(&mut watch));
            assert!(disk.look(&mut watch), "{name}");
            let names: Vec<&str> = disk.0.keys().copied().collect();
            watch.ran(&summary(&names, &[]), |path| disk.stamp(path));
            assert!(!disk.look(&mut watch));
        }
    }

    #[test]
    fn a_change_during_a_run_is_not_missed() {
        let mut disk = Disk([("a.test.json", 1)].into());
        let mut watch = Watch::default();
        assert!(disk.look(&mut watch));
        disk.0.insert("a.test.json", 2);
        watch.ran(&summary(&["a.test.json"], &[]), |path| disk.stamp(path));
        assert!(!disk.look(&mut watch));
        assert!(disk.look(&mut watch));
    }

    #[test]
    fn only_changed_results_are_news() {
        let mut watch = Watch::default();
        let mut run = |results: &[(&str, Option<&str>)]| {
            let summary = summary(&[], results);
            let news = watch.ran(&summary, |_| None);
            news.into_iter().map(|news| summary.outcomes[news.index].name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(run(&[("good", None), ("bad", Some("state")), ("worse", Some("state"))]), ["bad", "worse"]);
        assert_eq!(run(&[("good", None), ("bad", Some("state")), ("worse", Some("events"))]), ["worse"]);
        assert_eq!(
            run(&[("good", Some("fuel")), ("bad", None), ("worse", Some("events")), ("new", None)]),
            ["good", "bad"]
        );
    }
}
