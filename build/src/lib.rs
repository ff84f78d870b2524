//! For build scripts: turns documents into Rust modules, for `statewright::include_graph!`.
//!
//! ```no_run
//! // In build.rs, within `main`:
//! statewright_build::graph("graphs/logic.json").build();
//! ```
//!
//! The program then says `statewright::include_graph!("logic");` and has a module `logic`. What is wrong with the document is
//! shown as the errors of the build. The program itself links no graph tools.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_emit::rust::{Source, emit};
use statewright_graph::build::{Built, build_with_config};
use statewright_graph::compile::CompileOptions;
use statewright_types::host::HostDeclarations;
use statewright_types::{Diagnostic, Severity, Span, json};

/// A document to be built into the program. Paths are relative to the package's folder.
#[must_use = "nothing happens before `build`"]
#[derive(Clone, Debug)]
pub struct Graph {
    document: PathBuf,
    schema: Option<PathBuf>,
    schema_text: Option<String>,
    config: Option<PathBuf>,
    host_nodes: Arc<HostDeclarations>,
    runtime: String,
}

/// A document. Its schema is what it names as `schemaPath`, and its configuration as `config`, both relative to it.
pub fn graph(document: impl Into<PathBuf>) -> Graph {
    Graph {
        document: document.into(),
        schema: None,
        schema_text: None,
        config: None,
        host_nodes: Arc::default(),
        runtime: "::statewright::emitted".to_owned(),
    }
}

impl Graph {
    /// The schema's file.
    pub fn schema(mut self, path: impl Into<PathBuf>) -> Graph {
        self.schema = Some(path.into());
        self
    }

    /// The schema itself, in the schema language: what `#[derive(Tracked)]` structs print, for example.
    pub fn schema_text(mut self, text: impl Into<String>) -> Graph {
        self.schema_text = Some(text.into());
        self
    }

    /// The configuration's file.
    pub fn config(mut self, path: impl Into<PathBuf>) -> Graph {
        self.config = Some(path.into());
        self
    }

    /// Nodes of the host program that the document may use.
    pub fn host_nodes(mut self, nodes: Arc<HostDeclarations>) -> Graph {
        self.host_nodes = nodes;
        self
    }

    /// Where the module finds `emitted`, for packages that depend on the runtime alone: `::statewright_runtime::emitted`.
    pub fn runtime(mut self, path: impl Into<String>) -> Graph {
        self.runtime = path.into();
        self
    }

