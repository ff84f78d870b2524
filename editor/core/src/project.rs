//! A folder of documents, schemas, configurations and tests, as a tree; what changed in it since it was last looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use statewright_harness::files::Files;
use statewright_harness::project::Fault;
use statewright_harness::project::walk::files as walk;
use statewright_types::Limits;
use statewright_types::random::fnv1a64;

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    Document,
    Schema,
    Config,
    Test,
    Recording,
}

impl Kind {
    /// The kind of a file of that name; `None` if it is none of a project's.
    pub fn of(name: &str) -> Option<Kind> {
        if name.starts_with('.') {
            return None;
        }
        if name.ends_with(".test.json") {
            Some(Kind::Test)
        } else if name.ends_with(".schema") || name.ends_with(".schema.json") {
            Some(Kind::Schema)
        } else if name.ends_with(".config") || name.ends_with(".config.json") {
            Some(Kind::Config)
        } else if name.ends_with(".rec") {
            Some(Kind::Recording)
        } else if name.ends_with(".json") && !["package.json", "package-lock.json", "tsconfig.json"].contains(&name) {
            Some(Kind::Document)
        } else {
            None
        }
    }
}

/// A folder or file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the way to it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it is; `None` of a folder.
    pub kind: Option<Kind>,
    /// Of a folder: what is in it, folders first.
    pub children: Vec<Entry>,
}

/// A change of a file since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum News {
    Appeared(PathBuf),
    Changed(PathBuf),
    Gone(PathBuf),
}

/// A folder that is open.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
    /// Whether folders below are left out.
    is_flat: bool,
    /// Every file, with a hash of what it says; `None` for one that cannot be read.
    files: BTreeMap<PathBuf, Option<u64>>,
}

impl Project {
    /// Opens a folder, or a file by itself.
    ///
    /// # Errors
    /// [`Fault::Read`] of the folder.
    pub fn open(files: &dyn Files, root: &Path) -> Result<Project, Fault> {
        let mut project = Project { root: root.to_owned(), is_flat: false, files: BTreeMap::new() };
        project.look(files)?;
        Ok(project)
    }

    /// A project of these files, which are looked at where they are: for hosts that know their files otherwise.
    pub fn of_files(files: &dyn Files, root: &Path, paths: impl IntoIterator<Item = PathBuf>) -> Project {
        let mut project = Project { root: root.to_owned(), is_flat: false, files: BTreeMap::new() };
        project.take(files, paths);
        project
    }

    /// The files of one folder, without those below it: what is beside a file that was opened by itself.
    pub fn beside(files: &dyn Files, folder: &Path) -> Project {
        let mut project = Project { root: folder.to_owned(), is_flat: true, files: BTreeMap::new() };
        let paths = project.names(files);
        project.take(files, paths);
        project
    }

