//! The parts of the window between which F6 moves the keyboard.

use egui::{Context, Rect, Response};

use crate::canvas;

/// A part of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Region {
    Menus,
    Toolbar,
    Left,
    Tabs,
    Canvas,
    Right,
    Bottom,
}

/// Where the parts are, and which one is to get the keyboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regions {
    rects: Vec<(Region, Rect)>,
    now: Vec<(Region, Rect)>,
    wanted: Option<Region>,
}

impl Regions {
    /// A frame begins.
    pub fn begin(&mut self) {
        self.now.clear();
    }

    /// A part was drawn there.
    pub fn drawn(&mut self, region: Region, rect: Rect) {
        self.now.push((region, rect));
    }

    /// This is where the keyboard begins in a part: it gets it, if it is to.
    pub fn first(&mut self, region: Region, response: &Response) {
        if self.wanted == Some(region) {
            response.request_focus();
            self.wanted = None;
        }
    }

    /// The frame is drawn.
    pub fn end(&mut self, ctx: &Context) {
        self.now.sort_by_key(|(region, _)| *region);
        std::mem::swap(&mut self.rects, &mut self.now);
        if self.wanted == Some(Region::Canvas) {
            ctx.memory_mut(|memory| memory.request_focus(canvas::id()));
            self.wanted = None;
        }
    }

    /// The part that has the keyboard; the canvas if none has.
    pub fn focused(&self, ctx: &Context) -> Region {
        let focused = ctx.memory(egui::Memory::focused).and_then(|id| ctx.read_response(id));
        let place = focused.map(|response| response.rect.center());
        // One may be within another.
        let around = place.map(|place| self.rects.iter().filter(move |(_, rect)| rect.contains(place)));
        let found = around.and_then(|around| around.min_by(|(_, a), (_, b)| a.area().total_cmp(&b.area())));
        found.map_or(Region::Canvas, |(region, _)| *region)
    }

    /// Where a part is in this frame, if it was drawn already.
    pub fn current(&self, region: Region) -> Option<Rect> {
        self.now.iter().find(|(known, _)| *known == region).map(|(_, rect)| *rect)
    }

    /// Where a part was drawn last.
    pub fn rect(&self, region: Region) -> Option<Rect> {
        self.rects.iter().find(|(known, _)| *known == region).map(|(_, rect)| *rect)
    }

    /// The next part gets the keyboard, or the one before.
    pub fn go(&mut self, ctx: &Context, is_back: bool) {
        let now = self.focused(ctx);
        let at = self.rects.iter().position(|(region, _)| *region == now).unwrap_or(0);
        let count = self.rects.len().max(1);
        let next = if is_back { (at + count - 1) % count } else { (at + 1) % count };
        self.wanted = self.rects.get(next).map(|(region, _)| *region);
    }

    /// A part gets the keyboard.
    pub fn want(&mut self, region: Region) {
        self.wanted = Some(region);
    }
}