    /// Writes `NAME.rs` to cargo's `OUT_DIR`, where NAME is that of the document's file. Ends the build script with exit code 1
    /// if anything is wrong, after saying what.
    pub fn build(self) {
        let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
        let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
        let built = self.source(&folder);
        for path in &built.read {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        built.warnings.iter().for_each(|warning| println!("cargo::warning={warning}"));
        let written = built.text.and_then(|text| {
            let path = out.join(format!("{}.rs", self.name()));
            fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
        });
        if let Err(error) = written {
            eprintln!("{error}");
            error.lines().for_each(|line| println!("cargo::error={line}"));
            std::process::exit(1);
        }
    }

    fn name(&self) -> String {
        self.document.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What [`Graph::build`] writes, for a package in `folder`.
    pub fn source(&self, folder: &Path) -> Module {
        let mut module = Module { read: Vec::new(), warnings: Vec::new(), text: Ok(String::new()) };
        module.text = self.text(folder, &mut module.read, &mut module.warnings);
        module
    }

    fn text(&self, folder: &Path, read: &mut Vec<PathBuf>, warnings: &mut Vec<String>) -> Result<String, String> {
        let mut file = |path: PathBuf| {
            read.push(path.clone());
            fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        let path = folder.join(&self.document);
        let document: Arc<str> = file(path.clone())?.into();
        let beside = path.parent().unwrap_or(folder).to_owned();
        let tree = json::parse(document.clone()).ok();
        let named = |key: &str| {
            let tree = tree.as_ref()?;
            let text = tree.get(tree.root(), key).and_then(|node| tree.str(node))?;
            (!text.is_empty()).then(|| beside.join(&**text))
        };
        let schema_path = self.schema.as_ref().map(|schema| folder.join(schema)).or_else(|| named("schemaPath"));
        let schema = match (&self.schema_text, &schema_path) {
            (Some(text), _) => text.clone(),
            (None, Some(path)) => file(path.clone())?,
            (None, None) => return Err(format!("{} names no schema: give it a `schemaPath`", self.document.display())),
        };
        let config_path = self.config.as_ref().map(|config| folder.join(config)).or_else(|| named("config"));
        let config = config_path.clone().map(&mut file).transpose()?;
        let options = CompileOptions { host_nodes: self.host_nodes.clone(), ..CompileOptions::default() };
        let built = build_with_config(&document, &schema, config.as_deref(), &options);
        let shown =
            |path: &Option<PathBuf>| path.as_ref().map_or("schema".to_owned(), |path| path.display().to_string());
        let texts = [
            (path.display().to_string(), &*document, &built.document_diagnostics),
            (shown(&schema_path), &*schema, &built.schema_diagnostics),
            (shown(&config_path), config.as_deref().unwrap_or_default(), &built.config_diagnostics),
        ];
        let mut errors = String::new();
        for (name, text, found) in texts {
            for diagnostic in found {
                match diagnostic.severity {
                    Severity::Error => _ = writeln!(errors, "{}", told(&name, text, diagnostic)),
                    _ => warnings.push(told(&name, text, diagnostic).replace('\n', " ")),
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        self.emitted(&built, &schema, config.as_deref())
    }

    fn emitted(&self, built: &Built, schema: &str, config: Option<&str>) -> Result<String, String> {
        let Some(module) = &built.module else { return Err("the document does not compile".to_owned()) };
        let name = self.name();
        let source = Source {
            name: &name,
            document_hash: built.document_hash,
            handlers: &built.handlers,
            schema,
            config,
            runtime: &self.runtime,
        };
        let text = emit(module, &source).text;
        // In an included file, a module's attributes stand before it.
        let rest: Vec<&str> =
            text.lines().filter(|line| !line.starts_with("//!") && !line.starts_with("#![")).collect();
        let mut file = format!(
            "/// The document `{name}`.\n#[allow(clippy::all, unused, non_upper_case_globals)]\npub mod {name} {{\n"
        );
        for line in rest {
            _ = writeln!(file, "{}{line}", if line.is_empty() { "" } else { "    " });
        }
        file.push_str("}\n");
        Ok(file)
    }
}

/// What came of a document.
#[derive(Clone, Debug)]
pub struct Module {
    /// The files that it was made of.
    pub read: Vec<PathBuf>,
    /// What does not keep it from running, a line each.
    pub warnings: Vec<String>,
    /// The text of a file to be included, or what is wrong.
    pub text: Result<String, String>,
}

/// `FILE:LINE:COLUMN: error[CODE]: …`
fn told(name: &str, text: &str, diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span.filter(|span| *span != Span::default()).map(|span| Span::line_column(text, span.start));
    match place {
        Some((line, column)) => format!("{name}:{line}:{column}: {diagnostic}"),
        None => format!("{name}: {diagnostic}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, document: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("statewright-build-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder is made");
        fs::write(folder.join("logic.json"), document).expect("the document is written");
        let schema = "@root(active) type Game {\n  Score int64\n}\n";
        fs::write(folder.join("game.schema"), schema).expect("the schema is written");
        folder
    }

    #[test]
    fn a_document_becomes_a_module_and_says_what_it_was_made_of() {
        let document = r#"{"schemaPath": "game.schema", "handlers": [{"name": "Score", "event": "Scored",
            "parameters": [{"name": "points", "type": "int64"}],
            "nodes": [{"id": "add", "type": "Increment", "inputs": {"path": "Score", "by": "param:points"}}],
            "flow": [{"from": "start", "to": "add"}]}]}"#;
        let folder = folder("module", document);
        let module = graph("logic.json").source(&folder);
        let text = module.text.expect("it compiles");
        assert!(text.contains("pub mod logic {\n") && text.contains("    fn on_score("), "{text}");
        assert!(!text.contains("\n    //!") && !text.contains("#!["), "{text}");
        assert_eq!(module.read, [folder.join("logic.json"), folder.join("game.schema")]);
        assert!(
            graph("logic.json")
                .runtime("crate::there")
                .source(&folder)
                .text
                .is_ok_and(|text| text.contains("use crate::there::*;"))
        );
        fs::remove_dir_all(folder).expect("the folder is removed");
    }

    #[test]
    fn mistakes_have_file_line_and_column() {
        let folder = folder(
            "mistakes",
            "{\"schemaPath\": \"game.schema\",\n \"handlers\": [{\"name\": \"A\", \"event\": \"A\",\n \"nodes\": [{\"id\": \"a\", \"type\": \"Incremnt\"}], \"flow\": []}]}",
        );
        let error = graph("logic.json").source(&folder).text.expect_err("there is no such node");
        assert!(error.contains("logic.json:3:") && error.contains("Incremnt"), "{error}");
        let missing = graph("none.json").source(&folder).text.expect_err("there is no such file");
        assert!(missing.contains("cannot read") && missing.contains("none.json"), "{missing}");
        fs::remove_dir_all(folder).expect("the folder is removed");
    }
}
