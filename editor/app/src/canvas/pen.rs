//! What drawing on the canvas needs: where things are on the screen, how much of them is seen, text that stays crisp.

use std::sync::Arc;

use egui::epaint::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2};
use statewright_editor_core::meta;
use statewright_editor_core::scene::Point;

use super::camera::Camera;
use super::icons::Stroked;
use crate::theme::Colours;

/// Below this zoom pins have no labels.
const LABELS: f64 = 0.45;
/// Below this zoom there are only boxes and straight wires.
const TITLES: f64 = 0.2;
/// From this zoom on values are edited on cards.
pub const FIELDS: f64 = 0.6;
/// Text of less than so many points is not drawn.
const LEAST_TEXT: f32 = 4.0;

/// How much is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Boxes and straight wires.
    Boxes,
    /// Titles, pins and curves.
    Titles,
    /// Everything.
    Full,
}

/// A painter with a camera.
#[derive(Clone)]
pub struct Pen<'a> {
    /// Where to.
    pub painter: Painter,
    /// The canvas on the screen.
    pub view: Rect,
    /// Which part is seen.
    pub camera: Camera,
    /// Points of the screen per unit.
    pub zoom: f32,
    /// Colours.
    pub colours: &'a Colours,
}

impl<'a> Pen<'a> {
    /// A pen for a view.
    pub fn new(painter: Painter, view: Rect, camera: Camera, colours: &'a Colours) -> Pen<'a> {
        Pen { painter, view, camera, zoom: camera.zoom as f32, colours }
    }

    /// How much is drawn.
    pub fn detail(&self) -> Detail {
        match self.camera.zoom {
            zoom if zoom < TITLES => Detail::Boxes,
            zoom if zoom < LABELS => Detail::Titles,
            _ => Detail::Full,
        }
    }

    /// Where a point of the canvas is on the screen.
    pub fn at(&self, point: Point) -> Pos2 {
        self.camera.to_screen(self.view, point)
    }

    /// A rectangle of the canvas on the screen.
    pub fn rect(&self, rect: &meta::Rect) -> Rect {
        self.camera.rect_to_screen(self.view, rect)
    }

    /// So many units, in points of the screen; lines never get thinner than `least`.
    pub fn width(&self, units: f32, least: f32) -> f32 {
        (units * self.zoom).max(least)
    }

    /// A stroke of so many units.
    pub fn stroke(&self, units: f32, colour: Color32) -> Stroke {
        Stroke::new(self.width(units, 1.0), colour)
    }

    /// The size in which text of so many units is set: quarters of a point, so that there are few sizes.
    fn font(&self, units: f32) -> FontId {
        FontId::proportional(((units * self.zoom * 4.0).round() / 4.0).max(1.0))
    }

    /// A line of text, laid out once per text and size by egui; cut at `most` points with an ellipsis.
    pub fn galley(&self, text: &str, units: f32, colour: Color32, most: f32) -> Arc<Galley> {
        let font = self.font(units);
        let galley = self.painter.layout_no_wrap(text.to_owned(), font.clone(), colour);
        if galley.size().x <= most {
            return galley;
        }
        let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
        job.wrap = TextWrapping { max_width: most.max(1.0), max_rows: 1, break_anywhere: true, ..job.wrap };
        self.painter.layout_job(job)
    }

    /// Draws a line of text; where it is.
    pub fn text(&self, at: Pos2, align: Align2, text: &str, units: f32, colour: Color32, most: f32) -> Rect {
        if text.is_empty() || units * self.zoom < LEAST_TEXT {
            return Rect::from_min_size(at, Vec2::ZERO);
        }
        let galley = self.galley(text, units, colour, most);
        let rect = align.anchor_size(at, galley.size());
        self.painter.galley(rect.min, galley, colour);
        rect
    }

    /// Text over several lines in a rectangle; what does not fit is cut off.
    pub fn paragraph(&self, rect: Rect, text: &str, units: f32, colour: Color32) {
        if text.is_empty() || units * self.zoom < LEAST_TEXT || rect.width() < 4.0 {
            return;
        }
        let galley = self.painter.layout(text.to_owned(), self.font(units), colour, rect.width());
        let painter = self.painter.with_clip_rect(rect.intersect(self.painter.clip_rect()));
        painter.galley(rect.min, galley, colour);
    }

    /// Lines of an icon around or behind a place; `scale` is points per unit of the icon's field.
    pub fn lines(&self, lines: &[Stroked], origin: Pos2, scale: f32, stroke: Stroke, fill: Option<Color32>) {
        for line in lines {
            let points: Vec<Pos2> = line.points.iter().map(|point| origin + point.to_vec2() * scale).collect();
            match fill.filter(|_| line.is_closed) {
                Some(fill) => {
                    self.painter.add(Shape::convex_polygon(points, fill, stroke));
                }
                None if line.is_closed => {
                    self.painter.add(Shape::closed_line(points, stroke));
                }
                None => {
                    self.painter.line(points, stroke);
                }
            }
        }
    }

    /// A label on a background that stands out from wires: where it is.
    pub fn plate(&self, at: Pos2, align: Align2, text: &str, units: f32, front: Color32, back: Color32) -> Rect {
        if units * self.zoom < LEAST_TEXT {
            return Rect::from_min_size(at, Vec2::ZERO);
        }
        let galley = self.galley(text, units, front, 190.0 * self.zoom.max(0.8));
        let pad = egui::vec2(5.0, 2.0) * self.zoom;
        let rect = align.anchor_size(at, galley.size() + pad * 2.0);
        let round = (4.0 * self.zoom).min(rect.height() / 2.0);
        self.painter.rect(rect, round, back, Stroke::new(1.0, front.gamma_multiply(0.35)), egui::StrokeKind::Inside);
        self.painter.galley(rect.min + pad, galley, front);
        rect
    }

    /// The pointed head of a flow wire that arrives at a place from the left.
    pub fn arrow(&self, tip: Pos2, units: f32, colour: Color32) {
        let size = self.width(units, 3.0);
        let points =
            vec![tip, pos2(tip.x - size * 1.5, tip.y - size * 0.8), pos2(tip.x - size * 1.5, tip.y + size * 0.8)];
        self.painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
    }
}
