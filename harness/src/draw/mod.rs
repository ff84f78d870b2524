//! Drawing of node graphs: a plain model of what to draw, an automatic layout, and self-contained SVG and HTML.
//!
//! The same picture always gives the same text. Any picture can be drawn, also one that no checker would pass:
//! wires between missing nodes are left out, cycles are cut.
//!
//! The layout is layered (Sugiyama, Tagawa and Toda, 1981), made for flow: each chain of nodes keeps to a straight
//! lane, branches take lanes above or below, a loop's body has a frame, pure nodes stand below and before their
//! readers. Existing crates lay out plain graphs; they know neither lanes, pins, frames nor rows, so this one is
//! its own, and needs nothing but the standard library.

mod card;
mod face;
mod glyphs;
mod lanes;
mod layout;
mod manual;
mod model;
mod order;
mod page;
mod palette;
mod place;
mod render;
mod route;
mod rows;
mod structure;
mod style;
pub(crate) mod text;

#[cfg(test)]
mod tests;

pub use glyphs::{category as category_face, pin_shape};
pub use model::{
    DataFrom, DataWire, FlowFrom, FlowTo, FlowWire, GraphPicture, NodePicture, Picture, PinKind, PinPicture,
};
pub use page::html;
pub use palette::{colour, kind_colour};
pub use style::{Style, Theme};

/// `picture` as one SVG document that needs nothing else: no script, font or other resource.
pub fn svg(picture: &GraphPicture, style: &Style) -> String {
    render::render(picture, &layout::layout(picture, style), style, true)
}

/// Left and top of each node, in pixels, as the automatic layout places it.
pub fn positions(picture: &GraphPicture, style: &Style) -> Vec<(f64, f64)> {
    layout::node_positions(&layout::layout(picture, style))
}
