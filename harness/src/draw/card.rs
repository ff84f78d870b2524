//! The card of a node: its size and where its pins are. All numbers are pixels from the card's left top.

use super::model::{DataFrom, GraphPicture, NodePicture, PinKind, PinPicture};
use super::structure::{Link, Role, Structure, Vertex};
use super::text::{Font, fit, shorten, width, wrap};

/// Height of a card's header, and of a row of pins.
pub(super) const HEADER: f64 = 40.0;
/// See [`HEADER`].
pub(super) const ROW: f64 = 20.0;
/// Size of a card's title.
pub(super) const TITLE_SIZE: f64 = 13.0;
/// Size of ids, fields and notes.
pub(super) const SMALL: f64 = 10.5;
/// Size of pins' names.
pub(super) const NAME_SIZE: f64 = 11.5;
/// Where a header's text begins.
pub(super) const TITLE_X: f64 = 34.0;
/// Where a pin's name begins, from the card's edge.
pub(super) const NAME_X: f64 = 13.0;
/// Where the flow enters and goes straight on.
const LANE: f64 = 20.0;
/// Height of an end's mark.
const MARK: f64 = 22.0;
/// Height of a line of a note.
pub(super) const LINE: f64 = 14.0;
const NARROWEST: f64 = 136.0;
const WIDEST: f64 = 276.0;
const FIELD: f64 = 136.0;

/// A field beside a pin's name.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// What it shows.
    pub text: String,
    /// The whole of it.
    pub full: String,
    /// Whether it names a source in place of a wire.
    pub reference: bool,
    /// Whether it has a frame.
    pub framed: bool,
    /// Its width.
    pub width: f64,
}

/// A data pin on a card.
#[derive(Clone, Debug)]
pub(super) struct Pin {
    /// Name as the model has it.
    pub name: String,
    /// Name as shown.
    pub text: String,
    /// Kind of its type.
    pub kind: PinKind,
    /// Height of its centre.
    pub y: f64,
    /// What stands beside it.
    pub field: Option<Field>,
    /// Traced value.
    pub value: Option<String>,
}

/// A card.
#[derive(Clone, Debug, Default)]
pub(super) struct Card {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Height at which the flow enters and goes straight on.
    pub lane: f64,
    /// Title as shown.
    pub title: String,
    /// The line under it.
    pub subtitle: String,
    /// At the left.
    pub inputs: Vec<Pin>,
    /// At the right.
    pub outputs: Vec<Pin>,
    /// Flow wires that leave: their link and height.
    pub exits: Vec<(usize, f64)>,
    /// Whether nothing can follow.
    pub ends: bool,
    /// Lines of the author's comment, and where they begin.
    pub comment: (Vec<String>, f64),
    /// Lines of the error, and where they begin.
    pub error: (Vec<String>, f64),
}

impl Card {
    /// The height of the input called `name`.
    pub(super) fn input(&self, name: &str) -> f64 {
        self.inputs.iter().find(|pin| pin.name == name).map_or(self.lane, |pin| pin.y)
    }

    /// The height of the output called `name`.
    pub(super) fn output(&self, name: &str) -> f64 {
        self.outputs.iter().find(|pin| pin.name == name).map_or(self.lane, |pin| pin.y)
    }

    /// The height at which link `index` leaves.
    pub(super) fn exit(&self, index: usize) -> f64 {
        self.exits.iter().find(|(link, _)| *link == index).map_or(self.lane, |(_, y)| *y)
    }
}

/// A card per vertex. `tagged` says of each data wire whether it is drawn as a reference in a field.
pub(super) fn cards(picture: &GraphPicture, structure: &Structure, tagged: &[bool]) -> Vec<Card> {
    let mut wires = vec![Vec::new(); picture.nodes.len()];
    let mut read = vec![Vec::new(); picture.nodes.len()];
    for datum in structure.data.iter().chain(&structure.backward) {
        if let Some(wires) = datum.to.checked_sub(1).and_then(|node| wires.get_mut(node)) {
            wires.push(datum.wire);
        }
        if let Some(read) = datum.from.checked_sub(1).and_then(|node| read.get_mut(node)) {
            read.push(datum.wire);
        }
    }
    let mut exits = vec![Vec::new(); structure.vertices.len()];
    for (index, link) in structure.links.iter().enumerate() {
        exits[link.from].push((index, *link));
    }
    let card = |(vertex, what): (usize, &Vertex)| match *what {
        Vertex::Start => start(picture, &exits[vertex]),
        Vertex::End => mark("end"),
        Vertex::Goto(node) => mark(&shorten(picture.nodes.get(node).map_or("", |node| &node.id), 20)),
        Vertex::Node(index) => match picture.nodes.get(index) {
            Some(node) => {
                let inputs = inputs(picture, node, &wires[index], tagged);
                build(node, inputs, outputs(picture, node, &read[index]), &exits[vertex], structure.returns_to(vertex))
            }
            None => Card::default(),
        },
    };
    structure.vertices.iter().enumerate().map(card).collect()
}

