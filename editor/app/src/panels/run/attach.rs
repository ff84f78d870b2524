//! Attaching to another process.

use egui::{Grid, Modal, RichText, TextEdit, Ui};
use statewright_editor_core::run::breakpoints::Names;
use statewright_editor_core::run::live::Live;

use super::row;
use super::session::Session;
use crate::editor::Editor;

/// What is entered.
#[derive(Debug, Default)]
pub struct State {
    /// Whether it is asked for.
    pub is_open: bool,
    /// `IP:PORT`
    pub address: String,
    /// What the process printed.
    pub token: String,
}

/// Asks for address and token, above everything else.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    if !editor.panels.run.attach.is_open {
        return;
    }
    let colours = editor.colours;
    let state = &mut editor.panels.run.attach;
    let shown = Modal::new(egui::Id::new("attach")).show(ui.ctx(), |ui| {
        ui.set_width(520.0);
        ui.heading("Attach to a process");
        ui.add_space(6.0);
        ui.label("Start it with");
        ui.label(RichText::new("statewright run FILE --event EVENT --debug-listen 127.0.0.1:0").monospace());
        ui.label("and enter what it prints.");
        ui.add_space(6.0);
        Grid::new("attach").num_columns(2).spacing([10.0, 6.0]).show(ui, |ui| {
            row(ui, "Address", |ui| {
                ui.add(TextEdit::singleline(&mut state.address).hint_text("127.0.0.1:4000").desired_width(420.0))
            });
            row(ui, "Token", |ui| ui.add(TextEdit::singleline(&mut state.token).desired_width(420.0)));
        });
        ui.label(RichText::new("The graphs of the document that is open here are shown.").color(colours.soft));
        ui.add_space(10.0);
        ui.horizontal(|ui| {
            let is_given = !state.address.trim().is_empty();
            let attach = ui.add_enabled(is_given, egui::Button::new("Attach")).clicked();
            let cancel = ui.button("Cancel").clicked();
            (attach, cancel)
        })
        .inner
    });
    let (attach, cancel) = shown.inner;
    if attach || cancel || shown.should_close() {
        editor.panels.run.attach.is_open = false;
    }
    if attach {
        begin(editor);
    }
}

/// Attaches with what was entered.
fn begin(editor: &mut Editor) {
    let (wake, clock) = (editor.waker(), editor.host.clock);
    let Some((document, _)) = editor.active() else {
        editor.notices.error("there is no document to show what runs there", "open the document that runs there first");
        return;
    };
    let (id, revision) = (document.id, document.open.revision());
    let state = &editor.panels.run.attach;
    let names = Names::of(&document.open.source().document);
    let mut live = Live::attach(&state.address, &state.token, &document.open.source().document, clock, wake);
    let what = state.address.trim().to_owned();
    if let Some(kept) = editor.panels.run.kept.of(id) {
        live.stop_at(kept.at_nodes(&names).enabled());
        live.watch(&kept.watches);
    }
    Session::new(live, id, (revision, names), what).show(editor);
}
