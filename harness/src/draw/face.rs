//! The face of a card: header, notes, pins.

use std::fmt::Write as _;

use super::card::{Card, Field, HEADER, LINE, NAME_SIZE, NAME_X, Pin, ROW, SMALL, TITLE_X};
use super::glyphs;
use super::model::{DataFrom, NodePicture, PinKind};
use super::palette::variable;
use super::render::{Drawing, heading};
use super::route::number as n;
use super::structure::START;
use super::text::{Font, escape, width};

const ICON: &str = "transform=\"translate(10 12)\"";

impl Drawing<'_> {
    /// Draws a node's card, or the start's.
    pub(super) fn card(
        &mut self,
        vertex: usize,
        card: &Card,
        (x, y): (f64, f64),
        category: &str,
        node: Option<&NodePicture>,
    ) {
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
        self.put(&format!("<rect class=\"shadow\" x=\"1\" y=\"2.5\" width=\"{w}\" height=\"{h}\" rx=\"8\"/><rect class=\"card\" width=\"{w}\" height=\"{h}\" rx=\"8\"/>"));
        let rounded = format!("M0 {0}V8a8 8 0 0 1 8-8h{1}a8 8 0 0 1 8 8V{0}z", n(HEADER), n(card.width - 16.0));
        self.put(&format!("<path fill=\"{colour}\" d=\"{rounded}\"/><path class=\"icon\" {ICON} d=\"{icon}\"/>"));
        self.header(card, node);
        self.notes(card, node);
        for pin in &card.inputs {
            self.input(vertex, pin);
        }
        for (index, pin) in card.outputs.iter().enumerate() {
            self.output(vertex, card, index, pin);
        }
        self.flow_pins(vertex, card);
        if let Some(count) = node.and_then(|node| node.visited).filter(|&count| count > 1) {
            let text = format!("×{count}");
            let wide = width(&text, Font::Bold, SMALL) + 12.0;
            self.put(&format!(
                "<rect class=\"badge\" x=\"{}\" y=\"-9\" width=\"{}\" height=\"18\" rx=\"9\"/><text class=\"badge\" x=\"{}\" y=\"3.8\" text-anchor=\"middle\">{text}</text>",
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
            "<g><title>{}</title><text class=\"title\" x=\"{x}\" y=\"17.5\">{}</text><text class=\"id\" x=\"{x}\" y=\"31.5\">{}</text></g>",
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
                    "<g transform=\"translate(14 {})\"><circle class=\"cross\" r=\"6.5\"/><path class=\"crossed\" d=\"M-2.5-2.5l5 5M2.5-2.5l-5 5\"/></g>",
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

    fn input(&mut self, vertex: usize, pin: &Pin) {
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
        if card.exits.is_empty() && !card.ends {
            pins.push_str(&shape(card.width, card.lane));
        }
        for &(_, y) in &card.exits {
            pins.push_str(&shape(card.width, y));
        }
        if !pins.is_empty() {
            self.put(&pins);
        }
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

fn field_box(field: &Field, kind: PinKind, x: f64, y: f64) -> String {
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
