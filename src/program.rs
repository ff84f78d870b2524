//! A loaded program: a document, checked against its schema and ready to run.

use std::fmt;
use std::sync::Arc;

use statewright_graph::build::build_with_config;
use statewright_graph::compile::CompileOptions;
use statewright_interpreter::ProgramTables;
use statewright_runtime::emitted::Document;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::HandlerInfo;
use statewright_types::config::{Config, Values};
use statewright_types::schema::text::to_text;
use statewright_types::{Diagnostic, Schema, StructId};

use crate::error::{Finding, LoadError, Source};
use crate::execution::{Compiled, Compiling, Execution};
use crate::tracked::Root;

/// A document without errors and its schema, compiled. Cheap to clone; one program serves any number of sessions, on any
/// number of threads.
#[derive(Clone)]
pub struct Program {
    schema: Arc<Schema>,
    main_root: StructId,
    handlers: Arc<dyn statewright_runtime::program::Program>,
    compiling: Compiling,
    warnings: Arc<[Finding]>,
}

impl Program {
    /// Reads, checks and compiles a document (JSON) with its schema (the schema language, or its JSON form). An error
    /// lists everything that was found, with lines and columns.
    pub fn load(document: &str, schema: &str) -> Result<Program, LoadError> {
        Program::load_with(document, schema, &HostNodes::default())
    }

    /// The same for a document that may use nodes of the host program.
    pub fn load_with(document: &str, schema: &str, host_nodes: &HostNodes) -> Result<Program, LoadError> {
        Program::load_all(document, schema, None, host_nodes)
    }

