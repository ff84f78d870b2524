//! One open document: its history, its checker, the schema and configuration beside it, and how each graph is looked at.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use statewright_editor_core::checker::{Checked, Checker, Request};
use statewright_editor_core::command::Context;
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::open::Open;
use statewright_editor_core::open::file::read_text;
use statewright_editor_core::open::recovery::Journal;
use statewright_editor_core::scene::{Placements, Scene, Sight};
use statewright_graph::document::{Graph, GraphAt, GraphKind};
use statewright_harness::project::schema;
use statewright_runtime::host::HostNodes;

use crate::canvas::camera::Camera;
use crate::host::Host;
use crate::nodes::Declared;

/// Which document: never used twice in one editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub u64);

/// A file beside a document: its schema, its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Companion {
    /// Where it is; `None` for one that is no file.
    pub path: Option<PathBuf>,
    /// What it said when it was last read.
    pub text: Arc<str>,
    /// Why it cannot be read now; what is known of it stays.
    pub problem: Option<String>,
}

/// How a graph is looked at.
#[derive(Debug, Default)]
pub struct View {
    /// Which part of it.
    pub camera: Camera,
    /// Where the keyboard is.
    pub focus: Option<Focus>,
    /// Whether it was shown before: the first time everything is brought into view.
    pub is_placed: bool,
    placements: Placements,
    scene: Option<(u64, u64, Rc<Scene>)>,
    graph: Option<(u64, GraphAt, Rc<Graph>)>,
}

/// An open document.
#[derive(Debug)]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// The document and its history.
    pub open: Open,
    /// Which version of a file it is, if it is one of those that git has.
    pub version: Option<Version>,
    /// The folder that one without a file will probably be saved in: what stands there is beside it already.
    pub home: Option<PathBuf>,
    /// Its schema.
    pub schema: Companion,
    /// Its configuration, if it names one.
    pub config: Option<Companion>,
    /// What its host program declares.
    pub nodes: Declared,
    /// What the checker last found.
    pub checked: Checked,
    /// What commands know: of the last check that understood the document.
    pub context: Context,
    /// Counts answers of the checker and changes of what stands beside the document.
    pub stamp: u64,
    /// What is not saved yet, on the disk.
    pub journal: Option<Journal>,
    checker: Checker,
    asked: Option<(u64, u64)>,
    beside: u64,
    named: (Option<Arc<str>>, Option<Arc<str>>, Option<PathBuf>),
    views: HashMap<GraphName, View>,
}

/// A version of a file that git has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The file.
    pub of: PathBuf,
    /// What git calls it.
    pub hash: String,
}

impl Document {
    /// A document with a checker that has the window drawn again when it is done.
    pub fn new(id: DocumentId, open: Open, done: impl Fn() + Send + 'static) -> Document {
        Document {
            id,
            open,
            version: None,
            home: None,
            schema: Companion::default(),
            config: None,
            nodes: Declared::default(),
            checked: Checked::default(),
            context: Context::default(),
            stamp: 0,
            journal: None,
            checker: Checker::start(done),
            asked: None,
            beside: 0,
            named: (None, None, None),
            views: HashMap::new(),
        }
    }

    /// What tabs and messages call it.
    pub fn name(&self) -> String {
        let name = self.file().and_then(Path::file_name).map(|name| name.to_string_lossy());
        match (name, self.version.as_ref().filter(|_| self.open.path().is_none())) {
            (Some(name), Some(version)) => format!("{name} at {}", version.hash),
            (Some(name), None) => name.into_owned(),
            (None, _) => "untitled".to_owned(),
        }
    }

    /// Its file, or the one that it is a version of.
    pub fn file(&self) -> Option<&Path> {
        self.open.path().or(self.version.as_ref().map(|version| &*version.of))
    }

    /// The graph at a place.
    pub fn graph(&self, at: GraphAt) -> Option<&Graph> {
        self.open.source().graph(at)
    }

    /// The graphs, each with where it is.
    pub fn graphs(&self) -> impl Iterator<Item = (GraphAt, &Graph)> {
        let of = |kind| {
            let graphs = self.open.source().document.of_kind(kind);
            graphs.iter().enumerate().map(move |(index, graph)| (GraphAt { kind, index }, graph))
        };
        GraphKind::ALL.into_iter().flat_map(of)
    }

    /// The graph at a place, for whoever changes other things while looking at it: copied once for each edit, not each frame.
    pub fn shared_graph(&mut self, at: GraphAt) -> Option<Rc<Graph>> {
        let (name, revision) = (self.graph_name(at)?, self.open.revision());
        let view = self.views.entry(name).or_default();
        if let Some((known, place, graph)) = &view.graph
            && (*known, *place) == (revision, at)
        {
            return Some(graph.clone());
        }
        let graph = Rc::new(self.open.source().graph(at)?.clone());
        view.graph = Some((revision, at, graph.clone()));
        Some(graph)
    }

    /// A graph's kind and name, which outlive changes of its place.
    pub fn graph_name(&self, at: GraphAt) -> Option<GraphName> {
        Some(GraphName::new(at.kind, &self.graph(at)?.name.text))
    }

    /// How a graph is looked at.
    pub fn view(&mut self, name: &GraphName) -> &mut View {
        self.views.entry(name.clone()).or_default()
    }

