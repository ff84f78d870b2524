//! The whole editor: documents, tabs, panels, one frame after the other.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use egui::{CentralPanel, Context, Frame, Panel as EguiPanel, Ui};
use statewright_editor_core::actions::Situation;
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::open::Open;
use statewright_editor_core::open::file::Unreadable;
use statewright_editor_core::open::recovery::Journal;
use statewright_editor_core::project::Project;
use statewright_editor_core::settings::Settings;
use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};

use crate::act::files::disk::Told;
use crate::canvas::overlay::Overlay;
use crate::dialogs::Dialog;
use crate::document::{Document, DocumentId};
use crate::fields::Typing;
use crate::notices::Notices;
use crate::panels::{Panels, Side};
use crate::regions::{Region, Regions};
use crate::theme::{self, Colours};
use crate::todo::Todo;
use crate::{act, bars, canvas, dialogs, keys, notices, panels, welcome};

/// A tab: a graph of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Tab {
    /// Of which document.
    pub document: DocumentId,
    /// Which graph.
    pub graph: GraphAt,
    /// What the graph was called when the tab was last looked at: by it the tab follows a graph that changes its place.
    pub name: GraphName,
}

impl Tab {
    /// The tab of a document without graphs.
    pub fn empty(document: DocumentId) -> Tab {
        let kind = GraphKind::Handler;
        Tab { document, graph: GraphAt { kind, index: 0 }, name: GraphName::new(kind, "") }
    }

    /// Goes where its graph is now; whether there is something to show.
    fn follow(&mut self, document: &Document, is_last: bool) -> bool {
        if let Some(found) = self.name.find(document.open.source()) {
            self.graph = found;
            return true;
        }
        // Renamed, most likely: it is where it was.
        let here = document.graph_name(self.graph).map(|name| (self.graph, name));
        let other = || document.graphs().next().map(|(at, _)| at).and_then(|at| Some((at, document.graph_name(at)?)));
        match here.or_else(|| if is_last { other() } else { None }) {
            Some((at, name)) => (self.graph, self.name) = (at, name),
            None if is_last => *self = Tab::empty(self.document),
            None => return false,
        }
        true
    }
}

/// The editor.
#[derive(Debug)]
pub struct Editor {
    /// What it has of the machine.
    pub host: crate::Host,
    /// What it remembers of its user.
    pub settings: Settings,
    /// Open documents.
    pub documents: BTreeMap<DocumentId, Document>,
    /// Tabs, in the order of the row above the canvas.
    pub tabs: Vec<Tab>,
    /// Which tab is shown.
    pub active: usize,
    /// The folder that is open.
    pub project: Option<Project>,
    /// What panels remember.
    pub panels: Panels,
    /// What is above everything else.
    pub dialog: Option<Dialog>,
    /// What is drawn over graphs.
    pub overlays: HashMap<(DocumentId, GraphName), Overlay>,
    /// Messages.
    pub notices: Notices,
    /// Colours, as the theme has them.
    pub colours: Colours,
    /// What the canvas remembers of a gesture.
    pub canvas: canvas::State,
    /// The text field that is being typed in.
    pub typing: Typing,
    /// Where the keyboard is and goes.
    pub regions: Regions,
    /// What was told of changes on the disk.
    pub told: Told,
    /// Places that were looked at, to go back to.
    pub trail: act::edit::Trail,
    /// The window closes without asking.
    pub is_quitting: bool,
    title: String,
    /// Whether a text field had the keyboard in the last frame.
    pub(crate) was_in_field: bool,
    todo: Vec<Todo>,
    looked: (Settings, bool),
    next: u64,
    kept_at: f64,
    ctx: Context,
}

impl Editor {
    /// An editor without documents.
    pub fn new(host: crate::Host, ctx: &Context) -> Editor {
        let mut notices = Notices::default();
        let settings = act::files::load_settings(&host, &mut notices);
        let colours = theme::apply(ctx, &settings);
        Editor {
            host,
            looked: (settings.clone(), colours.is_dark),
            settings,
            documents: BTreeMap::new(),
            tabs: Vec::new(),
            active: 0,
            project: None,
            panels: Panels::first(),
            dialog: None,
            overlays: HashMap::new(),
            notices,
            colours,
            canvas: canvas::State::default(),
            typing: Typing::default(),
            regions: Regions::default(),
            told: Told::default(),
            trail: act::edit::Trail::default(),
            is_quitting: false,
            title: String::new(),
            was_in_field: false,
            todo: Vec::new(),
            next: 0,
            kept_at: 0.0,
            ctx: ctx.clone(),
        }
    }

