//! For build scripts: turns documents into Rust modules, for `statewright::include_graph!`.
//!
//! ```no_run
//! // In build.rs, within `main`:
//! statewright_build::graph("graphs/logic.json").build();
//! ```
//!
//! The program then says `statewright::include_graph!("logic");` and has a module `logic`. What is wrong with the document is
//! shown as the errors of the build. The program itself links no graph tools.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use statewright_emit::rust::{Source, emit};
use statewright_emit::rust_structs;
use statewright_graph::build::{Built, build_with_config};
use statewright_graph::compile::CompileOptions;
use statewright_types::host::HostDeclarations;
use statewright_types::{Diagnostic, Severity, Span, json};

mod names;

/// A document to be built into the program. Paths are relative to the package's folder.
#[must_use = "nothing happens before `build`"]
#[derive(Clone, Debug)]
pub struct Graph {
    document: PathBuf,
    schema: Option<PathBuf>,
    schema_text: Option<String>,
    config: Option<PathBuf>,
    host_nodes: Arc<HostDeclarations>,
    name: Option<String>,
    runtime: String,
}

/// Where modules find `emitted`, unless they are told otherwise.
const FACADE: &str = "::statewright::emitted";

/// A document. Its schema is what it names as `schemaPath`, and its configuration as `config`, both relative to it.
pub fn graph(document: impl Into<PathBuf>) -> Graph {
    Graph {
        document: document.into(),
        schema: None,
        schema_text: None,
        config: None,
        host_nodes: Arc::default(),
        name: None,
        runtime: FACADE.to_owned(),
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

    /// What the module is called, instead of what the document's file is: for two documents of one name.
    pub fn name(mut self, name: impl Into<String>) -> Graph {
        self.name = Some(name.into());
        self
    }

    /// Writes `NAME.rs` to cargo's `OUT_DIR`. NAME is that of the document's file, with `_` for what no name in Rust may have: of
    /// `my-race.json` it is `my_race`. Ends the build script with exit code 1 if anything is wrong, after saying what.
    pub fn build(self) {
        let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
        let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
        let built = self.source(&folder);
        for path in &built.read {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        built.warnings.iter().for_each(|warning| println!("cargo::warning={warning}"));
        if let Err(error) = built.text.and_then(|text| self.write(&text, &out)) {
            eprintln!("{error}");
            error.lines().for_each(|line| println!("cargo::error={line}"));
            std::process::exit(1);
        }
    }

    fn write(&self, text: &str, out: &Path) -> Result<(), String> {
        let path = out.join(format!("{}.rs", self.module_name()?.0));
        self.claim(&path)?;
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// Refuses a second document for one file, which would be the only one left.
    fn claim(&self, path: &Path) -> Result<(), String> {
        static WRITTEN: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        // Some file systems take `Race.rs` and `race.rs` for one.
        let key = path.to_string_lossy().to_lowercase();
        if let Some(other) = written.get(&key) {
            return Err(format!(
                "{} and {} are both to be the module `{}`: give one of them another name, as in `graph({:?}).name(\"other\")`",
                other.display(),
                self.document.display(),
                self.module_name()?.1,
                self.document.display().to_string()
            ));
        }
        written.insert(key, self.document.clone());
        Ok(())
    }

    /// The module's name in file names, and in Rust: they differ where it is a keyword.
    fn module_name(&self) -> Result<(String, String), String> {
        let document = self.document.display();
        let Some(name) = &self.name else {
            let stem = self.document.file_stem().unwrap_or_default().to_string_lossy();
            return names::of_file(&stem).ok_or_else(|| {
                format!("the name of {document} makes no module in Rust: give it one, as in `graph(…).name(\"race\")`")
            });
        };
        names::spelled(name).ok_or_else(|| {
            format!("{document}: no module in Rust can be called `{name}`: use letters, digits and `_`, and begin with a letter")
        })
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
            (None, None) => {
                let document = self.document.display();
                return Err(format!(
                    "{document} names no schema: give it a `schemaPath`, or name one with `.schema(path)`"
                ));
            }
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
        self.emitted(&built, &schema, config.as_deref(), warnings)
    }

    fn emitted(
        &self,
        built: &Built,
        schema: &str,
        config: Option<&str>,
        warnings: &mut Vec<String>,
    ) -> Result<String, String> {
        let Some(module) = &built.module else {
            return Err(format!("{} does not compile, and nothing says why", self.document.display()));
        };
        let name = self.module_name()?.1;
        let source = Source {
            name: &self.document.display().to_string(),
            document_hash: built.document_hash,
            handlers: &built.handlers,
            schema,
            config,
            runtime: &self.runtime,
        };
        let text = emit(module, &source).text;
        let mut file = format!(
            "/// The document `{}`.\n#[allow(clippy::all, unused, missing_docs, non_snake_case, non_upper_case_globals)]\npub mod {name} {{\n",
            self.document.display().to_string().escape_debug()
        );
        within(&text, 1, &mut file);
        if self.runtime == FACADE {
            match rust_structs::print(&module.schema) {
                Ok(structs) => {
                    file.push_str(
                        "\n    /// The types of the state as plain structs, to be read and written by name.\n",
                    );
                    file.push_str("    pub mod state {\n");
                    within(&structs, 2, &mut file);
                    file.push_str("    }\n");
                }
                Err(why) => warnings.push(format!("`{name}` has no module `state` with structs: {why}")),
            }
        }
        file.push_str("}\n");
        Ok(file)
    }
}

/// A module's lines, some levels deep in another one. In an included file a module's attributes stand before it.
fn within(text: &str, levels: usize, file: &mut String) {
    for line in text.lines().filter(|line| !line.starts_with("//!") && !line.starts_with("#![")) {
        _ = writeln!(file, "{}{line}", if line.is_empty() { String::new() } else { "    ".repeat(levels) });
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
mod tests;
