//! A document with its schema, checked and compiled: the one way from paths to a runnable program.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_graph::build::build_with_config;
use statewright_graph::compile::CompileOptions;
use statewright_graph::document::Document;
use statewright_graph::ir::verify::Verified;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{HandlerInfo, Program};
use statewright_types::{Config, Diagnostic, Schema, StructId, config, json};

use super::backend::Backend;
use super::fault::Fault;
use super::schema;
use super::source::{Finding, Source};

/// How a document is loaded.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The schema's file, if it was named.
    pub schema: Option<PathBuf>,
    /// The configuration's file, instead of the one that the document names.
    pub config: Option<PathBuf>,
    /// Whether running it tells a tracer what happens.
    pub traced: bool,
    /// Whether the module stays as it was lowered, without the passes.
    pub plain: bool,
    /// Nodes of the host program.
    pub host_nodes: HostNodes,
}

/// A document with its schema, and everything that was found on the way. It runs only without errors.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The document's text.
    pub source: Arc<Source>,
    /// The schema's text.
    pub schema_source: Arc<Source>,
    /// The configuration's text, if there is one.
    pub config_source: Option<Arc<Source>>,
    /// The document, as far as it could be read.
    pub document: Document,
    /// The configuration, if there is one without errors.
    pub config: Option<Arc<Config>>,
    /// The schema, if it has no errors.
    pub schema: Option<Arc<Schema>>,
    /// The type whose fields are at the top of the state.
    pub main_root: Option<StructId>,
    /// The compiled handlers, if nothing has errors.
    pub module: Option<Arc<Verified>>,
    /// What the handlers declare, in document order.
    pub handlers: Vec<HandlerInfo>,
    /// SHA-256 of the document's text and the hashes of schema and configuration.
    pub document_hash: [u8; 32],
    /// Nodes of the host program.
    pub host_nodes: HostNodes,
    /// Errors and warnings: of the schema, of the configuration, of the document.
    pub findings: Vec<Finding>,
}

