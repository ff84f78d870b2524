//! Cards: header, pins, values, badges.

use egui::{Align2, Color32, CornerRadius, Pos2, Rect, Shadow, Shape, Stroke, StrokeKind, pos2, vec2};
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::scene::card::{HEADER, ROW, SIGN};
use statewright_editor_core::scene::{Card, Editor as FieldEditor, Pin};
use statewright_editor_core::wires::PinId;
use statewright_types::Severity;

use super::icons;
use super::marks;
use super::overlay::Overlay;
use super::pen::{Detail, Pen};

/// What a card looks like besides its content.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Whether it is selected.
    pub is_selected: bool,
    /// Whether the pointer is on it.
    pub is_hovered: bool,
    /// Where the keyboard is.
    pub focus: Option<&'a Focus>,
    /// The pin that the pointer is on.
    pub hovered_pin: Option<&'a PinId>,
    /// While a wire is drawn: whether a pin takes it.
    pub takes: Option<&'a dyn Fits>,
    /// What a run, test or comparison says.
    pub overlay: Option<&'a Overlay>,
}

/// Which pins take the wire that is being drawn.
pub trait Fits: std::fmt::Debug {
    /// Whether a pin does.
    fn takes(&self, pin: &Pin) -> bool;
}

/// Where a field is on its card, in points of the screen.
pub fn field_rect(pen: &Pen<'_>, card: &Card, at: Pos2, pin: &Pin) -> Option<Rect> {
    let field = pin.field.as_ref().filter(|field| field.editor != FieldEditor::None)?;
    let label = pen.galley(&pin.label, 11.5, Color32::WHITE, f32::INFINITY).size().x;
    let left = at.x + label + pen.width(17.0, 0.0);
    let least = if field.editor == FieldEditor::Switch { 30.0 } else { 40.0 };
    let wanted = field.text.chars().count().min(28) as f32 * 6.4 + 16.0;
    let sign = if field.kind.is_some() { SIGN as f32 } else { 0.0 };
    let width = pen.width(wanted.clamp(least, 132.0) + sign, 0.0);
    let row = pin.y;
    let beside = card.pins.iter().find(|other| other.id.is_source() && (other.y - row).abs() < 1.0);
    let taken = beside.map_or(0.0, |other| {
        pen.galley(&other.label, 11.5, Color32::WHITE, f32::INFINITY).size().x + pen.width(20.0, 0.0)
    });
    let right = (at.x + pen.width(card.rect.width as f32 - 8.0, 0.0) - taken).min(left + width);
    let height = pen.width(ROW as f32 - 5.0, 0.0);
    (right > left + 6.0).then(|| Rect::from_min_max(pos2(left, at.y - height / 2.0), pos2(right, at.y + height / 2.0)))
}

/// Draws a card whose rectangle on the screen is `rect`.
pub fn draw(pen: &Pen<'_>, card: &Card, rect: Rect, look: &Look<'_>) {
    let header = pen.colours.category(card.category);
    let faded = look.overlay.is_some_and(|overlay| marks::is_faded(overlay, card));
    let colours = pen.colours;
    let radius = CornerRadius::same((7.0 * pen.zoom).clamp(1.0, 20.0) as u8);
    if !colours.is_high_contrast && pen.detail() == Detail::Full {
        shadow(pen, rect, radius);
    }
    pen.painter.rect_filled(rect, radius, colours.card);
    let mut head = rect;
    head.set_height(HEADER as f32 * pen.zoom);
    let top = CornerRadius { sw: 0, se: 0, ..radius };
    let header = if faded { blend(header, colours.card, 0.55) } else { header };
    pen.painter.rect_filled(head, top, header);
    titles(pen, card, head);
    outline(pen, card, rect, radius, look);
    for pin in &card.pins {
        pin_row(pen, card, rect, pin, look);
    }
    if pen.detail() == Detail::Full
        && let Some(comment) = &card.comment
    {
        bubble(pen, rect, comment);
    }
    if let Some(overlay) = look.overlay {
        marks::of_card(pen, overlay, card, rect);
    }
}

/// Cards from afar: boxes, all in one mesh.
pub fn boxes<'c>(pen: &Pen<'_>, cards: impl Iterator<Item = (&'c Card, Rect, bool)>, overlay: Option<&Overlay>) {
    let mut mesh = egui::Mesh::default();
    let mut marked = Vec::new();
    for (card, rect, is_selected) in cards {
        let fill = match card.severity {
            Some(Severity::Error) => pen.colours.error,
            _ => pen.colours.category(card.category),
        };
        if is_selected {
            mesh.add_colored_rect(rect.expand(2.0), pen.colours.accent);
        }
        mesh.add_colored_rect(rect, fill);
        marked.push((card, rect));
    }
    pen.painter.add(mesh);
    if let Some(overlay) = overlay {
        for (card, rect) in marked {
            marks::of_card(pen, overlay, card, rect);
        }
    }
}