    /// The same with the document's configuration (the `.config` language, or its JSON form).
    ///
    /// ```
    /// # use statewright::{Options, Program, Session, Value, config_values};
    /// # const SCHEMA: &str = "@root(active) type Game {\n  Round int64\n}";
    /// # const GRAPH: &str = r#"{"config": "game.config", "handlers": []}"#;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = "config Game {\n  Rounds int32 @default(3) @max(10)\n}";
    /// let program = Program::load_with_config(GRAPH, SCHEMA, config)?;
    /// let mut session = Session::new(&program, Options::default());
    /// assert_eq!(session.config()["Game.Rounds"], Value::Int(3));
    /// let given = config_values(&r#"{"Game": {"Rounds": 5}}"#.parse()?);
    /// assert!(session.set_config(&given).is_ok());
    /// assert_eq!(session.config()["Game.Rounds"], Value::Int(5));
    /// assert!(session.set_config(&config_values(&r#"{"Game": {"Rounds": 50}}"#.parse()?)).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_with_config(document: &str, schema: &str, config: &str) -> Result<Program, LoadError> {
        Program::load_all(document, schema, Some(config), &HostNodes::default())
    }

    /// The same with a schema that structs declare: `load_tracked::<Game>(…)`. A host program that has no document gives one without
    /// handlers, `{"handlers": []}`.
    pub fn load_tracked<R: Root>(document: &str, host_nodes: &HostNodes) -> Result<Program, LoadError> {
        Program::load_with(document, &to_text(R::tracked_schema().schema()), host_nodes)
    }

    /// As [`Program::load`], on another execution: `Program::load_on(Execution::Tiered, GRAPH, SCHEMA)`.
    pub fn load_on(execution: Execution, document: &str, schema: &str) -> Result<Program, LoadError> {
        Program::load_all_on(execution, document, schema, None, &HostNodes::default())
    }

    /// All of it: with a configuration, if there is one, and nodes of the host program.
    pub fn load_all(
        document: &str,
        schema: &str,
        config: Option<&str>,
        host_nodes: &HostNodes,
    ) -> Result<Program, LoadError> {
        Program::load_all_on(Execution::Interpreter, document, schema, config, host_nodes)
    }

    /// The same on another execution.
    pub fn load_all_on(
        execution: Execution,
        document: &str,
        schema: &str,
        config: Option<&str>,
        host_nodes: &HostNodes,
    ) -> Result<Program, LoadError> {
        let text: Arc<str> = document.into();
        let options = CompileOptions { host_nodes: host_nodes.declarations().clone(), ..CompileOptions::default() };
        let built = build_with_config(&text, schema, config, &options);
        let mut findings: Vec<Finding> = Finding::all(Source::Schema, schema, built.schema_diagnostics).collect();
        findings.extend(Finding::all(Source::Config, config.unwrap_or_default(), built.config_diagnostics));
        findings.extend(Finding::all(Source::Document, &text, built.document_diagnostics));
        match (built.schema, built.main_root, built.module) {
            (Some(schema), Some(main_root), Some(module)) if !findings.iter().any(Finding::is_error) => {
                let tables = ProgramTables::new(&module, built.handlers, built.document_hash);
                let tables = tables.with_config(built.config);
                let (handlers, compiling) = execution.program(&module, tables, host_nodes)?;
                let handlers = host_nodes.effects().on(handlers, &schema).map_err(LoadError::of_effects)?;
                Ok(Program { schema, main_root, handlers, compiling, warnings: findings.into() })
            }
            _ => Err(LoadError::new(findings)),
        }
    }

    /// A document that was built into this program, with [`include_graph!`](crate::include_graph): nothing is compiled.
    pub fn built_in(document: &Document) -> Result<Program, LoadError> {
        Program::built_in_with(document, &HostNodes::default())
    }

    /// The same for a document that uses nodes of the host program.
    pub fn built_in_with(document: &Document, host_nodes: &HostNodes) -> Result<Program, LoadError> {
        let (schema, found) = statewright_types::schema::parse(document.schema);
        let findings: Vec<Finding> = Finding::all(Source::Schema, document.schema, found).collect();
        let Some(schema) = schema else { return Err(LoadError::new(findings)) };
        let handlers = (document.program)(host_nodes);
        let handlers = host_nodes.effects().on(handlers, &schema).map_err(LoadError::of_effects)?;
        let compiling = Compiling::Never;
        Ok(Program { schema, main_root: document.main_root, handlers, compiling, warnings: Vec::new().into() })
    }

    /// How far compiling is: for a program that was loaded on [`Execution::Tiered`], whether it runs machine code by now.
    pub fn compiled(&self) -> Compiled {
        self.compiling.now()
    }

    /// Waits until compiling has ended, for whoever wants every activation to be as fast as the next.
    pub fn wait_until_compiled(&self) -> Compiled {
        self.compiling.wait()
    }

    /// Names of handlers and functions for the profiler `perf`, which reads them from the file `/tmp/perf-PID.map`: a line with
    /// address, size and name for each, `7f12a4c01000 1c3 statewright:OnScored`. `None` as long as there is no machine code: on
    /// [`Execution::Tiered`] they come when compiling is done. Lines of several programs may stand in the file one behind the other.
    ///
    /// ```no_run
    /// # use statewright::Program;
    /// # fn write(program: &Program) -> std::io::Result<()> {
    /// use std::fs::OpenOptions;
    /// use std::io::Write;
    ///
    /// program.wait_until_compiled();
    /// if let Some(lines) = program.perf_map() {
    ///     let path = format!("/tmp/perf-{}.map", std::process::id());
    ///     OpenOptions::new().create(true).append(true).open(path)?.write_all(lines.as_bytes())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn perf_map(&self) -> Option<&str> {
        self.compiling.perf_map()
    }

    /// What was found that does not keep it from running.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// The types of its state.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What may be configured, if it was loaded with a configuration.
    pub fn config(&self) -> Option<&Config> {
        self.handlers.config().map(|config| &**config)
    }

    /// The configuration's defaults with `given` over them, for [`Options`](crate::Options). An error says what does not fit,
    /// is unknown, or is required and missing.
    pub fn configure(&self, given: &Values) -> Result<Values, Vec<Diagnostic>> {
        self.config().map_or_else(|| Ok(given.clone()), |config| config.complete(given))
    }

    /// What the handlers declare, in document order: events, parameters, permissions.
    pub fn handlers(&self) -> &[HandlerInfo] {
        self.handlers.handlers()
    }

    /// SHA-256 of the document's text and the hashes of schema and configuration: equal programs behave the same.
    pub fn document_hash(&self) -> [u8; 32] {
        self.handlers.document_hash()
    }

    pub(crate) fn parts(&self) -> (Arc<Schema>, StructId, Arc<dyn statewright_runtime::program::Program>) {
        (self.schema.clone(), self.main_root, self.handlers.clone())
    }

    /// Whether a session of this program can go on with `other`.
    pub(crate) fn shares_state_with(&self, other: &Program) -> bool {
        self.schema.hash() == other.schema.hash() && self.main_root == other.main_root
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("handlers", &self.handlers()).finish_non_exhaustive()
    }
}
