//! A recording from its bytes.

use std::fmt;

use statewright_types::{Schema, Value, json};

use super::entries;
use super::frames::{self, Chain, Kind, Next};
use super::recorder::{MAGIC, VERSION};
use crate::session::saved::other_version;
use crate::session::{Entry, LoadError, SavedSession};
use crate::wire::reader::{Malformed, Reader};

/// What the state was after some entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of the entry.
    pub sequence: u64,
    /// Session time, milliseconds; later than the entry's if time passed in which nothing happened.
    pub now_ms: i64,
    /// `State::hash`.
    pub hash: [u8; 32],
}

/// Bytes at the end of a recording that are no whole frame: the program stopped while it wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where they begin.
    pub at: usize,
    /// How many they are.
    pub bytes: usize,
}

/// Why bytes are no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError(pub String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}

impl From<Malformed> for RecordingError {
    fn from(malformed: Malformed) -> RecordingError {
        RecordingError(malformed.to_string())
    }
}

/// A recording as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// What [`Recorder::new`](super::Recorder::new) was given.
    pub texts: Value,
    /// Hash of the schema.
    pub schema_hash: [u8; 32],
    /// The session at the beginning, as `SavedSession::to_bytes` gives it.
    session: Vec<u8>,
    /// Later versions of the document with what [`Recorder::version`](super::Recorder::version) was given for them.
    pub versions: Vec<([u8; 32], Value)>,
    /// What was done, in order.
    pub entries: Vec<Entry>,
    /// What the state was, in order; the last one is at the end, if the recording was ended.
    pub checkpoints: Vec<Checkpoint>,
    /// Whether the recording was ended; else the program stopped before it could be.
    pub is_ended: bool,
    /// What follows the last whole frame.
    pub torn: Option<Torn>,
}

impl Recording {
    /// Reads a recording. An end in the middle of a frame is what a crash leaves, and no error: see [`Recording::torn`].
    ///
    /// # Errors
    /// Says what is wrong: it is none, of another version, without a whole beginning, or damaged before its end.
    pub fn read(bytes: &[u8]) -> Result<Recording, RecordingError> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Err(RecordingError("it is no recording".into())) };
        let mut reader = Reader::unlimited(rest);
        let version = reader.varint()?;
        if version != VERSION {
            return Err(RecordingError(other_version(version, VERSION)));
        }
        let mut chain = Chain::default();
        let Next::Frame(Kind::Head, head) = frames::next(&mut reader, &mut chain) else {
            return Err(RecordingError("its beginning is not whole: nothing can be replayed".into()));
        };
        let mut recording = Recording::of_head(head)?;
        loop {
            let at = bytes.len().saturating_sub(reader.left());
            match frames::next(&mut reader, &mut chain) {
                Next::Frame(kind, content) if !recording.is_ended => recording
                    .frame(kind, content)
                    .map_err(|what| RecordingError(format!("after entry {}: {what}", recording.last_sequence())))?,
                Next::Frame(..) => return Err(RecordingError("something follows its end".into())),
                Next::Done => return Ok(recording),
                Next::Torn(bytes) => {
                    recording.torn = Some(Torn { at, bytes });
                    return Ok(recording);
                }
                Next::Damaged => {
                    let last = recording.last_sequence();
                    return Err(RecordingError(format!(
                        "it is damaged at byte {at}, after entry {last}: a checksum is another"
                    )));
                }
            }
        }
    }

    fn of_head(head: &[u8]) -> Result<Recording, RecordingError> {
        let mut reader = Reader::unlimited(head);
        let texts = value(reader.sized()?)?;
        let schema_hash = reader.array()?;
        Ok(Recording {
            texts,
            schema_hash,
            session: reader.rest().to_vec(),
            versions: Vec::new(),
            entries: Vec::new(),
            checkpoints: Vec::new(),
            is_ended: false,
            torn: None,
        })
    }

    fn frame(&mut self, kind: Kind, content: &[u8]) -> Result<(), RecordingError> {
        let mut reader = Reader::unlimited(content);
        match kind {
            Kind::Head => return Err(RecordingError("a second beginning".into())),
            Kind::Version => self.versions.push((reader.array()?, value(reader.rest())?)),
            Kind::Entry => self.entries.push(entries::read(content)?),
            Kind::Checkpoint | Kind::End => {
                let (sequence, now_ms) = (reader.varint()?, reader.signed()?);
                self.checkpoints.push(Checkpoint { sequence, now_ms, hash: reader.array()? });
                self.is_ended = kind == Kind::End;
            }
        }
        Ok(())
    }

    /// The session at the beginning. `schema` is the one that it was recorded under.
    ///
    /// # Errors
    /// As [`SavedSession::from_bytes`].
    pub fn saved(&self, schema: &Schema) -> Result<SavedSession, LoadError> {
        SavedSession::from_bytes(&self.session, schema)
    }

    /// Number of the last entry; 0 without any.
    pub fn last_sequence(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.sequence)
    }
}

fn value(text: &[u8]) -> Result<Value, RecordingError> {
    let text = std::str::from_utf8(text).map_err(|_| RecordingError("a text in it is none".into()))?;
    let tree =
        json::parse(text).map_err(|error| RecordingError(format!("a text in it is no JSON: {}", error.message)))?;
    Ok(tree.value(tree.root()))
}
