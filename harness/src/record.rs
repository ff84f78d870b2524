//! Recordings of sessions in files: written as things happen, read and replayed (docs/saving.md has the format).

use std::path::{Path, PathBuf};

use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::{RecordOptions, Recorder, Recording, Replayed};
use statewright_runtime::session::{Entry, Input, Session};
use statewright_types::schema;

use crate::files::{Files, Writer};
use crate::project::Fault;
use crate::save::{SAVE_BYTES, Versions, documents};

/// How a recording is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordFileOptions {
    /// How often the state is looked at.
    pub record: RecordOptions,
    /// Whether each call waits until what it wrote is on the disk; else only the end does, and a crash of the machine (not
    /// of the program) may lose what came last.
    pub sync: bool,
}

/// Records a session in a file.
pub struct FileRecorder {
    recorder: Recorder,
    writer: Box<dyn Writer>,
    path: PathBuf,
    sync: bool,
}

impl FileRecorder {
    /// Begins a new file with the session as it is now. `versions` has the texts of its documents.
    ///
    /// # Errors
    /// [`Fault::Write`], also if there is a file already; [`Fault::NotRecorded`] if a text is missing.
    pub fn create(
        files: &dyn Files,
        path: &Path,
        session: &Session,
        versions: &Versions,
        options: RecordFileOptions,
    ) -> Result<FileRecorder, Fault> {
        let not_recorded = |what| Fault::NotRecorded { path: path.to_owned(), what };
        let texts = versions.texts(&session.save_packed().programs()).map_err(not_recorded)?;
        let recorder = Recorder::new(session, &texts, options.record);
        let writer = files.create(path).map_err(|source| Fault::Write { path: path.to_owned(), source })?;
        let mut recorder = FileRecorder { recorder, writer, path: path.to_owned(), sync: options.sync };
        recorder.write()?;
        Ok(recorder)
    }

    /// Writes what was done to the session since the last call, which is taken out of its log and given. To be called after
    /// whatever is done to it. `versions` has the texts of versions that it went on with.
    ///
    /// # Errors
    /// [`Fault::Write`], [`Fault::NotRecorded`]. What was written before is good, and a recording can be replayed to there.
    pub fn record(&mut self, session: &mut Session, versions: &Versions) -> Result<Vec<Entry>, Fault> {
        // Looked at before anything is taken out of the log, so that nothing is lost if a text is missing.
        self.announce(session.actions(), versions)?;
        let entries = self.recorder.record(session);
        self.write()?;
        entries.map_err(|error| self.not_recorded(error.to_string()))
    }

    /// The same for entries that were taken out of the log otherwise, such as with `LiveSession::take_actions`: all since the last
    /// call, and nothing has been done to the session since.
    ///
    /// # Errors
    /// As [`FileRecorder::record`].
    pub fn add(&mut self, entries: &[Entry], session: &Session, versions: &Versions) -> Result<(), Fault> {
        self.announce(entries, versions)?;
        let added = self.recorder.add(entries, session);
        self.write()?;
        added.map_err(|error| self.not_recorded(error.to_string()))
    }

    fn announce(&mut self, entries: &[Entry], versions: &Versions) -> Result<(), Fault> {
        for entry in entries {
            let Input::Program { document_hash } = &entry.input else { continue };
            if !self.recorder.knows(document_hash) {
                let texts = versions.texts(&[*document_hash]).map_err(|what| self.not_recorded(what))?;
                self.recorder.version(*document_hash, &texts);
            }
        }
        Ok(())
    }

    /// Writes what is left and that this is the end, and waits until it is on the disk.
    ///
    /// # Errors
    /// As [`FileRecorder::record`].
    pub fn finish(mut self, session: &mut Session, versions: &Versions) -> Result<(), Fault> {
        self.record(session, versions)?;
        let bytes = self.recorder.finish(session);
        let bytes = bytes.map_err(|error| Fault::NotRecorded { path: self.path.clone(), what: error.to_string() })?;
        let written = self.writer.write(&bytes).and_then(|()| self.writer.sync());
        written.map_err(|source| Fault::Write { path: self.path, source })
    }

