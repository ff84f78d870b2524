//! A graph that is only looked at: one side of a comparison. Nothing of it is selected, dragged or edited.

use egui::CornerRadius;
use statewright_editor_core::scene::Scene;

use super::overlay::{Mark, Overlay};
use super::pen::{Detail, Pen};
use super::{cards, ground, marks, wires};

/// Draws what is seen of a scene. What is marked as removed is drawn as a ghost, if it is beside what took its place.
pub fn draw(pen: &Pen<'_>, scene: &Scene, overlay: &Overlay, has_ghosts: bool) {
    let seen = scene.in_view(&pen.camera.seen(pen.view));
    for frame in &seen.frames {
        ground::frame(pen, frame, pen.rect(&frame.rect), false);
    }
    for note in &seen.notes {
        ground::note(pen, note, pen.rect(&note.rect), false);
    }
    if pen.detail() == Detail::Boxes {
        wires::straights(pen, seen.wires.iter().map(|wire| (*wire, false)), Some(overlay));
        let all = seen.cards.iter().map(|card| (*card, pen.rect(&card.rect), false));
        cards::boxes(pen, all, Some(overlay));
        return;
    }
    for wire in &seen.wires {
        let look = wires::Look { overlay: Some(overlay), ..wires::Look::default() };
        wires::draw(pen, wire, &wire.route, &wire.points, look);
    }
    for card in &seen.cards {
        let look = cards::Look {
            is_selected: false,
            is_hovered: false,
            focus: None,
            hovered_pin: None,
            takes: None,
            overlay: Some(overlay),
        };
        let rect = pen.rect(&card.rect);
        cards::draw(pen, card, rect, &look);
        if has_ghosts && overlay.marks.get(&card.id) == Some(&Mark::Removed) {
            let round = CornerRadius::same((7.0 * pen.zoom).clamp(1.0, 20.0) as u8);
            pen.painter.rect_filled(rect, round, pen.colours.page.gamma_multiply(0.62));
            marks::of_card(pen, overlay, card, rect);
        }
    }
}
