//! `statewright schema`: a schema in another language.

use std::sync::Arc;

use statewright_emit::rust_structs;
use statewright_harness::project::{Finding, Source};
use statewright_harness::{report, ts_types};
use statewright_types::schema;

use crate::args::{Schema, SchemaTarget};
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Exit code 1 if the schema has errors.
pub fn schema(args: &Schema) -> Result<Exit, Stop> {
    let source = Arc::new(Source::read(&args.file)?);
    let (read, diagnostics) = schema::parse(&source.text);
    let findings = source.findings(diagnostics);
    terminal::say(&report::render(&findings, terminal::look()));
    match read.filter(|_| !findings.iter().any(Finding::is_error)) {
        Some(read) => {
            let text = match args.target {
                SchemaTarget::Rust => rust_structs::print(&read).map_err(Stop::Usage)?,
                SchemaTarget::Ts => ts_types::print(&read),
                SchemaTarget::Json => schema::json::to_json(&read),
            };
            terminal::product_to(args.out.as_deref(), &text)?;
            Ok(Exit::Fine)
        }
        None => Ok(Exit::Findings),
    }
}
