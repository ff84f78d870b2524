//! Save files as bytes.

use sha2::{Digest, Sha256};
use statewright_runtime::session::Session;
use statewright_runtime::session::saved::other_version;
use statewright_runtime::wire::reader::Reader;
use statewright_runtime::wire::varint;
use statewright_types::json;

use super::{Parts, Raw, Versions};

/// What the file begins with.
const MAGIC: &[u8] = b"statewright-save\n";
/// The version of the format that is written, the last one that is read.
const VERSION: u64 = 1;

/// Whether a file is one of these.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

pub(super) fn write(session: &Session, versions: &Versions) -> Result<Vec<u8>, String> {
    let saved = session.save_packed();
    let texts = json::to_string(&versions.texts(&saved.programs())?);
    let mut bytes = MAGIC.to_vec();
    varint::put(&mut bytes, VERSION);
    varint::put_bytes(&mut bytes, texts.as_bytes());
    let checksum: [u8; 32] = Sha256::digest(&bytes).into();
    bytes.extend(checksum);
    saved.put_bytes(session.state().schema(), &mut bytes);
    Ok(bytes)
}

pub(super) fn read(bytes: &[u8]) -> Result<Parts<'_>, String> {
    let mut reader = Reader::unlimited(bytes.get(MAGIC.len()..).unwrap_or_default());
    let version = reader.varint().map_err(|malformed| malformed.to_string())?;
    if version != VERSION {
        return Err(other_version(version, VERSION));
    }
    let text = reader.text().map_err(|malformed| malformed.to_string())?;
    let head = bytes.len().saturating_sub(reader.left());
    let checksum: [u8; 32] = Sha256::digest(bytes.get(..head).unwrap_or_default()).into();
    if reader.array::<32>() != Ok(checksum) {
        return Err("it is damaged: its checksum is another".to_owned());
    }
    let texts = json::parse(text).map_err(|error| format!("its texts are no JSON: {}", error.message))?;
    Ok((texts.value(texts.root()), Raw::Bytes(reader.rest())))
}