fn shadow(pen: &Pen<'_>, rect: Rect, radius: CornerRadius) {
    let strength = if pen.colours.is_dark { 110 } else { 38 };
    let shadow = Shadow {
        offset: [0, (3.0 * pen.zoom).min(8.0) as i8],
        blur: (10.0 * pen.zoom).min(24.0) as u8,
        spread: 0,
        color: Color32::from_black_alpha(strength),
    };
    pen.painter.add(shadow.as_shape(rect, radius));
}

fn titles(pen: &Pen<'_>, card: &Card, head: Rect) {
    let icon = pen.width(15.0, 0.0);
    let pad = pen.width(9.0, 0.0);
    let origin = pos2(head.left() + pad, head.center().y - icon / 2.0);
    let stroke = Stroke::new(pen.width(1.4, 0.8), Color32::WHITE);
    pen.lines(icons::category(card.category), origin, icon / 16.0, stroke, None);
    let left = origin.x + icon + pen.width(7.0, 0.0);
    let right = head.right() - pad - if card.severity.is_some() { pen.width(18.0, 0.0) } else { 0.0 };
    let title =
        pen.text(pos2(left, head.center().y), Align2::LEFT_CENTER, &card.title, 13.0, Color32::WHITE, right - left);
    let id = if card.ty.is_empty() { "start" } else { &*card.id };
    let room = right - title.right() - pen.width(10.0, 0.0);
    if pen.detail() == Detail::Full && room > pen.width(14.0, 0.0) {
        let soft = Color32::from_white_alpha(215);
        pen.text(pos2(right, head.center().y + pen.width(0.5, 0.0)), Align2::RIGHT_CENTER, id, 11.0, soft, room);
    }
    if let Some(severity) = card.severity {
        let at = pos2(head.right() - pen.width(15.0, 0.0), head.center().y);
        badge(pen, at, severity == Severity::Error, 7.5);
    }
}

/// Where the badge of a card is.
pub fn badge_rect(pen: &Pen<'_>, rect: Rect) -> Rect {
    let at = pos2(rect.right() - pen.width(15.0, 0.0), rect.top() + pen.width(HEADER as f32 / 2.0, 0.0));
    Rect::from_center_size(at, vec2(1.0, 1.0) * pen.width(19.0, 0.0))
}

/// A mark that something is wrong: a disc with `!` for errors, a triangle for warnings.
pub fn badge(pen: &Pen<'_>, at: Pos2, is_error: bool, units: f32) {
    let size = pen.width(units, 2.5);
    let colours = pen.colours;
    if is_error {
        pen.painter.circle(at, size, colours.error, Stroke::new(pen.width(1.4, 0.6), Color32::WHITE));
        pen.text(
            at,
            Align2::CENTER_CENTER,
            "!",
            units * 1.6,
            if colours.is_dark { Color32::BLACK } else { Color32::WHITE },
            99.0,
        );
    } else {
        let points =
            vec![at + vec2(0.0, -size), at + vec2(size * 1.1, size * 0.85), at + vec2(-size * 1.1, size * 0.85)];
        let edge = Stroke::new(pen.width(1.2, 0.6), Color32::WHITE);
        pen.painter.add(Shape::convex_polygon(points, colours.warning, edge));
        let front = if colours.is_dark { Color32::BLACK } else { Color32::WHITE };
        pen.text(at + vec2(0.0, size * 0.18), Align2::CENTER_CENTER, "!", units * 1.35, front, 99.0);
    }
}

fn outline(pen: &Pen<'_>, card: &Card, rect: Rect, radius: CornerRadius, look: &Look<'_>) {
    let colours = pen.colours;
    let edge = match card.severity {
        _ if look.is_hovered && !look.is_selected => colours.soft,
        Some(Severity::Error) => colours.error,
        _ => colours.edge,
    };
    pen.painter.rect_stroke(rect, radius, Stroke::new(1.0, edge), StrokeKind::Inside);
    if look.is_selected {
        let stroke = Stroke::new(pen.width(2.2, 1.6), colours.accent);
        pen.painter.rect_stroke(rect, radius, stroke, StrokeKind::Outside);
    }
    if matches!(look.focus, Some(Focus::Node(id)) if *id == card.id) {
        ring(pen, rect.expand(pen.width(4.0, 3.0)));
    }
}

