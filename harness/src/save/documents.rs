//! The texts that a saved session needs: its schema, and the versions of its document with their configurations.

use std::sync::Arc;

use statewright_graph::check::codes::NODE_TYPE;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::Program;
use statewright_types::Value;

use crate::play::hex;
use crate::project::loaded::Text;
use crate::project::{Backend, LoadOptions, Loaded, Source};

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

    /// Adds all of others.
    pub fn extend(&mut self, others: Versions) {
        others.documents.into_iter().for_each(|version| self.add(version.loaded, version.traced));
    }

    fn find(&self, document_hash: &[u8; 32]) -> Option<&Version> {
        self.documents.iter().find(|version| version.loaded.document_hash == *document_hash)
    }

    /// The version with that hash.
    pub fn loaded(&self, document_hash: &[u8; 32]) -> Option<&Loaded> {
        self.find(document_hash).map(|version| &version.loaded)
    }

    /// The version with that hash, to be run.
    pub fn program(&self, document_hash: &[u8; 32]) -> Option<Arc<dyn Program>> {
        self.program_on(document_hash, Backend::Interpreter)
    }

    /// The same on an execution, or interpreted if it does not run on that: an older version that is too large, or was not built.
    pub fn program_on(&self, document_hash: &[u8; 32], backend: Backend) -> Option<Arc<dyn Program>> {
        let loaded = &self.find(document_hash)?.loaded;
        let program = |backend| loaded.program(backend).ok().flatten();
        program(backend).or_else(|| program(Backend::Interpreter))
    }

    /// The texts of the versions with these hashes, and of the schema that they share: `{"schema", "documents"}`.
    ///
    /// # Errors
    /// Names a version that is not here.
    pub fn texts(&self, hashes: &[[u8; 32]]) -> Result<Value, String> {
        let mut documents = Vec::new();
        let mut schema = Value::Null;
        for hash in hashes {
            let Some(Version { loaded, traced }) = self.find(hash) else {
                return Err(format!("the text of the document version {} is not at hand", hex(hash)));
            };
            schema = Value::Str(loaded.schema_source.text.clone());
            let document = [
                ("name", Value::from(loaded.source.name.as_str())),
                ("traced", Value::Bool(*traced)),
                ("text", Value::Str(loaded.source.text.clone())),
                ("config", loaded.config_source.as_ref().map_or(Value::Null, |source| Value::Str(source.text.clone()))),
            ];
            documents.push((hex(hash), Value::map(document)));
        }
        Ok(Value::map([("schema", schema), ("documents", Value::map(documents))]))
    }
}

/// Compiles what [`Versions::texts`] gave, from something called `name`; documents may use `host_nodes`.
///
/// # Errors
/// Says which does not run, and why.
pub fn compile(name: &str, texts: &Value, host_nodes: &HostNodes) -> Result<Versions, String> {
    compile_as(name, texts, host_nodes, false)
}

/// The same, for a debugger: all of them are lowered for tracing if `all_traced`, else those that were.
///
/// # Errors
/// As [`compile`].
pub fn compile_as(name: &str, texts: &Value, host_nodes: &HostNodes, all_traced: bool) -> Result<Versions, String> {
    let schema = schema_text(name, texts)?;
    let Some(Value::Map(documents)) = texts.get("documents") else { return Err("it has no documents".to_owned()) };
    let mut versions = Versions::default();
    for (hash, document) in documents {
        let Document { document, config, traced } = document_texts(name, hash, document)?;
        let traced = traced || all_traced;
        let options = LoadOptions { traced, host_nodes: host_nodes.clone(), ..LoadOptions::default() };
        let title = document.source.name.clone();
        let loaded = Loaded::build(document, schema.clone(), config, &options);
        if loaded.has_errors() || loaded.module.is_none() {
            return Err(format!("its document `{title}` does not run{}", why(&loaded)));
        }
        if hex(&loaded.document_hash) != **hash {
            return Err(format!("its document `{title}` does not have the hash that it is saved under"));
        }
        versions.add(loaded, traced);
    }
    Ok(versions)
}

/// The schema among what [`Versions::texts`] gave.
///
/// # Errors
/// There is none.
pub fn schema_text(name: &str, texts: &Value) -> Result<Text, String> {
    let Some(Value::Str(schema)) = texts.get("schema") else { return Err("it has no schema".to_owned()) };
    Ok(Text::whole(&Arc::new(Source::inline(format!("the schema in {name}"), schema.clone()))))
}

/// A document with its configuration.
pub struct Document {
    /// The document.
    pub document: Text,
    /// Its configuration, if it has one.
    pub config: Option<Text>,
    /// Whether it was lowered for tracing.
    pub traced: bool,
}

/// The document with that hash among what [`Versions::texts`] gave.
///
/// # Errors
/// It is not there.
pub fn document(name: &str, texts: &Value, hash: &[u8; 32]) -> Result<Document, String> {
    let hash = hex(hash);
    let found = texts.get("documents").and_then(|documents| documents.get(&hash));
    found.map_or_else(|| Err(format!("it has no document {hash}")), |found| document_texts(name, &hash, found))
}

fn document_texts(name: &str, hash: &str, document: &Value) -> Result<Document, String> {
    let (Some(Value::Str(title)), Some(Value::Str(text)), Some(Value::Bool(traced))) =
        (document.get("name"), document.get("text"), document.get("traced"))
    else {
        return Err(format!("its document {hash} has no name or no text"));
    };
    let config = match document.get("config") {
        Some(Value::Str(config)) => {
            Some(Text::whole(&Arc::new(Source::inline(format!("the configuration in {name}"), config.clone()))))
        }
        _ => None,
    };
    let document = Text::whole(&Arc::new(Source::inline(title.to_string(), text.clone())));
    Ok(Document { document, config, traced: *traced })
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
