//! The session that there is: what of it is shown, and what of it is drawn over the graphs.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use statewright_editor_core::run::breakpoints::{Names, Spot};
use statewright_editor_core::run::live::{Happened, Live, Phase};
use statewright_editor_core::run::past::{Later, Past};
use statewright_editor_core::run::timeline::{Key, Timeline, differences, path_text};
use statewright_types::Value;

use crate::canvas::overlay::Heat;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::todo::{Place, Todo};

/// Who wrote a part of the state, once that is known.
type Writer = Later<Result<Option<Spot>, String>>;

/// A session of a document.
#[derive(Debug)]
pub struct Session {
    /// The session.
    pub live: Live,
    /// Its document.
    pub document: DocumentId,
    /// The document's revision that runs.
    pub revision: u64,
    /// The names in it.
    pub names: Names,
    /// What runs before it is told what else to do: its label, for lists.
    pub what: String,
    /// Whether costs are drawn.
    pub shows_heat: bool,
    shown: Option<(usize, Rc<Value>)>,
    /// The state where it is held up, and what changed in it since the last moment.
    held: Option<(u64, Rc<Value>, Rc<BTreeSet<Vec<Key>>>)>,
    changed: (usize, Rc<BTreeSet<Vec<Key>>>),
    writer: Option<(Vec<Key>, usize, Writer)>,
    asked: Option<(Vec<Key>, usize)>,
    is_drawn: bool,
}

impl Session {
    /// A session that was just begun.
    pub fn new(live: Live, document: DocumentId, (revision, names): (u64, Names), what: String) -> Session {
        Session {
            live,
            document,
            revision,
            names,
            what,
            shows_heat: false,
            shown: None,
            held: None,
            changed: (0, Rc::default()),
            writer: None,
            asked: None,
            is_drawn: false,
        }
    }

    /// Shows it in the place of the one that there was.
    pub fn show(self, editor: &mut Editor) {
        // The old one ends before the new one is drawn.
        if let Some(old) = editor.panels.run.session.take() {
            clear(editor, old.document);
        }
        crate::panels::timeline::restart(editor);
        editor.panels.run.session = Some(self);
    }

    /// The state as it is now, where it is held up or after the last moment, and where it is another than before.
    pub fn state_now(&mut self) -> Option<(Rc<Value>, Rc<BTreeSet<Vec<Key>>>)> {
        let stops = self.live.client.stops();
        if let (Some((of, state, changed)), Some(_)) = (&self.held, self.live.client.stopped())
            && *of == stops
        {
            return Some((state.clone(), changed.clone()));
        }
        if let Some(state) = self.live.state().cloned() {
            let before = self.state_at(usize::MAX);
            let changes = before.map_or_else(Vec::new, |before| differences(&before, &state));
            let changed = Rc::new(changes.into_iter().map(|change| change.path).collect());
            self.held = Some((stops, Rc::new(state), changed));
            return self.held.as_ref().map(|(_, state, changed)| (state.clone(), changed.clone()));
        }
        Some((self.state_at(usize::MAX)?, self.changed_at(usize::MAX)))
    }

    /// The state after `count` moments, or the last.
    pub fn state_at(&mut self, count: usize) -> Option<Rc<Value>> {
        let timeline = self.live.timeline.as_ref()?;
        let count = count.min(timeline.moments().len());
        if let Some((known, state)) = &self.shown
            && *known == count
        {
            return Some(state.clone());
        }
        let state = Rc::new(timeline.state(count));
        self.shown = Some((count, state.clone()));
        Some(state)
    }

    /// Where the last of `count` moments changed the state.
    pub fn changed_at(&mut self, count: usize) -> Rc<BTreeSet<Vec<Key>>> {
        let moments = self.live.timeline.as_ref().map_or(&[][..], Timeline::moments);
        let count = count.min(moments.len());
        if self.changed.0 != count || count == 0 {
            let last = count.checked_sub(1).and_then(|last| moments.get(last));
            let paths = last.map(|moment| moment.changes.iter().map(|change| change.path.clone()).collect());
            self.changed = (count, Rc::new(paths.unwrap_or_default()));
        }
        self.changed.1.clone()
    }

