//! Arranges the graphs of documents as the editor's command "Arrange automatically" does, and saves them; nothing but places
//! changes: `cargo run -p statewright-editor-core --example layout -- FILE…`

use std::path::Path;

use statewright_editor_core::checker::{Request, check};
use statewright_editor_core::command::Command;
use statewright_editor_core::open::Open;
use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
use statewright_harness::project::schema;

fn arrange(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let source = SourceDocument::parse(&text).map_err(|problem| problem.message)?;
    let named = source.document.schema_path.as_ref().map(|name| name.text.clone());
    let found = schema::find(path, named.as_deref(), None).map_err(|fault| fault.to_string())?;
    let schema = std::fs::read_to_string(found).map_err(|error| error.to_string())?;
    let request = Request { document: text.into(), schema: schema.into(), ..Request::default() };
    let context = check(&request).context();
    let counts = GraphKind::ALL.map(|kind| (kind, source.document.of_kind(kind).len()));
    let mut open = Open::new(source);
    for (kind, count) in counts {
        for index in 0..count {
            let command = Command::Layout { graph: GraphAt { kind, index }, nodes: Vec::new() };
            open.run(&command, &context, None).map_err(|refused| refused.message)?;
        }
    }
    Ok(open.text().to_owned())
}

fn main() -> std::process::ExitCode {
    let mut is_done = true;
    for path in std::env::args_os().skip(1) {
        let path = Path::new(&path);
        let written = arrange(path).and_then(|text| std::fs::write(path, text).map_err(|error| error.to_string()));
        if let Err(problem) = written {
            eprintln!("{}: {problem}", path.display());
            is_done = false;
        }
    }
    if is_done { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