impl Loaded {
    /// All texts that it was read from: the document's, the schema's, and the configuration's if it has one.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        [&self.source, &self.schema_source].into_iter().chain(&self.config_source)
    }

    /// Reads a document with its schema and configuration, checks and compiles them. Faults are about files; what is wrong
    /// in them is in `findings`.
    pub fn open(path: &Path, options: &LoadOptions) -> Result<Loaded, Fault> {
        Loaded::open_with(path, options, &Source::read)
    }

    /// The same with another way to read files.
    pub fn open_with(
        path: &Path,
        options: &LoadOptions,
        read: &dyn Fn(&Path) -> Result<Source, Fault>,
    ) -> Result<Loaded, Fault> {
        let source = Arc::new(read(path)?);
        let (schema_path, config_path) = match json::parse(source.text.clone()) {
            Ok(tree) => {
                let named = |key| tree.get(tree.root(), key).and_then(|node| tree.str(node).cloned());
                (named("schemaPath"), named("config"))
            }
            // The syntax error is what matters; whatever schema is nearby will do.
            Err(_) => return Ok(Loaded::alone(&source, json::problems(&source.text))),
        };
        let found = schema::find(path, schema_path.as_deref(), options.schema.as_deref())?;
        let schema_source = Arc::new(read(&found)?);
        let config = config_text(path, config_path.as_deref(), options.config.as_deref(), read)?;
        Ok(Loaded::build(Text::whole(&source), Text::whole(&schema_source), config, options))
    }

    /// What is wrong with a file: a document with all that it names, or a configuration (`.config`) or a schema (`.schema`) by
    /// itself. To be looked at, not to be run.
    pub fn to_check(
        path: &Path,
        options: &LoadOptions,
        read: &dyn Fn(&Path) -> Result<Source, Fault>,
    ) -> Result<Loaded, Fault> {
        let parse: fn(&str) -> Vec<Diagnostic> = match path.extension().and_then(|end| end.to_str()) {
            Some("config") => |text| config::parse(text).1,
            Some("schema") => |text| statewright_types::schema::parse(text).1,
            _ => return Loaded::open_with(path, options, read),
        };
        let source = Arc::new(read(path)?);
        let diagnostics = parse(&source.text);
        Ok(Loaded::alone(&source, diagnostics))
    }

    /// A document from texts at hand, without a configuration.
    pub fn from_texts(document: Text, schema_text: Text, traced: bool) -> Loaded {
        Loaded::with_config(document, schema_text, None, traced)
    }

    /// The same from texts at hand.
    pub fn with_config(document: Text, schema_text: Text, config_text: Option<Text>, traced: bool) -> Loaded {
        Loaded::build(document, schema_text, config_text, &LoadOptions { traced, ..LoadOptions::default() })
    }

    /// The same; of `options`, only what names no file matters.
    pub fn build(document: Text, schema_text: Text, config_text: Option<Text>, options: &LoadOptions) -> Loaded {
        let host_nodes = options.host_nodes.clone();
        let compile = CompileOptions {
            traced: options.traced,
            plain: options.plain,
            host_nodes: host_nodes.declarations().clone(),
            ..CompileOptions::default()
        };
        let config = config_text.as_ref().map(|text| &*text.text);
        let built = build_with_config(&document.text, &schema_text.text, config, &compile);
        let mut findings = schema_text.source.findings_at(schema_text.offset, built.schema_diagnostics);
        if let Some(text) = &config_text {
            findings.extend(text.source.findings_at(text.offset, built.config_diagnostics));
        }
        findings.extend(document.source.findings_at(document.offset, built.document_diagnostics));
        Loaded {
            source: document.source,
            schema_source: schema_text.source,
            config_source: config_text.map(|text| text.source),
            document: built.document,
            config: built.config,
            schema: built.schema,
            main_root: built.main_root,
            module: built.module,
            handlers: built.handlers,
            document_hash: built.document_hash,
            host_nodes,
            findings,
        }
    }

    /// A file by itself: no document, or one that is no JSON.
    fn alone(source: &Arc<Source>, diagnostics: Vec<Diagnostic>) -> Loaded {
        Loaded {
            source: source.clone(),
            schema_source: Arc::new(Source::inline("", "")),
            config_source: None,
            document: Document::default(),
            config: None,
            schema: None,
            main_root: None,
            module: None,
            handlers: Vec::new(),
            document_hash: [0; 32],
            host_nodes: HostNodes::default(),
            findings: source.findings(diagnostics),
        }
    }

    /// Whether anything keeps it from running.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// Its handlers, to be run; `None` if it has errors.
    pub fn program(&self, backend: Backend) -> Result<Option<Arc<dyn Program>>, Fault> {
        backend.program(self)
    }

    /// Names of the events it handles, each once.
    pub fn events(&self) -> Vec<&str> {
        let mut events: Vec<&str> = Vec::new();
        for handler in &self.handlers {
            if !events.contains(&&*handler.event) {
                events.push(&handler.event);
            }
        }
        events
    }
}

/// The configuration's text: of the file that was `asked` for, else of the one that the `document` names, relative to it.
pub fn config_text(
    document: &Path,
    named: Option<&str>,
    asked: Option<&Path>,
    read: &dyn Fn(&Path) -> Result<Source, Fault>,
) -> Result<Option<Text>, Fault> {
    let folder = document.parent().unwrap_or(Path::new(""));
    let named = named.filter(|named| !named.is_empty()).map(|named| folder.join(named));
    let Some(path) = asked.map(Path::to_owned).or(named) else { return Ok(None) };
    Ok(Some(Text::whole(&Arc::new(read(&path)?))))
}

/// A text, and where it stands in a larger one: documents and schemas may stand inside of test files.
#[derive(Clone, Debug)]
pub struct Text {
    /// What findings refer to.
    pub source: Arc<Source>,
    /// The document or schema itself.
    pub text: Arc<str>,
    /// Where it begins in the source, bytes.
    pub offset: u32,
}

impl Text {
    /// The whole of a source.
    pub fn whole(source: &Arc<Source>) -> Text {
        Text { source: source.clone(), text: source.text.clone(), offset: 0 }
    }
}
