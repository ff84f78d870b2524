//! Texts with the name that people know them by, and what was found wrong in them.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use statewright_types::repair::spell;
use statewright_types::{Diagnostic, Limits, Severity, Span};

use super::fault::Fault;

/// A text from a file, or from somewhere with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// For messages: the path as it was given.
    pub name: String,
    /// The file, if it is one.
    pub path: Option<PathBuf>,
    /// What it says.
    pub text: Arc<str>,
}

impl Source {
    /// Reads a file: UTF-8, at most `Limits::FILE_BYTES`.
    pub fn read(path: &Path) -> Result<Source, Fault> {
        let failed = |source| Fault::Read { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        let limit = Limits::FILE_BYTES;
        // One byte more than allowed tells a file that is too large, whatever its metadata say.
        File::open(path).map_err(failed)?.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > limit {
            return Err(Fault::TooLarge { path: path.to_owned(), limit });
        }
        let text = String::from_utf8(bytes)
            .map_err(|error| Fault::NotText { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })?;
        Ok(Source::of(path, text))
    }

    /// A text for a file that may not say so yet.
    pub fn of(path: &Path, text: impl Into<Arc<str>>) -> Source {
        Source { name: path.display().to_string(), path: Some(path.to_owned()), text: text.into() }
    }

    /// A text that is no file.
    pub fn inline(name: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        Source { name: name.into(), path: None, text: text.into() }
    }

    /// `diagnostics` as findings in this text.
    pub fn findings(self: &Arc<Self>, diagnostics: impl IntoIterator<Item = Diagnostic>) -> Vec<Finding> {
        self.findings_at(0, diagnostics)
    }

    /// The same for a text that stands at byte `offset` of this one.
    pub fn findings_at(
        self: &Arc<Self>,
        offset: u32,
        diagnostics: impl IntoIterator<Item = Diagnostic>,
    ) -> Vec<Finding> {
        let mut moved: Vec<Diagnostic> = diagnostics.into_iter().map(|diagnostic| moved(diagnostic, offset)).collect();
        spell(&self.text, &mut moved);
        moved.into_iter().map(|diagnostic| Finding { source: self.clone(), diagnostic }).collect()
    }
}

/// Texts that stand in for files: what an editor has not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Arc<HashMap<PathBuf, Arc<str>>>);

impl Texts {
    /// These, by the paths of their files.
    pub fn new(texts: impl IntoIterator<Item = (PathBuf, Arc<str>)>) -> Texts {
        Texts(Arc::new(texts.into_iter().map(|(path, text)| (whole(&path), text)).collect()))
    }

    /// The text that stands in for a file, or what the file says.
    ///
    /// # Errors
    /// As of [`Source::read`].
    pub fn read(&self, path: &Path) -> Result<Source, Fault> {
        match self.0.get(&whole(path)) {
            Some(text) => Ok(Source::of(path, text.clone())),
            None => Source::read(path),
        }
    }
}

/// A path from the root of the file system, without `.` and `..`; links are not followed.
pub fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.components().fold(PathBuf::new(), |mut way, part| {
        match part {
            Component::ParentDir => {
                way.pop();
            }
            Component::CurDir => {}
            part => way.push(part),
        }
        way
    })
}

fn moved(mut diagnostic: Diagnostic, offset: u32) -> Diagnostic {
    let by = |span: Span| Span { start: span.start.saturating_add(offset), end: span.end.saturating_add(offset) };
    diagnostic.span = diagnostic.span.map(by);
    for fix in &mut diagnostic.fix {
        fix.span = by(fix.span);
    }
    diagnostic
}

/// A diagnostic and the text that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub source: Arc<Source>,
    /// What.
    pub diagnostic: Diagnostic,
}

impl Finding {
    /// Line and column of its beginning, from 1; `None` if it is about no place in particular.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        self.diagnostic.span.map(|span| Span::line_column(&self.source.text, span.start))
    }

    /// Whether it keeps a document from running.
    pub fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }
}

/// Numbers of errors and warnings.
pub fn count(findings: &[Finding]) -> (usize, usize) {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    (errors, findings.len() - errors)
}