    /// Looks for what wrote a part of the state last before `count` moments were done; it is shown when it is found.
    pub fn find_writer(&mut self, path: Vec<Key>, count: usize) {
        self.asked = Some((path, count));
    }

    /// What is drawn is old.
    pub fn draw_again(&mut self) {
        self.is_drawn = false;
        (self.shown, self.held) = (None, None);
        self.changed.0 = usize::MAX;
    }
}

/// Takes what the session told, and draws it over the graphs.
pub fn poll(editor: &mut Editor) {
    let wake = editor.waker();
    let Some(mut session) = editor.panels.run.session.take() else { return };
    for happened in session.live.poll() {
        take(editor, &mut session, happened);
    }
    if matches!(session.live.phase(), Phase::Running) {
        session.is_drawn = false;
    }
    find_writer(editor, &mut session, wake);
    if !session.is_drawn {
        draw(editor, &session);
        session.is_drawn = true;
    }
    editor.panels.run.session = Some(session);
}

/// Waits until the session is idle, held up or over, and what was asked about its past is known.
pub fn wait(editor: &mut Editor) {
    let Some(mut session) = editor.panels.run.session.take() else { return };
    for happened in session.live.settle() {
        take(editor, &mut session, happened);
    }
    let answer = session.writer.as_ref().and_then(|(.., writer)| writer.wait());
    tell_answer(editor, &mut session, answer);
    editor.panels.run.session = Some(session);
}

fn take(editor: &mut Editor, session: &mut Session, happened: Happened) {
    session.draw_again();
    match happened {
        Happened::Paused => {
            let Some(stopped) = session.live.client.stopped() else { return };
            let spot = (stopped.graph.clone(), stopped.node.clone());
            show_spot(editor, session.document, &spot);
        }
        Happened::Moment => crate::panels::timeline::moved(editor),
        Happened::View(viewer, view) => crate::panels::timeline::seen(editor, viewer, Ok(view)),
        Happened::Recording(bytes) => crate::panels::timeline::recorded(editor, &bytes),
        Happened::Over(refused) if refused.help.is_empty() => editor.notices.tell(refused.message),
        Happened::Over(refused) => editor.notices.error(refused.message, refused.help),
        Happened::Problem(why) => editor.notices.error(why, ""),
    }
}

/// Brings a node into view.
pub fn show_spot(editor: &mut Editor, document: DocumentId, (graph, node): &Spot) {
    let Some(open) = editor.documents.get(&document) else { return };
    let found = open.graphs().find(|(_, found)| found.name.text == *graph).and_then(|(at, _)| open.graph_name(at));
    editor.push(Todo::Show(Place { document, graph: found, node: Some(node.clone()) }));
}

fn find_writer(editor: &mut Editor, session: &mut Session, wake: impl Fn() + Send + 'static) {
    if let Some((path, count)) = session.asked.take() {
        let timeline = session.live.timeline.as_ref();
        let wrote = timeline.and_then(|timeline| timeline.wrote_last(&path, count, None));
        match (wrote, session.live.past()) {
            (Some(wrote), Some(past)) => {
                let moment = wrote.moment;
                session.writer = Some((path.clone(), moment, look_for(past, moment, path, wake)));
            }
            (None, _) => editor.notices.tell(format!("nothing wrote {} since it began", path_text(&path))),
            (_, None) => {}
        }
    }
    let answer = session.writer.as_ref().and_then(|(.., writer)| writer.answer());
    tell_answer(editor, session, answer);
}

fn tell_answer(editor: &mut Editor, session: &mut Session, answer: Option<Result<Option<Spot>, String>>) {
    let Some(((path, moment, _), answer)) = session.writer.as_ref().zip(answer) else { return };
    let label = session.live.timeline.as_ref().and_then(|timeline| timeline.moments().get(*moment));
    let label = label.map_or("", |moment| &moment.label);
    tell_writer(editor, session.document, path, *moment, label, answer);
    session.writer = None;
}

