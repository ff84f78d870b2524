//! A layout as SVG.

use std::fmt::Write as _;

use super::card::Card;
use super::layout::{Frame, Layout, MARGIN, PILL_SIZE, VALUE_LETTERS, Wire, flow_label, shown_values};
use super::model::GraphPicture;
use super::palette::{svg_sheet, variable};
use super::route::number as n;
use super::structure::Vertex;
use super::style::Style;
use super::text::{Font, escape, fit, one_line, shorten, width};

/// Height of name, event and description above the graph.
const HEADING: f64 = 54.0;

/// A drawing that grows.
pub(super) struct Drawing<'a> {
    /// What is drawn.
    pub picture: &'a GraphPicture,
    /// Where.
    pub layout: &'a Layout,
    /// Whether it shows a run.
    pub traced: bool,
    out: String,
}

/// The SVG of a layout. With `sheet`, the document stands alone; without, the page around it has the style sheet.
pub(super) fn render(picture: &GraphPicture, layout: &Layout, style: &Style, sheet: bool) -> String {
    let top = if style.heading && sheet { HEADING } else { 0.0 };
    let heading = heading(picture);
    let wide = (layout.overhang + layout.width).max(if top > 0.0 {
        width(&heading.0, Font::Bold, 18.0) + 2.0 * MARGIN
    } else {
        0.0
    });
    let mut drawing = Drawing { picture, layout, traced: picture.traced(), out: String::new() };
    let (w, h) = (n(wide.ceil()), n((layout.height + top).ceil()));
    drawing.put(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sw\" role=\"img\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">"
    ));
    drawing.put(&format!("<title>{}</title><desc>{}</desc>", escape(&heading.0), escape(&describe(picture))));
    if sheet {
        drawing.put(&format!("<style>{}</style>", svg_sheet(style.theme)));
        drawing.put(&format!("<rect class=\"page\" width=\"{w}\" height=\"{h}\"/>"));
    }
    if top > 0.0 {
        drawing.put(&format!("<text class=\"head\" x=\"{}\" y=\"34\">{}</text>", n(MARGIN), escape(&heading.0)));
        let lead = fit(&heading.1, Font::Sans, 12.5, wide - 2.0 * MARGIN);
        drawing.put(&format!("<text class=\"lead\" x=\"{}\" y=\"53\">{}</text>", n(MARGIN), escape(&lead)));
    }
    drawing.put(&format!("<g transform=\"translate({} {})\">", n(layout.overhang), n(top)));
    drawing.all();
    drawing.put("</g></svg>");
    drawing.out
}

/// Name and the line under it.
pub(super) fn heading(picture: &GraphPicture) -> (String, String) {
    let mut lead = match &picture.event {
        Some(event) => format!("{} of event {event}", picture.kind),
        None => picture.kind.clone(),
    };
    if let Some(description) = &picture.description {
        lead = if lead.is_empty() { one_line(description) } else { format!("{lead} · {}", one_line(description)) };
    }
    (one_line(&picture.name), one_line(&lead))
}

/// The graph in words, for those who do not see it.
fn describe(picture: &GraphPicture) -> String {
    let mut text = format!("{}. {} nodes", heading(picture).1, picture.nodes.len());
    for (index, node) in picture.nodes.iter().enumerate().take(60) {
        let _ = write!(text, "{} {} ({})", if index == 0 { ":" } else { "," }, node.id, node.type_name);
    }
    if picture.traced() {
        let ran = picture.nodes.iter().filter(|node| node.visited.unwrap_or(0) > 0).count();
        let _ = write!(text, ". {ran} of them ran");
    }
    for node in &picture.nodes {
        if let Some(error) = &node.error {
            let _ = write!(text, ". {} failed: {}", node.id, one_line(error));
        }
    }
    text
}

