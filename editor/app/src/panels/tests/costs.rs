//! What nodes cost in the session, the dearest first.

use egui::{RichText, Ui};

use super::{empty, heading};
use crate::editor::Editor;
use crate::panels::run::session::{cost_text, show_spot};

/// Nodes that are listed.
const LISTED: usize = 200;

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    heading(ui, "Costs of the session");
    let Some(session) = &editor.panels.run.session else {
        empty(ui, &colours, "What nodes cost is listed here once something ran.");
        return;
    };
    let document = session.document;
    let total = session.live.profile.total();
    if total.calls == 0 {
        empty(ui, &colours, "Nothing ran yet.");
        return;
    }
    ui.label(RichText::new(format!("all: {}", cost_text(&total))).color(colours.soft));
    let mut jump = None;
    for (graph, node, cost) in session.live.profile.dearest().into_iter().take(LISTED) {
        let share = cost.fuel as f64 * 100.0 / total.fuel.max(1) as f64;
        let text = format!("{share:.0} %  {node} of {graph}");
        if ui.link(RichText::new(text).monospace()).on_hover_text("show it").clicked() {
            jump = Some((graph.clone(), node.clone()));
        }
        ui.label(RichText::new(cost_text(&cost)).color(colours.soft).small());
    }
    if let Some(spot) = jump {
        show_spot(editor, document, &spot);
    }
}