/// The input pins of `node`, those that only wires name included.
fn inputs(picture: &GraphPicture, node: &NodePicture, wires: &[usize], tagged: &[bool]) -> Vec<Pin> {
    let mut pins: Vec<Pin> = node.inputs.iter().map(pin).collect();
    for &wire in wires {
        let Some(datum) = picture.data.get(wire) else {
            continue;
        };
        let index = position(&mut pins, &datum.port, datum.kind);
        let reference = tagged.get(wire) == Some(&true);
        let text =
            if reference { format!("{}{}", source(picture, &datum.from), datum.path) } else { datum.path.clone() };
        if let Some(pin) = pins.get_mut(index).filter(|_| !text.is_empty()) {
            let full = match &pin.field {
                Some(field) if field.reference => format!("{}, {text}", field.full),
                _ => text,
            };
            pin.field = Some(field(&full, reference, reference));
        }
    }
    pins
}

/// The output pins of `node`, those that only wires name included.
fn outputs(picture: &GraphPicture, node: &NodePicture, wires: &[usize]) -> Vec<Pin> {
    let mut pins: Vec<Pin> = node.outputs.iter().map(pin).collect();
    for wire in wires.iter().filter_map(|&wire| picture.data.get(wire)) {
        if let DataFrom::Node { port, .. } = &wire.from {
            position(&mut pins, port, wire.kind);
        }
    }
    pins
}

/// Where the pin called `name` is; it is added if there is none.
fn position(pins: &mut Vec<Pin>, name: &str, kind: PinKind) -> usize {
    pins.iter().position(|pin| pin.name == name).unwrap_or_else(|| {
        pins.push(pin(&PinPicture { name: name.to_owned(), kind, ..PinPicture::default() }));
        pins.len() - 1
    })
}

fn pin(pin: &PinPicture) -> Pin {
    Pin {
        name: pin.name.clone(),
        text: fit(&pin.name, Font::Sans, NAME_SIZE, 112.0),
        kind: pin.kind,
        y: 0.0,
        field: pin.literal.as_deref().map(|literal| field(literal, false, true)),
        value: pin.value.clone(),
    }
}

fn field(full: &str, reference: bool, framed: bool) -> Field {
    let text = fit(full, Font::Mono, SMALL, FIELD - 12.0);
    let width = width(&text, Font::Mono, SMALL) + if framed { 12.0 } else { 2.0 };
    Field { text, full: full.to_owned(), reference, framed, width }
}

/// What a reference to `from` is called.
pub(super) fn source(picture: &GraphPicture, from: &DataFrom) -> String {
    match from {
        DataFrom::Parameter(index) => picture.parameters.get(*index).map(|(name, _)| name.clone()).unwrap_or_default(),
        DataFrom::Node { node, port } => match picture.nodes.get(*node) {
            Some(node) if matches!(node.outputs.as_slice(), [only] if only.name == *port) => node.id.clone(),
            Some(node) => format!("{}.{port}", node.id),
            None => String::new(),
        },
    }
}

fn start(picture: &GraphPicture, exits: &[(usize, Link)]) -> Card {
    let parameter = |(name, ty): &(String, String)| Pin {
        name: name.clone(),
        text: fit(name, Font::Sans, NAME_SIZE, 112.0),
        kind: PinKind::of_type(ty),
        y: 0.0,
        field: Some(field(ty, false, false)),
        value: None,
    };
    let title = picture.event.as_ref().unwrap_or(&picture.name);
    let kind = if picture.event.is_some() { "event" } else { &picture.kind };
    let mut card = sized(title, kind, Vec::new(), picture.parameters.iter().map(parameter).collect(), exits);
    finish(&mut card, None, None);
    card
}

