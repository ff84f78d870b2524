//! Saved sessions as bytes: the same content as JSON in a tenth of the time and space (docs/saving.md has the format).

use sha2::{Digest, Sha256};
use statewright_types::{Schema, Value, json};

use super::{LoadError, SavedSession};
use crate::state::SavedFields;
use crate::wire::reader::Reader;
use crate::wire::varint;

/// What the bytes begin with.
const MAGIC: &[u8; 4] = b"SWse";
/// The version of the format that is written, the last one that is read.
const VERSION: u64 = 1;
/// Bytes of the checksum at the end.
const CHECKSUM: usize = 32;
/// The fields of a root are JSON.
const JSON: u8 = 0;
/// The fields of a root are packed.
const PACKED: u8 = 1;

impl SavedSession {
    /// The session as bytes, with a checksum. `schema` is the session's.
    pub fn to_bytes(&self, schema: &Schema) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.put_bytes(schema, &mut bytes);
        bytes
    }

    /// Appends what [`SavedSession::to_bytes`] gives.
    pub fn put_bytes(&self, schema: &Schema, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend_from_slice(MAGIC);
        varint::put(bytes, VERSION);
        varint::put_bytes(bytes, json::to_string(&self.head(schema)).as_bytes());
        varint::put(bytes, self.state.versions.len() as u64);
        self.state.versions.iter().for_each(|version| varint::put(bytes, *version));
        for root in &self.state.roots {
            match &root.fields {
                SavedFields::Value(fields) => {
                    bytes.push(JSON);
                    varint::put_bytes(bytes, json::to_string(fields).as_bytes());
                }
                SavedFields::Packed(fields) => {
                    bytes.push(PACKED);
                    varint::put_bytes(bytes, fields);
                }
            }
        }
        let checksum: [u8; CHECKSUM] = Sha256::digest(bytes.get(start..).unwrap_or_default()).into();
        bytes.extend(checksum);
    }

    /// What [`SavedSession::to_bytes`] gave.
    ///
    /// # Errors
    /// [`LoadError::Malformed`] says what is wrong: another version of the format, a damaged file, something missing.
    pub fn from_bytes(bytes: &[u8], schema: &Schema) -> Result<SavedSession, LoadError> {
        let malformed = |what: &str| LoadError::Malformed(what.to_owned());
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Err(malformed("it does not begin like one")) };
        let mut reader = Reader::unlimited(rest);
        let version = reader.varint().map_err(|cut| malformed(&cut.to_string()))?;
        if version != VERSION {
            return Err(LoadError::Malformed(other_version(version, VERSION)));
        }
        let Some(content) = bytes.len().checked_sub(CHECKSUM) else { return Err(malformed("it ends too early")) };
        let (content, checksum) = bytes.split_at(content);
        let found: [u8; CHECKSUM] = Sha256::digest(content).into();
        if found != *checksum {
            return Err(malformed("it is damaged: its checksum is another"));
        }
        let Some(body) = rest.len().checked_sub(reader.left()) else { return Err(malformed("it ends too early")) };
        let body = content.get(MAGIC.len() + body..).unwrap_or_default();
        read(&mut Reader::unlimited(body), schema)
    }
}

/// Says that a format's version is another than the one that is read.
pub fn other_version(found: u64, known: u64) -> String {
    if found > known {
        format!(
            "it was written by a newer program: its format has version {found}, and {known} is the last one that is read"
        )
    } else {
        format!("its format has version {found}, and only {known} is read")
    }
}

fn read(reader: &mut Reader<'_>, schema: &Schema) -> Result<SavedSession, LoadError> {
    let cut = |what: &dyn std::fmt::Display| LoadError::Malformed(what.to_string());
    let mut saved = SavedSession::from_value(&json_value(reader)?, schema)?;
    // Not sized beforehand: the number may promise anything.
    for _ in 0..reader.varint().map_err(|error| cut(&error))? {
        saved.state.versions.push(reader.varint().map_err(|error| cut(&error))?);
    }
    for root in &mut saved.state.roots {
        root.fields = match reader.byte().map_err(|error| cut(&error))? {
            JSON => SavedFields::Value(json_value(reader)?),
            PACKED => SavedFields::Packed(reader.sized().map_err(|error| cut(&error))?.into()),
            _ => return Err(cut(&"a root's fields are neither JSON nor packed")),
        };
    }
    if reader.is_empty() { Ok(saved) } else { Err(cut(&"something follows its end")) }
}

fn json_value(reader: &mut Reader<'_>) -> Result<Value, LoadError> {
    let text = reader.text().map_err(|cut| LoadError::Malformed(cut.to_string()))?;
    let tree = json::parse(text).map_err(|error| LoadError::Malformed(format!("its JSON: {}", error.message)))?;
    Ok(tree.value(tree.root()))
}