    /// Opens what the command line names, after what was left unsaved.
    pub fn begin(&mut self, paths: &[PathBuf]) {
        for path in paths {
            self.push(Todo::Open(path.clone()));
        }
        self.work();
        act::files::recovery::recover(self);
        if paths.is_empty() {
            dialogs::tour::begin(self);
        }
    }

    /// Opens texts that are no files yet: what a new document and its schema say.
    pub fn begin_with(&mut self, document: &str, schema: &str) {
        match SourceDocument::parse(document) {
            Ok(source) => {
                let id = self.add(Open::new(source));
                if let Some(document) = self.documents.get_mut(&id) {
                    document.set_schema(schema);
                }
            }
            Err(problem) => self.notices.error(problem.message, problem.help.unwrap_or_default()),
        }
        self.begin(&[]);
    }

    /// Something is to be done behind this frame.
    pub fn push(&mut self, todo: Todo) {
        self.todo.push(todo);
    }

    /// How many things are to be done behind this frame.
    pub fn waiting(&self) -> usize {
        self.todo.len()
    }

    /// The document and graph of the active tab.
    pub fn active(&self) -> Option<(&Document, GraphAt)> {
        let tab = self.tabs.get(self.active)?;
        Some((self.documents.get(&tab.document)?, tab.graph))
    }

    /// The document and graph of the active tab.
    pub fn active_mut(&mut self) -> Option<(&mut Document, GraphAt)> {
        let tab = self.tabs.get(self.active)?;
        Some((self.documents.get_mut(&tab.document)?, tab.graph))
    }

    /// What is drawn over the graph of the active tab.
    pub fn active_overlay(&mut self) -> Option<&mut Overlay> {
        let tab = self.tabs.get(self.active)?;
        Some(self.overlays.entry((tab.document, tab.name.clone())).or_default())
    }

    /// What there is, for conditions of actions.
    pub fn situation(&self) -> Situation {
        let run = self.panels.run.situation();
        let Some((document, _)) = self.active() else {
            return Situation { has_document: !self.documents.is_empty(), ..run };
        };
        let selection = document.open.selection();
        let history = document.open.history();
        Situation {
            has_document: true,
            selected: selection.len(),
            nodes: selection.nodes.len(),
            can_undo: history.undoable().is_some(),
            can_redo: history.redoable().is_some(),
            ..run
        }
    }

    /// Whether the keyboard is on the canvas.
    pub fn canvas_has_focus(&self, ctx: &Context) -> bool {
        let focused = ctx.memory(egui::Memory::focused);
        focused.is_none() || focused == Some(canvas::id())
    }

    /// What has the window drawn again from another thread.
    pub fn waker(&self) -> impl Fn() + Send + Sync + Clone + use<> {
        let ctx = self.ctx.clone();
        move || ctx.request_repaint()
    }

    /// Adds a document, with a journal, and a tab for its first graph.
    pub fn add(&mut self, mut open: Open) -> DocumentId {
        let id = DocumentId(self.next);
        self.next += 1;
        let journal = match &self.host.recovery {
            Some(folder) => match Journal::begin(&*self.host.files, folder, &mut open) {
                Ok(journal) => Some(journal),
                Err(fault) => {
                    self.notices.error(
                        format!("what is not saved is not kept: {fault}"),
                        "save often, or make room on the disk",
                    );
                    None
                }
            },
            None => None,
        };
        let mut document = Document::new(id, open, self.waker());
        document.journal = journal;
        document.look_beside(&self.host);
        let first = document.graphs().next().map(|(at, _)| at);
        self.documents.insert(id, document);
        match first {
            Some(at) => self.push(Todo::ShowGraph(id, at)),
            None => {
                self.tabs.push(Tab::empty(id));
                self.active = self.tabs.len() - 1;
            }
        }
        id
    }

