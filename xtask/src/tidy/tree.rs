//! The repository as rules see it: paths and texts.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use super::{manifest::Manifest, source};
use crate::Fault;

/// Files by path; paths are from the root, with `/`.
pub struct Tree {
    files: BTreeMap<String, File>,
}

/// One file.
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// Its text; empty where it is no UTF-8.
    pub text: String,
    code: OnceCell<String>,
}

impl Tree {
    /// Reads the files at `paths` below `root`.
    pub fn read(root: &Path, paths: Vec<String>) -> Result<Tree, Fault> {
        let mut files = BTreeMap::new();
        for path in paths {
            let bytes = std::fs::read(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            let text = String::from_utf8(bytes).unwrap_or_default();
            files.insert(path.clone(), File { path, text, code: OnceCell::new() });
        }
        Ok(Tree { files })
    }

    /// A tree of `(path, text)`.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file = |&(path, text): &(&str, &str)| {
            (path.to_owned(), File { path: path.to_owned(), text: text.to_owned(), code: OnceCell::new() })
        };
        Tree { files: files.iter().map(file).collect() }
    }

    /// How many files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// Files whose name ends in `.extension`.
    pub fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        let ending = format!(".{extension}");
        self.files().filter(move |file| file.path.ends_with(&ending))
    }

    /// Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.with_extension("rs")
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Whether a file, or a folder with files, is at `path`.
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
    }

    /// The manifests that parse; peers under `benches/peers` and fuzz targets are workspaces of their own.
    pub fn manifests(&self) -> Vec<Manifest> {
        self.manifest_files().filter_map(|file| Manifest::parse(&file.path, &file.text).ok()).collect()
    }

    /// The manifest files of the workspace.
    pub fn manifest_files(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            name == "Cargo.toml" && !file.path.starts_with("benches/peers/") && !file.path.starts_with("fuzz/")
        })
    }
}

impl File {
    /// A Rust source with comments and the content of strings blanked; lines stay where they are.
    pub fn code(&self) -> &str {
        self.code.get_or_init(|| source::code(&self.text))
    }

    /// The lines of [`File::code`], numbered from 1.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code().lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines of the text, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether the path is `folder`, or below it, or the module file of that name.
    pub fn is_in(&self, folder: &str) -> bool {
        let rest = self.path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_found_by_their_files() {
        let tree = Tree::of(&[("docs/a.md", ""), ("docs-old/b.md", "")]);
        assert!(tree.has("docs") && tree.has("docs/a.md") && tree.has(""));
        assert!(!tree.has("doc") && !tree.has("docs/a"));
    }

    #[test]
    fn a_module_is_its_file_and_its_folder() {
        let tree = Tree::of(&[("r/memory.rs", ""), ("r/memory/rows.rs", ""), ("r/memory_map.rs", "")]);
        let inside: Vec<&str> = tree.files().filter(|file| file.is_in("r/memory")).map(|file| &*file.path).collect();
        assert_eq!(inside, ["r/memory.rs", "r/memory/rows.rs"]);
    }
}
