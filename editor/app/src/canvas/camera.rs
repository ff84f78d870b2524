//! Which part of the canvas is seen: canvas units to points of the screen and back.

use egui::{Pos2, Rect, Vec2, pos2};
use statewright_editor_core::meta;
use statewright_editor_core::scene::Point;
use statewright_editor_core::scene::pick::fit;

/// Least zoom.
pub const LEAST: f64 = 0.05;
/// Most zoom.
pub const MOST: f64 = 3.0;

/// The middle of the view, and how large a unit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What is in the middle of the view.
    pub centre: Point,
    /// Points of the screen per unit of the canvas, [`LEAST`] to [`MOST`].
    pub zoom: f64,
}

impl Default for Camera {
    fn default() -> Camera {
        Camera { centre: (0.0, 0.0), zoom: 1.0 }
    }
}

impl Camera {
    /// Where a point of the canvas is on the screen.
    pub fn to_screen(&self, view: Rect, (x, y): Point) -> Pos2 {
        let middle = view.center();
        let (dx, dy) = ((x - self.centre.0) * self.zoom, (y - self.centre.1) * self.zoom);
        pos2(middle.x + dx as f32, middle.y + dy as f32)
    }

    /// Which point of the canvas is at a place of the screen.
    pub fn to_canvas(&self, view: Rect, at: Pos2) -> Point {
        let by = at - view.center();
        (self.centre.0 + f64::from(by.x) / self.zoom, self.centre.1 + f64::from(by.y) / self.zoom)
    }

    /// A rectangle of the canvas on the screen.
    pub fn rect_to_screen(&self, view: Rect, rect: &meta::Rect) -> Rect {
        Rect::from_min_max(self.to_screen(view, (rect.x, rect.y)), self.to_screen(view, (rect.right(), rect.bottom())))
    }

    /// The part of the canvas that is seen.
    pub fn seen(&self, view: Rect) -> meta::Rect {
        meta::Rect::between(self.to_canvas(view, view.min), self.to_canvas(view, view.max))
    }

    /// Moves by points of the screen.
    pub fn pan(&mut self, by: Vec2) {
        self.centre.0 -= f64::from(by.x) / self.zoom;
        self.centre.1 -= f64::from(by.y) / self.zoom;
    }

    /// Zooms by a factor; what is at `at` stays there.
    pub fn zoom_at(&mut self, view: Rect, at: Pos2, factor: f64) {
        let before = self.to_canvas(view, at);
        self.zoom = (self.zoom * factor).clamp(LEAST, MOST);
        let after = self.to_canvas(view, at);
        self.centre.0 += before.0 - after.0;
        self.centre.1 += before.1 - after.1;
    }

    /// Brings a rectangle into view as a whole, with a margin.
    pub fn fit(&mut self, view: Rect, rect: &meta::Rect) {
        let (centre, zoom) = fit(rect, (f64::from(view.width()), f64::from(view.height())));
        *self = Camera { centre, zoom: zoom.clamp(LEAST, MOST) };
    }

    /// Moves no further than needed to have a rectangle in view.
    pub fn reveal(&mut self, view: Rect, rect: &meta::Rect) {
        const MARGIN: f64 = 40.0;
        let seen = self.seen(view).grown(-MARGIN / self.zoom);
        let by = |low: f64, high: f64, seen_low: f64, seen_high: f64| {
            if low < seen_low || high - low > seen_high - seen_low {
                low - seen_low
            } else if high > seen_high {
                high - seen_high
            } else {
                0.0
            }
        };
        self.centre.0 += by(rect.x, rect.right(), seen.x, seen.right());
        self.centre.1 += by(rect.y, rect.bottom(), seen.y, seen.bottom());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: Rect = Rect { min: Pos2 { x: 100.0, y: 50.0 }, max: Pos2 { x: 1100.0, y: 850.0 } };

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut camera = Camera { centre: (30.0, -20.0), zoom: 0.7 };
        let at = pos2(321.0, 456.0);
        let before = camera.to_canvas(VIEW, at);
        camera.zoom_at(VIEW, at, 1.7);
        let after = camera.to_canvas(VIEW, at);
        assert!((before.0 - after.0).abs() < 1e-9 && (before.1 - after.1).abs() < 1e-9);
        assert!((camera.to_screen(VIEW, before) - at).length() < 1e-3);
        camera.zoom_at(VIEW, at, 1e9);
        assert_eq!(camera.zoom, MOST);
    }

    #[test]
    fn what_is_revealed_is_in_view_and_what_was_there_stays() {
        let mut camera = Camera::default();
        let inside = meta::Rect::new(-50.0, -50.0, 100.0, 100.0);
        camera.reveal(VIEW, &inside);
        assert_eq!(camera, Camera::default());
        let far = meta::Rect::new(5_000.0, -3_000.0, 200.0, 100.0);
        camera.reveal(VIEW, &far);
        assert!(camera.seen(VIEW).holds(&far));
        camera.fit(VIEW, &inside.with(&far));
        assert!(camera.seen(VIEW).holds(&inside) && camera.seen(VIEW).holds(&far));
    }
}