    /// Opens a document's file; one that is open already is shown.
    ///
    /// # Errors
    /// Why it is no document.
    pub fn open_file(&mut self, path: &Path) -> Result<DocumentId, Unreadable> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let known =
            self.documents.values().find(|document| document.open.path() == Some(&path)).map(|document| document.id);
        let id = match known {
            Some(id) => id,
            None => {
                let open = Open::read(&*self.host.files, &path)?;
                self.settings.opened(&path);
                self.add(open)
            }
        };
        if let Some((at, _)) = self.documents.get(&id).and_then(|document| document.graphs().next()) {
            self.push(Todo::ShowGraph(id, at));
        }
        Ok(id)
    }

    /// One frame.
    pub fn ui(&mut self, ui: &mut Ui) {
        self.look(ui.ctx());
        let now = ui.input(|input| input.time);
        for document in self.documents.values_mut() {
            document.check(&self.host);
        }
        self.follow();
        panels::run::poll(self);
        panels::tests::poll(self);
        panels::odds::poll(self);
        act::files::dropped(self, ui);
        act::files::closing(self, ui);
        keys::take(self, ui);
        self.draw(ui);
        let done = self.typing.finish();
        self.todo.extend(done);
        self.work();
        self.name_window();
        self.keep(now, ui.ctx());
    }

    fn draw(&mut self, ui: &mut Ui) {
        self.regions.begin();
        EguiPanel::top("menus").show(ui, |ui| bars::menus(self, ui));
        EguiPanel::bottom("status").show(ui, |ui| bars::status(self, ui));
        panels::show(self, Side::Left, ui);
        panels::show(self, Side::Right, ui);
        panels::show(self, Side::Bottom, ui);
        CentralPanel::default().frame(Frame::NONE.fill(self.colours.page)).show(ui, |ui| {
            if self.tabs.is_empty() {
                welcome::show(self, ui);
                return;
            }
            bars::tabs(self, ui);
            self.regions.drawn(Region::Canvas, ui.available_rect_before_wrap());
            match self.active().map(|(document, at)| (document.id, document.graph(at).is_some())) {
                _ if panels::diff::view::is_shown(self) => panels::diff::view::show(self, ui),
                Some((id, false)) => welcome::without_graphs(self, id, ui),
                _ => {
                    canvas::show(self, ui);
                    panels::diff::merging::on_canvas(self, ui);
                }
            }
        });
        panels::edges::show(self, ui);
        self.regions.end(ui.ctx());
        dialogs::show(self, ui);
        panels::run::attach::show(self, ui);
        notices::show(self, ui);
    }

    /// The window of the machine's says which document is shown, and whether it is saved.
    fn name_window(&mut self) {
        let title = match self.active() {
            Some((document, _)) => {
                let mark = if document.open.is_modified() { "• " } else { "" };
                format!("{mark}{} — Statewright", document.name())
            }
            None => "Statewright".to_owned(),
        };
        if title != self.title {
            self.ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// What the window's title says.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The context that everything is drawn in.
    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// Does what was asked for, and what that asks for.
    pub fn work(&mut self) {
        // What is asked for may ask for more, but not for ever.
        for _ in 0..64 {
            let todo = std::mem::take(&mut self.todo);
            if todo.is_empty() {
                return;
            }
            for todo in todo {
                act::work(self, todo);
            }
            self.follow();
            self.ctx.request_repaint();
        }
    }

    /// Tabs follow their graphs; those of graphs that are gone close, but the last of a document stays.
    fn follow(&mut self) {
        let documents = &self.documents;
        let mut at = 0;
        let active = self.active;
        let mut before = 0;
        let mut left: BTreeMap<DocumentId, usize> = BTreeMap::new();
        for tab in &self.tabs {
            *left.entry(tab.document).or_default() += 1;
        }
        self.tabs.retain_mut(|tab| {
            let here = at;
            at += 1;
            let is_kept = match documents.get(&tab.document) {
                Some(document) => {
                    let left = left.entry(tab.document).or_default();
                    let is_kept = tab.follow(document, *left <= 1);
                    *left -= usize::from(!is_kept);
                    is_kept
                }
                None => false,
            };
            before += usize::from(!is_kept && here < active);
            is_kept
        });
        self.active = active.saturating_sub(before).min(self.tabs.len().saturating_sub(1));
    }

    /// Takes changes of how everything looks.
    fn look(&mut self, ctx: &Context) {
        let is_dark = ctx.theme() == egui::Theme::Dark;
        let (before, was_dark) = &self.looked;
        if before.theme != self.settings.theme || before.scale != self.settings.scale || *was_dark != is_dark {
            self.colours = theme::apply(ctx, &self.settings);
        }
        if *before != self.settings {
            act::files::save_settings(self);
        }
        self.looked = (self.settings.clone(), is_dark);
    }

    /// Every few seconds, keeps what is not saved and looks at what changed on the disk.
    fn keep(&mut self, now: f64, ctx: &Context) {
        let every = f64::from(self.settings.autosave_seconds);
        if now - self.kept_at >= every {
            self.kept_at = now;
            act::files::recovery::keep(self);
            act::files::disk::look(self);
        }
        // A frame is only worth drawing for it while there is something to keep.
        let has_unkept =
            self.documents.values().any(|document| document.journal.is_some() && document.open.is_unkept());
        if has_unkept {
            ctx.request_repaint_after_secs((every - (now - self.kept_at)).max(0.1) as f32);
        }
    }

    /// The window closes: journals of what is saved go, settings stay.
    pub fn close(&mut self) {
        act::files::recovery::keep(self);
        act::files::save_settings(self);
        for document in self.documents.values_mut() {
            if !document.open.is_modified()
                && let Some(journal) = document.journal.take()
            {
                journal.end(&*self.host.files);
            }
        }
    }
}
