//! From the texts of a document and its schema to a verified module: the one way for hosts, command and editor.

use std::sync::Arc;

use statewright_types::diagnostic::has_errors;
use statewright_types::handler::HandlerInfo;
use statewright_types::{Config, Diagnostic, Schema, StructId, config, json, schema};

use crate::check::fixes;
use crate::compile::{CompileOptions, compile};
use crate::document::{self, Document};
use crate::ir::verify::Verified;

/// What could be made of a document and its schema. It runs only without errors.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The document, as far as it could be read.
    pub document: Document,
    /// The schema, if it has no errors.
    pub schema: Option<Arc<Schema>>,
    /// The type whose fields are at the top of the state.
    pub main_root: Option<StructId>,
    /// The compiled handlers, exactly if nothing has errors.
    pub module: Option<Arc<Verified>>,
    /// What the handlers declare, in document order.
    pub handlers: Vec<HandlerInfo>,
    /// The configuration, if there is one without errors.
    pub config: Option<Arc<Config>>,
    /// SHA-256 of the document's text and the hashes of schema and configuration; another one if it was lowered for tracing.
    pub document_hash: [u8; 32],
    /// What is wrong with the schema; spans are in its text.
    pub schema_diagnostics: Vec<Diagnostic>,
    /// What is wrong with the configuration; spans are in its text.
    pub config_diagnostics: Vec<Diagnostic>,
    /// What is wrong with the document; spans are in its text.
    pub document_diagnostics: Vec<Diagnostic>,
}

/// Reads, checks and compiles a document. The schema is in either spelling; one with errors is not used, and the
/// document is then checked by itself only.
pub fn build(document: &Arc<str>, schema: &str, options: &CompileOptions) -> Built {
    build_with_config(document, schema, None, options)
}

/// The same with a configuration, in either spelling too, instead of the one in `options`. With errors in it the document
/// is checked by itself only.
pub fn build_with_config(document: &Arc<str>, schema: &str, config: Option<&str>, options: &CompileOptions) -> Built {
    let (schema, mut schema_diagnostics) = schema::parse(schema);
    let schema = schema.filter(|_| !has_errors(&schema_diagnostics));
    let mut options = options.clone();
    let mut config_diagnostics = Vec::new();
    if let Some(config) = config {
        (options.config, config_diagnostics) = config::parse(config);
    }
    if let (Some(schema), Some(config)) = (&schema, &options.config) {
        schema_diagnostics.extend(schema.check_config(config));
    }
    let document_hash = document::hash(document, schema.as_deref(), options.config.as_deref(), options.traced);
    let config = options.config.clone();
    let mut built = Built { schema, config, schema_diagnostics, config_diagnostics, document_hash, ..Built::default() };
    match json::parse(document.clone()) {
        Err(_) => built.document_diagnostics = json::problems(document),
        Ok(tree) => {
            let (model, diagnostics) = document::load(&tree);
            // What follows needs room; the few documents with something to mend are read once more.
            drop(tree);
            built.document = model;
            built.document_diagnostics = diagnostics;
            built.compile(&options);
            fixes::settle(document, &built.document, &mut built.document_diagnostics);
        }
    }
    built
}

impl Built {
    fn compile(&mut self, options: &CompileOptions) {
        let Some(schema) = &self.schema else { return };
        let wanted = self.document.state_type.as_ref();
        self.main_root = schema.main_root(wanted.map(|name| &*name.text));
        if [&self.document_diagnostics, &self.config_diagnostics, &self.schema_diagnostics]
            .into_iter()
            .any(|found| has_errors(found))
        {
            return;
        }
        let compiled = compile(&self.document, schema, options);
        match self.document_diagnostics.is_empty() {
            true => self.document_diagnostics = compiled.diagnostics,
            false => self.document_diagnostics.extend(compiled.diagnostics),
        }
        self.handlers = compiled.handlers;
        self.module = compiled.module;
    }
}
