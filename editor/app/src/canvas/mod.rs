//! The canvas: one graph, drawn and edited.
//!
//! - [`camera`]: which part is seen; [`overlay`]: what is drawn over the graph by whoever runs, tests or compares it

pub mod camera;
pub mod overlay;

use egui::{Align2, CornerRadius, FontId, Id, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use statewright_editor_core::scene::card::HEADER;

use crate::editor::Editor;

/// The canvas's id, for focus.
pub fn id() -> Id {
    Id::new("canvas")
}

/// What the canvas remembers of a gesture.
#[derive(Debug, Default)]
pub struct State {}

/// Selects a node of the active tab's graph, and brings it into view.
pub fn go_to(editor: &mut Editor, node: &std::sync::Arc<str>) {
    let Some((document, at)) = editor.active_mut() else { return };
    document.open.select(statewright_editor_core::selection::Selection::of_nodes(at, [node.clone()]));
}

/// Draws the graph of the active tab.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let (view, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let response = ui.interact(view, id(), Sense::click_and_drag());
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    let painter = ui.painter_at(view);
    painter.rect_filled(view, 0.0, colours.page);
    let Some((document, at)) = editor.active_mut() else { return };
    let (Some(name), Some(scene)) = (document.graph_name(at), document.scene(at)) else { return };
    let state = document.view(&name);
    if !state.is_placed
        && let Some(bounds) = scene.bounds()
    {
        state.camera.fit(view, &bounds);
        state.is_placed = true;
    }
    if response.dragged() {
        state.camera.pan(response.drag_delta());
    }
    let camera = state.camera;
    let zoom = camera.zoom as f32;
    let seen = scene.in_view(&camera.seen(view));
    for wire in &seen.wires {
        let points: Vec<_> = wire.route.line().into_iter().map(|point| camera.to_screen(view, point)).collect();
        let colour = if wire.wire.is_flow() { colours.flow } else { colours.kind(wire.kind) };
        painter.line(points, Stroke::new(if wire.wire.is_flow() { 2.5 } else { 1.6 } * zoom.max(0.5), colour));
    }
    for card in &seen.cards {
        let rect = camera.rect_to_screen(view, &card.rect);
        painter.rect(rect, CornerRadius::same(6), colours.card, Stroke::new(1.0, colours.edge), StrokeKind::Inside);
        let mut header = rect;
        header.set_height(HEADER as f32 * zoom);
        painter.rect_filled(header, CornerRadius::same(6), colours.category(card.category));
        let at = header.left_center() + vec2(8.0 * zoom, 0.0);
        painter.text(at, Align2::LEFT_CENTER, &card.title, FontId::proportional(13.0 * zoom), egui::Color32::WHITE);
        for pin in &card.pins {
            let at = camera.to_screen(view, card.place_of(pin));
            painter.circle_filled(at, 4.0 * zoom, colours.kind(pin.kind));
            let (align, by) =
                if pin.id.is_source() { (Align2::RIGHT_CENTER, -9.0) } else { (Align2::LEFT_CENTER, 9.0) };
            let font = FontId::proportional(11.5 * zoom);
            painter.text(pos2(at.x + by * zoom, at.y), align, &pin.label, font, colours.text);
        }
    }
}
