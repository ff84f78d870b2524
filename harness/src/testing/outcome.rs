//! What came out of tests.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use statewright_types::{Span, Value};

use super::compare::Difference;
use super::coverage::Coverage;
use crate::project::{Backend, Finding, Source};

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Where: `step 2`, `at the end`, `check`.
    pub at: String,
    /// What was done there: `event Score of ann, handled by OnScore`; empty if nothing was.
    pub action: String,
    /// What was expected of what: `state Players[0].Score`, `events`.
    pub what: String,
    /// Where it stands in the test file.
    pub span: Span,
    /// Expected against found; at least one.
    pub differences: Vec<Difference>,
    /// What might explain it: errors of the step.
    pub notes: Vec<String>,
    /// What the expectation would have to be; `None` where rewriting cannot mend it.
    pub rewrite: Option<Value>,
}

/// How a test went.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    /// Its file.
    pub source: Arc<Source>,
    /// Its name.
    pub name: Arc<str>,
    /// The document's file, or the test file if it stands in it.
    pub document: String,
    /// The execution that it ran on.
    pub backend: Backend,
    /// SHA-256 of what was built to run it, hexadecimal; none if nothing was, or it did not run.
    pub artefact: Option<String>,
    /// What was not met; none: it passed.
    pub failures: Vec<Failure>,
    /// Expectations that were looked at.
    pub expectations: usize,
    /// What the document's check said, if that kept the test from running.
    pub findings: Vec<Finding>,
    /// How long it took, for reports only.
    pub duration: Duration,
}

impl TestOutcome {
    /// What ran it.
    pub fn ran_artefact(&self) -> Option<RanArtefact> {
        let (document, backend) = (self.document.clone(), self.backend);
        self.artefact.clone().map(|sha256| RanArtefact { document, backend, sha256 })
    }

    /// Whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// A test file with its expectations rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub before: Arc<str>,
    /// What it would say.
    pub after: String,
}

/// All of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Tests, in order of files and of tests in them.
    pub outcomes: Vec<TestOutcome>,
    /// What is wrong with the test files themselves; their tests did not run.
    pub findings: Vec<Finding>,
    /// Documents and schemas that could not be read, and why.
    pub faults: Vec<String>,
    /// The executions that were used.
    pub backends: Vec<Backend>,
    /// Executions that were asked for and are not there, and why: nothing ran on them.
    pub left_out: Vec<(Backend, String)>,
    /// Which nodes and branches were reached, if asked for.
    pub coverage: Option<Coverage>,
    /// Test files whose expectations could be rewritten to what was found, if asked for.
    pub rewrites: Vec<Rewrite>,
    /// Every file that was read, or that there was an attempt to read.
    pub read: BTreeSet<PathBuf>,
    /// Tests that `--filter` left out.
    pub filtered: usize,
}

/// What was built for a document on an execution, and ran.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RanArtefact {
    /// The document's file, or the test file that it stands in.
    pub document: String,
    /// The execution.
    pub backend: Backend,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl Summary {
    /// What was built and ran: one for each document and execution, in the order of executions and documents.
    pub fn artefacts(&self) -> Vec<RanArtefact> {
        let told = self.outcomes.iter().filter_map(TestOutcome::ran_artefact);
        let mut all: Vec<RanArtefact> = told.collect::<BTreeSet<_>>().into_iter().collect();
        all.sort_by_key(|ran| ran.backend);
        all
    }

    /// Number of tests that passed.
    pub fn passed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.passed()).count()
    }

    /// Number of tests that did not.
    pub fn failed(&self) -> usize {
        self.outcomes.len() - self.passed()
    }

    /// Whether everything was read, and passed.
    pub fn ok(&self) -> bool {
        self.failed() == 0 && self.findings.iter().all(|finding| !finding.is_error()) && self.faults.is_empty()
    }

    /// 0 when all passed; 1 when tests failed or test files are wrong; 2 when something could not be read, or the
    /// filter leaves out everything; 4 when all passed, and executions were left out.
    pub fn exit_code(&self) -> u8 {
        match () {
            () if !self.faults.is_empty() => 2,
            () if !self.ok() => 1,
            () if !self.left_out.is_empty() => 4,
            () => 0,
        }
    }
}
