//! New files beside documents: a schema and a configuration to begin with.

use std::path::{Path, PathBuf};

use statewright_editor_core::command::Command;

use super::disk;
use crate::editor::Editor;
use crate::todo::Todo;

/// What a new file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Starter {
    Schema,
    Config,
}

impl Starter {
    /// What its name ends in, without the point.
    pub const fn ending(self) -> &'static str {
        match self {
            Starter::Schema => "schema",
            Starter::Config => "config",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Starter::Schema => {
                "package game

// The state of a session: what handlers read and write.
@root(active)
type Game {
    Round int32
}
"
            }
            Starter::Config => {
                "package game

// What can be set without a change of the rules: `config:Rules.Rounds` in a graph.
config Rules {
    Rounds int32 @default(3) @min(1) @max(100)
}
"
            }
        }
    }
}

/// Makes the file, tells the document that is open of it where it has none, and opens it. One that is there already is
/// opened as it is.
pub fn make(editor: &mut Editor, starter: Starter, path: &Path) {
    let path = with_ending(path, starter.ending());
    if path.exists() {
        let name = path.display();
        editor
            .notices
            .error(format!("{name} is there already"), "it was opened as it is; choose another name for a new one");
    } else if let Err(fault) =
        statewright_harness::files::replace(&*editor.host.files, &path, starter.text().as_bytes(), 0)
    {
        editor
            .notices
            .error(format!("there is no new file: {fault}"), "make room, allow writing there, or choose another place");
        return;
    }
    disk::look_at_project(editor);
    tell(editor, starter, &path);
    editor.push(Todo::Open(path));
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    if path.extension().is_some_and(|has| has == ending) {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The active document names the file, unless it has one of that kind or finds it by itself.
fn tell(editor: &mut Editor, starter: Starter, path: &Path) {
    let Some(id) = editor.active().map(|(document, _)| document.id) else { return };
    let Some(document) = editor.documents.get_mut(&id).filter(|document| document.version.is_none()) else { return };
    if starter == Starter::Schema && document.schema.path.is_none() && !document.schema.text.is_empty() {
        // A sample has its own, which is no file.
        return;
    }
    if document.open.path().is_none() && document.home.is_none() {
        document.home = path.parent().map(Path::to_owned);
    }
    document.look_beside(&editor.host);
    let has_one = match starter {
        Starter::Schema => document.schema.path.is_some() && document.schema.problem.is_none(),
        Starter::Config => document.config.as_ref().is_some_and(|config| config.problem.is_none()),
    };
    if has_one {
        return;
    }
    let folder = document.file().and_then(Path::parent).or(document.home.as_deref());
    let named = folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
    let key = match starter {
        Starter::Schema => "schemaPath",
        Starter::Config => "config",
    };
    // Paths in documents have slashes, whatever the system has.
    let parts: Vec<_> = named.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let value = if named.is_absolute() { named.to_string_lossy().into_owned() } else { parts.join("/") };
    editor.push(Todo::RunIn(id, Command::SetDocument { key: key.to_owned(), value: Some(value) }));
}
