//! What a run, a test or a comparison says, drawn over cards and wires.

use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use statewright_editor_core::meta::Bookmark;
use statewright_editor_core::scene::{Card, Route, Scene, SceneWire};
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
            colours.value,
        );
    }
}

/// Last values beside the outputs of a card; those of inputs stand on their wires.
pub fn values(pen: &Pen<'_>, overlay: &Overlay, card: &Card, rect: Rect) {
    if overlay.values.is_empty() || pen.detail() != Detail::Full {
        return;
    }
    for pin in card.pins.iter().filter(|pin| pin.id.side == Side::Output) {
        let Some(value) = overlay.values.get(&pin.id) else { continue };
        let y = rect.top() + pin.y as f32 * pen.zoom;
        let at = pos2(rect.right() + pen.width(10.0, 2.0), y - pen.width(2.0, 0.0));
        pen.plate(at, Align2::LEFT_BOTTOM, value, 10.5, pen.colours.run_text, pen.colours.value);
    }
}

/// The last value that went along a data wire: what came to its end, or what its beginning had if it goes there as it is.
pub fn wire_value<'a>(overlay: &'a Overlay, wire: &SceneWire) -> Option<&'a str> {
    if wire.wire.is_flow() {
        return None;
    }
    let begin = || overlay.values.get(&wire.wire.from).filter(|_| wire.label.is_empty());
    overlay.values.get(&wire.wire.to).or_else(begin).map(String::as_str)
}

/// A chip with the last value on a wire: where there is room for it, and always where the pointer is.
pub fn on_wire(pen: &Pen<'_>, overlay: &Overlay, wire: &SceneWire, route: &Route, is_pointed: bool) {
    if overlay.values.is_empty() || pen.detail() != Detail::Full {
        return;
    }
    let Some(value) = wire_value(overlay, wire) else { return };
    let (Some(first), Some(last)) = (route.pieces.first(), route.pieces.last()) else { return };
    let (begin, end) = (pen.at(first[0]), pen.at(last[3]));
    let letters = value.chars().count().min(26) as f32;
    // The value at the output has its place at the beginning.
    let needed = pen.width(letters * 13.0 + 60.0, 0.0);
    if !is_pointed && (end - begin).length() < needed {
        return;
    }
    let below = if wire.label.is_empty() { 0.0 } else { pen.width(20.0, 0.0) };
    let at = pen.at(route.middle()) + vec2(0.0, below);
    let (front, back) =
        if is_pointed { (pen.colours.value, pen.colours.run_text) } else { (pen.colours.run_text, pen.colours.value) };
    pen.plate(at, Align2::CENTER_CENTER, value, 10.5, front, back);
}

/// A pennant on a pole whose foot is at a place.
pub fn pennant(painter: &Painter, foot: Pos2, high: f32, colour: Color32, edge: Color32) {
    let top = foot - vec2(0.0, high);
    painter.line_segment([foot, top], Stroke::new((high / 9.0).max(1.0), colour));
    let cloth = vec![top, top + vec2(high * 0.62, high * 0.24), top + vec2(0.0, high * 0.5)];
    painter.add(Shape::convex_polygon(cloth, colour, Stroke::new(0.5, edge)));
}

/// Height of a bookmark's pole, in points of the screen at any zoom: bookmarks are for finding the way.
const POLE: f32 = 24.0;

/// Where the flag of a bookmark is.
pub fn flag_rect(pen: &Pen<'_>, bookmark: &Bookmark) -> Rect {
    let foot = pen.at(bookmark.at);
    let name = flag_name(pen, bookmark).size().x;
    Rect::from_min_max(foot - vec2(3.0, POLE + 2.0), foot + vec2(POLE * 0.62 + name + 14.0, 1.0))
}

fn flag_name(pen: &Pen<'_>, bookmark: &Bookmark) -> std::sync::Arc<egui::Galley> {
    let font = egui::FontId::proportional(11.5);
    let name: String = bookmark.name.chars().take(30).collect();
    pen.painter.layout_no_wrap(name, font, pen.colours.text)
}

/// Draws a bookmark: a flag with its name.
pub fn flag(pen: &Pen<'_>, bookmark: &Bookmark, is_pointed: bool) {
    let colours = pen.colours;
    let foot = pen.at(bookmark.at);
    let name = flag_name(pen, bookmark);
    let left = foot + vec2(POLE * 0.62 + 4.0, -POLE);
    let plate = Rect::from_min_size(left, name.size() + vec2(8.0, 2.0));
    let edge = if is_pointed { colours.accent } else { colours.edge };
    pen.painter.rect(plate, 3.0, colours.card, Stroke::new(1.0, edge), StrokeKind::Inside);
    pen.painter.galley(left + vec2(4.0, 1.0), name, colours.text);
    pennant(&pen.painter, foot, POLE, colours.accent, colours.card);
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
