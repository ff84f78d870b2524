//! Save files: a session with the texts of the documents and the schema that it needs (docs/running.md has the format).

use std::sync::Arc;

use sha2::{Digest, Sha256};
use statewright_graph::check::codes::NODE_TYPE;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::Program;
use statewright_runtime::session::{SavedSession, Session};
use statewright_types::{Value, json};

use crate::play::hex;
use crate::project::loaded::Text;
use crate::project::{Backend, Fault, LoadOptions, Loaded, Source};

/// What the file says that it is.
const FORMAT: &str = "statewright-save";
/// The version of its format.
const VERSION: i64 = 1;

/// Versions of a document, by hash: those that waiting activations may need.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    documents: Vec<Version>,
}

/// A version of the document, compiled.
#[derive(Clone, Debug)]
struct Version {
    loaded: Loaded,
    traced: bool,
}

impl Versions {
    /// Adds one that runs, unless it is known.
    pub fn add(&mut self, loaded: Loaded, traced: bool) {
        if self.find(&loaded.document_hash).is_none() {
            self.documents.push(Version { loaded, traced });
        }
    }

    fn find(&self, document_hash: &[u8; 32]) -> Option<&Version> {
        self.documents.iter().find(|version| version.loaded.document_hash == *document_hash)
    }

    fn program(&self, document_hash: &[u8; 32]) -> Option<Arc<dyn Program>> {
        self.find(document_hash)?.loaded.program(Backend::Interpreter).ok().flatten()
    }
}

/// A save file as it was read.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The versions of the document that it needs.
    pub versions: Versions,
}

/// The text of a save file.
///
/// # Errors
/// Says what keeps the session from being saved: a version that is not among `versions`, or a state that is too large.
pub fn write(session: &Session, versions: &Versions) -> Result<String, String> {
    let saved = session.save();
    let mut documents = Vec::new();
    let mut schema = Value::Null;
    for hash in saved.programs() {
        let Some(Version { loaded, traced }) = versions.find(&hash) else {
            return Err(format!("the text of the document version {} is not at hand", hex(&hash)));
        };
        schema = Value::Str(loaded.schema_source.text.clone());
        let document = [
            ("name", Value::from(loaded.source.name.as_str())),
            ("traced", Value::Bool(*traced)),
            ("text", Value::Str(loaded.source.text.clone())),
            ("config", loaded.config_source.as_ref().map_or(Value::Null, |source| Value::Str(source.text.clone()))),
        ];
        documents.push((hex(&hash), Value::map(document)));
    }
    let Value::Map(mut content) = saved.to_value(session.state().schema()) else {
        return Err("nothing to save".into());
    };
    content.push(("schema".into(), schema));
    content.push(("documents".into(), Value::map(documents)));
    let content = Value::Map(content);
    let head = [
        ("format".into(), Value::from(FORMAT)),
        ("version".into(), Value::Int(VERSION)),
        ("checksum".into(), Value::from(checksum(&content))),
    ];
    let Value::Map(content) = content else { return Err("nothing to save".into()) };
    let text = json::to_string(&Value::Map(head.into_iter().chain(content).collect()));
    // What cannot be read again must not be written.
    match json::parse(text.as_str()) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("this session cannot be saved: {}", error.message)),
    }
}

fn checksum(content: &Value) -> String {
    let hash: [u8; 32] = Sha256::digest(json::to_string(content).as_bytes()).into();
    hex(&hash)
}

/// Reads a save file and compiles the documents in it, which may use `host_nodes`.
///
/// # Errors
/// [`Fault::BadSave`] says what is wrong with the file.
pub fn read(source: &Source, host_nodes: &HostNodes) -> Result<Opened, Fault> {
    open(source, host_nodes).map_err(|what| Fault::BadSave { name: source.name.clone(), what })
}

fn open(source: &Source, host_nodes: &HostNodes) -> Result<Opened, String> {
    let tree = json::parse(source.text.clone()).map_err(|error| format!("it is no JSON: {}", error.message))?;
    let Value::Map(mut entries) = tree.value(tree.root()) else { return Err("it is no save file".to_owned()) };
    let mut take = |key: &str| {
        let at = entries.iter().position(|(name, _)| &**name == key)?;
        Some(entries.remove(at).1)
    };
    let (format, version, sum) = (take("format"), take("version"), take("checksum"));
    if format != Some(Value::from(FORMAT)) {
        return Err("it is no save file".to_owned());
    }
    if version != Some(Value::Int(VERSION)) {
        return Err(format!("it is of another version of the format than {VERSION}, the one that is read"));
    }
    let content = Value::Map(entries);
    if sum != Some(Value::from(checksum(&content))) {
        return Err("it is damaged: its checksum is another".to_owned());
    }
    let versions = documents(source, &content, host_nodes)?;
    let schema = versions.documents.first().and_then(|version| version.loaded.schema.clone());
    let Some(schema) = schema else { return Err("it has no document".to_owned()) };
    let saved = SavedSession::from_value(&content, &schema).map_err(|error| error.to_string())?;
    let session = Session::load(&saved, schema, &|hash| versions.program(hash)).map_err(|error| error.to_string())?;
    Ok(Opened { session, versions })
}

fn documents(source: &Source, content: &Value, host_nodes: &HostNodes) -> Result<Versions, String> {
    let Some(Value::Str(schema)) = content.get("schema") else { return Err("it has no schema".to_owned()) };
    let Some(Value::Map(documents)) = content.get("documents") else { return Err("it has no documents".to_owned()) };
    let schema = Text::whole(&Arc::new(Source::inline(format!("the schema in {}", source.name), schema.clone())));
    let mut versions = Versions::default();
    for (hash, document) in documents {
        let (Some(Value::Str(name)), Some(Value::Str(text)), Some(Value::Bool(traced))) =
            (document.get("name"), document.get("text"), document.get("traced"))
        else {
            return Err(format!("its document {hash} has no name or no text"));
        };
        let document_config = document.get("config");
        let document = Source { name: name.to_string(), path: None, text: text.clone() };
        let config = match document_config {
            Some(Value::Str(config)) => {
                let name = format!("the configuration in {}", source.name);
                Some(Text::whole(&Arc::new(Source::inline(name, config.clone()))))
            }
            _ => None,
        };
        let options = LoadOptions { traced: *traced, host_nodes: host_nodes.clone(), ..LoadOptions::default() };
        let loaded = Loaded::build(Text::whole(&Arc::new(document)), schema.clone(), config, &options);
        if loaded.has_errors() || loaded.module.is_none() {
            return Err(format!("its document `{name}` does not run{}", why(&loaded)));
        }
        if hex(&loaded.document_hash) != **hash {
            return Err(format!("its document `{name}` does not have the hash that it is saved under"));
        }
        versions.add(loaded, *traced);
    }
    Ok(versions)
}

/// What keeps a document from running: the first error, and what that means if it is about a node that is not known.
fn why(loaded: &Loaded) -> String {
    let errors = || loaded.findings.iter().filter(|finding| finding.is_error()).map(|finding| &finding.diagnostic);
    let unknown = errors().find(|error| error.code == NODE_TYPE);
    match unknown.or_else(|| errors().next()) {
        Some(error) if error.code == NODE_TYPE => format!(
            ": {} If it is a node of a host program, only that program can go on with the session",
            sentence(&error.message)
        ),
        Some(error) => format!(": {}", error.message),
        None => String::new(),
    }
}

fn sentence(message: &str) -> String {
    format!("{}.", message.trim_end_matches('.'))
}