/// The mark of the keyboard: dashed, so that it is no selection.
pub fn ring(pen: &Pen<'_>, rect: Rect) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    let stroke = Stroke::new(pen.width(2.0, 1.6), pen.colours.accent);
    pen.painter.extend(Shape::dashed_line(&corners, stroke, 6.0, 4.0));
}

fn bubble(pen: &Pen<'_>, rect: Rect, comment: &str) {
    let line = comment.lines().next().unwrap_or("");
    let galley = pen.galley(line, 11.5, pen.colours.note_text, rect.width() - pen.width(16.0, 0.0));
    let pad = vec2(7.0, 4.0) * pen.zoom;
    let size = galley.size() + pad * 2.0;
    let at = pos2(rect.left(), rect.top() - size.y - pen.width(7.0, 0.0));
    let body = Rect::from_min_size(at, size);
    let round = pen.width(5.0, 1.0);
    pen.painter.rect_filled(body, round, pen.colours.note);
    let foot = pos2(body.left() + pen.width(16.0, 0.0), body.bottom());
    let wide = pen.width(5.0, 1.0);
    let tip = vec![foot + vec2(-wide, -0.5), foot + vec2(wide, -0.5), foot + vec2(0.0, wide * 1.2)];
    pen.painter.add(Shape::convex_polygon(tip, pen.colours.note, Stroke::NONE));
    pen.painter.galley(at + pad, galley, pen.colours.note_text);
}

fn pin_row(pen: &Pen<'_>, card: &Card, rect: Rect, pin: &Pin, look: &Look<'_>) {
    let x = if pin.id.is_source() { rect.right() } else { rect.left() };
    let at = pos2(x, rect.top() + pin.y as f32 * pen.zoom);
    let takes = look.takes.map(|takes| takes.takes(pin));
    pin_glyph(pen, at, pin, takes);
    let is_focused = matches!(look.focus, Some(Focus::Pin(id)) if *id == pin.id);
    if look.hovered_pin == Some(&pin.id) || takes == Some(true) {
        pen.painter.circle_stroke(at, pen.width(8.5, 3.0), Stroke::new(pen.width(1.6, 1.0), pen.colours.accent));
    }
    if is_focused {
        ring(pen, Rect::from_center_size(at, vec2(1.0, 1.0) * pen.width(20.0, 9.0)));
    }
    if pen.detail() != Detail::Full {
        return;
    }
    let colour = if takes == Some(false) { blend(pen.colours.soft, pen.colours.card, 0.5) } else { pen.colours.text };
    let gap = pen.width(11.0, 0.0);
    let half = rect.width() * 0.62;
    if pin.id.is_source() {
        pen.text(at - vec2(gap, 0.0), Align2::RIGHT_CENTER, &pin.label, 11.5, colour, half);
    } else {
        let label = pen.text(at + vec2(gap, 0.0), Align2::LEFT_CENTER, &pin.label, 11.5, colour, half);
        if pin.is_required && !pin.is_connected && pin.field.as_ref().is_none_or(|field| field.text.is_empty()) {
            pen.painter.circle_filled(
                label.right_top() + vec2(2.5, 3.0) * pen.zoom,
                pen.width(1.7, 0.5),
                pen.colours.warning,
            );
        }
        field(pen, card, at, pin);
    }
    if let Some(worst) = pin.badges.iter().max_by_key(|badge| badge.is_error) {
        badge(pen, pin_badge(pen, at, pin.id.is_source()), worst.is_error, 5.5);
    }
}

/// Where the badge of a pin is.
pub fn pin_badge(pen: &Pen<'_>, at: Pos2, is_source: bool) -> Pos2 {
    at + vec2(if is_source { 14.0 } else { -14.0 }, 0.0) * pen.zoom
}

