//! Recordings: saved from a session, opened, and made into tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{TextEdit, Ui, WidgetType};
use statewright_editor_core::run::Order;
use statewright_editor_core::run::past::{Later, Past};
use statewright_editor_core::run::timeline::Timeline;
use statewright_harness::record;
use statewright_runtime::persist::recording::Recording;

use super::named;
use crate::editor::Editor;
use crate::panels::tests;

/// A recording that is looked at.
#[derive(Debug)]
pub struct Opened {
    /// What happened in it.
    pub timeline: Timeline,
    /// It, to be run again.
    pub past: Past,
    /// Its file's name.
    pub name: String,
}

/// What is entered about recordings.
#[derive(Debug, Default)]
pub struct State {
    path: String,
    case: String,
    saving: Option<PathBuf>,
    opening: Option<(String, Later<Result<Opened, String>>)>,
}

/// What can be done with recordings.
pub fn bar(editor: &mut Editor, ui: &mut Ui) {
    let name = editor.panels.timeline.opened.as_ref().map(|opened| opened.name.clone());
    let has_session = editor.panels.run.session.as_ref().is_some_and(|session| session.live.past().is_some());
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
        let state = &mut editor.panels.timeline.recording;
        let edit =
            ui.add(TextEdit::singleline(&mut state.case).hint_text("what the test is called").desired_width(200.0));
        named(&edit, WidgetType::TextEdit, "Test name");
        let can_be_test = has_session && !state.case.trim().is_empty();
        let case = state.case.trim().to_owned();
        if ui.add_enabled(can_be_test, egui::Button::new("Make a test")).clicked() {
            tests::make(editor, &case);
        }
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
    if let Some(session) = &mut editor.panels.run.session {
        session.live.order(Order::Recording);
        editor.panels.timeline.recording.saving = Some(path);
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
    let hosts = editor.host.nodes.clone();
    let recording = match record::read(&*editor.host.files, path) {
        Ok(recording) => recording,
        Err(fault) => {
            editor.notices.error(fault.to_string(), "choose a recording: `run --record`, or Save recording");
            return;
        }
    };
    let (wake, of) = (editor.waker(), name.clone());
    let work = move || replayed(of, recording, &hosts);
    editor.panels.timeline.recording.opening = Some((name, Later::new(work, wake)));
}

fn replayed(
    name: String,
    recording: Recording,
    hosts: &statewright_runtime::host::HostNodes,
) -> Result<Opened, String> {
    let timeline = Timeline::replayed(&name, &recording, hosts).map_err(|fault| fault.to_string())?;
    let short = Path::new(&name).file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
    Ok(Opened { timeline, past: Past::Recording(name, Arc::new(recording), hosts.clone()), name: short })
}

/// Takes a recording that was run again meanwhile.
pub fn poll(editor: &mut Editor) {
    let Some((_, later)) = &editor.panels.timeline.recording.opening else { return };
    let Some(answer) = later.answer() else { return };
    editor.panels.timeline.recording.opening = None;
    match answer {
        Ok(recording) => super::opened(editor, recording),
        Err(why) => editor.notices.error(why, "it may be of another version of this program"),
    }
}

/// Waits for a recording that is being opened.
pub fn wait(editor: &mut Editor) {
    let Some((_, later)) = editor.panels.timeline.recording.opening.take() else { return };
    if let Some(Ok(recording)) = later.wait() {
        super::opened(editor, recording);
    }
}
