//! From a session to the bytes of a recording.

use std::fmt;

use statewright_types::{Value, json};

use super::entries;
use super::frames::{Chain, Kind};
use crate::session::{Entry, Input, Session};
use crate::wire::varint;

/// What a recording begins with.
pub(super) const MAGIC: &[u8] = b"statewright-recording\n";
/// The version of the format that is written, the last one that is read.
pub(super) const VERSION: u64 = 1;

/// How a session is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    /// After so many entries the state's hash is recorded, which takes time in proportion to the state. 1 names the very
    /// entry at which a replay goes another way; 0 records it only at the end. Default 64.
    pub checkpoint_every: u64,
}

impl Default for RecordOptions {
    fn default() -> Self {
        RecordOptions { checkpoint_every: 64 }
    }
}

/// Why a session cannot be recorded any further. What was recorded before is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// Entries of the log are missing: somebody else took them.
    Gap {
        /// The sequence number that should have come.
        expected: u64,
        /// The one that came.
        found: u64,
    },
    /// A new version of the document was not announced with [`Recorder::version`].
    UnknownProgram {
        /// `Program::document_hash` of it.
        document_hash: [u8; 32],
    },
    /// An entry has more than 16 MiB, or a value that nests more than 60 deep or has more than 4,194,304 entries.
    TooLarge {
        /// The entry that has it.
        sequence: u64,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::Gap { expected, found } => {
                write!(
                    f,
                    "entry {found} of the log came where entry {expected} should; only the recorder may take entries"
                )
            }
            RecordError::UnknownProgram { document_hash } => {
                f.write_str("the session goes on with the document version ")?;
                document_hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(", whose text the recorder was not given")
            }
            RecordError::TooLarge { sequence } => {
                write!(f, "entry {sequence} of the log is too large to be recorded, or nests too deep")
            }
        }
    }
}

impl std::error::Error for RecordError {}

/// Makes bytes of what is done to a session. They are the host program's to keep: [`Recorder::take`] them after each call, and
/// append them to a file.
#[derive(Clone, Debug)]
pub struct Recorder {
    chain: Chain,
    options: RecordOptions,
    /// Number of the entry recorded last.
    sequence: u64,
    /// Entries since the last checkpoint.
    unchecked: u64,
    versions: Vec<[u8; 32]>,
    bytes: Vec<u8>,
}

impl Recorder {
    /// Begins with the session as it is now. `texts` is whatever will be needed to run its programs again; the recording gives
    /// it back.
    pub fn new(session: &Session, texts: &Value, options: RecordOptions) -> Recorder {
        let saved = session.save_packed();
        let (versions, sequence) = (saved.programs(), saved.sequence);
        let mut head = Vec::new();
        varint::put_bytes(&mut head, json::to_string(texts).as_bytes());
        head.extend(session.state().schema().hash());
        saved.put_bytes(session.state().schema(), &mut head);
        let mut bytes = MAGIC.to_vec();
        varint::put(&mut bytes, VERSION);
        let mut chain = Chain::default();
        chain.put(Kind::Head, &head, &mut bytes);
        Recorder { chain, options, sequence, unchecked: 0, versions, bytes }
    }

    /// Announces a version of the document, before the session goes on with it.
    pub fn version(&mut self, document_hash: [u8; 32], texts: &Value) {
        if self.knows(&document_hash) {
            return;
        }
        self.versions.push(document_hash);
        let mut content = document_hash.to_vec();
        content.extend(json::to_string(texts).as_bytes());
        self.chain.put(Kind::Version, &content, &mut self.bytes);
    }

    /// Whether a version of the document was announced, or is one that the recording began with.
    pub fn knows(&self, document_hash: &[u8; 32]) -> bool {
        self.versions.contains(document_hash)
    }

    /// Takes what was done to the session since the last call out of its log, and gives it.
    ///
    /// # Errors
    /// See [`RecordError`]. Entries before the one that it is about are recorded.
    pub fn record(&mut self, session: &mut Session) -> Result<Vec<Entry>, RecordError> {
        let entries = session.take_actions();
        self.add(&entries, session)?;
        Ok(entries)
    }

    /// The same for entries that were taken out of the log otherwise, such as with `LiveSession::take_actions`: all since the last
    /// call, and nothing has been done to the session since.
    ///
    /// # Errors
    /// As [`Recorder::record`].
    pub fn add(&mut self, entries: &[Entry], session: &Session) -> Result<(), RecordError> {
        // What was done before the recording began is in the session that it begins with.
        let before = self.sequence;
        for entry in entries.iter().filter(|entry| entry.sequence > before) {
            self.entry(entry)?;
        }
        if self.options.checkpoint_every > 0 && self.unchecked >= self.options.checkpoint_every {
            self.checkpoint(session);
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), RecordError> {
        let expected = self.sequence + 1;
        if entry.sequence != expected {
            return Err(RecordError::Gap { expected, found: entry.sequence });
        }
        match &entry.input {
            Input::Program { document_hash } if !self.knows(document_hash) => {
                return Err(RecordError::UnknownProgram { document_hash: *document_hash });
            }
            _ => {}
        }
        let too_large = RecordError::TooLarge { sequence: entry.sequence };
        let content = entries::to_bytes(entry).ok_or(too_large)?;
        self.chain.put(Kind::Entry, &content, &mut self.bytes);
        self.sequence = entry.sequence;
        self.unchecked += 1;
        Ok(())
    }

    /// Records what the state is now. To be called when everything that was done has just been recorded.
    pub fn checkpoint(&mut self, session: &Session) {
        self.mark(Kind::Checkpoint, session);
    }

    /// Records what is left, and that this is the end.
    ///
    /// # Errors
    /// As [`Recorder::record`].
    pub fn finish(mut self, session: &mut Session) -> Result<Vec<u8>, RecordError> {
        self.record(session)?;
        self.mark(Kind::End, session);
        Ok(self.bytes)
    }

    fn mark(&mut self, kind: Kind, session: &Session) {
        self.unchecked = 0;
        let mut content = Vec::new();
        varint::put(&mut content, self.sequence);
        varint::put_signed(&mut content, session.now_ms());
        content.extend(session.state().hash());
        self.chain.put(kind, &content, &mut self.bytes);
    }

    /// The bytes that were made since the last call, to be appended to those before.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}
