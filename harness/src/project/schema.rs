//! Which schema belongs to a document.

use std::path::{Path, PathBuf};

use super::fault::Fault;

/// The schema's file: the one that was `asked` for, else the document's `schemaPath` (relative to it), else a file
/// beside it with the same stem (also without `_logic`) that ends in `.schema` or `.schema.json`, else the only
/// `.schema` file in the folder.
pub fn find(document: &Path, schema_path: Option<&str>, asked: Option<&Path>) -> Result<PathBuf, Fault> {
    if let Some(asked) = asked {
        return Ok(asked.to_owned());
    }
    let folder = document.parent().unwrap_or(Path::new(""));
    if let Some(named) = schema_path.filter(|named| !named.is_empty()) {
        return Ok(folder.join(named));
    }
    let names = beside(document);
    if let Some(found) = names.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
        return Ok(found);
    }
    let mut schemas = in_folder(folder);
    match schemas.len() {
        1 => Ok(schemas.remove(0)),
        0 => {
            let tried = names.join(", ");
            Err(Fault::NoSchema { document: document.to_owned(), tried: format!("{tried}, or any single *.schema") })
        }
        _ => {
            let found = schemas.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
            Err(Fault::ManySchemas { document: document.to_owned(), found })
        }
    }
}

/// File names that go with the document's.
fn beside(document: &Path) -> Vec<String> {
    let stem = document.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut stems = vec![stem.clone()];
    stems.extend(stem.strip_suffix("_logic").map(str::to_owned));
    stems.iter().flat_map(|stem| [format!("{stem}.schema"), format!("{stem}.schema.json")]).collect()
}

/// The `.schema` files of a folder, by name.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "schema") && path.is_file())
        .collect();
    found.sort();
    found
}
