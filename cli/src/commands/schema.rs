//! `statewright schema`: a schema in another language.

use std::sync::Arc;

use statewright_harness::project::{Finding, Source};
use statewright_harness::report;
use statewright_types::schema;

use crate::args::{Schema, SchemaTarget};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if the schema has errors.
pub fn schema(args: &Schema) -> Result<Exit, Stop> {
    let planned = match args.target {
        SchemaTarget::Json => None,
        SchemaTarget::Rust => Some("rust"),
        SchemaTarget::Ts => Some("ts"),
    };
    if let Some(planned) = planned {
        return Err(Stop::Usage(format!("--target {planned} is not there yet: use --target json")));
    }
    let source = Arc::new(Source::read(&args.file)?);
    let (read, diagnostics) = schema::parse(&source.text);
    let findings = source.findings(diagnostics);
    terminal::say(&report::render(&findings, terminal::look()));
    match read.filter(|_| !findings.iter().any(Finding::is_error)) {
        Some(read) => {
            terminal::product_to(args.out.as_deref(), &schema::json::to_json(&read))?;
            Ok(Exit::Fine)
        }
        None => Ok(Exit::Findings),
    }
}
