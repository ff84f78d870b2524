//! Recordings: saved from a session, and opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{TextEdit, Ui, WidgetType};
use statewright_editor_core::run::Order;
use statewright_editor_core::run::breakpoints::Names;
use statewright_editor_core::run::live::Live;
use statewright_editor_core::run::past::{Later, Past};
use statewright_editor_core::run::recorded::Recorded;
use statewright_editor_core::run::timeline::Timeline;
use statewright_harness::record;
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::Recording;

use super::{making, named};
use crate::editor::Editor;
use crate::nodes::Declared;
use crate::panels::run::session::Session;

/// A recording that is looked at.
#[derive(Debug)]
pub struct Opened {
    /// What happened in it.
    pub timeline: Timeline,
    /// It, to be run again.
    pub recorded: Recorded,
    /// Its file's name.
    pub name: String,
    /// The nodes of the host program.
    hosts: HostNodes,
}

/// What is entered about recordings.
#[derive(Debug, Default)]
pub struct State {
    path: String,
    saving: Option<PathBuf>,
    made: Option<Later<Result<Vec<u8>, String>>>,
    opening: Option<(String, Later<Result<Opened, String>>)>,
}

/// What can be done with recordings.
pub fn bar(editor: &mut Editor, ui: &mut Ui) {
    let name = editor.panels.timeline.opened.as_ref().map(|opened| opened.name.clone());
    let has_session = editor.panels.run.session.as_ref().is_some_and(|session| session.live.has_past());
    let is_there = editor.situation().is_running && has_session;
    ui.horizontal_wrapped(|ui| {
        let state = &mut editor.panels.timeline.recording;
        let edit = ui.add(TextEdit::singleline(&mut state.path).hint_text("play.rec").desired_width(220.0));
        named(&edit, WidgetType::TextEdit, "Recording");
        let is_named = !state.path.trim().is_empty();
        let path = state.path.trim().to_owned();
        if ui.add_enabled(is_named && is_there, egui::Button::new("Save recording")).clicked() {
            save(editor, &path);
        }
        if ui.add_enabled(is_named, egui::Button::new("Open recording")).clicked() {
            let path = beside(editor, &path);
            open(editor, &path);
        }
        ui.separator();
        making::bar(editor, ui);
        if let Some(name) = name {
            ui.separator();
            ui.label(format!("recording {name}"));
            if ui.button("Back to the session").clicked() {
                super::follow(editor);
            }
        }
    });
}

/// A path as it was entered: beside the document, if it is not whole.
fn beside(editor: &Editor, text: &str) -> PathBuf {
    let folder = editor.active().and_then(|(document, _)| document.open.path()).and_then(Path::parent);
    folder.map_or_else(|| PathBuf::from(text), |folder| folder.join(text))
}

fn save(editor: &mut Editor, text: &str) {
    let path = beside(editor, text).with_extension("rec");
    let wake = editor.waker();
    let Some(session) = &mut editor.panels.run.session else { return };
    editor.panels.timeline.recording.saving = Some(path);
    if session.live.is_remote() {
        // It is made here, of what the other process told.
        let past = session.live.past();
        editor.panels.timeline.recording.made = past.map(|past| Later::new(move || past.recording(), wake));
    } else {
        session.live.order(Order::Recording);
    }
}

/// Writes a recording to where it is wanted.
pub fn write(editor: &mut Editor, bytes: &[u8]) {
    let Some(path) = editor.panels.timeline.recording.saving.take() else { return };
    match statewright_harness::files::replace(&*editor.host.files, &path, bytes, 0) {
        Ok(()) => editor.notices.tell(format!("saved {}", path.display())),
        Err(fault) => editor.notices.error(
            format!("{} is not saved: {fault}", path.display()),
            "the session still has it: make room, or choose another place",
        ),
    }
}

/// Reads a recording and runs it again, on a thread of its own.
pub fn open(editor: &mut Editor, path: &Path) {
    let name = path.display().to_string();
    let hosts = Declared::of(&editor.host, Some(path)).nodes(&editor.host);
    let recording = match record::read(&*editor.host.files, path) {
        Ok(recording) => recording,
        Err(fault) => {
            editor.notices.error(fault.to_string(), "choose a recording: `run --record`, or Save recording");
            return;
        }
    };
    let (wake, of) = (editor.waker(), name.clone());
    let work = move || replayed(of, recording, hosts);
    editor.panels.timeline.recording.opening = Some((name, Later::new(work, wake)));
}

fn replayed(name: String, recording: Recording, hosts: HostNodes) -> Result<Opened, String> {
    let short = Path::new(&name).file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
    let recorded = Recorded { name, recording: Arc::new(recording) };
    let timeline = recorded.timeline(&hosts).map_err(|fault| fault.to_string())?;
    Ok(Opened { timeline, recorded, name: short, hosts })
}

impl Opened {
    /// It as it was.
    pub fn past(&self) -> Past {
        Past::new(self.recorded.setting(&self.hosts), self.recorded.orders())
    }
}

/// Does an action of the recording that is looked at again, from 0, held up before its first node: from there on it is a session
/// like any other.
pub fn debug(editor: &mut Editor, moment: usize) {
    let (wake, clock) = (editor.waker(), editor.host.clock);
    let Some(opened) = &editor.panels.timeline.opened else { return };
    let Some((document, _)) = editor.active() else {
        editor.notices.error("there is no document to show what runs", "open the document that was recorded");
        return;
    };
    let (setting, orders) = (opened.recorded.setting(&opened.hosts), opened.recorded.orders());
    let (source, id, revision) = (document.open.source(), document.id, document.open.revision());
    let names = Names::of(&source.document);
    let mut live = Live::again(setting, orders, opened.timeline.clone(), &source.document, clock, wake);
    if let Some(kept) = editor.panels.run.kept.of(id) {
        live.stop_at(kept.at_nodes(&names).enabled());
        live.watch(&kept.watches);
    }
    let what = opened.name.clone();
    if !opened.recorded.is_of(document.open.text()) {
        let what = format!("{what} was recorded with another version of {}", document.name());
        editor.notices.error(what, "what runs is what was recorded; nodes that are no more are not shown");
    }
    live.rewind(moment, 1);
    Session::new(live, id, (revision, names), what).show(editor);
}

/// Takes a recording that was run again meanwhile.
pub fn poll(editor: &mut Editor) {
    if let Some(made) = editor.panels.timeline.recording.made.as_ref().and_then(Later::answer) {
        take_made(editor, made);
    }
    let Some((_, later)) = &editor.panels.timeline.recording.opening else { return };
    let Some(answer) = later.answer() else { return };
    editor.panels.timeline.recording.opening = None;
    match answer {
        Ok(recording) => super::opened(editor, recording),
        Err(why) => editor.notices.error(why, "it may be of another version of this program"),
    }
}

fn take_made(editor: &mut Editor, made: Result<Vec<u8>, String>) {
    editor.panels.timeline.recording.made = None;
    match made {
        Ok(bytes) => write(editor, &bytes),
        Err(why) => editor.notices.error(format!("the recording is not saved: {why}"), "try it again, or save less"),
    }
}

/// Waits for a recording that is being opened or made.
pub fn wait(editor: &mut Editor) {
    if let Some(made) = editor.panels.timeline.recording.made.as_ref().and_then(Later::wait) {
        take_made(editor, made);
    }
    let Some((_, later)) = editor.panels.timeline.recording.opening.take() else { return };
    if let Some(Ok(recording)) = later.wait() {
        super::opened(editor, recording);
    }
}
