//! What is behind cards: the grid, frames, notes.

use egui::{Align2, Color32, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};
use statewright_editor_core::meta::{Frame, Note};
use statewright_editor_core::scene::pick::TITLE;

use super::cards::blend;
use super::pen::{Detail, Pen};
use crate::theme::{on, parse};

/// Lines closer than this are not drawn.
const CLOSEST: f64 = 9.0;

/// Lines of a grid of so many units; every fifth is stronger, and they fade with the zoom.
pub fn grid(pen: &Pen<'_>, step: f64) {
    let mut step = step.clamp(4.0, 100.0);
    // At most five times: the least zoom is known.
    for _ in 0..5 {
        if step * pen.camera.zoom < CLOSEST {
            step *= 5.0;
        }
    }
    let apart = step * pen.camera.zoom;
    let strength = ((apart - CLOSEST) / (4.0 * CLOSEST)).clamp(0.25, 1.0) as f32;
    let thin = blend(pen.colours.page, pen.colours.grid, strength);
    let seen = pen.camera.seen(pen.view);
    let lines = |from: f64, to: f64| {
        let first = (from / step).ceil() as i64;
        let last = (to / step).floor() as i64;
        (first..=last.min(first.saturating_add(2_000))).map(move |index| (index as f64 * step, index % 5 == 0))
    };
    for (x, is_strong) in lines(seen.x, seen.right()) {
        let at = pen.at((x, 0.0)).x;
        pen.painter.vline(at, pen.view.y_range(), Stroke::new(1.0, if is_strong { pen.colours.grid } else { thin }));
    }
    for (y, is_strong) in lines(seen.y, seen.bottom()) {
        let at = pen.at((0.0, y)).y;
        pen.painter.hline(pen.view.x_range(), at, Stroke::new(1.0, if is_strong { pen.colours.grid } else { thin }));
    }
}

/// The colour of a frame.
pub fn frame_colour(pen: &Pen<'_>, frame: &Frame) -> Color32 {
    frame.colour.as_deref().filter(|colour| colour.starts_with('#')).map_or(pen.colours.frame, parse)
}

/// A frame at a rectangle of the screen.
pub fn frame(pen: &Pen<'_>, frame: &Frame, rect: Rect, is_selected: bool) {
    let colour = frame_colour(pen, frame);
    let colours = pen.colours;
    let fill = blend(colours.page, colour, if colours.is_dark { 0.22 } else { 0.16 });
    let round = pen.width(8.0, 1.0);
    pen.painter.rect_filled(rect, round, fill.gamma_multiply(0.8));
    let title = Rect::from_min_size(rect.min, vec2(rect.width(), pen.width(TITLE as f32, 0.0).min(rect.height())));
    let head = blend(colours.page, colour, 0.45);
    pen.painter.rect_filled(title, round, head);
    let (width, edge) = if is_selected { (2.2, colours.accent) } else { (1.2, blend(colour, colours.page, 0.2)) };
    pen.painter.rect_stroke(rect, round, Stroke::new(pen.width(width, 1.0), edge), StrokeKind::Inside);
    let at = title.left_center() + vec2(pen.width(10.0, 1.0), 0.0);
    // Titles of frames stay readable far out: they are how one finds the way.
    let units = if pen.detail() == Detail::Full {
        13.0
    } else {
        (13.0 / pen.zoom).min(60.0).min(rect.height() / pen.zoom / 3.0)
    };
    let (at, align) = if pen.detail() == Detail::Full {
        (at, Align2::LEFT_CENTER)
    } else {
        (rect.min + vec2(4.0, 2.0), Align2::LEFT_TOP)
    };
    // An author may choose any colour.
    let front = on(if pen.detail() == Detail::Full { head } else { fill });
    pen.text(at, align, &frame.title, units, front, rect.width() - pen.width(20.0, 2.0));
    corner(pen, rect.max, colours.soft);
}

/// A note at a rectangle of the screen.
pub fn note(pen: &Pen<'_>, note: &Note, rect: Rect, is_selected: bool) {
    let colours = pen.colours;
    let round = pen.width(5.0, 1.0);
    let (width, edge) =
        if is_selected { (2.2, colours.accent) } else { (1.0, blend(colours.note_text, colours.note, 0.6)) };
    pen.painter.rect(rect, round, colours.note, Stroke::new(pen.width(width, 1.0), edge), StrokeKind::Inside);
    if pen.detail() != Detail::Boxes {
        pen.paragraph(rect.shrink(pen.width(9.0, 1.0)), &note.text, 12.5, colours.note_text);
    }
    corner(pen, rect.max, colours.note_text);
}

/// The corner by which a frame or note is made larger.
fn corner(pen: &Pen<'_>, at: Pos2, colour: Color32) {
    if pen.detail() != Detail::Full {
        return;
    }
    let stroke = Stroke::new(1.0, blend(colour, Color32::TRANSPARENT, 0.3));
    for by in [4.0, 8.0] {
        let by = pen.width(by, 0.0) + 2.0;
        pen.painter.line_segment([pos2(at.x - by, at.y - 3.0), pos2(at.x - 3.0, at.y - by)], stroke);
    }
}
