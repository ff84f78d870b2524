//! The whole graph, small, at the lower right corner; dragging in it moves the view.

use egui::accesskit::Role;
use egui::{Mesh, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use statewright_editor_core::meta;

use super::Here;
use super::cards::blend;
use crate::editor::Editor;

/// Size on the screen at most.
const SIZE: egui::Vec2 = vec2(210.0, 140.0);
const MARGIN: f32 = 14.0;
/// Cards are drawn this large at least.
const LEAST: f32 = 2.0;
/// About how many cards are drawn at most.
const MOST: usize = 1_500;

/// Where it is; `None` while it is off, or nothing needs it.
pub fn rect(editor: &Editor, here: &Here) -> Option<Rect> {
    if !editor.settings.minimap || here.scene.cards.len() < 2 || here.view.width() < 3.0 * SIZE.x {
        return None;
    }
    let bounds = bounds(here)?;
    let scale = scale(&bounds);
    let size = vec2(bounds.width as f32, bounds.height as f32) * scale;
    let corner = here.view.right_bottom() - vec2(MARGIN, MARGIN);
    Some(Rect::from_min_max(corner - size.max(vec2(60.0, 40.0)), corner))
}

fn bounds(here: &Here) -> Option<meta::Rect> {
    here.scene.bounds().map(|bounds| bounds.grown(80.0))
}

fn scale(bounds: &meta::Rect) -> f32 {
    (SIZE.x / bounds.width.max(1.0) as f32).min(SIZE.y / bounds.height.max(1.0) as f32).min(0.2)
}

/// Moves the view to a place of the minimap.
pub fn go(editor: &Editor, here: &mut Here, at: Pos2) {
    let (Some(map), Some(bounds)) = (rect(editor, here), bounds(here)) else { return };
    let by = (at - map.min) / scale(&bounds);
    here.camera.centre = (bounds.x + f64::from(by.x), bounds.y + f64::from(by.y));
}

/// Draws it.
pub fn show(editor: &Editor, ui: &Ui, here: &Here, map: Option<Rect>) {
    let (Some(map), Some(bounds)) = (map, bounds(here)) else { return };
    let colours = &editor.colours;
    let scale = scale(&bounds);
    let painter = ui.painter_at(map.expand(1.0));
    painter.rect(map, 5.0, colours.card.gamma_multiply(0.92), Stroke::new(1.0, colours.edge), StrokeKind::Inside);
    let place = |rect: &meta::Rect| {
        let min = map.min + vec2((rect.x - bounds.x) as f32, (rect.y - bounds.y) as f32) * scale;
        Rect::from_min_size(min, (vec2(rect.width as f32, rect.height as f32) * scale).max(vec2(LEAST, LEAST)))
    };
    for frame in &here.scene.frames {
        painter.rect_filled(place(&frame.rect), 1.0, blend(colours.card, colours.frame, 0.4));
    }
    // So many that they lie upon each other are drawn as one of a few; all in one mesh, which costs little.
    let mut mesh = Mesh::default();
    let every = (here.scene.cards.len() / MOST).max(1);
    for card in here.scene.cards.iter().step_by(every) {
        let colour = match card.severity {
            Some(statewright_types::Severity::Error) => colours.error,
            _ => colours.category(card.category),
        };
        mesh.add_colored_rect(place(&card.rect), colour);
    }
    painter.add(mesh);
    for bookmark in &here.scene.bookmarks {
        let foot = place(&meta::Rect::new(bookmark.at.0, bookmark.at.1, 0.0, 0.0)).min;
        super::marks::pennant(&painter, foot, 7.0, colours.accent, colours.card);
    }
    let seen = place(&here.camera.seen(here.view)).intersect(map);
    if seen.is_positive() {
        painter.rect(
            seen,
            2.0,
            colours.accent.gamma_multiply(0.12),
            Stroke::new(1.5, colours.accent),
            StrokeKind::Inside,
        );
    }
    let zoom = format!("{} %", (here.camera.zoom * 100.0).round());
    let at = pos2(map.left(), map.top() - 4.0);
    let font = egui::FontId::proportional(11.0);
    ui.painter_at(here.view).text(at, egui::Align2::LEFT_BOTTOM, zoom, font, colours.soft);
    ui.ctx().accesskit_node_builder(super::id().with("minimap"), |node| {
        node.set_role(Role::Image);
        node.set_label("Minimap");
        node.set_bounds(super::access::bounds(map));
    });
}