/// The card of a node. One that is `entered` from a loop's body has room at its bottom for the wire.
fn build(node: &NodePicture, inputs: Vec<Pin>, outputs: Vec<Pin>, exits: &[(usize, Link)], entered: bool) -> Card {
    let title = if node.title.is_empty() { &node.type_name } else { &node.title };
    let mut card = sized(title, &node.id, inputs, outputs, exits);
    card.height += if entered { 14.0 } else { 0.0 };
    card.ends = node.ends;
    finish(&mut card, node.comment.as_deref(), node.error.as_deref());
    card
}

/// A card with its pins in rows, wide enough for them.
fn sized(title: &str, subtitle: &str, mut inputs: Vec<Pin>, mut outputs: Vec<Pin>, exits: &[(usize, Link)]) -> Card {
    let row = |index: usize| HEADER + 6.0 + ROW * (index as f64 + 0.5);
    let mut leaving = Vec::new();
    let (mut above, mut below) = (0, 0);
    for (index, link) in exits {
        leaving.push((
            *index,
            match link.role {
                Role::Straight => LANE,
                Role::Above => {
                    above += 1;
                    // As far as two labels of 14 need.
                    LANE - 15.0 / f64::from(above)
                }
                Role::Below => {
                    below += 1;
                    row(below - 1)
                }
            },
        ));
    }
    for (index, pin) in inputs.iter_mut().enumerate() {
        pin.y = row(index);
    }
    for (index, pin) in outputs.iter_mut().enumerate() {
        pin.y = row(index + below);
    }
    let side = |pin: Option<&Pin>| match pin {
        Some(pin) => {
            NAME_X + width(&pin.text, Font::Sans, NAME_SIZE) + pin.field.as_ref().map_or(0.0, |field| field.width + 6.0)
        }
        None => 0.0,
    };
    let rows = inputs.len().max(outputs.len() + below);
    let mut wide = NARROWEST
        .max(TITLE_X + 20.0 + width(title, Font::Bold, TITLE_SIZE))
        .max(TITLE_X + 20.0 + width(subtitle, Font::Mono, SMALL));
    for index in 0..rows {
        wide = wide
            .max(side(inputs.get(index)) + side(index.checked_sub(below).and_then(|index| outputs.get(index))) + 14.0);
    }
    let wide = (wide / 4.0).ceil().min(WIDEST / 4.0) * 4.0;
    for (index, pin) in inputs.iter_mut().enumerate() {
        let other = side(index.checked_sub(below).and_then(|index| outputs.get(index)));
        let room = wide - other - 20.0 - NAME_X - width(&pin.text, Font::Sans, NAME_SIZE);
        if let Some(field) = pin.field.as_mut().filter(|field| field.width > room) {
            field.text = fit(&field.full, Font::Mono, SMALL, (room - 12.0).max(SMALL));
            field.width = width(&field.text, Font::Mono, SMALL) + 12.0;
        }
    }
    Card {
        width: wide,
        height: if rows == 0 { HEADER + 4.0 } else { HEADER + 12.0 + ROW * rows as f64 },
        lane: LANE,
        title: fit(title, Font::Bold, TITLE_SIZE, wide - TITLE_X - 14.0),
        subtitle: fit(subtitle, Font::Mono, SMALL, wide - TITLE_X - 14.0),
        inputs,
        outputs,
        exits: leaving,
        ..Card::default()
    }
}

/// Adds the lines of comment and error below.
fn finish(card: &mut Card, comment: Option<&str>, error: Option<&str>) {
    for (text, lines, limit, into) in [(comment, 2, 0.0, &mut card.comment), (error, 3, 16.0, &mut card.error)] {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            *into = (wrap(text, Font::Sans, SMALL, card.width - 20.0 - limit, lines), card.height);
            card.height += LINE * into.0.len() as f64 + 10.0;
        }
    }
}

/// A small mark at the end of a flow wire.
fn mark(text: &str) -> Card {
    let wide = 26.0 + width(text, Font::Sans, SMALL) + 8.0;
    Card { width: wide.ceil(), height: MARK, lane: MARK / 2.0, title: text.to_owned(), ..Card::default() }
}
