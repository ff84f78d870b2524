//! Wires: curves with heads for the flow, labels, and marks where types do not go together.

use egui::epaint::CubicBezierShape;
use egui::{Align2, Color32, Pos2, Shape, Stroke, vec2};
use statewright_editor_core::paths::Fit;
use statewright_editor_core::scene::{Point, Route, SceneWire};

use super::cards::blend;
use super::marks;
use super::overlay::Overlay;
use super::pen::{Detail, Pen};

/// What a wire looks like besides its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// Whether it is selected.
    pub is_selected: bool,
    /// Whether the pointer or the keyboard is on it.
    pub is_pointed: bool,
    /// Whether another one is what counts.
    pub is_dimmed: bool,
    /// What a run, test or comparison says.
    pub overlay: Option<&'a Overlay>,
}

/// How much of a wire's colour goes where another one is what counts.
const DIMMED: f32 = 0.6;

/// Draws a wire that goes by `route`.
pub fn draw(pen: &Pen<'_>, wire: &SceneWire, route: &Route, points: &[Point], look: Look<'_>) {
    let colours = pen.colours;
    let is_flow = wire.wire.is_flow();
    let mark = look.overlay.and_then(|overlay| marks::of_wire(overlay, wire, colours));
    let plain = if is_flow { colours.flow } else { colours.kind(wire.kind) };
    let colour = match (wire.fit, mark) {
        (_, Some(mark)) => mark,
        (Fit::Broken, None) => colours.error,
        _ => plain,
    };
    let colour = if look.is_dimmed { blend(colour, colours.page, DIMMED) } else { colour };
    let units = if is_flow { 2.6 } else { 1.9 } + if mark.is_some() || look.is_pointed { 1.2 } else { 0.0 };
    let Some(last) = route.pieces.last() else { return };
    if look.is_selected {
        curve(pen, route, pen.width(units + 4.0, 4.0), colours.accent);
    }
    if wire.fit == Fit::Broken {
        dashes(pen, route, pen.width(units, 1.0), colour);
    } else {
        curve(pen, route, pen.width(units, 1.0), colour);
    }
    if is_flow && !wire.ends {
        let tip = pen.at(last[3]) - vec2(pen.width(5.0, 1.0), 0.0);
        pen.arrow(tip, 5.6, colour);
    }
    for point in points {
        pen.painter.circle(pen.at(*point), pen.width(4.6, 2.0), colour, Stroke::new(pen.width(1.4, 0.8), colours.page));
    }
    if wire.ends {
        end(pen, pen.at(last[3]), colour);
    }
    if pen.detail() == Detail::Full {
        labels(pen, wire, route, colour);
    }
}

/// Wires from afar: straight lines, all in one mesh.
pub fn straights<'w>(pen: &Pen<'_>, wires: impl Iterator<Item = (&'w SceneWire, bool)>, overlay: Option<&Overlay>) {
    let colours = pen.colours;
    let mut mesh = egui::Mesh::default();
    for (wire, is_selected) in wires {
        let (Some(first), Some(last)) = (wire.route.pieces.first(), wire.route.pieces.last()) else { continue };
        let mark = overlay.and_then(|overlay| marks::of_wire(overlay, wire, colours));
        let plain = match wire.fit {
            Fit::Broken => colours.error,
            _ if wire.wire.is_flow() => colours.flow,
            _ => colours.kind(wire.kind),
        };
        let colour = if is_selected { colours.accent } else { mark.unwrap_or(blend(plain, colours.page, 0.4)) };
        let (a, b) = (pen.at(first[0]), pen.at(last[3]));
        let across = (b - a).normalized().rot90() * if is_selected || mark.is_some() { 1.0 } else { 0.5 };
        let index = mesh.vertices.len() as u32;
        for point in [a + across, b + across, b - across, a - across] {
            mesh.colored_vertex(point, colour);
        }
        mesh.add_triangle(index, index + 1, index + 2);
        mesh.add_triangle(index, index + 2, index + 3);
    }
    pen.painter.add(mesh);
}

/// The curve of a route, cut finely enough for its size by egui.
pub fn curve(pen: &Pen<'_>, route: &Route, width: f32, colour: Color32) {
    for piece in &route.pieces {
        let points = piece.map(|point| pen.at(point));
        let stroke = Stroke::new(width, colour);
        if straight(&points) {
            pen.painter.line_segment([points[0], points[3]], stroke);
        } else {
            pen.painter.add(Shape::CubicBezier(CubicBezierShape::from_points_stroke(
                points,
                false,
                Color32::TRANSPARENT,
                stroke,
            )));
        }
    }
}

fn straight([a, b, c, d]: &[Pos2; 4]) -> bool {
    let along = (*d - *a).normalized();
    let off = |point: Pos2| ((point - *a).x * along.y - (point - *a).y * along.x).abs();
    off(*b) < 0.4 && off(*c) < 0.4
}

fn dashes(pen: &Pen<'_>, route: &Route, width: f32, colour: Color32) {
    let line: Vec<Pos2> = route.line().into_iter().map(|point| pen.at(point)).collect();
    let dash = pen.width(7.0, 3.0);
    pen.painter.extend(Shape::dashed_line(&line, Stroke::new(width, colour), dash, dash * 0.7));
}

/// The end of the flow: a disc with a square, as on a stop key.
fn end(pen: &Pen<'_>, at: Pos2, colour: Color32) {
    let size = pen.width(6.5, 2.5);
    pen.painter.circle(at, size, pen.colours.page, Stroke::new(pen.width(2.0, 1.0), colour));
    let inner = egui::Rect::from_center_size(at, vec2(size, size) * 0.8);
    pen.painter.rect_filled(inner, 1.0, colour);
}

fn labels(pen: &Pen<'_>, wire: &SceneWire, route: &Route, colour: Color32) {
    let colours = pen.colours;
    let middle = pen.at(route.middle());
    let mut at = middle;
    if !wire.label.is_empty() && !wire.wire.is_flow() {
        let rect = pen.plate(at, Align2::CENTER_CENTER, &wire.label, 10.5, colours.text, colours.page);
        at = rect.center_bottom() + vec2(0.0, pen.width(9.0, 0.0));
    }
    match wire.fit {
        Fit::Same => {}
        Fit::Converted => {
            // A value that is converted on its way: a diamond.
            let size = pen.width(6.0, 2.5);
            let points = vec![at - vec2(0.0, size), at + vec2(size, 0.0), at + vec2(0.0, size), at - vec2(size, 0.0)];
            pen.painter.add(Shape::convex_polygon(points, colours.page, Stroke::new(pen.width(1.6, 1.0), colour)));
        }
        Fit::Broken => {
            let size = pen.width(4.5, 2.0);
            pen.painter.circle(at, size * 1.7, colours.page, Stroke::new(pen.width(1.4, 1.0), colours.error));
            let stroke = Stroke::new(pen.width(1.8, 1.0), colours.error);
            pen.painter.line_segment([at - vec2(size, size) * 0.75, at + vec2(size, size) * 0.75], stroke);
            pen.painter.line_segment([at + vec2(size, -size) * 0.75, at + vec2(-size, size) * 0.75], stroke);
        }
    }
}