    /// What is on the canvas of a graph; made anew only when something changed.
    pub fn scene(&mut self, at: GraphAt) -> Option<Rc<Scene>> {
        let name = self.graph_name(at)?;
        let view = self.views.entry(name).or_default();
        let key = (self.open.revision(), self.stamp);
        if let Some((revision, stamp, scene)) = &view.scene
            && (*revision, *stamp) == key
            && scene.graph == at
        {
            return Some(scene.clone());
        }
        let sight = Sight { context: &self.context, findings: Some(&self.checked.findings) };
        let (source, placements) = (self.open.source(), &mut view.placements);
        // Nobody keeps a scene for longer than a frame: what did not change goes from one to the next.
        let before = view.scene.take().and_then(|(.., scene)| Rc::try_unwrap(scene).ok());
        let scene = Rc::new(match before {
            Some(before) => before.updated(source, at, sight, placements)?,
            None => Scene::new(source, at, sight, placements)?,
        });
        view.scene = Some((key.0, key.1, scene.clone()));
        Some(scene)
    }

    /// Gives it a schema that is no file: of a sample that is part of the program.
    pub fn set_schema(&mut self, text: &str) {
        self.schema = Companion { path: None, text: text.into(), problem: None };
        self.beside += 1;
    }

    /// Its file, or where that would be.
    fn place(&self) -> Option<PathBuf> {
        let file = self.open.path().map(Path::to_owned);
        file.or_else(|| self.home.as_ref().map(|folder| folder.join("untitled.json")))
    }

    /// Reads schema and configuration again, where the document names others or they changed on the disk.
    pub fn look_beside(&mut self, host: &Host) {
        self.beside += u64::from(self.nodes.look(host, self.open.path()));
        let Some(path) = self.place() else { return };
        let tree = &self.open.source().tree;
        let named = |key: &str| tree.get(tree.root(), key).and_then(|node| tree.str(node).cloned());
        let (schema_path, config_path) = (named("schemaPath"), named("config"));
        let schema = match schema::find(&path, schema_path.as_deref(), None) {
            Ok(found) => read(host, &found, &self.schema),
            // A new document may have none yet.
            Err(_) if self.open.path().is_none() && schema_path.is_none() => Companion::default(),
            Err(fault) => Companion { problem: Some(fault.to_string()), ..self.schema.clone() },
        };
        let config = config_path.as_deref().filter(|named| !named.is_empty()).map(|named| {
            let found = path.parent().unwrap_or(Path::new("")).join(named);
            read(host, &found, &self.config.clone().unwrap_or_default())
        });
        self.named = (schema_path, config_path, Some(path));
        if schema != self.schema || config != self.config {
            (self.schema, self.config) = (schema, config);
            self.beside += 1;
        }
    }

    /// The nodes of its host program.
    pub fn host_nodes(&self, host: &Host) -> HostNodes {
        self.nodes.nodes(host)
    }

    /// Whether the document names other companions than were last read.
    fn names_others(&self) -> bool {
        let tree = &self.open.source().tree;
        let named = |key: &str| tree.get(tree.root(), key).and_then(|node| tree.str(node).cloned());
        let now = (named("schemaPath"), named("config"), self.place());
        now != self.named && now.2.is_some()
    }

    /// Takes what the checker found, and asks it about what changed. To be called once a frame.
    pub fn check(&mut self, host: &Host) {
        if self.names_others() {
            self.look_beside(host);
        }
        if let Some(checked) = self.checker.answer() {
            self.take(checked);
        }
        let now = (self.open.revision(), self.beside);
        if self.asked != Some(now) {
            self.asked = Some(now);
            self.checker.ask(self.request(host));
        }
    }

    /// Waits until it is checked as it is.
    pub fn check_now(&mut self, host: &Host) {
        self.check(host);
        while !self.is_checked() {
            let Some(checked) = self.checker.wait() else { return };
            self.take(checked);
        }
    }

    /// Whether the findings are of the document, and of what stands beside it, as they are.
    pub fn is_checked(&self) -> bool {
        let of = (self.checked.findings.revision, self.checked.beside);
        self.stamp > 0 && of == (self.open.revision(), self.beside)
    }

    fn request(&self, host: &Host) -> Request {
        Request {
            revision: self.open.revision(),
            beside: self.beside,
            document: self.open.source().tree.shared_source(),
            schema: self.schema.text.clone(),
            config: self.config.as_ref().map(|config| config.text.clone()),
            hosts: self.host_nodes(host).declarations().clone(),
        }
    }

    fn take(&mut self, checked: Checked) {
        let known = checked.context();
        self.context = Context {
            schema: known.schema.or_else(|| self.context.schema.take()),
            config: known.config.or_else(|| self.context.config.take()),
            hosts: known.hosts,
            types: if checked.types.is_some() { known.types } else { self.context.types.clone() },
        };
        self.checked = checked;
        self.stamp += 1;
    }
}

/// Reads a companion; where that fails, what was known of it stays.
fn read(host: &Host, path: &Path, before: &Companion) -> Companion {
    match read_text(&*host.files, path) {
        Ok((text, _)) => Companion { path: Some(path.to_owned()), text, problem: None },
        Err(fault) => {
            Companion { path: Some(path.to_owned()), text: before.text.clone(), problem: Some(fault.to_string()) }
        }
    }
}
