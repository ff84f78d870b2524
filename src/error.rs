//! What can go wrong for a host: texts with findings, actions that fail, programs that do not belong to a session.

use std::error::Error;
use std::fmt;

use statewright_runtime::persist::migration::MigrationError;
use statewright_runtime::program::Trap;
use statewright_runtime::session::{ActionReport, LoadError as RestoreError, Refusal};
use statewright_types::host::DECLARATION;
use statewright_types::{Diagnostic, Severity, Span};

/// Which text a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The document.
    Document,
    /// The schema.
    Schema,
    /// The configuration.
    Config,
    /// The state that a session was to begin with.
    State,
}

impl Source {
    /// The word for it in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Source::Document => "document",
            Source::Schema => "schema",
            Source::Config => "configuration",
            Source::State => "state",
        }
    }
}

/// A diagnostic and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In which text.
    pub source: Source,
    /// Line and column, both from 1; `None` if it is about no place in particular.
    pub position: Option<(usize, usize)>,
    /// What.
    pub diagnostic: Diagnostic,
}

impl Finding {
    /// Whether it keeps a document from running.
    pub fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    pub(crate) fn all(source: Source, text: &str, diagnostics: Vec<Diagnostic>) -> impl Iterator<Item = Finding> {
        let place = |span: Span| (span != Span::default()).then(|| Span::line_column(text, span.start));
        let findings = diagnostics.into_iter().map(|diagnostic| Finding {
            source,
            position: diagnostic.span.and_then(place),
            diagnostic,
        });
        findings.collect::<Vec<_>>().into_iter()
    }
}

/// `document:3:14: error[E020]: there is no node type …`, and in a second line what to do.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.name())?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.diagnostic)
    }
}

/// A document, schema or state cannot be used: all errors and warnings that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    findings: Vec<Finding>,
}

impl LoadError {
    pub(crate) fn new(findings: Vec<Finding>) -> LoadError {
        LoadError { findings }
    }

    /// Effects of the host program that do not fit the document or its schema.
    pub(crate) fn of_effects(message: String) -> LoadError {
        let help = "see docs/effects.md";
        let diagnostic = Diagnostic::error(DECLARATION, Span::default(), message).help(help);
        LoadError::new(vec![Finding { source: Source::Document, position: None, diagnostic }])
    }

    /// A document that is not compiled to machine code.
    #[cfg(feature = "jit")]
    pub(crate) fn of_compiling(error: &statewright_jit::JitError) -> LoadError {
        let help = "load it on Execution::Tiered, which interprets what cannot be compiled";
        let diagnostic =
            Diagnostic::error(statewright_graph::check::codes::TOO_DEEP, Span::default(), error.to_string()).help(help);
        LoadError::new(vec![Finding { source: Source::Document, position: None, diagnostic }])
    }

    /// Everything that was found, in the order of the texts.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The errors among them, with their codes, spans and places in the graph.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_error())
    }
}

/// One finding after the other, errors only.
impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.errors().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}

impl Error for LoadError {}

/// An action that was refused, or of which a handler failed. Other handlers of the same event may have succeeded: the
/// report tells.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionError {
    report: Box<ActionReport>,
    trap: Trap,
}

impl ActionError {
    /// The report as a result: an error if anything failed.
    pub(crate) fn check(report: ActionReport) -> Result<ActionReport, ActionError> {
        match report.trap().cloned() {
            Some(trap) => Err(ActionError { report: Box::new(report), trap }),
            None => Ok(report),
        }
    }

    /// All that happened, failed or not.
    pub fn report(&self) -> &ActionReport {
        &self.report
    }

    /// The first thing that failed. Its message may tell about the server's inside.
    pub fn trap(&self) -> &Trap {
        &self.trap
    }

    /// What the sender may be told.
    pub fn refusal(&self) -> Refusal {
        Refusal::of(&self.trap)
    }
}

/// `not_found at node `give` of handler `GiveCard`: No element …`
impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.trap.code)?;
        if let Some(node) = &self.trap.node {
            write!(f, " at node `{node}`")?;
        }
        if let Some(failed) = self.report.activations.iter().find(|activation| activation.error.is_some()) {
            write!(f, " of handler `{}`", failed.handler)?;
        }
        write!(f, ": {}", self.trap.message.as_deref().unwrap_or(self.trap.code.message()))
    }
}

impl Error for ActionError {}

/// A session cannot go on with a program whose schema or root type is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramMismatch;

impl fmt::Display for ProgramMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the program has another schema or root type than the session; begin a new session with it")
    }
}

impl Error for ProgramMismatch {}

/// A saved session cannot be taken to another schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrateError {
    /// It is no saved session of the old schema.
    Malformed(RestoreError),
    /// Everything that stands in the way.
    Refused(MigrationError),
}

impl fmt::Display for MigrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MigrateError::Malformed(error) => error.fmt(f),
            MigrateError::Refused(error) => error.fmt(f),
        }
    }
}

impl Error for MigrateError {}
