//! What documents of the folder that are not open say of a schema or configuration that is not saved yet: one after the other, on
//! one thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_editor_core::checker::{Checker, Request};
use statewright_editor_core::findings::Findings;
use statewright_editor_core::open::file::read_text;
use statewright_editor_core::project::Kind;
use statewright_graph::document::SourceDocument;
use statewright_harness::project::schema::find;
use statewright_types::host::HostDeclarations;

use super::effects::Said;
use crate::editor::Editor;
use crate::host::Host;
use crate::nodes::Declared;

/// Documents that are looked at.
const MOST: usize = 200;

/// A document that is not open.
#[derive(Debug)]
struct File {
    name: String,
    path: PathBuf,
    document: Arc<str>,
    schema: Arc<str>,
    config: Option<Arc<str>>,
    hosts: Arc<HostDeclarations>,
    /// What was found before the change.
    before: Option<Findings>,
    /// What is found with the text that is asked about.
    said: Option<(Arc<str>, Said)>,
}

/// Which answer is waited for.
#[derive(Clone, Debug)]
struct Asked {
    file: usize,
    /// The text that is checked; `None` for what there was before.
    text: Option<Arc<str>>,
    number: u64,
}

/// The documents of the folder that use a schema or configuration.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// Of which file.
    of: Option<PathBuf>,
    is_config: bool,
    text: Arc<str>,
    files: Vec<File>,
    checker: Option<Checker>,
    asked: Option<Asked>,
    count: u64,
}

impl Closed {
    /// What each says, with whether it is of the newest text.
    pub fn said(&self) -> impl Iterator<Item = (&str, Option<&Said>)> {
        self.files.iter().map(|file| {
            let said = file.said.as_ref().filter(|(text, _)| *text == self.text);
            (&*file.name, said.map(|(_, said)| said))
        })
    }

    /// Nothing is to be saved.
    pub fn clear(&mut self) {
        if self.of.is_some() {
            *self = Closed::default();
        }
    }

    /// Waits until all have said something of the newest text.
    pub fn wait(&mut self) {
        loop {
            self.ask();
            let Some(answer) = self.asked.as_ref().and(self.checker.as_ref()).and_then(Checker::wait) else { return };
            self.take(answer.findings);
        }
    }

    /// Asks about the next one, and takes what was answered.
    pub fn go_on(&mut self) {
        while let Some(answer) = self.checker.as_ref().and_then(Checker::answer) {
            self.take(answer.findings);
        }
        self.ask();
    }

    fn take(&mut self, findings: Findings) {
        let Some(asked) = self.asked.take_if(|asked| asked.number == findings.revision) else { return };
        let Some(file) = self.files.get_mut(asked.file) else { return };
        match (asked.text, &file.before) {
            (Some(text), Some(before)) => file.said = Some((text, Said::of(before, &findings))),
            _ => file.before = Some(findings),
        }
    }

    fn ask(&mut self) {
        if self.asked.is_some() {
            return;
        }
        let text = self.text.clone();
        let is_left = |file: &File| file.said.as_ref().is_none_or(|(said, _)| *said != text);
        let Some((index, file)) = self.files.iter().enumerate().find(|(_, file)| is_left(file)) else { return };
        let new = file.before.is_some().then(|| text.clone());
        self.count += 1;
        let mut request = Request {
            revision: self.count,
            document: file.document.clone(),
            schema: file.schema.clone(),
            config: file.config.clone(),
            hosts: file.hosts.clone(),
            ..Request::default()
        };
        match (&new, self.is_config) {
            (Some(new), true) => request.config = Some(new.clone()),
            (Some(new), false) => request.schema = new.clone(),
            (None, _) => {}
        }
        if let Some(checker) = &self.checker {
            checker.ask(request);
            self.asked = Some(Asked { file: index, text: new, number: self.count });
        }
    }

    /// Another text of a file; the folder is gone through when it is the first.
    pub fn look(&mut self, editor: &Editor, path: &Path, text: &Arc<str>) {
        let is_open = |file: &File| editor.documents.values().any(|document| document.open.path() == Some(&*file.path));
        if self.of.as_deref() != Some(path) || self.files.iter().any(is_open) {
            let is_config = super::kind_of(path) == Some(Kind::Config);
            *self = Closed {
                of: Some(path.to_owned()),
                is_config,
                files: files(editor, path, is_config),
                ..Closed::default()
            };
            self.checker = (!self.files.is_empty()).then(|| Checker::start(editor.waker()));
        }
        self.text = text.clone();
    }
}

/// Documents of the folder that are not open and use a file.
fn files(editor: &Editor, path: &Path, is_config: bool) -> Vec<File> {
    let host = &editor.host;
    let is_open = |path: &Path| editor.documents.values().any(|document| document.open.path() == Some(path));
    let paths = editor.project.iter().flat_map(|project| project.of_kind(Kind::Document));
    let all = paths.filter(|path| !is_open(path));
    all.filter_map(|document| file(host, document, path, is_config)).take(MOST).collect()
}

fn file(host: &Host, document: &Path, path: &Path, is_config: bool) -> Option<File> {
    let files = &*host.files;
    let (text, _) = read_text(files, document).ok()?;
    let source = SourceDocument::parse(&text).ok()?;
    let tree = &source.tree;
    let named = |key: &str| tree.get(tree.root(), key).and_then(|node| tree.str(node)).filter(|text| !text.is_empty());
    let schema = find(document, named("schemaPath").map(|name| &**name), None).ok()?;
    let config = named("config").map(|name| document.parent().unwrap_or(Path::new("")).join(&**name));
    let uses_it = if is_config { config.as_deref() == Some(path) } else { schema == path };
    let read = |path: &Path| read_text(files, path).ok().map(|(text, _)| text);
    uses_it.then(|| File {
        name: document.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        schema: read(&schema).unwrap_or_default(),
        config: config.as_deref().and_then(read),
        hosts: Declared::of(host, Some(document)).nodes(host).declarations().clone(),
        path: document.to_owned(),
        document: text,
        before: None,
        said: None,
    })
}