impl Drawing<'_> {
    /// Adds a line of markup.
    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn all(&mut self) {
        let layout = self.layout;
        for frame in &layout.frames {
            self.frame(frame);
        }
        // What ran is drawn over what did not, and flow over data.
        for ran in [false, true] {
            let wires: Vec<&Wire> = layout.data.iter().filter(|wire| self.passed(wire) == ran).collect();
            let from = |wire: &Wire| self.picture.data.get(wire.wire).map(|wire| &wire.from);
            let groups: Vec<&[&Wire]> = wires.chunk_by(|a, b| from(a) == from(b)).collect();
            for group in groups {
                self.halo(group.iter().map(|wire| wire.path.as_str()));
                for wire in group {
                    self.data(wire);
                }
            }
        }
        for ran in [false, true] {
            for wire in &layout.flow {
                if self.taken(wire) == ran {
                    self.halo(std::iter::once(wire.path.as_str()));
                    self.flow(wire);
                }
            }
        }
        for vertex in 0..layout.structure.vertices.len() {
            self.vertex(vertex);
        }
        for wire in &layout.flow {
            self.label(wire);
        }
        for vertex in 0..layout.structure.vertices.len() {
            self.values(vertex);
        }
    }

    /// Parts wires from what they cross.
    fn halo<'b>(&mut self, paths: impl Iterator<Item = &'b str>) {
        let paths: String = paths.collect();
        self.put(&format!("<path class=\"halo\" d=\"{paths}\"/>"));
    }

    fn taken(&self, wire: &Wire) -> bool {
        self.picture.flow.get(wire.wire).is_some_and(|wire| wire.taken.unwrap_or(0) > 0)
    }

    fn passed(&self, wire: &Wire) -> bool {
        self.picture.data.get(wire.wire).is_some_and(|wire| wire.value.is_some())
    }

    /// The class that dims what did not run.
    pub(super) fn dim(&self, ran: bool) -> &'static str {
        if self.traced && !ran { " dim" } else { "" }
    }

    /// Whether a vertex was reached in the traced run.
    pub(super) fn ran(&self, vertex: usize) -> bool {
        match self.layout.structure.vertices.get(vertex) {
            Some(Vertex::Start) => true,
            Some(Vertex::Node(node)) => {
                self.picture.nodes.get(*node).is_some_and(|node| node.visited.unwrap_or(0) > 0 || node.error.is_some())
            }
            _ => {
                let structure = &self.layout.structure;
                let wire = structure.links.iter().find(|link| link.to == vertex).map(|link| link.wire);
                wire.and_then(|wire| self.picture.flow.get(wire)).is_some_and(|wire| wire.taken.unwrap_or(0) > 0)
            }
        }
    }

    fn frame(&mut self, frame: &Frame) {
        let (x, y, w, h) = frame.rect;
        let node = frame.header.checked_sub(1).and_then(|node| self.picture.nodes.get(node));
        let ran = node.is_some_and(|node| node.visited.unwrap_or(0) > 0);
        let dim = self.dim(ran);
        let text = fit(
            &format!("↻ {}{}", node.map_or("", |node| &node.id), if frame.continued { ", continued" } else { "" }),
            Font::Bold,
            11.0,
            w - 24.0,
        );
        self.put(&format!(
            "<g class=\"loop{dim}\"><rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"12\"/><text class=\"frame\" x=\"{}\" y=\"{}\">{}</text></g>",
            n(x), n(y), n(w), n(h), n(x + 12.0), n(y + 17.0), escape(&text)
        ));
    }

    fn data(&mut self, wire: &Wire) {
        let Some(model) = self.picture.data.get(wire.wire) else {
            return;
        };
        let name = variable(model.kind);
        let dim = self.dim(model.value.is_some());
        let from = super::card::source(self.picture, &model.from);
        let to = self.picture.nodes.get(model.to).map_or("", |node| &node.id);
        let mut tip = format!("{from}{} → {to}.{}", model.path, model.port);
        if let Some(value) = &model.value {
            let _ = write!(tip, " = {value}");
        }
        self.put(&format!(
            "<g class=\"wire{dim}\"><title>{}</title><path class=\"data s-{name}\" d=\"{}\"/></g>",
            escape(&tip),
            wire.path
        ));
    }

    fn flow(&mut self, wire: &Wire) {
        let taken = self.taken(wire);
        let run = if taken { " run" } else { "" };
        let dim = self.dim(taken);
        let (x, y) = wire.end;
        let tip = if wire.back {
            format!("M{} {}l8-4.5v9z", n(x), n(y))
        } else {
            format!("M{} {}l-9-5.5v11z", n(x - 0.5), n(y))
        };
        self.put(&format!(
            "<g class=\"wire{dim}\"><path class=\"flow{run}\" d=\"{}\"/><path class=\"tip{run}\" d=\"{tip}\"/></g>",
            wire.path
        ));
    }

    fn vertex(&mut self, vertex: usize) {
        let layout = self.layout;
        let (Some(what), Some(card), Some(&place)) =
            (layout.structure.vertices.get(vertex), layout.cards.get(vertex), layout.place.get(vertex))
        else {
            return;
        };
        match *what {
            Vertex::Start => {
                let icon = if self.picture.event.is_some() { "start" } else { "function" };
                self.card(vertex, card, place, icon, None);
            }
            Vertex::Node(index) => {
                if let Some(node) = self.picture.nodes.get(index) {
                    self.card(vertex, card, place, &node.category, Some(node));
                }
            }
            Vertex::End => self.mark(vertex, card, place, "M-3-3h6v6h-6z"),
            Vertex::Goto(_) => self.mark(vertex, card, place, "M4-1a4 4 0 1 0-1 4M4.5-4v3.3h-3.3"),
        }
    }

    fn mark(&mut self, vertex: usize, card: &Card, (x, y): (f64, f64), icon: &str) {
        let ran = self.ran(vertex);
        let (run, dim) = (if ran { " run" } else { "" }, self.dim(ran));
        let radius = card.height / 2.0;
        self.put(&format!(
            "<g class=\"end{dim}\" transform=\"translate({} {})\"><rect class=\"mark{run}\" width=\"{}\" height=\"{}\" rx=\"{}\"/><path class=\"mark{run}\" transform=\"translate({} {})\" d=\"{icon}\"/><text class=\"mark\" x=\"22\" y=\"{}\">{}</text></g>",
            n(x), n(y), n(card.width), n(card.height), n(radius), n(12.0), n(radius), n(radius + 3.7), escape(&card.title)
        ));
    }

    fn label(&mut self, wire: &Wire) {
        let Some(text) = flow_label(self.picture, wire.wire) else {
            return;
        };
        let taken = self.taken(wire);
        let (run, dim) = (if taken { " run" } else { "" }, self.dim(taken));
        let font = if taken { Font::Bold } else { Font::Sans };
        let wide = width(&text, font, PILL_SIZE) + 10.0;
        let (x, y) = (wire.begin.0 + 9.0, wire.begin.1);
        let full = self.picture.flow.get(wire.wire).and_then(|wire| wire.label.as_deref()).unwrap_or("");
        self.put(&format!(
            "<g class=\"label{dim}\"><title>{}</title><rect class=\"pill{run}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"14\" rx=\"7\"/><text class=\"pill{run}\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text></g>",
            escape(full), n(x), n(y - 7.0), n(wide), n(x + wide / 2.0), n(y + 3.5), escape(&text)
        ));
    }

    fn values(&mut self, vertex: usize) {
        let layout = self.layout;
        let (Some(card), Some(&(x, y)), true) = (layout.cards.get(vertex), layout.place.get(vertex), self.traced)
        else {
            return;
        };

        let shown = shown_values(self.picture, &layout.structure, card, vertex);
        for (pin, value) in shown.outputs {
            self.value(&value, |_| x + card.width + 9.0, y + pin);
        }
        for (pin, value) in shown.inputs {
            self.value(&value, |wide| x - 9.0 - wide, y + pin);
        }
    }

    fn value(&mut self, value: &str, left: impl Fn(f64) -> f64, y: f64) {
        let text = shorten(value, VALUE_LETTERS);
        let wide = width(&text, Font::Mono, PILL_SIZE) + 10.0;
        let x = left(wide);
        self.put(&format!(
            "<g class=\"traced\"><title>{}</title><rect class=\"value\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"15\" rx=\"4\"/><text class=\"mono value\" x=\"{}\" y=\"{}\">{}</text></g>",
            escape(value), n(x), n(y - 7.5), n(wide), n(x + 5.0), n(y + 3.5), escape(&text)
        ));
    }
}
