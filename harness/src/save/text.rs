//! Save files in JSON.

use sha2::{Digest, Sha256};
use statewright_runtime::session::Session;
use statewright_runtime::session::saved::other_version;
use statewright_types::{Value, json};

use super::{Parts, Raw, Versions};
use crate::play::hex;

/// What the file says that it is.
const FORMAT: &str = "statewright-save";
/// The version of its format that is written, the last one that is read.
const VERSION: u64 = 1;

pub(super) fn write(session: &Session, versions: &Versions) -> Result<String, String> {
    let saved = session.save();
    let texts = versions.texts(&saved.programs())?;
    let (Value::Map(mut content), Value::Map(texts)) = (saved.to_value(session.state().schema()), texts) else {
        return Err("nothing to save".into());
    };
    content.extend(texts);
    let content = Value::Map(content);
    let head = [
        ("format".into(), Value::from(FORMAT)),
        ("version".into(), Value::uint(VERSION)),
        ("checksum".into(), Value::from(checksum(&content))),
    ];
    let Value::Map(content) = content else { return Err("nothing to save".into()) };
    let text = json::to_string(&Value::Map(head.into_iter().chain(content).collect()));
    // What cannot be read again must not be written.
    match json::parse(text.as_str()) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("{}; the binary form takes more", error.message)),
    }
}

fn checksum(content: &Value) -> String {
    let hash: [u8; 32] = Sha256::digest(json::to_string(content).as_bytes()).into();
    hex(&hash)
}

pub(super) fn read<'a>(bytes: Vec<u8>) -> Result<Parts<'a>, String> {
    let text = String::from_utf8(bytes).map_err(|_| "it is neither JSON nor the binary form".to_owned())?;
    let tree = json::parse(text).map_err(|error| format!("it is no JSON: {}", error.message))?;
    let Value::Map(mut entries) = tree.value(tree.root()) else { return Err("it is no save file".to_owned()) };
    let mut take = |key: &str| {
        let at = entries.iter().position(|(name, _)| &**name == key)?;
        Some(entries.remove(at).1)
    };
    let (format, version, sum) = (take("format"), take("version"), take("checksum"));
    if format != Some(Value::from(FORMAT)) {
        return Err("it is no save file".to_owned());
    }
    match version {
        Some(Value::Int(version)) if version == VERSION.cast_signed() => {}
        Some(Value::Int(version)) if version >= 0 => return Err(other_version(version.unsigned_abs(), VERSION)),
        _ => return Err("it does not say which version of the format it has".to_owned()),
    }
    let content = Value::Map(entries);
    if sum != Some(Value::from(checksum(&content))) {
        return Err("it is damaged: its checksum is another".to_owned());
    }
    let part = |key: &str| content.get(key).cloned().unwrap_or(Value::Null);
    Ok((Value::map([("schema", part("schema")), ("documents", part("documents"))]), Raw::Json(content)))
}
