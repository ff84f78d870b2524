//! What can go wrong with files: which file, what was being done, what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use statewright_graph::check::codes::TOO_DEEP;
use statewright_runtime::persist::migration::MigrationError;
use statewright_types::{Diagnostic, Span};
use thiserror::Error;

use super::backend::Backend;
use super::loaded::Loaded;

/// A file cannot be used, or something was asked for that is not there. The command's exit code is 2.
#[derive(Debug, Error)]
pub enum Fault {
    /// Reading failed.
    #[error("cannot read {}: {}", path.display(), reason(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed.
    #[error("cannot write {}: {}", path.display(), reason(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not text.
    #[error("{} is not UTF-8 text (byte {offset}): save it as UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first byte that does not belong.
        offset: usize,
    },
    /// Larger than `Limits::FILE_BYTES`.
    #[error("{} has more than {limit} bytes, the largest that is read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes.
        limit: usize,
    },
    /// No schema was named and none stands beside the document.
    #[error(
        "no schema for {}: name one with --schema, give the document a \"schemaPath\", or put one of these beside it: {tried}",
        document.display()
    )]
    NoSchema {
        /// The document.
        document: PathBuf,
        /// File names that were looked for.
        tried: String,
    },
    /// Several files might be the schema.
    #[error("{} could go with any of {found}: name one with --schema, or in the document's \"schemaPath\"", document.display())]
    ManySchemas {
        /// The document.
        document: PathBuf,
        /// The candidates.
        found: String,
    },
    /// This execution does not exist.
    #[error("the backend `{}` is not there yet: use {}", backend.name(), Backend::available_text())]
    NoBackend {
        /// Which.
        backend: Backend,
    },
    /// The document cannot be compiled.
    #[error("the document cannot be compiled: {0}")]
    NotCompiled(String),
    /// An execution needs what this machine does not have.
    #[error("the backend `{}` does not run here: {what}", backend.name())]
    CannotRun {
        /// Which.
        backend: Backend,
        /// What is missing.
        what: String,
    },
    /// A document that could not be built, or was not.
    #[error("cannot run it as a program of its own: {what}")]
    NotBuilt {
        /// Why, and what to do.
        what: String,
    },
    /// Effects of the host program do not fit the document or its schema.
    #[error("{what}")]
    BadEffects {
        /// What does not.
        what: String,
    },
    /// A session that cannot be saved.
    #[error("cannot save the session in {}: {what}", path.display())]
    NotSaved {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// A save file that cannot be loaded.
    #[error("cannot load {name}: {what}")]
    BadSave {
        /// The file.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A saved session that does not go with another schema.
    #[error("cannot migrate {name}: {error}")]
    NotMigrated {
        /// The file.
        name: String,
        /// Everything that stands in the way.
        error: Box<MigrationError>,
    },
    /// A session that cannot be recorded.
    #[error("cannot record the session in {}: {what}", path.display())]
    NotRecorded {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// A recording that cannot be read.
    #[error("cannot replay {name}: {what}")]
    BadRecording {
        /// The file.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A recording that goes another way when it is replayed.
    #[error("{name} does not replay: {what}")]
    Diverged {
        /// The file.
        name: String,
        /// Where.
        what: String,
    },
    /// There are no tests under the given paths.
    #[error("no test file at {}: tests are in files named *.test.json", path.display())]
    NoTests {
        /// Where.
        path: PathBuf,
    },
    /// There are tests, and the filter leaves out all of them.
    #[error("no test fits `{filter}`: {help}")]
    NoneFits {
        /// The filter.
        filter: String,
        /// Which tests there are.
        help: String,
    },
}

impl Loaded {
    /// That the document is too large for an execution, as the finding E050 at the function that is: file, line, code, message.
    pub fn too_large(&self, function: Option<&str>, message: &str) -> String {
        let graph = function.and_then(|name| self.document.graphs().find(|graph| &*graph.name.text == name));
        let span = graph.map(|graph| graph.name.span).unwrap_or_default();
        let error = Diagnostic::error(TOO_DEEP, span, message);
        let (line, column) = Span::line_column(&self.source.text, span.start);
        format!("{}:{line}:{column}: {error}", self.source.name)
    }

    /// Why it has no machine code: where it is too large, at the handler or function that is.
    #[cfg(feature = "jit")]
    pub fn not_compiled(&self, error: &statewright_jit::JitError) -> Fault {
        use statewright_jit::JitError::{Artefact, DeepStack, LargeFunction, LargeModule, Machine, Stopped};
        let message = error.to_string();
        Fault::NotCompiled(match error {
            LargeFunction { function, .. } | DeepStack { function, .. } => self.too_large(Some(function), &message),
            LargeModule { .. } => self.too_large(None, &message),
            Machine { .. } | Artefact { .. } | Stopped => message,
        })
    }
}

impl Fault {
    /// The file that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Fault::Read { path, .. }
            | Fault::Write { path, .. }
            | Fault::NotText { path, .. }
            | Fault::TooLarge { path, .. }
            | Fault::NotSaved { path, .. }
            | Fault::NotRecorded { path, .. }
            | Fault::NoTests { path } => Some(path),
            Fault::NoSchema { document, .. } | Fault::ManySchemas { document, .. } => Some(document),
            Fault::BadSave { name, .. }
            | Fault::NotMigrated { name, .. }
            | Fault::BadRecording { name, .. }
            | Fault::Diverged { name, .. } => Some(Path::new(name)),
            Fault::NoBackend { .. }
            | Fault::CannotRun { .. }
            | Fault::NotBuilt { .. }
            | Fault::BadEffects { .. }
            | Fault::NotCompiled(_)
            | Fault::NoneFits { .. } => None,
        }
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied; check the file's rights".to_owned(),
        io::ErrorKind::AlreadyExists => "there is a file already; name another, or remove it".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder; name a file in it".to_owned(),
        _ => error.to_string(),
    }
}