/// The value at a pin, as it is read; [`super::fields`] edits it.
fn field(pen: &Pen<'_>, card: &Card, at: Pos2, pin: &Pin) {
    let Some(rect) = field_rect(pen, card, at, pin) else { return };
    let Some(field) = &pin.field else { return };
    let colours = pen.colours;
    if field.editor == FieldEditor::Switch && ["true", "false", ""].contains(&&*field.text) {
        switch(pen, rect, field.text == "true");
        return;
    }
    let edge = if pin.badges.iter().any(|badge| badge.is_error) { colours.error } else { colours.edge };
    let is_chip = matches!(field.editor, FieldEditor::Reference | FieldEditor::Template);
    let round = if is_chip { rect.height() / 2.0 } else { pen.width(4.0, 1.0) };
    pen.painter.rect(rect, round, colours.field, Stroke::new(1.0, edge), StrokeKind::Inside);
    let soft = field.is_default || is_chip;
    let text = match (&field.editor, field.text.as_str()) {
        (FieldEditor::List | FieldEditor::Map, text) => {
            if text.is_empty() {
                "+ add"
            } else {
                text
            }
        }
        (FieldEditor::Choice(_) | FieldEditor::Any | FieldEditor::Reference, "") => "…",
        (_, text) => text,
    };
    let mut pad = pen.width(6.0, 0.0);
    if let Some(kind) = field.kind {
        // What is read from the state has the colour and shape of its type.
        let at = rect.left_center() + vec2(pad + pen.width(4.0, 0.0), 0.0);
        let (lines, width) = icons::pin(kind);
        let colour = colours.kind(kind);
        let stroke = Stroke::new(pen.width(width * 0.8, 0.8), colour);
        pen.lines(lines, at, pen.zoom * 0.8, stroke, Some(colour));
        pad += pen.width(SIGN as f32, 0.0);
        let room = rect.right() - rect.left() - pad - pen.width(6.0, 0.0);
        pen.text(rect.left_center() + vec2(pad, 0.0), Align2::LEFT_CENTER, text, 11.0, colours.text, room);
        return;
    }
    let colour = if soft { colours.soft } else { colours.text };
    pen.text(rect.left_center() + vec2(pad, 0.0), Align2::LEFT_CENTER, text, 11.0, colour, rect.width() - 2.0 * pad);
}

fn switch(pen: &Pen<'_>, rect: Rect, is_on: bool) {
    let colours = pen.colours;
    let height = pen.width(14.0, 4.0);
    let track = Rect::from_min_size(pos2(rect.left(), rect.center().y - height / 2.0), vec2(height * 1.85, height));
    let fill = if is_on { colours.accent } else { colours.field };
    pen.painter.rect(track, height / 2.0, fill, Stroke::new(1.0, colours.soft), StrokeKind::Inside);
    let x = if is_on { track.right() - height / 2.0 } else { track.left() + height / 2.0 };
    let knob = if is_on { colours.card } else { colours.soft };
    pen.painter.circle_filled(pos2(x, track.center().y), height * 0.33, knob);
}

/// The pin itself: an arrow for flow, the shape of its kind for data; hollow without a wire.
fn pin_glyph(pen: &Pen<'_>, at: Pos2, pin: &Pin, takes: Option<bool>) {
    let colours = pen.colours;
    let fade = |colour: Color32| if takes == Some(false) { blend(colour, colours.card, 0.65) } else { colour };
    if pin.id.is_flow() {
        let colour = fade(colours.flow);
        let size = pen.width(5.2, 2.0);
        let points = vec![
            at + vec2(-size, -size),
            at + vec2(size * 0.2, -size),
            at + vec2(size * 1.15, 0.0),
            at + vec2(size * 0.2, size),
            at + vec2(-size, size),
        ];
        let fill = if pin.is_connected { colour } else { colours.card };
        pen.painter.add(Shape::convex_polygon(points, fill, pen.stroke(1.6, colour)));
        return;
    }
    let colour = fade(colours.kind(pin.kind));
    if pen.detail() == Detail::Titles {
        pen.painter.circle_filled(at, pen.width(4.5, 1.5), colour);
        return;
    }
    // What is behind the pin does not shine through the hollow ones, nor through lines.
    pen.painter.circle_filled(at, pen.width(6.4, 2.5), colours.card);
    let (lines, width) = icons::pin(pin.kind);
    let fill = if pin.is_connected { colour } else { colours.card };
    pen.lines(lines, at, pen.zoom, Stroke::new(pen.width(width, 1.0), colour), Some(fill));
    if pin.is_lambda {
        let ring: Vec<Pos2> = (0..=24)
            .map(|part| at + egui::Vec2::angled(part as f32 * std::f32::consts::TAU / 24.0) * pen.width(8.5, 4.0))
            .collect();
        pen.painter.extend(Shape::dashed_line(
            &ring,
            Stroke::new(pen.width(1.2, 0.8), colour),
            pen.width(2.6, 1.0),
            pen.width(2.0, 1.0),
        ));
    }
}

/// A colour between two: 0 is the first.
pub fn blend(a: Color32, b: Color32, part: f32) -> Color32 {
    a.lerp_to_gamma(b, part)
}
