//! What a run, a test or a comparison says, drawn over cards and wires.

use egui::{Align2, Color32, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use statewright_editor_core::scene::{Card, Scene, SceneWire};
use statewright_editor_core::wires::Side;

use super::cards::blend;
use super::overlay::{Mark, Overlay};
use super::pen::{Detail, Pen};
use crate::theme::Colours;

/// Whether a card steps back: it did not run, or no test reached it.
pub fn is_faded(overlay: &Overlay, card: &Card) -> bool {
    let not_run = overlay.visits.as_ref().is_some_and(|visits| card.is_executing && !visits.contains_key(&card.id));
    let not_covered = overlay.covered.as_ref().is_some_and(|(nodes, _)| card.is_executing && !nodes.contains(&card.id));
    (not_run || not_covered) && !card.ty.is_empty()
}

fn of_mark(mark: Mark, colours: &Colours) -> Color32 {
    match mark {
        Mark::Added => colours.added,
        Mark::Removed => colours.removed,
        Mark::Changed => colours.changed,
        Mark::Conflict => colours.error,
    }
}

/// The colour that a wire has by what is said of it.
pub fn of_wire(overlay: &Overlay, wire: &SceneWire, colours: &Colours) -> Option<Color32> {
    if let Some(mark) = overlay.wire_marks.get(&wire.wire) {
        return Some(of_mark(*mark, colours));
    }
    if overlay.went.contains(&wire.wire) {
        return Some(colours.run);
    }
    let (_, wires) = overlay.covered.as_ref()?;
    let covered = wires.contains(&wire.wire);
    wire.wire.is_flow().then(|| if covered { colours.added } else { blend(colours.removed, colours.page, 0.2) })
}

/// Draws what is said of a card.
pub fn of_card(pen: &Pen<'_>, overlay: &Overlay, card: &Card, rect: Rect) {
    let colours = pen.colours;
    let id = &card.id;
    let around = |colour: Color32, by: f32| {
        let stroke = Stroke::new(pen.width(3.0, 2.0), colour);
        pen.painter.rect_stroke(rect.expand(pen.width(by, 1.0)), pen.width(8.0, 1.0), stroke, StrokeKind::Outside);
    };
    if let Some((nodes, _)) = &overlay.covered
        && card.is_executing
        && !card.ty.is_empty()
    {
        let colour = if nodes.contains(id) { colours.added } else { colours.removed };
        let bar = Rect::from_min_max(
            rect.left_top() - vec2(pen.width(6.0, 2.0), 0.0),
            pos2(rect.left() - pen.width(2.0, 0.0), rect.bottom()),
        );
        pen.painter.rect_filled(bar, 2.0, colour);
    }
    if let Some(mark) = overlay.marks.get(id) {
        around(of_mark(*mark, colours), 1.0);
        let word = match mark {
            Mark::Added => "added",
            Mark::Removed => "removed",
            Mark::Changed => "changed",
            Mark::Conflict => "conflict",
        };
        pen.plate(
            rect.left_top() - vec2(0.0, pen.width(4.0, 1.0)),
            Align2::LEFT_BOTTOM,
            word,
            10.5,
            of_mark(*mark, colours),
            colours.card,
        );
    }
    if overlay.pointed.contains(id) {
        around(colours.accent, 3.0);
    }
    if overlay.paused_at.as_ref() == Some(id) {
        around(colours.run, 3.0);
        let at = rect.left_top() + vec2(-pen.width(14.0, 4.0), pen.width(15.0, 3.0));
        let size = pen.width(8.0, 4.0);
        let arrow = vec![at + vec2(-size, -size), at + vec2(size, 0.0), at + vec2(-size, size)];
        pen.painter.add(Shape::convex_polygon(arrow, colours.run, Stroke::new(1.0, colours.card)));
    }
    if let Some((_, message)) = overlay.failed.as_ref().filter(|(node, _)| node == id) {
        around(colours.error, 3.0);
        pen.plate(
            rect.center_bottom() + vec2(0.0, pen.width(6.0, 2.0)),
            Align2::CENTER_TOP,
            message,
            11.0,
            colours.error_text,
            colours.error_back,
        );
    }
    if let Some(breakpoint) = overlay.breakpoints.get(id) {
        let at = rect.left_top();
        let size = pen.width(7.0, 3.0);
        let fill = if breakpoint.is_enabled { colours.error } else { colours.card };
        pen.painter.circle(
            at,
            size,
            fill,
            Stroke::new(pen.width(2.0, 1.0), if breakpoint.is_enabled { colours.card } else { colours.error }),
        );
        if !breakpoint.condition.is_empty() {
            pen.text(at, Align2::CENTER_CENTER, "=", 10.0, colours.card, 99.0);
        }
    }
    if pen.detail() == Detail::Boxes {
        return;
    }
    if let Some(heat) = overlay.heat.get(id) {
        let hot = blend(colours.added, colours.error, heat.share.clamp(0.0, 1.0) as f32);
        pen.plate(
            rect.right_top() - vec2(0.0, pen.width(4.0, 1.0)),
            Align2::RIGHT_BOTTOM,
            &heat.text,
            10.5,
            hot,
            colours.card,
        );
    } else if let Some(count) = overlay.visits.as_ref().and_then(|visits| visits.get(id)).filter(|count| **count > 1) {
        pen.plate(
            rect.right_top() - vec2(0.0, pen.width(4.0, 1.0)),
            Align2::RIGHT_BOTTOM,
            &format!("{count}×"),
            10.5,
            colours.run_text,
            colours.run,
        );
    }
}

/// Last values beside the pins of a card.
pub fn values(pen: &Pen<'_>, overlay: &Overlay, card: &Card, rect: Rect) {
    if overlay.values.is_empty() || pen.detail() != Detail::Full {
        return;
    }
    for pin in
        card.pins.iter().filter(|pin| pin.id.side == Side::Output || (pin.id.side == Side::Input && pin.is_connected))
    {
        let Some(value) = overlay.values.get(&pin.id) else { continue };
        let y = rect.top() + pin.y as f32 * pen.zoom;
        let (x, align) = if pin.id.is_source() {
            (rect.right() + pen.width(10.0, 2.0), Align2::LEFT_BOTTOM)
        } else {
            (rect.left() - pen.width(10.0, 2.0), Align2::RIGHT_BOTTOM)
        };
        pen.plate(pos2(x, y - pen.width(2.0, 0.0)), align, value, 10.5, pen.colours.value, pen.colours.card);
    }
}

/// Values at pins of a scene's cards, for hovering.
pub fn value<'a>(overlay: &'a Overlay, scene: &Scene, pin: &statewright_editor_core::wires::PinId) -> Option<&'a str> {
    if let Some(value) = overlay.values.get(pin) {
        return Some(value);
    }
    // An input has what the output has that its wire begins at.
    let wire = scene.wires.iter().find(|wire| wire.wire.to == *pin)?;
    overlay.values.get(&wire.wire.from).map(String::as_str)
}