    fn names(&self, files: &dyn Files) -> Vec<PathBuf> {
        let names = files.names(&self.root).unwrap_or_default();
        names.into_iter().filter(|name| Kind::of(name).is_some()).map(|name| self.root.join(name)).collect()
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every file of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path).filter(move |path| kind_of(path) == Some(kind))
    }

    /// Looks at the disk again: what appeared, changed, and is gone. Files count as changed by what they say, not by when they
    /// were written.
    ///
    /// # Errors
    /// [`Fault::Read`] of the folder: it is gone, or may not be read. What was known stays.
    pub fn look(&mut self, files: &dyn Files) -> Result<Vec<News>, Fault> {
        if self.is_flat {
            let paths = self.names(files);
            return Ok(self.take(files, paths));
        }
        let paths = walk(&self.root, |name| Kind::of(name).is_some())?;
        Ok(self.take(files, paths))
    }

    fn take(&mut self, files: &dyn Files, paths: impl IntoIterator<Item = PathBuf>) -> Vec<News> {
        let hash = |path: &Path| files.read(path, Limits::FILE_BYTES as u64).ok().map(|bytes| fnv1a64(&bytes));
        let now: BTreeMap<PathBuf, Option<u64>> = paths.into_iter().map(|path| (path.clone(), hash(&path))).collect();
        let mut news = Vec::new();
        for (path, hash) in &now {
            match self.files.get(path) {
                None => news.push(News::Appeared(path.clone())),
                Some(known) if known != hash => news.push(News::Changed(path.clone())),
                Some(_) => {}
            }
        }
        news.extend(self.files.keys().filter(|path| !now.contains_key(*path)).cloned().map(News::Gone));
        self.files = now;
        news
    }

    /// Files by folder; folders without any are left out.
    pub fn tree(&self) -> Entry {
        let name = |path: &Path| {
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
        };
        let mut root = Entry { name: name(&self.root), path: self.root.clone(), kind: None, children: Vec::new() };
        for path in self.files.keys() {
            let below = path.strip_prefix(&self.root).unwrap_or(path);
            let mut at = &mut root;
            let mut way = self.root.clone();
            let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let Some((file, folders)) = parts.split_last() else {
                // The project is one file.
                root.kind = kind_of(path);
                continue;
            };
            for folder in folders {
                way.push(folder);
                at = child(at, folder, &way);
            }
            at.children.push(Entry {
                name: file.clone(),
                path: path.clone(),
                kind: kind_of(path),
                children: Vec::new(),
            });
        }
        sort(&mut root);
        root
    }
}

fn kind_of(path: &Path) -> Option<Kind> {
    Kind::of(&path.file_name()?.to_string_lossy())
}

fn child<'a>(at: &'a mut Entry, name: &str, path: &Path) -> &'a mut Entry {
    let index = at.children.iter().position(|child| child.kind.is_none() && child.name == name);
    let index = index.unwrap_or_else(|| {
        at.children.push(Entry { name: name.to_owned(), path: path.to_owned(), kind: None, children: Vec::new() });
        at.children.len() - 1
    });
    &mut at.children[index]
}

/// As deep as folders are searched.
fn sort(entry: &mut Entry) {
    entry.children.sort_by(|a, b| (a.kind.is_some(), &a.name).cmp(&(b.kind.is_some(), &b.name)));
    entry.children.iter_mut().for_each(sort);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::random::Memory;

    fn shown(entry: &Entry) -> String {
        let children: Vec<String> = entry.children.iter().map(shown).collect();
        if entry.kind.is_some() { entry.name.clone() } else { format!("{}({})", entry.name, children.join(" ")) }
    }

    #[test]
    fn files_are_a_tree_and_changes_are_told_by_content() {
        let files = Memory::default();
        let root = Path::new("/p");
        let paths = || ["/p/b.json", "/p/a/x.schema", "/p/a/x.json", "/p/a/x.test.json"].map(PathBuf::from);
        for path in paths() {
            files.0.borrow_mut().insert(path, b"1".to_vec());
        }
        let mut project = Project::of_files(&files, root, paths());
        assert_eq!(shown(&project.tree()), "p(a(x.json x.schema x.test.json) b.json)");
        assert_eq!(project.of_kind(Kind::Document).count(), 2);
        assert_eq!(project.take(&files, paths()), []);
        files.0.borrow_mut().insert("/p/b.json".into(), b"2".to_vec());
        let fewer = paths().into_iter().take(3).chain(["/p/new.json".into()]);
        let news = project.take(&files, fewer);
        let expected = [
            News::Changed("/p/b.json".into()),
            News::Appeared("/p/new.json".into()),
            News::Gone("/p/a/x.test.json".into()),
        ];
        assert_eq!(news, expected);
    }

    #[test]
    fn kinds_go_by_names() {
        let kinds =
            ["x.json", "x.test.json", "x.schema.json", "x.config", "package.json", ".x.json", "x.txt"].map(Kind::of);
        let expected =
            [Some(Kind::Document), Some(Kind::Test), Some(Kind::Schema), Some(Kind::Config), None, None, None];
        assert_eq!(kinds, expected);
    }
}