/// Works out who wrote a part of the state in a moment.
pub fn look_for(past: Past, moment: usize, path: Vec<Key>, wake: impl Fn() + Send + 'static) -> Writer {
    Later::new(move || past.writer(moment, &path), wake)
}

/// Shows who wrote a part of the state.
pub fn tell_writer(
    editor: &mut Editor,
    document: DocumentId,
    path: &[Key],
    moment: usize,
    label: &str,
    answer: Result<Option<Spot>, String>,
) {
    let what = format!("{} was written last by {label} (action {})", path_text(path), moment + 1);
    match answer {
        Ok(Some((graph, node))) => {
            editor.notices.tell(format!("{what}, at `{node}` of {graph}"));
            show_spot(editor, document, &(graph, node));
        }
        Ok(None) => editor.notices.tell(format!("{what}, not by a node")),
        Err(why) => editor.notices.error(format!("{what}; at which node cannot be said: {why}"), ""),
    }
    crate::panels::timeline::go_to(editor, moment + 1);
}

/// Draws the session over the graphs of its document.
fn draw(editor: &mut Editor, session: &Session) {
    let Some(document) = editor.documents.get(&session.document) else { return };
    let live = &session.live;
    let stopped = live.client.stopped();
    for (at, graph) in document.graphs() {
        let Some(name) = document.graph_name(at) else { continue };
        let overlay = editor.overlays.entry((session.document, name)).or_default();
        let flow = live.flow.graph(&graph.name.text);
        // What never ran is dimmed beside what did; where nothing could run nothing is.
        let has_run = live.is_there() || live.flow.graphs().next().is_some();
        overlay.visits = has_run.then(|| flow.map(|flow| flow.visits.clone()).unwrap_or_default());
        overlay.went = flow.map(|flow| flow.went.clone()).unwrap_or_default();
        overlay.values = flow.map(|flow| flow.values.clone()).unwrap_or_default();
        overlay.failed = flow.and_then(|flow| flow.failed.clone());
        overlay.paused_at =
            stopped.filter(|stopped| stopped.graph == graph.name.text).map(|stopped| stopped.node.clone());
        overlay.heat = if session.shows_heat { heat(session, &graph.name.text, graph) } else { HashMap::new() };
    }
}

fn heat(session: &Session, name: &str, graph: &statewright_graph::document::Graph) -> HashMap<Arc<str>, Heat> {
    let profile = &session.live.profile;
    let total = profile.total().fuel.max(1);
    let of = |id: &Arc<str>| {
        let cost = profile.cost(name, id);
        (cost.calls > 0).then(|| (id.clone(), Heat { share: cost.fuel as f64 / total as f64, text: cost_text(&cost) }))
    };
    graph.nodes.iter().filter_map(|node| of(&node.id.text)).collect()
}

/// `12 calls, 340 fuel, 1.2 ms`; what is less than a millisecond is in µs.
pub fn cost_text(cost: &statewright_editor_core::run::profile::Cost) -> String {
    let micros = cost.nanoseconds as f64 / 1e3;
    let time = if micros < 1e3 { format!("{micros:.1} µs") } else { format!("{:.2} ms", micros / 1e3) };
    let calls = if cost.calls == 1 { "1 call".to_owned() } else { format!("{} calls", cost.calls) };
    format!("{calls}, {} fuel, {time}", cost.fuel)
}

/// Takes everything of a run away from the graphs of a document.
pub fn clear(editor: &mut Editor, document: DocumentId) {
    for ((of, _), overlay) in &mut editor.overlays {
        if *of == document {
            overlay.visits = None;
            overlay.paused_at = None;
            overlay.failed = None;
            overlay.went.clear();
            overlay.values.clear();
            overlay.heat.clear();
        }
    }
}
