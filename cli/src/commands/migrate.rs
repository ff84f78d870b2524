//! `statewright migrate`: a saved session, taken to another schema.

use std::sync::Arc;

use statewright_harness::files::Disk;
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{LoadOptions, Loaded, Source};
use statewright_harness::report;
use statewright_harness::save::{self, Content, SaveOptions};

use super::host_nodes;
use crate::args::Migrate;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints what is done, and writes the new save file.
pub fn migrate(args: &Migrate) -> Result<Exit, Stop> {
    let content = save::content(&Disk, &args.file)?;
    let loaded = document(args, &content)?;
    terminal::say(&report::render(&loaded.findings, terminal::look()));
    if loaded.has_errors() {
        let name = &loaded.source.name;
        terminal::say(&format!("{name} does not go with that schema: name one that does with --document"));
        return Ok(Exit::Findings);
    }
    if loaded.schema.as_deref().map(|schema| schema.hash()) == Some(content.schema.hash()) {
        terminal::product("the schema is the same: nothing needs to be migrated")?;
        return Ok(Exit::Fine);
    }
    let (opened, report) = content.migrate(&loaded, false, &args.migration.migration())?;
    if !report.steps.is_empty() {
        terminal::product(&report.to_string())?;
    }
    if !args.migration.dry_run {
        // In place nothing is lost: the old content is kept, and so is whatever was kept before.
        let keep = if args.out.is_some() { 0 } else { usize::MAX };
        let options = SaveOptions { form: args.save_form.into(), keep };
        let path = args.out.as_ref().unwrap_or(&args.file);
        save::to_file(&Disk, path, &opened.session, &opened.versions, options)?;
    }
    Ok(Exit::Fine)
}

/// The document that was named, or the one in the save file, with the new schema.
fn document(args: &Migrate, content: &Content) -> Result<Loaded, Stop> {
    let host_nodes = host_nodes(&args.hosts)?;
    match (&args.document, &args.schema) {
        (Some(document), schema) => {
            Ok(Loaded::open(document, &LoadOptions { schema: schema.clone(), host_nodes, ..LoadOptions::default() })?)
        }
        (None, Some(schema)) => {
            let schema = Text::whole(&Arc::new(Source::read(schema)?));
            Ok(content.document_under(schema, &host_nodes)?)
        }
        (None, None) => Err(Stop::Usage("name a schema with --schema, or a document with --document".to_owned())),
    }
}