    fn write(&mut self) -> Result<(), Fault> {
        let bytes = self.recorder.take();
        if bytes.is_empty() {
            return Ok(());
        }
        let written = self.writer.write(&bytes);
        let written = if self.sync { written.and_then(|()| self.writer.sync()) } else { written };
        written.map_err(|source| Fault::Write { path: self.path.clone(), source })
    }

    fn not_recorded(&self, what: String) -> Fault {
        Fault::NotRecorded { path: self.path.clone(), what }
    }
}

/// Reads a recording.
///
/// # Errors
/// [`Fault::Read`], [`Fault::BadRecording`].
pub fn read(files: &dyn Files, path: &Path) -> Result<Recording, Fault> {
    let bytes = files.read(path, SAVE_BYTES).map_err(|source| Fault::Read { path: path.to_owned(), source })?;
    Recording::read(&bytes).map_err(|error| bad(&path.display().to_string(), error.to_string()))
}

/// Replays a recording that [`FileRecorder`] made, called `name`, up to and with entry `to`, or to its end; with `verify` it is
/// compared at its checkpoints. Its documents may use `host_nodes`.
///
/// # Errors
/// [`Fault::BadRecording`] if its texts are missing or do not run, [`Fault::Diverged`] if it goes another way.
pub fn replay(
    name: &str,
    recording: &Recording,
    host_nodes: &HostNodes,
    to: Option<u64>,
    verify: bool,
) -> Result<Replayed, Fault> {
    let versions = versions(name, recording, host_nodes)?;
    let find = |hash: &[u8; 32]| versions.program(hash);
    let text = documents::schema_text(name, &recording.texts).map_err(|what| bad(name, what))?;
    let Some(schema) = schema::parse(&text.text).0 else { return Err(bad(name, "its schema has errors".to_owned())) };
    recording
        .replay(schema, &find, to, verify)
        .map_err(|error| Fault::Diverged { name: name.to_owned(), what: error.to_string() })
}

/// The session at the beginning of a recording, called `name`, and its documents, for a debugger: they are lowered for tracing also
/// where they were not when it was recorded, unless an activation waits in one of them at the beginning.
///
/// # Errors
/// [`Fault::BadRecording`] if its texts are missing or do not run, or the session does not fit them.
pub fn begin_traced(name: &str, recording: &Recording, host_nodes: &HostNodes) -> Result<(Session, Versions), Fault> {
    let text = documents::schema_text(name, &recording.texts).map_err(|what| bad(name, what))?;
    let Some(schema) = schema::parse(&text.text).0 else { return Err(bad(name, "its schema has errors".to_owned())) };
    let saved = recording.saved(&schema).map_err(|error| bad(name, error.to_string()))?;
    let versions = compiled(name, recording, host_nodes, saved.waiting.is_empty())?;
    let session = Session::load(&saved, schema, &|hash| versions.program(hash));
    Ok((session.map_err(|error| bad(name, error.to_string()))?, versions))
}

/// All versions of the document that a recording, called `name`, has.
///
/// # Errors
/// [`Fault::BadRecording`] if their texts are missing or do not run.
pub fn versions(name: &str, recording: &Recording, host_nodes: &HostNodes) -> Result<Versions, Fault> {
    compiled(name, recording, host_nodes, false)
}

fn compiled(name: &str, recording: &Recording, host_nodes: &HostNodes, all_traced: bool) -> Result<Versions, Fault> {
    let mut versions = Versions::default();
    for texts in std::iter::once(&recording.texts).chain(recording.versions.iter().map(|(_, texts)| texts)) {
        let found = documents::compile_as(name, texts, host_nodes, all_traced);
        versions.extend(found.map_err(|what| bad(name, what))?);
    }
    Ok(versions)
}

fn bad(name: &str, what: String) -> Fault {
    Fault::BadRecording { name: name.to_owned(), what }
}
