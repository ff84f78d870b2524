//! Save files: a session with the texts of the documents and the schema that it needs (docs/saving.md has the formats).
//!
//! - [`documents`]: those texts
//! - `text`, `binary`: the two forms of a file
//! - `migrating`: files of one schema under another

use std::path::Path;
use std::sync::Arc;

use statewright_runtime::host::HostNodes;
use statewright_runtime::session::{SavedSession, Session};
use statewright_types::{Schema, Value, schema};

use crate::files::{Files, replace};
use crate::project::{Backend, Fault, Source};

mod binary;
pub mod documents;
mod migrating;
mod text;

pub use documents::Versions;

/// The largest save file that is read, bytes: 4 GiB. Files in JSON are read up to `Limits::FILE_BYTES`.
pub const SAVE_BYTES: u64 = 4 << 30;

/// How a save file is written. Both are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// JSON, which people and other programs can read; up to `Limits::FILE_BYTES`.
    #[default]
    Json,
    /// Bytes, for large sessions: the state is never made into values.
    Binary,
}

/// How a save file is put on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// Its form.
    pub form: Form,
    /// How many older files are kept beside it; see [`replace`].
    pub keep: usize,
}

/// A save file as it was read, and its session ready to go on.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The versions of the document that it needs.
    pub versions: Versions,
}

/// A save file as it was read, checked for damage. Neither are its documents compiled nor is its session begun.
#[derive(Clone, Debug)]
pub struct Content {
    /// The file's name, for messages.
    pub name: String,
    /// The session.
    pub saved: SavedSession,
    /// The schema that it was saved with.
    pub schema: Arc<Schema>,
    /// What [`Versions::texts`] gave.
    pub texts: Value,
}

impl Content {
    /// Reads a save file in either form.
    ///
    /// # Errors
    /// [`Fault::BadSave`] says what is wrong with it: damage, another version of the format, something missing.
    pub fn read(name: &str, bytes: Vec<u8>) -> Result<Content, Fault> {
        let parts = if binary::is(&bytes) { binary::read(&bytes) } else { text::read(bytes) };
        parts.and_then(|parts| Content::of(name, parts)).map_err(|what| bad(name, what))
    }

    fn of(name: &str, (texts, saved): Parts) -> Result<Content, String> {
        let text = documents::schema_text(name, &texts)?;
        let (schema, findings) = schema::parse(&text.text);
        let Some(schema) = schema else {
            let why = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
            return Err(format!("its schema has errors: {why}"));
        };
        let saved = match saved {
            Raw::Json(content) => SavedSession::from_value(&content, &schema),
            Raw::Bytes(bytes) => SavedSession::from_bytes(bytes, &schema),
        };
        let saved = saved.map_err(|error| error.to_string())?;
        Ok(Content { name: name.to_owned(), saved, schema, texts })
    }

    /// The session, which goes on as it was saved. Its documents may use `host_nodes`.
    ///
    /// # Errors
    /// [`Fault::BadSave`] says what does not run or does not fit.
    pub fn open(self, host_nodes: &HostNodes) -> Result<Opened, Fault> {
        self.open_on(host_nodes, Backend::Interpreter)
    }

    /// The same on an execution; see [`Versions::program_on`].
    ///
    /// # Errors
    /// As [`Content::open`].
    pub fn open_on(self, host_nodes: &HostNodes, backend: Backend) -> Result<Opened, Fault> {
        let opened = || {
            let versions = documents::compile(&self.name, &self.texts, host_nodes)?;
            let find = |hash: &[u8; 32]| versions.program_on(hash, backend);
            let session = Session::load(&self.saved, self.schema.clone(), &find).map_err(|error| error.to_string())?;
            Ok(Opened { session, versions })
        };
        opened().map_err(|what| bad(&self.name, what))
    }
}

/// A session in a form that needs the schema to be read.
enum Raw<'a> {
    Json(Value),
    Bytes(&'a [u8]),
}

/// Texts and session.
type Parts<'a> = (Value, Raw<'a>);

fn bad(name: &str, what: String) -> Fault {
    Fault::BadSave { name: name.to_owned(), what }
}

/// The text of a save file in JSON.
///
/// # Errors
/// Says what keeps the session from being saved: a version that is not among `versions`, or a state that is too large.
pub fn write(session: &Session, versions: &Versions) -> Result<String, String> {
    text::write(session, versions)
}

/// A save file's content.
///
/// # Errors
/// As [`write()`].
pub fn to_bytes(session: &Session, versions: &Versions, form: Form) -> Result<Vec<u8>, String> {
    match form {
        Form::Json => Ok(text::write(session, versions)?.into_bytes()),
        Form::Binary => binary::write(session, versions),
    }
}

/// Saves a session in a file, which a crash leaves as it was or as it will be: see [`replace`].
///
/// # Errors
/// [`Fault::NotSaved`] if the session cannot be saved, [`Fault::Write`] if the file cannot be written.
pub fn to_file(
    files: &dyn Files,
    path: &Path,
    session: &Session,
    versions: &Versions,
    options: SaveOptions,
) -> Result<(), Fault> {
    let bytes = to_bytes(session, versions, options.form);
    let bytes = bytes.map_err(|what| Fault::NotSaved { path: path.to_owned(), what })?;
    replace(files, path, &bytes, options.keep)
}

/// Reads a save file in JSON and compiles the documents in it, which may use `host_nodes`.
///
/// # Errors
/// [`Fault::BadSave`] says what is wrong with the file.
pub fn read(source: &Source, host_nodes: &HostNodes) -> Result<Opened, Fault> {
    Content::read(&source.name, source.text.as_bytes().to_vec())?.open(host_nodes)
}

/// Reads a save file in either form.
///
/// # Errors
/// [`Fault::Read`] if the file cannot be read, [`Fault::BadSave`] says what is wrong with it.
pub fn content(files: &dyn Files, path: &Path) -> Result<Content, Fault> {
    let bytes = files.read(path, SAVE_BYTES).map_err(|source| Fault::Read { path: path.to_owned(), source })?;
    Content::read(&path.display().to_string(), bytes)
}

/// The session in a file, ready to go on; see [`Content::open`].
///
/// # Errors
/// As [`content`].
pub fn from_file(files: &dyn Files, path: &Path, host_nodes: &HostNodes) -> Result<Opened, Fault> {
    content(files, path)?.open(host_nodes)
}
