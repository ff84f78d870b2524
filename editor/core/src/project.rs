//! A folder of documents, schemas, configurations and tests, as a tree; what changed in it since it was last looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use statewright_harness::files::Files;
use statewright_harness::project::Fault;
use statewright_harness::project::walk::files as walk;
use statewright_types::Limits;
use statewright_types::json::{self, Kind as JsonKind};
use statewright_types::random::fnv1a64;

use crate::odds::scripts::is_script;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    Document,
    Schema,
    Config,
    Test,
    Recording,
    /// Steps that are played, as `run --script` and `simulate` take.
    Script,
    /// JSON of something else: a state, a saved session, what a host program declares.
    Data,
}

/// Keys that only documents have; the last two are of rules, which are explained when they are opened.
const DOCUMENT_KEYS: [&str; 9] =
    ["handlers", "functions", "filters", "effects", "stateType", "schemaPath", "package", "rules", "trigger"];

impl Kind {
    /// The kind of a file of that name that says this; `None` if it is none of a project's. What is no JSON but should be is a
    /// document: that tells what is wrong with it.
    pub fn of_text(name: &str, text: &str) -> Option<Kind> {
        let kind = Kind::of(name)?;
        let Some(tree) = json::parse(text).ok().filter(|_| kind == Kind::Document) else { return Some(kind) };
        let has_key = |node| tree.entries(node).iter().any(|entry| DOCUMENT_KEYS.contains(&&*entry.key));
        let root = tree.root();
        let is_document = match tree.kind(root) {
            JsonKind::Object => tree.entries(root).is_empty() || has_key(root),
            _ => tree.elements(root).first().is_some_and(|first| has_key(*first)),
        };
        Some(match is_document {
            true => Kind::Document,
            false if is_script(&tree) => Kind::Script,
            false => Kind::Data,
        })
    }

    /// The kind that a file of that name should have; `None` if it is none of a project's.
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

/// A file as it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct File {
    /// Of what it says; `None` for one that cannot be read.
    hash: Option<u64>,
    kind: Option<Kind>,
}

/// A folder that is open.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
    /// Whether folders below are left out.
    is_flat: bool,
    files: BTreeMap<PathBuf, File>,
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
        self.files.iter().filter(move |(_, file)| file.kind == Some(kind)).map(|(path, _)| path.as_path())
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
        let look = |path: &Path| {
            let bytes = files.read(path, Limits::FILE_BYTES as u64).ok();
            let hash = bytes.as_deref().map(fnv1a64);
            if let Some(known) = self.files.get(path).filter(|known| known.hash == hash) {
                return *known;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
            File { hash, kind: text.map_or_else(|| Kind::of(&name), |text| Kind::of_text(&name, text)) }
        };
        let now: BTreeMap<PathBuf, File> = paths.into_iter().map(|path| (path.clone(), look(&path))).collect();
        let mut news = Vec::new();
        for (path, file) in &now {
            match self.files.get(path) {
                None => news.push(News::Appeared(path.clone())),
                Some(known) if known != file => news.push(News::Changed(path.clone())),
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
        for (path, file) in &self.files {
            let below = path.strip_prefix(&self.root).unwrap_or(path);
            let mut at = &mut root;
            let mut way = self.root.clone();
            let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let Some((name, folders)) = parts.split_last() else {
                // The project is one file.
                root.kind = file.kind;
                continue;
            };
            for folder in folders {
                way.push(folder);
                at = child(at, folder, &way);
            }
            at.children.push(Entry { name: name.clone(), path: path.clone(), kind: file.kind, children: Vec::new() });
        }
        sort(&mut root);
        root
    }
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
            files.0.borrow_mut().insert(path, b"{}".to_vec());
        }
        let mut project = Project::of_files(&files, root, paths());
        assert_eq!(shown(&project.tree()), "p(a(x.json x.schema x.test.json) b.json)");
        assert_eq!(project.of_kind(Kind::Document).count(), 2);
        assert_eq!(project.take(&files, paths()), []);
        files.0.borrow_mut().insert("/p/b.json".into(), b"{ }".to_vec());
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
    fn json_of_something_else_is_no_document() {
        let kinds = [
            "{\"package\": \"x\"}",
            "{\"steps\": [], \"functions\": []}",
            "[{\"trigger\": {}}]",
            "{",
            "{\"steps\": []}",
            "[{\"event\": \"E\"}]",
            "{\"Score\": 1}",
            "[]",
        ]
        .map(|text| Kind::of_text("x.json", text));
        let [document, script, data] = [Kind::Document, Kind::Script, Kind::Data].map(Some);
        assert_eq!(kinds, [document, document, document, document, script, script, data, data]);
        assert_eq!(Kind::of_text("x.schema.json", "{\"Score\": 1}"), Some(Kind::Schema));
        assert_eq!(Kind::of_text("x.txt", "{}"), None);
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
