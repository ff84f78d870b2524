//! A layout as SVG.

use std::fmt::Write as _;

use super::card::{Card, HEADER, LINE, NAME_SIZE, NAME_X, Pin, ROW, SMALL, TITLE_X};
use super::glyphs;
use super::layout::{Frame, Layout, MARGIN, PILL_SIZE, VALUE_LETTERS, Wire, flow_label, shown_values};
use super::model::{DataFrom, GraphPicture, NodePicture, PinKind};
use super::palette::{svg_sheet, variable};
use super::route::number as n;
use super::structure::{START, Vertex};
use super::style::Style;
use super::text::{Font, escape, fit, one_line, shorten, width};

/// Height of name, event and description above the graph.
const HEADING: f64 = 54.0;
const ICON: &str = "transform=\"translate(10 12)\"";

struct Drawing<'a> {
    picture: &'a GraphPicture,
    layout: &'a Layout,
    traced: bool,
    out: String,
}

/// The SVG of a layout. With `sheet`, the document stands alone; without, the page around it has the style sheet.
pub(super) fn render(picture: &GraphPicture, layout: &Layout, style: &Style, sheet: bool) -> String {
    let top = if style.heading && sheet { HEADING } else { 0.0 };
    let heading = heading(picture);
    let wide = layout.width.max(if top > 0.0 { width(&heading.0, Font::Bold, 18.0) + 2.0 * MARGIN } else { 0.0 });
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
    drawing.put(&format!("<g transform=\"translate(0 {})\">", n(top)));
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
    fn put(&mut self, text: &str) {
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
            for wire in &layout.data {
                if self.passed(wire) == ran {
                    self.data(wire);
                }
            }
        }
        for ran in [false, true] {
            for wire in &layout.flow {
                if self.taken(wire) == ran {
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

    fn taken(&self, wire: &Wire) -> bool {
        self.picture.flow.get(wire.wire).is_some_and(|wire| wire.taken.unwrap_or(0) > 0)
    }

    fn passed(&self, wire: &Wire) -> bool {
        self.picture.data.get(wire.wire).is_some_and(|wire| wire.value.is_some())
    }

    /// The class that dims what did not run.
    fn dim(&self, ran: bool) -> &'static str {
        if self.traced && !ran { " dim" } else { "" }
    }

    fn ran(&self, vertex: usize) -> bool {
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
        let text = fit(&format!("↻ {}", node.map_or("", |node| &node.id)), Font::Bold, 11.0, w - 24.0);
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
            "<g class=\"wire{dim}\"><title>{}</title><path class=\"halo\" d=\"{}\"/><path class=\"data s-{name}\" d=\"{}\"/></g>",
            escape(&tip), wire.path, wire.path
        ));
    }

    fn flow(&mut self, wire: &Wire) {
        let taken = self.taken(wire);
        let run = if taken { " run" } else { "" };
        let dim = self.dim(taken);
        let (x, y) = wire.end;
        let tip = if wire.back {
            format!("M{} {}l8-4.500v9z", n(x), n(y))
        } else {
            format!("M{} {}l-9-5.500v11z", n(x - 0.5), n(y))
        };
        self.put(&format!(
            "<g class=\"wire{dim}\"><path class=\"halo\" d=\"{}\"/><path class=\"flow{run}\" d=\"{}\"/><path class=\"tip{run}\" d=\"{tip}\"/></g>",
            wire.path, wire.path
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
            Vertex::Goto(_) => self.mark(vertex, card, place, "M4-1a4 4 0 1 0-1 4M4.500-4v3.300h-3.300"),
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

    fn card(&mut self, vertex: usize, card: &Card, (x, y): (f64, f64), category: &str, node: Option<&NodePicture>) {
        let ran = self.ran(vertex);
        let failed = node.is_some_and(|node| node.error.is_some());
        let state = match (failed, self.traced && ran) {
            (true, _) => " fail",
            (false, true) => " run",
            (false, false) => "",
        };
        let class = if node.is_some() { "node" } else { "start" };
        let id = node.map_or(String::new(), |node| format!(" data-node=\"{}\"", escape(&node.id)));
        let dim = self.dim(ran);
        self.put(&format!("<g class=\"{class}{state}{dim}\"{id} transform=\"translate({} {})\">", n(x), n(y)));
        let (w, h) = (n(card.width), n(card.height));
        let (colour, icon) = glyphs::category(category);
        self.put(&format!("<rect class=\"shadow\" x=\"1\" y=\"2.500\" width=\"{w}\" height=\"{h}\" rx=\"8\"/><rect class=\"card\" width=\"{w}\" height=\"{h}\" rx=\"8\"/>"));
        let rounded = if card.height <= HEADER + 4.0 {
            format!("M0 {0}V8a8 8 0 0 1 8-8h{1}a8 8 0 0 1 8 8V{0}z", n(HEADER), n(card.width - 16.0))
        } else {
            format!("M0 {0}V8a8 8 0 0 1 8-8h{1}a8 8 0 0 1 8 8V{0}z", n(HEADER), n(card.width - 16.0))
        };
        self.put(&format!("<path fill=\"{colour}\" d=\"{rounded}\"/><path class=\"icon\" {ICON} d=\"{icon}\"/>"));
        self.header(card, node);
        self.notes(card, node);
        for pin in &card.inputs {
            self.input(vertex, card, pin);
        }
        for (index, pin) in card.outputs.iter().enumerate() {
            self.output(vertex, card, index, pin);
        }
        self.flow_pins(vertex, card);
        if let Some(count) = node.and_then(|node| node.visited).filter(|&count| count > 1) {
            let text = format!("×{count}");
            let wide = width(&text, Font::Bold, SMALL) + 12.0;
            self.put(&format!(
                "<rect class=\"badge\" x=\"{}\" y=\"-9\" width=\"{}\" height=\"18\" rx=\"9\"/><text class=\"badge\" x=\"{}\" y=\"3.800\" text-anchor=\"middle\">{text}</text>",
                n(card.width - wide + 4.0), n(wide), n(card.width + 4.0 - wide / 2.0)
            ));
        }
        self.put("</g>");
    }

    fn header(&mut self, card: &Card, node: Option<&NodePicture>) {
        let tip = match node {
            Some(node) => format!("{} ({})", node.type_name, node.id),
            None => heading(self.picture).1,
        };
        self.put(&format!(
            "<g><title>{}</title><text class=\"title\" x=\"{x}\" y=\"17.500\">{}</text><text class=\"id\" x=\"{x}\" y=\"31.500\">{}</text></g>",
            escape(&tip), escape(&card.title), escape(&card.subtitle), x = n(TITLE_X)
        ));
    }

    fn notes(&mut self, card: &Card, node: Option<&NodePicture>) {
        let block = |lines: &[String], top: f64, class: &str, x: f64| {
            let mut text = String::new();
            for (index, line) in lines.iter().enumerate() {
                let y = top + 5.0 + LINE * (index as f64 + 0.76);
                let _ = write!(text, "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>", n(x), n(y), escape(line));
            }
            text
        };
        let rect = |class: &str, top: f64, lines: usize| {
            let high = LINE * lines as f64 + 8.0;
            format!(
                "<rect class=\"{class}\" x=\"2\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
                n(top),
                n(card.width - 4.0),
                n(high)
            )
        };
        if let Some(node) = node {
            let (lines, top) = &card.comment;
            if let (Some(full), false) = (&node.comment, lines.is_empty()) {
                let text = block(lines, *top, "note", 10.0);
                self.put(&format!("<g><title>{}</title>{}{text}</g>", escape(full), rect("note", *top, lines.len())));
            }
            let (lines, top) = &card.error;
            if let (Some(full), false) = (&node.error, lines.is_empty()) {
                let text = block(lines, *top, "fail", 26.0);
                let cross = format!(
                    "<g transform=\"translate(14 {})\"><circle class=\"cross\" r=\"6.500\"/><path class=\"crossed\" d=\"M-2.500-2.500l5 5M2.500-2.500l-5 5\"/></g>",
                    n(top + 4.0 + LINE / 2.0)
                );
                self.put(&format!(
                    "<g><title>{}</title>{}{cross}{text}</g>",
                    escape(full),
                    rect("failback", *top, lines.len())
                ));
            }
        }
    }

    fn input(&mut self, vertex: usize, card: &Card, pin: &Pin) {
        let structure = &self.layout.structure;
        let node = vertex.checked_sub(1);
        let port = |wire: usize| {
            self.picture.data.get(wire).is_some_and(|wire| Some(wire.to) == node && wire.port == pin.name)
        };
        let connected =
            structure.data.iter().chain(&structure.backward).any(|datum| datum.to == vertex && port(datum.wire));
        let shape = glyphs::pin(pin.kind, (0.0, pin.y), connected);
        let mut text = format!(
            "{shape}<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
            n(NAME_X),
            n(pin.y + 4.0),
            escape(&pin.text)
        );
        if let Some(field) = &pin.field {
            let x = NAME_X + width(&pin.text, Font::Sans, NAME_SIZE) + 6.0;
            let _ = write!(text, "{}", field_box(field, pin.kind, x, pin.y));
        }
        let _ = card;
        self.put(&format!("<g><title>{}</title>{text}</g>", escape(&pin_tip(pin))));
    }

    fn output(&mut self, vertex: usize, card: &Card, index: usize, pin: &Pin) {
        let structure = &self.layout.structure;
        let leaves = |wire: usize| match self.picture.data.get(wire).map(|wire| &wire.from) {
            Some(DataFrom::Parameter(parameter)) => *parameter == index,
            Some(DataFrom::Node { port, .. }) => *port == pin.name,
            None => false,
        };
        let connected =
            structure.data.iter().chain(&structure.backward).any(|datum| datum.from == vertex && leaves(datum.wire));
        let shape = glyphs::pin(pin.kind, (card.width, pin.y), connected);
        let x = card.width - NAME_X;
        let mut text = format!(
            "{shape}<text class=\"name\" text-anchor=\"end\" x=\"{}\" y=\"{}\">{}</text>",
            n(x),
            n(pin.y + 4.0),
            escape(&pin.text)
        );
        if let Some(field) = &pin.field {
            let x = x - width(&pin.text, Font::Sans, NAME_SIZE) - 6.0;
            let _ = write!(
                text,
                "<text class=\"mono soft\" text-anchor=\"end\" x=\"{}\" y=\"{}\">{}</text>",
                n(x),
                n(pin.y + 3.8),
                escape(&field.text)
            );
        }
        self.put(&format!("<g><title>{}</title>{text}</g>", escape(&pin_tip(pin))));
    }

    fn flow_pins(&mut self, vertex: usize, card: &Card) {
        let structure = &self.layout.structure;
        if structure.flowing.get(vertex) != Some(&true) {
            return;
        }
        let shape = |x: f64, y: f64| {
            format!("<path class=\"pin\" transform=\"translate({} {})\" d=\"M-4-5h4l5 5-5 5h-4z\"/>", n(x), n(y))
        };
        let mut pins = String::new();
        if vertex != START && !structure.links.iter().any(|link| link.to == vertex) {
            pins.push_str(&shape(0.0, card.lane));
        }
        if card.exits.is_empty() {
            pins.push_str(&shape(card.width, card.lane));
        }
        for &(_, y) in &card.exits {
            pins.push_str(&shape(card.width, y));
        }
        if !pins.is_empty() {
            self.put(&pins);
        }
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
        let (Some(what), Some(card), Some(&(x, y))) =
            (layout.structure.vertices.get(vertex), layout.cards.get(vertex), layout.place.get(vertex))
        else {
            return;
        };
        if !self.traced {
            return;
        }
        let shown = shown_values(self.picture, &layout.structure, card, vertex, *what);
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

fn pin_tip(pin: &Pin) -> String {
    let mut tip = format!(
        "{}: {}",
        pin.name,
        PinKind::ALL.iter().find(|(kind, _)| *kind == pin.kind).map_or("", |(_, word)| word)
    );
    if let Some(field) = &pin.field {
        let _ = write!(tip, " = {}", field.full);
    }
    if let Some(value) = &pin.value {
        let _ = write!(tip, " → {value}");
    }
    tip
}

fn field_box(field: &super::card::Field, kind: PinKind, x: f64, y: f64) -> String {
    let text = escape(&field.text);
    if !field.framed {
        return format!("<text class=\"mono soft\" x=\"{}\" y=\"{}\">{text}</text>", n(x), n(y + 3.8));
    }
    let stroke = if field.reference { format!(" ref s-{}", variable(kind)) } else { String::new() };
    let high = ROW - 4.0;
    format!(
        "<rect class=\"field{stroke}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/><text class=\"mono\" x=\"{}\" y=\"{}\">{text}</text>",
        n(x),
        n(y - high / 2.0),
        n(field.width),
        n(high),
        n(x + 6.0),
        n(y + 3.8)
    )
}
